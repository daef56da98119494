export { wn as openGitHub, Tn as tell } from "./steps.js";
