import { type Counted, keepCounts, needsScalings, type Scalings } from '../counts.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Jobspec, Rendering } from '../jobspec.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { requireAllowed, rulesOf } from '../policy.ts';

/** Of each state of a job that this run looked at: a job is planned several times. */
const known = new WeakMap<Nomad, Map<string, Promise<Scalings>>>();

/**
 * Returns the job as it is planned and registered, with the counts that it keeps. It is held to the rules in this form: what is judged is what is sent.
 * Throws `policy-violation`.
 */
export async function sentJob(
  { job, namespace }: Pick<Jobspec, 'job' | 'namespace'>,
  live: RegisteredJob | undefined,
  inputs: Pick<Inputs, 'preserveCounts' | 'allowedDrivers'>,
  rendering: Pick<Rendering, 'spec' | 'policy'>,
  nomad: Nomad,
): Promise<Counted> {
  const scalings = needsScalings(job, live, inputs.preserveCounts) ? await scalingsOf(job.ID, namespace, live?.JobModifyIndex, nomad) : {};
  const counted = keepCounts(job, live, inputs.preserveCounts, scalings, rendering.policy?.policy.maxCount);
  requireAllowed(counted.job, rulesOf(inputs, rendering), rendering.spec);
  return counted;
}

/** Each scaling is a version of its job, so what is known of one state of it stays so. */
async function scalingsOf(id: string, namespace: string, index: number | undefined, nomad: Nomad): Promise<Scalings> {
  const states = known.get(nomad) ?? new Map<string, Promise<Scalings>>();
  known.set(nomad, states);
  const state = JSON.stringify([namespace, id, index]);
  const scalings = states.get(state) ?? nomad.jobs.scalings(id, namespace);
  states.set(state, scalings);
  return scalings;
}
