import { _ as ActionError } from "./runtime.js";
import { At as nearest, In as parseDuration, dt as INPUTS, gt as commands, mt as optionNames } from "./start.js";
import { basename } from "node:path";
import { parseArgs } from "node:util";
// src/terminal/remote.ts
/** Hosts that serve Git only, and the host of their pages. See https://docs.github.com/authentication/troubleshooting-ssh/using-ssh-over-the-https-port */
const PAGES = {
	"ssh.github.com": "github.com",
	"www.github.com": "github.com"
};
/**
* Returns the repository of a remote's address, without credentials: `https://github.com/owner/name.git`, `git@github.com:owner/name`,
* `ssh://git@ghe.example.com:2222/owner/name`. Undefined for a folder. See https://git-scm.com/docs/git-clone#_git_urls
*/
function parseRemote(address) {
	const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : void 0;
	const [, short = "", rest = ""] = url === void 0 ? /^(?:[^@/]+@)?(\[[^\]/]+\]|[^:/@\\]{2,}):(?!\\)(.+)$/.exec(address) ?? [] : [];
	const host = url?.protocol === "https:" || url?.protocol === "http:" ? url.host : url?.hostname ?? short;
	const repository = (url === void 0 ? rest : decoded(url.pathname)).replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
	if (host === "" || !/^[^/\s]+(\/[^/\s]+)+$/.test(repository)) return void 0;
	return {
		server: `${url?.protocol === "http:" ? "http" : "https"}://${PAGES[host.toLowerCase()] ?? host.toLowerCase()}`,
		repository
	};
}
function decoded(path) {
	try {
		return decodeURIComponent(path);
	} catch {
		return path;
	}
}
// src/terminal/checkout.ts
/** Returns a function that runs git in a folder. Throws `input-invalid` where there is no git. */
function gitIn(folder, { exec }) {
	return async (...args) => {
		const { code, stdout } = await exec(["git", ...args], { cwd: folder }).then(requireGit);
		return code === 0 ? stdout.replace(/\n$/, "") : void 0;
	};
}
function requireGit(result) {
	if (result.notStarted !== true) return result;
	throw new ActionError("input-invalid", "git is not on PATH", { hint: "Install Git: the remote and the branch of the checkout name the job." });
}
/** Returns the top folder of the checkout; undefined outside of one. Throws `input-invalid` with git's own words where git refuses to read it. */
async function rootOf(folder, { exec }) {
	const { code, stdout, stderr } = await exec([
		"git",
		"rev-parse",
		"--show-toplevel"
	], { cwd: folder }).then(requireGit);
	if (code === 0) return stdout.replace(/\n$/, "");
	if (/not a git repository/i.test(stderr)) return void 0;
	throw new ActionError("input-invalid", `git cannot read this checkout: ${stderr.trim().split("\n")[0]?.replace(/^fatal: /, "") ?? ""}`);
}
/** Reads the checkout with this top folder: remote, branch, default branch and commit. Throws `input-invalid` where several remotes could be meant. */
async function readCheckout(root, git, { exec }) {
	const [branch, tag, sha, author, changes, listed = ""] = await Promise.all([
		git("symbolic-ref", "--quiet", "--short", "HEAD"),
		git("describe", "--tags", "--exact-match", "HEAD"),
		git("rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
		git("config", "user.name"),
		git("status", "--porcelain", "--untracked-files=normal"),
		git("remote")
	]);
	const remotes = listed.split("\n").filter((name) => name !== "");
	const name = await remoteName(remotes, branch, git);
	const [url, symbolic, containing] = await Promise.all([
		name === void 0 ? void 0 : git("remote", "get-url", name),
		name === void 0 ? void 0 : git("symbolic-ref", "--quiet", `refs/remotes/${name}/HEAD`),
		name === void 0 || sha === void 0 ? "" : git("branch", "--remotes", "--list", `${name}/*`, "--contains", sha)
	]);
	const remote = url === void 0 ? void 0 : parseRemote(await withRealHost(url, { exec }, root));
	const defaultBranch = symbolic?.slice(`refs/remotes/${name}/`.length) ?? await firstOf(git, `${name}`, ["main", "master"]);
	const last = defaultBranch === void 0 ? void 0 : await git("log", "-1", "--format=%H %cr", `refs/remotes/${name}/${defaultBranch}`, "--");
	const [, head = "", age = ""] = /^(\S+) (.*)$/.exec(last ?? "") ?? [];
	return {
		root,
		remote: remote === void 0 || name === void 0 ? void 0 : {
			...remote,
			name
		},
		remotes,
		ref: branch !== void 0 ? {
			name: branch,
			type: "branch"
		} : tag === void 0 ? void 0 : {
			name: tag,
			type: "tag"
		},
		sha: sha ?? "",
		defaultBranch,
		head: head === "" ? void 0 : {
			sha: head,
			age
		},
		changed: changes !== "",
		pushed: (containing ?? "") !== "",
		author: author ?? ""
	};
}
/** Returns the remote of the repository: `origin`, else the one that the branch belongs to, else the only one. Throws `input-invalid` for several others. */
async function remoteName(remotes, branch, git) {
	if (remotes.includes("origin")) return "origin";
	const own = branch === void 0 ? void 0 : await git("config", `branch.${branch}.remote`);
	if (own !== void 0 && remotes.includes(own)) return own;
	if (remotes.length < 2) return remotes[0];
	throw new ActionError("input-invalid", `the checkout has the remotes ${remotes.join(", ")}, and none is called \`origin\``, { hint: "Set the upstream of the branch (git branch --set-upstream-to), or rename the remote of the repository (git remote rename)." });
}
/** Returns the first of some branches that the remote has. A clone may not know the default branch. */
async function firstOf(git, remote, names) {
	for (const name of names) if (await git("rev-parse", "--verify", "--quiet", `refs/remotes/${remote}/${name}`) !== void 0) return name;
}
/** Returns the address with the host that an alias of the person's SSH configuration stands for: `git@work:acme/shop`. */
async function withRealHost(url, { exec }, cwd) {
	const [, before = "", alias = ""] = /^(ssh:\/\/(?:[^@/]+@)?|[^@/:]+@)([\w-]+)(?=[:/])/.exec(url) ?? [];
	if (alias === "") return url;
	const { code, stdout } = await exec([
		"ssh",
		"-G",
		alias
	], { cwd });
	const host = code === 0 ? /^hostname (\S+)$/m.exec(stdout)?.[1] : void 0;
	return host === void 0 ? url : `${before}${host}${url.slice(before.length + alias.length)}`;
}
/** The names that a run needs where there is no checkout, or where it does not say them. */
const SAID = {
	repository: "GITHUB_REPOSITORY",
	ref: "GITHUB_REF_NAME"
};
/**
* Returns the environment of a run from that of the program: what a workflow would have from the runner comes from the checkout. GitHub's token is left out:
* a deploy from a terminal leaves no comment and no record on GitHub. Throws `input-invalid` where no name of a job can be known.
*/
function environmentOf(env, checkout) {
	const left = Object.entries(env).filter(([name]) => !/^(INPUT_|GITHUB_|RUNNER_|ACTIONS_)/.test(name));
	const { remote, ref, sha = "", author = "", root = "" } = checkout ?? {};
	const repository = env[SAID.repository] || remote?.repository;
	const name = env[SAID.ref] || ref?.name;
	if (repository === void 0 || checkout === void 0 && name === void 0) throw checkout === void 0 ? new ActionError("input-invalid", "this folder is not in a Git checkout", { hint: `Change to the checkout of the repository, or set ${SAID.repository} (owner/name) and ${SAID.ref} (the branch): they name the job.` }) : new ActionError("input-invalid", "the checkout has no remote with an owner and a name", { hint: `Add the remote \`origin\`, or set ${SAID.repository} to owner/name: it names the job.` });
	if (name === void 0) throw new ActionError("input-invalid", `the checkout is at the commit ${sha.slice(0, 7)}, and at no branch or tag`, { hint: `Check a branch out, or set ${SAID.ref} to the branch: it names the environment and the job.` });
	return {
		...Object.fromEntries(left),
		GITHUB_REPOSITORY: repository,
		GITHUB_SERVER_URL: remote?.server ?? "https://github.com",
		GITHUB_REF_NAME: name,
		GITHUB_REF_TYPE: name === ref?.name ? ref.type : "branch",
		GITHUB_SHA: sha,
		GITHUB_ACTOR: author || env["USER"] || env["USERNAME"] || "",
		NOMAD_DEPLOY_TERMINAL: "true",
		...root === "" ? {} : { GITHUB_WORKSPACE: root }
	};
}
/** Returns the event of a run: the default branch, and the state of the checkout. */
function eventOf(checkout) {
	const { defaultBranch, changed = true, pushed = false, ref, sha, head } = checkout ?? {};
	const terminal = {
		changed,
		pushed,
		isDefault: ref?.type === "branch" && ref.name === defaultBranch && !changed && head !== void 0 && head.sha === sha
	};
	return {
		...defaultBranch === void 0 ? {} : { repository: { default_branch: defaultBranch } },
		terminal
	};
}
/** Returns the lines about the checkout: its repository, branch and commit, and the warnings of a command that takes its files. */
function describeCheckout(env, checkout, takesFiles) {
	const { remote, remotes, sha, head, defaultBranch, changed, pushed, ref } = checkout;
	const repository = `${env["GITHUB_REPOSITORY"]}`;
	const own = remote?.repository === repository;
	const source = own ? `remote ${remote.name}` : SAID.repository;
	const base = head === void 0 ? "" : `; ${remote?.name}/${defaultBranch} at ${head.sha.slice(0, 7)}, from ${head.age}`;
	const fork = own && remotes.includes("upstream") && remote.name !== "upstream";
	const commit = sha.slice(0, 7);
	return {
		line: `Checkout of ${repository} (${source}), ${env["GITHUB_REF_TYPE"]} ${env["GITHUB_REF_NAME"]} at ${commit || "no commit"}${base}`,
		warnings: [
			...remote !== void 0 && !own ? [`GITHUB_REPOSITORY names ${repository}, and the remote ${remote.name} is ${remote.repository}. The job of ${repository} is meant.`] : [],
			...ref !== void 0 && ref.name !== env["GITHUB_REF_NAME"] ? [`GITHUB_REF_NAME names ${env["GITHUB_REF_NAME"]}, and the checkout is at ${ref.name}. The job of ${env["GITHUB_REF_NAME"]} is meant.`] : [],
			...takesFiles && fork ? [`The repository is ${repository}, which ${remote.name} names, and not that of the remote upstream. To deploy as that, set GITHUB_REPOSITORY.`] : [],
			...takesFiles && changed ? [`The checkout has uncommitted changes, which commit ${commit} does not have. They are used.`] : [],
			...takesFiles && !changed && !pushed && remote !== void 0 ? [`The commit ${commit} is not pushed to ${remote.name}.`] : []
		]
	};
}
/** Returns the committed files of the remote's branches, as the last `git fetch` brought them. Reading throws `input-invalid` in a clone without the branch. */
function branchFiles(git, checkout) {
	const remote = checkout?.remote?.name ?? "origin";
	const commitOf = async (branch) => {
		const sha = branch === void 0 ? void 0 : await git("rev-parse", "--verify", "--quiet", `refs/remotes/${remote}/${branch}^{commit}`);
		if (sha !== void 0) return sha;
		throw new ActionError("input-invalid", `this clone does not have ${branch === void 0 ? "the default branch" : `the branch ${branch}`} of ${remote}`, { hint: `Fetch it: git remote set-branches --add ${remote} ${branch ?? "main"}, git fetch ${remote}, git remote set-head ${remote} --auto.` });
	};
	return {
		head: async (named = checkout?.defaultBranch) => ({
			branch: named ?? "",
			sha: await commitOf(named)
		}),
		atCommit: async (path, sha) => {
			const commit = sha ?? await commitOf(checkout?.defaultBranch);
			if (await git("cat-file", "-t", `${commit}:${path}`) !== "blob") return void 0;
			return git("cat-file", "blob", `${commit}:${path}`);
		}
	};
}
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
	cp: ["source", "destination"],
	tunnel: ["forward"],
	scale: ["count"],
	revert: ["to"],
	completion: ["shell-name"]
};
/** Commands that need all of their places. */
const NEEDY = [
	"cp",
	"tunnel",
	"scale"
];
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
				command = commandNamed(token.value);
				if (command === void 0) return bad(`there is no command ${JSON.stringify(token.value)}`, commandHint(token.value));
			} else words.push(token.value);
		}
		if (token.kind !== "option") continue;
		if (token.rawName === "-1" && command === "revert") {
			words.push(token.rawName);
			continue;
		}
		const name = optionNamed(token.name);
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
	const missing = NEEDY.includes(command) && !own.help && !own.version ? places.find((name) => given[name] === void 0) : void 0;
	if (missing !== void 0) return bad(`the ${missing} of ${command} is missing`, helpOf(command));
	if (program.length > 0 && !PROGRAMS.includes(command)) return bad(`${command} takes no words behind --`, helpOf(command));
	if (program.length > 0) given.program = JSON.stringify(program);
	const problem = valueProblem(given);
	return problem === void 0 ? {
		...own,
		command,
		given
	} : bad(problem, helpOf(command));
}
/** Returns the problem of a value that only the terminal program takes. */
function valueProblem({ grep, since, all, watch }) {
	if (since !== void 0 && (parseDuration(since) ?? -1) < 0) return `--since takes a duration such as 10m, not ${JSON.stringify(since)}`;
	if (all === "true" && watch === "true") return "--watch shows one environment, and --all shows all";
	try {
		if (grep !== void 0) RegExp(grep);
		return;
	} catch {
		return `--grep takes a regular expression, not ${JSON.stringify(grep)}`;
	}
}
const isUsageError = (order) => "usage" in order;
const ALL = "`nomad-deploy --help` lists the commands.";
const helpOf = (command) => `\`nomad-deploy ${command} --help\` shows its options.`;
function commandNamed(word) {
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
function optionNamed(name) {
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
		const option = optionNamed(name);
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
// src/terminal/in-words.ts
/** Words about a workflow, and those of a terminal in their place. The first that fit count, so longer ones stand first. */
const PHRASES = [
	[/\bthe workflow was cancelled\b/g, "the command was cancelled"],
	[/\bThe workflow was cancelled\b/g, "The command was cancelled"],
	[/\b(Run|run) the (?:workflow|job) again\b/g, "$1 the command again"],
	[/\bgives this workflow a management token\b/g, "gives a management token"],
	[/\bthat expires with this workflow\b/g, "that expires soon"],
	[/ in the workflow,? or in (?:the )?(configuration file|file) of the default branch/g, ", or in the $1 of the default branch"],
	[/\bset it as an input of the workflow\b/g, "set it as an option"],
	[/ If every branch of this workflow may set (?:it|them|all keys), use (?:the input )?`config-from: checkout`\./g, " To use that of the checkout, add --config-from=checkout."],
	[/\bonly the workflow or the (file of the )?default branch\b/g, "only an option or the $1default branch"],
	[/\bthan the workflow\b/g, "than the options"],
	[/\bthe workflow's `/g, "the option `"],
	[/ (?:in|of|to) (?:the|a|this) workflow(?: job)?(?=[.,;:]|$)/g, ""],
	[/, or in the reusable workflow `NOMAD_VAR_NO_DEPLOY: true`/g, ""],
	[/ To build and push the image only, set `command: build`\./g, " `nomad-deploy build` builds and pushes the image only."],
	[/\bDeploy a job by one workflow run at a time, with `concurrency:`\./g, "Deploy a job by one run at a time."],
	[/\brun the workflow with debug logging instead\b/g, "leave it out"],
	[/\breport it with the log of a run with debug logging enabled\b/g, "report it with this message"],
	[/\bCheck that the repository is checked out \(actions\/checkout\), and that\b/g, "Check that"],
	[/\bThe runner sets GITHUB_REPOSITORY to `owner\/name`\./g, "Set GITHUB_REPOSITORY to owner/name."],
	[/\bGitHub sets (\w+) in every workflow\. Outside of GitHub, set \1 yourself\./g, "Set $1."],
	[/\bUse a runner with Docker, or\b/g, "Install Docker, or"],
	[/\bAdd docker\/setup-buildx-action before this step\./g, "Install the plugin: https://docs.docker.com/build/install-buildx."],
	[/ docker\/setup-buildx-action makes one\./g, " `docker buildx create` makes one."],
	[/\bAdd docker\/setup-qemu-action, or test on a runner of that kind\./g, "Install QEMU for Docker, or test on a machine of that kind."],
	[/\bAdd docker\/login-action[^.]{0,300}\./g, "Log in with `docker login`."],
	[/\bFree space before this step\b/g, "Free space"],
	[/\bPass (\w+) to the step: `env: \{ \1: \$\{\{ secrets\.\1 \}\} \}`\./g, "Set $1, or log in with `nomad-deploy login`."],
	[/\bset `nomad-token` to one that\b/g, "log in with `nomad-deploy login`, or set NOMAD_TOKEN to one that"],
	[/\bLeave `github-token` at its default(?:, \$\{\{ github\.token \}\})?(?:, and give the (?:workflow )?job the permissions [^.]{0,300})?\./g, "Set GITHUB_TOKEN."],
	[/`\$\{\{ env\.(\w+) \}\}`/g, "$$$1"],
	[/\b(this|the) runner(?='|\b)/g, "$1 machine"],
	[/\ba runner\b/g, "a machine"]
];
/** Words before the name of an input in an advice. */
const ADVICE = /\b([Ss]et|[Gg]ive|[Uu]se|[Aa]dd|[Ww]ith|by|[Rr]emove|[Ll]eave|[Cc]heck|[Bb]egin|[Rr]aise|[Nn]ame one with|[Nn]ame it with|[Ss]elect one app with|[Tt]o override|and|or|in)( the)?( inputs?)? `([a-z][a-z-]*)(?:: ([^`\s]+))?`/g;
/** Texts of others in a message: they stand in double quotes. */
const QUOTED = /("(?:[^"\\]|\\.)*")/;
/** Returns a message in the words of a terminal. Texts in double quotes, which are of others, stay as they are. */
function inWords(text) {
	return text.split(QUOTED).map((part, i) => i % 2 === 1 ? part : translated(part)).join("");
}
function translated(text) {
	return PHRASES.reduce((now, [from, to]) => now.replace(from, to), text).replaceAll(/`command: ([a-z]+)`/g, "`nomad-deploy $1`").replaceAll(ADVICE, (whole, ...[verb = "", article = "", noun = "", name = "", value]) => {
		const option = optionNames.find((one) => one === name);
		if (option === void 0 || noun === "" && value === void 0 && !name.includes("-") && !/^(set|give)$/i.test(verb)) return whole;
		return `${verb}${article}${noun.replace("input", "option")} ${optionText(option, value)}`;
	});
}
function optionText(name, value) {
	const { secret, variables = [] } = INPUTS[name];
	if (secret === "whole") return variables.at(-1) ?? name.toUpperCase().replaceAll("-", "_");
	return value === void 0 || value === "true" ? `--${name}` : `--${name}=${value}`;
}
// src/terminal/program.ts
/** The exit codes of the program, besides 4 (not logged in) and those of a remote program. docs/terminal.md lists them. */
const CODES = {
	good: 0,
	failed: 1,
	usage: 2,
	cancelled: 130,
	lost: 255
};
/** The options of a runtime that belongs to no checkout. */
const BARE = {
	branchFiles: branchFiles(async () => void 0, void 0),
	yes: false,
	json: false,
	quiet: false,
	reads: false,
	inWords
};
/** Reads the checkout of the folder. Returns the environment, the folder and the committed files of a run. Throws the errors of `readCheckout` and `environmentOf`. */
async function readRun({ command, given }, { env, folder }, runtime) {
	const root = await rootOf(folder, runtime);
	const git = gitIn(root ?? folder, runtime);
	const checkout = root === void 0 ? void 0 : await readCheckout(root, git, runtime);
	const noJob = command === "init" || checkout === void 0 && command === "login";
	const base = environmentOf(noJob ? withNames(env, checkout) : env, checkout);
	const inputs = Object.entries({
		...noJob ? { "config-from": "checkout" } : {},
		...given,
		command
	}).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
	return {
		checkout,
		env: {
			...base,
			...gitHubOf(command, env, base),
			...Object.fromEntries(inputs)
		},
		folder: root ?? folder,
		branchFiles: branchFiles(git, checkout)
	};
}
/** Returns the environment with names for a command that is about no job, where neither the checkout nor the environment has them. */
function withNames(env, checkout) {
	const folder = basename(checkout?.root ?? "") || "job";
	return {
		GITHUB_REPOSITORY: checkout?.remote?.repository ?? `no/${folder}`,
		GITHUB_REF_NAME: checkout?.ref?.name ?? "main",
		...env
	};
}
/** Returns the variables for GitHub's API, which only these commands ask: a deploy from a terminal leaves no comment and no record there. */
function gitHubOf(command, env, { GITHUB_SERVER_URL: server }) {
	if (command !== "sweep" && command !== "setup") return {};
	const GITHUB_API_URL = env["GITHUB_API_URL"] || (server === "https://github.com" ? void 0 : `${server}/api/v3`);
	return {
		GITHUB_TOKEN: env["GITHUB_TOKEN"] || env["GH_TOKEN"],
		GITHUB_API_URL
	};
}
export { POSITIONS as a, isOwn as c, parseArguments as d, takes as f, eventOf as h, OWN as i, isUsageError as l, describeCheckout as m, CODES as n, SHORT as o, takesNone as p, readRun as r, commandNamed as s, BARE as t, optionNamed as u };
