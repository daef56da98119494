export { Ft as parseConfig } from "./steps.js";
