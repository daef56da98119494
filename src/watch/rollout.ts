import { describePlacement, type Snapshot, shortId, taskCauses, type Verdict } from '../diagnose/index.ts';
import type { FailureReason } from '../errors.ts';
import { endingOf, hasAttemptsLeft, isDone, type JobRules, lastAttempts, updateOf, wantsPromotion } from '../nomad/index.ts';
import type { Allocation, Deployment, Job, Task } from '../nomad/types.ts';
import { parseTime } from '../runtime/index.ts';
import { formatDuration } from '../text/index.ts';
import { hasAllHealthy, isLostCanary, lacksCanaries, promotedInPart } from './canaries.ts';
import { DEPLOYMENT_WORDS } from './words.ts';

/** The parts of the job and of the inputs that decide when the rollout is done. */
export interface Rules extends JobRules {
  /** The job as it was sent: some causes are certain only by its spec. */
  readonly job?: Job;
  readonly version: number;
  /** The longest wait for capacity of a group without any placed allocation, in milliseconds. */
  readonly patienceMs: number;
  /** Fail the rollout at once for a permanent cause. */
  readonly failFast: boolean;
  /** The way of healthy canaries that Nomad does not promote by itself. */
  readonly promote: 'spec' | 'auto' | 'manual' | 'verify';
  /** The only groups whose canaries are promoted; undefined: all. */
  readonly groups?: readonly string[] | undefined;
  /** Canaries are verified before their promotion, by this run or by hand. */
  readonly verifies: boolean;
}

/** A rollout as it was watched so far. Times are milliseconds since the epoch. */
export interface State {
  readonly snapshot: Snapshot;
  readonly startedAtMs: number;
  /** The time in the batch queue of the node pool, which counts against no limit, in milliseconds. */
  readonly queuedMs: number;
  /** Since when every allocation is healthy by the deployment, or, where there is none, all run. */
  readonly wellSinceMs: number | undefined;
  /** Why this run failed the deployment, where it did. */
  readonly forced: { readonly reason: FailureReason; readonly description: string } | undefined;
  /** This run promotes or has promoted the canaries: it does so once. */
  readonly promoted: boolean;
  /** The canaries were verified, with any result. */
  readonly verified: boolean;
}

/** The next action. */
export type Step =
  | { readonly do: 'end'; readonly verdict: Verdict }
  | { readonly do: 'fail'; readonly reason: FailureReason; readonly description: string }
  | { readonly do: 'verify' }
  | { readonly do: 'promote' };

export function initialState(startedAtMs: number): State {
  return {
    snapshot: { evaluation: undefined, deployment: undefined, allocations: [] },
    startedAtMs,
    queuedMs: 0,
    wellSinceMs: undefined,
    forced: undefined,
    promoted: false,
    verified: false,
  };
}

/** The states in which an allocation has ended. */
const ENDED = /^(complete|failed|lost)$/;

/** Returns the state after a change. Ended allocations stay after Nomad has collected them, because the verdict depends on them. */
export function advance(state: State, change: Partial<Snapshot>, rules: Rules, nowMs: number): State {
  const snapshot = { ...state.snapshot, ...change, allocations: known(state.snapshot.allocations, change.allocations) };
  const well = snapshot.deployment === undefined ? allRunning(snapshot, rules, snapshot.job ?? rules.job) : allHealthy(snapshot.deployment);
  return { ...state, snapshot, wellSinceMs: well ? (state.wellSinceMs ?? nowMs) : undefined };
}

/** Returns the allocations after some were listed. An allocation that did not change, or that a server lists in an older state, stays the same object. */
function known(before: readonly Allocation[], listed: readonly Allocation[] | undefined): readonly Allocation[] {
  if (listed === undefined) return before;
  const missing = new Map(before.map((allocation) => [allocation.ID, allocation]));
  const now = listed.map((allocation) => {
    const same = missing.get(allocation.ID);
    missing.delete(allocation.ID);
    return same?.ModifyIndex !== undefined && allocation.ModifyIndex !== undefined && same.ModifyIndex >= allocation.ModifyIndex
      ? same
      : allocation;
  });
  return [...[...missing.values()].filter(({ ClientStatus }) => ENDED.test(ClientStatus)), ...now];
}

