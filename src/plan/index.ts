export {
  type Approvable,
  approvable,
  registeredSince,
  requireApproved,
  requireApprovedWith,
  requireApprovedWithSecrets,
  toHidden,
} from './approval.ts';
export { type Planned, planAsRegistered } from './as-registered.ts';
export type { Counted } from './counts.ts';
export { checkDraft, type Drafted } from './draft.ts';
export { requireNoDrift } from './drift.ts';
export { isSameButForDigests, type Provisional, reRegistered } from './fingerprint.ts';
export { keeping, outgrown } from './kept.ts';
export { type Live, readLive, triedBefore } from './live.ts';
export { type Plan, requirePossible } from './plan.ts';
export { namedRegion, openRegions, type Regions, variableRegion } from './regions.ts';
export { forecastLines, isOversubscriptionWarning, publishSpec, showPlan, showResolved, warn } from './show.ts';
export { requireNoneWaiting, requireReplaceable } from './waiting.ts';
