export { type Begun, begin } from './begin.ts';
