import { isDeepStrictEqual } from 'node:util';
import { ActionError, messageOf, toActionError } from '../errors.ts';
import type { Jobspec } from '../jobspec/index.ts';
import type { Nomad, RegisterResult } from '../nomad/index.ts';
import type { Deployment, Evaluation, Job, RegisteredJob } from '../nomad/types.ts';
import type { Plan } from '../plan/index.ts';
import { provenanceOf } from '../target/index.ts';

/** The limit of attempts at a registration that Nomad did not receive. */
const ATTEMPTS = 3;

/** The pause before a server that is behind is asked again. */
const BEHIND_MS = 500;

/** The time limit for the first look. The scheduler usually takes milliseconds. */
const SOON_MS = 2_000;

/** A registration of this run. It identifies everything that is watched and reported afterwards. */
export interface Registration {
  readonly jobId: string;
  readonly namespace: string;
  /** Empty for periodic and parameterized jobs, which do not start at once. */
  readonly evaluationId: string;
  /** Known in advance when an earlier run registered the same job and its deployment is still running. */
  readonly deploymentId?: string;
  readonly version: number;
  /** The modify index of the job after the registration. The version alone does not identify it: after a purge, versions start at 0 again. */
  readonly jobModifyIndex?: number;
  readonly previousVersion: number | undefined;
  /** The objects that were read for the version, and need not be read again. */
  readonly seen?: Seen;
}

type Registered = Pick<Registration, 'jobId' | 'namespace'>;

/** The evaluation and deployment of a registration. */
interface Seen {
  readonly evaluation: Evaluation;
  /** Undefined where the job gets no deployment. */
  readonly deployment?: { readonly value: Deployment; readonly index: number };
}

/**
 * Registers the planned job, guarded by the modify index of the plan (`EnforceIndex`). Returns `conflict` with Nomad's words, without a registration, when the
 * job has changed since the plan. After a lost answer, the registration is looked for, and repeated only when it did not take place. Throws `unreachable`
 * when Nomad does not receive it, and `unknown-outcome` when its result can't be read.
 */
export async function registerJob(
  job: Job,
  { source, format, variables, namespace }: Pick<Jobspec, 'source' | 'format' | 'variables' | 'namespace'>,
  { plan, live }: { readonly plan: Pick<Plan, 'jobModifyIndex'>; readonly live: RegisteredJob | undefined },
  nomad: Nomad,
): Promise<Registration | { readonly conflict: string }> {
  const submission = { Source: source, Format: format, Variables: format === 'json' ? '' : variables };
  const common = { jobId: job.ID, namespace, previousVersion: live?.Version };
  let result: RegisterResult | undefined;
  let lost: unknown;
  for (let attempt = 1; result === undefined; attempt++) {
    try {
      result = await nomad.jobs.register(job, submission, plan.jobModifyIndex, namespace);
    } catch (error) {
      if (toActionError(error).code !== 'unknown-outcome') throw error;
      lost = error;
    }
    const refused = result !== undefined && 'refused' in result ? result.refused : undefined;
    if ((lost ?? refused) === undefined || (result !== undefined && 'response' in result)) continue;
    // The registered version shows whether the lost request took place. A later conflict may be with this request itself.
    const isConflict = result !== undefined && 'conflict' in result;
    const { ours, index } = await readBack(job, { ...common, after: plan.jobModifyIndex, isConflict }, lost ?? refused, nomad);
    if (ours !== undefined) return { ...common, ...ours };
    // Nomad has only texts for its refusals: the modify index shows a conflict, whatever the text.
    if (refused !== undefined && index === plan.jobModifyIndex) throw refused;
    if (refused !== undefined) return { conflict: refused.message };
    if (result === undefined && attempt === ATTEMPTS) {
      throw new ActionError('unreachable', `Nomad did not receive the registration of ${job.ID}: ${messageOf(lost)}`, {
        hint: 'Nothing was registered. Run the workflow again.',
      });
    }
  }
  if ('conflict' in result) return result;
  if ('refused' in result) throw result.refused;
  const { EvalID, JobModifyIndex } = result.response;
  const seen =
    EvalID === '' || (job.Type ?? 'service') !== 'service' ? undefined : await lookAtEvaluation(EvalID, JobModifyIndex, namespace, nomad);
  const deployment = seen?.deployment?.value;
  // Another registration may have followed: the version of this request has its modify index.
  const version =
    deployment?.JobSpecModifyIndex === JobModifyIndex
      ? deployment.JobVersion
      : await registeredVersion(common, JobModifyIndex, live === undefined ? 0 : live.Version + 1, nomad);
  return { ...common, evaluationId: EvalID, version, jobModifyIndex: JobModifyIndex, ...(seen && { seen }) };
}

