import { dueChecks, hasChecks } from './checks.ts';
import { formatDuration } from './duration.ts';
import { ActionError, sentence, toActionError } from './errors.ts';
import { collectEvidence, type Evidence } from './evidence.ts';
import { type Gatherer, gatherer } from './gather.ts';
import type { Nomad } from './nomad/index.ts';
import type { Allocation, CheckResult, Evaluation, Job } from './nomad/types.ts';
import { describeChanges, describeProgress } from './progress.ts';
import type { Registration } from './register.ts';
import {
  advance,
  allHealthy,
  begin,
  decide,
  type FailureReason,
  isTerminal,
  type Rules,
  rulesOf,
  type Snapshot,
  type State,
  type Step,
  unplacedGroups,
  type Verdict,
} from './rollout.ts';
import type { Runtime } from './runtime/runtime.ts';

const HEARTBEAT_MS = 15_000;
/** Nothing is asked at a tick: it is for what only time decides. */
const TICK_MS = 250;
/** A first look at the allocations is worth it when their clients have told something. */
const FIRST_LOOK_MS = 700;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 500;
/** How long the last look, before a verdict is told, may take. */
const LAST_LOOK_MS = 2_000;
/** How long it takes until it is worth to ask again whether a promotion or a verdict is possible. */
const AGAIN_MS = 1_000;
/** Node's timers hold 31 bits, about 24 days; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface WatchOptions extends Pick<Rules, 'failFast' | 'patienceMs' | 'promote'> {
  readonly timeoutMs: number;
  /** How many lines of each log of a failing allocation are read. */
  readonly logLines: number;
  /** Called as soon as the deployment is known. */
  readonly onDeployment: (deploymentId: string) => void;
  /** Checks the canaries before they are promoted; gives what is wrong with them. */
  readonly verify?: (signal: AbortSignal) => Promise<string | undefined>;
}

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
  const timeoutMs = Math.min(options.timeoutMs, MAX_TIMER_MS);
  const ended = new AbortController();
  const signal = AbortSignal.any([runtime.signal, ended.signal, AbortSignal.timeout(timeoutMs)]);
  const { namespace, version } = registration;
  const watch: Watch = {
    job,
    registration,
    rules: { ...rulesOf(job), ...options, verifies: options.verify !== undefined, version },
    options,
    nomad,
    runtime: { ...runtime, signal },
    evidence: gatherer(async (allocation) =>
      collectEvidence(allocation, { namespace, logLines: options.logLines }, nomad, { clock, signal, redact: runtime.redact }),
    ),
    giveUpAt: new Date(clock.now() + timeoutMs).toISOString().slice(11, 19),
    end: () => ended.abort(),
    state: begin(clock.now()),
    quietSinceMs: clock.now(),
  };
  say(watch, `waiting up to ${formatDuration(timeoutMs)} for a verdict`);
  try {
    await Promise.all([tick(watch), pollChecks(watch), followRegistered(watch)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
  }
  await watch.acting;
  if (watch.refused !== undefined) throw watch.refused;
  const { snapshot } = watch.state;
  return {
    verdict: watch.verdict ?? unfinished(runtime, timeoutMs, describeProgress(snapshot, clock.now(), watch.rules.minHealthyMs)),
    snapshot,
    evidence: watch.evidence.found(snapshot.allocations),
  };
}

/** A rollout under watch. Its `runtime` has the signal that ends the watch. */
interface Watch {
  readonly job: Job;
  readonly registration: Registration;
  readonly rules: Rules;
  readonly options: WatchOptions;
  readonly nomad: Nomad;
  readonly runtime: Runtime;
  readonly evidence: Gatherer;
  readonly giveUpAt: string;
  readonly end: () => void;
  state: State;
  verdict?: Verdict;
  /** What is being done about it: one thing at a time. */
  acting?: Promise<void> | undefined;
  /** Cuts that short, where it can be. */
  interrupt?: (() => void) | undefined;
  /** Nomad refused what had to be done. */
  refused?: ActionError;
  quietSinceMs: number;
}

function say(watch: Watch, line: string): void {
  const now = watch.runtime.clock.now();
  watch.quietSinceMs = now;
  watch.runtime.log.info(`[${formatDuration(now - watch.state.startedAtMs)}] ${line}`);
}

function update(watch: Watch, change: Partial<Snapshot>): void {
  const now = watch.runtime.clock.now();
  const previous = watch.state.snapshot;
  watch.state = advance(watch.state, change, watch.rules, now);
  for (const line of describeChanges(previous, watch.state.snapshot, watch.rules.promote === 'spec')) say(watch, line);
  watch.evidence.look(watch.state.snapshot.allocations, now);
  step(watch);
}

/** Does what the table says is to be done next. */
function step(watch: Watch): void {
  if (watch.verdict !== undefined || (watch.acting !== undefined && watch.interrupt === undefined)) return;
  const next = decide(watch.state, watch.rules, watch.runtime.clock.now());
  if (watch.acting !== undefined) {
    if (next?.do === 'end') watch.interrupt?.();
    return;
  }
  if (next === undefined) return;
  watch.acting = act(watch, next)
    .catch((error: unknown) => {
      if (watch.runtime.signal.aborted) return;
      watch.refused = toActionError(error);
      watch.end();
    })
    .finally(() => {
      watch.acting = undefined;
      step(watch);
    });
}

async function act(watch: Watch, next: Step): Promise<void> {
  switch (next.do) {
    case 'end':
      return conclude(watch, next.verdict);
    case 'fail':
      return fail(watch, next);
    case 'verify':
      return verify(watch);
    case 'promote':
      return promote(watch);
  }
}

/** Takes the verdict, unless a second look at a job without a deployment shows that it is not final. */
async function conclude(watch: Watch, found: Verdict): Promise<void> {
  const verdict = await confirm(watch, found);
  if (verdict === undefined) return watch.runtime.clock.sleep(AGAIN_MS, watch.runtime.signal);
  watch.verdict = verdict;
  if (verdict.outcome === 'successful' && watch.state.snapshot.deployment?.Status === 'running')
    say(watch, 'all of it is healthy; that Nomad does not close the deployment is a defect of its own (hashicorp/nomad#27382)');
  watch.end();
}

/** Whether a failed allocation of a job without a deployment is tried again is up to an evaluation that may still be under way. */
async function confirm(watch: Watch, found: Verdict): Promise<Verdict | undefined> {
  const { nomad, registration, runtime, rules, state } = watch;
  const { jobId, namespace } = registration;
  if (state.snapshot.deployment !== undefined || rules.kind === 'batch') return found;
  if (found.outcome !== 'failed' || found.reason !== 'task-failed' || state.forced !== undefined) return found;
  const evaluations = await nomad.jobs.evaluations(jobId, namespace, runtime.signal);
  const { value } = await nomad.jobs.allocations(jobId, namespace, 0, runtime.signal);
  update(watch, versionsOf(watch, value));
  const last = decide(watch.state, rules, runtime.clock.now());
  return last?.do === 'end' && !evaluations.some(({ Status }) => Status === 'pending') ? last.verdict : undefined;
}

async function fail(
  watch: Watch,
  { reason, description }: { readonly reason: FailureReason; readonly description: string },
): Promise<void> {
  const { deployment } = watch.state.snapshot;
  watch.state = { ...watch.state, forced: { reason, description } };
  say(watch, `${description}; ${deployment === undefined ? 'nothing is waited for' : 'the deployment is failed at once'}`);
  if (deployment === undefined) return;
  try {
    await watch.nomad.deployments.fail(deployment.ID, watch.registration.namespace);
  } catch (error) {
    watch.runtime.log.warning(
      `The deployment could not be failed early, so Nomad's own deadline decides: ${sentence(toActionError(error))}`,
    );
  }
}

/** Has the canaries verified, unless the rollout ends meanwhile. */
async function verify(watch: Watch): Promise<void> {
  const interrupted = new AbortController();
  const signal = AbortSignal.any([watch.runtime.signal, interrupted.signal]);
  watch.interrupt = () => interrupted.abort();
  say(watch, 'the canaries are healthy: verifying them');
  try {
    const problem = await watch.options.verify?.(signal);
    watch.state = { ...watch.state, verified: true };
    if (problem !== undefined) await fail(watch, { reason: 'verification-failed', description: problem });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watch.interrupt = undefined;
  }
}

async function promote(watch: Watch): Promise<void> {
  const { nomad, registration, runtime } = watch;
  const { deployment } = watch.state.snapshot;
  if (deployment === undefined) return;
  watch.state = { ...watch.state, promoted: true };
  say(watch, 'promoting the healthy canaries');
  await nomad.deployments.promote(deployment.ID, registration.namespace).catch(async (error: unknown) => {
    const { code, message, hint } = toActionError(error);
    // Somebody else was quicker, or a canary is not healthy any more: the deployment tells.
    if (code === 'permission-denied') {
      const waits = `The canaries of version ${registration.version} run and wait for it: nomad deployment promote ${deployment.ID}`;
      throw new ActionError(code, message, { cause: error, hint: `${hint ?? ''} ${waits}` });
    }
    if (code !== 'nomad-refused') throw error;
    say(watch, `they could not be promoted: ${message}`);
    await runtime.clock.sleep(AGAIN_MS, runtime.signal);
    watch.state = { ...watch.state, promoted: false };
  });
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
    const due = dueChecks(watch.state.snapshot, watch.rules.minHealthyMs, (id) => readAtMs.get(id), clock.now());
    const read = await Promise.all(
      due.map(async ({ ID }): Promise<[string, readonly CheckResult[]]> => {
        readAtMs.set(ID, clock.now());
        return [ID, await watch.nomad.allocations.checks(ID, watch.registration.namespace, signal)];
      }),
    );
    if (read.length > 0) update(watch, { checks: { ...watch.state.snapshot.checks, ...Object.fromEntries(read) } });
  }
}

