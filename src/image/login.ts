import type { Inputs } from '../inputs/index.ts';
import type { DockerLogin, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, hostOfRegistry } from '../text/index.ts';
import { loginError, requireDocker } from './docker-error.ts';

/** The logins that the inputs ask for: at the registry that is pushed to, and wherever else images come from. */
function loginsOf(inputs: readonly Inputs[]): DockerLogin[] {
  const own = inputs.flatMap(({ push, registry, registryUsername, registryPassword }) =>
    push && registryPassword !== undefined
      ? [{ registry, username: registryUsername ?? 'x-access-token', password: registryPassword }]
      : [],
  );
  const all = [...own, ...inputs.flatMap(({ registryAuth }) => registryAuth)].map(({ registry: name, ...account }) => ({
    ...account,
    host: hostOfRegistry(name),
  }));
  // The more special one is for the same host.
  return [...new Map(all.map((login) => [login.host, login])).values()];
}

/** What makes docker use the logins. */
export interface Login {
  readonly environment: Readonly<Record<string, string>>;
  /** Asks the registries whether they take the logins; not again the hosts that have just answered one. Throws `registry-denied` or `unreachable`. */
  readonly check: (answered: readonly string[]) => Promise<void>;
}

/**
 * Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
 * configuration holds (other logins, credential helpers, builders, plugins) keeps working.
 */
export async function login(inputs: readonly Inputs[], runtime: Runtime): Promise<Login> {
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
