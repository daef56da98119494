import type { Job, RegisteredJob, Scaling, TaskGroup } from './nomad/types.ts';
import { provenanceOf } from './provenance.ts';

/** A job whose groups have the counts that they run with, and what was kept, in sentences. */
export interface Counted {
  readonly job: Job;
  readonly kept: readonly string[];
}

/** The input `preserve-counts`. */
type Preserve = boolean | undefined;
/** The scalings of each group that Nomad still knows, the newest first. */
export type Scalings = Readonly<Record<string, readonly Scaling[]>>;

/**
 * Takes over the counts of the running job that an autoscaler or somebody by hand has set since a deploy asked for others: of groups with a `scaling` block
 * whose count the spec has not changed since, or, as `preserve` says, of all groups whatever the spec says, or of none. Where no deploy noted what it asked
 * for, a group was scaled if its last scaling gave it its count. A count stays within the block's `min` and `max`, since Nomad refuses another one, and is
 * `most` at most, if a policy says so.
 */
export function keepCounts(job: Job, live: RegisteredJob | undefined, preserve: Preserve, scalings: Scalings, most?: number): Counted {
  const recorded = provenanceOf(live).counts;
  const kept: string[] = [];
  const groups = (job.TaskGroups ?? []).map((group): TaskGroup => {
    const running = otherCount(group, job, live, preserve);
    if (running === undefined) return group;
    const asked = askedCount(group);
    const before = recorded?.[group.Name];
    const own = scalings[group.Name] ?? [];
    const isScaled = before === undefined ? own[0]?.to === running : before !== running;
    if (!isScaled) return group;
    if (preserve !== true && before !== undefined && before !== asked && !passed(asked, before, running, own)) {
      kept.push(`group ${group.Name}: the count becomes ${asked}, since the spec said ${before} before; it was scaled to ${running}`);
      return group;
    }
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
    const before = recorded?.[group.Name];
    return running !== undefined && (before === undefined || (preserve !== true && before !== running && before !== askedCount(group)));
  });
}

/** Returns the job without the counts that the registered job may replace: what is allowed is judged of the counts that are sent. */
export function withoutOpenCounts(job: Job, preserve: Preserve): Job {
  const groups = job.TaskGroups?.map((group) => (isOpen(group, job, preserve) ? { ...group, Count: null } : group));
  return { ...job, ...(groups && { TaskGroups: groups }) };
}

/** The count that a spec asks for, as Nomad reads it. */
export function askedCount({ Count, Scaling }: TaskGroup): number {
  return Count ?? Scaling?.Min ?? 1;
}

/**
 * Whether a group was scaled from what the spec asks for to what runs, since a deploy asked for `before`: a later deploy that found nothing to change asked
 * for it, and notes nothing.
 */
function passed(asked: number, before: number, running: number, scalings: readonly Scaling[]): boolean {
  let count = running;
  for (const { from, to } of scalings) {
    // Anything else set the count in between.
    if (to !== count || to === before) return false;
    if (from === asked) return true;
    count = from;
  }
  return false;
}

/** The count that a group runs with, where that may be kept and the spec says another. */
function otherCount(group: TaskGroup, job: Job, live: RegisteredJob | undefined, preserve: Preserve): number | undefined {
  if (live === undefined || live.Stop || !isOpen(group, job, preserve)) return undefined;
  const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? undefined;
  return running === askedCount(group) ? undefined : running;
}

function isOpen({ Scaling }: TaskGroup, { Type }: Job, preserve: Preserve): boolean {
  return Type?.startsWith('sys') !== true && (preserve ?? (Scaling !== undefined && Scaling !== null && Scaling.Enabled !== false));
}

const within = (count: number, { Scaling }: TaskGroup): number =>
  Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
