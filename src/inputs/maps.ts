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

/** Reads the variables of the spec. The input wins over the file, and the file over the environment. */
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

/** Reads the secrets of the workload. The input wins over `NOMAD_SECRET_<NAME>`, and that over `NOMAD_SECRETS`. */
export async function readSecrets({
  env,
  raw,
  problems,
}: Reader): Promise<Pick<RunInputs, 'secrets' | 'givenSecrets' | 'replaceItems'> & Pick<Values, 'sources'>> {
  const { values, sources } = merge(
    [await readMap('NOMAD_SECRETS', env['NOMAD_SECRETS'], problems, SECRET_LINE), () => 'NOMAD_SECRETS'],
    [prefixed(env, 'NOMAD_SECRET_', { blank: true }), (name) => `NOMAD_SECRET_${name}`],
    [await readMap('secrets', raw('secrets'), problems, SECRET_LINE), () => 'secrets'],
  );
  const { [OTHER_ITEMS]: others = 'keep', ...own } = values;
  if (others !== 'keep' && others !== 'replace') {
    problems.push(`\`secrets\`: \`${OTHER_ITEMS}\`, the items of other writers in the Nomad variable, takes \`keep\` or \`replace\``);
  }
  problems.push(...secretProblems(Object.keys(own)));
  return {
    secrets: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, secret(value)])),
    givenSecrets: Object.keys(own).filter((name) => own[name]?.trim() !== ''),
    replaceItems: others === 'replace',
    sources,
  };
}

/** Returns the problems of the names of secrets. A name that may be a misplaced value is not quoted. */
function secretProblems(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const problem = readSecretName(name);
    const shown = /^[\w.~/-]{1,100}$/.test(name) ? `secret \`${name}\`` : 'a secret whose name is not shown, since it may be a value';
    return typeof problem === 'string' ? [`${shown}: ${problem}`] : [];
  });
}

type NamedMap = readonly [values: Record<string, string>, source: (name: string) => string];

/** Returns one map of several, in which the last one wins, with the source of each value. */
function merge(...maps: readonly NamedMap[]): { values: Record<string, string>; sources: Record<string, string> } {
  return {
    values: Object.fromEntries(maps.flatMap(([values]) => Object.entries(values))),
    sources: Object.fromEntries(maps.flatMap(([values, source]) => Object.keys(values).map((name) => [name, source(name)]))),
  };
}

/** Returns the variables with a prefix, by the rest of their name. Empty ones are left out unless `blank` is set: an empty workflow input keeps the default. */
export function prefixed(env: Reader['env'], prefix: string, { blank = false } = {}): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && name !== prefix && value !== undefined && (blank || value !== ''))
      found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** Returns the `CI_*` variables of another CI system or of the workflow. */
function ciVariables(env: Reader['env']): Record<string, string> {
  return Object.fromEntries(
    CI_VARIABLES.flatMap((name) => {
      // A workflow with PRIVATE_REPO=false has a public image, which needs no login.
      const value = name === 'CI_REGISTRY_READ_TOKEN' && env['PRIVATE_REPO'] === 'false' ? undefined : nonBlank(env[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
