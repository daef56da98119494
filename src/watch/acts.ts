import type { Verdict } from '../diagnose/index.ts';
import type { FailureReason } from '../errors.ts';
import { ActionError, sentence, toActionError } from '../errors.ts';
import { unpromotedGroups } from '../nomad/index.ts';
import { ownDeployment } from './evaluation.ts';
import { decide, type Step, unscheduled } from './rollout.ts';
import { currentAndOutdated, isBehind } from './sources.ts';
import { say, update, type Watch } from './state.ts';

/** The pause before a promotion or a verdict is tried again. */
const AGAIN_MS = 1_000;
/** The time in which Nomad stores the evaluation that reschedules a failed allocation: at once, but a busy server was seen to take milliseconds. */
const RESCHEDULE_MS = 3_000;
const POLL_MS = 250;

/** The time that the answer to a write has after the end of the watch: a cancelled step is killed after 7.5 s. */
const LAST_ANSWER_MS = 1_000;

/** Does the next action of the table in `rollout.ts`. */
export async function act(watch: Watch, next: Step): Promise<void> {
  switch (next.do) {
    case 'end':
      return conclude(watch, next.verdict);
    case 'fail':
      return fail(watch, next);
    case 'verify':
      return verifyCanaries(watch);
    case 'promote':
      return promoteCanaries(watch);
  }
}

/** Takes the verdict, unless a second look at a job without a deployment shows another state. */
async function conclude(watch: Watch, found: Verdict): Promise<void> {
  const verdict = await confirm(watch, found);
  if (verdict === undefined) return watch.runtime.clock.sleep(AGAIN_MS, watch.runtime.signal);
  watch.verdict = verdict;
  if (verdict.outcome === 'successful' && watch.state.snapshot.deployment?.Status === 'running')
    say(watch, 'all allocations are healthy, but Nomad does not close the deployment (hashicorp/nomad#27382)');
  watch.end();
}

/**
 * Reads a job without a deployment once more before its verdict, because Nomad does not judge it and the last answer may be old. Returns undefined where the
 * verdict does not hold. A batch job is over when Nomad calls it dead, unless an allocation may get another attempt: Nomad stores the end of an allocation
 * first, which ends the job, and then the evaluation that continues its work.
 */
async function confirm(watch: Watch, found: Verdict): Promise<Verdict | undefined> {
  const { nomad, registration, runtime, rules } = watch;
  const { snapshot } = watch.state;
  if (snapshot.deployment !== undefined || watch.state.forced !== undefined) return found;
  const failed = found.outcome === 'failed' && found.reason === 'task-failed';
  const waiting = failed ? unscheduled(snapshot, rules) : [];
  const isPreempted = failed && snapshot.allocations.some(({ DesiredStatus }) => DesiredStatus === 'evict');
  if (rules.kind === 'batch' && waiting.length === 0 && !isPreempted) return found;
  if (rules.kind !== 'batch' && (await resumed(watch))) return undefined;
  if (!failed && found.outcome !== 'successful') return found;
  // A job can disappear together with its deployment.
  if (watch.state.snapshot.job === undefined) return undefined;
  if (waiting.length > 0 && (await becomesScheduled(watch))) return undefined;
  if (failed && (await goesOn(watch))) return undefined;
  const answer = await nomad.jobs.allocations(registration.jobId, registration.namespace, 0, runtime.signal);
  if (isBehind(watch, answer)) return undefined;
  update(watch, currentAndOutdated(watch, answer.value));
  const last = decide(watch.state, rules, runtime.clock.now());
  // A different verdict needs a confirmation of its own, and so does an allocation that has failed since.
  const isNew = unscheduled(watch.state.snapshot, watch.rules).some(({ ID }) => !waiting.some((before) => before.ID === ID));
  return last?.do === 'end' && last.verdict.outcome === found.outcome && !(failed && isNew) ? last.verdict : undefined;
}

/** Waits for the evaluations that reschedule the failed allocations; returns whether the scheduler has named one for each. */
async function becomesScheduled(watch: Watch): Promise<boolean> {
  const { clock, signal } = watch.runtime;
  for (const untilMs = clock.now() + RESCHEDULE_MS; clock.now() < untilMs; ) {
    await clock.sleep(POLL_MS, signal);
    if (unscheduled(watch.state.snapshot, watch.rules).length === 0) return true;
  }
  return false;
}

