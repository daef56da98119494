export { Vn as notify } from "./steps.js";
