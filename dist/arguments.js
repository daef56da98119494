import { Z as INPUTS, et as optionNames, gt as nearest, nt as commands } from "./start.js";
import { parseArgs } from "node:util";
// src/terminal/arguments.ts
/** The options that are no inputs. */
const OWN = [
	"help",
	"version",
	"yes",
	"json"
];
/** Other names of commands, as other programs have them. */
const COMMAND_ALIASES = { exec: "ssh" };
/** One-letter names of options, and longer ones that people know. */
const SHORT = {
	h: "help",
	V: "version",
	y: "yes",
	e: "environment",
	j: "job-name",
	f: "follow",
	n: "log-lines",
	lines: "log-lines"
};
/** The inputs that a command takes by their place, in their order. The last of a `rest` takes all words that are left. */
const POSITIONS = {
	ssh: ["alloc"],
	scale: ["count"],
	revert: ["to"]
};
/** Commands whose words behind `--` are a program and its arguments. */
const PROGRAMS = ["ssh"];
/** Reads the arguments of the program, without its own name. Returns the order, or the first problem of the command line. */
function parseArguments(argv) {
	const own = {
		help: false,
		version: false,
		yes: false,
		json: false
	};
	const given = {};
	const words = [];
	let command;
	const split = argv.indexOf("--");
	const before = split === -1 ? argv : argv.slice(0, split);
	const program = split === -1 ? [] : argv.slice(split + 1);
	const bad = (usage, hint) => ({
		usage,
		hint,
		command
	});
	const { tokens } = parseArgs({
		args: [...before],
		options: optionTypes(),
		strict: false,
		allowPositionals: true,
		tokens: true
	});
	for (const token of tokens) {
		if (token.kind === "positional") {
			if (command === void 0) {
				command = commandOf(token.value);
				if (command === void 0) return bad(`there is no command ${JSON.stringify(token.value)}`, commandHint(token.value));
			} else words.push(token.value);
		}
		if (token.kind !== "option") continue;
		const name = optionOf(token.name);
		if (name === void 0) return bad(`there is no option ${token.rawName}`, optionHint(token.name));
		if (isOwn(name)) {
			if (token.value !== void 0) return bad(`${token.rawName} takes no value`, `Write ${token.rawName} alone.`);
			own[name] = true;
			continue;
		}
		const { secret, variables = [] } = INPUTS[name];
		if (secret === "whole") return bad(`${token.rawName} would show a secret to everyone on this machine`, `Set ${variables.at(-1) ?? "the environment variable"} instead.`);
		const value = token.value ?? (takesNone(name) ? "true" : void 0);
		if (value === void 0 || token.inlineValue !== true && token.value?.startsWith("-") === true && !/^-\d/.test(token.value)) return bad(`${token.rawName} needs a value`, `Write ${token.rawName}=VALUE.`);
		given[name] = given[name] === void 0 || !isList(name) ? value : `${given[name]}\n${value}`;
	}
	if (command === void 0) return own.help || own.version ? {
		...own,
		command,
		given
	} : bad("there is no command", ALL);
	const places = POSITIONS[command] ?? [];
	for (const word of words) {
		const name = places.find((one) => given[one] === void 0);
		if (name === void 0) return bad(`${command} does not take ${JSON.stringify(word)}`, helpOf(command));
		given[name] = word;
	}
	if (program.length > 0 && !PROGRAMS.includes(command)) return bad(`${command} takes no words behind --`, helpOf(command));
	if (program.length > 0) given.program = JSON.stringify(program);
	return {
		...own,
		command,
		given
	};
}
const isUsageError = (order) => "usage" in order;
const ALL = "`nomad-deploy --help` lists the commands.";
const helpOf = (command) => `\`nomad-deploy ${command} --help\` shows its options.`;
function commandOf(word) {
	return COMMAND_ALIASES[word] ?? commands.find((name) => name === word);
}
function commandHint(word) {
	const near = nearest(word, [...commands, ...Object.keys(COMMAND_ALIASES)]);
	return near === void 0 ? ALL : `Did you mean \`${near}\`?`;
}
function optionHint(name) {
	const near = nearest(name, [
		...OWN,
		...optionNames,
		...Object.keys(SHORT).filter((one) => one.length > 1)
	]);
	return near === void 0 ? "`nomad-deploy COMMAND --help` lists the options of a command." : `Did you mean \`--${near}\`?`;
}
function optionOf(name) {
	return SHORT[name] ?? OWN.find((own) => own === name) ?? optionNames.find((one) => one === name && one !== "command");
}
const isOwn = (name) => OWN.some((own) => own === name);
const takesNone = (name) => [
	"boolean",
	"boolean or auto",
	"boolean or text"
].includes(INPUTS[name].type);
const isList = (name) => [
	"list",
	"patterns",
	"words",
	"pairs",
	"map",
	"checks"
].includes(INPUTS[name].type);
/** Returns the options for the parser of Node: those with a value, and those without. */
function optionTypes() {
	const all = [
		...OWN,
		...optionNames,
		...Object.keys(SHORT)
	];
	return Object.fromEntries(all.flatMap((name) => {
		const option = optionOf(name);
		if (option === void 0) return [];
		const type = isOwn(option) || takesNone(option) ? "boolean" : "string";
		return [[name, name.length === 1 ? {
			type,
			short: name
		} : { type }]];
	}));
}
/** Returns whether a command takes an option. Secrets are no options, because every user of a machine can read the arguments of a program. */
function takes(command, name) {
	const { only, secret } = INPUTS[name];
	return secret !== "whole" && name !== "command" && (only === void 0 || only.includes(command));
}
export { takes as a, parseArguments as i, SHORT as n, isUsageError as r, POSITIONS as t };
