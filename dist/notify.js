export { en as notify } from "./steps.js";
