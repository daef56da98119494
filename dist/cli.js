#!/usr/bin/env node
import { _ as toActionError, u as ActionError } from "./runtime.js";
import { i as parseArguments, r as isUsageError } from "./arguments.js";
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
// src/cli.ts
/** The exit codes, which docs/terminal.md lists. */
const CODES = {
	failed: 1,
	usage: 2,
	cancelled: 130
};
const order = parseArguments(process.argv.slice(2));
if (isUsageError(order)) {
	process.stderr.write(`${order.usage}. ${order.hint}\n`);
	process.exitCode = CODES.usage;
} else if (order.help || order.version) process.stdout.write(await told(order));
else process.exitCode = await perform(order);
async function told({ command, version }) {
	if (version) {
		const { readFile } = await import("node:fs/promises");
		const { version: own } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
		return `nomad-deploy ${own}\n`;
	}
	const { helpText } = await import("./help.js");
	return helpText(command, process.stdout.columns);
}
/** Runs a command. Returns the exit code. */
async function perform({ command, given, yes, json }) {
	const cancelled = new AbortController();
	for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`cancelled (${name})`)));
	const [{ terminalRuntime }, { run }] = await Promise.all([import("./terminal.js"), import("./run.js")]);
	const folder = process.cwd();
	const base = {
		signal: cancelled.signal,
		yes,
		json
	};
	const finder = terminalRuntime({
		...base,
		env: process.env,
		workspace: folder,
		branchFiles: branchFiles(async () => void 0, void 0)
	});
	try {
		const checkout = await readCheckout(gitIn(folder, finder.runtime));
		const git = gitIn(checkout.root, finder.runtime);
		const inputs = Object.entries({
			...given,
			command
		}).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
		const env = {
			...environmentOf(process.env, checkout),
			...Object.fromEntries(inputs)
		};
		const event = checkout.defaultBranch === void 0 ? {} : { repository: { default_branch: checkout.defaultBranch } };
		const { runtime, cleanUp, ended } = terminalRuntime({
			...base,
			env,
			workspace: checkout.root,
			branchFiles: branchFiles(git, checkout.defaultBranch)
		});
		try {
			const passed = await run(env, event, runtime);
			const { outputs, code } = ended();
			if (code !== void 0) return code;
			if (outputs.get("outcome") === "cancelled") return CODES.cancelled;
			return passed ? 0 : CODES.failed;
		} finally {
			await cleanUp();
		}
	} catch (thrown) {
		const { message, hint } = toActionError(thrown);
		finder.runtime.log.error([message, hint].filter(Boolean).join(". "), "failed");
		return CODES.failed;
	}
}
export {};
