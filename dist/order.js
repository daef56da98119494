export { Wt as requireOwnTokens, Gt as requireSequence, Kt as wavesOf } from "./steps.js";
