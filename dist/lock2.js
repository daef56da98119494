export { n as takeLock } from "./steps.js";
