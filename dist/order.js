export { N as requireOwnTokens, P as requireSequence, F as wavesOf } from "./steps.js";
