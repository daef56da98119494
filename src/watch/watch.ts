import { collectEvidence, type Evidence, gatherer, hasChecks, isIgnored, type Snapshot, type Verdict } from '../diagnose/index.ts';
import { type Nomad, rulesOf } from '../nomad/index.ts';
import type { CheckResult, Job } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import { isoTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { act } from './acts.ts';
import { dueChecks } from './checks.ts';
import { describeProgress } from './progress.ts';
import { initialState } from './rollout.ts';
import { followRegistered } from './sources.ts';
import { say, step, update, type Watch, type WatchOptions } from './state.ts';

const HEARTBEAT_MS = 15_000;

/** Nothing is asked at a tick: it is for what only time decides. */
const TICK_MS = 250;

/** How long evidence that is still being read when the verdict comes may take. */
const EVIDENCE_GRACE_MS = 2_000;

/** How the registered version fared. */
export interface Watched {
  readonly verdict: Verdict;
  /** What was seen last. */
  readonly snapshot: Snapshot;
  /** What failing allocations told while they were there. */
  readonly evidence: readonly Evidence[];
}

/**
 * Follows what this run registered (and nothing else) to its end: evaluation, then deployment and allocations, by blocking queries; what is seen goes
 * through the table of `rollout.ts`, which says what to do. Ends with a verdict also when the time is up or the workflow is cancelled; then the
 * rollout is left as it is.
 * Throws an `ActionError` when Nomad can't be asked any more.
 */
export async function watchJob(
  job: Job,
  registration: Registration,
  options: WatchOptions,
  nomad: Nomad,
  runtime: Runtime,
): Promise<Watched> {
  const { clock } = runtime;
  const { timeoutMs } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([runtime.signal, ended.signal, clock.timeout(timeoutMs)]);
  const { namespace, version } = registration;
  // What is being read when the verdict comes belongs to it, but nobody waits long for it.
  const hurry = new AbortController();
  const reading = AbortSignal.any([runtime.signal, hurry.signal]);
  const watch: Watch = {
    job,
    registration,
    rules: { job, ...rulesOf(job), ...options, verifies: options.verify !== undefined, version },
    options,
    nomad,
    runtime: { ...runtime, signal },
    evidence: gatherer(async (allocation) =>
      collectEvidence(allocation, { job, namespace, logLines: options.logLines }, nomad, { ...runtime, signal: reading }),
    ),
    giveUpAt: isoTime(clock.now() + timeoutMs).slice(11, 19),
    act,
    end: () => ended.abort(),
    state: initialState(clock.now()),
    newestIndex: 0,
    quietSinceMs: clock.now(),
  };
  say(watch, `waiting up to ${formatDuration(timeoutMs)} for a verdict`);
  try {
    await Promise.all([tick(watch), pollChecks(watch), followRegistered(watch), lookAtBroker(watch)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
  }
  await watch.acting;
  if (watch.verdict === undefined && watch.ended !== undefined) {
    // The time was up during the last look at the allocations, but the end of the deployment is known.
    update(watch, { deployment: watch.ended });
    await watch.acting;
  }
  if (watch.refused !== undefined) throw watch.refused;
  const { snapshot } = watch.state;
  clock.timeout(EVIDENCE_GRACE_MS).addEventListener('abort', () => hurry.abort());
  const evidence = watch.verdict?.outcome === 'successful' ? [] : await watch.evidence.found(snapshot.allocations);
  return {
    verdict:
      watch.verdict ?? unfinished(runtime, timeoutMs, waitsFor(watch) ?? describeProgress(snapshot, clock.now(), watch.rules.minHealthyMs)),
    snapshot,
    evidence,
  };
}

async function tick(watch: Watch): Promise<void> {
  const { clock, signal } = watch.runtime;
  for (;;) {
    await clock.sleep(TICK_MS, signal);
    step(watch);
    if (clock.now() - watch.quietSinceMs >= HEARTBEAT_MS)
      say(watch, `${describeProgress(watch.state.snapshot, clock.now(), watch.rules.minHealthyMs)}; gives up at ${watch.giveUpAt} UTC`);
  }
}

/** Reads the checks of allocations that run and are not healthy: nothing but their results tells why, and nothing announces them. */
async function pollChecks(watch: Watch): Promise<void> {
  const { clock, signal } = watch.runtime;
  if (!hasChecks(watch.job)) return;
  const readAtMs = new Map<string, number>();
  for (;;) {
    await clock.sleep(TICK_MS, signal);
    const due = dueChecks(watch.job, watch.state.snapshot, watch.rules.minHealthyMs, (id) => readAtMs.get(id), clock.now());
    const read = await Promise.all(
      due.map(async ({ ID }): Promise<[string, readonly CheckResult[]]> => {
        readAtMs.set(ID, clock.now());
        // Nomad judges by the checks also where we can't read them, so the watch goes on.
        const results = await watch.nomad.allocations.checks(ID, watch.registration.namespace, signal).catch(() => undefined);
        return [ID, (results ?? []).filter((result) => !isIgnored(result))];
      }),
    );
    if (read.length > 0) update(watch, { checks: { ...watch.state.snapshot.checks, ...Object.fromEntries(read) } });
  }
}

/** An evaluation that waits this long is looked into: a server takes it up within milliseconds. */
const UNSCHEDULED_MS = 10_000;
const PAUSED = 'the evaluation broker of the cluster is paused, so Nomad schedules nothing until an operator resumes it';

/** Why nothing was scheduled yet, if that is known. */
function waitsFor({ paused, state: { snapshot } }: Watch): string | undefined {
  const { evaluation, allocations } = snapshot;
  return paused === true && (evaluation?.Status ?? 'pending') === 'pending' && allocations.length === 0 ? PAUSED : undefined;
}

/** Says so when nothing is scheduled because the operators of the cluster have paused it; no event tells. */
async function lookAtBroker(watch: Watch): Promise<void> {
  const { clock, signal } = watch.runtime;
  await clock.sleep(UNSCHEDULED_MS, signal);
  const { evaluation, allocations } = watch.state.snapshot;
  if ((evaluation?.Status ?? 'pending') !== 'pending' || allocations.length > 0) return;
  watch.paused = await watch.nomad.evaluations.paused(signal).catch(() => undefined);
  if (watch.paused === true) say(watch, PAUSED);
}

function unfinished({ signal }: Runtime, timeoutMs: number, progress: string): Verdict {
  return signal.aborted
    ? { outcome: 'cancelled', description: `the workflow was cancelled while the rollout went on (${progress})` }
    : { outcome: 'timed-out', description: `no verdict within ${formatDuration(timeoutMs)} (${progress}); the rollout goes on` };
}
