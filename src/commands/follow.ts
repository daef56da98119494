import { diagnose } from '../diagnose.ts';
import type { Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import type { Registration } from '../register.ts';
import { evidenceLines, type Result } from '../report.ts';
import type { Snapshot, Verdict } from '../rollout.ts';
import { timeoutFor, watchJob } from '../watch.ts';
import { type Deploying, place, type Run } from './command.ts';

/** Watches a registered version to its verdict, and explains it when it is not good. */
export async function followRegistration(deploying: Deploying, job: Job, registration: Registration, current: Run): Promise<Result> {
  const { inputs, nomad } = deploying;
  const { runtime, note, stage } = current;
  const options = {
    timeoutMs: inputs.timeoutMs ?? timeoutFor(job),
    failFast: inputs.failFast,
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
  return verdict.outcome === 'successful' ? { outcome: 'successful' } : explain(verdict, snapshot, deploying, current);
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
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  snapshot: Snapshot,
  { inputs, draft, nomad, rendering }: Deploying,
  { runtime, stage }: Run,
): Promise<Result> {
  const description = verdict.description.replace(/ - rolling back to job version \d+$/, '');
  // A cancelled run has a few seconds left: enough to tell the state, not to collect evidence.
  const { cause, evidence } = runtime.signal.aborted
    ? { cause: description, evidence: [] }
    : await stage('diagnose', 'Why: events, checks and logs of the allocations that are not well', async () => {
        const found = await diagnose({ ...verdict, description }, snapshot, draft.namespace, inputs.logLines, nomad, runtime);
        for (const line of evidenceLines(found)) runtime.log.info(line);
        return found;
      });
  const { outcome } = verdict;
  const wentBack = outcome === 'failed' && verdict.rolledBackTo !== undefined ? `Nomad goes back to version ${verdict.rolledBackTo}.` : '';
  const failureReason = outcome === 'failed' ? `${verdict.reason}${wentBack === '' ? '' : '-rolled-back'}` : outcome;
  // Said only once: a cause that could not be told more closely is the description, or ends in it.
  const detail = cause.endsWith(description) ? '' : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
  const hint = [detail, wentBack].filter((part) => part !== '').join(' ');
  runtime.log.error([cause, hint].filter((part) => part !== '').join('. '), `${draft.job.ID}: ${outcome}`, place(rendering.spec));
  return { outcome, failureReason, cause, evidence, ...(hint === '' ? {} : { hint }) };
}
