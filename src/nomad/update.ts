import type { Job, UpdateStrategy } from './types.ts';

/** Returns the update block of a group over that of the job. Nomad's parser writes null for missing fields. */
export function updateOf(job: UpdateStrategy | null | undefined, group: UpdateStrategy | null | undefined): UpdateStrategy {
  const said = Object.entries(group ?? {}).filter(([, value]) => value !== null);
  return { ...job, ...Object.fromEntries(said) };
}

/** Nomad's own default of `min_healthy_time`. */
const MIN_HEALTHY_MS = 10_000;

/** The rules of the job itself for the health of a version. */
export interface JobRules {
  readonly kind: 'service' | 'system' | 'batch';
  /** The sum of the counts of the groups; 1 for a system job, unless all its groups have count 0. */
  readonly count: number;
  /** The running time, in milliseconds, of a healthy allocation without a deployment. */
  readonly minHealthyMs: number;
}

/** Returns the rules of a version of a job: its kind, its count and the `min_healthy_time` of its `update` blocks. */
export function rulesOf({ Type, Update, TaskGroups }: Job): JobRules {
  const kind = Type === 'batch' || Type === 'sysbatch' ? 'batch' : Type === 'system' ? 'system' : 'service';
  const groups = (TaskGroups ?? []).filter(({ Count }) => Count !== 0);
  const times = groups.map((group) => updateOf(Update, group.Update).MinHealthyTime ?? MIN_HEALTHY_MS * 1e6);
  const sum = groups.reduce((total, { Count }) => total + (Count ?? 1), 0);
  return {
    kind,
    // A system job runs on every fitting node, so only the cluster knows its count; a group of count 0 runs on none.
    count: Type === 'system' || Type === 'sysbatch' ? Math.min(sum, 1) : sum,
    minHealthyMs: Math.max(0, ...times) / 1e6,
  };
}
