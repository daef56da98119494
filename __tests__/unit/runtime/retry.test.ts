import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../src/runtime/clock.ts';
import { type Attempt, type RetryPolicy, retry } from '../../../src/runtime/retry.ts';
import type { Clock } from '../../../src/runtime/runtime.ts';

const POLICY: RetryPolicy = { forMs: 10_000, firstDelayMs: 250, maxDelayMs: 3_000 };

/** A clock that is as late as what was slept on it. */
function clockOf(): Clock & { readonly slept: number[] } {
  let now = 1_000_000;
  const slept: number[] = [];
  const sleep: Clock['sleep'] = async (ms, signal) => {
    signal.throwIfAborted();
    slept.push(ms);
    now += ms;
  };
  return { ...systemClock, now: () => now, sleep, slept };
}

const failing = (count: number): { readonly attempt: () => Promise<Attempt<string>>; readonly calls: () => number } => {
  let calls = 0;
  const attempt = async (): Promise<Attempt<string>> => {
    calls += 1;
    return calls > count ? { done: true, value: `after ${calls}` } : { done: false, error: new Error(`failure ${calls}`) };
  };
  return { attempt, calls: () => calls };
};
const never = new AbortController().signal;
const ignore = (): void => undefined;

describe('a retried attempt', () => {
  test('that is done at once is not repeated', async () => {
    const clock = clockOf();
    expect(await retry(POLICY, clock, never, failing(0).attempt, ignore)).toBe('after 1');
    expect(clock.slept).toEqual([]);
  });

  test('backs off by powers of two up to the longest delay, half of each by chance', async () => {
    for (let run = 0; run < 20; run++) {
      const clock = clockOf();
      await retry({ ...POLICY, forMs: 60_000 }, clock, never, failing(7).attempt, ignore);
      const bounds = [250, 500, 1_000, 2_000, 3_000, 3_000, 3_000];
      expect(clock.slept).toHaveLength(7);
      for (const [i, ms] of clock.slept.entries()) {
        expect(ms).toBeGreaterThanOrEqual((bounds[i] ?? 0) / 2);
        expect(ms).toBeLessThanOrEqual(bounds[i] ?? 0);
      }
      expect(new Set(clock.slept.map((ms, i) => ms / (bounds[i] ?? 1))).size).toBeGreaterThan(1);
    }
  });

  test('tells each failure and how long it waits', async () => {
    const told: string[] = [];
    const clock = clockOf();
    await retry(POLICY, clock, never, failing(2).attempt, (error, ms) => told.push(`${error.message} ${ms}`));
    expect(told).toEqual([`failure 1 ${clock.slept[0]}`, `failure 2 ${clock.slept[1]}`]);
  });

  test('waits as long as the server says', async () => {
    const clock = clockOf();
    let calls = 0;
    const attempt = async (): Promise<Attempt<number>> =>
      ++calls < 3 ? { done: false, error: new Error('429'), retryAfterMs: calls * 1_000 } : { done: true, value: calls };
    expect(await retry(POLICY, clock, never, attempt, ignore)).toBe(3);
    expect(clock.slept).toEqual([1_000, 2_000]);
  });

  test('waits to the last moment of the policy', async () => {
    const clock = clockOf();
    let calls = 0;
    const attempt = async (): Promise<Attempt<number>> =>
      ++calls < 2 ? { done: false, error: new Error('429'), retryAfterMs: POLICY.forMs } : { done: true, value: calls };
    expect(await retry(POLICY, clock, never, attempt, ignore)).toBe(2);
  });

  test('is given up when the server wants a longer wait than the policy has', async () => {
    const clock = clockOf();
    const attempt = async (): Promise<Attempt<never>> => ({ done: false, error: new Error('429'), retryAfterMs: 10_001 });
    await expect(retry(POLICY, clock, never, attempt, ignore)).rejects.toThrow('429');
    expect(clock.slept).toEqual([]);
  });

  test('never begins after the policy’s time, and ends with the last error', async () => {
    const policies = fc.record({
      forMs: fc.nat(60_000),
      firstDelayMs: fc.integer({ min: 1, max: 5_000 }),
      maxDelayMs: fc.integer({ min: 1, max: 9_000 }),
    });
    await fc.assert(
      fc.asyncProperty(policies, async (policy) => {
        const clock = clockOf();
        const { attempt, calls } = failing(Number.POSITIVE_INFINITY);
        const began = clock.now();
        const error: unknown = await retry(policy, clock, never, attempt, ignore).catch((thrown: unknown) => thrown);
        expect(clock.now() - began).toBeLessThanOrEqual(policy.forMs);
        expect(error).toEqual(new Error(`failure ${calls()}`));
      }),
      { numRuns: 30 },
    );
  });

  test('that throws is not repeated', async () => {
    const clock = clockOf();
    await expect(retry(POLICY, clock, never, () => Promise.reject(new Error('refused')), ignore)).rejects.toThrow('refused');
    expect(clock.slept).toEqual([]);
  });

  test('ends with the signal’s reason when it aborts', async () => {
    const reason = new Error('cancelled');
    const controller = new AbortController();
    const { attempt, calls } = failing(9);
    await expect(retry(POLICY, clockOf(), controller.signal, attempt, () => controller.abort(reason))).rejects.toBe(reason);
    expect(calls()).toBe(1);
  });
});
