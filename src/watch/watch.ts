import { collectEvidence, type Evidence, gatherer, hasChecks, readResults, type Snapshot, type Verdict } from '../diagnose/index.ts';
import { type Nomad, rulesOf } from '../nomad/index.ts';
import type { CheckResult, Job } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import { isoTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { act } from './acts.ts';
import { dueChecks } from './checks.ts';
import { describeProgress } from './progress.ts';
import { followQueue } from './queue.ts';
import { initialState } from './rollout.ts';
import { followRegistered } from './sources.ts';
import { deadlineOf, say, step, update, type Watch, type WatchOptions } from './state.ts';

const HEARTBEAT_MS = 15_000;

/** The end of a verdict that leaves the rollout as it is. */
export const CONTINUES = '; the rollout continues';

/** The interval of decisions that only time changes. */
const TICK_MS = 250;

/** The longest wait after the verdict for evidence that is being read. */
const EVIDENCE_GRACE_MS = 2_000;

/** The cluster and the runner of a watch. */
interface World {
  readonly nomad: Nomad;
  readonly runtime: Runtime;
}

/** The end of a watch. */
export interface Watched {
  readonly verdict: Verdict;
  /** The last state that was read. */
  readonly snapshot: Snapshot;
  /** Evidence of failing allocations that was collected during the watch. */
  readonly evidence: readonly Evidence[];
}

/**
 * Follows the registration of this run to its end by blocking queries: the evaluation, then the deployment and the allocations. The table in `rollout.ts`
 * decides what to do in each state. Ends with a verdict also when the time is up or the workflow is cancelled, and then leaves the rollout as it is.
 * Throws an `ActionError` when Nomad stays unreachable or refuses a request.
 */
export async function watchJob(job: Job, registration: Registration, options: WatchOptions, world: World): Promise<Watched> {
  const { runtime } = world;
  const { clock } = runtime;
  const { timeoutMs } = options;
  // Evidence that is being read when the verdict comes is waited for, but not for long.
  const hurry = new AbortController();
  const expired = new AbortController();
  const watch = startWatch(job, registration, options, { ...world, hurry: hurry.signal, expired: expired.signal });
  say(watch, `waiting up to ${formatDuration(timeoutMs)} for a verdict`);
  try {
    await Promise.all([
      expire(watch, expired),
      tick(watch),
      pollChecks(watch),
      followRegistered(watch),
      lookAtBroker(watch),
      followQueue(watch),
    ]);
  } catch (error) {
    if (!watch.runtime.signal.aborted) throw error;
  } finally {
    watch.end();
  }
  await watch.acting;
  if (watch.verdict === undefined && watch.ended !== undefined) {
    // The time was up during the last look at the allocations, after the end of the deployment was read.
    update(watch, { deployment: watch.ended });
    await watch.acting;
  }
  if (watch.refused !== undefined) throw watch.refused;
  const { snapshot } = watch.state;
  // An action that was under way when the time was up has taken some of it.
  const graceMs = Math.min(EVIDENCE_GRACE_MS, deadlineOf(watch) + EVIDENCE_GRACE_MS - clock.now());
  clock.timeout(Math.max(0, graceMs)).addEventListener('abort', () => hurry.abort());
  const evidence = watch.verdict?.outcome === 'successful' ? [] : await watch.evidence.found(snapshot.allocations);
  return {
    verdict:
      watch.verdict ??
      unfinished(runtime, timeoutMs, waitsFor(watch) ?? describeProgress(snapshot, clock.now(), watch.rules.minHealthyMs), snapshot),
    snapshot,
    evidence,
  };
}

/** Returns a watch at its begin, whose signal aborts at its end, its timeout and that of the run; `hurry` ends the reading of evidence. */
function startWatch(
  job: Job,
  registration: Registration,
  options: WatchOptions,
  { nomad, runtime, hurry, expired }: World & { readonly hurry: AbortSignal; readonly expired: AbortSignal },
): Watch {
  const { clock } = runtime;
  const { namespace, version } = registration;
  const { logLines, consul } = options;
  const ended = new AbortController();
  const reading = { ...runtime, signal: AbortSignal.any([runtime.signal, hurry]) };
  return {
    job,
    registration,
    rules: { job, ...rulesOf(job), ...options, verifies: options.verify !== undefined, version },
    options,
    nomad,
    runtime: { ...runtime, signal: AbortSignal.any([runtime.signal, ended.signal, expired]) },
    evidence: gatherer(async (allocation) => collectEvidence(allocation, { job, namespace, logLines, consul }, nomad, reading)),
    act,
    end: () => ended.abort(),
    state: initialState(clock.now()),
    newestIndex: 0,
    quietSinceMs: clock.now(),
  };
}

/** Aborts when the time of the run is up. */
async function expire(watch: Watch, expired: AbortController): Promise<void> {
  const { clock, signal } = watch.runtime;
  for (let restMs = watch.options.timeoutMs; restMs > 0; restMs = deadlineOf(watch) - clock.now())
    await clock.sleep(watch.queue === undefined ? restMs : Math.max(restMs, TICK_MS), signal);
  expired.abort(new DOMException('the time is up', 'TimeoutError'));
}

async function tick(watch: Watch): Promise<void> {
  const { clock, signal } = watch.runtime;
  for (;;) {
    await clock.sleep(TICK_MS, signal);
    step(watch);
    watch.options.onState?.(watch.state.snapshot);
    if (clock.now() - watch.quietSinceMs < HEARTBEAT_MS) continue;
    const until = watch.queue === undefined ? `; this run waits until ${isoTime(deadlineOf(watch)).slice(11, 19)} UTC` : '';
    say(watch, `${waitsFor(watch) ?? describeProgress(watch.state.snapshot, clock.now(), watch.rules.minHealthyMs)}${until}`);
  }
}

/** Reads the checks of running allocations that are not healthy: only the results say why, and Nomad has no event for them. */
async function pollChecks(watch: Watch): Promise<void> {
  const { clock, signal } = watch.runtime;
  const { consul } = watch.options;
  if (!hasChecks(watch.job) && consul === undefined) return;
  const readAtMs = new Map<string, number>();
  for (;;) {
    await clock.sleep(TICK_MS, signal);
    const { minHealthyMs } = watch.rules;
    const times = { minHealthyMs, inConsul: consul !== undefined, readAtMs: (id: string) => readAtMs.get(id), nowMs: clock.now() };
    const due = dueChecks(watch.job, watch.state.snapshot, times);
    const read = await Promise.all(
      due.map(async (allocation): Promise<[string, readonly CheckResult[]]> => {
        readAtMs.set(allocation.ID, clock.now());
        const about = { job: watch.job, namespace: watch.registration.namespace, consul };
        return [allocation.ID, await readResults(allocation, about, watch.nomad, signal)];
      }),
    );
    if (read.length > 0) update(watch, { checks: { ...watch.state.snapshot.checks, ...Object.fromEntries(read) } });
  }
}

/** The age of a pending evaluation that needs a reason: a server normally takes it up within milliseconds. */
const UNSCHEDULED_MS = 10_000;
const PAUSED = 'the evaluation broker of the cluster is paused, so Nomad schedules nothing until an operator resumes it';

/** Returns why nothing was scheduled yet, if that is known. */
function waitsFor({ paused, queue, state: { snapshot } }: Watch): string | undefined {
  if (queue !== undefined) return `the job ${queue.words}`;
  const { evaluation, allocations } = snapshot;
  return paused === true && (evaluation?.Status ?? 'pending') === 'pending' && allocations.length === 0 ? PAUSED : undefined;
}

/** Looks whether the operators of the cluster have paused its evaluation broker, for which Nomad has no event. */
async function lookAtBroker(watch: Watch): Promise<void> {
  const { clock, signal } = watch.runtime;
  await clock.sleep(UNSCHEDULED_MS, signal);
  const { evaluation, allocations } = watch.state.snapshot;
  if ((evaluation?.Status ?? 'pending') !== 'pending' || allocations.length > 0) return;
  watch.paused = await watch.nomad.evaluations.paused(signal).catch(() => undefined);
  if (watch.paused === true) say(watch, PAUSED);
}

function unfinished({ signal }: Runtime, timeoutMs: number, progress: string, { deployment }: Snapshot): Verdict {
  if (!signal.aborted && deployment?.Status === 'paused')
    return {
      outcome: 'timed-out',
      description: `Nomad gave no verdict within ${formatDuration(timeoutMs)} (${progress}); it stays paused`,
    };
  return signal.aborted
    ? { outcome: 'cancelled', description: `the workflow was cancelled (${progress})${CONTINUES}` }
    : { outcome: 'timed-out', description: `Nomad gave no verdict within ${formatDuration(timeoutMs)} (${progress})${CONTINUES}` };
}
