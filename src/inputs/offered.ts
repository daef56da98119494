import { ActionError } from '../errors.ts';
import type { Env, Runtime, Terminal } from '../runtime/runtime.ts';
import { actionCommands, type Command, commands } from './commands.ts';
import { oneOf } from './values.ts';

/** Returns whether a run is one of the terminal program, which sets this variable. */
export function isInTerminal(env: Env): boolean {
  return env['NOMAD_DEPLOY_TERMINAL'] !== undefined;
}

/** Reads a command. Throws for one that does not exist, and in a workflow for one that only the terminal has. */
export function readCommand(value: string, env: Env): Command {
  if (isInTerminal(env)) return oneOf('command', value, commands);
  if (!actionCommands.some((name) => name === value) && commands.some((name) => name === value)) {
    throw new Error(`\`command\`: ${value} is a command of the terminal program only, see docs/terminal.md`);
  }
  return oneOf('command', value, actionCommands);
}

/** Returns the terminal of a command that only the terminal program has. Throws `input-invalid` without one. */
export function requireTerminal(command: Command, { terminal }: Pick<Runtime, 'terminal'>): Terminal {
  if (terminal !== undefined) return terminal;
  throw new ActionError('input-invalid', `\`command\`: ${command} is a command of the terminal program only`);
}
