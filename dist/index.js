import { r as __toESM } from "./rolldown-runtime.js";
import { a as messageOf, i as ActionError, o as sentence, r as secret, s as toActionError, t as actionsRuntime } from "./actions.js";
import { glob, readFile, readdir, realpath, writeFile } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join, relative, resolve, sep } from "node:path";
// src/shorthand.ts
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
* A constraint: `meta.kind = tcp-vm`, `${attr.cpu.arch} != arm64`, `attr.nomad.version semver >= 1.8.0`, `meta.gpu is_set`, `distinct_hosts`,
* `distinct_property meta.rack 2`. The attribute may stand without its `${}`, the value within double quotes.
*/
function parseConstraint(text) {
	const bad = (problem, example = "meta.kind = tcp-vm") => /* @__PURE__ */ new Error(`${JSON.stringify(text)} ${problem}; write a constraint such as ${example}`);
	const attributeOf = (name) => {
		const bare = name.replace(/^\$\{\s*|\s*\}$/g, "");
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
/** A volume of the container, as `docker run --volume` takes it: `<host path>:<container path>[:<options>]`. Gives it back. */
function checkVolume(text) {
	if (/^[^:\s][^:]*:[/$][^:]*(:[a-zA-Z,]+)?$/.test(text)) return text;
	throw new Error(`${JSON.stringify(text)} is no volume; write <host path>:<container path>, such as /srv/shop:/data or /srv/shop:/data:ro`);
}
/** A host or CSI volume of Nomad: `<name>:<container path>[:ro]`; a CSI volume for several nodes at a time is `:multi-node` or `:ro,multi-node`. */
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
		throw new Error(`${JSON.stringify(text)} is no ${kind} volume; write <name>:<container path>, such as ${example}`);
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
// src/slug.ts
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
			...describe$1(blockBody(tokens, i + 3), source),
			...placeIn(source, token.at)
		});
	}
	return found;
}
function placeIn(source, at) {
	const before = source.slice(0, at).split("\n");
	return {
		line: before.length,
		column: (before.at(-1) ?? "").length + 1
	};
}
function describe$1(body, source) {
	const begins = (i) => body[i]?.depth === 0 && (body[i + 1]?.text === "=" || body[i + 1]?.text === "{");
	/** The tokens of an attribute's value: up to the next attribute or block. */
	const attribute = (name) => {
		const at = body.findIndex((token, i) => token.text === name && begins(i));
		const next = body.findIndex((_, i) => i > at + 2 && begins(i));
		return at < 0 ? [] : body.slice(at + 2, next < 0 ? void 0 : next);
	};
	const type = attribute("type")[0]?.text;
	const [first, last] = [attribute("default")[0], attribute("default").at(-1)];
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
		type: (type === void 0 ? written === void 0 || written.startsWith("\"") || written.startsWith("<<") : type === "string") ? "string" : "expression",
		...rest
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
/**
* Reads a variable file: `name = <literal>` lines, see https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables. Gives `problem` and its
* place instead when something in it is no literal.
*/
function parseAssignments(source) {
	const assignments = [];
	let at = skipBlank(source, 0);
	while (at < source.length) {
		const place = placeIn(source, at);
		try {
			const name = match(NAME, source, at);
			const equals = skipBlank(source, at + (name ?? "").length);
			if (name === void 0 || source[equals] !== "=") throw new Error(`expected \`name = value\` at ${JSON.stringify(source.slice(at, at + 12))}`);
			const [value, end] = readValue$1(source, skipBlank(source, equals + 1));
			if (end < source.length && !/^[ \t]*(\r?\n|$|#|\/\/|\/\*)/.test(source.slice(end))) throw new Error(`unexpected ${JSON.stringify(source.slice(end, end + 12).trim())} after the value; a variable file holds literals`);
			assignments.push({
				name,
				value,
				...place
			});
			at = skipBlank(source, end);
		} catch (error) {
			return {
				problem: error instanceof Error ? error.message : String(error),
				...place
			};
		}
	}
	return { assignments };
}
function readValue$1(source, at) {
	const number = match(NUMBER, source, at);
	if (number !== void 0) return [Number(number), at + number.length];
	if (source[at] === "\"") return readString(source, at);
	if (source.startsWith("<<", at)) return readHeredoc(source, at);
	if (source[at] === "[") return readList(source, at + 1);
	if (source[at] === "{") return readMap$1(source, at + 1);
	const word = match(NAME, source, at);
	if (word === "true" || word === "false") return [word === "true", at + word.length];
	if (word === "null") return [null, at + word.length];
	throw new Error(at >= source.length ? "the value ends too early" : `expected a value at ${JSON.stringify(source.slice(at, at + 12))}; text needs double quotes`);
}
const INTERPOLATION = /(^|[^$%])[$%]\{/;
const unescapeTemplate = (text) => text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
function readString(source, at) {
	const text = quotedText(source, at);
	if (INTERPOLATION.test(text)) throw new Error("interpolation is not possible in a value");
	try {
		return [String(JSON.parse(unescapeTemplate(text))), at + text.length];
	} catch {
		throw new Error(`the text ${text.slice(0, 20)} is not closed, or has an escape that HCL does not know`);
	}
}
function readHeredoc(source, at) {
	const whole = match(HEREDOC, source, at);
	if (whole === void 0) throw new Error("the heredoc is not closed");
	const lines = whole.split("\n").slice(1, -1);
	const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
	const indent = whole.startsWith("<<-") ? Math.min(...indents) : 0;
	const text = lines.map((line) => `${line.slice(indent)}\n`).join("");
	if (INTERPOLATION.test(text)) throw new Error("interpolation is not possible in a value");
	return [unescapeTemplate(text), at + whole.length];
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
		range: { min: 1 },
		meaning: "Memory in MB that is reserved."
	},
	{
		name: "MEMORY_FACTOR",
		type: "number",
		default: 10,
		range: {
			min: 1,
			fractions: true
		},
		meaning: "The task may use this many times `MEMORY`, as long as there is room: [memory](templates.md#memory)."
	},
	{
		name: "CPU",
		type: "number",
		default: 100,
		range: { min: 1 },
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
		type: "duration",
		default: "2s",
		meaning: "How long a check may take."
	},
	{
		name: "HEALTH_TIMEOUT",
		type: "duration",
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
		name: "PORT_CHECKS",
		type: "map(string)",
		default: {},
		meaning: "Checks of extra ports, name = check: `/path` (HTTP), `tcp`, `grpc` or `none`. One that fails restarts its task, as that of the main port does. Without: TCP, without restarts."
	},
	{
		name: "PORT_CANARY_TAGS",
		type: "bool",
		default: false,
		meaning: "Extra ports of canaries have addresses of their own (`canary-…`), instead of those of the version that is in use."
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
		name: "PERSISTENT_VOLUME_PER_ENVIRONMENT",
		type: "bool",
		default: false,
		meaning: "That folder is `/pv/<owner>-<repository>.<environment>`, and `….review/<job>` for a review app. Otherwise all environments share one."
	},
	{
		name: "HOST_VOLUMES",
		type: "list(string)",
		default: [],
		meaning: "Nomad's host volumes, `<name>:<container path>[:ro]`."
	},
	{
		name: "CSI_VOLUMES",
		type: "list(string)",
		default: [],
		meaning: "CSI volumes, `<name>:<container path>[:ro]`, for one node at a time; with `:multi-node` or `:ro,multi-node` for several."
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
		name: "REGION",
		type: "string",
		default: "",
		meaning: "Region of the job, and the one that is asked unless `nomad-region` is given; blank: the agent's own."
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
		name: "CONSTRAINTS",
		type: "list(string)",
		default: [],
		meaning: "What a node must be like, such as `meta.kind = tcp-vm` or `distinct_hosts`: [constraints](templates.md#constraints)."
	},
	{
		name: "PRIORITY",
		type: "number",
		default: 50,
		range: {
			min: 1,
			max: 100
		},
		meaning: "Priority of the job, 1 to 100."
	},
	{
		name: "MIN_HEALTHY_TIME",
		type: "duration",
		default: "30s",
		meaning: "How long an allocation must be healthy to count as such."
	},
	{
		name: "HEALTHY_DEADLINE",
		type: "duration",
		default: "10m",
		meaning: "How long an allocation may take to become healthy."
	},
	{
		name: "PROGRESS_DEADLINE",
		type: "duration",
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
		type: "duration",
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
	return [...VARIABLES.map(({ name, type, default: initial }) => block(name, type === "duration" ? "string" : type, initial)), ...[
		"SLUG",
		"SECRETS_TEMPLATE",
		...CI_VARIABLES
	].map((name) => block(name, "string", ""))].join("");
}
/** How a mistake in the value of a variable is told. */
function problemWith(name, what) {
	return `variable ${name} (NOMAD_VAR_${name}): ${what}`;
}
/** What the table says against values, by name of the variable; those that are not given are right. */
function valueProblems(values) {
	const found = VARIABLES.flatMap((variable) => {
		const value = values[variable.name];
		const what = value === void 0 ? void 0 : objection(variable, value);
		return what === void 0 ? [] : [[variable.name, problemWith(variable.name, `${JSON.stringify(value)} ${what}`)]];
	});
	return new Map(found);
}
/** A duration as Nomad reads it, which is as Go does. */
const DURATION = /^(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;
function objection({ type, oneOf, range: { min, max, fractions } = { min: 0 } }, value) {
	if (oneOf !== void 0) return typeof value === "string" && oneOf.includes(value) ? void 0 : `is not one of ${oneOf.join(", ")}`;
	switch (type) {
		case "number":
			if (typeof value === "number" && (fractions === true || Number.isInteger(value)) && value >= min && value <= (max ?? 1e400)) return void 0;
			return `is not a${fractions === true ? "" : " whole"} number ${max === void 0 ? `of at least ${min}` : `from ${min} to ${max}`}`;
		case "duration": return typeof value === "string" && DURATION.test(value) ? void 0 : "is not a duration, such as 30s or 1m30s";
		case "list(string)": return Array.isArray(value) && value.every(isScalar) ? void 0 : "is not a list of texts, such as [\"a\", \"b\"]";
		case "map(string)": return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar) ? void 0 : "is not a map of texts, such as { a = \"b\" }";
		case "string":
		case "bool": return;
	}
}
/** What the cluster makes a text of. */
function isScalar(value) {
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
/** Lists of texts may also be given one item a line: they become JSON here. */
function linesAsLists(given) {
	const lists = VARIABLES.filter(({ type }) => type === "list(string)").map(({ name }) => name);
	return Object.fromEntries(Object.entries(given).map(([name, text]) => {
		if (!lists.includes(name) || /^\s*\[/.test(text)) return [name, text];
		const items = text.split("\n").map((line) => line.trim());
		return [name, JSON.stringify(items.filter((line) => line !== ""))];
	}));
}
// src/service.ts
/**
* Everything that is wrong with the values of the built-in template, all at once, each with the name of its variable. `region` is the one that the
* run asks, if it was given: the job is registered there, whatever it says itself.
*/
function serviceProblems(values, region) {
	const own = textOf$1(values["REGION"]);
	const elsewhere = own !== "" && region !== void 0 && region !== own;
	return [...readValues(values).problems, ...elsewhere ? [problemWith("REGION", `${JSON.stringify(own)} is not the region ${JSON.stringify(region)} of \`nomad-region\` (NOMAD_REGION); give only one`)] : []];
}
/** The data of the built-in template: what its blocks are made of, decided here so that the template only spells it. */
function serviceData(given, { target, image, secretsTemplate, oversubscription }) {
	const values = withDefaults(given);
	const { ports, constraints, volumes, named } = readValues(given);
	const [mainHost = ""] = target.hostnames;
	const several = values["MULTI_CONTAINER"] === true;
	const portChecks = mapOf(values["PORT_CHECKS"]);
	const extra = ports.filter(({ name }) => name !== "http");
	return {
		declarations: declarations(),
		job: target.jobId,
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
		auth: registryAuth(values),
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
/** Things that are possible and rarely meant, of the values and of the job that came out, with what the repository's files set in it. */
function serviceWarnings(given, { environment, projectSlug }, { Update, TaskGroups }) {
	const values = withDefaults(given);
	const group = TaskGroups?.find(({ Name }) => Name === "group");
	const count = group?.Count ?? 1;
	const canaries = group?.Update?.Canary ?? Update?.Canary ?? 0;
	const persistent = textOf$1(values["PERSISTENT_VOLUME"]);
	const shared = persistent !== "" && values["PERSISTENT_VOLUME_PER_ENVIRONMENT"] !== true;
	const written = [...persistent === "" || /:(.*,)?ro\b/.test(persistent) ? [] : ["PERSISTENT_VOLUME"], ...readValues(given).named.flatMap(({ kind, readOnly, accessMode }) => readOnly || accessMode === "multi-node-multi-writer" ? [] : [kind === "host" ? "HOST_VOLUMES" : "CSI_VOLUMES"])];
	return [
		...count === 0 ? ["NOMAD_VAR_COUNT is 0: the job is registered, but nothing runs"] : [],
		...count > 0 && canaries > count ? ["NOMAD_VAR_COUNT_CANARIES is more than NOMAD_VAR_COUNT"] : [],
		...shared && environment.value === "review" ? [`This review app uses /pv/${projectSlug}, which is also the folder of all other environments on this cluster; NOMAD_VAR_PERSISTENT_VOLUME_PER_ENVIRONMENT: true gives each its own`] : [],
		...written.length > 0 && count + canaries > 1 ? [`${count + canaries} allocations may write to one volume at a time (${[...new Set(written)].map((name) => `NOMAD_VAR_${name}`).join(", ")}): ${count}${canaries > 0 ? `, and ${canaries} more during a deployment` : ""}. If the application cannot bear that, set NOMAD_VAR_COUNT to 1 and NOMAD_VAR_COUNT_CANARIES to 0`] : []
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
			problems.push(problemWith(name, messageOf(error)));
			return [];
		}
	});
	const ports = readPorts(values["PORTS"]);
	problems.push(...portProblems(ports), ...checkProblems(values, ports));
	const persistent = textOf$1(values["PERSISTENT_VOLUME"]);
	if (!/^(\/[^:]*(:[a-zA-Z,]+)?)?$/.test(persistent)) problems.push(problemWith("PERSISTENT_VOLUME", `${JSON.stringify(persistent)} is no path in the container, such as /data`));
	const constraints = readList("CONSTRAINTS", parseConstraint);
	const volumes = readList("VOLUMES", checkVolume);
	const named = [...readList("HOST_VOLUMES", (text) => parseNamedVolume(text, "host")), ...readList("CSI_VOLUMES", (text) => parseNamedVolume(text, "csi"))];
	const names = named.map(({ name }) => name);
	const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
	for (const name of twice) problems.push(problemWith("HOST_VOLUMES", `the volume ${JSON.stringify(name)} is there twice, with NOMAD_VAR_CSI_VOLUMES; each can be mounted once`));
	return {
		ports,
		constraints,
		volumes,
		named,
		problems
	};
}
/** In the order of the numbers as text, which is how the cluster's services have always been ordered. */
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
		...ports.flatMap(({ name, to }) => [.../^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name) ? [] : [`${JSON.stringify(name)} is no name for a port; use letters, digits and dashes`], ...to === -1 || Number.isInteger(to) && to > 0 && to < 65536 ? [] : [`the number of ${JSON.stringify(name)} is none of a port`]])
	].map((what) => problemWith("PORTS", what));
}
function checkProblems(values, ports) {
	const names = ports.map(({ name }) => name).filter((name) => name !== "http");
	const native = values["SERVICE_PROVIDER"] === "nomad";
	const noGrpc = "\"grpc\" is not possible with NOMAD_VAR_SERVICE_PROVIDER \"nomad\", which checks http and tcp";
	const ofPort = (name, check) => {
		if (name === "http") return ["the port \"http\" is checked as NOMAD_VAR_CHECK_PROTOCOL and NOMAD_VAR_CHECK_PATH say"];
		if (!names.includes(name)) return [`no port is named ${JSON.stringify(name)}; NOMAD_VAR_PORTS has ${names.join(", ") || "no others than http"}`];
		if (!/^(\/.*|tcp|grpc|none)$/.test(check)) return [`${JSON.stringify(check)} is no check; write tcp, grpc, none, or a path such as /healthz`];
		return check === "grpc" && native ? [noGrpc] : [];
	};
	return [...values["CHECK_PROTOCOL"] === "grpc" && native ? [problemWith("CHECK_PROTOCOL", noGrpc)] : [], ...Object.entries(mapOf(values["PORT_CHECKS"])).flatMap(([name, check]) => ofPort(name, check).map((what) => problemWith("PORT_CHECKS", what)))];
}
/** The check of an extra port: by default one that users know, TCP and without consequences; else one that restarts. */
function portCheck(asked) {
	if (asked === void 0) return void 0;
	const http = asked.startsWith("/");
	return {
		none: asked === "none",
		type: http ? "http" : asked,
		path: http ? asked : ""
	};
}
/** A folder of the node that outlives the job's allocations. */
function persistentVolume(values, { environment, projectSlug, jobId }) {
	const path = textOf$1(values["PERSISTENT_VOLUME"]);
	if (path === "") return [];
	const own = environment.value === "review" ? `.review/${jobId}` : `.${environment.value}`;
	return [`/pv/${projectSlug}${values["PERSISTENT_VOLUME_PER_ENVIRONMENT"] === true ? own : ""}:${path}`];
}
/** A value in a template that makes environment variables. What is not plain is quoted, as a text of consul-template's that it quotes again. */
function environmentValue(value) {
	return /^[\w.:/@+-]*$/.test(value) ? value : `{{ ${JSON.stringify(value)} | toJSON }}`;
}
/** Credentials that the node pulls with, if the user gave any; `0` is how a CI system says none. */
function registryAuth(values) {
	const text = (name) => values[name] === "0" ? "" : uninterpolated(textOf$1(values[name]));
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
/** A text of a driver's `config`, which the client reads as an HCL template once more: a password may have `${` in it. */
function uninterpolated(text) {
	return text.replace(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`);
}
/** What the cluster makes of a value where it wants a text; nothing of a list or a map. */
function textOf$1(value) {
	return value === void 0 || typeof value === "object" ? "" : String(value);
}
function mapOf(value) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf$1(item)]));
}
// src/template.ts
/**
* Renders a Handlebars template. A name that the data does not have is an error with file and line, also as the argument of a helper; only a name
* below one of `optional` may be missing, so that `{{#if vars.X}}` can ask for it. Nothing is HTML-escaped. Helpers: `hcl` (a value as an HCL literal),
* `json`, `slug`, `indent` (spaces before every line but the first), `eq`, and the block `raw` for what is to stay as it is.
* `partials` are templates by name, for `{{> name}}`.
*/
async function renderTemplate(source, data, file, { optional = [], partials = {} } = {}) {
	const { default: handlebars } = await import("./handlebars.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const engine = handlebars.create();
	registerHelpers(engine);
	for (const [name, text] of Object.entries(partials)) engine.registerPartial(name, text);
	let tree;
	try {
		const parsed = engine.parse(source);
		tree = parsed;
		markLines(parsed);
		return unmarked(engine.compile(parsed, {
			strict: true,
			noEscape: true
		})(guarded(data, optional)));
	} catch (error) {
		const message = messageOf(error).split("\n")[0]?.replace(/ in \[object Object\]/, "") ?? "";
		const location = placeOf$1(error, message, tree, file);
		throw new ActionError("jobspec-invalid", `${[file, location.line].filter((part) => part !== void 0).join(":")}: ${message}`, {
			location,
			hint: "Names in a template must be given; see docs/templates.md.",
			cause: error
		});
	}
}
/** An error without a place has none in the tree; the file is added where it is caught. */
function undefinedName(message, line) {
	return new ActionError("jobspec-invalid", message, line === void 0 ? {} : { location: {
		file: "",
		line
	} });
}
function registerHelpers(engine) {
	const given = (work) => (value, { name, loc }) => {
		if (value === void 0) throw undefinedName(`the value for ${name} is not defined`, loc?.start.line);
		return work(value);
	};
	engine.registerHelper("hcl", given(hclLiteral));
	engine.registerHelper("json", given(JSON.stringify));
	engine.registerHelper("slug", given((value) => slug(value)));
	engine.registerHelper("indent", (spaces, text) => text.replace(/\n(?=.)/g, `\n${" ".repeat(spaces)}`));
	engine.registerHelper("eq", (a, b) => a === b);
	engine.registerHelper("raw", ({ fn }) => fn({}));
}
/** The data, refusing names that it does not have: Handlebars itself does so only outside of helpers. */
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
function* nodes(value) {
	if (Array.isArray(value)) for (const item of value) yield* nodes(item);
	else if (isNode(value)) {
		if (typeof value["type"] === "string") yield value;
		for (const child of Object.values(value)) yield* nodes(child);
	}
}
const lineOf$1 = ({ loc }) => isNode(loc) && isNode(loc["start"]) ? Number(loc["start"]["line"]) : 1;
/** Puts the number of its line before each line of the template's own text. NUL can't stand in a job spec. */
function markLines(tree) {
	for (const node of nodes(tree)) {
		const { type, value, original } = node;
		if (type !== "ContentStatement" || typeof value !== "string" || typeof original !== "string" || value === "") continue;
		const first = lineOf$1(node) + linesIn(original.slice(0, original.indexOf(value)));
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
function placeOf$1(error, message, tree, file) {
	const told = error instanceof ActionError ? error.location?.line : /(?:line |- )(\d+)(?::\d+)?/.exec(message)?.[1];
	const name = /^"(.+)" not defined/.exec(message)?.[1];
	const named = [...nodes(tree)].find(({ type, parts }) => type === "PathExpression" && Array.isArray(parts) && parts.includes(name));
	const line = told === void 0 ? named && lineOf$1(named) : Number(told);
	return {
		file,
		...line === void 0 ? {} : { line }
	};
}
// src/builtin.ts
/** The name by which users know the template. */
const BUILT_IN = "built-in template";
/** Beside both src/ and dist/. */
const TEMPLATES = new URL("../templates/", import.meta.url);
/** The HCL of the built-in template: that of a service, or with `IS_BATCH` that of a batch job. The same values give the same text. */
async function renderBuiltIn(values, options) {
	const { source, partials } = await readTemplate(values["IS_BATCH"] === true ? "batch" : "service");
	const { text } = await renderTemplate(source, serviceData(values, options), BUILT_IN, { partials });
	return text.replace(/^ +$/gm, "");
}
/** A template and all partials, by name. */
async function readTemplate(kind) {
	const read = async (file) => readFile(new URL(file, TEMPLATES), "utf8");
	const names = (await readdir(new URL("partials/", TEMPLATES))).map((file) => file.replace(/\.hbs$/, ""));
	const [source, ...texts] = await Promise.all([read(`${kind}.nomad.hcl.hbs`), ...names.map(async (name) => read(`partials/${name}.hbs`))]);
	return {
		source,
		partials: Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ""]))
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
					line: from.lines?.[line - first] ?? from.line + line - first
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
/**
* A file with the fragments inserted below the lines that hold their markers, and the fragments for which it has none. `lines` are the lines that a
* rendered text came from; empty for a text as it was written.
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
/** What the parser gives zeros for where nobody wrote anything; in everything else such a field is null, and a zero is one that somebody wrote. */
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
/** Two minutes by default: long enough for a cluster that scales up, short enough for somebody who waits. */
const PLACEMENT_PATIENCE_MS = 12e4;
function parsePatience(name, value) {
	if (value === void 0) return PLACEMENT_PATIENCE_MS;
	if (value === "fail") return 0;
	if (value === "wait") return Number.POSITIVE_INFINITY;
	const patienceMs = parseDuration(value);
	if (patienceMs === void 0) throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither \`fail\`, \`wait\` nor a duration, such as 5m`);
	return patienceMs;
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
	const problem = value.includes("_") ? "has characters other than letters, digits and dashes" : hostProblem(value);
	if (problem !== void 0) throw new Error(`\`base-domain\`: ${JSON.stringify(value)} is not a domain, such as apps.example.com: it ${problem}`);
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
/** The registry of an image name: its first part if that has a dot or a port or is `localhost`, else Docker Hub. */
function registryOf(image) {
	if (image === void 0) return void 0;
	const first = image.includes("/") ? image.split("/")[0] ?? "" : "";
	return /[.:]/.test(first) || first === "localhost" ? first : "docker.io";
}
// src/job-object.ts
/**
* Reads the API's job object, as `nomad job inspect` and `nomad job run -output` print it, from JSON or YAML. Throws `jobspec-invalid` with file, line
* and column for what can't be read, and for an object that is no job.
*/
async function readJobObject({ name: file, format }, { text, lines }, nomad) {
	const refused = (message, line, column) => {
		const own = line === void 0 ? void 0 : lines[line - 1] ?? line;
		const location = {
			file,
			...own === void 0 ? {} : {
				line: own,
				...column === void 0 ? {} : { column }
			}
		};
		const place = [
			file,
			location.line,
			location.column
		].filter((part) => part !== void 0).join(":");
		return new ActionError("jobspec-invalid", `${place}: ${message}`, {
			location,
			hint: "It has to be a job as the API writes it, such as `nomad job run -output` prints."
		});
	};
	let json = text;
	if (format === "yaml") {
		const { parseDocument } = await import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
		const document = parseDocument(text, { prettyErrors: true });
		const [error] = document.errors;
		if (error !== void 0) throw refused(error.message.split("\n")[0] ?? error.message, error.linePos?.[0].line, error.linePos?.[0].col);
		json = JSON.stringify(document.toJS());
	}
	let job;
	try {
		job = nomad.jobs.decode(json);
	} catch (error) {
		const message = messageOf(error).replace(/ \(line \d+ column \d+\)$/, "");
		const place = / at position (\d+)/.exec(message);
		const before = json.slice(0, Number(place?.[1] ?? 0)).split("\n");
		throw refused(message.replace(/ in JSON at position \d+$/, ""), place === null ? void 0 : before.length, (before.at(-1) ?? "").length + 1);
	}
	if (typeof job !== "object" || job === null || typeof job.ID !== "string" || job.ID === "") throw refused("it is no job: it has no `ID`");
	return job;
}
// src/policy.ts
/** What the built-in template and its fragments may use unless the input `allowed-drivers` says otherwise. */
const BUILT_IN_DRIVERS = ["docker", "podman"];
/**
* Refuses a job of which some task uses a driver that is not allowed. It looks at the job as the cluster understood it, so nothing that an expression
* or another file brings escapes it. Throws one `policy-violation` with all such tasks; `files` are those that may say where.
*/
function requireDrivers(job, allowed, files) {
	const found = (job.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).filter(({ Driver }) => !allowed.includes(Driver)).map(({ Name, Driver }) => ({
		task: `${group.Name}/${Name}`,
		driver: Driver,
		at: placeOf(Name, Driver, files)
	})));
	const [first] = found;
	if (first === void 0) return;
	const lines = found.map(({ task, driver, at }) => {
		return `${at === void 0 ? "" : `${at.file}:${at.line}: `}the task ${task} has the driver ${JSON.stringify(driver)}, and allowed are ${allowed.join(", ") || "none"}`;
	});
	throw new ActionError("policy-violation", lines.join("\n"), {
		hint: `Nothing was registered. If it is meant, set \`allowed-drivers: ${[...allowed, ...new Set(found.map(({ driver }) => driver))].join(" ")}\`.`,
		...first.at === void 0 ? {} : { location: first.at }
	});
}
/** The line where a task names its driver, if it is written as tasks usually are. */
function placeOf(task, driver, files) {
	const quoted = (text) => `"${text.replace(/\W/g, "\\$&")}"`;
	const block = new RegExp(`^[ \\t]*task[ \\t]+${quoted(task)}[ \\t]*\\{`, "m");
	const attribute = new RegExp(`^[ \\t]*driver[ \\t]*=[ \\t]*${quoted(driver)}`, "m");
	for (const { name, text } of files) {
		const begin = block.exec(text);
		if (begin === null) continue;
		const from = begin.index + begin[0].length;
		const [own = ""] = text.slice(from).split(/^[ \t]*task[ \t]+"/m, 1);
		const found = attribute.exec(own);
		if (found !== null) return {
			file: name,
			line: text.slice(0, from + found.index).split("\n").length
		};
	}
}
// src/template-data.ts
/**
* What a template of the repository (`.hbs`) can use; docs/templates.md describes it. `vars` has the values of the variable files and, over them, those
* of `NOMAD_VAR_<NAME>` and the input `vars`, as text.
*/
function templateData({ vars, nomadNamespace, nomadRegion }, { spec, target, context, image, secretsTemplate, fromFiles }) {
	const [owner = "", name = ""] = context.repository.split("/");
	return {
		job: {
			id: target.jobId,
			namespace: nomadNamespace ?? "default",
			region: nomadRegion ?? "global",
			spec: spec.name
		},
		target: {
			environment: target.environment.value,
			project: target.projectSlug,
			ref: target.refSlug,
			hostnames: target.hostnames,
			hostname: target.hostnames[0] ?? "",
			url: target.url ?? ""
		},
		image,
		images: image === "" ? {} : { [nameOf(image)]: image },
		github: {
			repository: context.repository,
			owner,
			name,
			ref: context.ref,
			sha: context.sha,
			eventName: context.eventName,
			actor: context.actor,
			runId: context.runId,
			runUrl: context.runUrl,
			defaultBranch: context.defaultBranch ?? ""
		},
		vars: {
			...Object.fromEntries(Object.entries(fromFiles).map(([key, { value }]) => [key, value])),
			...vars
		},
		secretsTemplate: secretsTemplate === "" ? "# no secrets" : secretsTemplate
	};
}
/** `host:5000/shop@sha256:…` is an image of `host:5000/shop`. */
function nameOf(image) {
	const [name = ""] = image.split("@");
	const at = name.indexOf(":", name.lastIndexOf("/") + 1);
	return at < 0 ? name : name.slice(0, at);
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
function automaticValues({ registry }, { target, context, image, secretsTemplate }) {
	const [host = ""] = target.hostnames;
	return {
		image,
		CI_GITHUB_IMAGE: image,
		SLUG: target.jobId,
		HOSTNAMES: target.hostnames,
		SECRETS_TEMPLATE: secretsTemplate === "" ? "# no secrets" : secretsTemplate,
		CI_COMMIT_BRANCH: context.refType === "branch" ? context.ref : "",
		CI_COMMIT_REF_NAME: context.ref,
		CI_COMMIT_REF_SLUG: target.refSlug,
		CI_COMMIT_SHA: context.sha,
		CI_COMMIT_SHORT_SHA: context.sha.slice(0, 8),
		CI_COMMIT_TAG: context.refType === "tag" ? context.ref : "",
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
/** The values of all declared variables that have one. Throws `input-invalid` with everything that is wrong with them, or that `check` finds in them. */
function variableValues(declared, { given, givenBy, fromFiles, automatic }, locate, check) {
	const values = {};
	const sources = {};
	const problems = [];
	let location;
	for (const { name, type, hasDefault, line, column } of declared) {
		const text = ["HOSTNAMES", "SLUG"].includes(name) ? void 0 : given[name];
		const automaticValue = automatic[name];
		const at = locate(line);
		if (text !== void 0) try {
			values[name] = readValue(name, type, text);
			sources[name] = givenBy[name] ?? "";
		} catch (error) {
			problems.push(messageOf(error));
		}
		else if (fromFiles[name] !== void 0) {
			values[name] = fromFiles[name].value;
			sources[name] = fromFiles[name].source;
		} else if (automaticValue !== void 0 && automaticValue !== "") {
			values[name] = automaticValue;
			sources[name] = "automatic";
		} else if (!hasDefault && CI_VARIABLES.some((known) => known === name)) {
			values[name] = "";
			sources[name] = "automatic";
		} else if (!hasDefault) {
			location ??= at && {
				...at,
				column
			};
			problems.push(`${at?.file}:${at?.line}:${column}: variable "${name}" has no value: set NOMAD_VAR_${name} (or the input \`vars\`), or give it a default`);
		}
	}
	problems.push(...check(values));
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"), location === void 0 ? {} : { location });
	return {
		values,
		sources
	};
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
	return Object.keys(given).filter((name) => !names.includes(name) && !OF_THE_RUN.includes(name) && !name.startsWith("CI_")).filter((name) => spec.builtIn || !spec.template || !spec.text.includes(name)).map((name) => {
		const why = WITHOUT_EFFECT[name];
		if (why !== void 0) return `NOMAD_VAR_${name} has no effect: ${why}`;
		const near = nearest(name, [...names, ...OF_THE_RUN]);
		return `NOMAD_VAR_${name} is set, but the ${spec.builtIn ? spec.name : `spec ${spec.name}`} has no such variable${near === void 0 ? "" : `; did you mean NOMAD_VAR_${near}?`}`;
	});
}
/** Names of variable files that the spec does not declare, but nearly: one file may serve several specs, and hold more than each needs. */
function misspelt(declared, fromFiles) {
	const names = declared.map(({ name }) => name);
	return Object.entries(fromFiles).flatMap(([name, { source }]) => {
		const near = names.includes(name) ? void 0 : nearest(name, names);
		return near === void 0 || near in fromFiles ? [] : [`${source}: the spec has no variable "${name}"; did you mean "${near}"?`];
	});
}
/** What this run made for a spec of the repository that does not take it. */
function unused(job, { spec, image, secretsTemplate }) {
	const text = JSON.stringify(job);
	const holds = (value) => text.includes(JSON.stringify(value).slice(1, -1));
	const how = spec.template ? "write" : spec.format === "hcl" ? "declare and use" : "make it a template (.hbs) and write";
	const names = spec.template || spec.format !== "hcl" ? ["{{json image}}", "{{json secretsTemplate}}"] : ["var.image", "var.SECRETS_TEMPLATE"];
	return [...image === "" || holds(image) ? [] : [`${spec.name} does not run ${image}: ${how} ${names[0]}`], ...secretsTemplate === "" || holds(secretsTemplate) ? [] : [`no task of ${spec.name} sees the secrets: ${how} ${names[1]}`]];
}
/**
* The variables of a spec as `command: render` shows them: those that the spec declares, and of a template, which takes them without a declaration,
* everything that was given.
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
/** A literal as people would give it; any other expression as it is written. */
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
// src/jobspec.ts
/** The word in a job's label that stands for the job id; a label can't be a variable. */
const SLUG_WORD = "NOMAD_VAR_SLUG";
/**
* Renders a spec with its variables and has the cluster parse it (`/v1/jobs/parse`): the language is always the cluster's own. Only a spec that reads
* files, which the cluster refuses, is parsed by the Nomad CLI.
* Throws `input-invalid` for variables that are missing, of the wrong type or out of range, all at once, `jobspec-invalid` with file, line and column
* of the user's file for what is not understood, and `policy-violation` for drivers that are not allowed.
*/
async function renderJobspec(inputs, rendering, nomad, world) {
	const { spec } = rendering;
	const parsed = spec.format === "hcl" ? await parseHcl(inputs, rendering, nomad, world) : await parseObject(inputs, rendering, nomad);
	const job = finish(parsed.job, inputs, rendering);
	const drivers = inputs.allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : void 0);
	if (drivers !== void 0) requireDrivers(job, drivers, [spec, ...Object.values(spec.fragments)]);
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
		namespace: job.Namespace ?? "default",
		specHash: createHash("sha256").update(JSON.stringify(job)).digest("hex"),
		warnings: [...parsed.warnings, ...spec.builtIn ? [] : unused(job, rendering)]
	};
}
async function parseObject(inputs, rendering, nomad) {
	const { spec } = rendering;
	return {
		job: await readJobObject(spec, await ownText(inputs, rendering), nomad),
		source: void 0,
		variables: "",
		settings: variableSettings([], {
			values: {},
			sources: {}
		}, inputs, rendering),
		warnings: undeclared([], inputs.vars, spec)
	};
}
/** The spec's own text: rendered, if it is a template of the repository. */
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
	const { spec, target, fromFiles } = rendering;
	const fragments = Object.fromEntries(Object.entries(spec.fragments).map(([kind, file]) => [kind, {
		...file,
		text: file.text.replaceAll(SLUG_WORD, target.jobId)
	}]));
	const variablesFile = fragments.vars === void 0 ? [] : [{
		text: fragments.vars.text,
		from: {
			file: fragments.vars.name,
			line: 1
		}
	}];
	const inserted = spec.builtIn ? void 0 : insertAtMarkers({
		name: spec.name,
		...await ownText(inputs, rendering)
	}, fragments);
	const declaring = compose([...inserted === void 0 ? [{ text: declarations() }] : inserted.parts, ...inserted === void 0 || inserted.left.includes("vars") ? variablesFile : []]);
	const declared = declaredVariables(declaring.text);
	const given = spec.builtIn ? linesAsLists(inputs.vars) : inputs.vars;
	const check = (found) => spec.builtIn ? serviceProblems(found, inputs.nomadRegion) : [];
	const chosen = variableValues(declared, {
		given,
		givenBy: inputs.sources.vars,
		fromFiles,
		automatic: automaticValues(inputs, rendering)
	}, declaring.locate, check);
	const { values } = chosen;
	const variables = JSON.stringify(values);
	const parse = async (composition) => {
		const remote = await nomad.jobs.parse(composition.text, variables, inputs.nomadNamespace);
		const parsed = "problems" in remote && remote.problems.some(({ message }) => message.includes("filesystem function disabled")) ? await parseLocally(composition.text, variables, inputs, nomad, world) : remote;
		if ("problems" in parsed) throw parseError(parsed.problems, composition, spec);
		return parsed.job;
	};
	const source = inserted === void 0 ? compose([{ text: await renderBuiltIn(values, rendering) }, ...variablesFile]) : declaring;
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
	return {
		job,
		source: left.length === 0 ? source.text : void 0,
		variables,
		settings: variableSettings(declared, chosen, inputs, rendering),
		warnings: [
			...undeclared(declared, inputs.vars, spec),
			...misspelt(declared, fromFiles),
			...spec.builtIn ? serviceWarnings(values, target, job) : []
		]
	};
}
/** Parses with the Nomad CLI, which can read files: relative to the working directory, as for somebody who runs it there. */
async function parseLocally(source, variables, { workingDirectory }, nomad, world) {
	const program = await world.nomadCli();
	const variablesFile = join(await world.privateFolder(), "variables.json");
	await writeFile(variablesFile, variables, { mode: 384 });
	const cwd = resolve(world.workspace, workingDirectory);
	return nomad.jobs.parseWithCli(source, variablesFile, async (args, stdin) => world.exec([program, ...args], {
		cwd,
		stdin
	}));
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
function finish(job, { jobName, nomadNamespace, vars, promote }, { spec }) {
	const named = jobName === void 0 ? job : {
		...job,
		ID: jobName,
		Name: jobName
	};
	const placed = nomadNamespace === void 0 ? named : {
		...named,
		Namespace: nomadNamespace
	};
	const own = promote === "manual" ? withManualPromotion(placed) : placed;
	return (spec.builtIn || spec.name.endsWith("project.nomad")) && parseBoolean("NOMAD_VAR_DEPLOY_WITH_PODMAN", vars["DEPLOY_WITH_PODMAN"]) === true ? withPodman(own) : own;
}
/** The job, leaving the promotion of its canaries to somebody. */
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
function parseError(problems, composition, spec) {
	const told = problems.map(({ message, line, column }) => {
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
			].filter((part) => part !== void 0).join(":")}: ${message}`,
			location: at === void 0 && spec.builtIn ? void 0 : location
		};
	});
	const location = told.find((problem) => problem.location !== void 0)?.location;
	return new ActionError("jobspec-invalid", told.map(({ text }) => text).join("\n"), location === void 0 ? {} : { location });
}
// src/plan.ts
/**
* Has the servers validate a job, before an image is built for it, and gives their warnings. Throws `jobspec-invalid` with everything that they object
* to, at `location`: the spec, if it is a file of the user's.
*/
async function validateJob(job, namespace, location, nomad) {
	const { problems, warnings } = await nomad.jobs.validate(job, namespace);
	if (problems.length === 0) return warningLines(warnings);
	throw new ActionError("jobspec-invalid", `Nomad refuses the job ${job.ID}: ${problems.map(flatten).join("; ")}`, {
		hint: "Nothing was built or registered.",
		...location === void 0 ? {} : { location }
	});
}
/** Plans a job: what a registration would change, and the modify index that guards it. Writes nothing. */
async function planJob(job, namespace, nomad) {
	return summarizePlan(await nomad.jobs.plan(job, namespace));
}
/** What of a job can't change while it is registered, also stopped: the servers refuse it, but only at the registration. */
const FIXED = {
	Type: "its type",
	Periodic: "whether it is periodic",
	ParameterizedJob: "whether it is parameterized"
};
/** Refuses a change that a registration would not survive. Throws `jobspec-invalid`, at `location`. */
function requirePossible({ lines }, { ID }, location) {
	const fixed = Object.entries(FIXED).find(([field]) => lines.some((line) => /^[+~-] (\w+)$/.exec(line)?.[1] === field));
	if (fixed === void 0) return;
	throw new ActionError("jobspec-invalid", `the job ${ID} is registered already, and ${fixed[1]} can't change`, {
		hint: `Purge it first (nomad job stop -purge ${ID}), or give the new job another id. Nothing was built or registered.`,
		...location === void 0 ? {} : { location }
	});
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
	environment: "nomad_deploy_environment",
	/** `branch fix/7`, `tag v1`. */
	ref: "nomad_deploy_ref",
	run: "nomad_deploy_run",
	/** SHA-256 of the spec without this meta. */
	spec: "nomad_deploy_spec",
	/** The release whose items of the job's variable this version reads. */
	secrets: "nomad_deploy_secrets"
};
// src/takeover.ts
/**
* What is to be said when the registered job was deployed from elsewhere, as its meta tells; nothing about jobs that others registered, or that are
* stopped. Throws `job-taken` where replacing it can only be a mistake: a job of production by a review app, and a job of another repository by a
* run that made the job's id itself. That main branch, staging and production meet is a warning: users of the old system share one id among them.
*/
function requireOwn(live, namespace, { jobName }, { context, target }) {
	if (live === void 0 || live.Stop) return [];
	const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = live.Meta ?? {};
	const here = target.environment.value;
	const job = `the job ${live.ID} in the namespace ${namespace}`;
	const made = live.ID === target.jobId && jobName === void 0;
	if (repository !== void 0 && repository.toLowerCase() !== context.repository.toLowerCase()) {
		if (!made) return [`${job} was last deployed by the repository ${repository}: both deploy to one job, and replace each other`];
		throw new ActionError("job-taken", `${job} belongs to the repository ${repository}, and ${describe(context)} makes the same name`, { hint: `Nothing was built or registered. Rename the ${context.refType}, or set \`job-name\`; with \`job-name: ${live.ID}\` this run takes the job over.` });
	}
	if (environment !== void 0 && environment !== here) {
		const apart = "Give each environment a cluster or a namespace of its own, see docs/environments.md";
		if (environment !== "production" || here !== "review") return [`${job} was last deployed as ${environment}, and this run replaces it as ${here}. ${apart}`];
		throw new ActionError("job-taken", `${job} is deployed as production, and this run is a review app`, { hint: `Nothing was built or registered. ${apart}. To replace it all the same, set \`environment: production\`, or stop the job first.` });
	}
	if (made && here === "review" && ref !== void 0 && ref !== `${context.refType} ${context.ref}`) return [`${job} was last deployed from ${ref}: ${context.refType} ${context.ref} makes the same name, and they replace each other`];
	return [];
}
function describe({ repository, refType, ref }) {
	return `${refType} ${ref} of ${repository}`;
}
// src/placement.ts
/** Why a group does not fit, in one sentence: `fits on 0 of 4 nodes: 3 lack memory, 1 is filtered by ${meta.kind} = tcp`. */
function describePlacement(group, metric, _job) {
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
async function publishSpec(job, { runtime, number, note }) {
	note({ spec: await runtime.publish(number === 1 ? "spec.json" : `spec-${number}.json`, job) });
}
/** Shows a plan in the log; what can't be placed now is a warning. */
function showPlan(plan, { log }) {
	log.info(`Changes: ${plan.changed}`);
	for (const line of plan.lines) log.info(`  ${line}`);
	for (const [group, metric] of Object.entries(plan.placementFailures)) log.warning(`Forecast: ${describePlacement(group, metric)}`);
}
/** Shows what the user should know, each as an annotation; what is said of nearly every cluster is a line of the log. */
function warn(warnings, { log }) {
	for (const warning of warnings) if (isOversubscriptionWarning(warning)) log.info(warning);
	else log.warning(warning);
}
/** Nomad's words about a `memory_max` that it will ignore. */
function isOversubscriptionWarning(warning) {
	return warning.startsWith("Memory oversubscription is not enabled");
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
// src/commands/check.ts
/**
* Has the cluster parse, validate and (for a deploy) plan the job, before anything is built. Gives the draft, and the rendering to go on with: where
* the scheduler does not allow memory oversubscription, the built-in template does not ask for it.
*/
async function checkDraft(inputs, rendering, nomad, runtime) {
	const asked = await renderJobspec(inputs, rendering, nomad, runtime);
	const warnings = await validateJob(asked.job, asked.namespace, place(rendering.spec), nomad);
	const modest = {
		...rendering,
		oversubscription: !(rendering.spec.builtIn && warnings.some(isOversubscriptionWarning))
	};
	const draft = modest.oversubscription ? asked : await renderJobspec(inputs, modest, nomad, runtime);
	if (draft.specHash !== asked.specHash) runtime.log.notice(withoutMemoryMax(draft.job));
	if (inputs.command === "deploy") {
		requirePossible(await planJob(draft.job, draft.namespace, nomad), draft.job, place(rendering.spec));
		warn(requireOwn(await nomad.jobs.read(draft.job.ID, draft.namespace), draft.namespace, inputs, rendering), runtime);
	}
	return {
		draft,
		rendering: modest
	};
}
function withoutMemoryMax({ TaskGroups }) {
	const limit = TaskGroups?.flatMap(({ Tasks }) => Tasks ?? []).find(({ Name }) => Name === "http")?.Config?.["memory_hard_limit"];
	return `The scheduler of this cluster does not allow memory oversubscription, so the job has no memory_max. ${typeof limit === "number" ? `Docker still lets the container use up to ${limit} MB (memory_hard_limit), but Nomad does not count with it.` : "The container gets what NOMAD_VAR_MEMORY says, and no more."}`;
}
// src/register.ts
/**
* The job with the meta by which a version tells where it comes from. When `live` is given, its meta is kept, so that an equal spec is an equal job
* and nothing restarts.
*/
function withMeta(jobspec, secrets, { context, target }, live) {
	const fresh = {
		[META.repository]: context.repository,
		[META.sha]: context.sha,
		[META.environment]: target.environment.value,
		[META.ref]: `${context.refType} ${context.ref}`,
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
// src/settings.ts
const HIDDEN = "***";
/** Names of variables whose values are nobody's business, also when they were not given as secrets. */
const SECRET_NAME = /PASSWORD|PASSWD|TOKEN|SECRET(?!S_TEMPLATE)|CREDENTIAL|(API|PRIVATE|ACCESS)_?KEY/i;
/** Longer values would tear the list apart. */
const MAX_WIDTH = 60;
const MAX_LENGTH = 200;
/**
* Every value that decides about a job, with its source: the inputs as they were resolved, the hostnames, the secrets by their names, and the variables
* of the spec. What nobody gave and what has no default is left out. Nothing secret is in it.
*/
function settings(inputs, { target, spec }, { job, namespace, settings: variables }) {
	const { sources } = inputs;
	const token = inputs.nomadToken[target.environment.value];
	const regionOf = spec.builtIn ? variables.find(({ name }) => name === "REGION") : void 0;
	const values = {
		command: inputs.command,
		"working-directory": inputs.workingDirectory,
		"nomad-addr": target.nomadAddr,
		"nomad-token": token && {
			value: HIDDEN,
			source: token.source
		},
		"nomad-namespace": inputs.nomadNamespace ?? (job.Namespace ? {
			value: namespace,
			source: spec.name
		} : {
			value: namespace,
			source: "default"
		}),
		"nomad-region": inputs.nomadRegion ?? (job.Region ? {
			value: job.Region,
			source: regionOf?.source ?? spec.name
		} : "the agent's own"),
		environment: target.environment,
		"base-domain": inputs.baseDomain,
		"job-name": {
			value: job.ID,
			source: job.ID === target.jobId ? target.sources.jobId : spec.name
		},
		vars: void 0,
		build: inputs.build,
		image: inputs.image,
		context: inputs.context,
		file: inputs.file,
		target: inputs.target,
		"build-args": inputs.buildArgs,
		push: inputs.push,
		registry: inputs.registry,
		"registry-username": inputs.registryUsername,
		"registry-password": inputs.registryPassword && HIDDEN,
		job: spec.name,
		"var-files": inputs.varFiles,
		"allowed-drivers": inputs.allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : void 0),
		secrets: void 0,
		wait: inputs.wait,
		timeout: inputs.timeoutMs === void 0 ? void 0 : formatDuration(inputs.timeoutMs),
		"fail-fast": inputs.failFast ? "certain" : "off",
		promote: inputs.promote,
		"on-failure": inputs.onFailure,
		"on-cancel": inputs.onCancel,
		"on-placement-failure": patience(inputs.placementPatienceMs),
		"log-lines": String(inputs.logLines),
		summary: inputs.summary,
		"github-token": void 0
	};
	const given = new Map(Object.entries(sources.inputs));
	const setting = (name, value, source = given.get(name) ?? "default") => {
		if (value === void 0 || typeof value === "object" && "length" in value && value.length === 0) return [];
		if (typeof value === "object" && "source" in value) return setting(name, value.value, value.source);
		const by = source === name ? "input" : source in values ? `input ${source}` : source;
		return [{
			name,
			value: typeof value === "string" ? value : typeof value === "object" ? value.join(", ") : String(value),
			source: by
		}];
	};
	return [
		...Object.entries(values).flatMap(([name, value]) => setting(name, value)),
		...setting("hostnames", target.hostnames, target.sources.hostnames),
		...Object.keys(inputs.secrets).flatMap((name) => setting(`secret.${name}`, HIDDEN, sources.secrets[name])),
		...variables.flatMap(({ name, value, source }) => setting(`var.${name}`, SECRET_NAME.test(name) && source !== "default" ? HIDDEN : value, source))
	];
}
function patience(ms) {
	return ms === 0 ? "fail" : ms === Number.POSITIVE_INFINITY ? "wait" : formatDuration(ms);
}
/** The list as lines of the log, in columns. */
function settingLines(list) {
	const shown = list.map(({ name, value, source }) => {
		const line = value === "" || /[\r\n\t]/.test(value) ? JSON.stringify(value) : value;
		return {
			name,
			value: line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line,
			source
		};
	});
	const width = (texts) => Math.min(MAX_WIDTH, Math.max(0, ...texts.map((text) => text.length)));
	const [names, values] = [width(shown.map(({ name }) => name)), width(shown.map(({ value }) => value))];
	return shown.map(({ name, value, source }) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`);
}
// src/cause.ts
/** How Nomad's task events tell of a failure; texts seen on Nomad 1.11. The last event that a rule knows is the cause. */
const RULES = {
	"Driver Failure": ({ Details, DisplayMessage }) => driverFailure(Details?.["driver_error"] ?? DisplayMessage),
	"Failed Validation": ({ Details, DisplayMessage }) => ({
		text: `its driver config was refused: ${oneLine(Details?.["validation_error"] ?? DisplayMessage)}`,
		certain: true
	}),
	"Failed Artifact Download": ({ Details, DisplayMessage }) => {
		const error = oneLine(Details?.["download_error"] ?? DisplayMessage);
		return {
			text: `an artifact could not be downloaded: ${error}`,
			certain: /checksums did not match/i.test(error)
		};
	},
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
// src/evidence.ts
/** A task's last output reaches its log a moment after Nomad knows of its end, and nothing announces it. */
const LOG_ATTEMPTS = 4;
const LOG_RETRY_MS = 250;
/**
* Reads what shows why an allocation is not well: its events, the results of its checks, the last `logLines` lines of its tasks' logs. What the
* cluster can no longer tell (the client is gone, the allocation was collected) is left out, so the earlier it is called the better.
*/
async function collectEvidence(allocation, { namespace, logLines }, nomad, { clock, signal }) {
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
// src/rollout.ts
function begin(startedAtMs) {
	return {
		snapshot: {
			evaluation: void 0,
			deployment: void 0,
			allocations: []
		},
		startedAtMs,
		runningSinceMs: void 0,
		forced: void 0,
		promoted: false
	};
}
/** The state after something new was seen. */
function advance(state, change, rules, nowMs) {
	const snapshot = {
		...state.snapshot,
		...change
	};
	const running = allRunning(snapshot.allocations, rules.count);
	return {
		...state,
		snapshot,
		runningSinceMs: running ? state.runningSinceMs ?? nowMs : void 0
	};
}
/** Decides what is to be done in a state; undefined while the rollout is under way. The whole table of Nomad's statuses; unknown ones are under way. */
function decide(state, rules, nowMs) {
	const { snapshot, startedAtMs, forced } = state;
	const verdict = judge(state, rules, nowMs);
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
	if (rules.failFast && snapshot.allocations.some((allocation) => taskCauses(allocation).some(({ certain }) => certain))) return {
		do: "fail",
		reason: "task-failed",
		description: "this cannot heal"
	};
	const unplaced = unplacedGroups(snapshot);
	if (unplaced.length > 0 && nowMs - startedAtMs >= rules.patienceMs) return {
		do: "fail",
		reason: "placement-failed",
		description: `not placed within ${formatDuration(rules.patienceMs)}: ${unplaced.join("; ")}`
	};
	if (rules.promote === "spec" || state.promoted || !wantsPromotion(snapshot.deployment)) return void 0;
	return rules.promote === "manual" ? {
		do: "end",
		verdict: {
			outcome: "awaiting-promotion",
			description: "the canaries are healthy and wait for promotion"
		}
	} : { do: "promote" };
}
function judge({ snapshot, runningSinceMs }, rules, nowMs) {
	const { evaluation, deployment, allocations, job } = snapshot;
	if (evaluation?.Status === "failed" && !evaluation.NextEval) return {
		outcome: "failed",
		reason: "evaluation-failed",
		description: evaluation.StatusDescription || "the evaluation failed"
	};
	if (deployment !== void 0) return judgeDeployment(deployment, allocations);
	if (job === null) return {
		outcome: "cancelled",
		description: "the job was purged while it was deployed"
	};
	if (job?.Stop === true) return {
		outcome: "cancelled",
		description: "the job was stopped while it was deployed"
	};
	if (job !== void 0 && job.Version > rules.version) return {
		outcome: "superseded",
		description: "a newer version of the job was registered"
	};
	if (evaluation?.Status !== "complete" && evaluation?.Status !== "canceled") return void 0;
	if (Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0 && allocations.length < rules.count) return void 0;
	if (rules.kind === "batch") return judgeBatch(allocations, rules.count);
	return judgeAllocations(allocations, runningSinceMs !== void 0 && nowMs - runningSinceMs >= rules.minHealthyMs);
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
function judgeBatch(allocations, count) {
	const last = lastAttempts(allocations);
	if (last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !/^(complete|failed|lost)$/.test(ClientStatus))) return void 0;
	if (last.length < count) return void 0;
	const failed = last.filter(({ ClientStatus }) => ClientStatus !== "complete");
	if (failed.length === 0) return { outcome: "successful" };
	return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations failed`
	};
}
/** A service or system job that Nomad makes no deployment for: all of it runs, and has done so for its time. */
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
function allRunning(allocations, count) {
	const last = lastAttempts(allocations).filter(({ DesiredStatus }) => DesiredStatus === "run");
	return last.length >= count && last.every(({ ClientStatus }) => ClientStatus === "running");
}
/** Groups of which nothing at all could be placed, in words. */
function unplacedGroups({ evaluation, deployment, allocations }) {
	return Object.entries(evaluation?.FailedTGAllocs ?? {}).flatMap(([group, metric]) => {
		return (deployment?.TaskGroups?.[group]?.PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length) === 0 ? [describePlacement(group, metric)] : [];
	});
}
/** Whether all canaries are healthy, and Nomad leaves their promotion to somebody. Its description says so from the start: only the counters tell. */
function wantsPromotion(deployment) {
	const groups = Object.values(deployment?.TaskGroups ?? {}).filter(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
	return deployment?.Status === "running" && groups.some(({ AutoPromote }) => !AutoPromote) && groups.every(({ HealthyAllocs, DesiredCanaries }) => HealthyAllocs >= DesiredCanaries);
}
/** Nomad's own default of `min_healthy_time`. */
const MIN_HEALTHY_MS = 1e4;
/** What a job makes of the rules. */
function rulesOf({ Type, Update, TaskGroups }) {
	const kind = Type === "batch" || Type === "sysbatch" ? "batch" : Type === "system" ? "system" : "service";
	const groups = TaskGroups ?? [];
	const times = groups.filter(({ Count }) => Count !== 0).map((group) => updateOf(Update, group.Update).MinHealthyTime ?? MIN_HEALTHY_MS * 1e6);
	return {
		kind,
		count: Type === "system" || Type === "sysbatch" ? 1 : groups.reduce((sum, { Count }) => sum + (Count ?? 1), 0),
		minHealthyMs: Math.max(0, ...times) / 1e6
	};
}
/** A group's update block over the job's: Nomad's parser writes null for what a block does not say. */
function updateOf(job, group) {
	const said = Object.entries(group ?? {}).filter(([, value]) => value !== null);
	return {
		...job,
		...Object.fromEntries(said)
	};
}
/** The first eight characters, as Nomad's own tools show ids. */
function shortId(id) {
	return id.slice(0, 8);
}
// src/diagnose.ts
/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/**
* Finds the cause of a failed verdict in the allocations that were seen, by the evidence that was collected before and what the cluster can still tell.
*/
async function diagnose(verdict, snapshot, { job, namespace, logLines, collected }, nomad, runtime) {
	const suspects = suspectAllocations(snapshot).slice(0, MAX_ALLOCATIONS);
	const evidence = await Promise.all(suspects.map(async (allocation) => collected.find(({ allocationId }) => allocationId === allocation.ID) ?? collectEvidence(allocation, {
		namespace,
		logLines
	}, nomad, runtime)));
	return {
		cause: causeOf(verdict, snapshot, suspects, evidence, job),
		evidence
	};
}
/** Allocations that are not well, the newest first; a healthy one has nothing to tell. */
function suspectAllocations({ allocations }) {
	return allocations.filter(({ ClientStatus, DeploymentStatus }) => ClientStatus === "failed" || ClientStatus === "lost" || DeploymentStatus?.Healthy !== true).sort((a, b) => Number(taskCauses(b).length > 0) - Number(taskCauses(a).length > 0) || b.CreateIndex - a.CreateIndex);
}
function causeOf(verdict, { evaluation }, suspects, evidence, job) {
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
	if (unplaced !== void 0 && suspects.length === 0) return describePlacement(...unplaced, job);
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
	if (result.jobs !== void 0) return renderJobs(result, result.jobs);
	return [...renderHead(result), ...renderBody(result)].join("\n");
}
/** Several jobs: a table, then a fold for each. */
function renderJobs(result, jobs) {
	const { jobId: _first, ...run } = result;
	return [
		...renderHead(run),
		...table([
			"Job",
			"Outcome",
			"Version",
			"Change"
		], jobs.map((job) => [
			job.nomadUrl === void 0 ? text(job.jobId ?? "") : `[${text(job.jobId ?? "")}](${job.nomadUrl})`,
			`${icon(job.outcome)} ${job.outcome ?? "failed"}`,
			versions(job) ?? "",
			job.changed ?? ""
		])),
		...jobs.flatMap((job) => [
			`<details${isGood(job.outcome) ? "" : " open"}><summary>${html(job.jobId ?? "")}: ${job.outcome ?? "failed"}</summary>`,
			"",
			...explanation(job),
			...renderBody(job),
			"</details>",
			""
		])
	].join("\n");
}
const icon = (outcome) => ICONS[outcome ?? "failed"] ?? "✅";
function versions({ jobVersion, previousVersion }) {
	if (jobVersion === void 0) return void 0;
	return previousVersion === void 0 ? `${jobVersion} (the first)` : `${previousVersion} → ${jobVersion}`;
}
function explanation({ cause, hint }) {
	return [...cause === void 0 ? [] : [`**${text(cause)}**`, ""], ...hint === void 0 ? [] : [text(hint), ""]];
}
function renderHead(result) {
	const outcome = result.outcome ?? "failed";
	return [
		`### ${icon(outcome)} ${text(result.jobId ?? "nomad-deploy")}: ${outcome}${result.environment === void 0 ? "" : ` in ${text(result.environment)}`}`,
		"",
		...explanation(result)
	];
}
function renderBody(result) {
	return [
		...table(["", ""], [
			["URL", result.url === void 0 ? void 0 : `<${result.url}>`],
			["Image", code(result.image === "" ? void 0 : result.image)],
			["Version", versions(result)],
			["Running now", result.running === void 0 ? void 0 : text(result.running)],
			["Change", result.changed],
			["Namespace", code(result.namespace)],
			["Nomad", result.nomadUrl === void 0 ? code(result.nomadAddr) : `[open in the UI](${result.nomadUrl})`],
			["Deployment", code(result.deploymentId)],
			["Time", timings(result.timings)]
		].filter((fact) => fact[1] !== void 0)),
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
	];
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
// src/progress.ts
/** What is different in `next`, one line a change, in words. */
function describeChanges(previous, next) {
	const lines = [];
	const description = next.deployment?.StatusDescription;
	if (description !== void 0 && description !== previous.deployment?.StatusDescription) lines.push(`deployment ${shortId(next.deployment?.ID ?? "")}: ${description}`);
	for (const allocation of [...next.allocations].sort((a, b) => a.CreateIndex - b.CreateIndex)) {
		const before = previous.allocations.find(({ ID }) => ID === allocation.ID);
		lines.push(...allocationChanges(before, allocation));
	}
	if (next.deployment && wantsPromotion(next.deployment) && !wantsPromotion(previous.deployment)) {
		const { ID, Namespace } = next.deployment;
		const namespace = Namespace ? `-namespace=${Namespace} ` : "";
		lines.push(`the canaries are healthy and wait for their promotion: nomad deployment promote ${namespace}${shortId(ID)}`);
	}
	const known = new Set(previous.allocations.flatMap(causeLines));
	return [...lines, ...new Set(next.allocations.flatMap(causeLines).filter((line) => !known.has(line)))];
}
/** What makes an allocation fail, told as soon as there is a proof of it: the verdict may come minutes later. */
function causeLines(allocation) {
	return taskCauses(allocation).map(({ task, text, certain }) => `cause so far: ${allocation.TaskGroup}/${task}: ${text}${certain ? " (this cannot heal)" : ""}`);
}
function allocationChanges(before, allocation) {
	const name = `allocation ${shortId(allocation.ID)} (${slot(allocation)})`;
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
/** `web[1]` of `shop.web[1]`. */
const slot = ({ Name }) => Name.replace(/^.*\./, "");
/** Allocations that a line about the progress names. */
const MAX_NAMED = 3;
/**
* Where a rollout stands and what it waits for, in one line: `web: 1 of 3 healthy, 2 placed; web[1] app: Driver (Downloading image) for 40 s`.
*/
function describeProgress({ deployment, allocations, evaluation }, nowMs) {
	const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => {
		const wanted = group.DesiredCanaries > 0 && !group.Promoted ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
		const manual = group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries;
		return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ", waiting for promotion" : ""}`;
	});
	const waiting = allocations.filter(({ DesiredStatus, DeploymentStatus, ClientStatus }) => DesiredStatus === "run" && DeploymentStatus?.Healthy !== true && (deployment !== void 0 || ClientStatus !== "running"));
	const named = waiting.slice(0, MAX_NAMED).map((allocation) => describeWait(allocation, nowMs));
	const more = waiting.length > MAX_NAMED ? [`and ${waiting.length - MAX_NAMED} more`] : [];
	if (groups.length > 0) return [
		...groups,
		...named,
		...more
	].join("; ");
	if (evaluation?.Status !== "complete") return `evaluation ${evaluation?.Status ?? "pending"}`;
	return [
		`${allocations.filter(({ ClientStatus }) => ClientStatus === "running").length} of ${allocations.length} allocations running`,
		...named,
		...more
	].join("; ");
}
/** What an allocation does since when: the last event of its tasks. */
function describeWait(allocation, nowMs) {
	const last = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { Events }]) => (Events ?? []).map((event) => [task, event])).sort(([, a], [, b]) => a.Time - b.Time).at(-1);
	if (last === void 0) return `${slot(allocation)} is ${allocation.ClientStatus}`;
	const [task, { Type, DisplayMessage, Time }] = last;
	const what = Type === "Started" ? "started, not healthy yet" : `${Type} (${oneLine(DisplayMessage).slice(0, 120)})`;
	return `${slot(allocation)} ${task}: ${what} for ${formatDuration(Math.max(0, nowMs - Time / 1e6))}`;
}
// src/watch.ts
const HEARTBEAT_MS = 15e3;
const TICK_MS = 1e3;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 500;
/** Node's timers hold 31 bits, about 24 days; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_PROGRESS_DEADLINE_MS = 6e5;
/** How long the allocations of a job without a deployment may take to run, or of a batch job to end. */
const DEFAULT_PATIENCE_MS = 12e4;
/**
* Follows what this run registered (and nothing else) to its end: evaluation, then deployment and allocations, by blocking queries; what is seen goes
* through the table of `rollout.ts`, which says what to do. Ends with a verdict also when the time is up or the workflow is cancelled; then the
* rollout is left as it is.
* Throws an `ActionError` when Nomad can't be asked any more.
*/
async function watchJob(job, registration, options, nomad, runtime) {
	const { log, clock } = runtime;
	const { namespace, version } = registration;
	const timeoutMs = Math.min(options.timeoutMs, MAX_TIMER_MS);
	const ended = new AbortController();
	const signal = AbortSignal.any([
		runtime.signal,
		ended.signal,
		AbortSignal.timeout(timeoutMs)
	]);
	const rules = {
		...rulesOf(job),
		...options,
		version
	};
	const giveUpAt = new Date(clock.now() + timeoutMs).toISOString().slice(11, 19);
	let state = begin(clock.now());
	let verdict;
	let quietSinceMs = state.startedAtMs;
	let acting;
	let refused;
	const say = (line) => {
		quietSinceMs = clock.now();
		log.info(`[${formatDuration(clock.now() - state.startedAtMs)}] ${line}`);
	};
	const fail = async (reason, description) => {
		const { deployment } = state.snapshot;
		state = {
			...state,
			forced: {
				reason,
				description
			}
		};
		say(`${description}; ${deployment === void 0 ? "nothing is waited for" : "the deployment is failed at once"}`);
		if (deployment === void 0) return;
		try {
			await nomad.deployments.fail(deployment.ID, namespace);
		} catch (error) {
			log.warning(`The deployment could not be failed early, so Nomad's own deadline decides: ${toActionError(error).message}`);
		}
	};
	const promote = async () => {
		const { deployment, allocations } = state.snapshot;
		if (deployment === void 0) return;
		state = {
			...state,
			promoted: true
		};
		const canaries = allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true);
		const problem = await options.verify?.(canaries);
		if (problem !== void 0) return fail("verification-failed", problem);
		say(`promoting the ${canaries.length} healthy canaries`);
		await nomad.deployments.promote(deployment.ID, namespace);
	};
	const step = () => {
		if (verdict !== void 0 || acting !== void 0) return;
		const next = decide(state, rules, clock.now());
		if (next === void 0) return;
		if (next.do === "end") {
			verdict = next.verdict;
			ended.abort();
			return;
		}
		acting = (next.do === "fail" ? fail(next.reason, next.description) : promote()).catch((error) => {
			refused = toActionError(error);
			ended.abort();
		}).finally(() => {
			acting = void 0;
			step();
		});
	};
	const update = (change) => {
		const previous = state.snapshot;
		state = advance(state, change, rules, clock.now());
		for (const line of describeChanges(previous, state.snapshot)) say(line);
		step();
	};
	const tick = async () => {
		for (;;) {
			await clock.sleep(TICK_MS, signal);
			step();
			if (clock.now() - quietSinceMs >= HEARTBEAT_MS) say(`${describeProgress(state.snapshot, clock.now())}; gives up at ${giveUpAt} UTC`);
		}
	};
	say(`waiting up to ${formatDuration(timeoutMs)} for a verdict`);
	const followed = {
		signal,
		clock
	};
	const ours = (all) => all.filter(({ JobVersion }) => JobVersion === version);
	const withoutDeployment = async () => {
		await Promise.all([follow(async (index) => nomad.jobs.allocations(registration.jobId, namespace, index, signal), (all) => update({ allocations: ours(all) }), {
			...followed,
			settleMs: SETTLE_MS
		}), follow(async (index) => nomad.jobs.watch(registration.jobId, namespace, index, signal), (registered) => update({ job: registered ?? null }), {
			...followed,
			settleMs: 0
		})]);
	};
	const withDeployment = async (id) => {
		const collected = new AbortController();
		const both = {
			clock,
			signal: AbortSignal.any([signal, collected.signal])
		};
		await Promise.all([follow(async (index) => nomad.deployments.read(id, namespace, index, both.signal), (deployment) => {
			if (deployment?.JobVersion === version) update({ deployment });
			else collected.abort();
		}, {
			...both,
			settleMs: 0
		}), follow(async (index) => nomad.deployments.allocations(id, namespace, index, both.signal), (allocations) => update({ allocations }), {
			...both,
			settleMs: SETTLE_MS
		})]).catch((error) => {
			if (!collected.signal.aborted) throw error;
		});
		if (!collected.signal.aborted) return;
		update({
			deployment: void 0,
			deploymentId: void 0
		});
		const other = (await nomad.jobs.deployments(registration.jobId, namespace)).find(({ JobVersion, ID }) => JobVersion === version && ID !== id);
		if (other === void 0) return withoutDeployment();
		options.onDeployment(other.ID);
		update({ deploymentId: other.ID });
		return withDeployment(other.ID);
	};
	try {
		await Promise.all([tick(), (async () => {
			const { deploymentId } = registration;
			const id = deploymentId ?? await followEvaluation(registration, nomad, signal, update);
			if (deploymentId !== void 0) update({
				evaluation: await unplacedEvaluation(registration.jobId, deploymentId, namespace, nomad),
				deploymentId
			});
			for (const line of unplacedGroups(state.snapshot)) say(`${line}; waiting for capacity`);
			if (id === void 0) return withoutDeployment();
			options.onDeployment(id);
			return withDeployment(id);
		})()]);
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		ended.abort();
	}
	await acting;
	if (refused !== void 0) throw refused;
	if (verdict !== void 0 && state.snapshot.deployment !== void 0) {
		const { value } = await nomad.deployments.allocations(state.snapshot.deployment.ID, namespace, 0, runtime.signal);
		update({ allocations: value });
		const last = decide(state, rules, clock.now());
		if (last?.do === "end") verdict = last.verdict;
	}
	return {
		verdict: verdict ?? unfinished(runtime, timeoutMs, state.snapshot),
		snapshot: state.snapshot
	};
}
function unfinished({ signal, clock }, timeoutMs, snapshot) {
	const progress = describeProgress(snapshot, clock.now());
	return signal.aborted ? {
		outcome: "cancelled",
		description: `the workflow was cancelled while the rollout went on (${progress})`
	} : {
		outcome: "timed-out",
		description: `no verdict within ${formatDuration(timeoutMs)} (${progress}); the rollout goes on`
	};
}
/** Follows the registration's evaluation, and those that go on with its work, until it is processed; gives the deployment that it made, if any. */
async function followEvaluation({ evaluationId, jobId, namespace, version }, nomad, signal, update) {
	let id = evaluationId;
	for (let index = 0;;) {
		const { value: evaluation, index: next } = await nomad.evaluations.read(id, namespace, index, signal);
		index = next;
		if (evaluation.Status === "pending") continue;
		if (evaluation.Status === "failed" && evaluation.NextEval) {
			id = evaluation.NextEval;
			index = 0;
			continue;
		}
		const deploymentId = evaluation.DeploymentID || (await nomad.jobs.deployments(jobId, namespace)).find(({ JobVersion }) => JobVersion === version)?.ID;
		update({
			evaluation,
			deploymentId
		});
		return deploymentId;
	}
}
/** The evaluation of a deployment that is attached to: why some of it could not be placed. */
async function unplacedEvaluation(jobId, deploymentId, namespace, nomad) {
	return (await nomad.jobs.evaluations(jobId, namespace)).find(({ DeploymentID, FailedTGAllocs, Status }) => DeploymentID === deploymentId && FailedTGAllocs && Status === "complete");
}
/** Repeats a blocking query and hands over every new answer, until the signal aborts. */
async function follow(read, onValue, { signal, clock, settleMs }) {
	for (let index = 0; !signal.aborted;) {
		const answer = await read(index);
		if (answer.index !== index) onValue(answer.value);
		index = answer.index < index ? 0 : Math.max(answer.index, 1);
		if (settleMs > 0) await clock.sleep(settleMs, signal);
	}
}
/**
* Follows the deployment by which Nomad goes back to an older version, for at most `limitMs`: the report says what runs in the end. Undefined when the
* old version needs no deployment, or none appears.
*/
async function watchRollback({ jobId, namespace, version }, limitMs, nomad, { clock, log, signal: cancelled }) {
	const ended = new AbortController();
	const signal = AbortSignal.any([
		cancelled,
		ended.signal,
		AbortSignal.timeout(limitMs)
	]);
	let rollback;
	const isOver = ({ Status }) => /^(successful|failed|cancelled)$/.test(Status);
	try {
		await follow(async (index) => nomad.jobs.watchDeployment(jobId, namespace, index, signal), (deployment) => {
			if (deployment === void 0 || deployment.JobVersion <= version) return;
			if (deployment.StatusDescription !== rollback?.StatusDescription) log.info(`Version ${deployment.JobVersion}: ${deployment.StatusDescription}`);
			rollback = deployment;
			if (isOver(deployment)) ended.abort();
		}, {
			signal,
			clock,
			settleMs: 0
		});
	} catch (error) {
		if (!signal.aborted) throw error;
	}
	return rollback;
}
/**
* The longest a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a time)
* of the slowest group, and the time to wait for capacity.
*/
function timeoutFor({ Update, TaskGroups }, patienceMs) {
	const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
		const update = updateOf(Update, own);
		const steps = ((update.Canary ?? 0) > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
		return (update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS) * Math.max(steps, 1);
	});
	return (Number.isFinite(patienceMs) ? patienceMs : DEFAULT_PATIENCE_MS) + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
// src/commands/follow.ts
/** How long the deployment by which a version goes back may be followed. */
const ROLLBACK_MS = 3e5;
/** Watches a registered version to its verdict; explains it when it is not good, and tells what runs then. */
async function followRegistration(deploying, job, registration, current) {
	const { inputs, nomad, nomadUrl } = deploying;
	const { runtime, note, stage } = current;
	const options = {
		timeoutMs: inputs.timeoutMs ?? timeoutFor(job, inputs.placementPatienceMs),
		failFast: inputs.failFast,
		patienceMs: inputs.placementPatienceMs,
		promote: inputs.promote ?? "spec",
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
	if (verdict.outcome === "successful") return { outcome: "successful" };
	if (verdict.outcome === "awaiting-promotion") {
		const hint = `${verdict.description}: nomad deployment promote ${snapshot.deployment?.ID ?? ""}`;
		runtime.log.notice(`${job.ID}: ${hint}`);
		return {
			outcome: "awaiting-promotion",
			hint
		};
	}
	const told = await explain(await completed(verdict, snapshot, registration, deploying, runtime), snapshot, deploying, current);
	if (verdict.outcome !== "failed") return verdict.outcome === "superseded" ? told : {
		...told,
		hint: [told.hint, `See ${nomadUrl}`].filter(Boolean).join(" ")
	};
	return {
		...told,
		...await afterFailure(verdict, registration, deploying, current)
	};
}
/** A verdict with what only the cluster knows: by whom a version was replaced, and what a cancelled workflow did to its deployment. */
async function completed(verdict, { deployment }, registration, { inputs, nomad }, { signal }) {
	const { jobId, namespace, version } = registration;
	if (verdict.outcome === "superseded") {
		const next = (await nomad.jobs.versions(jobId, namespace)).filter(({ Version }) => Version > version).sort((a, b) => a.Version - b.Version)[0];
		const run = next?.Meta?.[META.run];
		return next === void 0 ? verdict : {
			...verdict,
			description: `version ${version} was replaced by version ${next.Version}${run === void 0 ? "" : ` of ${run}`} before it was healthy`
		};
	}
	if (signal.aborted && inputs.onCancel === "fail" && deployment !== void 0) {
		await nomad.deployments.fail(deployment.ID, namespace);
		return {
			...verdict,
			description: `${verdict.description.replace(" while the rollout went on", "")}, and its deployment was failed`
		};
	}
	return verdict;
}
/** After a failure: goes back where the user wants it and the spec does not, and follows the way back to its end, bounded. */
async function afterFailure({ reason, rolledBackTo }, registration, { inputs, nomad }, { runtime, stage }) {
	const { jobId, namespace, version } = registration;
	let target = rolledBackTo;
	if (target === void 0 && inputs.onFailure === "revert" && !runtime.signal.aborted) {
		target = (await nomad.jobs.versions(jobId, namespace)).filter(({ Version, Stable }) => Version < version && Stable === true).sort((a, b) => b.Version - a.Version)[0]?.Version;
		if (target === void 0) runtime.log.warning("There is no older version that was healthy: nothing to go back to.");
		else await nomad.jobs.revert(jobId, target, version, namespace);
	}
	if (target === void 0 || runtime.signal.aborted) return {};
	const goal = target;
	const rollback = await stage("rollback", `Watch the way back to version ${goal}`, async () => watchRollback(registration, ROLLBACK_MS, nomad, runtime));
	const state = rollback?.Status === "successful" ? "rolled-back" : rollback?.Status === "failed" ? "rollback-failed" : "rolling-back";
	const running = rollback === void 0 ? `version ${goal}, as far as is known` : `version ${rollback.JobVersion}, a copy of version ${goal}: ${rollback.StatusDescription}`;
	runtime.log.info(`Now: ${running}`);
	return {
		failureReason: `${reason}-${state}`,
		running
	};
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
		}, snapshot, {
			job: draft.job,
			namespace: draft.namespace,
			logLines: inputs.logLines,
			collected: []
		}, nomad, runtime);
		for (const line of evidenceLines(found)) runtime.log.info(line);
		return found;
	});
	const { outcome } = verdict;
	const wentBack = outcome === "failed" && verdict.rolledBackTo !== void 0 ? `Nomad goes back to version ${verdict.rolledBackTo}.` : "";
	const hint = [cause.endsWith(description) ? "" : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`, wentBack].filter((part) => part !== "").join(" ");
	runtime.log.error([cause, hint].filter((part) => part !== "").join(". "), `${draft.job.ID}: ${outcome}`, place(rendering.spec));
	return {
		outcome,
		failureReason: outcome === "failed" ? verdict.reason : outcome,
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
	const { inputs, rendering, draft, nomad } = deploying;
	const { runtime, note, stage } = current;
	const live = await readLive(draft, nomad);
	const secrets = await secretChange(deploying, live);
	const template = secretsTemplate(secrets, Object.keys(inputs.secrets));
	const jobspec = await renderJobspec(inputs, {
		...rendering,
		secretsTemplate: template
	}, nomad, runtime);
	const job = withMeta(jobspec, secrets, rendering, repeatable(live));
	await publishSpec(job, current);
	note({ settings: settings(inputs, rendering, jobspec) });
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
async function preview({ inputs, rendering, draft: jobspec, nomad }, current) {
	const { runtime, note } = current;
	await publishSpec(jobspec.job, current);
	const resolved = settings(inputs, rendering, jobspec);
	note({ settings: resolved });
	warn(jobspec.warnings, runtime);
	if (inputs.command === "render") {
		await runtime.log.group("Resolved values", async () => runtime.log.info(settingLines(resolved).join("\n")));
		await runtime.log.group("The rendered job", async () => runtime.log.info(JSON.stringify(jobspec.job, null, 2)));
		return {
			outcome: "rendered",
			warnings: jobspec.warnings
		};
	}
	const plan = await planJob(withMeta(jobspec, void 0, rendering, (await readLive(jobspec, nomad)).job), jobspec.namespace, nomad);
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
	const eventName = env["GITHUB_EVENT_NAME"] || "";
	const head = env["GITHUB_HEAD_REF"] || (eventName.startsWith("pull_request") ? textAt(event, "pull_request", "head", "ref") : void 0);
	const ref = head ?? need("GITHUB_REF_NAME");
	const tagged = env["GITHUB_REF_TYPE"] === "tag" || env["GITHUB_REF"]?.startsWith("refs/tags/") === true;
	return {
		repository,
		ref,
		refType: head === void 0 && tagged ? "tag" : "branch",
		sha: env["GITHUB_SHA"] || "",
		defaultBranch: textAt(event, "repository", "default_branch") ?? (eventName === "schedule" ? ref : void 0),
		fromFork: isPullRequest(event) && textAt(event, "pull_request", "head", "repo", "full_name") !== repository,
		eventName,
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
const promotions = ["auto", "manual"];
const failureActions = [
	"spec",
	"revert",
	"leave"
];
const cancelActions = ["leave", "fail"];
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
	"var-files",
	"allowed-drivers",
	"secrets",
	"wait",
	"timeout",
	"fail-fast",
	"promote",
	"on-failure",
	"on-cancel",
	"on-placement-failure",
	"log-lines",
	"summary",
	"github-token"
];
/** The defaults of action.yml: the runner passes them on like inputs that were given. */
const DEFAULTS = {
	command: "deploy",
	"working-directory": ".",
	build: "auto",
	context: ".",
	push: "true",
	wait: "true",
	"fail-fast": "certain",
	"on-failure": "spec",
	"on-cancel": "leave",
	"on-placement-failure": "2m",
	"log-lines": "50",
	summary: "true"
};
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
	const sources = {};
	const raw = (name) => {
		const value = env[`INPUT_${name.toUpperCase()}`];
		const given = nonBlank(value);
		sources[name] = given === void 0 || given === DEFAULTS[name] ? "default" : name;
		return given === void 0 ? void 0 : value;
	};
	/** The input, else the first of the others that has a value, each with the name of its source. */
	const first = (name, ...others) => {
		const own = nonBlank(raw(name));
		const [source, value] = (own === void 0 ? others.find((other) => nonBlank(other[1]) !== void 0) : void 0) ?? [];
		if (source !== void 0) sources[name] = source;
		return own ?? nonBlank(value);
	};
	const text = (name, ...variables) => first(name, ...variables.map((variable) => [variable, env[variable]]));
	const choice = (name, known) => {
		const value = text(name);
		return value === void 0 ? void 0 : attempt(() => oneOf(name, value, known), void 0);
	};
	const flag = (name, otherwise) => attempt(() => parseBoolean(name, text(name)) ?? otherwise, otherwise);
	const lines = (name) => (raw(name) ?? "").split("\n").map((line) => line.trim()).filter((line) => line !== "");
	const hidden = (value) => value === void 0 ? void 0 : secret(value);
	for (const name of unknownInputs(env)) {
		const near = nearest(name, inputNames);
		problems.push(`unknown input \`${name}\`${near === void 0 ? "; the inputs are listed in the README" : `: did you mean \`${near}\`?`}`);
	}
	const vars = merge([ciVariables(env), (name) => name], [prefixed(env, "NOMAD_VAR_"), (name) => `NOMAD_VAR_${name}`], [await readMap("vars", raw("vars"), problems), () => "vars"]);
	const secrets = merge([await readMap("NOMAD_SECRETS", env["NOMAD_SECRETS"], problems), () => "NOMAD_SECRETS"], [prefixed(env, "NOMAD_SECRET_"), (name) => `NOMAD_SECRET_${name}`], [await readMap("secrets", raw("secrets"), problems), () => "secrets"]);
	for (const name of Object.keys(secrets.values)) if (!VARIABLE_NAME.test(name)) problems.push(`secret \`${name}\`: the name of an environment variable has letters, digits and underscores only, as in \`DB_PASSWORD\``);
	const buildMode = text("build");
	const image = text("image");
	const registry = first("registry", ["image", registryOf(image)]) ?? "ghcr.io";
	const githubToken = registry === "ghcr.io" ? text("github-token", "GITHUB_TOKEN") : void 0;
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
		nomadNamespace: first("nomad-namespace", [vars.sources["NAMESPACE"], vars.values["NAMESPACE"]], ["NOMAD_NAMESPACE", env["NOMAD_NAMESPACE"]]),
		nomadRegion: text("nomad-region", "NOMAD_REGION"),
		environment: choice("environment", environments),
		mainStyle: attempt(() => parseBoolean("CI_MAIN_STYLE", nonBlank(env["CI_MAIN_STYLE"])) ?? false, false),
		baseDomain: attempt(() => parseDomain(text("base-domain", "BASE_DOMAIN")), void 0),
		jobName: text("job-name"),
		vars: vars.values,
		noDeploy: attempt(() => parseBoolean("NOMAD_VAR_NO_DEPLOY", nonBlank(vars.values["NO_DEPLOY"])) ?? false, false),
		build: buildMode === void 0 || buildMode === "auto" ? "auto" : flag("build", true),
		image,
		context: text("context") ?? ".",
		file: text("file"),
		target: text("target"),
		buildArgs: (raw("build-args") ?? "").split(/\r?\n/).filter((line) => line.trim() !== ""),
		push: flag("push", true),
		registry,
		registryUsername: text("registry-username", "GITHUB_ACTOR"),
		registryPassword: hidden(first("registry-password", [sources["github-token"], githubToken])),
		jobs: lines("job"),
		varFiles: lines("var-files"),
		allowedDrivers: text("allowed-drivers")?.split(/[\s,]+/).filter((driver) => driver !== ""),
		secrets: Object.fromEntries(Object.entries(secrets.values).map(([name, value]) => [name, secret(value)])),
		wait: flag("wait", true),
		timeoutMs: attempt(() => parseTimeout(text("timeout")), void 0),
		failFast: (choice("fail-fast", ["certain", "off"]) ?? "certain") === "certain",
		promote: choice("promote", promotions),
		onFailure: choice("on-failure", failureActions) ?? "spec",
		onCancel: choice("on-cancel", cancelActions) ?? "leave",
		placementPatienceMs: attempt(() => parsePatience("on-placement-failure", text("on-placement-failure")), 0),
		logLines: attempt(() => parseCount("log-lines", text("log-lines")) ?? 50, 50),
		summary: flag("summary", true),
		sources: {
			inputs: sources,
			vars: vars.sources,
			secrets: secrets.sources
		}
	};
	if (problems.length > 0) {
		const text = problems.length === 1 ? problems[0] : `${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join("\n")}`;
		throw new ActionError("input-invalid", `${text}`);
	}
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
/** Maps over one another, of which the last one wins, and what gave each value. */
function merge(...maps) {
	return {
		values: Object.fromEntries(maps.flatMap(([values]) => Object.entries(values))),
		sources: Object.fromEntries(maps.flatMap(([values, source]) => Object.keys(values).map((name) => [name, source(name)])))
	};
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
		const value = name === "CI_REGISTRY_READ_TOKEN" && env["PRIVATE_REPO"] === "false" ? void 0 : nonBlank(env[name]);
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
	const { EnvHttpProxyAgent } = await import("./undici2.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
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
		/** Promotes all canaries of a deployment. Throws `nomad-refused` when some of them are not healthy. */
		promote: async (id, namespace) => {
			const body = JSON.stringify({
				DeploymentID: id,
				All: true
			});
			await send({
				method: "PUT",
				path: `/v1/deployment/promote/${id}`,
				namespace,
				body,
				capability: "submit-job"
			});
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
		/** The registered job; answers when it changed after the given index. Undefined when it was purged. */
		watch: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(path(id), namespace, index, signal),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : JSON.parse(answer.text),
				index: answer.index
			};
		},
		/** The newest deployment of a job; answers when any of its deployments changed after the given index. */
		watchDeployment: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(path(id, "/deployment"), namespace, index, signal),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : JSON.parse(answer.text) ?? void 0,
				index: answer.index
			};
		},
		/** Goes back to an older version, as a new one. Only if the newest version still is `current`. */
		revert: async (id, version, current, namespace) => {
			const body = JSON.stringify({
				JobID: id,
				JobVersion: version,
				EnforcePriorVersion: current
			});
			return JSON.parse((await send({
				method: "PUT",
				path: path(id, "/revert"),
				namespace,
				body,
				capability: "submit-job"
			})).text);
		},
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
			return answer.status === 400 ? { problems: parseProblems(nomadsWords(answer.text)) } : { job: parseLossless(answer.text) };
		},
		/**
		* As `parse`, by the Nomad CLI, which also knows the functions that read files. `cli` runs it with arguments and a standard input, in the folder that
		* the files are relative to; the variables come from a file, since they may hold a password.
		*/
		parseWithCli: async (source, variablesFile, cli) => {
			const { code, stdout, stderr } = await cli([
				"job",
				"run",
				"-output",
				`-var-file=${variablesFile}`,
				"-"
			], source);
			return code === 0 ? { job: decode(stdout) } : { problems: parseProblems(stderr.trim()) };
		},
		/** Reads a job as the API writes it, bare or as `{"Job": …}`. Throws a `SyntaxError` for what is no JSON; says nothing of a job that lacks something. */
		decode,
		/** All problems of a job that the servers can see, and their warnings as one text. */
		validate: async (job, namespace) => {
			const { status, text } = await send({
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
			const answer = JSON.parse(text);
			return {
				problems: answer.ValidationErrors ?? [],
				warnings: answer.Warnings
			};
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
/** Go's words for a value of the wrong type in a job object, such as `"5s"` for a duration. */
function wrongType(words) {
	const [, got, field, wanted] = /cannot unmarshal (\S+) into Go struct field \w+\.Job\.(\S+) of type (\S+)/.exec(words) ?? [];
	if (field === void 0) return words;
	return `${field} can't be a ${got}: ${wanted === "time.Duration" ? "a duration is a whole number of nanoseconds, 5000000000 for 5s" : `it has to be of type ${wanted}`}`;
}
function decode(text) {
	const decoded = parseLossless(text);
	return decoded?.Job ?? decoded;
}
/**
* The diagnostics in the words of Nomad's parser, one a line: `input.hcl:3,1-5: Unsupported argument; …`; the CLI calls the file `stdin`. A line that
* only follows from the one before is left out.
*/
function parseProblems(words) {
	const problems = words.replace(/^(Error getting job struct: )?(Error parsing job file from [^\n]*|Failed to parse job): ?\n?/, "").split(/\n(?=(?:<nil>|input\.hcl|stdin)[:,])/).map((text) => {
		const place = /(?:input\.hcl|stdin):(\d+),(\d+)/.exec(text);
		return {
			message: text.replace(/^(<nil>|(input\.hcl|stdin):[\d,-]+): /, "").trim(),
			line: place?.[1] === void 0 ? void 0 : Number(place[1]),
			column: place?.[2] === void 0 ? void 0 : Number(place[2])
		};
	});
	const own = problems.filter(({ message }) => !message.includes("value must be known"));
	return own.length === 0 ? problems : own;
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
// src/spec-file.ts
/** Reads a file of the repository; the path is absolute. */
async function readSourceFile(path, workspace) {
	return {
		name: relative(workspace, path),
		text: await readFile(path, "utf8")
	};
}
/**
* Reads a job spec (already confined to the workspace, else the built-in template) and its fragments.
* Throws `input-invalid` when the spec is of no known kind.
*/
async function readSpecFile({ path, fragments }, workspace) {
	const pairs = await Promise.all(Object.entries(fragments).map(async ([kind, file]) => [kind, await readSourceFile(file, workspace)]));
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
	const kind = kindOf(file.name);
	if (kind === void 0) throw new ActionError("input-invalid", `\`job\`: ${file.name} is no job spec that can be read`, { hint: "Job specs end in .nomad, .hcl, .json, .yaml or .yml; templates of them in .hbs." });
	return {
		...file,
		...kind,
		builtIn: false,
		fragments: found
	};
}
function kindOf(name) {
	const template = name.endsWith(".hbs");
	const extension = /\.([^./]+)$/.exec(template ? name.slice(0, -4) : name)?.[1];
	if (extension === "json") return {
		format: "json",
		template
	};
	if (extension === "yaml" || extension === "yml") return {
		format: "yaml",
		template
	};
	if (template || extension === "nomad" || extension === "hcl") return {
		format: "hcl",
		template
	};
}
// src/hostnames.ts
/**
* Domains whose first label is part of what was registered, or of an address (`10.0.0.1.nip.io`): without it they are somebody else's. Of three labels
* that is so below the usual second levels of countries, such as `co.uk`.
*/
const WHOLE = /^[^.]+(\.[^.]+)?$|^[^.]+\.(ac|co|com|edu|gob|gov|go|ltd|me|mil|net|ne|nom|or|org|plc|sch)\.[a-z]{2}$|^\d+([.-]\d+){3}\./;
/** `dev.example.com` is `prod.example.com` in production; of `example.com` and `example.co.uk` nothing can be replaced: `prod.example.com`. */
function domainFor(environment, baseDomain) {
	const first = environment === "production" ? "prod" : environment === "staging" ? "staging" : void 0;
	if (first === void 0 || baseDomain.startsWith(`${first}.`)) return baseDomain;
	return `${first}.${WHOLE.test(baseDomain) ? baseDomain : baseDomain.slice(baseDomain.indexOf(".") + 1)}`;
}
/**
* The hostnames of a job: those of the variable `HOSTNAMES`, else one below the domain; in a review app always its own one, so that no branch takes a
* name of the main branch. Throws one `input-invalid` error with everything that DNS would refuse, and when a review app's name is in use elsewhere.
*/
function resolveHostnames(environment, inputs, jobId, projectSlug, context) {
	const { baseDomain, sources } = inputs;
	const review = environment === "review";
	const asked = parseHostnames(inputs);
	const variable = variableName(inputs);
	if (asked.length > 0 && !review) {
		const names = below(asked, environment, baseDomain);
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
	const name = `${own.name}.${domainFor(environment, baseDomain)}`;
	refuse([...ownProblem(name, own.from), ...review ? takenProblem(name, asked, inputs, context, projectSlug) : []]);
	return {
		hostnames: [name],
		source: `${own.from} and ${sources.inputs["base-domain"]}`,
		notes
	};
}
/** The name below the domain: the job's; in production and staging the repository's, unless the user named the job. */
function ownName(environment, { jobName }, jobId, { repository }) {
	if (jobName === void 0 && (environment === "production" || environment === "staging")) return {
		name: shortName(repository),
		from: "repository"
	};
	return {
		name: jobId,
		from: "job name"
	};
}
/** The repository's name as it is, also with dots and underscores; only a label that is too long for DNS is cut. */
function shortName(repository) {
	return (repository.toLowerCase().split("/").at(-1) ?? "").split(".").map((label) => fitLabel(label)).join(".");
}
function below(names, environment, baseDomain) {
	return names.map((name) => name.includes(".") || baseDomain === void 0 ? name : `${name}.${domainFor(environment, baseDomain)}`);
}
/** Hostnames as a JSON or HCL list, or as text with a name a line or between commas. */
function parseHostnames(inputs) {
	const text = inputs.vars["HOSTNAMES"];
	if (text === void 0) return [];
	let names = text.split(/[\n,]/).map((name) => name.trim()).filter((name) => name !== "");
	if (text.trim().startsWith("[")) try {
		names = parseLiteral(text);
	} catch (error) {
		throw badList(`${variableName(inputs)}: ${messageOf(error)}`);
	}
	if (!Array.isArray(names)) throw badList(`${variableName(inputs)}: it is not a list`);
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
	return [problem(`${variable}: ${names.map((name) => JSON.stringify(name)).join(", ")} ${names.length === 1 ? "has" : "have"} no dot, and there is no \`base-domain\` to put ${names.length === 1 ? "it" : "them"} below`, "Set `base-domain`, or write full names such as shop.example.com.")];
}
function askedProblem(name, host, variable) {
	const why = hostProblem(host);
	return why === void 0 ? [] : [badList(`${variable}: ${JSON.stringify(name)} is not a hostname: it ${why}`)];
}
function ownProblem(host, from) {
	const why = hostProblem(host);
	if (why === void 0) return [];
	const hint = from === "repository" ? "Name the hosts with NOMAD_VAR_HOSTNAMES, such as [\"shop\"]." : "Shorten `base-domain`.";
	return [problem(`${from} and \`base-domain\` make ${JSON.stringify(host)}, which is not a hostname: it ${why}`, hint)];
}
/** The name of a review app must be nobody else's, also not that of a port of the job: those are made of a main hostname, see service.ts. */
function takenProblem(host, asked, inputs, context, projectSlug) {
	const ports = portNames(inputs.vars);
	const taken = [
		"production",
		"staging",
		"main"
	].flatMap((environment) => {
		const names = asked.length > 0 ? below(asked, environment, inputs.baseDomain) : ownNames(environment, inputs, context, projectSlug);
		const beside = names.slice(0, 1).flatMap((name) => ports.map((port) => [hostBeside(name, "", `-${port}`), `that of the port ${port}`]));
		return [...names.map((name) => [name, "that"]), ...beside].map(([name, whose]) => ({
			name,
			owner: `${whose} of the environment ${environment}`
		}));
	}).find(({ name }) => sameHost(name, host));
	if (taken === void 0) return [];
	const { ref, refType } = context;
	return [problem(`the review app of the ${refType} ${ref} would have the hostname ${host}, which is ${taken.owner}`, `Rename the ${refType}, or give the review app a name of its own with \`job-name\`.`)];
}
/** What an environment has without `HOSTNAMES`. The main branch of a job that the user named has the very name of the review app: it is the same job. */
function ownNames(environment, inputs, { repository }, projectSlug) {
	const { baseDomain, jobName } = inputs;
	if (baseDomain === void 0 || environment === "main" && jobName !== void 0) return [];
	return [`${environment === "main" ? slug(projectSlug) : shortName(repository)}.${domainFor(environment, baseDomain)}`];
}
/** The names of the ports that have a hostname; what is wrong with the variables is told where they are used. */
function portNames({ PORTS = "{}", MULTI_CONTAINER }) {
	try {
		if (parseBoolean("MULTI_CONTAINER", MULTI_CONTAINER) === true) return [];
		return Object.entries(parseLiteral(PORTS) ?? {}).flatMap(([number, name]) => typeof name !== "string" || name === "http" || Number(number) < -1 ? [] : [name]);
	} catch {
		return [];
	}
}
/** Names that DNS tells apart, in their order. */
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
// src/target.ts
/**
* Decides environment, address, job id and hostnames from the branch, as users of internetarchive/nomad know it: `main` (or the default
* branch), `staging` and `production` share one job id per cluster, every other branch is a review app of its own.
* Throws an `input-invalid` error when a name is empty, or when Nomad or DNS would refuse it.
*/
function resolveTarget(inputs, context) {
	const environment = resolveEnvironment(inputs, context);
	const projectSlug = slugOfRepository(context.repository);
	const refSlug = slug(context.ref);
	const job = resolveJob(environment.value, inputs, projectSlug, refSlug, context);
	const { hostnames, source, notes } = resolveHostnames(environment.value, inputs, job.value, projectSlug, context);
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
function resolveEnvironment({ environment, mainStyle, baseDomain }, { ref, refType, defaultBranch, eventName }) {
	if (environment !== void 0) return {
		value: environment,
		source: "environment"
	};
	if (eventName.startsWith("pull_request")) return {
		value: "review",
		source: `pull request of ${ref}`
	};
	if (refType === "tag") return {
		value: "review",
		source: `tag ${ref}`
	};
	if (eventName === "merge_group") return {
		value: "review",
		source: `merge queue: ${ref}`
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
function resolveJob(environment, { jobName, sources }, projectSlug, refSlug, { repository, ref, refType }) {
	if (projectSlug === "") throw new ActionError("input-invalid", `the repository ${JSON.stringify(repository)} has no letter or digit to name a job by`, { hint: "The runner gives it as GITHUB_REPOSITORY, `owner/name`." });
	if (jobName !== void 0) {
		if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(jobName)) return {
			value: jobName,
			source: sources.inputs["job-name"] ?? "job-name"
		};
		throw new ActionError("input-invalid", `\`job-name\`: ${JSON.stringify(jobName)} is not a name that a Nomad service can have`, { hint: "Use up to 63 letters, digits and dashes." });
	}
	if (environment !== "review") return {
		value: slug(projectSlug),
		source: "repository"
	};
	if (refSlug === "") throw new ActionError("input-invalid", `the ${refType} ${JSON.stringify(ref)} has no letter or digit to name a review app by`, { hint: `Rename the ${refType}, or set \`job-name\`.` });
	return {
		value: slug(`${projectSlug}-${refSlug}`),
		source: `repository and ${refType}`
	};
}
function resolveAddress(environment, { nomadAddr, baseDomain, sources }) {
	if (nomadAddr !== void 0) return {
		value: nomadAddr,
		source: sources.inputs["nomad-addr"] ?? "nomad-addr"
	};
	if (baseDomain === void 0) return void 0;
	const domain = domainFor(environment, baseDomain);
	const given = sources.inputs["base-domain"] ?? "base-domain";
	return {
		value: `https://${domain}`,
		source: domain === baseDomain ? given : `${given} ${baseDomain}, in ${environment}`
	};
}
/**
* The project's slug: `/` and `.` become dashes, what else is not `a-z0-9-` vanishes (`Acme/My_Web.Site` is `acme-myweb-site`). What is longer than
* a label is cut before the rest vanishes, as users know it, unless too much is left even then: two long names must not share a job.
*/
function slugOfRepository(repository) {
	const path = repository.toLowerCase().replace(/[/.]/g, "-");
	const clean = (text) => text.replace(/[^a-z0-9-]/g, "").replace(/^-+|-+$/g, "");
	return clean(path).length > 63 ? fitLabel(clean(path)) : clean(path.slice(0, 63));
}
// src/var-files.ts
/**
* Reads HCL variable files (`name = value` lines, or a JSON object if the name ends in `.json`); a later file wins. Throws one `input-invalid` error
* with what is wrong in each of them, by file, line and column.
*/
function readVarFiles(files) {
	const values = {};
	const problems = [];
	for (const { name: file, text } of files) {
		if (file.endsWith(".json")) {
			try {
				for (const [name, value] of Object.entries(jsonObject(text))) values[name] = {
					value,
					source: file
				};
			} catch (error) {
				problems.push({
					text: `${file}: ${messageOf(error)}`,
					file
				});
			}
			continue;
		}
		const read = parseAssignments(text);
		if ("problem" in read) problems.push({
			...read,
			text: `${file}:${read.line}:${read.column}: ${read.problem}`,
			file
		});
		else for (const { name, value, line } of read.assignments) values[name] = {
			value,
			source: `${file}:${line}`
		};
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
function jsonObject(text) {
	const parsed = JSON.parse(text);
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Error("it is no JSON object");
	return { ...parsed };
}
// src/workspace.ts
const FRAGMENTS = [
	"vars",
	"job",
	"group"
];
/**
* Finds the Dockerfile, the build context, the job specs (paths or globs) and the variable files. Nothing may leave the workspace, also not through a symbolic link.
* Throws `input-invalid` for a path outside of it, for a `job`, a variable file or a `context` that does not exist, and for a glob that matches nothing.
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
	const fragments = {};
	for (const kind of FRAGMENTS) {
		const found = await inside("job", `${kind}.nomad`);
		if (found.exists) fragments[kind] = found.path;
	}
	const matching = async (input, pattern) => {
		if ((await inside(input, pattern)).exists || !/[*?[{]/.test(pattern)) return [await must(input, pattern)];
		const jobs = (await Array.fromAsync(glob(pattern, {
			cwd: resolve(root, inputs.workingDirectory),
			exclude: (name) => /(^|\/)(node_modules|\.git)$/.test(name)
		}))).filter((name) => !FRAGMENTS.some((kind) => name === `${kind}.nomad`)).sort();
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
			fragments: path === own.path ? fragments : {}
		})),
		varFiles: await all("var-files", inputs.varFiles),
		contextFolder,
		dockerfile: dockerfile.path,
		dockerfileExists: dockerfile.exists
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
		number: 1,
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
	const at = target.url === void 0 ? "" : `, ${target.url} (${target.sources.hostnames})`;
	log.info(`Environment ${target.environment.value} (${target.environment.source}), job ${target.jobId} (${target.sources.jobId})${at}`);
	for (const line of target.notes) log.info(line);
	if (inputs.noDeploy) {
		log.notice("NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.");
		return { outcome: "skipped" };
	}
	if (context.fromFork && token === void 0) {
		log.notice("This pull request comes from a fork, which gets no secrets and so no token: nothing was built, written or registered.");
		return { outcome: "skipped" };
	}
	const address = inputs.command === "build" ? "" : requireAddress(target, inputs, runtime);
	const files = await findFiles(inputs, runtime.workspace);
	const imagePlan = planImage(inputs, files, files.specs.some(({ path }) => path === void 0), target, context, runtime.workspace);
	if (inputs.command === "build") {
		await buildImage(imagePlan, inputs, current);
		return { outcome: "built" };
	}
	const fromFiles = readVarFiles(await Promise.all(files.varFiles.map(async (path) => readSourceFile(path, runtime.workspace))));
	const specs = await Promise.all(files.specs.map(async (path) => readSpecFile(path, runtime.workspace)));
	if (specs.length > 1 && inputs.jobName !== void 0) throw new ActionError("input-invalid", `\`job-name\`: ${specs.length} job specs can't have one name`, { hint: "Leave it out: each job is named by its spec." });
	const own = specs.some(({ builtIn }) => builtIn) ? inputs.vars["REGION"] ?? fromFiles["REGION"]?.value : void 0;
	const region = inputs.nomadRegion ?? (typeof own === "string" && own !== "" ? own : void 0);
	if (region !== void 0) note({ region });
	const nomad = await connect({
		address,
		token: token?.value,
		region
	}, runtime);
	try {
		if (imagePlan.kind === "existing") note({ image: imagePlan.reference });
		const provisional = imagePlan.kind === "none" ? "" : imagePlan.kind === "existing" ? imagePlan.reference : imagePlan.tags[0] ?? imagePlan.name;
		const drafts = [];
		for (const spec of specs) {
			const rendering = {
				spec,
				fromFiles,
				target,
				context,
				image: provisional,
				secretsTemplate: "",
				oversubscription: true
			};
			const drafted = await stage("check", `Check ${spec.name} with the cluster's parser`, async () => checkDraft(inputs, rendering, nomad, runtime));
			if (drafts.length === 0) note(describeJob(address, drafted.draft));
			requireOther(drafts, spec.name, drafted.draft);
			drafts.push(drafted);
		}
		const image = inputs.command === "deploy" ? await buildImage(imagePlan, inputs, current) : provisional;
		return await eachJob(drafts, current, async ({ rendering, draft }, own) => {
			const known = describeJob(address, draft);
			own.note(known);
			const deploying = {
				inputs,
				rendering: {
					...rendering,
					image
				},
				draft,
				nomad,
				nomadUrl: known.nomadUrl
			};
			return inputs.command === "deploy" ? deploy(deploying, own) : preview(deploying, own);
		});
	} finally {
		await nomad.close();
	}
}
/** Two specs of one job would replace one another, and the second would look good. */
function requireOther(drafts, name, { job, namespace }) {
	const same = drafts.find(({ draft }) => draft.job.ID === job.ID && draft.namespace === namespace);
	if (same === void 0) return;
	throw new ActionError("input-invalid", `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, { hint: "Each job needs an id of its own." });
}
/**
* Does the same for each job, in the order of their files. The first that fails ends it: what comes after may need it. The run's result and outputs are
* those of the first job, and its outcome that of the one that failed.
*/
async function eachJob(drafts, current, work) {
	const jobs = [];
	let failed;
	for (const [i, drafted] of drafts.entries()) {
		const { job, namespace } = drafted.draft;
		let result = {
			jobId: job.ID,
			namespace
		};
		const note = (part) => {
			result = {
				...result,
				...part
			};
			if (i === 0) current.note(part);
		};
		if (failed === void 0) {
			try {
				note(await work(drafted, {
					...current,
					number: i + 1,
					note
				}));
			} catch (thrown) {
				note(await failure(thrown, current.runtime));
			}
			if (!isGood(result.outcome)) failed = result;
		} else {
			note({
				outcome: "skipped",
				cause: `${failed.jobId} failed before it`
			});
			current.runtime.log.notice(`${job.ID} was left as it is, since ${failed.jobId} failed.`);
		}
		jobs.push(result);
	}
	if (drafts.length > 1) current.note({ jobs });
	if (failed === void 0) return {};
	const { outcome = "failed", failureReason, cause, hint } = failed;
	return {
		outcome,
		...failureReason === void 0 ? {} : { failureReason },
		...cause === void 0 ? {} : { cause: drafts.length > 1 ? `${failed.jobId}: ${cause}` : cause },
		...hint === void 0 ? {} : { hint }
	};
}
/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
function requireAddress({ nomadAddr, environment }, { nomadToken }, { log }) {
	if (nomadAddr === void 0) throw new ActionError("input-invalid", "no address of Nomad is given", { hint: "Set `nomad-addr` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or `base-domain`." });
	const token = nomadToken[environment.value];
	log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${token === void 0 ? "no token" : `token of ${token.source}`}`);
	const others = Object.entries(nomadToken).flatMap(([name, other]) => other === void 0 ? [] : [`${other.source} is for ${name} only`]);
	if (token === void 0 && others.length > 0) log.warning(`There is no token for the environment ${environment.value}: ${others.join(", ")}. This run goes on without one, which only a cluster without ACLs takes; for any other set NOMAD_TOKEN.`);
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
function describeJob(address, { job, namespace }) {
	return {
		jobId: job.ID,
		namespace,
		nomadUrl: `${address}/ui/jobs/${encodeURIComponent(job.ID)}@${encodeURIComponent(namespace)}`
	};
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
