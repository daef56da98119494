export { costOf } from './cost.ts';
export { describeJob, describeRun, describeTargets, jobText } from './describe.ts';
export { failure, skip, skipUnwanted } from './failure.ts';
export { evidenceLines, LOGS_UNREAD } from './log.ts';
export { notify } from './notify.ts';
export { notePromotion } from './promoted.ts';
export { openRecord, type Reporting, type Run, type RunRecord } from './record.ts';
export { type Changed, isGood, type Outcome, type Result } from './result.ts';
export { timed, withStage } from './stages.ts';
