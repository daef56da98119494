// Sessions that are whole. Nomad's docker driver asks again and again whether a program runs, and ends the session when it does not: also before the program has
// begun, with exit code 0, and at its end with the output that is still on its way, which is the last megabyte of a long one, or all of a short one. So a shell starts
// the program at a word of ours, marks the begin and the end of the output, and waits until the marks have arrived.
import { ActionError } from '../errors.ts';
import type { ExecOutput, ExecSession } from '../nomad/index.ts';

/** The drivers that wait for the output by themselves: they share one executor. It also waits for the end of an input that is no terminal. */
const WAITING = ['raw_exec', 'exec', 'java'];

/** Returns whether the sessions of a driver lose the end of the output. */
export function losesOutput(driver: string | undefined): boolean {
  return driver === undefined || !WAITING.includes(driver);
}

/** Returns whether a session needs marks: its driver loses the end of the output, or tells the exit code only when the input has ended. */
export function needsMarks(driver: string | undefined, { tty, noInput }: { readonly tty: boolean; readonly noInput: boolean }): boolean {
  return losesOutput(driver) || (!tty && !noInput);
}

/** The form of a wrapped session. */
export interface Form {
  /** True: the program has no input. */
  readonly noInput: boolean;
  /** The longest wait of the shell for the word that its mark has arrived, in seconds. It reads the rest of the input meanwhile, which would break the session. */
  readonly lingerS: number;
  /** True: the driver loses output. After an input that has ended, no word can come, so that the shell waits for the whole time. */
  readonly loses: boolean;
}

/** The longest wait of the shell for the word to begin, in seconds. */
const READY_S = 10;

/**
 * Arguments: the mark, and the program with its arguments. The shell outlives Ctrl-C, which goes to the program. It ends by itself, because Nomad does not tell a
 * program in Docker that its session is gone.
 */
const script = ({ noInput, lingerS, loses }: Form): string => `m=$1; shift; trap : INT QUIT
guard() { (trap 'kill $s; exit' TERM; sleep $1 & s=$!; wait $s && kill -9 $$) </dev/null >/dev/null 2>&1 & k=$!; }
guard ${READY_S}
printf '\\0%s?\\0' "$m"
read -r w; kill $k 2>/dev/null; [ "$w" = "$m" ] || exit 125
printf '\\0%s<%s\\0' "$m" "$$"
"$@"${noInput ? ' </dev/null' : ''}
c=$?
printf '\\0%s>%s\\0' "$m" "$c"
[ -t 2 ] || printf '\\0%s>%s\\0' "$m" "$c" >&2
guard ${lingerS}
while read -r w; do if [ "$w" = "$m" ]; then kill $k 2>/dev/null; exit $c; fi; done
${loses ? 'wait $k' : 'kill $k 2>/dev/null'}; exit $c`;

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

/** A session behind its first mark. */
interface Begun {
  readonly mark: string;
  readonly tty: boolean;
  /** True: the program has no input, and that of the session is for the word that the marks have arrived. */
  readonly noInput: boolean;
  /** Output that came with the mark. */
  readonly first: readonly ExecOutput[];
  /** Ends the program, whose id in the task is given: Nomad leaves it running when its session is gone. */
  readonly hangUp: (pid: number) => void;
  readonly pid: number;
  /** Takes work that goes on behind the end of the output. */
  readonly later: (work: Promise<unknown>) => void;
}

/**
 * Returns a session without the marks, as soon as its program has begun; `no-shell` where the image has none, and `not-begun` where the session ended before, so that
 * the program has not been started.
 */
export async function unwrapped(
  session: ExecSession,
  begun: Omit<Begun, 'first' | 'pid'>,
): Promise<ExecSession | 'no-shell' | 'not-begun'> {
  const ready = Buffer.from(`\0${begun.mark}?\0`);
  const begin = Buffer.from(`\0${begun.mark}<`);
  let before: Buffer = Buffer.alloc(0);
  let told = false;
  const stderr: ExecOutput[] = [];
  for (;;) {
    const next = await session.output.next().catch((error: unknown) => {
      if (isNoProgram(error)) return undefined;
      throw error;
    });
    if (next === undefined || (next.done === true && NOT_STARTED.includes(next.value))) return 'no-shell';
    if (next.done === true) return 'not-begun';
    if (next.value.stream === 'stderr') stderr.push(next.value);
    else before = Buffer.concat([before, next.value.bytes]);
    if (!told && before.includes(ready)) {
      told = true;
      await session.send(Buffer.from(`${begun.mark}\n`));
    }
    const at = before.indexOf(begin);
    const end = at === -1 ? -1 : before.indexOf(0, at + begin.length);
    if (end === -1) continue;
    const pid = Number(before.toString('latin1', at + begin.length, end));
    return unmarked(session, { ...begun, pid, first: [...stderr, { stream: 'stdout', bytes: before.subarray(end + 1) }] });
  }
}

const nothing = async (): Promise<void> => undefined;

/** Returns a session whose output ends at the marks, with the exit code that they tell. */
function unmarked(session: ExecSession, { mark, tty, noInput, first, hangUp, pid, later }: Begun): ExecSession {
  const filters = { stdout: endFilter(mark), stderr: endFilter(mark) };
  const codes: { stdout?: number; stderr?: number } = tty ? { stderr: 0 } : {};
  let over = false;
  const waiting = [...first];
  const close = (): void => {
    if (over) return;
    over = true;
    hangUp(pid);
    session.close();
  };
  /** Sends the word that the marks have arrived, in a line of its own, and waits for the end of the shell: Nomad counts a session until then. */
  const dismiss = async (): Promise<void> => {
    await session.send(Buffer.from(`\n${mark}\n`));
    await session.endInput();
    await session.output.next();
  };
  async function* output(): AsyncGenerator<ExecOutput, number> {
    try {
      for (;;) {
        const next = waiting.length > 0 ? { done: false as const, value: waiting.shift() } : await session.output.next();
        if (next.done === true) {
          over = true;
          return endOf(next.value, codes.stdout, tty);
        }
        if (next.value === undefined) continue;
        const { stream, bytes } = next.value;
        const { rest, code } = filters[stream](bytes);
        if (rest.length > 0) yield { stream, bytes: rest };
        if (code !== undefined) codes[stream] = code;
        if (codes.stdout === undefined || codes.stderr === undefined) continue;
        over = true;
        later(dismiss().finally(session.close));
        return codes.stdout;
      }
    } finally {
      close();
    }
  }
  return { ...session, ...(noInput ? { send: nothing, endInput: nothing } : {}), output: output(), close };
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