/** Returns the version of a registration; `otherwise` when it can't be read, because the registration itself did not fail. */
async function registeredVersion({ jobId, namespace }: Registered, index: number, otherwise: number, nomad: Nomad): Promise<number> {
  const versions = await nomad.jobs.versions(jobId, namespace).catch((): RegisteredJob[] => []);
  return versions.find(({ JobModifyIndex }) => JobModifyIndex === index)?.Version ?? otherwise;
}

/** Reads the evaluation and deployment of a registration. Returns undefined when the scheduler takes more than 2 seconds. */
async function lookAtEvaluation(evaluationId: string, index: number, namespace: string, nomad: Nomad): Promise<Seen | undefined> {
  const soon = nomad.clock.timeout(SOON_MS);
  try {
    const { value: evaluation } = await nomad.evaluations.read(evaluationId, namespace, index, soon);
    if (evaluation?.Status !== 'complete') return undefined;
    const id = evaluation.DeploymentID;
    const deployment = id ? await nomad.deployments.read(id, namespace, 0, soon) : undefined;
    return deployment?.value === undefined ? { evaluation } : { evaluation, deployment: { ...deployment, value: deployment.value } };
  } catch {
    return undefined;
  }
}

/**
 * Returns the registration whose answer was lost, undefined when there is no newer version of this run, and the modify index of the newest version, 0 without
 * one. Throws `unknown-outcome` when Nomad can't be read.
 */
async function readBack(
  job: Job,
  { namespace, after, isConflict }: Registered & { readonly after: number; readonly isConflict: boolean },
  lost: unknown,
  nomad: Nomad,
): Promise<{ readonly ours?: Pick<Registration, 'evaluationId' | 'version' | 'jobModifyIndex'>; readonly index: number }> {
  const read = async (): Promise<RegisteredJob[]> => {
    const patience = nomad.patience();
    for (;;) {
      const versions = await nomad.jobs.versions(job.ID, namespace, patience);
      // After a conflict, a server that shows no newer version is behind.
      if (!isConflict || (versions[0]?.JobModifyIndex ?? 0) !== after) return versions;
      await nomad.clock.sleep(BEHIND_MS, patience);
    }
  };
  const versions = await read().catch((error: unknown) => {
    throw new ActionError(
      'unknown-outcome',
      `the result of the registration of ${job.ID} is not known: ${messageOf(lost)}; then ${messageOf(error)}`,
      {
        cause: error,
        hint: 'Check the job in Nomad before you run the workflow again.',
      },
    );
  });
  // A version that was stopped or rolled back to later has the same provenance.
  const ours = versions.findLast(
    (version) => version.JobModifyIndex > after && isDeepStrictEqual(provenanceOf(version), provenanceOf(job)),
  );
  const index = versions[0]?.JobModifyIndex ?? 0;
  if (ours === undefined) return { index };
  // The version is registered, whatever happens to this question: the watch finds its deployment without the evaluation.
  const evaluations = await nomad.jobs.evaluations(job.ID, namespace, nomad.patience()).catch(() => []);
  const evaluation = evaluations.find(
    ({ JobModifyIndex, TriggeredBy }) => JobModifyIndex === ours.JobModifyIndex && TriggeredBy === 'job-register',
  );
  return { ours: { evaluationId: evaluation?.ID ?? '', version: ours.Version, jobModifyIndex: ours.JobModifyIndex }, index };
}
