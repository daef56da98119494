export { _t as checkHooks, gt as forgetHooks, X as openHooks, Z as planHooks } from "./steps.js";
