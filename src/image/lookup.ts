import { ActionError } from '../errors.ts';
import type { CommandResult, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, isDigest, repositoryOf, textAt, valueAt } from '../text/index.ts';
import { runBuildx } from './buildx.ts';
import { existingError, lastError, requireDocker } from './docker-error.ts';
import type { Image } from './plan.ts';

type Found = Pick<Image, 'reference' | 'architectures'>;

/** An image with everything that decides about its containers. */
export interface Look extends Found {
  /** The labels that all its platforms have in common. */
  readonly labels: Readonly<Record<string, string>>;
  /** The configurations by platform, `linux/arm64`. Without an index there is one, under the empty name. */
  readonly configs: Readonly<Record<string, unknown>>;
  /** The image has attestations. */
  readonly attested: boolean;
}

type DockerEnvironment = Readonly<Record<string, string>>;

/** Returns the image of a reference in its registry, by digest. Throws `image-not-found` or `registry-denied`. */
export async function inRegistry(reference: string, env: DockerEnvironment, runtime: Runtime): Promise<Found> {
  const { result, found } = await inspect(reference, env, runtime);
  requireDocker(result);
  if (found === undefined) throw existingError(result, reference);
  return { reference: found.reference, architectures: found.architectures };
}

/**
 * Looks an image up in its registry, with its labels and configurations; undefined if that fails for any reason. `answered` is true when
 * the registry showed the image, or said that it has none.
 */
export async function lookInRegistry(
  reference: string,
  env: DockerEnvironment,
  runtime: Runtime,
): Promise<{ readonly answered: boolean; readonly found: Look | undefined }> {
  const { result, found } = await inspect(reference, env, runtime);
  if (found !== undefined) return { answered: true, found };
  const said = lastError(result);
  runtime.log.debug(said);
  return { answered: said.endsWith(': not found'), found };
}

/** Looks an image up in the local engine. The engine shows all settings, so the history is not read. */
export async function lookInEngine(
  reference: string,
  env: DockerEnvironment,
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

/** Returns the image of the local engine, by its id. Throws `image-not-found`. */
export async function inEngine(reference: string, env: DockerEnvironment, runtime: Runtime): Promise<Found> {
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

/** Pulls an image that the local engine does not have. Throws `image-not-found` or `registry-denied`. */
export async function pullMissing(reference: string, env: DockerEnvironment, { exec, workspace }: Runtime): Promise<void> {
  const looked = await exec(argumentsOf(['docker', 'image', 'inspect'], [['--format', '{{.Id}}']], [reference]), { cwd: workspace, env });
  requireDocker(looked);
  if (looked.code === 0) return;
  const pulled = await exec(argumentsOf(['docker', 'pull'], ['--quiet'], [reference]), { cwd: workspace, env });
  if (pulled.code !== 0) throw existingError(pulled, reference);
}

/** Tags a local image with its id, which names the content like a digest: nodes cannot pull a local image by digest. */
export async function tagLocally(tag: string, digest: string, env: DockerEnvironment, runtime: Runtime): Promise<string> {
  const reference = `${repositoryOf(tag)}:${digest.replace(':', '-')}`;
  const mark = async (source: string): Promise<CommandResult> =>
    runtime.exec(argumentsOf(['docker', 'tag'], [], [source, reference]), { cwd: runtime.workspace, env });
  // Another build can move the tag. The digest of some builders is not the id of the image.
  const byId = await mark(digest);
  const result = byId.code === 0 ? byId : await mark(tag);
  if (result.code !== 0) throw new ActionError('build-failed', `docker tag failed: ${lastError(result)}`);
  return reference;
}

async function inspect(
  reference: string,
  env: DockerEnvironment,
  runtime: Runtime,
): Promise<{ readonly result: CommandResult; readonly found: Look | undefined }> {
  const format = '{{.Manifest.Digest}} {"image":{{json .Image}},"manifest":{{json .Manifest}}}';
  const args = argumentsOf(['imagetools', 'inspect'], [['--format', format]], [reference]);
  const result = await runBuildx(args, 'any', { cwd: runtime.workspace, env }, runtime);
  const [digest = '', ...words] = result.stdout.trim().split(' ');
  if (result.code !== 0 || !isDigest(digest)) return { result, found: undefined };
  const shown: unknown = JSON.parse(words.join(' ') || 'null');
  const image = valueAt(shown, 'image');
  // An index has one configuration for each platform: `linux/arm64`.
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
