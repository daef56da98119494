import { ActionError } from '../../errors.ts';
import { type Entry, locationOf, nearest, type Place, type Problem, placeText, readTree, type Tree } from '../../text/index.ts';
import { type Facts, INPUTS, inputNames, isInput, type Type } from '../table/index.ts';
import { readMap } from '../values.ts';
import { APP_KEYS, CLUSTER_INPUTS, CLUSTER_KEYS, ENVIRONMENT_KEYS, GUARDING, POLICY_KEYS, SECTIONS } from './keys.ts';
import { sectionProblems } from './rules.ts';
import type { ClusterSection, Config, EnvironmentSection, Layer, Policy, Section } from './types.ts';
import { type Given, itemsIn, readValue } from './values.ts';

type Keys = Readonly<Record<string, { readonly type: Type }>>;
type SectionValues = ReadonlyMap<string, Given>;

/** A name of an app becomes a part of the name of its job, a name of an image a word of a template. */
const APP_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const IMAGE_NAME = /^[A-Za-z][\w-]{0,62}$/;
const ENVIRONMENT_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** Returns the input of a key; undefined for any other name, also for that of an input which is no key. */
const inputKey = (name: string): Facts | undefined => {
  const input = isInput(name) ? INPUTS[name] : undefined;
  return input !== undefined && 'from' in input ? input : undefined;
};
const isSection = (name: string): boolean => Object.hasOwn(SECTIONS, name);

/**
 * Reads a configuration file, without defaults and without the environment. `path` is its name as shown to people; `origin` names the branch and commit of a
 * file that is not the checkout's (`main at 1a2b3c4`). Throws one `input-invalid` error with all problems, each with file, line and column. An unknown key is a
 * warning, unless it may be a misspelt key that decides where or what is deployed.
 */
export async function parseConfig(text: string, path: string, origin?: string): Promise<Config> {
  const problems: Problem[] = [];
  const warnings: Config['warnings'][number][] = [];
  const root = await readTree(text, path, problems, origin);
  const reader = sectionReader(problems, warnings);

  const top = reader.entries(root, 'the file');
  const sections = new Map(top.filter(({ key }) => isSection(key)).map((entry) => [entry.key, entry.value]));
  const config: Config = {
    path,
    inputs: layerOf(
      reader.values(
        top.filter(({ key }) => !sections.has(key)),
        { inputs: ['run', 'job', 'image'], own: {}, others: Object.keys(SECTIONS), where: 'at the top of the file' },
      ),
    ),
    environments: reader.named(sections.get('environments'), 'environments', ENVIRONMENT_NAME).map((section) => {
      const own = reader.values(section.entries, {
        inputs: ['run', 'job', 'image'],
        own: ENVIRONMENT_KEYS,
        where: 'in an environment',
        strict: true,
      });
      return environment(section, own, problems);
    }),
    clusters: reader.named(sections.get('clusters'), 'clusters', ENVIRONMENT_NAME).map((section): ClusterSection => {
      const allowed = { inputs: ['run', 'job'], only: CLUSTER_INPUTS, own: CLUSTER_KEYS, where: 'in a cluster', strict: true } as const;
      const { name, at, tokenEnv, inputs } = environment(section, reader.values(section.entries, allowed), problems);
      return { name, at, tokenEnv, inputs };
    }),
    apps: reader.named(sections.get('apps'), 'apps', APP_NAME).map(({ name, at, entries }) => {
      const own = reader.values(entries, { inputs: ['job', 'image'], own: APP_KEYS, where: 'in an app' });
      return { name, at, isNew: false, inputs: layerOf(own), dependsOn: itemsIn(own.get('depends-on')), paths: itemsIn(own.get('paths')) };
    }),
    images: reader.named(sections.get('images'), 'images', IMAGE_NAME).map(({ name, at, entries }) => {
      return { name, at, inputs: layerOf(reader.values(entries, { inputs: ['image'], own: {}, where: 'in an image' })) };
    }),
    policy: readPolicy(sections.get('policy'), reader),
    warnings,
  };
  const [image] = config.images;
  if (image !== undefined && config.apps.length > 0)
    problems.push({ text: '`images` cannot stand beside `apps`: an app has its own `context`, `file` and `image`', at: image.at });
  problems.push(...sectionProblems(config));
  const [first] = problems;
  if (first === undefined) return withPlainVars(config);
  const lines = problems
    .toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .map((problem) => `${placeText(problem.at)}: ${problem.text}`);
  const location = locationOf(problems.reduce((a, b) => (b.at.line < a.at.line ? b : a)).at);
  throw new ActionError('input-invalid', lines.length === 1 ? `${lines[0]}` : `${lines.length} problems:\n- ${lines.join('\n- ')}`, {
    ...(location === undefined ? {} : { location }),
    hint: 'docs/configuration.md lists the keys.',
  });
}

