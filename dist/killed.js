export { g as leaveUnderWay, _ as tellUnderWay } from "./steps.js";
