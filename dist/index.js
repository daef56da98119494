import { r as __toESM } from "./rolldown-runtime.js";
import { r as secret, t as actionsRuntime } from "./actions.js";
import { readFile, realpath } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join, relative, resolve, sep } from "node:path";
// src/errors.ts
/** An expected failure: `message` says what happened and where, `hint` what to do. Only its text is ever shown. */
var ActionError = class extends Error {
	code;
	hint;
	location;
	constructor(code, message, details = {}) {
		super(message, { cause: details.cause });
		this.name = "ActionError";
		this.code = code;
		this.hint = details.hint;
		this.location = details.location;
	}
};
/** The text of any thrown value. */
function messageOf(thrown) {
	return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}
/** Turns any thrown value into an `ActionError`; what nobody expected keeps its text and is called `unexpected`. */
function toActionError(thrown) {
	if (thrown instanceof ActionError) return thrown;
	return new ActionError("unexpected", `unexpected error: ${messageOf(thrown)}`, {
		hint: "This is a bug in nomad-deploy: please report it with the log of a run with debug logging enabled.",
		cause: thrown
	});
}
/** The sentence to show for an error: what happened, then what to do. */
function sentence(error) {
	if (error.hint === void 0) return error.message;
	return `${error.message}${/[.!?]$/.test(error.message) ? "" : "."} ${error.hint}`;
}
// src/placement.ts
/** Why a group does not fit, in one sentence: `fits on 0 of 4 nodes: 3 lack memory, 1 is filtered by ${meta.kind} = tcp`. */
function describePlacement(group, metric) {
	if (metric.NodesEvaluated === 0) return `group ${group}: no eligible node in the datacenters and node pool of the job`;
	const filtered = Object.entries(metric.ConstraintFiltered ?? {}).map(([constraint, nodes]) => `${nodes} filtered by ${explain$1(constraint)}`);
	const exhausted = Object.entries(metric.DimensionExhausted ?? {}).map(([dimension, nodes]) => `${nodes} short of ${dimension}`);
	const quota = (metric.QuotaExhausted ?? []).map((dimension) => `quota exhausted: ${dimension}`);
	const reasons = [
		...exhausted,
		...filtered,
		...quota
	];
	const missing = metric.CoalescedFailures + 1;
	return `group ${group}: ${missing} allocation${missing === 1 ? "" : "s"} fit${missing === 1 ? "s" : ""} on none of ${metric.NodesEvaluated} node${metric.NodesEvaluated === 1 ? "" : "s"} (${reasons.join(", ") || "no reason given"})`;
}
/** A constraint that Nomad adds by itself, in the user's words. */
function explain$1(constraint) {
	if (!constraint.includes("attr.consul.version")) return constraint;
	return `${constraint}: no Consul there; NOMAD_VAR_SERVICE_PROVIDER=nomad uses Nomad's own services`;
}
// src/commands/command.ts
/** Where an annotation about the job goes: the built-in template is no file of the user's. */
function place(spec) {
	return spec.builtIn ? void 0 : { file: spec.name };
}
/** Writes the rendered job, without what is secret, for later steps of the workflow. */
async function publishSpec(job, runtime, note) {
	note({ spec: await runtime.publish("spec.json", job) });
}
/** Shows a plan in the log; what can't be placed now is a warning. */
function showPlan(plan, { log }) {
	log.info(`Changes: ${plan.changed}`);
	for (const line of plan.lines) log.info(`  ${line}`);
	for (const [group, metric] of Object.entries(plan.placementFailures)) log.warning(`Forecast: ${describePlacement(group, metric)}`);
}
/** Shows what the user should know, each as an annotation; what is said of nearly every cluster is a line of the log. */
function warn(warnings, { log }) {
	for (const warning of warnings) if (warning.startsWith("Memory oversubscription is not enabled")) log.info(warning);
	else log.warning(warning);
}
/** Reads the registered job and the deployment of its version. */
async function readLive({ job: { ID }, namespace }, nomad) {
	const job = await nomad.jobs.read(ID, namespace);
	if (job === void 0) return {
		job,
		deployment: void 0
	};
	const newest = await nomad.jobs.latestDeployment(ID, namespace);
	return {
		job,
		deployment: newest?.JobVersion === job.Version ? newest : void 0
	};
}
// src/fragments.ts
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
					line: from.line + line - first
				};
				first += lines;
			}
		}
	};
}
/** The words by which an own project.nomad says where the other files are inserted. */
const MARKERS = {
	vars: "VARS.NOMAD--INSERTS-HERE",
	job: "JOB.NOMAD--INSERTS-HERE",
	group: "GROUP.NOMAD--INSERTS-HERE"
};
/** A file with the fragments inserted below the lines that hold their markers, and the fragments for which it has none. */
function insertAtMarkers(file, fragments) {
	const parts = [];
	const left = new Set(Object.keys(MARKERS).filter((kind) => kind in fragments));
	let first = 1;
	let collected = [];
	const flush = () => {
		if (collected.length > 0) parts.push({
			text: `${collected.join("\n")}\n`,
			from: {
				file: file.name,
				line: first
			}
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
* A job with another one laid over it: what the overlay sets wins, field by field. Groups, tasks, services, ports and other named parts are matched by
* name; a new one is added. Lists without names (constraints, templates, artifacts) are added to; lists of plain values are replaced.
*/
function overlay(base, over) {
	const { ID: _id, Name: _name, ...rest } = over;
	return {
		...base,
		...mergeFields(base, rest)
	};
}
/** A job with the overlay's one group laid over the group of that name. */
function overlayGroup(base, group) {
	return {
		...base,
		TaskGroups: (base.TaskGroups ?? []).map((own) => own.Name === group.Name ? {
			...own,
			...mergeFields(own, group)
		} : own)
	};
}
function mergeFields(base, over) {
	const merged = { ...base };
	for (const [key, value] of Object.entries(over)) if (value !== null && value !== void 0) merged[key] = mergeValue(merged[key], value, key);
	return merged;
}
function mergeValue(base, over, key) {
	if (isFields(base) && isFields(over)) return mergeFields(base, over);
	if (!Array.isArray(base) || !Array.isArray(over) || !over.every(isFields)) return over;
	if (key === "Networks") return [mergeValue(base.at(0), over.at(0), "")];
	const nameOf = (item) => isFields(item) ? item["Name"] ?? item["Label"] : void 0;
	const merged = Array.from(base);
	for (const item of over) {
		const name = nameOf(item);
		const at = name === void 0 || name === "" ? -1 : merged.findIndex((own) => nameOf(own) === name);
		if (at < 0) merged.push(item);
		else merged[at] = mergeValue(merged[at], item, "");
	}
	return merged;
}
function isFields(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !("rawJSON" in value);
}
// src/hcl.ts
const BLANK = /(?:\s|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const HEREDOC = /<<-?([A-Za-z_][A-Za-z0-9_-]*)[ \t\r]*(?:\n[\s\S]*?)??\n[ \t]*\1[ \t]*\r?(?=\n|$)/y;
/**
* The variables that an HCL file declares, found without a full parser: strings, heredocs and comments are stepped over, so a `variable`
* inside of them does not count. Their types follow Nomad: the `type`, else the type of the default.
*/
function declaredVariables(source) {
	const found = [];
	const tokens = scan(source);
	let depth = 0;
	for (const [i, token] of tokens.entries()) {
		if (token.text === "{" || token.text === "[" || token.text === "(") depth++;
		if (token.text === "}" || token.text === "]" || token.text === ")") depth--;
		const label = tokens[i + 1];
		if (depth !== 0 || token.text !== "variable" || label === void 0 || tokens[i + 2]?.text !== "{") continue;
		found.push({
			name: label.text.replace(/^"|"$/g, ""),
			...describe(blockBody(tokens, i + 3)),
			line: source.slice(0, token.at).split("\n").length
		});
	}
	return found;
}
function describe(body) {
	const attribute = (name) => {
		const at = body.findIndex((token, i) => token.text === name && token.depth === 0 && body[i + 1]?.text === "=");
		return at < 0 ? void 0 : body[at + 2]?.text;
	};
	const type = attribute("type");
	const initial = attribute("default");
	const hasDefault = initial !== void 0;
	if (type === "number" || type === void 0 && /^[-\d]/.test(initial ?? "")) return {
		type: "number",
		hasDefault
	};
	if (type === "bool" || type === void 0 && /^(true|false)$/.test(initial ?? "")) return {
		type: "bool",
		hasDefault
	};
	return {
		type: (type === void 0 ? initial === void 0 || initial.startsWith("\"") || initial.startsWith("<<") : type === "string") ? "string" : "expression",
		hasDefault
	};
}
/** The text of the blocks of some types at the top level of a file, such as its `variable` and `locals` blocks. */
function topLevelBlocks(source, types) {
	const blocks = [];
	const tokens = scan(source);
	let depth = 0;
	let begin;
	for (const { text, at } of tokens) {
		if (depth === 0 && begin === void 0 && types.includes(text)) begin = at;
		if (/^[{[(]$/.test(text)) depth++;
		if (/^[}\])]$/.test(text)) depth--;
		if (text !== "}" || depth !== 0) continue;
		if (begin !== void 0) blocks.push(source.slice(begin, at + 1));
		begin = void 0;
	}
	return blocks;
}
function blockBody(tokens, from) {
	const body = [];
	let depth = 0;
	for (const token of tokens.slice(from)) {
		if (token.text === "}" && depth === 0) break;
		if (/^[}\])]$/.test(token.text)) depth--;
		body.push({
			...token,
			depth
		});
		if (/^[{[(]$/.test(token.text)) depth++;
	}
	return body;
}
function scan(source) {
	const tokens = [];
	let at = skipBlank(source, 0);
	while (at < source.length) {
		const text = match(HEREDOC, source, at) ?? (source[at] === "\"" ? quotedText(source, at) : void 0) ?? match(NAME, source, at) ?? source.charAt(at);
		tokens.push({
			text,
			at,
			depth: 0
		});
		at = skipBlank(source, at + text.length);
	}
	return tokens;
}
/** A quoted string with its quotes; `${ … }` may hold quotes of its own. */
function quotedText(source, from) {
	let depth = 0;
	for (let at = from + 1; at < source.length; at++) {
		const two = source.slice(at, at + 2);
		if (source[at] === "\\") at++;
		else if ((two === "${" || two === "%{") && source[at - 1] !== source[at]) {
			depth++;
			at++;
		} else if (depth > 0 && source[at] === "}") depth--;
		else if (source[at] === "\"" && depth > 0) at += quotedText(source, at).length - 1;
		else if (source[at] === "\"") return source.slice(from, at + 1);
	}
	return source.slice(from);
}
/**
* Reads a literal value written in JSON or HCL: `3`, `true`, `"text"`, `["a", "b"]`, `{ 5000 = "http" }`, `{"5000": "http"}`. What is JSON is
* taken as JSON, in which `${` means nothing. Throws an `Error` that says what was expected and where; expressions, functions and interpolation
* are not literals.
*/
function parseLiteral(source) {
	try {
		return JSON.parse(source);
	} catch {}
	const [value, end] = readValue$1(source, skipBlank(source, 0));
	const rest = skipBlank(source, end);
	if (rest < source.length) throw new Error(`unexpected ${JSON.stringify(source.slice(rest, rest + 12))} after the value`);
	return value;
}
function readValue$1(source, at) {
	const number = match(NUMBER, source, at);
	if (number !== void 0) return [Number(number), at + number.length];
	if (source[at] === "\"") return readString(source, at);
	if (source[at] === "[") return readList(source, at + 1);
	if (source[at] === "{") return readMap$1(source, at + 1);
	const word = match(NAME, source, at);
	if (word === "true" || word === "false") return [word === "true", at + word.length];
	if (word === "null") return [null, at + word.length];
	throw new Error(at >= source.length ? "the value ends too early" : `expected a value at ${JSON.stringify(source.slice(at, at + 12))}; text needs double quotes`);
}
function readString(source, at) {
	const text = quotedText(source, at);
	if (/(^|[^$%])[$%]\{/.test(text)) throw new Error("interpolation is not possible in a value");
	try {
		return [String(JSON.parse(text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{"))), at + text.length];
	} catch {
		throw new Error(`the text ${text.slice(0, 20)} is not closed, or has an escape that HCL does not know`);
	}
}
function readList(source, from) {
	const items = [];
	let at = skipBlank(source, from);
	while (source[at] !== "]") {
		const [item, end] = readValue$1(source, at);
		items.push(item);
		at = skipBlank(source, end);
		if (source[at] === ",") at = skipBlank(source, at + 1);
		else if (source[at] !== "]") throw new Error("expected a comma or the end of the list");
	}
	return [items, at + 1];
}
function readMap$1(source, from) {
	const entries = [];
	let at = skipBlank(source, from);
	while (source[at] !== "}") {
		const [key, keyEnd] = source[at] === "\"" ? readString(source, at) : readKey(source, at);
		at = skipBlank(source, keyEnd);
		if (source[at] !== "=" && source[at] !== ":") throw new Error(`expected = or : after the key ${JSON.stringify(key)}`);
		const [value, end] = readValue$1(source, skipBlank(source, at + 1));
		entries.push([key, value]);
		const separated = source.slice(end, skipBlank(source, end)).includes("\n");
		at = skipBlank(source, end);
		if (source[at] === ",") at = skipBlank(source, at + 1);
		else if (source[at] !== "}" && !separated) throw new Error("expected a comma, a new line or the end of the map");
	}
	return [Object.fromEntries(entries), at + 1];
}
function readKey(source, at) {
	const key = match(NUMBER, source, at) ?? match(NAME, source, at);
	if (key === void 0) throw new Error(at >= source.length ? "the map is not closed" : `expected a key at ${JSON.stringify(source.slice(at, at + 12))}`);
	return [key, at + key.length];
}
/** Writes a value as an HCL literal. The one way by which text reaches an HCL file: quotes, newlines, `${` and `%{` are escaped. */
function hclLiteral(value) {
	if (typeof value === "string") return JSON.stringify(value).replace(/\\(\\|b|f)/g, (whole, kind) => kind === "b" ? "\\u0008" : kind === "f" ? "\\u000c" : whole).replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{");
	if (value === null || typeof value !== "object") return String(value);
	if (Array.isArray(value)) return `[${value.map(hclLiteral).join(", ")}]`;
	return `{ ${Object.entries(value).map(([key, item]) => `${hclLiteral(key)} = ${hclLiteral(item)}`).join(", ")} }`;
}
function skipBlank(source, at) {
	return at + (match(BLANK, source, at) ?? "").length;
}
function match(pattern, source, at) {
	pattern.lastIndex = at;
	return pattern.exec(source)?.[0];
}
// src/duration.ts
const UNITS_MS = /* @__PURE__ */ new Map([
	["ms", 1],
	["s", 1e3],
	["m", 6e4],
	["h", 36e5]
]);
/** Reads a duration as Go writes it (`90s`, `15m`, `1h30m`) into milliseconds; undefined when it is none. */
function parseDuration(text) {
	if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return void 0;
	const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
	return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS.get(unit ?? "") ?? 0), 0));
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
// src/nearest.ts
/** The known name that a misspelt one most likely means, or undefined when none is near (a third of its letters may differ). */
function nearest(name, known) {
	const wanted = plain$1(name);
	let best;
	let bestDistance = Math.floor(wanted.length / 3) + 1;
	for (const candidate of known) {
		const distance = editDistance(wanted, plain$1(candidate));
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}
function plain$1(name) {
	return name.toLowerCase().replace(/[-_ ]/g, "");
}
/** Levenshtein's distance, one row at a time. */
function editDistance(from, to) {
	let row = Array.from({ length: to.length + 1 }, (_, i) => i);
	for (let i = 0; i < from.length; i++) {
		const next = [i + 1];
		for (let j = 0; j < to.length; j++) {
			const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
			next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
		}
		row = next;
	}
	return row[to.length] ?? 0;
}
// src/input-values.ts
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
function parseTimeout(value) {
	if (value === void 0) return void 0;
	const timeoutMs = parseDuration(value);
	if (timeoutMs === void 0 || timeoutMs === 0) throw new Error(`\`timeout\`: ${JSON.stringify(value)} is not a duration, such as 90s or 15m`);
	return timeoutMs;
}
function parseAddress(value) {
	if (value === void 0) return void 0;
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (url === void 0 || !/^https?:$/.test(url.protocol) || url.hostname === "") throw new Error("`nomad-addr`: not an address of Nomad, such as https://nomad.example.com:4646");
	if (url.username !== "" || url.password !== "") throw new Error("`nomad-addr`: must not hold a user or password");
	return value.replace(/\/+$/, "");
}
function parseDomain(value) {
	if (value === void 0) return void 0;
	if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value) || value.length > 253) throw new Error(`\`base-domain\`: ${JSON.stringify(value)} is not a domain, such as apps.example.com`);
	return value.toLowerCase();
}
/**
* Reads a map given as `NAME=value` lines, or as YAML or JSON. Scalars stay byte for byte what was written (`0123` and `yes` are text);
* lists and maps inside become JSON text.
*/
async function readMap(name, value, problems) {
	if (value === void 0 || value.trim() === "") return {};
	const lines = value.split(/\r?\n/).filter((line) => line.trim() !== "");
	if (lines.every((line) => /^\s*[A-Za-z_][A-Za-z0-9_]*=/.test(line))) return Object.fromEntries(lines.map((line) => {
		const at = line.indexOf("=");
		return [line.slice(0, at).trim(), line.slice(at + 1)];
	}));
	const { parseDocument } = await import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	try {
		const document = parseDocument(value, {
			schema: "failsafe",
			prettyErrors: false,
			logLevel: "silent"
		});
		const parsed = document.errors.length + document.warnings.length === 0 ? document.toJS() : void 0;
		if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return Object.fromEntries(Object.entries(parsed).map(([key, item]) => [key, typeof item === "string" ? item : JSON.stringify(item ?? "")]));
	} catch {}
	problems.push(`\`${name}\`: neither NAME=value lines nor a YAML or JSON map; a value of several lines is written as \`NAME: |\` and indented below`);
	return {};
}
/** The registry of an image name: its first part if that has a dot or a port or is `localhost`, else Docker Hub. Without an image it is GitHub's. */
function registryOf(image) {
	if (image === void 0) return "ghcr.io";
	const first = image.includes("/") ? image.split("/")[0] ?? "" : "";
	return /[.:]/.test(first) || first === "localhost" ? first : "docker.io";
}
// src/variables.ts
/**
* All variables of the built-in template. This table declares them to the cluster, reads them and documents them. Names and defaults up to `IS_BATCH`
* are those that users of internetarchive/nomad know.
*/
const VARIABLES = [
	{
		name: "MEMORY",
		type: "number",
		default: 300,
		meaning: "Memory in MB that is reserved."
	},
	{
		name: "MEMORY_FACTOR",
		type: "number",
		default: 10,
		meaning: "The task may use this many times `MEMORY`, where the scheduler allows oversubscription."
	},
	{
		name: "CPU",
		type: "number",
		default: 100,
		meaning: "CPU in MHz that is reserved."
	},
	{
		name: "COUNT",
		type: "number",
		default: 1,
		meaning: "Number of allocations; 3 in production. Also how many are replaced at a time."
	},
	{
		name: "COUNT_CANARIES",
		type: "number",
		default: 1,
		meaning: "New allocations that have to be healthy before the old ones are replaced; 0 replaces in place."
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
		],
		meaning: "How the main port is checked: `http`, `tcp`, `grpc`, or `none` (then a running task is a healthy one)."
	},
	{
		name: "CHECK_PATH",
		type: "string",
		default: "/",
		meaning: "Path of the HTTP check."
	},
	{
		name: "CHECK_TIMEOUT",
		type: "string",
		default: "2s",
		meaning: "How long a check may take."
	},
	{
		name: "HEALTH_TIMEOUT",
		type: "string",
		default: "20s",
		meaning: "How long after its start a failing check does not restart the task."
	},
	{
		name: "NETWORK_MODE",
		type: "string",
		default: "bridge",
		meaning: "Network mode of the container, as Docker's `--network`."
	},
	{
		name: "FORCE_PULL",
		type: "bool",
		default: false,
		meaning: "Pull the image at each start. Rarely of use: the image is named by its digest."
	},
	{
		name: "PORTS",
		type: "map(string)",
		default: { "5000": "http" },
		meaning: "Ports of the container, number = name. One is named `http`. `-1`: the same number inside and outside. Below: TCP only, without a hostname."
	},
	{
		name: "MULTI_CONTAINER",
		type: "bool",
		default: false,
		meaning: "The extra ports belong to tasks of the same names, which `group.nomad` brings."
	},
	{
		name: "VOLUMES",
		type: "list(string)",
		default: [],
		meaning: "Volumes of the container, `<host path>:<container path>[:ro]`."
	},
	{
		name: "PERSISTENT_VOLUME",
		type: "string",
		default: "",
		meaning: "A path in the container where the host folder `/pv/<owner>-<repository>` is mounted."
	},
	{
		name: "HOSTNAMES",
		type: "list(string)",
		default: [],
		meaning: "Hostnames of the main branch, staging and production; a name without a dot is made below the domain."
	},
	{
		name: "IS_BATCH",
		type: "bool",
		default: false,
		meaning: "No `update` and `migrate` blocks; `job.nomad` says `type = \"batch\"`."
	},
	{
		name: "DEPLOY_WITH_PODMAN",
		type: "bool",
		default: false,
		meaning: "Run the containers with Podman instead of Docker."
	},
	{
		name: "SERVICE_PROVIDER",
		type: "string",
		default: "consul",
		oneOf: ["consul", "nomad"],
		meaning: "Where services are registered: `consul` or `nomad`."
	},
	{
		name: "DATACENTERS",
		type: "list(string)",
		default: ["dc1"],
		meaning: "Datacenters that the job may run in; `*` is a wildcard."
	},
	{
		name: "NODE_POOL",
		type: "string",
		default: "default",
		meaning: "Node pool that the job runs in."
	},
	{
		name: "PRIORITY",
		type: "number",
		default: 50,
		meaning: "Priority of the job, 1 to 100."
	},
	{
		name: "MIN_HEALTHY_TIME",
		type: "string",
		default: "30s",
		meaning: "How long an allocation must be healthy to count as such."
	},
	{
		name: "HEALTHY_DEADLINE",
		type: "string",
		default: "10m",
		meaning: "How long an allocation may take to become healthy."
	},
	{
		name: "PROGRESS_DEADLINE",
		type: "string",
		default: "11m",
		meaning: "How long a deployment may go without another healthy allocation."
	},
	{
		name: "RESTART_ATTEMPTS",
		type: "number",
		default: 3,
		meaning: "Restarts in place within 30 minutes, before the allocation counts as failed."
	},
	{
		name: "KILL_TIMEOUT",
		type: "string",
		default: "5s",
		meaning: "How long a task may take to end after it was asked to."
	}
];
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
/** The declarations that the built-in template begins with. */
function declarations() {
	const block = (name, type, initial) => `variable "${name}" {\n  type    = ${type}\n  default = ${hclLiteral(initial)}\n}\n`;
	return [...VARIABLES.map((variable) => block(variable.name, variable.type, variable.default)), ...[
		"SLUG",
		"SECRETS_TEMPLATE",
		...CI_VARIABLES
	].map((name) => block(name, "string", ""))].join("");
}
// src/service.ts
/**
* The data of the built-in template: what its blocks are made of, decided here so that the template only spells it. Throws one `input-invalid` error
* with everything that is wrong with the values, before anything is built.
*/
function serviceData(values, target, image, secretsTemplate) {
	const all = {
		...Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default])),
		...values
	};
	const ports = readPorts(all["PORTS"]);
	const problems = [...portProblems(ports), ...choiceProblems(all)];
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"));
	const [mainHost = ""] = target.hostnames;
	const several = all["MULTI_CONTAINER"] === true;
	const extra = ports.filter(({ name }) => name !== "http");
	return {
		declarations: declarations(),
		job: target.jobId,
		image,
		batch: all["IS_BATCH"] === true,
		checked: all["CHECK_PROTOCOL"] !== "none",
		ports,
		tags: target.hostnames.map((host) => `https://${host}`),
		canaryTags: target.hostnames.map((host) => `https://canary-${host}`),
		extraServices: extra.map((port) => ({
			name: `${target.jobId}--${port.name}`,
			task: several ? port.name : "http",
			port: port.name,
			tags: several || port.tcpOnly || mainHost === "" ? [] : [`https://${besideHost(mainHost, port.name)}`]
		})),
		taskPorts: several ? ["http"] : ports.map(({ name }) => name),
		volumes: volumes(all, target),
		auth: registryAuth(all),
		ciEnvironment: [
			"CI_HOSTNAME",
			"CI_COMMIT_REF_SLUG",
			"CI_PROJECT_PATH_SLUG",
			"CI_COMMIT_SHA"
		].map((name) => `${name}=${textOf(all[name])}\n`).join(""),
		secretsTemplate
	};
}
/** Things that are possible and rarely meant. */
function serviceWarnings(values) {
	const { COUNT = 1, COUNT_CANARIES = 1 } = values;
	return [...COUNT === 0 ? ["NOMAD_VAR_COUNT is 0: the job is registered, but nothing runs"] : [], ...Number(COUNT) > 0 && Number(COUNT_CANARIES) > Number(COUNT) ? ["NOMAD_VAR_COUNT_CANARIES is more than NOMAD_VAR_COUNT"] : []];
}
/** `shop.dev.example.com` and the port `admin` are `shop-admin.dev.example.com`. */
function besideHost(host, port) {
	const at = host.indexOf(".");
	return at < 0 ? `${host}-${port}` : `${host.slice(0, at)}-${port}${host.slice(at)}`;
}
/** In the order of the numbers as text, which is how the cluster's services have always been ordered. */
function readPorts(value) {
	return Object.entries(value ?? {}).map(([number, name]) => ({
		name: String(name),
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
		...http.length === 1 ? [] : [`variable PORTS (NOMAD_VAR_PORTS): ${http.length === 0 ? "no" : "more than one"} port is named "http"; write { 5000 = "http" }`],
		...http[0]?.tcpOnly === true ? ["variable PORTS (NOMAD_VAR_PORTS): the port \"http\" must not be negative"] : [],
		...names.filter((name, i) => name !== "http" && names.indexOf(name) !== i).map((name) => `variable PORTS (NOMAD_VAR_PORTS): two ports are named ${JSON.stringify(name)}`),
		...ports.flatMap(({ name, to }) => [.../^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name) ? [] : [`variable PORTS (NOMAD_VAR_PORTS): ${JSON.stringify(name)} is no name for a port; use letters, digits and dashes`], ...to === -1 || Number.isInteger(to) && to > 0 && to < 65536 ? [] : [`variable PORTS (NOMAD_VAR_PORTS): the number of ${JSON.stringify(name)} is none of a port`]])
	];
}
function choiceProblems(values) {
	return VARIABLES.flatMap(({ name, oneOf }) => {
		const value = values[name];
		if (oneOf === void 0 || typeof value === "string" && oneOf.includes(value)) return [];
		return [`variable ${name} (NOMAD_VAR_${name}): ${JSON.stringify(value)} is not one of ${oneOf.join(", ")}`];
	});
}
function volumes(values, target) {
	const given = Array.isArray(values["VOLUMES"]) ? values["VOLUMES"] : [];
	const persistent = textOf(values["PERSISTENT_VOLUME"]);
	return persistent === "" ? [...given] : [...given, `/pv/${target.projectSlug}:${persistent}`];
}
/** Credentials that the node pulls with, if the user gave any; `0` is how a CI system says none. */
function registryAuth(values) {
	const text = (name) => values[name] === "0" ? "" : textOf(values[name]);
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
function textOf(value) {
	return typeof value === "string" ? value : "";
}
// src/slug.ts
/** The longest DNS label, and the longest name of a Nomad service (RFC 1123). */
const MAX_LABEL_LENGTH = 63;
const HASH_LENGTH = 6;
/**
* A DNS label made of any text, as GitLab makes its slugs: lower case, everything outside `a-z0-9` becomes a dash, dashes do not repeat
* and stand neither first nor last. What is longer than `maxLength` characters is cut and ends in a short hash of the whole text, so that two long
* branch names never share a label. Gives an empty string when nothing is left.
*/
function slug(text, maxLength = MAX_LABEL_LENGTH) {
	const label = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
	if (label.length <= maxLength) return label;
	const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
	return `${label.slice(0, maxLength - HASH_LENGTH - 1).replace(/-$/, "")}-${hash}`;
}
// src/template.ts
/**
* Renders a Handlebars template of a job spec. A name that the data does not have is an error with file and line; nothing is
* HTML-escaped. Helpers: `hcl` (a value as an HCL literal), `json`, `slug`, `indent` (spaces before every line but the first).
*/
async function renderTemplate(source, data, file) {
	const { default: handlebars } = await import("./handlebars.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const engine = handlebars.create();
	engine.registerHelper("hcl", (value) => hclLiteral(value));
	engine.registerHelper("json", (value) => JSON.stringify(value));
	engine.registerHelper("slug", (value) => slug(value));
	engine.registerHelper("indent", (spaces, text) => text.replace(/\n(?=.)/g, `\n${" ".repeat(spaces)}`));
	try {
		return engine.compile(source, {
			strict: true,
			noEscape: true
		})(data);
	} catch (error) {
		const message = messageOf(error);
		const at = /(?:line |- )(\d+)(?::(\d+))?/.exec(message);
		throw new ActionError("jobspec-invalid", `${file}${at === null ? "" : `:${at[1]}`}: ${message.split("\n")[0] ?? message}`, {
			location: {
				file,
				...at === null ? {} : { line: Number(at[1]) }
			},
			hint: "Names in a template must be given; see docs/templates.md.",
			cause: error
		});
	}
}
// src/values.ts
/** Variables that steer the run and not the spec: no spec needs to declare them. */
const OF_THE_RUN = [
	"NAMESPACE",
	"NO_DEPLOY",
	"HOSTNAMES",
	"SLUG",
	"DEPLOY_WITH_PODMAN"
];
/** Names that users of other systems bring along, and why they do nothing here. */
const WITHOUT_EFFECT = {
	CONSUL_PATH: "Consul takes no part in secrets any more",
	VERBOSE: "run the workflow with debug logging instead",
	BUILD_DEPLOY: "name the Dockerfile with the input `file`",
	SERVERLESS: "a tag `latest` is never pushed"
};
/** Values that a spec gets by declaring a variable of that name. */
function automaticValues({ registry }, { spec, target, context, image, secretsTemplate }) {
	const [host = ""] = target.hostnames;
	return {
		image,
		CI_GITHUB_IMAGE: image,
		SLUG: target.jobId,
		HOSTNAMES: target.hostnames,
		SECRETS_TEMPLATE: secretsTemplate === "" && !spec.builtIn ? "# no secrets" : secretsTemplate,
		CI_COMMIT_BRANCH: context.ref,
		CI_COMMIT_REF_NAME: context.ref,
		CI_COMMIT_REF_SLUG: target.refSlug,
		CI_COMMIT_SHA: context.sha,
		CI_COMMIT_SHORT_SHA: context.sha.slice(0, 8),
		CI_DEFAULT_BRANCH: context.defaultBranch ?? "",
		CI_HOSTNAME: host,
		CI_PIPELINE_SOURCE: context.eventName,
		CI_PROJECT_NAME: context.repository.toLowerCase().split("/").at(-1) ?? "",
		CI_PROJECT_PATH_SLUG: target.projectSlug,
		CI_REGISTRY: registry,
		CI_REGISTRY_IMAGE: `${registry}/${context.repository.toLowerCase()}`,
		CI_REGISTRY_TAG: context.sha,
		...target.environment.value === "production" ? { COUNT: 3 } : {}
	};
}
function variableValues(declared, given, automatic, locate) {
	const values = {};
	const problems = [];
	let location;
	for (const { name, type, hasDefault, line } of declared) {
		const text = ["HOSTNAMES", "SLUG"].includes(name) ? void 0 : given[name];
		const automaticValue = automatic[name];
		const at = locate(line);
		if (text !== void 0) try {
			values[name] = readValue(name, type, text);
		} catch (error) {
			problems.push(messageOf(error));
		}
		else if (automaticValue !== void 0 && automaticValue !== "") values[name] = automaticValue;
		else if (!hasDefault) {
			location ??= at;
			problems.push(`${at?.file}:${at?.line}: variable "${name}" has no value: set NOMAD_VAR_${name}, or give it a default`);
		}
	}
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"), location === void 0 ? {} : { location });
	return values;
}
function readValue(name, type, text) {
	if (type === "string") return text;
	if (type === "number" && !/^-?\d+(\.\d+)?$/.test(text.trim())) throw new Error(`variable ${name} (NOMAD_VAR_${name}): ${JSON.stringify(text)} is not a number`);
	if (type === "bool") return parseBoolean(`NOMAD_VAR_${name}`, text.trim()) ?? false;
	try {
		return parseLiteral(text);
	} catch (error) {
		throw new Error(`variable ${name} (NOMAD_VAR_${name}): ${messageOf(error)}`, { cause: error });
	}
}
function undeclared(declared, given, spec) {
	const names = declared.map(({ name }) => name);
	return Object.keys(given).filter((name) => !names.includes(name) && !OF_THE_RUN.includes(name) && !name.startsWith("CI_")).map((name) => {
		const why = WITHOUT_EFFECT[name];
		if (why !== void 0) return `NOMAD_VAR_${name} has no effect: ${why}`;
		const near = nearest(name, [...names, ...OF_THE_RUN]);
		return `NOMAD_VAR_${name} is set, but the ${spec.builtIn ? spec.name : `spec ${spec.name}`} has no such variable${near === void 0 ? "" : `; did you mean NOMAD_VAR_${near}?`}`;
	});
}
/** What this run made for a spec of the repository, which has to declare a variable to get it. */
function unused(declared, { spec, image, secretsTemplate }) {
	const declares = (...names) => declared.some(({ name }) => names.includes(name));
	return [...image === "" || declares("image", "CI_GITHUB_IMAGE") ? [] : [`${spec.name} declares no variable "image", so it does not run ${image}`], ...secretsTemplate === "" || declares("SECRETS_TEMPLATE") ? [] : [`${spec.name} declares no variable "SECRETS_TEMPLATE", so no task of it sees the secrets`]];
}
// src/jobspec.ts
/** The word in a job's label that stands for the job id; a label can't be a variable. */
const SLUG_WORD = "NOMAD_VAR_SLUG";
/**
* Reads the job spec (`path`, already confined to the workspace, else the built-in template) and its fragments.
* Throws `input-invalid` when the spec is of no known kind.
*/
async function readSpecFile(path, fragments, workspace) {
	const read = async (file) => ({
		name: relative(workspace, file),
		text: await readFile(file, "utf8")
	});
	const pairs = await Promise.all(Object.entries(fragments).map(async ([kind, file]) => [kind, await read(file)]));
	const found = Object.fromEntries(pairs);
	if (path === void 0) return {
		name: "built-in template",
		builtIn: true,
		text: await readFile(new URL("../templates/service.nomad.hcl.hbs", import.meta.url), "utf8"),
		fragments: found
	};
	const name = relative(workspace, path);
	if (!/\.(nomad|hcl)$/.test(name)) throw new ActionError("input-invalid", `\`job\`: ${name} is no job spec that can be read`, { hint: "Job specs end in .nomad or .hcl." });
	return {
		...await read(path),
		builtIn: false,
		fragments: found
	};
}
/**
* Renders a spec with its variables and has the cluster parse it (`/v1/jobs/parse`): the language is always the cluster's own.
* Throws `input-invalid` for variables that are missing or of the wrong type, all at once, and `jobspec-invalid` with file, line and column of the
* user's file for what the cluster does not understand.
*/
async function renderJobspec(inputs, rendering, nomad) {
	const { spec, target } = rendering;
	const fragments = Object.fromEntries(Object.entries(spec.fragments).map(([kind, file]) => [kind, {
		...file,
		text: file.text.replaceAll(SLUG_WORD, target.jobId)
	}]));
	const own = {
		...spec,
		text: spec.text.replaceAll(SLUG_WORD, target.jobId)
	};
	const variablesFile = fragments.vars === void 0 ? [] : [{
		text: fragments.vars.text,
		from: {
			file: fragments.vars.name,
			line: 1
		}
	}];
	const inserted = spec.builtIn ? void 0 : insertAtMarkers(own, fragments);
	const declaring = compose([...inserted === void 0 ? [{ text: declarations() }] : inserted.parts, ...inserted === void 0 || inserted.left.includes("vars") ? variablesFile : []]);
	const declared = declaredVariables(declaring.text);
	const values = variableValues(declared, inputs.vars, automaticValues(inputs, rendering), declaring.locate);
	const variables = JSON.stringify(values);
	const parse = async (composition) => {
		const parsed = await nomad.jobs.parse(composition.text, variables, inputs.nomadNamespace);
		if ("problem" in parsed) throw parseError(parsed.problem, composition, spec);
		return parsed.job;
	};
	const source = inserted === void 0 ? compose([{ text: await renderService(spec, values, rendering) }, ...variablesFile]) : declaring;
	const base = await parse(source);
	const left = inserted === void 0 ? ["job", "group"].filter((kind) => kind in fragments) : inserted.left.filter((kind) => kind !== "vars");
	const shared = left.length === 0 ? "" : topLevelBlocks(declaring.text, [
		"variable",
		"variables",
		"locals"
	]).join("\n");
	let job = base;
	for (const kind of left) {
		const fragment = fragments[kind];
		if (fragment !== void 0) job = await layOver(job, kind, fragment, shared, parse);
	}
	job = finish(job, inputs, rendering);
	return {
		...left.length === 0 ? {
			source: source.text,
			format: "hcl2"
		} : {
			source: JSON.stringify({ Job: job }, null, 2),
			format: "json"
		},
		variables,
		job,
		namespace: job.Namespace ?? "default",
		specHash: createHash("sha256").update(JSON.stringify(job)).digest("hex"),
		warnings: [...undeclared(declared, inputs.vars, spec), ...spec.builtIn ? serviceWarnings(values) : unused(declared, rendering)]
	};
}
async function renderService(spec, values, { target, image, secretsTemplate }) {
	return renderTemplate(spec.text, serviceData(values, target, image, secretsTemplate), spec.name);
}
/** Parses a fragment by itself, in the place that it is written for, and lays what it sets over the job. */
async function layOver(job, kind, { name, text }, shared, parse) {
	const group = job.TaskGroups?.[0]?.Name ?? "group";
	const [open, close] = kind === "job" ? [`job ${hclLiteral(job.ID)} {`, "}"] : [`job ${hclLiteral(job.ID)} {\ngroup ${hclLiteral(group)} {`, "}\n}"];
	const over = await parse(compose([
		{ text: shared },
		{ text: open },
		{
			text,
			from: {
				file: name,
				line: 1
			}
		},
		{ text: close }
	]));
	return kind === "job" ? overlay(job, over) : (over.TaskGroups ?? []).reduce(overlayGroup, job);
}
function finish(job, { jobName, nomadNamespace, vars }, { spec }) {
	const named = jobName === void 0 ? job : {
		...job,
		ID: jobName,
		Name: jobName
	};
	const placed = nomadNamespace === void 0 ? named : {
		...named,
		Namespace: nomadNamespace
	};
	return (spec.builtIn || spec.name.endsWith("project.nomad")) && parseBoolean("NOMAD_VAR_DEPLOY_WITH_PODMAN", vars["DEPLOY_WITH_PODMAN"]) === true ? withPodman(placed) : placed;
}
/** Every Docker task as a Podman one, which knows no hard limit of its own. */
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
function parseError({ message, line, column }, composition, spec) {
	const at = line === void 0 ? void 0 : composition.locate(line);
	const file = at?.file ?? spec.name;
	const place = [
		file,
		at?.line,
		at === void 0 ? void 0 : column
	].filter((part) => part !== void 0).join(":");
	const location = {
		file,
		...at === void 0 ? {} : {
			line: at.line,
			...column === void 0 ? {} : { column }
		}
	};
	return new ActionError("jobspec-invalid", `${place}: ${message}`, at === void 0 && spec.builtIn ? {} : { location });
}
// src/plan.ts
/**
* Has the servers validate a job, before an image is built for it. Throws `jobspec-invalid` with everything that they object to, at `location`: the
* spec, if it is a file of the user's.
*/
async function validateJob(job, namespace, location, nomad) {
	const problems = await nomad.jobs.validate(job, namespace);
	if (problems.length === 0) return;
	throw new ActionError("jobspec-invalid", `Nomad refuses the job ${job.ID}: ${problems.map(flatten).join("; ")}`, {
		hint: "Nothing was built or registered.",
		...location === void 0 ? {} : { location }
	});
}
/** Plans a job: what a registration would change, and the modify index that guards it. Writes nothing. */
async function planJob(job, namespace, nomad) {
	return summarizePlan(await nomad.jobs.plan(job, namespace));
}
/** Nomad nests its errors as lists in text: `group x: 2 errors occurred:\n\t* …`. */
function flatten(problem) {
	return problem.replace(/ ?\d+ errors? occurred:/g, "").split(/\n\s*\*?\s*/).filter((line) => line !== "").join("; ").replace(/:; /g, ": ");
}
/** What Nomad's answer to a plan means. */
function summarizePlan(response) {
	const updates = Object.entries(response.Annotations?.DesiredTGUpdates ?? {});
	return {
		changed: reach(response.Diff, updates.map(([, update]) => update)),
		lines: [...diffLines(response.Diff), ...updates.map(([group, update]) => `group ${group}: ${describeUpdates(update)}`)],
		placementFailures: response.FailedTGAllocs ?? {},
		warnings: warningLines(response.Warnings),
		jobModifyIndex: response.JobModifyIndex,
		nextPeriodicLaunch: response.NextPeriodicLaunch ?? void 0
	};
}
/** Nomad's `N warning(s):` text as a list. */
function warningLines(text) {
	return (text ?? "").split(/\n\* /).slice(1).map((line) => line.trim());
}
function reach(diff, updates) {
	if (diff === null || diff === void 0 || diff.Type === "None") return "none";
	if (diff.Type === "Added") return "create";
	const destructive = updates.some((update) => (update.DestructiveUpdate ?? 0) + (update.Canary ?? 0) + (update.Stop ?? 0) > 0);
	const forced = (diff.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []).some(({ Annotations }) => Annotations?.some((words) => words.includes("destroy")) === true);
	return destructive || forced ? "destructive" : "in-place";
}
const SIGNS = {
	Added: "+",
	Deleted: "-",
	Edited: "~"
};
/** Where a version comes from changes each time and tells nothing about the job. */
const OWN_META = /^Meta\[nomad_deploy_/;
function diffLines(diff, path = "") {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	if (diff.Type === "Added" && path === "") return [];
	const own = (diff.Fields ?? []).filter(({ Name }) => !OWN_META.test(Name)).flatMap(({ Type, Name }) => Type === "None" ? [] : [`${SIGNS[Type]} ${path}${Name}`]);
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
// src/meta.ts
/** The job meta by which a job version tells where it comes from; see docs/architecture.md. */
const META = {
	repository: "nomad_deploy_repository",
	sha: "nomad_deploy_sha",
	run: "nomad_deploy_run",
	/** SHA-256 of the spec without this meta. */
	spec: "nomad_deploy_spec",
	/** The release whose items of the job's variable this version reads. */
	secrets: "nomad_deploy_secrets"
};
// src/register.ts
/**
* The job with the meta by which a version tells where it comes from. When `live` is given, its meta is kept, so that an equal spec is an equal job
* and nothing restarts.
*/
function withMeta(jobspec, secrets, context, live) {
	const fresh = {
		[META.repository]: context.repository,
		[META.sha]: context.sha,
		[META.run]: `${context.runUrl}/attempts/${context.runAttempt}`,
		[META.spec]: jobspec.specHash,
		...secrets === void 0 ? {} : { [META.secrets]: secrets.release }
	};
	const kept = live?.Meta?.[META.spec] === jobspec.specHash ? ownMeta(live) : fresh;
	return {
		...jobspec.job,
		Meta: {
			...jobspec.job.Meta,
			...kept
		}
	};
}
/**
* Registers the planned job, guarded by the plan's modify index (`EnforceIndex`). Gives `conflict` with Nomad's words when the job changed since
* the plan; nothing is registered then. A registration whose answer got lost is looked for, not repeated.
*/
async function registerJob(job, { source, format, variables, namespace }, plan, live, nomad) {
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
	try {
		result = await nomad.jobs.register(job, submission, plan.jobModifyIndex, namespace);
	} catch (error) {
		if (toActionError(error).code !== "unknown-outcome") throw error;
		return {
			...common,
			...await readBack(job, namespace, plan, nomad, error)
		};
	}
	if ("conflict" in result) return result;
	const { EvalID, JobModifyIndex } = result.response;
	const ours = (await nomad.jobs.versions(job.ID, namespace).catch(() => [])).find((version) => version.JobModifyIndex === JobModifyIndex);
	return {
		...common,
		evaluationId: EvalID,
		version: ours?.Version ?? (live === void 0 ? 0 : live.Version + 1)
	};
}
/**
* The answer to a registration was lost: it took place if there is a newer version with our meta. Throws `unreachable` if not, and `unknown-outcome`
* when Nomad can't be asked.
*/
async function readBack({ ID, Meta }, namespace, plan, nomad, lost) {
	const ours = (await nomad.jobs.versions(ID, namespace).catch((error) => {
		throw new ActionError("unknown-outcome", `whether ${ID} was registered is not known: ${messageOf(lost)}; then ${messageOf(error)}`, {
			cause: error,
			hint: "Look at the job in Nomad before running this again."
		});
	})).find((version) => version.JobModifyIndex > plan.jobModifyIndex && Object.values(META).every((key) => version.Meta?.[key] === Meta?.[key]));
	if (ours === void 0) throw new ActionError("unreachable", `the registration of ${ID} did not get through: ${messageOf(lost)}`, { hint: "Nothing was registered; run the job again." });
	return {
		evaluationId: (await nomad.jobs.evaluations(ID, namespace)).find(({ JobModifyIndex, TriggeredBy }) => JobModifyIndex === ours.JobModifyIndex && TriggeredBy === "job-register")?.ID ?? "",
		version: ours.Version
	};
}
function ownMeta({ Meta }) {
	const own = new Set(Object.values(META));
	return Object.fromEntries(Object.entries(Meta ?? {}).filter(([key]) => own.has(key)));
}
// src/secrets.ts
/** The limit of a Nomad variable, over all keys and values. */
const MAX_VARIABLE_BYTES = 65536;
/** Items of ours end in the release that reads them: `DB_PASSWORD.r1a2b3c4`. Any other item belongs to somebody else and is kept. */
const OWN_ITEM = /^([A-Za-z_][A-Za-z0-9_]*)\.(r[0-9a-f]{8})$/;
/**
* Decides the items of the job's variable. Secrets that did not change keep the release of the registered job, so an unchanged job stays unchanged;
* changed ones are written under a new release beside the old: running allocations read what they were started with, and a rollback
* finds the values of its own version. Items of releases that no kept version reads are dropped.
* Undefined when there are no secrets. Throws `input-invalid` when the path or the size is not possible.
*/
function prepareSecrets(secrets, jobId, namespace, state, newRelease) {
	const names = Object.keys(secrets);
	if (names.length === 0) return void 0;
	const path = `nomad/jobs/${jobId}`;
	if (!/^[a-zA-Z0-9-_~/]{1,128}$/.test(path)) throw new ActionError("input-invalid", `a job named ${JSON.stringify(jobId)} cannot have secrets: Nomad has no variable at ${JSON.stringify(path)}`, { hint: "Give the job a name of up to 117 letters, digits, dashes and underscores." });
	const held = state.variable?.Items ?? {};
	const current = state.live?.Meta?.[META.secrets];
	const kept = new Set([state.live, ...state.versions].map((job) => job?.Meta?.[META.secrets]));
	const items = Object.fromEntries(Object.entries(held).filter(([key]) => kept.has(OWN_ITEM.exec(key)?.[2]) || !OWN_ITEM.test(key)));
	const release = current !== void 0 && sameItems(secrets, held, current) ? current : newRelease;
	for (const name of names) items[`${name}.${release}`] = secrets[name]?.reveal() ?? "";
	const bytes = Object.entries(items).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
	if (bytes > MAX_VARIABLE_BYTES) throw new ActionError("input-invalid", `the secrets of ${jobId} take ${bytes} bytes with those of its kept versions; a Nomad variable holds ${MAX_VARIABLE_BYTES}`, { hint: "Move large values, such as certificates, out of the secrets." });
	const changed = JSON.stringify(sorted(items)) !== JSON.stringify(sorted(held));
	return {
		path,
		namespace,
		release,
		items,
		previous: state.variable,
		changed
	};
}
/** The text of the template that makes environment variables of the items: JSON's quoting is what Nomad reads back byte for byte. */
function secretsTemplate(change, names) {
	if (change === void 0) return "";
	const lines = names.map((name) => `${name}={{ (index . "${name}.${change.release}").Value | toJSON }}`);
	return [
		`{{ with nomadVar "${change.path}" }}`,
		...lines,
		"{{ end }}",
		""
	].join("\n");
}
/**
* Writes the items by check-and-set and gives the function that undoes it. Throws `conflict` when somebody else wrote the variable since it was
* read; nothing is written then.
*/
async function writeSecrets(change, nomad) {
	const { path, namespace, items, previous } = change;
	const index = await nomad.variables.write(path, items, previous?.ModifyIndex ?? 0, namespace);
	if (index === void 0) throw new ActionError("conflict", `the Nomad variable ${path} was written by somebody else meanwhile`, { hint: "Nothing was registered; run the job again." });
	return async () => {
		if (previous?.Items === void 0 || previous.Items === null) await nomad.variables.remove(path, index, namespace);
		else await nomad.variables.write(path, previous.Items, index, namespace);
	};
}
function sameItems(secrets, held, release) {
	return Object.keys(held).filter((key) => key.endsWith(`.${release}`)).length === Object.keys(secrets).length && Object.entries(secrets).every(([name, value]) => held[`${name}.${release}`] === value.reveal());
}
function sorted(items) {
	return Object.entries(items).sort(([a], [b]) => a < b ? -1 : 1);
}
// src/cause.ts
/** How Nomad's task events tell of a failure; texts seen on Nomad 1.11. The last event that a rule knows is the cause. */
const RULES = {
	"Driver Failure": ({ Details, DisplayMessage }) => driverFailure(Details?.["driver_error"] ?? DisplayMessage),
	"Failed Validation": ({ Details, DisplayMessage }) => ({
		text: `its driver config was refused: ${oneLine(Details?.["validation_error"] ?? DisplayMessage)}`,
		certain: true
	}),
	"Failed Artifact Download": ({ Details, DisplayMessage }) => ({
		text: `an artifact could not be downloaded: ${oneLine(Details?.["download_error"] ?? DisplayMessage)}`,
		certain: false
	}),
	"Setup Failure": ({ Details, DisplayMessage }) => ({
		text: `its set-up failed: ${oneLine(Details?.["setup_error"] ?? DisplayMessage)}`,
		certain: false
	}),
	"Task hook failed": ({ Details, DisplayMessage }) => ({
		text: oneLine(Details?.["message"] ?? DisplayMessage),
		certain: false
	}),
	Killing: ({ Details, DisplayMessage }) => Details?.["fails_task"] === "true" ? {
		text: `it was killed: ${oneLine(DisplayMessage)}`,
		certain: /parse: template/.test(DisplayMessage)
	} : void 0,
	Template: ({ DisplayMessage }) => ({
		text: `a template waits: ${oneLine(DisplayMessage)}`,
		certain: false
	}),
	"Restart Signaled": ({ DisplayMessage }) => DisplayMessage.includes("healthcheck:") ? {
		text: `it was restarted: ${oneLine(DisplayMessage)}`,
		certain: false
	} : void 0,
	Terminated: terminated
};
function driverFailure(message) {
	const text = oneLine(message);
	const pull = /Failed to pull `([^`]+)`: (.*)/.exec(text);
	if (pull !== null) {
		const certain = /manifest unknown|not found|does not exist|denied|unauthorized|no basic auth/i.test(pull[2] ?? "");
		return {
			text: `the image ${pull[1]} cannot be pulled: ${pull[2]}`,
			certain
		};
	}
	const missing = /exec: \\?"([^"\\]+)\\?": (stat .*no such file or directory|executable file not found in \$PATH)/.exec(text);
	if (missing !== null) return {
		text: `its command ${missing[1]} does not exist in the image`,
		certain: true
	};
	const port = /Port "([^"]+)" not found/.exec(text);
	if (port !== null) return {
		text: `the port "${port[1]}" is not in the group's network block`,
		certain: true
	};
	return {
		text,
		certain: false
	};
}
function terminated({ Details }, { Restarts }) {
	const again = Restarts > 0 ? ` (restarted ${Restarts} time${Restarts === 1 ? "" : "s"})` : "";
	if (Details?.["oom_killed"] === "true") return {
		text: `it was killed because it used more memory than its limit${again}`,
		certain: false
	};
	const code = Details?.["exit_code"] ?? "0";
	const signal = Details?.["signal"] ?? "0";
	if (signal !== "0") return {
		text: `it was ended by signal ${signal}${again}`,
		certain: false
	};
	return code === "0" ? void 0 : {
		text: `it exited with code ${code}${again}`,
		certain: false,
		exited: true
	};
}
/** Events that mean failure of an allocation but are no cause: the task itself did nothing wrong. */
const CONSEQUENCES = /* @__PURE__ */ new Set(["Sibling Task Failed", "Alloc Unhealthy"]);
/** The causes of an allocation, one per task that has one. */
function taskCauses({ TaskStates }) {
	return Object.entries(TaskStates ?? {}).flatMap(([task, state]) => {
		const events = state.Events ?? [];
		for (const [i, event] of [...events.entries()].reverse()) {
			if (CONSEQUENCES.has(event.Type) || event.Type === "Terminated" && wasEnded(events.slice(0, i))) continue;
			const cause = RULES[event.Type]?.(event, state);
			if (cause !== void 0) return [{
				task,
				...cause
			}];
		}
		const end = events.findLastIndex(({ Type }) => Type === "Terminated");
		return state.Failed && end >= 0 && !wasEnded(events.slice(0, end)) ? [{
			task,
			text: "it ended by itself with code 0, but a service must keep running",
			certain: false
		}] : [];
	});
}
/** Whether Nomad itself ended the task that was started last (a check failed, a sibling did, the deployment did): then its exit code tells nothing. */
function wasEnded(before) {
	return before.slice(before.findLastIndex(({ Type }) => Type === "Started") + 1).some(({ Type, DisplayMessage }) => Type === "Killing" || Type === "Sibling Task Failed" || Type === "Restart Signaled" && DisplayMessage.includes("healthcheck:"));
}
/** A text of several lines as one, for a sentence or a line of the log. */
function oneLine(text) {
	return text.trim().replace(/\s*\n\s*/g, " ");
}
// src/rollout.ts
/** The verdict on a rollout, or undefined while it is under way. The whole table of Nomad's statuses; unknown ones are under way. */
function judge({ evaluation, deployment, allocations }, { batch, count }) {
	if (evaluation?.Status === "failed") return {
		outcome: "failed",
		reason: "evaluation-failed",
		description: evaluation.StatusDescription ?? "the evaluation failed"
	};
	if (deployment === null) return {
		outcome: "cancelled",
		description: "the job was purged while it was deployed"
	};
	if (deployment !== void 0) return judgeDeployment(deployment, allocations);
	if (evaluation?.Status !== "complete" && evaluation?.Status !== "canceled") return void 0;
	if (Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0 && allocations.length < count) return void 0;
	return batch ? judgeBatch(allocations) : judgeAllocations(allocations, count);
}
function judgeDeployment({ Status, StatusDescription }, allocations) {
	switch (Status) {
		case "successful": {
			const failed = allocations.find(({ ClientStatus, DesiredStatus }) => ClientStatus === "failed" && DesiredStatus === "run");
			if (failed === void 0) return { outcome: "successful" };
			return {
				outcome: "failed",
				reason: "task-failed",
				description: `allocation ${shortId(failed.ID)} failed right after the deployment succeeded`
			};
		}
		case "failed": {
			const version = /rolling back to job version (\d+)/.exec(StatusDescription)?.[1];
			return {
				outcome: "failed",
				reason: /progress deadline/.test(StatusDescription) ? "progress-deadline" : /unhealthy/.test(StatusDescription) ? "unhealthy" : "marked-failed",
				description: StatusDescription,
				...version === void 0 ? {} : { rolledBackTo: Number(version) }
			};
		}
		case "cancelled": return {
			outcome: /newer version/.test(StatusDescription) ? "superseded" : "cancelled",
			description: StatusDescription
		};
		default: return;
	}
}
/** The newest attempt of each allocation; a failed one that will be rescheduled is not at its end. */
function lastAttempts(allocations) {
	return allocations.filter(({ NextAllocation }) => !NextAllocation);
}
function judgeBatch(allocations) {
	const last = lastAttempts(allocations);
	if (last.length === 0 || last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !/^(complete|failed|lost)$/.test(ClientStatus))) return void 0;
	const failed = last.filter(({ ClientStatus }) => ClientStatus !== "complete");
	if (failed.length === 0) return { outcome: "successful" };
	return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations failed`
	};
}
/** A service or system job that Nomad makes no deployment for: all of it runs. */
function judgeAllocations(allocations, count) {
	const last = lastAttempts(allocations);
	const failed = last.filter(({ ClientStatus, FollowupEvalID }) => ClientStatus === "failed" && !FollowupEvalID);
	if (failed.length > 0) return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations failed`
	};
	const running = last.filter(({ ClientStatus }) => ClientStatus === "running").length;
	return running >= count && running === last.length ? { outcome: "successful" } : void 0;
}
/** What is different in `next`, one line a change, in words. */
function describeChanges(previous, next) {
	const lines = [];
	const description = next.deployment?.StatusDescription;
	if (description !== void 0 && description !== previous.deployment?.StatusDescription) lines.push(`deployment ${shortId(next.deployment?.ID ?? "")}: ${description}`);
	for (const allocation of [...next.allocations].sort((a, b) => a.CreateIndex - b.CreateIndex)) {
		const before = previous.allocations.find(({ ID }) => ID === allocation.ID);
		lines.push(...allocationChanges(before, allocation));
	}
	return lines;
}
function allocationChanges(before, allocation) {
	const name = `allocation ${shortId(allocation.ID)} (${allocation.Name.replace(/^.*\./, "")})`;
	const lines = before === void 0 ? [`${name} placed on ${allocation.NodeName}${allocation.DeploymentStatus?.Canary === true ? " as a canary" : ""}`] : [];
	for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
		const seen = new Set((before?.TaskStates?.[task]?.Events ?? []).map(({ Time, Type }) => `${Time} ${Type}`));
		for (const event of state.Events ?? []) if (!QUIET.has(event.Type) && !seen.has(`${event.Time} ${event.Type}`)) lines.push(`${name} ${task}: ${event.Type}: ${oneLine(event.DisplayMessage)}`);
	}
	if (before !== void 0 && before.ClientStatus !== allocation.ClientStatus) lines.push(`${name} is ${allocation.ClientStatus}`);
	const health = allocation.DeploymentStatus?.Healthy;
	if (typeof health === "boolean" && health !== before?.DeploymentStatus?.Healthy) lines.push(`${name} is ${health ? "healthy" : "unhealthy"}`);
	return lines;
}
/** Events of every start, which tell nothing. */
const QUIET = /* @__PURE__ */ new Set([
	"Received",
	"Task Setup",
	"Building Task Directory",
	"Running"
]);
/** Where a rollout stands, in one line. */
function describeProgress({ deployment, allocations, evaluation }) {
	const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => {
		const wanted = group.DesiredCanaries > 0 && !group.Promoted ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
		const manual = group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries;
		return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ", waiting for promotion" : ""}`;
	});
	if (groups.length > 0) return groups.join("; ");
	if (evaluation?.Status !== "complete") return `evaluation ${evaluation?.Status ?? "pending"}`;
	return `${allocations.filter(({ ClientStatus }) => ClientStatus === "running").length} of ${allocations.length} allocations running`;
}
/** The first eight characters, as Nomad's own tools show ids. */
function shortId(id) {
	return id.slice(0, 8);
}
// src/diagnose.ts
/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/** A task's last output reaches its log a moment after Nomad knows of its end, and nothing announces it. */
const LOG_ATTEMPTS = 4;
const LOG_RETRY_MS = 250;
/**
* Finds the cause of a failed verdict in the allocations that were seen, and fetches the last `logLines` lines of their tasks' logs and their
* checks. What the cluster can no longer tell is left out.
*/
async function diagnose(verdict, snapshot, namespace, logLines, nomad, runtime) {
	const suspects = suspectAllocations(snapshot).slice(0, MAX_ALLOCATIONS);
	const evidence = await Promise.all(suspects.map(async (allocation) => collect(allocation, namespace, logLines, nomad, runtime)));
	return {
		cause: causeOf(verdict, snapshot, suspects, evidence),
		evidence
	};
}
/** Allocations that are not well, the newest first; a healthy one has nothing to tell. */
function suspectAllocations({ allocations }) {
	return allocations.filter(({ ClientStatus, DeploymentStatus }) => ClientStatus === "failed" || ClientStatus === "lost" || DeploymentStatus?.Healthy !== true).sort((a, b) => Number(taskCauses(b).length > 0) - Number(taskCauses(a).length > 0) || b.CreateIndex - a.CreateIndex);
}
async function collect(allocation, namespace, logLines, nomad, { clock, signal }) {
	const exited = new Set(taskCauses(allocation).flatMap((cause) => cause.exited === true ? [cause.task] : []));
	let logsDenied = false;
	const tail = async (task, stream) => {
		const lines = await nomad.allocations.logTail(allocation.ID, task, stream, logLines, namespace);
		logsDenied ||= lines === void 0;
		return {
			task,
			stream,
			lines: lines ?? []
		};
	};
	const logsOf = async (task) => {
		for (let left = exited.has(task) && logLines > 0 ? LOG_ATTEMPTS : 1;; left--) {
			const logs = await Promise.all([tail(task, "stderr"), tail(task, "stdout")]);
			if (left <= 1 || logsDenied || logs.some(({ lines }) => lines.length > 0)) return logs;
			await clock.sleep(LOG_RETRY_MS, signal);
		}
	};
	const [checks, ...logs] = await Promise.all([nomad.allocations.checks(allocation.ID, namespace), ...Object.keys(allocation.TaskStates ?? {}).map(logsOf)]);
	return {
		allocationId: allocation.ID,
		name: allocation.Name,
		node: allocation.NodeName,
		status: allocation.ClientStatus,
		events: events(allocation),
		checks: checks.map(describeCheck),
		logs: logs.flat().filter(({ lines }) => lines.length > 0),
		logsDenied
	};
}
function events({ TaskStates }) {
	return Object.entries(TaskStates ?? {}).flatMap(([task, { Events }]) => (Events ?? []).map(({ Type, Time, DisplayMessage }) => ({
		timeMs: Math.round(Time / 1e6),
		task,
		type: Type,
		message: oneLine(DisplayMessage)
	}))).sort((a, b) => a.timeMs - b.timeMs);
}
function describeCheck({ Check, Service, Status, StatusCode, Output }) {
	return {
		name: Check,
		service: Service,
		status: Status,
		output: oneLine(`${StatusCode ? `${StatusCode} ` : ""}${Output ?? ""}`).slice(0, 500)
	};
}
function causeOf(verdict, { evaluation }, suspects, evidence) {
	if (verdict.outcome !== "failed" && verdict.outcome !== "timed-out") return verdict.description;
	const causes = suspects.flatMap((allocation, index) => {
		const cause = taskCauses(allocation)[0];
		if (cause === void 0) return [];
		return [{
			text: `${allocation.TaskGroup}/${cause.task}: ${cause.text}`,
			words: lastWords(cause, evidence[index])
		}];
	});
	const best = causes.find(({ words }) => words !== "") ?? causes[0];
	if (best !== void 0) return `${best.text}${best.words}`;
	for (const [index, { checks }] of evidence.entries()) {
		const failing = checks.find(({ status }) => status === "failure");
		if (failing !== void 0) return `${suspects[index]?.TaskGroup}: the check "${failing.name}" of service ${failing.service} fails: ${failing.output}`;
	}
	const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {})[0];
	if (unplaced !== void 0 && suspects.length === 0) return describePlacement(...unplaced);
	const stuck = suspects[0];
	return stuck === void 0 ? verdict.description : `${stuck.TaskGroup}: allocation ${shortId(stuck.ID)} is ${stuck.ClientStatus}, but did not become healthy: ${verdict.description}`;
}
/** What a task that exited by itself said last, which mostly is why. */
function lastWords({ task, exited }, evidence) {
	const logs = exited === true ? evidence?.logs.filter((log) => log.task === task) ?? [] : [];
	const line = (logs.find(({ stream }) => stream === "stderr") ?? logs[0])?.lines.findLast((candidate) => candidate.trim() !== "");
	return line === void 0 ? "" : `, saying ${JSON.stringify(line.trim().slice(0, 200))}`;
}
// src/report.ts
const FAILING = [
	"failed",
	"superseded",
	"cancelled",
	"timed-out"
];
/** The outputs, by name, with the part of the result that they show. */
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
	"evaluation-id": "evaluationId",
	"deployment-id": "deploymentId",
	url: "url",
	urls: "urls",
	image: "image",
	images: "images",
	changed: "changed",
	spec: "spec",
	result: "result"
};
Object.keys(OUTPUTS);
/** The outputs that a part of the result gives; lists and maps are JSON. */
function outputsOf(part) {
	return Object.fromEntries(Object.entries(OUTPUTS).flatMap(([name, key]) => {
		const value = part[key];
		return value === void 0 ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
	}));
}
/** Whether the step passes. */
function isGood(outcome) {
	return outcome !== void 0 && !FAILING.includes(outcome);
}
/** The verdict in one line: the last thing that the log says. */
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
/** The diagnosis as lines of the log. Every line begins with our own text, so that nothing a workload printed is taken for a workflow command. */
function evidenceLines({ evidence }) {
	return evidence.flatMap(({ allocationId, name, node, status, events, checks, logs, logsDenied }) => [
		`Allocation ${allocationId} ${name} on ${node}: ${status}`,
		...events.map(({ timeMs, task, type, message }) => `  ${new Date(timeMs).toISOString()} ${task}: ${type}: ${message}`),
		...checks.map(({ service, name: check, status: state, output }) => `  check "${check}" of ${service}: ${state}: ${output}`),
		...logs.flatMap(({ task, stream, lines }) => [`  ${task} ${stream}, last ${lines.length} line${lines.length === 1 ? "" : "s"}:`, ...lines.map((line) => `  | ${line}`)]),
		...logsDenied ? [`  ${LOGS_DENIED}`] : []
	]);
}
const LOGS_DENIED = "no logs: the token may not read them, it lacks the capability read-logs";
const ICONS = {
	failed: "❌",
	"timed-out": "❌",
	superseded: "⚠️",
	cancelled: "⚠️",
	skipped: "⏭️"
};
/** The job summary, as GitHub-flavoured Markdown of one screen; what comes from outside is escaped. */
function renderSummary(result) {
	const outcome = result.outcome ?? "failed";
	const title = `### ${ICONS[outcome] ?? "✅"} ${text(result.jobId ?? "nomad-deploy")}: ${outcome}${result.environment === void 0 ? "" : ` in ${text(result.environment)}`}`;
	const versions = result.jobVersion === void 0 ? void 0 : result.previousVersion === void 0 ? `${result.jobVersion} (the first)` : `${result.previousVersion} → ${result.jobVersion}`;
	const shown = [
		["URL", result.url === void 0 ? void 0 : `<${result.url}>`],
		["Image", code(result.image === "" ? void 0 : result.image)],
		["Version", versions],
		["Change", result.changed],
		["Namespace", code(result.namespace)],
		["Nomad", result.nomadUrl === void 0 ? code(result.nomadAddr) : `[open in the UI](${result.nomadUrl})`],
		["Deployment", code(result.deploymentId)],
		["Time", timings(result.timings)]
	].filter((fact) => fact[1] !== void 0);
	return [
		title,
		"",
		...result.cause === void 0 ? [] : [`**${text(result.cause)}**`, ""],
		...result.hint === void 0 ? [] : [text(result.hint), ""],
		...table(["", ""], shown),
		...section("Changes", result.planLines?.map((line) => `- \`${line.replaceAll("`", "'")}\``)),
		...section("Warnings", result.warnings?.map((line) => `- ${text(line)}`)),
		...section("Allocations", result.allocations && result.allocations.length > 0 ? table([
			"Allocation",
			"Node",
			"Status",
			"Healthy"
		], result.allocations.map(({ id, name, node, status, healthy }) => [
			`\`${id.slice(0, 8)}\` ${text(name)}`,
			text(node),
			status,
			healthy === null ? "not yet" : healthy ? "yes" : "no"
		])) : void 0),
		...(result.evidence ?? []).flatMap(evidenceMarkdown),
		...commands$1(result)
	].join("\n");
}
function evidenceMarkdown({ allocationId, name, events, checks, logs, logsDenied }) {
	return [
		`<details open><summary>Allocation <code>${allocationId.slice(0, 8)}</code> ${html(name)}</summary>`,
		"",
		...table([
			"Time (UTC)",
			"Task",
			"Event",
			""
		], events.map(({ timeMs, task, type, message }) => [
			new Date(timeMs).toISOString().slice(11, 19),
			text(task),
			type,
			text(message)
		])),
		...table([
			"Check",
			"Service",
			"Status",
			"Output"
		], checks.map((check) => [
			text(check.name),
			text(check.service),
			check.status,
			text(check.output)
		])),
		...logs.flatMap(({ task, stream, lines }) => [
			`${text(task)} ${stream}:`,
			...fenced(lines),
			""
		]),
		...logsDenied ? [LOGS_DENIED, ""] : [],
		"</details>",
		""
	];
}
function section(title, lines) {
	return lines === void 0 || lines.length === 0 ? [] : [
		`<details><summary>${title}</summary>`,
		"",
		...lines,
		"</details>",
		""
	];
}
function table(head, rows) {
	if (rows.length === 0) return [];
	const row = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
	return [
		row(head),
		row(head.map(() => "---")),
		...rows.map(row),
		""
	];
}
/** How to look further, with the real names. */
function commands$1({ outcome, jobId, namespace, deploymentId, evidence }) {
	if (jobId === void 0 || outcome === "skipped") return [];
	const flag = namespace === void 0 || namespace === "default" ? "" : ` -namespace ${namespace}`;
	const allocation = evidence?.[0]?.allocationId.slice(0, 8);
	return section("Look further", fenced([
		`nomad job status${flag} ${jobId}`,
		...deploymentId === void 0 ? [] : [`nomad deployment status${flag} ${deploymentId.slice(0, 8)}`],
		...allocation === void 0 ? [] : [`nomad alloc status${flag} ${allocation}`, `nomad alloc logs${flag} -stderr ${allocation}`]
	]));
}
function timings(stages) {
	const entries = Object.entries(stages ?? {});
	if (entries.length === 0) return void 0;
	return `${formatDuration(entries.reduce((sum, [, ms]) => sum + ms, 0))} (${entries.filter(([, ms]) => ms >= 50).map(([stage, ms]) => `${stage} ${formatDuration(ms)}`).join(", ")})`.replace(" ()", "");
}
function code(value) {
	return value === void 0 ? void 0 : `\`${value.replaceAll("`", "'")}\``;
}
/** Text from outside as Markdown that shows it, and as nothing else. */
function text(value) {
	return value.replace(/[\\`*_[\]<>#~]/g, "\\$&").replace(/\s*\n\s*/g, " ");
}
/** Text from outside within a tag, where Markdown's own escapes would be shown. */
function html(value) {
	return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/\s*\n\s*/g, " ");
}
/** A code block whose fence is longer than any run of backticks inside. */
function fenced(lines) {
	const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
	const fence = "`".repeat(longest + 1);
	return [
		fence,
		...lines,
		fence
	];
}
// src/watch.ts
const HEARTBEAT_MS = 15e3;
/** How long a group that fits nowhere may wait for capacity. Nomad itself would wait for ever: its deadline starts with the first placement. */
const PLACEMENT_PATIENCE_MS = 12e4;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 500;
/** Node's timers hold 31 bits, about 24 days; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_PROGRESS_DEADLINE_MS = 6e5;
/**
* Follows what this run registered (and nothing else) to its end: evaluation, then deployment and allocations, by blocking queries. Ends with a
* verdict also when the time is up or the workflow is cancelled; then the rollout is left as it is.
* Throws an `ActionError` when Nomad can't be asked any more.
*/
async function watchJob(job, registration, options, nomad, runtime) {
	const { log, clock } = runtime;
	const { namespace, version } = registration;
	const startedAt = clock.now();
	const timeoutMs = Math.min(options.timeoutMs, MAX_TIMER_MS);
	const ended = new AbortController();
	const signal = AbortSignal.any([
		runtime.signal,
		ended.signal,
		AbortSignal.timeout(timeoutMs)
	]);
	const expectation = expect(job);
	let snapshot = {
		evaluation: void 0,
		deployment: void 0,
		allocations: []
	};
	let deploymentId;
	let verdict;
	let quietSince = startedAt;
	let forced;
	const say = (line) => {
		quietSince = clock.now();
		log.info(`[${formatDuration(clock.now() - startedAt)}] ${line}`);
	};
	const update = (change) => {
		const previous = snapshot;
		snapshot = {
			...snapshot,
			...change
		};
		for (const line of describeChanges(previous, snapshot)) say(line);
		verdict ??= judge(snapshot, expectation);
		if (verdict !== void 0) ended.abort();
	};
	const giveUp = async (reason, description) => {
		if (forced !== void 0) return;
		forced = {
			reason,
			description
		};
		say(description);
		if (deploymentId === void 0) {
			verdict = {
				outcome: "failed",
				reason,
				description
			};
			ended.abort();
			return;
		}
		try {
			await nomad.deployments.fail(deploymentId, namespace);
		} catch (error) {
			log.warning(`The deployment could not be failed early, so Nomad's own deadline decides: ${toActionError(error).message}`);
		}
	};
	const heartbeat = async () => {
		for (;;) {
			await clock.sleep(1e3, signal);
			const unplaced = unplacedGroups(snapshot);
			if (unplaced.length > 0 && clock.now() - startedAt > PLACEMENT_PATIENCE_MS) await giveUp("placement-failed", `not placed within ${formatDuration(PLACEMENT_PATIENCE_MS)}: ${unplaced.join("; ")}`);
			if (clock.now() - quietSince >= HEARTBEAT_MS) say(`${describeProgress(snapshot)}; gives up in ${formatDuration(startedAt + timeoutMs - clock.now())}`);
		}
	};
	const failEarly = async () => {
		if (!options.failFast || verdict !== void 0) return;
		if (snapshot.allocations.flatMap(taskCauses).find((cause) => cause.certain) !== void 0) await giveUp("task-failed", `This cannot heal, so ${deploymentId === void 0 ? "nothing is waited for" : "the deployment was failed at once"}`);
	};
	say(`waiting up to ${formatDuration(timeoutMs)} for a verdict`);
	try {
		const beating = heartbeat();
		const following = (async () => {
			const id = registration.deploymentId ?? await followEvaluation(registration, nomad, signal, update);
			deploymentId = id;
			for (const line of unplacedGroups(snapshot)) say(`${line}; waiting for capacity`);
			if (id === void 0) {
				await follow(async (index) => nomad.jobs.allocations(registration.jobId, namespace, index, signal), async (all) => {
					update({ allocations: all.filter(({ JobVersion }) => JobVersion === version) });
					await failEarly();
				}, {
					signal,
					clock,
					settleMs: SETTLE_MS
				});
				return;
			}
			options.onDeployment(id);
			await Promise.all([follow(async (index) => nomad.deployments.read(id, namespace, index, signal), (deployment) => update({ deployment: deployment ?? null }), {
				signal,
				clock,
				settleMs: 0
			}), follow(async (index) => nomad.deployments.allocations(id, namespace, index, signal), async (allocations) => {
				update({ allocations });
				await failEarly();
			}, {
				signal,
				clock,
				settleMs: SETTLE_MS
			})]);
		})();
		await Promise.all([beating, following]);
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		ended.abort();
	}
	if (verdict !== void 0 && snapshot.deployment) {
		const { value } = await nomad.deployments.allocations(snapshot.deployment.ID, namespace, 0, runtime.signal);
		update({ allocations: value });
		verdict = judge(snapshot, expectation) ?? verdict;
	}
	if (verdict?.outcome === "failed" && forced !== void 0) verdict = {
		...verdict,
		...forced
	};
	verdict ??= unfinished(runtime.signal, timeoutMs, snapshot);
	return {
		verdict,
		snapshot
	};
}
function unfinished(cancelled, timeoutMs, snapshot) {
	if (cancelled.aborted) return {
		outcome: "cancelled",
		description: `the workflow was cancelled while the rollout went on (${describeProgress(snapshot)})`
	};
	return {
		outcome: "timed-out",
		description: `no verdict within ${formatDuration(timeoutMs)} (${describeProgress(snapshot)}); the rollout goes on`
	};
}
/** Follows the registration's evaluation until it is processed; gives the deployment that it made, if any. */
async function followEvaluation({ evaluationId, jobId, namespace, version }, nomad, signal, update) {
	for (let index = 0;;) {
		const { value: evaluation, index: next } = await nomad.evaluations.read(evaluationId, namespace, index, signal);
		index = next;
		if (evaluation.Status === "pending") continue;
		update({ evaluation });
		if (evaluation.DeploymentID) return evaluation.DeploymentID;
		return (await nomad.jobs.deployments(jobId, namespace)).find(({ JobVersion }) => JobVersion === version)?.ID;
	}
}
/** Repeats a blocking query and hands over every new answer, until the signal aborts. */
async function follow(read, onValue, { signal, clock, settleMs }) {
	for (let index = 0; !signal.aborted;) {
		const answer = await read(index);
		if (answer.index !== index) await onValue(answer.value);
		index = answer.index < index ? 0 : Math.max(answer.index, 1);
		if (settleMs > 0) await clock.sleep(settleMs, signal);
	}
}
/** Groups of which nothing at all could be placed, in words. */
function unplacedGroups({ evaluation, deployment, allocations }) {
	return Object.entries(evaluation?.FailedTGAllocs ?? {}).flatMap(([group, metric]) => {
		return (deployment?.TaskGroups?.[group]?.PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length) === 0 ? [describePlacement(group, metric)] : [];
	});
}
function expect({ Type, TaskGroups }) {
	return {
		batch: Type === "batch" || Type === "sysbatch",
		count: Type === "system" ? 1 : (TaskGroups ?? []).reduce((sum, { Count }) => sum + (Count ?? 1), 0)
	};
}
/**
* The longest a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a time)
* of the slowest group, and the time to wait for capacity.
*/
function timeoutFor({ Update, TaskGroups }) {
	const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
		const said = Object.entries(own ?? {}).filter(([, value]) => value !== null);
		const update = {
			...Update,
			...Object.fromEntries(said)
		};
		const steps = ((update.Canary ?? 0) > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
		return (update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS) * Math.max(steps, 1);
	});
	return PLACEMENT_PATIENCE_MS + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
// src/commands/follow.ts
/** Watches a registered version to its verdict, and explains it when it is not good. */
async function followRegistration(deploying, job, registration, current) {
	const { inputs, nomad } = deploying;
	const { runtime, note, stage } = current;
	const options = {
		timeoutMs: inputs.timeoutMs ?? timeoutFor(job),
		failFast: inputs.failFast,
		onDeployment: (deploymentId) => note({ deploymentId })
	};
	const { verdict, snapshot } = await stage("watch", `Watch ${job.ID} version ${registration.version}`, async () => watchJob(job, registration, options, nomad, runtime));
	note({ allocations: snapshot.allocations.map(({ ID, Name, NodeName, ClientStatus, DeploymentStatus }) => ({
		id: ID,
		name: Name,
		node: NodeName,
		status: ClientStatus,
		healthy: DeploymentStatus?.Healthy ?? null
	})) });
	return verdict.outcome === "successful" ? { outcome: "successful" } : explain(verdict, snapshot, deploying, current);
}
/** The cluster has this very job already: nothing is registered, but it has to be well, and a deployment under way is followed to its end. */
async function followUnchanged(deploying, job, live, deployment, current) {
	const { runtime, note } = current;
	const { namespace } = deploying.draft;
	note({
		jobVersion: live.Version,
		...deployment === void 0 ? {} : { deploymentId: deployment.ID }
	});
	if (deployment !== void 0 && deployment.Status !== "successful") {
		runtime.log.info(`Version ${live.Version} is this very job, and its deployment is ${deployment.Status}: following it`);
		return followRegistration(deploying, job, {
			jobId: job.ID,
			namespace,
			evaluationId: "",
			deploymentId: deployment.ID,
			version: live.Version,
			previousVersion: void 0
		}, current);
	}
	if (live.Type !== "service") return { outcome: "unchanged" };
	const { value } = await deploying.nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
	const wanted = value.filter(({ DesiredStatus }) => DesiredStatus === "run");
	const running = wanted.filter(({ ClientStatus }) => ClientStatus === "running").length;
	const count = (live.TaskGroups ?? []).reduce((sum, { Count }) => sum + (Count ?? 0), 0);
	if (running >= count) return { outcome: "unchanged" };
	return explain({
		outcome: "failed",
		reason: "unhealthy",
		description: `Nomad has this version already, but only ${running} of its ${count} allocations are running`
	}, {
		evaluation: void 0,
		deployment,
		allocations: wanted
	}, deploying, current);
}
async function explain(verdict, snapshot, { inputs, draft, nomad, rendering }, { runtime, stage }) {
	const description = verdict.description.replace(/ - rolling back to job version \d+$/, "");
	const { cause, evidence } = runtime.signal.aborted ? {
		cause: description,
		evidence: []
	} : await stage("diagnose", "Why: events, checks and logs of the allocations that are not well", async () => {
		const found = await diagnose({
			...verdict,
			description
		}, snapshot, draft.namespace, inputs.logLines, nomad, runtime);
		for (const line of evidenceLines(found)) runtime.log.info(line);
		return found;
	});
	const { outcome } = verdict;
	const wentBack = outcome === "failed" && verdict.rolledBackTo !== void 0 ? `Nomad goes back to version ${verdict.rolledBackTo}.` : "";
	const failureReason = outcome === "failed" ? `${verdict.reason}${wentBack === "" ? "" : "-rolled-back"}` : outcome;
	const hint = [cause.endsWith(description) ? "" : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`, wentBack].filter((part) => part !== "").join(" ");
	runtime.log.error([cause, hint].filter((part) => part !== "").join(". "), `${draft.job.ID}: ${outcome}`, place(rendering.spec));
	return {
		outcome,
		failureReason,
		cause,
		evidence,
		...hint === "" ? {} : { hint }
	};
}
// src/commands/deploy.ts
/** `deploy`: plans, writes the secrets, registers and watches. When somebody else registers in between, all of it is done once more. */
async function deploy(deploying, current) {
	const first = await attempt(deploying, current);
	if (!("conflict" in first)) return first;
	current.runtime.log.info(`${first.conflict}: somebody else registered ${deploying.draft.job.ID} since the plan; planning again`);
	const second = await attempt(deploying, current);
	if (!("conflict" in second)) return second;
	throw new ActionError("conflict", `${deploying.draft.job.ID} is being registered by somebody else: ${second.conflict}`, { hint: "Nothing was registered. Let one workflow at a time deploy a job, with `concurrency:`." });
}
async function attempt(deploying, current) {
	const { inputs, context, rendering, draft, nomad } = deploying;
	const { runtime, note, stage } = current;
	const live = await readLive(draft, nomad);
	const secrets = await secretChange(deploying, live);
	const template = secretsTemplate(secrets, Object.keys(inputs.secrets));
	const jobspec = await renderJobspec(inputs, {
		...rendering,
		secretsTemplate: template
	}, nomad);
	const job = withMeta(jobspec, secrets, context, repeatable(live));
	await publishSpec(job, runtime, note);
	const plan = await stage("plan", `Plan ${job.ID}`, async () => {
		const planned = await planJob(job, jobspec.namespace, nomad);
		showPlan(planned, runtime);
		return planned;
	});
	const warnings = [...jobspec.warnings, ...plan.warnings];
	warn(warnings, runtime);
	note({
		changed: plan.changed,
		planLines: plan.lines,
		warnings
	});
	if (plan.changed === "none" && live.job !== void 0) return followUnchanged(deploying, job, live.job, live.deployment, current);
	const submission = {
		...jobspec,
		source: runtime.redact(jobspec.source),
		variables: runtime.redact(jobspec.variables)
	};
	runtime.signal.throwIfAborted();
	const registration = await stage("register", `Register ${job.ID}`, async () => {
		return undoUnlessRegistered(await applySecrets(secrets, deploying, runtime.log.info), async () => registerJob(job, submission, plan, live.job, nomad));
	});
	return "conflict" in registration ? registration : registered(registration, deploying, job, plan, current);
}
/** The registered job, if deploying the same spec again would be a repetition of it. A version that failed or was stopped is tried anew. */
function repeatable({ job, deployment }) {
	return job?.Stop === true || deployment?.Status === "failed" || deployment?.Status === "cancelled" ? void 0 : job;
}
async function secretChange({ inputs, draft, nomad }, live) {
	if (Object.keys(inputs.secrets).length === 0) return void 0;
	const { job, namespace } = draft;
	const variable = await nomad.variables.read(`nomad/jobs/${job.ID}`, namespace);
	const versions = live.job === void 0 ? [] : await nomad.jobs.versions(job.ID, namespace);
	return prepareSecrets(inputs.secrets, job.ID, namespace, {
		variable,
		live: live.job,
		versions
	}, `r${randomBytes(4).toString("hex")}`);
}
/** Writes the secrets, if there is anything to write; gives the way back. */
async function applySecrets(secrets, { nomad }, say) {
	if (secrets === void 0) return void 0;
	const run = secrets.changed ? await writeSecrets(secrets, nomad) : void 0;
	say(`Secrets ${run === void 0 ? "are up to date" : "written"} in the Nomad variable ${secrets.path}`);
	return run === void 0 ? void 0 : {
		path: secrets.path,
		run
	};
}
/** A registration that did not take place takes the secrets back. Where nobody can tell whether it did, they stay, and the error says so. */
async function undoUnlessRegistered(undo, register) {
	if (undo === void 0) return register();
	const left = (cause) => {
		const error = toActionError(cause);
		const hint = `The secrets of this run are still in the Nomad variable ${undo.path}.`;
		return new ActionError(error.code, error.message, {
			cause,
			hint: error.hint === void 0 ? hint : `${error.hint} ${hint}`
		});
	};
	let outcome;
	try {
		outcome = await register();
	} catch (error) {
		outcome = toActionError(error);
		if (outcome.code === "unknown-outcome") throw left(error);
	}
	if ("version" in outcome) return outcome;
	try {
		await undo.run();
	} catch {
		throw left(outcome instanceof ActionError ? outcome : new ActionError("conflict", outcome.conflict));
	}
	if (outcome instanceof ActionError) throw outcome;
	return outcome;
}
async function registered(registration, deploying, job, plan, current) {
	const { note, runtime } = current;
	const { version, previousVersion, evaluationId, namespace } = registration;
	note({
		jobVersion: version,
		...previousVersion === void 0 ? {} : { previousVersion },
		...evaluationId === "" ? {} : { evaluationId }
	});
	runtime.log.info(`Registered ${job.ID} version ${version} in the namespace ${namespace}`);
	if (evaluationId === "") {
		const launch = plan.nextPeriodicLaunch;
		runtime.log.info(launch === void 0 ? "It runs when it is dispatched." : `Its next launch is at ${launch}.`);
		return { outcome: "registered" };
	}
	return deploying.inputs.wait ? followRegistration(deploying, job, registration, current) : { outcome: "registered" };
}
// src/commands/preview.ts
/** `render` and `plan`: nothing is built or written. */
async function preview({ inputs, context, draft: jobspec, nomad }, { runtime, note }) {
	await publishSpec(jobspec.job, runtime, note);
	warn(jobspec.warnings, runtime);
	if (inputs.command === "render") {
		await runtime.log.group("The rendered job", async () => runtime.log.info(JSON.stringify(jobspec.job, null, 2)));
		return {
			outcome: "rendered",
			warnings: jobspec.warnings
		};
	}
	const plan = await planJob(withMeta(jobspec, void 0, context, (await readLive(jobspec, nomad)).job), jobspec.namespace, nomad);
	showPlan(plan, runtime);
	return {
		outcome: "planned",
		changed: plan.changed,
		planLines: plan.lines,
		warnings: [...jobspec.warnings, ...plan.warnings]
	};
}
// src/json.ts
/** The text at a path of parsed JSON whose shape nobody promises; undefined when it is not there, not a text, or empty. */
function textAt(value, ...path) {
	let at = value;
	for (const key of path) {
		if (typeof at !== "object" || at === null) return void 0;
		at = Object.entries(at).find(([name]) => name === key)?.[1];
	}
	return typeof at === "string" && at !== "" ? at : void 0;
}
// src/context.ts
/**
* Reads the context from the runner's default variables and the event payload.
* Throws an `input-invalid` error when a variable that GitHub always sets is missing, since then nothing can be named.
* See https://docs.github.com/actions/reference/workflows-and-actions/variables
*/
function readContext(env, event) {
	const need = (name) => {
		const value = env[name];
		if (value === void 0 || value === "") throw new ActionError("input-invalid", `the environment variable ${name} is not set`, { hint: "GitHub sets it in every workflow; elsewhere set it yourself." });
		return value;
	};
	const repository = need("GITHUB_REPOSITORY");
	const runId = env["GITHUB_RUN_ID"] || "0";
	const server = env["GITHUB_SERVER_URL"] || "https://github.com";
	return {
		repository,
		ref: env["GITHUB_HEAD_REF"] || need("GITHUB_REF_NAME"),
		sha: env["GITHUB_SHA"] || "",
		defaultBranch: textAt(event, "repository", "default_branch"),
		fromFork: isPullRequest(event) && textAt(event, "pull_request", "head", "repo", "full_name") !== repository,
		eventName: env["GITHUB_EVENT_NAME"] || "",
		actor: env["GITHUB_ACTOR"] || "",
		runId,
		runAttempt: env["GITHUB_RUN_ATTEMPT"] || "1",
		runUrl: `${server}/${repository}/actions/runs/${runId}`
	};
}
function isPullRequest(event) {
	return typeof event === "object" && event !== null && "pull_request" in event;
}
// src/docker-error.ts
const DENIED = /unauthorized|authentication required|no basic auth credentials|denied|insufficient_scope|\b40[13]\b/i;
/** buildx names the step that failed below a rule: ` > [2/3] RUN make:`, ` > pushing app:1 with docker:`. */
const FAILED_STEP = /^ > (?:\[[^\]]*\] )?(.*?):?$/m;
/**
* Why a build failed: the Dockerfile's line where it can be told, else what docker said last. `file` is the Dockerfile as shown to people, `text`
* its content.
*/
function buildError(result, name, file, text) {
	requireDocker(result);
	const said = lastError(result);
	const step = FAILED_STEP.exec(result.stderr)?.[1] ?? "";
	if (DENIED.test(said) && (/^(pushing|exporting)/.test(step) || /failed to push/.test(said))) return denied(`the push of ${name} was refused: ${said}`);
	const named = /^\S*?:(\d+)\n-{8,}$/m.exec(result.stderr)?.[1] ?? /dockerfile parse error (?:on )?line (\d+)/.exec(said)?.[1];
	const line = named === void 0 ? lineOf(step, text) : Number(named);
	const location = {
		file,
		...line === void 0 ? {} : { line }
	};
	return new ActionError("build-failed", `${file}${line === void 0 ? "" : `:${line}`}: the image could not be built: ${said}${lastOutput(result.stderr)}`, { location });
}
/** What the failing step printed last, which says more than its exit code. */
function lastOutput(stderr) {
	const step = /^#(\d+) ERROR: /m.exec(stderr)?.[1];
	const line = stderr.split("\n").findLast((candidate) => step !== void 0 && new RegExp(`^#${step} \\d+\\.\\d+ .*\\S`).test(candidate));
	return line === void 0 ? "" : `, saying ${JSON.stringify(line.replace(/^#\d+ \S+ /, "").trim().slice(0, 200))}`;
}
/** Why an image that should exist could not be looked up. */
function existingError(result, reference) {
	requireDocker(result);
	const said = lastError(result);
	if (DENIED.test(said)) return denied(`the registry refused to show ${reference}: ${said}`);
	return new ActionError("image-not-found", `there is no image ${reference}: ${said}`, { hint: "Check `image`, or build it here with `build: true`." });
}
function denied(message) {
	return new ActionError("registry-denied", message, { hint: "Give `registry-username` and `registry-password` of an account that may do so; for ghcr.io the job needs `permissions: packages: write`." });
}
/** Throws when docker itself, its engine or its buildx plugin is missing. */
function requireDocker({ code, stdout, stderr }) {
	const missing = (message, hint) => new ActionError("build-failed", message, { hint });
	if (code === 127) throw missing("docker was not found on this runner", "Use a runner with Docker, or set `image` to what is built elsewhere.");
	if (/is not a docker command|unknown command: docker buildx|unknown flag: --(progress|tag|metadata-file)/.test(stderr)) throw missing("this runner has docker, but not its buildx plugin", "Add docker/setup-buildx-action before this step.");
	if (/cannot connect to the docker daemon|is the docker daemon running/i.test(lastError({
		code,
		stdout,
		stderr
	}))) throw missing(`the Docker engine does not answer: ${lastError({
		code,
		stdout,
		stderr
	})}`, "Start it, or set DOCKER_HOST.");
}
/** The last line by which a docker command says what went wrong, without the names of the layers that it passed through. */
function lastError({ stderr, stdout, code }) {
	const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim()).filter((line) => line !== "");
	return (lines.findLast((candidate) => /^error\b/i.test(candidate)) ?? lines.at(-1) ?? `exit code ${code}`).replace(/^(error( response from daemon)?: |failed to (build|solve|solve with frontend \S+|create LLB definition): |rpc error: code = \w+ desc = )+/i, "");
}
/** The line of a Dockerfile on which an instruction begins, as BuildKit prints it: on one line, with single blanks. */
function lineOf(instruction, dockerfile) {
	const wanted = plain(instruction);
	const at = dockerfile.split("\n").findIndex((line) => {
		const begins = plain(line.replace(/\\\s*$/, ""));
		return begins !== "" && /^[A-Z]+ /i.test(begins) && wanted.startsWith(begins);
	});
	return at < 0 ? void 0 : at + 1;
}
function plain(text) {
	return text.trim().replace(/\s+/g, " ");
}
// src/image.ts
/**
* Decides between building, an existing image and none. `needsImage` is false when the spec is the repository's own and may name its images itself.
* Throws `input-invalid` when an image is needed and there is neither a Dockerfile nor an `image`, or when `build: true` has no Dockerfile.
*/
function planImage(inputs, files, needsImage, target, context, workspace) {
	const { image, build } = inputs;
	const dockerfile = relative(workspace, files.dockerfile);
	if (build === false || image?.includes("@sha256:") === true || build === "auto" && !files.dockerfileExists) {
		if (image !== void 0) return {
			kind: "existing",
			reference: image
		};
		if (!needsImage) return { kind: "none" };
		throw new ActionError("input-invalid", build === false ? "`build` is false, and no `image` is given" : `there is no ${dockerfile}, and no \`image\` is given`, { hint: "Add a Dockerfile (or name it with `file`), or set `image` to what is to be deployed." });
	}
	if (!files.dockerfileExists) throw new ActionError("input-invalid", `\`file\`: there is no ${dockerfile} in the workspace`, { hint: "Is the repository checked out (actions/checkout), and is the name spelt as in the repository?" });
	const { name, tag } = splitReference(image ?? `${inputs.registry}/${context.repository}`.toLowerCase());
	return {
		kind: "build",
		name,
		tags: (tag === void 0 ? [target.refSlug, context.sha === "" ? "" : `sha-${context.sha.slice(0, 7)}`] : [tag]).filter((candidate) => candidate !== "").map((candidate) => `${name}:${candidate}`),
		dockerfile: files.dockerfile,
		contextFolder: files.contextFolder
	};
}
/** `host:5000/app:1` is the name `host:5000/app` and the tag `1`. */
function splitReference(reference) {
	const at = reference.indexOf(":", reference.lastIndexOf("/") + 1);
	return at < 0 ? {
		name: reference,
		tag: void 0
	} : {
		name: reference.slice(0, at),
		tag: reference.slice(at + 1)
	};
}
/** The arguments of `docker` for a build. Output goes to the registry, or with `push: false` into the local engine. */
function buildxArgs(plan, inputs, metadataFile) {
	return [
		"buildx",
		"build",
		"--progress=plain",
		...plan.tags.flatMap((tag) => ["--tag", tag]),
		"--file",
		plan.dockerfile,
		...inputs.target === void 0 ? [] : ["--target", inputs.target],
		...inputs.buildArgs.flatMap((arg) => ["--build-arg", arg]),
		"--metadata-file",
		metadataFile,
		inputs.push ? "--push" : "--load",
		plan.contextFolder
	];
}
/**
* Carries an image plan out: logs in to the registry, builds and pushes with docker buildx, and reads the digest back; or looks up the
* digest of an existing image. Throws `build-failed` with the line of the Dockerfile, `registry-denied`, or `image-not-found`.
*/
async function resolveImage(plan, inputs, runtime) {
	if (plan.kind === "none") return {
		reference: "",
		digest: void 0,
		built: false
	};
	const reference = plan.kind === "build" ? plan.name : plan.reference;
	const known = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
	if (known !== void 0) return {
		reference,
		digest: known,
		built: false
	};
	const env = inputs.push && inputs.registryPassword !== void 0 ? await login(inputs, runtime) : {};
	return plan.kind === "build" ? build(plan, inputs, env, runtime) : existing(reference, inputs.push, env, runtime);
}
async function build(plan, inputs, env, runtime) {
	const { log, workspace } = runtime;
	const metadataFile = join(await runtime.privateFolder(), "metadata.json");
	const result = await runtime.exec(["docker", ...buildxArgs(plan, inputs, metadataFile)], {
		cwd: workspace,
		env,
		stream: true
	});
	if (result.code !== 0) throw buildError(result, plan.name, relative(workspace, plan.dockerfile), await readFile(plan.dockerfile, "utf8"));
	const digest = textAt(JSON.parse(await readFile(metadataFile, "utf8")), "containerimage.digest");
	if (digest === void 0) throw new ActionError("build-failed", "docker buildx gave no digest of the image that it built", { hint: inputs.push ? "Does the builder push? See `docker buildx inspect`." : "Does the builder load into the local engine? See `docker buildx inspect`." });
	log.info(`Built ${plan.name}@${digest}`);
	if (inputs.push) return {
		reference: `${plan.name}@${digest}`,
		digest,
		built: true
	};
	const reference = `${plan.name}:${digest.replace(":", "-")}`;
	await docker([
		"tag",
		plan.tags[0] ?? digest,
		reference
	], env, runtime);
	return {
		reference,
		digest,
		built: true
	};
}
async function existing(reference, remote, env, runtime) {
	const { name } = splitReference(reference);
	const looked = remote ? await runtime.exec([
		"docker",
		"buildx",
		"imagetools",
		"inspect",
		reference,
		"--format",
		"{{.Manifest.Digest}}"
	], {
		cwd: runtime.workspace,
		env
	}) : await runtime.exec([
		"docker",
		"image",
		"inspect",
		reference,
		"--format",
		"{{.Id}}"
	], {
		cwd: runtime.workspace,
		env
	});
	requireDocker(looked);
	const digest = /^sha256:[0-9a-f]{64}$/m.exec(looked.stdout)?.[0];
	if (looked.code !== 0 || digest === void 0) throw existingError(looked, reference);
	if (remote) return {
		reference: `${name}@${digest}`,
		digest,
		built: false
	};
	const local = `${name}:${digest.replace(":", "-")}`;
	await docker([
		"tag",
		reference,
		local
	], env, runtime);
	return {
		reference: local,
		digest,
		built: false
	};
}
/**
* Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
* configuration holds (other logins, credential helpers, builders, plugins) keeps working.
*/
async function login({ registry, registryUsername, registryPassword }, runtime) {
	const env = await runtime.dockerConfig(registry);
	const username = registryUsername ?? "x-access-token";
	const result = await runtime.exec([
		"docker",
		"login",
		registry,
		"--username",
		username,
		"--password-stdin"
	], {
		cwd: runtime.workspace,
		env,
		stdin: registryPassword?.reveal() ?? ""
	});
	requireDocker(result);
	if (result.code !== 0) throw denied(`${registry} refused the login as ${username}: ${lastError(result)}`);
	runtime.log.info(`Logged in to ${registry} as ${username}`);
	return env;
}
async function docker(args, env, runtime) {
	const result = await runtime.exec(["docker", ...args], {
		cwd: runtime.workspace,
		env
	});
	if (result.code !== 0) throw new ActionError("build-failed", `docker ${args[0]} failed: ${lastError(result)}`);
}
// src/inputs.ts
const commands = [
	"deploy",
	"plan",
	"render",
	"build"
];
const environments = [
	"production",
	"staging",
	"main",
	"review"
];
/** The names of all inputs, as action.yml declares them. */
const inputNames = [
	"command",
	"working-directory",
	"nomad-addr",
	"nomad-token",
	"nomad-namespace",
	"nomad-region",
	"environment",
	"base-domain",
	"job-name",
	"vars",
	"build",
	"image",
	"context",
	"file",
	"target",
	"build-args",
	"push",
	"registry",
	"registry-username",
	"registry-password",
	"job",
	"secrets",
	"wait",
	"timeout",
	"fail-fast",
	"log-lines",
	"summary",
	"github-token"
];
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/**
* Reads all inputs from the runner's environment (`INPUT_*`, `NOMAD_*`), and nothing else does.
* Throws one `input-invalid` error that lists every problem found, so that a workflow is mended in one go.
*/
async function readInputs(env) {
	const problems = [];
	const attempt = (read, otherwise) => {
		try {
			return read();
		} catch (error) {
			problems.push(messageOf(error));
			return otherwise;
		}
	};
	const raw = (name) => {
		const value = env[`INPUT_${name.toUpperCase()}`];
		return value === void 0 || value.trim() === "" ? void 0 : value;
	};
	const text = (name, ...variables) => (raw(name) ?? variables.map((variable) => env[variable]).find((value) => value !== void 0 && value.trim() !== ""))?.trim();
	const choice = (name, known) => {
		const value = text(name);
		return value === void 0 ? void 0 : attempt(() => oneOf(name, value, known), void 0);
	};
	const flag = (name, otherwise) => attempt(() => parseBoolean(name, text(name)) ?? otherwise, otherwise);
	const hidden = (value) => value === void 0 ? void 0 : secret(value);
	for (const name of unknownInputs(env)) {
		const near = nearest(name, inputNames);
		problems.push(`unknown input \`${name}\`${near === void 0 ? "; the inputs are listed in the README" : `: did you mean \`${near}\`?`}`);
	}
	const vars = {
		...ciVariables(env),
		...prefixed(env, "NOMAD_VAR_"),
		...await readMap("vars", raw("vars"), problems)
	};
	const secrets = {
		...await readMap("NOMAD_SECRETS", env["NOMAD_SECRETS"], problems),
		...prefixed(env, "NOMAD_SECRET_"),
		...await readMap("secrets", raw("secrets"), problems)
	};
	for (const name of Object.keys(secrets)) if (!VARIABLE_NAME.test(name)) problems.push(`secret \`${name}\`: the name of an environment variable has letters, digits and underscores only, as in \`DB_PASSWORD\``);
	const buildMode = text("build");
	const image = text("image");
	const registry = text("registry") ?? registryOf(image);
	const inputs = {
		command: choice("command", commands) ?? "deploy",
		workingDirectory: text("working-directory") ?? ".",
		nomadAddr: attempt(() => parseAddress(text("nomad-addr", "NOMAD_ADDR")), void 0),
		nomadToken: {
			production: tokenFor(env, "NOMAD_TOKEN_PROD"),
			staging: tokenFor(env, "NOMAD_TOKEN_STAGING"),
			main: tokenFor(env),
			review: tokenFor(env)
		},
		nomadNamespace: text("nomad-namespace") ?? nonBlank(vars["NAMESPACE"]) ?? nonBlank(env["NOMAD_NAMESPACE"]),
		nomadRegion: text("nomad-region", "NOMAD_REGION"),
		environment: choice("environment", environments),
		mainStyle: attempt(() => parseBoolean("CI_MAIN_STYLE", nonBlank(env["CI_MAIN_STYLE"])) ?? false, false),
		baseDomain: attempt(() => parseDomain(text("base-domain", "BASE_DOMAIN")), void 0),
		jobName: text("job-name"),
		vars,
		noDeploy: attempt(() => parseBoolean("NOMAD_VAR_NO_DEPLOY", nonBlank(vars["NO_DEPLOY"])) ?? false, false),
		build: buildMode === void 0 || buildMode === "auto" ? "auto" : flag("build", true),
		image,
		context: text("context") ?? ".",
		file: text("file"),
		target: text("target"),
		buildArgs: (raw("build-args") ?? "").split(/\r?\n/).filter((line) => line.trim() !== ""),
		push: flag("push", true),
		registry,
		registryUsername: text("registry-username", "GITHUB_ACTOR"),
		registryPassword: hidden(raw("registry-password")?.trim() ?? (registry === "ghcr.io" ? text("github-token", "GITHUB_TOKEN") : void 0)),
		job: text("job"),
		secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, secret(value)])),
		wait: flag("wait", true),
		timeoutMs: attempt(() => parseTimeout(text("timeout")), void 0),
		failFast: (choice("fail-fast", ["certain", "off"]) ?? "certain") === "certain",
		logLines: attempt(() => parseCount("log-lines", text("log-lines")) ?? 50, 50),
		summary: flag("summary", true)
	};
	if (problems.length > 0) throw new ActionError("input-invalid", `${problems.length === 1 ? problems[0] : `${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join("\n")}`}`);
	return Object.freeze(inputs);
}
/** Every value that must never be printed, known before anything else is said: secrets of the workload, tokens, passwords. */
function secretValues(env, inputs) {
	const values = Object.entries(env).flatMap(([name, value]) => value !== void 0 && /^(NOMAD_SECRET_.+|NOMAD_TOKEN(_PROD|_STAGING)?|INPUT_NOMAD-TOKEN|INPUT_REGISTRY-PASSWORD|INPUT_GITHUB-TOKEN|GITHUB_TOKEN|(NOMAD_VAR_)?CI_REGISTRY_(PASSWORD|READ_TOKEN))$/.test(name) ? [value] : []);
	const { secrets = {}, vars = {} } = inputs ?? {};
	const passwords = ["CI_REGISTRY_PASSWORD", "CI_REGISTRY_READ_TOKEN"].flatMap((name) => vars[name] ?? []);
	return [
		...values,
		...passwords,
		...Object.values(secrets).map((value) => value.reveal())
	].filter((value) => value.trim() !== "");
}
function unknownInputs(env) {
	const known = new Set(inputNames.map((name) => `INPUT_${name.toUpperCase()}`));
	return Object.keys(env).filter((name) => name.startsWith("INPUT_") && !known.has(name)).map((name) => name.slice(6).toLowerCase());
}
/** Variables with a prefix, by the rest of their name; blank ones are as if unset, so that an empty workflow input keeps the default. */
function prefixed(env, prefix) {
	const found = {};
	for (const [name, value] of Object.entries(env)) if (name.startsWith(prefix) && name !== prefix && value !== void 0 && value !== "") found[name.slice(prefix.length)] = value;
	return found;
}
/** What another CI system, or the workflow, gives under the names of `CI_*`. */
function ciVariables(env) {
	return Object.fromEntries(CI_VARIABLES.flatMap((name) => {
		const value = nonBlank(env[name]);
		return value === void 0 ? [] : [[name, value]];
	}));
}
function nonBlank(value) {
	return value === void 0 || value.trim() === "" ? void 0 : value.trim();
}
function tokenFor(env, ...own) {
	for (const name of [
		"INPUT_NOMAD-TOKEN",
		...own,
		"NOMAD_TOKEN"
	]) {
		const value = nonBlank(env[name]);
		if (value !== void 0) return {
			value: secret(value),
			source: name === "INPUT_NOMAD-TOKEN" ? "nomad-token" : name
		};
	}
}
// src/nomad/allocations.ts
/** A line of a log is rarely longer; more is asked for than shown. */
const BYTES_PER_LINE = 200;
const MAX_LOG_BYTES = 65536;
/** The resources of a single allocation: logs and checks, both answered by the client that runs it. */
function allocations({ send }) {
	return {
		/**
		* The last lines of a task's log, oldest first; empty when there is none (the task never started, or its client is gone), undefined when the
		* token may not read logs. See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
		*/
		logTail: async (id, task, type, lines, namespace) => {
			if (lines === 0) return [];
			const offset = Math.min(lines * BYTES_PER_LINE, MAX_LOG_BYTES);
			const { status, text } = await send({
				method: "GET",
				path: `/v1/client/fs/logs/${id}`,
				query: {
					task,
					type,
					plain: "true",
					origin: "end",
					offset
				},
				namespace,
				accept: [
					400,
					403,
					404,
					500
				],
				capability: "read-logs"
			});
			if (status === 403) return void 0;
			if (status !== 200 || text === "") return [];
			const all = text.replace(/\n$/, "").split("\n");
			return (Buffer.byteLength(text) >= offset && all.length > 1 ? all.slice(1) : all).slice(-lines);
		},
		/** The latest results of the checks of Nomad's own services; empty when the client cannot tell. */
		checks: async (id, namespace) => {
			const { status, text } = await send({
				method: "GET",
				path: `/v1/client/allocation/${id}/checks`,
				namespace,
				accept: [
					403,
					404,
					500
				],
				capability: "read-job"
			});
			return status === 200 ? Object.values(JSON.parse(text) ?? {}) : [];
		}
	};
}
// src/runtime/retry.ts
/**
* Repeats `attempt` with exponential back-off and jitter until it is done or the policy's time is over; then throws the last error.
* `retryAfterMs`, the server's own wish, wins over the computed delay. Rejects with the signal's reason when it aborts.
*/
async function retry(policy, clock, signal, attempt, onRetry) {
	const startedAt = clock.now();
	for (let count = 0;; count++) {
		const result = await attempt();
		if (result.done) return result.value;
		const backOffMs = Math.min(policy.firstDelayMs * 2 ** count, policy.maxDelayMs);
		const delayMs = result.retryAfterMs ?? backOffMs / 2 + Math.random() * (backOffMs / 2);
		if (clock.now() - startedAt + delayMs > policy.forMs) throw result.error;
		onRetry(result.error, delayMs);
		await clock.sleep(delayMs, signal);
	}
}
// src/nomad/client.ts
/** Nomad waits up to this long for a change; below the minute after which many proxies close an idle request. */
const BLOCKING_WAIT_S = 45;
/** A blocking query takes up to 17/16 of its wait; undici's own limit must be longer. */
const RESPONSE_TIMEOUT_MS = 6e4;
const RETRY = {
	forMs: 1e4,
	firstDelayMs: 250,
	maxDelayMs: 3e3
};
/** Once a job is registered, an outage is waited out: the rollout goes on without us. */
const PATIENT_RETRY = {
	forMs: 3e5,
	firstDelayMs: 250,
	maxDelayMs: 1e4
};
/** Texts of status 500 that mean an election or a lost connection between servers, not a mistake of ours. */
const TRANSIENT = /No cluster leader|Not ready to serve consistent reads|rpc error|connection (refused|reset)|lead thread didn't get connection|failed to get conn/i;
/** Texts that say that a write never left the server that we asked. */
const NEVER_SENT = /No cluster leader|failed to get conn/i;
/**
* The call that reads what is watched: it answers when that changed after `index` (0: at once), and outlasts an outage, since a rollout goes on
* without us.
*/
function blockingRead(path, namespace, index, signal) {
	return {
		method: "GET",
		path,
		namespace,
		index,
		signal,
		patient: true,
		capability: "read-job"
	};
}
/**
* Opens the transport to a Nomad API. Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`). Nothing is sent yet.
* Failed calls throw an `ActionError`: `unreachable`, `permission-denied`, or `nomad-refused` with Nomad's own words.
*/
async function openTransport({ address, token, region }, runtime) {
	const { EnvHttpProxyAgent } = await import("./undici.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const dispatcher = new EnvHttpProxyAgent({
		connect: { timeout: 1e4 },
		headersTimeout: RESPONSE_TIMEOUT_MS,
		bodyTimeout: RESPONSE_TIMEOUT_MS
	});
	const { log, clock } = runtime;
	const base = new URL(address);
	const basePath = base.pathname.replace(/\/+$/, "");
	async function once(call, signal) {
		const startedAt = clock.now();
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
		const search = query.size === 0 ? "" : `?${query.toString()}`;
		try {
			const response = await dispatcher.request({
				origin: base.origin,
				method: call.method,
				path: `${basePath}${call.path}${search}`,
				headers: { ...token === void 0 ? {} : { "x-nomad-token": token.reveal() } },
				body: call.body ?? null,
				signal
			});
			const text = await response.body.text();
			log.debug(`${call.method} ${call.path} -> ${response.statusCode} in ${clock.now() - startedAt} ms`);
			const answer = {
				status: response.statusCode,
				text,
				index: Number(header(response, "x-nomad-index") ?? 0)
			};
			const transient = isTransient(call, answer);
			const strange = notNomad(call, answer, address);
			if ((answer.status === 200 || !transient && call.accept?.includes(answer.status) === true) && strange === void 0) return {
				done: true,
				value: answer
			};
			const error = strange ?? refusal(call, answer, address, token !== void 0);
			if (!transient) throw error;
			const retryAfterS = Number(header(response, "retry-after"));
			return {
				done: false,
				error,
				...retryAfterS > 0 ? { retryAfterMs: retryAfterS * 1e3 } : {}
			};
		} catch (error) {
			if (error instanceof ActionError) throw error;
			if (signal.aborted) throw signal.reason;
			const failed = connectionError(error, call, address);
			if (isWrite(call) && error.code !== "ECONNREFUSED") throw unknownOutcome(call, failed);
			return {
				done: false,
				error: failed
			};
		}
	}
	return {
		send: async (call) => {
			const signal = call.signal ?? (isWrite(call) ? AbortSignal.timeout(RESPONSE_TIMEOUT_MS) : runtime.signal);
			signal.throwIfAborted();
			return retry(call.patient === true ? PATIENT_RETRY : RETRY, clock, signal, () => once(call, signal), (error, delayMs) => log.info(`${error.message}; trying again in ${Math.round(delayMs / 100) / 10} s`));
		},
		close: async () => dispatcher.destroy()
	};
}
function header({ headers }, name) {
	const value = headers[name];
	return Array.isArray(value) ? value[0] : value;
}
function isTransient(call, { status, text }) {
	if (isWrite(call)) return status === 429 || status === 500 && NEVER_SENT.test(text);
	return [
		429,
		502,
		503,
		504
	].includes(status) || status === 500 && TRANSIENT.test(text);
}
/** Answers that show that something else than Nomad's API listens there. A lost write is a case of its own. */
function notNomad(call, { status, text }, address) {
	if (isWrite(call) && status >= 502) return void 0;
	if (/^\s*<(!doctype|html)/i.test(text) && !call.path.startsWith("/v1/client/fs/")) return new ActionError("unreachable", `${address} answered ${status} with a web page: a proxy or another server, not Nomad`, { hint: "Check `nomad-addr`, and whether the proxy in front of Nomad wants to be authenticated to." });
	if (status === 400 && text.includes("HTTP request to an HTTPS server")) return new ActionError("unreachable", `${address} wants TLS`, { hint: "Let `nomad-addr` begin with https://." });
}
function refusal(call, { status, text }, address, hasToken) {
	const words = nomadsWords(text);
	if (status === 401 || status === 403 && /permission denied|token/i.test(text)) {
		const namespace = call.namespace ?? "default";
		return new ActionError("permission-denied", `Nomad at ${address} answered ${status}: ${words}`, { hint: hasToken ? `The token must be valid and allow \`${call.capability}\` in the namespace \`${namespace}\`.` : `No token was given: set \`nomad-token\` to one that allows \`${call.capability}\` in the namespace \`${namespace}\`.` });
	}
	if (isWrite(call) && [
		502,
		503,
		504
	].includes(status)) return unknownOutcome(call, new ActionError("unreachable", `${address} answered ${status} to ${call.method} ${call.path}`));
	const hint = words.includes("No path to region") ? { hint: "Check `nomad-region`." } : {};
	return new ActionError("nomad-refused", `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`, hint);
}
/** Whether a call changes anything: plan, validate and parse are sent as POST, but only ask. */
function isWrite({ method, path }) {
	return method !== "GET" && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan)$/.test(path);
}
/** Once sent, a write may have taken effect: only the caller can tell, by reading back. */
function unknownOutcome({ path }, { message, cause }) {
	return new ActionError("unknown-outcome", message, {
		cause,
		hint: `Whether the write to ${path} took effect is not known.`
	});
}
/** Nomad's text of an error, without the wrapping that its RPC layer leaves. */
function nomadsWords(text) {
	const words = text.trim().replace(/^(RPC Error:: ?\d+, ?|rpc error: )+/, "");
	return words === "" ? "nothing more" : words;
}
const CONNECTION_ERRORS = {
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset",
	ENOTFOUND: "no such host",
	EAI_AGAIN: "the host name could not be looked up",
	EHOSTUNREACH: "no route to the host",
	ENETUNREACH: "the network is unreachable",
	ETIMEDOUT: "the connection timed out",
	UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
	UND_ERR_HEADERS_TIMEOUT: "no answer in time",
	UND_ERR_SOCKET: "the connection was closed; the server may require a client certificate",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an unknown authority",
	SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown authority",
	DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
	ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
	CERT_HAS_EXPIRED: "its certificate has expired",
	ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS; the address may have to begin with http://"
};
function connectionError(error, call, address) {
	const code = error.code ?? (error instanceof AggregateError ? error.errors[0]?.code : void 0) ?? "";
	return new ActionError("unreachable", `cannot reach Nomad at ${address} (${call.method} ${call.path}): ${CONNECTION_ERRORS[code] ?? error.message}`, {
		hint: "Check `nomad-addr`, and that this runner can reach the cluster.",
		cause: error
	});
}
// src/nomad/deployments.ts
/** The resource `/v1/deployment`: https://developer.hashicorp.com/nomad/api-docs/deployments */
function deployments({ send }) {
	return {
		/** Reads a deployment; answers when it changed after the given index. Undefined when it was purged with its job. */
		read: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(`/v1/deployment/${id}`, namespace, index, signal),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : JSON.parse(answer.text),
				index: answer.index
			};
		},
		/** The allocations of a deployment; answers when one changed after the given index. */
		allocations: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(`/v1/deployment/allocations/${id}`, namespace, index, signal));
			return {
				value: JSON.parse(answer.text),
				index: answer.index
			};
		},
		/** Fails a running deployment at once, so that auto-revert acts now. One that has ended meanwhile is left as it is. */
		fail: async (id, namespace) => {
			await send({
				method: "PUT",
				path: `/v1/deployment/fail/${id}`,
				namespace,
				body: "{}",
				accept: [500],
				capability: "submit-job"
			});
		}
	};
}
// src/nomad/evaluations.ts
/** The resource `/v1/evaluation`: https://developer.hashicorp.com/nomad/api-docs/evaluations */
function evaluations({ send }) {
	return { 
	/** Reads an evaluation; answers when it changed after the given index. */
read: async (id, namespace, index, signal) => {
		const answer = await send(blockingRead(`/v1/evaluation/${id}`, namespace, index, signal));
		return {
			value: JSON.parse(answer.text),
			index: answer.index
		};
	} };
}
// src/nomad/json.ts
const lossless = JSON;
/**
* `JSON.parse` for job specs. Integers above 2^53 keep their digits and come back out of `JSON.stringify` as they were: a driver's `config` may hold any
* number. Keys are sorted, since Nomad writes those of a `config` in another order each time: equal jobs are equal text.
*/
function parseLossless(text) {
	return lossless.parse(text, (_key, value, { source }) => {
		if (typeof value === "number" && !Number.isSafeInteger(value) && source !== void 0 && String(value) !== source) return lossless.rawJSON(source);
		if (typeof value !== "object" || value === null || Array.isArray(value) || lossless.isRawJSON(value)) return value;
		return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
	});
}
// src/nomad/jobs.ts
/** The resource `/v1/jobs` and `/v1/job`: https://developer.hashicorp.com/nomad/api-docs/jobs */
function jobs({ send }) {
	const path = (id, rest = "") => `/v1/job/${encodeURIComponent(id)}${rest}`;
	const read = async (url, namespace, none) => {
		const { status, text } = await send({
			method: "GET",
			path: url,
			namespace,
			accept: [404],
			capability: "read-job"
		});
		return status === 404 ? none : JSON.parse(text) ?? none;
	};
	return {
		/** The registered job, or undefined when there is none. */
		read: async (id, namespace) => read(path(id), namespace, void 0),
		/** The newest deployment of a job, or undefined. Not to be asked right after a registration: it lags. */
		latestDeployment: async (id, namespace) => read(path(id, "/deployment"), namespace, void 0),
		/** All deployments of a job, of every version that is still kept. */
		deployments: async (id, namespace) => read(path(id, "/deployments"), namespace, []),
		/** Versions that are still kept, the newest first. */
		versions: async (id, namespace) => (await read(path(id, "/versions"), namespace, {})).Versions ?? [],
		/** The evaluations of a job that are still kept. */
		evaluations: async (id, namespace) => read(path(id, "/evaluations"), namespace, []),
		/** The allocations of all versions of a job; a blocking query when an index is given. */
		allocations: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(path(id, "/allocations"), namespace, index, signal));
			return {
				value: JSON.parse(answer.text),
				index: answer.index
			};
		},
		/** Parses HCL with its variables (a JSON object: a text in it is taken literally), by the cluster's own parser. */
		parse: async (source, variables, namespace) => {
			const answer = await send({
				method: "POST",
				path: "/v1/jobs/parse",
				namespace,
				body: JSON.stringify({
					JobHCL: source,
					Variables: variables,
					Canonicalize: false
				}),
				accept: [400],
				capability: "parse-job"
			});
			return answer.status === 400 ? { problem: parseProblem(answer.text) } : { job: parseLossless(answer.text) };
		},
		/** All problems of a job that the servers can see. */
		validate: async (job, namespace) => {
			const { text } = await send({
				method: "POST",
				path: "/v1/validate/job",
				namespace,
				body: JSON.stringify({ Job: job }),
				capability: "read-job"
			});
			return JSON.parse(text).ValidationErrors ?? [];
		},
		/** What a registration would change, and where it would be placed. Writes nothing. */
		plan: async (job, namespace) => {
			const body = JSON.stringify({
				Job: job,
				Diff: true
			});
			return JSON.parse((await send({
				method: "POST",
				path: path(job.ID, "/plan"),
				namespace,
				body,
				capability: "submit-job"
			})).text);
		},
		/** Registers a job if its modify index still is the given one (0: it must not exist yet); a conflict comes back as Nomad's text. */
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
				capability: "submit-job"
			});
			if (answer.status === 200) return { response: JSON.parse(answer.text) };
			if (answer.text.startsWith("Enforcing job modify index")) return { conflict: nomadsWords(answer.text) };
			throw new ActionError("nomad-refused", `Nomad refused the job ${job.ID}: ${nomadsWords(answer.text)}`, { hint: "Nothing was registered." });
		}
	};
}
function parseProblem(text) {
	const words = nomadsWords(text).replace(/^Failed to parse job: /, "");
	const place = /input\.hcl:(\d+),(\d+)/.exec(words);
	return {
		message: words.replace(/^(<nil>|input\.hcl:[\d,-]+): /, ""),
		line: place?.[1] === void 0 ? void 0 : Number(place[1]),
		column: place?.[2] === void 0 ? void 0 : Number(place[2])
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
		read: async (path, namespace) => {
			const answer = await send({
				...call(path, namespace),
				method: "GET",
				accept: [404],
				capability: `variables "${path}" read`
			});
			return answer.status === 404 ? void 0 : JSON.parse(answer.text);
		},
		/**
		* Replaces all items if the variable's modify index still is `cas` (0: it must not exist yet). Gives the new index, or undefined when somebody
		* else was faster.
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
			return answer.status === 409 ? void 0 : JSON.parse(answer.text).ModifyIndex;
		},
		/** Deletes a variable if its modify index still is `cas`. */
		remove: async (path, cas, namespace) => {
			await send({
				...call(path, namespace),
				method: "DELETE",
				query: { cas },
				accept: [204, 409],
				capability: `variables "${path}" destroy`
			});
		}
	};
}
// src/nomad/index.ts
/** Prepares the API of one cluster; the first call connects. `close` ends what is still under way. */
async function connect(connection, runtime) {
	const transport = await openTransport(connection, runtime);
	return {
		jobs: jobs(transport),
		evaluations: evaluations(transport),
		deployments: deployments(transport),
		allocations: allocations(transport),
		variables: variables(transport),
		close: transport.close
	};
}
// src/target.ts
/**
* Decides environment, address, job id and hostnames from the branch, as users of internetarchive/nomad know it: `main` (or the default
* branch), `staging` and `production` share one job id per cluster, every other branch is a review app of its own.
* `HOSTNAMES` of the variables are the names that the user asks for; those without a dot are made below the domain.
* Throws an `input-invalid` error when a name is empty or no DNS label.
*/
function resolveTarget(inputs, context) {
	const environment = resolveEnvironment(inputs, context);
	const domain = inputs.baseDomain === void 0 ? void 0 : domainFor(environment.value, inputs.baseDomain);
	const projectSlug = slugOfRepository(context.repository);
	const refSlug = slug(context.ref);
	const review = environment.value === "review";
	if (review && refSlug === "" && inputs.jobName === void 0) throw new ActionError("input-invalid", `the ref ${JSON.stringify(context.ref)} has no letter or digit to name a review app by`, { hint: "Rename the branch, or set `job-name`." });
	const jobId = inputs.jobName ?? slug(review ? `${projectSlug}-${refSlug}` : projectSlug);
	if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(jobId)) throw new ActionError("input-invalid", `\`job-name\`: ${JSON.stringify(jobId)} is not a name that a Nomad service can have`, { hint: "Use up to 63 letters, digits and dashes." });
	const named = parseHostnames(inputs.vars["HOSTNAMES"]);
	const asked = review ? [] : named;
	const hostnames = domain === void 0 ? asked.filter((name) => name.includes(".")) : resolveHostnames(environment.value, asked, domain, jobId, context);
	return {
		environment,
		nomadAddr: resolveAddress(inputs, domain),
		jobId,
		projectSlug,
		refSlug,
		hostnames,
		url: hostnames[0] === void 0 ? void 0 : `https://${hostnames[0]}`
	};
}
function resolveEnvironment({ environment, mainStyle, baseDomain }, { ref, defaultBranch, eventName }) {
	if (environment !== void 0) return {
		value: environment,
		source: "environment"
	};
	if (eventName.startsWith("pull_request")) return {
		value: "review",
		source: `pull request of ${ref}`
	};
	const source = mainStyle ? "CI_MAIN_STYLE" : `branch ${ref}`;
	const named = ["production", "staging"].find((name) => name === ref);
	if (named !== void 0 && !mainStyle) return {
		value: named,
		source
	};
	if (mainStyle || ref === "main" || ref === "master" || ref === defaultBranch) return baseDomain?.startsWith("prod.") ? {
		value: "production",
		source: `${source} on ${baseDomain}`
	} : {
		value: "main",
		source
	};
	return {
		value: "review",
		source
	};
}
/** `dev.example.com` is `prod.example.com` in production; of `example.com` nothing can be replaced, so it becomes `prod.example.com` too. */
function domainFor(environment, baseDomain) {
	const first = environment === "production" ? "prod" : environment === "staging" ? "staging" : void 0;
	if (first === void 0 || baseDomain.startsWith(`${first}.`)) return baseDomain;
	const labels = baseDomain.split(".");
	return [first, ...labels.length > 2 ? labels.slice(1) : labels].join(".");
}
function resolveAddress({ nomadAddr }, domain) {
	if (nomadAddr !== void 0) return {
		value: nomadAddr,
		source: "nomad-addr"
	};
	if (domain !== void 0) return {
		value: `https://${domain}`,
		source: "base-domain"
	};
}
/** Hostnames as a JSON or HCL list, or as text with a name a line or between commas. */
function parseHostnames(text) {
	if (text === void 0) return [];
	let names = text.split(/[\n,]/).map((name) => name.trim()).filter((name) => name !== "");
	if (text.trim().startsWith("[")) try {
		names = parseLiteral(text);
	} catch (error) {
		throw badHostnames(messageOf(error));
	}
	if (!Array.isArray(names)) throw badHostnames("it is not a list");
	return names.map((name) => {
		if (typeof name !== "string" || !/^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/i.test(name)) throw badHostnames(`${JSON.stringify(name)} is not a hostname`);
		return name;
	});
}
function badHostnames(problem) {
	return new ActionError("input-invalid", `variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): ${problem}`, { hint: "Write a list such as [\"www\", \"shop.example.com\"]." });
}
function resolveHostnames(environment, asked, domain, jobId, { repository }) {
	if (asked.length > 0) return asked.map((name) => name.includes(".") ? name : `${name}.${domain}`);
	if (environment === "production" || environment === "staging") return [`${repository.toLowerCase().split("/").at(-1) ?? ""}.${domain}`];
	return [`${jobId}.${domain}`];
}
/** The project's slug: `/` and `.` become dashes, what else is not `a-z0-9-` vanishes (`Acme/My_Web.Site` is `acme-myweb-site`). */
function slugOfRepository(repository) {
	return repository.toLowerCase().replace(/[/.]/g, "-").slice(0, 63).replace(/[^a-z0-9-]/g, "").replace(/^-+|-+$/g, "");
}
// src/workspace.ts
/**
* Finds the Dockerfile, the build context and the job spec. Nothing may leave the workspace, also not through a symbolic link.
* Throws `input-invalid` for a path outside of it, and for a `job` or a `context` that does not exist.
*/
async function findFiles(inputs, workspace) {
	const root = await realpath(workspace);
	const inside = async (input, path) => {
		const wanted = resolve(root, inputs.workingDirectory, path);
		const real = await realpath(wanted).catch(() => void 0);
		if (!isInside(root, wanted) || !isInside(root, real ?? await nearestReal(wanted))) throw new ActionError("input-invalid", `\`${input}\`: ${path} is outside the workspace`, { hint: "Paths are relative to the working directory and stay in the checkout." });
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
	await must("working-directory", ".");
	const contextFolder = await must("context", inputs.context);
	const dockerfile = await inside("file", inputs.file ?? `${inputs.context}/Dockerfile`);
	const own = await inside("job", "project.nomad");
	const spec = inputs.job === void 0 ? own.exists ? own.path : void 0 : await must("job", inputs.job);
	const fragments = {};
	for (const kind of spec === void 0 || spec === own.path ? [
		"vars",
		"job",
		"group"
	] : []) {
		const found = await inside("job", `${kind}.nomad`);
		if (found.exists) fragments[kind] = found.path;
	}
	return {
		fragments,
		contextFolder,
		dockerfile: dockerfile.path,
		dockerfileExists: dockerfile.exists,
		spec
	};
}
async function nearestReal(path) {
	const folder = dirname(path);
	return await realpath(folder).catch(() => void 0) ?? nearestReal(folder);
}
function isInside(root, path) {
	return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
// src/run.ts
/**
* A run from inputs to report: reads the inputs, takes the target and the image, and hands over to the command. Gives true when the step is to
* pass. Never throws for a failure that users can have: it is in the log, the outputs, the annotation and the summary.
*/
async function run(env, event, runtime) {
	let result = {};
	let summary = true;
	const current = {
		runtime,
		note: (part) => {
			result = {
				...result,
				...part
			};
			for (const [name, value] of Object.entries(outputsOf(part))) runtime.setOutput(name, runtime.redact(value));
		},
		stage: async (name, title, work) => {
			const startedAt = runtime.clock.now();
			try {
				return await runtime.log.group(title, work);
			} finally {
				result = {
					...result,
					timings: {
						...result.timings,
						[name]: (result.timings?.[name] ?? 0) + runtime.clock.now() - startedAt
					}
				};
			}
		}
	};
	try {
		for (const value of secretValues(env)) runtime.mask(value);
		const inputs = await readInputs(env);
		for (const value of secretValues({}, inputs)) runtime.mask(value);
		summary = inputs.summary;
		current.note(await pipeline(inputs, readContext(env, event), current));
	} catch (thrown) {
		current.note(await failure(thrown, runtime));
	}
	if (summary) await runtime.writeSummary(runtime.redact(renderSummary(result)));
	if (result.outcome !== void 0 && result.outcome !== "skipped") current.note({ result: await runtime.publish("result.json", result) });
	runtime.log.info(headline(result));
	return isGood(result.outcome);
}
async function failure(thrown, runtime) {
	const error = runtime.signal.aborted && !(thrown instanceof ActionError) ? new ActionError("cancelled", "the workflow was cancelled") : toActionError(thrown);
	runtime.log.error(sentence(error), error.code, error.location);
	if (error.code === "unexpected" && error.cause instanceof Error) runtime.log.debug(error.cause.stack ?? "");
	return {
		outcome: error.code === "cancelled" ? "cancelled" : "failed",
		failureReason: error.code,
		cause: error.message,
		...error.hint === void 0 ? {} : { hint: error.hint }
	};
}
async function pipeline(inputs, context, current) {
	const { runtime, note, stage } = current;
	const { log } = runtime;
	const target = resolveTarget(inputs, context);
	note(describeTarget(target, inputs));
	const token = inputs.nomadToken[target.environment.value];
	log.info(`Environment ${target.environment.value} (${target.environment.source}), job ${target.jobId}${target.url === void 0 ? "" : `, ${target.url}`}`);
	if (inputs.noDeploy) {
		log.notice("NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.");
		return { outcome: "skipped" };
	}
	if (context.fromFork && token === void 0) {
		log.notice("This pull request comes from a fork, which gets no secrets and so no token: nothing was built, written or registered.");
		return { outcome: "skipped" };
	}
	const address = inputs.command === "build" ? "" : requireAddress(target, token?.source, runtime);
	const files = await findFiles(inputs, runtime.workspace);
	const imagePlan = planImage(inputs, files, files.spec === void 0, target, context, runtime.workspace);
	if (inputs.command === "build") {
		await buildImage(imagePlan, inputs, current);
		return { outcome: "built" };
	}
	const nomad = await connect({
		address,
		token: token?.value,
		region: inputs.nomadRegion
	}, runtime);
	try {
		const spec = await readSpecFile(files.spec, files.fragments, runtime.workspace);
		if (imagePlan.kind === "existing") note({ image: imagePlan.reference });
		const rendering = {
			spec,
			target,
			context,
			image: imagePlan.kind === "none" ? "" : imagePlan.kind === "existing" ? imagePlan.reference : imagePlan.tags[0] ?? imagePlan.name,
			secretsTemplate: ""
		};
		const draft = await stage("check", `Check ${spec.name} with the cluster's parser`, async () => {
			const jobspec = await renderJobspec(inputs, rendering, nomad);
			await validateJob(jobspec.job, jobspec.namespace, place(spec), nomad);
			if (inputs.command === "deploy") await planJob(jobspec.job, jobspec.namespace, nomad);
			return jobspec;
		});
		note({
			jobId: draft.job.ID,
			namespace: draft.namespace,
			nomadUrl: nomadUrl(address, draft)
		});
		if (inputs.command !== "deploy") return await preview({
			inputs,
			context,
			rendering,
			draft,
			nomad
		}, current);
		const image = await buildImage(imagePlan, inputs, current);
		return await deploy({
			inputs,
			context,
			rendering: {
				...rendering,
				image
			},
			draft,
			nomad
		}, current);
	} finally {
		await nomad.close();
	}
}
/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
function requireAddress({ nomadAddr }, tokenSource, { log }) {
	if (nomadAddr === void 0) throw new ActionError("input-invalid", "no address of Nomad is given", { hint: "Set `nomad-addr` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or `base-domain`." });
	log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${tokenSource === void 0 ? "no token" : `token of ${tokenSource}`}`);
	return nomadAddr.value;
}
function describeTarget(target, inputs) {
	return {
		environment: target.environment.value,
		...target.nomadAddr === void 0 ? {} : { nomadAddr: target.nomadAddr.value },
		jobId: target.jobId,
		...inputs.nomadRegion === void 0 ? {} : { region: inputs.nomadRegion },
		...target.url === void 0 ? {} : {
			url: target.url,
			urls: target.hostnames.map((host) => `https://${host}`)
		}
	};
}
function nomadUrl(address, { job, namespace }) {
	return `${address}/ui/jobs/${encodeURIComponent(job.ID)}@${encodeURIComponent(namespace)}`;
}
async function buildImage(plan, inputs, { runtime, note, stage }) {
	if (plan.kind === "none") return "";
	const image = await stage("image", plan.kind === "build" ? `Build ${plan.tags.join(", ")}` : `Look up ${plan.reference}`, async () => resolveImage(plan, inputs, runtime));
	note({
		image: image.reference,
		images: { [plan.kind === "build" ? plan.name : plan.reference]: image.reference }
	});
	runtime.log.info(`Image ${image.reference}`);
	return image.reference;
}
// src/index.ts
const cancelled = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`the workflow was cancelled (${name})`)));
const { runtime, cleanUp } = await actionsRuntime(process.env, cancelled.signal);
try {
	const path = process.env["GITHUB_EVENT_PATH"];
	const event = path === void 0 || path === "" ? {} : JSON.parse(await readFile(path, "utf8"));
	if (!await run(process.env, event, runtime)) process.exitCode = 1;
} catch (error) {
	runtime.log.error(messageOf(error), "unexpected");
	process.exitCode = 1;
} finally {
	await cleanUp();
}
export {};
