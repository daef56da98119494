import { a as POSITIONS, c as isOwn, f as takes, h as eventOf, i as OWN, n as CODES, o as SHORT, p as takesNone, r as readRun, s as commandNamed, t as BARE, u as optionNamed } from "./program2.js";
import { dt as INPUTS, gt as commands, mt as optionNames, n as openRecord, y as begin } from "./start.js";
import { i as OPTION_WORDS, n as COMMAND_MEANINGS } from "./words.js";
// src/terminal/complete.ts
/** The inputs whose values are names in the cluster. */
const IN_CLUSTER = [
	"job-name",
	"group",
	"task",
	"alloc",
	"to"
];
/** Reads a command line up to the cursor, which is at the end of the last word. */
function readLine(words) {
	const given = {};
	const last = words.at(-1) ?? "";
	let command;
	let open;
	const positions = [];
	for (const word of words.slice(0, -1)) {
		if (word === "--") return {
			place: { of: "files" },
			command,
			typed: last,
			given
		};
		if (open !== void 0) {
			given[open] = word;
			open = void 0;
		} else if (word.startsWith("-")) {
			const [, text = "", value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
			const name = optionNamed(text);
			if (name === void 0 || isOwn(name)) continue;
			if (value !== void 0) given[name] = value;
			else if (takesNone(name)) given[name] = "true";
			else open = name;
		} else if (command === void 0) {
			command = commandNamed(word);
			positions.push(...command === void 0 ? [] : POSITIONS[command] ?? []);
		} else {
			const name = positions.shift();
			if (name !== void 0) given[name] = word;
		}
	}
	const line = {
		command,
		given
	};
	if (open !== void 0) return {
		...line,
		place: valuesOf(open),
		typed: last
	};
	const [, text = "", typed] = /^--([^=]+)=(.*)$/s.exec(last) ?? [];
	const named = typed === void 0 ? void 0 : optionNamed(text);
	if (named !== void 0 && !isOwn(named)) return {
		...line,
		place: valuesOf(named),
		typed: typed ?? ""
	};
	if (last.startsWith("-")) return {
		...line,
		place: {
			of: "options",
			command
		},
		typed: last
	};
	if (command === void 0) return {
		...line,
		place: { of: "commands" },
		typed: last
	};
	const [next] = positions;
	return {
		...line,
		place: next === void 0 ? { of: "nothing" } : valuesOf(next),
		typed: last
	};
}
function valuesOf(name) {
	const { type, values } = INPUTS[name];
	return values !== void 0 || type.startsWith("boolean") || name === "environment" || name === "app" || IN_CLUSTER.includes(name) ? {
		of: "values",
		name
	} : { of: type === "number" ? "nothing" : "files" };
}
/** Returns the words that may stand at the cursor. `asking` is called only for names of the configuration file and of the cluster. */
async function candidates({ place, command, typed }, asking) {
	return (place.of === "values" ? await values(place.name, asking) : fixed(place, command)).filter(({ value }) => value.startsWith(typed));
}
function fixed(place, command) {
	if (place.of === "commands") return commands.map((value) => ({
		value,
		about: COMMAND_MEANINGS[value] ?? ""
	}));
	if (place.of !== "options") return [];
	const fitting = optionNames.filter((name) => command === void 0 ? INPUTS[name].only === void 0 && takes("deploy", name) : takes(command, name));
	const short = Object.entries(SHORT).flatMap(([letter, name]) => letter.length === 1 ? [{
		value: `-${letter}`,
		about: meaningOf(name)
	}] : []);
	return [...[...OWN, ...fitting].map((name) => ({
		value: `--${name}`,
		about: meaningOf(name)
	})), ...short];
}
const meaningOf = (name) => OPTION_WORDS[name] ?? "";
const bare = (value) => ({
	value,
	about: ""
});
async function values(name, asking) {
	const { type, values: choices } = INPUTS[name];
	if (choices !== void 0 && name !== "environment") return choices.map(bare);
	if (type.startsWith("boolean")) return [
		"true",
		"false",
		...type === "boolean or auto" ? ["auto"] : []
	].map(bare);
	const { env, event, runtime } = await asking();
	const begun = await begin(env, event, runtime);
	const names = [
		...(begun.config?.environments ?? []).map((one) => one.name),
		"production",
		"staging",
		"main",
		"review"
	];
	if (name === "environment") return [...new Set(names)].map(bare);
	if (name === "app") return (begun.config?.apps ?? []).map((app) => bare(app.name));
	return inCluster(name, begun, runtime);
}
/** Returns the names in the cluster: of the namespace of the job alone, because Nomad 2.1.1 searches no others without a right for each. */
async function inCluster(name, begun, runtime) {
	const steps = await import("./steps2.js");
	const record = openRecord(void 0, runtime);
	const [{ inputs }] = begun.units;
	const address = steps.requireAddress(steps.commonTarget(begun.units), inputs, runtime);
	const works = await steps.prepareWork(begun.units, begun.context, runtime);
	const cluster = await steps.connectTo(begun, works, address, record);
	const { first } = cluster.regions;
	if (name === "job-name") return (await first.jobs.list(inputs.nomadNamespace)).map(({ ID }) => bare(ID));
	const [found] = await steps.findJobs(works[0], cluster, runtime);
	return found === void 0 ? [] : ofJob(name, found, runtime);
}
async function ofJob(name, { jobId, namespace, job, nomad }, { signal }) {
	const groups = job?.TaskGroups ?? [];
	if (name === "group") return groups.map(({ Name, Count }) => ({
		value: Name,
		about: `count ${Count ?? 1}`
	}));
	if (name === "task") return groups.flatMap(({ Name: group, Tasks }) => (Tasks ?? []).map(({ Name, Driver }) => ({
		value: Name,
		about: `${Driver}, of ${group}`
	})));
	if (name === "to") {
		const found = (await nomad.jobs.versions(jobId, namespace)).map(({ Version, Stable, VersionTag }) => {
			return {
				version: `${Version}`,
				tag: VersionTag?.Name ?? "",
				about: Stable === true ? "was healthy" : ""
			};
		});
		return [...found.map(({ version, tag, about }) => ({
			value: version,
			about: [about, tag].filter(Boolean).join(", ")
		})), ...found.flatMap(({ version, tag }) => tag === "" || tag.startsWith("nomad-deploy-") ? [] : [{
			value: tag,
			about: `version ${version}`
		}])];
	}
	const { value } = await nomad.jobs.allocations(jobId, namespace, 0, signal);
	return value.map(({ ID, Name, ClientStatus, NodeName }) => ({
		value: ID.slice(0, 8),
		about: `${Name} on ${NodeName}: ${ClientStatus}`
	}));
}
/** The directives of the scripts: let the shell complete files, or nothing else. */
const DIRECTIVES = {
	files: 0,
	none: 4
};
/** Returns the lines that the scripts read: the candidates, and the directive. */
function answerLines({ place }, all) {
	return [...[...new Map(all.map((one) => [one.value, one])).values()].map(({ value, about }) => `${value}\t${about}`), `:${place.of === "files" ? DIRECTIVES.files : DIRECTIVES.none}`];
}
// src/terminal/completing.ts
/** Prints the script of `completion`. */
async function printScript({ given: { "shell-name": shell = "" } }, { terminal, log }) {
	const named = [
		"bash",
		"zsh",
		"fish"
	].find((one) => one === shell);
	if (named === void 0 || terminal === void 0) {
		log.error(shell === "" ? "completion needs a shell. Write `nomad-deploy completion bash`, zsh or fish." : `there is no script for ${shell}, only for bash, zsh and fish`, "usage");
		return CODES.usage;
	}
	const { completion } = await import("./completion.js");
	await completion(named, terminal);
	return CODES.good;
}
/** The time for the names of the cluster. */
const COMPLETE_MS = 3e3;
/** Writes the words that may stand at the cursor, for the scripts of `completion`. Errors give no words, because a person is typing. */
async function complete(words, program) {
	const line = readLine(words);
	const own = {
		...BARE,
		env: program.env,
		folder: program.folder,
		quiet: true
	};
	const { clock } = program.open({
		...own,
		signal: program.signal
	}).runtime;
	const signal = AbortSignal.any([program.signal, clock.timeout(COMPLETE_MS)]);
	const { runtime } = program.open({
		...own,
		signal
	});
	const asking = async () => {
		const { checkout, ...run } = await readRun({
			command: "status",
			given: line.given
		}, program, runtime);
		return {
			env: run.env,
			event: eventOf(checkout),
			runtime: program.open({
				...own,
				...run,
				signal
			}).runtime
		};
	};
	const late = new Promise((resolve) => signal.addEventListener("abort", () => resolve([]), { once: true }));
	const all = await Promise.race([candidates(line, asking).catch(() => []), late]);
	await runtime.terminal?.writeBytes("stdout", Buffer.from(answerLines(line, all).map((text) => `${text}\n`).join("")));
	return CODES.good;
}
export { complete, printScript };
