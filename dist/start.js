import { r as __toESM } from "./rolldown-runtime.js";
import { S as messageOf, T as sentence, _ as ActionError, b as errorOfRun, f as isMaskable, l as isoTime, p as secret, u as parseTime } from "./runtime.js";
import { open, readFile, realpath } from "node:fs/promises";
import { createHash } from "node:crypto";
import { constants as constants$1 } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
// src/text/attestation.ts
/**
* Returns whether a text is the address of an attestation on GitHub, `https://<server>/<owner>/<repository>/attestations/<number>`, as the output
* `attestation-url` of https://github.com/actions/attest.
*/
function isAttestationUrl(text) {
	return text.length <= 500 && URL.canParse(text) && /^https:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/attestations\/\d+$/.test(text);
}
// src/text/bytes.ts
const UNITS = [
	"B",
	"kB",
	"MB",
	"GB",
	"TB"
];
/** Returns a number of bytes with a unit: `1.5 MB`. */
function bytesText(bytes) {
	const unit = Math.min(UNITS.length - 1, bytes < 1e3 ? 0 : Math.floor(Math.log10(bytes) / 3));
	return unit === 0 ? `${bytes} B` : `${(bytes / 1e3 ** unit).toFixed(1)} ${UNITS[unit]}`;
}
// src/text/command-line.ts
/**
* Splits a command line into words as a shell does (blanks, quotes, backslashes), and puts in the variables; there is no shell. Throws an `Error` for
* what only a shell could do: pipes, several commands, other variables.
*/
function splitWords(text, variables) {
	const words = [];
	let word;
	let rest = text.trim();
	let quoted = false;
	const take = (length) => {
		const taken = rest.slice(0, length);
		rest = rest.slice(length);
		return taken;
	};
	while (rest !== "") {
		const [blank, variable, single, escaped] = [
			/^\s+/,
			/^\$(?:(\w+)|\{(\w+)\})/,
			/^'([^']*)'/,
			/^\\([\s\S])/
		].map((pattern) => pattern.exec(rest));
		if (!quoted && blank) {
			if (take(blank[0].length).includes("\n")) throw new Error("has several lines, but it is one command that no shell reads");
			if (word !== void 0) words.push(word);
			word = void 0;
		} else if (variable) {
			take(variable[0].length);
			const name = variable[1] ?? variable[2] ?? "";
			const value = variables[name];
			if (value === void 0) throw new Error(`has $${name}, but no shell reads it: only ${Object.keys(variables).map((known) => `$${known}`).join(", ")} is known`);
			word = `${word ?? ""}${value}`;
		} else if (!quoted && single) {
			take(single[0].length);
			word = `${word ?? ""}${single[1]}`;
		} else if (escaped && (!quoted || /["\\$]/.test(escaped[1] ?? ""))) {
			take(2);
			word = escaped[1] === "\n" ? word : `${word ?? ""}${escaped[1]}`;
		} else if (rest.startsWith("\"")) {
			take(1);
			quoted = !quoted;
			word ??= "";
		} else if (/^(`|\$\()/.test(rest) || !quoted && /^[|&;<>()']/.test(rest)) throw new Error(rest.startsWith("'") ? "has a ' without its end" : `has ${rest.startsWith("$(") ? "$(" : rest[0]}, but no shell reads it: put that into a script`);
		else word = `${word ?? ""}${take(1)}`;
	}
	if (quoted) throw new Error("has a \" without its end");
	return word === void 0 ? words : [...words, word];
}
/** Returns a word as a shell reads it, in quotes where it needs them. */
function shellWord(word) {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
// src/text/duration.ts
/** The units of Go's durations, in nanoseconds; the micro sign has two code points. */
const UNITS_NS = {
	ns: 1n,
	us: 1000n,
	"µs": 1000n,
	"μs": 1000n,
	ms: 1000000n,
	s: 1000000000n,
	m: 60000000000n,
	h: 3600000000000n
};
const TERM = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
/** Go's limits, some 292 years: a duration is a signed integer of 64 bits. */
const MAX_NS = 2n ** 63n - 1n;
/** More digits of a fraction than these are parts of a nanosecond, and more of a whole number exceed the limits. */
const MAX_DIGITS = 19;
/**
* Reads a duration as Go's `time.ParseDuration` does (`90s`, `1h15m30.918s`, `-1.5h`, `0`), and returns it in whole milliseconds, as timers want them.
* Returns undefined for a text that is none, and for a duration beyond Go's limits.
*/
function parseDuration(text) {
	const [, sign = "", terms = ""] = /^([-+]?)(.+)$/s.exec(text) ?? [];
	if (terms === "0") return 0;
	let sum = 0n;
	for (let at = 0; at < terms.length || at === 0; at = TERM.lastIndex) {
		TERM.lastIndex = at;
		const [term = "", whole = "", fraction = "", name = ""] = TERM.exec(terms) ?? [];
		const unit = UNITS_NS[name];
		const digits = whole.replace(/^0+/, "");
		if (term === "" || unit === void 0 || whole + fraction === "" || digits.length > MAX_DIGITS) return void 0;
		const part = fraction.slice(0, MAX_DIGITS);
		sum += BigInt(digits) * unit + BigInt(part) * unit / 10n ** BigInt(part.length);
		if (sum > (sign === "-" ? MAX_NS + 1n : MAX_NS)) return void 0;
	}
	const ms = Math.round(Number(sum) / 1e6);
	return sign === "-" && ms > 0 ? -ms : ms;
}
/** Writes milliseconds as people say them: `4.2 s`, `48 s`, `3 min 20 s`, `1 h 5 min`. */
function formatDuration(ms) {
	if (ms < 1e4) return `${(Math.max(ms, 0) / 1e3).toFixed(1)} s`;
	const seconds = Math.round(ms / 1e3);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
// src/text/escapes.ts
const ESCAPE = "\\u001b";
/**
* Matches colours, links, titles and other sequences of a terminal: https://ecma-international.org/publications-and-standards/standards/ecma-48/. The numbers of
* repetitions are limited, so that beginnings without an end take linear time, which those of Node's `stripVTControlCharacters` do not.
*/
const SEQUENCE = new RegExp(`(?:${ESCAPE}\\[|\\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|${ESCAPE}[\\]PX^_][^\\u0007\\u009c${ESCAPE}]{0,2048}(?:\\u0007|\\u009c|${ESCAPE}\\\\)|${ESCAPE}[ -/]{0,8}[0-Z\\\\^-~]`, "g");
/** Returns a text without the sequences by which a program controls a terminal. */
function withoutEscapes(text) {
	return text.replace(SEQUENCE, "");
}
// src/text/wildcard.ts
const anything = () => true;
const notSlash = (character) => character !== "/";
const exactly = (wanted) => (character) => character === wanted;
/** `**` and a slash: nothing, or any folders. */
const FOLDERS = [
	{ skip: 3 },
	{ many: anything },
	{ one: exactly("/") }
];
/** Returns the steps of a text that stands for itself. */
function literally(text) {
	return Array.from(text, (wanted) => ({ one: exactly(wanted) }));
}
/** Returns whether a whole text matches the steps, in time proportional to the text and to the number of stars. */
function matchesSteps(steps, text) {
	const seen = new Int32Array(steps.length + 1).fill(-1);
	/** Adds a step, and those that may follow it without a character, to those that read the next one. */
	const open = (first, position, into) => {
		const pending = [first];
		for (let at = pending.pop(); at !== void 0; at = pending.pop()) {
			if (seen[at] === position) continue;
			seen[at] = position;
			const step = steps[at];
			if (step !== void 0 && "skip" in step) pending.push(at + step.skip, at + 1);
			else into.push(at);
			if (step !== void 0 && "many" in step) pending.push(at + 1);
		}
	};
	let active = [];
	open(0, 0, active);
	let position = 0;
	for (const character of text) {
		position++;
		const next = [];
		for (const at of active) {
			const step = steps[at];
			if (step === void 0 || "skip" in step) continue;
			if ("many" in step) {
				if (step.many(character)) open(at, position, next);
			} else if (step.one(character)) open(at + 1, position, next);
		}
		active = next;
		if (active.length === 0) return false;
	}
	return active.includes(steps.length);
}
// src/text/glob.ts
/** `**` with a slash counts as folders only where a name of a folder begins: `docs/**` and `feature**` are texts of any length. */
const TOKEN = /(?<![^/])\*\*\/|\*+|[?+]|\\[\s\S]?|\[[^\]]*\]?|[\s\S]/gu;
/** The characters of GitHub's documentation: letters, digits, and ranges within one alphabet. */
const CLASS = /^\[(?:[A-Za-z0-9](?!-)|[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9])+\]$/;
/** Returns whether a pattern may match more than one name. A text that is no pattern is one name. */
function isPattern(text) {
	const pattern = readPattern(text);
	return typeof pattern !== "string" && pattern.many;
}
/** Returns the problem of a text that is no pattern, as a sentence without its end; undefined for a pattern. */
function patternProblem(text) {
	const pattern = readPattern(text);
	return typeof pattern === "string" ? pattern : void 0;
}
/**
* Returns a function that says whether a whole name matches. Of the patterns that match, the last one decides: one with `!` takes the name out again.
* Throws an Error for a text that is no pattern; the configuration file refuses those with their places.
*/
function matcherOf(patterns) {
	const read = patterns.map((text) => {
		const pattern = readPattern(text);
		if (typeof pattern === "string") throw new Error(`the pattern \`${text}\`: ${pattern}`);
		return pattern;
	});
	return (name) => read.findLast(({ steps }) => matchesSteps(steps, name))?.excludes === false;
}
/** Returns the pattern, or its problem. */
function readPattern(text) {
	const excludes = text.startsWith("!");
	const steps = [];
	let many = false;
	/** The character that a following `?` or `+` repeats. */
	let last;
	for (const [token] of text.slice(excludes ? 1 : 0).matchAll(TOKEN)) {
		if (token === "?" || token === "+") {
			if (last === void 0) return `\`${token}\` has no character before it to repeat; write \`\\${token}\` for the character itself`;
			if (token === "?") steps.splice(-1, 0, { skip: 2 });
			else steps.push({ many: last });
			last = void 0;
		} else if (token.startsWith("*")) {
			last = void 0;
			if (token === "**/") steps.push(...FOLDERS);
			else steps.push({ many: token === "*" ? notSlash : anything });
		} else {
			const character = readCharacter(token);
			if (typeof character === "string") return character;
			last = character;
			steps.push({ one: character });
		}
		many ||= /^[*?+[]/.test(token);
	}
	if (steps.length === 0) return excludes ? "`!` has no name after it" : "it is empty";
	return {
		excludes,
		steps,
		many
	};
}
/** Reads a character, an escaped one, or a list of them in brackets: a test of one character, or the problem. */
function readCharacter(token) {
	if (token.startsWith("\\")) {
		if (/^\\[*?+[\]!\\]$/.test(token)) return exactly(token.slice(1));
		return `\`${token}\` is no escape; \`\\\` stands before one of \`* ? + [ ] ! \\\``;
	}
	if (!token.startsWith("[")) return exactly(token);
	if (!token.endsWith("]")) return "`[` has no `]` after it; write `\\[` for the character itself";
	if (!CLASS.test(token)) return `\`${token}\` is no list of letters, digits and ranges of them, such as \`[A-Za-z0-9]\``;
	const backwards = [...token.matchAll(/(.)-(.)/g)].find(([, from = "", to = ""]) => from > to);
	if (backwards !== void 0) return `the range \`${backwards[0]}\` ends before it begins`;
	const list = new RegExp(`^${token}$`);
	return (character) => list.test(character);
}
// src/text/hcl-lexer.ts
/** A comment that is not closed goes on to the end, so that no part of it is read again and again. */
const BLANK = /\s+|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const NAME$1 = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /\d(?:(?:\d|\.|[eE][+-]?\d)*(?:\d|[eE][+-]?\d))?/y;
const MARK = /==|!=|<=|>=|&&|\|\||=>|\.\.\.|::|[-+*/%!<>?:.,=()[\]{}]/y;
const HEREDOC = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)[ \t\r]*\n/uy;
/** The characters of a text that mean themselves: in quotes, in a heredoc. */
const [QUOTED_LITERAL, HEREDOC_LITERAL] = [/[^"\\$%\r\n]+/y, /[^$%\r\n]+/y];
/** Splits a text into the tokens of HCL. Never throws; takes time in proportion to the text. */
function lex(source) {
	const file = {
		kind: "code",
		tokens: [],
		braces: 0,
		newLine: false
	};
	const state = {
		source,
		frames: [file],
		oddAt: void 0
	};
	for (let at = source.startsWith("﻿") ? 1 : 0; at < source.length;) {
		const frame = state.frames.at(-1) ?? file;
		at = frame.kind === "code" ? readCode(state, frame, at) : readText(state, frame, at);
	}
	if (state.frames.length > 1) isOdd(state, source.length);
	while (state.frames.length > 1) close(state, source.length);
	return {
		tokens: file.tokens,
		oddAt: state.oddAt
	};
}
function isOdd(state, at) {
	state.oddAt ??= at;
}
/** Ends the innermost text or template; `literalEnd` is where the contents of a text end. Returns the place behind it. */
function close({ source, frames }, end, literalEnd = end) {
	const frame = frames.pop();
	const outer = frames.at(-1);
	if (frame?.kind === "text" && outer?.kind === "code") {
		const { at, newLine, parts, literalAt } = frame;
		if (literalEnd > literalAt) parts.push(source.slice(literalAt, literalEnd));
		outer.tokens.push({
			kind: "text",
			text: source.slice(at, end),
			at,
			newLine,
			parts
		});
	} else if (frame?.kind === "code" && outer?.kind === "text" && frame.template !== void 0) {
		outer.parts.push({
			tokens: frame.tokens,
			...frame.template
		});
		outer.literalAt = end;
	}
	return end;
}
/** Reads a blank, a comment or a token of code, or the beginning or end of what stands in it. Returns the place behind it. */
function readCode(state, code, at) {
	const { source, frames } = state;
	const blank = match(BLANK, source, at);
	if (blank !== void 0) {
		if (!isPlainBlank(blank)) isOdd(state, at);
		code.newLine ||= !blank.startsWith("/*") && blank.includes("\n");
		return at + blank.length;
	}
	const { newLine } = code;
	code.newLine = false;
	const heredoc = source[at] === "<" ? match(HEREDOC, source, at) : void 0;
	if (source[at] === "\"" || heredoc !== void 0) {
		const begin = at + (heredoc ?? "\"").length;
		if (heredoc !== void 0 && !/[^ \t\r]\r?\n$/.test(heredoc)) isOdd(state, at);
		frames.push({
			kind: "text",
			at,
			newLine,
			parts: [],
			literalAt: begin,
			marker: heredoc?.replace(/^<<-?/, "").trim(),
			lineBegins: true
		});
		return begin;
	}
	const trims = source.startsWith("~}", at);
	if (code.template !== void 0 && code.braces === 0 && (trims || source[at] === "}")) {
		if (trims) code.template.trims = true;
		return close(state, at + (trims ? 2 : 1));
	}
	const [kind, text] = tokenAt(source, at);
	if (kind === void 0 || trims) isOdd(state, at);
	if (text === "{") code.braces++;
	if (text === "}") code.braces--;
	code.tokens.push({
		kind: kind ?? "mark",
		text,
		at,
		newLine
	});
	return at + text.length;
}
/** Returns the token at a place and its kind; no kind for a character that HCL does not know. */
function tokenAt(source, at) {
	const name = match(NAME$1, source, at);
	if (name !== void 0) return ["name", name];
	const number = match(NUMBER, source, at);
	if (number !== void 0) return ["number", number];
	const mark = match(MARK, source, at);
	return [mark === void 0 ? void 0 : "mark", mark ?? String.fromCodePoint(source.codePointAt(at) ?? 0)];
}
/** Reads a piece of a text, or its end, or the beginning of a template in it. Returns the place behind it. */
function readText(state, text, at) {
	const { source, frames } = state;
	const { marker } = text;
	const end = marker === void 0 ? void 0 : markerEnd(state, text, at);
	if (end !== void 0) return close(state, end, at);
	text.lineBegins = false;
	const literal = match(marker === void 0 ? QUOTED_LITERAL : HEREDOC_LITERAL, source, at);
	if (literal !== void 0) return at + literal.length;
	const [one = "", next] = [source[at], source[at + 1]];
	if (one === "\"") return close(state, at + 1, at);
	if (one === "\\") {
		if (next === void 0 || next === "\r" || next === "\n") isOdd(state, at);
		return Math.min(at + 2, source.length);
	}
	if (one === "\r" || one === "\n") {
		if (marker === void 0 || one === "\r" && next !== "\n") isOdd(state, at);
		text.lineBegins = one === "\n";
		return at + 1;
	}
	if (source.startsWith(`${one}{`, at + 1)) return at + 3;
	if (next !== "{") return at + 1;
	if (at > text.literalAt) text.parts.push(source.slice(text.literalAt, at));
	const trims = source[at + 2] === "~";
	frames.push({
		kind: "code",
		tokens: [],
		braces: 0,
		newLine: false,
		template: {
			directive: one === "%",
			trims
		}
	});
	return at + (trims ? 3 : 2);
}
/** Returns the end of a heredoc whose marker stands in the line that begins here. */
function markerEnd(state, { lineBegins, marker = "" }, at) {
	if (!lineBegins) return void 0;
	const newLine = state.source.indexOf("\n", at);
	const line = state.source.slice(at, newLine < 0 ? void 0 : newLine);
	if (line.includes("")) isOdd(state, at);
	if (line.trim() !== marker) return void 0;
	const begin = line.indexOf(marker);
	if (newLine < 0 || !/^[ \t]*$/.test(line.slice(0, begin)) || !/^[ \t]*\r?$/.test(line.slice(begin + marker.length))) isOdd(state, at);
	return at + line.replace(/\r$/, "").length;
}
/** Returns whether HCL knows a blank or a comment: it knows spaces, tabs and ends of lines, and a comment over lines has an end. */
function isPlainBlank(blank) {
	if (blank.startsWith("/*")) return blank.length > 3 && blank.endsWith("*/");
	return /^[#/]/.test(blank) || !/[^ \t\r\n]|\r(?!\n)/.test(blank);
}
/** Returns the first place from `at` on that is no blank and in no comment. */
function skipBlank(source, at) {
	let end = at;
	for (let blank = match(BLANK, source, end); blank !== void 0; blank = match(BLANK, source, end)) end += blank.length;
	return end;
}
function match(pattern, source, at) {
	pattern.lastIndex = at;
	return pattern.exec(source)?.[0];
}
// src/text/hcl-values.ts
/**
* Reads a literal value written in JSON or HCL: `3`, `true`, `"text"`, `["a", "b"]`, `{ 5000 = "http" }`, `{"5000": "http"}`. What is JSON is
* taken as JSON, in which `${` means nothing. Throws an `Error` that says what was expected and where; expressions, functions and interpolation
* are not literals.
*/
function parseLiteral(source) {
	try {
		const value = parseJsonValue(source);
		if (isShallow(value)) return value;
	} catch {}
	return parseHclLiteral(source);
}
/** Reads a literal value written in HCL. Throws an `Error` as `parseLiteral` does. */
function parseHclLiteral(source) {
	const { tokens } = lex(source);
	const [value, end] = readLiteral(source, tokens, 0);
	const rest = tokens[end]?.at;
	if (rest !== void 0) throw new Error(`unexpected ${excerpt(source, rest)} after the value`);
	return value;
}
const isShallow = (value, depth = 0) => depth <= MAX_DEPTH$2 && (typeof value !== "object" || value === null || Object.values(value).every((one) => isShallow(one, depth + 1)));
/** Reads a value written in JSON. Throws a `SyntaxError` for what is none. */
function parseJsonValue(source) {
	const exact = (_key, value, context) => typeof value === "number" ? exactNumber(context?.source ?? "", value) : value;
	return JSON.parse(source, exact);
}
/** A number, or its text where a number of JavaScript has fewer digits: Nomad makes of a text the number that a variable's type asks for. */
function exactNumber(text, value = Number(text)) {
	return text.replace(/[eE].*$/, "").replace(/\D/g, "").replace(/^0+/, "").length > 15 && String(value) !== text ? text : value;
}
/** Returns the first characters of a text from a place on, in quotes. */
function excerpt(source, at) {
	return JSON.stringify(source.slice(at, at + 12));
}
/** Real values have a few levels. Readers and writers of deeper ones overflow the stack. */
const MAX_DEPTH$2 = 100;
/** Returns the literal value that begins with a token, and the token behind it. Throws an `Error` that says what was expected and where. */
function readLiteral(source, tokens, i, depth = 0) {
	if (depth > MAX_DEPTH$2) throw new Error(`there are more than ${MAX_DEPTH$2} lists and maps within one another`);
	const token = tokens[i];
	if (token === void 0) throw new Error("the value ends too early");
	const { kind, text, at } = token;
	const number = numberAt(tokens, i);
	if (number !== void 0) return [exactNumber(number.text), number.end];
	if (kind === "text") return [textOf$3(token), i + 1];
	if (text === "[") return readList(source, tokens, i + 1, depth + 1);
	if (text === "{") return readObject(source, tokens, i + 1, depth + 1);
	if (text === "true" || text === "false") return [text === "true", i + 1];
	if (text === "null") return [null, i + 1];
	if (source.startsWith("<<", at)) throw new Error("the heredoc is not closed");
	throw new Error(`expected a value at ${excerpt(source, at)}; text needs double quotes`);
}
/** Returns a number with its sign, and the token behind it. */
function numberAt(tokens, i) {
	const [token, next] = [tokens[i], tokens[i + 1]];
	const signed = token?.text === "-" && next?.at === token.at + 1;
	const digits = signed ? next : token;
	if (digits?.kind !== "number" || !/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits.text)) return void 0;
	return signed ? {
		text: `-${digits.text}`,
		end: i + 2
	} : {
		text: digits.text,
		end: i + 1
	};
}
function textOf$3(token) {
	if (token.parts?.some((part) => typeof part !== "string") === true) throw new Error("interpolation is not possible in a value");
	return token.text.startsWith("<<") ? heredocText(token.text) : quotedText(token.text);
}
const unescapeTemplate = (text) => text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
function quotedText(text) {
	try {
		return String(JSON.parse(withoutLongEscapes(unescapeTemplate(text))));
	} catch {
		throw new Error(`the text ${text.slice(0, 20)} is not closed, or has an escape that HCL does not know`);
	}
}
/** Replaces escapes such as `\U0001F600`, which JSON does not know, by their characters, written as JSON writes them. */
function withoutLongEscapes(text) {
	return text.replace(/\\(?:U([0-9a-fA-F]{8})|.)/gs, (whole, code) => code === void 0 ? whole : JSON.stringify(String.fromCodePoint(Number.parseInt(code, 16))).slice(1, -1));
}
function heredocText(whole) {
	const [first = "", ...rest] = whole.split("\n");
	if (rest.pop()?.trim() !== first.replace(/^<<-?/, "").trim()) throw new Error("the heredoc is not closed");
	const indents = rest.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
	const indent = first.startsWith("<<-") ? indents.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY) : 0;
	return unescapeTemplate(rest.map((line) => `${line.trim() === "" ? line : line.slice(indent)}\n`).join(""));
}
function readList(source, tokens, from, depth) {
	const items = [];
	let i = from;
	while (tokens[i]?.text !== "]") {
		const [item, end] = readLiteral(source, tokens, i, depth);
		items.push(item);
		i = end;
		if (tokens[i]?.text === ",") i++;
		else if (tokens[i]?.text !== "]") throw new Error("expected a comma or the end of the list");
	}
	return [items, i + 1];
}
function readObject(source, tokens, from, depth) {
	const entries = [];
	let i = from;
	while (tokens[i]?.text !== "}") {
		const [key, sign] = readKey(source, tokens, i);
		if (tokens[sign]?.text !== "=" && tokens[sign]?.text !== ":") throw new Error(`expected = or : after the key ${JSON.stringify(key)}`);
		const [value, end] = readLiteral(source, tokens, sign + 1, depth);
		entries.push([key, value]);
		const next = tokens[end];
		i = next?.text === "," ? end + 1 : end;
		if (i === end && next?.text !== "}" && next?.newLine !== true) throw new Error("expected a comma, a new line or the end of the map");
	}
	return [Object.fromEntries(entries), i + 1];
}
function readKey(source, tokens, i) {
	const token = tokens[i];
	if (token === void 0) throw new Error("the map is not closed");
	const number = numberAt(tokens, i);
	if (number !== void 0) return [number.text, number.end];
	if (token.text.startsWith("\"")) return [textOf$3(token), i + 1];
	if (token.kind === "name") return [token.text, i + 1];
	throw new Error(`expected a key at ${excerpt(source, token.at)}`);
}
/** Writes a value as an HCL literal. The one way by which text reaches an HCL file: quotes, newlines, `${` and `%{` are escaped. */
function hclLiteral(value) {
	if (typeof value === "string") return JSON.stringify(value).replace(/\\(\\|b|f)/g, (whole, kind) => kind === "b" ? "\\u0008" : kind === "f" ? "\\u000c" : whole).replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{");
	if (value === null || typeof value !== "object") return String(value);
	if (Array.isArray(value)) return `[${value.map(hclLiteral).join(", ")}]`;
	return `{ ${Object.entries(value).map(([key, item]) => `${hclLiteral(key)} = ${hclLiteral(item)}`).join(", ")} }`;
}
// src/text/lines.ts
/** A text of several lines as one, for a sentence or a line of the log. */
function oneLine(text) {
	return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(" ");
}
/** At most `max` characters of a text, the rest as an ellipsis. */
function clip(text, max) {
	return text.length <= max ? text : `${text.slice(0, Math.max(max - 1, 0)).trimEnd()}…`;
}
const KEYWORD = "[\\w-]*(?:password|passwd|secret|token|signature|credential|api[-_]?key|access[-_]?key)";
const CREDENTIALS = [
	[/(?<=\w:\/\/)[^\s/@"'`]+@/g, ""],
	[new RegExp(`([?&](?:${KEYWORD}|sig|key)=)[^&\\s"'\`]+`, "gi"), "$1***"],
	[new RegExp(`(?<![\\w-])(${KEYWORD}=)("[^"]*"|'[^']*'|[^\\s&"'\`]+)`, "gi"), "$1***"],
	[new RegExp(`("${KEYWORD}"\\s*:\\s*)"[^"]*"`, "gi"), "$1\"***\""],
	[/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, "$1 ***"]
];
/** A text without what looks like a password in it, whether or not it is known as a secret: of addresses, settings and headers. */
function withoutCredentials(text) {
	return CREDENTIALS.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), text);
}
/** The errors of a list that are read, and the depth of lists within one another. */
const MAX_ERRORS = 500;
const MAX_DEPTH$1 = 20;
/**
* Nomad nests its errors as lists in text: `Task group x validation failed: 2 errors occurred:\n\t* …\n\t* …`. Gives the innermost ones, each after
* what it is within, joined by semicolons.
*/
function flattenErrors(text) {
	const items = [];
	for (const line of text.trim().split("\n")) {
		const [, item] = /^\s*\* ?(.*)$/s.exec(line) ?? [];
		if (items.length === 0 || item !== void 0) items.push([item === void 0 || items.length === 0 ? line : item]);
		else items.at(-1)?.push(line);
	}
	const waiting = items.slice(0, MAX_ERRORS).map((lines) => lines.join("\n").trim());
	let next = 0;
	const leaves = [];
	const read = (item, within) => {
		const [whole, count] = /\b(\d+) errors? occurred:$/.exec(item) ?? [];
		if (whole === void 0 || within.length === MAX_DEPTH$1) {
			const subject = /^(.+ )validation failed:$/.exec(within.at(-1) ?? "")?.[1]?.toLowerCase();
			const isNamed = subject !== void 0 && item.toLowerCase().startsWith(subject);
			leaves.push([...isNamed ? within.slice(0, -1) : within, item].join(" "));
			return;
		}
		const outer = item.slice(0, -whole.length).trim();
		for (let left = Number(count); left > 0 && next < waiting.length; left--) read(waiting[next++] ?? "", outer === "" ? within : [...within, outer]);
	};
	while (next < waiting.length) read(waiting[next++] ?? "", []);
	const useful = leaves.filter((leaf) => leaf !== "" && !leaf.endsWith(":"));
	const told = (useful.length > 0 ? useful : leaves).map((leaf) => oneLine(leaf).replaceAll(" validation failed:", ":").replace(/\.$/, ""));
	return [...new Set(told)].join("; ");
}
/** A text of Nomad's without the words by which it calls a template that the spec holds, and a value that it does not print. */
function readable(text) {
	return text.replaceAll("(dynamic): ", "").replaceAll("(dynamic)", "the template").replaceAll("[redacted]", "(a value that Nomad hides)");
}
/** The folder of an allocation, and below it that of a task. */
const ALLOCATION_FOLDER = /\/alloc(?:s|_mounts)?\/[0-9a-f]{8}-[0-9a-f-]{27}\/(?:[^/\s"']+\/)?/g;
/** Paths on the node as a task sees them: relative to its own folder. */
function withoutFolders(text) {
	return text.replace(/\S+/g, (word) => {
		const begin = word.indexOf("/");
		const folder = [...word.matchAll(ALLOCATION_FOLDER)].at(-1);
		return folder === void 0 || begin === folder.index ? word : word.slice(0, begin) + word.slice(folder.index + folder[0].length);
	});
}
/** Makes a function that gives the line and column of a place in a text; both count from 1. */
function linesOf(source) {
	const starts = [0];
	for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
	return (at) => {
		let [low, high] = [0, starts.length];
		while (high - low > 1) {
			const middle = low + high >> 1;
			if ((starts[middle] ?? 0) <= at) low = middle;
			else high = middle;
		}
		return {
			line: low + 1,
			column: at - (starts[low] ?? 0) + 1
		};
	};
}
// src/text/image-reference.ts
const HOST_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const HOST = String.raw`(?:${HOST_LABEL}(?:\.${HOST_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?`;
const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = `${PATH_PART}(?:/${PATH_PART})*`;
const TAG = String.raw`\w[\w.-]{0,127}`;
const DIGEST = "(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})";
const REFERENCE = new RegExp(`^((?:(${HOST})/)?(${PATH}))(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const REGISTRY = new RegExp(`^(${HOST})(?:/${PATH})?$`);
/** Docker takes 64 digits alone for the id of an image. */
const ID = /^[0-9a-f]{64}$/;
const MAX_PATH = 255;
const MAX_REFERENCE = 1024;
/**
* Reads the name of an image as Docker does; undefined for a text that is none, so that none can be an option of a program. The grammar is
* https://pkg.go.dev/github.com/distribution/reference#pkg-overview
*/
function parseReference(text) {
	const [, name, first, rest, tag, digest] = text.length <= MAX_REFERENCE && !ID.test(text) && REFERENCE.exec(text) || [];
	if (name === void 0 || rest === void 0) return void 0;
	const host = first !== void 0 && isHost(first) ? registryIn(first) : void 0;
	const path = host === void 0 ? name : rest;
	return path.length > MAX_PATH ? void 0 : {
		name,
		host,
		path,
		tag,
		digest
	};
}
/** Returns whether the first part of a name is a host: it has a dot, a port or a capital, or is `localhost`. */
function isHost(first) {
	return /[.:A-Z]|^localhost$/.test(first);
}
/** Returns whether a text is a digest, with its algorithm. */
function isDigest(text) {
	return new RegExp(`^${DIGEST}$`).test(text);
}
/** Returns the hexadecimal digits of a digest. */
function digitsOf(digest) {
	return digest.slice(digest.indexOf(":") + 1);
}
/** Returns whether one of `tags` is a tag alone and not the name of an image. */
function isTagAlone(text) {
	return !/[/:]/.test(text);
}
/** Returns a name of an image without tag and digest; a text that is none as it is. */
function repositoryOf(text) {
	return parseReference(text)?.name ?? text;
}
/** Returns the names of the images of a repository in a text, wherever they stand. */
function referencesIn(text, repository) {
	const name = repository.replace(/[^\w]/g, "\\$&");
	const whole = String.raw`(?:(?<=docker://)|(?<![\w./:@-]))${name}(?::${TAG})?(?:@${DIGEST})?(?![\w.@:/-])`;
	return [...text.matchAll(new RegExp(whole, "g"))].flatMap(([one]) => parseReference(one) ?? []);
}
/** Returns the 64 digits of the id that an image of the local engine has for a tag, `shop:sha256-…`; undefined for an image of a registry. */
function localId(image) {
	return /^sha256-([0-9a-f]{64})$/.exec(parseReference(image)?.tag ?? "")?.[1];
}
/** Returns whether a text is the address of a registry, `host:5000`, with the path that its images are below if it has one. */
function isRegistry(text) {
	return text.length <= MAX_REFERENCE && REGISTRY.test(text);
}
/** Returns the host of a registry that may have a path, `europe-docker.pkg.dev/acme/images`: what a login is for. */
function hostOfRegistry(registry) {
	return REGISTRY.exec(registry)?.[1] ?? registry;
}
/** The registry of an image: its host, else Docker Hub. */
function registryOf(image) {
	return image === void 0 ? void 0 : parseReference(image)?.host ?? HUB;
}
/**
* A registry as docker names it, where people give its address: `https://index.docker.io/v1/` is `docker.io`. A path stays, for the names of images.
*/
function registryIn(address) {
	return address.replace(/^https?:\/\//i, "").replace(/(?<!\/)\/+$/, "").replace(/^(index|registry-1)\.docker\.io(\/v[12])?(?=\/|$)/, HUB);
}
/**
* Whether an image is of a registry, of a repository, or of a part of one: `ghcr.io/acme` has `ghcr.io/acme/shop`, and not `ghcr.io/acmeshop`. A text that
* is no name of an image is of none. Only the tag or the digest may be filled in on the node (`${meta.tag}`). A name without a host is of Docker Hub to
* Docker; without `hub` it is of none, since Podman asks whatever registries the node's own configuration lists.
*/
function isFrom(image, registry, hub) {
	const address = registryIn(registry);
	const wanted = isHost(hostOfRegistry(address)) ? address : `${HUB}/${address}`;
	const name = nameInJob(image, hub);
	return name !== void 0 && (name === wanted || name.startsWith(`${wanted}/`));
}
const HUB = "docker.io";
/** Returns the whole name of an image, as Docker completes it, without tag and digest: that of `redis` is `docker.io/library/redis`. */
function completeName({ host = HUB, path }) {
	return `${host}/${host === HUB && !path.includes("/") ? "library/" : ""}${path}`;
}
/** Returns the whole name of an image with its tag and digest; `latest` is the tag of one without either. */
function completeReference(text) {
	const found = parseReference(text);
	if (found === void 0) return void 0;
	const { tag = found.digest === void 0 ? "latest" : void 0, digest } = found;
	return [
		completeName(found),
		tag === void 0 ? "" : `:${tag}`,
		digest === void 0 ? "" : `@${digest}`
	].join("");
}
/** Returns the whole name of an image of a job, whose tag may be filled in; undefined for a name without a host, unless those are of the hub. */
function nameInJob(image, hub) {
	const plain = image.replace(/^(?:docker|https):\/\//, "");
	const filled = plain.search(/[$%]\{/);
	const found = parseReference(filled < 0 ? plain : /^(.*\/[^/:@]+)[:@][\w.:@+-]*$/.exec(plain.slice(0, filled))?.[1] ?? "");
	return found === void 0 || found.host === void 0 && !hub ? void 0 : completeName(found);
}
/**
* Returns the tag that is made of an image's digest, for specs that take a tag: no other image gets it, and it changes exactly when the image does. The form
* `sha256-<64 digits>` is taken: registries list the referrers of an image by it.
*/
function digestTag(digest) {
	return `digest-${digitsOf(digest).slice(0, 32)}`;
}
/** Returns whether a tag is made of a digest. */
function isDigestTag(tag) {
	return /^digest-[0-9a-f]{32}$/.test(tag ?? "");
}
/** The prefix of a tag that names the content of an image. Only the action itself gives such a tag, because it deploys the image that it finds there. */
const CONTENT_TAG = "content-";
/** Returns whether the action finds images again by a tag. */
function isContentTag(tag) {
	return tag?.toLowerCase().startsWith(CONTENT_TAG) === true;
}
/** Whose run built an image. A run takes images of its own kind and of the kinds before it. */
const TRUSTS = [
	"trusted",
	"review",
	"fork"
];
/** Returns the kinds of runs whose images a run of this kind takes. */
function trustedBy(trust) {
	return TRUSTS.slice(0, TRUSTS.indexOf(trust) + 1);
}
/** The tag of an image of some content (SHA-256, hexadecimal) that a run of a kind built. */
function contentTag(content, trust) {
	return `${CONTENT_TAG}${trust === "trusted" ? "" : `${trust}-`}${content.slice(0, 16)}`;
}
// src/text/json.ts
/** The value at a path of parsed JSON whose shape nobody promises; undefined when it is not there. */
function valueAt(value, ...path) {
	let at = value;
	for (const key of path) {
		if (typeof at !== "object" || at === null) return void 0;
		at = Object.entries(at).find(([name]) => name === key)?.[1];
	}
	return at;
}
/**
* Returns whether a text that is not JSON may be the beginning of a JSON object, list or `null`: an answer was cut. An HTTP/1.1 answer that ends with its connection,
* and a reset HTTP/2 stream, look whole.
*/
function isCutJson(text) {
	return /^\s*[{[]/.test(text) || "null".startsWith(text.trim());
}
/** Returns all texts of parsed JSON, in their order; keys are none of them. */
function textsIn(value) {
	if (typeof value === "string") return [value];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
function mapTexts(value, change) {
	if (typeof value === "string") return change(value);
	if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
	if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, change)]));
}
/** The text at a path of parsed JSON; undefined when it is not there, not a text, or empty. */
function textAt(value, ...path) {
	const at = valueAt(value, ...path);
	return typeof at === "string" && at !== "" ? at : void 0;
}
/** Returns the position of the closing quote of a text of JSON. */
function endOfText(text, start) {
	let at = start + 1;
	for (; text[at] !== "\"" && at < text.length; at++) if (text[at] === "\\") at++;
	return at;
}
/** Returns the deepest nesting of lists and objects in a text, which need not be JSON. */
function depthOf(text) {
	let depth = 0;
	let most = 0;
	for (let at = 0; at < text.length; at++) {
		const char = text[at];
		if (char === "\"") at = endOfText(text, at);
		if (char === "{" || char === "[") most = Math.max(most, ++depth);
		else if (char === "}" || char === "]") depth--;
	}
	return most;
}
// src/text/keys.ts
/** Returns the names of a table, typed. */
function keysOf(table) {
	return Object.keys(table).filter((name) => Object.hasOwn(table, name));
}
// src/text/markdown.ts
/** Ends a line in a browser or an editor. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** Invisible characters, and characters that change the order of text: controls, formats, and those that Unicode has every program ignore. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;
function visible(value) {
	return withoutEscapes(value).replace(INVISIBLE, "");
}
/** Text from outside on one line, with nothing invisible in it: for what is no Markdown, such as a title. */
function plain(value) {
	return value.split(LINE_BREAK).map((line) => visible(line.replaceAll("	", " ")).trim()).filter((line) => line !== "").join(" ");
}
/** A zero-width space of our own: the only one that is left in what we show. */
const BREAK = "​";
/**
* GitHub and chat programs look for these in what is shown, whatever Markdown says: addresses, mentions and mail addresses, numbers of issues, commits, emoji.
* https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls. A digest behind a name of an
* image is none of them, and stays as it is copied, as do ids and numbers of many digits.
*/
const LIVE = [
	/:(?=\/\/)/g,
	/www(?=\.)/gi,
	/(?<!\w)@(?=\S)|@(?!sha(?:256|512):)(?=\S)/g,
	/#(?=\d)/g,
	/\bGH(?=-\d)/gi,
	/:(?=(?:[a-z_+-][\w+-]{0,40}|\d{1,4}[a-z_][\w+-]{0,40}|1234|100):)/gi
];
/** As short as GitHub takes it. */
const COMMIT = /(?<![\w-])(?=\d*[a-f])[0-9a-f]{7,40}(?![\w-])/g;
/** A text in which nothing is made a link, a mention or an emoji; what is shown stays the same. */
function quiet(value) {
	const apart = value.replace(COMMIT, (commit) => commit.replace(/.{6}(?=.)/g, `$&${BREAK}`));
	return LIVE.reduce((shown, pattern) => shown.replace(pattern, `$&${BREAK}`), apart);
}
/** A short text from outside as code: Markdown has no escape for a backtick within it. */
function code(value) {
	return `\`${plain(value).replaceAll("`", "'") || " "}\``;
}
/** Text from outside as Markdown that shows it, on one line. */
function text(value) {
	return quiet(plain(value)).replaceAll("&", "&amp;").replace(/[\\`*_[\]<>#~$]/g, "\\$&").replace(/^(?:[-+=]|\d+(?=[.)]))/, (start) => /\d/.test(start) ? `${start}\\` : `\\${start}`);
}
/** Text from outside within a tag, where Markdown's own escapes would be shown. */
function html(value) {
	return entities(quiet(plain(value)));
}
/** A short text from outside as code within a tag. GitHub looks for nothing in code, so the text can be copied. */
function htmlCode(value) {
	return `<code>${entities(plain(value))}</code>`;
}
function entities(value) {
	return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;");
}
/** A link; `label` is Markdown. Of an address that no browser should open, only the label. */
function link(label, url) {
	return /^https?:\/\//i.test(url) ? `[${label}](${withoutBreaks(url)})` : label;
}
/** An address that can be clicked, shown as it is. */
function autolink(url) {
	return /^https?:\/\//i.test(url) ? `<${withoutBreaks(url)}>` : text(url);
}
/** Text from outside that may end in an address of our own, which stays one that can be clicked; any other is text. */
function textBefore(value, url) {
	if (url === void 0 || !value.endsWith(` ${url}`)) return text(value);
	return `${text(value.slice(0, -url.length))} ${/^https?:\/\/[\w.:/@%?=&-]+$/i.test(url) ? url : autolink(url)}`;
}
/** An address with the characters percent-encoded that would end it in Markdown, or hide in it. */
function withoutBreaks(url) {
	return url.toWellFormed().replace(/[\s<>()[\]\\"`|\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, (one) => /[()]/.test(one) ? `%${one.charCodeAt(0).toString(16)}` : encodeURIComponent(one));
}
/** A code block whose fence is longer than any run of backticks inside; `language` chooses its colours. */
function fenced(lines, language = "") {
	const shown = lines.flatMap((line) => line.split(LINE_BREAK)).map((line) => visible(line.replaceAll("	", "    ")));
	const longest = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
	const fence = "`".repeat(longest + 1);
	return [
		`${fence}${language}`,
		...shown,
		fence
	];
}
/** A table, with a blank line after it; nothing without rows. The cells are Markdown. */
function table(head, rows) {
	if (rows.length === 0) return [];
	const cell = (markdown) => markdown.replace(/(?<!\\)(\\*)\|/g, (_, slashes) => `${slashes}${slashes.length % 2 === 1 ? "\\" : ""}\\|`);
	const row = (cells) => `| ${cells.map(cell).join(" | ")} |`;
	return [
		row(head),
		row(head.map(() => "---")),
		...rows.map(row),
		""
	];
}
// node_modules/leven/index.js
const array = [];
const characterCodeCache = [];
function leven(first, second, options) {
	if (first === second) return 0;
	const maxDistance = options?.maxDistance;
	const swap = first;
	if (first.length > second.length) {
		first = second;
		second = swap;
	}
	let firstLength = first.length;
	let secondLength = second.length;
	while (firstLength > 0 && first.charCodeAt(~-firstLength) === second.charCodeAt(~-secondLength)) {
		firstLength--;
		secondLength--;
	}
	let start = 0;
	while (start < firstLength && first.charCodeAt(start) === second.charCodeAt(start)) start++;
	firstLength -= start;
	secondLength -= start;
	if (maxDistance !== void 0 && secondLength - firstLength > maxDistance) return maxDistance;
	if (firstLength === 0) return maxDistance !== void 0 && secondLength > maxDistance ? maxDistance : secondLength;
	let bCharacterCode;
	let result;
	let temporary;
	let temporary2;
	let index = 0;
	let index2 = 0;
	while (index < firstLength) {
		characterCodeCache[index] = first.charCodeAt(start + index);
		array[index] = ++index;
	}
	while (index2 < secondLength) {
		bCharacterCode = second.charCodeAt(start + index2);
		temporary = index2++;
		result = index2;
		for (index = 0; index < firstLength; index++) {
			temporary2 = bCharacterCode === characterCodeCache[index] ? temporary : temporary + 1;
			temporary = array[index];
			result = array[index] = temporary > result ? temporary2 > result ? result + 1 : temporary2 : temporary2 > temporary ? temporary + 1 : temporary2;
		}
		if (maxDistance !== void 0) {
			let rowMinimum = result;
			for (index = 0; index < firstLength; index++) if (array[index] < rowMinimum) rowMinimum = array[index];
			if (rowMinimum > maxDistance) return maxDistance;
		}
	}
	array.length = firstLength;
	characterCodeCache.length = firstLength;
	return maxDistance !== void 0 && result > maxDistance ? maxDistance : result;
}
function closestMatch(target, candidates, options) {
	if (!Array.isArray(candidates) || candidates.length === 0) return;
	const userMax = options?.maxDistance;
	const targetLength = target.length;
	for (const candidate of candidates) if (candidate === target) return candidate;
	if (userMax === 0) return;
	let best;
	let bestDist = Number.POSITIVE_INFINITY;
	const seen = /* @__PURE__ */ new Set();
	for (const candidate of candidates) {
		if (seen.has(candidate)) continue;
		seen.add(candidate);
		const lengthDiff = Math.abs(candidate.length - targetLength);
		if (lengthDiff >= bestDist) continue;
		if (userMax !== void 0 && lengthDiff > userMax) continue;
		const cap = Number.isFinite(bestDist) ? userMax === void 0 ? bestDist : Math.min(bestDist, userMax) : userMax;
		const distance = cap === void 0 ? leven(target, candidate) : leven(target, candidate, { maxDistance: cap });
		if (userMax !== void 0 && distance > userMax) continue;
		let actualD = distance;
		if (cap !== void 0 && distance === cap && cap === userMax) actualD = leven(target, candidate);
		if (actualD < bestDist) {
			bestDist = actualD;
			best = candidate;
			if (bestDist === 0) break;
		}
	}
	if (userMax !== void 0 && bestDist > userMax) return;
	return best;
}
// src/text/nearest.ts
/** No name that is known is as long. */
const MAX_NAME = 255;
/** The known name that a misspelt one most likely means, or undefined when none is near (a third of its letters may differ). */
function nearest(name, known) {
	const wanted = lettersOf(name);
	if (wanted.length > MAX_NAME) return void 0;
	const names = known.map(lettersOf);
	const found = closestMatch(wanted, names, { maxDistance: Math.floor(wanted.length / 3) });
	return found === void 0 ? void 0 : known[names.indexOf(found)];
}
function lettersOf(name) {
	return name.toLowerCase().replace(/[-_ ]/g, "");
}
// src/text/slug.ts
/** The longest DNS label, and the longest name of a Nomad service (RFC 1123). */
const MAX_LABEL_LENGTH = 63;
/** The longest hostname, in characters and without a dot at its end (RFC 1035). */
const MAX_HOST_LENGTH = 253;
const HASH_LENGTH = 6;
/**
* A DNS label made of any text, as GitLab makes its slugs: lower case, everything outside `a-z0-9` becomes a dash, dashes do not repeat
* and stand neither first nor last. What is longer than `maxLength` characters is cut and ends in a short hash of the whole text, so that two long
* branch names never share a label. Gives an empty string when nothing is left.
*/
function slug(text, maxLength = MAX_LABEL_LENGTH) {
	return cut(text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, ""), text, maxLength);
}
/**
* A name that is made of legal parts, as it is when it has up to `maxLength` characters; else cut, ending in a short hash of the whole. For what is
* put before or after a job id, which may be as long as a label can be: `canary-<label>`, `<job>--<port>`.
*/
function fitLabel(name, maxLength = MAX_LABEL_LENGTH) {
	return cut(name, name, maxLength);
}
/** The hostname beside another one: its first label with a prefix and a suffix, such as `canary-shop-admin.example.com` for `shop.example.com`. */
function hostBeside(host, prefix, suffix = "") {
	const [label = ""] = host.split(".", 1);
	const domain = host.slice(label.length);
	return `${fitLabel(`${prefix}${label}${suffix}`, Math.min(MAX_LABEL_LENGTH, MAX_HOST_LENGTH - domain.length))}${domain}`;
}
/** Why DNS takes no such hostname, as the end of a sentence that begins with the name; undefined when it does. Underscores pass: hosts have them. */
function hostProblem(host) {
	const labels = host.split(".");
	const long = labels.find((label) => label.length > MAX_LABEL_LENGTH);
	if (host.includes("*")) return "is a wildcard; list the names themselves";
	if (labels.includes("")) return "has an empty label: a dot at its beginning or end, or two in a row";
	if (!/^[a-z0-9._-]+$/i.test(host)) return "has characters other than letters, digits and dashes";
	if (long !== void 0) return `has a label of ${long.length} characters; a label has up to ${MAX_LABEL_LENGTH}`;
	if (host.length > MAX_HOST_LENGTH) return `has ${host.length} characters; a hostname has up to ${MAX_HOST_LENGTH}`;
	if (labels.some((label) => /^-|-$/.test(label))) return "has a label that begins or ends with a dash";
	if (/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? "")) return "ends in a number, as IP addresses do and names do not";
}
function cut(label, whole, maxLength) {
	if (label.length <= maxLength) return label;
	const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_LENGTH);
	const head = label.slice(0, Math.max(0, maxLength - HASH_LENGTH - 1)).replace(/(?<!-)-+$/, "");
	return head === "" ? hash.slice(0, maxLength) : `${head}-${hash}`;
}
// src/text/yaml.ts
/** Nomad takes no larger job. */
const MAX_BYTES$1 = 1048576;
/** Words, marks and blanks; a text between quotes or of several lines is one. The parser takes seconds and a gigabyte for twice as many. */
const MAX_TOKENS = 5e5;
/** Values, with those that aliases stand for counted each time. */
const MAX_NODES = 1e5;
const MAX_DEPTH = 100;
const TOO_DEEP = `more than ${MAX_DEPTH} lists and maps within one another`;
/** The most problems that are told of a text. */
const MAX_PROBLEMS = 10;
/** Parses a text. With `failsafe`, scalars are what was written; with `core` they are numbers (whole ones as `bigint`), booleans and null as well. Never throws and prints nothing. */
async function parseYaml(text, schema = "failsafe") {
	const { Lexer, LineCounter, parseDocument } = await import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const lineCounter = new LineCounter();
	const placeOf = (offset) => {
		const { line, col } = lineCounter.linePos(offset);
		return {
			line: Math.max(1, line),
			column: Math.max(1, col)
		};
	};
	const options = {
		schema,
		intAsBigInt: schema === "core",
		prettyErrors: false,
		logLevel: "error",
		uniqueKeys: false,
		lineCounter
	};
	const refused = (words, offset) => {
		const place = offset === 0 ? {
			line: 1,
			column: 1
		} : placeOf(offset);
		return {
			document: parseDocument("", {
				...options,
				lineCounter: new LineCounter()
			}),
			placeOf,
			problems: [{
				text: words,
				...place
			}]
		};
	};
	if (Buffer.byteLength(text) > MAX_BYTES$1) return refused(`more than ${MAX_BYTES$1 / 1024} KiB of YAML`, 0);
	try {
		let tokens = 0;
		for (const _ of new Lexer().lex(text)) if (++tokens > MAX_TOKENS) return refused(`more than ${MAX_TOKENS} words and marks of YAML`, 0);
		const document = parseDocument(text, options);
		const all = [...document.errors, ...document.warnings];
		const deep = all.find(({ message }) => /call stack|stack overflow/i.test(message));
		if (deep !== void 0) return refused(TOO_DEEP, deep.pos[0]);
		const found = all.slice(0, MAX_PROBLEMS).map(({ code, message, pos }) => ({
			text: code === "MULTIPLE_DOCS" ? "a second document begins here, and a file has one" : message,
			offset: pos[0]
		}));
		return {
			document,
			placeOf,
			problems: (found.length > 0 ? found : await measure(document)).map(({ text: words, offset }) => ({
				text: words,
				...placeOf(offset)
			}))
		};
	} catch {
		return refused(TOO_DEEP, 0);
	}
}
/** Parses a text and gives it as plain data, or the first thing that is wrong with it. */
async function yamlData(text, schema) {
	const { document, problems } = await parseYaml(text, schema);
	const [problem] = problems;
	if (problem !== void 0) return { problem };
	return { data: document.toJS({ maxAliasCount: -1 }) };
}
/** Returns the first part of a document that is too large or not allowed. Walks each node once, whatever its aliases stand for. */
async function measure(document) {
	const { isAlias, isMap, isNode, isPair, isScalar, isSeq } = await import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const anchors = /* @__PURE__ */ new Map();
	const open = /* @__PURE__ */ new Set();
	const problems = [];
	const offsetOf = (node) => isNode(node) ? node.range?.[0] ?? 0 : 0;
	const problem = (text, node) => {
		problems.push({
			text,
			offset: offsetOf(node)
		});
		return 0;
	};
	/** The values in a node, with those behind its aliases. */
	const sizeOf = (node, depth) => {
		if (problems.length > 0) return 0;
		if (depth > MAX_DEPTH) return problem(TOO_DEEP, node);
		if (isAlias(node)) return (open.has(node.source) ? void 0 : anchors.get(node.source)) ?? problem(`\`*${node.source}\` stands for nothing that was named before`, node);
		const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : void 0;
		if (anchor !== void 0) open.add(anchor);
		let size = 1;
		const items = isMap(node) || isSeq(node) ? node.items : [];
		for (const item of items) {
			size += isPair(item) ? sizeOf(item.key, depth + 1) + sizeOf(item.value, depth + 1) : sizeOf(item, depth + 1);
			if (size > MAX_NODES) return problem(`more than ${MAX_NODES} values`, node);
		}
		if (isMap(node)) twice(node);
		if (anchor !== void 0) {
			open.delete(anchor);
			anchors.set(anchor, size);
		}
		return size;
	};
	const twice = (map) => {
		const known = /* @__PURE__ */ new Set();
		for (const { key } of map.items) {
			if (!isScalar(key)) continue;
			if (known.has(key.value)) problem("Map keys must be unique", key);
			known.add(key.value);
		}
	};
	sizeOf(document.contents, 0);
	return problems.slice(0, 1);
}
// src/text/yaml-tree.ts
/** Reads YAML (and JSON, which is YAML) with the place of each value. What is wrong with it goes to `problems`; an empty file is an empty map. */
async function readTree(text, file, problems, origin) {
	const [{ isAlias, isMap, isScalar, isSeq }, { document, placeOf: lineOf, problems: found }] = await Promise.all([import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1)), parseYaml(text)]);
	const from = origin === void 0 ? {} : { origin };
	const placeOf = (offset) => ({
		file,
		...lineOf(offset),
		...from
	});
	for (const { text: words, line, column } of found) problems.push({
		text: words,
		at: {
			file,
			line,
			column,
			...from
		}
	});
	const offsetOf = (node) => isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] ?? void 0 : void 0;
	const read = (node, otherwise) => {
		const offset = offsetOf(node);
		const at = offset === void 0 ? otherwise : placeOf(offset);
		if (isAlias(node)) return {
			...read(anchors.get(node.source), at),
			at
		};
		if (isMap(node) || isSeq(node) || isScalar(node)) {
			if (node.anchor !== void 0) anchors.set(node.anchor, node);
		}
		if (isSeq(node)) return {
			kind: "list",
			at,
			items: node.items.map((item) => read(item, at))
		};
		if (isMap(node)) return {
			kind: "map",
			at,
			entries: node.items.map(({ key, value }) => {
				const keyAt = placeOf(offsetOf(key) ?? offset ?? 0);
				return {
					key: isScalar(key) && typeof key.value === "string" ? key.value : "",
					at: keyAt,
					value: read(value, keyAt)
				};
			})
		};
		return {
			kind: "text",
			at,
			text: isScalar(node) && typeof node.value === "string" ? node.value : ""
		};
	};
	const anchors = /* @__PURE__ */ new Map();
	const start = {
		file,
		line: 1,
		column: 1,
		...from
	};
	if (document.contents === null || problems.length > 0) return {
		kind: "map",
		at: start,
		entries: []
	};
	return read(document.contents, start);
}
/** The value as plain data: texts, lists and objects. */
function dataOf(tree) {
	if (tree.kind === "text") return tree.text;
	if (tree.kind === "list") return tree.items.map(dataOf);
	return Object.fromEntries(tree.entries.map(({ key, value }) => [key, dataOf(value)]));
}
/** The place as people write it: `nomad-deploy.yml:4:7`, `nomad-deploy.yml:4:7 of main at 1a2b3c4`. */
function placeText({ file, line, column, origin }) {
	return `${file}:${line}:${column}${ofOrigin(origin)}`;
}
/** The place as the source of a value: file and line. */
function sourceText({ file, line, origin }) {
	return `${file}:${line}${ofOrigin(origin)}`;
}
/** The place for an annotation; undefined where the file is not the checkout's, since GitHub would show that line of another file. */
function locationOf({ file, line, column, origin }) {
	return origin === void 0 ? {
		file,
		line,
		column
	} : void 0;
}
function ofOrigin(origin) {
	return origin === void 0 ? "" : ` of ${origin}`;
}
// src/github/context.ts
/**
* Reads the context from the runner's default variables and the event payload. `heads` are the checked-out commits, none where unknown. `ofDefault` are known
* commits of the default branch from GitHub: its last one, and that of the followed run.
* Throws `input-invalid` when a variable that GitHub always sets is missing.
* See https://docs.github.com/actions/reference/workflows-and-actions/variables
*/
function readContext(env, event, heads = [], ofDefault = []) {
	const repository = needed(env, "GITHUB_REPOSITORY");
	const runId = env["GITHUB_RUN_ID"] || "0";
	const server = env["GITHUB_SERVER_URL"] || "https://github.com";
	const eventName = env["GITHUB_EVENT_NAME"] || "";
	const { ref, refType } = refOf(env, event, eventName);
	const number = valueAt(event, "pull_request", "number");
	const sha = env["GITHUB_SHA"] || "";
	const defaultBranch = textAt(event, "repository", "default_branch") ?? (eventName === "schedule" ? ref : void 0);
	const followedSha = eventName === "workflow_run" ? textAt(event, "workflow_run", "head_sha") : void 0;
	const terminal = eventName === "" ? localState(event) : void 0;
	const named = [
		sha,
		textAt(event, "pull_request", "head", "sha"),
		followedSha,
		...ref === defaultBranch ? ofDefault : []
	];
	const about = {
		repository,
		ref,
		refType,
		sha,
		headSha: textAt(event, "pull_request", "head", "sha") ?? sha,
		baseSha: baseOf(event, eventName),
		pullRequest: eventName.startsWith("pull_request") && typeof number === "number" ? number : void 0,
		defaultBranch,
		...sourceOf(event, eventName, repository),
		followsDefault: ref === defaultBranch && followedSha !== void 0 && [sha, ...ofDefault].includes(followedSha),
		followedSha,
		eventName,
		actor: env["GITHUB_ACTOR"] || "",
		runId,
		runNumber: env["GITHUB_RUN_NUMBER"] || runId,
		runAttempt: env["GITHUB_RUN_ATTEMPT"] || "1",
		runUrl: terminal === void 0 ? `${server}/${repository}/actions/runs/${runId}` : void 0,
		repositoryUrl: `${server}/${repository}`,
		...terminal === void 0 ? {} : { terminal },
		ownerType: textAt(event, "repository", "owner", "type"),
		apiUrl: env["GITHUB_API_URL"] || "https://api.github.com",
		checkout: heads.length === 0 ? "unknown" : heads.every((head) => head !== "" && named.includes(head)) ? "event" : "other"
	};
	return {
		...about,
		isDefaultCheckout: isDefaultCheckout(about)
	};
}
/** Returns the state of the checkout, which the terminal program passes on as a part of its event. */
function localState(event) {
	if (typeof valueAt(event, "terminal") !== "object") return void 0;
	const is = (name) => valueAt(event, "terminal", name) === true;
	return {
		changed: is("changed"),
		pushed: is("pushed"),
		isDefault: is("isDefault")
	};
}
/** Returns an environment variable that GitHub always sets. Throws `input-invalid` when it is missing. */
function needed(env, name) {
	const value = env[name];
	if (value === void 0 || value === "") throw new ActionError("input-invalid", `the environment variable ${name} is not set`, { hint: `GitHub sets ${name} in every workflow. Outside of GitHub, set ${name} yourself.` });
	return value;
}
/**
* Returns the branch or tag of the run. GITHUB_REF_NAME is no branch of the code in some events: for a pull request it is `7/merge` (and its reviews have no
* GITHUB_HEAD_REF), for `workflow_run` and `delete` it is the default branch.
*/
function refOf(env, event, eventName) {
	const branch = eventName === "workflow_run" ? textAt(event, "workflow_run", "head_branch") : env["GITHUB_HEAD_REF"] || (eventName.startsWith("pull_request") ? textAt(event, "pull_request", "head", "ref") : void 0);
	if (branch !== void 0) return {
		ref: branch,
		refType: "branch"
	};
	const deleted = eventName === "delete" ? textAt(event, "ref") : void 0;
	const tagged = deleted === void 0 ? env["GITHUB_REF_TYPE"] === "tag" || env["GITHUB_REF"]?.startsWith("refs/tags/") === true : textAt(event, "ref_type") === "tag";
	return {
		ref: deleted ?? needed(env, "GITHUB_REF_NAME"),
		refType: tagged ? "tag" : "branch"
	};
}
/** Returns the repository of the code. Other events than pull requests and `workflow_run` do not name it. */
function sourceOf(event, eventName, repository) {
	const path = eventName === "workflow_run" ? ["workflow_run", "head_repository"] : isPullRequest(event) ? [
		"pull_request",
		"head",
		"repo"
	] : void 0;
	const headRepository = path === void 0 ? void 0 : textAt(event, ...path, "full_name");
	return {
		fromFork: path !== void 0 && headRepository?.toLowerCase() !== repository.toLowerCase(),
		headRepository
	};
}
/** Returns the page of the attempt of a run; in a terminal that of the repository. */
function runPage({ runUrl, runAttempt, repositoryUrl }) {
	return runUrl === void 0 ? repositoryUrl : `${runUrl}/attempts/${runAttempt}`;
}
/** Returns whether the checkout of a run is the default branch's. */
function onDefaultBranch(context) {
	return context.isDefaultCheckout;
}
/**
* Returns whether the checkout is proven to be the default branch's (`main` or `master` where the event does not name it). For a push, actions/checkout takes the
* pushed commit by default. A schedule or `workflow_dispatch` often checks out another ref, so HEAD must be known. Other events prove nothing: their GITHUB_REF
* is the default branch, whatever is checked out.
*/
function isDefaultCheckout({ terminal, ...context }) {
	const { ref, refType, defaultBranch, fromFork, eventName, checkout } = context;
	if (terminal !== void 0) return terminal.isDefault;
	if (fromFork || refType !== "branch") return false;
	if (defaultBranch === void 0 ? ref !== "main" && ref !== "master" : ref !== defaultBranch) return false;
	if (eventName === "push") return checkout !== "other";
	return (eventName === "schedule" || eventName === "workflow_dispatch") && checkout === "event";
}
/** Returns the base commit of an event. A push of a new branch has zeros, and so no base. */
function baseOf(event, eventName) {
	const sha = eventName.startsWith("pull_request") ? textAt(event, "pull_request", "base", "sha") : eventName === "merge_group" ? textAt(event, "merge_group", "base_sha") : eventName === "push" ? textAt(event, "before") : void 0;
	return sha !== void 0 && /^[0-9a-f]{40,64}$/.test(sha) && !/^0+$/.test(sha) ? sha : void 0;
}
function isPullRequest(event) {
	return typeof event === "object" && event !== null && "pull_request" in event;
}
// src/inputs/commands.ts
/**
* All commands: where each is offered (in a workflow, by the input `command`, and in the terminal program), and its meaning as the end of a sentence. The folder
* `commands/` does them.
*/
const COMMAND_WORDS = {
	init: { offered: "both" },
	deploy: { offered: "both" },
	plan: { offered: "both" },
	rehearse: { offered: "both" },
	render: { offered: "both" },
	lint: { offered: "both" },
	build: { offered: "both" },
	dispatch: { offered: "both" },
	stop: { offered: "both" },
	promote: { offered: "both" },
	lock: { offered: "both" },
	unlock: { offered: "both" },
	reject: { offered: "both" },
	pause: { offered: "both" },
	resume: { offered: "both" },
	revert: { offered: "both" },
	scale: { offered: "both" },
	restart: { offered: "both" },
	status: { offered: "both" },
	doctor: { offered: "both" },
	logs: { offered: "both" },
	sweep: { offered: "both" },
	ssh: { offered: "terminal" },
	cp: { offered: "terminal" },
	tunnel: { offered: "terminal" },
	resubmit: { offered: "terminal" },
	history: { offered: "both" },
	open: { offered: "terminal" },
	top: { offered: "terminal" },
	login: { offered: "terminal" },
	setup: { offered: "terminal" },
	completion: { offered: "terminal" },
	urls: { offered: "terminal" }
};
const commands = keysOf(COMMAND_WORDS);
/** The commands that a workflow can name. */
const actionCommands = commands.filter((name) => COMMAND_WORDS[name].offered === "both");
// src/inputs/table/basics.ts
const BASICS = {
	command: {
		of: "run",
		type: "choice",
		values: commands,
		default: "deploy",
		instead: "the workflow gives the input `command`"
	},
	config: {
		of: "run",
		type: "text",
		own: true,
		instead: "the workflow names the file, with the input `config`"
	},
	"config-from": {
		of: "run",
		type: "choice",
		values: ["default-branch", "checkout"],
		default: "default-branch",
		instead: "the workflow decides whose file counts, with the input `config-from`"
	},
	app: {
		of: "run",
		type: "words",
		own: true,
		instead: "the workflow selects apps, with the input `app`; the file lists them as `apps`"
	},
	"working-directory": {
		of: "job",
		type: "text",
		default: ".",
		from: "any"
	}
};
// src/inputs/table/reasons.ts
const SECRET = "no secret belongs in a file of the repository";
const ONE_RUN = "the value is for a single run";
// src/inputs/table/cluster.ts
const CLUSTER = {
	"nomad-addr": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_ADDR"]
	},
	"nomad-token": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: set NOMAD_TOKEN, or \`token-env\` of an environment`,
		variables: [
			"NOMAD_TOKEN_PROD",
			"NOMAD_TOKEN_STAGING",
			"NOMAD_TOKEN"
		],
		secret: "whole"
	},
	"nomad-auth-method": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"nomad-auth-audience": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"nomad-auth-selector": {
		of: "run",
		type: "list",
		from: "default-branch"
	},
	"nomad-namespace": {
		of: "job",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_VAR_NAMESPACE", "NOMAD_NAMESPACE"]
	},
	"nomad-region": {
		of: "run",
		type: "text",
		from: "default-branch",
		variables: ["NOMAD_REGION"]
	},
	"nomad-cacert": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_CACERT"]
	},
	"nomad-client-cert": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_CLIENT_CERT"]
	},
	"nomad-client-key": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_CLIENT_KEY"],
		secret: "parts"
	},
	"nomad-tls-server-name": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_TLS_SERVER_NAME"]
	},
	"nomad-skip-verify": {
		of: "run",
		type: "boolean",
		own: true,
		default: "false",
		from: "default-branch",
		variables: ["NOMAD_SKIP_VERIFY"]
	},
	"nomad-headers": {
		of: "run",
		type: "map",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_HTTP_AUTH"],
		secret: "parts"
	},
	"nomad-via": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"nomad-via-key": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: give the input \`nomad-via-key\``,
		secret: "parts"
	},
	"nomad-via-known-hosts": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"consul-addr": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["CONSUL_HTTP_ADDR"]
	},
	"consul-token": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: set CONSUL_HTTP_TOKEN`,
		variables: ["CONSUL_HTTP_TOKEN"],
		secret: "whole"
	}
};
// src/inputs/table/image.ts
const IMAGE = {
	build: {
		of: "image",
		type: "boolean or auto",
		default: "auto",
		from: "any"
	},
	image: {
		of: "image",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"image-variables": {
		of: "image",
		type: "map",
		own: true,
		from: "any"
	},
	context: {
		of: "image",
		type: "text",
		default: ".",
		from: "any"
	},
	file: {
		of: "image",
		type: "text",
		own: true,
		from: "any",
		variables: ["NOMAD_VAR_BUILD_DEPLOY"]
	},
	target: {
		of: "image",
		type: "text",
		own: true,
		from: "any"
	},
	"build-args": {
		of: "image",
		type: "pairs",
		own: true,
		from: "any"
	},
	"build-secrets": {
		of: "image",
		type: "list",
		own: true,
		from: "default-branch",
		variables: ["NOMAD_BUILD_SECRET_<NAME>", "NOMAD_BUILD_SECRETS"],
		secret: "parts"
	},
	ssh: {
		of: "image",
		type: "list",
		own: true,
		from: "default-branch",
		secret: "parts"
	},
	platforms: {
		of: "image",
		type: "list",
		own: true,
		from: "any"
	},
	tags: {
		of: "image",
		type: "list",
		own: true,
		from: "default-branch"
	},
	labels: {
		of: "image",
		type: "pairs",
		own: true,
		from: "default-branch"
	},
	"cache-from": {
		of: "image",
		type: "list",
		own: true,
		from: "default-branch"
	},
	"cache-to": {
		of: "image",
		type: "list",
		own: true,
		from: "default-branch"
	},
	pull: {
		of: "image",
		type: "boolean",
		default: "false",
		from: "any"
	},
	"no-cache": {
		of: "image",
		type: "boolean",
		default: "false",
		from: "any"
	},
	provenance: {
		of: "image",
		type: "boolean or text",
		own: true,
		from: "any"
	},
	attestation: {
		of: "run",
		type: "text",
		own: true,
		only: ["deploy"],
		instead: ONE_RUN
	},
	sbom: {
		of: "image",
		type: "boolean or text",
		own: true,
		from: "any"
	},
	builder: {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["BUILDX_BUILDER"]
	},
	push: {
		of: "run",
		type: "boolean",
		default: "true",
		from: "default-branch"
	},
	test: {
		of: "image",
		type: "command",
		own: true,
		from: "any"
	},
	"test-env": {
		of: "image",
		type: "pairs",
		own: true,
		from: "default-branch"
	},
	scan: {
		of: "image",
		type: "text",
		own: true,
		from: "default-branch"
	},
	registry: {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"registry-username": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["GITHUB_ACTOR"]
	},
	"registry-password": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: give the input \`registry-password\``,
		secret: "whole"
	},
	"registry-auth": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: give the input \`registry-auth\``,
		secret: "parts"
	}
};
// src/inputs/choices.ts
/** The environments that exist without a configuration file. */
const environments = [
	"production",
	"staging",
	"main",
	"review"
];
/**
* The words of `allow-untrusted-events`: code from a fork, and the events that get the repository's secrets although a stranger can cause them, or can have
* written their subject. `fork` is also the event of that name.
* See https://docs.github.com/actions/reference/security/secure-use and docs/threat-model.md
*/
const untrustedEvents = [
	"fork",
	"pull_request_target",
	"workflow_run",
	"issue_comment",
	"issues",
	"discussion",
	"discussion_comment",
	"watch",
	"gollum",
	"check_run",
	"check_suite",
	"status"
];
// src/inputs/table/job.ts
const JOB = {
	job: {
		of: "job",
		type: "list",
		own: true,
		from: "any"
	},
	"var-files": {
		of: "job",
		type: "list",
		from: "any"
	},
	"allowed-drivers": {
		of: "job",
		type: "words",
		from: "default-branch"
	},
	"lint-off": {
		of: "job",
		only: ["lint"],
		type: "words",
		from: "any"
	},
	"allow-untrusted-events": {
		of: "run",
		type: "words",
		own: true,
		values: untrustedEvents,
		instead: "a stranger could write it into the file; the workflow gives the input `allow-untrusted-events`"
	}
};
const SECRETS = { secrets: {
	of: "run",
	type: "map",
	own: true,
	instead: `${SECRET}: give the input \`secrets\`, or NOMAD_SECRET_<NAME>`,
	variables: ["NOMAD_SECRET_<NAME>", "NOMAD_SECRETS"],
	secret: "parts"
} };
// src/inputs/table/reporting.ts
const REPORTING = {
	"log-lines": {
		of: "job",
		type: "number",
		default: "50",
		from: "any"
	},
	summary: {
		of: "run",
		type: "boolean",
		default: "true",
		from: "any"
	},
	"webhook-url": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: give the input \`webhook-url\``,
		secret: "whole"
	},
	"webhook-on": {
		of: "run",
		type: "choice",
		own: true,
		values: ["always", "failure"],
		default: "always",
		from: "any"
	},
	"github-token": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: give the input \`github-token\``,
		expression: "${{ github.token }}",
		variables: ["GITHUB_TOKEN"],
		secret: "whole"
	},
	"github-deployment": {
		of: "run",
		type: "boolean or auto",
		default: "auto",
		from: "any"
	},
	comment: {
		of: "run",
		type: "boolean or auto",
		default: "auto",
		from: "any"
	},
	"approved-plan": {
		of: "run",
		type: "list",
		own: true,
		instead: "a plan is approved for one run: give the input `approved-plan`"
	},
	expect: {
		of: "run",
		type: "choice",
		values: ["no-changes"],
		instead: "the workflow decides the purpose of a run, with the input `expect`"
	},
	"drift-issue": {
		of: "run",
		type: "boolean",
		default: "false",
		from: "any"
	}
};
// src/inputs/table/rollout.ts
const ROLLOUT = {
	wait: {
		of: "job",
		type: "boolean",
		default: "true",
		from: "any"
	},
	timeout: {
		of: "job",
		type: "text",
		own: true,
		from: "any"
	},
	"fail-fast": {
		of: "job",
		type: "choice",
		own: true,
		values: ["certain", "off"],
		default: "certain",
		from: "any"
	},
	promote: {
		of: "job",
		type: "choice",
		values: [
			"auto",
			"manual",
			"verify"
		],
		from: "any"
	},
	lock: {
		of: "run",
		type: "choice",
		values: [
			"wait",
			"fail",
			"off"
		],
		default: "off",
		from: "default-branch"
	},
	"replace-canaries": {
		of: "run",
		only: ["deploy", "resubmit"],
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	"blue-green": {
		of: "job",
		type: "boolean",
		default: "false",
		from: "any"
	},
	verify: {
		of: "job",
		type: "checks",
		own: true,
		from: "any"
	},
	"prometheus-addr": {
		of: "run",
		type: "text",
		own: true,
		from: "default-branch"
	},
	"prometheus-token": {
		of: "run",
		type: "text",
		own: true,
		instead: `${SECRET}: set PROMETHEUS_TOKEN`,
		variables: ["PROMETHEUS_TOKEN"],
		secret: "whole"
	},
	"watch-for": {
		of: "job",
		type: "text",
		own: true,
		from: "any"
	},
	"pre-deploy": {
		of: "job",
		type: "hook",
		own: true,
		from: "any"
	},
	"post-deploy": {
		of: "job",
		type: "hook",
		own: true,
		from: "any"
	},
	"on-failure": {
		of: "job",
		type: "choice",
		values: [
			"spec",
			"revert",
			"leave"
		],
		default: "spec",
		from: "any"
	},
	"on-cancel": {
		of: "job",
		type: "choice",
		values: ["leave", "fail"],
		default: "leave",
		from: "any"
	},
	"on-placement-failure": {
		of: "job",
		type: "text",
		own: true,
		default: "2m",
		from: "any"
	},
	tag: {
		of: "run",
		type: "text",
		own: true,
		instead: ONE_RUN
	},
	"keep-releases": {
		of: "job",
		type: "number",
		default: "10",
		from: "default-branch"
	},
	"preserve-counts": {
		of: "job",
		type: "boolean",
		from: "any"
	},
	waves: {
		of: "run",
		type: "waves",
		own: true,
		from: "default-branch"
	},
	"wave-bake": {
		of: "run",
		only: [
			"deploy",
			"plan",
			"render"
		],
		type: "text",
		own: true,
		from: "any"
	},
	"all-or-nothing": {
		of: "run",
		only: [
			"deploy",
			"plan",
			"render"
		],
		type: "boolean",
		default: "false",
		from: "any"
	}
};
// src/inputs/table/single.ts
const SINGLE = {
	group: {
		of: "run",
		only: [
			"scale",
			"restart",
			"promote",
			"logs",
			"ssh",
			"cp",
			"tunnel",
			"top"
		],
		type: "text",
		instead: ONE_RUN
	},
	task: {
		of: "run",
		only: [
			"restart",
			"logs",
			"ssh",
			"cp",
			"tunnel",
			"top"
		],
		type: "text",
		instead: ONE_RUN
	},
	reason: {
		of: "run",
		only: ["lock", "resubmit"],
		type: "text",
		instead: ONE_RUN
	},
	until: {
		of: "run",
		only: ["lock"],
		type: "text",
		own: true,
		instead: ONE_RUN
	},
	format: {
		of: "run",
		only: ["render"],
		type: "choice",
		values: ["json", "hcl"],
		instead: ONE_RUN
	},
	count: {
		of: "run",
		only: ["scale"],
		type: "number",
		instead: ONE_RUN
	},
	to: {
		of: "run",
		only: ["revert"],
		type: "text",
		own: true,
		instead: ONE_RUN
	},
	"only-if-deployment-running": {
		of: "run",
		only: [
			"promote",
			"reject",
			"pause",
			"resume",
			"revert"
		],
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	purge: {
		of: "run",
		only: ["stop", "sweep"],
		type: "boolean",
		instead: ONE_RUN
	},
	ttl: {
		of: "run",
		only: ["sweep"],
		type: "text",
		own: true,
		from: "default-branch"
	},
	follow: {
		of: "run",
		only: ["logs"],
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	"dry-run": {
		of: "run",
		type: "boolean",
		default: "true",
		instead: ONE_RUN
	},
	meta: {
		of: "run",
		only: ["dispatch"],
		type: "map",
		own: true,
		instead: ONE_RUN
	},
	payload: {
		of: "run",
		only: ["dispatch"],
		type: "text",
		own: true,
		instead: ONE_RUN
	},
	"periodic-force": {
		of: "run",
		only: ["deploy"],
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	}
};
// src/inputs/table/target.ts
const TARGET = {
	environment: {
		of: "run",
		type: "choice",
		own: true,
		values: environments,
		instead: "`environments` assigns branches to environments; the workflow overrides that with the input `environment`"
	},
	cluster: {
		of: "run",
		type: "words",
		own: true,
		instead: "`waves` names the clusters of a deploy; the workflow selects some of them with the input `cluster`"
	},
	"base-domain": {
		of: "job",
		type: "text",
		own: true,
		from: "default-branch",
		variables: ["BASE_DOMAIN"]
	},
	"job-name": {
		of: "job",
		type: "text",
		from: "default-branch"
	},
	vars: {
		of: "job",
		type: "map",
		own: true,
		from: "any",
		variables: ["NOMAD_VAR_<NAME>"]
	}
};
// src/inputs/table/terminal.ts
/** The options of commands that only the terminal program has. */
const TERMINAL = {
	alloc: {
		of: "run",
		only: [
			"ssh",
			"cp",
			"tunnel",
			"logs",
			"top"
		],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	program: {
		of: "run",
		only: ["ssh"],
		terminal: true,
		type: "command",
		own: true,
		instead: ONE_RUN
	},
	source: {
		of: "run",
		only: ["cp"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	destination: {
		of: "run",
		only: ["cp"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	forward: {
		of: "run",
		only: ["tunnel"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	"helper-image": {
		of: "run",
		only: ["tunnel"],
		terminal: true,
		type: "text",
		default: "busybox:1.37",
		instead: ONE_RUN
	},
	since: {
		of: "run",
		only: ["logs"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	grep: {
		of: "run",
		only: ["logs"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	watch: {
		of: "run",
		only: ["status", "top"],
		terminal: true,
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	all: {
		of: "run",
		only: ["status"],
		terminal: true,
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	"auth-method": {
		of: "run",
		only: ["login"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	bind: {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "list",
		instead: ONE_RUN
	},
	features: {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "words",
		instead: ONE_RUN
	},
	"repository-id": {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	"create-namespace": {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	output: {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "choice",
		values: ["hcl"],
		instead: ONE_RUN
	},
	remove: {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	},
	claims: {
		of: "run",
		only: ["setup"],
		terminal: true,
		type: "text",
		instead: ONE_RUN
	},
	"shell-name": {
		of: "run",
		only: ["completion"],
		terminal: true,
		type: "choice",
		values: [
			"bash",
			"zsh",
			"fish"
		],
		instead: ONE_RUN
	},
	site: {
		of: "run",
		only: ["open"],
		terminal: true,
		type: "boolean",
		default: "false",
		instead: ONE_RUN
	}
};
/**
* All inputs: their names, types and defaults, action.yml, the inputs of the reusable workflow, the keys and the JSON Schema of the configuration file, the
* settings list and the reference come from this table.
*/
const INPUTS = {
	...BASICS,
	...CLUSTER,
	...TARGET,
	...IMAGE,
	...JOB,
	...SECRETS,
	...ROLLOUT,
	...REPORTING,
	...SINGLE,
	...TERMINAL
};
/** The names of all inputs, and after them of the options that only the terminal program has. */
const optionNames = keysOf(INPUTS);
/** The names of all inputs of the action, in the order of action.yml. */
const inputNames = optionNames.filter((name) => INPUTS[name].terminal !== true);
const isInput = (name) => Object.hasOwn(INPUTS, name);
// src/inputs/fingerprint.ts
/** Returns a fingerprint as text: `v1.<spec>.<modify index>.<actions>`. */
function fingerprintText({ spec, index, actions }) {
	return `v1.${spec}.${index}.${actions}`;
}
/** Reads a fingerprint; undefined for any other text. */
function parseFingerprint(text) {
	const [, spec, index, actions] = /^v1\.([0-9a-f]{32})\.(\d{1,15})\.([0-9a-f]{16})$/.exec(text) ?? [];
	return spec === void 0 || index === void 0 || actions === void 0 ? void 0 : {
		spec,
		index: Number(index),
		actions
	};
}
// src/inputs/values.ts
function oneOf(name, value, known) {
	const found = known.find((candidate) => candidate === value);
	if (found !== void 0) return found;
	const near = nearest(value, known);
	throw new Error(`\`${name}\`: ${JSON.stringify(value)} is not one of ${known.join(", ")}${near === void 0 ? "" : `; did you mean \`${near}\`?`}`);
}
function parseBoolean(name, value) {
	if (value === void 0) return void 0;
	if (/^(true|yes|on|1)$/i.test(value)) return true;
	if (/^(false|no|off|0)$/i.test(value)) return false;
	throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither true nor false`);
}
function parseCount(name, value) {
	if (value === void 0) return void 0;
	if (!/^\d{1,6}$/.test(value)) throw new Error(`\`${name}\`: ${JSON.stringify(value)} is not a whole number, such as 50`);
	return Number(value);
}
/** Reads the name of a tag. Nomad takes no slash, and `revert` tells tags from numbers of versions. */
function parseTag(value) {
	if (value === void 0) return void 0;
	const problem = /^\d+$/.test(value) ? "is the number of a version for `revert`" : /^[A-Za-z0-9_][\w.+~-]{0,127}$/.test(value) ? void 0 : "is no name for a tag of Nomad: up to 128 letters, digits and the characters . _ + ~ -, without a slash";
	if (problem !== void 0) throw new Error(`\`tag\`: ${JSON.stringify(value)} ${problem}; an example is v1.2.3`);
	return value;
}
/** Reads the goal of a rollback: the number of a version, a tag, a commit, or `-1`. */
function parseGoal(value) {
	if (value === void 0 || value === "-1" || !/^-|[\s/]/.test(value)) return value;
	throw new Error(`\`to\`: ${JSON.stringify(value)} is neither the number of a version, such as 3, nor a tag, a commit, or -1 for the release before the serving one`);
}
/** Reads a time in days (`14d`) or any other duration, in milliseconds. */
function parseTtl(value) {
	if (value === void 0) return void 0;
	const days = /^(\d{1,4})d$/.exec(value)?.[1];
	const ttlMs = (days === void 0 ? parseDuration(value) : Number(days) * 864e5) ?? 0;
	if (ttlMs <= 0) throw new Error(`\`ttl\`: ${JSON.stringify(value)} is not a duration, such as 14d or 36h`);
	return ttlMs;
}
/** Reads the end of a freeze: milliseconds from now, or since the epoch. A time without a zone would mean another one on each runner. */
function parseUntil(value) {
	if (value === void 0) return void 0;
	const days = /^(\d{1,4})d$/.exec(value)?.[1];
	const forMs = days === void 0 ? parseDuration(value) : Number(days) * 864e5;
	if (forMs !== void 0 && forMs > 0) return { forMs };
	const atMs = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value) ? parseTime(value) : NaN;
	if (Number.isNaN(atMs)) throw new Error(`\`until\`: ${JSON.stringify(value)} is neither a time, such as 2026-12-24T18:00Z, nor a duration, such as 3d or 90m`);
	return { atMs };
}
function parseTimeout(value) {
	if (value === void 0) return void 0;
	const timeoutMs = parseDuration(value) ?? 0;
	if (timeoutMs <= 0) throw new Error(`\`timeout\`: ${JSON.stringify(value)} is not a duration, such as 90s or 15m`);
	return timeoutMs;
}
/** Long enough for a cluster that scales up, short enough to wait for. */
const PLACEMENT_PATIENCE_MS = 12e4;
function parsePatience(name, value) {
	if (value === void 0) return PLACEMENT_PATIENCE_MS;
	if (value === "fail") return 0;
	if (value === "wait") return Number.POSITIVE_INFINITY;
	const patienceMs = parseDuration(value);
	if (patienceMs === void 0 || patienceMs < 0) throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither \`fail\`, \`wait\` nor a duration, such as 5m`);
	return patienceMs;
}
function parseAddress(value) {
	if (value === void 0) return void 0;
	if (value.startsWith("unix:")) {
		if (!/^unix:\/\/\/[^?#]+$/.test(value)) throw new Error("`nomad-addr` is not the path of a socket, such as unix:///run/nomad/api.sock");
		return value;
	}
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (url === void 0 || !/^https?:$/.test(url.protocol) || url.hostname === "") throw new Error("`nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646");
	return value.replace(/(?<!\/)\/+$/, "");
}
/**
* Reads the address of an attestation, which needs an image by digest: an attestation is about one digest. See
* https://docs.github.com/actions/how-tos/secure-your-work/use-artifact-attestations/use-artifact-attestations
*/
function parseAttestationUrl(value, image) {
	if (value === void 0) return void 0;
	if (!isAttestationUrl(value)) throw new Error("`attestation` is not the address of an attestation, such as https://github.com/acme/shop/attestations/42: give the output `attestation-url` of actions/attest");
	if (parseReference(image ?? "")?.digest === void 0) throw new Error("`attestation` is given without an `image` by digest: give the output `image` of `command: build`");
	return value;
}
/** Reads the address of Prometheus, to which the path of its API is added. */
function parsePrometheus(value) {
	if (value === void 0) return void 0;
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (url === void 0 || !/^https?:\/\//.test(value) || url.search !== "" || url.hash !== "") throw new Error("`prometheus-addr` is not an address of Prometheus, such as https://prometheus.example.com");
	if (url.username !== "" || url.password !== "") throw new Error("`prometheus-addr` has a user or password; give `prometheus-token`, also as `user:password`");
	return value.replace(/(?<!\/)\/+$/, "");
}
/** Reads the address of Consul. Without a scheme it is one of HTTP, as for Consul's own programs. */
function parseConsul(value) {
	if (value === void 0) return void 0;
	const whole = /^[a-z]+:\/\//i.test(value) ? value : `http://${value}`;
	const url = URL.canParse(whole) ? new URL(whole) : void 0;
	if (url === void 0 || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") throw new Error("`consul-addr` is not an address of Consul, such as https://consul.example.com:8501");
	if (url.username !== "" || url.password !== "") throw new Error("`consul-addr` has a user or password; give `consul-token`");
	return whole.replace(/(?<!\/)\/+$/, "");
}
/** Reads the address of a web hook. Problems never quote it, since the address is a credential. */
function parseWebhook(value) {
	if (value === void 0 || URL.canParse(value) && /^https?:\/\//.test(value)) return value;
	throw new Error("`webhook-url` is not an address, such as https://hooks.slack.com/services/…");
}
function parseDomain(value) {
	if (value === void 0) return void 0;
	const problem = value.includes("_") ? "has characters other than letters, digits and dashes" : hostProblem(value);
	if (problem !== void 0) throw new Error(`\`base-domain\`: ${JSON.stringify(value)} is not a domain, such as apps.example.com: it ${problem}`);
	return value.toLowerCase();
}
/**
* Reads a map of `NAME=value` lines, of YAML or of JSON. Scalars keep their text byte for byte (`0123`, `yes`); lists and maps within become JSON text. `names`
* is the regular expression of the names before the `=`.
*/
async function readMap(name, value, problems, names = "[A-Za-z_][A-Za-z0-9_]*") {
	if (value === void 0 || value.trim() === "") return {};
	const lines = value.split(/\r?\n/).filter((line) => line.trim() !== "");
	const isPair = new RegExp(`^\\s*${names}=`);
	if (lines.every((line) => isPair.test(line))) return Object.fromEntries(lines.map((line) => {
		const at = line.indexOf("=");
		return [line.slice(0, at).trim(), line.slice(at + 1)];
	}));
	const read = await yamlData(value);
	const parsed = "data" in read ? read.data : void 0;
	if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return Object.fromEntries(Object.entries(parsed).map(([key, item]) => [key, typeof item === "string" ? item : JSON.stringify(item ?? "")]));
	problems.push(`\`${name}\` is neither NAME=value lines nor a YAML or JSON map; write a value of several lines as \`NAME: |\`, indented below`);
	return {};
}
/** The user and password of an address, also of an invalid one. */
const USER_INFO = /^(\w+:\/\/)([^/?#]*)@/;
/** Returns an address without its user, and the user as `user:password`. Throws for a percent sign that begins no escape. */
function splitCredentials(name, value) {
	const [, , userInfo] = USER_INFO.exec(value ?? "") ?? [];
	if (value === void 0 || userInfo === void 0) return [value, void 0];
	try {
		const [user = "", ...password] = userInfo.split(":");
		return [value.replace(USER_INFO, "$1"), [user, password.join(":")].map(decodeURIComponent).join(":")];
	} catch {
		throw new Error(`\`${name}\`: the user or password has a % that begins no escape; write %25`);
	}
}
/** Returns the secrets of an address, escaped and unescaped: the password (the user where there is none), and both together. */
function passwordsIn(address) {
	const [, , userInfo = ""] = USER_INFO.exec(address.trim()) ?? [];
	const [user = "", ...rest] = userInfo.split(":");
	const written = rest.length === 0 ? [user] : [rest.join(":"), userInfo];
	const meant = written.map((text) => text.replaceAll(/(%[\da-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString()));
	return [.../* @__PURE__ */ new Set([...written, ...meant])].filter((text) => text !== "");
}
/** Reads the address of a proxy. */
function parseProxy(name, value) {
	if (value === void 0) return void 0;
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (url === void 0 || url.hostname === "" || !/^(https?|socks5?):$/.test(url.protocol)) throw new Error(`\`${name}\` is not the address of a proxy, such as http://proxy.example.com:3128`);
	return value;
}
/** Returns `NOMAD_HTTP_AUTH`, `user:password` as for Nomad's own programs, as a line of `nomad-headers`. */
function basicAuth(value) {
	return value === void 0 || value.trim() === "" ? void 0 : `Authorization=Basic ${Buffer.from(value.trim()).toString("base64")}`;
}
/** Headers of the connection, of the body or of Nomad itself: another value would break requests. */
const OWN_HEADERS$1 = /^(host|connection|keep-alive|transfer-encoding|content-(length|type|encoding)|expect|upgrade|te|trailer|proxy-connection|accept-encoding)$/i;
/** Returns the problems of `nomad-headers`, without any value. */
function headerProblems(headers) {
	return Object.entries(headers).flatMap(([name, value]) => {
		const problem = !/^[\w!#$%&'*+.^`|~-]+$/.test(name) ? "is not the name of a header, such as CF-Access-Client-Id" : /^x-nomad-token$/i.test(name) ? "comes from `nomad-token`; give that input" : /^proxy-authorization$/i.test(name) ? "is for the proxy; give it in the address of the proxy: HTTPS_PROXY=http://user:password@proxy.example.com:3128" : OWN_HEADERS$1.test(name) ? "belongs to the connection and cannot be set" : /[^\t\x20-\x7e]/.test(value) ? "has a value with line breaks or characters that a header cannot have" : void 0;
		return problem === void 0 ? [] : [`\`nomad-headers\`: ${JSON.stringify(name)} ${problem}`];
	});
}
/** Shorter values of headers are words such as `https`: the mask would remove them from addresses and the log. */
const MIN_CREDENTIAL_LENGTH = 8;
/** Returns the secrets of a header's value: the whole, and the word after `Basic` or `Bearer`. */
function credentialsIn(value) {
	return [value, ...value.split(/\s+/)].filter((part) => part.length >= MIN_CREDENTIAL_LENGTH);
}
/** Nomad's own limit: https://developer.hashicorp.com/nomad/docs/job-specification/dispatch_payload */
const MAX_PAYLOAD_BYTES = 16384;
function parsePayload(value) {
	if (value === void 0 || value === "") return void 0;
	const bytes = Buffer.byteLength(value);
	if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`\`payload\` has ${bytes} bytes; Nomad takes at most ${MAX_PAYLOAD_BYTES}`);
	return value;
}
/** The word for the plan on the merged pull request that the commit came with. */
const MERGED_PLAN = "merged-pull-request";
function parseApprovedPlan(values) {
	if (values.length === 1 && values[0] === "merged-pull-request") return values;
	const wrong = values.find((value) => parseFingerprint(value) === void 0);
	if (wrong === void 0) return values;
	throw new Error(`\`approved-plan\`: ${JSON.stringify(wrong)} is neither \`${MERGED_PLAN}\` nor the output \`plan-fingerprint\` of \`command: plan\``);
}
/** Returns a program and its arguments, which the terminal program passes on as a JSON list. */
function parseProgram(text) {
	if (text === void 0) return void 0;
	const words = JSON.parse(text);
	if (!Array.isArray(words)) return void 0;
	const [program, ...rest] = words.map(String);
	return program === void 0 ? void 0 : [program, ...rest];
}
// src/inputs/config/rules.ts
/** Variables that `token-env` cannot name: those of the runner, of the workload, and of inputs. */
const NO_TOKEN = /^(GITHUB|ACTIONS|RUNNER|INPUT|NOMAD_SECRETS?|NOMAD_VAR)(_|$)/i;
/** Environments that no pull request may belong to. Names of GitHub's environments ignore case. */
const NO_REVIEW = /^(production|staging|main)$/i;
/** Variables whose names tell the environment of their token. */
const OWN_TOKENS = {
	NOMAD_TOKEN_PROD: "production",
	NOMAD_TOKEN_STAGING: "staging"
};
/** Returns the problems between sections. */
function sectionProblems({ apps, environments, clusters }) {
	return [
		...dependencyProblems(apps),
		...tokenProblems(environments),
		...clusters.flatMap(tokenNameProblems),
		...reviewProblems(environments)
	];
}
/** Returns the problems of `token-env`: a variable that holds no token of Nomad, and production's token in another environment. */
function tokenProblems(environments) {
	const production = environments.find(({ name }) => name === "production")?.tokenEnv?.text;
	return environments.flatMap(({ name, tokenEnv }) => {
		const unnamed = tokenNameProblems({ tokenEnv });
		if (tokenEnv === void 0 || unnamed.length > 0) return unnamed;
		const { text, at } = tokenEnv;
		const owner = OWN_TOKENS[text] ?? (text === production ? "production" : name);
		return owner === name ? [] : [{
			text: `\`token-env\`: ${text} is the token of ${owner}, and ${name} must not get it`,
			at
		}];
	});
}
/** Returns the problem of a `token-env` that is no name of a variable, or that of one which holds no token. */
function tokenNameProblems({ tokenEnv }) {
	if (tokenEnv === void 0) return [];
	const { text, at } = tokenEnv;
	if (!/^[A-Za-z_]\w*$/.test(text)) return [{
		text: "`token-env` takes the name of an environment variable, such as NOMAD_TOKEN_EU, and never the token itself",
		at
	}];
	return NO_TOKEN.test(text) ? [{
		text: `\`token-env\`: ${text} cannot hold a token of Nomad; pass the token as NOMAD_TOKEN_…, by \`env:\``,
		at
	}] : [];
}
/** Returns the problems of the environments of pull requests: they must get neither the name nor the token of an environment that other refs belong to. */
function reviewProblems(environments) {
	const open = ({ name, branches, tags, pullRequest }) => (pullRequest || name === "review" && environments.every((one) => !one.pullRequest)) && branches.length === 0 && tags.length === 0;
	return environments.filter(({ pullRequest, name }) => pullRequest || name === "review").flatMap((own) => {
		const { name, at, tokenEnv, pullRequest } = own;
		if (NO_REVIEW.test(name)) return [{
			text: `\`pull-request\`: pull requests are review apps and can't belong to ${name}; call their environment \`preview\``,
			at
		}];
		if (tokenEnv === void 0) return [];
		if (!open(own)) return [{
			text: `\`token-env\`: pull requests would get the token of the branches and tags of ${name}; give pull requests an environment of their own`,
			at: tokenEnv.at
		}];
		if (!pullRequest) return [];
		const other = environments.find((one) => one !== own && !open(one) && one.tokenEnv?.text === tokenEnv.text);
		return other === void 0 ? [] : [{
			text: `\`token-env\`: ${tokenEnv.text} is the token of ${other.name}, and pull requests must not get it`,
			at: tokenEnv.at
		}];
	});
}
function dependencyProblems(apps) {
	const names = apps.map(({ name }) => name);
	const missing = apps.flatMap(({ name, at, dependsOn }) => dependsOn.filter((other) => !names.includes(other)).map((other) => {
		const near = nearest(other, names);
		return {
			text: `\`apps.${name}\` depends on ${JSON.stringify(other)}, which is no app${near === void 0 ? "" : `; did you mean \`${near}\`?`}`,
			at
		};
	}));
	if (missing.length > 0) return missing;
	const ordered = inOrder(apps).map(({ name }) => name);
	const left = apps.filter(({ name }) => !ordered.includes(name));
	const [first] = left;
	return first === void 0 ? [] : [{
		text: `apps depend on each other in a circle: ${left.map(({ name }) => name).join(", ")}`,
		at: first.at
	}];
}
/** Returns the apps after those that they depend on, otherwise in the order of the file. Apps in a circle, and those that depend on one, are left out. */
function inOrder(apps) {
	const done = [];
	const isDone = (name) => done.some((app) => app.name === name) || !apps.some((app) => app.name === name);
	for (let next = apps[0]; next !== void 0;) {
		next = apps.find((app) => !done.includes(app) && app.dependsOn.every(isDone));
		if (next !== void 0) done.push(next);
	}
	return done;
}
/** Returns the policy for jobs. A merged configuration has the default branch's, so that the checked branch cannot loosen it. */
function policyOf({ policy, path }) {
	return policy && {
		policy,
		source: `${path}${policy.at.origin === void 0 ? "" : ` of ${policy.at.origin}`}`
	};
}
// src/inputs/config/values.ts
/** The types that may be written as a list of texts. */
const LISTS = [
	"list",
	"patterns",
	"words",
	"boolean or list",
	"pairs"
];
const KINDS = {
	text: "text",
	list: "a list",
	map: "a map"
};
/** The words for each type, with an example; `NAME` stands for the key. */
const WANTED = {
	text: "text, such as `NAME: value`",
	boolean: "true or false",
	number: "a whole number, such as `NAME: 50`",
	choice: "text, such as `NAME: value`",
	"boolean or text": "true, false or text",
	"boolean or auto": "true, false or auto",
	"boolean or list": "true, false or a list of texts, such as `NAME: [a, b]`",
	list: "a list of texts, such as `NAME: [a, b]`",
	words: "a list of texts, such as `NAME: [a, b]`",
	patterns: "a list of patterns, such as `NAME: [a, \"b/*\"]`",
	pairs: "a map, such as `NAME: { A: b }`, or a list of `A=b`",
	map: "a map, such as `NAME: { A: b }`",
	waves: "a list of lists of names, such as `NAME: [[eu], [us, ap]]`",
	checks: "a path, a URL, or a list of checks, such as `NAME: [/healthz]`",
	command: "a command, such as `NAME: npm test`, or a list of its words",
	hook: "a command, such as `NAME: bin/migrate`, a list of its words, or a map with `command`"
};
/** Reads the value of a key. A problem is the end of a sentence that begins with the key. */
function readValue(key, type, tree) {
	const text = textOf$2(type, tree);
	const unread = text === void 0 || type !== "patterns" ? void 0 : patternsProblem(tree);
	if (unread !== void 0) return unread;
	if (text !== void 0) {
		const entries = placesIn(tree, type);
		return {
			text,
			at: tree.at,
			...entries === void 0 ? {} : { entries }
		};
	}
	const is = tree.kind === "text" ? JSON.stringify(tree.text) : KINDS[tree.kind];
	const within = tree.kind === "text" || type !== "command" && type !== "hook" && !LISTS.includes(type) ? void 0 : wrongItem(tree);
	if (within !== void 0) return {
		problem: `has ${within.kind === "text" ? "a text of several lines" : KINDS[within.kind]} in it; it takes ${WANTED[type].replaceAll("NAME", key)}`,
		at: within.at
	};
	return {
		problem: `is ${is}; it takes ${WANTED[type].replaceAll("NAME", key)}`,
		at: tree.at
	};
}
function textOf$2(type, tree) {
	if (tree.kind === "text") {
		if (type === "boolean") return /^(true|false)$/.test(tree.text) ? tree.text : void 0;
		if (type === "number") return /^\d{1,9}$/.test(tree.text) ? tree.text : void 0;
		return tree.text;
	}
	if (type === "waves") return isWaves(tree) ? JSON.stringify(dataOf(tree)) : void 0;
	if (type === "checks") return JSON.stringify(dataOf(tree));
	if (type === "map") return tree.kind === "map" ? JSON.stringify(dataOf(tree)) : void 0;
	if (type === "hook" && tree.kind === "map") return JSON.stringify(dataOf(tree));
	if (type === "command" || type === "hook") {
		const words = tree.kind === "list" ? itemsOf(tree) : void 0;
		return words === void 0 ? void 0 : JSON.stringify(words);
	}
	return LISTS.includes(type) && (tree.kind === "list" || type === "pairs") ? itemsOf(tree)?.join("\n") : void 0;
}
/** Returns whether a tree is a list of names, and of lists of names. */
function isWaves(tree) {
	return tree.kind === "list" && tree.items.every((item) => item.kind === "text" || itemsOf(item) !== void 0);
}
/** Returns the places of the entries of a map, or of the names in waves. */
function placesIn(tree, type) {
	if (tree.kind === "map") return Object.fromEntries(tree.entries.map((entry) => [entry.key, entry.at]));
	if (type !== "waves" || tree.kind !== "list") return void 0;
	const names = tree.items.flatMap((item) => item.kind === "list" ? item.items : [item]);
	return Object.fromEntries(names.flatMap((item) => item.kind === "text" ? [[item.text, item.at]] : []));
}
/** Returns the problem of a list of patterns: one that can't be read, or none that includes a name. */
function patternsProblem(tree) {
	const patterns = (tree.kind === "list" ? tree.items : [tree]).flatMap((item) => item.kind === "text" ? itemsIn(item).map((text) => ({
		text,
		at: item.at
	})) : []);
	for (const { text, at } of patterns) {
		const problem = patternProblem(text);
		if (problem !== void 0) return {
			problem: `has the pattern \`${text}\`: ${problem}`,
			at
		};
	}
	return patterns.length > 0 && patterns.every(({ text }) => text.startsWith("!")) ? {
		problem: "has only patterns with `!`, which exclude names; add one that includes names, such as `\"**\"`",
		at: tree.at
	} : void 0;
}
/** Returns the items of a list, or of a map as `NAME=value`; undefined when an item is not a text of one line. */
function itemsOf(tree) {
	if (wrongItem(tree) !== void 0) return void 0;
	if (tree.kind === "list") return tree.items.flatMap((item) => item.kind === "text" ? [item.text] : []);
	if (tree.kind === "map") return tree.entries.flatMap(({ key, value }) => value.kind === "text" ? [`${key}=${value.text}`] : []);
}
function wrongItem(tree) {
	return (tree.kind === "list" ? tree.items : tree.kind === "map" ? tree.entries.map(({ value }) => value) : []).find((item) => item.kind !== "text" || /[\r\n]/.test(item.text.trimEnd()));
}
/** Returns the items of a list. */
function itemsIn(given) {
	return (given?.text ?? "").split("\n").map((item) => item.trim()).filter((item) => item !== "");
}
/** Returns the place of an entry of a map; that of the map where the entry has none of its own. */
function placeIn({ at, entries = {} }, name) {
	return (Object.hasOwn(entries, name) ? entries[name] : void 0) ?? at;
}
// src/inputs/attempt.ts
/** Returns a function that notes what a reader throws as a problem, so that all problems of the inputs are told at once. */
function attempting(problems) {
	return (read, otherwise) => {
		try {
			return read();
		} catch (error) {
			problems.push(messageOf(error));
			return otherwise;
		}
	};
}
const isMap$1 = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
// src/inputs/bake.ts
/** The rules of `watch-for` where `verify` has none. */
const USUAL = {
	restarts: 0,
	oomKills: 0,
	failingChecks: void 0,
	exitCodes: void 0,
	cpu: void 0,
	memory: void 0,
	logErrors: void 0,
	prometheus: []
};
/** The keys of a bake, and of a query in it. */
const BAKE_KEYS = [...[
	"for",
	"restarts",
	"oom-kills",
	"failing-checks",
	"exit-codes",
	"cpu",
	"memory",
	"log-errors",
	"prometheus"
]];
const QUERY_KEYS = [
	"name",
	"query",
	"stable",
	"by",
	"max",
	"min",
	"unit"
];
const LOG_KEYS = ["pattern", "max"];
/** Returns whether an entry of `verify` is a bake. */
const isBake = (item) => isMap$1(item) && Object.hasOwn(item, "for");
/** Reads the entry with `for`. Adds every problem to `problems`. */
function parseBake$1(given, problems) {
	const attempt = attempting(problems);
	requireKnown$1(given, BAKE_KEYS, problems);
	const count = (key) => attempt(() => parseCount(key, textOf$1(key, given[key])), void 0);
	return {
		forMs: attempt(() => durationOf("for", given["for"]), 0),
		restarts: count("restarts") ?? USUAL.restarts,
		oomKills: count("oom-kills") ?? USUAL.oomKills,
		failingChecks: count("failing-checks"),
		exitCodes: attempt(() => exitCodes(given["exit-codes"]), void 0),
		cpu: attempt(() => limitOf("cpu", given["cpu"], "500 or 150%"), void 0),
		memory: attempt(() => limitOf("memory", given["memory"], "500 or 150%"), void 0),
		logErrors: attempt(() => logErrors(given["log-errors"], problems), void 0),
		prometheus: queriesOf(given["prometheus"]).map((one) => attempt(() => queryOf(one, problems), {
			name: "",
			query: "",
			stable: void 0,
			by: void 0,
			max: void 0,
			min: void 0,
			unit: ""
		}))
	};
}
function requireKnown$1(given, known, problems) {
	for (const name of Object.keys(given)) {
		if (known.includes(name)) continue;
		const near = nearest(name, known);
		problems.push(`unknown rule \`${name}\`${near === void 0 ? `; the rules are ${known.join(", ")}` : `: did you mean \`${near}\`?`}`);
	}
}
function textOf$1(key, value) {
	if (value === void 0) return void 0;
	if (typeof value === "string" && value.trim() !== "") return value.trim();
	throw new Error(`\`${key}\` ${value === "" ? "is empty" : "must be a text"}`);
}
function durationOf(key, value) {
	const text = textOf$1(key, value) ?? "";
	const ms = parseDuration(text) ?? 0;
	if (ms < 1e3) throw new Error(`\`${key}\`: ${JSON.stringify(text)} is not a duration of a second or more, such as 5m`);
	return ms;
}
function exitCodes(value) {
	if (value === void 0) return void 0;
	const list = Array.isArray(value) ? value : [value];
	const wrong = list.find((one) => typeof one !== "string" || !/^\d{1,3}$/.test(one.trim()));
	if (list.length === 0 || wrong !== void 0) throw new Error(`\`exit-codes\`: ${JSON.stringify(wrong ?? "")} is not an exit code such as 0, or a list of them`);
	return list.map(Number);
}
function limitOf(key, value, example) {
	const text = textOf$1(key, value);
	if (text === void 0) return void 0;
	const [, number, percent] = /^(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*(%?)$/i.exec(text) ?? [];
	if (number === void 0) throw new Error(`\`${key}\`: ${JSON.stringify(text)} is not a limit, such as ${example}`);
	return {
		value: Number(number),
		relative: percent === "%"
	};
}
/** Reads a pattern, or a map with a pattern and the number of lines that are allowed. */
function logErrors(value, problems) {
	if (value === void 0) return void 0;
	const given = isMap$1(value) ? value : { pattern: value };
	requireKnown$1(given, LOG_KEYS, problems);
	const text = textOf$1("log-errors", given["pattern"]);
	if (text === void 0) throw new Error("`log-errors` needs a pattern, such as /ERROR|panic/");
	const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? [];
	try {
		return {
			pattern: source === void 0 ? new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")) : new RegExp(source, flags),
			max: parseCount("max", textOf$1("max", given["max"])) ?? 0
		};
	} catch (error) {
		throw new Error(`\`log-errors\`: ${text}: ${messageOf(error).replace(/^.*: /s, "")}`);
	}
}
const queriesOf = (value) => value === void 0 ? [] : Array.isArray(value) ? value : [value];
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
function queryOf(given, problems) {
	if (!isMap$1(given)) throw new Error("`prometheus` is a list of queries, each such as `{ query: rate(errors[1m]), max: 1 }`");
	requireKnown$1(given, QUERY_KEYS, problems);
	const query = textOf$1("query", given["query"]);
	if (query === void 0) throw new Error("`prometheus`: an entry has no `query`");
	const [max, min] = [limitOf("max", given["max"], "300 or 150%"), limitOf("min", given["min"], "95 or 90%")];
	const [stable, by] = [textOf$1("stable", given["stable"]), textOf$1("by", given["by"])];
	const name = textOf$1("name", given["name"]) ?? query;
	if (max === void 0 && min === void 0) throw new Error(`\`prometheus\`: ${name} has neither \`max\` nor \`min\``);
	if (by !== void 0 && !LABEL.test(by)) throw new Error(`\`by\`: ${JSON.stringify(by)} is not the name of a label, such as alloc_id`);
	if (by !== void 0 && stable !== void 0) throw new Error(`\`prometheus\`: ${name} has \`by\` and \`stable\`; give one of them`);
	if ((max?.relative === true || min?.relative === true) && by === void 0 && stable === void 0) throw new Error(`\`prometheus\`: ${name} has a limit in percent of the stable allocations; give \`stable\`, their query, or \`by\``);
	return {
		name,
		query,
		stable,
		by,
		max,
		min,
		unit: textOf$1("unit", given["unit"]) ?? ""
	};
}
/** Returns the rules of a bake that compare canaries with the stable allocations, by their names. */
function comparing({ cpu, memory, prometheus }) {
	return [
		...cpu?.relative === true ? ["cpu"] : [],
		...memory?.relative === true ? ["memory"] : [],
		...prometheus.flatMap(({ name, max, min }) => max?.relative === true || min?.relative === true ? [name] : [])
	];
}
// src/inputs/checkout.ts
const SHA = /^[0-9a-f]{40,64}$/;
/** Reads the commits of the files and folders of a run. A second checkout (`path:` of actions/checkout) has a commit of its own. */
async function readCheckout(file, folders, workspace) {
	const top = await realpath(workspace);
	const named = [file, ...folders].map((path) => resolve(top, path));
	const real = await Promise.all(named.map(async (path) => realpath(path).catch(() => path)));
	const found = await Promise.all([...named, ...real].map(async (path) => workingCopyOf(path, top)));
	const root = found[0]?.root ?? top;
	return {
		pathOf: (...parts) => relative(root, resolve(top, ...parts)).split(sep).join("/"),
		heads: [...new Set(found.flatMap(({ head }) => head === void 0 ? [] : [head]))]
	};
}
/**
* Finds the innermost repository of a path. Reads Git's files, since starting Git would delay every run.
* See https://git-scm.com/docs/gitrepository-layout
*/
async function workingCopyOf(path, top) {
	for (let at = path; at === top || at.startsWith(`${top}${sep}`); at = dirname(at)) {
		const gitFolder = await gitFolderOf(at);
		const head = await textOf(join(gitFolder, "HEAD"));
		if (head !== void 0) return {
			root: at,
			head: await commitOf(head, gitFolder)
		};
	}
	return {
		root: top,
		head: void 0
	};
}
/** Returns the path of `.git`, or the folder that it names as a file in a worktree or a submodule. */
async function gitFolderOf(folder) {
	const path = join(folder, ".git");
	const named = /^gitdir: (.+)$/m.exec(await textOf(path) ?? "")?.[1];
	return named === void 0 ? path : resolve(folder, named);
}
async function commitOf(head, gitFolder) {
	if (SHA.test(head)) return head;
	const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
	if (ref === void 0 || ref.split("/").includes("..")) return "";
	const common = resolve(gitFolder, await textOf(join(gitFolder, "commondir")) ?? ".");
	const loose = await textOf(join(gitFolder, ref)) ?? await textOf(join(common, ref));
	const packed = (await textOf(join(common, "packed-refs")) ?? "").split("\n").find((line) => line.endsWith(` ${ref}`));
	const sha = loose ?? packed?.split(" ")[0] ?? "";
	return SHA.test(sha) ? sha : "";
}
async function textOf(path) {
	return readFile(path, "utf8").then((text) => text.trim(), () => void 0);
}
// src/inputs/confine.ts
function isInside(root, path) {
	return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
async function nearestReal(path) {
	const folder = dirname(path);
	return await realpath(folder).catch(() => void 0) ?? nearestReal(folder);
}
/** Returns whether an absolute path is in the workspace, and not in its git folder. */
function isSource(root, path) {
	return isInside(root, path) && !relative(root, path).split(sep).some(isGit);
}
/**
* Returns functions that keep paths below a folder in the workspace, also through links; `root` is the real path of the workspace. The git folder of the
* checkout counts as outside, since it may hold the token of the clone.
*/
function confine(root, folder) {
	const inside = async (input, path) => {
		const wanted = resolve(root, folder, path);
		const real = await realpath(wanted).catch(() => void 0);
		if (!isSource(root, wanted) || !isSource(root, real ?? await nearestReal(wanted))) throw new ActionError("input-invalid", `\`${input}\`: ${path} is outside the workspace`, { hint: "Paths are relative to the working directory and stay in the checkout, outside of its `.git`." });
		return {
			path: wanted,
			exists: real !== void 0
		};
	};
	const must = async (input, path) => {
		const found = await inside(input, path);
		if (!found.exists) throw new ActionError("input-invalid", `\`${input}\`: there is no ${relative(root, found.path) || path} in the workspace`, { hint: "Check that the repository is checked out (actions/checkout), and that the name is spelt as in the repository." });
		return found.path;
	};
	return {
		inside,
		must
	};
}
/**
* Reads a regular file of the workspace of at most `maxBytes`, also through a link within the workspace. Throws `input-invalid` for any other file.
*/
async function readInside(path, workspace, maxBytes) {
	const root = await realpath(workspace);
	const name = relative(workspace, path);
	const refused = (why) => new ActionError("input-invalid", `${name}${why}`, { location: { file: name } });
	const real = await realpath(path).catch((error) => {
		throw refused(`: ${messageOf(error)}`);
	});
	if (!isSource(root, real)) throw refused(" leads out of the workspace");
	const file = await open(real, constants$1.O_RDONLY | constants$1.O_NOFOLLOW | constants$1.O_NONBLOCK).catch((error) => {
		throw refused(`: ${messageOf(error)}`);
	});
	try {
		const info = await file.stat();
		if (!info.isFile()) throw refused(" is not a regular file");
		if (info.size > maxBytes) throw refused(` has more than ${maxBytes / 1024} KiB`);
		return await file.readFile();
	} finally {
		await file.close();
	}
}
/** Returns the path of the configuration file: the file of the input `config`, else `nomad-deploy.yml` if it exists. Throws `input-invalid` as `must` does. */
async function findConfig(named, workspace) {
	const { inside, must } = confine(await realpath(workspace), ".");
	if (named !== void 0) return must("config", named);
	const found = await inside("config", "nomad-deploy.yml");
	return found.exists ? found.path : void 0;
}
/** Nomad takes no job of more than a megabyte. */
const MAX_SOURCE_BYTES = 1048576;
/** Reads a file of the repository; the path is absolute. Throws `input-invalid` for anything but a regular file of the workspace of at most 1 MiB. */
async function readSourceFile(path, workspace) {
	return {
		name: relative(workspace, path),
		text: (await readInside(path, workspace, MAX_SOURCE_BYTES)).toString("utf8")
	};
}
/** Returns whether a name is that of Git's folder or file, also for file systems that ignore case, invisible characters and ends of names, or shorten names. */
function isGit(name) {
	if (name.length > 255) return false;
	const plain = name.toLowerCase().replace(/\p{Default_Ignorable_Code_Point}/gu, "").replace(/(?<![. ])[. ]+$/, "").replace(/:.*$/s, "");
	return plain === ".git" || /^git~\d+$/.test(plain);
}
// src/inputs/image-values.ts
/** Systems and processors of images, by their names in Go and Docker. */
const SYSTEMS = [
	"linux",
	"windows",
	"darwin",
	"freebsd",
	"wasip1"
];
const PROCESSORS = [
	"amd64",
	"arm64",
	"arm",
	"386",
	"ppc64le",
	"s390x",
	"riscv64",
	"loong64",
	"mips64le",
	"mips64",
	"wasm"
];
/** Returns the items of a list whose items have no comma, such as platforms and tags; lines and commas separate them, as in docker/build-push-action. */
function splitList(value) {
	return (value ?? "").split(/[\n,]/).map((item) => item.trim()).filter((item) => item !== "");
}
function parsePlatforms(value) {
	const known = SYSTEMS.flatMap((system) => PROCESSORS.map((processor) => `${system}/${processor}`));
	return splitList(value).map((platform) => {
		const [system = "", processor = "", variant, ...rest] = platform.toLowerCase().split("/");
		const wanted = `${system}/${processor}`;
		if (known.includes(wanted) && rest.length === 0 && (variant === void 0 || /^v\d+(\.\d+)?$/.test(variant))) return platform.toLowerCase();
		const near = nearest(wanted, known);
		throw new Error(`\`platforms\`: ${JSON.stringify(platform)} is not a platform, such as linux/amd64 or linux/arm/v7${near === void 0 ? "" : `; did you mean \`${near}\`?`}`);
	});
}
/** Labels by which a later run finds the image again: a user's value would name other content. */
const OWN_LABELS = /^nomad-deploy\./i;
function parseLabels(lines) {
	for (const line of lines) {
		const [, name] = /^([^\s=-][^\s=]*)=/.exec(line) ?? [];
		if (name === void 0) throw new Error(`\`labels\`: ${JSON.stringify(line)} is not NAME=value`);
		if (OWN_LABELS.test(name)) throw new Error(`\`labels\`: ${name} is reserved for nomad-deploy; use another name`);
	}
	return [...lines];
}
/** Reads `NAME=value` lines. An argument without a value is refused: docker would take it from its environment, which may hold credentials. */
function parseBuildArgs(value) {
	const lines = (value ?? "").split(/\r?\n/).filter((line) => line.trim() !== "");
	for (const line of lines) {
		const [, name, given] = /^([A-Za-z_][\w.-]*)(=|$)/.exec(line) ?? [];
		if (name === void 0) throw new Error(`\`build-args\`: ${JSON.stringify(line.replace(/=.*/, "=…"))} is not NAME=value`);
		if (given === "=") continue;
		throw new Error(`\`build-args\`: ${JSON.stringify(line)} has no value; write ${name}=\${{ env.${name} }} in the workflow, or ${name}=value`);
	}
	return lines;
}
/** Reads the name or number of a stage of a Dockerfile. */
function parseTarget(value) {
	if (value === void 0 || /^[A-Za-z0-9][\w.-]*$/.test(value)) return value;
	throw new Error(`\`target\`: ${JSON.stringify(value)} is not the name of a stage, such as prod in \`FROM … AS prod\``);
}
/** Reads the name of a builder, or of one of docker's contexts. */
function parseBuilder(value) {
	if (value === void 0 || /^[A-Za-z0-9][\w.+-]*$/.test(value)) return value;
	throw new Error(`\`builder\`: ${JSON.stringify(value)} is not the name of a builder; \`docker buildx ls\` lists them`);
}
function parseImage(value) {
	if (value === void 0 || parseReference(value) !== void 0) return value;
	const small = parseReference(value.toLowerCase())?.name;
	throw new Error(small === void 0 ? `\`image\`: ${JSON.stringify(value)} is not the name of an image, such as ghcr.io/acme/shop:1.2 or ghcr.io/acme/shop@sha256:<64 digits>` : `\`image\`: ${JSON.stringify(value)} has capital letters; the name of an image has small ones: ${small}`);
}
/** Reads tags: references such as `ghcr.io/acme/shop:1.2`, or the tag alone. */
function parseTags(value) {
	return splitList(value).map((tag) => {
		const found = parseReference(isTagAlone(tag) ? `image:${tag}` : tag);
		if (found === void 0 || found.digest !== void 0) throw new Error(`\`tags\`: ${JSON.stringify(tag)} is neither a tag, such as 1.2, nor an image with one, such as ghcr.io/acme/shop:1.2`);
		if (isContentTag(found.tag)) throw new Error(`\`tags\`: ${JSON.stringify(tag)} ${RESERVED}`);
		return tag;
	});
}
const RESERVED = "is reserved: nomad-deploy finds images by tags that begin with content-; use another tag";
/** Attributes of the cache `gha` that decide where its token goes. Without them buildx takes the runner's values from its environment. */
const OF_GITHUB = [
	"url",
	"url_v2",
	"token"
];
/** Reads caches as buildx takes them: the name of an image, or attributes such as `type=gha,mode=max`; `none` alone is none. */
function parseCaches(input, lines) {
	if (lines.length === 1 && lines[0] === "none") return [];
	for (const line of lines) {
		const problem = cacheProblem(readAttributes(line));
		if (problem !== void 0) throw new Error(`\`${input}\`: ${JSON.stringify(line.replace(/=[^,]*/g, "=…"))} ${problem}`);
	}
	return [...lines];
}
function cacheProblem(attributes) {
	if (attributes === void 0) return "is neither an image, such as ghcr.io/acme/shop:cache, nor attributes such as type=gha,mode=max";
	const own = OF_GITHUB.find((name) => attributes.has(name));
	if (attributes.get("type")?.toLowerCase() === "gha" && own !== void 0) return `has \`${own}\`, which only the runner may set, since it receives the token of GitHub's cache; leave \`${own}\` out`;
	if (!/^[\w.-]+$/.test(attributes.get("type") ?? "")) return "has no `type`, such as type=gha";
	const ref = attributes.get("ref");
	if (ref === void 0) return void 0;
	const image = parseReference(ref);
	if (image === void 0) return `has a \`ref\` that is not the name of an image, such as ghcr.io/acme/shop:cache`;
	return isContentTag(image.tag) ? RESERVED : void 0;
}
/**
* Reads attributes as buildx does: fields of CSV, each `name=value`, where the first `=` separates and the name ignores case. A single word is the `ref` of
* `type=registry`. Returns undefined for any other text, and for a name that occurs twice.
*/
function readAttributes(text) {
	if (!/[=",\s]/.test(text)) return parseReference(text) === void 0 ? void 0 : /* @__PURE__ */ new Map([["type", "registry"], ["ref", text]]);
	const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|$)/g)];
	if (fields.map(([whole]) => whole).join("") !== text) return void 0;
	const pairs = fields.map(([, quoted, plain = ""]) => {
		const field = quoted?.replaceAll("\"\"", "\"") ?? plain;
		const at = field.indexOf("=");
		return [field.slice(0, Math.max(0, at)).toLowerCase(), field.slice(at + 1)];
	});
	const found = new Map(pairs);
	return found.size === pairs.length && pairs.every(([name]) => /^[a-z][\w.-]*$/.test(name)) ? found : void 0;
}
/** Returns the type of a cache, in small letters. */
function cacheType(line) {
	return readAttributes(line)?.get("type")?.toLowerCase() ?? "registry";
}
/** Reads `true`, `false` or attributes such as `mode=max`. */
function parseAttestation(name, value) {
	if (value === void 0) return void 0;
	if (/^(true|yes|on|1)$/i.test(value)) return "true";
	if (/^(false|no|off|0)$/i.test(value)) return "false";
	const attributes = readAttributes(value);
	if (attributes !== void 0 && value.includes("=") && !attributes.has("type")) return value;
	throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither true nor false, nor attributes such as ${name === "sbom" ? "generator=docker/buildkit-syft-scanner" : "mode=max"}`);
}
/** Reads a command: a text for the image's shell, or a JSON list of a program and its arguments, as in a Dockerfile. */
function parseTest(value) {
	if (value === void 0 || !value.startsWith("[")) return value;
	const parsed = jsonIn(value);
	const words = Array.isArray(parsed) ? parsed.filter((word) => typeof word === "string") : [];
	const [program, ...args] = words;
	if (program?.startsWith("-") === true) throw new Error(`\`test\`: ${JSON.stringify(program)} is not a program, such as "/app"`);
	if (program !== void 0 && program !== "" && Array.isArray(parsed) && parsed.length === words.length) return [program, ...args];
	throw new Error("`test` begins with [ and is not a JSON list of texts, such as [\"/app\", \"--self-test\"]");
}
function jsonIn(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
/** Reads `NAME=value` lines, or `NAME` for the value in the step's environment. */
function parseTestEnv(lines, env) {
	return Object.fromEntries(lines.map((line) => {
		const [, name, given] = /^([A-Za-z_]\w*)(?:=(.*))?$/.exec(line) ?? [];
		if (name === void 0) throw new Error(`\`test-env\`: ${JSON.stringify(line.replace(/=.*/, "=…"))} is neither NAME=value nor NAME`);
		const value = given ?? env[name];
		if (value === void 0) throw new Error(`\`test-env\`: the environment variable ${name} is not set`);
		if (/[\r\n]/.test(value)) throw new Error(`\`test-env\`: the value of ${name} has several lines, which docker does not take`);
		return [name, value];
	}));
}
/** Reads a YAML or JSON list of registries with their logins, as docker/login-action's input of that name. Problems never quote the text. */
async function readLogins(value, problems) {
	if (value === void 0) return [];
	const read = await yamlData(value);
	const list = "data" in read ? read.data : void 0;
	const logins = (Array.isArray(list) ? list : []).map((login) => ({
		registry: registryIn(textAt(login, "registry") ?? "docker.io"),
		username: textAt(login, "username") ?? "",
		password: textAt(login, "password") ?? ""
	}));
	const elsewhere = logins.findIndex(({ registry }) => !isRegistry(registry));
	if (elsewhere >= 0) {
		problems.push(`\`registry-auth\`: the \`registry\` of entry ${elsewhere + 1} is not the address of a registry, such as registry.example.com:5000`);
		return [];
	}
	const bad = logins.findIndex(({ username, password }) => username === "" || password === "");
	if (logins.length > 0 && bad < 0) return logins;
	problems.push(bad >= 0 ? `\`registry-auth\`: entry ${bad + 1} has no username or no password` : "`registry-auth` is not a YAML list of `registry`, `username` and `password`");
	return [];
}
function parseScan(value) {
	if (value === void 0) return void 0;
	try {
		splitWords(value, { IMAGE: "image" });
		return value;
	} catch (error) {
		throw new Error(`\`scan\` ${messageOf(error)}`, { cause: error });
	}
}
function parseRegistry(value) {
	const registry = value === void 0 ? void 0 : registryIn(value);
	if (registry === void 0 || isRegistry(registry)) return registry;
	throw new Error(`\`registry\`: ${JSON.stringify(value)} is not the address of a registry, such as ghcr.io or registry.example.com:5000/images`);
}
/** Returns the end of the tags of an image that is built of the Dockerfile of `NOMAD_VAR_BUILD_DEPLOY`, beside the repository's own image. */
function deployedSuffix(vars) {
	return (vars["BUILD_DEPLOY"] ?? "").trim() === "" ? "" : "-deploy";
}
// src/inputs/hooks.ts
/** Returns the hooks of one of the job specs of an app: the first spec has `pre-deploy`, the last one `post-deploy`. */
function hooksOf({ preDeploy, postDeploy }, { isFirst, isLast }) {
	return [...preDeploy === void 0 || !isFirst ? [] : [{
		kind: "pre-deploy",
		hook: preDeploy
	}], ...postDeploy === void 0 || !isLast ? [] : [{
		kind: "post-deploy",
		hook: postDeploy
	}]];
}
/** The keys of a hook that is a map. */
const HOOK_KEYS = [
	"command",
	"task",
	"timeout",
	"retries",
	"always",
	"cpu",
	"memory"
];
/** A text that is a map of YAML or JSON, and no command. */
const MAP = new RegExp(`^\\s*(\\{\\s*"?(${HOOK_KEYS.join("|")})"?\\s*:|(#[^\\n]*\\n\\s*)*(${HOOK_KEYS.join("|")}):(\\s|$))`);
/** Reads a hook: a command, or a map with one. Adds every problem to `problems`; undefined without a hook, or where the command can't be read. */
async function readHook$1(name, text, problems) {
	if (text === void 0 || text.trim() === "") return void 0;
	const say = (problem) => {
		problems.push(`\`${name}\`${problem}`);
	};
	if (!MAP.test(text)) {
		const command = readCommand$1(text.trim(), say);
		return command === void 0 ? void 0 : {
			command,
			...NONE
		};
	}
	const read = await yamlData(text);
	if (!("data" in read) || !isMap(read.data)) return say(`${"problem" in read ? ` (line ${read.problem.line})` : ""} is not a YAML map, such as \`command: bin/migrate\``);
	const given = read.data;
	for (const key of Object.keys(given)) {
		if (HOOK_KEYS.some((known) => known === key)) continue;
		const near = nearest(key, HOOK_KEYS);
		say(`: unknown key \`${key}\`${near === void 0 ? `; the keys are ${HOOK_KEYS.join(", ")}` : `: did you mean \`${near}\`?`}`);
	}
	const value = (key) => {
		const one = given[key];
		if (one === void 0 || typeof one === "string") return one?.trim() === "" ? void 0 : one?.trim();
		return say(`: \`${key}\` must be a text`);
	};
	const count = (key, least) => {
		const found = attempt(() => parseCount(key, value(key)), say);
		return found !== void 0 && found < least ? say(`: \`${key}\` is at least ${least}`) : found;
	};
	const list = given["command"];
	const command = readCommand$1(Array.isArray(list) ? JSON.stringify(list) : value("command") ?? "", say);
	const timeout = value("timeout");
	const timeoutMs = timeout === void 0 ? void 0 : parseDuration(timeout);
	if (timeout !== void 0 && (timeoutMs ?? 0) <= 0) say(`: \`timeout\`: ${JSON.stringify(timeout)} is not a duration, such as 90s or 10m`);
	const hook = {
		always: attempt(() => parseBoolean("always", value("always")), say) ?? false,
		retries: count("retries", 0) ?? 0,
		timeoutMs,
		task: value("task"),
		cpu: count("cpu", 1),
		memory: count("memory", 1)
	};
	return command === void 0 ? void 0 : {
		command,
		...hook
	};
}
const NONE = {
	always: false,
	retries: 0,
	timeoutMs: void 0,
	task: void 0,
	cpu: void 0,
	memory: void 0
};
/** Returns the command of a hook as people write it. */
function hookText({ command }) {
	return typeof command === "string" ? command : JSON.stringify(command);
}
function readCommand$1(text, say) {
	if (text === "") return say(" has no `command`, such as `command: bin/migrate`");
	try {
		return parseTest(text);
	} catch (error) {
		return say(messageOf(error).replace(/^`test`/, ""));
	}
}
function attempt(read, say) {
	try {
		return read();
	} catch (error) {
		return say(`: ${messageOf(error)}`);
	}
}
function isMap(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/inputs/http-checks.ts
/** The keys of a check. */
const CHECK_KEYS = [
	"path",
	"url",
	"port",
	"protocol",
	"method",
	"headers",
	"follow-redirects",
	"insecure",
	"status",
	"body",
	"header",
	"json",
	"max-latency",
	"retries",
	"interval",
	"timeout"
];
const METHODS = [
	"GET",
	"HEAD",
	"POST",
	"PUT",
	"PATCH",
	"DELETE",
	"OPTIONS"
];
/** Any status but an error, as for Kubernetes and `curl --fail`. */
const STATUS = ["2xx", "3xx"];
/** A router learns of a new version some seconds late: 20 seconds are enough for one that polls every 15. */
const RETRIES = 10;
const INTERVAL_MS = 2e3;
const CHECK_TIMEOUT_MS = 5e3;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers of the connection, which a check cannot set. */
const OWN_HEADERS = /^(connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
/**
* Reads the input `verify`: a path or URL a line, or a YAML list of checks. Every problem is added to `problems`, none of them with the text of the
* input, which may hold credentials. `hide` wraps the values of headers. The entry with `for` is added to `bakes`.
*/
async function readChecks(text, hide, problems, bakes = []) {
	if (text === void 0 || text.trim() === "") return [];
	return (/^\s*(#|---|[-[{]|[\w-]+:(\s|$))/.test(text) ? await readYaml(text, problems) : text.split("\n").map((line) => line.trim())).filter((item) => item !== "").flatMap((item, i) => {
		const own = [];
		const checks = isBake(item) ? [] : [parseCheck(item, hide, own)];
		if (isBake(item)) bakes.push(parseBake$1(item, own));
		if (isBake(item) && bakes.length > 1) own.push("a second entry with `for`; give one, with all rules");
		problems.push(...own.map((problem) => `\`verify\`, check ${i + 1}: ${problem}`));
		return checks;
	});
}
/** Reads a YAML list of checks. Scalars stay text, so that a version `1.10` keeps its zero. */
async function readYaml(text, problems) {
	const read = await yamlData(text);
	const parsed = "data" in read ? read.data : void 0;
	const list = Array.isArray(parsed) ? parsed : isMap$1(parsed) ? [parsed] : [];
	if (list.length > 0) return list;
	const line = "problem" in read ? ` (line ${read.problem.line})` : "";
	problems.push(`\`verify\` is neither paths and URLs, one a line, nor a YAML list of checks${line}, such as \`- path: /healthz\``);
	return [];
}
/** Reads one check. Missing keys get their defaults. */
function parseCheck(item, hide, problems) {
	const given = isMap$1(item) ? item : typeof item === "string" ? { [item.startsWith("/") ? "path" : "url"]: item } : {};
	for (const name of Object.keys(given)) {
		if (CHECK_KEYS.some((key) => key === name)) continue;
		const near = nearest(name, CHECK_KEYS);
		problems.push(`unknown key \`${name}\`${near === void 0 ? `; the keys are ${CHECK_KEYS.join(", ")}` : `: did you mean \`${near}\`?`}`);
	}
	const attempt = attempting(problems);
	const text = (key) => {
		const value = given[key];
		if (value === void 0) return void 0;
		if (typeof value === "string" && value.trim() !== "") return value.trim();
		problems.push(`\`${key}\` ${value === "" ? "is empty" : "must be a text"}`);
	};
	const map = (key) => {
		const value = given[key] ?? {};
		if (!isMap$1(value)) problems.push(`\`${key}\` must be a map, as in \`${key}: { ${key === "json" ? "status: up" : "x-name: value"} }\``);
		return Object.entries(isMap$1(value) ? value : {}).flatMap(([name, one]) => {
			if (typeof one === "string") return [[name, one]];
			problems.push(`\`${key}\`: the value of ${name} must be a text, a number, true, false or null`);
			return [];
		});
	};
	const wanted = (key, value) => attempt(() => parseWanted(key, value), value);
	const duration = (key) => {
		const value = text(key);
		if (value === void 0) return void 0;
		const ms = parseDuration(value) ?? 0;
		if (ms <= 0) problems.push(`\`${key}\`: ${JSON.stringify(value)} is not a duration, such as 500ms or 5s`);
		return ms;
	};
	const flag = (key) => attempt(() => parseBoolean(key, text(key)) ?? false, false);
	const body = text("body");
	return {
		target: target(text("path"), text("url"), text("port"), text("protocol"), problems),
		method: attempt(() => oneOf("method", (text("method") ?? "GET").toUpperCase(), METHODS), "GET"),
		headers: Object.fromEntries(map("headers").flatMap(([name, value]) => {
			const problem = headerProblem(name, value);
			if (problem !== void 0) problems.push(`\`headers\`: ${problem}`);
			return problem === void 0 ? [[name, hide(value)]] : [];
		})),
		...attempt(() => redirects(given["follow-redirects"]), {
			followRedirects: false,
			redirectHosts: []
		}),
		insecure: flag("insecure"),
		status: statuses(given["status"], problems),
		body: body === void 0 ? void 0 : wanted("body", body),
		header: Object.fromEntries(map("header").map(([name, value]) => [name.toLowerCase(), wanted("header", value)])),
		json: map("json").map(([path, value]) => ({
			path,
			keys: attempt(() => jsonKeys(path), []),
			wanted: wanted("json", value)
		})),
		maxLatencyMs: duration("max-latency"),
		retries: attempt(() => parseCount("retries", text("retries")) ?? RETRIES, RETRIES),
		intervalMs: duration("interval") ?? INTERVAL_MS,
		timeoutMs: duration("timeout") ?? CHECK_TIMEOUT_MS
	};
}
function target(path, url, port, protocol, problems) {
	if (path === void 0 === (url === void 0)) problems.push("needs either `path` or `url`");
	if (url !== void 0) {
		const problem = urlProblem(url);
		if (problem !== void 0) problems.push(`\`url\`: ${problem}`);
		if (port !== void 0) problems.push("`port` is for a `path`: a URL has its port in it");
		if (protocol !== void 0) problems.push("`protocol` is for a `path`: a URL begins with it");
		return { url };
	}
	if (path !== void 0 && (!/^\/(?!\/)[^\s#]*$/.test(path) || !URL.canParse(path, "http://host"))) problems.push(`\`path\`: ${JSON.stringify(withoutQuery(path))} is not a path, such as /healthz`);
	if (protocol !== void 0 && protocol !== "http" && protocol !== "https") problems.push(`\`protocol\`: ${JSON.stringify(protocol)} is neither http nor https`);
	return {
		path: path ?? "/",
		port,
		protocol: protocol === "https" ? "https" : "http"
	};
}
/** Reads `true`, `false`, or the hosts to which a redirect may lead besides the requested one. */
function redirects(value) {
	const list = Array.isArray(value) ? value : [value];
	const hosts = list.flatMap((one) => typeof one === "string" && /^[\w-]+(\.[\w-]+)+(:\d+)?$/.test(one.trim()) && URL.canParse(`https://${one.trim()}`) ? [one.trim().toLowerCase()] : []);
	if (hosts.length > 0 && hosts.length === list.length) return {
		followRedirects: true,
		redirectHosts: hosts
	};
	if (value === void 0 || typeof value === "string") return {
		followRedirects: parseBoolean("follow-redirects", value?.trim()) ?? false,
		redirectHosts: []
	};
	throw new Error("`follow-redirects` is true, false, or a list of hosts such as login.example.com");
}
function urlProblem(text) {
	const url = URL.canParse(text) ? new URL(text) : void 0;
	if (url === void 0 || !/^https?:$/.test(url.protocol) || /\s/.test(text)) {
		const path = /^[\w.-]+(\/|$)/.test(text) && !/^[\w-]+\.[\w.-]+/.test(text) ? "; a path begins with a slash" : "";
		return `${JSON.stringify(withoutQuery(text))} is neither a path such as /healthz nor a URL such as https://shop.example.com/healthz${path}`;
	}
	if (url.username !== "" || url.password !== "") return "must not hold a user or password; send them with `headers`";
}
/** Returns a URL or path without its query, which may hold a token. */
function withoutQuery(url) {
	return url.replace(/\?.*$/s, "?…");
}
function headerProblem(name, value) {
	if (!HEADER_NAME.test(name)) return `${JSON.stringify(name)} is not the name of a header`;
	if (OWN_HEADERS.test(name)) return `${name} belongs to the connection and can't be set`;
	return HEADER_VALUE.test(value) ? void 0 : `the value of ${name} has line breaks or characters that a header can't have`;
}
function statuses(value, problems) {
	if (value === void 0) return STATUS;
	const list = (Array.isArray(value) ? value : [value]).map((one) => typeof one === "string" ? one.trim().toLowerCase() : "");
	const wrong = list.find((one) => !/^[1-5](\d\d|xx)$/.test(one));
	if (list.length === 0 || wrong !== void 0) problems.push(`\`status\`: ${JSON.stringify(wrong ?? "")} is not a status such as 200 or 2xx, or a list of them`);
	return list;
}
/** Reads `/…/` and `/…/i` as patterns, and anything else as a text. Throws for an invalid pattern. */
function parseWanted(key, value) {
	const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(value) ?? [];
	if (source === void 0) return value;
	try {
		return new RegExp(source, flags);
	} catch (error) {
		throw new Error(`\`${key}\`: ${value} is not a regular expression: ${messageOf(error).replace(/^.*: /s, "")}`);
	}
}
/** Returns the names and numbers of a JSON path such as `checks.db[0].ok` or `$.a["b.c"]`. Throws for an invalid path. */
function jsonKeys(path) {
	const keys = [];
	const step = /\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
	step.lastIndex = /^\$(?=[.[])/.test(path) ? 1 : 0;
	while (step.lastIndex < path.length) {
		const [found, name, index, quoted] = step.exec(path) ?? [];
		if (found === void 0 || keys.length > 0 && name !== void 0 && !found.startsWith(".")) throw new Error(`\`json\`: ${JSON.stringify(path)} is not a path, such as status or checks.db[0].ok`);
		keys.push(name ?? index ?? String(JSON.parse(quoted ?? "\"\"")));
	}
	return keys;
}
// src/inputs/image-variables.ts
const PARTS = [
	"image",
	"name",
	"tag",
	"digest"
];
/** The names of HCL variables. */
const NAME = "[A-Za-z_][A-Za-z0-9_-]*";
/** Reads the input `image-variables`, `variable=part` lines or a map; `push` is false for an image of the local engine, which has no digest. */
async function readImageVariables(value, push, problems) {
	const read = Object.entries(await readMap("image-variables", value, problems, NAME)).flatMap(([name, text]) => {
		try {
			if (!new RegExp(`^${NAME}$`).test(name)) throw new Error(`\`image-variables\`: ${JSON.stringify(name)} is not the name of a variable`);
			return [[name, oneOf("image-variables", text.trim(), PARTS)]];
		} catch (error) {
			problems.push(messageOf(error));
			return [];
		}
	});
	const [ofDigest] = read.find(([, part]) => part === "digest") ?? [];
	if (ofDigest !== void 0 && !push) problems.push(`\`image-variables\`: ${ofDigest} takes the digest, and an image with \`push: false\` has none; give ${ofDigest} the part \`tag\``);
	return Object.fromEntries(read);
}
/** Returns whether a spec takes the image by a tag, which then has to be in the registry. */
function takesTag(variables) {
	return Object.values(variables).includes("tag");
}
// src/inputs/names.ts
/** Returns a warning for each unknown input, with the nearest known name. The values are never quoted. */
function unknownInputs(env) {
	const known = new Set(optionNames.map((name) => `INPUT_${name.toUpperCase()}`));
	return Object.keys(env).filter((name) => name.startsWith("INPUT_") && !known.has(name)).map((variable) => {
		const name = variable.slice(6).toLowerCase();
		const near = nearest(name, inputNames);
		return `Unknown input \`${name}\` is ignored. ${near === void 0 ? "docs/reference/inputs.md lists the inputs." : `Did you mean \`${near}\`?`}`;
	});
}
/** Variables of CI systems. The built-in template declares them as text, so that fragments of the repository can use them; unknown ones are blank. */
const CI_VARIABLES = [
	"CI_APPLICATION_REPOSITORY",
	"CI_APPLICATION_TAG",
	"CI_BUILDS_DIR",
	"CI_COMMIT_BRANCH",
	"CI_COMMIT_REF_NAME",
	"CI_COMMIT_REF_SLUG",
	"CI_COMMIT_SHA",
	"CI_COMMIT_SHORT_SHA",
	"CI_COMMIT_TAG",
	"CI_CONCURRENT_ID",
	"CI_DEFAULT_BRANCH",
	"CI_GITHUB_IMAGE",
	"CI_HOSTNAME",
	"CI_PIPELINE_SOURCE",
	"CI_PROJECT_DIR",
	"CI_PROJECT_NAME",
	"CI_PROJECT_PATH_SLUG",
	"CI_REGISTRY",
	"CI_REGISTRY_IMAGE",
	"CI_REGISTRY_TAG",
	"CI_REGISTRY_PASSWORD",
	"CI_REGISTRY_READ_TOKEN",
	"CI_REGISTRY_USER"
];
// src/inputs/offered.ts
/** Returns whether a run is one of the terminal program, which sets this variable. */
function isInTerminal(env) {
	return env["NOMAD_DEPLOY_TERMINAL"] !== void 0;
}
/** Reads a command. Throws for one that does not exist, and in a workflow for one that only the terminal has. */
function readCommand(value, env) {
	if (isInTerminal(env)) return oneOf("command", value, commands);
	if (!actionCommands.some((name) => name === value) && commands.some((name) => name === value)) throw new Error(`\`command\`: ${value} is a command of the terminal program only, see docs/terminal.md`);
	return oneOf("command", value, actionCommands);
}
/** Returns the terminal of a command that only the terminal program has. Throws `input-invalid` without one. */
function requireTerminal(command, { terminal }) {
	if (terminal !== void 0) return terminal;
	throw new ActionError("input-invalid", `\`command\`: ${command} is a command of the terminal program only`);
}
// src/inputs/pem.ts
/** A key without its first line is longer than any path, and must not be shown as a path. */
const MAX_PATH_LENGTH = 160;
/** Returns the PEM text of a value in base64, in one line or several; any other value as it is. */
function pemText(value) {
	if (!/^[\w+/=\s-]+$/.test(value)) return value;
	const decoded = Buffer.from(value, "base64").toString();
	return decoded.includes("-----BEGIN ") ? decoded : value;
}
/** Returns whether a value is the path of a file, and not PEM text. */
function isFilePath(value) {
	return !pemText(value).includes("-----BEGIN ") && !value.includes("\n") && value.length <= MAX_PATH_LENGTH;
}
/** Returns the files that the inputs for TLS name, each with its source. */
function pemPaths({ cacert, clientCert, clientKey }) {
	return [
		cacert,
		clientCert,
		clientKey && {
			...clientKey,
			value: clientKey.value.reveal()
		}
	].filter((given) => given !== void 0).filter(({ value }) => isFilePath(value));
}
// src/inputs/reader.ts
/** Opens a reader of the runner's environment and the layers of the configuration file. */
function openReader(env, file) {
	const layers = file?.layers ?? [];
	const problems = [];
	const attempt = attempting(problems);
	const sources = {};
	const places = {};
	const given = (name) => {
		const value = env[variableOf(name)];
		if (nonBlank(value) !== void 0) {
			sources[name] = name;
			return value;
		}
		const fromFile = layers.map((layer) => layer[name]).find((one) => nonBlank(one?.text) !== void 0);
		sources[name] = fromFile === void 0 ? "default" : sourceText(fromFile.at);
		if (fromFile !== void 0) places[name] = fromFile.at;
		return fromFile?.text;
	};
	const first = (name, ...others) => {
		const own = nonBlank(given(name));
		const [source, value] = (own === void 0 ? others.find((other) => nonBlank(other[1]) !== void 0) : void 0) ?? [];
		if (source !== void 0) sources[name] = source;
		return own ?? nonBlank(value) ?? INPUTS[name].default;
	};
	const text = (name) => first(name, ...(INPUTS[name].variables ?? []).map((variable) => [variable, env[variable]]));
	const raw = (name) => given(name) ?? INPUTS[name].default;
	return {
		env,
		file,
		problems,
		sources,
		places,
		attempt,
		raw,
		first,
		text,
		flag: (name) => attempt(() => parseBoolean(name, text(name)) ?? false, false),
		sourced: (name) => {
			const value = text(name);
			return value === void 0 ? void 0 : {
				value,
				source: sources[name] ?? name
			};
		},
		lines: (name) => (raw(name) ?? "").split("\n").map((line) => line.trim()).filter((line) => line !== ""),
		words: (name) => text(name)?.split(/[\s,]+/).filter((word) => word !== "")
	};
}
/** Reads the values of one subject whose form the table tells. */
function readPlain(reader, subject) {
	const names = optionNames.filter((name) => INPUTS[name].of === subject && INPUTS[name].own !== true);
	return Object.fromEntries(names.map((name) => [camelCase(name), plainValue(reader, name)]));
}
function plainValue({ env, text, attempt, flag, lines, words }, name) {
	const { type, values } = INPUTS[name];
	if (type === "list") return lines(name);
	if (type === "words") return words(name);
	const value = text(name);
	if (value === void 0 || type === "boolean or auto" && value === "auto") return value;
	if (type === "boolean" || type === "boolean or auto") return flag(name);
	if (type === "number") return attempt(() => parseCount(name, value), void 0);
	if (name === "command") return attempt(() => readCommand(value, env), void 0);
	return values === void 0 ? value : attempt(() => oneOf(name, value, values), void 0);
}
/** Returns the name of a value: `nomadAddr` for `nomad-addr`. */
function camelCase(name) {
	return name.replace(/-(\w)/g, (_dash, letter) => letter.toUpperCase());
}
/** Returns the environment variable by which the runner passes an input on. */
function variableOf(name) {
	return `INPUT_${name.toUpperCase()}`;
}
/** Returns a text trimmed; undefined for a blank one, which GitHub gives for secrets and variables that do not exist. */
function nonBlank(value) {
	return value === void 0 || value.trim() === "" ? void 0 : value.trim();
}
// src/inputs/secret-names.ts
const FILE = "FILE_";
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;
/** Characters of a path of a Nomad variable, except the slash. */
const SCOPE = /^[a-zA-Z0-9_~-]+$/;
/** Files that the folder of secrets has already: Nomad's own, and the environment of the built-in template. */
const TAKEN = /^(nomad_.*|api\.sock|ci\.env|nomad-deploy.*\.env)$/;
/** Reads the name of a secret. Returns the problem as a text for an invalid one. */
function readSecretName(key) {
	const scope = key.split("/");
	const item = scope.pop() ?? "";
	if (scope.length > 2 || !scope.every((part) => SCOPE.test(part))) return "a scope is a group, or a group and a task, of letters, digits, `-`, `_` and `~`, as in `web/server/DB_PASSWORD`";
	if (!item.startsWith(FILE)) return VARIABLE_NAME.test(item) ? {
		scope,
		kind: "variable",
		name: item,
		item
	} : "the name of an environment variable has letters, digits and underscores only, as in `DB_PASSWORD`";
	const name = item.slice(5);
	if (!FILE_NAME.test(name)) return `the name of a file has up to 100 letters, digits, dots, dashes and underscores, as in \`${FILE}tls.key\``;
	if (TAKEN.test(name)) return `the task's folder of secrets already has a file \`${name}\``;
	return {
		scope,
		kind: "file",
		name,
		item
	};
}
// src/inputs/maps.ts
/** The name of a secret in a line, and the sign for the items of others. */
const SECRET_LINE = "([\\w.~/-]+|\\*)";
const OTHER_ITEMS = "*";
/** Reads the variables of the spec. The input wins over the file, and the file over the environment. */
async function readVars({ env, file, problems }) {
	const ofFile = await Promise.all((file?.layers ?? []).toReversed().map(async ({ vars: given }) => {
		const at = given?.at;
		const own = [];
		const values = await readMap("vars", given?.text, own);
		problems.push(...own.map((problem) => at === void 0 ? problem : `${placeText(at)}: ${problem}`));
		return [values, (name) => given === void 0 ? "default" : sourceText(placeIn(given, name))];
	}));
	return merge([ciVariables(env), (name) => name], [prefixed(env, "NOMAD_VAR_"), (name) => `NOMAD_VAR_${name}`], ...ofFile, [await readMap("vars", env["INPUT_VARS"], problems), () => "vars"]);
}
/** Reads the secrets of the workload. The input wins over `NOMAD_SECRET_<NAME>`, and that over `NOMAD_SECRETS`. */
async function readSecrets({ env, raw, problems }) {
	const { values, sources } = merge([await readMap("NOMAD_SECRETS", env["NOMAD_SECRETS"], problems, SECRET_LINE), () => "NOMAD_SECRETS"], [prefixed(env, "NOMAD_SECRET_", { blank: true }), (name) => `NOMAD_SECRET_${name}`], [await readMap("secrets", raw("secrets"), problems, SECRET_LINE), () => "secrets"]);
	const { [OTHER_ITEMS]: others = "keep", ...own } = values;
	if (others !== "keep" && others !== "replace") problems.push(`\`secrets\`: \`${OTHER_ITEMS}\`, the items of other writers in the Nomad variable, takes \`keep\` or \`replace\``);
	problems.push(...secretProblems(Object.keys(own)));
	return {
		secrets: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, secret(value)])),
		givenSecrets: Object.keys(own).filter((name) => own[name]?.trim() !== ""),
		replaceItems: others === "replace",
		sources
	};
}
/** Returns the problems of the names of secrets. A name that may be a misplaced value is not quoted. */
function secretProblems(names) {
	return names.flatMap((name) => {
		const problem = readSecretName(name);
		const shown = /^[\w.~/-]{1,100}$/.test(name) ? `secret \`${name}\`` : "a secret whose name is not shown, since it may be a value";
		return typeof problem === "string" ? [`${shown}: ${problem}`] : [];
	});
}
/** Returns one map of several, in which the last one wins, with the source of each value. */
function merge(...maps) {
	return {
		values: Object.fromEntries(maps.flatMap(([values]) => Object.entries(values))),
		sources: Object.fromEntries(maps.flatMap(([values, source]) => Object.keys(values).map((name) => [name, source(name)])))
	};
}
/** Returns the variables with a prefix, by the rest of their name. Empty ones are left out unless `blank` is set: an empty workflow input keeps the default. */
function prefixed(env, prefix, { blank = false } = {}) {
	const found = {};
	for (const [name, value] of Object.entries(env)) if (name.startsWith(prefix) && name !== prefix && value !== void 0 && (blank || value !== "")) found[name.slice(prefix.length)] = value;
	return found;
}
/** Returns the `CI_*` variables of another CI system or of the workflow. */
function ciVariables(env) {
	return Object.fromEntries(CI_VARIABLES.flatMap((name) => {
		const value = name === "CI_REGISTRY_READ_TOKEN" && env["PRIVATE_REPO"] === "false" ? void 0 : nonBlank(env[name]);
		return value === void 0 ? [] : [[name, value]];
	}));
}
// src/inputs/build-secrets.ts
/** Reads the secrets of the build, by the ids that the Dockerfile mounts them by. The input wins over `NOMAD_BUILD_SECRET_<NAME>`, and that over `NOMAD_BUILD_SECRETS`. */
async function readBuildSecrets({ env, raw, problems, attempt }) {
	const own = [];
	const shared = await readMap("NOMAD_BUILD_SECRETS", env["NOMAD_BUILD_SECRETS"], own, "[\\w.-]+");
	const named = Object.entries({
		...shared,
		...prefixed(env, "NOMAD_BUILD_SECRET_")
	}).filter(([, value]) => nonBlank(value) !== void 0);
	problems.push(...own);
	const checked = attempt(() => named.map(([id, value]) => [checkedId(id, "`NOMAD_BUILD_SECRET_<NAME>`"), { value }]), []);
	const all = {
		...Object.fromEntries(checked),
		...attempt(() => parseBuildSecrets(raw("build-secrets"), env), {})
	};
	return Object.fromEntries(Object.entries(all).map(([id, from]) => [id, hidden(from)]));
}
/** Reads the keys and agents of the build, by the ids that the Dockerfile mounts them by. */
function readSsh({ env, raw, attempt }) {
	const read = attempt(() => parseSsh(raw("ssh"), env), {});
	return Object.fromEntries(Object.entries(read).map(([id, from]) => [id, from === "agent" ? from : hidden(from)]));
}
const hidden = (from) => "value" in from ? { value: secret(from.value) } : from;
/**
* Reads build secrets: `NAME=value` a line, as docker/build-push-action's `secrets` (a value of several lines in double quotes that begin before
* the name), or `id=NAME,env=VARIABLE` and `id=NAME,src=file` as buildx itself takes them. Problems never quote the value.
*/
function parseBuildSecrets(value, env) {
	return Object.fromEntries(entriesOf(value ?? "").map((entry, i) => {
		const where = `\`build-secrets\`, entry ${i + 1}`;
		const [, id = "", kind, from = ""] = /^(?:type=\w+,)?id=([^,]+),(env|src|source)=(.+)$/.exec(entry) ?? [];
		if (kind === "env") {
			const found = env[from];
			if (found === void 0 || found === "") throw new Error(`${where}: the environment variable ${from} of \`${id}\` is not set`);
			return [checkedId(id, where), { value: found }];
		}
		if (kind !== void 0) return [checkedId(id, where), { file: from }];
		const at = entry.indexOf("=");
		if (at <= 0) throw new Error(`${where} is neither NAME=value, id=NAME,env=VARIABLE nor id=NAME,src=file`);
		if (at === entry.length - 1) throw new Error(`${where}: \`${entry.slice(0, at)}\` has no value`);
		return [checkedId(entry.slice(0, at), where), { value: entry.slice(at + 1) }];
	}));
}
/** Reads SSH agents and keys, one a line: `ID` for the agent of the runner, `ID=PATH` for a socket or a key, `id=ID,env=VARIABLE` for the text of a key. */
function parseSsh(value, env) {
	const lines = (value ?? "").split("\n").map((line) => line.trim());
	return Object.fromEntries(lines.filter((line) => line !== "").map((line, i) => {
		const where = `\`ssh\`, entry ${i + 1}`;
		const [, named, variable] = /^id=([^,=]+),env=(.+)$/.exec(line) ?? [];
		if (named !== void 0 && variable !== void 0) return [checkedId(named, where), { value: keyIn(variable, env, where) }];
		const at = line.indexOf("=");
		if (at < 0) {
			if (nonBlank(env["SSH_AUTH_SOCK"]) !== void 0) return [checkedId(line, where), "agent"];
			throw new Error(`${where}: there is no agent, because SSH_AUTH_SOCK is not set; start one, or give a key`);
		}
		const path = line.slice(at + 1);
		if (path === "" || path.includes(",")) throw new Error(`${where} is neither ID, ID=PATH nor id=ID,env=VARIABLE, such as \`default\` or \`id=default,env=DEPLOY_KEY\``);
		return [checkedId(line.slice(0, at), where), { file: path }];
	}));
}
function keyIn(variable, env, where) {
	const key = nonBlank(env[variable]);
	if (key === void 0) throw new Error(`${where}: the environment variable ${variable} is not set`);
	if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n/.test(key) || !/-----END [A-Z ]*PRIVATE KEY-----$/.test(key)) throw new Error(`${where}: the environment variable ${variable} is not a private key, from -----BEGIN to -----END`);
	return `${key.replaceAll("\r\n", "\n")}\n`;
}
function checkedId(id, where) {
	if (/^[\w.-]+$/.test(id)) return id;
	throw new Error(`${where}: the name of a secret has letters, digits, dots, dashes and underscores only`);
}
/** Returns the entries of a list, one a line; an entry that begins with a double quote ends at the next single one. */
function entriesOf(value) {
	return [...value.replaceAll("\r\n", "\n").matchAll(/^[ \t]*(?:"((?:[^"]|"")*)"[ \t]*$|(\S.*)$)/gm)].map(([, quoted, plain]) => quoted?.replaceAll("\"\"", "\"") ?? plain?.trimEnd() ?? "");
}
// src/inputs/image.ts
/** Reads the values of one image of a job. */
async function readImage(reader, { push, vars }) {
	const { env, file, problems, sources, attempt, raw, first, text, lines } = reader;
	const image = attempt(() => parseImage(text("image")), void 0);
	const tags = attempt(() => parseTags(raw("tags")), []);
	const named = first("registry", ["image", registryOf(image)], ["tags", registryOf(tags.find((tag) => !isTagAlone(tag)))]);
	const registry = attempt(() => parseRegistry(named), void 0) ?? "ghcr.io";
	const githubToken = text("github-token");
	const password = first("registry-password", [sources["github-token"], hostOfRegistry(registry) === "ghcr.io" ? githubToken : void 0]);
	const platforms = attempt(() => parsePlatforms(raw("platforms")), []);
	if (platforms.length > 1 && !push) problems.push("`platforms`: an image with `push: false` has one platform, since the local engine loads only one");
	return {
		values: {
			...readPlain(reader, "image"),
			imageKey: file?.image ?? file?.app,
			image,
			imageVariables: await readImageVariables(raw("image-variables"), push, problems),
			file: first("file", ["NOMAD_VAR_BUILD_DEPLOY", nonBlank(vars["BUILD_DEPLOY"])]),
			target: attempt(() => parseTarget(text("target")), void 0),
			buildArgs: attempt(() => parseBuildArgs(raw("build-args")), []),
			buildSecrets: await readBuildSecrets(reader),
			ssh: readSsh(reader),
			platforms,
			tags,
			labels: attempt(() => parseLabels(lines("labels")), []),
			cacheFrom: attempt(() => parseCaches("cache-from", lines("cache-from")), []),
			cacheTo: attempt(() => parseCaches("cache-to", lines("cache-to")), []),
			defaultCache: lines("cache-from").length === 0 && lines("cache-to").length === 0,
			provenance: attempt(() => parseAttestation("provenance", text("provenance")), void 0),
			sbom: attempt(() => parseAttestation("sbom", text("sbom")), void 0),
			test: attempt(() => parseTest(text("test")), void 0),
			testEnv: attempt(() => parseTestEnv(lines("test-env"), env), {}),
			scan: attempt(() => parseScan(text("scan")), void 0),
			registry,
			registryUsername: text("registry-username"),
			registryPassword: password === void 0 ? void 0 : secret(password)
		},
		sources: { inputs: sources }
	};
}
// src/inputs/job.ts
/** Reads the values of one app, or of the repository as a whole. */
async function readJob(reader) {
	const { env, file, problems, sources, places, attempt, raw, first, text, lines } = reader;
	const { values: vars, sources: ofVars } = await readVars(reader);
	sources.vars = nonBlank(env["INPUT_VARS"]) === void 0 ? "default" : "vars";
	const plain = readPlain(reader, "job");
	const bakes = [];
	const verify = await readChecks(raw("verify"), secret, problems, bakes);
	const values = {
		...plain,
		promote: plain.promote ?? (plain.blueGreen ? "manual" : void 0),
		app: file?.app,
		nomadNamespace: first("nomad-namespace", [ofVars["NAMESPACE"], vars["NAMESPACE"]], ["NOMAD_NAMESPACE", env["NOMAD_NAMESPACE"]]),
		baseDomain: attempt(() => parseDomain(text("base-domain")), void 0),
		ownDomain: places["base-domain"] !== void 0 && places["base-domain"] === file?.environment?.["base-domain"]?.at,
		vars,
		noDeploy: attempt(() => parseBoolean("NOMAD_VAR_NO_DEPLOY", nonBlank(vars["NO_DEPLOY"])) ?? false, false),
		jobs: lines("job"),
		timeoutMs: attempt(() => parseTimeout(text("timeout")), void 0),
		failFast: attempt(() => oneOf("fail-fast", text("fail-fast") ?? "certain", ["certain", "off"]), "certain") === "certain",
		verify,
		preDeploy: await readHook$1("pre-deploy", raw("pre-deploy"), problems),
		postDeploy: await readHook$1("post-deploy", raw("post-deploy"), problems),
		bake: bakes[0],
		watchForMs: attempt(() => parseWatchFor(text("watch-for")), void 0),
		placementPatienceMs: attempt(() => parsePatience("on-placement-failure", text("on-placement-failure")), 0)
	};
	problems.push(...conflicts(values));
	return {
		values,
		sources: {
			inputs: sources,
			vars: ofVars
		}
	};
}
function parseWatchFor(value) {
	const ms = value === void 0 ? void 0 : parseDuration(value) ?? 0;
	if (ms !== void 0 && ms < 1e3) throw new Error(`\`watch-for\`: ${JSON.stringify(value)} is not a duration of a second or more, such as 10m`);
	return ms;
}
/** Returns the problems of values that contradict each other. */
function conflicts({ promote, verify, bake, watchForMs, timeoutMs, wait, postDeploy }) {
	const found = [];
	if (promote === "verify" && bake === void 0 && !verify.some(({ target }) => "path" in target)) found.push("`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz");
	if (!wait && (verify.length > 0 || bake !== void 0 || promote === "verify")) found.push("`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`");
	if (!wait && postDeploy !== void 0) found.push("`wait`: a run that does not wait can't run `post-deploy`; leave out `wait: false` or `post-deploy`");
	if (!wait && watchForMs !== void 0) found.push("`wait`: a run that does not wait can't watch anything; leave out `wait: false` or `watch-for`");
	if (bake !== void 0 && timeoutMs !== void 0 && bake.forMs >= timeoutMs) found.push(`\`verify\`: \`for\`, ${formatDuration(bake.forMs)}, does not fit into \`timeout\`, ${formatDuration(timeoutMs)}, which also has to hold the rollout`);
	const [rule] = bake === void 0 ? [] : comparing(bake);
	if (rule !== void 0 && (promote === void 0 || promote === "auto") && wait) found.push(`\`verify\`: ${rule} has a limit in percent of the stable allocations, which are beside the canaries for that time only with \`promote: verify\` or \`promote: manual\``);
	return found;
}
// src/inputs/problems.ts
/** Throws one `input-invalid` error with all problems of these readers, each once and in the order of the table. */
function requireNone(readers) {
	const all = readers.flatMap(({ problems, places }) => problems.map((text) => problemOf(text, places)));
	const told = all.filter(({ line }, i) => all.findIndex((other) => other.line === line) === i).sort((a, b) => a.order - b.order);
	const [first] = told;
	if (first === void 0) return;
	const place = told.find((one) => one.place !== void 0)?.place;
	const location = place && locationOf(place);
	const message = told.length === 1 ? first.line : `${told.length} problems:\n${told.map(({ line }) => `- ${line}`).join("\n")}`;
	throw new ActionError("input-invalid", message, location === void 0 ? {} : { location });
}
/** Returns a problem with its place. Its first word is the name of the input, or of the variable that gave the value. */
function problemOf(text, places) {
	const named = /^`([\w-]+)`/.exec(text)?.[1] ?? "";
	const name = optionNames.find((one) => one === named);
	const place = name === void 0 || name === "vars" ? void 0 : places[name];
	const order = optionNames.findIndex((one) => one === named || isVariableOf(one, named));
	return {
		line: place === void 0 ? text : `${placeText(place)}: ${text}`,
		place,
		order
	};
}
function isVariableOf(name, variable) {
	return (INPUTS[name].variables ?? []).some((one) => {
		const [prefix = "", ...more] = one.split("<NAME>");
		return more.length === 0 ? one === variable : variable.startsWith(prefix);
	});
}
// src/inputs/via.ts
const KNOWN_HOST = /^(@cert-authority\s+)?\S+\s+(sk-)?(ssh|ecdsa)-[\w@.-]+\s+[A-Za-z0-9+/]+={0,2}(\s.*)?$/;
const KEY = /^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----\r?\n/;
/** Reads `nomad-via` with its key and its host keys; undefined without it. */
function readVia({ problems, attempt, text, sources }) {
	const [value, key, knownHosts] = [
		text("nomad-via"),
		text("nomad-via-key"),
		text("nomad-via-known-hosts")
	];
	const via = value === void 0 ? void 0 : attempt(() => parseVia(value), void 0);
	const isSsh = via?.kind === "ssh";
	for (const name of ["nomad-via-key", "nomad-via-known-hosts"]) if (!isSsh && sources[name] === name && !problems.some((problem) => problem.startsWith("`nomad-via`"))) problems.push(`\`${name}\` is for a jump host: set \`nomad-via\` to its address, such as ssh://deploy@bastion.example.com`);
	if (!isSsh) return via;
	const hosts = (knownHosts ?? "").split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
	if (hosts.length === 0 || !hosts.every((line) => KNOWN_HOST.test(line))) problems.push("`nomad-via-known-hosts` has to be the key of the jump host, in lines such as `bastion.example.com ssh-ed25519 AAAA…`: ssh-keyscan prints it. Compare it once with the key on the host");
	const own = key === void 0 ? void 0 : pemText(key).replaceAll("\r\n", "\n");
	if (own !== void 0 && !KEY.test(own)) problems.push("`nomad-via-key` is not a private key of SSH, from -----BEGIN to -----END with its line breaks, nor base64 of one");
	return {
		...via,
		key: own === void 0 ? void 0 : secret(`${own.trimEnd()}\n`),
		knownHosts: `${hosts.join("\n")}\n`
	};
}
function parseVia(value) {
	const url = URL.canParse(value) ? new URL(value) : void 0;
	const isBare = url !== void 0 && /^\/?$/.test(url.pathname) && url.search === "" && url.hash === "";
	if (url !== void 0 && isBare && url.hostname !== "" && /^(socks5|https?):$/.test(url.protocol)) return {
		kind: "proxy",
		address: secret(value),
		shown: `${url.protocol}//${url.host}`
	};
	const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
	const isHost = /^[A-Za-z0-9][\w.-]*$/.test(host) || /^[\da-fA-F:.]+$/.test(host);
	if (url?.protocol !== "ssh:" || !isBare || !isHost || !/^[A-Za-z_][\w.-]*$/.test(url.username) || url.password !== "") throw new Error("`nomad-via` is neither a jump host, such as ssh://deploy@bastion.example.com:22, nor a proxy, such as socks5://proxy.example.com:1080");
	return {
		kind: "ssh",
		user: url.username,
		host,
		port: url.port === "" ? 22 : Number(url.port),
		key: void 0,
		knownHosts: ""
	};
}
// src/inputs/cluster.ts
/** Reads the address of Nomad, the credentials and the certificates. */
async function readCluster(reader) {
	const { file, problems, text, flag } = reader;
	const pemOf = (name) => {
		const given = reader.sourced(name);
		return given && {
			...given,
			value: pemText(given.value)
		};
	};
	const [cacert, clientCert, clientKey] = [
		pemOf("nomad-cacert"),
		pemOf("nomad-client-cert"),
		pemOf("nomad-client-key")
	];
	if (clientCert === void 0 !== (clientKey === void 0)) {
		const [given, missing] = clientKey === void 0 ? ["cert", "key"] : ["key", "cert"];
		problems.push(`\`nomad-client-${given}\` is given without \`nomad-client-${missing}\`; give both`);
	}
	return {
		...await readAddress(reader),
		nomadToken: {
			production: tokenFor(reader, "NOMAD_TOKEN_PROD"),
			staging: tokenFor(reader, "NOMAD_TOKEN_STAGING"),
			main: tokenFor(reader),
			review: tokenFor(reader)
		},
		tokenEnv: file?.tokenEnv,
		nomadLogin: readLogin(reader),
		hasIdToken: nonBlank(reader.env["ACTIONS_ID_TOKEN_REQUEST_URL"]) !== void 0,
		nomadLoginNames: {
			method: text("nomad-auth-method"),
			audience: text("nomad-auth-audience")
		},
		nomadVia: readVia(reader),
		nomadTls: {
			cacert,
			clientCert,
			clientKey: clientKey && {
				...clientKey,
				value: secret(clientKey.value)
			},
			serverName: text("nomad-tls-server-name"),
			skipVerify: flag("nomad-skip-verify")
		},
		proxies: {
			http: proxyOf(reader, "http_proxy", "HTTP_PROXY"),
			https: proxyOf(reader, "https_proxy", "HTTPS_PROXY")
		}
	};
}
/** Reads the address and the headers; a user in the address becomes a header. */
async function readAddress({ env, problems, attempt, first, text }) {
	const headers = await readMap("nomad-headers", first("nomad-headers", ["NOMAD_HTTP_AUTH", basicAuth(env["NOMAD_HTTP_AUTH"])]), problems, "[\\w-]+");
	problems.push(...headerProblems(headers));
	const [nomadAddr, basic] = attempt(() => splitCredentials("nomad-addr", text("nomad-addr")), [void 0, void 0]);
	if (basic !== void 0 && Object.keys(headers).some((name) => /^authorization$/i.test(name))) problems.push("`nomad-addr` has a user, and `nomad-headers` or NOMAD_HTTP_AUTH has an Authorization header; give one of them");
	const authorization = basicAuth(basic)?.replace("Authorization=", "");
	const all = {
		...headers,
		...authorization === void 0 ? {} : { Authorization: authorization }
	};
	return {
		nomadAddr: attempt(() => parseAddress(nomadAddr), void 0),
		nomadHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, secret(value)]))
	};
}
function readLogin({ env, problems, sources, text }) {
	if (isInTerminal(env)) return void 0;
	const [method, audience] = [text("nomad-auth-method"), text("nomad-auth-audience")];
	if (method !== void 0 && audience === void 0) problems.push("`nomad-auth-method` is given without `nomad-auth-audience`; give one of its BoundAudiences, such as nomad.example.com");
	if (audience !== void 0 && method === void 0) problems.push("`nomad-auth-audience` is given without `nomad-auth-method`; name the auth method of Nomad");
	const byToken = nonBlank(env["INPUT_NOMAD-TOKEN"]) !== void 0;
	if (byToken && sources["nomad-auth-method"] === "nomad-auth-method") problems.push("`nomad-token` and `nomad-auth-method` are both given; give one of them");
	return method === void 0 || audience === void 0 || byToken ? void 0 : {
		method,
		audience,
		idToken: idTokenSource(env)
	};
}
/** Reads the token of an environment. With `token-env` in the file, no other variable gives it. */
function tokenFor({ env, file, problems }, ...own) {
	for (const name of ["INPUT_NOMAD-TOKEN", ...file?.tokenEnv === void 0 ? [...own, "NOMAD_TOKEN"] : [file.tokenEnv]]) {
		const value = nonBlank(env[name]);
		if (value === void 0) continue;
		const source = name === "INPUT_NOMAD-TOKEN" ? "nomad-token" : name;
		const problem = `\`${source}\` is not a token of Nomad: a token is one word without line breaks`;
		if (/[^\x21-\x7e]/.test(value) && !problems.includes(problem)) problems.push(problem);
		return {
			value: secret(value),
			source
		};
	}
}
function proxyOf({ env, attempt }, ...names) {
	const source = names.find((name) => nonBlank(env[name]) !== void 0);
	const value = source && attempt(() => parseProxy(source, nonBlank(env[source])), void 0);
	return source === void 0 || value === void 0 ? void 0 : {
		value: secret(value),
		source
	};
}
/** Returns where a job with `id-token: write` gets its ID token. */
function idTokenSource(env) {
	const [url, token] = [nonBlank(env["ACTIONS_ID_TOKEN_REQUEST_URL"]), nonBlank(env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])];
	return url === void 0 || token === void 0 ? void 0 : {
		url,
		authorization: secret(`Bearer ${token}`)
	};
}
// src/inputs/waves.ts
/** Reads the order of a run before its clusters are known. Throws `input-invalid` for waves that can't be read. */
async function readAskedWaves(env, file) {
	const reader = openReader(env, file);
	const waves = await readWaves(reader.text("waves"), reader.problems);
	requireNone([reader]);
	const source = reader.sources.waves ?? "waves";
	const given = source === "waves" ? void 0 : file?.layers.map((layer) => layer.waves).find((one) => one !== void 0);
	return {
		waves,
		clusters: reader.words("cluster") ?? [],
		source,
		placeOf: (name) => given && placeIn(given, name),
		isOwn: given === void 0 || given === file?.environment?.waves
	};
}
/** Reads waves: a wave a line, or a YAML or JSON list of lists. Adds a problem for anything else. */
async function readWaves(text, problems) {
	if (text === void 0) return [];
	const wrong = "`waves` is neither a wave a line nor a list of lists of names, such as `[[eu], [us, ap]]`";
	let waves = text.split("\n").map((line) => line.split(/[\s,]+/).filter((word) => word !== ""));
	const isList = /^\s*[[-]/.test(text);
	if (isList) {
		const read = await yamlData(text, "failsafe");
		waves = "data" in read && Array.isArray(read.data) ? read.data.map((wave) => Array.isArray(wave) ? wave : [wave]) : [void 0];
	}
	const found = waves.flatMap((wave) => {
		if (Array.isArray(wave) && wave.every((name) => typeof name === "string")) return [wave.map((name) => name.trim())];
		if (!problems.includes(wrong)) problems.push(wrong);
		return [];
	});
	if (found.some((wave) => wave.includes("") || wave.length === 0 && isList)) problems.push("`waves` has an empty wave: name at least one cluster or app in each");
	return found.filter((wave) => wave.length > 0);
}
/** Reads the time between two waves, in milliseconds. Throws for anything but a duration. */
function parseBake(text) {
	const bakeMs = text === void 0 ? 0 : parseDuration(text);
	if (bakeMs === void 0 || bakeMs < 0) throw new Error(`\`wave-bake\`: ${JSON.stringify(text)} is not a duration, such as 90s or 10m`);
	if (bakeMs > MAX_BAKE_MS) throw new Error(`\`wave-bake\`: ${JSON.stringify(text)} is longer than ${formatDuration(MAX_BAKE_MS)}, the longest time of a job on GitHub`);
	return bakeMs;
}
/** The longest time of a workflow's job on GitHub's runners. */
const MAX_BAKE_MS = 216e5;
// src/inputs/run.ts
/** Variables by which buildx finds GitHub's cache service; the runner sets them for actions, not for `run:` steps. */
const CACHE_SERVICE = [
	"ACTIONS_RUNTIME_TOKEN",
	"ACTIONS_RESULTS_URL",
	"ACTIONS_CACHE_URL",
	"ACTIONS_CACHE_SERVICE_V2"
];
/** Reads the values that are the same for the whole run. */
async function readRun(reader) {
	const { env, file, problems, sources, attempt, raw, text, lines, words } = reader;
	const plain = readPlain(reader, "run");
	const { sources: secrets, ...ofSecrets } = await readSecrets(reader);
	sources.config = nonBlank(env["INPUT_CONFIG"]) === void 0 ? "default" : "config";
	const named = text("environment");
	const githubToken = text("github-token");
	const values = {
		...plain,
		...ofSecrets,
		...await readCluster(reader),
		config: file?.path,
		apps: words("app") ?? [],
		clusters: words("cluster") ?? [],
		waves: await readWaves(text("waves"), problems),
		waveBakeMs: attempt(() => parseBake(text("wave-bake")), 0),
		environment: named && attempt(() => oneOf("environment", named, [.../* @__PURE__ */ new Set([...environments, ...file?.environments ?? []])]), void 0),
		mainStyle: attempt(() => parseBoolean("CI_MAIN_STYLE", nonBlank(env["CI_MAIN_STYLE"])) ?? false, false),
		builder: attempt(() => parseBuilder(text("builder")), void 0),
		sourceDateEpoch: nonBlank(env["SOURCE_DATE_EPOCH"]),
		cacheService: Object.fromEntries(CACHE_SERVICE.flatMap((name) => {
			const value = nonBlank(env[name]);
			return value === void 0 ? [] : [[name, secret(value)]];
		})),
		registryAuth: (await readLogins(raw("registry-auth"), problems)).map((login) => ({
			...login,
			password: secret(login.password)
		})),
		allowUntrustedEvents: (words("allow-untrusted-events") ?? []).flatMap((word) => attempt(() => [oneOf("allow-untrusted-events", word, untrustedEvents)], [])),
		attestation: attempt(() => parseAttestationUrl(text("attestation"), text("image")), void 0),
		tag: attempt(() => parseTag(text("tag")), void 0),
		to: attempt(() => parseGoal(text("to")), void 0),
		until: attempt(() => parseUntil(text("until")), void 0),
		ttlMs: attempt(() => parseTtl(text("ttl")), void 0),
		meta: await readMap("meta", raw("meta"), problems, "[^=\\s]+"),
		program: attempt(() => parseProgram(raw("program")), void 0),
		payload: attempt(() => parsePayload(raw("payload")), void 0),
		webhook: attempt(() => readHook(raw("webhook-url"), raw("webhook-on")), void 0),
		prometheus: readPrometheus(reader),
		consul: readConsul(reader),
		githubToken: githubToken === void 0 ? void 0 : secret(githubToken),
		approvedPlan: attempt(() => parseApprovedPlan(lines("approved-plan")), [])
	};
	const alone = [values.waveBakeMs > 0 ? "wave-bake" : void 0, values.allOrNothing ? "all-or-nothing" : void 0];
	for (const name of alone.filter((one) => one !== void 0 && sources[one] === one && values.waves.length === 0)) problems.push(`\`${name}\` is given without \`waves\``);
	problems.push(...misplaced(reader, values));
	return {
		values,
		sources: {
			inputs: sources,
			secrets
		}
	};
}
/** Reads the address of Prometheus, and its token: a word, or `user:password` for basic authentication. */
function readPrometheus({ problems, attempt, text }) {
	const token = text("prometheus-token");
	const address = attempt(() => parsePrometheus(text("prometheus-addr")), void 0);
	if (token !== void 0 && /[^\x21-\x7e]/.test(token)) problems.push("`prometheus-token` is neither a word nor `user:password`");
	if (address === void 0) return void 0;
	if (token === void 0) return {
		address,
		authorization: void 0
	};
	const basic = token.includes(":") ? basicAuth(token)?.replace("Authorization=", "") : void 0;
	return {
		address,
		authorization: secret(basic ?? `Bearer ${token}`)
	};
}
/** Reads the address of Consul, and its token. A token of the environment may be for other programs, so that it needs no address. */
function readConsul({ problems, attempt, sources, text }) {
	const token = text("consul-token");
	const address = attempt(() => parseConsul(text("consul-addr")), void 0);
	if (token !== void 0 && /[^\x21-\x7e]/.test(token)) problems.push("`consul-token` is not a token of Consul: a token is one word without line breaks");
	if (address === void 0 && sources["consul-token"] === "consul-token" && sources["consul-addr"] === "default") problems.push("`consul-token` is given without `consul-addr`");
	return address === void 0 ? void 0 : {
		address,
		token: token === void 0 ? void 0 : secret(token)
	};
}
/** Returns the problems of inputs of the workflow that only other commands take: the run would ignore them. */
function misplaced({ env, problems, sources, flag }, { command: given }) {
	const command = given === "doctor" || given === "init" ? "deploy" : given;
	return optionNames.flatMap((name) => {
		const { only, type, default: usual } = INPUTS[name];
		if (only === void 0 || only.includes(command) || sources[name] !== name) return [];
		if (problems.some((problem) => problem.startsWith(`\`${name}\``))) return [];
		if (type === "boolean" && String(flag(name)) === usual) return [];
		return [`\`${name}\` is for \`command: ${(isInTerminal(env) ? only : only.filter((one) => actionCommands.includes(one))).join("`, `")}\` only`];
	});
}
/** Reads the web hook alone, for a run whose other inputs are invalid; undefined when the web hook is invalid, too. */
function readWebhook(env) {
	try {
		return readHook(env["INPUT_WEBHOOK-URL"], env["INPUT_WEBHOOK-ON"]);
	} catch {
		return;
	}
}
function readHook(given, on) {
	const when = oneOf("webhook-on", nonBlank(on) ?? "always", ["always", "failure"]);
	const url = parseWebhook(nonBlank(given));
	return url === void 0 ? void 0 : {
		url: secret(url),
		on: when
	};
}
// src/inputs/read.ts
/** Returns the inputs that decide which configuration file is read. */
function configInputs(env) {
	return {
		path: nonBlank(env["INPUT_CONFIG"]),
		fromCheckout: nonBlank(env["INPUT_CONFIG-FROM"]) === "checkout",
		workingDirectory: nonBlank(env["INPUT_WORKING-DIRECTORY"])
	};
}
/** Reads GitHub's token, which the run needs before the configuration file is known. */
function githubToken(env) {
	const token = nonBlank(env["INPUT_GITHUB-TOKEN"]) ?? nonBlank(env["GITHUB_TOKEN"]);
	return token === void 0 ? void 0 : secret(token);
}
/** Returns whether the workflow gives an input. */
function isGiven(env, name) {
	return nonBlank(env[variableOf(name)]) !== void 0;
}
/** Returns the texts of the inputs that the workflow gives. */
function givenTexts(env) {
	return new Map(inputNames.flatMap((name) => {
		const text = nonBlank(env[variableOf(name)]);
		return text === void 0 ? [] : [[name, text]];
	}));
}
/**
* Reads all inputs: from the workflow (`INPUT_*`), else from the configuration file, else from the environment (`NOMAD_*`). Throws one `input-invalid` error
* that lists every problem.
*/
async function readInputs(env, file) {
	const reader = openReader(env, file);
	const run = await readRun(reader);
	const job = await readJob(reader);
	const image = await readImage(reader, {
		...run.values,
		...job.values
	});
	requireNone([reader]);
	return merged(run, job, image);
}
/**
* Reads the slice of the run once, that of the job for each app, and that of the image for each app and each image. Throws one `input-invalid` error with
* the problems of all.
*/
async function readLayers(env, { run: ofRun, jobs, images }) {
	const readers = [];
	const open = (file) => {
		const reader = openReader(env, file);
		readers.push(reader);
		return reader;
	};
	const run = await readRun(open(ofRun));
	const [first, ...others] = jobs;
	const app = async (file) => {
		const reader = open(file);
		const job = await readJob(reader);
		return {
			job,
			image: await readImage(reader, {
				...run.values,
				...job.values
			})
		};
	};
	const own = await app(first);
	const further = await Promise.all(others.map(app));
	const listed = await Promise.all(images.map(async (file) => readImage(open(file), {
		...run.values,
		...own.job.values
	})));
	requireNone(readers);
	return {
		apps: [own, ...further].map(({ job, image }) => merged(run, job, image)),
		images: listed.map((image) => merged(run, own.job, image))
	};
}
function merged(run, job, image) {
	const sources = {
		vars: {},
		secrets: {},
		...run.sources,
		...job.sources
	};
	const inputs = {
		...run.sources.inputs,
		...job.sources.inputs,
		...image.sources.inputs
	};
	return Object.freeze({
		...run.values,
		...job.values,
		...image.values,
		sources: {
			...sources,
			inputs
		}
	});
}
// src/inputs/secret-values.ts
/** Variables of inputs whose whole value is a secret. */
const WHOLE$1 = inputNames.flatMap((name) => INPUTS[name].secret === "whole" ? [variableOf(name), ...INPUTS[name].variables ?? []] : []);
/** Other variables whose whole value is a secret. */
const OTHERS = /^(NOMAD_SECRET_.+|NOMAD_BUILD_SECRET_.+|NOMAD_HTTP_AUTH|ACTIONS_RUNTIME_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN|(NOMAD_VAR_)?CI_REGISTRY_(PASSWORD|READ_TOKEN))$/;
/** Headers that carry a credential, alone or after a word such as `Bearer`. */
const SECRET_HEADER = /auth|cookie|key|password|secret|token/i;
/** Returns the texts in the maps of secrets that look like values, for a run that ends before it reads them. */
function unreadSecrets(env) {
	return [
		"NOMAD_SECRETS",
		"NOMAD_BUILD_SECRETS",
		"INPUT_SECRETS"
	].flatMap((name) => {
		const text = env[name] ?? "";
		const values = text.split("\n").map((line) => line.replace(/^[^=:]*[=:]\s*/, "").replace(/(?<![\s,}])[\s,}]+$/, ""));
		const quoted = [...text.matchAll(/:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, value = ""]) => value);
		return [
			...values,
			...values.map((value) => value.replace(/^["']|["']$/g, "")),
			...quoted
		].filter((value) => value.trim() !== "");
	});
}
/** Returns every value that must never be printed: secrets of the workload, tokens, passwords. They are masked before the first log line. */
function secretValues(env, inputs) {
	const values = Object.entries(env).flatMap(([name, value]) => value !== void 0 && (WHOLE$1.includes(name) || OTHERS.test(name)) ? [value] : []);
	const inAddresses = Object.entries(env).flatMap(([name, value]) => value !== void 0 && /^(INPUT_NOMAD-(ADDR|VIA)|NOMAD_ADDR|https?_proxy)$/i.test(name) && !/^ssh:\/\/[^:@/]*@/i.test(value) ? passwordsIn(value) : []);
	const { secrets = {}, vars = {}, buildSecrets = {}, ssh = {}, nomadHeaders = {}, nomadTls, nomadVia, verify = [], registryAuth = [] } = inputs ?? {};
	const ofBuild = [...Object.values(buildSecrets), ...Object.values(ssh)].flatMap((found) => found !== "agent" && "value" in found ? [found.value] : []);
	const passwords = ["CI_REGISTRY_PASSWORD", "CI_REGISTRY_READ_TOKEN"].flatMap((name) => vars[name] ?? []);
	const ofChecks = verify.flatMap(({ headers }) => Object.entries(headers)).flatMap(([name, value]) => SECRET_HEADER.test(name) ? [value.reveal(), value.reveal().replace(/^\S+\s+/, "")] : []);
	const credentials = [...Object.values(nomadHeaders), ...inputs?.prometheus?.authorization === void 0 ? [] : [inputs.prometheus.authorization]].flatMap((value) => credentialsIn(value.reveal()));
	const ofPrometheus = ["INPUT_PROMETHEUS-TOKEN", "PROMETHEUS_TOKEN"].flatMap((name) => /^[^:]*:(.{4,})$/.exec(env[name] ?? "")?.[1] ?? []);
	const key = [nomadTls?.clientKey?.value.reveal() ?? ""].filter((value) => !isFilePath(value));
	const ofVia = nomadVia?.kind === "proxy" ? passwordsIn(nomadVia.address.reveal()) : nomadVia?.key === void 0 ? [] : [nomadVia.key.reveal()];
	return [
		...values,
		...ofVia,
		...inAddresses,
		...passwords,
		...credentials,
		...ofPrometheus,
		...ofChecks,
		...key,
		...Object.values(inputs?.nomadToken ?? {}).flatMap((token) => token === void 0 ? [] : [token.value.reveal()]),
		...[
			...Object.values(secrets),
			...ofBuild,
			...registryAuth.map(({ password }) => password)
		].map((value) => value.reveal())
	].filter((value) => value.trim() !== "");
}
// src/target/hostnames.ts
/**
* Matches domains whose first label must stay: it was registered, or is part of an address (`10.0.0.1.nip.io`). Of three labels it must
* stay below the usual second levels of countries, such as `co.uk`.
*/
const WHOLE = /^[^.]+(\.[^.]+)?$|^[^.]+\.(ac|co|com|edu|gob|gov|go|ltd|me|mil|net|ne|nom|or|org|plc|sch)\.[a-z]{2}$|^\d+([.-]\d+){3}\./;
/**
* Returns the domain of an environment: `dev.example.com` becomes `prod.example.com` in production. In `example.com` and `example.co.uk` no
* label can be replaced, so they become `prod.example.com` and `prod.example.co.uk`.
*/
function domainFor(environment, baseDomain) {
	const first = environment === "production" ? "prod" : environment === "staging" ? "staging" : void 0;
	if (first === void 0 || baseDomain.startsWith(`${first}.`)) return baseDomain;
	return `${first}.${WHOLE.test(baseDomain) ? baseDomain : baseDomain.slice(baseDomain.indexOf(".") + 1)}`;
}
/** A domain that the configuration file gives for the environment is taken as it is. */
function domainOf(environment, baseDomain, { ownDomain }) {
	return ownDomain ? baseDomain : domainFor(environment, baseDomain);
}
/**
* Returns the hostnames of a job: those of the variable `HOSTNAMES`, else one below the domain. A review app always has its own, so that no
* branch takes a name of the main branch. Throws one `input-invalid` with every name that DNS would refuse, or when the name of a review
* app is in use elsewhere.
*/
function resolveHostnames(environment, inputs, { jobId, projectSlug }, context) {
	const { baseDomain, sources } = inputs;
	const review = environment === "review";
	const asked = parseHostnames(inputs);
	const variable = variableName(inputs);
	if (asked.length > 0 && !review) {
		const names = below(asked, environment, inputs);
		refuse([...withoutDomain(asked, baseDomain, variable), ...asked.flatMap((name, i) => askedProblem(name, names[i] ?? name, variable))]);
		return {
			hostnames: unique(names),
			source: sources.vars["HOSTNAMES"] ?? "",
			notes: []
		};
	}
	const notes = asked.length === 0 ? [] : [`${variable} is ignored: a review app has a hostname of its own`];
	if (baseDomain === void 0) return {
		hostnames: [],
		source: "no base-domain",
		notes
	};
	const own = ownName(environment, inputs, jobId, context);
	const name = `${own.name}.${domainOf(environment, baseDomain, inputs)}`;
	refuse([...ownProblem(name, own.from), ...review ? takenProblem(name, namesOf(inputs, context, projectSlug, asked), context) : []]);
	return {
		hostnames: [name],
		source: `${own.from} and ${sources.inputs["base-domain"]}`,
		notes
	};
}
/**
* Returns whether the workflow itself names hostnames, and none that production has without `HOSTNAMES`: then a branch may run in
* production beside it. The names of the registered production job are compared later, by `takenHost`. Throws `input-invalid` when
* `HOSTNAMES` is not a list.
*/
function namesOwnHosts(inputs, context, projectSlug) {
	const { vars, sources, jobName } = inputs;
	if (jobName !== void 0 || !["vars", "NOMAD_VAR_HOSTNAMES"].includes(sources.vars["HOSTNAMES"] ?? "")) return false;
	const asked = below(parseHostnames(inputs), "production", inputs);
	const names = [...asked, ...besides(asked, vars).map(({ name }) => name)];
	const taken = namesOf(inputs, context, projectSlug, []);
	return asked.length > 0 && !names.some((name) => taken.some((other) => sameHost(name, other.name)));
}
/** Returns the first of these hostnames that a tag of one of the job's services names. */
function takenHost(hosts, { TaskGroups }) {
	const named = (TaskGroups ?? []).flatMap((group) => [group, ...group.Tasks ?? []].flatMap(({ Services }) => Services ?? [])).flatMap(({ Tags }) => Tags ?? []).flatMap((tag) => tag.toLowerCase().match(/[\w-]+(\.[\w-]+)*/g) ?? []);
	return hosts.find((host) => named.includes(host.toLowerCase()));
}
/**
* Returns the name below the domain: that of the job, or in production and staging that of the repository, unless the user named the job.
*/
function ownName(environment, { jobName, app }, jobId, { repository }) {
	if (jobName === void 0 && (environment === "production" || environment === "staging")) return {
		name: shortName(repository, app),
		from: app === void 0 ? "repository" : `repository and app ${app}`
	};
	return {
		name: jobId,
		from: "job name"
	};
}
/** Returns the repository's name with its dots and underscores. Only a label that is too long for DNS is cut. */
function shortName(repository, app) {
	const own = repository.toLowerCase().split("/").at(-1) ?? "";
	return (app === void 0 ? own : `${own}-${app}`).split(".").map((label) => fitLabel(label)).join(".");
}
function below(names, environment, inputs) {
	const { baseDomain } = inputs;
	return names.map((name) => name.includes(".") || baseDomain === void 0 ? name : `${name}.${domainOf(environment, baseDomain, inputs)}`);
}
/** Reads hostnames from a JSON or HCL list, or from text with one name a line or between commas. Throws `input-invalid`. */
function parseHostnames(inputs) {
	const text = inputs.vars["HOSTNAMES"];
	if (text === void 0) return [];
	let names = text.split(/[\n,]/).map((name) => name.trim()).filter((name) => name !== "");
	if (text.trim().startsWith("[")) try {
		names = parseLiteral(text);
	} catch (error) {
		throw badList(`${variableName(inputs)}: ${messageOf(error)}`);
	}
	if (!Array.isArray(names)) throw badList(`${variableName(inputs)}: the value is not a list`);
	return names.map((name) => {
		if (typeof name !== "string") throw badList(`${variableName(inputs)}: ${JSON.stringify(name)} is not a hostname`);
		return name;
	});
}
function variableName({ sources }) {
	return `variable HOSTNAMES (${sources.vars["HOSTNAMES"]})`;
}
function badList(message) {
	return problem(message, "Write a list such as [\"www\", \"shop.example.com\"].");
}
function withoutDomain(asked, baseDomain, variable) {
	const names = baseDomain === void 0 ? asked.filter((name) => !name.includes(".")) : [];
	if (names.length === 0) return [];
	return [problem(`${variable}: ${names.map((name) => JSON.stringify(name)).join(", ")} ${names.length === 1 ? "has" : "have"} no dot, and \`base-domain\` is not set`, "Set `base-domain`, or write full names such as shop.example.com.")];
}
function askedProblem(name, host, variable) {
	const why = hostProblem(host);
	return why === void 0 ? [] : [badList(`${variable}: ${JSON.stringify(name)} is not a hostname: it ${why}`)];
}
function ownProblem(host, from) {
	const why = hostProblem(host);
	if (why === void 0) return [];
	const hint = from.startsWith("repository") ? "Name the hosts with NOMAD_VAR_HOSTNAMES, such as [\"shop\"]." : "Shorten `base-domain`.";
	return [problem(`${from} and \`base-domain\` make ${JSON.stringify(host)}, which is not a hostname: it ${why}`, hint)];
}
/** Returns the problem of a review app whose name belongs to another environment, or to a port of the job there. */
function takenProblem(host, names, { ref, refType }) {
	const taken = names.find(({ name }) => sameHost(name, host));
	if (taken === void 0) return [];
	return [problem(`the review app of the ${refType} ${ref} would have the hostname ${host}, which belongs to ${taken.owner}`, `Rename the ${refType}, or set \`job-name\` for the review app.`)];
}
/** Returns the names of the environments that are not review apps, with `asked` as HOSTNAMES. */
function namesOf(inputs, context, projectSlug, asked) {
	return [
		"production",
		"staging",
		"main"
	].flatMap((environment) => {
		const names = asked.length > 0 ? below(asked, environment, inputs) : ownNames(environment, inputs, context, projectSlug);
		const owner = `the environment ${environment}`;
		const ports = besides(names, inputs.vars).map((port) => ({
			name: port.name,
			owner: `${port.owner} of ${owner}`
		}));
		return [...names.map((name) => ({
			name,
			owner
		})), ...ports];
	});
}
/** Returns the names of a job's ports, which service.ts makes of the main hostname. */
function besides([main], vars) {
	return main === void 0 ? [] : portNames(vars).map((port) => ({
		name: hostBeside(main, "", `-${port}`),
		owner: `the port ${port}`
	}));
}
/**
* Returns the names of an environment without `HOSTNAMES`. With `job-name`, the main branch and the review app are the same job and share
* its name.
*/
function ownNames(environment, inputs, { repository }, projectSlug) {
	const { baseDomain, jobName, app } = inputs;
	if (baseDomain === void 0 || environment === "main" && jobName !== void 0) return [];
	return [`${environment === "main" ? slug(projectSlug) : shortName(repository, app)}.${domainOf(environment, baseDomain, inputs)}`];
}
/** Returns the names of the ports that have a hostname. Invalid variables give none: service.ts tells their problems. */
function portNames({ PORTS = "{}", MULTI_CONTAINER }) {
	try {
		if (parseBoolean("MULTI_CONTAINER", MULTI_CONTAINER) === true) return [];
		return Object.entries(parseLiteral(PORTS) ?? {}).flatMap(([number, name]) => typeof name !== "string" || name === "http" || Number(number) < -1 ? [] : [name]);
	} catch {
		return [];
	}
}
/** Returns the names that DNS tells apart, in their order. */
function unique(names) {
	return names.filter((name, i) => names.findIndex((other) => sameHost(name, other)) === i);
}
function sameHost(a, b) {
	return a.toLowerCase() === b.toLowerCase();
}
function problem(message, hint) {
	return new ActionError("input-invalid", message, { hint });
}
function refuse(problems) {
	const [first, ...more] = problems;
	if (first === void 0) return;
	if (more.length === 0) throw first;
	throw new ActionError("input-invalid", `${problems.length} problems:\n${problems.map((one) => `- ${sentence(one)}`).join("\n")}`);
}
// src/target/target.ts
const MAIN = ["main", "master"];
const RULES = [
	"production",
	"staging",
	"main",
	"review"
];
/**
* Events whose ref names the code of the run. Other events (comments, `repository_dispatch`, checks) have the default branch as ref,
* whatever was checked out. '' stands for a run outside of GitHub.
*/
const BY_REF = [
	"",
	"push",
	"create",
	"delete",
	"release",
	"schedule",
	"workflow_dispatch",
	"workflow_run"
];
/** Events for which another commit than that of the event is often checked out. */
const BY_COMMIT = [
	"schedule",
	"workflow_dispatch",
	"workflow_run"
];
/**
* Returns environment, address, job id and hostnames by the branch, as users of internetarchive/nomad know them: `main` (or the default
* branch), `staging` and `production` share one job id per cluster; every other branch is a review app, or in production has its own job.
* Throws `input-invalid` when a name is empty, or Nomad or DNS would refuse it.
*/
function resolveTarget(inputs, context, environment = resolveEnvironment(inputs, context)) {
	const projectSlug = slugOfRepository(context.repository);
	const refSlug = slug(context.ref);
	const jobSlug = inputs.app === void 0 ? projectSlug : `${projectSlug}-${inputs.app}`;
	const job = resolveJob(environment, inputs, {
		jobSlug,
		refSlug
	}, context);
	const { hostnames, source, notes } = resolveHostnames(environment.value, inputs, {
		jobId: job.value,
		projectSlug: jobSlug
	}, context);
	return {
		environment,
		nomadAddr: resolveAddress(environment.value, inputs),
		jobId: job.value,
		projectSlug,
		refSlug,
		hostnames,
		url: hostnames[0] === void 0 ? void 0 : `https://${hostnames[0]}`,
		sources: {
			jobId: job.source,
			hostnames: source
		},
		notes
	};
}
/**
* Returns the environment of a run: the input's, else that of the configuration file to which the branch or tag belongs, else the one that
* the branch is named after.
*
* - A pull request is a review app, and so is a run whose checked-out commit is not known.
* - A tag is a review app, unless the configuration file says otherwise.
* - On a production domain, another branch is in production too, if the workflow names its hostnames and production has none of them.
*/
function resolveEnvironment(inputs, context, sections = []) {
	const { environment, mainStyle, baseDomain, config } = inputs;
	const { ref, refType, defaultBranch, eventName, fromFork, followsDefault, checkout } = context;
	if (environment !== void 0) return {
		value: ruleOf(environment, sections.find(({ name }) => name === environment)),
		name: environment,
		source: "environment"
	};
	const review = (source, own) => ({
		value: "review",
		name: own?.name ?? "review",
		source
	});
	if (eventName.startsWith("pull_request")) {
		const own = sections.find(({ pullRequest }) => pullRequest);
		return review(`pull request of ${ref}${own === void 0 ? "" : `, ${config}`}`, own);
	}
	if (eventName === "workflow_run" && (fromFork || !followsDefault)) return review(`workflow_run for ${ref}${fromFork || ref !== defaultBranch ? "" : ", whose commit is not known to be of that branch"}`);
	if (eventName === "merge_group") return review(`merge queue: ${ref}`);
	if (!BY_REF.includes(eventName)) return review(`event ${eventName}`);
	if (checkout === "other" && BY_COMMIT.includes(eventName)) return review(`${eventName} with another commit checked out`);
	const own = sections.find(({ branches, tags }) => matcherOf(refType === "tag" ? tags : branches)(ref));
	if (own !== void 0) {
		const source = `${refType} ${ref}, ${config}`;
		return {
			value: refType === "tag" ? ruleOf(own.name) : ruleOf(own.name, own),
			name: own.name,
			source
		};
	}
	if (refType === "tag") return review(`tag ${ref}`);
	const source = mainStyle ? "CI_MAIN_STYLE" : `branch ${ref}`;
	const free = (name) => sections.every((one) => one.name !== name || one.branches.length === 0 && one.tags.length === 0 && !one.pullRequest);
	const named = ["production", "staging"].find((name) => name === ref && free(name));
	if (named !== void 0 && !mainStyle) return {
		value: named,
		name: named,
		source
	};
	if (mainStyle || isMain(ref, defaultBranch) && free("main")) return baseDomain?.startsWith("prod.") ? {
		value: "production",
		name: "production",
		source: `${source} on ${baseDomain}`
	} : {
		value: "main",
		name: "main",
		source
	};
	if (baseDomain?.startsWith("prod.") && free("production") && namesOwnHosts(inputs, context, slugOfRepository(context.repository))) return {
		value: "production",
		name: "production",
		source: `${source} on ${baseDomain}, with hostnames of its own`,
		isBranch: true
	};
	return review(source);
}
/**
* Returns whether a branch is a main branch: the default branch, `main` or `master`. If the default branch has one of these names, the
* other name is unprotected: anyone who may push could create that branch.
*/
function isMain(ref, defaultBranch) {
	return ref === defaultBranch || MAIN.includes(ref) && !MAIN.includes(defaultBranch ?? "");
}
/**
* Returns the rule for a named environment: the repository's one job, as on the main branch. If several branches belong to the environment,
* each has its own job, like a review app.
*/
function ruleOf(environment, section) {
	const known = RULES.find((name) => name === environment);
	if (known !== void 0) return known;
	return section === void 0 || section.branches.length < 2 && !section.branches.some(isPattern) && !section.pullRequest ? "main" : "review";
}
function resolveJob(environment, { jobName, app, sources }, { jobSlug, refSlug }, { repository, ref, refType }) {
	if (jobSlug.replace(`-${app}`, "") === "") throw new ActionError("input-invalid", `the repository name ${JSON.stringify(repository)} has no letter or digit for a job name`, { hint: "The runner sets GITHUB_REPOSITORY to `owner/name`." });
	if (jobName !== void 0) {
		if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(jobName)) return {
			value: jobName,
			source: sources.inputs["job-name"] ?? "job-name"
		};
		throw new ActionError("input-invalid", `\`job-name\`: ${JSON.stringify(jobName)} is not a name that a Nomad service can have`, { hint: "Use up to 63 letters, digits and dashes." });
	}
	const ofApp = app === void 0 ? "" : ` and app ${app}`;
	if (!hasOwnJob(environment)) return {
		value: slug(jobSlug),
		source: `repository${ofApp}`
	};
	if (refSlug === "") throw new ActionError("input-invalid", `the name of the ${refType} ${JSON.stringify(ref)} has no letter or digit for the name of a review app`, { hint: `Rename the ${refType}, or set \`job-name\`.` });
	return {
		value: slug(`${jobSlug}-${refSlug}`),
		source: `repository${ofApp} and ${refType}`
	};
}
function resolveAddress(environment, { nomadAddr, baseDomain, ownDomain, sources }) {
	if (nomadAddr !== void 0) return {
		value: nomadAddr,
		source: sources.inputs["nomad-addr"] ?? "nomad-addr"
	};
	if (baseDomain === void 0) return void 0;
	const domain = ownDomain ? baseDomain : domainFor(environment, baseDomain);
	const given = sources.inputs["base-domain"] ?? "base-domain";
	return {
		value: `https://${domain}`,
		source: domain === baseDomain ? given : `${given} ${baseDomain}, in ${environment}`
	};
}
/**
* Returns the project's slug: `/` and `.` become dashes, other characters outside of `a-z0-9-` are dropped (`Acme/My_Web.Site` is
* `acme-myweb-site`). As in the system that users come from, a long name is cut before characters are dropped. A name that is too long even
* without them is cut with a hash, so that two long names do not share a job.
*/
function slugOfRepository(repository) {
	const path = repository.toLowerCase().replace(/[/.]/g, "-");
	const clean = (text) => text.replace(/[^a-z0-9-]/g, "").replace(/^-+|-+$/g, "");
	return clean(path).length > 63 ? fitLabel(clean(path)) : clean(path.slice(0, 63));
}
/** Returns whether a branch or pull request has its own job, beside the repository's job in that environment. */
function hasOwnJob({ value, isBranch }) {
	return value === "review" || isBranch === true;
}
// src/target/trust.ts
/**
* Events that need write access to the repository, or that get no secrets when they come from a fork. Any other event is not trusted. ''
* stands for a run outside of GitHub. See https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
*/
const TRUSTED = [
	"",
	"branch_protection_rule",
	"create",
	"delete",
	"deployment",
	"deployment_status",
	"image_version",
	"label",
	"merge_group",
	"milestone",
	"page_build",
	"public",
	"pull_request",
	"pull_request_review",
	"pull_request_review_comment",
	"push",
	"registry_package",
	"release",
	"repository_dispatch",
	"schedule",
	"workflow_dispatch"
];
/** Returns whether a stranger may have caused the run or written its code. The workflow has to allow such a run by name. */
function isUntrusted(context) {
	return neededWords(context).length > 0;
}
/**
* Returns why a rehearsal of a stranger's code does nothing: an event that gives the code secrets, or a job that has some. A rehearsal itself uses none, but its
* build and its containers run on the machine that has them.
*/
function ofRehearsal(context, inputs) {
	const { eventName, headRepository } = context;
	if (!isUntrusted(context)) return void 0;
	if (!isUnprivileged(eventName)) return {
		cause: `the event ${eventName} ${WHY[eventName] ?? CAUSED}${NOTHING}`,
		hint: "Rehearse by the event `pull_request`, which gives no secrets to the code of a fork."
	};
	const given = credentials(inputs);
	if (given.length === 0) return void 0;
	return {
		cause: `this pull request comes from ${headRepository === void 0 ? "a fork" : `a fork, ${headRepository}`}, and its job has ${given.join(", ")}${NOTHING}`,
		hint: "Rehearse in a job of its own without secrets and without `id-token: write`: docs/rehearse.md has it."
	};
}
/** Returns the names of the credentials that a job has, besides the token of the workflow, which may only read in a pull request of a fork. */
function credentials(inputs) {
	const { vars, nomadToken, nomadHeaders, nomadTls, registryPassword, registryAuth, buildSecrets, ssh, testEnv, sources } = inputs;
	const tokens = Object.values(nomadToken).flatMap((token) => token === void 0 ? [] : [token.source]);
	const found = [
		[inputs.hasIdToken, "`id-token: write`"],
		...tokens.map((source) => [true, source]),
		...inputs.givenSecrets.map((name) => [true, sources.secrets[name] ?? name]),
		...["CI_REGISTRY_PASSWORD", "CI_REGISTRY_READ_TOKEN"].map((name) => [(vars[name] ?? "") !== "", name]),
		[registryPassword !== void 0 && sources.inputs["registry-password"] === "registry-password", "`registry-password`"],
		[registryAuth.length > 0, "`registry-auth`"],
		[Object.keys(buildSecrets).length > 0, "`build-secrets`"],
		[Object.keys(ssh).length > 0, "`ssh`"],
		[Object.keys(testEnv).length > 0, "`test-env`"],
		[Object.keys(nomadHeaders).length > 0, "`nomad-headers`"],
		[nomadTls.clientKey !== void 0, "`nomad-client-key`"],
		[inputs.nomadVia?.kind === "ssh" && inputs.nomadVia.key !== void 0, "`nomad-via-key`"],
		[inputs.consul?.token !== void 0, "`consul-token`"],
		[inputs.webhook !== void 0, "`webhook-url`"],
		[inputs.prometheus?.authorization !== void 0, "`prometheus-token`"]
	];
	return [...new Set(found.flatMap(([has, name]) => has ? [name] : []))];
}
const DEPENDABOT = "dependabot[bot]";
/** Returns why a run with these inputs does nothing for its event; undefined where it may go on. */
function refusal(context, inputs, { environment }) {
	if (inputs.command === "rehearse") return ofRehearsal(context, inputs);
	const { nomadLogin, nomadToken } = inputs;
	return distrust(context, inputs, nomadLogin === void 0 ? nomadToken[environment.value] !== void 0 : nomadLogin.idToken !== void 0);
}
/**
* Returns why this run must not use a credential; undefined when it may. Looks at no file of the checkout, which a stranger may have
* written. A build that takes no secret and publishes nothing goes on, as in the checks of any pull request.
*/
function distrust(context, inputs, hasToken) {
	const { eventName, fromFork, headRepository, actor } = context;
	if (isHarmless(eventName, inputs)) return void 0;
	const needed = neededWords(context);
	if (!needed.every((name) => inputs.allowUntrustedEvents.some((word) => word === name))) {
		const fork = headRepository === void 0 ? "a fork" : `a fork, ${headRepository}`;
		const unknown = needed.find((name) => untrustedEvents.every((word) => word !== name));
		if (unknown !== void 0) return {
			cause: `the event ${unknown} is unknown to this version, and may need no write access to the repository${NOTHING}`,
			hint: "Deploy by an event that needs write access, such as `push` or `workflow_dispatch`."
		};
		const hint = `To allow it, set \`allow-untrusted-events: ${needed.join(" ")}\`; docs/threat-model.md lists the consequences.`;
		if (needed.includes(eventName)) return {
			cause: `the event ${eventName} ${fromFork ? `is about code from ${fork}, and has the secrets of this repository` : WHY[eventName] ?? CAUSED}${NOTHING}`,
			hint
		};
		return hasToken ? {
			cause: `this pull request comes from ${fork}, and its run has a token${NOTHING}`,
			hint
		} : {
			cause: `this pull request comes from ${fork}, which gets no secrets and therefore no token${NOTHING}`,
			hint: "A build with `push: false` needs no token."
		};
	}
	if (actor !== DEPENDABOT || hasToken) return void 0;
	return {
		cause: `Dependabot started this run and gets no secrets of Actions, and therefore no token${NOTHING}`,
		hint: "Store the token under Secrets, Dependabot in the settings of the repository."
	};
}
/** Returns the words that `allow-untrusted-events` must have. An unknown event gives its own name, which the input does not take. */
function neededWords({ eventName, fromFork }) {
	return [.../* @__PURE__ */ new Set([...fromFork ? ["fork"] : [], ...TRUSTED.includes(eventName) ? [] : [eventName]])];
}
/**
* Refuses an allowed run whose code may be a stranger's, if the configuration file of that code gives keys that control a credential other
* values than the default branch's file does. Throws `input-invalid` with all such keys and their lines.
*/
function requireOwnWords(context, inputs, ignored) {
	if (ignored.length === 0 || !isUntrusted(context) || isHarmless(context.eventName, inputs)) return;
	const told = ignored.map(({ key, at }) => `${sourceText(at)}: \`${key}\` decides where a credential goes, and the author of this file may have no write access to the repository`);
	const words = neededWords(context).join(" ");
	throw new ActionError("input-invalid", told.join("\n"), { hint: `Nothing was done. With \`allow-untrusted-events: ${words}\`, set it as an input of the workflow, or in the file of the default branch.` });
}
const NOTHING = ": nothing was built, written or registered, and no secret was used";
const CAUSED = "can be caused by anyone, and has the secrets of the repository";
const REPORTED = "can be about a commit of a fork, and has the secrets of the repository";
/** Reasons by event; for the other events it is `CAUSED`. */
const WHY = {
	pull_request_target: "combines the secrets of the repository with the code of a pull request",
	workflow_run: "combines the secrets of the repository with the results of another run, which may be for a pull request",
	check_run: REPORTED,
	check_suite: REPORTED,
	status: REPORTED
};
/**
* Judges a run whose inputs could not be read because its configuration file is invalid: only the workflow and the event count. `allowed`
* is the text of the input `allow-untrusted-events`.
*/
function distrustUnread(context, allowed, wish = {
	command: "deploy",
	push: true
}) {
	const words = allowed.split(/[\s,]+/);
	return distrust(context, {
		allowUntrustedEvents: untrustedEvents.filter((name) => words.includes(name)),
		...wish,
		buildSecrets: {},
		ssh: {},
		testEnv: {}
	}, true);
}
/** Returns whether GitHub withholds the secrets from runs of this event for forks. */
function isUnprivileged(eventName) {
	return eventName.startsWith("pull_request") && eventName !== "pull_request_target";
}
/** GitHub withholds the secrets from `pull_request` events of forks. Secrets that are given nevertheless must not reach the build. */
function isHarmless(eventName, { command, push, buildSecrets, ssh, testEnv }) {
	if (command === "lint") return true;
	if (command === "rehearse") return isUnprivileged(eventName);
	const isWithout = [
		buildSecrets,
		ssh,
		testEnv
	].every((given) => Object.keys(given).length === 0);
	return isUnprivileged(eventName) && command === "build" && !push && isWithout;
}
// src/nomad/pages.ts
function page(address, path, region) {
	if (address === void 0 || address.startsWith("unix:")) return void 0;
	return `${address}/ui/${path}${region === void 0 ? "" : `?region=${encodeURIComponent(region)}`}`;
}
/** Returns the page of a job; undefined without an address, and for a socket. */
function jobPage(address, { jobId, namespace, region }) {
	return page(address, `jobs/${encodeURIComponent(jobId)}@${encodeURIComponent(namespace)}`, region);
}
/** Returns the page of an allocation; undefined without an address, and for a socket. */
function allocationPage(address, id, region) {
	return page(address, `allocations/${encodeURIComponent(id)}`, region);
}
/** Returns the page of a job's versions or deployments, from the job's own. */
function tabOf(page, tab) {
	const [path = "", query] = page.split("?");
	return `${path}/${tab}${query === void 0 ? "" : `?${query}`}`;
}
/** Returns whether a URL is a page of a job at an address. */
function isJobPage(url, address) {
	return url.startsWith(`${address}/ui/jobs/`);
}
// src/secrets/masking.ts
/**
* Returns the public names of a run (hosts, job, image, digests), by their text. They are never masked, because GitHub drops every output
* that contains a masked value, and these are in nearly all outputs.
*/
function publicNames({ image, registry, baseDomain, nomadNamespace, nomadRegion }, { nomadAddr, hostnames, jobId, environment }, { repository, ref }) {
	const address = nomadAddr?.value;
	const url = address !== void 0 && URL.canParse(address) ? new URL(address) : void 0;
	const { name: imageName, digest } = parseReference(image ?? "") ?? {};
	const names = [
		[
			"the name of the job",
			"job-id nomad-url url urls",
			jobId
		],
		[
			"a hostname of the application",
			"url urls",
			...hostnames,
			...hostnames.map((host) => `https://${host}`)
		],
		[
			"the domain of the applications",
			"url urls nomad-addr nomad-url",
			baseDomain
		],
		[
			"the address of Nomad",
			"nomad-addr nomad-url",
			address,
			url?.host,
			url?.hostname
		],
		[
			"the name of the image",
			"image images",
			image,
			imageName,
			registry,
			registryOf(image)
		],
		[
			"the digest of the image",
			"image images",
			digest,
			digest && digitsOf(digest)
		],
		[
			"the environment",
			"environment",
			environment.name
		],
		[
			"the namespace",
			"namespace",
			nomadNamespace
		],
		[
			"the region",
			"region",
			nomadRegion
		],
		[
			"the name of the repository",
			"image images",
			repository,
			repository.toLowerCase()
		],
		[
			"the name of the branch or tag",
			"job-id url",
			ref
		]
	];
	return new Map(names.flatMap(([what, outputs, ...texts]) => texts.map((text) => text ?? "").flatMap((text) => [
		text,
		text.toLowerCase(),
		text.toUpperCase()
	]).map((text) => [text, {
		what,
		outputs: outputs.split(" ")
	}])).filter(([text]) => text !== "").toReversed());
}
/**
* Returns the notes about the secrets of the workload: `warnings` for public names, which are not masked; `notices` for secrets that are
* empty or cannot be masked. Never quotes a value.
*/
function secretNotes(secrets, names) {
	const values = Object.entries(secrets).map(([name, value]) => [name, value.reveal()]);
	const listed = (wanted) => values.flatMap(([name, value]) => wanted(value) ? [name] : []).join(", ");
	const [empty, short] = [listed((value) => value === ""), listed((value) => value !== "" && !isMaskable(value))];
	return {
		warnings: values.flatMap(([name, value]) => {
			const found = names.get(value.trim());
			return found === void 0 ? [] : [`The secret ${name} is ${found.what} and is not masked: GitHub drops each output that contains a masked value, here ${found.outputs.join(", ")}. GitHub itself masks a secret of the repository: store a public value as a variable of the repository (\`vars\`).`];
		}),
		notices: [...empty === "" ? [] : [`Empty secrets: ${empty}. GitHub passes an empty text for a secret that does not exist.`], ...short === "" ? [] : [`Not masked in the log: ${short}. A secret of one or two characters, or a word such as \`true\`, is part of unrelated texts.`]]
	};
}
/** Shorter values, such as ports and words, are often in a job by coincidence. */
const MIN_TOLD_LENGTH = 8;
/** Returns a warning for secrets whose value is in the job itself, for example by a variable of the spec. Never quotes a value. */
function secretsInJob(secrets, job) {
	const text = JSON.stringify(job);
	const names = Object.entries(secrets).flatMap(([name, value]) => {
		const shown = value.reveal();
		return shown.trim().length >= MIN_TOLD_LENGTH && text.includes(JSON.stringify(shown).slice(1, -1)) ? [name] : [];
	});
	if (names.length === 0) return [];
	return [`The value of ${names.join(", ")} is in the job itself, where everyone who may read the job sees it. Let the spec read the secret instead of a variable (docs/secrets.md).`];
}
// src/apps/begin.ts
/**
* Reads the configuration file, the inputs and the event. Masks every secret before the first line of the log, also before an error. Throws `input-invalid`
* with all problems of the file, or all problems of the inputs.
*/
async function begin(env, event, runtime) {
	const values = secretValues(env);
	const mask = (names) => {
		for (const value of values) if (names?.has(value.trim()) !== true) runtime.mask(value, names?.keys());
	};
	try {
		const { config: own, file } = await readConfig(env, runtime.workspace);
		const { pathOf, heads } = await readCheckout(file, [configInputs(env).workingDirectory ?? "."], runtime.workspace);
		const asking = readContext(env, event, heads);
		const effective = await configOf({
			config: own,
			path: pathOf(file),
			pathOf
		}, asking, env, runtime);
		const { config, ofDefault } = effective;
		const context = ofDefault === void 0 ? asking : readContext(env, event, heads, ofDefault);
		const first = await readInputs(env, config && fromFile(config));
		values.push(...secretValues({}, first));
		requireOwnWords(context, first, effective.ignored);
		const environment = resolveEnvironment(first, context, config?.environments);
		const section = config?.environments.find(({ name }) => name === environment.name);
		const apps = config === void 0 ? noApps(first) : selectApps(config, first);
		requireKnown(apps, environment);
		const read = await inWaves(env, apps, {
			config,
			section,
			environment
		}) ?? [{
			apps,
			...config === void 0 ? {
				inputs: [first],
				images: []
			} : await ofApps(env, layersOf(config, section, apps))
		}];
		for (const { inputs, images } of read) for (const own of [...inputs, ...images]) values.push(...secretValues({}, own));
		requireApart([...new Map(read.flatMap(({ inputs }) => inputs).map((own) => [own.app, own])).values()], "apps", [
			"job-name",
			"image",
			"context",
			"file",
			"job"
		]);
		requireApart(read[0].images, "images", [
			"image",
			"image-variables",
			"context",
			"file"
		]);
		const units = read.flatMap(({ apps: members, inputs, images: [image, ...further], cluster, wave }) => inputs.map((own, i) => {
			const resolved = resolveTarget(own, context, environment);
			const target = cluster === void 0 ? resolved : {
				...resolved,
				cluster: cluster.name
			};
			const common = {
				app: members[i],
				inputs: own,
				images: image === void 0 ? [own] : [image, ...further],
				target
			};
			return wave === void 0 ? common : {
				...common,
				cluster,
				wave
			};
		}));
		if (effective.isForeign && config !== void 0 && !isGiven(env, "verify")) for (const unit of units) requireOwnHosts(unit, firstOf(fromFile(config, section, {
			app: unit.app,
			cluster: unit.cluster
		}), "verify"));
		const names = new Map(units.flatMap((unit) => [...publicNames(unit.inputs, unit.target, context)]));
		mask(names);
		const { warnings, notices } = secretNotes(first.secrets, names);
		for (const { level, text, ignored } of effective.said) if (level === "warning") runtime.log.warning(text, ignored && locationOf(ignored.at));
		else runtime.log[level](text);
		for (const { text, location } of config?.warnings ?? []) runtime.log.warning(text, location);
		for (const text of [...unknownInputs(env), ...warnings]) runtime.log.warning(text);
		for (const text of notices) runtime.log.notice(text);
		if (first.waves.length > 0 && first.sources.inputs.waves !== "waves" && units.every(({ wave }) => wave === void 0)) runtime.log.info("The clusters in `waves` at the top of the file do not get review apps: name clusters in their environment.");
		const [unit, ...others] = units;
		if (unit === void 0) throw new Error("a run without inputs");
		const waves = read.at(-1)?.wave;
		return {
			config,
			context,
			units: [unit, ...others],
			...waves === void 0 ? {} : { waves }
		};
	} catch (error) {
		for (const value of unreadSecrets(env)) values.push(value);
		mask();
		for (const text of unknownInputs(env)) runtime.log.warning(text);
		throw error;
	}
}
/** Reads the checked-out file. Returns its path also where there is no file. */
async function readConfig(env, workspace) {
	const file = await findConfig(configInputs(env).path, workspace);
	if (file === void 0) return {
		config: void 0,
		file: "nomad-deploy.yml"
	};
	const { name, text } = await readSourceFile(file, workspace);
	const { parseConfig } = await import("./config.js");
	return {
		config: await parseConfig(text, name),
		file
	};
}
/** Returns the configuration that counts. Only a checkout of another branch loads the code that asks GitHub for the default branch's file. */
async function configOf(checkedOut, context, env, runtime) {
	if (context.isDefaultCheckout && !configInputs(env).fromCheckout) return {
		config: checkedOut.config,
		ignored: [],
		isForeign: false,
		said: []
	};
	const [{ effectiveConfig }, { openGitHub }] = await Promise.all([import("./effective-config.js"), import("./tell.js")]);
	const github = openGitHub({ githubToken: githubToken(env) }, context, {
		...runtime,
		log: {
			...runtime.log,
			debug: () => void 0
		}
	});
	return effectiveConfig(checkedOut, context, env, {
		files: runtime.branchFiles ?? (github && {
			head: github.refs.head,
			atCommit: github.contents.atCommit
		}),
		github,
		signal: runtime.signal
	});
}
/** Throws `input-invalid` for an app that the default branch does not have: its cluster, image and namespace are not reviewed yet. */
function requireKnown(apps, { name, value }) {
	const unknown = apps.filter(({ isNew }) => isNew);
	const [first] = unknown;
	if (first === void 0 || value === "review") return;
	const location = locationOf(first.at);
	throw new ActionError("input-invalid", `${sourceText(first.at)}: the file of the default branch has no app ${unknown.map((app) => app.name).join(", ")}, so it cannot be deployed to ${name}`, {
		hint: "Deploy the app as a review app until the default branch has it, select other apps with the input `app`, or set `config-from: checkout`.",
		...location === void 0 ? {} : { location }
	});
}
/**
* Throws `input-invalid` for checks of a branch's file that ask hosts other than the run's own hostnames and those below its domain, redirects included.
* Otherwise a branch could have the runner ask any address, and read the answer in the log.
*/
function requireOwnHosts({ inputs, target }, given) {
	if (given === void 0 || given.at.origin !== void 0) return;
	const { baseDomain } = inputs;
	const foreign = inputs.verify.flatMap(({ target: to, redirectHosts }) => [..."url" in to ? [to.url] : [], ...redirectHosts.map((host) => `https://${host}`)]).flatMap((url) => {
		const { hostname, port } = new URL(url);
		return (target.hostnames.includes(hostname) || baseDomain !== void 0 && hostname.endsWith(`.${baseDomain}`)) && port === "" && hostname !== hostOf(target.nomadAddr?.value) ? [] : [hostname];
	});
	if (foreign.length === 0) return;
	const location = locationOf(given.at);
	throw new ActionError("input-invalid", `${sourceText(given.at)}: \`verify\` asks ${[...new Set(foreign)].join(", ")}, and only the workflow or the file of the default branch may name foreign hosts`, {
		hint: "Use paths, which are asked of the job itself, or URLs of its own hostnames.",
		...location === void 0 ? {} : { location }
	});
}
function hostOf(address) {
	return address === void 0 || !URL.canParse(address) ? void 0 : new URL(address).hostname;
}
/** Returns the value that the file gives for an input; the layer closest to the run wins. */
function firstOf({ layers }, name) {
	return layers.map((layer) => layer[name]).find((given) => given !== void 0 && given.text.trim() !== "");
}
/** Returns the layers of the file, the first wins: the cluster, the environment, the image, the app, the file as a whole. */
function fromFile(config, environment, { cluster, app, image } = {}) {
	return {
		path: config.path,
		layers: [
			cluster?.inputs,
			environment?.inputs,
			image?.inputs,
			app?.inputs,
			config.inputs
		].filter((layer) => layer !== void 0),
		environments: config.environments.map(({ name }) => name),
		environment: cluster === void 0 ? environment?.inputs : {
			...environment?.inputs,
			...cluster.inputs
		},
		tokenEnv: (cluster?.tokenEnv ?? environment?.tokenEnv)?.text,
		app: app?.name,
		image: image?.name
	};
}
/** The layers of the run, of each app (of the repository as a whole where there are no apps), and of each of `images`. */
function layersOf(config, section, apps, cluster) {
	const run = fromFile(config, section, { cluster });
	const [first = run, ...others] = apps.map((app) => fromFile(config, section, {
		cluster,
		app
	}));
	return {
		run,
		jobs: [first, ...others],
		images: config.images.map((image) => fromFile(config, section, {
			cluster,
			image
		}))
	};
}
async function ofApps(env, layers) {
	const { apps, images } = await readLayers(env, layers);
	return {
		inputs: apps,
		images
	};
}
/** Returns the members of each wave, in their order; undefined for a run without waves and clusters. Only a run with them loads their code. */
async function inWaves(env, apps, { config, section, environment }) {
	const asked = await readAskedWaves(env, config && fromFile(config, section));
	if (asked.waves.length === 0 && asked.clusters.length === 0) return void 0;
	const { requireOwnTokens, requireSequence, wavesOf } = await import("./order.js");
	const waves = await wavesOf(config, asked, apps, environment);
	if (waves === void 0 || config === void 0) return void 0;
	await requireOwnTokens(waves, config, environment);
	const members = waves.flatMap((wave, i) => wave.clusters.map((cluster) => ({
		wave: i + 1,
		apps: wave.apps,
		cluster
	})));
	const read = await Promise.all(members.map(async (own) => ({
		...own,
		...await ofApps(env, layersOf(config, section, own.apps, own.cluster))
	})));
	requireSequence(waves, read.flatMap(({ inputs }) => inputs));
	const [first, ...others] = read;
	return first && [first, ...others];
}
function noApps({ apps }) {
	if (apps.length === 0) return [];
	throw new ActionError("input-invalid", `\`app\`: there is no configuration file, so there is no app ${apps.join(", ")}`, { hint: "Add a nomad-deploy.yml with `apps` (docs/configuration.md)." });
}
function selectApps(config, { apps }) {
	const names = config.apps.map(({ name }) => name);
	const unknown = apps.filter((name) => !names.includes(name));
	if (unknown.length > 0) {
		const told = unknown.map((name) => {
			const near = nearest(name, names);
			return `${JSON.stringify(name)}${near === void 0 ? "" : ` (did you mean \`${near}\`?)`}`;
		});
		throw new ActionError("input-invalid", `\`app\`: ${config.path} has no app ${told.join(", ")}`, { hint: names.length === 0 ? `${config.path} has no \`apps\`.` : `${config.path} has the apps ${names.join(", ")}.` });
	}
	return inOrder(config.apps).filter(({ name }) => apps.length === 0 || apps.includes(name));
}
/** Throws `input-invalid` for an input that must differ between the apps or images: an input applies to all of them. */
function requireApart(all, what, names) {
	const [first] = all;
	if (first === void 0 || all.length === 1) return;
	const given = names.filter((name) => first.sources.inputs[name] === name);
	if (given.length === 0) return;
	throw new ActionError("input-invalid", `${given.map((name) => `\`${name}\``).join(", ")}: ${all.length} ${what} can't share one ${given.join(", ")}`, { hint: `Set the key in the configuration file for each of the ${what}${what === "apps" ? ", or select one app with the input `app`" : ""}.` });
}
// src/report/describe.ts
/** Returns a job with its namespace and region, for a message: `job shop in the namespace default`. */
function jobText({ jobId, namespace, nomad: { region } }) {
	return `job ${jobId} in the namespace ${namespace}${region === void 0 ? "" : ` of the region ${region}`}`;
}
/** Returns the part of the result that names a job: its id, namespace and region, and its page in Nomad's UI. */
function describeJob(address, { jobId, namespace, nomad: { region } }) {
	const known = {
		jobId,
		namespace,
		...region === void 0 ? {} : { region }
	};
	const nomadUrl = jobPage(address, {
		jobId,
		namespace,
		region
	});
	return nomadUrl === void 0 ? known : {
		...known,
		nomadUrl
	};
}
/** Returns the part of the result that names an image. */
function describeImage(image) {
	const { name, digest } = parseReference(image) ?? {};
	return {
		image,
		...name === void 0 || digest === void 0 ? {} : {
			imageName: name,
			imageDigest: digest
		}
	};
}
function describeRun({ command }, { repository, ref, sha, runUrl }) {
	return {
		command,
		repository,
		ref,
		sha,
		...runUrl === void 0 ? {} : { runUrl }
	};
}
/** Logs the target of each app. Returns the part of the result that names the first target. */
function describeTargets(units, { log }) {
	for (const { target } of units) {
		const { url, sources, jobId, environment, cluster, notes } = target;
		const at = url === void 0 ? "" : `, ${url} (${sources.hostnames})`;
		log.info(`Environment ${environment.name} (${environment.source})${cluster === void 0 ? "" : `, cluster ${cluster}`}, job ${jobId} (${sources.jobId})${at}`);
		for (const line of notes) log.info(line);
	}
	return describeTarget(units[0].target, units[0].inputs);
}
function describeTarget(target, inputs) {
	return {
		environment: target.environment.name,
		...target.nomadAddr === void 0 ? {} : { nomadAddr: target.nomadAddr.value },
		...inputs.command === "sweep" ? {} : { jobId: target.jobId },
		...inputs.nomadRegion === void 0 ? {} : { region: inputs.nomadRegion },
		...target.url === void 0 || inputs.command === "sweep" ? {} : {
			url: target.url,
			urls: target.hostnames.map((host) => `https://${host}`)
		}
	};
}
// src/report/failure.ts
/** The exit code of the terminal program where a login is needed. */
const NOT_LOGGED_IN = 4;
/** Logs a failure, and returns its part of the result. */
async function failure(thrown, runtime) {
	const error = errorOfRun(thrown, runtime.signal);
	runtime.log.error(sentence(error), error.code, error.location);
	if (error.needsLogin) runtime.terminal?.exitWith(NOT_LOGGED_IN);
	if (error.code === "unexpected" && error.cause instanceof Error) runtime.log.debug(error.cause.stack ?? "");
	return {
		outcome: error.code === "cancelled" ? "cancelled" : "failed",
		failureReason: error.code,
		cause: error.message,
		...error.hint === void 0 ? {} : { hint: error.hint },
		...error.location === void 0 ? {} : { location: error.location },
		...error.output === void 0 ? {} : { output: error.output }
	};
}
/** Logs that NOMAD_VAR_NO_DEPLOY is set, and returns the result. */
function skipUnwanted({ log }) {
	log.notice("NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.");
	return { outcome: "skipped" };
}
/** Logs the reason of a skipped run, and returns the result. */
function skip({ cause, hint }, { log }) {
	log.notice(`${cause}. ${hint}`);
	return {
		outcome: "skipped",
		cause,
		hint
	};
}
// src/report/log.ts
/** Returns the result in one line, the last one of the log. */
function headline(result) {
	const job = result.jobId === void 0 ? "" : ` ${result.jobId}`;
	const where = result.environment === void 0 ? "" : ` (${result.environment})`;
	const what = `${job}${result.jobVersion === void 0 ? "" : ` version ${result.jobVersion}`}${where}`.trim();
	return [
		result.outcome ?? "failed",
		what,
		result.cause ?? ""
	].filter((part) => part !== "").join(": ");
}
/** Returns the evidence as lines of the log. Each line begins with our own text, so that the runner takes no output of a workload for a command. */
function evidenceLines({ evidence }) {
	return evidence.flatMap(({ allocationId, name, node, status, events, checks, logs, logsUnread }) => [
		`Allocation ${allocationId} ${name} on ${node}: ${status}`,
		...events.map(({ timeMs, task, type, message }) => `  ${isoTime(timeMs)} ${task}: ${type}: ${message}`),
		...checks.map(({ service, name: check, status: state, output }) => `  check "${check}" of ${service}: ${state}: ${output}`),
		...logs.flatMap(({ task, stream, lines }) => [`  ${task} ${stream}, last ${lines.length} line${lines.length === 1 ? "" : "s"}:`, ...lines.map((line) => `  | ${line}`)]),
		...logsUnread ? [`  ${LOGS_UNREAD[logsUnread]}`] : []
	]);
}
/** The reasons for missing log output. */
const LOGS_UNREAD = {
	denied: "no log output: the token lacks `read-logs` in this namespace: capabilities = [\"read-logs\"]",
	gone: "no log output: the node is down, or has removed the allocation (`gc_max_allocs` limits how many a node keeps)",
	unread: "no log output: it was not read (`log-lines: 0`), or the node did not answer"
};
// src/report/outcomes.ts
/** All values of the output `outcome`: whether the step passes, the sign of it in reports, and the meaning. */
const OUTCOMES = {
	successful: {
		step: "passes",
		icon: "✅"
	},
	unchanged: {
		step: "passes",
		icon: "✅"
	},
	registered: {
		step: "passes",
		icon: "✅"
	},
	"awaiting-promotion": {
		step: "passes",
		icon: "⏸️"
	},
	planned: {
		step: "passes",
		icon: "📋"
	},
	rehearsed: {
		step: "passes",
		icon: "✅"
	},
	rendered: {
		step: "passes",
		icon: "📋"
	},
	linted: {
		step: "passes",
		icon: "✅"
	},
	built: {
		step: "passes",
		icon: "✅"
	},
	dispatched: {
		step: "passes",
		icon: "✅"
	},
	stopped: {
		step: "passes",
		icon: "✅"
	},
	locked: {
		step: "passes",
		icon: "🔒"
	},
	unlocked: {
		step: "passes",
		icon: "🔓"
	},
	rejected: {
		step: "passes",
		icon: "↩️"
	},
	paused: {
		step: "passes",
		icon: "⏸️"
	},
	resumed: {
		step: "passes",
		icon: "✅"
	},
	promoted: {
		step: "passes",
		icon: "✅"
	},
	resubmitted: {
		step: "passes",
		icon: "✅"
	},
	reverted: {
		step: "passes",
		icon: "✅"
	},
	scaled: {
		step: "passes",
		icon: "✅"
	},
	restarted: {
		step: "passes",
		icon: "✅"
	},
	reported: {
		step: "passes",
		icon: "📋"
	},
	skipped: {
		step: "passes",
		icon: "⏭️"
	},
	failed: {
		step: "fails",
		icon: "❌"
	},
	superseded: {
		step: "fails",
		icon: "⚠️"
	},
	cancelled: {
		step: "fails",
		icon: "⚠️"
	},
	"timed-out": {
		step: "fails",
		icon: "❌"
	}
};
keysOf(OUTCOMES);
/** Returns whether the step passes. */
function isGood(outcome) {
	return outcome !== void 0 && OUTCOMES[outcome].step === "passes";
}
/** Returns the icon of an outcome; undefined counts as a failure. */
function outcomeIcon(outcome) {
	return OUTCOMES[outcome ?? "failed"].icon;
}
// src/report/result.ts
/** Returns the job's version before and after, such as `3 → 4`; undefined when there is none. */
function versionsOf({ outcome, jobVersion, previousVersion }) {
	if (jobVersion === void 0) return void 0;
	if (previousVersion !== void 0) return `${previousVersion} → ${jobVersion}`;
	return jobVersion === 0 && outcome !== "unchanged" ? "0 (the first)" : `${jobVersion}`;
}
// src/report/outputs.ts
/** All outputs, in the order of action.yml. */
const OUTPUTS = {
	outcome: { field: "outcome" },
	"failure-reason": { field: "failureReason" },
	cause: { field: "cause" },
	"job-id": { field: "jobId" },
	"job-version": { field: "jobVersion" },
	"previous-version": { field: "previousVersion" },
	namespace: { field: "namespace" },
	region: { field: "region" },
	environment: { field: "environment" },
	"nomad-addr": { field: "nomadAddr" },
	"nomad-url": { field: "nomadUrl" },
	"dispatched-job-id": { field: "dispatchedJobId" },
	"evaluation-id": { field: "evaluationId" },
	"deployment-id": { field: "deploymentId" },
	url: { field: "url" },
	urls: { field: "urls" },
	image: { field: "image" },
	"image-name": { field: "imageName" },
	"image-digest": { field: "imageDigest" },
	"image-built": { field: "imageBuilt" },
	images: { field: "images" },
	changed: { field: "changed" },
	"plan-fingerprint": { field: "planFingerprint" },
	waves: { field: "waves" },
	spec: { field: "spec" },
	"sarif-file": { field: "sarifFile" },
	result: { field: "result" }
};
keysOf(OUTPUTS);
/** Returns the outputs that a part of the result gives; lists and maps are JSON. */
function outputsOf(part) {
	return Object.fromEntries(Object.entries(OUTPUTS).flatMap(([name, { field }]) => {
		const value = part[field];
		return value === void 0 ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
	}));
}
// src/report/stages.ts
/** Runs a stage and reports its start and duration, also when it throws. */
async function timed(name, { clock }, tell, work) {
	const startedAtMs = clock.now();
	try {
		return await work();
	} finally {
		tell({
			name,
			startedAt: isoTime(startedAtMs),
			ms: clock.now() - startedAtMs
		});
	}
}
/** Returns a result with one more stage. The timings add up stages of the same name. */
function withStage(result, stage) {
	const { stages = [], timings = {} } = result;
	return {
		...result,
		stages: [...stages, stage],
		timings: {
			...timings,
			[stage.name]: (timings[stage.name] ?? 0) + stage.ms
		}
	};
}
// src/report/summary/image.ts
/** Returns the rows about the image: its name, the same image that is not deployed, the run that built it, and its earlier deploy. */
function imageRows({ image, images = {}, imageSizes = {}, unusedImages = {}, attested = {}, attestation, builtBy, promotedFrom, runUrl }) {
	return [
		["Image", image ? `${code(image)}${sizeOf(image, images, imageSizes)}` : void 0],
		...Object.entries(unusedImages).map(([name, unused]) => ["Same image", `The running image of ${text(name)} stays. ${code(unused)} has the same layers and settings.`]),
		["Attestation", attestation && onServer(text(attestation.slice(attestation.lastIndexOf("/") + 1)), attestation, isAttestationUrl, runUrl)],
		["Attested", Object.keys(attested).length === 0 ? void 0 : describeAttested(attested)],
		["Built by", builtBy && describeBuild(builtBy, runUrl)],
		["Promoted from", promotedFrom && describePromotion(promotedFrom, runUrl)]
	];
}
/** Returns the size of an image for each platform, as the end of a line; empty if unknown. */
function sizeOf(image, images, sizes) {
	const [name] = Object.entries(images).find(([, reference]) => reference === image) ?? [];
	const own = Object.entries((name === void 0 ? void 0 : sizes[name]) ?? {});
	return own.length === 0 ? "" : `, ${text(describeSizes(own))}`;
}
/** Returns sizes in words: `41.3 MB compressed`, with the platforms where there are several. */
function describeSizes(sizes) {
	return `${sizes.map(([platform, bytes]) => `${bytesText(bytes)}${sizes.length > 1 ? ` for ${platform}` : ""}`).join(", ")} compressed`;
}
/** Returns the attestations of the images, each with its name where there are several. */
function describeAttested(attested) {
	const all = Object.entries(attested);
	return all.map(([name, kinds]) => text(`${kinds.join(" and ")} of the build${all.length > 1 ? ` of ${name}` : ""}`)).join(", ");
}
function describeBuild({ run, revision }, runUrl) {
	const who = run === void 0 ? "another run" : onServer(text(`run ${run.slice(run.lastIndexOf("/") + 1)}`), run, isRunUrl, runUrl);
	return revision === void 0 ? who : `${who}, of commit ${code(revision.slice(0, 7))}`;
}
function describePromotion({ environment, jobId, jobVersion, run, healthy }, runUrl) {
	const job = text(`${jobId} version ${jobVersion}`);
	return `${text(environment)}: ${run === void 0 ? job : onServer(job, run, isRunUrl, runUrl)}${healthy ? ", healthy there" : ""}`;
}
/** Returns a link to a page on the server of this run, or else the label: anyone can write labels of images and links of jobs. */
function onServer(label, url, isPage, runUrl) {
	const server = runUrl !== void 0 && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
	return server !== void 0 && url.startsWith(`${server}/`) && isPage(url) ? link(label, url) : label;
}
function isRunUrl(url) {
	return /^https?:\/\/[^/]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+(?:\/attempts\/\d+)?$/.test(url);
}
// src/report/summary/evidence.ts
/** Returns the evidence of one allocation as a fold, which is open with its logs when `open`. */
function evidenceSection({ allocationId, name, node, status, events, checks, logs, logsUnread }, url, open, limits) {
	const shownEvents = limits.events === 0 ? [] : events.slice(-limits.events);
	return [
		`<details${open ? " open" : ""}><summary>Allocation ${htmlCode(allocationId.slice(0, 8))} ${html(name)} on ${html(node)}: ${html(status)}</summary>`,
		"",
		...url === void 0 ? [] : [link("open in Nomad", url), ""],
		...logs.flatMap(({ task, stream, lines }) => {
			const last = limits.logLines === 0 ? [] : lines.slice(-limits.logLines);
			if (last.length === 0) return [];
			return [
				`<details${open ? " open" : ""}><summary>Log: ${htmlCode(task)} ${stream}, last ${last.length === 1 ? "line" : `${last.length} lines`}</summary>`,
				"",
				...fenced(last.map((line) => clipped$1(line, limits))),
				"</details>",
				""
			];
		}),
		...logsUnread ? [LOGS_UNREAD[logsUnread], ""] : [],
		...table([
			"Check",
			"Service",
			"Status",
			"Output"
		], checks.map((check) => [
			text(check.name),
			text(check.service),
			text(check.status),
			text(clipped$1(check.output, limits))
		])),
		...table([
			"Time (UTC)",
			"Task",
			"Event",
			"Message"
		], shownEvents.map(({ timeMs, task, type, message }) => [
			isoTime(timeMs).slice(11, 19),
			text(task),
			text(type),
			text(clipped$1(message, limits))
		])),
		"</details>",
		""
	];
}
const clipped$1 = (line, { width }) => line.length <= width ? line : `${line.slice(0, width)}…`;
// src/report/summary/findings.ts
const SIGNS = {
	fine: "✅ fine",
	warning: "⚠️ warning",
	broken: "❌ **broken**",
	"not-checked": "⏭️ not checked"
};
/** The longest text of a cell: an answer of a server can be long. */
const MAX_CELL = 1e3;
/** The most rows: a run can have many clusters and jobs. */
const MAX_ROWS = 500;
/** Returns the checks of `doctor` as a table. */
function findingsTable({ findings = [] }) {
	const places = findings.some(({ cluster, job }) => (cluster ?? job) !== void 0);
	const cell = (value) => text((value ?? "").slice(0, MAX_CELL));
	const rows = findings.slice(0, MAX_ROWS).map(({ check, state, text: words, fix, job, cluster }) => [
		SIGNS[state],
		...places ? [text([cluster, job].filter((one) => one !== void 0).join(" "))] : [],
		check,
		cell(words),
		cell(fix)
	]);
	return table([
		"",
		...places ? ["Job"] : [],
		"Check",
		"Result",
		"Fix"
	], rows);
}
// src/report/summary/further.ts
/** Returns commands of Nomad's CLI about this job: to inspect it, to promote it, or to roll it back. */
function furtherCommands(result) {
	const { command: ran, outcome, jobId, dispatchedJobId, namespace, region, nomadAddr, deploymentId, jobVersion, previousVersion, failureReason } = result;
	if (jobId === void 0 || outcome === "skipped" || outcome === "built") return [];
	if (ran === "rehearse") return [];
	const flags = [...namespace === void 0 || namespace === "default" ? [] : ["-namespace", namespace], ...region === void 0 ? [] : ["-region", region]];
	const command = (what, ...words) => [
		"nomad",
		what,
		...[...flags, ...words].map(shellWord)
	].join(" ");
	const rolledBack = failureReason?.endsWith("-rolled-back") === true;
	return [
		...nomadAddr === void 0 ? [] : [`export NOMAD_ADDR=${shellWord(nomadAddr)}`],
		command("job status", dispatchedJobId ?? jobId),
		...deploymentId === void 0 ? [] : [command("deployment status", deploymentId.slice(0, 8))],
		...deploymentId !== void 0 && outcome === "awaiting-promotion" ? [command("deployment promote", deploymentId.slice(0, 8)), command("deployment fail", deploymentId.slice(0, 8))] : [],
		...allocationCommands(result, command),
		...jobVersion === void 0 || previousVersion === void 0 || previousVersion >= jobVersion || rolledBack ? [] : [command("job revert", jobId, `${previousVersion}`)]
	];
}
/** Returns the commands about the failed allocation, or else the first one. */
function allocationCommands({ evidence = [], allocations = [] }, command) {
	const [blamed] = evidence;
	const known = allocations.find(({ id }) => id === blamed?.allocationId) ?? allocations[0];
	const id = (blamed?.allocationId ?? known?.id)?.slice(0, 8);
	if (id === void 0) return [];
	const task = blamed?.logs[0]?.task ?? blamed?.events.at(-1)?.task ?? known?.tasks[0];
	const ofTask = task === void 0 ? [] : ["-task", task];
	const status = blamed?.status ?? known?.status;
	const stderr = blamed === void 0 || blamed.logs.some(({ stream }) => stream === "stderr") ? ["-stderr"] : [];
	return [
		command("alloc status", id),
		command("alloc logs", ...stderr, ...ofTask, id),
		...status === "running" ? [command("alloc exec", "-i", "-t", ...ofTask, id, "/bin/sh")] : []
	];
}
// src/report/summary/limits.ts
const MANY = 1e5;
/**
* The steps of shortening a summary, because GitHub drops a summary of more than 1 MiB as a whole: first timelines, then the beginning of logs, then successful
* jobs, and in the end all but outcomes and causes.
*/
const LIMITS = [
	{
		without: "",
		timeline: true,
		logLines: MANY,
		events: MANY,
		width: 1e4,
		diff: MANY,
		allocations: 50,
		warnings: 100,
		folds: "all"
	},
	{
		without: "timelines",
		timeline: false,
		logLines: MANY,
		events: MANY,
		width: 1e4,
		diff: MANY,
		allocations: 50,
		warnings: 100,
		folds: "all"
	},
	{
		without: "timelines, long lines, all but the last 200 lines of logs",
		timeline: false,
		logLines: 200,
		events: 20,
		width: 500,
		diff: 200,
		allocations: 20,
		warnings: 50,
		folds: "all"
	},
	{
		without: "timelines, long lines, most of logs and changes",
		timeline: false,
		logLines: 50,
		events: 10,
		width: 300,
		diff: 50,
		allocations: 10,
		warnings: 20,
		folds: "all"
	},
	{
		without: "timelines, long lines, most of logs and changes, successful jobs",
		timeline: false,
		logLines: 20,
		events: 10,
		width: 200,
		diff: 20,
		allocations: 10,
		warnings: 10,
		folds: "failed"
	},
	{
		without: "all but outcomes and causes",
		timeline: false,
		logLines: 0,
		events: 0,
		width: 200,
		diff: 0,
		allocations: 0,
		warnings: 0,
		folds: "none"
	}
];
// src/report/summary/lint.ts
/** The rows of a table for one of the allocations that a summary of the same size shows. */
const ROWS = 4;
/** Returns the findings of `lint` as a table, the errors first, and the parts that only Nomad can evaluate. */
function lintSection({ lint, repository, sha, runUrl }, { allocations, width }) {
	if (lint === void 0) return [];
	const { findings, unchecked, ignored } = lint;
	const server = runUrl !== void 0 && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
	const placeOf = (location) => {
		if (location === void 0) return "";
		const { file, line } = location;
		const at = code(`${file}${line === void 0 ? "" : `:${line}`}`);
		const path = file.split("/").map(encodeURIComponent).join("/");
		const anchor = line === void 0 ? "" : `#L${line}`;
		return server && repository && sha ? link(at, `${server}/${repository}/blob/${sha}/${path}${anchor}`) : at;
	};
	const shown = findings.toSorted((a, b) => Number(b.level === "error") - Number(a.level === "error")).slice(0, allocations * ROWS);
	const open = unchecked.slice(0, allocations);
	const more = (all, some) => all.length > some.length ? [`and ${all.length - some.length} more`, ""] : [];
	return [
		...shown.length === 0 ? [] : table([
			"",
			"Place",
			"Finding",
			"Name"
		], shown.map(({ level, rule, text: what, fix, location }) => [
			level === "error" ? "❌" : "⚠️",
			placeOf(location),
			`${text(clip(what, width))}.${fix === void 0 ? "" : ` ${text(clip(fix, width))}`}`,
			code(rule)
		])),
		...more(findings, shown),
		...open.length === 0 ? [] : [
			"**Not checked**, because Nomad alone evaluates these parts:",
			"",
			...open.map(({ what, rules, location }) => `- ${placeOf(location)} ${text(what)}: ${rules.map((rule) => code(rule)).join(", ")}`),
			"",
			...more(unchecked, open)
		],
		...ignored === 0 ? [] : [`${ignored} finding${ignored === 1 ? "" : "s"} ignored by comments.`, ""]
	];
}
// src/report/summary/timeline.ts
/** The most rows of allocations. */
const MAX_ALLOCATIONS = 12;
/** The room beside the bars, in characters. */
const MAX_TITLE = 20;
/** Shorter runs have no timeline. */
const MIN_MS = 1e3;
/**
* Returns the stages and allocations of the run as the lines of a Mermaid Gantt chart; none for a short run. Times of allocations are by the clocks of the
* cluster, times of stages by that of the runner.
*/
function timeline({ stages = [], allocations = [] }) {
	const end = Math.max(0, ...stages.map(endOf));
	if (end - Math.min(...stages.map(({ startedAt }) => parseTime(startedAt))) < MIN_MS) return [];
	return [
		"%%{init: {\"gantt\": {\"leftPadding\": 150}}}%%",
		"gantt",
		"  dateFormat x",
		"  axisFormat %H:%M:%S",
		"  todayMarker off",
		...[{
			title: "Run",
			bars: stages.map((stage) => ({
				name: stage.name,
				from: parseTime(stage.startedAt),
				to: endOf(stage),
				style: "done"
			}))
		}, ...allocations.slice(0, MAX_ALLOCATIONS).map((allocation) => ({
			title: clip(allocation.name.replace(/^.*\./, ""), MAX_TITLE),
			bars: allocationBars(allocation, end)
		}))].filter(({ bars }) => bars.length > 0).flatMap(({ title, bars }) => [`  section ${label(title)}`, ...bars.map(({ name, from, to, style }) => `    ${label(name)} :${style}, ${Math.round(from)}, ${Math.round(Math.max(to, from + 1))}`)])
	];
}
const endOf = ({ startedAt, ms }) => parseTime(startedAt) + ms;
function allocationBars({ createdAt, startedAt, judgedAt, endedAt, healthy, status }, end) {
	const at = (time) => time === void 0 ? void 0 : parseTime(time);
	const [created, started, judged, ended] = [
		createdAt,
		startedAt,
		judgedAt,
		endedAt
	].map(at);
	if (created === void 0) return [];
	const bad = status === "failed" || status === "lost" || healthy === false;
	if (started === void 0 || started < created) return [{
		name: bad ? "never started" : "starting",
		from: created,
		to: ended ?? end,
		style: bad ? "crit" : "active"
	}];
	const first = {
		name: "starting",
		from: created,
		to: started,
		style: "active"
	};
	if (healthy === true && judged !== void 0) return [first, {
		name: "until healthy",
		from: started,
		to: judged,
		style: "done"
	}];
	return [first, {
		name: bad ? "not healthy" : status === "complete" ? "ran" : "running",
		from: started,
		to: ended ?? judged ?? end,
		style: bad ? "crit" : "done"
	}];
}
/** Returns a name without Mermaid's own characters and keywords. */
function label(text) {
	return plain(text).replace(/[^\p{L}\p{N} .()[\]_…-]/gu, "_").replace(/^(?=(section|title|click|vert)\b)/i, "_");
}
// src/report/summary/versions.ts
/** Returns the rows about the version that `revert` brought back. */
function reverted({ revertedTo }) {
	if (revertedTo === void 0) return [];
	const { version, tag, commit, secrets } = revertedTo;
	const named = [tag && code(tag), commit && `commit ${code(commit.slice(0, 7))}`].filter(Boolean).join(", ");
	return [["Rolled back to", `version ${version}${named === "" ? "" : ` (${named})`}`], ...secrets.length === 0 ? [] : [["Secrets of that version", secrets.map(code).join(", ")]]];
}
/** Returns the table of the versions that `history` found. */
function versionsTable({ versions = [] }, { allocations: limit }) {
	const shown = versions.slice(0, limit);
	const more = versions.length - shown.length;
	return [...table([
		"Version",
		"Tag",
		"Commit",
		"By",
		"Run",
		"Image",
		"Outcome",
		"Registered",
		"Running now"
	], shown.map(rowOf)), ...more > 0 ? [`and ${more} more`, ""] : []];
}
function rowOf({ version, tag, commit, changed, actor, run, image, outcome, registeredAt, reason, running }) {
	return [
		running > 0 ? `**${version}**` : `${version}`,
		tag === "" ? "" : code(tag),
		commit === "" ? "" : `${code(commit.slice(0, 7))}${changed ? " with changes" : ""}`,
		text(actor),
		run === "" ? "" : link(/^https?:/.test(run) ? "run" : text(run), run),
		image === "" ? "" : image.split(", ").map((one) => code(one.replace(/(?<=@sha256:[0-9a-f]{12})[0-9a-f]+$/, ""))).join(" "),
		text(reason === "" ? outcome : `${outcome} (${reason})`),
		text(registeredAt),
		running === 0 ? "" : `${running} allocation${running === 1 ? "" : "s"}`
	];
}
// src/report/summary/summary.ts
/** GitHub's limit is 1 MiB for a step, the post step included. */
const MAX_BYTES = 1e6;
/**
* Returns the job summary, in GitHub-flavoured Markdown of one screen, with escaped text from outside. Leaves out the least useful parts of a summary of more
* than `maxBytes` in UTF-8, and says so.
*/
function renderSummary(result, maxBytes = MAX_BYTES) {
	let markdown = "";
	for (const limits of LIMITS) {
		const { without } = limits;
		const note = without === "" ? [] : [`*Left out to stay below GitHub's limit of 1 MiB: ${without}. The output \`result\` names a file with all of it.*`, ""];
		markdown = (result.jobs === void 0 ? renderJob(result, note, limits) : renderJobs(result, result.jobs, note, limits)).join("\n");
		if (Buffer.byteLength(markdown) <= maxBytes) return markdown;
	}
	const cut = Buffer.from(markdown).subarray(0, maxBytes).toString("utf8");
	return cut.slice(0, cut.lastIndexOf("\n") + 1);
}
function renderJob(result, note, limits) {
	return [
		...renderHead(result, limits),
		...note,
		...renderBody(result, limits)
	];
}
/** Returns the summary of several jobs: a table, then a fold for each job. */
function renderJobs(result, own, note, limits) {
	const { jobId: _first, ...run } = result;
	const { command, nomadAddr, repository, sha, runUrl } = result;
	const common = {
		...command === void 0 ? {} : { command },
		...nomadAddr === void 0 ? {} : { nomadAddr },
		...repository === void 0 || sha === void 0 || runUrl === void 0 ? {} : {
			repository,
			sha,
			runUrl
		}
	};
	const jobs = own.map((job) => ({
		...common,
		...job
	}));
	const waves = own.some(({ wave }) => wave !== void 0);
	const clusters = own.some(({ cluster }) => cluster !== void 0);
	const places = waves && own.some(({ running }) => running !== void 0);
	const folds = limits.folds === "none" ? [] : jobs.filter(({ outcome }) => limits.folds === "all" || !isGood(outcome));
	return [
		...renderHead({
			...run,
			jobId: `${jobs.length} jobs`
		}, limits),
		...note,
		...table(["", ""], facts([...imageRows(result), ["Time", timings(result.timings)]])),
		...table([
			...waves ? ["Wave", ...clusters ? ["Cluster"] : []] : [],
			"Job",
			"Outcome",
			"Version",
			"Change",
			"Time",
			...places ? ["Running now"] : []
		], jobs.map((job) => [
			...waves ? [`${job.wave ?? ""}`, ...clusters ? [text(job.cluster ?? "")] : []] : [],
			job.nomadUrl === void 0 ? text(job.jobId ?? "") : link(text(job.jobId ?? ""), job.nomadUrl),
			`${outcomeIcon(job.outcome)} ${job.outcome ?? "failed"}`,
			versionsOf(job) ?? "",
			job.changed ?? "",
			totalOf(job.timings),
			...places ? [text(job.running ?? "")] : []
		])),
		...folds.flatMap((job) => [
			`<details${isGood(job.outcome) ? "" : " open"}><summary>${html([job.cluster, job.jobId].filter((name) => name !== void 0).join(" "))}: ${job.outcome ?? "failed"}</summary>`,
			"",
			...run.cause === `${job.jobId}: ${job.cause}` ? [] : explanation(job, limits),
			...renderBody(job, limits),
			"</details>",
			""
		])
	];
}
function explanation(result, limits) {
	const { cause, hint, output, nomadUrl } = result;
	const lines = output === void 0 || limits.logLines === 0 ? [] : output.slice(-limits.logLines);
	return [
		...cause === void 0 ? [] : [`**${text(clipped(cause, limits))}**`, ""],
		...where(result),
		...hint === void 0 ? [] : [textBefore(clipped(hint, limits), nomadUrl), ""],
		...lines.length === 0 ? [] : [...fenced(lines.map((line) => clipped(line, limits))), ""]
	];
}
/** Returns the link to the line of the user's file at this commit. */
function where({ location, repository, sha, runUrl }) {
	if (location?.line === void 0) return [];
	const at = code(`${location.file}:${location.line}`);
	const server = runUrl !== void 0 && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
	const path = location.file.split("/").map(encodeURIComponent).join("/");
	return [server && repository && sha ? link(at, `${server}/${repository}/blob/${sha}/${path}#L${location.line}`) : at, ""];
}
const clipped = (value, { width }) => value.length <= width ? value : `${value.slice(0, width)}…`;
function renderHead(result, limits) {
	const outcome = result.outcome ?? "failed";
	return [
		`### ${outcomeIcon(outcome)} ${text(result.jobId ?? "nomad-deploy")}: ${outcome}${result.environment === void 0 ? "" : ` in ${text(result.environment)}`}`,
		"",
		...explanation(result, limits)
	];
}
const facts = (all) => all.flatMap(([name, markdown]) => markdown ? [[name, markdown]] : []);
function renderBody(result, limits) {
	const { region, namespace, nomadUrl, nomadAddr, deploymentId } = result;
	const pages = nomadUrl === void 0 ? nomadAddr && code(nomadAddr) : [
		link("job", nomadUrl),
		link("versions", tabOf(nomadUrl, "versions")),
		...deploymentId === void 0 ? [] : [link("deployments", tabOf(nomadUrl, "deployments"))]
	].join(" · ");
	const good = isGood(result.outcome);
	const place = namespace === void 0 || region === void 0 && namespace === "default" ? void 0 : `${code(namespace)}${region === void 0 ? "" : ` in ${code(region)}`}`;
	const why = (result.evidence ?? []).flatMap((one, index) => evidenceSection(one, allocationPage(nomadAddr, one.allocationId, region), index === 0, limits));
	return [
		...table(["", ""], facts([
			["URL", result.url === void 0 ? void 0 : autolink(result.url)],
			["Running now", result.running === void 0 ? void 0 : text(result.running)],
			["Version", versionsOf(result)],
			["Tag", result.tag && code(result.tag)],
			...reverted(result),
			["Change", result.changed],
			...imageRows(result),
			["Fingerprint", result.outcome === "planned" && result.planFingerprint ? code(result.planFingerprint) : void 0],
			["Run", result.dispatchedJobId && code(result.dispatchedJobId)],
			["Nomad", pages],
			["Namespace", place],
			["Deployment", deploymentId && code(deploymentId)],
			["Time", timings(result.timings)]
		])),
		...findingsTable(result),
		...versionsTable(result, limits),
		...lintSection(result, limits),
		...good ? [] : why,
		...forecastSection(result, limits),
		...changesSection(result, limits),
		...details("Unlike on the cluster", (result.rehearsal ?? []).slice(0, limits.warnings).map((line) => `- ${text(clipped(line, limits))}`)),
		...warnings(result, limits),
		...allocationsTable(result, limits),
		...good ? why : [],
		...limits.timeline ? details("Timeline", mermaid(timeline(result))) : [],
		...details("Nomad commands", blockOf(furtherCommands(result), "sh"))
	];
}
const blockOf = (lines, language) => lines.length === 0 ? [] : fenced(lines, language);
const mermaid = (lines) => blockOf(lines, "mermaid");
function changesSection({ outcome, changed, planDiff = [], planLines = [] }, limits) {
	if (changed === "none") return [];
	const lines = planDiff.length > 0 ? planDiff : planLines.map((line) => `  ${line}`);
	const shown = lines.slice(0, limits.diff);
	const more = lines.length - shown.length;
	if (shown.length === 0) return [];
	return details("Changes", [...fenced(shown, "diff"), ...more > 0 ? [
		"",
		`and ${more} more lines`,
		""
	] : []], outcome === "planned");
}
function forecastSection({ forecast = [], outcome }, limits) {
	const shown = forecast.slice(0, limits.warnings);
	const more = forecast.length - shown.length;
	const lines = [...shown.map((line) => `- ${text(clipped(line, limits))}`), ...more > 0 ? [`- and ${more} more`] : []];
	return details("Forecast", shown.length === 0 ? [] : lines, outcome === "planned" || !isGood(outcome));
}
function warnings({ warnings: all = [] }, limits) {
	const shown = all.slice(0, limits.warnings);
	const more = all.length - shown.length;
	return details(`Warnings (${all.length})`, shown.length === 0 ? [] : [...shown.map((line) => `- ${text(clipped(line, limits))}`), ...more > 0 ? [`- and ${more} more`] : []]);
}
function allocationsTable(result, limits) {
	const all = result.allocations ?? [];
	const shown = all.slice(0, limits.allocations);
	const more = all.length - shown.length;
	const healthy = all.filter((allocation) => allocation.healthy === true).length;
	return details(`Allocations (${healthy === 0 ? all.length : `${healthy} of ${all.length} healthy`})`, [...table([
		"Allocation",
		"Node",
		"Status",
		"Healthy",
		"Restarts",
		"Started in"
	], shown.map(({ id, name, node, status, healthy: well, canary, restarts, createdAt, startedAt, pulledMs }) => {
		const url = allocationPage(result.nomadAddr, id, result.region);
		const short = code(id.slice(0, 8));
		return [
			`${url === void 0 ? short : link(short, url)} ${text(name)}${canary ? " (canary)" : ""}`,
			text(node),
			text(status),
			well === null ? "" : well ? "yes" : "**no**",
			restarts === 0 ? "" : `${restarts}`,
			startedIn(between(createdAt, startedAt), pulledMs)
		];
	})), ...more > 0 ? [`and ${more} more`, ""] : []], result.outcome !== "planned");
}
function startedIn(time, pulledMs) {
	if (pulledMs === void 0) return time;
	const pull = `${formatDuration(pulledMs)} for the image`;
	return time === "" ? pull : `${time}, ${pull}`;
}
function between(from, to) {
	const ms = from === void 0 || to === void 0 ? -1 : parseTime(to) - parseTime(from);
	return ms < 0 ? "" : formatDuration(ms);
}
function details(title, lines, open = false) {
	return lines.length === 0 ? [] : [
		`<details${open ? " open" : ""}><summary>${title}</summary>`,
		"",
		...lines,
		"</details>",
		""
	];
}
const sumOf = (stages) => Object.values(stages ?? {}).reduce((sum, ms) => sum + ms, 0);
const totalOf = (stages) => stages === void 0 ? "" : formatDuration(sumOf(stages));
function timings(stages) {
	const entries = Object.entries(stages ?? {});
	if (entries.length === 0) return void 0;
	return `${formatDuration(sumOf(stages))} (${entries.filter(([, ms]) => ms >= 50).map(([stage, ms]) => `${stage} ${formatDuration(ms)}`).join(", ")})`.replace(" ()", "");
}
// src/report/record.ts
/** Opens the record of a run. `webhook` is the web hook of a run that ends before its inputs are known. */
function openRecord(webhook, runtime) {
	let result = {};
	let listeners = {
		summary: true,
		webhook
	};
	const reports = [];
	const note = (part) => {
		const shown = runtime.redactDeep(part);
		result = {
			...result,
			...shown
		};
		const outputs = outputsOf(shown);
		for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
		const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => name !== "cause" && outputs[name] !== value ? [name] : []);
		if (torn.length > 0) runtime.log.warning(`The outputs ${torn.join(", ")} contain a masked value, which is replaced by \`***\`.`);
	};
	const stage = async (name, title, work) => timed(name, runtime, (done) => result = withStage(result, done), async () => runtime.log.group(title, work));
	const close = async () => {
		const ended = result;
		const inOrder = async () => {
			for (const report of reports) await report(ended);
		};
		const post = async () => {
			if (listeners.webhook === void 0) return;
			const { notify } = await import("./notify.js");
			await notify(listeners.webhook, ended, runtime);
		};
		await Promise.all([post(), inOrder()]);
		if (listeners.summary) await runtime.writeSummary(renderSummary(result));
		const good = isGood(result.outcome);
		if (runtime.terminal !== void 0) {
			runtime.terminal.end(result, headline(result), good);
			return good;
		}
		if (result.outcome !== void 0 && result.outcome !== "skipped") note({ result: await runtime.publish("result.json", result) });
		runtime.log.info(headline(result));
		return good;
	};
	return {
		runtime,
		number: 1,
		note,
		stage,
		atEnd: (report) => reports.push(report),
		tell: (those) => listeners = those,
		close
	};
}
// src/run.ts
/**
* Runs the action from its inputs to its reports. Returns true when the step is to pass. Does not throw: a failure is in the log, the outputs, an annotation
* and the job summary.
*/
async function run(env, event, runtime) {
	const isLint = env["INPUT_COMMAND"]?.trim() === "lint";
	const record = openRecord(isLint ? void 0 : readWebhook(env), runtime);
	try {
		const begun = await begin(env, event, runtime).catch((thrown) => {
			if (isLint) throw thrown;
			const wish = env["INPUT_COMMAND"]?.trim() === "rehearse" ? {
				command: "rehearse",
				push: false
			} : void 0;
			const distrusted = distrustUnread(readContext(env, event), env["INPUT_ALLOW-UNTRUSTED-EVENTS"] ?? "", wish);
			if (distrusted === void 0) throw thrown;
			return distrusted;
		});
		if ("cause" in begun) record.note(skip(begun, runtime));
		else {
			const { inputs } = begun.units[0];
			record.tell(inputs.command === "lint" ? {
				...inputs,
				webhook: void 0
			} : inputs);
			record.note(describeRun(inputs, begun.context));
			record.note(await perform(begun, env, record));
		}
	} catch (thrown) {
		record.note(await failure(thrown, runtime));
	}
	return record.close();
}
/** Performs the command once the inputs are known. Throws an `ActionError` for a failure that ends the run. */
async function perform(begun, env, record) {
	const [{ inputs, target }] = begun.units;
	const { runtime } = record;
	const steps = await import("./steps2.js");
	const forAny = steps.FOR_ANY_EVENT[inputs.command];
	if (forAny !== void 0) return forAny({
		...begun,
		env
	}, record);
	const operates = steps.isOperation(inputs.command);
	const described = steps.describeTargets(begun.units, runtime);
	record.note(steps.isSequence(begun.units) ? { environment: target.environment.name } : described);
	const aboutCluster = steps.ABOUT_CLUSTER[inputs.command];
	if (inputs.noDeploy && !operates && aboutCluster === void 0) return steps.skipUnwanted(runtime);
	const distrusted = refusal(begun.context, inputs, target);
	if (distrusted !== void 0) return skip(distrusted, runtime);
	if (aboutCluster !== void 0) return aboutCluster({
		...begun,
		env
	}, record);
	const units = operates ? begun.units : await steps.changedUnits(begun, runtime);
	if (units === void 0) return {
		outcome: "skipped",
		cause: "no file of any app changed"
	};
	if (steps.isSequence(units)) return (await import("./waves.js")).inSequence({
		...begun,
		units
	}, record);
	const address = inputs.command === "build" ? "" : steps.requireAddress(steps.commonTarget(units), inputs, runtime);
	const works = await steps.prepareWork(units, begun.context, runtime);
	if (inputs.command === "build") return steps.buildOnly(works, record);
	await using ahead = steps.lookAhead(works, runtime);
	await ahead.asking;
	const cluster = await steps.connectTo(begun, works, address, record);
	try {
		if (operates) return await steps.operateEach(works, cluster, record);
		const { drafts, checked } = await steps.draftAll(works, cluster, record);
		if (checked.some(({ error }) => error !== void 0)) return await steps.refuseSpecs(checked, runtime);
		const jobs = await steps.judge(works, await steps.claimJobs(works, drafts, cluster, record), cluster, record);
		const built = inputs.command === "deploy" ? await steps.buildApproved([{
			jobs,
			cluster
		}], record, ahead) : void 0;
		return await steps.commandEach({
			jobs,
			cluster
		}, built, record);
	} finally {
		await cluster.locks.release();
		await cluster.regions.close();
	}
}
export { USUAL as $, hostOfRegistry as $t, githubToken as A, anything as An, nearest as At, requireTerminal as B, isAttestationUrl as Bn, keysOf as Bt, isUntrusted as C, parseLiteral as Cn, sourceText as Ct, resolveTarget as D, isPattern as Dn, hostBeside as Dt, resolveEnvironment as E, skipBlank as En, fitLabel as Et, readWaves as F, formatDuration as Fn, plain as Ft, hooksOf as G, textAt as Gt, takesTag as H, endOfText as Ht, readSecretName as I, parseDuration as In, quiet as It, readAttributes as J, completeName as Jt, cacheType as K, textsIn as Kt, camelCase as L, shellWord as Ln, table as Lt, isGiven as M, matchesSteps as Mn, code as Mt, readInputs as N, notSlash as Nn, fenced as Nt, takenHost as O, matcherOf as On, hostProblem as Ot, readWebhook as P, withoutEscapes as Pn, link as Pt, readSourceFile as Q, digitsOf as Qt, isFilePath as R, splitWords as Rn, text as Rt, distrustUnread as S, parseJsonValue as Sn, readTree as St, hasOwnJob as T, lex as Tn, yamlData as Tt, withoutQuery as U, isCutJson as Ut, CI_VARIABLES as V, depthOf as Vt, hookText as W, mapTexts as Wt, findConfig as X, contentTag as Xt, confine as Y, completeReference as Yt, readInside as Z, digestTag as Zt, describeTargets as _, withoutFolders as _n, onDefaultBranch as _t, withStage as a, localId as an, sectionProblems as at, secretsInJob as b, hclLiteral as bn, locationOf as bt, outcomeIcon as c, registryOf as cn, readMap as ct, headline as d, clip as dn, INPUTS as dt, isContentTag as en, comparing as et, failure as f, flattenErrors as fn, inputNames as ft, describeJob as g, withoutCredentials as gn, commands as gt, describeImage as h, readable as hn, untrustedEvents as ht, timed as i, isTagAlone as in, policyOf as it, givenTexts as j, literally as jn, autolink as jt, configInputs as k, FOLDERS as kn, slug as kt, LOGS_UNREAD as l, repositoryOf as ln, fingerprintText as lt, skipUnwanted as m, oneLine as mn, optionNames as mt, openRecord as n, isDigestTag as nn, placeIn as nt, versionsOf as o, parseReference as on, MERGED_PLAN as ot, skip as p, linesOf as pn, isInput as pt, deployedSuffix as q, valueAt as qt, describeSizes as r, isFrom as rn, readValue as rt, isGood as s, referencesIn as sn, parseBoolean as st, run as t, isDigest as tn, itemsIn as tt, evidenceLines as u, trustedBy as un, parseFingerprint as ut, jobText as v, exactNumber as vn, readContext as vt, refusal as w, readLiteral as wn, parseYaml as wt, isJobPage as x, parseHclLiteral as xn, placeText as xt, begin as y, excerpt as yn, runPage as yt, pemPaths as z, bytesText as zn, textBefore as zt };
