export { h as requireOwnTokens, g as requireSequence, _ as wavesOf } from "./steps.js";
