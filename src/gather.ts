import { taskCauses } from './cause.ts';
import type { Evidence } from './evidence.ts';
import type { Allocation } from './nomad/types.ts';

/** Allocations beyond these rarely tell anything new; the newest are kept. */
const MAX_ALLOCATIONS = 5;
/** A crash loop is not read anew at each crash. */
const AGAIN_AFTER_MS = 10_000;

/** Reads the evidence of allocations that fail while it is there: a way back or a garbage collection may take it away before the verdict. */
export interface Gatherer {
  readonly look: (allocations: readonly Allocation[], nowMs: number) => void;
  /** What was read of these allocations and still holds: one that has failed otherwise since has to be read anew. */
  readonly found: (allocations: readonly Allocation[]) => Evidence[];
}

/** Makes a gatherer that reads by `collect`; what can't be read is left out. */
export function gatherer(collect: (allocation: Allocation) => Promise<Evidence>): Gatherer {
  interface Entry {
    readonly of: string;
    readonly atMs: number;
    evidence?: Evidence;
  }
  const known = new Map<string, Entry>();
  return {
    look: (allocations, nowMs) => {
      for (const allocation of allocations) {
        const of = failureOf(allocation);
        const before = known.get(allocation.ID);
        if (of === '' || before?.of === of) continue;
        if (before !== undefined && allocation.ClientStatus !== 'failed' && nowMs - before.atMs < AGAIN_AFTER_MS) continue;
        const entry: Entry = { of, atMs: nowMs };
        known.delete(allocation.ID);
        known.set(allocation.ID, entry);
        for (const id of [...known.keys()].slice(0, -MAX_ALLOCATIONS)) known.delete(id);
        collect(allocation).then(
          (evidence) => {
            entry.evidence = evidence;
          },
          () => undefined,
        );
      }
    },
    found: (allocations) =>
      allocations.flatMap((allocation) => {
        const entry = known.get(allocation.ID);
        return entry?.evidence !== undefined && entry.of === failureOf(allocation) ? [entry.evidence] : [];
      }),
  };
}

/** What is wrong with an allocation; empty as long as nothing is. */
function failureOf(allocation: Allocation): string {
  const causes = taskCauses(allocation).map(({ task, text }) => `${task}: ${text}`);
  return [...causes, ...(allocation.ClientStatus === 'failed' ? ['failed'] : [])].join('\n');
}
