import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ActionError } from '../errors.ts';
import type { DockerLogin, Env } from './runtime.ts';

/**
 * Writes a copy of the user's Docker configuration with logins in the file itself, and returns the variables that name it. An empty credential helper for a host
 * makes docker use the file; the helpers of other hosts stay. Plugins, contexts and builders are linked.
 */
export async function isolatedDockerConfig(logins: readonly DockerLogin[], folder: string, env: Env): Promise<Record<string, string>> {
  const own = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  const text = await readFile(join(own, 'config.json'), 'utf8').catch(() => '{}');
  const config = parsedConfig(text, join(own, 'config.json'));
  // Docker stores the login of Docker Hub under the address of its first API.
  const keyed = logins.map((login) => ({ ...login, key: login.host === 'docker.io' ? 'https://index.docker.io/v1/' : login.host }));
  const isolated = {
    ...config,
    credHelpers: { ...objectAt(config, 'credHelpers'), ...Object.fromEntries(keyed.map(({ key }): [string, string] => [key, ''])) },
    auths: {
      ...objectAt(config, 'auths'),
      ...Object.fromEntries(
        keyed.map(({ key, username, password }): [string, object] => [
          key,
          { auth: Buffer.from(`${username}:${password.reveal()}`).toString('base64') },
        ]),
      ),
    },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(isolated), { mode: 0o600 });
  await Promise.all(
    ['cli-plugins', 'contexts'].map(async (name) => {
      await symlink(join(own, name), join(folder, name)).catch(async () =>
        cp(join(own, name), join(folder, name), { recursive: true }).catch(() => undefined),
      );
    }),
  );
  const builders = env['BUILDX_CONFIG'] || join(own, 'buildx');
  await mkdir(builders, { recursive: true });
  await chmod(folder, 0o700);
  return { DOCKER_CONFIG: folder, BUILDX_CONFIG: builders };
}

function parsedConfig(text: string, path: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    throw new ActionError('build-failed', `the Docker configuration of this runner is not JSON: ${path}`, {
      hint: 'Correct the file, or set DOCKER_CONFIG to another folder.',
    });
  }
}

function objectAt(config: object, name: string): object {
  const value: unknown = Object.entries(config).find(([key]) => key === name)?.[1];
  return typeof value === 'object' && value !== null ? value : {};
}
