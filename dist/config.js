export { Cn as parseConfig } from "./steps.js";
