export { zt as lookForBuilt } from "./steps.js";
