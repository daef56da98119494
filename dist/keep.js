export { r as releasing } from "./steps.js";
