import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ActionError, type Location } from '../errors.ts';
import { type BuildInputs, cacheType } from '../inputs/index.ts';
import { type Attempt, type RetryPolicy, retry } from '../runtime/index.ts';
import type { CommandResult, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, textAt, valueAt } from '../text/index.ts';
import { type BuildExtras, buildxArgs } from './args.ts';
import { findBuilder } from './builder.ts';
import { runBuildx } from './buildx.ts';
import { buildError, transientPushError } from './docker-error.ts';
import { cachesOf, mayCache } from './github-cache.ts';
import type { BuildPlan } from './plan.ts';

/** The most annotations for the Dockerfile warnings of an image; the log has all of them. */
export const MAX_WARNINGS = 10;
const PUSH_RETRIES = 3;
const PUSH_RETRY: RetryPolicy = { forMs: Number.POSITIVE_INFINITY, firstDelayMs: 2000, maxDelayMs: 8000 };

/** An image to build. */
interface Planned {
  readonly plan: BuildPlan;
  readonly inputs: BuildInputs;
}

/**
 * Builds an image, and pushes it or loads it into the local engine. Returns its digest and its processors. Secrets are passed as files that
 * are removed with the run. Throws `build-failed` with the line of the Dockerfile, or `registry-denied`.
 */
export async function build(
  { plan, labels, inputs: given }: Planned & { readonly labels: Readonly<Record<string, string>> },
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<Built> {
  const [folder, builder] = await Promise.all([runtime.privateFolder(), findBuilder(given, env, runtime, mayCache(given, plan))]);
  const inputs = cachesOf(given, plan, builder.driver);
  const credentials = await credentialsOf(plan, inputs, folder, runtime);
  const metadataFile = join(folder, 'metadata.json');
  const args = buildxArgs(plan, inputs, { labels, ...credentials, ...builder, builder: builder.name, metadataFile });
  const options = { cwd: runtime.workspace, env: { ...env, ...buildxEnvironment([inputs], runtime) }, stream: true };
  const result = await repeatPush(async () => runBuildx(args, 'same', options, runtime), runtime);
  const dockerfile = relative(runtime.workspace, plan.dockerfile);
  if (result.code !== 0) throw buildError(result, plan.name, dockerfile, await readFile(plan.dockerfile, 'utf8'));
  const metadata: unknown = JSON.parse(await readFile(metadataFile, 'utf8'));
  for (const [text, location] of warningsIn(metadata, dockerfile).slice(0, MAX_WARNINGS)) runtime.log.warning(text, location);
  return builtIn(metadata, { plan, inputs }, env, runtime);
}

export interface Built extends Told {
  readonly digest: string;
}

/** The parts of a built image that are known without a look into the registry. */
interface Told {
  readonly architectures: readonly string[];
  /** The digests of the uncompressed layers; undefined if unknown. */
  readonly layers?: readonly string[];
}

/** Returns the files of the secrets and of the SSH keys, by id, and masks the contents of the secrets. The values are written into the private folder. */
export async function credentialsOf(
  plan: BuildPlan,
  { buildSecrets, ssh }: Pick<BuildInputs, 'buildSecrets' | 'ssh'>,
  folder: string,
  runtime: Runtime,
): Promise<Pick<BuildExtras, 'secretFiles' | 'ssh'>> {
  // Contents of files are known only now; the other values were masked at the start.
  for (const file of Object.values(plan.secretFiles)) runtime.mask(await readFile(file, 'utf8'));
  const agents = Object.entries(ssh).flatMap(([id, from]) => (from === 'agent' ? [[id, undefined] as const] : []));
  const keys = Object.entries(ssh).flatMap(([id, from]) => (from === 'agent' ? [] : [[id, from] as const]));
  return {
    secretFiles: { ...plan.secretFiles, ...(await writeSecretFiles('secret', Object.entries(buildSecrets), folder)) },
    ssh: { ...Object.fromEntries(agents), ...plan.sshFiles, ...(await writeSecretFiles('key', keys, folder)) },
  };
}

/** Reads the built image from the metadata. Throws `build-failed` when they have no digest. */
export async function builtIn(
  metadata: unknown,
  planned: Planned,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<Built> {
  const digest = textAt(metadata, 'containerimage.digest');
  if (digest !== undefined) return { digest, ...(await tellOf(metadata, planned, env, runtime)) };
  throw new ActionError('build-failed', 'docker buildx gave no digest of the built image', {
    hint: planned.inputs.push
      ? 'Check with `docker buildx inspect` that the builder pushes images.'
      : 'Check with `docker buildx inspect` that the builder loads images into the local engine.',
  });
}

/** Retries a push that the registry failed to accept. Layers that were built and pushed stay. */
export async function repeatPush(attempt: () => Promise<CommandResult>, { clock, signal, log }: Runtime): Promise<CommandResult> {
  let count = 0;
  const once = async (): Promise<Attempt<CommandResult>> => {
    const result = await attempt();
    const transient = transientPushError(result);
    count += 1;
    return transient === undefined || count > PUSH_RETRIES ? { done: true, value: result } : { done: false, error: new Error(transient) };
  };
  return retry(PUSH_RETRY, clock, signal, once, (error, delayMs) =>
    log.warning(
      `The registry did not accept the image: ${error.message}. Retrying the push in ${Math.ceil(delayMs / 1000)} s (${count} of ${PUSH_RETRIES})`,
    ),
  );
}

/** Returns the processors of an image. Asks the engine only if nothing else tells, and only for an image that is deployed; it then tells the layers, too. */
async function tellOf(
  metadata: unknown,
  { plan, inputs: { command, platforms } }: Planned,
  env: Readonly<Record<string, string>>,
  { exec, workspace }: Runtime,
): Promise<Told> {
  if (command === 'build') return { architectures: [] };
  if (platforms.length > 0) return { architectures: [...new Set(platforms.flatMap((platform) => platform.split('/')[1] ?? []))] };
  const told = textAt(metadata, 'containerimage.descriptor', 'platform', 'architecture');
  if (told !== undefined) return { architectures: [told] };
  const format = '{{.Architecture}} {{join .RootFS.Layers " "}}';
  const shown = await exec(argumentsOf(['docker', 'image', 'inspect'], [['--format', format]], plan.tags.slice(0, 1)), {
    cwd: workspace,
    env,
  });
  const [architecture = '', ...layers] = shown.stdout.trim().split(' ');
  return shown.code === 0 ? { architectures: [architecture], layers } : { architectures: [] };
}

async function writeSecretFiles(
  kind: 'secret' | 'key',
  secrets: readonly (readonly [id: string, from: BuildInputs['buildSecrets'][string]])[],
  folder: string,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [id, from] of secrets) {
    if ('file' in from) continue;
    files[id] = join(folder, `${kind}-${Object.keys(files).length}`);
    await writeFile(files[id], from.value.reveal(), { mode: 0o600 });
  }
  return files;
}

/** Returns the environment variables of buildx, apart from those of the login. */
export function buildxEnvironment(
  all: readonly Pick<BuildInputs, 'cacheFrom' | 'cacheTo' | 'cacheService' | 'provenance'>[],
  { log }: Pick<Runtime, 'log'>,
): Record<string, string> {
  const cacheService = all[0]?.cacheService ?? {};
  const cachedByGithub = all.flatMap(({ cacheFrom, cacheTo }) => [...cacheFrom, ...cacheTo]).some((cache) => cacheType(cache) === 'gha');
  if (cachedByGithub && cacheService['ACTIONS_RUNTIME_TOKEN'] === undefined) {
    log.warning('The runner gave no ACTIONS_RUNTIME_TOKEN, so the image is built without the cache of the type gha.');
  }
  const isProven = all.some(({ provenance = 'false' }) => provenance !== 'false');
  return {
    // Attestations contain the time of the build, so by default they would make each build another image.
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    // Only a provenance attestation records the commit, and buildx runs git several times to learn it.
    ...(isProven ? {} : { BUILDX_GIT_INFO: 'false' }),
    BUILDX_METADATA_PROVENANCE: 'disabled',
    BUILDX_METADATA_WARNINGS: '1',
    ...(cachedByGithub ? Object.fromEntries(Object.entries(cacheService).map(([name, value]) => [name, value.reveal()])) : {}),
  };
}

/**
 * Returns BuildKit's warnings about a Dockerfile, each once, as its `--check` prints them. The warnings of a bake come together; the text
 * of the Dockerfile, `source`, tells its own.
 */
export function warningsIn(metadata: unknown, dockerfile: string, source?: string): [text: string, location: Location][] {
  const list = valueAt(metadata, 'buildx.build.warnings');
  const found = new Map<string, [string, Location]>();
  for (const warning of Array.isArray(list) ? list : []) {
    if (source !== undefined && Buffer.from(textAt(warning, 'sourceInfo', 'data') ?? '', 'base64').toString() !== source) continue;
    const text = Buffer.from(textAt(warning, 'short') ?? '', 'base64').toString();
    const line = valueAt(warning, 'range', '0', 'start', 'line');
    const location = { file: dockerfile, ...(typeof line === 'number' && line > 0 ? { line } : {}) };
    if (text !== '')
      found.set(text, [
        `${text.replace(/ \(line \d+\)$/, '')}${textAt(warning, 'url') === undefined ? '' : `, see ${textAt(warning, 'url')}`}`,
        location,
      ]);
  }
  return [...found.values()].sort(([, a], [, b]) => (a.line ?? 0) - (b.line ?? 0));
}
