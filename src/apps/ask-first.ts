import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';

/** The command, and the environment of its job. */
interface Wish {
  readonly inputs: Pick<Inputs, 'command'>;
  readonly target: Pick<Target, 'environment'>;
}

/**
 * Names the cluster and the subject of a command that changes something, and asks the person at the terminal. Does nothing in a workflow. Throws `cancelled` for
 * a no, and `input-invalid` in production where nobody can answer and `--yes` is not given.
 */
export async function askFirst(
  { inputs: { command }, target: { environment } }: Wish,
  subject: string,
  address: string,
  { terminal, log, signal }: Pick<Runtime, 'terminal' | 'log' | 'signal'>,
): Promise<void> {
  // A rehearsal changes nothing of a cluster.
  if (terminal === undefined || command === 'rehearse') return;
  log.info(`${command}: ${subject} at ${address} (${environment.name})`);
  const answer = await terminal.confirm('Go on?', signal);
  if (answer === false) throw new ActionError('cancelled', `${command} was not confirmed, so nothing was changed`);
  if (answer === undefined && (environment.value === 'production' || PRODUCTION.test(environment.name))) {
    throw new ActionError('input-invalid', `${command} changes ${environment.name}, and there is no terminal to ask at`, {
      hint: 'Add --yes.',
    });
  }
}

/** The name of an environment of the configuration file that is one for production. */
const PRODUCTION = /^prod/i;
