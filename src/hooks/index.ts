export { checkHooks } from './check.ts';
export { forgetHooks } from './forget.ts';
export { type Hooks, openHooks, planHooks } from './open.ts';
export { PULLS } from './remove.ts';
export { cleanUpHook, leaveHook } from './run.ts';
