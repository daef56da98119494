export { checkHooks } from './check.ts';
export { forgetHooks } from './forget.ts';
export { type Hooks, openHooks, planHooks } from './open.ts';
