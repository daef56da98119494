/** A match: `[start, end)` in the text, and how many characters of it decided. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** Of a pattern, which characters a window begins at. */
interface WindowPlace {
  readonly pattern: string;
  readonly at: number;
  /** A part of the pattern is enough. */
  readonly part: boolean;
}

/** Windows by which patterns are found: the first characters of short ones and of long ones. */
const SHORT = 3;
const LONG = 8;
/** Of a pattern in parts, so many characters are found in any case. */
const MIN_PART = 2 * LONG;

/** Of parts that begin with the same characters, as of a text that repeats itself, so many are looked at. */
const MAX_SAME = 16;

const FACTOR = 0x01000193;
const BUCKETS = 1 << 16;

/**
 * Makes a function that finds every occurrence of the patterns (of three characters or more), and each longest part of at least 16 characters of those in
 * `parts`, in one pass over the text however many there are.
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

/** A search by the hash of a window of `width` characters that moves over the text. */
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
    // Up to here parts were found already. Comparing goes on from here, so that each character of the text is compared with few others.
    let partUntil = 0;
    let hash = 0;
    for (let end = 0; end < text.length; end++) {
      if (end >= width) hash = (hash - Math.imul(text.charCodeAt(end - width), leaving)) | 0;
      hash = (Math.imul(hash, FACTOR) + text.charCodeAt(end)) | 0;
      if (end < width - 1 || taken[bucket(hash)] === 0) continue;
      const start = end - width + 1;
      for (const { pattern, at, part } of known.get(hash) ?? []) {
        if (!part) {
          if (text.startsWith(pattern, start)) found.push({ start, end: start + pattern.length, length: pattern.length });
        } else {
          const match = partAround(text, start, pattern, at, partUntil);
          if (match.length === 0 || (match.length < MIN_PART && (match.start > partUntil || partUntil === 0))) continue;
          found.push({ ...match, length: MIN_PART });
          partUntil = Math.max(partUntil, match.end);
        }
      }
    }
  };
}

const bucket = (hash: number): number => (hash ^ (hash >>> 16)) & (BUCKETS - 1);

/** The longest text around `start` that is in the pattern around `at`, of what is behind `done`. */
function partAround(text: string, start: number, pattern: string, at: number, done: number): Occurrence {
  const same = (i: number): boolean =>
    i < text.length && at + i - start < pattern.length && text.charCodeAt(i) === pattern.charCodeAt(at + i - start);
  let [first, end] = [Math.max(start, done), Math.max(start, done)];
  while (same(end)) end++;
  while (first > done && first - start + at > 0 && same(first - 1)) first--;
  return { start: first, end, length: end - first };
}
