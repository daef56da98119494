/** A match: `[start, end)` in the text, and its number of matched characters. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** A window of a pattern. */
interface WindowPlace {
  readonly pattern: string;
  readonly at: number;
  /** True when a part of the pattern counts as a match. */
  readonly part: boolean;
}

/** The sizes of the windows for short and for long patterns. */
const SHORT = 3;
const LONG = 8;
/** The shortest part of a pattern that is always found. */
const MIN_PART = 2 * LONG;

/** The limit of compared parts with the same first characters, as of a repetitive text. */
const MAX_SAME = 16;

const FACTOR = 0x01000193;
const BUCKETS = 1 << 16;

/**
 * Returns a function that finds all occurrences of the patterns (of at least 3 characters), and the longest parts of at least 16 characters of those in `parts`.
 * It takes one pass over the text for any number of patterns.
 */
export function finder(patterns: readonly string[], parts: readonly string[]): (text: string) => Occurrence[] {
  const short = patterns.filter((pattern) => pattern.length < LONG);
  const long = patterns.filter((pattern) => pattern.length >= LONG);
  const whole = (pattern: string): WindowPlace => ({ pattern, at: 0, part: false });
  const windows = parts.flatMap((pattern) =>
    Array.from({ length: Math.floor(pattern.length / LONG) }, (_, i): WindowPlace => ({ pattern, at: i * LONG, part: true })),
  );
  const passes = [scanner(SHORT, short.map(whole)), scanner(LONG, [...long.map(whole), ...windows])].filter((pass) => pass !== undefined);
  return (text) => {
    const found: Occurrence[] = [];
    for (const pass of passes) pass(text, found);
    return found;
  };
}

/** Returns a search by the rolling hash of a window of `width` characters. */
function scanner(width: number, places: readonly WindowPlace[]): ((text: string, found: Occurrence[]) => void) | undefined {
  if (places.length === 0) return undefined;
  const known = new Map<number, WindowPlace[]>();
  const taken = new Uint8Array(BUCKETS);
  for (const place of places) {
    let hash = 0;
    for (let i = place.at; i < place.at + width; i++) hash = (Math.imul(hash, FACTOR) + place.pattern.charCodeAt(i)) | 0;
    const same = known.get(hash) ?? [];
    if (!place.part || same.length < MAX_SAME) known.set(hash, [...same, place]);
    taken[bucket(hash)] = 1;
  }
  let leaving = 1;
  for (let i = 1; i < width; i++) leaving = Math.imul(leaving, FACTOR);
  return (text, found) => {
    // Parts before this index are found already. Comparing from here keeps the search linear.
    let partUntil = 0;
    let hash = 0;
    for (let end = 0; end < text.length; end++) {
      if (end >= width) hash = (hash - Math.imul(text.charCodeAt(end - width), leaving)) | 0;
      hash = (Math.imul(hash, FACTOR) + text.charCodeAt(end)) | 0;
      if (end < width - 1 || taken[bucket(hash)] === 0) continue;
      const start = end - width + 1;
      for (const place of known.get(hash) ?? []) {
        const { pattern } = place;
        if (!place.part) {
          if (text.startsWith(pattern, start)) found.push({ start, end: start + pattern.length, length: pattern.length });
        } else {
          const match = partAround(text, start, place, partUntil);
          if (match.length === 0 || (match.length < MIN_PART && (match.start > partUntil || partUntil === 0))) continue;
          found.push({ ...match, length: MIN_PART });
          partUntil = Math.max(partUntil, match.end);
        }
      }
    }
  };
}

const bucket = (hash: number): number => (hash ^ (hash >>> 16)) & (BUCKETS - 1);

/** Returns the longest text around `start` that is in the pattern around `at`, after the index `done`. */
function partAround(text: string, start: number, { pattern, at }: WindowPlace, done: number): Occurrence {
  const same = (i: number): boolean =>
    i < text.length && at + i - start < pattern.length && text.charCodeAt(i) === pattern.charCodeAt(at + i - start);
  let [first, end] = [Math.max(start, done), Math.max(start, done)];
  while (same(end)) end++;
  while (first > done && first - start + at > 0 && same(first - 1)) first--;
  return { start: first, end, length: end - first };
}
