export { p as examine } from "./steps.js";
