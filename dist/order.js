export { Gt as requireOwnTokens, Kt as requireSequence, qt as wavesOf } from "./steps.js";
