export { evidenceLines, headline } from './log.ts';
export { isGood, type Outcome, outputNames, outputsOf, type Result } from './result.ts';
export { renderSummary } from './summary.ts';
