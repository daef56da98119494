export { lr as openGitHub, ur as tell } from "./steps.js";
