export { an as effectiveConfig } from "./steps.js";
