export { St as notify } from "./steps.js";
