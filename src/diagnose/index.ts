export { countsChecks, describeFailing, hasChecks, intervalsOf, isIgnored } from './check.ts';
export { type Diagnosis, diagnose } from './diagnose.ts';
export { collectEvidence, type Evidence } from './evidence.ts';
export { exitWords } from './exit.ts';
export { type Gatherer, gatherer } from './gatherer.ts';
export { describePlacement, placementPart } from './placement.ts';
export { lastPull } from './pull.ts';
export { type Snapshot, shortId, type Verdict } from './seen.ts';
export { taskCauses } from './task.ts';
