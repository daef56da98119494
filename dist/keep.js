export { i as releasing } from "./steps.js";
