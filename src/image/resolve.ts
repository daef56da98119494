import { ActionError, naming, toActionError } from '../errors.ts';
import { type BuildInputs, type Inputs, takesTag } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { argumentsOf, digestTag, each, type Option, parseReference, registryOf } from '../text/index.ts';
import { bake } from './bake.ts';
import { type Built, build } from './build.ts';
import { runBuildx } from './buildx.ts';
import { tagError } from './docker-error.ts';
import { type Login, login } from './login.ts';
import { inEngine, inRegistry, lookInRegistry, tagLocally } from './lookup.ts';
import type { BuildPlan, Image, ImagePlan } from './plan.ts';
import { type Findable, findBuilt, type ReusedImage, UNFINDABLE } from './reuse.ts';
import { candidatesOf, keepRunning, type Running } from './same.ts';

/** An image that a run needs. */
export interface Asked {
  /** The users' name for it: its app, or its name in `images`; undefined for a single image. */
  readonly name: string | undefined;
  readonly plan: Exclude<ImagePlan, { kind: 'none' }>;
  readonly inputs: BuildInputs & Pick<Inputs, 'sources'>;
}

/** An image that must be built. */
interface Todo {
  readonly name: string;
  readonly plan: BuildPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly inputs: BuildInputs & Pick<Inputs, 'sources'>;
  readonly pendingTags: readonly string[];
}

type DockerEnvironment = Image['environment'];

/** The logins of a run, and the earlier builds of the same content, in the order of the images to build. */
export interface Looked {
  readonly login: Login;
  readonly found: readonly Awaited<ReturnType<typeof findBuilt>>[];
}

/** Logs in and looks for earlier builds of the same content. Builds and writes nothing, so it may run while the jobs are still being checked. */
export async function lookForBuilt(all: readonly Asked[], runtime: Runtime): Promise<Looked> {
  const own = await login(
    all.map(({ inputs }) => inputs),
    runtime,
  );
  const found = buildsOf(all).map(async ({ plan, inputs }) => findBuilt(plan, inputs, own.environment, runtime));
  return { login: own, found: await Promise.all(found) };
}

function buildsOf(all: readonly Asked[]): { readonly plan: BuildPlan; readonly inputs: Asked['inputs'] }[] {
  return all.flatMap(({ plan, inputs }) => (plan.kind === 'build' ? [{ plan, inputs }] : []));
}

/**
 * Carries out image plans: logs in to the registries, looks up existing images and earlier builds of the same content, and builds the rest:
 * one by `build`, several by `bake`. Takes one of `runningOf` in place of an image that is the same. Throws `build-failed` with the line of
 * the Dockerfile, `registry-denied`, `unreachable` or `image-not-found`; with several images, the message begins with the name of the
 * image.
 */
export async function resolveImages(
  all: readonly Asked[],
  runningOf: (asked: Asked) => readonly Running[],
  runtime: Runtime,
  looked?: Looked,
): Promise<Image[]> {
  const {
    login: { environment, check },
    found,
  } = looked ?? (await lookForBuilt(all, runtime));
  const builds = buildsOf(all);
  // A registry that has answered has accepted the login, so it is not asked again.
  await check(builds.flatMap(({ plan }, i) => (found[i]?.answered === true ? [registryOf(plan.name) ?? ''] : [])));
  const ready = await Promise.all(
    all.map(async ({ name, plan, inputs }) =>
      naming(name, async () => {
        if (plan.kind === 'existing') return lookUp(plan.reference, inputs, environment, runtime);
        const before = found[builds.findIndex((one) => one.plan === plan)];
        return before !== undefined && 'built' in before
          ? takeBuilt(before.built, environment, runtime)
          : todoOf({ name: name ?? '', plan, inputs }, before);
      }),
    ),
  );
  const todo = ready.flatMap((one) => ('labels' in one ? [one] : []));
  const candidates = all.map((asked) => candidatesOf(runningOf(asked), asked.inputs.push, environment, runtime));
  // The running images are looked at while the new ones are being built.
  for (const [i, one] of ready.entries()) if ('labels' in one) for (const { look } of candidates[i] ?? []) look().catch(() => undefined);
  const built = await buildAll(todo, environment, runtime);
  const images = await Promise.all(
    ready.map(async (one): Promise<{ readonly image: Image; readonly layers?: readonly string[] | undefined }> => {
      if (!('labels' in one)) return { image: one };
      const { plan, inputs, pendingTags } = one;
      const { digest = '', architectures = [], layers } = built[todo.indexOf(one)] ?? {};
      runtime.log.info(`Built ${plan.name}@${digest}`);
      const reference = inputs.push ? `${plan.name}@${digest}` : await tagLocally(plan.tags[0] ?? digest, digest, environment, runtime);
      return { image: { reference, architectures, isNew: true, pendingTags, environment }, layers };
    }),
  );
  return Promise.all(
    images.map(async ({ image, layers }, i) => {
      const asked = all[i];
      if (asked?.plan.kind !== 'build') return image;
      const own = { image, plan: asked.plan, push: asked.inputs.push, ...(layers === undefined ? {} : { layers }) };
      return withDigestTag(await keepRunning(own, candidates[i] ?? [], runtime), asked, runtime);
    }),
  );
}

