import type { Inputs } from '../inputs/index.ts';
import { hidingValues, type Jobspec, type Rendering } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SecretChange } from '../secrets/index.ts';
import type { Counted } from './counts.ts';
import type { Live } from './live.ts';
import { asRegistered, keepsOther, type MetaChoice, markOf } from './own-meta.ts';
import { type Plan, planJob, replacesAll, startsAnew } from './plan.ts';
import { readScalings, sentJob } from './sent.ts';

/** A job in its registered form, and its plan. */
export interface Planned {
  readonly counted: Counted;
  readonly plan: Plan;
}

interface Planning extends Pick<Runtime, 'redact'> {
  readonly inputs: Inputs;
  readonly rendering: Rendering;
  readonly nomad: Nomad;
  readonly onJob?: (counted: Counted) => Promise<void>;
}

/**
 * Plans a job in its registered form. First with our meta of the registered job, because another meta replaces every task; where the plan replaces all tasks
 * anyway, once more with the meta of this run. Groups of a failed version that the spec does not change are tried again. `onJob` gets each job before its plan.
 */
export async function planAsRegistered(
  jobspec: Jobspec,
  secrets: SecretChange | undefined,
  { job: live, failing }: Pick<Live, 'job' | 'failing'>,
  { inputs, rendering, nomad, redact, onJob = async () => undefined }: Planning,
): Promise<Planned> {
  const scalings = await readScalings(jobspec, live, inputs, nomad);
  const planWith = async (choice: MetaChoice): Promise<Planned> => {
    const job = asRegistered(jobspec, secrets, { ...rendering, live }, choice);
    const counted = sentJob(job, live, { inputs, rendering }, scalings);
    await onJob(counted);
    const plan = await planJob(counted.job, jobspec.namespace, nomad, { redact: hidingValues(jobspec.settings, redact), live });
    return { counted, plan };
  };
  const planned = await planWith({ ownMeta: 'kept' });
  const { changed, updates } = planned.plan;
  const again = changed === 'none' ? [...failing.unhealthy, ...failing.down] : failing.down.filter((group) => !startsAnew(updates[group]));
  // A replaced group loses the mark of an earlier try: with the mark, allocations of an older version could not stay.
  const unmarked = changed === 'none' ? [] : Object.keys(updates).filter((group) => markOf(live, group) && startsAnew(updates[group]));
  const marks = Object.fromEntries([
    ...unmarked.map((group) => [group, 'none'] as const),
    ...again.map((group) => [group, 'again'] as const),
  ]);
  if (Object.keys(marks).length > 0) return planWith({ ownMeta: 'kept', marks });
  if (changed === 'none') return planned;
  return keepsOther(live, rendering) && replacesAll(planned.plan) ? planWith({ ownMeta: 'fresh' }) : planned;
}
