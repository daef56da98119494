import { naming, sentence, toActionError } from '../errors.ts';
import {
  type Asked,
  byName,
  type Image,
  keyOf,
  type Looked,
  publishTags,
  type Running,
  resolveImages,
  scanImage,
  sizesOf,
  testImage,
} from '../image/index.ts';
import { describeImage, type Result, type Run } from '../report/index.ts';
import { describeSizes } from '../report/summary/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isDigestTag, parseReference } from '../text/index.ts';

/** The pause before the sizes of images are read, in which a deploy plans and registers. */
const SIZES_AFTER_MS = 1_000;

/** The longest wait for the sizes of images at the end of a run. */
const SIZES_MS = 500;

/**
 * Builds (or looks up), tests and scans the images, in their order, and publishes their moving tags after all passed. The first is the run's `image`.
 * An image of `runningOf` with the same content replaces the built or found one. `looked` is a look for earlier builds that this run has done already.
 */
export async function prepareImages(
  all: readonly Asked[],
  runningOf: (asked: Asked) => readonly Running[],
  current: Run,
  looked?: Looked,
): Promise<Image[]> {
  if (all.length === 0) return [];
  const { runtime, note, stage } = current;
  const titles = all.map(({ plan, name }) => name ?? (plan.kind === 'build' ? plan.tags.join(', ') : plan.reference));
  const builds = all.some(({ plan }) => plan.kind === 'build');
  const images = await stage('image', `${builds ? 'Build' : 'Look up'} ${titles.join(', ')}`, async () =>
    resolveImages(all, runningOf, runtime, looked),
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
      ...describeImage(reference),
      imageBuilt: first.isNew && first.unused === undefined,
      images: byName(
        all,
        images.map((image) => image.reference),
      ),
      ...(unused.length === 0 ? {} : { unusedImages: Object.fromEntries(unused) }),
      ...attestedOf(all),
    });
  }
  for (const { reference } of images) runtime.log.info(`Image ${reference}`);
  tellSizes(all, images, current);
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
  const pushed = images.filter(
    ({ reference, isNew, unused }) => isNew && unused === undefined && parseReference(reference)?.digest !== undefined,
  );
  runtime.offerArtifacts?.(pushed.map(({ reference }) => reference));
  return images;
}

/** Returns the attestations that the builds ask for. An image that was built before has the same, since they are a part of its content. */
function attestedOf(all: readonly Asked[]): Pick<Result, 'attested'> {
  const found = all.flatMap((asked): [string, readonly string[]][] => {
    const { plan, inputs } = asked;
    const kinds = (['provenance', 'sbom'] as const).filter((kind) => (inputs[kind] ?? 'false') !== 'false');
    return plan.kind === 'build' && kinds.length > 0 ? [[keyOf(asked), kinds]] : [];
  });
  return found.length === 0 ? {} : { attested: Object.fromEntries(found) };
}

/**
 * Reads and notes the sizes of the images while the run waits for the cluster, because no step needs them. Logs them at its end, where no group of the log is
 * open. A run that soon finds that nothing changed tells none: no node pulls anything.
 */
function tellSizes(all: readonly Asked[], images: readonly Image[], { runtime, note, atEnd }: Run): void {
  const [over, atOnce] = [new AbortController(), new AbortController()];
  const begin = runtime.clock.sleep(SIZES_AFTER_MS, AbortSignal.any([over.signal, atOnce.signal])).catch(() => undefined);
  const told = begin.then(async () => {
    if (over.signal.aborted) return [];
    const found = await Promise.all(images.map(async (image) => sizesOf(image, over.signal, runtime)));
    const known = all.flatMap((asked, i) => (found[i] === undefined ? [] : [[keyOf(asked), found[i]] as const]));
    if (known.length > 0) note({ imageSizes: Object.fromEntries(known) });
    return found;
  });
  atEnd(async ({ outcome }) => {
    if (outcome === 'unchanged') over.abort();
    atOnce.abort();
    const late = runtime.clock.sleep(SIZES_MS, over.signal).catch(() => undefined);
    await Promise.race([told, late]);
    // A run that has nothing else to do does not wait for a slow registry.
    over.abort();
    for (const [i, sizes] of (await told).entries())
      if (sizes !== undefined) runtime.log.info(`Image ${images[i]?.reference}: ${describeSizes(Object.entries(sizes))}`);
  });
}

/** Publishes the tags of an image. A registry may refuse to move a tag; that is a notice where the running image is kept. */
async function tag(image: Image, runtime: Runtime): Promise<void> {
  try {
    await publishTags(image, runtime);
  } catch (error) {
    // A spec may name the image by the tag of its digest, so that tag must exist.
    const isNeeded = image.pendingTags.some((one) => isDigestTag(parseReference(one)?.tag));
    if (image.unused === undefined || isNeeded || runtime.signal.aborted) throw error;
    runtime.log.notice(`The running image did not get the tags ${image.pendingTags.join(', ')}: ${sentence(toActionError(error))}`);
  }
}