/** Adds the tag by which a spec takes a built image. */
async function withDigestTag(image: Image, { inputs }: Asked, runtime: Runtime): Promise<Image> {
  const { name, digest } = parseReference(image.reference) ?? {};
  if (!takesTag(inputs.imageVariables) || digest === undefined) return image;
  const tagged = `${name}:${digestTag(digest)}`;
  const { found } = await lookInRegistry(tagged, image.environment, runtime);
  // A registry with immutable tags refuses to set a tag twice.
  return parseReference(found?.reference ?? '')?.digest === digest ? image : { ...image, pendingTags: [...image.pendingTags, tagged] };
}

async function buildAll(todo: readonly Todo[], environment: DockerEnvironment, runtime: Runtime): Promise<Built[]> {
  const [first] = todo;
  if (first === undefined) return [];
  if (todo.length > 1) return bake(todo, environment, runtime);
  return [await naming(first.name === '' ? undefined : first.name, async () => build(first, environment, runtime))];
}

async function lookUp(
  reference: string,
  { push, imageVariables }: BuildInputs,
  environment: DockerEnvironment,
  runtime: Runtime,
): Promise<Image> {
  const digest = parseReference(reference)?.digest !== undefined;
  const look = push ? inRegistry : inEngine;
  if (digest && takesTag(imageVariables)) await requireTag(reference, environment, runtime);
  return {
    pendingTags: [],
    environment,
    isNew: false,
    ...(digest ? { reference, architectures: [] } : await look(reference, environment, runtime)),
  };
}

/** Throws `image-not-found` for an image by digest if the tag by which the spec names it is missing, or belongs to another image. */
async function requireTag(reference: string, environment: DockerEnvironment, runtime: Runtime): Promise<void> {
  const { name = '', tag, digest = '' } = parseReference(reference) ?? {};
  const tagged = `${name}:${tag ?? digestTag(digest)}`;
  const hint =
    'Nothing was registered. Give `image` with a tag, or set `image-variables` in the step that builds the image: the image then gets that tag as well.';
  const found = await inRegistry(tagged, environment, runtime).catch((error: unknown) => {
    const { code, message } = toActionError(error);
    throw code === 'image-not-found' ? new ActionError(code, message, { hint, cause: error }) : error;
  });
  if (parseReference(found.reference)?.digest !== digest)
    throw new ActionError('image-not-found', `${tagged} is another image than ${reference}`, { hint });
}

function takeBuilt(built: ReusedImage, environment: DockerEnvironment, { log }: Runtime): Image {
  log.info(`Not built again: ${built.reference} was built from the same content${describeBuild(built)}`);
  return { ...built, isNew: false, environment };
}

/** Returns a build with the labels and tags by which later runs find its image. */
function todoOf(
  { name, plan, inputs }: Pick<Todo, 'name' | 'plan' | 'inputs'>,
  { labels, tags }: Pick<Findable, 'labels' | 'tags'> = { labels: UNFINDABLE, tags: [] },
): Todo {
  // buildx asks the registry for the digest of the first tag. Another build can move each tag but the one of the content.
  const all = [...tags, ...plan.tags];
  const [now, pendingTags] = inputs.push && (inputs.test ?? inputs.scan) !== undefined ? splitTags(plan.name, all) : [all, []];
  return { name, plan: { ...plan, tags: now }, labels, inputs, pendingTags };
}

function describeBuild({ builtBy: { revision, run } }: ReusedImage): string {
  return `${revision === undefined ? '' : ` at commit ${revision.slice(0, 7)}`}${run === undefined ? '' : ` by ${run}`}`;
}

/**
 * Splits off the tags that are set after the test. People and jobs pull by these; before the test, only the tags of commit and content are
 * pushed, if there are any.
 */
function splitTags(name: string, tags: readonly string[]): [now: readonly string[], later: readonly string[]] {
  const own = tags.filter((tag) => ['sha', 'content'].some((kind) => tag.startsWith(`${name}:${kind}-`)));
  return own.length === 0 ? [tags, []] : [own, tags.filter((tag) => !own.includes(tag))];
}

/** Sets the further tags of an image in the registry. Its digest stays. */
export async function publishTags({ reference, pendingTags, environment }: Image, runtime: Runtime): Promise<void> {
  const options: Option[] = [['--prefer-index', 'false'], ...each('--tag', pendingTags)];
  const args = argumentsOf(['imagetools', 'create'], options, [reference]);
  const result = await runBuildx(args, 'same', { cwd: runtime.workspace, env: environment }, runtime);
  if (result.code !== 0) throw tagError(result, pendingTags.join(', '));
}
