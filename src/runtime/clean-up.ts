import { lstat, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Env, Leftover } from './runtime.ts';

/** The time limit of the clean-up. The runner kills a cancelled step soon; the post step does the rest. */
const CLEAN_UP_MS = 30_000;

/** The prefix of the folders that a run makes in its temporary folder and removes. */
export const PRIVATE = 'nomad-deploy-private-';
/** The hexadecimal digits after the prefix. */
export const FOLDER_DIGITS = 12;

/** Returns the folder for temporary files: that of the runner, else that of the system. */
export function tempOf(env: Env): string {
  return env['RUNNER_TEMP'] || tmpdir();
}

/** Returns whether a value names something that a run leaves. */
export function isLeftover(value: unknown): value is Leftover {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value)) return false;
  return ['builder', 'container', 'agent'].some((kind) => kind === value.kind) && typeof value.name === 'string';
}

/** The names of builders and containers of a run. No other is removed. */
const LEFTOVER_NAME = /^nomad-deploy-(test-)?[0-9a-f]{8}$/;

/** The arguments of docker to remove each kind. */
const REMOVE: Readonly<Record<Exclude<Leftover['kind'], 'agent'>, readonly string[]>> = {
  builder: ['buildx', 'rm', '--force'],
  container: ['rm', '--force'],
};

/** Removes builders, containers and agents, missing ones ignored, and then the folders. */
export async function cleanUp(leftovers: readonly Leftover[], folders: readonly string[], environment: Env): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  const temp = tempOf(environment);
  const remove = async ({ kind, name }: Leftover): Promise<unknown> => {
    if (kind === 'agent') return (await import('./agent-left.ts')).removeAgent(name, temp, environment);
    if (!LEFTOVER_NAME.test(name)) return undefined;
    const { execute } = await import('./exec.ts');
    return execute(['docker', ...REMOVE[kind], name], { cwd: tmpdir() }, { environment, signal, onLine: () => undefined }).catch(
      () => undefined,
    );
  };
  await Promise.all(leftovers.map(remove));
  await Promise.all(
    folders.map(async (folder) => {
      if (await isPrivateFolder(folder, temp)) await rm(folder, { recursive: true, force: true });
    }),
  );
}

/** Returns whether a path is a folder (and no link) of this action directly in the temporary folder. */
async function isPrivateFolder(path: string, temp: string): Promise<boolean> {
  if (!new RegExp(`^${PRIVATE}[0-9a-f]{${FOLDER_DIGITS}}$`).test(basename(path))) return false;
  const [parent, wanted, found] = await Promise.all([
    realpath(dirname(path)).catch(() => undefined),
    realpath(temp).catch(() => undefined),
    lstat(path).catch(() => undefined),
  ]);
  return parent !== undefined && parent === wanted && found?.isDirectory() === true;
}
