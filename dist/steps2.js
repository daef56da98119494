import { C as connectTo, S as refuseSpecs, T as isOperation, Ut as commonTarget, Wt as requireAddress, a as buildOnly, i as buildApproved, n as findJobs, o as commandEach, r as operateEach, s as judge, t as prepareWork, w as changedUnits, x as draftAll } from "./steps.js";
import { f as skipUnwanted, m as describeTargets } from "./start.js";
export { buildApproved, buildOnly, changedUnits, commandEach, commonTarget, connectTo, describeTargets, draftAll, findJobs, isOperation, judge, operateEach, prepareWork, refuseSpecs, requireAddress, skipUnwanted };
