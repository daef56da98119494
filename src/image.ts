import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Context } from './context.ts';
import { buildError, denied, existingError, lastError, requireDocker } from './docker-error.ts';
import { ActionError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import { textAt } from './json.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Target } from './target.ts';

/** What is to be done for the image, decided before anything is built. */
export type ImagePlan =
  /** The job spec names its own images. */
  | { readonly kind: 'none' }
  /** Deploy an image that exists. */
  | { readonly kind: 'existing'; readonly reference: string }
  /** Build it; `name` is the repository, without tag. */
  | {
      readonly kind: 'build';
      readonly name: string;
      readonly tags: readonly string[];
      readonly dockerfile: string;
      readonly contextFolder: string;
    };

/** The image that the job runs. */
export interface Image {
  /** Always by content: `name@sha256:…`, or `name:sha256-…` for one that is in the local engine only; empty without an image. */
  readonly reference: string;
  readonly digest: string | undefined;
  readonly built: boolean;
}

type Slice = Pick<Inputs, 'build' | 'image' | 'target' | 'buildArgs' | 'push' | 'registry' | 'registryUsername' | 'registryPassword'>;

/** What the workspace holds; paths are absolute and confined to it. */
export interface BuildFiles {
  readonly dockerfile: string;
  readonly dockerfileExists: boolean;
  readonly contextFolder: string;
}

/**
 * Decides between building, an existing image and none. `needsImage` is false when the spec is the repository's own and may name its images itself.
 * Throws `input-invalid` when an image is needed and there is neither a Dockerfile nor an `image`, or when `build: true` has no Dockerfile.
 */
export function planImage(
  inputs: Slice,
  files: BuildFiles,
  needsImage: boolean,
  target: Target,
  context: Context,
  workspace: string,
): ImagePlan {
  const { image, build } = inputs;
  const dockerfile = relative(workspace, files.dockerfile);
  if (build === false || image?.includes('@sha256:') === true || (build === 'auto' && !files.dockerfileExists)) {
    if (image !== undefined) return { kind: 'existing', reference: image };
    if (!needsImage) return { kind: 'none' };
    throw new ActionError(
      'input-invalid',
      build === false ? '`build` is false, and no `image` is given' : `there is no ${dockerfile}, and no \`image\` is given`,
      {
        hint: 'Add a Dockerfile (or name it with `file`), or set `image` to what is to be deployed.',
      },
    );
  }
  if (!files.dockerfileExists) {
    throw new ActionError('input-invalid', `\`file\`: there is no ${dockerfile} in the workspace`, {
      hint: 'Is the repository checked out (actions/checkout), and is the name spelt as in the repository?',
    });
  }
  const { name, tag } = splitReference(image ?? `${inputs.registry}/${context.repository}`.toLowerCase());
  const tags = tag === undefined ? [target.refSlug, context.sha === '' ? '' : `sha-${context.sha.slice(0, 7)}`] : [tag];
  return {
    kind: 'build',
    name,
    tags: tags.filter((candidate) => candidate !== '').map((candidate) => `${name}:${candidate}`),
    dockerfile: files.dockerfile,
    contextFolder: files.contextFolder,
  };
}

/** `host:5000/app:1` is the name `host:5000/app` and the tag `1`. */
function splitReference(reference: string): { name: string; tag: string | undefined } {
  const at = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  return at < 0 ? { name: reference, tag: undefined } : { name: reference.slice(0, at), tag: reference.slice(at + 1) };
}

/** The arguments of `docker` for a build. Output goes to the registry, or with `push: false` into the local engine. */
export function buildxArgs(
  plan: Extract<ImagePlan, { kind: 'build' }>,
  inputs: Pick<Slice, 'target' | 'buildArgs' | 'push'>,
  metadataFile: string,
): [string, ...string[]] {
  return [
    'buildx',
    'build',
    '--progress=plain',
    ...plan.tags.flatMap((tag) => ['--tag', tag]),
    '--file',
    plan.dockerfile,
    ...(inputs.target === undefined ? [] : ['--target', inputs.target]),
    ...inputs.buildArgs.flatMap((arg) => ['--build-arg', arg]),
    '--metadata-file',
    metadataFile,
    inputs.push ? '--push' : '--load',
    plan.contextFolder,
  ];
}

/**
 * Carries an image plan out: logs in to the registry, builds and pushes with docker buildx, and reads the digest back; or looks up the
 * digest of an existing image. Throws `build-failed` with the line of the Dockerfile, `registry-denied`, or `image-not-found`.
 */
export async function resolveImage(plan: ImagePlan, inputs: Slice, runtime: Runtime): Promise<Image> {
  if (plan.kind === 'none') return { reference: '', digest: undefined, built: false };
  const reference = plan.kind === 'build' ? plan.name : plan.reference;
  const known = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
  if (known !== undefined) return { reference, digest: known, built: false };
  const env = inputs.push && inputs.registryPassword !== undefined ? await login(inputs, runtime) : {};
  return plan.kind === 'build' ? build(plan, inputs, env, runtime) : existing(reference, inputs.push, env, runtime);
}

async function build(
  plan: Extract<ImagePlan, { kind: 'build' }>,
  inputs: Slice,
  env: Record<string, string>,
  runtime: Runtime,
): Promise<Image> {
  const { log, workspace } = runtime;
  const metadataFile = join(await runtime.privateFolder(), 'metadata.json');
  const result = await runtime.exec(['docker', ...buildxArgs(plan, inputs, metadataFile)], { cwd: workspace, env, stream: true });
  if (result.code !== 0) throw buildError(result, plan.name, relative(workspace, plan.dockerfile), await readFile(plan.dockerfile, 'utf8'));
  const digest = textAt(JSON.parse(await readFile(metadataFile, 'utf8')), 'containerimage.digest');
  if (digest === undefined) {
    throw new ActionError('build-failed', 'docker buildx gave no digest of the image that it built', {
      hint: inputs.push
        ? 'Does the builder push? See `docker buildx inspect`.'
        : 'Does the builder load into the local engine? See `docker buildx inspect`.',
    });
  }
  log.info(`Built ${plan.name}@${digest}`);
  if (inputs.push) return { reference: `${plan.name}@${digest}`, digest, built: true };
  // A local image has no digest that a node could ask for; its id, as a tag, names the content just as well.
  const reference = `${plan.name}:${digest.replace(':', '-')}`;
  await docker(['tag', plan.tags[0] ?? digest, reference], env, runtime);
  return { reference, digest, built: true };
}

async function existing(reference: string, remote: boolean, env: Record<string, string>, runtime: Runtime): Promise<Image> {
  const { name } = splitReference(reference);
  const looked = remote
    ? await runtime.exec(['docker', 'buildx', 'imagetools', 'inspect', reference, '--format', '{{.Manifest.Digest}}'], {
        cwd: runtime.workspace,
        env,
      })
    : await runtime.exec(['docker', 'image', 'inspect', reference, '--format', '{{.Id}}'], { cwd: runtime.workspace, env });
  requireDocker(looked);
  const digest = /^sha256:[0-9a-f]{64}$/m.exec(looked.stdout)?.[0];
  if (looked.code !== 0 || digest === undefined) throw existingError(looked, reference);
  if (remote) return { reference: `${name}@${digest}`, digest, built: false };
  const local = `${name}:${digest.replace(':', '-')}`;
  await docker(['tag', reference, local], env, runtime);
  return { reference: local, digest, built: false };
}

/**
 * Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
 * configuration holds (other logins, credential helpers, builders, plugins) keeps working.
 */
async function login({ registry, registryUsername, registryPassword }: Slice, runtime: Runtime): Promise<Record<string, string>> {
  const env = await runtime.dockerConfig(registry);
  const username = registryUsername ?? 'x-access-token';
  const result = await runtime.exec(['docker', 'login', registry, '--username', username, '--password-stdin'], {
    cwd: runtime.workspace,
    env,
    stdin: registryPassword?.reveal() ?? '',
  });
  requireDocker(result);
  if (result.code !== 0) throw denied(`${registry} refused the login as ${username}: ${lastError(result)}`);
  runtime.log.info(`Logged in to ${registry} as ${username}`);
  return env;
}

async function docker(args: readonly string[], env: Record<string, string>, runtime: Runtime): Promise<void> {
  const result = await runtime.exec(['docker', ...args], { cwd: runtime.workspace, env });
  if (result.code !== 0) throw new ActionError('build-failed', `docker ${args[0]} failed: ${lastError(result)}`);
}