/** Returns the configuration with all `vars` as maps, also those that are written as text, so that each name has an entry. */
async function withPlainVars(config: Config): Promise<Config> {
  const plain = async (layer: Layer): Promise<Layer> => {
    const { vars } = layer;
    const problems: string[] = [];
    const values = vars === undefined || vars.entries !== undefined ? {} : await readMap('vars', vars.text, problems);
    // A text that is not a map is refused with its line when the inputs are read.
    return vars === undefined || vars.entries !== undefined || problems.length > 0
      ? layer
      : { ...layer, vars: { ...vars, text: JSON.stringify(values), entries: {} } };
  };
  const all = async <T extends Section>(sections: readonly T[]): Promise<T[]> =>
    Promise.all(sections.map(async (section) => ({ ...section, inputs: await plain(section.inputs) })));
  return {
    ...config,
    inputs: await plain(config.inputs),
    environments: await all(config.environments),
    clusters: await all(config.clusters),
    apps: await all(config.apps),
    images: await all(config.images),
  };
}

/** The contents of a section: inputs of these kinds, and keys of its own. */
interface Allowed {
  readonly inputs: readonly Facts['of'][];
  /** Of these inputs, those with such a name; undefined: all. */
  readonly only?: RegExp;
  readonly own: Keys;
  /** Further names that are known, for a misspelt one. */
  readonly others?: readonly string[];
  readonly where: string;
  /** An unknown key is an error. */
  readonly strict?: boolean;
}

interface SectionReader {
  /** Returns the entries of a map; none for a blank. */
  readonly entries: (tree: Tree, what: string) => readonly Entry[];
  /** Returns the entries of a map of maps, each with its name. */
  readonly named: (
    tree: Tree | undefined,
    key: string,
    names: RegExp,
  ) => { readonly name: string; readonly at: Place; readonly entries: readonly Entry[] }[];
  readonly values: (entries: readonly Entry[], allowed: Allowed) => SectionValues;
}

/** Each entry is compared with the others, which takes too long for more. */
const MAX_ENTRIES = 500;

function sectionReader(problems: Problem[], warnings: Config['warnings'][number][]): SectionReader {
  const entries: SectionReader['entries'] = (tree, what) => {
    if (tree.kind === 'map' && tree.entries.length <= MAX_ENTRIES) return tree.entries;
    if (tree.kind === 'map') problems.push({ text: `${what} has more than ${MAX_ENTRIES} keys`, at: tree.at });
    else if (!isBlank(tree)) problems.push({ text: `${what} is not a map of keys and values`, at: tree.at });
    return [];
  };
  return {
    entries,
    named: (tree, key, names) =>
      (tree === undefined ? [] : entries(tree, `\`${key}\``)).map(({ key: name, at, value }) => {
        if (!names.test(name)) {
          const takes =
            names === APP_NAME ? 'small letters, digits and dashes, up to 32' : 'letters, digits, dashes and underscores, up to 63';
          problems.push({ text: `\`${key}\`: ${JSON.stringify(name)} is not a valid name; use ${takes}`, at });
        }
        return { name, at, entries: entries(value, `\`${key}.${name}\``) };
      }),
    values: (given, allowed) => {
      const found = new Map<string, Given>();
      for (const { key, at, value } of given) {
        const type = Object.hasOwn(allowed.own, key) ? allowed.own[key]?.type : typeOf(key, allowed);
        if (type === undefined) {
          const { text, error } = unknown(key, allowed);
          if (error) problems.push({ text, at });
          else warnings.push({ text: `${placeText(at)}: ${text}`, location: at });
        } else if (!isBlank(value)) {
          const read = readValue(key, type, value);
          if ('text' in read) found.set(key, { ...read, at });
          else problems.push({ text: `\`${key}\` ${read.problem}`, at: read.at });
        } else if (allowed.strict === true) {
          problems.push({ text: `\`${key}\` has no value`, at });
        }
      }
      return found;
    },
  };
}

