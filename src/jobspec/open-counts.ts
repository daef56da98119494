import type { Job, TaskGroup } from '../nomad/types.ts';

/** The input `preserve-counts`. */
export type Preserve = boolean | undefined;

/** Returns whether the registered job may replace the count of a group: by default if the group has `scaling`. System jobs have no count. */
export function isOpen({ Scaling }: TaskGroup, { Type }: Job, preserve: Preserve): boolean {
  return Type?.startsWith('sys') !== true && (preserve ?? (Scaling !== undefined && Scaling !== null && Scaling.Enabled !== false));
}

/** Returns the job without the counts that the registered job may replace, because a policy judges the counts that are sent. */
export function withoutOpenCounts(job: Job, preserve: Preserve): Job {
  const groups = job.TaskGroups?.map((group) => (isOpen(group, job, preserve) ? { ...group, Count: null } : group));
  return { ...job, ...(groups && { TaskGroups: groups }) };
}

/** Returns the count of a spec, with Nomad's defaults. */
export function askedCount({ Count, Scaling }: TaskGroup): number {
  return Count ?? Scaling?.Min ?? 1;
}
