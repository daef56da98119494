import { askedCount, isOpen, type Preserve } from '../jobspec/index.ts';
import type { Job, RegisteredJob, TaskGroup } from '../nomad/types.ts';
import { provenanceOf } from '../target/index.ts';

/** A job with its final counts, and a sentence for each kept count. */
export interface Counted {
  readonly job: Job;
  readonly kept: readonly string[];
}

/** The count of the last scaling of each group, as far as Nomad keeps it. */
export type Scalings = Readonly<Record<string, number>>;

/**
 * Keeps the counts of the running job that an autoscaler or a person has set: of groups with a `scaling` block or, by `preserve`, of all groups or none. A
 * count was scaled if it differs from the count that the last deploy recorded; without a record, if the last scaling gave the group its count. A kept count
 * is limited to the block's `min` and `max`, because Nomad refuses others, and to `most` of a policy.
 */
export function keepCounts(
  job: Job,
  live: RegisteredJob | undefined,
  scalings: Scalings,
  { preserve, most }: { readonly preserve: Preserve; readonly most?: number | undefined },
): Counted {
  const recorded = provenanceOf(live).counts;
  const kept: string[] = [];
  const groups = (job.TaskGroups ?? []).map((group): TaskGroup => {
    const running = otherCount(group, job, live, preserve);
    if (running === undefined) return group;
    const asked = askedCount(group);
    const before = recorded?.[group.Name];
    const isScaled = before === undefined ? scalings[group.Name] === running : before !== running;
    if (!isScaled) return group;
    const count = Math.min(withinScaling(running, group), most ?? Number.POSITIVE_INFINITY);
    if (count === asked) return group;
    const limited =
      count === running
        ? ''
        : `, because ${withinScaling(running, group) === count ? 'its `scaling` block' : '`max-count` of the policy'} does not allow the running ${running}`;
    kept.push(`group ${group.Name}: the count stays ${count}${limited}; the spec says ${asked} (\`preserve-counts\`)`);
    return { ...group, Count: count };
  });
  return kept.length === 0 ? { job, kept } : { job: { ...job, TaskGroups: groups }, kept };
}

/** Returns whether Nomad's scaling events are needed to decide about a count. */
export function needsScalings(job: Job, live: RegisteredJob | undefined, preserve: Preserve): boolean {
  const recorded = provenanceOf(live).counts;
  return (job.TaskGroups ?? []).some((group) => {
    const running = otherCount(group, job, live, preserve);
    return running !== undefined && recorded?.[group.Name] === undefined;
  });
}

/** Returns the running count of a group that may be kept and differs from the spec; undefined otherwise. */
function otherCount(group: TaskGroup, job: Job, live: RegisteredJob | undefined, preserve: Preserve): number | undefined {
  if (live === undefined || live.Stop || !isOpen(group, job, preserve)) return undefined;
  const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? undefined;
  return running === askedCount(group) ? undefined : running;
}

const withinScaling = (count: number, { Scaling }: TaskGroup): number =>
  Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
