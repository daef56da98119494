import type { Counted } from '../counts.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Jobspec, Rendering } from '../jobspec.ts';
import type { Nomad } from '../nomad/index.ts';
import { type Plan, planJob, replacesAll, startsAnew } from '../plan.ts';
import { asRegistered, keepsOther, markOf, type OwnMeta } from '../register.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SecretChange } from '../secrets/index.ts';
import { hidingValues } from '../shown-values.ts';
import type { Live } from './live.ts';
import { sentJob } from './sent.ts';

/** A job as it would be registered, and what that would change. */
export interface Planned {
  readonly counted: Counted;
  readonly plan: Plan;
}

/**
 * Plans a job as it is registered, so that nothing is replaced which did not change. The job's own meta is kept at first; where everything is replaced anyway,
 * it is planned once more with that of this run. Groups of a version that did not turn out well are tried again, where the spec does not change them. `onJob` is told each job before it is planned.
 */
export async function planAsRegistered(
  jobspec: Jobspec,
  secrets: SecretChange | undefined,
  { job: live, failing }: Pick<Live, 'job' | 'failing'>,
  { inputs, rendering, nomad }: { readonly inputs: Inputs; readonly rendering: Rendering; readonly nomad: Nomad },
  { redact }: Pick<Runtime, 'redact'>,
  onJob: (counted: Counted) => Promise<void> = async () => undefined,
): Promise<Planned> {
  const planWith = async (meta: OwnMeta, marks: Parameters<typeof asRegistered>[5] = {}): Promise<Planned> => {
    const meant = { ...jobspec, job: asRegistered(jobspec, secrets, rendering, live, meta, marks) };
    const counted = await sentJob(meant, live, inputs, rendering, nomad);
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
