export { F as leaveUnderWay, I as ownWay, L as tellUnderWay } from "./steps.js";
