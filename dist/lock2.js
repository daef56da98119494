export { i as takeLock } from "./steps.js";
