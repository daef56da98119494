import { formatDuration } from './duration.ts';
import { type ActionError, toActionError } from './errors.ts';
import type { Nomad } from './nomad/index.ts';
import type { Allocation, Deployment, Evaluation, Job } from './nomad/types.ts';
import { describeChanges, describeProgress } from './progress.ts';
import type { Registration } from './register.ts';
import {
  advance,
  begin,
  decide,
  type FailureReason,
  type Rules,
  rulesOf,
  type Snapshot,
  type State,
  unplacedGroups,
  updateOf,
  type Verdict,
} from './rollout.ts';
import type { Runtime } from './runtime/runtime.ts';

const HEARTBEAT_MS = 15_000;
const TICK_MS = 1_000;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 500;
/** Node's timers hold 31 bits, about 24 days; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_PROGRESS_DEADLINE_MS = 600_000;
/** How long the allocations of a job without a deployment may take to run, or of a batch job to end. */
const DEFAULT_PATIENCE_MS = 120_000;

export interface WatchOptions extends Pick<Rules, 'failFast' | 'patienceMs' | 'promote'> {
  readonly timeoutMs: number;
  /** Called as soon as the deployment is known. */
  readonly onDeployment: (deploymentId: string) => void;
  /** Checks the canaries before they are promoted; gives what is wrong with them. */
  readonly verify?: (canaries: readonly Allocation[]) => Promise<string | undefined>;
}

/** How the registered version fared. */
export interface Watched {
  readonly verdict: Verdict;
  /** What was seen last. */
  readonly snapshot: Snapshot;
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
  const { log, clock } = runtime;
  const { namespace, version } = registration;
  const timeoutMs = Math.min(options.timeoutMs, MAX_TIMER_MS);
  const ended = new AbortController();
  const signal = AbortSignal.any([runtime.signal, ended.signal, AbortSignal.timeout(timeoutMs)]);
  const rules: Rules = { ...rulesOf(job), ...options, version };
  const giveUpAt = new Date(clock.now() + timeoutMs).toISOString().slice(11, 19);

  let state: State = begin(clock.now());
  let verdict: Verdict | undefined;
  let quietSinceMs = state.startedAtMs;
  let acting: Promise<void> | undefined;
  let refused: ActionError | undefined;

