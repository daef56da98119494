import { ActionError, type Location } from '../../errors.ts';
import { type Entry, locationOf, nearest, type Place, type Problem, placeText, readTree, type Tree } from '../../text/index.ts';
import type { InputName } from '../names.ts';
import { readMap } from '../values.ts';
import { APP_KEYS, ENVIRONMENT_KEYS, GUARDING, INPUT_KEYS, isInput, type Key, POLICY_KEYS, SECTIONS, type ValueType } from './keys.ts';
import { type Given, itemsIn, readValue } from './values.ts';

/** Values of inputs that a part of the file gives. */
export type Layer = Readonly<Partial<Record<InputName, Given>>>;

export interface Section {
  readonly name: string;
  readonly at: Place;
  readonly inputs: Layer;
}

/** An environment, and what belongs to it. */
export interface EnvironmentSection extends Section {
  /** Names or patterns; none: by its name alone, as without the file. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly pullRequest: boolean;
  /** The environment variable that has its token. */
  readonly tokenEnv: Given | undefined;
}

export interface AppSection extends Section {
  /** Only the checkout has it: the default branch's file says nothing about it. */
  readonly isNew: boolean;
  readonly dependsOn: readonly string[];
  /** Files that it is made of, as patterns; none: it is always deployed. */
  readonly paths: readonly string[];
}

/** `policy`: undefined is not restricted, `true` allowed, `false` or an empty list nothing. */
export interface Policy {
  readonly at: Place;
  readonly allowedDrivers: readonly string[] | undefined;
  readonly privileged: boolean | undefined;
  readonly hostNetwork: boolean | undefined;
  /** Folders of the node below which paths may be mounted. */
  readonly hostPaths: readonly string[] | boolean | undefined;
  /** Names of Nomad's host volumes. */
  readonly hostVolumes: readonly string[] | boolean | undefined;
  /** Linux capabilities that tasks may add. */
  readonly capabilities: readonly string[] | undefined;
  readonly rawExec: boolean | undefined;
  /** Registries, or repositories of them, that images may come from. */
  readonly imageRegistries: readonly string[] | undefined;
  readonly namespaces: readonly string[] | undefined;
  /** The limit for each group. */
  readonly maxCount: number | undefined;
  /** The limit for each task, in MHz. */
  readonly maxCpu: number | undefined;
  /** The limit for each task, in MB. */
  readonly maxMemory: number | undefined;
}

/** The configuration file, typed. */
export interface Config {
  /** Its path as shown to people. */
  readonly path: string;
  readonly inputs: Layer;
  /** In the order of the file, as the others are. */
  readonly environments: readonly EnvironmentSection[];
  readonly apps: readonly AppSection[];
  readonly images: readonly Section[];
  readonly policy: Policy | undefined;
  readonly warnings: readonly { readonly text: string; readonly location: Location }[];
}

type Keys = Readonly<Record<string, { readonly type: ValueType }>>;
type SectionValues = ReadonlyMap<string, Given>;

/** The names of apps become parts of names of jobs, those of images words of a template. */
const APP_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const IMAGE_NAME = /^[A-Za-z][\w-]{0,62}$/;
const ENVIRONMENT_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** Variables that are no token of an environment: the runner's own, the workload's, and those that give inputs. */
const NO_TOKEN = /^(GITHUB|ACTIONS|RUNNER|INPUT|NOMAD_SECRETS?|NOMAD_VAR)(_|$)/i;

/** Environments that pull requests never belong to; GitHub's environments of these names ignore case. */
const NO_REVIEW = /^(production|staging|main)$/i;

/** Tokens that stand for an environment by their names. */
const OWN_TOKENS: Readonly<Record<string, string>> = { NOMAD_TOKEN_PROD: 'production', NOMAD_TOKEN_STAGING: 'staging' };

const inputKey = (name: string): Key | undefined => {
  const key = isInput(name) ? INPUT_KEYS[name] : undefined;
  return key !== undefined && 'type' in key ? key : undefined;
};
const INPUTS = Object.keys(INPUT_KEYS).filter((name) => inputKey(name) !== undefined);
const isSection = (name: string): boolean => Object.hasOwn(SECTIONS, name);

