export { gn as lookForBuilt } from "./steps.js";
