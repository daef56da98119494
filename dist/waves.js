export { u as inSequence } from "./steps.js";
