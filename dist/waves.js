export { v as inSequence } from "./steps.js";
