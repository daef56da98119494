import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { type Lockable, noteItems, readNote, requireNotFrozen, whose } from './freeze.ts';
import { lockPath } from './variable-path.ts';

/** The pause after a request for a lock whose answer was lost. */
const UNANSWERED_MS = 1_000;

/** Nomad's time to live of a lock, in seconds. A lock that is not renewed ends after twice this time and the delay. */
const TTL_S = 15;
const DELAY_S = 1;
const RENEW_MS = 5_000;
/** The time after the last renewal in which no other run can have the lock. An outage of the servers holds Nomad's own clock of the lock, too. */
const SURE_MS = 2 * TTL_S * 1_000;
/** The longest release, which has to fit into the 7.5 s of a cancelled step. */
const RELEASE_MS = 4_000;
const HEARTBEAT_MS = 30_000;
const UNKNOWN = 'Nomad does not know it any more';

/** The behaviour of a run whose job another run has locked. */
export interface Locking {
  readonly lock: 'wait' | 'fail';
  readonly command: string;
  /** The longest wait. */
  readonly timeoutMs: number;
  readonly context: Context;
}

/** A lock that this run holds. */
export interface Held {
  readonly job: Lockable;
  readonly path: string;
  /** The id by which Nomad knows the holder. */
  readonly id: string;
  /** Another run held the lock first, so that the job may have changed. */
  readonly waited: boolean;
  /** Renews the lock now. Throws `conflict` where it was lost. */
  readonly requireHeld: () => Promise<void>;
  /** Ends the lock. Does not throw: a lock that cannot be released ends by itself. */
  readonly release: () => Promise<void>;
}

/**
 * Takes the lock of a job, a lock on a Nomad variable, and renews it until its release. Throws `job-locked` for a frozen job, and for a job that another run
 * has locked and does not release in time; `job-taken` for a variable of another program.
 * See https://developer.hashicorp.com/nomad/docs/concepts/variables#locks
 */
export async function takeLock(job: Lockable, locking: Locking, runtime: Runtime): Promise<Held> {
  const { jobId, namespace, nomad } = job;
  const path = lockPath('locks', jobId);
  await requireNotFrozen(job, runtime);
  const taken = await acquire(job, path, locking, runtime);
  const done = new AbortController();
  const kept: Kept = { job, path, locking, id: taken.id, renewedMs: runtime.clock.now(), lost: undefined, isOver: false };
  const renewing = keep(kept, { ...runtime, signal: done.signal });
  const release = async (): Promise<void> => {
    done.abort();
    await renewing;
    if (kept.isOver) return;
    await nomad.variables.releaseLock(path, kept.id, namespace, runtime.clock.timeout(RELEASE_MS)).catch((error: unknown) => {
      const left = formatDuration(SURE_MS + DELAY_S * 1_000);
      runtime.log.warning(
        `The lock of ${jobId} could not be released, and ends by itself within ${left}: ${sentence(toActionError(error))}`,
      );
    });
  };
  const requireHeld = async (): Promise<void> => {
    // An outage does not end the lock yet, and the next request of the run tells it.
    const soon = kept.lost === undefined ? runtime.clock.timeout(RENEW_MS) : nomad.patience();
    if (!kept.isOver) await renew(kept, runtime, soon).catch(() => undefined);
    if (kept.lost === undefined) return;
    throw new ActionError('conflict', `this run has lost the lock of ${jobId} before the registration: ${kept.lost}`, {
      hint: 'Nothing was registered. Run the workflow again.',
    });
  };
  const held = { job, path, id: taken.id, waited: taken.waited, requireHeld, release };
  // The job may have been frozen during the wait.
  if (taken.waited) {
    await requireNotFrozen(job, runtime).catch(async (error: unknown) => {
      await release();
      throw error;
    });
  }
  return held;
}

