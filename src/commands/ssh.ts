import { connectionCode } from '../errors.ts';
import { requireTerminal } from '../inputs/index.ts';
import { enterTask, escapeReader, isNoProgram, noShell, REPORT_MS, taskText, watchEnd, watchLate } from '../inside/index.ts';
import type { ExecSession } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import type { Runtime, Terminal } from '../runtime/runtime.ts';
import type { Following } from '../watch/index.ts';

/** The exit code of a session that ended without one of the command, as for OpenSSH. */
const LOST = 255;

/** The exit code of a session whose output nobody reads any more, as of a cancelled one. */
const NO_READER = 130;

/** Exit codes above this one are of a program that a signal has ended, which may be the end of its task. */
const SIGNALS = 128;

/** The shell of an image: bash where it is, else sh. */
const SHELL = ['/bin/sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

const NEXT_LINE = Buffer.from('\r\n');

const HELP = ['', 'Keys at the beginning of a line:', ' ~.  leaves the session', ' ~?  shows this', ' ~~  sends ~', ''].join('\r\n');

/** `ssh`: runs a shell or a program in a running task of a job, and ends with its exit code. */
export async function ssh(job: RegisteredJob, following: Following, { runtime }: Run): Promise<Result> {
  const terminal = requireTerminal('ssh', runtime);
  const { program } = following.inputs;
  const inside = await enterTask(job, following, runtime);
  terminal.say(taskText(inside));
  const tty = terminal.isTty.stdin && terminal.isTty.stdout;
  const over = new AbortController();
  const signal = AbortSignal.any([runtime.signal, over.signal]);
  const input = terminal.read({ raw: tty, signal });
  let isOpen = false;
  try {
    // The keys of a terminal are read raw, which begins with the session.
    const begun = tty ? { empty: false, all: input } : await beginOf(input, runtime, signal);
    const session = await inside.start(program ?? SHELL, {
      tty,
      size: tty ? terminal.size() : undefined,
      noInput: begun.empty,
      signal,
    });
    isOpen = true;
    const watching = watchLate(inside, runtime, signal);
    // The reason of Nomad says more than the exit code of a killed program, or the end of a connection.
    const reported = async (limitMs: number): Promise<unknown> =>
      Promise.race([watching, watchEnd(inside, runtime, signal), runtime.clock.sleep(limitMs, signal)]);
    const talking = talk(session, terminal, { tty, signal, input: begun.all }).then(
      async (code) => {
        if (code > SIGNALS && code !== LOST) await reported(REPORT_MS.code);
        return code;
      },
      async (error: unknown) => {
        await reported(REPORT_MS.error);
        throw error;
      },
    );
    terminal.exitWith(await Promise.race([talking, watching]));
    return { outcome: 'reported' };
  } catch (thrown) {
    // Standard output without a reader also cancels the run.
    if (connectionCode(runtime.signal.aborted ? runtime.signal.reason : thrown) === 'EPIPE') {
      terminal.exitWith(NO_READER);
      return { outcome: 'reported' };
    }
    if (runtime.signal.aborted) throw thrown;
    // The cursor stands where the program has left it.
    if (tty && isOpen) await terminal.writeBytes('stderr', NEXT_LINE);
    terminal.exitWith(LOST);
    if (program === undefined && isNoProgram(thrown)) throw noShell(thrown);
    throw thrown;
  } finally {
    await inside.settle();
    over.abort(new Error('the session has ended'));
    // The terminal gets its usual mode back.
    await input.return(undefined);
  }
}

type Input = AsyncGenerator<Uint8Array>;

/** An input that has nothing is known after this time. */
const EMPTY_MS = 20;

/** Reads the begin of an input. `empty`: it has nothing, such as /dev/null, so that the session can be told when it may end. */
async function beginOf(
  input: Input,
  { clock }: Pick<Runtime, 'clock'>,
  signal: AbortSignal,
): Promise<{ readonly empty: boolean; readonly all: AsyncGenerator<Uint8Array> }> {
  const first = input.next();
  // It may fail before it is asked for.
  first.catch(() => undefined);
  const early = await Promise.race([first, clock.sleep(EMPTY_MS, signal).catch(() => undefined)]);
  async function* all(): AsyncGenerator<Uint8Array> {
    for (let next = await first; next.done !== true; next = await input.next()) yield next.value;
  }
  return { empty: early?.done === true, all: all() };
}

/** The input of a session, and its form. */
interface Talk {
  readonly tty: boolean;
  readonly signal: AbortSignal;
  readonly input: AsyncIterable<Uint8Array>;
}

/** Passes on input, size and output of a session. Returns the exit code of the command, or that of a session that the person has left. */
async function talk(session: ExecSession, terminal: Terminal, { tty, signal, input }: Talk): Promise<number> {
  if (tty) {
    // Docker takes no size before the program has started.
    const size = terminal.size();
    if (size !== undefined) session.resize(size);
    terminal.onResize(session.resize, signal);
  }
  const left = sendInput(session, terminal, { tty, input });
  const shown = (async () => {
    for (;;) {
      const next = await session.output.next();
      if (next.done === true) return next.value;
      await terminal.writeBytes(next.value.stream, next.value.bytes);
    }
  })();
  return Promise.race([shown, left.then(async (byPerson) => (byPerson ? LOST : shown))]);
}

/** Sends the standard input to its end. Returns true when the person has left the session by `~.`. */
async function sendInput(session: ExecSession, terminal: Terminal, { tty, input }: Pick<Talk, 'tty' | 'input'>): Promise<boolean> {
  const filter = escapeReader();
  for await (const bytes of input) {
    const { rest, order } = tty ? filter(bytes) : { rest: bytes, order: undefined };
    if (rest.length > 0) await session.send(rest);
    if (order === 'help') await terminal.writeBytes('stderr', Buffer.from(HELP));
    if (order !== 'leave') continue;
    session.close();
    await terminal.writeBytes('stderr', NEXT_LINE);
    return true;
  }
  await session.endInput();
  return false;
}
