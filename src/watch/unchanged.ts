import { countsChecks, describeFailing, hasChecks, isIgnored, type Snapshot, shortId } from '../diagnose/index.ts';
import { hasAttemptsLeft, type Nomad, reschedulePolicyOf, rulesOf } from '../nomad/index.ts';
import type { Allocation, CheckResult, Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import { allocationRecords } from '../report/summary/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { describeUnread } from './checks.ts';
import { explain } from './explain.ts';
import { followRegistration } from './follow-version.ts';
import type { Following } from './following.ts';
import { isUp } from './rollout.ts';
import { verifying } from './verify-version.ts';

/** How long a single question may take, an outage included. */
const UNCHANGED_READ_MS = 30_000;

/** Allocations whose checks are read of a job that nobody changed. */
const MAX_CHECKED = 3;

/** How a registered version is, as far as one look can tell; `what` is wrong with it, or still to come. */
export type Condition =
  | { readonly how: 'well'; readonly allocations: readonly Allocation[] }
  | { readonly how: 'under way'; readonly what: string }
  | { readonly how: 'unwell'; readonly what: string; readonly snapshot: Snapshot };

/** The allocations of all versions of a job. */
export async function allocationsOf(
  { ID }: RegisteredJob,
  namespace: string,
  nomad: Nomad,
  { signal, clock }: Runtime,
): Promise<Allocation[]> {
  const soon = AbortSignal.any([signal, clock.timeout(UNCHANGED_READ_MS)]);
  return (await nomad.jobs.allocations(ID, namespace, 0, soon)).value;
}

/** Looks at the registered job once: does all that it asks for run, and do its checks pass? Its allocations are read where they tell. */
export async function lookAt(
  live: RegisteredJob,
  deployment: Deployment | undefined,
  read: () => Promise<readonly Allocation[]>,
  namespace: string,
  nomad: Nomad,
  runtime: Runtime,
): Promise<Condition> {
  if (live.Periodic || live.ParameterizedJob) return { how: 'well', allocations: [] };
  if (deployment !== undefined && deployment.Status !== 'successful')
    return { how: 'under way', what: `its deployment is ${deployment.Status}` };
  const { kind, count } = rulesOf(live);
  if (kind === 'batch') return live.Status === 'dead' ? { how: 'well', allocations: [] } : { how: 'under way', what: 'it is not done' };

  const allocations = (await read()).filter(({ DesiredStatus, NextAllocation }) => DesiredStatus === 'run' && !NextAllocation);
  const running = allocations.filter((allocation) => isUp(allocation, live));
  // Nomad before 1.11 has no deployments of system jobs, so it judges no health of them.
  const isJudged = live.Type !== 'system' || deployment !== undefined;
  const judged = running.filter(({ TaskGroup }) => isJudged && countsChecks(live, TaskGroup));
  const checks = hasChecks(live) ? await failingChecks(judged, namespace, nomad, runtime) : {};
  const failing = Object.values(checks).flat()[0];
  // One on a node that is disconnected may come back; where Nomad has replaced it, nothing is missing.
  const missing = allocations.filter((allocation) => !running.includes(allocation) && allocation.ClientStatus !== 'unknown');
  if (running.length >= count && missing.length === 0 && failing === undefined) return { how: 'well', allocations };
  const some = `${running.length} of its ${Math.max(count, running.length + missing.length)} allocations are running`;
  // Without a deployment or a failing check, the version is still starting, unless Nomad has given up an allocation.
  if (deployment === undefined && failing === undefined && !missing.some((allocation) => isGivenUp(allocation, live)))
    return { how: 'under way', what: some };
  return {
    how: 'unwell',
    what:
      failing === undefined
        ? `only ${some}${startAgain(live, missing, namespace)}`
        : `not all of it is healthy: ${describeFailing(failing)}`,
    snapshot: { evaluation: undefined, deployment, allocations, checks },
  };
}

/** Returns whether Nomad reschedules a failed allocation no more. Where attempts are left, its next evaluation exists only a moment after the failure. */
function isGivenUp(allocation: Allocation, job: RegisteredJob): boolean {
  return allocation.ClientStatus === 'failed' && !allocation.FollowupEvalID && !hasAttemptsLeft(allocation, job);
}

/** Says how an allocation is started again for which Nomad's `reschedule` has no other attempt. */
function startAgain(job: RegisteredJob, missing: readonly Allocation[], namespace: string): string {
  const { ID } = job;
  const given = missing.find(({ ClientStatus, FollowupEvalID }) => ClientStatus === 'failed' && !FollowupEvalID);
  if (given === undefined) return '';
  const policy = reschedulePolicyOf(job, given);
  const how =
    policy?.Unlimited === true || (policy?.Attempts ?? 0) > 0
      ? `\`nomad job eval -force-reschedule -namespace=${namespace} ${ID}\` starts it again`
      : `a version that changes the group ${given.TaskGroup} starts it again, or \`command: stop\` and another deploy`;
  return `, and Nomad reschedules allocation ${shortId(given.ID)} no more: ${how}`;
}

async function failingChecks(
  allocations: readonly Allocation[],
  namespace: string,
  nomad: Nomad,
  { signal, log }: Runtime,
): Promise<Record<string, readonly CheckResult[]>> {
  const read = await Promise.all(
    allocations.slice(0, MAX_CHECKED).map(async (allocation) => {
      const { ID } = allocation;
      const results = await nomad.allocations.checks(ID, namespace, signal);
      if (results === undefined) log.warning(describeUnread(allocation));
      return [ID, results ?? []] as const;
    }),
  );
  const failing = (result: CheckResult): boolean => result.Status === 'failure' && !isIgnored(result);
  return Object.fromEntries(read.map(([id, results]) => [id, results.filter(failing)]));
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
  const condition = await lookAt(live, deployment, async () => allocationsOf(live, namespace, nomad, runtime), namespace, nomad, runtime);
  if (condition.how === 'under way') {
    runtime.log.info(`Version ${live.Version} is this very job, and ${condition.what}: following it`);
    const underWay = {
      jobId: job.ID,
      namespace,
      evaluationId: '',
      version: live.Version,
      jobModifyIndex: live.JobModifyIndex,
      previousVersion: undefined,
    };
    const deploymentId = deployment === undefined ? {} : { deploymentId: deployment.ID };
    return followRegistration(following, job, { ...underWay, ...deploymentId }, current);
  }
  if (condition.how === 'unwell') {
    const description = `Nomad has this version already, but ${condition.what}`;
    const verdict = { outcome: 'failed', reason: 'unhealthy', description } as const;
    return explain({ verdict, snapshot: condition.snapshot, evidence: [] }, following, current);
  }
  if (live.Periodic || live.ParameterizedJob) return { outcome: 'unchanged' };
  const { allocations } = condition;
  note({ allocations: allocationRecords(allocations) });
  const checking = verifying(following, job, { jobId: job.ID, namespace, version: live.Version }, current);
  const problem = await checking.afterwards();
  if (problem === undefined) return { outcome: 'unchanged' };
  const snapshot = { evaluation: undefined, deployment, allocations };
  return explain({ verdict: problem, snapshot, evidence: await checking.evidence() }, following, current);
}
