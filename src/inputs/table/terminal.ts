import type { InputTable } from './entry.ts';
import { ONE_RUN } from './reasons.ts';

/** The options of commands that only the terminal program has. */
export const TERMINAL = {
  alloc: {
    of: 'run',
    only: ['ssh', 'logs', 'top'],
    terminal: true,
    type: 'text',
    instead: ONE_RUN,
    otherwise: 'a healthy one for `ssh`, else all',
    meaning: 'The allocation, by its id or the first characters of it.',
  },
  program: {
    of: 'run',
    only: ['ssh'],
    terminal: true,
    type: 'command',
    own: true,
    instead: ONE_RUN,
    otherwise: 'a shell',
    meaning: 'The program and its arguments, behind `--`.',
  },
  since: {
    of: 'run',
    only: ['logs'],
    terminal: true,
    type: 'text',
    instead: ONE_RUN,
    meaning: 'Leaves out logs without a new line in this time, such as `10m`. Nomad stores no times of lines: see docs/terminal.md.',
  },
  grep: {
    of: 'run',
    only: ['logs'],
    terminal: true,
    type: 'text',
    instead: ONE_RUN,
    meaning: 'Shows only lines that match this regular expression. Colours do not count.',
  },
  watch: {
    of: 'run',
    only: ['status', 'top'],
    terminal: true,
    type: 'boolean',
    default: 'false',
    instead: ONE_RUN,
    meaning: 'Shows each change until Ctrl-C.',
  },
  all: {
    of: 'run',
    only: ['status'],
    terminal: true,
    type: 'boolean',
    default: 'false',
    instead: ONE_RUN,
    meaning: 'Shows all environments of the configuration file, each at its own cluster.',
  },
  site: {
    of: 'run',
    only: ['open'],
    terminal: true,
    type: 'boolean',
    default: 'false',
    instead: ONE_RUN,
    meaning: 'Opens the application in place of its page in Nomad.',
  },
} as const satisfies InputTable;
