export { mt as effectiveConfig } from "./steps.js";
