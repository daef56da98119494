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
  const look = async (tag: string): ReturnType<typeof lookInRegistry> => lookInRegistry(tag, env, runtime);
  const looking = tags.map(look);
  // The last tag is that of the commit, which a repeated run of the commit has set.
  const last = tags.length === 0 || plan.tags.length > MAX_LOOKED ? undefined : plan.tags.at(-1);
  const lookingAtLast = last === undefined ? undefined : look(last);
  // Without an earlier build, nobody asks for its answer.
  lookingAtLast?.catch(() => undefined);
  const [looked, origin] = await Promise.all([Promise.all(looking), originLabels(plan, runtime)]);
  const found = looked.find((one) => one.found?.labels[CONTENT] === label[CONTENT])?.found;
  if (found === undefined) {
    const run = tags.length === 0 || plan.runUrl === undefined ? {} : { [RUN]: plan.runUrl };
    return { labels: { ...origin, ...label, ...run }, tags: tagOf(plan.trust), answered: looked.some((one) => one.answered) };
  }
  const { labels, reference, architectures } = found;
  const pendingTags = await pendingOf(plan.tags, reference, await lookingAtLast, look);
  return { answered: true, built: { reference, architectures, builtBy: builderIn(labels), pendingTags } };
}

type Looked = Awaited<ReturnType<typeof lookInRegistry>>;

/**
 * Returns the tags that do not name the image yet; `last` is the look at the last one. A look takes less time than a tag, and some registries refuse to set a tag
 * twice. A new commit has no tag yet, and its tags are then all set by one program.
 */
async function pendingOf(
  tags: readonly string[],
  reference: string,
  last: Looked | undefined,
  look: (tag: string) => Promise<Looked>,
): Promise<readonly string[]> {
  const digestOf = (image: string | undefined): string | undefined => parseReference(image ?? '')?.digest;
  const isNamed = (looked: Looked | undefined): boolean => digestOf(looked?.found?.reference) === digestOf(reference);
  if (!isNamed(last)) return tags;
  const others = tags.slice(0, -1);
  const named = (await Promise.all(others.map(look))).map(isNamed);
  return others.filter((_, i) => named[i] !== true);
}
