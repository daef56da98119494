export { o as removeKilled } from "./steps.js";
