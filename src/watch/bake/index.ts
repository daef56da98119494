export type { Baked } from './bake.ts';
