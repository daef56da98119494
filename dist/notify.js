export { Xt as notify } from "./steps.js";
