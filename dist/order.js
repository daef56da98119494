export { Kt as requireOwnTokens, qt as requireSequence, Jt as wavesOf } from "./steps.js";
