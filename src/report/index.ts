export { costOf } from './cost.ts';
export { describeJob, describeRun, describeTarget, jobText } from './describe.ts';
export { failure, skip } from './failure.ts';
export { evidenceLines, headline, LOGS_UNREAD } from './log.ts';
export { notify } from './notify.ts';
export { notePromotion } from './promoted.ts';
export type { Reporting, Run } from './record.ts';
export { type Changed, isGood, type Outcome, outputsOf, type Result } from './result.ts';
export { timed, withStage } from './stages.ts';
