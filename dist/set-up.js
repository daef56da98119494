export { x as setUp } from "./steps.js";
