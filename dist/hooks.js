export { ot as checkHooks, at as forgetHooks, L as openHooks, R as planHooks } from "./steps.js";
