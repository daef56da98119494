export { allocationRecords } from './allocations.ts';
export { renderDeployComment } from './deploy-comment.ts';
export { evidenceLines, headline, LOGS_UNREAD } from './log.ts';
export { type PlanReport, renderPlanComment } from './plan-comment.ts';
export { isGood, type Outcome, outputFields, outputNames, outputsOf, type Result, type Stage } from './result.ts';
export { renderSummary } from './summary.ts';
export { webhookBody } from './webhook.ts';
