export { On as openGitHub, kn as tell } from "./steps.js";
