// The deployment watcher of the model, as pure functions: what Nomad does about a deployment in a state.
import type { Deployment, RegisteredJob } from '../../src/nomad/types.ts';
import { parseTime } from '../../src/runtime/time.ts';
import { hasAttempts } from './scheduler.ts';
import { type Alloc, type Depl, isActive, type State } from './state.ts';

export interface Finding {
  /** The deployment fails, with this begin of its description. */
  readonly fails: 'Failed due to unhealthy allocations' | 'Failed due to progress deadline' | undefined;
  readonly reverts: boolean;
  readonly promotes: boolean;
  /** Failed allocations that may be replaced. */
  readonly replaceable: readonly Alloc[];
  /** The scheduler has to look at the job again. */
  readonly evaluates: boolean;
}

const NOTHING: Finding = { fails: undefined, reverts: false, promotes: false, replaceable: [], evaluates: false };

export const allocationsOf = ({ allocations }: State, { ID }: Deployment): readonly Alloc[] =>
  allocations.filter(({ DeploymentID }) => DeploymentID === ID);

/** Judges a running deployment by its allocations. */
export function judge(state: State, deployment: Depl): Finding {
  const job = jobOf(state, deployment);
  if (!isActive(deployment) || job === undefined) return NOTHING;
  const latestEval = Math.max(0, ...state.evaluations.map(({ CreateIndex }) => CreateIndex));
  const replaceable: Alloc[] = [];
  let [fails, reverts, evaluates] = [false, false, false];
  const own = allocationsOf(state, deployment);
  for (const alloc of own) {
    const known = deployment.TaskGroups?.[alloc.TaskGroup];
    const group = job.TaskGroups?.find(({ Name }) => Name === alloc.TaskGroup);
    if (known === undefined || group === undefined) continue;
    if (alloc.DeploymentStatus?.Healthy === false) {
      if (known.ProgressDeadline === 0 || !hasAttempts(alloc, group)) {
        fails = true;
        reverts ||= known.AutoRevert === true;
      } else if (alloc.replaceable !== true) replaceable.push(alloc);
    } else if (alloc.DeploymentStatus?.Healthy === true && (alloc.healthIndex ?? 0) > latestEval) evaluates = true;
  }
  const promotes = !fails && deployment.Status === 'running' && canPromote(deployment, own);
  return {
    fails: fails ? 'Failed due to unhealthy allocations' : undefined,
    reverts,
    promotes,
    replaceable,
    evaluates: evaluates || replaceable.length > 0,
  };
}

/** Judges a deployment whose progress deadline has passed. */
export function judgeLate(state: State, deployment: Depl): Finding {
  const job = jobOf(state, deployment);
  if (deployment.Status !== 'running' || job === undefined) return NOTHING;
  const late = Object.values(deployment.TaskGroups ?? {}).filter(({ DesiredCanaries, Promoted, HealthyAllocs, DesiredTotal }) =>
    DesiredCanaries > 0 && !Promoted ? HealthyAllocs < DesiredCanaries : HealthyAllocs < DesiredTotal,
  );
  if (late.length === 0) return NOTHING;
  return { ...NOTHING, fails: 'Failed due to progress deadline', reverts: late.some(({ AutoRevert }) => AutoRevert === true) };
}

/** Returns when the deployment has to have made progress; undefined without a deadline. */
export function deadlineOf(state: State, deployment: Depl): number | undefined {
  const own = allocationsOf(state, deployment);
  const times = Object.entries(deployment.TaskGroups ?? {}).flatMap(
    ([name, { DesiredCanaries, Promoted, DesiredTotal, RequireProgressBy }]) => {
      const healthy = own.filter(
        ({ TaskGroup, DesiredStatus, ClientStatus, DeploymentStatus }) =>
          TaskGroup === name && DesiredStatus === 'run' && ClientStatus === 'running' && DeploymentStatus?.Healthy === true,
      ).length;
      const isDone = !(DesiredCanaries > 0 && !Promoted) && healthy >= DesiredTotal;
      return isDone || !RequireProgressBy ? [] : [parseTime(RequireProgressBy)];
    },
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Returns the groups whose canaries are not all healthy, so that they cannot be promoted. */
export function unhealthyCanaries(deployment: Deployment, own: readonly Alloc[]): string[] {
  return Object.entries(deployment.TaskGroups ?? {}).flatMap(([name, { DesiredCanaries, Promoted }]) => {
    const healthy = own.filter(
      ({ TaskGroup, DeploymentStatus, DesiredStatus, ClientStatus }) =>
        TaskGroup === name &&
        DeploymentStatus?.Canary === true &&
        DeploymentStatus.Healthy === true &&
        DesiredStatus === 'run' &&
        ClientStatus === 'running',
    ).length;
    return DesiredCanaries > 0 && !Promoted && healthy < DesiredCanaries ? [name] : [];
  });
}

function canPromote(deployment: Deployment, own: readonly Alloc[]): boolean {
  const waiting = Object.values(deployment.TaskGroups ?? {}).filter(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
  return waiting.length > 0 && waiting.every(({ AutoPromote }) => AutoPromote) && unhealthyCanaries(deployment, own).length === 0;
}

/** Returns the version that a failed deployment rolls back to, and the description of the deployment. */
export function rollback(
  state: State,
  deployment: Depl,
  { begin, reverts }: { readonly begin: string; readonly reverts: boolean },
): { readonly description: string; readonly target: RegisteredJob | undefined } {
  if (!reverts) return { description: begin, target: undefined };
  const stable = state.versions.find(({ Stable }) => Stable === true);
  if (stable === undefined) return { description: `${begin} - no stable job version to auto revert to`, target: undefined };
  const job = jobOf(state, deployment);
  if (job?.Meta?.['spec'] === stable.Meta?.['spec'])
    return {
      description: `${begin} - not rolling back to stable job version ${stable.Version} as current job has same specification`,
      target: undefined,
    };
  return { description: `${begin} - rolling back to job version ${stable.Version}`, target: stable };
}

/** Returns the version of a deployment while it is the newest. */
const jobOf = ({ versions }: State, { JobVersion }: Deployment): RegisteredJob | undefined =>
  versions.find(({ Version }) => Version === JobVersion);
