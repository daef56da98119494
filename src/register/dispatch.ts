import { ActionError, toActionError } from '../errors.ts';
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
 * Starts a run of a registered job: dispatches a parameterized one, or forces a periodic one to run now. A lost answer does not start a second run.
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

/** The most attempts to start a run of a periodic job whose answers are lost. */
const ATTEMPTS = 3;

/** Starts a run of a periodic job. After a lost answer, the one run that is new since is the one that was started. */
async function forced({ ID }: RegisteredJob, namespace: string, nomad: Nomad): Promise<Started> {
  // A token without the right to list jobs loses the look-up only.
  const before = await nomad.jobs.children(ID, namespace).catch(() => undefined);
  for (let attempt = 1; ; attempt++) {
    const given = await nomad.jobs.forcePeriodic(ID, namespace).catch((error: unknown) => ({ error }));
    if (typeof given === 'string') return runOf(given, ID, namespace, nomad);
    if (before === undefined || toActionError(given.error).code !== 'unknown-outcome') throw given.error;
    const now = await nomad.jobs.children(ID, namespace, nomad.patience()).catch(() => Promise.reject(given.error));
    const [made, ...more] = now.filter((run) => !before.some((one) => one.ID === run.ID));
    if (made !== undefined && more.length === 0) {
      const [evaluation] = await nomad.jobs.evaluations(made.ID, namespace, nomad.patience()).catch(() => []);
      return { jobId: made.ID, evaluationId: evaluation?.ID ?? '' };
    }
    if (made !== undefined || attempt === ATTEMPTS) throw given.error;
  }
}

async function runOf(evaluationId: string, id: string, namespace: string, nomad: Nomad): Promise<Started> {
  const { value } = await nomad.evaluations.read(evaluationId, namespace, 0, nomad.patience());
  if (value?.JobID) return { jobId: value.JobID, evaluationId };
  throw new ActionError('unknown-outcome', `a run of ${id} was started, but Nomad did not return its id`, {
    hint: `To find the run, use nomad job status ${id}.`,
  });
}
