export { type DispatchInput, dispatchJob, dispatchProblems } from './dispatch.ts';
export { type Existing, findExisting, requireParts, requireRegistered } from './existing.ts';
export { freeze, type Lockable, thaw } from './freeze.ts';
export type { Held } from './lock.ts';
export { removeJob, revertJob, scaleJob } from './lost.ts';
export { pickFiles, pickTask } from './pick.ts';
export { type Registration, registerJob } from './register.ts';
export { deploymentOf, findUnderWay, requireUnderWay, setPaused } from './under-way.ts';
