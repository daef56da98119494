export { N as leaveUnderWay, P as ownWay, F as tellUnderWay } from "./steps.js";
