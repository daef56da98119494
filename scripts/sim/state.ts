// The state of the simulated servers: one job with its versions, evaluations, deployments, allocations and variables. A change makes a new state under the next index.
import { isDeepStrictEqual } from 'node:util';
import type { Allocation, Deployment, Evaluation, RegisteredJob, Variable } from '../../src/nomad/types.ts';

export const JOB_ID = 'web';
export const NAMESPACE = 'default';

/** An allocation as the servers know it. */
export interface Alloc extends Allocation {
  readonly DeploymentID: string;
  /** The time of the failure, in virtual milliseconds. */
  readonly failedAtMs?: number;
  /** The deployment watcher allows its replacement. */
  readonly replaceable?: boolean;
  /** The index of its last update in place. */
  readonly updatedAt?: number;
  /** The index of the decision about its health. */
  readonly healthIndex?: number;
}

export interface Eval extends Evaluation {
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export interface Depl extends Deployment {
  readonly ModifyIndex: number;
}

/** A variable; its path is its id. */
export interface Stored extends Variable {
  readonly ID: string;
}

export interface State {
  readonly index: number;
  readonly atMs: number;
  /** The newest first; none: there is no job. */
  readonly versions: readonly RegisteredJob[];
  readonly evaluations: readonly Eval[];
  readonly deployments: readonly Depl[];
  readonly allocations: readonly Alloc[];
  readonly variables: readonly Stored[];
  /** The index of the last change of each table. */
  readonly changed: Readonly<Record<Table, number>>;
}

export type Table = 'versions' | 'evaluations' | 'deployments' | 'allocations' | 'variables';
export type Change = Partial<Pick<State, Table>>;

export const EMPTY: State = {
  index: 10,
  atMs: 0,
  versions: [],
  evaluations: [],
  deployments: [],
  allocations: [],
  variables: [],
  changed: { versions: 1, evaluations: 1, deployments: 1, allocations: 1, variables: 1 },
};

/** Returns the state after a change, which marks everything that it replaces with the new index. */
export function changedBy(state: State, atMs: number, change: Change): State {
  const index = state.index + 1;
  const changed = { ...state.changed };
  for (const table of Object.keys(change) as Table[]) changed[table] = index;
  const next = { ...state, ...change, index, atMs, changed };
  // Nomad stores the status of the job with the change that leads to it.
  if (jobStatus(next) !== jobStatus(state)) changed.versions = index;
  return next;
}

/** Returns a list in which the items of some ids are replaced. */
export function withItems<T extends { readonly ID: string }>(list: readonly T[], items: readonly T[]): readonly T[] {
  const byId = new Map(items.map((item) => [item.ID, item]));
  const kept = list.map((item) => {
    const own = byId.get(item.ID);
    byId.delete(item.ID);
    return own ?? item;
  });
  return [...kept, ...byId.values()];
}

/** Returns whether two versions have the same spec, so that one replaces the other in place. */
export function isSameSpec(a: RegisteredJob, b: RegisteredJob): boolean {
  return a.Meta?.['spec'] === b.Meta?.['spec'] && isDeepStrictEqual(a.TaskGroups, b.TaskGroups);
}

/** Returns whether the allocation runs or will run. */
export const isLive = ({ DesiredStatus, ClientStatus }: Allocation): boolean =>
  DesiredStatus === 'run' && (ClientStatus === 'pending' || ClientStatus === 'running');

export const isActive = ({ Status }: Deployment): boolean => Status === 'running' || Status === 'paused';

/** Returns the deployment of the newest version. */
export function currentDeployment({ versions: [job], deployments }: State): Depl | undefined {
  return deployments.find((one) => one.JobVersion === job?.Version && one.JobSpecModifyIndex === job.JobModifyIndex);
}

/** Returns the status of the job, which Nomad derives from its allocations and evaluations. */
export function jobStatus({ versions: [job], allocations, evaluations }: State): string {
  const going = allocations.some(({ ClientStatus }) => ClientStatus === 'pending' || ClientStatus === 'running');
  if (going) return 'running';
  const waiting = evaluations.some(({ Status }) => Status === 'pending' || Status === 'blocked');
  if (waiting) return 'pending';
  const isBatch = job?.Type === 'batch';
  return job?.Stop === true || isBatch ? 'dead' : allocations.length > 0 || evaluations.length > 0 ? 'running' : 'pending';
}
