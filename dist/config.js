export { xn as parseConfig } from "./steps.js";
