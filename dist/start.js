import { r as __toESM } from "./rolldown-runtime.js";
import { a as secret, c as ActionError, f as messageOf, h as toActionError, i as isMaskable, m as sentence } from "./runtime.js";
import { open, readFile, realpath } from "node:fs/promises";
import { createHash } from "node:crypto";
import { constants as constants$1 } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
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
// src/text/hcl-values.ts
/**
* Reads a literal value written in JSON or HCL: `3`, `true`, `"text"`, `["a", "b"]`, `{ 5000 = "http" }`, `{"5000": "http"}`. What is JSON is
* taken as JSON, in which `${` means nothing. Throws an `Error` that says what was expected and where; expressions, functions and interpolation
* are not literals.
*/
function parseLiteral(source) {
	try {
		return parseJsonValue(source);
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
/** Returns the literal value that begins with a token, and the token behind it. Throws an `Error` that says what was expected and where. */
function readLiteral(source, tokens, i) {
	const token = tokens[i];
	if (token === void 0) throw new Error("the value ends too early");
	const { kind, text, at } = token;
	const number = numberAt(tokens, i);
	if (number !== void 0) return [exactNumber(number.text), number.end];
	if (kind === "text") return [textOf$2(token), i + 1];
	if (text === "[") return readList(source, tokens, i + 1);
	if (text === "{") return readObject(source, tokens, i + 1);
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
function textOf$2(token) {
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
	const indent = first.startsWith("<<-") ? Math.min(...indents) : 0;
	return unescapeTemplate(rest.map((line) => `${line.trim() === "" ? line : line.slice(indent)}\n`).join(""));
}
function readList(source, tokens, from) {
	const items = [];
	let i = from;
	while (tokens[i]?.text !== "]") {
		const [item, end] = readLiteral(source, tokens, i);
		items.push(item);
		i = end;
		if (tokens[i]?.text === ",") i++;
		else if (tokens[i]?.text !== "]") throw new Error("expected a comma or the end of the list");
	}
	return [items, i + 1];
}
function readObject(source, tokens, from) {
	const entries = [];
	let i = from;
	while (tokens[i]?.text !== "}") {
		const [key, sign] = readKey(source, tokens, i);
		if (tokens[sign]?.text !== "=" && tokens[sign]?.text !== ":") throw new Error(`expected = or : after the key ${JSON.stringify(key)}`);
		const [value, end] = readLiteral(source, tokens, sign + 1);
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
	if (token.text.startsWith("\"")) return [textOf$2(token), i + 1];
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
/** Whether a text is the address of a registry, `host:5000`, with the path that its images are below if it has one. */
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
	return address.replace(/^https?:\/\//i, "").replace(/\/+$/, "").replace(/^(index|registry-1)\.docker\.io(\/v[12])?(?=\/|$)/, HUB);
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
/** How a tag begins that names the content of an image. Only the action itself gives it, since it deploys what it finds there. */
const CONTENT_TAG = "content-";
/** Whether a tag is one of those by which the action finds images again. */
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
/** Returns all texts of parsed JSON, in their order; keys are none of them. */
function textsIn(value) {
	if (typeof value === "string") return [value];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
/** The text at a path of parsed JSON; undefined when it is not there, not a text, or empty. */
function textAt(value, ...path) {
	const at = valueAt(value, ...path);
	return typeof at === "string" && at !== "" ? at : void 0;
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
/** Of a list of errors, so many are read, and lists within one another up to this depth. */
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
			leaves.push([...within, item].join(" "));
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
// src/text/markdown.ts
/** Ends a line in a browser or an editor. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** What nobody sees, and what makes text read in another order than it is: control characters, formats, and what Unicode has every program ignore. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Colours, links and titles of a terminal. The numbers of repetitions are limited, so that beginnings without an end take linear time. */
const ESCAPE = "\\u001b";
const TERMINAL = new RegExp(`(?:${ESCAPE}\\[|\\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|${ESCAPE}[\\]PX^_][^\\u0007${ESCAPE}]{0,2048}(?:\\u0007|${ESCAPE}\\\\)`, "g");
function visible(value) {
	return value.replace(TERMINAL, "").replace(INVISIBLE, "");
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
	return entities$1(quiet(plain(value)));
}
/** A short text from outside as code within a tag. GitHub looks for nothing in code, so the text can be copied. */
function htmlCode(value) {
	return `<code>${entities$1(plain(value))}</code>`;
}
function entities$1(value) {
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
	const head = label.slice(0, Math.max(0, maxLength - HASH_LENGTH - 1)).replace(/-+$/, "");
	return head === "" ? hash.slice(0, maxLength) : `${head}-${hash}`;
}
// src/text/yaml.ts
/** Nomad takes no larger job. */
const MAX_BYTES$3 = 1048576;
/** Words, marks and blanks; a text between quotes or of several lines is one. The parser takes seconds and a gigabyte for twice as many. */
const MAX_TOKENS = 5e5;
/** Values, with those that aliases stand for counted each time. */
const MAX_NODES = 1e5;
const MAX_DEPTH = 100;
const TOO_DEEP = `more than ${MAX_DEPTH} lists and maps within one another`;
/** Of what is wrong with a text; each thing may give as many more. */
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
	if (Buffer.byteLength(text) > MAX_BYTES$3) return refused(`more than ${MAX_BYTES$3 / 1024} KiB of YAML`, 0);
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
/** What of a document is too much, or can't be: the first of it. Walks each node once, whatever aliases stand for. */
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
		runUrl: `${server}/${repository}/actions/runs/${runId}`,
		ownerType: textAt(event, "repository", "owner", "type"),
		apiUrl: env["GITHUB_API_URL"] || "https://api.github.com",
		checkout: heads.length === 0 ? "unknown" : heads.every((head) => head !== "" && named.includes(head)) ? "event" : "other"
	};
	return {
		...about,
		isDefaultCheckout: isDefaultCheckout(about)
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
/** Returns whether the checkout of a run is the default branch's. */
function onDefaultBranch(context) {
	return context.isDefaultCheckout;
}
/**
* Returns whether the checkout is proven to be the default branch's (`main` or `master` where the event does not name it). For a push, actions/checkout takes the
* pushed commit by default. A schedule or `workflow_dispatch` often checks out another ref, so HEAD must be known. Other events prove nothing: their GITHUB_REF
* is the default branch, whatever is checked out.
*/
function isDefaultCheckout({ ref, refType, defaultBranch, fromFork, eventName, checkout }) {
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
// src/github/artifacts.ts
/** Linked artifacts of an organization: https://docs.github.com/rest/orgs/artifact-metadata */
function artifacts({ octokit }, org) {
	return { 
	/** Records the deployment of an image. A second record of the same environment, cluster and name replaces the first. */
recordDeployment: async (record) => {
		const { request } = await octokit("artifact-metadata: write", { repeatable: true });
		await request("POST /orgs/{org}/artifacts/metadata/deployment-record", {
			org,
			...record,
			return_records: false
		});
	} };
}
// src/runtime/retry.ts
/**
* Repeats `attempt` with exponential back-off and jitter until it is done. Throws the last error when the policy's time is over, and the signal's reason when the
* signal aborts. `retryAfterMs` of the server overrides the computed delay.
*/
async function retry(policy, clock, signal, attempt, onRetry) {
	const startedAt = clock.now();
	for (let count = 0;; count++) {
		const result = await attempt();
		if (result.done) return result.value;
		const backOffMs = Math.min(policy.firstDelayMs * 2 ** count, policy.maxDelayMs);
		const delayMs = result.retryAfterMs ?? backOffMs / 2 + clock.random() * (backOffMs / 2);
		if (clock.now() - startedAt + delayMs > policy.forMs) throw result.error;
		onRetry(result.error, delayMs);
		await clock.sleep(delayMs, signal);
	}
}
// src/runtime/time.ts
/** Returns a time, in milliseconds since the epoch, in RFC 3339: `2026-11-29T12:00:00.000Z`. Throws a `RangeError` for `NaN`. */
function isoTime(ms) {
	return new Date(ms).toISOString();
}
/** Returns the milliseconds since the epoch of a time in RFC 3339, as Nomad writes it; `NaN` for any other text. */
function parseTime(text) {
	return Date.parse(text);
}
/** Returns random hexadecimal digits. */
function randomHex({ random }, digits) {
	return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
}
// src/github/client.ts
/** The API version of the types in this folder. */
const API_VERSION = "2022-11-28";
const GITHUB_TIMEOUT_MS = 8e3;
/** Reports are given up after seconds, so that they do not delay a deploy. */
const RETRY = {
	forMs: 1e4,
	firstDelayMs: 500,
	maxDelayMs: 3e3
};
const ONCE = {
	...RETRY,
	forMs: 0
};
/** The time limit in a cancelled run, which the runner kills soon. */
const LAST_WORDS_MS = 2e3;
/** The limit of attempts at a creation whose answer gets lost. */
const CREATIONS = 3;
/** GitHub's documented wait for a rate limit without a time. */
const NO_WORD_MS = 6e4;
const MAX_BYTES$2 = 16e6;
const MAX_PAGES = 20;
const ADDRESS = "Set GITHUB_API_URL to the address of the REST API.";
const nothing = () => void 0;
/** A silent log, because Octokit otherwise prints warnings that quote the server. */
const SILENT = {
	debug: nothing,
	info: nothing,
	warn: nothing,
	error: nothing
};
/** Returns the function that sends the requests of a connection, with retries. After an outage, each later call has one attempt. */
function sender(sending) {
	const { log, clock, signal: running } = sending;
	let down = false;
	return async (call) => {
		const signal = running.aborted ? clock.timeout(LAST_WORDS_MS) : running;
		try {
			const answer = await retry(down || running.aborted ? ONCE : RETRY, clock, signal, async () => once(call, sending, signal), (error, delayMs) => log.debug(`${error.message}; retrying in ${Math.round(delayMs)} ms`));
			down = false;
			return answer;
		} catch (error) {
			if (error instanceof ActionError && error.code === "unreachable") down = true;
			throw error;
		}
	};
}
/** Sends a call once. Throws a refusal, and `unknown-outcome` for a write without an answer. */
async function once(call, { base, token, log, clock, request }, signal) {
	const { method, url, headers, body: sent } = call;
	if (URL.parse(url)?.origin !== URL.parse(base)?.origin) throw new ActionError("github-refused", `${base} names ${url.slice(0, 200)} as the next page of a list`, { hint: ADDRESS });
	const path = pathOf(url, base);
	let answer;
	try {
		answer = await request(url, {
			method,
			headers: {
				...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secret(value)])),
				authorization: secret(`Bearer ${token.reveal()}`),
				"x-github-api-version": secret(API_VERSION)
			},
			...sent === void 0 ? {} : { body: sent },
			timeoutMs: GITHUB_TIMEOUT_MS,
			insecure: false,
			maxBytes: MAX_BYTES$2,
			signal
		});
	} catch (error) {
		signal.throwIfAborted();
		return failed(call, path, new ActionError("unreachable", `cannot reach GitHub at ${base}: ${messageOf(error)}`, { cause: error }));
	}
	const { status, body, elapsedMs } = answer;
	log.debug(`GitHub: ${method} ${path} -> ${status} in ${elapsedMs} ms`);
	if (status >= 200 && status < 300) {
		const value = parsed(body, base);
		return {
			done: true,
			value: {
				url,
				status,
				headers: [...Object.entries(answer.headers), ...nextPage(url, answer, value)],
				body: value
			}
		};
	}
	const limit = rateLimit(answer, clock.now());
	if (limit !== void 0) return {
		done: false,
		...limit
	};
	const what = `GitHub answered ${status} to ${method} ${path}: ${wordsOf(body)}`;
	if (status >= 500) return failed(call, path, new ActionError("unreachable", what));
	throw githubRefusal(status, what, call.permission);
}
/**
* Opens the transport to GitHub's REST API. Nothing is sent yet. Rate limits, 5xx and lost connections are retried for up to 10 seconds; after that, each later
* call has one attempt, so that an outage does not delay a deploy repeatedly.
* Failed calls throw an `ActionError`: `unreachable`, `permission-denied` with the missing line of `permissions:`, `unknown-outcome` for a write whose answer
* was lost, or `github-refused` with GitHub's own words.
*/
function openGitHubTransport({ apiUrl, token }, world) {
	const base = apiUrl.replace(/\/+$/, "");
	const send = sender({
		...world,
		base,
		token
	});
	return {
		ofApp: token.reveal().startsWith("ghs_"),
		octokit: async (permission, { repeatable } = { repeatable: false }) => {
			const { GitHub } = await loaded(base);
			const fetch = async (url, asked) => send({
				...asked,
				url: withSlashes(url),
				permission,
				repeatable: repeatable || asked.method !== "POST"
			});
			const octokit = new GitHub({
				baseUrl: base,
				userAgent: "nomad-deploy",
				log: SILENT,
				request: {
					fetch,
					log: SILENT,
					parseSuccessResponseBody: false
				}
			});
			octokit.hook.error("request", (error) => {
				throw error.name === "HttpError" ? error.cause : error;
			});
			return octokit;
		},
		create: async (make, find) => {
			for (let tries = 1;; tries++) try {
				return (await make()).data;
			} catch (error) {
				if (!(error instanceof ActionError) || error.code !== "unknown-outcome") throw error;
				const found = await find();
				if (found !== void 0) return found;
				if (tries === CREATIONS || world.signal.aborted) throw error;
				await world.clock.sleep(RETRY.firstDelayMs * tries, world.signal);
			}
		}
	};
}
/** Loads GitHub's client. Throws `unreachable` for a malformed proxy in the environment, which the client parses although it is not used. */
async function loaded(base) {
	try {
		return await import("./actions-github.js");
	} catch (error) {
		throw new ActionError("unreachable", `cannot reach GitHub at ${base}: ${messageOf(error)}`, { cause: error });
	}
}
/** Returns the items of the first 20 pages of a list. */
async function items(pages) {
	const all = [];
	let read = 0;
	for await (const { data } of pages) {
		all.push(...data);
		if (++read === MAX_PAGES) break;
	}
	return all;
}
/** Returns the answer; undefined for a 404. */
async function unlessMissing(asked) {
	try {
		return await asked;
	} catch (error) {
		if (error instanceof ActionError && error.cause === 404) return void 0;
		throw error;
	}
}
/** Returns the address with plain slashes. Octokit encodes those of a file or branch, which a proxy may refuse. */
const withSlashes = (url) => url.replace(/^[^?]*/, (path) => path.replaceAll("%2F", "/"));
/** Returns the path below the address of the API, for messages. On a GitHub Enterprise Server, GraphQL is not below that address. */
function pathOf(url, base) {
	return (url.startsWith(`${base}/`) ? url.slice(base.length) : new URL(url).pathname).replace(/\?.*$/s, "");
}
/** Returns the failure of a call without an answer. Throws `unknown-outcome` for a call that is not repeatable. */
function failed({ repeatable }, path, error) {
	if (repeatable) return {
		done: false,
		error
	};
	throw new ActionError("unknown-outcome", error.message, {
		cause: error.cause,
		hint: `The write to ${path} may have taken effect.`
	});
}
/**
* Returns the error of an exceeded rate limit and its wait; undefined for other answers.
* See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
*/
function rateLimit({ status, headers, body }, nowMs) {
	const afterS = Number(headers["retry-after"] ?? NaN);
	const usedUp = headers["x-ratelimit-remaining"] === "0";
	if (!(status === 429 || status === 403 && (usedUp || !Number.isNaN(afterS) || /rate limit|abuse detection/i.test(wordsOf(body))))) return void 0;
	const resetMs = Number(headers["x-ratelimit-reset"] ?? NaN) * 1e3 - nowMs;
	const toldMs = Number.isNaN(afterS) ? usedUp && !Number.isNaN(resetMs) ? resetMs : NO_WORD_MS : afterS * 1e3;
	const retryAfterMs = Math.max(toldMs, RETRY.firstDelayMs);
	return {
		error: new ActionError("unreachable", `GitHub limits the requests of this token (${status}): ${wordsOf(body)}`, { hint: `Wait ${Math.ceil(retryAfterMs / 1e3)} s before the next request.` }),
		retryAfterMs
	};
}
function githubRefusal(status, what, permission) {
	if (status === 401) return new ActionError("permission-denied", what, { hint: "The token of `github-token` is invalid or has expired." });
	if (status === 403 || status === 404) return new ActionError("permission-denied", what, {
		cause: status,
		hint: `The token may lack a permission: add the line \`${permission}\` to the \`permissions:\` of the workflow job.`
	});
	return new ActionError("github-refused", what);
}
/** Returns GitHub's text of an error: its message, and the problems of fields. */
function wordsOf(body) {
	let value;
	try {
		value = JSON.parse(body);
	} catch {
		return body.trim().slice(0, 200) || "no text";
	}
	const { message, errors } = value ?? {};
	const details = (Array.isArray(errors) ? errors : []).map((error) => {
		if (typeof error === "string") return error;
		const { message: own, field, code } = error ?? {};
		return own ?? [field, code].filter(Boolean).join(" ");
	});
	return [typeof message === "string" ? message : "no text", ...details].filter((part) => part !== "").join("; ");
}
/** Returns the `link` to the next page for a full page without one, because a proxy may drop the header. */
function nextPage(url, { headers }, body) {
	const next = new URL(url);
	const { searchParams } = next;
	if (headers["link"] !== void 0 || !Array.isArray(body) || body.length < 100 || !searchParams.has("per_page")) return [];
	searchParams.set("page", `${Number(searchParams.get("page") ?? 1) + 1}`);
	return [["link", `<${next.href}>; rel="next"`]];
}
function parsed(body, base) {
	if (body === "") return void 0;
	try {
		return JSON.parse(body);
	} catch (error) {
		throw new ActionError("github-refused", `${base} did not answer with JSON: ${body.slice(0, 100)}`, {
			cause: error,
			hint: ADDRESS
		});
	}
}
// src/github/comments.ts
/** The comments of pull requests: https://docs.github.com/rest/issues/comments */
function comments({ octokit, create }, repository) {
	const api = async () => octokit("pull-requests: write");
	const all = async (pullRequest) => {
		const { rest, paginate } = await api();
		return items(paginate.iterator(rest.issues.listComments, {
			...repository,
			issue_number: pullRequest,
			per_page: 100
		}));
	};
	return {
		/** Reads the comments of a pull request, the oldest first. */
		all,
		/** Writes a comment. `find` returns it from others, so that it is not written twice after a lost answer. */
		create: async (pullRequest, body, find) => create(async () => (await api()).rest.issues.createComment({
			...repository,
			issue_number: pullRequest,
			body
		}), async () => find(await all(pullRequest))),
		update: async (id, body) => (await (await api()).rest.issues.updateComment({
			...repository,
			comment_id: id,
			body
		})).data,
		remove: async (id) => {
			await unlessMissing((await api()).rest.issues.deleteComment({
				...repository,
				comment_id: id
			}));
		}
	};
}
// src/github/contents.ts
/** Files of the repository: https://docs.github.com/rest/repos/contents */
function contents({ octokit }, repository) {
	return { 
	/**
	* Reads the text of a file at a commit, or on the default branch; undefined when there is no file. GitHub answers the same to a token that may not read, so
	* read the commit first. Throws `github-refused` for a folder or a file beyond 1 MB.
	*/
atCommit: async (path, sha) => {
		const { rest } = await octokit("contents: read");
		const found = await unlessMissing(rest.repos.getContent({
			...repository,
			path,
			...sha === void 0 ? {} : { ref: sha }
		}));
		if (found === void 0) return void 0;
		if (Array.isArray(found.data) || !("content" in found.data) || found.data.encoding !== "base64") throw new ActionError("github-refused", `${path} at ${sha?.slice(0, 7) ?? "the default branch"} is not a readable file: it is a folder, or larger than 1 MB`);
		return Buffer.from(found.data.content, "base64").toString("utf8");
	} };
}
// src/github/deployments.ts
const PERMISSION = "deployments: write";
/** GitHub's limit of a description, in characters. */
const MAX_DESCRIPTION = 140;
/** Deployments and their statuses: https://docs.github.com/rest/deployments */
function deployments({ octokit, create }, repository) {
	const api = async () => octokit(PERMISSION);
	/** Reads the first page of the deployments of an environment or a commit, the newest first. */
	const find = async (query) => (await (await api()).rest.repos.listDeployments({
		...repository,
		...query,
		per_page: 100
	})).data;
	return {
		find,
		/** Reads all deployments of an environment. */
		all: async (environment) => {
			const { rest, paginate } = await api();
			return items(paginate.iterator(rest.repos.listDeployments, {
				...repository,
				environment,
				per_page: 100
			}));
		},
		/** Records a deployment without a merge and without waiting for checks of the commit. */
		create: async (deployment, isOurs) => {
			const body = {
				...deployment,
				description: shortened$1(deployment.description),
				auto_merge: false,
				required_contexts: []
			};
			return create(async () => {
				const made = await (await api()).rest.repos.createDeployment({
					...repository,
					...body
				});
				if (made.status === 201) return made;
				throw new ActionError("github-refused", `GitHub answered ${made.status} and created no deployment`);
			}, async () => (await find({ environment: deployment.environment })).find(isOurs));
		},
		read: async (id) => (await (await api()).rest.repos.getDeployment({
			...repository,
			deployment_id: id
		})).data,
		/** Reads the first page of the statuses of a deployment, the newest first. */
		statuses: async (id) => (await (await api()).rest.repos.listDeploymentStatuses({
			...repository,
			deployment_id: id
		})).data,
		/** Sets the state of a deployment. For a success, GitHub makes earlier deployments inactive, except in production and transient environments. */
		setState: async (id, { description = "", ...status }) => {
			const { rest } = await octokit(PERMISSION, { repeatable: true });
			await rest.repos.createDeploymentStatus({
				...repository,
				...status,
				deployment_id: id,
				description: shortened$1(description)
			});
		}
	};
}
function shortened$1(text) {
	return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, 139)}…`;
}
// src/github/issues.ts
/** Issues: https://docs.github.com/rest/issues/issues */
function issues({ octokit, create }, repository) {
	const api = async () => octokit("issues: write");
	const open = async (label) => {
		const { rest, paginate } = await api();
		const query = {
			...repository,
			labels: label,
			state: "open",
			per_page: 100
		};
		return (await items(paginate.iterator(rest.issues.listForRepo, query))).filter(({ pull_request }) => pull_request === void 0);
	};
	return {
		/** Reads the open issues with a label. */
		open,
		/** Opens an issue. `find` returns it from others, so that it is not opened twice after a lost answer. */
		create: async ({ labels: [label], ...issue }, find) => create(async () => (await api()).rest.issues.create({
			...repository,
			...issue,
			labels: [label]
		}), async () => find(await open(label))),
		update: async (number, change) => (await (await api()).rest.issues.update({
			...repository,
			issue_number: number,
			...change
		})).data
	};
}
// src/github/pulls.ts
/** Pull requests: https://docs.github.com/rest/pulls/pulls */
function pulls({ octokit }, repository) {
	const api = async () => octokit("pull-requests: read");
	const list = async (query) => {
		const { rest, paginate } = await api();
		return items(paginate.iterator(rest.pulls.list, {
			...repository,
			...query,
			per_page: 100
		}));
	};
	return {
		/** Reads the open pull requests, all or those of a branch (`owner:branch`). */
		open: async (head) => list({
			state: "open",
			...head === void 0 ? {} : { head }
		}),
		/** Reads the pull requests of a branch (`owner:branch`) in any state. */
		ofBranch: async (head) => list({
			state: "all",
			head
		}),
		/** Reads a pull request; undefined when there is none. */
		read: async (number) => (await unlessMissing((await api()).rest.pulls.get({
			...repository,
			pull_number: number
		})))?.data,
		/** Reads the pull requests that merged a commit or have it on their branch. */
		ofCommit: async (sha) => {
			const { rest, paginate } = await api();
			const query = {
				...repository,
				commit_sha: sha,
				per_page: 100
			};
			return items(paginate.iterator(rest.repos.listPullRequestsAssociatedWithCommit, query));
		}
	};
}
// src/github/refs.ts
/** Branches and tags: https://docs.github.com/rest/git/refs, and how commits follow one another: https://docs.github.com/rest/commits/commits */
function refs({ octokit }, repository) {
	const api = async () => octokit("contents: read");
	/**
	* Reads the commit of a branch or tag; undefined when there is none. A search has an empty answer for a missing ref, while a 404 could also mean a missing
	* permission.
	*/
	const find = async (ref) => {
		const { data } = await (await api()).rest.git.listMatchingRefs({
			...repository,
			ref
		});
		return data.find((found) => found.ref === `refs/${ref}`)?.object.sha;
	};
	return {
		/** Reads whether a branch or tag exists. */
		exists: async (kind, name) => await find(`${kind === "branch" ? "heads" : "tags"}/${name}`) !== void 0,
		/** Reads whether a commit is `newest` or one of its ancestors; false for an unknown commit. */
		isBefore: async (sha, newest) => {
			const query = {
				...repository,
				basehead: `${newest}...${sha}`,
				per_page: 1
			};
			const found = await unlessMissing((await api()).rest.repos.compareCommitsWithBasehead(query));
			return found !== void 0 && ["behind", "identical"].includes(found.data.status);
		},
		/** Reads the last commit of a branch, by default the default branch; undefined when there is no such branch. */
		head: async (named) => {
			const branch = named ?? (await (await api()).rest.repos.get(repository)).data.default_branch;
			const sha = await find(`heads/${branch}`);
			return sha === void 0 ? void 0 : {
				branch,
				sha
			};
		}
	};
}
// src/github/viewer.ts
/** The author of everything written with the workflow's own token. */
const WORKFLOW = "github-actions[bot]";
/** The owner of the token. Only GraphQL returns it for the token of an app: https://docs.github.com/graphql/reference/queries#viewer */
function viewer({ octokit, ofApp }) {
	let asked;
	const ask = async () => {
		try {
			const { graphql } = await octokit("contents: read", { repeatable: true });
			const login = (await graphql("query { viewer { login } }"))?.viewer?.login;
			if (login !== void 0) return ofApp && !login.endsWith("[bot]") ? `${login}[bot]` : login;
		} catch (error) {
			if (!(error instanceof Error && error.name === "GraphqlResponseError") && (!ofApp || error instanceof ActionError && error.code === "unreachable")) throw error;
		}
		if (ofApp) return WORKFLOW;
		throw new ActionError("github-refused", "GitHub did not return the owner of the token in `github-token`");
	};
	return { 
	/**
	* Returns the texts that this token wrote, in their order. Sends no request where the answer is clear: a user is no app, and without texts of other apps, the
	* token of an app is the workflow's own.
	*/
own: async (texts) => {
		const possible = texts.filter(({ user }) => user !== null && (!ofApp || user.type === "Bot"));
		if (possible.length === 0) return [];
		const plain = ofApp && possible.every(({ user }) => user?.login === WORKFLOW);
		if (!plain) asked ??= ask();
		const login = plain ? WORKFLOW : await asked;
		return possible.filter(({ user }) => user?.login === login);
	} };
}
// src/github/connect.ts
/** Prepares the API for a repository, `owner/name`. The first call connects. */
function connectGitHub({ repository, ...connection }, runtime) {
	const transport = openGitHubTransport(connection, runtime);
	const [owner = "", repo = ""] = repository.split("/");
	const names = {
		owner,
		repo
	};
	return {
		comments: comments(transport, names),
		contents: contents(transport, names),
		deployments: deployments(transport, names),
		issues: issues(transport, names),
		pulls: pulls(transport, names),
		refs: refs(transport, names),
		artifacts: artifacts(transport, owner),
		viewer: viewer(transport)
	};
}
// src/github/tell.ts
/** Returns GitHub's API for the run's repository; undefined without a token. Nothing is sent yet. */
function openGitHub({ githubToken: token }, { apiUrl, repository }, runtime) {
	return token === void 0 ? void 0 : connectGitHub({
		apiUrl,
		token,
		repository
	}, runtime);
}
/**
* Does a report to GitHub. Logs an error as a notice that begins with `what`, and returns undefined: a report never fails a deploy.
*/
async function tell(what, work, { log, signal }) {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ActionError) log.notice(`${what}: ${sentence(error)}`);
		else if (signal.aborted) log.info(`${what}: the workflow was cancelled`);
		else log.warning(`${what}: unexpected error: ${messageOf(error)}`);
		return;
	}
}
// src/inputs/fingerprint.ts
/** `v1.<spec>.<modify index>.<actions>`. */
function fingerprintText({ spec, index, actions }) {
	return `v1.${spec}.${index}.${actions}`;
}
/** Undefined for what is no fingerprint. */
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
/** A life time, in days (`14d`) or as any other duration. */
function parseTtl(value) {
	if (value === void 0) return void 0;
	const days = /^(\d{1,4})d$/.exec(value)?.[1];
	const ttlMs = (days === void 0 ? parseDuration(value) : Number(days) * 864e5) ?? 0;
	if (ttlMs <= 0) throw new Error(`\`ttl\`: ${JSON.stringify(value)} is not a duration, such as 14d or 36h`);
	return ttlMs;
}
function parseTimeout(value) {
	if (value === void 0) return void 0;
	const timeoutMs = parseDuration(value) ?? 0;
	if (timeoutMs <= 0) throw new Error(`\`timeout\`: ${JSON.stringify(value)} is not a duration, such as 90s or 15m`);
	return timeoutMs;
}
/** Two minutes by default: long enough for a cluster that scales up, short enough for somebody who waits. */
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
		if (!/^unix:\/\/\/[^?#]+$/.test(value)) throw new Error("`nomad-addr`: not the path of a socket, such as unix:///run/nomad/api.sock");
		return value;
	}
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (url === void 0 || !/^https?:$/.test(url.protocol) || url.hostname === "") throw new Error("`nomad-addr`: not an address of Nomad, such as https://nomad.example.com:4646");
	return value.replace(/\/+$/, "");
}
/** Reads the address of a web hook. Its words are never quoted: the address is a credential. */
function parseWebhook(value) {
	if (value === void 0 || URL.canParse(value) && /^https?:\/\//.test(value)) return value;
	throw new Error("`webhook-url`: not an address, such as https://hooks.slack.com/services/…");
}
function parseDomain(value) {
	if (value === void 0) return void 0;
	const problem = value.includes("_") ? "has characters other than letters, digits and dashes" : hostProblem(value);
	if (problem !== void 0) throw new Error(`\`base-domain\`: ${JSON.stringify(value)} is not a domain, such as apps.example.com: it ${problem}`);
	return value.toLowerCase();
}
/**
* Reads a map given as `NAME=value` lines, or as YAML or JSON. Scalars stay byte for byte what was written (`0123` and `yes` are text);
* lists and maps inside become JSON text. `names` is the regular expression of what may stand before the `=`.
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
	problems.push(`\`${name}\`: neither NAME=value lines nor a YAML or JSON map; a value of several lines is written as \`NAME: |\` and indented below`);
	return {};
}
/** What stands between `//` and `@` of an address, also of one that is none. */
const USER_INFO = /^(\w+:\/\/)([^/?#]*)@/;
/** Takes user and password out of an address; the second is `user:password`. Throws for escapes that are none. */
function splitCredentials(name, value) {
	const [, , userInfo] = USER_INFO.exec(value ?? "") ?? [];
	if (value === void 0 || userInfo === void 0) return [value, void 0];
	try {
		const [user = "", ...password] = userInfo.split(":");
		return [value.replace(USER_INFO, "$1"), [user, password.join(":")].map(decodeURIComponent).join(":")];
	} catch {
		throw new Error(`\`${name}\`: the user or password in it has a % that is no escape: write it as %25`);
	}
}
/** What of an address with user and password must not be shown, as written and as meant: the password (the user where there is none), and both together. */
function passwordsIn(address) {
	const [, , userInfo = ""] = USER_INFO.exec(address.trim()) ?? [];
	const [user = "", ...rest] = userInfo.split(":");
	const written = rest.length === 0 ? [user] : [rest.join(":"), userInfo];
	const meant = written.map((text) => text.replaceAll(/(%[\da-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString()));
	return [.../* @__PURE__ */ new Set([...written, ...meant])].filter((text) => text !== "");
}
/** The address of a proxy, as the environment has it. */
function parseProxy(name, value) {
	if (value === void 0) return void 0;
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (url === void 0 || url.hostname === "" || !/^(https?|socks5?):$/.test(url.protocol)) throw new Error(`\`${name}\`: not the address of a proxy, such as http://proxy.example.com:3128`);
	return value;
}
/** `NOMAD_HTTP_AUTH`, `user:password` as Nomad's own programs take it, as a line of `nomad-headers`. */
function basicAuth(value) {
	return value === void 0 || value.trim() === "" ? void 0 : `Authorization=Basic ${Buffer.from(value.trim()).toString("base64")}`;
}
/** Headers that belong to the connection, to the body or to Nomad itself: given by others, they would break requests. */
const OWN_HEADERS$1 = /^(host|connection|keep-alive|transfer-encoding|content-(length|type|encoding)|expect|upgrade|te|trailer|proxy-connection|accept-encoding)$/i;
/** What is wrong with the headers of `nomad-headers`; never quotes a value. */
function headerProblems(headers) {
	return Object.entries(headers).flatMap(([name, value]) => {
		const problem = !/^[\w!#$%&'*+.^`|~-]+$/.test(name) ? "is not the name of a header, such as CF-Access-Client-Id" : /^x-nomad-token$/i.test(name) ? "is what `nomad-token` is for" : /^proxy-authorization$/i.test(name) ? "is for the proxy, which takes it from its address: HTTPS_PROXY=http://user:password@proxy.example.com:3128" : OWN_HEADERS$1.test(name) ? "belongs to the connection, and is set by itself" : /[^\t\x20-\x7e]/.test(value) ? "has a value with line breaks or characters that headers do not have" : void 0;
		return problem === void 0 ? [] : [`\`nomad-headers\`: ${JSON.stringify(name)} ${problem}`];
	});
}
/** Values of headers shorter than this are words such as `https`: masked, they would vanish from addresses and the log. */
const MIN_CREDENTIAL_LENGTH = 8;
/** What of a header's value must not be shown: the whole, and what follows the name of its kind in `Basic …` and `Bearer …`. */
function credentialsIn(value) {
	return [value, ...value.split(/\s+/)].filter((part) => part.length >= MIN_CREDENTIAL_LENGTH);
}
/** Nomad's own limit: https://developer.hashicorp.com/nomad/docs/job-specification/dispatch_payload */
const MAX_PAYLOAD_BYTES = 16384;
function parsePayload(value) {
	if (value === void 0 || value === "") return void 0;
	const bytes = Buffer.byteLength(value);
	if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`\`payload\`: it has ${bytes} bytes, and Nomad takes no more than ${MAX_PAYLOAD_BYTES}`);
	return value;
}
/** In place of fingerprints: the plan on the merged pull request that the commit came with. */
const MERGED_PLAN = "merged-pull-request";
function parseApprovedPlan(values) {
	if (values.length === 1 && values[0] === "merged-pull-request") return values;
	const wrong = values.find((value) => parseFingerprint(value) === void 0);
	if (wrong === void 0) return values;
	throw new Error(`\`approved-plan\`: ${JSON.stringify(wrong)} is neither \`${MERGED_PLAN}\` nor the output \`plan-fingerprint\` of \`command: plan\``);
}
// src/inputs/config/keys.ts
const key = (of) => (type, from) => ({
	type,
	of,
	from
});
const [run$1, job, image] = [
	key("run"),
	key("job"),
	key("image")
];
const no = (instead) => ({ instead });
const SECRET = "no secret belongs in a file of the repository";
/** The inputs as keys of the configuration file. Each has the meaning of the input of that name. */
const INPUT_KEYS = {
	command: no("the workflow says what is to be done, with the input `command`"),
	config: no("the workflow names the file, with the input `config`"),
	"config-from": no("the workflow says whose file counts, with the input `config-from`"),
	app: no("the workflow selects apps, with the input `app`; the file lists them as `apps`"),
	"working-directory": job("text", "any"),
	"nomad-addr": run$1("text", "default-branch"),
	"nomad-token": no(`${SECRET}: set NOMAD_TOKEN, or \`token-env\` of an environment`),
	"nomad-auth-method": run$1("text", "default-branch"),
	"nomad-auth-audience": run$1("text", "default-branch"),
	"nomad-namespace": job("text", "default-branch"),
	"nomad-region": run$1("text", "default-branch"),
	"nomad-cacert": run$1("text", "default-branch"),
	"nomad-client-cert": run$1("text", "default-branch"),
	"nomad-client-key": run$1("text", "default-branch"),
	"nomad-tls-server-name": run$1("text", "default-branch"),
	"nomad-skip-verify": run$1("boolean", "default-branch"),
	"nomad-headers": run$1("map", "default-branch"),
	environment: no("`environments` says which branch is which; a workflow overrides it with the input `environment`"),
	"base-domain": job("text", "default-branch"),
	"job-name": job("text", "default-branch"),
	vars: job("map", "any"),
	build: image("boolean or text", "any"),
	image: image("text", "default-branch"),
	"image-variables": image("map", "any"),
	context: image("text", "any"),
	file: image("text", "any"),
	target: image("text", "any"),
	"build-args": image("pairs", "any"),
	"build-secrets": image("list", "default-branch"),
	platforms: image("list", "any"),
	tags: image("list", "default-branch"),
	labels: image("pairs", "default-branch"),
	"cache-from": image("list", "default-branch"),
	"cache-to": image("list", "default-branch"),
	pull: image("boolean", "any"),
	"no-cache": image("boolean", "any"),
	provenance: image("boolean or text", "any"),
	sbom: image("boolean or text", "any"),
	builder: run$1("text", "default-branch"),
	push: run$1("boolean", "default-branch"),
	test: image("command", "any"),
	"test-env": image("pairs", "default-branch"),
	scan: image("text", "default-branch"),
	registry: run$1("text", "default-branch"),
	"registry-username": run$1("text", "default-branch"),
	"registry-password": no(`${SECRET}: give it by the input`),
	job: job("list", "any"),
	"var-files": job("list", "any"),
	"allowed-drivers": job("list", "default-branch"),
	"allow-untrusted-events": no("a stranger could write it into the file; the workflow says it"),
	group: no("it is of a single run"),
	task: no("it is of a single run"),
	count: no("it is of a single run"),
	to: no("it is of a single run"),
	purge: no("it is of a single run"),
	ttl: run$1("text", "default-branch"),
	follow: no("it is of a single run"),
	"dry-run": no("it is of a single run"),
	meta: no("it is of a single run"),
	payload: no("it is of a single run"),
	"periodic-force": no("it is of a single run"),
	"registry-auth": no(`${SECRET}: give it by the input`),
	secrets: no(`${SECRET}: give them by the input, or as NOMAD_SECRET_<NAME>`),
	wait: job("boolean", "any"),
	timeout: job("text", "any"),
	"fail-fast": job("text", "any"),
	promote: job("text", "any"),
	verify: job("checks", "any"),
	"on-failure": job("text", "any"),
	"on-cancel": job("text", "any"),
	"on-placement-failure": job("text", "any"),
	"preserve-counts": job("boolean", "any"),
	"log-lines": job("number", "any"),
	summary: run$1("boolean", "any"),
	"webhook-url": no(`${SECRET}: give it by the input`),
	"webhook-on": run$1("text", "any"),
	"github-deployment": run$1("boolean or text", "any"),
	comment: run$1("boolean or text", "any"),
	"approved-plan": no("a plan is approved for one run: give the input `approved-plan`"),
	expect: no("the workflow says what a run is for, with the input `expect`"),
	"drift-issue": run$1("boolean", "any"),
	"github-token": no(`${SECRET}: give it by the input`)
};
const isInput = (name) => Object.hasOwn(INPUT_KEYS, name);
/** The keys of an app besides inputs. They are the checkout's, as its name is. */
const APP_KEYS = {
	"depends-on": {
		type: "list",
		from: "any",
		meaning: "Apps that are deployed before it; it is left as it is when one of them fails."
	},
	paths: {
		type: "patterns",
		from: "any",
		meaning: "Patterns of the files that it is made of, from the root of the repository. The app is skipped when none of them changed."
	}
};
/** The keys of an environment besides inputs. An environment as a whole is the default branch's, see `SECTIONS`. */
const ENVIRONMENT_KEYS = {
	branch: {
		type: "patterns",
		meaning: "Branches that belong to it: names, or patterns such as `release/*`."
	},
	tag: {
		type: "patterns",
		meaning: "Tags that belong to it: names, or patterns such as `v[0-9]*`."
	},
	"pull-request": {
		type: "boolean",
		meaning: "`true`: pull requests belong to it, as review apps. It may not be called `production`, `staging` or `main`."
	},
	namespace: {
		type: "text",
		meaning: "The same as `nomad-namespace`."
	},
	"token-env": {
		type: "text",
		meaning: "Name of the environment variable that has its token, such as `NOMAD_TOKEN_EU`. No other variable then stands in for it."
	}
};
/** The rules of `policy`; what has none is allowed. As a whole it is the default branch's. */
const POLICY_KEYS = {
	"allowed-drivers": {
		type: "list",
		meaning: "Drivers that tasks may use."
	},
	privileged: {
		type: "boolean",
		meaning: "`false`: no privileged containers, and none that shares the node's processes, IPC or users, or runs unconfined."
	},
	"host-network": {
		type: "boolean",
		meaning: "`false`: no group, container or task in the node's own network."
	},
	"host-paths": {
		type: "boolean or list",
		meaning: "Folders and devices of the node that containers may mount, with what is below them; `false`: none."
	},
	"host-volumes": {
		type: "boolean or list",
		meaning: "Nomad's host volumes that jobs may use, by name; `false`: none."
	},
	capabilities: {
		type: "list",
		meaning: "Linux capabilities that tasks may add; `[]`: none."
	},
	"raw-exec": {
		type: "boolean",
		meaning: "`false`: no task with the driver `raw_exec`."
	},
	"image-registries": {
		type: "list",
		meaning: "Registries, or repositories of them, that images may come from, such as `ghcr.io/acme`."
	},
	namespaces: {
		type: "list",
		meaning: "Namespaces that jobs may be in."
	},
	"max-count": {
		type: "number",
		meaning: "Allocations that a group may have, or be scaled to, also by `command: scale`, and canaries that a deployment may start beside them."
	},
	"max-cpu": {
		type: "number",
		meaning: "CPU in MHz that a task may reserve."
	},
	"max-memory": {
		type: "number",
		meaning: "Memory in MB that a task may reserve, and use (`memory_max`)."
	}
};
/** The sections of the file besides inputs. The names of apps and images are the checkout's, and each of their keys is on a list of its own. */
const SECTIONS = {
	environments: "default-branch",
	apps: "any",
	images: "any",
	policy: "default-branch"
};
/**
* Names in `vars` that are more than data of the workload: the namespace, the region, the addresses, whether the run deploys, the tag `latest`, and what
* the run itself makes (`CI_REGISTRY` is where the registry's read token goes). The default branch's file gives them, as it gives the inputs beside them.
*/
const GUARDED_VARIABLES = /^(NAMESPACE|REGION|HOSTNAMES|NO_DEPLOY|SERVERLESS|CI_\w+)$/;
/** A misspelt one would deploy somewhere else, or what is not allowed: an error, where any other is a warning. */
const GUARDING = /^(nomad-|base-domain$|job-name$|allowed-drivers$|environments$|apps$|policy$)/;
// src/inputs/config/values.ts
/** The types that may be written as a list of texts. */
const LISTS = [
	"list",
	"patterns",
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
	"boolean or text": "true, false or text",
	"boolean or list": "true, false or a list of texts, such as `NAME: [a, b]`",
	list: "a list of texts, such as `NAME: [a, b]`",
	patterns: "a list of patterns, such as `NAME: [a, \"b/*\"]`",
	pairs: "a map, such as `NAME: { A: b }`, or a list of `A=b`",
	map: "a map, such as `NAME: { A: b }`",
	checks: "a path, a URL, or a list of checks, such as `NAME: [/healthz]`",
	command: "a command, such as `NAME: npm test`, or a list of its words"
};
/** Reads the value of a key; what is no value of its type is told by the end of a sentence that begins with the key. */
function readValue(key, type, tree) {
	const text = textOf$1(type, tree);
	const unread = text === void 0 || type !== "patterns" ? void 0 : patternsProblem(tree);
	if (unread !== void 0) return unread;
	if (text !== void 0) {
		const entries = tree.kind === "map" ? Object.fromEntries(tree.entries.map((entry) => [entry.key, entry.at])) : void 0;
		return {
			text,
			at: tree.at,
			...entries === void 0 ? {} : { entries }
		};
	}
	const is = tree.kind === "text" ? JSON.stringify(tree.text) : KINDS[tree.kind];
	const within = tree.kind === "text" || type !== "command" && !LISTS.includes(type) ? void 0 : wrongItem(tree);
	if (within !== void 0) return {
		problem: `has ${within.kind === "text" ? "a text of several lines" : KINDS[within.kind]} in it; it takes ${WANTED[type].replaceAll("NAME", key)}`,
		at: within.at
	};
	return {
		problem: `is ${is}; it takes ${WANTED[type].replaceAll("NAME", key)}`,
		at: tree.at
	};
}
function textOf$1(type, tree) {
	if (tree.kind === "text") {
		if (type === "boolean") return /^(true|false)$/.test(tree.text) ? tree.text : void 0;
		if (type === "number") return /^\d{1,9}$/.test(tree.text) ? tree.text : void 0;
		return tree.text;
	}
	if (type === "checks") return JSON.stringify(dataOf(tree));
	if (type === "map") return tree.kind === "map" ? JSON.stringify(dataOf(tree)) : void 0;
	if (type === "command") {
		const words = tree.kind === "list" ? itemsOf(tree) : void 0;
		return words === void 0 ? void 0 : JSON.stringify(words);
	}
	return LISTS.includes(type) && (tree.kind === "list" || type === "pairs") ? itemsOf(tree)?.join("\n") : void 0;
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
/** The items of a list, or of a map as `NAME=value`; undefined when one of them is no text, or would be two. */
function itemsOf(tree) {
	if (wrongItem(tree) !== void 0) return void 0;
	if (tree.kind === "list") return tree.items.flatMap((item) => item.kind === "text" ? [item.text] : []);
	if (tree.kind === "map") return tree.entries.flatMap(({ key, value }) => value.kind === "text" ? [`${key}=${value.text}`] : []);
}
function wrongItem(tree) {
	return (tree.kind === "list" ? tree.items : tree.kind === "map" ? tree.entries.map(({ value }) => value) : []).find((item) => item.kind !== "text" || /[\r\n]/.test(item.text.trimEnd()));
}
/** The items of a list that was given. */
function itemsIn(given) {
	return (given?.text ?? "").split("\n").map((item) => item.trim()).filter((item) => item !== "");
}
/** Returns the place of an entry of a map; that of the map where the entry has none of its own. */
function placeIn({ at, entries = {} }, name) {
	return (Object.hasOwn(entries, name) ? entries[name] : void 0) ?? at;
}
// src/inputs/config/config.ts
/** The names of apps become parts of names of jobs, those of images words of a template. */
const APP_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const IMAGE_NAME = /^[A-Za-z][\w-]{0,62}$/;
const ENVIRONMENT_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;
/** Variables that are no token of an environment: the runner's own, the workload's, and those that give inputs. */
const NO_TOKEN = /^(GITHUB|ACTIONS|RUNNER|INPUT|NOMAD_SECRETS?|NOMAD_VAR)(_|$)/i;
/** Environments that pull requests never belong to; GitHub's environments of these names ignore case. */
const NO_REVIEW = /^(production|staging|main)$/i;
/** Tokens that stand for an environment by their names. */
const OWN_TOKENS = {
	NOMAD_TOKEN_PROD: "production",
	NOMAD_TOKEN_STAGING: "staging"
};
const inputKey = (name) => {
	const key = isInput(name) ? INPUT_KEYS[name] : void 0;
	return key !== void 0 && "type" in key ? key : void 0;
};
const INPUTS = Object.keys(INPUT_KEYS).filter((name) => inputKey(name) !== void 0);
const isSection = (name) => Object.hasOwn(SECTIONS, name);
/**
* Reads a configuration file; `path` is its name as shown to people, `origin` says whose it is where it is not the checkout's (`main at 1a2b3c4`).
* Nothing but the text decides: no default, no environment. Throws one `input-invalid` error with everything that is wrong with its form, each with file,
* line and column; an unknown key is a warning, unless it may be meant for one that decides where or what is deployed.
*/
async function parseConfig(text, path, origin) {
	const problems = [];
	const warnings = [];
	const root = await readTree(text, path, problems, origin);
	const reader = sectionReader(problems, warnings);
	const top = reader.entries(root, "the file");
	const sections = new Map(top.filter(({ key }) => isSection(key)).map((entry) => [entry.key, entry.value]));
	const config = {
		path,
		inputs: layerOf(reader.values(top.filter(({ key }) => !sections.has(key)), {
			inputs: [
				"run",
				"job",
				"image"
			],
			own: {},
			others: Object.keys(SECTIONS),
			where: "at the top of the file"
		})),
		environments: reader.named(sections.get("environments"), "environments", ENVIRONMENT_NAME).map((section) => {
			return environment(section, reader.values(section.entries, {
				inputs: [
					"run",
					"job",
					"image"
				],
				own: ENVIRONMENT_KEYS,
				where: "in an environment",
				strict: true
			}), problems);
		}),
		apps: reader.named(sections.get("apps"), "apps", APP_NAME).map(({ name, at, entries }) => {
			const own = reader.values(entries, {
				inputs: ["job", "image"],
				own: APP_KEYS,
				where: "in an app"
			});
			return {
				name,
				at,
				isNew: false,
				inputs: layerOf(own),
				dependsOn: itemsIn(own.get("depends-on")),
				paths: itemsIn(own.get("paths"))
			};
		}),
		images: reader.named(sections.get("images"), "images", IMAGE_NAME).map(({ name, at, entries }) => {
			return {
				name,
				at,
				inputs: layerOf(reader.values(entries, {
					inputs: ["image"],
					own: {},
					where: "in an image"
				}))
			};
		}),
		policy: readPolicy(sections.get("policy"), reader),
		warnings
	};
	const [image] = config.images;
	if (image !== void 0 && config.apps.length > 0) problems.push({
		text: "`images` are those of one job: an app has its own `context`, `file` and `image`",
		at: image.at
	});
	problems.push(...dependencyProblems(config.apps), ...tokenProblems(config.environments), ...reviewProblems(config.environments));
	const [first] = problems;
	if (first === void 0) return withPlainVars(config);
	const lines = problems.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column).map((problem) => `${placeText(problem.at)}: ${problem.text}`);
	const location = locationOf(problems.reduce((a, b) => b.at.line < a.at.line ? b : a).at);
	throw new ActionError("input-invalid", lines.length === 1 ? `${lines[0]}` : `${lines.length} problems:\n- ${lines.join("\n- ")}`, {
		...location === void 0 ? {} : { location },
		hint: "docs/configuration.md lists the keys."
	});
}
/** Gives all `vars` the form of a map, also those that are written as a text, so that each name can be told from the others. */
async function withPlainVars(config) {
	const plain = async (layer) => {
		const { vars } = layer;
		const problems = [];
		const values = vars === void 0 || vars.entries !== void 0 ? {} : await readMap("vars", vars.text, problems);
		return vars === void 0 || vars.entries !== void 0 || problems.length > 0 ? layer : {
			...layer,
			vars: {
				...vars,
				text: JSON.stringify(values),
				entries: {}
			}
		};
	};
	const all = async (sections) => Promise.all(sections.map(async (section) => ({
		...section,
		inputs: await plain(section.inputs)
	})));
	return {
		...config,
		inputs: await plain(config.inputs),
		environments: await all(config.environments),
		apps: await all(config.apps),
		images: await all(config.images)
	};
}
/** More apps, environments or keys than people have: each is compared with the others. */
const MAX_ENTRIES = 500;
function sectionReader(problems, warnings) {
	const entries = (tree, what) => {
		if (tree.kind === "map" && tree.entries.length <= MAX_ENTRIES) return tree.entries;
		if (tree.kind === "map") problems.push({
			text: `${what} has more than ${MAX_ENTRIES} keys`,
			at: tree.at
		});
		else if (!isBlank(tree)) problems.push({
			text: `${what} is no map of keys and values`,
			at: tree.at
		});
		return [];
	};
	return {
		entries,
		named: (tree, key, names) => (tree === void 0 ? [] : entries(tree, `\`${key}\``)).map(({ key: name, at, value }) => {
			if (!names.test(name)) {
				const takes = names === APP_NAME ? "small letters, digits and dashes, up to 32" : "letters, digits, dashes and underscores, up to 63";
				problems.push({
					text: `\`${key}\`: ${JSON.stringify(name)} is no name; it takes ${takes}`,
					at
				});
			}
			return {
				name,
				at,
				entries: entries(value, `\`${key}.${name}\``)
			};
		}),
		values: (given, allowed) => {
			const found = /* @__PURE__ */ new Map();
			for (const { key, at, value } of given) {
				const type = Object.hasOwn(allowed.own, key) ? allowed.own[key]?.type : typeOf(key, allowed.inputs);
				if (type === void 0) {
					const { text, error } = unknown(key, allowed);
					if (error) problems.push({
						text,
						at
					});
					else warnings.push({
						text: `${placeText(at)}: ${text}`,
						location: at
					});
				} else if (!isBlank(value)) {
					const read = readValue(key, type, value);
					if ("text" in read) found.set(key, {
						...read,
						at
					});
					else problems.push({
						text: `\`${key}\` ${read.problem}`,
						at: read.at
					});
				} else if (allowed.strict === true) problems.push({
					text: `\`${key}\` has no value`,
					at
				});
			}
			return found;
		}
	};
}
function typeOf(key, kinds) {
	const known = inputKey(key);
	return known !== void 0 && kinds.includes(known.of) ? known.type : void 0;
}
function unknown(key, { inputs, own, others = [], where, strict = false }) {
	const known = isInput(key) && inputs.length > 0 ? INPUT_KEYS[key] : void 0;
	if (known !== void 0 && "instead" in known) return {
		text: `\`${key}\` is no key of the file: ${known.instead}`,
		error: true
	};
	if (known !== void 0) return {
		text: `\`${key}\` can't be given ${where}: it is the same for the whole run`,
		error: true
	};
	if (key === "<<") return {
		text: "`<<` merges nothing here: write the keys out",
		error: true
	};
	const near = nearest(key, [
		...Object.keys(own),
		...others,
		...INPUTS.filter((name) => typeOf(name, inputs) !== void 0)
	]);
	return {
		text: `unknown key \`${key}\` ${where}${near === void 0 ? "; docs/configuration.md lists the keys" : `: did you mean \`${near}\`?`}`,
		error: strict || near !== void 0 && GUARDING.test(near)
	};
}
function isBlank(tree) {
	return tree.kind === "text" && tree.text.trim() === "";
}
function layerOf(values) {
	return Object.fromEntries([...values].filter(([key]) => inputKey(key) !== void 0));
}
function environment({ name, at }, own, problems) {
	const namespace = own.get("namespace");
	if (namespace !== void 0 && own.has("nomad-namespace")) problems.push({
		text: "`namespace` and `nomad-namespace` are the same: give one of them",
		at: namespace.at
	});
	const tokenEnv = own.get("token-env");
	return {
		name,
		at,
		branches: itemsIn(own.get("branch")),
		tags: itemsIn(own.get("tag")),
		pullRequest: own.get("pull-request")?.text === "true",
		tokenEnv: tokenEnv === void 0 ? void 0 : {
			...tokenEnv,
			text: tokenEnv.text.trim()
		},
		inputs: {
			...layerOf(own),
			...namespace === void 0 ? {} : { "nomad-namespace": namespace }
		}
	};
}
/** Whose token goes where must be plain: that of production to production only, and nothing that is no token of Nomad to anybody. */
function tokenProblems(environments) {
	const production = environments.find(({ name }) => name === "production")?.tokenEnv?.text;
	return environments.flatMap(({ name, tokenEnv }) => {
		if (tokenEnv === void 0) return [];
		const { text, at } = tokenEnv;
		if (!/^[A-Za-z_]\w*$/.test(text)) return [{
			text: "`token-env` takes the name of an environment variable, such as NOMAD_TOKEN_EU, and never the token itself",
			at
		}];
		if (NO_TOKEN.test(text)) return [{
			text: `\`token-env\`: ${text} is no token of Nomad; pass it as NOMAD_TOKEN_…, by \`env:\``,
			at
		}];
		const owner = OWN_TOKENS[text] ?? (text === production ? "production" : name);
		return owner === name ? [] : [{
			text: `\`token-env\`: ${text} is the token of ${owner}, and ${name} must not get it`,
			at
		}];
	});
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
/** Apps after those that they depend on, otherwise as in the file. What stands in a circle is left out; so is what depends on it. */
function inOrder(apps) {
	const done = [];
	const isDone = (name) => done.some((app) => app.name === name) || !apps.some((app) => app.name === name);
	for (let next = apps[0]; next !== void 0;) {
		next = apps.find((app) => !done.includes(app) && app.dependsOn.every(isDone));
		if (next !== void 0) done.push(next);
	}
	return done;
}
function readPolicy(tree, reader) {
	if (tree === void 0) return void 0;
	const own = reader.values(reader.entries(tree, "`policy`"), {
		inputs: [],
		own: POLICY_KEYS,
		where: "in `policy`",
		strict: true
	});
	const list = (key) => own.has(key) ? itemsIn(own.get(key)) : void 0;
	const flag = (key) => own.has(key) ? own.get(key)?.text === "true" : void 0;
	const either = (key) => /^(true|false)$/.test(own.get(key)?.text ?? "") ? flag(key) : list(key);
	const number = (key) => own.has(key) ? Number(own.get(key)?.text) : void 0;
	return {
		at: tree.at,
		allowedDrivers: list("allowed-drivers"),
		privileged: flag("privileged"),
		hostNetwork: flag("host-network"),
		hostPaths: either("host-paths"),
		hostVolumes: either("host-volumes"),
		capabilities: list("capabilities"),
		rawExec: flag("raw-exec"),
		imageRegistries: list("image-registries"),
		namespaces: list("namespaces"),
		maxCount: number("max-count"),
		maxCpu: number("max-cpu"),
		maxMemory: number("max-memory")
	};
}
/** The policy that jobs have to keep to: that of the default branch's file, so that what is to be checked can't loosen it. */
function policyOf({ policy, path }) {
	return policy && {
		policy,
		source: `${path}${policy.at.origin === void 0 ? "" : ` of ${policy.at.origin}`}`
	};
}
// src/inputs/config/merge.ts
const isGuarded = (name) => {
	const key = INPUT_KEYS[name];
	return !("from" in key) || key.from === "default-branch";
};
/**
* Returns the configuration of a checkout that is not the default branch's: keys that decide about credentials, addresses, environments, registries and the
* runner from the default branch's file, all others from the checkout's. `undefined` is a file that does not exist. Every value keeps its place.
*/
function mergeConfig(own, ofDefault) {
	const path = own?.path ?? ofDefault?.path;
	if (path === void 0) return {
		config: void 0,
		ignored: []
	};
	const ignored = [];
	const merge = (section, kind) => {
		const other = ofDefault?.[kind].find(({ name }) => name === section.name);
		return {
			...section,
			inputs: mergeLayer(section.inputs, other?.inputs ?? {}, `${kind}.${section.name}.`, ignored)
		};
	};
	const config = {
		path,
		inputs: mergeLayer(own?.inputs ?? {}, ofDefault?.inputs ?? {}, "", ignored),
		environments: ofDefault?.environments ?? [],
		apps: (own?.apps ?? []).map((app) => {
			const isNew = ofDefault?.apps.some(({ name }) => name === app.name) !== true;
			return {
				...merge(app, "apps"),
				isNew
			};
		}),
		images: (own?.images ?? []).map((image) => merge(image, "images")),
		policy: ofDefault?.policy,
		warnings: own?.warnings ?? []
	};
	ignored.push(...otherEnvironments(own?.environments ?? [], config.environments));
	if (own?.policy !== void 0 && plainPolicy(own.policy) !== plainPolicy(config.policy)) ignored.push({
		key: "policy",
		input: void 0,
		at: own.policy.at,
		replaced: config.policy !== void 0
	});
	return {
		config,
		ignored: ignored.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
	};
}
function mergeLayer(own, ofDefault, prefix, ignored) {
	const merged = {};
	for (const name of Object.keys(INPUT_KEYS).filter(isInput)) {
		const [here, there] = [own[name], ofDefault[name]];
		const chosen = name === "vars" ? mergeVars(here, there, prefix, ignored) : isGuarded(name) || name === "verify" && here?.text === there?.text ? there : here;
		if (chosen !== void 0) merged[name] = chosen;
		if (isGuarded(name) && here !== void 0 && here.text.trim() !== "" && here.text !== there?.text) ignored.push({
			key: `${prefix}${name}`,
			input: name,
			at: here.at,
			replaced: there !== void 0
		});
	}
	return merged;
}
/** Names in `vars` are on the two lists, too. */
function mergeVars(own, ofDefault, prefix, ignored) {
	if (own !== void 0 && own.entries === void 0) return own;
	const guarded = (name) => GUARDED_VARIABLES.test(name);
	const [here, there] = [valuesOf(own), valuesOf(ofDefault)];
	const chosen = new Map([...[...here].filter(([name]) => !guarded(name)), ...[...there].filter(([name]) => guarded(name))]);
	for (const [name, value] of here) if (own !== void 0 && guarded(name) && JSON.stringify(value) !== JSON.stringify(there.get(name))) ignored.push({
		key: `${prefix}vars.${name}`,
		input: void 0,
		at: placeIn(own, name),
		replaced: there.has(name)
	});
	const given = own ?? ofDefault;
	if (given === void 0 || chosen.size === 0) return void 0;
	const entries = [...chosen.keys()].map((name) => [name, placeIn((guarded(name) ? ofDefault : own) ?? given, name)]);
	return {
		text: JSON.stringify(Object.fromEntries(chosen)),
		at: given.at,
		entries: Object.fromEntries(entries)
	};
}
function valuesOf(given) {
	return given?.entries === void 0 ? /* @__PURE__ */ new Map() : new Map(Object.entries(record(JSON.parse(given.text))));
}
const record = (value) => typeof value === "object" && value !== null ? value : {};
/** Environments that the checkout adds or changes; their order decides which one a branch belongs to. */
function otherEnvironments(own, ofDefault) {
	const known = new Map(ofDefault.map((section) => [section.name, plainEnvironment(section)]));
	const changed = own.filter((section) => known.get(section.name) !== plainEnvironment(section));
	if (changed.length > 0) return changed.map(({ name, at }) => ({
		key: `environments.${name}`,
		input: void 0,
		at,
		replaced: known.has(name)
	}));
	const [first] = own;
	const kept = ofDefault.filter(({ name }) => own.some((one) => one.name === name));
	return first === void 0 || own.every(({ name }, i) => kept[i]?.name === name) ? [] : [{
		key: "environments",
		input: void 0,
		at: first.at,
		replaced: true
	}];
}
function plainEnvironment({ branches, tags, pullRequest, tokenEnv, inputs }) {
	const texts = Object.entries(inputs).map(([name, given]) => [name, given.text]);
	return JSON.stringify([
		branches,
		tags,
		pullRequest,
		tokenEnv?.text,
		texts.toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1)
	]);
}
function plainPolicy(policy) {
	return JSON.stringify({
		...policy,
		at: void 0
	});
}
// src/inputs/checkout.ts
const SHA = /^[0-9a-f]{40,64}$/;
/** Reads which commits files and folders of the workspace are checked out at: a second checkout (`path:` of actions/checkout) has a commit of its own. */
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
* Finds the innermost repository that holds a path. Reads Git's files without starting Git, which every deploy would wait for.
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
/** `.git`, or what it names where it is a file: that of a worktree or a submodule. */
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
/** Whether an absolute path is in the workspace, and not in its git folder. */
function isSource(root, path) {
	return isInside(root, path) && !relative(root, path).split(sep).some(isGit);
}
/**
* How paths below a folder of the workspace are held in it, wherever links lead; `root` is the real path of the workspace. The git folder of the checkout,
* which may hold the token that it was cloned with, counts as outside.
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
		if (!found.exists) throw new ActionError("input-invalid", `\`${input}\`: there is no ${relative(root, found.path) || path} in the workspace`, { hint: "Is the repository checked out (actions/checkout), and is the name spelt as in the repository?" });
		return found.path;
	};
	return {
		inside,
		must
	};
}
/**
* Reads a file of the workspace: the file that the path leads to now, a regular one in the workspace of at most `maxBytes`. Throws `input-invalid` when
* it is none.
*/
async function readInside(path, workspace, maxBytes) {
	const root = await realpath(workspace);
	const name = relative(workspace, path);
	const refused = (why) => new ActionError("input-invalid", `${name}: ${why}`, { location: { file: name } });
	const real = await realpath(path).catch((error) => {
		throw refused(messageOf(error));
	});
	if (!isSource(root, real)) throw refused("it leads out of the workspace");
	const file = await open(real, constants$1.O_RDONLY | constants$1.O_NOFOLLOW | constants$1.O_NONBLOCK).catch((error) => {
		throw refused(messageOf(error));
	});
	try {
		const info = await file.stat();
		if (!info.isFile()) throw refused("it is no regular file");
		if (info.size > maxBytes) throw refused(`it has more than ${maxBytes / 1024} KiB`);
		return await file.readFile();
	} finally {
		await file.close();
	}
}
/** The configuration file, as the others are read: the one that the input `config` names, else `nomad-deploy.yml` if there is one. */
async function findConfig(named, workspace) {
	const { inside, must } = confine(await realpath(workspace), ".");
	if (named !== void 0) return must("config", named);
	const found = await inside("config", "nomad-deploy.yml");
	return found.exists ? found.path : void 0;
}
/** Larger than any job spec: Nomad itself takes no job of more than a megabyte. */
const MAX_SOURCE_BYTES = 1048576;
/** Reads a file of the repository; the path is absolute. Throws `input-invalid` for what is no regular file of the workspace, and for one of more than 1 MiB. */
async function readSourceFile(path, workspace) {
	return {
		name: relative(workspace, path),
		text: (await readInside(path, workspace, MAX_SOURCE_BYTES)).toString("utf8")
	};
}
/** Git's own folder or file, also as file systems spell it that ignore case, invisible characters, dots and blanks at the end, or shorten names. */
function isGit(name) {
	if (name.length > 255) return false;
	const plain = name.toLowerCase().replace(/\p{Default_Ignorable_Code_Point}/gu, "").replace(/[. ]+$/, "").replace(/:.*$/s, "");
	return plain === ".git" || /^git~\d+$/.test(plain);
}
// src/inputs/http-checks.ts
const KEYS = [
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
/** As Kubernetes and `curl --fail` have it: whatever is not an error. */
const STATUS = ["2xx", "3xx"];
/** A router learns of a new version some seconds later: 20 seconds are enough for those that look every 15. */
const RETRIES = 10;
const INTERVAL_MS = 2e3;
const CHECK_TIMEOUT_MS = 5e3;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that belong to the connection: they are not ours to set. */
const OWN_HEADERS = /^(connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
/**
* Reads the input `verify`: a path or URL a line, or a YAML list of checks. Every problem is added to `problems`, none of them with the text of the
* input, which may hold credentials. `hide` wraps the values of headers.
*/
async function readChecks(text, hide, problems) {
	if (text === void 0 || text.trim() === "") return [];
	return (/^\s*(#|---|[-[{]|[\w-]+:(\s|$))/.test(text) ? await readYaml(text, problems) : text.split("\n").map((line) => line.trim())).filter((item) => item !== "").map((item, i) => {
		const own = [];
		const check = parseCheck(item, hide, own);
		problems.push(...own.map((problem) => `\`verify\`, check ${i + 1}: ${problem}`));
		return check;
	});
}
/** Scalars stay what was written, so that a version `1.10` is no number. */
async function readYaml(text, problems) {
	const read = await yamlData(text);
	const parsed = "data" in read ? read.data : void 0;
	const list = Array.isArray(parsed) ? parsed : isMap(parsed) ? [parsed] : [];
	if (list.length > 0) return list;
	const line = "problem" in read ? ` (line ${read.problem.line})` : "";
	problems.push(`\`verify\`: neither paths and URLs, one a line, nor a YAML list of checks${line}, such as \`- path: /healthz\``);
	return [];
}
/** One check, with the defaults of what it does not say. */
function parseCheck(item, hide, problems) {
	const given = isMap(item) ? item : typeof item === "string" ? { [item.startsWith("/") ? "path" : "url"]: item } : {};
	for (const name of Object.keys(given)) {
		if (KEYS.some((key) => key === name)) continue;
		const near = nearest(name, KEYS);
		problems.push(`unknown key \`${name}\`${near === void 0 ? `; the keys are ${KEYS.join(", ")}` : `: did you mean \`${near}\`?`}`);
	}
	const attempt = (read, otherwise) => {
		try {
			return read();
		} catch (error) {
			problems.push(messageOf(error));
			return otherwise;
		}
	};
	const text = (key) => {
		const value = given[key];
		if (value === void 0) return void 0;
		if (typeof value === "string" && value.trim() !== "") return value.trim();
		problems.push(`\`${key}\` ${value === "" ? "is empty" : "must be a text"}`);
	};
	const map = (key) => {
		const value = given[key] ?? {};
		if (!isMap(value)) problems.push(`\`${key}\` must be a map, as in \`${key}: { ${key === "json" ? "status: up" : "x-name: value"} }\``);
		return Object.entries(isMap(value) ? value : {}).flatMap(([name, one]) => {
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
function isMap(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
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
/** `true`, `false`, or the hosts to which a redirect may lead besides the one that was asked. */
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
/** A URL or path as it may be shown: what follows the question mark may be a token. */
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
/** `/…/` and `/…/i` are patterns, all else is a text. Throws for a pattern that is none. */
function parseWanted(key, value) {
	const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(value) ?? [];
	if (source === void 0) return value;
	try {
		return new RegExp(source, flags);
	} catch (error) {
		throw new Error(`\`${key}\`: ${value} is not a regular expression: ${messageOf(error).replace(/^.*: /s, "")}`);
	}
}
/** The names and numbers of a JSON path: `checks.db[0].ok`, `$.a["b.c"]`. Throws when it is none. */
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
// src/inputs/image-values.ts
/** What Go and Docker call the processors and systems that images are for. */
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
/** Splits lists whose items have no comma, such as platforms and tags: as docker/build-push-action, by line and by comma. */
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
/** Labels that say what an image is made of and where it comes from: the action believes them when it finds the image again. */
const OWN_LABELS = /^nomad-deploy\./i;
function parseLabels(lines) {
	for (const line of lines) {
		const [, name] = /^([^\s=-][^\s=]*)=/.exec(line) ?? [];
		if (name === void 0) throw new Error(`\`labels\`: ${JSON.stringify(line)} is not NAME=value`);
		if (OWN_LABELS.test(name)) throw new Error(`\`labels\`: ${name} is a label of the action's own; use another name`);
	}
	return [...lines];
}
/** `NAME=value`, one a line. An argument without a value would take that of the environment, in which docker may have credentials. */
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
/** The stage of a Dockerfile, by its name or number. */
function parseTarget(value) {
	if (value === void 0 || /^[A-Za-z0-9][\w.-]*$/.test(value)) return value;
	throw new Error(`\`target\`: ${JSON.stringify(value)} is not the name of a stage, such as prod in \`FROM … AS prod\``);
}
/** The name of a builder, or of one of docker's contexts. */
function parseBuilder(value) {
	if (value === void 0 || /^[A-Za-z0-9][\w.+-]*$/.test(value)) return value;
	throw new Error(`\`builder\`: ${JSON.stringify(value)} is not the name of a builder; \`docker buildx ls\` lists them`);
}
function parseImage(value) {
	if (value === void 0 || parseReference(value) !== void 0) return value;
	const small = parseReference(value.toLowerCase())?.name;
	throw new Error(small === void 0 ? `\`image\`: ${JSON.stringify(value)} is not the name of an image, such as ghcr.io/acme/shop:1.2 or ghcr.io/acme/shop@sha256:<64 digits>` : `\`image\`: ${JSON.stringify(value)} has capital letters; the name of an image has small ones: ${small}`);
}
/** Tags are references, `ghcr.io/acme/shop:1.2`, or the tag alone. */
function parseTags(value) {
	return splitList(value).map((tag) => {
		const found = parseReference(isTagAlone(tag) ? `image:${tag}` : tag);
		if (found === void 0 || found.digest !== void 0) throw new Error(`\`tags\`: ${JSON.stringify(tag)} is neither a tag, such as 1.2, nor an image with one, such as ghcr.io/acme/shop:1.2`);
		if (isContentTag(found.tag)) throw new Error(`\`tags\`: ${JSON.stringify(tag)} ${RESERVED}`);
		return tag;
	});
}
const RESERVED = "is a tag of the action's own, by which it finds images again; use one that does not begin with content-";
/** What of GitHub's cache decides where its token goes. buildx takes it from the environment, where only the runner writes it. */
const OF_GITHUB = [
	"url",
	"url_v2",
	"token"
];
/** Caches as buildx takes them: the name of an image, or attributes such as `type=gha,mode=max`. */
function parseCaches(input, lines) {
	for (const line of lines) {
		const problem = cacheProblem(readAttributes(line));
		if (problem !== void 0) throw new Error(`\`${input}\`: ${JSON.stringify(line.replace(/=[^,]*/g, "=…"))} ${problem}`);
	}
	return [...lines];
}
function cacheProblem(attributes) {
	if (attributes === void 0) return "is neither an image, such as ghcr.io/acme/shop:cache, nor attributes such as type=gha,mode=max";
	const own = OF_GITHUB.find((name) => attributes.has(name));
	if (attributes.get("type")?.toLowerCase() === "gha" && own !== void 0) return `has \`${own}\`, which the runner alone decides: it is where the token of GitHub's cache goes; leave it out`;
	if (!/^[\w.-]+$/.test(attributes.get("type") ?? "")) return "has no `type`, such as type=gha";
	const ref = attributes.get("ref");
	if (ref === void 0) return void 0;
	const image = parseReference(ref);
	if (image === void 0) return `has a \`ref\` that is not the name of an image, such as ghcr.io/acme/shop:cache`;
	return isContentTag(image.tag) ? RESERVED : void 0;
}
/**
* Reads attributes as buildx does: fields of CSV, each `name=value`, of which the first `=` counts and the case of the name does not. A single word is the
* `ref` of `type=registry`. Undefined for what is none, and for a name that is there twice.
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
/** The type of a cache, in small letters. */
function cacheType(line) {
	return readAttributes(line)?.get("type")?.toLowerCase() ?? "registry";
}
/** `true`, `false` or attributes such as `mode=max`; undefined when nothing is asked for. */
function parseAttestation(name, value) {
	if (value === void 0) return void 0;
	if (/^(true|yes|on|1)$/i.test(value)) return "true";
	if (/^(false|no|off|0)$/i.test(value)) return "false";
	const attributes = readAttributes(value);
	if (attributes !== void 0 && value.includes("=") && !attributes.has("type")) return value;
	throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither true nor false, nor attributes such as ${name === "sbom" ? "generator=docker/buildkit-syft-scanner" : "mode=max"}`);
}
/**
* Reads build secrets: `NAME=value` a line, as docker/build-push-action's `secrets` (a value of several lines in double quotes that begin before
* the name), or `id=NAME,env=VARIABLE` and `id=NAME,src=file` as buildx itself takes them. What is wrong is told without the value.
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
		if (at <= 0) throw new Error(`${where}: not NAME=value, nor id=NAME,env=VARIABLE or id=NAME,src=file`);
		if (at === entry.length - 1) throw new Error(`${where}: \`${entry.slice(0, at)}\` has no value`);
		return [checkedId(entry.slice(0, at), where), { value: entry.slice(at + 1) }];
	}));
}
/** A text is for a shell; a JSON list, as in a Dockerfile, is a program with its arguments. */
function parseTest(value) {
	if (value === void 0 || !value.startsWith("[")) return value;
	const parsed = jsonIn(value);
	const words = Array.isArray(parsed) ? parsed.filter((word) => typeof word === "string") : [];
	const [program, ...args] = words;
	if (program?.startsWith("-") === true) throw new Error(`\`test\`: ${JSON.stringify(program)} is not a program, such as "/app"`);
	if (program !== void 0 && program !== "" && Array.isArray(parsed) && parsed.length === words.length) return [program, ...args];
	throw new Error("`test`: begins like a JSON list, but is none of texts, such as [\"/app\", \"--self-test\"]");
}
function jsonIn(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
/** `NAME=value`, or `NAME` for the value that the step has. */
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
/** A YAML or JSON list of registries with their logins, as docker/login-action's input of that name. Problems are told without the text. */
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
		problems.push(`\`registry-auth\`: entry ${elsewhere + 1} has a \`registry\` that is not the address of one, such as registry.example.com:5000`);
		return [];
	}
	const bad = logins.findIndex(({ username, password }) => username === "" || password === "");
	if (logins.length > 0 && bad < 0) return logins;
	problems.push(bad >= 0 ? `\`registry-auth\`: entry ${bad + 1} has no username or no password` : "`registry-auth`: no YAML list of `registry`, `username` and `password`");
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
function checkedId(id, where) {
	if (/^[\w.-]+$/.test(id)) return id;
	throw new Error(`${where}: the name of a secret has letters, digits, dots, dashes and underscores only`);
}
/** The entries of a list, one a line; one that begins with a double quote goes on to the next lone one. */
function entriesOf(value) {
	return [...value.replaceAll("\r\n", "\n").matchAll(/^[ \t]*(?:"((?:[^"]|"")*)"[ \t]*$|(\S.*)$)/gm)].map(([, quoted, plain]) => quoted?.replaceAll("\"\"", "\"") ?? plain?.trimEnd() ?? "");
}
function parseRegistry(value) {
	const registry = value === void 0 ? void 0 : registryIn(value);
	if (registry === void 0 || isRegistry(registry)) return registry;
	throw new Error(`\`registry\`: ${JSON.stringify(value)} is not the address of a registry, such as ghcr.io or registry.example.com:5000/images`);
}
/** What the tags of an image end with that is built of the Dockerfile of `NOMAD_VAR_BUILD_DEPLOY`, beside the repository's own image. */
function deployedSuffix(vars) {
	return (vars["BUILD_DEPLOY"] ?? "").trim() === "" ? "" : "-deploy";
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
	if (ofDigest !== void 0 && !push) problems.push(`\`image-variables\`: with \`push: false\` the image has no digest that ${ofDigest} could take; give it the tag, which is made of the image's id`);
	return Object.fromEntries(read);
}
/** Returns whether a spec takes the image by a tag, which then has to be in the registry. */
function takesTag(variables) {
	return Object.values(variables).includes("tag");
}
// src/inputs/names.ts
const commands = [
	"deploy",
	"plan",
	"render",
	"build",
	"dispatch",
	"stop",
	"promote",
	"revert",
	"scale",
	"restart",
	"status",
	"logs",
	"sweep"
];
const environments = [
	"production",
	"staging",
	"main",
	"review"
];
const promotions = [
	"auto",
	"manual",
	"verify"
];
const failureActions = [
	"spec",
	"revert",
	"leave"
];
const webhookTimes = ["always", "failure"];
const configSources = ["default-branch", "checkout"];
const cancelActions = ["leave", "fail"];
/** The names of all inputs, as action.yml declares them. */
const inputNames = [
	"command",
	"config",
	"config-from",
	"app",
	"working-directory",
	"nomad-addr",
	"nomad-token",
	"nomad-auth-method",
	"nomad-auth-audience",
	"nomad-namespace",
	"nomad-region",
	"nomad-cacert",
	"nomad-client-cert",
	"nomad-client-key",
	"nomad-tls-server-name",
	"nomad-skip-verify",
	"nomad-headers",
	"environment",
	"base-domain",
	"job-name",
	"vars",
	"build",
	"image",
	"image-variables",
	"context",
	"file",
	"target",
	"build-args",
	"build-secrets",
	"platforms",
	"tags",
	"labels",
	"cache-from",
	"cache-to",
	"pull",
	"no-cache",
	"provenance",
	"sbom",
	"builder",
	"push",
	"test",
	"test-env",
	"scan",
	"registry",
	"registry-username",
	"registry-password",
	"registry-auth",
	"job",
	"var-files",
	"allowed-drivers",
	"allow-untrusted-events",
	"secrets",
	"wait",
	"timeout",
	"fail-fast",
	"promote",
	"verify",
	"on-failure",
	"on-cancel",
	"preserve-counts",
	"on-placement-failure",
	"log-lines",
	"summary",
	"webhook-url",
	"webhook-on",
	"github-token",
	"group",
	"task",
	"count",
	"to",
	"purge",
	"ttl",
	"follow",
	"dry-run",
	"meta",
	"payload",
	"periodic-force",
	"github-deployment",
	"comment",
	"approved-plan",
	"expect",
	"drift-issue"
];
/**
* The defaults. They are not in action.yml, since the runner would pass them on like inputs that were given, and those win over the configuration
* file.
*/
const DEFAULTS = {
	command: "deploy",
	"config-from": "default-branch",
	"working-directory": ".",
	build: "auto",
	context: ".",
	pull: "false",
	"no-cache": "false",
	push: "true",
	wait: "true",
	"fail-fast": "certain",
	"on-failure": "spec",
	"on-cancel": "leave",
	"on-placement-failure": "2m",
	"log-lines": "50",
	"dry-run": "true",
	follow: "false",
	"periodic-force": "false",
	summary: "true",
	"webhook-on": "always",
	"github-deployment": "auto",
	comment: "auto",
	"drift-issue": "false"
};
/** What to say about inputs that the action does not know, each with the nearest name that it does. Their values are never quoted. */
function unknownInputs(env) {
	const known = new Set(inputNames.map((name) => `INPUT_${name.toUpperCase()}`));
	return Object.keys(env).filter((name) => name.startsWith("INPUT_") && !known.has(name)).map((variable) => {
		const name = variable.slice(6).toLowerCase();
		const near = nearest(name, inputNames);
		return `Unknown input \`${name}\`, which changes nothing. ${near === void 0 ? "The inputs are listed in the README." : `Did you mean \`${near}\`?`}`;
	});
}
/** Values that CI systems give, declared as text so that fragments of the repository can use them; blank where they are not known. */
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
/**
* What a workflow may say it trusts: code from a fork, and the events that GitHub gives the repository's secrets to although somebody who may not write to
* the repository can cause them, or may have written what they are about. `fork` is also the event of that name.
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
// src/inputs/pem.ts
/** A key without its first line must not be taken for a path, and shown: paths are shorter. */
const MAX_PATH_LENGTH = 160;
/** Whether a value is meant as the path of a file, and not as PEM text. */
function isFilePath(value) {
	return !value.includes("-----BEGIN ") && !value.includes("\n") && value.length <= MAX_PATH_LENGTH;
}
/** The files that the inputs for TLS name, each with its source. */
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
// src/inputs/secret-names.ts
const FILE = "FILE_";
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;
/** What Nomad lets a path be made of, but for the slash. */
const SCOPE = /^[a-zA-Z0-9_~-]+$/;
/** What else is in the folder of secrets: Nomad's own, and the environment of the built-in template. */
const TAKEN = /^(nomad_.*|api\.sock|ci\.env|nomad-deploy.*\.env)$/;
/** Reads a secret's name. Gives a text when it is none: what is wrong, to stand behind the name. */
function readSecretName(key) {
	const scope = key.split("/");
	const item = scope.pop() ?? "";
	if (scope.length > 2 || !scope.every((part) => SCOPE.test(part))) return "before the name there may be a group, or a group and a task, as in `web/server/DB_PASSWORD`, of letters, digits, `-`, `_` and `~`";
	if (!item.startsWith(FILE)) return VARIABLE_NAME.test(item) ? {
		scope,
		kind: "variable",
		name: item,
		item
	} : "the name of an environment variable has letters, digits and underscores only, as in `DB_PASSWORD`";
	const name = item.slice(5);
	if (!FILE_NAME.test(name)) return `what follows \`${FILE}\` is the name of a file, of up to 100 letters, digits, dots, dashes and underscores, as in \`${FILE}tls.key\``;
	if (TAKEN.test(name)) return `\`${name}\` is the name of a file that is in the task's folder of secrets already`;
	return {
		scope,
		kind: "file",
		name,
		item
	};
}
// src/inputs/reader.ts
/** The name of a secret in a line, and what stands for the items of others. */
const SECRET_LINE = "([\\w.~/-]+|\\*)";
const OTHER_ITEMS = "*";
/** Opens a reader of the runner's environment and what the configuration file has. */
async function openReader(env, file) {
	const layers = file?.layers ?? [];
	const problems = [];
	const attempt = (read, otherwise) => {
		try {
			return read();
		} catch (error) {
			problems.push(messageOf(error));
			return otherwise;
		}
	};
	const sources = {
		config: nonBlank(env["INPUT_CONFIG"]) === void 0 ? "default" : "config",
		vars: nonBlank(env["INPUT_VARS"]) === void 0 ? "default" : "vars"
	};
	const places = {};
	const raw = (name) => {
		const value = env[`INPUT_${name.toUpperCase()}`];
		if (nonBlank(value) !== void 0) {
			sources[name] = name;
			return value;
		}
		const fromFile = layers.map((layer) => layer[name]).find((one) => nonBlank(one?.text) !== void 0);
		sources[name] = fromFile === void 0 ? "default" : sourceText(fromFile.at);
		if (fromFile !== void 0) places[name] = fromFile.at;
		return fromFile?.text ?? DEFAULTS[name];
	};
	const first = (name, ...others) => {
		const own = nonBlank(raw(name));
		const [source, value] = (own === void 0 ? others.find((other) => nonBlank(other[1]) !== void 0) : void 0) ?? [];
		if (source !== void 0) sources[name] = source;
		return own ?? nonBlank(value);
	};
	const text = (name, ...variables) => first(name, ...variables.map((variable) => [variable, env[variable]]));
	const flag = (name, otherwise, ...variables) => attempt(() => parseBoolean(name, text(name, ...variables)) ?? otherwise, otherwise);
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
		flag,
		vars: await readVars(env, file, problems),
		choice: (name, known) => {
			const value = text(name);
			return value === void 0 ? void 0 : attempt(() => oneOf(name, value, known), void 0);
		},
		automatic: (name) => {
			const value = text(name);
			return value === void 0 || value === "auto" ? "auto" : flag(name, true);
		},
		sourced: (name, variable) => {
			const value = text(name, variable);
			return value === void 0 ? void 0 : {
				value,
				source: sources[name] ?? name
			};
		},
		lines: (name) => (raw(name) ?? "").split("\n").map((line) => line.trim()).filter((line) => line !== ""),
		words: (name) => text(name)?.split(/[\s,]+/).filter((word) => word !== "")
	};
}
/** The variables of the spec, of which the one that is said closest to the run wins: environment, file, input. */
async function readVars(env, file, problems) {
	const ofFile = await Promise.all((file?.layers ?? []).toReversed().map(async ({ vars: given }) => {
		const at = given?.at;
		const own = [];
		const values = await readMap("vars", given?.text, own);
		problems.push(...own.map((problem) => at === void 0 ? problem : `${placeText(at)}: ${problem}`));
		return [values, (name) => given === void 0 ? "default" : sourceText(placeIn(given, name))];
	}));
	return merge([ciVariables(env), (name) => name], [prefixed(env, "NOMAD_VAR_"), (name) => `NOMAD_VAR_${name}`], ...ofFile, [await readMap("vars", env["INPUT_VARS"], problems), () => "vars"]);
}
/** The secrets of the workload, of which the one that is named last wins, what gave each, and whether they replace the items of others. */
async function readSecrets({ env, raw, problems }) {
	const { values, sources } = merge([await readMap("NOMAD_SECRETS", env["NOMAD_SECRETS"], problems, SECRET_LINE), () => "NOMAD_SECRETS"], [prefixed(env, "NOMAD_SECRET_", { blank: true }), (name) => `NOMAD_SECRET_${name}`], [await readMap("secrets", raw("secrets"), problems, SECRET_LINE), () => "secrets"]);
	const { [OTHER_ITEMS]: others = "keep", ...own } = values;
	if (others !== "keep" && others !== "replace") problems.push(`\`secrets\`: \`${OTHER_ITEMS}\` stands for the items of others in the Nomad variable, and is \`keep\` or \`replace\``);
	problems.push(...secretProblems(Object.keys(own)));
	return {
		secrets: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, secret(value)])),
		replaceItems: others === "replace",
		sources
	};
}
/** What is wrong with the names of secrets. One that may be a value in the wrong place is not quoted. */
function secretProblems(names) {
	return names.flatMap((name) => {
		const problem = readSecretName(name);
		const shown = /^[\w.~/-]{1,100}$/.test(name) ? `secret \`${name}\`` : "a secret whose name is not shown, since it may be a value";
		return typeof problem === "string" ? [`${shown}: ${problem}`] : [];
	});
}
/** Maps over one another, of which the last one wins, and what gave each value. */
function merge(...maps) {
	return {
		values: Object.fromEntries(maps.flatMap(([values]) => Object.entries(values))),
		sources: Object.fromEntries(maps.flatMap(([values, source]) => Object.keys(values).map((name) => [name, source(name)])))
	};
}
/** Variables with a prefix, by the rest of their name; empty ones are as if unset unless asked for, so that an empty workflow input keeps the default. */
function prefixed(env, prefix, { blank = false } = {}) {
	const found = {};
	for (const [name, value] of Object.entries(env)) if (name.startsWith(prefix) && name !== prefix && value !== void 0 && (blank || value !== "")) found[name.slice(prefix.length)] = value;
	return found;
}
/** What another CI system, or the workflow, gives under the names of `CI_*`. */
function ciVariables(env) {
	return Object.fromEntries(CI_VARIABLES.flatMap((name) => {
		const value = name === "CI_REGISTRY_READ_TOKEN" && env["PRIVATE_REPO"] === "false" ? void 0 : nonBlank(env[name]);
		return value === void 0 ? [] : [[name, value]];
	}));
}
/** Trimmed; undefined for what is blank, as GitHub gives secrets and variables that do not exist. */
function nonBlank(value) {
	return value === void 0 || value.trim() === "" ? void 0 : value.trim();
}
// src/inputs/cluster.ts
async function readCluster(reader) {
	const { env, file, problems, places, vars, attempt, first, text, choice, flag, sourced } = reader;
	const clientCert = sourced("nomad-client-cert", "NOMAD_CLIENT_CERT");
	const clientKey = sourced("nomad-client-key", "NOMAD_CLIENT_KEY");
	if (clientCert === void 0 !== (clientKey === void 0)) {
		const [given, missing] = clientKey === void 0 ? ["cert", "key"] : ["key", "cert"];
		problems.push(`\`nomad-client-${given}\` is given and \`nomad-client-${missing}\` is not: a client certificate takes both`);
	}
	const nomadLogin = readLogin(reader);
	return {
		...await readAddress(reader),
		nomadToken: {
			production: tokenFor(reader, "NOMAD_TOKEN_PROD"),
			staging: tokenFor(reader, "NOMAD_TOKEN_STAGING"),
			main: tokenFor(reader),
			review: tokenFor(reader)
		},
		tokenEnv: file?.tokenEnv,
		nomadNamespace: first("nomad-namespace", [vars.sources["NAMESPACE"], vars.values["NAMESPACE"]], ["NOMAD_NAMESPACE", env["NOMAD_NAMESPACE"]]),
		nomadRegion: text("nomad-region", "NOMAD_REGION"),
		nomadLogin,
		nomadTls: {
			cacert: sourced("nomad-cacert", "NOMAD_CACERT"),
			clientCert,
			clientKey: clientKey && {
				...clientKey,
				value: secret(clientKey.value)
			},
			serverName: text("nomad-tls-server-name", "NOMAD_TLS_SERVER_NAME"),
			skipVerify: flag("nomad-skip-verify", false, "NOMAD_SKIP_VERIFY")
		},
		proxies: {
			http: proxyOf(reader, "http_proxy", "HTTP_PROXY"),
			https: proxyOf(reader, "https_proxy", "HTTPS_PROXY")
		},
		environment: choice("environment", [.../* @__PURE__ */ new Set([...environments, ...file?.environments ?? []])]),
		mainStyle: attempt(() => parseBoolean("CI_MAIN_STYLE", nonBlank(env["CI_MAIN_STYLE"])) ?? false, false),
		baseDomain: attempt(() => parseDomain(text("base-domain", "BASE_DOMAIN")), void 0),
		ownDomain: places["base-domain"] !== void 0 && places["base-domain"] === file?.environment?.["base-domain"]?.at,
		jobName: text("job-name")
	};
}
/** The address and the headers; a user in the address is a header. */
async function readAddress({ env, problems, attempt, first, text }) {
	const headers = await readMap("nomad-headers", first("nomad-headers", ["NOMAD_HTTP_AUTH", basicAuth(env["NOMAD_HTTP_AUTH"])]), problems, "[\\w-]+");
	problems.push(...headerProblems(headers));
	const [nomadAddr, basic] = attempt(() => splitCredentials("nomad-addr", text("nomad-addr", "NOMAD_ADDR")), [void 0, void 0]);
	if (basic !== void 0 && Object.keys(headers).some((name) => /^authorization$/i.test(name))) problems.push("`nomad-addr` has a user, and `nomad-headers` (or NOMAD_HTTP_AUTH) an Authorization: Nomad can get only one of them");
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
	const [method, audience] = [text("nomad-auth-method"), text("nomad-auth-audience")];
	if (method !== void 0 && audience === void 0) problems.push("`nomad-auth-audience` is needed with `nomad-auth-method`: what its BoundAudiences have, such as nomad.example.com");
	if (audience !== void 0 && method === void 0) problems.push("`nomad-auth-audience` is given and `nomad-auth-method` is not: name the auth method of Nomad to log in by");
	const byToken = nonBlank(env["INPUT_NOMAD-TOKEN"]) !== void 0;
	if (byToken && sources["nomad-auth-method"] === "nomad-auth-method") problems.push("`nomad-token` and `nomad-auth-method` are both given: a run has a token or logs in for one");
	return method === void 0 || audience === void 0 || byToken ? void 0 : {
		method,
		audience,
		idToken: idTokenSource(env)
	};
}
/** The token of an environment. Where the file names the variable of the environment's token, no other one stands in for it. */
function tokenFor({ env, file, problems }, ...own) {
	for (const name of ["INPUT_NOMAD-TOKEN", ...file?.tokenEnv === void 0 ? [...own, "NOMAD_TOKEN"] : [file.tokenEnv]]) {
		const value = nonBlank(env[name]);
		if (value === void 0) continue;
		const source = name === "INPUT_NOMAD-TOKEN" ? "nomad-token" : name;
		const problem = `\`${source}\`: is no token of Nomad, which is one word without line breaks`;
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
/** What the runner gives to a job with `id-token: write`. */
function idTokenSource(env) {
	const [url, token] = [nonBlank(env["ACTIONS_ID_TOKEN_REQUEST_URL"]), nonBlank(env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])];
	return url === void 0 || token === void 0 ? void 0 : {
		url,
		authorization: secret(`Bearer ${token}`)
	};
}
// src/inputs/image.ts
/** By these, buildx finds GitHub's cache service; the runner sets them for actions, not for `run:` steps. */
const CACHE_SERVICE = [
	"ACTIONS_RUNTIME_TOKEN",
	"ACTIONS_RESULTS_URL",
	"ACTIONS_CACHE_URL",
	"ACTIONS_CACHE_SERVICE_V2"
];
async function readImage(reader) {
	const { env, problems, sources, vars, attempt, raw, first, text, flag, automatic, lines } = reader;
	const image = attempt(() => parseImage(text("image")), void 0);
	const tags = attempt(() => parseTags(raw("tags")), []);
	const named = first("registry", ["image", registryOf(image)], ["tags", registryOf(tags.find((tag) => !isTagAlone(tag)))]);
	const registry = attempt(() => parseRegistry(named), void 0) ?? "ghcr.io";
	const githubToken = text("github-token", "GITHUB_TOKEN");
	const password = first("registry-password", [sources["github-token"], hostOfRegistry(registry) === "ghcr.io" ? githubToken : void 0]);
	const platforms = attempt(() => parsePlatforms(raw("platforms")), []);
	const push = flag("push", true);
	if (platforms.length > 1 && !push) problems.push("`platforms`: with `push: false` the image can have one platform only, since the local engine loads no other");
	return {
		build: automatic("build"),
		image,
		imageVariables: await readImageVariables(raw("image-variables"), push, problems),
		context: text("context") ?? ".",
		file: first("file", ["NOMAD_VAR_BUILD_DEPLOY", nonBlank(vars.values["BUILD_DEPLOY"])]),
		target: attempt(() => parseTarget(text("target")), void 0),
		buildArgs: attempt(() => parseBuildArgs(raw("build-args")), []),
		buildSecrets: Object.fromEntries(Object.entries(attempt(() => parseBuildSecrets(raw("build-secrets"), env), {})).map(([id, from]) => [id, "value" in from ? { value: secret(from.value) } : from])),
		platforms,
		tags,
		labels: attempt(() => parseLabels(lines("labels")), []),
		cacheFrom: attempt(() => parseCaches("cache-from", lines("cache-from")), []),
		cacheTo: attempt(() => parseCaches("cache-to", lines("cache-to")), []),
		cacheService: Object.fromEntries(CACHE_SERVICE.flatMap((name) => {
			const value = nonBlank(env[name]);
			return value === void 0 ? [] : [[name, secret(value)]];
		})),
		pull: flag("pull", false),
		noCache: flag("no-cache", false),
		provenance: attempt(() => parseAttestation("provenance", text("provenance")), void 0),
		sbom: attempt(() => parseAttestation("sbom", text("sbom")), void 0),
		builder: attempt(() => parseBuilder(text("builder", "BUILDX_BUILDER")), void 0),
		sourceDateEpoch: nonBlank(env["SOURCE_DATE_EPOCH"]),
		push,
		test: attempt(() => parseTest(text("test")), void 0),
		testEnv: attempt(() => parseTestEnv(lines("test-env"), env), {}),
		scan: attempt(() => parseScan(text("scan")), void 0),
		registry,
		registryUsername: text("registry-username", "GITHUB_ACTOR"),
		registryPassword: password === void 0 ? void 0 : secret(password),
		registryAuth: (await readLogins(raw("registry-auth"), problems)).map((login) => ({
			...login,
			password: secret(login.password)
		})),
		githubToken: githubToken === void 0 ? void 0 : secret(githubToken)
	};
}
// src/inputs/rollout.ts
async function readRollout(reader, command) {
	const { problems, vars, attempt, raw, text, choice, flag, automatic, lines, words } = reader;
	const given = (name) => text(name) === void 0 ? void 0 : flag(name, false);
	const inputs = {
		jobs: lines("job"),
		varFiles: lines("var-files"),
		allowedDrivers: words("allowed-drivers"),
		allowUntrustedEvents: (words("allow-untrusted-events") ?? []).flatMap((word) => attempt(() => [oneOf("allow-untrusted-events", word, untrustedEvents)], [])),
		noDeploy: attempt(() => parseBoolean("NOMAD_VAR_NO_DEPLOY", nonBlank(vars.values["NO_DEPLOY"])) ?? false, false),
		wait: flag("wait", true),
		timeoutMs: attempt(() => parseTimeout(text("timeout")), void 0),
		failFast: (choice("fail-fast", ["certain", "off"]) ?? "certain") === "certain",
		promote: choice("promote", promotions),
		verify: await readChecks(raw("verify"), secret, problems),
		onFailure: choice("on-failure", failureActions) ?? "spec",
		onCancel: choice("on-cancel", cancelActions) ?? "leave",
		preserveCounts: given("preserve-counts"),
		placementPatienceMs: attempt(() => parsePatience("on-placement-failure", text("on-placement-failure")), 0),
		logLines: attempt(() => parseCount("log-lines", text("log-lines")) ?? 50, 50),
		group: text("group"),
		task: text("task"),
		count: attempt(() => parseCount("count", text("count")), void 0),
		to: attempt(() => parseCount("to", text("to")), void 0),
		purge: given("purge"),
		ttlMs: attempt(() => parseTtl(text("ttl")), void 0),
		follow: flag("follow", false),
		dryRun: flag("dry-run", true),
		meta: await readMap("meta", raw("meta"), problems, "[^=\\s]+"),
		payload: attempt(() => parsePayload(raw("payload")), void 0),
		periodicForce: flag("periodic-force", false),
		summary: flag("summary", true),
		webhook: attempt(() => readHook(raw("webhook-url"), raw("webhook-on")), void 0),
		githubDeployment: automatic("github-deployment"),
		comment: automatic("comment"),
		approvedPlan: attempt(() => parseApprovedPlan(lines("approved-plan")), []),
		expect: choice("expect", ["no-changes"]),
		driftIssue: flag("drift-issue", false)
	};
	problems.push(...conflicts(inputs, command));
	return inputs;
}
/** Inputs that do not go together, or not with the command: a `purge` that does nothing would be a surprise. */
function conflicts(inputs, command) {
	const { promote, verify, wait, payload, meta, periodicForce } = inputs;
	const found = [];
	if (promote === "verify" && !verify.some(({ target }) => "path" in target)) found.push("`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz");
	if (!wait && (verify.length > 0 || promote === "verify")) found.push("`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`");
	if (command !== "dispatch" && (payload !== void 0 || Object.keys(meta).length > 0)) found.push(`\`${payload === void 0 ? "meta" : "payload"}\`: only \`command: dispatch\` gives a run of a job anything`);
	const own = [
		[
			"group",
			[
				"scale",
				"restart",
				"logs"
			],
			inputs.group
		],
		[
			"task",
			["restart", "logs"],
			inputs.task
		],
		[
			"count",
			["scale"],
			inputs.count
		],
		[
			"to",
			["revert"],
			inputs.to
		],
		[
			"purge",
			["stop", "sweep"],
			inputs.purge
		],
		[
			"ttl",
			["sweep"],
			inputs.ttlMs
		],
		[
			"follow",
			["logs"],
			inputs.follow || void 0
		]
	];
	for (const [name, wanted, value] of own) {
		const owners = wanted.map((one) => `\`command: ${one}\``).join(" and ");
		if (value !== void 0 && !wanted.includes(command)) found.push(`\`${name}\`: it belongs to ${owners}`);
	}
	if (periodicForce && command !== "deploy") found.push("`periodic-force`: it belongs to a deploy; `command: dispatch` runs a periodic job that is registered");
	return found;
}
/** The web hook alone, for a run whose other inputs can't be read; undefined when it can't either. */
function readWebhook(env) {
	try {
		return readHook(env["INPUT_WEBHOOK-URL"], env["INPUT_WEBHOOK-ON"]);
	} catch {
		return;
	}
}
function readHook(given, on) {
	const when = oneOf("webhook-on", nonBlank(on) ?? "always", webhookTimes);
	const url = parseWebhook(nonBlank(given));
	return url === void 0 ? void 0 : {
		url: secret(url),
		on: when
	};
}
// src/inputs/read.ts
/** The inputs that have to be known before the others: which file is read, and whose. */
function configInputs(env) {
	return {
		path: nonBlank(env["INPUT_CONFIG"]),
		fromCheckout: nonBlank(env["INPUT_CONFIG-FROM"]) === "checkout",
		workingDirectory: nonBlank(env["INPUT_WORKING-DIRECTORY"])
	};
}
/** GitHub's token, which is needed to read the file that gives other inputs, and which no file gives. */
function githubToken(env) {
	const token = nonBlank(env["INPUT_GITHUB-TOKEN"]) ?? nonBlank(env["GITHUB_TOKEN"]);
	return token === void 0 ? void 0 : secret(token);
}
/** Whether the workflow gives an input. */
function isGiven(env, name) {
	return nonBlank(env[`INPUT_${name.toUpperCase()}`]) !== void 0;
}
/**
* Reads all inputs from the runner's environment (`INPUT_*`, `NOMAD_*`), and nothing else does; what is not given as an input is taken from the
* configuration file, then from the environment.
* Throws one `input-invalid` error that lists every problem found, so that a workflow is mended in one go.
*/
async function readInputs(env, file) {
	const reader = await openReader(env, file);
	const { sources, problems, places, vars, text, words, choice } = reader;
	const command = choice("command", commands) ?? "deploy";
	const { sources: ofSecrets, ...secrets } = await readSecrets(reader);
	const inputs = {
		command,
		config: file?.path,
		configFrom: choice("config-from", configSources) ?? "default-branch",
		apps: words("app") ?? [],
		app: file?.app,
		imageKey: file?.image ?? file?.app,
		workingDirectory: text("working-directory") ?? ".",
		vars: vars.values,
		...secrets,
		...await readCluster(reader),
		...await readImage(reader),
		...await readRollout(reader, command),
		sources: {
			inputs: sources,
			vars: vars.sources,
			secrets: ofSecrets
		}
	};
	if (problems.length > 0) {
		const told = problems.map((problem) => located(problem, places));
		const [, place] = told.find(([, at]) => at !== void 0) ?? [];
		const location = place && locationOf(place);
		const lines = told.map(([line]) => line);
		const message = lines.length === 1 ? lines[0] : `${lines.length} problems:\n${lines.map((line) => `- ${line}`).join("\n")}`;
		throw new ActionError("input-invalid", `${message}`, location === void 0 ? {} : { location });
	}
	return Object.freeze(inputs);
}
/** A problem with the place of the value in the configuration file, if it comes from there: the problem's first word is the name of its input. */
function located(problem, places) {
	const named = /^`([\w-]+)`/.exec(problem)?.[1];
	const place = inputNames.find((name) => name === named && name !== "vars");
	const at = place && places[place];
	return at === void 0 ? [problem, void 0] : [`${placeText(at)}: ${problem}`, at];
}
// src/inputs/secret-values.ts
/** Headers that carry a credential, alone or behind the name of its kind. */
const SECRET_HEADER = /auth|cookie|key|password|secret|token/i;
/** What looks like a value in the maps of secrets, read or not: for a run that ends before they are. */
function unreadSecrets(env) {
	return ["NOMAD_SECRETS", "INPUT_SECRETS"].flatMap((name) => {
		const text = env[name] ?? "";
		const values = text.split("\n").map((line) => line.replace(/^[^=:]*[=:]\s*/, "").replace(/[\s,}]+$/, ""));
		const quoted = [...text.matchAll(/:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, value = ""]) => value);
		return [
			...values,
			...values.map((value) => value.replace(/^["']|["']$/g, "")),
			...quoted
		].filter((value) => value.trim() !== "");
	});
}
/** Every value that must never be printed, known before anything else is said: secrets of the workload, tokens, passwords. */
function secretValues(env, inputs) {
	const values = Object.entries(env).flatMap(([name, value]) => value !== void 0 && /^(NOMAD_SECRET_.+|NOMAD_TOKEN(_PROD|_STAGING)?|INPUT_NOMAD-TOKEN|NOMAD_HTTP_AUTH|INPUT_REGISTRY-PASSWORD|INPUT_GITHUB-TOKEN|INPUT_WEBHOOK-URL|GITHUB_TOKEN|ACTIONS_RUNTIME_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN|(NOMAD_VAR_)?CI_REGISTRY_(PASSWORD|READ_TOKEN))$/.test(name) ? [value] : []);
	const inAddresses = Object.entries(env).flatMap(([name, value]) => value !== void 0 && /^(INPUT_NOMAD-ADDR|NOMAD_ADDR|https?_proxy)$/i.test(name) ? passwordsIn(value) : []);
	const { secrets = {}, vars = {}, buildSecrets = {}, nomadHeaders = {}, nomadTls, verify = [], registryAuth = [] } = inputs ?? {};
	const ofBuild = Object.values(buildSecrets).flatMap((found) => "value" in found ? [found.value] : []);
	const passwords = ["CI_REGISTRY_PASSWORD", "CI_REGISTRY_READ_TOKEN"].flatMap((name) => vars[name] ?? []);
	const ofChecks = verify.flatMap(({ headers }) => Object.entries(headers)).flatMap(([name, value]) => SECRET_HEADER.test(name) ? [value.reveal(), value.reveal().replace(/^\S+\s+/, "")] : []);
	const credentials = Object.values(nomadHeaders).flatMap((value) => credentialsIn(value.reveal()));
	const key = [nomadTls?.clientKey?.value.reveal() ?? ""].filter((value) => !isFilePath(value));
	return [
		...values,
		...inAddresses,
		...passwords,
		...credentials,
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
const DEPENDABOT = "dependabot[bot]";
/** Returns why a run with these inputs does nothing for its event; undefined where it may go on. */
function refusal(context, inputs, { environment }) {
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
		testEnv: {}
	}, true);
}
/** GitHub withholds the secrets from `pull_request` events of forks. Secrets that are given nevertheless must not reach the build. */
function isHarmless(eventName, { command, push, buildSecrets, testEnv }) {
	return eventName.startsWith("pull_request") && eventName !== "pull_request_target" && command === "build" && !push && Object.keys(buildSecrets).length === 0 && Object.keys(testEnv).length === 0;
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
// src/apps/effective-config.ts
/**
* Decides which file gives which key. All keys come from the checkout where it is the default branch's, or with `config-from: checkout`. Otherwise the keys
* about credentials and the policy come from the default branch's file, read from GitHub by commit. A skipped run does not ask GitHub.
* Throws `input-invalid` when an untrusted event has `config-from: checkout`, and when the default branch's file is invalid. Throws GitHub's error when that
* file can't be read and may decide keys of this run.
*/
async function effectiveConfig(checkedOut, context, env, asking) {
	const { config: own, path, pathOf } = checkedOut;
	if (configInputs(env).fromCheckout) return wholeCheckout(checkedOut, context);
	if (context.isDefaultCheckout) return {
		config: own,
		ignored: [],
		isForeign: false,
		said: []
	};
	const without = mergeConfig(own, void 0);
	if (isSkipped(context, env)) return {
		config: without.config,
		ignored: [],
		isForeign: true,
		said: []
	};
	const contested = (ignored) => ignored.filter(({ input }) => input === void 0 || !isGiven(env, input));
	const found = await defaultFile(path, context, asking);
	if ("why" in found) {
		const source = `${path} of ${context.defaultBranch === void 0 ? "the default branch" : `the branch ${context.defaultBranch}`}`;
		requireUndecided(found, source, contested(without.ignored), context);
		requireUnjudged(found, source, env);
		const text = `${source} could not be read, so its keys are not used: ${found.why}`;
		const said = asking.github !== void 0 ? {
			level: "notice",
			text: `${text}. ${found.hint}`
		} : {
			level: "info",
			text
		};
		return {
			config: without.config,
			ignored: [],
			isForeign: true,
			said: [said]
		};
	}
	const { config: merged, ignored } = mergeConfig(own, found.config);
	const folder = configInputs(env).workingDirectory ?? found.config?.inputs["working-directory"]?.text ?? ".";
	const config = merged && await withPem(merged, async (file, at) => found.read(pathOf(folder, file), at));
	const decided = contested(ignored);
	const said = decided.map((one) => ({
		level: "warning",
		text: ignoredText(one, found.origin),
		ignored: one
	}));
	const { ofDefault, problem } = await commitsOf(found, context, asking);
	const told = problem === void 0 ? [] : [{
		level: "notice",
		text: problem
	}];
	return {
		config,
		ignored: decided,
		isForeign: true,
		said: [...said, ...told],
		ofDefault
	};
}
/** Returns all keys of the checkout, for `config-from: checkout`. Throws `input-invalid` for an untrusted event. */
function wholeCheckout({ config, path }, context) {
	if (isUntrusted(context)) throw new ActionError("input-invalid", `\`config-from\`: \`checkout\` is refused for the event ${context.eventName}, which a stranger can trigger`, { hint: "Remove `config-from`, and set the keys by inputs or in the file of the default branch." });
	const text = `\`config-from: checkout\`: all keys of ${config?.path ?? path} come from the checkout, also those about credentials and the policy`;
	return {
		config,
		ignored: [],
		isForeign: false,
		said: config === void 0 ? [] : [{
			level: "info",
			text
		}]
	};
}
/** Throws the error of the unreadable file where the checkout has keys that the file decides. */
function requireUndecided({ why, hint, code }, source, decided, { ref }) {
	const [first] = decided;
	if (first === void 0) return;
	const location = locationOf(first.at);
	throw new ActionError(code, `${source} could not be read: ${why}`, {
		hint: `Nothing was done, because that file decides ${listed(decided)}, not the file of ${ref}. ${hint} Or set the keys by inputs. If every branch of this workflow may set them, use \`config-from: checkout\`.`,
		...location === void 0 ? {} : { location }
	});
}
/** Throws the error of the unreadable file where its policy may judge this run. */
function requireUnjudged({ why, hint, code }, source, env) {
	if (!JUDGED.includes(env["INPUT_COMMAND"]?.trim() || "deploy") || code !== "unreachable" && code !== "github-refused") return;
	throw new ActionError(code, `${source} could not be read: ${why}`, { hint: `Nothing was done, because that file may have a policy for this run. ${hint} Run the workflow again when GitHub answers. If every branch of this workflow may set all keys, use \`config-from: checkout\`.` });
}
/** Returns known commits of the default branch. Asks GitHub about the commit of a `workflow_run` that is not the last one. */
async function commitsOf({ sha }, { ref, defaultBranch, followsDefault, followedSha }, { github, signal }) {
	if (sha === void 0 || github === void 0) return { ofDefault: [] };
	if (followedSha === void 0 || followsDefault || followedSha === sha || ref !== defaultBranch) return { ofDefault: [sha] };
	try {
		return { ofDefault: await github.refs.isBefore(followedSha, sha) ? [sha, followedSha] : [sha] };
	} catch (error) {
		signal.throwIfAborted();
		const problem = `GitHub did not tell whether ${followedSha.slice(0, 7)} is a commit of ${ref}: ${messageOf(error)}`;
		return {
			ofDefault: [sha],
			problem
		};
	}
}
/** Returns whether the run is going to be skipped, so that GitHub need not be asked. A build runs also for a stranger's pull request. */
function isSkipped(context, env) {
	const wish = {
		command: env["INPUT_COMMAND"]?.trim() === "build" ? "build" : "deploy",
		push: env["INPUT_PUSH"]?.trim() !== "false"
	};
	return distrustUnread(context, env["INPUT_ALLOW-UNTRUSTED-EVENTS"] ?? "", wish) !== void 0;
}
/** Commands whose job or count the policy judges. The others run also while GitHub is down, so that a version can be rolled back. */
const JUDGED = [
	"deploy",
	"plan",
	"render",
	"scale"
];
const PEM_KEYS = [
	"nomad-cacert",
	"nomad-client-cert",
	"nomad-client-key"
];
/**
* Reads certificates and keys that the default branch's file names by path from that branch: the checkout could have another certificate authority at the same
* path.
*/
async function withPem(config, read) {
	const filled = async (layer) => {
		const given = PEM_KEYS.flatMap((name) => {
			const value = layer[name];
			return value !== void 0 && isFilePath(value.text) ? [[name, value]] : [];
		});
		const texts = await Promise.all(given.map(async ([name, { text, at }]) => [name, {
			text: await read(text.trim(), at),
			at
		}]));
		return {
			...layer,
			...Object.fromEntries(texts)
		};
	};
	const environments = config.environments.map(async (section) => ({
		...section,
		inputs: await filled(section.inputs)
	}));
	return {
		...config,
		inputs: await filled(config.inputs),
		environments: await Promise.all(environments)
	};
}
async function defaultFile(path, { defaultBranch }, { github, signal }) {
	if (github === void 0) return {
		why: "there is no `github-token`",
		hint: "Leave `github-token` at its default, ${{ github.token }}.",
		code: "input-invalid"
	};
	let origin = defaultBranch ?? "the default branch";
	let text;
	let sha;
	const read = async (file, at) => {
		const pem = sha === void 0 || file.startsWith("..") ? void 0 : await github.contents.atCommit(file, sha);
		if (pem?.includes("-----BEGIN ") === true) return pem;
		throw new ActionError("input-invalid", `${placeText(at)}: ${file} of ${origin} is not a PEM file`, { hint: "Commit the file to the default branch, where its certificates and keys are read." });
	};
	try {
		const head = await github.refs.head(defaultBranch);
		if (head !== void 0) {
			({sha} = head);
			origin = `${head.branch} at ${sha.slice(0, 7)}`;
		}
		text = await github.contents.atCommit(path, sha);
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ActionError) return {
			why: error.message,
			hint: error.hint ?? "",
			code: error.code
		};
		return {
			why: messageOf(error),
			hint: "",
			code: "github-refused"
		};
	}
	return {
		config: text === void 0 ? void 0 : await parse(text, path, origin),
		origin,
		sha,
		read
	};
}
async function parse(text, path, origin) {
	try {
		return await parseConfig(text, path, origin);
	} catch (error) {
		if (!(error instanceof ActionError)) throw error;
		throw new ActionError("input-invalid", `${path} of ${origin} can't be read: ${sentence(error)}`, { hint: "Nothing was built or registered. Correct the file on that branch." });
	}
}
function ignoredText({ key, at, replaced }, origin) {
	const used = replaced ? `the value of ${origin} is used` : `${origin} has no value`;
	return `${sourceText(at)}: \`${key}\` is ignored, because only the file of the default branch may set it: ${used}. Set it there. If every branch of this workflow may set it, use the input \`config-from: checkout\`.`;
}
function listed(ignored) {
	return ignored.map(({ key, at }) => `\`${key}\` (${sourceText(at)})`).join(", ");
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
		const effective = await effectiveConfig({
			config: own,
			path: pathOf(file),
			pathOf
		}, asking, env, {
			github: quietGitHub(env, asking, runtime),
			signal: runtime.signal
		});
		const { config, ofDefault } = effective;
		const context = ofDefault === void 0 ? asking : readContext(env, event, heads, ofDefault);
		const first = await readInputs(env, config && fromFile(config));
		values.push(...secretValues({}, first));
		requireOwnWords(context, first, effective.ignored);
		const environment = resolveEnvironment(first, context, config?.environments);
		const section = config?.environments.find(({ name }) => name === environment.name);
		const inputs = async (app) => config === void 0 ? first : readInputs(env, fromFile(config, section, app));
		const apps = config === void 0 ? noApps(first) : selectApps(config, first);
		requireKnown(apps, environment);
		const [read, images] = await Promise.all([together(apps.length === 0 ? [inputs()] : apps.map(inputs)), together((config?.images ?? []).map(async (image) => readInputs(env, config && fromFile(config, section, void 0, image))))]);
		for (const own of [...read, ...images]) values.push(...secretValues({}, own));
		requireApart(read, "apps", [
			"job-name",
			"image",
			"context",
			"file",
			"job"
		]);
		requireApart(images, "images", [
			"image",
			"image-variables",
			"context",
			"file"
		]);
		const [image, ...further] = images;
		const units = read.map((own, i) => {
			const target = resolveTarget(own, context, environment);
			return {
				app: apps[i],
				inputs: own,
				images: image === void 0 ? [own] : [image, ...further],
				target
			};
		});
		if (effective.isForeign && config !== void 0 && !isGiven(env, "verify")) for (const unit of units) requireOwnHosts(unit, firstOf(fromFile(config, section, unit.app), "verify"));
		const names = new Map(units.flatMap((unit) => [...publicNames(unit.inputs, unit.target, context)]));
		mask(names);
		const { warnings, notices } = secretNotes(first.secrets, names);
		for (const { level, text, ignored } of effective.said) if (level === "warning") runtime.log.warning(text, ignored && locationOf(ignored.at));
		else runtime.log[level](text);
		for (const { text, location } of config?.warnings ?? []) runtime.log.warning(text, location);
		for (const text of [...unknownInputs(env), ...warnings]) runtime.log.warning(text);
		for (const text of notices) runtime.log.notice(text);
		const [unit, ...others] = units;
		if (unit === void 0) throw new Error("a run without inputs");
		return {
			config,
			context,
			units: [unit, ...others]
		};
	} catch (error) {
		values.push(...unreadSecrets(env));
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
	return {
		config: await parseConfig(text, name),
		file
	};
}
/** Returns a GitHub client without debug lines: it is used before the secrets are masked. */
function quietGitHub(env, context, runtime) {
	return openGitHub({ githubToken: githubToken(env) }, context, {
		...runtime,
		log: {
			...runtime.log,
			debug: () => void 0
		}
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
/** Returns the layers of the file, the first wins: the environment, the image, the app, the file as a whole. */
function fromFile(config, environment, app, image) {
	return {
		path: config.path,
		layers: [
			environment?.inputs,
			image?.inputs,
			app?.inputs,
			config.inputs
		].filter((layer) => layer !== void 0),
		environments: config.environments.map(({ name }) => name),
		environment: environment?.inputs,
		tokenEnv: environment?.tokenEnv?.text,
		app: app?.name,
		image: image?.name
	};
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
/** Waits for all inputs. Throws one error with the problems of all. */
async function together(all) {
	const settled = await Promise.allSettled(all);
	const errors = settled.flatMap((one) => one.status === "rejected" ? [toActionError(one.reason)] : []);
	const [first] = errors;
	if (first === void 0) return settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
	const messages = [...new Set(errors.map(({ message }) => message))];
	throw new ActionError(first.code, messages.join("\n"), first.location === void 0 ? {} : { location: first.location });
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
function describeRun({ command }, { repository, ref, sha, runUrl }) {
	return {
		command,
		repository,
		ref,
		sha,
		runUrl
	};
}
/** Logs the target of each app. Returns the part of the result that names the first target. */
function describeTargets(units, { log }) {
	for (const { target } of units) {
		const { url, sources, jobId, environment, notes } = target;
		const at = url === void 0 ? "" : `, ${url} (${sources.hostnames})`;
		log.info(`Environment ${environment.name} (${environment.source}), job ${jobId} (${sources.jobId})${at}`);
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
/** Logs a failure, and returns its part of the result. */
async function failure(thrown, runtime) {
	const error = runtime.signal.aborted && !(thrown instanceof ActionError) ? new ActionError("cancelled", "the workflow was cancelled") : toActionError(thrown);
	runtime.log.error(sentence(error), error.code, error.location);
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
// src/report/result.ts
const FAILING = [
	"failed",
	"superseded",
	"cancelled",
	"timed-out"
];
/** The field of the result behind each output. */
const OUTPUTS = {
	outcome: "outcome",
	"failure-reason": "failureReason",
	cause: "cause",
	"job-id": "jobId",
	"job-version": "jobVersion",
	"previous-version": "previousVersion",
	namespace: "namespace",
	region: "region",
	environment: "environment",
	"nomad-addr": "nomadAddr",
	"nomad-url": "nomadUrl",
	"dispatched-job-id": "dispatchedJobId",
	"evaluation-id": "evaluationId",
	"deployment-id": "deploymentId",
	url: "url",
	urls: "urls",
	image: "image",
	images: "images",
	changed: "changed",
	"plan-fingerprint": "planFingerprint",
	spec: "spec",
	result: "result"
};
Object.keys(OUTPUTS);
/** Returns the outputs of a part of the result; lists and maps are JSON. */
function outputsOf(part) {
	return Object.fromEntries(Object.entries(OUTPUTS).flatMap(([name, key]) => {
		const value = part[key];
		return value === void 0 ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
	}));
}
/** Returns whether the step passes. */
function isGood(outcome) {
	return outcome !== void 0 && !FAILING.includes(outcome);
}
const ICONS = {
	failed: "❌",
	"timed-out": "❌",
	superseded: "⚠️",
	cancelled: "⚠️",
	"awaiting-promotion": "⏸️",
	skipped: "⏭️",
	planned: "📋",
	rendered: "📋",
	reported: "📋"
};
/** Returns the icon of an outcome; undefined counts as a failure. */
function outcomeIcon(outcome) {
	return ICONS[outcome ?? "failed"] ?? "✅";
}
/** Returns the job's version before and after, such as `3 → 4`; undefined when there is none. */
function versionsOf({ outcome, jobVersion, previousVersion }) {
	if (jobVersion === void 0) return void 0;
	if (previousVersion !== void 0) return `${previousVersion} → ${jobVersion}`;
	return jobVersion === 0 && outcome !== "unchanged" ? "0 (the first)" : `${jobVersion}`;
}
// src/report/webhook.ts
/** Slack's limits for the text of a section, and of one of its fields. */
const MAX_TEXT = 3e3;
const MAX_FIELD = 2e3;
/** Receivers refuse larger bodies. */
const MAX_BYTES$1 = 262144;
/** The most jobs with a line of their own. */
const MAX_JOBS = 20;
/** Returns the body of a notification. Text from outside is escaped for Slack, so that it makes no mentions and no links. */
function webhookBody(result) {
	const { outcome = "failed", jobId, environment, cause, hint, url, jobs } = result;
	const what = jobs === void 0 ? jobId ?? "nomad-deploy" : `${jobs.length} jobs`;
	const where = environment === void 0 ? "" : ` in ${environment}`;
	const title = `*${outcomeIcon(outcome)} ${escaped(`${what}: ${outcome}${where}`)}*${url === void 0 ? "" : `\n${linked(url)}`}`;
	const why = [cause, hint].map((text) => quiet(plain(text ?? ""))).filter((text) => text !== "").join("\n");
	const facts = jobs === void 0 ? factsOf(result) : jobs.slice(0, MAX_JOBS).map(jobLine);
	return {
		text: escaped(clip(`${outcomeIcon(outcome)} ${headline(jobs === void 0 ? result : {
			...result,
			jobId: what
		})}`, MAX_TEXT)),
		blocks: [
			{
				type: "section",
				text: markdown(title, MAX_TEXT)
			},
			...why === "" ? [] : [{
				type: "section",
				text: {
					type: "plain_text",
					text: clip(why, MAX_TEXT),
					emoji: false
				}
			}],
			...inTens(facts).map((fields) => ({
				type: "section",
				fields
			})),
			...origin(result)
		],
		result: shortened(result)
	};
}
function factsOf(result) {
	const { image, changed, running, nomadUrl, timings } = result;
	const totalMs = Object.values(timings ?? {}).reduce((sum, ms) => sum + ms, 0);
	return [
		["Version", versionsOf(result)],
		["Running now", running && escaped(running)],
		["Image", image && escaped(image)],
		["Change", changed],
		["Nomad", nomadUrl && linked(nomadUrl, "open the job")],
		["Time", totalMs === 0 ? void 0 : formatDuration(totalMs)]
	].flatMap(([name, value]) => value ? [markdown(`*${name}*\n${value}`, MAX_FIELD)] : []);
}
function jobLine(job) {
	const name = job.jobId ?? "";
	const words = [job.outcome ?? "failed", versionsOf(job)].filter((text) => text !== void 0).join(", ");
	const shown = job.nomadUrl === void 0 ? escaped(name) : linked(job.nomadUrl, name);
	return markdown(`${outcomeIcon(job.outcome)} ${shown}: ${words}`, MAX_FIELD);
}
/** Groups fields by ten, the limit of a section. */
function inTens(fields) {
	return Array.from({ length: Math.ceil(fields.length / 10) }, (_, i) => fields.slice(10 * i, 10 * i + 10));
}
function origin({ repository, ref, sha, runUrl }) {
	const commit = sha ? ` ${entities(sha.slice(0, 8))}` : "";
	const parts = [...repository === void 0 ? [] : [`${escaped(`${repository} ${ref ?? ""}`)}${commit}`], ...runUrl === void 0 ? [] : [linked(runUrl, "workflow run")]];
	return parts.length === 0 ? [] : [{
		type: "context",
		elements: parts.map((text) => markdown(text, MAX_TEXT))
	}];
}
/** Returns a text with `verbatim`, so that Slack makes no links of addresses and names of channels. */
function markdown(text, max) {
	return {
		type: "mrkdwn",
		text: clip(text, max),
		verbatim: true
	};
}
/**
* Escapes text from outside for Slack and for programs that accept its messages. Slack has links and mentions in angle brackets, such as `<!channel>`; others
* look for `@channel` and Markdown links.
*/
function escaped(text) {
	return entities(quiet(plain(text)).replaceAll("](", "]​("));
}
function entities(text) {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
/** Returns a link; the label defaults to the address. */
function linked(url, label) {
	if (!/^https?:\/\//i.test(url)) return escaped(label ?? url);
	const address = url.toWellFormed().replace(/[\s<>|\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, encodeURIComponent).replaceAll("&", "&amp;");
	return `<${address}|${label === void 0 ? address : escaped(label).replaceAll("|", "¦")}>`;
}
/** Returns the result within the limit, with as few parts left out as possible. */
function shortened(result) {
	const each = (change) => (one) => {
		const own = change(one);
		return own.jobs === void 0 ? own : {
			...own,
			jobs: own.jobs.map(change)
		};
	};
	const steps = [
		each((one) => one),
		each(({ settings: _settings, ...one }) => one),
		each(({ settings: _settings, evidence, ...one }) => ({
			...one,
			...evidence === void 0 ? {} : { evidence: evidence.map((found) => ({
				...found,
				logs: []
			})) }
		})),
		each(({ settings: _settings, evidence: _evidence, planDiff: _diff, planLines: _lines, allocations: _allocations, stages: _stages, output: _output, warnings: _warnings, ...one }) => one)
	];
	for (const step of steps) {
		const short = step(result);
		if (Buffer.byteLength(JSON.stringify(short)) <= MAX_BYTES$1) return short;
	}
	const { jobs: _jobs, ...rest } = steps.at(-1)?.(result) ?? {};
	return rest;
}
// src/report/notify.ts
const WEBHOOK_TIMEOUT_MS = 5e3;
/** At most five attempts, so that a chat does not delay the run. */
const POLICY = {
	forMs: 6e3,
	firstDelayMs: 1e3,
	maxDelayMs: 4e3
};
/** The time limit in a cancelled step, which the runner kills after 7.5 s. */
const CANCELLED_NOTIFY_MS = 2500;
/**
* Posts a result to the web hook. Skips a run that was skipped, and a good result with `webhook-on: failure`. A failed post is a warning and fails nothing.
*/
async function notify(webhook, result, runtime) {
	if (webhook === void 0 || result.outcome === void 0 || result.outcome === "skipped") return;
	if (webhook.on === "failure" && isGood(result.outcome)) return;
	const cancelled = runtime.signal.aborted;
	const signal = runtime.clock.timeout(cancelled ? CANCELLED_NOTIFY_MS : WEBHOOK_TIMEOUT_MS + POLICY.forMs);
	try {
		await retry(cancelled ? {
			...POLICY,
			forMs: 0
		} : POLICY, runtime.clock, signal, async () => post(webhook, result, runtime, signal), () => void 0);
		runtime.log.info("The result was posted to the web hook");
	} catch (error) {
		runtime.log.warning(`\`webhook-url\`: the result could not be posted: ${signal.aborted ? "no answer in time" : messageOf(error)}`);
	}
}
async function post({ url }, result, { request, redact }, signal) {
	let status;
	let words;
	let retryAfter;
	try {
		const answer = await request(url.reveal(), {
			method: "POST",
			headers: { "content-type": secret("application/json") },
			body: JSON.stringify(webhookBody(result)),
			timeoutMs: WEBHOOK_TIMEOUT_MS,
			insecure: false,
			maxBytes: 1e3,
			signal
		});
		({status} = answer);
		words = clip(oneLine(redact(answer.body)), 200);
		retryAfter = answer.headers["retry-after"];
	} catch (error) {
		return {
			done: false,
			error: new Error(messageOf(error))
		};
	}
	if (status >= 200 && status < 300) return {
		done: true,
		value: void 0
	};
	const error = /* @__PURE__ */ new Error(`the web hook answered ${status}${words === "" ? "" : `: ${words}`}`);
	if (status !== 429 && status < 500) throw error;
	const seconds = Number(retryAfter);
	return {
		done: false,
		error,
		...retryAfter !== void 0 && seconds >= 0 ? { retryAfterMs: seconds * 1e3 } : {}
	};
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
// src/report/summary/further.ts
/** Returns commands of Nomad's CLI about this job: to inspect it, to promote it, or to roll it back. */
function furtherCommands(result) {
	const { outcome, jobId, dispatchedJobId, namespace, region, nomadAddr, deploymentId, jobVersion, previousVersion, failureReason } = result;
	if (jobId === void 0 || outcome === "skipped" || outcome === "built") return [];
	const flags = [...namespace === void 0 || namespace === "default" ? [] : ["-namespace", namespace], ...region === void 0 ? [] : ["-region", region]];
	const command = (what, ...words) => [
		"nomad",
		what,
		...[...flags, ...words].map(quoted)
	].join(" ");
	const rolledBack = failureReason?.endsWith("-rolled-back") === true;
	return [
		...nomadAddr === void 0 ? [] : [`export NOMAD_ADDR=${quoted(nomadAddr)}`],
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
/** Returns a word quoted for a shell. */
function quoted(word) {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
// src/report/summary/image.ts
/** Returns the rows about the image: its name, the same image that is not deployed, the run that built it, and its earlier deploy. */
function imageRows({ image, unusedImages = {}, builtBy, promotedFrom, runUrl }) {
	return [
		["Image", image ? code(image) : void 0],
		...Object.entries(unusedImages).map(([name, unused]) => ["Same image", `The running image of ${text(name)} stays. ${code(unused)} has the same layers and settings.`]),
		["Built by", builtBy && describeBuild(builtBy, runUrl)],
		["Promoted from", promotedFrom && describePromotion(promotedFrom, runUrl)]
	];
}
function describeBuild({ run, revision }, runUrl) {
	const who = run === void 0 ? "another run" : toRun(text(`run ${run.slice(run.lastIndexOf("/") + 1)}`), run, runUrl);
	return revision === void 0 ? who : `${who}, of commit ${code(revision.slice(0, 7))}`;
}
function describePromotion({ environment, jobId, jobVersion, run, healthy }, runUrl) {
	const job = text(`${jobId} version ${jobVersion}`);
	return `${text(environment)}: ${run === void 0 ? job : toRun(job, run, runUrl)}${healthy ? ", healthy there" : ""}`;
}
/** Returns a link to a workflow run on the server of this run, or else the label: anyone can write labels of images and meta of jobs. */
function toRun(label, run, runUrl) {
	const server = runUrl !== void 0 && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
	return server !== void 0 && run.startsWith(`${server}/`) && /^\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+(?:\/attempts\/\d+)?$/.test(run.slice(server.length)) ? link(label, run) : label;
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
	const { nomadAddr, repository, sha, runUrl } = result;
	const common = {
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
	const folds = limits.folds === "none" ? [] : jobs.filter(({ outcome }) => limits.folds === "all" || !isGood(outcome));
	return [
		...renderHead({
			...run,
			jobId: `${jobs.length} jobs`
		}, limits),
		...note,
		...table(["", ""], facts([...imageRows(result), ["Time", timings(result.timings)]])),
		...table([
			"Job",
			"Outcome",
			"Version",
			"Change",
			"Time"
		], jobs.map((job) => [
			job.nomadUrl === void 0 ? text(job.jobId ?? "") : link(text(job.jobId ?? ""), job.nomadUrl),
			`${outcomeIcon(job.outcome)} ${job.outcome ?? "failed"}`,
			versionsOf(job) ?? "",
			job.changed ?? "",
			totalOf(job.timings)
		])),
		...folds.flatMap((job) => [
			`<details${isGood(job.outcome) ? "" : " open"}><summary>${html(job.jobId ?? "")}: ${job.outcome ?? "failed"}</summary>`,
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
			["Change", result.changed],
			...imageRows(result),
			["Fingerprint", result.outcome === "planned" && result.planFingerprint ? code(result.planFingerprint) : void 0],
			["Run", result.dispatchedJobId && code(result.dispatchedJobId)],
			["Nomad", pages],
			["Namespace", place],
			["Deployment", deploymentId && code(deploymentId)],
			["Time", timings(result.timings)]
		])),
		...good ? [] : why,
		...changesSection(result, limits),
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
	], shown.map(({ id, name, node, status, healthy: well, canary, restarts, createdAt, startedAt }) => {
		const url = allocationPage(result.nomadAddr, id, result.region);
		const short = code(id.slice(0, 8));
		return [
			`${url === void 0 ? short : link(short, url)} ${text(name)}${canary ? " (canary)" : ""}`,
			text(node),
			text(status),
			well === null ? "" : well ? "yes" : "**no**",
			restarts === 0 ? "" : `${restarts}`,
			between(createdAt, startedAt)
		];
	})), ...more > 0 ? [`and ${more} more`, ""] : []], result.outcome !== "planned");
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
		await Promise.all([notify(listeners.webhook, ended, runtime), inOrder()]);
		if (listeners.summary) await runtime.writeSummary(renderSummary(result));
		if (result.outcome !== void 0 && result.outcome !== "skipped") note({ result: await runtime.publish("result.json", result) });
		runtime.log.info(headline(result));
		return isGood(result.outcome);
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
	const record = openRecord(readWebhook(env), runtime);
	try {
		const begun = await begin(env, event, runtime).catch((thrown) => {
			const distrusted = distrustUnread(readContext(env, event), env["INPUT_ALLOW-UNTRUSTED-EVENTS"] ?? "");
			if (distrusted === void 0) throw thrown;
			return distrusted;
		});
		if ("cause" in begun) record.note(skip(begun, runtime));
		else {
			record.tell(begun.units[0].inputs);
			record.note(describeRun(begun.units[0].inputs, begun.context));
			record.note(await perform(begun, record));
		}
	} catch (thrown) {
		record.note(await failure(thrown, runtime));
	}
	return record.close();
}
/** Performs the command once the inputs are known. Throws an `ActionError` for a failure that ends the run. */
async function perform(begun, record) {
	const [{ inputs, target }] = begun.units;
	const { runtime } = record;
	const steps = await import("./steps2.js");
	const operates = steps.isOperation(inputs.command);
	record.note(steps.describeTargets(begun.units, runtime));
	if (inputs.noDeploy && !operates) return steps.skipUnwanted(runtime);
	const distrusted = refusal(begun.context, inputs, target);
	if (distrusted !== void 0) return skip(distrusted, runtime);
	const units = operates ? begun.units : await steps.changedUnits(begun, runtime);
	if (units === void 0) return {
		outcome: "skipped",
		cause: "no file of any app changed"
	};
	const address = inputs.command === "build" ? "" : steps.requireAddress(steps.commonTarget(units), inputs, runtime);
	const works = await steps.prepareWork(units, begun.context, runtime);
	if (inputs.command === "build") return steps.buildOnly(works, record);
	const cluster = await steps.connectTo(begun, works, address, record);
	try {
		if (operates) return await steps.operateEach(works, cluster, record);
		const { drafts, checked } = await steps.draftAll(works, cluster, record);
		if (checked.some(({ error }) => error !== void 0)) return await steps.refuseSpecs(checked, runtime);
		const jobs = await steps.judge(works, drafts, cluster, record);
		const images = inputs.command === "deploy" ? await steps.buildApproved(jobs, cluster, record) : void 0;
		return await steps.commandEach(jobs, images, cluster, record);
	} finally {
		await cluster.regions.close();
	}
}
export { autolink as $, readAttributes as A, registryOf as At, openGitHub as B, lex as Bt, isFilePath as C, isDigest as Ct, takesTag as D, localId as Dt, untrustedEvents as E, isTagAlone as Et, policyOf as F, hclLiteral as Ft, retry as G, FOLDERS as Gt, isoTime as H, skipBlank as Ht, MERGED_PLAN as I, parseHclLiteral as It, parseYaml as J, matchesSteps as Jt, onDefaultBranch as K, anything as Kt, parseBoolean as L, parseJsonValue as Lt, confine as M, trustedBy as Mt, readInside as N, exactNumber as Nt, cacheType as O, parseReference as Ot, readSourceFile as P, excerpt as Pt, nearest as Q, splitWords as Qt, fingerprintText as R, parseLiteral as Rt, readSecretName as S, isContentTag as St, CI_VARIABLES as T, isFrom as Tt, parseTime as U, isPattern as Ut, tell as V, linesOf as Vt, randomHex as W, matcherOf as Wt, hostBeside as X, formatDuration as Xt, fitLabel as Y, notSlash as Yt, slug as Z, parseDuration as Zt, resolveEnvironment as _, completeReference as _t, isGood as a, text as at, readInputs as b, digitsOf as bt, failure as c, flattenErrors as ct, describeTargets as d, withoutCredentials as dt, code as et, jobText as f, withoutFolders as ft, hasOwnJob as g, completeName as gt, isUntrusted as h, valueAt as ht, notify as i, table as it, withoutQuery as j, repositoryOf as jt, deployedSuffix as k, referencesIn as kt, skipUnwanted as l, oneLine as lt, isJobPage as m, textsIn as mt, timed as n, link as nt, LOGS_UNREAD as o, textBefore as ot, secretsInJob as p, textAt as pt, readContext as q, literally as qt, withStage as r, plain as rt, evidenceLines as s, clip as st, run as t, fenced as tt, describeJob as u, readable as ut, resolveTarget as v, contentTag as vt, pemPaths as w, isDigestTag as wt, readWebhook as x, hostOfRegistry as xt, takenHost as y, digestTag as yt, parseFingerprint as z, readLiteral as zt };
