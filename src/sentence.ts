import type { Finding } from './driver-failure.ts';
import { plain } from './markdown.ts';
import type { About } from './spec-line.ts';
import { clip, withoutCredentials } from './text.ts';

/** Outputs and annotations stay readable with it. */
const MAX_LENGTH = 300;

/** Why something is not well. */
export interface Cause {
  /** One sentence of at most 300 characters: group/task, what happened, what to do. */
  readonly sentence: string;
  /** It cannot heal by waiting or by another attempt. */
  readonly certain: boolean;
  /** What of the spec it belongs to. */
  readonly about: About;
  /** How much it tells: of several allocations, the one with the highest is the cause. */
  readonly rank: number;
}

/** What a cause is put together from. */
export interface Part extends Finding {
  /** `group/task`, or `group g`. */
  readonly where: string;
  /** What the log says. */
  readonly words?: string | undefined;
  readonly rank: number;
}

export const RANKS = { certain: 5, told: 4, failed: 3, checked: 2, waiting: 1, unknown: 0 } as const;

/**
 * Puts a sentence together. `redact` takes out what is known to be secret, before anything is cut; what is cut when it is too long is what happened,
 * not what to do.
 */
export function causeOf({ where, text, words, advice, certain, about, rank }: Part, redact: (text: string) => string): Cause {
  const clean = (part: string): string => withoutCredentials(plain(redact(part)));
  const end = advice === '' ? '' : `; ${advice}`;
  const said = words === undefined ? '' : `, saying ${JSON.stringify(clean(words))}`;
  const room = MAX_LENGTH - where.length - 2 - end.length;
  // The words of a log are worth more than the end of a long message.
  const told = `${clip(clean(text), Math.max(room - said.length, 80))}${said}`;
  return { sentence: clip(`${where}: ${clip(told, room)}${end}`, MAX_LENGTH), certain, about, rank };
}
