import { existingError, lastError, requireDocker, tagError } from '../docker-error.ts';
import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import { textAt } from '../json.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { build } from './build.ts';
import { login } from './login.ts';
import { type BuildPlan, type Image, type ImagePlan, splitReference } from './plan.ts';

export { type BuildFiles, type Image, type ImagePlan, planImage } from './plan.ts';
export { scanImage, testImage } from './trial.ts';

/**
 * Carries an image plan out: logs in to the registry, builds and pushes with docker buildx, and reads the digest back; or looks up the
 * digest of an existing image. Throws `build-failed` with the line of the Dockerfile, `registry-denied`, `unreachable` or `image-not-found`.
 */
export async function resolveImage(plan: Exclude<ImagePlan, { kind: 'none' }>, inputs: Inputs, runtime: Runtime): Promise<Image> {
  const reference = plan.kind === 'build' ? plan.name : plan.reference;
  const env = await login(inputs, runtime);
  const common = { pendingTags: [], environment: env };
  if (reference.includes('@sha256:')) return { ...common, reference, architectures: [] };
  if (plan.kind === 'existing') {
    return { ...common, ...(await (inputs.push ? inRegistry(reference, env, runtime) : inEngine(reference, env, runtime))) };
  }
  const [now, pendingTags] = inputs.push && (inputs.test ?? inputs.scan) !== undefined ? splitTags(plan) : [plan.tags, []];
  const { digest, architectures } = await build({ ...plan, tags: now }, inputs, env, runtime);
  runtime.log.info(`Built ${plan.name}@${digest}`);
  const built = inputs.push ? `${plan.name}@${digest}` : await tagLocally(now[0] ?? digest, digest, env, runtime);
  return { reference: built, architectures, pendingTags, environment: env };
}

/** What is to be tested is pushed by the tag of its commit only, where there is one: the others are what people and jobs pull. */
function splitTags({ name, tags }: BuildPlan): [now: readonly string[], later: readonly string[]] {
  const own = tags.filter((tag) => tag.startsWith(`${name}:sha-`));
  return own.length === 0 ? [tags, []] : [own, tags.filter((tag) => !own.includes(tag))];
}

/** Gives an image in the registry its further tags; its digest stays. */
export async function publishTags({ reference, pendingTags, environment }: Image, { exec, workspace }: Runtime): Promise<void> {
  const tags = pendingTags.flatMap((tag) => ['--tag', tag]);
  const result = await exec(['docker', 'buildx', 'imagetools', 'create', '--prefer-index=false', ...tags, reference], {
    cwd: workspace,
    env: environment,
  });
  if (result.code !== 0) throw tagError(result, pendingTags.join(', '));
}

type Found = Pick<Image, 'reference' | 'architectures'>;

async function inRegistry(reference: string, env: Record<string, string>, runtime: Runtime): Promise<Found> {
  const format = '{{.Manifest.Digest}} {{json .Image}}';
  const looked = await runtime.exec(['docker', 'buildx', 'imagetools', 'inspect', reference, '--format', format], {
    cwd: runtime.workspace,
    env,
  });
  requireDocker(looked);
  const [, digest, image] = /^(sha256:[0-9a-f]{64}) (.*)$/s.exec(looked.stdout.trim()) ?? [];
  if (looked.code !== 0 || digest === undefined) throw existingError(looked, reference);
  return { reference: `${splitReference(reference).name}@${digest}`, architectures: architecturesOf(JSON.parse(image ?? 'null')) };
}

async function inEngine(reference: string, env: Record<string, string>, runtime: Runtime): Promise<Found> {
  const format = '{{.Id}} {{.Architecture}}';
  const looked = await runtime.exec(['docker', 'image', 'inspect', reference, '--format', format], { cwd: runtime.workspace, env });
  requireDocker(looked);
  const [, id, architecture = ''] = /^(sha256:[0-9a-f]{64}) (\S+)/.exec(looked.stdout) ?? [];
  if (looked.code !== 0 || id === undefined) throw existingError(looked, reference);
  return { reference: await tagLocally(reference, id, env, runtime), architectures: [architecture] };
}

/** The configuration of an image, or those of an index by platform: `linux/arm64`. */
function architecturesOf(image: unknown): string[] {
  const own = textAt(image, 'architecture');
  if (own !== undefined) return [own];
  const platforms = typeof image === 'object' && image !== null ? Object.keys(image) : [];
  return [...new Set(platforms.flatMap((platform) => platform.split('/')[1] ?? []))];
}

/** A local image has no digest that a node could ask for; its id, as a tag, names the content just as well. */
async function tagLocally(tag: string, digest: string, env: Record<string, string>, runtime: Runtime): Promise<string> {
  const reference = `${splitReference(tag).name}:${digest.replace(':', '-')}`;
  const result = await runtime.exec(['docker', 'tag', tag, reference], { cwd: runtime.workspace, env });
  if (result.code !== 0) throw new ActionError('build-failed', `docker tag failed: ${lastError(result)}`);
  return reference;
}
