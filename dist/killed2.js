export { i as removeKilled } from "./steps.js";
