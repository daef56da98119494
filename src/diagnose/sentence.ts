import type { About } from '../errors.ts';
import { clip, plain, withoutCredentials } from '../text/index.ts';
import type { Finding } from './driver.ts';

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
export interface CausePart extends Finding {
  /** `group/task`, or `group g`. */
  readonly where: string;
  /** What the log says. */
  readonly words?: string | undefined;
  readonly rank: number;
}

export const RANKS = { certain: 5, told: 4, failed: 3, checked: 2, waiting: 1, unknown: 0 } as const;

/** The variables of the built-in template in place of the fields that its users do not write. */
const VARIABLE_OF_FIELD: Readonly<Record<string, string>> = {
  canary: 'COUNT_CANARIES',
  count: 'COUNT',
  datacenters: 'DATACENTERS',
  healthy_deadline: 'HEALTHY_DEADLINE',
  memory: 'MEMORY',
  memory_max: 'MEMORY_FACTOR',
  network_mode: 'NETWORK_MODE',
  node_pool: 'NODE_POOL',
  priority: 'PRIORITY',
  progress_deadline: 'PROGRESS_DEADLINE',
};

/** Returns an advice as users of the built-in template can follow it. */
function forTemplate(advice: string): string {
  return advice.replace(/`(\w+)( = 0)?`/g, (whole, field: string, none = '') => {
    const variable = VARIABLE_OF_FIELD[field];
    return variable === undefined ? whole : `\`NOMAD_VAR_${variable}${none}\``;
  });
}

/**
 * Puts a sentence together. `redact` takes out what is known to be secret, before anything is cut; what is cut when it is too long is what happened,
 * not what to do. With `builtIn`, the spec is the built-in template's, whose users set variables.
 */
export function causeOf(
  { where, text, words, advice: written, certain, about, rank }: CausePart,
  redact: (text: string) => string,
  builtIn = false,
): Cause {
  const advice = builtIn ? forTemplate(written) : written;
  const clean = (part: string): string => withoutCredentials(plain(redact(part)));
  const end = advice === '' ? '' : `; ${advice}`;
  const said = words === undefined ? '' : `, saying ${JSON.stringify(clean(words))}`;
  const room = MAX_LENGTH - where.length - 2 - end.length;
  // The words of a log are worth more than the end of a long message.
  const told = `${clip(clean(text), Math.max(room - said.length, 80))}${said}`;
  return { sentence: clip(`${where}: ${clip(told, room)}${end}`, MAX_LENGTH), certain, about, rank };
}
