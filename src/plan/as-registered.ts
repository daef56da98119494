import type { Inputs } from '../inputs/index.ts';
import { hidingValues, type Jobspec, type Rendering } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SecretChange } from '../secrets/index.ts';
import type { Counted } from './counts.ts';
import type { Live } from './live.ts';
import { asRegistered, keepsOther, markOf, type OwnMeta } from './own-meta.ts';
import { type Plan, planJob, replacesAll, startsAnew } from './plan.ts';
import { readScalings, sentJob } from './sent.ts';

/** A job as it would be registered, and its plan. */
export interface Planned {
  readonly counted: Counted;
  readonly plan: Plan;
}

/**
 * Plans a job in the form in which it would be registered. The meta that we wrote into the registered job is kept at first, since another meta replaces every
 * task; where everything is replaced anyway, the job is planned once more with the meta of this run. Groups of a failed version are tried again, where the
 * spec does not change them. `onJob` gets each job before it is planned.
 */
export async function planAsRegistered(
  jobspec: Jobspec,
  secrets: SecretChange | undefined,
  { job: live, failing }: Pick<Live, 'job' | 'failing'>,
  { inputs, rendering, nomad }: { readonly inputs: Inputs; readonly rendering: Rendering; readonly nomad: Nomad },
  { redact }: Pick<Runtime, 'redact'>,
  onJob: (counted: Counted) => Promise<void> = async () => undefined,
): Promise<Planned> {
  const scalings = await readScalings(jobspec, live, inputs, nomad);
  const planWith = async (meta: OwnMeta, marks: Parameters<typeof asRegistered>[5] = {}): Promise<Planned> => {
    const counted = sentJob(asRegistered(jobspec, secrets, rendering, live, meta, marks), live, inputs, rendering, scalings);
    await onJob(counted);
    const plan = await planJob(counted.job, jobspec.namespace, nomad, { redact: hidingValues(jobspec.settings, redact) });
    return { counted, plan };
  };
  const planned = await planWith('kept');
  const { changed, updates } = planned.plan;
  const again = changed === 'none' ? [...failing.unhealthy, ...failing.down] : failing.down.filter((group) => !startsAnew(updates[group]));
  // Where a group is replaced anyway, older allocations of it may be those that are wanted once more; the mark of a try would replace them, too.
  const unmarked = changed === 'none' ? [] : Object.keys(updates).filter((group) => markOf(live, group) && startsAnew(updates[group]));
  const marks = Object.fromEntries([
    ...unmarked.map((group) => [group, 'none'] as const),
    ...again.map((group) => [group, 'again'] as const),
  ]);
  if (Object.keys(marks).length > 0) return planWith('kept', marks);
  if (changed === 'none') return planned;
  return keepsOther(live, rendering) && replacesAll(planned.plan) ? planWith('fresh') : planned;
}
