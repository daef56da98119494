import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { CommandOptions, CommandResult } from './runtime.ts';

/**
 * What of the runner's environment a child process gets: enough to find programs, the Docker engine and a proxy. Tokens and
 * `NOMAD_SECRET_*` are not on the list, so that no build can read them.
 */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|DOCKER_(HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION)|BUILDX_.+|BUILDKIT_.+|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|https?_proxy|no_proxy|all_proxy|SystemRoot|ProgramData|ProgramFiles|USERPROFILE|LOCALAPPDATA|APPDATA|PATHEXT|COMSPEC)$/i;

/** Of a program's output, so many characters are kept of each stream, the first and the last half: more than the largest job or image index. */
const MAX_CHARACTERS = 32 * 1024 * 1024;
/** A longer line is handed over in pieces. */
const MAX_LINE = 65_536;

export interface Spawning {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Runs a program and waits for its end. A program that does not exist gives exit code 127, as a shell would. */
export async function execute(
  [program, ...args]: readonly [string, ...string[]],
  options: CommandOptions,
  { environment, signal, onLine }: Spawning,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const passed = Object.entries(environment).filter(([name, value]) => value !== undefined && PASSED_ON.test(name));
  const world = { cwd: options.cwd, env: { ...Object.fromEntries(passed), ...options.env } };
  const child = spawn(program, args, {
    ...world,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A cancelled workflow asks first: buildx then tells BuildKit to stop.
    signal,
    killSignal: 'SIGTERM',
  });
  const [ending, ...endingArgs] = options.onAbort ?? [];
  const end = (): void => {
    if (ending !== undefined) spawn(ending, endingArgs, { ...world, stdio: 'ignore' }).on('error', () => undefined);
  };
  signal.addEventListener('abort', end, { once: true });
  const all = keeper(MAX_CHARACTERS, (line) => line.length + 1);
  const collect = (stream: NodeJS.ReadableStream): (() => string) => {
    const pieces = keeper(MAX_CHARACTERS, (piece) => piece.length);
    const lines = lineSplitter((line) => {
      all.add(line);
      if (options.stream === true) onLine(line);
    });
    const decoder = new StringDecoder('utf8');
    const add = (text: string): void => {
      pieces.add(text);
      lines.add(text);
    };
    stream.on('data', (chunk: Buffer) => add(decoder.write(chunk)));
    stream.on('end', () => {
      add(decoder.end());
      lines.end();
    });
    return () =>
      pieces
        .kept('\n…\n')
        .join('')
        .replace(/\r\n|\r/g, '\n')
        .replace(/\n$/, '');
  };
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program that ends without reading its input closes the pipe; its exit code says more than EPIPE.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  let notStarted = false;
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') {
        notStarted = true;
        resolve(127);
      }
      // An abort is an error at once, but the program may still have to tell somebody: its end is waited for.
      else if (!signal.aborted) reject(error);
    });
    child.on('close', (exitCode) => {
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve(exitCode ?? 1);
    });
  });
  return { code, stdout: stdout(), stderr: stderr(), lines: all.kept('…'), ...(notStarted ? { notStarted } : {}) };
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
