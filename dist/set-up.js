export { S as setUp } from "./steps.js";
