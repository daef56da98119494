export { Jt as effectiveConfig } from "./steps.js";
