export { _n as openGitHub, vn as tell } from "./steps.js";
