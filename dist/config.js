export { Gt as parseConfig } from "./steps.js";
