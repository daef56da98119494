import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './runtime.ts';

/** As many as `randomInt` takes. */
const CHANCES = 2 ** 48 - 1;

/** The longest time that a timer of Node takes, 24 days: it fires a longer one at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real clock. Timers end at once when the signal aborts. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(Math.min(ms, MAX_TIMER_MS), undefined, { signal });
    } catch (error) {
      // node:timers wraps the reason in an AbortError; callers want to see why it was aborted.
      throw signal.aborted ? signal.reason : error;
    }
  },
  timeout: (ms) => AbortSignal.timeout(Math.min(ms, MAX_TIMER_MS)),
  random: () => randomInt(CHANCES) / CHANCES,
};
