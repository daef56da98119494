import { messageOf } from '../errors.ts';
import type { Webhook } from '../inputs/index.ts';
import { type Attempt, retry, secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { clip, oneLine } from '../text/index.ts';
import { isGood, type Result } from './result.ts';
import { webhookBody } from './webhook.ts';

const WEBHOOK_TIMEOUT_MS = 5_000;

/** At most five attempts, so that a chat does not delay the run. */
const POLICY = { forMs: 6_000, firstDelayMs: 1_000, maxDelayMs: 4_000 };

/** The time limit in a cancelled step, which the runner kills after 7.5 s. */
const CANCELLED_NOTIFY_MS = 2_500;

/**
 * Posts a result to the web hook. Skips a run that was skipped, and a good result with `webhook-on: failure`. A failed post is a warning and fails nothing.
 */
export async function notify(webhook: Webhook | undefined, result: Result, runtime: Runtime): Promise<void> {
  if (webhook === undefined || result.outcome === undefined || result.outcome === 'skipped') return;
  if (webhook.on === 'failure' && isGood(result.outcome)) return;
  const cancelled = runtime.signal.aborted;
  const signal = runtime.clock.timeout(cancelled ? CANCELLED_NOTIFY_MS : WEBHOOK_TIMEOUT_MS + POLICY.forMs);
  try {
    await retry(
      cancelled ? { ...POLICY, forMs: 0 } : POLICY,
      runtime.clock,
      signal,
      async () => post(webhook, result, runtime, signal),
      () => undefined,
    );
    runtime.log.info('The result was posted to the web hook');
  } catch (error) {
    runtime.log.warning(`\`webhook-url\`: the result could not be posted: ${signal.aborted ? 'no answer in time' : messageOf(error)}`);
  }
}

async function post({ url }: Webhook, result: Result, { request, redact }: Runtime, signal: AbortSignal): Promise<Attempt<void>> {
  let status: number;
  let words: string;
  let retryAfter: string | undefined;
  try {
    const answer = await request(url.reveal(), {
      method: 'POST',
      headers: { 'content-type': secret('application/json') },
      body: JSON.stringify(webhookBody(result)),
      timeoutMs: WEBHOOK_TIMEOUT_MS,
      insecure: false,
      maxBytes: 1_000,
      signal,
    });
    ({ status } = answer);
    words = clip(oneLine(redact(answer.body)), 200);
    retryAfter = answer.headers['retry-after'];
  } catch (error) {
    return { done: false, error: new Error(messageOf(error)) };
  }
  if (status >= 200 && status < 300) return { done: true, value: undefined };
  const error = new Error(`the web hook answered ${status}${words === '' ? '' : `: ${words}`}`);
  // A refusal is final.
  if (status !== 429 && status < 500) throw error;
  const seconds = Number(retryAfter);
  return { done: false, error, ...(retryAfter !== undefined && seconds >= 0 ? { retryAfterMs: seconds * 1_000 } : {}) };
}
