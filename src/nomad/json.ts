declare global {
  // Part of the language since ES2026 and of Node 24; the compiler's library does not know it yet.
  interface JSON {
    /** Returns a number of JSON, by its text, that `JSON.stringify` writes as it is. */
    rawJSON(text: string): { readonly rawJSON: string };
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
  }
}
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * `JSON.parse` for job specs. Integers above 2^53 keep their digits and come back out of `JSON.stringify` as they were: a driver's `config` may hold any
 * number. Keys are sorted, since Nomad writes those of a `config` in another order each time: equal jobs are equal text.
 */
export function parseLossless(text: string): unknown {
  const keepDigits: Reviver = (_key, value, { source }) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && String(value) !== source)
      return JSON.rawJSON(source);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as unknown;
}
