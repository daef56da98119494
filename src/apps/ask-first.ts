import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { jobText } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';

/** A job that a command is about to change. */
type Place = Parameters<typeof jobText>[0];

/** The command, and the environment of its job. */
interface Wish {
  readonly inputs: Pick<Inputs, 'command'>;
  readonly target: Pick<Target, 'environment'>;
}

/**
 * Names the cluster and the job of a command that changes something, and asks the person at the terminal. Does nothing in a workflow. Throws `cancelled` for a
 * no, and `input-invalid` in production where nobody can answer and `--yes` is not given.
 */
export async function askFirst(
  { inputs: { command }, target: { environment } }: Wish,
  place: Place | undefined,
  address: string,
  { terminal, log, signal }: Pick<Runtime, 'terminal' | 'log' | 'signal'>,
): Promise<void> {
  if (terminal === undefined) return;
  const what = `${command}${place === undefined ? '' : `: ${jobText(place)}`} at ${address} (${environment.name})`;
  log.info(what);
  const answer = await terminal.confirm('Go on?', signal);
  if (answer === false) throw new ActionError('cancelled', `${command} was not confirmed, so nothing was changed`);
  if (answer === undefined && environment.value === 'production') {
    throw new ActionError('input-invalid', `${command} changes production, and there is no terminal to ask at`, {
      hint: 'Add --yes.',
    });
  }
}
