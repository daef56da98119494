import type { BuildInputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { contentTag, parseReference, type Trust, trustedBy } from '../text/index.ts';
import { contentOf } from './content.ts';
import { builderIn, CONTENT, originLabels, RUN } from './labels.ts';
import { lookInRegistry } from './lookup.ts';
import type { BuildPlan, Image } from './plan.ts';

/** Labels of an image that no run may find again; blank, because a Dockerfile can set any label. */
export const UNFINDABLE: Readonly<Record<string, string>> = { [CONTENT]: '', [RUN]: '' };

/** The most tags that are looked up before an image is tagged again. */
const MAX_LOOKED = 4;

/** An earlier build of the same content, and the tags of the plan that it does not have yet. */
export type ReusedImage = Required<Pick<Image, 'reference' | 'architectures' | 'builtBy' | 'pendingTags'>>;

/** The labels and tags by which later runs find the image. */
export interface Findable {
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** The registry has answered, and accepted the login if there is one. */
  readonly answered: boolean;
}

/**
 * Looks for an image of the same content in the registry, by the tags of the content: pushed by a run of the same kind, or of a more
 * trusted one. Without such an image, or with `no-cache` or `pull`, returns the labels of its origin, and the labels and tags that make the image
 * findable: none if it is not pushed, or its content is unknown.
 */
export async function findBuilt(
  plan: BuildPlan,
  inputs: BuildInputs,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<{ readonly built: ReusedImage; readonly answered: true } | Findable> {
  const content = inputs.push ? await contentOf(plan, inputs, runtime.signal) : undefined;
  const tagOf = (trust: Trust): string[] => (content === undefined ? [] : [`${plan.name}:${contentTag(content, trust)}`]);
  const label = content === undefined ? UNFINDABLE : { ...UNFINDABLE, [CONTENT]: `sha256:${content}` };
  // A fresh build of the same content should give the same image, so the run is left out of its labels.
  const tags = inputs.noCache || inputs.pull ? [] : trustedBy(plan.trust).flatMap(tagOf);
  // The registry takes longer to answer than git, so it is asked first.
  const looking = tags.map(async (tag) => lookInRegistry(tag, env, runtime));
  const origin = originLabels(plan, runtime);
  // Only a new image needs the labels.
  origin.catch(() => undefined);
  const looked = await Promise.all(looking);
  const found = looked.find((one) => one.found?.labels[CONTENT] === label[CONTENT])?.found;
  if (found === undefined) {
    const run = tags.length === 0 || plan.runUrl === undefined ? {} : { [RUN]: plan.runUrl };
    return { labels: { ...(await origin), ...label, ...run }, tags: tagOf(plan.trust), answered: looked.some((one) => one.answered) };
  }
  const { labels, reference, architectures } = found;
  const pendingTags = await tagsWithout(reference, plan, env, runtime);
  return { answered: true, built: { reference, architectures, builtBy: builderIn(labels), pendingTags } };
}

/** Returns the tags of the plan that do not name the image yet. A look takes less time than a tag, and some registries refuse to set a tag twice. */
async function tagsWithout(
  reference: string,
  { tags }: BuildPlan,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<readonly string[]> {
  const digestOf = (image: string | undefined): string | undefined => parseReference(image ?? '')?.digest;
  const names = async (tag: string): Promise<boolean> =>
    digestOf((await lookInRegistry(tag, env, runtime)).found?.reference) === digestOf(reference);
  // The last tag is that of the commit. A new commit has none yet, and its tags are then all set by one program.
  const [last] = tags.slice(-1);
  if (last === undefined || tags.length > MAX_LOOKED || !(await names(last))) return tags;
  const others = tags.slice(0, -1);
  const named = await Promise.all(others.map(names));
  return others.filter((_, i) => named[i] !== true);
}
