import { loginError, requireDocker } from '../docker-error.ts';
import type { Inputs, RegistryLogin } from '../inputs.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** The logins that the inputs ask for: at the registry that is pushed to, and wherever else images come from. */
function loginsOf({ push, registry, registryUsername, registryPassword, registryAuth }: Inputs): RegistryLogin[] {
  const own = push && registryPassword !== undefined && !registryAuth.some((other) => other.registry === registry);
  return [...(own ? [{ registry, username: registryUsername ?? 'x-access-token', password: registryPassword }] : []), ...registryAuth];
}

/**
 * Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
 * configuration holds (other logins, credential helpers, builders, plugins) keeps working. Gives the environment that makes docker use it.
 */
export async function login(inputs: Inputs, runtime: Runtime): Promise<Record<string, string>> {
  const logins = loginsOf(inputs);
  if (logins.length === 0) return {};
  const env = await runtime.dockerConfig(logins.map(({ registry }) => registry));
  // One after the other: each writes the same file.
  for (const { registry, username, password } of logins) {
    const result = await runtime.exec(['docker', 'login', registry, '--username', username, '--password-stdin'], {
      cwd: runtime.workspace,
      env,
      stdin: password.reveal(),
    });
    requireDocker(result);
    if (result.code !== 0) throw loginError(result, registry, username);
    runtime.log.info(`Logged in to ${registry} as ${username}`);
  }
  return env;
}