/** Returns whether Nomad has something to do for a job of which allocations failed, or made room for another job: to place others, now or when there is room. */
async function goesOn({ nomad, registration, runtime, rules }: Watch): Promise<boolean> {
  const evaluations = await nomad.jobs.evaluations(registration.jobId, registration.namespace, runtime.signal);
  return evaluations.some(({ Status }) => Status === 'pending' || (Status === 'blocked' && rules.kind === 'batch'));
}

/** Follows the deployment of our version if Nomad has one by now; returns whether it has. */
async function resumed(watch: Watch): Promise<boolean> {
  const own = watch.resume === undefined ? undefined : await ownDeployment(watch);
  if (own !== undefined) watch.resume?.(own);
  return own !== undefined;
}

async function fail(
  watch: Watch,
  { reason, description }: { readonly reason: FailureReason; readonly description: string },
): Promise<void> {
  const { deployment } = watch.state.snapshot;
  if (deployment === undefined && watch.rules.kind !== 'batch' && (await resumed(watch))) return;
  watch.state = { ...watch.state, forced: { reason, description } };
  say(watch, `${description}, so ${deployment === undefined ? 'this run stops waiting' : 'this run fails the deployment'}`);
  if (deployment === undefined) return;
  try {
    await watch.nomad.deployments.fail(deployment.ID, watch.registration.namespace, soonAfter(watch));
  } catch (error) {
    watch.runtime.log.warning(
      `The deployment could not be failed early, so Nomad's own deadline decides: ${sentence(toActionError(error))}`,
    );
  }
}

/** Verifies the canaries, until the rollout ends. */
async function verifyCanaries(watch: Watch): Promise<void> {
  const interrupted = new AbortController();
  const signal = AbortSignal.any([watch.runtime.signal, interrupted.signal]);
  watch.interrupt = () => interrupted.abort();
  say(watch, 'the canaries are healthy: verifying them');
  try {
    const problem = await watch.options.verify?.(signal);
    // A deployment that was not read cannot be failed, so the canaries are verified again later.
    if (problem === undefined) watch.state = { ...watch.state, verified: true };
    else await fail(watch, { reason: 'verification-failed', description: problem });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watch.interrupt = undefined;
  }
}

async function promoteCanaries(watch: Watch): Promise<void> {
  const { nomad, registration, runtime } = watch;
  const { deployment } = watch.state.snapshot;
  if (deployment === undefined) return;
  watch.state = { ...watch.state, promoted: true };
  say(watch, 'promoting the healthy canaries');
  // Nomad looks at the canaries of promoted groups again where all groups are promoted, though some of those may have ended since.
  const waiting = unpromotedGroups(deployment);
  const isRest = Object.values(deployment.TaskGroups ?? {}).filter(({ DesiredCanaries }) => DesiredCanaries > 0).length > waiting.length;
  const groups = watch.rules.groups?.filter((name) => waiting.includes(name)) ?? (isRest ? waiting : undefined);
  await nomad.deployments.promote(deployment.ID, registration.namespace, groups, soonAfter(watch)).catch(async (error: unknown) => {
    const { code, message, hint } = toActionError(error);
    if (code === 'permission-denied') {
      const waits = `The canaries of version ${registration.version} are running and wait for promotion (nomad deployment promote ${deployment.ID}).`;
      throw new ActionError(code, message, { cause: error, hint: `${hint ?? ''} ${waits}` });
    }
    // Another client promoted first, or a canary is unhealthy again: the next state of the deployment shows which. An outage is waited out.
    if (code !== 'nomad-refused' && code !== 'unreachable') throw error;
    say(watch, `the canaries could not be promoted: ${message}`);
    await runtime.clock.sleep(AGAIN_MS, runtime.signal);
    watch.state = { ...watch.state, promoted: false };
  });
}

/** Returns a signal that aborts a moment after the end of the watch, so that an answer under way is still taken. */
function soonAfter({ runtime: { clock, signal } }: Watch): AbortSignal {
  const late = new AbortController();
  const end = (): void => clock.timeout(LAST_ANSWER_MS).addEventListener('abort', () => late.abort(signal.reason), { once: true });
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return late.signal;
}
