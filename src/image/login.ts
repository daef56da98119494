import type { BuildInputs } from '../inputs/index.ts';
import type { DockerLogin, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, hostOfRegistry } from '../text/index.ts';
import { loginError, requireDocker } from './docker-error.ts';

/** Returns the logins of the inputs: for the registry of the push, and for other registries. */
function loginsOf(inputs: readonly BuildInputs[]): DockerLogin[] {
  const own = inputs.flatMap(({ push, registry, registryUsername, registryPassword }) =>
    push && registryPassword !== undefined
      ? [{ registry, username: registryUsername ?? 'x-access-token', password: registryPassword }]
      : [],
  );
  const all = [...own, ...inputs.flatMap(({ registryAuth }) => registryAuth)].map(({ registry: name, ...account }) => ({
    ...account,
    host: hostOfRegistry(name),
  }));
  // The later login, which is more specific, wins for its host.
  return [...new Map(all.map((login) => [login.host, login])).values()];
}

/** The logins, as docker gets them. */
export interface Login {
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Asks the registries whether they accept the logins, except for hosts that have just answered. Throws `registry-denied` or
   * `unreachable`.
   */
  readonly check: (answered: readonly string[]) => Promise<void>;
}

/**
 * Logs in within a configuration folder of the run, so that no login stays on a self-hosted runner. The user's own configuration (logins,
 * credential helpers, builders, plugins) still applies.
 */
export async function login(inputs: readonly BuildInputs[], runtime: Runtime): Promise<Login> {
  const logins = loginsOf(inputs);
  if (logins.length === 0) return { environment: {}, check: async () => undefined };
  const environment = await runtime.dockerConfig(logins);
  const ask = async (one: DockerLogin, answered: readonly string[]): Promise<void> => {
    if (!answered.includes(one.host)) await check(one, environment, runtime);
    runtime.log.info(`Logged in to ${one.host} as ${one.username}`);
  };
  return { environment, check: async (answered) => void (await Promise.all(logins.map(async (one) => ask(one, answered)))) };
}

async function check(
  { host, username, password }: DockerLogin,
  env: Readonly<Record<string, string>>,
  { exec, workspace }: Runtime,
): Promise<void> {
  const argv = argumentsOf(['docker', 'login'], [['--username', username], '--password-stdin'], [host]);
  const result = await exec(argv, { cwd: workspace, env, stdin: password.reveal() });
  requireDocker(result);
  if (result.code !== 0) throw loginError(result, host, username);
}
