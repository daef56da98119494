import { shortId } from '../diagnose/index.ts';
import { ActionError, sentence } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { jobText, type Result, type Run } from '../report/index.ts';
import { removeSecrets } from '../secrets/index.ts';
import { type Claim, judgeOwner, type Marked, type Owned, ownedJob, permit } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';

/** What a task gets to end in, besides its own `kill_timeout` and its group's `shutdown_delay`. */
const MARGIN_MS = 60_000;
const DEFAULT_KILL_TIMEOUT_NS = 5e9;
const ENDED = /^(complete|failed|lost)$/;

export interface Stopping {
  readonly jobId: string;
  readonly namespace: string;
  /** Who stops it. */
  readonly claim: Claim;
  /** Also forget the job, its versions and its secrets; undefined: if it is this run's own review app. */
  readonly purge: boolean | undefined;
  /** The modify index of the job that is meant; undefined: whatever is registered. */
  readonly index?: number;
  /** Longest wait for what runs to end; by default what its tasks may take. */
  readonly timeoutMs: Inputs['timeoutMs'];
}

/**
 * Stops a job and its runs, waits until nothing of it runs, and then forgets it and its secrets if that is wanted. A job that is gone already is as it
 * should be. The job is read here, and again before it is purged: whose it is, and that it is the one that was stopped, is known of the very job that goes.
 * Throws `job-taken` when it is another owner's, `conflict` when it is registered meanwhile, and `timed-out` when something still runs in the end; then
 * nothing is forgotten.
 * See https://developer.hashicorp.com/nomad/api-docs/jobs#stop-a-job
 */
export async function stop(stopping: Stopping, nomad: Nomad, current: Run): Promise<Result> {
  const { jobId, namespace, claim } = stopping;
  const { runtime, stage } = current;
  const job = await nomad.jobs.read(jobId, namespace);
  if (job === undefined) {
    runtime.log.info(`There is no ${jobText({ jobId, namespace, nomad })}: nothing to stop.`);
    if (stopping.purge ?? claim.owner.environment === 'review') await forgetSecrets({ ID: jobId }, stopping, nomad, current);
    return { outcome: 'stopped' };
  }
  if (stopping.index !== undefined && job.JobModifyIndex !== stopping.index) throw registeredMeanwhile(jobId);
  const owned = ownedJob(job, namespace);
  permit(judgeOwner(owned, claim, 'stop'), runtime);
  const purge = isPurged(owned, stopping, runtime);
  await stage('stop', `Stop ${jobId}`, async () => {
    const stopped: { readonly ID: string; readonly index: number }[] = [];
    for (const { ID, Stop, JobModifyIndex } of [job, ...(await runsOf(job, namespace, nomad))])
      stopped.push({ ID, index: Stop ? JobModifyIndex : await nomad.jobs.deregister(ID, namespace, false) });
    const timeoutMs = stopping.timeoutMs ?? longestEndMs(job) + MARGIN_MS;
    for (const { ID } of stopped) await ended(ID, namespace, timeoutMs, nomad, current);
    // The newest first: a run whose parent is gone is a job that nobody knows.
    if (purge) for (const each of stopped.toReversed()) await purgeStopped(each, namespace, nomad);
    runtime.log.info(
      purge ? `${jobId} is stopped and purged.` : `${jobId} is stopped; Nomad keeps its versions until its garbage collection.`,
    );
  });
  if (purge) await forgetSecrets(job, stopping, nomad, current);
  return { outcome: 'stopped' };
}

/** Whether the job is forgotten, too. By itself that happens to a review app of this very owner only, whatever the run is for. */
function isPurged(owned: Owned, { claim, purge }: Stopping, { log }: Run['runtime']): boolean {
  const isReview = owned.record?.environment === 'review' || (owned.record === undefined && claim.owner.environment === 'review');
  if (!(purge ?? isReview)) return false;
  const verdict = judgeOwner(owned, claim, 'purge');
  if (!verdict.may) log.notice(sentence(verdict.refusal));
  return verdict.may;
}

/** Purges a job if it is still the one that was stopped: Nomad itself does not compare. */
async function purgeStopped(
  { ID, index }: { readonly ID: string; readonly index: number },
  namespace: string,
  nomad: Nomad,
): Promise<void> {
  const now = await nomad.jobs.read(ID, namespace);
  if (now === undefined) return;
  if (now.JobModifyIndex !== index) throw registeredMeanwhile(ID);
  await nomad.jobs.deregister(ID, namespace, true);
}

function registeredMeanwhile(jobId: string): ActionError {
  return new ActionError('conflict', `${jobId} was registered again while it was being removed`, {
    hint: 'Nothing was purged. Run the job again if it is still to go.',
  });
}

/** Forgets the secrets of a job that is gone. One that is registered again by now reads the same variables. */
async function forgetSecrets(
  job: Pick<RegisteredJob, 'ID'> & Marked,
  { namespace, claim }: Stopping,
  nomad: Nomad,
  { runtime }: Run,
): Promise<void> {
  if ((await nomad.jobs.read(job.ID, namespace)) !== undefined) {
    runtime.log.notice(`${job.ID} was registered again: its secrets stay.`);
    return;
  }
  for (const line of await removeSecrets(job, namespace, claim, nomad)) runtime.log.info(line);
}

/** The runs of a periodic or parameterized job, jobs of their own, that are not done. */
async function runsOf({ ID, Periodic, ParameterizedJob }: RegisteredJob, namespace: string, nomad: Nomad): Promise<RegisteredJob[]> {
  return Periodic || ParameterizedJob ? nomad.jobs.runs(ID, namespace) : [];
}

/** The longest that the tasks of a job may take to end. */
function longestEndMs({ TaskGroups }: RegisteredJob): number {
  const groups = (TaskGroups ?? []).map(({ ShutdownDelay, Tasks }) => {
    const tasks = (Tasks ?? []).map((task) => (task.KillTimeout ?? DEFAULT_KILL_TIMEOUT_NS) + (task.ShutdownDelay ?? 0));
    return (ShutdownDelay ?? 0) + Math.max(0, ...tasks);
  });
  return Math.max(0, ...groups) / 1e6;
}

/** Waits until no allocation of a job runs any more. */
async function ended(jobId: string, namespace: string, timeoutMs: number, nomad: Nomad, { runtime }: Run): Promise<void> {
  const late = runtime.clock.timeout(timeoutMs);
  const signal = AbortSignal.any([late, runtime.signal]);
  let running: Allocation[] = [];
  let said = '';
  try {
    for (let index = 0; ; ) {
      const answer = await nomad.jobs.allocations(jobId, namespace, index, signal);
      running = answer.value.filter(({ ClientStatus }) => !ENDED.test(ClientStatus));
      if (running.length === 0) return;
      const line = `${running.length} of ${answer.value.length} allocations of ${jobId} still run`;
      if (line !== said) runtime.log.info(line);
      said = line;
      index = answer.index;
    }
  } catch (error) {
    if (!late.aborted) throw error;
    const left = running.map(({ ID, NodeName }) => `${shortId(ID)} on ${NodeName}`).join(', ');
    throw new ActionError('timed-out', `${jobId} was told to stop, but ${formatDuration(timeoutMs)} later still runs: ${left}`, {
      hint: 'Nothing was purged. Look at those nodes: a client that is down ends its allocations when it is back. Or raise `timeout`.',
      cause: error,
    });
  }
}
