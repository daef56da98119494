import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { type Lockable, noteItems, readNote, requireNotFrozen, whose } from './freeze.ts';
import { lockPath } from './variable-path.ts';

/** Nomad's time to live of a lock, in seconds. A lock that is not renewed ends after twice this time and the delay. */
const TTL_S = 15;
const DELAY_S = 1;
const RENEW_MS = 5_000;
/** The time after the last renewal in which no other run can have the lock. */
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
  let lost: string | undefined;
  const renewing = keep(job, { path, id: taken.id }, (why) => (lost = why), { ...runtime, signal: done.signal });
  const release = async (): Promise<void> => {
    done.abort();
    await renewing;
    if (lost !== undefined) return;
    await nomad.variables.releaseLock(path, taken.id, namespace, runtime.clock.timeout(RELEASE_MS)).catch((error: unknown) => {
      const left = formatDuration(SURE_MS + DELAY_S * 1_000);
      runtime.log.warning(
        `The lock of ${jobId} could not be released, and ends by itself within ${left}: ${sentence(toActionError(error))}`,
      );
    });
  };
  const requireHeld = async (): Promise<void> => {
    // An outage does not end the lock yet, and the next request of the run tells it.
    const renewed = await nomad.variables.renewLock(path, taken.id, namespace, runtime.clock.timeout(RENEW_MS)).catch(() => true);
    if (!renewed) lost ??= UNKNOWN;
    if (lost === undefined) return;
    throw new ActionError('conflict', `this run has lost the lock of ${jobId} before the registration: ${lost}`, {
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
  for (let waited = false; ; waited = true) {
    const before = await nomad.variables.read(path, namespace);
    const holding = before && readNote('lock', before.Items ?? {}, path);
    const items = noteItems('lock', context, { command }, clock.now());
    const id = await nomad.variables.acquireLock(path, { items, ttlS: TTL_S, delayS: DELAY_S }, namespace);
    if (id !== undefined) {
      log.info(`This run holds the lock of ${jobId}${waited ? `, after ${formatDuration(clock.now() - startedMs)}` : ''}`);
      return { id, waited };
    }
    const holder = holding === undefined ? 'another run' : whose(holding);
    if (lock === 'fail' || late.aborted) {
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

/** Renews a lock until the signal aborts. Says so where it is lost: Nomad does not know it any more, or it was not renewed in time. */
async function keep(
  { jobId, namespace, nomad }: Lockable,
  { path, id }: { readonly path: string; readonly id: string },
  lose: (why: string) => void,
  { clock, log, signal }: Pick<Runtime, 'clock' | 'log' | 'signal'>,
): Promise<void> {
  let renewedMs = clock.now();
  const lost = (why: string): void => {
    lose(why);
    log.warning(`The lock of ${jobId} is lost (${why}), so another run may deploy the job at the same time.`);
  };
  try {
    for (;;) {
      await clock.sleep(RENEW_MS, signal);
      const startedMs = clock.now();
      const soon = AbortSignal.any([signal, clock.timeout(RENEW_MS)]);
      const renewed = await nomad.variables.renewLock(path, id, namespace, soon).catch((error: unknown) => {
        signal.throwIfAborted();
        log.debug(`The lock of ${jobId} was not renewed: ${toActionError(error).message}`);
        return undefined;
      });
      if (renewed === false) return lost(UNKNOWN);
      if (renewed === true) renewedMs = startedMs;
      if (clock.now() - renewedMs >= SURE_MS) return lost(`it was not renewed for ${formatDuration(SURE_MS)}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
