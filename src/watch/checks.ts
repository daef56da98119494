import { countsChecks, intervalsOf, type Snapshot } from '../diagnose/index.ts';
import type { Allocation, Job } from '../nomad/types.ts';

/** The time that a normal start takes beyond `min_healthy_time`. */
const LATE_MS = 1_500;

/** The time from a check to its result, unless the check is slow. */
const RESULT_MS = 200;
const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 10_000;

/** The number of allocations whose checks are read: more rarely tell anything new. */
const MAX_ALLOCATIONS = 3;

/** The times that decide which checks are due, in milliseconds (since the epoch, where they are a moment). */
interface Times {
  /** The time that an allocation has to run until it counts as healthy. */
  readonly minHealthyMs: number;
  /** The checks in Consul are read, too. */
  readonly inConsul?: boolean;
  /** Returns when the checks of an allocation were last read. */
  readonly readAtMs: (id: string) => number | undefined;
  readonly nowMs: number;
}

/**
 * Returns the running, not yet healthy allocations whose checks are due: the first as soon as a check has run, the others once they are late (`minHealthyMs` is
 * over), and again, ever more rarely, while a check does not pass. A node runs a check first after half of its interval, then once each interval.
 */
export function dueChecks(
  job: Job,
  { allocations, checks = {} }: Snapshot,
  { minHealthyMs, inConsul = false, readAtMs, nowMs }: Times,
): Allocation[] {
  const waiting = allocations.filter(
    ({ ClientStatus, DesiredStatus, DeploymentStatus, TaskGroup }) =>
      ClientStatus === 'running' &&
      DesiredStatus === 'run' &&
      typeof DeploymentStatus?.Healthy !== 'boolean' &&
      countsChecks(job, TaskGroup),
  );
  return waiting.slice(0, MAX_ALLOCATIONS).filter((allocation, i) => {
    const ageMs = nowMs - startedAtMs(allocation);
    const readMs = readAtMs(allocation.ID);
    const late = ageMs >= minHealthyMs + LATE_MS;
    const results = checks[allocation.ID] ?? [];
    const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
    const intervalMs = Math.min(...(group === undefined ? [] : intervalsOf(group, inConsul)));
    const made = results.filter(({ Status }) => Status !== 'pending').map(({ Timestamp }) => (Timestamp ?? 0) * 1000 + intervalMs);
    const nextMs = Math.min(...(made.length < Math.max(results.length, 1) ? [setUpAtMs(allocation) + intervalMs / 2] : []), ...made);
    if (nowMs < nextMs + RESULT_MS) return false;
    if (readMs === undefined) return i === 0 || late;
    const passes = results.every(({ Status }) => Status === 'success');
    return (late || !passes) && nowMs - readMs >= Math.min(Math.max(ageMs / 5, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
  });
}

/** Returns when the first task of an allocation was set up, in milliseconds since the epoch: its checks run from about then on. */
function setUpAtMs({ TaskStates }: Allocation): number {
  const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === 'Task Setup'));
  return events.length === 0 ? 0 : Math.min(...events.map(({ Time }) => Time / 1e6));
}

/** Returns when the last task of an allocation started, in milliseconds since the epoch. */
export function startedAtMs({ TaskStates }: Allocation): number {
  const starts = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === 'Started'));
  return Math.max(0, ...starts.map(({ Time }) => Time / 1e6));
}

/** Returns the warning about an allocation whose checks cannot be read. */
export function describeUnread({ Name }: Allocation): string {
  return `The checks of ${Name} cannot be read, so their results are unknown.`;
}
