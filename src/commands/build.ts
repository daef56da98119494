import { naming, sentence, toActionError } from '../errors.ts';
import { type Asked, type Image, publishTags, type Running, resolveImages, scanImage, testImage } from '../image/resolve.ts';
import { imageValues } from '../jobspec/image-variables.ts';
import type { Rendering } from '../jobspec/render.ts';
import type { Run } from '../report/record.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isDigestTag, parseReference } from '../text/image-reference.ts';

/**
 * Builds (or looks up), tests and scans the images, in their order; their moving tags follow when all of them passed. The first is the run's `image`.
 * In place of an image that was built or found, one of `runningOf` is taken if it is the same.
 */
export async function prepareImages(
  all: readonly Asked[],
  runningOf: (asked: Asked) => readonly Running[],
  { runtime, note, stage }: Run,
): Promise<Image[]> {
  if (all.length === 0) return [];
  const titles = all.map(({ plan, name }) => name ?? (plan.kind === 'build' ? plan.tags.join(', ') : plan.reference));
  const builds = all.some(({ plan }) => plan.kind === 'build');
  const images = await stage('image', `${builds ? 'Build' : 'Look up'} ${titles.join(', ')}`, async () =>
    resolveImages(all, runningOf, runtime),
  );
  const [first] = images;
  if (first !== undefined) {
    const { reference, builtBy } = first;
    const unused = all.flatMap((asked, i): [string, string][] => {
      const name = images[i]?.unused;
      return name === undefined ? [] : [[keyOf(asked), name]];
    });
    note({
      ...(builtBy === undefined ? {} : { builtBy }),
      image: reference,
      images: byName(
        all,
        images.map((image) => image.reference),
      ),
      ...(unused.length === 0 ? {} : { unusedImages: Object.fromEntries(unused) }),
    });
  }
  for (const { reference } of images) runtime.log.info(`Image ${reference}`);
  for (const [i, image] of images.entries()) {
    const { name, inputs } = all[i] ?? {};
    if (inputs === undefined) continue;
    const { test, scan } = inputs;
    const { reference } = image;
    await naming(name, async () => {
      if (test !== undefined) await stage('test', `Test ${reference}`, async () => testImage(test, image, inputs, runtime));
      if (scan !== undefined) await stage('scan', `Scan ${reference}`, async () => scanImage(scan, image, runtime));
    });
  }
  for (const image of images) {
    if (image.pendingTags.length > 0) await stage('tag', `Tag ${image.pendingTags.join(', ')}`, async () => tag(image, runtime));
  }
  return images;
}

/** Publishes the tags of an image. Those that the build has pushed may stay where they are: a registry can refuse to move a tag. */
async function tag(image: Image, runtime: Runtime): Promise<void> {
  try {
    await publishTags(image, runtime);
  } catch (error) {
    // A spec that takes the image by the tag of its digest needs that tag.
    const isNeeded = image.pendingTags.some((one) => isDigestTag(parseReference(one)?.tag));
    if (image.unused === undefined || isNeeded || runtime.signal.aborted) throw error;
    runtime.log.notice(`The running image did not get the tags ${image.pendingTags.join(', ')}: ${sentence(toActionError(error))}`);
  }
}

/** Returns the users' name for an image: its app, its name in `images`, or, of the only one, its repository. */
function keyOf({ name, plan }: Asked): string {
  return name ?? (plan.kind === 'build' ? plan.name : plan.reference);
}

/** Returns the references of images by the users' names. */
export function byName(all: readonly Asked[], references: readonly string[]): Record<string, string> {
  return Object.fromEntries(all.map((asked, i) => [keyOf(asked), references[i] ?? '']));
}

/** Returns the images that exist already, as the workflow names them; an image that is to be built has no name yet. */
export function namesGiven(asked: readonly Asked[]): Record<string, string> {
  return byName(
    asked,
    asked.map(({ plan }) => (plan.kind === 'existing' ? plan.reference : '')),
  );
}

/** Returns the image of an app, or the first of the repository; `own` has its images. */
export function imageOf([first]: readonly Asked[], images: Readonly<Record<string, string>>): string {
  return first === undefined ? '' : (images[keyOf(first)] ?? '');
}

/** Returns the part of a rendering that is about images: `own` are those of its app, `images` the references by name. */
export function imagesOf(
  own: readonly Asked[],
  asked: readonly Asked[],
  images: Readonly<Record<string, string>>,
): Required<Pick<Rendering, 'image' | 'images' | 'imageVariables'>> {
  return {
    image: imageOf(own, images),
    images: namedImages(asked, images),
    imageVariables: Object.fromEntries(own.flatMap((one) => Object.entries(imageValues(one, images[keyOf(one)] ?? '')))),
  };
}

/** Returns the tags of the image of an app. */
export function tagsOf([first]: readonly Asked[]): readonly string[] {
  return first === undefined ? [] : first.plan.kind === 'build' ? first.plan.tags : [first.plan.reference];
}

/** Returns the images that have names in the configuration file, by which specs know them. */
function namedImages(asked: readonly Asked[], images: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return asked.some(({ name }) => name !== undefined) ? images : {};
}
