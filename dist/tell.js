export { Cn as openGitHub, wn as tell } from "./steps.js";
