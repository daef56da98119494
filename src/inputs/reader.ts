import { messageOf } from '../errors.ts';
import { secret } from '../runtime/index.ts';
import type { Env } from '../runtime/runtime.ts';
import { type Place, placeText, sourceText } from '../text/index.ts';
import { placeIn } from './config/index.ts';
import { CI_VARIABLES, DEFAULTS, type InputName } from './names.ts';
import { readSecretName } from './secret-names.ts';
import type { FromFile, Inputs, Sourced } from './types.ts';
import { oneOf, parseBoolean, readMap } from './values.ts';

/** The name of a secret in a line, and what stands for the items of others. */
const SECRET_LINE = '([\\w.~/-]+|\\*)';
const OTHER_ITEMS = '*';

/** Gives the values of inputs, and notes what gave each of them, and what is wrong with it. */
export interface Reader {
  readonly env: Env;
  readonly file: FromFile | undefined;
  /** Everything that is wrong, in words that begin with the name of the input. */
  readonly problems: string[];
  readonly sources: Partial<Record<InputName, string>>;
  /** Where in the configuration file the value of an input is. */
  readonly places: Readonly<Partial<Record<InputName, Place>>>;
  readonly vars: GivenValues;
  /** What `read` gives; `otherwise`, and a problem, when it throws. */
  readonly attempt: <T>(read: () => T, otherwise: T) => T;
  /** As it is given, in the workflow or in the file, or the default. */
  readonly raw: (name: InputName) => string | undefined;
  /** The input, else the first of the others that has a value, each with the name of its source; trimmed. */
  readonly first: (
    name: InputName,
    ...others: readonly (readonly [source: string | undefined, value: string | undefined])[]
  ) => string | undefined;
  /** The input, else the first of the environment variables that has a value. */
  readonly text: (name: InputName, ...variables: readonly string[]) => string | undefined;
  readonly choice: <T extends string>(name: InputName, known: readonly T[]) => T | undefined;
  readonly flag: (name: InputName, otherwise: boolean, ...variables: readonly string[]) => boolean;
  /** A boolean that knows a third word. */
  readonly automatic: (name: InputName) => boolean | 'auto';
  readonly sourced: (name: InputName, variable: string) => Sourced<string> | undefined;
  readonly lines: (name: InputName) => string[];
  readonly words: (name: InputName) => string[] | undefined;
}

/** A map, and what gave each of its values. */
export interface GivenValues {
  readonly values: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, string>>;
}

