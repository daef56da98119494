export { Qt as effectiveConfig } from "./steps.js";
