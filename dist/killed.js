export { p as leaveUnderWay, m as tellUnderWay } from "./steps.js";
