import { AsyncLocalStorage } from 'node:async_hooks';
import { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { access } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { MARK } from './orphans.ts';
import { findProgram } from './program.ts';
import type { CommandOptions, CommandResult } from './runtime.ts';

/**
 * What of the runner's environment a child process gets: enough to find programs, the Docker engine and a proxy. Tokens and
 * `NOMAD_SECRET_*` are not on the list, so that no build can read them.
 */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|DOCKER_(HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION)|BUILDX_.+|BUILDKIT_.+|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|https?_proxy|no_proxy|all_proxy|SystemRoot|ProgramData|ProgramFiles|USERPROFILE|LOCALAPPDATA|APPDATA|PATHEXT|COMSPEC)$/i;

/** The characters of each stream that are kept, the first and the last half: more than the largest job or image index. */
const MAX_CHARACTERS = 32 * 1024 * 1024;
/** A longer line is handed over in pieces. */
const MAX_LINE = 65_536;
/** After SIGTERM, a program has this time before SIGKILL: the runner kills a cancelled step after 10 s, and the run has to report before that. */
const KILL_AFTER_MS = 5_000;
/** After the exit of a program, its output is read for this time at most: a grandchild can hold the pipes for longer. */
const PIPES_MS = 1_000;

export interface Spawning {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** The mark of the run, by which the post step finds the programs of a killed run. */
  readonly mark?: string;
}

type Argv = readonly [string, ...string[]];

