export { zr as parseConfig } from "./steps.js";
