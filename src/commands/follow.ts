import { describeFailing, hasChecks } from '../checks.ts';
import { diagnose } from '../diagnose.ts';
import { ActionError, sentence, toActionError } from '../errors.ts';
import { META } from '../meta.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Allocation, CheckResult, Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import type { Registration } from '../register.ts';
import { allocationRecords, evidenceLines, type Result } from '../report/index.ts';
import { rulesOf, type Snapshot, timeoutFor, type Verdict } from '../rollout.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { specLocation } from '../spec-line.ts';
import { type Watched, watchJob } from '../watch/index.ts';
import type { Following, Run } from './command.ts';
import { leaveUnderWay } from './under-way.ts';
import { verifying } from './verifying.ts';

/** How long the deployment by which a version goes back may be followed. */
const ROLLBACK_MS = 300_000;
/** Of the 7.5 s that the runner gives a cancelled step. */
const CANCEL_MS = 4_000;

/** How long a single question about a rollout that is over may take, an outage included. */
const READ_MS = 30_000;

type Bad = Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }>;

/** Watches a registered version to its verdict; explains it when it is not good, and tells what runs then. */
export async function followRegistration(following: Following, job: Job, registration: Registration, current: Run): Promise<Result> {
  const { inputs, nomad, nomadUrl } = following;
  const { runtime, note, stage } = current;
  const checking = verifying(following, job, registration, current);
  const options = {
    timeoutMs: inputs.timeoutMs ?? timeoutFor(job, inputs.placementPatienceMs),
    failFast: inputs.failFast,
    patienceMs: inputs.placementPatienceMs,
    promote: inputs.promote ?? ('spec' as const),
    logLines: inputs.logLines,
    onDeployment: (deploymentId: string) => {
      note({ deploymentId });
      leaveUnderWay(registration, deploymentId, following, runtime);
    },
    ...(checking.canaries === undefined ? {} : { verify: checking.canaries }),
  };
  leaveUnderWay(registration, registration.deploymentId, following, runtime);
  const watched = await stage('watch', `Watch ${job.ID} version ${registration.version}`, async () =>
    watchJob(job, registration, options, nomad, runtime),
  )
    .catch((thrown: unknown) => {
      throw goingOn(thrown, registration);
    })
    .finally(() => runtime.leaveWord('rollout', undefined));
  const { snapshot } = watched;
  note({ allocations: allocationRecords(snapshot.allocations) });
  const deployed = watched.verdict.outcome === 'successful';
  const verdict = deployed ? ((await checking.afterwards()) ?? watched.verdict) : watched.verdict;
  if (verdict.outcome === 'successful') return { outcome: 'successful' };
  if (verdict.outcome === 'awaiting-promotion') {
    const hint = `${verdict.description}: nomad deployment promote ${snapshot.deployment?.ID ?? ''}`;
    runtime.log.notice(`${job.ID}: ${hint}`);
    return { outcome: 'awaiting-promotion', hint };
  }
  // Nobody who waits for the outputs has to wait for the reasons.
  note({ outcome: verdict.outcome, failureReason: reasonOf(verdict) });
  const bad = await completed(verdict, snapshot, registration, following, runtime);
  const told = await explain(
    { snapshot, verdict: bad, evidence: [...(await checking.evidence()), ...watched.evidence] },
    following,
    current,
  );
  if (verdict.outcome !== 'failed')
    return verdict.outcome === 'superseded'
      ? told
      : { ...told, hint: [told.hint, nomadUrl && `See ${nomadUrl}`].filter(Boolean).join(' ') };
  // Nomad is content with it, and can't fail its deployment any more.
  const running = deployed ? { running: `version ${registration.version}, the new one: its deployment was successful` } : {};
  return { ...told, ...running, ...(await afterFailure(verdict, registration, following, current)) };
}

