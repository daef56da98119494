export { It as openGitHub, Lt as tell } from "./steps.js";
