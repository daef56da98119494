import { E as toActionError, T as sentence, _ as ActionError, d as randomHex } from "./runtime.js";
import { Gt as textAt } from "./start.js";
import { d as parseArguments, h as eventOf, l as isUsageError, m as describeCheckout, n as CODES, r as readRun, t as BARE } from "./program2.js";
import { readFile } from "node:fs/promises";
// src/terminal/main.ts
/** Runs the terminal program. Returns its exit code. Does not throw. */
async function main(program) {
	const { argv, env, folder, signal, open, packageFile } = program;
	if (argv[0] === "complete" && argv[1] === "--") return (await import("./completing.js")).complete(argv.slice(2), program);
	const order = parseArguments(argv);
	if (isUsageError(order)) {
		const { log } = open({
			...BARE,
			env,
			signal,
			folder
		}).runtime;
		log.error(`${order.usage}. ${order.hint}`, "usage");
		return CODES.usage;
	}
	const { yes, json, command } = order;
	const kind = {
		quiet: order.given.all === "true" || isOneOf(QUIET, command),
		reads: isOneOf(READING, command) || order.given.output !== void 0 || order.given.format === "hcl"
	};
	const options = {
		...BARE,
		env,
		signal,
		folder,
		yes,
		json,
		...kind
	};
	const { runtime } = open(options);
	try {
		if (order.help || order.version || command === void 0) {
			const text = order.version ? `nomad-deploy ${await version(packageFile)}\n` : await help(order, runtime.terminal?.size()?.columns);
			await runtime.terminal?.writeBytes("stdout", Buffer.from(text));
			return CODES.good;
		}
		if (command === "completion") return await (await import("./completing.js")).printScript(order, runtime);
		return await perform({
			...order,
			command
		}, program, options);
	} catch (thrown) {
		const error = thrown instanceof ActionError ? thrown : toActionError(thrown);
		const outcome = signal.aborted ? "cancelled" : "failed";
		runtime.log.error(signal.aborted ? "the command was cancelled" : sentence(error), error.code);
		const { message: cause, hint } = error;
		if (json) runtime.terminal?.end({
			outcome,
			failureReason: error.code,
			cause,
			...hint === void 0 ? {} : { hint }
		}, "", false);
		return signal.aborted ? CODES.cancelled : CODES.failed;
	}
}
/** Runs a command on the checkout of the folder. */
async function perform(order, program, options) {
	const { runtime } = program.open(options);
	const { checkout, ...own } = await readRun(order, program, runtime);
	if (checkout !== void 0 && order.command !== "init") describe(own.env, checkout, order.command, options.quiet, runtime);
	const { run } = await import("./run.js");
	const ofEnvironment = async (env, held) => {
		const given = {
			...env,
			GITHUB_RUN_ID: randomHex(runtime.clock, ID_DIGITS)
		};
		const opened = program.open({
			...options,
			...own,
			env: given,
			held
		});
		try {
			return {
				code: codeOf(await run(given, eventOf(checkout), opened.runtime), opened.ended(), order),
				release: opened.release
			};
		} finally {
			await opened.cleanUp();
		}
	};
	if (order.given.all !== "true") return (await ofEnvironment(own.env, false)).code;
	const { environmentNames } = await import("./environments.js");
	const runs = (await environmentNames(own.env, own.folder)).map((name) => ({
		name,
		ran: ofEnvironment({
			...own.env,
			INPUT_ENVIRONMENT: name
		}, true)
	}));
	let worst = CODES.good;
	for (const { name, ran } of runs) {
		const { code, release } = await ran;
		if (!options.json) runtime.terminal?.line([["bold", `# ${name}`]]);
		release();
		worst = Math.max(worst, code);
	}
	return worst;
}
/** The digits of the id that stands for a run in the provenance of a version. */
const ID_DIGITS = 8;
/** Shows the checkout that says which job is meant. */
function describe(env, checkout, command, quiet, { log }) {
	const { line, warnings } = describeCheckout(env, checkout, isOneOf(TAKES_FILES, command));
	if (!quiet) log.info(line);
	for (const text of warnings) log.warning(text);
}
/** The commands whose standard output is that of remote programs. */
const QUIET = [
	"ssh",
	"logs",
	"top",
	"login",
	"completion"
];
/** The commands that change no job. Only their answer goes to standard output. */
const READING = [...[
	"init",
	"setup",
	"doctor"
], ...[
	"status",
	"logs",
	"ssh",
	"cp",
	"tunnel",
	"history",
	"open",
	"urls",
	"top",
	"login"
]];
/** The commands that take the files of the checkout into the cluster or a registry. */
const TAKES_FILES = ["deploy", "build"];
const isOneOf = (all, command) => all.some((one) => one === command);
/** Returns the exit code of a run. A value of the command line that is wrong is a wrong use of the program. */
function codeOf(passed, { outputs, code }, { command, given }) {
	if (code !== void 0) return code;
	if (command === "ssh" && outputs.get("failure-reason") === "unreachable") return CODES.lost;
	if (passed) return CODES.good;
	if (outputs.get("outcome") === "cancelled") return CODES.cancelled;
	const [, named = ""] = /^`([a-z-]+)`/.exec(outputs.get("cause") ?? "") ?? [];
	return outputs.get("failure-reason") === "input-invalid" && Object.hasOwn(given, named) ? CODES.usage : CODES.failed;
}
async function help({ command }, columns) {
	const { helpText } = await import("./help.js");
	return helpText(command, columns);
}
async function version(packageFile) {
	return textAt(JSON.parse(await readFile(packageFile, "utf8")), "version") ?? "";
}
export { main };
