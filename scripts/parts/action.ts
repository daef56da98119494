// Runs the bundled action as the GitHub runner does: the files and variables that it gives, the commands and files that it reads back.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { type Annotation, commandReader, onLines } from './commands.ts';

/** What the runner sends to a cancelled step, and how long after the cancellation (ms). */
const CANCEL_STEPS = [
  ['SIGINT', 0],
  ['SIGTERM', 7500],
  ['SIGKILL', 10_000],
] as const;

/** What of this process's environment a step sees; everything else has to be given. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

export interface ActionOptions {
  /** Inputs as in `with:`; the others get their default from action.yml, or the empty string. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The step's `env:`; may replace what the runner sets (`GITHUB_REF`, …). */
  readonly env?: Readonly<Record<string, string>>;
  /** Name and payload of the event; a push by default. */
  readonly event?: { readonly name: string; readonly payload: unknown };
  /** The checkout; the step's working directory. */
  readonly workspace: string;
  /** What `${{ github.token }}` is; empty by default. */
  readonly token?: string;
  /** Folder with action.yml; the project's by default. */
  readonly action?: string;
  /** Aborting cancels the step as the runner does: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. The post step still runs. */
  readonly signal?: AbortSignal;
  /** Cancels as soon as a line of the log makes it true. */
  readonly killAfter?: (line: string) => boolean;
  /** Kills the process (SIGKILL), as the kernel does when memory is short, as soon as a line of the log makes it true. The post step still runs. */
  readonly dieAfter?: (line: string) => boolean;
  /** Gets, when the main step starts, the function that sends a signal to its process alone, as the runner does. */
  readonly onStart?: (send: (signal: NodeJS.Signals) => void) => void;
  /** The folder of the workflow job; one of its own by default. Steps that run at once share it, with RUNNER_TEMP and the tool cache. */
  readonly job?: string;
  /** Sees each line of stdout and stderr when it is written. */
  readonly onLine?: (line: string) => void;
}

export interface StepResult {
  /** Exit code; 128 + signal number when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order in which lines came. */
  readonly log: string;
  /** The most memory that the process had, as far as was seen whenever it wrote a line; 0 where the kernel does not tell. */
  readonly peakMemoryMb: number;
  /** When it ended, on the clock of `performance.now()`. */
  readonly endedAt: number;
}

export interface ActionResult extends StepResult {
  /** What the post step did; `undefined` when action.yml has none. */
  readonly post: StepResult | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  /** The job summary as Markdown, of both steps. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** What `::add-mask::` told the runner to hide. */
  readonly masks: readonly string[];
  /** Both steps' log as GitHub shows it: masked values replaced by `***` from the moment they were known. */
  readonly shown: string;
  /** Files and folders that are left in RUNNER_TEMP after the post step, relative to it. */
  readonly leftovers: readonly string[];
  /** Of the main step. */
  readonly durationMs: number;
}

/** As much of action.yml as the runner acts on. */
interface ActionFile {
  readonly inputs?: Readonly<Record<string, { readonly default?: unknown } | null>>;
  readonly runs: { readonly main: string; readonly post?: string };
}

/** Reads a runner file such as GITHUB_OUTPUT: `name=value` lines and `name<<DELIMITER` blocks. Throws on what the runner refuses. */
export function parseRunnerFile(text: string): Record<string, string> {
  const values: [string, string][] = [];
  const lines = text.split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line.trim() === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values.push([line.slice(0, equals), line.slice(equals + 1)]);
    } else if (heredoc > 0) {
      const end = lines.indexOf(line.slice(heredoc + 2));
      if (end < 0) throw new Error(`Matching delimiter not found: ${line}`);
      values.push([
        line.slice(0, heredoc),
        lines
          .splice(0, end + 1)
          .slice(0, -1)
          .join('\n'),
      ]);
    } else {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return Object.fromEntries(values);
}

