export {
  type AppSection,
  type Config,
  type DefaultPolicy,
  type EnvironmentSection,
  inOrder,
  type Layer,
  type Policy,
  parseConfig,
  policyOf,
} from './config.ts';
export { type Ignored, mergeConfig } from './merge.ts';
export { type Given, placeIn } from './values.ts';
