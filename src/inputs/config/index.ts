export { parseConfig } from './config.ts';
export { type Ignored, mergeConfig } from './merge.ts';
export { inOrder, policyOf } from './rules.ts';
export type { AppSection, ClusterSection, Config, DefaultPolicy, EnvironmentSection, Layer, Policy } from './types.ts';
export { type Given, placeIn } from './values.ts';
