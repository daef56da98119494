import { B as isOperation, S as connectTo, _ as judge, b as prepareWork, f as findJobs, g as commandEach, h as buildOnly, hn as requireAddress, m as buildApproved, mn as commonTarget, p as operateEach, v as claimJobs, x as refuseSpecs, y as draftAll, z as changedUnits } from "./steps.js";
import { f as skipUnwanted, m as describeTargets } from "./start.js";
export { buildApproved, buildOnly, changedUnits, claimJobs, commandEach, commonTarget, connectTo, describeTargets, draftAll, findJobs, isOperation, judge, operateEach, prepareWork, refuseSpecs, requireAddress, skipUnwanted };
