import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface OutputOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Milliseconds until the program is ended; none by default. */
  readonly timeout?: number;
}

/** Runs a program to its end and gives its trimmed stdout. Rejects with the command and its stderr when it fails. */
export async function output(command: string, args: readonly string[], options: OutputOptions = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26, ...options });
  return stdout.trim();
}

/** As `output`, for a question whose answer may be "no": `undefined` when the program is not there or fails. */
export function attempt(command: string, args: readonly string[], options?: OutputOptions): Promise<string | undefined> {
  return output(command, args, options).catch(() => undefined);
}

/** Full path of a program on PATH, `undefined` when there is none. */
export async function onPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, program);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && found) return file;
  }
  return undefined;
}

/**
 * Asks `question` every `every` milliseconds until it gives something else than `undefined`, at most for `seconds`.
 * Errors count as "not yet"; the last one is the cause of the error that says that `what` never came.
 */
export async function until<T>(what: string, seconds: number, question: () => Promise<T | undefined>, every = 100): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let cause: unknown;
  do {
    try {
      const answer = await question();
      if (answer !== undefined) return answer;
    } catch (error) {
      cause = error;
    }
    await sleep(every);
  } while (performance.now() < end);
  throw new Error(`${what}: not within ${seconds} s`, { cause });
}

/** A progress line for whoever waits; stderr, so that a script's own output stays its own. */
export function say(line: string): void {
  process.stderr.write(`parts: ${line}\n`);
}
