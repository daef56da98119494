import { ActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { randomHex } from '../runtime/index.ts';
import { nearest } from '../text/index.ts';
import type { Registration } from './register.ts';

/** What a run is given. */
export interface Given {
  readonly meta: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

/** A run that was started, and the job that Nomad made for it. */
export interface Dispatched {
  readonly job: RegisteredJob;
  readonly registration: Registration;
}

/** Why a job does not take a run with this, each problem in words; Nomad itself would name one at a time. */
export function dispatchProblems({ ID, Stop, Periodic, ParameterizedJob }: RegisteredJob, { meta, payload }: Given): string[] {
  if (Stop) return [`${ID} is stopped`];
  if (!ParameterizedJob) {
    if (!Periodic) return [`${ID} is neither a parameterized nor a periodic job`];
    const given = Object.keys(meta).length > 0 ? 'meta' : payload === undefined ? undefined : 'payload';
    return given === undefined ? [] : [`\`${given}\`: ${ID} is a periodic job, and its runs are not given anything`];
  }
  const { Payload, MetaRequired, MetaOptional } = ParameterizedJob;
  const required = MetaRequired ?? [];
  const known = [...required, ...(MetaOptional ?? [])];
  const missing = required.filter((key) => !(key in meta));
  const unknown = Object.keys(meta).filter((key) => !known.includes(key));
  return [
    ...missing.map((key) => `\`meta\`: ${key} is missing, which ${ID} requires`),
    ...unknown.map((key) => {
      const near = nearest(key, known);
      const takes = known.length === 0 ? 'none' : known.join(', ');
      return `\`meta\`: ${ID} takes no ${key}${near === undefined ? ` (it takes ${takes})` : `; did you mean ${near}?`}`;
    }),
    ...(Payload === 'required' && payload === undefined ? [`\`payload\`: ${ID} requires one`] : []),
    ...(Payload === 'forbidden' && payload !== undefined ? [`\`payload\`: ${ID} takes none`] : []),
  ];
}

/**
 * Starts a run of a registered job: dispatches a parameterized one, or forces a periodic one to run now. An answer that gets lost on the way does not
 * start a second run of a parameterized job.
 */
export async function dispatchJob(job: RegisteredJob, namespace: string, given: Given, nomad: Nomad): Promise<Dispatched> {
  const started = job.ParameterizedJob ? await dispatched(job, namespace, given, nomad) : await forced(job, namespace, nomad);
  const run = await nomad.jobs.read(started.jobId, namespace);
  if (run === undefined) {
    throw new ActionError('nomad-refused', `${started.jobId} was started, but Nomad does not have it any more`, {
      hint: 'It was purged, or collected by Nomad.',
    });
  }
  return { job: run, registration: { ...started, namespace, version: run.Version, previousVersion: undefined } };
}

type Started = Pick<Registration, 'jobId' | 'evaluationId'>;

async function dispatched({ ID }: RegisteredJob, namespace: string, given: Given, nomad: Nomad): Promise<Started> {
  const { DispatchedJobID, EvalID } = await nomad.jobs.dispatch(ID, given, randomHex(nomad.clock, 32), namespace);
  return { jobId: DispatchedJobID, evaluationId: EvalID };
}

async function forced({ ID }: RegisteredJob, namespace: string, nomad: Nomad): Promise<Started> {
  const evaluationId = await nomad.jobs.forcePeriodic(ID, namespace);
  const { value } = await nomad.evaluations.read(evaluationId, namespace, 0, nomad.clock.timeout(READ_MS));
  if (value?.JobID) return { jobId: value.JobID, evaluationId };
  throw new ActionError('unknown-outcome', `a run of ${ID} was started, but Nomad does not tell which`, {
    hint: `Look at it with nomad job status ${ID}.`,
  });
}

/** How long the one question may take, an outage included. */
const READ_MS = 30_000;
