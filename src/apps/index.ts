export { begin } from './begin.ts';
