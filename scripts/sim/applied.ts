// The changes of the state that a plan of the scheduler makes.
import { isoTime } from '../../src/runtime/time.ts';
import type { Plan } from './scheduler.ts';
import {
  type Alloc,
  type Change,
  currentDeployment,
  type Depl,
  type Eval,
  isActive,
  JOB_ID,
  NAMESPACE,
  type State,
  withItems,
} from './state.ts';

interface Making {
  readonly nowMs: number;
  readonly newId: () => string;
}

/** Returns the change of a plan, and the deployment that it belongs to. */
export function applied(
  state: State,
  plan: Plan,
  { nowMs, newId }: Making,
): { readonly change: Change; readonly deployment: Depl | undefined } {
  const index = state.index + 1;
  const [job] = state.versions;
  const nowNs = nowMs * 1e6;
  const known = currentDeployment(state);
  const created: Depl | undefined =
    plan.creates === undefined || job === undefined
      ? undefined
      : {
          ID: newId(),
          Namespace: NAMESPACE,
          JobID: JOB_ID,
          JobVersion: job.Version,
          JobSpecModifyIndex: job.JobModifyIndex,
          Status: 'running',
          StatusDescription: describeRunning(plan.creates ?? {}),
          TaskGroups: plan.creates,
          ModifyIndex: index,
        };
  const deployment = created ?? known;
  const inDeployment = deployment !== undefined && isActive(deployment) ? deployment : undefined;
  const placed = plan.places.map(
    ({ group, name, canary, previous }): Alloc => ({
      ID: newId(),
      Name: name,
      NodeID: 'n1',
      NodeName: 'node-1',
      JobID: JOB_ID,
      TaskGroup: group,
      JobVersion: job?.Version ?? 0,
      DesiredStatus: 'run',
      ClientStatus: 'pending',
      DeploymentID: inDeployment?.ID ?? '',
      ...(canary ? { DeploymentStatus: { Canary: true } } : {}),
      ...(previous === undefined
        ? {}
        : {
            RescheduleTracker: {
              Events: [...(previous.RescheduleTracker?.Events ?? []), { RescheduleTime: nowNs, PrevAllocID: previous.ID }],
            },
          }),
      CreateIndex: index,
      ModifyIndex: index,
      CreateTime: nowNs,
      ModifyTime: nowNs,
    }),
  );
  const followups = plan.later.map(({ alloc, atMs }) => ({ alloc, evaluation: followup(atMs, index, newId()) }));
  const replaced = plan.places.flatMap(({ previous }, i) =>
    previous === undefined ? [] : [{ ...previous, DesiredStatus: 'stop', NextAllocation: placed[i]?.ID ?? '', ModifyIndex: index }],
  );
  const stopped = state.allocations
    .filter(({ ID }) => plan.stops.has(ID))
    .map((alloc) => ({ ...alloc, DesiredStatus: 'stop', DesiredDescription: plan.stops.get(alloc.ID) ?? '', ModifyIndex: index }));
  const updated = plan.updates.map((alloc): Alloc => {
    const { DeploymentStatus: _health, healthIndex: _index, ...kept } = alloc;
    return { ...kept, JobVersion: job?.Version ?? 0, DeploymentID: inDeployment?.ID ?? '', updatedAt: index, ModifyIndex: index };
  });
  const later = followups.map(({ alloc, evaluation: { ID } }) => ({ ...alloc, FollowupEvalID: ID, ModifyIndex: index }));
  const counted = inDeployment === undefined ? [] : [withPlaced(inDeployment, [...placed, ...updated], { index, nowMs: nowMs })];
  const ended = plan.ends.flatMap(({ id, status, description }) =>
    state.deployments
      .filter(({ ID }) => ID === id)
      .map((one) => ({ ...one, Status: status, StatusDescription: description, ModifyIndex: index })),
  );
  const successful = ended.find(({ Status }) => Status === 'successful');
  const allocs = [...replaced, ...stopped, ...later, ...updated, ...placed];
  const change: Change = {
    ...(allocs.length === 0 ? {} : { allocations: withItems(state.allocations, allocs) }),
    ...(counted.length + ended.length === 0 || (placed.length + updated.length === 0 && ended.length === 0 && created === undefined)
      ? {}
      : { deployments: withItems(state.deployments, [...counted, ...ended]) }),
    ...(followups.length === 0 ? {} : { evaluations: [...state.evaluations, ...followups.map(({ evaluation: one }) => one)] }),
    ...(successful === undefined
      ? {}
      : { versions: state.versions.map((one) => (one.Version === successful.JobVersion ? { ...one, Stable: true } : one)) }),
  };
  return { change, deployment };
}

/** Returns an evaluation whose plan was applied, with the one that waits for room, where a group has none. */
export function finished(
  own: Eval,
  { unplaced }: Plan,
  { index, deploymentId, newId }: { readonly index: number; readonly deploymentId: string | undefined; readonly newId: () => string },
): readonly Eval[] {
  const done: Eval = {
    ...own,
    Status: own.Status === 'pending' ? 'complete' : own.Status,
    ModifyIndex: index,
    ...(deploymentId === undefined ? {} : { DeploymentID: deploymentId }),
  };
  const metrics = Object.fromEntries(Object.entries(unplaced).map(([group, missing]) => [group, metricOf(missing)]));
  if (Object.keys(metrics).length === 0) return [done];
  const waits = { ID: newId(), JobID: JOB_ID, Status: 'blocked', TriggeredBy: 'queued-allocs', FailedTGAllocs: metrics };
  return [
    { ...done, FailedTGAllocs: metrics, BlockedEval: waits.ID },
    { ...waits, CreateIndex: index, ModifyIndex: index },
  ];
}

/** Returns Nomad's description of a running deployment. */
export function describeRunning(groups: NonNullable<Depl['TaskGroups']>): string {
  const waiting = Object.values(groups).filter(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
  if (waiting.length === 0) return 'Deployment is running';
  return waiting.every(({ AutoPromote }) => AutoPromote)
    ? 'Deployment is running pending automatic promotion'
    : 'Deployment is running but requires manual promotion';
}

function withPlaced(
  deployment: Depl,
  placed: readonly Alloc[],
  { index, nowMs }: { readonly index: number; readonly nowMs: number },
): Depl {
  const groups = Object.fromEntries(
    Object.entries(deployment.TaskGroups ?? {}).map(([name, group]) => {
      const own = placed.filter(({ TaskGroup }) => TaskGroup === name).length;
      const byMs = nowMs + (group.ProgressDeadline ?? 0) / 1e6;
      const begins = own > 0 && Boolean(group.ProgressDeadline) && !group.RequireProgressBy;
      return [name, { ...group, PlacedAllocs: group.PlacedAllocs + own, ...(begins ? { RequireProgressBy: isoTime(byMs) } : {}) }];
    }),
  );
  return { ...deployment, TaskGroups: groups, ModifyIndex: index };
}

function followup(atMs: number, index: number, ID: string): Eval & { readonly waitUntilMs: number } {
  return {
    ID,
    JobID: JOB_ID,
    Status: 'pending',
    TriggeredBy: 'alloc-failure',
    WaitUntil: isoTime(atMs),
    waitUntilMs: atMs,
    JobModifyIndex: 0,
    CreateIndex: index,
    ModifyIndex: index,
  };
}

const metricOf = (missing: number) => ({
  NodesEvaluated: 1,
  NodesFiltered: 0,
  NodesAvailable: { dc1: 1 },
  NodesExhausted: 1,
  DimensionExhausted: { memory: 1 },
  CoalescedFailures: missing - 1,
});
