export { Wt as parseConfig } from "./steps.js";
