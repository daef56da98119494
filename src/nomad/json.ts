interface LosslessJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
// Part of the language since ES2026 and of Node 24; the compiler's library does not know it yet.
const lossless = JSON as unknown as LosslessJson;

/**
 * `JSON.parse` for job specs. Integers above 2^53 keep their digits and come back out of `JSON.stringify` as they were: a driver's `config` may hold any
 * number. Keys are sorted, since Nomad writes those of a `config` in another order each time: equal jobs are equal text.
 */
export function parseLossless(text: string): unknown {
  return lossless.parse(text, (_key, value, { source }) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && String(value) !== source)
      return lossless.rawJSON(source);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || lossless.isRawJSON(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
