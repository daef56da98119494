export { M as rehearseAll } from "./steps.js";
