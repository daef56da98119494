import { runInNewContext } from 'node:vm';
import type { Nomad } from '../../nomad/index.ts';
import type { Allocation } from '../../nomad/types.ts';
import { isRunning, type Ledger, type Side } from './ledger.ts';

/** The allocations of each side whose logs are read: each log is a connection. */
const MAX_READ = 5;

/** The longest time of a match: a computation cannot be cancelled. */
const PATTERN_MS = 1_000;

/** Counts the lines of logs that match a pattern. */
export interface LogCount {
  /** Begins to read the logs of the allocations that are running now: their new lines, or all of an allocation that is new. */
  readonly read: (isFirst: boolean) => void;
  /** Resolves when all logs are read to their end. */
  readonly done: () => Promise<void>;
  /** Returns why logs cannot be judged: the token may not read them, or the pattern takes too long. */
  readonly problem: () => string | undefined;
  /** A log of the judged allocations was read. */
  readonly wasRead: () => boolean;
}

interface Place {
  readonly nomad: Nomad;
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
  /** Aborts at the end of the bake. */
  readonly over: AbortSignal;
  /** Called after each line that matches, and at a problem. */
  readonly onCount: () => void;
}

export function logCount(pattern: RegExp, ledger: Ledger, { nomad, namespace, signal, over, onCount }: Place): LogCount {
  const reading = new Map<string, Promise<void>>();
  let problem: string | undefined;
  let read = false;
  const fail = (found: string): void => {
    problem ??= found;
    onCount();
  };
  const tell = (side: Side, allocation: Allocation) => (lines: readonly string[]) => {
    if (problem !== undefined) return;
    const found = matching(pattern, lines);
    if (found === undefined) return fail(`${pattern} takes more than a second to match lines of the logs`);
    if (found === 0) return;
    ledger.counts[side].errorLines += found;
    ledger.counts[side].allocation = allocation;
    onCount();
  };
  const one = async (
    side: Side,
    allocation: Allocation,
    task: string,
    wish: { readonly type: 'stdout' | 'stderr'; readonly last: number | undefined },
  ) => {
    const log = { id: allocation.ID, task, type: wish.type };
    const unread = await nomad.allocations
      .readLog(log, { last: wish.last, over, tell: tell(side, allocation) }, namespace, signal)
      .catch((error: unknown) => {
        if (signal.aborted) throw error;
        return 'gone' as const;
      });
    if (side === 'own' && unread === 'denied') fail('the logs cannot be read: the token must allow `read-logs`');
    if (side === 'own' && unread === undefined) read = true;
  };
  return {
    read: (isFirst) => {
      for (const side of ['own', 'stable'] as const) {
        for (const allocation of (ledger.now?.[side] ?? []).filter(isRunning).slice(0, MAX_READ)) {
          for (const task of Object.keys(allocation.TaskStates ?? {})) {
            for (const type of ['stdout', 'stderr'] as const) {
              const key = `${allocation.ID}/${task}/${type}`;
              if (reading.has(key)) continue;
              const work = one(side, allocation, task, { type, last: isFirst ? 0 : undefined });
              // The end of the bake awaits it, and throws what it rejects with.
              work.catch(() => undefined);
              reading.set(key, work);
            }
          }
        }
      }
    },
    done: async () => void (await Promise.all(reading.values())),
    problem: () => problem,
    wasRead: () => read,
  };
}

/** Returns how many lines match; undefined when that takes too long, as a crafted text can make it. */
function matching(pattern: RegExp, lines: readonly string[]): number | undefined {
  try {
    return Number(runInNewContext('lines.filter((line) => pattern.test(line)).length', { pattern, lines }, { timeout: PATTERN_MS }));
  } catch {
    return undefined;
  }
}
