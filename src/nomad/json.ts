interface LosslessJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}
// Part of the language since ES2026 and of Node 24; the compiler's library does not know it yet.
const lossless = JSON as unknown as LosslessJson;

/**
 * `JSON.parse` for job specs: integers above 2^53 keep their digits and come back out of `JSON.stringify` as they were. (A driver's
 * `config` may hold any number, and Nomad's nanoseconds are large.)
 */
export function parseLossless(text: string): unknown {
  return lossless.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && String(value) !== source ? lossless.rawJSON(source) : value,
  );
}
