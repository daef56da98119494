import { chmod, cp, lstat, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { randomInt, randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { once } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { setTimeout } from "node:timers/promises";
/** All failure reasons and suffixes, for the reference. */
const reasons = {
	"input-invalid": { of: "error" },
	"build-failed": { of: "error" },
	"image-not-found": { of: "error" },
	"registry-denied": { of: "error" },
	"test-failed": { of: "error" },
	"scan-failed": { of: "error" },
	"jobspec-invalid": { of: "error" },
	"policy-violation": { of: "error" },
	unreachable: { of: "error" },
	"permission-denied": { of: "error" },
	"nomad-refused": { of: "error" },
	"github-refused": { of: "error" },
	"job-taken": { of: "error" },
	"nothing-to-promote": { of: "error" },
	"no-deployment": { of: "error" },
	"job-locked": { of: "error" },
	"canaries-waiting": { of: "error" },
	conflict: { of: "error" },
	"plan-changed": { of: "error" },
	drift: { of: "error" },
	"unknown-outcome": { of: "error" },
	cancelled: { of: "error" },
	"timed-out": { of: "error" },
	unexpected: { of: "error" },
	"task-failed": { of: "rollout" },
	unhealthy: { of: "rollout" },
	"progress-deadline": { of: "rollout" },
	"placement-failed": { of: "rollout" },
	"verification-failed": { of: "rollout" },
	"evaluation-failed": { of: "rollout" },
	"marked-failed": { of: "rollout" },
	"pre-deploy-failed": { of: "rollout" },
	"post-deploy-failed": { of: "rollout" },
	superseded: { of: "run" },
	"not-ready": { of: "run" },
	killed: { of: "run" }
};
/** An expected failure: `message` says what happened and where, `hint` what to do. Users see only these texts. */
var ActionError = class extends Error {
	code;
	hint;
	location;
	output;
	needsLogin;
	constructor(code, message, details = {}) {
		super(message, { cause: details.cause });
		this.name = "ActionError";
		this.code = code;
		this.hint = details.hint;
		this.location = details.location;
		this.output = details.output;
		this.needsLogin = details.needsLogin === true;
	}
};
/** Returns the text of any thrown value. */
function messageOf(thrown) {
	return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}
/** Returns any thrown value as an `ActionError`; an unknown one keeps its text and has the code `unexpected`. */
function toActionError(thrown) {
	if (thrown instanceof ActionError) return thrown;
	return new ActionError("unexpected", `unexpected error: ${messageOf(thrown)}`, {
		hint: "This is a bug in nomad-deploy: report it with the log of a run with debug logging enabled.",
		cause: thrown
	});
}
/** Does as `toActionError`; what a cancelled run throws has the code `cancelled`. */
function errorOfRun(thrown, { aborted }) {
	return aborted && !(thrown instanceof ActionError) ? new ActionError("cancelled", "the workflow was cancelled") : toActionError(thrown);
}
/** Returns a failure with the name of its app or image before the message, where there are several. */
function failureOf(name, error) {
	const { code, message, hint, location, output, needsLogin } = error;
	return new ActionError(code, `${name}: ${message}`, {
		cause: error,
		needsLogin,
		...hint === void 0 ? {} : { hint },
		...location === void 0 ? {} : { location },
		...output === void 0 ? {} : { output }
	});
}
/** Runs work for one of several apps or images; its failure begins with the name. */
async function naming(name, work) {
	try {
		return await work();
	} catch (thrown) {
		throw name === void 0 || !(thrown instanceof ActionError) ? thrown : failureOf(name, thrown);
	}
}
/** Returns the text of an error for users: what happened, then what to do. */
function sentence(error) {
	if (error.hint === void 0) return error.message;
	return `${error.message}${/[.!?]$/.test(error.message) ? "" : "."} ${error.hint}`;
}
/** The codes of Node and undici. */
const CONNECTION_ERRORS = {
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset",
	ENOTFOUND: "no such host",
	EAI_AGAIN: "the host name cannot be looked up",
	EHOSTUNREACH: "no route to the host",
	ENETUNREACH: "the network is unreachable",
	ETIMEDOUT: "the connection timed out",
	UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
	EPIPE: "the connection was closed",
	UND_ERR_HEADERS_TIMEOUT: "no answer in time",
	UND_ERR_BODY_TIMEOUT: "the answer did not end in time",
	UND_ERR_SOCKET: "the connection was closed",
	UND_ERR_INFO: "the connection was closed before the answer ended",
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer ended too soon",
	ERR_HTTP2_STREAM_ERROR: "the HTTP/2 stream was reset",
	ERR_HTTP2_SESSION_ERROR: "the HTTP/2 connection was closed",
	ERR_HTTP2_GOAWAY_SESSION: "the HTTP/2 connection was closed",
	ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: "the server does not speak HTTP/1.1",
	ENOENT: "the socket does not exist",
	EACCES: "this user has no permission to open the socket",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server certificate is signed by an unknown authority",
	SELF_SIGNED_CERT_IN_CHAIN: "the server certificate is signed by an unknown authority",
	DEPTH_ZERO_SELF_SIGNED_CERT: "the server certificate is self-signed",
	ERR_TLS_CERT_ALTNAME_INVALID: "the server certificate is for another name",
	CERT_HAS_EXPIRED: "the server certificate has expired",
	ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS; try an address that begins with http://"
};
/** Returns the code of a failed connection, or an empty text. */
function connectionCode(thrown) {
	return [thrown, ...thrown instanceof AggregateError ? thrown.errors : []].map((error) => typeof error === "object" && error !== null && "code" in error ? String(error.code) : "").find((code) => code !== "") ?? "";
}
/** Returns why a connection failed, in words; errors of undici and Node have a code. */
function connectionProblem(thrown) {
	const code = connectionCode(thrown);
	return CONNECTION_ERRORS[code] ?? (code.startsWith("ERR_HTTP2_") ? "the HTTP/2 connection failed" : messageOf(thrown));
}
// src/runtime/annotations.ts
/** GitHub shows the first ten annotations of each kind of a step, and drops the others silently. */
const MAX = 10;
/** The limit of annotations without a line, so that room is left for those on lines of the user's files. */
const MAX_WITHOUT_LINE = 6;
/**
* Returns an annotator that shows at most ten annotations of each kind, those on lines of the user's files first. An annotation without a place is a line of the
* log (`say`), and waits for the end of the step. A repeated annotation is shown once.
*/
function annotator(show, say) {
	const shown = /* @__PURE__ */ new Map();
	const waiting = [];
	const known = /* @__PURE__ */ new Set();
	const count = (kind) => shown.get(kind) ?? 0;
	const give = (annotation) => {
		shown.set(annotation.kind, count(annotation.kind) + 1);
		show(annotation);
	};
	return {
		add: (annotation) => {
			const { kind, text, title, location } = annotation;
			const key = JSON.stringify([
				kind,
				text,
				title,
				location
			]);
			if (known.has(key)) return say(text);
			known.add(key);
			if (count(kind) < (location?.line === void 0 ? MAX_WITHOUT_LINE : 9)) return give(annotation);
			say(text);
			waiting.push(annotation);
		},
		flush: () => {
			for (const kind of [
				"error",
				"warning",
				"notice"
			]) {
				const rest = waiting.filter((one) => one.kind === kind).sort((a, b) => rank(a) - rank(b));
				const free = MAX - count(kind);
				const fit = rest.length <= free ? rest : rest.slice(0, free - 1);
				for (const one of fit) give(one);
				const more = rest.length - fit.length;
				const words = `${more} more ${kind}${more === 1 ? "" : "s"} ${more === 1 ? "is" : "are"} in the log: GitHub shows at most ${MAX} for a step.`;
				if (more > 0) give({
					kind,
					text: words,
					title: "nomad-deploy",
					location: void 0
				});
			}
			waiting.length = 0;
		}
	};
}
function rank({ location }) {
	return location?.line !== void 0 ? 0 : location !== void 0 ? 1 : 2;
}
// src/runtime/clean-up.ts
/** The time limit of the clean-up. The runner kills a cancelled step soon; the post step does the rest. */
const CLEAN_UP_MS = 3e4;
/** The prefix of the folders that a run makes in its temporary folder and removes. */
const PRIVATE = "nomad-deploy-private-";
/** Returns the folder for temporary files: that of the runner, else that of the system. */
function tempOf(env) {
	return env["RUNNER_TEMP"] || tmpdir();
}
/** Returns whether a value names something that a run leaves. */
function isLeftover(value) {
	if (typeof value !== "object" || value === null || !("kind" in value) || !("name" in value)) return false;
	return [
		"builder",
		"container",
		"agent"
	].some((kind) => kind === value.kind) && typeof value.name === "string";
}
/** The names of builders and containers of a run. No other is removed. */
const LEFTOVER_NAME = /^nomad-deploy-(test-)?[0-9a-f]{8}$/;
/** The arguments of docker to remove each kind. */
const REMOVE = {
	builder: [
		"buildx",
		"rm",
		"--force"
	],
	container: ["rm", "--force"]
};
/** Removes builders, containers and agents, missing ones ignored, and then the folders. */
async function cleanUp(leftovers, folders, environment) {
	const signal = AbortSignal.timeout(CLEAN_UP_MS);
	const temp = tempOf(environment);
	const remove = async ({ kind, name }) => {
		if (kind === "agent") return (await import("./agent-left.js")).removeAgent(name, temp, environment);
		if (!LEFTOVER_NAME.test(name)) return void 0;
		const { execute } = await import("./exec.js");
		return execute([
			"docker",
			...REMOVE[kind],
			name
		], { cwd: tmpdir() }, {
			environment,
			signal,
			onLine: () => void 0
		}).catch(() => void 0);
	};
	await Promise.all(leftovers.map(remove));
	await Promise.all(folders.map(async (folder) => {
		if (await isPrivateFolder(folder, temp)) await rm(folder, {
			recursive: true,
			force: true
		});
	}));
}
/** Returns whether a path is a folder (and no link) of this action directly in the temporary folder. */
async function isPrivateFolder(path, temp) {
	if (!new RegExp(`^nomad-deploy-private-[0-9a-f]{12}$`).test(basename(path))) return false;
	const [parent, wanted, found] = await Promise.all([
		realpath(dirname(path)).catch(() => void 0),
		realpath(temp).catch(() => void 0),
		lstat(path).catch(() => void 0)
	]);
	return parent !== void 0 && parent === wanted && found?.isDirectory() === true;
}
// src/runtime/door.ts
/** The longest line of a dependency. Longer lines are split. */
const MAX_FOREIGN_LINE = 16384;
let write = (text) => void process.stdout.write(text);
let redact = (text) => text;
/** Sets the function that replaces masked values in all output. */
function redactBy(how) {
	redact = how;
}
/**
* Replaces the writers of stdout and stderr for the rest of the process: text of a dependency or of Node becomes a debug command, and an uncaught error becomes
* one `error` command and exit code 1. Call it before anything else.
*/
function takeOver() {
	const { stdout, stderr } = process;
	const own = stdout.write.bind(stdout);
	write = (text) => void own(text);
	const flush = [stdout, stderr].map((stream) => {
		const lines = foreignLines((line) => command("debug", {}, line));
		stream.write = (chunk, encoding, done) => {
			lines.add(typeof chunk === "string" ? Buffer.from(chunk, isEncoding(encoding) ? encoding : "utf8") : chunk);
			const callback = typeof encoding === "function" ? encoding : done;
			if (typeof callback === "function") process.nextTick(callback);
			return true;
		};
		return lines.flush;
	});
	process.removeAllListeners("warning");
	process.on("warning", (warning) => command("debug", {}, `${warning.name}: ${warning.message}`));
	for (const event of ["uncaughtException", "unhandledRejection"]) process.on(event, (error) => {
		command("error", { title: "unexpected" }, messageOf(error));
		process.exit(1);
	});
	process.once("exit", () => {
		for (const rest of flush) rest();
	});
}
/** Joins writes to whole lines, so that a command split over two writes is found. */
function foreignLines(say) {
	const decoder = new StringDecoder("utf8");
	let rest = "";
	const tell = (line) => {
		for (let at = 0; at < line.length; at += MAX_FOREIGN_LINE) say(line.slice(at, at + MAX_FOREIGN_LINE));
	};
	return {
		add: (chunk) => {
			const lines = `${rest}${decoder.write(Buffer.from(chunk))}`.split(/\r\n|\n|\r/);
			rest = lines.pop() ?? "";
			if (rest.length > MAX_FOREIGN_LINE) lines.push(rest);
			if (rest.length > MAX_FOREIGN_LINE) rest = "";
			for (const line of lines) tell(line);
		},
		flush: () => {
			tell(rest);
			rest = "";
		}
	};
}
function isEncoding(value) {
	return typeof value === "string" && Buffer.isEncoding(value);
}
/** Writes a text to the log, redacted and without commands. */
function print(text) {
	write(`${neutral(redact(text))}\n`);
}
/** Resolves when the reader of the output has caught up, so that a long text does not fill the memory. */
async function drained() {
	if (process.stdout.writableNeedDrain) await once(process.stdout, "drain").catch(() => void 0);
}
/** Writes a command to the runner, with redacted text and properties. Properties without a value are left out. */
function command(name, properties, text) {
	const given = Object.entries(properties).filter(([, value]) => value !== void 0 && value !== "").map(([key, value]) => `${key}=${escapeProperty(neutral(redact(String(value))))}`).join(",");
	write(`::${name}${given === "" ? "" : ` ${given}`}::${escapeData(neutral(redact(text)))}\n`);
}
/** Asks the runner to mask a text in the log of the whole job. */
function maskInJob(text) {
	write(`::add-mask::${escapeData(text)}\n`);
}
/**
* Sets an output (`GITHUB_OUTPUT`) or a value for the post step (`GITHUB_STATE`) in the runner's file. Without the file, nothing is set: the commands of older
* runners, which are in the log, are not used.
*/
function writeRunnerFile(file, env, name, value) {
	const path = env[file];
	if (path === void 0 || path === "") return;
	const end = `end_${randomUUID()}`;
	appendFileSync(path, `${name}<<${end}\n${value}\n${end}\n`);
}
/** Characters that .NET ignores when it compares texts: invisible ones, most marks of Hebrew, Arabic and the like, and five letters. */
const WEIGHTLESS = String.raw`\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u0640\u07fa\u180a\u1cd3\ufe73`;
const UNSEEN$1 = `[${WEIGHTLESS}]*`;
const LINE_END = String.raw`[\n\v\f\r\u0085\u2028\u2029]`;
const LINE_COMMAND = new RegExp(String.raw`(^|${LINE_END})((?:(?!${LINE_END})[${WEIGHTLESS}\p{Z}])*)([:\uff1a])(?=${UNSEEN$1}[:\uff1a])`, "gu");
const OLD_COMMAND = new RegExp(String.raw`([#\uff03]${UNSEEN$1}[#\uff03]${UNSEEN$1})([[\uff3b])`, "gu");
/**
* Returns a text without runner commands. For the runner, a command is a line that begins with `::` after blanks, or that contains `##[`. It compares by a .NET
* culture, which ignores characters without weight, so a blank is inserted, which is not ignored.
* See https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
*/
function neutral(text) {
	return text.replace(LINE_COMMAND, "$1$2$3 ").replace(OLD_COMMAND, "$1 $2");
}
function escapeData(text) {
	return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
function escapeProperty(text) {
	return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
// src/runtime/clock.ts
/** The largest range of `randomInt`. */
const CHANCES = 2 ** 48 - 1;
/** The longest timer of Node, 24 days. A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The real clock. A step of the machine's clock during the run moves no time limit: the time since the start of the process is added to the time of the start. */
const systemClock = {
	now: () => Math.floor(performance.timeOrigin + performance.now()),
	sleep: async (ms, signal) => {
		try {
			await setTimeout(Math.min(ms, MAX_TIMER_MS), void 0, { signal });
		} catch (error) {
			throw signal.aborted ? signal.reason : error;
		}
	},
	timeout: (ms) => AbortSignal.timeout(Math.min(ms, MAX_TIMER_MS)),
	random: () => randomInt(CHANCES) / CHANCES
};
// src/runtime/docker-config.ts
/**
* Writes a copy of the user's Docker configuration with logins in the file itself, and returns the variables that name it. An empty credential helper for a host
* makes docker use the file; the helpers of other hosts stay. Plugins, contexts and builders are linked.
*/
async function isolatedDockerConfig(logins, folder, env) {
	const own = env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
	const config = parsedConfig(await readFile(join(own, "config.json"), "utf8").catch(() => "{}"), join(own, "config.json"));
	const keyed = logins.map((login) => ({
		...login,
		key: login.host === "docker.io" ? "https://index.docker.io/v1/" : login.host
	}));
	const isolated = {
		...config,
		credHelpers: {
			...objectAt(config, "credHelpers"),
			...Object.fromEntries(keyed.map(({ key }) => [key, ""]))
		},
		auths: {
			...objectAt(config, "auths"),
			...Object.fromEntries(keyed.map(({ key, username, password }) => [key, { auth: Buffer.from(`${username}:${password.reveal()}`).toString("base64") }]))
		}
	};
	await writeFile(join(folder, "config.json"), JSON.stringify(isolated), { mode: 384 });
	await Promise.all(["cli-plugins", "contexts"].map(async (name) => {
		await symlink(join(own, name), join(folder, name)).catch(async () => cp(join(own, name), join(folder, name), { recursive: true }).catch(() => void 0));
	}));
	const builders = env["BUILDX_CONFIG"] || join(own, "buildx");
	await mkdir(builders, { recursive: true });
	await chmod(folder, 448);
	return {
		DOCKER_CONFIG: folder,
		BUILDX_CONFIG: builders
	};
}
function parsedConfig(text, path) {
	try {
		const parsed = JSON.parse(text);
		return typeof parsed === "object" && parsed !== null ? parsed : {};
	} catch {
		throw new ActionError("build-failed", `the Docker configuration of this runner is not JSON: ${path}`, { hint: "Correct the file, or set DOCKER_CONFIG to another folder." });
	}
}
function objectAt(config, name) {
	const value = Object.entries(config).find(([key]) => key === name)?.[1];
	return typeof value === "object" && value !== null ? value : {};
}
// src/runtime/decode.ts
/** The limit of nested encodings. Percent signs and ampersands that were encoded several times take one round. */
const MAX_ROUNDS = 8;
const NAMED = {
	amp: "&",
	lt: "<",
	gt: ">",
	quot: "\"",
	apos: "'",
	nbsp: "\xA0",
	newline: "\n",
	tab: "	",
	sol: "/",
	bsol: "\\",
	colon: ":",
	semi: ";",
	comma: ",",
	period: ".",
	excl: "!",
	num: "#",
	dollar: "$",
	percnt: "%",
	lpar: "(",
	rpar: ")",
	ast: "*",
	plus: "+",
	equals: "=",
	quest: "?",
	commat: "@",
	lsqb: "[",
	lbrack: "[",
	rsqb: "]",
	rbrack: "]",
	hat: "^",
	lowbar: "_",
	grave: "`",
	lcub: "{",
	lbrace: "{",
	rcub: "}",
	rbrace: "}",
	verbar: "|",
	vert: "|",
	hyphen: "‐",
	dash: "‐"
};
const CONTROLS = {
	n: "\n",
	r: "\r",
	t: "	",
	b: "\b",
	f: "\f",
	v: "\v",
	a: "\x07",
	e: "\x1B",
	"0": "\0"
};
/** Invisible characters, without line breaks and tabs. */
const UNSEEN = "\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f\\p{Cf}\\p{Default_Ignorable_Code_Point}";
/** Returns the pattern of a character in UTF-8 with the same escape for each byte: `%C3%A9`. */
function utf8(byte) {
	const next = `${byte}[89ab][0-9a-f]`;
	return `${byte}(?:[cd][0-9a-f]${next}|e[0-9a-f](?:${next}){2}|f[0-9a-f](?:${next}){3}|[0-9a-f]{2})`;
}
/** The pattern with bytes in octal, as in a shell and C. */
const NEXT = "\\\\2[0-7]{2}";
const OCTAL = `\\\\3[0-3][0-7]${NEXT}|\\\\3[45][0-7](?:${NEXT}){2}|\\\\36[0-7](?:${NEXT}){3}|\\\\[0-3][0-7]{2}`;
/**
* Returns the pattern of escapes of a character in several languages. Repetitions are limited, so that unfinished escapes take linear time. `dropped` matches
* sequences that a terminal does not show.
*/
function tokens(dropped) {
	return new RegExp([
		`(?<nothing>${dropped}|(?:\\u001b\\[|\\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|\\\\\\r?\\n|(?!\\u001b[${UNSEEN}])[${UNSEEN}])`,
		`&(?:amp;)*(?:#(?<decimal>\\d{1,7})|#x(?<hexadecimal>[0-9a-f]{1,6})|(?<named>${Object.keys(NAMED).join("|")}));?`,
		`(?<percent>${utf8("%(?:25)*")})`,
		"(?:%(?:25)*|\\\\)(?-i:u)(?<unit>[0-9a-f]{4})|\\\\u\\{(?<point>[0-9a-f]{1,6})\\}|\\\\(?-i:U)(?<long>000[0-9a-f]{5}|0010[0-9a-f]{4})",
		`(?<bytes>${utf8("\\\\x")})|(?<octal>${OCTAL})`,
		`(?<quote>'\\\\''|'"'"'|''|"")|(?<hcl>[$%](?=[$%]\\{))`,
		`\\\\(?<escaped>[^${UNSEEN}])`
	].join("|"), "giu");
}
const ESCAPE = "\\u001b";
const AMBIGUOUS = new RegExp(`${ESCAPE}(?!\\[)|[\\u0090\\u0098\\u009d-\\u009f]`);
const END = `(?:\\u0007|${ESCAPE}\\\\|\\u009c)`;
const DROPPED = tokens(`(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]{0,2048}${END}|\\u001b[ -/]{0,8}(?!\\[)[0-~]`);
const KEPT = tokens(`\\u001b[\\]PX^_]|${END}`);
/** Characters to compose. Runs of marks are limited, because ordering them takes more than linear time. */
const COMPOSABLE = /[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[^\p{ASCII}]\p{M}{0,16}|\p{ASCII}\p{M}{1,16}/gu;
/**
* Returns the text, and the texts after each round of removing escapes of JSON, HTML, URLs, shells and Markdown, and invisible characters, until nothing changes;
* composed as in NFC.
*/
function views(text) {
	const original = { text };
	const first = composed(original);
	const found = (first === original ? [original] : [original, first]).flatMap((start) => [start, ...rounds(start, DROPPED)]);
	return found.some((view) => AMBIGUOUS.test(view.text)) ? [...found, ...rounds(original, KEPT)] : found;
}
function rounds(original, pattern) {
	const found = [];
	let last = original;
	for (let round = 0; round < MAX_ROUNDS; round++) {
		const next = rewritten(last, pattern, decoded);
		if (next.text === last.text) break;
		found.push(composed(next));
		last = next;
	}
	return found;
}
function composed(view) {
	return /[^\p{ASCII}]/u.test(view.text) && view.text.normalize() !== view.text ? rewritten(view, COMPOSABLE, ([whole]) => whole.normalize()) : view;
}
function decoded({ 0: whole, groups: found = {} }) {
	const { nothing, decimal, hexadecimal, named, percent, unit, point, long, bytes, octal, quote, hcl, escaped } = found;
	if (nothing !== void 0 || hcl !== void 0) return "";
	if (named !== void 0) return NAMED[named.toLowerCase()] ?? whole;
	if (decimal !== void 0) return character(Number(decimal), whole);
	const digits = hexadecimal ?? unit ?? point ?? long;
	if (digits !== void 0) return character(Number.parseInt(digits, 16), whole);
	if (percent !== void 0) return fromBytes(percent.replace(/%(?:25)*(?=..)/g, ""), 16);
	if (bytes !== void 0) return fromBytes(bytes.replace(/\\x/gi, ""), 16);
	if (octal !== void 0) return fromBytes(octal.replaceAll("\\", ""), 8);
	if (quote !== void 0) return quote.startsWith("\"") ? "\"" : "'";
	return CONTROLS[escaped ?? ""] ?? escaped ?? whole;
}
const character = (code, otherwise) => code <= 1114111 ? String.fromCodePoint(code) : otherwise;
/** Returns the text of bytes in digits, two or three each: UTF-8, or else Latin-1. */
function fromBytes(digits, radix) {
	const values = (digits.match(radix === 16 ? /../g : /.../g) ?? []).map((one) => Number.parseInt(one, radix));
	const shown = Buffer.from(values).toString();
	return shown.includes("�") ? Buffer.from(values).toString("latin1") : shown;
}
/** Returns the view with each match of a pattern replaced; the same view without a match. */
function rewritten(view, pattern, replace) {
	const pieces = [];
	const from = [];
	const to = [];
	let done = 0;
	const origin = (i) => view.from?.[i] ?? i;
	const end = (i) => view.to?.[i] ?? i + 1;
	const keep = (until) => {
		pieces.push(view.text.slice(done, until));
		for (let i = done; i < until; i++) {
			from.push(origin(i));
			to.push(end(i));
		}
	};
	for (const match of view.text.matchAll(pattern)) {
		const [whole] = match;
		const replacement = replace(match);
		if (replacement === whole) continue;
		keep(match.index);
		done = match.index + whole.length;
		pieces.push(replacement);
		for (let i = 0; i < replacement.length; i++) {
			from.push(origin(match.index));
			to.push(end(done - 1));
		}
	}
	if (done === 0 && pieces.length === 0) return view;
	keep(view.text.length);
	return {
		text: pieces.join(""),
		from,
		to
	};
}
// src/runtime/finder.ts
/** The sizes of the windows for short and for long patterns. */
const SHORT = 3;
const LONG$1 = 8;
/** The shortest part of a pattern that is always found. */
const MIN_PART = 16;
/** The limit of compared parts with the same first characters, as of a repetitive text. */
const MAX_SAME = 16;
const FACTOR = 16777619;
const BUCKETS = 65536;
/**
* Returns a function that finds all occurrences of the patterns (of at least 3 characters), and the longest parts of at least 16 characters of those in `parts`.
* It takes one pass over the text for any number of patterns.
*/
function finder(patterns, parts) {
	const short = patterns.filter((pattern) => pattern.length < LONG$1);
	const long = patterns.filter((pattern) => pattern.length >= LONG$1);
	const whole = (pattern) => ({
		pattern,
		at: 0,
		part: false
	});
	const windows = parts.flatMap((pattern) => Array.from({ length: Math.floor(pattern.length / LONG$1) }, (_, i) => ({
		pattern,
		at: i * LONG$1,
		part: true
	})));
	const passes = [scanner(SHORT, short.map(whole)), scanner(LONG$1, [...long.map(whole), ...windows])].filter((pass) => pass !== void 0);
	return (text) => {
		const found = [];
		for (const pass of passes) pass(text, found);
		return found;
	};
}
/** Returns a search by the rolling hash of a window of `width` characters. */
function scanner(width, places) {
	if (places.length === 0) return void 0;
	const known = /* @__PURE__ */ new Map();
	const taken = new Uint8Array(BUCKETS);
	for (const place of places) {
		let hash = 0;
		for (let i = place.at; i < place.at + width; i++) hash = Math.imul(hash, FACTOR) + place.pattern.charCodeAt(i) | 0;
		const same = known.get(hash) ?? [];
		if (!place.part || same.length < MAX_SAME) known.set(hash, [...same, place]);
		taken[bucket(hash)] = 1;
	}
	let leaving = 1;
	for (let i = 1; i < width; i++) leaving = Math.imul(leaving, FACTOR);
	return (text, found) => {
		let partUntil = 0;
		let hash = 0;
		for (let end = 0; end < text.length; end++) {
			if (end >= width) hash = hash - Math.imul(text.charCodeAt(end - width), leaving) | 0;
			hash = Math.imul(hash, FACTOR) + text.charCodeAt(end) | 0;
			if (end < width - 1 || taken[bucket(hash)] === 0) continue;
			const start = end - width + 1;
			for (const place of known.get(hash) ?? []) {
				const { pattern } = place;
				if (!place.part) {
					if (text.startsWith(pattern, start)) found.push({
						start,
						end: start + pattern.length,
						length: pattern.length
					});
				} else {
					const match = partAround(text, start, place, partUntil);
					if (match.length === 0 || match.length < MIN_PART && (match.start > partUntil || partUntil === 0)) continue;
					found.push({
						...match,
						length: MIN_PART
					});
					partUntil = Math.max(partUntil, match.end);
				}
			}
		}
	};
}
const bucket = (hash) => (hash ^ hash >>> 16) & 65535;
/** Returns the longest text around `start` that is in the pattern around `at`, after the index `done`. */
function partAround(text, start, { pattern, at }, done) {
	const same = (i) => i < text.length && at + i - start < pattern.length && text.charCodeAt(i) === pattern.charCodeAt(at + i - start);
	let [first, end] = [Math.max(start, done), Math.max(start, done)];
	while (same(end)) end++;
	while (first > done && first - start + at > 0 && same(first - 1)) first--;
	return {
		start: first,
		end,
		length: end - first
	};
}
// src/runtime/secret.ts
/** The shortest masked value. With `a` or `1` masked, GitHub would drop nearly every output. */
const MIN_MASKED_LENGTH = 3;
/** Words that reveal nothing and are in every log and result. */
const COMMON_WORD = /^(true|false|yes|no|on|off|null|none)$/i;
/** Wraps a value as soon as it is read, so that no log, template or JSON can show it. */
function secret(value) {
	const hidden = () => "***";
	return Object.freeze({
		reveal: () => value,
		toString: hidden,
		toJSON: hidden
	});
}
/** Returns whether a value is masked. Very short values and words such as `true` are not, because they are in unrelated texts. */
function isMaskable(value) {
	return value.trim().length >= MIN_MASKED_LENGTH && !COMMON_WORD.test(value.trim());
}
// src/runtime/secret-fields.ts
/** The depth of secrets within secrets, such as JSON in base64 in JSON. */
const MAX_DEPTH = 3;
/** The longest value that is searched for fields, in characters. */
const MAX_LENGTH = 262144;
const MAX_NESTING = 32;
const MAX_FIELDS = 200;
/** The shortest secret field without a telling name. */
const MIN_LENGTH = 8;
/** The shortest path that counts as a credential. */
const MIN_PATH = 12;
const CREDENTIAL = "(?:pass(?:word|wd|phrase)?|pwd|pw|secret|token|key|credential|auth|salt|dsn|signature|pin)s?";
const NAMES_CREDENTIAL = new RegExp(`${CREDENTIAL}$`, "i");
/** `Password=…;`, `token: …`. The name may have anything before it. */
const ASSIGNED = new RegExp(`${CREDENTIAL}["']?[ \\t]{0,4}[:=][ \\t]{0,4}("[^"\\n]*"|'[^'\\n]*'|[^\\s;&,"']+)`, "gi");
/** `postgres://user:password@host`. */
const IN_ADDRESS = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#@:]{0,200}:([^\s/?#]{1,1000})@/gi;
/** `https://token@host`. */
const ALONE_IN_ADDRESS = /[a-z][a-z0-9+.-]{0,20}:\/\/(?=[^\s/?#@:]{0,1000}\d)([^\s/?#@:]{20,1000})@/gi;
/** The header of a request, a line of `.netrc`, and one of `.pgpass`. */
const ELSEWHERE = [
	/^\s*(?:basic|bearer|token|apikey)[ \t]+(\S{8,})\s*$/gi,
	/^[ \t]*(?:machine[ \t].{0,500})?\bpassword[ \t]+(\S{1,1000})[ \t]*$/gim,
	/^[^\s:#]{1,253}:(?:\d{1,5}|\*):[^\s:]{1,200}:[^\s:]{1,200}:(\S{1,1000})$/gm
];
/** A user and a password. */
const PAIR = /^[^\s:]{1,200}:(\S{1,1000})$/;
/** Common values, which are not secret under any name. */
const SETTING = /^(?:enabled|disabled|required|optional|default|basic|bearer|digest|plain|auto|always|never|main|master|production|staging|development|test)$/i;
/** Versions, addresses and dates. */
const NUMBERS = /^v?\d+(?:\.\d+){1,3}$|^\d{4}-\d\d-\d\d(?:[T ][\d:.]{5,15}(?:Z|[+-]\d\d:?\d\d)?)?$/;
/** Names of places and kinds. Their values are in many outputs, and GitHub drops each output that contains a masked value. */
const NAMES_PLACE = /(?:project|account|region|zone|location|host|hostname|domain|bucket|namespace|registry|repository|image|version|name|type)(?:_?id)?$/i;
/**
* Returns the secrets within a secret: fields of JSON, the path of a web hook, passwords in addresses, settings with the name of a credential, and credentials in
* headers and files of programs. For text in base64, also the text and its secrets.
*/
function fieldsOf(value) {
	const found = new Set(pathOf(value));
	collect(value, 0, found);
	return [...found].filter((text) => isMaskable(text) && !SETTING.test(text)).slice(0, MAX_FIELDS);
}
/** Returns the path of a web hook or the like, which is a credential that an answer may quote without the host. */
function pathOf(value) {
	if (!/^https?:\/\//i.test(value) || !URL.canParse(value) || isPlace(value)) return [];
	const { pathname, search } = new URL(value);
	return [pathname + search, pathname].filter((path) => path.length >= MIN_PATH && /\d/.test(path));
}
function collect(value, depth, found) {
	if (depth === MAX_DEPTH || value.length > MAX_LENGTH) return;
	for (const pattern of [IN_ADDRESS, ALONE_IN_ADDRESS]) for (const [, password = ""] of value.matchAll(pattern)) for (const text of [password, unescaped(password)]) found.add(text);
	for (const [, text = ""] of ELSEWHERE.flatMap((pattern) => [...value.matchAll(pattern)])) {
		found.add(text);
		collect(text, depth + 1, found);
	}
	const json = parsed(value);
	if (json === void 0) for (const [, text = ""] of value.matchAll(ASSIGNED)) found.add(text.replace(/^(["'])(.*)\1$/, "$2"));
	else for (const [name, text] of leavesOf(json, "", MAX_NESTING)) if (isSecret(name, text)) {
		found.add(text);
		collect(text, depth + 1, found);
	}
	const text = inBase64(value);
	if (text !== void 0) {
		found.add(text);
		const password = PAIR.exec(text)?.[1];
		if (password !== void 0) found.add(password);
		collect(text, depth + 1, found);
	}
}
/** Returns the texts and numbers of a value, each with the name of its field. */
function* leavesOf(value, name, nesting) {
	if (typeof value === "string" || typeof value === "number") yield [name, `${value}`];
	else if (typeof value === "object" && value !== null && nesting > 0) for (const [key, inner] of Object.entries(value)) yield* leavesOf(inner, Array.isArray(value) ? name : key, nesting - 1);
}
function isSecret(name, text) {
	if (NAMES_CREDENTIAL.test(name)) return true;
	return text.length >= MIN_LENGTH && !NAMES_PLACE.test(name) && !isWords(text) && !isPlace(text) && !NUMBERS.test(text);
}
const isWords = (text) => /^[a-z]+(?:[-_ .][a-z]+)*$/i.test(text);
/** Returns whether a text is a host or a public address. */
function isPlace(text) {
	if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?$/.test(text)) return true;
	if (!URL.canParse(text)) return false;
	const { protocol, username, password, pathname, search } = new URL(text);
	return /^https?:$/.test(protocol) && username + password + search === "" && pathname.split("/").length <= 2;
}
function parsed(value) {
	if (!/^\s*[{["]/.test(value)) return void 0;
	try {
		return JSON.parse(value);
	} catch {
		return;
	}
}
function unescaped(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
/** Returns the text of a value in base64; undefined for other values, such as random bytes. */
function inBase64(value) {
	const characters = value.replace(/\s/g, "");
	if (!/^[A-Za-z0-9+/_-]{12,}={0,2}$/.test(characters)) return void 0;
	const text = Buffer.from(characters, "base64").toString();
	return /\ufffd|(?![\t\n\r])\p{Cc}/u.test(text) ? void 0 : text;
}
// src/runtime/secret-forms.ts
/** Shorter secrets inside a longer text have too few characters of base64 to be found. */
const MIN_SHIFTED_BYTES = 6;
/** The limit of masks, because the runner compares every line of the job with each of them. */
const MAX_BASE64_LINES = 40;
/** Line ends of terminals, Markdown, JavaScript and logs. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** Returns the texts of a secret without its public parts; none for a value that is not masked. */
function secretTexts(value, isPublic = () => false) {
	if (!isMaskable(value)) return {
		wholes: [],
		lines: []
	};
	const fields = fieldsOf(value).filter((text) => !isPublic(text.trim()));
	const wholes = new Set([value, ...fields].flatMap((text) => [
		text,
		text.trim(),
		text.trim().normalize(),
		text.trim().normalize("NFD")
	]));
	const lines = [...wholes].flatMap((text) => text.split(LINE_BREAK)).map((line) => line.trim()).filter((line) => isMaskable(line) && /[\p{L}\p{N}]/u.test(line) && !wholes.has(line) && !isPublic(line));
	return {
		wholes: [...wholes],
		lines: [...new Set(lines)]
	};
}
/**
* Returns the forms of a secret for the runner, which compares characters, longest first: its texts, also inside JSON, HCL, Markdown, HTML, a shell and URLs; the
* wholes in base64, also within a longer encoded text, and in hexadecimal; the value in base64 of several lines. Empty for a value that is not masked.
*/
function secretForms(value, isPublic) {
	const { wholes, lines } = secretTexts(value, isPublic);
	return [.../* @__PURE__ */ new Set([
		...inLines(wholes[0] ?? ""),
		...[...wholes, ...lines].flatMap((text) => [text, ...escaped(text)]),
		...wholes.flatMap((text) => [
			...urlEncoded(text),
			...base64(Buffer.from(text)),
			...hexadecimal(text),
			...inOtherCase(text)
		])
	])].filter(isMaskable).sort((a, b) => b.length - a.length);
}
/** Returns base64 and hexadecimal forms of a text, and of its forms in JSON, URLs, UTF-16 and base64. They are searched without punctuation. */
function encodedForms(text) {
	const utf16 = Buffer.from(text, "utf16le");
	const bytes = [
		text,
		inJson(text),
		encodeURIComponent(text.toWellFormed()),
		Buffer.from(text).toString("base64")
	];
	return [...new Set([...bytes.map((form) => Buffer.from(form)), utf16].flatMap((form) => [...base64(form), form.toString("hex")]))];
}
/** Returns a text, and the texts after each round of removing its escapes. */
function decodedForms(text) {
	const forms = views(text).map((view) => view.text);
	return [...forms, ...forms.map((form) => form.replace(/(?<!\\)\\+$/, ""))];
}
/** Returns a text in the quotes of JSON, JSON within JSON, HCL and a shell, and in Markdown and HTML. */
function escaped(text) {
	const json = inJson(text);
	const go = json.replace(/\\(\\|b|f)/g, (whole, kind) => kind === "b" ? "\\u0008" : kind === "f" ? "\\u000c" : whole);
	const forHtml = go.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
	const ascii = json.replace(/[\u007f-\uffff]/g, unicodeEscape);
	const markdown = text.replace(/[\\`*_[\]<>#~]/g, "\\$&");
	const tags = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
	const quoted = tags.replaceAll("\"", "&quot;");
	return [
		json,
		go,
		forHtml,
		ascii,
		json.replaceAll("/", "\\/"),
		json.replaceAll("\\\"", "\\u0022"),
		inJson(json),
		inJson(forHtml),
		go.replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{"),
		text.replaceAll("'", `'\\''`),
		text.replaceAll("'", `'"'"'`),
		markdown,
		markdown.replaceAll("|", "\\|"),
		tags,
		tags.replaceAll("\"", "&#34;").replaceAll("'", "&#39;"),
		quoted,
		...[
			"&#39;",
			"&#x27;",
			"&apos;"
		].map((quote) => quoted.replaceAll("'", quote))
	];
}
function inJson(text) {
	return JSON.stringify(text).slice(1, -1);
}
function unicodeEscape(character) {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
/** Returns a text as part of a URL: by JavaScript, by RFC 3986, as a form, and encoded twice, with digits in both cases. */
function urlEncoded(text) {
	const plain = encodeURIComponent(text.toWellFormed());
	const strict = plain.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
	return [
		plain,
		strict,
		strict.replaceAll("%20", "+"),
		encodeURIComponent(plain),
		encodeURIComponent(strict)
	].flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}
/** Returns the lines of a text in broken base64, with and without a final line end. */
function inLines(text) {
	return [text, `${text}\n`].map((whole) => Buffer.from(whole).toString("base64")).flatMap((whole) => [76, 64].flatMap((width) => whole.length <= width ? [] : whole.match(new RegExp(`.{8,${width}}`, "g")) ?? [])).slice(0, MAX_BASE64_LINES);
}
function hexadecimal(text) {
	const digits = Buffer.from(text).toString("hex");
	return [digits, digits.toUpperCase()];
}
/** Returns a text in upper and lower case, because the runner compares case. Names are left out, which are common in any case. */
function inOtherCase(text) {
	return isName(text) ? [] : [text.toUpperCase(), text.toLowerCase()];
}
/** Returns whether a text consists of words and numbers, as a name. In another case or punctuation, it may be another name. */
function isName(text) {
	return /^(?:\p{L}+\p{N}{0,4}|\p{N}+)(?:[-_./:@ ](?:\p{L}+\p{N}{0,4}|\p{N}+))*$/u.test(text);
}
/**
* Returns a text in base64, in both alphabets: alone, with and without padding, and within a longer text (`user:<secret>`), the characters that do not depend on
* the text around, for each of the three offsets in a group of three bytes.
*/
function base64(bytes) {
	const alone = bytes.toString("base64");
	const inside = (bytes.length < MIN_SHIFTED_BYTES ? [] : [
		0,
		1,
		2
	]).map((shift) => {
		const [first, end] = [Math.ceil(shift * 8 / 6), Math.floor((shift + bytes.length) * 8 / 6)];
		return Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64").slice(first, end);
	});
	return [
		alone,
		alone.replace(/={1,2}$/, ""),
		...inside
	].flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}
// src/runtime/redact.ts
/** Digests and Nomad's ids. A short secret is part of one only by chance, and later steps need them complete. */
const IDENTIFIER = /sha256:[0-9a-f]{64}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Longer forms are in no identifier by chance. */
const LONG = 12;
/** Shorter texts are found with their own case and punctuation only, because others are in texts by chance. */
const MIN_FOLDED = 8;
/** The limit for texts of letters and digits, which are less often in others by chance. */
const MIN_FOLDED_MIXED = 6;
/** Shorter secrets have no second line in base64. */
const MIN_BROKEN_BYTES = 24;
const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;
/** ASCII without letters and digits, blanks, and C's prefix of a byte. */
const PUNCTUATION = /(?:[\0-/:-@[-`{-\u00a0\s]|0x(?=[\da-f]{2}(?![\da-z])))+/gi;
/**
* Returns a function that replaces parts of the secrets by `***`: in all their forms, behind nested escapes, in pieces of base64 and hexadecimal, and in another
* case. Public parts stay, and so do short secrets within a digest or an id. Overlapping matches are replaced as one.
*/
function redactor(values, isPublic) {
	let search;
	return (text) => {
		search ??= prepared(values, isPublic);
		return replaced(text, intervals(text, search));
	};
}
/** Returns a value with all its texts redacted, names of properties included. */
function redactDeep(value, redact) {
	const walk = (item) => {
		if (typeof item === "string") return redact(item);
		if (Array.isArray(item)) return item.map(walk);
		if (typeof item !== "object" || item === null) return item;
		if (JSON.isRawJSON(item)) return redact(item.rawJSON) === item.rawJSON ? item : redact(item.rawJSON);
		return Object.fromEntries(Object.entries(item).map(([key, inner]) => [redact(key), walk(inner)]));
	};
	return walk(value);
}
function prepared(values, isPublic) {
	const texts = values.map((value) => secretTexts(value, isPublic));
	const wholes = unique(texts.flatMap((one) => one.wholes));
	const all = unique([...wholes, ...texts.flatMap((one) => one.lines)]);
	const plain = unique(all.flatMap(decodedForms)).filter(isMaskable);
	const encoded = unique(wholes.flatMap(encodedForms));
	const packed = [...unique([...wholes, ...all.filter(isToken)].flatMap(decodedForms)).filter((text) => !isName(text)), ...encoded].map((text) => folded(text, PUNCTUATION));
	return {
		exact: finder(unique([...values.flatMap((value) => secretForms(value, isPublic)), ...plain]), []),
		joined: finder(unique(plain.map((text) => folded(text, BREAKS)).filter(isLongEnough)), []),
		packed: finder(unique(packed.filter((text) => text.length >= MIN_FOLDED)), unique([...encoded, ...all.filter(isToken)].map((text) => folded(text, PUNCTUATION)))),
		ends: new Set(wholes.flatMap(endsOf))
	};
}
const unique = (texts) => [...new Set(texts)];
function isLongEnough(text) {
	return text.length >= (/\p{L}/u.test(text) && /\p{N}/u.test(text) ? MIN_FOLDED_MIXED : MIN_FOLDED);
}
/** Returns whether a text is random characters, so that a part of it is secret too. */
const isToken = (text) => /^(?=\D*\d)[\w+/=.~-]{24,}$/.test(text) && !isName(text);
/** Returns the possible ends of a long secret in base64 and hexadecimal, up to the length that is found as a part. */
function endsOf(text) {
	if (Buffer.byteLength(text) < MIN_BROKEN_BYTES) return [];
	return [text, `${text}\n`].map((whole) => Buffer.from(whole).subarray(-24)).flatMap((bytes) => [...[
		0,
		1,
		2
	].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64")), bytes.toString("hex")]).flatMap((form) => Array.from({ length: 26 }, (_, i) => form.slice(-4 - i)));
}
/** Returns the text in lower case and of the same length, without the matches of `dropped`. */
function folded(text, dropped) {
	const kept = text.replace(dropped, "");
	const small = kept.toLowerCase();
	return small.length === kept.length ? small : kept.replace(/[^\u0130]+/g, (part) => part.toLowerCase());
}
/** Returns the parts to replace, in any order. */
function intervals(text, { exact, joined, packed, ends }) {
	const found = [];
	const add = (view, matches, kept) => {
		for (const { start, end, length } of matches) {
			const [first, last] = [kept?.[start] ?? start, kept?.[end - 1] ?? end - 1];
			found.push({
				start: view.from?.[first] ?? first,
				end: view.to?.[last] ?? last + 1,
				length
			});
		}
	};
	for (const view of views(text)) {
		add(view, exact(view.text));
		for (const [search, dropped] of [[joined, BREAKS], [packed, PUNCTUATION]]) {
			const matches = search(folded(view.text, dropped));
			if (matches.length > 0) add(view, matches, keptPositions(view.text, dropped));
		}
	}
	if (ends.size > 0) found.push(...lastLines(text, ends));
	return found.length === 0 ? found : withoutChance(text, found);
}
/** Returns the indexes of the characters that `dropped` does not match. */
function keptPositions(text, dropped) {
	const kept = [];
	let from = 0;
	for (const match of [...text.matchAll(dropped), {
		0: "",
		index: text.length
	}]) {
		for (let i = from; i < match.index; i++) kept.push(i);
		from = match.index + match[0].length;
	}
	return kept;
}
const SHORT_LINE = /^[ \t|]*([A-Za-z0-9+/_=-]{4,30}|(?:[0-9a-f]{2}[ :]?){3,15})[ \t\r]*$/gim;
/** Returns short lines that are the end of a secret in base64 or hexadecimal. Longer ones are found as a part. */
function lastLines(text, ends) {
	return [...text.matchAll(SHORT_LINE)].flatMap(({ 0: whole, 1: line = "", index }) => {
		const base64 = line.replaceAll("-", "+").replaceAll("_", "/");
		const digits = line.replace(/[ :]/g, "").toLowerCase();
		if (!ends.has(base64) && !(digits.length >= 6 && ends.has(digits))) return [];
		const start = index + whole.indexOf(line);
		return [{
			start,
			end: start + line.length,
			length: LONG
		}];
	});
}
/** Returns the matches without short forms in identifiers. */
function withoutChance(text, found) {
	const identifiers = found.some(({ length }) => length < LONG) ? [...text.matchAll(IDENTIFIER)] : [];
	if (identifiers.length === 0) return [...found];
	return found.filter(({ start, end, length }) => length >= LONG || !identifiers.some((match) => match.index <= start && end <= match.index + match[0].length));
}
/** Returns the text with the union of the matches replaced. */
function replaced(text, found) {
	if (found.length === 0) return text;
	let shown = "";
	let done = 0;
	let [start, end] = [0, 0];
	const close = () => {
		if (end === 0) return;
		shown += `${text.slice(done, start)}***`;
		done = end;
	};
	for (const next of found.toSorted((a, b) => a.start - b.start)) if (next.start <= end && end > 0) end = Math.max(end, next.end);
	else {
		close();
		[start, end] = [next.start, next.end];
	}
	close();
	return shown + text.slice(done);
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
// src/runtime/machine.ts
/** Returns the parts of a runtime that every machine gives in the same way, and the function that cleans up. */
function machine({ env, signal, log, workspace, masking, save }) {
	const { mask, redact } = masking;
	const temp = tempOf(env);
	const folders = [];
	const leftovers = [];
	let published;
	let mark;
	const privateFolder = async () => {
		const folder = join(temp, `${PRIVATE}${randomHex(systemClock, 12)}`);
		folders.push(folder);
		save("folders", folders);
		await mkdir(folder, { mode: 448 });
		return folder;
	};
	const exec = async (argv, options) => {
		const { execute } = await import("./exec.js");
		if (mark === void 0) {
			mark = randomUUID();
			save("programs", [mark]);
		}
		const ends = [...options.outlives === true ? [] : [signal], ...options.signal === void 0 ? [] : [options.signal]];
		const result = await execute(argv, options, {
			environment: env,
			signal: AbortSignal.any(ends),
			onLine: log.info,
			mark
		});
		return {
			...result,
			stderr: redact(result.stderr),
			lines: result.lines.map(redact)
		};
	};
	const nomadCli = async () => (await import("./nomad-cli.js")).findNomad(env, {
		log,
		signal,
		exec,
		privateFolder
	});
	const atEnd = (leftover) => {
		leftovers.push(leftover);
		save("leftovers", leftovers);
	};
	const shared = {
		log,
		clock: systemClock,
		signal,
		workspace,
		nomadCli,
		nomadAgent: async (options) => (await import("./agent.js")).startAgent(options, temp, env, {
			exec,
			log,
			signal,
			nomadCli,
			atEnd
		}),
		exec,
		request: async (url, sent) => {
			const { request } = await import("./http.js");
			return request(url, sent.body === void 0 ? sent : {
				...sent,
				body: redactBody(sent.body, redact)
			});
		},
		privateFolder,
		atEnd,
		dockerConfig: async (logins) => isolatedDockerConfig(logins, await privateFolder(), env),
		publish: async (name, value) => {
			published ??= await mkdtemp(join(temp, "nomad-deploy-"));
			const path = join(published, name);
			await writeFile(path, `${JSON.stringify(redactDeep(value, redact), null, 2)}\n`);
			return path;
		},
		mask,
		redact,
		redactDeep: (value) => redactDeep(value, redact)
	};
	const end = async () => {
		await cleanUp(leftovers, folders, env);
		if (mark !== void 0 && !signal.aborted) save("programs", []);
	};
	return {
		shared,
		cleanUp: end
	};
}
/** Returns the masking of a run. `redact` replaces the values that are masked so far. `hide` gets each masked form of a value. */
function openMasking(hide) {
	const masked = [];
	const names = /* @__PURE__ */ new Set();
	let redact = (text) => text;
	return {
		redact: (text) => redact(text),
		mask: (value, publicNames) => {
			for (const name of publicNames ?? []) for (const text of [name, ...name.split(/[^\p{L}\p{N}]+/u)]) names.add(text);
			if (masked.includes(value)) return;
			masked.push(value);
			const isPublic = (text) => names.has(text);
			redact = redactor(masked, isPublic);
			for (const form of secretForms(value, isPublic)) hide(form);
		}
	};
}
/** Returns a body with redacted texts, so that JSON stays JSON. */
function redactBody(body, redact) {
	let value;
	try {
		value = JSON.parse(body);
	} catch {
		return redact(body);
	}
	return JSON.stringify(redactDeep(value, redact));
}
// src/runtime/orphans.ts
/** The environment variable that marks the programs of a run, and the programs that they start. */
const MARK = "NOMAD_DEPLOY_PROGRAM_OF";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** After SIGTERM, a program has this time before SIGKILL. */
const KILL_AFTER_MS = 2e3;
const POLL_MS = 50;
/**
* Ends the programs of a killed run: the runner kills only the process of the step, so that its programs go on. Does nothing for a mark of another form, and
* where the system has no `/proc`.
*/
async function endOrphans(mark) {
	if (UUID.test(mark)) await endAll(async () => processesWith(MARK, mark), "SIGTERM");
}
/** Ends processes by `first`, and by SIGKILL what goes on after two seconds. Asks for the processes until none is left, for four seconds at most. */
async function endAll(list, first) {
	const startedMs = systemClock.now();
	const asked = /* @__PURE__ */ new Set();
	for (let found = await list(); found.length > 0; found = await list()) {
		const sinceMs = systemClock.now() - startedMs;
		if (sinceMs >= 2 * KILL_AFTER_MS) return;
		for (const { pid } of found) {
			if (sinceMs >= KILL_AFTER_MS) send(pid, "SIGKILL");
			else if (!asked.has(pid)) send(pid, first);
			asked.add(pid);
		}
		await systemClock.sleep(POLL_MS, new AbortController().signal);
	}
}
/** Returns the processes of this user that have the variable in their environment, with that value where one is given. */
async function processesWith(variable, value) {
	const names = await readdir("/proc").catch(() => []);
	return (await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(async (name) => {
		const having = (await readFile(`/proc/${name}/environ`, "utf8").catch(() => "")).split("\0").find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1);
		return having === void 0 || value !== void 0 && having !== value ? [] : [{
			pid: Number(name),
			value: having
		}];
	}))).flat();
}
function send(pid, signal) {
	try {
		process.kill(pid, signal);
	} catch {}
}
// src/runtime/actions.ts
/** The saved state of a killed run, for the post step. */
const STATES = {
	folders: "private-folders",
	leftovers: "at-end",
	programs: "programs"
};
/** Returns the runtime on a real runner, and the function that cleans up. */
function actionsRuntime(env, signal) {
	const masking = openMasking(maskInJob);
	redactBy(masking.redact);
	const { log, endLog } = actionsLog();
	const save = (name, value) => writeRunnerFile("GITHUB_STATE", env, name, JSON.stringify(value));
	const { shared, cleanUp } = machine({
		env,
		signal,
		log,
		masking,
		workspace: env["GITHUB_WORKSPACE"] || process.cwd(),
		save: (what, list) => save(STATES[what], list)
	});
	const runtime = {
		...shared,
		leaveWord: (topic, word) => save(topic, word ?? null),
		drained,
		setOutput: (name, value) => writeRunnerFile("GITHUB_OUTPUT", env, name, masking.redact(value)),
		offerArtifacts: (references) => {
			const path = env["GITHUB_ARTIFACTS"];
			if (path !== void 0 && path !== "" && references.length > 0) appendFileSync(path, references.map((reference) => `oci://${masking.redact(reference)}\n`).join(""));
		},
		writeSummary: async (markdown) => {
			const path = env["GITHUB_STEP_SUMMARY"];
			if (path !== void 0 && path !== "") appendFileSync(path, `${masking.redact(markdown)}\n`);
		}
	};
	const end = async () => {
		endLog();
		await cleanUp();
	};
	return {
		runtime,
		cleanUp: end
	};
}
/**
* Returns the word that a killed run left; undefined when the run came to its end. The word may be forged through the log or the files of the runner, so its
* reader checks each field.
*/
function leftWord(topic, env) {
	const saved = savedState(topic, env);
	if (typeof saved !== "object" || saved === null || Array.isArray(saved)) return void 0;
	return Object.fromEntries(Object.entries(saved).flatMap(([key, value]) => typeof value === "string" ? [[key, value]] : []));
}
/** Cleans up after a killed run, in the post step. Ignores saved names and paths of another form. */
async function cleanUpAfterKill(env) {
	const list = (name) => {
		const saved = savedState(name, env);
		return Array.isArray(saved) ? saved : [];
	};
	const texts = (name) => list(name).filter((value) => typeof value === "string");
	for (const mark of texts(STATES.programs)) await endOrphans(mark);
	const folders = texts(STATES.folders);
	await cleanUp(list(STATES.leftovers).filter(isLeftover), folders, env);
}
function savedState(name, env) {
	try {
		return JSON.parse(env[`STATE_${name}`] || "null");
	} catch {
		return;
	}
}
function actionsLog() {
	const place = (location) => ({
		file: location?.file,
		line: location?.line,
		col: location?.column
	});
	const annotations = annotator(({ kind, text, title, location }) => command(kind, {
		title,
		...place(location)
	}, text), print);
	const title = "nomad-deploy";
	return {
		log: {
			info: print,
			debug: (line) => command("debug", {}, line),
			notice: (text) => annotations.add({
				kind: "notice",
				text,
				title,
				location: void 0
			}),
			warning: (text, location) => annotations.add({
				kind: "warning",
				text,
				title,
				location
			}),
			error: (text, own, location) => annotations.add({
				kind: "error",
				text,
				title: own,
				location
			}),
			group: async (name, work) => {
				command("group", {}, name);
				try {
					return await work();
				} finally {
					command("endgroup", {}, "");
				}
			}
		},
		endLog: annotations.flush
	};
}
export { naming as C, toActionError as E, messageOf as S, sentence as T, ActionError as _, endAll as a, errorOfRun as b, openMasking as c, randomHex as d, isMaskable as f, takeOver as g, drained as h, MARK as i, isoTime as l, systemClock as m, cleanUpAfterKill as n, processesWith as o, secret as p, leftWord as r, machine as s, actionsRuntime as t, parseTime as u, connectionCode as v, reasons as w, failureOf as x, connectionProblem as y };
