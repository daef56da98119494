export { a as removeKilled } from "./steps.js";
