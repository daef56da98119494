import { countsChecks, describeFailing, hasChecks, isIgnored, type Snapshot, shortId } from '../diagnose/index.ts';
import { hasAttemptsLeft, lastAttempts, type Nomad, reschedulePolicyOf, rulesOf } from '../nomad/index.ts';
import type { Allocation, CheckResult, Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import { allocationRecords } from '../report/summary/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { describeUnread } from './checks.ts';
import { type Bad, explain } from './explain.ts';
import { followRegistration } from './follow-version.ts';
import type { Following } from './following.ts';
import { queueWords } from './queue.ts';
import { isUp } from './rollout.ts';
import { verifying } from './verify-version.ts';

/** The longest question, an outage included. */
const UNCHANGED_READ_MS = 30_000;

/** The number of allocations whose checks are read for an unchanged job. */
const MAX_CHECKED = 3;

/** The longest wait for allocations that are starting, and the pause between two looks at them. */
const STARTING_MS = 10_000;
const AGAIN_MS = 1_000;

/** The condition of a registered version at one look; `what` says what is wrong or still to come. */
export type Condition =
  | { readonly how: 'well'; readonly allocations: readonly Allocation[] }
  | { readonly how: 'under way'; readonly what: string }
  | { readonly how: 'unwell'; readonly what: string; readonly snapshot: Snapshot };

/** The cluster that is asked about a job. */
interface Asking {
  readonly namespace: string;
  readonly nomad: Nomad;
  readonly runtime: Runtime;
}

/** Returns the allocations of all versions of a job. */
export async function allocationsOf({ ID }: RegisteredJob, { namespace, nomad, runtime }: Asking): Promise<Allocation[]> {
  const soon = AbortSignal.any([runtime.signal, runtime.clock.timeout(UNCHANGED_READ_MS)]);
  return (await nomad.jobs.allocations(ID, namespace, 0, soon)).value;
}

/** Looks at the registered job once: whether all of it runs, and its checks pass. Calls `read` only where the allocations decide. */
export async function lookAt(
  live: RegisteredJob,
  deployment: Deployment | undefined,
  read: () => Promise<readonly Allocation[]>,
  { namespace, nomad, runtime }: Asking,
): Promise<Condition> {
  if (live.Periodic || live.ParameterizedJob) return { how: 'well', allocations: [] };
  if (deployment !== undefined && deployment.Status !== 'successful')
    return { how: 'under way', what: `its deployment is ${deployment.Status}` };
  const { kind, count } = rulesOf(live);
  if (kind === 'batch') {
    if (live.Status === 'dead') return { how: 'well', allocations: [] };
    const queued = live.Status === 'pending' ? await queueWords(live, namespace, nomad, runtime.signal) : undefined;
    return { how: 'under way', what: queued === undefined ? 'it is not complete' : `it ${queued}` };
  }

  const readLast = async (): Promise<Allocation[]> =>
    lastAttempts(await read(), kind).filter(({ DesiredStatus }) => DesiredStatus === 'run');
  let allocations = await readLast();
  if (
    deployment === undefined &&
    allocations.some(({ JobVersion, ClientStatus }) => JobVersion < live.Version && ClientStatus === 'running')
  ) {
    if (await isUnscheduled(live, { namespace, nomad }))
      return { how: 'under way', what: 'allocations of an older version are not replaced yet' };
    // The evaluation may have ended between the two answers.
    allocations = await readLast();
  }
  // Allocations of a newer version are no proof of this one.
  if (allocations.some(({ JobVersion }) => JobVersion > live.Version)) return { how: 'under way', what: 'a newer version was registered' };
  const empty = deployment !== undefined || kind !== 'system' ? undefined : emptyGroup(live, allocations);
  if (empty !== undefined) return { how: 'under way', what: `its group ${empty} has no allocation` };
  const running = allocations.filter((allocation) => isUp(allocation, live));
  // Nomad before 1.11 has no deployments of system jobs, and does not judge their health.
  const isJudged = live.Type !== 'system' || deployment !== undefined;
  const judged = running.filter(({ TaskGroup }) => isJudged && countsChecks(live, TaskGroup));
  const checks = hasChecks(live) ? await failingChecks(judged, { namespace, nomad, runtime }) : {};
  const failing = Object.values(checks).flat()[0];
  // An allocation on a disconnected node may come back; where Nomad has replaced it, none is missing.
  const missing = allocations.filter((allocation) => !running.includes(allocation) && allocation.ClientStatus !== 'unknown');
  if (running.length >= count && missing.length === 0 && failing === undefined) return { how: 'well', allocations };
  const some = `${running.length} of its ${Math.max(count, running.length + missing.length)} allocations are running`;
  // Without a deployment or a failing check, the version is still starting, unless Nomad has given up an allocation.
  if (deployment === undefined && failing === undefined && !missing.some((allocation) => isGivenUp(allocation, live)))
    return { how: 'under way', what: some };
  return {
    how: 'unwell',
    what: failing === undefined ? `only ${some}${startAgain(live, missing, namespace)}` : `it is not healthy: ${describeFailing(failing)}`,
    snapshot: { evaluation: undefined, deployment, allocations, checks },
  };
}

/**
 * Returns whether a version without a deployment, beside which allocations of an older one run, has still to replace them. Those of a system job stay on a node
 * that takes no new ones, so only a pending evaluation tells there.
 */
async function isUnscheduled(live: RegisteredJob, { namespace, nomad }: Pick<Asking, 'namespace' | 'nomad'>): Promise<boolean> {
  if (live.Type !== 'system') return true;
  const evaluations = await nomad.jobs.evaluations(live.ID, namespace);
  return evaluations.some(({ Status, TriggeredBy }) => Status === 'pending' && TriggeredBy === 'job-register');
}

/** Returns the first group that has no allocation, and is to have some. */
function emptyGroup({ TaskGroups }: RegisteredJob, allocations: readonly Allocation[]): string | undefined {
  return TaskGroups?.find(({ Name, Count }) => Count !== 0 && !allocations.some(({ TaskGroup }) => TaskGroup === Name))?.Name;
}

/** Looks until no allocation is starting: Nomad may be replacing a failed one at this moment. */
export async function lookSettled(live: RegisteredJob, deployment: Deployment | undefined, asking: Asking): Promise<Condition> {
  const { clock, signal } = asking.runtime;
  const isStarting = (allocation: Allocation): boolean =>
    allocation.ClientStatus === 'pending' ||
    (allocation.ClientStatus === 'failed' && !allocation.FollowupEvalID && hasAttemptsLeft(allocation, live));
  for (const untilMs = clock.now() + STARTING_MS; ; await clock.sleep(AGAIN_MS, signal)) {
    const condition = await lookAt(live, deployment, async () => allocationsOf(live, asking), asking);
    if (condition.how === 'well' && deployment === undefined) return (await begunSince(live, asking)) ?? condition;
    if (condition.how !== 'unwell' || clock.now() >= untilMs || !condition.snapshot.allocations.some(isStarting)) return condition;
  }
}

/**
 * Returns the deployment that Nomad has begun since the deployments were read, as a condition: it begins one for a replacement when the last one of the version was
 * garbage-collected.
 */
async function begunSince(live: RegisteredJob, { namespace, nomad, runtime }: Asking): Promise<Condition | undefined> {
  if (live.Type === 'batch' || live.Type === 'sysbatch') return undefined;
  const all = await nomad.jobs.deployments(live.ID, namespace, runtime.signal);
  const own = all.find(({ JobVersion, JobSpecModifyIndex }) => JobVersion === live.Version && JobSpecModifyIndex === live.JobModifyIndex);
  return own === undefined || own.Status === 'successful' ? undefined : { how: 'under way', what: `its deployment is ${own.Status}` };
}

/** Returns whether Nomad does not reschedule a failed allocation any more. Without a limit of attempts, the next evaluation comes a moment after the failure. */
function isGivenUp(allocation: Allocation, job: RegisteredJob): boolean {
  return allocation.ClientStatus === 'failed' && !allocation.FollowupEvalID && !hasAttemptsLeft(allocation, job);
}

/** Returns how to start an allocation again that Nomad does not reschedule any more. */
function startAgain(job: RegisteredJob, missing: readonly Allocation[], namespace: string): string {
  const { ID } = job;
  const given = missing.find(({ ClientStatus, FollowupEvalID }) => ClientStatus === 'failed' && !FollowupEvalID);
  if (given === undefined) return '';
  const policy = reschedulePolicyOf(job, given);
  const how =
    policy?.Unlimited === true || (policy?.Attempts ?? 0) > 0
      ? `run \`nomad job eval -force-reschedule -namespace=${namespace} ${ID}\` to start it again`
      : `change the group ${given.TaskGroup}, or run \`command: stop\` and deploy again, to start it again`;
  return `, and Nomad does not reschedule allocation ${shortId(given.ID)}: ${how}`;
}

async function failingChecks(
  allocations: readonly Allocation[],
  { namespace, nomad, runtime }: Asking,
): Promise<Record<string, readonly CheckResult[]>> {
  const read = await Promise.all(
    allocations.slice(0, MAX_CHECKED).map(async (allocation) => {
      const { ID } = allocation;
      const results = await nomad.allocations.checks(ID, namespace, runtime.signal);
      if (results === undefined) runtime.log.warning(describeUnread(allocation));
      return [ID, results ?? []] as const;
    }),
  );
  const failing = (result: CheckResult): boolean => result.Status === 'failure' && !isIgnored(result);
  return Object.fromEntries(read.map(([id, results]) => [id, results.filter(failing)]));
}

/** Returns the verdict on a version that was stopped or replaced since it was read; undefined where it is still the newest. */
async function leftMeanwhile(live: RegisteredJob, { namespace, nomad }: Asking): Promise<Bad | undefined> {
  const now = await nomad.jobs.read(live.ID, namespace);
  if (now === undefined || now.Stop) return { outcome: 'cancelled', description: 'the job was stopped while this run looked at it' };
  if (now.JobModifyIndex === live.JobModifyIndex) return undefined;
  return {
    outcome: 'superseded',
    description: `version ${live.Version} was replaced by version ${now.Version} while this run looked at it`,
  };
}

/** Judges a job that the cluster has already, without a registration; follows a rollout that is under way to its end. */
export async function followUnchanged(
  following: Following,
  job: Job,
  { live, deployment }: { readonly live: RegisteredJob; readonly deployment: Deployment | undefined },
  current: Run,
): Promise<Result> {
  const { runtime, note } = current;
  const { nomad, draft } = following;
  const { namespace } = draft;
  note({ jobVersion: live.Version, ...(deployment === undefined ? {} : { deploymentId: deployment.ID }) });
  const asking = { namespace, nomad, runtime };
  const condition = await lookSettled(live, deployment, asking);
  if (condition.how === 'under way') {
    runtime.log.info(`Version ${live.Version} is the same job, and ${condition.what}, so this run follows it`);
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
    const verdict = (await leftMeanwhile(live, asking)) ?? ({ outcome: 'failed', reason: 'unhealthy', description } as const);
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
