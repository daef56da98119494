import { Pn as withoutEscapes } from "./start.js";
// src/runtime/plain.ts
/** The control characters of C0 and C1, without tab and line feed. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;
/** The controls that change the direction of text, by which a line could look like another one. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;
/** Returns a text from outside without escape sequences and control characters. */
const plainText = (text) => withoutEscapes(text).replaceAll(CONTROL, "").replaceAll(DIRECTION, "");
export { plainText as t };
