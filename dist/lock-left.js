export { t as releaseLeft } from "./steps.js";
