// Runs the bundled terminal program: by pipes, as a script does, or in a real terminal.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { onLines } from '../../scripts/parts/commands.ts';
import { openTmux as openProgram, type Tmux, type TmuxOptions } from '../../scripts/parts/tmux.ts';
import { parts } from './parts.ts';
import { resultProblems } from './result-schema.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');

export interface CliOptions {
  /** The words behind `nomad-deploy`. */
  readonly args: readonly string[];
  /** The folder that the program starts in; see `checkout`. */
  readonly cwd: string;
  /** Variables on top of PATH, HOME, NOMAD_BIN and the address of the shared cluster without ACLs. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PipedOptions extends CliOptions {
  /** The standard input, by default empty; null: it has no end. */
  readonly stdin?: string | Uint8Array | null;
  /** Sees each line of stdout and stderr when it is written, and the running program. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
  /** Sends SIGINT, as Ctrl-C does, as soon as a line makes it true. */
  readonly interruptAfter?: (line: string) => boolean;
}

export interface CliResult {
  /** The exit code; 128 + signal number when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The bytes of stdout. */
  readonly bytes: Buffer;
}

function environment(env: CliOptions['env']): Record<string, string> {
  const { PATH = '', HOME = '', NOMAD_BIN = parts().nomadBin } = process.env;
  return { PATH, HOME, LANG: 'C.UTF-8', NOMAD_BIN, NOMAD_ADDR: parts().nomad.address, ...env };
}

/** Makes a Git checkout of `Acme/Shop` with these files (path → text), at a branch. The run removes it. */
export function checkout(
  files: Readonly<Record<string, string>>,
  { branch = 'main', remote = 'git@github.com:Acme/Shop.git' } = {},
): string {
  const folder = temporary('checkout');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const git = (...args: readonly string[]): void => {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];
    execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'ignore' });
  };
  git('init', '-q', '-b', branch);
  git('remote', 'add', 'origin', remote);
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  // The default branch, as a clone knows it.
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
  return folder;
}

/** Runs the program with pipes in place of a terminal, to its end. */
export async function runCli({ args, cwd, env, stdin = '', onLine, interruptAfter }: PipedOptions): Promise<CliResult> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: environment(env), stdio: 'pipe' });
  const chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => chunks[name].push(chunk));
    // A stream of its own, because the lines are text and the rest are bytes.
    onLines(child[name].pipe(new PassThrough()), (line) => {
      onLine?.(line, child);
      if (interruptAfter?.(line) === true) child.kill('SIGINT');
    });
  }
  // A program that does not read its input ends the pipe.
  child.stdin.on('error', () => undefined);
  if (stdin !== null) child.stdin.end(stdin);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject).once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)));
  const code = await promise;
  const bytes = Buffer.concat(chunks.stdout);
  return { code, bytes, stdout: bytes.toString('utf8'), stderr: Buffer.concat(chunks.stderr).toString('utf8') };
}

/** Starts the program in a real terminal. `close` ends it. */
export async function openTmux({ args, cwd, env, ...size }: CliOptions & Pick<TmuxOptions, 'columns' | 'rows'>): Promise<Tmux> {
  return openProgram({ argv: [process.execPath, CLI, ...args], cwd, env: environment(env), ...size });
}

/** Returns the result on the standard output, which has nothing else. */
export function resultOf({ stdout }: Pick<CliResult, 'stdout'>): Record<string, unknown> {
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  const result = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  expect(resultProblems(result)).toEqual([]);
  return result;
}
