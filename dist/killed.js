export { t as leaveUnderWay, n as tellUnderWay } from "./killed2.js";
