export { dispatchJob, dispatchProblems, type Given } from './dispatch.ts';
export { type Existing, findExisting, requireParts, requireRegistered } from './existing.ts';
export { type Registration, registerJob } from './register.ts';
