import { tagError } from '../docker-error.ts';
import { registryOf } from '../input-values.ts';
import type { Inputs } from '../inputs.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { build } from './build.ts';
import { originLabels } from './labels.ts';
import { login } from './login.ts';
import { inEngine, inRegistry, tagLocally } from './lookup.ts';
import type { BuildPlan, Image, ImagePlan } from './plan.ts';
import { type Built, type Findable, findBuilt } from './reuse.ts';

export { type BuildFiles, type Image, type ImagePlan, planImage } from './plan.ts';
export { scanImage, testImage } from './trial.ts';

/**
 * Carries an image plan out: logs in to the registry, and there looks up the digest of an existing image, of one that was built of the same content
 * before, or of the one that docker buildx builds and pushes. Throws `build-failed` with the line of the Dockerfile, `registry-denied`, `unreachable`
 * or `image-not-found`.
 */
export async function resolveImage(plan: Exclude<ImagePlan, { kind: 'none' }>, inputs: Inputs, runtime: Runtime): Promise<Image> {
  const { environment, check } = await login(inputs, runtime);
  if (plan.kind === 'existing') {
    await check();
    const { reference } = plan;
    const digest = reference.includes('@sha256:');
    const look = inputs.push ? inRegistry : inEngine;
    return {
      pendingTags: [],
      environment,
      isNew: false,
      ...(digest ? { reference, architectures: [] } : await look(reference, environment, runtime)),
    };
  }
  const [found, labels] = await Promise.all([findBuilt(plan, inputs, environment, runtime), originLabels(plan, runtime)]);
  // A registry that has answered took the login, which saves asking it once more.
  await check(found.answered ? registryOf(plan.name) : undefined);
  if (!('built' in found))
    return buildAnew(plan, { labels: { ...labels, ...found.labels }, tags: found.tags }, inputs, environment, runtime);
  runtime.log.info(`Not built again: ${found.built.reference} was built of the same content${describeBuild(found.built)}`);
  return { ...found.built, isNew: false, pendingTags: plan.tags, environment };
}

async function buildAnew(
  plan: BuildPlan,
  { labels, tags }: Pick<Findable, 'labels' | 'tags'>,
  inputs: Inputs,
  environment: Image['environment'],
  runtime: Runtime,
): Promise<Image> {
  const all = [...plan.tags, ...tags];
  const [now, pendingTags] = inputs.push && (inputs.test ?? inputs.scan) !== undefined ? splitTags(plan.name, all) : [all, []];
  const { digest, architectures } = await build({ ...plan, tags: now }, labels, inputs, environment, runtime);
  runtime.log.info(`Built ${plan.name}@${digest}`);
  const built = inputs.push ? `${plan.name}@${digest}` : await tagLocally(now[0] ?? digest, digest, environment, runtime);
  return { reference: built, architectures, isNew: true, pendingTags, environment };
}

function describeBuild({ builtBy: { revision, run } }: Built): string {
  return `${revision === undefined ? '' : ` at commit ${revision.slice(0, 7)}`}${run === undefined ? '' : ` by ${run}`}`;
}

/** What is to be tested is pushed by the tags of its commit and content only, where there are any: the others are what people and jobs pull. */
function splitTags(name: string, tags: readonly string[]): [now: readonly string[], later: readonly string[]] {
  const own = tags.filter((tag) => ['sha', 'content'].some((kind) => tag.startsWith(`${name}:${kind}-`)));
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