/** Decides the next action in a state; undefined while the rollout is under way. The table of Nomad's statuses; unknown ones are under way. */
export function decide(state: State, rules: Rules, nowMs: number): Step | undefined {
  const { snapshot, startedAtMs, queuedMs, forced } = state;
  const verdict = verdictNow(state, rules, nowMs);
  if (verdict !== undefined)
    return { do: 'end', verdict: verdict.outcome === 'failed' && forced !== undefined ? { ...verdict, ...forced } : verdict };
  if (forced !== undefined) return snapshot.deployment === undefined ? { do: 'end', verdict: { outcome: 'failed', ...forced } } : undefined;
  // Only a deployment that was read can be failed, so wait until it is known.
  if (snapshot.deploymentId !== undefined && snapshot.deployment === undefined) return undefined;
  // A failure that is certain for every node needs no reschedule; a reason of one node waits for it.
  const latest = lastAttempts(snapshot.allocations, rules.kind).filter(({ DesiredStatus }) => DesiredStatus === 'run');
  if (rules.failFast && latest.some((allocation) => taskCauses(allocation, rules.job).some(({ certain }) => certain))) {
    return { do: 'fail', reason: 'task-failed', description: 'the failure is permanent' };
  }
  // Nomad places nothing of a paused deployment.
  const unplaced = snapshot.deployment?.Status === 'paused' ? [] : unplacedGroups(snapshot);
  if (unplaced.length > 0 && nowMs - startedAtMs - queuedMs >= rules.patienceMs) {
    const waited = rules.patienceMs === 0 ? '' : ` within ${formatDuration(rules.patienceMs)}`;
    const description = `group${unplaced.length === 1 ? '' : 's'} ${unplaced.map(({ group }) => group).join(', ')} could not be placed${waited}`;
    return { do: 'fail', reason: 'placement-failed', description };
  }
  const promoted = rules.groups && snapshot.deployment && promotedInPart(snapshot.deployment, rules.groups);
  if (promoted !== undefined) return { do: 'end', verdict: { outcome: 'awaiting-promotion', description: promoted } };
  if (rules.promote === 'spec' || state.promoted || !wantsPromotion(snapshot.deployment, rules.groups)) return undefined;
  if (snapshot.allocations.some((allocation) => isLostCanary(allocation, rules.groups)) || lacksCanaries(snapshot, rules.groups))
    return undefined;
  if (rules.verifies && !state.verified) return { do: 'verify' };
  return rules.promote === 'manual'
    ? { do: 'end', verdict: { outcome: 'awaiting-promotion', description: 'the canaries are healthy and wait for promotion' } }
    : { do: 'promote' };
}

function verdictNow({ snapshot, wellSinceMs }: State, rules: Rules, nowMs: number): Verdict | undefined {
  const { evaluation, deploymentId, deployment, allocations, job } = snapshot;
  const wellForMs = wellSinceMs === undefined ? -1 : nowMs - wellSinceMs;
  if (evaluation?.Status === 'failed' && !evaluation.NextEval) {
    return { outcome: 'failed', reason: 'evaluation-failed', description: evaluation.StatusDescription || 'the evaluation failed' };
  }
  if (deployment !== undefined) return judgeDeployment(deployment, snapshot, rules.kind, wellForMs >= STALLED_MS, nowMs);
  if (deploymentId !== undefined) return undefined;
  // Nomad collects finished jobs, so their allocations count more than their absence.
  if (rules.kind === 'batch' && (job === null || (job?.Status === 'dead' && job.Version === rules.version && !job.Stop))) {
    const verdict = judgeBatch(allocations, rules.count, job === null);
    if (verdict !== undefined) return verdict;
  }
  if (job === null) return { outcome: 'cancelled', description: 'the job is gone: it was purged, or Nomad garbage-collected it' };
  if (job?.Stop === true) return { outcome: 'cancelled', description: 'the job was stopped during the rollout' };
  if (job !== undefined && job.Version > rules.version)
    return { outcome: 'superseded', description: 'a newer version of the job was registered' };
  // A newer evaluation of the job does the work of a canceled one.
  if (evaluation?.Status !== 'complete' && evaluation?.Status !== 'canceled') return undefined;
  if (rules.kind === 'batch') return undefined;
  // A group that could not be placed at first has no allocations.
  const failing = Object.keys(evaluation.FailedTGAllocs ?? {});
  const isEmpty = (group: string): boolean => !allocations.some(({ TaskGroup }) => TaskGroup === group);
  const unplaced = failing.length > 0 && (allocations.length < rules.count || failing.some(isEmpty));
  return unplaced ? undefined : judgeAllocations(allocations, rules.kind, wellForMs >= rules.minHealthyMs);
}

/** The time that a deployment of a healthy system job may stay open: some versions of Nomad never close it (hashicorp/nomad#27382). */
const STALLED_MS = 30_000;

