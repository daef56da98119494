import type { Runtime } from '../runtime/runtime.ts';
import type { Order } from './arguments.ts';
import { eventOf } from './checkout.ts';
import { answerLines, candidates, readLine } from './complete.ts';
import { BARE, CODES, type Process, readRun } from './program.ts';

/** Prints the script of `completion`. */
export async function printScript({ given: { 'shell-name': shell = '' } }: Order, { terminal, log }: Runtime): Promise<number> {
  const named = (['bash', 'zsh', 'fish'] as const).find((one) => one === shell);
  if (named === undefined || terminal === undefined) {
    log.error(
      shell === ''
        ? 'completion needs a shell. Write `nomad-deploy completion bash`, zsh or fish.'
        : `there is no script for ${shell}, only for bash, zsh and fish`,
      'usage',
    );
    return CODES.usage;
  }
  const { completion } = await import('../commands/completion.ts');
  await completion(named, terminal);
  return CODES.good;
}

/** The time for the names of the cluster. */
const COMPLETE_MS = 3_000;

/** Writes the words that may stand at the cursor, for the scripts of `completion`. Errors give no words, because a person is typing. */
export async function complete(words: readonly string[], program: Process): Promise<number> {
  const line = readLine(words);
  const own = { ...BARE, env: program.env, folder: program.folder, quiet: true };
  const { clock } = program.open({ ...own, signal: program.signal }).runtime;
  const signal = AbortSignal.any([program.signal, clock.timeout(COMPLETE_MS)]);
  const { runtime } = program.open({ ...own, signal });
  const asking = async () => {
    const { checkout, ...run } = await readRun({ command: 'status', given: line.given }, program, runtime);
    return { env: run.env, event: eventOf(checkout), runtime: program.open({ ...own, ...run, signal }).runtime };
  };
  const late = new Promise<[]>((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true }));
  const all = await Promise.race([candidates(line, asking).catch(() => []), late]);
  await runtime.terminal?.writeBytes(
    'stdout',
    Buffer.from(
      answerLines(line, all)
        .map((text) => `${text}\n`)
        .join(''),
    ),
  );
  return CODES.good;
}
