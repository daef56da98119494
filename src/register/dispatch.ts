import { ActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { randomHex } from '../runtime/index.ts';
import { nearest } from '../text/index.ts';
import type { Registration } from './register.ts';

/** The meta and payload of a run. */
export interface DispatchInput {
  readonly meta: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

/** A started run: the job that Nomad made for it. */
export interface Dispatched {
  readonly job: RegisteredJob;
  readonly registration: Registration;
}

/** Returns all problems of a run with this meta and payload, in words. Nomad itself names one at a time. */
export function dispatchProblems({ ID, Stop, Periodic, ParameterizedJob }: RegisteredJob, { meta, payload }: DispatchInput): string[] {
  if (Stop) return [`${ID} is stopped`];
  if (!ParameterizedJob) {
    if (!Periodic) return [`${ID} is neither a parameterized nor a periodic job`];
    const given = Object.keys(meta).length > 0 ? 'meta' : payload === undefined ? undefined : 'payload';
    return given === undefined ? [] : [`\`${given}\`: runs of the periodic job ${ID} take no ${given}`];
  }
  const { Payload, MetaRequired, MetaOptional } = ParameterizedJob;
  const required = MetaRequired ?? [];
  const known = [...required, ...(MetaOptional ?? [])];
  const missing = required.filter((key) => !(key in meta));
  const unknown = Object.keys(meta).filter((key) => !known.includes(key));
  return [
    ...missing.map((key) => `\`meta\`: ${ID} requires the key ${key}`),
    ...unknown.map((key) => {
      const near = nearest(key, known);
      const keys = known.length === 0 ? '' : ` (its keys are ${known.join(', ')})`;
      return `\`meta\`: ${ID} takes no key ${key}${near === undefined ? keys : `; did you mean ${near}?`}`;
    }),
    ...(Payload === 'required' && payload === undefined ? [`\`payload\`: ${ID} requires a payload`] : []),
    ...(Payload === 'forbidden' && payload !== undefined ? [`\`payload\`: ${ID} takes no payload`] : []),
  ];
}

/**
 * Starts a run of a registered job: dispatches a parameterized one, or forces a periodic one to run now. A lost answer does not start a second run of a
 * parameterized job.
 */
export async function dispatchJob(job: RegisteredJob, namespace: string, given: DispatchInput, nomad: Nomad): Promise<Dispatched> {
  const started = job.ParameterizedJob ? await dispatched(job, namespace, given, nomad) : await forced(job, namespace, nomad);
  const run = await nomad.jobs.read(started.jobId, namespace);
  if (run === undefined) {
    throw new ActionError('nomad-refused', `the run ${started.jobId} was started, and was purged or garbage-collected since`);
  }
  return { job: run, registration: { ...started, namespace, version: run.Version, previousVersion: undefined } };
}

type Started = Pick<Registration, 'jobId' | 'evaluationId'>;

async function dispatched({ ID }: RegisteredJob, namespace: string, given: DispatchInput, nomad: Nomad): Promise<Started> {
  const { DispatchedJobID, EvalID } = await nomad.jobs.dispatch(ID, given, randomHex(nomad.clock, 32), namespace);
  return { jobId: DispatchedJobID, evaluationId: EvalID };
}

async function forced({ ID }: RegisteredJob, namespace: string, nomad: Nomad): Promise<Started> {
  const evaluationId = await nomad.jobs.forcePeriodic(ID, namespace);
  const { value } = await nomad.evaluations.read(evaluationId, namespace, 0, nomad.patience());
  if (value?.JobID) return { jobId: value.JobID, evaluationId };
  throw new ActionError('unknown-outcome', `a run of ${ID} was started, but Nomad did not return its id`, {
    hint: `To find the run, use nomad job status ${ID}.`,
  });
}
