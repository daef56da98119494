export { t as stop } from "./stop2.js";
