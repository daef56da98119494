import type { Clock } from './runtime.ts';

/** Returns a time, in milliseconds since the epoch, in RFC 3339: `2026-11-29T12:00:00.000Z`. Throws a `RangeError` for `NaN`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Returns the milliseconds since the epoch of a time in RFC 3339, as Nomad writes it; `NaN` for any other text. */
export function parseTime(text: string): number {
  return Date.parse(text);
}

/** Returns random hexadecimal digits. */
export function randomHex({ random }: Pick<Clock, 'random'>, digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
}
