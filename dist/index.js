import { Bn as placeText, Gn as openGitHub, Hn as sourceText, S as resolveTarget, Vn as readTree, Wn as nearest, Y as findConfig, Zn as readContext, a as headline, at as isGiven, ct as unreadSecrets, dt as readWebhook, er as ActionError, gn as readValue, gt as requireOwnWords, h as outputsOf, hn as placeIn, ht as isUntrusted, ir as messageOf, it as githubToken, lt as isPath, m as isGood, mn as itemsIn, mt as distrustUnread, n as renderSummary, or as sentence, ot as readInputs, pn as unknownInputs, rt as configInputs, sr as toActionError, st as secretValues, t as notify, x as resolveEnvironment, yn as readMap, zn as locationOf } from "./notify.js";
import { a as skip, c as publicNames, d as readSourceFile, l as secretNotes, n as failure, o as timed, s as withStage } from "./each-job.js";
import { i as takeOver, t as actionsRuntime } from "./actions.js";
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
// src/inputs/config/keys.ts
const key = (of) => (type, from) => ({
	type,
	of,
	from
});
const [run$1, job, image] = [
	key("run"),
	key("job"),
	key("image")
];
const no = (instead) => ({ instead });
const SECRET = "no secret belongs in a file of the repository";
/** The inputs as keys of the configuration file. Each has the meaning of the input of that name. */
const INPUT_KEYS = {
	command: no("the workflow says what is to be done, with the input `command`"),
	config: no("the workflow names the file, with the input `config`"),
	"config-from": no("the workflow says whose file counts, with the input `config-from`"),
	app: no("the workflow selects apps, with the input `app`; the file lists them as `apps`"),
	"working-directory": job("text", "any"),
	"nomad-addr": run$1("text", "default-branch"),
	"nomad-token": no(`${SECRET}: set NOMAD_TOKEN, or \`token-env\` of an environment`),
	"nomad-auth-method": run$1("text", "default-branch"),
	"nomad-auth-audience": run$1("text", "default-branch"),
	"nomad-namespace": job("text", "default-branch"),
	"nomad-region": run$1("text", "default-branch"),
	"nomad-cacert": run$1("text", "default-branch"),
	"nomad-client-cert": run$1("text", "default-branch"),
	"nomad-client-key": run$1("text", "default-branch"),
	"nomad-tls-server-name": run$1("text", "default-branch"),
	"nomad-skip-verify": run$1("boolean", "default-branch"),
	"nomad-headers": run$1("map", "default-branch"),
	environment: no("`environments` says which branch is which; a workflow overrides it with the input `environment`"),
	"base-domain": job("text", "default-branch"),
	"job-name": job("text", "default-branch"),
	vars: job("map", "any"),
	build: image("boolean or text", "any"),
	image: image("text", "default-branch"),
	"image-variables": image("map", "any"),
	context: image("text", "any"),
	file: image("text", "any"),
	target: image("text", "any"),
	"build-args": image("pairs", "any"),
	"build-secrets": image("list", "default-branch"),
	platforms: image("list", "any"),
	tags: image("list", "default-branch"),
	labels: image("pairs", "default-branch"),
	"cache-from": image("list", "default-branch"),
	"cache-to": image("list", "default-branch"),
	pull: image("boolean", "any"),
	"no-cache": image("boolean", "any"),
	provenance: image("boolean or text", "any"),
	sbom: image("boolean or text", "any"),
	builder: run$1("text", "default-branch"),
	push: run$1("boolean", "default-branch"),
	test: image("command", "any"),
	"test-env": image("pairs", "default-branch"),
	scan: image("text", "default-branch"),
	registry: run$1("text", "default-branch"),
	"registry-username": run$1("text", "default-branch"),
	"registry-password": no(`${SECRET}: give it by the input`),
	job: job("list", "any"),
	"var-files": job("list", "any"),
	"allowed-drivers": job("list", "default-branch"),
	"allow-untrusted-events": no("a stranger could write it into the file; the workflow says it"),
	group: no("it is of a single run"),
	task: no("it is of a single run"),
	count: no("it is of a single run"),
	to: no("it is of a single run"),
	purge: no("it is of a single run"),
	ttl: run$1("text", "default-branch"),
	follow: no("it is of a single run"),
	"dry-run": no("it is of a single run"),
	meta: no("it is of a single run"),
	payload: no("it is of a single run"),
	"periodic-force": no("it is of a single run"),
	"registry-auth": no(`${SECRET}: give it by the input`),
	secrets: no(`${SECRET}: give them by the input, or as NOMAD_SECRET_<NAME>`),
	wait: job("boolean", "any"),
	timeout: job("text", "any"),
	"fail-fast": job("text", "any"),
	promote: job("text", "any"),
	verify: job("checks", "any"),
	"on-failure": job("text", "any"),
	"on-cancel": job("text", "any"),
	"on-placement-failure": job("text", "any"),
	"preserve-counts": job("boolean", "any"),
	"log-lines": job("number", "any"),
	summary: run$1("boolean", "any"),
	"webhook-url": no(`${SECRET}: give it by the input`),
	"webhook-on": run$1("text", "any"),
	"github-deployment": run$1("boolean or text", "any"),
	comment: run$1("boolean or text", "any"),
	"approved-plan": no("a plan is approved for one run: give the input `approved-plan`"),
	expect: no("the workflow says what a run is for, with the input `expect`"),
	"drift-issue": run$1("boolean", "any"),
	"github-token": no(`${SECRET}: give it by the input`)
};
const isInput = (name) => Object.hasOwn(INPUT_KEYS, name);
/** The keys of an app besides inputs. They are the checkout's, as its name is. */
const APP_KEYS = {
	"depends-on": {
		type: "list",
		from: "any",
		meaning: "Apps that are deployed before it; it is left as it is when one of them fails."
	},
	paths: {
		type: "list",
		from: "any",
		meaning: "Patterns of the files that it is made of, from the root of the repository. The app is skipped when none of them changed."
	}
};
/** The keys of an environment besides inputs. An environment as a whole is the default branch's, see `SECTIONS`. */
const ENVIRONMENT_KEYS = {
	branch: {
		type: "list",
		meaning: "Branches that belong to it: names, or patterns such as `release/*`."
	},
	tag: {
		type: "list",
		meaning: "Tags that belong to it: names, or patterns such as `v*`."
	},
	"pull-request": {
		type: "boolean",
		meaning: "`true`: pull requests belong to it, as review apps. It may not be called `production`, `staging` or `main`."
	},
	namespace: {
		type: "text",
		meaning: "The same as `nomad-namespace`."
	},
	"token-env": {
		type: "text",
		meaning: "Name of the environment variable that has its token, such as `NOMAD_TOKEN_EU`. No other variable then stands in for it."
	}
};
/** The rules of `policy`; what has none is allowed. As a whole it is the default branch's. */
const POLICY_KEYS = {
	"allowed-drivers": {
		type: "list",
		meaning: "Drivers that tasks may use."
	},
	privileged: {
		type: "boolean",
		meaning: "`false`: no privileged containers, and none that shares the node's processes, IPC or users, or runs unconfined."
	},
	"host-network": {
		type: "boolean",
		meaning: "`false`: no group, container or task in the node's own network."
	},
	"host-paths": {
		type: "boolean or list",
		meaning: "Folders and devices of the node that containers may mount, with what is below them; `false`: none."
	},
	"host-volumes": {
		type: "boolean or list",
		meaning: "Nomad's host volumes that jobs may use, by name; `false`: none."
	},
	capabilities: {
		type: "list",
		meaning: "Linux capabilities that tasks may add; `[]`: none."
	},
	"raw-exec": {
		type: "boolean",
		meaning: "`false`: no task with the driver `raw_exec`."
	},
	"image-registries": {
		type: "list",
		meaning: "Registries, or repositories of them, that images may come from, such as `ghcr.io/acme`."
	},
	namespaces: {
		type: "list",
		meaning: "Namespaces that jobs may be in."
	},
	"max-count": {
		type: "number",
		meaning: "Allocations that a group may have, or be scaled to, also by `command: scale`, and canaries that a deployment may start beside them."
	},
	"max-cpu": {
		type: "number",
		meaning: "CPU in MHz that a task may reserve."
	},
	"max-memory": {
		type: "number",
		meaning: "Memory in MB that a task may reserve, and use (`memory_max`)."
	}
};
/** The sections of the file besides inputs. The names of apps and images are the checkout's, and each of their keys is on a list of its own. */
const SECTIONS = {
	environments: "default-branch",
	apps: "any",
	images: "any",
	policy: "default-branch"
};
/**
* Names in `vars` that are more than data of the workload: the namespace, the region, the addresses, whether the run deploys, the tag `latest`, and what
* the run itself makes (`CI_REGISTRY` is where the registry's read token goes). The default branch's file gives them, as it gives the inputs beside them.
*/
const GUARDED_VARIABLES = /^(NAMESPACE|REGION|HOSTNAMES|NO_DEPLOY|SERVERLESS|CI_\w+)$/;
/** A misspelt one would deploy somewhere else, or what is not allowed: an error, where any other is a warning. */
const GUARDING = /^(nomad-|base-domain$|job-name$|allowed-drivers$|environments$|apps$|policy$)/;
// src/inputs/config/config.ts
/** The names of apps become parts of names of jobs, those of images words of a template. */
const APP_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const IMAGE_NAME = /^[A-Za-z][\w-]{0,62}$/;
const ENVIRONMENT_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;
/** Variables that are no token of an environment: the runner's own, the workload's, and those that give inputs. */
const NO_TOKEN = /^(GITHUB|ACTIONS|RUNNER|INPUT|NOMAD_SECRETS?|NOMAD_VAR)(_|$)/i;
/** Environments that pull requests never belong to; GitHub's environments of these names ignore case. */
const NO_REVIEW = /^(production|staging|main)$/i;
/** Tokens that stand for an environment by their names. */
const OWN_TOKENS = {
	NOMAD_TOKEN_PROD: "production",
	NOMAD_TOKEN_STAGING: "staging"
};
const inputKey = (name) => {
	const key = isInput(name) ? INPUT_KEYS[name] : void 0;
	return key !== void 0 && "type" in key ? key : void 0;
};
const INPUTS = Object.keys(INPUT_KEYS).filter((name) => inputKey(name) !== void 0);
const isSection = (name) => Object.hasOwn(SECTIONS, name);
/**
* Reads a configuration file; `path` is its name as shown to people, `origin` says whose it is where it is not the checkout's (`main at 1a2b3c4`).
* Nothing but the text decides: no default, no environment. Throws one `input-invalid` error with everything that is wrong with its form, each with file,
* line and column; an unknown key is a warning, unless it may be meant for one that decides where or what is deployed.
*/
async function parseConfig(text, path, origin) {
	const problems = [];
	const warnings = [];
	const root = await readTree(text, path, problems, origin);
	const reader = sectionReader(problems, warnings);
	const top = reader.entries(root, "the file");
	const sections = new Map(top.filter(({ key }) => isSection(key)).map((entry) => [entry.key, entry.value]));
	const config = {
		path,
		inputs: layerOf(reader.values(top.filter(({ key }) => !sections.has(key)), {
			inputs: [
				"run",
				"job",
				"image"
			],
			own: {},
			others: Object.keys(SECTIONS),
			where: "at the top of the file"
		})),
		environments: reader.named(sections.get("environments"), "environments", ENVIRONMENT_NAME).map((section) => {
			return environment(section, reader.values(section.entries, {
				inputs: [
					"run",
					"job",
					"image"
				],
				own: ENVIRONMENT_KEYS,
				where: "in an environment",
				strict: true
			}), problems);
		}),
		apps: reader.named(sections.get("apps"), "apps", APP_NAME).map(({ name, at, entries }) => {
			const own = reader.values(entries, {
				inputs: ["job", "image"],
				own: APP_KEYS,
				where: "in an app"
			});
			return {
				name,
				at,
				isNew: false,
				inputs: layerOf(own),
				dependsOn: itemsIn(own.get("depends-on")),
				paths: itemsIn(own.get("paths"))
			};
		}),
		images: reader.named(sections.get("images"), "images", IMAGE_NAME).map(({ name, at, entries }) => {
			return {
				name,
				at,
				inputs: layerOf(reader.values(entries, {
					inputs: ["image"],
					own: {},
					where: "in an image"
				}))
			};
		}),
		policy: readPolicy(sections.get("policy"), reader),
		warnings
	};
	const [image] = config.images;
	if (image !== void 0 && config.apps.length > 0) problems.push({
		text: "`images` are those of one job: an app has its own `context`, `file` and `image`",
		at: image.at
	});
	problems.push(...dependencyProblems(config.apps), ...tokenProblems(config.environments), ...reviewProblems(config.environments));
	const [first] = problems;
	if (first === void 0) return withPlainVars(config);
	const lines = problems.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column).map((problem) => `${placeText(problem.at)}: ${problem.text}`);
	const location = locationOf(problems.reduce((a, b) => b.at.line < a.at.line ? b : a).at);
	throw new ActionError("input-invalid", lines.length === 1 ? `${lines[0]}` : `${lines.length} problems:\n- ${lines.join("\n- ")}`, {
		...location === void 0 ? {} : { location },
		hint: "docs/configuration.md lists the keys."
	});
}
/** Gives all `vars` the form of a map, also those that are written as a text, so that each name can be told from the others. */
async function withPlainVars(config) {
	const plain = async (layer) => {
		const { vars } = layer;
		const problems = [];
		const values = vars === void 0 || vars.entries !== void 0 ? {} : await readMap("vars", vars.text, problems);
		return vars === void 0 || vars.entries !== void 0 || problems.length > 0 ? layer : {
			...layer,
			vars: {
				...vars,
				text: JSON.stringify(values),
				entries: {}
			}
		};
	};
	const all = async (sections) => Promise.all(sections.map(async (section) => ({
		...section,
		inputs: await plain(section.inputs)
	})));
	return {
		...config,
		inputs: await plain(config.inputs),
		environments: await all(config.environments),
		apps: await all(config.apps),
		images: await all(config.images)
	};
}
/** More apps, environments or keys than people have: each is compared with the others. */
const MAX_ENTRIES = 500;
function sectionReader(problems, warnings) {
	const entries = (tree, what) => {
		if (tree.kind === "map" && tree.entries.length <= MAX_ENTRIES) return tree.entries;
		if (tree.kind === "map") problems.push({
			text: `${what} has more than ${MAX_ENTRIES} keys`,
			at: tree.at
		});
		else if (!isBlank(tree)) problems.push({
			text: `${what} is no map of keys and values`,
			at: tree.at
		});
		return [];
	};
	return {
		entries,
		named: (tree, key, names) => (tree === void 0 ? [] : entries(tree, `\`${key}\``)).map(({ key: name, at, value }) => {
			if (!names.test(name)) {
				const takes = names === APP_NAME ? "small letters, digits and dashes, up to 32" : "letters, digits, dashes and underscores, up to 63";
				problems.push({
					text: `\`${key}\`: ${JSON.stringify(name)} is no name; it takes ${takes}`,
					at
				});
			}
			return {
				name,
				at,
				entries: entries(value, `\`${key}.${name}\``)
			};
		}),
		values: (given, allowed) => {
			const found = /* @__PURE__ */ new Map();
			for (const { key, at, value } of given) {
				const type = Object.hasOwn(allowed.own, key) ? allowed.own[key]?.type : typeOf(key, allowed.inputs);
				if (type === void 0) {
					const { text, error } = unknown(key, allowed);
					if (error) problems.push({
						text,
						at
					});
					else warnings.push({
						text: `${placeText(at)}: ${text}`,
						location: at
					});
				} else if (!isBlank(value)) {
					const read = readValue(key, type, value);
					if ("text" in read) found.set(key, {
						...read,
						at
					});
					else problems.push({
						text: `\`${key}\` ${read.problem}`,
						at: read.at
					});
				} else if (allowed.strict === true) problems.push({
					text: `\`${key}\` has no value`,
					at
				});
			}
			return found;
		}
	};
}
function typeOf(key, kinds) {
	const known = inputKey(key);
	return known !== void 0 && kinds.includes(known.of) ? known.type : void 0;
}
function unknown(key, { inputs, own, others = [], where, strict = false }) {
	const known = isInput(key) && inputs.length > 0 ? INPUT_KEYS[key] : void 0;
	if (known !== void 0 && "instead" in known) return {
		text: `\`${key}\` is no key of the file: ${known.instead}`,
		error: true
	};
	if (known !== void 0) return {
		text: `\`${key}\` can't be given ${where}: it is the same for the whole run`,
		error: true
	};
	if (key === "<<") return {
		text: "`<<` merges nothing here: write the keys out",
		error: true
	};
	const names = [
		...Object.keys(own),
		...others,
		...INPUTS.filter((name) => typeOf(name, inputs) !== void 0)
	];
	const near = nearest(key, names);
	return {
		text: `unknown key \`${key}\` ${where}${near === void 0 ? "; docs/configuration.md lists the keys" : `: did you mean \`${near}\`?`}`,
		error: strict || near !== void 0 && GUARDING.test(near)
	};
}
function isBlank(tree) {
	return tree.kind === "text" && tree.text.trim() === "";
}
function layerOf(values) {
	return Object.fromEntries([...values].filter(([key]) => inputKey(key) !== void 0));
}
function environment({ name, at }, own, problems) {
	const namespace = own.get("namespace");
	if (namespace !== void 0 && own.has("nomad-namespace")) problems.push({
		text: "`namespace` and `nomad-namespace` are the same: give one of them",
		at: namespace.at
	});
	const tokenEnv = own.get("token-env");
	return {
		name,
		at,
		branches: itemsIn(own.get("branch")),
		tags: itemsIn(own.get("tag")),
		pullRequest: own.get("pull-request")?.text === "true",
		tokenEnv: tokenEnv === void 0 ? void 0 : {
			...tokenEnv,
			text: tokenEnv.text.trim()
		},
		inputs: {
			...layerOf(own),
			...namespace === void 0 ? {} : { "nomad-namespace": namespace }
		}
	};
}
/** Whose token goes where must be plain: that of production to production only, and nothing that is no token of Nomad to anybody. */
function tokenProblems(environments) {
	const production = environments.find(({ name }) => name === "production")?.tokenEnv?.text;
	return environments.flatMap(({ name, tokenEnv }) => {
		if (tokenEnv === void 0) return [];
		const { text, at } = tokenEnv;
		if (!/^[A-Za-z_]\w*$/.test(text)) return [{
			text: "`token-env` takes the name of an environment variable, such as NOMAD_TOKEN_EU, and never the token itself",
			at
		}];
		if (NO_TOKEN.test(text)) return [{
			text: `\`token-env\`: ${text} is no token of Nomad; pass it as NOMAD_TOKEN_…, by \`env:\``,
			at
		}];
		const owner = OWN_TOKENS[text] ?? (text === production ? "production" : name);
		return owner === name ? [] : [{
			text: `\`token-env\`: ${text} is the token of ${owner}, and ${name} must not get it`,
			at
		}];
	});
}
/** Returns the problems of the environments of pull requests: they must get neither the name nor the token of an environment that other refs belong to. */
function reviewProblems(environments) {
	const open = ({ name, branches, tags, pullRequest }) => (pullRequest || name === "review" && environments.every((one) => !one.pullRequest)) && branches.length === 0 && tags.length === 0;
	return environments.filter(({ pullRequest, name }) => pullRequest || name === "review").flatMap((own) => {
		const { name, at, tokenEnv, pullRequest } = own;
		if (NO_REVIEW.test(name)) return [{
			text: `\`pull-request\`: pull requests are review apps and can't belong to ${name}; call their environment \`preview\``,
			at
		}];
		if (tokenEnv === void 0) return [];
		if (!open(own)) return [{
			text: `\`token-env\`: pull requests would get the token of the branches and tags of ${name}; give pull requests an environment of their own`,
			at: tokenEnv.at
		}];
		if (!pullRequest) return [];
		const other = environments.find((one) => one !== own && !open(one) && one.tokenEnv?.text === tokenEnv.text);
		return other === void 0 ? [] : [{
			text: `\`token-env\`: ${tokenEnv.text} is the token of ${other.name}, and pull requests must not get it`,
			at: tokenEnv.at
		}];
	});
}
function dependencyProblems(apps) {
	const names = apps.map(({ name }) => name);
	const missing = apps.flatMap(({ name, at, dependsOn }) => dependsOn.filter((other) => !names.includes(other)).map((other) => {
		const near = nearest(other, names);
		return {
			text: `\`apps.${name}\` depends on ${JSON.stringify(other)}, which is no app${near === void 0 ? "" : `; did you mean \`${near}\`?`}`,
			at
		};
	}));
	if (missing.length > 0) return missing;
	const ordered = inOrder(apps).map(({ name }) => name);
	const left = apps.filter(({ name }) => !ordered.includes(name));
	const [first] = left;
	return first === void 0 ? [] : [{
		text: `apps depend on each other in a circle: ${left.map(({ name }) => name).join(", ")}`,
		at: first.at
	}];
}
/** Apps after those that they depend on, otherwise as in the file. What stands in a circle is left out; so is what depends on it. */
function inOrder(apps) {
	const done = [];
	const isDone = (name) => done.some((app) => app.name === name) || !apps.some((app) => app.name === name);
	for (let next = apps[0]; next !== void 0;) {
		next = apps.find((app) => !done.includes(app) && app.dependsOn.every(isDone));
		if (next !== void 0) done.push(next);
	}
	return done;
}
function readPolicy(tree, reader) {
	if (tree === void 0) return void 0;
	const own = reader.values(reader.entries(tree, "`policy`"), {
		inputs: [],
		own: POLICY_KEYS,
		where: "in `policy`",
		strict: true
	});
	const list = (key) => own.has(key) ? itemsIn(own.get(key)) : void 0;
	const flag = (key) => own.has(key) ? own.get(key)?.text === "true" : void 0;
	const either = (key) => /^(true|false)$/.test(own.get(key)?.text ?? "") ? flag(key) : list(key);
	const number = (key) => own.has(key) ? Number(own.get(key)?.text) : void 0;
	return {
		at: tree.at,
		allowedDrivers: list("allowed-drivers"),
		privileged: flag("privileged"),
		hostNetwork: flag("host-network"),
		hostPaths: either("host-paths"),
		hostVolumes: either("host-volumes"),
		capabilities: list("capabilities"),
		rawExec: flag("raw-exec"),
		imageRegistries: list("image-registries"),
		namespaces: list("namespaces"),
		maxCount: number("max-count"),
		maxCpu: number("max-cpu"),
		maxMemory: number("max-memory")
	};
}
// src/inputs/config/merge.ts
const isGuarded = (name) => {
	const key = INPUT_KEYS[name];
	return !("from" in key) || key.from === "default-branch";
};
/**
* Returns the configuration of a checkout that is not the default branch's: keys that decide about credentials, addresses, environments, registries and the
* runner from the default branch's file, all others from the checkout's. `undefined` is a file that does not exist. Every value keeps its place.
*/
function mergeConfig(own, ofDefault) {
	const path = own?.path ?? ofDefault?.path;
	if (path === void 0) return {
		config: void 0,
		ignored: []
	};
	const ignored = [];
	const merge = (section, kind) => {
		const other = ofDefault?.[kind].find(({ name }) => name === section.name);
		return {
			...section,
			inputs: mergeLayer(section.inputs, other?.inputs ?? {}, `${kind}.${section.name}.`, ignored)
		};
	};
	const config = {
		path,
		inputs: mergeLayer(own?.inputs ?? {}, ofDefault?.inputs ?? {}, "", ignored),
		environments: ofDefault?.environments ?? [],
		apps: (own?.apps ?? []).map((app) => {
			const isNew = ofDefault?.apps.some(({ name }) => name === app.name) !== true;
			return {
				...merge(app, "apps"),
				isNew
			};
		}),
		images: (own?.images ?? []).map((image) => merge(image, "images")),
		policy: ofDefault?.policy,
		warnings: own?.warnings ?? []
	};
	ignored.push(...otherEnvironments(own?.environments ?? [], config.environments));
	if (own?.policy !== void 0 && plainPolicy(own.policy) !== plainPolicy(config.policy)) ignored.push({
		key: "policy",
		input: void 0,
		at: own.policy.at,
		replaced: config.policy !== void 0
	});
	return {
		config,
		ignored: ignored.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
	};
}
function mergeLayer(own, ofDefault, prefix, ignored) {
	const merged = {};
	for (const name of Object.keys(INPUT_KEYS).filter(isInput)) {
		const [here, there] = [own[name], ofDefault[name]];
		const chosen = name === "vars" ? mergeVars(here, there, prefix, ignored) : isGuarded(name) || name === "verify" && here?.text === there?.text ? there : here;
		if (chosen !== void 0) merged[name] = chosen;
		if (isGuarded(name) && here !== void 0 && here.text.trim() !== "" && here.text !== there?.text) ignored.push({
			key: `${prefix}${name}`,
			input: name,
			at: here.at,
			replaced: there !== void 0
		});
	}
	return merged;
}
/** Names in `vars` are on the two lists, too. */
function mergeVars(own, ofDefault, prefix, ignored) {
	if (own !== void 0 && own.entries === void 0) return own;
	const guarded = (name) => GUARDED_VARIABLES.test(name);
	const [here, there] = [valuesOf(own), valuesOf(ofDefault)];
	const chosen = new Map([...[...here].filter(([name]) => !guarded(name)), ...[...there].filter(([name]) => guarded(name))]);
	for (const [name, value] of here) if (own !== void 0 && guarded(name) && JSON.stringify(value) !== JSON.stringify(there.get(name))) ignored.push({
		key: `${prefix}vars.${name}`,
		input: void 0,
		at: placeIn(own, name),
		replaced: there.has(name)
	});
	const given = own ?? ofDefault;
	if (given === void 0 || chosen.size === 0) return void 0;
	const entries = [...chosen.keys()].map((name) => [name, placeIn((guarded(name) ? ofDefault : own) ?? given, name)]);
	return {
		text: JSON.stringify(Object.fromEntries(chosen)),
		at: given.at,
		entries: Object.fromEntries(entries)
	};
}
function valuesOf(given) {
	return given?.entries === void 0 ? /* @__PURE__ */ new Map() : new Map(Object.entries(record(JSON.parse(given.text))));
}
const record = (value) => typeof value === "object" && value !== null ? value : {};
/** Environments that the checkout adds or changes; their order decides which one a branch belongs to. */
function otherEnvironments(own, ofDefault) {
	const known = new Map(ofDefault.map((section) => [section.name, plainEnvironment(section)]));
	const changed = own.filter((section) => known.get(section.name) !== plainEnvironment(section));
	if (changed.length > 0) return changed.map(({ name, at }) => ({
		key: `environments.${name}`,
		input: void 0,
		at,
		replaced: known.has(name)
	}));
	const [first] = own;
	const kept = ofDefault.filter(({ name }) => own.some((one) => one.name === name));
	return first === void 0 || own.every(({ name }, i) => kept[i]?.name === name) ? [] : [{
		key: "environments",
		input: void 0,
		at: first.at,
		replaced: true
	}];
}
function plainEnvironment({ branches, tags, pullRequest, tokenEnv, inputs }) {
	const texts = Object.entries(inputs).map(([name, given]) => [name, given.text]);
	return JSON.stringify([
		branches,
		tags,
		pullRequest,
		tokenEnv?.text,
		texts.toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1)
	]);
}
function plainPolicy(policy) {
	return JSON.stringify({
		...policy,
		at: void 0
	});
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
* A run from inputs to report: reads the inputs, takes the target and the image, and hands over to the command. Gives true when the step is to
* pass. Never throws for a failure that users can have: it is in the log, the outputs, the annotation and the summary.
*/
async function run(env, event, runtime) {
	let result = {};
	let summary = true;
	let webhook = readWebhook(env);
	const reports = [];
	const current = {
		runtime,
		number: 1,
		note: (part) => {
			const shown = runtime.redactDeep(part);
			result = {
				...result,
				...shown
			};
			const outputs = outputsOf(shown);
			for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
			const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => name !== "cause" && outputs[name] !== value ? [name] : []);
			if (torn.length > 0) runtime.log.warning(`A masked value is a part of ${torn.join(", ")}: these outputs have \`***\` in its place.`);
		},
		stage: async (name, title, work) => timed(name, runtime, (stage) => result = withStage(result, stage), async () => runtime.log.group(title, work)),
		atEnd: (report) => reports.push(report)
	};
	try {
		const begun = await begin(env, event, runtime).catch((thrown) => {
			const distrusted = distrustUnread(readContext(env, event), env["INPUT_ALLOW-UNTRUSTED-EVENTS"] ?? "");
			if (distrusted === void 0) throw thrown;
			return distrusted;
		});
		if ("cause" in begun) current.note(skip(begun, runtime));
		else {
			const [{ inputs }] = begun.units;
			({summary, webhook} = inputs);
			current.note(describeRun(inputs, begun.context));
			const { pipeline } = await import("./pipeline.js");
			current.note(await pipeline(begun, current));
		}
	} catch (thrown) {
		current.note(await failure(thrown, runtime));
	}
	const ended = result;
	await Promise.all([notify(webhook, ended, runtime), (async () => {
		for (const report of reports) await report(ended);
	})()]);
	if (summary) await runtime.writeSummary(renderSummary(result));
	if (result.outcome !== void 0 && result.outcome !== "skipped") current.note({ result: await runtime.publish("result.json", result) });
	runtime.log.info(headline(result));
	return isGood(result.outcome);
}
function describeRun({ command }, { repository, ref, sha, runUrl }) {
	return {
		command,
		repository,
		ref,
		sha,
		runUrl
	};
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
