export { Dn as parseConfig } from "./steps.js";