/** Who can't watch any more says what is left: a rollout does not need anybody. */
function goingOn(thrown: unknown, { jobId, version }: Registration): unknown {
  if (!(thrown instanceof ActionError) || !['permission-denied', 'unreachable'].includes(thrown.code)) return thrown;
  const left = `Version ${version} of ${jobId} is registered, and its rollout goes on without this run.`;
  return new ActionError(thrown.code, thrown.message, { cause: thrown, hint: [thrown.hint, left].filter(Boolean).join(' ') });
}

/** The output `failure-reason` of a verdict, before anything goes back. */
const reasonOf = (verdict: Bad): string => (verdict.outcome === 'failed' ? verdict.reason : verdict.outcome);

/** A verdict with what only the cluster knows: by whom a version was replaced, and what a cancelled workflow did to its deployment. */
async function completed(
  verdict: Bad,
  { deployment }: Snapshot,
  registration: Registration,
  { inputs, nomad }: Following,
  { signal }: Runtime,
): Promise<Bad> {
  const { jobId, namespace, version } = registration;
  if (verdict.outcome === 'superseded') {
    const versions = await nomad.jobs.versions(jobId, namespace, AbortSignal.timeout(READ_MS)).catch(() => []);
    const newer = versions.filter(({ Version }) => Version > version);
    const next = newer.sort((a, b) => a.Version - b.Version)[0];
    return next === undefined
      ? verdict
      : { ...verdict, description: `version ${version} was replaced by version ${next.Version}${ofRun(next)} before it was healthy` };
  }
  if (!signal.aborted || inputs.onCancel !== 'fail' || deployment?.Status === 'successful') return verdict;
  const what = await failDeployment(deployment?.ID, registration, nomad);
  return { ...verdict, description: `${verdict.description.replace(' while the rollout went on', '')}, and ${what}` };
}

/** Fails the deployment of a registered version, as long as a cancelled workflow can wait for it; says what came of it. */
async function failDeployment(known: string | undefined, { jobId, namespace, version }: Registration, nomad: Nomad): Promise<string> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    // The workflow may be cancelled before the deployment is known.
    const id = known ?? (await nomad.jobs.deployments(jobId, namespace, signal)).find(({ JobVersion }) => JobVersion === version)?.ID;
    if (id === undefined) return 'it has no deployment that could be failed';
    await nomad.deployments.fail(id, namespace, signal);
    return 'its deployment was failed';
  } catch (error) {
    return `its deployment could not be failed: ${signal.aborted ? 'Nomad did not answer in time' : sentence(toActionError(error))}`;
  }
}

/** After a failure: goes back where the user wants it and the spec does not, and follows the way back to its end, bounded. */
async function afterFailure(
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
      const versions = await nomad.jobs.versions(jobId, namespace, AbortSignal.timeout(READ_MS));
      const stable = versions.filter(({ Version, Stable }) => Version < version && Stable === true);
      target = stable.sort((a, b) => b.Version - a.Version)[0]?.Version;
      if (target === undefined) runtime.log.warning('There is no older version that was healthy: nothing to go back to.');
      else evaluationId = (await nomad.jobs.revert(jobId, target, version, namespace)).EvalID;
    } catch (error) {
      const problem = toActionError(error);
      // Whether it goes back when the answer was lost, the versions of the job tell.
      if (problem.code !== 'unknown-outcome') {
        // What failed is the news, and comes first.
        runtime.log.warning(
          `The job could not go back to ${target === undefined ? 'an older version' : `version ${target}`}: ${sentence(problem)}`,
        );
        return {};
      }
    }
  }
  if (target === undefined || runtime.signal.aborted) return {};
  const goal = target;
  const { how, running } = await stage('rollback', `Watch the way back to version ${goal}`, async () =>
    followBack(goal, { evaluationId, timeoutMs: Math.min(ROLLBACK_MS, inputs.timeoutMs ?? ROLLBACK_MS) }, registration, nomad, runtime),
  );
  runtime.log.info(`Now: ${running}`);
  return { failureReason: `${reason}-${how}`, running };
}

const HOW: Readonly<Record<Verdict['outcome'], string>> = {
  successful: 'rolled-back',
  failed: 'rollback-failed',
  superseded: 'rollback-superseded',
  cancelled: 'rollback-cancelled',
  'timed-out': 'rolling-back',
  'awaiting-promotion': 'rolling-back',
};

