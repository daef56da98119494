import type { Allocation } from '../nomad/types.ts';
import type { Evidence } from './evidence.ts';
import { oneOfEach, taskCauses } from './task.ts';

/** The number of allocations that are read: more rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/** The pause before a crash loop is read again. */
const AGAIN_AFTER_MS = 10_000;

/** Reads the evidence of failing allocations early: a rollback or a garbage collection may remove it before the verdict. */
export interface Gatherer {
  readonly look: (allocations: readonly Allocation[], nowMs: number) => void;
  /** Returns the evidence of these allocations once it is read; without the evidence of an allocation that has failed in another way since. */
  readonly found: (allocations: readonly Allocation[]) => Promise<Evidence[]>;
}

interface Gathering {
  readonly of: string;
  readonly atMs: number;
  /** Undefined while it is being read, and where it cannot be read. */
  evidence?: Evidence;
}

/**
 * Returns a gatherer that reads by `collect`, one allocation at a time: the newest of each kind of failure. Leaves out an allocation that cannot be read.
 */
export function gatherer(collect: (allocation: Allocation) => Promise<Evidence>): Gatherer {
  const known = new Map<string, Gathering>();
  let reading = Promise.resolve();
  const read = (allocation: Allocation, entry: Gathering): void => {
    known.set(allocation.ID, entry);
    reading = reading.then(async () => {
      // A newer entry may have replaced this one meanwhile.
      if (known.get(allocation.ID) === entry) entry.evidence = await collect(allocation);
    });
    reading = reading.catch(() => undefined);
  };
  return {
    look: (allocations, nowMs) => {
      const failing = allocations.filter((allocation) => problemOf(allocation) !== '');
      const newest = oneOfEach(failing.sort((a, b) => b.CreateIndex - a.CreateIndex));
      for (const allocation of newest.slice(0, MAX_ALLOCATIONS)) {
        const of = problemOf(allocation);
        const before = known.get(allocation.ID);
        const soon = before !== undefined && allocation.ClientStatus !== 'failed' && nowMs - before.atMs < AGAIN_AFTER_MS;
        if (before?.of !== of && !soon) read(allocation, { of, atMs: nowMs });
      }
    },
    found: async (allocations) => {
      await reading;
      return allocations.flatMap((allocation) => {
        const entry = known.get(allocation.ID);
        return entry?.evidence !== undefined && entry.of === problemOf(allocation) ? [entry.evidence] : [];
      });
    },
  };
}

/** Returns the failures of an allocation as one text; empty where it has none. */
function problemOf(allocation: Allocation): string {
  const causes = taskCauses(allocation).map(({ task, text }) => `${task}: ${text}`);
  return [...causes, ...(allocation.ClientStatus === 'failed' ? ['failed'] : [])].join('\n');
}
