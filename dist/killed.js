export { $ as leaveUnderWay, et as ownWay, tt as tellUnderWay } from "./steps.js";
