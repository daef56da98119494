export { f as inSequence } from "./steps.js";
