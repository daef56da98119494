export { Hn as notify } from "./steps.js";
