import type { FailureReason, Verdict } from '../diagnose/index.ts';
import { ActionError, sentence, toActionError } from '../errors.ts';
import { decide, type Step } from './rollout.ts';
import { isBehind, ownDeployment, versionsOf } from './sources.ts';
import { say, update, type Watch } from './state.ts';

/** The pause before a promotion or a verdict is tried again. */
const AGAIN_MS = 1_000;

/** Does the next action of the table in `rollout.ts`. */
export async function act(watch: Watch, next: Step): Promise<void> {
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
 * Reads a job without a deployment once more before its verdict, because Nomad does not judge it and the last answer may be old. A pending evaluation may
 * still reschedule a failed allocation. Returns undefined where the verdict does not hold.
 */
async function confirm(watch: Watch, found: Verdict): Promise<Verdict | undefined> {
  const { nomad, registration, runtime, rules } = watch;
  const { jobId, namespace } = registration;
  if (watch.state.snapshot.deployment !== undefined || watch.state.forced !== undefined || rules.kind === 'batch') return found;
  if (await resumed(watch)) return undefined;
  const failed = found.outcome === 'failed' && found.reason === 'task-failed';
  if (!failed && found.outcome !== 'successful') return found;
  // A job can disappear together with its deployment.
  if (watch.state.snapshot.job === undefined) return undefined;
  const evaluations = failed ? await nomad.jobs.evaluations(jobId, namespace, runtime.signal) : [];
  const answer = await nomad.jobs.allocations(jobId, namespace, 0, runtime.signal);
  if (isBehind(watch, answer)) return undefined;
  update(watch, versionsOf(watch, answer.value));
  const last = decide(watch.state, rules, runtime.clock.now());
  // A different verdict needs a confirmation of its own.
  if (last?.do !== 'end' || last.verdict.outcome !== found.outcome) return undefined;
  return evaluations.some(({ Status }) => Status === 'pending') ? undefined : last.verdict;
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
    await watch.nomad.deployments.fail(deployment.ID, watch.registration.namespace);
  } catch (error) {
    watch.runtime.log.warning(
      `The deployment could not be failed early, so Nomad's own deadline decides: ${sentence(toActionError(error))}`,
    );
  }
}

/** Verifies the canaries, until the rollout ends. */
async function verify(watch: Watch): Promise<void> {
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

async function promote(watch: Watch): Promise<void> {
  const { nomad, registration, runtime } = watch;
  const { deployment } = watch.state.snapshot;
  if (deployment === undefined) return;
  watch.state = { ...watch.state, promoted: true };
  say(watch, 'promoting the healthy canaries');
  await nomad.deployments.promote(deployment.ID, registration.namespace).catch(async (error: unknown) => {
    const { code, message, hint } = toActionError(error);
    if (code === 'permission-denied') {
      const waits = `The canaries of version ${registration.version} are running and wait for promotion (nomad deployment promote ${deployment.ID}).`;
      throw new ActionError(code, message, { cause: error, hint: `${hint ?? ''} ${waits}` });
    }
    // Another client promoted first, or a canary is unhealthy again: the next state of the deployment shows which.
    if (code !== 'nomad-refused') throw error;
    say(watch, `the canaries could not be promoted: ${message}`);
    await runtime.clock.sleep(AGAIN_MS, runtime.signal);
    watch.state = { ...watch.state, promoted: false };
  });
}
