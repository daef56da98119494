export { n as bake } from "./steps.js";
