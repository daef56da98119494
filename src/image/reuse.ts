import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { contentTag, type Trust, trustedBy } from '../text/index.ts';
import { contentOf } from './content.ts';
import { builderIn, CONTENT, RUN } from './labels.ts';
import { lookInRegistry } from './lookup.ts';
import type { BuildPlan, Image } from './plan.ts';

/** Labels of an image that no run finds again; blank, since a Dockerfile can say anything of itself. */
export const UNFINDABLE: Readonly<Record<string, string>> = { [CONTENT]: '', [RUN]: '' };

/** An image that was built before, of the same content. */
export type ReusedImage = Required<Pick<Image, 'reference' | 'architectures' | 'builtBy'>>;

/** What a build adds to its plan, by which later runs find the image and need not build it. */
export interface Findable {
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** The registry has answered, with the login if there is one. */
  readonly answered: boolean;
}

/**
 * Looks for an image of this very content in the registry, by the tags that name it: what a run of the same kind as this one pushed, or of a kind that
 * is trusted more, never less. When there is none (or `no-cache` or `pull` ask for a fresh one), gives what makes the image findable: nothing when it
 * is not pushed, or its content can't be known.
 */
export async function findBuilt(
  plan: BuildPlan,
  inputs: Inputs,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<{ readonly built: ReusedImage; readonly answered: true } | Findable> {
  const content = inputs.push ? await contentOf(plan, inputs) : undefined;
  if (content === undefined) return { labels: UNFINDABLE, tags: [], answered: false };
  const tagOf = (trust: Trust): string => `${plan.name}:${contentTag(content, trust)}`;
  const own = tagOf(plan.trust);
  const label = { ...UNFINDABLE, [CONTENT]: `sha256:${content}` };
  // Fresh images of the same content are to be the same again: what differs from run to run stays out of them.
  if (inputs.noCache || inputs.pull) return { labels: label, tags: [own], answered: false };
  const kinds = trustedBy(plan.trust);
  const looked = await Promise.all(kinds.map(async (trust) => lookInRegistry(tagOf(trust), env, runtime)));
  const found = looked.find((one) => one.found?.labels[CONTENT] === label[CONTENT])?.found;
  const answered = looked.some((one) => one.answered);
  if (found === undefined) return { labels: { ...label, [RUN]: plan.runUrl }, tags: [own], answered };
  const { labels, reference, architectures } = found;
  return { answered: true, built: { reference, architectures, builtBy: builderIn(labels) } };
}
