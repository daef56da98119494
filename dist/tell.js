export { zt as openGitHub, Bt as tell } from "./steps.js";
