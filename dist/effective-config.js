export { Yt as effectiveConfig } from "./steps.js";
