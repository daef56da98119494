export { allocationRecords } from './allocations.ts';
export { renderSummary } from './summary.ts';
