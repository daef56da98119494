import { ActionError, sentence, toActionError } from '../errors.ts';
import { decide, type FailureReason, type Step, type Verdict } from '../rollout.ts';
import { versionsOf } from './sources.ts';
import { say, update, type Watch } from './state.ts';

/** How long it takes until it is worth to ask again whether a promotion or a verdict is possible. */
const AGAIN_MS = 1_000;

/** Does what the table of `rollout.ts` says is to be done next. */
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

/** Takes the verdict, unless a second look at a job without a deployment shows that it is not final. */
async function conclude(watch: Watch, found: Verdict): Promise<void> {
  const verdict = await confirm(watch, found);
  if (verdict === undefined) return watch.runtime.clock.sleep(AGAIN_MS, watch.runtime.signal);
  watch.verdict = verdict;
  if (verdict.outcome === 'successful' && watch.state.snapshot.deployment?.Status === 'running')
    say(watch, 'all of it is healthy; that Nomad does not close the deployment is a defect of its own (hashicorp/nomad#27382)');
  watch.end();
}

/**
 * Of a job without a deployment, nobody but we judges: its allocations are looked at once more, since what was seen last is a moment old; and whether a
 * failed one is tried again is up to an evaluation that may still be under way.
 */
async function confirm(watch: Watch, found: Verdict): Promise<Verdict | undefined> {
  const { nomad, registration, runtime, rules, state } = watch;
  const { jobId, namespace } = registration;
  if (state.snapshot.deployment !== undefined || rules.kind === 'batch') return found;
  const failed = found.outcome === 'failed' && found.reason === 'task-failed';
  if (state.forced !== undefined || (!failed && found.outcome !== 'successful')) return found;
  const evaluations = failed ? await nomad.jobs.evaluations(jobId, namespace, runtime.signal) : [];
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
    if (code === 'permission-denied') {
      const waits = `The canaries of version ${registration.version} run and wait for it (nomad deployment promote ${deployment.ID}).`;
      throw new ActionError(code, message, { cause: error, hint: `${hint ?? ''} ${waits}` });
    }
    // Somebody else was quicker, or a canary is not healthy any more: the deployment tells.
    if (code !== 'nomad-refused') throw error;
    say(watch, `they could not be promoted: ${message}`);
    await runtime.clock.sleep(AGAIN_MS, runtime.signal);
    watch.state = { ...watch.state, promoted: false };
  });
}
