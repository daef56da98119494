import { Ft as commonTarget, It as requireAddress, _ as draftAll, a as commandEach, b as changedUnits, i as buildOnly, n as operateEach, o as judge, r as buildApproved, t as prepareWork, v as refuseSpecs, x as isOperation, y as connectTo } from "./steps.js";
import { d as skipUnwanted, p as describeTargets } from "./start.js";
export { buildApproved, buildOnly, changedUnits, commandEach, commonTarget, connectTo, describeTargets, draftAll, isOperation, judge, operateEach, prepareWork, refuseSpecs, requireAddress, skipUnwanted };
