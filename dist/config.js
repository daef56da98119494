export { cr as parseConfig } from "./steps.js";
