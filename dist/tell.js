export { Kt as openGitHub, qt as tell } from "./steps.js";
