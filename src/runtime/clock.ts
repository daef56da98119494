import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './runtime.ts';

/** As many as `randomInt` takes. */
const CHANCES = 2 ** 48 - 1;

/** The real clock. Timers end at once when the signal aborts. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      // node:timers wraps the reason in an AbortError; callers want to see why it was aborted.
      throw signal.aborted ? signal.reason : error;
    }
  },
  timeout: (ms) => AbortSignal.timeout(ms),
  random: () => randomInt(CHANCES) / CHANCES,
};
