export { Sn as openGitHub, Cn as tell } from "./steps.js";
