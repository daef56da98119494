import { r as __toESM } from "./rolldown-runtime.js";
import { $n as valueAt, $t as declarations, Dn as fitLabel, In as parseReference, Ln as registryOf, M as hasOwnJob, On as hostBeside, Pt as namesSecret, Q as compose, Qt as VARIABLES, Z as readInside, an as linesOf, er as ActionError, fn as withoutComments, in as hclLiteral, ir as messageOf, kn as slug, ln as readBlocks, m as isGood, nn as valueProblems, nt as wholeJob, or as sentence, qn as isMaskable, rr as failureOf, sr as toActionError, tn as problemWith, un as skipBlank } from "./notify.js";
import { readFile, readdir } from "node:fs/promises";
import { basename, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
// src/templates.ts
/** The folder of the templates. This file stands in `src/` itself, since the bundle stands as deep: `templates/` is beside both `src/` and `dist/`. */
const TEMPLATES = new URL("../templates/", import.meta.url);
// src/jobspec/template.ts
/**
* Renders a Handlebars template. A name that the data does not have is an error with file and line, also as the argument of a helper; only a name
* below one of `optional` may be missing, so that `{{#if vars.X}}` can ask for it. Nothing is HTML-escaped. Helpers: `hcl` (a value as an HCL literal),
* `json`, `slug`, `indent` (spaces before every line but the first), `eq`, and the block `raw` for what is to stay as it is; of Handlebars' own `if`, `unless`,
* `each`, `with` and `lookup`. `partials` are templates by name, for `{{> name}}`; a template can't make its own. What is rendered is bounded, and nothing is printed.
*/
async function renderTemplate(source, data, file, { optional = [], partials = {} } = {}) {
	const { default: handlebars } = await import("./handlebars.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const engine = handlebars.create();
	engine.logger.log = () => void 0;
	registerHelpers(engine, budget());
	for (const [name, text] of Object.entries(partials)) engine.registerPartial(name, text);
	let tree;
	try {
		requireShallow(source);
		const parsed = engine.parse(source);
		tree = parsed;
		requirePlain(parsed);
		markLines(parsed);
		return unmarked(engine.compile(parsed, {
			strict: true,
			noEscape: true,
			knownHelpers: { log: false }
		})(guarded(data, optional)));
	} catch (error) {
		const message = messageOf(error).split("\n")[0]?.replace(/ in \[object Object\]/, "") ?? "";
		const location = placeOf$1(error, message, tree, file);
		throw new ActionError("jobspec-invalid", `${[file, location.line].filter((part) => part !== void 0).join(":")}: ${message}`, {
			location,
			hint: "Names in a template must be given; see docs/templates.md.",
			cause: error
		});
	}
}
/** An error without a place has none in the tree; the file is added where it is caught. */
function undefinedName(message, line) {
	return new ActionError("jobspec-invalid", message, line === void 0 ? {} : { location: {
		file: "",
		line
	} });
}
function registerHelpers(engine, spend) {
	const given = (work) => (value, { name, loc }) => {
		if (value === void 0) throw undefinedName(`the value for ${name} is not defined`, loc?.start.line);
		return spend(work(value));
	};
	engine.registerHelper("hcl", given(hclLiteral));
	engine.registerHelper("json", given(JSON.stringify));
	engine.registerHelper("slug", given((value) => slug(value)));
	engine.registerHelper("indent", (spaces, text) => {
		if (!(spaces >= 0 && spaces <= MAX_INDENT)) throw new Error(`indent takes 0 to ${MAX_INDENT} spaces`);
		return spend(text.replace(/\n(?=.)/g, `\n${" ".repeat(spaces)}`));
	});
	engine.registerHelper("eq", (a, b) => a === b);
	engine.registerHelper("raw", ({ fn }) => fn({}));
	engine.unregisterHelper("log");
	engine.registerHelper("each", bounded(engine.helpers["each"], spend));
}
/** More spaces than any job spec has before a line. */
const MAX_INDENT = 200;
/** What helpers may give, loops within loops and `json` of `json` included: in rounds and in characters. */
const MAX_ROUNDS = 1e5;
const MAX_LENGTH = 4194304;
/** Blocks and helpers within one another: the parser takes more than linear time for them. */
const MAX_DEPTH = 100;
/** Makes a function that gives its text until all of them together are too much. */
function budget() {
	let length = 0;
	return (text) => {
		length += text.length;
		if (length > MAX_LENGTH) throw new Error(`the helpers of the template give more than ${MAX_LENGTH / 1024 / 1024} MiB`);
		return text;
	};
}
/** The helper `each`, which ends a template whose loops multiply. */
function bounded(each, spend) {
	let rounds = 0;
	return function(list, options) {
		const fn = (context, own) => {
			rounds++;
			if (rounds > MAX_ROUNDS) throw new Error(`the loops of the template have more than ${MAX_ROUNDS} rounds`);
			return spend(options.fn(context, own));
		};
		return each?.call(this, list, {
			...options,
			fn
		});
	};
}
/** Refuses blocks and helpers that are too deep within one another, by their marks alone. */
function requireShallow(source) {
	/** Of each open block, how many blocks its `else if` make of it. */
	const open = [];
	let depth = 0;
	let end = 0;
	for (let at = source.indexOf("{{"); at >= 0 && end >= 0; at = source.indexOf("{{", end)) {
		end = source.indexOf("}}", at);
		const tag = source.slice(at + 2, end < 0 ? void 0 : end).replace(/^~/, "");
		if (tag.startsWith("#") || tag.startsWith("^")) {
			open.push(1);
			depth++;
		} else if (tag.startsWith("/")) depth -= open.pop() ?? 0;
		else if (/^\s*else\s+[^\s~]/.test(tag) && open.length > 0) {
			open.push((open.pop() ?? 0) + 1);
			depth++;
		}
		let [inside, deepest] = [0, 0];
		for (const character of tag) {
			if (character === "(") deepest = Math.max(deepest, ++inside);
			if (character === ")") inside--;
		}
		if (depth + deepest > MAX_DEPTH) throw undefinedName(`more than ${MAX_DEPTH} blocks and helpers within one another`, linesIn(source.slice(0, at)) + 1);
	}
}
/** Refuses what a job spec does not need and what could run without end: partials of the template's own, and those whose name is computed. */
function requirePlain(tree) {
	for (const node of nodes(tree)) {
		const { type, name } = node;
		if (type === "Decorator" || type === "DecoratorBlock") throw undefinedName("a template can not define partials of its own", lineOf(node));
		if (type === "PartialBlockStatement" || type === "PartialStatement" && isNode(name) && name["type"] !== "PathExpression") throw undefinedName("a partial is named by its name only", lineOf(node));
	}
}
/** The data, refusing names that it does not have: Handlebars itself does so only outside of helpers. */
function guarded(data, optional) {
	return new Proxy(data, { get: (target, name) => {
		if (typeof name !== "string") return void 0;
		if (name === "toJSON" || name in Object.prototype) return target[name];
		if (!Object.hasOwn(target, name)) throw undefinedName(`"${name}" not defined`);
		const value = target[name];
		return isNode(value) && !Array.isArray(value) && !optional.includes(name) ? guarded(value, optional) : value;
	} });
}
const isNode = (value) => typeof value === "object" && value !== null;
function* nodes(value) {
	if (Array.isArray(value)) for (const item of value) yield* nodes(item);
	else if (isNode(value)) {
		if (typeof value["type"] === "string") yield value;
		for (const child of Object.values(value)) yield* nodes(child);
	}
}
const lineOf = ({ loc }) => isNode(loc) && isNode(loc["start"]) ? Number(loc["start"]["line"]) : 1;
/** Puts the number of its line before each line of the template's own text. NUL can't stand in a job spec. */
function markLines(tree) {
	for (const node of nodes(tree)) {
		const { type, value, original } = node;
		if (type !== "ContentStatement" || typeof value !== "string" || typeof original !== "string" || value === "") continue;
		const first = lineOf(node) + linesIn(original.slice(0, original.indexOf(value)));
		const marked = value.split("\n").map((line, i) => `\0${first + i}\0${line}`).join("\n");
		Object.assign(node, { value: marked });
	}
}
const linesIn = (text) => text.split("\n").length - 1;
function unmarked(marked) {
	const lines = [];
	const pieces = marked.split(/\0(\d+)\0/);
	let current = 1;
	let begun = 0;
	let ended = 0;
	for (const [i, piece] of pieces.entries()) {
		if (i % 2 === 1) {
			current = Number(piece);
			continue;
		}
		ended += linesIn(piece);
		if (piece !== "") begun = ended + (piece.endsWith("\n") ? 0 : 1);
		while (lines.length < begun) lines.push(current);
	}
	return {
		text: pieces.filter((_, i) => i % 2 === 0).join(""),
		lines
	};
}
function placeOf$1(error, message, tree, file) {
	const told = error instanceof ActionError ? error.location?.line : /(?:line |- )(\d+)(?::\d+)?/.exec(message)?.[1];
	const name = /^"(.+)" not defined/.exec(message)?.[1];
	const named = [...nodes(tree)].find(({ type, parts }) => type === "PathExpression" && Array.isArray(parts) && parts.includes(name));
	const line = told === void 0 ? named && lineOf(named) : Number(told);
	return {
		file,
		...line === void 0 ? {} : { line }
	};
}
// src/jobspec/built-in/shorthand.ts
/** Operators that compare an attribute with a value: https://developer.hashicorp.com/nomad/docs/job-specification/constraint */
const COMPARING = [
	"=",
	"==",
	"!=",
	">",
	">=",
	"<",
	"<=",
	"version",
	"semver",
	"regexp",
	"set_contains",
	"set_contains_all",
	"set_contains_any"
];
const ASKING = ["is_set", "is_not_set"];
/**
* A constraint: `meta.kind = tcp-vm`, `${attr.cpu.arch} != arm64`, `attr.nomad.version semver >= 1.8.0`, `meta.gpu is_set`, `distinct_hosts`,
* `distinct_property meta.rack 2`. The attribute may stand without its `${}`, the value within double quotes.
*/
function parseConstraint(text) {
	const bad = (problem, example = "meta.kind = tcp-vm") => /* @__PURE__ */ new Error(`${JSON.stringify(text)} ${problem}; write a constraint such as ${example}`);
	const attributeOf = (name) => {
		const bare = name.replace(/^\$\{/, "").replace(/\}$/, "").trim();
		if (!/^(attr|meta|node)\.[^\s${}]+$/.test(bare)) throw bad(`names no attribute of a node (attr.…, meta.…, node.…)`);
		return `\${${bare}}`;
	};
	const whole = text.trim();
	if (whole === "distinct_hosts") return {
		attribute: "",
		operator: "distinct_hosts",
		value: "true"
	};
	const property = /^distinct_property\s+(\$\{[^}]*\}|\S+)(?:\s+([1-9]\d*))?$/.exec(whole);
	if (property !== null) return {
		attribute: attributeOf(property[1] ?? ""),
		operator: "distinct_property",
		value: property[2] ?? "1"
	};
	if (whole.startsWith("distinct_")) throw bad("cannot be read", "distinct_hosts or distinct_property meta.rack 2");
	const [, name = "", operator = "", rest = ""] = /^(\$\{[^}]*\}|[^\s=!<>]+)\s*([=!<>]+|[a-z_]+)\s*(.*)$/s.exec(whole) ?? [];
	const attribute = attributeOf(name);
	const value = rest.replace(/^"(.*)"$/s, "$1");
	if (ASKING.includes(operator)) {
		if (value !== "") throw bad(`has a value after ${operator}`, `${attribute} ${operator}`);
	} else if (!COMPARING.includes(operator)) throw bad(`has no operator of ${[...COMPARING, ...ASKING].join(" ")}`);
	else if (value === "") throw bad(`has no value after ${operator}`);
	return {
		attribute,
		operator,
		value
	};
}
/** A volume of the container, as `docker run --volume` takes it: `<host path>:<container path>[:<options>]`. Gives it back. */
function checkVolume(text) {
	if (/^[^:\s][^:]*:[/$][^:]*(:[a-zA-Z,]+)?$/.test(text)) return text;
	throw new Error(`${JSON.stringify(text)} is no volume; write <host path>:<container path>, such as /srv/shop:/data or /srv/shop:/data:ro`);
}
/** A host or CSI volume of Nomad: `<name>:<container path>[:ro]`; a CSI volume for several nodes at a time is `:multi-node` or `:ro,multi-node`. */
function parseNamedVolume(text, kind) {
	const [, name = "", path = "", rest = ""] = /^([^:\s]+):(\/[^:]*)(?::([a-z,-]*))?$/.exec(text) ?? [];
	const options = rest === "" ? [] : rest.split(",");
	const known = kind === "csi" ? [
		"ro",
		"rw",
		"multi-node"
	] : ["ro", "rw"];
	if (name === "" || options.some((option) => !known.includes(option)) || text.endsWith(":")) {
		const example = kind === "csi" ? "data:/data, data:/data:ro or data:/data:multi-node" : "data:/data or data:/data:ro";
		throw new Error(`${JSON.stringify(text)} is no ${kind} volume; write <name>:<container path>, such as ${example}`);
	}
	const readOnly = options.includes("ro");
	const several = options.includes("multi-node");
	return {
		kind,
		name,
		path,
		readOnly,
		accessMode: kind === "csi" ? `${several ? "multi" : "single"}-node-${readOnly ? "reader-only" : several ? "multi-writer" : "writer"}` : ""
	};
}
// src/jobspec/built-in/service.ts
/**
* Everything that is wrong with the values of the built-in template, all at once, each with the name of its variable. `region` is the one that the
* run asks, if it was given: the job is registered there, whatever it says itself.
*/
function serviceProblems(values, region) {
	const own = textOf(values["REGION"]);
	const elsewhere = own !== "" && region !== void 0 && region !== own;
	return [...readValues(values).problems, ...elsewhere ? [problemWith("REGION", `${JSON.stringify(own)} is not the region ${JSON.stringify(region)} of \`nomad-region\` (NOMAD_REGION); give only one`)] : []];
}
/** The data of the built-in template: what its blocks are made of, decided here so that the template only spells it. */
function serviceData(given, { target, image, secretsTemplate, oversubscription, kept }) {
	const values = withDefaults(given);
	const { ports, constraints, volumes, named } = readValues(given);
	const [mainHost = ""] = target.hostnames;
	const several = values["MULTI_CONTAINER"] === true;
	const portChecks = mapOf(values["PORT_CHECKS"]);
	const extra = ports.filter(({ name }) => name !== "http");
	return {
		declarations: declarations(),
		job: target.jobId,
		image,
		regional: values["REGION"] !== "",
		constraints,
		checked: values["CHECK_PROTOCOL"] !== "none",
		ports,
		tags: target.hostnames.map((host) => `https://${host}`),
		canaryTags: target.hostnames.map((host) => `https://${hostBeside(host, "canary-")}`),
		extraServices: extra.map((port) => {
			const routed = !several && !port.tcpOnly && mainHost !== "";
			return {
				name: fitLabel(`${target.jobId}--${port.name}`),
				task: several ? port.name : "http",
				port: port.name,
				tags: routed ? [`https://${hostBeside(mainHost, "", `-${port.name}`)}`] : [],
				canaryTags: routed && values["PORT_CANARY_TAGS"] === true ? [`https://${hostBeside(mainHost, "canary-", `-${port.name}`)}`] : void 0,
				check: portCheck(portChecks[port.name])
			};
		}),
		taskPorts: several ? ["http"] : ports.map(({ name }) => name),
		volumes: [...volumes, ...persistentVolume(values, target)],
		namedVolumes: named,
		auth: auth(values, kept),
		memoryMax: oversubscription && Number(values["MEMORY_FACTOR"]) > 1,
		ciEnvironment: [
			"CI_HOSTNAME",
			"CI_COMMIT_REF_SLUG",
			"CI_PROJECT_PATH_SLUG",
			"CI_COMMIT_SHA"
		].map((name) => `${name}=${environmentValue(textOf(values[name]))}\n`).join(""),
		secretsTemplate
	};
}
/** Things that are possible and rarely meant, of the values and of the job that came out, with what the repository's files set in it. */
function serviceWarnings(given, { environment, projectSlug }, { Update, TaskGroups }) {
	const values = withDefaults(given);
	const group = TaskGroups?.find(({ Name }) => Name === "group");
	const count = group?.Count ?? 1;
	const canaries = group?.Update?.Canary ?? Update?.Canary ?? 0;
	const persistent = textOf(values["PERSISTENT_VOLUME"]);
	const shared = persistent !== "" && values["PERSISTENT_VOLUME_PER_ENVIRONMENT"] !== true;
	const written = [...persistent === "" || /[:,]ro\b/.test(persistent.replace(/^[^:]*/, "")) ? [] : ["PERSISTENT_VOLUME"], ...readValues(given).named.flatMap(({ kind, readOnly, accessMode }) => readOnly || accessMode === "multi-node-multi-writer" ? [] : [kind === "host" ? "HOST_VOLUMES" : "CSI_VOLUMES"])];
	return [
		...count === 0 ? ["NOMAD_VAR_COUNT is 0: the job is registered, but nothing runs"] : [],
		...count > 0 && canaries > count ? ["NOMAD_VAR_COUNT_CANARIES is more than NOMAD_VAR_COUNT"] : [],
		...shared && hasOwnJob(environment) ? [`${environment.value === "review" ? "This review app" : "This branch"} uses /pv/${projectSlug}, which is also the folder of all other environments on this cluster; NOMAD_VAR_PERSISTENT_VOLUME_PER_ENVIRONMENT: true gives each its own`] : [],
		...written.length > 0 && count + canaries > 1 ? [`${count + canaries} allocations may write to one volume at a time (${[...new Set(written)].map((name) => `NOMAD_VAR_${name}`).join(", ")}): ${count}${canaries > 0 ? `, and ${canaries} more during a deployment` : ""}. If the application cannot bear that, set NOMAD_VAR_COUNT to 1 and NOMAD_VAR_COUNT_CANARIES to 0`] : []
	];
}
function withDefaults(values) {
	return {
		...Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default])),
		...values
	};
}
function readValues(given) {
	const wrong = valueProblems(given);
	const problems = [...wrong.values()];
	const values = withDefaults(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
	const readList = (name, read) => (Array.isArray(values[name]) ? values[name] : []).flatMap((item) => {
		try {
			return [read(textOf(item))];
		} catch (error) {
			problems.push(problemWith(name, messageOf(error)));
			return [];
		}
	});
	const ports = readPorts(values["PORTS"]);
	problems.push(...portProblems(ports), ...checkProblems(values, ports));
	const persistent = textOf(values["PERSISTENT_VOLUME"]);
	if (!/^(\/[^:]*(:[a-zA-Z,]+)?)?$/.test(persistent)) problems.push(problemWith("PERSISTENT_VOLUME", `${JSON.stringify(persistent)} is no path in the container, such as /data`));
	const constraints = readList("CONSTRAINTS", parseConstraint);
	const volumes = readList("VOLUMES", checkVolume);
	const named = [...readList("HOST_VOLUMES", (text) => parseNamedVolume(text, "host")), ...readList("CSI_VOLUMES", (text) => parseNamedVolume(text, "csi"))];
	const names = named.map(({ name }) => name);
	const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
	for (const name of twice) problems.push(problemWith("HOST_VOLUMES", `the volume ${JSON.stringify(name)} is there twice, with NOMAD_VAR_CSI_VOLUMES; each can be mounted once`));
	return {
		ports,
		constraints,
		volumes,
		named,
		problems
	};
}
/** In the order of the numbers as text, which is how the cluster's services have always been ordered. */
function readPorts(value) {
	return Object.entries(mapOf(value)).map(([number, name]) => ({
		name,
		number: Number(number)
	})).sort((a, b) => String(Math.abs(a.number)) < String(Math.abs(b.number)) ? -1 : 1).map(({ name, number }) => ({
		name,
		to: number === -1 ? -1 : Math.abs(number),
		tcpOnly: number < -1
	}));
}
function portProblems(ports) {
	const names = ports.map(({ name }) => name);
	const http = ports.filter(({ name }) => name === "http");
	return [
		...http.length === 1 ? [] : [`${http.length === 0 ? "no" : "more than one"} port is named "http"; write { 5000 = "http" }`],
		...http[0]?.tcpOnly === true ? ["the port \"http\" must not be negative"] : [],
		...names.filter((name, i) => name !== "http" && names.indexOf(name) !== i).map((name) => `two ports are named ${JSON.stringify(name)}`),
		...ports.flatMap(({ name, to }) => [.../^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name) ? [] : [`${JSON.stringify(name)} is no name for a port; use letters, digits and dashes`], ...to === -1 || Number.isInteger(to) && to > 0 && to < 65536 ? [] : [`the number of ${JSON.stringify(name)} is none of a port`]])
	].map((what) => problemWith("PORTS", what));
}
function checkProblems(values, ports) {
	const names = ports.map(({ name }) => name).filter((name) => name !== "http");
	const native = values["SERVICE_PROVIDER"] === "nomad";
	const noGrpc = "\"grpc\" is not possible with NOMAD_VAR_SERVICE_PROVIDER \"nomad\", which checks http and tcp";
	const ofPort = (name, check) => {
		if (name === "http") return ["the port \"http\" is checked as NOMAD_VAR_CHECK_PROTOCOL and NOMAD_VAR_CHECK_PATH say"];
		if (!names.includes(name)) return [`no port is named ${JSON.stringify(name)}; NOMAD_VAR_PORTS has ${names.join(", ") || "no others than http"}`];
		if (!/^(\/.*|tcp|grpc|none)$/.test(check)) return [`${JSON.stringify(check)} is no check; write tcp, grpc, none, or a path such as /healthz`];
		return check === "grpc" && native ? [noGrpc] : [];
	};
	return [...values["CHECK_PROTOCOL"] === "grpc" && native ? [problemWith("CHECK_PROTOCOL", noGrpc)] : [], ...Object.entries(mapOf(values["PORT_CHECKS"])).flatMap(([name, check]) => ofPort(name, check).map((what) => problemWith("PORT_CHECKS", what)))];
}
/** The check of an extra port: by default one that users know, TCP and without consequences; else one that restarts. */
function portCheck(asked) {
	if (asked === void 0) return void 0;
	const http = asked.startsWith("/");
	return {
		none: asked === "none",
		type: http ? "http" : asked,
		path: http ? asked : ""
	};
}
/** A folder of the node that outlives the job's allocations. */
function persistentVolume(values, { environment, projectSlug, jobId }) {
	const path = textOf(values["PERSISTENT_VOLUME"]);
	if (path === "") return [];
	const own = hasOwnJob(environment) ? `.review/${jobId}` : `.${environment.name}`;
	return [`/pv/${projectSlug}${values["PERSISTENT_VOLUME_PER_ENVIRONMENT"] === true ? own : ""}:${path}`];
}
/** A value in a template that makes environment variables. What is not plain is quoted, as a text of consul-template's that it quotes again. */
function environmentValue(value) {
	return /^[\w.:/@+-]*$/.test(value) ? value : `{{ ${JSON.stringify(value)} | toJSON }}`;
}
/**
* The secret that holds the password with which the node pulls. It is an environment variable of the task, which is how Nomad gives a driver what a
* template read; so the program in the container has it, too.
*/
const REGISTRY_PASSWORD = "NOMAD_DEPLOY_REGISTRY_PASSWORD";
/** The login that the node pulls with, if the user gave any; `0` is how a CI system says none. */
function registryLogin(values) {
	const text = (name) => values[name] === "0" ? "" : textOf(values[name]);
	const readToken = text("CI_REGISTRY_READ_TOKEN");
	if (readToken !== "") return {
		username: "deploy-token",
		password: readToken
	};
	const password = text("CI_REGISTRY_PASSWORD");
	return password === "" ? void 0 : {
		username: text("CI_REGISTRY_USER"),
		password
	};
}
/** The login as the job has it: the password by the name of its secret. */
function auth(values, kept) {
	const login = registryLogin(values);
	if (login === void 0) return void 0;
	const password = kept?.login === true ? uninterpolated(login.password) : `\${${REGISTRY_PASSWORD}}`;
	return {
		username: uninterpolated(login.username),
		password
	};
}
/**
* Returns the parts of a registered job of the built-in template that stay: the commit in its environment, if it runs the very image, and the login that version
* 0.1.0 wrote, if it is still the login of this run.
*/
function keptParts(live, image, values) {
	const task = live?.TaskGroups?.find(({ Name }) => Name === "group")?.Tasks?.find(({ Name }) => Name === "http");
	const environment = task?.Templates?.find(({ DestPath }) => DestPath === "secrets/ci.env")?.EmbeddedTmpl ?? "";
	const commit = task?.Config?.["image"] === image ? /^CI_COMMIT_SHA=([0-9a-f]{7,64})$/m.exec(environment)?.[1] : void 0;
	const login = registryLogin(values);
	const [old] = [task?.Config?.["auth"]].flat();
	const isSame = login !== void 0 && isDeepStrictEqual(old, {
		username: uninterpolated(login.username),
		password: uninterpolated(login.password)
	});
	return {
		...commit === void 0 ? {} : { commit },
		...isSame ? { login: true } : {}
	};
}
/** A text of a driver's `config`, which the client reads as an HCL template once more: a name may have `${` in it. */
function uninterpolated(text) {
	return text.replace(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`);
}
/** What the cluster makes of a value where it wants a text; nothing of a list or a map. */
function textOf(value) {
	return value === void 0 || typeof value === "object" ? "" : String(value);
}
function mapOf(value) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf(item)]));
}
// src/jobspec/built-in/template.ts
/** The name by which users know the template. */
const BUILT_IN = "built-in template";
/** The HCL of the built-in template: that of a service, or with `IS_BATCH` that of a batch job. The same values give the same text. */
async function renderBuiltIn(values, options) {
	const { source, partials } = await readTemplate(values["IS_BATCH"] === true ? "batch" : "service");
	const { text } = await renderTemplate(source, serviceData(values, options), BUILT_IN, { partials });
	return text.replace(/^ +$/gm, "");
}
/** A template and all partials, by name. */
async function readTemplate(kind) {
	const read = async (file) => readFile(new URL(file, TEMPLATES), "utf8");
	const names = (await readdir(new URL("partials/", TEMPLATES))).map((file) => file.replace(/\.hbs$/, ""));
	const [source, ...texts] = await Promise.all([read(`${kind}.nomad.hcl.hbs`), ...names.map(async (name) => read(`partials/${name}.hbs`))]);
	return {
		source,
		partials: Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ""]))
	};
}
// src/jobspec/foreign.ts
/** The contents of Levant's and nomad-pack's brackets; `[[ -f x ]]` is a shell's. */
const BRACKETS = /\[\[-?\s*(?:\.[A-Za-z_]|(?:env|var|template|consulKey\w*|timeNow\w*|fileContents\w*|loop|if|range|with|else|end|define)\b(?!\s*=))[^\]\n]{0,300}\]\]/g;
/**
* Refuses a text of the user's that another program was to render before: `[[ … ]]` in it, outside of comments. Throws `jobspec-invalid` with the file and line
* of each.
*/
function refuseBrackets({ text, locate }) {
	if (/left_?delim(?:iter)?"?\s*[=:]\s*["']?\[\[/i.test(text)) return;
	const place = linesOf(text);
	refuse([...withoutComments(text).matchAll(BRACKETS)].filter(({ index }) => locate(place(index).line) !== void 0).map(({ 0: words, index }) => ({
		at: index,
		text: `${words} is for Levant or nomad-pack, and Nomad takes it as it stands`
	})), text, locate, "Declare a variable and write `var.NAME`, or render the file before: see docs/migrating-from-levant.md.");
}
/** Words that stand for values until another program has put these in their place; none can be a part of a plain field or of an image's name. */
const PLACEHOLDER = /\{\{|\[\[|<%|<[A-Za-z_][\w ]*>|\$[A-Za-z_]\w*|%[A-Z_]\w*%|@[A-Z_]\w*@|__[A-Z]\w*__/;
/**
* Refuses a job with `${…}` in a field that Nomad does not interpolate, such as `driver` or `datacenters`: it would match nothing. The same holds for a word that
* another program was to replace, such as `$REGION` or `{{ region }}`. Throws `jobspec-invalid` with the file and line of each that is found in the text.
*/
function refuseWords(job, { text, locate }) {
	const attributes = all(readBlocks(text));
	const problems = plainFields(job).flatMap(([field, value]) => {
		const word = /\$\{\s*([^}]{0,200}?)\s*\}/.exec(value)?.[1];
		if (word === void 0 && !PLACEHOLDER.test(value)) return [];
		const { at, quoted } = placeOf(attributes, text, field, word ?? value);
		const advice = quoted ? "write the value itself, or `var.NAME`" : `write "${word}", with quotes`;
		const why = word === void 0 ? "is to be replaced by another program" : "Nomad does not interpolate";
		return [{
			at,
			text: `\`${field}\` is ${JSON.stringify(value)}, which ${why}: ${advice}`
		}];
	});
	refuse(problems, text, locate, problems.some(({ text: words }) => words.includes("interpolate")) ? "A word without quotes is taken for the name of something that is known when the task starts." : "Render the file before, or declare a variable.");
}
/** The drivers whose tasks see nothing of the node's own environment. */
const OF_CONTAINERS = ["docker", "podman"];
/** `${…}` with a name in it. With a second dollar it is a text. */
const WORD = /(?<!\$)\$\{\s*([A-Za-z_][\w.-]*)\s*\}/g;
/** Text that a node takes for a directive of HCL's templates, though HCL has no such directive. */
const DIRECTIVE = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)[^}\n]{0,40}\}?/;
/**
* Refuses a finished job whose id another program was to replace, and one whose containers are configured by `${NAME}` where nothing gives the task a variable of
* that name: no node can start such a task. `isSecret` tells which names a secret may give it. Throws `jobspec-invalid` with the file and line of each that is
* found in the text.
*/
function refuseUnknownWords(job, { text, locate }, isSecret) {
	const attributes = all(readBlocks(text));
	const replaced = "which is to be replaced by another program";
	const isOpen = (value) => PLACEHOLDER.test(value.replace(/\$\{[^}]{0,200}\}/g, ""));
	const id = PLACEHOLDER.test(job.ID) || job.ID.includes("${") ? [{
		at: text.indexOf(job.ID),
		text: `the id of the job is ${JSON.stringify(job.ID)}, ${replaced}: give the id by the input \`job-name\``
	}] : [];
	const containers = tasksOf(job).filter(({ Driver }) => OF_CONTAINERS.includes(Driver));
	const images = containers.flatMap(({ Config }) => {
		const image = Config?.["image"];
		if (typeof image !== "string" || !isOpen(image)) return [];
		const { at } = placeOf(attributes, text, "image", image);
		return [{
			at,
			text: `\`image\` is ${JSON.stringify(image)}, ${replaced}: write the image itself, or \`var.NAME\``
		}];
	});
	const words = unknownWords(containers, attributes, text).filter(({ word }) => !isSecret(word)).map(({ task, field, word, at, quoted }) => {
		const given = namesSecret(word) ? "give it as a secret (docs/secrets.md)" : `declare a variable and write \${var.NAME}, or set ${word} in the task's \`env\``;
		return {
			at,
			text: `\`${field}\` of the task ${task} has \${${word}}, and nothing gives the task a variable of that name: ${quoted ? given : `write "${word}", with quotes`}`
		};
	});
	const directives = tasksOf(job).flatMap(({ Name, Config }) => leaves(Config, "").flatMap(([field, value]) => {
		const found = DIRECTIVE.exec(value)?.[0];
		if (found === void 0) return [];
		const { at } = placeOf(attributes, text, field, found);
		return [{
			at,
			text: `\`${field}\` of the task ${Name} has ${found}, which the node takes for a directive of HCL: write \`${/^\s*\{/.test(text) ? "%%{" : "%%%{"}\` for a \`%{\``
		}];
	}));
	const hint = `Write \`${escaped(text)}\` for a \`\${NAME}\` that the task's own shell is to see.`;
	refuse([
		...id,
		...images,
		...words,
		...directives
	], text, locate, words.length === 0 ? "Render the file before, or declare a variable." : hint);
}
/** Returns the warnings about names in other tasks' configuration that only the environment of the node can have: without one, the task does not start. */
function nodeWords(job, { text, locate }) {
	const place = linesOf(text);
	return unknownWords(tasksOf(job).filter(({ Driver }) => !OF_CONTAINERS.includes(Driver)), all(readBlocks(text)), text).flatMap(({ task, field, word, at, quoted }) => {
		const own = at < 0 ? void 0 : locate(place(at).line);
		if (own === void 0 || !quoted || /^(HOME|LANG|LOGNAME|PATH|PWD|SHELL|TMPDIR|USER)$/.test(word)) return [];
		return [`${own.file}:${own.line}: \`${field}\` of the task ${task} has \${${word}}, which only the environment of the node can have; for the task's own shell write \`${escaped(text).replace("NAME", word)}\``];
	});
}
function tasksOf(job) {
	return (job.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
}
/** Returns the form of a `${NAME}` for the task itself in a driver's config, which is read twice: as HCL by the parser, and as a template by the node. */
function escaped(text) {
	return /^\s*\{/.test(text) ? "$${NAME}" : "$$${NAME}";
}
/** Returns the names in `${…}` in the configuration of tasks that nothing in the spec gives them. */
function unknownWords(tasks, attributes, text) {
	return tasks.flatMap((task) => leaves(task.Config, "").flatMap(([field, value]) => [...value.matchAll(WORD)].flatMap(([, word = ""]) => mayBeKnown(word, task) ? [] : [{
		task: task.Name,
		field,
		word,
		...placeOf(attributes, text, field, word)
	}])));
}
/** Returns whether a task may have a variable of this name when it starts. */
function mayBeKnown(word, { Env, Templates, Resources, CSIPluginConfig }) {
	const own = Object.keys(Env ?? {});
	if (CSIPluginConfig || (Resources?.Devices ?? []).length > 0 || (Templates ?? []).some(({ Envvars }) => Envvars === true)) return true;
	if (/^(NOMAD|CONSUL|VAULT)_|^(attr|node|meta|device|env|secret)\./.test(word)) return true;
	return own.some((name) => name === word || name.includes("${") || name.startsWith(`${word.split(".")[0]}.`));
}
/** The texts within a value, each with the key that it stands under. Nomad leaves a `dynamic` block of a config as it is: its names are those of its loop. */
function leaves(value, key) {
	if (typeof value === "string") return [[key, value]];
	if (typeof value !== "object" || value === null) return [];
	return Array.isArray(value) ? value.flatMap((one) => leaves(one, key)) : Object.entries(value).flatMap(([name, one]) => name === "dynamic" ? [] : leaves(one, name));
}
/** Returns the place of a word in the value of a field, else anywhere in the text, and whether it is in quotes there; -1 for nowhere. */
function placeOf(attributes, text, field, word) {
	const own = attributes.filter(({ name }) => name === field);
	const found = own.find((one) => one.text.includes(word)) ?? own[0];
	if (found === void 0) return {
		at: text.indexOf(JSON.stringify(word).slice(1, -1)),
		quoted: true
	};
	const bare = found.text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => " ".repeat(quoted.length));
	const without = new RegExp(`(?<![\\w.-])${word.replace(/[^\w]/g, "\\$&")}(?![\\w.-])`).exec(bare.replace(/^[\w"]+/, (name) => " ".repeat(name.length)));
	return {
		at: found.at + (without?.index ?? Math.max(0, found.text.indexOf(word))),
		quoted: without === null
	};
}
/** Says which other attributes have a word without quotes for their value: each is right only where the task knows a variable of that name. */
function bareWords({ text, locate }) {
	const known = /* @__PURE__ */ new Set([
		"true",
		"false",
		"null"
	]);
	const found = [];
	const walk = ({ type, attributes, blocks }, fromTemplates = false) => {
		for (const { name, text: written, at } of attributes) {
			if (type === "env") known.add(name);
			if (type !== "variable" && name !== "iterator") found.push(...wordsOf(written).filter((word) => !fromTemplates || /[a-z]/.test(word)).map((word) => ({
				name,
				word,
				at
			})));
		}
		const templated = blocks.some((block) => block.type === "template" && block.attributes.some(({ text: own }) => /^env\s*=\s*true/.test(own)));
		for (const block of blocks) walk(block, fromTemplates || templated);
	};
	walk(readBlocks(text));
	const place = linesOf(text);
	return found.filter(({ word }) => !known.has(word) && !word.startsWith("NOMAD_")).flatMap(({ name, word, at }) => {
		const own = locate(place(at).line);
		return own === void 0 ? [] : [`${own.file}:${own.line}: \`${name} = ${word}\` has no quotes: Nomad takes the word for \${${word}}`];
	});
}
/** The words without quotes that are the value of an attribute or stand in its list; of any other expression, none. */
function wordsOf(attribute) {
	const written = withoutComments(attribute).replace(/^"?[\w-]+"?\s*=\s*/, "").trim();
	const list = /^\[([^[\]{}()?]*)\]$/.exec(written.replace(/"(?:[^"\\]|\\.)*"/g, "\"\""))?.[1];
	return (list === void 0 ? [written] : list.split(",")).map((one) => one.trim()).filter((one) => /^[A-Za-z_][\w-]*$/.test(one));
}
/** The fields that Nomad takes as they are, by their paths in a job and their names in HCL. Lists are walked through; `*` is each key of a map. */
const PLAIN = [
	["Region", "region"],
	["Namespace", "namespace"],
	["Type", "type"],
	["NodePool", "node_pool"],
	["Datacenters", "datacenters"],
	["Update.HealthCheck", "health_check"],
	["TaskGroups.Name", "group"],
	["TaskGroups.Update.HealthCheck", "health_check"],
	["TaskGroups.RestartPolicy.Mode", "mode"],
	["TaskGroups.Consul.Namespace", "namespace"],
	["TaskGroups.Networks.Mode", "mode"],
	["TaskGroups.Networks.DynamicPorts.HostNetwork", "host_network"],
	["TaskGroups.Networks.ReservedPorts.HostNetwork", "host_network"],
	["TaskGroups.Volumes.*.Type", "type"],
	["TaskGroups.Volumes.*.Source", "source"],
	["TaskGroups.Volumes.*.AccessMode", "access_mode"],
	["TaskGroups.Volumes.*.AttachmentMode", "attachment_mode"],
	["TaskGroups.Tasks.Name", "task"],
	["TaskGroups.Tasks.Driver", "driver"],
	["TaskGroups.Tasks.User", "user"],
	["TaskGroups.Tasks.KillSignal", "kill_signal"],
	["TaskGroups.Tasks.RestartPolicy.Mode", "mode"],
	["TaskGroups.Tasks.Lifecycle.Hook", "hook"],
	["TaskGroups.Tasks.DispatchPayload.File", "file"],
	["TaskGroups.Tasks.Artifacts.GetterMode", "mode"],
	["TaskGroups.Tasks.Templates.ChangeMode", "change_mode"],
	["TaskGroups.Tasks.Templates.ChangeSignal", "change_signal"],
	["TaskGroups.Tasks.Vault.Role", "role"],
	["TaskGroups.Tasks.Vault.Policies", "policies"],
	["TaskGroups.Tasks.Vault.Namespace", "namespace"],
	["TaskGroups.Tasks.Vault.Cluster", "cluster"],
	["TaskGroups.Tasks.CSIPluginConfig.ID", "id"],
	...["TaskGroups", "TaskGroups.Tasks"].flatMap((owner) => [
		[`${owner}.Services.Provider`, "provider"],
		[`${owner}.Services.AddressMode`, "address_mode"],
		[`${owner}.Services.OnUpdate`, "on_update"],
		[`${owner}.Services.Checks.AddressMode`, "address_mode"],
		[`${owner}.Services.Checks.OnUpdate`, "on_update"]
	])
];
function plainFields(job) {
	return PLAIN.flatMap(([path, field]) => valuesAt(job, path.split(".")).map((value) => [field, value]));
}
/** The texts at a path. */
function valuesAt(value, [key, ...rest]) {
	if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, key === void 0 ? [] : [key, ...rest]));
	if (key === void 0) return typeof value === "string" ? [value] : [];
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).filter(([name]) => key === "*" || name === key).flatMap(([, one]) => valuesAt(one, rest));
}
function all({ attributes, blocks }) {
	return [...attributes, ...blocks.flatMap(all)];
}
function refuse(problems, text, locate, hint) {
	if (problems.length === 0) return;
	const place = linesOf(text);
	const told = problems.filter((one, i) => problems.findIndex(({ at, text: words }) => at === one.at && words === one.text) === i).map(({ at, text: words }) => {
		const location = at < 0 ? void 0 : locate(place(at).line);
		return {
			text: `${location === void 0 ? "" : `${location.file}:${location.line}: `}${words}`,
			location
		};
	});
	const location = told.find((one) => one.location !== void 0)?.location;
	throw new ActionError("jobspec-invalid", told.map((one) => one.text).join("\n"), {
		hint,
		...location === void 0 ? {} : { location }
	});
}
// src/jobspec/spec-file.ts
/** Larger than any job spec: Nomad itself takes no job of more than a megabyte. */
const MAX_BYTES = 1048576;
/** Reads a file of the repository; the path is absolute. Throws `input-invalid` for what is no regular file of the workspace, and for one of more than 1 MiB. */
async function readSourceFile(path, workspace) {
	return {
		name: relative(workspace, path),
		text: (await readInside(path, workspace, MAX_BYTES)).toString("utf8")
	};
}
/**
* Reads a job spec (already confined to the workspace, else the built-in template) and its fragments.
* Throws `input-invalid` when the spec is of no known kind, and for a fragment that holds a whole job; `jobspec-invalid` for a template of another program.
*/
async function readSpecFile({ path, fragments }, workspace) {
	const pairs = await Promise.all(Object.entries(fragments).map(async ([kind, file]) => [kind, requirePart(await readSourceFile(file, workspace))]));
	const found = Object.fromEntries(pairs);
	if (path === void 0) return {
		name: BUILT_IN,
		builtIn: true,
		format: "hcl",
		template: true,
		text: "",
		fragments: found
	};
	const file = await readSourceFile(path, workspace);
	const kind = kindOf(file);
	if (kind === void 0) {
		refuseBrackets(compose([{
			text: file.text,
			from: {
				file: file.name,
				line: 1
			}
		}]));
		throw new ActionError("input-invalid", `\`job\`: ${file.name} is no job spec that can be read`, { hint: "A job spec is HCL with a `job` block, or a job object in JSON or YAML, whatever its name; a template of one ends in .hbs." });
	}
	return {
		...file,
		...kind,
		builtIn: false,
		fragments: found
	};
}
/** Many repositories have their whole job in a file called `job.nomad`, which within a `job` block would be an error that nobody understands. */
function requirePart(file) {
	const at = wholeJob(file.text);
	if (at === void 0) return file;
	const own = basename(file.name);
	throw new ActionError("input-invalid", `${file.name}:${at.line}: this file holds a whole job, and ${own} is read as a part of one`, {
		hint: `Name the file in \`job\` (\`job: ${own}\`) to deploy it.`,
		location: {
			file: file.name,
			...at
		}
	});
}
/** What a file is: its name says whether it is a template, its content what else, unless its name says JSON or YAML. */
function kindOf({ name, text }) {
	const template = name.endsWith(".hbs");
	const extension = /\.([^./]+)$/.exec(template ? name.slice(0, -4) : name)?.[1];
	if (extension === "json") return {
		format: !template && isHclJson(text) ? "hcl" : "json",
		template
	};
	if (extension === "yaml" || extension === "yml") return {
		format: "yaml",
		template
	};
	const format = formatOf(template ? text.replace(/\{{2,3}[^{}]*\}{2,3}/g, "") : text);
	if (format !== void 0) return {
		format,
		template
	};
	return template || extension === "nomad" || extension === "hcl" ? {
		format: "hcl",
		template
	} : void 0;
}
/** HCL can be written as JSON, too: there, `job` holds the job under its id, as a label. */
function isHclJson(text) {
	try {
		const parsed = JSON.parse(text);
		return valueAt(parsed, "job") !== void 0 && [
			"ID",
			"id",
			"Name",
			"TaskGroups",
			"taskgroups"
		].every((name) => valueAt(parsed, "job", name) === void 0);
	} catch {
		return false;
	}
}
function formatOf(text) {
	const begin = text.slice(skipBlank(text, 0), skipBlank(text, 0) + 200);
	if (begin.startsWith("{")) return /"id"\s*:/i.test(text) ? "json" : "hcl";
	if (/^(---|%YAML|["']?[A-Za-z]\w*["']?[ \t]*:\s)/.test(begin)) return "yaml";
	return /^[ \t]*job[ \t]+["\w][^\n=:]*\{/m.test(text) ? "hcl" : void 0;
}
// src/secrets/masking.ts
/**
* The hosts, names and digests that a run is about, by their text. They are never masked: GitHub drops every output that contains a masked value, and
* with these it would drop nearly all of them.
*/
function publicNames({ image, registry, baseDomain, nomadNamespace, nomadRegion }, { nomadAddr, hostnames, jobId, environment }, { repository, ref }) {
	const address = nomadAddr?.value;
	const url = address !== void 0 && URL.canParse(address) ? new URL(address) : void 0;
	const { name: imageName, digest } = parseReference(image ?? "") ?? {};
	const names = [
		[
			"the name of the job",
			"job-id nomad-url url urls",
			jobId
		],
		[
			"a hostname of the application",
			"url urls",
			...hostnames,
			...hostnames.map((host) => `https://${host}`)
		],
		[
			"the domain of the applications",
			"url urls nomad-addr nomad-url",
			baseDomain
		],
		[
			"the address of Nomad",
			"nomad-addr nomad-url",
			address,
			url?.host,
			url?.hostname
		],
		[
			"the name of the image",
			"image images",
			image,
			imageName,
			registry,
			registryOf(image)
		],
		[
			"the digest of the image",
			"image images",
			digest,
			digest?.replace("sha256:", "")
		],
		[
			"the environment",
			"environment",
			environment.name
		],
		[
			"the namespace",
			"namespace",
			nomadNamespace
		],
		[
			"the region",
			"region",
			nomadRegion
		],
		[
			"the name of the repository",
			"image images",
			repository,
			repository.toLowerCase()
		],
		[
			"the name of the branch or tag",
			"job-id url",
			ref
		]
	];
	return new Map(names.flatMap(([what, outputs, ...texts]) => texts.map((text) => text ?? "").flatMap((text) => [
		text,
		text.toLowerCase(),
		text.toUpperCase()
	]).map((text) => [text, {
		what,
		outputs: outputs.split(" ")
	}])).filter(([text]) => text !== "").toReversed());
}
/**
* What users should know about the secrets of their workload: those that are a public name, and so are not masked (`warnings`), and those that can't be
* masked or are empty (`notices`). Never quotes a value.
*/
function secretNotes(secrets, names) {
	const values = Object.entries(secrets).map(([name, value]) => [name, value.reveal()]);
	const listed = (wanted) => values.flatMap(([name, value]) => wanted(value) ? [name] : []).join(", ");
	const [empty, short] = [listed((value) => value === ""), listed((value) => value !== "" && !isMaskable(value))];
	return {
		warnings: values.flatMap(([name, value]) => {
			const found = names.get(value.trim());
			return found === void 0 ? [] : [`The secret ${name} is ${found.what}, and so is not masked: GitHub drops each output that contains a masked value, here ${found.outputs.join(", ")}. It drops them all the same if the value is stored as a secret of the repository: what is public belongs into its variables (\`vars\`).`];
		}),
		notices: [...empty === "" ? [] : [`Empty secrets: ${empty}. A secret that GitHub does not have is an empty text, too.`], ...short === "" ? [] : [`Not masked in the log: ${short}. A secret of one or two characters, or a word such as \`true\`, is in every text by chance.`]]
	};
}
/** Shorter values are in a job by chance: ports, names, words. */
const MIN_TOLD_LENGTH = 8;
/**
* A warning for secrets whose value is in the job itself, by a variable of the spec, say: everybody who may read the job reads them there. Never quotes a
* value.
*/
function secretsInJob(secrets, job) {
	const text = JSON.stringify(job);
	const names = Object.entries(secrets).flatMap(([name, value]) => {
		const shown = value.reveal();
		return shown.trim().length >= MIN_TOLD_LENGTH && text.includes(JSON.stringify(shown).slice(1, -1)) ? [name] : [];
	});
	if (names.length === 0) return [];
	return [`The value of ${names.join(", ")} is in the job itself, where everybody who may read the job finds it: let the spec read it as a secret instead of a variable, see docs/secrets.md.`];
}
// src/report/stages.ts
/** Tells when a part of the run began and how long it took, however it ended. */
async function timed(name, { clock }, tell, work) {
	const startedAtMs = clock.now();
	try {
		return await work();
	} finally {
		tell({
			name,
			startedAt: new Date(startedAtMs).toISOString(),
			ms: clock.now() - startedAtMs
		});
	}
}
/** A result with one stage more; what is done several times counts together. */
function withStage(result, stage) {
	const { stages = [], timings = {} } = result;
	return {
		...result,
		stages: [...stages, stage],
		timings: {
			...timings,
			[stage.name]: (timings[stage.name] ?? 0) + stage.ms
		}
	};
}
// src/apps/each-job.ts
/** Failures that are not about one spec: the next spec would fail in the same way. */
const OF_THE_RUN = [
	"unreachable",
	"cancelled",
	"timed-out",
	"unknown-outcome",
	"unexpected"
];
/** Gives the refusal of one spec; undefined for a failure that is not about the spec. */
function refusalOf(thrown) {
	return thrown instanceof ActionError && !OF_THE_RUN.includes(thrown.code) ? thrown : void 0;
}
/** Tells each refusal under the name of its job and its file, and gives the result of the run: that of the first refused spec, with all specs as jobs. */
async function refuseSpecs(all, runtime) {
	const jobs = [];
	for (const { app, jobId, file, error } of all) {
		const known = {
			...app === void 0 ? {} : { app: app.name },
			jobId
		};
		if (error === void 0) jobs.push({
			...known,
			outcome: "skipped",
			cause: "another job spec is refused"
		});
		else {
			const { code, hint, location = file === void 0 ? void 0 : { file } } = error;
			const named = failureOf(`${app?.name ?? jobId}${file === void 0 ? "" : ` (${file})`}`, error);
			runtime.log.error(sentence(named), code, location);
			jobs.push({
				...known,
				outcome: "failed",
				failureReason: code,
				cause: error.message,
				...hint === void 0 ? {} : { hint },
				...location === void 0 ? {} : { location }
			});
		}
	}
	const [first = {}, ...others] = jobs.filter(({ outcome }) => outcome === "failed");
	const names = others.map(({ app, jobId }) => app ?? jobId);
	return {
		...first,
		cause: `${first.cause}${names.length === 0 ? "" : `; also refused: ${names.join(", ")}`}`,
		jobs
	};
}
/** Tells a failure, and what the result has of it. */
async function failure(thrown, runtime) {
	const error = runtime.signal.aborted && !(thrown instanceof ActionError) ? new ActionError("cancelled", "the workflow was cancelled") : toActionError(thrown);
	runtime.log.error(sentence(error), error.code, error.location);
	if (error.code === "unexpected" && error.cause instanceof Error) runtime.log.debug(error.cause.stack ?? "");
	return {
		outcome: error.code === "cancelled" ? "cancelled" : "failed",
		failureReason: error.code,
		cause: error.message,
		...error.hint === void 0 ? {} : { hint: error.hint },
		...error.location === void 0 ? {} : { location: error.location },
		...error.output === void 0 ? {} : { output: error.output }
	};
}
/** Tells why a run does nothing, and gives what the result has of it. */
function skip({ cause, hint }, { log }) {
	log.notice(`${cause}. ${hint}`);
	return {
		outcome: "skipped",
		cause,
		hint
	};
}
/**
* Does the same for each job, in their order. Where one fails, what comes after may need it and is left as it is; of apps, only those that depend on it.
* The run's result and outputs are those of the first job, and its outcome that of the first that failed.
*/
async function eachJob(all, current, work) {
	const jobs = [];
	/** What failed, and what was left for that: each with the job that failed. */
	const lost = [];
	for (const [i, one] of all.entries()) {
		const { jobId, namespace } = one;
		let result = {
			jobId,
			namespace
		};
		const note = (part) => {
			result = {
				...result,
				...part
			};
			if (i === 0) current.note(part);
		};
		const blocking = lost.find((other) => isNeeded(other.one, one));
		if (blocking === void 0) {
			const stage = async (name, title, step) => timed(name, current.runtime, (done) => result = withStage(result, done), async () => current.stage(name, title, step));
			try {
				note(await work(one, {
					...current,
					number: i + 1,
					note,
					stage
				}));
			} catch (thrown) {
				note(await failure(thrown, current.runtime));
			}
			if (!isGood(result.outcome)) lost.push({
				one,
				failed: result
			});
		} else {
			const { failed } = blocking;
			note({
				outcome: "skipped",
				cause: `${failed.jobId} failed before it`
			});
			current.runtime.log.notice(`${jobId} was left as it is, since ${failed.jobId} failed.`);
			lost.push({
				one,
				failed
			});
		}
		jobs.push(result);
	}
	if (all.length > 1) current.note({ jobs });
	const [first] = lost;
	if (first === void 0) return {};
	const { outcome = "failed", failureReason, cause, hint, location } = first.failed;
	return {
		outcome,
		...failureReason === void 0 ? {} : { failureReason },
		...cause === void 0 ? {} : { cause: all.length > 1 ? `${first.one.app?.name ?? first.one.jobId}: ${cause}` : cause },
		...hint === void 0 ? {} : { hint },
		...location === void 0 ? {} : { location }
	};
}
/** Whether a job may need another one, before it, that failed or was left. */
function isNeeded({ app: other }, { app }) {
	return app === void 0 || other === void 0 || app.name === other.name || app.dependsOn.includes(other.name);
}
export { serviceWarnings as C, serviceProblems as S, refuseWords as _, skip as a, keptParts as b, publicNames as c, readSourceFile as d, readSpecFile as f, refuseUnknownWords as g, refuseBrackets as h, refuseSpecs as i, secretNotes as l, nodeWords as m, failure as n, timed as o, bareWords as p, refusalOf as r, withStage as s, eachJob as t, secretsInJob as u, renderBuiltIn as v, renderTemplate as w, registryLogin as x, REGISTRY_PASSWORD as y };
