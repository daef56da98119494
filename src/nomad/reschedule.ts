import type { Allocation, Job, ReschedulePolicy } from './types.ts';

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
