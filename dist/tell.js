export { Vr as openGitHub, Hr as tell } from "./steps.js";
