export { Zt as notify } from "./steps.js";
