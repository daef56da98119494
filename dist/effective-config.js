export { Ht as effectiveConfig } from "./steps.js";
