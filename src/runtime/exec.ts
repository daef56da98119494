import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { CommandOptions, CommandResult } from './runtime.ts';

/**
 * What of the runner's environment a child process gets: enough to find programs, the Docker engine and a proxy. Tokens and
 * `NOMAD_SECRET_*` are not on the list, so that no build can read them.
 */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|DOCKER_(HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION)|BUILDX_.+|BUILDKIT_.+|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|https?_proxy|no_proxy|all_proxy|SystemRoot|ProgramData|ProgramFiles|USERPROFILE|LOCALAPPDATA|APPDATA|PATHEXT|COMSPEC)$/i;

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
  const all: string[] = [];
  const collect = (stream: NodeJS.ReadableStream): (() => string) => {
    const lines: string[] = [];
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      lines.push(line);
      all.push(line);
      if (options.stream === true) onLine(line);
    });
    return () => lines.join('\n');
  };
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program that ends without reading its input closes the pipe; its exit code says more than EPIPE.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(127);
      // An abort is an error at once, but the program may still have to tell somebody: its end is waited for.
      else if (!signal.aborted) reject(error);
    });
    child.on('close', (exitCode) => {
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve(exitCode ?? 1);
    });
  });
  return { code, stdout: stdout(), stderr: stderr(), lines: all };
}
