export { requireArchitecture } from './architecture.ts';
export { lastError } from './docker-error.ts';
export { byName, imageOf, keyOf, namedImages, namesGiven, tagsOf } from './names.ts';
export { type Image, planImage } from './plan.ts';
export { type Asked, type Looked, publishTags, resolveImages } from './resolve.ts';
export { runningImages } from './running.ts';
export type { Running } from './same.ts';
export { sizesOf } from './size.ts';
export { scanImage, testImage } from './trial.ts';
