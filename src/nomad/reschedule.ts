import type { Allocation, Job, ReschedulePolicy } from './types.ts';
import type { JobRules } from './update.ts';

/** Returns the `reschedule` block of an allocation's group. */
export function reschedulePolicyOf({ TaskGroups }: Job, { TaskGroup }: Allocation): ReschedulePolicy | null | undefined {
  return TaskGroups?.find(({ Name }) => Name === TaskGroup)?.ReschedulePolicy;
}

/**
 * Returns whether Nomad reschedules a failed allocation, by the `reschedule` block of the registered job and the attempts made so far. Nothing else tells it
 * at first: Nomad stores a failure before the evaluation that reschedules the allocation, and the scheduler names that evaluation later still.
 */
export function hasAttemptsLeft(allocation: Allocation, job: Job): boolean {
  const { ClientStatus, DesiredStatus, ModifyTime = 0, RescheduleTracker } = allocation;
  if (ClientStatus !== 'failed' || DesiredStatus !== 'run') return false;
  const { Attempts, Unlimited, Interval } = reschedulePolicyOf(job, allocation) ?? {};
  if (Unlimited === true) return true;
  const made = (RescheduleTracker?.Events ?? []).filter(
    ({ RescheduleTime }) => (ModifyTime ?? 0) - RescheduleTime < (Interval ?? Number.POSITIVE_INFINITY),
  );
  return made.length < (Attempts ?? 0);
}

/**
 * Returns the newest attempt of each allocation. A failed one that was rescheduled does not count: by its own link, or by the `RescheduleTracker` of a later
 * attempt, since Nomad may have collected it before its link was read. Nor does a failed one of a system job that has a newer one of its name on its node, which
 * Nomad does not link. Two allocations of a service may have one name: Nomad gives a replaced allocation's name on, also where a canary has it.
 */
export function lastAttempts(allocations: readonly Allocation[], kind: JobRules['kind']): Allocation[] {
  if (kind !== 'system') {
    const before = new Set(
      allocations.flatMap(({ RescheduleTracker }) => (RescheduleTracker?.Events ?? []).map(({ PrevAllocID }) => PrevAllocID)),
    );
    return allocations.filter(({ ID, NextAllocation }) => !NextAllocation && !before.has(ID));
  }
  const newest = new Map<string, number>();
  const keyOf = ({ Name, NodeName }: Allocation): string => `${Name} ${NodeName}`;
  for (const one of allocations) newest.set(keyOf(one), Math.max(one.CreateIndex, newest.get(keyOf(one)) ?? 0));
  return allocations.filter(
    (one) => !one.NextAllocation && (one.ClientStatus !== 'failed' || one.CreateIndex >= (newest.get(keyOf(one)) ?? 0)),
  );
}
