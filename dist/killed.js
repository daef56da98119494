export { Q as leaveUnderWay, $ as ownWay, et as tellUnderWay } from "./steps.js";
