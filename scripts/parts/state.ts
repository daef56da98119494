// What was started, written down as it is started: a folder per run, whose records say how to undo each part. A normal stop and the
// clean-up after a crashed run are the same walk over the records, so the crash path is exercised by every normal stop.
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, say } from './exec.ts';

/** How to undo one thing: end a process (known by its id and its start time) and what it started, or run a shell command. */
type Undo =
  | { readonly mark: string; readonly pid: number; readonly start: string; readonly graceSeconds: number }
  | { readonly what: string; readonly command: string };

/** A program that goes on running until it is stopped. */
export interface Service {
  readonly pid: number;
  /** Everything that it printed. */
  readonly logFile: string;
  /** False once the process is gone. */
  readonly alive: () => boolean;
  /** SIGTERM, then SIGKILL after the grace time; resolves when the process and what it started are gone. */
  readonly stop: () => Promise<void>;
}

export interface ServiceOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds between SIGTERM and SIGKILL; 10 by default. */
  readonly graceSeconds?: number;
}

/** What parts are started in: a folder, and the records of how to undo what was started. */
export interface Run {
  /** Short enough for unix sockets; goes away with the run. */
  readonly folder: string;
  readonly service: (name: string, command: string, args: readonly string[], options?: ServiceOptions) => Service;
  /** Notes a shell command that undoes something; the function that it gives runs it early. */
  readonly undoLater: (what: string, command: string) => () => Promise<void>;
}

