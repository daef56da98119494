import { loginError, requireDocker } from '../docker-error.ts';
import type { Inputs } from '../inputs.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
 * configuration holds (other logins, credential helpers, builders, plugins) keeps working. Gives the environment that makes docker use it.
 */
export async function login(
  { registry, registryUsername, registryPassword }: Pick<Inputs, 'registry' | 'registryUsername' | 'registryPassword'>,
  runtime: Runtime,
): Promise<Record<string, string>> {
  const env = await runtime.dockerConfig(registry);
  const username = registryUsername ?? 'x-access-token';
  const result = await runtime.exec(['docker', 'login', registry, '--username', username, '--password-stdin'], {
    cwd: runtime.workspace,
    env,
    stdin: registryPassword?.reveal() ?? '',
  });
  requireDocker(result);
  if (result.code !== 0) throw loginError(result, registry, username);
  runtime.log.info(`Logged in to ${registry} as ${username}`);
  return env;
}
