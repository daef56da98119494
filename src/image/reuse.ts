import type { BuildInputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { contentTag, type Trust, trustedBy } from '../text/index.ts';
import { contentOf } from './content.ts';
import { builderIn, CONTENT, originLabels, RUN } from './labels.ts';
import { lookInRegistry } from './lookup.ts';
import type { BuildPlan, Image } from './plan.ts';

/** Labels of an image that no run may find again; blank, because a Dockerfile can set any label. */
export const UNFINDABLE: Readonly<Record<string, string>> = { [CONTENT]: '', [RUN]: '' };

/** An earlier build of the same content. */
export type ReusedImage = Required<Pick<Image, 'reference' | 'architectures' | 'builtBy'>>;

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
  const content = inputs.push ? await contentOf(plan, inputs) : undefined;
  const tagOf = (trust: Trust): string[] => (content === undefined ? [] : [`${plan.name}:${contentTag(content, trust)}`]);
  const label = content === undefined ? UNFINDABLE : { ...UNFINDABLE, [CONTENT]: `sha256:${content}` };
  // A fresh build of the same content should give the same image, so the run is left out of its labels.
  const tags = inputs.noCache || inputs.pull ? [] : trustedBy(plan.trust).flatMap(tagOf);
  // The registry takes longer to answer than git, so it is asked first.
  const looking = tags.map(async (tag) => lookInRegistry(tag, env, runtime));
  const [looked, origin] = await Promise.all([Promise.all(looking), originLabels(plan, runtime)]);
  const found = looked.find((one) => one.found?.labels[CONTENT] === label[CONTENT])?.found;
  if (found === undefined) {
    const run = tags.length === 0 || plan.runUrl === undefined ? {} : { [RUN]: plan.runUrl };
    return { labels: { ...origin, ...label, ...run }, tags: tagOf(plan.trust), answered: looked.some((one) => one.answered) };
  }
  const { labels, reference, architectures } = found;
  return { answered: true, built: { reference, architectures, builtBy: builderIn(labels) } };
}
