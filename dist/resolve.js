export { Ht as lookForBuilt } from "./steps.js";