/**
 * Reads a configuration file; `path` is its name as shown to people, `origin` says whose it is where it is not the checkout's (`main at 1a2b3c4`).
 * Nothing but the text decides: no default, no environment. Throws one `input-invalid` error with everything that is wrong with its form, each with file,
 * line and column; an unknown key is a warning, unless it may be meant for one that decides where or what is deployed.
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
    problems.push({ text: '`images` are those of one job: an app has its own `context`, `file` and `image`', at: image.at });
  problems.push(...dependencyProblems(config.apps), ...tokenProblems(config.environments), ...reviewProblems(config.environments));
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

/** Gives all `vars` the form of a map, also those that are written as a text, so that each name can be told from the others. */
async function withPlainVars(config: Config): Promise<Config> {
  const plain = async (layer: Layer): Promise<Layer> => {
    const { vars } = layer;
    const problems: string[] = [];
    const values = vars === undefined || vars.entries !== undefined ? {} : await readMap('vars', vars.text, problems);
    // A text that is no map is refused when the inputs are read, with its line.
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
    apps: await all(config.apps),
    images: await all(config.images),
  };
}

/** The contents of a section: inputs of these kinds, and keys of its own. */
interface Allowed {
  readonly inputs: readonly Key['of'][];
  readonly own: Keys;
  /** Further names that are known, for a misspelt one. */
  readonly others?: readonly string[];
  readonly where: string;
  /** An unknown key is an error. */
  readonly strict?: boolean;
}

interface SectionReader {
  /** The entries of a map; nothing for a blank. */
  readonly entries: (tree: Tree, what: string) => readonly Entry[];
  /** The entries of a map of maps, each with its name. */
  readonly named: (
    tree: Tree | undefined,
    key: string,
    names: RegExp,
  ) => { readonly name: string; readonly at: Place; readonly entries: readonly Entry[] }[];
  readonly values: (entries: readonly Entry[], allowed: Allowed) => SectionValues;
}

/** More apps, environments or keys than people have: each is compared with the others. */
const MAX_ENTRIES = 500;

