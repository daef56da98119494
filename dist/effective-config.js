export { qt as effectiveConfig } from "./steps.js";
