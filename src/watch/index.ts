export { describeUnread } from './checks.ts';
export { explain } from './explain.ts';
export { follow } from './follow.ts';
export { followRegistration } from './follow-version.ts';
export type { Following } from './following.ts';
export { followNewVersion } from './new-version.ts';
export { timeoutFor } from './rollout.ts';
export { allocationsOf, followUnchanged, lookAt } from './unchanged.ts';
export { assignChecks } from './verify.ts';
