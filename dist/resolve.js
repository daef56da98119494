export { hn as lookForBuilt } from "./steps.js";
