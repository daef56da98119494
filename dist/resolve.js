export { yn as lookForBuilt } from "./steps.js";