  const say = (line: string): void => {
    quietSinceMs = clock.now();
    log.info(`[${formatDuration(clock.now() - state.startedAtMs)}] ${line}`);
  };
  const fail = async (reason: FailureReason, description: string): Promise<void> => {
    const { deployment } = state.snapshot;
    state = { ...state, forced: { reason, description } };
    say(`${description}; ${deployment === undefined ? 'nothing is waited for' : 'the deployment is failed at once'}`);
    if (deployment === undefined) return;
    try {
      await nomad.deployments.fail(deployment.ID, namespace);
    } catch (error) {
      log.warning(`The deployment could not be failed early, so Nomad's own deadline decides: ${toActionError(error).message}`);
    }
  };
  const promote = async (): Promise<void> => {
    const { deployment, allocations } = state.snapshot;
    if (deployment === undefined) return;
    state = { ...state, promoted: true };
    const canaries = allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true);
    const problem = await options.verify?.(canaries);
    if (problem !== undefined) return fail('verification-failed', problem);
    say(`promoting the ${canaries.length} healthy canaries`);
    await nomad.deployments.promote(deployment.ID, namespace);
  };
  const step = (): void => {
    if (verdict !== undefined || acting !== undefined) return;
    const next = decide(state, rules, clock.now());
    if (next === undefined) return;
    if (next.do === 'end') {
      verdict = next.verdict;
      ended.abort();
      return;
    }
    acting = (next.do === 'fail' ? fail(next.reason, next.description) : promote())
      .catch((error: unknown) => {
        refused = toActionError(error);
        ended.abort();
      })
      .finally(() => {
        acting = undefined;
        step();
      });
  };
  const update = (change: Partial<Snapshot>): void => {
    const previous = state.snapshot;
    state = advance(state, change, rules, clock.now());
    for (const line of describeChanges(previous, state.snapshot)) say(line);
    step();
  };
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(TICK_MS, signal);
      step();
      if (clock.now() - quietSinceMs >= HEARTBEAT_MS) say(`${describeProgress(state.snapshot, clock.now())}; gives up at ${giveUpAt} UTC`);
    }
  };

  say(`waiting up to ${formatDuration(timeoutMs)} for a verdict`);
  const followed = { signal, clock };
  const ours = (all: readonly Allocation[]): Allocation[] => all.filter(({ JobVersion }) => JobVersion === version);
  const withoutDeployment = async (): Promise<void> => {
    await Promise.all([
      follow(
        async (index) => nomad.jobs.allocations(registration.jobId, namespace, index, signal),
        (all) => update({ allocations: ours(all) }),
        { ...followed, settleMs: SETTLE_MS },
      ),
      follow(
        async (index) => nomad.jobs.watch(registration.jobId, namespace, index, signal),
        (registered) => update({ job: registered ?? null }),
        { ...followed, settleMs: 0 },
      ),
    ]);
  };
  const withDeployment = async (id: string): Promise<void> => {
    const collected = new AbortController();
    const both = { clock, signal: AbortSignal.any([signal, collected.signal]) };
    await Promise.all([
      follow(
        async (index) => nomad.deployments.read(id, namespace, index, both.signal),
        (deployment) => {
          // An evaluation may name the deployment of an older version, when ours needs none.
          if (deployment?.JobVersion === version) update({ deployment });
          else collected.abort();
        },
        { ...both, settleMs: 0 },
      ),
      follow(
        async (index) => nomad.deployments.allocations(id, namespace, index, both.signal),
        (allocations) => update({ allocations }),
        { ...both, settleMs: SETTLE_MS },
      ),
    ]).catch((error: unknown) => {
      if (!collected.signal.aborted) throw error;
    });
    if (!collected.signal.aborted) return;
    // Collected, gone with its job, or (before Nomad 2.0.5) never stored: then another one is ours, or the job and its allocations tell the rest.
    update({ deployment: undefined, deploymentId: undefined });
    const other = (await nomad.jobs.deployments(registration.jobId, namespace)).find(
      ({ JobVersion, ID }) => JobVersion === version && ID !== id,
    );
    if (other === undefined) return withoutDeployment();
    options.onDeployment(other.ID);
    update({ deploymentId: other.ID });
    return withDeployment(other.ID);
  };
  try {
    await Promise.all([
      tick(),
      (async () => {
        const { deploymentId } = registration;
        const id = deploymentId ?? (await followEvaluation(registration, nomad, signal, update));
        if (deploymentId !== undefined)
          update({ evaluation: await unplacedEvaluation(registration.jobId, deploymentId, namespace, nomad), deploymentId });
        for (const line of unplacedGroups(state.snapshot)) say(`${line}; waiting for capacity`);
        if (id === undefined) return withoutDeployment();
        options.onDeployment(id);
        return withDeployment(id);
      })(),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
  }
  await acting;
  if (refused !== undefined) throw refused;
  if (verdict !== undefined && state.snapshot.deployment !== undefined) {
    // One last look: the deployment may be told before the allocations that decided it, and "successful" is not "still alive".
    const { value } = await nomad.deployments.allocations(state.snapshot.deployment.ID, namespace, 0, runtime.signal);
    update({ allocations: value });
    const last = decide(state, rules, clock.now());
    if (last?.do === 'end') verdict = last.verdict;
  }
  return { verdict: verdict ?? unfinished(runtime, timeoutMs, state.snapshot), snapshot: state.snapshot };
}

function unfinished({ signal, clock }: Runtime, timeoutMs: number, snapshot: Snapshot): Verdict {
  const progress = describeProgress(snapshot, clock.now());
  return signal.aborted
    ? { outcome: 'cancelled', description: `the workflow was cancelled while the rollout went on (${progress})` }
    : { outcome: 'timed-out', description: `no verdict within ${formatDuration(timeoutMs)} (${progress}); the rollout goes on` };
}

/** Follows the registration's evaluation, and those that go on with its work, until it is processed; gives the deployment that it made, if any. */
async function followEvaluation(
  { evaluationId, jobId, namespace, version }: Registration,
  nomad: Nomad,
  signal: AbortSignal,
  update: (change: Partial<Snapshot>) => void,
): Promise<string | undefined> {
  let id = evaluationId;
  for (let index = 0; ; ) {
    const { value: evaluation, index: next } = await nomad.evaluations.read(id, namespace, index, signal);
    index = next;
    if (evaluation.Status === 'pending') continue;
    if (evaluation.Status === 'failed' && evaluation.NextEval) {
      id = evaluation.NextEval;
      index = 0;
      continue;
    }
    // System jobs may have a deployment that the evaluation does not name.
    const deploymentId =
      evaluation.DeploymentID || (await nomad.jobs.deployments(jobId, namespace)).find(({ JobVersion }) => JobVersion === version)?.ID;
    update({ evaluation, deploymentId });
    return deploymentId;
  }
}

/** The evaluation of a deployment that is attached to: why some of it could not be placed. */
async function unplacedEvaluation(jobId: string, deploymentId: string, namespace: string, nomad: Nomad): Promise<Evaluation | undefined> {
  const all = await nomad.jobs.evaluations(jobId, namespace);
  return all.find(({ DeploymentID, FailedTGAllocs, Status }) => DeploymentID === deploymentId && FailedTGAllocs && Status === 'complete');
}

/** Repeats a blocking query and hands over every new answer, until the signal aborts. */
async function follow<T>(
  read: (index: number) => Promise<{ readonly value: T; readonly index: number }>,
  onValue: (value: T) => void,
  { signal, clock, settleMs }: { readonly signal: AbortSignal; readonly clock: Runtime['clock']; readonly settleMs: number },
): Promise<void> {
  for (let index = 0; !signal.aborted; ) {
    const answer = await read(index);
    if (answer.index !== index) onValue(answer.value);
    // An index that goes back belongs to another server's history: begin anew.
    index = answer.index < index ? 0 : Math.max(answer.index, 1);
    if (settleMs > 0) await clock.sleep(settleMs, signal);
  }
}

/**
 * Follows the deployment by which Nomad goes back to an older version, for at most `limitMs`: the report says what runs in the end. Undefined when the
 * old version needs no deployment, or none appears.
 */
export async function watchRollback(
  { jobId, namespace, version }: Registration,
  limitMs: number,
  nomad: Nomad,
  { clock, log, signal: cancelled }: Runtime,
): Promise<Deployment | undefined> {
  const ended = new AbortController();
  const signal = AbortSignal.any([cancelled, ended.signal, AbortSignal.timeout(limitMs)]);
  let rollback: Deployment | undefined;
  const isOver = ({ Status }: Deployment): boolean => /^(successful|failed|cancelled)$/.test(Status);
  try {
    await follow(
      async (index) => nomad.jobs.watchDeployment(jobId, namespace, index, signal),
      (deployment) => {
        if (deployment === undefined || deployment.JobVersion <= version) return;
        if (deployment.StatusDescription !== rollback?.StatusDescription)
          log.info(`Version ${deployment.JobVersion}: ${deployment.StatusDescription}`);
        rollback = deployment;
        if (isOver(deployment)) ended.abort();
      },
      { signal, clock, settleMs: 0 },
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return rollback;
}

/**
 * The longest a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a time)
 * of the slowest group, and the time to wait for capacity.
 */
export function timeoutFor({ Update, TaskGroups }: Job, patienceMs: number): number {
  const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
    const update = updateOf(Update, own);
    const canaries = update.Canary ?? 0;
    const steps = (canaries > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
    const deadlineMs = update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS;
    return deadlineMs * Math.max(steps, 1);
  });
  return (Number.isFinite(patienceMs) ? patienceMs : DEFAULT_PATIENCE_MS) + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
