import { ActionError } from '../errors.ts';
import { configInputs, findConfig, readSourceFile } from '../inputs/index.ts';
import type { Env } from '../runtime/runtime.ts';

/** Returns the names of the environments of the checkout's configuration file. Throws `input-invalid` where it has none. */
export async function environmentNames(env: Env, workspace: string): Promise<string[]> {
  const file = await findConfig(configInputs(env).path, workspace);
  if (file === undefined) {
    throw new ActionError('input-invalid', '--all needs a configuration file, and there is no nomad-deploy.yml', {
      hint: 'Name one environment with --environment.',
    });
  }
  const { name, text } = await readSourceFile(file, workspace);
  const { parseConfig } = await import('../inputs/config/config.ts');
  const { environments } = await parseConfig(text, name);
  if (environments.length > 0) return environments.map((one) => one.name);
  throw new ActionError('input-invalid', `${name} has no \`environments\`, which --all shows`, { hint: 'Name one with --environment.' });
}
