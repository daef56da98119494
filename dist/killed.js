export { ut as leaveUnderWay, dt as ownWay, ft as tellUnderWay } from "./steps.js";
