export { gt as notify } from "./steps.js";
