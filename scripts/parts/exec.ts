import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
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

/** A progress line for whoever waits; stderr, so that a script's own output stays its own. */
export function say(line: string): void {
  process.stderr.write(`parts: ${line}\n`);
}
