export { goalOf } from './goal.ts';
export { taskImages } from './images.ts';
export { taggerOf } from './tags.ts';
