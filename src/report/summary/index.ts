export { allocationRecords } from './allocations.ts';
export { describeSizes } from './image.ts';
export { renderSummary } from './summary.ts';