async function followRegistered(watch: Watch): Promise<void> {
  const { registration, nomad, runtime } = watch;
  const { jobId, evaluationId, deploymentId, namespace } = registration;
  if (evaluationId === '') {
    // An earlier run registered it: its evaluation has been processed, and may tell why some of it could not be placed.
    const evaluations = await nomad.jobs.evaluations(jobId, namespace, runtime.signal);
    update(watch, { evaluation: unplacedEvaluation(evaluations, deploymentId) ?? { ID: '', Status: 'complete' }, deploymentId });
  }
  const id = deploymentId ?? (evaluationId === '' ? undefined : await followEvaluation(watch));
  // Also what could be placed in part: how much of it the deployment tells later.
  for (const { why } of unplacedGroups(watch.state.snapshot)) say(watch, `${why}; waiting for capacity`);
  return id === undefined ? followAllocations(watch) : followDeployment(watch, id);
}

/** Follows the registration's evaluation, and those that go on with its work, until it is processed; gives the deployment that it made, if any. */
async function followEvaluation(watch: Watch): Promise<string | undefined> {
  const { nomad, runtime, rules } = watch;
  const { evaluationId, jobId, namespace, version } = watch.registration;
  const versionsDeployment = async (): Promise<string | undefined> =>
    (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find(({ JobVersion }) => JobVersion === version)?.ID;
  let id = evaluationId;
  for (let index = 0; ; ) {
    const { value: evaluation, index: next } = await nomad.evaluations.read(id, namespace, index, runtime.signal);
    if (evaluation === undefined) return versionsDeployment();
    index = next;
    if (evaluation.Status === 'pending') continue;
    if (evaluation.Status === 'failed' && evaluation.NextEval) {
      id = evaluation.NextEval;
      index = 0;
      continue;
    }
    // Those of system jobs need not be named by the evaluation.
    const deploymentId = evaluation.DeploymentID || (rules.kind === 'system' ? await versionsDeployment() : undefined);
    update(watch, { evaluation, deploymentId });
    return deploymentId;
  }
}

/** The newest evaluation of a deployment, or of a job that has none, that could not place all. */
function unplacedEvaluation(evaluations: readonly Evaluation[], deploymentId: string | undefined): Evaluation | undefined {
  return evaluations
    .filter(
      ({ DeploymentID, FailedTGAllocs, Status }) => (DeploymentID || undefined) === deploymentId && FailedTGAllocs && Status === 'complete',
    )
    .sort((a, b) => (b.CreateIndex ?? 0) - (a.CreateIndex ?? 0))[0];
}

async function followDeployment(watch: Watch, id: string): Promise<void> {
  const { nomad, registration, runtime, options } = watch;
  const { jobId, namespace, version } = registration;
  const gone = new AbortController();
  const signal = AbortSignal.any([runtime.signal, gone.signal]);
  await Promise.all([
    follow(
      async (index) => nomad.deployments.read(id, namespace, index, signal),
      async (deployment) => {
        // An evaluation may name the deployment of an older version, when ours needs none, or gets none (hashicorp/nomad#28538).
        if (deployment?.JobVersion !== version) return gone.abort();
        if (watch.state.snapshot.deployment === undefined) options.onDeployment(id);
        update(watch, { ...(isTerminal(deployment) ? await lastLook(watch, id) : {}), deployment });
      },
      signal,
    ),
    follow(
      async (index) => nomad.deployments.allocations(id, namespace, index, signal),
      (allocations) => update(watch, { allocations }),
      signal,
      settled(watch, signal),
    ),
  ]).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  if (!gone.signal.aborted) return;
  // Collected, gone with its job, or (before Nomad 2.0.5) never stored: then another one is ours, or the job and its allocations tell the rest.
  update(watch, { deployment: undefined, deploymentId: undefined });
  const other = (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find(
    ({ JobVersion, ID }) => JobVersion === version && ID !== id,
  );
  if (other === undefined) return followAllocations(watch);
  update(watch, { deploymentId: other.ID });
  return followDeployment(watch, other.ID);
}

/** A deployment may be told before the allocations that decided it, and a task may have failed since. That Nomad can't be asked once more changes nothing. */
async function lastLook({ nomad, registration, runtime }: Watch, id: string): Promise<Pick<Snapshot, 'allocations'> | undefined> {
  const signal = AbortSignal.any([runtime.signal, AbortSignal.timeout(LAST_LOOK_MS)]);
  const read = nomad.deployments.allocations(id, registration.namespace, 0, signal);
  return read.then(({ value }) => ({ allocations: value })).catch(() => undefined);
}

/** Follows a job that has no deployment by its allocations, and by itself: it may be stopped, replaced, or, a batch job, done. */
async function followAllocations(watch: Watch): Promise<void> {
  const { nomad, registration, runtime, rules } = watch;
  const { jobId, namespace } = registration;
  const { signal } = runtime;
  await Promise.all([
    follow(
      async (index) => nomad.jobs.allocations(jobId, namespace, index, signal),
      (all) => update(watch, versionsOf(watch, all)),
      signal,
      settled(watch, signal),
    ),
    follow(
      async (index) => nomad.jobs.watch(jobId, namespace, index, signal),
      async (registered) => {
        // A job that is done is judged by how its allocations ended.
        const done = rules.kind === 'batch' && registered?.Status === 'dead';
        const last = done ? versionsOf(watch, (await nomad.jobs.allocations(jobId, namespace, 0, signal)).value) : {};
        update(watch, { ...last, job: registered ?? null });
      },
      signal,
    ),
  ]);
}

/** Our allocations among those of all versions, and how many older ones are still to be replaced. */
function versionsOf({ registration: { version } }: Watch, all: readonly Allocation[]): Pick<Snapshot, 'allocations' | 'outdated'> {
  const outdated = all.filter(
    ({ JobVersion, DesiredStatus, ClientStatus }) =>
      JobVersion < version && DesiredStatus === 'run' && (ClientStatus === 'running' || ClientStatus === 'pending'),
  );
  return { allocations: all.filter(({ JobVersion }) => JobVersion === version), outdated: outdated.length };
}

/** Waits until it is worth to ask for the allocations again. */
function settled(watch: Watch, signal: AbortSignal): (first: boolean) => Promise<void> {
  const { clock } = watch.runtime;
  return async (first) => {
    await clock.sleep(first ? FIRST_LOOK_MS : SETTLE_MS, signal);
    // All is healthy, and only Nomad's own end of it is missing: the last look tells the rest.
    while (watch.state.snapshot.deployment !== undefined && allHealthy(watch.state.snapshot.deployment)) {
      await clock.sleep(TICK_MS, signal);
    }
  };
}

/** Repeats a blocking query and hands over every new answer, until the signal aborts. `before` is waited for before each question. */
async function follow<T>(
  read: (index: number) => Promise<{ readonly value: T; readonly index: number }>,
  onValue: (value: T) => void | Promise<void>,
  signal: AbortSignal,
  before?: (first: boolean) => Promise<void>,
): Promise<void> {
  for (let index = 0; !signal.aborted; ) {
    await before?.(index === 0);
    const answer = await read(index);
    if (answer.index !== index) await onValue(answer.value);
    // An index that goes back belongs to another server's history: begin anew.
    index = answer.index < index ? 0 : Math.max(answer.index, 1);
  }
}

function unfinished({ signal }: Runtime, timeoutMs: number, progress: string): Verdict {
  return signal.aborted
    ? { outcome: 'cancelled', description: `the workflow was cancelled while the rollout went on (${progress})` }
    : { outcome: 'timed-out', description: `no verdict within ${formatDuration(timeoutMs)} (${progress}); the rollout goes on` };
}
