export { a as takeLock } from "./steps.js";
