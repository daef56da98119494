import { type Inputs, readAttributes } from '../inputs/index.ts';
import { argumentsOf, each, type Option } from '../text/index.ts';
import type { BuildPlan } from './plan.ts';

/** What a build has besides its plan and the inputs. */
export interface BuildExtras {
  readonly metadataFile: string;
  /** Files with the values of the secrets, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** Name of the builder; undefined: the current one. */
  readonly builder: string | undefined;
  /** Labels that say where the image comes from, and what it is made of. */
  readonly labels: Readonly<Record<string, string>>;
  /** The builder can give all files the date of SOURCE_DATE_EPOCH. */
  readonly rewriteTimestamps: boolean;
}

type Slice = Pick<
  Inputs,
  'target' | 'buildArgs' | 'platforms' | 'labels' | 'cacheFrom' | 'cacheTo' | 'pull' | 'noCache' | 'provenance' | 'sbom' | 'push'
>;

/** What a build and a bake say in the same words. */
interface Details {
  /** Ours where the action believes them, else the user's. */
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly attest: readonly string[];
  readonly secrets: readonly string[];
}

/** The arguments of `docker` for a build. Output goes to the registry, or with `push: false` into the local engine. No secret is among them. */
export function buildxArgs(plan: BuildPlan, inputs: Slice, extras: BuildExtras): [string, ...string[]] {
  const { labels, annotations, attest, secrets } = details(plan, inputs, extras);
  const output: Option[] =
    extras.rewriteTimestamps && inputs.push ? [['--output', 'type=registry,rewrite-timestamp=true']] : [inputs.push ? '--push' : '--load'];
  const options: Option[] = [
    ['--progress', 'plain'],
    ...each('--builder', extras.builder === undefined ? [] : [extras.builder]),
    ...each('--tag', plan.tags),
    ['--file', plan.dockerfile],
    ...each('--target', inputs.target === undefined ? [] : [inputs.target]),
    ...each('--build-arg', inputs.buildArgs),
    ...each('--secret', secrets),
    ...each('--platform', inputs.platforms.length === 0 ? [] : [inputs.platforms.join(',')]),
    ...each('--label', labels),
    ...each('--annotation', annotations),
    ...each('--cache-from', inputs.cacheFrom),
    ...each('--cache-to', inputs.cacheTo),
    ...(inputs.pull ? (['--pull'] as const) : []),
    ...(inputs.noCache ? (['--no-cache'] as const) : []),
    ...each('--attest', attest),
    ['--metadata-file', extras.metadataFile],
    ...output,
  ];
  return argumentsOf(['buildx', 'build'], options, [plan.contextFolder]);
}

/** The same build as a target of a bake file in JSON: https://docs.docker.com/build/bake/reference/#target */
export function bakeTarget(plan: BuildPlan, inputs: Slice, extras: BuildExtras): Readonly<Record<string, unknown>> {
  const { labels, annotations, attest, secrets } = details(plan, inputs, extras);
  const list = (name: string, items: readonly string[]): Record<string, unknown> =>
    items.length === 0 ? {} : { [name]: items.map(literal) };
  const pairs = (name: string, items: readonly string[]): Record<string, unknown> => {
    const given = items.map((item): [string, string] => {
      const at = item.indexOf('=');
      return [literal(item.slice(0, at)), literal(item.slice(at + 1))];
    });
    return given.length === 0 ? {} : { [name]: Object.fromEntries(given) };
  };
  const output = !inputs.push ? 'type=docker' : extras.rewriteTimestamps ? 'type=registry,rewrite-timestamp=true' : 'type=registry';
  return {
    context: literal(plan.contextFolder),
    dockerfile: literal(plan.dockerfile),
    ...list('tags', plan.tags),
    ...(inputs.target === undefined ? {} : { target: literal(inputs.target) }),
    ...pairs('args', inputs.buildArgs),
    ...list('secret', secrets),
    ...list('platforms', inputs.platforms),
    ...pairs('labels', labels),
    ...list('annotations', annotations),
    ...list('cache-from', inputs.cacheFrom),
    ...list('cache-to', inputs.cacheTo),
    ...(inputs.pull ? { pull: true } : {}),
    ...(inputs.noCache ? { 'no-cache': true } : {}),
    ...list('attest', attest),
    output: [output],
  };
}

/** Text of a bake file is a template of HCL, also in JSON, where names in a map are templates as well. */
function literal(text: string): string {
  return text.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{');
}

function details(plan: BuildPlan, inputs: Slice, extras: BuildExtras): Details {
  const nameOf = (label: string): string => label.slice(0, label.indexOf('='));
  const users = inputs.labels.filter((label) => !isBelieved(nameOf(label)));
  const given = new Set(users.map(nameOf));
  const ours = Object.entries(extras.labels).filter(([name]) => !given.has(name));
  // An index has no labels: what registries show of it are its annotations.
  const annotations =
    inputs.platforms.length > 1 ? ours.filter(([name, value]) => name.startsWith('org.opencontainers.') && value !== '') : [];
  const provenance = inputs.provenance === undefined || inputs.provenance === 'false' ? undefined : attributes(inputs.provenance);
  const sbom = inputs.sbom === undefined || inputs.sbom === 'false' ? undefined : attributes(inputs.sbom);
  return {
    labels: [...ours.map(([name, value]) => `${name}=${value}`), ...users],
    annotations: annotations.map(([name, value]) => `index:${name}=${value}`),
    secrets: Object.entries(extras.secretFiles).map(([id, file]) => `id=${id},${field(`src=${file}`)}`),
    attest: [
      // As docker/build-push-action has it: the run is who built it.
      ...(provenance === undefined
        ? []
        : [
            joined(
              'type=provenance',
              provenance,
              readAttributes(provenance)?.has('builder-id') === true ? '' : `builder-id=${plan.runUrl}`,
            ),
          ]),
      ...(sbom === undefined ? [] : [joined('type=sbom', sbom)]),
    ],
  };
}

/** Labels that a later run takes for what we said ourselves when it finds the image again. */
function isBelieved(name: string): boolean {
  return /^(nomad-deploy\..*|org\.opencontainers\.image\.(source|revision))$/i.test(name);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(',');
}

function attributes(value: string): string {
  return value === 'true' ? '' : value;
}

/** A field of the comma-separated lists that buildx takes. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
