import { r as __toESM } from "./rolldown-runtime.js";
import { C as sentence, S as reasons, _ as connectionProblem, b as messageOf$1, c as parseTime, d as secret, g as connectionCode, h as ActionError, l as randomHex, s as isoTime, v as errorOfRun, w as toActionError, x as naming, y as failureOf$1 } from "./runtime.js";
import { $ as policyOf, $t as referencesIn, A as readWaves, At as table, B as hooksOf, Bt as completeName, C as resolveTarget, Cn as literally, Ct as nearest, D as isGiven, Dn as formatDuration, Dt as link, E as githubToken, En as withoutEscapes, Et as fenced, F as requireTerminal, Ft as isCutJson, Gt as hostOfRegistry, H as deployedSuffix, Ht as contentTag, I as CI_VARIABLES, It as mapTexts, J as USUAL, Jt as isDigestTag, K as readInside, Kt as isContentTag, L as takesTag, Lt as textAt, M as camelCase, Mt as textBefore, N as isFilePath, Nt as depthOf, O as readInputs, On as parseDuration, Ot as plain, P as pemPaths, Pt as endOfText, Q as readValue, Qt as parseReference, R as withoutQuery, Rt as textsIn, S as resolveEnvironment, Sn as anything, St as slug, T as configInputs, Tn as notSlash, Tt as code, U as readAttributes, Ut as digestTag, V as cacheType, Vt as completeReference, W as confine, Wt as digitsOf, X as itemsIn, Xt as isTagAlone, Y as comparing, Yt as isFrom, Z as placeIn, Zt as localId, _n as lex, _t as readTree, a as versionsOf, an as linesOf$1, at as parseFingerprint, b as isUntrusted, bn as matcherOf, bt as fitLabel, c as LOGS_UNREAD, cn as withoutCredentials, ct as isInput, d as failure, dn as excerpt, en as registryOf, et as sectionProblems, fn as hclLiteral, ft as onDefaultBranch, gn as readLiteral, gt as placeText, h as jobText, hn as parseLiteral, ht as locationOf, i as withStage, in as flattenErrors, it as fingerprintText, j as readSecretName, jt as text, k as readWebhook, kn as splitWords, kt as quiet, l as evidenceLines, ln as withoutFolders, mn as parseJsonValue, mt as runPage, nn as trustedBy, nt as parseBoolean, o as isGood, on as oneLine, ot as INPUTS, p as describeJob, pn as parseHclLiteral, pt as readContext, q as readSourceFile, qt as isDigest, r as timed, rn as clip, rt as readMap, s as outcomeIcon, sn as readable, st as inputNames, tn as repositoryOf, tt as MERGED_PLAN, u as headline, un as exactNumber, ut as untrustedEvents, v as isJobPage, vn as skipBlank, vt as sourceText, w as takenHost, wn as matchesSteps, wt as autolink, x as hasOwnJob, xn as FOLDERS$1, xt as hostBeside, y as distrustUnread, yn as isPattern, yt as parseYaml, z as hookText, zt as valueAt } from "./start.js";
import { t as diffArrays } from "./diff.js";
import { t as retry } from "./retry.js";
import { t as TEMPLATES } from "./templates.js";
import { glob, mkdir, open as open$1, readFile, readdir, realpath, stat, writeFile } from "node:fs/promises";
import { X509Certificate, createHash, createPrivateKey } from "node:crypto";
import { constants as constants$1, existsSync, lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { basename, dirname, isAbsolute, join, posix, relative, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
// src/text/arguments.ts
/**
* Makes the arguments of docker or buildx. A value is one word with the name of its option, and what is no option stands behind `--`: so nothing that a
* user wrote is read as an option.
*/
function argumentsOf(command, options, operands = []) {
	const words = options.map((option) => typeof option === "string" ? option : `${option[0]}=${option[1]}`);
	return [
		...command,
		...words,
		...operands.length === 0 ? [] : ["--", ...operands]
	];
}
/** The same option with each of some values. */
function each(name, values) {
	return values.map((value) => [name, value]);
}
// src/text/columns.ts
/** Returns rows as lines with aligned columns. A column whose cells are all blank is left out. The first row has the names of the columns. */
function columns(head, rows) {
	const kept = head.map((_name, i) => rows.some((row) => (row[i] ?? "") !== ""));
	const all = [head, ...rows].map((row) => row.filter((_cell, i) => kept[i]).map((cell) => cell.replaceAll(/[\s\p{Cc}]+/gu, " ")));
	const widths = (all[0] ?? []).map((_name, i) => all.reduce((most, row) => Math.max(most, (row[i] ?? "").length), 0));
	return all.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd());
}
// src/text/hcl.ts
/**
* The variables that an HCL file declares, found without a full parser: strings, heredocs and comments are stepped over, so a `variable`
* inside of them does not count. Their types follow Nomad: the `type`, else the type of the default.
*/
function declaredVariables(source) {
	if (/^\s*\{/.test(source)) return variablesOfJson(source);
	const found = [];
	const tokens = lex(source).tokens;
	const place = linesOf$1(source);
	let depth = 0;
	for (const [i, token] of tokens.entries()) {
		depth += nesting(token.text);
		const label = tokens[i + 1];
		if (depth === 0 && token.text === "variables" && label?.text === "{") for (const { name, value, at } of attributesOf$1(blockBody(tokens, i + 2))) found.push({
			name,
			...typed(void 0, value, source),
			...place(at)
		});
		if (depth !== 0 || token.text !== "variable" || label === void 0 || tokens[i + 2]?.text !== "{") continue;
		found.push({
			name: label.text.replace(/^"|"$/g, ""),
			...describe$1(blockBody(tokens, i + 3), source),
			...place(token.at)
		});
	}
	return found;
}
/** The variables of HCL that is written as JSON, in which a block is an object, or a list of some. */
function variablesOfJson(source) {
	const bodies = (value) => Array.isArray(value) ? value.flatMap(bodies) : typeof value === "object" && value !== null ? [{ ...value }] : [];
	const place = linesOf$1(source);
	const declare = (name, type, value) => {
		const initial = value === void 0 ? void 0 : JSON.stringify(value);
		const own = typeof type === "string" ? type : typeof value === "object" ? "object" : typeof value;
		return {
			name,
			type: own === "number" ? own : /^bool(ean)?$/.test(own) ? "bool" : /^(string|undefined)$/.test(own) ? "string" : "expression",
			hasDefault: initial !== void 0,
			initial,
			...place(Math.max(0, source.indexOf(JSON.stringify(name))))
		};
	};
	try {
		return bodies(JSON.parse(source)).flatMap(({ variable, variables }) => [...bodies(variable).flatMap(Object.entries).map(([name, body]) => {
			const { type, default: value } = Object.fromEntries(bodies(body).flatMap(Object.entries));
			return declare(name, type, value);
		}), ...bodies(variables).flatMap(Object.entries).map(([name, value]) => declare(name, void 0, value))]);
	} catch {
		return [];
	}
}
function describe$1(body, source) {
	const begins = (i) => body[i]?.depth === 0 && (body[i + 1]?.text === "=" || body[i + 1]?.text === "{");
	/** The tokens of an attribute's value: up to the next attribute or block. */
	const attribute = (name) => {
		const at = body.findIndex((token, i) => token.text === name && begins(i));
		const next = body.findIndex((_, i) => i > at + 2 && begins(i));
		return at < 0 ? [] : body.slice(at + 2, next < 0 ? void 0 : next);
	};
	return typed(attribute("type")[0]?.text, attribute("default"), source);
}
/** The attributes of a body that has no blocks. HCL wants each on a line of its own. */
function attributesOf$1(body) {
	const begins = body.flatMap(({ depth, kind, newLine }, i) => depth === 0 && kind === "name" && body[i + 1]?.text === "=" && (i === 0 || newLine) ? [i] : []);
	return begins.map((begin, i) => ({
		name: body[begin]?.text ?? "",
		value: body.slice(begin + 2, begins[i + 1]),
		at: body[begin]?.at ?? 0
	}));
}
/** The type and the default of a variable, each as it is written. */
function typed(type, value, source) {
	const [first, last] = [value[0], value.at(-1)];
	const written = first?.text;
	const initial = first === void 0 || last === void 0 ? void 0 : source.slice(first.at, last.at + last.text.length);
	const rest = {
		hasDefault: initial !== void 0,
		initial
	};
	if (type === "number" || type === void 0 && /^[-\d]/.test(written ?? "")) return {
		type: "number",
		...rest
	};
	if (type === "bool" || type === void 0 && /^(true|false)$/.test(written ?? "")) return {
		type: "bool",
		...rest
	};
	return {
		type: (type === void 0 ? written === void 0 || written.startsWith("\"") || written.startsWith("<<") : /^"?string"?$/.test(type)) ? "string" : "expression",
		...rest
	};
}
/** The text of the blocks of some types at the top level of a file, such as its `variable` and `locals` blocks. */
function topLevelBlocks(source, types) {
	const blocks = [];
	const tokens = lex(source).tokens;
	let depth = 0;
	let begin;
	for (const { text, at } of tokens) {
		if (depth === 0 && begin === void 0 && types.includes(text)) begin = at;
		depth += nesting(text);
		if (text !== "}" || depth !== 0) continue;
		if (begin !== void 0) blocks.push(source.slice(begin, at + 1));
		begin = void 0;
	}
	return blocks;
}
/**
* The blocks and attributes of a file, as one block without a type. Expressions are not read: an attribute's text goes on to the end of the line on
* which its value ends. Never throws: what is not HCL gives what can be told.
*/
function readBlocks(source) {
	const tokens = lex(source).tokens;
	const [body] = readBody(source, tokens, 0);
	return {
		type: "",
		labels: [],
		at: 0,
		text: source,
		...body
	};
}
/** Nobody writes blocks as deep: what is deeper is not read. */
const MAX_BLOCKS = 200;
/** Returns the content between braces, from a token on, and the token after it: the closing brace, or the end. */
function readBody(source, tokens, from, depth = 0) {
	if (depth === MAX_BLOCKS) return [{
		attributes: [],
		blocks: []
	}, tokens.length];
	const attributes = [];
	const blocks = [];
	let i = from;
	for (let token = tokens[i]; token !== void 0 && token.text !== "}"; token = tokens[i]) {
		let next = i + 1;
		while (isLabel(tokens[next]) && tokens[next]?.newLine === false) next++;
		if (tokens[next]?.text === "{") {
			const [body, end] = readBody(source, tokens, next + 1, depth + 1);
			const labels = tokens.slice(i + 1, next).map(({ text }) => text.replace(/^"|"$/g, ""));
			const endAt = tokens[end]?.at ?? source.length;
			blocks.push({
				type: token.text,
				labels,
				at: token.at,
				text: source.slice(token.at, endAt + 1),
				...body
			});
			i = end + 1;
		} else if (tokens[i + 1]?.text === "=") {
			const end = endOfValue(tokens, i + 2);
			const endAt = tokens[end]?.at ?? source.length;
			attributes.push({
				name: token.text.replace(/^"|"$/g, ""),
				at: token.at,
				text: source.slice(token.at, endAt).trimEnd()
			});
			i = end;
		} else i = Math.max(i + 1, next - 1);
	}
	return [{
		attributes,
		blocks
	}, i];
}
function isLabel(token) {
	return token !== void 0 && (token.kind === "name" || token.kind === "number" || token.text.startsWith("\""));
}
/** The token after an expression: the first on a new line outside of all brackets, or a closing brace. */
function endOfValue(tokens, from) {
	let depth = 0;
	for (let i = from;; i++) {
		const text = tokens[i]?.text;
		if (text === void 0 || depth === 0 && (text === "}" || i > from && tokens[i]?.newLine === true)) return i;
		depth += nesting(text);
	}
}
/** Returns how a token changes the number of open brackets: 1, -1 or 0. */
function nesting(text) {
	return text === "{" || text === "[" || text === "(" ? 1 : text === "}" || text === "]" || text === ")" ? -1 : 0;
}
function blockBody(tokens, from) {
	const body = [];
	let depth = 0;
	for (let i = from; i < tokens.length; i++) {
		const token = tokens[i];
		if (token === void 0 || token.text === "}" && depth === 0) break;
		const change = nesting(token.text);
		depth += Math.min(change, 0);
		body.push({
			...token,
			depth
		});
		depth += Math.max(change, 0);
	}
	return body;
}
/** The text with blanks in place of its comments. */
function withoutComments(source) {
	let end = 0;
	return lex(source).tokens.map(({ text, at }) => {
		const gap = source.slice(end, at).replace(/[^\n]/g, " ");
		end = at + text.length;
		return gap + text;
	}).join("");
}
/**
* Reads a variable file: `name = <value>` lines, see https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables. Gives `problem` and its
* place instead when something in it is neither a literal nor an expression of literals: Nomad knows no variables and functions there.
*/
function parseAssignments(source) {
	const assignments = [];
	const placeOf = linesOf$1(source);
	const { tokens } = lex(source);
	let written;
	for (let i = 0; i < tokens.length;) {
		const { kind, text: name, at } = tokens[i] ?? {
			kind: "mark",
			text: "",
			at: 0
		};
		const place = placeOf(at);
		try {
			if (kind !== "name" || tokens[i + 1]?.text !== "=") throw new Error(`expected \`name = value\` at ${excerpt(source, at)}`);
			const [value, end] = readLiteral(source, tokens, i + 2);
			const next = tokens[end];
			if (next?.newLine === false) throw new Error(`unexpected ${excerpt(source, next.at)} after the value; a variable file holds literals`);
			assignments.push({
				name,
				value,
				...place
			});
			i = end;
		} catch (error) {
			written ??= new Map(readBlocks(source).attributes.map((attribute) => [attribute.at, attribute.text]));
			const text = kind === "name" ? written.get(at) ?? "" : "";
			const expression = text.slice(text.indexOf("=") + 1);
			if (text === "" || !isExpressionOfLiterals(expression)) return {
				problem: error instanceof Error ? error.message : String(error),
				...place
			};
			assignments.push({
				name,
				value: null,
				expression: expression.trim(),
				...place
			});
			while ((tokens[i]?.at ?? source.length) < at + text.length) i++;
		}
	}
	return { assignments };
}
/** The keywords of HCL in expressions. */
const OWN_WORDS = [
	"true",
	"false",
	"null",
	"if",
	"else",
	"endif"
];
/** Returns whether a text can be an expression that names no variable and no function. A `for` has names of its own, which Nomad judges. */
function isExpressionOfLiterals(text) {
	const { tokens, oddAt } = lex(`${text}\n`);
	const braces = tokens.reduce((open, one) => open + (one.text === "{" ? 1 : one.text === "}" ? -1 : 0), 0);
	const words = namesIn(tokens);
	return tokens.length > 0 && oddAt === void 0 && braces === 0 && (words.includes("for") || words.every((word) => OWN_WORDS.includes(word)));
}
/** Returns the names of an expression and of the templates in its texts, without those of the keys of its objects. Without recursion: the text is from outside. */
function namesIn(tokens) {
	const names = [];
	const codes = [tokens];
	for (const code of codes) {
		let braces = 0;
		for (const [i, { kind, text, parts = [] }] of code.entries()) {
			if (text === "{") braces++;
			if (text === "}") braces--;
			for (const part of parts) if (typeof part !== "string") codes.push(part.tokens);
			const isKey = braces > 0 && /^[=:]$/.test(code[i + 1]?.text ?? "");
			if (kind === "name" && !isKey && code[i - 1]?.text !== ".") names.push(text);
		}
	}
	return names;
}
// src/text/line-diff.ts
/** Beyond this many changed lines the middle of a text counts as changed as a whole: nobody compares that by eye. */
const MAX_CHANGES = 1e3;
/** Two texts as one list of lines, those that are gone before those that came in their place: a longest common subsequence. */
function lineDiff(old, next) {
	const [before, after] = [splitLines(old), splitLines(next)];
	const parts = diffArrays(before, after, { maxEditLength: MAX_CHANGES });
	if (parts === void 0) return asWhole(before, after);
	const groups = [];
	let came = [];
	for (const { value, added, removed } of parts) if (added) came.push(signed("+", value));
	else if (removed) groups.push(signed("-", value));
	else {
		groups.push(...came, signed(" ", value));
		came = [];
	}
	return [...groups, ...came].flat();
}
function signed(sign, lines) {
	return lines.map((text) => ({
		sign,
		text
	}));
}
/** Returns two texts with all lines between their common beginning and their common end changed. */
function asWhole(a, b) {
	const most = Math.min(a.length, b.length);
	let head = 0;
	while (head < most && a[head] === b[head]) head++;
	let tail = 0;
	while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
	return [
		...signed(" ", a.slice(0, head)),
		...signed("-", a.slice(head, a.length - tail)),
		...signed("+", b.slice(head, b.length - tail)),
		...signed(" ", a.slice(a.length - tail))
	];
}
/** The changed lines with some unchanged ones around them; each run that is left out is undefined. */
function withContext(lines, context) {
	const shown = lines.map((_, at) => lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== " "));
	return shown.includes(true) ? lines.flatMap((line, at) => shown[at] ? [line] : at === 0 || shown[at - 1] ? [void 0] : []) : [];
}
/** The end of the last line is no line of its own. */
function splitLines(text) {
	const lines = text.split(/\r?\n/);
	return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
// src/text/line-splitter.ts
const LF = 10;
/** Opens a splitter. A line of more than `maxBytes` bytes is replaced by a note, since a cut secret could not be found. */
function lineSplitter(maxBytes) {
	let parts = [];
	let size = 0;
	let skips = false;
	const take = (bytes) => {
		size += bytes.length;
		if (size > maxBytes) parts = [];
		else if (bytes.length > 0) parts.push(bytes);
	};
	const finish = () => {
		const line = size > maxBytes ? `(a line of more than ${maxBytes} bytes)` : Buffer.concat(parts).toString("utf8").replace(/\r$/, "");
		[parts, size] = [[], 0];
		return line;
	};
	return {
		push: (bytes) => {
			const lines = [];
			let from = 0;
			for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, from)) {
				take(bytes.subarray(from, at));
				const line = finish();
				if (!skips) lines.push(line);
				skips = false;
				from = at + 1;
			}
			take(bytes.slice(from));
			return lines;
		},
		end: () => {
			const line = size === 0 || skips ? void 0 : finish();
			[parts, size, skips] = [
				[],
				0,
				false
			];
			return line;
		},
		skip: () => {
			[parts, size, skips] = [
				[],
				0,
				true
			];
		},
		isSkipping: () => skips
	};
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
// src/github/client.ts
/** The API version of the types in this folder. */
const API_VERSION = "2022-11-28";
const GITHUB_TIMEOUT_MS = 8e3;
/** Reports are given up after seconds, so that they do not delay a deploy. */
const RETRY$1 = {
	forMs: 1e4,
	firstDelayMs: 500,
	maxDelayMs: 3e3
};
const ONCE = {
	...RETRY$1,
	forMs: 0
};
/** The time limit in a cancelled run, which the runner kills soon. */
const LAST_WORDS_MS = 2e3;
/** The limit of attempts at a creation whose answer gets lost. */
const CREATIONS = 3;
/** GitHub's documented wait for a rate limit without a time. */
const NO_WORD_MS = 6e4;
const MAX_BYTES$4 = 16e6;
const MAX_PAGES$1 = 20;
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
			const answer = await retry(down || running.aborted ? ONCE : RETRY$1, clock, signal, async () => once$1(call, sending, signal), (error, delayMs) => log.debug(`${error.message}; retrying in ${Math.round(delayMs)} ms`));
			down = false;
			return answer;
		} catch (error) {
			if (error instanceof ActionError && error.code === "unreachable") down = true;
			throw error;
		}
	};
}
/** Sends a call once. Throws a refusal, and `unknown-outcome` for a write without an answer. */
async function once$1(call, { base, token, log, clock, request }, signal) {
	const { method, url, headers, body: sent } = call;
	if (URL.parse(url)?.origin !== URL.parse(base)?.origin) throw new ActionError("github-refused", `${base} names ${url.slice(0, 200)} as the next page of a list`, { hint: ADDRESS });
	const path = pathOf$1(url, base);
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
			maxBytes: MAX_BYTES$4,
			signal
		});
	} catch (error) {
		signal.throwIfAborted();
		return failed(call, path, new ActionError("unreachable", `cannot reach GitHub at ${base}: ${messageOf$1(error)}`, { cause: error }));
	}
	const { status, body, elapsedMs } = answer;
	log.debug(`GitHub: ${method} ${path} -> ${status} in ${elapsedMs} ms`);
	if (status >= 200 && status < 300) {
		if (status === 200 && method === "GET" && body === "") return failed(call, path, tooShort(base));
		const value = parsed$3(answer, base);
		if (value instanceof ActionError) return failed(call, path, value);
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
	const what = `GitHub answered ${status} to ${method} ${path}: ${wordsOf$2(body)}`;
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
	const base = apiUrl.replace(/(?<!\/)\/+$/, "");
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
				await world.clock.sleep(RETRY$1.firstDelayMs * tries, world.signal);
			}
		}
	};
}
/** Loads GitHub's client. Throws `unreachable` for a malformed proxy in the environment, which the client parses although it is not used. */
async function loaded(base) {
	try {
		return await import("./actions-github.js");
	} catch (error) {
		throw new ActionError("unreachable", `cannot reach GitHub at ${base}: ${messageOf$1(error)}`, { cause: error });
	}
}
/** Returns the items of the first 20 pages of a list. */
async function items(pages) {
	const all = [];
	let read = 0;
	for await (const { data } of pages) {
		all.push(...data);
		if (++read === MAX_PAGES$1) break;
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
function pathOf$1(url, base) {
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
	if (!(status === 429 || status === 403 && (usedUp || !Number.isNaN(afterS) || /rate limit|abuse detection/i.test(wordsOf$2(body))))) return void 0;
	const resetMs = Number(headers["x-ratelimit-reset"] ?? NaN) * 1e3 - nowMs;
	const toldMs = Number.isNaN(afterS) ? usedUp && !Number.isNaN(resetMs) ? resetMs : NO_WORD_MS : afterS * 1e3;
	const retryAfterMs = Math.max(toldMs, RETRY$1.firstDelayMs);
	return {
		error: new ActionError("unreachable", `GitHub limits the requests of this token (${status}): ${wordsOf$2(body)}`, { hint: `Wait ${Math.ceil(retryAfterMs / 1e3)} s before the next request.` }),
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
function wordsOf$2(body) {
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
const tooShort = (base, cause) => new ActionError("unreachable", `cannot reach GitHub at ${base}: the answer ended too soon`, { cause });
/** Returns a parsed body, and the error of a cut one. Throws `github-refused` for other text than JSON. */
function parsed$3({ body, complete }, base) {
	if (body === "") return void 0;
	try {
		return JSON.parse(body);
	} catch (error) {
		if (complete && isCutJson(body)) return tooShort(base, error);
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
function deployments$1({ octokit, create }, repository) {
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
		deployments: deployments$1(transport, names),
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
		else log.warning(`${what}: unexpected error: ${messageOf$1(error)}`);
		return;
	}
}
// src/inputs/config/keys.ts
/** The keys of an app besides inputs. They come from the checkout's file. */
const APP_KEYS = {
	"depends-on": {
		type: "list",
		from: "any"
	},
	paths: {
		type: "patterns",
		from: "any"
	}
};
/** The keys of an environment besides inputs. An environment as a whole comes from the default branch's file, see `SECTIONS`. */
const ENVIRONMENT_KEYS = {
	branch: { type: "patterns" },
	tag: { type: "patterns" },
	"pull-request": { type: "boolean" },
	namespace: { type: "text" },
	"token-env": { type: "text" }
};
/** The keys of a cluster besides inputs. A cluster as a whole comes from the default branch's file, see `SECTIONS`. */
const CLUSTER_KEYS = {
	namespace: ENVIRONMENT_KEYS.namespace,
	"token-env": { type: "text" }
};
/** The inputs that a cluster may set: the way to Nomad, and what follows from the place. */
const CLUSTER_INPUTS = /^(nomad-.*|base-domain|vars|verify)$/;
/** The rules of `policy`, which comes from the default branch's file. Without a rule, a part of a job is allowed. */
const POLICY_KEYS = {
	"allowed-drivers": { type: "list" },
	privileged: { type: "boolean" },
	"host-network": { type: "boolean" },
	"host-paths": { type: "boolean or list" },
	"host-volumes": { type: "boolean or list" },
	capabilities: { type: "list" },
	"raw-exec": { type: "boolean" },
	"image-registries": { type: "list" },
	namespaces: { type: "list" },
	"max-count": { type: "number" },
	"max-cpu": { type: "number" },
	"max-memory": { type: "number" }
};
/** The sections of the file besides inputs, and the file that gives them. The keys of apps and images have a source of their own each. */
const SECTIONS = {
	environments: "default-branch",
	clusters: "default-branch",
	apps: "any",
	images: "any",
	policy: "default-branch"
};
/**
* Names in `vars` that decide more than the workload: the namespace, the region, the addresses, whether the run deploys, the tag `latest`, and the values of
* the run itself (`CI_REGISTRY` receives the registry's read token). The default branch's file gives them, as it gives the inputs of the same kind.
*/
const GUARDED_VARIABLES = /^(NAMESPACE|REGION|HOSTNAMES|NO_DEPLOY|SERVERLESS|CI_\w+)$/;
/** Keys whose misspelling is an error, since the run would deploy somewhere else, or a job that is not allowed. */
const GUARDING = /^(nomad-|base-domain$|job-name$|allowed-drivers$|environments$|clusters$|waves$|apps$|policy$)/;
// src/inputs/config/config.ts
/** A name of an app becomes a part of the name of its job, a name of an image a word of a template. */
const APP_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const IMAGE_NAME = /^[A-Za-z][\w-]{0,62}$/;
const ENVIRONMENT_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;
/** Returns the input of a key; undefined for any other name, also for that of an input which is no key. */
const inputKey = (name) => {
	const input = isInput(name) ? INPUTS[name] : void 0;
	return input !== void 0 && "from" in input ? input : void 0;
};
const isSection = (name) => Object.hasOwn(SECTIONS, name);
/**
* Reads a configuration file, without defaults and without the environment. `path` is its name as shown to people; `origin` names the branch and commit of a
* file that is not the checkout's (`main at 1a2b3c4`). Throws one `input-invalid` error with all problems, each with file, line and column. An unknown key is a
* warning, unless it may be a misspelt key that decides where or what is deployed.
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
		clusters: reader.named(sections.get("clusters"), "clusters", ENVIRONMENT_NAME).map((section) => {
			const allowed = {
				inputs: ["run", "job"],
				only: CLUSTER_INPUTS,
				own: CLUSTER_KEYS,
				where: "in a cluster",
				strict: true
			};
			const { name, at, tokenEnv, inputs } = environment(section, reader.values(section.entries, allowed), problems);
			return {
				name,
				at,
				tokenEnv,
				inputs
			};
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
		text: "`images` cannot stand beside `apps`: an app has its own `context`, `file` and `image`",
		at: image.at
	});
	problems.push(...sectionProblems(config));
	const [first] = problems;
	if (first === void 0) return withPlainVars(config);
	const lines = problems.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column).map((problem) => `${placeText(problem.at)}: ${problem.text}`);
	const location = locationOf(problems.reduce((a, b) => b.at.line < a.at.line ? b : a).at);
	throw new ActionError("input-invalid", lines.length === 1 ? `${lines[0]}` : `${lines.length} problems:\n- ${lines.join("\n- ")}`, {
		...location === void 0 ? {} : { location },
		hint: "docs/configuration.md lists the keys."
	});
}
/** Returns the configuration with all `vars` as maps, also those that are written as text, so that each name has an entry. */
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
		clusters: await all(config.clusters),
		apps: await all(config.apps),
		images: await all(config.images)
	};
}
/** Each entry is compared with the others, which takes too long for more. */
const MAX_ENTRIES = 500;
function sectionReader(problems, warnings) {
	const entries = (tree, what) => {
		if (tree.kind === "map" && tree.entries.length <= MAX_ENTRIES) return tree.entries;
		if (tree.kind === "map") problems.push({
			text: `${what} has more than ${MAX_ENTRIES} keys`,
			at: tree.at
		});
		else if (!isBlank$1(tree)) problems.push({
			text: `${what} is not a map of keys and values`,
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
					text: `\`${key}\`: ${JSON.stringify(name)} is not a valid name; use ${takes}`,
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
				const type = Object.hasOwn(allowed.own, key) ? allowed.own[key]?.type : typeOf(key, allowed);
				if (type === void 0) {
					const { text, error } = unknown$2(key, allowed);
					if (error) problems.push({
						text,
						at
					});
					else warnings.push({
						text: `${placeText(at)}: ${text}`,
						location: at
					});
				} else if (!isBlank$1(value)) {
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
function typeOf(key, { inputs, only }) {
	const known = inputKey(key);
	return known !== void 0 && inputs.includes(known.of) && only?.test(key) !== false ? known.type : void 0;
}
function unknown$2(key, { inputs, only, own, others = [], where, strict = false }) {
	const known = isInput(key) && inputs.length > 0 ? INPUTS[key] : void 0;
	if (known !== void 0 && "instead" in known) return {
		text: `\`${key}\` is not a key of the file: ${known.instead}`,
		error: true
	};
	if (known !== void 0 && only !== void 0) return {
		text: `\`${key}\` can't be given ${where}: it does not belong to one cluster`,
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
	const names = [
		...Object.keys(own),
		...others,
		...inputNames.filter((name) => typeOf(name, {
			inputs,
			...only === void 0 ? {} : { only }
		}) !== void 0)
	];
	const near = nearest(key, names);
	return {
		text: `unknown key \`${key}\` ${where}${near === void 0 ? "; docs/configuration.md lists the keys" : `: did you mean \`${near}\`?`}`,
		error: strict || near !== void 0 && GUARDING.test(near)
	};
}
function isBlank$1(tree) {
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
// src/inputs/config/merge.ts
const isGuarded = (name) => {
	const key = INPUTS[name];
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
		clusters: ofDefault?.clusters ?? [],
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
	for (const { name, at, ...section } of own?.clusters ?? []) {
		const known = config.clusters.find((one) => one.name === name);
		if (known === void 0 || plainCluster(known) !== plainCluster(section)) ignored.push({
			key: `clusters.${name}`,
			input: void 0,
			at,
			replaced: known !== void 0
		});
	}
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
	for (const name of inputNames) {
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
/** Returns the merged `vars`, in which guarded names come from the default branch's file. */
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
	return given?.entries === void 0 ? /* @__PURE__ */ new Map() : new Map(Object.entries(record$1(JSON.parse(given.text))));
}
const record$1 = (value) => typeof value === "object" && value !== null ? value : {};
/** Returns the environments that the checkout adds, changes or reorders: their order decides which one a branch belongs to. */
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
	return JSON.stringify([
		branches,
		tags,
		pullRequest,
		plainCluster({
			tokenEnv,
			inputs
		})
	]);
}
function plainCluster({ tokenEnv, inputs }) {
	const texts = Object.entries(inputs).map(([name, given]) => [name, given.text]);
	return JSON.stringify([tokenEnv?.text, texts.toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1)]);
}
function plainPolicy(policy) {
	return JSON.stringify({
		...policy,
		at: void 0
	});
}
// src/inputs/workspace.ts
/** A pattern with more takes seconds for a file name that is made for it. */
const MAX_STARS = 3;
const MAX_BRACES = 3;
function isModest(pattern) {
	if (pattern.length > 500) return false;
	const stars = Math.max(...pattern.split("/").map((name) => name.split("*").length - 1));
	const braces = pattern.split("{").length - 1;
	return stars <= MAX_STARS && braces <= MAX_BRACES && !pattern.includes("(") && !(braces > 0 && pattern.includes(".."));
}
/** Nomad takes no job of more than a megabyte. */
const MAX_FRAGMENT_BYTES = 1048576;
const FRAGMENTS = [
	"vars",
	"job",
	"group"
];
/**
* Finds the Dockerfile, the build context, the job specs (paths or globs) and the variable files. No path may leave the workspace, not even through a link;
* only an environment variable for TLS may name a file of the machine, by its absolute path. Throws `input-invalid` for a path outside of the workspace, for a
* missing `job`, variable file or `context`, and for a glob without a match.
*/
async function findFiles(inputs, workspace) {
	const root = await realpath(workspace);
	const { inside, must } = confine(root, inputs.workingDirectory);
	await must("working-directory", ".");
	const contextFolder = await must("context", inputs.context);
	const dockerfile = await inside("file", inputs.file ?? `${inputs.context}/Dockerfile`);
	const secretFiles = {};
	for (const [id, from] of Object.entries(inputs.buildSecrets)) if ("file" in from) secretFiles[id] = await must("build-secrets", from.file);
	const pemFiles = {};
	for (const { value, source } of pemPaths(inputs.nomadTls)) pemFiles[source] = isAbsolute(value) && source.startsWith("NOMAD_") ? await existing(source, value) : await must(source, value);
	const own = await inside("job", "project.nomad");
	const fragments = {};
	for (const kind of FRAGMENTS) {
		const found = await inside("job", `${kind}.nomad`);
		if (found.exists) fragments[kind] = found.path;
	}
	const isWhole = async (path) => path !== void 0 && wholeJob((await readInside(path, workspace, MAX_FRAGMENT_BYTES)).toString("utf8")) !== void 0;
	const matching = async (input, pattern) => {
		if ((await inside(input, pattern)).exists || !/[*?[{]/.test(pattern)) return [await must(input, pattern)];
		if (!isModest(pattern)) throw new ActionError("input-invalid", `\`${input}\`: the pattern has too many stars or braces, or has parentheses or \`..\``, { hint: `A pattern has at most ${MAX_STARS} stars in a name and ${MAX_BRACES} braces, such as \`apps/*/*.{nomad,hcl}\`.` });
		const found = await Array.fromAsync(glob(pattern, {
			cwd: resolve(root, inputs.workingDirectory),
			exclude: (name) => /(^|\/)(node_modules|\.git)$/.test(name)
		}));
		const parts = await Promise.all(FRAGMENTS.map(async (kind) => await isWhole(fragments[kind]) ? void 0 : `${kind}.nomad`));
		const jobs = found.filter((name) => !parts.includes(name)).sort();
		if (jobs.length > 0) return Promise.all(jobs.map(async (name) => must(input, name)));
		throw new ActionError("input-invalid", `\`${input}\`: no file matches ${pattern}`, { hint: "Patterns are relative to the working directory: `jobs/*.nomad`, or `**/*.nomad` for all folders." });
	};
	const all = async (input, patterns) => [...new Set((await Promise.all(patterns.map(async (pattern) => matching(input, pattern)))).flat())];
	const named = inputs.jobs.length === 0 && own.exists ? [own.path] : await all("job", inputs.jobs);
	return {
		specs: named.length === 0 ? [{
			path: void 0,
			fragments
		}] : named.map((path) => ({
			path,
			fragments: path === own.path ? withoutJobs(fragments, named) : {}
		})),
		varFiles: await all("var-files", inputs.varFiles),
		contextFolder,
		dockerfile: dockerfile.path,
		dockerfileExists: dockerfile.exists,
		secretFiles,
		pemFiles
	};
}
/** Returns the fragments that are not deployed as jobs of their own. */
function withoutJobs(fragments, jobs) {
	return Object.fromEntries(Object.entries(fragments).filter(([, path]) => !jobs.includes(path)));
}
async function existing(variable, path) {
	if (await realpath(path).catch(() => void 0) !== void 0) return path;
	throw new ActionError("input-invalid", `\`${variable}\`: there is no file ${path} on this machine`);
}
/** Returns the place of the `job` block of a whole job; undefined for a part of one. */
function wholeJob(text) {
	const block = readBlocks(text).blocks.find(({ type, labels }) => type === "job" && labels.length === 1);
	return block && linesOf$1(text)(block.at);
}
// src/target/address.ts
/**
* Returns the target that has Nomad's address, since one run speaks to one Nomad. Throws `input-invalid` if the domains of the apps give
* several.
*/
function commonTarget(units) {
	const having = units.filter(({ target }) => target.nomadAddr !== void 0);
	const addresses = [...new Set(having.map(({ target }) => target.nomadAddr?.value))];
	if (addresses.length > 1) throw new ActionError("input-invalid", `the domains of the apps give several addresses of Nomad: ${addresses.join(", ")}`, { hint: "Set `nomad-addr` to the right one." });
	return (having[0] ?? units[0]).target;
}
/** Returns the address to which the token goes. Throws `input-invalid` without one: a default address could belong to anyone. */
function requireAddress({ nomadAddr, environment, cluster }, { command, nomadToken, tokenEnv, nomadTls, nomadLogin }, { log, terminal }) {
	const token = nomadToken[environment.value];
	if (nomadAddr === void 0) throw new ActionError("input-invalid", "no address of Nomad is given", { hint: `Set \`nomad-addr\` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or \`base-domain\`.${command === "deploy" && token === void 0 && nomadLogin === void 0 ? " To build and push the image only, set `command: build`, or in the reusable workflow `NOMAD_VAR_NO_DEPLOY: true`." : ""}` });
	if (token === void 0 && tokenEnv !== void 0 && nomadLogin === void 0 && terminal === void 0) throw withoutToken(environment.name, tokenEnv, cluster);
	if (nomadTls.skipVerify && nomadAddr.value.startsWith("https:")) log.warning("`nomad-skip-verify`: any certificate is accepted. Anyone between this runner and Nomad can read the token.");
	if (nomadLogin !== void 0) {
		log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), login with the auth method ${nomadLogin.method}`);
		return nomadAddr.value;
	}
	const held = token === void 0 ? terminal === void 0 ? ", no token" : "" : `, token of ${token.source}`;
	log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source})${held}`);
	const others = Object.entries(nomadToken).flatMap(([name, other]) => other === void 0 ? [] : [`${other.source} is for ${name} only`]);
	if (token === void 0 && others.length > 0) log.warning(`The environment ${environment.name} has no token: ${others.join(", ")}. This run continues without a token, which works only on a cluster without ACLs. For any other cluster, set NOMAD_TOKEN.`);
	return nomadAddr.value;
}
/** Returns the error about an unset variable of `token-env`. */
function withoutToken(environment, tokenEnv, cluster) {
	const where = cluster === void 0 ? `environment ${environment}` : `cluster ${cluster}`;
	return new ActionError("input-invalid", `\`token-env\` of the ${where}: ${tokenEnv} is not set`, {
		hint: "Pass NAME to the step: `env: { NAME: ${{ secrets.NAME }} }`.".replaceAll("NAME", tokenEnv),
		needsLogin: true
	});
}
// src/target/provenance.ts
/** The job meta of this action: the owner record (owner.ts), which stays the same from deploy to deploy, and the meta of version 0.1.0. */
const META = {
	repository: "nomad_deploy_repository",
	environment: "nomad_deploy_environment",
	/** The code's repository and branch, `acme/shop branch fix/7`; only for a job of one branch. */
	ref: "nomad_deploy_ref",
	/** The failed version that a deploy retries with the same spec; in the meta of a group. */
	again: "nomad_deploy_again",
	/** `pre-deploy` or `post-deploy`: the job is this hook of another job, and goes when it has ended. */
	hook: "nomad_deploy_hook",
	sha: "nomad_deploy_sha",
	run: "nomad_deploy_run",
	spec: "nomad_deploy_spec",
	secrets: "nomad_deploy_secrets"
};
const TEXTS = [
	"sha",
	"actor",
	"spec",
	"secrets",
	"repository",
	"environment",
	"ref",
	"changed",
	"step",
	"reason"
];
const COUNT = "count.";
/** The field with the id of a deploy from a terminal, whose link leads to the commit or the repository. */
const TERMINAL = "terminal";
/** The fragment of this action's links. GitHub's pages ignore it. */
const MARK = "#nomad-deploy";
const OWN_COMMIT = new RegExp(`/commit/[^/?#]+${MARK}$`);
const OWN_META = new Set(Object.values(META));
/** Returns whether a link is one of this action's. A user may link to a heading of that name. */
function isOwnLink(url) {
	return url.includes(`${MARK}?`) || OWN_COMMIT.test(url);
}
function isOwnMeta(name) {
	return OWN_META.has(name);
}
/** Reads the provenance of a job version from its links, or from the meta of version 0.1.0. */
function provenanceOf(job) {
	const url = (job?.UI?.Links ?? []).map(addressOf).find((one) => one.includes(`${MARK}?`)) ?? "";
	const at = url.indexOf(`${MARK}?`);
	if (at < 0) {
		const { [META.run]: run, [META.sha]: sha, [META.spec]: spec, [META.secrets]: secrets } = job?.Meta ?? {};
		return given({
			run,
			sha,
			spec,
			secrets
		});
	}
	const fields = new URLSearchParams(url.slice(at + 13 + 1));
	const counts = [...fields].flatMap(([name, value]) => name.startsWith(COUNT) && /^\d{1,9}$/.test(value) ? [[name.slice(6), Number(value)]] : []);
	const id = fields.get(TERMINAL);
	return {
		...given({
			run: id === null ? url.slice(0, at) : `${TERMINAL} ${id}`,
			...Object.fromEntries(TEXTS.map((name) => [name, fields.get(name) ?? void 0]))
		}),
		counts: Object.fromEntries(counts)
	};
}
/**
* Returns the job with links to its run and its commit before the links of its spec; the first link holds the provenance. Links of this
* form in the spec are dropped, because a spec cannot vouch for its own provenance. See
* https://developer.hashicorp.com/nomad/docs/job-specification/ui
*/
function withProvenance(job, run, more) {
	const { runUrl, runNumber, runAttempt, runId, repositoryUrl, terminal, sha, actor } = run;
	const texts = {
		...more,
		sha,
		actor,
		...terminal?.changed === true ? { changed: "true" } : {}
	};
	const fields = new URLSearchParams([
		...runUrl === void 0 ? [[TERMINAL, runId]] : [],
		...TEXTS.flatMap((name) => texts[name] ? [[name, texts[name]]] : []),
		...Object.entries(more.counts ?? {}).map(([group, count]) => [`${COUNT}${group}`, `${count}`])
	]);
	const commit = sha === "" || terminal?.pushed === false ? void 0 : `${repositoryUrl}/commit/${sha}`;
	const links = [runUrl === void 0 ? {
		Label: TERMINAL,
		URL: `${commit ?? repositoryUrl}${MARK}?${fields.toString()}`
	} : {
		Label: `run ${runNumber}`,
		URL: `${runUrl}/attempts/${runAttempt}${MARK}?${fields.toString()}`
	}, ...commit === void 0 ? [] : [{
		Label: `commit ${sha.slice(0, 7)}`,
		URL: `${commit}${MARK}`
	}]];
	return {
		...job,
		...job.VersionTag ? { VersionTag: null } : {},
		UI: {
			...job.UI,
			Links: [...links, ...(job.UI?.Links ?? []).filter((link) => !isOwnLink(addressOf(link)))]
		}
	};
}
/**
* Returns a registered job for another registration of it: with a mark in the meta of its groups, so that Nomad replaces every task, and with the provenance of
* its version, but for the run, the person and the reason. Deploys of the same spec keep the mark.
*/
function resubmittedJob(job, run, reason) {
	const { run: _, actor: __, sha = "", ...more } = provenanceOf(job);
	const pushed = (job.UI?.Links ?? []).some((link) => OWN_COMMIT.test(addressOf(link)));
	const groups = (job.TaskGroups ?? []).map((group) => ({
		...group,
		Meta: {
			...group.Meta,
			[META.again]: `${job.Version}`
		}
	}));
	return withProvenance({
		...job,
		TaskGroups: groups
	}, {
		...run,
		sha,
		terminal: {
			changed: false,
			isDefault: false,
			pushed
		}
	}, {
		...more,
		reason
	});
}
function addressOf({ URL: inSpec, Url: registered }) {
	return inSpec ?? registered ?? "";
}
function given(fields) {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== void 0 && value !== ""));
}
// src/target/owner.ts
/** Stands for a fork that GitHub no longer names. No record has it. */
const UNKNOWN$2 = "-";
const REF = /^([^\s/]+\/\S+) (branch|tag) (.+)$/s;
/** The item of a variable that holds its owner record. No secret can have this name, see secret-names.ts. */
const OWNER_ITEM = "nomad_deploy.owner";
/** Returns the owner for the record of a deploy: the same for a push, a pull request and a `delete` of one branch. */
function ownerOf({ repository, headRepository, fromFork, refType, ref }, { environment }) {
	if (!hasOwnJob(environment)) return {
		repository,
		environment: environment.name
	};
	const head = headRepository ?? (fromFork ? UNKNOWN$2 : repository);
	return {
		repository,
		environment: environment.value,
		ref: `${head.toLowerCase()} ${refType} ${ref}`
	};
}
/** Returns the parts of a record's `ref`; undefined for any other text. */
function readRef(ref) {
	const [, repository, kind, name] = REF.exec(ref ?? "") ?? [];
	return repository === void 0 || name === void 0 ? void 0 : {
		repository,
		kind: kind === "tag" ? "tag" : "branch",
		name
	};
}
/** Returns whether two records name one owner. GitHub ignores the case of repository names. */
function sameOwner(a, b) {
	return sameRepository(a, b) && a.environment === b.environment && a.ref === b.ref;
}
/** Returns whether two records name one repository, in any case. */
function sameRepository(a, b) {
	return a.repository.toLowerCase() === b.repository.toLowerCase();
}
/** Returns a record as the meta of a job. */
function recordMeta({ repository, environment, ref }) {
	return {
		[META.repository]: repository,
		[META.environment]: environment,
		...ref === void 0 ? {} : { [META.ref]: ref }
	};
}
/** Returns the owner record of a job: that of its provenance, else that of its meta. */
function recordOf(job) {
	const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = job?.Meta ?? {};
	return asRecord(provenanceOf(job)) ?? asRecord({
		repository,
		environment,
		ref
	});
}
/** Returns a complete record. The meta of version 0.1.0 is not one: its ref has no repository, and is set in every environment. */
function asRecord({ repository, environment, ref }) {
	if (!repository || !environment) return void 0;
	if (ref === void 0) return environment === "review" ? void 0 : {
		repository,
		environment
	};
	return REF.test(ref) ? {
		repository,
		environment,
		ref
	} : void 0;
}
function ownedJob(job, namespace) {
	const { ID, Meta, ParentID } = job;
	const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = Meta ?? {};
	return {
		what: `the job ${ID} in the namespace ${namespace}`,
		id: ID,
		record: recordOf(job),
		noted: {
			...repository && { repository },
			...environment && { environment },
			...ref && { ref }
		},
		isRun: Boolean(ParentID)
	};
}
/**
* Returns the text of a variable's `OWNER_ITEM`. The record names the job, because a group of the job `a` and the job `a/b` may share a
* path.
*/
function recordItem(job, { repository, environment, ref }, step) {
	return JSON.stringify({
		job,
		repository,
		environment,
		...ref === void 0 ? {} : { ref },
		...step === void 0 ? {} : { step }
	});
}
/** Reads the text of a variable's `OWNER_ITEM`. An invalid text gives a record with an empty job name, which no run has. */
function readItem(text) {
	const nobody = {
		job: "",
		record: {
			repository: "unknown",
			environment: "unknown"
		}
	};
	let value;
	try {
		value = JSON.parse(text);
	} catch {
		return nobody;
	}
	const [job, repository, environment, ref, step] = [
		"job",
		"repository",
		"environment",
		"ref",
		"step"
	].map((name) => textAt(value, name));
	if (job === void 0 || repository === void 0 || environment === void 0) return nobody;
	return {
		job,
		record: {
			repository,
			environment,
			...ref === void 0 ? {} : { ref }
		},
		...step === void 0 ? {} : { step }
	};
}
// src/target/claim.ts
/**
* Returns the identity of this run. Only the workflow's own input `job-name` can name the job of another owner: a file of the checkout may
* come from a stranger.
*/
function claimOf({ jobName, purge, sources }, context, target) {
	return {
		owner: ownerOf(context, target),
		jobId: target.jobId,
		namedBy: jobName === void 0 ? "rules" : sources.inputs["job-name"] === "job-name" ? "workflow" : "checkout",
		onDefaultBranch: onDefaultBranch(context),
		untrusted: isUntrusted(context),
		purge: purge === true
	};
}
/** Logs the warning and the notice of a verdict. Throws its refusal, `job-taken`. */
function permit(verdict, { log }) {
	if (!verdict.may) throw verdict.refusal;
	if (verdict.warning !== void 0) log.warning(verdict.warning);
	if (verdict.notice !== void 0) log.notice(verdict.notice);
}
// src/nomad/update.ts
/** Returns the update block of a group over that of the job. Nomad's parser writes null for missing fields. */
function updateOf(job, group) {
	const said = Object.entries(group ?? {}).filter(([, value]) => value !== null);
	return {
		...job,
		...Object.fromEntries(said)
	};
}
/** Nomad's own default of `min_healthy_time`. */
const MIN_HEALTHY_MS = 1e4;
/** Returns the rules of a version of a job: its kind, its count and the `min_healthy_time` of its `update` blocks. */
function rulesOf({ Type, Update, TaskGroups }) {
	const kind = Type === "batch" || Type === "sysbatch" ? "batch" : Type === "system" ? "system" : "service";
	const groups = (TaskGroups ?? []).filter(({ Count }) => Count !== 0);
	const times = groups.map((group) => updateOf(Update, group.Update).MinHealthyTime ?? MIN_HEALTHY_MS * 1e6);
	const sum = groups.reduce((total, { Count }) => total + (Count ?? 1), 0);
	return {
		kind,
		count: Type === "system" || Type === "sysbatch" ? Math.min(sum, 1) : sum,
		minHealthyMs: Math.max(0, ...times) / 1e6
	};
}
// src/nomad/canaries.ts
/** Returns the groups whose canaries are not promoted yet, healthy or not. */
function unpromotedGroups({ TaskGroups }) {
	return Object.entries(TaskGroups ?? {}).flatMap(([name, { DesiredCanaries, Promoted }]) => DesiredCanaries > 0 && !Promoted ? [name] : []);
}
/**
* Returns whether all canaries of these groups (all by default) are healthy and wait for promotion, by the counters: the description says so from the start.
* Nomad promotes by itself only where each group with canaries has `auto_promote`.
*/
function wantsPromotion(deployment, groups) {
	if (deployment?.Status !== "running") return false;
	const states = deployment.TaskGroups ?? {};
	const asked = unpromotedGroups(deployment).filter((name) => groups?.includes(name) ?? true);
	return asked.length > 0 && Object.values(states).some(({ DesiredCanaries, AutoPromote }) => DesiredCanaries > 0 && !AutoPromote) && asked.every((name) => (states[name]?.HealthyAllocs ?? 0) >= (states[name]?.DesiredCanaries ?? 0));
}
/** Returns whether a version may have canaries that wait for a person: its spec has some, Nomad does not promote them, and it was not healthy yet. */
function mayWaitForPromotion({ Stop, Stable, Update, TaskGroups }) {
	return (TaskGroups ?? []).map((group) => updateOf(Update, group.Update)).some((own) => (own.Canary ?? 0) > 0 && !own.AutoPromote) && !Stop && Stable !== true;
}
/** Returns whether canaries of a deployment wait for a person: they are healthy, or a person has paused their deployment. */
function waitsForPerson(deployment) {
	if (deployment?.Status !== "paused") return wantsPromotion(deployment);
	return unpromotedGroups(deployment).some((name) => (deployment.TaskGroups?.[name]?.PlacedAllocs ?? 0) > 0);
}
// src/nomad/agent.ts
/** The resource `/v1/agent`: https://developer.hashicorp.com/nomad/api-docs/agent */
function agent({ send }) {
	return { 
	/** Reads the version of the agent that answers, for messages: undefined when the token lacks `agent:read`, or the path leads nowhere. */
version: async () => {
		const { status, json } = await send({
			method: "GET",
			path: "/v1/agent/self",
			accept: [
				400,
				403,
				404
			],
			capability: "agent:read"
		});
		return status === 200 ? json?.config?.Version?.Version : void 0;
	} };
}
// src/nomad/forms.ts
/** The forms of Nomad's answers: `?` marks what may be missing or null, `*` stands for all names, and `@` begins the name of another form. */
const FORMS = {
	Job: {
		ID: "text",
		Name: "text",
		"Namespace?": "text",
		"Region?": "text",
		"Type?": "text",
		"ParentID?": "text",
		"Meta?": { "*": "text" },
		"UI?": {
			"Description?": "text",
			"Links?": ["@JobLink"]
		},
		"Periodic?": "object",
		"ParameterizedJob?": "@Parameterization",
		"Update?": "@UpdateStrategy",
		"Datacenters?": ["text"],
		"NodePool?": "text",
		"Constraints?": ["@Constraint"],
		"Affinities?": ["object"],
		"Migrate?": "object",
		"Spreads?": ["object"],
		"Multiregion?": { "Regions?": [{
			"Name?": "text",
			"Count?": "number"
		}] },
		"TaskGroups?": ["@TaskGroup"],
		"VersionTag?": {
			Name: "text",
			"Description?": "text"
		}
	},
	JobLink: {
		"Label?": "text",
		"URL?": "text",
		"Url?": "text"
	},
	Parameterization: {
		"Payload?": "text",
		"MetaRequired?": ["text"],
		"MetaOptional?": ["text"]
	},
	Constraint: {
		"LTarget?": "text",
		"RTarget?": "text",
		"Operand?": "text"
	},
	TaskGroup: {
		Name: "text",
		"Count?": "number",
		"Meta?": { "*": "text" },
		"Update?": "@UpdateStrategy",
		"Networks?": [{
			"Mode?": "text",
			"ReservedPorts?": ["@Port"],
			"DynamicPorts?": ["@Port"]
		}],
		"Constraints?": ["@Constraint"],
		"Services?": ["@Service"],
		"Volumes?": { "*": {
			"Type?": "text",
			"Source?": "text",
			"ReadOnly?": "boolean",
			"PerAlloc?": "boolean"
		} },
		"Scaling?": {
			"Min?": "number",
			"Max?": "number",
			"Enabled?": "boolean"
		},
		"EphemeralDisk?": {
			"SizeMB?": "number",
			"Sticky?": "boolean",
			"Migrate?": "boolean"
		},
		"Disconnect?": { "Replace?": "boolean" },
		"ReschedulePolicy?": "@ReschedulePolicy",
		"RestartPolicy?": "@RestartPolicy",
		"Migrate?": "object",
		"Spreads?": ["object"],
		"StopAfterClientDisconnect?": "number",
		"MaxClientDisconnect?": "number",
		"ShutdownDelay?": "number",
		"MaxRunDuration?": "number",
		"Tasks?": ["@Task"]
	},
	RestartPolicy: {
		"Attempts?": "number",
		"Interval?": "number",
		"Delay?": "number",
		"Mode?": "text"
	},
	ReschedulePolicy: {
		"Attempts?": "number",
		"Interval?": "number",
		"Unlimited?": "boolean"
	},
	Port: {
		Label: "text",
		"To?": "number"
	},
	Service: {
		"Name?": "text",
		"Provider?": "text",
		"OnUpdate?": "text",
		"Tags?": ["text"],
		"Connect?": {
			"SidecarTask?": {
				"Driver?": "text",
				"Config?": "any",
				"Resources?": "any"
			},
			"SidecarService?": "object",
			"Gateway?": "object"
		},
		"Checks?": [{
			"Name?": "text",
			"Type?": "text",
			"Path?": "text",
			"Interval?": "number",
			"OnUpdate?": "text"
		}]
	},
	Task: {
		Name: "text",
		Driver: "text",
		"Leader?": "boolean",
		"Config?": { "*": "any" },
		"Env?": { "*": "text" },
		"Templates?": [{
			"EmbeddedTmpl?": "text",
			"SourcePath?": "text",
			"ChangeScript?": "object",
			"DestPath?": "text",
			"Envvars?": "boolean",
			"ChangeMode?": "text"
		}],
		"Constraints?": ["@Constraint"],
		"Services?": ["@Service"],
		"Lifecycle?": {
			"Hook?": "text",
			"Sidecar?": "boolean"
		},
		"LogConfig?": { "Disabled?": "boolean" },
		"KillTimeout?": "number",
		"ShutdownDelay?": "number",
		"Resources?": {
			"CPU?": "number",
			"Cores?": "number",
			"MemoryMB?": "number",
			"MemoryMaxMB?": "number",
			"SecretsMB?": "number",
			"Networks?": "any",
			"Devices?": [{ "Name?": "text" }]
		},
		"RestartPolicy?": "@RestartPolicy",
		"Kind?": "text",
		"DispatchPayload?": "object",
		"Artifacts?": ["object"],
		"CSIPluginConfig?": "object",
		"Secrets?": [{
			Name: "text",
			Provider: "text",
			Path: "text",
			"Config?": { "namespace?": "text" }
		}],
		"ScalingPolicies?": [{
			"Type?": "text",
			"Max?": "number"
		}]
	},
	UpdateStrategy: {
		"MaxParallel?": "number",
		"Canary?": "number",
		"HealthCheck?": "text",
		"MinHealthyTime?": "number",
		"ProgressDeadline?": "number",
		"AutoPromote?": "boolean"
	},
	ScaleStatus: { "TaskGroups?": { "*": { "Events?": [{
		"Count?": "number",
		"Error?": "boolean"
	}] } } },
	RegisteredJob: {
		ID: "text",
		Name: "text",
		"Namespace?": "text",
		"Region?": "text",
		"Type?": "text",
		"ParentID?": "text",
		"Meta?": { "*": "text" },
		"UI?": {
			"Description?": "text",
			"Links?": ["@JobLink"]
		},
		"Periodic?": "object",
		"ParameterizedJob?": "@Parameterization",
		"Update?": "@UpdateStrategy",
		"Datacenters?": ["text"],
		"NodePool?": "text",
		"Constraints?": ["@Constraint"],
		"Affinities?": ["object"],
		"Migrate?": "object",
		"Spreads?": ["object"],
		"Multiregion?": { "Regions?": [{
			"Name?": "text",
			"Count?": "number"
		}] },
		"TaskGroups?": ["@TaskGroup"],
		"VersionTag?": {
			Name: "text",
			"Description?": "text"
		},
		Version: "number",
		Stop: "boolean",
		Status: "text",
		JobModifyIndex: "number",
		"SubmitTime?": "number",
		"Stable?": "boolean"
	},
	JobStub: {
		ID: "text",
		ParentID: "text",
		"Meta?": { "*": "text" },
		SubmitTime: "number",
		JobModifyIndex: "number"
	},
	RegisterResponse: {
		EvalID: "text",
		JobModifyIndex: "number",
		"Warnings?": "text"
	},
	DispatchResponse: {
		DispatchedJobID: "text",
		EvalID: "text"
	},
	Evaluation: {
		ID: "text",
		"JobID?": "text",
		Status: "text",
		"StatusDescription?": "text",
		"TriggeredBy?": "text",
		"WaitUntil?": "text",
		"DeploymentID?": "text",
		"NextEval?": "text",
		"BlockedEval?": "text",
		"JobModifyIndex?": "number",
		"CreateIndex?": "number",
		"QuotaLimitReached?": "text",
		"MissingNonNodeResources?": ["text"],
		"FailedTGAllocs?": { "*": "@AllocMetric" }
	},
	Deployment: {
		ID: "text",
		"Namespace?": "text",
		JobID: "text",
		JobVersion: "number",
		"JobSpecModifyIndex?": "number",
		Status: "text",
		StatusDescription: "text",
		"TaskGroups?": { "*": "@DeploymentState" }
	},
	DeploymentState: {
		DesiredTotal: "number",
		DesiredCanaries: "number",
		PlacedAllocs: "number",
		HealthyAllocs: "number",
		UnhealthyAllocs: "number",
		Promoted: "boolean",
		AutoPromote: "boolean",
		"AutoRevert?": "boolean",
		"ProgressDeadline?": "number",
		"RequireProgressBy?": "text"
	},
	NodeSummary: {
		Name: "text",
		Datacenter: "text",
		"NodePool?": "text",
		Status: "text",
		SchedulingEligibility: "text",
		"Drivers?": { "*?": { "Healthy?": "boolean" } },
		"HostVolumes?": { "*": "object" },
		"NodeResources?": "@NodeAmounts",
		"ReservedResources?": "@NodeAmounts"
	},
	NodeAmounts: {
		"Cpu?": {
			"CpuShares?": "number",
			"TotalCpuCores?": "number"
		},
		"Memory?": { "MemoryMB?": "number" },
		"Disk?": { "DiskMB?": "number" }
	},
	AclToken: {
		AccessorID: "text",
		SecretID: "text",
		Name: "text",
		Type: "text",
		"Policies?": ["text"],
		"Roles?": [{ Name: "text" }],
		CreateTime: "text",
		"ExpirationTime?": "text"
	},
	Variable: {
		"Items?": { "*": "text" },
		ModifyIndex: "number",
		"Lock?": { ID: "text" }
	},
	Allocation: {
		ID: "text",
		Name: "text",
		"NodeID?": "text",
		NodeName: "text",
		"JobID?": "text",
		TaskGroup: "text",
		JobVersion: "number",
		DesiredStatus: "text",
		"DesiredDescription?": "text",
		"DesiredTransition?": { "Migrate?": "boolean" },
		"PreemptedByAllocation?": "text",
		ClientStatus: "text",
		"ClientDescription?": "text",
		"NextAllocation?": "text",
		"FollowupEvalID?": "text",
		"RescheduleTracker?": { "Events?": [{ RescheduleTime: "number" }] },
		"DeploymentStatus?": {
			"Healthy?": "boolean",
			"Canary?": "boolean",
			"Timestamp?": "text"
		},
		"TaskStates?": { "*": "@TaskState" },
		CreateIndex: "number",
		"CreateTime?": "number",
		"ModifyTime?": "number",
		"ModifyIndex?": "number"
	},
	PlacedAllocation: {
		ID: "text",
		Name: "text",
		"NodeID?": "text",
		NodeName: "text",
		"JobID?": "text",
		TaskGroup: "text",
		JobVersion: "number",
		DesiredStatus: "text",
		"DesiredDescription?": "text",
		"DesiredTransition?": { "Migrate?": "boolean" },
		"PreemptedByAllocation?": "text",
		ClientStatus: "text",
		"ClientDescription?": "text",
		"NextAllocation?": "text",
		"FollowupEvalID?": "text",
		"RescheduleTracker?": { "Events?": [{ RescheduleTime: "number" }] },
		"DeploymentStatus?": {
			"Healthy?": "boolean",
			"Canary?": "boolean",
			"Timestamp?": "text"
		},
		"TaskStates?": { "*": "@TaskState" },
		CreateIndex: "number",
		"CreateTime?": "number",
		"ModifyTime?": "number",
		"ModifyIndex?": "number",
		"AllocatedResources?": { "Shared?": { "Ports?": [{
			Label: "text",
			Value: "number",
			"To?": "number",
			HostIP: "text"
		}] } }
	},
	TaskState: {
		State: "text",
		Failed: "boolean",
		Restarts: "number",
		"FinishedAt?": "text",
		"Events?": ["@TaskEvent"]
	},
	TaskEvent: {
		Type: "text",
		Time: "number",
		DisplayMessage: "text",
		"Details?": { "*": "text" }
	},
	CheckResult: {
		Check: "text",
		Service: "text",
		"Mode?": "text",
		Status: "text",
		"StatusCode?": "number",
		"Output?": "text",
		"Timestamp?": "number"
	},
	Diff: {
		Type: "text",
		"Name?": "text",
		"Fields?": [{
			"Type?": "any",
			Name: "text",
			"Old?": "text",
			"New?": "text"
		}],
		"Annotations?": ["text"],
		"Objects?": ["@Diff"],
		"TaskGroups?": ["@Diff"],
		"Tasks?": ["@Diff"]
	},
	DesiredUpdates: {
		"Place?": "number",
		"Stop?": "number",
		"Migrate?": "number",
		"InPlaceUpdate?": "number",
		"DestructiveUpdate?": "number",
		"Canary?": "number",
		"Ignore?": "number"
	},
	PlanResponse: {
		"Annotations?": {
			"DesiredTGUpdates?": { "*": "@DesiredUpdates" },
			"PreemptedAllocs?": [{ JobID: "text" }]
		},
		"Diff?": "@Diff",
		"FailedTGAllocs?": { "*": "@AllocMetric" },
		JobModifyIndex: "number",
		"NextPeriodicLaunch?": "text",
		"Warnings?": "text"
	},
	AllocMetric: {
		NodesEvaluated: "number",
		NodesFiltered: "number",
		NodesExhausted: "number",
		"NodesAvailable?": { "*": "number" },
		"NodePool?": "text",
		"ClassFiltered?": { "*": "number" },
		"ClassExhausted?": { "*": "number" },
		"ConstraintFiltered?": { "*": "number" },
		"DimensionExhausted?": { "*": "number" },
		"QuotaExhausted?": ["text"],
		CoalescedFailures: "number"
	},
	FileInfo: {
		Name: "text",
		IsDir: "boolean",
		Size: "number",
		FileMode: "text",
		ModTime: "text"
	}
};
// src/nomad/fit.ts
/** The forms of the answers to a request. The others are read field by field. */
const ROUTES = [
	[/^POST \/v1\/jobs$|^PUT \/v1\/job\/[^/]+\/(?:revert|scale)$/, "@RegisterResponse"],
	[/^POST \/v1\/jobs\/parse$/, "@Job"],
	[/^POST \/v1\/validate\/job$/, {
		"ValidationErrors?": ["text"],
		"Warnings?": "text"
	}],
	[/^POST \/v1\/job\/[^/]+\/plan$/, "@PlanResponse"],
	[/^PUT \/v1\/job\/[^/]+\/dispatch$/, "@DispatchResponse"],
	[/^PUT \/v1\/job\/[^/]+\/periodic\/force$/, { EvalID: "text" }],
	[/^DELETE \/v1\/job\/[^/]+$/, { JobModifyIndex: "number" }],
	[/^GET \/v1\/jobs$/, ["@JobStub"]],
	[/^GET \/v1\/job\/[^/]+$/, "@RegisteredJob"],
	[/^GET \/v1\/job\/[^/]+\/versions$/, { "Versions?": ["@RegisteredJob"] }],
	[/^GET \/v1\/job\/[^/]+\/submission$/, {
		Source: "text",
		Format: "text",
		Variables: "text",
		"VariableFlags?": { "*": "text" }
	}],
	[/^GET \/v1\/job\/[^/]+\/scale$/, "@ScaleStatus"],
	[/^GET \/v1\/job\/[^/]+\/evaluations$/, ["@Evaluation"]],
	[/^GET \/v1\/job\/[^/]+\/deployments$/, ["@Deployment"]],
	[/^GET \/v1\/(?:job\/[^/]+\/allocations|allocations|deployment\/allocations\/[^/]+)$/, ["@PlacedAllocation"]],
	[/^GET \/v1\/evaluation\/[^/]+$/, "@Evaluation"],
	[/^GET \/v1\/deployment\/[^/]+$/, "@Deployment"],
	[/^GET \/v1\/allocation\/[^/]+$/, "@PlacedAllocation"],
	[/^GET \/v1\/nodes$/, ["@NodeSummary"]],
	[/^GET \/v1\/node\/[^/]+$/, { "Attributes?": { "*": "text" } }],
	[/^(?:GET|PUT) \/v1\/var\//, "@Variable"],
	[/^(?:GET \/v1\/acl\/token\/self|POST \/v1\/acl\/(?:login|oidc\/complete-auth))$/, "@AclToken"],
	[/^GET \/v1\/acl\/auth-methods$/, [{
		Name: "text",
		Type: "text",
		"Default?": "boolean"
	}]],
	[/^POST \/v1\/acl\/oidc\/auth-url$/, { AuthURL: "text" }],
	[/^GET \/v1\/client\/allocation\/[^/]+\/checks$/, { "*": "@CheckResult" }],
	[/^GET \/v1\/client\/allocation\/[^/]+\/stats$/, { "Tasks?": { "*": { "ResourceUsage?": {
		"CpuStats?": "object",
		"MemoryStats?": "object"
	} } } }],
	[/^GET \/v1\/client\/fs\/stat\//, "@FileInfo"],
	[/^GET \/v1\/client\/fs\/ls\//, ["@FileInfo"]]
];
/** The fields by which a run decides. Another one that is missing has the zero value of Go, as for Nomad's own program. */
const DECISIVE$1 = [
	"ID",
	"EvalID",
	"SecretID",
	"AuthURL"
];
/** Differences and specs have a few levels. */
const MAX_DEPTH$3 = 100;
/**
* Returns the first part of an answer that is not of the form that Nomad gives it, as the end of a sentence; undefined where all fits. Sets missing texts to the
* empty one. Unknown fields are ignored.
*/
function misfit({ method, path }, json) {
	const form = ROUTES.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
	if (form === void 0 || json === void 0 || json === null && typeof form !== "string") return void 0;
	return wrongIn(json, form, "", 0);
}
/** Returns whether a part of an answer is of a form. */
const fits = (value, form) => wrongIn(value, form, "", 0) === void 0;
function wrongIn(value, form, at, depth) {
	const wrong = (wanted) => `${at === "" ? "it" : `\`${at}\``} is no ${wanted}`;
	if (depth > MAX_DEPTH$3) return `\`${at.slice(0, 100)}\` is too deep`;
	if (form === "any") return void 0;
	if (form === "text") return typeof value === "string" ? void 0 : wrong("text");
	if (form === "number") return typeof value === "number" || JSON.isRawJSON(value) ? void 0 : wrong("number");
	if (form === "boolean") return typeof value === "boolean" ? void 0 : wrong("boolean");
	if (typeof form === "string") {
		const named = form === "object" ? {} : FORMS[form.slice(1)];
		return named === void 0 ? void 0 : wrongIn(value, named, at, depth);
	}
	if (isList(form)) {
		if (!Array.isArray(value)) return wrong("list");
		return firstOf(value, (item, i) => wrongIn(item, form[0], `${at}[${i}]`, depth + 1));
	}
	return isFields$1(value) ? wrongField(value, form, at, depth) : wrong("object");
}
const isList = (form) => Array.isArray(form);
const isFields$1 = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
function wrongField(value, form, at, depth) {
	return firstOf(Object.entries(form), ([written, own]) => {
		const name = written.replace(/\?$/, "");
		return firstOf(name === "*" ? Object.keys(value) : [name], (key) => {
			const place = at === "" ? key : `${at}.${key}`;
			const field = Object.hasOwn(value, key) ? value[key] : void 0;
			if (field !== null && field !== void 0) return wrongIn(field, own, place, depth + 1);
			if (written.endsWith("?")) return void 0;
			if (own === "text" && !DECISIVE$1.includes(key)) value[key] = "";
			else if (own !== "number" && own !== "boolean" || DECISIVE$1.includes(key)) return `\`${place}\` is missing`;
		});
	});
}
/** Returns the first result that is not undefined. */
function firstOf(items, of) {
	for (const [i, item] of items.entries()) {
		const found = of(item, i);
		if (found !== void 0) return found;
	}
}
// src/nomad/frames.ts
const FRAME = {
	"File?": "text",
	"Data?": "text",
	"Offset?": "number",
	"FileEvent?": "text"
};
/** The longest frame is 64 KiB of data as Base64. */
const MAX_FRAME = 1048576;
/**
* Reads the frames of a stream of files: JSON objects, one after the other. Throws an error for an answer that ends within a frame, and with Nomad's own words
* where they stand behind the last one: an error of the stream, whose status was sent before.
*/
async function* framesOf(bytes) {
	const decoder = new TextDecoder();
	let rest = "";
	let nextEnd = endFinder();
	for await (const chunk of bytes) {
		rest += decoder.decode(chunk, { stream: true });
		for (let end = nextEnd(rest); end !== void 0; end = nextEnd(rest)) {
			const frame = parsed$2(rest.slice(0, end));
			if (frame === void 0) throw new Error("the stream is not of frames");
			rest = rest.slice(end).trimStart();
			nextEnd = endFinder();
			yield frame;
		}
		if (rest.length > MAX_FRAME) throw new Error("the stream is not of frames");
	}
	const words = rest.trim();
	if (words !== "") throw new Error(words.startsWith("{") ? "the stream ended within a frame" : words);
}
/** Returns a function that finds the end of the first JSON object of a text that grows. Looks at each character once; words that are no object have no end. */
function endFinder() {
	const mark = /["\\{}]/g;
	let [depth, isText] = [0, false];
	return (text) => {
		if (!/^\s*\{/.test(text)) return void 0;
		for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
			const [sign] = found;
			if (sign === "\"") isText = !isText;
			else if (sign === "\\") {
				if (mark.lastIndex === text.length) {
					mark.lastIndex--;
					return;
				}
				mark.lastIndex++;
			} else if (!isText) depth += sign === "{" ? 1 : -1;
			if (depth === 0) return mark.lastIndex;
		}
		mark.lastIndex = text.length;
	};
}
function parsed$2(text) {
	try {
		const frame = JSON.parse(text);
		return fits(frame, FRAME) ? frame : void 0;
	} catch {
		return;
	}
}
// src/nomad/log-pieces.ts
/** Reads a stream of frames as pieces of a log, each with its place. Throws as `framesOf`. */
async function* piecesOf(stream) {
	let to;
	for await (const frame of framesOf(stream)) {
		const file = Number(/\.(\d+)$/.exec(frame.File ?? "")?.[1] ?? NaN);
		const bytes = Buffer.from(frame.Data ?? "", "base64");
		if (bytes.length === 0 || Number.isNaN(file)) continue;
		const from = to === void 0 ? firstPlace(frame, file, bytes) : to.file === file && !isTruncated(frame) ? to : {
			file,
			at: 0
		};
		to = {
			file,
			at: from.at + bytes.length
		};
		yield {
			from,
			to,
			bytes
		};
	}
}
/** Returns the place of a first frame, whose offset is behind its data. */
function firstPlace({ Offset = 0 }, file, { length }) {
	return {
		file,
		at: Math.max(0, Offset - length)
	};
}
const isTruncated = ({ FileEvent }) => FileEvent === "file truncated";
/** Returns whether a place is before another one. */
const isBefore = (a, b) => a.file < b.file || a.file === b.file && a.at < b.at;
/** Returns the part of a piece behind a place; undefined where there is none. */
function behind(piece, place) {
	if (!isBefore(piece.from, place)) return piece;
	if (!isBefore(place, piece.to)) return void 0;
	return {
		...piece,
		from: place,
		bytes: piece.bytes.subarray(place.at - piece.from.at)
	};
}
// src/nomad/policy-lines.ts
/** The capabilities within `submit-job`. Servers before 1.11.2 have only that one, and refuse a policy with the others. */
const SINCE_1_11_2 = /^((register|plan|revert|deregister|purge|evaluate|stable|force-periodic)-job|tag-job-version|[a-z-]+-(deployment|allocation))$/;
/**
* Returns the right of a capability: one of the namespace (`plan-job`), of a variable in it (`variables "path" read`), of a host volume (`host_volume "name"
* write`), or of the whole cluster (`node:read`).
*/
function rightOf(capability, namespace) {
	const [, area, level] = /^(\w+):(\w+)$/.exec(capability) ?? [];
	if (area !== void 0) return {
		words: `\`${capability}\``,
		lines: `${area} { policy = "${level}" }`,
		partOfSubmit: false
	};
	const [, volume, access] = /^host_volume "(.+)" (\w+)$/.exec(capability) ?? [];
	if (volume !== void 0) return {
		words: `\`${capability}\``,
		lines: `host_volume "${volume}" { policy = "${access}" }`,
		partOfSubmit: false
	};
	const words = `\`${capability}\` in the namespace \`${namespace}\``;
	const [, path, own] = /^variables "(.+)" (\w+)$/.exec(capability) ?? [];
	return {
		words,
		lines: `namespace "${namespace}" { ${path === void 0 ? `capabilities = ["${capability}"]` : `variables { path "${path}" { capabilities = ["${own}"] } }`} }`,
		partOfSubmit: SINCE_1_11_2.test(capability)
	};
}
/** Returns the capabilities besides `register-job` that the volumes of a job need. */
function needsOf({ TaskGroups }) {
	const needs = (TaskGroups ?? []).flatMap(({ Volumes }) => Object.values(Volumes ?? {})).flatMap(({ Type, Source, ReadOnly }) => Type === "csi" ? ["csi-mount-volume", "plugin:read"] : [`host_volume "${Source}" ${ReadOnly === true ? "read" : "write"}`]);
	return [...new Set(needs)];
}
// src/nomad/tls-problem.ts
const CLIENT_CERTIFICATE = "Set `nomad-client-cert` and `nomad-client-key` to a certificate that the authority of this Nomad has signed.";
/**
* Returns the problem of a TLS negotiation and its hint, by the code of Node's or OpenSSL's error; undefined for other errors. `tls` has the options of the
* connection.
*/
function tlsProblem(code, tls) {
	switch (code) {
		case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
		case "UNABLE_TO_GET_ISSUER_CERT":
		case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
		case "SELF_SIGNED_CERT_IN_CHAIN": return {
			what: `its certificate is signed by ${tls?.ca === void 0 ? "an authority that this runner does not know" : "another authority than the one in `nomad-cacert`"}`,
			hint: "Set `nomad-cacert` to the certificate of the authority that signed the certificate of Nomad."
		};
		case "DEPTH_ZERO_SELF_SIGNED_CERT": return {
			what: "its certificate is self-signed",
			hint: "Set `nomad-cacert` to that certificate."
		};
		case "ERR_TLS_CERT_ALTNAME_INVALID": return {
			what: `its certificate is for another name${tls?.serverName === void 0 ? "" : ` than ${tls.serverName}`}`,
			hint: "Set `nomad-tls-server-name` to a name in the certificate. Nomad's own certificates have `server.<region>.nomad`, such as `server.global.nomad`."
		};
		case "CERT_HAS_EXPIRED": return {
			what: "its certificate has expired",
			hint: "Renew the certificate of the Nomad server."
		};
		case "CERT_NOT_YET_VALID": return {
			what: "its certificate is not valid yet",
			hint: "Compare the clocks of the runner and the server."
		};
		case "ERR_OSSL_X509_KEY_VALUES_MISMATCH": return {
			what: "the client key does not belong to the client certificate",
			hint: "Set both from the same pair."
		};
		case "ERR_SSL_WRONG_VERSION_NUMBER":
		case "ERR_SSL_PACKET_LENGTH_TOO_LONG": return {
			what: "it does not speak TLS",
			hint: "Begin `nomad-addr` with http://, or enable `tls { http = true }` in Nomad."
		};
		case "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED": return {
			what: "it requires a client certificate",
			hint: CLIENT_CERTIFICATE
		};
		case "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA":
		case "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE":
		case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN":
		case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED":
		case "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR": return {
			what: "it does not accept the client certificate",
			hint: CLIENT_CERTIFICATE
		};
		default: return;
	}
}
// src/nomad/words.ts
/** All recorded versions. */
const EVERY = [
	"1.9.7",
	"1.10.5",
	"1.11.3",
	"2.0.6"
];
const API_WORDS = {
	/** The job has changed since the plan. Where the text is another one, the modify index of the job tells it. */
	conflict: {
		pattern: /^Enforcing job modify index/,
		seen: EVERY
	},
	/** The asked server gave the call to no leader: a write may be repeated. */
	neverSent: {
		pattern: /^No cluster leader$|\bfailed to get conn\b/,
		seen: EVERY
	},
	/** An election, or a lost connection between servers: the call may have taken effect, and may be repeated if it changes nothing. */
	lost: {
		pattern: /Not ready to serve consistent reads|lead thread didn't get connection|connection (?:refused|reset)|broken pipe|\bEOF$|i\/o timeout|(?:session|stream) (?:shutdown|closed)|^shutdown$|leadership (?:lost|transfer)|node is not the leader/,
		seen: []
	},
	/** A refusal of the job itself, which a repetition does not change. */
	refused: {
		pattern: /^\d+ errors? occurred:/,
		seen: EVERY
	},
	/** A token that Nomad refuses with status 500. Where the text is another one, a call without the token tells it. */
	deniedToken: {
		pattern: /^ACL token (?:expired|not found)$|\bacl token lookup failed\b/,
		seen: EVERY
	},
	/** A status 403 that no right of a token changes. */
	disabled: {
		pattern: /are disabled by the scheduler configuration$/,
		seen: EVERY
	},
	/** A status 403 of Nomad, not of a proxy. */
	denied: {
		pattern: /^Permission denied$|^ACL token not found$/,
		seen: EVERY
	},
	/** A status 404 of Nomad, not of a proxy that took the header `X-Nomad-Index` away. */
	notFound: {
		pattern: /^(?!404)[\w\s]+ not found$/,
		seen: EVERY
	},
	/** A task without a log: with another text of status 404, the log is gone. */
	noLog: {
		pattern: /not started yet\. No logs available$|^log entry for task .* not found$/,
		seen: EVERY
	},
	/** A function of HCL that only Nomad's program has. */
	fileFunction: {
		pattern: /filesystem function disabled/,
		seen: EVERY
	},
	/** A field that the version of a parser does not know. */
	unknownField: {
		pattern: /^Unsupported (?:argument|block type)\b/,
		seen: EVERY
	},
	/** A part of the language that the version of a parser does not know. */
	unknownWord: {
		pattern: /^(?:Call to unknown function|Invalid type specification)\b/,
		seen: []
	},
	/** A diagnostic that only follows from another one. */
	follows: {
		pattern: /value must be known/,
		seen: EVERY
	},
	/** The place of a diagnostic: the line, and the column. */
	place: {
		pattern: /(?:input\.hcl|stdin):(\d+),(\d+)/,
		seen: EVERY
	},
	/** The variable whose value is not of the declared type, and why. */
	valueType: {
		pattern: /^Invalid value for variable; The value for (\S+) is not compatible with the variable's type constraint: ([\s\S]*)$/,
		seen: EVERY
	},
	/** The rule that a value breaks, and the line and the column of that rule. */
	valueRule: {
		pattern: /^Invalid value for \w+ variable; ([\s\S]*?)(?<!\s)\s*This was checked by the validation rule at [^\n]{0,200}?:(\d+),(\d+)(?:[,-][\d,-]*)?\.$/,
		seen: EVERY
	},
	/** A value of the wrong type in a job object: the type that was sent, the field, the type that is wanted. */
	wrongType: {
		pattern: /cannot unmarshal (\S+) into Go struct field \w+\.Job\.(\S+) of type (\S+)/,
		seen: EVERY
	},
	/** A batch job that Nomad ended at the limit of its group, where neither an event nor the time of the kill tells. */
	runLimit: {
		pattern: /\bmax_run_duration\b/,
		seen: ["2.0.6"]
	}
};
/** Returns whether a call must not be repeated before the result of the first try is known. */
function isWrite(call) {
	return isChanging(call) && call.repeatable !== true;
}
/** Returns whether a call changes something. Plan, validate and parse are POST requests without changes; a login can be repeated. */
function isChanging({ method, path }) {
	return method !== "GET" && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan|acl\/login)$/.test(path);
}
/**
* Returns whether a retry may get another answer. A call that changes nothing is repeated after each status 500 but a known refusal; one that changes something
* only after a known text.
*/
function isTransient(call, { status, text }) {
	if (status === 429) return true;
	const words = nomadsWords(text);
	const neverSent = status === 500 && API_WORDS.neverSent.pattern.test(words);
	if (isWrite(call)) return neverSent;
	if (call.patient === true) return status >= 500;
	if (status !== 500) return status >= 502 && status <= 504;
	const isOwn = isChanging(call) || call.accept?.includes(500) === true;
	return neverSent || API_WORDS.lost.pattern.test(words) || !(isOwn || API_WORDS.refused.pattern.test(words));
}
/** Returns whether a write may have taken effect although it failed: a gateway or a server lost the answer. */
function isLost$1(call, { status, text }) {
	return isWrite(call) && ([
		502,
		503,
		504
	].includes(status) || status === 500 && API_WORDS.lost.pattern.test(nomadsWords(text)));
}
/** Returns whether Nomad denied the call. A page would be that of a proxy. */
function isDenied({ status, text }) {
	const words = nomadsWords(text);
	return status === 401 || status === 403 && !API_WORDS.disabled.pattern.test(words) || status === 500 && API_WORDS.deniedToken.pattern.test(words);
}
/** Returns whether a status 500 may mean anything, because its text is unknown. */
function isUnclear({ status, text }) {
	const { neverSent, lost, refused, deniedToken } = API_WORDS;
	const words = nomadsWords(text);
	return status === 500 && ![
		neverSent,
		lost,
		refused,
		deniedToken
	].some(({ pattern }) => pattern.test(words));
}
/** Returns the error of an answer that is not from Nomad's API; undefined otherwise, and for a lost write. */
function notNomad(call, { status, text, json, index }, address, location) {
	if (isWrite(call) && status >= 502) return void 0;
	if (status >= 300 && status < 400) {
		const to = location !== void 0 && URL.canParse(location, address) ? ` to ${new URL(location, address).origin}` : "";
		return new ActionError("unreachable", `${address} answered ${status}, a redirect${to}; redirects are not followed`, { hint: "Set `nomad-addr` to the address of Nomad itself. For a proxy with a login, set `nomad-headers`." });
	}
	if (/^\s*<(!doctype|html)/i.test(text) && !call.path.startsWith("/v1/client/fs/")) {
		const error = new ActionError("unreachable", `${address} answered ${status} with a web page, which is not from Nomad`, { hint: "Check `nomad-addr`. For a proxy with a login in front of Nomad, set `nomad-headers`." });
		return isWrite(call) && status === 200 ? unknownOutcome(call, error) : error;
	}
	const isMissing = index > 0 || API_WORDS.notFound.pattern.test(text);
	if (status === 404 ? namesObjects(call) && !isMissing : status === 200 && !isNomads(call, json)) {
		const error = new ActionError("unreachable", `${address} answered ${status} with text that is not from Nomad`, { hint: "Check `nomad-addr`, and the proxy in front of Nomad." });
		return isWrite(call) ? unknownOutcome(call, error) : error;
	}
	const wrong = status === 200 ? misfit(call, json) : void 0;
	if (wrong !== void 0) {
		const words = `${address} answered ${call.method} ${call.path} in another form than Nomad: ${wrong}`;
		const error = new ActionError("unreachable", words, { hint: "Check `nomad-addr`, and the proxy in front of Nomad." });
		return isWrite(call) ? unknownOutcome(call, error) : error;
	}
	if (status === 400 && text.includes("HTTP request to an HTTPS server")) return new ActionError("unreachable", `${address} requires TLS`, { hint: "Begin `nomad-addr` with https://." });
}
/** Returns whether a 404 to a call is about an object of the servers. A client has no index for its answers. */
function namesObjects({ patient, accept, path }) {
	return patient === true || accept?.includes(404) === true && !path.startsWith("/v1/client/");
}
/** Returns whether JSON has the form of Nomad's answer to a call. */
function isNomads({ gives }, json) {
	if (gives === "text" || gives === "stream") return true;
	if (json === null || typeof json !== "object") return json === null && gives !== "object";
	return gives === void 0 || (gives === "list" ? Array.isArray(json) : "ID" in json);
}
/** Returns the error of a refused call: `permission-denied`, `unknown-outcome`, or `nomad-refused` with Nomad's own words. */
function nomadRefusal(call, answer, address, holder) {
	const { status, text } = answer;
	const words = nomadsWords(text);
	if (isDenied(answer) || holder.is === "unknown") {
		const isProxys = status === 403 && !API_WORDS.denied.pattern.test(words);
		const hint = `${deniedHint(call, holder, status)}${isProxys ? " The text is not known from Nomad: a proxy in front of it may have denied the call." : ""}`;
		return new ActionError("permission-denied", `Nomad at ${address} answered ${status}: ${words}`, {
			hint,
			needsLogin: holder.is === "none" || holder.is === "unknown"
		});
	}
	if (isLost$1(call, answer)) {
		const said = status === 500 ? `: ${words}` : "";
		return unknownOutcome(call, new ActionError("unreachable", `${address} answered ${status} to ${call.method} ${call.path}${said}`));
	}
	return new ActionError("nomad-refused", `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`);
}
const UPGRADES = "Exec sessions are web sockets: let the proxy in front of Nomad pass on the headers Upgrade and Connection.";
/** Returns the error of a server that answered the request of a web socket like any other one. */
function socketRefusal({ status, text }, address) {
	const told = text.trim() === "" ? "" : `: ${nomadsWords(text).replaceAll(/(?<!\s)\s*\n\s*/g, ": ")}`;
	return new ActionError("unreachable", `${address} answered ${status} and opened no web socket${told}`, { hint: UPGRADES });
}
/** Returns the error of a server that has no HTTP/1.1, which a web socket begins with; undefined for other errors. */
function socketProblem(error, address) {
	if (connectionCode(error) !== "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL") return void 0;
	return new ActionError("unreachable", `${address} takes HTTP/2 only, so there are no exec sessions`, {
		hint: "Exec sessions are web sockets, which begin with HTTP/1.1: let the server take that, too.",
		cause: error
	});
}
/** Returns the hint of a denied call, with the needed rights, which Nomad's answer does not name. */
function deniedHint({ capability, needs = [], namespace = "default" }, holder, status) {
	const rights = [capability, ...needs].map((one) => rightOf(one, namespace));
	const wanted = rights.map(({ words }) => words).join(" and ");
	const older = rights.some(({ partOfSubmit }) => partOfSubmit) ? " (before Nomad 1.11.2: `submit-job`)" : "";
	const policy = `Policy: ${rights.map(({ lines }) => `\`${lines}\``).join(" and ")}${older}.`;
	switch (holder.is) {
		case "none": return `There is no token: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
		case "unknown": return `The token is unknown to this cluster, or has expired: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
		case "logged-in": return `This server does not know the token of the login: check that all servers behind this address are in one region. ${policy}`;
		case "known": return `${holder.words} must allow ${wanted}. ${policy}`;
		case "identity": {
			const own = `the workload identity of the job ${holder.job}`;
			if (status === 500) return `The token is ${own}, which this server does not take for this request. ${PLANNING}`;
			return `The token is ${own}, and must allow ${wanted}. ${policy} ${`Bind the policy to the job (nomad acl policy apply -namespace ${holder.namespace} -job ${holder.job}).`}${capability === "plan-job" ? ` ${PLANNING}` : ""}`;
		}
		case "unclear": return `The token must be valid and allow ${wanted}. ${policy}`;
	}
}
/** The advice about a workload identity that a server refuses whatever its policies are. */
const PLANNING = "Nomad plans with a workload identity from version 2.0.4 on (Enterprise: 1.11.8 and 1.10.14): update the servers, or set `nomad-token` to an ACL token.";
/** Returns the error of a sent write without an answer: it may have taken effect. */
function unknownOutcome({ path }, { message, cause }) {
	return new ActionError("unknown-outcome", message, {
		cause,
		hint: `The write to ${path} may have taken effect.`
	});
}
/** The longest text, longer than Nomad's about any job. Another server may send pages. */
const MAX_WORDS = 65536;
/** Returns Nomad's text of an error without the prefix of its RPC layer. A long text is cut after a word, because the redactor can't find a cut secret. */
function nomadsWords(text) {
	const words = text.trim().replace(/^(RPC Error:: ?\d+, ?|rpc error: )+/, "");
	if (words.length > MAX_WORDS) return `${words.slice(0, MAX_WORDS).replace(/(?<!\S)\S*$/, "").trimEnd()} …`;
	return words === "" ? "no text" : words;
}
/** Returns the status of a proxy that refused the connection, from undici's text; undefined for other errors. */
function proxyAnswer(error) {
	const [, tunnel, forward] = /Proxy (?:response \((\d+)\)|Authentication Required \((\d+)\))/.exec(messageOf$1(error)) ?? [];
	return tunnel === void 0 && forward === void 0 ? void 0 : Number(tunnel ?? forward);
}
/**
* Returns the error of a call without an answer, `unreachable`. `answered` says whether any call had an answer, and `proxy` is the address of the proxy for
* messages.
*/
function connectionError(error, call, { address, tls, answered }, proxy) {
	const code = connectionCode(error);
	const refused = proxyAnswer(error);
	const problem = refused === void 0 ? tlsProblem(code, tls) : proxyProblem(refused, proxy);
	const closed = code === "UND_ERR_SOCKET" && !answered && !messageOf$1(error).includes("GOAWAY") && address.startsWith("https:") && tls?.cert === void 0;
	const what = problem?.what ?? connectionProblem(error);
	const between = proxy === void 0 ? "" : `, the proxy ${proxy} (unless NO_PROXY names the host)`;
	return new ActionError("unreachable", `cannot reach Nomad at ${address} (${call.method} ${call.path}): ${what}`, {
		hint: problem?.hint ?? (closed ? "If the server requires a client certificate, set `nomad-client-cert` and `nomad-client-key`." : `Check \`nomad-addr\`${between}, and that this runner can reach the cluster.`),
		cause: error
	});
}
function proxyProblem(status, proxy) {
	return {
		what: `the proxy${proxy === void 0 ? "" : ` ${proxy}`} answered ${status}`,
		hint: status === 407 ? "Add user and password to the address of the proxy: http://user:password@proxy.example.com:3128." : "Allow this host and port in the proxy, or add the host to NO_PROXY."
	};
}
/** The longest line, and the longest tail. */
const MAX_LOG_BYTES = 65536;
/** The log is looked for so far from its end to continue at a known place. The last look is from its start. */
const REACHES = [
	MAX_LOG_BYTES,
	1048576,
	16777216,
	void 0
];
/** The last lines of a task can arrive late: a node writes logs every 100 ms. */
const LOG_DELAY_MS$1 = 200;
/** The pauses before a log is asked for again, after a lost connection, or where there is none yet. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5e3;
/** The lines that were rotated away while the connection was lost cannot be read any more. */
const GAP = "(lines are missing here: Nomad has removed them before they could be read)";
/**
* Reads the lines of a log, and with `over` its new lines until the task has ended. Continues at the same byte after a lost connection. Resolves when all is
* read, with the reason where the log can't be read. Rejects when the signal aborts, and with `unreachable` where the log is not followed.
*/
async function readLog(place, { last, over, onTail, onLost, tell }) {
	const lines = lineSplitter(MAX_LOG_BYTES);
	const put = async (found) => {
		if (found.length > 0) await tell(found);
	};
	const begun = last === void 0 ? {
		at: void 0,
		lines: []
	} : await readTail(place, lines, last);
	if (typeof begun === "string") return begun;
	const shown = over === void 0 && last !== void 0 ? lastOf([...begun.lines, ...rest(lines)], last) : begun.lines;
	if (onTail === void 0) await put(shown);
	else onTail(shown);
	let at = begun.at;
	const take = async ({ bytes, to }) => {
		at = to;
		await put(lines.push(bytes));
	};
	if (over !== void 0) {
		const unread = await followLog(place, {
			over,
			take,
			at: () => at,
			gap: async () => put([...rest(lines), GAP]),
			lost: () => onLost?.()
		});
		if (unread !== void 0) return unread;
		await place.clock.sleep(LOG_DELAY_MS$1, place.signal);
	}
	if (over !== void 0 || last === void 0) {
		const pieces = await openAt(place, at, false);
		if (typeof pieces !== "string") for await (const piece of pieces.pieces) await take(piece);
	}
	await put(rest(lines));
}
const lastOf = (lines, count) => lines.slice(Math.max(0, lines.length - count));
const rest = (lines) => [lines.end()].flatMap((line) => line ?? []);
/** Reads the last lines of a log as it is now. A begun line stays in the splitter. */
async function readTail(place, lines, last) {
	const window = Math.min(Math.max(last, 1) * 200, MAX_LOG_BYTES);
	const pieces = await open(place, {
		origin: "end",
		offset: window
	}, false);
	if (pieces === "none") return {
		at: void 0,
		lines: []
	};
	if (typeof pieces === "string") return pieces;
	let [at, bytes] = [void 0, 0];
	const found = [];
	for await (const piece of pieces) {
		if (at === void 0 && isBefore({
			file: 0,
			at: 0
		}, piece.from)) lines.skip();
		for (const line of lines.push(piece.bytes)) found.push(line);
		found.splice(0, found.length - last);
		bytes += piece.bytes.length;
		at = piece.to;
	}
	const isOneLine = found.length === 0 && last > 0 && bytes >= window && lines.isSkipping();
	return {
		at,
		lines: isOneLine ? [`(a line of more than ${window} bytes)`] : found
	};
}
/** Hands over the pieces of a log behind a place until the task is over, also after a lost connection. Returns why the log can't be read. */
async function followLog(place, { over, take, at, gap, lost }) {
	const signal = AbortSignal.any([place.signal, over]);
	for (let pauseMs = FIRST_PAUSE_MS; !over.aborted; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) try {
		const opened = await openAt({
			...place,
			signal
		}, at(), true);
		if (opened === "denied" || opened === "gone") return opened;
		if (opened !== "none") {
			if (opened.isGap) await gap();
			for await (const piece of opened.pieces) {
				await take(piece);
				pauseMs = FIRST_PAUSE_MS;
			}
		}
		await place.clock.sleep(pauseMs, signal);
	} catch (error) {
		place.signal.throwIfAborted();
		if (error instanceof ActionError && error.code !== "unreachable") throw error;
		if (over.aborted) break;
		lost();
		await place.clock.sleep(pauseMs, signal).catch(() => void 0);
	}
	place.signal.throwIfAborted();
}
/** Opens a log behind a place, or at its start. `isGap`: the bytes behind the place are gone. */
async function openAt(place, at, follow) {
	for (const reach of at === void 0 ? [void 0] : REACHES) {
		const pieces = await open(place, reach === void 0 ? {
			origin: "start",
			offset: 0
		} : {
			origin: "end",
			offset: reach
		}, follow);
		if (typeof pieces === "string") return pieces;
		if (at === void 0) return {
			pieces,
			isGap: false
		};
		const first = await pieces.next();
		if (first.done === true) return {
			pieces,
			isGap: false
		};
		const isLate = isBefore(at, first.value.from);
		if (!isLate || reach === void 0) return {
			pieces: restOf(first.value, pieces, at),
			isGap: isLate
		};
		await pieces.return(void 0);
	}
	throw new Error("a log has a start");
}
async function* restOf(first, others, at) {
	const own = behind(first, at);
	if (own !== void 0) yield own;
	for await (const piece of others) {
		const part = behind(piece, at);
		if (part !== void 0) yield part;
	}
}
/** Opens a log at a distance from its end, or at its start. */
async function open({ send, log: { id, task, type }, namespace, signal }, from, follow) {
	const query = {
		task,
		type,
		follow: String(follow),
		...from
	};
	const { status, text, bytes } = await send({
		method: "GET",
		path: `/v1/client/fs/logs/${id}`,
		query,
		gives: "stream",
		namespace,
		signal,
		accept: [
			400,
			403,
			404,
			500
		],
		capability: "read-logs"
	});
	if (bytes !== void 0) return piecesOf(bytes);
	return unreadOf(status, text) ?? "none";
}
/** Returns why Nomad gives no log; undefined where the task has none yet. */
function unreadOf(status, text) {
	if (status === 200) return void 0;
	if (status === 403) return "denied";
	return status === 400 || API_WORDS.noLog.pattern.test(nomadsWords(text)) ? void 0 : "gone";
}
// src/nomad/allocations.ts
/** Returns the lines that have an end. */
const wholeLines = (text) => text.split("\n").slice(0, -1);
/** The resource `/v1/allocations`. Logs and checks of an allocation are answered by the client that runs it. */
function allocations({ send }, clock) {
	return {
		/** Reads the allocations of all versions of a job with their ports, in one request. */
		placed: async (jobId, namespace, signal) => {
			const { json } = await send({
				method: "GET",
				path: "/v1/allocations",
				query: {
					resources: "true",
					filter: `JobID == ${JSON.stringify(jobId)}`
				},
				namespace,
				signal,
				capability: "read-job"
			});
			return json ?? [];
		},
		/**
		* Reads the last lines of a task's log, oldest first; none when the task has written nothing or never started. Returns `denied` when the token may not read
		* logs, and `gone` when the node can't be reached or has removed the allocation (it keeps `gc_max_allocs` ended ones, 50 by default).
		* See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
		*/
		logTail: async ({ id, task, type }, lines, namespace, signal) => {
			if (lines === 0) return [];
			const offset = Math.min(lines * 200, MAX_LOG_BYTES);
			const call = {
				method: "GET",
				path: `/v1/client/fs/logs/${id}`,
				gives: "text",
				namespace,
				capability: "read-logs",
				signal
			};
			const readFrom = async (place) => send({
				...call,
				query: {
					task,
					type,
					plain: "true",
					...place
				},
				accept: [
					400,
					403,
					404,
					500
				]
			});
			const { status, text, ended } = await readFrom({
				origin: "end",
				offset
			});
			const unread = unreadOf(status, text);
			if (unread !== void 0) return unread;
			if (status !== 200 || text === "") return [];
			const isFull = Buffer.byteLength(text) >= offset;
			if (!ended && !isFull) {
				const whole = await readFrom({
					origin: "start",
					offset: 0
				});
				return whole.status === 200 ? wholeLines(whole.text).slice(-lines) : [];
			}
			const all = text.replace(/\n$/, "").split("\n");
			if (!isFull) return all.slice(-lines);
			return all.length > 1 ? all.slice(1).slice(-lines) : [`(a line of more than ${offset} bytes)`];
		},
		/**
		* Returns when a log of a task was last changed, in milliseconds since the epoch; undefined when it is unknown, also where the token may not list files.
		* See https://developer.hashicorp.com/nomad/api-docs/client#list-files
		*/
		logChangedAt: async (id, task, namespace, signal) => {
			const { json } = await send({
				method: "GET",
				path: `/v1/client/fs/ls/${id}`,
				query: { path: "alloc/logs" },
				gives: "list",
				namespace,
				accept: [
					400,
					403,
					404,
					500
				],
				capability: "read-fs",
				signal
			});
			const own = (json ?? []).filter(({ Name }) => /^\.(stdout|stderr)\.\d+$/.test(Name.slice(task.length)) && Name.startsWith(task));
			return own.length === 0 ? void 0 : Math.max(...own.map(({ ModTime }) => parseTime(ModTime)));
		},
		/** Reads the lines of a log, and its new lines while the task runs: see `readLog`. */
		readLog: async (log, wish, namespace, signal) => readLog({
			send,
			clock,
			log,
			namespace,
			signal
		}, wish),
		/**
		* Restarts the running tasks of an allocation, or the named one, in place. Nomad answers when they have ended.
		* See https://developer.hashicorp.com/nomad/api-docs/client#restart-allocation
		*/
		restart: async (id, task, namespace, signal) => {
			const body = JSON.stringify(task === void 0 ? {} : { TaskName: task });
			await send({
				method: "PUT",
				path: `/v1/client/allocation/${id}/restart`,
				body,
				namespace,
				capability: "alloc-lifecycle",
				signal
			});
		},
		/**
		* Reads what the tasks of a running allocation use, by their names; undefined when the node does not tell.
		* See https://developer.hashicorp.com/nomad/api-docs/client#read-allocation-statistics
		*/
		usage: async (id, namespace, signal) => {
			const { json } = await send({
				method: "GET",
				path: `/v1/client/allocation/${id}/stats`,
				namespace,
				accept: [
					400,
					404,
					500
				],
				capability: "read-job",
				signal
			});
			const tasks = json?.Tasks;
			if (json === void 0 || !tasks) return void 0;
			return Object.fromEntries(Object.entries(tasks).map(([task, { ResourceUsage }]) => {
				const { CpuStats, MemoryStats } = ResourceUsage ?? {};
				const bytes = MemoryStats?.RSS || (MemoryStats?.Usage ?? 0);
				return [task, {
					cpuMhz: CpuStats?.TotalTicks ?? 0,
					memoryMb: bytes / 1024 / 1024
				}];
			}));
		},
		/** Reads the latest check results of Nomad services; undefined when the token may not read them or the node can't be reached. */
		checks: async (id, namespace, signal) => {
			const { json } = await send({
				method: "GET",
				path: `/v1/client/allocation/${id}/checks`,
				namespace,
				accept: [
					403,
					404,
					500
				],
				capability: "read-job",
				signal
			});
			return json === void 0 ? void 0 : Object.values(json ?? {});
		}
	};
}
// src/nomad/request.ts
/** A blocking query takes up to 17/16 of its wait, so undici's own limit must be longer. */
const RESPONSE_TIMEOUT_MS = 6e4;
const CONNECT_TIMEOUT_MS = 1e4;
/** The time limit of a whole request, also of an answer without an end. The longest body takes less on a slow line. */
const REQUEST_TIMEOUT_MS = 18e4;
/** The longest silence of a stream, which has no time limit as a whole. Nomad sends a heartbeat in each second of a followed log. */
const SILENCE_MS = 3e4;
/** The limits of an answer. A list of allocations has some 30 kB for each, ended ones included; a log is as long as its task keeps it. */
const MAX_BYTES$3 = 33554432;
const MAX_LARGE_BYTES = 268435456;
const LARGE = /^\/v1\/(allocations|jobs|nodes|client\/fs\/logs\/[^/]*|deployment\/allocations\/.*|job\/.*\/(allocations|versions|evaluations|deployments))(\?|$)/;
/**
* Opens the connections to a Nomad API: HTTP/1.1, and HTTP/2 where the server refuses HTTP/1.1. `ask` throws undici's errors, an error for an answer that ends too
* soon, and `nomad-refused` for an answer that is too long.
*/
async function openExchange(connection, { log, clock }, dial = openDispatcher) {
	const { address, headers = {} } = connection;
	const shared = await dial(connection, { allowH2: false });
	const base = new URL(socketOf(address) === void 0 ? address : "http://localhost");
	const basePath = base.pathname.replace(/(?<!\/)\/+$/, "");
	const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]));
	const headersWith = (bearer) => ({
		...ownHeaders,
		...bearer === void 0 ? {} : { "x-nomad-token": bearer.reveal() }
	});
	const closed = new AbortController();
	let [onlyHttp2, answered] = [false, false];
	let sockets;
	async function begin(options) {
		try {
			if (!onlyHttp2) return {
				response: await shared.request(options),
				release: async () => void 0
			};
		} catch (error) {
			if (connectionCode(error) !== "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL") throw error;
			onlyHttp2 = true;
		}
		const own = await dial(connection, { allowH2: true });
		const release = async () => own.destroy();
		try {
			return {
				response: await own.request(options),
				release
			};
		} catch (error) {
			await release();
			throw error;
		}
	}
	return {
		ask: async ({ bearer, method, path, body, ...form }, signal) => {
			const startedAt = clock.now();
			const shown = `${method} ${path.replace(/\?.*/, "")}`;
			const { response, release } = await begin({
				origin: base.origin,
				method,
				path: `${basePath}${path}`,
				headers: headersWith(bearer),
				body: body ?? null,
				...form.gives === "stream" ? {
					signal: AbortSignal.any([signal, closed.signal]),
					bodyTimeout: SILENCE_MS
				} : { signal: AbortSignal.any([
					signal,
					closed.signal,
					clock.timeout(REQUEST_TIMEOUT_MS)
				]) }
			});
			answered = true;
			const { statusCode: status } = response;
			const bytes = form.gives === "stream" && status === 200 ? { bytes: released(response.body, release) } : void 0;
			const text = bytes === void 0 ? await wholeText({
				response,
				release
			}, LARGE.test(path) ? MAX_LARGE_BYTES : MAX_BYTES$3, shown) : "";
			const json = status === 200 ? parsed$1(text, form) : void 0;
			log.debug(`${shown} -> ${status} in ${clock.now() - startedAt} ms`);
			const header = (name) => [response.headers[name]].flat()[0];
			const index = Number(header("x-nomad-index") ?? 0);
			return {
				answer: {
					status,
					text,
					json,
					ended: (header("content-length") ?? header("transfer-encoding")) !== void 0,
					index: Number.isSafeInteger(index) && index > 0 ? index : 0,
					...bytes
				},
				header
			};
		},
		socket: async (path, bearer, signal) => {
			const { openSocket } = await import("./websocket.js");
			sockets ??= await dial(connection, {
				allowH2: false,
				proxyTunnel: true
			});
			const request = {
				origin: base.origin,
				path: `${basePath}${path}`,
				headers: headersWith(bearer)
			};
			return openSocket(sockets, request, clock, AbortSignal.any([signal, closed.signal]));
		},
		close: async () => {
			closed.abort();
			await Promise.all([shared.destroy(), sockets?.destroy()]);
		},
		isClosed: () => closed.signal.aborted,
		hasAnswered: () => answered
	};
}
/** Reads an answer to its end, and gives its connection back. Throws as `readText`. */
async function wholeText({ response, release }, maxBytes, what) {
	try {
		return await readText(response.body, maxBytes, what);
	} finally {
		await release();
	}
}
/** Gives the connection of a stream back when it has been read, or is left. */
async function* released(body, release) {
	try {
		yield* body;
	} finally {
		await release();
	}
}
async function openDispatcher({ address, tls, proxy }, form) {
	const { Agent, EnvHttpProxyAgent } = await import("./undici2.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const options = {
		...form,
		headersTimeout: RESPONSE_TIMEOUT_MS,
		bodyTimeout: RESPONSE_TIMEOUT_MS
	};
	const socketPath = socketOf(address);
	if (socketPath !== void 0) return new Agent({
		connect: {
			timeout: CONNECT_TIMEOUT_MS,
			socketPath
		},
		...options
	});
	const connect = {
		timeout: CONNECT_TIMEOUT_MS,
		...tlsOptions(tls)
	};
	return new EnvHttpProxyAgent({
		connect,
		requestTls: connect,
		...options,
		...proxyOptions(proxy)
	});
}
function socketOf(address) {
	return address.startsWith("unix://") ? address.slice(7) : void 0;
}
/** Reads an answer to its end. Throws `nomad-refused` when it is longer than `maxBytes`. */
async function readText(body, maxBytes, what) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.length;
		if (bytes > maxBytes) throw new ActionError("nomad-refused", `the answer to ${what} has more than ${maxBytes / 1024 / 1024} MiB`, { hint: "Check that `nomad-addr` is the address of Nomad." });
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}
/** Parses an answer of the API; undefined for a log, and for other text than JSON. Throws for a cut answer, also an empty one. */
function parsed$1(text, { gives, decode = JSON.parse }) {
	if (gives === "text" || gives === "stream") return void 0;
	try {
		return decode(text);
	} catch (error) {
		if (isCutJson(text)) throw new Error("the answer ended too soon", { cause: error });
		return;
	}
}
function proxyOptions(proxy) {
	return proxy === void 0 ? {} : {
		httpProxy: proxy.value.reveal(),
		httpsProxy: proxy.value.reveal()
	};
}
/** Returns a proxy for messages, without user and password. */
function shownProxy(proxy) {
	if (proxy === void 0) return void 0;
	const { protocol, host } = new URL(proxy.value.reveal());
	return `${protocol}//${host} of ${proxy.source}`;
}
function tlsOptions(tls) {
	if (tls === void 0) return {};
	const { ca, cert, key, serverName, skipVerify } = tls;
	return {
		...ca === void 0 ? {} : { ca },
		...cert === void 0 || key === void 0 ? {} : {
			cert,
			key: key.reveal()
		},
		...serverName === void 0 ? {} : { servername: serverName },
		rejectUnauthorized: !skipVerify
	};
}
// src/nomad/session.ts
/** Returns a function for the token of a login, with one login at a time for all requests. `refused` is a token that Nomad no longer accepts. */
function openSession(login, clock) {
	let current;
	return async (refused) => {
		const asked = current;
		const held = await asked;
		if (held !== void 0 && held.token !== refused && clock.now() < held.renewAtMs || current !== asked) return (await (current ?? login())).token;
		const next = login();
		current = next;
		try {
			return (await next).token;
		} catch (error) {
			if (current === next) current = void 0;
			throw error;
		}
	};
}
// src/nomad/token.ts
/** Returns a token in words: its name, accessor and policies, none of which is secret. */
function describeToken({ Name, AccessorID, Type, Policies, Roles }) {
	const grants = [...(Policies ?? []).map((name) => `policy ${name}`), ...(Roles ?? []).map((role) => `role ${role.Name}`)];
	const given = Type === "management" ? "management" : grants.join(", ") || "no policies";
	return `${Name === "" ? "" : `${Name} `}(accessor ${AccessorID}, ${given})`;
}
/**
* Returns the holder of a token from the answer of `/v1/acl/token/self` and its header `Date`, in whole seconds. Nomad 1.9 answers 404 for an unknown token, and
* 200 for one that has expired; newer versions answer 403, and 500, which is unclear by itself.
*/
function readHolder({ status, json }, date) {
	if (status !== 200) return { is: [
		401,
		403,
		404
	].includes(status) ? "unknown" : "unclear" };
	const token = json;
	if (parseTime(token.ExpirationTime ?? "") <= parseTime(date ?? "") + 1e3) return { is: "unknown" };
	return {
		is: "known",
		words: `The token ${describeToken(token)}`,
		isManagement: token.Type === "management"
	};
}
/**
* Returns the job of a workload identity, the token that Nomad signs for a task; undefined for any other token. Nomad's API for tokens does not know it. The
* signature is Nomad's to check. See https://developer.hashicorp.com/nomad/docs/concepts/workload-identity
*/
function readIdentity(token) {
	const [, payload = "", ...signature] = token.reveal().split(".");
	if (signature.length !== 1) return void 0;
	let claims;
	try {
		claims = JSON.parse(Buffer.from(payload, "base64url").toString());
	} catch {
		return;
	}
	const job = textAt(claims, "nomad_job_id");
	return job === void 0 ? void 0 : {
		is: "identity",
		job,
		namespace: textAt(claims, "nomad_namespace") ?? "default"
	};
}
// src/nomad/client.ts
/** The longest wait of a blocking query, below the minute after which many proxies close an idle request. */
const BLOCKING_WAIT_S = 45;
/** The agent itself answers this path, whatever region the request names. */
const PARSER = "/v1/jobs/parse";
/** Every server with a leader answers this path, whatever the token. */
const LEADER = "/v1/status/leader";
/** The longest `Retry-After` that is respected. */
const MAX_RETRY_AFTER_S = 60;
/** Blocking queries that the server answers at once: this many in a row, then one for each interval. */
const QUICK_ANSWERS = 100;
const QUICK_INTERVAL_MS = 200;
/** Before Nomad's first answer, the address may be wrong: the failure is told soon. So is one that is not an outage, because Nomad answers other requests. */
const SOON_MS$1 = 1e4;
/** After Nomad's first answer, a request outlasts an outage of a minute, in which its first try may have hung for a minute, too. */
const OUTAGE_MS = 12e4;
const RETRY = {
	firstDelayMs: 250,
	maxDelayMs: 3e3
};
/** After the registration, an outage is waited out until the caller's signal, because the rollout goes on meanwhile. */
const PATIENT_RETRY = {
	forMs: Number.POSITIVE_INFINITY,
	firstDelayMs: 250,
	maxDelayMs: 1e4
};
/**
* Opens the transport to a Nomad API. Nothing is sent yet. Failed calls throw an `ActionError`: `unreachable`, `permission-denied`, `unknown-outcome` for a
* write whose answer was lost, or `nomad-refused` with Nomad's own words.
*/
async function openTransport(connection, runtime, dial) {
	const { log, clock } = runtime;
	const { login } = connection;
	const exchange = await openExchange(connection, runtime, dial);
	const session = login === void 0 ? void 0 : openSession(login, clock);
	const reached = { yet: false };
	const attempt = attempter({
		connection,
		exchange,
		session,
		reached
	});
	const outageMs = Math.max(SOON_MS$1, Math.min(OUTAGE_MS, connection.timeoutMs ?? OUTAGE_MS));
	const patienceMs = () => runtime.signal.aborted ? SOON_MS$1 : outageMs;
	const policyNow = () => ({
		...RETRY,
		forMs: reached.yet ? patienceMs() : SOON_MS$1
	});
	const pace = pacer(clock);
	const tokenNow = async () => session === void 0 ? connection.token : session();
	const denied = async (call, text) => {
		const holder = await holderOf(exchange, await tokenNow(), pathOfToken(call, connection.region), call.signal ?? runtime.signal);
		return nomadRefusal(call, {
			status: 403,
			text,
			json: void 0,
			index: 0,
			ended: true
		}, connection.address, holder);
	};
	const told = (error, delayMs) => log.info(`${error.message}; retrying in ${Math.round(delayMs / 100) / 10} s`);
	return {
		logIn: async () => {
			await session?.();
		},
		send: async (call) => {
			const isOwnWrite = call.signal === void 0 && isChanging(call);
			const signal = call.signal ?? (isOwnWrite && runtime.signal.aborted ? clock.timeout(6e4) : runtime.signal);
			signal.throwIfAborted();
			if (call.index !== void 0) await pace(signal);
			const policy = call.patient === true ? PATIENT_RETRY : policyNow();
			let last;
			const onRetry = (error, delayMs) => {
				last = error;
				told(error, delayMs);
			};
			const attemptOnce = async () => isOwnWrite ? attempt(call, clock.timeout(RESPONSE_TIMEOUT_MS)).catch((error) => {
				if (!isTimeout(error)) throw error;
				return {
					done: false,
					error: last ?? unanswered$1(call, connection)
				};
			}) : attempt(call, signal);
			return retry(policy, clock, signal, attemptOnce, onRetry).catch((error) => {
				throw isTimeout(error) ? last ?? unanswered$1(call, connection) : error;
			});
		},
		socket: async (call) => {
			const signal = call.signal ?? runtime.signal;
			return retry(policyNow(), clock, signal, async () => {
				const opened = await exchange.socket(pathOf(call, connection.region), await tokenNow(), signal).catch((error) => {
					if (signal.aborted) throw signal.reason;
					const failed = connectionError(error, call, {
						...connection,
						answered: exchange.hasAnswered()
					}, shownProxy(connection.proxy));
					throw socketProblem(error, connection.address) ?? failed;
				});
				if (!("status" in opened)) return {
					done: true,
					value: opened
				};
				const answer = {
					...opened,
					json: void 0,
					index: 0,
					ended: true
				};
				if (isDenied(answer)) throw await denied(call, answer.text);
				const error = notNomad(call, answer, connection.address, opened.location) ?? socketRefusal(answer, connection.address);
				if (!isTransient(call, answer)) throw error;
				return {
					done: false,
					error
				};
			}, told);
		},
		denied,
		patience: () => clock.timeout(patienceMs()),
		close: exchange.close
	};
}
/** Returns a function that delays a blocking query when the server answers again and again at once, whatever index it sends. */
function pacer(clock) {
	let [quickLeft, countedAt] = [QUICK_ANSWERS, clock.now()];
	return async (signal) => {
		const now = clock.now();
		quickLeft = Math.min(QUICK_ANSWERS, quickLeft + (now - countedAt) / QUICK_INTERVAL_MS) - 1;
		countedAt = now;
		if (quickLeft < 0) await clock.sleep(-quickLeft * QUICK_INTERVAL_MS, signal);
	};
}
/** Returns a function that sends a call once. It renews the token of a login that has expired, and throws every final failure. */
function attempter({ connection, exchange, session, reached }) {
	const { address, token, region } = connection;
	/** Tokens of successful requests: one that Nomad no longer knows has expired. */
	const worked = /* @__PURE__ */ new Set();
	/** The rights that Nomad has granted. */
	const allowed = /* @__PURE__ */ new Set();
	const rightOfCall = ({ capability, needs = [], namespace = "" }) => [
		namespace,
		capability,
		...needs
	].join("\n");
	const bearerOf = async (refused) => session === void 0 ? token : session(refused);
	async function attempt(call, signal, refused) {
		let bearer;
		try {
			bearer = await bearerOf(refused);
		} catch (error) {
			if (error instanceof ActionError && error.code === "unreachable" && waits(call)) return {
				done: false,
				error
			};
			throw error;
		}
		try {
			const response = deniedAs403(await exchange.ask({
				...call,
				bearer,
				path: pathOf(call, region)
			}, signal));
			const { answer } = response;
			const strange = notNomad(call, answer, address, response.header("location"));
			const denied = isDenied(answer);
			const { accept = [] } = call;
			const isAccepted = accept.includes(answer.status) && !(denied && answer.status === 500 && !accept.includes(403));
			const mayBeToken = isUnclear(answer) && bearer !== void 0 && !isAccepted;
			if (strange === void 0 && (denied && (session !== void 0 || !isAccepted) || mayBeToken)) {
				const holder = await holderOf(exchange, bearer, pathOfToken(call, region), signal);
				if (session !== void 0 && bearer !== void 0 && holder.is === "unknown") {
					if (worked.delete(bearer)) return await attempt(call, signal, bearer);
					return {
						done: false,
						error: nomadRefusal(call, answer, address, { is: "logged-in" })
					};
				}
				if (!isAccepted && (denied || holder.is === "unknown")) {
					const error = nomadRefusal(call, answer, address, holder);
					if (!(holder.is === "known" && holder.isManagement) && !allowed.has(rightOfCall(call))) throw error;
					return {
						done: false,
						error,
						forMs: SOON_MS$1
					};
				}
			}
			if (bearer !== void 0 && answer.status < 400) {
				worked.add(bearer);
				allowed.add(rightOfCall(call));
			}
			if (isUnclear(answer) && !isAccepted && call.patient !== true) {
				const wrong = await wrongRegion(connection, exchange, bearer, signal);
				if (wrong !== void 0) throw wrong;
			}
			const result = judged$1(call, response, {
				strange,
				address,
				waits: waits(call)
			});
			if (result.done) reached.yet = true;
			else if (call.patient !== true && reached.yet && (strange !== void 0 || isUnclear(answer))) {
				if (await hasLeader(exchange, region, signal)) return {
					...result,
					forMs: SOON_MS$1
				};
			}
			return result;
		} catch (error) {
			if (error instanceof ActionError) throw error;
			if (signal.aborted) throw isTimeout(signal.reason) && isWrite(call) ? unknownOutcome(call, unanswered$1(call, connection)) : signal.reason;
			return {
				done: false,
				error: transientError(error, {
					call,
					connection,
					exchange,
					waits: waits(call)
				})
			};
		}
	}
	/** Returns whether a failure may be an outage: Nomad was reached before. */
	const waits = (call) => call.patient === true || reached.yet;
	return async (call, signal) => attempt(call, signal);
}
/** Returns the response with status 403 if Nomad denied the call by status 500, as 1.9 does for the logs of a task. */
function deniedAs403(response) {
	const { answer } = response;
	return answer.status === 500 && !isDenied(answer) && API_WORDS.denied.pattern.test(nomadsWords(answer.text)) ? {
		...response,
		answer: {
			...answer,
			status: 403
		}
	} : response;
}
const isTimeout = (error) => error instanceof DOMException && error.name === "TimeoutError";
/** Returns the error of a call whose time was up before its answer. */
function unanswered$1({ method, path }, { address }) {
	return new ActionError("unreachable", `Nomad at ${address} did not answer ${method} ${path} in time`, { hint: "Check `nomad-addr`, and that this runner can reach the cluster." });
}
function pathOf(call, region) {
	const query = new URLSearchParams();
	const blocking = call.index === void 0 ? {} : {
		index: call.index,
		wait: `${BLOCKING_WAIT_S}s`
	};
	for (const [name, value] of Object.entries({
		namespace: call.namespace,
		region,
		...call.query,
		...blocking
	})) if (value !== void 0) query.set(name, String(value));
	return `${call.path}${query.size === 0 ? "" : `?${query.toString()}`}`;
}
/** Returns the answer of a call, or the error of a transient one. Throws a final refusal. */
function judged$1(call, { answer, header }, { strange, address, waits }) {
	const transient = isTransient(call, answer) || waits && strange?.code === "unreachable";
	if ((answer.status === 200 || !transient && !isLost$1(call, answer) && call.accept?.includes(answer.status) === true) && strange === void 0) return {
		done: true,
		value: answer
	};
	const error = strange ?? nomadRefusal(call, answer, address, { is: "unclear" });
	if (!transient) throw error;
	const retryAfterS = Number(header("retry-after"));
	return {
		done: false,
		error,
		...retryAfterS > 0 ? { retryAfterMs: Math.min(retryAfterS, MAX_RETRY_AFTER_S) * 1e3 } : {}
	};
}
/** Returns the error of a request without an answer that can be retried. Throws a final one. */
function transientError(error, { call, connection, exchange, waits }) {
	const { address, tls, proxy } = connection;
	const failed = connectionError(error, call, {
		address,
		tls,
		answered: exchange.hasAnswered()
	}, shownProxy(proxy));
	if (exchange.isClosed()) throw failed;
	const isRefusal = (tlsProblem(connectionCode(error), tls) ?? proxyAnswer(error)) !== void 0;
	if (isRefusal && !waits) throw failed;
	if (isWrite(call) && !isRefusal && !isUnconnected(error)) throw unknownOutcome(call, failed);
	return failed;
}
/** Returns whether a request was never sent, because no connection was opened. */
function isUnconnected(error) {
	const { code = "", syscall = "" } = error;
	return ["connect", "getaddrinfo"].includes(syscall) || error instanceof AggregateError || ["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT"].includes(code);
}
/** Returns whether Nomad answers and has a leader, so that a failure of another request is not an outage. */
async function hasLeader({ ask }, region, signal) {
	const query = region === void 0 ? "" : `?region=${encodeURIComponent(region)}`;
	return ask({
		bearer: void 0,
		method: "GET",
		path: `${LEADER}${query}`
	}, signal).then(({ answer }) => answer.status === 200 && typeof answer.json === "string", () => false);
}
/** Returns the path that reads a token. A local token is valid in its region only; the agent parses in its own region. */
function pathOfToken({ path }, region) {
	return `/v1/acl/token/self${region === void 0 || path === PARSER ? "" : `?region=${encodeURIComponent(region)}`}`;
}
/** Reads the holder of a token. A denied call has the same answer for an unknown token as for a known one without the right. */
async function holderOf({ ask }, bearer, path, signal) {
	if (bearer === void 0) return { is: "none" };
	const identity = readIdentity(bearer);
	if (identity !== void 0) return identity;
	try {
		const { answer, header } = await ask({
			bearer,
			method: "GET",
			path
		}, signal);
		const holder = readHolder(answer, header("date"));
		if (holder.is !== "unclear" || answer.status !== 500) return holder;
		return (await ask({
			bearer: void 0,
			method: "GET",
			path: path.replace(/^[^?]*/, LEADER)
		}, signal)).answer.status === 200 ? { is: "unknown" } : holder;
	} catch {
		return { is: "unclear" };
	}
}
/** Returns the error about a region that does not exist, with the existing regions; undefined where Nomad lists the region, or none. */
async function wrongRegion({ address, region, regionSource = "the region" }, { ask }, bearer, signal) {
	if (region === void 0) return void 0;
	const listed = await ask({
		bearer,
		method: "GET",
		path: "/v1/regions"
	}, signal).then(({ answer }) => answer.json, () => void 0);
	const regions = Array.isArray(listed) ? listed.filter((name) => typeof name === "string") : [];
	if (regions.length === 0 || regions.includes(region)) return void 0;
	return new ActionError("input-invalid", `${regionSource}: Nomad at ${address} has no region ${JSON.stringify(region)}, its regions are ${regions.join(", ")}`, { hint: "Name one of these regions. A region whose servers Nomad can't reach is not listed." });
}
// src/nomad/allocation-list.ts
/**
* Returns the allocations of an answer with the used fields only. A rollout reads hundreds of them repeatedly, and most of an answer is about resources and
* times.
*/
function shortenAllocations(listed) {
	return (listed ?? []).map((all) => {
		const { ID, Name, NodeName, JobID, TaskGroup, JobVersion, DesiredStatus, DesiredDescription } = all;
		const { ClientStatus, ClientDescription, NextAllocation, FollowupEvalID, DeploymentStatus, TaskStates, CreateIndex, CreateTime, ModifyIndex, ModifyTime } = all;
		const { DesiredTransition, PreemptedByAllocation } = all;
		const attempts = all.RescheduleTracker?.Events ?? [];
		return {
			ID,
			Name,
			NodeName,
			JobID,
			TaskGroup,
			JobVersion,
			DesiredStatus,
			DesiredDescription,
			ClientStatus,
			ClientDescription,
			NextAllocation,
			FollowupEvalID,
			DeploymentStatus,
			CreateIndex,
			CreateTime,
			ModifyTime,
			...DesiredTransition?.Migrate === true ? { DesiredTransition: { Migrate: true } } : {},
			...PreemptedByAllocation ? { PreemptedByAllocation } : {},
			...ModifyIndex === void 0 ? {} : { ModifyIndex },
			...attempts.length === 0 ? {} : { RescheduleTracker: { Events: attempts.map(({ RescheduleTime }) => ({ RescheduleTime })) } },
			TaskStates: Object.fromEntries(Object.entries(TaskStates ?? {}).map(([task, state]) => [task, taskState(state)]))
		};
	});
}
function taskState({ State, Failed, Restarts, FinishedAt, Events }) {
	return {
		State,
		Failed,
		Restarts,
		FinishedAt,
		Events: (Events ?? []).map(({ Type, Time, DisplayMessage, Details }) => ({
			Type,
			Time,
			DisplayMessage,
			Details
		}))
	};
}
// src/nomad/call.ts
/**
* Returns the call of a blocking query: the server answers when the object has changed after `index` (0: at once). The call outlasts an outage, because the
* rollout goes on meanwhile.
*/
function blockingRead(path, gives, { namespace, index, signal }) {
	return {
		method: "GET",
		path,
		gives,
		namespace,
		index,
		signal,
		patient: true,
		capability: "read-job"
	};
}
// src/nomad/deployments.ts
/** Returns a deployment without empty groups: Nomad writes `null` for a group of a system job without placements. */
function withGroups(deployment) {
	const groups = Object.entries(deployment.TaskGroups ?? {}).filter(([, state]) => state !== null);
	return {
		...deployment,
		TaskGroups: Object.fromEntries(groups)
	};
}
/** Returns whether a deployment is at its end. */
function isTerminal({ Status }) {
	return /^(successful|failed|cancelled)$/.test(Status);
}
/** The resource `/v1/deployment`: https://developer.hashicorp.com/nomad/api-docs/deployments */
function deployments({ send }) {
	/** Returns whether a refused deployment has ended: only its state tells that refusal from others. */
	const hasEnded = async (id, own) => {
		const { json } = await send({
			...own,
			method: "GET",
			path: `/v1/deployment/${id}`,
			capability: "read-job"
		});
		return isTerminal(json);
	};
	return {
		/** Reads a deployment, by a blocking query after the index. Undefined when it was purged with its job. */
		read: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(`/v1/deployment/${id}`, "object", {
					namespace,
					index,
					signal
				}),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : withGroups(answer.json),
				index: answer.index
			};
		},
		/** Reads the allocations of a deployment, by a blocking query after the index. */
		allocations: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(`/v1/deployment/allocations/${id}`, "list", {
				namespace,
				index,
				signal
			}));
			return {
				value: shortenAllocations(answer.json),
				index: answer.index
			};
		},
		/** Promotes all canaries of a deployment, or those of some groups. Throws `nomad-refused` when some are not healthy. */
		promote: async (id, namespace, groups, signal) => {
			const body = JSON.stringify({
				DeploymentID: id,
				...groups === void 0 ? { All: true } : { Groups: groups }
			});
			await send({
				method: "PUT",
				path: `/v1/deployment/promote/${id}`,
				namespace,
				body,
				repeatable: true,
				...signal === void 0 ? {} : { signal },
				capability: "promote-deployment"
			});
		},
		/** Fails a running deployment, so that auto-revert acts now. Does nothing to an ended one. */
		fail: async (id, namespace, signal) => {
			const own = {
				namespace,
				...signal === void 0 ? {} : { signal }
			};
			const call = {
				...own,
				method: "PUT",
				path: `/v1/deployment/fail/${id}`,
				body: "{}",
				repeatable: true
			};
			const { status, text } = await send({
				...call,
				accept: [500],
				capability: "fail-deployment"
			});
			if (status === 200) return;
			if (await hasEnded(id, own)) return;
			throw new ActionError("nomad-refused", `Nomad answered ${status} to PUT ${call.path}: ${nomadsWords(text)}`);
		},
		/** Pauses a deployment, or resumes it. Returns false for an ended one. */
		pause: async (id, namespace, isPaused) => {
			const body = JSON.stringify({
				DeploymentID: id,
				Pause: isPaused
			});
			const call = {
				namespace,
				method: "PUT",
				path: `/v1/deployment/pause/${id}`,
				body,
				repeatable: true
			};
			const { status, text } = await send({
				...call,
				accept: [500],
				capability: "pause-deployment"
			});
			if (status === 200) return true;
			if (await hasEnded(id, { namespace })) return false;
			throw new ActionError("nomad-refused", `Nomad answered ${status} to PUT ${call.path}: ${nomadsWords(text)}`);
		}
	};
}
// src/nomad/evaluations.ts
/** The resource `/v1/evaluation`: https://developer.hashicorp.com/nomad/api-docs/evaluations */
function evaluations({ send }) {
	return {
		/** Reads an evaluation, by a blocking query after the index. Undefined when Nomad has removed it. */
		read: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(`/v1/evaluation/${id}`, "object", {
					namespace,
					index,
					signal
				}),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : answer.json,
				index: answer.index
			};
		},
		/** Reads whether the evaluation broker is paused, so that nothing is scheduled; undefined when the token may not read it. */
		paused: async (signal) => {
			const { status, json } = await send({
				method: "GET",
				path: "/v1/operator/scheduler/configuration",
				accept: [403],
				capability: "operator:read",
				signal
			});
			if (status !== 200) return void 0;
			return json.SchedulerConfig?.PauseEvalBroker;
		}
	};
}
// src/nomad/json.ts
/** Deeper lists and objects overflow the stack of those who read and write them. */
const MAX_DEPTH$2 = 1e3;
/**
* Parses the JSON of a job spec. Integers above 2^53 keep their digits through `JSON.stringify`, because a driver's `config` may hold any number. Keys are sorted,
* because Nomad writes those of a `config` in varying order: equal jobs become equal text. Throws a `SyntaxError`.
*/
function parseLossless(text) {
	if (depthOf(text) > MAX_DEPTH$2) throw new SyntaxError(`lists and objects are nested more than ${MAX_DEPTH$2} deep`);
	const keepDigits = (_key, value, { source }) => {
		if (typeof value === "number" && !Number.isSafeInteger(value) && source !== void 0 && String(value) !== source) return JSON.rawJSON(source);
		if (typeof value !== "object" || value === null || Array.isArray(value) || JSON.isRawJSON(value)) return value;
		return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
	};
	return JSON.parse(text, keepDigits);
}
// src/nomad/jobs.ts
/** The resource `/v1/jobs` and `/v1/job`: https://developer.hashicorp.com/nomad/api-docs/jobs */
function jobs({ send }) {
	const path = (id, rest = "") => `/v1/job/${encodeURIComponent(id)}${rest}`;
	const tagPath = (id, name) => path(id, `/versions/${encodeURIComponent(name)}/tag`);
	const read = async (url, namespace, none, signal) => {
		const { status, json } = await send({
			method: "GET",
			path: url,
			namespace,
			accept: [404],
			capability: "read-job",
			...signal === void 0 ? {} : {
				signal,
				patient: true
			}
		});
		return status === 404 ? none : json ?? none;
	};
	return {
		/** Reads the registered job; undefined when there is none. */
		read: async (id, namespace, signal) => read(path(id), namespace, void 0, signal),
		/** Reads the registered job with all digits of its numbers, to be registered again; undefined when there is none. */
		readWhole: async (id, namespace) => {
			const { status, json } = await send({
				method: "GET",
				path: path(id),
				namespace,
				decode: parseLossless,
				accept: [404],
				capability: "read-job"
			});
			return status === 404 ? void 0 : json;
		},
		/** Reads the source of a version; undefined where Nomad keeps none. */
		submission: async (id, version, namespace) => {
			const { status, json } = await send({
				method: "GET",
				path: path(id, "/submission"),
				query: { version: `${version}` },
				namespace,
				accept: [404],
				capability: "read-job"
			});
			return status === 404 ? void 0 : json;
		},
		/** Reads the registered job, by a blocking query after the index. Undefined when it was purged. */
		watch: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(path(id), "object", {
					namespace,
					index,
					signal
				}),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : answer.json,
				index: answer.index
			};
		},
		/** Rolls back to an older version, as a new one, if the newest version still is `current`. */
		revert: async (id, version, current, namespace) => {
			const body = JSON.stringify({
				JobID: id,
				JobVersion: version,
				EnforcePriorVersion: current
			});
			const { json } = await send({
				method: "PUT",
				path: path(id, "/revert"),
				namespace,
				body,
				capability: "revert-job"
			});
			return json;
		},
		/** Tags a version, in place of its own tag. Nomad refuses the name of another version's tag. */
		tag: async (id, { Version, Name, Description }, namespace) => {
			const body = JSON.stringify({
				Version,
				Description
			});
			await send({
				method: "PUT",
				path: tagPath(id, Name),
				namespace,
				body,
				capability: "tag-job-version",
				repeatable: true
			});
		},
		/** Removes a tag from the newest version that has it. */
		untag: async (id, name, namespace) => {
			await send({
				method: "DELETE",
				path: tagPath(id, name),
				namespace,
				capability: "tag-job-version"
			});
		},
		/** Starts a run of a parameterized job. The same token never starts a second run. */
		dispatch: async (id, { meta, payload }, token, namespace) => {
			const body = JSON.stringify({
				Meta: meta,
				...payload === void 0 ? {} : { Payload: Buffer.from(payload).toString("base64") }
			});
			const query = { idempotency_token: token };
			return (await send({
				method: "PUT",
				path: path(id, "/dispatch"),
				query,
				namespace,
				body,
				capability: "dispatch-job",
				repeatable: true
			})).json;
		},
		/** Starts a run of a periodic job now. Returns the id of its evaluation, which names the run. */
		forcePeriodic: async (id, namespace) => {
			const { json } = await send({
				method: "PUT",
				path: path(id, "/periodic/force"),
				namespace,
				capability: "force-periodic-job"
			});
			return json.EvalID;
		},
		/** Sets the count of a group, as a new version. Nomad refuses it during a deployment. */
		scale: async (id, { group, count, message }, namespace) => {
			const body = JSON.stringify({
				Count: count,
				Target: { Group: group },
				Message: message
			});
			const { json } = await send({
				method: "PUT",
				path: path(id, "/scale"),
				namespace,
				body,
				capability: "scale-job"
			});
			return json;
		},
		/**
		* Stops a job by a new, stopped version; with `purge` removes the job and its versions. A job that does not exist is no error. Returns the new modify index of
		* the job. Nomad has no check-and-set for this call, so read the job right before.
		* Purge only a stopped job: some versions of Nomad crash when an evaluation of the job is running. `capability` is the one that a denied call names: that to purge
		* a job also allows to stop it.
		*/
		deregister: async (id, namespace, purge, capability = purge ? "purge-job" : "deregister-job") => {
			const { json } = await send({
				method: "DELETE",
				path: path(id),
				namespace,
				query: { purge: `${purge}` },
				capability
			});
			return json.JobModifyIndex;
		},
		/** Reads all jobs of a namespace, with their meta. */
		list: async (namespace) => {
			const { json } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace,
				query: { meta: "true" },
				capability: "list-jobs"
			});
			return json ?? [];
		},
		/** Reads the runs of a periodic or parameterized job, as they are listed. */
		children: async (parent, namespace, signal) => {
			const { json } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace,
				query: { prefix: `${parent}/` },
				capability: "list-jobs",
				...signal === void 0 ? {} : {
					signal,
					patient: true
				}
			});
			return (json ?? []).filter(({ ParentID }) => ParentID === parent);
		},
		/** Reads the unfinished runs of a periodic or parameterized job. */
		runs: async (parent, namespace) => {
			const { json } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace,
				query: {
					prefix: `${parent}/`,
					filter: "Status != \"dead\""
				},
				capability: "list-jobs"
			});
			const stubs = (json ?? []).filter(({ ParentID }) => ParentID === parent);
			return (await Promise.all(stubs.map(async ({ ID }) => read(path(ID), namespace, void 0)))).flatMap((job) => job ?? []);
		},
		/** Reads the jobs with a value in their meta, in all namespaces of the token. Throws `permission-denied` when it may read none. */
		withMeta: async (key, value) => {
			const { json } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace: "*",
				query: {
					meta: "true",
					filter: `Meta[${JSON.stringify(key)}] == ${JSON.stringify(value)}`
				},
				capability: "list-jobs"
			});
			return json ?? [];
		},
		/** Reads the deployments of all kept versions of a job. */
		deployments: async (id, namespace, signal) => (await read(path(id, "/deployments"), namespace, [], signal)).map(withGroups),
		/** Reads the deployments of a job, by a blocking query after the index. */
		watchDeployments: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(path(id, "/deployments"), "list", {
				namespace,
				index,
				signal
			}));
			return {
				value: (answer.json ?? []).map(withGroups),
				index: answer.index
			};
		},
		/** Reads the kept versions of a job, the newest first. */
		versions: async (id, namespace, signal) => (await read(path(id, "/versions"), namespace, {}, signal)).Versions ?? [],
		/** Reads the count of the last kept scaling of each group, by an autoscaler or by hand. */
		scalings: async (id, namespace) => {
			const { TaskGroups } = await read(path(id, "/scale"), namespace, {});
			return Object.fromEntries(Object.entries(TaskGroups ?? {}).flatMap(([group, { Events }]) => {
				const last = (Events ?? []).find(({ Count, Error: failed }) => typeof Count === "number" && failed !== true);
				return typeof last?.Count === "number" ? [[group, last.Count]] : [];
			}));
		},
		/** Reads the kept evaluations of a job. */
		evaluations: async (id, namespace, signal) => read(path(id, "/evaluations"), namespace, [], signal),
		/** Reads the allocations of all versions of a job, by a blocking query after the index. */
		allocations: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(path(id, "/allocations"), "list", {
				namespace,
				index,
				signal
			}));
			return {
				value: shortenAllocations(answer.json),
				index: answer.index
			};
		},
		/** Parses HCL with its variables by the cluster's own parser. `variables` is a JSON object whose texts are literal. */
		parse: async (source, variables, namespace) => {
			const { status, text, json } = await send({
				method: "POST",
				path: "/v1/jobs/parse",
				namespace,
				body: JSON.stringify({
					JobHCL: source,
					Variables: variables,
					Canonicalize: false
				}),
				decode: parseLossless,
				accept: [400],
				capability: "parse-job"
			});
			return status === 400 ? { problems: parseProblems(nomadsWords(text)) } : { job: json };
		},
		/**
		* Parses HCL by the Nomad CLI, which also has the functions that read files. `cli` runs the program with arguments and standard input in the folder of the
		* files. The variables are in a file, because they may hold a password.
		*/
		parseWithCli: async (source, variablesFile, cli) => {
			const { code, stdout, stderr } = await cli([
				"job",
				"run",
				"-output",
				`-var-file=${variablesFile}`,
				"-"
			], source);
			return code === 0 ? { job: parseLossless(stdout).Job } : { problems: parseProblems(stderr.trim().replaceAll(variablesFile, "input.hcl")) };
		},
		/** Parses JSON with all digits of its numbers. Throws a `SyntaxError` for other text. */
		decode: parseLossless,
		/** Validates a job on the servers. Returns all problems, and the warnings as one text. */
		validate: async (job, namespace) => {
			const { status, text, json } = await send({
				method: "POST",
				path: "/v1/validate/job",
				namespace,
				body: JSON.stringify({ Job: job }),
				accept: [400],
				capability: "read-job"
			});
			if (status === 400) return {
				problems: [wrongType(nomadsWords(text))],
				warnings: void 0
			};
			const answer = json;
			return {
				problems: answer.ValidationErrors ?? [],
				warnings: answer.Warnings
			};
		},
		/**
		* Returns whether the servers know a field of a job object, which they otherwise drop without a word: no field takes a list as well as an object. `withValue`
		* returns the job with the field as it is given.
		*/
		knows: async (withValue, namespace) => {
			for (const value of [[], {}]) if ((await send({
				method: "POST",
				path: "/v1/validate/job",
				namespace,
				body: JSON.stringify({ Job: withValue(value) }),
				accept: [400],
				capability: "read-job"
			})).status === 400) return true;
			return false;
		},
		/** Plans a registration: its changes and placements. Writes nothing. */
		plan: async (job, namespace) => {
			const body = JSON.stringify({
				Job: job,
				Diff: true
			});
			const { json } = await send({
				method: "POST",
				path: path(job.ID, "/plan"),
				namespace,
				body,
				capability: "plan-job"
			});
			return json;
		},
		/** Registers a job if its modify index still is the given one (0: the job must not exist). Returns a conflict or another refusal, by Nomad's text. */
		register: async (job, submission, jobModifyIndex, namespace) => {
			const answer = await send({
				method: "POST",
				path: "/v1/jobs",
				namespace,
				body: JSON.stringify({
					Job: job,
					Submission: submission,
					EnforceIndex: true,
					JobModifyIndex: jobModifyIndex
				}),
				accept: [500],
				capability: "register-job",
				needs: needsOf(job)
			});
			if (answer.status === 200) return { response: answer.json };
			const words = nomadsWords(answer.text);
			if (API_WORDS.conflict.pattern.test(words)) return { conflict: words };
			return { refused: new ActionError("nomad-refused", `Nomad refused the job ${job.ID}: ${words}`, { hint: "Nothing was registered." }) };
		}
	};
}
/** Returns Go's error about a value of the wrong type in a job object, such as `"5s"` for a duration, in plain words. */
function wrongType(words) {
	const [, got, field, wanted] = API_WORDS.wrongType.pattern.exec(words) ?? [];
	if (field === void 0) return words;
	return `${field} can't be a ${got}: ${wanted === "time.Duration" ? "a duration is a whole number of nanoseconds, 5000000000 for 5s" : `the type is ${wanted}`}`;
}
/**
* Returns the diagnostics of Nomad's parser, one for each line such as `input.hcl:3,1-5: Unsupported argument; …`; the CLI calls the file `stdin`. A diagnostic
* that only follows from another one is left out.
*/
function parseProblems(words) {
	const problems = words.replace(/^(Error getting job struct: )?(Error parsing job file from [^\n]*|Failed to parse job): ?\n?/, "").split(/\n(?=(?:<nil>|input\.hcl|stdin)[:,])/).map((text) => {
		const place = API_WORDS.place.pattern.exec(text);
		return {
			message: text.replace(/^(<nil>|(input\.hcl|stdin):[\d,-]+): /, "").trim(),
			line: place?.[1] === void 0 ? void 0 : Number(place[1]),
			column: place?.[2] === void 0 ? void 0 : Number(place[2])
		};
	});
	const own = problems.filter(({ message }) => !API_WORDS.follows.pattern.test(message));
	return own.length === 0 ? problems : own;
}
// src/nomad/login.ts
/** `/v1/acl/login`: https://developer.hashicorp.com/nomad/api-docs/acl/login. Body and answer are secrets: neither is logged. */
function logins({ send }) {
	return { 
	/** Exchanges a token of an identity provider for one of Nomad. Returns a refusal in Nomad's words. */
login: async (method, jwt) => {
		const answer = await send({
			method: "POST",
			path: "/v1/acl/login",
			body: JSON.stringify({
				AuthMethodName: method,
				LoginToken: jwt
			}),
			accept: [
				400,
				401,
				403
			],
			capability: "login"
		});
		if (answer.status === 200) return answer.json;
		return { refused: nomadsWords(answer.text) };
	} };
}
// src/nomad/nodes.ts
/** The most architectures to look for. Clusters have one or two. */
const MAX_ARCHITECTURES = 5;
const COMPARISONS = {
	"": "==",
	"=": "==",
	"==": "==",
	is: "==",
	"!=": "!=",
	not: "!="
};
const FIELDS$3 = {
	"node.class": "NodeClass",
	"node.datacenter": "Datacenter",
	"node.pool": "NodePool",
	"node.unique.name": "Name",
	"node.unique.id": "ID"
};
/** Returns a constraint as a filter of nodes. See https://developer.hashicorp.com/nomad/api-docs#filtering */
function conditionOf({ LTarget, Operand, RTarget }) {
	const [, name = ""] = /^\$\{([\w.-]+)\}$/.exec(LTarget ?? "") ?? [];
	const [, map, key] = /^(attr|meta)\.(.+)$/.exec(name) ?? [];
	const field = map === void 0 ? FIELDS$3[name] : `${map === "attr" ? "Attributes" : "Meta"}[${JSON.stringify(key)}]`;
	const comparison = COMPARISONS[Operand ?? ""];
	if (field === void 0 || comparison === void 0 || RTarget?.includes("${") === true) return void 0;
	return `${field} ${comparison} ${JSON.stringify(RTarget ?? "")}`;
}
/** The resource `/v1/nodes`: https://developer.hashicorp.com/nomad/api-docs/nodes */
function nodes({ send }) {
	const first = async (condition, signal) => {
		return ((await send({
			method: "GET",
			path: "/v1/nodes",
			query: {
				filter: `Status == "ready" and (${condition})`,
				per_page: 1
			},
			capability: "node:read",
			...signal && { signal }
		})).json ?? [])[0]?.ID;
	};
	return {
		/**
		* Returns the architectures of the ready nodes, in Go's names, when no ready node has one of `wanted`; undefined when one has, or without ready nodes. Throws
		* `permission-denied` without `node:read`.
		*/
		otherArchitectures: async (wanted) => {
			const is = (name) => `Attributes["cpu.arch"] == ${JSON.stringify(name)}`;
			if (await first(wanted.map(is).join(" or ")) !== void 0) return void 0;
			const found = [];
			while (found.length < MAX_ARCHITECTURES) {
				const id = await first(found.length === 0 ? "ID != \"\"" : `not (${found.map(is).join(" or ")})`);
				if (id === void 0) break;
				const name = (await send({
					method: "GET",
					path: `/v1/node/${id}`,
					capability: "node:read"
				})).json.Attributes?.["cpu.arch"];
				if (name === void 0) return void 0;
				found.push(name);
			}
			return found.length === 0 ? void 0 : found;
		},
		/** Returns the constraints that no ready node meets. Constraints beyond a comparison count as met. Throws `permission-denied`. */
		unmet: async (constraints, signal) => {
			const found = [];
			for (const constraint of constraints) {
				const condition = conditionOf(constraint);
				if (condition !== void 0 && await first(condition, signal) === void 0) found.push(constraint);
			}
			return found;
		},
		/** Reads all nodes with resources, drivers and host volumes; undefined when the token may not read them (`node { policy = "read" }`). */
		list: async (signal) => {
			const { status, json } = await send({
				method: "GET",
				path: "/v1/nodes",
				query: { resources: "true" },
				accept: [403],
				capability: "node:read",
				signal
			});
			return status === 200 ? json ?? [] : void 0;
		}
	};
}
// src/nomad/queue.ts
/** The most pages that are read for one job. */
const MAX_PAGES = 20;
/** The answers of a server that has no queues, or of a token that may not read them. */
const UNREADABLE = [
	400,
	403,
	404,
	405,
	500,
	501
];
/** The resource `/v1/queue` (from 2.1 on): https://developer.hashicorp.com/nomad/api-docs/queue */
function queue({ send }) {
	return { 
	/**
	* Reads the place of a job in the batch queue of a node pool; undefined where there is no queue or it cannot be read. The list has only jobs of namespaces in
	* which the token has `list-jobs`.
	*/
place: async (pool, id, namespace, signal) => {
		let head;
		let token = "";
		for (let page = 0; page < MAX_PAGES; page++) {
			const { status, json } = await send({
				method: "GET",
				path: "/v1/queue/jobs",
				query: {
					node_pool: pool,
					next_token: token === "" ? void 0 : token
				},
				namespace,
				accept: UNREADABLE,
				capability: "list-jobs",
				signal
			});
			const { Type, Workloads, NextToken } = status === 200 ? readPage(json) : {};
			if (Workloads === void 0 || Type === "passthrough") return void 0;
			const own = Workloads.find((one) => one.JobID === id && one.Namespace === namespace);
			head = [...head === void 0 ? [] : [head], ...Workloads].sort((a, b) => a.Position - b.Position)[0];
			if (own !== void 0 || !NextToken) return {
				own,
				head
			};
			token = NextToken;
		}
		return {
			own: void 0,
			head
		};
	} };
}
/** Returns the used parts of an answer; nothing of one in another form. */
function readPage(json) {
	if (typeof json !== "object" || json === null || !("Workloads" in json)) return {};
	const { Workloads, NextToken, Type } = json;
	if (Workloads !== null && !Array.isArray(Workloads)) return {};
	return {
		Type,
		Workloads: (Workloads ?? []).flatMap((one) => {
			const { JobID, Namespace = "default", Status = "queued", Position } = one ?? {};
			return typeof JobID === "string" && typeof Position === "number" ? [{
				JobID,
				Namespace,
				Status: String(Status),
				Position
			}] : [];
		}),
		...typeof NextToken === "string" ? { NextToken } : {}
	};
}
// src/nomad/variables.ts
/** The resource `/v1/var`: https://developer.hashicorp.com/nomad/api-docs/variables. Bodies hold secrets: they are never logged. */
function variables({ send }) {
	const call = (path, namespace) => ({
		path: `/v1/var/${path}`,
		namespace
	});
	return {
		/** Reads a variable; undefined when it does not exist. */
		read: async (path, namespace, signal) => {
			const answer = await send({
				...call(path, namespace),
				method: "GET",
				accept: [404],
				capability: `variables "${path}" read`,
				...signal === void 0 ? {} : { signal }
			});
			return answer.status === 404 ? void 0 : answer.json;
		},
		/** Waits until a variable has changed after the index, or for the time of a blocking query. */
		watch: async (path, namespace, index, signal) => {
			await send({
				...call(path, namespace),
				method: "GET",
				index,
				signal,
				patient: true,
				accept: [404],
				capability: `variables "${path}" read`
			});
		},
		/**
		* Locks a variable and replaces its items. Returns the id of the lock; undefined when another client holds one. `ttlS` and `delayS` are seconds: Nomad ends
		* a lock that is not renewed for twice the first, after the second.
		*/
		acquireLock: async (path, { items, ttlS, delayS }, namespace) => {
			const body = JSON.stringify({
				Items: items,
				Lock: {
					TTL: `${ttlS}s`,
					LockDelay: `${delayS}s`
				}
			});
			const answer = await send({
				...call(path, namespace),
				method: "PUT",
				query: { "lock-acquire": "" },
				body,
				accept: [409],
				capability: `variables "${path}" write`
			});
			return answer.status === 409 ? void 0 : answer.json.Lock?.ID;
		},
		/** Renews a lock. Returns false when Nomad has ended it. */
		renewLock: async (path, id, namespace, signal) => {
			const { status } = await send({
				...call(path, namespace),
				method: "PUT",
				query: { "lock-renew": "" },
				body: JSON.stringify({ Lock: { ID: id } }),
				signal,
				accept: [404, 409],
				repeatable: true,
				capability: `variables "${path}" write`
			});
			return status === 200;
		},
		/** Releases a lock; the items stay. Does nothing when Nomad has ended it. */
		releaseLock: async (path, id, namespace, signal) => {
			await send({
				...call(path, namespace),
				method: "PUT",
				query: { "lock-release": "" },
				body: JSON.stringify({ Lock: { ID: id } }),
				signal,
				accept: [
					404,
					409,
					500
				],
				repeatable: true,
				capability: `variables "${path}" write`
			});
		},
		/**
		* Replaces all items if the modify index of the variable still is `cas` (0: the variable must not exist). Returns the new index; undefined for a conflict.
		*/
		write: async (path, items, cas, namespace) => {
			const answer = await send({
				...call(path, namespace),
				method: "PUT",
				query: { cas },
				body: JSON.stringify({ Items: items }),
				accept: [409],
				capability: `variables "${path}" write`
			});
			return answer.status === 409 ? void 0 : answer.json.ModifyIndex;
		},
		/** Deletes a variable if its modify index still is `cas`. Returns false for a conflict; true also when there is no variable. */
		remove: async (path, cas, namespace) => {
			const { status } = await send({
				...call(path, namespace),
				method: "DELETE",
				query: { cas },
				accept: [204, 409],
				capability: `variables "${path}" destroy`
			});
			return status !== 409;
		}
	};
}
// src/nomad/connect.ts
/** Prepares the API of one cluster. The first call connects. `close` ends running requests. */
async function connect(connection, runtime, dial) {
	const transport = await openTransport(connection, runtime, dial);
	return {
		jobs: jobs(transport),
		evaluations: evaluations(transport),
		deployments: deployments(transport),
		allocations: allocations(transport, runtime.clock),
		nodes: nodes(transport),
		queue: queue(transport),
		agent: agent(transport),
		variables: variables(transport),
		logins: logins(transport),
		/** The region of each request; undefined: the agent's own. */
		region: connection.region,
		/** For time limits of reads, and for idempotency tokens. */
		clock: runtime.clock,
		/** For resources that only commands of the terminal program use. */
		send: transport.send,
		socket: transport.socket,
		denied: transport.denied,
		/** Returns the time limit of reads that outlast an outage. */
		patience: transport.patience,
		logIn: transport.logIn,
		close: transport.close
	};
}
// src/nomad/ending.ts
/** Events that end the other tasks because the work of the group is done. */
const WORK_DONE = /^(Leader Task Dead|Main Tasks Dead)$/;
/**
* Returns how an allocation of a batch job ended. Nomad also calls an allocation `complete` that it killed, by `max_run_duration`, for example. So each task must
* have exited with code 0 by itself, or must have been ended because its leader or the main tasks were done. The description decides where no event does.
*/
function endingOf({ TaskStates, ClientDescription }) {
	const endings = Object.values(TaskStates ?? {}).map(endingOfTask);
	if (endings.includes("cut")) return "cut";
	if (endings.length > 0 && !endings.includes("unknown")) return endings.includes("done") ? "done" : "cut";
	return API_WORDS.runLimit.pattern.test(ClientDescription ?? "") ? "cut" : "unknown";
}
/** Returns how the last attempt of a task ended. Before 1.10, Nomad also adds `Killing` to tasks that have exited, so the first event decides. */
function endingOfTask({ Failed, Events }) {
	if (Failed) return "cut";
	const events = Events ?? [];
	const attempt = events.slice(events.findLastIndex(({ Type }) => /^(Started|Restarting)$/.test(Type)) + 1);
	if (attempt.some(({ Type }) => WORK_DONE.test(Type))) return "ended";
	const end = attempt.find(({ Type }) => /^(Terminated|Killing)$/.test(Type));
	if (end === void 0) return "unknown";
	const { exit_code: code = "0", signal = "0" } = end.Details ?? {};
	return end.Type === "Terminated" && code === "0" && signal === "0" ? "done" : "cut";
}
/** Returns whether an allocation of a batch job has done its work: Nomad calls it `complete`, and nothing ended it before. */
function isDone(allocation) {
	return allocation.ClientStatus === "complete" && endingOf(allocation) !== "cut";
}
/** Returns whether `max_run_duration` ended an allocation: by Nomad's words, or by the time of the kill (`limitMs` after the creation). */
function isOverLimit({ ClientDescription, CreateTime }, kill, limitMs) {
	if (API_WORDS.runLimit.pattern.test(ClientDescription ?? "") || API_WORDS.runLimit.pattern.test(kill.DisplayMessage)) return true;
	return limitMs !== void 0 && CreateTime != null && (kill.Time - CreateTime) / 1e6 >= limitMs;
}
// src/nomad/reschedule.ts
/** Returns the `reschedule` block of an allocation's group. */
function reschedulePolicyOf({ TaskGroups }, { TaskGroup }) {
	return TaskGroups?.find(({ Name }) => Name === TaskGroup)?.ReschedulePolicy;
}
/**
* Returns whether Nomad reschedules a failed allocation, by the `reschedule` block of the registered job and the attempts made so far. Nothing else tells it
* at first: Nomad stores a failure before the evaluation that reschedules the allocation, and the scheduler names that evaluation later still.
*/
function hasAttemptsLeft(allocation, job) {
	const { ClientStatus, DesiredStatus, ModifyTime = 0, RescheduleTracker } = allocation;
	if (ClientStatus !== "failed" || DesiredStatus !== "run") return false;
	const { Attempts, Unlimited, Interval } = reschedulePolicyOf(job, allocation) ?? {};
	if (Unlimited === true) return true;
	return (RescheduleTracker?.Events ?? []).filter(({ RescheduleTime }) => (ModifyTime ?? 0) - RescheduleTime < (Interval ?? Number.POSITIVE_INFINITY)).length < (Attempts ?? 0);
}
// src/target/id-token.ts
const ID_TOKEN_TIMEOUT_MS = 2e4;
const MAX_BYTES$2 = 65536;
/**
* Asks GitHub once for an ID token for this audience; the token is valid for five minutes. Returns an error that is worth a retry. Throws
* `unreachable` for a refusal. See https://docs.github.com/actions/reference/security/oidc
*/
async function requestIdToken({ url, authorization }, audience, { request, signal }) {
	const at = new URL(url);
	at.searchParams.set("audience", audience);
	const failed = (why, cause) => new ActionError("unreachable", `GitHub gave no ID token for the audience ${audience}: ${why}`, {
		hint: "Run the job again. https://www.githubstatus.com lists outages.",
		cause
	});
	try {
		const { status, body } = await request(at.href, {
			method: "GET",
			headers: { authorization },
			timeoutMs: ID_TOKEN_TIMEOUT_MS,
			insecure: false,
			maxBytes: MAX_BYTES$2,
			signal
		});
		const value = status === 200 ? parsed(body) : void 0;
		const jwt = textAt(value, "value");
		if (jwt !== void 0) return {
			done: true,
			value: jwt
		};
		const error = failed(`${at.origin} answered ${status}${status === 200 ? " without a token" : ""}`);
		const isCut = status === 200 && value === void 0 && isCutJson(body);
		if (status < 500 && status !== 429 && !isCut) throw error;
		return {
			done: false,
			error
		};
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ActionError) throw error;
		return {
			done: false,
			error: failed(`${at.origin}: ${messageOf$1(error)}`, error)
		};
	}
}
/** The claims that auth methods and binding rules usually compare. */
const DECISIVE = [
	"iss",
	"aud",
	"sub",
	"repository",
	"repository_id",
	"ref",
	"environment",
	"job_workflow_ref"
];
/**
* Returns the claims of a token for people to compare with the auth method: the usual ones in a line, and all of them. Claims are not
* secret: only the signature lets anyone in.
*/
function describeClaims(jwt) {
	const claims = parsed(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
	const names = typeof claims === "object" && claims !== null ? Object.keys(claims).sort() : [];
	const said = (name) => {
		const value = valueAt(claims, name);
		return `${name}=${(typeof value === "string" ? value : JSON.stringify(value)) || "(none)"}`;
	};
	return {
		decisive: DECISIVE.map(said).join(", "),
		all: names.map(said)
	};
}
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// src/target/tls.ts
/**
* Returns the TLS settings of a connection: certificates and key from PEM text, or from the files of `paths` (by the source that named them); `protect`
* masks a key. Undefined without any setting. Throws one `input-invalid` with every problem: no PEM, an encrypted key, a key of another certificate.
*/
async function readTls({ cacert, clientCert, clientKey, serverName, skipVerify }, paths, protect) {
	const problems = [];
	const ca = cacert && await readPem(cacert, paths, problems);
	const cert = clientCert && await readPem(clientCert, paths, problems);
	const key = clientKey && await readPem({
		...clientKey,
		value: clientKey.value.reveal()
	}, paths, problems);
	if (ca !== void 0) certificateIn(ca, problems);
	const leaf = cert && certificateIn(cert, problems);
	const parsed = key && privateKeyIn(key, problems);
	if (leaf !== void 0 && parsed !== void 0 && !leaf.checkPrivateKey(parsed)) problems.push(`\`${key?.source}\`: the key does not belong to the certificate in \`${cert?.source}\``);
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"), { hint: "Give the text as it is in the file, with its line breaks, or the path of the file." });
	if ([
		ca,
		cert,
		key,
		serverName
	].every((part) => part === void 0) && !skipVerify) return void 0;
	return {
		...ca === void 0 ? {} : { ca: ca.text },
		...cert === void 0 ? {} : { cert: cert.text },
		...key === void 0 ? {} : { key: protect(key.text) },
		...serverName === void 0 ? {} : { serverName },
		skipVerify
	};
}
/** Reads the text of a certificate or key; undefined, with a problem, for a file that cannot be read. */
async function readPem({ value, source }, paths, problems) {
	const path = paths[source];
	if (path === void 0) return {
		source,
		path,
		text: value
	};
	try {
		return {
			source,
			path,
			text: await readFile(path, "utf8")
		};
	} catch (error) {
		const code = connectionCode(error);
		const why = code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "permission denied" : messageOf$1(error);
		problems.push(`\`${source}\`: ${path} cannot be read: ${why}`);
		return;
	}
}
/**
* Parses all certificates of a text and returns the first, which is the connection's own; undefined, with a problem, for any other text.
*/
function certificateIn(pem, problems) {
	const blocks = pem.text.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END (TRUSTED )?CERTIFICATE-----/g) ?? [];
	try {
		const [first] = blocks.map((block) => new X509Certificate(block));
		if (first !== void 0) return first;
	} catch {}
	problems.push(notPem(pem, "certificate"));
}
function privateKeyIn(pem, problems) {
	try {
		return createPrivateKey(pem.text);
	} catch {
		problems.push(notPem(pem, "private key", /ENCRYPTED/.test(pem.text) ? "the key is encrypted; give it without a password" : void 0));
		return;
	}
}
function notPem({ source, path, text }, what, why = whyNot(text)) {
	return `\`${source}\`: ${path === void 0 ? "the text" : path} is not a ${what} in PEM: ${why}`;
}
/** Returns the reason why a text is not PEM, without quoting the text. */
function whyNot(text) {
	if (!text.includes("-----BEGIN ")) return "it has no line -----BEGIN …-----";
	if (text.includes("\\n")) return "its line breaks are written as \\n";
	if (!text.trim().includes("\n")) return "it has lost its line breaks";
	return "it has another type, or is damaged";
}
// src/target/connection.ts
/** A token is replaced this long before it expires: no request takes longer. */
const RENEW_BEFORE_MS = 6e4;
const ID_TOKEN_RETRY = {
	forMs: 3e4,
	firstDelayMs: 500,
	maxDelayMs: 5e3
};
const LOGIN_RETRY = {
	forMs: 1e4,
	firstDelayMs: 500,
	maxDelayMs: 5e3
};
const KEYS_MISSING = /fetching keys/;
/**
* Returns the settings of a connection to Nomad: token or login, headers and TLS. Masks the key. Throws what `readTls` throws, and
* `input-invalid` when GitHub gives the job no ID token to log in with.
*/
async function readConnection(inputs, { address, region, regionSource, environment, pemFiles }, runtime) {
	const tls = await readTls(inputs.nomadTls, pemFiles, (key) => {
		runtime.mask(key);
		return secret(key);
	});
	const { http, https } = inputs.proxies;
	const proxy = address.startsWith("https:") ? https ?? http : http;
	const way = {
		address,
		region,
		...regionSource === void 0 ? {} : { regionSource },
		headers: inputs.nomadHeaders,
		tls,
		proxy
	};
	const { nomadLogin } = inputs;
	if (inputs.command === "login") return {
		...way,
		token: void 0
	};
	if (nomadLogin === void 0) {
		const token = inputs.nomadToken[environment]?.value ?? await storedToken(address, runtime);
		if (token === void 0 && inputs.tokenEnv !== void 0 && runtime.terminal !== void 0) throw withoutToken(environment, inputs.tokenEnv);
		return {
			...way,
			token
		};
	}
	const { idToken } = nomadLogin;
	if (idToken === void 0) throw new ActionError("input-invalid", "`nomad-auth-method`: GitHub gives this job no ID token", { hint: "Add to the job:\n\n    permissions:\n      id-token: write\n      contents: read\n\nGitHub removes the permissions that are not listed. A reusable workflow gets at most the permissions of its caller." });
	return {
		...way,
		token: void 0,
		login: async () => logIn({
			...nomadLogin,
			idToken
		}, way, runtime)
	};
}
/** Returns the token of a login of this person, in a terminal. */
async function storedToken(address, { terminal, mask, log }) {
	const stored = await terminal?.tokens.of(address);
	if (stored === void 0) return void 0;
	mask(stored.token.reveal());
	log.info("The token is that of `nomad-deploy login`.");
	return stored.token;
}
/** Logs in to Nomad with the job's ID token. Throws `permission-denied` with the claims when Nomad refuses it. */
async function logIn(by, way, runtime) {
	const { method, audience, idToken } = by;
	const { log, clock, mask, signal } = runtime;
	const again = (error, delayMs) => log.info(`${error.message}; retrying in ${formatDuration(delayMs)}`);
	const jwt = await retry(ID_TOKEN_RETRY, clock, signal, async () => requestIdToken(idToken, audience, runtime), again);
	mask(jwt);
	const nomad = await connect({
		...way,
		token: void 0
	}, runtime);
	try {
		const token = await retry(LOGIN_RETRY, clock, signal, async () => attempt$1(by, jwt, nomad, log), again);
		mask(token.SecretID);
		const livesMs = token.ExpirationTime === void 0 ? Number.POSITIVE_INFINITY : parseTime(token.ExpirationTime) - parseTime(token.CreateTime);
		const lives = Number.isFinite(livesMs) ? `, valid for ${formatDuration(livesMs)}` : "";
		log.info(`Logged in with the auth method ${method}: token ${describeToken(token)}${lives}`);
		if (token.Type === "management") log.warning(`The auth method ${method} gives this workflow a management token, which may do everything. Bind the auth method to a role.`);
		return {
			token: secret(token.SecretID),
			renewAtMs: clock.now() + Math.max(livesMs / 2, livesMs - RENEW_BEFORE_MS)
		};
	} finally {
		await nomad.close();
	}
}
/** Logs in once. Missing keys are worth a retry, because Nomad fetches GitHub's keys at each login. */
async function attempt$1({ method, audience }, jwt, nomad, log) {
	const answer = await nomad.logins.login(method, jwt);
	if (!("refused" in answer)) return {
		done: true,
		value: answer
	};
	const claims = describeClaims(jwt);
	const error = new ActionError("permission-denied", `Nomad refused the login with the auth method ${method}: ${answer.refused}`, { hint: `${loginHint(answer.refused, audience)} The ID token of this job has ${claims.decisive}.` });
	if (KEYS_MISSING.test(answer.refused)) return {
		done: false,
		error
	};
	await log.group("All claims of the ID token", async () => {
		for (const line of claims.all) log.info(line);
	});
	throw error;
}
/** Hints for a refused login, by Nomad's words. docs/authentication.md has more. */
const LOGIN_HINTS = [
	[/\(aud\)/, "Add AUDIENCE to BoundAudiences of the auth method, or set `nomad-auth-audience` to an audience that it has."],
	[/bindings matched/, "No binding rule matches (`nomad acl binding-rule list`), or the role or policy of the rule does not exist. A rule can use only the claims in ClaimMappings of the auth method."],
	[/not found/, "`nomad acl auth-method list` lists the auth methods."],
	[/ACL support disabled/, "This cluster has no ACLs. Remove `nomad-auth-method`."],
	[/issuer/, "Set BoundIssuer of the auth method to the issuer of the token."],
	[KEYS_MISSING, "The JWKSURL of the auth method must serve the issuer's keys, and Nomad's servers must be able to reach it."],
	[/\((exp|nbf)\)/, "Check the clock of Nomad's servers: the token was issued just now and is valid for five minutes."],
	[/signature/, "The JWKSURL of the auth method must serve the keys of the token's issuer."]
];
function loginHint(words, audience) {
	const [, hint] = LOGIN_HINTS.find(([known]) => known.test(words)) ?? [];
	return (hint ?? "Compare the auth method (`nomad acl auth-method info`) with the token.").replace("AUDIENCE", audience);
}
// src/target/judge.ts
/** The names that `job-name` takes. */
const JOB_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
/**
* Decides whether a run may change a variable with these items. A variable with a record belongs to the job that the record names. A
* variable without one belongs to this job if a version of the job reads it, or if it holds no secret of this action. Any other variable is
* judged as a job without a record.
*/
function judgeVariable(items, use, claim, act) {
	const { path, jobId, hasSecrets, registered, isRead, isOnly } = use;
	const what = `the Nomad variable ${path}`;
	const text = items[OWNER_ITEM];
	if (text !== void 0) {
		const { job, record } = readItem(text);
		if (job === jobId) return judgeOwner({
			what,
			id: jobId,
			record
		}, claim, act);
		return refuse$1(`${what} belongs to ${job === "" ? "an unknown job" : `the job ${job}`}, and this run is about the job ${jobId}`, act, { hint: "Give the job or its group another name." });
	}
	if (act === "replace" && registered && (isRead || !hasSecrets)) return { may: true };
	if (hasSecrets && !isRead && !isOnly && namedBy$1(jobId, claim) !== "workflow") return refuse$1(`${what} has secrets without an owner record, which no version of ${jobId} reads`, act, { hint: `If no job needs the secrets, remove them: nomad var purge ${path}.` });
	return judgeOwner({
		what,
		id: jobId,
		record: void 0
	}, claim, act);
}
/**
* Decides whether a run may act on a job or a variable:
*
* - The run's own job: yes.
* - The job of another owner: only if the workflow's input `job-name` names it, with a warning.
* - The job of another environment of the same repository: replaced and changed with a warning. But a review app never replaces
*   production, and a branch's own job in production is replaced by that branch or by the environment only.
* - A job without a record: with a notice, if the event is trusted and the rules, the workflow or the default branch names the job, or
*   version 0.1.0 deployed it to this environment. Purged only if the workflow says so.
*/
function judgeOwner(object, claim, act) {
	const { what, record, isRun, noted = {} } = object;
	if (isRun === true) return refuse$1(`${what} is a run of a periodic or parameterized job`, act, { hint: "Name its parent job." });
	if (record !== void 0) return sameOwner(record, claim.owner) ? { may: true } : judgeOther(object, record, claim, act);
	const old = notedOwner(noted, claim.owner);
	const first = old === void 0 ? { may: true } : judgeOther(object, old, claim, act);
	if (!first.may) return first;
	const second = judgeUnrecorded(object, claim, act);
	return second.may && first.warning !== void 0 ? first : second;
}
/**
* Refuses a job whose owner would not be clear: a spec that calls itself a run of another job; a review app of a deleted fork; and a review
* app with a slash in its id, because the job `a/b` and the group `b` of the job `a` share a variable. Throws `input-invalid`.
*/
function requireOwnable({ ID: id, ParentID }, { ref }) {
	if (ParentID) throw new ActionError("input-invalid", `the spec of ${id} has the \`ParentID\` ${ParentID}, which only Nomad itself may set`, { hint: "Remove `ParentID` from the spec." });
	if (ref === void 0) return;
	if (readRef(ref) === void 0) throw new ActionError("input-invalid", "the repository of the pull request no longer exists, so the review app would have no owner", { hint: "Nothing was built or registered. Close the pull request, or push its branch to this repository." });
	if (!id.includes("/")) return;
	throw new ActionError("input-invalid", `a review app cannot be the job ${id}: an id with a slash can share its variables with a group of another job`, { hint: "Give the job an id without a slash." });
}
function judgeOther({ what, id }, record, claim, act) {
	const { owner } = claim;
	const isNamed = namedBy$1(id, claim) === "workflow";
	const isReview = owner.environment === "review";
	const isOfBranch = owner.ref !== void 0 && (isReview || owner.ref !== record.ref);
	const whose = difference(record, owner);
	if (act === "replace" && isOfBranch && record.environment === "production") return refuse$1(`${what} ${origin$1(record)}, and this run is ${isReview ? "a review app" : `for ${refText(owner)}`}`, act, { hint: `${APART}. To replace the job anyway, set \`environment: production\` in the workflow, or purge the job first.` });
	if (sameRepository(record, owner) && !isOfBranch) {
		if (act === "replace") return {
			may: true,
			warning: `${what} was last deployed as ${record.environment}, and this run replaces it as ${owner.environment}. ${APART}`
		};
		if (act === "change") return isNamed ? { may: true } : {
			may: true,
			warning: `${what} ${whose}`
		};
	}
	if (isNamed && (act !== "purge" || claim.purge)) {
		if (act === "replace" && !sameRepository(record, owner)) return {
			may: true,
			warning: `${what} was last deployed by the repository ${record.repository}: the two repositories deploy to one job and replace each other's versions`
		};
		return {
			may: true,
			warning: `${what} ${whose}. This run ${VERBS[act]} it anyway, because the workflow's \`job-name\` names it`
		};
	}
	return refuse$1(act === "replace" && namedBy$1(id, claim) === "rules" ? `${what} ${sameRepository(record, owner) ? origin$1(record) : `belongs to the repository ${record.repository}`}, and ${describe(owner)} gets the same job name` : `${what} ${whose}`, act, { hint: wayOut(id, act) });
}
function judgeUnrecorded({ what, id, noted }, claim, act) {
	const isNoted = claim.owner.ref === void 0 && noted?.repository !== void 0 && noted.environment === claim.owner.environment;
	const by = namedBy$1(id, claim) === "checkout" && isNoted ? "note" : namedBy$1(id, claim);
	const bare = `${what} has no owner record`;
	if (claim.untrusted) return refuse$1(`${bare}, and this event may need no write access to the repository`, act, { hint: "Deploy the job once by a push, which gives it an owner record." });
	if (act === "purge" && !claim.purge) return refuse$1(`${bare}, so it is kept`, act, { hint: "To purge it, set the input `purge: true` in the workflow." });
	if (by === "checkout" && !claim.onDefaultBranch) return refuse$1(`${bare}, and only a file of this checkout names it`, act, { hint: `Deploy it once from the default branch, which gives it an owner record. ${wayOut(id, act)}` });
	const why = {
		workflow: "the workflow's `job-name` names it",
		rules: "its name follows from this run's repository",
		checkout: "the default branch names it",
		note: `version 0.1.0 deployed it as ${claim.owner.environment}`
	}[by];
	return {
		may: true,
		notice: `${bare}: this run ${VERBS[act]} it, because ${why}`
	};
}
/** Returns the other owner that the meta of version 0.1.0 names; undefined where it names none, or this one. */
function notedOwner(noted, owner) {
	const { repository = owner.repository, environment = owner.environment } = noted;
	if (environment !== "review") return environment === owner.environment && (owner.ref === void 0 || noted.environment === void 0) && sameRepository({ repository }, owner) ? void 0 : {
		repository,
		environment
	};
	const full = (ref) => readRef(ref) !== void 0 ? ref : `${repository.toLowerCase()} ${ref}`;
	const ref = noted.ref === void 0 ? owner.ref : full(noted.ref);
	return sameRepository({ repository }, owner) && owner.environment === "review" && ref === owner.ref ? void 0 : {
		repository,
		environment,
		...ref === void 0 ? {} : { ref }
	};
}
function namedBy$1(id, claim) {
	return id === claim.jobId ? claim.namedBy : "checkout";
}
const APART = "Give each environment its own cluster or namespace (docs/environments.md)";
const VERBS = {
	replace: "replaces",
	change: "changes",
	stop: "stops",
	purge: "purges"
};
const NOTHING = {
	replace: "Nothing was built or registered.",
	change: "Nothing was changed.",
	stop: "Nothing was stopped.",
	purge: "Nothing was purged."
};
function refuse$1(message, act, { hint }) {
	return {
		may: false,
		refusal: new ActionError("job-taken", message, { hint: `${NOTHING[act]} ${hint}` })
	};
}
/** Returns the advice by which this run may act on the job. */
function wayOut(id, act) {
	if (!JOB_NAME.test(id)) return `If the job is not needed any more, remove it: nomad job stop -purge ${id}.`;
	return `To ${act} it anyway, set the ${act === "purge" ? `inputs \`purge: true\` and \`job-name: ${id}\`` : `input \`job-name: ${id}\``} in the workflow.`;
}
/** Returns the difference between a record and this run's owner, as the end of a sentence. */
function difference(record, owner) {
	if (!sameRepository(record, owner)) return `belongs to the repository ${record.repository}, and this run is of ${owner.repository}`;
	if (record.environment !== owner.environment) return `is deployed as ${record.environment}, and this run is for ${owner.environment}`;
	return `${origin$1(record)}, and this run is for ${refText(owner)}`;
}
function origin$1(record) {
	if (record.environment === "review") return `was last deployed from ${refText(record)}`;
	return `is deployed as ${record.environment}${record.ref === void 0 ? "" : ` of ${refText(record)}`}`;
}
/** Returns `branch fix/7`, or with the name of a fork `branch fix/7 of stranger/shop`. */
function refText({ repository, ref }) {
	const read = readRef(ref);
	if (read === void 0) return "a deleted fork";
	const { repository: head, kind, name } = read;
	return head === repository.toLowerCase() ? `${kind} ${name}` : `${kind} ${name} of ${head}`;
}
function describe(owner) {
	if (owner.ref === void 0) return `${owner.environment} of ${owner.repository}`;
	return readRef(owner.ref)?.repository === owner.repository.toLowerCase() ? `${refText(owner)} of ${owner.repository}` : refText(owner);
}
// src/secrets/templates.ts
/** The templates of a job without secrets, or of a spec that is not deployed yet. */
const NO_SECRETS = {
	secretsTemplate: "",
	secretsRelease: "",
	taskTemplates: []
};
/** The values of `SECRETS_TEMPLATE` and `SECRETS_RELEASE` for a spec without secrets. */
const NO_TEMPLATE = "# no secrets";
const NO_RELEASE = "none";
/** Returns the path of the Nomad variable that the tasks of a job, of a group or a single task may read without a policy. */
function variablePath(jobId, scope) {
	return [
		"nomad/jobs",
		jobId,
		...scope
	].join("/");
}
/** Reads the names of a job's secrets. Invalid names were refused with the inputs. */
function secretNames(keys) {
	return keys.flatMap((key) => {
		const name = readSecretName(key);
		return typeof name === "string" ? [] : [{
			...name,
			key
		}];
	});
}
/**
* Returns the templates by which the tasks of a job read a release of its secrets, or an `older` one for the groups and tasks (the empty
* text: the job) whose secrets did not change since. Unchanged secrets give the same text.
*/
function secretTemplates(keys, jobId, release, older = {}) {
	const names = secretNames(keys);
	if (release === void 0 || names.length === 0) return NO_SECRETS;
	const value = ({ item, scope }) => `(index . "${item}.${older[scope.join("/")] ?? release}").Value`;
	const scopes = [...new Set(names.map(({ scope }) => scope.join("/")))].sort((a, b) => a.split("/").length - b.split("/").length);
	const environment = (scope) => {
		const lines = names.filter((name) => name.kind === "variable" && name.scope.join("/") === scope).map((name) => `${name.name}={{ ${value(name)} | toJSON }}`);
		return [
			`{{ with nomadVar "${variablePath(jobId, name(scope))}" }}`,
			...lines,
			"{{ end }}",
			""
		].join("\n");
	};
	const name = (scope) => scope.split("/").filter((part) => part !== "");
	const files = names.filter(({ kind }) => kind === "file").map((file) => ({
		scope: file.scope,
		template: {
			DestPath: `secrets/${file.name}`,
			EmbeddedTmpl: `{{ with nomadVar "${variablePath(jobId, file.scope)}" }}{{ ${value(file)} }}{{ end }}`,
			ChangeMode: "noop"
		}
	}));
	const ofParts = scopes.filter((scope) => scope !== "" && names.some(({ kind, scope: own }) => kind === "variable" && own.join("/") === scope)).map((scope) => ({
		scope: name(scope),
		template: {
			DestPath: `secrets/nomad-deploy-${name(scope).length === 1 ? "group" : "task"}.env`,
			EmbeddedTmpl: environment(scope),
			Envvars: true,
			ChangeMode: "noop"
		}
	}));
	return {
		secretsTemplate: scopes.includes("") ? environment("") : "",
		secretsRelease: release,
		taskTemplates: [...ofParts, ...files]
	};
}
/** Returns the job with the templates that its spec itself cannot have. */
function withTaskTemplates(job, { secretsTemplate, taskTemplates }) {
	if (taskTemplates.length === 0) return job;
	const takes = ({ Templates }) => secretsTemplate !== "" && (Templates ?? []).some(({ EmbeddedTmpl }) => EmbeddedTmpl?.includes(secretsTemplate) === true);
	const given = (group, task) => {
		const own = taskTemplates.filter(({ scope: [ofGroup, ofTask] }) => ofGroup === void 0 ? takes(task) : ofGroup === group && (ofTask === void 0 || ofTask === task.Name));
		return own.length === 0 ? task : {
			...task,
			Templates: [...task.Templates ?? [], ...own.map(({ template }) => template)]
		};
	};
	return {
		...job,
		TaskGroups: (job.TaskGroups ?? []).map((group) => ({
			...group,
			Tasks: (group.Tasks ?? []).map((task) => given(group.Name, task))
		}))
	};
}
/** Matches the release in a reference to an item of a `secret` block, which stands there only with secrets. */
const RELEASE_OF_REFERENCE = /(\$\{\s*secret\.\w+\.[\w.-]+?)\.(?:none|r[0-9a-f]{8})(?=\s*\})/g;
/**
* Returns the job as it would be without secrets: without their templates, and with `NO_TEMPLATE` and `NO_RELEASE` in place of their texts.
*/
function withoutSecrets(job, { secretsTemplate, secretsRelease, taskTemplates }) {
	const ours = new Set(taskTemplates.map(({ template }) => JSON.stringify(template)));
	const bare = (text) => {
		const template = secretsTemplate.trim();
		const plain = template === "" ? text : text.replaceAll(template, () => NO_TEMPLATE);
		const [first, ...others] = (secretsRelease === "" ? plain : plain.replaceAll(secretsRelease, () => NO_RELEASE)).split(NO_TEMPLATE);
		return [first, ...others.map((part) => part.trimStart())].join(`${NO_TEMPLATE}\n`);
	};
	const kept = (task) => {
		const others = (task.Templates ?? []).filter((template) => !ours.has(JSON.stringify(template))).filter(({ EmbeddedTmpl, SourcePath, ChangeScript }) => bare(EmbeddedTmpl ?? "").trim() !== "# no secrets" || SourcePath || ChangeScript);
		return {
			...task,
			Templates: others
		};
	};
	const groups = (job.TaskGroups ?? []).map((group) => ({
		...group,
		Tasks: (group.Tasks ?? []).map(kept)
	}));
	return mapTexts({
		...job,
		TaskGroups: groups
	}, (text) => bare(text).replace(RELEASE_OF_REFERENCE, "$1"));
}
/** Returns the secrets for a job, without those of groups and tasks that the job does not have. */
function secretsOf(secrets, job) {
	const own = new Set(secretNames(Object.keys(secrets)).filter(({ scope: [group, task] }) => {
		const found = (job.TaskGroups ?? []).find(({ Name }) => Name === group);
		return group === void 0 || found !== void 0 && (task === void 0 || found.Tasks?.some(({ Name }) => Name === task) === true);
	}).map(({ key }) => key));
	return Object.fromEntries(Object.entries(secrets).filter(([key]) => own.has(key)));
}
/** Throws `input-invalid` for secrets of groups or tasks that no job of the run has. */
function requireScopes(keys, jobs) {
	const all = Object.fromEntries(keys.map((key) => [key, true]));
	const known = new Set(jobs.flatMap((job) => Object.keys(secretsOf(all, job))));
	const unknown = keys.filter((key) => !known.has(key));
	if (unknown.length === 0) return;
	const scopes = jobs.flatMap(({ TaskGroups }) => (TaskGroups ?? []).flatMap(({ Name, Tasks }) => [Name, ...(Tasks ?? []).map((task) => `${Name}/${task.Name}`)]));
	throw new ActionError("input-invalid", `the job does not have the groups or tasks of the secrets ${unknown.join(", ")}`, { hint: `The job has ${scopes.join(", ")}.` });
}
// src/secrets/items.ts
/** Items of this action end in the release that reads them: `DB_PASSWORD.r1a2b3c4`. Any other item belongs to someone else. */
const OWN_ITEM = /^(?:[A-Za-z_][A-Za-z0-9_]*|FILE_[\w.-]+)\.(r[0-9a-f]{8})$/;
const RELEASE$1 = /^r[0-9a-f]{8}$/;
/** The paths that Nomad allows for a variable. */
const PATH = /^[a-zA-Z0-9-_~/]{1,128}$/;
/** Returns the release of an item of this action; undefined for any other item. */
function releaseOf(key) {
	return OWN_ITEM.exec(key)?.[1];
}
/** Returns whether a variable has items in the form of this action's. */
function hasSecrets(items) {
	return Object.keys(items).some((key) => releaseOf(key) !== void 0);
}
/** Returns whether no other job can have a variable at this path. A group `b` of the job `a` and the job `a/b` have the same path. */
function isOnlyPath(path, jobId) {
	return path === variablePath(jobId, []) && !jobId.includes("/");
}
/** Returns the job version for which a release was made, modulo 65536. */
function versionOf$1(release) {
	return Number.parseInt(release.slice(1, 5), 16);
}
/** Returns whether Nomad allows a variable at a path. */
function isVariablePath(path) {
	return PATH.test(path);
}
/**
* Reads the releases and the scopes of a version's secrets: `r1a2b3c4 web web/server`, or `r1a2b3c4 :r0a2b3c4 web:r0a2b3c4 web/server` where some are of an older release;
* `none …` where only older versions have secrets.
*/
function secretsRead(job) {
	const [release = "", ...parts] = (provenanceOf(job).secrets ?? "").split(" ");
	const scopes = parts.map((part) => part.split(":"));
	return {
		release: RELEASE$1.test(release) ? release : void 0,
		scopes: scopes.flatMap(([scope = ""]) => scope === "" ? [] : [scope]),
		older: Object.fromEntries(scopes.flatMap(([scope = "", own = ""]) => RELEASE$1.test(own) ? [[scope, own]] : []))
	};
}
/** Returns the paths of the variables in which this job has, had or will have secrets, as its secrets and its versions name them. */
function secretPaths(keys, jobId, versions) {
	const now = secretNames(keys).map(({ scope }) => scope.join("/"));
	const before = versions.flatMap((version) => secretsRead(version).scopes);
	return [.../* @__PURE__ */ new Set([
		"",
		...now,
		...before
	])].map((scope) => variablePath(jobId, scope === "" ? [] : scope.split("/")));
}
/** Throws `input-invalid` for a job whose variables would have a path that Nomad does not allow. */
function requirePaths(paths, jobId) {
	const impossible = paths.find((path) => !isVariablePath(path));
	if (impossible === void 0) return;
	throw new ActionError("input-invalid", `a job named ${JSON.stringify(jobId)} cannot have secrets: ${JSON.stringify(impossible)} is not a valid path of a Nomad variable`, { hint: "Name the job with letters, digits, dashes and underscores: up to 117 characters together with the group and the task." });
}
/** Returns the items that a template reads in the form of this action's. */
function itemsRead(template) {
	const last = Math.max(template.lastIndexOf("{{ end"), template.lastIndexOf("{{- end"));
	return [...template.slice(0, last < 0 ? 0 : last + 7).matchAll(/\{\{-? with nomadVar "([^"]+)"([\s\S]*?)\{\{-? end/g)].flatMap(([, path = "", inside = ""]) => [...inside.matchAll(/\(index \. "([^"]+)"\)/g)].flatMap(([, item = ""]) => ofRelease(path, item)));
}
/** Returns the items to which a task refers by its `secret` blocks. */
function itemsReferred(task) {
	const paths = new Map((task.Secrets ?? []).map(({ Name, Path }) => [Name, Path]));
	return (paths.size === 0 ? [] : textsIn(task).flatMap((text) => [...text.matchAll(/\$\{\s*secret\.(\w+)\.([\w.-]+)\s*\}/g)])).flatMap(([, block = "", item = ""]) => ofRelease(paths.get(block) ?? "", item));
}
function ofRelease(path, item) {
	const release = releaseOf(item);
	return release === void 0 ? [] : [{
		path,
		item,
		release
	}];
}
/** Returns the names of the secrets that the registered job reads, in the order of its templates, and their releases. */
function keptSecrets(live) {
	const { release, older } = secretsRead(live);
	if (live === void 0 || release === void 0) return {
		keys: [],
		release: void 0,
		older: {}
	};
	return {
		keys: [...new Set(ownItems(live).map(({ key }) => key))],
		release,
		older
	};
}
/** Returns the items of this action that a version reads, each with the name of its secret as the input `secrets` has it. */
function ownItems(version) {
	const { release, older } = secretsRead(version);
	const root = variablePath(version.ID, []);
	const tasks = (version.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
	return [...tasks.flatMap(({ Templates }) => (Templates ?? []).flatMap(({ EmbeddedTmpl }) => itemsRead(EmbeddedTmpl ?? ""))), ...tasks.flatMap(itemsReferred)].flatMap((one) => {
		const { path, item, release: own } = one;
		const scope = path === root ? "" : path.slice(root.length + 1);
		return (path === root || path.startsWith(`${root}/`)) && (own === release || own === older[scope]) ? [{
			...one,
			key: `${scope === "" ? "" : `${scope}/`}${item.slice(0, -own.length - 1)}`
		}] : [];
	});
}
// src/secrets/blocks.ts
/** Matches a reference to an item, `${secret.app.DATABASE_URL}`. A second dollar escapes it. */
const REFERENCE = /(?<!\$)(\$\{\s*secret\.(\w+)\.)([\w.-]+)(?=\s*\})/g;
/** Returns the path of the variable that each `secret` block of a task reads in the namespace of the job, by the name of the block. */
function variablesOf({ Secrets }, { Namespace }) {
	const own = (Secrets ?? []).filter(({ Provider, Config }) => Provider === "nomad" && [void 0, Namespace || "default"].includes(Config?.namespace));
	return new Map(own.map(({ Name, Path }) => [Name, Path]));
}
/**
* Returns the job with the items of this release in its references: `${secret.app.DATABASE_URL}` becomes `${secret.app.DATABASE_URL.r4335739f}`. References to
* other items and other variables stay, and so do those that name a release themselves.
*/
function withItemNames(job, { secretsTemplate, taskTemplates }) {
	const items = [secretsTemplate, ...taskTemplates.map(({ template }) => template.EmbeddedTmpl ?? "")].flatMap(itemsRead);
	if (items.length === 0) return job;
	const named = (task) => {
		const variables = variablesOf(task, job);
		if (variables.size === 0) return task;
		const name = (text) => text.replace(REFERENCE, (whole, head, block, asked) => {
			const found = items.find(({ path, item, release }) => path === variables.get(block) && item === `${asked}.${release}`);
			return found === void 0 ? whole : `${head}${found.item}`;
		});
		return {
			...mapTexts({
				...task,
				Templates: null
			}, name),
			Templates: task.Templates
		};
	};
	return {
		...job,
		TaskGroups: (job.TaskGroups ?? []).map((group) => ({
			...group,
			Tasks: (group.Tasks ?? []).map(named)
		}))
	};
}
/** Matches a line of an environment file that Nomad can read: its quotes are closed. A `#` begins a comment. */
const LINE = /^(?:[^"'#]|"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|'[^']*')*(?:#[\s\S]*)?$/;
/** Returns what Nomad makes of a value that a `secret` block reads: the same, another one, or an error that stops the task. */
function readAs(value) {
	const read = value.trim();
	if (Array.from(read).some((character) => character < " ") || !LINE.test(read)) return "error";
	return value === read && !/["'#]/.test(value) ? "same" : "other";
}
/**
* Throws `input-invalid` for secrets that a `secret` block of the job cannot read: values that Nomad cannot read at all in the whole variable, because then the
* task does not start, and references to values that it reads in another way.
*/
function requireReadable(job, { variables, release, older }) {
	const current = [release, ...Object.values(older)];
	const ofTask = (group, task) => {
		const blocks = [...variablesOf(task, job)];
		const used = new Set(textsIn(task).flatMap((text) => [...text.matchAll(REFERENCE)].map(([, , block, item = ""]) => `${block} ${withoutRelease(item)}`)));
		return blocks.flatMap(([block, path]) => {
			const items = variables.find((one) => one.path === path)?.items ?? {};
			const wrong = Object.entries(items).flatMap(([key, value]) => {
				const as = /[^\w./]/.test(key) ? "error" : readAs(value);
				const isUsed = current.includes(releaseOf(key)) && used.has(`${block} ${withoutRelease(key)}`);
				return as === "error" || as === "other" && isUsed ? [current.includes(releaseOf(key)) ? withoutRelease(key) : key] : [];
			});
			const names = [...new Set(wrong)].join(", ");
			return names === "" ? [] : [`the block \`secret "${block}"\` of the task ${group}/${task.Name} cannot read ${names} of ${path}`];
		});
	};
	const problems = (job.TaskGroups ?? []).flatMap(({ Name, Tasks }) => (Tasks ?? []).flatMap((task) => ofTask(Name, task)));
	if (problems.length === 0) return;
	throw new ActionError("input-invalid", `${problems.join("; ")}: Nomad reads each item as a line \`NAME=value\`, without quotes, \`#\`, line breaks or blanks around the value, and without dashes in the name`, { hint: "Read the variable by a template with `SECRETS_TEMPLATE`, or give these secrets to a group or task that has no such block, as in `web/server/KEY` (docs/secrets.md)." });
}
function withoutRelease(item) {
	const release = releaseOf(item) ?? (item.endsWith(`.none`) ? "none" : void 0);
	return release === void 0 ? item : item.slice(0, -release.length - 1);
}
// src/secrets/prepare.ts
/** The limit of a Nomad variable, over all keys and values. */
const MAX_VARIABLE_BYTES = 65536;
/** The most bytes that the secrets of an older release may keep, so that the variable has room for others. */
const MAX_OLDER_BYTES = 4096;
/** Returns the version number that the next registration gets, as a release names it. */
function nextVersion(live) {
	return live === void 0 ? 0 : (live.Version + 1) % 65536;
}
/**
* Returns a name for new items: the version that they are for, and a hash. The name is made of the state, so that a plan and its deployment
* have the same one; never one that is in use.
*/
function newRelease(jobId, { variables, live, versions }) {
	const used = /* @__PURE__ */ new Set([...[live, ...versions].map(secretsRead).flatMap(({ release, older }) => [release, ...Object.values(older)]), ...Object.values(variables).flatMap((variable) => Object.keys(variable?.Items ?? {}).map(releaseOf))]);
	const indexes = Object.entries(variables).map(([path, variable]) => [path, variable?.ModifyIndex ?? 0]);
	for (let attempt = 0;; attempt++) {
		const state = JSON.stringify([
			jobId,
			live?.JobModifyIndex ?? 0,
			indexes,
			attempt
		]);
		const hash = createHash("sha256").update(state).digest("hex").slice(0, 4);
		const release = `r${nextVersion(live).toString(16).padStart(4, "0")}${hash}`;
		if (!used.has(release)) return release;
	}
}
/**
* Decides the items of the job's variables, by these rules:
*
* - Unchanged secrets keep the release of the registered job, so an unchanged job stays unchanged. The same holds for a group, a task or the job's own
*   part: another text of their template would replace its tasks.
* - Changed secrets get a new release beside the old one, because running allocations and a rollback read the items of their own version.
* - Items that no kept version reads are dropped, except those for the next version, which another run may be about to register.
* - Without enough room, the items for the next version go first, then those of the oldest versions, those with a tag last; those of the registered version
*   and of the last healthy one always stay.
* - Items of others stay, unless `replace`. A variable with items of this action has the owner record, too.
*
* Returns undefined when there is nothing to write and nothing to read. Throws `input-invalid` when the items do not fit.
*/
function prepareSecrets(secrets, purpose, state, release = newRelease(purpose.jobId, state)) {
	const { jobId, namespace } = purpose;
	const wanted = wantedItems(secrets, jobId);
	const { release: current } = secretsRead(state.live);
	const own = wanted.length === 0 ? void 0 : current !== void 0 && holdsAll(wanted, current, state) ? current : release;
	const older = own === void 0 ? {} : olderReleases(wanted, own, jobId, state);
	const { itemsAt, warnings } = fitItems({
		wanted,
		release: own,
		purpose,
		state
	}, older);
	const variables = Object.entries(state.variables).map(([path, previous]) => {
		const items = itemsAt(path);
		return {
			path,
			items,
			previous,
			changed: JSON.stringify(sorted(items)) !== JSON.stringify(sorted(previous?.Items ?? {}))
		};
	});
	const left = variables.filter(({ items }) => hasSecrets(items)).map(({ path }) => scopeOf$1(path, jobId));
	if (own === void 0 && left.length === 0 && variables.every(({ changed }) => !changed)) return void 0;
	const scopes = left.sort().map((scope) => older[scope] === void 0 ? scope : `${scope}:${older[scope]}`).filter((scope) => scope !== "");
	return {
		namespace,
		release: own,
		older,
		provenance: left.length === 0 ? void 0 : [own ?? "none", ...scopes].join(" "),
		variables,
		warnings
	};
}
function wantedItems(secrets, jobId) {
	return secretNames(Object.keys(secrets)).map(({ key, item, scope }) => ({
		path: variablePath(jobId, scope),
		item,
		value: secrets[key]?.reveal() ?? ""
	}));
}
function itemsHeld({ variables }, path) {
	return variables[path]?.Items ?? {};
}
/** Returns whether the items of a release in all variables are exactly the wanted ones. */
function holdsAll(wanted, release, state) {
	return [.../* @__PURE__ */ new Set([...Object.keys(state.variables), ...wanted.map(({ path }) => path)])].every((path) => holdsOnly(wanted.filter((one) => one.path === path), release, itemsHeld(state, path)));
}
/** Returns whether the items of a release in a variable are exactly the wanted ones. */
function holdsOnly(wanted, release, items) {
	return Object.keys(items).filter((key) => releaseOf(key) === release).length === wanted.length && wanted.every(({ item, value }) => items[`${item}.${release}`] === value);
}
/** Returns the older releases that unchanged parts of the job go on reading, by scope. */
function olderReleases(wanted, own, jobId, state) {
	const live = secretsRead(state.live);
	const found = Object.keys(state.variables).flatMap((path) => {
		const scope = scopeOf$1(path, jobId);
		const before = live.older[scope] ?? live.release;
		const here = wanted.filter((one) => one.path === path);
		if (before === void 0 || before === own || here.length === 0) return [];
		const items = itemsHeld(state, path);
		return holdsOnly(here, before, items) && isSmall(items, before) ? [[scope, before]] : [];
	});
	return Object.fromEntries(found);
}
/** Returns the group or task of a variable, as `web/server`; empty for the job's own variable. */
function scopeOf$1(path, jobId) {
	return path.slice(variablePath(jobId, []).length + 1);
}
/** Returns the releases by which a version may read the items of a scope: those of its templates, and those of its spec. */
function releasesAt$1({ release, older }, scope) {
	return [release, older[scope]];
}
/** Chooses the older items that stay, so that each variable keeps to Nomad's limit. Throws `input-invalid` when even the needed ones do not fit. */
function fitItems(draft, older) {
	const { release, state, purpose } = draft;
	const stable = newest(state.versions.filter(({ Stable }) => Stable === true));
	const needed = [
		{
			release,
			older
		},
		secretsRead(state.live),
		secretsRead(stable)
	];
	const spare = state.versions.toSorted((a, b) => a.Version - b.Version).map(({ Version, ...job }) => ({
		...secretsRead(job),
		Version,
		isTagged: Boolean(job.VersionTag)
	}));
	const dropped = /* @__PURE__ */ new Set();
	let inFlight = nextVersion(state.live);
	const isRead = (by, old, scope) => by.some((version) => releasesAt$1(version, scope).includes(old));
	const staying = () => spare.filter((version) => !dropped.has(version));
	const itemsAt = (path) => {
		const scope = scopeOf$1(path, purpose.jobId);
		return itemsWith(draft, path, (old) => versionOf$1(old) === inFlight || isRead([...needed, ...staying()], old, scope));
	};
	const warnings = [];
	for (const path of Object.keys(state.variables)) {
		const scope = scopeOf$1(path, purpose.jobId);
		if (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) inFlight = void 0;
		while (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) {
			const present = Object.keys(itemsAt(path)).map(releaseOf);
			const oldest = (spared) => staying().flatMap((version) => releasesAt$1(version, scope)).find((old) => old !== void 0 && present.includes(old) && !isRead([...needed, ...spared], old, scope));
			const lost = oldest(staying().filter(({ isTagged }) => isTagged)) ?? oldest([]);
			if (lost === void 0) throw tooLarge(path, sizeOf(itemsAt(path)));
			const gone = spare.filter((version) => releasesAt$1(version, scope).includes(lost));
			for (const version of gone) dropped.add(version);
			warnings.push(`${path} is too small for the secrets of all kept versions of ${purpose.jobId}: the secrets of version ${gone.map(({ Version }) => Version).join(", ")} are removed, so a rollback to it is not possible.`);
		}
	}
	return {
		itemsAt,
		warnings
	};
}
/** Returns all items that a variable is to have: those that stay, the wanted ones, and the owner record. */
function itemsWith({ wanted, release, purpose, state }, path, isKept) {
	const kept = Object.entries(itemsHeld(state, path)).filter(([key]) => {
		const old = releaseOf(key);
		return key !== "nomad_deploy.owner" && (old === void 0 ? !purpose.replace || wanted.length === 0 : isKept(old));
	});
	const own = wanted.filter((one) => one.path === path).map(({ item, value }) => [`${item}.${release}`, value]);
	const items = Object.fromEntries([...kept, ...own]);
	return hasSecrets(items) ? {
		...items,
		[OWNER_ITEM]: purpose.record
	} : items;
}
function tooLarge(path, bytes) {
	return new ActionError("input-invalid", `the secrets at ${path} take ${bytes} bytes together with those of the running version; a Nomad variable holds ${MAX_VARIABLE_BYTES} bytes`, { hint: "Give large secrets to the group or the task that needs them, as in `web/server/FILE_ca.pem`: each has its own variable." });
}
/** Returns whether items of a release may stay beside those of each newer one. */
function isSmall(items, release) {
	return sizeOf(Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === release))) <= MAX_OLDER_BYTES;
}
function newest(versions) {
	return versions.toSorted((a, b) => b.Version - a.Version)[0];
}
function sizeOf(items) {
	return Object.entries(items).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}
function sorted(items) {
	return Object.entries(items).sort(([a], [b]) => a < b ? -1 : 1);
}
// src/secrets/write.ts
/** The number of tries for a variable that others write at the same time, and of a write that Nomad did not receive. */
const ATTEMPTS$5 = 3;
/**
* Writes the variables by check-and-set and returns the undo. Returns the path of a conflict, with everything undone, if another client
* wrote a variable since it was read. Throws Nomad's refusal, after undoing what was written.
*/
async function writeSecrets({ variables, namespace }, nomad) {
	const undoes = [];
	const undo = async () => {
		for (const one of undoes.toReversed()) await one();
	};
	for (const { path, items, previous } of variables.filter(({ changed }) => changed)) {
		let index;
		try {
			index = await put(nomad, {
				path,
				namespace
			}, items, previous?.ModifyIndex ?? 0);
		} catch (error) {
			await undo().catch(() => {
				throw new ActionError("nomad-refused", `${toActionError(error).message}; other variables of the job still have the new secrets`, { cause: error });
			});
			throw error;
		}
		if (index === void 0) {
			await undo();
			return { conflict: path };
		}
		const written = index;
		undoes.push(async () => {
			await put(nomad, {
				path,
				namespace
			}, previous?.Items ?? {}, written);
		});
	}
	return { undo };
}
/**
* Sets the items of a variable, or removes a variable without items. Returns its new index (0: removed), or undefined when its index is not
* `index`. After a lost answer, the variable shows whether the write took place; it is repeated only when it did not.
*/
async function put(nomad, place, items, index) {
	for (let attempt = 1;; attempt++) try {
		return await putOnce(nomad, place, items, index);
	} catch (lost) {
		if (toActionError(lost).code !== "unknown-outcome") throw lost;
		const found = await nomad.variables.read(place.path, place.namespace).catch(() => Promise.reject(lost));
		if (isDeepStrictEqual(found?.Items ?? {}, { ...items })) return found?.ModifyIndex ?? 0;
		if ((found?.ModifyIndex ?? 0) !== index) return void 0;
		if (attempt === ATTEMPTS$5) throw lost;
	}
}
async function putOnce(nomad, { path, namespace }, items, index) {
	if (Object.keys(items).length > 0) return nomad.variables.write(path, items, index, namespace);
	return await nomad.variables.remove(path, index, namespace) ? 0 : void 0;
}
/**
* Removes the items of this action from the Nomad variables of a purged job; `job` is the job as it was read before the purge. Leaves a
* variable that has another owner, or no owner record, unless the workflow itself names the job. Keeps items of others, and removes a
* variable without any. Returns a line for the log for each variable. A job that never had secrets needs no permission. Throws `conflict`
* when another client keeps writing the variable.
*/
async function removeSecrets(job, namespace, claim, nomad) {
	const had = provenanceOf(job).secrets !== void 0;
	const lines = [];
	for (const path of secretPaths([], job.ID, [job])) {
		if (!isVariablePath(path)) continue;
		try {
			lines.push(...await removeOwn({
				path,
				namespace,
				jobId: job.ID,
				isRead: had
			}, claim, nomad));
		} catch (error) {
			if (had || toActionError(error).code !== "permission-denied") throw error;
		}
	}
	return lines;
}
async function removeOwn({ path, namespace, jobId, isRead }, claim, nomad) {
	for (let attempt = 0; attempt < ATTEMPTS$5; attempt++) {
		const variable = await nomad.variables.read(path, namespace);
		const items = variable?.Items ?? {};
		if (variable === void 0 || !hasSecrets(items)) return [];
		const verdict = judgeVariable(items, {
			path,
			jobId,
			hasSecrets: true,
			registered: true,
			isRead,
			isOnly: isOnlyPath(path, jobId)
		}, claim, "purge");
		if (!verdict.may) return [sentence(verdict.refusal)];
		const others = Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === void 0 && key !== "nomad_deploy.owner"));
		const names = Object.keys(others);
		if (await put(nomad, {
			path,
			namespace
		}, others, variable.ModifyIndex) !== void 0) return [names.length === 0 ? `The Nomad variable ${path} was removed` : `The secrets in the Nomad variable ${path} were removed. The variable still has other items: ${names.join(", ")}`];
	}
	throw new ActionError("conflict", `another client keeps writing the Nomad variable ${path}`, { hint: `The variable still has the secrets of the job: nomad var purge ${path}` });
}
// src/secrets/job-secrets.ts
/**
* Reads the variables of a job and decides about them; writes nothing. A job without secrets, now and in its versions, asks for nothing
* that needs a permission. A variable of another owner is left as it is. Throws `job-taken` when a secret would have to be written there,
* and `input-invalid` when Nomad cannot hold the secrets, or a `secret` block of the job cannot read them.
*/
async function jobSecrets(inputs, { job, namespace }, { live, claim }, nomad) {
	const secrets = secretsOf(inputs.secrets, job);
	const keys = Object.keys(secrets);
	const none = {
		change: void 0,
		templates: secretTemplates([], job.ID, void 0)
	};
	if (keys.length === 0 && provenanceOf(live).secrets === void 0) return none;
	const versions = live === void 0 ? [] : await nomad.jobs.versions(job.ID, namespace);
	const paths = secretPaths(keys, job.ID, [live, ...versions]);
	requirePaths(paths, job.ID);
	const own = ownVariables(await Promise.all(paths.map(async (path) => [path, await nomad.variables.read(path, namespace)])), {
		keys,
		jobId: job.ID
	}, [live, ...versions], claim);
	const state = {
		variables: Object.fromEntries(own),
		live,
		versions
	};
	const change = prepareSecrets(secrets, {
		jobId: job.ID,
		namespace,
		replace: inputs.replaceItems,
		record: recordItem(job.ID, claim.owner)
	}, state);
	if (change !== void 0) requireReadable(job, change);
	return {
		change,
		templates: secretTemplates(keys, job.ID, change?.release, change?.older)
	};
}
/** Returns the variables that this run may write. Throws `job-taken` when one of them needs a write that the owner forbids. */
function ownVariables(all, { keys, jobId }, versions, claim) {
	const needed = new Set(secretNames(keys).map(({ scope }) => variablePath(jobId, scope)));
	const read = new Set(versions.flatMap((version) => provenanceOf(version).secrets === void 0 ? [] : ["", ...secretsRead(version).scopes].map((scope) => variablePath(jobId, scope === "" ? [] : scope.split("/")))));
	return all.filter(([path, variable]) => {
		if (variable === void 0) return true;
		const items = variable.Items ?? {};
		const verdict = judgeVariable(items, {
			path,
			jobId,
			hasSecrets: hasSecrets(items),
			registered: versions.some((version) => version !== void 0),
			isRead: read.has(path),
			isOnly: isOnlyPath(path, jobId)
		}, claim, "replace");
		if (!verdict.may && needed.has(path)) throw verdict.refusal;
		return verdict.may;
	});
}
/** Writes the secrets if they changed. Returns the undo, or the conflict when another client wrote them meanwhile. */
async function applySecrets(change, nomad, say) {
	if (change === void 0) return void 0;
	const paths = (wanted) => change.variables.flatMap(({ path, changed }) => changed === wanted ? [path] : []).join(", ");
	if (paths(true) === "") {
		say(`The secrets in the Nomad variable ${paths(false)} are up to date`);
		return;
	}
	const written = await writeSecrets(change, nomad);
	if ("conflict" in written) return { conflict: `the Nomad variable ${written.conflict} was written` };
	say(`Secrets written to the Nomad variable ${paths(true)}`);
	return {
		paths: paths(true),
		undo: written.undo
	};
}
/** Registers, and undoes the write of the secrets if the registration fails. After an unknown outcome they stay, and the error says so. */
async function undoUnlessRegistered(written, register, signal) {
	if (written === void 0) return register();
	const left = (cause, why) => {
		const error = errorOfRun(cause, signal);
		const because = why === void 0 ? "." : `, because removing them failed: ${sentence(toActionError(why))}`;
		const hint = `The secrets of this run are still in the Nomad variable ${written.paths}${because}`;
		return new ActionError(error.code, error.message, {
			cause,
			hint: error.hint === void 0 ? hint : `${error.hint} ${hint}`
		});
	};
	let outcome;
	try {
		outcome = await register();
	} catch (thrown) {
		if (toActionError(thrown).code === "unknown-outcome") throw left(thrown);
		outcome = { thrown };
	}
	if (!("thrown" in outcome) && !("conflict" in outcome)) return outcome;
	try {
		await written.undo();
	} catch (error) {
		throw left("thrown" in outcome ? outcome.thrown : new ActionError("conflict", outcome.conflict), error);
	}
	if ("thrown" in outcome) throw outcome.thrown;
	return outcome;
}
// src/secrets/versions.ts
/** The number of tries for a variable that others write at the same time. */
const ATTEMPTS$4 = 3;
/**
* Removes the items that only versions read that are not kept, and returns the paths of the changed variables. Leaves a variable of another owner. An item that
* is there for a version that another run is about to register belongs to none of these versions, so it stays.
*/
async function forgetVersions({ gone, kept }, namespace, claim, nomad) {
	const [first] = gone;
	if (first === void 0) return [];
	const { ID } = first;
	const had = gone.filter((version) => secretsRead(version).release !== void 0);
	const changed = [];
	for (const path of had.length === 0 ? [] : secretPaths([], ID, had)) {
		const lost = had.flatMap((version) => releasesAt(version, path));
		const needed = new Set(kept.flatMap((version) => releasesAt(version, path)));
		const drop = new Set(lost.filter((release) => !needed.has(release)));
		if (drop.size > 0 && await dropReleases({
			path,
			namespace,
			jobId: ID
		}, drop, claim, nomad)) changed.push(path);
	}
	return changed;
}
/** Returns the releases whose items a version reads in a variable. */
function releasesAt(version, path) {
	const { release, older } = secretsRead(version);
	return [release, older[path.slice(variablePath(version.ID, []).length + 1)]].filter((one) => one !== void 0);
}
async function dropReleases({ path, namespace, jobId }, drop, claim, nomad) {
	for (let attempt = 0; attempt < ATTEMPTS$4; attempt++) {
		const variable = await nomad.variables.read(path, namespace);
		const items = variable?.Items ?? {};
		const left = Object.fromEntries(Object.entries(items).filter(([key]) => !drop.has(releaseOf(key) ?? "")));
		if (variable === void 0 || Object.keys(left).length === Object.keys(items).length) return false;
		if (!judgeVariable(items, {
			path,
			jobId,
			hasSecrets: true,
			registered: true,
			isRead: true,
			isOnly: isOnlyPath(path, jobId)
		}, claim, "replace").may) return false;
		const { [OWNER_ITEM]: record, ...others } = left;
		const wanted = hasSecrets(others) && record !== void 0 ? left : others;
		if (await put(nomad, {
			path,
			namespace
		}, wanted, variable.ModifyIndex) !== void 0) return true;
	}
	return false;
}
/** Returns the secrets of a version, and which of them the variables of the job still have. A version without secrets needs no permission. */
async function secretsOfVersion(version, namespace, nomad) {
	const read = ownItems(version);
	const missing = [];
	const paths = [];
	for (const path of [...new Set(read.map((one) => one.path))]) {
		const items = (await nomad.variables.read(path, namespace))?.Items ?? {};
		const gone = read.filter((one) => one.path === path && !Object.hasOwn(items, one.item));
		missing.push(...gone.map(({ key }) => key));
		if (gone.length > 0) paths.push(path);
	}
	return {
		names: secretNamesOf(version),
		missing,
		paths
	};
}
/** Returns the names of the secrets that a version reads. */
function secretNamesOf(version) {
	return [...new Set(ownItems(version).map(({ key }) => key))];
}
// src/report/cost.ts
/** Nomad's defaults for a task without resources. */
const DEFAULT_CPU_MHZ = 100;
const DEFAULT_MEMORY_MIB = 300;
/** Returns the reserved resources of each group of a job. For a system job, the count is that of each node. */
function costOf(job) {
	return (job.TaskGroups ?? []).map(({ Name, Count, Tasks }) => {
		const sum = (of) => (Tasks ?? []).reduce((total, task) => total + of(task), 0);
		return {
			name: Name,
			count: Count ?? 1,
			cpuMhz: sum(({ Resources }) => Resources?.Cores ? 0 : Resources?.CPU ?? DEFAULT_CPU_MHZ),
			cores: sum(({ Resources }) => Resources?.Cores ?? 0),
			memoryMib: sum(({ Resources }) => Resources?.MemoryMB ?? DEFAULT_MEMORY_MIB)
		};
	});
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
	const title = `*${outcomeIcon(outcome)} ${escaped$1(`${what}: ${outcome}${where}`)}*${url === void 0 ? "" : `\n${linked(url)}`}`;
	const why = [cause, hint].map((text) => quiet(plain(text ?? ""))).filter((text) => text !== "").join("\n");
	const facts = jobs === void 0 ? factsOf$1(result) : jobs.slice(0, MAX_JOBS).map(jobLine);
	return {
		text: escaped$1(clip(`${outcomeIcon(outcome)} ${headline(jobs === void 0 ? result : {
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
function factsOf$1(result) {
	const { image, changed, running, nomadUrl, timings } = result;
	const totalMs = Object.values(timings ?? {}).reduce((sum, ms) => sum + ms, 0);
	return [
		["Version", versionsOf(result)],
		["Running now", running && escaped$1(running)],
		["Image", image && escaped$1(image)],
		["Change", changed],
		["Nomad", nomadUrl && linked(nomadUrl, "open the job")],
		["Time", totalMs === 0 ? void 0 : formatDuration(totalMs)]
	].flatMap(([name, value]) => value ? [markdown(`*${name}*\n${value}`, MAX_FIELD)] : []);
}
function jobLine(job) {
	const name = [job.cluster, job.jobId].filter((part) => part !== void 0).join(" ");
	const words = [job.outcome ?? "failed", versionsOf(job)].filter((text) => text !== void 0).join(", ");
	const shown = job.nomadUrl === void 0 ? escaped$1(name) : linked(job.nomadUrl, name);
	return markdown(`${outcomeIcon(job.outcome)} ${shown}: ${words}`, MAX_FIELD);
}
/** Groups fields by ten, the limit of a section. */
function inTens(fields) {
	return Array.from({ length: Math.ceil(fields.length / 10) }, (_, i) => fields.slice(10 * i, 10 * i + 10));
}
function origin({ repository, ref, sha, runUrl }) {
	const commit = sha ? ` ${entities(sha.slice(0, 8))}` : "";
	const parts = [...repository === void 0 ? [] : [`${escaped$1(`${repository} ${ref ?? ""}`)}${commit}`], ...runUrl === void 0 ? [] : [linked(runUrl, "workflow run")]];
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
function escaped$1(text) {
	return entities(quiet(plain(text)).replaceAll("](", "]​("));
}
function entities(text) {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
/** Returns a link; the label defaults to the address. */
function linked(url, label) {
	if (!/^https?:\/\//i.test(url)) return escaped$1(label ?? url);
	const address = url.toWellFormed().replace(/[\s<>|\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, encodeURIComponent).replaceAll("&", "&amp;");
	return `<${address}|${label === void 0 ? address : escaped$1(label).replaceAll("|", "¦")}>`;
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
		runtime.log.warning(`\`webhook-url\`: the result could not be posted: ${signal.aborted ? "no answer in time" : messageOf$1(error)}`);
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
			error: new Error(messageOf$1(error))
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
// src/report/promotion.ts
/**
* Returns the version of a job of another environment that ran the image with this digest: the last healthy one, else the last one. `jobs` are the versions
* that Nomad keeps.
*/
function findPromotion(image, environment, jobs) {
	const of = (job) => recordOf(job)?.environment ?? job.Meta?.[META.environment];
	const [last] = jobs.filter((job) => (of(job) ?? environment) !== environment && runs(job, image)).sort((a, b) => Number(b.Stable ?? false) - Number(a.Stable ?? false) || (b.SubmitTime ?? 0) - (a.SubmitTime ?? 0));
	if (last === void 0) return void 0;
	const { run } = provenanceOf(last);
	return {
		environment: of(last) ?? "",
		jobId: last.ID,
		jobVersion: last.Version,
		healthy: last.Stable === true,
		...run === void 0 ? {} : { run }
	};
}
function runs({ TaskGroups }, image) {
	const { name, digest = "" } = parseReference(image) ?? {};
	const names = [image, `${name}:${digestTag(digest)}`];
	return (TaskGroups ?? []).some(({ Tasks }) => (Tasks ?? []).some(({ Config }) => names.includes(String(Config?.["image"]))));
}
// src/report/promoted.ts
/**
* Notes the earlier deploy of an image that this run did not build: the job of this repository in another environment, and its run. Jobs that the token may not
* read are left out.
*/
async function notePromotion({ reference }, { context, target }, nomad, { runtime: { log }, note }) {
	try {
		const jobs = await nomad.jobs.withMeta(META.repository, context.repository);
		const versions = await Promise.all(jobs.map(async ({ ID, Namespace }) => nomad.jobs.versions(ID, Namespace)));
		const promotedFrom = findPromotion(reference, ownerOf(context, target).environment, versions.flat());
		if (promotedFrom === void 0) return;
		const { jobId, jobVersion, run, environment: from } = promotedFrom;
		log.info(`Promoted from ${from}: ${jobId} version ${jobVersion} ran this image${run === void 0 ? "" : `, deployed by ${run}`}`);
		note({ promotedFrom });
	} catch (error) {
		log.debug(`Earlier deploys of the image could not be read: ${messageOf$1(error)}`);
	}
}
// src/report/summary/allocations.ts
/** Returns allocations for the report, unhealthy ones first, then by name. */
function allocationRecords(allocations) {
	return allocations.map(record).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "en", { numeric: true }) || a.id.localeCompare(b.id));
}
function rank({ status, healthy }) {
	return healthy === false || status === "failed" || status === "lost" ? 0 : healthy === null ? 1 : 2;
}
function record(allocation) {
	const { ID, Name, TaskGroup, NodeName, ClientStatus, DeploymentStatus, CreateTime } = allocation;
	const tasks = Object.entries(allocation.TaskStates ?? {});
	const states = tasks.map(([, state]) => state);
	const { startedAt, endedAt } = timesOf(states);
	return {
		id: ID,
		name: Name,
		group: TaskGroup,
		node: NodeName,
		status: ClientStatus,
		healthy: DeploymentStatus?.Healthy === true && /^(failed|lost)$/.test(ClientStatus) ? false : DeploymentStatus?.Healthy ?? null,
		canary: DeploymentStatus?.Canary === true,
		tasks: tasks.map(([task]) => task).sort(),
		restarts: states.reduce((sum, { Restarts }) => sum + Restarts, 0),
		...times({
			createdAt: CreateTime ? CreateTime / 1e6 : void 0,
			startedAt,
			judgedAt: typeof DeploymentStatus?.Healthy === "boolean" ? parseTime(DeploymentStatus.Timestamp ?? "") : void 0,
			endedAt
		})
	};
}
/** Returns the first start and the last end of tasks, in milliseconds since the epoch. */
function timesOf(states) {
	const starts = states.flatMap(({ Events }) => (Events ?? []).flatMap(({ Type, Time }) => Type === "Started" ? [Time / 1e6] : []));
	const ends = states.map(({ State, FinishedAt }) => State === "dead" ? parseTime(FinishedAt ?? "") : NaN);
	return {
		startedAt: starts.length === 0 ? void 0 : Math.min(...starts),
		endedAt: ends.length === 0 ? void 0 : Math.max(...ends)
	};
}
/** Returns the known times. Nomad writes a missing time as one of the year 1. */
function times(known) {
	const texts = {};
	for (const name in known) {
		const ms = known[name];
		if (ms !== void 0 && ms > 0) texts[name] = isoTime(ms);
	}
	return texts;
}
// src/apps/effective-config.ts
/**
* Decides which file gives which key, for a checkout that is not the default branch's. With `config-from: checkout`, all keys come from it. Otherwise the keys
* about credentials and the policy come from the default branch's file, read from GitHub by commit. A skipped run does not ask GitHub.
* Throws `input-invalid` when an untrusted event has `config-from: checkout`, and when the default branch's file is invalid. Throws GitHub's error when that
* file can't be read and may decide keys of this run.
*/
async function effectiveConfig(checkedOut, context, env, asking) {
	const { config: own, path, pathOf } = checkedOut;
	if (configInputs(env).fromCheckout) return wholeCheckout(checkedOut, context);
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
		const said = asking.files !== void 0 ? {
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
		hint: `Nothing was done, because that file decides ${listed$2(decided)}, not the file of ${ref}. ${hint} Or set the keys by inputs. If every branch of this workflow may set them, use \`config-from: checkout\`.`,
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
		const problem = `GitHub did not tell whether ${followedSha.slice(0, 7)} is a commit of ${ref}: ${messageOf$1(error)}`;
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
	const clusters = config.clusters.map(async (section) => ({
		...section,
		inputs: await filled(section.inputs)
	}));
	return {
		...config,
		inputs: await filled(config.inputs),
		environments: await Promise.all(environments),
		clusters: await Promise.all(clusters)
	};
}
async function defaultFile(path, { defaultBranch }, { files, signal }) {
	if (files === void 0) return {
		why: "there is no `github-token`",
		hint: "Leave `github-token` at its default, ${{ github.token }}.",
		code: "input-invalid"
	};
	let origin = defaultBranch ?? "the default branch";
	let text;
	let sha;
	const read = async (file, at) => {
		const pem = sha === void 0 || file.startsWith("..") ? void 0 : await files.atCommit(file, sha);
		if (pem?.includes("-----BEGIN ") === true) return pem;
		throw new ActionError("input-invalid", `${placeText(at)}: ${file} of ${origin} is not a PEM file`, { hint: "Commit the file to the default branch, where its certificates and keys are read." });
	};
	try {
		const head = await files.head(defaultBranch);
		if (head !== void 0) {
			({sha} = head);
			origin = `${head.branch} at ${sha.slice(0, 7)}`;
		}
		text = await files.atCommit(path, sha);
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ActionError) return {
			why: error.message,
			hint: error.hint ?? "",
			code: error.code
		};
		return {
			why: messageOf$1(error),
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
function listed$2(ignored) {
	return ignored.map(({ key, at }) => `\`${key}\` (${sourceText(at)})`).join(", ");
}
// src/apps/order.ts
/**
* Returns the waves of a run for the selected apps; undefined where the run names neither waves nor clusters. Throws `input-invalid` with the places of unknown
* and repeated names, of apps that are in no wave, and of apps that depend on a later wave.
*/
async function wavesOf(config, asked, apps, environment) {
	if (asked.waves.length === 0 && asked.clusters.length === 0) return void 0;
	if (config === void 0) throw new ActionError("input-invalid", `\`${asked.waves.length === 0 ? "cluster" : "waves"}\`: there is no configuration file, so there are no clusters and no apps`, { hint: "Add a nomad-deploy.yml with `clusters` or `apps` (docs/waves.md)." });
	const selected = asked.clusters.map((name) => clusterOf(config, name));
	const names = asked.waves.flat();
	const ofClusters = names.some((name) => config.clusters.some((one) => one.name === name));
	const isUsed = names.length > 0 && (!ofClusters || environment.value !== "review" || asked.isOwn);
	if (isUsed) requireSound(config, asked, ofClusters);
	if (isUsed && ofClusters) {
		const unused = selected.find(({ name }) => !names.includes(name));
		if (unused !== void 0) throw new ActionError("input-invalid", `\`cluster\`: ${unused.name} is in no wave of ${asked.source}`, { hint: `The waves have ${names.join(", ")}.` });
		return nonEmpty(asked.waves.map((wave) => wave.filter((name) => selected.length === 0 || selected.some((one) => one.name === name))).map((wave) => ({
			apps,
			clusters: wave.map((name) => clusterOf(config, name))
		})));
	}
	if (isUsed) {
		if (selected.length > 1) throw new ActionError("input-invalid", "`cluster`: waves of apps take one cluster", { hint: "Name clusters in `waves`, or one in `cluster`." });
		return nonEmpty(asked.waves.map((wave) => apps.filter(({ name }) => wave.includes(name))).map((own) => ({
			apps: own,
			clusters: [selected[0]]
		})).filter((wave) => wave.apps.length > 0));
	}
	return nonEmpty([{
		apps,
		clusters: selected
	}]);
}
/** Returns the waves that have members; undefined without any. */
function nonEmpty(waves) {
	const [first, ...others] = waves.filter(({ clusters }) => clusters.length > 0);
	return first && [first, ...others];
}
function clusterOf({ clusters, path }, name) {
	const found = clusters.find((one) => one.name === name);
	if (found !== void 0) return found;
	const names = clusters.map((one) => one.name);
	const near = nearest(name, names);
	throw new ActionError("input-invalid", `\`cluster\`: ${path} has no cluster ${JSON.stringify(name)}${near === void 0 ? "" : `; did you mean \`${near}\`?`}`, { hint: names.length === 0 ? `${path} has no \`clusters\`, or the file of the default branch has none.` : `${path} has the clusters ${names.join(", ")}.` });
}
/** Throws `input-invalid` with all problems of waves. */
function requireSound(config, { waves, placeOf }, ofClusters) {
	const names = waves.flat();
	const known = [...config.clusters, ...config.apps].map(({ name }) => name);
	const problems = [...new Set(names)].flatMap((name) => {
		const [isCluster, isApp] = [config.clusters, config.apps].map((all) => all.some((one) => one.name === name));
		const said = (text) => [{
			text: `\`waves\`: ${text}`,
			at: placeOf(name)
		}];
		if (names.filter((one) => one === name).length > 1) return said(`${name} stands there twice`);
		if (isCluster === true && isApp === true) return said(`${name} is an app and a cluster; give one of them another name`);
		if (isCluster !== true && isApp !== true) {
			const near = nearest(name, known);
			return said(`${JSON.stringify(name)} is neither a cluster nor an app of ${config.path}${near === void 0 ? "" : `; did you mean \`${near}\`?`}`);
		}
		return isCluster === ofClusters ? [] : said(`${name} is an app, and waves of clusters deploy all apps to each cluster; name clusters or apps`);
	});
	if (problems.length === 0 && !ofClusters) problems.push(...orderProblems(config.apps, waves));
	const [first] = problems;
	if (first === void 0) return;
	const lines = problems.map(({ text, at }) => at === void 0 ? text : `${placeText(at)}: ${text}`);
	const location = first.at && locationOf(first.at);
	throw new ActionError("input-invalid", lines.length === 1 ? `${lines[0]}` : `${lines.length} problems:\n- ${lines.join("\n- ")}`, {
		hint: "Nothing was built or registered. docs/waves.md has examples.",
		...location === void 0 ? {} : { location }
	});
}
/** Returns the problems of apps that are in no wave, or depend on a later one. */
function orderProblems(apps, waves) {
	const waveOf = (app) => waves.findIndex((wave) => wave.includes(app));
	return apps.flatMap(({ name, at, dependsOn }) => {
		if (waveOf(name) === -1) return [{
			text: `\`waves\`: the app ${name} is in no wave`,
			at
		}];
		const late = dependsOn.find((other) => waveOf(other) > waveOf(name));
		return late === void 0 ? [] : [{
			text: `\`waves\`: ${name} depends on ${late}, which is in a later wave`,
			at
		}];
	});
}
/**
* Throws `input-invalid` for a cluster whose token belongs to another environment: the token of production or staging, and for a pull request or a branch of its
* own any token that the clusters of other environments have.
*/
async function requireOwnTokens(waves, config, environment) {
	const owners = /* @__PURE__ */ new Map([["NOMAD_TOKEN_PROD", "production"], ["NOMAD_TOKEN_STAGING", "staging"]]);
	for (const { name, tokenEnv } of config.environments) if (tokenEnv !== void 0 && name === "production") owners.set(tokenEnv.text, name);
	if (environment.value === "review") {
		for (const { name, tokenEnv } of config.environments) if (tokenEnv !== void 0 && name !== environment.name) owners.set(tokenEnv.text, name);
		const others = [["other environments", config.inputs.waves], ...config.environments.filter(({ name }) => name !== environment.name).map(({ name, inputs }) => [name, inputs.waves])];
		for (const [owner, given] of others) {
			const used = (await readWaves(given?.text, [])).flat();
			for (const { name, tokenEnv } of config.clusters) if (used.includes(name) && tokenEnv !== void 0) owners.set(tokenEnv.text, owner);
		}
	}
	for (const { name, tokenEnv } of waves.flatMap(({ clusters }) => clusters.filter((one) => one !== void 0))) {
		const owner = tokenEnv && owners.get(tokenEnv.text);
		if (tokenEnv === void 0 || owner === void 0 || owner === environment.value || owner === environment.name) continue;
		const location = locationOf(tokenEnv.at);
		throw new ActionError("input-invalid", `${placeText(tokenEnv.at)}: \`token-env\` of the cluster ${name}: ${tokenEnv.text} is the token of ${owner}, and ${environment.name} must not get it`, {
			hint: `Give ${environment.name} clusters with tokens of their own.`,
			...location === void 0 ? {} : { location }
		});
	}
}
/**
* Throws `input-invalid` where the clusters of a run would all get the value of one input of the workflow in place of their own, and where a later wave could
* not start: the run must follow each wave to its end.
*/
function requireSequence(waves, inputs) {
	const clusters = waves.flatMap((wave) => wave.clusters.filter((one) => one !== void 0));
	const [first] = inputs;
	const [name] = clusters.flatMap((cluster) => [...Object.keys(cluster.inputs).filter((name) => isInput(name) && first?.sources.inputs[name] === name && name !== "vars"), ...cluster.tokenEnv !== void 0 && Object.values(first?.nomadToken ?? {}).some((token) => token?.source === "nomad-token") ? ["nomad-token"] : []]);
	if (name !== void 0 && clusters.length > 1) throw new ActionError("input-invalid", `\`${name}\`: ${clusters.length} clusters can't share one ${name}`, { hint: "Remove the input, since the configuration file gives each cluster its own, or select one cluster with the input `cluster`." });
	const early = (waves.length > 1 || first?.allOrNothing === true) && first?.command === "deploy" ? inputs.find(({ wait, promote }) => !wait || promote === "manual") : void 0;
	if (early === void 0) return;
	const what = early.wait ? "`promote`: `manual`" : "`wait`: `false`";
	throw new ActionError("input-invalid", `${what} ends the run before a wave is healthy, and the next one needs that`, { hint: early.wait ? "Promote the canaries of each wave by `promote: verify` or `promote: auto`." : "Leave out `wait: false`, or deploy without `waves`." });
}
// src/register/dispatch.ts
/** Returns all problems of a run with this meta and payload, in words. Nomad itself names one at a time. */
function dispatchProblems({ ID, Stop, Periodic, ParameterizedJob }, { meta, payload }) {
	if (Stop) return [`${ID} is stopped`];
	if (!ParameterizedJob) {
		if (!Periodic) return [`${ID} is neither a parameterized nor a periodic job`];
		const given = Object.keys(meta).length > 0 ? "meta" : payload === void 0 ? void 0 : "payload";
		return given === void 0 ? [] : [`\`${given}\`: runs of the periodic job ${ID} take no ${given}`];
	}
	const { Payload, MetaRequired, MetaOptional } = ParameterizedJob;
	const required = MetaRequired ?? [];
	const known = [...required, ...MetaOptional ?? []];
	const missing = required.filter((key) => !(key in meta));
	const unknown = Object.keys(meta).filter((key) => !known.includes(key));
	return [
		...missing.map((key) => `\`meta\`: ${ID} requires the key ${key}`),
		...unknown.map((key) => {
			const near = nearest(key, known);
			const keys = known.length === 0 ? "" : ` (its keys are ${known.join(", ")})`;
			return `\`meta\`: ${ID} takes no key ${key}${near === void 0 ? keys : `; did you mean ${near}?`}`;
		}),
		...Payload === "required" && payload === void 0 ? [`\`payload\`: ${ID} requires a payload`] : [],
		...Payload === "forbidden" && payload !== void 0 ? [`\`payload\`: ${ID} takes no payload`] : []
	];
}
/**
* Starts a run of a registered job: dispatches a parameterized one, or forces a periodic one to run now. A lost answer does not start a second run.
*/
async function dispatchJob(job, namespace, given, nomad) {
	const started = job.ParameterizedJob ? await dispatched(job, namespace, given, nomad) : await forced(job, namespace, nomad);
	const run = await nomad.jobs.read(started.jobId, namespace);
	if (run === void 0) throw new ActionError("nomad-refused", `the run ${started.jobId} was started, and was purged or garbage-collected since`);
	return {
		job: run,
		registration: {
			...started,
			namespace,
			version: run.Version,
			previousVersion: void 0
		}
	};
}
async function dispatched({ ID }, namespace, given, nomad) {
	const { DispatchedJobID, EvalID } = await nomad.jobs.dispatch(ID, given, randomHex(nomad.clock, 32), namespace);
	return {
		jobId: DispatchedJobID,
		evaluationId: EvalID
	};
}
/** The most attempts to start a run of a periodic job whose answers are lost. */
const ATTEMPTS$3 = 3;
/** Starts a run of a periodic job. After a lost answer, the one run that is new since is the one that was started. */
async function forced({ ID }, namespace, nomad) {
	const before = await nomad.jobs.children(ID, namespace).catch(() => void 0);
	for (let attempt = 1;; attempt++) {
		const given = await nomad.jobs.forcePeriodic(ID, namespace).catch((error) => ({ error }));
		if (typeof given === "string") return runOf(given, ID, namespace, nomad);
		if (before === void 0 || toActionError(given.error).code !== "unknown-outcome") throw given.error;
		const [made, ...more] = (await nomad.jobs.children(ID, namespace, nomad.patience()).catch(() => Promise.reject(given.error))).filter((run) => !before.some((one) => one.ID === run.ID));
		if (made !== void 0 && more.length === 0) {
			const [evaluation] = await nomad.jobs.evaluations(made.ID, namespace, nomad.patience()).catch(() => []);
			return {
				jobId: made.ID,
				evaluationId: evaluation?.ID ?? ""
			};
		}
		if (made !== void 0 || attempt === ATTEMPTS$3) throw given.error;
	}
}
async function runOf(evaluationId, id, namespace, nomad) {
	const { value } = await nomad.evaluations.read(evaluationId, namespace, 0, nomad.patience());
	if (value?.JobID) return {
		jobId: value.JobID,
		evaluationId
	};
	throw new ActionError("unknown-outcome", `a run of ${id} was started, but Nomad did not return its id`, { hint: `To find the run, use nomad job status ${id}.` });
}
// src/jobspec/open-counts.ts
/** Returns whether the registered job may replace the count of a group: by default if the group has `scaling`. System jobs have no count. */
function isOpen({ Scaling }, { Type }, preserve) {
	return Type?.startsWith("sys") !== true && (preserve ?? (Scaling !== void 0 && Scaling !== null && Scaling.Enabled !== false));
}
/** Returns the job without the counts that the registered job may replace, because a policy judges the counts that are sent. */
function withoutOpenCounts(job, preserve) {
	const groups = job.TaskGroups?.map((group) => isOpen(group, job, preserve) ? {
		...group,
		Count: null
	} : group);
	return {
		...job,
		...groups && { TaskGroups: groups }
	};
}
/** Returns the count of a spec, with Nomad's defaults. */
function askedCount({ Count, Scaling }) {
	return Count ?? Scaling?.Min ?? 1;
}
// src/jobspec/blue-green.ts
/**
* Returns the job of the built-in template with a canary for each allocation of its counts, none of which Nomad promotes by itself. A further group of the
* repository's files without canaries stays without. Throws `input-invalid` where a file takes the canaries of the template away.
*/
function withBlueGreen(job) {
	const groups = (job.TaskGroups ?? []).map((group) => {
		const count = askedCount(group);
		const { Canary } = updateOf(job.Update, group.Update);
		if (count === 0 || !Canary && group.Name !== "group") return group;
		if (!Canary) throw new ActionError("input-invalid", "`blue-green`: a file of the repository sets `canary = 0` in the group of the built-in template", { hint: "Remove `canary` from job.nomad or group.nomad, or set `blue-green: false`." });
		return {
			...group,
			Update: {
				...group.Update,
				Canary: count,
				AutoPromote: false
			}
		};
	});
	return {
		...job,
		TaskGroups: groups
	};
}
// src/image/architecture.ts
/**
* Throws `input-invalid` when no ready node of the cluster has a processor that the image supports: the container would fail with `exec
* format error`. Checks nothing if the token may not list nodes (`node:read`), or if the image's processors are unknown.
*/
async function requireArchitecture({ reference, architectures }, nomad, { log }) {
	if (architectures.length === 0) return;
	try {
		const others = await nomad.nodes.otherArchitectures(architectures);
		if (others === void 0) return;
		throw new ActionError("input-invalid", `the image ${reference} is for ${architectures.join(", ")}, but the nodes of the cluster are ${others.join(", ")}`, { hint: `Build the image for the nodes: \`platforms: ${others.map((name) => `linux/${name}`).join(",")}\`.` });
	} catch (error) {
		if (toActionError(error).code !== "permission-denied") throw error;
		log.debug("The token may not list nodes (node:read), so the processor of the image is not checked.");
	}
}
// src/image/docker-error.ts
const DENIED = /unauthorized|authentication required|no basic auth credentials|denied|insufficient_scope|\b40[13]\b/i;
const NO_SPACE = /no space left on device/i;
const FREE_SPACE = "Free space before this step: `docker system prune --all --force`.";
const UNREACHABLE = /no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|no route to host|server gave HTTP response to HTTPS client|x509: |context deadline exceeded|Client\.Timeout/i;
/** Answers of a registry after which the same push can succeed a moment later. */
const TRANSIENT = /\b(429|5\d\d)\b|too many requests|toomanyrequests|internal server error|bad gateway|service unavailable|gateway time-?out|connection re(set|fused)|broken pipe|\bEOF\b|i\/o timeout|TLS handshake timeout|unknown blob|blob upload (unknown|invalid)|server misbehaving|temporary failure|Client\.Timeout|context deadline exceeded/i;
/** The failed step, which buildx names below a rule: ` > [2/3] RUN make:`, ` > pushing app:1 with docker:`. */
const FAILED_STEP = /^ > (?:\[[^\]\n]*\] )?(.*?):?$/m;
/**
* Returns the error of a failed build, with the line of the Dockerfile if it is known. `file` is the Dockerfile as shown to people, `text`
* its content.
*/
function buildError(result, name, file, text) {
	requireDocker(result);
	const said = lastError(result);
	const step = FAILED_STEP.exec(result.stderr)?.[1] ?? "";
	if (isPush(step, said)) {
		if (DENIED.test(said)) return denied(`the push of ${name} was refused: ${said}`);
		if (UNREACHABLE.test(said)) return unanswered(registryOf(name) ?? name, said);
	}
	const named = /^\S*?:(\d+)\n-{8,}$/m.exec(result.stderr)?.[1] ?? /dockerfile parse error (?:on )?line (\d+)/.exec(said)?.[1];
	const base = /^\[?(?:internal\] )?load metadata for (\S+)/.exec(step)?.[1];
	const line = named !== void 0 ? Number(named) : base === void 0 ? lineOf$1(step, text) : fromLine(base, text);
	const output = stepOutput(result.stderr);
	const last = output.at(-1)?.trim().slice(0, 200);
	const location = {
		file,
		...line === void 0 ? {} : { line }
	};
	return new ActionError("build-failed", `${file}${line === void 0 ? "" : `:${line}`}: the image could not be built: ${said}${last === void 0 ? "" : `: ${JSON.stringify(last)}`}`, {
		location,
		output: output.slice(-20),
		...hintOf$1(result.stderr, said, base)
	});
}
/** Returns the hint for a failed build, if there is one. */
function hintOf$1(stderr, said, base) {
	if (NO_SPACE.test(stderr)) return { hint: `The disk is full. ${FREE_SPACE}` };
	if (/target stage \S+ could not be found/.test(said)) return { hint: "Set `target` to a stage of the Dockerfile: `FROM … AS name`." };
	if (base !== void 0) return { hint: DENIED.test(said) ? `The base image ${base} may need a login: set \`registry-auth\`.` : `Check the name of the base image ${base}, and that the builder can reach its registry.` };
	return /failed to (compute cache key|calculate checksum)/.test(said) && /not found/.test(said) ? { hint: "Paths of COPY and ADD are relative to `context`. Check that the file is in the repository and that .dockerignore does not exclude it." } : {};
}
function isPush(step, said) {
	return /^(pushing|exporting)/.test(step) || /failed to push/.test(said);
}
/** Returns docker's message about a push that may succeed on a retry; undefined for any other result, such as a refused login. */
function transientPushError(result) {
	if (result.code === 0) return void 0;
	const said = lastError(result);
	return isPush(FAILED_STEP.exec(result.stderr)?.[1] ?? "", said) && TRANSIENT.test(said) && !DENIED.test(said) ? said : void 0;
}
/** Returns the output of the failed step, which explains its exit code. */
function stepOutput(stderr) {
	const step = /^#(\d+) ERROR: /m.exec(stderr)?.[1];
	if (step === void 0) return [];
	const printed = new RegExp(`^#${step} \\d+\\.\\d+ (.*\\S)`);
	return stderr.split("\n").flatMap((line) => printed.exec(line)?.[1] ?? []);
}
/** Returns the error for an existing image that could not be looked up. */
function existingError(result, reference) {
	requireDocker(result);
	const said = lastError(result);
	if (DENIED.test(said)) return denied(`the registry refused access to ${reference}: ${said}`);
	return new ActionError("image-not-found", `there is no image ${reference}: ${said}`, { hint: "Check `image`, or build it here with `build: true`." });
}
function loginError(result, registry, username) {
	const said = lastError(result);
	return UNREACHABLE.test(said) ? unanswered(registry, said) : denied(`${registry} refused the login as ${username}: ${said}`);
}
function tagError(result, tags) {
	const said = lastError(result);
	return DENIED.test(said) ? denied(`the registry refused the tags ${tags}: ${said}`) : new ActionError("build-failed", `the tags ${tags} could not be set: ${said}`);
}
function unanswered(registry, said) {
	return new ActionError("unreachable", `the registry ${registry} does not answer: ${said}`, { hint: "Check the name in `registry` or `image`, and that this runner can reach the registry." });
}
function denied(message) {
	return new ActionError("registry-denied", message, { hint: "Set `registry-username` and `registry-password` to an account with this permission. For ghcr.io, the job needs `permissions: packages: write`." });
}
/**
* Throws `build-failed` when docker, its engine or its buildx plugin is missing, or the disk is full; `input-invalid` when the named
* builder does not exist.
*/
function requireDocker({ code, stdout, stderr }) {
	const missing = (message, hint) => new ActionError("build-failed", message, { hint });
	if (code === 127) throw missing("docker was not found on this runner", "Use a runner with Docker, or set `image` to an image that is built elsewhere.");
	if (/is not a docker command|unknown command: docker buildx|unknown flag: --(progress|tag|metadata-file)/.test(stderr)) throw missing("this runner has docker, but not its buildx plugin", "Add docker/setup-buildx-action before this step.");
	const builder = /no builder "([^"]*)" found/.exec(stderr)?.[1];
	if (builder !== void 0) throw new ActionError("input-invalid", `\`builder\`: there is no builder ${builder}`, { hint: "`docker buildx ls` lists the builders of this runner. docker/setup-buildx-action makes one." });
	if (NO_SPACE.test(lastError({
		code,
		stdout,
		stderr
	}))) throw missing(`the disk is full: ${lastError({
		code,
		stdout,
		stderr
	})}`, FREE_SPACE);
	if (/cannot connect to the docker daemon|is the docker daemon running|failed to connect to the docker API/i.test(lastError({
		code,
		stdout,
		stderr
	}))) throw missing(`the Docker engine does not answer: ${lastError({
		code,
		stdout,
		stderr
	})}`, "Start the engine, or set DOCKER_HOST.");
}
/** Returns the last line in which a docker command names its error, without the prefixes of its layers. */
function lastError({ stderr, stdout, code }) {
	const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim()).filter((line) => line !== "");
	return (lines.findLast((candidate) => /^error\b/i.test(candidate)) ?? lines.at(-1) ?? `exit code ${code}`).replace(/^(error( response from daemon)?: |failed to (build|solve|solve with frontend \S+|create LLB definition): |rpc error: code = \w+ desc = )+/i, "");
}
/** Returns the line of a Dockerfile on which an instruction begins. BuildKit prints the instruction on one line, with single blanks. */
function lineOf$1(instruction, dockerfile) {
	const wanted = withSingleBlanks(instruction);
	const at = dockerfile.split("\n").findIndex((line) => {
		const begins = withSingleBlanks(line.replace(/\\\s*$/, ""));
		return begins !== "" && /^[A-Z]+ /i.test(begins) && wanted.startsWith(begins);
	});
	return at < 0 ? void 0 : at + 1;
}
/** Returns the line of the `FROM` of a base image. BuildKit prints the full name of the image. */
function fromLine(base, dockerfile) {
	const wanted = completeReference(base);
	const at = dockerfile.split("\n").findIndex((line) => {
		const [, name = ""] = /^\s*FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line) ?? [];
		return wanted !== void 0 && completeReference(name) === wanted;
	});
	return at < 0 ? void 0 : at + 1;
}
function withSingleBlanks(text) {
	return text.trim().replace(/\s+/g, " ");
}
// src/image/names.ts
/** Returns the users' name for an image: its app, its name in `images`, or for a single image its repository. */
function keyOf$1({ name, plan }) {
	return name ?? (plan.kind === "build" ? plan.name : plan.reference);
}
/** Returns the references of images by the users' names. */
function byName(all, references) {
	return Object.fromEntries(all.map((asked, i) => [keyOf$1(asked), references[i] ?? ""]));
}
/** Returns the existing images, as the workflow names them. An image that is yet to be built has an empty name. */
function namesGiven(asked) {
	return byName(asked, asked.map(({ plan }) => plan.kind === "existing" ? plan.reference : ""));
}
/** Returns the image of an app, or the first of the repository; `own` has its images. */
function imageOf([first], images) {
	return first === void 0 ? "" : images[keyOf$1(first)] ?? "";
}
/** Returns the tags of the image of an app. */
function tagsOf([first]) {
	return first === void 0 ? [] : first.plan.kind === "build" ? first.plan.tags : [first.plan.reference];
}
/** Returns the images by their names in the configuration file, for specs; empty without names. */
function namedImages(asked, images) {
	return asked.some(({ name }) => name !== void 0) ? images : {};
}
// src/image/plan.ts
/**
* Decides between building, an existing image and none. `needsImage` is false for a spec of the repository, which may name its images
* itself. Throws `input-invalid` when an image is needed and there is neither a Dockerfile nor an `image`, when `build: true` has no
* Dockerfile, and when none of `tags` belongs to `image`.
*/
function planImage(inputs, files, needsImage, { target, context, workspace }) {
	const { image, build } = inputs;
	const dockerfile = relative(workspace, files.dockerfile);
	if (build === false || image !== void 0 && parseReference(image)?.digest !== void 0 || build === "auto" && !files.dockerfileExists) {
		if (image !== void 0) return {
			kind: "existing",
			reference: image
		};
		if (!needsImage) return { kind: "none" };
		throw new ActionError("input-invalid", build === false ? "`build` is false, and no `image` is given" : `there is no ${dockerfile}, and no \`image\` is given`, { hint: "Add a Dockerfile (or name it with `file`), or set `image` to the image to deploy." });
	}
	if (!files.dockerfileExists) throw new ActionError("input-invalid", `\`file\`: there is no ${dockerfile} in the workspace`, { hint: "Check that the repository is checked out (actions/checkout), and that the name is spelt as in the repository." });
	const { runUrl, repositoryUrl, terminal } = context;
	const commit = context.eventName === "pull_request_target" || isOfNoBranch(context) || terminal?.changed === true ? "" : context.sha;
	return {
		kind: "build",
		...nameOf$2(inputs, target, {
			...context,
			sha: commit
		}),
		dockerfile: files.dockerfile,
		contextFolder: files.contextFolder,
		secretFiles: files.secretFiles,
		commit,
		source: repositoryUrl,
		runUrl,
		trust: trustOf(context, target.environment)
	};
}
/**
* Returns the trust in a run's code. `trusted` is for environments other than review apps: the repository decides who reviews code before
* it is deployed there. A branch with its own job, events that strangers can cause, pull requests, and builds on the machine of a person are
* at most `review`, whatever environment is named.
*/
function trustOf(context, environment) {
	const { fromFork, eventName, followsDefault, terminal } = context;
	if (fromFork) return "fork";
	const followsOther = eventName === "workflow_run" && !followsDefault;
	const isUnreviewed = eventName.startsWith("pull_request") || followsOther || isOfNoBranch(context) || terminal !== void 0;
	return hasOwnJob(environment) || isUnreviewed ? "review" : "trusted";
}
/**
* Returns whether the run has no branch or pull request to name tags by: a comment's branch is always the default one, and a run that
* follows one of a fork or a tag may have a branch called `main`.
*/
function isOfNoBranch({ eventName, fromFork, pullRequest, ref, defaultBranch, followsDefault }) {
	if (pullRequest !== void 0) return false;
	if (eventName === "workflow_run" && ref === defaultBranch && !followsDefault) return true;
	return fromFork || eventName !== "workflow_run" && untrustedEvents.some((name) => name === eventName);
}
function nameOf$2({ image, imageKey, tags, registry, vars }, target, context) {
	const own = image === void 0 ? void 0 : parseReference(image);
	const whole = tags.find((tag) => !isTagAlone(tag));
	const name = own?.name ?? (whole === void 0 ? `${registry}/${context.repository}${imageKey === void 0 ? "" : `/${imageKey}`}`.toLowerCase() : repositoryOf(whole));
	const references = [...(tags.length > 0 || own?.tag !== void 0 ? [own?.tag ?? ""] : eventTags(target, context, vars)).filter((tag) => tag !== "").map((tag) => `${name}:${tag}`), ...tags.map((tag) => isTagAlone(tag) ? `${name}:${tag}` : parseReference(tag)?.tag === void 0 ? `${tag}:latest` : tag)];
	const wrong = references.find((reference) => parseReference(reference) === void 0);
	if (wrong !== void 0) throw new ActionError("input-invalid", `${JSON.stringify(wrong)} is not a valid name of an image`, { hint: "Set `image` to a name of small letters, digits, dots, dashes and underscores, such as ghcr.io/acme/shop." });
	if (own !== void 0 && isContentTag(own.tag)) throw new ActionError("input-invalid", `\`image\`: the tag ${own.tag} is reserved for the action, which finds images of the same content by it`, { hint: "Use a tag that does not begin with content-, or set `build: false` to deploy that image." });
	if (!references.some((reference) => parseReference(reference)?.name === name)) throw new ActionError("input-invalid", `\`tags\`: no tag belongs to ${name}, the repository of \`image\``, { hint: "A tag alone, such as `1.2`, belongs to `image`. Without `image`, the first of `tags` names the image of the job." });
	return {
		name,
		tags: [...new Set(references)]
	};
}
/**
* Returns the tags of an event: the parts of a version `v1.2.3`, the number of a pull request (whose branch may have any name), else the
* branch; and the commit. A run without a branch gets its run number. With `NOMAD_VAR_SERVERLESS`, the default branch is also `latest`.
*/
function eventTags({ refSlug }, context, vars) {
	const { ref, refType, pullRequest, sha, defaultBranch, runId } = context;
	if (isOfNoBranch(context)) return [`run-${runId}${deployedSuffix(vars)}`];
	const latest = refType === "branch" && ref === (defaultBranch ?? "main") && (vars["SERVERLESS"] ?? "").trim() !== "";
	const ofCommit = sha === "" ? "" : `sha-${sha.slice(0, 7)}`;
	return [...pullRequest !== void 0 ? [`pr-${pullRequest}`] : [...refTags(refSlug, context), ...latest ? ["latest"] : []], ofCommit].map((tag) => tag === "" ? "" : `${tag}${deployedSuffix(vars)}`);
}
function refTags(slug, { ref, refType, defaultBranch }) {
	const [, major = "", minor, patch, prerelease] = refType === "tag" && /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+.*)?$/.exec(ref) || [];
	if (patch === void 0) return [isOthers(slug, refType, defaultBranch) ? `${refType}-${slug}` : slug];
	const whole = `${major}.${minor}.${patch}`;
	return prerelease === void 0 ? [
		whole,
		`${major}.${minor}`,
		major === "0" ? "" : major
	] : [`${whole}${prerelease}`];
}
/**
* Returns whether the name of a branch or git tag equals a tag with another meaning: a content, a commit, a pull request, a version, or a
* branch that others pull by name. With BUILD_DEPLOY, tags have an ending of their own.
*/
function isOthers(slug, refType, defaultBranch) {
	const bare = slug.replace(/-deploy$/, "");
	const isBranch = [
		"main",
		"master",
		"staging",
		"production",
		defaultBranch
	].includes(bare);
	return /^(content|digest|sha|pr|run|branch|tag)-|^(latest|\d+)$/.test(bare) || isBranch && (refType === "tag" || bare !== slug);
}
// src/image/args.ts
/**
* Returns the arguments of buildx for a build, none of them a secret. The image goes to the registry, or with `push: false` into the
* local engine.
*/
function buildxArgs(plan, inputs, extras) {
	const { labels, annotations, attest, secrets } = details(plan, inputs, extras);
	const output = extras.rewriteTimestamps && inputs.push ? [["--output", "type=registry,rewrite-timestamp=true"]] : [inputs.push ? "--push" : "--load"];
	return argumentsOf(["build"], [
		["--progress", "plain"],
		...each("--builder", extras.builder === void 0 ? [] : [extras.builder]),
		...each("--tag", plan.tags),
		["--file", plan.dockerfile],
		...each("--target", inputs.target === void 0 ? [] : [inputs.target]),
		...each("--build-arg", inputs.buildArgs),
		...each("--secret", secrets),
		...each("--platform", inputs.platforms.length === 0 ? [] : [inputs.platforms.join(",")]),
		...each("--label", labels),
		...each("--annotation", annotations),
		...each("--cache-from", inputs.cacheFrom),
		...each("--cache-to", inputs.cacheTo),
		...inputs.pull ? ["--pull"] : [],
		...inputs.noCache ? ["--no-cache"] : [],
		...each("--attest", attest),
		["--metadata-file", extras.metadataFile],
		...output
	], [plan.contextFolder]);
}
/** Returns the same build as a target of a bake file in JSON: https://docs.docker.com/build/bake/reference/#target */
function bakeTarget(plan, inputs, extras) {
	const { labels, annotations, attest, secrets } = details(plan, inputs, extras);
	const list = (name, items) => items.length === 0 ? {} : { [name]: items.map(literal) };
	const pairs = (name, items) => {
		const given = items.map((item) => {
			const at = item.indexOf("=");
			return [literal(item.slice(0, at)), literal(item.slice(at + 1))];
		});
		return given.length === 0 ? {} : { [name]: Object.fromEntries(given) };
	};
	const output = !inputs.push ? "type=docker" : extras.rewriteTimestamps ? "type=registry,rewrite-timestamp=true" : "type=registry";
	return {
		context: literal(plan.contextFolder),
		dockerfile: literal(plan.dockerfile),
		...list("tags", plan.tags),
		...inputs.target === void 0 ? {} : { target: literal(inputs.target) },
		...pairs("args", inputs.buildArgs),
		...list("secret", secrets),
		...list("platforms", inputs.platforms),
		...pairs("labels", labels),
		...list("annotations", annotations),
		...list("cache-from", inputs.cacheFrom),
		...list("cache-to", inputs.cacheTo),
		...inputs.pull ? { pull: true } : {},
		...inputs.noCache ? { "no-cache": true } : {},
		...list("attest", attest),
		output: [output]
	};
}
/** Escapes a text for a bake file, whose texts are HCL templates even in JSON, the names in a map included. */
function literal(text) {
	return text.replaceAll("${", () => "$${").replaceAll("%{", () => "%%{");
}
function details(plan, inputs, extras) {
	const nameOf = (label) => label.slice(0, label.indexOf("="));
	const users = inputs.labels.filter((label) => !isBelieved(nameOf(label)));
	const given = new Set(users.map(nameOf));
	const ours = Object.entries(extras.labels).filter(([name]) => !given.has(name));
	const annotations = inputs.platforms.length > 1 ? ours.filter(([name, value]) => name.startsWith("org.opencontainers.") && value !== "") : [];
	const provenance = inputs.provenance === void 0 || inputs.provenance === "false" ? void 0 : attributes(inputs.provenance);
	const sbom = inputs.sbom === void 0 || inputs.sbom === "false" ? void 0 : attributes(inputs.sbom);
	return {
		labels: [...ours.map(([name, value]) => `${name}=${value}`), ...users],
		annotations: annotations.map(([name, value]) => `index:${name}=${value}`),
		secrets: Object.entries(extras.secretFiles).map(([id, file]) => `id=${id},${field(`src=${file}`)}`),
		attest: [...provenance === void 0 ? [] : [joined("type=provenance", provenance, plan.runUrl === void 0 || readAttributes(provenance)?.has("builder-id") === true ? "" : `builder-id=${plan.runUrl}`)], ...sbom === void 0 ? [] : [joined("type=sbom", sbom)]]
	};
}
/** Returns whether later runs rely on a label when they find the image again. */
function isBelieved(name) {
	return /^(nomad-deploy\..*|org\.opencontainers\.image\.(source|revision))$/i.test(name);
}
function joined(...parts) {
	return parts.filter((part) => part !== "").join(",");
}
function attributes(value) {
	return value === "true" ? "" : value;
}
/** Returns a field of the comma-separated lists that buildx takes. */
function field(text) {
	return /[",]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}
// src/image/builder.ts
/** Returns the inputs that the classic image store of an engine does not support: several platforms, most caches, attestations. */
function demands({ platforms, cacheFrom, cacheTo, provenance, sbom }) {
	return [
		...platforms.length > 1 ? ["platforms"] : [],
		...cacheFrom.some((cache) => cacheType(cache) !== "registry") ? ["cache-from"] : [],
		...cacheTo.some((cache) => cacheType(cache) !== "inline") ? ["cache-to"] : [],
		...provenance === void 0 || provenance === "false" ? [] : ["provenance"],
		...sbom === void 0 || sbom === "false" ? [] : ["sbom"]
	];
}
/**
* Returns whether the current builder supports the inputs, or a new one is needed. Throws `input-invalid` when the user named a builder
* that does not.
*/
function chooseBuilder(asked, named, { driver, containerd }) {
	if (asked.length === 0 || driver !== "docker" || containerd) return "current";
	if (named === void 0) return "new";
	const inputs = asked.map((name) => `\`${name}\``).join(", ");
	throw new ActionError("input-invalid", `the builder ${named} is the Docker engine's own, which does not support ${inputs}`, { hint: "Name a builder of the driver docker-container (docker/setup-buildx-action makes one) or remote. Without `builder` and BUILDX_BUILDER, the action makes a builder for the run." });
}
/**
* Finds a builder that supports the inputs, or makes one with the driver docker-container for this run. Throws `input-invalid` for a named
* builder that does not exist or does not support them, `build-failed` when a new one cannot be started.
*/
async function findBuilder(inputs, env, runtime) {
	const asked = demands(inputs);
	const dated = inputs.sourceDateEpoch !== void 0;
	if (asked.length === 0 && !dated) return {
		name: inputs.builder,
		rewriteTimestamps: false
	};
	const facts = await inspect$1(inputs.builder, env, runtime);
	if (chooseBuilder(asked, inputs.builder, facts) === "current") return {
		name: inputs.builder,
		rewriteTimestamps: dated && (facts.driver !== "docker" || facts.containerd)
	};
	const name = `nomad-deploy-${randomHex(runtime.clock, 8)}`;
	runtime.log.info(`The Docker engine's own builder does not support ${asked.join(", ")}: making the builder ${name} for this run`);
	runtime.atEnd({
		kind: "builder",
		name
	});
	const made = await runtime.exec(argumentsOf([
		"docker",
		"buildx",
		"create"
	], [
		["--name", name],
		["--driver", "docker-container"],
		"--bootstrap"
	]), {
		cwd: runtime.workspace,
		env,
		stream: true
	});
	if (made.code === 0) return {
		name,
		rewriteTimestamps: dated
	};
	throw new ActionError("build-failed", `a builder that supports ${asked.join(", ")} could not be started: ${lastError(made)}`, { hint: "The builder runs as a container of moby/buildkit. To use another builder, set `builder`." });
}
async function inspect$1(name, env, runtime) {
	const options = {
		cwd: runtime.workspace,
		env
	};
	const shown = await runtime.exec(argumentsOf([
		"docker",
		"buildx",
		"inspect"
	], [], name === void 0 ? [] : [name]), options);
	requireDocker(shown);
	const driver = /^Driver:\s+(\S+)/m.exec(shown.stdout)?.[1];
	if (shown.code !== 0 || driver === void 0) throw new ActionError("build-failed", `docker buildx inspect failed: ${lastError(shown)}`);
	if (driver !== "docker") return {
		driver,
		containerd: false
	};
	return {
		driver,
		containerd: (await runtime.exec(argumentsOf(["docker", "info"], [["--format", "{{json .DriverStatus}}"]]), options)).stdout.includes("io.containerd.snapshotter")
	};
}
// src/image/buildx.ts
/** Docker's folders for plugins: https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go */
const FOLDERS = [
	"local/lib",
	"local/libexec",
	"lib",
	"libexec"
].map((folder) => `/usr/${folder}/docker/cli-plugins`);
/**
* Runs buildx by its plugin if that is in one of Docker's folders, else by docker, which asks a plugin for its version before it runs it. A look-up works
* with any version of buildx, a build gets the `same` version as by docker.
*/
async function runBuildx(args, version, options, { exec }) {
	for (const folder of foldersOf(options.env["DOCKER_CONFIG"], version)) {
		const result = await exec([join(folder, "docker-buildx"), ...args], options);
		if (result.notStarted !== true) return result;
	}
	return exec([
		"docker",
		"buildx",
		...args
	], options);
}
/** Returns the folders in docker's order. The user's own one comes first, and is known only with the configuration of a login. */
function foldersOf(config, version) {
	if (config !== void 0) return [join(config, "cli-plugins"), ...FOLDERS];
	return version === "any" ? FOLDERS : [];
}
const PUSH_RETRIES = 3;
const PUSH_RETRY = {
	forMs: Number.POSITIVE_INFINITY,
	firstDelayMs: 2e3,
	maxDelayMs: 8e3
};
/**
* Builds an image, and pushes it or loads it into the local engine. Returns its digest and its processors. Secrets are passed as files that
* are removed with the run. Throws `build-failed` with the line of the Dockerfile, or `registry-denied`.
*/
async function build({ plan, labels, inputs }, env, runtime) {
	const [folder, builder] = await Promise.all([runtime.privateFolder(), findBuilder(inputs, env, runtime)]);
	const secretFiles = await secretFilesOf(plan, inputs, folder, runtime);
	const metadataFile = join(folder, "metadata.json");
	const args = buildxArgs(plan, inputs, {
		labels,
		secretFiles,
		...builder,
		builder: builder.name,
		metadataFile
	});
	const options = {
		cwd: runtime.workspace,
		env: {
			...env,
			...buildxEnvironment([inputs], runtime)
		},
		stream: true
	};
	const result = await repeatPush(async () => runBuildx(args, "same", options, runtime), runtime);
	const dockerfile = relative(runtime.workspace, plan.dockerfile);
	if (result.code !== 0) throw buildError(result, plan.name, dockerfile, await readFile(plan.dockerfile, "utf8"));
	const metadata = JSON.parse(await readFile(metadataFile, "utf8"));
	for (const [text, location] of warningsIn(metadata, dockerfile).slice(0, 10)) runtime.log.warning(text, location);
	return builtIn(metadata, {
		plan,
		inputs
	}, env, runtime);
}
/** Returns the files of the secrets, by id, and masks their contents. */
async function secretFilesOf(plan, { buildSecrets }, folder, runtime) {
	for (const file of Object.values(plan.secretFiles)) runtime.mask(await readFile(file, "utf8"));
	return {
		...plan.secretFiles,
		...await writeSecretFiles(buildSecrets, folder)
	};
}
/** Reads the built image from the metadata. Throws `build-failed` when they have no digest. */
async function builtIn(metadata, planned, env, runtime) {
	const digest = textAt(metadata, "containerimage.digest");
	if (digest !== void 0) return {
		digest,
		...await tellOf(metadata, planned, env, runtime)
	};
	throw new ActionError("build-failed", "docker buildx gave no digest of the built image", { hint: planned.inputs.push ? "Check with `docker buildx inspect` that the builder pushes images." : "Check with `docker buildx inspect` that the builder loads images into the local engine." });
}
/** Retries a push that the registry failed to accept. Layers that were built and pushed stay. */
async function repeatPush(attempt, { clock, signal, log }) {
	let count = 0;
	const once = async () => {
		const result = await attempt();
		const transient = transientPushError(result);
		count += 1;
		return transient === void 0 || count > PUSH_RETRIES ? {
			done: true,
			value: result
		} : {
			done: false,
			error: new Error(transient)
		};
	};
	return retry(PUSH_RETRY, clock, signal, once, (error, delayMs) => log.warning(`The registry did not accept the image: ${error.message}. Retrying the push in ${Math.ceil(delayMs / 1e3)} s (${count} of ${PUSH_RETRIES})`));
}
/** Returns the processors of an image. Asks the engine only if nothing else tells, and only for an image that is deployed; it then tells the layers, too. */
async function tellOf(metadata, { plan, inputs: { command, platforms } }, env, { exec, workspace }) {
	if (command === "build") return { architectures: [] };
	if (platforms.length > 0) return { architectures: [...new Set(platforms.flatMap((platform) => platform.split("/")[1] ?? []))] };
	const told = textAt(metadata, "containerimage.descriptor", "platform", "architecture");
	if (told !== void 0) return { architectures: [told] };
	const shown = await exec(argumentsOf([
		"docker",
		"image",
		"inspect"
	], [["--format", "{{.Architecture}} {{join .RootFS.Layers \" \"}}"]], plan.tags.slice(0, 1)), {
		cwd: workspace,
		env
	});
	const [architecture = "", ...layers] = shown.stdout.trim().split(" ");
	return shown.code === 0 ? {
		architectures: [architecture],
		layers
	} : { architectures: [] };
}
async function writeSecretFiles(secrets, folder) {
	const files = {};
	for (const [id, from] of Object.entries(secrets)) {
		if ("file" in from) continue;
		files[id] = join(folder, `secret-${Object.keys(files).length}`);
		await writeFile(files[id], from.value.reveal(), { mode: 384 });
	}
	return files;
}
/** Returns the environment variables of buildx, apart from those of the login. */
function buildxEnvironment(all, { log }) {
	const cacheService = all[0]?.cacheService ?? {};
	const cachedByGithub = all.flatMap(({ cacheFrom, cacheTo }) => [...cacheFrom, ...cacheTo]).some((cache) => cacheType(cache) === "gha");
	if (cachedByGithub && cacheService["ACTIONS_RUNTIME_TOKEN"] === void 0) log.warning("The runner gave no ACTIONS_RUNTIME_TOKEN, so the image is built without the cache of the type gha.");
	return {
		BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
		...all.some(({ provenance = "false" }) => provenance !== "false") ? {} : { BUILDX_GIT_INFO: "false" },
		BUILDX_METADATA_PROVENANCE: "disabled",
		BUILDX_METADATA_WARNINGS: "1",
		...cachedByGithub ? Object.fromEntries(Object.entries(cacheService).map(([name, value]) => [name, value.reveal()])) : {}
	};
}
/**
* Returns BuildKit's warnings about a Dockerfile, each once, as its `--check` prints them. The warnings of a bake come together; the text
* of the Dockerfile, `source`, tells its own.
*/
function warningsIn(metadata, dockerfile, source) {
	const list = valueAt(metadata, "buildx.build.warnings");
	const found = /* @__PURE__ */ new Map();
	for (const warning of Array.isArray(list) ? list : []) {
		if (source !== void 0 && Buffer.from(textAt(warning, "sourceInfo", "data") ?? "", "base64").toString() !== source) continue;
		const text = Buffer.from(textAt(warning, "short") ?? "", "base64").toString();
		const line = valueAt(warning, "range", "0", "start", "line");
		const location = {
			file: dockerfile,
			...typeof line === "number" && line > 0 ? { line } : {}
		};
		if (text !== "") found.set(text, [`${text.replace(/ \(line \d+\)$/, "")}${textAt(warning, "url") === void 0 ? "" : `, see ${textAt(warning, "url")}`}`, location]);
	}
	return [...found.values()].sort(([, a], [, b]) => (a.line ?? 0) - (b.line ?? 0));
}
// src/image/bake.ts
/**
* Builds several images at once, by one `docker buildx bake`, and returns the results in their order. The definition is a file outside of
* the workspace, without secrets, that is removed with the run. Throws as `build` does; the message begins with the name of the image that
* failed.
*/
async function bake$1(all, env, runtime) {
	const folder = await runtime.privateFolder();
	const metadataFile = join(folder, "metadata.json");
	const definition = join(folder, "bake.json");
	const inputs = all.map((one) => one.inputs);
	const builder = await findBuilder(together(inputs), env, runtime);
	const targets = await Promise.all(all.map(async ({ name, plan, labels, inputs: own }) => {
		return [name, bakeTarget(plan, own, {
			labels,
			secretFiles: await secretFilesOf(plan, own, await runtime.privateFolder(), runtime),
			...builder,
			builder: builder.name,
			metadataFile
		})];
	}));
	await writeFile(definition, JSON.stringify({ target: Object.fromEntries(targets) }), { mode: 384 });
	const chosen = each("--builder", builder.name === void 0 ? [] : [builder.name]);
	const names = all.map(({ name }) => name);
	const options = {
		cwd: runtime.workspace,
		env: {
			...env,
			...buildxEnvironment(inputs, runtime),
			BUILDX_BAKE_ENTITLEMENTS_FS: "0"
		},
		stream: true
	};
	const args = argumentsOf(["bake"], [
		["--progress", "plain"],
		...chosen,
		["--file", definition],
		["--metadata-file", metadataFile]
	], names);
	const result = await repeatPush(async () => runBuildx(args, "same", options, runtime), runtime);
	const sources = await Promise.all(all.map(async ({ plan }) => readFile(plan.dockerfile, "utf8")));
	if (result.code !== 0) throw bakeError(result, all, sources, runtime.workspace);
	const metadata = JSON.parse(await readFile(metadataFile, "utf8"));
	const warnings = all.flatMap(({ plan }, i) => warningsIn(metadata, relative(runtime.workspace, plan.dockerfile), sources[i]));
	const told = warnings.filter(([text, at], i) => warnings.findIndex((other) => other[0] === text && other[1].file === at.file) === i);
	for (const [text, location] of told.slice(0, 10)) runtime.log.warning(text, location);
	return Promise.all(all.map(async ({ name, plan, inputs: own }) => builtIn(valueAt(metadata, name), {
		plan,
		inputs: own
	}, env, runtime)));
}
/** Returns the error of a bake. buildx puts the name of the target before those of its steps. */
function bakeError(result, all, sources, workspace) {
	const name = /^(?:ERROR: )?target ([\w-]+): /m.exec(result.stderr)?.[1] ?? /^ > \[([\w-]+) /m.exec(result.stderr)?.[1];
	const at = Math.max(0, all.findIndex((one) => one.name === name));
	const building = all[at];
	if (building === void 0) throw new Error("a bake of nothing");
	const strip = (text) => text.replaceAll(`target ${building.name}: `, "").replaceAll(`[${building.name} `, "[");
	const own = {
		...result,
		stdout: strip(result.stdout),
		stderr: strip(result.stderr),
		lines: result.lines.map(strip)
	};
	const dockerfile = relative(workspace, building.plan.dockerfile);
	return failureOf$1(building.name, buildError(own, building.plan.name, dockerfile, sources[at] ?? ""));
}
/** Returns the demands of all builds on their one builder. */
function together(all) {
	const asked = (one) => one !== void 0 && one !== "false";
	return {
		platforms: all.map(({ platforms }) => platforms).reduce((a, b) => b.length > a.length ? b : a, []),
		cacheFrom: all.flatMap(({ cacheFrom }) => cacheFrom),
		cacheTo: all.flatMap(({ cacheTo }) => cacheTo),
		provenance: all.map(({ provenance }) => provenance).find(asked),
		sbom: all.map(({ sbom }) => sbom).find(asked),
		builder: all[0]?.builder,
		sourceDateEpoch: all[0]?.sourceDateEpoch,
		push: all.some(({ push }) => push)
	};
}
// src/image/login.ts
/** Returns the logins of the inputs: for the registry of the push, and for other registries. */
function loginsOf(inputs) {
	const all = [...inputs.flatMap(({ push, registry, registryUsername, registryPassword }) => push && registryPassword !== void 0 ? [{
		registry,
		username: registryUsername ?? "x-access-token",
		password: registryPassword
	}] : []), ...inputs.flatMap(({ registryAuth }) => registryAuth)].map(({ registry: name, ...account }) => ({
		...account,
		host: hostOfRegistry(name)
	}));
	return [...new Map(all.map((login) => [login.host, login])).values()];
}
/**
* Logs in within a configuration folder of the run, so that no login stays on a self-hosted runner. The user's own configuration (logins,
* credential helpers, builders, plugins) still applies.
*/
async function login(inputs, runtime) {
	const logins = loginsOf(inputs);
	if (logins.length === 0) return {
		environment: {},
		check: async () => void 0
	};
	const environment = await runtime.dockerConfig(logins);
	const ask = async (one, answered) => {
		if (!answered.includes(one.host)) await check$1(one, environment, runtime);
		runtime.log.info(`Logged in to ${one.host} as ${one.username}`);
	};
	return {
		environment,
		check: async (answered) => void await Promise.all(logins.map(async (one) => ask(one, answered)))
	};
}
async function check$1({ host, username, password }, env, { exec, workspace }) {
	const result = await exec(argumentsOf(["docker", "login"], [["--username", username], "--password-stdin"], [host]), {
		cwd: workspace,
		env,
		stdin: password.reveal()
	});
	requireDocker(result);
	if (result.code !== 0) throw loginError(result, host, username);
}
// src/image/lookup.ts
/** Returns the image of a reference in its registry, by digest. Throws `image-not-found` or `registry-denied`. */
async function inRegistry(reference, env, runtime) {
	const { result, found } = await inspect(reference, env, runtime);
	requireDocker(result);
	if (found === void 0) throw existingError(result, reference);
	return {
		reference: found.reference,
		architectures: found.architectures
	};
}
/**
* Looks an image up in its registry, with its labels and configurations; undefined if that fails for any reason. `answered` is true when
* the registry showed the image, or said that it has none.
*/
async function lookInRegistry(reference, env, runtime) {
	const { result, found } = await inspect(reference, env, runtime);
	if (found !== void 0) return {
		answered: true,
		found
	};
	const said = lastError(result);
	runtime.log.debug(said);
	return {
		answered: said.endsWith(": not found"),
		found
	};
}
/** Looks an image up in the local engine. The engine shows all settings, so the history is not read. */
async function lookInEngine(reference, env, { exec, workspace, log }) {
	const result = await exec(argumentsOf([
		"docker",
		"image",
		"inspect"
	], [["--format", "{{json .}}"]], [reference]), {
		cwd: workspace,
		env
	});
	if (result.code !== 0) {
		log.debug(lastError(result));
		return { found: void 0 };
	}
	const shown = JSON.parse(result.stdout);
	const config = {
		config: valueAt(shown, "Config"),
		...Object.fromEntries([
			"Architecture",
			"Variant",
			"Os",
			"OsVersion",
			"Author",
			"RootFS"
		].map((name) => [name, valueAt(shown, name)]))
	};
	const architecture = textAt(shown, "Architecture");
	return { found: {
		reference,
		architectures: architecture === void 0 ? [] : [architecture],
		configs: { "": config },
		attested: false,
		labels: commonLabels([config])
	} };
}
function commonLabels(configs) {
	const [first, ...others] = configs.map((config) => Object.entries(valueAt(config, "config", "Labels") ?? {}));
	const labels = (first ?? []).filter(([name, value]) => others.every((other) => other.some(([n, v]) => n === name && v === value)));
	return Object.fromEntries(labels.map(([name, value]) => [name, String(value)]));
}
/** Returns the image of the local engine, by its id. Throws `image-not-found`. */
async function inEngine(reference, env, runtime) {
	const looked = await runtime.exec(argumentsOf([
		"docker",
		"image",
		"inspect"
	], [["--format", "{{.Id}} {{.Architecture}}"]], [reference]), {
		cwd: runtime.workspace,
		env
	});
	requireDocker(looked);
	const [id = "", architecture = ""] = looked.stdout.trim().split(" ");
	if (looked.code !== 0 || !isDigest(id)) throw existingError(looked, reference);
	return {
		reference: await tagLocally(reference, id, env, runtime),
		architectures: [architecture]
	};
}
/** Tags a local image with its id, which names the content like a digest: nodes cannot pull a local image by digest. */
async function tagLocally(tag, digest, env, runtime) {
	const reference = `${repositoryOf(tag)}:${digest.replace(":", "-")}`;
	const mark = async (source) => runtime.exec(argumentsOf(["docker", "tag"], [], [source, reference]), {
		cwd: runtime.workspace,
		env
	});
	const byId = await mark(digest);
	const result = byId.code === 0 ? byId : await mark(tag);
	if (result.code !== 0) throw new ActionError("build-failed", `docker tag failed: ${lastError(result)}`);
	return reference;
}
async function inspect(reference, env, runtime) {
	const result = await runBuildx(argumentsOf(["imagetools", "inspect"], [["--format", "{{.Manifest.Digest}} {\"image\":{{json .Image}},\"manifest\":{{json .Manifest}}}"]], [reference]), "any", {
		cwd: runtime.workspace,
		env
	}, runtime);
	const [digest = "", ...words] = result.stdout.trim().split(" ");
	if (result.code !== 0 || !isDigest(digest)) return {
		result,
		found: void 0
	};
	const shown = JSON.parse(words.join(" ") || "null");
	const image = valueAt(shown, "image");
	const byPlatform = textAt(image, "architecture") === void 0 ? Object.entries(image ?? {}) : [["", image]];
	const all = byPlatform.map(([, config]) => config);
	const manifests = valueAt(shown, "manifest", "manifests");
	const kind = (manifest) => valueAt(manifest, "annotations", "vnd.docker.reference.type");
	return {
		result,
		found: {
			reference: `${repositoryOf(reference)}@${digest}`,
			architectures: [...new Set(all.flatMap((config) => textAt(config, "architecture") ?? []))],
			labels: commonLabels(all),
			configs: Object.fromEntries(byPlatform),
			attested: Array.isArray(manifests) && manifests.some((manifest) => kind(manifest) === "attestation-manifest")
		}
	};
}
// src/image/ignore.ts
/**
* Reads a `.dockerignore`. The returned function answers for a path of the context (with `/`, relative to it), given the answer for its
* folder, `parent`. The last rule that matches the path or a folder above it decides, as in BuildKit. Throws for an invalid pattern. See
* https://docs.docker.com/build/concepts/context/#dockerignore-files
*/
function readIgnoreFile(text) {
	const rules = text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => !line.startsWith("#")).map((line) => line.trim()).filter((line) => line !== "" && line !== "!").map((line) => {
		const exception = line.startsWith("!");
		return {
			exception,
			...matcher(clean(line.slice(exception ? 1 : 0).trim()))
		};
	});
	return (path, parent) => {
		let ignored = false;
		const matched = rules.map(({ exception, matches }, i) => {
			const holds = parent?.matched[i] === true || exception === ignored && matches(path);
			if (holds) ignored = !exception;
			return holds;
		});
		return {
			ignored,
			descend: !ignored || rules.some((rule) => mayBeBelow(rule, path)),
			matched
		};
	};
}
/** Returns whether a rule may include something below an ignored folder again. */
function mayBeBelow({ exception, path }, folder) {
	return exception && (path === void 0 || path.startsWith(`${folder}/`));
}
/** Cleans a path like Go's `filepath.Clean`, and removes a leading slash. */
function clean(path) {
	const names = [];
	for (const name of path.split("/")) if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
	else if (name !== "" && name !== ".") names.push(name);
	return names.join("/") || ".";
}
/** Returns the matcher of a pattern, as in github.com/moby/patternmatcher: `**` matches across folders, `*` and `?` do not. */
function matcher(glob) {
	if (!/[*?[\]\\]/.test(glob)) return {
		matches: (path) => path === glob,
		path: glob
	};
	const end = /^\*\*([^*?[\]\\]*)$/.exec(glob)?.[1];
	if (end !== void 0) return {
		matches: (path) => path.endsWith(end) || `/${path}` === end,
		path: void 0
	};
	const steps = [...glob.matchAll(/\*\*\/?|[*?]|\\.|\[\^?\\?[^\]]{0,256}\]|[^*?\\[]+|./gs)].flatMap(([part], i, all) => {
		if (part === "**/" || part === "**") return part === "**" && i === all.length - 1 ? [{ many: anything }] : FOLDERS$1;
		if (part === "*") return [{ many: notSlash }];
		if (part === "?") return [{ one: notSlash }];
		if (part.startsWith("\\")) return literally(part.slice(1));
		if (!part.startsWith("[")) return literally(part);
		const characters = new RegExp(`^${part}$`, "s");
		return [{ one: (character) => characters.test(character) }];
	});
	return {
		matches: (path) => matchesSteps(steps, path),
		path: void 0
	};
}
// src/image/content.ts
/** Files up to this size (bytes) are read synchronously, which is twice as fast. */
const SMALL = 1 << 20;
/** The number of files that are read between two turns of the event loop. */
const AT_ONCE = 50;
/** Matches a Dockerfile that reads the history of the repository: `COPY .git`, `RUN git describe`. */
const LOOKS_AT_GIT = /\.git(?![\w.-])|\bgit\s+(describe|rev-parse|log|show)\b/;
/**
* Returns the SHA-256 of everything that determines an image, as a builder's own cache would know it: the Dockerfile, the inputs, and the
* context without the files that `.dockerignore` excludes. A git folder differs between checkouts and is left out; for a Dockerfile that
* reads it, the commit counts instead. Undefined when the content cannot be known: with secrets, with an `ADD` from elsewhere, without a
* needed commit, when a file cannot be read, which the builder then reports, or when `signal` aborts.
*/
async function contentOf({ contextFolder, dockerfile, commit }, inputs, signal) {
	if (Object.keys(inputs.buildSecrets).length > 0) return void 0;
	try {
		const instructions = await small(dockerfile);
		const history = LOOKS_AT_GIT.test(instructions);
		if (addsFromElsewhere(instructions) || history && commit === "") return void 0;
		const paths = contextPaths(contextFolder, await ignoreFile(dockerfile, contextFolder));
		const sum = createHash("sha256").update(JSON.stringify([
			factsOf(inputs),
			instructions,
			history ? commit : ""
		]));
		for (const [i, path] of paths.entries()) {
			if (i % AT_ONCE === 49) await setImmediate(void 0, { signal });
			await add(sum, contextFolder, path);
		}
		return sum.digest("hex");
	} catch {
		return;
	}
}
function factsOf({ target, buildArgs, platforms, labels, provenance, sbom, sourceDateEpoch }) {
	return {
		scheme: 2,
		target,
		buildArgs: buildArgs.toSorted(),
		platforms: platforms.length === 0 ? process.arch : platforms.toSorted(),
		labels: labels.filter((label) => !label.startsWith("org.opencontainers.image.")).toSorted(),
		attested: [provenance, sbom].map((value) => value === "false" ? void 0 : value),
		sourceDateEpoch
	};
}
/** Returns whether an `ADD` fetches content that is not known here. With a checksum, the content is known. */
function addsFromElsewhere(dockerfile) {
	return [...dockerfile.replace(/^[ \t]*#.*\n/gm, "").replace(/[\\`][ \t]*\r?\n/g, " ").matchAll(/^[ \t]*(?:ONBUILD[ \t]+)?ADD[ \t](.*)$/gim)].some(([, rest = ""]) => /:\/\/|git@|\$/.test(rest) && !rest.includes("--checksum="));
}
/**
* Reads the ignore file, of which BuildKit prefers the one beside the Dockerfile: `web.Dockerfile.dockerignore`. Throws for a link, because
* the checkout decides where it leads, for a device, and for a file that is too large.
*/
async function ignoreFile(dockerfile, contextFolder) {
	const own = [`${dockerfile}.dockerignore`, join(contextFolder, ".dockerignore")].find((path) => lstatSync(path, { throwIfNoEntry: false }) !== void 0);
	return own === void 0 ? "" : small(own, constants$1.O_NOFOLLOW);
}
/** Reads a small regular file. Does not block on a pipe without a writer. */
async function small(path, more = 0) {
	const file = await open$1(path, constants$1.O_RDONLY | constants$1.O_NONBLOCK | more);
	try {
		const info = await file.stat();
		if (!info.isFile() || info.size > SMALL) throw new Error(`${path} is not a regular file of at most ${SMALL} bytes`);
		return await file.readFile("utf8");
	} finally {
		await file.close();
	}
}
/** Returns the sorted paths of a context as the builder gets it, without git folders. Throws for an invalid pattern. */
function contextPaths(folder, ignore) {
	const rules = readIgnoreFile(ignore);
	const paths = [];
	const walk = (below, parent) => {
		for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
			const path = below === "" ? entry.name : `${below}/${entry.name}`;
			const answer = rules(path, parent);
			if (entry.name === ".git") continue;
			if (!answer.ignored && !entry.isSocket()) paths.push(path);
			if (entry.isDirectory() && answer.descend) walk(path, answer);
		}
	};
	walk("", void 0);
	return paths.sort();
}
/** Adds a file by its mode and content, a link by its target. Owners and dates do not change the image. */
async function add(sum, folder, path) {
	const full = join(folder, path);
	const info = lstatSync(full);
	const target = info.isSymbolicLink() ? readlinkSync(full) : "";
	sum.update(JSON.stringify([
		path,
		info.mode,
		target,
		info.isFile() ? info.size : 0
	]));
	if (!info.isFile()) return;
	if (info.size <= SMALL) {
		sum.update(readFileSync(full));
		return;
	}
	const file = await open$1(full);
	try {
		const buffer = Buffer.allocUnsafe(SMALL);
		let { bytesRead } = await file.read(buffer);
		for (; bytesRead > 0; bytesRead = (await file.read(buffer)).bytesRead) sum.update(buffer.subarray(0, bytesRead));
	} finally {
		await file.close();
	}
}
// src/image/labels.ts
/** The labels of an image: the SHA-256 of its content, the run that built it, and the trust in that run. */
const CONTENT = "nomad-deploy.content";
const RUN = "nomad-deploy.run";
const TRUST = "nomad-deploy.trust";
const REVISION = "org.opencontainers.image.revision";
const CREATED = "org.opencontainers.image.created";
/** Labels that differ between builds of the same image. */
const OF_A_BUILD = [
	CONTENT,
	RUN,
	TRUST,
	REVISION,
	CREATED
];
/** Returns the run that built an image, and its commit, from the labels of the image. */
function builderIn(labels) {
	const { [RUN]: run, [REVISION]: revision } = labels;
	return {
		...run ? { run } : {},
		...revision ? { revision } : {}
	};
}
/**
* Returns the labels of the origin, by the names of the OCI image specification, and the trust in the run. The date is the commit's, so
* that the same commit gives the same image; without a known date the label is left out.
*/
async function originLabels({ source, commit, trust }, { exec, workspace }) {
	const shown = !/^[0-9a-f]+$/.test(commit) ? void 0 : await exec([
		"git",
		"show",
		"--no-patch",
		"--format=%ct",
		commit,
		"--"
	], { cwd: workspace });
	const seconds = shown?.code === 0 && /^\d+$/.test(shown.stdout.trim()) ? Number(shown.stdout.trim()) : void 0;
	return {
		[TRUST]: trust,
		"org.opencontainers.image.source": source,
		[REVISION]: commit,
		...seconds === void 0 ? {} : { [CREATED]: isoTime(seconds * 1e3).replace(".000Z", "Z") }
	};
}
// src/image/reuse.ts
/** Labels of an image that no run may find again; blank, because a Dockerfile can set any label. */
const UNFINDABLE = {
	[CONTENT]: "",
	[RUN]: ""
};
/** The most tags that are looked up before an image is tagged again. */
const MAX_LOOKED = 4;
/**
* Looks for an image of the same content in the registry, by the tags of the content: pushed by a run of the same kind, or of a more
* trusted one. Without such an image, or with `no-cache` or `pull`, returns the labels of its origin, and the labels and tags that make the image
* findable: none if it is not pushed, or its content is unknown.
*/
async function findBuilt(plan, inputs, env, runtime) {
	const content = inputs.push ? await contentOf(plan, inputs, runtime.signal) : void 0;
	const tagOf = (trust) => content === void 0 ? [] : [`${plan.name}:${contentTag(content, trust)}`];
	const label = content === void 0 ? UNFINDABLE : {
		...UNFINDABLE,
		[CONTENT]: `sha256:${content}`
	};
	const tags = inputs.noCache || inputs.pull ? [] : trustedBy(plan.trust).flatMap(tagOf);
	const looking = tags.map(async (tag) => lookInRegistry(tag, env, runtime));
	const [looked, origin] = await Promise.all([Promise.all(looking), originLabels(plan, runtime)]);
	const found = looked.find((one) => one.found?.labels[CONTENT] === label[CONTENT])?.found;
	if (found === void 0) {
		const run = tags.length === 0 || plan.runUrl === void 0 ? {} : { [RUN]: plan.runUrl };
		return {
			labels: {
				...origin,
				...label,
				...run
			},
			tags: tagOf(plan.trust),
			answered: looked.some((one) => one.answered)
		};
	}
	const { labels, reference, architectures } = found;
	const pendingTags = await tagsWithout(reference, plan, env, runtime);
	return {
		answered: true,
		built: {
			reference,
			architectures,
			builtBy: builderIn(labels),
			pendingTags
		}
	};
}
/** Returns the tags of the plan that do not name the image yet. A look takes less time than a tag, and some registries refuse to set a tag twice. */
async function tagsWithout(reference, { tags }, env, runtime) {
	const digestOf = (image) => parseReference(image ?? "")?.digest;
	const names = async (tag) => digestOf((await lookInRegistry(tag, env, runtime)).found?.reference) === digestOf(reference);
	const [last] = tags.slice(-1);
	if (last === void 0 || tags.length > MAX_LOOKED || !await names(last)) return tags;
	const others = tags.slice(0, -1);
	const named = await Promise.all(others.map(names));
	return others.filter((_, i) => named[i] !== true);
}
// src/image/same.ts
/** The most running images that are compared. A job with more images of one repository runs different ones. */
const MAX_COMPARED = 4;
/** Returns the running images that may replace one of this run: images of the local engine and of the registry do not replace each other. */
function candidatesOf(running, push, environment, runtime) {
	const look = push ? lookInRegistry : lookInEngine;
	return running.filter(({ reference }) => localId(reference) === void 0 === push).slice(0, MAX_COMPARED).map((one) => {
		let looked;
		return {
			...one,
			look: async () => looked ??= look(one.reference, environment, runtime)
		};
	});
}
/**
* Returns the running image in place of the built or found one, if their containers are the same: a job that runs it need not restart.
* `candidates` are images of the plan's repository. An image that cannot be read, or was built by a less trusted run, is not taken. The tags
* of the plan move to the image that is taken.
*/
async function keepRunning({ image, plan, push, layers }, candidates, runtime) {
	const { reference, environment } = image;
	const names = [reference, `${plan.name}:${digestTag(parseReference(reference)?.digest ?? "")}`];
	if (candidates.length === 0 || candidates.some((one) => names.includes(one.reference))) return image;
	const look = push ? lookInRegistry : lookInEngine;
	const looking = layers === void 0 ? look(reference, environment, runtime) : void 0;
	const others = await Promise.all(candidates.map(async (one) => one.look()));
	if (layers !== void 0 && !others.some(({ found }) => found !== void 0 && hasLayers(found, layers))) return image;
	const own = await (looking ?? look(reference, environment, runtime));
	for (const [i, { found }] of others.entries()) {
		if (own.found === void 0 || found === void 0 || !isSame(own.found, found)) continue;
		if (!await isTrusted(found, plan, environment, runtime)) continue;
		const { reference: kept } = found;
		const jobId = candidates[i]?.jobId;
		runtime.log.info(`Same image: ${reference} has the layers and settings of ${kept}, which ${jobId} runs. The running image stays.`);
		return {
			...image,
			reference: kept,
			builtBy: builderIn(found.labels),
			unused: reference,
			pendingTags: push ? plan.tags : []
		};
	}
	return image;
}
/**
* Returns whether containers of two images are the same: for each platform the layers and the settings, without dates and labels of a
* build. The texts of the history count, because `buildx imagetools` shows a HEALTHCHECK only there. The presence of attestations counts,
* but not their content, which describes time and place of the build.
*/
function isSame(a, b) {
	const [own, other] = [a, b].map(({ configs }) => Object.entries(configs).map(([platform, config]) => [platform, withoutBuild(config)]));
	if (own === void 0 || other === void 0 || own.length === 0 || a.attested !== b.attested) return false;
	return isDeepStrictEqual(Object.fromEntries(own), Object.fromEntries(other));
}
/** Returns whether an image may have these layers. An image whose layers are not told may have any. */
function hasLayers({ configs }, layers) {
	return Object.values(configs).some((config) => {
		const own = valueAt(config, "rootfs", "diff_ids");
		return !Array.isArray(own) || isDeepStrictEqual(own, layers);
	});
}
/** Returns a configuration without dates and without the labels of a build. */
function withoutBuild(config) {
	const history = valueAt(config, "history");
	return {
		...without$1(config, [
			"created",
			"history",
			"config"
		]),
		config: without$1(valueAt(config, "config"), ["Labels"]),
		labels: without$1(valueAt(config, "config", "Labels"), OF_A_BUILD),
		history: Array.isArray(history) ? history.map((step) => without$1(step, ["created"])) : []
	};
}
function without$1(value, names) {
	return Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !names.includes(name)));
}
/**
* Returns whether this run takes images of the kind of run that built this one. Version 0.1.0 recorded the kind only by the tag of the
* content.
*/
async function isTrusted({ labels, reference }, { trust, name }, environment, runtime) {
	const kinds = trustedBy(trust);
	const built = labels[TRUST];
	if (built !== void 0) return kinds.some((kind) => kind === built);
	const content = /^sha256:([0-9a-f]{64})$/.exec(labels["nomad-deploy.content"] ?? "")?.[1];
	if (content === void 0) return false;
	const tagged = kinds.map(async (kind) => lookInRegistry(`${name}:${contentTag(content, kind)}`, environment, runtime));
	return (await Promise.all(tagged)).some(({ found }) => found?.reference === reference);
}
// src/image/resolve.ts
/** Logs in and looks for earlier builds of the same content. Builds and writes nothing, so it may run while the jobs are still being checked. */
async function lookForBuilt(all, runtime) {
	const own = await login(all.map(({ inputs }) => inputs), runtime);
	const found = buildsOf(all).map(async ({ plan, inputs }) => findBuilt(plan, inputs, own.environment, runtime));
	return {
		login: own,
		found: await Promise.all(found)
	};
}
function buildsOf(all) {
	return all.flatMap(({ plan, inputs }) => plan.kind === "build" ? [{
		plan,
		inputs
	}] : []);
}
/**
* Carries out image plans: logs in to the registries, looks up existing images and earlier builds of the same content, and builds the rest:
* one by `build`, several by `bake`. Takes one of `runningOf` in place of an image that is the same. Throws `build-failed` with the line of
* the Dockerfile, `registry-denied`, `unreachable` or `image-not-found`; with several images, the message begins with the name of the
* image.
*/
async function resolveImages(all, runningOf, runtime, looked) {
	const { login: { environment, check }, found } = looked ?? await lookForBuilt(all, runtime);
	const builds = buildsOf(all);
	await check(builds.flatMap(({ plan }, i) => found[i]?.answered === true ? [registryOf(plan.name) ?? ""] : []));
	const ready = await Promise.all(all.map(async ({ name, plan, inputs }) => naming(name, async () => {
		if (plan.kind === "existing") return lookUp(plan.reference, inputs, environment, runtime);
		const before = found[builds.findIndex((one) => one.plan === plan)];
		return before !== void 0 && "built" in before ? takeBuilt(before.built, environment, runtime) : todoOf({
			name: name ?? "",
			plan,
			inputs
		}, before);
	})));
	const todo = ready.flatMap((one) => "labels" in one ? [one] : []);
	const candidates = all.map((asked) => candidatesOf(runningOf(asked), asked.inputs.push, environment, runtime));
	for (const [i, one] of ready.entries()) if ("labels" in one) for (const { look } of candidates[i] ?? []) look().catch(() => void 0);
	const built = await buildAll(todo, environment, runtime);
	const images = await Promise.all(ready.map(async (one) => {
		if (!("labels" in one)) return { image: one };
		const { plan, inputs, pendingTags } = one;
		const { digest = "", architectures = [], layers } = built[todo.indexOf(one)] ?? {};
		runtime.log.info(`Built ${plan.name}@${digest}`);
		return {
			image: {
				reference: inputs.push ? `${plan.name}@${digest}` : await tagLocally(plan.tags[0] ?? digest, digest, environment, runtime),
				architectures,
				isNew: true,
				pendingTags,
				environment
			},
			layers
		};
	}));
	return Promise.all(images.map(async ({ image, layers }, i) => {
		const asked = all[i];
		if (asked?.plan.kind !== "build") return image;
		return withDigestTag(await keepRunning({
			image,
			plan: asked.plan,
			push: asked.inputs.push,
			...layers === void 0 ? {} : { layers }
		}, candidates[i] ?? [], runtime), asked, runtime);
	}));
}
/** Adds the tag by which a spec takes a built image. */
async function withDigestTag(image, { inputs }, runtime) {
	const { name, digest } = parseReference(image.reference) ?? {};
	if (!takesTag(inputs.imageVariables) || digest === void 0) return image;
	const tagged = `${name}:${digestTag(digest)}`;
	const { found } = await lookInRegistry(tagged, image.environment, runtime);
	return parseReference(found?.reference ?? "")?.digest === digest ? image : {
		...image,
		pendingTags: [...image.pendingTags, tagged]
	};
}
async function buildAll(todo, environment, runtime) {
	const [first] = todo;
	if (first === void 0) return [];
	if (todo.length > 1) return bake$1(todo, environment, runtime);
	return [await naming(first.name === "" ? void 0 : first.name, async () => build(first, environment, runtime))];
}
async function lookUp(reference, { push, imageVariables }, environment, runtime) {
	const digest = parseReference(reference)?.digest !== void 0;
	const look = push ? inRegistry : inEngine;
	if (digest && takesTag(imageVariables)) await requireTag(reference, environment, runtime);
	return {
		pendingTags: [],
		environment,
		isNew: false,
		...digest ? {
			reference,
			architectures: []
		} : await look(reference, environment, runtime)
	};
}
/** Throws `image-not-found` for an image by digest if the tag by which the spec names it is missing, or belongs to another image. */
async function requireTag(reference, environment, runtime) {
	const { name = "", tag, digest = "" } = parseReference(reference) ?? {};
	const tagged = `${name}:${tag ?? digestTag(digest)}`;
	const hint = "Nothing was registered. Give `image` with a tag, or set `image-variables` in the step that builds the image: the image then gets that tag as well.";
	const found = await inRegistry(tagged, environment, runtime).catch((error) => {
		const { code, message } = toActionError(error);
		throw code === "image-not-found" ? new ActionError(code, message, {
			hint,
			cause: error
		}) : error;
	});
	if (parseReference(found.reference)?.digest !== digest) throw new ActionError("image-not-found", `${tagged} is another image than ${reference}`, { hint });
}
function takeBuilt(built, environment, { log }) {
	log.info(`Not built again: ${built.reference} was built from the same content${describeBuild(built)}`);
	return {
		...built,
		isNew: false,
		environment
	};
}
/** Returns a build with the labels and tags by which later runs find its image. */
function todoOf({ name, plan, inputs }, { labels, tags } = {
	labels: UNFINDABLE,
	tags: []
}) {
	const all = [...tags, ...plan.tags];
	const [now, pendingTags] = inputs.push && (inputs.test ?? inputs.scan) !== void 0 ? splitTags(plan.name, all) : [all, []];
	return {
		name,
		plan: {
			...plan,
			tags: now
		},
		labels,
		inputs,
		pendingTags
	};
}
function describeBuild({ builtBy: { revision, run } }) {
	return `${revision === void 0 ? "" : ` at commit ${revision.slice(0, 7)}`}${run === void 0 ? "" : ` by ${run}`}`;
}
/**
* Splits off the tags that are set after the test. People and jobs pull by these; before the test, only the tags of commit and content are
* pushed, if there are any.
*/
function splitTags(name, tags) {
	const own = tags.filter((tag) => ["sha", "content"].some((kind) => tag.startsWith(`${name}:${kind}-`)));
	return own.length === 0 ? [tags, []] : [own, tags.filter((tag) => !own.includes(tag))];
}
/** Sets the further tags of an image in the registry. Its digest stays. */
async function publishTags({ reference, pendingTags, environment }, runtime) {
	const result = await runBuildx(argumentsOf(["imagetools", "create"], [["--prefer-index", "false"], ...each("--tag", pendingTags)], [reference]), "same", {
		cwd: runtime.workspace,
		env: environment
	}, runtime);
	if (result.code !== 0) throw tagError(result, pendingTags.join(", "));
}
// src/image/running.ts
/**
* Returns the images of the plan's repository that the registered jobs run, each by its content and once. Only jobs of the same owner
* count: the same repository, environment and, for a review app, branch. A stopped job has none, and neither has one with `FORCE_PULL`,
* which asks for a restart.
*/
function runningImages(plan, jobs, context) {
	if (plan.kind !== "build") return [];
	const found = /* @__PURE__ */ new Map();
	for (const { live, draft, work } of jobs) {
		if (live === void 0 || live.Stop || !isOwn$1(live, context, work.target)) continue;
		if (draft.settings.some(({ name, value }) => name === "FORCE_PULL" && value === "true")) continue;
		for (const reference of textsIn(live.TaskGroups).flatMap((text) => contentsIn(text, plan.name))) if (!found.has(reference)) found.set(reference, {
			reference,
			jobId: live.ID
		});
	}
	return [...found.values()];
}
/** Returns whether this run is the owner of a job. A job of version 0.1.0 has no record, but its meta names the repository and the environment. */
function isOwn$1(live, context, target) {
	const owner = ownerOf(context, target);
	const { record, noted } = ownedJob(live, "");
	if (record !== void 0) return sameOwner(record, owner);
	const { repository, environment } = noted ?? {};
	return owner.ref === void 0 && environment === owner.environment && repository?.toLowerCase() === owner.repository.toLowerCase();
}
/** Returns the images of a repository that a text names: by digest, by the tag of the digest, or by the id of an image of the local engine. */
function contentsIn(text, repository) {
	return referencesIn(text, repository).flatMap(({ name, tag = "", digest }) => {
		if (digest !== void 0) return [`${name}@${digest}`];
		return isDigestTag(tag) || localId(`${name}:${tag}`) !== void 0 ? [`${name}:${tag}`] : [];
	});
}
// src/image/trial.ts
/**
* Exit codes of `docker run` for a container that never started: https://docs.docker.com/reference/cli/docker/container/run/#exit-status
*/
const DOCKER_FAILED = 125;
const NOT_STARTED = [126, 127];
const NOT_FOUND = "A shell also says \"not found\" if the image lacks the program in the first line of a script.";
/**
* Returns the arguments of `docker` for a test. A text is run by a shell of the image, a list is run as it is. Folder and user are the
* image's own.
*/
function testArgs(test, reference, name, envFile) {
	const [program, ...args] = typeof test === "string" ? [
		"sh",
		"-ec",
		test
	] : test;
	return argumentsOf(["run"], [
		"--rm",
		["--name", name],
		...each("--env-file", envFile === void 0 ? [] : [envFile]),
		["--entrypoint", program]
	], [reference, ...args]);
}
/** Runs `test` in a container of the image. Throws `test-failed` when it exits with a code other than 0, or does not start. */
async function testImage(test, { reference, environment }, { testEnv }, runtime) {
	const name = `nomad-deploy-test-${randomHex(runtime.clock, 8)}`;
	const onAbort = [
		"docker",
		"rm",
		"--force",
		name
	];
	runtime.atEnd({
		kind: "container",
		name
	});
	const lines = Object.entries(testEnv).map(([key, value]) => `${key}=${value}\n`);
	const envFile = lines.length === 0 ? void 0 : join(await runtime.privateFolder(), "test.env");
	if (envFile !== void 0) await writeFile(envFile, lines.join(""), { mode: 384 });
	const argv = ["docker", ...testArgs(test, reference, name, envFile)];
	const result = await runtime.exec(argv, {
		cwd: runtime.workspace,
		env: environment,
		stream: true,
		onAbort
	});
	if (result.code !== 0) throw testError(test, result);
}
function testError(test, result) {
	const said = lastError(result);
	const output = lastLines(result);
	const failed = (message, hint) => new ActionError("test-failed", message, {
		output,
		...hint === void 0 ? {} : { hint }
	});
	const docker = result.stderr.includes("Error response from daemon") || result.code === DOCKER_FAILED;
	if (docker && !NOT_STARTED.includes(result.code)) {
		requireDocker(result);
		return failed(`the test could not be run: ${said}`);
	}
	if (docker && /exec: "sh"/.test(result.stderr)) return failed("the test could not be run: the image has no shell", "Give `test` as a JSON list, such as [\"/app\", \"--self-test\"], or test a stage that has a shell.");
	if (/exec format error/.test(result.stderr)) {
		if (typeof test !== "string" && !/exec (\S*\/)?sh: /.test(result.stderr)) return failed(`the test could not be run: ${test[0]} is neither a program for this runner's processor nor a script whose first line names its interpreter`, "A script begins with a line such as #!/bin/sh. For images of another processor, add docker/setup-qemu-action.");
		return failed("the test could not be run: the image is for another processor than this runner", "Add docker/setup-qemu-action, or test on a runner of that kind.");
	}
	if (docker) return failed(`the test could not be run: ${said}`);
	const unsure = result.code === 127 ? ` ${NOT_FOUND}` : "";
	return failed(`the test of the image exited with code ${result.code}${saying(output)}`, `Nothing was deployed.${unsure}`);
}
/**
* Runs `scan` on the runner, with the image as `$IMAGE`. Throws `scan-failed` when it exits with a code other than 0, or cannot be started.
*/
async function scanImage(scan, { reference, environment }, runtime) {
	const [program = "", ...args] = splitWords(scan, { IMAGE: reference });
	const options = {
		cwd: runtime.workspace,
		env: {
			...environment,
			IMAGE: reference
		},
		stream: true
	};
	const result = await runtime.exec([program, ...args], options).catch((error) => {
		if (error.code !== "EACCES") throw error;
		throw new ActionError("scan-failed", `\`scan\`: ${program} is not executable`, { hint: `Make the file executable: git update-index --chmod=+x ${program}` });
	});
	if (result.code === 0) return;
	const output = lastLines(result);
	if (result.notStarted !== true) throw new ActionError("scan-failed", `the scan of the image exited with code ${result.code}${saying(output)}`, {
		output,
		hint: "Nothing was deployed."
	});
	const what = program.includes("/") && existsSync(resolve(runtime.workspace, program)) ? "could not be started: this runner lacks the program in its first line" : "was not found on this runner";
	throw new ActionError("scan-failed", `\`scan\`: ${program} ${what}`, {
		output,
		hint: "Install the program in a step before this one."
	});
}
function lastLines({ lines }) {
	return lines.filter((line) => line.trim() !== "").slice(-20);
}
function saying(output) {
	const last = output.at(-1)?.trim();
	return last === void 0 ? " without output" : `: ${JSON.stringify(last.slice(0, 200))}`;
}
// src/jobspec/built-in/shorthand.ts
/** Operators that compare an attribute with a value: https://developer.hashicorp.com/nomad/docs/job-specification/constraint */
const COMPARING = [
	"=",
	"==",
	"!=",
	">",
	">=",
	"<",
	"<=",
	"version",
	"semver",
	"regexp",
	"set_contains",
	"set_contains_all",
	"set_contains_any"
];
const ASKING = ["is_set", "is_not_set"];
/**
* Parses a constraint: `meta.kind = tcp-vm`, `${attr.cpu.arch} != arm64`, `attr.nomad.version semver >= 1.8.0`, `meta.gpu is_set`,
* `distinct_hosts`, `distinct_property meta.rack 2`. The `${}` of the attribute and the double quotes of the value are optional.
*/
function parseConstraint(text) {
	const bad = (problem, example = "meta.kind = tcp-vm") => /* @__PURE__ */ new Error(`${JSON.stringify(text)} ${problem}; write a constraint such as ${example}`);
	const attributeOf = (name) => {
		const bare = name.replace(/^\$\{/, "").replace(/\}$/, "").trim();
		if (!/^(attr|meta|node)\.[^\s${}]+$/.test(bare)) throw bad(`names no attribute of a node (attr.…, meta.…, node.…)`);
		return `\${${bare}}`;
	};
	const whole = text.trim();
	if (whole === "distinct_hosts") return {
		attribute: "",
		operator: "distinct_hosts",
		value: "true"
	};
	const property = /^distinct_property\s+(\$\{[^}]*\}|\S+)(?:\s+([1-9]\d*))?$/.exec(whole);
	if (property !== null) return {
		attribute: attributeOf(property[1] ?? ""),
		operator: "distinct_property",
		value: property[2] ?? "1"
	};
	if (whole.startsWith("distinct_")) throw bad("cannot be read", "distinct_hosts or distinct_property meta.rack 2");
	const [, name = "", operator = "", rest = ""] = /^(\$\{[^}]*\}|[^\s=!<>]+)\s*([=!<>]+|[a-z_]+)\s*(.*)$/s.exec(whole) ?? [];
	const attribute = attributeOf(name);
	const value = rest.replace(/^"(.*)"$/s, "$1");
	if (ASKING.includes(operator)) {
		if (value !== "") throw bad(`has a value after ${operator}`, `${attribute} ${operator}`);
	} else if (!COMPARING.includes(operator)) throw bad(`has no operator of ${[...COMPARING, ...ASKING].join(" ")}`);
	else if (value === "") throw bad(`has no value after ${operator}`);
	return {
		attribute,
		operator,
		value
	};
}
/**
* Returns a volume of the container unchanged if it is one that `docker run --volume` takes: `<host path>:<container path>[:<options>]`.
*/
function checkVolume(text) {
	if (/^[^:\s][^:]*:[/$][^:]*(:[a-zA-Z,]+)?$/.test(text)) return text;
	throw new Error(`${JSON.stringify(text)} is not a volume; write <host path>:<container path>, such as /srv/shop:/data or /srv/shop:/data:ro`);
}
/**
* Parses a host or CSI volume of Nomad: `<name>:<container path>[:ro]`. A CSI volume for several nodes at a time has `:multi-node` or
* `:ro,multi-node`.
*/
function parseNamedVolume(text, kind) {
	const [, name = "", path = "", rest = ""] = /^([^:\s]+):(\/[^:]*)(?::([a-z,-]*))?$/.exec(text) ?? [];
	const options = rest === "" ? [] : rest.split(",");
	const known = kind === "csi" ? [
		"ro",
		"rw",
		"multi-node"
	] : ["ro", "rw"];
	if (name === "" || options.some((option) => !known.includes(option)) || text.endsWith(":")) {
		const example = kind === "csi" ? "data:/data, data:/data:ro or data:/data:multi-node" : "data:/data or data:/data:ro";
		throw new Error(`${JSON.stringify(text)} is not a ${kind} volume; write <name>:<container path>, such as ${example}`);
	}
	const readOnly = options.includes("ro");
	const several = options.includes("multi-node");
	return {
		kind,
		name,
		path,
		readOnly,
		accessMode: kind === "csi" ? `${several ? "multi" : "single"}-node-${readOnly ? "reader-only" : several ? "multi-writer" : "writer"}` : ""
	};
}
// src/jobspec/built-in/variables.ts
/**
* All variables of the built-in template. This table declares them to the cluster, validates them and documents them. Names and defaults up
* to `IS_BATCH` are those of internetarchive/nomad.
*/
const VARIABLES = [
	{
		name: "MEMORY",
		type: "number",
		default: 300,
		range: { min: 1 }
	},
	{
		name: "MEMORY_FACTOR",
		type: "number",
		default: 10,
		range: {
			min: 1,
			fractions: true
		}
	},
	{
		name: "CPU",
		type: "number",
		default: 100,
		range: { min: 1 }
	},
	{
		name: "COUNT",
		type: "number",
		default: 1
	},
	{
		name: "COUNT_CANARIES",
		type: "number",
		default: 1
	},
	{
		name: "CHECK_PROTOCOL",
		type: "string",
		default: "http",
		oneOf: [
			"http",
			"tcp",
			"grpc",
			"none"
		]
	},
	{
		name: "CHECK_PATH",
		type: "string",
		default: "/"
	},
	{
		name: "CHECK_TIMEOUT",
		type: "duration",
		default: "2s"
	},
	{
		name: "HEALTH_TIMEOUT",
		type: "duration",
		default: "20s"
	},
	{
		name: "NETWORK_MODE",
		type: "string",
		default: "bridge"
	},
	{
		name: "FORCE_PULL",
		type: "bool",
		default: false
	},
	{
		name: "PORTS",
		type: "map(string)",
		default: { "5000": "http" }
	},
	{
		name: "MULTI_CONTAINER",
		type: "bool",
		default: false
	},
	{
		name: "PORT_CHECKS",
		type: "map(string)",
		default: {}
	},
	{
		name: "PORT_CANARY_TAGS",
		type: "bool",
		default: false
	},
	{
		name: "VOLUMES",
		type: "list(string)",
		default: []
	},
	{
		name: "PERSISTENT_VOLUME",
		type: "string",
		default: ""
	},
	{
		name: "PERSISTENT_VOLUME_PER_ENVIRONMENT",
		type: "bool",
		default: false
	},
	{
		name: "HOST_VOLUMES",
		type: "list(string)",
		default: []
	},
	{
		name: "CSI_VOLUMES",
		type: "list(string)",
		default: []
	},
	{
		name: "HOSTNAMES",
		type: "list(string)",
		default: []
	},
	{
		name: "IS_BATCH",
		type: "bool",
		default: false
	},
	{
		name: "DEPLOY_WITH_PODMAN",
		type: "bool",
		default: false
	},
	{
		name: "SERVICE_PROVIDER",
		type: "string",
		default: "consul",
		oneOf: ["consul", "nomad"]
	},
	{
		name: "REGION",
		type: "string",
		default: ""
	},
	{
		name: "DATACENTERS",
		type: "list(string)",
		default: ["dc1"]
	},
	{
		name: "NODE_POOL",
		type: "string",
		default: "default"
	},
	{
		name: "CONSTRAINTS",
		type: "list(string)",
		default: []
	},
	{
		name: "PRIORITY",
		type: "number",
		default: 50,
		range: {
			min: 1,
			max: 100
		}
	},
	{
		name: "MIN_HEALTHY_TIME",
		type: "duration",
		default: "30s"
	},
	{
		name: "HEALTHY_DEADLINE",
		type: "duration",
		default: "10m"
	},
	{
		name: "PROGRESS_DEADLINE",
		type: "duration",
		default: "11m"
	},
	{
		name: "RESTART_ATTEMPTS",
		type: "number",
		default: 3
	},
	{
		name: "KILL_TIMEOUT",
		type: "duration",
		default: "5s"
	},
	{
		name: "SHUTDOWN_DELAY",
		type: "duration",
		default: "5s"
	}
];
/** Returns the declarations at the beginning of the built-in template. */
function declarations() {
	const block = (name, type, initial) => `variable "${name}" {\n  type    = ${type}\n  default = ${hclLiteral(initial)}\n}\n`;
	return [...VARIABLES.map(({ name, type, default: initial }) => block(name, type === "duration" ? "string" : type, initial)), ...[
		"SLUG",
		"SECRETS_TEMPLATE",
		"SECRETS_RELEASE",
		...CI_VARIABLES
	].map((name) => block(name, "string", ""))].join("");
}
/** Returns the message for an invalid value of a variable; `source` gave the value. */
function problemWith(name, what, source = `NOMAD_VAR_${name}`) {
	return `variable ${name} (${source}): ${what}`;
}
/** Returns the problems of the values by variable, as the table defines them. Missing values are valid. */
function valueProblems(values) {
	const found = VARIABLES.flatMap((variable) => {
		const value = values[variable.name];
		const what = value === void 0 ? void 0 : objection(variable, value);
		return what === void 0 ? [] : [[variable.name, problemWith(variable.name, `${JSON.stringify(value)} ${what}`)]];
	});
	return new Map(found);
}
function objection({ type, oneOf, range: { min, max, fractions } = { min: 0 } }, value) {
	if (oneOf !== void 0) return typeof value === "string" && oneOf.includes(value) ? void 0 : `is not one of ${oneOf.join(", ")}`;
	switch (type) {
		case "number":
			if (typeof value === "number" && (fractions === true || Number.isInteger(value)) && value >= min && value <= (max ?? 1e400)) return void 0;
			return `is not a${fractions === true ? "" : " whole"} number ${max === void 0 ? `of at least ${min}` : `from ${min} to ${max}`}`;
		case "duration": return typeof value === "string" && (parseDuration(value) ?? -1) >= 0 ? void 0 : "is not a duration, such as 30s or 1m30s";
		case "list(string)": return Array.isArray(value) && value.every(isScalar$1) ? void 0 : "is not a list of texts, such as [\"a\", \"b\"]";
		case "map(string)": return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar$1) ? void 0 : "is not a map of texts, such as { a = \"b\" }";
		case "string":
		case "bool": return;
	}
}
/** Returns whether the cluster converts a value to text. */
function isScalar$1(value) {
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
/** Converts lists of texts with one item a line to JSON. */
function linesAsLists(given) {
	const lists = VARIABLES.filter(({ type }) => type === "list(string)").map(({ name }) => name);
	return Object.fromEntries(Object.entries(given).map(([name, text]) => {
		if (!lists.includes(name) || /^\s*\[/.test(text)) return [name, text];
		const items = text.split("\n").map((line) => line.trim());
		return [name, JSON.stringify(items.filter((line) => line !== ""))];
	}));
}
// src/jobspec/built-in/service.ts
/**
* Returns every problem with the values of the built-in template, each with the name of its variable. `region` is the region of the run, if
* it was given: the job is registered there, whatever its own region is.
*/
function serviceProblems(values, region, blueGreen = false) {
	const own = textOf$1(values["REGION"]);
	const elsewhere = own !== "" && region !== void 0 && region !== own;
	return [
		...readValues(values).problems,
		...blueGreen && values["COUNT_CANARIES"] !== void 0 ? [problemWith("COUNT_CANARIES", "with `blue-green`, the number of canaries is the count; set only one of them")] : [],
		...blueGreen && values["IS_BATCH"] === true ? [problemWith("IS_BATCH", "`blue-green` is for a service, and a batch job has no canaries")] : [],
		...elsewhere ? [problemWith("REGION", `${JSON.stringify(own)} is not the region ${JSON.stringify(region)} of \`nomad-region\` (NOMAD_REGION); set only one of them`)] : []
	];
}
/** Returns the data for the built-in template, with all decisions made, so that the template only writes them out. */
function serviceData(given, { target, image, secretsTemplate, oversubscription, kept, blueGreen = false }) {
	const values = withDefaults(given);
	const { ports, constraints, volumes, named } = readValues(given);
	const [mainHost = ""] = target.hostnames;
	const several = values["MULTI_CONTAINER"] === true;
	const portChecks = mapOf(values["PORT_CHECKS"]);
	const extra = ports.filter(({ name }) => name !== "http");
	return {
		declarations: declarations(),
		job: target.jobId,
		blueGreen,
		image,
		regional: values["REGION"] !== "",
		constraints,
		checked: values["CHECK_PROTOCOL"] !== "none",
		ports,
		tags: target.hostnames.map((host) => `https://${host}`),
		canaryTags: target.hostnames.map((host) => `https://${hostBeside(host, "canary-")}`),
		extraServices: extra.map((port) => {
			const routed = !several && !port.tcpOnly && mainHost !== "";
			return {
				name: fitLabel(`${target.jobId}--${port.name}`),
				task: several ? port.name : "http",
				port: port.name,
				tags: routed ? [`https://${hostBeside(mainHost, "", `-${port.name}`)}`] : [],
				canaryTags: routed && values["PORT_CANARY_TAGS"] === true ? [`https://${hostBeside(mainHost, "canary-", `-${port.name}`)}`] : void 0,
				check: portCheck(portChecks[port.name])
			};
		}),
		taskPorts: several ? ["http"] : ports.map(({ name }) => name),
		volumes: [...volumes, ...persistentVolume(values, target)],
		namedVolumes: named,
		auth: auth(values, kept),
		memoryMax: oversubscription && Number(values["MEMORY_FACTOR"]) > 1,
		ciEnvironment: [
			"CI_HOSTNAME",
			"CI_COMMIT_REF_SLUG",
			"CI_PROJECT_PATH_SLUG",
			"CI_COMMIT_SHA"
		].map((name) => `${name}=${environmentValue(textOf$1(values[name]))}\n`).join(""),
		secretsTemplate
	};
}
/**
* Returns warnings about settings that are possible but rarely intended, by the values and by the final job, which has the settings of the
* repository's files.
*/
function serviceWarnings(given, { environment, projectSlug }, { Update, TaskGroups }) {
	const values = withDefaults(given);
	const group = TaskGroups?.find(({ Name }) => Name === "group");
	const count = group?.Count ?? 1;
	const canaries = group?.Update?.Canary ?? Update?.Canary ?? 0;
	const persistent = textOf$1(values["PERSISTENT_VOLUME"]);
	const shared = persistent !== "" && values["PERSISTENT_VOLUME_PER_ENVIRONMENT"] !== true;
	const written = [...persistent === "" || /[:,]ro\b/.test(persistent.replace(/^[^:]*/, "")) ? [] : ["PERSISTENT_VOLUME"], ...readValues(given).named.flatMap(({ kind, readOnly, accessMode }) => readOnly || accessMode === "multi-node-multi-writer" ? [] : [kind === "host" ? "HOST_VOLUMES" : "CSI_VOLUMES"])];
	return [
		...count === 0 ? ["NOMAD_VAR_COUNT is 0: the job is registered, but nothing runs"] : [],
		...count > 0 && canaries > count ? ["NOMAD_VAR_COUNT_CANARIES is more than NOMAD_VAR_COUNT"] : [],
		...shared && hasOwnJob(environment) ? [`${environment.value === "review" ? "This review app" : "This branch"} uses /pv/${projectSlug}, which all environments on this cluster share; NOMAD_VAR_PERSISTENT_VOLUME_PER_ENVIRONMENT: true gives each environment its own folder`] : [],
		...written.length > 0 && count + canaries > 1 ? [`${count + canaries} allocations may write to one volume at a time (${[...new Set(written)].map((name) => `NOMAD_VAR_${name}`).join(", ")}): ${count}${canaries > 0 ? `, and ${canaries} more during a deployment` : ""}. If the application does not support that, set NOMAD_VAR_COUNT to 1 and NOMAD_VAR_COUNT_CANARIES to 0`] : []
	];
}
function withDefaults(values) {
	return {
		...Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default])),
		...values
	};
}
function readValues(given) {
	const wrong = valueProblems(given);
	const problems = [...wrong.values()];
	const values = withDefaults(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
	const readList = (name, read) => (Array.isArray(values[name]) ? values[name] : []).flatMap((item) => {
		try {
			return [read(textOf$1(item))];
		} catch (error) {
			problems.push(problemWith(name, messageOf$1(error)));
			return [];
		}
	});
	const ports = readPorts(values["PORTS"]);
	problems.push(...portProblems(ports), ...checkProblems(values, ports));
	const persistent = textOf$1(values["PERSISTENT_VOLUME"]);
	if (!/^(\/[^:]*(:[a-zA-Z,]+)?)?$/.test(persistent)) problems.push(problemWith("PERSISTENT_VOLUME", `${JSON.stringify(persistent)} is not a path in the container, such as /data`));
	const constraints = readList("CONSTRAINTS", parseConstraint);
	const volumes = readList("VOLUMES", checkVolume);
	const named = [...readList("HOST_VOLUMES", (text) => parseNamedVolume(text, "host")), ...readList("CSI_VOLUMES", (text) => parseNamedVolume(text, "csi"))];
	const names = named.map(({ name }) => name);
	const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
	for (const name of twice) problems.push(problemWith("HOST_VOLUMES", `the volume ${JSON.stringify(name)} occurs twice, also counting NOMAD_VAR_CSI_VOLUMES; a volume can be mounted once`));
	return {
		ports,
		constraints,
		volumes,
		named,
		problems
	};
}
/** Reads the ports in the order of their numbers as text, which is the order that the registered services have. */
function readPorts(value) {
	return Object.entries(mapOf(value)).map(([number, name]) => ({
		name,
		number: Number(number)
	})).sort((a, b) => String(Math.abs(a.number)) < String(Math.abs(b.number)) ? -1 : 1).map(({ name, number }) => ({
		name,
		to: number === -1 ? -1 : Math.abs(number),
		tcpOnly: number < -1
	}));
}
function portProblems(ports) {
	const names = ports.map(({ name }) => name);
	const http = ports.filter(({ name }) => name === "http");
	return [
		...http.length === 1 ? [] : [`${http.length === 0 ? "no" : "more than one"} port is named "http"; write { 5000 = "http" }`],
		...http[0]?.tcpOnly === true ? ["the port \"http\" must not be negative"] : [],
		...names.filter((name, i) => name !== "http" && names.indexOf(name) !== i).map((name) => `two ports are named ${JSON.stringify(name)}`),
		...ports.flatMap(({ name, to }) => [.../^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name) ? [] : [`${JSON.stringify(name)} is not a name of a port; use letters, digits and dashes`], ...to === -1 || Number.isInteger(to) && to > 0 && to < 65536 ? [] : [`the number of ${JSON.stringify(name)} is not a port number`]])
	].map((what) => problemWith("PORTS", what));
}
function checkProblems(values, ports) {
	const names = ports.map(({ name }) => name).filter((name) => name !== "http");
	const native = values["SERVICE_PROVIDER"] === "nomad";
	const noGrpc = "\"grpc\" is not possible with NOMAD_VAR_SERVICE_PROVIDER \"nomad\", which supports http and tcp";
	const ofPort = (name, check) => {
		if (name === "http") return ["the check of the port \"http\" is set by NOMAD_VAR_CHECK_PROTOCOL and NOMAD_VAR_CHECK_PATH"];
		if (!names.includes(name)) return [`no port is named ${JSON.stringify(name)}; NOMAD_VAR_PORTS has ${names.join(", ") || "only http"}`];
		if (!/^(\/.*|tcp|grpc|none)$/.test(check)) return [`${JSON.stringify(check)} is not a check; write tcp, grpc, none, or a path such as /healthz`];
		return check === "grpc" && native ? [noGrpc] : [];
	};
	return [...values["CHECK_PROTOCOL"] === "grpc" && native ? [problemWith("CHECK_PROTOCOL", noGrpc)] : [], ...Object.entries(mapOf(values["PORT_CHECKS"])).flatMap(([name, check]) => ofPort(name, check).map((what) => problemWith("PORT_CHECKS", what)))];
}
/** Returns the check of an extra port: by default TCP, which restarts nothing; a given check restarts the task. */
function portCheck(asked) {
	if (asked === void 0) return void 0;
	const http = asked.startsWith("/");
	return {
		none: asked === "none",
		type: http ? "http" : asked,
		path: http ? asked : ""
	};
}
/** Returns the mount of a folder of the node that outlives the job's allocations. */
function persistentVolume(values, { environment, projectSlug, jobId }) {
	const path = textOf$1(values["PERSISTENT_VOLUME"]);
	if (path === "") return [];
	const own = hasOwnJob(environment) ? `.review/${jobId}` : `.${environment.name}`;
	return [`/pv/${projectSlug}${values["PERSISTENT_VOLUME_PER_ENVIRONMENT"] === true ? own : ""}:${path}`];
}
/**
* Returns a value for a template of environment variables. A value with special characters becomes a quoted text of consul-template, which
* quotes it again.
*/
function environmentValue(value) {
	return /^[\w.:/@+-]*$/.test(value) ? value : `{{ ${JSON.stringify(value)} | toJSON }}`;
}
/**
* The secret with the password that the node pulls with. Nomad gives a driver values of templates only by environment variables of the
* task, so the program in the container has the password, too.
*/
const REGISTRY_PASSWORD = "NOMAD_DEPLOY_REGISTRY_PASSWORD";
/** Returns the login that the node pulls with, if the user gave one. CI systems write `0` for no login. */
function registryLogin(values) {
	const text = (name) => values[name] === "0" ? "" : textOf$1(values[name]);
	const readToken = text("CI_REGISTRY_READ_TOKEN");
	if (readToken !== "") return {
		username: "deploy-token",
		password: readToken
	};
	const password = text("CI_REGISTRY_PASSWORD");
	return password === "" ? void 0 : {
		username: text("CI_REGISTRY_USER"),
		password
	};
}
/** Returns the login for the job, with the password as a reference to its secret. */
function auth(values, kept) {
	const login = registryLogin(values);
	if (login === void 0) return void 0;
	const password = kept?.login === true ? uninterpolated(login.password) : `\${${REGISTRY_PASSWORD}}`;
	return {
		username: uninterpolated(login.username),
		password
	};
}
/**
* Returns the parts of a registered job of the built-in template that stay: the commit in its environment, if the job runs the same image,
* and the login that version 0.1.0 wrote, if it is still the login of this run.
*/
function keptParts(live, image, values) {
	const task = live?.TaskGroups?.find(({ Name }) => Name === "group")?.Tasks?.find(({ Name }) => Name === "http");
	const environment = task?.Templates?.find(({ DestPath }) => DestPath === "secrets/ci.env")?.EmbeddedTmpl ?? "";
	const commit = task?.Config?.["image"] === image ? /^CI_COMMIT_SHA=([0-9a-f]{7,64})$/m.exec(environment)?.[1] : void 0;
	const login = registryLogin(values);
	const [old] = [task?.Config?.["auth"]].flat();
	const isSame = login !== void 0 && isDeepStrictEqual(old, {
		username: uninterpolated(login.username),
		password: uninterpolated(login.password)
	});
	return {
		...commit === void 0 ? {} : { commit },
		...isSame ? { login: true } : {}
	};
}
/** Escapes a text for a driver's `config`, which the client reads as an HCL template once more: a name may contain `${`. */
function uninterpolated(text) {
	return text.replace(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`);
}
/** Converts a value to text as the cluster does; empty for a list or a map. */
function textOf$1(value) {
	return value === void 0 || typeof value === "object" ? "" : String(value);
}
function mapOf(value) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf$1(item)]));
}
// src/jobspec/template.ts
/**
* Renders a Handlebars template, within limits and without printing. A name that the data does not have is an error with file and line,
* also as the argument of a helper; only a name below one of `optional` may be missing, so that `{{#if vars.X}}` can ask for it. Nothing is
* HTML-escaped. Helpers: `hcl` (a value as an HCL literal), `json`, `slug`, `indent` (spaces before every line but the first), `eq`, and
* the block `raw`, which is not rendered; of Handlebars' own `if`, `unless`, `each`, `with` and `lookup`. `partials` are templates by name,
* for `{{> name}}`; a template cannot define its own.
*/
async function renderTemplate(source, data, file, { optional = [], partials = {} } = {}) {
	const { default: handlebars } = await import("./handlebars.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const engine = handlebars.create();
	engine.logger.log = () => void 0;
	registerHelpers(engine, budget());
	for (const [name, text] of Object.entries(partials)) engine.registerPartial(name, text);
	let tree;
	try {
		requireShallow(source);
		const parsed = engine.parse(source);
		tree = parsed;
		requirePlain(parsed);
		markLines(parsed);
		return unmarked(engine.compile(parsed, {
			strict: true,
			noEscape: true,
			knownHelpers: { log: false }
		})(guarded(data, optional)));
	} catch (error) {
		const message = messageOf$1(error).split("\n")[0]?.replace(/ in \[object Object\]/, "") ?? "";
		const location = placeOf$2(error, message, tree, file);
		throw new ActionError("jobspec-invalid", `${[file, location.line].filter((part) => part !== void 0).join(":")}: ${message}`, {
			location,
			hint: "Give a value to each name that the template uses (docs/templates.md).",
			cause: error
		});
	}
}
/** Returns an error without a file, which the catch adds. */
function undefinedName(message, line) {
	return new ActionError("jobspec-invalid", message, line === void 0 ? {} : { location: {
		file: "",
		line
	} });
}
function registerHelpers(engine, spend) {
	const given = (work) => (value, { name, loc }) => {
		if (value === void 0) throw undefinedName(`the value for ${name} is not defined`, loc?.start.line);
		return spend(work(value));
	};
	engine.registerHelper("hcl", given(hclLiteral));
	engine.registerHelper("json", given(JSON.stringify));
	engine.registerHelper("slug", given((value) => slug(value)));
	engine.registerHelper("indent", (spaces, text) => {
		if (!(spaces >= 0 && spaces <= MAX_INDENT)) throw new Error(`indent takes 0 to ${MAX_INDENT} spaces`);
		return spend(text.replace(/\n(?=.)/g, `\n${" ".repeat(spaces)}`));
	});
	engine.registerHelper("eq", (a, b) => a === b);
	engine.registerHelper("raw", ({ fn }) => fn({}));
	engine.unregisterHelper("log");
	engine.registerHelper("each", bounded(engine.helpers["each"], spend));
}
/** More spaces than any job spec has before a line. */
const MAX_INDENT = 200;
/** Limits of the helpers' output, including nested loops and `json` of `json`, in rounds and in characters. */
const MAX_ROUNDS = 1e5;
const MAX_LENGTH$3 = 4194304;
/** The most nested blocks and helpers. The parser takes more than linear time for them. */
const MAX_DEPTH$1 = 100;
/** Returns a function that returns its text, and throws once all texts together are too long. */
function budget() {
	let length = 0;
	return (text) => {
		length += text.length;
		if (length > MAX_LENGTH$3) throw new Error(`the helpers of the template produce more than ${MAX_LENGTH$3 / 1024 / 1024} MiB`);
		return text;
	};
}
/** Returns the helper `each` with a limit for rounds, because nested loops multiply. */
function bounded(each, spend) {
	let rounds = 0;
	return function(list, options) {
		const fn = (context, own) => {
			rounds++;
			if (rounds > MAX_ROUNDS) throw new Error(`the loops of the template have more than ${MAX_ROUNDS} rounds`);
			return spend(options.fn(context, own));
		};
		return each?.call(this, list, {
			...options,
			fn
		});
	};
}
/** Refuses blocks and helpers that are nested too deeply, by their marks alone. */
function requireShallow(source) {
	/** The number of blocks that the `else if`s of each open block make of it. */
	const open = [];
	let depth = 0;
	let end = 0;
	for (let at = source.indexOf("{{"); at >= 0 && end >= 0; at = source.indexOf("{{", end)) {
		end = source.indexOf("}}", at);
		const tag = source.slice(at + 2, end < 0 ? void 0 : end).replace(/^~/, "");
		if (tag.startsWith("#") || tag.startsWith("^")) {
			open.push(1);
			depth++;
		} else if (tag.startsWith("/")) depth -= open.pop() ?? 0;
		else if (/^\s*else\s+[^\s~]/.test(tag) && open.length > 0) {
			open.push((open.pop() ?? 0) + 1);
			depth++;
		}
		let [inside, deepest] = [0, 0];
		for (const character of tag) {
			if (character === "(") deepest = Math.max(deepest, ++inside);
			if (character === ")") inside--;
		}
		if (depth + deepest > MAX_DEPTH$1) throw undefinedName(`blocks and helpers are nested more than ${MAX_DEPTH$1} deep`, linesIn(source.slice(0, at)) + 1);
	}
}
/**
* Refuses partials that a template defines, and those whose name is computed: a job spec does not need them, and they could run without
* end.
*/
function requirePlain(tree) {
	for (const node of walkNodes(tree)) {
		const { type, name } = node;
		if (type === "Decorator" || type === "DecoratorBlock") throw undefinedName("a template cannot define its own partials", lineOf(node));
		if (type === "PartialBlockStatement" || type === "PartialStatement" && isNode(name) && name["type"] !== "PathExpression") throw undefinedName("the name of a partial must be a plain name", lineOf(node));
	}
}
/** Returns the data as a proxy that refuses names it does not have. Handlebars itself refuses them only outside of helpers. */
function guarded(data, optional) {
	return new Proxy(data, { get: (target, name) => {
		if (typeof name !== "string") return void 0;
		if (name === "toJSON" || name in Object.prototype) return target[name];
		if (!Object.hasOwn(target, name)) throw undefinedName(`"${name}" not defined`);
		const value = target[name];
		return isNode(value) && !Array.isArray(value) && !optional.includes(name) ? guarded(value, optional) : value;
	} });
}
const isNode = (value) => typeof value === "object" && value !== null;
function* walkNodes(value) {
	if (Array.isArray(value)) for (const item of value) yield* walkNodes(item);
	else if (isNode(value)) {
		if (typeof value["type"] === "string") yield value;
		for (const child of Object.values(value)) yield* walkNodes(child);
	}
}
const lineOf = ({ loc }) => isNode(loc) && isNode(loc["start"]) ? Number(loc["start"]["line"]) : 1;
/** Puts its line number before each line of the template's own text. NUL cannot occur in a job spec. */
function markLines(tree) {
	for (const node of walkNodes(tree)) {
		const { type, value, original } = node;
		if (type !== "ContentStatement" || typeof value !== "string" || typeof original !== "string" || value === "") continue;
		const first = lineOf(node) + linesIn(original.slice(0, original.indexOf(value)));
		const marked = value.split("\n").map((line, i) => `\0${first + i}\0${line}`).join("\n");
		Object.assign(node, { value: marked });
	}
}
const linesIn = (text) => text.split("\n").length - 1;
function unmarked(marked) {
	const lines = [];
	const pieces = marked.split(/\0(\d+)\0/);
	let current = 1;
	let begun = 0;
	let ended = 0;
	for (const [i, piece] of pieces.entries()) {
		if (i % 2 === 1) {
			current = Number(piece);
			continue;
		}
		ended += linesIn(piece);
		if (piece !== "") begun = ended + (piece.endsWith("\n") ? 0 : 1);
		while (lines.length < begun) lines.push(current);
	}
	return {
		text: pieces.filter((_, i) => i % 2 === 0).join(""),
		lines
	};
}
function placeOf$2(error, message, tree, file) {
	const told = error instanceof ActionError ? error.location?.line : /(?:line |- )(\d+)(?::\d+)?/.exec(message)?.[1];
	const name = /^"(.+)" not defined/.exec(message)?.[1];
	const named = [...walkNodes(tree)].find(({ type, parts }) => type === "PathExpression" && Array.isArray(parts) && parts.includes(name));
	const line = told === void 0 ? named && lineOf(named) : Number(told);
	return {
		file,
		...line === void 0 ? {} : { line }
	};
}
// src/jobspec/built-in/template.ts
/** The users' name for the template. */
const BUILT_IN = "built-in template";
/** Renders the HCL of the built-in template: that of a service, or with `IS_BATCH` that of a batch job. Equal values give equal text. */
async function renderBuiltIn(values, options) {
	const { source, partials } = await readTemplate(values["IS_BATCH"] === true ? "batch" : "service");
	const { text } = await renderTemplate(source, serviceData(values, options), BUILT_IN, { partials });
	return text.replace(/^ +$/gm, "");
}
/** Reads a template and all partials, by name. */
async function readTemplate(kind) {
	const read = async (file) => readFile(new URL(file, TEMPLATES), "utf8");
	const names = (await readdir(new URL("partials/", TEMPLATES))).map((file) => file.replace(/\.hbs$/, ""));
	const [source, ...texts] = await Promise.all([read(`${kind}.nomad.hcl.hbs`), ...names.map(async (name) => read(`partials/${name}.hbs`))]);
	return {
		source,
		partials: Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ""]))
	};
}
/** Matches parts of names of secret values. `PATH` and `COMPATIBLE` do not match. */
const OF_SECRETS = /pass|pwd|token|secret(?!s_(template|release)$)|cred|key|auth|cookie|session|private|cert|salt|dsn|webhook|signature|(^|_)(pat|pin|otp|seed|jwt)(_|$)/i;
/** Returns whether a name marks its value as a secret. */
function namesSecret(name) {
	return OF_SECRETS.test(name);
}
/** The variables of the built-in template, and those that the action itself gives a value. */
const KNOWN = [
	...VARIABLES.map(({ name }) => name),
	...CI_VARIABLES,
	...[
		"image",
		"images",
		"SLUG",
		"NAMESPACE",
		"SECRETS_TEMPLATE",
		"SECRETS_RELEASE",
		"NO_DEPLOY",
		"BUILD_DEPLOY",
		"SERVERLESS"
	]
];
/** The last words of names whose values tell only a size, a place or a version. */
const HARMLESS$1 = new Set("arch attempts bandwidth branch canaries canary channel class color colour commit constraint copies count country cores cpu cron datacenter datacenters dc dcs deadline debug delay deploy digest disk domain domains driver enabled environment env factor flavor flavour group host hostname hostnames hosts image instances interval job label lang language level limit locale max mb memory mhz min mode name names namespace network node nodes number platform pool pools port ports priority profile project protocol provider quota ram ref region regions release replicas repo repository resources retries revision role schedule scheme service services sha shards size slug stage stack subdomain suffix prefix tag tags target task team threads tier timeout timezone tz type units version versions workers zone zones".split(" "));
/** Matches tokens with a known prefix. */
const TOKEN_PREFIX = /\b(gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|sk[-_](live[-_]|test[-_]|ant-|proj-)?|AKIA|ASIA|AIza|eyJ|hv[sbr]\.|tskey-|dckr_pat_|npm_|pypi-)\w{12,}/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
/** A digest is computed from an image, so it is public. */
const DIGEST$1 = /\bsha(256|512):[0-9a-f]{64,128}\b/g;
/** Returns whether a text holds a generated word: a key, a token, a hash or a generated password. */
function looksGenerated(text) {
	const rest = text.replace(DIGEST$1, "");
	if (TOKEN_PREFIX.test(rest) || UUID.test(rest) || /-----BEGIN /.test(rest) || /\w:\/\/[^\s/@]+@/.test(rest)) return true;
	if (/^\S{8,}$/.test(rest) && /[!#$%^&*?~|<>]/.test(rest) && classes$1(rest) === 3) return true;
	const words = rest.match(/[A-Za-z0-9+=_-]{12,}/g) ?? [];
	const base64 = (rest.match(/[A-Za-z0-9+/]{32,}/g) ?? []).some((word) => classes$1(word) === 3 && entropy(word) > 4);
	const pieces = words.flatMap((word) => [...word.split(/[-_+=]/).filter(({ length }) => length >= 16), ...classes$1(word) === 3 && word.length >= 20 ? [word] : []]);
	return base64 || pieces.some((piece) => classes$1(piece) > 1 && /\d.*\d/.test(piece) && entropy(piece) > 3 || mixed(piece) && entropy(piece) > 3.8 || piece.length >= 24 && entropy(piece) > 3.9);
}
/** Returns how many of upper case, lower case and digits a word has. */
function classes$1(word) {
	return [
		/[A-Z]/,
		/[a-z]/,
		/\d/
	].filter((kind) => kind.test(word)).length;
}
/** Returns whether a word has more capitals within it than people write. */
function mixed(word) {
	return (word.match(/[a-z][A-Z]|[A-Z]{2}[a-z]/g) ?? []).length > word.length / 6;
}
/** Returns Shannon's entropy of a word, in bits per character. */
function entropy(word) {
	const counts = /* @__PURE__ */ new Map();
	for (const char of word) counts.set(char, (counts.get(char) ?? 0) + 1);
	return [...counts.values()].reduce((sum, count) => sum - count / word.length * Math.log2(count / word.length), 0);
}
/**
* Returns whether a report may show the value of a variable. GitHub masks secrets in the log only, and a file or variable can hold a secret
* that this run does not know. So only values of known or harmless names are shown, and none that looks generated.
*/
function mayShow(name, value) {
	if (/^(|true|false|yes|no|on|off|[01])$/i.test(value)) return true;
	if (OF_SECRETS.test(name) || looksGenerated(value)) return false;
	const last = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().split(/[_\-.]+/).at(-1) ?? "";
	return KNOWN.includes(name) || HARMLESS$1.has(last);
}
/** Returns the value of a variable for a report. Defaults are public in the spec, and so are the action's own values. */
function shownValue({ name, value, source }) {
	if (source === "automatic" || source === "image-variables") return value;
	if (source === "default") return value !== "" && (OF_SECRETS.test(name) || looksGenerated(value)) ? "***" : value;
	return mayShow(name, value) ? value : "***";
}
/** Returns a message that quotes a value, with the quotes hidden if the value may not be shown. */
function withoutQuotes(message, name, value) {
	return mayShow(name, value) ? message : message.replace(/"(?:[^"\\]|\\.)*("|$)/g, `"***"`);
}
/** Shorter values of harmless names are parts of many words, so they are hidden only where they stand alone. */
const LONG = 12;
const SHORTEST = 4;
/**
* Returns a function that hides the values of variables that are not shown, and everything that `redact` hides, in a job as JSON or in
* lines of a plan.
*/
function hidingValues(variables, redact) {
	const longestFirst = variables.filter((variable) => shownValue(variable) !== variable.value).flatMap(({ name, value }) => [value, ...leaves$1(value)].flatMap((one) => {
		const secret = OF_SECRETS.test(name) || looksGenerated(one);
		if (one.length < SHORTEST || !secret && /^[\d.]+$/.test(one)) return [];
		const encoded = secret ? [base64(one), encodeURIComponent(one)] : [];
		const written = [.../* @__PURE__ */ new Set([
			one,
			JSON.stringify(one).slice(1, -1),
			...encoded
		])].map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
		return [[one.length, secret || one.length >= LONG ? new RegExp(written, "g") : new RegExp(`(?<=^|"|,|: |→ )(?:${written})(?=,|"|$| →)`, "gm")]];
	})).sort(([a], [b]) => b - a);
	return (text) => longestFirst.reduce((shown, [, pattern]) => shown.replace(pattern, "***"), redact(text));
}
/**
* Returns a function that hides the values of variables that are secret by name or look, and everything that `redact` hides, in texts of a
* task or of Nomad.
*/
function hidingSecrets(variables, redact) {
	return hidingValues(variables.filter(({ name, value }) => namesSecret(name) || looksGenerated(value)), redact);
}
/** Returns a text in base64 without its end, which depends on the following text. */
function base64(text) {
	const encoded = Buffer.from(text).toString("base64");
	return text.length % 3 === 0 ? encoded : encoded.replace(/.={1,2}$/, "");
}
/** Returns the texts within a value that is a list or a map. */
function leaves$1(value) {
	if (!/^[[{]/.test(value)) return [];
	const inside = (data) => typeof data === "string" ? [data] : typeof data === "object" && data !== null ? Object.values(data).flatMap(inside) : [];
	try {
		return inside(JSON.parse(value));
	} catch {
		return [];
	}
}
// src/jobspec/variable-values.ts
/** Variables that control the run, so no spec needs to declare them. */
const OF_THE_RUN$1 = [
	"NAMESPACE",
	"NO_DEPLOY",
	"HOSTNAMES",
	"SLUG",
	"DEPLOY_WITH_PODMAN",
	"BUILD_DEPLOY",
	"SERVERLESS"
];
/** Variables of other systems, and the reason why they have no effect. */
const WITHOUT_EFFECT = {
	CONSUL_PATH: "secrets are not in Consul any more",
	VERBOSE: "run the workflow with debug logging instead"
};
/** Returns the values that a spec gets by declaring a variable of that name. */
function automaticValues({ registry, vars }, { spec, target, context, image, images, secretsTemplate, secretsRelease, kept }) {
	const [host = ""] = target.hostnames;
	return {
		image,
		...Object.keys(images).length === 0 ? {} : { images },
		CI_GITHUB_IMAGE: image,
		SLUG: target.jobId,
		HOSTNAMES: target.hostnames,
		SECRETS_TEMPLATE: secretsTemplate === "" ? NO_TEMPLATE : secretsTemplate,
		SECRETS_RELEASE: secretsRelease === "" ? NO_RELEASE : secretsRelease,
		CI_COMMIT_BRANCH: context.refType === "branch" ? context.ref : "",
		CI_COMMIT_REF_NAME: context.ref,
		CI_COMMIT_REF_SLUG: target.refSlug,
		CI_COMMIT_SHA: kept?.commit ?? context.sha,
		CI_COMMIT_SHORT_SHA: context.sha.slice(0, 8),
		CI_COMMIT_TAG: context.refType === "tag" ? context.ref : "",
		CI_DEFAULT_BRANCH: context.defaultBranch ?? "",
		CI_HOSTNAME: host,
		CI_PIPELINE_SOURCE: context.eventName,
		CI_PROJECT_NAME: context.repository.toLowerCase().split("/").at(-1) ?? "",
		CI_PROJECT_PATH_SLUG: target.projectSlug,
		CI_REGISTRY: registry,
		CI_REGISTRY_IMAGE: `${registry}/${context.repository.toLowerCase()}`,
		CI_REGISTRY_TAG: `${context.sha}${deployedSuffix(vars)}`,
		...target.environment.value === "production" && (spec.builtIn || /(^|\/)project\.nomad$/.test(spec.name)) ? { COUNT: 3 } : {}
	};
}
/** Returns the values of the user: those of variable files and, over them, `vars` and `NOMAD_VAR_<NAME>`. */
function givenValues({ vars }, fromFiles) {
	return {
		...Object.fromEntries(Object.entries(fromFiles).map(([name, { value }]) => [name, value])),
		...vars
	};
}
/** Matches usual names of variables for an image, or a part of it. */
const OF_IMAGES = /(^|_)(image|tag|version|digest)$/i;
/** Returns the values of all declared variables that have one. Throws one `input-invalid` with every problem of them, and those that `check` finds. */
function variableValues(declared, offers, locate, check) {
	const values = {};
	const sources = {};
	const problems = [];
	let location;
	const takesImage = declared.some(({ name }) => offers.ofImage?.[name] !== void 0);
	for (const variable of declared) {
		const at = locate(variable.line);
		const found = chosenValue(variable, offers, takesImage, at && {
			...at,
			column: variable.column
		});
		if (found === void 0) continue;
		if ("problem" in found) {
			problems.push(found.problem);
			location ??= found.location;
		} else {
			values[variable.name] = found.value;
			sources[variable.name] = found.source;
		}
	}
	const table = check(values).map((problem) => problem.replace(/^variable (\w+) \(NOMAD_VAR_\1\)/, (own, name) => own.replace(`NOMAD_VAR_${name}`, sources[name] ?? `NOMAD_VAR_${name}`)));
	for (const problem of table) location ??= sourceLocation(/^variable \w+ \((.*?)\): /.exec(problem)?.[1] ?? "");
	problems.push(...table);
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"), location === void 0 ? {} : { location });
	return {
		values,
		sources
	};
}
/** Finds the value of a variable: of the image, as given, of a variable file, automatic; undefined for one that keeps its default. */
function chosenValue({ name, type, hasDefault }, { ofImage = {}, given, givenBy, fromFiles, automatic }, takesImage, at) {
	const text = ["HOSTNAMES", "SLUG"].includes(name) ? void 0 : given[name];
	const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
	const place = at === void 0 ? "" : `${at.file}:${at.line}:${at.column}: `;
	const part = ofImage[name];
	if (part !== void 0) {
		if (text === void 0 || isOfEnvironment(name, source)) return {
			value: part,
			source: "image-variables"
		};
		return {
			problem: problemWith(name, "the variable has a value here and from `image-variables`; remove one of them", source),
			location: sourceLocation(source)
		};
	}
	if (text !== void 0) try {
		return {
			value: readVariable(type, text),
			source
		};
	} catch (error) {
		return {
			problem: `${place}${problemWith(name, withoutQuotes(messageOf$1(error), name, text), source)}`,
			location: sourceLocation(source) ?? at
		};
	}
	const ofFile = fromFiles[name];
	if (ofFile !== void 0) return ofFile;
	const value = takesImage && name === "image" && hasDefault ? void 0 : automatic[name];
	if (value !== void 0 && value !== "" && !(hasDefault && isEmptyList(value))) return {
		value,
		source: "automatic"
	};
	if (hasDefault) return void 0;
	if (CI_VARIABLES.some((known) => known === name)) return {
		value: "",
		source: "automatic"
	};
	return {
		problem: `${place}variable "${name}" has no value: set NOMAD_VAR_${name} (or the input \`vars\`), or give it a default${(automatic["image"] ?? "") !== "" && OF_IMAGES.test(name) ? "; `image-variables` can give it the image, its tag or its digest" : ""}`,
		location: at
	};
}
/** Returns whether an environment variable gave the value, which every input overrides. */
function isOfEnvironment(name, source) {
	return source === `NOMAD_VAR_${name}` || source === name;
}
/** Returns warnings about environment variables that `image-variables` overrides. */
function overridden(declared, { ofImage = {}, given, givenBy }) {
	return declared.flatMap(({ name }) => {
		const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
		return ofImage[name] !== void 0 && given[name] !== void 0 && isOfEnvironment(name, source) ? [`${source} has no effect: \`image-variables\` gives ${name} the image of this run`] : [];
	});
}
/** Returns whether this run has none of them, such as hostnames without a domain. The default of the spec may have some. */
function isEmptyList(value) {
	return Array.isArray(value) && value.length === 0;
}
function readVariable(type, text) {
	if (type === "string") return text;
	if (type === "number" && !(/^[-+]?(\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) && Number.isFinite(Number(text)))) throw new Error(`${JSON.stringify(text)} is not a number`);
	if (type === "bool") try {
		return parseBoolean("", text.trim()) ?? false;
	} catch {
		throw new Error(`${JSON.stringify(text)} is neither true nor false`);
	}
	return type === "number" ? exactNumber(text.trim()) : parseLiteral(text);
}
/** Returns the line of a variable file or the configuration file that gave a value; undefined for any other source. */
function sourceLocation(source) {
	const [, file, line] = /^(.+):(\d+)$/.exec(source) ?? [];
	return file === void 0 ? void 0 : {
		file,
		line: Number(line)
	};
}
/**
* Returns the warning about given variables that no spec of the run takes: one warning with all names, because one `env:` often serves many
* jobs. Misspelt names come first.
*/
function undeclared(declared, given, spec, others = []) {
	const names = declared.map(({ name }) => name);
	const texts = [...others, ...spec.template && !spec.builtIn ? [spec] : []].flatMap(({ text, fragments }) => [text, ...Object.values(fragments).map((file) => file.text)]);
	const unknown = Object.keys(given).filter((name) => !names.includes(name) && !OF_THE_RUN$1.includes(name) && !name.startsWith("CI_")).filter((name) => !texts.some((text) => text.includes(name)));
	const told = unknown.filter((name) => WITHOUT_EFFECT[name] === void 0).map((name) => ({
		name,
		near: nearest(name, [...names, ...OF_THE_RUN$1])
	})).sort((a, b) => Number(a.near === void 0) - Number(b.near === void 0));
	const who = others.length > 0 ? void 0 : `the ${spec.builtIn ? spec.name : `spec ${spec.name}`}`;
	const [lacksOne, lacksMany] = who === void 0 ? ["no job spec of this run has such a variable", "no job spec of this run declares them"] : [`${who} has no such variable`, `${who} does not declare them`];
	const [one, ...more] = told;
	return [...unknown.flatMap((name) => WITHOUT_EFFECT[name] === void 0 ? [] : [`NOMAD_VAR_${name} has no effect: ${WITHOUT_EFFECT[name]}`]), ...one === void 0 ? [] : more.length === 0 ? [`NOMAD_VAR_${one.name} is set, but ${lacksOne}${one.near === void 0 ? "" : `; did you mean NOMAD_VAR_${one.near}?`}`] : [`${told.length} variables are set, but ${lacksMany}: ${told.map(({ name, near }) => `NOMAD_VAR_${name}${near === void 0 ? "" : ` (did you mean NOMAD_VAR_${near}?)`}`).join(", ")}`]];
}
/** Returns warnings about misspelt variables of variable files. Other undeclared variables are fine: one file may serve several specs. */
function misspelt(declared, fromFiles) {
	const names = declared.map(({ name }) => name);
	return Object.entries(fromFiles).flatMap(([name, { source }]) => {
		const near = names.includes(name) ? void 0 : nearest(name, names);
		return near === void 0 || near in fromFiles ? [] : [`${source}: the spec has no variable "${name}"; did you mean "${near}"?`];
	});
}
/** Returns warnings about the image and the secrets of this run, if a spec of the repository does not use them. */
function unused(job, { spec, image, tags = [], imageVariables = {}, secretsTemplate, secretsRelease }) {
	const text = JSON.stringify(job);
	const holds = (value) => text.includes(JSON.stringify(value).slice(1, -1));
	const pushed = new Set(tags.map(fullName));
	const digest = parseReference(image)?.digest;
	const isSame = (word) => {
		const found = digest === void 0 ? void 0 : parseReference(word);
		return found !== void 0 && (found.digest === digest || found.tag === digestTag(digest ?? ""));
	};
	const runs = holds(image) || imagesIn$1(job).some((word) => pushed.has(fullName(word)) || isSame(word));
	const named = Object.keys(imageVariables).find((name) => spec.text.includes(name));
	const how = spec.template ? "write" : spec.format === "hcl" ? "declare and use" : "make it a template (.hbs) and write";
	const isRead = ({ item, release }) => holds(item) || holds(`${item.slice(0, -release.length)}${secretsRelease}`);
	const names = spec.template || spec.format !== "hcl" ? ["{{json image}}", "{{json secretsTemplate}}"] : ["var.image", "var.SECRETS_TEMPLATE"];
	return [...image === "" || runs ? [] : [`${spec.name} does not run ${image}: ${named === void 0 ? `${how} ${names[0]}` : `no task has an image that is made of ${named}`}`], ...secretsTemplate === "" || holds(secretsTemplate) || itemsRead(secretsTemplate).some(isRead) ? [] : [`no task of ${spec.name} gets the secrets: ${how} ${names[1]}`]];
}
/** Returns the texts of a job that may be names of images, without the `docker://` of some drivers. */
function imagesIn$1(job) {
	return textsIn(job).map((text) => text.replace(/^docker:\/\//, ""));
}
/** Returns the full name of an image with registry and tag, as Docker completes it; undefined for any other text. */
function fullName(text) {
	const found = parseReference(text);
	return found && `${completeName(found)}:${found.tag ?? "latest"}`;
}
/**
* Returns the variables of a spec for `command: render`: those that the spec declares. A template declares none, so it has all that were
* given.
*/
function variableSettings(declared, { values, sources }, { vars, sources: given }, { spec, fromFiles }) {
	const own = declared.map(({ name, initial = "" }) => {
		const source = sources[name];
		return source === void 0 ? {
			name,
			value: literalText(initial),
			source: "default"
		} : {
			name,
			value: textOf(values[name]),
			source
		};
	});
	if (spec.builtIn || !spec.template) return own;
	const others = {
		...Object.fromEntries(Object.entries(fromFiles).map(([name, { value, source }]) => [name, {
			name,
			value: textOf(value),
			source
		}])),
		...Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, {
			name,
			value,
			source: given.vars[name] ?? ""
		}]))
	};
	return [...own, ...Object.values(others).filter(({ name }) => !declared.some((variable) => variable.name === name))];
}
/** Returns a literal as people write it; any other expression as it is. */
function literalText(written) {
	try {
		return textOf(parseLiteral(written));
	} catch {
		return written;
	}
}
function textOf(value) {
	return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
// src/jobspec/image-variables.ts
/** Returns the values of the variables: the parts of a reference, final or provisional. */
function imageValues({ plan, inputs }, reference) {
	const { name = reference, tag, digest = "" } = parseReference(reference) ?? {};
	const asked = plan.kind === "existing" ? parseReference(plan.reference) : void 0;
	const given = asked !== void 0 && asked.digest === void 0 ? asked.tag ?? "latest" : digestTag(digest);
	const parts = {
		image: reference,
		name,
		tag: tag ?? given,
		digest
	};
	return Object.fromEntries(Object.entries(inputs.imageVariables).map(([variable, part]) => [variable, parts[part]]));
}
/**
* Refuses variables that no spec declares, because the image would be built and never run. A template declares a variable by using it.
* Throws `input-invalid` with the names that are declared.
*/
function requireDeclared(variables, source, specs) {
	const declared = specs.flatMap(({ text, format, fragments }) => format === "hcl" ? [text, ...Object.values(fragments).map((file) => file.text)].flatMap(declaredVariables).map(({ name }) => name) : []);
	const used = specs.flatMap(({ template, text }) => template ? [...text.matchAll(/\bvars\.\[?([\w-]+)/g)].map(([, name = ""]) => name) : []);
	const known = [.../* @__PURE__ */ new Set([...declared, ...used])];
	const missing = Object.keys(variables).filter((name) => !known.includes(name));
	const [first] = missing;
	if (first === void 0) return;
	const near = nearest(first, known);
	const location = sourceLocation(source);
	const who = specs.map(({ name }) => name).join(", ");
	throw new ActionError("input-invalid", `${location === void 0 ? "" : `${source}: `}\`image-variables\`: ${who} ${specs.length > 1 ? "declare" : "declares"} no variable ${missing.join(", ")}${near === void 0 ? "" : `; did you mean \`${near}\`?`}`, {
		hint: specs.every(({ builtIn }) => builtIn) ? "The built-in template runs the image without `image-variables`: remove the input, or name your own spec in `job`." : known.length === 0 ? "Declare the variable, such as `variable \"image_tag\" { type = string }`. A job in JSON or YAML has no variables." : `Declared: ${known.sort().join(", ")}.`,
		...location === void 0 ? {} : { location }
	});
}
/** Refuses a variable that takes two images. Throws `input-invalid`. */
function requireOneEach(asked) {
	const owners = /* @__PURE__ */ new Map();
	for (const { name = "", inputs } of asked) for (const variable of Object.keys(inputs.imageVariables)) {
		const other = owners.get(variable);
		if (other !== void 0) throw new ActionError("input-invalid", `\`image-variables\`: ${variable} would take the image ${other} and the image ${name}`, { hint: "Give each of `images` its own `image-variables` in the configuration file." });
		owners.set(variable, name);
	}
}
/** Returns the images of a rendering: `own` are those of its app, `images` the references by name. */
function imagesOf(own, asked, images) {
	return {
		image: imageOf(own, images),
		images: namedImages(asked, images),
		imageVariables: Object.fromEntries(own.flatMap((one) => Object.entries(imageValues(one, images[keyOf$1(one)] ?? ""))))
	};
}
// src/jobspec/locate.ts
/**
* Returns the place of a cause in the user's files: file and line, or only the file if the line is unknown; undefined for the built-in
* template, unless a fragment has the place. Reads HCL, and the HCL around the tags of a template, but no job objects.
*/
function specLocation(about, spec) {
	const fragments = ["group", "job"].flatMap((kind) => {
		const file = spec.fragments[kind];
		return file === void 0 ? [] : [{
			file,
			kind
		}];
	});
	for (const { file, kind } of fragments) {
		const spot = locate(about, scopeOf(about, readBlocks(file.text), kind), kind);
		if (spot !== void 0) return at(file, spot);
	}
	if (spec.builtIn) return void 0;
	if (spec.format !== "hcl") return { file: spec.name };
	const spot = locate(about, scopeOf(about, readBlocks(spec.template ? withoutHandlebars(spec.text) : spec.text), "file"), "file");
	return spot === void 0 ? { file: spec.name } : at(spec, spot);
}
function at({ name, text }, spot) {
	return {
		file: name,
		line: linesOf$1(text)(spot.at).line
	};
}
/** Replaces the tags with blanks, so that the text around them keeps its place. */
function withoutHandlebars(text) {
	const end = text.lastIndexOf("}}") + 2;
	return text.slice(0, end).replace(/\{\{[\s\S]*?\}\}/g, (tag) => tag.replace(/[^\n]/g, " ")) + text.slice(end);
}
/** Returns the blocks around a cause. A fragment is the inside of a job or of a group. */
function scopeOf({ group, task }, root, kind) {
	const job = kind === "file" ? root.blocks.find(({ type }) => type === "job") : kind === "job" ? root : void 0;
	const inGroup = kind === "group" ? root : job && named(job, "group", group);
	return {
		job,
		group: inGroup,
		task: (inGroup && named(inGroup, "task", task)) ?? (task === void 0 || inGroup !== void 0 ? void 0 : job && named(job, "task", task))
	};
}
/** Returns the block of that name, or the only block if its label is an expression. */
function named(parent, type, name) {
	const all = blocks$1(parent, type);
	const found = all.find(({ labels }) => labels[0] === name);
	if (found !== void 0 || name === void 0 || all.length !== 1) return found;
	return /^\s*$|\$\{|var\.|local\./.test(all[0]?.labels[0] ?? "") ? all[0] : void 0;
}
const attribute$1 = (block, ...names) => {
	for (const name of names) {
		const found = block?.attributes.find((one) => one.name === name);
		if (found !== void 0) return found;
	}
};
/** Returns the blocks of a type, including those that a `dynamic` block makes. */
const blocks$1 = (parent, type) => parent?.blocks.flatMap((block) => {
	if (block.type === type) return [block];
	const content = block.type === "dynamic" && block.labels[0] === type ? block.blocks.find((one) => one.type === "content") : void 0;
	if (content === void 0) return [];
	const label = /"([^"]*)"/.exec(block.attributes.find(({ name }) => name === "labels")?.text ?? "")?.[1] ?? "";
	return [{
		...content,
		type,
		labels: [label]
	}];
}) ?? [];
const block = (parent, type) => blocks$1(parent, type)[0];
/** Returns the block that contains a text, or the only block. */
function holding(all, text) {
	return (text === void 0 ? void 0 : all.find((one) => one.text.includes(text))) ?? (all.length === 1 ? all[0] : void 0);
}
function locate({ kind, name }, { task, group, job }, file) {
	const config = block(task, "config");
	const resources = block(task, "resources");
	const networks = [...blocks$1(group, "network"), ...blocks$1(resources, "network")];
	const own = [...blocks$1(task, "service"), ...blocks$1(group, "service")];
	const services = own.length > 0 ? own : blocks$1(group, "task").flatMap((one) => blocks$1(one, "service"));
	const update = (key) => attribute$1(block(group, "update"), key) ?? attribute$1(block(job, "update"), key) ?? block(group, "update") ?? block(job, "update");
	const inFile = (spot) => file === "file" ? spot : void 0;
	switch (kind) {
		case "image": return attribute$1(config, "image") ?? inFile(config ?? task);
		case "command": return attribute$1(config, "command", "entrypoint", "jar_path", "class", "args", "image") ?? inFile(config ?? task);
		case "config": return (name === void 0 ? void 0 : attribute$1(config, name) ?? block(config, name) ?? holding(blocks$1(config, "mount"), name)) ?? config ?? inFile(task);
		case "user": return attribute$1(task, kind) ?? inFile(task);
		case "driver": return driver(name, task === void 0 ? blocks$1(group, "task") : [task]) ?? inFile(task ?? group);
		case "memory": return attribute$1(resources, "memory") ?? perTask(group, "memory") ?? inFile(resources ?? task ?? group);
		case "cpu": return attribute$1(resources, "cpu", "cores") ?? perTask(group, "cpu", "cores") ?? inFile(resources ?? task ?? group);
		case "device": return block(resources, "device") ?? blocks$1(group, "task").flatMap((one) => blocks$1(block(one, "resources"), "device"))[0] ?? inFile(group);
		case "disk": return attribute$1(block(group, "ephemeral_disk"), "size") ?? block(group, "ephemeral_disk") ?? inFile(group);
		case "port": return port(name, networks, config, own) ?? inFile(networks[0] ?? group);
		case "network": return attribute$1(networks[0], "mode") ?? networks[0] ?? inFile(group);
		case "constraint": return holding([
			task,
			group,
			job,
			...blocks$1(group, "task")
		].flatMap((one) => blocks$1(one, "constraint")), name) ?? inFile(group);
		case "max_run_duration": return attribute$1(group, kind) ?? inFile(group);
		case "count": return attribute$1(group, kind) ?? attribute$1(block(group, "scaling"), "max") ?? inFile(group);
		case "periodic": return block(job, kind) ?? inFile(job);
		case "datacenters":
		case "namespace":
		case "node_pool":
		case "type": return attribute$1(job, kind) ?? inFile(job);
		case "volume": return holding(blocks$1(group, "volume"), name) ?? inFile(group);
		case "template": return holding(blocks$1(task, "template"), name) ?? blocks$1(task, "template")[0] ?? inFile(task);
		case "artifact": return holding(blocks$1(task, "artifact"), name) ?? blocks$1(task, "artifact")[0] ?? inFile(task);
		case "secret": {
			const all = task === void 0 ? blocks$1(group, "task").flatMap((one) => blocks$1(one, "secret")) : blocks$1(task, "secret");
			return all.find(({ labels }) => labels[0] === name) ?? all[0] ?? inFile(task ?? group);
		}
		case "vault": return block(task, "vault") ?? block(group, "vault") ?? block(job, "vault") ?? inFile(task);
		case "service": return services[0] ?? inFile(group);
		case "check": return check(name, services) ?? inFile(services[0] ?? task ?? group);
		case "healthy_deadline":
		case "progress_deadline":
		case "health_check": return update(kind) ?? inFile(task ?? group);
		case "block": return within([
			task,
			group,
			job
		], name ?? "") ?? inFile(task ?? group ?? job);
		case "task": return task ?? inFile(group);
		case "group": return inFile(group);
		case "none": return;
	}
}
/** Returns the first block of a type at any depth in the first of the scopes that has one. */
function within(scopes, type) {
	for (const scope of scopes) {
		const found = block(scope, type) ?? within(scope?.blocks ?? [], type);
		if (found !== void 0) return found;
	}
}
/** Returns the driver of that name among the tasks, else the first driver. */
function driver(name, tasks) {
	const drivers = tasks.flatMap((one) => one.attributes.filter((own) => own.name === "driver"));
	return drivers.find(({ text }) => text.includes(`"${name}"`)) ?? drivers[0];
}
/** Returns the check of that name, else the first check. A check without a name has the name of its service. */
function check(name, services) {
	const checks = services.flatMap((one) => blocks$1(one, "check"));
	const quoted = `"${name}"`;
	const ofService = services.filter(({ text }) => text.includes(quoted)).flatMap((one) => blocks$1(one, "check"));
	return checks.find(({ text }) => text.includes(quoted)) ?? ofService[0] ?? checks[0];
}
/** Returns an attribute of the resources of the group's tasks: the first that has it. */
function perTask(group, ...names) {
	return blocks$1(group, "task").flatMap((one) => attribute$1(block(one, "resources"), ...names) ?? [])[0];
}
/** Returns a port by its label or number; for a label that no network has, the place that uses it. */
function port(name, networks, config, services) {
	const ports = networks.flatMap((network) => blocks$1(network, "port"));
	const declared = ports.find(({ labels }) => labels[0] === name) ?? (/^\d+$/.test(name ?? "") ? holding(ports, name) : void 0);
	if (declared !== void 0) return attribute$1(declared, "static") ?? declared;
	const quoted = `"${name}"`;
	const used = [...config?.attributes.filter((one) => one.name === "ports") ?? [], ...services.flatMap((one) => one.attributes.filter((own) => own.name === "port"))];
	return used.find(({ text }) => text.includes(quoted)) ?? used[0];
}
// src/jobspec/provisional.ts
const ZEROS = "0".repeat(64);
/**
* Returns the reference that a job is rendered with before its image is known: the final form, with a digest of zeros, so that a spec can
* split it. A job with such a reference is never registered.
*/
function provisionalImage(asked) {
	const { plan, inputs } = asked;
	if (plan.kind === "existing" && !isProvisional(asked)) return plan.reference;
	const known = plan.kind === "existing" ? plan.reference : inputs.push ? plan.name : plan.tags[0] ?? plan.name;
	return `${repositoryOf(known)}${inputs.push ? "@sha256:" : ":sha256-"}${ZEROS}`;
}
/**
* Returns the references of a run's images to render a job with, in the order of preference. People read a plan, so an existing image has
* the name that the workflow gives it, and a digest of zeros only if the spec does not accept that name.
*/
function provisionalImages(all, command) {
	const zeros = all.map(provisionalImage);
	const named = all.map((one) => {
		const { plan, inputs } = one;
		return plan.kind === "existing" && !Object.values(inputs.imageVariables).includes("digest") ? plan.reference : provisionalImage(one);
	});
	return command === "deploy" || isDeepStrictEqual(named, zeros) ? [zeros] : [named, zeros];
}
/** Runs a check with the first references that the spec accepts. Throws the error of the first ones if it accepts none. */
async function firstTaken([first = [], ...others], check) {
	try {
		return await check(first);
	} catch (thrown) {
		if (!(thrown instanceof ActionError && ["jobspec-invalid", "input-invalid"].includes(thrown.code)) || others.length === 0) throw thrown;
		return firstTaken(others, check).catch(() => Promise.reject(thrown));
	}
}
/** Replaces the digest of zeros in a provisional reference with an unpredictable one. */
function unknowable(reference, clock) {
	return reference.replace(/0{64}$/, () => randomHex(clock, 64));
}
/** Returns whether the digest of an image is unknown until the image is built or looked up. */
function isProvisional({ plan }) {
	return plan.kind === "build" || parseReference(plan.reference)?.digest === void 0;
}
/** Replaces digests of zeros with words, also where a digest was cut. */
function withoutZeros(text) {
	return text.replace(/(?<=sha256[:-]|digest-)0{12,64}…?(?![0-9a-f])|(?<![0-9a-f])0{64}(?![0-9a-f])/g, "(known at the deploy)");
}
/**
* Throws `jobspec-invalid` for a job whose id or namespace is made of a provisional image: the registered job would be another one than the
* checked job.
*/
function requireFinalId({ job: { ID }, namespace }, specName) {
	if (/0{7}/.test(`${ID} ${namespace}`)) throw dependentId(specName);
}
/** Throws `jobspec-invalid` for a job that has another id or namespace with its final image than in its draft. */
function requireSameId(rendered, draft, specName) {
	if (rendered.job.ID !== draft.job.ID || rendered.namespace !== draft.namespace) throw dependentId(specName);
}
function dependentId(specName) {
	return new ActionError("jobspec-invalid", `${specName}: the id and the namespace of the job depend on its image, whose digest is not known yet`, { hint: "Nothing was registered. Use the commit (`CI_COMMIT_SHORT_SHA`) for the id and the namespace, or deploy an image by its digest." });
}
// src/jobspec/consul-keys.ts
/** Matches a call in a template that reads keys of Consul, up to the end of its first argument. */
const CALL = /\b(?:key|keyOrDefault|keyExists|keyExistsGet|ls|safeLs|tree|safeTree)\s+(?:\$\{[^{}\n]{0,80}\}|\$(?!\{)|[^{}\n|$]){0,200}/g;
/**
* Returns warnings about templates that read the Consul key of the job, in the spec and in each file that adds to it. The system that users
* come from wrote the secrets there, and this action does not: such a template waits for the key forever, or reads outdated values.
*/
function unwrittenKeys(spec, jobId) {
	const names = [
		"NOMAD_VAR_SLUG",
		"\\$\\{\\s*var\\.SLUG\\s*\\}",
		"env\\s+\\\\?\"NOMAD_JOB_(?:NAME|ID)\\\\?\"",
		`(?<=\\\\?")${jobId.replace(/[^\w-]/g, "\\$&")}(?=\\\\?")`
	];
	const own = new RegExp(names.join("|"));
	return [...spec.builtIn ? [] : [spec], ...Object.values(spec.fragments)].flatMap((file) => {
		const place = linesOf$1(file.text);
		const lines = (spec.format === "hcl" ? attributesOf(readBlocks(file.text)) : [{
			at: 0,
			text: file.text
		}]).flatMap(({ at, text }) => [...text.matchAll(CALL)].flatMap((call) => own.test(call[0].replaceAll("\\\"", "\"")) ? [place(at + call.index).line] : []));
		return [...new Set(lines)].map((line) => `${file.name}:${line}: the template reads the Consul key of the job, which no deploy writes any more. For the secrets, write \`data = var.SECRETS_TEMPLATE\` and \`env = true\`${file === spec ? ", and declare `variable \"SECRETS_TEMPLATE\" { type = string }`" : ""} (docs/migrating-from-internetarchive.md#secrets)`);
	});
}
/** Returns all attributes of a file. Comments are not attributes. */
function attributesOf({ attributes, blocks }) {
	return [...attributes, ...blocks.flatMap(attributesOf)];
}
// src/jobspec/foreign.ts
/** Matches the brackets of Levant and nomad-pack. `[[ -f x ]]` belongs to a shell. */
const BRACKETS = /\[\[-?\s*(?:\.[A-Za-z_]|(?:env|var|template|consulKey\w*|timeNow\w*|fileContents\w*|loop|if|range|with|else|end|define)\b(?!\s*=))[^\]\n]{0,300}\]\]/g;
/**
* Refuses a text with `[[ … ]]` outside of comments, which another program had to render. Throws `jobspec-invalid` with the file and line
* of each.
*/
function refuseBrackets({ text, locate }) {
	if (/left_?delim(?:iter)?"?\s*[=:]\s*["']?\[\[/i.test(text)) return;
	const place = linesOf$1(text);
	refuse([...withoutComments(text).matchAll(BRACKETS)].filter(({ index }) => locate(place(index).line) !== void 0).map(({ 0: words, index }) => ({
		at: index,
		text: `${words} is a template of Levant or nomad-pack, which Nomad does not render`
	})), text, locate, "Declare a variable and write `var.NAME`, or render the file first (docs/migrating-from-levant.md).");
}
/** Matches placeholders of other programs. None can be a part of a plain field or of an image's name. */
const PLACEHOLDER = /\{\{|\[\[|<%|<[A-Za-z_][\w ]*>|\$[A-Za-z_]\w*|%[A-Z_]\w*%|@[A-Z_]\w*@|__[A-Z]\w*__/;
/**
* Refuses a job with `${…}` in a field that Nomad does not interpolate, such as `driver` or `datacenters`: the value would match nothing.
* Refuses placeholders there, too, such as `$REGION` or `{{ region }}`. Throws `jobspec-invalid` with the file and line of each that is
* found in the text.
*/
function refuseWords(job, { text, locate }) {
	const attributes = all(readBlocks(text));
	const problems = plainFields(job).flatMap(([field, value]) => {
		const word = /\$\{([^}]{0,200})\}/.exec(value)?.[1]?.trim();
		if (word === void 0 && !PLACEHOLDER.test(value)) return [];
		const { at, quoted } = placeOf$1(attributes, text, field, word ?? value);
		const advice = quoted ? "write the value itself, or `var.NAME`" : `write "${word}", with quotes`;
		const why = word === void 0 ? "is a placeholder of another program" : "Nomad does not interpolate";
		return [{
			at,
			text: `\`${field}\` is ${JSON.stringify(value)}, which ${why}: ${advice}`
		}];
	});
	refuse(problems, text, locate, problems.some(({ text: words }) => words.includes("interpolate")) ? "Nomad reads a word without quotes as the name of a value that is known when the task starts." : "Render the file first, or declare a variable.");
}
/** The drivers whose tasks do not see the environment of the node. */
const OF_CONTAINERS = ["docker", "podman"];
/** Matches `${…}` with a name in it. A second dollar escapes it. */
const WORD = /(?<!\$)\$\{\s*([A-Za-z_][\w.-]*)\s*\}/g;
/** Matches a text that a node reads as a directive of HCL's templates, although HCL has no such directive. */
const DIRECTIVE = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)[^}\n]{0,40}\}?/;
/**
* Refuses a finished job whose id or image is a placeholder, and one whose containers are configured by `${NAME}` of a variable that the
* task does not have: no node can start such a task. `isSecret` tells whether a secret may give the name. Throws `jobspec-invalid` with the
* file and line of each that is found in the text.
*/
function refuseUnknownWords(job, { text, locate }, isSecret) {
	const attributes = all(readBlocks(text));
	const replaced = "which is a placeholder of another program";
	const isOpen = (value) => PLACEHOLDER.test(value.replace(/\$\{[^}]{0,200}\}/g, ""));
	const id = PLACEHOLDER.test(job.ID) || job.ID.includes("${") ? [{
		at: text.indexOf(job.ID),
		text: `the id of the job is ${JSON.stringify(job.ID)}, ${replaced}: set the input \`job-name\``
	}] : [];
	const containers = allTasks(job).filter(({ Driver }) => OF_CONTAINERS.includes(Driver));
	const images = containers.flatMap(({ Config }) => {
		const image = Config?.["image"];
		if (typeof image !== "string" || !isOpen(image)) return [];
		const { at } = placeOf$1(attributes, text, "image", image);
		return [{
			at,
			text: `\`image\` is ${JSON.stringify(image)}, ${replaced}: write the image itself, or \`var.NAME\``
		}];
	});
	const words = unknownWords(containers, attributes, text).filter(({ word }) => !isSecret(word)).map(({ task, field, word, at, quoted }) => {
		const given = namesSecret(word) ? "give it as a secret (docs/secrets.md)" : `declare a variable and write \${var.NAME}, or set ${word} in the task's \`env\``;
		return {
			at,
			text: `\`${field}\` of the task ${task} has \${${word}}, and the task has no variable of that name: ${quoted ? given : `write "${word}", with quotes`}`
		};
	});
	const directives = allTasks(job).flatMap(({ Name, Config }) => leaves(Config, "").flatMap(([field, value]) => {
		const found = DIRECTIVE.exec(value)?.[0];
		if (found === void 0) return [];
		const { at } = placeOf$1(attributes, text, field, found);
		return [{
			at,
			text: `\`${field}\` of the task ${Name} has ${found}, which the node reads as a directive of HCL: write \`${/^\s*\{/.test(text) ? "%%{" : "%%%{"}\` for a \`%{\``
		}];
	}));
	const hint = `Write \`${escaped(text)}\` for a \`\${NAME}\` of the task's own shell.`;
	refuse([
		...id,
		...images,
		...words,
		...directives
	], text, locate, words.length === 0 ? "Render the file first, or declare a variable." : hint);
}
/**
* Returns warnings about names in the configuration of other tasks that only the environment of the node can provide: without them the task
* does not start.
*/
function nodeWords(job, { text, locate }) {
	const place = linesOf$1(text);
	return unknownWords(allTasks(job).filter(({ Driver }) => !OF_CONTAINERS.includes(Driver)), all(readBlocks(text)), text).flatMap(({ task, field, word, at, quoted }) => {
		const own = at < 0 ? void 0 : locate(place(at).line);
		if (own === void 0 || !quoted || /^(HOME|LANG|LOGNAME|PATH|PWD|SHELL|TMPDIR|USER)$/.test(word)) return [];
		return [`${own.file}:${own.line}: \`${field}\` of the task ${task} has \${${word}}, which only the environment of the node can provide; for the task's own shell, write \`${escaped(text).replace("NAME", word)}\``];
	});
}
function allTasks(job) {
	return (job.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
}
/**
* Returns the form of a `${NAME}` for the task itself in a driver's config, which is read twice: as HCL by the parser, and as a template by
* the node.
*/
function escaped(text) {
	return /^\s*\{/.test(text) ? "$${NAME}" : "$$${NAME}";
}
/** Returns the names in `${…}` in the configuration of tasks that nothing in the spec defines. */
function unknownWords(tasks, attributes, text) {
	return tasks.flatMap((task) => leaves(task.Config, "").flatMap(([field, value]) => [...value.matchAll(WORD)].flatMap(([, word = ""]) => mayBeKnown(word, task) ? [] : [{
		task: task.Name,
		field,
		word,
		...placeOf$1(attributes, text, field, word)
	}])));
}
/** Returns whether a task may have a variable of this name when it starts. */
function mayBeKnown(word, { Env, Templates, Resources, CSIPluginConfig }) {
	const own = Object.keys(Env ?? {});
	if (CSIPluginConfig || (Resources?.Devices ?? []).length > 0 || (Templates ?? []).some(({ Envvars }) => Envvars === true)) return true;
	if (/^(NOMAD|CONSUL|VAULT)_|^(attr|node|meta|device|env|secret)\./.test(word)) return true;
	return own.some((name) => name === word || name.includes("${") || name.startsWith(`${word.split(".")[0]}.`));
}
/**
* Returns the texts within a value, each with its key. Skips a `dynamic` block of a config, which Nomad leaves as it is: its names are
* those of its loop.
*/
function leaves(value, key) {
	if (typeof value === "string") return [[key, value]];
	if (typeof value !== "object" || value === null) return [];
	return Array.isArray(value) ? value.flatMap((one) => leaves(one, key)) : Object.entries(value).flatMap(([name, one]) => name === "dynamic" ? [] : leaves(one, name));
}
/** Returns the offset of a word in the value of a field, else anywhere in the text (-1 if nowhere), and whether it is in quotes there. */
function placeOf$1(attributes, text, field, word) {
	const own = attributes.filter(({ name }) => name === field);
	const found = own.find((one) => one.text.includes(word)) ?? own[0];
	if (found === void 0) return {
		at: text.indexOf(JSON.stringify(word).slice(1, -1)),
		quoted: true
	};
	const bare = found.text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => " ".repeat(quoted.length));
	const without = new RegExp(`(?<![\\w.-])${word.replace(/[^\w]/g, "\\$&")}(?![\\w.-])`).exec(bare.replace(/^[\w"]+/, (name) => " ".repeat(name.length)));
	return {
		at: found.at + (without?.index ?? Math.max(0, found.text.indexOf(word))),
		quoted: without === null
	};
}
/**
* Returns warnings about other attributes whose value is a word without quotes. Each is right only if the task has a variable of that name.
*/
function bareWords({ text, locate }) {
	const known = /* @__PURE__ */ new Set([
		"true",
		"false",
		"null"
	]);
	const found = [];
	const walk = ({ type, attributes, blocks }, fromTemplates = false) => {
		for (const { name, text: written, at } of attributes) {
			if (type === "env") known.add(name);
			if (type !== "variable" && name !== "iterator") found.push(...wordsOf$1(written).filter((word) => !fromTemplates || /[a-z]/.test(word)).map((word) => ({
				name,
				word,
				at
			})));
		}
		const templated = blocks.some((block) => block.type === "template" && block.attributes.some(({ text: own }) => /^env\s*=\s*true/.test(own)));
		for (const block of blocks) walk(block, fromTemplates || templated);
	};
	walk(readBlocks(text));
	const place = linesOf$1(text);
	return found.filter(({ word }) => !known.has(word) && !word.startsWith("NOMAD_")).flatMap(({ name, word, at }) => {
		const own = locate(place(at).line);
		return own === void 0 ? [] : [`${own.file}:${own.line}: \`${name} = ${word}\` has no quotes: Nomad reads the word as \${${word}}`];
	});
}
/** Returns the words without quotes that are the value of an attribute or items of its list; none for any other expression. */
function wordsOf$1(attribute) {
	const written = withoutComments(attribute).replace(/^"?[\w-]+"?\s*=\s*/, "").trim();
	const list = /^\[([^[\]{}()?]*)\]$/.exec(written.replace(/"(?:[^"\\]|\\.)*"/g, "\"\""))?.[1];
	return (list === void 0 ? [written] : list.split(",")).map((one) => one.trim()).filter((one) => /^[A-Za-z_][\w-]*$/.test(one));
}
/**
* The fields that Nomad does not interpolate, by their paths in a job and their names in HCL. The path goes through lists; `*` is any key
* of a map.
*/
const PLAIN$1 = [
	["Region", "region"],
	["Namespace", "namespace"],
	["Type", "type"],
	["NodePool", "node_pool"],
	["Datacenters", "datacenters"],
	["Update.HealthCheck", "health_check"],
	["TaskGroups.Name", "group"],
	["TaskGroups.Update.HealthCheck", "health_check"],
	["TaskGroups.RestartPolicy.Mode", "mode"],
	["TaskGroups.Consul.Namespace", "namespace"],
	["TaskGroups.Networks.Mode", "mode"],
	["TaskGroups.Networks.DynamicPorts.HostNetwork", "host_network"],
	["TaskGroups.Networks.ReservedPorts.HostNetwork", "host_network"],
	["TaskGroups.Volumes.*.Type", "type"],
	["TaskGroups.Volumes.*.Source", "source"],
	["TaskGroups.Volumes.*.AccessMode", "access_mode"],
	["TaskGroups.Volumes.*.AttachmentMode", "attachment_mode"],
	["TaskGroups.Tasks.Name", "task"],
	["TaskGroups.Tasks.Driver", "driver"],
	["TaskGroups.Tasks.User", "user"],
	["TaskGroups.Tasks.KillSignal", "kill_signal"],
	["TaskGroups.Tasks.RestartPolicy.Mode", "mode"],
	["TaskGroups.Tasks.Lifecycle.Hook", "hook"],
	["TaskGroups.Tasks.DispatchPayload.File", "file"],
	["TaskGroups.Tasks.Artifacts.GetterMode", "mode"],
	["TaskGroups.Tasks.Templates.ChangeMode", "change_mode"],
	["TaskGroups.Tasks.Templates.ChangeSignal", "change_signal"],
	["TaskGroups.Tasks.Vault.Role", "role"],
	["TaskGroups.Tasks.Vault.Policies", "policies"],
	["TaskGroups.Tasks.Vault.Namespace", "namespace"],
	["TaskGroups.Tasks.Vault.Cluster", "cluster"],
	["TaskGroups.Tasks.CSIPluginConfig.ID", "id"],
	...["TaskGroups", "TaskGroups.Tasks"].flatMap((owner) => [
		[`${owner}.Services.Provider`, "provider"],
		[`${owner}.Services.AddressMode`, "address_mode"],
		[`${owner}.Services.OnUpdate`, "on_update"],
		[`${owner}.Services.Checks.AddressMode`, "address_mode"],
		[`${owner}.Services.Checks.OnUpdate`, "on_update"]
	])
];
function plainFields(job) {
	return PLAIN$1.flatMap(([path, field]) => valuesAt(job, path.split(".")).map((value) => [field, value]));
}
function valuesAt(value, [key, ...rest]) {
	if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, key === void 0 ? [] : [key, ...rest]));
	if (key === void 0) return typeof value === "string" ? [value] : [];
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).filter(([name]) => key === "*" || name === key).flatMap(([, one]) => valuesAt(one, rest));
}
function all({ attributes, blocks }) {
	return [...attributes, ...blocks.flatMap(all)];
}
function refuse(problems, text, locate, hint) {
	if (problems.length === 0) return;
	const place = linesOf$1(text);
	const told = problems.filter((one, i) => problems.findIndex(({ at, text: words }) => at === one.at && words === one.text) === i).map(({ at, text: words }) => {
		const location = at < 0 ? void 0 : locate(place(at).line);
		return {
			text: `${location === void 0 ? "" : `${location.file}:${location.line}: `}${words}`,
			location
		};
	});
	const location = told.find((one) => one.location !== void 0)?.location;
	throw new ActionError("jobspec-invalid", told.map((one) => one.text).join("\n"), {
		hint,
		...location === void 0 ? {} : { location }
	});
}
// src/jobspec/fragments.ts
/** Joins parts line by line. */
function compose(parts) {
	const whole = parts.map((part) => ({
		...part,
		text: part.text === "" || part.text.endsWith("\n") ? part.text : `${part.text}\n`
	}));
	return {
		text: whole.map(({ text }) => text).join(""),
		locate: (line) => {
			let first = 1;
			for (const { text, from } of whole) {
				const lines = text.split("\n").length - 1;
				if (line < first + lines) return from && {
					file: from.file,
					line: from.lines?.[line - first] ?? from.line + line - first
				};
				first += lines;
			}
		}
	};
}
/** The markers of a project.nomad for the places of the other files. */
const MARKERS = {
	vars: "VARS.NOMAD--INSERTS-HERE",
	job: "JOB.NOMAD--INSERTS-HERE",
	group: "GROUP.NOMAD--INSERTS-HERE"
};
/**
* Inserts the fragments below the lines with their markers, and returns the fragments without a marker in `left`. `lines` are the origins
* of the lines of a rendered text; empty for a text as it was written.
*/
function insertAtMarkers(file, fragments) {
	const parts = [];
	const left = new Set(Object.keys(MARKERS).filter((kind) => kind in fragments));
	let first = 1;
	let collected = [];
	const flush = () => {
		const lines = file.lines.slice(first - 1, first - 1 + collected.length);
		const from = {
			file: file.name,
			line: first,
			...lines.length === 0 ? {} : { lines }
		};
		if (collected.length > 0) parts.push({
			text: `${collected.join("\n")}\n`,
			from
		});
		first += collected.length;
		collected = [];
	};
	for (const line of file.text.replace(/\n$/, "").split("\n")) {
		collected.push(line);
		for (const kind of [...left]) {
			const fragment = fragments[kind];
			if (fragment === void 0 || !line.includes(MARKERS[kind])) continue;
			flush();
			parts.push({
				text: fragment.text,
				from: {
					file: fragment.name,
					line: 1
				}
			});
			left.delete(kind);
		}
	}
	flush();
	return {
		parts,
		left: [...left]
	};
}
/**
* Lays a job over another one, field by field. Named parts (groups, tasks, services, ports …) are matched by name, and new ones are added.
* Lists without names (constraints, templates, artifacts) are appended; lists of plain values are replaced.
*/
function overlay(base, over) {
	const { ID: _id, Name: _name, ...rest } = over;
	return {
		...base,
		...mergeFields(base, rest)
	};
}
/** Lays a group over the group of the same name. */
function overlayGroup(base, group) {
	return {
		...base,
		TaskGroups: (base.TaskGroups ?? []).map((own) => own.Name === group.Name ? {
			...own,
			...mergeFields(own, group)
		} : own)
	};
}
/**
* The parts in which the parser writes zeros for fields that are not set. Elsewhere such a field is null, and a zero was written in the
* spec.
*/
const WITH_ZEROS = [
	"Tasks",
	"Services",
	"Checks",
	"CheckRestart",
	"Networks",
	"DynamicPorts",
	"ReservedPorts"
];
function mergeFields(base, over, zeros = false) {
	const merged = { ...base };
	for (const [key, value] of Object.entries(over)) if (value !== null && value !== void 0 && !(zeros && (value === "" || value === 0 || value === false))) merged[key] = mergeValue(merged[key], value, key);
	return merged;
}
function mergeValue(base, over, key) {
	const zeros = WITH_ZEROS.includes(key);
	if (isFields(base) && isFields(over)) return mergeFields(base, over, zeros);
	if (!Array.isArray(base) || !Array.isArray(over) || !over.every(isFields)) return over;
	const nameOf = (item) => isFields(item) ? item["Name"] ?? item["Label"] : void 0;
	const merged = Array.from(base);
	for (const item of over) {
		const name = nameOf(item);
		const at = key === "Networks" && merged.length > 0 ? 0 : name === void 0 || name === "" ? -1 : merged.findIndex((own) => nameOf(own) === name);
		const own = merged[at];
		if (isFields(own)) merged[at] = mergeFields(own, item, zeros);
		else merged.push(item);
	}
	return merged;
}
function isFields(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !("rawJSON" in value);
}
// src/jobspec/job-fields.ts
/**
* The fields of a job as Nomad's API decodes them (the structs below `api.Job`, with those that older servers know), and what each holds: `text`,
* `number`, `bool`, `any` (kept as it is, such as the values of a driver's `Config`), or the name of another struct; `[]` is a list of them, `{}` a map. Fields are
* added as Nomad gets them: https://pkg.go.dev/github.com/hashicorp/nomad/api#Job
*/
const JOB_FIELDS = {
	Action: {
		Name: "text",
		Command: "text",
		Args: "text[]"
	},
	Affinity: {
		LTarget: "text",
		RTarget: "text",
		Operand: "text",
		Weight: "number"
	},
	CNIConfig: { Args: "text{}" },
	CSIMountOptions: {
		FSType: "text",
		MountFlags: "text[]"
	},
	ChangeScript: {
		Command: "text",
		Args: "text[]",
		Timeout: "number",
		FailOnError: "bool",
		RunOnFirstRender: "bool"
	},
	CheckRestart: {
		Limit: "number",
		Grace: "number",
		IgnoreWarnings: "bool"
	},
	Constraint: {
		LTarget: "text",
		RTarget: "text",
		Operand: "text"
	},
	Consul: {
		Namespace: "text",
		Cluster: "text",
		Partition: "text"
	},
	ConsulConnect: {
		Native: "bool",
		Gateway: "ConsulGateway",
		SidecarService: "ConsulSidecarService",
		SidecarTask: "SidecarTask"
	},
	ConsulExposeConfig: {
		Paths: "ConsulExposePath[]",
		Path: "ConsulExposePath[]"
	},
	ConsulExposePath: {
		Path: "text",
		Protocol: "text",
		LocalPathPort: "number",
		ListenerPort: "text"
	},
	ConsulGateway: {
		Proxy: "ConsulGatewayProxy",
		Ingress: "ConsulIngressConfigEntry",
		Terminating: "ConsulTerminatingConfigEntry",
		Mesh: "ConsulMeshConfigEntry"
	},
	ConsulGatewayBindAddress: {
		Name: "text",
		Address: "text",
		Port: "number"
	},
	ConsulGatewayProxy: {
		ConnectTimeout: "number",
		EnvoyGatewayBindTaggedAddresses: "bool",
		EnvoyGatewayBindAddresses: "ConsulGatewayBindAddress{}",
		EnvoyGatewayNoDefaultBind: "bool",
		EnvoyDNSDiscoveryType: "text",
		Config: "any{}"
	},
	ConsulGatewayTLSConfig: {
		Enabled: "bool",
		TLSMinVersion: "text",
		TLSMaxVersion: "text",
		CipherSuites: "text[]",
		SDS: "ConsulGatewayTLSSDSConfig"
	},
	ConsulGatewayTLSSDSConfig: {
		ClusterName: "text",
		CertResource: "text"
	},
	ConsulHTTPHeaderModifiers: {
		Add: "text{}",
		Set: "text{}",
		Remove: "text[]"
	},
	ConsulIngressConfigEntry: {
		TLS: "ConsulGatewayTLSConfig",
		Listeners: "ConsulIngressListener[]"
	},
	ConsulIngressListener: {
		Port: "number",
		Protocol: "text",
		Services: "ConsulIngressService[]"
	},
	ConsulIngressService: {
		Id: "text",
		Name: "text",
		Hosts: "text[]",
		TLS: "ConsulGatewayTLSConfig",
		RequestHeaders: "ConsulHTTPHeaderModifiers",
		ResponseHeaders: "ConsulHTTPHeaderModifiers",
		MaxConnections: "number",
		MaxPendingRequests: "number",
		MaxConcurrentRequests: "number"
	},
	ConsulLinkedService: {
		Id: "text",
		Name: "text",
		CAFile: "text",
		CertFile: "text",
		KeyFile: "text",
		SNI: "text"
	},
	ConsulMeshConfigEntry: {},
	ConsulMeshGateway: { Mode: "text" },
	ConsulProxy: {
		LocalServiceAddress: "text",
		LocalServicePort: "number",
		Expose: "ConsulExposeConfig",
		ExposeConfig: "ConsulExposeConfig",
		Upstreams: "ConsulUpstream[]",
		TransparentProxy: "ConsulTransparentProxy",
		Config: "any{}"
	},
	ConsulSidecarService: {
		Tags: "text[]",
		Port: "text",
		Proxy: "ConsulProxy",
		DisableDefaultTCPCheck: "bool",
		Meta: "text{}"
	},
	ConsulTerminatingConfigEntry: { Services: "ConsulLinkedService[]" },
	ConsulTransparentProxy: {
		UID: "text",
		OutboundPort: "number",
		ExcludeInboundPorts: "text[]",
		ExcludeOutboundPorts: "number[]",
		ExcludeOutboundCIDRs: "text[]",
		ExcludeUIDs: "text[]",
		NoDNS: "bool"
	},
	ConsulUpstream: {
		DestinationName: "text",
		DestinationNamespace: "text",
		DestinationPeer: "text",
		DestinationPartition: "text",
		DestinationType: "text",
		LocalBindPort: "number",
		Datacenter: "text",
		LocalBindAddress: "text",
		LocalBindSocketPath: "text",
		LocalBindSocketMode: "text",
		MeshGateway: "ConsulMeshGateway",
		Config: "any{}"
	},
	DNSConfig: {
		Servers: "text[]",
		Searches: "text[]",
		Options: "text[]"
	},
	DisconnectStrategy: {
		LostAfter: "number",
		StopOnClientAfter: "number",
		Replace: "bool",
		Reconcile: "text"
	},
	DispatchPayloadConfig: { File: "text" },
	EphemeralDisk: {
		Sticky: "bool",
		Migrate: "bool",
		SizeMB: "number"
	},
	Job: {
		Region: "text",
		Namespace: "text",
		ID: "text",
		Name: "text",
		Type: "text",
		Priority: "number",
		AllAtOnce: "bool",
		Datacenters: "text[]",
		NodePool: "text",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]",
		TaskGroups: "TaskGroup[]",
		Update: "UpdateStrategy",
		Multiregion: "Multiregion",
		Spreads: "Spread[]",
		Periodic: "PeriodicConfig",
		ParameterizedJob: "ParameterizedJobConfig",
		Reschedule: "ReschedulePolicy",
		Migrate: "MigrateStrategy",
		Meta: "text{}",
		UI: "JobUIConfig",
		Stop: "bool",
		ParentID: "text",
		Dispatched: "bool",
		DispatchIdempotencyToken: "text",
		Payload: "text",
		ConsulNamespace: "text",
		ConsulToken: "text",
		VaultNamespace: "text",
		VaultToken: "text",
		NomadTokenID: "text",
		Status: "text",
		StatusDescription: "text",
		Stable: "bool",
		Version: "number",
		SubmitTime: "number",
		CreateIndex: "number",
		ModifyIndex: "number",
		JobModifyIndex: "number",
		VersionTag: "JobVersionTag"
	},
	JobUIConfig: {
		Description: "text",
		Links: "JobUILink[]"
	},
	JobUILink: {
		Label: "text",
		URL: "text"
	},
	JobVersionTag: {
		Name: "text",
		Description: "text",
		TaggedTime: "number"
	},
	LogConfig: {
		MaxFiles: "number",
		MaxFileSizeMB: "number",
		Enabled: "bool",
		Disabled: "bool"
	},
	MigrateStrategy: {
		MaxParallel: "number",
		HealthCheck: "text",
		MinHealthyTime: "number",
		HealthyDeadline: "number"
	},
	Multiregion: {
		Strategy: "MultiregionStrategy",
		Regions: "MultiregionRegion[]"
	},
	MultiregionRegion: {
		Name: "text",
		Count: "number",
		Datacenters: "text[]",
		NodePool: "text",
		Meta: "text{}"
	},
	MultiregionStrategy: {
		MaxParallel: "number",
		OnFailure: "text"
	},
	NUMAResource: {
		Affinity: "text",
		Devices: "text[]"
	},
	NetworkResource: {
		Mode: "text",
		Device: "text",
		CIDR: "text",
		IP: "text",
		DNS: "DNSConfig",
		ReservedPorts: "Port[]",
		DynamicPorts: "Port[]",
		Hostname: "text",
		MBits: "number",
		CNI: "CNIConfig"
	},
	ParameterizedJobConfig: {
		Payload: "text",
		MetaRequired: "text[]",
		MetaOptional: "text[]"
	},
	PeriodicConfig: {
		Enabled: "bool",
		Spec: "text",
		Specs: "text[]",
		SpecType: "text",
		ProhibitOverlap: "bool",
		TimeZone: "text"
	},
	Port: {
		Label: "text",
		Value: "number",
		To: "number",
		HostNetwork: "text",
		IgnoreCollision: "bool"
	},
	RequestedDevice: {
		Name: "text",
		Count: "number",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]"
	},
	ReschedulePolicy: {
		Attempts: "number",
		Interval: "number",
		Delay: "number",
		DelayFunction: "text",
		MaxDelay: "number",
		Unlimited: "bool"
	},
	Resources: {
		CPU: "number",
		Cores: "number",
		MemoryMB: "number",
		MemoryMaxMB: "number",
		DiskMB: "number",
		Networks: "NetworkResource[]",
		Devices: "RequestedDevice[]",
		NUMA: "NUMAResource",
		SecretsMB: "number",
		IOPS: "number"
	},
	RestartPolicy: {
		Interval: "number",
		Attempts: "number",
		Delay: "number",
		Mode: "text",
		RenderTemplates: "bool"
	},
	ScalingPolicy: {
		Min: "number",
		Max: "number",
		Policy: "any{}",
		Enabled: "bool",
		Type: "text",
		ID: "text",
		Namespace: "text",
		Target: "text{}",
		CreateIndex: "number",
		ModifyIndex: "number"
	},
	Secret: {
		Name: "text",
		Provider: "text",
		Path: "text",
		Config: "any{}",
		Env: "text{}"
	},
	Service: {
		Id: "text",
		Name: "text",
		Tags: "text[]",
		CanaryTags: "text[]",
		EnableTagOverride: "bool",
		PortLabel: "text",
		AddressMode: "text",
		Address: "text",
		Checks: "ServiceCheck[]",
		CheckRestart: "CheckRestart",
		Connect: "ConsulConnect",
		Meta: "text{}",
		CanaryMeta: "text{}",
		TaggedAddresses: "text{}",
		TaskName: "text",
		OnUpdate: "text",
		Identity: "WorkloadIdentity",
		Weights: "ServiceWeights",
		Provider: "text",
		Cluster: "text",
		Kind: "text"
	},
	ServiceCheck: {
		Id: "text",
		Name: "text",
		Type: "text",
		Command: "text",
		Args: "text[]",
		Path: "text",
		Protocol: "text",
		PortLabel: "text",
		Expose: "bool",
		AddressMode: "text",
		Advertise: "text",
		Interval: "number",
		Timeout: "number",
		InitialStatus: "text",
		Notes: "text",
		TLSServerName: "text",
		TLSSkipVerify: "bool",
		Header: "text[]{}",
		Method: "text",
		CheckRestart: "CheckRestart",
		GRPCService: "text",
		GRPCUseTLS: "bool",
		TaskName: "text",
		SuccessBeforePassing: "number",
		FailuresBeforeCritical: "number",
		FailuresBeforeWarning: "number",
		Body: "text",
		OnUpdate: "text"
	},
	ServiceWeights: {
		Passing: "number",
		Warning: "number"
	},
	SidecarTask: {
		Name: "text",
		Driver: "text",
		User: "text",
		Config: "any{}",
		Env: "text{}",
		Resources: "Resources",
		Meta: "text{}",
		KillTimeout: "number",
		LogConfig: "LogConfig",
		ShutdownDelay: "number",
		KillSignal: "text",
		VolumeMounts: "VolumeMount[]",
		Identities: "WorkloadIdentity[]"
	},
	Spread: {
		Attribute: "text",
		Weight: "number",
		SpreadTarget: "SpreadTarget[]"
	},
	SpreadTarget: {
		Value: "text",
		Percent: "number"
	},
	Task: {
		Name: "text",
		Driver: "text",
		User: "text",
		Lifecycle: "TaskLifecycle",
		Config: "any{}",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]",
		Env: "text{}",
		Services: "Service[]",
		Resources: "Resources",
		RestartPolicy: "RestartPolicy",
		Meta: "text{}",
		KillTimeout: "number",
		LogConfig: "LogConfig",
		Artifacts: "TaskArtifact[]",
		Vault: "Vault",
		Consul: "Consul",
		Templates: "Template[]",
		DispatchPayload: "DispatchPayloadConfig",
		VolumeMounts: "VolumeMount[]",
		CSIPluginConfig: "TaskCSIPluginConfig",
		Leader: "bool",
		ShutdownDelay: "number",
		KillSignal: "text",
		Kind: "text",
		ScalingPolicies: "ScalingPolicy[]",
		Secrets: "Secret[]",
		Identity: "WorkloadIdentity",
		Identities: "WorkloadIdentity[]",
		Actions: "Action[]",
		Schedule: "TaskSchedule"
	},
	TaskArtifact: {
		GetterSource: "text",
		GetterOptions: "text{}",
		GetterHeaders: "text{}",
		GetterMode: "text",
		GetterInsecure: "bool",
		RelativeDest: "text",
		Chown: "bool"
	},
	TaskCSIPluginConfig: {
		ID: "text",
		Type: "text",
		MountDir: "text",
		StagePublishBaseDir: "text",
		HealthTimeout: "number"
	},
	TaskGroup: {
		Name: "text",
		Count: "number",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]",
		Tasks: "Task[]",
		Spreads: "Spread[]",
		Volumes: "VolumeRequest{}",
		RestartPolicy: "RestartPolicy",
		Disconnect: "DisconnectStrategy",
		ReschedulePolicy: "ReschedulePolicy",
		EphemeralDisk: "EphemeralDisk",
		Update: "UpdateStrategy",
		Migrate: "MigrateStrategy",
		Networks: "NetworkResource[]",
		Meta: "text{}",
		Services: "Service[]",
		ShutdownDelay: "number",
		MaxRunDuration: "number",
		StopAfterClientDisconnect: "number",
		MaxClientDisconnect: "number",
		Scaling: "ScalingPolicy",
		Consul: "Consul",
		PreventRescheduleOnLost: "bool"
	},
	TaskLifecycle: {
		Hook: "text",
		Sidecar: "bool"
	},
	TaskSchedule: { Cron: "TaskScheduleCron" },
	TaskScheduleCron: {
		Start: "text",
		End: "text",
		Timezone: "text"
	},
	Template: {
		SourcePath: "text",
		DestPath: "text",
		EmbeddedTmpl: "text",
		ChangeMode: "text",
		ChangeScript: "ChangeScript",
		ChangeSignal: "text",
		Once: "bool",
		Splay: "number",
		Perms: "text",
		Uid: "number",
		Gid: "number",
		LeftDelim: "text",
		RightDelim: "text",
		Envvars: "bool",
		VaultGrace: "number",
		Wait: "WaitConfig",
		ErrMissingKey: "bool"
	},
	UpdateStrategy: {
		Stagger: "number",
		MaxParallel: "number",
		HealthCheck: "text",
		MinHealthyTime: "number",
		HealthyDeadline: "number",
		ProgressDeadline: "number",
		Canary: "number",
		AutoRevert: "bool",
		AutoPromote: "bool"
	},
	Vault: {
		Policies: "text[]",
		Role: "text",
		Namespace: "text",
		Cluster: "text",
		Env: "bool",
		DisableFile: "bool",
		ChangeMode: "text",
		ChangeSignal: "text",
		AllowTokenExpiration: "bool"
	},
	VolumeMount: {
		Volume: "text",
		Destination: "text",
		ReadOnly: "bool",
		PropagationMode: "text",
		SELinuxLabel: "text"
	},
	VolumeRequest: {
		Name: "text",
		Type: "text",
		Source: "text",
		ReadOnly: "bool",
		Sticky: "bool",
		AccessMode: "text",
		AttachmentMode: "text",
		MountOptions: "CSIMountOptions",
		PerAlloc: "bool"
	},
	WaitConfig: {
		Min: "number",
		Max: "number"
	},
	WorkloadIdentity: {
		Name: "text",
		Audience: "text[]",
		ChangeMode: "text",
		ChangeSignal: "text",
		Env: "bool",
		File: "bool",
		Filepath: "text",
		ServiceName: "text",
		TTL: "number",
		ExtraClaims: "text[]"
	}
};
// src/jobspec/job-shape.ts
/**
* Returns the job with every field in Nomad's spelling, and its problems: unknown fields (kept as they are), fields that are written twice
* (one is taken), and values of the wrong kind. `decoded` is a bare job object.
*/
function shapeJob(decoded) {
	const problems = [];
	return {
		job: shapeValue(decoded, "Job", [], problems),
		problems
	};
}
/** Returns the bare job of `{"Job": …}`, in any case, and the path to it. An object without `Job` is the job itself. */
function unwrapJob(decoded) {
	const wrappers = isObject$1(decoded) ? Object.keys(decoded).filter((key) => foldCase(key) === "job") : [];
	const name = wrappers.at(-1);
	if (name === void 0 || !isObject$1(decoded) || !isObject$1(decoded[name])) return {
		job: decoded,
		path: [],
		doubled: false
	};
	return {
		job: decoded[name],
		path: [name],
		doubled: wrappers.length > 1
	};
}
/** Returns a name as Go compares it: without case, and with the two letters outside of ASCII that fold to `k` and `s`. */
function foldCase(name) {
	return name.replaceAll("ſ", "s").toLowerCase();
}
/** Returns the path for messages: `TaskGroups[0].Tasks[1].Driver`. */
function pathText(path) {
	return path.reduce((text, part) => {
		if (typeof part === "number") return `${text}[${part}]`;
		return text === "" ? part : `${text}.${part}`;
	}, "");
}
/** The names of each struct, by their folded form. A map, because names such as `constructor` come from outside. */
const FIELDS$2 = new Map(Object.entries(JOB_FIELDS).map(([struct, fields]) => [struct, new Map(Object.entries(fields).map(([name, kind]) => [foldCase(name), {
	name,
	kind
}]))]));
/** Shapes an item of a list or map. A struct may not be null there, because that crashes parts of Nomad. */
function shapeItem(value, kind, path, problems) {
	if ((value === null || value === void 0) && FIELDS$2.has(kind)) problems.push({
		sort: "kind",
		path,
		what: `${pathText(path)} has to be an object`
	});
	return shapeValue(value, kind, path, problems);
}
function shapeValue(value, kind, path, problems) {
	if (value === null || value === void 0) return value;
	if (kind.endsWith("[]") || kind.endsWith("{}")) {
		const list = kind.endsWith("[]");
		const inner = kind.slice(0, -2);
		if (list && Array.isArray(value)) return value.map((item, at) => shapeItem(item, inner, [...path, at], problems));
		if (!list && isObject$1(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeItem(item, inner, [...path, key], problems)]));
		problems.push({
			sort: "kind",
			path,
			what: `${pathText(path)} has to be ${list ? "a list" : "an object"}`
		});
		return value;
	}
	const fields = FIELDS$2.get(kind);
	if (fields === void 0) {
		if (!(kind === "text" ? typeof value === "string" : kind === "any" || !(Array.isArray(value) || isObject$1(value)))) problems.push({
			sort: "kind",
			path,
			what: `${pathText(path)} has to be a ${kind === "text" ? "text" : "plain value"}`
		});
		return value;
	}
	if (!isObject$1(value)) {
		problems.push({
			sort: "kind",
			path,
			what: `${pathText(path) || "the job"} has to be an object`
		});
		return value;
	}
	const shaped = /* @__PURE__ */ new Map();
	for (const [key, item] of Object.entries(value)) {
		const known = fields.get(foldCase(key));
		const at = [...path, key];
		if (known !== void 0 && shaped.has(known.name)) problems.push({
			sort: "doubled",
			path: at,
			what: `${pathText([...path, known.name])} occurs twice, the second time as ${JSON.stringify(key)}`
		});
		if (known === void 0 && !isNothing(item)) problems.push({
			sort: "unknown",
			path: at,
			what: unknown$1(path, key, fields)
		});
		shaped.set(known?.name ?? key, shapeValue(item, known?.kind ?? "any", at, problems));
	}
	return Object.fromEntries(shaped);
}
function unknown$1(path, key, fields) {
	const names = [...fields.values()].map(({ name }) => name);
	const meant = nearest(key, names);
	return `${pathText(path) || "a job"} has no field ${JSON.stringify(key)}${meant === void 0 ? "" : `; did you mean ${meant}?`}`;
}
/** Returns whether a value is one that Nomad's parser writes for a field that is not set: an unknown field with it means nothing. */
function isNothing(value) {
	return [
		null,
		void 0,
		false,
		0,
		""
	].some((nothing) => nothing === value) || typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
function isObject$1(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}
// src/jobspec/json-keys.ts
/** The most doubled keys that are reported. */
const TOLD = 20;
/**
* Finds the keys of a JSON text that `JSON.parse` accepts. Works in one pass and without recursion, because the text comes from outside.
*/
function keyPlaces(text) {
	const root = {
		line: 1,
		children: /* @__PURE__ */ new Map()
	};
	const doubled = [];
	const frames = [];
	let line = 1;
	for (let at = 0; at < text.length; at++) {
		const frame = frames.at(-1);
		const char = text[at];
		if (char === "\n") line++;
		else if (char === "{" || char === "[") {
			const list = char === "[";
			let node = root;
			if (frame?.next !== void 0) {
				node = frame.list ? {
					line,
					children: /* @__PURE__ */ new Map()
				} : frame.node.children.get(frame.next) ?? root;
				frame.node.children.set(frame.next, node);
			}
			frames.push({
				node,
				list,
				next: list ? 0 : void 0
			});
		} else if (char === "}" || char === "]") frames.pop();
		else if (char === "," && frame !== void 0) frame.next = typeof frame.next === "number" ? frame.next + 1 : void 0;
		else if (char === "\"") {
			const start = at;
			at = endOfText(text, at);
			if (frame === void 0 || frame.next !== void 0) continue;
			const key = JSON.parse(text.slice(start, at + 1));
			if (typeof key !== "string") continue;
			frame.next = key;
			if (frame.node.children.has(key) && doubled.length < TOLD) doubled.push(frames.map(({ next }) => next ?? key));
			frame.node.children.set(key, {
				line,
				children: /* @__PURE__ */ new Map()
			});
		}
	}
	const lineOf = (path) => {
		let node = root;
		let found;
		for (const part of path) {
			node = node.children.get(part);
			if (node === void 0) break;
			found = node.line;
		}
		return found;
	};
	return {
		line: lineOf,
		doubled
	};
}
// src/jobspec/job-object.ts
/** Real jobs have a few levels; Node's reader and writer of JSON overflow the stack. */
const MAX_DEPTH = 100;
/**
* Reads the API's job object, as `nomad job inspect` and `nomad job run -output` print it, from JSON or YAML, bare or as `{"Job": …}`.
* Accepts fields in any case, like Nomad, and returns the job with Nomad's own names. Throws `jobspec-invalid` with file, line and column
* for a text that cannot be read, and for an object that is not a job.
*/
async function readJobObject({ name: file, format }, { text, lines }, nomad) {
	const placeOf = (line, column) => {
		const own = line === void 0 ? void 0 : lines[line - 1] ?? line;
		return {
			file,
			...own === void 0 ? {} : {
				line: own,
				...column === void 0 ? {} : { column }
			}
		};
	};
	const refused = (message, location) => {
		const place = [
			file,
			location.line,
			location.column
		].filter((part) => part !== void 0).join(":");
		return new ActionError("jobspec-invalid", `${place}: ${message}`, {
			location,
			hint: "Write the job as the API does: `nomad job run -output` prints one."
		});
	};
	const { json, places } = format === "yaml" ? await readYaml(text, (message, line, column) => refused(message, placeOf(line, column))) : {
		json: text,
		places: void 0
	};
	if (depthOf(json) > MAX_DEPTH) throw refused(`lists and objects are nested more than ${MAX_DEPTH} deep`, placeOf());
	let decoded;
	try {
		decoded = nomad.jobs.decode(json);
	} catch (error) {
		const message = messageOf$1(error).replace(/ \(line \d+ column \d+\)$/, "");
		const place = / at position (\d+)/.exec(message);
		const before = json.slice(0, Number(place?.[1] ?? 0)).split("\n");
		const location = place === null ? placeOf() : placeOf(before.length, (before.at(-1) ?? "").length + 1);
		throw refused(message.replace(/ in JSON at position \d+$/, ""), location);
	}
	const { line: lineOf, doubled } = places ?? keyPlaces(text);
	const at = (path) => placeOf(lineOf(path));
	const bare = unwrapJob(decoded);
	const { job, problems } = shapeJob(bare.job);
	const whole = (path) => [...bare.path, ...path];
	const wrong = problems.find(({ sort }) => sort === "kind");
	if (wrong !== void 0 && wrong.path.length > 0) throw refused(wrong.what, at(whole(wrong.path)));
	if (!isJob(job)) throw refused("the object has no `ID`, so it is not a job", placeOf());
	const twice = doubled.map((path) => ({
		what: `${pathText(path)} occurs twice`,
		at: at(path)
	}));
	return {
		job,
		doubts: [
			...bare.doubled ? [{
				what: "the job occurs twice",
				at: at(bare.path)
			}] : [],
			...twice,
			...problems.map(({ what, path }) => ({
				what,
				at: at(whole(path))
			}))
		]
	};
}
/** Converts YAML to JSON text, with the lines of its keys. Throws the result of `refused` for the first error. */
async function readYaml(text, refused) {
	const [{ isAlias, isMap, isScalar, isSeq }, { document, placeOf, problems }] = await Promise.all([import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1)), parseYaml(text, "core")]);
	const [problem] = problems;
	if (problem !== void 0) throw refused(problem.text.split("\n")[0] ?? problem.text, problem.line, problem.column);
	const digits = (_key, value) => typeof value === "bigint" ? JSON.rawJSON(String(value)) : value;
	const json = JSON.stringify(document.toJS({ maxAliasCount: -1 }), digits) ?? "null";
	const targets = /* @__PURE__ */ new Map();
	const anchors = /* @__PURE__ */ new Map();
	const indexes = /* @__PURE__ */ new Map();
	const index = (node) => {
		if (isAlias(node)) targets.set(node, anchors.get(node.source));
		else if (isMap(node) || isSeq(node) || isScalar(node)) {
			if (node.anchor !== void 0) anchors.set(node.anchor, node);
		}
		if (isSeq(node)) node.items.forEach(index);
		if (!isMap(node)) return;
		indexes.set(node, new Map(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair])));
		for (const { key, value } of node.items) {
			index(key);
			index(value);
		}
	};
	let indexed = false;
	const line = (path) => {
		if (!indexed) index(document.contents);
		indexed = true;
		let node = document.contents;
		let offset;
		for (const part of path) {
			const target = targets.get(node) ?? node;
			const pair = indexes.get(target)?.get(String(part));
			const next = isSeq(target) && typeof part === "number" ? target.items[part] : pair?.value;
			const place = pair === void 0 ? next : pair.key;
			if (isMap(place) || isSeq(place) || isScalar(place) || isAlias(place)) offset = place.range?.[0] ?? offset;
			if (next === void 0) break;
			node = next;
		}
		return offset === void 0 ? void 0 : placeOf(offset).line;
	};
	return {
		json,
		places: {
			line,
			doubled: []
		}
	};
}
/** Returns whether a shaped value is an object with an id. */
function isJob(shaped) {
	return typeof shaped === "object" && shaped !== null && "ID" in shaped && typeof shaped.ID === "string" && shaped.ID !== "";
}
// src/jobspec/newer-fields.ts
/**
* Returns the doubts about a job object that count on this cluster: a field that only this action does not know is `newer`, because the cluster takes it. Asks
* the cluster only about unknown fields.
*/
async function withNewerFields(job, doubts, nomad) {
	if (doubts.length === 0) return [];
	const unknown = shapeJob(job).problems.filter(({ sort }) => sort === "unknown");
	const newer = /* @__PURE__ */ new Map();
	for (const problem of unknown) if (await nomad.jobs.knows((value) => withValue(job, problem.path, value), job.Namespace || void 0)) newer.set(problem.what, newerField(problem));
	return doubts.map((doubt) => {
		const what = newer.get(doubt.what);
		return what === void 0 ? doubt : {
			...doubt,
			what,
			newer: true
		};
	});
}
/** Returns the statement about a field that the cluster takes, and this action cannot judge. */
function newerField({ path }) {
	return `${pathText(path)} is a field that this version of nomad-deploy does not know`;
}
/** Returns parsed JSON with another value at a path, which exists. */
function withValue(parent, [key, ...rest], value) {
	if (key === void 0) return value;
	if (Array.isArray(parent)) return parent.map((item, at) => at === key ? withValue(item, rest, value) : item);
	if (typeof parent !== "object" || parent === null) return parent;
	return Object.fromEntries(Object.entries(parent).map(([name, item]) => [name, name === key ? withValue(item, rest, value) : item]));
}
/** Returns the shapes of a known value. */
function shapesOf(value) {
	if (typeof value === "string") return value.includes("\0") ? void 0 : [value];
	if (typeof value === "boolean" || Number.isSafeInteger(value)) return [String(value)];
	if (typeof value !== "object" || value === null) return void 0;
	const inner = Object.entries(value).map(([name, item]) => [name, shapesOf(item)]);
	const known = inner.flatMap(([name, shapes]) => shapes === void 0 ? [] : [[name, shapes]]);
	if (known.length < inner.length) return void 0;
	return [Array.isArray(value) ? { items: known.flatMap(([, shapes]) => shapes) } : { fields: new Map(known) }];
}
const listOf = (items) => items && [{ items }];
/** Returns the shapes of all works together; undefined when one of them could be anything, or when there are too many. */
function allOf(works) {
	const shapes = [];
	for (const work of works) {
		const found = work();
		if (found === void 0 || shapes.length + found.length > 1e3) return void 0;
		shapes.push(...found);
	}
	return shapes;
}
/** Returns a function that does a work once. A work that needs its own result could be anything. */
function once(work) {
	let state;
	return () => {
		if (state !== void 0) return state.shapes;
		state = { shapes: void 0 };
		state = { shapes: work() };
		return state.shapes;
	};
}
/** Returns the elements that a loop over these values gives; undefined if one is not a list or object. */
function elementsOf(shapes) {
	if (shapes?.some((shape) => typeof shape === "string") !== false) return void 0;
	return shapes.flatMap((shape) => typeof shape === "string" ? [] : "items" in shape ? shape.items : [...shape.fields.values()].flat());
}
/** Returns the keys of these values. The keys of a set are its elements. */
function keysOf$1(shapes) {
	if (shapes?.some((shape) => typeof shape === "string") !== false) return void 0;
	return shapes.flatMap((shape) => {
		if (typeof shape === "string") return [];
		return "items" in shape ? [...shape.items, ...shape.items.map((_, i) => String(i))] : [...shape.fields.keys()];
	});
}
/** Returns the values of the iterator of a `dynamic` block over these values. */
function iteratorOf(shapes) {
	const [key, value] = [keysOf$1(shapes), elementsOf(shapes)];
	return key && value && [{ fields: /* @__PURE__ */ new Map([["key", key], ["value", value]]) }];
}
/** Returns the values of nested fields, by their names; an undefined name is any element of a list. */
function taken(shapes, keys) {
	return keys.reduce((known, key) => {
		const found = known?.map((shape) => {
			if (typeof shape === "string") return void 0;
			if ("items" in shape) return key === void 0 ? shape.items : void 0;
			return key === void 0 ? void 0 : shape.fields.get(key);
		});
		return found?.some((own) => own === void 0) === false ? found.flatMap((own) => own ?? []) : void 0;
	}, shapes);
}
// src/jobspec/spec-expressions.ts
const MAX_EXPRESSION_DEPTH = 20;
/** The most tokens of a condition. */
const MAX_CONDITION = 200;
const CONDITION_MARKS = [
	".",
	"!",
	"==",
	"!=",
	"<",
	">",
	"<=",
	">=",
	"&&",
	"||",
	"*",
	"+",
	"-",
	",",
	"(",
	")",
	"[",
	"]"
];
/** Functions that return the elements of their arguments. */
const ELEMENTS = [
	"toset",
	"tolist",
	"sort",
	"reverse",
	"distinct",
	"concat",
	"setunion",
	"values"
];
/** Returns the readers of expressions; `named` returns the values of a name with its fields. */
function expressionReader(named) {
	const textsOf = (text) => {
		let texts = [""];
		for (const part of isQuoted(text) ? text?.parts ?? [] : [void 0]) {
			const own = typeof part === "string" ? plainLiteral(part) : templateTexts(part);
			if (own === void 0 || own.length * texts.length > 1e3) return void 0;
			texts = texts.flatMap((begin) => own.map((more) => begin + more));
		}
		return texts;
	};
	const templateTexts = (template) => {
		if (template === void 0 || template.directive || template.trims) return void 0;
		const found = reference(template.tokens, 0);
		const texts = found?.shapes?.filter((shape) => typeof shape === "string");
		return found?.end === template.tokens.length && texts?.length === found.shapes?.length ? texts : void 0;
	};
	const reference = (tokens, i) => {
		const found = pathAt(tokens, i);
		return found && {
			shapes: named(found.path),
			end: found.end
		};
	};
	const expression = (tokens, i, depth) => {
		if (depth > MAX_EXPRESSION_DEPTH) return void 0;
		const question = conditionEnd(tokens, i);
		if (question === void 0) return value(tokens, i, depth);
		const first = expression(tokens, question + 1, depth + 1);
		if (first === void 0 || tokens[first.end]?.text !== ":") return void 0;
		const second = expression(tokens, first.end + 1, depth + 1);
		return second && {
			shapes: first.shapes && second.shapes && [...first.shapes, ...second.shapes],
			end: second.end
		};
	};
	const value = (tokens, i, depth) => {
		const set = filesetAt(tokens, i);
		if (set !== void 0) return {
			shapes: [{ items: ["\0"] }],
			end: set.end
		};
		const token = tokens[i];
		if (isQuoted(token)) return {
			shapes: textsOf(token),
			end: i + 1
		};
		const number = token?.text === "-" ? tokens[i + 1] : token;
		if (number?.kind === "number") return {
			shapes: shapesOf(Number((number === token ? "" : "-") + number.text)),
			end: number === token ? i + 1 : i + 2
		};
		if (token?.text === "(") {
			const inner = expression(tokens, i + 1, depth + 1);
			return inner !== void 0 && tokens[inner.end]?.text === ")" ? {
				shapes: inner.shapes,
				end: inner.end + 1
			} : void 0;
		}
		if (token?.text === "[") {
			const list = series(tokens, i + 1, "]", depth);
			return list && {
				shapes: listOf(list.shapes),
				end: list.end
			};
		}
		if (token?.text === "{") return object(tokens, i + 1, depth);
		if (token?.kind !== "name" || tokens[i + 1]?.text !== "(") return reference(tokens, i);
		return token.text === "convert" ? converted(tokens, i + 2, depth) : called(token.text, tokens, i + 2, depth);
	};
	const called = (name, tokens, i, depth) => {
		const given = series(tokens, i, ")", depth);
		if (given === void 0) return void 0;
		const items = ELEMENTS.includes(name) ? elementsOf(given.shapes) : name === "keys" ? keysOf$1(given.shapes) : void 0;
		return {
			shapes: listOf(items),
			end: given.end
		};
	};
	/** Reads a conversion that keeps texts as they are. */
	const converted = (tokens, i, depth) => {
		const first = value(tokens, i, depth + 1);
		if (first === void 0) return void 0;
		const [comma, kind = "", ...rest] = tokens.slice(first.end, first.end + 6).map(({ text }) => text);
		return comma === "," && [
			"set",
			"list",
			"map"
		].includes(kind) && rest.join("") === "(string))" ? {
			shapes: first.shapes,
			end: first.end + 6
		} : void 0;
	};
	/** Reads expressions between commas, up to a closing bracket. */
	const series = (tokens, from, close, depth) => {
		let shapes = [];
		let i = from;
		while (tokens[i]?.text !== close) {
			const item = value(tokens, i, depth + 1);
			if (item === void 0 || depth > MAX_EXPRESSION_DEPTH) return void 0;
			shapes = item.shapes === void 0 || shapes === void 0 ? void 0 : [...shapes, ...item.shapes];
			if ((shapes?.length ?? 0) > 1e3) return void 0;
			i = item.end;
			if (tokens[i]?.text === ",") i++;
			else if (tokens[i]?.text !== close) return void 0;
		}
		return {
			shapes,
			end: i + 1
		};
	};
	const object = (tokens, from, depth) => {
		const fields = /* @__PURE__ */ new Map();
		let i = from;
		while (tokens[i]?.text !== "}") {
			const key = tokens[i]?.kind === "name" ? tokens[i]?.text : plainText(tokens[i]);
			if (key === void 0 || tokens[i + 1]?.text !== "=" && tokens[i + 1]?.text !== ":") return void 0;
			const item = expression(tokens, i + 2, depth + 1);
			if (item?.shapes === void 0 || fields.size > 1e3) return void 0;
			fields.set(key, [...fields.get(key) ?? [], ...item.shapes]);
			const next = tokens[item.end];
			if (next?.text !== "," && next?.text !== "}" && next?.newLine !== true) return void 0;
			i = next.text === "," ? item.end + 1 : item.end;
		}
		return {
			shapes: [{ fields }],
			end: i + 1
		};
	};
	return {
		expression: (tokens, i) => expression(tokens, i, 0),
		reference,
		textsOf
	};
}
/** Returns the texts of a call of `fileset`, and the token behind it. */
function filesetAt(tokens, i) {
	const [name, open, path, comma, pattern, close] = tokens.slice(i, i + 6);
	if (name?.text !== "fileset" || open?.text !== "(" || path === void 0 || comma?.text !== "," || close?.text !== ")") return void 0;
	return pattern !== void 0 && isQuoted(path) && isQuoted(pattern) ? {
		path,
		pattern,
		end: i + 6
	} : void 0;
}
/** Returns a name with its fields (`.name`, `["name"]`, `[0]`), and the token behind it. */
function pathAt(tokens, from) {
	const root = tokens[from];
	if (root?.kind !== "name") return void 0;
	const path = [root.text];
	for (let i = from + 1;;) {
		const [one, two] = [tokens[i], tokens[i + 1]];
		if (one?.text === "." && two?.kind === "name") {
			path.push(two.text);
			i += 2;
		} else if (one?.text === "[") {
			const signed = two?.text === "-" ? i + 2 : i + 1;
			const key = plainText(two);
			if (key === void 0 && tokens[signed]?.kind !== "number" || tokens[signed + 1]?.text !== "]") return {
				path,
				end: i
			};
			path.push(key);
			i = signed + 2;
		} else return {
			path,
			end: i
		};
	}
}
function isQuoted(token) {
	return token?.text.startsWith("\"") === true;
}
/** Returns the content of a text in quotes; undefined for one with templates or escapes. */
function plainText(token) {
	const [part = "", ...more] = token?.parts ?? [];
	return isQuoted(token) && more.length === 0 && typeof part === "string" ? plainLiteral(part)?.[0] : void 0;
}
/** Returns a literal part of a text, if its content is what is written: without escapes and without the mark of a found name. */
function plainLiteral(part) {
	return /\\|[$%][{$%]/.test(part) || part.includes("\0") ? void 0 : [part];
}
/** Returns the `?` of an expression in one line that begins with a condition. The condition itself does not matter here. */
function conditionEnd(tokens, from) {
	const open = [];
	for (let i = from; i < from + MAX_CONDITION; i++) {
		const token = tokens[i];
		if (token === void 0 || i > from && token.newLine) return void 0;
		const { kind, text } = token;
		if (text === "?") return i > from && open.length === 0 ? i : void 0;
		if (kind === "text" && plainText(token) === void 0) return void 0;
		if (kind === "mark" && !CONDITION_MARKS.includes(text)) return void 0;
		if (text === "," && open.length === 0) return void 0;
		if (text === "(" || text === "[") open.push(text);
		if (text === ")" && open.pop() !== "(" || text === "]" && open.pop() !== "[") return void 0;
	}
}
// src/jobspec/spec-texts.ts
/** Returns the code of a file and of all templates in its texts. */
function codesOf(tokens) {
	const codes = [tokens];
	for (const code of codes) for (const { parts = [] } of code) for (const part of parts) if (typeof part !== "string") codes.push(part.tokens);
	return codes;
}
/**
* Reads the names of a spec: variables, locals, and those of loops and `dynamic` blocks. A name with several definitions has the values of
* all of them, anywhere in the spec. So has a name that is assigned outside of `locals`.
*/
function readNames(source, codes, values) {
	const defaults = {};
	let initial;
	const variable = (name) => {
		const value = values[name];
		if (value !== void 0) return shapesOf(value);
		initial ??= new Map(declaredVariables(source).map((declared) => [declared.name, declared.initial]));
		const written = initial.get(name);
		try {
			const literal = written === void 0 ? void 0 : parseHclLiteral(written);
			const shapes = shapesOf(literal);
			if (shapes !== void 0 && literal !== void 0) defaults[name] = literal;
			return shapes;
		} catch {
			return;
		}
	};
	/** Returns the values of a name and its fields. A loop may call its name `var`. */
	const named = ([root = "", ...keys]) => {
		if (root !== "var" && root !== "local") return taken(bound(root), keys);
		const [name, ...rest] = keys;
		if (name === void 0 || bindings.has(root)) return void 0;
		return taken(root === "var" ? variable(name) : local(name), rest);
	};
	const read = expressionReader(named);
	const bindings = bindingsOf(codes, read);
	const bound = perName((name) => {
		const works = bindings.get(name);
		return works && allOf(works);
	});
	const assignments = assignmentsOf(codes);
	const local = perName((name) => {
		const isItself = ({ code, i }) => code[i]?.text === "local" && code[i + 1]?.text === "." && code[i + 2]?.text === name;
		const own = (assignments.get(name) ?? []).filter((place) => !isItself(place));
		return own.length === 0 ? void 0 : allOf(own.map((place) => () => attribute(place, read)));
	});
	return {
		reference: read.reference,
		textsOf: read.textsOf,
		defaults
	};
}
/** Returns a function that does a work once for each name. */
function perName(work) {
	const known = /* @__PURE__ */ new Map();
	return (name) => {
		const own = known.get(name) ?? once(() => work(name));
		known.set(name, own);
		return own();
	};
}
function placesOf$1(codes, word) {
	return codes.flatMap((code) => code.flatMap(({ kind, text }, i) => kind === "name" && text === word ? [{
		code,
		i
	}] : []));
}
/** Returns the places of all assigned values, by name. */
function assignmentsOf(codes) {
	const found = /* @__PURE__ */ new Map();
	for (const code of codes) for (const [i, { kind, text }] of code.entries()) {
		if (kind !== "name" || code[i + 1]?.text !== "=") continue;
		const places = found.get(text);
		if (places === void 0) found.set(text, [{
			code,
			i: i + 2
		}]);
		else places.push({
			code,
			i: i + 2
		});
	}
	return found;
}
/** Returns the value of an attribute, which ends with its line. */
function attribute({ code, i }, { expression }) {
	const found = expression(code, i);
	const next = found && code[found.end];
	return next === void 0 || next.newLine || next.text === "}" ? found?.shapes : void 0;
}
/** Returns the values that loops and `dynamic` blocks give to names, by name. Each value is read when it is needed. */
function bindingsOf(codes, read) {
	const found = /* @__PURE__ */ new Map();
	const bind = (name, work) => {
		const works = found.get(name);
		if (works === void 0) found.set(name, [once(work)]);
		else works.push(once(work));
	};
	for (const { code, i } of placesOf$1(codes, "for")) {
		const first = code[i + 1];
		const second = code[i + 2]?.text === "," ? code[i + 3] : void 0;
		const word = second === void 0 ? i + 2 : i + 4;
		if (first?.kind !== "name" || second !== void 0 && second.kind !== "name" || code[word]?.text !== "in") continue;
		const over = once(() => {
			const list = read.expression(code, word + 1);
			return list !== void 0 && (list.end === code.length || code[list.end]?.text === ":") ? list.shapes : void 0;
		});
		bind((second ?? first).text, () => elementsOf(over()));
		if (second !== void 0) bind(first.text, () => keysOf$1(over()));
	}
	const everyBlock = once(() => allOf(placesOf$1(codes, "for_each").flatMap(({ code, i }) => code[i + 1]?.text === "=" ? [() => attribute({
		code,
		i: i + 2
	}, read)] : [])));
	let isOdd = false;
	for (const { code, i } of placesOf$1(codes, "dynamic")) {
		const name = labelAt({
			code,
			i: i + 1
		});
		if (name === void 0) isOdd ||= code[i + 1]?.kind === "text";
		else {
			const over = forEachOf(code, i + 2);
			bind(name, () => iteratorOf(over === void 0 || isOdd ? everyBlock() : attribute(over, read)));
		}
	}
	for (const { code, i } of placesOf$1(codes, "iterator")) {
		const name = code[i + 1]?.text === "=" ? labelAt({
			code,
			i: i + 2
		}) : void 0;
		if (name !== void 0) bind(name, () => iteratorOf(everyBlock()));
	}
	return found;
}
function labelAt({ code, i }) {
	return code[i]?.kind === "name" ? code[i]?.text : plainText(code[i]);
}
/** Returns the place of the value of `for_each`, if a `dynamic` block begins with it or with `labels`. */
function forEachOf(code, from) {
	if (code[from]?.text !== "{") return void 0;
	let i = from + 1;
	while (code[i + 1]?.text === "=") {
		if (code[i]?.text === "for_each") return {
			code,
			i: i + 2
		};
		const end = code[i]?.text === "labels" ? labelsEnd(code, i + 2) : void 0;
		if (end === void 0 || code[end]?.newLine !== true) return void 0;
		i = end;
	}
}
function labelsEnd(code, from) {
	for (let i = from; code[i]?.text === (i === from ? "[" : ",");) {
		const end = code[i + 1]?.kind === "text" ? i + 2 : pathAt(code, i + 1)?.end;
		if (end === void 0 || code[end]?.text === "]") return end && end + 1;
		i = end;
	}
}
// src/jobspec/file-calls.ts
const CALLS = [
	"file",
	"filebase64",
	"fileexists",
	"fileset"
];
const AS_WRITTEN = {
	textsOf: (text) => {
		const plain = plainText(text);
		return plain === void 0 ? void 0 : [plain];
	},
	reference: () => void 0,
	defaults: {}
};
/** Returns the calls of a spec whose variables have the given values. Takes time in proportion to the text. */
function fileCalls(source, values) {
	const { tokens, oddAt } = lex(source);
	if (tokens[0]?.text === "{") return {
		reads: [],
		unclear: [{
			at: 0,
			call: "file"
		}],
		defaults: {}
	};
	const codes = codesOf(tokens);
	const { defaults, ...read } = oddAt === void 0 ? readNames(source, codes, values) : AS_WRITTEN;
	const reads = [];
	const unclear = [];
	const seen = /* @__PURE__ */ new Set();
	for (const code of codes) for (const [i, { kind, text: call, at }] of code.entries()) {
		if (kind !== "name" || !CALLS.includes(call) || code[i + 1]?.text !== "(") continue;
		seen.add(at);
		const found = call === "fileset" ? setsOf(code, i, read) : pathsOf$1(code, i, read);
		if (found === void 0) unclear.push({
			at,
			call
		});
		else reads.push(...found.map((one) => ({
			at,
			call,
			...one
		})));
	}
	const words = oddAt === void 0 ? [] : wordsOf(source).filter(({ at }) => !seen.has(at));
	const deepest = reads.reduce((most, { call, levels = 0 }) => call === "fileset" ? Math.max(most, levels) : most, 0);
	const depthOf = ({ depth, names = 0 }) => names === 0 ? depth : depth + names * deepest;
	return {
		reads: reads.map((one) => ({
			...one,
			depth: depthOf(one)
		})),
		unclear: [...unclear, ...words],
		defaults
	};
}
/**
* Returns every word that looks like a call, also within a text or a comment, because the lexer may confuse them in a spec that HCL
* refuses.
*/
function wordsOf(source) {
	return [...source.matchAll(/\b(file|filebase64|fileexists|fileset)\s*[(/#]/g)].map(({ 1: call = "", index: at }) => ({
		at,
		call
	}));
}
/** Returns the files of a call with one path; undefined if they are not known. */
function pathsOf$1(code, i, { textsOf, reference }) {
	const text = code[i + 2];
	const named = isQuoted(text) ? {
		shapes: textsOf(text),
		end: i + 3
	} : reference(code, i + 2);
	if (named?.shapes === void 0 || named.shapes.length === 0 || code[named.end]?.text !== ")") return void 0;
	const paths = named.shapes.flatMap((shape) => typeof shape === "string" ? pathRead(shape) ?? [] : []);
	return paths.length === named.shapes.length ? paths : void 0;
}
/** Returns the files of a call of `fileset`; undefined if they are not known. */
function setsOf(code, i, { textsOf }) {
	const set = filesetAt(code, i);
	const [paths, patterns] = [set && textsOf(set.path), set && textsOf(set.pattern)];
	const pairs = paths?.flatMap((path) => patterns?.map((pattern) => ({
		path,
		pattern
	})) ?? []) ?? [];
	return pairs.every(({ path, pattern }) => !`${path}${pattern}`.includes("\0") && staysBelow(pattern)) && pairs.length > 0 && pairs.length <= 1e3 ? pairs.map(({ path, pattern }) => filesOf(path, pattern)) : void 0;
}
/** Returns the files that a path reads; undefined if found names in it could lead upwards. */
function pathRead(path) {
	if (!path.includes("\0")) return {
		path,
		depth: 0
	};
	const folder = path.slice(0, path.indexOf("\0")).replace(/[^/]*$/, "");
	const rest = path.slice(folder.length);
	const [names, folders] = [rest.split("\0").length - 1, rest.split("/").length - 1];
	return staysBelow(rest) ? {
		path: folder === "" ? "." : folder.replace(/(?<=.)\/$/, ""),
		depth: folders,
		names
	} : void 0;
}
/** Returns the folder that a pattern begins with, and the number of levels that the pattern reaches below it. */
function filesOf(path, pattern) {
	const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
	const first = names.findIndex((name) => /[*?[{\\]/.test(name));
	const fixed = first < 0 ? names.length - 1 : first;
	const endless = pattern.includes("**") || pattern.includes("{");
	return {
		path: [path, ...names.slice(0, Math.max(fixed, 0))].join("/"),
		depth: endless ? Number.POSITIVE_INFINITY : Math.max(1, names.length - fixed),
		levels: endless ? Number.POSITIVE_INFINITY : names.length
	};
}
function staysBelow(path) {
	return !/^[/~]/.test(path) && !path.split("/").includes("..");
}
/** The most that a spec may read in all, which is more than a job can hold. */
const MAX_FILES = 1e4;
const MAX_FILE_BYTES = 4194304;
const MAX_BYTES = 67108864;
/**
* Copies the files that a spec reads to the folder `copy`, in which the program that evaluates the spec runs: regular files only, so that
* no link leads out of it, even if the checkout changes meanwhile. `place` returns the location of an offset. Throws one `jobspec-invalid`
* for all files outside of the workspace and all paths that are not known.
*/
async function confineFiles(source, values, { workspace, folder, copy }, place) {
	const { reads, unclear, defaults } = fileCalls(source, values);
	const root = await realpath(workspace);
	const own = await realpath(resolve(root, folder));
	const { inside } = confine(root, own);
	const problems = unclear.map(({ at, call }) => ({
		at,
		text: `the path of \`${call}\` is unknown before the spec is evaluated`
	}));
	const copied = copier(root, copy, inside);
	for (const { at, call, path, depth } of reads) try {
		const found = await inside(call, path.startsWith("~") ? `/${path}` : path);
		if (isAbsolute(path)) throw new Error(`\`${call}\`: ${path} must be relative to the working directory`);
		if (found.exists) await copied(call, found.path, depth);
	} catch (error) {
		problems.push({
			at,
			text: messageOf$1(error)
		});
	}
	const cwd = join(copy, relative(root, own));
	await mkdir(cwd, { recursive: true });
	if (problems.length === 0) return {
		defaults,
		folder: cwd
	};
	const told = problems.toSorted((a, b) => a.at - b.at).map(({ at, text }) => ({
		text,
		location: place(at)
	}));
	const location = told.find((problem) => problem.location !== void 0)?.location;
	throw new ActionError("jobspec-invalid", told.map(({ text, location: at }) => `${at === void 0 ? "" : `${[at.file, at.line].join(":")}: `}${text}`).join("\n"), {
		hint: "Name a file of the workspace by a text such as \"conf/app.toml\" or \"conf/${var.NAME}.toml\", or by the name of a loop over `fileset(\"conf\", \"*\")` or over a list or map of plain texts.",
		...location === void 0 ? {} : { location }
	});
}
/**
* Returns a function that copies a file of the workspace, or the files some levels below a folder, to the same place in the copy, with the
* targets in place of links.
*/
function copier(root, copy, inside) {
	const seen = /* @__PURE__ */ new Map();
	let bytes = 0;
	const tooMuch = (call) => /* @__PURE__ */ new Error(`\`${call}\`: more than ${MAX_FILES} files or ${MAX_BYTES / 1024 / 1024} MiB would be read: name a smaller folder`);
	const one = async (call, path, depth, named) => {
		const before = seen.get(path);
		if (before !== void 0 && before >= depth) return;
		seen.set(path, depth);
		if (seen.size > MAX_FILES) throw tooMuch(call);
		const real = await realpath(path);
		const info = await stat(real);
		const target = join(copy, relative(root, path));
		if (info.isDirectory()) {
			await mkdir(target, { recursive: true });
			if (depth > 0) for (const name of await readdir(real)) {
				if (name === ".git") continue;
				const below = join(path, name);
				if ((await inside(call, below)).exists) await one(call, below, depth - 1, false);
			}
			return;
		}
		if (!info.isFile() || info.size > MAX_FILE_BYTES) {
			if (named) throw new Error(`\`${call}\`: ${relative(root, path)} is not a regular file of at most ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
			return;
		}
		bytes += info.size;
		if (bytes > MAX_BYTES) throw tooMuch(call);
		await mkdir(dirname(target), { recursive: true });
		await writeFile(target, await readInside(path, root, MAX_FILE_BYTES));
	};
	return async (call, path, depth) => one(call, path, depth, depth === 0);
}
// src/jobspec/parse-files.ts
/** Returns whether problems of the cluster's parser may be about functions that read files: by its text, or by the line of such a call. */
function readsFiles(text, values, problems) {
	if (problems.some(({ message }) => API_WORDS.fileFunction.pattern.test(message))) return true;
	const { reads, unclear } = fileCalls(text, values);
	const place = linesOf$1(text);
	const lines = new Set([...reads, ...unclear].map(({ at }) => place(at).line));
	return problems.some(({ line }) => line !== void 0 && lines.has(line));
}
/**
* Parses with the Nomad program, which can read files: relative to `workingDirectory`, as on a developer's machine, and only within the workspace. `refused` are
* the problems of the cluster's parser with the same text. A field that only one of the two knows is a problem, with a hint that names both versions.
*/
async function parseWithFiles({ text, locate }, values, { workingDirectory, refused }, { nomad, world }) {
	const place = linesOf$1(text);
	const { defaults, folder: cwd } = await confineFiles(text, values, {
		workspace: world.workspace,
		folder: workingDirectory,
		copy: await world.privateFolder()
	}, (at) => locate(place(at).line));
	const program = await world.nomadCli();
	const variablesFile = join(await world.privateFolder(), "variables.json");
	await writeFile(variablesFile, JSON.stringify({
		...defaults,
		...values
	}), { mode: 384 });
	const parsed = await nomad.jobs.parseWithCli(text, variablesFile, async (args, stdin) => world.exec([program, ...args], {
		cwd,
		stdin
	}));
	const difference = differenceOf(refused, parsed);
	if (difference === void 0) return parsed;
	const { stdout } = await world.exec([program, "version"], { cwd });
	const version = /v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
	const own = version === void 0 ? program : `Nomad ${version} (${program})`;
	return {
		problems: difference.problems,
		hint: hintOf(difference.by, own, await clusterVersion(nomad))
	};
}
/** Returns the problems of a field that only one of the parsers knows; undefined when they agree. */
function differenceOf(refused, parsed) {
	if ("job" in parsed) {
		const dropped = refused.filter(({ message }) => API_WORDS.unknownField.pattern.test(message));
		return dropped.length === 0 ? void 0 : {
			problems: dropped,
			by: "cluster"
		};
	}
	const isKnown = ({ message }) => !refused.some((one) => one.message === message);
	return parsed.problems.some((one) => (API_WORDS.unknownField.pattern.test(one.message) || API_WORDS.unknownWord.pattern.test(one.message)) && isKnown(one)) ? {
		problems: parsed.problems,
		by: "program"
	} : void 0;
}
/** Reads the version of the cluster for a message, which is right without it. */
async function clusterVersion(nomad) {
	return nomad.agent.version().catch((error) => {
		if (error instanceof ActionError) return void 0;
		throw error;
	});
}
function hintOf(by, program, version) {
	const reads = `The job spec reads files, so ${program} parses it.`;
	const cluster = version === void 0 ? "The cluster" : `The cluster (Nomad ${version})`;
	return by === "cluster" ? `${reads} ${cluster} does not know the field and would drop it: remove the field, or upgrade the cluster.` : `${reads} ${cluster} knows what this program does not: put Nomad ${version ?? "of the cluster's version"} on PATH (hashicorp/setup-nomad), or set NOMAD_BIN to its path.`;
}
// src/jobspec/policy/driver-config.ts
/** The arguments of the drivers whose configuration can be judged. */
const ARGUMENTS = new Map(Object.entries({
	docker: `image advertise_ipv6_address args auth auth_soft_fail cap_add cap_drop cgroupns command container_exists_attempts cpu_cfs_period
      cpu_hard_limit cpuset_cpus devices dns_options dns_search_domains dns_servers entrypoint extra_hosts force_pull group_add healthchecks hostname
      image_pull_timeout init interactive ipc_mode ipv4_address ipv6_address isolation labels load logging mac_address memory_hard_limit mount mounts
      network_aliases network_mode oom_score_adj pid_mode pids_limit port_map ports privileged readonly_rootfs runtime security_opt shm_size storage_opt
      sysctl tty ulimit userns_mode uts_mode volume_driver volumes work_dir`,
	podman: `image apparmor_profile arch args auth auth_soft_fail cap_add cap_drop command cpu_cfs_period cpu_hard_limit devices entrypoint
      extra_hosts force_pull hostname image_pull_timeout init init_path ipc_mode ipv4_address ipv6_address labels logging memory_reservation
      memory_swap memory_swappiness network_mode oom_score_adj os pids_limit port_map ports privileged readonly_rootfs security_opt selinux_opts
      shm_size socket static_ips static_mac sysctl tmpfs tty ulimit userns variant volumes working_dir`,
	exec: "args cap_add cap_drop command ipc_mode pid_mode work_dir",
	java: "args cap_add cap_drop class class_path command ipc_mode jar_path jvm_options pid_mode work_dir",
	qemu: "accelerator args drive_interface emulator graceful_shutdown guest_agent image_path machine_type port_map",
	raw_exec: "args cgroup_v1_override cgroup_v2_override command denied_envvars oom_score_adj work_dir",
	mock_driver: ""
}).map(([driver, names]) => [driver, names.split(/\s+/)]));
/** Returns whether the arguments of a driver are known, so that its `config` can be judged. */
function isKnownDriver(driver) {
	return ARGUMENTS.has(driver);
}
/** Returns the arguments that a driver is not known to have. Another version may have them, or read them as something else. */
function unknownArguments(driver, config) {
	const known = ARGUMENTS.get(driver);
	if (known === void 0 || driver === "mock_driver") return [];
	return Object.keys(config).filter((key) => !known.includes(key)).map((key) => {
		const meant = nearest(key, known);
		const hint = meant === void 0 ? "" : `; did you mean ${meant}?`;
		return {
			key,
			what: `has ${JSON.stringify(key)} in its config, which cannot be checked: this version knows no such argument of the driver ${driver}${hint}`
		};
	});
}
/** The values that isolate a container. A missing value is the driver's default, which does, too. */
const OWN = {
	pid_mode: /^(private)?$/,
	ipc_mode: /^(private|shareable|none)?$/,
	uts_mode: /^(private)?$/,
	userns_mode: /^$/,
	userns: /^(private|nomap|(auto|keep-id)(:[\w=,:.-]*)?)?$/,
	cgroupns: /^(private)?$/,
	runtime: /^(runc|crun|runsc|nvidia|kata|kata-runtime)?$/,
	apparmor_profile: /^(docker-default|containers-default[\w.-]*)?$/
};
const SECURITY_OPTIONS = [
	"no-new-privileges",
	"no-new-privileges:true",
	"no-new-privileges=true"
];
/** Capabilities that containers have by default, or that act only within a container's own namespaces. */
const HARMLESS = `AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT
  IPC_LOCK LEASE NET_ADMIN NET_BROADCAST SYS_NICE SYS_RESOURCE`.split(/\s+/);
/**
* `privileged: false`: returns what shares more with the node than a container does by default. `capabilities` have their own rule, if it
* is set.
*/
function unisolated(driver, config, capabilities) {
	const found = [];
	const { privileged } = config;
	if (!isFalse(privileged)) found.push({
		key: "privileged",
		what: `is privileged${unlessPlain(privileged)}, which is not allowed`
	});
	for (const [key, own] of Object.entries(OWN)) {
		const value = config[key] ?? "";
		if (typeof value === "string" && own.test(value)) continue;
		found.push({
			key,
			what: `is not isolated from the node (${key} = ${JSON.stringify(value)}), which is as good as privileged and not allowed`
		});
	}
	for (const key of ["security_opt", "selinux_opts"]) for (const option of itemsOf(config[key])) if (key !== "security_opt" || typeof option !== "string" || !SECURITY_OPTIONS.includes(option)) found.push({
		key,
		what: `has the security option ${JSON.stringify(option)}, which is as good as privileged and not allowed`
	});
	if (driver === "qemu") found.push(...virtualMachine(config));
	if (!capabilities) return found;
	const added = itemsOf(config["cap_add"]).filter((one) => !HARMLESS.includes(capability(one)));
	if (added.length > 0) found.push({
		key: "cap_add",
		what: `adds the capabilities ${shown(added)}, which is as good as privileged and not allowed; \`capabilities\` of the policy can allow them`
	});
	return found;
}
/** `capabilities`: returns the added capabilities that are not allowed. */
function addedCapabilities(config, allowed) {
	const names = allowed.map(capability);
	const added = itemsOf(config["cap_add"]).filter((one) => !names.includes(capability(one)));
	return added.length === 0 ? [] : [{
		key: "cap_add",
		what: `adds the capabilities ${shown(added)}; allowed: ${listed$1(allowed)}`
	}];
}
/** `host-network: false`: returns a violation if the container's network is not, or may not be, its own or one of the engine's. */
function hostNetwork(config) {
	const mode = config["network_mode"] ?? "";
	const key = "network_mode";
	if (mode === "host" || !isFalse(config["host_network"])) return [{
		key,
		what: "is in the node's own network, which is not allowed"
	}];
	if (typeof mode === "string" && /^((task:)?[A-Za-z0-9][\w.-]*)?$/.test(mode) && !/^host$/i.test(mode)) return [];
	return [{
		key,
		what: `may be in the node's own network (network_mode = ${JSON.stringify(mode)}), which is not allowed`
	}];
}
/**
* `host-paths`: returns folders, files and devices of the node that a container gets and that are not below one of `allowed`. Always
* allowed are volumes of the engine by plain names, memory (tmpfs), and relative paths below the task's own folder.
*/
function hostPaths(driver, config, allowed) {
	const initPath = config["init_path"];
	return [
		...volumePaths(config, allowed),
		...["mount", "mounts"].flatMap((key) => mountPaths(config[key], key, allowed)),
		...devicePaths(config["devices"], allowed),
		...isBlank(initPath) ? [] : devicePath(initPath, allowed),
		...logPaths(config["logging"], allowed),
		...driver === "qemu" ? [...boundPath(config["image_path"] ?? "", "image_path", allowed), ...virtualMachine(config)] : []
	];
}
function boundPath(path, key, allowed) {
	const why = typeof path === "string" ? notOwn(path) : "of the node";
	if (why === void 0 || typeof path === "string" && isListed(path, allowed)) return [];
	return [{
		key,
		what: `mounts ${JSON.stringify(path)} ${why}; allowed: ${listed$1(allowed)}`
	}];
}
function devicePath(path, allowed) {
	if (typeof path === "string" && isListed(path, allowed)) return [];
	return [{
		key: "devices",
		what: `mounts ${JSON.stringify(path)} of the node; allowed: ${listed$1(allowed)}`
	}];
}
function unread(key) {
	return {
		key,
		what: `has a \`${key}\` that cannot be checked: write a plain list as the driver documents it`
	};
}
/** Reads the objects of a block. Any other value, or an object with names outside of `names`, is a violation. */
function read(value, key, names) {
	const list = blocks(value);
	return list?.every((one) => Object.keys(one).every((name) => names?.includes(name) !== false)) === true ? {
		objects: list,
		found: []
	} : {
		objects: [],
		found: [unread(key)]
	};
}
function volumePaths(config, allowed) {
	const driver = config["volume_driver"];
	return [...itemsOf(config["volumes"]).flatMap((volume) => typeof volume === "string" ? boundPath(volume.split(":")[0], "volumes", allowed) : [unread("volumes")]), ...isBlank(driver) ? [] : [{
		key: "volume_driver",
		what: `has the volume driver ${JSON.stringify(driver)}, which can mount any folder of the node`
	}]];
}
const MOUNT = [
	"type",
	"target",
	"source",
	"readonly",
	"bind_options",
	"tmpfs_options",
	"volume_options"
];
const VOLUME = [
	"no_copy",
	"labels",
	"driver_config"
];
function mountPaths(value, key, allowed) {
	const { objects, found } = read(value, key, MOUNT);
	const ofEach = objects.flatMap(({ type, source, volume_options: volume }) => {
		const place = typeof source === "string" && source !== "" ? source : key;
		const options = read(volume, place, VOLUME);
		const drivers = options.objects.filter((one) => blocks(one["driver_config"])?.length !== 0);
		return [
			...mountSource(type, source, place, allowed),
			...options.found,
			...drivers.map(() => ({
				key: place,
				what: "has a volume with a `driver_config`, which can mount any folder of the node"
			}))
		];
	});
	return [...found, ...ofEach];
}
function mountSource(type, source, place, allowed) {
	if (type === "bind") return boundPath(source, place, allowed);
	if (!isBlank(type) && type !== "volume" && type !== "tmpfs") return [{
		key: place,
		what: `has a mount of the type ${JSON.stringify(type)}; allowed: volume, tmpfs and bind`
	}];
	const isVolume = type !== "tmpfs" && typeof source === "string" && /^[A-Za-z0-9][\w.-]*$/.test(source);
	if (isBlank(source) || isVolume) return [];
	return [{
		key: place,
		what: `mounts ${JSON.stringify(source)} of the node; allowed: ${listed$1(allowed)}`
	}];
}
/** Returns violations of devices, which are blocks for Docker and texts for Podman. */
function devicePaths(value, allowed) {
	const list = itemsOf(value);
	if (list.every((one) => typeof one === "string")) return list.flatMap((one) => devicePath(String(one).split(":")[0], allowed));
	const { objects, found } = read(value, "devices", [
		"host_path",
		"container_path",
		"cgroup_permissions"
	]);
	return [...found, ...objects.flatMap((one) => devicePath(one["host_path"], allowed))];
}
function logPaths(value, allowed) {
	const { objects, found } = read(value, "logging", [
		"type",
		"driver",
		"config",
		"options"
	]);
	const ofEach = objects.flatMap((logging) => {
		const all = [read(logging["config"], "logging"), read(logging["options"], "logging")];
		const options = all.flatMap((one) => one.objects).flatMap(Object.entries);
		return [...all.flatMap((one) => one.found), ...options.flatMap(([name, option]) => {
			const path = logPath(name, option);
			if (path === void 0 || isListed(path, allowed)) return [];
			return [{
				key: "logging",
				what: `has the ${name} ${JSON.stringify(option)} for its log, which may be a path of the node; allowed: ${listed$1(allowed)}`
			}];
		})];
	});
	return [...found, ...ofEach];
}
/**
* Returns the part of a log option that may be a file or a socket of the node, such as `syslog-address = "unixgram:///run/x.sock"`;
* undefined for any other value. A variable at the beginning can be such a path, too, except in the `tag`, which is not a path.
*/
function logPath(name, value) {
	if (name === "tag" || ["number", "boolean"].includes(typeof value)) return void 0;
	if (typeof value !== "string") return "";
	const path = value.replace(/^unix\w*:(\/\/)?/i, "");
	return path !== value || /^([/~.\\]|[$%]\{|(file|fd|npipe):)/i.test(value) ? path : void 0;
}
/**
* Returns the arguments of QEMU that may name files of the node, on which QEMU itself runs. A comma begins another option within an
* argument.
*/
function virtualMachine(config) {
	const own = (key) => isBlank(config[key]) || key !== "emulator" && /^[\w.-]+$/.test(String(config[key]));
	const path = config["image_path"];
	return [
		...itemsOf(config["args"]).length > 0 ? ["args"] : [],
		...isBlank(path) || typeof path === "string" && !path.includes(",") ? [] : ["image_path"],
		...[
			"emulator",
			"machine_type",
			"accelerator",
			"drive_interface"
		].filter((key) => !own(key))
	].map((key) => ({
		key,
		what: `has \`${key}\` for QEMU, which can give the machine any file of the node`
	}));
}
/** Returns the owner of a path outside of the task's folder; undefined for a literal path below that folder. */
function notOwn(path) {
	const own = /^\$\{(?:env\.)?NOMAD_TASK_DIR\}\/(.*)$/.exec(path)?.[1];
	if (own !== void 0) return `of the node (the variable is the path in the container; write local/${own})`;
	if (isFilled(path) || /^[/~]|\\|^[A-Za-z]?$/.test(path)) return "of the node";
	const normal = posix.normalize(path);
	if (normal === "../alloc" || normal.startsWith("../alloc/")) return "of the shared folder, where another task can put a symbolic link to a file of the node";
	return /^\.\/?$/.test(normal) || normal === ".." || normal.startsWith("../") ? "of the node" : void 0;
}
function isListed(path, allowed) {
	const inner = posix.normalize(`${path}/`);
	return path.startsWith("/") && !isFilled(path) && allowed.some((folder) => folder.startsWith("/") && inner.startsWith(posix.normalize(`${folder}/`)));
}
/** A text that the node changes. */
const isFilled = (text) => /[$%]\{/.test(text);
/** Drivers also accept texts and numbers for false. */
const isFalse = (value) => [
	void 0,
	null,
	false,
	0,
	"",
	"false",
	"0"
].some((no) => no === value);
const isBlank = (value) => value === void 0 || value === null || value === "";
const unlessPlain = (value) => typeof value === "string" ? ` = ${JSON.stringify(value)}` : "";
const listed$1 = (allowed) => allowed.join(", ") || "none";
const capability = (name) => typeof name === "string" ? name.toUpperCase().replace(/^CAP_/, "") : "";
const shown = (names) => names.map((name) => typeof name === "string" ? name : JSON.stringify(name)).join(", ");
const itemsOf = (value) => Array.isArray(value) ? value : isBlank(value) ? [] : [value];
/** Returns the objects of a block; undefined for any other value, such as a list within a list. */
function blocks(value) {
	const list = itemsOf(value);
	return list.every(isObject) ? list : void 0;
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/jobspec/policy/rules.ts
const TASK_DEFAULTS = {
	CPU: 100,
	MemoryMB: 300
};
const SIDECAR_DEFAULTS = {
	CPU: 250,
	MemoryMB: 128
};
/** Returns whether a policy restricts anything. */
function isRestricting({ at: _at, ...rules }) {
	return Object.values(rules).some((rule) => rule !== void 0 && rule !== true);
}
/** Returns all violations of a job, in the order of the spec. */
function violations(job, policy) {
	const groups = job.TaskGroups ?? [];
	const namespace = job.Namespace || "default";
	return [
		...policy.namespaces !== void 0 && !policy.namespaces.includes(namespace) ? [{
			about: { kind: "namespace" },
			what: `the job is in the namespace ${namespace}; allowed: ${namesOrNone(policy.namespaces)}`
		}] : [],
		...ofRegions(job, policy),
		...groups.flatMap((group) => [...ofGroup(group, job, policy), ...tasksOf$1(group).flatMap((runs) => ofTask(runs, policy))])
	];
}
/** Returns the tasks of a group with the sidecars and gateways of its services, including those that Nomad adds by default. */
function tasksOf$1(group) {
	const own = group.Tasks ?? [];
	const networks = group.Networks ?? [];
	const isolated = networks.length > 0 && networks.every(({ Mode }) => isIsolated(Mode));
	const drivers = own.map(({ Driver }) => Driver);
	const guessed = drivers.includes("podman") && !drivers.includes("docker") ? "podman" : "docker";
	const sidecars = [...group.Services ?? [], ...own.flatMap(({ Services }) => Services ?? [])].flatMap(({ Name, Connect }) => {
		if (!Connect?.SidecarTask && !Connect?.SidecarService && !Connect?.Gateway) return [];
		const task = {
			...Connect.SidecarTask,
			Driver: Connect.SidecarTask?.Driver || guessed
		};
		return [{
			name: `sidecar of ${group.Name}/${Name ?? "service"}`,
			about: { group: group.Name },
			task,
			isolated,
			defaults: SIDECAR_DEFAULTS
		}];
	});
	return [...own.map((task) => ({
		name: `task ${group.Name}/${task.Name}`,
		about: {
			group: group.Name,
			task: task.Name
		},
		task,
		isolated,
		defaults: TASK_DEFAULTS
	})), ...sidecars];
}
function ofRegions({ Type, Multiregion }, { maxCount }) {
	if (maxCount === void 0) return [];
	const about = { kind: "none" };
	const found = (Multiregion?.Regions ?? []).flatMap(({ Name, Count }) => isAtMost(Count, maxCount) ? [] : [{
		about,
		what: `the region ${Name ?? ""} has ${amount(Count)} allocations of each group, and at most ${maxCount} are allowed`
	}]);
	if (Type === "system" || Type === "sysbatch") found.push({
		about,
		what: `the job runs on every node (its type is ${Type}), and at most ${maxCount} allocations of a group are allowed`
	});
	return found;
}
function ofGroup(group, { Update }, { maxCount, hostNetwork: network, hostVolumes }) {
	const { Name, Count, Scaling, Volumes } = group;
	const about = { group: Name };
	const found = [];
	if (maxCount !== void 0) {
		const count = Count ?? Scaling?.Min ?? 1;
		const canaries = group.Update?.Canary ?? Update?.Canary;
		const what = !isAtMost(count, maxCount) ? `has ${amount(count)} allocations` : !isAtMost(Scaling?.Max, maxCount) ? `may be scaled to ${amount(Scaling?.Max)} allocations` : !isAtMost(canaries, maxCount) ? `gets ${amount(canaries)} canaries` : void 0;
		if (what !== void 0) found.push({
			about: {
				...about,
				kind: "count"
			},
			what: `the group ${Name} ${what}, and at most ${maxCount} are allowed`
		});
	}
	const networks = [...group.Networks ?? [], ...(group.Tasks ?? []).flatMap(({ Resources }) => Resources?.Networks ?? [])];
	for (const mode of network === false ? networks.map(({ Mode }) => Mode || "") : []) if (mode === "host") found.push({
		about: {
			...about,
			kind: "network"
		},
		what: `the group ${Name} is in the node's own network, which is not allowed`
	});
	else if (mode !== "" && !isIsolated(mode)) found.push({
		about: {
			...about,
			kind: "network"
		},
		what: `the group ${Name} may be in the node's own network (its mode is ${JSON.stringify(mode)}), which is not allowed`
	});
	if (hostVolumes === void 0 || hostVolumes === true) return found;
	const allowed = hostVolumes === false ? [] : hostVolumes;
	for (const { Type, Source } of Object.values(Volumes ?? {})) {
		if (Type === "csi" || Type === "host" && allowed.includes(Source ?? "")) continue;
		const kind = Type === "host" ? "host volume" : `volume (of the type ${JSON.stringify(Type ?? "")})`;
		found.push({
			about: {
				...about,
				kind: "volume",
				name: Source ?? ""
			},
			what: `the group ${Name} has the ${kind} ${JSON.stringify(Source)}; allowed: ${namesOrNone(allowed)}`
		});
	}
	return found;
}
/**
* Returns the reason why a driver is not allowed, as the end of a sentence that begins with the task's name; undefined if the driver is
* allowed.
*/
function driverProblem(driver, policy, confined, configured) {
	const named = `has the driver ${JSON.stringify(driver)}`;
	const { allowedDrivers, rawExec } = policy;
	if (allowedDrivers !== void 0 && driver !== "" && !allowedDrivers.includes(driver)) return `${named}; allowed: ${namesOrNone(allowedDrivers)}`;
	if (rawExec === false && driver === "raw_exec") return `${named}, which is not allowed`;
	if (driver === "" || allowedDrivers?.includes(driver) === true) return void 0;
	if (confined && driver === "raw_exec" && rawExec !== true) return `${named}, which isolates nothing from the node; \`raw-exec: true\` of the policy can allow it`;
	if (isListing(policy.hostPaths) && driver === "qemu") return `${named}, whose image can name any file of the node as its backing file; \`allowed-drivers\` of the policy can allow it`;
	if (configured && !isKnownDriver(driver)) return `${named}, whose config cannot be checked; \`allowed-drivers\` of the policy can allow it`;
}
function ofTask({ name, about, task, isolated, defaults }, policy) {
	const config = task.Config ?? {};
	const driver = task.Driver ?? "";
	const found = [];
	const say = (kind, named, what) => {
		const place = about.task === void 0 ? { kind: "service" } : {
			kind,
			...named === void 0 ? {} : { name: named }
		};
		const text = `the ${name} ${what}`;
		if (!found.some((other) => other.what === text)) found.push({
			about: {
				...about,
				...place
			},
			what: text
		});
	};
	const sayAll = (all) => {
		for (const { key, what } of all) say(key === "image" ? "image" : "config", key, what);
	};
	const pathsRestricted = isListing(policy.hostPaths);
	const confined = policy.privileged === false || pathsRestricted;
	const configured = confined || policy.hostNetwork === false || policy.capabilities !== void 0 || policy.imageRegistries !== void 0;
	const problem = driverProblem(driver, policy, confined, configured);
	if (problem !== void 0) say("driver", driver, problem);
	if (configured) sayAll(unknownArguments(driver, config));
	if (confined && task.CSIPluginConfig) say("task", void 0, "is a plugin for volumes (`csi_plugin`), which gets the devices of the node");
	if (policy.privileged === false) sayAll(unisolated(driver, config, policy.capabilities === void 0));
	if (policy.hostNetwork === false) {
		sayAll(hostNetwork(config));
		if (driver === "raw_exec" || [
			"exec",
			"java",
			"qemu"
		].includes(driver) && !isolated) say("driver", driver, `is in the node's own network like every task of the driver ${driver}${driver === "raw_exec" ? "" : " in a group without a network with `mode = \"bridge\"`"}, which is not allowed`);
	}
	if (pathsRestricted) sayAll(hostPaths(driver, config, Array.isArray(policy.hostPaths) ? policy.hostPaths : []));
	if (policy.capabilities !== void 0) sayAll(addedCapabilities(config, policy.capabilities));
	if (policy.imageRegistries !== void 0) {
		const allowed = policy.imageRegistries;
		const { image } = config;
		const from = (hub) => typeof image === "string" && allowed.some((registry) => isFrom(image, registry, hub));
		if (image !== void 0 && image !== null && !from(driver === "docker")) {
			const short = from(true) ? `; for the driver ${driver}, write the registry as well, such as docker.io/library/redis` : "";
			say("image", void 0, `has the image ${JSON.stringify(image)}; allowed: images of ${namesOrNone(allowed)}${short}`);
		}
		for (const key of ["load", "image_path"]) {
			const file = config[key];
			if (file !== void 0 && file !== null && file !== "") say("config", key, `has an image of the file ${JSON.stringify(file)}; allowed: images of ${namesOrNone(allowed)}`);
		}
	}
	ofResources(task, defaults, policy, say);
	return found;
}
function ofResources({ Config: config, Resources, ScalingPolicies }, defaults, { maxCpu, maxMemory }, say) {
	const { Cores, MemoryMaxMB, SecretsMB } = Resources ?? {};
	const cpu = Resources?.CPU ?? defaults.CPU;
	const memory = Resources?.MemoryMB ?? defaults.MemoryMB;
	if (maxCpu !== void 0 && !isAtMost(Cores, 0)) say("cpu", void 0, `reserves ${amount(Cores)} cores, whose MHz are unknown, and at most ${maxCpu} MHz are allowed`);
	else if (maxCpu !== void 0 && !isAtMost(cpu, maxCpu)) say("cpu", void 0, `reserves ${amount(cpu)} MHz, and at most ${maxCpu} MHz are allowed`);
	for (const [most, kind, other] of [[
		maxCpu,
		"cpu",
		"vertical_mem"
	], [
		maxMemory,
		"memory",
		"vertical_cpu"
	]]) for (const { Type, Max } of most === void 0 ? [] : ScalingPolicies ?? []) if (Type !== other && !isAtMost(Max, most ?? 0)) say(kind, void 0, `may be scaled to ${amount(Max)} of ${kind}, and at most ${most} is allowed`);
	if (maxMemory === void 0) return;
	const limit = config?.["memory_hard_limit"];
	const most = MemoryMaxMB ?? 0;
	const whole = typeof memory === "number" && typeof SecretsMB === "number" && SecretsMB > 0 ? memory + SecretsMB : memory;
	if (!isAtMost(whole, maxMemory) || !isAtMost(SecretsMB, maxMemory)) say("memory", void 0, `reserves ${amount(isAtMost(whole, maxMemory) ? SecretsMB : whole)} MB of memory, and at most ${maxMemory} MB are allowed`);
	else if (!isAtMost(most, maxMemory) || most < 0) say("memory", void 0, `may use ${most < 0 ? "all" : `${amount(most)} MB of`} memory, and at most ${maxMemory} MB are allowed`);
	else if (!isAtMost(typeof limit === "string" && /^\d+$/.test(limit) ? Number(limit) : limit, maxMemory)) say("config", "memory_hard_limit", `may use ${amount(limit)} MB of memory, and at most ${maxMemory} MB are allowed`);
}
/** A rule that is a list, or `false`, is set. */
const isListing = (rule) => rule !== void 0 && rule !== true;
const namesOrNone = (names) => names?.join(", ") || "none";
/** A network of the group's own is Nomad's bridge, none, or one of CNI. */
const isIsolated = (mode) => typeof mode === "string" && /^(bridge|none|cni\/[\w.-]+)$/.test(mode);
/** An amount is quoted as it is written, even if JavaScript has no such number. */
const amount = (value) => typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
/**
* Returns whether an amount is within a limit. An amount that is not set is within it; one that is not a plain number (a text, more digits
* than JavaScript has) is not.
*/
function isAtMost(amount, most) {
	return amount === void 0 || amount === null || typeof amount === "number" && amount <= most;
}
// src/jobspec/policy/policy.ts
/** The drivers that the built-in template and its fragments may use by default. */
const BUILT_IN_DRIVERS = ["docker", "podman"];
/** Returns the rules for a spec. */
function restrictionsOf({ allowedDrivers }, { spec, policy }) {
	return {
		drivers: allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : void 0),
		policy
	};
}
/**
* Refuses a job that violates its rules. Judges the job in the form that the cluster gets, so that no expression or other file escapes.
* `doubts` are parts of a job object that Nomad does not know, or reads in another way than they are written; without any rule they are
* returned as warnings. Throws one `policy-violation` with all violations, each with file and line of the user's spec where they are known.
*/
function requireAllowed(job, { drivers, policy }, spec, doubts = []) {
	const input = drivers === void 0 ? [] : otherDrivers(job, drivers);
	const told = new Set(input.map(({ what }) => what));
	const restricting = policy !== void 0 && isRestricting(policy.policy);
	const configured = policy === void 0 ? [] : violations(job, policy.policy).filter(({ what }) => !told.has(what));
	const unread = spec.format !== "hcl" ? doubts : restricting ? shapeJob(job).problems.map((one) => ({
		what: one.sort === "unknown" ? newerField(one) : one.what,
		at: void 0,
		newer: true
	})) : [];
	const unjudged = restricting ? unread : drivers === void 0 ? [] : unread.filter(({ newer }) => newer !== true);
	const all = [...unjudged, ...[...input, ...configured].map(({ about, what }) => ({
		what,
		at: specLocation(about, spec)
	}))];
	if (all.length === 0) return unread.flatMap(({ what, at, newer }) => newer === true ? [] : [`${atLocation(at)}${what}`]);
	const location = all.find(({ at }) => at?.line !== void 0)?.at ?? all.find(({ at }) => at !== void 0)?.at;
	const more = [...new Set(input.map(({ about }) => about.name))];
	const hints = [
		"Nothing was built or registered.",
		...unjudged.some(({ newer }) => newer !== true) ? ["Use only fields that Nomad is known to have, each once: nothing else can be checked."] : unjudged.length > 0 ? ["No rule can check such a field: leave it out, or use a newer version of nomad-deploy."] : [],
		...input.length === 0 ? [] : [`To allow it, set \`allowed-drivers: ${[...drivers ?? [], ...more].join(" ")}\`.`],
		...configured.length === 0 || policy === void 0 ? [] : [`\`policy\` in ${policy.source} says what is allowed.`]
	];
	throw new ActionError("policy-violation", all.map(({ what, at }) => `${atLocation(at)}${what}`).join("\n"), {
		hint: hints.join(" "),
		...location === void 0 ? {} : { location }
	});
}
/** Throws `policy-violation` for a count above the limit that comes from an input, not from a spec. */
function requireCount(count, policy) {
	const most = policy?.policy.maxCount;
	if (policy === void 0 || most === void 0 || count === void 0 || count <= most) return;
	throw new ActionError("policy-violation", `\`count\` is ${count}, and at most ${most} allocations of a group are allowed`, { hint: `Nothing was changed. \`policy\` in ${policy.source} says what is allowed.` });
}
function otherDrivers(job, allowed) {
	return (job.TaskGroups ?? []).flatMap(tasksOf$1).flatMap(({ name, about, task: { Driver } }) => Driver && !allowed.includes(Driver) ? [{
		about: {
			...about,
			kind: "driver",
			name: Driver
		},
		what: `the ${name} has the driver ${JSON.stringify(Driver)}; allowed: ${namesOrNone(allowed)}`
	}] : []);
}
function atLocation(at) {
	return at === void 0 ? "" : `${at.file}${at.line === void 0 ? "" : `:${at.line}`}: `;
}
// src/jobspec/short-lived.ts
/** Matches the tokens that GitHub gives a workflow (or an app, for an hour) and GitLab a job. */
const SHORT_LIVED = /^(ghs_|glcbt-)/;
/**
* Returns a warning for a registry password that is a token which expires with the workflow: the registry refuses a node that pulls the
* image later.
*/
function shortLivedLogin(password, who) {
	if (!SHORT_LIVED.test(password)) return [];
	return [`${who} logs in to its registry with a token that expires with this workflow: the registry refuses a node that pulls the image later, for example when the task moves. Give the job a lasting read-only token (NOMAD_VAR_CI_REGISTRY_READ_TOKEN), or give the nodes their own credentials (docs/cluster.md).`];
}
/** Returns warnings for tasks whose registry password is in the job, where everyone who may read the job or its versions sees it. */
function loginWarnings({ TaskGroups }, spec) {
	return (TaskGroups ?? []).flatMap(({ Name, Tasks }) => (Tasks ?? []).flatMap((task) => {
		const passwords = passwordsOf(task).filter((password) => password !== "" && !password.includes("${"));
		if (passwords.length === 0) return [];
		const { file, line } = specLocation({
			kind: "config",
			group: Name,
			task: task.Name,
			name: "auth"
		}, spec) ?? {};
		return [`${file === void 0 ? "" : `${file}${line === void 0 ? "" : `:${line}`}: `}The task ${task.Name} of ${Name} has the password of its registry in the job, where everyone who may read the job sees it. Store the password as a secret, such as REGISTRY_PASSWORD, and write password = "$\${REGISTRY_PASSWORD}" (docs/secrets.md).`, ...passwords.flatMap((password) => shortLivedLogin(password, `The task ${task.Name} of ${Name}`))];
	}));
}
/**
* Returns the passwords in the `auth` of a task's driver config, at any depth: a block of HCL is a list of one, and a list within a list is
* a block, too.
*/
function passwordsOf({ Config }) {
	return [Config?.["auth"]].flat(Number.POSITIVE_INFINITY).flatMap((login) => typeof login === "object" && login !== null && "password" in login && typeof login.password === "string" ? [login.password] : []);
}
// src/jobspec/template-data.ts
/**
* Returns the data for a template of the repository (`.hbs`), as docs/templates.md describes it. `vars` has the values of the variable
* files and, over them, `NOMAD_VAR_<NAME>` and the input `vars` as text, and the parts of the image that `image-variables` names.
*/
function templateData({ vars, nomadNamespace, nomadRegion }, { spec, target, context, image, imageVariables, images, secretsTemplate, secretsRelease, fromFiles }) {
	const [owner = "", name = ""] = context.repository.split("/");
	return {
		job: {
			id: target.jobId,
			namespace: nomadNamespace ?? "default",
			region: nomadRegion ?? "global",
			spec: spec.name
		},
		target: {
			environment: target.environment.name,
			project: target.projectSlug,
			ref: target.refSlug,
			hostnames: target.hostnames,
			hostname: target.hostnames[0] ?? "",
			url: target.url ?? ""
		},
		image,
		images: image === "" || Object.keys(images).length > 0 ? images : { [repositoryOf(image)]: image },
		github: {
			repository: context.repository,
			owner,
			name,
			ref: context.ref,
			sha: context.sha,
			eventName: context.eventName,
			actor: context.actor,
			runId: context.runId,
			runUrl: context.runUrl ?? "",
			defaultBranch: context.defaultBranch ?? ""
		},
		vars: {
			...givenValues({ vars }, fromFiles),
			...imageVariables
		},
		secretsTemplate: secretsTemplate === "" ? NO_TEMPLATE : secretsTemplate,
		secretsRelease: secretsRelease === "" ? NO_RELEASE : secretsRelease
	};
}
// src/jobspec/value-problem.ts
/** Matches the parser's errors that a value can cause on a line that uses its variable. */
const OF_A_USE = /^(Incorrect attribute value type|Unsuitable value|Invalid (index|value|template|operand|function argument)|Error in function call|Attempt to)/;
/** Matches places in the parser's messages. The parser has one name for the spec and for the list of values. */
const PLACE = /(?:input\.hcl|stdin):(\d+),\d+(?:-\d+(?:,\d+)?)?/g;
/** Matches the parser's advice on escapes, which is wrong for a driver's config, because that is read twice. */
const PARSERS_ADVICE = /(?<!\s)\s*(?:This can happen when you include interpolation syntax for another language|Did you intend this to be a literal sequence to be processed as part of another language\?)[^"]{0,200}"(?:\$\$|%%)\{" instead of just "[$%]\{"\.|(?<!\s)\s*To include a literal "\$", double it \(as "\$\$"\) to escape it\./;
/** Returns a message of the cluster's parser with the user's files in place of the parser's names for them. */
function withOwnPlaces(text, locate, name) {
	return text.replace(PARSERS_ADVICE, "").replace(PLACE, (_, line) => {
		const at = locate(Number(line));
		return at === void 0 ? name : `${at.file}:${at.line}`;
	}).replaceAll("input.hcl", name);
}
/**
* Returns the parser's message about the value of a variable, with its name, source and place; undefined for a problem of the spec alone.
* The location is the line that gave the value, or that of the spec if no file did: the parser itself names a line of the values that it
* was sent.
*/
function valueProblem(problem, { text, locate }, chosen) {
	const blocks = declarationsIn(text);
	const told = (name, what, found) => {
		const at = found && locate(found.line);
		const source = chosen.sources[name] ?? "its default";
		return {
			text: `${at === void 0 ? "" : `${at.file}:${at.line}:${found?.column}: `}${problemWith(name, what, source)}`,
			location: sourceLocation(source) ?? (at && {
				...at,
				...found && { column: found.column }
			})
		};
	};
	const [, name, wrong] = API_WORDS.valueType.pattern.exec(problem.message) ?? [];
	if (name !== void 0 && wrong !== void 0) {
		const block = blocks.find((one) => one.name === name);
		return told(name, `the value does not have the declared type: ${wrong.trim()}`, block);
	}
	const [, rule, row, character] = API_WORDS.valueRule.pattern.exec(problem.message) ?? [];
	if (rule !== void 0) return told(around(blocks, Number(row)) ?? "", rule, {
		line: Number(row),
		column: Number(character)
	});
	return problemOfUse(problem, {
		text,
		locate
	}, chosen, blocks);
}
function declarationsIn(text) {
	const place = linesOf$1(text);
	return readBlocks(text).blocks.flatMap(({ type, labels: [name = ""], at, text: own, attributes }) => type === "variable" ? [{
		name,
		at,
		text: own
	}] : type === "variables" ? attributes : []).map(({ name, at, text: own }) => ({
		name,
		...place(at),
		last: place(at + own.length - 1).line
	}));
}
/** Returns the variable whose declaration contains a line. */
function around(declarations, line) {
	return declarations.find((one) => one.line <= line && line <= one.last)?.name;
}
/**
* Returns a problem with the sources of the variables that its line uses, directly or by locals; undefined if no value can have caused it.
*/
function problemOfUse({ message, line, column }, { text, locate }, { values, sources }, declarations) {
	if (line === void 0) return void 0;
	if (/^(Duplicate variable|Invalid type specification|Invalid argument name|Unsupported (argument|block type))/.test(message)) return void 0;
	const inBlock = around(declarations, line);
	const given = (inBlock === void 0 ? OF_A_USE.test(message) ? variablesUsed(text, line) : [] : [inBlock]).filter((one) => one in values);
	if (given.length === 0) return void 0;
	const at = locate(line);
	const from = [...new Set(given)].map((one) => `var.${one} has its value from ${sources[one] ?? "the action"}`);
	return {
		text: `${at === void 0 ? "" : `${[
			at.file,
			at.line,
			column
		].filter((part) => part !== void 0).join(":")}: `}${message}${/[.!?]$/.test(message) ? "" : "."} (${from.join("; ")})`,
		location: at && {
			...at,
			...column === void 0 ? {} : { column }
		}
	};
}
function variablesUsed(text, line) {
	const locals = readBlocks(text).blocks.flatMap(({ type, attributes }) => type === "locals" ? attributes : []);
	const names = (written, of) => [...written.matchAll(/\b(var|local)\.([A-Za-z_][\w-]*)/g)].flatMap(([, root, one = ""]) => root === of ? [one] : []);
	const written = text.split("\n")[line - 1] ?? "";
	return [written, ...locals.filter(({ name }) => names(written, "local").includes(name)).map((local) => local.text)].flatMap((one) => names(one, "var"));
}
/** Matches the parser's errors for `${` or `%{` of another language. */
const OF_ANOTHER_LANGUAGE = /^(Extra characters after interpolation|Invalid (expression|character|operand|template|multi-line string|reference|attribute name)|Unsupported (attribute|operator)|Unterminated|Unclosed|Missing|Call to unknown function|Unknown (variable|token)|Variables not allowed)/;
/** Matches placeholders of other template engines, outside of texts in quotes. */
const OF_AN_ENGINE = /\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|%\{[^}]*\}|\$\{[^}]*\}|\$[A-Za-z_]\w*|@[A-Z_]\w*@/;
/**
* Returns advice, as the end of a sentence, for a line with a placeholder of another program, or with a `${` or `%{` of another language;
* empty for any other line.
*/
function escapeFor({ message, line, column }, text) {
	if (line === void 0) return "";
	const end = /[.!?]$/.test(message.replace(PARSERS_ADVICE, "")) ? "" : ".";
	if (/^Unsupported block type; Blocks of type "(variables?|locals)"/.test(message)) return `${end} Write the block in vars.nomad, or beside the \`job\` block of the spec.`;
	const lines = text.split("\n");
	const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
	const blocks = readBlocks(text);
	const own = lines[line - 1] ?? "";
	const label = /^\s*(job|group|task|port|volume)\s+"[^"]*[$%]\{/.exec(own)?.[1];
	if (label !== void 0 && message.startsWith("Invalid string literal")) return label === "job" ? `${end} A label takes no variable: write the id of the job, or set the input \`job-name\`.` : `${end} A label takes no variable: write the name, or a \`dynamic "${label}"\` block with \`labels\`.`;
	const foreign = inHeredoc(blocks, offset) ? void 0 : OF_AN_ENGINE.exec(withoutComments(own.slice(0, 500).replace(/"(?:[^"\\]|\\.)*"/g, "\"\"")))?.[0];
	if (foreign !== void 0) return `${end} \`${foreign}\` is a placeholder of another program: render the file first, or declare a variable and write \`var.NAME\`.`;
	if (!OF_ANOTHER_LANGUAGE.test(message)) return "";
	const before = own.slice(0, column);
	if (message.startsWith("Unsupported attribute") && /^\$\{\s*(?:var|local|each)\./.test(before.slice(before.lastIndexOf("${")))) return "";
	const written = message.startsWith("Invalid multi-line") ? `${lines[line - 2] ?? ""}\n${own}` : own;
	const interpolated = /(?<!\$)\$\{(?!\s*(?:var|local|each|path)\.)/.test(written);
	const directive = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)/.test(written);
	if (!interpolated && !directive) return "";
	const twice = inConfig(blocks, offset);
	return `${end} Write ${[...interpolated ? [`\`${twice ? "$$" : "$"}\${\` for a \`\${\``] : [], ...directive ? [`\`${twice ? "%" : ""}%%{\` for a \`%{\``] : []].join(" and ")} that is meant for the task itself.`;
}
function inHeredoc({ attributes, blocks }, offset) {
	return attributes.some(({ at, text }) => at <= offset && offset < at + text.length && /<<-?[A-Za-z_]/.test(text)) || blocks.some((block) => inHeredoc(block, offset));
}
function inConfig({ type, at, text, blocks }, offset) {
	if (type !== "" && (offset < at || offset > at + text.length)) return false;
	return type === "config" || blocks.some((block) => inConfig(block, offset));
}
// src/jobspec/render.ts
/** The placeholder of the job id in a job's label, which cannot be a variable. */
const SLUG_WORD = "NOMAD_VAR_SLUG";
/**
* Renders a spec with its variables and parses it on the cluster (`/v1/jobs/parse`), so that the language is always the cluster's own. The
* Nomad CLI parses only a spec that reads files, which the cluster refuses. Throws one `input-invalid` for variables that are missing, of
* the wrong type or out of range, `jobspec-invalid` with file, line and column of the user's file for a spec that the parser refuses, and
* `policy-violation` for a job that is not allowed.
*/
async function renderJobspec(inputs, rendering, nomad, world) {
	const { spec } = rendering;
	const parsed = spec.format === "hcl" ? await parseHcl(inputs, rendering, nomad, world) : await parseObject(inputs, rendering, nomad);
	const job = withItemNames(withTaskTemplates(finish(parsed.job, inputs, rendering), rendering), rendering);
	const doubted = requireAllowed(inputs.command === "deploy" || inputs.command === "plan" ? withoutOpenCounts(job, inputs.preserveCounts) : job, restrictionsOf(inputs, rendering), spec, parsed.doubts);
	const scoped = secretNames(Object.keys(inputs.secrets)).flatMap(({ scope, name }) => scope.length > 0 ? [name] : []);
	const isSecret = (name) => scoped.includes(name) || Object.keys(inputs.secrets).length === 0 && namesSecret(name);
	refuseUnknownWords(job, parsed.composition, isSecret);
	return {
		...parsed.source === void 0 || spec.format !== "hcl" ? {
			source: JSON.stringify({ Job: job }, null, 2),
			format: "json"
		} : {
			source: parsed.source,
			format: "hcl2"
		},
		variables: parsed.variables,
		settings: parsed.settings,
		job,
		namespace: job.Namespace || "default",
		specHash: createHash("sha256").update(JSON.stringify(job)).digest("hex"),
		warnings: [
			...parsed.warnings,
			...doubted,
			...spec.builtIn ? [] : unused(job, rendering),
			...unwrittenKeys(spec, rendering.target.jobId),
			...rendering.kept?.login === true ? [] : loginWarnings(job, spec),
			...nodeWords(job, parsed.composition)
		]
	};
}
async function parseObject(inputs, rendering, nomad) {
	const { spec } = rendering;
	const own = await ownText(inputs, rendering);
	const composition = compose([{
		text: own.text,
		from: {
			file: spec.name,
			line: 1,
			...own.lines.length === 0 ? {} : { lines: own.lines }
		}
	}]);
	refuseBrackets(composition);
	const read = await readJobObject(spec, own, nomad);
	const placed = {
		...read.job,
		...inputs.nomadNamespace === void 0 ? {} : { Namespace: inputs.nomadNamespace }
	};
	const object = {
		...read,
		doubts: await withNewerFields(placed, read.doubts, nomad)
	};
	refuseWords(object.job, composition);
	return {
		...object,
		composition,
		source: void 0,
		variables: "",
		settings: variableSettings([], {
			values: {},
			sources: {}
		}, inputs, rendering),
		warnings: undeclared([], inputs.vars, spec, rendering.others)
	};
}
/** Returns the spec's own text, rendered if it is a template of the repository. */
async function ownText(inputs, rendering) {
	const { spec, target } = rendering;
	const text = spec.text.replaceAll(SLUG_WORD, target.jobId);
	if (!spec.template) return {
		text,
		lines: []
	};
	return renderTemplate(text, templateData(inputs, rendering), spec.name, { optional: ["vars"] });
}
async function parseHcl(inputs, rendering, nomad, world) {
	const { spec, target, fromFiles, imageVariables: ofImage = {} } = rendering;
	const { parts, variablesFile, over } = await partsOf(inputs, rendering);
	const declaring = compose(parts);
	const declared = declaredVariables(declaring.text);
	const given = spec.builtIn ? linesAsLists(inputs.vars) : inputs.vars;
	const check = (found) => spec.builtIn ? serviceProblems(found, inputs.nomadRegion, inputs.blueGreen) : [];
	const offers = {
		ofImage,
		given,
		givenBy: inputs.sources.vars,
		fromFiles,
		automatic: automaticValues(inputs, rendering)
	};
	const chosen = variableValues(declared, offers, declaring.locate, check);
	const { values } = chosen;
	const parse = async (composition) => {
		const job = await parseText(composition, chosen, {
			inputs,
			spec
		}, {
			nomad,
			world
		});
		refuseWords(job, composition);
		return job;
	};
	const source = spec.builtIn ? compose([{ text: await renderBuiltIn(values, {
		...rendering,
		blueGreen: inputs.blueGreen
	}) }, ...variablesFile]) : declaring;
	const shared = over.length === 0 ? "" : topLevelBlocks(declaring.text, [
		"variable",
		"variables",
		"locals"
	]).join("\n");
	let job = await parse(source);
	for (const fragment of over) job = await layOver(job, fragment, shared, parse);
	const own = compose([...parts, ...over.map(({ file }) => partOf$1(file))]);
	return {
		job,
		source: over.length === 0 ? source.text : void 0,
		variables: JSON.stringify(values),
		settings: variableSettings(declared, chosen, inputs, rendering),
		warnings: [
			...undeclared(declared, inputs.vars, spec, rendering.others),
			...overridden(declared, offers),
			...misspelt(declared, fromFiles),
			...bareWords(own),
			...spec.builtIn ? [...serviceWarnings(values, target, job), ...shortLivedLogin(registryLogin(values)?.password ?? "", "The task http of group")] : []
		],
		doubts: [],
		composition: own
	};
}
/**
* Returns the texts that declare the spec's variables (for an own spec the spec itself, with the fragments that it has markers for), the
* file `vars.nomad`, and the fragments to lay over the job.
*/
async function partsOf(inputs, rendering) {
	const { spec, target } = rendering;
	const fragments = Object.fromEntries(Object.entries(spec.fragments).map(([kind, file]) => [kind, {
		...file,
		text: file.text.replaceAll(SLUG_WORD, target.jobId)
	}]));
	const variablesFile = fragments.vars === void 0 ? [] : [partOf$1(fragments.vars)];
	const { parts, left } = spec.builtIn ? {
		parts: [{ text: declarations() }],
		left: Object.keys(fragments)
	} : insertAtMarkers({
		name: spec.name,
		...await ownText(inputs, rendering)
	}, fragments);
	const over = ["job", "group"].flatMap((kind) => {
		const file = fragments[kind];
		return file === void 0 || !left.includes(kind) ? [] : [{
			kind,
			file
		}];
	});
	return {
		parts: [...parts, ...left.includes("vars") ? variablesFile : []],
		variablesFile,
		over
	};
}
function partOf$1({ text, name }) {
	return {
		text,
		from: {
			file: name,
			line: 1
		}
	};
}
/**
* Parses a text on the cluster, or with the Nomad CLI if the text reads files. Throws `jobspec-invalid` with every problem of the parser.
*/
async function parseText(composition, chosen, { inputs, spec }, { nomad, world }) {
	refuseBrackets(composition);
	const remote = await nomad.jobs.parse(composition.text, JSON.stringify(chosen.values), inputs.nomadNamespace);
	const refused = "problems" in remote ? remote.problems : [];
	const around = {
		workingDirectory: inputs.workingDirectory,
		refused
	};
	const parsed = readsFiles(composition.text, chosen.values, refused) ? await parseWithFiles(composition, chosen.values, around, {
		nomad,
		world
	}) : remote;
	if ("problems" in parsed) throw parseError(parsed, composition, spec, chosen);
	return parsed.job;
}
/** Parses a fragment by itself, within the block that it belongs to, and lays it over the job. */
async function layOver(job, { kind, file }, shared, parse) {
	const group = job.TaskGroups?.[0]?.Name ?? "group";
	const [open, close] = kind === "job" ? [`job ${hclLiteral(job.ID)} {`, "}"] : [`job ${hclLiteral(job.ID)} {\ngroup ${hclLiteral(group)} {`, "}\n}"];
	const over = await parse(compose([
		{ text: shared },
		{ text: open },
		partOf$1(file),
		{ text: close }
	]));
	return kind === "job" ? overlay(job, over) : (over.TaskGroups ?? []).reduce(overlayGroup, job);
}
function finish(job, { jobName, nomadNamespace, vars, promote, blueGreen }, { spec }) {
	const named = jobName === void 0 ? job : {
		...job,
		ID: jobName,
		Name: jobName
	};
	const placed = nomadNamespace === void 0 ? named : {
		...named,
		Namespace: nomadNamespace
	};
	const twice = spec.builtIn && blueGreen ? withBlueGreen(placed) : placed;
	const own = promote === "manual" || promote === "verify" ? withManualPromotion(twice) : twice;
	return (spec.builtIn || spec.name.endsWith("project.nomad")) && parseBoolean("NOMAD_VAR_DEPLOY_WITH_PODMAN", vars["DEPLOY_WITH_PODMAN"]) === true ? withPodman(own) : own;
}
/** Returns the job without automatic promotion of its canaries. */
function withManualPromotion(job) {
	const manual = (one) => one.Update?.AutoPromote === true ? {
		...one,
		Update: {
			...one.Update,
			AutoPromote: false
		}
	} : one;
	return manual({
		...job,
		TaskGroups: (job.TaskGroups ?? []).map(manual)
	});
}
/** Returns the job with Podman tasks in place of its Docker tasks. Podman has no hard memory limit. */
function withPodman(job) {
	const task = (own) => {
		if (own.Driver !== "docker") return own;
		const { memory_hard_limit: _limit, ...config } = own.Config ?? {};
		return {
			...own,
			Driver: "podman",
			Config: config
		};
	};
	return {
		...job,
		TaskGroups: (job.TaskGroups ?? []).map((group) => ({
			...group,
			Tasks: (group.Tasks ?? []).map(task)
		}))
	};
}
function parseError({ problems, hint }, composition, spec, chosen) {
	const own = problems.filter(({ message }) => !/^Undefined variable; A "[^"]*" variable was set but was not found/.test(message));
	const told = (own.length === 0 ? problems : own).map((problem) => {
		const ofValue = valueProblem(problem, composition, chosen);
		if (ofValue !== void 0) return {
			...ofValue,
			text: withOwnPlaces(ofValue.text, composition.locate, spec.name)
		};
		const { message, line, column } = problem;
		const at = line === void 0 ? void 0 : composition.locate(line);
		const file = at?.file ?? spec.name;
		const location = {
			file,
			...at === void 0 ? {} : {
				line: at.line,
				...column === void 0 ? {} : { column }
			}
		};
		return {
			text: `${[
				file,
				location.line,
				location.column
			].filter((part) => part !== void 0).join(":")}: ${withOwnPlaces(message, composition.locate, spec.name)}${escapeFor(problem, composition.text)}`,
			location: at === void 0 && spec.builtIn ? void 0 : location
		};
	});
	const location = told.find((problem) => problem.location !== void 0)?.location;
	const details = {
		...location === void 0 ? {} : { location },
		...hint === void 0 ? {} : { hint }
	};
	return new ActionError("jobspec-invalid", told.map(({ text }) => text).join("\n"), details);
}
// src/jobspec/settings.ts
/** Longer values would break the columns of the list. */
const MAX_WIDTH$1 = 60;
const MAX_LENGTH$2 = 200;
/**
* Returns every value that decides about a job, with its source: the resolved inputs, the hostnames, the secrets by their names, and the
* variables of the spec. Leaves out values that are not set and have no default. Contains no secret.
*/
function settings(inputs, { target, spec }, { job, namespace, settings: variables }) {
	const { sources } = inputs;
	const token = inputs.nomadLogin === void 0 ? inputs.nomadToken[target.environment.value] : void 0;
	const region = regionOf(job);
	const regionVariable = spec.builtIn ? variables.find(({ name }) => name === "REGION") : void 0;
	const special = {
		config: inputs.config,
		app: inputs.app,
		cluster: target.cluster,
		program: void 0,
		"nomad-addr": target.nomadAddr,
		"nomad-token": token && {
			value: "***",
			source: token.source
		},
		"nomad-auth-method": inputs.nomadLogin?.method,
		"nomad-auth-audience": inputs.nomadLogin?.audience,
		"nomad-namespace": inputs.nomadNamespace ?? (job.Namespace ? {
			value: namespace,
			source: spec.name
		} : {
			value: namespace,
			source: "default"
		}),
		"nomad-region": region !== void 0 && region !== inputs.nomadRegion ? {
			value: region,
			source: regionVariable?.source ?? spec.name
		} : inputs.nomadRegion ?? "the agent's own",
		"nomad-cacert": inputs.nomadTls.cacert && {
			...inputs.nomadTls.cacert,
			value: pem(inputs.nomadTls.cacert.value)
		},
		"nomad-client-cert": inputs.nomadTls.clientCert && {
			...inputs.nomadTls.clientCert,
			value: pem(inputs.nomadTls.clientCert.value)
		},
		"nomad-client-key": inputs.nomadTls.clientKey && "***",
		"nomad-tls-server-name": inputs.nomadTls.serverName,
		"nomad-skip-verify": inputs.nomadTls.skipVerify,
		"nomad-headers": Object.keys(inputs.nomadHeaders),
		environment: {
			...target.environment,
			value: target.environment.name
		},
		"base-domain": inputs.baseDomain,
		"job-name": {
			value: job.ID,
			source: job.ID === target.jobId ? target.sources.jobId : spec.name
		},
		vars: void 0,
		image: inputs.image,
		"image-variables": Object.entries(inputs.imageVariables).map(([variable, part]) => `${variable}=${part}`),
		file: inputs.file,
		target: inputs.target,
		"build-args": inputs.buildArgs.map(buildArg),
		"build-secrets": Object.keys(inputs.buildSecrets),
		platforms: inputs.platforms,
		tags: inputs.tags,
		labels: inputs.labels,
		"cache-from": inputs.cacheFrom.map(withoutCredentials),
		"cache-to": inputs.cacheTo.map(withoutCredentials),
		provenance: inputs.provenance,
		sbom: inputs.sbom,
		builder: inputs.builder,
		test: typeof inputs.test === "object" ? JSON.stringify(inputs.test) : inputs.test,
		"test-env": Object.keys(inputs.testEnv),
		scan: inputs.scan,
		registry: inputs.registry,
		"registry-username": inputs.registryUsername,
		"registry-password": inputs.registryPassword && "***",
		"registry-auth": inputs.registryAuth.map(({ registry }) => registry),
		job: spec.name,
		"allowed-drivers": inputs.allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : void 0),
		"allow-untrusted-events": inputs.allowUntrustedEvents.join(" ") || void 0,
		secrets: void 0,
		timeout: inputs.timeoutMs === void 0 ? void 0 : formatDuration(inputs.timeoutMs),
		"fail-fast": inputs.failFast ? "certain" : "off",
		"pre-deploy": inputs.preDeploy && hookText(inputs.preDeploy),
		"post-deploy": inputs.postDeploy && hookText(inputs.postDeploy),
		verify: [...inputs.verify.map(({ target }) => withoutQuery("url" in target ? target.url : target.path)), ...inputs.bake === void 0 ? [] : [`for ${formatDuration(inputs.bake.forMs)}`]],
		"prometheus-addr": inputs.prometheus?.address,
		"prometheus-token": inputs.prometheus?.authorization && "***",
		"watch-for": inputs.watchForMs === void 0 ? void 0 : formatDuration(inputs.watchForMs),
		"on-placement-failure": patience(inputs.placementPatienceMs),
		"preserve-counts": inputs.preserveCounts ?? "groups with scaling",
		waves: inputs.waves.map((wave) => wave.join(" ")),
		"wave-bake": inputs.waves.length === 0 || inputs.waveBakeMs === 0 ? void 0 : formatDuration(inputs.waveBakeMs),
		"all-or-nothing": inputs.waves.length === 0 ? void 0 : inputs.allOrNothing,
		"webhook-url": inputs.webhook && "***",
		"webhook-on": inputs.webhook?.on,
		"github-token": void 0,
		tag: inputs.tag,
		to: inputs.to,
		until: inputs.until && ("forMs" in inputs.until ? formatDuration(inputs.until.forMs) : isoTime(inputs.until.atMs)),
		ttl: inputs.ttlMs === void 0 ? void 0 : formatDuration(inputs.ttlMs),
		follow: inputs.command === "logs" ? inputs.follow : void 0,
		"dry-run": inputs.command === "sweep" ? inputs.dryRun : void 0,
		meta: Object.keys(inputs.meta),
		payload: inputs.payload && `${Buffer.byteLength(inputs.payload)} bytes`,
		"approved-plan": inputs.approvedPlan
	};
	const values = new Map(Object.entries(inputs));
	const given = new Map(Object.entries(sources.inputs));
	const setting = (name, value, source = given.get(name) ?? "default") => {
		if (value === void 0 || typeof value === "object" && "length" in value && value.length === 0) return [];
		if (typeof value === "object" && "source" in value) return setting(name, value.value, value.source);
		const by = source === name ? "input" : inputNames.some((one) => one === source) ? `input ${source}` : source;
		return [{
			name,
			value: typeof value === "string" ? value : typeof value === "object" ? value.join(", ") : String(value),
			source: by
		}];
	};
	return [
		...inputNames.flatMap((name) => setting(name, name in special ? special[name] : plainValue(name, values.get(camelCase(name))))),
		...setting("hostnames", target.hostnames, target.sources.hostnames),
		...Object.keys(inputs.secrets).flatMap((name) => setting(`secret.${name}`, "***", sources.secrets[name])),
		...variables.flatMap((variable) => setting(`var.${variable.name}`, shownValue(variable), variable.source))
	];
}
/** Returns the value of an input whose form the table tells, as it is shown. */
function plainValue(name, value) {
	if (value !== void 0 && INPUTS[name].secret !== void 0) return "***";
	if (Array.isArray(value)) return value.map(String);
	return typeof value === "string" || typeof value === "boolean" ? value : typeof value === "number" ? String(value) : void 0;
}
/** Returns the region of a job; undefined for `global`, which Nomad writes into a job without a region. */
function regionOf({ Region }) {
	return Region === "global" ? void 0 : Region || void 0;
}
/** Returns a build argument for the list, with its value hidden like that of a variable. */
function buildArg(argument) {
	const [, name = "", value = ""] = /^([^=]*)=?([\s\S]*)$/.exec(argument) ?? [];
	return mayShow(name, value) ? argument : `${name}=***`;
}
/** Returns a path as it is, and a placeholder for PEM text. */
function pem(value) {
	return isFilePath(value) ? value : "PEM text";
}
function patience(ms) {
	return ms === 0 ? "fail" : ms === Number.POSITIVE_INFINITY ? "wait" : formatDuration(ms);
}
/** Returns the list as lines of the log, in columns. */
function settingLines(list) {
	const shown = list.map(({ name, value, source }) => {
		const line = value === "" || /[\r\n\t]/.test(value) ? JSON.stringify(value) : value;
		return {
			name,
			value: line.length > MAX_LENGTH$2 ? `${line.slice(0, MAX_LENGTH$2)}…` : line,
			source
		};
	});
	const width = (texts) => Math.min(MAX_WIDTH$1, Math.max(0, ...texts.map((text) => text.length)));
	const [names, values] = [width(shown.map(({ name }) => name)), width(shown.map(({ value }) => value))];
	return shown.map(({ name, value, source }) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`);
}
// src/jobspec/spec-file.ts
/**
* Reads a job spec (a path within the workspace, else the built-in template) and its fragments. Throws `input-invalid` for a spec of an
* unknown kind and for a fragment that holds a whole job; `jobspec-invalid` for a template of another program.
*/
async function readSpecFile({ path, fragments }, workspace) {
	const pairs = await Promise.all(Object.entries(fragments).map(async ([kind, file]) => [kind, requirePart(await readSourceFile(file, workspace))]));
	const found = Object.fromEntries(pairs);
	if (path === void 0) return {
		name: BUILT_IN,
		builtIn: true,
		format: "hcl",
		template: true,
		text: "",
		fragments: found
	};
	const file = await readSourceFile(path, workspace);
	const kind = kindOf$1(file);
	if (kind === void 0) {
		refuseBrackets(compose([{
			text: file.text,
			from: {
				file: file.name,
				line: 1
			}
		}]));
		throw new ActionError("input-invalid", `\`job\`: ${file.name} is not a readable job spec`, { hint: "A job spec is HCL with a `job` block, or a job object in JSON or YAML. The file name of a template ends in .hbs." });
	}
	return {
		...file,
		...kind,
		builtIn: false,
		fragments: found
	};
}
/**
* Refuses a whole job in a file such as `job.nomad`, which many repositories have. The file is read as a part of a `job` block, where the
* parser's error would be hard to understand.
*/
function requirePart(file) {
	const at = wholeJob(file.text);
	if (at === void 0) return file;
	const own = basename(file.name);
	throw new ActionError("input-invalid", `${file.name}:${at.line}: this file holds a whole job, and ${own} is read as a part of a job`, {
		hint: `Name the file in \`job\` (\`job: ${own}\`) to deploy it.`,
		location: {
			file: file.name,
			...at
		}
	});
}
/** Returns the kind of a file. Its name tells a template, JSON and YAML; its content tells the rest. */
function kindOf$1({ name, text }) {
	const template = name.endsWith(".hbs");
	const extension = /\.([^./]+)$/.exec(template ? name.slice(0, -4) : name)?.[1];
	if (extension === "json") return {
		format: !template && isHclJson(text) ? "hcl" : "json",
		template
	};
	if (extension === "yaml" || extension === "yml") return {
		format: "yaml",
		template
	};
	const format = formatOf(template ? text.replace(/\{{2,3}[^{}]*\}{2,3}/g, "") : text);
	if (format !== void 0) return {
		format,
		template
	};
	return template || extension === "nomad" || extension === "hcl" ? {
		format: "hcl",
		template
	} : void 0;
}
/** Returns whether a JSON text is HCL, where `job` holds the job under its id, as a label. */
function isHclJson(text) {
	try {
		const parsed = JSON.parse(text);
		return valueAt(parsed, "job") !== void 0 && [
			"ID",
			"id",
			"Name",
			"TaskGroups",
			"taskgroups"
		].every((name) => valueAt(parsed, "job", name) === void 0);
	} catch {
		return false;
	}
}
function formatOf(text) {
	const begin = text.slice(skipBlank(text, 0), skipBlank(text, 0) + 200);
	if (begin.startsWith("{")) return /"id"\s*:/i.test(text) ? "json" : "hcl";
	if (/^(---|%YAML|["']?[A-Za-z]\w*["']?[ \t]*:\s)/.test(begin)) return "yaml";
	return /^[ \t]*job[ \t]+["\w][^\n=:]*\{/m.test(text) ? "hcl" : void 0;
}
// src/jobspec/var-files.ts
/**
* Reads HCL variable files (`name = value` lines, or a JSON object if the name ends in `.json`). A later file wins. Leaves expressions to
* `evaluateVarFiles`. Throws one `input-invalid` with the problem of each file, by file, line and column.
*/
function readVarFiles(files) {
	const values = {};
	const problems = [];
	for (const file of files) {
		const read = file.name.endsWith(".json") ? readJson$1(file) : readHcl(file);
		if ("text" in read) problems.push(read);
		else Object.assign(values, read.values);
	}
	const [first] = problems;
	if (first === void 0) return values;
	const { file, line, column } = first;
	throw new ActionError("input-invalid", problems.map(({ text }) => text).join("\n"), {
		location: {
			file,
			...line === void 0 ? {} : { line },
			...column === void 0 ? {} : { column }
		},
		hint: "A variable file holds lines such as `count = 3` or `tag = \"v1\"`."
	});
}
function readJson$1({ name: file, text }) {
	try {
		const entries = Object.entries(jsonObject(text));
		const places = keyPlaces(text);
		return { values: Object.fromEntries(entries.map(([name, value]) => [name, {
			value,
			source: `${file}:${places.line([name]) ?? 1}`
		}])) };
	} catch (error) {
		const [, at] = / at position (\d+)/.exec(messageOf$1(error)) ?? [];
		const place = at === void 0 ? void 0 : linesOf$1(text)(Number(at));
		const what = error instanceof SyntaxError ? "the file is not JSON" : messageOf$1(error);
		return {
			...place,
			file,
			text: `${[
				file,
				place?.line,
				place?.column
			].filter((part) => part !== void 0).join(":")}: ${what}`
		};
	}
}
function readHcl({ name: file, text }) {
	const foreign = /\.(ya?ml|tf)$/.exec(file)?.[1];
	if (foreign !== void 0) return {
		file,
		text: `${file}: a variable file is HCL or JSON: ${foreign === "tf" ? "write its defaults as lines `name = value`" : `\`yq -o=json . ${file}\` writes it as JSON, for a file that ends in .json`}`
	};
	const read = parseAssignments(text);
	if ("problem" in read) {
		const { problem, line, column } = read;
		const [, name] = /^\s*([A-Za-z_][\w-]*)\s*=/.exec(text.split("\n")[line - 1] ?? "") ?? [];
		return {
			file,
			line,
			column,
			text: `${file}:${line}:${column}: ${`${name === void 0 ? "" : `variable ${name}: `}${withoutQuotes(problem, name ?? "", text)}`}`
		};
	}
	const found = read.assignments.map(({ name, value, line, expression }) => [name, {
		value,
		source: `${file}:${line}`,
		...expression === void 0 ? {} : { expression }
	}]);
	return { values: Object.fromEntries(found) };
}
/**
* Returns the values with all expressions evaluated by the cluster's parser, in one request; sends none without expressions. Throws
* `input-invalid` with file and line of each expression that the parser refuses.
*/
async function evaluateVarFiles(values, { jobs }, namespace) {
	const asked = Object.entries(values).flatMap(([name, { source, expression }]) => expression === void 0 ? [] : [{
		name,
		source,
		expression
	}]);
	if (asked.length === 0) return values;
	const declared = asked.map((_, i) => `variable "v${i}" {}\n`).join("");
	const encoded = asked.map((_, i) => `    v${i} = jsonencode(var.v${i})\n`).join("");
	const given = asked.map(({ expression }, i) => `v${i} = ${expression}\n`);
	const answer = await jobs.parse(`${declared}job "values" {\n  meta {\n${encoded}  }\n}\n`, given.join(""), namespace);
	if ("problems" in answer) {
		/** The index of the expression on each line of the text that was sent. */
		const lines = given.flatMap((text, i) => text.trimEnd().split("\n").map(() => i));
		const told = answer.problems.map(({ message, line = 1 }) => {
			const { name = "", source = "" } = asked[lines[line - 1] ?? 0] ?? {};
			return {
				source,
				text: `${source}: variable ${name}: ${message.replace(/^unable to parse var content: /, "").replaceAll(/(<nil>|input\.hcl:[\d,-]+): /g, "").trim()}`
			};
		});
		const location = sourceLocation(told[0]?.source ?? "");
		throw new ActionError("input-invalid", [...new Set(told.map(({ text }) => text))].join("\n"), {
			hint: "Write a literal or an expression of literals: a value in a variable file can use no variable and no function.",
			...location === void 0 ? {} : { location }
		});
	}
	const { Meta } = answer.job;
	const evaluated = asked.map(({ name, source }, i) => [name, {
		value: parseLiteral(Meta?.[`v${i}`] ?? "null"),
		source
	}]);
	return {
		...values,
		...Object.fromEntries(evaluated)
	};
}
function jsonObject(text) {
	const parsed = parseJsonValue(text);
	if (!isMap(parsed)) throw new Error("the file is not a JSON object");
	return parsed;
}
function isMap(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/report/github/comment.ts
/** Returns the subject of the comments and issues of a job. */
function subjectOf({ draft, rendering: { target }, nomad: { region } }) {
	const environment = target.cluster === void 0 ? target.environment.name : `${target.environment.name} (${target.cluster})`;
	return {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		environment,
		region
	};
}
/** Returns the invisible first line of our comments. The subject is hashed, so that masking can't change the marker. */
function marker({ jobId, namespace, environment, region }) {
	return `<!-- nomad-deploy ${createHash("sha256").update(JSON.stringify([
		jobId,
		namespace,
		environment,
		...region === void 0 ? [] : [region]
	])).digest("hex").slice(0, 20)} -->`;
}
/** Returns our comments about a subject, the newest first. Anyone can paste a marker, so only comments of this run's own token count. */
async function findOurs(subject, comments, { viewer }) {
	const marked = comments.filter(({ body }) => body?.startsWith(marker(subject)) === true);
	return (await viewer.own(marked)).toSorted((a, b) => b.id - a.id);
}
/**
* Writes the comment of a subject on the run's pull request, or edits it in place. `body` is Markdown of at most 64,000 characters; `hidden` is kept in the
* comment, invisible. Writes nothing outside of pull requests or with `comment: false`. A refusal of GitHub is a notice.
*/
async function comment(subject, { body, hidden }, { inputs: { comment: wanted }, context: { pullRequest }, github }, runtime) {
	if (wanted === false) return;
	if (pullRequest === void 0 || github === void 0) {
		const why = pullRequest === void 0 ? "this run belongs to no pull request." : "there is no GitHub token. Set `github-token`.";
		if (wanted === true) runtime.log.notice(`No comment is written: ${why}`);
		return;
	}
	const kept = hidden === void 0 ? "" : `<!-- nomad-deploy-data ${Buffer.from(JSON.stringify(hidden)).toString("base64")} -->\n`;
	const whole = `${marker(subject)}\n${kept}${body}`;
	await tell("No comment is written", async () => {
		const ours = async (comments) => findOurs(subject, comments, github);
		const [old] = await ours(await github.comments.all(pullRequest));
		if (old?.body === whole) return;
		if (old !== void 0) {
			await github.comments.update(old.id, whole);
			return;
		}
		await github.comments.create(pullRequest, whole, async (comments) => (await ours(comments))[0]);
		const [, ...older] = await ours(await github.comments.all(pullRequest));
		await Promise.all(older.map(async ({ id }) => github.comments.remove(id)));
	}, runtime);
}
/** Reads the hidden data of a subject's comment on a pull request; undefined when there is none. Throws GitHub's errors. */
async function readHidden(subject, pullRequest, github) {
	const [found] = await findOurs(subject, await github.comments.all(pullRequest), github);
	const [, data] = /^<!--[^\n]*\n<!-- nomad-deploy-data ([A-Za-z0-9+/=]+) -->\r?\n/.exec(found?.body ?? "") ?? [];
	if (data === void 0) return void 0;
	try {
		return JSON.parse(Buffer.from(data, "base64").toString("utf8"));
	} catch {
		return;
	}
}
// src/report/github/deploy-comment.ts
/** Returns the comment about a deploy from a pull request, in GitHub-flavoured Markdown: its address, or the cause of its failure. */
function renderDeployComment(result, { commit, runUrl }) {
	const { outcome = "failed", jobId = "", environment = "", url, cause, hint, running, nomadUrl, jobVersion, image, jobs } = result;
	const good = isGood(outcome);
	const facts = [
		["URL", url === void 0 ? void 0 : autolink(url)],
		["Running now", running === void 0 ? void 0 : text(running)],
		["Version", jobVersion === void 0 ? void 0 : `${jobVersion}`],
		["Image", image ? code(image) : void 0],
		["Nomad", nomadUrl === void 0 ? void 0 : link("open in the UI", nomadUrl)]
	];
	return [
		`### ${outcome === "stopped" ? "🧹" : good ? "🚀" : "❌"} ${text(jobId)}: ${outcome} in ${text(environment)}`,
		"",
		...cause === void 0 ? [] : [`**${text(cause)}**`, ""],
		...hint === void 0 ? [] : [textBefore(hint, nomadUrl), ""],
		...table(["", ""], facts.flatMap(([name, value]) => value === void 0 ? [] : [[name, value]])),
		...table([
			"Job",
			"Outcome",
			"Version"
		], (jobs ?? []).map((job) => [
			text(job.jobId ?? ""),
			job.outcome ?? "failed",
			`${job.jobVersion ?? ""}`
		])),
		`<sub>Commit ${code(commit.slice(0, 12))}, ${link("log", runUrl)}.</sub>`
	].join("\n");
}
// src/report/github/deployment.ts
/** The key in the payload of our deployments. */
const OURS = "nomad_deploy";
/** The most deployments of the environment whose states are read. */
const LOOKED_AT = 10;
/** The most earlier deployments that are made inactive. */
const REPLACED = 3;
/** Nomad's name for the agent's own region in a job. */
const AGENTS = "global";
/** Returns the name of the GitHub environment. A branch with its own job has its own environment. */
function environmentName({ environment, refSlug }) {
	return hasOwnJob(environment) ? `${environment.name}/${refSlug}` : environment.name;
}
/**
* Records a GitHub Deployment as `in_progress`. Returns the function that closes it with the outcome; undefined when it is not wanted, when the workflow's job
* already records one, and when GitHub refuses it, which is a notice. The post step closes the deployment of a killed run.
*/
async function recordDeployment({ inputs: { githubDeployment: wanted }, context, target, github }, { jobId, region = AGENTS }, runtime) {
	if (wanted === false) return void 0;
	if (github === void 0) {
		if (wanted === true) runtime.log.notice("No GitHub Deployment is recorded: there is no GitHub token. Set `github-token`.");
		return;
	}
	const environment = environmentName(target);
	const own = {
		run: runPage(context),
		job: jobId,
		address: target.nomadAddr?.value ?? "",
		region
	};
	const isOurs = ({ payload }) => Object.entries(own).every(([key, value]) => textAt(payloadOf(payload), OURS, key) === value);
	return tell("No GitHub Deployment is recorded", async () => {
		const before = await github.deployments.find({ environment });
		if (wanted === "auto" && await hasOwn(before, context, github)) {
			runtime.log.info(`GitHub already records a deployment of ${environment} for this workflow job, so no second one is recorded. To record the states of the rollout instead, set \`environment: { name: ${environment}, deployment: false }\`.`);
			return;
		}
		const { id } = await github.deployments.create({
			ref: context.headSha === "" ? context.ref : context.headSha,
			environment,
			description: `${jobId} on Nomad`,
			transient_environment: target.environment.value === "review",
			production_environment: target.environment.value === "production",
			payload: { [OURS]: own }
		}, isOurs);
		runtime.leaveWord("github-deployment", { id: `${id}` });
		await github.deployments.setState(id, {
			state: "in_progress",
			log_url: own.run
		});
		const replaced = before.filter(({ payload }) => ofJob(own, payload)).slice(0, REPLACED);
		return async (result) => {
			await tell("The GitHub Deployment is not updated", async () => close({
				id,
				logUrl: own.run,
				replaced
			}, result, github), runtime);
			runtime.leaveWord("github-deployment", void 0);
		};
	}, runtime);
}
/** Returns whether a deployment has the same job, address and region. Version 0.1.0 recorded no region. */
function ofJob(own, payload) {
	const recorded = (key) => textAt(payloadOf(payload), OURS, key);
	return recorded("job") === own.job && recorded("address") === own.address && [void 0, own.region].includes(recorded("region"));
}
/** Returns the payload, which GitHub returns as it was sent or as JSON text. */
function payloadOf(payload) {
	if (typeof payload !== "string" || !payload.startsWith("{")) return payload;
	try {
		return JSON.parse(payload);
	} catch {
		return;
	}
}
/** Returns whether the workflow job has its own deployment (`environment:`): its log is this run. */
async function hasOwn(before, { runId }, github) {
	const others = before.filter(({ payload }) => textAt(payloadOf(payload), OURS, "run") === void 0).slice(0, LOOKED_AT);
	const statuses = await Promise.all(others.map(async ({ id }) => github.deployments.statuses(id)));
	const ofRun = new RegExp(`/actions/runs/${runId}(/|$)`);
	return statuses.flat().some(({ log_url, target_url }) => ofRun.test(log_url ?? "") || ofRun.test(target_url ?? ""));
}
async function close({ id, logUrl, replaced }, result, github) {
	const state = stateOf(result);
	const good = state !== "failure" && isGood(result.outcome);
	await github.deployments.setState(id, {
		state,
		description: described$1(result),
		log_url: logUrl,
		...good && result.url !== void 0 ? { environment_url: result.url } : {}
	});
	if (state !== "success") return;
	await deactivate(replaced, "Replaced", github);
}
/** Outcomes of a rollout that goes on after the run. */
const UNFINISHED = ["awaiting-promotion", "registered"];
/** Returns the state of a GitHub Deployment for an outcome. */
function stateOf({ outcome, evaluationId }) {
	if (UNFINISHED.includes(outcome) && (outcome !== "registered" || evaluationId !== void 0)) return "in_progress";
	if (isGood(outcome) && outcome !== "rejected") return "success";
	return outcome === "superseded" ? "inactive" : "failure";
}
function described$1({ outcome = "failed", cause, jobVersion }) {
	const version = jobVersion === void 0 ? "" : ` version ${jobVersion}`;
	return plain(cause === void 0 ? `${outcome}${version}` : `${outcome}${version}: ${cause}`);
}
/** Closes a GitHub Deployment that an earlier run left in progress, such as one whose canaries waited for a promotion. */
async function settleDeployment({ environment, jobId, address, region = AGENTS }, { result, logUrl }, github, runtime) {
	await tell("The GitHub Deployment is not updated", async () => {
		const own = {
			job: jobId,
			address,
			region
		};
		const [newest, ...earlier] = (await github.deployments.find({ environment })).filter(({ payload }) => ofJob(own, payload));
		if (newest === void 0) return;
		const [last] = await github.deployments.statuses(newest.id);
		if (last?.state === "in_progress") await close({
			id: newest.id,
			logUrl,
			replaced: earlier.slice(0, REPLACED)
		}, result, github);
	}, runtime);
}
/** Makes the GitHub Deployments of a stopped job inactive. */
async function endDeployments({ environment, jobId, address, region = AGENTS }, github, runtime) {
	if (github === void 0) return;
	await tell("The GitHub Deployments are not updated", async () => {
		const own = {
			job: jobId,
			address,
			region
		};
		await deactivate((await github.deployments.find({ environment })).filter(({ payload }) => ofJob(own, payload)).slice(0, LOOKED_AT), "Stopped", github);
	}, runtime);
}
async function deactivate(deployments, description, github) {
	const live = (await Promise.all(deployments.map(async ({ id }) => ({
		id,
		state: (await github.deployments.statuses(id))[0]?.state
	})))).filter(({ state }) => state === void 0 || state === "success" || state === "in_progress");
	await Promise.all(live.map(async ({ id }) => github.deployments.setState(id, {
		state: "inactive",
		description
	})));
}
/**
* Closes the GitHub Deployment of a killed run, in the post step. The saved number may be forged through the log or the files of the runner, so only a
* deployment of this run is closed.
*/
async function closeKilled({ id = "" }, env, runtime) {
	if (!/^\d{1,15}$/.test(id)) return;
	const context = readContext(env, {});
	const github = openGitHub({ githubToken: githubToken(env) }, context, runtime);
	if (github === void 0) return;
	await tell("The GitHub Deployment stays in progress", async () => {
		const { payload } = await github.deployments.read(Number(id));
		if (textAt(payloadOf(payload), OURS, "run") !== runPage(context)) return;
		const killed = {
			state: "failure",
			description: "The run was killed; the rollout may continue",
			log_url: context.runUrl ?? context.repositoryUrl
		};
		await github.deployments.setState(Number(id), killed);
	}, runtime);
}
// src/report/github/linked-artifact.ts
/**
* Records the deployed images on the organization's page of linked artifacts, which GitHub has for organizations only. Most tokens lack the permission, so a
* refusal is a line of the log, or a notice with `github-deployment: true`.
*/
async function recordArtifacts({ inputs: { githubDeployment: wanted }, context, target, github }, { images = {}, namespace = "default", jobId = target.jobId, region }, { log, signal }) {
	if (github === void 0 || wanted === false || context.ownerType === "User") return;
	const address = target.nomadAddr?.value ?? "";
	const references = Object.values(images).flatMap((reference) => {
		const { name, digest } = parseReference(reference) ?? {};
		return name === void 0 || digest === void 0 ? [] : [{
			name,
			digest
		}];
	});
	try {
		for (const { name, digest } of references) await github.artifacts.recordDeployment({
			name,
			digest,
			status: "deployed",
			logical_environment: environmentName(target),
			...region === void 0 ? {} : { physical_environment: region },
			...URL.canParse(address) ? { cluster: new URL(address).host } : {},
			deployment_name: [
				namespace,
				jobId,
				...references.length > 1 ? [name.split("/").at(-1)] : []
			].join("-"),
			github_repository: context.repository.split("/").at(-1) ?? ""
		});
	} catch (error) {
		if (signal.aborted) return;
		const line = `No linked artifact is recorded: ${error instanceof ActionError ? sentence(error) : String(error)}`;
		if (wanted === true) log.notice(line);
		else log.info(line);
	}
}
// src/report/github/announce.ts
/** Records the deploy as a GitHub Deployment, and its end; a review app also in a comment on its pull request. */
async function announce(reporting, job, { runtime, atEnd }) {
	const close = await recordDeployment(reporting, job, runtime);
	if (close !== void 0) atEnd(close);
	atEnd(async (result) => {
		if (stateOf(result) === "success") await recordArtifacts(reporting, result, runtime);
	});
	const { context, target } = reporting;
	if (context.pullRequest === void 0 || target.environment.value !== "review") return;
	atEnd(async (result) => {
		await comment({
			...job,
			namespace: result.namespace ?? "default",
			environment: target.environment.name
		}, { body: renderDeployComment(result, {
			commit: context.headSha,
			runUrl: runPage(context)
		}) }, reporting, runtime);
	});
}
// src/report/github/operation.ts
/** The commands that end a rollout which an earlier run left. */
const SETTLING = [
	"promote",
	"reject",
	"resume"
];
/**
* Records a command about a registered job on GitHub: a promotion closes the deployment that waited for it, and a rollback is a new deployment of the older
* commit. The comment of a stopped review app says so.
*/
async function recordOperation({ jobId, namespace, nomad }, result, reporting, runtime) {
	const { inputs, context, target, github } = reporting;
	const { region } = nomad;
	if (inputs.command === "stop" && target.environment.value === "review" && context.pullRequest !== void 0) {
		const environment = target.environment.name;
		const run = {
			commit: context.headSha,
			runUrl: runPage(context)
		};
		const body = renderDeployComment({
			...result,
			jobId,
			environment
		}, run);
		await comment({
			jobId,
			namespace,
			environment,
			region
		}, { body }, reporting, runtime);
	}
	const { githubDeployment, command } = inputs;
	if (githubDeployment === false || github === void 0) return;
	const told = {
		...target.url === void 0 ? {} : { url: target.url },
		...result
	};
	if (SETTLING.includes(command)) await settleDeployment({
		environment: environmentName(target),
		jobId,
		address: target.nomadAddr?.value ?? "",
		region
	}, {
		result: told,
		logUrl: context.runUrl ?? context.repositoryUrl
	}, github, runtime);
	if (command !== "revert" || !isGood(result.outcome)) return;
	const sha = provenanceOf(await nomad.jobs.read(jobId, namespace).catch(() => void 0)).sha;
	if (sha === void 0) return;
	await (await recordDeployment({
		...reporting,
		context: {
			...context,
			headSha: sha
		}
	}, {
		jobId,
		region
	}, runtime))?.(told);
}
// src/report/github/plan-comment.ts
/** GitHub refuses comments of more than 65,536 characters; the rest is for the hidden data. */
const MAX_CHARACTERS = 64e3;
/** The longest line. Lines are cut before they become Markdown, so that no escape is cut. */
const MAX_LINE = 1e3;
/** The fewest lines of a shortened list. */
const FEWEST = 5;
const HEADLINES = {
	none: "Nothing changes.",
	"in-place": "Changes in place: allocations keep running.",
	destructive: "Destructive changes: allocations are replaced.",
	create: "A new job."
};
const ICONS = {
	none: "🟰",
	"in-place": "🔧",
	destructive: "♻️",
	create: "🆕"
};
/** Returns the comment about a plan, in GitHub-flavoured Markdown. A long one loses its least useful lines, and says how many. */
function renderPlanComment(report) {
	let [changes, warnings, groups] = [
		report.diff.length,
		report.warnings.length,
		groupsOf(report).length
	];
	for (;;) {
		const body = renderIn(report, {
			changes,
			warnings,
			groups
		});
		if (body.length <= MAX_CHARACTERS) return body;
		if (changes > 0) changes = shorter(changes, 0);
		else if (warnings > FEWEST) warnings = shorter(warnings, FEWEST);
		else if (groups > FEWEST) groups = shorter(groups, FEWEST);
		else return `**${HEADLINES[report.changed]}**\n\nThe plan is too long for a comment: see the ${link("log", report.runUrl)}.`;
	}
}
const shorter = (lines, least) => Math.max(least, Math.floor(lines * .8) - 1);
function renderIn(report, room) {
	const { jobId, environment, namespace, nomadUrl, changed, warnings, diff, unplaced, preempted } = report;
	const job = nomadUrl === void 0 ? text(jobId) : link(text(jobId), nomadUrl);
	const where = namespace === "default" ? text(environment) : `${text(environment)}, namespace ${code(namespace)}`;
	const evicted = Object.entries(preempted).map(([other, count]) => `${count} of ${text(other)}`);
	return [
		`### ${ICONS[changed]} Plan of ${job} in ${where}`,
		"",
		`**${HEADLINES[changed]}**`,
		"",
		...groupTable(report, room.groups),
		...report.kept.length === 0 ? [] : [...report.kept.slice(0, room.groups).map((line) => `- ${text(clip(line, MAX_LINE))}`), ""],
		...report.hooks.length === 0 ? [] : [...report.hooks.map((line) => `- ${text(clip(line, MAX_LINE))}`), ""],
		unplaced.length === 0 ? "✅ Nomad can place all allocations now." : "⚠️ Nomad cannot place all allocations now:",
		...unplaced.map((line) => `- ${text(clip(line, MAX_LINE))}`),
		"",
		...evicted.length === 0 ? [] : [`⚠️ The deploy would evict allocations of other jobs: ${evicted.join(", ")}.`, ""],
		...list("Warnings", warnings, room.warnings, (shown) => shown.map((line) => `- ${text(clip(line, MAX_LINE))}`)),
		...list("Changes", diff, room.changes, (shown) => fenced(shown.map((line) => clip(line, MAX_LINE)), "diff")),
		`<sub>Fingerprint ${code(report.fingerprint)}, commit ${code(report.commit.slice(0, 12))}, ${link("log", report.runUrl)}.${report.builds ? " The deploy builds the image; its name here is provisional." : ""}</sub>`
	].join("\n");
}
function list(title, all, room, lines) {
	if (all.length === 0) return [];
	const left = all.length - room;
	const out = left === 0 ? [] : ["", `_${left} ${left === 1 ? "line is" : "lines are"} left out; the log has all of them._`];
	const shown = room === 0 ? [] : lines(all.slice(0, room));
	return [
		`<details${title === "Warnings" ? " open" : ""}><summary>${title} (${all.length})</summary>`,
		"",
		...shown,
		...out,
		"",
		"</details>",
		""
	];
}
const groupsOf = ({ before, after }) => [...new Set([...after, ...before].map(({ name }) => name))];
function groupTable(report, room) {
	const { before, after, actions, system } = report;
	const names = groupsOf(report);
	const find = (list, name) => list.find((group) => group.name === name);
	const total = (list, of) => list.reduce((sum, group) => sum + of(group) * group.count, 0);
	const row = (name) => {
		const [old, next] = [find(before, name), find(after, name)];
		const figure = (of) => change(old && of(old), next && of(next));
		return [
			text(name),
			figure(({ count }) => `${count}`),
			text(actions[name] ?? ""),
			figure(cpu),
			figure(({ memoryMib }) => `${memoryMib} MiB`)
		];
	};
	const sums = (list) => ({
		name: "",
		count: total(list, () => 1),
		cpuMhz: total(list, ({ cpuMhz }) => cpuMhz),
		cores: total(list, ({ cores }) => cores),
		memoryMib: total(list, ({ memoryMib }) => memoryMib)
	});
	const [old, next] = [sums(before), sums(after)];
	const all = (of) => `**${change(before.length === 0 ? void 0 : of(old), of(next))}**`;
	const left = names.length - room;
	return [...table([
		"Group",
		system ? "Count per node" : "Count",
		"Next step",
		"CPU each",
		"Memory each"
	], [
		...names.slice(0, room).map(row),
		...left > 0 ? [[
			`_${left} more_`,
			"",
			"",
			"",
			""
		]] : [],
		[
			"**Total**",
			all(({ count }) => `${count}`),
			"",
			all(cpu),
			all(({ memoryMib }) => `${memoryMib} MiB`)
		]
	])];
}
function cpu({ cpuMhz, cores }) {
	return [...cores > 0 ? [`${cores} ${cores === 1 ? "core" : "cores"}`] : [], ...cpuMhz > 0 || cores === 0 ? [`${cpuMhz} MHz`] : []].join(" + ");
}
function change(old, next) {
	if (old === next || old === void 0) return next ?? "";
	return `${old} → ${next ?? "gone"}`;
}
// src/plan/fingerprint.ts
const HEX$1 = 32;
/** Environment variables that name the commit of a version. */
const COMMIT_NAME = /^(CI_COMMIT_[A-Z_]+|CI_REGISTRY_TAG|CI_PIPELINE_SOURCE)$/;
/** Returns the fingerprint of the plan of a job, rendered without secrets, without our meta, and with a provisional image. */
function fingerprint(job, provisional, { jobModifyIndex, updates }) {
	const byName = ([a], [b]) => a < b ? -1 : 1;
	const counted = Object.entries(updates).sort(byName).map(([group, update]) => [group, Object.entries(update).filter(([, count]) => count !== 0).sort(byName)]);
	return {
		spec: specFingerprint(job, provisional),
		index: jobModifyIndex,
		actions: hash(counted).slice(0, HEX$1 / 2)
	};
}
/** Returns whether two jobs are the same except for the digests of the first and their parts, in whose place the second has zeros. */
function isSameButForDigests(job, provisional, zeros) {
	const given = pinned(provisional);
	return given.reduce((found, { reference, digest }) => found.replaceAll(slug(reference), slug(reference.replace(digest, "0".repeat(digest.length)))), JSON.stringify(job)).replace(DIGITS, (run) => given.some(({ digest }) => digest.includes(run)) ? "0".repeat(run.length) : run) === JSON.stringify(zeros);
}
/** Returns the first part of a fingerprint, the one of the spec. */
function specFingerprint(job, provisional) {
	return hash(withoutGiven(job, provisional)).slice(0, HEX$1);
}
/** Returns the differences between a plan and the approved one, in words; none when they are the same. */
function differences(approved, now) {
	return [
		...approved.spec === now.spec ? [] : ["the job spec has changed"],
		...approved.index === now.index ? [] : [reRegistered(approved.index, now.index)],
		...approved.actions === now.actions ? [] : ["the scheduler would take other steps"]
	];
}
/** Returns the words about a job with another modify index than the approved plan. */
function reRegistered(approved, now) {
	return `the job was registered after the approved plan (modify index ${approved}, now ${now})`;
}
/** The paths of the environment variables and the templates of a task in a job. */
const ENV = "TaskGroups/*/Tasks/*/Env";
const TEMPLATE = "TaskGroups/*/Tasks/*/Templates/*";
/**
* Returns the job with fixed words in place of the values of a run: its images, parts of their digests, the commit, and environment variables of tasks whose
* whole value names the commit. `path` is the place of the value in the job, with `*` for an item of a list.
*/
function withoutGiven(value, provisional, path = "") {
	if (typeof value === "string") return neutralText(value, provisional);
	if (Array.isArray(value)) return value.map((item) => withoutGiven(item, provisional, `${path}/*`));
	if (typeof value !== "object" || value === null) return value;
	const isEnvironmentFile = path === TEMPLATE && "Envvars" in value && value.Envvars === true;
	const item = (name, one) => {
		if (path === ENV && typeof one === "string" && isOfRun(name, one, provisional)) return COMMIT$1;
		if (isEnvironmentFile && name === "EmbeddedTmpl" && typeof one === "string") return neutralLines(one, provisional);
		return withoutGiven(one, provisional, path === "" ? name : `${path}/${name}`);
	};
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([name, one]) => [name, item(name, one)]));
}
/** The fixed words. They begin with a single `<`, which a text of the job never has: its own are doubled. */
const COMMIT$1 = "<commit>";
const image = (number) => number === 0 ? "<image>" : `<image ${number + 1}>`;
/** Digits that may be part of a digest. Shorter ones are in many texts by chance. */
const DIGITS = /(?<![0-9a-f])[0-9a-f]{7,64}(?![0-9a-f])/g;
/** Returns the images of the run with a digest. An image that the workflow names by its digest is part of the approval. */
function pinned({ images, looked = [] }) {
	return [...images, ...looked.flatMap(([found, asked]) => found === asked ? [] : [found])].flatMap((reference) => {
		const digest = parseReference(reference)?.digest;
		const digits = digest === void 0 ? localId(reference) : digitsOf(digest);
		return digits === void 0 ? [] : [{
			reference,
			digest: digits
		}];
	});
}
function isOfRun(name, value, { values }) {
	return COMMIT_NAME.test(name) && values[name] === value;
}
/** Returns the lines of an environment file, `NAME=value`, with the fixed word for a line whose whole value is from the run. */
function neutralLines(text, provisional) {
	return text.split("\n").map((line) => {
		const [, head = "", name = "", written = ""] = /^(\s*([A-Z_]+)\s*=\s*)(\S.*)?$/.exec(line) ?? [];
		const value = String(provisional.values[name]);
		const writings = [
			value,
			`"${value}"`,
			`'${value}'`,
			JSON.stringify(value),
			`{{ ${JSON.stringify(value)} | toJSON }}`
		];
		return isOfRun(name, value, provisional) && writings.includes(written) ? `${head}${COMMIT$1}` : neutralText(line, provisional);
	}).join("\n");
}
function neutralText(text, provisional) {
	const { images, looked = [], sha } = provisional;
	const known = pinned(provisional);
	const slugs = known.map(({ reference }, i) => [slug(reference), `<slug ${i + 1}>`]);
	const given = [
		...images.map((one, i) => [one, image(i)]),
		...looked,
		...slugs,
		[sha, COMMIT$1]
	].filter(([one]) => one !== "").sort(([a], [b]) => b.length - a.length);
	const escaped = text.replaceAll("<", "<<");
	return given.reduce((found, [one, word]) => {
		const whole = new RegExp(`(?<![\\w.-])${one.replace(/[^\w]/g, "\\$&")}(?![\\w.-])`, "g");
		return found.replace(whole, word);
	}, escaped).replace(DIGITS, (run) => {
		const at = /^0{1,31}$/.test(run) ? -1 : known.findIndex(({ digest }) => digest.includes(run));
		return at < 0 ? run : `<digest ${at + 1} ${run.length}>`;
	});
}
function hash(value) {
	return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
// src/plan/approval.ts
/** The most lines of changes that a comment keeps. */
const MAX_LINES$2 = 100;
/** Returns the approvable form of the plan of a draft. `job` is the same job without our meta, `provisional` the values of the run in it. */
function approvable(job, plan, provisional) {
	return {
		fingerprint: fingerprint(job, provisional, plan),
		lines: plan.lines
	};
}
/** Returns the part of a plan that a comment keeps. */
function toHidden({ fingerprint: found, lines }) {
	return {
		plan: fingerprintText(found),
		lines: lines.slice(0, MAX_LINES$2)
	};
}
/**
* Compares the plan of a job with the approved one of `approved-plan`. Throws `plan-changed` with the difference, or where there is no approved plan. Throws
* GitHub's errors, because the approved plan is then unknown.
*/
async function requireApproved(subject, now, live, { inputs: { approvedPlan }, context, github }) {
	if (approvedPlan.length === 0) return;
	const { run, sha } = provenanceOf(live);
	const again = context.runUrl !== void 0 && run?.startsWith(`${context.runUrl}/attempts/`) === true && sha === context.sha;
	const unlikeNow = (approved) => differences(again ? {
		...now.fingerprint,
		spec: approved.spec
	} : approved, now.fingerprint);
	if (!approvedPlan.includes("merged-pull-request")) {
		const unlike = approvedPlan.flatMap((text) => parseFingerprint(text) ?? []).map(unlikeNow);
		if (unlike.some((list) => list.length === 0)) return;
		throw changed$2(subject, unlike.sort((a, b) => a.length - b.length)[0] ?? [], [], now);
	}
	if (github === void 0) throw new ActionError("input-invalid", `\`approved-plan: ${MERGED_PLAN}\` needs a GitHub token`, { hint: "Set `github-token`." });
	const pulls = (await github.pulls.ofCommit(context.sha)).filter(({ merged_at }) => merged_at !== null);
	const pull = pulls.find(({ merge_commit_sha }) => merge_commit_sha === context.sha) ?? pulls.find(({ base }) => base.ref === context.ref);
	if (pull === void 0) throw none(subject, `the commit ${context.sha} belongs to no merged pull request`);
	const hidden = await readHidden(subject, pull.number, github);
	const [text, lines] = [valueAt(hidden, "plan"), valueAt(hidden, "lines")];
	const approved = typeof text === "string" ? parseFingerprint(text) : void 0;
	if (approved === void 0) throw none(subject, `pull request #${pull.number} has no plan of this job`);
	const unlike = unlikeNow(approved);
	if (unlike.length > 0) throw changed$2(subject, unlike, Array.isArray(lines) ? lines.map(String) : [], now);
}
/**
* Throws `plan-changed` when the job with its final images is not the approved one: a spec can depend on the name of an image, and so differ from its plan.
* `job` is rendered as for the plan, and `provisional` has the values of the run in it.
*/
function requireApprovedWith(job, provisional, subject, approved) {
	if (specFingerprint(job, provisional) === approved.fingerprint.spec) return;
	throw new ActionError("plan-changed", `the job ${subject.jobId} differs from the approved one with its final images`, { hint: "Nothing was registered. In the spec, use the whole image, its digest, or at least seven digits of the digest; other values must not depend on the image." });
}
/**
* Throws `plan-changed` when the job with its secrets is not the approved one apart from the templates of the secrets: a plan is made without secrets. `job` and
* `bare` are of one spec, with and without them.
*/
function requireApprovedWithSecrets(job, bare, templates, { jobId }) {
	if (isDeepStrictEqual(withoutSecrets(job, templates), withoutSecrets(bare, templates))) return;
	throw new ActionError("plan-changed", `the job ${jobId} differs from the approved one with its secrets`, { hint: "Nothing was written. In the spec, only the template of the secrets may depend on the secrets." });
}
/** Returns the error about an approved plan of an older registered job. `why` ends the sentence. */
function registeredSince(jobId, why) {
	return new ActionError("plan-changed", `the approved plan of ${jobId} is outdated: ${why}`, { hint: HINT });
}
const HINT = "Nothing was written. Make a new plan and approve it.";
function none({ jobId, environment }, why) {
	return new ActionError("plan-changed", `there is no approved plan of ${jobId} in ${environment}: ${why}`, { hint: `${HINT} The plan must have the same \`environment\`, and its comment must be on the pull request.` });
}
function changed$2({ jobId }, unlike, before, now) {
	const added = before.length === 0 ? [] : now.lines.filter((line) => !before.includes(line));
	const output = [...before.filter((line) => !now.lines.includes(line)).map((line) => `approved: ${line}`), ...added.map((line) => `now:      ${line}`)];
	return new ActionError("plan-changed", `the plan of ${jobId} differs from the approved one: ${unlike.join("; ")}`, {
		hint: `${HINT} The fingerprint is now ${fingerprintText(now.fingerprint)}.`,
		...output.length === 0 ? {} : { output }
	});
}
// src/plan/own-meta.ts
/**
* Returns the job in its registered form, with the owner record and the links that hold its provenance. Another meta replaces every task, so our meta of the
* registered job is `kept` as long as some tasks may stay; the record is then in the links. `marks` names the groups that are tried again with the same spec,
* which a mark in their meta makes new, and the groups that lose an older mark. Meta of the spec under our names is dropped: a spec can't choose its owner.
*/
function asRegistered({ job, specHash }, secrets, { context, target, live }, { ownMeta, marks = {} }) {
	const owner = ownerOf(context, target);
	const kept = ownMeta === "kept" ? keptMeta(live, owner) : void 0;
	const record = recordMeta(owner);
	const own = kept ?? record;
	const groups = (job.TaskGroups ?? []).map((group) => {
		const wanted = marks[group.Name];
		const mark = wanted === "again" ? `${live?.Version}` : wanted === "none" ? void 0 : markOf(live, group.Name);
		const users = usersMeta$1(group);
		if (mark === void 0 && Object.keys(users).length === Object.keys(group.Meta ?? {}).length) return group;
		return {
			...group,
			Meta: {
				...users,
				...mark === void 0 ? {} : { [META.again]: mark }
			}
		};
	});
	const counts = Object.fromEntries((job.TaskGroups ?? []).map((group) => [group.Name, askedCount(group)]));
	return withProvenance({
		...job,
		Meta: {
			...usersMeta$1(job),
			...own
		},
		...job.TaskGroups ? { TaskGroups: groups } : {}
	}, context, {
		spec: specHash,
		counts,
		...secrets?.provenance === void 0 ? {} : { secrets: secrets.provenance },
		...isDeepStrictEqual(own, record) ? {} : owner
	});
}
/** Returns the mark of a group of the registered job that was tried again. */
function markOf(live, groupName) {
	return live?.TaskGroups?.find(({ Name }) => Name === groupName)?.Meta?.[META.again];
}
/** Returns whether the kept meta differs from that of a new job. */
function keepsOther(live, { context, target }) {
	const owner = ownerOf(context, target);
	const kept = keptMeta(live, owner);
	return kept !== void 0 && !isDeepStrictEqual(kept, recordMeta(owner));
}
/** Returns our meta of the registered job; undefined where its owner is another one, or where the job is stopped. */
function keptMeta(live, owner) {
	const record = recordOf(live);
	if (live === void 0 || live.Stop || record !== void 0 && !sameOwner(record, owner)) return void 0;
	return Object.fromEntries(Object.entries(live.Meta ?? {}).filter(([name]) => isOwnMeta(name)));
}
function usersMeta$1({ Meta }) {
	return Object.fromEntries(Object.entries(Meta ?? {}).filter(([name]) => !isOwnMeta(name)));
}
// src/plan/diff.ts
/** The unchanged lines of a template around a change. */
const CONTEXT = 2;
/** Longer values and lines of a template are clipped, so that the diff stays readable. */
const MAX_WIDTH = 160;
/** Longer lines are cut first, because the patterns take more than linear time. */
const MAX_READ$3 = 2048;
/** The most lines of a diff. */
const MAX_LINES$1 = 500;
const HIDDEN = "***";
/**
* Returns the changes of a plan with their values, as lines of a `diff` block: they begin with `+`, `-`, `!` (changed), `@@` (a group or task) or a blank.
* A template is compared line by line. A new part is its name only.
* Hidden are the values of environments, arguments and the like, parts of a template that look like a password, and old values in the place of a value that
* `redact` hides: Nomad has old values in clear, and the runner does not mask them.
*/
function planDiff(diff, updates, redact) {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	const job = diff.Type === "Added" ? [] : partLines(diff, "", redact);
	const groups = (diff.TaskGroups ?? []).flatMap((group) => {
		const name = group.Name ?? "";
		const words = [...group.Type === "Added" ? ["new"] : group.Type === "Deleted" ? ["removed"] : []];
		const update = updates.find(([of]) => of === name)?.[1];
		if (update !== void 0) words.push(update);
		const own = group.Type === "Edited" ? partLines(group, "", redact) : [];
		const isInPlace = /update in place/.test(update ?? "") && !/replace|canary/.test(update ?? "");
		const annotated = (group.Tasks ?? []).map((task) => isInPlace ? {
			...task,
			Annotations: null
		} : task);
		const tasks = group.Type === "Edited" ? annotated.flatMap((task) => taskLines(task, name, redact)) : [];
		return group.Type === "None" && (update === void 0 || !/replace|place|stop|migrate|canary|update/.test(update)) ? [] : [
			`@@ group ${name}${words.length === 0 ? "" : `: ${words.join(", ")}`} @@`,
			...own,
			...tasks
		];
	});
	const lines = [...job, ...groups].map(redact);
	return lines.length <= MAX_LINES$1 ? lines : [...lines.slice(0, MAX_LINES$1), `@@ and ${lines.length - MAX_LINES$1} more lines @@`];
}
function taskLines(task, group, redact) {
	if (task.Type === "None") return [];
	if (task.Type !== "Edited") return [`${SIGNS$1[task.Type]} task ${task.Name}`];
	const forces = (task.Annotations ?? []).join(", ");
	return [`@@ group ${group}, task ${task.Name}${forces === "" ? "" : `: ${forces}`} @@`, ...partLines(task, "", redact)];
}
const SIGNS$1 = {
	Added: "+",
	Deleted: "-",
	Edited: "!"
};
/** Returns the lines of the fields and objects of a job, a group, a task or one of its objects. */
function partLines(part, path, redact) {
	const fields = (part.Fields ?? []).flatMap((field) => fieldLines(field, part, path, redact));
	const objects = (part.Objects ?? []).flatMap((object) => {
		if (object.Type === "None") return [];
		const name = `${path}${object.Name ?? ""}${identity(object, redact)}`;
		return object.Type === "Edited" ? partLines(object, `${name}.`, redact) : [`${SIGNS$1[object.Type]} ${name}`];
	});
	return [...fields, ...objects];
}
function fieldLines(field, part, path, redact) {
	const { Type, Name } = field;
	const [Old, New] = [field.Old ?? "", field.New ?? ""];
	if (Type === "None") return [];
	if (part.Name === "Template" && Name === "EmbeddedTmpl") return templateLines(path.replace(/\.$/, ""), Old, New, redact);
	const label = `${SIGNS$1[Type]} ${path}${Name}`;
	if (!isPublic(field, path, part)) return [`${label} (its value is not shown)`];
	const [before, after] = [redact(New) !== New ? HIDDEN : diffValue(Name, Old, redact), diffValue(Name, New, redact)];
	return [`${label}: ${Type === "Added" ? after : Type === "Deleted" ? before : `${before} → ${after}`}`];
}
/** Maps and lists with free text of users, passwords included. */
const FREE = /^(Env|Args|(Getter)?Options|(Getter)?Headers?|Params|Payload)\b|password|secret|token|credential|auth/i;
/** Fields of a driver's config that hold no password. */
const CONFIG = /^(image|command|ports|network_mode|privileged|force_pull|volumes|work_dir|hostname|cap_add|cap_drop|readonly_rootfs)(\[\d+\])?$/;
/** Numbers and switches of a driver's config are not secret either. */
const PLAIN = /^(\d{0,12}|true|false)$/;
function isPublic({ Name, Old, New }, path, part) {
	if (FREE.test(Name) || FREE.test(part.Name ?? "")) return false;
	return !(part.Name === "Config" || path.includes("Config.")) || CONFIG.test(Name) || PLAIN.test(Old ?? "") && PLAIN.test(New ?? "");
}
/** Names of durations, which are nanoseconds in Nomad's diffs. */
const DURATION = /(Delay|Duration|Interval|Deadline|Timeout|Time|TTL|Splay|Wait|Limit|After|Grace)$/;
/** A digest is cut: its beginning tells images apart. */
const DIGEST = /(sha256:[0-9a-f]{12})[0-9a-f]{52}/g;
function diffValue(name, value, redact) {
	if (value === "") return "\"\"";
	if (name === "MemoryMaxMB" && value === "-1") return "unlimited";
	if (DURATION.test(name) && /^\d{7,}$/.test(value)) return formatDuration(Number(value) / 1e6);
	return clip(withSecretsHidden(oneLine(redact(value))).replace(DIGEST, "$1…"), MAX_WIDTH);
}
/** Returns the name of one of several objects: a constraint's terms, a service's name, a template's file. */
function identity({ Name, Fields }, redact) {
	const value = (name) => {
		const field = Fields?.find((one) => one.Name === name);
		return field?.New || field?.Old || void 0;
	};
	const terms = [
		value("LTarget"),
		value("Operand"),
		value("RTarget")
	].filter((term) => term !== void 0);
	const name = value("DestPath") ?? value("Name") ?? value("Label") ?? value("GetterSource") ?? (/Constraint|Affinity/.test(Name ?? "") ? terms.join(" ") : void 0);
	return name === void 0 || name === "" ? "" : ` ${clip(withSecretsHidden(redact(name)), MAX_WIDTH)}`;
}
/** The release in the template of the secrets. */
const RELEASE = /(?<=\.)r[0-9a-f]{8}(?=")/g;
function templateLines(name, old, next, redact) {
	if (old.replace(RELEASE, "") === next.replace(RELEASE, "")) return [`! ${name}: new values of the secrets`];
	const lines = lineDiff(old, next);
	return [`! ${name}:`, ...withContext(hideReplaced(lines, redact), CONTEXT).map((line) => line === void 0 ? "    …" : `${line.sign}   ${clip(withSecretsHidden(redact(line.text)), MAX_WIDTH)}`)];
}
/** Hides the old value in the place of a hidden one: it was hidden too when it was new. */
function hideReplaced(lines, redact) {
	const runs = [];
	for (let from = 0, to = 0; from < lines.length; from = to) {
		const isChanged = (at) => lines[at]?.sign !== " ";
		for (to = from + 1; to < lines.length && isChanged(to) === isChanged(from); to++);
		runs.push(lines.slice(from, to));
	}
	return runs.flatMap((run) => run.some(({ sign, text }) => sign === "+" && redact(text) !== text) ? run.map((line) => line.sign === "-" ? {
		...line,
		text: HIDDEN
	} : line) : run);
}
const ASSIGNED = /^(\s*(?:[-*]\s+|export\s+|set\s+)?["']?[\w.-]*(?:pass|pwd|secret|token|credential|key|auth|salt|dsn|private)[\w.-]*["']?(?:\s*[:=]\s*|\s+))(\S.*)$/i;
/** Random words of letters and digits: keys and tokens. Commits, digests of images and tags made of them are left out. */
const RANDOM = /(?<![\w:+])(?!(?<=digest-)[0-9a-f]{32}\b)(?![0-9a-f]{40}\b)(?=(?:[\w+]*\d){2})(?=[\w+]*[A-Za-z])[\w+]{20,}=*/g;
/** Returns a line of a template without the parts that look like a secret. Calls in `{{ }}` stay. */
function withSecretsHidden(whole) {
	const line = whole.slice(0, MAX_READ$3);
	const [, name, value] = ASSIGNED.exec(line) ?? [];
	if (name !== void 0 && value !== void 0 && !value.startsWith("{{") && !/^["'{[]?$/.test(value)) return `${name}${HIDDEN}`;
	return line.split(/(\{\{.*?\}\})/).map((piece) => piece.startsWith("{{") ? piece : withoutCredentials(piece).replace(RANDOM, HIDDEN)).join("");
}
// src/plan/own-changes.ts
/**
* Returns the answer to a plan without the additions of this action. A job that differs in our links alone is unchanged: it is not registered, so nothing is
* updated in place. Our meta is not shown, but a difference in it is a change, because Nomad replaces the tasks.
*/
function withoutOwn(response) {
	const { Diff: diff, Annotations } = response;
	if (diff === null || diff === void 0 || diff.Type === "None") return response;
	const objects = (diff.Objects ?? []).map((object) => object.Name === "UI" ? withoutOwnLinks(object) : object);
	const groups = (diff.TaskGroups ?? []).map(withoutScalingIndexes);
	const isOurs = (diff.Objects ?? []).some((object) => object.Name === "UI" && isChange(object));
	const isNomads = groups.filter(isChange).length < (diff.TaskGroups ?? []).filter(isChange).length;
	const isSame = diff.Type === "Edited" && (isOurs || isNomads) && ![
		...diff.Fields ?? [],
		...objects,
		...groups
	].some(isChange);
	const users = {
		...withoutOwnMeta(diff),
		Type: isSame ? "None" : diff.Type,
		Objects: objects,
		TaskGroups: groups.map(withoutOwnMeta)
	};
	const updates = Object.entries(Annotations?.DesiredTGUpdates ?? {}).map(([group, update]) => [group, isSame ? left(update) : update]);
	return {
		...response,
		Diff: users,
		Annotations: {
			...Annotations,
			DesiredTGUpdates: Object.fromEntries(updates)
		}
	};
}
function left({ InPlaceUpdate, Ignore, ...update }) {
	return {
		...update,
		InPlaceUpdate: 0,
		Ignore: (Ignore ?? 0) + (InPlaceUpdate ?? 0)
	};
}
function withoutOwnMeta(diff) {
	return {
		...diff,
		Fields: (diff.Fields ?? []).filter(({ Name }) => !isOwnMeta(/^Meta\[(.*)\]$/.exec(Name)?.[1] ?? ""))
	};
}
/** Removes a change of a scaling policy without fields: Nomad also compares its indexes, which no spec has. */
function withoutScalingIndexes(group) {
	const isEmpty = ({ Name, Type, Fields, Objects }) => Name === "Scaling" && Type === "Edited" && ![...Fields ?? [], ...Objects ?? []].some(isChange);
	const objects = (group.Objects ?? []).filter((object) => !isEmpty(object));
	if (objects.length === (group.Objects ?? []).length) return group;
	const isSame = ![
		...group.Fields ?? [],
		...objects,
		...group.Tasks ?? []
	].some(isChange);
	return {
		...group,
		Type: isSame ? "None" : group.Type,
		Objects: objects
	};
}
/**
* Removes the changes of our links. Nomad compares links by position, and ours shift those of the user. So the user's old links are compared with the new ones:
* the links in one list only are the change, or else the order.
*/
function withoutOwnLinks(ui) {
	const all = ui.Objects ?? [];
	const before = all.flatMap((link) => link.Type === "Added" ? [] : usersLink(link, "Old"));
	const after = all.flatMap((link) => link.Type === "Deleted" ? [] : usersLink(link, "New"));
	const [gone, come] = [without(before, after), without(after, before)];
	const [was, is] = gone.length + come.length > 0 ? [gone, come] : [before, after];
	const links = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => linkDiff(was[i], is[i])).filter(isChange);
	return {
		...ui,
		Type: [...ui.Fields ?? [], ...links].some(isChange) ? "Edited" : "None",
		Objects: links
	};
}
function usersLink({ Fields }, side) {
	const text = (name) => Fields?.find(({ Name }) => Name === name)?.[side] ?? "";
	return isOwnLink(text("Url")) ? [] : [{
		Label: text("Label"),
		Url: text("Url")
	}];
}
/** Returns the links of one list that the other does not have, as often as they are missing. */
function without(list, others) {
	const left = others.map((link) => JSON.stringify(link));
	return list.filter((link) => {
		const at = left.indexOf(JSON.stringify(link));
		if (at >= 0) left.splice(at, 1);
		return at < 0;
	});
}
function linkDiff(was, is) {
	const kind = (Old, New) => Old === void 0 ? "Added" : New === void 0 ? "Deleted" : Old === New ? "None" : "Edited";
	const Fields = ["Label", "Url"].map((Name) => ({
		Name,
		Type: kind(was?.[Name], is?.[Name]),
		Old: was?.[Name] ?? "",
		New: is?.[Name] ?? ""
	}));
	return {
		Type: was === void 0 ? "Added" : is === void 0 ? "Deleted" : Fields.some(isChange) ? "Edited" : "None",
		Name: "Link",
		Fields
	};
}
function isChange({ Type }) {
	return Type !== "None";
}
// src/plan/words.ts
/** Texts of a plan that decide something. `recorded/` of the fixtures has them by version. */
const PLAN_WORDS = {
	/** An annotation of a change that leaves the allocations running. Every other annotation, an unknown one too, counts as one that replaces them. */
	inPlace: {
		pattern: /^forces (?:in-place update|create)$/,
		seen: EVERY
	},
	/** The warning about a `memory_max` that the scheduler ignores. */
	oversubscription: {
		pattern: /^Memory oversubscription is not enabled/,
		seen: EVERY
	},
	/** The begin of each warning in a list of them. */
	warning: {
		pattern: /(?:^|\n)\* /,
		seen: EVERY
	}
};
// src/plan/plan.ts
/**
* Validates a job on the servers before the build, and returns their warnings. Throws `jobspec-invalid` with all problems, at the location that `place` returns
* for the first one.
*/
async function validateJob(job, namespace, place, nomad) {
	const { problems, warnings } = await nomad.jobs.validate(job, namespace);
	if (problems.length === 0) return warningLines(warnings);
	const told = problems.map(flattenErrors).map((words) => place(aboutObjection(words), words));
	const location = told[0]?.location;
	throw new ActionError("jobspec-invalid", `Nomad refuses the job ${job.ID}: ${told.map(({ text }) => text).join("; ")}`, {
		hint: "Nothing was built or registered.",
		...location === void 0 ? {} : { location }
	});
}
/**
* Plans a job: the changes of a registration, and the modify index that guards it. Writes nothing. Throws `policy-violation` when the plan has other drivers than
* the job.
*/
async function planJob(job, namespace, nomad, { redact, live }) {
	const response = await nomad.jobs.plan(job, namespace);
	requireUnderstood(response.Diff, job);
	return summarizePlan({
		...response,
		Diff: withUnnamed(response.Diff, job, live)
	}, redact);
}
/** Fields of groups that Nomad compares, but that its diff does not name. */
const UNNAMED = ["MaxRunDuration"];
/** Returns a diff with the changed fields of groups that Nomad leaves out. A cluster that does not know a field does not keep it. */
function withUnnamed(diff, job, live) {
	if (diff?.Type !== "Edited") return diff;
	const TaskGroups = (diff.TaskGroups ?? []).map((group) => {
		const [before, after] = [live, job].map((one) => one?.TaskGroups?.find(({ Name }) => Name === group.Name));
		if (group.Type !== "Edited" || before === void 0 || after === void 0) return group;
		const changed = UNNAMED.flatMap((Name) => {
			const [Old, New] = [before[Name] ?? "", after[Name] ?? ""].map(String);
			if ((group.Fields ?? []).some((field) => field.Name === Name) || !(Name in before) || Old === New) return [];
			return [{
				Name,
				Type: Old === "" ? "Added" : New === "" ? "Deleted" : "Edited",
				Old,
				New
			}];
		});
		return changed.length === 0 ? group : {
			...group,
			Fields: [...group.Fields ?? [], ...changed]
		};
	});
	return {
		...diff,
		TaskGroups
	};
}
/**
* Throws `policy-violation` when Nomad reads the job differently from the policy check: the driver of a new or changed task must be the job's, and the driver
* of a task that Nomad adds (a proxy of the mesh) an expected one.
*/
function requireUnderstood(diff, { ID, TaskGroups }) {
	const other = (diff?.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).flatMap((task) => {
		const driver = task.Fields?.find(({ Name, Type }) => Name === "Driver" && (Type === "Added" || Type === "Edited"))?.New;
		return driver ? [{
			group: group.Name ?? "",
			task: task.Name ?? "",
			driver
		}] : [];
	})).find(({ group, task, driver }) => {
		const own = TaskGroups?.find(({ Name }) => Name === group);
		const named = own?.Tasks?.find(({ Name }) => Name === task);
		return !(named === void 0 ? (own === void 0 ? [] : tasksOf$1(own)).map((runs) => runs.task.Driver) : [named.Driver]).includes(driver);
	});
	if (other === void 0) return;
	throw new ActionError("policy-violation", `Nomad would run the task ${other.group}/${other.task} of ${ID} with the driver ${JSON.stringify(other.driver)}, which the job does not name`, { hint: "Nothing was built or registered. Compare the output `spec` with the job that `nomad job plan` shows." });
}
/** Fields that can't change in a registered job, also a stopped one. The servers refuse such a change only at the registration. */
const FIXED = {
	Type: "its type",
	Periodic: "whether it is periodic",
	ParameterizedJob: "whether it is parameterized"
};
/** Throws `jobspec-invalid`, at `location`, for a change that the servers would refuse at the registration. */
function requirePossible({ lines }, { ID }, location) {
	const fixed = Object.entries(FIXED).find(([field]) => lines.some((line) => /^[+~-] (\w+)$/.exec(line)?.[1] === field));
	if (fixed === void 0) return;
	throw new ActionError("jobspec-invalid", `the job ${ID} is registered, and ${fixed[1]} can't change`, {
		hint: `Nothing was built or registered. Purge the job first (nomad job stop -purge ${ID}), or give the new job another id.`,
		...location === void 0 ? {} : { location }
	});
}
/** Returns the part of the spec in a problem of the servers, such as `Task group web: Task app: minimum MemoryMB value is 10; got 2`. */
function aboutObjection(words) {
	const group = /^Task group (\S+)(?=: | must | should )/i.exec(words)?.[1];
	const task = /\bTask (?!group )(\S+):/.exec(words)?.[1];
	const kind = SUBJECTS.find(([pattern]) => pattern.test(words))?.[1];
	const name = kind === void 0 ? BLOCKS.find(([pattern]) => pattern.test(words))?.[1] : void 0;
	const part = {
		...group === void 0 ? {} : { group },
		...task === void 0 ? {} : { task }
	};
	if (name !== void 0) return {
		kind: "block",
		name,
		...part
	};
	return {
		kind: kind ?? (task === void 0 ? group === void 0 ? "none" : "group" : "task"),
		...part
	};
}
const SUBJECTS = [
	[/nonexistent namespace/, "namespace"],
	[/node pool/, "node_pool"],
	[/\bjob type\b/i, "type"],
	[/\bcron\b|\bperiodic\b/i, "periodic"],
	[/Task group count/, "count"],
	[/healthy deadline/i, "healthy_deadline"],
	[/progress deadline/i, "progress_deadline"],
	[/Memory(Max)?MB/, "memory"],
	[/\bCPU\b|\bcores\b/i, "cpu"],
	[/\bTemplate \d/, "template"],
	[/\bArtifact \d/, "artifact"],
	[/\bcheck\b/i, "check"],
	[/\bService\[|\bservice\b/, "service"],
	[/\bport\b/i, "port"],
	[/\bnetwork\b/i, "network"],
	[/\bConstraint \d/, "constraint"],
	[/\bvolume\b/i, "volume"],
	[/\bVault\b/, "vault"],
	[/\bdriver\b/i, "driver"]
];
/** Blocks that Nomad may refuse as a whole, such as those of its Enterprise edition. */
const BLOCKS = [
	[/\btask schedules?\b/i, "schedule"],
	[/\bnuma\b/i, "numa"],
	[/\bmultiregion\b/i, "multiregion"],
	[/\bsecret\b/i, "secret"],
	[/\bidentity\b/i, "identity"],
	[/\bdisconnect\b/i, "disconnect"]
];
/** Summarizes Nomad's answer to a plan, without the meta and links that this action adds to the job; `redact` hides secrets. */
function summarizePlan(answer, redact) {
	const response = withoutOwn(answer);
	const updates = Object.entries(response.Annotations?.DesiredTGUpdates ?? {});
	const words = updates.map(([group, update]) => [group, describeUpdates(update)]);
	return {
		changed: reach(response.Diff, updates),
		lines: [...diffLines(response.Diff), ...words.map(([group, update]) => `group ${group}: ${update}`)],
		diff: planDiff(response.Diff, words, redact),
		updates: Object.fromEntries(updates),
		actions: Object.fromEntries(words),
		preempted: countBy((response.Annotations?.PreemptedAllocs ?? []).map(({ JobID }) => JobID)),
		placementFailures: response.FailedTGAllocs ?? {},
		warnings: warningLines(response.Warnings),
		jobModifyIndex: response.JobModifyIndex,
		nextPeriodicLaunch: response.NextPeriodicLaunch ?? void 0
	};
}
/** Returns whether a registration replaces, or starts, everything of a job. */
function replacesAll({ updates }) {
	return Object.values(updates).every((update) => startsAnew(update));
}
/** Returns whether the scheduler replaces or starts a whole group. In a rolling update, the later allocations count as ignored at first. */
function startsAnew({ DestructiveUpdate, Canary, InPlaceUpdate, Ignore, Migrate } = {}) {
	return (DestructiveUpdate ?? 0) + (Canary ?? 0) > 0 || (InPlaceUpdate ?? 0) + (Ignore ?? 0) + (Migrate ?? 0) === 0;
}
function countBy(names) {
	return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
}
/** Returns Nomad's `N warning(s):` text as a list; nested warnings are flattened, each with its part of the job. */
function warningLines(text) {
	const [before = "", ...listed] = (text ?? "").split(PLAN_WORDS.warning.pattern);
	return (listed.length > 0 ? listed : [before]).filter((warning) => warning.trim() !== "").map((warning) => flattenErrors(warning.trim()).replaceAll(" has warnings:", ":"));
}
function reach(diff, updates) {
	if (diff === null || diff === void 0 || diff.Type === "None") return "none";
	if (diff.Type === "Added") return "create";
	const destructive = updates.some(([, update]) => (update.DestructiveUpdate ?? 0) + (update.Canary ?? 0) + (update.Stop ?? 0) > 0);
	const inPlace = updates.flatMap(([group, update]) => (update.InPlaceUpdate ?? 0) > 0 ? [group] : []);
	const forced = (diff.TaskGroups ?? []).flatMap(({ Name, Tasks }) => inPlace.includes(Name ?? "") ? [] : Tasks ?? []).some(({ Annotations }) => Annotations?.some((words) => !PLAN_WORDS.inPlace.pattern.test(words)) === true);
	return destructive || forced ? "destructive" : "in-place";
}
const SIGNS = {
	Added: "+",
	Deleted: "-",
	Edited: "~"
};
function diffLines(diff, path = "") {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	if (diff.Type === "Added" && path === "") return [];
	const own = (diff.Fields ?? []).flatMap(({ Type, Name }) => Type === "None" ? [] : [`${SIGNS[Type]} ${path}${Name}`]);
	const inner = (kind, list) => (list ?? []).flatMap((child) => {
		const name = `${path}${kind}${child.Name ?? ""}`;
		if (child.Type === "Added" || child.Type === "Deleted") return [`${SIGNS[child.Type]} ${name}`];
		return diffLines(child, `${name}.`);
	});
	return [
		...own,
		...inner("", diff.Objects),
		...inner("group ", diff.TaskGroups),
		...inner("task ", diff.Tasks)
	];
}
const UPDATE_WORDS = [
	["Place", "place"],
	["Canary", "canary"],
	["DestructiveUpdate", "replace"],
	["InPlaceUpdate", "update in place"],
	["Migrate", "migrate"],
	["Stop", "stop"],
	["Ignore", "leave"]
];
function describeUpdates(update) {
	const parts = UPDATE_WORDS.flatMap(([key, word]) => (update[key] ?? 0) > 0 ? [`${update[key]} to ${word}`] : []);
	return parts.length === 0 ? "nothing to do" : parts.join(", ");
}
// src/plan/counts.ts
/**
* Keeps the counts of the running job that an autoscaler or a person has set: of groups with a `scaling` block or, by `preserve`, of all groups or none. A
* count was scaled if it differs from the count that the last deploy recorded; without a record, if the last scaling gave the group its count. A kept count
* is limited to the block's `min` and `max`, because Nomad refuses others, and to `most` of a policy.
*/
function keepCounts(job, live, scalings, { preserve, most }) {
	const recorded = provenanceOf(live).counts;
	const kept = [];
	const groups = (job.TaskGroups ?? []).map((group) => {
		const running = otherCount(group, job, live, preserve);
		if (running === void 0) return group;
		const asked = askedCount(group);
		const before = recorded?.[group.Name];
		if (!(before === void 0 ? scalings[group.Name] === running : before !== running)) return group;
		const count = Math.min(withinScaling(running, group), most ?? Number.POSITIVE_INFINITY);
		if (count === asked) return group;
		const limited = count === running ? "" : `, because ${withinScaling(running, group) === count ? "its `scaling` block" : "`max-count` of the policy"} does not allow the running ${running}`;
		kept.push(`group ${group.Name}: the count stays ${count}${limited}; the spec says ${asked} (\`preserve-counts\`)`);
		return {
			...group,
			Count: count
		};
	});
	return kept.length === 0 ? {
		job,
		kept
	} : {
		job: {
			...job,
			TaskGroups: groups
		},
		kept
	};
}
/** Returns whether Nomad's scaling events are needed to decide about a count. */
function needsScalings(job, live, preserve) {
	const recorded = provenanceOf(live).counts;
	return (job.TaskGroups ?? []).some((group) => {
		return otherCount(group, job, live, preserve) !== void 0 && recorded?.[group.Name] === void 0;
	});
}
/** Returns the running count of a group that may be kept and differs from the spec; undefined otherwise. */
function otherCount(group, job, live, preserve) {
	if (live === void 0 || live.Stop || !isOpen(group, job, preserve)) return void 0;
	const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? void 0;
	return running === askedCount(group) ? void 0 : running;
}
const withinScaling = (count, { Scaling }) => Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
// src/plan/sent.ts
/** Reads the counts of the last scalings of the groups. Sends no request where no count depends on them. */
async function readScalings({ job, namespace }, live, { preserveCounts }, nomad) {
	return needsScalings(job, live, preserveCounts) ? nomad.jobs.scalings(job.ID, namespace) : {};
}
/**
* Returns the job in the form that is planned and registered, with its kept counts. The policy judges this form. Throws `policy-violation`.
*/
function sentJob(job, live, { inputs, rendering }, scalings) {
	const kept = keepCounts(job, live, scalings, {
		preserve: inputs.preserveCounts,
		most: rendering.policy?.policy.maxCount
	});
	const counted = inputs.blueGreen && rendering.spec.builtIn ? {
		...kept,
		job: withBlueGreen(kept.job)
	} : kept;
	requireAllowed(counted.job, restrictionsOf(inputs, rendering), rendering.spec);
	return counted;
}
// src/plan/as-registered.ts
/**
* Plans a job in its registered form. First with our meta of the registered job, because another meta replaces every task; where the plan replaces all tasks
* anyway, once more with the meta of this run. Groups of a failed version that the spec does not change are tried again. `onJob` gets each job before its plan.
*/
async function planAsRegistered(jobspec, secrets, { job: live, failing }, { inputs, rendering, nomad, redact, onJob = async () => void 0 }) {
	const scalings = await readScalings(jobspec, live, inputs, nomad);
	const planWith = async (choice) => {
		const counted = sentJob(asRegistered(jobspec, secrets, {
			...rendering,
			live
		}, choice), live, {
			inputs,
			rendering
		}, scalings);
		await onJob(counted);
		return {
			counted,
			plan: await planJob(counted.job, jobspec.namespace, nomad, {
				redact: hidingValues(jobspec.settings, redact),
				live
			})
		};
	};
	const planned = await planWith({ ownMeta: "kept" });
	const { changed, updates } = planned.plan;
	const again = changed === "none" ? [...failing.unhealthy, ...failing.down] : failing.down.filter((group) => !startsAnew(updates[group]));
	const unmarked = changed === "none" ? [] : Object.keys(updates).filter((group) => markOf(live, group) && startsAnew(updates[group]));
	const marks = Object.fromEntries([...unmarked.map((group) => [group, "none"]), ...again.map((group) => [group, "again"])]);
	if (Object.keys(marks).length > 0) return planWith({
		ownMeta: "kept",
		marks
	});
	if (changed === "none") return planned;
	return keepsOther(live, rendering) && replacesAll(planned.plan) ? planWith({ ownMeta: "fresh" }) : planned;
}
// src/diagnose/words.ts
/** Texts of allocations and of their events that decide something. `recorded/` of the fixtures has them by version. */
const EVENT_WORDS = {
	/** The allocation that preempted this one, where the field for it is missing. */
	preempted: {
		pattern: /^Preempted by alloc(?: ID)? (\S+)/,
		seen: EVERY
	},
	/** The move of an allocation from its node, where the field for it is missing. */
	drained: {
		pattern: /^alloc is being migrated$/,
		seen: EVERY
	},
	/** The check whose failures restart a task. */
	failingCheck: {
		pattern: /healthcheck: check "([^"]*)"/,
		seen: EVERY
	},
	/** A restart that a person asked for. */
	askedRestart: {
		pattern: /^User requested\b/,
		seen: EVERY
	},
	/** The data that a template waits for. */
	missingData: {
		pattern: /^Missing:\s*(.*)$/s,
		seen: EVERY
	},
	/** Why a template failed. */
	templateFailed: {
		pattern: /^Template failed: (.*)$/,
		seen: EVERY
	},
	/** Why a template with `env = true` is no list of variables. */
	envTemplate: {
		pattern: /error parsing env template .{0,300}?: (error on line .*)$/,
		seen: EVERY
	},
	/** The source of a template that does not exist. */
	templateSource: {
		pattern: /failed to read template: .{0,300}failed to open source file "([^"]+)"/,
		seen: EVERY
	},
	/** The artifact, and why it was not downloaded. */
	artifact: {
		pattern: /^failed to download artifact "([^"]+)": (.*)$/,
		seen: EVERY
	},
	/** The checksums of an artifact: the expected one, the found one. */
	checksum: {
		pattern: /checksums did not match(?:.*?Expected: (\S+) Got: (\S+))?/i,
		seen: EVERY
	},
	/** The service whose port does not exist, and the port. */
	servicePort: {
		pattern: /service "([^"]*)": invalid port "([^"]*)": port label not found/,
		seen: EVERY
	},
	/** The name of a check that has none in the spec. */
	unnamedCheck: {
		pattern: /^service: "/,
		seen: EVERY
	},
	/** The port of a node that is in use: its label, and its number. */
	portCollision: {
		pattern: /^network: (?:reserved )?port collision (\S+)=(\d+)/,
		seen: EVERY
	},
	minHealthyTime: {
		pattern: /min_healthy_time of (\S+)/,
		seen: EVERY
	},
	healthyDeadline: {
		pattern: /by healthy_deadline of (\S+)/,
		seen: EVERY
	},
	/** The services in Consul whose checks did not pass. */
	inConsul: {
		pattern: /Services not healthy by deadline: (.*)/,
		seen: []
	}
};
// src/diagnose/check.ts
/** Characters of a check's output that are kept. */
const MAX_OUTPUT = 500;
/** Characters of a longer output that the patterns read. */
const MAX_READ$2 = 16384;
const LISTEN = "make the application listen on that port, on all addresses (0.0.0.0)";
/** Reads a result of Nomad's API; `clean` removes secrets before anything is cut. */
function readCheck({ Check, Service, Status, StatusCode, Output }, clean) {
	const output = clean(oneLine(withoutTags(clean(Output ?? "").slice(0, MAX_READ$2))));
	return {
		name: Check,
		service: Service,
		status: Status,
		output: clip(`${StatusCode ? `${StatusCode} ` : ""}${output}`.trim(), MAX_OUTPUT)
	};
}
/** Returns the text of an HTML page without its title; other texts as they are. */
function withoutTags(text) {
	if (!/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) return text;
	return text.replace(/<(script|style|title)\b[\s\S]*?<\/\1>/gi, " ").replace(/<[^<>]*>/g, " ").replace(/\s+/g, " ");
}
/** Returns a failing check as a statement, and what to do about it; the group of the job, where it is known, has the path of the check. */
function describeFailure(check, group) {
	const name = EVENT_WORDS.unnamedCheck.pattern.test(check.name) ? "" : ` "${check.name}"`;
	const { text, advice } = checkWords(check, group);
	return {
		text: `the check${name} of service ${check.service} fails: ${text}`,
		advice
	};
}
/** Returns the result of a failing check without its name, and what to do about it. */
function checkWords({ name, service, output }, group) {
	const checks = servicesOf(group).find(({ Name }) => Name === service)?.Checks ?? [];
	const path = (checks.find(({ Name }) => Name === name) ?? (checks.length === 1 ? checks[0] : void 0))?.Path;
	const [, status, page = ""] = /^(\d{3})(?: (.*))?$/s.exec(output) ?? [];
	if (status !== void 0) {
		const body = page.startsWith(`${status} `) ? page.slice(status.length + 1) : page;
		const said = body === "" ? "" : ` ${JSON.stringify(clip(body, 100))}`;
		return {
			text: `${path ? `GET ${path}` : "the application"} answers ${status}${said}`,
			advice: "correct `path` of the check, or the answer of the application"
		};
	}
	const refused = /dial (?:tcp|udp) (\S+): connect: connection refused/.exec(output);
	if (refused !== null) return {
		text: `nothing listens at ${refused[1]} (connection refused)`,
		advice: LISTEN
	};
	const cut = /(?:Get "([^"]*)": .*?)?(EOF|connection reset by peer)$/.exec(output);
	if (cut !== null) return {
		text: `nothing answers${cut[1] === void 0 ? "" : ` at ${cut[1]}`} (${cut[2]})`,
		advice: LISTEN
	};
	if (/deadline exceeded|i\/o timeout|Client\.Timeout/.test(output)) return {
		text: "no answer within the timeout of the check",
		advice: "raise `timeout` of the check, or make the application answer faster"
	};
	if (/HTTP response to HTTPS client/.test(output)) return {
		text: "the application speaks plain HTTP, not HTTPS",
		advice: "set `protocol = \"http\"` in the check"
	};
	return {
		text: clip(output.replace(/^(nomad: )?(Get "[^"]*": )?/, ""), 160) || "the check has no output",
		advice: ""
	};
}
/** Returns the services of a group and of its tasks, with the task that they belong to. */
function servicesOf(group) {
	return [...(group?.Services ?? []).map((service) => ({
		...service,
		task: void 0
	})), ...(group?.Tasks ?? []).flatMap(({ Name, Services }) => (Services ?? []).map((service) => ({
		...service,
		task: Name
	})))];
}
/** Returns the intervals of a group's checks, in milliseconds. */
function intervalsOf({ Services, Tasks }) {
	return [...Services ?? [], ...(Tasks ?? []).flatMap((task) => task.Services ?? [])].flatMap(({ Provider, Checks }) => Provider === "nomad" ? Checks ?? [] : []).map(({ Interval }) => (Interval ?? 0) / 1e6);
}
/** Returns whether a job has checks whose results Nomad knows: those of its own services. */
function hasChecks({ TaskGroups }) {
	return (TaskGroups ?? []).some((group) => intervalsOf(group).length > 0);
}
/**
* Returns whether Nomad judges the health of a group by checks. Nomad judges neither batch jobs nor groups without deployments (`max_parallel = 0`), and
* `health_check` may leave the judgement to the states of the tasks or to people.
*/
function countsChecks({ Type, Update, TaskGroups }, groupName) {
	const own = TaskGroups?.find(({ Name }) => Name === groupName)?.Update;
	const { HealthCheck, MaxParallel } = updateOf(Update, own);
	return Type?.endsWith("batch") !== true && MaxParallel !== 0 && (HealthCheck || "checks") === "checks";
}
/** Returns whether Nomad ignores a result: a failure of a check with `on_update = "ignore"`. Without a result, that check counts like any other. */
function isIgnored({ Mode, Status }) {
	return Mode === "readiness" && Status === "failure";
}
/** Returns a failing check as a statement: `the check "alive" of service web fails: …`. */
function describeFailing(result) {
	return describeFailure(readCheck(result, withoutCredentials), void 0).text;
}
// src/diagnose/driver-rows.ts
/**
* Why an image could not be pulled; the first row that matches counts. Failures that a retry may heal come first, so that a word such as `not found`
* within them does not make them certain. Texts of Docker 20 to 28, containerd and Podman.
*/
const PULL = [
	{
		pattern: /toomanyrequests|too many requests|rate limit/i,
		text: () => "the registry limits the rate of pulls (too many requests)",
		advice: "log the nodes in to the registry, or use a mirror"
	},
	{
		pattern: /lookup ([^\s:]+)(?: on \S+)?: no such host/,
		seen: EVERY,
		text: ([, host]) => `the registry ${host} has no DNS entry (no such host)`,
		advice: "check the image name, and the DNS of the nodes"
	},
	{
		pattern: /(?:dial tcp ([^\s]+): )?connect: connection refused/,
		seen: EVERY,
		text: ([, address]) => `the registry${address === void 0 ? "" : ` at ${address}`} refused the connection`,
		advice: "check the image name, and that the nodes reach the registry"
	},
	{
		pattern: /server gave HTTP response to HTTPS client/,
		text: () => "the registry speaks plain HTTP, and the engine of the node requires HTTPS",
		advice: "serve the registry by HTTPS, or add it to the engine's insecure registries",
		certain: "node"
	},
	{
		pattern: /(x509: .*|tls: .*)/,
		text: ([, words]) => `the node does not trust the registry's certificate (${words})`,
		advice: "add the certificate authority to the engine of the node",
		certain: "node"
	},
	{
		pattern: /no space left on device/,
		text: () => "the disk of the node is full (no space left on device)",
		advice: "free space on the node",
		certain: "node"
	},
	{
		pattern: /i\/o timeout|deadline exceeded|Client\.Timeout|handshake timeout|timed out|request canceled|no route to host|network is unreachable/i,
		text: () => "the registry did not answer in time",
		advice: "check that the nodes reach the registry"
	},
	{
		pattern: /(?:status|code)\b.*?\b(5\d\d)\b/i,
		text: ([, status]) => `the registry answered ${status}`,
		advice: "check the registry"
	},
	{
		pattern: /unexpected EOF|: EOF|connection reset|broken pipe|temporary failure|service unavailable/i,
		text: () => "the connection to the registry broke",
		advice: "check the registry"
	},
	{
		pattern: /no matching manifest for ([^\s,]+)|platform \(([^)]+)\) does not match/,
		text: ([, wanted, other]) => `the image is not built for the platform of the node (${wanted === void 0 ? `the image is for ${other}` : `no manifest for ${wanted}`})`,
		advice: "build the image for that platform (`platforms`)",
		certain: "node"
	},
	{
		pattern: /pull access denied|no basic auth credentials|unauthorized|authentication required|access denied|\bdenied\b|incorrect username|forbidden/i,
		text: ([words]) => `the registry denied access (${words})`,
		advice: "give the nodes credentials for the registry, or correct the image name",
		certain: "node"
	},
	{
		pattern: /manifest unknown|manifest for \S+ not found|reading manifest .*not found|(?:repository|name) (?:\S+ )?(?:unknown|not found|does not exist)|no such image|: not found$/i,
		seen: EVERY,
		text: () => "the registry has no such image (manifest unknown, not found)",
		advice: "correct the name or the tag, or push the image",
		certain: true
	}
];
/** Refusals of a driver's config that come from the settings or the files of its node, not from the config alone. */
const OF_NODE = /plugin config|not allowed|disabled|not enabled|not found|no such file|opening |runtime|isolation mode "|permission denied/i;
/** Other reasons why a driver could not start a task; the first row that matches counts. */
const START = [
	{
		pattern: /docker image "([^"]+)": does not match registry specification|could not parse (?:image )?reference[:\s]+"?([^\s"]+)|()invalid reference format|()repository name must be lowercase/,
		seen: EVERY,
		text: ([, image = "", other = image]) => `the image name ${other} is invalid`.replace("  ", " "),
		advice: "use lower case: registry/repository:tag",
		certain: true,
		kind: "image"
	},
	{
		pattern: /exec: \\?"([^"\\]+)\\?": (?:stat .*no such file or directory|executable file not found in \$PATH)|crun: executable file [`'"]?([^\s`'"]+)[`'"]? not found/,
		seen: EVERY,
		text: ([, command, other]) => `the command ${command ?? other} does not exist in the image`,
		advice: "correct the command (`command`, CMD or ENTRYPOINT), or add the file to the image",
		certain: true,
		kind: "command"
	},
	{
		pattern: /exec: \\?"([^"\\]+)\\?": (?:permission denied|is a directory)/,
		seen: EVERY,
		text: ([, command]) => `the command ${command} in the image is not executable (permission denied)`,
		advice: "make it an executable file (chmod +x)",
		certain: true,
		kind: "command"
	},
	{
		pattern: /binary "([^"]+)" could not be found|file (\S+) not found under path/,
		seen: EVERY,
		text: ([, command, other], node) => `the command ${command ?? other} does not exist on the node ${node}`,
		advice: "correct `command`, or add the file with an artifact",
		certain: "node",
		kind: "command"
	},
	{
		pattern: /fork\/exec (\S+): permission denied/,
		text: ([, command], node) => `the command ${command} on the node ${node} is not executable (permission denied)`,
		advice: "make it executable (`mode` of the artifact, `perms` of the template, chmod +x)",
		certain: "node",
		kind: "command"
	},
	{
		pattern: /Port "([^"]+)" not found/,
		seen: EVERY,
		text: ([, port]) => `the port "${port}" is not in the group's network block`,
		advice: ([, port]) => `add \`port "${port}"\` to that block, or correct \`ports\``,
		certain: true,
		kind: "port",
		name: 1
	},
	{
		pattern: /(?:listen (?:tcp|udp)[46]? |host port (?:for )?|Bind for )\[?[\w.:]{0,64}?\]?:(\d{1,5})\b.{0,200}?(?:address already in use|port is already allocated)/,
		seen: EVERY,
		text: ([, port], node) => `the port ${port} of the node ${node} is in use by a process outside Nomad`,
		advice: "free the port, or remove `static` to let Nomad choose one",
		certain: "node",
		kind: "port",
		name: 1
	},
	{
		pattern: /unable to find user ([^\s:]+)|unknown user ([^\s:]+)/,
		seen: EVERY,
		text: ([, inImage, onNode], node) => `the user ${inImage ?? onNode} does not exist ${inImage === void 0 ? `on the node ${node}` : "in the image"}`,
		advice: "correct `user`, or create that user",
		certain: ([, inImage]) => inImage === void 0 ? "node" : true,
		kind: "user"
	},
	{
		pattern: /does not allow the following capabilities: (.*)/,
		seen: EVERY,
		text: ([, capabilities], node) => `the node ${node} does not allow the capability ${capabilities}`,
		advice: "remove it from `cap_add`, or add it to the driver's `allow_caps` on that node",
		certain: "node",
		kind: "config",
		name: "cap_add"
	},
	{
		pattern: /privileged mode is disabled/i,
		seen: EVERY,
		text: (_match, node) => `the node ${node} does not allow privileged containers`,
		advice: "remove `privileged`, or set the driver's `allow_privileged` on that node",
		certain: "node",
		kind: "config",
		name: "privileged"
	},
	{
		pattern: /cannot apply "((\w+)_mode)" configuration$/,
		seen: ["2.0.6"],
		text: ([, option], node) => `the node ${node} does not allow this \`${option}\``,
		advice: ([, option, mode]) => `remove \`${option}\`, or set \`${mode}\` in \`allowed_modes\`, or \`allow_privileged\`, of the Docker plugin on that node`,
		certain: "node",
		kind: "config",
		name: 1
	},
	{
		pattern: /requested runtime "([^"]+)" is not allowed/,
		seen: EVERY,
		text: ([, runtime], node) => `the node ${node} does not allow the runtime ${runtime}`,
		advice: "remove `runtime`, or add it to the driver's `allow_runtimes` on that node",
		certain: "node",
		kind: "config",
		name: "runtime"
	},
	{
		pattern: /volumes are not enabled/,
		text: (_match, node) => `the node ${node} does not allow host paths as volumes`,
		advice: "use a `volume` block, or enable the driver's `volumes` on that node",
		certain: "node",
		kind: "config",
		name: "volumes"
	},
	{
		pattern: /bind source path does not exist: (\S+)/,
		seen: EVERY,
		text: ([, path], node) => `the path ${path} of a mount does not exist on the node ${node}`,
		advice: "create that folder on the nodes, or correct the path",
		certain: "node",
		kind: "config",
		name: "mount"
	},
	{
		pattern: /error mounting "([^"]+)" to rootfs at "([^"]+)".*not a directory/,
		text: ([, source = "", target]) => `${withoutFolders(source)} cannot be mounted at ${target}, because one is a folder and the other is a file`,
		advice: "create the source before the task starts",
		certain: "node",
		kind: "config",
		name: "volumes"
	},
	{
		pattern: /\bnetwork ([^\s"]+) not found/,
		seen: EVERY,
		text: ([, network], node) => `the network ${network} does not exist on the node ${node}`,
		advice: "correct `network_mode`, or create that network on the nodes",
		certain: "node",
		kind: "config",
		name: "network_mode"
	},
	{
		pattern: /Minimum memory limit allowed is (\S+)/i,
		seen: [
			"1.9.7",
			"1.10.5",
			"1.11.3"
		],
		text: ([, least]) => `the memory limit is below the minimum of the driver, ${least}`,
		advice: "raise `memory`",
		certain: true,
		kind: "memory"
	},
	{
		pattern: /Failed to create container configuration for image .*?(?:\("[^"]*"\))?: (.*)/,
		seen: ["2.0.6"],
		text: ([, words = ""], node) => `the driver config is refused${OF_NODE.test(words) ? ` by the node ${node}` : ""}: ${words}`,
		advice: ([, words = ""]) => `correct the \`config\` block${OF_NODE.test(words) ? ", or the configuration of that node" : ""}`,
		certain: ([, words = ""]) => OF_NODE.test(words) ? "node" : true,
		kind: "config"
	}
];
// src/diagnose/driver.ts
const IMAGE_OF_PULL = /(?:failed to pull|unable to pull)(?: image)? [`"']?([^\s`"']+?)[`"']?: (.*)/i;
/** Prefixes that engines and runtimes write before the one clause that explains. */
const PREFIXES = /^(?:Failed to start container \w+|failed to create container|Error response from daemon|failed to create (?:shim )?task(?: for container)?|failed to create task for container|OCI runtime (?:create|start) failed|runc (?:create|run) failed|container_linux\.go:\d+|starting container process caused|unable to start container process|failed to launch command with executor|failed to start task|failed to start command|rpc error: code = \w+ desc = ?.?|failed driver config validation|failed to set up container networking|driver failed programming external connectivity on endpoint \S+ \(\w+\))[:,]? +/;
/** Characters of a message that are read: engines write a sentence or two. */
const MAX_READ$1 = 8192;
/** Returns what the text of a `Driver Failure` on the node of that name means. */
function driverFailure(message, node) {
	const text = flattenErrors(message.slice(0, MAX_READ$1));
	const [, image, words = ""] = IMAGE_OF_PULL.exec(text) ?? [];
	if (image !== void 0) return pullFailure(image, stripPrefixes(words), node);
	if (text.includes("exec format error")) {
		const command = /fork\/exec (\S+):|exec:? "?([^\s":]+)"?:/.exec(text);
		return execFormat(command?.[1] ?? command?.[2]);
	}
	const other = `correct the \`config\` block, or read the log of the Nomad client on ${node}`;
	return known$1(START, text, node, "cannot start") ?? {
		text: `cannot start: ${stripPrefixes(text)}`,
		advice: other,
		certain: false,
		about: { kind: "task" }
	};
}
function pullFailure(image, words, node) {
	const verb = `cannot pull the image ${image}`;
	return known$1(PULL, words, node, verb) ?? {
		text: `${verb}: ${words}`,
		advice: "check the image name, and that the nodes reach the registry",
		certain: false,
		about: { kind: "image" }
	};
}
/** Returns what the first row that matches says after `verb`; undefined where none does. */
function known$1(rows, words, node, verb) {
	for (const { pattern, text, advice, certain = false, kind = "image", name } of rows) {
		const match = pattern.exec(words);
		if (match === null) continue;
		const sure = typeof certain === "function" ? certain(match) : certain;
		const named = typeof name === "number" ? match[name] : name;
		return {
			text: `${verb}: ${text(match, node)}`,
			advice: typeof advice === "function" ? advice(match) : advice,
			certain: sure === true,
			...sure === "node" && { ofNode: true },
			about: {
				kind,
				...named === void 0 ? {} : { name: named }
			}
		};
	}
}
function stripPrefixes(text) {
	let rest = text;
	for (let before = ""; before !== rest;) {
		before = rest;
		rest = rest.replace(PREFIXES, "");
	}
	return rest.replace(/: unknown$/, "");
}
/** Returns what it means that the kernel does not know the format of a program: it is for another architecture, or a script without its interpreter. */
function execFormat(command) {
	return {
		text: `cannot start: ${command === void 0 ? "the command" : `the command ${command}`} is built for another architecture, or is a script without #! (exec format error)`,
		advice: "build it for the platform of the node",
		certain: false,
		ofNode: true,
		about: { kind: "command" }
	};
}
// src/diagnose/log-line.ts
const MAX_LENGTH$1 = 160;
/** Characters of a line that are read: some of the patterns take a time that grows faster than the line. */
const MAX_READ = 16384;
const MAX_MATCHED = 2048;
/** Lines that belong to an error beside them, or follow every failure: stack frames, excerpts of source, advice. */
const NOISE = [
	/^[\s^~|}\])({[,;.-]*$/,
	/^\s/,
	/^(at|from) .*[:(]\d+/,
	/^#\d+ /,
	/^(goroutine \d+ |created by |\[signal |exit status \d|rax |r\d+ )/,
	/^[\w./*()-]+\([^()]*\)$/,
	/^(traceback \(most recent call last\)|stack trace|stack backtrace|backtrace|stacktrace):?$/i,
	/^note: /,
	/^(During handling of|The above exception was)/,
	/^\(Background on this error at/,
	/^Node\.js v\d/,
	/^npm (notice|warn)\b/i,
	/^npm (ERR!|error)(\s*$| +(code|errno|path|command|signal|syscall|location|workspace|in workspace|npm|To see|Lifecycle|This is probably|A complete log)\b)/,
	/^(error Command failed with exit code|ELIFECYCLE|info Visit )/,
	/^make: \*\*\*/,
	/^\/?[\w./-]+:\d+$/,
	/^(throw |raise |process\.exit)/
];
const STRONG = [
	/^\W*(panic|fatal|fatal error|error|exception|uncaught|unhandled|emerg|crit|critical)\b/i,
	/\b[A-Z]\w*(Error|Exception)\b(:|\)|$)/,
	/(^|[\s[:=|"])(panic|panicked|fatal|emerg|crit|critical)([\s\]:|"]|$)/i,
	/\blevel="?(error|fatal|panic|critical)\b/i,
	/[[\s](ERROR|ERR|SEVERE|FTL)[\]\s:]/
];
const WEAK = /error|exception|fail|denied|refused|not found|cannot|can't|could not|couldn't|unable|missing|invalid|no such|not set|required|unknown|killed|abort|timed? ?out|not permitted|unreachable|expected/i;
const WARNING = /\bwarn(ing)?\b|deprecat/i;
/**
* Returns the line that most likely says why a task ended: the last one that reads like an error (of stderr rather than stdout), without stack frames and
* blank lines; otherwise the last line. Of a JSON line, the message counts.
*/
function tellingLine(tails) {
	const found = [...tails].sort((a, b) => Number(b.stream === "stderr") - Number(a.stream === "stderr")).flatMap(({ lines }) => choose(lines.map(readLine)) ?? []);
	const best = found.find(({ error }) => error) ?? found[0];
	return best && {
		...best,
		text: clip(oneLine(best.text), MAX_LENGTH$1)
	};
}
function readLine(raw) {
	const whole = withoutEscapes(raw.slice(0, MAX_READ)).replace(/(?!\t)\p{Cc}/gu, "").trimEnd();
	const json = readJson(whole);
	if (json !== void 0) return json;
	const text = whole.slice(0, MAX_MATCHED);
	if (text.trim() === "") return {
		text,
		rank: "blank"
	};
	if (NOISE.some((pattern) => pattern.test(text))) return {
		text: text.trim(),
		rank: "noise"
	};
	if (STRONG.some((pattern) => pattern.test(text))) return {
		text,
		rank: "strong"
	};
	return {
		text,
		rank: WEAK.test(text) && !WARNING.test(text) ? "weak" : "plain"
	};
}
/** Reads a line of a structured log: its message, and whether its level is an error. Levels as numbers are those of bunyan and pino. */
function readJson(text) {
	if (!/^\s*\{.*\}\s*$/.test(text)) return void 0;
	let fields;
	try {
		fields = JSON.parse(text);
	} catch {
		return;
	}
	if (typeof fields !== "object" || fields === null) return void 0;
	const entries = new Map(Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value]));
	const words = (key) => {
		const value = entries.get(key);
		if (typeof value === "string") return value;
		return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string" ? value.message : "";
	};
	const parts = [
		"msg",
		"message",
		"@message",
		"error",
		"err",
		"exception"
	].map(words).filter((part) => part !== "");
	const message = [...new Set(parts)].join(": ");
	if (message === "") return void 0;
	const level = [
		"level",
		"severity",
		"@level",
		"lvl"
	].map((key) => entries.get(key)).find((value) => value !== void 0);
	return {
		text: message,
		rank: (typeof level === "number" ? level >= 50 : typeof level === "string" && /err|fatal|crit|panic|emerg|alert/i.test(level)) ? "strong" : "plain"
	};
}
function choose(lines) {
	const telling = lines.filter(({ rank }) => rank !== "blank" && rank !== "noise").slice(-20);
	const last = telling.at(-1);
	if (last === void 0) {
		const any = lines.findLast(({ rank }) => rank !== "blank");
		return any && {
			text: any.text,
			error: false
		};
	}
	const at = telling.findLastIndex(({ rank }) => rank === "strong");
	const strong = telling[at];
	if (strong === void 0 || last.rank === "weak" && !continues(strong)) {
		const weak = telling.findLast(({ rank }) => rank === "weak");
		return {
			text: (weak ?? last).text,
			error: weak !== void 0
		};
	}
	const next = telling[at + 1];
	return {
		text: next !== void 0 && continues(strong) ? `${strong.text} ${next.text}` : strong.text,
		error: true
	};
}
/** Returns whether the message is on the next line, as Rust and others write it. */
const continues = ({ text }) => text.endsWith(":");
// src/diagnose/sentence.ts
/** The longest sentence: outputs and annotations stay readable. */
const MAX_LENGTH = 300;
const RANKS = {
	certain: 5,
	told: 4,
	failed: 3,
	checked: 2,
	waiting: 1,
	unknown: 0
};
/** The variables that users of the built-in template set in place of these fields. */
const VARIABLE_OF_FIELD = {
	canary: "COUNT_CANARIES",
	count: "COUNT",
	datacenters: "DATACENTERS",
	healthy_deadline: "HEALTHY_DEADLINE",
	memory: "MEMORY",
	memory_max: "MEMORY_FACTOR",
	network_mode: "NETWORK_MODE",
	node_pool: "NODE_POOL",
	priority: "PRIORITY",
	progress_deadline: "PROGRESS_DEADLINE"
};
/** Returns an advice with the variables of the built-in template in place of fields. */
function forTemplate(advice) {
	return advice.replace(/`(\w+)( = 0)?`/g, (whole, field, none = "") => {
		const variable = VARIABLE_OF_FIELD[field];
		return variable === void 0 ? whole : `\`NOMAD_VAR_${variable}${none}\``;
	});
}
/**
* Returns the cause in one sentence: `group/task exited with code 2: "line of the log"; advice`. `redact` removes known secrets before anything is cut. A
* sentence that is too long loses the end of what happened and keeps the advice. With `builtIn`, the advice names the variables of the built-in template.
*/
function causeOf({ where, text, line, advice: written, certain, about, rank }, redact, builtIn = false) {
	const advice = builtIn ? forTemplate(written) : written;
	const clean = (part) => withoutCredentials(plain(redact(part)));
	const end = advice === "" ? "" : `; ${advice}`;
	const quoted = line === void 0 ? "" : quote(clean(line), text);
	const room = MAX_LENGTH - where.length - 1 - end.length;
	const happened = `${clip(clean(text), Math.max(room - quoted.length, 80))}${quoted}`;
	return {
		sentence: clip(`${where} ${clip(happened, room)}${end}`, MAX_LENGTH),
		certain,
		about,
		rank
	};
}
/** Returns a line of the log as it follows a text: after a colon, or in brackets where the text has a colon of its own. */
function quote(line, text) {
	return text.includes(": ") ? ` (log output: ${JSON.stringify(line)})` : `: ${JSON.stringify(line)}`;
}
// src/diagnose/exit.ts
const SIGNALS = {
	1: "SIGHUP",
	2: "SIGINT",
	3: "SIGQUIT",
	4: "SIGILL",
	5: "SIGTRAP",
	6: "SIGABRT",
	7: "SIGBUS",
	8: "SIGFPE",
	9: "SIGKILL",
	11: "SIGSEGV",
	13: "SIGPIPE",
	14: "SIGALRM",
	15: "SIGTERM",
	24: "SIGXCPU",
	25: "SIGXFSZ",
	31: "SIGSYS"
};
/** Exit codes that shells give, see https://tldp.org/LDP/abs/html/exitcodes.html */
const CODES = {
	"126": [" (a command is not executable)", "make the command executable (chmod +x)"],
	"127": [" (a command does not exist)", "correct the name of the command or `PATH`, or install the command"]
};
/** Returns what the end of a task by itself means; undefined for a good end, and for one that Nomad brought about. */
const terminated = (event, place) => {
	const { Details } = event;
	const { allocation, state, index } = place;
	if (wasEnded((state.Events ?? []).slice(0, index))) return void 0;
	const common = {
		certain: false,
		exited: true
	};
	if (Details?.["oom_killed"] === "true") return {
		...common,
		...outOfMemory(place),
		about: { kind: "memory" }
	};
	const signal = signalOf(event);
	if (signal !== 0) return {
		...common,
		text: exitWords(event),
		advice: signal === 9 ? `check the kernel log of the node ${allocation.NodeName}: the node may have run out of memory` : "",
		about: { kind: "task" }
	};
	const code = Details?.["exit_code"] ?? "0";
	if (code === "0") {
		if (!(state.Events ?? []).slice(index + 1).some(({ Type }) => /^(Not )?Restarting$/.test(Type))) return void 0;
		return {
			...common,
			...endedWell(place),
			about: { kind: "command" }
		};
	}
	return {
		...common,
		text: exitWords(event),
		advice: CODES[code]?.[1] ?? "",
		about: { kind: "task" }
	};
};
/** Returns how a task ended, as the end of a sentence. */
function exitWords(event) {
	const { Details } = event;
	if (Details?.["oom_killed"] === "true") return "was killed because it used more memory than its limit (OOM)";
	const signal = signalOf(event);
	const name = SIGNALS[signal];
	if (signal !== 0) return `was killed by signal ${signal}${name === void 0 ? "" : ` (${name})`}`;
	const code = Details?.["exit_code"] ?? "0";
	return `exited with code ${code}${CODES[code]?.[0] ?? ""}`;
}
/**
* Returns whether Nomad itself ended the last attempt, because a check, a sibling or the deployment failed: then the exit code tells nothing. Nomad may have
* begun to end the task before the driver reported its start.
*/
function wasEnded(before) {
	return before.slice(before.findLastIndex(({ Type }) => Type === "Terminated" || Type === "Restarting") + 1).some(({ Type, DisplayMessage }) => Type === "Killing" || Type === "Sibling Task Failed" || Type === "Restart Signaled" && !EVENT_WORDS.askedRestart.pattern.test(DisplayMessage));
}
function outOfMemory({ task, allocation }) {
	const { MemoryMB, MemoryMaxMB } = task?.Resources ?? {};
	const hard = task?.Config?.["memory_hard_limit"];
	if (!(typeof hard === "number" && hard > 0) && (MemoryMaxMB ?? 0) < 0) return {
		text: `was killed because the node ${allocation.NodeName} has no memory left, and \`memory_max = -1\` sets no other limit (OOM)`,
		advice: "limit the memory of the task, or make the task use less"
	};
	const [field, limit] = typeof hard === "number" && hard > 0 ? ["memory_hard_limit", hard] : MemoryMaxMB ? ["memory_max", MemoryMaxMB] : ["memory", MemoryMB];
	return {
		text: `was killed because it used more memory than its limit${limit ? ` of ${limit} MiB` : ""} (OOM)`,
		advice: `raise \`${field}\`, or make the task use less`
	};
}
/** Returns the signal that ended a task, 0 for none. Docker reports only the exit code, 128 above the signal. */
function signalOf({ Details }) {
	const signal = Number(Details?.["signal"] ?? 0);
	const code = Number(Details?.["exit_code"] ?? 0);
	return signal === 0 && code - 128 in SIGNALS ? code - 128 : signal;
}
/** Returns the finding about a task that exited with code 0 and must keep running: a sidecar, a task beside others, or the one of its group. */
function endedWell({ allocation: { TaskGroup }, task, job }) {
	const text = (kind) => `exited with code 0, but a ${kind} must keep running`;
	if (task?.Lifecycle?.Sidecar === true) return {
		text: text("sidecar"),
		advice: "keep the sidecar running, or set `sidecar = false`"
	};
	const main = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks?.filter(({ Lifecycle }) => !Lifecycle?.Hook) ?? [];
	const isSystem = job?.Type === "system";
	const other = main.length > 1 ? "give the task a `lifecycle` block" : `set \`type = "${isSystem ? "sysbatch" : "batch"}"\``;
	return {
		text: text(isSystem ? "system job" : "service"),
		advice: `start the server in the foreground, or ${other}`
	};
}
/** Returns the finding about a restart by `check_restart`; undefined for a restart that a person asked for. */
const restartedByCheck = ({ DisplayMessage }, { state, task, index }) => {
	const check = EVENT_WORDS.failingCheck.pattern.exec(DisplayMessage)?.[1];
	if (check === void 0) return void 0;
	const events = state.Events ?? [];
	const end = events.slice(events.slice(0, index).findLastIndex(({ Type }) => Type === "Started") + 1).find(({ Type }) => Type === "Terminated");
	const limit = task?.KillTimeout ? ` of ${formatDuration(task.KillTimeout / 1e6)}` : "";
	return {
		text: `was restarted by Nomad${end !== void 0 && signalOf(end) === 9 ? ` with SIGKILL after its kill_timeout${limit}` : ""} because its check "${check}" failed`,
		advice: "",
		certain: false,
		about: {
			kind: "check",
			name: check
		}
	};
};
/**
* Returns the finding about a task of a batch job that Nomad killed before its work was done, although it calls the allocation `complete`; undefined for
* another kill, and for a task that never started beside one that did.
*/
const cutShort = (event, { allocation, state, job, index }) => {
	const { ClientStatus, DesiredStatus, TaskGroup, TaskStates } = allocation;
	if (ClientStatus !== "complete" || DesiredStatus !== "run" || endingOf(allocation) !== "cut") return void 0;
	const begun = ({ Events }) => Events?.some(({ Type }) => /^(Started|Terminated)$/.test(Type)) === true;
	const before = (state.Events ?? []).slice(0, index);
	const last = before.at(-1);
	if (Object.values(TaskStates ?? {}).every(({ Events }) => Events?.some(({ Type }) => Type === "Main Tasks Dead"))) return {
		text: "was killed by Nomad, because its group has no main task",
		advice: "give the group a task without `lifecycle`",
		certain: false,
		about: { kind: "group" }
	};
	if (last?.Type === "Terminated" || last?.Type === "Leader Task Dead" || last?.Type === "Main Tasks Dead") return void 0;
	if (!begun(state) && Object.values(TaskStates ?? {}).some(begun)) return void 0;
	const limit = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.MaxRunDuration;
	const limitMs = limit ? limit / 1e6 : void 0;
	const isLimit = isOverLimit(allocation, event, limitMs);
	const reason = isLimit ? ` after max_run_duration${limitMs === void 0 ? "" : ` (${asInSpec(limitMs)})`}` : " by Nomad";
	const code = (last?.Type === "Restarting" ? before.findLast(({ Type }) => Type === "Terminated") : void 0)?.Details?.["exit_code"];
	return {
		text: `${code === void 0 ? "" : `exited with code ${code}, and `}was killed${reason}${code === void 0 ? "" : " before its restart"}`,
		advice: isLimit ? "raise `max_run_duration`, or make the task end earlier" : `check the node ${allocation.NodeName}, and run the job again`,
		certain: false,
		exited: true,
		about: { kind: isLimit ? "max_run_duration" : "task" }
	};
};
/** Writes milliseconds as a spec does: `90s`, `1h30m`. */
function asInSpec(ms) {
	const [seconds, minutes, hours] = [
		ms / 1e3,
		ms / 6e4,
		ms / 36e5
	].map((count) => Number.isInteger(count) ? count : void 0);
	if (hours) return `${hours}h`;
	if (minutes) return minutes > 60 ? `${Math.floor(minutes / 60)}h${minutes % 60}m` : `${minutes}m`;
	return seconds === void 0 ? `${ms}ms` : `${seconds}s`;
}
// src/diagnose/template.ts
/** Returns what a kill that fails the task means: its template, or another reason of Nomad's. */
function killed(message) {
	const text = withoutFolders(oneLine(message));
	const about = { kind: "template" };
	const [, failure] = EVENT_WORDS.templateFailed.pattern.exec(text) ?? [];
	if (failure !== void 0) return {
		...templateFailure(failure),
		about
	};
	const env = EVENT_WORDS.envTemplate.pattern.exec(text)?.[1];
	if (env !== void 0) return {
		text: `cannot read a template with \`env = true\`: ${env}`,
		advice: "correct the template, so that it writes lines of NAME=value",
		certain: false,
		about
	};
	return {
		text: `was killed: ${text}`,
		advice: "",
		certain: false,
		about: { kind: /^Vault\b/.test(text) ? "vault" : "task" }
	};
}
function templateFailure(failure) {
	const [, stage, at, words] = /^[^:]*: (parse|execute): template: [^:]*:([\d:]+): (.*)$/.exec(failure) ?? [];
	if (/permission denied|\b403\b/i.test(failure)) return {
		text: `cannot render a template: ${failure}`,
		advice: "give the role or the policy of the task the right to read the data",
		certain: false
	};
	if (stage === "parse") return {
		text: `cannot parse a template: line ${at}: ${words}`,
		advice: "correct its syntax",
		certain: true
	};
	return {
		text: `cannot render a template: ${words === void 0 ? failure : `line ${at}: ${words.replace(/^executing "[^"]*" at /, "")}`}`,
		advice: "correct the template or its data",
		certain: false,
		.../function is disabled|is outside of sandbox/.test(failure) && { ofNode: true }
	};
}
/** Names of consul-template for the things that templates wait for: `nomad.var.block(nomad/jobs/x@default.global)`, `kv.block(a/b)`. */
const DATA = [
	[/^nomad\.var\.\w+\((.*)@[^@]*\)$/, "the Nomad variable"],
	[/^nomad\.service\((.*)\)$/, "the Nomad service"],
	[/^kv\.\w+\((.*)\)$/, "the Consul key"],
	[/^(?:health|catalog)\.service\((.*)\)$/, "the Consul service"],
	[/^vault\.\w+\((.*)\)$/, "the Vault secret"]
];
/** Returns the finding about data that a template waits for; undefined where the event names none. */
function missingData(message, { JobID, TaskGroup }, task) {
	const [, list] = EVENT_WORDS.missingData.pattern.exec(oneLine(message)) ?? [];
	if (!list) return void 0;
	const items = list.split(/, (?=[\w.]+\(|and \d+ more)/).map((item) => {
		for (const [pattern, kind] of DATA) {
			const name = pattern.exec(item)?.[1];
			if (name !== void 0) return {
				kind,
				name
			};
		}
		return {
			kind: "",
			name: item
		};
	});
	const names = items.map(({ kind, name }) => `${kind} ${name}`.trim()).join(", ");
	const variable = items.find(({ kind }) => kind === "the Nomad variable")?.name;
	const own = [
		"nomad/jobs",
		`nomad/jobs/${JobID}`,
		`nomad/jobs/${JobID}/${TaskGroup}`
	];
	const foreign = variable !== void 0 && !own.some((path) => variable === path || variable.startsWith(`${own[2]}/`));
	const missing = `${items.length > 1 ? "do" : "does"} not exist${foreign ? ", or the job has no permission to read it" : ""}`;
	const secret = task?.Secrets?.find(({ Path }) => items.some(({ name }) => name === Path));
	return {
		text: `waits for ${secret === void 0 ? "the data of a template" : `its secret "${secret.Name}"`}: ${names} ${missing}`,
		advice: foreign ? `create the variable, and give the job a policy for it: without a policy, the job reads nomad/jobs/${JobID ?? "<job>"} only` : variable !== void 0 ? "create the variable, or correct its path" : `create ${items.length > 1 ? "them" : "it"}, correct the path, or give the task the right to read it`,
		certain: false,
		about: secret === void 0 ? {
			kind: "template",
			...items[0] === void 0 ? {} : { name: items[0].name }
		} : {
			kind: "secret",
			name: secret.Name
		}
	};
}
/** Returns the finding about a `change_script` that failed; undefined for another event. Nomad runs it on a change, or at the first rendering. */
function failedScript({ DisplayMessage }) {
	const [begin = "", end = ""] = oneLine(DisplayMessage).split(/\] on change(.*)$/);
	const [, command, args = ""] = /^Template (?:ran|failed to run) script (.+?) with arguments \[(.*)$/.exec(begin) ?? [];
	const [how, code, problem = ""] = /^ but it exited with code: (\d+)$|^: (.*?)\.? Exit code: \d+$/.exec(end) ?? [];
	if (command === void 0 || how === void 0) return void 0;
	const words = withoutFolders(problem.replace(/^rpc error: code = \w+ desc = /, ""));
	const script = `the change_script of a template, ${[command, args].filter(Boolean).join(" ")},`;
	return {
		text: code === void 0 ? `was killed because ${script} could not run: ${words}` : `was killed because ${script} exited with code ${code}`,
		advice: "correct the script, or set `fail_on_error = false`",
		certain: false,
		about: {
			kind: "template",
			name: command
		}
	};
}
// src/diagnose/task.ts
/** The meaning of Nomad's task events; texts by version are in `words.ts`. The last event that a rule knows is the cause. */
const RULES = {
	"Driver Failure": ({ Details, DisplayMessage }, { allocation, task }) => ofSpec(driverFailure(Details?.["driver_error"] || DisplayMessage, allocation.NodeName), task),
	"Failed Validation": ({ Details, DisplayMessage }) => refusedConfig(Details?.["validation_error"] || DisplayMessage),
	"Failed Artifact Download": ({ Details, DisplayMessage }) => failedArtifact(Details?.["download_error"] || DisplayMessage),
	"Setup Failure": ({ Details, DisplayMessage }) => failedSetup(Details?.["setup_error"] || DisplayMessage),
	"Task hook failed": (event) => failedScript(event) === void 0 ? failedHook(event.Details?.["message"] || event.DisplayMessage) : void 0,
	Killing: (event, place) => event.Details?.["fails_task"] === "true" ? failedByKill(event, place) : cutShort(event, place),
	Template: ({ DisplayMessage }, { allocation, task }) => missingData(DisplayMessage, allocation, task),
	"Restart Signaled": restartedByCheck,
	Terminated: terminated,
	"Disk Resources Exceeded": ({ DisplayMessage }) => ({
		text: `wrote more than its ephemeral disk holds: ${oneLine(DisplayMessage)}`,
		advice: "raise `size` of `ephemeral_disk`, or write less",
		certain: false,
		about: { kind: "disk" }
	})
};
/** Returns a finding that is certain where the spec writes the command out: only a command that the node fills in may exist on another node. */
function ofSpec({ ofNode, ...finding }, task) {
	const command = task?.Config?.["command"];
	return finding.about.kind === "command" && typeof command === "string" && !command.includes("${") && ofNode === true ? {
		...finding,
		certain: true
	} : {
		...finding,
		...ofNode === true && { ofNode }
	};
}
function refusedConfig(message) {
	const words = flattenErrors(message).replace(/\b(?:Invalid label|Missing required argument|Incorrect attribute value type|Unsupported argument): /g, "");
	const name = /(?:named|argument|attribute) "([^"]+)"/.exec(words)?.[1];
	const unknownName = /There is no variable named "([^"]+)"/.exec(words)?.[1];
	const literal = /template control keyword|interpolation expression|Unterminated template/i.test(words);
	return {
		text: `cannot start: the driver config is refused: ${words}`,
		advice: unknownName !== void 0 ? `write \`$$\${${unknownName}}\` in the spec where the task itself reads \`\${${unknownName}}\`, or set \`${unknownName}\` in \`env\`` : literal ? "write `$$${` in the spec where the task itself reads `${`, and `%%%{` for `%{`" : "correct the `config` block",
		certain: true,
		about: {
			kind: "config",
			...name === void 0 ? {} : { name }
		}
	};
}
function failedArtifact(message) {
	const text = oneLine(message);
	const [, source = "", rest = text] = EVENT_WORDS.artifact.pattern.exec(text) ?? [];
	const about = {
		kind: "artifact",
		name: source
	};
	const artifact = source === "" ? "an artifact" : `the artifact "${source}"`;
	const sums = EVENT_WORDS.checksum.pattern.exec(rest);
	if (sums !== null) return {
		text: `cannot use ${artifact}: its checksum differs from the spec${sums[1] === void 0 ? "" : ` (expected ${sums[1]}, found ${clip(sums[2] ?? "", 17)})`}`,
		advice: "correct `checksum` or the file",
		certain: true,
		about
	};
	const words = withoutFolders(rest.replace(/^(getter subprocess failed: |exit status \d+: |failed to download artifact: |error downloading '[^']*': )+/, ""));
	const status = /bad response code: (\d+)/.exec(words)?.[1];
	const git = /(fatal|error): (.*?)(?= To add an exception|$)/.exec(words)?.[0];
	return {
		text: `cannot download ${artifact}: ${status === void 0 ? git ?? words.replace(/^Get "[^"]*": /, "") : `the server answered ${status}`}`,
		advice: "check the address, and that the nodes reach it",
		certain: false,
		about
	};
}
const CLIENT_LOG = "read the log of the Nomad client on the node";
function failedSetup(message) {
	const text = flattenErrors(message);
	const port = EVENT_WORDS.servicePort.pattern.exec(text);
	if (port !== null) return {
		text: `cannot start: the service "${port[1]}" uses the port "${port[2]}", which is not in the group's network block (port label not found)`,
		advice: `add \`port "${port[2]}"\` to that block, or correct \`port\` of the service`,
		certain: true,
		about: {
			kind: "port",
			...port[2] === void 0 ? {} : { name: port[2] }
		}
	};
	const words = text.replace(/^(failed to setup alloc: |pre-run hook "\w+" failed: )+/, "");
	return {
		text: `cannot start: the set-up of the allocation failed: ${withoutFolders(words)}`,
		advice: CLIENT_LOG,
		certain: false,
		about: { kind: "group" }
	};
}
function failedHook(message) {
	const text = withoutFolders(oneLine(message));
	const source = EVENT_WORDS.templateSource.pattern.exec(text)?.[1]?.replace(/^\/[^/]+\//, "");
	if (source !== void 0) return {
		text: `cannot start: the source ${source} of a template does not exist`,
		advice: "add the file with an artifact, or write the template into the spec (`data`)",
		certain: true,
		about: {
			kind: "template",
			name: source
		}
	};
	return {
		text: `cannot start: a task hook failed: ${text}`,
		advice: CLIENT_LOG,
		certain: false,
		about: { kind: "task" }
	};
}
/** Returns what a kill that fails the task means. The event of a failed script of a template comes before the kill. */
const failedByKill = ({ DisplayMessage }, { state, index }) => {
	const before = (state.Events ?? []).slice(0, index);
	const hook = before.slice(before.findLastIndex(({ Type }) => Type === "Restarting") + 1).findLast(({ Type }) => Type === "Task hook failed");
	return (hook && failedScript(hook)) ?? killed(DisplayMessage);
};
/** Events that belong to every failure but are no cause: another task failed, or Nomad announces its next step. */
const CONSEQUENCES = /* @__PURE__ */ new Set([
	"Sibling Task Failed",
	"Alloc Unhealthy",
	"Not Restarting",
	"Restarting"
]);
/** Events that end a task that has run. */
const ENDS = /* @__PURE__ */ new Set(["Terminated", "Restart Signaled"]);
/** Returns the causes of an allocation, at most one per task. With the job, the texts name limits and timeouts. */
function taskCauses(allocation, job) {
	const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
	return Object.entries(allocation.TaskStates ?? {}).flatMap(([name, state]) => {
		const task = group?.Tasks?.find(({ Name }) => Name === name);
		let runs = false;
		let waits;
		let isMissingTold = false;
		for (const [index, event] of [...(state.Events ?? []).entries()].reverse()) {
			runs ||= event.Type === "Started" && state.State === "running";
			if (isMissingTold && /^(Started|Restarting)$/.test(event.Type)) break;
			if (event.Type === "Template" && (isMissingTold || state.State === "running")) continue;
			if (CONSEQUENCES.has(event.Type) || runs && !ENDS.has(event.Type)) continue;
			const cause = (RULES[event.Type] ?? unknown)(event, {
				allocation,
				state,
				task,
				job,
				index
			});
			const found = cause && {
				task: name,
				exited: false,
				waiting: event.Type === "Template",
				restarts: state.Restarts,
				...cause,
				text: readable(cause.text)
			};
			if (found !== void 0 && !found.waiting) return [found];
			waits ??= found;
			isMissingTold ||= event.Type === "Template" && EVENT_WORDS.missingData.pattern.test(event.DisplayMessage);
		}
		return waits === void 0 ? [] : [waits];
	});
}
/** Returns the finding about an event that no rule knows, where the event itself reports a failure. */
function unknown({ Type, DisplayMessage, Details }) {
	if (Details?.["fails_task"] !== "true" && !/fail|unhealthy|exceeded/i.test(Type)) return void 0;
	const words = oneLine(DisplayMessage);
	return {
		text: `failed (${Type})${words === "" ? "" : `: ${withoutFolders(flattenErrors(words))}`}`,
		advice: "",
		certain: false,
		about: { kind: "task" }
	};
}
/** Returns the first of the allocations that fail alike. */
function oneOfEach(allocations) {
	const seen = /* @__PURE__ */ new Set();
	return allocations.filter((allocation) => {
		const causes = taskCauses(allocation).map(({ task, text }) => `${allocation.TaskGroup} ${task} ${text}`);
		const key = causes.length === 0 ? allocation.ID : causes.join("\n");
		return !seen.has(key) && seen.add(key);
	});
}
// src/diagnose/waiting.ts
/** Returns the part about an allocation without a failure: the step that it is at, or why it does not count as healthy. Undefined where nothing is wrong. */
function waitingPart(looked) {
	const { allocation } = looked;
	if (allocation.DeploymentStatus?.Healthy === true || /^(complete|failed)$/.test(allocation.ClientStatus)) return void 0;
	if (allocation.DesiredStatus !== "run" && allocation.DeploymentStatus?.Healthy !== false) return void 0;
	return stepPart(looked) ?? unhealthyPart(looked);
}
/** Nomad judges no health of batch jobs, and gives them no deadline. */
const isBatch = (job) => job?.Type?.endsWith("batch") === true;
const longer = ({ job, timedOut }) => timedOut || isBatch(job) ? "raise the input `timeout`" : "raise `healthy_deadline` and `progress_deadline`";
function partOf({ TaskGroup }, { task, text, advice, kind = "task", line }) {
	return {
		where: task === void 0 ? `group ${TaskGroup}` : `${TaskGroup}/${task}`,
		text,
		advice,
		line,
		certain: false,
		rank: RANKS.waiting,
		about: {
			kind,
			group: TaskGroup,
			...task === void 0 ? {} : { task }
		}
	};
}
/** Steps before a task runs that may take long. */
const STEPS$1 = [
	[
		"Downloading image",
		(image) => `is still pulling its image ${image}`.trim(),
		", or make the image smaller",
		"image"
	],
	[
		"Downloading Artifacts",
		() => "is still downloading its artifacts",
		", or make the artifacts smaller",
		"artifact"
	],
	[
		"Building Task Directory",
		() => "is still building its task directory",
		"",
		"task"
	],
	[
		"Task Setup",
		() => "is still building its task directory",
		"",
		"task"
	]
];
/** Returns the part about an allocation that has not started all of its tasks; undefined where all have started. */
function stepPart(looked) {
	const { allocation, group, evidence } = looked;
	const states = Object.entries(allocation.TaskStates ?? {});
	const specOf = (name) => group?.Tasks?.find(({ Name }) => Name === name);
	if (states.length === 0) return partOf(allocation, {
		text: `waits for the node ${allocation.NodeName}, which has not started allocation ${allocation.ID.slice(0, 8)}`,
		advice: "check that node",
		kind: "none"
	});
	const pending = states.filter(([name, { State }]) => State === "pending" && specOf(name)?.Lifecycle?.Hook !== "poststop");
	const before = states.find(([name, { State }]) => State === "running" && isPrestart(specOf(name)));
	if (before !== void 0 && pending.length > 0) {
		const [task] = before;
		const part = partOf(allocation, {
			task,
			text: "is still running, and the other tasks wait for its end",
			advice: "end the task, or set `sidecar = true`",
			line: tellingLine(evidence?.logs.filter((log) => log.task === task) ?? [])?.text
		});
		return {
			...part,
			where: `${part.where} (prestart task)`
		};
	}
	for (const [task, { Events }] of pending) {
		const last = (Events ?? []).findLast(({ Type }) => Type !== "Alloc Unhealthy");
		if (last?.Type === "Received") return partOf(allocation, {
			task,
			text: "has not started yet",
			advice: "check its node, and the tasks before it"
		});
		const step = last && STEPS$1.find(([type]) => last.Type === type || last.DisplayMessage.startsWith(type));
		if (step === void 0) continue;
		const [, text, shorter, kind] = step;
		return partOf(allocation, {
			task,
			text: text(last?.Details?.["image"] ?? ""),
			advice: `${longer(looked)}${shorter}`,
			kind
		});
	}
}
/** Returns whether a task has to end before the others start; a sidecar does not. */
function isPrestart(task) {
	return task?.Lifecycle?.Hook === "prestart" && task.Lifecycle.Sidecar !== true;
}
/** Returns the part about an allocation that runs and does not count as healthy. */
function unhealthyPart(looked) {
	const { allocation, group, job, evidence } = looked;
	const { task, message } = judgementOf(allocation);
	const minimum = EVENT_WORDS.minHealthyTime.pattern.exec(message)?.[1];
	const deadline = EVENT_WORDS.healthyDeadline.pattern.exec(message)?.[1];
	const within = deadline === void 0 ? "in time" : `within healthy_deadline (${deadline})`;
	if ((group?.Update?.HealthCheck ?? job?.Update?.HealthCheck) === "manual") return partOf(allocation, {
		task,
		text: "is running, but its health_check is \"manual\" and its health was not set",
		kind: "health_check",
		advice: "set it with the API, or use `health_check = \"checks\"`"
	});
	const judged = job === void 0 || countsChecks(job, allocation.TaskGroup);
	const telling = tellingLine(evidence?.logs ?? []);
	const line = telling?.error === true ? telling.text : void 0;
	const inConsul = judged ? consulServices(group, message) : void 0;
	if (inConsul !== void 0) return partOf(allocation, {
		task,
		text: `is running, but the checks of its service ${inConsul} in Consul did not pass ${within}`,
		kind: "check",
		line,
		advice: "read their output in Consul, which Nomad does not have"
	});
	const checks = judged ? evidence?.checks ?? [] : [];
	const unsettled = checks.find(({ status }) => status !== "success");
	if (unsettled !== void 0) return partOf(allocation, {
		task,
		text: `is running, but the check of its service ${unsettled.service} has no result yet`,
		kind: "check",
		line,
		advice: "raise `healthy_deadline`, or lower `interval` of the check"
	});
	if (message === "" && allocation.DeploymentStatus?.Healthy !== false) return {
		...notYet(looked, task, line),
		rank: RANKS.unknown
	};
	return partOf(allocation, {
		task,
		text: `is running${checks.length > 0 ? " and its checks pass" : ""}, but was not healthy${minimum === void 0 ? "" : ` for min_healthy_time (${minimum})`} ${within}`,
		kind: "healthy_deadline",
		line,
		advice: "raise `healthy_deadline`, or make the task start faster"
	});
}
/** Returns Nomad's last words on the health of an allocation, and the task that they are about: without words, the one that runs. */
function judgementOf({ TaskStates }) {
	const states = Object.entries(TaskStates ?? {});
	const last = states.flatMap(([task, { Events }]) => (Events ?? []).filter(({ Type }) => Type === "Alloc Unhealthy").map((event) => ({
		task,
		event
	}))).at(-1);
	const up = states.filter(([, { State }]) => State === "running");
	return {
		task: last?.task ?? (up.length === 1 ? up[0]?.[0] : void 0),
		message: last?.event.DisplayMessage ?? ""
	};
}
/** Returns the names of the services whose checks in Consul count; undefined where there is none. */
function consulServices(group, message) {
	const services = servicesOf(group).filter(({ Provider, Checks, OnUpdate }) => Provider !== "nomad" && Checks?.some((check) => (check.OnUpdate || OnUpdate) !== "ignore"));
	if (services.length === 0) return void 0;
	return EVENT_WORDS.inConsul.pattern.exec(message)?.[1] ?? services.map(({ Name }) => Name ?? "").join(", ");
}
/** Returns the part about an allocation that Nomad has not judged. */
function notYet(looked, task, line) {
	const { allocation, job } = looked;
	const advice = longer(looked);
	return partOf(allocation, {
		task,
		advice,
		line,
		text: `is ${allocation.ClientStatus}, but not ${isBatch(job) ? "complete" : "healthy"} yet (allocation ${allocation.ID.slice(0, 8)})`,
		kind: advice.includes("healthy_deadline") ? "healthy_deadline" : "none"
	});
}
// src/diagnose/allocation.ts
/**
* Returns the cause of one failing allocation; undefined for an allocation without a failure. `evidence` adds the log output and the results of checks, `job`
* the limits, checks and kinds of its tasks. Secrets are removed before anything is cut.
*/
function allocationCause(allocation, job, evidence, { redact, builtIn = false, timedOut = false }) {
	const looked = {
		allocation,
		group: job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup),
		job,
		evidence,
		timedOut
	};
	const best = taskCauses(allocation, job).map((cause) => taskPart(cause, looked)).sort((a, b) => b.rank - a.rank)[0];
	const part = best !== void 0 && best.rank > RANKS.checked ? best : goneFrom(allocation) ?? checkPart(looked) ?? best ?? waitingPart(looked);
	return part && causeOf(part, redact, builtIn);
}
function taskPart(cause, { allocation, group, evidence }) {
	const { task, exited, waiting, restarts } = cause;
	const telling = exited ? tellingLine(evidence?.logs.filter((log) => log.task === task) ?? []) : void 0;
	const { text, certain, about, advice: usual } = {
		...cause,
		...telling === void 0 ? void 0 : startFailure(telling.text)
	};
	const tells = telling?.error === true || /^exited with code (?!0,)/.test(text);
	const line = text === cause.text && tells ? telling?.text : void 0;
	const spec = group?.Tasks?.find(({ Name }) => Name === task);
	const again = restarts > 0 && !waiting ? ` (restarted ${restarts} time${restarts === 1 ? "" : "s"})` : "";
	return {
		where: `${allocation.TaskGroup}/${task}${kindOf(spec)}`,
		text: `${text}${again}${lastCheck(about, group, evidence)}`,
		line,
		advice: exited && usual === "" && line === void 0 ? logAdvice(spec, evidence) : usual,
		certain,
		about: {
			...about,
			group: allocation.TaskGroup,
			task
		},
		rank: certain ? RANKS.certain : waiting ? RANKS.waiting : line === void 0 ? RANKS.failed : RANKS.told
	};
}
/** Returns the last result of the check that restarted a task. */
function lastCheck({ kind, name }, group, evidence) {
	const check = kind === "check" ? evidence?.checks.find((one) => one.name === name && one.status === "failure") : void 0;
	return check === void 0 ? "" : `: ${checkWords(check, group).text}`;
}
/** Returns why an exit has no log output, and how to get it. */
function logAdvice(task, evidence) {
	if (task?.LogConfig?.Disabled === true) return "its log output is not kept: remove `disabled` from `logs`";
	const elsewhere = loggingOf(task);
	if (elsewhere !== void 0) return `read its log output in ${elsewhere}, where \`logging\` sends it`;
	if (evidence?.logsUnread === "denied") return "its log output cannot be read: give the token `read-logs`";
	if (evidence?.logsUnread === "gone") return "its log output is gone: the node removed it or is down";
	if (evidence?.logsUnread === "unread") return "its log output was not read";
	return evidence === void 0 ? "" : "its log output was empty when it was read";
}
/** Returns the log driver of a container whose output Nomad does not get; undefined for the usual one. */
function loggingOf(task) {
	const [block] = [task?.Config?.["logging"]].flat();
	const { type, driver } = block ?? {};
	const name = [type, driver].find((one) => typeof one === "string" && one !== "");
	return typeof name === "string" && !/^(json-file|k8s-file)$/.test(name) ? name : void 0;
}
function kindOf(task) {
	const { Hook, Sidecar } = task?.Lifecycle ?? {};
	if (!Hook) return "";
	return Sidecar === true ? " (sidecar)" : ` (${Hook} task)`;
}
/** Returns the finding about a line that a runtime writes to the log of a container whose program the kernel does not start. */
function startFailure(line) {
	const [, command, why] = /^(?:exec (\S+)|standard_init_linux\.go:\d+: exec user process caused): "?(exec format error|no such file or directory)"?$/.exec(line) ?? [];
	if (why === void 0) return void 0;
	if (why === "exec format error") return execFormat(command);
	return {
		text: `cannot start: the interpreter (#!) or the loader of the command${command === void 0 ? "" : ` ${command}`} does not exist in the image`,
		advice: "add it, correct the first line of the script (no CRLF), or build for this base image",
		certain: true,
		about: { kind: "command" }
	};
}
/** Returns the part about an allocation that the cluster took away, for which its tasks are not to blame. */
function goneFrom(allocation) {
	const { ID, ClientStatus, DesiredDescription, DesiredTransition, PreemptedByAllocation, NodeName, TaskGroup } = allocation;
	const common = {
		where: `group ${TaskGroup}`,
		certain: false,
		about: { kind: "none" },
		rank: RANKS.failed
	};
	const name = `allocation ${ID.slice(0, 8)}`;
	if (ClientStatus === "lost" || ClientStatus === "unknown") return {
		...common,
		text: `lost ${name}: the node ${NodeName} is down or unreachable`,
		advice: "check that machine, and run `nomad node status`"
	};
	const preempting = PreemptedByAllocation || EVENT_WORDS.preempted.pattern.exec(DesiredDescription ?? "")?.[1];
	if (preempting !== void 0) return {
		...common,
		text: `lost ${name}: allocation ${preempting.slice(0, 8)} has a higher priority and preempted it`,
		advice: "raise `priority`, or add nodes"
	};
	if (DesiredTransition?.Migrate === true || EVENT_WORDS.drained.pattern.test(DesiredDescription ?? "")) return {
		...common,
		text: `lost ${name}: the node ${NodeName} is being drained`,
		advice: "deploy again after the drain"
	};
}
function checkPart({ allocation: { TaskGroup }, group, job, evidence }) {
	const failing = job === void 0 || countsChecks(job, TaskGroup) ? evidence?.checks.find(({ status }) => status === "failure") : void 0;
	if (failing === void 0) return void 0;
	const service = servicesOf(group).find(({ Name }) => Name === failing.service);
	const { text, advice } = describeFailure(failing, group);
	const tasks = new Set(evidence?.logs.map(({ task }) => task));
	const only = group?.Tasks?.length === 1 ? group.Tasks[0]?.Name : void 0;
	const task = service?.task ?? only ?? (tasks.size === 1 ? [...tasks][0] : void 0);
	const telling = tellingLine(evidence?.logs.filter((log) => task === void 0 || log.task === task) ?? []);
	return {
		where: task === void 0 ? `group ${TaskGroup}` : `${TaskGroup}/${task}`,
		text: `is unhealthy: ${text}`,
		line: telling?.error === true ? telling.text : void 0,
		advice,
		certain: false,
		about: {
			kind: "check",
			group: TaskGroup,
			name: EVENT_WORDS.unnamedCheck.pattern.test(failing.name) ? failing.service : failing.name,
			...task === void 0 ? {} : { task }
		},
		rank: RANKS.checked
	};
}
// src/diagnose/evidence.ts
/** After a task exits, its log is read for this time: the last lines can arrive late, since a node writes logs every 100 ms. */
const LOG_DELAY_MS = 175;
/** A node reports an end to the servers within this time. A slower node is busy, so its log is late, too. */
const TOLD_WITHIN_MS = 200;
/** The longest wait for a log after the end of its task, however busy the node. */
const MAX_LOG_WAIT_MS = 1500;
/**
* Reads the evidence of a failing allocation: its events, the results of its checks, the last `logLines` lines of its tasks' logs. Leaves out what the cluster
* no longer has (the client is gone, the allocation was collected), so call it early. After a task exits, its log is read until it says why: for up to 175 ms,
* or up to 1.5 s where the node is busy.
*/
async function collectEvidence(allocation, { job, namespace, logLines }, nomad, { clock, signal, redact }) {
	const clean = (text) => withoutCredentials(redact(text));
	const exited = new Set(taskCauses(allocation).flatMap((cause) => cause.exited ? [cause.task] : []));
	let logsUnread = logLines === 0 ? "unread" : void 0;
	const tail = async (task, stream) => {
		const lines = await nomad.allocations.logTail({
			id: allocation.ID,
			task,
			type: stream
		}, logLines, namespace, signal);
		if (typeof lines !== "string") return {
			task,
			stream,
			lines: lines.map(clean)
		};
		logsUnread = lines;
		return {
			task,
			stream,
			lines: []
		};
	};
	const logsOf = async ([task, state]) => {
		const tails = async () => Promise.all([tail(task, "stderr"), tail(task, "stdout")]);
		const silent = (logs) => logsUnread === void 0 && logs[0]?.lines.length === 0 && tellingLine(logs)?.error !== true;
		const untilMs = logDeadline(parseTime(state.FinishedAt ?? ""), (allocation.ModifyTime ?? 0) / 1e6, clock.now());
		let logs = await tails();
		if (logLines === 0 || !exited.has(task)) return logs;
		for (let restMs = untilMs - clock.now(); restMs > 0 && silent(logs); restMs = untilMs - clock.now()) {
			await clock.sleep(Math.min(restMs, LOG_DELAY_MS), signal);
			logs = await tails();
		}
		return logs;
	};
	const started = Object.entries(allocation.TaskStates ?? {}).filter(hasStarted$1);
	const [checks, ...logs] = await Promise.all([started.length === 0 || !hasChecks(job) ? [] : nomad.allocations.checks(allocation.ID, namespace, signal).catch(() => void 0), ...started.map(logsOf)]);
	return {
		...toldBy(allocation, redact),
		checks: (checks ?? []).filter((check) => !isIgnored(check)).map((check) => readCheck(check, clean)),
		logs: logs.flat().filter(({ lines }) => lines.length > 0),
		...logsUnread && started.length > 0 && { logsUnread }
	};
}
/**
* Returns when the log of a task is complete, in milliseconds since the epoch; in the past for an end long ago. The task ended at `endMs` by the clock of its
* node, the servers heard of it at `toldMs`, and our clock says `nowMs`.
*/
function logDeadline(endMs, toldMs, nowMs) {
	const tookMs = toldMs - endMs;
	return Math.min(endMs, nowMs) + (tookMs > TOLD_WITHIN_MS ? Math.min(3 * tookMs, MAX_LOG_WAIT_MS) : LOG_DELAY_MS);
}
/** Returns the evidence in the allocation itself, for a node that does not answer. */
function seenEvidence(allocation, redact) {
	const unread = Object.entries(allocation.TaskStates ?? {}).some(hasStarted$1);
	return {
		...toldBy(allocation, redact),
		...unread && { logsUnread: "unread" }
	};
}
const hasStarted$1 = ([, { Events }]) => Events?.some(({ Type }) => Type === "Started") === true;
function toldBy(allocation, redact) {
	return {
		allocationId: allocation.ID,
		name: allocation.Name,
		node: allocation.NodeName,
		status: allocation.ClientStatus,
		events: eventsOf(allocation, (text) => withoutCredentials(redact(text))),
		checks: [],
		logs: []
	};
}
/** Returns evidence that was collected earlier, with the newest status and events of its allocation. */
function refreshEvidence(evidence, allocation, redact) {
	return {
		...evidence,
		status: allocation.ClientStatus,
		events: eventsOf(allocation, (text) => withoutCredentials(redact(text)))
	};
}
function eventsOf({ TaskStates }, clean) {
	return Object.entries(TaskStates ?? {}).flatMap(([task, { Events }]) => (Events ?? []).map(({ Type, Time, DisplayMessage }) => ({
		timeMs: Math.round(Time / 1e6),
		task,
		type: Type,
		message: clean(readable(oneLine(DisplayMessage)))
	}))).sort((a, b) => a.timeMs - b.timeMs);
}
// src/diagnose/fitting.ts
/** Nomad's words for nodes of a class that it has looked at before: it remembers that they did not fit, but not why. */
const INELIGIBLE = "computed class ineligible";
/** Returns several actions as one advice. */
const either$1 = (...actions) => {
	const given = actions.filter((action) => action !== void 0);
	return given.length < 2 ? given.join("") : `${given.slice(0, -1).join(", ")}, or ${given.at(-1)}`;
};
/** Returns whether a node takes allocations. */
const isReady = ({ Status, SchedulingEligibility }) => Status === "ready" && SchedulingEligibility === "eligible";
const unique = (items) => [...new Set(items)].sort();
/** Returns a statement about nodes: `1 node lacks memory`, `3 nodes lack memory`. */
const nodesThat = (count, one, many) => count === 1 ? `1 node ${one}` : `${count} nodes ${many}`;
// src/diagnose/filtered.ts
/** Volumes of a group that are named. */
const MAX_NAMED$1 = 3;
const lacks$1 = (count, thing) => `${nodesThat(count, "lacks", "lack")} ${thing}`.replace("  ", " ");
const isFiltered = (count, words) => `${nodesThat(count, "is", "are")} filtered: ${words}`;
/** Nomad's names for filters of its own, and the recorded versions with each; the first row that matches counts. */
const FILTERS = [
	[
		/^missing drivers$/,
		(_match, count, wanted) => missingDriver(count, wanted),
		EVERY
	],
	[
		/^missing compatible host volumes$/,
		(_match, count, wanted) => missingVolume(count, wanted),
		EVERY
	],
	[
		/^missing CSI (?:Volume|volume\(s\)) (.+)$/s,
		([words, volumes = ""], _count, { group }) => missingCsiVolumes(volumes.split(", "), group, words),
		EVERY
	],
	[/^(?:CSI (?:plugin|volume) |did not meet topology requirement$)/, ({ input }, count) => ({
		text: isFiltered(count, input),
		advice: "run `nomad volume status`",
		kind: "volume"
	})],
	[
		/^missing devices$/,
		(_match, count, { group }) => {
			const devices = unique((group?.Tasks ?? []).flatMap(({ Resources }) => (Resources?.Devices ?? []).map(({ Name }) => Name ?? "")));
			return {
				text: lacks$1(count, `the device ${devices.join(", ")} (missing devices)`),
				advice: "remove `device`, or add nodes with that device",
				kind: "device"
			};
		},
		EVERY
	],
	[
		/^(?:missing network$|(?:missing|invalid) host network ")/,
		({ input }, count) => ({
			text: input === "missing network" ? lacks$1(count, "the network mode of the group (missing network)") : isFiltered(count, input),
			advice: "correct the `network` block, or configure that network on the nodes",
			kind: "network"
		}),
		EVERY
	],
	[/^missing secrets provider$/, (_match, count) => ({
		text: lacks$1(count, "the provider of a `secret` block (missing secrets provider)"),
		advice: "correct `provider`, or install its plugin on the nodes",
		kind: "secret"
	})],
	[
		/^distinct_hosts$/,
		([words], count, { fewer }) => ({
			text: `${nodesThat(count, "runs", "run")} an allocation of the group already (distinct_hosts)`,
			advice: either$1("add nodes", fewer),
			kind: "constraint",
			name: words
		}),
		EVERY
	],
	[
		/^distinct_property\b/,
		({ input }, count, { fewer }) => ({
			text: isFiltered(count, input),
			advice: either$1("add nodes with other values", fewer),
			kind: "constraint",
			name: "distinct_property"
		}),
		EVERY
	],
	[
		new RegExp(`^${INELIGIBLE}$`),
		(_match, count, wanted) => {
			const [first, ...others] = wanted.unmet;
			return first === void 0 ? hidden(count, wanted) : filtered(written(first), count, {
				...wanted,
				unmet: others
			});
		},
		EVERY
	],
	[
		/^\$\{attr\.consul\.(?:[^}]+\.)?version\}/,
		({ input }, count, { group, builtIn }) => ({
			text: `${nodesThat(count, "has", "have")} no Consul (${input})`,
			advice: withoutConsul(group, builtIn),
			kind: "service"
		}),
		EVERY
	],
	[/^\$\{attr\.vault\./, ({ input }, count) => ({
		text: `${nodesThat(count, "has", "have")} no Vault (${input})`,
		advice: "remove `vault`, or connect the nodes to Vault",
		kind: "vault"
	})],
	[
		/^\$\{attr\.plugins\.cni\.version\./,
		({ input }, count) => ({
			text: `${nodesThat(count, "has", "have")} no CNI plugins (${input})`,
			advice: "install the CNI plugins on the nodes, or use another network `mode`",
			kind: "network"
		}),
		EVERY
	]
];
/** Returns the reason of nodes that Nomad filtered; `words` is a constraint, or Nomad's name for a filter of its own. */
function filtered(words, count, wanted) {
	for (const [pattern, reason] of FILTERS) {
		const match = pattern.exec(words);
		if (match !== null) return reason(match, count, wanted);
	}
	return {
		text: `${nodesThat(count, "does", "do")} not meet the constraint ${words}`,
		advice: "change the constraint, or add a node that meets it",
		kind: "constraint",
		name: words.split(" ")[0]
	};
}
/** Returns the end of an advice that names the nodes' own; empty for those who may not see the nodes. */
const nodesHave = ({ nodes }, things, found) => nodes === void 0 ? "" : found.length === 0 ? `; the nodes have no ${things}` : `; the nodes have ${found.join(", ")}`;
function missingDriver(count, wanted) {
	const { group, nodes } = wanted;
	const asked = unique((group?.Tasks ?? []).map(({ Driver }) => Driver));
	const found = unique((nodes ?? []).filter(isReady).flatMap(({ Drivers }) => Object.entries(Drivers ?? {}).flatMap(([name, driver]) => driver?.Healthy === true ? [name] : [])));
	const missing = nodes === void 0 ? asked : asked.filter((driver) => !found.includes(driver));
	return {
		text: lacks$1(count, missing.length === 0 ? "the driver" : `the driver ${missing.join(", ")} (missing drivers)`),
		advice: `use another driver, or enable it on a node${nodesHave(wanted, "drivers", found)}`,
		kind: "driver",
		name: missing[0]
	};
}
function missingVolume(count, wanted) {
	const { group, nodes } = wanted;
	const volumes = Object.values(group?.Volumes ?? {}).filter(({ Type, Source }) => Type === "host" && Source);
	const asked = unique(volumes.flatMap(({ Source, PerAlloc }) => namesOf(Source ?? "", PerAlloc === true ? group?.Count ?? 1 : 0)));
	const found = unique((nodes ?? []).filter(isReady).flatMap(({ HostVolumes }) => Object.keys(HostVolumes ?? {})));
	const perAlloc = volumes.find(({ PerAlloc }) => PerAlloc === true);
	const correct = perAlloc === void 0 ? "correct `source`, or declare the volume on a node" : `create one volume for each index (\`per_alloc\` adds the index to ${perAlloc.Source}), or remove \`per_alloc\``;
	const isThere = asked.length > 0 && asked.every((name) => found.includes(name));
	return {
		text: lacks$1(count, `the host volume ${asked.join(" or ")} (missing compatible host volumes)`),
		advice: isThere ? `the nodes have ${asked.join(", ")}: compare \`access_mode\`, \`attachment_mode\` and \`read_only\`, and check which jobs use it` : `${correct}${nodesHave(wanted, "host volumes", found)}`,
		kind: "volume",
		name: asked.find((name) => !found.includes(name))?.replace(/\[\d+\]$/, "")
	};
}
/** Returns the names of a volume: with `per_alloc` there is one for each index of the group. */
function namesOf(source, count) {
	return count === 0 ? [source] : Array.from({ length: Math.min(count, MAX_NAMED$1) }, (_, index) => `${source}[${index}]`);
}
/** Returns the reason that CSI volumes do not exist; `words` are Nomad's, where it says so. */
function missingCsiVolumes(volumes, group, words) {
	const isPerAlloc = Object.values(group?.Volumes ?? {}).some(({ Source, PerAlloc }) => PerAlloc === true && Source && volumes.some((volume) => volume.startsWith(`${Source}[`)));
	const one = volumes.length === 1;
	return {
		text: `the CSI volume${one ? "" : "s"} ${volumes.join(", ")} ${one ? "does" : "do"} not exist${words === void 0 ? "" : ` (${words})`}`,
		advice: isPerAlloc ? "create or register one volume for each index, or remove `per_alloc`" : `create or register ${one ? "the volume" : "them"}, or correct \`source\``,
		kind: "volume",
		name: volumes[0]
	};
}
/** Returns the advice for nodes without Consul: Consul's mesh and templates need it. */
function withoutConsul(group, builtIn) {
	const services = [...group?.Services ?? [], ...(group?.Tasks ?? []).flatMap((task) => task.Services ?? [])];
	if (services.some(({ Connect }) => Connect)) return "connect the nodes to Consul, which `connect` needs";
	if (builtIn) return "set NOMAD_VAR_SERVICE_PROVIDER to nomad to use Nomad's own services";
	return services.filter(({ Provider }) => Provider !== "nomad").length > 0 ? "set `provider = \"nomad\"` in `service`, or connect the nodes to Consul" : "connect the nodes to Consul, which the job needs";
}
const written = ({ LTarget, Operand, RTarget }) => [
	LTarget,
	Operand,
	RTarget
].filter(Boolean).join(" ");
/** Returns the reason where Nomad does not name it: one of the things that the job asks for. */
function hidden(count, { job, group }) {
	const asked = [
		...[
			job?.Constraints,
			group?.Constraints,
			...(group?.Tasks ?? []).map(({ Constraints }) => Constraints)
		].flatMap((list) => (list ?? []).map(written)),
		...(group?.Tasks ?? []).map(({ Driver }) => `driver ${Driver}`),
		...Object.values(group?.Volumes ?? {}).flatMap(({ Source }) => Source ? [`volume ${Source}`] : [])
	];
	const list = unique(asked).join(", ");
	return {
		text: `${nodesThat(count, "does", "do")} not fit, and Nomad does not repeat why (${INELIGIBLE})${list === "" ? "" : `; the job asks for ${list}`}`,
		advice: "change what the job asks for, or add a node that has it",
		kind: "constraint",
		name: group?.Constraints?.[0]?.LTarget ?? job?.Constraints?.[0]?.LTarget ?? void 0
	};
}
// src/diagnose/resources.ts
const DIMENSIONS = {
	memory: {
		kind: "memory",
		requested: (group) => most(group, ({ MemoryMB }) => MemoryMB),
		has: ({ NodeResources, ReservedResources }) => (NodeResources?.Memory?.MemoryMB ?? 0) - (ReservedResources?.Memory?.MemoryMB ?? 0),
		unit: " MiB"
	},
	cpu: {
		kind: "cpu",
		requested: (group) => most(group, ({ CPU }) => CPU),
		has: ({ NodeResources, ReservedResources }) => (NodeResources?.Cpu?.CpuShares ?? 0) - (ReservedResources?.Cpu?.CpuShares ?? 0),
		unit: " MHz"
	},
	cores: {
		kind: "cpu",
		requested: (group) => most(group, ({ Cores }) => Cores),
		has: ({ NodeResources }) => NodeResources?.Cpu?.TotalCpuCores ?? 0,
		unit: ""
	},
	disk: {
		kind: "disk",
		requested: ({ EphemeralDisk }) => EphemeralDisk?.SizeMB ?? 300,
		has: ({ NodeResources, ReservedResources }) => (NodeResources?.Disk?.DiskMB ?? 0) - (ReservedResources?.Disk?.DiskMB ?? 0),
		unit: " MiB"
	}
};
/** Returns the most that a group requests at a time: prestart and poststop tasks do not run beside the others, sidecars run beside all. */
function most({ Tasks }, of) {
	const sums = {
		before: 0,
		main: 0,
		after: 0,
		beside: 0
	};
	for (const { Lifecycle, Resources: own } of Tasks ?? []) {
		const { Hook, Sidecar } = Lifecycle ?? {};
		const when = Hook && Sidecar === true ? "beside" : Hook === "prestart" ? "before" : Hook === "poststop" ? "after" : "main";
		sums[when] += of(own ?? {}) ?? 0;
	}
	return Math.max(sums.before, sums.main, sums.after) + sums.beside;
}
/** Returns the reason of nodes that lack a resource; `dimension` is Nomad's name for it. */
function exhausted(dimension, count, wanted) {
	const [, label, port] = EVENT_WORDS.portCollision.pattern.exec(dimension) ?? [];
	if (port !== void 0) {
		const used = `the static port ${port} (${label}) in use`;
		return {
			text: nodesThat(count, `has ${used}`, `have ${used}`),
			advice: either$1(wanted.isCanary ? void 0 : "free the port", wanted.fewer, "let Nomad choose the port (without `static`)"),
			kind: "port",
			name: label
		};
	}
	const known = DIMENSIONS[dimension];
	if (known !== void 0) return lacking(dimension, known, count, wanted);
	const [, part, problem] = /^(network|device)s?: (.*)$/s.exec(dimension) ?? [];
	return {
		text: part === void 0 ? nodesThat(count, `lacks ${dimension}`, `lack ${dimension}`) : `${nodesThat(count, "has", "have")} a ${part} problem: ${problem}`,
		advice: "add nodes, or request less",
		kind: part === "network" ? "port" : part === "device" ? "device" : "group"
	};
}
function lacking(dimension, { kind, requested, has, unit }, count, wanted) {
	const { group, nodes, isCanary, fewer } = wanted;
	const asked = group === void 0 ? 0 : requested(group);
	const largest = Math.max(0, ...(nodes ?? []).filter(isReady).map(has));
	const total = `the largest node has ${largest}${unit} in all`;
	const canary = isCanary ? fewer : void 0;
	return {
		text: `${nodesThat(count, "lacks", "lack")} ${dimension}${asked === 0 ? "" : ` (${asked}${unit} requested)`}`,
		advice: largest === 0 ? either$1("request less", "add nodes", canary) : asked > largest ? `request less: ${total}` : `${either$1("request less", canary, "free some")}: ${total}`,
		kind
	};
}
// src/diagnose/placement.ts
/** Returns why a group does not fit: `group web cannot place 1 allocation (0 of 4 nodes fit): 3 nodes lack memory (1200 MiB requested), …`. */
function describePlacement(group, metric, job) {
	const { where, text } = placementPart(group, metric, job);
	return `${where} ${text}`;
}
/** Returns the constraints of a group that may be the reason, where Nomad does not name the reason. */
function suspectedConstraints(group, { ConstraintFiltered }, job) {
	const spec = job.TaskGroups?.find(({ Name }) => Name === group);
	if (ConstraintFiltered?.["computed class ineligible"] === void 0) return [];
	return [
		job.Constraints,
		spec?.Constraints,
		...(spec?.Tasks ?? []).map(({ Constraints }) => Constraints)
	].flatMap((list) => list ?? []);
}
/** Returns why a group does not fit, and what to do about it. */
function placementPart(group, metric, job, fitting = {}) {
	const { nodes, builtIn = false, canaries = 0, unmet = [] } = fitting;
	const spec = job?.TaskGroups?.find(({ Name }) => Name === group);
	const ofEachNode = job?.Type?.startsWith("sys") === true;
	const reasons = reasonsOf(metric, {
		job,
		group: spec,
		nodes,
		fewer: canaries > 0 ? "set `canary = 0`" : spec === void 0 || !ofEachNode && (spec.Count ?? 1) > 1 ? "lower `count`" : void 0,
		isCanary: canaries > 0,
		builtIn,
		unmet
	}, fitting);
	const first = reasons[0];
	const { CoalescedFailures, NodesEvaluated } = metric;
	const missing = `${CoalescedFailures + 1} allocation${CoalescedFailures === 0 ? "" : "s"}`;
	const fit = NodesEvaluated === 0 ? "" : ` (0 of ${NodesEvaluated === 1 ? "1 node fits" : `${NodesEvaluated} nodes fit`})`;
	return {
		where: `group ${group}`,
		text: `cannot place ${missing}${fit}: ${reasons.map(({ text }) => text).join(", ")}${NodesEvaluated === 0 ? "" : classes(metric)}`,
		advice: first?.advice ?? "",
		certain: false,
		about: {
			kind: first?.kind ?? "group",
			group,
			...first?.name === void 0 ? {} : { name: first.name }
		},
		rank: RANKS.failed
	};
}
function reasonsOf(metric, wanted, { quota, missing = [] }) {
	const quotas = (metric.QuotaExhausted ?? []).map((dimension) => ({
		text: `the quota${quota === void 0 ? "" : ` ${quota}`} of the namespace is exhausted: ${dimension.replace(/ exhausted \(([^()]*)\)$/, " ($1)")}`,
		advice: "raise the quota, or request less",
		kind: dimension.startsWith("memory") ? "memory" : /^(cpu|cores)/.test(dimension) ? "cpu" : "group"
	}));
	if (quotas.length > 0) return quotas;
	if (metric.NodesEvaluated === 0) return [nowhere(metric, wanted)];
	const found = [...Object.entries(metric.DimensionExhausted ?? {}).map(([dimension, count]) => exhausted(dimension, count, wanted)), ...Object.entries(metric.ConstraintFiltered ?? {}).map(([words, count]) => filtered(words, count, wanted))];
	const volumes = missing.flatMap((resource) => /^csi-volume:(?:[^:]*:)?(.+)$/.exec(resource)?.[1] ?? []);
	if (volumes.length > 0 && !found.some(({ kind }) => kind === "volume")) return [missingCsiVolumes(volumes, wanted.group), ...found.filter(({ text }) => !volumes.some((volume) => text.includes(volume)))];
	return found.length > 0 ? found : [{
		text: "Nomad gives no reason",
		advice: "run `nomad eval status`",
		kind: "group"
	}];
}
function classes({ ClassFiltered, ClassExhausted }) {
	const counts = /* @__PURE__ */ new Map();
	for (const [name, count] of [...Object.entries(ClassFiltered ?? {}), ...Object.entries(ClassExhausted ?? {})]) counts.set(name, (counts.get(name) ?? 0) + count);
	return counts.size === 0 ? "" : ` (by node class: ${[...counts].map(([name, count]) => `${name} ${count}`).join(", ")})`;
}
/** Returns the reason why no node was evaluated: an ineligible node, a wrong datacenter and an empty pool look the same. */
function nowhere({ NodePool }, { job, nodes }) {
	const pool = NodePool ?? job?.NodePool ?? "default";
	const wanted = job?.Datacenters ?? ["*"];
	const named = wanted.join(", ") === "*" ? "" : ` in the datacenter${wanted.length === 1 ? "" : "s"} ${wanted.join(", ")}`;
	const text = `no eligible node${named === "" ? " in" : `${named} and`} the node pool ${pool}`;
	const places = unique((nodes ?? []).filter(isReady).map(({ Datacenter, NodePool: own }) => `${Datacenter}${own === "default" ? "" : ` (pool ${own})`}`));
	const kind = named === "" ? "node_pool" : "datacenters";
	if (nodes === void 0) return {
		text,
		advice: "correct `datacenters` and `node_pool`, or run `nomad node status`",
		kind
	};
	if (places.length > 0) return {
		text,
		advice: `correct \`${kind}\`: the ready nodes are in ${places.join(", ")}`,
		kind
	};
	return {
		text,
		advice: nodes.length === 0 ? "add a node: the cluster has none" : "run `nomad node status`: no node of the cluster is ready",
		kind: "none"
	};
}
// src/diagnose/seen.ts
/** Returns the first eight characters of an id, as Nomad's own tools show it. */
function shortId(id) {
	return id.slice(0, 8);
}
// src/diagnose/diagnose.ts
/** The number of allocations that are read: more rarely tell anything new. */
const MAX_ALLOCATIONS$2 = 3;
/** The time of all questions after a failure, in which an outage of a minute ends, and after a timeout, in which Nomad was asked long enough. */
const QUESTIONS_MS = {
	failed: 7e4,
	"timed-out": 1e4
};
/** The longest question about older versions, in milliseconds. */
const OLDER_VERSIONS_MS = 1e4;
/**
* Finds the cause of a failed verdict in the allocations of the snapshot, from the evidence that was collected earlier and from what the cluster still has.
* Asks nothing about an allocation whose evidence was collected.
*/
async function diagnose(verdict, snapshot, asked) {
	const { clock, signal } = asked.runtime;
	const late = clock.timeout(verdict.outcome === "failed" ? QUESTIONS_MS.failed : QUESTIONS_MS["timed-out"]);
	const diagnosing = {
		...asked,
		runtime: {
			...asked.runtime,
			signal: AbortSignal.any([signal, late])
		}
	};
	const { collected } = diagnosing;
	const described = {
		cause: verdict.description,
		about: { kind: "none" }
	};
	if (verdict.outcome === "failed" && verdict.reason === "verification-failed") return {
		...described,
		evidence: collected
	};
	const suspects = oneOfEach(suspectAllocations(snapshot, diagnosing)).slice(0, MAX_ALLOCATIONS$2);
	const evidence = await Promise.all(suspects.map(async (allocation) => evidenceOf(allocation, snapshot, diagnosing)));
	if (verdict.outcome !== "failed" && verdict.outcome !== "timed-out") return {
		...described,
		evidence
	};
	const { job, builtIn = false, runtime } = diagnosing;
	const advised = {
		redact: runtime.redact,
		builtIn,
		timedOut: verdict.outcome === "timed-out"
	};
	const best = suspects.flatMap((allocation, index) => allocationCause(allocation, job, evidence[index], advised) ?? []).sort((a, b) => b.rank - a.rank)[0];
	const cause = (best !== void 0 && best.rank > RANKS.waiting ? best : void 0) ?? pausedCause(verdict, snapshot) ?? await heldUpCause(snapshot, diagnosing) ?? await unplacedCause(snapshot, diagnosing) ?? best ?? unfinishedCause(verdict, snapshot, diagnosing);
	return {
		cause: cause.sentence,
		about: cause.about,
		evidence
	};
}
/** Returns the cause that a deployment was paused at the end of `timeout`: Nomad gives no verdict on it (since 2.0.1), and places nothing. */
function pausedCause({ outcome }, { deployment }) {
	if (outcome !== "timed-out" || deployment?.Status !== "paused") return void 0;
	return {
		sentence: `the deployment is paused (by a person or a tool), and Nomad gives no verdict on it; resume it with nomad deployment resume ${shortId(deployment.ID)}`,
		certain: false,
		about: { kind: "none" },
		rank: RANKS.failed
	};
}
async function evidenceOf(allocation, snapshot, diagnosing) {
	const { nomad, runtime, collected } = diagnosing;
	const { redact } = runtime;
	const earlier = collected.findLast(({ allocationId }) => allocationId === allocation.ID);
	const found = earlier === void 0 ? await collectEvidence(allocation, diagnosing, nomad, runtime).catch(() => seenEvidence(allocation, redact)) : refreshEvidence(earlier, allocation, redact);
	if (found.checks.length > 0) return found;
	const seen = snapshot.checks?.[allocation.ID] ?? [];
	return {
		...found,
		checks: seen.map((check) => readCheck(check, (text) => withoutCredentials(redact(text))))
	};
}
/** Returns the allocations that are not healthy, those with the highest rank first, then the newest; without those that were stopped before a verdict. */
function suspectAllocations({ allocations }, { job, collected, runtime: { redact } }) {
	const rank = (allocation) => {
		return allocationCause(allocation, job, collected.find(({ allocationId }) => allocationId === allocation.ID), { redact })?.rank ?? -1;
	};
	return allocations.filter((allocation) => {
		const { ClientStatus, DesiredStatus, DeploymentStatus } = allocation;
		if (/^(failed|lost|unknown)$/.test(ClientStatus) || DeploymentStatus?.Healthy === false) return true;
		if (DeploymentStatus?.Healthy === true) return false;
		return taskCauses(allocation).length > 0 || ClientStatus !== "complete" && DesiredStatus === "run";
	}).map((allocation) => ({
		allocation,
		rank: rank(allocation)
	})).sort((a, b) => b.rank - a.rank || b.allocation.CreateIndex - a.allocation.CreateIndex).map(({ allocation }) => allocation);
}
/** Returns the cause that an allocation of an older version is on a node that does not answer: until Nomad can end it there, the new version is incomplete. */
async function heldUpCause({ deployment, allocations }, diagnosing) {
	const { job, namespace, nomad, runtime } = diagnosing;
	const version = deployment?.JobVersion ?? allocations[0]?.JobVersion;
	if (version === void 0) return void 0;
	const soon = AbortSignal.any([runtime.signal, runtime.clock.timeout(OLDER_VERSIONS_MS)]);
	const older = ((await nomad.jobs.allocations(job.ID, namespace, 0, soon).catch(() => void 0))?.value ?? []).filter(({ JobVersion, TaskGroup, ClientStatus }) => {
		const { HealthyAllocs = 0, DesiredTotal = 1 } = deployment?.TaskGroups?.[TaskGroup] ?? {};
		return JobVersion < version && HealthyAllocs < DesiredTotal && /^(running|unknown)$/.test(ClientStatus);
	});
	const nodes = (older.some(({ ClientStatus }) => ClientStatus === "running") ? await nomad.nodes.list(runtime.signal).catch(() => void 0) : void 0) ?? [];
	const silent = (name) => nodes.some(({ Name, Status }) => Name === name && /^(down|disconnected)$/.test(Status));
	const held = older.find(({ ClientStatus, NodeName }) => ClientStatus === "unknown" || silent(NodeName));
	if (held === void 0) return void 0;
	const { ID, JobVersion, NodeName, TaskGroup } = held;
	const replace = job.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Disconnect?.Replace;
	const instead = replace === false ? ", or set `replace = true` in `disconnect`" : replace === true ? ", or lower `lost_after` of `disconnect`" : "";
	return causeOf({
		where: `group ${TaskGroup}`,
		text: `waits for allocation ${ID.slice(0, 8)} of the older version ${JobVersion}: the node ${NodeName} is disconnected or down`,
		advice: `reconnect that node${instead}`,
		certain: false,
		about: {
			kind: "group",
			group: TaskGroup
		},
		rank: RANKS.failed
	}, runtime.redact);
}
/** Returns why a part of a group could not be placed; undefined where all of it has a place. */
async function unplacedCause({ evaluation, deployment, allocations }, diagnosing) {
	const { job, nomad, runtime, builtIn = false } = diagnosing;
	const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {}).find(([group]) => {
		const { PlacedAllocs, DesiredTotal } = deployment?.TaskGroups?.[group] ?? {};
		const wanted = DesiredTotal ?? job.TaskGroups?.find(({ Name }) => Name === group)?.Count ?? 1;
		return (PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length) < wanted;
	});
	if (unplaced === void 0) return void 0;
	const [group, metric] = unplaced;
	const nodes = await nomad.nodes.list(runtime.signal).catch(() => void 0);
	const { DesiredCanaries = 0, Promoted = false } = deployment?.TaskGroups?.[group] ?? {};
	const unmet = nodes === void 0 ? [] : await nomad.nodes.unmet(suspectedConstraints(group, metric, job), runtime.signal).catch(() => []);
	return causeOf(placementPart(group, metric, job, {
		nodes,
		quota: evaluation?.QuotaLimitReached ?? void 0,
		missing: await missingResources(evaluation, group, diagnosing),
		builtIn,
		canaries: Promoted ? 0 : DesiredCanaries,
		unmet
	}), runtime.redact, builtIn);
}
/** Returns the resources beside the nodes that an evaluation misses. Only its blocked successor has their names (from 2.0.5 on). */
async function missingResources(evaluation, group, { job, namespace, nomad, runtime }) {
	const { MissingNonNodeResources: own, BlockedEval } = evaluation ?? {};
	const volumes = job.TaskGroups?.find(({ Name }) => Name === group)?.Volumes ?? {};
	if (own || !BlockedEval || !Object.values(volumes).some(({ Type }) => Type === "csi")) return own ?? [];
	const soon = AbortSignal.any([runtime.signal, runtime.clock.timeout(OLDER_VERSIONS_MS)]);
	return (await nomad.evaluations.read(BlockedEval, namespace, 0, soon).catch(() => void 0))?.value?.MissingNonNodeResources ?? [];
}
/** Returns the cause that too few allocations were healthy in time, where no allocation failed. */
function unfinishedCause(verdict, { deployment }, { runtime, builtIn = false }) {
	const behind = Object.entries(deployment?.TaskGroups ?? {}).find(([, { HealthyAllocs, DesiredTotal }]) => HealthyAllocs < DesiredTotal);
	const none = {
		certain: false,
		rank: RANKS.unknown
	};
	if (behind === void 0 || verdict.outcome !== "failed" || verdict.reason !== "progress-deadline") return {
		...none,
		sentence: verdict.description,
		about: { kind: "none" }
	};
	const [group, { HealthyAllocs, DesiredTotal }] = behind;
	return causeOf({
		...none,
		where: `group ${group}`,
		text: `has ${HealthyAllocs} of ${DesiredTotal} allocations healthy at the end of progress_deadline`,
		advice: "raise `progress_deadline`",
		about: {
			kind: "progress_deadline",
			group
		}
	}, runtime.redact, builtIn);
}
// src/diagnose/gatherer.ts
/** The number of allocations that are read: more rarely tell anything new. */
const MAX_ALLOCATIONS$1 = 3;
/** The pause before a crash loop is read again. */
const AGAIN_AFTER_MS = 1e4;
/**
* Returns a gatherer that reads by `collect`, one allocation at a time: the newest of each kind of failure. Leaves out an allocation that cannot be read.
*/
function gatherer(collect) {
	const known = /* @__PURE__ */ new Map();
	let reading = Promise.resolve();
	const read = (allocation, entry) => {
		known.set(allocation.ID, entry);
		reading = reading.then(async () => {
			if (known.get(allocation.ID) === entry) entry.evidence = await collect(allocation);
		});
		reading = reading.catch(() => void 0);
	};
	return {
		look: (allocations, nowMs) => {
			const newest = oneOfEach(allocations.filter((allocation) => problemOf(allocation) !== "").sort((a, b) => b.CreateIndex - a.CreateIndex));
			for (const allocation of newest.slice(0, MAX_ALLOCATIONS$1)) {
				const of = problemOf(allocation);
				const before = known.get(allocation.ID);
				const soon = before !== void 0 && allocation.ClientStatus !== "failed" && nowMs - before.atMs < AGAIN_AFTER_MS;
				if (before?.of !== of && !soon) read(allocation, {
					of,
					atMs: nowMs
				});
			}
		},
		found: async (allocations) => {
			await reading;
			return allocations.flatMap((allocation) => {
				const entry = known.get(allocation.ID);
				return entry?.evidence !== void 0 && entry.of === problemOf(allocation) ? [entry.evidence] : [];
			});
		}
	};
}
/** Returns the failures of an allocation as one text; empty where it has none. */
function problemOf(allocation) {
	return [...taskCauses(allocation).map(({ task, text }) => `${task}: ${text}`), ...allocation.ClientStatus === "failed" ? ["failed"] : []].join("\n");
}
// src/plan/show.ts
/** Returns the file of an annotation about the job; undefined for the built-in template, which is no file of the user's. */
function place(spec) {
	return spec.builtIn ? void 0 : { file: spec.name };
}
/** Writes the redacted job to a file for later steps of the workflow, and notes its path. A terminal has no later steps. */
async function publishSpec(job, { runtime, number, note }) {
	if (runtime.terminal !== void 0) return;
	note({ spec: await runtime.publish(number === 1 ? "spec.json" : `spec-${number}.json`, job) });
}
/** Notes the values behind a draft, and shows its warnings. A provisional image is shown by its name alone. */
async function showResolved(inputs, rendering, draft, current) {
	await publishSpec(draft.job, current);
	const resolved = settings(inputs, rendering, draft).map((setting) => ({
		...setting,
		value: withoutZeros(setting.value)
	}));
	current.note({ settings: resolved });
	const warnings = draft.warnings.map(withoutZeros);
	warn(warnings, current.runtime);
	return {
		resolved,
		warnings
	};
}
/** Shows the plan of a job in the log. A group that can't be placed now is a warning. */
function showPlan(plan, { job, kept }, spec, { log }) {
	log.info(`Changes: ${plan.changed}`);
	for (const line of kept) log.info(`  ${line}`);
	for (const line of plan.lines) log.info(`  ${line}`);
	for (const [group, metric] of Object.entries(plan.placementFailures)) {
		const { where, text, about } = placementPart(group, metric, job);
		log.warning(`Forecast: ${where} ${text}`, specLocation(about, spec));
	}
}
/** Shows warnings as annotations, at the file and line that they begin with. A warning about nearly every cluster is a line of the log only. */
function warn(warnings, { log }) {
	for (const warning of warnings) {
		const [, file, line] = /^([^\s:]+):(\d+): /.exec(warning) ?? [];
		if (isOversubscriptionWarning(warning)) log.info(warning);
		else log.warning(warning, file === void 0 ? void 0 : {
			file,
			line: Number(line)
		});
	}
}
/** Returns whether a warning is Nomad's about a `memory_max` that it ignores. */
function isOversubscriptionWarning(warning) {
	return PLAN_WORDS.oversubscription.pattern.test(warning);
}
// src/plan/draft.ts
/**
* Parses, validates and plans the job on the cluster before the build. Returns the draft and the final rendering: where the scheduler does not allow memory
* oversubscription, the built-in template does not ask for it. Throws the refusals of the cluster, and of secrets that Nomad can't hold.
*/
async function checkDraft(inputs, rendering, regions, runtime) {
	const asked = await renderJobspec(inputs, rendering, regions.first, runtime);
	const nomad = await regions.of(asked.job, rendering.spec);
	const warnings = await validateJob(asked.job, asked.namespace, (about, words) => {
		const location = quotedPlace(words, specLocation(about, rendering.spec), rendering.spec);
		return {
			location,
			text: `${words}${givenBy(words, location, rendering.spec, asked.settings)}`
		};
	}, nomad);
	const modest = {
		...rendering,
		oversubscription: !(rendering.spec.builtIn && warnings.some(isOversubscriptionWarning))
	};
	const draft = modest.oversubscription ? asked : await renderJobspec(inputs, modest, nomad, runtime);
	if (draft.specHash !== asked.specHash) runtime.log.notice(withoutMemoryMax(draft.job));
	if (inputs.command === "render") return {
		draft,
		rendering: modest,
		nomad,
		plan: void 0,
		live: void 0
	};
	const live = await nomad.jobs.read(draft.job.ID, draft.namespace);
	await requireOwnHosts(inputs, rendering, draft, nomad);
	const { job } = sentJob(asRegistered(draft, void 0, {
		...modest,
		live
	}, { ownMeta: "kept" }), live, {
		inputs,
		rendering: modest
	}, await readScalings(draft, live, inputs, nomad));
	const plan = await planJob(job, draft.namespace, nomad, {
		redact: hidingValues(draft.settings, runtime.redact),
		live
	});
	if (inputs.command !== "deploy") return {
		draft,
		rendering: modest,
		nomad,
		plan,
		live
	};
	requirePossible(plan, draft.job, place(rendering.spec));
	const claim = claimOf(inputs, rendering.context, rendering.target);
	requireOwnable(draft.job, claim.owner);
	if (live !== void 0) permit(judgeOwner(ownedJob(live, draft.namespace), claim, "replace"), runtime);
	await jobSecrets(inputs, draft, {
		live,
		claim
	}, nomad);
	return {
		draft,
		rendering: modest,
		nomad,
		plan,
		live
	};
}
/** Throws `input-invalid` for a branch in production that names a hostname of the repository's own job there: both would answer. */
async function requireOwnHosts({ app }, { target, context }, { namespace }, nomad) {
	const { environment, projectSlug, hostnames } = target;
	if (environment.isBranch !== true) return;
	const id = slug(app === void 0 ? projectSlug : `${projectSlug}-${app}`);
	const production = await nomad.jobs.read(id, namespace);
	const host = production === void 0 || production.Stop ? void 0 : takenHost(hostnames, production);
	if (host === void 0) return;
	throw new ActionError("input-invalid", `the ${context.refType} ${context.ref} names the hostname ${host}, which belongs to the job ${id}`, { hint: "Nothing was built or registered. Name other hostnames for the branch, or set `environment: review`." });
}
/** Returns the place of a refusal. Where only the file is known, finds the line by the text that the servers quote. */
function quotedPlace(words, location, { name, text }) {
	const [quoted] = /"[^"\s]{2,}"/.exec(words) ?? [];
	if (location?.file !== name || location.line !== void 0 || quoted === void 0 || !text.includes(quoted)) return location;
	return {
		...location,
		line: linesOf$1(text)(text.indexOf(quoted)).line
	};
}
/** Returns the variables of a refusal, as the end of a sentence: those of its line, and those whose value it quotes. */
function givenBy(words, location, spec, settings) {
	const used = [...([spec, ...Object.values(spec.fragments)].find(({ name }) => name === location?.file)?.text.split("\n")[(location?.line ?? 0) - 1] ?? "").matchAll(/\bvar\.([A-Za-z_][\w-]*)/g)].map(([, name]) => name);
	const found = settings.filter(({ name, value, source }) => source !== "default" && source !== "automatic" && (used.includes(name) || value !== "" && words.includes(JSON.stringify(value))));
	return found.length === 0 ? "" : ` (${found.map(({ name, source }) => `var.${name} has its value from ${source}`).join("; ")})`;
}
function withoutMemoryMax({ TaskGroups }) {
	const limit = TaskGroups?.flatMap(({ Tasks }) => Tasks ?? []).find(({ Name }) => Name === "http")?.Config?.["memory_hard_limit"];
	return `The scheduler of this cluster does not allow memory oversubscription, so the job has no memory_max. ${typeof limit === "number" ? `Docker still lets the container use up to ${limit} MB (memory_hard_limit), which Nomad does not reserve.` : "The container is limited to NOMAD_VAR_MEMORY."}`;
}
// src/plan/drift.ts
/** The label of all drift issues. GitHub creates the label with the first issue. */
const LABEL = "nomad-drift";
/** The most lines of an issue, and the most names in an error. The log has all of them. */
const MAX_LINES = 200;
const NAMED = 5;
/**
* Returns the differences between the registered job and the repository, one line each; none when there is no drift. The next steps of the scheduler are no
* difference, nor is the commit of a version.
*/
function drifted({ changed, lines }) {
	if (changed === "create") return ["the job is not registered"];
	return lines.filter((line) => !/^group \S+: /.test(line));
}
/**
* Throws `drift` with the differences. With `drift-issue`, one issue for the job is open as long as it differs; a refusal of GitHub is a notice.
*/
async function requireNoDrift(subject, plan, reporting, runtime) {
	const lines = drifted(plan);
	if (reporting.inputs.driftIssue) await keepIssue(subject, {
		lines,
		diff: plan.diff
	}, reporting, runtime);
	if (lines.length === 0) return;
	const named = lines.slice(0, NAMED).join(", ");
	const more = lines.length > NAMED ? `, and ${lines.length - NAMED} more` : "";
	throw new ActionError("drift", `${subject.jobId} differs from the repository: ${named}${more}`, { hint: "The job was changed in Nomad, or a change of the repository was not deployed. Deploy the repository to remove the difference." });
}
async function keepIssue(subject, { lines, diff }, { github, context }, runtime) {
	if (github === void 0) {
		runtime.log.notice("No drift issue is opened, because there is no GitHub token: set `github-token`.");
		return;
	}
	const marker = `<!-- nomad-deploy-drift ${createHash("sha256").update(JSON.stringify(subject)).digest("hex").slice(0, 20)} -->`;
	const findOurs = async (issues) => (await github.viewer.own(issues.filter((issue) => issue.body?.startsWith(marker) === true)))[0];
	const { jobId, environment, namespace } = subject;
	const title = plain(`Drift: ${jobId} in ${environment} differs from the repository`);
	const body = [
		marker,
		`The job ${code(jobId)} (namespace ${code(namespace)}) differs from the spec that this repository deploys in ${text(environment)}.`,
		"",
		...lines.slice(0, MAX_LINES).map((line) => `- ${code(line.slice(0, 200))}`),
		...lines.length > MAX_LINES ? [`- and ${lines.length - MAX_LINES} more`] : [],
		"",
		...diff.length === 0 ? [] : [...fenced(diff.slice(0, MAX_LINES), "diff"), ""],
		`Last seen by ${link("this run", context.runUrl ?? context.repositoryUrl)}. Deploy the repository to remove the difference; the next check without a difference closes this issue.`
	].join("\n");
	await tell("The drift issue is not updated", async () => {
		const open = await findOurs(await github.issues.open(LABEL));
		if (lines.length === 0) {
			if (open !== void 0) await github.issues.update(open.number, {
				state: "closed",
				state_reason: "completed"
			});
		} else if (open === void 0) {
			const made = await github.issues.create({
				title,
				body,
				labels: [LABEL]
			}, findOurs);
			runtime.log.info(`Opened the issue ${made.html_url}`);
		} else {
			await github.issues.update(open.number, { body });
			runtime.log.info(`Updated the issue ${open.html_url}`);
		}
	}, runtime);
}
// src/plan/kept.ts
/**
* Returns a deploy that keeps unchanged parts of a job of the built-in template: those where only the commit differs, and the registry login of version 0.1.0
* unless `anew`, when its task is replaced anyway. `image` is the reference of the task.
*/
function keeping(deploying, live, image, anew = false) {
	const { inputs, rendering } = deploying;
	if (!rendering.spec.builtIn) return deploying;
	const found = keptParts(live, image, givenValues(inputs, rendering.fromFiles));
	const kept = anew ? {
		...found,
		login: false
	} : found;
	if (kept.login !== true) return {
		...deploying,
		rendering: {
			...rendering,
			kept
		}
	};
	const { [REGISTRY_PASSWORD]: _password, ...secrets } = inputs.secrets;
	return {
		...deploying,
		inputs: {
			...inputs,
			secrets
		},
		rendering: {
			...rendering,
			kept
		}
	};
}
/** Returns whether a plan replaces the task whose login of version 0.1.0 was kept. */
function outgrown({ deploying, plan }) {
	return deploying.rendering.kept?.login === true && plan.changed !== "none" && replacesAll(plan);
}
// src/plan/live.ts
const NONE = {
	unhealthy: [],
	down: []
};
/** Reads the registered job, the deployment of its version, and how older ones ended. */
async function readLive({ job: { ID }, namespace }, nomad) {
	const found = await nomad.jobs.read(ID, namespace);
	if (found === void 0) return {
		job: found,
		deployment: void 0,
		tried: [],
		failing: NONE
	};
	const deployments = await nomad.jobs.deployments(ID, namespace);
	const failed = deployments.filter(({ Status, JobVersion }) => Status === "failed" || Status === "cancelled" && JobVersion === found.Version);
	const own = failed.find(({ JobVersion }) => JobVersion === found.Version);
	const versions = failed.some(({ JobVersion }) => JobVersion !== found.Version) ? await nomad.jobs.versions(ID, namespace) : [found];
	const hashOf = (version) => provenanceOf(versions.find(({ Version }) => Version === version)).spec;
	const tried = failed.map(({ JobVersion: version, StatusDescription: how }) => ({
		version,
		specHash: hashOf(version),
		how
	}));
	const allocations = own !== void 0 || mayHaveEnded(found) ? await lastAllocations(found, namespace, nomad) : [];
	const job = mayHaveEnded(found) ? {
		...found,
		Status: await endStatus(found, allocations, namespace, nomad)
	} : found;
	const ended = own === void 0 && mayHaveEnded(job) ? howEnded(job, allocations) : void 0;
	const all = [
		...job.Stop ? [{
			version: job.Version,
			specHash: hashOf(job.Version),
			how: "the job was stopped"
		}] : [],
		...ended === void 0 ? [] : [{
			version: job.Version,
			specHash: hashOf(job.Version),
			how: ended
		}],
		...tried.sort((a, b) => b.version - a.version)
	];
	return {
		job,
		deployment: deployments.find(({ JobVersion }) => JobVersion === job.Version),
		tried: all,
		failing: all.some(({ version }) => version === job.Version) ? failingGroups(job, own, allocations) : NONE
	};
}
/** Returns whether a job is dead without having been stopped. */
function mayHaveEnded(job) {
	return job.Status === "dead" && !job.Stop && !job.Periodic && !job.ParameterizedJob && rulesOf(job).count !== 0;
}
/**
* Returns the status of a dead job, read once more where a failed allocation has attempts left: Nomad stores a failure before the evaluation that
* reschedules the allocation, and calls the job dead in between.
*/
async function endStatus(job, last, namespace, nomad) {
	if (!last.some((allocation) => hasAttemptsLeft(allocation, job))) return job.Status;
	return (await nomad.jobs.read(job.ID, namespace))?.Status ?? job.Status;
}
async function lastAllocations({ ID, Version }, namespace, nomad) {
	return (await nomad.jobs.allocations(ID, namespace, 0, nomad.patience())).value.filter(({ JobVersion, NextAllocation }) => JobVersion === Version && !NextAllocation);
}
/** Returns the end of a dead job, as the end of a sentence; undefined for a batch job that succeeded. */
function howEnded(job, last) {
	const failed = last.filter((allocation) => !isDone(allocation)).length;
	const told = failed === 0 ? void 0 : `${failed} of ${last.length} allocations failed`;
	return rulesOf(job).kind === "batch" ? told : `none of its allocations is running${told === void 0 ? "" : ` (${told})`}`;
}
function failingGroups(job, deployment, last) {
	const { TaskGroups } = job;
	const names = (TaskGroups ?? []).map(({ Name }) => Name);
	const isBatch = rulesOf(job).kind === "batch";
	const isWell = (allocation) => /^(running|pending)$/.test(allocation.ClientStatus) || isBatch && isDone(allocation);
	const up = (group) => last.filter((allocation) => allocation.TaskGroup === group && isWell(allocation)).length;
	const down = names.filter((name) => up(name) < (TaskGroups?.find(({ Name }) => Name === name)?.Count ?? 1));
	const unhealthy = names.filter((name) => (deployment?.TaskGroups?.[name]?.UnhealthyAllocs ?? 0) > 0);
	return {
		unhealthy: unhealthy.length + down.length === 0 ? names : unhealthy,
		down
	};
}
/** Returns the notice that a version with this very spec failed before, if this deploy tries it again. */
function triedBefore({ job, tried }, specHash) {
	if (!tried.some(({ version }) => version === job?.Version) && provenanceOf(job).spec === specHash) return void 0;
	const before = tried.find((version) => version.specHash === specHash);
	return before === void 0 ? void 0 : `Version ${before.version} had the same spec: ${before.how}. A new version tries it again.`;
}
// src/plan/regions.ts
/**
* Opens the connections to the regions of one cluster, each at its first use. The region of `nomad-region` or of the variable `REGION` is the first. Each region
* has its own connection and login, because a token may be valid in one region only.
*/
async function openRegions(inputs, { region: own, ...way }, { isDefaultCheckout }, runtime) {
	const { nomadRegion: given, nomadLogin, sources } = inputs;
	const givenBy = sources.inputs["nomad-region"] === "nomad-region" ? "`nomad-region`" : `${sources.inputs["nomad-region"]}`;
	const opened = /* @__PURE__ */ new Map();
	const told = /* @__PURE__ */ new Set();
	const connected = async (region, regionSource) => {
		const nomad = await connect({
			...await readConnection(inputs, {
				...way,
				region,
				regionSource
			}, runtime),
			timeoutMs: inputs.timeoutMs
		}, runtime);
		if (nomadLogin === void 0 || region === void 0) return nomad;
		const parse = async (...asked) => (await open(void 0, regionSource)).jobs.parse(...asked);
		return {
			...nomad,
			jobs: {
				...nomad.jobs,
				parse
			}
		};
	};
	const open = async (region, regionSource) => {
		const nomad = opened.get(region) ?? connected(region, regionSource);
		opened.set(region, nomad);
		return nomad;
	};
	return {
		first: await open(own, given === void 0 ? "`REGION`" : givenBy),
		of: async ({ Region }, spec) => {
			const named = regionOf({ Region });
			if (named === void 0 || named === given) return open(given, givenBy);
			const file = spec.builtIn ? writtenRegion(spec)?.file : writtenRegion(spec)?.file ?? spec.name;
			if (given !== void 0) {
				const location = file === void 0 ? void 0 : { file };
				const both = `${file ?? "`REGION`"} names the region ${named}, and ${givenBy} is ${given}`;
				if (!isDefaultCheckout && inputs.configFrom !== "checkout") throw new ActionError("input-invalid", both, {
					hint: "Name the same region in both: only the default branch may name another region than the workflow.",
					...location === void 0 ? {} : { location }
				});
				if (!told.has(both)) runtime.log.warning(`${both}: the region of the spec is used, as by \`nomad job run\`.`, location);
				told.add(both);
			}
			return open(named, file === void 0 ? "`REGION`" : `\`region\` of ${file}`);
		},
		close: async () => {
			for (const nomad of opened.values()) await (await nomad).close();
		}
	};
}
/** Returns the text of the attribute `region` of a spec's job, with its file; undefined where the job has no such attribute. */
function writtenRegion({ name, text, fragments: { job } }) {
	const ofPart = job === void 0 ? [] : readBlocks(job.text).attributes.map((one) => ({
		...one,
		file: job.name
	}));
	const ofJob = readBlocks(text).blocks.find(({ type }) => type === "job")?.attributes ?? [];
	const found = [...ofPart, ...ofJob.map((one) => ({
		...one,
		file: name
	}))].find((one) => one.name === "region");
	return found && {
		file: found.file,
		text: withoutComments(found.text).trim()
	};
}
/**
* Returns the region that a spec names, for a command about another job or about all jobs. A literal region needs no request; for any other, the spec is
* rendered. Throws the errors of `renderJobspec`.
*/
async function namedRegion(inputs, rendering, first, runtime) {
	const { spec, context } = rendering;
	const written = writtenRegion(spec);
	const [, region] = /^region\s*=\s*"([\w.-]+)"$/.exec(written?.text ?? "") ?? [];
	if (region !== void 0) return region;
	if (written === void 0 && spec.builtIn) return variableRegion({
		...rendering,
		inputs,
		specs: [spec]
	}, context);
	const opaque = spec.template || spec.format !== "hcl" || spec.text.trimStart().startsWith("{");
	if (written === void 0 && !(opaque && /region/i.test(spec.text))) return void 0;
	const fromFiles = await evaluateVarFiles(rendering.fromFiles, first, inputs.nomadNamespace);
	return (await renderJobspec(inputs, {
		...rendering,
		fromFiles
	}, first, runtime)).job.Region ?? void 0;
}
/**
* Returns the region of the variable `REGION` of the built-in template. Throws `input-invalid` when a variable file outside of the default branch sets it, as the
* region of the configuration file is ignored there.
*/
function variableRegion({ inputs, specs, fromFiles }, { isDefaultCheckout }) {
	if (!specs.some(({ builtIn }) => builtIn)) return void 0;
	const { value, source } = fromFiles["REGION"] ?? {};
	const own = inputs.vars["REGION"] ?? value;
	if (typeof own !== "string" || own === "") return void 0;
	if (inputs.vars["REGION"] !== void 0 || isDefaultCheckout || inputs.configFrom === "checkout") return own;
	throw new ActionError("input-invalid", `${source}: only the workflow or the default branch may set \`REGION\`, because it decides where the Nomad token is used`, { hint: "Nothing was built or registered. Set `nomad-region` in the workflow, or in the configuration file of the default branch." });
}
// src/plan/waiting.ts
/** Reads the deployment of a version that may have waiting canaries, and throws `canaries-waiting` where it has some. Sends no request for any other version. */
async function requireNoneWaiting(job, namespace, { replaceCanaries }, nomad) {
	if (replaceCanaries || !mayWaitForPromotion(job)) return;
	requireReplaceable(job, (await nomad.jobs.deployments(job.ID, namespace)).find(({ JobVersion }) => JobVersion === job.Version), { replaceCanaries });
}
/** Throws `canaries-waiting` for a version whose canaries wait for a person, unless the workflow lets the new version replace them. */
function requireReplaceable({ ID, Version }, deployment, { replaceCanaries }) {
	if (replaceCanaries || deployment === void 0 || !waitsForPerson(deployment)) return;
	const groups = unpromotedGroups(deployment);
	const of = `group${groups.length === 1 ? "" : "s"} ${groups.join(", ")}`;
	const how = deployment.Status === "paused" ? "are not promoted, and their deployment is paused" : "are healthy and wait for promotion";
	throw new ActionError("canaries-waiting", `the canaries of ${ID} version ${Version} (${of}) ${how}; a new version would replace them`, { hint: "Nothing was registered. Run `command: promote` or `command: reject` first, or set `replace-canaries: true`." });
}
// src/register/existing.ts
/**
* Finds the jobs of a command: the one that `job-name` names, else those of the specs of the repository, else the one that a deploy with the built-in template
* would register. Throws the errors of `renderJobspec`.
*/
async function findExisting({ inputs, specs }, rendering, regions, runtime) {
	const named = isNamed(inputs);
	const rendered = !named && specs.some(({ builtIn }) => !builtIn);
	const { fromFiles } = rendering;
	const whole = rendered ? {
		...rendering,
		fromFiles: await evaluateVarFiles(fromFiles, regions.first, inputs.nomadNamespace)
	} : rendering;
	const found = [];
	for (const spec of named ? specs.slice(0, 1) : specs) {
		const { job, namespace } = named || spec.builtIn ? {
			job: await namedJob(inputs, {
				...rendering,
				spec
			}, regions, runtime),
			namespace: inputs.nomadNamespace ?? "default"
		} : await renderJobspec(inputs, {
			...whole,
			spec
		}, regions.first, runtime);
		const nomad = await regions.of(job, spec);
		found.push({
			jobId: job.ID,
			namespace,
			nomad,
			job: await nomad.jobs.read(job.ID, namespace),
			spec
		});
	}
	return found;
}
function isNamed({ jobName, jobs }) {
	return jobName !== void 0 && jobs.length === 0;
}
/** Returns the id and region of a job by its name: `nomad-region`, as for Nomad's program, else the region of the spec. */
async function namedJob(inputs, rendering, { first }, runtime) {
	const given = isNamed(inputs) ? inputs.nomadRegion : void 0;
	return {
		ID: rendering.target.jobId,
		Region: given ?? await namedRegion(inputs, rendering, first, runtime)
	};
}
/** Returns the registered job of a command. Throws `input-invalid` when it is stopped or not registered. */
function requireRegistered(existing) {
	const { job } = existing;
	if (job !== void 0 && !job.Stop) return job;
	const which = jobText(existing);
	throw new ActionError("input-invalid", job === void 0 ? `there is no ${which}` : `the ${which} is stopped`, { hint: "Name another job with `job-name` (and `nomad-namespace`, `nomad-region`), or deploy the job first." });
}
/** Throws `input-invalid` for the name of a group or task that the job does not have. */
function requireParts({ ID, TaskGroups }, { group, task }) {
	const groups = (TaskGroups ?? []).filter(({ Name }) => group === void 0 || Name === group);
	if (groups.length === 0) {
		const names = (TaskGroups ?? []).map(({ Name }) => Name);
		throw new ActionError("input-invalid", `\`group\`: ${ID} has no group ${group}`, { hint: `${ID} has the groups ${names.join(", ")}.` });
	}
	const tasks = groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
	if (task === void 0 || tasks.includes(task)) return;
	const where = group === void 0 ? ID : `the group ${group} of ${ID}`;
	throw new ActionError("input-invalid", `\`task\`: ${where} has no task ${task}`, { hint: `The tasks are ${[...new Set(tasks)].join(", ")}.` });
}
// src/register/variable-path.ts
/** Nomad's limit of a path of a variable. */
const MAX_PATH = 128;
const DIGEST_DIGITS = 16;
/** Returns the path of the variable of a job's lock or freeze. An id that a path cannot have is written with `~` and codes; a long one ends in a hash. */
function lockPath(kind, jobId) {
	const name = jobId.replace(/[^\w/-]/gu, (sign) => `~${sign.codePointAt(0)?.toString(16)}`);
	const path = `nomad-deploy/${kind}/${name}`;
	if (path.length <= MAX_PATH && !name.includes("//")) return path;
	const digest = createHash("sha256").update(jobId).digest("hex").slice(0, DIGEST_DIGITS);
	return `${path.replaceAll("//", "~2f").slice(0, 111)}~${digest}`;
}
// src/register/freeze.ts
/** The item by which this action knows its own variables. */
const KIND = "nomad-deploy";
/** The longest text of a variable that is shown, in characters. */
const MAX_SHOWN$1 = 500;
/** Returns the items of a lock or a freeze. */
function noteItems(kind, { actor, runUrl, runAttempt }, { command, reason = "", until = "" }, nowMs) {
	const run = runUrl === void 0 ? "terminal" : `${runUrl}/attempts/${runAttempt}`;
	const items = {
		[KIND]: kind,
		actor,
		run,
		command,
		since: isoTime(nowMs),
		reason,
		until
	};
	return Object.fromEntries(Object.entries(items).filter(([, value]) => value !== ""));
}
/** Reads the items of a lock or a freeze. Throws `job-taken` for the content of another program. */
function readNote(kind, items, path) {
	if (items[KIND] !== kind) throw new ActionError("job-taken", `the Nomad variable ${path} has other content than a ${kind} of this action`, { hint: `Nothing was written or registered. If no program needs the variable, remove it: nomad var purge ${path}.` });
	const { actor = "", run = "", command = "", since = "", reason = "", until = "" } = Object.fromEntries(Object.entries(items).map(([name, text]) => [name, text.slice(0, MAX_SHOWN$1)]));
	return {
		kind,
		actor,
		run,
		command,
		since,
		reason,
		until
	};
}
/** Returns the person and the run of a note in words: `anna (https://…), since 2026-11-30T08:00:00.000Z`. */
function whose({ actor, run, since }) {
	return `${actor || "an unknown person"}${run === "" ? "" : ` (${run})`}${since === "" ? "" : `, since ${since}`}`;
}
/** Reads the freeze of a job; undefined where there is none. Throws `job-taken` for the content of another program. */
async function readFreeze({ jobId, namespace, nomad }) {
	const path = lockPath("freezes", jobId);
	const found = await nomad.variables.read(path, namespace);
	if (found === void 0) return void 0;
	const note = readNote("freeze", found.Items ?? {}, path);
	return {
		note,
		index: found.ModifyIndex,
		isOver: note.until !== "" && parseTime(note.until) <= nomad.clock.now()
	};
}
/** Throws `job-locked` for a frozen job, with the person, the reason and the end. */
async function requireNotFrozen(job, { log }) {
	const frozen = await readFreeze(job);
	if (frozen === void 0) return;
	const { note } = frozen;
	if (frozen.isOver) return log.info(`The freeze of ${job.jobId} by ${note.actor} ended at ${note.until}.`);
	throw isFrozen(job, note);
}
/** Returns the error about a frozen job. */
function isFrozen({ jobId, namespace }, note) {
	const until = note.until === "" ? "until `command: unlock`" : `until ${note.until}`;
	return new ActionError("job-locked", `${jobId} is frozen ${until} by ${whose(note)}: ${JSON.stringify(note.reason)}`, { hint: `Nothing was built, written or registered. To end the freeze, run \`command: unlock\`; of a job that is not registered any more, nomad var purge -namespace=${namespace} ${lockPath("freezes", jobId)}.` });
}
/** Freezes a job. Throws `job-locked` for a frozen one, and `conflict` when another run writes the freeze at the same time. */
async function freeze(job, { reason, until, context }) {
	const before = await readFreeze(job);
	if (before !== void 0 && !before.isOver) throw isFrozen(job, before.note);
	const items = noteItems("freeze", context, {
		command: "lock",
		reason,
		until
	}, job.nomad.clock.now());
	const path = lockPath("freezes", job.jobId);
	const { nomad, namespace } = job;
	if (await put(nomad, {
		path,
		namespace
	}, items, before?.index ?? 0) === void 0) throw changed$1(job.jobId);
}
/** Ends the freeze of a job. Returns the person, the run and the reason of the ended one; undefined where there was none. */
async function thaw(job) {
	const before = await readFreeze(job);
	if (before === void 0) return void 0;
	const { nomad, namespace } = job;
	if (await put(nomad, {
		path: lockPath("freezes", job.jobId),
		namespace
	}, {}, before.index) === void 0) throw changed$1(job.jobId);
	return `${whose(before.note)}: ${JSON.stringify(before.note.reason)}`;
}
function changed$1(jobId) {
	return new ActionError("conflict", `another run has changed the freeze of ${jobId} at the same time`, { hint: "Run the command again." });
}
// src/register/lost.ts
const ATTEMPTS$2 = 3;
/** Rolls a job back to an older version, as a new one. Throws as `revert` of Nomad's API, and `unknown-outcome` when the result can't be read. */
async function revertJob(goal, { job, namespace }, nomad) {
	const isOurs = (version) => provenanceOf(version).run === provenanceOf(goal).run;
	return newVersion(async () => nomad.jobs.revert(job.ID, goal.Version, job.Version, namespace), {
		job,
		namespace,
		isOurs
	}, nomad);
}
/** Sets the count of a group, as a new version. Throws as `scale` of Nomad's API, and `unknown-outcome` when the result can't be read. */
async function scaleJob(wish, { job, namespace }, nomad) {
	const isOurs = ({ TaskGroups }) => TaskGroups?.some(({ Name, Count }) => Name === wish.group && Count === wish.count) === true;
	return newVersion(async () => nomad.jobs.scale(job.ID, wish, namespace), {
		job,
		namespace,
		isOurs
	}, nomad);
}
/** Does a write that makes the next version. After a lost answer, returns what the next version tells where it is ours. */
async function newVersion(write, { job: { ID, Version }, namespace, isOurs }, nomad) {
	for (let attempt = 1;; attempt++) try {
		return await write();
	} catch (lost) {
		if (toActionError(lost).code !== "unknown-outcome") throw lost;
		const next = (await nomad.jobs.versions(ID, namespace, nomad.patience()).catch(() => Promise.reject(lost))).find((version) => version.Version === Version + 1);
		if (next !== void 0 && isOurs(next)) {
			const { JobModifyIndex } = next;
			return {
				EvalID: (await nomad.jobs.evaluations(ID, namespace, nomad.patience()).catch(() => [])).find((one) => one.JobModifyIndex === JobModifyIndex)?.ID ?? "",
				JobModifyIndex
			};
		}
		if (next !== void 0 || attempt === ATTEMPTS$2) throw lost;
	}
}
/** Stops or purges a job. Returns its modify index; 0 where it is gone. Throws as `deregister` of Nomad's API, and `unknown-outcome` when the result can't be read. */
async function removeJob({ job: { ID, JobModifyIndex }, namespace, purge, capability }, nomad) {
	for (let attempt = 1;; attempt++) try {
		return await nomad.jobs.deregister(ID, namespace, purge, ...capability === void 0 ? [] : [capability]);
	} catch (lost) {
		if (toActionError(lost).code !== "unknown-outcome") throw lost;
		const now = await nomad.jobs.read(ID, namespace, nomad.patience()).catch(() => Promise.reject(lost));
		if (now === void 0) return 0;
		if (!purge && now.Stop) return now.JobModifyIndex;
		if (now.JobModifyIndex !== JobModifyIndex || attempt === ATTEMPTS$2) throw lost;
	}
}
// src/register/register.ts
/** The limit of attempts at a registration that Nomad did not receive. */
const ATTEMPTS$1 = 3;
/** The pause before a server that is behind is asked again. */
const BEHIND_MS = 500;
/** The time limit for the first look. The scheduler usually takes milliseconds. */
const SOON_MS = 2e3;
/**
* Registers the planned job, guarded by the modify index of the plan (`EnforceIndex`). Returns `conflict` with Nomad's words, without a registration, when the
* job has changed since the plan. After a lost answer, the registration is looked for, and repeated only when it did not take place. Throws `unreachable`
* when Nomad does not receive it, and `unknown-outcome` when its result can't be read.
*/
async function registerJob(job, { source, format, variables, namespace }, { plan, live }, nomad) {
	const submission = {
		Source: source,
		Format: format,
		Variables: format === "json" ? "" : variables
	};
	const common = {
		jobId: job.ID,
		namespace,
		previousVersion: live?.Version
	};
	let result;
	let lost;
	for (let attempt = 1; result === void 0; attempt++) {
		try {
			result = await nomad.jobs.register(job, submission, plan.jobModifyIndex, namespace);
		} catch (error) {
			if (toActionError(error).code !== "unknown-outcome") throw error;
			lost = error;
		}
		const refused = result !== void 0 && "refused" in result ? result.refused : void 0;
		if ((lost ?? refused) === void 0 || result !== void 0 && "response" in result) continue;
		const isConflict = result !== void 0 && "conflict" in result;
		const { ours, index } = await readBack(job, {
			...common,
			after: plan.jobModifyIndex,
			isConflict
		}, lost ?? refused, nomad);
		if (ours !== void 0) return {
			...common,
			...ours
		};
		if (refused !== void 0 && index === plan.jobModifyIndex) throw refused;
		if (refused !== void 0) return { conflict: refused.message };
		if (result === void 0 && attempt === ATTEMPTS$1) throw new ActionError("unreachable", `Nomad did not receive the registration of ${job.ID}: ${messageOf$1(lost)}`, { hint: "Nothing was registered. Run the workflow again." });
	}
	if ("conflict" in result) return result;
	if ("refused" in result) throw result.refused;
	const { EvalID, JobModifyIndex } = result.response;
	const seen = EvalID === "" || (job.Type ?? "service") !== "service" ? void 0 : await lookAtEvaluation(EvalID, JobModifyIndex, namespace, nomad);
	const deployment = seen?.deployment?.value;
	const version = deployment?.JobSpecModifyIndex === JobModifyIndex ? deployment.JobVersion : await registeredVersion(common, JobModifyIndex, live === void 0 ? 0 : live.Version + 1, nomad);
	return {
		...common,
		evaluationId: EvalID,
		version,
		jobModifyIndex: JobModifyIndex,
		...seen && { seen }
	};
}
/** Returns the version of a registration; `otherwise` when it can't be read, because the registration itself did not fail. */
async function registeredVersion({ jobId, namespace }, index, otherwise, nomad) {
	return (await nomad.jobs.versions(jobId, namespace).catch(() => [])).find(({ JobModifyIndex }) => JobModifyIndex === index)?.Version ?? otherwise;
}
/** Reads the evaluation and deployment of a registration. Returns undefined when the scheduler takes more than 2 seconds. */
async function lookAtEvaluation(evaluationId, index, namespace, nomad) {
	const soon = nomad.clock.timeout(SOON_MS);
	try {
		const { value: evaluation } = await nomad.evaluations.read(evaluationId, namespace, index, soon);
		if (evaluation?.Status !== "complete") return void 0;
		const id = evaluation.DeploymentID;
		const deployment = id ? await nomad.deployments.read(id, namespace, 0, soon) : void 0;
		return deployment?.value === void 0 ? { evaluation } : {
			evaluation,
			deployment: {
				...deployment,
				value: deployment.value
			}
		};
	} catch {
		return;
	}
}
/**
* Returns the registration whose answer was lost, undefined when there is no newer version of this run, and the modify index of the newest version, 0 without
* one. Throws `unknown-outcome` when Nomad can't be read.
*/
async function readBack(job, { namespace, after, isConflict }, lost, nomad) {
	const read = async () => {
		const patience = nomad.patience();
		for (;;) {
			const versions = await nomad.jobs.versions(job.ID, namespace, patience);
			if (!isConflict || (versions[0]?.JobModifyIndex ?? 0) !== after) return versions;
			await nomad.clock.sleep(BEHIND_MS, patience);
		}
	};
	const versions = await read().catch((error) => {
		throw new ActionError("unknown-outcome", `the result of the registration of ${job.ID} is not known: ${messageOf$1(lost)}; then ${messageOf$1(error)}`, {
			cause: error,
			hint: "Check the job in Nomad before you run the workflow again."
		});
	});
	const ours = versions.findLast((version) => version.JobModifyIndex > after && isDeepStrictEqual(provenanceOf(version), provenanceOf(job)));
	const index = versions[0]?.JobModifyIndex ?? 0;
	if (ours === void 0) return { index };
	return {
		ours: {
			evaluationId: (await nomad.jobs.evaluations(job.ID, namespace, nomad.patience()).catch(() => [])).find(({ JobModifyIndex, TriggeredBy }) => JobModifyIndex === ours.JobModifyIndex && TriggeredBy === "job-register")?.ID ?? "",
			version: ours.Version,
			jobModifyIndex: ours.JobModifyIndex
		},
		index
	};
}
// src/register/under-way.ts
/** Reads the deployment of the newest version; undefined where it has none. */
async function deploymentOf({ ID, Version }, namespace, nomad) {
	return (await nomad.jobs.deployments(ID, namespace)).find(({ JobVersion }) => JobVersion === Version);
}
/** Returns the deployment of the newest version. Throws `no-deployment` where it has none that is under way. */
async function requireUnderWay(job, namespace, nomad) {
	const deployment = await deploymentOf(job, namespace, nomad);
	if (deployment === void 0 || isTerminal(deployment)) throw nothingUnderWay(job, deployment?.StatusDescription);
	return deployment;
}
/** Returns the error of a version without a deployment that is under way; `how` is Nomad's description of the ended one. */
function nothingUnderWay({ ID, Version }, how) {
	const state = how === void 0 ? "the version has none" : `the last one: ${how}`;
	return new ActionError("no-deployment", `no deployment of ${ID} version ${Version} is under way (${state})`, { hint: "Nothing was changed. `command: status` shows the job." });
}
/** Pauses or resumes the deployment of the newest version, unless it is so already. Throws `no-deployment` where none is under way. */
async function setPaused(job, isPaused, { nomad, draft: { namespace } }, { runtime: { log }, note }) {
	const deployment = await requireUnderWay(job, namespace, nomad);
	note({
		jobVersion: job.Version,
		deploymentId: deployment.ID
	});
	const which = `deployment ${shortId(deployment.ID)} of ${job.ID} version ${job.Version}`;
	if (deployment.Status === "paused" === isPaused) {
		log.info(`The ${which} is ${isPaused ? "paused already" : "not paused"}.`);
		return deployment;
	}
	if (!await nomad.deployments.pause(deployment.ID, namespace, isPaused)) throw nothingUnderWay(job, (await deploymentOf(job, namespace, nomad))?.StatusDescription);
	log.info(`The ${which} is ${isPaused ? "paused" : "resumed"}.`);
	return deployment;
}
// src/commands/index.ts
const COMMANDS = {
	deploy: {
		about: "specs",
		load: async () => (await import("./deploy.js")).deploy
	},
	plan: {
		about: "specs",
		load: async () => (await import("./plan.js")).plan
	},
	render: {
		about: "specs",
		load: async () => (await import("./render.js")).render
	},
	build: {
		about: "images",
		load: async () => (await import("./build.js")).prepareImages
	},
	dispatch: {
		about: "job",
		reads: false,
		load: async () => (await import("./dispatch.js")).dispatch
	},
	stop: {
		about: "jobs",
		load: async () => (await import("./stop.js")).stop
	},
	promote: {
		about: "job",
		reads: false,
		load: async () => (await import("./promote.js")).promote
	},
	lock: {
		about: "job",
		reads: false,
		ended: true,
		load: async () => (await import("./lock.js")).lock
	},
	unlock: {
		about: "job",
		reads: false,
		ended: true,
		load: async () => (await import("./unlock.js")).unlock
	},
	reject: {
		about: "job",
		reads: false,
		load: async () => (await import("./reject.js")).reject
	},
	pause: {
		about: "job",
		reads: false,
		load: async () => (await import("./pause.js")).pause
	},
	resume: {
		about: "job",
		reads: false,
		load: async () => (await import("./resume.js")).resume
	},
	revert: {
		about: "job",
		reads: false,
		load: async () => (await import("./revert.js")).revert
	},
	scale: {
		about: "job",
		reads: false,
		load: async () => (await import("./scale.js")).scale
	},
	restart: {
		about: "job",
		reads: false,
		load: async () => (await import("./restart.js")).restart
	},
	resubmit: {
		about: "job",
		reads: false,
		load: async () => (await import("./resubmit.js")).resubmit
	},
	status: {
		about: "job",
		reads: true,
		load: async () => (await import("./status.js")).status
	},
	logs: {
		about: "job",
		reads: true,
		load: async () => (await import("./logs.js")).logs
	},
	sweep: {
		about: "review-apps",
		load: async () => (await import("./sweep.js")).sweep
	},
	ssh: {
		about: "job",
		reads: true,
		load: async () => (await import("./ssh.js")).ssh
	},
	cp: {
		about: "job",
		reads: true,
		ended: true,
		load: async () => (await import("./cp.js")).cp
	},
	tunnel: {
		about: "job",
		reads: true,
		load: async () => (await import("./tunnel.js")).tunnel
	},
	history: {
		about: "job",
		reads: true,
		ended: true,
		load: async () => (await import("./history.js")).history
	},
	open: {
		about: "job",
		reads: true,
		load: async () => (await import("./open.js")).open
	},
	top: {
		about: "job",
		reads: true,
		load: async () => (await import("./top.js")).top
	},
	login: {
		about: "cluster",
		load: async () => (await import("./login.js")).login
	},
	completion: {
		about: "shell",
		load: async () => (await import("./completion.js")).completion
	},
	urls: {
		about: "job",
		reads: true,
		load: async () => (await import("./urls.js")).urls
	}
};
/** Returns whether a command takes registered jobs, or the cluster alone, so that nothing is built for it. */
function isOperation(command) {
	return [
		"job",
		"jobs",
		"cluster",
		"review-apps"
	].includes(COMMANDS[command].about);
}
/** Returns whether a command about a registered job changes nothing. */
function isReading(command) {
	const entry = COMMANDS[command];
	return "reads" in entry && entry.reads;
}
/** Runs a command on a registered job. `following` has all parts but the job. Throws `job-taken` for a job of another owner. */
async function operate(found, following, { context, github }, current) {
	const { inputs, nomad, rendering } = following;
	const { jobId, namespace, spec } = found;
	const claim = claimOf(inputs, context, rendering.target);
	const command = COMMANDS[inputs.command];
	if (command.about === "jobs") {
		const { purge, timeoutMs } = inputs;
		const result = await (await command.load())({
			jobId,
			namespace,
			claim,
			purge,
			timeoutMs
		}, nomad, current);
		const { target } = rendering;
		await endDeployments({
			environment: environmentName(target),
			jobId,
			address: target.nomadAddr?.value ?? "",
			region: nomad.region
		}, github, current.runtime);
		return result;
	}
	if (command.about !== "job") throw new Error(`${inputs.command} is not about a registered job`);
	const registered = "ended" in command && found.job !== void 0 ? found.job : requireRegistered(found);
	if (!command.reads) permit(judgeOwner(ownedJob(registered, namespace), claim, "change"), current.runtime);
	const run = await command.load();
	if (command.reads) current.runtime.terminal?.answers();
	const operating = {
		...following,
		rendering: {
			...rendering,
			spec
		},
		draft: {
			job: registered,
			namespace
		},
		claim,
		context
	};
	if (command.reads) return run(registered, operating, current);
	const { releasing } = await import("./keep.js");
	return releasing({
		job: registered,
		namespace,
		inputs,
		context,
		claim,
		nomad
	}, current, async (own) => run(registered, operating, own));
}
// src/apps/changed.ts
/**
* Returns the apps without `paths` and the apps with a changed file; undefined where there is none. Files are compared with the base of the event: the commit
* before a push, or the base of a pull request. A change of the configuration file counts for all apps. Returns all apps where the changes are not known.
*/
async function changedUnits({ config, context, units }, runtime) {
	if (config === void 0 || units.every(({ app }) => (app?.paths ?? []).length === 0)) return units;
	const { baseSha } = context;
	const changed = await changedFiles(context, runtime);
	if (!Array.isArray(changed)) {
		runtime.log.notice(`The changed files are not known (${changed.unknown}): all apps are deployed, whatever their \`paths\`.`);
		return units;
	}
	const [first, ...others] = units.filter((unit) => {
		const { app } = unit;
		if (app === void 0 || isTouched(app.paths, changed, config)) return true;
		if (units.find((other) => other.app === app) === unit) runtime.log.notice(`${app.name} is skipped: none of its \`paths\` changed since ${baseSha?.slice(0, 7)}.`);
		return false;
	});
	return first && [first, ...others];
}
/** Returns whether one of the files belongs to an app; the name of a folder stands for all files below it. */
function isTouched(paths, changed, { path }) {
	if (paths.length === 0) return true;
	const matches = matcherOf(paths.flatMap((pattern) => isPattern(pattern) ? [pattern] : [pattern.replace(/\/$/, ""), `${pattern.replace(/\/$/, "")}/**`]));
	return changed.some((file) => file === path || matches(file));
}
async function changedFiles({ baseSha, eventName }, { exec, workspace }) {
	if (baseSha === void 0) return { unknown: eventName === "" ? "there is no event" : `the event ${eventName} has no commit to compare with` };
	const git = async (...args) => exec(["git", ...args], {
		cwd: workspace,
		env: { GIT_TERMINAL_PROMPT: "0" }
	});
	if ((await git("cat-file", "-e", `${baseSha}^{commit}`)).code !== 0) await git("fetch", "--no-tags", "--depth=1", "origin", baseSha);
	const diff = await git("diff", "--name-only", "--no-renames", "-z", baseSha, "HEAD");
	return diff.code === 0 ? diff.stdout.split("\0").filter((file) => file !== "") : { unknown: lastError(diff) };
}
// src/watch/baking.ts
/** Returns whether the rules of a bake are for a job: it runs now, and on. */
const bakes = ({ Type, Periodic, ParameterizedJob }) => Type?.endsWith("batch") !== true && !Periodic && !ParameterizedJob;
/** Throws `input-invalid` for rules that no job of the run can be judged by. */
function requireBakes({ bake, watchForMs, prometheus }, jobs) {
	const given = bake === void 0 ? watchForMs === void 0 ? void 0 : "`watch-for`" : "`verify`: `for`";
	if (given === void 0) return;
	const own = jobs.filter(bakes);
	const problems = [];
	if (own.length === 0 && jobs.length > 0) problems.push(`${given}: no job of the run is a service or system job, which runs on`);
	const [query] = bake?.prometheus ?? [];
	if (query !== void 0 && prometheus === void 0) problems.push(`\`verify\`: \`prometheus\` (${query.name}) needs the address of the server: give \`prometheus-addr\``);
	const [rule] = bake === void 0 ? [] : comparing(bake);
	if (rule !== void 0 && own.length > 0 && !own.some(hasCanaries)) problems.push(`\`verify\`: ${rule} compares canaries with the stable allocations, and no group of the job has canaries`);
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"));
}
const hasCanaries = ({ Update, TaskGroups }) => (TaskGroups ?? []).some(({ Update: own }) => (updateOf(Update, own).Canary ?? 0) > 0);
/** Returns the bakes of a version. Their code is loaded when one begins. */
function bakingOf({ inputs, nomad, runtime }, job, { jobId, namespace, version }) {
	const { clock } = runtime;
	const startedAtMs = clock.now();
	const { bake: rules = {
		...USUAL,
		forMs: 0
	}, prometheus, watchForMs = 0, timeoutMs } = inputs;
	const about = {
		rules,
		job,
		jobId,
		namespace,
		version,
		prometheus
	};
	const begin = async (canaries, forMs, signal, lenient = false) => {
		const { bake } = await import("./bake.js");
		return bake({
			...about,
			canaries,
			forMs,
			lenient
		}, {
			nomad,
			runtime,
			signal
		});
	};
	return {
		/** Bakes the canaries, or all allocations of the version. */
		bake: async (canaries, signal) => begin(canaries, rules.forMs, signal),
		/** Bakes all allocations of the version, in what is left of the timeout. */
		bakeInTime: async () => {
			if (timeoutMs === void 0) return begin(false, rules.forMs, runtime.signal);
			const late = clock.timeout(Math.max(0, startedAtMs + timeoutMs - clock.now()));
			return begin(false, rules.forMs, AbortSignal.any([runtime.signal, late])).catch((error) => {
				if (!late.aborted || runtime.signal.aborted) throw error;
				return "late";
			});
		},
		/** Looks on after a success. */
		watchOn: async () => begin(false, watchForMs, runtime.signal, true)
	};
}
// src/watch/checks.ts
/** The time that a normal start takes beyond `min_healthy_time`. */
const LATE_MS$1 = 1500;
/** The time from a check to its result, unless the check is slow. */
const RESULT_MS = 200;
const MIN_INTERVAL_MS = 1e3;
const MAX_INTERVAL_MS = 1e4;
/** The number of allocations whose checks are read: more rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/**
* Returns the running, not yet healthy allocations whose checks are due: the first as soon as a check has run, the others once they are late (`minHealthyMs` is
* over), and again, ever more rarely, while a check does not pass. A node runs a check first after half of its interval, then once each interval.
*/
function dueChecks(job, { allocations, checks = {} }, { minHealthyMs, readAtMs, nowMs }) {
	return allocations.filter(({ ClientStatus, DesiredStatus, DeploymentStatus, TaskGroup }) => ClientStatus === "running" && DesiredStatus === "run" && typeof DeploymentStatus?.Healthy !== "boolean" && countsChecks(job, TaskGroup)).slice(0, MAX_ALLOCATIONS).filter((allocation, i) => {
		const ageMs = nowMs - startedAtMs(allocation);
		const readMs = readAtMs(allocation.ID);
		const late = ageMs >= minHealthyMs + LATE_MS$1;
		const results = checks[allocation.ID] ?? [];
		const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
		const intervalMs = Math.min(...group === void 0 ? [] : intervalsOf(group));
		const made = results.filter(({ Status }) => Status !== "pending").map(({ Timestamp }) => (Timestamp ?? 0) * 1e3 + intervalMs);
		if (nowMs < Math.min(...made.length < Math.max(results.length, 1) ? [setUpAtMs(allocation) + intervalMs / 2] : [], ...made) + RESULT_MS) return false;
		if (readMs === void 0) return i === 0 || late;
		const passes = results.every(({ Status }) => Status === "success");
		return (late || !passes) && nowMs - readMs >= Math.min(Math.max(ageMs / 5, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
	});
}
/** Returns when the first task of an allocation was set up, in milliseconds since the epoch: its checks run from about then on. */
function setUpAtMs({ TaskStates }) {
	const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === "Task Setup"));
	return events.length === 0 ? 0 : Math.min(...events.map(({ Time }) => Time / 1e6));
}
/** Returns when the last task of an allocation started, in milliseconds since the epoch. */
function startedAtMs({ TaskStates }) {
	const starts = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === "Started"));
	return Math.max(0, ...starts.map(({ Time }) => Time / 1e6));
}
/** Returns the warning about an allocation whose checks cannot be read. */
function describeUnread({ Name }) {
	return `The checks of ${Name} cannot be read, so their results are unknown.`;
}
// src/watch/words.ts
/** The descriptions of deployments that decide something. `recorded/` of the fixtures has them by version; the status of a deployment decides first. */
const DEPLOYMENT_WORDS = {
	progressDeadline: {
		pattern: /\bprogress deadline\b/,
		seen: EVERY
	},
	unhealthy: {
		pattern: /\bunhealthy allocations\b/,
		seen: EVERY
	},
	marked: {
		pattern: /^Deployment marked as failed\b/,
		seen: EVERY
	},
	/** The version that Nomad rolls back to. */
	rollingBack: {
		pattern: / - rolling back to job version (\d+)$/,
		seen: EVERY
	},
	/** The version that Nomad does not roll back to. */
	sameVersion: {
		pattern: / - not rolling back to stable job version (\d+)\b.*$/,
		seen: EVERY
	},
	nothingStable: {
		pattern: / - no stable job version to auto revert to$/,
		seen: EVERY
	},
	replaced: {
		pattern: /\bnewer version of job\b/,
		seen: EVERY
	}
};
// src/watch/explain.ts
/** Returns the output `failure-reason` of a verdict, before a rollback. */
const reasonOf$1 = (verdict) => verdict.outcome === "failed" ? verdict.reason : verdict.outcome;
/** Finds the cause of a failed verdict, and shows it in the log with its evidence, as the annotation, and in the outputs. */
async function explain({ verdict, snapshot, evidence: collected }, { inputs, draft, nomad, rendering }, { runtime, stage, note }) {
	const builtIn = rendering.spec.builtIn && !("JobModifyIndex" in draft.job);
	const description = verdict.description.replace(rollbackIn(verdict.description), "");
	const undiagnosed = {
		cause: description,
		about: { kind: "none" },
		evidence: []
	};
	const { aborted } = runtime.signal;
	const { cause, about, evidence } = aborted && verdict.outcome !== "failed" ? undiagnosed : await stage("diagnose", "Diagnose: events, checks and log output of the failed allocations", async () => {
		const { job, namespace } = draft;
		const diagnosing = {
			job,
			namespace,
			nomad,
			runtime,
			logLines: inputs.logLines,
			collected,
			builtIn
		};
		const found = await diagnose({
			...verdict,
			description
		}, snapshot, diagnosing).catch((error) => {
			if (aborted) return undiagnosed;
			throw error;
		});
		for (const line of evidenceLines(found)) runtime.log.info(line);
		return found;
	});
	const { outcome } = verdict;
	const hint = [...verdict.description === snapshot.deployment?.StatusDescription || cause.endsWith(description) ? [] : [`${description.charAt(0).toUpperCase()}${description.slice(1)}.`], ...consequences(verdict, snapshot, draft.job.ID)].join(" ");
	const location = specLocation(about, rendering.spec);
	runtime.log.error([cause, hint].filter((part) => part !== "").join(". "), `${draft.job.ID}: ${outcome}`, location);
	const told = {
		outcome,
		failureReason: reasonOf$1(verdict),
		cause,
		...location === void 0 ? {} : { location }
	};
	note(told);
	return {
		...told,
		evidence,
		...hint === "" ? {} : { hint }
	};
}
/** Returns the end of Nomad's description of a failed deployment, which says whether Nomad rolls back; empty where it does not say. */
function rollbackIn(description) {
	const { rollingBack, sameVersion, nothingStable } = DEPLOYMENT_WORDS;
	return [
		rollingBack,
		sameVersion,
		nothingStable
	].map(({ pattern }) => pattern.exec(description)?.[0]).find((end) => end !== void 0) ?? "";
}
/** Returns what becomes of the job after a failure, in sentences. */
function consequences(verdict, { deployment }, jobId) {
	if (verdict.outcome !== "failed") return [];
	if (verdict.rolledBackTo !== void 0) return [`Nomad is rolling back to version ${verdict.rolledBackTo}.`];
	if (verdict.reason === "placement-failed" && deployment === void 0) return [`The job stays registered, and Nomad places it when a node has room. Run \`nomad job stop ${jobId}\` to remove it.`];
	const description = deployment?.StatusDescription ?? "";
	const same = DEPLOYMENT_WORDS.sameVersion.pattern.exec(description)?.[1];
	if (same !== void 0) return [`Nomad is not rolling back to version ${same}, because that version has the same specification.`];
	return DEPLOYMENT_WORDS.nothingStable.pattern.test(description) ? ["Nomad has no stable version to roll back to."] : [];
}
// src/watch/follow.ts
/** The pause between two questions without an index, which a proxy may have removed. */
const WITHOUT_INDEX_MS = 1e3;
/** Repeats a blocking query and hands over every new answer, until the signal aborts. Awaits `before` before each question. */
async function follow(read, onValue, { clock, signal }, before) {
	for (let [index, first] = [0, true]; !signal.aborted; first = false) {
		await before?.(first);
		const answer = await read(index);
		if (first || answer.index === 0 || answer.index !== index) await onValue(answer.value);
		if (answer.index === 0) await clock.sleep(WITHOUT_INDEX_MS, signal);
		index = answer.index < index ? 0 : answer.index;
	}
}
// src/watch/killed.ts
/** Saves the state of a rollout for the post step, which reports it if this run is killed. */
function leaveUnderWay({ jobId, namespace, version }, deploymentId, { nomad: { region }, nomadUrl, dispatched, rendering: { target } }, { leaveWord }) {
	leaveWord("rollout", {
		jobId,
		namespace,
		version: `${version}`,
		environment: target.environment.name,
		...nomadUrl === void 0 ? {} : { nomadUrl },
		...target.nomadAddr === void 0 ? {} : { address: target.nomadAddr.value },
		...region === void 0 ? {} : { region },
		...deploymentId === void 0 ? {} : { deploymentId },
		...dispatched === true ? { dispatched: "true" } : {}
	});
}
/** The form of each field: other programs on the runner can write the saved state, too. */
const FIELDS$1 = {
	jobId: /^[^\p{C}\s]{1,128}$/u,
	namespace: /^[\w-]{1,128}$/,
	version: /^\d{1,15}$/,
	environment: /^[\w.-]{1,100}$/,
	nomadUrl: /^https?:\/\/[^\p{C}\s]{1,1000}$/u,
	address: /^(https?|unix):\/\/[^\p{C}\s]{1,1000}$/u,
	region: /^[\w.-]{1,128}$/,
	deploymentId: /^[0-9a-f-]{36}$/,
	dispatched: /^true$/
};
/**
* Reports, in the post step, a rollout whose run was killed, in the log and to the web hook; with the state of the deployment if Nomad answers soon. Ignores a
* saved state of another form. Asks Nomad, and shows its address, only where the inputs of the step give that address.
*/
async function tellUnderWay(word, env, runtime) {
	const { jobId, version, namespace, dispatched, deploymentId, environment, region, address, nomadUrl } = word;
	if (!Object.entries(word).every(([name, value]) => Object.hasOwn(FIELDS$1, name) && FIELDS$1[name]?.test(value) === true) || jobId === void 0 || version === void 0 || namespace === void 0 || environment === void 0) return;
	const { repository, ref, sha, runUrl = "" } = readContext(env, {});
	const own = await ownWay(word, env, runtime).catch(() => void 0);
	const status = own === void 0 ? void 0 : await deploymentStatus(word, own, runtime).catch(() => void 0);
	const stands = status === void 0 ? "" : `: ${status}`;
	const page = own !== void 0 && nomadUrl !== void 0 && isJobPage(nomadUrl, own.address) ? nomadUrl : void 0;
	const see = page === void 0 ? "" : ` See ${page}.`;
	const [cause, hint] = dispatched === void 0 ? [`The step was killed during the rollout of ${jobId} version ${version}${stands}`, "Run the same deploy again: it follows this rollout to its end and registers nothing."] : [`The step was killed during the run of ${jobId}, which continues`, "Running the step again starts another run of the job."];
	runtime.log.warning(`${cause}.${see} ${hint}`);
	await notify(readWebhook(env), {
		repository,
		ref,
		sha,
		runUrl,
		jobId,
		namespace,
		environment,
		jobVersion: Number(version),
		...page === void 0 ? {} : { nomadUrl: page },
		...region === void 0 ? {} : { region },
		...deploymentId === void 0 ? {} : { deploymentId },
		...own === void 0 || address === void 0 ? {} : { nomadAddr: address },
		outcome: "cancelled",
		failureReason: "killed",
		cause,
		hint
	}, runtime);
}
/** The longest question of the post step. */
const POST_STEP_READ_MS = 1e4;
/** Returns the way to Nomad where the inputs of the step alone give the saved address and environment; otherwise undefined. */
async function ownWay({ address, environment, region }, env, { workspace }) {
	const inputs = await readInputs(env);
	const context = readContext(env, {});
	const named = resolveEnvironment(inputs, context, void 0);
	const target = resolveTarget(inputs, context, named);
	if (address === void 0 || target.nomadAddr?.value !== address || named.name !== environment) return void 0;
	const { pemFiles } = await findFiles(inputs, workspace);
	return {
		address,
		region,
		environment: named.value,
		pemFiles,
		inputs
	};
}
async function deploymentStatus({ namespace, deploymentId }, { inputs, ...way }, runtime) {
	if (deploymentId === void 0) return void 0;
	const nomad = await connect(await readConnection(inputs, way, runtime), runtime);
	try {
		return (await nomad.deployments.read(deploymentId, namespace, 0, nomad.clock.timeout(POST_STEP_READ_MS))).value?.StatusDescription;
	} finally {
		await nomad.close();
	}
}
// src/watch/newer.ts
/** Returns the version that followed a version of a job; undefined where that is the newest. */
function nextOf(versions, version) {
	return versions.filter(({ Version }) => Version > version).sort((a, b) => a.Version - b.Version)[0];
}
/** Returns the newest older version that was healthy; undefined where there is none. */
function stableBefore(versions, version) {
	return versions.filter(({ Version, Stable }) => Version < version && Stable === true).sort((a, b) => b.Version - a.Version)[0];
}
/** Returns the version that Nomad rolled back to: the newest healthy one, where the next version is a copy of it, and so of the same run. */
function copied(versions, version) {
	const [next, stable] = [nextOf(versions, version), stableBefore(versions, version)];
	return next !== void 0 && stable !== void 0 && provenanceOf(next).run === provenanceOf(stable).run ? stable.Version : void 0;
}
// src/watch/canaries.ts
/** Returns whether a canary has failed or was stopped since it was healthy: the deployment still counts it, but Nomad refuses to promote it. */
function isLostCanary({ DeploymentStatus, ClientStatus, DesiredStatus, NextAllocation, TaskGroup }, groups) {
	return DeploymentStatus?.Canary === true && DeploymentStatus.Healthy === true && (groups?.includes(TaskGroup) ?? true) && !NextAllocation && (ClientStatus === "failed" || DesiredStatus === "stop");
}
/** Returns whether some of the healthy allocations that a deployment counts are no canaries, but were updated in place, so that canaries are missing. */
function lacksCanaries({ deployment, allocations }, groups) {
	if (deployment === void 0 || !hasAllHealthy(allocations, deployment)) return false;
	const healthy = allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true && DeploymentStatus.Healthy === true);
	return unpromotedGroups(deployment).filter((name) => groups?.includes(name) ?? true).some((name) => {
		const { DesiredCanaries = 0 } = deployment.TaskGroups?.[name] ?? {};
		return healthy.filter(({ TaskGroup }) => TaskGroup === name).length < DesiredCanaries;
	});
}
/** Returns the state of a deployment in words, where these groups are promoted and healthy and the canaries of others are not promoted; undefined otherwise. */
function promotedInPart(deployment, groups) {
	const rest = unpromotedGroups(deployment);
	const isDone = groups.every((name) => {
		const { Promoted = false, HealthyAllocs = 0, DesiredTotal = 0 } = deployment.TaskGroups?.[name] ?? {};
		return Promoted && HealthyAllocs >= DesiredTotal;
	});
	if (deployment.Status !== "running" || !isDone || rest.length === 0) return void 0;
	const many = (names) => `group${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
	return `the canaries of ${many(groups)} are promoted and their allocations healthy, and those of ${many(rest)} still wait for promotion`;
}
/** Returns whether the healthy allocations that a deployment counts are all among these: otherwise these are older. */
function hasAllHealthy(allocations, { TaskGroups }) {
	const counted = Object.values(TaskGroups ?? {}).reduce((sum, { HealthyAllocs }) => sum + HealthyAllocs, 0);
	return allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true).length >= counted;
}
// src/watch/rollout.ts
function initialState(startedAtMs) {
	return {
		snapshot: {
			evaluation: void 0,
			deployment: void 0,
			allocations: []
		},
		startedAtMs,
		queuedMs: 0,
		wellSinceMs: void 0,
		forced: void 0,
		promoted: false,
		verified: false
	};
}
/** The states in which an allocation has ended. */
const ENDED = /^(complete|failed|lost)$/;
/** Returns the state after a change. Ended allocations stay after Nomad has collected them, because the verdict depends on them. */
function advance(state, change, rules, nowMs) {
	const snapshot = {
		...state.snapshot,
		...change,
		allocations: known(state.snapshot.allocations, change.allocations)
	};
	const well = snapshot.deployment === void 0 ? allRunning(snapshot, rules.count, snapshot.job ?? rules.job) : allHealthy(snapshot.deployment);
	return {
		...state,
		snapshot,
		wellSinceMs: well ? state.wellSinceMs ?? nowMs : void 0
	};
}
/** Returns the allocations after some were listed. An allocation that did not change, or that a server lists in an older state, stays the same object. */
function known(before, listed) {
	if (listed === void 0) return before;
	const missing = new Map(before.map((allocation) => [allocation.ID, allocation]));
	const now = listed.map((allocation) => {
		const same = missing.get(allocation.ID);
		missing.delete(allocation.ID);
		return same?.ModifyIndex !== void 0 && allocation.ModifyIndex !== void 0 && same.ModifyIndex >= allocation.ModifyIndex ? same : allocation;
	});
	return [...[...missing.values()].filter(({ ClientStatus }) => ENDED.test(ClientStatus)), ...now];
}
/** Decides the next action in a state; undefined while the rollout is under way. The table of Nomad's statuses; unknown ones are under way. */
function decide(state, rules, nowMs) {
	const { snapshot, startedAtMs, queuedMs, forced } = state;
	const verdict = verdictNow(state, rules, nowMs);
	if (verdict !== void 0) return {
		do: "end",
		verdict: verdict.outcome === "failed" && forced !== void 0 ? {
			...verdict,
			...forced
		} : verdict
	};
	if (forced !== void 0) return snapshot.deployment === void 0 ? {
		do: "end",
		verdict: {
			outcome: "failed",
			...forced
		}
	} : void 0;
	if (snapshot.deploymentId !== void 0 && snapshot.deployment === void 0) return void 0;
	const latest = lastAttempts(snapshot.allocations).filter(({ DesiredStatus }) => DesiredStatus === "run");
	if (rules.failFast && latest.some((allocation) => taskCauses(allocation, rules.job).some(({ certain }) => certain))) return {
		do: "fail",
		reason: "task-failed",
		description: "the failure is permanent"
	};
	const unplaced = snapshot.deployment?.Status === "paused" ? [] : unplacedGroups(snapshot);
	if (unplaced.length > 0 && nowMs - startedAtMs - queuedMs >= rules.patienceMs) {
		const waited = rules.patienceMs === 0 ? "" : ` within ${formatDuration(rules.patienceMs)}`;
		return {
			do: "fail",
			reason: "placement-failed",
			description: `group${unplaced.length === 1 ? "" : "s"} ${unplaced.map(({ group }) => group).join(", ")} could not be placed${waited}`
		};
	}
	const promoted = rules.groups && snapshot.deployment && promotedInPart(snapshot.deployment, rules.groups);
	if (promoted !== void 0) return {
		do: "end",
		verdict: {
			outcome: "awaiting-promotion",
			description: promoted
		}
	};
	if (rules.promote === "spec" || state.promoted || !wantsPromotion(snapshot.deployment, rules.groups)) return void 0;
	if (snapshot.allocations.some((allocation) => isLostCanary(allocation, rules.groups)) || lacksCanaries(snapshot, rules.groups)) return void 0;
	if (rules.verifies && !state.verified) return { do: "verify" };
	return rules.promote === "manual" ? {
		do: "end",
		verdict: {
			outcome: "awaiting-promotion",
			description: "the canaries are healthy and wait for promotion"
		}
	} : { do: "promote" };
}
function verdictNow({ snapshot, wellSinceMs }, rules, nowMs) {
	const { evaluation, deploymentId, deployment, allocations, job } = snapshot;
	const wellForMs = wellSinceMs === void 0 ? -1 : nowMs - wellSinceMs;
	if (evaluation?.Status === "failed" && !evaluation.NextEval) return {
		outcome: "failed",
		reason: "evaluation-failed",
		description: evaluation.StatusDescription || "the evaluation failed"
	};
	if (deployment !== void 0) return judgeDeployment(deployment, snapshot, rules.kind === "system" && wellForMs >= STALLED_MS, nowMs);
	if (deploymentId !== void 0) return void 0;
	if (rules.kind === "batch" && (job === null || job?.Status === "dead" && job.Version === rules.version && !job.Stop)) {
		const verdict = judgeBatch(allocations, rules.count, job === null);
		if (verdict !== void 0) return verdict;
	}
	if (job === null) return {
		outcome: "cancelled",
		description: "the job is gone: it was purged, or Nomad garbage-collected it"
	};
	if (job?.Stop === true) return {
		outcome: "cancelled",
		description: "the job was stopped during the rollout"
	};
	if (job !== void 0 && job.Version > rules.version) return {
		outcome: "superseded",
		description: "a newer version of the job was registered"
	};
	if (evaluation?.Status !== "complete" && evaluation?.Status !== "canceled") return void 0;
	if (rules.kind === "batch") return void 0;
	const failing = Object.keys(evaluation.FailedTGAllocs ?? {});
	const isEmpty = (group) => !allocations.some(({ TaskGroup }) => TaskGroup === group);
	return failing.length > 0 && (allocations.length < rules.count || failing.some(isEmpty)) ? void 0 : judgeAllocations(allocations, wellForMs >= rules.minHealthyMs);
}
/** The time that a deployment of a healthy system job may stay open: some versions of Nomad never close it (hashicorp/nomad#27382). */
const STALLED_MS = 3e4;
function judgeDeployment(deployment, snapshot, stalled, nowMs) {
	const { Status, StatusDescription } = deployment;
	switch (Status) {
		case "successful": {
			const unplaced = unplacedGroups(snapshot);
			if (unplaced.length > 0) return {
				outcome: "failed",
				reason: "placement-failed",
				description: unplaced.map(({ why }) => why).join("; ")
			};
			const isOlder = !hasAllHealthy(snapshot.allocations, deployment);
			const failed = lastAttempts(snapshot.allocations).find(({ ClientStatus, DesiredStatus, DeploymentStatus }) => ClientStatus === "failed" && DesiredStatus === "run" && !(isOlder && DeploymentStatus?.Healthy === false));
			if (failed === void 0) return { outcome: "successful" };
			return {
				outcome: "failed",
				reason: "task-failed",
				description: `allocation ${shortId(failed.ID)} failed right after the deployment succeeded`
			};
		}
		case "failed": {
			const version = DEPLOYMENT_WORDS.rollingBack.pattern.exec(StatusDescription)?.[1];
			return {
				outcome: "failed",
				reason: failureOf(deployment, nowMs),
				description: StatusDescription,
				...version === void 0 ? {} : { rolledBackTo: Number(version) }
			};
		}
		case "cancelled": return {
			outcome: DEPLOYMENT_WORDS.replaced.pattern.test(StatusDescription) ? "superseded" : "cancelled",
			description: StatusDescription
		};
		default: return stalled && Status === "running" && !lastAttempts(snapshot.allocations).some(({ ClientStatus }) => ClientStatus === "failed") ? { outcome: "successful" } : void 0;
	}
}
/** Returns why Nomad calls a deployment failed: by its description; where that is unknown, by its counts and its deadline. */
function failureOf({ StatusDescription, TaskGroups }, nowMs) {
	const { progressDeadline, unhealthy, marked } = DEPLOYMENT_WORDS;
	if (progressDeadline.pattern.test(StatusDescription)) return "progress-deadline";
	if (unhealthy.pattern.test(StatusDescription)) return "unhealthy";
	const groups = marked.pattern.test(StatusDescription) ? [] : Object.values(TaskGroups ?? {});
	if (groups.some(({ HealthyAllocs, DesiredTotal, ProgressDeadline, RequireProgressBy }) => HealthyAllocs < DesiredTotal && (ProgressDeadline ?? 0) > 0 && parseTime(RequireProgressBy ?? "") <= nowMs)) return "progress-deadline";
	return groups.some(({ UnhealthyAllocs }) => UnhealthyAllocs > 0) ? "unhealthy" : "marked-failed";
}
/**
* Returns the newest attempt of each allocation: a failed one that was rescheduled does not count, nor one of a system job that has a newer one of its name on its
* node, which Nomad does not link.
*/
function lastAttempts(allocations) {
	const newest = /* @__PURE__ */ new Map();
	const keyOf = ({ Name, NodeName }) => `${Name} ${NodeName}`;
	for (const one of allocations) newest.set(keyOf(one), Math.max(one.CreateIndex, newest.get(keyOf(one)) ?? 0));
	return allocations.filter((one) => !one.NextAllocation && (one.ClientStatus !== "failed" || one.CreateIndex >= (newest.get(keyOf(one)) ?? 0)));
}
/** The failed allocations for which the registered job has attempts left, and no evaluation is known that reschedules them. */
function unscheduled({ allocations, job }) {
	return lastAttempts(allocations).filter((allocation) => !allocation.FollowupEvalID && job && hasAttemptsLeft(allocation, job));
}
function judgeBatch(allocations, count, isGone) {
	const all = lastAttempts(allocations);
	const last = all.filter((allocation) => allocation.ClientStatus !== "complete" || allocation.DesiredStatus === "run" || endingOf(allocation) === "done");
	if (last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !ENDED.test(ClientStatus))) return void 0;
	if (last.length < count) {
		const stopped = all.length - last.length;
		if (isGone || stopped === 0) return void 0;
		return {
			outcome: "failed",
			reason: "task-failed",
			description: `${stopped} of ${all.length} allocations were stopped before they were complete`
		};
	}
	const failed = last.filter((allocation) => !isDone(allocation));
	if (failed.length === 0) return { outcome: "successful" };
	const how = failed.every(({ ClientStatus }) => ClientStatus === "complete") ? "were killed before they were complete" : "failed";
	return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations ${how}`
	};
}
/** Judges a service or system job without a deployment: all allocations are running, for long enough. */
function judgeAllocations(allocations, ranLongEnough) {
	const last = lastAttempts(allocations);
	const failed = last.filter(({ ClientStatus, FollowupEvalID }) => ClientStatus === "failed" && !FollowupEvalID);
	if (failed.length > 0) return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations failed`
	};
	return ranLongEnough ? { outcome: "successful" } : void 0;
}
function allRunning({ allocations, outdated = 0 }, count, job) {
	const last = lastAttempts(allocations).filter(({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus !== "unknown");
	return outdated === 0 && last.length >= count && last.every((allocation) => isUp(allocation, job));
}
/**
* Returns whether an allocation runs by Nomad's rules: no task waits or has failed, and only tasks before and after the start may have ended. Poststop tasks
* do not count, because they wait for the end of the others.
*/
function isUp({ ClientStatus, TaskGroup, TaskStates }, job) {
	const tasks = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
	const runs = ({ Name, Lifecycle }) => {
		const { State, Failed } = TaskStates?.[Name] ?? {};
		const mayEnd = Boolean(Lifecycle?.Hook) && Lifecycle?.Sidecar !== true;
		return Lifecycle?.Hook === "poststop" || State !== "pending" && Failed !== true && (State !== "dead" || mayEnd);
	};
	return ClientStatus === "running" && tasks.every(runs);
}
/** Returns whether every allocation of a deployment is healthy, so that only its end is missing. */
function allHealthy({ Status, TaskGroups }) {
	const groups = Object.values(TaskGroups ?? {});
	return Status === "running" && groups.length > 0 && groups.every(({ HealthyAllocs, DesiredTotal, DesiredCanaries, Promoted }) => HealthyAllocs >= DesiredTotal && (DesiredCanaries === 0 || Promoted));
}
/** Returns whether every allocation that a deployment has placed so far is healthy, and no canary waits for promotion. */
function placedHealthy({ Status, TaskGroups }) {
	const groups = Object.values(TaskGroups ?? {});
	return Status === "running" && groups.some(({ PlacedAllocs }) => PlacedAllocs > 0) && groups.every(({ HealthyAllocs, PlacedAllocs, DesiredCanaries, Promoted }) => HealthyAllocs >= PlacedAllocs && (DesiredCanaries === 0 || Promoted));
}
/** Returns the groups without any placed allocation, and why. */
function unplacedGroups({ evaluation, deployment, allocations }) {
	return Object.entries(evaluation?.FailedTGAllocs ?? {}).flatMap(([group, metric]) => {
		const known = allocations.filter(({ TaskGroup }) => TaskGroup === group).length;
		return Math.max(known, deployment?.TaskGroups?.[group]?.PlacedAllocs ?? 0) === 0 ? [{
			group,
			why: describePlacement(group, metric)
		}] : [];
	});
}
const DEFAULT_PROGRESS_DEADLINE_MS = 6e5;
/** The time that the allocations of a job without a deployment may take to run, or those of a batch job to end. */
const DEFAULT_PATIENCE_MS = 12e4;
/**
* Returns the longest time that a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a
* time) of the slowest group, and the wait for capacity.
*/
function timeoutFor({ Update, TaskGroups }, patienceMs) {
	const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
		const update = updateOf(Update, own);
		const steps = ((update.Canary ?? 0) > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
		return (update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS) * Math.max(steps, 1);
	});
	return (Number.isFinite(patienceMs) ? patienceMs : DEFAULT_PATIENCE_MS) + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
// src/watch/verify.ts
/** The number of requests at a time. */
const CONCURRENCY = 8;
const MAX_REDIRECTS = 5;
const MAX_BODY_BYTES = 1048576;
/** Characters of an answer that are shown. */
const MAX_SHOWN = 200;
/**
* Returns the checks that each job of the run has to pass: a path belongs to the jobs that have its port, a URL to the last job, because it may need all of
* them. Jobs that run later (periodic, parameterized) have none. Throws `input-invalid` with all checks that no job can pass.
*/
function assignChecks(checks, jobs) {
	const running = jobs.filter(({ Periodic, ParameterizedJob }) => !Periodic && !ParameterizedJob);
	const serving = running.filter(({ Type }) => Type !== "batch" && Type !== "sysbatch");
	const takersOf = ({ target }) => "url" in target ? running.slice(-1) : serving.filter((job) => target.port === void 0 ? labels(job).length > 0 : labels(job).includes(target.port));
	const problems = checks.filter((check) => takersOf(check).length === 0).map(({ target }) => {
		if ("url" in target) return `${withoutQuery(target.url)} cannot be checked, because the job runs later`;
		const known = [...new Set(serving.flatMap(labels))];
		const near = target.port === void 0 ? void 0 : nearest(target.port, known);
		const which = target.port === void 0 ? "that has a port" : `with a port labelled \`${target.port}\``;
		const there = near === void 0 ? known.length === 0 ? "" : `; the groups have ${known.join(", ")}` : `: did you mean \`${near}\`?`;
		return `${withoutQuery(target.path)} cannot be checked: no service job has a group ${which} in its network block${there}`;
	});
	if (problems.length > 0) throw new ActionError("input-invalid", problems.map((problem) => `\`verify\`: ${problem}`).join("\n"));
	return jobs.map((job) => checks.filter((check) => takersOf(check).includes(job)));
}
function labels({ TaskGroups }) {
	return (TaskGroups ?? []).flatMap(({ Networks }) => Networks ?? []).flatMap(({ ReservedPorts, DynamicPorts }) => [...ReservedPorts ?? [], ...DynamicPorts ?? []]).map(({ Label }) => Label);
}
/** Returns the paths at the address of each allocation that has the port; without a label, the port `http` counts, or the first one. */
function allocationQuestions(checks, allocations) {
	return checks.flatMap((check) => {
		const { target } = check;
		if ("url" in target) return [];
		return allocations.flatMap((allocation) => {
			const ports = allocation.AllocatedResources?.Shared?.Ports ?? [];
			const named = ports.find(({ Label }) => Label === (target.port ?? "http"));
			const port = target.port === void 0 ? named ?? ports[0] : named;
			if (port === void 0) return [];
			const host = port.HostIP.includes(":") ? `[${port.HostIP}]` : port.HostIP;
			return [{
				check,
				allocation,
				url: `${target.protocol}://${host}:${port.Value}${target.path}`
			}];
		});
	});
}
/** Returns the URLs, and the paths at the public address, which serves the port `http` only. */
function publicQuestions(checks, publicUrl) {
	return checks.flatMap((check) => {
		const { target } = check;
		if ("url" in target) return [{
			check,
			url: target.url
		}];
		return publicUrl === void 0 || (target.port ?? "http") !== "http" ? [] : [{
			check,
			url: `${publicUrl}${target.path}`
		}];
	});
}
/**
* Asks until all checks pass; returns the first check that fails after its retries, and then stops the others. Rejects with the reason of the signal when
* that aborts.
*/
async function verify(questions, runtime, signal) {
	const ended = new AbortController();
	const either = AbortSignal.any([signal, ended.signal]);
	const waiting = [...questions];
	let failure;
	const askInTurn = async () => {
		for (let question = waiting.shift(); question !== void 0; question = waiting.shift()) {
			const description = await insist$1(question, runtime, either);
			if (description === void 0) continue;
			failure ??= {
				description,
				allocation: question.allocation
			};
			ended.abort();
			return;
		}
	};
	try {
		await Promise.all(Array.from({ length: Math.min(CONCURRENCY, questions.length) }, askInTurn));
	} catch (error) {
		if (failure === void 0) throw error;
	}
	return failure;
}
/** Asks one question until its check passes; returns the failure after the last attempt. */
async function insist$1({ check, url, allocation }, runtime, signal) {
	const { clock, log } = runtime;
	const startedAt = clock.now();
	const whose = allocation === void 0 ? "" : ` of allocation ${shortId(allocation.ID)} (${allocation.Name.replace(/^.*\./, "")})`;
	const what = `${check.method} ${withoutQuery(url)}${whose}`;
	let said;
	for (let left = check.retries;; left--) {
		const { holds, words, answered } = await ask(check, url, runtime, signal);
		if (holds) {
			log.info(`${what} ${words}`);
			return;
		}
		if (left === 0) return `verification failed: ${what} ${words}${check.retries === 0 ? "" : ` (asked ${check.retries + 1} times in ${formatDuration(clock.now() - startedAt)})`}${answered || allocation === void 0 ? "" : "; this runner has to reach the addresses of the Nomad clients"}`;
		if (words !== said) log.info(`${what} ${words}; up to ${left} more attempt${left === 1 ? "" : "s"}, every ${formatDuration(check.intervalMs)}`);
		said = words;
		await clock.sleep(check.intervalMs, signal);
	}
}
/**
* Asks once and follows redirects as the check allows: on the same server, and to the hosts that the check names, where these are not more private than that
* server. The answer of another host is judged and never quoted.
*/
async function ask(check, url, { request, redact }, signal) {
	const { timeoutMs, insecure } = check;
	let { method } = check;
	let elapsedMs = 0;
	let reach = "public";
	for (let at = url, left = check.followRedirects ? MAX_REDIRECTS : 0;; left--) {
		const first = at === url;
		const own = isSameServer(at, url);
		const headers = new URL(at).origin === new URL(url).origin ? check.headers : {};
		let answer;
		try {
			answer = await request(at, {
				method,
				headers,
				timeoutMs,
				insecure,
				maxBytes: MAX_BODY_BYTES,
				signal,
				...own ? {} : { reach }
			});
		} catch (error) {
			if (signal.aborted) throw error;
			return {
				holds: false,
				words: `got no answer${own ? "" : ` from ${new URL(at).host}, where it was redirected to`}: ${messageOf$1(error)}`,
				answered: !own
			};
		}
		if (first) reach = answer.reached ?? reach;
		elapsedMs += answer.elapsedMs;
		const next = left > 0 ? redirection(answer, at) : void 0;
		if (next !== void 0 && !isSameServer(next, url) && !check.redirectHosts.includes(new URL(next).host)) return {
			holds: false,
			words: `answered ${answer.status}, a redirect to another host (${new URL(next).host}); name that host in \`follow-redirects\``,
			answered: true
		};
		if (next === void 0) {
			const problem = judged(check, {
				...answer,
				elapsedMs
			}, redact, own ? void 0 : new URL(at).host);
			return {
				holds: problem === void 0,
				words: problem ?? `answered ${answer.status} in ${elapsedMs} ms`,
				answered: true
			};
		}
		if (method !== "HEAD" && /^30[123]$/.test(String(answer.status))) method = "GET";
		at = next;
	}
}
/** Returns whether two addresses are of one server: the same host and port, or the same host by TLS. */
function isSameServer(a, first) {
	const [one, other] = [new URL(a), new URL(first)];
	const upgraded = one.protocol === "https:" && other.protocol === "http:";
	return one.hostname === other.hostname && one.port === other.port && (one.protocol === other.protocol || upgraded);
}
function redirection({ status, headers }, from) {
	const location = headers["location"];
	if (location === void 0 || !/^30[12378]$/.test(String(status)) || !URL.canParse(location, from)) return void 0;
	const url = new URL(location, from);
	return /^https?:$/.test(url.protocol) ? url.href : void 0;
}
/** Returns the result of `judge`, or why the answer could not be judged. */
function judged(...[check, answer, redact, elsewhere]) {
	try {
		return judgeAnswer(check, answer, redact, elsewhere);
	} catch (error) {
		return `answered ${answer.status}, but ${messageOf$1(error)}`;
	}
}
/**
* Returns what is wrong with an answer, in words that begin with `answered`; undefined where the check passes. A wrong status is the only problem that is
* named. Quotes of the answer are redacted before they are cut; an answer from `elsewhere`, another host, is not quoted.
*/
function judgeAnswer(check, answer, redact, elsewhere) {
	const { status, headers, body, complete, elapsedMs } = answer;
	if (elsewhere !== void 0) return judgeAnswer(check, answer, redact) === void 0 ? void 0 : `was redirected to ${elsewhere}, which answered ${status}: the check fails there`;
	const quote = (text) => {
		const line = oneLine(redact(text));
		return JSON.stringify(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line);
	};
	const beginning = body.trim() === "" ? "" : `: ${quote(body)}`;
	if (!check.status.some((wanted) => wanted === String(status) || wanted === `${String(status).charAt(0)}xx`)) {
		const location = headers["location"];
		return `answered ${status}${location === void 0 ? "" : ` (to ${redact(withoutQuery(location))})`}, not ${either(check.status)}${beginning}`;
	}
	const ofBody = [...check.body === void 0 || contains(body, check.body) ? [] : [`its body ${lacks(check.body)}`], ...jsonProblems(check, body, complete, quote)];
	const others = Object.entries(check.header).flatMap(([name, wanted]) => {
		const value = headers[name];
		if (value === void 0) return [`it has no header ${name}`];
		return contains(value, wanted) ? [] : [`its header ${name}, ${quote(value)}, ${lacks(wanted)}`];
	});
	if (check.maxLatencyMs !== void 0 && elapsedMs > check.maxLatencyMs) others.push(`it took ${elapsedMs} ms, more than ${check.maxLatencyMs} ms`);
	const problems = [...others, ...ofBody];
	return problems.length === 0 ? void 0 : `answered ${status}, but ${problems.join(", and ")}${ofBody.length > 0 ? beginning : ""}`;
}
function either(list) {
	return list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} or ${list.at(-1)}`;
}
function contains(text, wanted) {
	return typeof wanted === "string" ? text.includes(wanted) : matches(wanted, text);
}
/** The longest time of a match: a computation cannot be cancelled. */
const PATTERN_MS = 1e3;
/** Returns whether a pattern matches. Throws when the match takes too long, as a crafted text can make it. */
function matches(pattern, text) {
	try {
		return runInNewContext("pattern.test(text)", {
			pattern,
			text
		}, { timeout: PATTERN_MS }) === true;
	} catch {
		throw new Error(`${pattern} takes more than ${formatDuration(PATTERN_MS)} to match`);
	}
}
function lacks(wanted) {
	return typeof wanted === "string" ? `does not contain ${JSON.stringify(wanted)}` : `does not match ${wanted}`;
}
function jsonProblems({ json }, body, complete, quote) {
	if (json.length === 0) return [];
	if (!complete) return [`its body is longer than ${MAX_BODY_BYTES / 1024 / 1024} MiB`];
	let parsed;
	try {
		parsed = JSON.parse(body);
	} catch {
		return ["its body is not JSON"];
	}
	return json.flatMap(({ path, keys, wanted }) => {
		const value = valueAtKeys(parsed, keys);
		if (value === void 0) return [`its JSON has no ${path}`];
		if (!isScalar(value)) return [`${path} of its JSON is a ${Array.isArray(value) ? "list" : "map"}`];
		if (equals(value, wanted)) return [];
		const shown = typeof wanted === "string" ? JSON.stringify(wanted) : String(wanted);
		return [`${path} of its JSON is ${quote(String(value))}, not ${shown}`];
	});
}
function valueAtKeys(value, keys) {
	let at = value;
	for (const key of keys) {
		if (typeof at !== "object" || at === null) return void 0;
		at = Object.entries(at).find(([name]) => name === key)?.[1];
	}
	return at;
}
function isScalar(value) {
	return value === null || /^(string|number|boolean)$/.test(typeof value);
}
/** Returns whether a value is the wanted one: a text `1` equals the number 1 and the text "1". */
function equals(value, wanted) {
	if (typeof wanted !== "string") return matches(wanted, String(value));
	return String(value) === wanted || typeof value === "number" && wanted.trim() !== "" && Number(wanted) === value;
}
// src/watch/verify-version.ts
/** The pause before the log of a failing allocation is read: the lines about a request arrive late, and a stopped allocation is soon collected. */
const NEW_ALLOCATIONS_MS = 500;
function verifying(following, job, { jobId, namespace, version }, { runtime, stage }) {
	const { checks, inputs, nomad, rendering, groups } = following;
	const { target } = rendering;
	const bakesOwn = inputs.bake !== void 0 && bakes(job);
	const oven = bakingOf({
		inputs,
		nomad,
		runtime
	}, job, {
		jobId,
		namespace,
		version
	});
	let bakedCanaries = false;
	const paths = checks.filter((check) => "path" in check.target);
	let evidence;
	let askedCanaries = false;
	const running = async (signal) => (await nomad.allocations.placed(jobId, namespace, signal)).filter((allocation) => isRunning(allocation, version));
	const hold = async (questions, signal) => {
		const failure = await verify(questions, runtime, signal);
		if (failure?.allocation !== void 0) evidence = evidenceOf(failure.allocation).catch(() => []);
		return failure?.description;
	};
	const evidenceOf = async (allocation) => {
		await runtime.clock.sleep(NEW_ALLOCATIONS_MS, runtime.signal);
		return [await collectEvidence(allocation, {
			job,
			namespace,
			logLines: inputs.logLines
		}, nomad, runtime)];
	};
	const askCanaries = async (signal) => {
		const canaries = (await running(signal)).filter(({ DeploymentStatus, TaskGroup }) => DeploymentStatus?.Canary === true && (groups?.includes(TaskGroup) ?? true));
		if (canaries.length === 0) return "verification failed: no canary is running";
		const questions = allocationQuestions(paths, canaries);
		askedCanaries = questions.length > 0;
		const problem = await hold(questions, signal);
		if (problem !== void 0 || !bakesOwn) return problem;
		const baked = await oven.bake(true, signal);
		bakedCanaries = true;
		return bakedOf(baked);
	};
	const bakedOf = (baked) => {
		if (baked.how !== "bad") return void 0;
		const { allocation } = baked;
		if (allocation !== void 0) evidence ??= evidenceOf(allocation).catch(() => []);
		return `the bake failed: ${baked.description}`;
	};
	const askAllocations = async (signal) => {
		if (paths.length === 0 || askedCanaries) return void 0;
		const questions = allocationQuestions(paths, await running(signal));
		if (questions.length === 0) runtime.log.warning(`No running allocation of ${jobId} has the port of a check, so \`verify\` checked no allocation.`);
		return hold(questions, signal);
	};
	const askPublic = async (signal) => {
		const [main] = target.hostnames;
		const named = main !== void 0 && JSON.stringify(job).includes(main);
		if (main !== void 0 && !named && paths.length > 0) runtime.log.info(`\`verify\` skips ${main}: the job does not name that host`);
		return hold(publicQuestions(checks, named ? target.url : void 0), signal);
	};
	const during = (what) => ({
		outcome: "cancelled",
		description: `the workflow was cancelled during the ${what} of version ${version}, which is running`
	});
	const afterwards = async () => {
		if (checks.length === 0 && !bakesOwn) return void 0;
		const { signal } = runtime;
		const ask = async () => await askAllocations(signal) ?? await askPublic(signal);
		try {
			const description = checks.length === 0 ? void 0 : await stage("verify", `Verify ${jobId} version ${version}`, ask);
			if (description !== void 0) return {
				outcome: "failed",
				reason: "verification-failed",
				description
			};
			return bakesOwn && !bakedCanaries ? await bakeAfterwards() : void 0;
		} catch (error) {
			if (!signal.aborted) throw error;
			return during("verification");
		}
	};
	const bakeAfterwards = async () => {
		const baked = await stage("verify", `Bake ${jobId} version ${version}`, async () => oven.bakeInTime());
		if (baked === "late") return {
			outcome: "timed-out",
			description: `the bake of version ${version}, which is running, had not ended within the timeout`
		};
		if (baked.how === "replaced") return {
			outcome: "superseded",
			description: `version ${version} was ${replacedBy(baked)} during its bake`
		};
		const description = bakedOf(baked);
		return description === void 0 ? void 0 : {
			outcome: "failed",
			reason: "verification-failed",
			description
		};
	};
	const watchOn = async () => {
		if (inputs.watchForMs === void 0 || !bakes(job)) return void 0;
		try {
			const baked = await stage("verify", `Watch ${jobId} version ${version} on`, async () => oven.watchOn());
			if (baked.how === "replaced") runtime.log.notice(`Version ${version} of ${jobId} was ${replacedBy(baked)}, so this run looks on no longer.`);
			const bad = bakedOf(baked);
			if (bad === void 0) return void 0;
			return {
				outcome: "failed",
				reason: "verification-failed",
				description: bad.replace(/^the bake failed/, "the version turned bad after its deployment")
			};
		} catch (error) {
			if (!runtime.signal.aborted) throw error;
			return during("watch");
		}
	};
	return {
		canaries: paths.length === 0 && !bakesOwn ? void 0 : askCanaries,
		afterwards,
		watchOn,
		evidence: async () => await evidence ?? []
	};
}
const replacedBy = ({ by }) => by === void 0 ? "stopped" : `replaced by version ${by}`;
function isRunning({ JobVersion, DesiredStatus, ClientStatus }, version) {
	return JobVersion === version && DesiredStatus === "run" && ClientStatus === "running";
}
// src/watch/progress.ts
/** The largest number of allocations that are logged one by one; more are counted. */
const MAX_TOLD = 12;
/** The number of allocations that one line names. */
const MAX_NAMED = 3;
/** The number of different problems of many allocations that are logged at a time. */
const MAX_TROUBLES = 5;
/** The number of parts of the whole at which a count of many allocations is logged. */
const STEPS = 20;
/**
* Returns the changes in `next`, one line each. Many allocations have lines for their counts and problems only. Canaries that wait for promotion have a line,
* unless this run promotes them.
*/
function describeChanges(previous, next, promotedByOthers = true, job) {
	const description = next.deployment?.StatusDescription;
	const verdict = description === void 0 || description === previous.deployment?.StatusDescription ? [] : [`deployment ${shortId(next.deployment?.ID ?? "")}: ${description}`];
	const terminal = next.deployment !== void 0 && isTerminal(next.deployment);
	const lines = terminal ? [] : [...verdict];
	const before = new Map(previous.allocations.map((allocation) => [allocation.ID, allocation]));
	const changed = [...next.allocations].sort((a, b) => a.CreateIndex - b.CreateIndex || a.Name.localeCompare(b.Name)).flatMap((allocation) => {
		const same = before.get(allocation.ID);
		return same === allocation ? [] : allocationChanges(same, allocation).map((change) => ({
			allocation,
			...change
		}));
	});
	const wanted = Object.values(next.deployment?.TaskGroups ?? {}).reduce((sum, { DesiredTotal }) => sum + DesiredTotal, 0);
	if (Math.max(wanted, next.allocations.length) <= MAX_TOLD) for (const { allocation, text } of changed) lines.push(`allocation ${shortId(allocation.ID)} (${slot(allocation)}) ${text}`);
	else {
		lines.push(...countChanges(previous, next));
		lines.push(...troubles(changed, previous));
	}
	if (promotedByOthers && next.deployment && wantsPromotion(next.deployment) && !wantsPromotion(previous.deployment)) {
		const { ID, Namespace } = next.deployment;
		const namespace = Namespace ? `-namespace=${Namespace} ` : "";
		lines.push(`the canaries are healthy and wait for their promotion: nomad deployment promote ${namespace}${shortId(ID)}`);
	}
	const known = new Set(causeLines(previous, job));
	const causes = new Set(causeLines(next, job).filter((line) => !known.has(line)));
	return [
		...lines,
		...causes,
		...terminal ? verdict : []
	];
}
/** Returns the causes of failing allocations as soon as they are proven: the verdict may come minutes later. */
function causeLines({ allocations, checks = {} }, job) {
	return allocations.flatMap((allocation) => [...taskCauses(allocation, job).map(({ task, text, certain, ofNode }) => {
		const outlook = certain ? " (permanent)" : ofNode === true ? " (caused by the node, not by the spec)" : "";
		return `cause so far: ${allocation.TaskGroup}/${task} ${text}${outlook}`;
	}), ...(checks[allocation.ID] ?? []).filter(({ Status }) => Status === "failure").map((check) => `cause so far: group ${allocation.TaskGroup} is unhealthy: ${describeFailing(check)}`)]);
}
function allocationChanges(before, allocation) {
	const changes = before === void 0 ? [{ text: `is placed on ${allocation.NodeName}${allocation.DeploymentStatus?.Canary === true ? " as a canary" : ""}` }] : [];
	const stopped = allocation.DesiredStatus !== "run";
	for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
		const told = before?.TaskStates?.[task]?.Events ?? [];
		const seen = new Set(told.map(({ Time, Type }) => `${Time} ${Type}`));
		const repeated = new Set(told.map(({ Type, DisplayMessage }) => `${Type} ${DisplayMessage}`));
		for (const { Type, Time, DisplayMessage, Details } of state.Events ?? []) {
			if (QUIET.has(Type) || seen.has(`${Time} ${Type}`) || repeated.has(`${Type} ${DisplayMessage}`)) continue;
			repeated.add(`${Type} ${DisplayMessage}`);
			if (!stopped || !ENDING.has(Type)) changes.push({
				text: `${task}: ${Type}: ${oneLine(DisplayMessage).replace(/(?<![\d.])(\d+\.\d)\d+s$/, "$1s")}`,
				trouble: !ORDINARY.has(Type) && Details?.["exit_code"] !== "0"
			});
		}
	}
	const { ClientStatus, DesiredDescription, NextAllocation, FollowupEvalID } = allocation;
	if (NextAllocation && before !== void 0 && !before.NextAllocation) changes.push({ text: `is replaced by ${shortId(NextAllocation)}` });
	else if (stopped && before?.DesiredStatus === "run") changes.push({ text: `is stopped: ${DesiredDescription || "Nomad does not need it any more"}` });
	else if (!stopped && before?.ClientStatus !== ClientStatus && ClientStatus !== "running" && ClientStatus !== "pending") changes.push({
		text: `is ${ClientStatus}${ClientStatus === "complete" && !isDone(allocation) ? ", but was killed before its work was done" : ""}`,
		trouble: !isDone(allocation)
	});
	if (waitsForReschedule(allocation) && before?.FollowupEvalID !== FollowupEvalID) changes.push({ text: "waits for Nomad to reschedule it" });
	const health = allocation.DeploymentStatus?.Healthy;
	if (typeof health === "boolean" && health !== before?.DeploymentStatus?.Healthy) changes.push(health ? { text: "is healthy" } : {
		text: `is unhealthy${whyUnhealthy(allocation)}`,
		trouble: true
	});
	return changes;
}
/** Returns whether an allocation has failed and Nomad has planned a reschedule. */
function waitsForReschedule({ ClientStatus, DesiredStatus, NextAllocation, FollowupEvalID }) {
	return ClientStatus === "failed" && DesiredStatus === "run" && !NextAllocation && Boolean(FollowupEvalID);
}
function whyUnhealthy({ TaskStates }) {
	const event = Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events ?? []).findLast(({ Type }) => Type === "Alloc Unhealthy");
	return event === void 0 ? "" : `: ${oneLine(event.DisplayMessage)}`;
}
/** Events of every start, and one that is logged with the health. */
const QUIET = /* @__PURE__ */ new Set([
	"Received",
	"Task Setup",
	"Building Task Directory",
	"Running",
	"Alloc Unhealthy"
]);
/** Events of an allocation that Nomad stops. */
const ENDING = /* @__PURE__ */ new Set([
	"Killing",
	"Killed",
	"Terminated",
	"Waiting for shutdown delay",
	"Main Tasks Dead",
	"Leader Task Dead"
]);
/** Events of a successful start, and events that only follow another one. */
const ORDINARY = /* @__PURE__ */ new Set([
	"Started",
	"Driver",
	"Downloading Artifacts",
	"Task hook message",
	"Restarting",
	"Not Restarting"
]);
/** Returns the counts of many allocations, each time that another part of the whole is done. */
function countChanges(previous, next) {
	const groups = Object.entries(next.deployment?.TaskGroups ?? {});
	const steps = (count, total) => Math.floor(count * STEPS / Math.max(total, STEPS));
	if (next.deployment !== void 0) return groups.flatMap(([name, group]) => {
		const before = previous.deployment?.TaskGroups?.[name];
		return steps(group.HealthyAllocs, group.DesiredTotal) > steps(before?.HealthyAllocs ?? 0, group.DesiredTotal) || (before?.PlacedAllocs ?? 0) === 0 && group.PlacedAllocs > 0 ? [describeGroup(name, group)] : [];
	});
	const total = next.allocations.length;
	const at = ({ allocations }) => allocations.filter(({ ClientStatus }) => ClientStatus !== "pending").length + count(allocations, "complete");
	return steps(at(next), 2 * total) > steps(at(previous), 2 * total) ? [describeAllocations(next)] : [];
}
/** Returns the problems of many allocations: each problem once, with the names of some allocations that have it. */
function troubles(changes, previous) {
	const told = new Set(previous.allocations.flatMap((allocation) => allocationChanges(void 0, allocation).map(({ text }) => `${allocation.TaskGroup} ${text}`)));
	const names = /* @__PURE__ */ new Map();
	for (const { allocation, text, trouble } of changes) {
		const key = `${allocation.TaskGroup} ${text}`;
		if (trouble === true && !told.has(key)) names.set(key, [...names.get(key) ?? [], slot(allocation)]);
	}
	const lines = [...names].map(([key, of]) => `${listed(of)}: ${key.slice(key.indexOf(" ") + 1).replace(/^is /, "")}`);
	return lines.length > MAX_TROUBLES ? [...lines.slice(0, MAX_TROUBLES), `and ${lines.length - MAX_TROUBLES} other problems`] : lines;
}
function listed(names) {
	const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
	return `${names.slice(0, MAX_NAMED).join(", ")}${more}`;
}
/** `web[1]` of `shop.web[1]`. */
const slot = ({ Name }) => Name.replace(/^.*\./, "");
const count = (allocations, status) => allocations.filter(({ ClientStatus }) => ClientStatus === status).length;
function describeGroup(name, group) {
	const canaries = group.DesiredCanaries > 0 && !group.Promoted;
	const wanted = canaries ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
	const manual = canaries && !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries;
	return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ", waiting for promotion" : ""}`;
}
function describeAllocations({ allocations, outdated = 0 }) {
	const last = allocations.filter(({ NextAllocation }) => !NextAllocation);
	const states = [
		"complete",
		"failed",
		"lost"
	].flatMap((status) => count(last, status) > 0 ? [`, ${count(last, status)} ${status}`] : []);
	const older = outdated > 0 ? `; ${outdated} of older versions are not replaced yet` : "";
	return `${count(last, "running")} of ${last.length} allocations running${states.join("")}${older}`;
}
/**
* Returns the state of a rollout and the allocations that it waits for, in one line: `web: 1 of 3 healthy, 2 placed; web[1] app: Driver (Downloading image)
* for 40 s`. `minHealthyMs` is how long an allocation has to run until it counts as healthy.
*/
function describeProgress(snapshot, nowMs, minHealthyMs = 0) {
	const { deployment, allocations, evaluation, job, checks = {} } = snapshot;
	const waiting = allocations.filter((allocation) => allocation.DesiredStatus === "run" && !allocation.NextAllocation && allocation.ClientStatus !== "complete" && allocation.DeploymentStatus?.Healthy !== true && (deployment !== void 0 || !isUp(allocation, job)));
	const named = waiting.slice(0, MAX_NAMED).map((allocation) => {
		const failing = checks[allocation.ID]?.find(({ Status }) => Status === "failure");
		return failing === void 0 ? describeWait(allocation, nowMs, minHealthyMs) : `${slot(allocation)}: ${describeFailing(failing)}`;
	});
	const more = waiting.length > MAX_NAMED ? [`and ${waiting.length - MAX_NAMED} more`] : [];
	const unplaced = unplacedGroups(snapshot).map(({ why }) => `${why}, waiting for capacity`);
	const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => describeGroup(name, group));
	if (groups.length > 0) return [
		...deployment?.Status === "paused" ? ["the deployment is paused (by a person or a tool)"] : [],
		...groups,
		...named,
		...more,
		...unplaced
	].join("; ");
	if (evaluation?.Status !== "complete" && allocations.length === 0) return `evaluation ${evaluation?.Status ?? "pending"}`;
	return [
		describeAllocations(snapshot),
		...named,
		...more,
		...unplaced
	].join("; ");
}
/** Returns the last event of an allocation's tasks, and its age. */
function describeWait(allocation, nowMs, minHealthyMs) {
	if (waitsForReschedule(allocation)) return `${slot(allocation)} failed on ${allocation.NodeName} and waits for Nomad to reschedule it`;
	const last = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { Events }]) => (Events ?? []).map((event) => [task, event])).sort(([, a], [, b]) => a.Time - b.Time).at(-1);
	if (last === void 0) return `${slot(allocation)} is ${allocation.ClientStatus}`;
	const [task, { Type, DisplayMessage, Time }] = last;
	const remainingMs = startedAtMs(allocation) + minHealthyMs - nowMs;
	if (Type === "Started" && remainingMs > 0) return `${slot(allocation)} ${task}: started, healthy in ${formatDuration(remainingMs)} at the earliest`;
	const what = Type === "Started" ? "started, not healthy yet" : `${Type} (${oneLine(DisplayMessage).slice(0, 120)})`;
	return `${slot(allocation)} ${task}: ${what} for ${formatDuration(Math.max(0, nowMs - Time / 1e6))}`;
}
// src/watch/state.ts
/** Writes a line of the log with the time since the watch began. */
function say(watch, line) {
	const now = watch.runtime.clock.now();
	watch.quietSinceMs = now;
	watch.runtime.log.info(`[${formatDuration(now - watch.state.startedAtMs)}] ${line}`);
}
/** Takes in a change, logs it, and does the next action of the table. */
function update(watch, change) {
	const now = watch.runtime.clock.now();
	const previous = watch.state.snapshot;
	watch.state = advance(watch.state, change, watch.rules, now);
	for (const line of describeChanges(previous, watch.state.snapshot, watch.rules.promote === "spec", watch.job)) say(watch, line);
	watch.evidence.look(watch.state.snapshot.allocations, now);
	if (change.evaluation !== void 0 || (change.allocations ?? []).length > 0) leaveQueue(watch);
	watch.options.onState?.(watch.state.snapshot);
	step(watch);
}
/** Ends the wait in the batch queue, whose time counts against no limit. */
function leaveQueue(watch) {
	if (watch.queue === void 0) return;
	const queuedMs = watch.state.queuedMs + watch.runtime.clock.now() - watch.queue.sinceMs;
	watch.queue = void 0;
	watch.state = {
		...watch.state,
		queuedMs
	};
	say(watch, "the job has left the batch queue");
}
/** Returns when the time of the run is up, in milliseconds since the epoch; later while the job waits in a queue. */
function deadlineOf({ state: { startedAtMs, queuedMs }, queue, options, runtime: { clock } }) {
	return startedAtMs + options.timeoutMs + queuedMs + (queue === void 0 ? 0 : clock.now() - queue.sinceMs);
}
/** Does the next action of the table, one at a time. */
function step(watch) {
	if (watch.verdict !== void 0 || watch.acting !== void 0 && watch.interrupt === void 0) return;
	const next = decide(watch.state, watch.rules, watch.runtime.clock.now());
	if (watch.acting !== void 0) {
		if (next?.do === "end") watch.interrupt?.();
		return;
	}
	if (next === void 0 || watch.runtime.signal.aborted && next.do !== "end") return;
	watch.acting = watch.act(watch, next).catch((error) => {
		if (watch.runtime.signal.aborted) return;
		watch.refused = toActionError(error);
		watch.end();
	}).finally(() => {
		watch.acting = void 0;
		if (!watch.runtime.signal.aborted) step(watch);
	});
}
// src/watch/evaluation.ts
/** The number of answers without an object after which it counts as gone: a server that is behind or was restored does not have it yet. */
const MAX_MISSES = 3;
/** The number while other answers show that the object exists. */
const MAX_DENIED_MISSES = 12;
/** The number while the answers are older than the registration: such a server is behind or was restored, and proves nothing. */
const MAX_OLDER_MISSES = 60;
/** The pause before a pending evaluation is read again without an index, which a proxy may have removed. */
const UNINDEXED_MS = 900;
/** Returns the deployment of the registered version, if Nomad lists one. */
async function ownDeployment({ nomad, registration, runtime }) {
	const { jobId, namespace } = registration;
	return (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find((one) => isOwn(registration, one.JobVersion, one.JobSpecModifyIndex));
}
/** Returns whether a version is the registered one. A job that was purged and registered anew counts its versions from 0 again. */
function isOwn({ version, jobModifyIndex }, itsVersion, itsModifyIndex) {
	return itsVersion === version && (itsModifyIndex ?? 0) <= (jobModifyIndex ?? Number.POSITIVE_INFINITY);
}
/**
* Asks again when an answer lacks the object, since a server that is behind or was restored may have given it. `since` is the index at which the object existed,
* where that is known.
*/
async function insist(read, index, { clock, signal, since = 0 }, isDenied = () => false) {
	for (let asked = 1;; asked++) {
		const answer = await read(asked === 1 ? index : 0);
		const limit = answer.index > 0 && answer.index < since ? MAX_OLDER_MISSES : isDenied() ? MAX_DENIED_MISSES : MAX_MISSES;
		if (answer.value !== void 0 || asked >= limit) return answer;
		await clock.sleep(500, signal);
	}
}
/** Follows the evaluation of the registration, and those that continue its work, until it is processed; returns its deployment, if there is one. */
async function followEvaluation(watch, evaluationId) {
	const { nomad, runtime, rules } = watch;
	const { namespace, jobModifyIndex: since } = watch.registration;
	let id = evaluationId;
	for (let index = 0;;) {
		const { value: evaluation, index: next } = await insist(async (at) => nomad.evaluations.read(id, namespace, at, runtime.signal), index, {
			...runtime,
			since
		});
		if (evaluation === void 0) return takeProcessed(watch, (await ownDeployment(watch))?.ID, id);
		index = next;
		if (evaluation.Status === "pending") {
			if (index === 0) await runtime.clock.sleep(UNINDEXED_MS, runtime.signal);
			continue;
		}
		const successor = await successorOf(evaluation, watch);
		if (successor !== void 0) {
			id = successor;
			index = 0;
			continue;
		}
		const deploymentId = evaluation.DeploymentID || (rules.kind === "system" ? (await ownDeployment(watch))?.ID : void 0);
		update(watch, {
			evaluation: {
				...evaluation,
				NextEval: ""
			},
			deploymentId
		});
		return deploymentId;
	}
}
/** Evaluations that reschedule allocations later. */
const LATER = /^(alloc-failure|alloc-reschedule|max-disconnect-timeout)$/;
/** Returns the evaluation that continues the work of a failed or canceled one; undefined where none does. */
async function successorOf({ ID, Status, NextEval }, watch) {
	const { nomad, runtime, registration } = watch;
	const { jobId, namespace } = registration;
	if (Status === "canceled") {
		const pending = pendingEvaluation(await nomad.jobs.evaluations(jobId, namespace, runtime.signal), registration);
		return pending?.ID === ID ? void 0 : pending?.ID;
	}
	if (Status !== "failed" || !NextEval) return void 0;
	const { value } = await nomad.evaluations.read(NextEval, namespace, 0, runtime.signal);
	const { TriggeredBy = "", WaitUntil } = value ?? {};
	return LATER.test(TriggeredBy ?? "") || TriggeredBy !== "failed-follow-up" && parseTime(WaitUntil ?? "") > 0 ? void 0 : NextEval;
}
/** Returns the evaluation of the registration that was not taken up yet: it can wait in the batch queue of a node pool. */
function pendingEvaluation(evaluations, { jobModifyIndex }) {
	return evaluations.find(({ Status, TriggeredBy, JobModifyIndex }) => Status === "pending" && TriggeredBy === "job-register" && (jobModifyIndex === void 0 || JobModifyIndex === jobModifyIndex));
}
/**
* Continues after an evaluation that was processed unread (`missing` is its id, where it is known): another evaluation of the job may have the reason for a
* missing placement, or still be pending.
*/
async function takeProcessed(watch, deploymentId, missing) {
	const { jobId, namespace } = watch.registration;
	const evaluations = await watch.nomad.jobs.evaluations(jobId, namespace, watch.runtime.signal);
	const pending = deploymentId === void 0 ? pendingEvaluation(evaluations, watch.registration) : void 0;
	if (pending !== void 0 && pending.ID !== missing) return followEvaluation(watch, pending.ID);
	update(watch, {
		evaluation: unplacedEvaluation(evaluations, deploymentId) ?? {
			ID: "",
			Status: "complete"
		},
		deploymentId
	});
	return deploymentId;
}
/** Returns the newest evaluation of a deployment, or of a job without one, that has placement failures. */
function unplacedEvaluation(evaluations, deploymentId) {
	return evaluations.filter(({ DeploymentID, FailedTGAllocs, Status }) => (DeploymentID || void 0) === deploymentId && FailedTGAllocs && Status === "complete").sort((a, b) => (b.CreateIndex ?? 0) - (a.CreateIndex ?? 0))[0];
}
// src/watch/sources.ts
/** The pause before the first look at the allocations: clients report after about this time. */
const FIRST_LOOK_MS$1 = 900;
/** The pause between answers about allocations: clients send several task states a second while an allocation starts. */
const SETTLE_MS = 900;
/** The wait for the next allocations of a rolling update, which Nomad places soon after these are healthy. */
const NEXT_WAVE_MS = 2e3;
/** The limit for the last look at the allocations where the verdict or its cause depends on it: as long as a short outage. */
const LAST_LOOK_MS = 3e4;
/** The limit where only the report needs the allocations, or the rollout continues meanwhile. */
const SHORT_LOOK_MS = 2e3;
/** The number of attempts at the last look: it is repeated when the answer comes from a server that is behind, or not within `LOOK_AGAIN_MS`. */
const MAX_LOOKS = 4;
const LOOK_AGAIN_MS = 5e3;
/** The interval at which a wait for the allocations looks at the deployment. */
const POLL_MS$2 = 250;
/** Follows a registration through its evaluation, then its deployment and allocations. */
async function followRegistered(watch) {
	const { registration, runtime } = watch;
	const { evaluationId, deploymentId, seen } = registration;
	if (seen !== void 0) update(watch, {
		evaluation: seen.evaluation,
		deploymentId: seen.evaluation.DeploymentID || void 0
	});
	else if (evaluationId === "") await takeProcessed(watch, deploymentId);
	let id = deploymentId ?? (seen?.evaluation.DeploymentID || watch.state.snapshot.deploymentId) ?? (evaluationId === "" || seen !== void 0 ? void 0 : await followEvaluation(watch, evaluationId));
	for (const { why } of unplacedGroups(watch.state.snapshot)) say(watch, `${why}; waiting for capacity`);
	while (!runtime.signal.aborted) id = await (id === void 0 ? followAllocations(watch) : followDeployment(watch, id));
}
/** Follows a deployment and its allocations; returns the deployment to follow instead when this one is not ours, or is gone. */
async function followDeployment(watch, id) {
	const { nomad, registration, runtime, options, rules } = watch;
	const { namespace, version } = registration;
	const { clock } = runtime;
	const gone = new AbortController();
	const signal = AbortSignal.any([runtime.signal, gone.signal]);
	let first = registration.seen?.deployment;
	watch.newestIndex = 0;
	const read = async (index) => {
		const answer = await nomad.deployments.read(id, namespace, index, signal);
		if (answer.value !== void 0) return answer;
		const value = await ownDeployment(watch);
		return {
			value,
			index: value === void 0 ? answer.index : 0
		};
	};
	await Promise.all([follow(async (index) => {
		const given = first?.value.ID === id ? first : void 0;
		first = void 0;
		return given ?? insist(read, index, {
			clock,
			signal,
			since: registration.jobModifyIndex
		});
	}, async (deployment) => {
		if (deployment?.ID !== id || deployment.JobVersion !== version) return gone.abort();
		if (watch.state.snapshot.deployment === void 0) options.onDeployment(id);
		const { allocations } = watch.state.snapshot;
		const unseen = allocations.length === 0 && Object.values(deployment.TaskGroups ?? {}).some(({ HealthyAllocs }) => HealthyAllocs > 0);
		const ended = isTerminal(deployment);
		if (ended) watch.ended = deployment;
		const ready = !watch.state.promoted && rules.promote !== "spec" && wantsPromotion(deployment, rules.groups);
		const look = unseen || ready || ended && !(deployment.Status === "failed" && allocations.some(hasFailed));
		const unknown = UNKNOWN$1[deployment.Status] ?? (ready ? "a canary may have failed since" : void 0);
		update(watch, {
			...look ? await lastLook(watch, deployment, unknown) : {},
			deployment
		});
	}, {
		clock,
		signal
	}), follow(async (index) => noted(watch, await nomad.deployments.allocations(id, namespace, index, signal)), (allocations) => update(watch, { allocations }), {
		clock,
		signal
	}, settled(watch, signal))]).catch((error) => {
		if (!gone.signal.aborted) throw error;
	});
	if (!gone.signal.aborted) return id;
	const other = (await ownDeployment(watch))?.ID;
	update(watch, {
		deployment: void 0,
		deploymentId: other
	});
	return other;
}
/** Returns whether an allocation failed its deployment and has a cause. */
function hasFailed(allocation) {
	return (allocation.ClientStatus === "failed" || allocation.DeploymentStatus?.Healthy === false) && taskCauses(allocation).length > 0;
}
/** The unknown part of an ended deployment whose allocations cannot be read. */
const UNKNOWN$1 = {
	successful: "a task may have failed since",
	failed: "the cause may be incomplete"
};
/**
* Reads the allocations of a deployment once more, because a task may have failed since the last answer. `unknown` is what nobody knows without them: where it
* is given, the verdict depends on them, so that the look is a long one, and a warning tells where they cannot be read.
*/
async function lastLook(watch, deployment, unknown) {
	const { nomad, registration, runtime } = watch;
	const { ID, Status } = deployment;
	const done = new AbortController();
	const ms = unknown === void 0 ? SHORT_LOOK_MS : LAST_LOOK_MS;
	const signal = AbortSignal.any([
		runtime.signal,
		done.signal,
		runtime.clock.timeout(ms)
	]);
	const ask = async () => nomad.deployments.allocations(ID, registration.namespace, 0, signal);
	const asked = [];
	let allocations;
	let answered = false;
	try {
		for (let looks = 0; looks < MAX_LOOKS; looks++) {
			if (answered) await runtime.clock.sleep(500, signal);
			asked.push(ask());
			const later = looks + 1 < MAX_LOOKS ? [runtime.clock.sleep(LOOK_AGAIN_MS, signal).then(() => void 0)] : [];
			const answer = await Promise.race([...asked, ...later]);
			if (answer === void 0) continue;
			asked.length = 0;
			answered = true;
			const complete = hasAllHealthy(answer.value, deployment);
			if (isBehind(watch, answer) || Status === "successful" && !complete) continue;
			allocations = answer.value;
			if (complete) break;
		}
	} catch {} finally {
		done.abort();
	}
	if (unknown !== void 0 && allocations === void 0) runtime.log.warning(`The deployment is ${Status}, but its allocations cannot be read: ${unknown}.`);
	return allocations && { allocations };
}
/** Keeps the newest index of the answers about allocations. */
function noted(watch, answer) {
	watch.newestIndex = Math.max(watch.newestIndex, answer.index);
	return answer;
}
/** Returns whether an answer about allocations is older than an earlier one, and so from a server that is behind. */
function isBehind({ newestIndex }, { index }) {
	return index > 0 && index < newestIndex;
}
/**
* Follows a job without a deployment by its allocations and by the job itself, which may be stopped, replaced or, as a batch job, done. Returns the deployment
* of our version as soon as Nomad has one.
*/
async function followAllocations(watch) {
	const { nomad, registration, runtime, rules } = watch;
	const { jobId, namespace } = registration;
	const { clock } = runtime;
	const found = new AbortController();
	watch.newestIndex = 0;
	const signal = AbortSignal.any([runtime.signal, found.signal]);
	watch.resume = ({ ID }) => {
		update(watch, { deploymentId: ID });
		found.abort();
	};
	const readJob = async (index) => ownJob(watch, await nomad.jobs.watch(jobId, namespace, index, signal));
	const isWanted = () => watch.state.snapshot.allocations.some(({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus === "running");
	await Promise.all([
		follow(async (index) => noted(watch, await nomad.jobs.allocations(jobId, namespace, index, signal)), (all) => update(watch, currentAndOutdated(watch, all)), {
			clock,
			signal
		}, settled(watch, signal)),
		follow(async (index) => insist(readJob, index, {
			clock,
			signal,
			since: registration.jobModifyIndex
		}, isWanted), async (job) => {
			update(watch, {
				...rules.kind === "batch" && job?.Status === "dead" ? endOf(watch, (await nomad.jobs.allocations(jobId, namespace, 0, signal)).value) : {},
				job: job ?? null
			});
		}, {
			clock,
			signal
		}),
		...rules.kind === "batch" ? [] : [follow(async (index) => nomad.jobs.watchDeployments(jobId, namespace, index, signal), (deployments) => {
			const own = deployments.find((one) => isOwn(registration, one.JobVersion, one.JobSpecModifyIndex));
			if (own !== void 0) watch.resume?.(own);
		}, {
			clock,
			signal
		})]
	]).catch((error) => {
		if (!found.signal.aborted) throw error;
	});
	return watch.state.snapshot.deploymentId;
}
/** Returns an answer about the job if it has our version or a newer one. Otherwise our job is gone, or the server is behind. */
function ownJob({ registration }, { value, index }) {
	return {
		value: value !== void 0 && (value.Version > registration.version || isOwn(registration, value.Version, value.JobModifyIndex)) ? value : void 0,
		index
	};
}
/** Returns our allocations among those of all versions, and the number of older ones that are still to be replaced. */
function currentAndOutdated({ registration: { version } }, all) {
	const outdated = all.filter(({ JobVersion, DesiredStatus, ClientStatus }) => JobVersion < version && DesiredStatus === "run" && (ClientStatus === "running" || ClientStatus === "pending"));
	return {
		allocations: all.filter(({ JobVersion }) => JobVersion === version),
		outdated: outdated.length
	};
}
/**
* Returns the allocations that decide about a job that is done. Nomad leaves the ended allocations of an older sysbatch version where their group did not
* change, and places no new ones.
*/
function endOf(watch, all) {
	const { registration, rules, state } = watch;
	const found = currentAndOutdated(watch, all);
	if (rules.job?.Type !== "sysbatch" || state.snapshot.evaluation?.Status !== "complete") return found;
	const left = all.filter(({ JobVersion, DesiredStatus, TaskGroup, NodeName }) => JobVersion < registration.version && DesiredStatus === "run" && !found.allocations.some((own) => own.TaskGroup === TaskGroup && own.NodeName === NodeName));
	return {
		...found,
		allocations: [...left, ...found.allocations]
	};
}
/** Returns a wait before the next question about the allocations. */
function settled(watch, signal) {
	const { clock } = watch.runtime;
	return async (first) => {
		await clock.sleep(first ? FIRST_LOOK_MS$1 : SETTLE_MS, signal);
		for (const untilMs = clock.now() + NEXT_WAVE_MS;;) {
			const { deployment } = watch.state.snapshot;
			if (deployment === void 0 || !(allHealthy(deployment) || placedHealthy(deployment) && clock.now() < untilMs)) return;
			await clock.sleep(POLL_MS$2, signal);
		}
	};
}
// src/watch/acts.ts
/** The pause before a promotion or a verdict is tried again. */
const AGAIN_MS$1 = 1e3;
/** The time in which Nomad stores the evaluation that reschedules a failed allocation: at once, but a busy server was seen to take milliseconds. */
const RESCHEDULE_MS = 3e3;
const POLL_MS$1 = 250;
/** The time that the answer to a write has after the end of the watch: a cancelled step is killed after 7.5 s. */
const LAST_ANSWER_MS = 1e3;
/** Does the next action of the table in `rollout.ts`. */
async function act(watch, next) {
	switch (next.do) {
		case "end": return conclude(watch, next.verdict);
		case "fail": return fail(watch, next);
		case "verify": return verifyCanaries(watch);
		case "promote": return promoteCanaries(watch);
	}
}
/** Takes the verdict, unless a second look at a job without a deployment shows another state. */
async function conclude(watch, found) {
	const verdict = await confirm(watch, found);
	if (verdict === void 0) return watch.runtime.clock.sleep(AGAIN_MS$1, watch.runtime.signal);
	watch.verdict = verdict;
	if (verdict.outcome === "successful" && watch.state.snapshot.deployment?.Status === "running") say(watch, "all allocations are healthy, but Nomad does not close the deployment (hashicorp/nomad#27382)");
	watch.end();
}
/**
* Reads a job without a deployment once more before its verdict, because Nomad does not judge it and the last answer may be old. Returns undefined where the
* verdict does not hold. A batch job is over when Nomad calls it dead, unless an allocation may get another attempt: Nomad stores the end of an allocation
* first, which ends the job, and then the evaluation that continues its work.
*/
async function confirm(watch, found) {
	const { nomad, registration, runtime, rules } = watch;
	const { snapshot } = watch.state;
	if (snapshot.deployment !== void 0 || watch.state.forced !== void 0) return found;
	const failed = found.outcome === "failed" && found.reason === "task-failed";
	const waiting = failed ? unscheduled(snapshot) : [];
	const isPreempted = failed && snapshot.allocations.some(({ DesiredStatus }) => DesiredStatus === "evict");
	if (rules.kind === "batch" && waiting.length === 0 && !isPreempted) return found;
	if (rules.kind !== "batch" && await resumed(watch)) return void 0;
	if (!failed && found.outcome !== "successful") return found;
	if (watch.state.snapshot.job === void 0) return void 0;
	if (waiting.length > 0 && await becomesScheduled(watch)) return void 0;
	if (failed && await goesOn(watch)) return void 0;
	const answer = await nomad.jobs.allocations(registration.jobId, registration.namespace, 0, runtime.signal);
	if (isBehind(watch, answer)) return void 0;
	update(watch, currentAndOutdated(watch, answer.value));
	const last = decide(watch.state, rules, runtime.clock.now());
	const isNew = unscheduled(watch.state.snapshot).some(({ ID }) => !waiting.some((before) => before.ID === ID));
	return last?.do === "end" && last.verdict.outcome === found.outcome && !(failed && isNew) ? last.verdict : void 0;
}
/** Waits for the evaluations that reschedule the failed allocations; returns whether the scheduler has named one for each. */
async function becomesScheduled(watch) {
	const { clock, signal } = watch.runtime;
	for (const untilMs = clock.now() + RESCHEDULE_MS; clock.now() < untilMs;) {
		await clock.sleep(POLL_MS$1, signal);
		if (unscheduled(watch.state.snapshot).length === 0) return true;
	}
	return false;
}
/** Returns whether Nomad has something to do for a job of which allocations failed, or made room for another job: to place others, now or when there is room. */
async function goesOn({ nomad, registration, runtime, rules }) {
	return (await nomad.jobs.evaluations(registration.jobId, registration.namespace, runtime.signal)).some(({ Status }) => Status === "pending" || Status === "blocked" && rules.kind === "batch");
}
/** Follows the deployment of our version if Nomad has one by now; returns whether it has. */
async function resumed(watch) {
	const own = watch.resume === void 0 ? void 0 : await ownDeployment(watch);
	if (own !== void 0) watch.resume?.(own);
	return own !== void 0;
}
async function fail(watch, { reason, description }) {
	const { deployment } = watch.state.snapshot;
	if (deployment === void 0 && watch.rules.kind !== "batch" && await resumed(watch)) return;
	watch.state = {
		...watch.state,
		forced: {
			reason,
			description
		}
	};
	say(watch, `${description}, so ${deployment === void 0 ? "this run stops waiting" : "this run fails the deployment"}`);
	if (deployment === void 0) return;
	try {
		await watch.nomad.deployments.fail(deployment.ID, watch.registration.namespace, soonAfter(watch));
	} catch (error) {
		watch.runtime.log.warning(`The deployment could not be failed early, so Nomad's own deadline decides: ${sentence(toActionError(error))}`);
	}
}
/** Verifies the canaries, until the rollout ends. */
async function verifyCanaries(watch) {
	const interrupted = new AbortController();
	const signal = AbortSignal.any([watch.runtime.signal, interrupted.signal]);
	watch.interrupt = () => interrupted.abort();
	say(watch, "the canaries are healthy: verifying them");
	try {
		const problem = await watch.options.verify?.(signal);
		if (problem === void 0) watch.state = {
			...watch.state,
			verified: true
		};
		else await fail(watch, {
			reason: "verification-failed",
			description: problem
		});
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		watch.interrupt = void 0;
	}
}
async function promoteCanaries(watch) {
	const { nomad, registration, runtime } = watch;
	const { deployment } = watch.state.snapshot;
	if (deployment === void 0) return;
	watch.state = {
		...watch.state,
		promoted: true
	};
	say(watch, "promoting the healthy canaries");
	const waiting = unpromotedGroups(deployment);
	const isRest = Object.values(deployment.TaskGroups ?? {}).filter(({ DesiredCanaries }) => DesiredCanaries > 0).length > waiting.length;
	const groups = watch.rules.groups?.filter((name) => waiting.includes(name)) ?? (isRest ? waiting : void 0);
	await nomad.deployments.promote(deployment.ID, registration.namespace, groups, soonAfter(watch)).catch(async (error) => {
		const { code, message, hint } = toActionError(error);
		if (code === "permission-denied") {
			const waits = `The canaries of version ${registration.version} are running and wait for promotion (nomad deployment promote ${deployment.ID}).`;
			throw new ActionError(code, message, {
				cause: error,
				hint: `${hint ?? ""} ${waits}`
			});
		}
		if (code !== "nomad-refused" && code !== "unreachable") throw error;
		say(watch, `the canaries could not be promoted: ${message}`);
		await runtime.clock.sleep(AGAIN_MS$1, runtime.signal);
		watch.state = {
			...watch.state,
			promoted: false
		};
	});
}
/** Returns a signal that aborts a moment after the end of the watch, so that an answer under way is still taken. */
function soonAfter({ runtime: { clock, signal } }) {
	const late = new AbortController();
	const end = () => clock.timeout(LAST_ANSWER_MS).addEventListener("abort", () => late.abort(signal.reason), { once: true });
	if (signal.aborted) end();
	else signal.addEventListener("abort", end, { once: true });
	return late.signal;
}
// src/watch/queue.ts
/** The age of a pending evaluation at which its queue is read: a server normally takes it up within milliseconds. */
const FIRST_LOOK_MS = 3e3;
/** The interval of reads: the queue has no blocking queries. */
const EVERY_MS = 5e3;
/** The number of questions without an answer after which the queue is not read any more. */
const MAX_UNANSWERED = 2;
/** The longest question. */
const READ_MS = 5e3;
/** The longest reason that is quoted. */
const MAX_REASON = 200;
/** Follows the place of a registered batch job in its queue until the evaluation is taken up. Is silent where there is no queue or it cannot be read. */
async function followQueue(watch) {
	const { registration, runtime, nomad } = watch;
	const { clock, signal } = runtime;
	if (watch.job.Type !== "batch") return;
	await clock.sleep(FIRST_LOOK_MS, signal);
	if (!isPending(watch)) return;
	const pool = await poolOf(watch);
	let head = "";
	for (let unanswered = 0; pool !== void 0 && isPending(watch) && unanswered < MAX_UNANSWERED;) {
		const place = await readPlace(nomad, pool, registration, signal);
		if (place === void 0) unanswered += watch.queue === void 0 ? 1 : 0;
		else if (isPending(watch)) {
			const now = idOf(place.head);
			const reason = now === head ? await reasonOf(nomad, place, signal) : void 0;
			head = now;
			if (isPending(watch)) takePlace(watch, pool, place, reason);
		}
		await clock.sleep(EVERY_MS, signal);
	}
}
/** Returns whether the evaluation of the registration was not taken up yet. */
function isPending({ state: { snapshot } }) {
	return (snapshot.evaluation?.Status ?? "pending") === "pending" && snapshot.allocations.length === 0;
}
/** Takes in the place of the job, and logs it when it changes. */
function takePlace(watch, pool, place, reason) {
	if (place.own === void 0) {
		leaveQueue(watch);
		return;
	}
	const words = describePlace(pool, place, reason);
	const isNew = watch.queue?.words !== words;
	const { startedAtMs, queuedMs } = watch.state;
	watch.queue = {
		words,
		sinceMs: watch.queue?.sinceMs ?? (queuedMs === 0 ? startedAtMs : watch.runtime.clock.now())
	};
	if (isNew) say(watch, `the job ${words}; the time in the queue does not count against \`timeout\``);
}
/** Returns the words about a batch job that waits in a queue; undefined for another job, and where that is not known. */
async function queueWords(job, namespace, nomad, signal) {
	if (job.Type !== "batch" || !hasQueue(job.NodePool)) return void 0;
	const pool = job.NodePool ?? "";
	const place = await readPlace(nomad, pool, {
		jobId: job.ID,
		namespace
	}, signal);
	return place?.own && describePlace(pool, place, await reasonOf(nomad, place, signal));
}
/** The built-in node pools have no queue. */
function hasQueue(pool) {
	return Boolean(pool) && pool !== "default" && pool !== "all";
}
/** Returns the node pool of the registered job, where it may have a queue. The namespace can name the pool of a job that names none. */
async function poolOf({ job, nomad, registration: { jobId, namespace }, runtime: { clock, signal } }) {
	const soon = AbortSignal.any([signal, clock.timeout(READ_MS)]);
	const pool = job.NodePool || (await nomad.jobs.watch(jobId, namespace, 0, soon).catch(() => void 0))?.value?.NodePool;
	return pool && hasQueue(pool) ? pool : void 0;
}
async function readPlace(nomad, pool, { jobId, namespace }, signal) {
	const soon = AbortSignal.any([signal, nomad.clock.timeout(READ_MS)]);
	return nomad.queue.place(pool, jobId, namespace, soon).catch(() => void 0);
}
const idOf = (job) => job === void 0 ? "" : `${job.Namespace}/${job.JobID}`;
/** Returns why the job at the head, which is being placed, is not placed: the reason of its blocked evaluation. */
async function reasonOf(nomad, { head, own }, signal) {
	if (head === void 0 || head.Status !== "placing" || idOf(head) === idOf(own)) return void 0;
	const soon = AbortSignal.any([signal, nomad.clock.timeout(READ_MS)]);
	const [failure] = (await nomad.jobs.evaluations(head.JobID, head.Namespace, soon).catch(() => [])).flatMap(({ Status, FailedTGAllocs }) => Status === "blocked" ? Object.entries(FailedTGAllocs ?? {}) : []);
	return failure && describePlacement(...failure);
}
/** Returns the place of a job as the rest of a sentence about it. */
function describePlace(pool, { own, head }, reason) {
	const queue = `in the batch queue of the node pool ${pool}`;
	if (own === void 0) return `is not ${queue}`;
	const blocked = blockedReason(own);
	if (blocked !== void 0) return `is blocked at position ${own.Position} ${queue}${blocked}`;
	if (own.Position === 0) return `is being placed, at position 0 ${queue}`;
	const waits = `waits at position ${own.Position} ${queue}`;
	if (head === void 0 || idOf(head) === idOf(own)) return waits;
	const why = blockedReason(head) ?? (reason === void 0 ? void 0 : `: ${clip(oneLine(reason), MAX_REASON)}`);
	return `${waits}; ${why === void 0 ? `the job ${idOf(head)} is before it` : `the job ${idOf(head)} before it is blocked${why}`}`;
}
/** Returns the reason of a blocked job, after a colon; undefined for another status. */
function blockedReason({ Status }) {
	const [, reason] = /^blocked\b[\s:–-]*(.*)$/is.exec(Status) ?? [];
	return reason === void 0 || reason === "" ? reason : `: ${clip(oneLine(reason), MAX_REASON)}`;
}
// src/watch/watch.ts
const HEARTBEAT_MS$1 = 15e3;
/** The end of a verdict that leaves the rollout as it is. */
const CONTINUES = "; the rollout continues";
/** The interval of decisions that only time changes. */
const TICK_MS = 250;
/** The longest wait after the verdict for evidence that is being read. */
const EVIDENCE_GRACE_MS = 2e3;
/**
* Follows the registration of this run to its end by blocking queries: the evaluation, then the deployment and the allocations. The table in `rollout.ts`
* decides what to do in each state. Ends with a verdict also when the time is up or the workflow is cancelled, and then leaves the rollout as it is.
* Throws an `ActionError` when Nomad stays unreachable or refuses a request.
*/
async function watchJob(job, registration, options, world) {
	const { runtime } = world;
	const { clock } = runtime;
	const { timeoutMs } = options;
	const hurry = new AbortController();
	const expired = new AbortController();
	const watch = startWatch(job, registration, options, {
		...world,
		hurry: hurry.signal,
		expired: expired.signal
	});
	say(watch, `waiting up to ${formatDuration(timeoutMs)} for a verdict`);
	try {
		await Promise.all([
			expire(watch, expired),
			tick(watch),
			pollChecks(watch),
			followRegistered(watch),
			lookAtBroker(watch),
			followQueue(watch)
		]);
	} catch (error) {
		if (!watch.runtime.signal.aborted) throw error;
	} finally {
		watch.end();
	}
	await watch.acting;
	if (watch.verdict === void 0 && watch.ended !== void 0) {
		update(watch, { deployment: watch.ended });
		await watch.acting;
	}
	if (watch.refused !== void 0) throw watch.refused;
	const { snapshot } = watch.state;
	const graceMs = Math.min(EVIDENCE_GRACE_MS, deadlineOf(watch) + EVIDENCE_GRACE_MS - clock.now());
	clock.timeout(Math.max(0, graceMs)).addEventListener("abort", () => hurry.abort());
	const evidence = watch.verdict?.outcome === "successful" ? [] : await watch.evidence.found(snapshot.allocations);
	return {
		verdict: watch.verdict ?? unfinished(runtime, timeoutMs, waitsFor(watch) ?? describeProgress(snapshot, clock.now(), watch.rules.minHealthyMs), snapshot),
		snapshot,
		evidence
	};
}
/** Returns a watch at its begin, whose signal aborts at its end, its timeout and that of the run; `hurry` ends the reading of evidence. */
function startWatch(job, registration, options, { nomad, runtime, hurry, expired }) {
	const { clock } = runtime;
	const { namespace, version } = registration;
	const { logLines } = options;
	const ended = new AbortController();
	const reading = {
		...runtime,
		signal: AbortSignal.any([runtime.signal, hurry])
	};
	return {
		job,
		registration,
		rules: {
			job,
			...rulesOf(job),
			...options,
			verifies: options.verify !== void 0,
			version
		},
		options,
		nomad,
		runtime: {
			...runtime,
			signal: AbortSignal.any([
				runtime.signal,
				ended.signal,
				expired
			])
		},
		evidence: gatherer(async (allocation) => collectEvidence(allocation, {
			job,
			namespace,
			logLines
		}, nomad, reading)),
		act,
		end: () => ended.abort(),
		state: initialState(clock.now()),
		newestIndex: 0,
		quietSinceMs: clock.now()
	};
}
/** Aborts when the time of the run is up. */
async function expire(watch, expired) {
	const { clock, signal } = watch.runtime;
	for (let restMs = watch.options.timeoutMs; restMs > 0; restMs = deadlineOf(watch) - clock.now()) await clock.sleep(watch.queue === void 0 ? restMs : Math.max(restMs, TICK_MS), signal);
	expired.abort(new DOMException("the time is up", "TimeoutError"));
}
async function tick(watch) {
	const { clock, signal } = watch.runtime;
	for (;;) {
		await clock.sleep(TICK_MS, signal);
		step(watch);
		watch.options.onState?.(watch.state.snapshot);
		if (clock.now() - watch.quietSinceMs < HEARTBEAT_MS$1) continue;
		const until = watch.queue === void 0 ? `; this run waits until ${isoTime(deadlineOf(watch)).slice(11, 19)} UTC` : "";
		say(watch, `${waitsFor(watch) ?? describeProgress(watch.state.snapshot, clock.now(), watch.rules.minHealthyMs)}${until}`);
	}
}
/** Reads the checks of running allocations that are not healthy: only the results say why, and Nomad has no event for them. */
async function pollChecks(watch) {
	const { clock, signal } = watch.runtime;
	if (!hasChecks(watch.job)) return;
	const readAtMs = /* @__PURE__ */ new Map();
	for (;;) {
		await clock.sleep(TICK_MS, signal);
		const { minHealthyMs } = watch.rules;
		const times = {
			minHealthyMs,
			readAtMs: (id) => readAtMs.get(id),
			nowMs: clock.now()
		};
		const due = dueChecks(watch.job, watch.state.snapshot, times);
		const read = await Promise.all(due.map(async ({ ID }) => {
			readAtMs.set(ID, clock.now());
			return [ID, (await watch.nomad.allocations.checks(ID, watch.registration.namespace, signal).catch(() => void 0) ?? []).filter((result) => !isIgnored(result))];
		}));
		if (read.length > 0) update(watch, { checks: {
			...watch.state.snapshot.checks,
			...Object.fromEntries(read)
		} });
	}
}
/** The age of a pending evaluation that needs a reason: a server normally takes it up within milliseconds. */
const UNSCHEDULED_MS = 1e4;
const PAUSED = "the evaluation broker of the cluster is paused, so Nomad schedules nothing until an operator resumes it";
/** Returns why nothing was scheduled yet, if that is known. */
function waitsFor({ paused, queue, state: { snapshot } }) {
	if (queue !== void 0) return `the job ${queue.words}`;
	const { evaluation, allocations } = snapshot;
	return paused === true && (evaluation?.Status ?? "pending") === "pending" && allocations.length === 0 ? PAUSED : void 0;
}
/** Looks whether the operators of the cluster have paused its evaluation broker, for which Nomad has no event. */
async function lookAtBroker(watch) {
	const { clock, signal } = watch.runtime;
	await clock.sleep(UNSCHEDULED_MS, signal);
	const { evaluation, allocations } = watch.state.snapshot;
	if ((evaluation?.Status ?? "pending") !== "pending" || allocations.length > 0) return;
	watch.paused = await watch.nomad.evaluations.paused(signal).catch(() => void 0);
	if (watch.paused === true) say(watch, PAUSED);
}
function unfinished({ signal }, timeoutMs, progress, { deployment }) {
	if (!signal.aborted && deployment?.Status === "paused") return {
		outcome: "timed-out",
		description: `Nomad gave no verdict within ${formatDuration(timeoutMs)} (${progress}); it stays paused`
	};
	return signal.aborted ? {
		outcome: "cancelled",
		description: `the workflow was cancelled (${progress})${CONTINUES}`
	} : {
		outcome: "timed-out",
		description: `Nomad gave no verdict within ${formatDuration(timeoutMs)} (${progress})${CONTINUES}`
	};
}
// src/watch/follow-version.ts
/** The longest time that a rollback is followed. */
const ROLLBACK_MS = 3e5;
/** The part of the 7.5 s that the runner gives a cancelled step. */
const CANCELLED_FAIL_MS = 4e3;
/** Watches a registered version to its verdict. Explains a failed verdict, and follows the rollback. */
async function followRegistration(following, job, registration, run) {
	const { inputs, nomad, nomadUrl, draft } = following;
	const redact = hidingSecrets(draft.settings ?? [], run.runtime.redact);
	const current = {
		...run,
		runtime: {
			...run.runtime,
			redact
		}
	};
	const { runtime, note, stage } = current;
	const { terminal } = runtime;
	const live = terminal?.isTty.stdout === true && !terminal.json ? (await import("./live.js")).liveScreen(job, registration.version, terminal, runtime.clock) : void 0;
	const checking = verifying(following, job, registration, current);
	const options = {
		timeoutMs: inputs.timeoutMs ?? timeoutFor(job, inputs.placementPatienceMs) + (inputs.bake?.forMs ?? 0),
		failFast: inputs.failFast,
		patienceMs: inputs.placementPatienceMs,
		promote: inputs.promote ?? "spec",
		groups: following.groups,
		logLines: inputs.logLines,
		onDeployment: (deploymentId) => {
			note({ deploymentId });
			leaveUnderWay(registration, deploymentId, following, runtime);
		},
		...checking.canaries === void 0 ? {} : { verify: checking.canaries },
		...live === void 0 ? {} : { onState: live.show }
	};
	leaveUnderWay(registration, registration.deploymentId, following, runtime);
	const watched = await stage("watch", `Watch ${job.ID} version ${registration.version}`, async () => watchJob(job, registration, options, {
		nomad,
		runtime
	})).catch((thrown) => {
		throw goingOn(thrown, registration);
	}).finally(() => {
		live?.end();
		runtime.leaveWord("rollout", void 0);
	});
	const { snapshot } = watched;
	note({ allocations: allocationRecords(snapshot.allocations) });
	const deployed = watched.verdict.outcome === "successful";
	const verdict = deployed ? await checking.afterwards() ?? await checking.watchOn() ?? watched.verdict : watched.verdict;
	if (verdict.outcome === "successful") return { outcome: "successful" };
	if (verdict.outcome === "awaiting-promotion") {
		const hint = `${verdict.description}: nomad deployment promote ${snapshot.deployment?.ID ?? ""}`;
		runtime.log.notice(`${job.ID}: ${hint}`);
		return {
			outcome: "awaiting-promotion",
			hint
		};
	}
	note({
		outcome: verdict.outcome,
		failureReason: reasonOf$1(verdict)
	});
	const late = nomad.patience();
	const told = await explain({
		snapshot,
		verdict: await completed(verdict, {
			deployment: snapshot.deployment,
			late
		}, registration, {
			...following,
			runtime
		}),
		evidence: [...await checking.evidence(), ...watched.evidence]
	}, following, current);
	if (verdict.outcome !== "failed") return verdict.outcome === "superseded" ? told : {
		...told,
		hint: [told.hint, nomadUrl && `See ${nomadUrl}`].filter(Boolean).join(" ")
	};
	const running = deployed ? { running: `version ${registration.version}, the new one, whose deployment was successful` } : {};
	const back = verdict.rolledBackTo ?? await rolledBack(snapshot.deployment, registration, nomad, late);
	return {
		...told,
		...running,
		...await afterFailure$1({
			...verdict,
			...back !== void 0 && { rolledBackTo: back }
		}, registration, following, current)
	};
}
/** Returns an error with the state of the rollout, which continues without this run, in its hint. */
function goingOn(thrown, { jobId, version }) {
	if (!(thrown instanceof ActionError) || !["permission-denied", "unreachable"].includes(thrown.code)) return thrown;
	const left = `Version ${version} of ${jobId} is registered, and its rollout continues without this run.`;
	const { code, message, needsLogin } = thrown;
	return new ActionError(code, message, {
		cause: thrown,
		needsLogin,
		hint: [thrown.hint, left].filter(Boolean).join(" ")
	});
}
/** Returns a verdict with the version that replaced this one, and with what a cancelled workflow did to the deployment. */
async function completed(verdict, { deployment, late }, registration, { inputs, nomad, runtime: { signal } }) {
	const { jobId, namespace, version } = registration;
	const cancelled = verdict.outcome === "cancelled" && deployment?.Status === "cancelled" && !signal.aborted;
	if (verdict.outcome === "superseded" || cancelled) {
		const next = nextOf(await nomad.jobs.versions(jobId, namespace, late).catch(() => []), version);
		if (next === void 0 || next.Stop && cancelled) return verdict;
		return {
			outcome: "superseded",
			description: `version ${version} was replaced by version ${next.Version}${ofRun(next)} before it was healthy`
		};
	}
	if (!signal.aborted || inputs.onCancel !== "fail" || deployment?.Status === "successful") return verdict;
	const what = await failDeployment(deployment?.ID, registration, nomad);
	return {
		...verdict,
		description: `${verdict.description.replace(CONTINUES, "")}, and ${what}`
	};
}
/** Fails the deployment of a registered version, within the time of a cancelled step; returns the result in words. */
async function failDeployment(known, { jobId, namespace, version }, nomad) {
	const signal = nomad.clock.timeout(CANCELLED_FAIL_MS);
	try {
		const id = known ?? (await nomad.jobs.deployments(jobId, namespace, signal)).find(({ JobVersion }) => JobVersion === version)?.ID;
		if (id === void 0) return "there is no deployment to fail";
		await nomad.deployments.fail(id, namespace, signal);
		return "this run failed the deployment";
	} catch (error) {
		return `the deployment could not be failed: ${signal.aborted ? "Nomad did not answer in time" : sentence(toActionError(error))}`;
	}
}
/** Returns the version that Nomad rolls back to by `auto_revert`, where the description of the deployment does not say so; undefined where there is none. */
async function rolledBack(deployment, { jobId, namespace, version }, nomad, late) {
	if (deployment?.Status !== "failed" || !Object.values(deployment.TaskGroups ?? {}).some(({ AutoRevert }) => AutoRevert)) return void 0;
	return copied(await nomad.jobs.versions(jobId, namespace, late).catch(() => []), version);
}
/** Rolls back after a failure where the input asks for it and the spec does not, and follows a rollback for a bounded time. */
async function afterFailure$1({ reason, rolledBackTo }, registration, { inputs, nomad, dispatched }, { runtime, stage }) {
	const { jobId, namespace, version } = registration;
	let target = rolledBackTo;
	let evaluationId;
	if (target === void 0 && inputs.onFailure === "revert" && dispatched !== true && !runtime.signal.aborted) try {
		const older = stableBefore(await nomad.jobs.versions(jobId, namespace, nomad.patience()), version);
		target = older?.Version;
		if (older === void 0) runtime.log.warning("The job is not rolled back: no older version was healthy.");
		else evaluationId = (await revertJob(older, {
			job: {
				ID: jobId,
				Version: version
			},
			namespace
		}, nomad)).EvalID;
	} catch (error) {
		const problem = toActionError(error);
		if (problem.code !== "unknown-outcome") {
			runtime.log.warning(`The job could not be rolled back to ${target === void 0 ? "an older version" : `version ${target}`}: ${sentence(problem)}`);
			return {};
		}
	}
	if (target === void 0 || runtime.signal.aborted) return {};
	const goal = target;
	const { how, running } = await stage("rollback", `Watch the rollback to version ${goal}`, async () => followBack(goal, {
		evaluationId,
		timeoutMs: Math.min(ROLLBACK_MS, inputs.timeoutMs ?? 3e5)
	}, registration, {
		nomad,
		runtime
	}).catch((error) => {
		if (runtime.signal.aborted) throw error;
		runtime.log.warning(`The rollback to version ${goal} could not be followed: ${sentence(toActionError(error))}`);
		return {
			how: HOW["timed-out"],
			running: `version ${goal} (not confirmed)`
		};
	}));
	runtime.log.info(`Running now: ${running}`);
	return {
		failureReason: `${reason}-${how}`,
		running
	};
}
const HOW = {
	successful: "rolled-back",
	failed: "rollback-failed",
	superseded: "rollback-superseded",
	cancelled: "rollback-cancelled",
	"timed-out": "rolling-back",
	"awaiting-promotion": "rolling-back"
};
/** Follows a rollback for a bounded time; returns how it ended and which version runs then. */
async function followBack(goal, { evaluationId, timeoutMs }, { jobId, namespace, version }, { nomad, runtime }) {
	const versions = await nomad.jobs.versions(jobId, namespace, nomad.patience());
	const old = versions.find(({ Version }) => Version === goal);
	const next = nextOf(versions, version);
	if (next === void 0) return {
		how: HOW["timed-out"],
		running: `version ${goal} (not confirmed)`
	};
	if (old !== void 0 && provenanceOf(next).run !== provenanceOf(old).run) return {
		how: HOW.superseded,
		running: `version ${next.Version}${ofRun(next)}, which was registered meanwhile`
	};
	const evaluations = evaluationId === void 0 ? await nomad.jobs.evaluations(jobId, namespace, nomad.patience()) : [];
	const { verdict, snapshot } = await watchJob(next, {
		jobId,
		namespace,
		evaluationId: evaluationId ?? evaluations.find(({ CreateIndex }) => CreateIndex === next.JobModifyIndex)?.ID ?? "",
		version: next.Version,
		previousVersion: version
	}, {
		timeoutMs,
		failFast: false,
		patienceMs: Number.POSITIVE_INFINITY,
		promote: "manual",
		logLines: 0,
		onDeployment: () => void 0
	}, {
		nomad,
		runtime
	});
	const state = verdict.outcome === "successful" ? snapshot.deployment?.StatusDescription ?? "all allocations are running" : verdict.description;
	return {
		how: HOW[verdict.outcome],
		running: `version ${next.Version}, a copy of version ${goal}: ${state}`
	};
}
/** Returns the run that registered a version, as ` of https://…`; empty where it is unknown. */
function ofRun(job) {
	const { run } = provenanceOf(job);
	return run === void 0 ? "" : ` of ${run}`;
}
// src/watch/new-version.ts
/** Follows the version that a command made of a registered job; `outcome` is the outcome of a successful one. */
async function followNewVersion(outcome, made, following, current) {
	const { nomad, draft, inputs } = following;
	const { evaluationId, jobModifyIndex, before } = made;
	const { namespace } = draft;
	const job = (await nomad.jobs.versions(before.ID, namespace)).find(({ JobModifyIndex }) => JobModifyIndex === jobModifyIndex) ?? {
		...before,
		Version: before.Version + 1
	};
	current.note({
		jobVersion: job.Version,
		previousVersion: before.Version,
		...evaluationId === "" ? {} : { evaluationId }
	});
	if (!inputs.wait || evaluationId === "") return { outcome };
	const registration = {
		jobId: job.ID,
		namespace,
		evaluationId,
		version: job.Version,
		jobModifyIndex,
		previousVersion: before.Version
	};
	const result = await followRegistration({
		...following,
		draft: {
			...draft,
			job
		}
	}, job, registration, current);
	return result.outcome === "successful" ? {
		...result,
		outcome
	} : result;
}
// src/watch/rejected.ts
/**
* Follows a deployment that this run has failed, until older allocations serve alone: by the rollback of Nomad, or of `on-failure: revert`, or without one once
* the canaries are stopped. Throws `conflict` for a deployment that ended in another way in between.
*/
async function followRejected(rejected, registration, following, current) {
	const { nomad } = following;
	const { namespace, version, jobId } = registration;
	const { runtime } = current;
	const { value: deployment } = await nomad.deployments.read(rejected.id, namespace, 0, nomad.patience());
	if (deployment?.Status !== "failed") {
		const how = deployment === void 0 ? "it is gone" : deployment.StatusDescription;
		throw new ActionError("conflict", `the deployment of ${jobId} version ${version} ended before this run could reject it: ${how}`, { hint: "Nothing was rejected. `command: status` shows the job." });
	}
	runtime.log.info(deployment.StatusDescription);
	const named = DEPLOYMENT_WORDS.rollingBack.pattern.exec(deployment.StatusDescription)?.[1];
	const back = named === void 0 ? await rolledBack(deployment, registration, nomad, nomad.patience()) : Number(named);
	const { failureReason, running } = await afterFailure$1({
		outcome: "failed",
		reason: "marked-failed",
		description: deployment.StatusDescription,
		...back !== void 0 && { rolledBackTo: back }
	}, registration, following, current);
	if (running === void 0) return withoutRollback(rejected, registration, following, current);
	if (failureReason === "marked-failed-rolled-back") return {
		outcome: "rejected",
		running
	};
	const cause = `the canaries of version ${version} are rejected, but the rollback is not complete: ${running}`;
	runtime.log.error(cause, `${jobId}: failed`);
	return {
		outcome: "failed",
		failureReason: failureReason ?? "marked-failed",
		cause,
		running
	};
}
/** Waits until the canaries of a failed deployment are stopped, and says which versions serve. Throws `timed-out` with the canaries that still run. */
async function withoutRollback({ waiting }, { jobId, namespace, version }, { nomad, inputs }, { runtime, stage }) {
	const timeoutMs = inputs.timeoutMs ?? 3e5;
	const done = new AbortController();
	const signal = AbortSignal.any([
		runtime.signal,
		done.signal,
		runtime.clock.timeout(timeoutMs)
	]);
	let all = [];
	const isLeft = ({ JobVersion, TaskGroup, ClientStatus }) => JobVersion === version && waiting.includes(TaskGroup) && /^(pending|running|unknown)$/.test(ClientStatus);
	await stage("rollback", `Wait for the end of the canaries of version ${version}`, async () => follow(async (index) => nomad.jobs.allocations(jobId, namespace, index, signal), (value) => {
		all = value;
		if (!value.some(isLeft)) done.abort();
	}, {
		clock: runtime.clock,
		signal
	}).catch((error) => {
		if (!signal.aborted) throw error;
	}));
	runtime.signal.throwIfAborted();
	if (!done.signal.aborted) {
		const left = all.filter(isLeft).map(({ Name }) => Name);
		throw new ActionError("timed-out", `canaries of ${jobId} version ${version} still run after ${formatDuration(timeoutMs)}: ${left.join(", ")}`, { hint: "The deployment is failed, and Nomad is stopping them." });
	}
	const { serving, isDown } = servingOf(all, waiting);
	const running = `${serving}; version ${version} stays the newest one that is registered`;
	runtime.log.info(`Running now: ${running}`);
	if (!isDown) return {
		outcome: "rejected",
		running
	};
	const cause = `the canaries of version ${version} are stopped, and no allocation of an older version is running`;
	runtime.log.error(cause, `${jobId}: failed`);
	return {
		outcome: "failed",
		failureReason: "marked-failed",
		cause,
		running
	};
}
/** Returns the versions that serve, in words, and whether a group whose canaries were rejected has no running allocation. */
function servingOf(all, waiting) {
	const up = all.filter(({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus === "running");
	const groups = [.../* @__PURE__ */ new Set([...waiting, ...up.map(({ TaskGroup }) => TaskGroup)])];
	const ofGroup = (group) => {
		const own = up.filter(({ TaskGroup }) => TaskGroup === group).map(({ JobVersion }) => JobVersion);
		return [...new Set(own)].sort((a, b) => a - b).map((one) => `version ${one} with ${own.filter((other) => other === one).length} running`).join(" and ") || "nothing";
	};
	return {
		serving: groups.map((group) => `group ${group}: ${ofGroup(group)}`).join("; "),
		isDown: waiting.some((group) => !up.some(({ TaskGroup }) => TaskGroup === group))
	};
}
// src/watch/unchanged.ts
/** The longest question, an outage included. */
const UNCHANGED_READ_MS = 3e4;
/** The number of allocations whose checks are read for an unchanged job. */
const MAX_CHECKED = 3;
/** The longest wait for allocations that are starting, and the pause between two looks at them. */
const STARTING_MS = 1e4;
const AGAIN_MS = 1e3;
/** Returns the allocations of all versions of a job. */
async function allocationsOf({ ID }, { namespace, nomad, runtime }) {
	const soon = AbortSignal.any([runtime.signal, runtime.clock.timeout(UNCHANGED_READ_MS)]);
	return (await nomad.jobs.allocations(ID, namespace, 0, soon)).value;
}
/** Looks at the registered job once: whether all of it runs, and its checks pass. Calls `read` only where the allocations decide. */
async function lookAt(live, deployment, read, { namespace, nomad, runtime }) {
	if (live.Periodic || live.ParameterizedJob) return {
		how: "well",
		allocations: []
	};
	if (deployment !== void 0 && deployment.Status !== "successful") return {
		how: "under way",
		what: `its deployment is ${deployment.Status}`
	};
	const { kind, count } = rulesOf(live);
	if (kind === "batch") {
		if (live.Status === "dead") return {
			how: "well",
			allocations: []
		};
		const queued = live.Status === "pending" ? await queueWords(live, namespace, nomad, runtime.signal) : void 0;
		return {
			how: "under way",
			what: queued === void 0 ? "it is not complete" : `it ${queued}`
		};
	}
	const allocations = (await read()).filter(({ DesiredStatus, NextAllocation }) => DesiredStatus === "run" && !NextAllocation);
	if (deployment === void 0 && await isUnscheduled(live, allocations, {
		namespace,
		nomad,
		runtime
	})) return {
		how: "under way",
		what: "allocations of an older version are not replaced yet"
	};
	const empty = deployment !== void 0 || kind !== "system" ? void 0 : emptyGroup(live, allocations);
	if (empty !== void 0) return {
		how: "under way",
		what: `its group ${empty} has no allocation`
	};
	const running = allocations.filter((allocation) => isUp(allocation, live));
	const isJudged = live.Type !== "system" || deployment !== void 0;
	const judged = running.filter(({ TaskGroup }) => isJudged && countsChecks(live, TaskGroup));
	const checks = hasChecks(live) ? await failingChecks(judged, {
		namespace,
		nomad,
		runtime
	}) : {};
	const failing = Object.values(checks).flat()[0];
	const missing = allocations.filter((allocation) => !running.includes(allocation) && allocation.ClientStatus !== "unknown");
	if (running.length >= count && missing.length === 0 && failing === void 0) return {
		how: "well",
		allocations
	};
	const some = `${running.length} of its ${Math.max(count, running.length + missing.length)} allocations are running`;
	if (deployment === void 0 && failing === void 0 && !missing.some((allocation) => isGivenUp(allocation, live))) return {
		how: "under way",
		what: some
	};
	return {
		how: "unwell",
		what: failing === void 0 ? `only ${some}${startAgain(live, missing, namespace)}` : `it is not healthy: ${describeFailing(failing)}`,
		snapshot: {
			evaluation: void 0,
			deployment,
			allocations,
			checks
		}
	};
}
/**
* Returns whether a version without a deployment has still to replace older allocations. Those of a system job stay on a node that takes no new ones, so only a
* pending evaluation tells there.
*/
async function isUnscheduled(live, allocations, { namespace, nomad }) {
	if (!allocations.some(({ JobVersion, ClientStatus }) => JobVersion < live.Version && ClientStatus === "running")) return false;
	if (live.Type !== "system") return true;
	return (await nomad.jobs.evaluations(live.ID, namespace)).some(({ Status, TriggeredBy }) => Status === "pending" && TriggeredBy === "job-register");
}
/** Returns the first group that has no allocation, and is to have some. */
function emptyGroup({ TaskGroups }, allocations) {
	return TaskGroups?.find(({ Name, Count }) => Count !== 0 && !allocations.some(({ TaskGroup }) => TaskGroup === Name))?.Name;
}
/** Looks until no allocation is starting: Nomad may be replacing a failed one at this moment. */
async function lookSettled(live, deployment, asking) {
	const { clock, signal } = asking.runtime;
	const isStarting = (allocation) => allocation.ClientStatus === "pending" || allocation.ClientStatus === "failed" && !allocation.FollowupEvalID && hasAttemptsLeft(allocation, live);
	for (const untilMs = clock.now() + STARTING_MS;; await clock.sleep(AGAIN_MS, signal)) {
		const condition = await lookAt(live, deployment, async () => allocationsOf(live, asking), asking);
		if (condition.how === "well" && deployment === void 0) return await begunSince(live, asking) ?? condition;
		if (condition.how !== "unwell" || clock.now() >= untilMs || !condition.snapshot.allocations.some(isStarting)) return condition;
	}
}
/**
* Returns the deployment that Nomad has begun since the deployments were read, as a condition: it begins one for a replacement when the last one of the version was
* garbage-collected.
*/
async function begunSince(live, { namespace, nomad, runtime }) {
	if (live.Type === "batch" || live.Type === "sysbatch") return void 0;
	const own = (await nomad.jobs.deployments(live.ID, namespace, runtime.signal)).find(({ JobVersion, JobSpecModifyIndex }) => JobVersion === live.Version && JobSpecModifyIndex === live.JobModifyIndex);
	return own === void 0 || own.Status === "successful" ? void 0 : {
		how: "under way",
		what: `its deployment is ${own.Status}`
	};
}
/** Returns whether Nomad does not reschedule a failed allocation any more. Without a limit of attempts, the next evaluation comes a moment after the failure. */
function isGivenUp(allocation, job) {
	return allocation.ClientStatus === "failed" && !allocation.FollowupEvalID && !hasAttemptsLeft(allocation, job);
}
/** Returns how to start an allocation again that Nomad does not reschedule any more. */
function startAgain(job, missing, namespace) {
	const { ID } = job;
	const given = missing.find(({ ClientStatus, FollowupEvalID }) => ClientStatus === "failed" && !FollowupEvalID);
	if (given === void 0) return "";
	const policy = reschedulePolicyOf(job, given);
	const how = policy?.Unlimited === true || (policy?.Attempts ?? 0) > 0 ? `run \`nomad job eval -force-reschedule -namespace=${namespace} ${ID}\` to start it again` : `change the group ${given.TaskGroup}, or run \`command: stop\` and deploy again, to start it again`;
	return `, and Nomad does not reschedule allocation ${shortId(given.ID)}: ${how}`;
}
async function failingChecks(allocations, { namespace, nomad, runtime }) {
	const read = await Promise.all(allocations.slice(0, MAX_CHECKED).map(async (allocation) => {
		const { ID } = allocation;
		const results = await nomad.allocations.checks(ID, namespace, runtime.signal);
		if (results === void 0) runtime.log.warning(describeUnread(allocation));
		return [ID, results ?? []];
	}));
	const failing = (result) => result.Status === "failure" && !isIgnored(result);
	return Object.fromEntries(read.map(([id, results]) => [id, results.filter(failing)]));
}
/** Returns the verdict on a version that was stopped or replaced since it was read; undefined where it is still the newest. */
async function leftMeanwhile(live, { namespace, nomad }) {
	const now = await nomad.jobs.read(live.ID, namespace);
	if (now === void 0 || now.Stop) return {
		outcome: "cancelled",
		description: "the job was stopped while this run looked at it"
	};
	if (now.JobModifyIndex === live.JobModifyIndex) return void 0;
	return {
		outcome: "superseded",
		description: `version ${live.Version} was replaced by version ${now.Version} while this run looked at it`
	};
}
/** Judges a job that the cluster has already, without a registration; follows a rollout that is under way to its end. */
async function followUnchanged(following, job, { live, deployment }, current) {
	const { runtime, note } = current;
	const { nomad, draft } = following;
	const { namespace } = draft;
	note({
		jobVersion: live.Version,
		...deployment === void 0 ? {} : { deploymentId: deployment.ID }
	});
	const asking = {
		namespace,
		nomad,
		runtime
	};
	const condition = await lookSettled(live, deployment, asking);
	if (condition.how === "under way") {
		runtime.log.info(`Version ${live.Version} is the same job, and ${condition.what}, so this run follows it`);
		const underWay = {
			jobId: job.ID,
			namespace,
			evaluationId: "",
			version: live.Version,
			jobModifyIndex: live.JobModifyIndex,
			previousVersion: void 0
		};
		const deploymentId = deployment === void 0 ? {} : { deploymentId: deployment.ID };
		return followRegistration(following, job, {
			...underWay,
			...deploymentId
		}, current);
	}
	if (condition.how === "unwell") {
		const description = `Nomad has this version already, but ${condition.what}`;
		return explain({
			verdict: await leftMeanwhile(live, asking) ?? {
				outcome: "failed",
				reason: "unhealthy",
				description
			},
			snapshot: condition.snapshot,
			evidence: []
		}, following, current);
	}
	if (live.Periodic || live.ParameterizedJob) return { outcome: "unchanged" };
	const { allocations } = condition;
	note({ allocations: allocationRecords(allocations) });
	const checking = verifying(following, job, {
		jobId: job.ID,
		namespace,
		version: live.Version
	}, current);
	const problem = await checking.afterwards();
	if (problem === void 0) return { outcome: "unchanged" };
	return explain({
		verdict: problem,
		snapshot: {
			evaluation: void 0,
			deployment,
			allocations
		},
		evidence: await checking.evidence()
	}, following, current);
}
// src/apps/locks.ts
/** The commands that register a version. The others serve to end a bad one, or would wait for a run that waits for them. */
const LOCKING = [
	"deploy",
	"resubmit",
	"revert",
	"scale"
];
/** Opens the locks of a run; none is taken yet. */
function openLocks(address, context, runtime) {
	const held = [];
	const leave = (environment) => {
		const lines = held.map(({ job: { namespace, nomad }, path, id }) => [
			namespace,
			path,
			id,
			nomad.region ?? ""
		].join(" "));
		runtime.leaveWord("lock", lines.length === 0 ? void 0 : {
			address,
			environment,
			locks: lines.join("\n")
		});
	};
	return {
		take: async (jobs, { inputs, target }) => {
			const { lock, command } = inputs;
			if (lock === "off" || !LOCKING.includes(command)) return false;
			const { takeLock } = await import("./lock2.js");
			const sorted = [...jobs].sort((a, b) => keyOf(a).localeCompare(keyOf(b), "en"));
			for (const one of sorted) {
				const timeoutMs = inputs.timeoutMs ?? timeoutFor(one.job, 0);
				held.push(await takeLock(one, {
					lock,
					command,
					timeoutMs,
					context
				}, runtime));
				leave(target.environment.name);
			}
			return held.some(({ waited }) => waited);
		},
		requireHeld: async () => {
			for (const one of held) await one.requireHeld();
		},
		release: async () => {
			await Promise.all(held.map(async ({ release }) => release()));
			if (held.length > 0) runtime.leaveWord("lock", void 0);
		}
	};
}
const keyOf = ({ namespace, jobId, nomad }) => [
	nomad.region ?? "",
	namespace,
	jobId
].join(" ");
// src/apps/cluster.ts
/**
* Opens the connection to the cluster of the works, logs in, and reads the policy of the default branch. Masks the tokens of the login before files of the
* checkout are rendered. The caller releases `locks` and closes `regions`. Throws `input-invalid`, `unreachable`, `permission-denied`.
*/
async function connectTo({ config, context, units }, works, address, { runtime, note }) {
	const [{ inputs, target }] = units;
	const [own] = works.map((work) => variableRegion(work, context));
	const region = inputs.nomadRegion ?? own;
	if (region !== void 0) note({ region });
	const way = {
		address,
		region,
		environment: target.environment.value,
		pemFiles: works[0].files.pemFiles
	};
	const limits = units.map((unit) => unit.inputs.timeoutMs ?? Number.POSITIVE_INFINITY);
	const regions = await openRegions({
		...inputs,
		timeoutMs: Math.max(...limits)
	}, way, context, runtime);
	const policy = config && policyOf(config);
	await regions.first.logIn().catch(async (error) => {
		await regions.close();
		throw error;
	});
	return {
		address,
		context,
		regions,
		github: openGitHub(inputs, context, runtime),
		policy,
		locks: openLocks(address, context, runtime)
	};
}
// src/apps/refusals.ts
/** Codes of failures that are not about one spec: the next spec would fail in the same way. */
const OF_THE_RUN = [
	"unreachable",
	"cancelled",
	"timed-out",
	"unknown-outcome",
	"unexpected"
];
/** Returns the refusal of one spec; undefined for a failure that is not about the spec. */
function refusalOf(thrown) {
	return thrown instanceof ActionError && !OF_THE_RUN.includes(thrown.code) ? thrown : void 0;
}
/** Logs each refusal with its job and file. Returns the result of the run: that of the first refused spec, with all specs as jobs. */
async function refuseSpecs(all, runtime) {
	const jobs = [];
	for (const { app, cluster, jobId, file, error } of all) {
		const known = {
			...app === void 0 ? {} : { app: app.name },
			...cluster === void 0 ? {} : { cluster },
			jobId
		};
		if (error === void 0) jobs.push({
			...known,
			outcome: "skipped",
			cause: "another job spec is refused"
		});
		else {
			const { code, hint, location = file === void 0 ? void 0 : { file } } = error;
			const named = failureOf$1(`${cluster === void 0 ? "" : `${cluster}: `}${app?.name ?? jobId}${file === void 0 ? "" : ` (${file})`}`, error);
			runtime.log.error(sentence(named), code, location);
			jobs.push({
				...known,
				outcome: "failed",
				failureReason: code,
				cause: error.message,
				...hint === void 0 ? {} : { hint },
				...location === void 0 ? {} : { location }
			});
		}
	}
	const [first = {}, ...others] = jobs.filter(({ outcome }) => outcome === "failed");
	const names = others.map(({ app, cluster, jobId }) => `${cluster === void 0 ? "" : `${cluster}: `}${app ?? jobId}`);
	return {
		...first,
		cause: `${first.cause}${names.length === 0 ? "" : `; also refused: ${names.join(", ")}`}`,
		jobs
	};
}
// src/apps/work.ts
/**
* Reads the files of each app and plans its images. Throws `input-invalid`, with the name of the app, for missing or invalid files, and where two images
* would have one tag.
*/
async function prepareWork(units, context, runtime) {
	const [first, ...others] = units;
	const work = async (unit) => naming(unit.app?.name, async () => workOf(unit, context, runtime));
	const all = [await work(first)];
	for (const unit of others) all.push(await work(unit));
	const owners = /* @__PURE__ */ new Map();
	for (const { name = "", plan } of all.flatMap(({ asked }) => asked)) for (const tag of plan.kind === "build" ? plan.tags : []) {
		const other = owners.get(tag);
		if (other !== void 0) throw new ActionError("input-invalid", `\`image\`: ${other} and ${name} would have the same tag ${tag}`, { hint: "Give each an `image` of its own, or remove `image`: the default is the repository and the name in the configuration file." });
		owners.set(tag, name);
	}
	return all;
}
async function workOf(unit, context, runtime) {
	const { inputs } = unit;
	const { workspace } = runtime;
	const files = await findFiles(inputs, workspace);
	const fromFiles = readVarFiles(await Promise.all(files.varFiles.map(async (path) => readSourceFile(path, workspace))));
	const specs = await Promise.all(files.specs.map(async (path) => readSpecFile(path, workspace)));
	if (specs.some(({ builtIn }) => builtIn)) requireLiterals(fromFiles);
	if (specs.length > 1 && inputs.jobName !== void 0) throw new ActionError("input-invalid", `\`job-name\`: ${specs.length} job specs can't share one name`, { hint: "Remove `job-name`: each spec names its job." });
	if ([
		"deploy",
		"plan",
		"render"
	].includes(inputs.command)) requireTemplate(inputs, specs);
	const asked = [];
	for (const own of unit.images) asked.push(...await askedImage(own, unit, specs, {
		context,
		workspace
	}));
	if ([
		"deploy",
		"plan",
		"render"
	].includes(inputs.command)) {
		requireOneEach(asked);
		for (const { inputs: own } of asked) requireDeclared(own.imageVariables, own.sources.inputs["image-variables"] ?? "", specs);
	}
	return {
		...unit,
		inputs: withRegistryPassword(inputs, specs, fromFiles, runtime),
		files,
		specs,
		fromFiles,
		asked
	};
}
/** Throws `input-invalid` for `blue-green` with a spec of the repository, which says itself how many canaries it has. */
function requireTemplate({ blueGreen }, specs) {
	const own = blueGreen ? specs.find(({ builtIn }) => !builtIn) : void 0;
	if (own === void 0) return;
	throw new ActionError("input-invalid", `\`blue-green\` is for the built-in template, and this run deploys ${own.name}`, { hint: "Set `canary` to the `count` of the group in the spec, and `auto_promote = false`." });
}
/** Throws `input-invalid` for an expression as region or password: both are needed before the cluster can evaluate it. */
function requireLiterals(fromFiles) {
	const early = Object.entries(fromFiles).find(([name, { expression }]) => expression !== void 0 && /^(REGION$|CI_)/.test(name));
	if (early === void 0) return;
	const [name, { source }] = early;
	const location = sourceLocation(source);
	throw new ActionError("input-invalid", `${source}: ${name} must be a literal, not an expression`, location && { location });
}
/** Returns the inputs with the registry password of the built-in template among the secrets, because everyone who may read a job sees its text. */
function withRegistryPassword(inputs, specs, fromFiles, { mask }) {
	const login = specs.some(({ builtIn }) => builtIn) ? registryLogin(givenValues(inputs, fromFiles)) : void 0;
	if (login === void 0) return inputs;
	mask(login.password);
	const sources = {
		...inputs.sources,
		secrets: {
			...inputs.sources.secrets,
			[REGISTRY_PASSWORD]: "CI_REGISTRY_READ_TOKEN or CI_REGISTRY_PASSWORD"
		}
	};
	return {
		...inputs,
		secrets: {
			...inputs.secrets,
			[REGISTRY_PASSWORD]: secret(login.password)
		},
		sources
	};
}
/** Returns the image to build or to look up; none when the specs name their own, or for a command about a registered job. */
async function askedImage(own, { inputs, target }, specs, { context, workspace }) {
	if (isOperation(inputs.command)) return [];
	const isNeeded = own !== inputs || specs.some(({ builtIn }) => builtIn) || Object.keys(own.imageVariables).length > 0;
	const plan = planImage(own, await findFiles(own, workspace), isNeeded, {
		target,
		context,
		workspace
	});
	return plan.kind === "none" ? [] : [{
		name: own.imageKey,
		plan,
		inputs: own
	}];
}
/** Returns the place of a spec among those of its app. */
function placeOf(spec, { specs }) {
	return {
		isFirst: specs[0] === spec,
		isLast: specs.at(-1) === spec
	};
}
// src/apps/drafts.ts
/**
* Drafts the job of each spec before the build, so that a bad address, token or spec fails early. Checks all specs, so that one run reports all refusals.
* Throws a failure that is not about one spec, and the refusal of a single spec.
*/
async function draftAll(works, cluster, current) {
	const { context, regions, policy } = cluster;
	const { runtime, stage, note } = current;
	const asked = works.flatMap((work) => work.asked);
	const provisional = provisionalImages(asked, works[0].inputs.command);
	const [only] = asked;
	if (policy !== void 0) runtime.log.info(`Policy of ${policy.source}`);
	if (only?.plan.kind === "existing") note({ image: only.plan.reference });
	const drafts = [];
	const checked = [];
	const all = works.flatMap((work) => work.specs);
	for (const work of works) {
		const { target, app } = work;
		const evaluate = async () => evaluateVarFiles(work.fromFiles, regions.first, work.inputs.nomadNamespace);
		const fromFiles = await naming(app?.name, evaluate);
		for (const spec of work.specs) {
			const bare = {
				spec,
				others: all.filter((other) => other !== spec),
				fromFiles,
				target,
				context,
				tags: tagsOf(work.asked),
				...NO_SECRETS,
				oversubscription: true,
				policy
			};
			const file = spec.builtIn ? void 0 : spec.name;
			try {
				const drafted = await stage("check", `Check ${nameOf$1(work, spec)} with the cluster's parser`, async () => firstTaken(provisional, async (references) => ({
					references,
					...await checkDraft(work.inputs, {
						...bare,
						...imagesOf(work.asked, asked, byName(asked, references))
					}, regions, runtime)
				})));
				if (asked.some(isProvisional)) requireFinalId(drafted.draft, spec.name);
				const hooks = work.inputs.command === "render" ? [] : hooksOf(work.inputs, placeOf(spec, work));
				if (hooks.length > 0) await (await import("./hooks.js")).checkHooks(hooks, work.inputs, drafted);
				requireOther(drafts, nameOf$1(work, spec), drafted);
				drafts.push({
					...drafted,
					work
				});
				checked.push({
					app,
					file,
					jobId: drafted.draft.job.ID,
					error: void 0
				});
			} catch (thrown) {
				const error = refusalOf(thrown);
				if (all.length === 1 || error === void 0) throw app === void 0 || !(thrown instanceof ActionError) ? thrown : failureOf$1(app.name, thrown);
				checked.push({
					app,
					file,
					jobId: jobNameIn(spec, target),
					error
				});
			}
		}
	}
	return {
		drafts,
		checked
	};
}
/**
* Takes the locks of the jobs of a deploy, where the run asks for locks, and refuses to replace canaries that wait for a person. Returns the drafts: new ones where
* another run held a lock, because it may have changed its job. Throws `job-locked`, `canaries-waiting`, and what `draftAll` throws.
*/
async function claimJobs(works, drafts, cluster, current) {
	const [first] = works;
	if (first.inputs.command !== "deploy") return drafts;
	const jobs = drafts.map(({ draft: { job, namespace }, nomad }) => ({
		jobId: job.ID,
		namespace,
		nomad,
		job
	}));
	const again = await cluster.locks.take(jobs, first) ? await draftAll(works, cluster, current) : void 0;
	const refused = again?.checked.find(({ error }) => error !== void 0);
	if (refused?.error !== void 0) throw refused.error;
	const ours = again?.drafts ?? drafts;
	for (const { draft, live, plan, nomad, rendering, work } of ours) {
		if (live === void 0 || work.inputs.expect !== void 0 || plan?.changed === "none" || provenanceOf(live).sha === rendering.context.sha) continue;
		await naming(work.app?.name, async () => requireNoneWaiting(live, draft.namespace, work.inputs, nomad));
	}
	return ours;
}
/** Returns the job id that is written in a refused spec; the name of the file where there is none. */
function jobNameIn({ builtIn, format, name, text }, { jobId }) {
	if (builtIn) return jobId;
	const label = format === "hcl" ? readBlocks(text).blocks.find(({ type }) => type === "job")?.labels[0] : /(?:^|[\s{,"'])ID["']?\s*:\s*["']?([^"'\s,}]+)/m.exec(text)?.[1];
	return label === void 0 || label === "" ? name : label.replaceAll("NOMAD_VAR_SLUG", jobId);
}
/** Returns the name of a job spec, behind that of its app where there are several apps. */
function nameOf$1({ app }, spec) {
	return app === void 0 ? spec.name : `${app.name} (${spec.name})`;
}
/** Throws `input-invalid` for a second spec of the same job: the second would replace the first. */
function requireOther(drafts, name, { nomad, draft: { job, namespace } }) {
	const same = drafts.find(({ draft, ...other }) => draft.job.ID === job.ID && draft.namespace === namespace && other.nomad === nomad);
	if (same === void 0) return;
	throw new ActionError("input-invalid", `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, { hint: "Give each job an id of its own." });
}
// src/apps/approvals.ts
/**
* Returns the approvable form of each plan. Where plans are compared, the jobs are rendered once more with images of random digests: a spec that spells out
* the provisional image must not pass for one that uses the built image. A spec whose job depends on the digest is approved with the provisional image, as
* the plan showed it; a job with the final image then never matches.
*/
async function approvablesOf(drafts, asked, { command, approvedPlan }, runtime) {
	const compared = command === "plan" || approvedPlan.length > 0;
	const found = [];
	for (const drafted of drafts) {
		const { draft, plan, references } = drafted;
		const shown = {
			job: draft.job,
			given: provisionalOf(drafted, asked, references)
		};
		const others = references.map((reference) => unknowable(reference, runtime.clock));
		const other = compared && others.some((one, i) => one !== references[i]) && {
			job: (await renderWith(drafted, asked, others, runtime)).job,
			given: provisionalOf(drafted, asked, others)
		};
		const { job, given } = other && isSameButForDigests(other.job, other.given, draft.job) ? other : shown;
		found.push(plan && approvable(withHooks(job, drafted), plan, given));
	}
	return found;
}
/** Compares each job's plan with the approved one before the build. Throws `plan-changed`. */
async function requireAllApproved({ drafts, approvables }, reporting) {
	for (const [i, drafted] of drafts.entries()) {
		const now = approvables[i];
		if (now !== void 0) await requireApproved(subjectOf(drafted), now, drafted.live, reporting);
	}
}
/** Compares each job, rendered with its final images, with the approved one. Throws `plan-changed`. */
async function requireAllApprovedWith(images, { drafts, approvables }, asked, runtime) {
	for (const [i, drafted] of drafts.entries()) {
		const approved = approvables[i];
		if (approved === void 0) continue;
		const { job } = await renderWith(drafted, asked, images, runtime);
		requireApprovedWith(withHooks(job, drafted), provisionalOf(drafted, asked, images), subjectOf(drafted), approved);
	}
}
/** Renders the job of a draft without secrets, with images by these references. */
async function renderWith({ rendering, nomad, work }, asked, references, runtime) {
	const names = byName(asked, references);
	return renderJobspec(work.inputs, {
		...rendering,
		...imagesOf(work.asked, asked, names)
	}, nomad, runtime);
}
/** Returns a job with its hooks, which are approved with it. */
function withHooks(job, { rendering, work }) {
	const hooks = hooksOf(work.inputs, placeOf(rendering.spec, work));
	return hooks.length === 0 ? job : {
		...job,
		Hooks: hooks
	};
}
/** Returns the values of this run in a job that is rendered with these image references. */
function provisionalOf({ rendering, work }, asked, references) {
	const pairs = asked.map(({ plan }, i) => ({
		plan,
		reference: references[i] ?? ""
	}));
	return {
		images: pairs.flatMap(({ plan, reference }) => plan.kind === "build" ? [reference] : []),
		looked: pairs.flatMap(({ plan, reference }) => plan.kind === "existing" ? [[reference, plan.reference]] : []),
		sha: rendering.context.sha,
		values: automaticValues(work.inputs, rendering)
	};
}
// src/apps/ask-first.ts
/**
* Names the cluster and the subject of a command that changes something, and asks the person at the terminal. Does nothing in a workflow. Throws `cancelled` for
* a no, and `input-invalid` in production where nobody can answer and `--yes` is not given.
*/
async function askFirst({ inputs: { command }, target: { environment } }, subject, address, { terminal, log, signal }) {
	if (terminal === void 0) return;
	log.info(`${command}: ${subject} at ${address} (${environment.name})`);
	const answer = await terminal.confirm("Go on?", signal);
	if (answer === false) throw new ActionError("cancelled", `${command} was not confirmed, so nothing was changed`);
	if (answer === void 0 && (environment.value === "production" || PRODUCTION.test(environment.name))) throw new ActionError("input-invalid", `${command} changes ${environment.name}, and there is no terminal to ask at`, { hint: "Add --yes." });
}
/** The name of an environment of the configuration file that is one for production. */
const PRODUCTION = /^prod/i;
// src/apps/each-job.ts
/**
* Does `work` for each job, in their order. After a failure, the later jobs are skipped, because they may need the failed one; of apps, only those that
* depend on it. The result and the outputs of the run are those of the first job, and its outcome is that of the first failed job.
*/
async function eachJob(all, current, work) {
	const jobs = [];
	/** The failed and the skipped jobs, each with the job that failed. */
	const lost = [];
	for (const [i, one] of all.entries()) {
		const { jobId, namespace } = one;
		const blocking = lost.find((other) => isNeeded(other.one, one));
		const share = i === 0 ? current.note : () => void 0;
		let result;
		if (blocking === void 0) {
			result = await attempt({
				jobId,
				namespace
			}, {
				...current,
				number: i + 1,
				note: share
			}, async (own) => work(one, own));
			if (!isGood(result.outcome)) lost.push({
				one,
				failed: result
			});
		} else {
			const { failed } = blocking;
			const skipped = {
				outcome: "skipped",
				cause: `the earlier job ${failed.jobId} failed`
			};
			share(skipped);
			result = {
				jobId,
				namespace,
				...skipped
			};
			current.runtime.log.notice(`${jobId} is skipped, because ${failed.jobId} failed.`);
			lost.push({
				one,
				failed
			});
		}
		jobs.push(result);
	}
	if (all.length > 1) current.note({ jobs });
	const [first] = lost;
	if (first === void 0) return {};
	const { outcome = "failed", failureReason, cause, hint, location } = first.failed;
	return {
		outcome,
		...failureReason === void 0 ? {} : { failureReason },
		...cause === void 0 ? {} : { cause: all.length > 1 ? `${first.one.app?.name ?? first.one.jobId}: ${cause}` : cause },
		...hint === void 0 ? {} : { hint },
		...location === void 0 ? {} : { location }
	};
}
/** Does `work` for one job of a run, and returns its result with what the job is known by, and its stages. A throw is a failure. `note` of the run gets each part. */
async function attempt(known, current, work) {
	let result = known;
	const note = (part) => {
		result = {
			...result,
			...part
		};
		current.note(part);
	};
	const stage = async (name, title, step) => timed(name, current.runtime, (done) => result = withStage(result, done), async () => current.stage(name, title, step));
	try {
		note(await work({
			...current,
			note,
			stage
		}));
	} catch (thrown) {
		note(await failure(thrown, current.runtime));
	}
	return result;
}
/** Returns whether a job may need an earlier one that failed or was skipped. */
function isNeeded({ app: other }, { app }) {
	return app === void 0 || other === void 0 || app.name === other.name || app.dependsOn.includes(other.name);
}
// src/apps/jobs.ts
/** Judges the drafts of a run together. Throws `input-invalid` for a secret, a check or a `periodic-force` that belongs to no job. */
async function judge(works, drafts, { address }, { runtime, note }) {
	const [{ inputs }] = works;
	const [first] = drafts;
	const all = drafts.map(({ draft }) => draft.job);
	if (first !== void 0) note(describeJob(address, jobOf(first)));
	if (inputs.periodicForce && !all.some(({ Periodic }) => Periodic)) throw new ActionError("input-invalid", `\`periodic-force\`: ${all.map(({ ID }) => ID).join(", ")} is not a periodic job`);
	if (inputs.app === void 0) requireScopes(Object.keys(inputs.secrets), all);
	const jobsOf = (work) => drafts.filter((drafted) => drafted.work === work).map(({ draft }) => draft.job);
	const checks = works.flatMap((work) => assignChecks(work.inputs.verify, jobsOf(work)));
	for (const work of works) requireBakes(work.inputs, jobsOf(work));
	const approvables = await approvablesOf(drafts, askedOf(works), inputs, runtime);
	const fingerprints = approvables.flatMap((one) => one === void 0 ? [] : [fingerprintText(one.fingerprint)]);
	if (fingerprints.length > 0) note({ planFingerprint: fingerprints.join("\n") });
	return {
		works,
		drafts,
		checks,
		approvables
	};
}
/** A look that is older than this (ms) is repeated: since then, the run has waited for another run, which may have built the image. */
const AHEAD_MS = 1e4;
/**
* Begins to look for earlier builds of the images of a deploy. It reads only, so a run that is refused has still built and written nothing. The disposal ends a
* look that no build needs any more, and waits for its end, so that it leaves nothing behind. On the machine of a person, files may change before the build
* begins, so nothing is looked for ahead.
*/
function lookAhead(works, runtime) {
	const asked = askedOf(works);
	if (!(runtime.terminal === void 0 && works[0].inputs.command === "deploy") || asked.every(({ plan }) => plan.kind !== "build")) return {
		looked: async () => void 0,
		[Symbol.asyncDispose]: async () => void 0
	};
	const given = new AbortController();
	const signal = AbortSignal.any([runtime.signal, given.signal]);
	const programs = [];
	const exec = async (argv, options) => {
		const ran = runtime.exec(argv, {
			...options,
			signal
		});
		programs.push(ran);
		return ran;
	};
	const begun = runtime.clock.now();
	const looking = import("./resolve.js").then(async ({ lookForBuilt }) => lookForBuilt(asked, {
		...runtime,
		exec,
		signal
	}));
	const ended = looking.then(() => void 0, () => void 0);
	return {
		looked: async () => runtime.clock.now() - begun > AHEAD_MS ? void 0 : looking,
		[Symbol.asyncDispose]: async () => {
			given.abort(/* @__PURE__ */ new Error("the run builds nothing"));
			await ended;
			await Promise.allSettled(programs);
		}
	};
}
/**
* Compares the plans with the approved ones, records the deploy on GitHub, and builds or finds the images, which are the same in all clusters. Returns their
* references by name; undefined where no image is asked for. Throws `plan-changed` before and after the build, and the errors of the build.
*/
async function buildApproved(all, current, ahead) {
	const [{ jobs, cluster }] = all;
	const { context, github, regions } = cluster;
	const [{ inputs, target }] = jobs.works;
	const drafts = all.flatMap((placed) => placed.jobs.drafts);
	const [first] = drafts;
	const reporting = {
		inputs,
		context,
		target,
		github
	};
	for (const { jobs: own } of all) await requireAllApproved(own, reporting);
	await announce(reporting, {
		jobId: first?.draft.job.ID ?? target.jobId,
		region: first?.nomad.region
	}, current);
	for (const placed of all) for (const drafted of placed.jobs.drafts) await askFirst(drafted.work, jobText(jobOf(drafted)), placed.cluster.address, current.runtime);
	const asked = askedOf(jobs.works);
	const built = await (await COMMANDS.build.load())(asked, ({ plan }) => runningImages(plan, drafts, context), current, await ahead?.looked());
	for (const [i, image] of built.entries()) {
		const running = drafts.filter(({ work }) => work.asked.some((one) => one === asked[i]));
		for (const nomad of new Set(running.map((drafted) => drafted.nomad))) await requireArchitecture(image, nomad, current.runtime);
	}
	const final = built.map(({ reference }) => reference);
	if (inputs.approvedPlan.length > 0 && built.length > 0) for (const { jobs: own } of all) await requireAllApprovedWith(final, own, asked, current.runtime);
	const [own] = built;
	if (own?.isNew === false) await notePromotion(own, {
		context,
		target
	}, first?.nomad ?? regions.first, current);
	return built.length === 0 ? void 0 : byName(asked, final);
}
/** Runs the command on each draft, in their order. `images` has the built or found images. */
async function commandEach({ jobs, cluster }, images, current) {
	const perform = await commandOf(jobs.works[0]);
	return eachJob(jobs.drafts.map((drafted) => ({
		...jobOf(drafted),
		app: drafted.work.app
	})), current, async (_one, own) => {
		const deploying = deployingOf({
			jobs,
			cluster
		}, own.number - 1, images, own);
		return perform(deploying, own);
	});
}
/** Returns the function of the command of a run about job specs. */
async function commandOf({ inputs }) {
	const command = COMMANDS[inputs.command];
	if (command.about !== "specs") throw new Error(`${inputs.command} is not about job specs`);
	const perform = await command.load();
	if (inputs.command !== "deploy") return perform;
	const { releasing } = await import("./keep.js");
	return async (deploying, own) => {
		const { rendering, draft, nomad } = deploying;
		const claim = claimOf(deploying.inputs, rendering.context, rendering.target);
		const about = {
			job: draft.job,
			namespace: draft.namespace,
			inputs: deploying.inputs,
			context: rendering.context,
			nomad,
			claim
		};
		return releasing(about, own, async (noting) => perform(deploying, noting));
	};
}
/** Returns a draft with all that its command needs, and notes what its job is known by. */
function deployingOf({ jobs, cluster }, i, images, own) {
	const { works, drafts, checks, approvables } = jobs;
	const asked = askedOf(works);
	const drafted = drafts[i];
	if (drafted === void 0) throw new Error(`there is no draft ${i}`);
	const { rendering, references, draft, work } = drafted;
	const job = jobOf(drafted);
	const described = describeJob(cluster.address, job);
	own.note({
		...described,
		...describeApp(work, imageOf(work.asked, images ?? namesGiven(asked)))
	});
	return {
		inputs: work.inputs,
		rendering: {
			...rendering,
			...imagesOf(work.asked, asked, images ?? byName(asked, references))
		},
		draft,
		nomad: job.nomad,
		checks: checks[i] ?? [],
		nomadUrl: described.nomadUrl,
		github: cluster.github,
		asked,
		own: work.asked,
		judged: drafted.live,
		hooks: hooksOf(work.inputs, placeOf(rendering.spec, work)),
		requireHeld: cluster.locks.requireHeld,
		approvable: approvables[i]
	};
}
/** Builds, tests and pushes the images, for `command: build`. */
async function buildOnly(works, current) {
	await (await COMMANDS.build.load())(askedOf(works), () => [], current);
	return { outcome: "built" };
}
/** Returns the images that the works ask for. */
function askedOf(works) {
	return works.flatMap((work) => work.asked);
}
/** Returns the part of the result that names one of several apps. */
function describeApp({ app, target }, image) {
	if (app === void 0) return {};
	return {
		app: app.name,
		...image === "" ? {} : { image },
		...target.url === void 0 ? {} : {
			url: target.url,
			urls: target.hostnames.map((host) => `https://${host}`)
		}
	};
}
/** Returns the job of a draft, with its namespace and Nomad in its region. */
function jobOf({ draft, nomad }) {
	return {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		nomad
	};
}
// src/apps/operate-each.ts
/** Runs a command about registered jobs on each job. All commands but `stop` and `sweep` take one job. */
async function operateEach(works, cluster, current) {
	const { address, context, regions, github, policy } = cluster;
	const [{ inputs }] = works;
	const { about } = COMMANDS[inputs.command];
	if (policy !== void 0 && inputs.command === "scale") current.runtime.log.info(`Policy of ${policy.source}`);
	requireCount(inputs.count, policy);
	if (about === "cluster") {
		const login = await COMMANDS.login.load();
		const stronger = inputs.nomadToken[works[0].target.environment.value]?.source;
		return login({
			address,
			nomad: regions.first,
			stronger,
			method: inputs.authMethod,
			terminal: requireTerminal(inputs.command, current.runtime)
		}, current);
	}
	if (about === "review-apps") {
		const sweep = await COMMANDS.sweep.load();
		const ask = async (subject) => askFirst(works[0], subject, address, current.runtime);
		return sweep({
			inputs,
			context,
			regions: await sweptRegions(works, cluster, current.runtime),
			github,
			address,
			ask
		}, current);
	}
	const found = [];
	if (about === "job" && works.length > 1) throw new ActionError("input-invalid", `\`command\`: ${inputs.command} takes one job, and there are ${works.length} apps`, { hint: `Select one app with the input \`app\`: ${works.map(({ app }) => app?.name).join(", ")}.` });
	const findAll = async () => {
		found.length = 0;
		for (const work of works) {
			requireClear(work);
			const existing = await findJobs(work, cluster, current.runtime);
			found.push(...existing.map((one) => ({
				...one,
				work,
				app: work.app
			})));
		}
	};
	await findAll();
	for (const { work, job, ...one } of isReading(inputs.command) ? [] : found) if (job !== void 0) await askFirst(work, jobText(one), address, current.runtime);
	const registered = found.flatMap(({ job, ...one }) => job === void 0 ? [] : [{
		...one,
		job
	}]);
	if (await cluster.locks.take(registered, works[0])) await findAll();
	return eachJob(found, current, async ({ work: { inputs, target }, ...one }, own) => {
		const known = describeJob(address, one);
		own.note(known);
		const checks = one.job === void 0 ? [] : assignChecks(inputs.verify, [one.job])[0] ?? [];
		const result = await operate(one, {
			inputs,
			rendering: {
				spec: one.spec,
				target
			},
			nomad: one.nomad,
			checks,
			nomadUrl: known.nomadUrl
		}, {
			context,
			github
		}, own);
		await recordOperation(one, result, {
			inputs,
			context,
			target,
			github
		}, current.runtime);
		return result;
	});
}
/**
* Throws `input-invalid`, before the cluster is asked, for several jobs of a command that takes one, and for a stop outside of review apps that the workflow
* does not name.
*/
function requireClear({ inputs: { command, jobName, jobs, sources }, target, specs }) {
	if (command !== "stop" && specs.length > 1 && (jobName === void 0 || jobs.length > 0)) throw new ActionError("input-invalid", `\`command\`: ${command} takes one job, and there are ${specs.length} specs: ${specs.map(({ name }) => name).join(", ")}`, { hint: "Name the job with `job-name`, or give one `job`." });
	const { value, source, isBranch } = target.environment;
	const isSaid = sources.inputs.environment === "environment" || sources.inputs["job-name"] === "job-name";
	if (command === "stop" && value !== "review" && !isSaid) throw new ActionError("input-invalid", `\`command: stop\` would stop the job of ${value} (${source})`, { hint: `By default, only review apps are stopped. To stop this job, set ${isBranch ? "" : `\`environment: ${value}\` or `}\`job-name${isBranch ? `: ${target.jobId}` : ""}\`.` });
}
/** Finds the jobs of a work, registered or not. Throws the errors of `renderJobspec`. */
async function findJobs(work, cluster, runtime) {
	return findExisting(work, bareRendering(work, cluster), cluster.regions, runtime);
}
/** Returns Nomad in each region of review apps: that of `nomad-region`, else those of the specs. */
async function sweptRegions(works, cluster, runtime) {
	const { regions } = cluster;
	const found = [];
	for (const work of works) for (const spec of work.inputs.nomadRegion === void 0 ? work.specs : []) {
		const Region = await namedRegion(work.inputs, {
			...bareRendering(work, cluster),
			spec
		}, regions.first, runtime);
		found.push(await regions.of({ Region }, spec));
	}
	return found.length === 0 ? [regions.first] : [...new Set(found)];
}
/** Returns the rendering of a spec for a command that does not build. */
function bareRendering(work, { context, policy }) {
	const { fromFiles, target } = work;
	const asked = work.images.map((own) => namedBy(own, context));
	const images = imagesOf(asked, asked, byName(asked, asked.map(provisionalImage)));
	const rules = policy && {
		...policy,
		policy: {
			...policy.policy,
			imageRegistries: void 0
		}
	};
	return {
		fromFiles,
		target,
		context,
		...images,
		...NO_SECRETS,
		oversubscription: true,
		policy: rules
	};
}
/** Returns the image for a command about a registered job: that of the workflow, else one named after the repository. */
function namedBy(inputs, { repository }) {
	const reference = inputs.image ?? `${inputs.registry}/${repository}`.toLowerCase();
	return {
		name: inputs.imageKey,
		plan: {
			kind: "existing",
			reference
		},
		inputs
	};
}
// src/apps/sequence.ts
/** Returns whether a run has several waves or clusters, or is all or nothing. Only such a run loads the code for them. */
function isSequence(units) {
	const [{ wave, inputs }] = units;
	if (wave === void 0) return false;
	return inputs.allOrNothing || units.some((unit) => unit.wave !== wave || unit.cluster?.name !== units[0].cluster?.name);
}
// src/apps/members.ts
/** Returns the name of a member: its cluster and its app, or its job. */
function nameOf({ known }) {
	const what = known.app ?? known.jobId ?? "";
	return known.cluster === void 0 ? what : `${known.cluster} (${what})`;
}
/** Returns the names of a wave. */
function titleOf(members, wave) {
	return members.filter((member) => member.wave === wave).map(nameOf).join(", ");
}
/** Returns the entries of the members. */
function placesOf(members) {
	return members.map(({ known, result }) => result ?? known);
}
/** The parts of a result that name one job in one place. */
const OF_ONE = [...[
	"app",
	"cluster",
	"wave",
	"jobId",
	"jobVersion",
	"previousVersion",
	"namespace",
	"region",
	"nomadAddr",
	"nomadUrl",
	"dispatchedJobId"
], ...[
	"evaluationId",
	"deploymentId",
	"url",
	"urls",
	"changed",
	"spec",
	"planFingerprint"
]];
/** Parts of one job that its entry alone has. */
const OF_ENTRY = [
	"app",
	"cluster",
	"wave",
	"dispatchedJobId",
	"evaluationId",
	"deploymentId",
	"spec",
	"planFingerprint"
];
/** Returns a part of the result without what names one place, for a run that has several. */
function withoutPlace(part) {
	return Object.fromEntries(Object.entries(part).filter(([name]) => !OF_ONE.some((one) => one === name)));
}
/** Returns what all entries have in common of the parts that name a place. */
function sharedBy([first = {}, ...others]) {
	const texts = others.map((other) => new Map(Object.entries(other).map(([name, value]) => [name, JSON.stringify(value)])));
	return Object.fromEntries(Object.entries(first).filter(([name, value]) => OF_ONE.some((one) => one === name) && !OF_ENTRY.includes(name) && texts.every((other) => other.get(name) === JSON.stringify(value))));
}
/** Notes the entries of a run and what they share. Returns the outcome of the run: that of the entry that failed, else of the first bad one. */
function wholeResult(entries, record, failed) {
	record.note({
		...entries.length === 1 ? entries[0] : sharedBy(entries),
		jobs: entries,
		waves: entries.map(({ wave, cluster, app, jobId = "", namespace, region, nomadAddr, outcome = "failed", jobVersion, running }) => ({
			...wave === void 0 ? {} : { wave },
			...cluster === void 0 ? {} : { cluster },
			...app === void 0 ? {} : { app },
			jobId,
			...namespace === void 0 ? {} : { namespace },
			...region === void 0 ? {} : { region },
			...nomadAddr === void 0 ? {} : { nomadAddr },
			outcome,
			...jobVersion === void 0 ? {} : { jobVersion },
			...running === void 0 ? {} : { running }
		}))
	});
	const bad = failed?.result ?? entries.find(({ outcome }) => !isGood(outcome));
	const waiting = entries.find(({ outcome }) => outcome === "awaiting-promotion");
	if (bad === void 0 || isGood(bad.outcome)) {
		const [first] = entries;
		const rest = entries.filter(({ outcome }) => outcome !== "unchanged");
		return { outcome: waiting?.outcome ?? rest[0]?.outcome ?? first?.outcome ?? "failed" };
	}
	const { outcome = "failed", failureReason, cause, hint, location } = bad;
	return {
		outcome,
		...failureReason === void 0 ? {} : { failureReason },
		cause: `${nameOf({ known: bad })}: ${cause ?? outcome}`,
		...hint === void 0 ? {} : { hint },
		...location === void 0 ? {} : { location }
	};
}
// src/apps/bake.ts
/** The time between two looks at a job. */
const LOOK_MS = 5e3;
/**
* Watches the jobs of the earlier waves for a time: each must stay what this run made of it, with all allocations running, no restart and no failing check. An
* allocation that is not running at two looks in a row fails the bake. Returns the first member that failed, with its result; undefined also when the workflow
* is cancelled.
*/
async function bake(members, bakeMs, current) {
	const { runtime } = current;
	const { clock, signal, log } = runtime;
	const names = members.map(nameOf).join(", ");
	return current.stage("bake", `Bake: ${names} must stay healthy for ${formatDuration(bakeMs)}`, async () => {
		const until = clock.now() + bakeMs;
		const before = /* @__PURE__ */ new Map();
		const unwell = /* @__PURE__ */ new Set();
		for (;;) {
			for (const member of members) {
				const result = await attempt(member.result ?? member.known, {
					...current,
					number: member.number,
					note: () => void 0
				}, async (own) => look(member, {
					before,
					unwell
				}, own));
				if (signal.aborted) return void 0;
				if (result.failureReason === void 0) continue;
				member.result = result;
				log.info(`${nameOf(member)} did not stay healthy`);
				return member;
			}
			const leftMs = until - clock.now();
			if (leftMs <= 0) return void 0;
			try {
				await clock.sleep(Math.min(LOOK_MS, leftMs), signal);
			} catch {
				return;
			}
		}
	});
}
/** Looks at a job once. Returns nothing for a healthy one, else its failure. */
async function look(member, { before, unwell }, own) {
	const { deploying } = member;
	if (deploying === void 0) return {};
	const { draft, nomad } = deploying;
	const { runtime } = own;
	const { job: live, deployment } = await readLive(draft, nomad);
	if (live === void 0 || live.Stop) return gone(`${draft.job.ID} was ${live === void 0 ? "purged" : "stopped"} during the bake`);
	const asking = {
		namespace: draft.namespace,
		nomad,
		runtime
	};
	const all = await allocationsOf(live, asking);
	const first = before.get(member) ?? {
		job: live,
		failed: new Set(all.filter(isLost).map(({ ID }) => ID)),
		restarts: restartsOf(all)
	};
	before.set(member, first);
	if (!(live.Version === (member.result?.jobVersion ?? live.Version) || isDeepStrictEqual(provenanceOf(live), provenanceOf(first.job)))) return gone(`version ${live.Version} of ${live.ID} was registered during the bake`);
	const broken = all.find((one) => isLost(one) && !first.failed.has(one.ID));
	const restarted = all.find(({ ID, ClientStatus }) => ClientStatus === "running" && (restartsOf(all).get(ID) ?? 0) > (first.restarts.get(ID) ?? 0));
	const condition = await lookAt(live, deployment, async () => all, asking);
	const isBatch = live.Type === "batch" || live.Type === "sysbatch";
	const what = !isBatch && broken !== void 0 ? `allocation ${shortId(broken.ID)} ${broken.ClientStatus === "lost" ? "was lost" : "failed"}` : !isBatch && restarted !== void 0 ? `a task of allocation ${shortId(restarted.ID)} was restarted` : condition.how === "unwell" && (unwell.has(member) || Object.values(condition.snapshot.checks ?? {}).flat().length > 0) ? condition.what : void 0;
	if (condition.how === "unwell") unwell.add(member);
	else unwell.delete(member);
	if (what === void 0) return {};
	const description = `version ${live.Version} did not stay healthy during the bake: ${what}`;
	const snapshot = condition.how === "unwell" ? condition.snapshot : {
		evaluation: void 0,
		deployment,
		allocations: all.filter(({ JobVersion }) => JobVersion === live.Version)
	};
	return explain({
		verdict: {
			outcome: "failed",
			reason: "unhealthy",
			description
		},
		snapshot,
		evidence: []
	}, deploying, own);
}
/** Throws the error about a job that another run or a person changed. */
function gone(message) {
	throw new ActionError("conflict", message, { hint: "Another run or a person changed the job, so the next wave is not started." });
}
const isLost = ({ ClientStatus }) => ClientStatus === "failed" || ClientStatus === "lost";
function restartsOf(all) {
	return new Map(all.map(({ ID, TaskStates }) => [ID, Object.values(TaskStates ?? {}).reduce((sum, { Restarts }) => sum + Restarts, 0)]));
}
// src/apps/undo.ts
/**
* Takes back what a run registered, the last job first: each job goes back to its version before the run, and one that did not run then is stopped. A job that
* cannot be taken back is named with the reason, and the others go on. Sets the results of the members.
*/
async function undoAll(members, failed, current) {
	const { log } = current.runtime;
	for (const member of members.toReversed()) {
		const { result, deploying } = member;
		if (deploying === void 0 || result?.jobVersion === void 0 || result.outcome === "unchanged") continue;
		if (result.failureReason?.endsWith("-rolled-back") === true) continue;
		log.info(`All or nothing: ${nameOf(member)} goes back`);
		const tried = await attempt(result, {
			...current,
			number: member.number,
			note: () => void 0
		}, async (run) => undo(deploying, result, run));
		const went = isGood(tried.outcome);
		const undone = went || tried.running !== void 0 ? tried : {
			...tried,
			running: await runningNow(deploying, result.jobVersion)
		};
		member.result = member === failed ? failedAnd(result, undone) : {
			...undone,
			cause: went ? `taken back, because ${nameOf(failed)} failed` : `${NOT_BACK} ${undone.cause}`
		};
	}
	const kept = members.filter((one) => one !== failed && one.result?.cause?.startsWith(NOT_BACK) === true);
	if (kept.length > 0 && failed.result !== void 0) failed.result = {
		...failed.result,
		cause: `${failed.result.cause}; ${NOT_BACK} ${kept.map(nameOf).join(", ")}`
	};
}
const NOT_BACK = "not taken back:";
/** Returns the result of the job that failed, which stays the failure of the run, with the end of its way back. */
function failedAnd(result, undone) {
	const { failureReason, cause } = result;
	const running = undone.running === void 0 ? {} : { running: undone.running };
	if (!isGood(undone.outcome)) return {
		...result,
		...running,
		cause: `${cause}; ${NOT_BACK} ${undone.cause}`
	};
	const isPlain = (reason) => reason !== void 0 && Object.hasOwn(reasons, reason);
	return {
		...result,
		...running,
		...isPlain(failureReason) ? { failureReason: `${failureReason}-rolled-back` } : {}
	};
}
/** Returns what runs in the place of a job that was not taken back. */
async function runningNow({ nomad, draft: { job, namespace } }, version) {
	try {
		const now = await nomad.jobs.read(job.ID, namespace);
		if (now === void 0 || now.Stop) return "nothing";
		return now.Version === version ? `version ${version}, of this run` : `version ${now.Version}, registered after that of this run`;
	} catch {
		return "not known, since Nomad did not say";
	}
}
/** Takes one job back. Throws where that is not possible. */
async function undo(deploying, { jobVersion = 0, previousVersion }, current) {
	const { nomad, draft, inputs, rendering } = deploying;
	const { ID } = draft.job;
	const { namespace } = draft;
	const now = await nomad.jobs.read(ID, namespace);
	if (now === void 0) throw changed(`${ID} was purged meanwhile`);
	if (now.Version !== jobVersion) throw changed(`version ${now.Version} of ${ID} was registered after version ${jobVersion} of this run`);
	const claim = claimOf(inputs, rendering.context, rendering.target);
	const before = previousVersion === void 0 ? void 0 : await versionOf(previousVersion, now, namespace, deploying);
	if (before === void 0 || before.Stop) {
		await (await COMMANDS.stop.load())({
			jobId: ID,
			namespace,
			claim,
			purge: false,
			index: now.JobModifyIndex,
			timeoutMs: inputs.timeoutMs
		}, nomad, current);
		return {
			outcome: "stopped",
			running: `nothing: the job ${before === void 0 ? "did not exist" : "was stopped"} before this run`
		};
	}
	if ((now.Type === "batch" || now.Type === "sysbatch") && !now.Periodic && !now.ParameterizedJob) throw changed(`${ID} is a batch job, whose run cannot be undone`);
	const { what, ...owned } = ownedJob(before, namespace);
	permit(judgeOwner({
		...owned,
		what: `version ${before.Version} of ${what}`
	}, claim, "change"), current.runtime);
	const { EvalID, JobModifyIndex } = await revertJob(before, {
		job: now,
		namespace
	}, nomad);
	const made = {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex,
		before: now
	};
	const following = {
		...deploying,
		checks: [],
		inputs: {
			...inputs,
			promote: inputs.promote === "verify" ? "auto" : inputs.promote,
			onFailure: "leave"
		}
	};
	const version = now.Version + 1;
	const result = await attempt({}, current, async (own) => followNewVersion("reverted", made, following, own));
	const copy = `version ${result.jobVersion ?? version}, a copy of version ${before.Version}`;
	return {
		...result,
		running: isGood(result.outcome) ? `${copy}, as before this run` : `${copy}, which is not healthy`
	};
}
/** Returns the version before the run. Throws where Nomad does not keep it any more. */
async function versionOf(version, { ID }, namespace, { nomad }) {
	const found = (await nomad.jobs.versions(ID, namespace)).find(({ Version }) => Version === version);
	if (found === void 0) throw changed(`Nomad does not keep version ${version} of ${ID} any more`);
	return found;
}
function changed(message) {
	return new ActionError("conflict", message, { hint: "The job stays as it is." });
}
// src/apps/waves.ts
/**
* Does the command of a run that has waves or several clusters. Everything is checked in all clusters before the first registration. A deploy stops at the first
* failure. The result of the run has what all jobs share; each job has an entry of its own.
*/
async function inSequence(begun, record) {
	const [{ inputs }] = begun.units;
	const { runtime } = record;
	const groups = byCluster(begun.units);
	if (groups.length > 1 && isOperation(inputs.command) && inputs.command !== "stop") {
		const names = groups.map(([{ cluster }]) => cluster?.name).join(", ");
		throw new ActionError("input-invalid", `\`command\`: ${inputs.command} takes one cluster, and there are ${groups.length}: ${names}`, { hint: `Select one with the input \`cluster\`, such as \`cluster: ${groups[0]?.[0].cluster?.name}\`.` });
	}
	const current = {
		...record,
		note: (part) => record.note(withoutPlace(part))
	};
	const sites = await sitesOf(groups, begun, runtime);
	if (inputs.command === "build") return buildOnly(sites[0].works, current);
	const opened = [];
	try {
		for (const { name, works, address } of sites) opened.push(await naming(name, async () => connectTo({
			...begun,
			units: works
		}, works, address, current)));
		if (isOperation(inputs.command)) return await stopEach(sites, opened, record);
		const placed = [];
		const checked = [];
		for (const [i, { name, works }] of sites.entries()) {
			const cluster = opened[i];
			if (cluster === void 0) continue;
			if (name !== void 0) runtime.log.info(`Checking the cluster ${name}`);
			const found = await naming(name, async () => draftAll(works, cluster, current));
			checked.push(...found.checked.map((one) => ({
				...one,
				...name === void 0 ? {} : { cluster: name }
			})));
			if (found.checked.every(({ error }) => error === void 0)) placed.push({
				cluster,
				jobs: await naming(name, async () => judge(works, await claimJobs(works, found.drafts, cluster, current), cluster, current))
			});
		}
		if (checked.some(({ error }) => error !== void 0)) return await refuseSpecs(checked, runtime);
		return await performAll(placed, record, current);
	} finally {
		for (const { locks, regions } of opened) {
			await locks.release();
			await regions.close();
		}
	}
}
/** Returns the units of each cluster. */
function byCluster(units) {
	const groups = /* @__PURE__ */ new Map();
	for (const unit of units) {
		const group = groups.get(unit.cluster?.name);
		if (group === void 0) groups.set(unit.cluster?.name, [unit]);
		else group.push(unit);
	}
	const [first = units, ...others] = groups.values();
	return [first, ...others];
}
/** Reads the files for each cluster. All clusters get the images of the first. */
async function sitesOf(groups, begun, runtime) {
	const site = async (units) => naming(units[0].cluster?.name, async () => {
		const [{ inputs, cluster }] = units;
		const address = inputs.command === "build" ? "" : requireAddress(commonTarget(units), inputs, runtime);
		return {
			name: cluster?.name,
			works: await prepareWork(units, begun.context, runtime),
			address
		};
	});
	const first = await site(groups[0]);
	const sites = [first];
	for (const units of groups.slice(1)) {
		const own = await site(units);
		const same = (work) => ({
			...work,
			asked: first.works.find(({ app }) => app?.name === work.app?.name)?.asked ?? work.asked
		});
		const [one, ...others] = own.works;
		sites.push({
			...own,
			works: [same(one), ...others.map(same)]
		});
	}
	return sites;
}
/** Stops the jobs of each cluster, one after the other. A failure in one cluster leaves the others to their own. */
async function stopEach(sites, clusters, record) {
	const all = [];
	for (const [i, { name = "", works }] of sites.entries()) {
		const cluster = clusters[i];
		if (cluster === void 0) continue;
		const own = {
			...record,
			note: () => void 0
		};
		all.push(await attempt({
			cluster: name,
			nomadAddr: cluster.address,
			jobId: works[0].target.jobId
		}, own, async (run) => operateEach(works, cluster, run)));
	}
	return wholeResult(all, record);
}
/** Runs the command for each member, wave by wave. */
async function performAll(placed, record, current) {
	const [first, ...others] = placed;
	if (first === void 0) throw new Error("a run without jobs");
	const [{ inputs }] = first.jobs.works;
	const members = membersOf(placed);
	requireApart(members);
	const fingerprints = members.flatMap(({ placed: { jobs }, index }) => jobs.approvables[index] ?? []);
	if (fingerprints.length > 0) record.note({ planFingerprint: fingerprints.map(({ fingerprint }) => fingerprintText(fingerprint)).join("\n") });
	const { log } = current.runtime;
	const waves = Math.max(...members.map(({ wave }) => wave));
	const isDeploy = inputs.command === "deploy";
	const between = waves > 1 && inputs.waveBakeMs > 0 ? `, ${formatDuration(inputs.waveBakeMs)} between two` : "";
	log.info(`${waves === 1 ? "One wave" : `${waves} waves${between}`}${inputs.allOrNothing ? ", all or nothing" : ""}`);
	for (const wave of wavesIn(members)) log.info(`  Wave ${wave}: ${titleOf(members, wave)}`);
	const images = isDeploy ? await buildApproved([first, ...others], current) : void 0;
	const perform = await commandOf(first.jobs.works[0]);
	let failed;
	for (const wave of wavesIn(members)) {
		log.info(`Wave ${wave} of ${waves}: ${titleOf(members, wave)}`);
		for (const member of members.filter((one) => one.wave === wave)) {
			if (isDeploy && current.runtime.signal.aborted) failed ??= member;
			if (failed !== void 0 && isDeploy) continue;
			if (members.filter((one) => one.wave === wave).length > 1) log.info(`${nameOf(member)}:`);
			const own = {
				...current,
				number: member.number,
				note: () => void 0
			};
			member.result = await attempt(member.known, own, async (run) => {
				member.deploying = deployingOf(member.placed, member.index, images, run);
				return perform(member.deploying, run);
			});
			if (!isGood(member.result.outcome) || isDeploy && member.result.outcome === "awaiting-promotion") failed ??= member;
		}
		const done = members.filter(({ result }) => result !== void 0);
		if (isDeploy && failed === void 0 && wave !== waves && inputs.waveBakeMs > 0) failed = await bake(done, inputs.waveBakeMs, current);
	}
	if (isDeploy && failed !== void 0) await afterFailure(members, failed, inputs.allOrNothing, current);
	return wholeResult(placesOf(members), record, failed);
}
/** Marks the members that were not started, and undoes the others where the run is all or nothing. */
async function afterFailure(members, failed, allOrNothing, current) {
	const { log, signal } = current.runtime;
	const cancelled = signal.aborted;
	const why = failed.result === void 0 || cancelled ? "the workflow was cancelled" : failed.result.outcome === "awaiting-promotion" ? `${nameOf(failed)} waits for a promotion` : `${nameOf(failed)} failed`;
	for (const member of members.filter(({ result }) => result === void 0)) {
		const outcome = failed.result === void 0 && member === failed ? "cancelled" : "skipped";
		member.result = {
			...member.known,
			outcome,
			cause: `not started, because ${why}`,
			...outcome === "cancelled" ? { failureReason: "cancelled" } : {}
		};
		log.notice(`${nameOf(member)} is not started, because ${why}.`);
	}
	if (allOrNothing && cancelled) log.warning("The workflow was cancelled, so nothing is reverted: the runner ends the step within seconds.");
	else if (allOrNothing && !isGood(failed.result?.outcome)) await undoAll(members, failed, current);
	for (const member of members) {
		const running = member.result?.running ?? runningIn(member);
		member.result = {
			...member.result,
			running
		};
		log.info(`Runs now: ${nameOf(member)}: ${running}`);
	}
}
/** Returns what runs in the place of a member that nobody has looked at since. */
function runningIn({ result = {}, live }) {
	const { jobVersion, outcome, failureReason } = result;
	if (failureReason === "unknown-outcome") return "not known, since the registration may have taken effect";
	if (jobVersion === void 0) return live === void 0 || live.Stop ? "nothing" : `version ${live.Version}, as before this run`;
	if (outcome === "superseded") return `a newer version than ${jobVersion}, of another run`;
	if (outcome === "timed-out" || outcome === "cancelled") return `version ${jobVersion}, whose rollout goes on`;
	return `version ${jobVersion}${isGood(outcome) ? "" : ", which failed"}`;
}
const wavesIn = (members) => [...new Set(members.map(({ wave }) => wave))];
/** Returns each draft as a member, in the order of the waves. */
function membersOf(placed) {
	return placed.flatMap((own) => own.jobs.drafts.map((drafted, index) => {
		const { app, cluster, wave = 1 } = drafted.work;
		const { jobId, namespace, nomad } = jobOf(drafted);
		return {
			placed: own,
			index,
			wave,
			known: {
				...app === void 0 ? {} : { app: app.name },
				...cluster === void 0 ? {} : { cluster: cluster.name },
				wave,
				jobId,
				namespace,
				nomadAddr: own.cluster.address,
				...nomad.region === void 0 ? {} : { region: nomad.region }
			},
			live: drafted.live,
			result: void 0,
			deploying: void 0
		};
	})).toSorted((a, b) => a.wave - b.wave).map((member, i) => ({
		...member,
		number: i + 1
	}));
}
/** Throws `input-invalid` for two members that are one job: the second would replace the first. */
function requireApart(members) {
	for (const [i, { known }] of members.entries()) {
		const same = members.slice(0, i).find(({ known: other }) => other.jobId === known.jobId && other.namespace === known.namespace && other.nomadAddr === known.nomadAddr && (other.region === known.region || other.region === void 0 || known.region === void 0));
		if (same === void 0) continue;
		throw new ActionError("input-invalid", `\`waves\`: the clusters ${same.known.cluster} and ${known.cluster} are one place: both have the job ${known.jobId} in the namespace ${known.namespace} at ${known.nomadAddr}`, { hint: "Give each cluster a `nomad-addr`, a `nomad-region` or a `namespace` of its own. A region that the spec names counts for all clusters." });
	}
}
// src/register/releases/tags.ts
/** The form of the messages of our tags. A tag with another message is a person's, whatever its name is. */
const MESSAGE = /^nomad-deploy (\w+): (https?:\/\/\S+|terminal \S+) by (.*)$/s;
/** The most characters of a message: Nomad refuses a job whose tag has more than 1000. */
const MAX_MESSAGE = 900;
/** Returns the message of a tag. */
function messageOf({ command, run, actor }) {
	return `nomad-deploy ${command}: ${run} by ${actor || "unknown"}`.slice(0, MAX_MESSAGE);
}
/** Reads the message of a version's tag; undefined without a tag, and for a tag of a person. */
function taggerOf({ VersionTag }) {
	const [, command, run, actor] = MESSAGE.exec(VersionTag?.Description ?? "") ?? [];
	return command === void 0 || run === void 0 || actor === void 0 ? void 0 : {
		command,
		run,
		actor
	};
}
/**
* Returns whether a version turned out well: its deployment was successful, or a run tagged it, since Nomad before 1.11 calls no version of a system job stable.
* The version that stops a job is a copy of the one before, and none.
*/
function wasGood(version) {
	return !version.Stop && (version.Stable === true || taggerOf(version) !== void 0);
}
/** Returns the name of a version's tag, where the workflow gives none. */
function usualName(version) {
	const { sha, changed } = provenanceOf(version);
	return `nomad-deploy-${sha === void 0 ? `version-${version.Version}` : `${sha}${changed === "true" ? "-changed" : ""}`}`;
}
/** Returns whether versions of a job are tagged. Nomad never collects a job with a tag, and each run of a job inherits its tag. */
function isTaggable({ ID, Type, Periodic, ParameterizedJob }) {
	return Type?.endsWith("batch") !== true && !Periodic && !ParameterizedJob && !ID.includes("/");
}
/** Returns whether an autoscaler may make versions of a job. Each is a copy with the tag of the version before, so that Nomad would keep all of them. */
function isAutoscaled({ TaskGroups }) {
	return (TaskGroups ?? []).some(({ Scaling }) => Scaling && Scaling.Enabled !== false);
}
/**
* Decides the tags of a job after a version turned out well. The tag of an older version of the same commit moves to the new one; an older version of another
* commit that has the wanted name gets its usual one. Tags of persons stay as they are. Nomad copies a tag with its version, so a name may be there several times:
* the newest of them keeps it. Of a job that an autoscaler scales, the version before is tagged, which gets no more copies.
*/
function planTags(versions, wish) {
	const all = [...versions].sort((a, b) => b.Version - a.Version);
	const own = all.find(({ Version }) => Version === wish.version);
	const late = own !== void 0 && isAutoscaled(own) && wish.name === void 0;
	const subject = late ? all.find((version) => version.Version < own.Version && wasGood(version)) : own;
	const book = openBook(all);
	const { name, notice } = subject === void 0 ? {
		name: void 0,
		notice: void 0
	} : nameFor(subject, all, wish);
	if (subject !== void 0 && name !== void 0) {
		book.wanted = name;
		for (const holder of all.filter((version) => version !== subject && book.nameOf(version) === name)) {
			const usual = usualName(holder);
			if (holder.Stop || usual === name || book.has(usual)) book.free(holder);
			else book.set(holder, usual, holder.VersionTag?.Description ?? "");
		}
		if (book.nameOf(subject) !== name) book.set(subject, name, messageOf(wish.tagger));
	}
	const releases = [];
	for (const version of all) {
		const tag = book.nameOf(version);
		if (tag === void 0 || !(taggerOf(version) !== void 0 || version === subject && tag === name)) continue;
		if (version.Stop || releases.some((newer) => book.nameOf(newer) === tag)) book.free(version);
		else releases.push(version);
	}
	const stay = wish.name === void 0 ? wish.keep : Math.max(wish.keep, 1);
	const dropped = releases.slice(stay);
	for (const version of dropped) book.free(version);
	return {
		steps: book.steps(),
		tag: own && book.nameOf(own),
		late,
		dropped,
		oldest: releases.slice(0, stay).at(-1)?.Version ?? 0,
		notice
	};
}
function openBook(all) {
	const names = new Map(all.flatMap(({ Version, VersionTag }) => VersionTag ? [[Version, VersionTag.Name]] : []));
	const [first, last] = [[], []];
	const book = {
		nameOf: ({ Version }) => names.get(Version),
		has: (name) => [...names.values()].includes(name),
		set: ({ Version }, name, message) => {
			first.push({
				do: "tag",
				version: Version,
				name,
				message
			});
			names.set(Version, name);
		},
		free: ({ Version, VersionTag }) => {
			const name = names.get(Version) ?? "";
			names.delete(Version);
			const unique = book.has(name) || name === book.wanted ? `${name}-v${Version}` : name;
			if (unique !== name) first.push({
				do: "tag",
				version: Version,
				name: unique,
				message: VersionTag?.Description ?? ""
			});
			last.push({
				do: "untag",
				name: unique
			});
		},
		steps: () => [...first, ...last],
		wanted: void 0
	};
	return book;
}
/** Returns the name that a version is to get; undefined where its tag stays as it is. */
function nameFor(subject, all, { name, keep }) {
	const stays = (notice) => ({
		name: void 0,
		notice
	});
	const { Version, VersionTag } = subject;
	if (VersionTag && taggerOf(subject) === void 0) return stays(name === void 0 || name === VersionTag.Name ? void 0 : `Version ${Version} keeps the tag ${VersionTag.Name} of a person, and is not tagged ${name}.`);
	if (keep === 0 && name === void 0) return stays();
	const usual = usualName(subject);
	const takenBy = (wanted) => all.find((version) => version !== subject && version.VersionTag?.Name === wanted && taggerOf(version) === void 0);
	const taken = takenBy(name ?? usual);
	if (taken === void 0) return {
		name: name ?? VersionTag?.Name ?? usual,
		notice: void 0
	};
	const problem = `The tag ${taken.VersionTag?.Name} is on version ${taken.Version}, and a person put it there`;
	if (name === void 0 || takenBy(usual) !== void 0) return stays(`${problem}: version ${Version} is not tagged.`);
	return {
		name: VersionTag?.Name ?? usual,
		notice: `${problem}: version ${Version} is tagged ${VersionTag?.Name ?? usual} instead.`
	};
}
// src/register/releases/goal.ts
/** The fewest characters that name a commit. */
const COMMIT = /^[0-9a-f]{4,40}$/i;
/**
* Returns the version to roll back to: by its number, its tag, its commit, or `-1`, the release before the serving one; by default the last version that was
* healthy, before the newest. A tag wins over a number, and a number over a commit. Throws `input-invalid`, with all that Nomad keeps, for a goal that is not
* there, not clear, or the newest version itself.
*/
function goalOf(job, versions, to) {
	const newestFirst = [...versions].sort((a, b) => b.Version - a.Version);
	const refused = (message, advice = "") => new ActionError("input-invalid", message, { hint: `Nomad keeps the versions ${newestFirst.map(described).join(", ")}.${advice}` });
	const isCurrent = ({ Version }) => Version === job.Version;
	if (to === void 0) {
		const last = newestFirst.find((version) => version.Version < job.Version && wasGood(version));
		if (last === void 0) throw refused(`${job.ID} has no older version that was healthy`, " Name one with `to`, or deploy an older commit.");
		return last;
	}
	if (to === "-1") {
		const [serving, before] = servingAndBefore(newestFirst);
		if (before === void 0) throw refused(`\`to\`: there is no release of ${job.ID} before version ${serving?.Version ?? job.Version}, which serves`);
		return before;
	}
	const [withTag] = newestFirst.filter(({ VersionTag, Stop }) => VersionTag?.Name === to && !Stop);
	if (withTag !== void 0) {
		if (isCurrent(withTag)) throw refused(`\`to\`: ${job.ID} is at version ${withTag.Version} already, which has the tag ${to}`);
		return withTag;
	}
	const numbered = /^\d+$/.test(to) ? newestFirst.find(({ Version }) => Version === Number(to)) : void 0;
	if (numbered !== void 0) {
		if (isCurrent(numbered)) throw refused(`\`to\`: ${job.ID} is at version ${to} already`);
		if (numbered.Stop) throw refused(`\`to\`: version ${to} of ${job.ID} is the one that stopped it`);
		return numbered;
	}
	const ofCommit = COMMIT.test(to) ? newestFirst.filter((version) => !version.Stop && commitOf(version).startsWith(to.toLowerCase())) : [];
	const commits = [...new Set(ofCommit.map(commitOf))];
	if (commits.length > 1) throw refused(`\`to\`: the commits ${commits.join(" and ")} of ${job.ID} begin with ${to}`);
	const [newest] = ofCommit;
	if (newest !== void 0) {
		if (isCurrent(newest) && wasGood(newest)) throw refused(`\`to\`: ${job.ID} is at commit ${to} already, as version ${newest.Version}`);
		const others = ofCommit.filter((version) => !isCurrent(version));
		const found = others.find(wasGood) ?? others[0];
		if (found === void 0) throw refused(`\`to\`: ${job.ID} is at commit ${to} already, as version ${newest.Version}`);
		return found;
	}
	if (/^\d{1,6}$/.test(to)) throw refused(`\`to\`: Nomad keeps no version ${to} of ${job.ID}`);
	throw refused(`\`to\`: Nomad keeps no version of ${job.ID} with the ${COMMIT.test(to) ? "tag or the commit" : "tag"} ${to}`);
}
/**
* Returns the serving version, which is the newest that turned out well, and the release before it. A version that was rolled back to, or scaled, is a copy of
* an older one and the same release, so that two rollbacks in a row go back twice.
*/
function servingAndBefore(newestFirst) {
	const serving = newestFirst.find(wasGood) ?? newestFirst[0];
	if (serving === void 0) return [void 0, void 0];
	const { run, sha } = provenanceOf(serving);
	const isCopy = (version) => {
		const other = provenanceOf(version);
		return run !== void 0 && other.run === run && other.sha === sha;
	};
	const first = newestFirst.findLast(isCopy) ?? serving;
	return [serving, newestFirst.find((version) => version.Version < first.Version && wasGood(version))];
}
function commitOf(version) {
	return provenanceOf(version).sha?.toLowerCase() ?? "";
}
/** Returns a version with what `to` can name it by, such as `5 (nomad-deploy-3fa2c1, commit 3fa2c1d, was healthy)`. */
function described(version) {
	const { Version, VersionTag, Stable, Stop } = version;
	const commit = commitOf(version);
	const state = Stop ? "stopped" : Stable === true ? "was healthy" : void 0;
	const known = [
		VersionTag?.Name,
		commit === "" ? void 0 : `commit ${commit.slice(0, 7)}`,
		state
	].filter((word) => word !== void 0);
	return known.length === 0 ? `${Version}` : `${Version} (${known.join(", ")})`;
}
// src/register/releases/images.ts
/** Returns the images of a job's main tasks, each once. */
function taskImages({ TaskGroups }) {
	const named = (TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []).filter(({ Lifecycle }) => !Lifecycle).flatMap(({ Config }) => typeof Config?.["image"] === "string" ? [Config["image"]] : []);
	return [...new Set(named)];
}
// src/hooks/model.ts
const HOOK_KINDS = ["pre-deploy", "post-deploy"];
/** Returns the id of the job of a hook. */
function hookId(jobId, kind) {
	return `${jobId}-${kind}`;
}
/**
* Returns the task that a hook is made of: the named one, else the first main task that runs one of the images, else the first main task. Throws
* `input-invalid` for a task that the job does not have.
*/
function modelOf(job, { kind, hook }, images) {
	const all = (job.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).map((task) => ({
		group,
		task
	})));
	const names = all.map(({ group, task }) => `${group.Name}/${task.Name}`);
	if (hook.task !== void 0) {
		const named = all.find(({ group, task }) => [task.Name, `${group.Name}/${task.Name}`].includes(hook.task ?? ""));
		if (named !== void 0) return named;
		throw new ActionError("input-invalid", `\`${kind}\`: the job ${job.ID} has no task ${hook.task}`, { hint: `Its tasks are ${names.join(", ")}.` });
	}
	const main = all.filter(({ task }) => !task.Lifecycle?.Hook);
	const [found] = [
		...main.filter(({ task }) => images.some((image) => image === task.Config?.["image"])),
		...main,
		...all
	];
	if (found !== void 0) return found;
	throw new ActionError("input-invalid", `\`${kind}\`: the job ${job.ID} has no task, so that there is nothing to run the command in`);
}
/** The config of each driver for a command. The shell of an image is found by its PATH, that of a node is not. */
const DRIVERS = {
	docker: {
		sh: "sh",
		entrypoint: true
	},
	podman: {
		sh: "sh",
		entrypoint: true
	},
	"containerd-driver": {
		sh: "sh",
		entrypoint: true
	},
	exec: {
		sh: "/bin/sh",
		entrypoint: false
	},
	exec2: {
		sh: "/bin/sh",
		entrypoint: false
	},
	raw_exec: {
		sh: "/bin/sh",
		entrypoint: false
	}
};
/** Parts of a driver's config that are about the ports and addresses of the task, or about what it runs. */
const NOT_OF_HOOK = [...[
	"command",
	"args",
	"entrypoint",
	"ports",
	"port_map",
	"healthchecks"
], ...[
	"network_aliases",
	"ipv4_address",
	"ipv6_address",
	"mac_address"
]];
const DAY_NS = 864e11;
const RETRY_DELAY_NS = 5e9;
/**
* Returns the job of a hook: a batch job of one allocation, with the group and the task of the model, and the tasks that prepare it. It has no services, no
* ports and no canaries, and it is retried only where the hook says so. Throws `input-invalid` for a driver that takes no command.
*/
function hookJob(job, { kind, hook }, { group, task }) {
	const before = (group.Tasks ?? []).filter((one) => one.Lifecycle?.Hook === "prestart" && one.Name !== task.Name);
	const own = {
		...bare(task),
		Lifecycle: null,
		Config: withCommand(task, hook, kind),
		Resources: {
			...task.Resources,
			...hook.cpu === void 0 ? {} : {
				CPU: hook.cpu,
				Cores: 0
			},
			...hook.memory === void 0 ? {} : {
				MemoryMB: hook.memory,
				MemoryMaxMB: 0
			},
			Networks: null
		}
	};
	return {
		...job,
		ID: hookId(job.ID, kind),
		Name: hookId(job.ID, kind),
		Type: "batch",
		Meta: {
			...usersMeta(job),
			[META.hook]: kind
		},
		ParentID: null,
		Periodic: null,
		ParameterizedJob: null,
		Multiregion: null,
		Update: null,
		Spreads: null,
		Migrate: null,
		TaskGroups: [hookGroup(group, hook, [...before.map(bare), own])]
	};
}
function hookGroup(group, { retries }, tasks) {
	const networks = (group.Networks ?? []).filter(({ Mode }) => Mode && Mode !== "host");
	return {
		...group,
		Count: 1,
		Meta: usersMeta(group),
		Networks: networks.length === 0 ? null : networks.map((one) => ({
			...one,
			DynamicPorts: null,
			ReservedPorts: null
		})),
		Services: null,
		Scaling: null,
		Update: null,
		Migrate: null,
		Spreads: null,
		Disconnect: null,
		StopAfterClientDisconnect: null,
		MaxClientDisconnect: null,
		MaxRunDuration: null,
		ShutdownDelay: null,
		EphemeralDisk: {
			...group.EphemeralDisk,
			Sticky: false,
			Migrate: false
		},
		RestartPolicy: {
			Attempts: retries,
			Interval: DAY_NS,
			Delay: RETRY_DELAY_NS,
			Mode: "fail"
		},
		ReschedulePolicy: {
			Attempts: 0,
			Interval: 0,
			Unlimited: false
		},
		Tasks: [...tasks]
	};
}
/** Returns a task without its services, its ports and everything that would restart or scale it. */
function bare(task) {
	const config = Object.entries(task.Config ?? {}).filter(([name]) => ![
		"ports",
		"port_map",
		"healthchecks"
	].includes(name));
	return {
		...task,
		Config: Object.fromEntries(config),
		Services: null,
		ScalingPolicies: null,
		DispatchPayload: null,
		RestartPolicy: null,
		Kind: "",
		Leader: false,
		ShutdownDelay: 0,
		Templates: (task.Templates ?? []).map((template) => ({
			...template,
			ChangeMode: "noop"
		}))
	};
}
function withCommand({ Driver, Config, Name }, { command, memory }, kind) {
	const driver = Object.hasOwn(DRIVERS, Driver) ? DRIVERS[Driver] : void 0;
	if (driver === void 0) throw new ActionError("input-invalid", `\`${kind}\`: the task ${Name} has the driver ${Driver}, which takes no command`, { hint: `Name a task of another driver with \`task\`: ${Object.keys(DRIVERS).join(", ")}.` });
	const [program, ...args] = typeof command === "string" ? [
		driver.sh,
		"-ec",
		command
	] : command;
	const left = memory === void 0 ? NOT_OF_HOOK : [...NOT_OF_HOOK, "memory_hard_limit"];
	const rest = Object.fromEntries(Object.entries(Config ?? {}).filter(([name]) => !left.includes(name)));
	return driver.entrypoint ? {
		...rest,
		entrypoint: [program],
		args
	} : {
		...rest,
		command: program,
		args
	};
}
function usersMeta({ Meta }) {
	return Object.fromEntries(Object.entries(Meta ?? {}).filter(([name]) => !isOwnMeta(name)));
}
// src/hooks/secrets.ts
/** Returns the job of a hook with its own path in place of that of the deployed job, in the templates and `secret` blocks of its tasks. */
function withOwnPaths(job, { jobId, hookId }) {
	const move = (text) => text.replace(pathsOf(jobId), (_whole, scope) => `${variablePath(hookId, [])}${scope}`);
	const moved = (task) => ({
		...task,
		Templates: (task.Templates ?? []).map((template) => mapTexts(template, move)),
		...task.Secrets ? { Secrets: task.Secrets.map((block) => ({
			...block,
			Path: move(block.Path)
		})) } : {}
	});
	return {
		...job,
		TaskGroups: (job.TaskGroups ?? []).map((group) => ({
			...group,
			Tasks: (group.Tasks ?? []).map(moved)
		}))
	};
}
/** Returns the parts below the path of a job's variables that a hook reads, `/group/task`; the empty text is the job itself. `job` has the paths of the deployed job. */
function scopesRead(job, jobId) {
	const texts = tasksOf(job).flatMap(({ Templates, Secrets }) => [...textsIn(Templates), ...(Secrets ?? []).map(({ Path }) => Path)]);
	return [...new Set(texts.flatMap((text) => [...text.matchAll(pathsOf(jobId))].map(([, scope = ""]) => scope)))].sort();
}
/**
* Returns the variables of a hook: of each one that it reads, the items as the deploy writes them, else as they are on the cluster. Items of other versions are
* left out. `job` has the paths of the deployed job.
*/
async function hookVariables(job, change, pair, nomad) {
	const { jobId, namespace } = pair;
	const tasks = tasksOf(job);
	const texts = textsIn(tasks);
	const releases = change === void 0 ? [] : [change.release, ...Object.values(change.older)];
	const found = [];
	for (const scope of scopesRead(job, jobId)) {
		const path = `${variablePath(jobId, [])}${scope}`;
		const items = change?.variables.find((one) => one.path === path)?.items ?? (await nomad.variables.read(path, namespace))?.Items ?? {};
		const isWhole = tasks.some(({ Secrets }) => (Secrets ?? []).some(({ Path }) => Path === path));
		const wanted = Object.entries(items).filter(([name]) => {
			const release = /\.(r[0-9a-f]{8})$/.exec(name)?.[1];
			if (name === "nomad_deploy.owner") return false;
			return release === void 0 || texts.some((text) => text.includes(name)) || isWhole && releases.includes(release);
		});
		if (wanted.length > 0) found.push({
			scope,
			items: Object.fromEntries(wanted)
		});
	}
	return found;
}
/** Writes the variables of a hook. Throws `job-taken` for a variable at its path that is not of this hook and owner. */
async function writeVariables(variables, pair, { owner, step }, nomad) {
	const { hookId, namespace } = pair;
	for (const { scope, items } of variables) {
		const path = `${variablePath(hookId, [])}${scope}`;
		const before = await nomad.variables.read(path, namespace);
		if (before !== void 0) requireOwn(path, before.Items, hookId, owner);
		const record = { [OWNER_ITEM]: recordItem(hookId, owner, step) };
		if (await put(nomad, {
			path,
			namespace
		}, {
			...items,
			...record
		}, before?.ModifyIndex ?? 0) === void 0) throw new ActionError("conflict", `another client wrote the Nomad variable ${path}`, { hint: "Nothing was deployed. Run the workflow again." });
	}
}
/** Removes the variables of a hook that its own owner record names. Others stay. */
async function removeVariables(scopes, { hookId, namespace }, isOwner, { nomad, signal }) {
	for (const scope of scopes) {
		const path = `${variablePath(hookId, [])}${scope}`;
		const found = await nomad.variables.read(path, namespace, signal);
		const { job, record, step } = readItem(found?.Items?.["nomad_deploy.owner"] ?? "");
		if (found !== void 0 && job === hookId && isOwner(record, step)) await put(nomad, {
			path,
			namespace
		}, {}, found.ModifyIndex);
	}
}
function requireOwn(path, items, hookId, owner) {
	const { job, record } = readItem(items?.["nomad_deploy.owner"] ?? "");
	if (job === hookId && sameOwner(record, owner)) return;
	throw new ActionError("job-taken", `the Nomad variable ${path} is not of this hook`, { hint: `Nothing was deployed. Move its items to the variable of the job itself, and remove it: nomad var purge ${path}.` });
}
const tasksOf = ({ TaskGroups }) => (TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
/** Matches the paths of a job's variables; the group is the part behind that of the job. */
function pathsOf(jobId) {
	const path = variablePath(jobId, []).replace(/[^\w/]/g, "\\$&");
	return new RegExp(`(?<![\\w~/-])${path}((?:/[\\w~-]+){0,2})(?![\\w~/-])`, "g");
}
// src/hooks/remove.ts
/** The longest wait for the end of a command that was stopped. */
const STOP_MS = 3e4;
const POLL_MS = 500;
/** Returns the hook that a registered job is; undefined for any other job. Only this action can give a job the mark. */
function hookOf({ Meta }) {
	const kind = Meta?.[META.hook];
	return kind === "pre-deploy" || kind === "post-deploy" ? kind : void 0;
}
/** Returns the parts below the path of a hook's job where it has variables, which its provenance names. */
function scopesOf(job) {
	return scopesIn(provenanceOf(job).secrets ?? "");
}
/** Reads what `scopesText` writes; any other text has no scopes. */
function scopesIn(text) {
	const [first, ...scopes] = text.split(" ");
	return first === "hook" ? scopes.map((scope) => scope === "." ? "" : scope) : [];
}
/** Returns the text of the provenance for the variables of a hook. */
function scopesText(scopes) {
	return ["hook", ...scopes.map((scope) => scope === "" ? "." : scope)].join(" ");
}
/** Removes the job of a hook and its variables. A job that is no hook, or not the own one, stays, and so do its variables: then it returns false. */
async function removeHook(place, removal, nomad) {
	let isGone = true;
	try {
		isGone = await removeHookJob(place, removal, nomad);
	} finally {
		if (isGone) await removeVariables(place.scopes, place, removal.isOwner, {
			nomad,
			signal: removal.signal
		});
	}
	return isGone;
}
/** Removes the job after a look at it. Returns false where another job has the name. */
async function removeHookJob({ hookId, namespace }, { isOwn, waits, signal }, nomad) {
	const found = await nomad.jobs.read(hookId, namespace, signal);
	if (found === void 0) return true;
	if (hookOf(found) === void 0 || !isOwn(found)) return false;
	let last = found;
	if (waits && found.Status !== "dead") {
		const stopped = await removeJob({
			job: found,
			namespace,
			purge: false,
			capability: "purge-job"
		}, nomad);
		await ended({
			hookId,
			namespace
		}, nomad);
		const now = await nomad.jobs.read(hookId, namespace, signal);
		if (now === void 0) return true;
		if (now.JobModifyIndex !== stopped) return false;
		last = now;
	}
	await removeJob({
		job: last,
		namespace,
		purge: true
	}, nomad);
	return true;
}
async function ended({ hookId, namespace }, nomad) {
	const late = nomad.clock.timeout(STOP_MS);
	try {
		for (;;) {
			const { value } = await nomad.jobs.allocations(hookId, namespace, 0, late);
			if (value.every(({ ClientStatus }) => /^(complete|failed|lost)$/.test(ClientStatus))) return;
			await nomad.clock.sleep(POLL_MS, late);
		}
	} catch (error) {
		if (!late.aborted) throw error;
	}
}
// src/hooks/check.ts
/** Returns the images of the run. */
function imagesIn({ image, images }) {
	return [image, ...Object.values(images)].filter((one) => one !== "");
}
/**
* Checks the jobs of the hooks before the build: by the policy of the deployed job, by the servers, and for the owner of a job of that name. Throws
* `input-invalid`, `policy-violation`, `jobspec-invalid` and `job-taken`.
*/
async function checkHooks(all, inputs, { draft, rendering, nomad }) {
	for (const asked of all) {
		const job = hookJob(draft.job, asked, modelOf(draft.job, asked, imagesIn(rendering)));
		requireAllowed(job, restrictionsOf(inputs, rendering), rendering.spec);
		const { problems } = await nomad.jobs.validate(job, draft.namespace);
		if (problems.length > 0) {
			const location = rendering.spec.builtIn ? void 0 : { file: rendering.spec.name };
			throw new ActionError("jobspec-invalid", `Nomad refuses the job of \`${asked.kind}\`: ${problems.map(flattenErrors).join("; ")}`, {
				hint: "Nothing was built or registered.",
				...location === void 0 ? {} : { location }
			});
		}
		if (inputs.command !== "deploy") continue;
		const live = await nomad.jobs.read(job.ID, draft.namespace);
		if (live !== void 0) requireHook(live, asked, draft.namespace, claimOf(inputs, rendering.context, rendering.target));
	}
}
/** Throws `job-taken` for a job that is not this hook, or that has another owner. */
function requireHook(live, { kind }, namespace, claim) {
	if (hookOf(live) !== kind) throw new ActionError("job-taken", `the job ${live.ID} in the namespace ${namespace} is not the job of \`${kind}\`, which would have its name`, { hint: "Nothing was deployed. Give one of the two jobs another id." });
	const verdict = judgeOwner(ownedJob(live, namespace), claim, "purge");
	if (!verdict.may) throw verdict.refusal;
}
/**
* Removes the job that a killed run left. Throws `job-taken` for a job that is not this hook, and `conflict` for the hook of another run that is still
* running.
*/
async function requireFree(place, { asked, claim, context }, nomad, runtime) {
	const { hookId: id, namespace } = place;
	const live = await nomad.jobs.read(id, namespace);
	if (live === void 0) return;
	requireHook(live, asked, namespace, claim);
	permit(judgeOwner(ownedJob(live, namespace), claim, "purge"), runtime);
	const { run = "an unknown run" } = provenanceOf(live);
	const [, attempt = ""] = context.runUrl === void 0 ? [] : run.split(`${context.runUrl}/attempts/`);
	const isEarlier = /^\d+$/.test(attempt) && Number(attempt) < Number(context.runAttempt);
	if (live.Status !== "dead" && !live.Stop && !isEarlier) throw new ActionError("conflict", `${asked.kind} of ${run} is still running as the job ${id}`, { hint: `Nothing was deployed. Run the workflow again when it has ended, or end it: nomad job stop -purge ${id}.` });
	runtime.log.info(`Removing the job ${id}, which ${run} left`);
	const isOwner = (owner) => sameOwner(owner, claim.owner);
	const isOwn = ({ JobModifyIndex }) => JobModifyIndex === live.JobModifyIndex;
	await removeHook({
		...place,
		scopes: scopesOf(live)
	}, {
		isOwn,
		isOwner,
		waits: true,
		signal: runtime.signal
	}, nomad);
}
// src/hooks/record.ts
/** The most keys that are kept of each kind of hook. */
const MAX_KEYS = 100;
const HEX = 16;
/** Returns the path of the record. No group can be called `~hooks` in a template, so that the variable is of no group. */
function recordPath(jobId) {
	return variablePath(jobId, ["~hooks"]);
}
/**
* Returns the key of a hook: of its kind, its command and the image. Undefined for a task whose content the spec does not fix, such as an image by its tag
* alone: nothing then says that the same content ran before.
*/
function hookKey({ kind, hook }, { task }) {
	const image = task.Config?.["image"];
	const content = typeof image === "string" ? digestOf(image) : JSON.stringify([
		task.Driver,
		task.Config ?? {},
		task.Artifacts ?? []
	]);
	if (content === void 0) return void 0;
	return createHash("sha256").update(JSON.stringify([
		kind,
		hook.command,
		content
	])).digest("hex").slice(0, HEX);
}
function digestOf(image) {
	const digest = parseReference(image)?.digest;
	return digest !== void 0 && isDigest(digest) ? digest : localId(image);
}
/** Returns whether a hook ran before; undefined, with a notice where `tell` is given, where the record can't be read. */
async function ranBefore(asked, key, place, tell) {
	const read = await readRecord(place, tell);
	return read === "unread" ? void 0 : keysOf(read, asked.kind).includes(key);
}
async function readRecord({ jobId, namespace, nomad }, tell) {
	const path = recordPath(jobId);
	if (!isVariablePath(path)) return void 0;
	try {
		return await nomad.variables.read(path, namespace);
	} catch (error) {
		const problem = toActionError(error);
		if (problem.code !== "permission-denied") throw error;
		tell?.(`The record of the hooks of ${jobId} cannot be read, so that they run at each deploy: ${sentence(problem)}`);
		return "unread";
	}
}
function keysOf(record, kind) {
	return (record?.Items?.[kind] ?? "").split(" ").filter((key) => key !== "");
}
/** The number of tries for a record that another run writes at the same time. */
const ATTEMPTS = 3;
/** Records that a hook ran. A record that can't be written is a notice, since the hook itself succeeded. */
async function recordRun(asked, key, place, { log }) {
	const { jobId, namespace, nomad, claim } = place;
	const path = recordPath(jobId);
	try {
		for (let attempt = 0; attempt < ATTEMPTS && isVariablePath(path); attempt++) {
			const before = await nomad.variables.read(path, namespace);
			const items = before?.Items ?? {};
			const verdict = judgeVariable(items, {
				path,
				jobId,
				hasSecrets: false,
				registered: true,
				isRead: false,
				isOnly: false
			}, claim, "replace");
			if (!verdict.may) return log.notice(sentence(verdict.refusal));
			const keys = [key, ...keysOf(before, asked.kind).filter((one) => one !== key)].slice(0, MAX_KEYS);
			const next = {
				...items,
				[asked.kind]: keys.join(" "),
				[OWNER_ITEM]: recordItem(jobId, claim.owner)
			};
			if (await put(nomad, {
				path,
				namespace
			}, next, before?.ModifyIndex ?? 0) !== void 0) return;
		}
	} catch (error) {
		log.notice(`The run of ${asked.kind} could not be recorded, so that it runs again at the next deploy: ${sentence(toActionError(error))}`);
	}
}
// src/hooks/forget.ts
/** Removes the record of the hooks of a purged job, and the jobs of hooks that a killed run left. What is not this owner's stays. */
async function forgetHooks(jobId, namespace, claim, nomad) {
	const signal = nomad.patience();
	for (const kind of HOOK_KINDS) {
		const id = hookId(jobId, kind);
		const live = await nomad.jobs.read(id, namespace, signal);
		if (live === void 0 || hookOf(live) !== kind || !judgeOwner(ownedJob(live, namespace), claim, "purge").may) continue;
		const isOwner = (owner) => sameOwner(owner, claim.owner);
		const isOwn = ({ JobModifyIndex }) => JobModifyIndex === live.JobModifyIndex;
		await removeHook({
			hookId: id,
			namespace,
			scopes: scopesOf(live)
		}, {
			isOwn,
			isOwner,
			waits: true,
			signal
		}, nomad);
	}
	const path = recordPath(jobId);
	if (!isVariablePath(path)) return;
	const record = await nomad.variables.read(path, namespace, signal).catch((error) => {
		if (toActionError(error).code === "permission-denied") return void 0;
		throw error;
	});
	if (record === void 0) return;
	const use = {
		path,
		jobId,
		hasSecrets: false,
		registered: true,
		isRead: false,
		isOnly: false
	};
	if (judgeVariable(record.Items ?? {}, use, claim, "purge").may) await put(nomad, {
		path,
		namespace
	}, {}, record.ModifyIndex);
}
// src/hooks/stream.ts
/** After the end of a task, its log is read to its end while lines come: the longest wait for the next line, and the longest time. */
const NEXT_LINE_MS = 5e3;
const LAST_LINES_MS = 12e4;
/** A node can write the log of a short task some time after its end: it is read again after this pause, and up to so often while it is empty. */
const LATE_MS = 500;
const LATE_READS = 3;
/** A log of more lines is not read again. */
const MAX_AGAIN = 1e3;
/** Shows the log of the task of a hook while it runs, of each of its allocations. A log that can't be read is a notice. */
function streamLog({ jobId, namespace, task, label }, nomad, runtime) {
	const { clock, log } = runtime;
	const done = new AbortController();
	const signal = AbortSignal.any([runtime.signal, done.signal]);
	const readers = /* @__PURE__ */ new Map();
	let isDenied = false;
	let told = 0;
	const open = (id) => {
		const over = new AbortController();
		const shown = {
			stdout: 0,
			stderr: 0
		};
		const read = ["stdout", "stderr"].map(async (type) => {
			const show = async (lines) => {
				shown[type] += lines.length;
				told += lines.length;
				for (const line of lines) log.info(`${label} | ${runtime.redact(line)}`);
				await runtime.drained?.();
			};
			const name = {
				id,
				task,
				type
			};
			const unread = await nomad.allocations.readLog(name, {
				last: void 0,
				over: over.signal,
				tell: show
			}, namespace, signal);
			if (unread === "denied" && !isDenied) {
				isDenied = true;
				log.notice(`${label}: ${LOGS_UNREAD.denied}`);
			}
			for (let again = 0; unread === void 0 && shown[type] < MAX_AGAIN && again < LATE_READS; again++) {
				await clock.sleep(LATE_MS, signal);
				const all = [];
				const keep = (lines) => {
					for (const line of lines) all.push(line);
				};
				await nomad.allocations.readLog(name, {
					last: void 0,
					over: void 0,
					tell: keep
				}, namespace, signal);
				await show(all.slice(shown[type]));
				if (shown.stdout + shown.stderr > 0) break;
			}
		});
		readers.set(id, {
			over,
			read: Promise.allSettled(read)
		});
	};
	const look = (all) => {
		for (const { ID, ClientStatus, TaskStates } of all) {
			const state = TaskStates?.[task];
			if (!readers.has(ID) && hasStarted(state)) open(ID);
			if (state?.State === "dead" || !/^(pending|running|unknown)$/.test(ClientStatus)) readers.get(ID)?.over.abort(/* @__PURE__ */ new Error("the task has ended"));
		}
	};
	const following = follow(async (index) => nomad.jobs.allocations(jobId, namespace, index, signal), look, {
		clock,
		signal
	}).catch(() => void 0);
	return { end: async (all) => {
		look(all);
		for (const { over } of readers.values()) over.abort(/* @__PURE__ */ new Error("the hook has ended"));
		const read = Promise.all([...readers.values()].map(async (one) => one.read)).then(() => true);
		const endedMs = clock.now();
		for (let before = -1; before < told;) {
			before = told;
			if (await Promise.race([read, clock.sleep(NEXT_LINE_MS, signal).catch(() => true)])) break;
			if (clock.now() - endedMs < LAST_LINES_MS) continue;
			log.notice(`${label}: its log could not be read to the end within ${formatDuration(LAST_LINES_MS)} after the command`);
			break;
		}
		done.abort(/* @__PURE__ */ new Error("the hook has ended"));
		await following;
	} };
}
const hasStarted = (state) => state?.State === "running" || (state?.Events ?? []).some(({ Type }) => Type === "Started" || Type === "Terminated");
// src/hooks/run.ts
/** The longest time of a hook where neither it nor the deploy has a timeout. */
const TIMEOUT_MS = 18e5;
/** The part of the 7.5 s that the runner gives a cancelled step. */
const CANCELLED_MS = 5e3;
/** The hexadecimal digits of the id of a step. */
const STEP_DIGITS = 16;
/**
* Runs a hook to its end as a job of its own, with its log in this log. Returns the failure; undefined when the command succeeded. The job and its variables are
* gone afterwards, whatever the end. Throws `job-taken` and `conflict` where a job of its name is in the way.
*/
async function runHook(running, current) {
	const { asked, model } = running;
	const where = `${model.group.Name}/${model.task.Name}`;
	const title = `Run ${asked.kind} as the task ${where}: ${hookText(asked.hook)}`;
	return current.stage(asked.kind, current.runtime.redact(title), async () => {
		const place = {
			hookId: hookId(running.job.ID, asked.kind),
			namespace: running.deploying.draft.namespace,
			scopes: scopesRead(hookJob(running.job, asked, model), running.job.ID)
		};
		await requireFree(place, {
			...running,
			context: running.deploying.rendering.context
		}, running.deploying.nomad, current.runtime);
		const step = randomHex(current.runtime.clock, STEP_DIGITS);
		leaveHook(place, step, running, current);
		try {
			const { job, registration } = await start(running, place, step, current);
			return await followHook(running, job, registration, current);
		} finally {
			await cleanUp(place, step, running, current);
		}
	});
}
/** Writes the variables of the hook, and registers its job. */
async function start({ asked, model, job, change, claim, deploying }, { hookId: id, namespace, scopes }, step, { runtime }) {
	const { nomad, rendering } = deploying;
	const pair = {
		jobId: job.ID,
		hookId: id,
		namespace
	};
	const bare = hookJob(job, asked, model);
	const moved = withOwnPaths(bare, pair);
	const spec = createHash("sha256").update(JSON.stringify(moved)).digest("hex");
	const marked = withProvenance({
		...moved,
		Meta: {
			...moved.Meta,
			...recordMeta(claim.owner)
		}
	}, rendering.context, {
		spec,
		step,
		secrets: scopesText(scopes)
	});
	const variables = await hookVariables(bare, change, pair, nomad);
	runtime.signal.throwIfAborted();
	await writeVariables(variables, pair, {
		owner: claim.owner,
		step
	}, nomad);
	const registration = await registerJob(marked, {
		source: runtime.redact(JSON.stringify({ Job: marked }, null, 2)),
		format: "json",
		variables: "",
		namespace
	}, {
		plan: { jobModifyIndex: 0 },
		live: void 0
	}, nomad);
	if ("conflict" in registration) throw new ActionError("conflict", `another run has registered ${id}: ${registration.conflict}`, { hint: "Run the workflow again." });
	return {
		job: marked,
		registration
	};
}
/** Watches the job of a hook to its end, and shows its log. Returns the failure in words. */
async function followHook(running, job, registration, current) {
	const { asked, model, deploying } = running;
	const { inputs, nomad, draft } = deploying;
	const redact = hidingSecrets(draft.settings, current.runtime.redact);
	const runtime = {
		...current.runtime,
		redact
	};
	const timeoutMs = asked.hook.timeoutMs ?? inputs.timeoutMs ?? TIMEOUT_MS;
	const { namespace } = registration;
	const stream = streamLog({
		jobId: job.ID,
		namespace,
		task: model.task.Name,
		label: asked.kind
	}, nomad, runtime);
	const options = {
		timeoutMs,
		failFast: inputs.failFast,
		patienceMs: inputs.placementPatienceMs,
		promote: "spec",
		logLines: inputs.logLines,
		onDeployment: () => void 0
	};
	let watched;
	try {
		watched = await watchJob(job, registration, options, {
			nomad,
			runtime
		});
	} finally {
		await stream.end(watched?.snapshot.allocations ?? []);
	}
	if (watched.verdict.outcome === "successful") return void 0;
	return explainHook(running, job, {
		...watched,
		verdict: inWords(watched.verdict, timeoutMs)
	}, {
		...current,
		runtime
	});
}
/** Returns a verdict without the end about a rollout, which a hook is not. */
function inWords(verdict, timeoutMs) {
	if (verdict.outcome === "timed-out") return {
		...verdict,
		description: `the command did not end within ${formatDuration(timeoutMs)}`
	};
	return verdict.outcome === "cancelled" ? {
		...verdict,
		description: "the job of the hook was stopped or removed"
	} : verdict;
}
/** Finds the cause of a failed hook, and tells it. */
async function explainHook({ asked: { kind }, deploying }, job, { verdict, snapshot, evidence: collected }, { runtime, note }) {
	const { inputs, nomad, draft, rendering } = deploying;
	const left = kind === "pre-deploy" ? "Nothing was deployed." : "The new version is registered.";
	if (runtime.signal.aborted) return {
		outcome: "cancelled",
		failureReason: "cancelled",
		cause: `the workflow was cancelled during ${kind}`,
		hint: `The command was stopped. ${left}`
	};
	const found = await diagnose(verdict, snapshot, {
		job,
		namespace: draft.namespace,
		nomad,
		runtime,
		logLines: inputs.logLines,
		collected
	});
	for (const line of evidenceLines({ evidence: found.evidence.map((one) => ({
		...one,
		logs: []
	})) })) runtime.log.info(line);
	const runs = verdict.outcome === "timed-out" && snapshot.allocations.some(({ ClientStatus }) => ClientStatus === "running");
	const late = verdict.outcome === "timed-out" && !found.cause.includes(verdict.description) ? ` (${verdict.description})` : "";
	const cause = `${kind} failed: ${runs ? `${verdict.description}; raise \`timeout\` of the hook` : `${found.cause}${late}`}`;
	const location = found.about.kind === "command" ? void 0 : specLocation(found.about, rendering.spec);
	runtime.log.error(`${cause}. ${left}`, `${kind}-failed`, location);
	const told = {
		outcome: "failed",
		failureReason: `${kind}-failed`,
		cause,
		...location === void 0 ? {} : { location }
	};
	note(told);
	return {
		...told,
		hint: left,
		evidence: found.evidence
	};
}
/** Tells the post step about a hook, which removes it if this run is killed. */
function leaveHook({ hookId: id, namespace, scopes }, step, { deploying: { nomad, rendering } }, { runtime }) {
	const { target } = rendering;
	runtime.leaveWord("hook", {
		hookId: id,
		namespace,
		step,
		environment: target.environment.name,
		scopes: scopesText(scopes),
		...target.nomadAddr === void 0 ? {} : { address: target.nomadAddr.value },
		...nomad.region === void 0 ? {} : { region: nomad.region }
	});
}
/** Removes what the hook left. A failure is a warning, since the result of the hook is known. */
async function cleanUp(place, own, { claim, deploying }, { runtime }) {
	const { signal, log, leaveWord } = runtime;
	const waits = !signal.aborted;
	const removal = {
		isOwn: (job) => provenanceOf(job).step === own,
		isOwner: (owner, step) => step === own && sameOwner(owner, claim.owner),
		waits,
		signal: waits ? deploying.nomad.patience() : deploying.nomad.clock.timeout(CANCELLED_MS)
	};
	try {
		await removeHook(place, removal, deploying.nomad);
		leaveWord("hook", void 0);
	} catch (error) {
		const { hookId: id } = place;
		log.warning(`${id} could not be removed completely: ${sentence(toActionError(error))} Remove it: nomad job stop -purge ${id}.`);
	}
}
// src/hooks/open.ts
/** Opens the hooks of a deploy. Each runs once in it, also where the deploy starts again. */
function openHooks(all, deploying, claim, current) {
	const done = /* @__PURE__ */ new Set();
	const { nomad, draft, rendering } = deploying;
	const { log } = current.runtime;
	const place = {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		nomad,
		claim
	};
	return {
		has: (kind) => all.some((one) => one.kind === kind),
		run: async (kind, job, change) => {
			const asked = all.find((one) => one.kind === kind);
			if (asked === void 0 || done.has(kind)) return void 0;
			const model = modelOf(job, asked, imagesIn(rendering));
			const key = hookKey(asked, model);
			if (key !== void 0 && !asked.hook.always && await ranBefore(asked, key, place, log.notice) === true) {
				log.info(`${kind} ran before with this image and command: skipped`);
				return;
			}
			const failed = await runHook({
				asked,
				model,
				job,
				change,
				claim,
				deploying
			}, current);
			if (failed !== void 0) return failed;
			done.add(kind);
			log.info(`${kind} succeeded`);
			if (key !== void 0) await recordRun(asked, key, place, current.runtime);
		}
	};
}
/** Returns a line for each hook that a deploy of the job would run, or skip. Runs nothing. */
async function planHooks(all, job, { draft, nomad, rendering }) {
	const place = {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		nomad
	};
	const lines = [];
	for (const asked of all) {
		const model = modelOf(job, asked, imagesIn(rendering));
		const key = asked.hook.always ? void 0 : hookKey(asked, model);
		const ran = key !== void 0 && await ranBefore(asked, key, place) === true;
		const what = `${hookText(asked.hook)}, as the task ${model.group.Name}/${model.task.Name}`;
		lines.push(ran ? `${asked.kind} ran before with this image and is skipped: ${what}` : `${asked.kind} would run: ${what}`);
	}
	return lines;
}
// src/hooks/killed.ts
/** The form of each field: other programs on the runner can write the saved state, too. */
const FIELDS = {
	hookId: /^[^\p{C}\s]{1,128}$/u,
	namespace: /^[\w-]{1,128}$/,
	step: /^[0-9a-f]{16}$/,
	environment: /^[\w.-]{1,100}$/,
	scopes: /^hook( (\.|(\/[\w~-]{1,128}){1,2})){0,100}$/,
	address: /^(https?|unix):\/\/[^\p{C}\s]{1,1000}$/u,
	region: /^[\w.-]{1,128}$/
};
/** The limit of the clean-up in the post step. */
const LIMIT_MS = 1e4;
/**
* Removes, in the post step, the job of a hook whose run was killed, and its variables. Only a job that has the mark of a hook and that this step itself has
* registered is removed, at an address that the inputs of the step give. Otherwise a warning names the job.
*/
async function removeKilled(word, env, runtime) {
	const { hookId, namespace, scopes, step: own } = word;
	if (!Object.entries(word).every(([name, value]) => Object.hasOwn(FIELDS, name) && FIELDS[name]?.test(value) === true) || hookId === void 0 || namespace === void 0 || scopes === void 0 || own === void 0) return;
	const { repository, runUrl, runAttempt } = readContext(env, {});
	const { ownWay } = await import("./killed.js");
	try {
		const way = await ownWay(word, env, runtime);
		if (way === void 0 || runUrl === void 0) throw new Error("only the inputs of the step give an address to the post step");
		const nomad = await connect({
			...await readConnection(way.inputs, way, runtime),
			timeoutMs: LIMIT_MS
		}, runtime);
		try {
			const removal = {
				isOwn: (job) => provenanceOf(job).step === own && provenanceOf(job).run === `${runUrl}/attempts/${runAttempt}`,
				isOwner: (owner, step) => step === own && owner.repository.toLowerCase() === repository.toLowerCase(),
				waits: false,
				signal: nomad.clock.timeout(LIMIT_MS)
			};
			if (await removeHook({
				hookId,
				namespace,
				scopes: scopesIn(scopes)
			}, removal, nomad)) runtime.log.info(`Removed the job ${hookId}, which the killed step left.`);
		} finally {
			await nomad.close();
		}
	} catch (error) {
		runtime.log.warning(`The job ${hookId} of the killed step may still run: ${messageOf$1(error)}. Remove it: nomad job stop -purge ${hookId}`);
	}
}
// src/register/lock.ts
/** The pause after a request for a lock whose answer was lost. */
const UNANSWERED_MS = 1e3;
/** Nomad's time to live of a lock, in seconds. A lock that is not renewed ends after twice this time and the delay. */
const TTL_S = 15;
const DELAY_S = 1;
const RENEW_MS = 5e3;
/** The time after the last renewal in which no other run can have the lock. An outage of the servers holds Nomad's own clock of the lock, too. */
const SURE_MS = 3e4;
/** The longest release, which has to fit into the 7.5 s of a cancelled step. */
const RELEASE_MS$1 = 4e3;
const HEARTBEAT_MS = 3e4;
const UNKNOWN = "Nomad does not know it any more";
/**
* Takes the lock of a job, a lock on a Nomad variable, and renews it until its release. Throws `job-locked` for a frozen job, and for a job that another run
* has locked and does not release in time; `job-taken` for a variable of another program.
* See https://developer.hashicorp.com/nomad/docs/concepts/variables#locks
*/
async function takeLock(job, locking, runtime) {
	const { jobId, namespace, nomad } = job;
	const path = lockPath("locks", jobId);
	await requireNotFrozen(job, runtime);
	const taken = await acquire(job, path, locking, runtime);
	const done = new AbortController();
	const kept = {
		job,
		path,
		locking,
		id: taken.id,
		renewedMs: runtime.clock.now(),
		lost: void 0,
		isOver: false
	};
	const renewing = keep(kept, {
		...runtime,
		signal: done.signal
	});
	const release = async () => {
		done.abort();
		await renewing;
		if (kept.isOver) return;
		await nomad.variables.releaseLock(path, kept.id, namespace, runtime.clock.timeout(RELEASE_MS$1)).catch((error) => {
			const left = formatDuration(31e3);
			runtime.log.warning(`The lock of ${jobId} could not be released, and ends by itself within ${left}: ${sentence(toActionError(error))}`);
		});
	};
	const requireHeld = async () => {
		const soon = kept.lost === void 0 ? runtime.clock.timeout(RENEW_MS) : nomad.patience();
		if (!kept.isOver) await renew(kept, runtime, soon).catch(() => void 0);
		if (kept.lost === void 0) return;
		throw new ActionError("conflict", `this run has lost the lock of ${jobId} before the registration: ${kept.lost}`, { hint: "Nothing was registered. Run the workflow again." });
	};
	const held = {
		job,
		path,
		id: taken.id,
		waited: taken.waited,
		requireHeld,
		release
	};
	if (taken.waited) await requireNotFrozen(job, runtime).catch(async (error) => {
		await release();
		throw error;
	});
	return held;
}
/** Takes the lock, now or when its holder releases it or dies. */
async function acquire({ jobId, namespace, nomad }, path, { lock, command, timeoutMs, context }, { log, clock, signal }) {
	const startedMs = clock.now();
	const late = clock.timeout(timeoutMs);
	let [told, toldMs] = ["", startedMs];
	let unanswered;
	for (let waited = false;; waited = true) {
		const before = await nomad.variables.read(path, namespace);
		const holding = before && readNote("lock", before.Items ?? {}, path);
		const items = noteItems("lock", context, { command }, clock.now());
		const id = await nomad.variables.acquireLock(path, {
			items,
			ttlS: TTL_S,
			delayS: DELAY_S
		}, namespace).catch((error) => {
			if (toActionError(error).code !== "unknown-outcome" || late.aborted) throw error;
			unanswered = items;
			return "unknown";
		});
		if (id === "unknown") {
			await clock.sleep(UNANSWERED_MS, signal);
			continue;
		}
		const isOwn = holding !== void 0 && unanswered !== void 0 && whose(holding) === whose(readNote("lock", unanswered, path));
		if (id !== void 0) {
			log.info(`This run holds the lock of ${jobId}${waited ? `, after ${formatDuration(clock.now() - startedMs)}` : ""}`);
			return {
				id,
				waited
			};
		}
		const holder = holding === void 0 ? "another run" : whose(holding);
		if (lock === "fail" && !isOwn || late.aborted) {
			const how = lock === "fail" ? "" : ` and was not released within ${formatDuration(timeoutMs)}`;
			throw new ActionError("job-locked", `the lock of ${jobId} is held by ${holder}${how}`, { hint: "Nothing was built, written or registered. Run the workflow again when that run has ended, or set `lock: wait`." });
		}
		if (holder !== told || clock.now() - toldMs >= HEARTBEAT_MS) {
			log.info(`Waiting for the lock of ${jobId}, held by ${holder} (${formatDuration(clock.now() - startedMs)})`);
			[told, toldMs] = [holder, clock.now()];
		}
		await nomad.variables.watch(path, namespace, before?.ModifyIndex ?? 1, AbortSignal.any([signal, late])).catch((error) => {
			if (!late.aborted || signal.aborted) throw error;
		});
	}
}
/** Renews a lock until the signal aborts, also through an outage. Says so where the lock is lost, or not renewed in time. */
async function keep(kept, { clock, log, signal }) {
	const { jobId } = kept.job;
	let told;
	try {
		while (!kept.isOver) {
			await clock.sleep(RENEW_MS, signal);
			await renew(kept, {
				clock,
				log
			}, AbortSignal.any([signal, clock.timeout(RENEW_MS)])).catch((error) => {
				signal.throwIfAborted();
				log.debug(`The lock of ${jobId} was not renewed: ${toActionError(error).message}`);
				if (clock.now() - kept.renewedMs >= SURE_MS) kept.lost = `it was not renewed for ${formatDuration(SURE_MS)}`;
			});
			if (kept.lost !== void 0 && kept.lost !== told) log.warning(`The lock of ${jobId} is lost (${kept.lost}), so another run may deploy the job at the same time.`);
			told = kept.lost;
		}
	} catch (error) {
		if (!signal.aborted) throw error;
	}
}
/**
* Renews a lock, and takes it again where it has ended in an outage and no other run has it: the guard of the registration tells whether another run had it in
* between. Throws when Nomad does not answer.
*/
async function renew(kept, { clock, log }, signal) {
	const { path, id, locking } = kept;
	const { nomad, namespace, jobId } = kept.job;
	const startedMs = clock.now();
	let held = await nomad.variables.renewLock(path, id, namespace, signal) ? id : void 0;
	if (kept.isOver || kept.id !== id) return;
	if (held === void 0 && clock.now() - kept.renewedMs >= SURE_MS) {
		const items = noteItems("lock", locking.context, { command: locking.command }, clock.now());
		held = await nomad.variables.acquireLock(path, {
			items,
			ttlS: TTL_S,
			delayS: DELAY_S
		}, namespace);
	}
	if (held === void 0) Object.assign(kept, {
		lost: UNKNOWN,
		isOver: true
	});
	else {
		if (kept.lost !== void 0) log.info(`This run holds the lock of ${jobId} again`);
		Object.assign(kept, {
			id: held,
			renewedMs: startedMs,
			lost: void 0
		});
	}
}
// src/register/releases/keep.ts
/** The outcomes of a version that turned out well, of commands that make versions or finish them. */
const GOOD = [
	"successful",
	"unchanged",
	"promoted",
	"reverted",
	"resubmitted",
	"scaled"
];
/**
* Runs a command, and tags the version that it ends with as a release when that turned out well; the oldest releases lose their tags and their secrets then. A tag
* that can't be written is a notice: the version runs.
*/
async function releasing(about, current, command) {
	let known;
	const note = (part) => {
		known = part.jobVersion ?? known;
		current.note(part);
	};
	const result = await command({
		...current,
		note
	});
	const version = result.jobVersion ?? known;
	const followed = about.inputs.wait || result.outcome === "unchanged" || result.outcome === "promoted";
	const isGood$1 = result.outcome !== void 0 && GOOD.includes(result.outcome) && followed;
	if (current.runtime.signal.aborted) return result;
	if (!isGood$1 || version === void 0 || !isTaggable(about.job)) {
		if (about.inputs.tag !== void 0 && isGood(result.outcome)) current.runtime.log.notice(`\`tag\`: ${about.job.ID} has no version for ${about.inputs.tag}, because only a version of a service or system job that is followed to its end is tagged (docs/releases.md).`);
		return result;
	}
	const tag = await tagged(version, about, current);
	return tag === void 0 ? result : {
		...result,
		tag
	};
}
/** Tags a version. Returns its tag. */
async function tagged(version, about, { runtime }) {
	const { job, namespace, inputs, context, nomad } = about;
	const { log } = runtime;
	const { ID } = job;
	try {
		const versions = await nomad.jobs.versions(ID, namespace);
		if (!versions.some((one) => "VersionTag" in one)) {
			log.notice(`Version ${version} of ${ID} is not tagged: this Nomad has no tags of versions, which came with Nomad 1.9.`);
			return;
		}
		const own = versions.find((one) => one.Version === version);
		if (own === void 0 || !judgeOwner(ownedJob(own, namespace), about.claim, "change").may) return void 0;
		const { runUrl, runAttempt, runId, actor } = context;
		const run = runUrl === void 0 ? `terminal ${runId}` : `${runUrl}/attempts/${runAttempt}`;
		const tagger = {
			command: inputs.command,
			run,
			actor: runtime.redact(actor)
		};
		const plan = planTags(versions, {
			version,
			name: inputs.tag,
			keep: inputs.keepReleases,
			tagger
		});
		if (plan.notice !== void 0) log.notice(`${ID}: ${plan.notice}`);
		for (const step of plan.steps) if (step.do === "untag") await nomad.jobs.untag(ID, step.name, namespace);
		else await nomad.jobs.tag(ID, {
			Version: step.version,
			Name: step.name,
			Description: step.message
		}, namespace);
		for (const line of linesOf(plan.steps, ID)) log.info(line);
		if (plan.late) log.info(`Version ${version} of ${ID} is tagged after the next release, because an autoscaler may scale the job (docs/releases.md)`);
		const kept = versions.filter((one) => !plan.dropped.includes(one) && (one.Version >= plan.oldest || hasOtherTag(one)));
		for (const path of await forgetVersions({
			gone: plan.dropped,
			kept
		}, namespace, about.claim, nomad)) log.info(`The secrets of older releases were removed from the Nomad variable ${path}`);
		return plan.tag;
	} catch (error) {
		if (runtime.signal.aborted) return void 0;
		const { code, hint } = toActionError(error);
		const why = code === "permission-denied" && hint !== void 0 ? hint : sentence(toActionError(error));
		log.notice(`The tags of ${ID} are not up to date, so Nomad may forget version ${version} later: ${why}`);
		return;
	}
}
/** Returns whether a person tagged a version. */
function hasOtherTag(version) {
	return Boolean(version.VersionTag) && taggerOf(version) === void 0;
}
function linesOf(steps, id) {
	return steps.map((step) => step.do === "tag" ? `Version ${step.version} of ${id} has the tag ${step.name}` : `The tag ${step.name} of ${id} is removed`);
}
// src/watch/lock-left.ts
/** The form of a saved lock: its namespace, path, id and region. Other programs on the runner can write the saved state, too. */
const LOCK = /^([\w-]{1,128}) (nomad-deploy\/locks\/[\w~/-]{1,128}) ([\da-f-]{36}) ([\w.-]{0,128})$/;
const RELEASE_MS = 4e3;
/** Releases, in the post step, the locks of a run that was killed, where the inputs of the step give the saved address. A lock that stays ends by itself. */
async function releaseLeft({ locks = "", ...word }, env, runtime) {
	const own = await ownWay(word, env, runtime);
	if (own === void 0) return;
	const { inputs, ...way } = own;
	for (const line of locks.split("\n")) {
		const [, namespace, path, id, region] = LOCK.exec(line) ?? [];
		if (path === void 0 || id === void 0) continue;
		const nomad = await connect(await readConnection(inputs, {
			...way,
			region: region || way.region
		}, runtime), runtime);
		try {
			await nomad.variables.releaseLock(path, id, namespace, nomad.clock.timeout(RELEASE_MS));
			runtime.log.info(`The lock ${path} of the killed step is released.`);
		} finally {
			await nomad.close();
		}
	}
}
export { requireParts as $, allocationRecords as $t, followNewVersion as A, columns as An, stateOf as At, explain as B, scanImage as Bt, prepareWork as C, provenanceOf as Cn, reRegistered as Ct, followUnchanged as D, parseConfig as Dn, environmentName as Dt, allocationsOf as E, requireAddress as En, endDeployments as Et, timeoutFor as F, renderJobspec as Ft, requireUnderWay as G, byName as Gt, changedUnits as H, lookForBuilt as Ht, leaveUnderWay as I, requireSameId as It, removeJob as J, dispatchProblems as Jt, setPaused as K, keyOf$1 as Kt, ownWay as L, withoutZeros as Lt, followRegistration as M, subjectOf as Mt, describeWait as N, settingLines as Nt, lookAt as O, openGitHub as On, recordDeployment as Ot, isUp as P, settings as Pt, thaw as Q, effectiveConfig as Qt, tellUnderWay as R, imageValues as Rt, draftAll as S, META as Sn, toHidden as St, connectTo as T, commonTarget as Tn, closeKilled as Tt, isOperation as U, publishTags as Ut, describeUnread as V, testImage as Vt, deploymentOf as W, resolveImages as Wt, scaleJob as X, requireSequence as Xt, revertJob as Y, requireOwnTokens as Yt, freeze as Z, wavesOf as Zt, buildOnly as _, claimOf as _n, isIgnored as _t, openHooks as a, jobSecrets as an, outgrown as at, lookAhead as b, readRef as bn, registeredSince as bt, checkHooks as c, keptSecrets as cn, showPlan as ct, taggerOf as d, blockingRead as dn, shortId as dt, notify as en, requireNoneWaiting as et, inSequence as f, describeToken as fn, describePlacement as ft, buildApproved as g, rulesOf as gn, hasChecks as gt, operateEach as h, unpromotedGroups as hn, describeFailing as ht, removeKilled as i, applySecrets as in, keeping as it, afterFailure$1 as j, comment as jt, followRejected as k, tell as kn, settleDeployment as kt, taskImages as l, secretTemplates as ln, showResolved as lt, findJobs as m, fits as mn, countsChecks as mt, releasing as n, secretNamesOf as nn, readLive as nt, planHooks as o, undoUnlessRegistered as on, requireNoDrift as ot, isSequence as p, nomadsWords as pn, exitWords as pt, registerJob as q, dispatchJob as qt, takeLock as r, secretsOfVersion as rn, triedBefore as rt, forgetHooks as s, removeSecrets as sn, publishSpec as st, releaseLeft as t, costOf as tn, requireReplaceable as tt, goalOf as u, judgeOwner as un, warn as ut, commandEach as v, permit as vn, planAsRegistered as vt, refuseSpecs as w, resubmittedJob as wn, renderPlanComment as wt, claimJobs as x, recordOf as xn, requireApprovedWithSecrets as xt, judge as y, ownedJob as yn, requirePossible as yt, follow as z, hidingValues as zt };
