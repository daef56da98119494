import { taskCauses } from './cause.ts';
import { formatDuration } from './duration.ts';
import { toActionError } from './errors.ts';
import type { Nomad } from './nomad/index.ts';
import type { Job, UpdateStrategy } from './nomad/types.ts';
import { describePlacement } from './placement.ts';
import type { Registration } from './register.ts';
import { describeChanges, describeProgress, type Expectation, type FailureReason, judge, type Snapshot, type Verdict } from './rollout.ts';
import type { Runtime } from './runtime/runtime.ts';

const HEARTBEAT_MS = 15_000;
/** How long a group that fits nowhere may wait for capacity. Nomad itself would wait for ever: its deadline starts with the first placement. */
const PLACEMENT_PATIENCE_MS = 120_000;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 500;
/** Node's timers hold 31 bits, about 24 days; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_PROGRESS_DEADLINE_MS = 600_000;

export interface WatchOptions {
  readonly timeoutMs: number;
  /** Fail the deployment at once when its cause can't heal, instead of at Nomad's deadline. */
  readonly failFast: boolean;
  /** Called as soon as the deployment is known. */
  readonly onDeployment: (deploymentId: string) => void;
}

/** How the registered version fared. */
export interface Watched {
  readonly verdict: Verdict;
  /** What was seen last. */
  readonly snapshot: Snapshot;
}

/**
 * Follows what this run registered (and nothing else) to its end: evaluation, then deployment and allocations, by blocking queries. Ends with a
 * verdict also when the time is up or the workflow is cancelled; then the rollout is left as it is.
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
  const startedAt = clock.now();
  const timeoutMs = Math.min(options.timeoutMs, MAX_TIMER_MS);
  const ended = new AbortController();
  const signal = AbortSignal.any([runtime.signal, ended.signal, AbortSignal.timeout(timeoutMs)]);
  const expectation = expect(job);

  let snapshot: Snapshot = { evaluation: undefined, deployment: undefined, allocations: [] };
  let deploymentId: string | undefined;
  let verdict: Verdict | undefined;
  let quietSince = startedAt;
  let forced: { reason: FailureReason; description: string } | undefined;

  const say = (line: string): void => {
    quietSince = clock.now();
    log.info(`[${formatDuration(clock.now() - startedAt)}] ${line}`);
  };
  const update = (change: Partial<Snapshot>): void => {
    const previous = snapshot;
    snapshot = { ...snapshot, ...change };
    for (const line of describeChanges(previous, snapshot)) say(line);
    verdict ??= judge(snapshot, expectation);
    if (verdict !== undefined) ended.abort();
  };
  const giveUp = async (reason: FailureReason, description: string): Promise<void> => {
    if (forced !== undefined) return;
    forced = { reason, description };
    say(description);
    if (deploymentId === undefined) {
      verdict = { outcome: 'failed', reason, description };
      ended.abort();
      return;
    }
    try {
      await nomad.deployments.fail(deploymentId, namespace);
    } catch (error) {
      log.warning(`The deployment could not be failed early, so Nomad's own deadline decides: ${toActionError(error).message}`);
    }
  };
  const heartbeat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(1_000, signal);
      const unplaced = unplacedGroups(snapshot);
      if (unplaced.length > 0 && clock.now() - startedAt > PLACEMENT_PATIENCE_MS) {
        await giveUp('placement-failed', `not placed within ${formatDuration(PLACEMENT_PATIENCE_MS)}: ${unplaced.join('; ')}`);
      }
      if (clock.now() - quietSince >= HEARTBEAT_MS) {
        say(`${describeProgress(snapshot)}; gives up in ${formatDuration(startedAt + timeoutMs - clock.now())}`);
      }
    }
  };
  const failEarly = async (): Promise<void> => {
    if (!options.failFast || verdict !== undefined) return;
    const certain = snapshot.allocations.flatMap(taskCauses).find((cause) => cause.certain);
    if (certain !== undefined)
      await giveUp(
        'task-failed',
        `This cannot heal, so ${deploymentId === undefined ? 'nothing is waited for' : 'the deployment was failed at once'}`,
      );
  };

  say(`waiting up to ${formatDuration(timeoutMs)} for a verdict`);
  try {
    const beating = heartbeat();
    const following = (async () => {
      const id = registration.deploymentId ?? (await followEvaluation(registration, nomad, signal, update));
      deploymentId = id;
      for (const line of unplacedGroups(snapshot)) say(`${line}; waiting for capacity`);
      if (id === undefined) {
        await follow(
          async (index) => nomad.jobs.allocations(registration.jobId, namespace, index, signal),
          async (all) => {
            update({ allocations: all.filter(({ JobVersion }) => JobVersion === version) });
            await failEarly();
          },
          { signal, clock, settleMs: SETTLE_MS },
        );
        return;
      }
      options.onDeployment(id);
      await Promise.all([
        follow(
          async (index) => nomad.deployments.read(id, namespace, index, signal),
          (deployment) => update({ deployment: deployment ?? null }),
          { signal, clock, settleMs: 0 },
        ),
        follow(
          async (index) => nomad.deployments.allocations(id, namespace, index, signal),
          async (allocations) => {
            update({ allocations });
            await failEarly();
          },
          { signal, clock, settleMs: SETTLE_MS },
        ),
      ]);
    })();
    // Both end by the abort that a verdict brings, or by an error.
    await Promise.all([beating, following]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
  }
  if (verdict !== undefined && snapshot.deployment) {
    // One last look: the deployment may be told before the allocations that decided it, and "successful" is not "still alive".
    const { value } = await nomad.deployments.allocations(snapshot.deployment.ID, namespace, 0, runtime.signal);
    update({ allocations: value });
    verdict = judge(snapshot, expectation) ?? verdict;
  }
  if (verdict?.outcome === 'failed' && forced !== undefined) verdict = { ...verdict, ...forced };
  verdict ??= unfinished(runtime.signal, timeoutMs, snapshot);
  return { verdict, snapshot };
}

function unfinished(cancelled: AbortSignal, timeoutMs: number, snapshot: Snapshot): Verdict {
  if (cancelled.aborted)
    return { outcome: 'cancelled', description: `the workflow was cancelled while the rollout went on (${describeProgress(snapshot)})` };
  return {
    outcome: 'timed-out',
    description: `no verdict within ${formatDuration(timeoutMs)} (${describeProgress(snapshot)}); the rollout goes on`,
  };
}

/** Follows the registration's evaluation until it is processed; gives the deployment that it made, if any. */
async function followEvaluation(
  { evaluationId, jobId, namespace, version }: Registration,
  nomad: Nomad,
  signal: AbortSignal,
  update: (change: Partial<Snapshot>) => void,
): Promise<string | undefined> {
  for (let index = 0; ; ) {
    const { value: evaluation, index: next } = await nomad.evaluations.read(evaluationId, namespace, index, signal);
    index = next;
    if (evaluation.Status === 'pending') continue;
    update({ evaluation });
    if (evaluation.DeploymentID) return evaluation.DeploymentID;
    // System jobs may have a deployment that the evaluation does not name.
    return (await nomad.jobs.deployments(jobId, namespace)).find(({ JobVersion }) => JobVersion === version)?.ID;
  }
}

