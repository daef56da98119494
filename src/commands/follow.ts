import { diagnose } from '../diagnose.ts';
import { META } from '../meta.ts';
import type { Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import type { Registration } from '../register.ts';
import { evidenceLines, type Result } from '../report.ts';
import type { Snapshot, Verdict } from '../rollout.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { timeoutFor, watchJob, watchRollback } from '../watch.ts';
import { type Deploying, place, type Run } from './command.ts';

/** How long the deployment by which a version goes back may be followed. */
const ROLLBACK_MS = 300_000;

type Bad = Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }>;

/** Watches a registered version to its verdict; explains it when it is not good, and tells what runs then. */
export async function followRegistration(deploying: Deploying, job: Job, registration: Registration, current: Run): Promise<Result> {
  const { inputs, nomad, nomadUrl } = deploying;
  const { runtime, note, stage } = current;
  const options = {
    timeoutMs: inputs.timeoutMs ?? timeoutFor(job, inputs.placementPatienceMs),
    failFast: inputs.failFast,
    patienceMs: inputs.placementPatienceMs,
    promote: inputs.promote ?? ('spec' as const),
    onDeployment: (deploymentId: string) => note({ deploymentId }),
  };
  const { verdict, snapshot } = await stage('watch', `Watch ${job.ID} version ${registration.version}`, async () =>
    watchJob(job, registration, options, nomad, runtime),
  );
  note({
    allocations: snapshot.allocations.map(({ ID, Name, NodeName, ClientStatus, DeploymentStatus }) => ({
      id: ID,
      name: Name,
      node: NodeName,
      status: ClientStatus,
      healthy: DeploymentStatus?.Healthy ?? null,
    })),
  });
  if (verdict.outcome === 'successful') return { outcome: 'successful' };
  if (verdict.outcome === 'awaiting-promotion') {
    const hint = `${verdict.description}: nomad deployment promote ${snapshot.deployment?.ID ?? ''}`;
    runtime.log.notice(`${job.ID}: ${hint}`);
    return { outcome: 'awaiting-promotion', hint };
  }
  const told = await explain(await completed(verdict, snapshot, registration, deploying, runtime), snapshot, deploying, current);
  if (verdict.outcome !== 'failed')
    return verdict.outcome === 'superseded' ? told : { ...told, hint: [told.hint, `See ${nomadUrl}`].filter(Boolean).join(' ') };
  return { ...told, ...(await afterFailure(verdict, registration, deploying, current)) };
}

/** A verdict with what only the cluster knows: by whom a version was replaced, and what a cancelled workflow did to its deployment. */
async function completed(
  verdict: Bad,
  { deployment }: Snapshot,
  registration: Registration,
  { inputs, nomad }: Deploying,
  { signal }: Runtime,
): Promise<Bad> {
  const { jobId, namespace, version } = registration;
  if (verdict.outcome === 'superseded') {
    const newer = (await nomad.jobs.versions(jobId, namespace)).filter(({ Version }) => Version > version);
    const next = newer.sort((a, b) => a.Version - b.Version)[0];
    const run = next?.Meta?.[META.run];
    return next === undefined
      ? verdict
      : {
          ...verdict,
          description: `version ${version} was replaced by version ${next.Version}${run === undefined ? '' : ` of ${run}`} before it was healthy`,
        };
  }
  if (signal.aborted && inputs.onCancel === 'fail' && deployment !== undefined) {
    await nomad.deployments.fail(deployment.ID, namespace);
    return { ...verdict, description: `${verdict.description.replace(' while the rollout went on', '')}, and its deployment was failed` };
  }
  return verdict;
}

