import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { contentOf } from './content.ts';
import { labelled } from './lookup.ts';
import type { BuildPlan, Image } from './plan.ts';

/** SHA-256 of what an image was built of, and the run that built it. */
const CONTENT = 'nomad-deploy.content';
const RUN = 'nomad-deploy.run';
/** As many hexadecimal digits as make a tag that is no other content's. */
const TAG_DIGITS = 16;

/** An image that was built before, of the same content. */
export type Built = Required<Pick<Image, 'reference' | 'architectures' | 'builtBy'>>;

/** What a build adds to its plan, by which later runs find the image and need not build it. */
export interface Findable {
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** The registry has answered, with the login if there is one. */
  readonly answered: boolean;
}

/**
 * Looks for an image of this very content in the registry, by the tag that names it. When there is none (or `no-cache` or `pull` ask for a fresh
 * one), gives what makes the image findable: nothing when it is not pushed, or its content can't be known.
 */
export async function findBuilt(
  plan: BuildPlan,
  inputs: Inputs,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<{ readonly built: Built; readonly answered: true } | Findable> {
  const content = inputs.push ? await contentOf(plan, inputs) : undefined;
  if (content === undefined) return { labels: {}, tags: [], answered: false };
  const tag = `${plan.name}:content-${content.slice(0, TAG_DIGITS)}`;
  const label = { [CONTENT]: `sha256:${content}` };
  // Fresh images of the same content are to be the same again: what differs from run to run stays out of them.
  if (inputs.noCache || inputs.pull) return { labels: label, tags: [tag], answered: false };
  const { answered, found } = await labelled(tag, env, runtime);
  if (found?.labels[CONTENT] !== label[CONTENT]) return { labels: { ...label, [RUN]: plan.runUrl }, tags: [tag], answered };
  const { labels, reference, architectures } = found;
  const run = labels[RUN];
  const revision = labels['org.opencontainers.image.revision'];
  return {
    answered: true,
    built: {
      reference,
      architectures,
      builtBy: { ...(run === undefined ? {} : { run }), ...(revision === undefined ? {} : { revision }) },
    },
  };
}
