import type { Result } from '../report/index.ts';
import type { Terminal } from '../runtime/runtime.ts';

/** The shells that have a script. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** `completion`: prints the script by which a shell completes commands, options and names. */
export async function completion(shell: Shell, terminal: Terminal): Promise<Result> {
  await terminal.writeBytes('stdout', Buffer.from(await terminal.shellScript(shell)));
  return { outcome: 'reported' };
}
