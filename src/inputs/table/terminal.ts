import type { InputTable } from './entry.ts';
import { ONE_RUN } from './reasons.ts';

/** The options of commands that only the terminal program has. */
export const TERMINAL = {
  alloc: {
    of: 'run',
    only: ['ssh'],
    terminal: true,
    type: 'text',
    instead: ONE_RUN,
    otherwise: 'a healthy one',
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
  'auth-method': {
    of: 'run',
    only: ['login'],
    terminal: true,
    type: 'text',
    instead: ONE_RUN,
    otherwise: 'the only one of the type OIDC, or the default of the cluster',
    meaning: 'The auth method of Nomad for a login in a browser.',
  },
  reason: {
    of: 'run',
    only: ['resubmit'],
    terminal: true,
    type: 'text',
    instead: ONE_RUN,
    otherwise: 'none',
    meaning: 'The reason for another registration, which `history` and the links of the version show.',
  },
  'shell-name': {
    of: 'run',
    only: ['completion'],
    terminal: true,
    type: 'choice',
    values: ['bash', 'zsh', 'fish'],
    instead: ONE_RUN,
    otherwise: 'none; it must be given',
    meaning: 'The shell that the script is for.',
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
