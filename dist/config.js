export { Sn as parseConfig } from "./steps.js";
