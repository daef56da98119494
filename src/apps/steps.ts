// The steps of a run after its inputs. The run loads them late, because loading them takes as long as the rest of the start.
export { isOperation } from '../commands/index.ts';
export { describeTargets, skipUnwanted } from '../report/index.ts';
export { commonTarget, requireAddress } from '../target/index.ts';
export { changedUnits } from './changed.ts';
export { connectTo } from './cluster.ts';
export { claimJobs, draftAll } from './drafts.ts';
export { buildApproved, buildOnly, commandEach, judge, lookAhead } from './jobs.ts';
export { findJobs, operateEach } from './operate-each.ts';
export { ABOUT_CLUSTER, FOR_ANY_EVENT } from './own-ways.ts';
export { refuseSpecs } from './refusals.ts';
export { isSequence } from './sequence.ts';
export { prepareWork } from './work.ts';
