export { Wt as notify } from "./steps.js";
