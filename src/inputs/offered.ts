import { ActionError } from '../errors.ts';
import type { Runtime, Terminal } from '../runtime/runtime.ts';
import type { Command } from './commands.ts';

/** Returns the terminal of a command that needs one. Throws `input-invalid` in a workflow. */
export function requireTerminal(command: Command, { terminal }: Pick<Runtime, 'terminal'>): Terminal {
  if (terminal !== undefined) return terminal;
  throw new ActionError('input-invalid', `\`command\`: ${command} is a command of the terminal program only`, {
    hint: 'docs/terminal.md has the commands of the terminal program, docs/reference/commands.md those of a workflow.',
  });
}
