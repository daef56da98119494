export { Yt as requireOwnTokens, Xt as requireSequence, Zt as wavesOf } from "./steps.js";