/** Takes the lock, now or when its holder releases it or dies. */
async function acquire(
  { jobId, namespace, nomad }: Lockable,
  path: string,
  { lock, command, timeoutMs, context }: Locking,
  { log, clock, signal }: Runtime,
): Promise<{ readonly id: string; readonly waited: boolean }> {
  const startedMs = clock.now();
  const late = clock.timeout(timeoutMs);
  let [told, toldMs] = ['', startedMs];
  let unanswered: Record<string, string> | undefined;
  for (let waited = false; ; waited = true) {
    const before = await nomad.variables.read(path, namespace);
    const holding = before && readNote('lock', before.Items ?? {}, path);
    const items = noteItems('lock', context, { command }, clock.now());
    const id = await nomad.variables.acquireLock(path, { items, ttlS: TTL_S, delayS: DELAY_S }, namespace).catch((error: unknown) => {
      if (toActionError(error).code !== 'unknown-outcome' || late.aborted) throw error;
      unanswered = items;
      return 'unknown' as const;
    });
    // The id of a lock whose answer was lost is not known, so that the lock has to end by itself.
    if (id === 'unknown') {
      await clock.sleep(UNANSWERED_MS, signal);
      continue;
    }
    const isOwn = holding !== undefined && unanswered !== undefined && whose(holding) === whose(readNote('lock', unanswered, path));
    if (id !== undefined) {
      log.info(`This run holds the lock of ${jobId}${waited ? `, after ${formatDuration(clock.now() - startedMs)}` : ''}`);
      return { id, waited };
    }
    const holder = holding === undefined ? 'another run' : whose(holding);
    if ((lock === 'fail' && !isOwn) || late.aborted) {
      const how = lock === 'fail' ? '' : ` and was not released within ${formatDuration(timeoutMs)}`;
      throw new ActionError('job-locked', `the lock of ${jobId} is held by ${holder}${how}`, {
        hint: 'Nothing was built, written or registered. Run the workflow again when that run has ended, or set `lock: wait`.',
      });
    }
    if (holder !== told || clock.now() - toldMs >= HEARTBEAT_MS) {
      log.info(`Waiting for the lock of ${jobId}, held by ${holder} (${formatDuration(clock.now() - startedMs)})`);
      [told, toldMs] = [holder, clock.now()];
    }
    // A release, and the end of a lock that nobody renews, change the variable.
    await nomad.variables.watch(path, namespace, before?.ModifyIndex ?? 1, AbortSignal.any([signal, late])).catch((error: unknown) => {
      if (!late.aborted || signal.aborted) throw error;
    });
  }
}

/** A lock that is kept. */
interface Kept {
  readonly job: Lockable;
  readonly path: string;
  readonly locking: Locking;
  /** Another one after the lock was taken again. */
  id: string;
  renewedMs: number;
  /** Why another run may have the lock. */
  lost: string | undefined;
  /** The lock is lost for good. */
  isOver: boolean;
}

/** Renews a lock until the signal aborts, also through an outage. Says so where the lock is lost, or not renewed in time. */
async function keep(kept: Kept, { clock, log, signal }: Pick<Runtime, 'clock' | 'log' | 'signal'>): Promise<void> {
  const { jobId } = kept.job;
  let told: string | undefined;
  try {
    while (!kept.isOver) {
      await clock.sleep(RENEW_MS, signal);
      await renew(kept, { clock, log }, AbortSignal.any([signal, clock.timeout(RENEW_MS)])).catch((error: unknown) => {
        signal.throwIfAborted();
        log.debug(`The lock of ${jobId} was not renewed: ${toActionError(error).message}`);
        if (clock.now() - kept.renewedMs >= SURE_MS) kept.lost = `it was not renewed for ${formatDuration(SURE_MS)}`;
      });
      if (kept.lost !== undefined && kept.lost !== told)
        log.warning(`The lock of ${jobId} is lost (${kept.lost}), so another run may deploy the job at the same time.`);
      told = kept.lost;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Renews a lock, and takes it again where it has ended in an outage and no other run has it: the guard of the registration tells whether another run had it in
 * between. Throws when Nomad does not answer.
 */
async function renew(kept: Kept, { clock, log }: Pick<Runtime, 'clock' | 'log'>, signal: AbortSignal): Promise<void> {
  const { path, id, locking } = kept;
  const { nomad, namespace, jobId } = kept.job;
  const startedMs = clock.now();
  let held: string | undefined = (await nomad.variables.renewLock(path, id, namespace, signal)) ? id : undefined;
  // Another renewal has ended meanwhile.
  if (kept.isOver || kept.id !== id) return;
  // Before this time, Nomad does not end a lock by itself.
  if (held === undefined && clock.now() - kept.renewedMs >= SURE_MS) {
    const items = noteItems('lock', locking.context, { command: locking.command }, clock.now());
    held = await nomad.variables.acquireLock(path, { items, ttlS: TTL_S, delayS: DELAY_S }, namespace);
  }
  if (held === undefined) Object.assign(kept, { lost: UNKNOWN, isOver: true });
  else {
    if (kept.lost !== undefined) log.info(`This run holds the lock of ${jobId} again`);
    Object.assign(kept, { id: held, renewedMs: startedMs, lost: undefined });
  }
}
