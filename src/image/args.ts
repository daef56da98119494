import type { Inputs } from '../inputs.ts';
import type { BuildPlan } from './plan.ts';

/** What a build has besides its plan and the inputs. */
export interface BuildExtras {
  readonly metadataFile: string;
  /** Files with the values of the secrets, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** Name of the builder; undefined: the current one. */
  readonly builder: string | undefined;
  /** Labels that say where the image comes from. */
  readonly labels: Readonly<Record<string, string>>;
  /** The builder can give all files the date of SOURCE_DATE_EPOCH. */
  readonly rewriteTimestamps: boolean;
}

type Slice = Pick<
  Inputs,
  'target' | 'buildArgs' | 'platforms' | 'labels' | 'cacheFrom' | 'cacheTo' | 'pull' | 'noCache' | 'provenance' | 'sbom' | 'push'
>;

/** The arguments of `docker` for a build. Output goes to the registry, or with `push: false` into the local engine. No secret is among them. */
export function buildxArgs(plan: BuildPlan, inputs: Slice, extras: BuildExtras): [string, ...string[]] {
  const given = new Set(inputs.labels.map((label) => label.slice(0, label.indexOf('='))));
  const ours = Object.entries(extras.labels).filter(([name]) => !given.has(name));
  // An index has no labels: what registries show of it are its annotations.
  const annotations = inputs.platforms.length > 1 ? ours.filter(([name]) => name.startsWith('org.opencontainers.')) : [];
  const provenance = inputs.provenance === undefined || inputs.provenance === 'false' ? undefined : attributes(inputs.provenance);
  const sbom = inputs.sbom === undefined || inputs.sbom === 'false' ? undefined : attributes(inputs.sbom);
  const output = inputs.push ? ['--push'] : ['--load'];
  return [
    'buildx',
    'build',
    '--progress=plain',
    ...(extras.builder === undefined ? [] : ['--builder', extras.builder]),
    ...plan.tags.flatMap((tag) => ['--tag', tag]),
    '--file',
    plan.dockerfile,
    ...(inputs.target === undefined ? [] : ['--target', inputs.target]),
    ...inputs.buildArgs.flatMap((arg) => ['--build-arg', arg]),
    ...Object.entries(extras.secretFiles).flatMap(([id, file]) => ['--secret', `id=${id},${field(`src=${file}`)}`]),
    ...(inputs.platforms.length === 0 ? [] : ['--platform', inputs.platforms.join(',')]),
    ...ours.flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...inputs.labels.flatMap((label) => ['--label', label]),
    ...annotations.flatMap(([name, value]) => ['--annotation', `index:${name}=${value}`]),
    ...inputs.cacheFrom.flatMap((cache) => ['--cache-from', cache]),
    ...inputs.cacheTo.flatMap((cache) => ['--cache-to', cache]),
    ...(inputs.pull ? ['--pull'] : []),
    ...(inputs.noCache ? ['--no-cache'] : []),
    // As docker/build-push-action has it: the run is who built it.
    ...(provenance === undefined
      ? []
      : [
          '--attest',
          ['type=provenance', provenance, provenance.includes('builder-id=') ? '' : `builder-id=${plan.runUrl}`]
            .filter((part) => part !== '')
            .join(','),
        ]),
    ...(sbom === undefined ? [] : ['--attest', ['type=sbom', sbom].filter((part) => part !== '').join(',')]),
    '--metadata-file',
    extras.metadataFile,
    ...(extras.rewriteTimestamps && inputs.push ? ['--output', 'type=registry,rewrite-timestamp=true'] : output),
    plan.contextFolder,
  ];
}

function attributes(value: string): string {
  return value === 'true' ? '' : value;
}

/** A field of the comma-separated lists that buildx takes. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
