export { gn as parseConfig } from "./steps.js";