/** `INPUT_` variables of a step: every declared input, and also one that is not declared, since the runner passes it on. */
function inputVariables(file: ActionFile, given: Readonly<Record<string, string>>, token: string): [string, string][] {
  const defaults = Object.entries(file.inputs ?? {}).map(([name, input]): [string, string] => [
    name,
    String(input?.default ?? '').replaceAll(/\$\{\{\s*github\.token\s*\}\}/g, token),
  ]);
  // Names of inputs are case-insensitive, and the environment variable is in capitals; hyphens stay.
  return [...defaults, ...Object.entries(given)].map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]);
}

function context(options: ActionOptions, temp: string): Record<string, string> {
  const { name, payload } = options.event ?? { name: 'push', payload: {} };
  const eventPath = join(temp, '_github_workflow/event.json');
  mkdirSync(dirname(eventPath), { recursive: true });
  // Steps that run at once share the file, and each reads it.
  if (!existsSync(eventPath)) writeFileSync(eventPath, JSON.stringify(payload));
  const set: Record<string, string> = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_BASE_REF: '',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_HEAD_REF: '',
    GITHUB_JOB: 'deploy',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'octocat/hello-world',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1658821493',
    GITHUB_RUN_NUMBER: '3',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
    GITHUB_WORKFLOW: 'Deploy',
    GITHUB_WORKSPACE: options.workspace,
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'GitHub Actions 1',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: join(dirname(temp), 'tools'),
    ...options.env,
  };
  // What the runner derives from the above.
  const [, kind, ref = ''] = /^refs\/(heads|tags|pull)\/(.*)$/.exec(set['GITHUB_REF'] ?? '') ?? [];
  return {
    GITHUB_REF_NAME: ref,
    GITHUB_REF_TYPE: kind === 'tags' ? 'tag' : 'branch',
    GITHUB_REPOSITORY_OWNER: (set['GITHUB_REPOSITORY'] ?? '').split('/')[0] ?? '',
    ...set,
  };
}

const FILES = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_PATH'] as const;
type RunnerFiles = Readonly<Record<(typeof FILES)[number], string>>;

/** Fresh runner files for one step. */
function runnerFiles(temp: string): RunnerFiles {
  const folder = join(temp, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const step = randomUUID();
  const files = FILES.map((name): [string, string] => [name, join(folder, `${name.slice('GITHUB_'.length).toLowerCase()}_${step}`)]);
  for (const [, file] of files) writeFileSync(file, '');
  return Object.fromEntries(files) as RunnerFiles;
}

interface Step {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly options: ActionOptions;
  readonly read: (line: string) => void;
  readonly cancelled: AbortController | undefined;
}

async function runStep({ script, env, options, read, cancelled }: Step): Promise<StepResult> {
  const child = spawn(process.execPath, [script], {
    cwd: options.workspace,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: { readonly stderr: boolean; readonly line: string }[] = [];
  let peakMemoryMb = 0;
  const onLine = (line: string, stderr: boolean): void => {
    lines.push({ line, stderr });
    peakMemoryMb = Math.max(peakMemoryMb, peakMemoryOf(child.pid));
    read(line);
    options.onLine?.(line);
    if (options.killAfter?.(line) === true) cancelled?.abort();
    if (cancelled !== undefined && options.dieAfter?.(line) === true) child.kill('SIGKILL');
  };
  onLines(child.stdout, (line) => onLine(line, false));
  onLines(child.stderr, (line) => onLine(line, true));
  if (cancelled !== undefined) options.onStart?.((signal) => void child.kill(signal));

  const timers: NodeJS.Timeout[] = [];
  const send = (signal: NodeJS.Signals): void => {
    // The process alone, as the runner does: its programs go on.
    child.kill(signal);
  };
  const cancel = (): void => {
    for (const [signal, after] of CANCEL_STEPS) timers.push(setTimeout(send, after, signal));
  };
  if (cancelled?.signal.aborted === true) cancel();
  else cancelled?.signal.addEventListener('abort', cancel, { once: true });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject).once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)));
  const code = await promise;
  const endedAt = performance.now();
  for (const timer of timers) clearTimeout(timer);
  cancelled?.signal.removeEventListener('abort', cancel);
  const text = (wanted: typeof lines): string => wanted.map(({ line }) => `${line}\n`).join('');
  return {
    code,
    stdout: text(lines.filter(({ stderr }) => !stderr)),
    stderr: text(lines.filter(({ stderr }) => stderr)),
    log: text(lines),
    peakMemoryMb,
    endedAt,
  };
}

