export { Rt as parseConfig } from "./steps.js";
