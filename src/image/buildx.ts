import { join } from 'node:path';
import type { CommandOptions, CommandResult, Runtime } from '../runtime/runtime.ts';

/** Docker's folders for plugins: https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go */
const FOLDERS = ['local/lib', 'local/libexec', 'lib', 'libexec'].map((folder) => `/usr/${folder}/docker/cli-plugins`);

type BuildxOptions = CommandOptions & Required<Pick<CommandOptions, 'env'>>;

/**
 * Runs buildx by its plugin if that is in one of Docker's folders, else by docker, which asks a plugin for its version before it runs it. A look-up works
 * with any version of buildx, a build gets the `same` version as by docker.
 */
export async function runBuildx(
  args: readonly string[],
  version: 'any' | 'same',
  options: BuildxOptions,
  { exec }: Pick<Runtime, 'exec'>,
): Promise<CommandResult> {
  for (const folder of foldersOf(options.env['DOCKER_CONFIG'], version)) {
    const result = await exec([join(folder, 'docker-buildx'), ...args], options);
    if (result.notStarted !== true) return result;
  }
  return exec(['docker', 'buildx', ...args], options);
}

/** Returns the folders in docker's order. The user's own one comes first, and is known only with the configuration of a login. */
function foldersOf(config: string | undefined, version: 'any' | 'same'): readonly string[] {
  if (config !== undefined) return [join(config, 'cli-plugins'), ...FOLDERS];
  return version === 'any' ? FOLDERS : [];
}
