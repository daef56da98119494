import { type Inputs, readAttributes } from '../inputs/index.ts';
import { argumentsOf, each, type Option } from '../text/index.ts';
import type { BuildPlan } from './plan.ts';

/** The parameters of a build beside its plan and the inputs. */
export interface BuildExtras {
  readonly metadataFile: string;
  /** The files that hold the values of the secrets, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** The paths of SSH keys and sockets, by id; undefined for the agent of the runner. */
  readonly ssh: Readonly<Record<string, string | undefined>>;
  /** Name of the builder; undefined: the current one. */
  readonly builder: string | undefined;
  /** Labels for the origin and the content of the image. */
  readonly labels: Readonly<Record<string, string>>;
  /** The builder can give all files the date of SOURCE_DATE_EPOCH. */
  readonly rewriteTimestamps: boolean;
}

type Slice = Pick<
  Inputs,
  'target' | 'buildArgs' | 'platforms' | 'labels' | 'cacheFrom' | 'cacheTo' | 'pull' | 'noCache' | 'provenance' | 'sbom' | 'push'
>;

/** The options that a build and a bake have in common. */
interface Details {
  /** This action's labels where later runs rely on them, else the user's. */
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly attest: readonly string[];
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
}

/**
 * Returns the arguments of buildx for a build, none of them a secret. The image goes to the registry, or with `push: false` into the
 * local engine.
 */
export function buildxArgs(plan: BuildPlan, inputs: Slice, extras: BuildExtras): [string, ...string[]] {
  const { labels, annotations, attest, secrets, ssh } = details(plan, inputs, extras);
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
    ...each('--ssh', ssh),
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
  return argumentsOf(['build'], options, [plan.contextFolder]);
}

/** Returns the same build as a target of a bake file in JSON: https://docs.docker.com/build/bake/reference/#target */
export function bakeTarget(plan: BuildPlan, inputs: Slice, extras: BuildExtras): Readonly<Record<string, unknown>> {
  const { labels, annotations, attest, secrets, ssh } = details(plan, inputs, extras);
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
    ...list('ssh', ssh),
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

/** Escapes a text for a bake file, whose texts are HCL templates even in JSON, the names in a map included. */
function literal(text: string): string {
  return text.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{');
}

function details(plan: BuildPlan, inputs: Slice, extras: BuildExtras): Details {
  const nameOf = (label: string): string => label.slice(0, label.indexOf('='));
  const users = inputs.labels.filter((label) => !isBelieved(nameOf(label)));
  const given = new Set(users.map(nameOf));
  const ours = Object.entries(extras.labels).filter(([name]) => !given.has(name));
  // An index has no labels: registries show its annotations.
  const annotations =
    inputs.platforms.length > 1 ? ours.filter(([name, value]) => name.startsWith('org.opencontainers.') && value !== '') : [];
  const provenance = inputs.provenance === undefined || inputs.provenance === 'false' ? undefined : attributes(inputs.provenance);
  const sbom = inputs.sbom === undefined || inputs.sbom === 'false' ? undefined : attributes(inputs.sbom);
  return {
    labels: [...ours.map(([name, value]) => `${name}=${value}`), ...users],
    annotations: annotations.map(([name, value]) => `index:${name}=${value}`),
    secrets: Object.entries(extras.secretFiles).map(([id, file]) => `id=${id},${field(`src=${file}`)}`),
    ssh: Object.entries(extras.ssh).map(([id, path]) => (path === undefined ? id : `${id}=${path}`)),
    attest: [
      // The run is the builder, as in docker/build-push-action.
      ...(provenance === undefined
        ? []
        : [
            joined(
              'type=provenance',
              provenance,
              plan.runUrl === undefined || readAttributes(provenance)?.has('builder-id') === true ? '' : `builder-id=${plan.runUrl}`,
            ),
          ]),
      ...(sbom === undefined ? [] : [joined('type=sbom', sbom)]),
    ],
  };
}

/** Returns whether later runs rely on a label when they find the image again. */
function isBelieved(name: string): boolean {
  return /^(nomad-deploy\..*|org\.opencontainers\.image\.(source|revision))$/i.test(name);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(',');
}

function attributes(value: string): string {
  return value === 'true' ? '' : value;
}

/** Returns a field of the comma-separated lists that buildx takes. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
