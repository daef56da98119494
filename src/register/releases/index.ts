export { goalOf } from './goal.ts';
export { taskImages } from './images.ts';
export { releasing } from './keep.ts';
export { taggerOf } from './tags.ts';
