import { ActionError } from '../errors.ts';
import { type Place, placeText } from '../yaml-tree.ts';
import { readCluster } from './cluster.ts';
import { readImage } from './image.ts';
import { commands, type InputName, inputNames } from './names.ts';
import { nonBlank, openReader, readSecrets } from './reader.ts';
import { readRollout } from './rollout.ts';
import type { FromFile, Inputs } from './types.ts';

export {
  type Command,
  DEFAULTS,
  type EnvironmentName,
  type InputName,
  inputNames,
  unknownInputs,
} from './names.ts';
export { readWebhook } from './rollout.ts';
export { secretValues, unreadSecrets } from './secret-values.ts';
export type { FromFile, Inputs, Sourced, TestCommand, TlsInputs, Webhook } from './types.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The input `config`, which has to be known before the others. */
export function configInput(env: Environment): string | undefined {
  return nonBlank(env['INPUT_CONFIG']);
}

/**
 * Reads all inputs from the runner's environment (`INPUT_*`, `NOMAD_*`), and nothing else does; what is not given as an input is taken from the
 * configuration file, then from the environment.
 * Throws one `input-invalid` error that lists every problem found, so that a workflow is mended in one go.
 */
export async function readInputs(env: Environment, file?: FromFile): Promise<Inputs> {
  const reader = await openReader(env, file);
  const { sources, problems, places, vars, text, words, choice } = reader;
  const command = choice('command', commands) ?? 'deploy';
  const { sources: ofSecrets, ...secrets } = await readSecrets(reader);
  const inputs: Inputs = {
    command,
    config: file?.path,
    apps: words('app') ?? [],
    app: file?.app,
    imageKey: file?.image ?? file?.app,
    workingDirectory: text('working-directory') ?? '.',
    vars: vars.values,
    ...secrets,
    ...(await readCluster(reader)),
    ...(await readImage(reader)),
    ...(await readRollout(reader, command)),
    sources: { inputs: sources, vars: vars.sources, secrets: ofSecrets },
  };
  if (problems.length > 0) {
    const told = problems.map((problem) => located(problem, places));
    const [, location] = told.find(([, place]) => place !== undefined) ?? [];
    const lines = told.map(([line]) => line);
    const message = lines.length === 1 ? lines[0] : `${lines.length} problems:\n${lines.map((line) => `- ${line}`).join('\n')}`;
    throw new ActionError('input-invalid', `${message}`, location === undefined ? {} : { location });
  }
  return Object.freeze(inputs);
}

/** A problem with the place of the value in the configuration file, if it comes from there: the problem's first word is the name of its input. */
function located(problem: string, places: Readonly<Partial<Record<InputName, Place>>>): [text: string, place: Place | undefined] {
  const named = /^`([\w-]+)`/.exec(problem)?.[1];
  const place = inputNames.find((name) => name === named && name !== 'vars');
  const at = place && places[place];
  return at === undefined ? [problem, undefined] : [`${placeText(at)}: ${problem}`, at];
}
