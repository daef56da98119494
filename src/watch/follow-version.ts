import { consulReader, type Verdict } from '../diagnose/index.ts';
import { ActionError, type Rollback, sentence, toActionError } from '../errors.ts';
import { hidingSecrets } from '../jobspec/index.ts';
import { hasSameSpec, type Nomad } from '../nomad/index.ts';
import type { Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import { type Registration, revertJob } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { allocationRecords } from '../report/summary/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { provenanceOf } from '../target/index.ts';
import { type Bad, explain, reasonOf } from './explain.ts';
import type { Following } from './following.ts';
import { leaveUnderWay } from './killed.ts';
import { copied, nextOf, stableBefore } from './newer.ts';
import { timeoutFor } from './rollout.ts';
import { verifying } from './verify-version.ts';
import { CONTINUES, watchJob } from './watch.ts';

/** The longest time that a rollback is followed. */
export const ROLLBACK_MS = 300_000;

/** The part of the 7.5 s that the runner gives a cancelled step. */
const CANCELLED_FAIL_MS = 4_000;

/** Watches a registered version to its verdict. Explains a failed verdict, and follows the rollback. */
export async function followRegistration(following: Following, job: Job, registration: Registration, run: Run): Promise<Result> {
  const { inputs, nomad, nomadUrl, draft } = following;
  // A task may print its own settings.
  const redact = hidingSecrets(draft.settings ?? [], run.runtime.redact);
  const current = { ...run, runtime: { ...run.runtime, redact } };
  const { runtime, note, stage } = current;
  const { terminal } = runtime;
  const live =
    terminal?.isTty.stdout === true && !terminal.json
      ? (await import('./terminal/live.ts')).liveScreen(job, registration.version, terminal, runtime.clock)
      : undefined;
  const checking = verifying(following, job, registration, current);
  const options = {
    timeoutMs: inputs.timeoutMs ?? timeoutFor(job, inputs.placementPatienceMs) + (inputs.bake?.forMs ?? 0),
    failFast: inputs.failFast,
    patienceMs: inputs.placementPatienceMs,
    promote: inputs.promote ?? ('spec' as const),
    groups: following.groups,
    logLines: inputs.logLines,
    consul: consulReader(inputs.consul, job, runtime, runtime.log.notice),
    onDeployment: (deploymentId: string) => {
      note({ deploymentId });
      leaveUnderWay(registration, deploymentId, following, runtime);
    },
    ...(checking.canaries === undefined ? {} : { verify: checking.canaries }),
    ...(live === undefined ? {} : { onState: live.show }),
  };
  leaveUnderWay(registration, registration.deploymentId, following, runtime);
  const watched = await stage('watch', `Watch ${job.ID} version ${registration.version}`, async () =>
    watchJob(job, registration, options, { nomad, runtime }),
  )
    .catch((thrown: unknown) => {
      throw goingOn(thrown, registration);
    })
    .finally(() => {
      live?.end();
      runtime.leaveWord('rollout', undefined);
    });
  const { snapshot } = watched;
  note({ allocations: allocationRecords(snapshot.allocations) });
  const deployed = watched.verdict.outcome === 'successful';
  const verdict = deployed ? ((await checking.afterwards()) ?? (await checking.watchOn()) ?? watched.verdict) : watched.verdict;
  if (verdict.outcome === 'successful') return { outcome: 'successful' };
  if (verdict.outcome === 'awaiting-promotion') {
    const hint = `${verdict.description}: nomad deployment promote ${snapshot.deployment?.ID ?? ''}`;
    runtime.log.notice(`${job.ID}: ${hint}`);
    return { outcome: 'awaiting-promotion', hint };
  }
  // Set `outcome` before collecting evidence, which can take seconds.
  note({ outcome: verdict.outcome, failureReason: reasonOf(verdict) });
  // One outage after the verdict is waited out, not one for each question.
  const late = nomad.patience();
  const bad = await completed(verdict, { deployment: snapshot.deployment, late }, registration, { ...following, runtime });
  const told = await explain(
    { snapshot, verdict: bad, evidence: [...(await checking.evidence()), ...watched.evidence] },
    following,
    current,
  );
  if (verdict.outcome !== 'failed')
    return verdict.outcome === 'superseded'
      ? told
      : { ...told, hint: [told.hint, nomadUrl && `See ${nomadUrl}`].filter(Boolean).join(' ') };
  // Nomad cannot fail a deployment that was successful.
  const running = deployed ? { running: `version ${registration.version}, the new one, whose deployment was successful` } : {};
  const back = verdict.rolledBackTo ?? (await rolledBack(snapshot.deployment, registration, nomad, late));
  return {
    ...told,
    ...running,
    ...(await afterFailure({ ...verdict, ...(back !== undefined && { rolledBackTo: back }) }, registration, following, current)),
  };
}

/** Returns an error with the state of the rollout, which continues without this run, in its hint. */
function goingOn(thrown: unknown, { jobId, version }: Registration): unknown {
  if (!(thrown instanceof ActionError) || !['permission-denied', 'unreachable'].includes(thrown.code)) return thrown;
  const left = `Version ${version} of ${jobId} is registered, and its rollout continues without this run.`;
  const { code, message, needsLogin } = thrown;
  return new ActionError(code, message, { cause: thrown, needsLogin, hint: [thrown.hint, left].filter(Boolean).join(' ') });
}

/** Returns a verdict with the version that replaced this one, and with what a cancelled workflow did to the deployment. */
async function completed(
  verdict: Bad,
  { deployment, late }: { readonly deployment: Deployment | undefined; readonly late: AbortSignal },
  registration: Registration,
  { inputs, nomad, runtime: { signal } }: Following & { readonly runtime: Runtime },
): Promise<Bad> {
  const { jobId, namespace, version } = registration;
  // The description of a cancelled deployment may be unknown; a stop makes a stopped version.
  const cancelled = verdict.outcome === 'cancelled' && deployment?.Status === 'cancelled' && !signal.aborted;
  if (verdict.outcome === 'superseded' || cancelled) {
    const versions = await nomad.jobs.versions(jobId, namespace, late).catch(() => []);
    const next = nextOf(versions, version);
    if (next === undefined || (next.Stop && cancelled)) return verdict;
    const description = `version ${version} was replaced by version ${next.Version}${ofRun(next)} before it was healthy`;
    return { outcome: 'superseded', description };
  }
  if (!signal.aborted || inputs.onCancel !== 'fail' || deployment?.Status === 'successful') return verdict;
  const what = await failDeployment(deployment?.ID, registration, nomad);
  return { ...verdict, description: `${verdict.description.replace(CONTINUES, '')}, and ${what}` };
}

/** Fails the deployment of a registered version, within the time of a cancelled step; returns the result in words. */
async function failDeployment(known: string | undefined, { jobId, namespace, version }: Registration, nomad: Nomad): Promise<string> {
  const signal = nomad.clock.timeout(CANCELLED_FAIL_MS);
  try {
    // A workflow can be cancelled before the deployment is known.
    const id = known ?? (await nomad.jobs.deployments(jobId, namespace, signal)).find(({ JobVersion }) => JobVersion === version)?.ID;
    if (id === undefined) return 'there is no deployment to fail';
    await nomad.deployments.fail(id, namespace, signal);
    return 'this run failed the deployment';
  } catch (error) {
    return `the deployment could not be failed: ${signal.aborted ? 'Nomad did not answer in time' : sentence(toActionError(error))}`;
  }
}

/** Returns the version that Nomad rolls back to by `auto_revert`, where the description of the deployment does not say so; undefined where there is none. */
export async function rolledBack(
  deployment: Deployment | undefined,
  { jobId, namespace, version }: Registration,
  nomad: Nomad,
  late: AbortSignal,
): Promise<number | undefined> {
  if (deployment?.Status !== 'failed' || !Object.values(deployment.TaskGroups ?? {}).some(({ AutoRevert }) => AutoRevert)) return undefined;
  const versions = await nomad.jobs.versions(jobId, namespace, late).catch(() => []);
  return copied(versions, version);
}

/** Rolls back after a failure where the input asks for it and the spec does not, and follows a rollback for a bounded time. */
export async function afterFailure(
  { reason, rolledBackTo }: Extract<Verdict, { outcome: 'failed' }>,
  registration: Registration,
  { inputs, nomad, dispatched }: Following,
  { runtime, stage }: Run,
): Promise<Result> {
  const { jobId, namespace, version } = registration;
  let target = rolledBackTo;
  let evaluationId: string | undefined;
  if (target === undefined && inputs.onFailure === 'revert' && dispatched !== true && !runtime.signal.aborted) {
    try {
      const versions = await nomad.jobs.versions(jobId, namespace, nomad.patience());
      const older = stableBefore(versions, version);
      const failed = versions.find(({ Version }) => Version === version);
      if (older === undefined) runtime.log.warning('The job is not rolled back: no older version was healthy.');
      else if (failed !== undefined && hasSameSpec(older, failed))
        runtime.log.warning(
          `The job is not rolled back: version ${older.Version}, the last healthy one, has the same spec as version ${version}.`,
        );
      else {
        target = older.Version;
        evaluationId = (await revertJob(older, { job: { ID: jobId, Version: version }, namespace }, nomad)).EvalID;
      }
    } catch (error) {
      const problem = toActionError(error);
      // The versions of the job show whether a rollback began whose answer was lost.
      if (problem.code !== 'unknown-outcome') {
        // The failure of the rollout comes first, so this is a warning.
        runtime.log.warning(
          `The job could not be rolled back to ${target === undefined ? 'an older version' : `version ${target}`}: ${sentence(problem)}`,
        );
        return {};
      }
    }
  }
  if (target === undefined || runtime.signal.aborted) return {};
  const goal = target;
  const { how, running } = await stage('rollback', `Watch the rollback to version ${goal}`, async () =>
    followBack(goal, { evaluationId, timeoutMs: Math.min(ROLLBACK_MS, inputs.timeoutMs ?? ROLLBACK_MS) }, registration, {
      nomad,
      runtime,
    }).catch((error: unknown) => {
      if (runtime.signal.aborted) throw error;
      // The failure of the rollout comes first, so this is a warning.
      runtime.log.warning(`The rollback to version ${goal} could not be followed: ${sentence(toActionError(error))}`);
      return { how: HOW['timed-out'], running: `version ${goal} (not confirmed)` };
    }),
  );
  runtime.log.info(`Running now: ${running}`);
  return { failureReason: `${reason}-${how}`, running };
}

const HOW: Readonly<Record<Verdict['outcome'], Rollback>> = {
  successful: 'rolled-back',
  failed: 'rollback-failed',
  superseded: 'rollback-superseded',
  cancelled: 'rollback-cancelled',
  'timed-out': 'rolling-back',
  'awaiting-promotion': 'rolling-back',
};

/** Follows a rollback for a bounded time; returns how it ended and which version runs then. */
async function followBack(
  goal: number,
  { evaluationId, timeoutMs }: { readonly evaluationId: string | undefined; readonly timeoutMs: number },
  { jobId, namespace, version }: Registration,
  { nomad, runtime }: { readonly nomad: Nomad; readonly runtime: Runtime },
): Promise<{ how: Rollback; running: string }> {
  const versions = await nomad.jobs.versions(jobId, namespace, nomad.patience());
  const old = versions.find(({ Version }) => Version === goal);
  const next = nextOf(versions, version);
  if (next === undefined) return { how: HOW['timed-out'], running: `version ${goal} (not confirmed)` };
  if (old !== undefined && provenanceOf(next).run !== provenanceOf(old).run) {
    return { how: HOW.superseded, running: `version ${next.Version}${ofRun(next)}, which was registered meanwhile` };
  }
  const evaluations = evaluationId === undefined ? await nomad.jobs.evaluations(jobId, namespace, nomad.patience()) : [];
  const back = {
    jobId,
    namespace,
    // Nomad's own evaluation has no modify index of the job, but was created with it.
    evaluationId: evaluationId ?? evaluations.find(({ CreateIndex }) => CreateIndex === next.JobModifyIndex)?.ID ?? '',
    version: next.Version,
    previousVersion: version,
  };
  // Canaries of a rollback wait for promotion, and nothing fails it.
  const options = {
    timeoutMs,
    failFast: false,
    patienceMs: Number.POSITIVE_INFINITY,
    promote: 'manual' as const,
    logLines: 0,
  };
  const { verdict, snapshot } = await watchJob(next, back, { ...options, onDeployment: () => undefined }, { nomad, runtime });
  const state =
    verdict.outcome === 'successful' ? (snapshot.deployment?.StatusDescription ?? 'all allocations are running') : verdict.description;
  return { how: HOW[verdict.outcome], running: `version ${next.Version}, a copy of version ${goal}: ${state}` };
}

/** Returns the run that registered a version, as ` of https://…`; empty where it is unknown. */
function ofRun(job: RegisteredJob): string {
  const { run } = provenanceOf(job);
  return run === undefined ? '' : ` of ${run}`;
}
