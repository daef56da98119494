import { t as require_undici } from "./undici2.js";
export default require_undici();
export {};