function sectionReader(problems: Problem[], warnings: Config['warnings'][number][]): SectionReader {
  const entries: SectionReader['entries'] = (tree, what) => {
    if (tree.kind === 'map' && tree.entries.length <= MAX_ENTRIES) return tree.entries;
    if (tree.kind === 'map') problems.push({ text: `${what} has more than ${MAX_ENTRIES} keys`, at: tree.at });
    else if (!isBlank(tree)) problems.push({ text: `${what} is no map of keys and values`, at: tree.at });
    return [];
  };
  return {
    entries,
    named: (tree, key, names) =>
      (tree === undefined ? [] : entries(tree, `\`${key}\``)).map(({ key: name, at, value }) => {
        if (!names.test(name)) {
          const takes =
            names === APP_NAME ? 'small letters, digits and dashes, up to 32' : 'letters, digits, dashes and underscores, up to 63';
          problems.push({ text: `\`${key}\`: ${JSON.stringify(name)} is no name; it takes ${takes}`, at });
        }
        return { name, at, entries: entries(value, `\`${key}.${name}\``) };
      }),
    values: (given, allowed) => {
      const found = new Map<string, Given>();
      for (const { key, at, value } of given) {
        const type = Object.hasOwn(allowed.own, key) ? allowed.own[key]?.type : typeOf(key, allowed.inputs);
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

function typeOf(key: string, kinds: readonly Key['of'][]): ValueType | undefined {
  const known = inputKey(key);
  return known !== undefined && kinds.includes(known.of) ? known.type : undefined;
}

function unknown(key: string, { inputs, own, others = [], where, strict = false }: Allowed): { text: string; error: boolean } {
  const known = isInput(key) && inputs.length > 0 ? INPUT_KEYS[key] : undefined;
  if (known !== undefined && 'instead' in known) return { text: `\`${key}\` is no key of the file: ${known.instead}`, error: true };
  if (known !== undefined) return { text: `\`${key}\` can't be given ${where}: it is the same for the whole run`, error: true };
  if (key === '<<') return { text: '`<<` merges nothing here: write the keys out', error: true };
  const names = [...Object.keys(own), ...others, ...INPUTS.filter((name) => typeOf(name, inputs) !== undefined)];
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

/** Whose token goes where must be plain: that of production to production only, and nothing that is no token of Nomad to anybody. */
function tokenProblems(environments: readonly EnvironmentSection[]): Problem[] {
  const production = environments.find(({ name }) => name === 'production')?.tokenEnv?.text;
  return environments.flatMap(({ name, tokenEnv }): Problem[] => {
    if (tokenEnv === undefined) return [];
    const { text, at } = tokenEnv;
    if (!/^[A-Za-z_]\w*$/.test(text)) {
      return [{ text: '`token-env` takes the name of an environment variable, such as NOMAD_TOKEN_EU, and never the token itself', at }];
    }
    if (NO_TOKEN.test(text)) return [{ text: `\`token-env\`: ${text} is no token of Nomad; pass it as NOMAD_TOKEN_…, by \`env:\``, at }];
    const owner = OWN_TOKENS[text] ?? (text === production ? 'production' : name);
    return owner === name ? [] : [{ text: `\`token-env\`: ${text} is the token of ${owner}, and ${name} must not get it`, at }];
  });
}

/** Returns the problems of the environments of pull requests: they must get neither the name nor the token of an environment that other refs belong to. */
function reviewProblems(environments: readonly EnvironmentSection[]): Problem[] {
  const open = ({ name, branches, tags, pullRequest }: EnvironmentSection): boolean =>
    (pullRequest || (name === 'review' && environments.every((one) => !one.pullRequest))) && branches.length === 0 && tags.length === 0;
  return (
    environments
      // Without a section of their own, pull requests belong to `review` by its name.
      .filter(({ pullRequest, name }) => pullRequest || name === 'review')
      .flatMap((own): Problem[] => {
        const { name, at, tokenEnv, pullRequest } = own;
        if (NO_REVIEW.test(name))
          return [
            { text: `\`pull-request\`: pull requests are review apps and can't belong to ${name}; call their environment \`preview\``, at },
          ];
        if (tokenEnv === undefined) return [];
        if (!open(own)) {
          const text = `\`token-env\`: pull requests would get the token of the branches and tags of ${name}; give pull requests an environment of their own`;
          return [{ text, at: tokenEnv.at }];
        }
        if (!pullRequest) return [];
        const other = environments.find((one) => one !== own && !open(one) && one.tokenEnv?.text === tokenEnv.text);
        return other === undefined
          ? []
          : [{ text: `\`token-env\`: ${tokenEnv.text} is the token of ${other.name}, and pull requests must not get it`, at: tokenEnv.at }];
      })
  );
}

function dependencyProblems(apps: readonly AppSection[]): Problem[] {
  const names = apps.map(({ name }) => name);
  const missing = apps.flatMap(({ name, at, dependsOn }) =>
    dependsOn
      .filter((other) => !names.includes(other))
      .map((other): Problem => {
        const near = nearest(other, names);
        return {
          text: `\`apps.${name}\` depends on ${JSON.stringify(other)}, which is no app${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
          at,
        };
      }),
  );
  if (missing.length > 0) return missing;
  const ordered = inOrder(apps).map(({ name }) => name);
  const left = apps.filter(({ name }) => !ordered.includes(name));
  const [first] = left;
  return first === undefined
    ? []
    : [{ text: `apps depend on each other in a circle: ${left.map(({ name }) => name).join(', ')}`, at: first.at }];
}

/** Apps after those that they depend on, otherwise as in the file. What stands in a circle is left out; so is what depends on it. */
export function inOrder(apps: readonly AppSection[]): AppSection[] {
  const done: AppSection[] = [];
  const isDone = (name: string): boolean => done.some((app) => app.name === name) || !apps.some((app) => app.name === name);
  for (let next: AppSection | undefined = apps[0]; next !== undefined; ) {
    next = apps.find((app) => !done.includes(app) && app.dependsOn.every(isDone));
    if (next !== undefined) done.push(next);
  }
  return done;
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

/** A policy, and where it stands: `nomad-deploy.yml of the branch main`. */
export interface DefaultPolicy {
  readonly policy: Policy;
  readonly source: string;
}

/** The policy that jobs have to keep to: that of the default branch's file, so that what is to be checked can't loosen it. */
export function policyOf({ policy, path }: Pick<Config, 'policy' | 'path'>): DefaultPolicy | undefined {
  return policy && { policy, source: `${path}${policy.at.origin === undefined ? '' : ` of ${policy.at.origin}`}` };
}
