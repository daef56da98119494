export { bt as effectiveConfig } from "./steps.js";