function typeOf(key: string, { inputs, only }: Pick<Allowed, 'inputs' | 'only'>): Type | undefined {
  const known = inputKey(key);
  return known !== undefined && inputs.includes(known.of) && only?.test(key) !== false ? known.type : undefined;
}

function unknown(key: string, { inputs, only, own, others = [], where, strict = false }: Allowed): { text: string; error: boolean } {
  const known = isInput(key) && inputs.length > 0 ? INPUTS[key] : undefined;
  if (known !== undefined && 'instead' in known) return { text: `\`${key}\` is not a key of the file: ${known.instead}`, error: true };
  if (known !== undefined && only !== undefined)
    return { text: `\`${key}\` can't be given ${where}: it does not belong to one cluster`, error: true };
  if (known !== undefined) return { text: `\`${key}\` can't be given ${where}: it is the same for the whole run`, error: true };
  if (key === '<<') return { text: '`<<` merges nothing here: write the keys out', error: true };
  const names = [
    ...Object.keys(own),
    ...others,
    ...inputNames.filter((name) => typeOf(name, { inputs, ...(only === undefined ? {} : { only }) }) !== undefined),
  ];
  const near = nearest(key, names);
  const text = `unknown key \`${key}\` ${where}${near === undefined ? '; docs/configuration.md lists the keys' : `: did you mean \`${near}\`?`}`;
  return { text, error: strict || (near !== undefined && GUARDING.test(near)) };
}

function isBlank(tree: Tree): boolean {
  return tree.kind === 'text' && tree.text.trim() === '';
}

function layerOf(values: SectionValues): Layer {
  return Object.fromEntries([...values].filter(([key]) => inputKey(key) !== undefined));
}

function environment({ name, at }: Pick<Section, 'name' | 'at'>, own: SectionValues, problems: Problem[]): EnvironmentSection {
  const namespace = own.get('namespace');
  if (namespace !== undefined && own.has('nomad-namespace')) {
    problems.push({ text: '`namespace` and `nomad-namespace` are the same: give one of them', at: namespace.at });
  }
  const tokenEnv = own.get('token-env');
  return {
    name,
    at,
    branches: itemsIn(own.get('branch')),
    tags: itemsIn(own.get('tag')),
    pullRequest: own.get('pull-request')?.text === 'true',
    tokenEnv: tokenEnv === undefined ? undefined : { ...tokenEnv, text: tokenEnv.text.trim() },
    inputs: { ...layerOf(own), ...(namespace === undefined ? {} : { 'nomad-namespace': namespace }) },
  };
}

function readPolicy(tree: Tree | undefined, reader: SectionReader): Policy | undefined {
  if (tree === undefined) return undefined;
  const own = reader.values(reader.entries(tree, '`policy`'), { inputs: [], own: POLICY_KEYS, where: 'in `policy`', strict: true });
  const list = (key: keyof typeof POLICY_KEYS): string[] | undefined => (own.has(key) ? itemsIn(own.get(key)) : undefined);
  const flag = (key: keyof typeof POLICY_KEYS): boolean | undefined => (own.has(key) ? own.get(key)?.text === 'true' : undefined);
  const either = (key: keyof typeof POLICY_KEYS): string[] | boolean | undefined =>
    /^(true|false)$/.test(own.get(key)?.text ?? '') ? flag(key) : list(key);
  const number = (key: keyof typeof POLICY_KEYS): number | undefined => (own.has(key) ? Number(own.get(key)?.text) : undefined);
  return {
    at: tree.at,
    allowedDrivers: list('allowed-drivers'),
    privileged: flag('privileged'),
    hostNetwork: flag('host-network'),
    hostPaths: either('host-paths'),
    hostVolumes: either('host-volumes'),
    capabilities: list('capabilities'),
    rawExec: flag('raw-exec'),
    imageRegistries: list('image-registries'),
    namespaces: list('namespaces'),
    maxCount: number('max-count'),
    maxCpu: number('max-cpu'),
    maxMemory: number('max-memory'),
  };
}
