import { actionCommands, COMMAND_WORDS, commands } from '../commands.ts';
import type { InputTable } from './entry.ts';

export const BASICS = {
  command: {
    of: 'run',
    type: 'choice',
    values: commands,
    default: 'deploy',
    instead: 'the workflow gives the input `command`',
    common: 'The work of the run: `deploy`, `plan`, `render`, `build` and [more](docs/reference/commands.md).',
    meaning: `The work of the run. ${actionCommands.map((name) => `\`${name}\` ${COMMAND_WORDS[name].meaning}`).join('; ')}.`,
  },
  config: {
    of: 'run',
    type: 'text',
    own: true,
    instead: 'the workflow names the file, with the input `config`',
    otherwise: '`nomad-deploy.yml`, if it exists',
    meaning:
      'Path of the configuration file of the repository, see docs/configuration.md. Each key has the meaning of the input of that name, and an input wins over its key.',
  },
  'config-from': {
    of: 'run',
    type: 'choice',
    values: ['default-branch', 'checkout'],
    default: 'default-branch',
    instead: 'the workflow decides whose file counts, with the input `config-from`',
    meaning:
      "`default-branch`: keys about credentials, addresses, environments, registries and the runner count from the default branch's file, all others from the checkout's. `checkout`: all keys count from the checkout, for a workflow whose branches may all decide them; refused for events that a stranger can cause.",
  },
  app: {
    of: 'run',
    type: 'words',
    own: true,
    instead: 'the workflow selects apps, with the input `app`; the file lists them as `apps`',
    otherwise: 'all of them',
    meaning: 'Apps of the configuration file, such as `api web`.',
  },
  'working-directory': {
    of: 'job',
    type: 'text',
    default: '.',
    from: 'any',
    reusable: true,
    meaning: 'Folder of the workspace that all other paths are relative to. No path may leave the workspace.',
  },
} as const satisfies InputTable;
