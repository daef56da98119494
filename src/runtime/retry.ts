import type { Clock } from './runtime.ts';

export interface RetryPolicy {
  /** The time after which no attempt begins. */
  readonly forMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly error: Error; readonly retryAfterMs?: number; readonly forMs?: number };

/**
 * Repeats `attempt` with exponential back-off and jitter until it is done. Throws the last error when the policy's time is over, and the signal's reason when the
 * signal aborts. `retryAfterMs` of the server overrides the computed delay, and `forMs` of an attempt the time of the policy, from its first such failure on.
 */
export async function retry<T>(
  policy: RetryPolicy,
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<Attempt<T>>,
  onRetry: (error: Error, delayMs: number) => void,
): Promise<T> {
  const startedAt = clock.now();
  let failingSince: number | undefined;
  for (let count = 0; ; count++) {
    const result = await attempt();
    if (result.done) return result.value;
    const backOffMs = Math.min(policy.firstDelayMs * 2 ** count, policy.maxDelayMs);
    // Half of the delay is random, so that the jobs of a matrix do not retry at the same time.
    const delayMs = result.retryAfterMs ?? backOffMs / 2 + clock.random() * (backOffMs / 2);
    failingSince = result.forMs === undefined ? undefined : (failingSince ?? clock.now());
    if (clock.now() - (failingSince ?? startedAt) + delayMs > (result.forMs ?? policy.forMs)) throw result.error;
    onRetry(result.error, delayMs);
    await clock.sleep(delayMs, signal);
  }
}