/** The most memory that a process had so far, in MiB; 0 when it is gone or the kernel does not tell. */
export function peakMemoryOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Folder for what a test or the demo needs for a moment: below the run's, which removes it, else below the system's. */
export function temporary(purpose: string): string {
  return mkdtempSync(join(process.env['NOMAD_DEPLOY_TEMP'] ?? tmpdir(), `nomad-deploy-${purpose}-`));
}

/**
 * Runs the action's main and post steps as the GitHub runner does: the post step also when main failed or was cancelled, with the state
 * and environment that main left. Rejects only when the action can't be run at all.
 */
export async function runAction(options: ActionOptions): Promise<ActionResult> {
  const root = options.action ?? join(import.meta.dirname, '../..');
  const file = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionFile;
  const home = options.job ?? temporary('runner');
  const temp = join(home, 'temp');
  for (const folder of [temp, join(home, 'tools')]) mkdirSync(folder, { recursive: true });
  const inherited = PASSED_ON.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const env = {
    ...Object.fromEntries(inherited),
    ...context(options, temp),
    ...Object.fromEntries(inputVariables(file, options.inputs ?? {}, options.token ?? '')),
  };
  const commands = commandReader();
  const cancelled = new AbortController();
  const onAbort = (): void => cancelled.abort();
  if (options.signal?.aborted === true) cancelled.abort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const common = { options, read: commands.read };
    const files = runnerFiles(temp);
    const begun = performance.now();
    const main = await runStep({ ...common, script: join(root, file.runs.main), env: { ...env, ...files }, cancelled });
    const durationMs = performance.now() - begun;
    const values = (name: (typeof FILES)[number]): Record<string, string> => parseRunnerFile(readFileSync(files[name], 'utf8'));
    const state = Object.entries({ ...commands.result().state, ...values('GITHUB_STATE') }).map(([name, value]) => [
      `STATE_${name}`,
      value,
    ]);
    const added = readFileSync(files.GITHUB_PATH, 'utf8').split('\n').filter(Boolean).reverse();
    const postFiles = runnerFiles(temp);
    const postEnv = {
      ...env,
      ...values('GITHUB_ENV'),
      PATH: [...added, env['PATH']].join(':'),
      ...Object.fromEntries(state),
      ...postFiles,
    };
    const post =
      file.runs.post === undefined
        ? undefined
        : await runStep({ ...common, script: join(root, file.runs.post), env: postEnv, cancelled: undefined });
    const left = readdirSync(temp, { recursive: true, withFileTypes: true })
      .map((entry) => relative(temp, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith('_'));
    return {
      ...main,
      post,
      outputs: values('GITHUB_OUTPUT'),
      summary: [files, postFiles].map(({ GITHUB_STEP_SUMMARY }) => readFileSync(GITHUB_STEP_SUMMARY, 'utf8')).join(''),
      ...commands.result(),
      leftovers: left,
      durationMs,
    };
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    // A test may want to read what its outputs name: there, the folder goes with the run.
    if (process.env['NOMAD_DEPLOY_TEMP'] === undefined && options.job === undefined) rmSync(home, { recursive: true, force: true });
  }
}

/** A checkout with these files (path → content); the caller, or the run, removes it. */
export function makeWorkspace(files: Readonly<Record<string, string>>): string {
  const folder = temporary('workspace');
  mkdirSync(join(folder, '.git'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
