import type { Asked } from './resolve.ts';

/** Returns the users' name for an image: its app, its name in `images`, or for a single image its repository. */
export function keyOf({ name, plan }: Asked): string {
  return name ?? (plan.kind === 'build' ? plan.name : plan.reference);
}

/** Returns the references of images by the users' names. */
export function byName(all: readonly Asked[], references: readonly string[]): Record<string, string> {
  return Object.fromEntries(all.map((asked, i) => [keyOf(asked), references[i] ?? '']));
}

/** Returns the existing images, as the workflow names them. An image that is yet to be built has an empty name. */
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

/** Returns the tags of the image of an app. */
export function tagsOf([first]: readonly Asked[]): readonly string[] {
  return first === undefined ? [] : first.plan.kind === 'build' ? first.plan.tags : [first.plan.reference];
}

/** Returns the images by their names in the configuration file, for specs; empty without names. */
export function namedImages(asked: readonly Asked[], images: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return asked.some(({ name }) => name !== undefined) ? images : {};
}
