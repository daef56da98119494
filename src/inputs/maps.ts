import { secret } from '../runtime/index.ts';
import { placeText, sourceText } from '../text/index.ts';
import { placeIn } from './config/index.ts';
import { CI_VARIABLES } from './names.ts';
import { nonBlank, type Reader } from './reader.ts';
import { readSecretName } from './secret-names.ts';
import type { RunInputs } from './types.ts';
import { readMap } from './values.ts';

/** The name of a secret in a line, and the sign for the items of others. */
const SECRET_LINE = '([\\w.~/-]+|\\*)';
const OTHER_ITEMS = '*';

/** A map, and the source of each of its values. */
interface Values {
  readonly values: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, string>>;
}

/** The variables of the spec, of which the one that is said closest to the run wins: environment, file, input. */
export async function readVars({ env, file, problems }: Reader): Promise<Values> {
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
}: Reader): Promise<Pick<RunInputs, 'secrets' | 'replaceItems'> & Pick<Values, 'sources'>> {
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
function prefixed(env: Reader['env'], prefix: string, { blank = false } = {}): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && name !== prefix && value !== undefined && (blank || value !== ''))
      found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** What another CI system, or the workflow, gives under the names of `CI_*`. */
function ciVariables(env: Reader['env']): Record<string, string> {
  return Object.fromEntries(
    CI_VARIABLES.flatMap((name) => {
      // A public image needs no login, and workflows from elsewhere say so.
      const value = name === 'CI_REGISTRY_READ_TOKEN' && env['PRIVATE_REPO'] === 'false' ? undefined : nonBlank(env[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
