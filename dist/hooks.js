export { c as checkHooks, s as forgetHooks, a as openHooks, o as planHooks } from "./steps.js";
