import { a as info, c as saveState, d as warning, i as group, l as setOutput, n as error, r as getState, s as notice, t as debug, u as setSecret } from "./core.js";
import { access, chmod, constants, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { delimiter, join } from "node:path";
import { appendFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { setTimeout } from "node:timers/promises";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
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
// src/runtime/secret.ts
/** Values shorter than this are too common to be searched for in text. */
const MIN_REDACTED_LENGTH = 3;
/** Wraps a value at birth, so that no log, template or JSON can show it. */
function secret(value) {
	const hidden = () => "***";
	return Object.freeze({
		reveal: () => value,
		toString: hidden,
		toJSON: hidden
	});
}
/** The forms in which a secret may show up in text: whole, each line of it, and as it looks inside a JSON string. Longest first. */
function secretForms(value) {
	const forms = /* @__PURE__ */ new Set([
		value,
		value.trim(),
		...value.split(/\r?\n/).map((line) => line.trim())
	]);
	for (const form of [...forms]) forms.add(JSON.stringify(form).slice(1, -1));
	return [...forms].filter((form) => form.length >= MIN_REDACTED_LENGTH).sort((a, b) => b.length - a.length);
}
/** Makes a function that replaces every form of the given secrets by `***`. */
function redactor(values) {
	const forms = [...new Set(values.flatMap(secretForms))].sort((a, b) => b.length - a.length);
	return (text) => forms.reduce((shown, form) => shown.replaceAll(form, "***"), text);
}
// src/runtime/clock.ts
/** The real clock. Timers end at once when the signal aborts. */
const systemClock = {
	now: () => Date.now(),
	sleep: async (ms, signal) => {
		try {
			await setTimeout(ms, void 0, { signal });
		} catch (error) {
			throw signal.aborted ? signal.reason : error;
		}
	}
};
// src/runtime/exec.ts
/**
* What of the runner's environment a child process gets: enough to find programs, the Docker engine and a proxy. Tokens and
* `NOMAD_SECRET_*` are not on the list, so that no build can read them.
*/
const PASSED_ON = /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|DOCKER_(HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION)|BUILDX_.+|BUILDKIT_.+|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|https?_proxy|no_proxy|all_proxy|SystemRoot|ProgramData|ProgramFiles|USERPROFILE|LOCALAPPDATA|APPDATA|PATHEXT|COMSPEC)$/i;
/** Runs a program and waits for its end. A program that does not exist gives exit code 127, as a shell would. */
async function execute([program, ...args], options, { environment, signal, onLine }) {
	signal.throwIfAborted();
	const passed = Object.entries(environment).filter(([name, value]) => value !== void 0 && PASSED_ON.test(name));
	const child = spawn(program, args, {
		cwd: options.cwd,
		env: {
			...Object.fromEntries(passed),
			...options.env
		},
		stdio: [
			"pipe",
			"pipe",
			"pipe"
		],
		signal,
		killSignal: "SIGTERM"
	});
	const collect = (stream) => {
		const lines = [];
		createInterface({
			input: stream,
			crlfDelay: Number.POSITIVE_INFINITY
		}).on("line", (line) => {
			lines.push(line);
			if (options.stream === true) onLine(line);
		});
		return () => lines.join("\n");
	};
	const stdout = collect(child.stdout);
	const stderr = collect(child.stderr);
	child.stdin.on("error", () => void 0);
	child.stdin.end(options.stdin ?? "");
	return {
		code: await new Promise((resolve, reject) => {
			child.on("error", (error) => {
				if (error.code === "ENOENT") resolve(127);
				else if (!signal.aborted) reject(error);
			});
			child.on("close", (exitCode) => {
				if (signal.aborted) reject(signal.reason);
				else resolve(exitCode ?? 1);
			});
		}),
		stdout: stdout(),
		stderr: stderr()
	};
}
// src/runtime/nomad-cli.ts
/** The CLI only parses with it, so any version that knows the language will do. */
const VERSION = "1.11.3";
const RELEASES = "https://releases.hashicorp.com/nomad";
/**
* Path of the Nomad CLI, from the first place that has it: `NOMAD_BIN`, PATH, the runner's tool cache, the official release (verified by its
* checksum). `NOMAD_RELEASES` is the address of a mirror of the releases. Throws `unreachable` when it can't be fetched.
*/
async function findNomad(env, log) {
	if (env["NOMAD_BIN"]) return env["NOMAD_BIN"];
	for (const folder of (env["PATH"] ?? "").split(delimiter).filter((part) => part !== "")) {
		const program = join(folder, "nomad");
		if (await access(program, constants.X_OK).then(() => true, () => false)) return program;
	}
	const { find } = await import("./tool-cache.js");
	const cached = find("nomad", VERSION);
	return join(cached === "" ? await fetchRelease(env["NOMAD_RELEASES"] || RELEASES, log) : cached, "nomad");
}
/** Downloads, verifies and caches a release; gives the folder that holds the program. */
async function fetchRelease(releases, log) {
	const { cacheDir, downloadTool, extractZip } = await import("./tool-cache.js");
	const file = `nomad_${VERSION}_${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}.zip`;
	const folder = `${releases.replace(/\/+$/, "")}/${VERSION}`;
	log.info(`The job spec reads files, which takes the Nomad CLI: fetching ${folder}/${file}`);
	try {
		const sums = await readFile(await downloadTool(`${folder}/nomad_${VERSION}_SHA256SUMS`), "utf8");
		const expected = new RegExp(`^([0-9a-f]{64})\\s+\\*?${file.replaceAll(".", "\\.")}$`, "m").exec(sums)?.[1];
		const archive = await downloadTool(`${folder}/${file}`);
		const actual = createHash("sha256").update(await readFile(archive)).digest("hex");
		if (actual !== expected) throw new Error(`its checksum is ${actual}, the release says ${expected ?? "nothing about it"}`);
		return await cacheDir(await extractZip(archive), "nomad", VERSION);
	} catch (error) {
		throw new ActionError("unreachable", `the Nomad CLI could not be fetched from ${folder}: ${messageOf(error)}`, {
			hint: "The job spec uses a function that reads files. Put `nomad` on PATH (hashicorp/setup-nomad), or name it with NOMAD_BIN.",
			cause: error
		});
	}
}
// src/runtime/actions.ts
/** The saved state by which the post step finds what a killed run left. */
const STATE_FOLDERS = "private-folders";
/** The runtime on a real runner, and how to end it. */
async function actionsRuntime(env, signal) {
	const masked = [];
	let redact = (text) => text;
	const log = actionsLog((text) => redact(text));
	const temp = env["RUNNER_TEMP"] || tmpdir();
	const workspace = env["GITHUB_WORKSPACE"] || process.cwd();
	const folders = [];
	let published;
	const privateFolder = async () => {
		const folder = await mkdtemp(join(temp, "nomad-deploy-private-"));
		folders.push(folder);
		saveState(STATE_FOLDERS, JSON.stringify(folders));
		return folder;
	};
	return {
		runtime: {
			log,
			clock: systemClock,
			signal,
			workspace,
			nomadCli: async () => findNomad(env, log),
			exec: async (argv, options) => execute(argv, options, {
				environment: env,
				signal,
				onLine: log.info
			}),
			privateFolder,
			dockerConfig: async (registry) => isolatedDockerConfig(registry, await privateFolder(), env),
			publish: async (name, value) => {
				published ??= await mkdtemp(join(temp, "nomad-deploy-"));
				const path = join(published, name);
				const hide = (_key, item) => typeof item === "string" ? redact(item) : item;
				await writeFile(path, `${JSON.stringify(value, hide, 2)}\n`);
				return path;
			},
			mask: (value) => {
				if (masked.includes(value)) return;
				masked.push(value);
				redact = redactor(masked);
				for (const form of secretForms(value)) setSecret(form);
			},
			redact: (text) => redact(text),
			setOutput,
			writeSummary: async (markdown) => {
				const path = env["GITHUB_STEP_SUMMARY"];
				if (path !== void 0 && path !== "") appendFileSync(path, `${markdown}\n`);
			}
		},
		cleanUp: async () => removeFolders(folders)
	};
}
/** Removes what a run left that could not clean up after itself; for the post step. */
async function cleanUpAfterKill() {
	const folders = JSON.parse(getState(STATE_FOLDERS) || "[]");
	if (Array.isArray(folders)) await removeFolders(folders.filter((folder) => typeof folder === "string"));
}
async function removeFolders(folders) {
	await Promise.all(folders.map(async (folder) => rm(folder, {
		recursive: true,
		force: true
	})));
}
function actionsLog(redact) {
	const place = (location) => location === void 0 ? {} : {
		file: location.file,
		...location.line === void 0 ? {} : { startLine: location.line },
		...location.column === void 0 ? {} : { startColumn: location.column }
	};
	return {
		info: (line) => info(neutral(redact(line))),
		debug: (line) => debug(redact(line)),
		notice: (text) => notice(redact(text), { title: "nomad-deploy" }),
		warning: (text, location) => warning(redact(text), {
			title: "nomad-deploy",
			...place(location)
		}),
		error: (text, title, location) => error(redact(text), {
			title: redact(title),
			...place(location)
		}),
		group: async (title, work) => group(redact(title), work)
	};
}
/** The runner takes a line that begins with `::`, or has `##[` anywhere, for a command: nothing that a build or a workload prints may give one. */
function neutral(text) {
	return text.replace(/^([\s\u0085]*)::/gm, "$1​::").replaceAll("##[", "##​[");
}
/**
* A copy of the user's Docker configuration in which a login to `registry` is stored in the file itself: an empty credential helper for one
* registry makes docker do so, and leaves the helpers of all others alone. Plugins, contexts and builders are linked.
*/
async function isolatedDockerConfig(registry, folder, env) {
	const own = env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
	const text = await readFile(join(own, "config.json"), "utf8").catch(() => "{}");
	const parsed = JSON.parse(text);
	const config = typeof parsed === "object" && parsed !== null ? parsed : {};
	const helpers = "credHelpers" in config && typeof config.credHelpers === "object" ? config.credHelpers : {};
	const host = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
	const isolated = {
		...config,
		credHelpers: {
			...helpers,
			[host]: ""
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
export { messageOf as a, ActionError as i, cleanUpAfterKill as n, sentence as o, secret as r, toActionError as s, actionsRuntime as t };
