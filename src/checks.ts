import { describeFailure, readCheck } from './check-failure.ts';
import type { Allocation, CheckResult, Job } from './nomad/types.ts';
import type { Snapshot } from './rollout.ts';
import { withoutCredentials } from './text.ts';

/** What starts normally answers its first check by then. */
const FIRST_READ_MS = 1_500;
const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 10_000;
/** Allocations whose checks are read: beyond these they rarely tell anything new. */
const MAX_ALLOCATIONS = 3;

/** Whether a job has checks whose results Nomad can tell: those of its own services. */
export function hasChecks({ TaskGroups }: Job): boolean {
  const services = (TaskGroups ?? []).flatMap(({ Services, Tasks }) => [
    ...(Services ?? []),
    ...(Tasks ?? []).flatMap((task) => task.Services ?? []),
  ]);
  return services.some(({ Provider, Checks }) => Provider === 'nomad' && (Checks ?? []).length > 0);
}

/**
 * The allocations whose checks are worth reading now: of those that run and are not healthy one after a moment, the others when they are late
 * (`minHealthyMs` is over), and again, ever more rarely, as long as something does not pass. `readAtMs` tells when those of an allocation were read last.
 */
export function dueChecks(
  { allocations, checks = {} }: Snapshot,
  minHealthyMs: number,
  readAtMs: (id: string) => number | undefined,
  nowMs: number,
): Allocation[] {
  const waiting = allocations.filter(
    ({ ClientStatus, DesiredStatus, DeploymentStatus }) =>
      ClientStatus === 'running' && DesiredStatus === 'run' && typeof DeploymentStatus?.Healthy !== 'boolean',
  );
  return waiting.slice(0, MAX_ALLOCATIONS).filter((allocation, i) => {
    const ageMs = nowMs - startedAtMs(allocation);
    const readMs = readAtMs(allocation.ID);
    const late = ageMs >= minHealthyMs + FIRST_READ_MS;
    if (readMs === undefined) return i === 0 ? ageMs >= FIRST_READ_MS : late;
    const passes = (checks[allocation.ID] ?? []).every(({ Status }) => Status === 'success');
    return (late || !passes) && nowMs - readMs >= Math.min(Math.max(ageMs / 5, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
  });
}

/** When the last task of an allocation started, in milliseconds since the epoch. */
export function startedAtMs({ TaskStates }: Allocation): number {
  const starts = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === 'Started'));
  return Math.max(0, ...starts.map(({ Time }) => Time / 1e6));
}

/** A failing check in words. */
export function describeFailing(result: CheckResult): string {
  return describeFailure(readCheck(result, withoutCredentials), undefined).text;
}
