import { n as COMMAND_MEANINGS, r as COMMON_ROWS, t as COMMAND_HELP } from "./words.js";
import { stripVTControlCharacters, styleText } from "node:util";
// src/terminal/help.ts
const WIDEST = 100;
/** Command lines that people copy, by command. */
const EXAMPLES = {
	init: [
		"init",
		"init --dry-run",
		"init --nomad-addr=https://nomad.example.com:4646 --base-domain=apps.example.com --yes"
	],
	deploy: ["deploy", "deploy -e production --yes"],
	plan: ["plan", "plan -e production --json"],
	rehearse: ["rehearse", "rehearse --app web"],
	render: ["render --app web", "render --format=hcl > project.nomad"],
	lint: ["lint", "lint --lint-off \"latest host-network\""],
	build: ["build --push=false"],
	dispatch: ["dispatch --meta day=monday", "dispatch --payload \"$(cat order.json)\""],
	stop: ["stop -e review", "stop -e review --purge"],
	promote: ["promote -e production", "promote --group web"],
	lock: ["lock -e production --reason \"the database is moved\" --until 2h"],
	unlock: ["unlock -e production"],
	reject: ["reject -e production"],
	pause: ["pause -e production"],
	resume: ["resume -e production"],
	revert: [
		"revert",
		"revert 12",
		"revert v1.2.3",
		"revert -1"
	],
	scale: ["scale 3", "scale 3 --group web"],
	restart: ["restart", "restart --group web --task server"],
	status: [
		"status",
		"status --watch",
		"status --all"
	],
	doctor: [
		"doctor",
		"doctor -e production --pull",
		"doctor --json"
	],
	logs: ["logs", "logs -f --task server --since 10m"],
	sweep: ["sweep", "sweep --dry-run=false"],
	ssh: ["ssh", "ssh --task server -- sh -c \"env | sort\""],
	cp: ["cp app.conf :/local/", "cp :/alloc/logs logs"],
	tunnel: ["tunnel 8080:http", "tunnel 5432:5432 --task db"],
	resubmit: ["resubmit --reason \"the database has a new certificate\""],
	history: ["history", "history --json"],
	open: ["open", "open --site"],
	login: ["login", "login --auth-method sso"],
	setup: [
		"setup",
		"setup --bind environment=production",
		"setup --output hcl > github.tf",
		"setup --claims claims.txt",
		"setup --remove"
	],
	completion: ["completion bash >> ~/.bashrc", "completion fish > ~/.config/fish/completions/nomad-deploy.fish"],
	urls: ["urls -e production"],
	top: ["top", "top -e production"]
};
/** Returns the command whose help alone is asked for, `general` for that of the program; undefined for any other command line. */
function askedHelp(argv) {
	const [first = "", second, ...others] = argv;
	const asks = (word) => word === "--help" || word === "-h";
	if (asks(first) && second === void 0) return "general";
	if (!asks(second) || others.length > 0) return void 0;
	return isCommand(first) ? first : void 0;
}
const isCommand = (word) => Object.hasOwn(EXAMPLES, word);
/** Returns the help of the program, or of one of its commands, at most `columns` characters wide. */
function helpText(command, columns = WIDEST) {
	const width = Math.min(columns, WIDEST);
	return `${(command === void 0 ? general(width) : ofCommand(command, width)).join("\n")}\n`;
}
function general(width) {
	return [
		`${title("Usage")} nomad-deploy COMMAND [OPTIONS]`,
		"",
		...wrapped("Deploys the checkout of this folder to Nomad, and looks after what it deployed: the same code, configuration and job names as the action.", width),
		"",
		title("Commands"),
		...rows(Object.entries(COMMAND_MEANINGS).map(([name, meaning]) => [name, upper(meaning)]), width),
		"",
		title("Options of every command"),
		...rows(ownRows(), width),
		"",
		title("Exit codes"),
		...rows(EXIT_CODES, width),
		"",
		"nomad-deploy COMMAND --help shows the options of a command."
	];
}
/** The exit codes of the program, and their meanings. */
const EXIT_CODES = [
	["0", "Done."],
	["1", "Failed."],
	["2", "The command line is wrong."],
	["4", "Nomad needs a login, or a token that is valid."],
	["130", "Cancelled, by Ctrl-C or by a no."],
	["255", "The session of ssh could not begin, or was lost. Else ssh ends with the exit code of the remote program."]
];
function ofCommand(command, width) {
	const { places = "", own = [], others = "" } = COMMAND_HELP[command] ?? {};
	return [
		`${title("Usage")} nomad-deploy ${command}${places} [OPTIONS]`,
		"",
		...wrapped(upper(COMMAND_MEANINGS[command] ?? ""), width),
		"",
		title("Examples"),
		...EXAMPLES[command].map((line) => `  nomad-deploy ${line}`),
		"",
		...own.length === 0 ? [] : [
			title("Options"),
			...rows(own, width),
			""
		],
		title("Which job, which cluster"),
		...rows([...COMMON_ROWS, ...ownRows()], width),
		"",
		...wrapped(`Other inputs of the action are options, too: ${others}.`, width)
	];
}
function ownRows() {
	return [
		["-y, --yes", "Answers every question with yes."],
		["--json", "Prints the result as JSON."],
		["-h, --help", "Shows this help."],
		["-V, --version", "Shows the version."]
	];
}
const title = (text) => styleText("bold", `${text}:`);
const upper = (meaning) => `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
/** Returns a list of names with their words beside them, or below them where the terminal is narrow. */
function rows(all, width) {
	const left = Math.min(26, Math.max(...all.map(([name]) => name.length)) + 2);
	return all.flatMap(([name, words]) => {
		const lines = wrapped(words, Math.max(30, width - left - 2));
		const beside = name.length < left;
		return [beside ? `  ${name.padEnd(left)}${lines[0] ?? ""}` : `  ${name}`, ...(beside ? lines.slice(1) : lines).map((line) => `  ${" ".repeat(left)}${line}`)];
	});
}
/** Returns a text in lines of at most `width` characters. */
function wrapped(text, width) {
	const lines = [];
	for (const word of text.split(/\s+/)) {
		const last = lines.at(-1);
		if (last !== void 0 && stripVTControlCharacters(`${last} ${word}`).length <= width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}
export { askedHelp, helpText };
