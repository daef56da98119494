import { oneLine } from './cause.ts';
import type { Allocation, Deployment, DeploymentState, Evaluation } from './nomad/types.ts';

/** What is known of a rollout at one moment. */
export interface Snapshot {
  readonly evaluation: Evaluation | undefined;
  /** Null: it is gone, with its job. Undefined: there is none, or it was not read yet. */
  readonly deployment: Deployment | null | undefined;
  /** The allocations of our job version. */
  readonly allocations: readonly Allocation[];
}

/** Why a rollout failed; `-rolled-back` is added in the output when Nomad went back to an older version. */
export type FailureReason = 'unhealthy' | 'progress-deadline' | 'placement-failed' | 'task-failed' | 'evaluation-failed' | 'marked-failed';

/** How a rollout ended. */
export type Verdict =
  | { readonly outcome: 'successful' }
  | { readonly outcome: 'failed'; readonly reason: FailureReason; readonly description: string; readonly rolledBackTo?: number }
  | { readonly outcome: 'superseded' | 'cancelled' | 'timed-out'; readonly description: string };

/** What the job is, as far as it decides when it is done. */
export interface Expectation {
  readonly batch: boolean;
  /** The allocations that the job's groups ask for together. */
  readonly count: number;
}

/** The verdict on a rollout, or undefined while it is under way. The whole table of Nomad's statuses; unknown ones are under way. */
export function judge({ evaluation, deployment, allocations }: Snapshot, { batch, count }: Expectation): Verdict | undefined {
  if (evaluation?.Status === 'failed') {
    return {
      outcome: 'failed',
      reason: 'evaluation-failed',
      description: evaluation.StatusDescription ?? 'the evaluation failed',
    };
  }
  if (deployment === null) return { outcome: 'cancelled', description: 'the job was purged while it was deployed' };
  if (deployment !== undefined) return judgeDeployment(deployment, allocations);
  // `canceled`: a newer evaluation of the job did its work.
  if (evaluation?.Status !== 'complete' && evaluation?.Status !== 'canceled') return undefined;
  // What could not be placed at first has no allocation that could tell.
  const unplaced = Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0 && allocations.length < count;
  if (unplaced) return undefined;
  return batch ? judgeBatch(allocations) : judgeAllocations(allocations, count);
}

function judgeDeployment({ Status, StatusDescription }: Deployment, allocations: readonly Allocation[]): Verdict | undefined {
  switch (Status) {
    case 'successful': {
      // `successful` is not "still alive": a task may have failed in the second after.
      const failed = allocations.find(({ ClientStatus, DesiredStatus }) => ClientStatus === 'failed' && DesiredStatus === 'run');
      if (failed === undefined) return { outcome: 'successful' };
      return {
        outcome: 'failed',
        reason: 'task-failed',
        description: `allocation ${shortId(failed.ID)} failed right after the deployment succeeded`,
      };
    }
    case 'failed': {
      const version = /rolling back to job version (\d+)/.exec(StatusDescription)?.[1];
      const reason = /progress deadline/.test(StatusDescription)
        ? 'progress-deadline'
        : /unhealthy/.test(StatusDescription)
          ? 'unhealthy'
          : 'marked-failed';
      return {
        outcome: 'failed',
        reason,
        description: StatusDescription,
        ...(version === undefined ? {} : { rolledBackTo: Number(version) }),
      };
    }
    case 'cancelled':
      return { outcome: /newer version/.test(StatusDescription) ? 'superseded' : 'cancelled', description: StatusDescription };
    default:
      return undefined;
  }
}

/** The newest attempt of each allocation; a failed one that will be rescheduled is not at its end. */
function lastAttempts(allocations: readonly Allocation[]): Allocation[] {
  return allocations.filter(({ NextAllocation }) => !NextAllocation);
}

function judgeBatch(allocations: readonly Allocation[]): Verdict | undefined {
  const last = lastAttempts(allocations);
  if (
    last.length === 0 ||
    last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !/^(complete|failed|lost)$/.test(ClientStatus))
  )
    return undefined;
  const failed = last.filter(({ ClientStatus }) => ClientStatus !== 'complete');
  if (failed.length === 0) return { outcome: 'successful' };
  return { outcome: 'failed', reason: 'task-failed', description: `${failed.length} of ${last.length} allocations failed` };
}

