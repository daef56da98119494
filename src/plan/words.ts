import { EVERY, type Words } from '../nomad/index.ts';

/** Texts of a plan that decide something. `recorded/` of the fixtures has them by version. */
export const PLAN_WORDS = {
  /** An annotation of a change that leaves the allocations running. Every other annotation, an unknown one too, counts as one that replaces them. */
  inPlace: { pattern: /^forces (?:in-place update|create)$/, seen: EVERY },
  /** The warning about a `memory_max` that the scheduler ignores. */
  oversubscription: { pattern: /^Memory oversubscription is not enabled/, seen: EVERY },
  /** The begin of each warning in a list of them. */
  warning: { pattern: /(?:^|\n)\* /, seen: EVERY },
} satisfies Record<string, Words>;
