import type { Job, RegisteredJob, TaskGroup } from './nomad/types.ts';

/** A job whose groups have the counts that they run with, and what was kept, in sentences. */
export interface Counted {
  readonly job: Job;
  readonly kept: readonly string[];
}

/**
 * Takes over the counts of the running job, which an autoscaler or somebody by hand has set: of groups with a `scaling` block, or, as `preserve` says, of
 * all groups or of none. A count stays within the block's `min` and `max`, since Nomad refuses another one, and is `most` at most, if a policy says so. What `nomad job run -preserve-counts` does
 * for whole jobs: https://developer.hashicorp.com/nomad/commands/job/run#preserve-counts
 */
export function keepCounts(job: Job, live: RegisteredJob | undefined, preserve: boolean | undefined, most?: number): Counted {
  if (preserve === false || live === undefined || live.Stop || job.Type?.startsWith('sys') === true) return { job, kept: [] };
  const kept: string[] = [];
  const groups = (job.TaskGroups ?? []).map((group): TaskGroup => {
    const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? undefined;
    if (running === undefined || !(preserve ?? isScaled(group))) return group;
    const count = Math.min(within(running, group), most ?? Number.POSITIVE_INFINITY);
    const asked = group.Count ?? group.Scaling?.Min ?? 1;
    if (count === asked) return group;
    const limited =
      count === running
        ? ''
        : `, the nearest that ${within(running, group) === count ? 'its `scaling`' : '`max-count` of the policy'} allows to the ${running} that run`;
    kept.push(`group ${group.Name}: the count stays ${count}${limited}; the spec says ${asked} (\`preserve-counts\`)`);
    return { ...group, Count: count };
  });
  return kept.length === 0 ? { job, kept } : { job: { ...job, TaskGroups: groups }, kept };
}

const isScaled = ({ Scaling }: TaskGroup): boolean => Scaling !== undefined && Scaling !== null && Scaling.Enabled !== false;

const within = (count: number, { Scaling }: TaskGroup): number =>
  Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
