import type { Clock } from './runtime.ts';

export interface RetryPolicy {
  /** No further attempt is begun after this long. */
  readonly forMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly error: Error; readonly retryAfterMs?: number };

/**
 * Repeats `attempt` with exponential back-off and jitter until it is done or the policy's time is over; then throws the last error.
 * `retryAfterMs`, the server's own wish, wins over the computed delay. Rejects with the signal's reason when it aborts.
 */
export async function retry<T>(
  policy: RetryPolicy,
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<Attempt<T>>,
  onRetry: (error: Error, delayMs: number) => void,
): Promise<T> {
  const startedAt = clock.now();
  for (let count = 0; ; count++) {
    const result = await attempt();
    if (result.done) return result.value;
    const backOffMs = Math.min(policy.firstDelayMs * 2 ** count, policy.maxDelayMs);
    // Half of it is random, so that the jobs of a matrix do not come back all at once.
    const delayMs = result.retryAfterMs ?? backOffMs / 2 + clock.random() * (backOffMs / 2);
    if (clock.now() - startedAt + delayMs > policy.forMs) throw result.error;
    onRetry(result.error, delayMs);
    await clock.sleep(delayMs, signal);
  }
}
