import { join } from 'node:path';
import { ActionError } from '../errors.ts';
import type { CommandResult, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, isDigest, repositoryOf, textAt, valueAt } from '../text/index.ts';
import { existingError, lastError, requireDocker } from './docker-error.ts';
import type { Image } from './plan.ts';

type Found = Pick<Image, 'reference' | 'architectures'>;

/** An image as far as it tells what a container of it is. */
export interface Look extends Found {
  /** The labels that all its platforms have in common. */
  readonly labels: Readonly<Record<string, string>>;
  /** The configurations by platform, `linux/arm64`; that of an image without an index has an empty name. */
  readonly configs: Readonly<Record<string, unknown>>;
  /** It comes with attestations. */
  readonly attested: boolean;
}

type Environment = Readonly<Record<string, string>>;
type Program = readonly [string, ...string[]];

const BUILDX: Program = ['docker', 'buildx'];

/** Where docker looks for its plugins: https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go */
const PLUGIN_FOLDERS = ['local/lib', 'local/libexec', 'lib', 'libexec'].map((folder) => `/usr/${folder}/docker/cli-plugins`);

/** The exit code of a program that does not exist. */
const MISSING = 127;

/** The image that a reference means in its registry, by digest. Throws `image-not-found` or `registry-denied`. */
export async function inRegistry(reference: string, env: Environment, runtime: Runtime): Promise<Found> {
  const { result, found } = await inspect(reference, env, runtime);
  requireDocker(result);
  if (found === undefined) throw existingError(result, reference);
  return { reference: found.reference, architectures: found.architectures };
}

/**
 * As `inRegistry`, with what the image tells of itself; undefined when it can't be had, for whatever reason. `answered` is true when the registry showed it,
 * or said that there is none.
 */
export async function lookInRegistry(
  reference: string,
  env: Environment,
  runtime: Runtime,
): Promise<{ readonly answered: boolean; readonly found: Look | undefined }> {
  const { result, found } = await inspectQuickly(reference, env, runtime);
  if (found !== undefined) return { answered: true, found };
  const said = lastError(result);
  runtime.log.debug(said);
  return { answered: said.endsWith(': not found'), found };
}

/** The same of an image of the local engine. Its history is not read: the engine shows all settings. */
export async function lookInEngine(
  reference: string,
  env: Environment,
  { exec, workspace, log }: Runtime,
): Promise<{ readonly found: Look | undefined }> {
  const argv = argumentsOf(['docker', 'image', 'inspect'], [['--format', '{{json .}}']], [reference]);
  const result = await exec(argv, { cwd: workspace, env });
  if (result.code !== 0) {
    log.debug(lastError(result));
    return { found: undefined };
  }
  const shown: unknown = JSON.parse(result.stdout);
  const names = ['Architecture', 'Variant', 'Os', 'OsVersion', 'Author', 'RootFS'];
  const config = { config: valueAt(shown, 'Config'), ...Object.fromEntries(names.map((name) => [name, valueAt(shown, name)])) };
  const architecture = textAt(shown, 'Architecture');
  const found = { reference, architectures: architecture === undefined ? [] : [architecture], configs: { '': config }, attested: false };
  return { found: { ...found, labels: commonLabels([config]) } };
}

function commonLabels(configs: readonly unknown[]): Record<string, string> {
  const [first, ...others] = configs.map((config) => Object.entries(valueAt(config, 'config', 'Labels') ?? {}));
  const labels = (first ?? []).filter(([name, value]) => others.every((other) => other.some(([n, v]) => n === name && v === value)));
  return Object.fromEntries(labels.map(([name, value]) => [name, String(value)]));
}

/** The image of the local engine, by its id. Throws `image-not-found`. */
export async function inEngine(reference: string, env: Environment, runtime: Runtime): Promise<Found> {
  const format = '{{.Id}} {{.Architecture}}';
  const looked = await runtime.exec(argumentsOf(['docker', 'image', 'inspect'], [['--format', format]], [reference]), {
    cwd: runtime.workspace,
    env,
  });
  requireDocker(looked);
  const [id = '', architecture = ''] = looked.stdout.trim().split(' ');
  if (looked.code !== 0 || !isDigest(id)) throw existingError(looked, reference);
  return { reference: await tagLocally(reference, id, env, runtime), architectures: [architecture] };
}

/** A local image has no digest that a node could ask for; its id, as a tag, names the content just as well. */
export async function tagLocally(tag: string, digest: string, env: Environment, runtime: Runtime): Promise<string> {
  const reference = `${repositoryOf(tag)}:${digest.replace(':', '-')}`;
  const result = await runtime.exec(argumentsOf(['docker', 'tag'], [], [tag, reference]), { cwd: runtime.workspace, env });
  if (result.code !== 0) throw new ActionError('build-failed', `docker tag failed: ${lastError(result)}`);
  return reference;
}

/** As `inspect`, by the plugin itself where it is at one of Docker's places: the detour by docker would be half of the time. */
async function inspectQuickly(reference: string, env: Environment, runtime: Runtime): ReturnType<typeof inspect> {
  const folders = [...(env['DOCKER_CONFIG'] === undefined ? [] : [join(env['DOCKER_CONFIG'], 'cli-plugins')]), ...PLUGIN_FOLDERS];
  for (const folder of folders) {
    const looked = await inspect(reference, env, runtime, [join(folder, 'docker-buildx')]);
    if (looked.result.code !== MISSING) return looked;
  }
  return inspect(reference, env, runtime);
}

/** Asks a registry. */
async function inspect(
  reference: string,
  env: Environment,
  { exec, workspace }: Runtime,
  buildx: Program = BUILDX,
): Promise<{ readonly result: CommandResult; readonly found: Look | undefined }> {
  const format = '{{.Manifest.Digest}} {"image":{{json .Image}},"manifest":{{json .Manifest}}}';
  const result = await exec(argumentsOf([...buildx, 'imagetools', 'inspect'], [['--format', format]], [reference]), {
    cwd: workspace,
    env,
  });
  const [digest = '', ...words] = result.stdout.trim().split(' ');
  if (result.code !== 0 || !isDigest(digest)) return { result, found: undefined };
  const shown: unknown = JSON.parse(words.join(' ') || 'null');
  const image = valueAt(shown, 'image');
  // Of an index, they come by platform: `linux/arm64`.
  const byPlatform: readonly (readonly [string, unknown])[] =
    textAt(image, 'architecture') === undefined ? Object.entries(image ?? {}) : [['', image]];
  const all = byPlatform.map(([, config]) => config);
  const manifests = valueAt(shown, 'manifest', 'manifests');
  const kind = (manifest: unknown): unknown => valueAt(manifest, 'annotations', 'vnd.docker.reference.type');
  return {
    result,
    found: {
      reference: `${repositoryOf(reference)}@${digest}`,
      architectures: [...new Set(all.flatMap((config) => textAt(config, 'architecture') ?? []))],
      labels: commonLabels(all),
      configs: Object.fromEntries(byPlatform),
      attested: Array.isArray(manifests) && manifests.some((manifest) => kind(manifest) === 'attestation-manifest'),
    },
  };
}
