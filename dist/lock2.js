export { r as takeLock } from "./steps.js";