/** Runs a program and waits for its end. Gives exit code 127 for a program that does not exist, as a shell would. Throws the reason of an abort. */
export async function execute(
  argv: Argv,
  options: CommandOptions,
  { environment, signal, onLine, mark }: Spawning,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const passed = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.test(name) ? [[name, value] as const] : [],
  );
  const marked = mark === undefined ? {} : { [MARK]: mark };
  const surroundings = { cwd: options.cwd, env: { ...Object.fromEntries(passed), ...options.env, ...marked } };
  const all = keeper(MAX_CHARACTERS, (line) => line.length + 1);
  const take = (line: string): void => {
    all.add(line);
    if (options.stream === true) onLine(line);
  };
  const [stdout, stderr] = [collector(take), collector(take)];
  const end = (): void => {
    const unheard = {
      stdin: '',
      onStdout: () => undefined,
      onStderr: () => undefined,
      onStart: undefined,
      signal: new AbortController().signal,
    };
    if (options.onAbort !== undefined) start(options.onAbort, surroundings, unheard).catch(() => undefined);
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const streams = { stdin: options.stdin ?? '', onStdout: stdout.add, onStderr: stderr.add, onStart: options.onStart, signal };
    const code = await start(argv, surroundings, streams);
    const texts = { stdout: stdout.end(), stderr: stderr.end(), lines: all.kept('…') };
    signal.throwIfAborted();
    return code === undefined ? { code: 127, ...texts, notStarted: true } : { code, ...texts };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

interface Surroundings {
  readonly cwd: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

interface Streams {
  readonly stdin: string;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
  readonly onStart: (() => void) | undefined;
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
}

/** Returns the exit code of a program, 1 when a signal ended it, undefined when it does not exist. Throws the system's error when it does not start. */
async function start([program, ...args]: Argv, { cwd, env }: Surroundings, streams: Streams): Promise<number | undefined> {
  if ([...args, ...Object.entries(env).flat()].some((text) => text.includes('\0'))) {
    throw new TypeError(`${program}: an argument or a variable has a null byte`);
  }
  await access(cwd);
  // Windows keeps the name as it was set, mostly as `Path`.
  const { PATH, Path } = env;
  const path = await findProgram(program, cwd, PATH ?? Path);
  if (path === undefined) return undefined;
  const { exec } = await import('@actions/exec');
  const child = claimant(streams);
  const options = {
    cwd,
    env,
    input: Buffer.from(streams.stdin),
    silent: true,
    ignoreReturnCode: true,
    delay: PIPES_MS,
    listeners: { stdout: emptying(streams.onStdout), stderr: emptying(streams.onStderr) },
  };
  const run = async (file: string, argv: string[]): Promise<number> =>
    claims.run(child.claim, async () => exec(asLine(file), argv, options));
  try {
    await run(path, args).catch(async (error: unknown) => {
      if (child.isThere()) throw error;
      // The package judges a file by its mode, the system also by root, further groups and access lists: `env` runs a file that only the system allows.
      return run('/usr/bin/env', [path, ...args]);
    });
    return child.code();
  } catch (error) {
    const problem = child.problem();
    // The interpreter that the first line of a script names does not exist.
    if (problem?.code === 'ENOENT') return undefined;
    throw problem ?? error;
  } finally {
    child.release();
  }
}

/** Returns the command line that @actions/exec parses to this one program. A blank ends it, because the package trims the last word. */
function asLine(program: string): string {
  return `${program.replace(/[ "]/g, (character) => (character === ' ' ? '" "' : '"\\""'))} `;
}

/** Leaves only a line end of each chunk: @actions/exec keeps text without a line end and searches it again with each chunk, in quadratic time. */
function emptying(take: (chunk: Buffer) => void): (chunk: Buffer) => void {
  return (chunk) => {
    take(chunk);
    chunk.fill(0).fill('\n', chunk.length - 1);
  };
}

/** Hands the ChildProcess that @actions/exec starts to its call. Every subscriber hears of every child, so the context tells the calls apart. */
const claims = new AsyncLocalStorage<(child: ChildProcess) => void>();
subscribe('child_process', (message) => {
  if (typeof message !== 'object' || message === null || !('process' in message)) return;
  if (message.process instanceof ChildProcess) claims.getStore()?.(message.process);
});

interface Claimant {
  readonly claim: (child: ChildProcess) => void;
  /** Returns whether there is a child, started or not. */
  readonly isThere: () => boolean;
  readonly code: () => number;
  /** The error of the child itself; the package knows only its words. */
  readonly problem: () => NodeJS.ErrnoException | undefined;
  readonly release: () => void;
}

/** Claims one child. Ends it when `signal` aborts: by SIGTERM, so that buildx can tell BuildKit to stop, and by SIGKILL after KILL_AFTER_MS. */
function claimant({ signal, onStart }: Pick<Streams, 'signal' | 'onStart'>): Claimant {
  let child: ChildProcess | undefined;
  let problem: NodeJS.ErrnoException | undefined;
  let killing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child?.kill('SIGTERM');
    killing = setTimeout(() => child?.kill('SIGKILL'), KILL_AFTER_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  return {
    claim: (started) => {
      if (child !== undefined) return;
      child = started;
      child.on('error', (error) => {
        problem = error;
      });
      guard(child, signal);
      if (onStart !== undefined) child.once('spawn', onStart);
    },
    isThere: () => child !== undefined,
    code: () => child?.exitCode ?? 1,
    problem: () => problem,
    release: () => {
      signal.removeEventListener('abort', stop);
      clearTimeout(killing);
      // A grandchild that holds the pipes, and a child of another user that cannot be ended, would keep this process alive.
      for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy();
      child?.unref();
    },
  };
}

/**
 * Turns a failed start into an error event. When Node throws instead (arguments too long, no memory) or makes no pipes (too many open files), the promise
 * of @actions/exec stays open and a rejection inside of it ends this process. Ignores errors of stdin: the program need not read it, and its exit code
 * says more than EPIPE.
 */
function guard(child: ChildProcess, signal: AbortSignal): void {
  const spawn: unknown = Reflect.get(child, 'spawn');
  const guarded = (options: unknown): void => {
    try {
      if (signal.aborted) throw new Error('cancelled before its start');
      if (typeof spawn === 'function') Reflect.apply(spawn, child, [options]);
    } catch (error) {
      process.nextTick(() => child.emit('error', error));
    }
    child.stdin ??= new PassThrough();
    child.stdin.on('error', () => undefined);
  };
  Object.defineProperty(child, 'spawn', { value: guarded });
}

/** Collects the output of one stream: as lines for `onLine`, and whole for the end. */
function collector(onLine: (line: string) => void): { add: (chunk: Buffer) => void; end: () => string } {
  const pieces = keeper(MAX_CHARACTERS, (piece) => piece.length);
  const lines = lineSplitter(onLine);
  const decoder = new StringDecoder('utf8');
  const add = (text: string): void => {
    pieces.add(text);
    lines.add(text);
  };
  return {
    add: (chunk) => add(decoder.write(chunk)),
    end: () => {
      add(decoder.end());
      lines.end();
      return pieces
        .kept('\n…\n')
        .join('')
        .replace(/\r\n|\r/g, '\n')
        .replace(/\n$/, '');
    },
  };
}

/** Keeps the first and the last half of what is added, by its size; what is left out in between is marked. */
function keeper(max: number, sizeOf: (text: string) => number): { add: (text: string) => void; kept: (mark: string) => string[] } {
  const head: string[] = [];
  let tail: string[] = [];
  let [headSize, tailSize, first] = [0, 0, 0];
  let left = false;
  return {
    add: (text) => {
      const size = sizeOf(text);
      if (tail.length === 0 && headSize + size <= max / 2) {
        head.push(text);
        headSize += size;
        return;
      }
      tail.push(text);
      tailSize += size;
      for (; tailSize > max / 2 && first < tail.length - 1; first++) {
        tailSize -= sizeOf(tail[first] ?? '');
        left = true;
      }
      // The dropped ones are let go of from time to time.
      if (first > 100 && first > tail.length / 2) [tail, first] = [tail.slice(first), 0];
    },
    kept: (mark) => [...head, ...(left ? [mark] : []), ...tail.slice(first)],
  };
}

/** Hands over whole lines; one that has no end is handed over in pieces. */
function lineSplitter(onLine: (line: string) => void): { add: (text: string) => void; end: () => void } {
  let rest = '';
  let afterReturn = false;
  return {
    add: (text) => {
      // The second half of a line end whose first came before.
      const own = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
      if (text !== '') afterReturn = text.endsWith('\r');
      const lines = own.split(/\r\n|\n|\r/);
      const last = lines.pop() ?? '';
      for (const [i, line] of lines.entries()) onLine(i === 0 ? rest + line : line);
      rest = lines.length > 0 ? last : rest + last;
      while (rest.length > MAX_LINE) {
        onLine(rest.slice(0, MAX_LINE));
        rest = rest.slice(MAX_LINE);
      }
    },
    end: () => {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
