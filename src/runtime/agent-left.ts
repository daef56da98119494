// A throw-away agent is known by one name: of its node, its folder, the label of its containers, and a variable in the environment of its processes. The name
// tells the process of the run, so that a later run finds an agent whose run was killed.
import { lstat, mkdir, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { systemClock } from './clock.ts';
import { endAll, processesWith } from './orphans.ts';
import type { CommandResult, Env } from './runtime.ts';
import { randomHex } from './time.ts';

/** The environment variable of the processes of an agent. */
export const AGENT_MARK = 'NOMAD_DEPLOY_AGENT';

/** `nomad-deploy-agent-<namespace of processes>-<process>-<start of the process>-<random>`, the numbers with the base 36. */
export const AGENT_NAME = /^nomad-deploy-agent-[0-9a-z]{1,13}-[0-9a-z]{1,8}-[0-9a-z]{1,13}-[0-9a-f]{6}$/;

/** The label of each container that Nomad's Docker driver starts with `extra_labels = ["node_name"]`. */
const LABEL = 'com.hashicorp.nomad.node_name';

/** The time limit of a program of the removal. */
const PROGRAM_MS = 20_000;
/** A request to the engine that the agent had sent before its end can still start a container. */
const ROUNDS = 5;
/** Linux takes no socket with a longer path, and the plugins of the agent make sockets in its folder. */
const MAX_FOLDER = 85;

/** Returns a name for an agent of this process. */
export async function nameAgent(): Promise<string> {
  const [space, started] = [await ownSpace(), await startOf(process.pid)];
  return ['nomad-deploy-agent', space ?? '0', process.pid.toString(36), started ?? '0', randomHex(systemClock, 6)].join('-');
}

/** Makes the private folder of an agent: in the folder for temporary files, or in that of the system where the path would be too long. */
export async function makeFolder(name: string, temp: string): Promise<string> {
  const folder = [temp, tmpdir()].map((parent) => join(parent, name)).find((path) => path.length <= MAX_FOLDER) ?? join(tmpdir(), name);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/**
 * Removes an agent: its processes, containers with their volumes, mounts and folder. Returns the folder where it could not be removed. Does nothing for a name of
 * another form.
 */
export async function removeAgent(name: string, temp: string, environment: Env): Promise<string | undefined> {
  if (!AGENT_NAME.test(name)) return undefined;
  // At once, because an agent that ends in order first waits for its tasks.
  await endAll(async () => processesWith(AGENT_MARK, name), 'SIGKILL');
  const run = runner(environment);
  const images = await removeContainers(name, run);
  let left: string | undefined;
  for (const folder of new Set([join(temp, name), join(tmpdir(), name)])) if (!(await removeFolder(folder, images, run))) left = folder;
  return left;
}

/** Removes the agents of runs that were killed, post step included. Leaves those of runs that go on, and those of other containers. */
export async function removeAbandoned(temp: string, environment: Env): Promise<string[]> {
  const run = runner(environment);
  const listed = await run(['docker', 'ps', '--all', '--filter', `label=${LABEL}`, '--format', `{{.Label "${LABEL}"}}`]);
  const folders = await Promise.all([temp, tmpdir()].map(async (parent) => readdir(parent).catch((): string[] => [])));
  const marked = await processesWith(AGENT_MARK);
  const names = new Set([...folders.flat(), ...(listed?.stdout ?? '').split('\n'), ...marked.map(({ value }) => value)]);
  const removed: string[] = [];
  for (const name of names) {
    if (!AGENT_NAME.test(name) || !(await isAbandoned(name))) continue;
    await removeAgent(name, temp, environment);
    removed.push(name);
  }
  return removed;
}

/** Returns whether the process of the run has ended. Unknown for another namespace of processes, such as that of another container. */
async function isAbandoned(name: string): Promise<boolean> {
  const [space, pid = '', started] = name.slice('nomad-deploy-agent-'.length).split('-');
  return space === (await ownSpace()) && (await startOf(Number.parseInt(pid, 36))) !== started;
}

async function ownSpace(): Promise<string | undefined> {
  const link = await readlink('/proc/self/ns/pid').catch(() => '');
  const [, id] = /\[(\d+)\]/.exec(link) ?? [];
  return id && Number(id).toString(36);
}

/** Returns the start of a process, in ticks since the start of the system; undefined for a process that has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, in brackets, may contain anything. See proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields[19];
  // A zombie has ended, and its parent has not looked yet.
  return fields[0] === 'Z' ? undefined : ticks && Number(ticks).toString(36);
}

type RunProgram = (argv: readonly [string, ...string[]]) => Promise<CommandResult | undefined>;

/** Returns a function that runs a program of the removal, also in a run that is cancelled; undefined for one that does not end in time. */
function runner(environment: Env): RunProgram {
  return async (argv) => {
    const { execute } = await import('./exec.ts');
    const signal = AbortSignal.timeout(PROGRAM_MS);
    return execute(argv, { cwd: '/' }, { environment, signal, onLine: () => undefined }).catch(() => undefined);
  };
}

/** Removes the containers of an agent, with the volumes that their images declare. Returns their images. */
async function removeContainers(name: string, run: RunProgram): Promise<string[]> {
  const images = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const listed = await run(['docker', 'ps', '--all', '--filter', `label=${LABEL}=${name}`, '--format', '{{.ID}} {{.Image}}']);
    const found = (listed?.stdout ?? '').split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')]));
    if (found.length === 0 && round > 0) break;
    for (const [, image] of found) if (image !== undefined) images.add(image);
    if (found.length > 0) await run(['docker', 'rm', '--force', '--volumes', ...found.map(([id = '']) => id)]);
  }
  return [...images];
}

/** Removes a folder with what tasks of another user wrote there. Returns false where it stays. */
async function removeFolder(folder: string, images: readonly string[], run: RunProgram): Promise<boolean> {
  const isThere = async (): Promise<boolean> =>
    lstat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if (!(await isThere())) return true;
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const below = mounts.split('\n').flatMap((line) => {
    const point = (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return point.startsWith(`${folder}/`) ? [point] : [];
  });
  // The innermost first.
  for (const point of below.sort((a, b) => b.length - a.length)) await run(['umount', '--lazy', point]);
  const own = async (): Promise<void> => rm(folder, { recursive: true, force: true }).catch(() => undefined);
  const parent = `${dirname(folder)}:/nomad-deploy`;
  const inContainer = (image: string) => async (): Promise<unknown> => {
    const options = ['--rm', '--network', 'none', '--user', '0', '--entrypoint', 'rm', '--volume', parent];
    return run(['docker', 'run', ...options, image, '-rf', `/nomad-deploy/${basename(folder)}`]);
  };
  // Files of root stay where this user may not become root. A container of the rehearsed image may.
  const ways: readonly (() => Promise<unknown>)[] = [own, async () => run(['sudo', '-n', 'rm', '-rf', folder]), ...images.map(inContainer)];
  for (const way of ways) {
    await way();
    if (!(await isThere())) return true;
  }
  return false;
}
