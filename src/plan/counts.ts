import { askedCount, isOpen, type Preserve } from '../jobspec/index.ts';
import type { Job, RegisteredJob, TaskGroup } from '../nomad/types.ts';
import { provenanceOf } from '../target/index.ts';

/** A job whose groups have the counts that they run with, and what was kept, in sentences. */
export interface Counted {
  readonly job: Job;
  readonly kept: readonly string[];
}

/** The count of the last scaling of each group that Nomad still knows. */
export type Scalings = Readonly<Record<string, number>>;

/**
 * Takes over the counts of the running job that an autoscaler or somebody by hand has set since a deploy asked for others: of groups with a `scaling` block,
 * or, as `preserve` says, of all groups or of none. Where no deploy noted what it asked for, a group was scaled if its last scaling gave it its count. A
 * count stays within the block's `min` and `max`, since Nomad refuses another one, and is `most` at most, if a policy says so.
 */
export function keepCounts(job: Job, live: RegisteredJob | undefined, preserve: Preserve, scalings: Scalings, most?: number): Counted {
  const recorded = provenanceOf(live).counts;
  const kept: string[] = [];
  const groups = (job.TaskGroups ?? []).map((group): TaskGroup => {
    const running = otherCount(group, job, live, preserve);
    if (running === undefined) return group;
    const asked = askedCount(group);
    const before = recorded?.[group.Name];
    const isScaled = before === undefined ? scalings[group.Name] === running : before !== running;
    if (!isScaled) return group;
    const count = Math.min(within(running, group), most ?? Number.POSITIVE_INFINITY);
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

/** Says whether only Nomad's scaling events tell if a count is to be kept. */
export function needsScalings(job: Job, live: RegisteredJob | undefined, preserve: Preserve): boolean {
  const recorded = provenanceOf(live).counts;
  return (job.TaskGroups ?? []).some((group) => {
    const running = otherCount(group, job, live, preserve);
    return running !== undefined && recorded?.[group.Name] === undefined;
  });
}

/** The count that a group runs with, where that may be kept and the spec says another. */
function otherCount(group: TaskGroup, job: Job, live: RegisteredJob | undefined, preserve: Preserve): number | undefined {
  if (live === undefined || live.Stop || !isOpen(group, job, preserve)) return undefined;
  const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? undefined;
  return running === askedCount(group) ? undefined : running;
}

const within = (count: number, { Scaling }: TaskGroup): number =>
  Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
