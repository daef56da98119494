export { renderDeployComment } from './github/deploy-comment.ts';
export { type PlanReport, renderPlanComment } from './github/plan-comment.ts';
export { evidenceLines, headline, LOGS_UNREAD } from './log.ts';
export { isGood, type Outcome, outputFields, outputNames, outputsOf, type Result, type Stage } from './result.ts';
export { allocationRecords } from './summary/allocations.ts';
export { renderSummary } from './summary/summary.ts';
export { webhookBody } from './webhook.ts';
