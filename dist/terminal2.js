import { _ as toActionError, g as sentence, u as ActionError } from "./runtime.js";
import { i as parseArguments, r as isUsageError } from "./arguments.js";
import { readFile } from "node:fs/promises";
// src/terminal/checkout.ts
/** Returns a function that runs git in a folder. Throws `input-invalid` where there is no git. */
function gitIn(folder, { exec }) {
	return async (...args) => {
		const { code, stdout, notStarted } = await exec(["git", ...args], { cwd: folder });
		if (notStarted === true) throw new ActionError("input-invalid", "git is not on PATH", { hint: "Install Git, or run the program where it is." });
		return code === 0 ? stdout.replace(/\n$/, "") : void 0;
	};
}
/** Reads the checkout: remote, branch, default branch and commit. Throws `input-invalid` outside of a checkout. */
async function readCheckout(git) {
	const root = await git("rev-parse", "--show-toplevel");
	if (root === void 0) throw new ActionError("input-invalid", "this folder is not in a Git checkout", { hint: "Change to the checkout of the repository: its remote and branch name the job." });
	const [url, branch, tag, sha, head, author] = await Promise.all([
		git("remote", "get-url", "origin"),
		git("symbolic-ref", "--quiet", "--short", "HEAD"),
		git("describe", "--tags", "--exact-match", "HEAD"),
		git("rev-parse", "HEAD"),
		git("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"),
		git("config", "user.name")
	]);
	return {
		root,
		remote: url === void 0 ? void 0 : remoteOf(url),
		ref: branch !== void 0 ? {
			name: branch,
			type: "branch"
		} : tag === void 0 ? void 0 : {
			name: tag,
			type: "tag"
		},
		sha: sha ?? "",
		defaultBranch: head?.replace(/^origin\//, "") ?? await firstOf(git, ["main", "master"]),
		author: author ?? ""
	};
}
/** Returns the first of some branches that the remote has. A clone of one branch does not know the default branch. */
async function firstOf(git, names) {
	for (const name of names) if (await git("rev-parse", "--verify", "--quiet", `refs/remotes/origin/${name}`) !== void 0) return name;
}
/**
* Returns server and repository of a remote: `https://github.com/owner/name.git`, `git@github.com:owner/name`, `ssh://git@github.com/owner/name`. Undefined for
* a path. See https://git-scm.com/docs/git-clone#_git_urls
*/
function remoteOf(url) {
	const short = /^(?:[^@/:]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
	const host = short?.[1] ?? (URL.canParse(url) ? new URL(url).host : "");
	const repository = (short?.[2] ?? (URL.canParse(url) ? new URL(url).pathname : "")).replace(/^\/+|\/+$/g, "").replace(/\.git$/, "").split("/").slice(-2).join("/");
	if (host === "" || !/^[^/]+\/[^/]+$/.test(repository)) return void 0;
	return {
		server: `https://${host.replace(/:\d+$/, "")}`,
		repository
	};
}
/**
* Returns the environment of a run from that of the program: what a workflow would have from the runner comes from the checkout. GitHub's token is left out:
* a deploy from a terminal leaves no comment and no record on GitHub. Throws `input-invalid` where no name of a job can be known.
*/
function environmentOf(env, { remote, ref, sha, author, root }) {
	const left = Object.entries(env).filter(([name]) => !/^(INPUT_|GITHUB_|RUNNER_|ACTIONS_)/.test(name));
	const repository = env["GITHUB_REPOSITORY"] || remote?.repository;
	const name = env["GITHUB_REF_NAME"] || ref?.name;
	if (repository === void 0) throw new ActionError("input-invalid", "the checkout has no remote `origin` with an owner and a name", { hint: "Add the remote, or set GITHUB_REPOSITORY to `owner/name`: it names the job." });
	if (name === void 0) throw new ActionError("input-invalid", "the checkout is at no branch and at no tag", { hint: "Check a branch out, or set GITHUB_REF_NAME to the branch: it names the environment." });
	return {
		...Object.fromEntries(left),
		GITHUB_REPOSITORY: repository,
		GITHUB_SERVER_URL: remote?.server ?? "https://github.com",
		GITHUB_REF_NAME: name,
		GITHUB_REF_TYPE: ref?.type ?? "branch",
		GITHUB_SHA: sha,
		GITHUB_ACTOR: author,
		GITHUB_WORKSPACE: root
	};
}
/** Returns the committed files of the remote's branches, as the last `git fetch` brought them. */
function branchFiles(git, defaultBranch) {
	return {
		head: async (named = defaultBranch) => {
			const sha = named === void 0 ? void 0 : await git("rev-parse", "--verify", "--quiet", `refs/remotes/origin/${named}^{commit}`);
			return named === void 0 || sha === void 0 ? void 0 : {
				branch: named,
				sha
			};
		},
		atCommit: async (path, sha) => {
			const commit = sha ?? `refs/remotes/origin/${defaultBranch ?? "HEAD"}`;
			if (await git("cat-file", "-t", `${commit}:${path}`) !== "blob") return void 0;
			return git("cat-file", "blob", `${commit}:${path}`);
		}
	};
}
// src/terminal/main.ts
/** The exit codes of the program, besides those of a remote program. docs/terminal.md lists them. */
const CODES = {
	good: 0,
	failed: 1,
	usage: 2,
	notLoggedIn: 4,
	cancelled: 130
};
/** Runs the terminal program. Returns its exit code. Does not throw. */
async function main({ argv, env, folder, signal, open, packageFile }) {
	const order = parseArguments(argv);
	if (isUsageError(order)) {
		const { log } = open({
			...NOWHERE,
			env,
			signal,
			folder
		}).runtime;
		log.error(`${order.usage}. ${order.hint}`, "usage");
		return CODES.usage;
	}
	const { yes, json, command } = order;
	const options = {
		...NOWHERE,
		env,
		signal,
		folder,
		yes,
		json,
		quiet: command !== void 0 && QUIET.includes(command)
	};
	const { runtime } = open(options);
	try {
		if (order.help || order.version || command === void 0) {
			runtime.log.info(order.version ? `nomad-deploy ${await version(packageFile)}` : await help(order, runtime.terminal?.size()?.columns));
			return CODES.good;
		}
		const checkout = await readCheckout(gitIn(folder, runtime));
		const inputs = Object.entries({
			...order.given,
			command
		}).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
		const own = {
			...environmentOf(env, checkout),
			...Object.fromEntries(inputs)
		};
		const event = checkout.defaultBranch === void 0 ? {} : { repository: { default_branch: checkout.defaultBranch } };
		const files = branchFiles(gitIn(checkout.root, runtime), checkout.defaultBranch);
		const { runtime: ofRun, cleanUp, ended } = open({
			...options,
			env: own,
			folder: checkout.root,
			branchFiles: files
		});
		const { run } = await import("./run.js");
		try {
			return codeOf(await run(own, event, ofRun), ended(), order);
		} finally {
			await cleanUp();
		}
	} catch (thrown) {
		const error = thrown instanceof ActionError ? thrown : toActionError(thrown);
		runtime.log.error(sentence(error), error.code);
		return signal.aborted ? CODES.cancelled : CODES.failed;
	}
}
/** The options of a runtime that belongs to no checkout. */
const NOWHERE = {
	branchFiles: branchFiles(async () => void 0, void 0),
	yes: false,
	json: false,
	quiet: false
};
/** The commands whose standard output is that of a remote program. */
const QUIET = ["ssh"];
/** Returns the exit code of a run. A value of the command line that is wrong is a wrong use of the program. */
function codeOf(passed, { outputs, code }, { given }) {
	if (code !== void 0) return code;
	if (passed) return CODES.good;
	if (outputs.get("outcome") === "cancelled") return CODES.cancelled;
	const reason = outputs.get("failure-reason");
	if (reason === "permission-denied") return CODES.notLoggedIn;
	const [, named = ""] = /^`([a-z-]+)`/.exec(outputs.get("cause") ?? "") ?? [];
	return reason === "input-invalid" && Object.hasOwn(given, named) ? CODES.usage : CODES.failed;
}
async function help({ command }, columns) {
	const { helpText } = await import("./help.js");
	return helpText(command, columns);
}
async function version(packageFile) {
	return JSON.parse(await readFile(packageFile, "utf8")).version;
}
export { main };