/** The run of the process that began it. */
export interface OwnRun extends Run {
  /** Undoes everything in reverse order and removes the folder. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

const RECORDS = 'records.jsonl';
/** In the environment of whatever we start, and so of what that starts: `<run>/<service>/`, by which orphans are found. */
const MARK = 'NOMAD_DEPLOY_PART';
/** A unix socket path may have 107 bytes; engines put theirs several folders deep. */
const LONGEST_TMPDIR = 40;

const active = new Set<OwnRun>();

function proc(pid: number | string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** The fields of /proc/<pid>/stat after the program's name, which may itself hold blanks and parentheses. */
function stat(pid: number | string): { state: string; parent: string; start: string } | undefined {
  const text = proc(pid, 'stat');
  const [state = '', parent = '', ...rest] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return text === undefined || state === 'Z' || state === 'X' ? undefined : { state, parent, start: rest[17] ?? '' };
}

/** When a process began, in clock ticks since boot: with its id, an identity that is never used twice. */
export function startOf(pid: number): string | undefined {
  return stat(pid)?.start;
}

function isAlive(process_: { pid: number; start: string }): boolean {
  return startOf(process_.pid) === process_.start;
}

/** Where all runs of this user are. Only ours to write: clean-up runs commands that it finds there. */
function root(): string {
  const temporary = tmpdir().length > LONGEST_TMPDIR ? '/tmp' : tmpdir();
  const folder = join(temporary, `nomad-deploy-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== userInfo().uid || (mode & 0o077) !== 0) throw new Error(`${folder} has to be ours alone; remove it`);
  return folder;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone between the look and the signal
  }
}

/** Ends the processes whose mark begins so, and their descendants: what a killed agent or engine left behind. */
function killOrphans(mark: string): void {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((pid) => [pid, stat(pid)?.parent]));
  const marked = new Set(
    processes.filter((pid) =>
      proc(pid, 'environ')
        ?.split('\0')
        .some((entry) => entry.startsWith(`${MARK}=${mark}`)),
    ),
  );
  const belongs = (pid: string | undefined): boolean => pid !== undefined && (marked.has(pid) || belongs(parents.get(pid)));
  for (const pid of processes) if (parents.get(pid) !== undefined && belongs(pid)) kill(Number(pid), 'SIGKILL');
}

async function undoOne(undo: Undo): Promise<void> {
  if ('command' in undo) {
    await attempt('sh', ['-c', undo.command], { timeout: 60_000 });
    return;
  }
  const end = performance.now() + undo.graceSeconds * 1000;
  if (isAlive(undo)) kill(undo.pid, 'SIGTERM');
  for (; isAlive(undo); await sleep(25)) if (performance.now() > end) kill(undo.pid, 'SIGKILL');
  killOrphans(undo.mark);
}

function mountsBelow(folder: string): string[] {
  const points = (proc('self', 'mountinfo') ?? '').split('\n').map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length);
}

async function undoAll(folder: string): Promise<void> {
  const lines = (() => {
    try {
      return readFileSync(join(folder, RECORDS), 'utf8').split('\n').filter(Boolean);
    } catch {
      return []; // nothing was started, or another process cleans up the same run
    }
  })();
  for (const line of lines.reverse()) await undoOne(JSON.parse(line) as Undo);
  // Also what was started, but not written down any more.
  killOrphans(`${basename(folder)}/`);
  // Twice, since a process that just ended may hold its mounts for a moment.
  for (const flags of [[], ['-l']]) for (const point of mountsBelow(folder)) await attempt('umount', [...flags, point]);
  try {
    // Removing a folder below which something is mounted would empty what is mounted.
    const [mounted] = mountsBelow(folder);
    if (mounted !== undefined) throw new Error(`${mounted} is still mounted`);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    // As a user, files that a container wrote as root; nothing runs any more, and the next run must not fail because of them.
    say(`${folder} is left as it is: ${(error as Error).message}`);
  }
}

/**
 * Ends what runs left behind whose process is gone: their processes (by recorded id and start time), containers, mounts and folders.
 * Gives the folders that it removed.
 */
export async function cleanUpCrashedRuns(): Promise<readonly string[]> {
  const parent = root();
  const crashed = readdirSync(parent).filter((name) => {
    const [pid = '', start = ''] = name.split('-');
    return startOf(Number(pid)) !== start;
  });
  for (const name of crashed) {
    say(`cleaning up after a run that crashed (${name})`);
    await undoAll(join(parent, name));
  }
  return crashed.map((name) => join(parent, name));
}

/** Stops every run of this process, the latest first. */
export async function stopAll(): Promise<void> {
  for (const run of [...active].reverse()) await run.stop();
}

let interrupted = 0;
function onSignal(signal: 'SIGINT' | 'SIGTERM'): void {
  // One Ctrl-C can arrive several times (terminal, npm, run.mjs); only one that comes later means "now".
  if (interrupted > 0 && performance.now() - interrupted > 2000) process.exit(130);
  if (interrupted > 0) return;
  interrupted = performance.now();
  say('stopping what was started (again to leave it to the next start)');
  void stopAll().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
}

/** Makes the first of `<prefix>1`, `<prefix>2`, … that is not there. A counter would not do: jest loads this module several times. */
function firstFree(prefix: string): string {
  let count = 1;
  while (existsSync(`${prefix}${count}`)) count += 1;
  mkdirSync(`${prefix}${count}`, { mode: 0o700 });
  return `${prefix}${count}`;
}

/**
 * A run that this process began, by its folder, for code that does not have the object: what is started in it is undone with it. jest loads
 * this module anew for each test file.
 */
export function joinRun(folder: string): Run {
  const id = basename(folder);
  const record = (undo: Undo): (() => Promise<void>) => {
    appendFileSync(join(folder, RECORDS), `${JSON.stringify(undo)}\n`);
    return () => undoOne(undo);
  };
  return {
    folder,
    undoLater: (what, command) => record({ what, command }),
    service: (name, command, args, { env = {}, graceSeconds = 10 } = {}) => {
      const logFile = join(folder, `${name}.log`);
      const mark = `${id}/${name}/`;
      const log = openSync(logFile, 'a');
      // Own session: Ctrl-C in the terminal reaches us only, and we stop the parts in order.
      const child = spawn(command, args, {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, ...env, [MARK]: mark },
      });
      closeSync(log);
      child.on('error', () => undefined);
      child.unref();
      const { pid } = child;
      if (pid === undefined) throw new Error(`${command} could not be started`);
      const identity = { pid, start: startOf(pid) ?? '' };
      const stop = record({ mark, ...identity, graceSeconds });
      return { pid, logFile, alive: () => isAlive(identity), stop };
    },
  };
}

/** Begins a run, after cleaning up what crashed ones left. Ctrl-C and SIGTERM stop it and end this process. */
export async function startRun(): Promise<OwnRun> {
  if (process.platform !== 'linux') throw new Error('The real parts (Docker, registry, Nomad) are started on Linux only.');
  // dockerd, ip and runc are where only an administrator's PATH looks.
  process.env['PATH'] = [...new Set([...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'])].join(':');
  await cleanUpCrashedRuns();
  // The name is the owner's identity, so that there is no moment in which a run has no known owner.
  const folder = firstFree(join(root(), `${process.pid}-${startOf(process.pid)}-`));
  let stopping: Promise<void> | undefined;
  const leave = (): void => {
    active.delete(run);
    if (active.size === 0) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  };
  const run: OwnRun = {
    ...joinRun(folder),
    // Active until the end, so that a signal in the middle of it waits for the same stop.
    stop: async () => (stopping ??= undoAll(folder).finally(leave)),
  };
  if (active.size === 0) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  active.add(run);
  return run;
}
