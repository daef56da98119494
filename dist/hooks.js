export { at as checkHooks, it as forgetHooks, L as openHooks, R as planHooks } from "./steps.js";
