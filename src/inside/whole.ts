// Sessions whose output arrives whole. Nomad's docker driver ends a session as soon as the program has ended, and drops the output that is still on its way: the
// last megabyte of a long one, or all of a short one. So a shell starts the program, marks the end of the output, and waits until the mark has arrived.
import { ActionError } from '../errors.ts';
import type { ExecOutput, ExecSession } from '../nomad/index.ts';

/** The drivers that wait for the output by themselves: they share one executor. */
const WAITING = ['raw_exec', 'exec', 'java'];

/** Returns whether the sessions of a driver lose the end of the output. */
export function losesOutput(driver: string | undefined): boolean {
  return driver === undefined || !WAITING.includes(driver);
}

/** The form of a wrapped session. */
export interface Form {
  readonly tty: boolean;
  /** True: the program has no input, so that the session's own tells the shell when the mark has arrived. */
  readonly noInput: boolean;
  /** The seconds that the shell waits for its mark to arrive where it gets no word of that. */
  readonly lingerS: number;
}

/** Arguments: the mark, and the program with its arguments. The shell outlives Ctrl-C, which goes to the program. */
const script = ({ tty, noInput, lingerS }: Form): string => `m=$1; shift; trap : INT QUIT
printf '\\0%s<' "$m"
"$@"${noInput ? ' </dev/null' : ''}
c=$?
printf '\\0%s>%s\\0' "$m" "$c"
${tty ? '' : `printf '\\0%s>%s\\0' "$m" "$c" >&2; while read -r _; do :; done; ${noInput ? 'exit $c' : ''}`}
sleep ${lingerS}; exit $c`;

/** Returns the command that runs another one and marks the end of its output. */
export function wrapped(command: readonly string[], mark: string, form: Form): string[] {
  return ['/bin/sh', '-c', script(form), 'sh', mark, ...command];
}

/** The texts of drivers about a program that does not exist. */
const NO_PROGRAM = /no such file or directory|not found|executable file/i;
/** The exit codes of a program that cannot be started. */
const NOT_STARTED = [126, 127];

/** Returns whether an error says that a program does not exist. */
export function isNoProgram(error: unknown): boolean {
  return error instanceof ActionError && error.code === 'nomad-refused' && NO_PROGRAM.test(error.message);
}

/** Returns a session without the marks, as soon as its program has begun; undefined where the image has no shell. */
export async function unwrapped(session: ExecSession, mark: string, tty: boolean): Promise<ExecSession | undefined> {
  const begin = Buffer.from(`\0${mark}<`);
  let before: Buffer = Buffer.alloc(0);
  const stderr: ExecOutput[] = [];
  for (;;) {
    const next = await session.output.next().catch((error: unknown) => {
      if (isNoProgram(error)) return undefined;
      throw error;
    });
    if (next === undefined || (next.done === true && NOT_STARTED.includes(next.value))) return undefined;
    if (next.done === true) return { ...session, output: ended(next.value) };
    if (next.value.stream === 'stderr') stderr.push(next.value);
    else before = Buffer.concat([before, next.value.bytes]);
    const at = before.indexOf(begin);
    if (at === -1) continue;
    const first: ExecOutput = { stream: 'stdout', bytes: before.subarray(at + begin.length) };
    return { ...session, output: unmarked(session, [...stderr, first], { mark, tty }) };
  }
}

async function* ended(code: number): AsyncGenerator<ExecOutput, number> {
  return code;
}

/** Gives the output of a session up to the marks, and the exit code that they tell. */
async function* unmarked(
  session: ExecSession,
  first: readonly ExecOutput[],
  { mark, tty }: { readonly mark: string; readonly tty: boolean },
): AsyncGenerator<ExecOutput, number> {
  const filters = { stdout: endFilter(mark), stderr: endFilter(mark) };
  const codes: { stdout?: number; stderr?: number } = tty ? { stderr: 0 } : {};
  const waiting = [...first];
  try {
    for (;;) {
      const next = waiting.length > 0 ? { done: false as const, value: waiting.shift() } : await session.output.next();
      if (next.done === true) return endOf(next.value, codes.stdout, tty);
      if (next.value === undefined) continue;
      const { stream, bytes } = next.value;
      const { rest, code } = filters[stream](bytes);
      if (rest.length > 0) yield { stream, bytes: rest };
      if (code !== undefined) codes[stream] = code;
      if (codes.stdout !== undefined && codes.stderr !== undefined) return codes.stdout;
    }
  } finally {
    session.close();
  }
}

/** Returns the exit code of a session that ended by itself. Throws `nomad-refused` where the end of the output is missing. */
function endOf(code: number, marked: number | undefined, tty: boolean): number {
  // A shell that was killed makes no mark.
  if (marked !== undefined || tty || code > 128) return marked ?? code;
  throw new ActionError('nomad-refused', 'the end of the output is lost: the driver of the task ended the session before it had arrived', {
    hint: 'Run the command again.',
  });
}

/** Returns a function that takes the mark off the end of a stream, and tells the exit code in it. A part of the mark waits for the rest. */
export function endFilter(mark: string): (bytes: Buffer) => { readonly rest: Buffer; readonly code: number | undefined } {
  const begin = Buffer.from(`\0${mark}>`);
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    held = Buffer.alloc(0);
    const at = all.indexOf(begin);
    if (at !== -1) {
      const end = all.indexOf(0, at + begin.length);
      if (end === -1) held = all.subarray(at);
      return { rest: all.subarray(0, at), code: end === -1 ? undefined : Number(all.toString('latin1', at + begin.length, end)) };
    }
    const zero = all.lastIndexOf(0);
    const isPart = zero !== -1 && all.length - zero < begin.length && begin.subarray(0, all.length - zero).equals(all.subarray(zero));
    if (isPart) held = all.subarray(zero);
    return { rest: isPart ? all.subarray(0, zero) : all, code: undefined };
  };
}
