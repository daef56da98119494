import { isDeepStrictEqual } from 'node:util';
import { ActionError, messageOf, toActionError } from '../errors.ts';
import type { Jobspec } from '../jobspec/index.ts';
import type { Nomad, RegisterResult } from '../nomad/index.ts';
import type { Deployment, Evaluation, Job, RegisteredJob } from '../nomad/types.ts';
import type { Plan } from '../plan/index.ts';
import { provenanceOf } from '../target/index.ts';

/** How often a registration that did not get through is sent. */
const ATTEMPTS = 3;

/** How long a question about it may take, an outage included. */
const READ_MS = 60_000;

/** The scheduler of a cluster that is well takes milliseconds. */
const SOON_MS = 2_000;

/** A registration of this run: the identity of everything that is watched and reported afterwards. */
export interface Registration {
  readonly jobId: string;
  readonly namespace: string;
  /** Empty for periodic and parameterized jobs, which do not run at once. */
  readonly evaluationId: string;
  /** Known beforehand when an earlier run registered this very job and its deployment is still under way. */
  readonly deploymentId?: string;
  readonly version: number;
  /** The job's modify index after the registration. A purged job counts its versions anew, so the version alone does not identify it. */
  readonly jobModifyIndex?: number;
  readonly previousVersion: number | undefined;
  /** The objects that were read to know the version, and need not be read again. */
  readonly seen?: Seen;
}

/** The first that a cluster tells of a registration. */
interface Seen {
  readonly evaluation: Evaluation;
  /** None where the job gets none. */
  readonly deployment?: { readonly value: Deployment; readonly index: number };
}

/**
 * Registers the planned job, guarded by the plan's modify index (`EnforceIndex`). Gives `conflict` with Nomad's words when the job changed since
 * the plan; nothing is registered then. A registration whose answer got lost is looked for, and repeated only when it did not take place. Throws
 * `unreachable` when it does not get through, and `unknown-outcome` when nobody can tell.
 */
export async function registerJob(
  job: Job,
  { source, format, variables, namespace }: Pick<Jobspec, 'source' | 'format' | 'variables' | 'namespace'>,
  plan: Plan,
  live: RegisteredJob | undefined,
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
    if (lost === undefined || (result !== undefined && 'response' in result)) continue;
    // An answer was lost: what is registered tells. A conflict after it may be with ourselves.
    const ours = await readBack(job, namespace, plan, nomad, lost);
    if (ours !== undefined) return { ...common, ...ours };
    if (result === undefined && attempt === ATTEMPTS) {
      throw new ActionError('unreachable', `the registration of ${job.ID} did not get through: ${messageOf(lost)}`, {
        hint: 'Nothing was registered; run the job again.',
      });
    }
  }
  if ('conflict' in result) return result;
  const { EvalID, JobModifyIndex } = result.response;
  const seen = EvalID === '' || (job.Type ?? 'service') !== 'service' ? undefined : await lookAt(EvalID, JobModifyIndex, namespace, nomad);
  const deployment = seen?.deployment?.value;
  // Somebody may have registered again meanwhile: our version is the one that our request made.
  const version =
    deployment?.JobSpecModifyIndex === JobModifyIndex
      ? deployment.JobVersion
      : await versionOf(job.ID, JobModifyIndex, live === undefined ? 0 : live.Version + 1, namespace, nomad);
  return { ...common, evaluationId: EvalID, version, jobModifyIndex: JobModifyIndex, ...(seen && { seen }) };
}

/** The version that a registration made; `otherwise` when it can't be read now, which is no failure of the registration. */
async function versionOf(id: string, index: number, otherwise: number, namespace: string, nomad: Nomad): Promise<number> {
  const versions = await nomad.jobs.versions(id, namespace).catch((): RegisteredJob[] => []);
  return versions.find(({ JobModifyIndex }) => JobModifyIndex === index)?.Version ?? otherwise;
}

/** What the scheduler makes of a registration, if it does so at once: the deployment tells the version, and is followed anyway. */
async function lookAt(evaluationId: string, index: number, namespace: string, nomad: Nomad): Promise<Seen | undefined> {
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
 * Looks for a registration whose answer was lost: it took place if there is a newer version of this very run. Throws `unknown-outcome` when Nomad can't be
 * asked.
 */
async function readBack(
  job: Job,
  namespace: string,
  plan: Plan,
  nomad: Nomad,
  lost: unknown,
): Promise<Pick<Registration, 'evaluationId' | 'version' | 'jobModifyIndex'> | undefined> {
  const versions = await nomad.jobs.versions(job.ID, namespace, nomad.clock.timeout(READ_MS)).catch((error: unknown) => {
    throw new ActionError(
      'unknown-outcome',
      `whether ${job.ID} was registered is not known: ${messageOf(lost)}; then ${messageOf(error)}`,
      {
        cause: error,
        hint: 'Look at the job in Nomad before running this again.',
      },
    );
  });
  const ours = versions.find(
    (version) => version.JobModifyIndex > plan.jobModifyIndex && isDeepStrictEqual(provenanceOf(version), provenanceOf(job)),
  );
  if (ours === undefined) return undefined;
  const evaluation = (await nomad.jobs.evaluations(job.ID, namespace, nomad.clock.timeout(READ_MS))).find(
    ({ JobModifyIndex, TriggeredBy }) => JobModifyIndex === ours.JobModifyIndex && TriggeredBy === 'job-register',
  );
  return { evaluationId: evaluation?.ID ?? '', version: ours.Version, jobModifyIndex: ours.JobModifyIndex };
}
