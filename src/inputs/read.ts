import { ActionError } from '../errors.ts';
import { type Secret, secret } from '../runtime/index.ts';
import type { Env } from '../runtime/runtime.ts';
import { locationOf, type Place, placeText } from '../text/index.ts';
import { readCluster } from './cluster.ts';
import { readImage } from './image.ts';
import { commands, configSources, type InputName, inputNames } from './names.ts';
import { nonBlank, openReader, readSecrets } from './reader.ts';
import { readRollout } from './rollout.ts';
import type { FromFile, Inputs } from './types.ts';

/** The inputs that have to be known before the others: which file is read, and whose. */
export function configInputs(env: Env): {
  readonly path: string | undefined;
  readonly fromCheckout: boolean;
  readonly workingDirectory: string | undefined;
} {
  return {
    path: nonBlank(env['INPUT_CONFIG']),
    fromCheckout: nonBlank(env['INPUT_CONFIG-FROM']) === 'checkout',
    workingDirectory: nonBlank(env['INPUT_WORKING-DIRECTORY']),
  };
}

/** GitHub's token, which is needed to read the file that gives other inputs, and which no file gives. */
export function githubToken(env: Env): Secret | undefined {
  const token = nonBlank(env['INPUT_GITHUB-TOKEN']) ?? nonBlank(env['GITHUB_TOKEN']);
  return token === undefined ? undefined : secret(token);
}

/** Whether the workflow gives an input. */
export function isGiven(env: Env, name: InputName): boolean {
  return nonBlank(env[`INPUT_${name.toUpperCase()}`]) !== undefined;
}

/**
 * Reads all inputs from the runner's environment (`INPUT_*`, `NOMAD_*`), and nothing else does; what is not given as an input is taken from the
 * configuration file, then from the environment.
 * Throws one `input-invalid` error that lists every problem found, so that a workflow is mended in one go.
 */
export async function readInputs(env: Env, file?: FromFile): Promise<Inputs> {
  const reader = await openReader(env, file);
  const { sources, problems, places, vars, text, words, choice } = reader;
  const command = choice('command', commands) ?? 'deploy';
  const { sources: ofSecrets, ...secrets } = await readSecrets(reader);
  const inputs: Inputs = {
    command,
    config: file?.path,
    configFrom: choice('config-from', configSources) ?? 'default-branch',
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
    const [, place] = told.find(([, at]) => at !== undefined) ?? [];
    const location = place && locationOf(place);
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
