export { l as checkHooks, c as forgetHooks, o as openHooks, s as planHooks } from "./steps.js";