/** Follows the version by which a job goes back to an older one, for a bounded time: the report says what runs in the end. */
async function followBack(
  goal: number,
  { evaluationId, timeoutMs }: { readonly evaluationId: string | undefined; readonly timeoutMs: number },
  { jobId, namespace, version }: Registration,
  nomad: Nomad,
  runtime: Runtime,
): Promise<{ how: string; running: string }> {
  const versions = await nomad.jobs.versions(jobId, namespace, AbortSignal.timeout(READ_MS));
  const old = versions.find(({ Version }) => Version === goal);
  const next = versions.filter(({ Version }) => Version > version).sort((a, b) => a.Version - b.Version)[0];
  if (next === undefined) return { how: HOW['timed-out'], running: `version ${goal}, as far as is known` };
  if (old !== undefined && next.Meta?.[META.run] !== old.Meta?.[META.run]) {
    return { how: HOW.superseded, running: `version ${next.Version}${ofRun(next)}, which was registered meanwhile` };
  }
  const evaluations = evaluationId === undefined ? await nomad.jobs.evaluations(jobId, namespace, AbortSignal.timeout(READ_MS)) : [];
  const back = {
    jobId,
    namespace,
    // One that Nomad registers by itself has no modify index of the job, but was made with it.
    evaluationId: evaluationId ?? evaluations.find(({ CreateIndex }) => CreateIndex === next.JobModifyIndex)?.ID ?? '',
    version: next.Version,
    previousVersion: version,
  };
  // Nobody looks after canaries of a way back, and nothing is to fail it.
  const options = {
    timeoutMs,
    failFast: false,
    patienceMs: Number.POSITIVE_INFINITY,
    promote: 'manual' as const,
    logLines: 0,
  };
  const { verdict, snapshot } = await watchJob(next, back, { ...options, onDeployment: () => undefined }, nomad, runtime);
  const state = verdict.outcome === 'successful' ? (snapshot.deployment?.StatusDescription ?? 'all of it runs') : verdict.description;
  return { how: HOW[verdict.outcome], running: `version ${next.Version}, a copy of version ${goal}: ${state}` };
}

/** ` of https://…`: the run that registered a version, if it says so. */
function ofRun({ Meta }: RegisteredJob): string {
  const run = Meta?.[META.run];
  return run === undefined ? '' : ` of ${run}`;
}

/** The cluster has this very job already: nothing is registered, but it has to be well, and what is under way is followed to its end. */
export async function followUnchanged(
  following: Following,
  job: Job,
  live: RegisteredJob,
  deployment: Deployment | undefined,
  current: Run,
): Promise<Result> {
  const { runtime, note } = current;
  const { nomad, draft } = following;
  const { namespace } = draft;
  note({ jobVersion: live.Version, ...(deployment === undefined ? {} : { deploymentId: deployment.ID }) });
  if (live.Periodic || live.ParameterizedJob) return { outcome: 'unchanged' };
  const attach = async (what: string): Promise<Result> => {
    runtime.log.info(`Version ${live.Version} is this very job, and ${what}: following it`);
    const underWay = { jobId: job.ID, namespace, evaluationId: '', version: live.Version, previousVersion: undefined };
    return followRegistration(
      following,
      job,
      { ...underWay, ...(deployment === undefined ? {} : { deploymentId: deployment.ID }) },
      current,
    );
  };
  const unchanged = async (allocations: readonly Allocation[]): Promise<Result> => {
    note({ allocations: allocationRecords(allocations) });
    const checking = verifying(following, job, { jobId: job.ID, namespace, version: live.Version }, current);
    const problem = await checking.afterwards();
    if (problem === undefined) return { outcome: 'unchanged' };
    const snapshot = { evaluation: undefined, deployment, allocations };
    return explain({ verdict: problem, snapshot, evidence: await checking.evidence() }, following, current);
  };
  if (deployment !== undefined && deployment.Status !== 'successful') return attach(`its deployment is ${deployment.Status}`);
  const { kind, count } = rulesOf(live);
  if (kind === 'batch') return live.Status === 'dead' ? unchanged([]) : attach('it is not done');

  const soon = AbortSignal.any([runtime.signal, AbortSignal.timeout(READ_MS)]);
  const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, soon);
  const allocations = value.filter(({ DesiredStatus, NextAllocation }) => DesiredStatus === 'run' && !NextAllocation);
  const running = allocations.filter(({ ClientStatus }) => ClientStatus === 'running');
  const checks = hasChecks(job) ? await failingChecks(running, namespace, nomad, runtime) : {};
  const failing = Object.values(checks).flat()[0];
  if (running.length >= Math.max(count, allocations.length) && failing === undefined) return unchanged(allocations);
  // Nomad has not judged it yet, nor has anybody else.
  if (deployment === undefined && failing === undefined) return attach(`${running.length} of its ${count} allocations are running`);
  const missing =
    failing === undefined
      ? `only ${running.length} of its ${count} allocations are running`
      : `not all of it is healthy: ${describeFailing(failing)}`;
  const description = `Nomad has this version already, but ${missing}`;
  const snapshot = { evaluation: undefined, deployment, allocations, checks };
  return explain({ verdict: { outcome: 'failed', reason: 'unhealthy', description }, snapshot, evidence: [] }, following, current);
}

