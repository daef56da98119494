/** The units of Go's durations, in nanoseconds; the micro sign has two code points. */
const UNITS_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const TERM = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
/** Go's limits, some 292 years: a duration is a signed integer of 64 bits. */
const MAX_NS = 2n ** 63n - 1n;
/** More digits of a fraction than these are parts of a nanosecond, and more of a whole number exceed the limits. */
const MAX_DIGITS = 19;

/**
 * Reads a duration as Go's `time.ParseDuration` does (`90s`, `1h15m30.918s`, `-1.5h`, `0`), and returns it in whole milliseconds, as timers want them.
 * Returns undefined for a text that is none, and for a duration beyond Go's limits.
 */
export function parseDuration(text: string): number | undefined {
  const [, sign = '', terms = ''] = /^([-+]?)(.+)$/s.exec(text) ?? [];
  if (terms === '0') return 0;
  let sum = 0n;
  for (let at = 0; at < terms.length || at === 0; at = TERM.lastIndex) {
    TERM.lastIndex = at;
    const [term = '', whole = '', fraction = '', name = ''] = TERM.exec(terms) ?? [];
    const unit = UNITS_NS[name];
    const digits = whole.replace(/^0+/, '');
    if (term === '' || unit === undefined || whole + fraction === '' || digits.length > MAX_DIGITS) return undefined;
    const part = fraction.slice(0, MAX_DIGITS);
    sum += BigInt(digits) * unit + (BigInt(part) * unit) / 10n ** BigInt(part.length);
    if (sum > (sign === '-' ? MAX_NS + 1n : MAX_NS)) return undefined;
  }
  const ms = Math.round(Number(sum) / 1e6);
  return sign === '-' && ms > 0 ? -ms : ms;
}

/** Writes milliseconds as people say them: `4.2 s`, `48 s`, `3 min 20 s`, `1 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(Math.max(ms, 0) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
