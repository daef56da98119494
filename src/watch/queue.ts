// The batch queue of a node pool (from Nomad 2.1 on): the evaluation of a registered batch job stays pending in it until the job's turn comes.

import { describePlacement } from '../diagnose/index.ts';
import type { Nomad, QueuedJob, QueuePlace } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import { clip, oneLine } from '../text/index.ts';
import { leaveQueue, say, type Watch } from './state.ts';

/** The age of a pending evaluation at which its queue is read: a server normally takes it up within milliseconds. */
const FIRST_LOOK_MS = 3_000;

/** The interval of reads: the queue has no blocking queries. */
const EVERY_MS = 5_000;

/** The number of questions without an answer after which the queue is not read any more. */
const MAX_UNANSWERED = 2;

/** The longest question. */
const READ_MS = 5_000;

/** The longest reason that is quoted. */
const MAX_REASON = 200;

/** Follows the place of a registered batch job in its queue until the evaluation is taken up. Is silent where there is no queue or it cannot be read. */
export async function followQueue(watch: Watch): Promise<void> {
  const { registration, runtime, nomad } = watch;
  const { clock, signal } = runtime;
  if (watch.job.Type !== 'batch') return;
  await clock.sleep(FIRST_LOOK_MS, signal);
  if (!isPending(watch)) return;
  const pool = await poolOf(watch);
  let head = '';
  for (let unanswered = 0; pool !== undefined && isPending(watch) && unanswered < MAX_UNANSWERED; ) {
    const place = await readPlace(nomad, pool, registration, signal);
    // Without an answer, the last known place counts.
    if (place === undefined) unanswered += watch.queue === undefined ? 1 : 0;
    else if (isPending(watch)) {
      const now = idOf(place.head);
      const reason = now === head ? await reasonOf(nomad, place, signal) : undefined;
      head = now;
      if (isPending(watch)) takePlace(watch, pool, place, reason);
    }
    await clock.sleep(EVERY_MS, signal);
  }
}

/** Returns whether the evaluation of the registration was not taken up yet. */
function isPending({ state: { snapshot } }: Watch): boolean {
  return (snapshot.evaluation?.Status ?? 'pending') === 'pending' && snapshot.allocations.length === 0;
}

/** Takes in the place of the job, and logs it when it changes. */
function takePlace(watch: Watch, pool: string, place: QueuePlace, reason: string | undefined): void {
  if (place.own === undefined) {
    leaveQueue(watch);
    return;
  }
  const words = describePlace(pool, place, reason);
  const isNew = watch.queue?.words !== words;
  const { startedAtMs, queuedMs } = watch.state;
  watch.queue = { words, sinceMs: watch.queue?.sinceMs ?? (queuedMs === 0 ? startedAtMs : watch.runtime.clock.now()) };
  if (isNew) say(watch, `the job ${words}; the time in the queue does not count against \`timeout\``);
}

/** Returns the words about a batch job that waits in a queue; undefined for another job, and where that is not known. */
export async function queueWords(job: Job, namespace: string, nomad: Nomad, signal: AbortSignal): Promise<string | undefined> {
  if (job.Type !== 'batch' || !hasQueue(job.NodePool)) return undefined;
  const pool = job.NodePool ?? '';
  const place = await readPlace(nomad, pool, { jobId: job.ID, namespace }, signal);
  return place?.own && describePlace(pool, place, await reasonOf(nomad, place, signal));
}

/** The built-in node pools have no queue. */
function hasQueue(pool: string | null | undefined): boolean {
  return Boolean(pool) && pool !== 'default' && pool !== 'all';
}

/** Returns the node pool of the registered job, where it may have a queue. The namespace can name the pool of a job that names none. */
async function poolOf({ job, nomad, registration: { jobId, namespace }, runtime: { clock, signal } }: Watch): Promise<string | undefined> {
  const soon = AbortSignal.any([signal, clock.timeout(READ_MS)]);
  const pool = job.NodePool || (await nomad.jobs.watch(jobId, namespace, 0, soon).catch(() => undefined))?.value?.NodePool;
  return pool && hasQueue(pool) ? pool : undefined;
}

async function readPlace(
  nomad: Nomad,
  pool: string,
  { jobId, namespace }: { readonly jobId: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<QueuePlace | undefined> {
  const soon = AbortSignal.any([signal, nomad.clock.timeout(READ_MS)]);
  return nomad.queue.place(pool, jobId, namespace, soon).catch(() => undefined);
}

const idOf = (job: QueuedJob | undefined): string => (job === undefined ? '' : `${job.Namespace}/${job.JobID}`);

/** Returns why the job at the head, which is being placed, is not placed: the reason of its blocked evaluation. */
async function reasonOf(nomad: Nomad, { head, own }: QueuePlace, signal: AbortSignal): Promise<string | undefined> {
  if (head === undefined || head.Status !== 'placing' || idOf(head) === idOf(own)) return undefined;
  const soon = AbortSignal.any([signal, nomad.clock.timeout(READ_MS)]);
  const evaluations = await nomad.jobs.evaluations(head.JobID, head.Namespace, soon).catch(() => []);
  const [failure] = evaluations.flatMap(({ Status, FailedTGAllocs }) => (Status === 'blocked' ? Object.entries(FailedTGAllocs ?? {}) : []));
  return failure && describePlacement(...failure);
}

/** Returns the place of a job as the rest of a sentence about it. */
function describePlace(pool: string, { own, head }: QueuePlace, reason: string | undefined): string {
  const queue = `in the batch queue of the node pool ${pool}`;
  if (own === undefined) return `is not ${queue}`;
  const blocked = blockedReason(own);
  if (blocked !== undefined) return `is blocked at position ${own.Position} ${queue}${blocked}`;
  if (own.Position === 0) return `is being placed, at position 0 ${queue}`;
  const waits = `waits at position ${own.Position} ${queue}`;
  if (head === undefined || idOf(head) === idOf(own)) return waits;
  const why = blockedReason(head) ?? (reason === undefined ? undefined : `: ${clip(oneLine(reason), MAX_REASON)}`);
  return `${waits}; ${why === undefined ? `the job ${idOf(head)} is before it` : `the job ${idOf(head)} before it is blocked${why}`}`;
}

/** Returns the reason of a blocked job, after a colon; undefined for another status. */
function blockedReason({ Status }: QueuedJob): string | undefined {
  const [, reason] = /^blocked\b[\s:–-]*(.*)$/is.exec(Status) ?? [];
  return reason === undefined || reason === '' ? reason : `: ${clip(oneLine(reason), MAX_REASON)}`;
}