/** Opens a reader of the runner's environment and what the configuration file has. */
export async function openReader(env: Env, file: FromFile | undefined): Promise<Reader> {
  const layers = file?.layers ?? [];
  const problems: string[] = [];
  const attempt: Reader['attempt'] = (read, otherwise) => {
    try {
      return read();
    } catch (error) {
      problems.push(messageOf(error));
      return otherwise;
    }
  };
  const sources: Partial<Record<InputName, string>> = {
    config: nonBlank(env['INPUT_CONFIG']) === undefined ? 'default' : 'config',
    vars: nonBlank(env['INPUT_VARS']) === undefined ? 'default' : 'vars',
  };
  const places: Partial<Record<InputName, Place>> = {};
  const raw: Reader['raw'] = (name) => {
    const value = env[`INPUT_${name.toUpperCase()}`];
    if (nonBlank(value) !== undefined) {
      sources[name] = name;
      return value;
    }
    const fromFile = layers.map((layer) => layer[name]).find((one) => nonBlank(one?.text) !== undefined);
    sources[name] = fromFile === undefined ? 'default' : sourceText(fromFile.at);
    if (fromFile !== undefined) places[name] = fromFile.at;
    return fromFile?.text ?? DEFAULTS[name];
  };
  const first: Reader['first'] = (name, ...others) => {
    const own = nonBlank(raw(name));
    const [source, value] = (own === undefined ? others.find((other) => nonBlank(other[1]) !== undefined) : undefined) ?? [];
    if (source !== undefined) sources[name] = source;
    return own ?? nonBlank(value);
  };
  const text: Reader['text'] = (name, ...variables) => first(name, ...variables.map((variable) => [variable, env[variable]] as const));
  const flag: Reader['flag'] = (name, otherwise, ...variables) =>
    attempt(() => parseBoolean(name, text(name, ...variables)) ?? otherwise, otherwise);
  return {
    ...{ env, file, problems, sources, places, attempt, raw, first, text, flag },
    vars: await readVars(env, file, problems),
    choice: (name, known) => {
      const value = text(name);
      return value === undefined ? undefined : attempt(() => oneOf(name, value, known), undefined);
    },
    automatic: (name) => {
      const value = text(name);
      return value === undefined || value === 'auto' ? 'auto' : flag(name, true);
    },
    sourced: (name, variable) => {
      const value = text(name, variable);
      return value === undefined ? undefined : { value, source: sources[name] ?? name };
    },
    lines: (name) =>
      (raw(name) ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    words: (name) =>
      text(name)
        ?.split(/[\s,]+/)
        .filter((word) => word !== ''),
  };
}

/** The variables of the spec, of which the one that is said closest to the run wins: environment, file, input. */
async function readVars(env: Env, file: FromFile | undefined, problems: string[]): Promise<GivenValues> {
  const ofFile = await Promise.all(
    (file?.layers ?? []).toReversed().map(async ({ vars: given }): Promise<NamedMap> => {
      const at = given?.at;
      const own: string[] = [];
      const values = await readMap('vars', given?.text, own);
      problems.push(...own.map((problem) => (at === undefined ? problem : `${placeText(at)}: ${problem}`)));
      return [values, (name) => (given === undefined ? 'default' : sourceText(placeIn(given, name)))];
    }),
  );
  return merge([ciVariables(env), (name) => name], [prefixed(env, 'NOMAD_VAR_'), (name) => `NOMAD_VAR_${name}`], ...ofFile, [
    await readMap('vars', env['INPUT_VARS'], problems),
    () => 'vars',
  ]);
}

/** The secrets of the workload, of which the one that is named last wins, what gave each, and whether they replace the items of others. */
export async function readSecrets({
  env,
  raw,
  problems,
}: Reader): Promise<Pick<Inputs, 'secrets' | 'replaceItems'> & Pick<GivenValues, 'sources'>> {
  const { values, sources } = merge(
    [await readMap('NOMAD_SECRETS', env['NOMAD_SECRETS'], problems, SECRET_LINE), () => 'NOMAD_SECRETS'],
    [prefixed(env, 'NOMAD_SECRET_', { blank: true }), (name) => `NOMAD_SECRET_${name}`],
    [await readMap('secrets', raw('secrets'), problems, SECRET_LINE), () => 'secrets'],
  );
  const { [OTHER_ITEMS]: others = 'keep', ...own } = values;
  if (others !== 'keep' && others !== 'replace') {
    problems.push(`\`secrets\`: \`${OTHER_ITEMS}\` stands for the items of others in the Nomad variable, and is \`keep\` or \`replace\``);
  }
  problems.push(...secretProblems(Object.keys(own)));
  return {
    secrets: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, secret(value)])),
    replaceItems: others === 'replace',
    sources,
  };
}

/** What is wrong with the names of secrets. One that may be a value in the wrong place is not quoted. */
function secretProblems(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const problem = readSecretName(name);
    const shown = /^[\w.~/-]{1,100}$/.test(name) ? `secret \`${name}\`` : 'a secret whose name is not shown, since it may be a value';
    return typeof problem === 'string' ? [`${shown}: ${problem}`] : [];
  });
}

type NamedMap = readonly [values: Record<string, string>, source: (name: string) => string];

/** Maps over one another, of which the last one wins, and what gave each value. */
function merge(...maps: readonly NamedMap[]): { values: Record<string, string>; sources: Record<string, string> } {
  return {
    values: Object.fromEntries(maps.flatMap(([values]) => Object.entries(values))),
    sources: Object.fromEntries(maps.flatMap(([values, source]) => Object.keys(values).map((name) => [name, source(name)]))),
  };
}

/** Variables with a prefix, by the rest of their name; empty ones are as if unset unless asked for, so that an empty workflow input keeps the default. */
function prefixed(env: Env, prefix: string, { blank = false } = {}): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && name !== prefix && value !== undefined && (blank || value !== ''))
      found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** What another CI system, or the workflow, gives under the names of `CI_*`. */
function ciVariables(env: Env): Record<string, string> {
  return Object.fromEntries(
    CI_VARIABLES.flatMap((name) => {
      // A public image needs no login, and workflows from elsewhere say so.
      const value = name === 'CI_REGISTRY_READ_TOKEN' && env['PRIVATE_REPO'] === 'false' ? undefined : nonBlank(env[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Trimmed; undefined for what is blank, as GitHub gives secrets and variables that do not exist. */
export function nonBlank(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
