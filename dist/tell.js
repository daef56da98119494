export { Gt as openGitHub, Kt as tell } from "./steps.js";