/** Repeats a blocking query and hands over every new answer, until the signal aborts. */
async function follow<T>(
  read: (index: number) => Promise<{ readonly value: T; readonly index: number }>,
  onValue: (value: T) => void | Promise<void>,
  { signal, clock, settleMs }: { readonly signal: AbortSignal; readonly clock: Runtime['clock']; readonly settleMs: number },
): Promise<void> {
  for (let index = 0; !signal.aborted; ) {
    const answer = await read(index);
    if (answer.index !== index) await onValue(answer.value);
    // An index that goes back belongs to another server's history: begin anew.
    index = answer.index < index ? 0 : Math.max(answer.index, 1);
    if (settleMs > 0) await clock.sleep(settleMs, signal);
  }
}

/** Groups of which nothing at all could be placed, in words. */
function unplacedGroups({ evaluation, deployment, allocations }: Snapshot): string[] {
  return Object.entries(evaluation?.FailedTGAllocs ?? {}).flatMap(([group, metric]) => {
    const placed = deployment?.TaskGroups?.[group]?.PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length;
    return placed === 0 ? [describePlacement(group, metric)] : [];
  });
}

function expect({ Type, TaskGroups }: Job): Expectation {
  return {
    batch: Type === 'batch' || Type === 'sysbatch',
    count: Type === 'system' ? 1 : (TaskGroups ?? []).reduce((sum, { Count }) => sum + (Count ?? 1), 0),
  };
}

/**
 * The longest a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a time)
 * of the slowest group, and the time to wait for capacity.
 */
export function timeoutFor({ Update, TaskGroups }: Job): number {
  const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
    // Nomad's parser writes null for what a block does not say, which then is the job's.
    const said = Object.entries(own ?? {}).filter(([, value]) => value !== null);
    const update: UpdateStrategy = { ...Update, ...Object.fromEntries(said) };
    const canaries = update.Canary ?? 0;
    const steps = (canaries > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
    const deadlineMs = update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS;
    return deadlineMs * Math.max(steps, 1);
  });
  return PLACEMENT_PATIENCE_MS + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
