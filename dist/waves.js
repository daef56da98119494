export { p as inSequence } from "./steps.js";
