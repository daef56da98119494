export { Xt as effectiveConfig } from "./steps.js";
