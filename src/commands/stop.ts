import { shortId } from '../diagnose/index.ts';
import { ActionError, sentence } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { removeJob } from '../register/index.ts';
import { jobText, type Result, type Run } from '../report/index.ts';
import { removeSecrets } from '../secrets/index.ts';
import { type Claim, judgeOwner, type Marked, type Owned, ownedJob, permit } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';

/** The time for a task to end, beyond its own `kill_timeout` and the `shutdown_delay` of its group. */
const MARGIN_MS = 60_000;
const DEFAULT_KILL_TIMEOUT_NS = 5e9;
const ENDED = /^(complete|failed|lost)$/;

export interface Stopping {
  readonly jobId: string;
  readonly namespace: string;
  /** The identity of the run. */
  readonly claim: Claim;
  /** Also purges the job, its versions and its secrets; undefined: only this run's own review app. */
  readonly purge: boolean | undefined;
  /** The expected modify index of the job; undefined where each is taken. */
  readonly index?: number;
  /** The longest wait for the allocations to end; by default the time that their tasks may take. */
  readonly timeoutMs: Inputs['timeoutMs'];
}

/**
 * Stops a job and its runs, waits until all allocations have ended, and then purges the job and its secrets if wanted. A job that does not exist is no error.
 * The job is read before the stop and again before the purge, so that only the stopped job of the right owner is purged.
 * Throws `job-taken` for a job of another owner, `conflict` when the job is registered in between, and `timed-out` when allocations still run in the end.
 * After a throw, nothing is purged.
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
    for (const each of [job, ...(await runsOf(job, namespace, nomad))]) {
      const index = each.Stop ? each.JobModifyIndex : await removeJob({ job: each, namespace, purge: false }, nomad);
      stopped.push({ ID: each.ID, index });
    }
    const timeoutMs = stopping.timeoutMs ?? longestEndMs(job) + MARGIN_MS;
    for (const { ID } of stopped) await ended({ jobId: ID, namespace, timeoutMs }, nomad, current);
    // The runs are purged before their parent, so that no run is left without one.
    if (purge) for (const each of stopped.toReversed()) await purgeStopped(each, namespace, nomad);
    runtime.log.info(
      purge
        ? `${jobId} is stopped and purged.`
        : `${jobId} is stopped; Nomad keeps its versions ${job.VersionTag ? 'until their tags are removed' : 'until its garbage collection'}.`,
    );
  });
  if (purge) await forgetSecrets(job, stopping, nomad, current);
  return { outcome: 'stopped' };
}

/** Returns whether the job is purged: as `purge` says, else for a review app of this owner only. */
function isPurged(owned: Owned, { claim, purge }: Stopping, { log }: Run['runtime']): boolean {
  const isReview = owned.record?.environment === 'review' || (owned.record === undefined && claim.owner.environment === 'review');
  if (!(purge ?? isReview)) return false;
  const verdict = judgeOwner(owned, claim, 'purge');
  if (!verdict.may) log.notice(sentence(verdict.refusal));
  return verdict.may;
}

/** Purges a job that is still the stopped one, because Nomad does not compare. Throws `conflict` otherwise. */
async function purgeStopped(
  { ID, index }: { readonly ID: string; readonly index: number },
  namespace: string,
  nomad: Nomad,
): Promise<void> {
  const now = await nomad.jobs.read(ID, namespace);
  if (now === undefined) return;
  if (now.JobModifyIndex !== index) throw registeredMeanwhile(ID);
  await removeJob({ job: now, namespace, purge: true }, nomad);
}

function registeredMeanwhile(jobId: string): ActionError {
  return new ActionError('conflict', `${jobId} was registered again during its removal`, {
    hint: 'Nothing was purged. To remove the new version too, run the workflow again.',
  });
}

/** Removes the secrets of a purged job, unless the job was registered again, since it reads the same variables. */
async function forgetSecrets(
  job: Pick<RegisteredJob, 'ID'> & Marked,
  { namespace, claim }: Stopping,
  nomad: Nomad,
  { runtime }: Run,
): Promise<void> {
  if ((await nomad.jobs.read(job.ID, namespace)) !== undefined) {
    runtime.log.notice(`${job.ID} was registered again: its secrets are kept.`);
    return;
  }
  for (const line of await removeSecrets(job, namespace, claim, nomad)) runtime.log.info(line);
  const { forgetHooks } = await import('../hooks/index.ts');
  await forgetHooks(job.ID, namespace, claim, nomad);
}

/** Returns the unfinished runs of a periodic or parameterized job. Nomad keeps them as jobs of their own. */
async function runsOf({ ID, Periodic, ParameterizedJob }: RegisteredJob, namespace: string, nomad: Nomad): Promise<RegisteredJob[]> {
  return Periodic || ParameterizedJob ? nomad.jobs.runs(ID, namespace) : [];
}

/** Returns the longest time that the tasks of a job may take to end, in milliseconds. */
function longestEndMs({ TaskGroups }: RegisteredJob): number {
  const groups = (TaskGroups ?? []).map(({ ShutdownDelay, Tasks }) => {
    const tasks = (Tasks ?? []).map((task) => (task.KillTimeout ?? DEFAULT_KILL_TIMEOUT_NS) + (task.ShutdownDelay ?? 0));
    return (ShutdownDelay ?? 0) + Math.max(0, ...tasks);
  });
  return Math.max(0, ...groups) / 1e6;
}

/** Waits until all allocations of a job have ended. Throws `timed-out` with those that still run. */
async function ended(
  { jobId, namespace, timeoutMs }: { readonly jobId: string; readonly namespace: string; readonly timeoutMs: number },
  nomad: Nomad,
  { runtime }: Run,
): Promise<void> {
  const late = runtime.clock.timeout(timeoutMs);
  const signal = AbortSignal.any([late, runtime.signal]);
  let running: Allocation[] = [];
  let said = '';
  try {
    for (let index = 0; ; ) {
      const answer = await nomad.jobs.allocations(jobId, namespace, index, signal);
      running = answer.value.filter(({ ClientStatus }) => !ENDED.test(ClientStatus));
      if (running.length === 0) return;
      const line = `${running.length} of ${answer.value.length} allocations of ${jobId} are still running`;
      if (line !== said) runtime.log.info(line);
      said = line;
      index = answer.index;
    }
  } catch (error) {
    if (!late.aborted) throw error;
    const left = running.map(({ ID, NodeName }) => `${shortId(ID)} on ${NodeName}`).join(', ');
    throw new ActionError('timed-out', `${jobId} is still running ${formatDuration(timeoutMs)} after the stop: ${left}`, {
      hint: 'Nothing was purged. Check these nodes: a client that is down ends its allocations when it is back. Or raise `timeout`.',
      cause: error,
    });
  }
}
