export { Yt as notify } from "./steps.js";
