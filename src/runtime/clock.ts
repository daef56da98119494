import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './runtime.ts';

/** The largest range of `randomInt`. */
const CHANCES = 2 ** 48 - 1;

/** The longest timer of Node, 24 days. A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real clock. A step of the machine's clock during the run moves no time limit: the time since the start of the process is added to the time of the start. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  sleep: async (ms, signal) => {
    try {
      await delay(Math.min(ms, MAX_TIMER_MS), undefined, { signal });
    } catch (error) {
      // Callers need the reason of the signal, which node:timers wraps in an AbortError.
      throw signal.aborted ? signal.reason : error;
    }
  },
  timeout: (ms) => AbortSignal.timeout(Math.min(ms, MAX_TIMER_MS)),
  random: () => randomInt(CHANCES) / CHANCES,
};
