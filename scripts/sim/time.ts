// Time and chance of a simulation: virtual, and the same for the same seed.
import type { Clock } from '../../src/runtime/runtime.ts';

/** The virtual time of the begin. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Returns a generator of numbers from 0 up to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The number of looks at the clock without a timer between them that only an endless loop needs. */
const MAX_ASKED = 1_000_000;

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly ring: () => void;
  off: boolean;
}

/** A clock whose time passes at once when everything waits for it. */
export interface VirtualClock extends Clock {
  /** Calls a function after a time, unless the returned function is called before. */
  readonly after: (ms: number, ring: () => void) => () => void;
  /** Runs work to its end. Throws where it waits for something that is not the clock, or longer than `limitMs`. */
  readonly run: <T>(work: Promise<T>, limitMs: number) => Promise<T>;
}

export function virtualClock(random: () => number): VirtualClock {
  let [nowMs, made] = [EPOCH_MS, 0];
  const timers: Timer[] = [];
  const isBefore = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const after = (ms: number, ring: () => void): (() => void) => {
    const timer: Timer = { atMs: nowMs + Math.max(0, ms), order: made++, ring, off: false };
    // A binary heap, the first timer at its root.
    let at = timers.push(timer) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(timer, timers[up] as Timer); up = (at - 1) >> 1) {
      timers[at] = timers[up] as Timer;
      at = up;
    }
    timers[at] = timer;
    return () => {
      timer.off = true;
    };
  };
  const take = (): Timer | undefined => {
    const [first] = timers;
    const last = timers.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let at = 0;
    for (let down = 1; down < timers.length; down = 2 * at + 1) {
      if (down + 1 < timers.length && isBefore(timers[down + 1] as Timer, timers[down] as Timer)) down += 1;
      if (!isBefore(timers[down] as Timer, last)) break;
      timers[at] = timers[down] as Timer;
      at = down;
    }
    timers[at] = last;
    return first;
  };
  let asked = 0;
  return {
    now: () => {
      asked += 1;
      if (asked > MAX_ASKED) throw new Error('the work goes on and on without waiting for anything');
      return nowMs;
    },
    random,
    after,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const cancel = after(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = (): void => {
        cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      return promise;
    },
    timeout: (ms) => {
      const ended = new AbortController();
      after(ms, () => ended.abort(new DOMException('the time is up', 'TimeoutError')));
      return ended.signal;
    },
    run: async (work, limitMs) => {
      let done = false;
      const end = (): void => {
        done = true;
      };
      work.then(end, end);
      for (;;) {
        // All that follows from what has just happened comes first.
        await new Promise(setImmediate);
        if (done) return work;
        let next = take();
        while (next?.off === true) next = take();
        if (next === undefined) throw new Error('nothing is left that the work could wait for');
        nowMs = next.atMs;
        asked = 0;
        if (nowMs > EPOCH_MS + limitMs) throw new Error(`the work has no end within ${limitMs / 1000} s`);
        next.ring();
      }
    },
  };
}
