import { describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../../src/runtime/clock.ts';

describe('the real clock', () => {
  test.each([3_600_000, -3_600_000])('is not moved by a step of the machine of %d ms', (stepMs) => {
    const before = systemClock.now();
    const machine = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + stepMs);
    expect(Math.abs(systemClock.now() - before)).toBeLessThan(1_000);
    machine.mockRestore();
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
  });

  test('sleeps', async () => {
    const before = systemClock.now();
    await systemClock.sleep(20, new AbortController().signal);
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(18);
  });

  test('waits longer than a timer of Node holds', async () => {
    const asleep = systemClock.sleep(2 ** 40, AbortSignal.timeout(30));
    await expect(asleep).rejects.toMatchObject({ name: 'TimeoutError' });
    const late = systemClock.timeout(2 ** 40);
    await systemClock.sleep(20, AbortSignal.any([late]));
    expect(late.aborted).toBe(false);
  });

  test('wakes with the reason when the signal aborts, early or late', async () => {
    const reason = new Error('cancelled');
    const late = new AbortController();
    const asleep = systemClock.sleep(60_000, late.signal);
    late.abort(reason);
    await expect(asleep).rejects.toBe(reason);
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