function judgeDeployment(
  deployment: Deployment,
  snapshot: Snapshot,
  kind: Rules['kind'],
  wellForLong: boolean,
  nowMs: number,
): Verdict | undefined {
  const { Status, StatusDescription } = deployment;
  switch (Status) {
    case 'successful': {
      // Nomad calls a system job successful even where no node takes it.
      const unplaced = unplacedGroups(snapshot);
      if (unplaced.length > 0)
        return { outcome: 'failed', reason: 'placement-failed', description: unplaced.map(({ why }) => why).join('; ') };
      // A task may fail in the second after its deployment succeeded. An unhealthy allocation among older answers was replaced before.
      const isOlder = !hasAllHealthy(snapshot.allocations, deployment);
      const failed = lastAttempts(snapshot.allocations, kind).find(
        ({ ClientStatus, DesiredStatus, DeploymentStatus }) =>
          ClientStatus === 'failed' && DesiredStatus === 'run' && !(isOlder && DeploymentStatus?.Healthy === false),
      );
      if (failed === undefined) return { outcome: 'successful' };
      return {
        outcome: 'failed',
        reason: 'task-failed',
        description: `allocation ${shortId(failed.ID)} failed right after the deployment succeeded`,
      };
    }
    case 'failed': {
      const version = DEPLOYMENT_WORDS.rollingBack.pattern.exec(StatusDescription)?.[1];
      return {
        outcome: 'failed',
        reason: failureOf(deployment, nowMs),
        description: StatusDescription,
        ...(version === undefined ? {} : { rolledBackTo: Number(version) }),
      };
    }
    case 'cancelled':
      return {
        outcome: DEPLOYMENT_WORDS.replaced.pattern.test(StatusDescription) ? 'superseded' : 'cancelled',
        description: StatusDescription,
      };
    default:
      // Healthy allocations that have failed since are still counted.
      return kind === 'system' &&
        wellForLong &&
        Status === 'running' &&
        !lastAttempts(snapshot.allocations, kind).some(({ ClientStatus }) => ClientStatus === 'failed')
        ? { outcome: 'successful' }
        : undefined;
  }
}

/** Returns why Nomad calls a deployment failed: by its description; where that is unknown, by its counts and its deadline. */
function failureOf({ StatusDescription, TaskGroups }: Deployment, nowMs: number): FailureReason {
  const { progressDeadline, unhealthy, marked } = DEPLOYMENT_WORDS;
  if (progressDeadline.pattern.test(StatusDescription)) return 'progress-deadline';
  if (unhealthy.pattern.test(StatusDescription)) return 'unhealthy';
  const groups = marked.pattern.test(StatusDescription) ? [] : Object.values(TaskGroups ?? {});
  const late = groups.some(
    ({ HealthyAllocs, DesiredTotal, ProgressDeadline, RequireProgressBy }) =>
      HealthyAllocs < DesiredTotal && (ProgressDeadline ?? 0) > 0 && parseTime(RequireProgressBy ?? '') <= nowMs,
  );
  if (late) return 'progress-deadline';
  return groups.some(({ UnhealthyAllocs }) => UnhealthyAllocs > 0) ? 'unhealthy' : 'marked-failed';
}

/** The failed allocations for which the registered job has attempts left, and no evaluation is known that reschedules them. */
export function unscheduled({ allocations, job }: Snapshot, { kind }: Rules): readonly Allocation[] {
  return lastAttempts(allocations, kind).filter((allocation) => !allocation.FollowupEvalID && job && hasAttemptsLeft(allocation, job));
}

function judgeBatch(allocations: readonly Allocation[], count: number, isGone: boolean): Verdict | undefined {
  const all = lastAttempts(allocations, 'batch');
  // A stopped allocation is `complete`, too, although its work is rarely done.
  const last = all.filter(
    (allocation) => allocation.ClientStatus !== 'complete' || allocation.DesiredStatus === 'run' || endingOf(allocation) === 'done',
  );
  if (last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !ENDED.test(ClientStatus))) return undefined;
  if (last.length < count) {
    const stopped = all.length - last.length;
    if (isGone || stopped === 0) return undefined;
    const description = `${stopped} of ${all.length} allocations were stopped before they were complete`;
    return { outcome: 'failed', reason: 'task-failed', description };
  }
  const failed = last.filter((allocation) => !isDone(allocation));
  if (failed.length === 0) return { outcome: 'successful' };
  // Nomad calls an allocation that it killed `complete`.
  const how = failed.every(({ ClientStatus }) => ClientStatus === 'complete') ? 'were killed before they were complete' : 'failed';
  return { outcome: 'failed', reason: 'task-failed', description: `${failed.length} of ${last.length} allocations ${how}` };
}

