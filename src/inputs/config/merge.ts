import type { Place } from '../../text/index.ts';
import { INPUTS, type InputName, inputNames } from '../table/index.ts';
import { GUARDED_VARIABLES } from './keys.ts';
import type { AppSection, ClusterSection, Config, EnvironmentSection, Layer, Policy, Section } from './types.ts';
import { type Given, placeIn } from './values.ts';

/** A key of the checkout's file that is ignored, since the default branch's file gives the value. */
export interface Ignored {
  /** `nomad-addr`, `apps.api.image`, `vars.NAMESPACE`, `environments.eu`, `policy`. */
  readonly key: string;
  /** The input that overrides it; undefined where no input does. */
  readonly input: InputName | undefined;
  readonly at: Place;
  /** True when the default branch's file gives another value; else there is none. */
  readonly replaced: boolean;
}

export interface Merged {
  readonly config: Config | undefined;
  /** The settings that differ in the checkout, in the order of its lines. */
  readonly ignored: readonly Ignored[];
}

const isGuarded = (name: InputName): boolean => {
  const key = INPUTS[name];
  return !('from' in key) || key.from === 'default-branch';
};

/**
 * Returns the configuration of a checkout that is not the default branch's: keys that decide about credentials, addresses, environments, registries and the
 * runner from the default branch's file, all others from the checkout's. `undefined` is a file that does not exist. Every value keeps its place.
 */
export function mergeConfig(own: Config | undefined, ofDefault: Config | undefined): Merged {
  const path = own?.path ?? ofDefault?.path;
  if (path === undefined) return { config: undefined, ignored: [] };
  const ignored: Ignored[] = [];
  const merge = <T extends Section>(section: T, kind: 'apps' | 'images'): T => {
    const other = ofDefault?.[kind].find(({ name }) => name === section.name);
    return { ...section, inputs: mergeLayer(section.inputs, other?.inputs ?? {}, `${kind}.${section.name}.`, ignored) };
  };
  const config: Config = {
    path,
    inputs: mergeLayer(own?.inputs ?? {}, ofDefault?.inputs ?? {}, '', ignored),
    environments: ofDefault?.environments ?? [],
    clusters: ofDefault?.clusters ?? [],
    apps: (own?.apps ?? []).map((app): AppSection => {
      const isNew = ofDefault?.apps.some(({ name }) => name === app.name) !== true;
      return { ...merge(app, 'apps'), isNew };
    }),
    images: (own?.images ?? []).map((image) => merge(image, 'images')),
    policy: ofDefault?.policy,
    warnings: own?.warnings ?? [],
  };
  ignored.push(...otherEnvironments(own?.environments ?? [], config.environments));
  for (const { name, at, ...section } of own?.clusters ?? []) {
    const known = config.clusters.find((one) => one.name === name);
    if (known === undefined || plainCluster(known) !== plainCluster(section))
      ignored.push({ key: `clusters.${name}`, input: undefined, at, replaced: known !== undefined });
  }
  if (own?.policy !== undefined && plainPolicy(own.policy) !== plainPolicy(config.policy))
    ignored.push({ key: 'policy', input: undefined, at: own.policy.at, replaced: config.policy !== undefined });
  return { config, ignored: ignored.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column) };
}

function mergeLayer(own: Layer, ofDefault: Layer, prefix: string, ignored: Ignored[]): Layer {
  const merged: Partial<Record<InputName, Given>> = {};
  for (const name of inputNames) {
    const [here, there] = [own[name], ofDefault[name]];
    // Checks that equal those of the default branch may request any address that its file names.
    const chosen =
      name === 'vars'
        ? mergeVars(here, there, prefix, ignored)
        : isGuarded(name) || (name === 'verify' && here?.text === there?.text)
          ? there
          : here;
    if (chosen !== undefined) merged[name] = chosen;
    if (isGuarded(name) && here !== undefined && here.text.trim() !== '' && here.text !== there?.text)
      ignored.push({ key: `${prefix}${name}`, input: name, at: here.at, replaced: there !== undefined });
  }
  return merged;
}

/** Returns the merged `vars`, in which guarded names come from the default branch's file. */
function mergeVars(own: Given | undefined, ofDefault: Given | undefined, prefix: string, ignored: Ignored[]): Given | undefined {
  // A text that is not a map is refused when the inputs are read.
  if (own !== undefined && own.entries === undefined) return own;
  const guarded = (name: string): boolean => GUARDED_VARIABLES.test(name);
  const [here, there] = [valuesOf(own), valuesOf(ofDefault)];
  const chosen = new Map([...[...here].filter(([name]) => !guarded(name)), ...[...there].filter(([name]) => guarded(name))]);
  for (const [name, value] of here) {
    if (own !== undefined && guarded(name) && JSON.stringify(value) !== JSON.stringify(there.get(name)))
      ignored.push({ key: `${prefix}vars.${name}`, input: undefined, at: placeIn(own, name), replaced: there.has(name) });
  }
  const given = own ?? ofDefault;
  if (given === undefined || chosen.size === 0) return undefined;
  const entries = [...chosen.keys()].map((name) => [name, placeIn((guarded(name) ? ofDefault : own) ?? given, name)] as const);
  return { text: JSON.stringify(Object.fromEntries(chosen)), at: given.at, entries: Object.fromEntries(entries) };
}

function valuesOf(given: Given | undefined): ReadonlyMap<string, unknown> {
  return given?.entries === undefined ? new Map() : new Map(Object.entries(record(JSON.parse(given.text))));
}

const record = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

/** Returns the environments that the checkout adds, changes or reorders: their order decides which one a branch belongs to. */
function otherEnvironments(own: readonly EnvironmentSection[], ofDefault: readonly EnvironmentSection[]): Ignored[] {
  const known = new Map(ofDefault.map((section) => [section.name, plainEnvironment(section)]));
  const changed = own.filter((section) => known.get(section.name) !== plainEnvironment(section));
  if (changed.length > 0)
    return changed.map(({ name, at }) => ({ key: `environments.${name}`, input: undefined, at, replaced: known.has(name) }));
  const [first] = own;
  const kept = ofDefault.filter(({ name }) => own.some((one) => one.name === name));
  return first === undefined || own.every(({ name }, i) => kept[i]?.name === name)
    ? []
    : [{ key: 'environments', input: undefined, at: first.at, replaced: true }];
}

function plainEnvironment({ branches, tags, pullRequest, tokenEnv, inputs }: EnvironmentSection): string {
  return JSON.stringify([branches, tags, pullRequest, plainCluster({ tokenEnv, inputs })]);
}

function plainCluster({ tokenEnv, inputs }: Pick<ClusterSection, 'tokenEnv' | 'inputs'>): string {
  const texts = Object.entries(inputs).map(([name, given]) => [name, given.text]);
  return JSON.stringify([tokenEnv?.text, texts.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))]);
}

function plainPolicy(policy: Policy | undefined): string {
  return JSON.stringify({ ...policy, at: undefined });
}