/** A service or system job that Nomad makes no deployment for: all of it runs. */
function judgeAllocations(allocations: readonly Allocation[], count: number): Verdict | undefined {
  const last = lastAttempts(allocations);
  const failed = last.filter(({ ClientStatus, FollowupEvalID }) => ClientStatus === 'failed' && !FollowupEvalID);
  if (failed.length > 0)
    return { outcome: 'failed', reason: 'task-failed', description: `${failed.length} of ${last.length} allocations failed` };
  const running = last.filter(({ ClientStatus }) => ClientStatus === 'running').length;
  return running >= count && running === last.length ? { outcome: 'successful' } : undefined;
}

/** What is different in `next`, one line a change, in words. */
export function describeChanges(previous: Snapshot, next: Snapshot): string[] {
  const lines: string[] = [];
  const description = next.deployment?.StatusDescription;
  if (description !== undefined && description !== previous.deployment?.StatusDescription)
    lines.push(`deployment ${shortId(next.deployment?.ID ?? '')}: ${description}`);
  for (const allocation of [...next.allocations].sort((a, b) => a.CreateIndex - b.CreateIndex)) {
    const before = previous.allocations.find(({ ID }) => ID === allocation.ID);
    lines.push(...allocationChanges(before, allocation));
  }
  if (next.deployment && needsPromotion(next.deployment) && !needsPromotion(previous.deployment)) {
    const { ID, Namespace } = next.deployment;
    const namespace = Namespace ? `-namespace=${Namespace} ` : '';
    lines.push(`the canaries are healthy and wait for their promotion: nomad deployment promote ${namespace}${shortId(ID)}`);
  }
  return lines;
}

/** Whether all canaries that wait for a person are healthy; Nomad does not let them be promoted earlier. */
function needsPromotion(deployment: Deployment | null | undefined): boolean {
  const waiting = Object.values(deployment?.TaskGroups ?? {}).filter(isUnpromoted);
  return deployment?.Status === 'running' && waiting.length > 0 && waiting.every(hasHealthyCanaries);
}

const isUnpromoted = (group: DeploymentState): boolean => group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote;
const hasHealthyCanaries = (group: DeploymentState): boolean => group.HealthyAllocs >= group.DesiredCanaries;

function allocationChanges(before: Allocation | undefined, allocation: Allocation): string[] {
  const name = `allocation ${shortId(allocation.ID)} (${allocation.Name.replace(/^.*\./, '')})`;
  const lines =
    before === undefined
      ? [`${name} placed on ${allocation.NodeName}${allocation.DeploymentStatus?.Canary === true ? ' as a canary' : ''}`]
      : [];
  for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
    const seen = new Set((before?.TaskStates?.[task]?.Events ?? []).map(({ Time, Type }) => `${Time} ${Type}`));
    for (const event of state.Events ?? []) {
      if (!QUIET.has(event.Type) && !seen.has(`${event.Time} ${event.Type}`))
        lines.push(`${name} ${task}: ${event.Type}: ${oneLine(event.DisplayMessage)}`);
    }
  }
  if (before !== undefined && before.ClientStatus !== allocation.ClientStatus) lines.push(`${name} is ${allocation.ClientStatus}`);
  const health = allocation.DeploymentStatus?.Healthy;
  if (typeof health === 'boolean' && health !== before?.DeploymentStatus?.Healthy)
    lines.push(`${name} is ${health ? 'healthy' : 'unhealthy'}`);
  return lines;
}

/** Events of every start, which tell nothing. */
const QUIET = new Set(['Received', 'Task Setup', 'Building Task Directory', 'Running']);

/** Where a rollout stands, in one line. */
export function describeProgress({ deployment, allocations, evaluation }: Snapshot): string {
  const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => {
    const wanted = group.DesiredCanaries > 0 && !group.Promoted ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
    const manual = isUnpromoted(group) && hasHealthyCanaries(group);
    return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ', waiting for promotion' : ''}`;
  });
  if (groups.length > 0) return groups.join('; ');
  if (evaluation?.Status !== 'complete') return `evaluation ${evaluation?.Status ?? 'pending'}`;
  const running = allocations.filter(({ ClientStatus }) => ClientStatus === 'running').length;
  return `${running} of ${allocations.length} allocations running`;
}

/** The first eight characters, as Nomad's own tools show ids. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