/** After a failure: goes back where the user wants it and the spec does not, and follows the way back to its end, bounded. */
async function afterFailure(
  { reason, rolledBackTo }: Extract<Verdict, { outcome: 'failed' }>,
  registration: Registration,
  { inputs, nomad }: Deploying,
  { runtime, stage }: Run,
): Promise<Result> {
  const { jobId, namespace, version } = registration;
  let target = rolledBackTo;
  if (target === undefined && inputs.onFailure === 'revert' && !runtime.signal.aborted) {
    const stable = (await nomad.jobs.versions(jobId, namespace)).filter(({ Version, Stable }) => Version < version && Stable === true);
    target = stable.sort((a, b) => b.Version - a.Version)[0]?.Version;
    if (target === undefined) runtime.log.warning('There is no older version that was healthy: nothing to go back to.');
    else await nomad.jobs.revert(jobId, target, version, namespace);
  }
  if (target === undefined || runtime.signal.aborted) return {};
  const goal = target;
  const rollback = await stage('rollback', `Watch the way back to version ${goal}`, async () =>
    watchRollback(registration, ROLLBACK_MS, nomad, runtime),
  );
  const state = rollback?.Status === 'successful' ? 'rolled-back' : rollback?.Status === 'failed' ? 'rollback-failed' : 'rolling-back';
  const running =
    rollback === undefined
      ? `version ${goal}, as far as is known`
      : `version ${rollback.JobVersion}, a copy of version ${goal}: ${rollback.StatusDescription}`;
  runtime.log.info(`Now: ${running}`);
  return { failureReason: `${reason}-${state}`, running };
}

/** The cluster has this very job already: nothing is registered, but it has to be well, and a deployment under way is followed to its end. */
export async function followUnchanged(
  deploying: Deploying,
  job: Job,
  live: RegisteredJob,
  deployment: Deployment | undefined,
  current: Run,
): Promise<Result> {
  const { runtime, note } = current;
  const { namespace } = deploying.draft;
  note({ jobVersion: live.Version, ...(deployment === undefined ? {} : { deploymentId: deployment.ID }) });
  if (deployment !== undefined && deployment.Status !== 'successful') {
    runtime.log.info(`Version ${live.Version} is this very job, and its deployment is ${deployment.Status}: following it`);
    const underWay = { jobId: job.ID, namespace, evaluationId: '', deploymentId: deployment.ID, version: live.Version };
    return followRegistration(deploying, job, { ...underWay, previousVersion: undefined }, current);
  }
  if (live.Type !== 'service') return { outcome: 'unchanged' };
  const { value } = await deploying.nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
  const wanted = value.filter(({ DesiredStatus }) => DesiredStatus === 'run');
  const running = wanted.filter(({ ClientStatus }) => ClientStatus === 'running').length;
  const count = (live.TaskGroups ?? []).reduce((sum, { Count }) => sum + (Count ?? 0), 0);
  if (running >= count) return { outcome: 'unchanged' };
  const description = `Nomad has this version already, but only ${running} of its ${count} allocations are running`;
  const snapshot = { evaluation: undefined, deployment, allocations: wanted };
  return explain({ outcome: 'failed', reason: 'unhealthy', description }, snapshot, deploying, current);
}

async function explain(
  verdict: Bad,
  snapshot: Snapshot,
  { inputs, draft, nomad, rendering }: Deploying,
  { runtime, stage }: Run,
): Promise<Result> {
  const description = verdict.description.replace(/ - rolling back to job version \d+$/, '');
  // A cancelled run has a few seconds left: enough to tell the state, not to collect evidence.
  const { cause, evidence } = runtime.signal.aborted
    ? { cause: description, evidence: [] }
    : await stage('diagnose', 'Why: events, checks and logs of the allocations that are not well', async () => {
        const found = await diagnose(
          { ...verdict, description },
          snapshot,
          { job: draft.job, namespace: draft.namespace, logLines: inputs.logLines, collected: [] },
          nomad,
          runtime,
        );
        for (const line of evidenceLines(found)) runtime.log.info(line);
        return found;
      });
  const { outcome } = verdict;
  const wentBack = outcome === 'failed' && verdict.rolledBackTo !== undefined ? `Nomad goes back to version ${verdict.rolledBackTo}.` : '';
  // Said only once: a cause that could not be told more closely is the description, or ends in it.
  const detail = cause.endsWith(description) ? '' : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
  const hint = [detail, wentBack].filter((part) => part !== '').join(' ');
  runtime.log.error([cause, hint].filter((part) => part !== '').join('. '), `${draft.job.ID}: ${outcome}`, place(rendering.spec));
  return { outcome, failureReason: outcome === 'failed' ? verdict.reason : outcome, cause, evidence, ...(hint === '' ? {} : { hint }) };
}
