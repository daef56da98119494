import type { Allocation } from '../nomad/types.ts';
import type { Evidence } from './evidence.ts';
import { oneOfEach, taskCauses } from './task.ts';

/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/** A crash loop is not read anew at each crash. */
const AGAIN_AFTER_MS = 10_000;

/** Reads the evidence of allocations that fail while it is there: a way back or a garbage collection may take it away before the verdict. */
export interface Gatherer {
  readonly look: (allocations: readonly Allocation[], nowMs: number) => void;
  /** What was read of these allocations, what is being read included, and still holds: one that has failed otherwise since has to be read anew. */
  readonly found: (allocations: readonly Allocation[]) => Promise<Evidence[]>;
}

interface Gathering {
  readonly of: string;
  readonly atMs: number;
  /** Undefined as long as it is being read, and when it can't be. */
  evidence?: Evidence;
}

/**
 * Makes a gatherer that reads by `collect`, one after the other, of allocations that fail the newest of each kind of failure; what can't be read is left
 * out.
 */
export function gatherer(collect: (allocation: Allocation) => Promise<Evidence>): Gatherer {
  const known = new Map<string, Gathering>();
  let reading = Promise.resolve();
  const read = (allocation: Allocation, entry: Gathering): void => {
    known.set(allocation.ID, entry);
    reading = reading.then(async () => {
      // Overtaken while it waited for its turn.
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

/** What is wrong with an allocation; empty as long as nothing is. */
function problemOf(allocation: Allocation): string {
  const causes = taskCauses(allocation).map(({ task, text }) => `${task}: ${text}`);
  return [...causes, ...(allocation.ClientStatus === 'failed' ? ['failed'] : [])].join('\n');
}
