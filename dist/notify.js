export { Pn as notify } from "./steps.js";
