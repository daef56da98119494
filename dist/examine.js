export { I as examine } from "./steps.js";
