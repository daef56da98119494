import type { Inputs } from '../inputs/index.ts';
import { type Jobspec, type Rendering, withBlueGreen } from '../jobspec/index.ts';
import { requireAllowed, restrictionsOf } from '../jobspec/policy/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { type Counted, keepCounts, needsScalings, type Scalings } from './counts.ts';

/** Reads the counts of the last scalings of the groups. Sends no request where no count depends on them. */
export async function readScalings(
  { job, namespace }: Pick<Jobspec, 'job' | 'namespace'>,
  live: RegisteredJob | undefined,
  { preserveCounts }: Pick<Inputs, 'preserveCounts'>,
  nomad: Nomad,
): Promise<Scalings> {
  return needsScalings(job, live, preserveCounts) ? nomad.jobs.scalings(job.ID, namespace) : {};
}

/**
 * Returns the job in the form that is planned and registered, with its kept counts. The policy judges this form. Throws `policy-violation`.
 */
export function sentJob(
  job: Job,
  live: RegisteredJob | undefined,
  {
    inputs,
    rendering,
  }: {
    readonly inputs: Pick<Inputs, 'preserveCounts' | 'blueGreen' | 'allowedDrivers'>;
    readonly rendering: Pick<Rendering, 'spec' | 'policy'>;
  },
  scalings: Scalings,
): Counted {
  const kept = keepCounts(job, live, scalings, { preserve: inputs.preserveCounts, most: rendering.policy?.policy.maxCount });
  const counted = inputs.blueGreen && rendering.spec.builtIn ? { ...kept, job: withBlueGreen(kept.job) } : kept;
  requireAllowed(counted.job, restrictionsOf(inputs, rendering), rendering.spec);
  return counted;
}
