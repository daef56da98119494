import type { About } from '../errors.ts';
import { clip, plain, withoutCredentials } from '../text/index.ts';
import type { Finding } from './driver.ts';

/** The longest sentence: outputs and annotations stay readable. */
const MAX_LENGTH = 300;

/** Why a group or a task fails. */
export interface Cause {
  /** One sentence of at most 300 characters: `group/task`, what happened, what to do. */
  readonly sentence: string;
  /** The failure is permanent: neither waiting nor a retry helps. */
  readonly certain: boolean;
  /** The part of the spec that it belongs to. */
  readonly about: About;
  /** The rank of the explanation: of several allocations, the one with the highest rank gives the cause. */
  readonly rank: number;
}

/** The parts of a cause. */
export interface CausePart extends Finding {
  /** The subject: `group/task`, `group/task (sidecar)` or `group g`. */
  readonly where: string;
  /** The telling line of the log output. */
  readonly line?: string | undefined;
  readonly rank: number;
}

export const RANKS = { certain: 5, told: 4, failed: 3, checked: 2, waiting: 1, unknown: 0 } as const;

/** The variables that users of the built-in template set in place of these fields. */
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

/** Returns an advice with the variables of the built-in template in place of fields. */
function forTemplate(advice: string): string {
  return advice.replace(/`(\w+)( = 0)?`/g, (whole, field: string, none = '') => {
    const variable = VARIABLE_OF_FIELD[field];
    return variable === undefined ? whole : `\`NOMAD_VAR_${variable}${none}\``;
  });
}

/**
 * Returns the cause in one sentence: `group/task exited with code 2: "line of the log"; advice`. `redact` removes known secrets before anything is cut. A
 * sentence that is too long loses the end of what happened and keeps the advice. With `builtIn`, the advice names the variables of the built-in template.
 */
export function causeOf(
  { where, text, line, advice: written, certain, about, rank }: CausePart,
  redact: (text: string) => string,
  builtIn = false,
): Cause {
  const advice = builtIn ? forTemplate(written) : written;
  const clean = (part: string): string => withoutCredentials(plain(redact(part)));
  const end = advice === '' ? '' : `; ${advice}`;
  const quoted = line === undefined ? '' : quote(clean(line), text);
  const room = MAX_LENGTH - where.length - 1 - end.length;
  // The line of the log explains more than the end of a long message.
  const happened = `${clip(clean(text), Math.max(room - quoted.length, 80))}${quoted}`;
  return { sentence: clip(`${where} ${clip(happened, room)}${end}`, MAX_LENGTH), certain, about, rank };
}

/** Returns a line of the log as it follows a text: after a colon, or in brackets where the text has a colon of its own. */
function quote(line: string, text: string): string {
  return text.includes(': ') ? ` (log output: ${JSON.stringify(line)})` : `: ${JSON.stringify(line)}`;
}
