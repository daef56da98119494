import { d as messageOf, m as toActionError, o as takeOver, p as sentence, s as ActionError, t as actionsRuntime } from "./runtime.js";
import { $ as inOrder, A as findConfig, B as readWebhook, F as unreadSecrets, H as isPath, I as configInputs, L as githubToken, P as secretValues, Q as mergeConfig, R as isGiven, S as resolveTarget, W as unknownInputs, _t as nearest, a as distrustUnread, c as requireOwnWords, dt as placeText, et as parseConfig, ft as sourceText, lt as readContext, o as isUntrusted, ot as openGitHub, s as refusal, ut as locationOf, x as resolveEnvironment, z as readInputs } from "./target.js";
import { r as readSourceFile } from "./jobspec.js";
import { n as secretNotes, t as publicNames } from "./secrets.js";
import { n as describeRun } from "./describe.js";
import { n as skip, t as failure } from "./failure.js";
import { t as openRecord } from "./report.js";
import { readFile, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
// src/inputs/checkout.ts
const SHA = /^[0-9a-f]{40,64}$/;
/** Reads which commits files and folders of the workspace are checked out at: a second checkout (`path:` of actions/checkout) has a commit of its own. */
async function readCheckout(file, folders, workspace) {
	const top = await realpath(workspace);
	const named = [file, ...folders].map((path) => resolve(top, path));
	const real = await Promise.all(named.map(async (path) => realpath(path).catch(() => path)));
	const found = await Promise.all([...named, ...real].map(async (path) => repositoryOf(path, top)));
	const root = found[0]?.root ?? top;
	return {
		pathOf: (...parts) => relative(root, resolve(top, ...parts)).split(sep).join("/"),
		heads: [...new Set(found.flatMap(({ head }) => head === void 0 ? [] : [head]))]
	};
}
/**
* Finds the innermost repository that holds a path. Reads Git's files without starting Git, which every deploy would wait for.
* See https://git-scm.com/docs/gitrepository-layout
*/
async function repositoryOf(path, top) {
	for (let at = path; at === top || at.startsWith(`${top}${sep}`); at = dirname(at)) {
		const gitFolder = await gitFolderOf(at);
		const head = await textOf(join(gitFolder, "HEAD"));
		if (head !== void 0) return {
			root: at,
			head: await commitOf(head, gitFolder)
		};
	}
	return {
		root: top,
		head: void 0
	};
}
/** `.git`, or what it names where it is a file: that of a worktree or a submodule. */
async function gitFolderOf(folder) {
	const path = join(folder, ".git");
	const named = /^gitdir: (.+)$/m.exec(await textOf(path) ?? "")?.[1];
	return named === void 0 ? path : resolve(folder, named);
}
async function commitOf(head, gitFolder) {
	if (SHA.test(head)) return head;
	const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
	if (ref === void 0 || ref.split("/").includes("..")) return "";
	const common = resolve(gitFolder, await textOf(join(gitFolder, "commondir")) ?? ".");
	const loose = await textOf(join(gitFolder, ref)) ?? await textOf(join(common, ref));
	const packed = (await textOf(join(common, "packed-refs")) ?? "").split("\n").find((line) => line.endsWith(` ${ref}`));
	const sha = loose ?? packed?.split(" ")[0] ?? "";
	return SHA.test(sha) ? sha : "";
}
async function textOf(path) {
	return readFile(path, "utf8").then((text) => text.trim(), () => void 0);
}
// src/apps/effective-config.ts
/**
* Decides whose file gives what: everything from the checkout where that is the default branch's or the workflow says so, else the keys of the second list
* from the default branch's file, which GitHub is asked for by commit. Nobody is asked for a run that does nothing.
* Throws `input-invalid` when the workflow trusts the file of an event that a stranger can cause, and when the default branch's file is not in order; the
* error of GitHub's when that file can't be read and the checkout says anything that it decides, or GitHub may have the file.
*/
async function effectiveConfig({ config: own, path, pathOf }, context, env, github, signal) {
	if (configInputs(env).fromCheckout) {
		if (isUntrusted(context)) throw new ActionError("input-invalid", `\`config-from\`: \`checkout\` is refused, since a stranger can cause the event ${context.eventName}`, { hint: "Leave `config-from` out, and give what the run needs as inputs or in the file of the default branch." });
		const text = `\`config-from: checkout\`: all keys of ${own?.path ?? path} count as they are checked out, also those about credentials and the policy`;
		return {
			config: own,
			ignored: [],
			isForeign: false,
			said: own === void 0 ? [] : [{
				level: "info",
				text
			}]
		};
	}
	if (context.isDefaultCheckout) return {
		config: own,
		ignored: [],
		isForeign: false,
		said: []
	};
	const without = mergeConfig(own, void 0);
	if (isSkipped(context, env)) return {
		config: without.config,
		ignored: [],
		isForeign: true,
		said: []
	};
	const contested = (ignored) => ignored.filter(({ input }) => input === void 0 || !isGiven(env, input));
	const found = await defaultFile(path, context, github, signal);
	if ("why" in found) {
		const { why, hint, code } = found;
		const source = `${path} of ${context.defaultBranch === void 0 ? "the default branch" : `the branch ${context.defaultBranch}`}`;
		const decided = contested(without.ignored);
		const [first] = decided;
		if (first !== void 0) {
			const location = locationOf(first.at);
			throw new ActionError(code, `${source} could not be read: ${why}`, {
				hint: `Nothing was done, since that file decides about ${listed(decided)}, and not the one of ${context.ref}. ${hint} Or give the keys as inputs; or, if every branch of this workflow may decide them, set \`config-from: checkout\`.`,
				...location === void 0 ? {} : { location }
			});
		}
		if ((code === "unreachable" || code === "github-refused") && JUDGED.includes(env["INPUT_COMMAND"]?.trim() || "deploy")) throw new ActionError(code, `${source} could not be read: ${why}`, { hint: `Nothing was done, since that file may have a policy for this run. ${hint} Run the job again when GitHub gives the file; or, if every branch of this workflow may decide all keys, set \`config-from: checkout\`.` });
		const text = `Whether ${source} has keys for this run could not be read: ${why}`;
		const said = github === void 0 ? {
			level: "info",
			text
		} : {
			level: "notice",
			text: `${text}. ${hint}`
		};
		return {
			config: without.config,
			ignored: [],
			isForeign: true,
			said: [said]
		};
	}
	const { config: merged, ignored } = mergeConfig(own, found.config);
	const folder = configInputs(env).workingDirectory ?? found.config?.inputs["working-directory"]?.text ?? ".";
	const config = merged && await withPem(merged, async (file, at) => found.read(pathOf(folder, file), at));
	const decided = contested(ignored);
	const said = decided.map((one) => ({
		level: "warning",
		text: ignoredText(one, found.origin),
		ignored: one
	}));
	const { ofDefault, problem } = await commitsOf(found, context, github, signal);
	const told = problem === void 0 ? [] : [{
		level: "notice",
		text: problem
	}];
	return {
		config,
		ignored: decided,
		isForeign: true,
		said: [...said, ...told],
		ofDefault
	};
}
/** Commits that the default branch is known to have. The one of a `workflow_run` is asked for where it is not the last one any more. */
async function commitsOf({ sha }, { ref, defaultBranch, followsDefault, followedSha }, github, signal) {
	if (sha === void 0 || github === void 0) return { ofDefault: [] };
	if (followedSha === void 0 || followsDefault || followedSha === sha || ref !== defaultBranch) return { ofDefault: [sha] };
	try {
		return { ofDefault: await github.refs.isBefore(followedSha, sha) ? [sha, followedSha] : [sha] };
	} catch (error) {
		signal.throwIfAborted();
		const problem = `${followedSha.slice(0, 7)} is not known to be a commit of ${ref}: ${messageOf(error)}`;
		return {
			ofDefault: [sha],
			problem
		};
	}
}
/** Whether the run ends before it does anything, so that nobody is asked on its account. A build may be what a stranger's pull request is checked by. */
function isSkipped(context, env) {
	const wish = {
		command: env["INPUT_COMMAND"]?.trim() === "build" ? "build" : "deploy",
		push: env["INPUT_PUSH"]?.trim() !== "false"
	};
	return distrustUnread(context, env["INPUT_ALLOW-UNTRUSTED-EVENTS"] ?? "", wish) !== void 0;
}
/** Commands whose job or count is held to the policy. Any other goes on, so that a version is rolled back while GitHub is down. */
const JUDGED = [
	"deploy",
	"plan",
	"render",
	"scale"
];
const PEM_KEYS = [
	"nomad-cacert",
	"nomad-client-cert",
	"nomad-client-key"
];
/**
* Takes certificates and keys that the default branch's file names by paths from that branch, too: a checkout could have another certificate authority at
* the same path.
*/
async function withPem(config, read) {
	const filled = async (layer) => {
		const given = PEM_KEYS.flatMap((name) => {
			const value = layer[name];
			return value !== void 0 && isPath(value.text) ? [[name, value]] : [];
		});
		const texts = await Promise.all(given.map(async ([name, { text, at }]) => [name, {
			text: await read(text.trim(), at),
			at
		}]));
		return {
			...layer,
			...Object.fromEntries(texts)
		};
	};
	const environments = config.environments.map(async (section) => ({
		...section,
		inputs: await filled(section.inputs)
	}));
	return {
		...config,
		inputs: await filled(config.inputs),
		environments: await Promise.all(environments)
	};
}
async function defaultFile(path, { defaultBranch }, github, signal) {
	if (github === void 0) return {
		why: "there is no `github-token`",
		hint: "Leave `github-token` to its default, ${{ github.token }}.",
		code: "input-invalid"
	};
	let origin = defaultBranch ?? "the default branch";
	let text;
	let sha;
	const read = async (file, at) => {
		const pem = sha === void 0 || file.startsWith("..") ? void 0 : await github.contents.atCommit(file, sha);
		if (pem?.includes("-----BEGIN ") === true) return pem;
		throw new ActionError("input-invalid", `${placeText(at)}: ${file} of ${origin} is no file of PEM text`, { hint: "The certificates and keys that the default branch names are read from there." });
	};
	try {
		const head = await github.refs.head(defaultBranch);
		if (head !== void 0) {
			({sha} = head);
			origin = `${head.branch} at ${sha.slice(0, 7)}`;
		}
		text = await github.contents.atCommit(path, sha);
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ActionError) return {
			why: error.message,
			hint: error.hint ?? "",
			code: error.code
		};
		return {
			why: messageOf(error),
			hint: "",
			code: "github-refused"
		};
	}
	return {
		config: text === void 0 ? void 0 : await parse(text, path, origin),
		origin,
		sha,
		read
	};
}
async function parse(text, path, origin) {
	try {
		return await parseConfig(text, path, origin);
	} catch (error) {
		if (!(error instanceof ActionError)) throw error;
		throw new ActionError("input-invalid", `${path} of ${origin} can't be read: ${sentence(error)}`, { hint: "Nothing was built or registered. Mend the file on that branch first." });
	}
}
function ignoredText({ key, at, replaced }, origin) {
	const used = replaced ? `the value of ${origin} is used` : `${origin} has none, so no value is used`;
	return `${sourceText(at)}: \`${key}\` counts from the default branch's file only: ${used}. Change it there; or, if every branch of this workflow may decide it, set the input \`config-from: checkout\`.`;
}
function listed(ignored) {
	return ignored.map(({ key, at }) => `\`${key}\` (${sourceText(at)})`).join(", ");
}
// src/apps/begin.ts
/**
* Reads the configuration file, the inputs and the event, and has everything secret masked before the first word is said, also that something is wrong.
* Throws `input-invalid` with everything that is wrong with the file, or with the values of the inputs.
*/
async function begin(env, event, runtime) {
	const values = secretValues(env);
	const mask = (names) => {
		for (const value of values) if (names?.has(value.trim()) !== true) runtime.mask(value, names?.keys());
	};
	try {
		const { config: own, file } = await readConfig(env, runtime.workspace);
		const { pathOf, heads } = await readCheckout(file, [configInputs(env).workingDirectory ?? "."], runtime.workspace);
		const asking = readContext(env, event, heads);
		const effective = await effectiveConfig({
			config: own,
			path: pathOf(file),
			pathOf
		}, asking, env, quietGitHub(env, asking, runtime), runtime.signal);
		const { config, ofDefault } = effective;
		const context = ofDefault === void 0 ? asking : readContext(env, event, heads, ofDefault);
		const first = await readInputs(env, config && fromFile(config));
		values.push(...secretValues({}, first));
		requireOwnWords(context, first, effective.ignored);
		const environment = resolveEnvironment(first, context, config?.environments);
		const section = config?.environments.find(({ name }) => name === environment.name);
		const inputs = async (app) => config === void 0 ? first : readInputs(env, fromFile(config, section, app));
		const apps = config === void 0 ? noApps(first) : selectApps(config, first);
		requireKnown(apps, environment);
		const [read, images] = await Promise.all([together(apps.length === 0 ? [inputs()] : apps.map(inputs)), together((config?.images ?? []).map(async (image) => readInputs(env, config && fromFile(config, section, void 0, image))))]);
		for (const own of [...read, ...images]) values.push(...secretValues({}, own));
		requireApart(read, "apps", [
			"job-name",
			"image",
			"context",
			"file",
			"job"
		]);
		requireApart(images, "images", [
			"image",
			"image-variables",
			"context",
			"file"
		]);
		const [image, ...further] = images;
		const units = read.map((own, i) => {
			const target = resolveTarget(own, context, environment);
			return {
				app: apps[i],
				inputs: own,
				images: image === void 0 ? [own] : [image, ...further],
				target
			};
		});
		if (effective.isForeign && config !== void 0 && !isGiven(env, "verify")) for (const unit of units) requireOwnHosts(unit, firstOf(fromFile(config, section, unit.app), "verify"));
		const names = new Map(units.flatMap((unit) => [...publicNames(unit.inputs, unit.target, context)]));
		mask(names);
		const { warnings, notices } = secretNotes(first.secrets, names);
		for (const { level, text, ignored } of effective.said) if (level === "warning") runtime.log.warning(text, ignored && locationOf(ignored.at));
		else runtime.log[level](text);
		for (const { text, location } of config?.warnings ?? []) runtime.log.warning(text, location);
		for (const text of [...unknownInputs(env), ...warnings]) runtime.log.warning(text);
		for (const text of notices) runtime.log.notice(text);
		const [unit, ...others] = units;
		if (unit === void 0) throw new Error("a run without inputs");
		return {
			config,
			context,
			units: [unit, ...others]
		};
	} catch (error) {
		values.push(...unreadSecrets(env));
		mask();
		for (const text of unknownInputs(env)) runtime.log.warning(text);
		throw error;
	}
}
/** The file as it is checked out, and its path; that of the workspace is where it would be. */
async function readConfig(env, workspace) {
	const file = await findConfig(configInputs(env).path, workspace);
	if (file === void 0) return {
		config: void 0,
		file: "nomad-deploy.yml"
	};
	const { name, text } = await readSourceFile(file, workspace);
	return {
		config: await parseConfig(text, name),
		file
	};
}
/** GitHub as it is asked before anything secret is masked: nothing is said about it. */
function quietGitHub(env, context, runtime) {
	const token = githubToken(env);
	return openGitHub({ githubToken: token }, context, {
		...runtime,
		log: {
			...runtime.log,
			debug: () => void 0
		}
	});
}
/** An app that the default branch does not know has no cluster, image or namespace that anybody agreed to. Throws `input-invalid`. */
function requireKnown(apps, { name, value }) {
	const unknown = apps.filter(({ isNew }) => isNew);
	const [first] = unknown;
	if (first === void 0 || value === "review") return;
	const location = locationOf(first.at);
	throw new ActionError("input-invalid", `${sourceText(first.at)}: the default branch's file has no app ${unknown.map((app) => app.name).join(", ")}, so ${name} can't have it yet`, {
		hint: "Until the app is in the file of the default branch, it is deployed as a review app only. Or select other apps with the input `app`; or set `config-from: checkout`.",
		...location === void 0 ? {} : { location }
	});
}
/**
* Refuses checks of a branch's file that ask anything but the run's own hostnames or what is below its domain, or follow a redirect there: the runner
* would ask any address for the branch, and quote its answer. Throws `input-invalid`.
*/
function requireOwnHosts({ inputs, target }, given) {
	if (given === void 0 || given.at.origin !== void 0) return;
	const { baseDomain } = inputs;
	const foreign = inputs.verify.flatMap(({ target: to, redirectHosts }) => [..."url" in to ? [to.url] : [], ...redirectHosts.map((host) => `https://${host}`)]).flatMap((url) => {
		const { hostname, port } = new URL(url);
		return (target.hostnames.includes(hostname) || baseDomain !== void 0 && hostname.endsWith(`.${baseDomain}`)) && port === "" && hostname !== hostOf(target.nomadAddr?.value) ? [] : [hostname];
	});
	if (foreign.length === 0) return;
	const location = locationOf(given.at);
	throw new ActionError("input-invalid", `${sourceText(given.at)}: \`verify\` asks ${[...new Set(foreign)].join(", ")}, and this file is not the default branch's`, {
		hint: "Give paths, which are asked of the job itself, or URLs of its own hostnames. Other addresses come from the workflow, or from the file of the default branch.",
		...location === void 0 ? {} : { location }
	});
}
function hostOf(address) {
	return address === void 0 || !URL.canParse(address) ? void 0 : new URL(address).hostname;
}
/** The values that the file gives for an input, closest to the run first. */
function firstOf({ layers }, name) {
	return layers.map((layer) => layer[name]).find((given) => given !== void 0 && given.text.trim() !== "");
}
/** What is particular to the environment comes before what an app says for all of them, and both before what the file says of all apps. */
function fromFile(config, environment, app, image) {
	return {
		path: config.path,
		layers: [
			environment?.inputs,
			image?.inputs,
			app?.inputs,
			config.inputs
		].filter((layer) => layer !== void 0),
		environments: config.environments.map(({ name }) => name),
		environment: environment?.inputs,
		tokenEnv: environment?.tokenEnv?.text,
		app: app?.name,
		image: image?.name
	};
}
function noApps({ apps }) {
	if (apps.length === 0) return [];
	throw new ActionError("input-invalid", `\`app\`: there is no configuration file that could have the app ${apps.join(", ")}`, { hint: "Add a nomad-deploy.yml with `apps`, see docs/configuration.md." });
}
function selectApps(config, { apps }) {
	const names = config.apps.map(({ name }) => name);
	const unknown = apps.filter((name) => !names.includes(name));
	if (unknown.length > 0) {
		const told = unknown.map((name) => {
			const near = nearest(name, names);
			return `${JSON.stringify(name)}${near === void 0 ? "" : ` (did you mean \`${near}\`?)`}`;
		});
		throw new ActionError("input-invalid", `\`app\`: ${config.path} has no app ${told.join(", ")}`, { hint: names.length === 0 ? "It has no `apps` at all." : `It has ${names.join(", ")}.` });
	}
	return inOrder(config.apps).filter(({ name }) => apps.length === 0 || apps.includes(name));
}
/** All of them, or one error with the problems of all. */
async function together(all) {
	const settled = await Promise.allSettled(all);
	const errors = settled.flatMap((one) => one.status === "rejected" ? [toActionError(one.reason)] : []);
	const [first] = errors;
	if (first === void 0) return settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
	const messages = [...new Set(errors.map(({ message }) => message))];
	throw new ActionError(first.code, messages.join("\n"), first.location === void 0 ? {} : { location: first.location });
}
/** An input wins over the file, so it is that of all of them: what would make them one is refused. */
function requireApart(all, what, names) {
	const [first] = all;
	if (first === void 0 || all.length === 1) return;
	const given = names.filter((name) => first.sources.inputs[name] === name);
	if (given.length === 0) return;
	throw new ActionError("input-invalid", `${given.map((name) => `\`${name}\``).join(", ")}: ${all.length} ${what} can't have one ${given.join(", ")}`, { hint: `Give it in the configuration file, for each of them${what === "apps" ? "; or select one app with the input `app`" : ""}.` });
}
// src/run.ts
/**
* Runs the action from its inputs to its reports. Returns true when the step is to pass. A failure that users can have is never thrown: it is in the log,
* the outputs, the annotation and the job summary.
*/
async function run(env, event, runtime) {
	const record = openRecord(readWebhook(env), runtime);
	try {
		const begun = await begin(env, event, runtime).catch((thrown) => {
			const distrusted = distrustUnread(readContext(env, event), env["INPUT_ALLOW-UNTRUSTED-EVENTS"] ?? "");
			if (distrusted === void 0) throw thrown;
			return distrusted;
		});
		if ("cause" in begun) record.note(skip(begun, runtime));
		else {
			record.tell(begun.units[0].inputs);
			record.note(describeRun(begun.units[0].inputs, begun.context));
			record.note(await perform(begun, record));
		}
	} catch (thrown) {
		record.note(await failure(thrown, runtime));
	}
	return record.close();
}
/** Performs the command, from the inputs on. Throws an `ActionError` for whatever ends it. */
async function perform(begun, record) {
	const [{ inputs, target }] = begun.units;
	const { runtime } = record;
	const steps = await import("./steps.js");
	const operates = steps.isOperation(inputs.command);
	record.note(steps.describeTargets(begun.units, runtime));
	if (inputs.noDeploy && !operates) return steps.skipUnwanted(runtime);
	const distrusted = refusal(begun.context, inputs, target);
	if (distrusted !== void 0) return skip(distrusted, runtime);
	const units = operates ? begun.units : await steps.changedUnits(begun, runtime);
	if (units === void 0) return {
		outcome: "skipped",
		cause: "no file of any app changed"
	};
	const address = inputs.command === "build" ? "" : steps.requireAddress(steps.commonTarget(units), inputs, runtime);
	const works = await steps.prepareWork(units, begun.context, runtime);
	if (inputs.command === "build") return steps.buildOnly(works, record);
	const cluster = await steps.connectTo(begun, works, address, record);
	try {
		if (operates) return await steps.operateEach(works, cluster, record);
		const { drafts, checked } = await steps.draftAll(works, cluster, record);
		if (checked.some(({ error }) => error !== void 0)) return await steps.refuseSpecs(checked, runtime);
		const jobs = await steps.judge(works, drafts, cluster, record);
		const images = inputs.command === "deploy" ? await steps.buildApproved(jobs, cluster, record) : void 0;
		return await steps.commandEach(jobs, images, cluster, record);
	} finally {
		await cluster.regions.close();
	}
}
// src/index.ts
takeOver();
const cancelled = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`the workflow was cancelled (${name})`)));
const { runtime, cleanUp } = await actionsRuntime(process.env, cancelled.signal);
try {
	const path = process.env["GITHUB_EVENT_PATH"];
	const event = path === void 0 || path === "" ? {} : JSON.parse(await readFile(path, "utf8"));
	if (!await run(process.env, event, runtime)) process.exitCode = 1;
} catch (error) {
	runtime.log.error(messageOf(error), "unexpected");
	process.exitCode = 1;
} finally {
	await cleanUp();
}
export {};
