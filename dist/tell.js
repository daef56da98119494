export { Br as openGitHub, Vr as tell } from "./steps.js";
