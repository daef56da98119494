import { loginError, requireDocker } from '../docker-error.ts';
import { hostOf } from '../image-values.ts';
import type { Inputs } from '../inputs.ts';
import type { DockerLogin, Runtime } from '../runtime/runtime.ts';

/** The logins that the inputs ask for: at the registry that is pushed to, and wherever else images come from. */
function loginsOf({ push, registry, registryUsername, registryPassword, registryAuth }: Inputs): DockerLogin[] {
  const own = push && registryPassword !== undefined;
  const all = [
    ...(own ? [{ registry, username: registryUsername ?? 'x-access-token', password: registryPassword }] : []),
    ...registryAuth,
  ].map(({ registry: name, ...account }) => ({ ...account, host: hostOf(name) }));
  // The more special one is for the same host.
  return [...new Map(all.map((login) => [login.host, login])).values()];
}

/** What makes docker use the logins, and what rejects when a registry refuses one. */
export interface Login {
  readonly environment: Readonly<Record<string, string>>;
  readonly checked: Promise<unknown>;
}

/**
 * Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
 * configuration holds (other logins, credential helpers, builders, plugins) keeps working. The registries are asked meanwhile whether they take it.
 */
export async function login(inputs: Inputs, runtime: Runtime): Promise<Login> {
  const logins = loginsOf(inputs);
  if (logins.length === 0) return { environment: {}, checked: Promise.resolve() };
  const environment = await runtime.dockerConfig(logins);
  return { environment, checked: Promise.all(logins.map(async (one) => check(one, environment, runtime))) };
}

async function check(
  { host, username, password }: DockerLogin,
  env: Readonly<Record<string, string>>,
  { exec, workspace, log }: Runtime,
): Promise<void> {
  const argv = ['docker', 'login', host, '--username', username, '--password-stdin'] as const;
  const result = await exec(argv, { cwd: workspace, env, stdin: password.reveal() });
  requireDocker(result);
  if (result.code !== 0) throw loginError(result, host, username);
  log.info(`Logged in to ${host} as ${username}`);
}
