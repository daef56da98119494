export { n as releasing } from "./steps.js";
