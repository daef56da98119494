import { depthOf } from '../text/index.ts';

declare global {
  // Part of ES2026 and Node 24, but not yet of the compiler's library.
  interface JSON {
    /** Returns a JSON number by its text, which `JSON.stringify` writes unchanged. */
    rawJSON(text: string): { readonly rawJSON: string };
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
  }
}

/** Deeper lists and objects overflow the stack of those who read and write them. */
const MAX_DEPTH = 1_000;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Parses the JSON of a job spec. Integers above 2^53 keep their digits through `JSON.stringify`, because a driver's `config` may hold any number. Keys are sorted,
 * because Nomad writes those of a `config` in varying order: equal jobs become equal text. Throws a `SyntaxError`.
 */
export function parseLossless(text: string): unknown {
  if (depthOf(text) > MAX_DEPTH) throw new SyntaxError(`lists and objects are nested more than ${MAX_DEPTH} deep`);
  const keepDigits: Reviver = (_key, value, { source }) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && String(value) !== source)
      return JSON.rawJSON(source);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as unknown;
}
