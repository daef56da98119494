import type { Job, UpdateStrategy } from './types.ts';

/** A group's update block over the job's: Nomad's parser writes null for what a block does not say. */
export function updateOf(job: UpdateStrategy | null | undefined, group: UpdateStrategy | null | undefined): UpdateStrategy {
  const said = Object.entries(group ?? {}).filter(([, value]) => value !== null);
  return { ...job, ...Object.fromEntries(said) };
}

/** Nomad's own default of `min_healthy_time`. */
const MIN_HEALTHY_MS = 10_000;

/** The rules by which a version of a job is judged, as far as the job itself says them. */
export interface JobRules {
  readonly kind: 'service' | 'system' | 'batch';
  /** The allocations that the job's groups ask for together; one of a system job, unless all its groups have count 0. */
  readonly count: number;
  /** How long an allocation has to run to be healthy, where Nomad makes no deployment that would say so. */
  readonly minHealthyMs: number;
}

/** Returns the rules by which Nomad judges a version of a job: its kind, its count and the `min_healthy_time` of its `update` blocks. */
export function rulesOf({ Type, Update, TaskGroups }: Job): JobRules {
  const kind = Type === 'batch' || Type === 'sysbatch' ? 'batch' : Type === 'system' ? 'system' : 'service';
  const groups = (TaskGroups ?? []).filter(({ Count }) => Count !== 0);
  const times = groups.map((group) => updateOf(Update, group.Update).MinHealthyTime ?? MIN_HEALTHY_MS * 1e6);
  const sum = groups.reduce((total, { Count }) => total + (Count ?? 1), 0);
  return {
    kind,
    // Of jobs that run on every node that fits, only the cluster knows how many that are; a group of count 0 runs on none.
    count: Type === 'system' || Type === 'sysbatch' ? Math.min(sum, 1) : sum,
    minHealthyMs: Math.max(0, ...times) / 1e6,
  };
}
