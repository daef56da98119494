import { type Counted, keepCounts } from '../counts.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Rendering } from '../jobspec.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { requireAllowed, rulesOf } from '../policy.ts';

/**
 * Returns the job as it is planned and registered, with the counts that it keeps. It is held to the rules in this form: what is judged is what is sent.
 * Throws `policy-violation`.
 */
export function sentJob(
  job: Job,
  live: RegisteredJob | undefined,
  inputs: Pick<Inputs, 'preserveCounts' | 'allowedDrivers'>,
  rendering: Pick<Rendering, 'spec' | 'policy'>,
): Counted {
  const counted = keepCounts(job, live, inputs.preserveCounts, rendering.policy?.policy.maxCount);
  requireAllowed(counted.job, rulesOf(inputs, rendering), rendering.spec);
  return counted;
}
