import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appendFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import * as os from "os";
import * as crypto from "crypto";
import * as fs from "fs";
import { setTimeout } from "node:timers/promises";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
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
// node_modules/@actions/core/lib/utils.js
/**
* Sanitizes an input into a string so it can be passed into issueCommand safely
* @param input input to sanitize into a string
*/
function toCommandValue(input) {
	if (input === null || input === void 0) return "";
	else if (typeof input === "string" || input instanceof String) return input;
	return JSON.stringify(input);
}
/**
*
* @param annotationProperties
* @returns The command properties to send with the actual annotation command
* See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
*/
function toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) return {};
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	};
}
// node_modules/@actions/core/lib/command.js
/**
* Issues a command to the GitHub Actions runner
*
* @param command - The command name to issue
* @param properties - Additional properties for the command (key-value pairs)
* @param message - The message to include with the command
* @remarks
* This function outputs a specially formatted string to stdout that the Actions
* runner interprets as a command. These commands can control workflow behavior,
* set outputs, create annotations, mask values, and more.
*
* Command Format:
*   ::name key=value,key=value::message
*
* @example
* ```typescript
* // Issue a warning annotation
* issueCommand('warning', {}, 'This is a warning message');
* // Output: ::warning::This is a warning message
*
* // Set an environment variable
* issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
* // Output: ::set-env name=MY_VAR::some value
*
* // Add a secret mask
* issueCommand('add-mask', {}, 'secretValue123');
* // Output: ::add-mask::secretValue123
* ```
*
* @internal
* This is an internal utility function that powers the public API functions
* such as setSecret, warning, error, and exportVariable.
*/
function issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + os.EOL);
}
function issue(name, message = "") {
	issueCommand(name, {}, message);
}
const CMD_STRING = "::";
var Command = class {
	constructor(command, properties, message) {
		if (!command) command = "missing.command";
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += " ";
			let first = true;
			for (const key in this.properties) if (this.properties.hasOwnProperty(key)) {
				const val = this.properties[key];
				if (val) {
					if (first) first = false;
					else cmdStr += ",";
					cmdStr += `${key}=${escapeProperty(val)}`;
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
};
function escapeData(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}
// node_modules/@actions/core/lib/file-command.js
function issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) throw new Error(`Unable to find environment variable for file command ${command}`);
	if (!fs.existsSync(filePath)) throw new Error(`Missing file at path: ${filePath}`);
	fs.appendFileSync(filePath, `${toCommandValue(message)}${os.EOL}`, { encoding: "utf8" });
}
function prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${crypto.randomUUID()}`;
	const convertedValue = toCommandValue(value);
	if (key.includes(delimiter)) throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	if (convertedValue.includes(delimiter)) throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	return `${key}<<${delimiter}${os.EOL}${convertedValue}${os.EOL}${delimiter}`;
}
// node_modules/@actions/core/lib/core.js
var __awaiter = function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
/**
* The code to exit an action
*/
var ExitCode;
(function(ExitCode) {
	/**
	* A code indicating that the action was successful
	*/
	ExitCode[ExitCode["Success"] = 0] = "Success";
	/**
	* A code indicating that the action was a failure
	*/
	ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
/**
* Registers a secret which will get masked from logs
*
* @param secret - Value of the secret to be masked
* @remarks
* This function instructs the Actions runner to mask the specified value in any
* logs produced during the workflow run. Once registered, the secret value will
* be replaced with asterisks (***) whenever it appears in console output, logs,
* or error messages.
*
* This is useful for protecting sensitive information such as:
* - API keys
* - Access tokens
* - Authentication credentials
* - URL parameters containing signatures (SAS tokens)
*
* Note that masking only affects future logs; any previous appearances of the
* secret in logs before calling this function will remain unmasked.
*
* @example
* ```typescript
* // Register an API token as a secret
* const apiToken = "abc123xyz456";
* setSecret(apiToken);
*
* // Now any logs containing this value will show *** instead
* console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
* ```
*/
function setSecret(secret) {
	issueCommand("add-mask", {}, secret);
}
/**
* Sets the value of an output.
*
* @param     name     name of the output to set
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function setOutput(name, value) {
	if (process.env["GITHUB_OUTPUT"] || "") return issueFileCommand("OUTPUT", prepareKeyValueMessage(name, value));
	process.stdout.write(os.EOL);
	issueCommand("set-output", { name }, toCommandValue(value));
}
/**
* Writes debug message to user log
* @param message debug message
*/
function debug(message) {
	issueCommand("debug", {}, message);
}
/**
* Adds an error issue
* @param message error issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function error(message, properties = {}) {
	issueCommand("error", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Adds a warning issue
* @param message warning issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function warning(message, properties = {}) {
	issueCommand("warning", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Adds a notice issue
* @param message notice issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function notice(message, properties = {}) {
	issueCommand("notice", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Writes info to log with console.log.
* @param message info message
*/
function info(message) {
	process.stdout.write(message + os.EOL);
}
/**
* Begin an output group.
*
* Output until the next `groupEnd` will be foldable in this group
*
* @param name The name of the output group
*/
function startGroup(name) {
	issue("group", name);
}
/**
* End an output group.
*/
function endGroup() {
	issue("endgroup");
}
/**
* Wrap an asynchronous function call in a group.
*
* Returns the same type as the function itself.
*
* @param name The name of the group
* @param fn The function to wrap in the group
*/
function group(name, fn) {
	return __awaiter(this, void 0, void 0, function* () {
		startGroup(name);
		let result;
		try {
			result = yield fn();
		} finally {
			endGroup();
		}
		return result;
	});
}
/**
* Saves state for current action, the state can only be retrieved by this action's post job execution.
*
* @param     name     name of the state to store
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function saveState(name, value) {
	if (process.env["GITHUB_STATE"] || "") return issueFileCommand("STATE", prepareKeyValueMessage(name, value));
	issueCommand("save-state", { name }, toCommandValue(value));
}
/**
* Gets the value of an state set by this action's main execution.
*
* @param     name     name of the state to get
* @returns   string
*/
function getState(name) {
	return process.env[`STATE_${name}`] || "";
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
export { cleanUpAfterKill as n, secret as r, actionsRuntime as t };
