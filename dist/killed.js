export { I as leaveUnderWay, L as ownWay, R as tellUnderWay } from "./steps.js";