/** Allocations whose checks are read of a job that nobody changed. */
const MAX_CHECKED = 3;

async function failingChecks(
  allocations: readonly Allocation[],
  namespace: string,
  nomad: Nomad,
  { signal }: Runtime,
): Promise<Record<string, readonly CheckResult[]>> {
  const read = await Promise.all(
    allocations.slice(0, MAX_CHECKED).map(async ({ ID }) => [ID, await nomad.allocations.checks(ID, namespace, signal)] as const),
  );
  return Object.fromEntries(read.map(([id, results]) => [id, results.filter(({ Status }) => Status === 'failure')]));
}

async function explain(
  { verdict, snapshot, evidence: collected }: Omit<Watched, 'verdict'> & { readonly verdict: Bad },
  { inputs, draft, nomad, rendering }: Following,
  { runtime, stage, note }: Run,
): Promise<Result> {
  const description = verdict.description.replace(/ - rolling back to job version \d+$/, '');
  // A cancelled run has a few seconds left: enough to tell the state, not to collect evidence.
  const { cause, about, evidence } = runtime.signal.aborted
    ? { cause: description, about: { kind: 'none' } as const, evidence: [] }
    : await stage('diagnose', 'Why: events, checks and logs of the allocations that are not well', async () => {
        const found = await diagnose(
          { ...verdict, description },
          snapshot,
          { job: draft.job, namespace: draft.namespace, logLines: inputs.logLines, collected },
          nomad,
          runtime,
        );
        for (const line of evidenceLines(found)) runtime.log.info(line);
        return found;
      });
  const { outcome } = verdict;
  const wentBack = outcome === 'failed' && verdict.rolledBackTo !== undefined ? `Nomad goes back to version ${verdict.rolledBackTo}.` : '';
  const stays =
    outcome === 'failed' && verdict.reason === 'placement-failed' && snapshot.deployment === undefined
      ? `The job stays registered and is placed when there is room for it, unless somebody stops it: nomad job stop ${draft.job.ID}`
      : '';
  // Said only once: a cause that could not be told more closely is the description, or ends in it.
  const detail = cause.endsWith(description) ? '' : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
  const hint = [detail, wentBack, stays].filter((part) => part !== '').join(' ');
  const location = specLocation(about, rendering.spec);
  runtime.log.error([cause, hint].filter((part) => part !== '').join('. '), `${draft.job.ID}: ${outcome}`, location);
  const told = { outcome, failureReason: reasonOf(verdict), cause, ...(location === undefined ? {} : { location }) };
  // Before anything that comes after a failure: the way back may take minutes.
  note(told);
  return { ...told, evidence, ...(hint === '' ? {} : { hint }) };
}
