export { r as tunnelThrough } from "./steps.js";
