export { Br as parseConfig } from "./steps.js";