/** Judges a service or system job without a deployment: all allocations are running, for long enough. */
function judgeAllocations(allocations: readonly Allocation[], kind: Rules['kind'], ranLongEnough: boolean): Verdict | undefined {
  const last = lastAttempts(allocations, kind);
  const failed = last.filter(({ ClientStatus, FollowupEvalID }) => ClientStatus === 'failed' && !FollowupEvalID);
  if (failed.length > 0)
    return { outcome: 'failed', reason: 'task-failed', description: `${failed.length} of ${last.length} allocations failed` };
  return ranLongEnough ? { outcome: 'successful' } : undefined;
}

function allRunning({ allocations, outdated = 0 }: Snapshot, { count, kind }: Rules, job: Job | undefined): boolean {
  // An allocation on a disconnected node may come back; where Nomad has replaced it, none is missing.
  const last = lastAttempts(allocations, kind).filter(
    ({ DesiredStatus, ClientStatus }) => DesiredStatus === 'run' && ClientStatus !== 'unknown',
  );
  return outdated === 0 && last.length >= count && last.every((allocation) => isUp(allocation, job));
}

/**
 * Returns whether an allocation runs by Nomad's rules: no task waits or has failed, and only tasks before and after the start may have ended. Poststop tasks
 * do not count, because they wait for the end of the others.
 */
export function isUp({ ClientStatus, TaskGroup, TaskStates }: Allocation, job: Job | null | undefined): boolean {
  const tasks = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
  const runs = ({ Name, Lifecycle }: Task): boolean => {
    const { State, Failed } = TaskStates?.[Name] ?? {};
    const mayEnd = Boolean(Lifecycle?.Hook) && Lifecycle?.Sidecar !== true;
    return Lifecycle?.Hook === 'poststop' || (State !== 'pending' && Failed !== true && (State !== 'dead' || mayEnd));
  };
  return ClientStatus === 'running' && tasks.every(runs);
}

/** Returns whether every allocation of a deployment is healthy, so that only its end is missing. */
export function allHealthy({ Status, TaskGroups }: Deployment): boolean {
  const groups = Object.values(TaskGroups ?? {});
  return (
    Status === 'running' &&
    groups.length > 0 &&
    groups.every(
      ({ HealthyAllocs, DesiredTotal, DesiredCanaries, Promoted }) => HealthyAllocs >= DesiredTotal && (DesiredCanaries === 0 || Promoted),
    )
  );
}

/** Returns whether every allocation that a deployment has placed so far is healthy, and no canary waits for promotion. */
export function placedHealthy({ Status, TaskGroups }: Deployment): boolean {
  const groups = Object.values(TaskGroups ?? {});
  return (
    Status === 'running' &&
    groups.some(({ PlacedAllocs }) => PlacedAllocs > 0) &&
    groups.every(
      ({ HealthyAllocs, PlacedAllocs, DesiredCanaries, Promoted }) => HealthyAllocs >= PlacedAllocs && (DesiredCanaries === 0 || Promoted),
    )
  );
}

/** Returns the groups without any placed allocation, and why. */
export function unplacedGroups({ evaluation, deployment, allocations }: Snapshot): { readonly group: string; readonly why: string }[] {
  return Object.entries(evaluation?.FailedTGAllocs ?? {}).flatMap(([group, metric]) => {
    const known = allocations.filter(({ TaskGroup }) => TaskGroup === group).length;
    const placed = Math.max(known, deployment?.TaskGroups?.[group]?.PlacedAllocs ?? 0);
    return placed === 0 ? [{ group, why: describePlacement(group, metric) }] : [];
  });
}

const DEFAULT_PROGRESS_DEADLINE_MS = 600_000;

/** The time that the allocations of a job without a deployment may take to run, or those of a batch job to end. */
const DEFAULT_PATIENCE_MS = 120_000;

/**
 * Returns the longest time that a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a
 * time) of the slowest group, and the wait for capacity.
 */
export function timeoutFor({ Update, TaskGroups }: Job, patienceMs: number): number {
  const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
    const update = updateOf(Update, own);
    const canaries = update.Canary ?? 0;
    const steps = (canaries > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
    const deadlineMs = update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS;
    return deadlineMs * Math.max(steps, 1);
  });
  return (Number.isFinite(patienceMs) ? patienceMs : DEFAULT_PATIENCE_MS) + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
