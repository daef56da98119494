import { r as __toESM } from "./rolldown-runtime.js";
import { d as messageOf, s as ActionError } from "./runtime.js";
import { c as imageOf, l as keyOf, u as namedImages } from "./image.js";
import { $t as readBlocks, H as isPath, It as valueAt, J as deployedSuffix, Jt as hclLiteral, Kt as declaredVariables, M as readInside, N as wholeJob, Nt as withoutCredentials, Qt as parseLiteral, Rt as digestTag, U as CI_VARIABLES, Ut as parseReference, Vt as isFrom, Xt as parseAssignments, Yt as linesOf, Z as withoutQuery, Zt as parseJsonValue, _t as nearest, b as hasOwnJob, en as skipBlank, gt as slug, ht as hostBeside, k as confine, mt as fitLabel, nn as withoutComments, pt as parseYaml, qt as exactNumber, rt as parseBoolean, tn as topLevelBlocks, un as formatDuration } from "./target.js";
import { d as NO_TEMPLATE, h as withTaskTemplates, l as NO_RELEASE, p as secretNames } from "./secrets.js";
import { mkdir, readFile, readdir, realpath, stat, writeFile } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { basename, dirname, isAbsolute, join, posix, relative, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
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
// src/jobspec/built-in/variables.ts
/**
* All variables of the built-in template. This table declares them to the cluster, reads them and documents them. Names and defaults up to `IS_BATCH`
* are those that users of internetarchive/nomad know.
*/
const VARIABLES = [
	{
		name: "MEMORY",
		type: "number",
		default: 300,
		range: { min: 1 },
		meaning: "Memory in MB that is reserved."
	},
	{
		name: "MEMORY_FACTOR",
		type: "number",
		default: 10,
		range: {
			min: 1,
			fractions: true
		},
		meaning: "The task may use this many times `MEMORY`, as long as there is room: [memory](templates.md#memory)."
	},
	{
		name: "CPU",
		type: "number",
		default: 100,
		range: { min: 1 },
		meaning: "CPU in MHz that is reserved."
	},
	{
		name: "COUNT",
		type: "number",
		default: 1,
		meaning: "Number of allocations; 3 in production. Also how many are replaced at a time."
	},
	{
		name: "COUNT_CANARIES",
		type: "number",
		default: 1,
		meaning: "New allocations that have to be healthy before the old ones are replaced; 0 replaces in place."
	},
	{
		name: "CHECK_PROTOCOL",
		type: "string",
		default: "http",
		oneOf: [
			"http",
			"tcp",
			"grpc",
			"none"
		],
		meaning: "How the main port is checked: `http`, `tcp`, `grpc`, or `none` (then a running task is a healthy one)."
	},
	{
		name: "CHECK_PATH",
		type: "string",
		default: "/",
		meaning: "Path of the HTTP check."
	},
	{
		name: "CHECK_TIMEOUT",
		type: "duration",
		default: "2s",
		meaning: "How long a check may take."
	},
	{
		name: "HEALTH_TIMEOUT",
		type: "duration",
		default: "20s",
		meaning: "How long after its start a failing check does not restart the task."
	},
	{
		name: "NETWORK_MODE",
		type: "string",
		default: "bridge",
		meaning: "Network mode of the container, as Docker's `--network`."
	},
	{
		name: "FORCE_PULL",
		type: "bool",
		default: false,
		meaning: "Pull the image at each start, and deploy each new digest, also where only the labels of the image differ. Rarely of use: the image is named by its digest."
	},
	{
		name: "PORTS",
		type: "map(string)",
		default: { "5000": "http" },
		meaning: "Ports of the container, number = name. One is named `http`. `-1`: the same number inside and outside. Below: TCP only, without a hostname."
	},
	{
		name: "MULTI_CONTAINER",
		type: "bool",
		default: false,
		meaning: "The extra ports belong to tasks of the same names, which `group.nomad` brings."
	},
	{
		name: "PORT_CHECKS",
		type: "map(string)",
		default: {},
		meaning: "Checks of extra ports, name = check: `/path` (HTTP), `tcp`, `grpc` or `none`. One that fails restarts its task, as that of the main port does. Without: TCP, without restarts."
	},
	{
		name: "PORT_CANARY_TAGS",
		type: "bool",
		default: false,
		meaning: "Extra ports of canaries have addresses of their own (`canary-…`), instead of those of the version that is in use."
	},
	{
		name: "VOLUMES",
		type: "list(string)",
		default: [],
		meaning: "Volumes of the container, `<host path>:<container path>[:ro]`."
	},
	{
		name: "PERSISTENT_VOLUME",
		type: "string",
		default: "",
		meaning: "A path in the container where the host folder `/pv/<owner>-<repository>` is mounted."
	},
	{
		name: "PERSISTENT_VOLUME_PER_ENVIRONMENT",
		type: "bool",
		default: false,
		meaning: "That folder is `/pv/<owner>-<repository>.<environment>`, and `….review/<job>` for a review app. Otherwise all environments share one."
	},
	{
		name: "HOST_VOLUMES",
		type: "list(string)",
		default: [],
		meaning: "Nomad's host volumes, `<name>:<container path>[:ro]`."
	},
	{
		name: "CSI_VOLUMES",
		type: "list(string)",
		default: [],
		meaning: "CSI volumes, `<name>:<container path>[:ro]`, for one node at a time; with `:multi-node` or `:ro,multi-node` for several."
	},
	{
		name: "HOSTNAMES",
		type: "list(string)",
		default: [],
		meaning: "Hostnames of the main branch, staging and production; a name without a dot is made below the domain."
	},
	{
		name: "IS_BATCH",
		type: "bool",
		default: false,
		meaning: "No `update` and `migrate` blocks; `job.nomad` says `type = \"batch\"`."
	},
	{
		name: "DEPLOY_WITH_PODMAN",
		type: "bool",
		default: false,
		meaning: "Run the containers with Podman instead of Docker."
	},
	{
		name: "SERVICE_PROVIDER",
		type: "string",
		default: "consul",
		oneOf: ["consul", "nomad"],
		meaning: "Where services are registered: `consul` or `nomad`."
	},
	{
		name: "REGION",
		type: "string",
		default: "",
		meaning: "Region of the job. Another one than `nomad-region` is refused. Blank: `nomad-region`, else the agent's own."
	},
	{
		name: "DATACENTERS",
		type: "list(string)",
		default: ["dc1"],
		meaning: "Datacenters that the job may run in; `*` is a wildcard."
	},
	{
		name: "NODE_POOL",
		type: "string",
		default: "default",
		meaning: "Node pool that the job runs in."
	},
	{
		name: "CONSTRAINTS",
		type: "list(string)",
		default: [],
		meaning: "What a node must be like, such as `meta.kind = tcp-vm` or `distinct_hosts`: [constraints](templates.md#constraints)."
	},
	{
		name: "PRIORITY",
		type: "number",
		default: 50,
		range: {
			min: 1,
			max: 100
		},
		meaning: "Priority of the job, 1 to 100."
	},
	{
		name: "MIN_HEALTHY_TIME",
		type: "duration",
		default: "30s",
		meaning: "How long an allocation must be healthy to count as such."
	},
	{
		name: "HEALTHY_DEADLINE",
		type: "duration",
		default: "10m",
		meaning: "How long an allocation may take to become healthy."
	},
	{
		name: "PROGRESS_DEADLINE",
		type: "duration",
		default: "11m",
		meaning: "How long a deployment may go without another healthy allocation."
	},
	{
		name: "RESTART_ATTEMPTS",
		type: "number",
		default: 3,
		meaning: "Restarts in place within 30 minutes, before the allocation counts as failed."
	},
	{
		name: "KILL_TIMEOUT",
		type: "duration",
		default: "5s",
		meaning: "How long a task may take to end after it was asked to."
	}
];
/** The declarations that the built-in template begins with. */
function declarations() {
	const block = (name, type, initial) => `variable "${name}" {\n  type    = ${type}\n  default = ${hclLiteral(initial)}\n}\n`;
	return [...VARIABLES.map(({ name, type, default: initial }) => block(name, type === "duration" ? "string" : type, initial)), ...[
		"SLUG",
		"SECRETS_TEMPLATE",
		"SECRETS_RELEASE",
		...CI_VARIABLES
	].map((name) => block(name, "string", ""))].join("");
}
/** How a mistake in the value of a variable is told; `source` is what gave the value. */
function problemWith(name, what, source = `NOMAD_VAR_${name}`) {
	return `variable ${name} (${source}): ${what}`;
}
/** What the table says against values, by name of the variable; those that are not given are right. */
function valueProblems(values) {
	const found = VARIABLES.flatMap((variable) => {
		const value = values[variable.name];
		const what = value === void 0 ? void 0 : objection(variable, value);
		return what === void 0 ? [] : [[variable.name, problemWith(variable.name, `${JSON.stringify(value)} ${what}`)]];
	});
	return new Map(found);
}
/** A duration as Nomad reads it, which is as Go does. */
const DURATION = /^(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;
function objection({ type, oneOf, range: { min, max, fractions } = { min: 0 } }, value) {
	if (oneOf !== void 0) return typeof value === "string" && oneOf.includes(value) ? void 0 : `is not one of ${oneOf.join(", ")}`;
	switch (type) {
		case "number":
			if (typeof value === "number" && (fractions === true || Number.isInteger(value)) && value >= min && value <= (max ?? 1e400)) return void 0;
			return `is not a${fractions === true ? "" : " whole"} number ${max === void 0 ? `of at least ${min}` : `from ${min} to ${max}`}`;
		case "duration": return typeof value === "string" && DURATION.test(value) ? void 0 : "is not a duration, such as 30s or 1m30s";
		case "list(string)": return Array.isArray(value) && value.every(isScalar) ? void 0 : "is not a list of texts, such as [\"a\", \"b\"]";
		case "map(string)": return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar) ? void 0 : "is not a map of texts, such as { a = \"b\" }";
		case "string":
		case "bool": return;
	}
}
/** What the cluster makes a text of. */
function isScalar(value) {
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
/** Lists of texts may also be given one item a line: they become JSON here. */
function linesAsLists(given) {
	const lists = VARIABLES.filter(({ type }) => type === "list(string)").map(({ name }) => name);
	return Object.fromEntries(Object.entries(given).map(([name, text]) => {
		if (!lists.includes(name) || /^\s*\[/.test(text)) return [name, text];
		const items = text.split("\n").map((line) => line.trim());
		return [name, JSON.stringify(items.filter((line) => line !== ""))];
	}));
}
// src/jobspec/built-in/service.ts
/**
* Everything that is wrong with the values of the built-in template, all at once, each with the name of its variable. `region` is the one that the
* run asks, if it was given: the job is registered there, whatever it says itself.
*/
function serviceProblems(values, region) {
	const own = textOf$1(values["REGION"]);
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
		].map((name) => `${name}=${environmentValue(textOf$1(values[name]))}\n`).join(""),
		secretsTemplate
	};
}
/** Things that are possible and rarely meant, of the values and of the job that came out, with what the repository's files set in it. */
function serviceWarnings(given, { environment, projectSlug }, { Update, TaskGroups }) {
	const values = withDefaults(given);
	const group = TaskGroups?.find(({ Name }) => Name === "group");
	const count = group?.Count ?? 1;
	const canaries = group?.Update?.Canary ?? Update?.Canary ?? 0;
	const persistent = textOf$1(values["PERSISTENT_VOLUME"]);
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
			return [read(textOf$1(item))];
		} catch (error) {
			problems.push(problemWith(name, messageOf(error)));
			return [];
		}
	});
	const ports = readPorts(values["PORTS"]);
	problems.push(...portProblems(ports), ...checkProblems(values, ports));
	const persistent = textOf$1(values["PERSISTENT_VOLUME"]);
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
	const path = textOf$1(values["PERSISTENT_VOLUME"]);
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
	const text = (name) => values[name] === "0" ? "" : textOf$1(values[name]);
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
function textOf$1(value) {
	return value === void 0 || typeof value === "object" ? "" : String(value);
}
function mapOf(value) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf$1(item)]));
}
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
const MAX_LENGTH$1 = 4194304;
/** Blocks and helpers within one another: the parser takes more than linear time for them. */
const MAX_DEPTH$2 = 100;
/** Makes a function that gives its text until all of them together are too much. */
function budget() {
	let length = 0;
	return (text) => {
		length += text.length;
		if (length > MAX_LENGTH$1) throw new Error(`the helpers of the template give more than ${MAX_LENGTH$1 / 1024 / 1024} MiB`);
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
		if (depth + deepest > MAX_DEPTH$2) throw undefinedName(`more than ${MAX_DEPTH$2} blocks and helpers within one another`, linesIn(source.slice(0, at)) + 1);
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
/** Parts of names whose values are nobody's business. `PATH` and `COMPATIBLE` are none of them. */
const OF_SECRETS = /pass|pwd|token|secret(?!s_(template|release)$)|cred|key|auth|cookie|session|private|cert|salt|dsn|webhook|signature|(^|_)(pat|pin|otp|seed|jwt)(_|$)/i;
/** Returns whether a name marks its value as a secret. */
function namesSecret(name) {
	return OF_SECRETS.test(name);
}
/** Variables of our own table, and those that the action itself gives a value. */
const KNOWN = [
	...VARIABLES.map(({ name }) => name),
	...CI_VARIABLES,
	...[
		"image",
		"images",
		"SLUG",
		"NAMESPACE",
		"SECRETS_TEMPLATE",
		"SECRETS_RELEASE",
		"NO_DEPLOY",
		"BUILD_DEPLOY",
		"SERVERLESS"
	]
];
/** The last words of names whose values say nothing but how big, where or which version. */
const HARMLESS$1 = new Set("arch attempts bandwidth branch canaries canary channel class color colour commit constraint copies count country cores cpu cron datacenter datacenters dc dcs deadline debug delay deploy digest disk domain domains driver enabled environment env factor flavor flavour group host hostname hostnames hosts image instances interval job label lang language level limit locale max mb memory mhz min mode name names namespace network node nodes number platform pool pools port ports priority profile project protocol provider quota ram ref region regions release replicas repo repository resources retries revision role schedule scheme service services sha shards size slug stage stack subdomain suffix prefix tag tags target task team threads tier timeout timezone tz type units version versions workers zone zones".split(" "));
/** Beginnings of tokens that say by themselves what they are. */
const TOKEN_PREFIX = /\b(gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|sk[-_](live[-_]|test[-_]|ant-|proj-)?|AKIA|ASIA|AIza|eyJ|hv[sbr]\.|tskey-|dckr_pat_|npm_|pypi-)\w{12,}/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
/** A digest names an image; it is computed from it, and public. */
const DIGEST = /\bsha(256|512):[0-9a-f]{64,128}\b/g;
/** Whether a text holds a word that only a generator writes: a key, a token, a hash or a generated password. */
function looksGenerated(text) {
	const rest = text.replace(DIGEST, "");
	if (TOKEN_PREFIX.test(rest) || UUID.test(rest) || /-----BEGIN /.test(rest) || /\w:\/\/[^\s/@]+@/.test(rest)) return true;
	if (/^\S{8,}$/.test(rest) && /[!#$%^&*?~|<>]/.test(rest) && classes(rest) === 3) return true;
	const words = rest.match(/[A-Za-z0-9+=_-]{12,}/g) ?? [];
	const base64 = (rest.match(/[A-Za-z0-9+/]{32,}/g) ?? []).some((word) => classes(word) === 3 && entropy(word) > 4);
	const pieces = words.flatMap((word) => [...word.split(/[-_+=]/).filter(({ length }) => length >= 16), ...classes(word) === 3 && word.length >= 20 ? [word] : []]);
	return base64 || pieces.some((piece) => classes(piece) > 1 && /\d.*\d/.test(piece) && entropy(piece) > 3 || mixed(piece) && entropy(piece) > 3.8 || piece.length >= 24 && entropy(piece) > 3.9);
}
/** How many of capitals, small letters and digits a word has. */
function classes(word) {
	return [
		/[A-Z]/,
		/[a-z]/,
		/\d/
	].filter((kind) => kind.test(word)).length;
}
/** Capitals within a word, more of them than people write. */
function mixed(word) {
	return (word.match(/[a-z][A-Z]|[A-Z]{2}[a-z]/g) ?? []).length > word.length / 6;
}
/** Shannon's entropy in bits a character. */
function entropy(word) {
	const counts = /* @__PURE__ */ new Map();
	for (const char of word) counts.set(char, (counts.get(char) ?? 0) + 1);
	return [...counts.values()].reduce((sum, count) => sum - count / word.length * Math.log2(count / word.length), 0);
}
/**
* Whether the value that somebody gave a variable may be shown in a report. GitHub masks secrets in the log only, and a file or a variable can hold one that
* this run does not know as such: so only names are shown that our table has or that are harmless, and no value that looks generated.
*/
function mayShow(name, value) {
	if (/^(|true|false|yes|no|on|off|[01])$/i.test(value)) return true;
	if (OF_SECRETS.test(name) || looksGenerated(value)) return false;
	const last = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().split(/[_\-.]+/).at(-1) ?? "";
	return KNOWN.includes(name) || HARMLESS$1.has(last);
}
/** The value of a variable as a report shows it. A default stands in the spec for all to read, and the action's own values are public. */
function shownValue({ name, value, source }) {
	if (source === "automatic" || source === "image-variables") return value;
	if (source === "default") return value !== "" && (OF_SECRETS.test(name) || looksGenerated(value)) ? "***" : value;
	return mayShow(name, value) ? value : "***";
}
/** A message that quotes a value, without the quotes if the value may not be shown. */
function withoutQuotes(message, name, value) {
	return mayShow(name, value) ? message : message.replace(/"(?:[^"\\]|\\.)*("|$)/g, `"***"`);
}
/** A shorter value of an unsuspicious variable is a part of many words, and is hidden only where it stands alone. */
const LONG = 12;
const SHORTEST = 4;
/** Makes a function that hides, in a job as JSON or in lines of a plan, what `redact` hides and the values of variables that are not shown. */
function hidingValues(variables, redact) {
	const longestFirst = variables.filter((variable) => shownValue(variable) !== variable.value).flatMap(({ name, value }) => [value, ...leaves$1(value)].flatMap((one) => {
		const secret = OF_SECRETS.test(name) || looksGenerated(one);
		if (one.length < SHORTEST || !secret && /^[\d.]+$/.test(one)) return [];
		const encoded = secret ? [base64(one), encodeURIComponent(one)] : [];
		const written = [.../* @__PURE__ */ new Set([
			one,
			JSON.stringify(one).slice(1, -1),
			...encoded
		])].map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
		return [[one.length, secret || one.length >= LONG ? new RegExp(written, "g") : new RegExp(`(?<=^|"|,|: |→ )(?:${written})(?=,|"|$| →)`, "gm")]];
	})).sort(([a], [b]) => b - a);
	return (text) => longestFirst.reduce((shown, [, pattern]) => shown.replace(pattern, "***"), redact(text));
}
/** Makes a function that hides, in texts of a task or of Nomad, everything that `redact` hides, and the values of variables that are secrets by name or look. */
function hidingSecrets(variables, redact) {
	return hidingValues(variables.filter(({ name, value }) => namesSecret(name) || looksGenerated(value)), redact);
}
/** Returns a text in base64, without its end, which depends on the text behind it. */
function base64(text) {
	const encoded = Buffer.from(text).toString("base64");
	return text.length % 3 === 0 ? encoded : encoded.replace(/.=+$/, "");
}
/** The texts within a value that is a list or a map. */
function leaves$1(value) {
	if (!/^[[{]/.test(value)) return [];
	const inside = (data) => typeof data === "string" ? [data] : typeof data === "object" && data !== null ? Object.values(data).flatMap(inside) : [];
	try {
		return inside(JSON.parse(value));
	} catch {
		return [];
	}
}
// src/jobspec/variable-values.ts
/** Variables that steer the run and not the spec: no spec needs to declare them. */
const OF_THE_RUN = [
	"NAMESPACE",
	"NO_DEPLOY",
	"HOSTNAMES",
	"SLUG",
	"DEPLOY_WITH_PODMAN",
	"BUILD_DEPLOY",
	"SERVERLESS"
];
/** Names that users of other systems bring along, and why they do nothing here. */
const WITHOUT_EFFECT = {
	CONSUL_PATH: "Consul takes no part in secrets any more",
	VERBOSE: "run the workflow with debug logging instead"
};
/** Values that a spec gets by declaring a variable of that name. */
function automaticValues({ registry, vars }, { spec, target, context, image, images, secretsTemplate, secretsRelease, kept }) {
	const [host = ""] = target.hostnames;
	return {
		image,
		...Object.keys(images).length === 0 ? {} : { images },
		CI_GITHUB_IMAGE: image,
		SLUG: target.jobId,
		HOSTNAMES: target.hostnames,
		SECRETS_TEMPLATE: secretsTemplate === "" ? NO_TEMPLATE : secretsTemplate,
		SECRETS_RELEASE: secretsRelease === "" ? NO_RELEASE : secretsRelease,
		CI_COMMIT_BRANCH: context.refType === "branch" ? context.ref : "",
		CI_COMMIT_REF_NAME: context.ref,
		CI_COMMIT_REF_SLUG: target.refSlug,
		CI_COMMIT_SHA: kept?.commit ?? context.sha,
		CI_COMMIT_SHORT_SHA: context.sha.slice(0, 8),
		CI_COMMIT_TAG: context.refType === "tag" ? context.ref : "",
		CI_DEFAULT_BRANCH: context.defaultBranch ?? "",
		CI_HOSTNAME: host,
		CI_PIPELINE_SOURCE: context.eventName,
		CI_PROJECT_NAME: context.repository.toLowerCase().split("/").at(-1) ?? "",
		CI_PROJECT_PATH_SLUG: target.projectSlug,
		CI_REGISTRY: registry,
		CI_REGISTRY_IMAGE: `${registry}/${context.repository.toLowerCase()}`,
		CI_REGISTRY_TAG: `${context.sha}${deployedSuffix(vars)}`,
		...target.environment.value === "production" && (spec.builtIn || /(^|\/)project\.nomad$/.test(spec.name)) ? { COUNT: 3 } : {}
	};
}
/** Returns the values that the user gave: those of variable files and, over them, `vars` and `NOMAD_VAR_<NAME>`. */
function givenValues({ vars }, fromFiles) {
	return {
		...Object.fromEntries(Object.entries(fromFiles).map(([name, { value }]) => [name, value])),
		...vars
	};
}
/** Names that specs have for their image, or a part of it. */
const OF_IMAGES = /(^|_)(image|tag|version|digest)$/i;
/** The values of all declared variables that have one. Throws `input-invalid` with everything that is wrong with them, or that `check` finds in them. */
function variableValues(declared, { ofImage = {}, given, givenBy, fromFiles, automatic }, locate, check) {
	const values = {};
	const sources = {};
	const problems = [];
	let location;
	const takesImage = declared.some(({ name }) => ofImage[name] !== void 0);
	for (const { name, type, hasDefault, line, column } of declared) {
		const text = ["HOSTNAMES", "SLUG"].includes(name) ? void 0 : given[name];
		const automaticValue = takesImage && name === "image" && hasDefault ? void 0 : automatic[name];
		const at = locate(line);
		const part = ofImage[name];
		const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
		if (part !== void 0) {
			values[name] = part;
			sources[name] = "image-variables";
			if (text === void 0 || isOfEnvironment(name, source)) continue;
			location ??= sourceLocation(source);
			problems.push(problemWith(name, "it has a value, and `image-variables` gives it one as well; leave one of them out", source));
		} else if (text !== void 0) try {
			values[name] = readValue(type, text);
			sources[name] = source;
		} catch (error) {
			const place = at === void 0 ? "" : `${at.file}:${at.line}:${column}: `;
			location ??= sourceLocation(source) ?? (at && {
				...at,
				column
			});
			problems.push(`${place}${problemWith(name, withoutQuotes(messageOf(error), name, text), source)}`);
		}
		else if (fromFiles[name] !== void 0) {
			values[name] = fromFiles[name].value;
			sources[name] = fromFiles[name].source;
		} else if (automaticValue !== void 0 && automaticValue !== "" && !(hasDefault && isEmptyList(automaticValue))) {
			values[name] = automaticValue;
			sources[name] = "automatic";
		} else if (!hasDefault && CI_VARIABLES.some((known) => known === name)) {
			values[name] = "";
			sources[name] = "automatic";
		} else if (!hasDefault) {
			location ??= at && {
				...at,
				column
			};
			const hint = (automatic["image"] ?? "") !== "" && OF_IMAGES.test(name) ? "; `image-variables` gives it the image, its tag or its digest" : "";
			problems.push(`${at?.file}:${at?.line}:${column}: variable "${name}" has no value: set NOMAD_VAR_${name} (or the input \`vars\`), or give it a default${hint}`);
		}
	}
	const table = check(values).map((problem) => problem.replace(/^variable (\w+) \(NOMAD_VAR_\1\)/, (own, name) => own.replace(`NOMAD_VAR_${name}`, sources[name] ?? `NOMAD_VAR_${name}`)));
	for (const problem of table) location ??= sourceLocation(/^variable \w+ \((.*?)\): /.exec(problem)?.[1] ?? "");
	problems.push(...table);
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("\n"), location === void 0 ? {} : { location });
	return {
		values,
		sources
	};
}
/** Returns whether a value comes from a variable of the environment, which every input overrides. */
function isOfEnvironment(name, source) {
	return source === `NOMAD_VAR_${name}` || source === name;
}
/** Returns the warnings about variables of the environment that `image-variables` overrides. */
function overridden(declared, { ofImage = {}, given, givenBy }) {
	return declared.flatMap(({ name }) => {
		const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
		return ofImage[name] !== void 0 && given[name] !== void 0 && isOfEnvironment(name, source) ? [`${source} has no effect: by \`image-variables\`, ${name} takes the image of this run`] : [];
	});
}
/** Whether this run knows none of them, such as hostnames without a domain: a spec may know some. */
function isEmptyList(value) {
	return Array.isArray(value) && value.length === 0;
}
function readValue(type, text) {
	if (type === "string") return text;
	if (type === "number" && !(/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) && Number.isFinite(Number(text)))) throw new Error(`${JSON.stringify(text)} is not a number`);
	if (type === "bool") try {
		return parseBoolean("", text.trim()) ?? false;
	} catch {
		throw new Error(`${JSON.stringify(text)} is neither true nor false`);
	}
	return type === "number" ? exactNumber(text.trim()) : parseLiteral(text);
}
/** The line of a variable file or the configuration file that gave a value; undefined for any other source. */
function sourceLocation(source) {
	const [, file, line] = /^(.+):(\d+)$/.exec(source) ?? [];
	return file === void 0 ? void 0 : {
		file,
		line: Number(line)
	};
}
/**
* Returns the warnings about variables that were given and that neither the spec nor one of the `others` of the run takes: one warning with all names, since
* one `env:` often serves many jobs. The names that are nearly declared come first.
*/
function undeclared(declared, given, spec, others = []) {
	const names = declared.map(({ name }) => name);
	const texts = [...others, ...spec.template && !spec.builtIn ? [spec] : []].flatMap(({ text, fragments }) => [text, ...Object.values(fragments).map((file) => file.text)]);
	const unknown = Object.keys(given).filter((name) => !names.includes(name) && !OF_THE_RUN.includes(name) && !name.startsWith("CI_")).filter((name) => !texts.some((text) => text.includes(name)));
	const told = unknown.filter((name) => WITHOUT_EFFECT[name] === void 0).map((name) => ({
		name,
		near: nearest(name, [...names, ...OF_THE_RUN])
	})).sort((a, b) => Number(a.near === void 0) - Number(b.near === void 0));
	const who = others.length > 0 ? void 0 : `the ${spec.builtIn ? spec.name : `spec ${spec.name}`}`;
	const [lacksOne, lacksMany] = who === void 0 ? ["no job spec of this run has such a variable", "no job spec of this run declares them"] : [`${who} has no such variable`, `${who} does not declare them`];
	const [one, ...more] = told;
	return [...unknown.flatMap((name) => WITHOUT_EFFECT[name] === void 0 ? [] : [`NOMAD_VAR_${name} has no effect: ${WITHOUT_EFFECT[name]}`]), ...one === void 0 ? [] : more.length === 0 ? [`NOMAD_VAR_${one.name} is set, but ${lacksOne}${one.near === void 0 ? "" : `; did you mean NOMAD_VAR_${one.near}?`}`] : [`${told.length} variables are set, but ${lacksMany}: ${told.map(({ name, near }) => `NOMAD_VAR_${name}${near === void 0 ? "" : ` (did you mean NOMAD_VAR_${near}?)`}`).join(", ")}`]];
}
/** Names of variable files that the spec does not declare, but nearly: one file may serve several specs, and hold more than each needs. */
function misspelt(declared, fromFiles) {
	const names = declared.map(({ name }) => name);
	return Object.entries(fromFiles).flatMap(([name, { source }]) => {
		const near = names.includes(name) ? void 0 : nearest(name, names);
		return near === void 0 || near in fromFiles ? [] : [`${source}: the spec has no variable "${name}"; did you mean "${near}"?`];
	});
}
/** Returns the warnings about the image and the secrets of this run that a spec of the repository does not use. */
function unused(job, { spec, image, tags = [], imageVariables = {}, secretsTemplate }) {
	const text = JSON.stringify(job);
	const holds = (value) => text.includes(JSON.stringify(value).slice(1, -1));
	const pushed = new Set(tags.map(fullName));
	const digest = parseReference(image)?.digest;
	const isSame = (word) => {
		const found = digest === void 0 ? void 0 : parseReference(word);
		return found !== void 0 && (found.digest === digest || found.tag === digestTag(digest ?? ""));
	};
	const runs = holds(image) || wordsOf$1(text).some((word) => pushed.has(fullName(word)) || isSame(word));
	const named = Object.keys(imageVariables).find((name) => spec.text.includes(name));
	const how = spec.template ? "write" : spec.format === "hcl" ? "declare and use" : "make it a template (.hbs) and write";
	const names = spec.template || spec.format !== "hcl" ? ["{{json image}}", "{{json secretsTemplate}}"] : ["var.image", "var.SECRETS_TEMPLATE"];
	return [...image === "" || runs ? [] : [`${spec.name} does not run ${image}: ${named === void 0 ? `${how} ${names[0]}` : `no task has an image that is made of ${named}`}`], ...secretsTemplate === "" || holds(secretsTemplate) ? [] : [`no task of ${spec.name} sees the secrets: ${how} ${names[1]}`]];
}
/** Returns the texts of a job, each as the name of an image that it may be: a driver may want `docker://` before it. */
function wordsOf$1(json) {
	return [...json.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) => word.replace(/^docker:\/\//, ""));
}
/** Returns the name of an image with its registry and tag, as Docker completes it; undefined for a text that is no name. */
function fullName(text) {
	const found = parseReference(text);
	const name = found?.name.replace(/^(?:(?:index\.)?docker\.io\/)?(?:library\/)?/, "");
	return found && `${name}:${found.tag ?? "latest"}`;
}
/**
* The variables of a spec as `command: render` shows them: those that the spec declares, and of a template, which takes them without a declaration,
* everything that was given.
*/
function variableSettings(declared, { values, sources }, { vars, sources: given }, { spec, fromFiles }) {
	const own = declared.map(({ name, initial = "" }) => {
		const source = sources[name];
		return source === void 0 ? {
			name,
			value: literalText(initial),
			source: "default"
		} : {
			name,
			value: textOf(values[name]),
			source
		};
	});
	if (spec.builtIn || !spec.template) return own;
	const others = {
		...Object.fromEntries(Object.entries(fromFiles).map(([name, { value, source }]) => [name, {
			name,
			value: textOf(value),
			source
		}])),
		...Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, {
			name,
			value,
			source: given.vars[name] ?? ""
		}]))
	};
	return [...own, ...Object.values(others).filter(({ name }) => !declared.some((variable) => variable.name === name))];
}
/** A literal as people would give it; any other expression as it is written. */
function literalText(written) {
	try {
		return textOf(parseLiteral(written));
	} catch {
		return written;
	}
}
function textOf(value) {
	return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
// src/jobspec/image-variables.ts
/** Returns the values of the variables: the parts of a reference, which may be the provisional one. */
function imageValues({ plan, inputs }, reference) {
	const { name = reference, tag, digest = "" } = parseReference(reference) ?? {};
	const asked = plan.kind === "existing" ? parseReference(plan.reference) : void 0;
	const given = asked !== void 0 && asked.digest === void 0 ? asked.tag ?? "latest" : digestTag(digest);
	const parts = {
		image: reference,
		name,
		tag: tag ?? given,
		digest
	};
	return Object.fromEntries(Object.entries(inputs.imageVariables).map(([variable, part]) => [variable, parts[part]]));
}
/**
* Refuses variables that none of the specs declares, since the image would be built and not be run. A template takes a variable by using it. Throws
* `input-invalid`, with the names that are declared.
*/
function requireDeclared(variables, source, specs) {
	const declared = specs.flatMap(({ text, format, fragments }) => format === "hcl" ? [text, ...Object.values(fragments).map((file) => file.text)].flatMap(declaredVariables).map(({ name }) => name) : []);
	const used = specs.flatMap(({ template, text }) => template ? [...text.matchAll(/\bvars\.\[?([\w-]+)/g)].map(([, name = ""]) => name) : []);
	const known = [.../* @__PURE__ */ new Set([...declared, ...used])];
	const missing = Object.keys(variables).filter((name) => !known.includes(name));
	const [first] = missing;
	if (first === void 0) return;
	const near = nearest(first, known);
	const location = sourceLocation(source);
	const who = specs.map(({ name }) => name).join(", ");
	throw new ActionError("input-invalid", `${location === void 0 ? "" : `${source}: `}\`image-variables\`: ${who} ${specs.length > 1 ? "declare" : "declares"} no variable ${missing.join(", ")}${near === void 0 ? "" : `; did you mean \`${near}\`?`}`, {
		hint: specs.every(({ builtIn }) => builtIn) ? "The built-in template runs the image without any: leave `image-variables` out, or name your own spec in `job`." : known.length === 0 ? "Declare it, such as `variable \"image_tag\" { type = string }`; a job in JSON or YAML has no variables." : `Declared: ${known.sort().join(", ")}.`,
		...location === void 0 ? {} : { location }
	});
}
/** Refuses a variable that takes two images. Throws `input-invalid`. */
function requireOneEach(asked) {
	const owners = /* @__PURE__ */ new Map();
	for (const { name = "", inputs } of asked) for (const variable of Object.keys(inputs.imageVariables)) {
		const other = owners.get(variable);
		if (other !== void 0) throw new ActionError("input-invalid", `\`image-variables\`: ${variable} would take the image ${other} and the image ${name}`, { hint: "Give each of `images` its own `image-variables` in the configuration file." });
		owners.set(variable, name);
	}
}
/** Returns the part of a rendering that is about images: `own` are those of its app, `images` the references by name. */
function imagesOf(own, asked, images) {
	return {
		image: imageOf(own, images),
		images: namedImages(asked, images),
		imageVariables: Object.fromEntries(own.flatMap((one) => Object.entries(imageValues(one, images[keyOf(one)] ?? ""))))
	};
}
// src/jobspec/locate.ts
/**
* The place in the user's files that a cause belongs to: file and line, or only the file where the line can't be told; undefined for the built-in
* template, unless one of its fragments has it. Reads HCL; of templates what stands in them as HCL, of job objects nothing.
*/
function specLocation(about, spec) {
	const fragments = ["group", "job"].flatMap((kind) => {
		const file = spec.fragments[kind];
		return file === void 0 ? [] : [{
			file,
			kind
		}];
	});
	for (const { file, kind } of fragments) {
		const spot = locate(about, scopeOf(about, readBlocks(file.text), kind), kind);
		if (spot !== void 0) return at(file, spot);
	}
	if (spec.builtIn) return void 0;
	if (spec.format !== "hcl") return { file: spec.name };
	const spot = locate(about, scopeOf(about, readBlocks(spec.template ? withoutHandlebars(spec.text) : spec.text), "file"), "file");
	return spot === void 0 ? { file: spec.name } : at(spec, spot);
}
function at({ name, text }, spot) {
	return {
		file: name,
		line: linesOf(text)(spot.at).line
	};
}
/** The tags as blanks, so that what is around them stays where it is. */
function withoutHandlebars(text) {
	const end = text.lastIndexOf("}}") + 2;
	return text.slice(0, end).replace(/\{\{[\s\S]*?\}\}/g, (tag) => tag.replace(/[^\n]/g, " ")) + text.slice(end);
}
/** A fragment is the inside of a job or of a group. */
function scopeOf({ group, task }, root, kind) {
	const job = kind === "file" ? root.blocks.find(({ type }) => type === "job") : kind === "job" ? root : void 0;
	const inGroup = kind === "group" ? root : job && named(job, "group", group);
	return {
		job,
		group: inGroup,
		task: (inGroup && named(inGroup, "task", task)) ?? (task === void 0 || inGroup !== void 0 ? void 0 : job && named(job, "task", task))
	};
}
/** The block of that name; the only one, if its label is an expression. */
function named(parent, type, name) {
	const all = blocks$1(parent, type);
	const found = all.find(({ labels }) => labels[0] === name);
	if (found !== void 0 || name === void 0 || all.length !== 1) return found;
	return /^\s*$|\$\{|var\.|local\./.test(all[0]?.labels[0] ?? "") ? all[0] : void 0;
}
const attribute = (block, ...names) => {
	for (const name of names) {
		const found = block?.attributes.find((one) => one.name === name);
		if (found !== void 0) return found;
	}
};
/** The blocks of a type, those that a `dynamic` block makes included. */
const blocks$1 = (parent, type) => parent?.blocks.flatMap((block) => {
	if (block.type === type) return [block];
	const content = block.type === "dynamic" && block.labels[0] === type ? block.blocks.find((one) => one.type === "content") : void 0;
	if (content === void 0) return [];
	const label = /"([^"]*)"/.exec(block.attributes.find(({ name }) => name === "labels")?.text ?? "")?.[1] ?? "";
	return [{
		...content,
		type,
		labels: [label]
	}];
}) ?? [];
const block = (parent, type) => blocks$1(parent, type)[0];
/** Of several blocks that in which a text stands; the only one, if there is but one. */
function holding(all, text) {
	return (text === void 0 ? void 0 : all.find((one) => one.text.includes(text))) ?? (all.length === 1 ? all[0] : void 0);
}
function locate({ kind, name }, { task, group, job }, file) {
	const config = block(task, "config");
	const resources = block(task, "resources");
	const networks = [...blocks$1(group, "network"), ...blocks$1(resources, "network")];
	const services = [...blocks$1(task, "service"), ...blocks$1(group, "service")];
	const update = (key) => attribute(block(group, "update"), key) ?? attribute(block(job, "update"), key) ?? block(group, "update") ?? block(job, "update");
	const inFile = (spot) => file === "file" ? spot : void 0;
	switch (kind) {
		case "image": return attribute(config, "image") ?? inFile(config ?? task);
		case "command": return attribute(config, "command", "entrypoint", "jar_path", "class", "args", "image") ?? inFile(config ?? task);
		case "config": return (name === void 0 ? void 0 : attribute(config, name) ?? block(config, name) ?? holding(blocks$1(config, "mount"), name)) ?? config ?? inFile(task);
		case "user": return attribute(task, kind) ?? inFile(task);
		case "driver": {
			const drivers = (task === void 0 ? blocks$1(group, "task") : [task]).flatMap((one) => one.attributes.filter((own) => own.name === kind));
			return drivers.find(({ text }) => text.includes(`"${name}"`)) ?? drivers[0] ?? inFile(task ?? group);
		}
		case "memory": return attribute(resources, "memory") ?? perTask(group, "memory") ?? inFile(resources ?? task ?? group);
		case "cpu": return attribute(resources, "cpu", "cores") ?? perTask(group, "cpu", "cores") ?? inFile(resources ?? task ?? group);
		case "device": return block(resources, "device") ?? blocks$1(group, "task").map((one) => block(block(one, "resources"), "device")).find((one) => one !== void 0) ?? inFile(group);
		case "disk": return attribute(block(group, "ephemeral_disk"), "size") ?? block(group, "ephemeral_disk") ?? inFile(group);
		case "port": return port(name, networks, config, services) ?? inFile(networks[0] ?? group);
		case "network": return attribute(networks[0], "mode") ?? networks[0] ?? inFile(group);
		case "constraint": {
			const all = [
				task,
				group,
				job
			].flatMap((one) => blocks$1(one, "constraint"));
			const tasks = blocks$1(group, "task").flatMap((one) => blocks$1(one, "constraint"));
			return holding([...all, ...tasks], name) ?? inFile(group);
		}
		case "count": return attribute(group, kind) ?? attribute(block(group, "scaling"), "max") ?? inFile(group);
		case "periodic": return block(job, kind) ?? inFile(job);
		case "datacenters":
		case "namespace":
		case "node_pool":
		case "type": return attribute(job, kind) ?? inFile(job);
		case "volume": return holding(blocks$1(group, "volume"), name) ?? inFile(group);
		case "template": return holding(blocks$1(task, "template"), name) ?? blocks$1(task, "template")[0] ?? inFile(task);
		case "artifact": return holding(blocks$1(task, "artifact"), name) ?? blocks$1(task, "artifact")[0] ?? inFile(task);
		case "vault": return block(task, "vault") ?? block(group, "vault") ?? block(job, "vault") ?? inFile(task);
		case "service": return services[0] ?? blocks$1(group, "task").map((one) => block(one, "service")).find((one) => one !== void 0) ?? inFile(group);
		case "check": {
			const all = services.length > 0 ? services : blocks$1(group, "task").flatMap((one) => blocks$1(one, "service"));
			const checks = all.flatMap((one) => blocks$1(one, "check"));
			const quoted = `"${name}"`;
			const ofService = all.filter(({ text }) => text.includes(quoted)).flatMap((one) => blocks$1(one, "check"));
			return checks.find(({ text }) => text.includes(quoted)) ?? ofService[0] ?? checks[0] ?? inFile(all[0] ?? task ?? group);
		}
		case "healthy_deadline":
		case "progress_deadline":
		case "health_check": return update(kind) ?? inFile(task ?? group);
		case "task": return task ?? inFile(group);
		case "group": return inFile(group);
		case "none": return;
	}
}
/** An attribute of the resources of a group's only task. */
function perTask(group, ...names) {
	return blocks$1(group, "task").flatMap((one) => attribute(block(one, "resources"), ...names) ?? [])[0];
}
/** A port by its label or number; a label that no network has, where it is used. */
function port(name, networks, config, services) {
	const ports = networks.flatMap((network) => blocks$1(network, "port"));
	const declared = ports.find(({ labels }) => labels[0] === name) ?? (/^\d+$/.test(name ?? "") ? holding(ports, name) : void 0);
	if (declared !== void 0) return attribute(declared, "static") ?? declared;
	const quoted = `"${name}"`;
	const used = [...config?.attributes.filter((one) => one.name === "ports") ?? [], ...services.flatMap((one) => one.attributes.filter((own) => own.name === "port"))];
	return used.find(({ text }) => text.includes(quoted)) ?? used[0];
}
// src/jobspec/open-counts.ts
function isOpen({ Scaling }, { Type }, preserve) {
	return Type?.startsWith("sys") !== true && (preserve ?? (Scaling !== void 0 && Scaling !== null && Scaling.Enabled !== false));
}
/** Returns the job without the counts that the registered job may replace: what is allowed is judged of the counts that are sent. */
function withoutOpenCounts(job, preserve) {
	const groups = job.TaskGroups?.map((group) => isOpen(group, job, preserve) ? {
		...group,
		Count: null
	} : group);
	return {
		...job,
		...groups && { TaskGroups: groups }
	};
}
/** The count that a spec asks for, as Nomad reads it. */
function askedCount({ Count, Scaling }) {
	return Count ?? Scaling?.Min ?? 1;
}
// src/jobspec/provisional.ts
const ZEROS = "0".repeat(64);
/**
* Returns the reference that a job is rendered with before its image is built or looked up: the form of the final one, with a digest of zeros, so that a
* spec may take it apart. A job with it is never registered.
*/
function provisionalImage(asked) {
	const { plan, inputs } = asked;
	if (plan.kind === "existing" && !isProvisional(asked)) return plan.reference;
	const known = plan.kind === "existing" ? plan.reference : inputs.push ? plan.name : plan.tags[0] ?? plan.name;
	return `${parseReference(known)?.name ?? known}${inputs.push ? "@sha256:" : ":sha256-"}${ZEROS}`;
}
/**
* Returns the references of a run's images to render a job with, the better ones first. A plan is read by people, so an image that exists has the name that the
* workflow gives it, and a digest of zeros only where the spec does not take that name.
*/
function provisionalImages(all, command) {
	const zeros = all.map(provisionalImage);
	const named = all.map((one) => {
		const { plan, inputs } = one;
		return plan.kind === "existing" && !Object.values(inputs.imageVariables).includes("digest") ? plan.reference : provisionalImage(one);
	});
	return command === "deploy" || isDeepStrictEqual(named, zeros) ? [zeros] : [named, zeros];
}
/** Does a check with the first references that the spec takes. Throws the error about the first ones where it takes none. */
async function firstTaken([first = [], ...others], check) {
	try {
		return await check(first);
	} catch (thrown) {
		if (!(thrown instanceof ActionError && ["jobspec-invalid", "input-invalid"].includes(thrown.code)) || others.length === 0) throw thrown;
		return firstTaken(others, check).catch(() => Promise.reject(thrown));
	}
}
/** Returns a provisional reference with a digest that nobody can know in place of zeros. */
function unknowable(reference) {
	return reference.replace(/0{64}$/, () => randomBytes(32).toString("hex"));
}
/** Returns whether the digest of an image is unknown until the image is built or looked up. */
function isProvisional({ plan }) {
	return plan.kind === "build" || parseReference(plan.reference)?.digest === void 0;
}
/** Returns a text with words in place of digests of zeros, also where a digest was cut. */
function withoutZeros(text) {
	return text.replace(/(?<=sha256[:-]|digest-)0{12,64}…?(?![0-9a-f])|(?<![0-9a-f])0{64}(?![0-9a-f])/g, "(known at the deploy)");
}
/** Refuses a job whose id or namespace is made of a provisional image, since the checked job would not be the registered one. Throws `jobspec-invalid`. */
function requireFinalId({ job: { ID }, namespace }, specName) {
	if (/0{7}/.test(`${ID} ${namespace}`)) throw dependentId(specName);
}
/** Refuses a job that has another id or namespace with its final image than in its draft. Throws `jobspec-invalid`. */
function requireSameId(rendered, draft, specName) {
	if (rendered.job.ID !== draft.job.ID || rendered.namespace !== draft.namespace) throw dependentId(specName);
}
function dependentId(specName) {
	return new ActionError("jobspec-invalid", `${specName}: the id and the namespace of the job depend on its image, whose digest is not known yet`, { hint: "Nothing was registered. Let them depend on the commit (`CI_COMMIT_SHORT_SHA`) instead, or deploy an image by its digest." });
}
// src/jobspec/consul-keys.ts
/** A template's call that reads keys of Consul, up to the end of its first argument. */
const CALL = /\b(?:key|keyOrDefault|keyExists|keyExistsGet|ls|safeLs|tree|safeTree)\s+(?:\$\{[^{}\n]{0,80}\}|\$(?!\{)|[^{}\n|$]){0,200}/g;
/**
* Returns the warnings about templates that read the Consul key of the job, in the spec and in each of the files that add to it: the system that users come
* from wrote the secrets there, and this action does not. Such a template waits for the key for ever, or reads values that nobody renews.
*/
function unwrittenKeys(spec, jobId) {
	const names = [
		"NOMAD_VAR_SLUG",
		"\\$\\{\\s*var\\.SLUG\\s*\\}",
		"env\\s+\\\\?\"NOMAD_JOB_(?:NAME|ID)\\\\?\"",
		`(?<=\\\\?")${jobId.replace(/[^\w-]/g, "\\$&")}(?=\\\\?")`
	];
	const own = new RegExp(names.join("|"));
	return [...spec.builtIn ? [] : [spec], ...Object.values(spec.fragments)].flatMap((file) => {
		const place = linesOf(file.text);
		const lines = (spec.format === "hcl" ? attributesOf(readBlocks(file.text)) : [{
			at: 0,
			text: file.text
		}]).flatMap(({ at, text }) => [...text.matchAll(CALL)].flatMap((call) => own.test(call[0].replaceAll("\\\"", "\"")) ? [place(at + call.index).line] : []));
		return [...new Set(lines)].map((line) => `${file.name}:${line}: the template reads the Consul key of the job, which no deploy writes any more; for the secrets write \`data = var.SECRETS_TEMPLATE\` and \`env = true\`${file === spec ? ", and declare `variable \"SECRETS_TEMPLATE\" { type = string }`" : ""} (docs/migrating-from-internetarchive.md#secrets)`);
	});
}
/** All attributes of a file, wherever they stand; a comment is none. */
function attributesOf({ attributes, blocks }) {
	return [...attributes, ...blocks.flatMap(attributesOf)];
}
const NAME = "[A-Za-z_][\\w-]*";
const TEXT = new RegExp(String.raw`"(?:[^"\\$%\n]|[$%](?![{$%])|\$\{${NAME}(?:\.${NAME})*\})*"`, "y");
const ONE_NAME = new RegExp(NAME, "y");
function reader(source) {
	const match = (pattern, at) => {
		pattern.lastIndex = at;
		return pattern.test(source) ? pattern.lastIndex : void 0;
	};
	const ends = /* @__PURE__ */ new Map();
	const commentEnd = nextOf(source, "*/");
	const lineEnd = nextOf(source, "\n");
	const blank = (from) => {
		const seen = [];
		let at = from;
		for (;;) {
			const known = ends.get(at);
			if (known !== void 0) {
				at = known;
				break;
			}
			seen.push(at);
			const next = match(/\s+/y, at) ?? at;
			if (source.startsWith("/*", next)) at = commentEnd(next + 2) ?? next;
			else if (source[next] === "#" || source.startsWith("//", next)) at = lineEnd(next) ?? source.length;
			else at = next;
			if (at === next) break;
		}
		for (const one of seen) ends.set(one, at);
		return at;
	};
	const word = (wanted, at) => source.startsWith(wanted, at) ? at + wanted.length : void 0;
	const text = (at) => match(TEXT, at);
	return {
		blank,
		word,
		text,
		name: (at) => match(ONE_NAME, at),
		number: (at) => match(/-?\d+(?![\w.])/y, at),
		fileset: (at) => {
			const called = word("fileset", at);
			const open = called === void 0 ? void 0 : word("(", blank(called));
			if (open === void 0) return void 0;
			const first = blank(open);
			const firstEnd = text(first);
			const comma = firstEnd === void 0 ? void 0 : word(",", blank(firstEnd));
			if (comma === void 0) return void 0;
			const second = blank(comma);
			const secondEnd = text(second);
			const end = secondEnd === void 0 ? void 0 : word(")", blank(secondEnd));
			return end === void 0 ? void 0 : {
				path: source.slice(first, firstEnd),
				pattern: source.slice(second, secondEnd),
				end
			};
		}
	};
}
/** Finds the end of the next occurrence of a word. As long as it is asked from places further on, it walks the text once. */
function nextOf(source, word) {
	let [asked, found] = [Number.POSITIVE_INFINITY, -1];
	return (from) => {
		if (from < asked || found >= 0 && found < from) found = source.indexOf(word, from);
		asked = from;
		return found < 0 ? void 0 : found + word.length;
	};
}
const MAX_DEPTH$1 = 20;
/** A condition in one line, without texts that could hold anything else; what it asks decides nothing here. */
const CONDITION = /(?:[\w.!=<>&|()[\],* \t+-]|"[^"\\$%\n]*"){1,500}\?/y;
/** Functions that give the elements of their arguments. */
const ELEMENTS = [
	"toset",
	"tolist",
	"sort",
	"reverse",
	"distinct",
	"concat",
	"setunion",
	"values"
];
/** The rest of a conversion that leaves texts as they are. */
const TO_TEXTS = /\s*,\s*(?:set|list|map)\(string\)\s*\)/y;
/**
* Reads the names of a spec: variables, locals, and those of loops and `dynamic` blocks. A name that several of them have stands for the values of all of them,
* wherever in the spec, and so does one that is assigned to somewhere else than in `locals`.
*/
function readNames(source, values, read) {
	const defaults = {};
	const initial = new Map(declaredVariables(source).map((variable) => [variable.name, variable.initial]));
	/** Each is asked once; one that is asked for itself could be anything. */
	const once = (work) => {
		let state;
		return () => {
			if (state !== void 0) return state.shapes;
			state = { shapes: void 0 };
			state = { shapes: work() };
			return state.shapes;
		};
	};
	const bound = /* @__PURE__ */ new Map();
	const bind = (name, work) => {
		const works = bound.get(name);
		if (works === void 0) bound.set(name, [once(work)]);
		else works.push(once(work));
	};
	const allOf = (works) => {
		const shapes = [];
		for (const work of works) {
			const found = work();
			if (found === void 0 || shapes.length + found.length > 1e3) return void 0;
			shapes.push(...found);
		}
		return shapes;
	};
	const variable = (name) => {
		const value = values[name];
		if (value !== void 0) return shapesOf(value);
		const written = initial.get(name);
		if (written === void 0 || /[$%\\]|<</.test(written)) return void 0;
		try {
			const literal = parseLiteral(written);
			const shapes = shapesOf(literal);
			if (shapes !== void 0) defaults[name] = literal;
			return shapes;
		} catch {
			return;
		}
	};
	let assigned;
	const locals = /* @__PURE__ */ new Map();
	const local = (name) => {
		if (assigned === void 0) {
			assigned = /* @__PURE__ */ new Map();
			for (const { 0: word, index } of source.matchAll(new RegExp(NAME, "g"))) {
				const equals = read.word("=", read.blank(index + word.length));
				if (equals === void 0 || /[=>]/.test(source[equals] ?? "")) continue;
				const places = assigned.get(word);
				if (places === void 0) assigned.set(word, [equals]);
				else places.push(equals);
			}
		}
		const itself = new RegExp(`local\\.${name}(?![\\w-])`, "y");
		const places = assigned.get(name) ?? [];
		const work = () => {
			const own = places.filter((at) => !itself.test(source.slice(read.blank(at), read.blank(at) + name.length + 8)));
			return own.length === 0 ? void 0 : allOf(own.map((at) => () => attribute(at)));
		};
		const known = locals.get(name) ?? once(work);
		locals.set(name, known);
		return known();
	};
	/** The value of an attribute, which ends with its line. */
	const attribute = (at) => {
		const found = expression(read.blank(at), 0);
		return found !== void 0 && lineEnds(source, found.end) ? found.shapes : void 0;
	};
	const unions = /* @__PURE__ */ new Map();
	const boundTo = (name) => {
		const works = bound.get(name);
		const known = unions.get(name) ?? once(() => works && allOf(works));
		unions.set(name, known);
		return known();
	};
	/** The values of a name and of the fields that are taken of it. A loop may name its own `var`. */
	const named = ([root = "", ...keys]) => {
		if (root !== "var" && root !== "local") return taken(boundTo(root), keys);
		const [name, ...rest] = keys;
		if (name === void 0 || bound.has(root)) return void 0;
		return taken(root === "var" ? variable(name) : local(name), rest);
	};
	/** A name, and what is written behind it with dots and brackets. */
	const path = (at) => {
		const end = read.name(at);
		if (end === void 0) return void 0;
		const names = [source.slice(at, end)];
		for (let behind = end;;) {
			const next = step(behind);
			if (next === void 0) return {
				names,
				end: behind
			};
			names.push(next.key);
			behind = next.end;
		}
	};
	const reference = (at) => {
		const found = path(at);
		return found && {
			shapes: named(found.names),
			end: found.end
		};
	};
	/** A step of a reference: `.name`, `["name"]`, `[0]`. */
	const step = (at) => {
		const dot = read.word(".", at);
		const nameEnd = dot === void 0 ? void 0 : read.name(dot);
		if (dot !== void 0 && nameEnd !== void 0) return {
			key: source.slice(dot, nameEnd),
			end: nameEnd
		};
		const open = read.word("[", at);
		if (open === void 0) return void 0;
		const begin = read.blank(open);
		const textEnd = read.text(begin);
		const text = textEnd === void 0 ? void 0 : source.slice(begin + 1, textEnd - 1);
		const end = textEnd ?? read.number(begin);
		const closed = end === void 0 ? void 0 : read.word("]", read.blank(end));
		if (closed === void 0 || text?.includes("${") === true) return void 0;
		return {
			key: text,
			end: closed
		};
	};
	const textsOf = (written) => {
		let texts = [""];
		for (const part of written.slice(1, -1).split(/(\$\{[^}]*\})/)) {
			if (!part.startsWith("${")) {
				texts = texts.map((text) => text + part);
				continue;
			}
			const shapes = named(part.slice(2, -1).split("."));
			if (shapes === void 0 || shapes.length * texts.length > 1e3) return void 0;
			const own = shapes.filter((shape) => typeof shape === "string");
			if (own.length < shapes.length) return void 0;
			texts = texts.flatMap((text) => own.map((more) => text + more));
		}
		return texts;
	};
	/** An expression that consists of plain texts, and of names of such. */
	const expression = (at, depth) => {
		if (depth > MAX_DEPTH$1) return void 0;
		CONDITION.lastIndex = at;
		const condition = CONDITION.exec(source)?.[0];
		if (condition === void 0 || !isCondition(condition)) return value(at, depth);
		const first = expression(read.blank(at + condition.length), depth + 1);
		const colon = first === void 0 ? void 0 : read.word(":", read.blank(first.end));
		const second = colon === void 0 ? void 0 : expression(read.blank(colon), depth + 1);
		return second && {
			shapes: first?.shapes && second.shapes && [...first.shapes, ...second.shapes],
			end: second.end
		};
	};
	const value = (at, depth) => {
		const set = read.fileset(at);
		if (set !== void 0) return {
			shapes: [{ items: ["\0"] }],
			end: set.end
		};
		const text = read.text(at);
		if (text !== void 0) return {
			shapes: textsOf(source.slice(at, text)),
			end: text
		};
		const number = read.number(at);
		if (number !== void 0) return {
			shapes: shapesOf(Number(source.slice(at, number))),
			end: number
		};
		const paren = read.word("(", at);
		if (paren !== void 0) {
			const inner = expression(read.blank(paren), depth + 1);
			const closed = inner === void 0 ? void 0 : read.word(")", read.blank(inner.end));
			return closed === void 0 ? void 0 : {
				shapes: inner?.shapes,
				end: closed
			};
		}
		if (source[at] === "[") {
			const list = series(at + 1, "]", depth);
			return list && {
				shapes: list.shapes && [{ items: list.shapes }],
				end: list.end
			};
		}
		if (source[at] === "{") return object(at + 1, depth);
		const nameEnd = read.name(at);
		const open = nameEnd === void 0 ? void 0 : read.word("(", read.blank(nameEnd));
		if (open === void 0) return reference(at);
		const name = source.slice(at, nameEnd);
		if (name === "convert") {
			const first = value(read.blank(open), depth + 1);
			TO_TEXTS.lastIndex = first?.end ?? source.length;
			return first !== void 0 && TO_TEXTS.test(source) ? {
				shapes: first.shapes,
				end: TO_TEXTS.lastIndex
			} : void 0;
		}
		const given = series(open, ")", depth);
		if (given === void 0) return void 0;
		if (ELEMENTS.includes(name)) return {
			shapes: listOf(elementsOf(given.shapes)),
			end: given.end
		};
		return {
			shapes: name === "keys" ? listOf(keysOf(given.shapes)) : void 0,
			end: given.end
		};
	};
	/** Expressions between commas, up to a closing bracket. */
	const series = (from, close, depth) => {
		let shapes = [];
		let at = read.blank(from);
		while (source[at] !== close) {
			const item = value(at, depth + 1);
			if (item === void 0 || depth > MAX_DEPTH$1) return void 0;
			shapes = item.shapes === void 0 || shapes === void 0 ? void 0 : [...shapes, ...item.shapes];
			if ((shapes?.length ?? 0) > 1e3) return void 0;
			at = read.blank(item.end);
			if (source[at] === ",") at = read.blank(at + 1);
			else if (source[at] !== close) return void 0;
		}
		return {
			shapes,
			end: at + 1
		};
	};
	const object = (from, depth) => {
		const fields = /* @__PURE__ */ new Map();
		let at = read.blank(from);
		while (source[at] !== "}") {
			const text = read.text(at);
			const keyEnd = text ?? read.name(at);
			const equals = keyEnd === void 0 ? void 0 : read.blank(keyEnd);
			if (equals === void 0 || !/[=:]/.test(source[equals] ?? "") || /[=>]/.test(source[equals + 1] ?? "")) return void 0;
			const item = expression(read.blank(equals + 1), depth + 1);
			const key = text === void 0 ? source.slice(at, keyEnd) : source.slice(at + 1, text - 1);
			if (item?.shapes === void 0 || key.includes("${") || fields.size > 1e3) return void 0;
			fields.set(key, [...fields.get(key) ?? [], ...item.shapes]);
			const next = read.blank(item.end);
			if (source[next] === ",") at = read.blank(next + 1);
			else if (source[next] === "}" || source.slice(item.end, next).includes("\n")) at = next;
			else return void 0;
		}
		return {
			shapes: [{ fields }],
			end: at + 1
		};
	};
	for (const { index } of source.matchAll(/\bfor\b/g)) {
		const first = nameAt(read.blank(index + 3));
		if (first === void 0) continue;
		const comma = read.word(",", first.next);
		const second = comma === void 0 ? void 0 : nameAt(read.blank(comma));
		const word = read.word("in", second?.next ?? first.next);
		if (word === void 0 || /\w/.test(source[word] ?? "")) continue;
		const over = once(() => {
			const found = expression(read.blank(word), 0);
			const end = found && read.blank(found.end);
			return end !== void 0 && /^(:|~?\})/.test(source.slice(end, end + 2)) ? found?.shapes : void 0;
		});
		bind((second ?? first).name, () => elementsOf(over()));
		if (second !== void 0) bind(first.name, () => keysOf(over()));
	}
	const everyBlock = once(() => allOf([...source.matchAll(/\bfor_each\b/g)].flatMap(({ index }) => {
		const equals = read.word("=", read.blank(index + 8));
		return equals === void 0 ? [] : [() => attribute(equals)];
	})));
	let odd = false;
	for (const { index } of source.matchAll(/\bdynamic\b/g)) {
		const begin = read.blank(index + 7);
		const label = labelAt(begin);
		if (label === void 0) odd ||= source[begin] === "\"";
		else {
			const over = forEachOf(label.next);
			bind(label.name, () => iteratorOf(over === void 0 || odd ? everyBlock() : attribute(over)));
		}
	}
	for (const { index } of source.matchAll(/\biterator\b/g)) {
		const equals = read.word("=", read.blank(index + 8));
		const label = equals === void 0 ? void 0 : labelAt(read.blank(equals));
		if (label !== void 0) bind(label.name, () => iteratorOf(everyBlock()));
	}
	return {
		textsOf,
		reference,
		defaults
	};
	function nameAt(at) {
		const end = read.name(at);
		return end === void 0 ? void 0 : {
			name: source.slice(at, end),
			next: read.blank(end)
		};
	}
	function labelAt(at) {
		const quote = read.word("\"", at);
		const found = nameAt(quote ?? at);
		if (found === void 0 || quote === void 0) return found;
		const closed = read.word("\"", quote + found.name.length);
		return closed === void 0 ? void 0 : {
			name: found.name,
			next: read.blank(closed)
		};
	}
	/** The place of the value of `for_each`, where a `dynamic` block begins with it or with its `labels`. */
	function forEachOf(from) {
		let at = read.word("{", from);
		while (at !== void 0) {
			const attributeName = nameAt(read.blank(at));
			const equals = attributeName === void 0 ? void 0 : read.word("=", attributeName.next);
			if (equals === void 0 || attributeName?.name === "for_each") return equals;
			const end = attributeName?.name === "labels" ? labelsEnd(read.blank(equals)) : void 0;
			at = end !== void 0 && lineEnds(source, end) ? end : void 0;
		}
	}
	function labelsEnd(from) {
		let at = read.word("[", from);
		while (at !== void 0) {
			const begin = read.blank(at);
			const end = read.text(begin) ?? path(begin)?.end;
			const behind = end === void 0 ? void 0 : read.blank(end);
			if (behind !== void 0 && source[behind] === "]") return behind + 1;
			at = behind === void 0 ? void 0 : read.word(",", behind);
		}
	}
}
function shapesOf(value) {
	if (typeof value === "string") return value.includes("\0") ? void 0 : [value];
	if (typeof value === "boolean" || Number.isSafeInteger(value)) return [String(value)];
	if (typeof value !== "object" || value === null) return void 0;
	const inner = Object.entries(value).map(([name, item]) => [name, shapesOf(item)]);
	const known = inner.flatMap(([name, shapes]) => shapes === void 0 ? [] : [[name, shapes]]);
	if (known.length < inner.length) return void 0;
	return [Array.isArray(value) ? { items: known.flatMap(([, shapes]) => shapes) } : { fields: new Map(known) }];
}
const listOf = (items) => items && [{ items }];
/** The elements that a loop over one of these gives; undefined where one is no list or object. */
function elementsOf(shapes) {
	if (shapes?.some((shape) => typeof shape === "string") !== false) return void 0;
	return shapes.flatMap((shape) => typeof shape === "string" ? [] : "items" in shape ? shape.items : [...shape.fields.values()].flat());
}
/** The keys of these values: those of a set are its elements. */
function keysOf(shapes) {
	if (shapes?.some((shape) => typeof shape === "string") !== false) return void 0;
	return shapes.flatMap((shape) => {
		if (typeof shape === "string") return [];
		return "items" in shape ? [...shape.items, ...shape.items.map((_, i) => String(i))] : [...shape.fields.keys()];
	});
}
/** The values that the name of a `dynamic` block over one of these stands for. */
function iteratorOf(shapes) {
	const [key, value] = [keysOf(shapes), elementsOf(shapes)];
	return key && value && [{ fields: /* @__PURE__ */ new Map([["key", key], ["value", value]]) }];
}
/** Returns the values of the fields that are named one after another; an undefined name is any element of a list. */
function taken(shapes, keys) {
	return keys.reduce((known, key) => {
		const found = known?.map((shape) => {
			if (typeof shape === "string") return void 0;
			if ("items" in shape) return key === void 0 ? shape.items : void 0;
			return key === void 0 ? void 0 : shape.fields.get(key);
		});
		return found?.some((own) => own === void 0) === false ? found.flatMap((own) => own ?? []) : void 0;
	}, shapes);
}
/** Whether a text is the whole of what comes before the `?` of an expression: no part of a list before it, and no `name =`. */
function isCondition(text) {
	let open = "";
	for (const [mark] of text.matchAll(/"[^"]*"|[=!<>]=|[()[\],=]/g)) if (mark === "(" || mark === "[") open = mark + open;
	else if (mark === ")" || mark === "]") {
		if (open[0] !== (mark === ")" ? "(" : "[")) return false;
		open = open.slice(1);
	} else if (mark === "=" || mark === "," && open === "") return false;
	return open === "";
}
/** Whether an expression ends where it ends in the text: at the end of its line, at a comment or a brace. */
function lineEnds(source, at) {
	const ends = /[ \t]*(?:\r?\n|#|\/\/|\}|$)/y;
	ends.lastIndex = at;
	return ends.test(source);
}
// src/jobspec/file-calls.ts
/** The calls of a spec whose variables have the given values. Takes time in proportion to the text. */
function fileCalls(source, values) {
	const read = reader(source);
	if (/^\s*\{/.test(source)) return {
		reads: [],
		unclear: [{
			at: 0,
			call: "file"
		}],
		defaults: {}
	};
	const { textsOf, reference, defaults } = readNames(source, values, read);
	const reads = [];
	const unclear = [];
	for (const { 1: call = "", 0: word, index: at } of source.matchAll(/\b(file|filebase64|fileexists|fileset)\b/g)) {
		const open = read.word("(", read.blank(at + word.length));
		if (open === void 0) continue;
		if (call === "fileset") {
			const set = read.fileset(at);
			const [paths, patterns] = [set && textsOf(set.path), set && textsOf(set.pattern)];
			const pairs = paths?.flatMap((path) => patterns?.map((pattern) => ({
				path,
				pattern
			})) ?? []) ?? [];
			const plain = pairs.every(({ path, pattern }) => !`${path}${pattern}`.includes("\0") && staysBelow(pattern));
			if (pairs.length === 0 || pairs.length > 1e3 || !plain) unclear.push({
				at,
				call
			});
			else reads.push(...pairs.map(({ path, pattern }) => ({
				at,
				call,
				...filesOf(path, pattern)
			})));
			continue;
		}
		const begin = read.blank(open);
		const end = read.text(begin);
		const named = end === void 0 ? reference(begin) : {
			shapes: textsOf(source.slice(begin, end)),
			end
		};
		const paths = (named === void 0 ? void 0 : read.word(")", read.blank(named.end))) === void 0 ? void 0 : named?.shapes?.map((shape) => typeof shape === "string" ? pathRead(shape) : void 0);
		if (paths === void 0 || paths.length === 0) unclear.push({
			at,
			call
		});
		else if (paths.includes(void 0)) unclear.push({
			at,
			call
		});
		else reads.push(...paths.flatMap((path) => path === void 0 ? [] : [{
			at,
			call,
			...path
		}]));
	}
	const deepest = Math.max(0, ...reads.filter(({ call }) => call === "fileset").map(({ levels = 0 }) => levels));
	const depthOf = ({ depth, names = 0 }) => names === 0 ? depth : depth + names * deepest;
	return {
		reads: reads.map((one) => ({
			...one,
			depth: depthOf(one)
		})),
		unclear,
		defaults
	};
}
/** Returns the files that a path reads; undefined where it could lead up by the names that a pattern finds. */
function pathRead(path) {
	if (!path.includes("\0")) return {
		path,
		depth: 0
	};
	const folder = path.slice(0, path.indexOf("\0")).replace(/[^/]*$/, "");
	const rest = path.slice(folder.length);
	const [names, folders] = [rest.split("\0").length - 1, rest.split("/").length - 1];
	return staysBelow(rest) ? {
		path: folder === "" ? "." : folder.replace(/(?<=.)\/$/, ""),
		depth: folders,
		names
	} : void 0;
}
/** The folder that a pattern begins with, and how many levels below it the pattern reaches. */
function filesOf(path, pattern) {
	const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
	const first = names.findIndex((name) => /[*?[{\\]/.test(name));
	const fixed = first < 0 ? names.length - 1 : first;
	const endless = pattern.includes("**") || pattern.includes("{");
	return {
		path: [path, ...names.slice(0, Math.max(fixed, 0))].join("/"),
		depth: endless ? Number.POSITIVE_INFINITY : Math.max(1, names.length - fixed),
		levels: endless ? Number.POSITIVE_INFINITY : names.length
	};
}
function staysBelow(path) {
	return !/^[/~]/.test(path) && !path.split("/").includes("..");
}
/** The most that a spec may read in all: more than a job can hold. */
const MAX_FILES = 1e4;
const MAX_FILE_BYTES = 4194304;
const MAX_BYTES$1 = 67108864;
/**
* Copies what a spec reads to a folder of its own, `copy`, in which the program that evaluates the spec then runs: regular files only, so that no link leads out
* of it, whatever happens to the checkout meanwhile. Refuses a spec that reads what is not in the workspace, or does not say plainly what it reads; `place` tells
* where an offset of it is. Throws one `jobspec-invalid` with all there is.
*/
async function confineFiles(source, values, { workspace, folder, copy }, place) {
	const { reads, unclear, defaults } = fileCalls(source, values);
	const root = await realpath(workspace);
	const own = await realpath(resolve(root, folder));
	const { inside } = confine(root, own);
	const problems = unclear.map(({ at, call }) => ({
		at,
		text: `the path of \`${call}\` is unknown before the spec is evaluated`
	}));
	const copied = copier(root, copy, inside);
	for (const { at, call, path, depth } of reads) try {
		const found = await inside(call, path.startsWith("~") ? `/${path}` : path);
		if (isAbsolute(path)) throw new Error(`\`${call}\`: ${path} has to be given relative to the working directory`);
		if (found.exists) await copied(call, found.path, depth);
	} catch (error) {
		problems.push({
			at,
			text: messageOf(error)
		});
	}
	const cwd = join(copy, relative(root, own));
	await mkdir(cwd, { recursive: true });
	if (problems.length === 0) return {
		defaults,
		folder: cwd
	};
	const told = problems.toSorted((a, b) => a.at - b.at).map(({ at, text }) => ({
		text,
		location: place(at)
	}));
	const location = told.find((problem) => problem.location !== void 0)?.location;
	throw new ActionError("jobspec-invalid", told.map(({ text, location: at }) => `${at === void 0 ? "" : `${[at.file, at.line].join(":")}: `}${text}`).join("\n"), {
		hint: "Files of the workspace can be read, by a text such as \"conf/app.toml\" or \"conf/${var.NAME}.toml\", or by the name of a loop over `fileset(\"conf\", \"*\")` or over a list or map of plain texts.",
		...location === void 0 ? {} : { location }
	});
}
/** Copies a file of the workspace, or what is some levels below a folder, to the same place of the copy; links become what they lead to. */
function copier(root, copy, inside) {
	const seen = /* @__PURE__ */ new Map();
	let bytes = 0;
	const tooMuch = (call) => /* @__PURE__ */ new Error(`\`${call}\`: more than ${MAX_FILES} files or ${MAX_BYTES$1 / 1024 / 1024} MiB would be read: name a smaller folder`);
	const one = async (call, path, depth, named) => {
		const before = seen.get(path);
		if (before !== void 0 && before >= depth) return;
		seen.set(path, depth);
		if (seen.size > MAX_FILES) throw tooMuch(call);
		const real = await realpath(path);
		const info = await stat(real);
		const target = join(copy, relative(root, path));
		if (info.isDirectory()) {
			await mkdir(target, { recursive: true });
			if (depth > 0) for (const name of await readdir(real)) {
				if (name === ".git") continue;
				const below = join(path, name);
				if ((await inside(call, below)).exists) await one(call, below, depth - 1, false);
			}
			return;
		}
		if (!info.isFile() || info.size > MAX_FILE_BYTES) {
			if (named) throw new Error(`\`${call}\`: ${relative(root, path)} is no regular file of at most ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
			return;
		}
		bytes += info.size;
		if (bytes > MAX_BYTES$1) throw tooMuch(call);
		await mkdir(dirname(target), { recursive: true });
		await writeFile(target, await readInside(path, root, MAX_FILE_BYTES));
	};
	return async (call, path, depth) => one(call, path, depth, depth === 0);
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
	const containers = tasksOf$1(job).filter(({ Driver }) => OF_CONTAINERS.includes(Driver));
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
	const directives = tasksOf$1(job).flatMap(({ Name, Config }) => leaves(Config, "").flatMap(([field, value]) => {
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
	return unknownWords(tasksOf$1(job).filter(({ Driver }) => !OF_CONTAINERS.includes(Driver)), all(readBlocks(text)), text).flatMap(({ task, field, word, at, quoted }) => {
		const own = at < 0 ? void 0 : locate(place(at).line);
		if (own === void 0 || !quoted || /^(HOME|LANG|LOGNAME|PATH|PWD|SHELL|TMPDIR|USER)$/.test(word)) return [];
		return [`${own.file}:${own.line}: \`${field}\` of the task ${task} has \${${word}}, which only the environment of the node can have; for the task's own shell write \`${escaped(text).replace("NAME", word)}\``];
	});
}
function tasksOf$1(job) {
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
// src/jobspec/fragments.ts
/** Joins parts line by line. */
function compose(parts) {
	const whole = parts.map((part) => ({
		...part,
		text: part.text === "" || part.text.endsWith("\n") ? part.text : `${part.text}\n`
	}));
	return {
		text: whole.map(({ text }) => text).join(""),
		locate: (line) => {
			let first = 1;
			for (const { text, from } of whole) {
				const lines = text.split("\n").length - 1;
				if (line < first + lines) return from && {
					file: from.file,
					line: from.lines?.[line - first] ?? from.line + line - first
				};
				first += lines;
			}
		}
	};
}
/** The words by which an own project.nomad says where the other files are inserted. */
const MARKERS = {
	vars: "VARS.NOMAD--INSERTS-HERE",
	job: "JOB.NOMAD--INSERTS-HERE",
	group: "GROUP.NOMAD--INSERTS-HERE"
};
/**
* A file with the fragments inserted below the lines that hold their markers, and the fragments for which it has none. `lines` are the lines that a
* rendered text came from; empty for a text as it was written.
*/
function insertAtMarkers(file, fragments) {
	const parts = [];
	const left = new Set(Object.keys(MARKERS).filter((kind) => kind in fragments));
	let first = 1;
	let collected = [];
	const flush = () => {
		const lines = file.lines.slice(first - 1, first - 1 + collected.length);
		const from = {
			file: file.name,
			line: first,
			...lines.length === 0 ? {} : { lines }
		};
		if (collected.length > 0) parts.push({
			text: `${collected.join("\n")}\n`,
			from
		});
		first += collected.length;
		collected = [];
	};
	for (const line of file.text.replace(/\n$/, "").split("\n")) {
		collected.push(line);
		for (const kind of [...left]) {
			const fragment = fragments[kind];
			if (fragment === void 0 || !line.includes(MARKERS[kind])) continue;
			flush();
			parts.push({
				text: fragment.text,
				from: {
					file: fragment.name,
					line: 1
				}
			});
			left.delete(kind);
		}
	}
	flush();
	return {
		parts,
		left: [...left]
	};
}
/**
* A job with another one laid over it: what the overlay sets wins, field by field. Groups, tasks, services, ports and other named parts are matched by
* name; a new one is added. Lists without names (constraints, templates, artifacts) are added to; lists of plain values are replaced.
*/
function overlay(base, over) {
	const { ID: _id, Name: _name, ...rest } = over;
	return {
		...base,
		...mergeFields(base, rest)
	};
}
/** A job with the overlay's one group laid over the group of that name. */
function overlayGroup(base, group) {
	return {
		...base,
		TaskGroups: (base.TaskGroups ?? []).map((own) => own.Name === group.Name ? {
			...own,
			...mergeFields(own, group)
		} : own)
	};
}
/** What the parser gives zeros for where nobody wrote anything; in everything else such a field is null, and a zero is one that somebody wrote. */
const WITH_ZEROS = [
	"Tasks",
	"Services",
	"Checks",
	"CheckRestart",
	"Networks",
	"DynamicPorts",
	"ReservedPorts"
];
function mergeFields(base, over, zeros = false) {
	const merged = { ...base };
	for (const [key, value] of Object.entries(over)) if (value !== null && value !== void 0 && !(zeros && (value === "" || value === 0 || value === false))) merged[key] = mergeValue(merged[key], value, key);
	return merged;
}
function mergeValue(base, over, key) {
	const zeros = WITH_ZEROS.includes(key);
	if (isFields(base) && isFields(over)) return mergeFields(base, over, zeros);
	if (!Array.isArray(base) || !Array.isArray(over) || !over.every(isFields)) return over;
	const nameOf = (item) => isFields(item) ? item["Name"] ?? item["Label"] : void 0;
	const merged = Array.from(base);
	for (const item of over) {
		const name = nameOf(item);
		const at = key === "Networks" && merged.length > 0 ? 0 : name === void 0 || name === "" ? -1 : merged.findIndex((own) => nameOf(own) === name);
		const own = merged[at];
		if (isFields(own)) merged[at] = mergeFields(own, item, zeros);
		else merged.push(item);
	}
	return merged;
}
function isFields(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !("rawJSON" in value);
}
// src/jobspec/job-fields.ts
/**
* The fields of a job as Nomad's API decodes them (the structs below `api.Job`, with those that older servers know), and what each holds: `text`,
* `number`, `bool`, `any` (kept as it is, such as the values of a driver's `Config`), or the name of another struct; `[]` is a list of them, `{}` a map. Fields are
* added as Nomad gets them: https://pkg.go.dev/github.com/hashicorp/nomad/api#Job
*/
const JOB_FIELDS = {
	Action: {
		Name: "text",
		Command: "text",
		Args: "text[]"
	},
	Affinity: {
		LTarget: "text",
		RTarget: "text",
		Operand: "text",
		Weight: "number"
	},
	CNIConfig: { Args: "text{}" },
	CSIMountOptions: {
		FSType: "text",
		MountFlags: "text[]"
	},
	ChangeScript: {
		Command: "text",
		Args: "text[]",
		Timeout: "number",
		FailOnError: "bool",
		RunOnFirstRender: "bool"
	},
	CheckRestart: {
		Limit: "number",
		Grace: "number",
		IgnoreWarnings: "bool"
	},
	Constraint: {
		LTarget: "text",
		RTarget: "text",
		Operand: "text"
	},
	Consul: {
		Namespace: "text",
		Cluster: "text",
		Partition: "text"
	},
	ConsulConnect: {
		Native: "bool",
		Gateway: "ConsulGateway",
		SidecarService: "ConsulSidecarService",
		SidecarTask: "SidecarTask"
	},
	ConsulExposeConfig: {
		Paths: "ConsulExposePath[]",
		Path: "ConsulExposePath[]"
	},
	ConsulExposePath: {
		Path: "text",
		Protocol: "text",
		LocalPathPort: "number",
		ListenerPort: "text"
	},
	ConsulGateway: {
		Proxy: "ConsulGatewayProxy",
		Ingress: "ConsulIngressConfigEntry",
		Terminating: "ConsulTerminatingConfigEntry",
		Mesh: "ConsulMeshConfigEntry"
	},
	ConsulGatewayBindAddress: {
		Name: "text",
		Address: "text",
		Port: "number"
	},
	ConsulGatewayProxy: {
		ConnectTimeout: "number",
		EnvoyGatewayBindTaggedAddresses: "bool",
		EnvoyGatewayBindAddresses: "ConsulGatewayBindAddress{}",
		EnvoyGatewayNoDefaultBind: "bool",
		EnvoyDNSDiscoveryType: "text",
		Config: "any{}"
	},
	ConsulGatewayTLSConfig: {
		Enabled: "bool",
		TLSMinVersion: "text",
		TLSMaxVersion: "text",
		CipherSuites: "text[]",
		SDS: "ConsulGatewayTLSSDSConfig"
	},
	ConsulGatewayTLSSDSConfig: {
		ClusterName: "text",
		CertResource: "text"
	},
	ConsulHTTPHeaderModifiers: {
		Add: "text{}",
		Set: "text{}",
		Remove: "text[]"
	},
	ConsulIngressConfigEntry: {
		TLS: "ConsulGatewayTLSConfig",
		Listeners: "ConsulIngressListener[]"
	},
	ConsulIngressListener: {
		Port: "number",
		Protocol: "text",
		Services: "ConsulIngressService[]"
	},
	ConsulIngressService: {
		Id: "text",
		Name: "text",
		Hosts: "text[]",
		TLS: "ConsulGatewayTLSConfig",
		RequestHeaders: "ConsulHTTPHeaderModifiers",
		ResponseHeaders: "ConsulHTTPHeaderModifiers",
		MaxConnections: "number",
		MaxPendingRequests: "number",
		MaxConcurrentRequests: "number"
	},
	ConsulLinkedService: {
		Id: "text",
		Name: "text",
		CAFile: "text",
		CertFile: "text",
		KeyFile: "text",
		SNI: "text"
	},
	ConsulMeshConfigEntry: {},
	ConsulMeshGateway: { Mode: "text" },
	ConsulProxy: {
		LocalServiceAddress: "text",
		LocalServicePort: "number",
		Expose: "ConsulExposeConfig",
		ExposeConfig: "ConsulExposeConfig",
		Upstreams: "ConsulUpstream[]",
		TransparentProxy: "ConsulTransparentProxy",
		Config: "any{}"
	},
	ConsulSidecarService: {
		Tags: "text[]",
		Port: "text",
		Proxy: "ConsulProxy",
		DisableDefaultTCPCheck: "bool",
		Meta: "text{}"
	},
	ConsulTerminatingConfigEntry: { Services: "ConsulLinkedService[]" },
	ConsulTransparentProxy: {
		UID: "text",
		OutboundPort: "number",
		ExcludeInboundPorts: "text[]",
		ExcludeOutboundPorts: "number[]",
		ExcludeOutboundCIDRs: "text[]",
		ExcludeUIDs: "text[]",
		NoDNS: "bool"
	},
	ConsulUpstream: {
		DestinationName: "text",
		DestinationNamespace: "text",
		DestinationPeer: "text",
		DestinationPartition: "text",
		DestinationType: "text",
		LocalBindPort: "number",
		Datacenter: "text",
		LocalBindAddress: "text",
		LocalBindSocketPath: "text",
		LocalBindSocketMode: "text",
		MeshGateway: "ConsulMeshGateway",
		Config: "any{}"
	},
	DNSConfig: {
		Servers: "text[]",
		Searches: "text[]",
		Options: "text[]"
	},
	DisconnectStrategy: {
		LostAfter: "number",
		StopOnClientAfter: "number",
		Replace: "bool",
		Reconcile: "text"
	},
	DispatchPayloadConfig: { File: "text" },
	EphemeralDisk: {
		Sticky: "bool",
		Migrate: "bool",
		SizeMB: "number"
	},
	Job: {
		Region: "text",
		Namespace: "text",
		ID: "text",
		Name: "text",
		Type: "text",
		Priority: "number",
		AllAtOnce: "bool",
		Datacenters: "text[]",
		NodePool: "text",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]",
		TaskGroups: "TaskGroup[]",
		Update: "UpdateStrategy",
		Multiregion: "Multiregion",
		Spreads: "Spread[]",
		Periodic: "PeriodicConfig",
		ParameterizedJob: "ParameterizedJobConfig",
		Reschedule: "ReschedulePolicy",
		Migrate: "MigrateStrategy",
		Meta: "text{}",
		UI: "JobUIConfig",
		Stop: "bool",
		ParentID: "text",
		Dispatched: "bool",
		DispatchIdempotencyToken: "text",
		Payload: "text",
		ConsulNamespace: "text",
		ConsulToken: "text",
		VaultNamespace: "text",
		VaultToken: "text",
		NomadTokenID: "text",
		Status: "text",
		StatusDescription: "text",
		Stable: "bool",
		Version: "number",
		SubmitTime: "number",
		CreateIndex: "number",
		ModifyIndex: "number",
		JobModifyIndex: "number",
		VersionTag: "JobVersionTag"
	},
	JobUIConfig: {
		Description: "text",
		Links: "JobUILink[]"
	},
	JobUILink: {
		Label: "text",
		URL: "text"
	},
	JobVersionTag: {
		Name: "text",
		Description: "text",
		TaggedTime: "number"
	},
	LogConfig: {
		MaxFiles: "number",
		MaxFileSizeMB: "number",
		Enabled: "bool",
		Disabled: "bool"
	},
	MigrateStrategy: {
		MaxParallel: "number",
		HealthCheck: "text",
		MinHealthyTime: "number",
		HealthyDeadline: "number"
	},
	Multiregion: {
		Strategy: "MultiregionStrategy",
		Regions: "MultiregionRegion[]"
	},
	MultiregionRegion: {
		Name: "text",
		Count: "number",
		Datacenters: "text[]",
		NodePool: "text",
		Meta: "text{}"
	},
	MultiregionStrategy: {
		MaxParallel: "number",
		OnFailure: "text"
	},
	NUMAResource: {
		Affinity: "text",
		Devices: "text[]"
	},
	NetworkResource: {
		Mode: "text",
		Device: "text",
		CIDR: "text",
		IP: "text",
		DNS: "DNSConfig",
		ReservedPorts: "Port[]",
		DynamicPorts: "Port[]",
		Hostname: "text",
		MBits: "number",
		CNI: "CNIConfig"
	},
	ParameterizedJobConfig: {
		Payload: "text",
		MetaRequired: "text[]",
		MetaOptional: "text[]"
	},
	PeriodicConfig: {
		Enabled: "bool",
		Spec: "text",
		Specs: "text[]",
		SpecType: "text",
		ProhibitOverlap: "bool",
		TimeZone: "text"
	},
	Port: {
		Label: "text",
		Value: "number",
		To: "number",
		HostNetwork: "text",
		IgnoreCollision: "bool"
	},
	RequestedDevice: {
		Name: "text",
		Count: "number",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]"
	},
	ReschedulePolicy: {
		Attempts: "number",
		Interval: "number",
		Delay: "number",
		DelayFunction: "text",
		MaxDelay: "number",
		Unlimited: "bool"
	},
	Resources: {
		CPU: "number",
		Cores: "number",
		MemoryMB: "number",
		MemoryMaxMB: "number",
		DiskMB: "number",
		Networks: "NetworkResource[]",
		Devices: "RequestedDevice[]",
		NUMA: "NUMAResource",
		SecretsMB: "number",
		IOPS: "number"
	},
	RestartPolicy: {
		Interval: "number",
		Attempts: "number",
		Delay: "number",
		Mode: "text",
		RenderTemplates: "bool"
	},
	ScalingPolicy: {
		Min: "number",
		Max: "number",
		Policy: "any{}",
		Enabled: "bool",
		Type: "text",
		ID: "text",
		Namespace: "text",
		Target: "text{}",
		CreateIndex: "number",
		ModifyIndex: "number"
	},
	Secret: {
		Name: "text",
		Provider: "text",
		Path: "text",
		Config: "any{}",
		Env: "text{}"
	},
	Service: {
		Id: "text",
		Name: "text",
		Tags: "text[]",
		CanaryTags: "text[]",
		EnableTagOverride: "bool",
		PortLabel: "text",
		AddressMode: "text",
		Address: "text",
		Checks: "ServiceCheck[]",
		CheckRestart: "CheckRestart",
		Connect: "ConsulConnect",
		Meta: "text{}",
		CanaryMeta: "text{}",
		TaggedAddresses: "text{}",
		TaskName: "text",
		OnUpdate: "text",
		Identity: "WorkloadIdentity",
		Weights: "ServiceWeights",
		Provider: "text",
		Cluster: "text",
		Kind: "text"
	},
	ServiceCheck: {
		Id: "text",
		Name: "text",
		Type: "text",
		Command: "text",
		Args: "text[]",
		Path: "text",
		Protocol: "text",
		PortLabel: "text",
		Expose: "bool",
		AddressMode: "text",
		Advertise: "text",
		Interval: "number",
		Timeout: "number",
		InitialStatus: "text",
		Notes: "text",
		TLSServerName: "text",
		TLSSkipVerify: "bool",
		Header: "text[]{}",
		Method: "text",
		CheckRestart: "CheckRestart",
		GRPCService: "text",
		GRPCUseTLS: "bool",
		TaskName: "text",
		SuccessBeforePassing: "number",
		FailuresBeforeCritical: "number",
		FailuresBeforeWarning: "number",
		Body: "text",
		OnUpdate: "text"
	},
	ServiceWeights: {
		Passing: "number",
		Warning: "number"
	},
	SidecarTask: {
		Name: "text",
		Driver: "text",
		User: "text",
		Config: "any{}",
		Env: "text{}",
		Resources: "Resources",
		Meta: "text{}",
		KillTimeout: "number",
		LogConfig: "LogConfig",
		ShutdownDelay: "number",
		KillSignal: "text",
		VolumeMounts: "VolumeMount[]",
		Identities: "WorkloadIdentity[]"
	},
	Spread: {
		Attribute: "text",
		Weight: "number",
		SpreadTarget: "SpreadTarget[]"
	},
	SpreadTarget: {
		Value: "text",
		Percent: "number"
	},
	Task: {
		Name: "text",
		Driver: "text",
		User: "text",
		Lifecycle: "TaskLifecycle",
		Config: "any{}",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]",
		Env: "text{}",
		Services: "Service[]",
		Resources: "Resources",
		RestartPolicy: "RestartPolicy",
		Meta: "text{}",
		KillTimeout: "number",
		LogConfig: "LogConfig",
		Artifacts: "TaskArtifact[]",
		Vault: "Vault",
		Consul: "Consul",
		Templates: "Template[]",
		DispatchPayload: "DispatchPayloadConfig",
		VolumeMounts: "VolumeMount[]",
		CSIPluginConfig: "TaskCSIPluginConfig",
		Leader: "bool",
		ShutdownDelay: "number",
		KillSignal: "text",
		Kind: "text",
		ScalingPolicies: "ScalingPolicy[]",
		Secrets: "Secret[]",
		Identity: "WorkloadIdentity",
		Identities: "WorkloadIdentity[]",
		Actions: "Action[]",
		Schedule: "TaskSchedule"
	},
	TaskArtifact: {
		GetterSource: "text",
		GetterOptions: "text{}",
		GetterHeaders: "text{}",
		GetterMode: "text",
		GetterInsecure: "bool",
		RelativeDest: "text",
		Chown: "bool"
	},
	TaskCSIPluginConfig: {
		ID: "text",
		Type: "text",
		MountDir: "text",
		StagePublishBaseDir: "text",
		HealthTimeout: "number"
	},
	TaskGroup: {
		Name: "text",
		Count: "number",
		Constraints: "Constraint[]",
		Affinities: "Affinity[]",
		Tasks: "Task[]",
		Spreads: "Spread[]",
		Volumes: "VolumeRequest{}",
		RestartPolicy: "RestartPolicy",
		Disconnect: "DisconnectStrategy",
		ReschedulePolicy: "ReschedulePolicy",
		EphemeralDisk: "EphemeralDisk",
		Update: "UpdateStrategy",
		Migrate: "MigrateStrategy",
		Networks: "NetworkResource[]",
		Meta: "text{}",
		Services: "Service[]",
		ShutdownDelay: "number",
		MaxRunDuration: "number",
		StopAfterClientDisconnect: "number",
		MaxClientDisconnect: "number",
		Scaling: "ScalingPolicy",
		Consul: "Consul",
		PreventRescheduleOnLost: "bool"
	},
	TaskLifecycle: {
		Hook: "text",
		Sidecar: "bool"
	},
	TaskSchedule: { Cron: "TaskScheduleCron" },
	TaskScheduleCron: {
		Start: "text",
		End: "text",
		Timezone: "text"
	},
	Template: {
		SourcePath: "text",
		DestPath: "text",
		EmbeddedTmpl: "text",
		ChangeMode: "text",
		ChangeScript: "ChangeScript",
		ChangeSignal: "text",
		Once: "bool",
		Splay: "number",
		Perms: "text",
		Uid: "number",
		Gid: "number",
		LeftDelim: "text",
		RightDelim: "text",
		Envvars: "bool",
		VaultGrace: "number",
		Wait: "WaitConfig",
		ErrMissingKey: "bool"
	},
	UpdateStrategy: {
		Stagger: "number",
		MaxParallel: "number",
		HealthCheck: "text",
		MinHealthyTime: "number",
		HealthyDeadline: "number",
		ProgressDeadline: "number",
		Canary: "number",
		AutoRevert: "bool",
		AutoPromote: "bool"
	},
	Vault: {
		Policies: "text[]",
		Role: "text",
		Namespace: "text",
		Cluster: "text",
		Env: "bool",
		DisableFile: "bool",
		ChangeMode: "text",
		ChangeSignal: "text",
		AllowTokenExpiration: "bool"
	},
	VolumeMount: {
		Volume: "text",
		Destination: "text",
		ReadOnly: "bool",
		PropagationMode: "text",
		SELinuxLabel: "text"
	},
	VolumeRequest: {
		Name: "text",
		Type: "text",
		Source: "text",
		ReadOnly: "bool",
		Sticky: "bool",
		AccessMode: "text",
		AttachmentMode: "text",
		MountOptions: "CSIMountOptions",
		PerAlloc: "bool"
	},
	WaitConfig: {
		Min: "number",
		Max: "number"
	},
	WorkloadIdentity: {
		Name: "text",
		Audience: "text[]",
		ChangeMode: "text",
		ChangeSignal: "text",
		Env: "bool",
		File: "bool",
		Filepath: "text",
		ServiceName: "text",
		TTL: "number",
		ExtraClaims: "text[]"
	}
};
// src/jobspec/job-shape.ts
/**
* Returns the job with every field in Nomad's spelling, and what it can't stand for: fields that Nomad does not know (kept as they are), fields that are
* written twice (one of them is taken), and lists and objects in place of one another. `decoded` is a job object, bare.
*/
function shapeJob(decoded) {
	const problems = [];
	return {
		job: shapeValue(decoded, "Job", [], problems),
		problems
	};
}
/** The bare job of `{"Job": …}`, in whatever case that is written, and the way to it; an object without one is the job itself. */
function unwrapJob(decoded) {
	const wrappers = isObject$1(decoded) ? Object.keys(decoded).filter((key) => fold(key) === "job") : [];
	const name = wrappers.at(-1);
	if (name === void 0 || !isObject$1(decoded) || !isObject$1(decoded[name])) return {
		job: decoded,
		path: [],
		doubled: false
	};
	return {
		job: decoded[name],
		path: [name],
		doubled: wrappers.length > 1
	};
}
/** A name as Go compares it: without case, and with the two letters outside of ASCII that stand for `k` and `s`. */
function fold(name) {
	return name.replaceAll("ſ", "s").toLowerCase();
}
/** The path as people read it: `TaskGroups[0].Tasks[1].Driver`. */
function pathText(path) {
	return path.reduce((text, part) => {
		if (typeof part === "number") return `${text}[${part}]`;
		return text === "" ? part : `${text}.${part}`;
	}, "");
}
/** The names of each struct, by their folded form. A map, since names such as `constructor` come from outside. */
const FIELDS = new Map(Object.entries(JOB_FIELDS).map(([struct, fields]) => [struct, new Map(Object.entries(fields).map(([name, kind]) => [fold(name), {
	name,
	kind
}]))]));
/** An item of a list or map: a struct may not be nothing there, which Nomad itself does not survive everywhere. */
function shapeItem(value, kind, path, problems) {
	if ((value === null || value === void 0) && FIELDS.has(kind)) problems.push({
		sort: "kind",
		path,
		what: `${pathText(path)} has to be an object`
	});
	return shapeValue(value, kind, path, problems);
}
function shapeValue(value, kind, path, problems) {
	if (value === null || value === void 0) return value;
	if (kind.endsWith("[]") || kind.endsWith("{}")) {
		const list = kind.endsWith("[]");
		const inner = kind.slice(0, -2);
		if (list && Array.isArray(value)) return value.map((item, at) => shapeItem(item, inner, [...path, at], problems));
		if (!list && isObject$1(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeItem(item, inner, [...path, key], problems)]));
		problems.push({
			sort: "kind",
			path,
			what: `${pathText(path)} has to be ${list ? "a list" : "an object"}`
		});
		return value;
	}
	const fields = FIELDS.get(kind);
	if (fields === void 0) {
		if (!(kind === "text" ? typeof value === "string" : kind === "any" || !(Array.isArray(value) || isObject$1(value)))) problems.push({
			sort: "kind",
			path,
			what: `${pathText(path)} has to be a ${kind === "text" ? "text" : "plain value"}`
		});
		return value;
	}
	if (!isObject$1(value)) {
		problems.push({
			sort: "kind",
			path,
			what: `${pathText(path) || "the job"} has to be an object`
		});
		return value;
	}
	const shaped = /* @__PURE__ */ new Map();
	for (const [key, item] of Object.entries(value)) {
		const known = fields.get(fold(key));
		const at = [...path, key];
		if (known !== void 0 && shaped.has(known.name)) problems.push({
			sort: "doubled",
			path: at,
			what: `${pathText([...path, known.name])} is there twice, the second time as ${JSON.stringify(key)}`
		});
		if (known === void 0 && !isNothing(item)) problems.push({
			sort: "unknown",
			path: at,
			what: unknown(path, key, fields)
		});
		shaped.set(known?.name ?? key, shapeValue(item, known?.kind ?? "any", at, problems));
	}
	return Object.fromEntries(shaped);
}
function unknown(path, key, fields) {
	const names = [...fields.values()].map(({ name }) => name);
	const meant = nearest(key, names);
	return `${pathText(path) || "a job"} has no field ${JSON.stringify(key)}${meant === void 0 ? "" : `; is ${meant} meant?`}`;
}
/** What Nomad's parser writes for a field that is not set: one that we do not know then says nothing. */
function isNothing(value) {
	return [
		null,
		void 0,
		false,
		0,
		""
	].some((nothing) => nothing === value) || typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
function isObject$1(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}
// src/jobspec/json-keys.ts
/** So many keys that are there twice are told. */
const TOLD = 20;
/** Finds the keys of a JSON text that `JSON.parse` takes. In one pass and without recursion, since the text comes from outside. */
function keyPlaces(text) {
	const root = {
		line: 1,
		children: /* @__PURE__ */ new Map()
	};
	const doubled = [];
	const frames = [];
	let line = 1;
	for (let at = 0; at < text.length; at++) {
		const frame = frames.at(-1);
		const char = text[at];
		if (char === "\n") line++;
		else if (char === "{" || char === "[") {
			const list = char === "[";
			let node = root;
			if (frame?.next !== void 0) {
				node = frame.list ? {
					line,
					children: /* @__PURE__ */ new Map()
				} : frame.node.children.get(frame.next) ?? root;
				frame.node.children.set(frame.next, node);
			}
			frames.push({
				node,
				list,
				next: list ? 0 : void 0
			});
		} else if (char === "}" || char === "]") frames.pop();
		else if (char === "," && frame !== void 0) frame.next = typeof frame.next === "number" ? frame.next + 1 : void 0;
		else if (char === "\"") {
			const start = at;
			at = endOfText(text, at);
			if (frame === void 0 || frame.next !== void 0) continue;
			const key = JSON.parse(text.slice(start, at + 1));
			if (typeof key !== "string") continue;
			frame.next = key;
			if (frame.node.children.has(key) && doubled.length < TOLD) doubled.push(frames.map(({ next }) => next ?? key));
			frame.node.children.set(key, {
				line,
				children: /* @__PURE__ */ new Map()
			});
		}
	}
	const lineOf = (path) => {
		let node = root;
		let found;
		for (const part of path) {
			node = node.children.get(part);
			if (node === void 0) break;
			found = node.line;
		}
		return found;
	};
	return {
		line: lineOf,
		doubled
	};
}
/** Where the text that begins at a quote has its other quote. */
function endOfText(text, start) {
	let at = start + 1;
	for (; text[at] !== "\"" && at < text.length; at++) if (text[at] === "\\") at++;
	return at;
}
/** How many lists and objects of a text, which need not be JSON, stand within one another. */
function depthOf(text) {
	let depth = 0;
	let most = 0;
	for (let at = 0; at < text.length; at++) {
		const char = text[at];
		if (char === "\"") at = endOfText(text, at);
		if (char === "{" || char === "[") most = Math.max(most, ++depth);
		else if (char === "}" || char === "]") depth--;
	}
	return most;
}
// src/jobspec/job-object.ts
/** What people write has a few; Node's own reader and writer of JSON end with their stack. */
const MAX_DEPTH = 100;
/**
* Reads the API's job object, as `nomad job inspect` and `nomad job run -output` print it, from JSON or YAML: bare or as `{"Job": …}`, its fields in any
* case, as Nomad takes them, and gives it with Nomad's own names. Throws `jobspec-invalid` with file, line and column for what can't be read, and for an
* object that is no job.
*/
async function readJobObject({ name: file, format }, { text, lines }, nomad) {
	const placeOf = (line, column) => {
		const own = line === void 0 ? void 0 : lines[line - 1] ?? line;
		return {
			file,
			...own === void 0 ? {} : {
				line: own,
				...column === void 0 ? {} : { column }
			}
		};
	};
	const refused = (message, location) => {
		const place = [
			file,
			location.line,
			location.column
		].filter((part) => part !== void 0).join(":");
		return new ActionError("jobspec-invalid", `${place}: ${message}`, {
			location,
			hint: "It has to be a job as the API writes it, such as `nomad job run -output` prints."
		});
	};
	const { json, places } = format === "yaml" ? await readYaml(text, (message, line, column) => refused(message, placeOf(line, column))) : {
		json: text,
		places: void 0
	};
	if (depthOf(json) > MAX_DEPTH) throw refused(`more than ${MAX_DEPTH} lists and objects within one another`, placeOf());
	let decoded;
	try {
		decoded = nomad.jobs.decode(json);
	} catch (error) {
		const message = messageOf(error).replace(/ \(line \d+ column \d+\)$/, "");
		const place = / at position (\d+)/.exec(message);
		const before = json.slice(0, Number(place?.[1] ?? 0)).split("\n");
		const location = place === null ? placeOf() : placeOf(before.length, (before.at(-1) ?? "").length + 1);
		throw refused(message.replace(/ in JSON at position \d+$/, ""), location);
	}
	const { line: lineOf, doubled } = places ?? keyPlaces(text);
	const at = (path) => placeOf(lineOf(path));
	const bare = unwrapJob(decoded);
	const { job, problems } = shapeJob(bare.job);
	const whole = (path) => [...bare.path, ...path];
	const wrong = problems.find(({ sort }) => sort === "kind");
	if (wrong !== void 0 && wrong.path.length > 0) throw refused(wrong.what, at(whole(wrong.path)));
	if (!isJob(job)) throw refused("it is no job: it has no `ID`", placeOf());
	const twice = doubled.map((path) => ({
		what: `${pathText(path)} is there twice`,
		at: at(path)
	}));
	return {
		job,
		doubts: [
			...bare.doubled ? [{
				what: "the job is there twice",
				at: at(bare.path)
			}] : [],
			...twice,
			...problems.map(({ what, path }) => ({
				what,
				at: at(whole(path))
			}))
		]
	};
}
/** Reads YAML as JSON text, with the lines of its keys. Throws what `refused` makes of the first mistake. */
async function readYaml(text, refused) {
	const [{ isAlias, isMap, isScalar, isSeq }, { document, placeOf, problems }] = await Promise.all([import("./yaml.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1)), parseYaml(text, "core")]);
	const [problem] = problems;
	if (problem !== void 0) throw refused(problem.text.split("\n")[0] ?? problem.text, problem.line, problem.column);
	const digits = (_key, value) => typeof value === "bigint" ? JSON.rawJSON(String(value)) : value;
	const json = JSON.stringify(document.toJS({ maxAliasCount: -1 }), digits) ?? "null";
	const targets = /* @__PURE__ */ new Map();
	const anchors = /* @__PURE__ */ new Map();
	const indexes = /* @__PURE__ */ new Map();
	const index = (node) => {
		if (isAlias(node)) targets.set(node, anchors.get(node.source));
		else if (isMap(node) || isSeq(node) || isScalar(node)) {
			if (node.anchor !== void 0) anchors.set(node.anchor, node);
		}
		if (isSeq(node)) node.items.forEach(index);
		if (!isMap(node)) return;
		indexes.set(node, new Map(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair])));
		for (const { key, value } of node.items) {
			index(key);
			index(value);
		}
	};
	let indexed = false;
	const line = (path) => {
		if (!indexed) index(document.contents);
		indexed = true;
		let node = document.contents;
		let offset;
		for (const part of path) {
			const target = targets.get(node) ?? node;
			const pair = indexes.get(target)?.get(String(part));
			const next = isSeq(target) && typeof part === "number" ? target.items[part] : pair?.value;
			const place = pair === void 0 ? next : pair.key;
			if (isMap(place) || isSeq(place) || isScalar(place) || isAlias(place)) offset = place.range?.[0] ?? offset;
			if (next === void 0) break;
			node = next;
		}
		return offset === void 0 ? void 0 : placeOf(offset).line;
	};
	return {
		json,
		places: {
			line,
			doubled: []
		}
	};
}
/** Whether it is an object with an id, of the form that was checked before. */
function isJob(shaped) {
	return typeof shaped === "object" && shaped !== null && "ID" in shaped && typeof shaped.ID === "string" && shaped.ID !== "";
}
// src/jobspec/policy/driver-config.ts
/** The arguments that the drivers have whose configuration is understood here. */
const ARGUMENTS = new Map(Object.entries({
	docker: `image advertise_ipv6_address args auth auth_soft_fail cap_add cap_drop cgroupns command container_exists_attempts cpu_cfs_period
      cpu_hard_limit cpuset_cpus devices dns_options dns_search_domains dns_servers entrypoint extra_hosts force_pull group_add healthchecks hostname
      image_pull_timeout init interactive ipc_mode ipv4_address ipv6_address isolation labels load logging mac_address memory_hard_limit mount mounts
      network_aliases network_mode oom_score_adj pid_mode pids_limit port_map ports privileged readonly_rootfs runtime security_opt shm_size storage_opt
      sysctl tty ulimit userns_mode uts_mode volume_driver volumes work_dir`,
	podman: `image apparmor_profile arch args auth auth_soft_fail cap_add cap_drop command cpu_cfs_period cpu_hard_limit devices entrypoint
      extra_hosts force_pull hostname image_pull_timeout init init_path ipc_mode ipv4_address ipv6_address labels logging memory_reservation
      memory_swap memory_swappiness network_mode oom_score_adj os pids_limit port_map ports privileged readonly_rootfs security_opt selinux_opts
      shm_size socket static_ips static_mac sysctl tmpfs tty ulimit userns variant volumes working_dir`,
	exec: "args cap_add cap_drop command ipc_mode pid_mode work_dir",
	java: "args cap_add cap_drop class class_path command ipc_mode jar_path jvm_options pid_mode work_dir",
	qemu: "accelerator args drive_interface emulator graceful_shutdown guest_agent image_path machine_type port_map",
	raw_exec: "args cgroup_v1_override cgroup_v2_override command denied_envvars oom_score_adj work_dir",
	mock_driver: ""
}).map(([driver, names]) => [driver, names.split(/\s+/)]));
/** Whether what a driver takes is known here, so that its `config` can be judged. */
function isKnownDriver(driver) {
	return ARGUMENTS.has(driver);
}
/** Arguments that a driver does not have: it may have them in another version, or take them for something else. */
function unknownArguments(driver, config) {
	const known = ARGUMENTS.get(driver);
	if (known === void 0 || driver === "mock_driver") return [];
	return Object.keys(config).filter((key) => !known.includes(key)).map((key) => {
		const meant = nearest(key, known);
		const hint = meant === void 0 ? "" : `; is ${meant} meant?`;
		return {
			key,
			what: `has ${JSON.stringify(key)} in its config, which can't be judged: the driver ${driver} is not known to take it${hint}`
		};
	});
}
/** The values that leave a container its own; nothing is the driver's default, which is one of them. */
const OWN = {
	pid_mode: /^(private)?$/,
	ipc_mode: /^(private|shareable|none)?$/,
	uts_mode: /^(private)?$/,
	userns_mode: /^$/,
	userns: /^(private|nomap|(auto|keep-id)(:[\w=,:.-]*)?)?$/,
	cgroupns: /^(private)?$/,
	runtime: /^(runc|crun|runsc|nvidia|kata|kata-runtime)?$/,
	apparmor_profile: /^(docker-default|containers-default[\w.-]*)?$/
};
const SECURITY_OPTIONS = [
	"no-new-privileges",
	"no-new-privileges:true",
	"no-new-privileges=true"
];
/** Capabilities that containers have by default, or that are of use within a container's own namespaces only. */
const HARMLESS = `AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT
  IPC_LOCK LEASE NET_ADMIN NET_BROADCAST SYS_NICE SYS_RESOURCE`.split(/\s+/);
/** `privileged: false`: what shares more with the node than a container does by default. `capabilities` are judged by their own rule if there is one. */
function unisolated(driver, config, capabilities) {
	const found = [];
	const { privileged } = config;
	if (!isFalse(privileged)) found.push({
		key: "privileged",
		what: `is privileged${unlessPlain(privileged)}, which is not allowed`
	});
	for (const [key, own] of Object.entries(OWN)) {
		const value = config[key] ?? "";
		if (typeof value === "string" && own.test(value)) continue;
		found.push({
			key,
			what: `shares what is the node's (${key} = ${JSON.stringify(value)}), which is not allowed: it is as good as privileged`
		});
	}
	for (const key of ["security_opt", "selinux_opts"]) for (const option of items(config[key])) if (key !== "security_opt" || typeof option !== "string" || !SECURITY_OPTIONS.includes(option)) found.push({
		key,
		what: `has the security option ${JSON.stringify(option)}, which is not allowed: it is as good as privileged`
	});
	if (driver === "qemu") found.push(...virtualMachine(config));
	if (!capabilities) return found;
	const added = items(config["cap_add"]).filter((one) => !HARMLESS.includes(capability(one)));
	if (added.length > 0) found.push({
		key: "cap_add",
		what: `adds the capabilities ${shown(added)}, which is not allowed: it is as good as privileged, unless \`capabilities\` of the policy has them`
	});
	return found;
}
/** `capabilities`: what is added beyond them. */
function addedCapabilities(config, allowed) {
	const names = allowed.map(capability);
	const added = items(config["cap_add"]).filter((one) => !names.includes(capability(one)));
	return added.length === 0 ? [] : [{
		key: "cap_add",
		what: `adds the capabilities ${shown(added)}, and allowed are ${allowed.join(", ") || "none"}`
	}];
}
/** `host-network: false`: a container in a network that is not, or may not be, its own or one of the engine's. */
function hostNetwork(config) {
	const mode = config["network_mode"] ?? "";
	const key = "network_mode";
	if (mode === "host" || !isFalse(config["host_network"])) return [{
		key,
		what: "is in the node's own network, which is not allowed"
	}];
	if (typeof mode === "string" && /^((task:)?[A-Za-z0-9][\w.-]*)?$/.test(mode) && !/^host$/i.test(mode)) return [];
	return [{
		key,
		what: `may be in the node's own network (network_mode = ${JSON.stringify(mode)}), which is not allowed`
	}];
}
/**
* `host-paths`: folders, files and devices of the node that a container gets and that are not below one of `allowed`. What may be besides: volumes of
* the engine by their plain names, memory (tmpfs), and what is below the task's own folder by a relative path.
*/
function hostPaths(driver, config, allowed) {
	const found = [];
	const may = allowed.join(", ") || "none";
	const bind = (path, key) => {
		const why = typeof path === "string" ? notOwn(path) : "of the node";
		if (why === void 0 || typeof path === "string" && isListed(path, allowed)) return;
		found.push({
			key,
			what: `mounts ${JSON.stringify(path)} ${why}, and allowed are ${may}`
		});
	};
	const device = (path) => {
		if (typeof path !== "string" || !isListed(path, allowed)) found.push({
			key: "devices",
			what: `mounts ${JSON.stringify(path)} of the node, and allowed are ${may}`
		});
	};
	const unread = (key) => {
		found.push({
			key,
			what: `has a \`${key}\` that can't be judged: it has to be a plain list of what the driver documents`
		});
	};
	/** The objects of a block, each with known names only where names are known. */
	const read = (value, key, names) => {
		const list = blocks(value);
		if (list?.every((one) => Object.keys(one).every((name) => names?.includes(name) !== false)) === true) return list;
		unread(key);
		return [];
	};
	for (const volume of items(config["volumes"])) if (typeof volume === "string") bind(volume.split(":")[0], "volumes");
	else unread("volumes");
	if (!isBlank(config["volume_driver"])) found.push({
		key: "volume_driver",
		what: `has the volume driver ${JSON.stringify(config["volume_driver"])}, which can mount any folder of the node`
	});
	for (const key of ["mount", "mounts"]) for (const mount of read(config[key], key, [
		"type",
		"target",
		"source",
		"readonly",
		"bind_options",
		"tmpfs_options",
		"volume_options"
	])) {
		const { type, source } = mount;
		const place = typeof source === "string" && source !== "" ? source : key;
		if (type === "bind") bind(source, place);
		else if (!isBlank(type) && type !== "volume" && type !== "tmpfs") found.push({
			key: place,
			what: `has a mount of the type ${JSON.stringify(type)}, and allowed are volume, tmpfs and bind`
		});
		else if (!isBlank(source) && (type === "tmpfs" || typeof source !== "string" || !/^[A-Za-z0-9][\w.-]*$/.test(source))) found.push({
			key: place,
			what: `mounts ${JSON.stringify(source)} of the node, and allowed are ${may}`
		});
		for (const options of read(mount["volume_options"], place, [
			"no_copy",
			"labels",
			"driver_config"
		])) if (blocks(options["driver_config"])?.length !== 0) found.push({
			key: place,
			what: "has a volume with a `driver_config`, which can mount any folder of the node"
		});
	}
	if (items(config["devices"]).every((one) => typeof one === "string")) for (const one of items(config["devices"])) device(String(one).split(":")[0]);
	else for (const one of read(config["devices"], "devices", [
		"host_path",
		"container_path",
		"cgroup_permissions"
	])) device(one["host_path"]);
	if (!isBlank(config["init_path"])) device(config["init_path"]);
	for (const logging of read(config["logging"], "logging", [
		"type",
		"driver",
		"config",
		"options"
	])) for (const options of [...read(logging["config"], "logging"), ...read(logging["options"], "logging")]) for (const [name, value] of Object.entries(options)) {
		const path = logPath(name, value);
		if (path !== void 0 && !isListed(path, allowed)) found.push({
			key: "logging",
			what: `has the ${name} ${JSON.stringify(value)} for its log, which can be of the node, and allowed are ${may}`
		});
	}
	if (driver === "qemu") {
		bind(config["image_path"] ?? "", "image_path");
		found.push(...virtualMachine(config));
	}
	return found;
}
/**
* Returns the part of a log option that may be a file or a socket of the node, such as `syslog-address = "unixgram:///run/x.sock"`; undefined for a value
* that begins otherwise. A variable at the beginning can be such a path, too, but not in the `tag`, which is none.
*/
function logPath(name, value) {
	if (name === "tag" || ["number", "boolean"].includes(typeof value)) return void 0;
	if (typeof value !== "string") return "";
	const path = value.replace(/^unix\w*:(\/\/)?/i, "");
	return path !== value || /^([/~.\\]|[$%]\{|(file|fd|npipe):)/i.test(value) ? path : void 0;
}
/** QEMU runs on the node as it is, with whatever files and devices its arguments name. A comma begins another option of the argument that it is in. */
function virtualMachine(config) {
	const own = (key) => isBlank(config[key]) || key !== "emulator" && /^[\w.-]+$/.test(String(config[key]));
	const path = config["image_path"];
	return [
		...items(config["args"]).length > 0 ? ["args"] : [],
		...isBlank(path) || typeof path === "string" && !path.includes(",") ? [] : ["image_path"],
		...[
			"emulator",
			"machine_type",
			"accelerator",
			"drive_interface"
		].filter((key) => !own(key))
	].map((key) => ({
		key,
		what: `has \`${key}\` for QEMU, which can give the machine any file of the node`
	}));
}
/** Whose a path is that is not the task's own; undefined for one below the task's folder, which is literal and does not leave it. */
function notOwn(path) {
	const own = /^\$\{(?:env\.)?NOMAD_TASK_DIR\}\/(.*)$/.exec(path)?.[1];
	if (own !== void 0) return `of the node (the variable is the path in the container; write local/${own})`;
	if (isFilled(path) || /^[/~]|\\|^[A-Za-z]?$/.test(path)) return "of the node";
	const normal = posix.normalize(path);
	if (normal === "../alloc" || normal.startsWith("../alloc/")) return "of the shared folder, where another task can put a symbolic link to the node's";
	return /^\.\/?$/.test(normal) || normal === ".." || normal.startsWith("../") ? "of the node" : void 0;
}
function isListed(path, allowed) {
	const inner = posix.normalize(`${path}/`);
	return path.startsWith("/") && !isFilled(path) && allowed.some((folder) => folder.startsWith("/") && inner.startsWith(posix.normalize(`${folder}/`)));
}
/** A text that the node makes another one of. */
const isFilled = (text) => /[$%]\{/.test(text);
/** Drivers take the words for yes and no, too. */
const isFalse = (value) => [
	void 0,
	null,
	false,
	0,
	"",
	"false",
	"0"
].some((no) => no === value);
const isBlank = (value) => value === void 0 || value === null || value === "";
const unlessPlain = (value) => typeof value === "string" ? ` = ${JSON.stringify(value)}` : "";
const capability = (name) => typeof name === "string" ? name.toUpperCase().replace(/^CAP_/, "") : "";
const shown = (names) => names.map((name) => typeof name === "string" ? name : JSON.stringify(name)).join(", ");
const items = (value) => Array.isArray(value) ? value : isBlank(value) ? [] : [value];
/** The objects of a block; undefined for what is none, such as a list within a list. */
function blocks(value) {
	const list = items(value);
	return list.every(isObject) ? list : void 0;
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/jobspec/policy/rules.ts
const TASK_DEFAULTS = {
	CPU: 100,
	MemoryMB: 300
};
const SIDECAR_DEFAULTS = {
	CPU: 250,
	MemoryMB: 128
};
/** Whether a policy restricts anything at all. */
function isRestricting({ at: _at, ...rules }) {
	return Object.values(rules).some((rule) => rule !== void 0 && rule !== true);
}
/** All that a job has against a policy, in the order of the spec. */
function violations(job, policy) {
	const groups = job.TaskGroups ?? [];
	const namespace = job.Namespace || "default";
	return [
		...policy.namespaces !== void 0 && !policy.namespaces.includes(namespace) ? [{
			about: { kind: "namespace" },
			what: `the job is in the namespace ${namespace}, and allowed are ${listed(policy.namespaces)}`
		}] : [],
		...ofRegions(job, policy),
		...groups.flatMap((group) => [...ofGroup(group, job, policy), ...tasksOf(group).flatMap((runs) => ofTask(runs, policy))])
	];
}
/** The tasks of a group, and the sidecars and gateways that its services bring, also those that Nomad adds without being told how. */
function tasksOf(group) {
	const own = group.Tasks ?? [];
	const networks = group.Networks ?? [];
	const isolated = networks.length > 0 && networks.every(({ Mode }) => isIsolated(Mode));
	const drivers = own.map(({ Driver }) => Driver);
	const guessed = drivers.includes("podman") && !drivers.includes("docker") ? "podman" : "docker";
	const sidecars = [...group.Services ?? [], ...own.flatMap(({ Services }) => Services ?? [])].flatMap(({ Name, Connect }) => {
		if (!Connect?.SidecarTask && !Connect?.SidecarService && !Connect?.Gateway) return [];
		const task = {
			...Connect.SidecarTask,
			Driver: Connect.SidecarTask?.Driver || guessed
		};
		return [{
			name: `sidecar of ${group.Name}/${Name ?? "service"}`,
			about: { group: group.Name },
			task,
			isolated,
			defaults: SIDECAR_DEFAULTS
		}];
	});
	return [...own.map((task) => ({
		name: `task ${group.Name}/${task.Name}`,
		about: {
			group: group.Name,
			task: task.Name
		},
		task,
		isolated,
		defaults: TASK_DEFAULTS
	})), ...sidecars];
}
function ofRegions({ Type, Multiregion }, { maxCount }) {
	if (maxCount === void 0) return [];
	const about = { kind: "none" };
	const found = (Multiregion?.Regions ?? []).flatMap(({ Name, Count }) => isAtMost(Count, maxCount) ? [] : [{
		about,
		what: `the region ${Name ?? ""} has ${amount(Count)} allocations of each group, and at most ${maxCount} are allowed`
	}]);
	if (Type === "system" || Type === "sysbatch") found.push({
		about,
		what: `the job runs on every node (its type is ${Type}), and at most ${maxCount} allocations of a group are allowed`
	});
	return found;
}
function ofGroup(group, { Update }, { maxCount, hostNetwork: network, hostVolumes }) {
	const { Name, Count, Scaling, Volumes } = group;
	const about = { group: Name };
	const found = [];
	if (maxCount !== void 0) {
		const count = Count ?? Scaling?.Min ?? 1;
		const canaries = group.Update?.Canary ?? Update?.Canary;
		const what = !isAtMost(count, maxCount) ? `has ${amount(count)} allocations` : !isAtMost(Scaling?.Max, maxCount) ? `may be scaled to ${amount(Scaling?.Max)} allocations` : !isAtMost(canaries, maxCount) ? `gets ${amount(canaries)} canaries` : void 0;
		if (what !== void 0) found.push({
			about: {
				...about,
				kind: "count"
			},
			what: `the group ${Name} ${what}, and at most ${maxCount} are allowed`
		});
	}
	const networks = [...group.Networks ?? [], ...(group.Tasks ?? []).flatMap(({ Resources }) => Resources?.Networks ?? [])];
	for (const mode of network === false ? networks.map(({ Mode }) => Mode || "") : []) if (mode === "host") found.push({
		about: {
			...about,
			kind: "network"
		},
		what: `the group ${Name} is in the node's own network, which is not allowed`
	});
	else if (mode !== "" && !isIsolated(mode)) found.push({
		about: {
			...about,
			kind: "network"
		},
		what: `the group ${Name} may be in the node's own network (its mode is ${JSON.stringify(mode)}), which is not allowed`
	});
	if (hostVolumes === void 0 || hostVolumes === true) return found;
	const allowed = hostVolumes === false ? [] : hostVolumes;
	for (const { Type, Source } of Object.values(Volumes ?? {})) {
		if (Type === "csi" || Type === "host" && allowed.includes(Source ?? "")) continue;
		const kind = Type === "host" ? "host volume" : `volume (of the type ${JSON.stringify(Type ?? "")})`;
		found.push({
			about: {
				...about,
				kind: "volume",
				name: Source ?? ""
			},
			what: `the group ${Name} has the ${kind} ${JSON.stringify(Source)}, and allowed are ${listed(allowed)}`
		});
	}
	return found;
}
/** Why a driver is not allowed, in words that follow the task's name; undefined if it is. */
function driverProblem(driver, policy, confined, configured) {
	const named = `has the driver ${JSON.stringify(driver)}`;
	const { allowedDrivers, rawExec } = policy;
	if (allowedDrivers !== void 0 && driver !== "" && !allowedDrivers.includes(driver)) return `${named}, and allowed are ${listed(allowedDrivers)}`;
	if (rawExec === false && driver === "raw_exec") return `${named}, which is not allowed`;
	if (driver === "" || allowedDrivers?.includes(driver) === true) return void 0;
	if (confined && driver === "raw_exec" && rawExec !== true) return `${named}, which isolates nothing from the node; \`raw-exec: true\` of the policy would allow it`;
	if (isListing(policy.hostPaths) && driver === "qemu") return `${named}, whose image can name any file of the node as its backing file; \`allowed-drivers\` of the policy would allow it`;
	if (configured && !isKnownDriver(driver)) return `${named}, whose config can't be judged; \`allowed-drivers\` of the policy would allow it`;
}
function ofTask({ name, about, task, isolated, defaults }, policy) {
	const config = task.Config ?? {};
	const driver = task.Driver ?? "";
	const found = [];
	const say = (kind, named, what) => {
		const place = about.task === void 0 ? { kind: "service" } : {
			kind,
			...named === void 0 ? {} : { name: named }
		};
		const text = `the ${name} ${what}`;
		if (!found.some((other) => other.what === text)) found.push({
			about: {
				...about,
				...place
			},
			what: text
		});
	};
	const sayAll = (all) => {
		for (const { key, what } of all) say(key === "image" ? "image" : "config", key, what);
	};
	const pathsRestricted = isListing(policy.hostPaths);
	const confined = policy.privileged === false || pathsRestricted;
	const configured = confined || policy.hostNetwork === false || policy.capabilities !== void 0 || policy.imageRegistries !== void 0;
	const problem = driverProblem(driver, policy, confined, configured);
	if (problem !== void 0) say("driver", driver, problem);
	if (configured) sayAll(unknownArguments(driver, config));
	if (confined && task.CSIPluginConfig) say("task", void 0, "is a plugin for volumes (`csi_plugin`), which gets the devices of the node");
	if (policy.privileged === false) sayAll(unisolated(driver, config, policy.capabilities === void 0));
	if (policy.hostNetwork === false) {
		sayAll(hostNetwork(config));
		if (driver === "raw_exec" || [
			"exec",
			"java",
			"qemu"
		].includes(driver) && !isolated) say("driver", driver, `is in the node's own network, as the driver ${driver} is${driver === "raw_exec" ? "" : " where the group has no network with `mode = \"bridge\"`"}, and that is not allowed`);
	}
	if (pathsRestricted) sayAll(hostPaths(driver, config, Array.isArray(policy.hostPaths) ? policy.hostPaths : []));
	if (policy.capabilities !== void 0) sayAll(addedCapabilities(config, policy.capabilities));
	if (policy.imageRegistries !== void 0) {
		const allowed = policy.imageRegistries;
		const { image } = config;
		const from = (hub) => typeof image === "string" && allowed.some((registry) => isFrom(image, registry, hub));
		if (image !== void 0 && image !== null && !from(driver === "docker")) {
			const short = from(true) ? `; the driver ${driver} needs its registry as well, such as docker.io/library/redis` : "";
			say("image", void 0, `has the image ${JSON.stringify(image)}, and allowed are those of ${listed(allowed)}${short}`);
		}
		for (const key of ["load", "image_path"]) {
			const file = config[key];
			if (file !== void 0 && file !== null && file !== "") say("config", key, `has an image of the file ${JSON.stringify(file)}, and allowed are those of ${listed(allowed)}`);
		}
	}
	ofResources(task, defaults, policy, say);
	return found;
}
function ofResources({ Config: config, Resources, ScalingPolicies }, defaults, { maxCpu, maxMemory }, say) {
	const { Cores, MemoryMaxMB, SecretsMB } = Resources ?? {};
	const cpu = Resources?.CPU ?? defaults.CPU;
	const memory = Resources?.MemoryMB ?? defaults.MemoryMB;
	if (maxCpu !== void 0 && !isAtMost(Cores, 0)) say("cpu", void 0, `reserves ${amount(Cores)} cores, whose MHz nobody knows, and at most ${maxCpu} MHz are allowed`);
	else if (maxCpu !== void 0 && !isAtMost(cpu, maxCpu)) say("cpu", void 0, `reserves ${amount(cpu)} MHz, and at most ${maxCpu} MHz are allowed`);
	for (const [most, kind, other] of [[
		maxCpu,
		"cpu",
		"vertical_mem"
	], [
		maxMemory,
		"memory",
		"vertical_cpu"
	]]) for (const { Type, Max } of most === void 0 ? [] : ScalingPolicies ?? []) if (Type !== other && !isAtMost(Max, most ?? 0)) say(kind, void 0, `may be scaled to ${amount(Max)} of ${kind}, and at most ${most} is allowed`);
	if (maxMemory === void 0) return;
	const limit = config?.["memory_hard_limit"];
	const most = MemoryMaxMB ?? 0;
	const whole = typeof memory === "number" && typeof SecretsMB === "number" && SecretsMB > 0 ? memory + SecretsMB : memory;
	if (!isAtMost(whole, maxMemory) || !isAtMost(SecretsMB, maxMemory)) say("memory", void 0, `reserves ${amount(isAtMost(whole, maxMemory) ? SecretsMB : whole)} MB of memory, and at most ${maxMemory} MB are allowed`);
	else if (!isAtMost(most, maxMemory) || most < 0) say("memory", void 0, `may use ${most < 0 ? "all" : `${amount(most)} MB of`} memory, and at most ${maxMemory} MB are allowed`);
	else if (!isAtMost(typeof limit === "string" && /^\d+$/.test(limit) ? Number(limit) : limit, maxMemory)) say("config", "memory_hard_limit", `may use ${amount(limit)} MB of memory, and at most ${maxMemory} MB are allowed`);
}
/** Whether a rule that is a list, or `false`, is set. */
const isListing = (rule) => rule !== void 0 && rule !== true;
const listed = (names) => names?.join(", ") || "none";
/** A network of the group's own: Nomad's bridge, none, or one of CNI. */
const isIsolated = (mode) => typeof mode === "string" && /^(bridge|none|cni\/[\w.-]+)$/.test(mode);
/** An amount as it is written, also one that is no number of JavaScript's. */
const amount = (value) => typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
/** Returns whether an amount is within a limit. An amount that is not set is; one that is no plain number (a text, more digits than JavaScript has) is not. */
function isAtMost(amount, most) {
	return amount === void 0 || amount === null || typeof amount === "number" && amount <= most;
}
// src/jobspec/policy/policy.ts
/** The drivers that the built-in template and its fragments may use, unless the input `allowed-drivers` lists others. */
const BUILT_IN_DRIVERS = ["docker", "podman"];
/** The rules that hold for a spec. */
function restrictionsOf({ allowedDrivers }, { spec, policy }) {
	return {
		drivers: allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : void 0),
		policy
	};
}
/**
* Refuses a job that does what it is not to do. It looks at the job in the form that the cluster gets, so nothing that an expression or another file
* brings escapes it. `doubts` are what of a job object Nomad does not know, or takes another way than it is written: where nothing is restricted, they
* are given back as warnings. Throws one `policy-violation` with all there is, each with file and line of the user's spec where they can be told.
*/
function requireAllowed(job, { drivers, policy }, spec, doubts = []) {
	const input = drivers === void 0 ? [] : otherDrivers(job, drivers);
	const told = new Set(input.map(({ what }) => what));
	const restricting = policy !== void 0 && isRestricting(policy.policy);
	const configured = policy === void 0 ? [] : violations(job, policy.policy).filter(({ what }) => !told.has(what));
	const unread = spec.format === "hcl" && restricting ? shapeJob(job).problems.map(({ what }) => ({
		what,
		at: void 0
	})) : doubts;
	const unjudged = restricting || drivers !== void 0 ? unread : [];
	const all = [...unjudged, ...[...input, ...configured].map(({ about, what }) => ({
		what,
		at: specLocation(about, spec)
	}))];
	if (all.length === 0) return unread.map(({ what, at }) => `${place(at)}${what}`);
	const location = all.find(({ at }) => at?.line !== void 0)?.at ?? all.find(({ at }) => at !== void 0)?.at;
	const more = [...new Set(input.map(({ about }) => about.name))];
	const hints = [
		"Nothing was built or registered.",
		...unjudged.length === 0 ? [] : ["A job that is restricted may have only fields that Nomad is known to have, each once."],
		...input.length === 0 ? [] : [`If it is meant, set \`allowed-drivers: ${[...drivers ?? [], ...more].join(" ")}\`.`],
		...configured.length === 0 || policy === void 0 ? [] : [`What is allowed is said by \`policy\` in ${policy.source}.`]
	];
	throw new ActionError("policy-violation", all.map(({ what, at }) => `${place(at)}${what}`).join("\n"), {
		hint: hints.join(" "),
		...location === void 0 ? {} : { location }
	});
}
/** Refuses a count that is above the ceiling, where no spec says it. Throws `policy-violation`. */
function requireCount(count, policy) {
	const most = policy?.policy.maxCount;
	if (policy === void 0 || most === void 0 || count === void 0 || count <= most) return;
	throw new ActionError("policy-violation", `\`count\`: a group of ${count} allocations, and at most ${most} are allowed`, { hint: `Nothing was changed. What is allowed is said by \`policy\` in ${policy.source}.` });
}
function otherDrivers(job, allowed) {
	return (job.TaskGroups ?? []).flatMap(tasksOf).flatMap(({ name, about, task: { Driver } }) => Driver && !allowed.includes(Driver) ? [{
		about: {
			...about,
			kind: "driver",
			name: Driver
		},
		what: `the ${name} has the driver ${JSON.stringify(Driver)}, and allowed are ${listed(allowed)}`
	}] : []);
}
function place(at) {
	return at === void 0 ? "" : `${at.file}${at.line === void 0 ? "" : `:${at.line}`}: `;
}
// src/jobspec/short-lived.ts
/** How the tokens begin that GitHub gives a workflow (or an app, for an hour) and GitLab a job. */
const SHORT_LIVED = /^(ghs_|glcbt-)/;
/** A warning for the password of a node's login that is a token which ends with the workflow: a node that pulls the image later is refused. */
function shortLivedLogin(password, who) {
	if (!SHORT_LIVED.test(password)) return [];
	return [`${who} logs in to its registry with a token that ends with this workflow: a node that pulls the image later, when the task moves, is refused. Give the job a token that lasts and may only read (NOMAD_VAR_CI_REGISTRY_READ_TOKEN), or the nodes credentials of their own, see docs/cluster.md.`];
}
/** Warnings for tasks whose login at a registry has its password in the job, where all can see it who may read the job or one of its versions. */
function loginWarnings({ TaskGroups }, spec) {
	return (TaskGroups ?? []).flatMap(({ Name, Tasks }) => (Tasks ?? []).flatMap((task) => {
		const passwords = passwordsOf(task).filter((password) => password !== "" && !password.includes("${"));
		if (passwords.length === 0) return [];
		const { file, line } = specLocation({
			kind: "config",
			group: Name,
			task: task.Name,
			name: "auth"
		}, spec) ?? {};
		return [`${file === void 0 ? "" : `${file}${line === void 0 ? "" : `:${line}`}: `}The task ${task.Name} of ${Name} has the password of its registry in the job, where everybody sees it who may read the job. Give it as a secret, such as REGISTRY_PASSWORD, and write password = "$\${REGISTRY_PASSWORD}", see docs/secrets.md.`, ...passwords.flatMap((password) => shortLivedLogin(password, `The task ${task.Name} of ${Name}`))];
	}));
}
/** The passwords in the `auth` of a task's driver config, at any depth: a block of HCL is a list of one, and a list in a list is a block, too. */
function passwordsOf({ Config }) {
	return [Config?.["auth"]].flat(Number.POSITIVE_INFINITY).flatMap((login) => typeof login === "object" && login !== null && "password" in login && typeof login.password === "string" ? [login.password] : []);
}
// src/jobspec/template-data.ts
/**
* What a template of the repository (`.hbs`) can use; docs/templates.md describes it. `vars` has the values of the variable files and, over them, those
* of `NOMAD_VAR_<NAME>` and the input `vars`, as text, and the parts of the image that `image-variables` names.
*/
function templateData({ vars, nomadNamespace, nomadRegion }, { spec, target, context, image, imageVariables, images, secretsTemplate, secretsRelease, fromFiles }) {
	const [owner = "", name = ""] = context.repository.split("/");
	return {
		job: {
			id: target.jobId,
			namespace: nomadNamespace ?? "default",
			region: nomadRegion ?? "global",
			spec: spec.name
		},
		target: {
			environment: target.environment.name,
			project: target.projectSlug,
			ref: target.refSlug,
			hostnames: target.hostnames,
			hostname: target.hostnames[0] ?? "",
			url: target.url ?? ""
		},
		image,
		images: image === "" || Object.keys(images).length > 0 ? images : { [parseReference(image)?.name ?? image]: image },
		github: {
			repository: context.repository,
			owner,
			name,
			ref: context.ref,
			sha: context.sha,
			eventName: context.eventName,
			actor: context.actor,
			runId: context.runId,
			runUrl: context.runUrl,
			defaultBranch: context.defaultBranch ?? ""
		},
		vars: {
			...givenValues({ vars }, fromFiles),
			...imageVariables
		},
		secretsTemplate: secretsTemplate === "" ? NO_TEMPLATE : secretsTemplate,
		secretsRelease: secretsRelease === "" ? NO_RELEASE : secretsRelease
	};
}
// src/jobspec/value-problem.ts
/** The parser's summaries of errors that a value can cause on a line that uses its variable. */
const OF_A_USE = /^(Incorrect attribute value type|Unsuitable value|Invalid (index|value|template|operand|function argument)|Error in function call|Attempt to)/;
/** Where the cluster's parser says that something is; it calls the spec and the list of values by the same name. */
const PLACE = /(?:input\.hcl|stdin):(\d+),\d+(?:-\d+(?:,\d+)?)?/g;
/** The parser's advice on escapes, which does not know that a driver's config is read twice. */
const PARSERS_ADVICE = /\s*(?:This can happen when you include interpolation syntax for another language|Did you intend this to be a literal sequence to be processed as part of another language\?)[^"]*"(?:\$\$|%%)\{" instead of just "[$%]\{"\.|\s*To include a literal "\$", double it \(as "\$\$"\) to escape it\./;
/** A text of the cluster's parser with the user's own files in place of the names that the parser has for them. */
function withOwnPlaces(text, locate, name) {
	return text.replace(PARSERS_ADVICE, "").replace(PLACE, (_, line) => {
		const at = locate(Number(line));
		return at === void 0 ? name : `${at.file}:${at.line}`;
	}).replaceAll("input.hcl", name);
}
/**
* Returns what the cluster's parser says about the value of a variable, with the name, the source and the place of the variable; undefined for a problem of
* the spec alone. The location is the line that gave the value, or that of the spec where no file did: the parser itself names a line of the list of values
* that it was sent.
*/
function valueProblem({ message, line, column }, { text, locate }, { values, sources }) {
	const place = linesOf(text);
	const blocks = readBlocks(text).blocks.flatMap(({ type, labels: [name = ""], at, text: own, attributes }) => type === "variable" ? [{
		name,
		at,
		text: own
	}] : type === "variables" ? attributes : []).map(({ name, at, text: own }) => ({
		name,
		...place(at),
		last: place(at + own.length - 1).line
	}));
	const around = (wanted) => blocks.find((block) => block.line <= wanted && wanted <= block.last)?.name;
	const told = (name, what, found) => {
		const at = found && locate(found.line);
		const source = sources[name] ?? "its default";
		return {
			text: `${at === void 0 ? "" : `${at.file}:${at.line}:${found?.column}: `}${problemWith(name, what, source)}`,
			location: sourceLocation(source) ?? (at && {
				...at,
				...found && { column: found.column }
			})
		};
	};
	const [, name, wrong] = /^Invalid value for variable; The value for (\S+) is not compatible with the variable's type constraint: ([\s\S]*)$/.exec(message) ?? [];
	if (name !== void 0 && wrong !== void 0) return told(name, `the value is not of the declared type: ${wrong.trim()}`, blocks.find((block) => block.name === name));
	const [, rule, row, character] = /^Invalid value for \w+ variable; ([\s\S]*?)\s*This was checked by the validation rule at [^\n]*?:(\d+),(\d+)[\d,-]*\.$/.exec(message) ?? [];
	if (rule !== void 0) return told(around(Number(row)) ?? "", rule, {
		line: Number(row),
		column: Number(character)
	});
	if (line === void 0) return void 0;
	if (/^(Duplicate variable|Invalid type specification|Invalid argument name|Unsupported (argument|block type))/.test(message)) return void 0;
	const inBlock = around(line);
	const locals = readBlocks(text).blocks.flatMap(({ type, attributes }) => type === "locals" ? attributes : []);
	const names = (written, of) => [...written.matchAll(/\b(var|local)\.([A-Za-z_][\w-]*)/g)].flatMap(([, root, one = ""]) => root === of ? [one] : []);
	const written = text.split("\n")[line - 1] ?? "";
	const used = [written, ...locals.flatMap((local) => names(written, "local").includes(local.name) ? [local.text] : [])].flatMap((one) => names(one, "var"));
	const given = (inBlock === void 0 ? OF_A_USE.test(message) ? used : [] : [inBlock]).filter((one) => one in values);
	if (given.length === 0) return void 0;
	const at = locate(line);
	const from = [...new Set(given)].map((one) => `var.${one} has its value from ${sources[one] ?? "the action"}`);
	return {
		text: `${at === void 0 ? "" : `${[
			at.file,
			at.line,
			column
		].filter((part) => part !== void 0).join(":")}: `}${message}${/[.!?]$/.test(message) ? "" : "."} (${from.join("; ")})`,
		location: at && {
			...at,
			...column === void 0 ? {} : { column }
		}
	};
}
/** The parser's summaries of errors by which it refuses what another language means by `${` or `%{`. */
const OF_ANOTHER_LANGUAGE = /^(Extra characters after interpolation|Invalid (expression|character|operand|template|multi-line string|reference|attribute name)|Unsupported (attribute|operator)|Unterminated|Unclosed|Missing|Call to unknown function|Unknown (variable|token)|Variables not allowed)/;
/** Words that other template engines put between their signs, where HCL has no text in quotes. */
const OF_AN_ENGINE = /\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|%\{[^}]*\}|\$\{[^}]*\}|\$[A-Za-z_]\w*|@[A-Z_]\w*@/;
/** Gives the advice, as the end of a sentence, for a line that is of another language, or has a `${` or `%{` of one; empty for any other. */
function escapeFor({ message, line, column }, text) {
	if (line === void 0) return "";
	const end = /[.!?]$/.test(message.replace(PARSERS_ADVICE, "")) ? "" : ".";
	if (/^Unsupported block type; Blocks of type "(variables?|locals)"/.test(message)) return `${end} Write it in vars.nomad, or beside the \`job\` block of the spec.`;
	const lines = text.split("\n");
	const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
	const blocks = readBlocks(text);
	const own = lines[line - 1] ?? "";
	const label = /^\s*(job|group|task|port|volume)\s+"[^"]*[$%]\{/.exec(own)?.[1];
	if (label !== void 0 && message.startsWith("Invalid string literal")) return label === "job" ? `${end} A label takes no variable: write the id of the job, or give it by the input \`job-name\`.` : `${end} A label takes no variable: write the name, or a \`dynamic "${label}"\` block with \`labels\`.`;
	const foreign = inHeredoc(blocks, offset) ? void 0 : OF_AN_ENGINE.exec(withoutComments(own.slice(0, 500).replace(/"(?:[^"\\]|\\.)*"/g, "\"\"")))?.[0];
	if (foreign !== void 0) return `${end} \`${foreign}\` is to be replaced by another program: render the file before, or declare a variable and write \`var.NAME\`.`;
	if (!OF_ANOTHER_LANGUAGE.test(message)) return "";
	const before = own.slice(0, column);
	if (message.startsWith("Unsupported attribute") && /^\$\{\s*(?:var|local|each)\./.test(before.slice(before.lastIndexOf("${")))) return "";
	const written = message.startsWith("Invalid multi-line") ? `${lines[line - 2] ?? ""}\n${own}` : own;
	const interpolated = /(?<!\$)\$\{(?!\s*(?:var|local|each|path)\.)/.test(written);
	const directive = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)/.test(written);
	if (!interpolated && !directive) return "";
	const twice = inConfig(blocks, offset);
	return `${end} Write ${[...interpolated ? [`\`${twice ? "$$" : "$"}\${\` for a \`\${\``] : [], ...directive ? [`\`${twice ? "%" : ""}%%{\` for a \`%{\``] : []].join(" and ")} that the task itself is to see.`;
}
function inHeredoc({ attributes, blocks }, offset) {
	return attributes.some(({ at, text }) => at <= offset && offset < at + text.length && /<<-?[A-Za-z_]/.test(text)) || blocks.some((block) => inHeredoc(block, offset));
}
function inConfig({ type, at, text, blocks }, offset) {
	if (type !== "" && (offset < at || offset > at + text.length)) return false;
	return type === "config" || blocks.some((block) => inConfig(block, offset));
}
// src/jobspec/render.ts
/** The word in a job's label that stands for the job id; a label can't be a variable. */
const SLUG_WORD = "NOMAD_VAR_SLUG";
/**
* Renders a spec with its variables and has the cluster parse it (`/v1/jobs/parse`): the language is always the cluster's own. Only a spec that reads
* files, which the cluster refuses, is parsed by the Nomad CLI.
* Throws `input-invalid` for variables that are missing, of the wrong type or out of range, all at once, `jobspec-invalid` with file, line and column
* of the user's file for what is not understood, and `policy-violation` for what is not allowed.
*/
async function renderJobspec(inputs, rendering, nomad, world) {
	const { spec } = rendering;
	const parsed = spec.format === "hcl" ? await parseHcl(inputs, rendering, nomad, world) : await parseObject(inputs, rendering, nomad);
	const job = withTaskTemplates(finish(parsed.job, inputs, rendering), rendering);
	const doubted = requireAllowed(inputs.command === "deploy" || inputs.command === "plan" ? withoutOpenCounts(job, inputs.preserveCounts) : job, restrictionsOf(inputs, rendering), spec, parsed.doubts);
	const scoped = secretNames(Object.keys(inputs.secrets)).flatMap(({ scope, name }) => scope.length > 0 ? [name] : []);
	const isSecret = (name) => scoped.includes(name) || Object.keys(inputs.secrets).length === 0 && namesSecret(name);
	refuseUnknownWords(job, parsed.composition, isSecret);
	return {
		...parsed.source === void 0 || spec.format !== "hcl" ? {
			source: JSON.stringify({ Job: job }, null, 2),
			format: "json"
		} : {
			source: parsed.source,
			format: "hcl2"
		},
		variables: parsed.variables,
		settings: parsed.settings,
		job,
		namespace: job.Namespace || "default",
		specHash: createHash("sha256").update(JSON.stringify(job)).digest("hex"),
		warnings: [
			...parsed.warnings,
			...doubted,
			...spec.builtIn ? [] : unused(job, rendering),
			...unwrittenKeys(spec, rendering.target.jobId),
			...rendering.kept?.login === true ? [] : loginWarnings(job, spec),
			...nodeWords(job, parsed.composition)
		]
	};
}
async function parseObject(inputs, rendering, nomad) {
	const { spec } = rendering;
	const own = await ownText(inputs, rendering);
	const composition = compose([{
		text: own.text,
		from: {
			file: spec.name,
			line: 1,
			...own.lines.length === 0 ? {} : { lines: own.lines }
		}
	}]);
	refuseBrackets(composition);
	const object = await readJobObject(spec, own, nomad);
	refuseWords(object.job, composition);
	return {
		...object,
		composition,
		source: void 0,
		variables: "",
		settings: variableSettings([], {
			values: {},
			sources: {}
		}, inputs, rendering),
		warnings: undeclared([], inputs.vars, spec, rendering.others)
	};
}
/** The spec's own text: rendered, if it is a template of the repository. */
async function ownText(inputs, rendering) {
	const { spec, target } = rendering;
	const text = spec.text.replaceAll(SLUG_WORD, target.jobId);
	if (!spec.template) return {
		text,
		lines: []
	};
	return renderTemplate(text, templateData(inputs, rendering), spec.name, { optional: ["vars"] });
}
async function parseHcl(inputs, rendering, nomad, world) {
	const { spec, target, fromFiles, imageVariables: ofImage = {} } = rendering;
	const fragments = Object.fromEntries(Object.entries(spec.fragments).map(([kind, file]) => [kind, {
		...file,
		text: file.text.replaceAll(SLUG_WORD, target.jobId)
	}]));
	const variablesFile = fragments.vars === void 0 ? [] : [{
		text: fragments.vars.text,
		from: {
			file: fragments.vars.name,
			line: 1
		}
	}];
	const inserted = spec.builtIn ? void 0 : insertAtMarkers({
		name: spec.name,
		...await ownText(inputs, rendering)
	}, fragments);
	const parts = [...inserted === void 0 ? [{ text: declarations() }] : inserted.parts, ...inserted === void 0 || inserted.left.includes("vars") ? variablesFile : []];
	const declaring = compose(parts);
	const declared = declaredVariables(declaring.text);
	const given = spec.builtIn ? linesAsLists(inputs.vars) : inputs.vars;
	const check = (found) => spec.builtIn ? serviceProblems(found, inputs.nomadRegion) : [];
	const offers = {
		ofImage,
		given,
		givenBy: inputs.sources.vars,
		fromFiles,
		automatic: automaticValues(inputs, rendering)
	};
	const chosen = variableValues(declared, offers, declaring.locate, check);
	const { values } = chosen;
	const variables = JSON.stringify(values);
	const parse = async (composition) => {
		refuseBrackets(composition);
		const remote = await nomad.jobs.parse(composition.text, variables, inputs.nomadNamespace);
		const parsed = "problems" in remote && remote.problems.some(({ message }) => message.includes("filesystem function disabled")) ? await parseLocally(composition, values, inputs, nomad, world) : remote;
		if ("problems" in parsed) throw parseError(parsed.problems, composition, spec, chosen);
		refuseWords(parsed.job, composition);
		return parsed.job;
	};
	const source = inserted === void 0 ? compose([{ text: await renderBuiltIn(values, rendering) }, ...variablesFile]) : declaring;
	const base = await parse(source);
	const left = inserted === void 0 ? ["job", "group"].filter((kind) => kind in fragments) : inserted.left.filter((kind) => kind !== "vars");
	const shared = left.length === 0 ? "" : topLevelBlocks(declaring.text, [
		"variable",
		"variables",
		"locals"
	]).join("\n");
	let job = base;
	for (const kind of left) {
		const fragment = fragments[kind];
		if (fragment === void 0) continue;
		job = await layOver(job, kind, fragment, shared, parse);
		parts.push({
			text: fragment.text,
			from: {
				file: fragment.name,
				line: 1
			}
		});
	}
	const own = compose(parts);
	return {
		job,
		source: left.length === 0 ? source.text : void 0,
		variables,
		settings: variableSettings(declared, chosen, inputs, rendering),
		warnings: [
			...undeclared(declared, inputs.vars, spec, rendering.others),
			...overridden(declared, offers),
			...misspelt(declared, fromFiles),
			...bareWords(own),
			...spec.builtIn ? [...serviceWarnings(values, target, job), ...shortLivedLogin(registryLogin(values)?.password ?? "", "The task http of group")] : []
		],
		doubts: [],
		composition: own
	};
}
/**
* Parses with the Nomad CLI, which can read files: relative to the working directory, as for somebody who runs it there, and none that is not in the
* workspace.
*/
async function parseLocally({ text, locate }, values, { workingDirectory }, nomad, world) {
	const place = linesOf(text);
	const { defaults, folder: cwd } = await confineFiles(text, values, {
		workspace: world.workspace,
		folder: workingDirectory,
		copy: await world.privateFolder()
	}, (at) => locate(place(at).line));
	const program = await world.nomadCli();
	const variablesFile = join(await world.privateFolder(), "variables.json");
	await writeFile(variablesFile, JSON.stringify({
		...defaults,
		...values
	}), { mode: 384 });
	return nomad.jobs.parseWithCli(text, variablesFile, async (args, stdin) => world.exec([program, ...args], {
		cwd,
		stdin
	}));
}
/** Parses a fragment by itself, in the place that it is written for, and lays what it sets over the job. */
async function layOver(job, kind, { name, text }, shared, parse) {
	const group = job.TaskGroups?.[0]?.Name ?? "group";
	const [open, close] = kind === "job" ? [`job ${hclLiteral(job.ID)} {`, "}"] : [`job ${hclLiteral(job.ID)} {\ngroup ${hclLiteral(group)} {`, "}\n}"];
	const over = await parse(compose([
		{ text: shared },
		{ text: open },
		{
			text,
			from: {
				file: name,
				line: 1
			}
		},
		{ text: close }
	]));
	return kind === "job" ? overlay(job, over) : (over.TaskGroups ?? []).reduce(overlayGroup, job);
}
function finish(job, { jobName, nomadNamespace, vars, promote }, { spec }) {
	const named = jobName === void 0 ? job : {
		...job,
		ID: jobName,
		Name: jobName
	};
	const placed = nomadNamespace === void 0 ? named : {
		...named,
		Namespace: nomadNamespace
	};
	const own = promote === "manual" || promote === "verify" ? withManualPromotion(placed) : placed;
	return (spec.builtIn || spec.name.endsWith("project.nomad")) && parseBoolean("NOMAD_VAR_DEPLOY_WITH_PODMAN", vars["DEPLOY_WITH_PODMAN"]) === true ? withPodman(own) : own;
}
/** The job, leaving the promotion of its canaries to somebody, or to us. */
function withManualPromotion(job) {
	const manual = (one) => one.Update?.AutoPromote === true ? {
		...one,
		Update: {
			...one.Update,
			AutoPromote: false
		}
	} : one;
	return manual({
		...job,
		TaskGroups: (job.TaskGroups ?? []).map(manual)
	});
}
/** Every Docker task as a Podman one, which knows no hard limit of its own. */
function withPodman(job) {
	const task = (own) => {
		if (own.Driver !== "docker") return own;
		const { memory_hard_limit: _limit, ...config } = own.Config ?? {};
		return {
			...own,
			Driver: "podman",
			Config: config
		};
	};
	return {
		...job,
		TaskGroups: (job.TaskGroups ?? []).map((group) => ({
			...group,
			Tasks: (group.Tasks ?? []).map(task)
		}))
	};
}
function parseError(problems, composition, spec, chosen) {
	const own = problems.filter(({ message }) => !/^Undefined variable; A "[^"]*" variable was set but was not found/.test(message));
	const told = (own.length === 0 ? problems : own).map((problem) => {
		const ofValue = valueProblem(problem, composition, chosen);
		if (ofValue !== void 0) return {
			...ofValue,
			text: withOwnPlaces(ofValue.text, composition.locate, spec.name)
		};
		const { message, line, column } = problem;
		const at = line === void 0 ? void 0 : composition.locate(line);
		const file = at?.file ?? spec.name;
		const location = {
			file,
			...at === void 0 ? {} : {
				line: at.line,
				...column === void 0 ? {} : { column }
			}
		};
		return {
			text: `${[
				file,
				location.line,
				location.column
			].filter((part) => part !== void 0).join(":")}: ${withOwnPlaces(message, composition.locate, spec.name)}${escapeFor(problem, composition.text)}`,
			location: at === void 0 && spec.builtIn ? void 0 : location
		};
	});
	const location = told.find((problem) => problem.location !== void 0)?.location;
	return new ActionError("jobspec-invalid", told.map(({ text }) => text).join("\n"), location === void 0 ? {} : { location });
}
// src/jobspec/settings.ts
/** Longer values would tear the list apart. */
const MAX_WIDTH = 60;
const MAX_LENGTH = 200;
/**
* Every value that decides about a job, with its source: the inputs as they were resolved, the hostnames, the secrets by their names, and the variables
* of the spec. What nobody gave and what has no default is left out. Nothing secret is in it.
*/
function settings(inputs, { target, spec }, { job, namespace, settings: variables }) {
	const { sources } = inputs;
	const token = inputs.nomadLogin === void 0 ? inputs.nomadToken[target.environment.value] : void 0;
	const region = regionOf(job);
	const regionVariable = spec.builtIn ? variables.find(({ name }) => name === "REGION") : void 0;
	const values = {
		command: inputs.command,
		config: inputs.config,
		"config-from": inputs.configFrom,
		app: inputs.app,
		"working-directory": inputs.workingDirectory,
		"nomad-addr": target.nomadAddr,
		"nomad-token": token && {
			value: "***",
			source: token.source
		},
		"nomad-auth-method": inputs.nomadLogin?.method,
		"nomad-auth-audience": inputs.nomadLogin?.audience,
		"nomad-namespace": inputs.nomadNamespace ?? (job.Namespace ? {
			value: namespace,
			source: spec.name
		} : {
			value: namespace,
			source: "default"
		}),
		"nomad-region": region !== void 0 && region !== inputs.nomadRegion ? {
			value: region,
			source: regionVariable?.source ?? spec.name
		} : inputs.nomadRegion ?? "the agent's own",
		"nomad-cacert": inputs.nomadTls.cacert && {
			...inputs.nomadTls.cacert,
			value: pem(inputs.nomadTls.cacert.value)
		},
		"nomad-client-cert": inputs.nomadTls.clientCert && {
			...inputs.nomadTls.clientCert,
			value: pem(inputs.nomadTls.clientCert.value)
		},
		"nomad-client-key": inputs.nomadTls.clientKey && "***",
		"nomad-tls-server-name": inputs.nomadTls.serverName,
		"nomad-skip-verify": inputs.nomadTls.skipVerify,
		"nomad-headers": Object.keys(inputs.nomadHeaders),
		environment: {
			...target.environment,
			value: target.environment.name
		},
		"base-domain": inputs.baseDomain,
		"job-name": {
			value: job.ID,
			source: job.ID === target.jobId ? target.sources.jobId : spec.name
		},
		vars: void 0,
		build: inputs.build,
		image: inputs.image,
		"image-variables": Object.entries(inputs.imageVariables).map(([variable, part]) => `${variable}=${part}`),
		context: inputs.context,
		file: inputs.file,
		target: inputs.target,
		"build-args": inputs.buildArgs.map(buildArg),
		"build-secrets": Object.keys(inputs.buildSecrets),
		platforms: inputs.platforms,
		tags: inputs.tags,
		labels: inputs.labels,
		"cache-from": inputs.cacheFrom.map(withoutCredentials),
		"cache-to": inputs.cacheTo.map(withoutCredentials),
		pull: inputs.pull,
		"no-cache": inputs.noCache,
		provenance: inputs.provenance,
		sbom: inputs.sbom,
		builder: inputs.builder,
		push: inputs.push,
		test: typeof inputs.test === "object" ? JSON.stringify(inputs.test) : inputs.test,
		"test-env": Object.keys(inputs.testEnv),
		scan: inputs.scan,
		registry: inputs.registry,
		"registry-username": inputs.registryUsername,
		"registry-password": inputs.registryPassword && "***",
		"registry-auth": inputs.registryAuth.map(({ registry }) => registry),
		job: spec.name,
		"var-files": inputs.varFiles,
		"allowed-drivers": inputs.allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : void 0),
		"allow-untrusted-events": inputs.allowUntrustedEvents.join(" ") || void 0,
		secrets: void 0,
		wait: inputs.wait,
		timeout: inputs.timeoutMs === void 0 ? void 0 : formatDuration(inputs.timeoutMs),
		"fail-fast": inputs.failFast ? "certain" : "off",
		promote: inputs.promote,
		verify: inputs.verify.map(({ target }) => withoutQuery("url" in target ? target.url : target.path)),
		"on-failure": inputs.onFailure,
		"on-cancel": inputs.onCancel,
		"on-placement-failure": patience(inputs.placementPatienceMs),
		"preserve-counts": inputs.preserveCounts === void 0 ? "groups with scaling" : inputs.preserveCounts,
		"log-lines": String(inputs.logLines),
		summary: inputs.summary,
		"webhook-url": inputs.webhook && "***",
		"webhook-on": inputs.webhook?.on,
		"github-token": void 0,
		group: inputs.group,
		task: inputs.task,
		count: inputs.count?.toString(),
		to: inputs.to?.toString(),
		purge: inputs.purge,
		ttl: inputs.ttlMs === void 0 ? void 0 : formatDuration(inputs.ttlMs),
		follow: inputs.command === "logs" ? inputs.follow : void 0,
		"dry-run": inputs.command === "sweep" ? inputs.dryRun : void 0,
		meta: Object.keys(inputs.meta),
		payload: inputs.payload && `${Buffer.byteLength(inputs.payload)} bytes`,
		"periodic-force": inputs.periodicForce,
		"github-deployment": inputs.githubDeployment,
		comment: inputs.comment,
		"approved-plan": inputs.approvedPlan,
		expect: inputs.expect,
		"drift-issue": inputs.driftIssue
	};
	const given = new Map(Object.entries(sources.inputs));
	const setting = (name, value, source = given.get(name) ?? "default") => {
		if (value === void 0 || typeof value === "object" && "length" in value && value.length === 0) return [];
		if (typeof value === "object" && "source" in value) return setting(name, value.value, value.source);
		const by = source === name ? "input" : source in values ? `input ${source}` : source;
		return [{
			name,
			value: typeof value === "string" ? value : typeof value === "object" ? value.join(", ") : String(value),
			source: by
		}];
	};
	return [
		...Object.entries(values).flatMap(([name, value]) => setting(name, value)),
		...setting("hostnames", target.hostnames, target.sources.hostnames),
		...Object.keys(inputs.secrets).flatMap((name) => setting(`secret.${name}`, "***", sources.secrets[name])),
		...variables.flatMap((variable) => setting(`var.${variable.name}`, shownValue(variable), variable.source))
	];
}
/** Returns the region that a job names; undefined for `global`, which Nomad fills in for a job without one. */
function regionOf({ Region }) {
	return Region === "global" ? void 0 : Region || void 0;
}
/** A build argument as it is shown: its value as that of a variable. */
function buildArg(argument) {
	const [, name = "", value = ""] = /^([^=]*)=?([\s\S]*)$/.exec(argument) ?? [];
	return mayShow(name, value) ? argument : `${name}=***`;
}
/** A path as it is; of a text, that it is one. */
function pem(value) {
	return isPath(value) ? value : "PEM text";
}
function patience(ms) {
	return ms === 0 ? "fail" : ms === Number.POSITIVE_INFINITY ? "wait" : formatDuration(ms);
}
/** The list as lines of the log, in columns. */
function settingLines(list) {
	const shown = list.map(({ name, value, source }) => {
		const line = value === "" || /[\r\n\t]/.test(value) ? JSON.stringify(value) : value;
		return {
			name,
			value: line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line,
			source
		};
	});
	const width = (texts) => Math.min(MAX_WIDTH, Math.max(0, ...texts.map((text) => text.length)));
	const [names, values] = [width(shown.map(({ name }) => name)), width(shown.map(({ value }) => value))];
	return shown.map(({ name, value, source }) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`);
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
// src/jobspec/var-files.ts
/**
* Reads HCL variable files (`name = value` lines, or a JSON object if the name ends in `.json`); a later file wins. Expressions are left to
* `evaluateVarFiles`. Throws one `input-invalid` error with what is wrong in each of them, by file, line and column.
*/
function readVarFiles(files) {
	const values = {};
	const problems = [];
	for (const { name: file, text } of files) {
		if (file.endsWith(".json")) {
			try {
				const entries = Object.entries(jsonObject(text));
				const places = keyPlaces(text);
				for (const [name, value] of entries) values[name] = {
					value,
					source: `${file}:${places.line([name]) ?? 1}`
				};
			} catch (error) {
				const [, at] = / at position (\d+)/.exec(messageOf(error)) ?? [];
				const place = at === void 0 ? void 0 : linesOf(text)(Number(at));
				const what = error instanceof SyntaxError ? "it is not JSON" : messageOf(error);
				problems.push({
					...place,
					text: `${[
						file,
						place?.line,
						place?.column
					].filter((part) => part !== void 0).join(":")}: ${what}`,
					file
				});
			}
			continue;
		}
		const foreign = /\.(ya?ml|tf)$/.exec(file)?.[1];
		if (foreign !== void 0) {
			const advice = foreign === "tf" ? "write its defaults as lines `name = value`" : `\`yq -o=json . ${file}\` writes it as JSON, for a file that ends in .json`;
			problems.push({
				text: `${file}: a variable file is HCL or JSON: ${advice}`,
				file
			});
			continue;
		}
		const read = parseAssignments(text);
		if ("problem" in read) {
			const [, name] = /^\s*([A-Za-z_][\w-]*)\s*=/.exec(text.split("\n")[read.line - 1] ?? "") ?? [];
			const what = `${name === void 0 ? "" : `variable ${name}: `}${withoutQuotes(read.problem, name ?? "", text)}`;
			problems.push({
				...read,
				text: `${file}:${read.line}:${read.column}: ${what}`,
				file
			});
		} else for (const { name, value, line, expression } of read.assignments) values[name] = {
			value,
			source: `${file}:${line}`,
			...expression === void 0 ? {} : { expression }
		};
	}
	const [first] = problems;
	if (first === void 0) return values;
	const { file, line, column } = first;
	throw new ActionError("input-invalid", problems.map(({ text }) => text).join("\n"), {
		location: {
			file,
			...line === void 0 ? {} : { line },
			...column === void 0 ? {} : { column }
		},
		hint: "A variable file holds lines such as `count = 3` or `tag = \"v1\"`."
	});
}
/**
* Returns the values with all expressions evaluated by the cluster's parser, in one request; without expressions there is none. Throws `input-invalid` with
* file and line of each expression that the parser refuses.
*/
async function evaluateVarFiles(values, { jobs }, namespace) {
	const asked = Object.entries(values).flatMap(([name, { source, expression }]) => expression === void 0 ? [] : [{
		name,
		source,
		expression
	}]);
	if (asked.length === 0) return values;
	const declared = asked.map((_, i) => `variable "v${i}" {}\n`).join("");
	const encoded = asked.map((_, i) => `    v${i} = jsonencode(var.v${i})\n`).join("");
	const given = asked.map(({ expression }, i) => `v${i} = ${expression}\n`);
	const answer = await jobs.parse(`${declared}job "values" {\n  meta {\n${encoded}  }\n}\n`, given.join(""), namespace);
	if ("problems" in answer) {
		/** The number of the expression on each line of the text that was sent. */
		const lines = given.flatMap((text, i) => text.trimEnd().split("\n").map(() => i));
		const told = answer.problems.map(({ message, line = 1 }) => {
			const { name = "", source = "" } = asked[lines[line - 1] ?? 0] ?? {};
			return {
				source,
				text: `${source}: variable ${name}: ${message.replace(/^unable to parse var content: /, "").replaceAll(/(<nil>|input\.hcl:[\d,-]+): /g, "").trim()}`
			};
		});
		const location = sourceLocation(told[0]?.source ?? "");
		throw new ActionError("input-invalid", [...new Set(told.map(({ text }) => text))].join("\n"), {
			hint: "A value of a variable file is a literal, or an expression of literals: it can name no variable and no function.",
			...location === void 0 ? {} : { location }
		});
	}
	const { Meta } = answer.job;
	const evaluated = asked.map(({ name, source }, i) => [name, {
		value: parseLiteral(Meta?.[`v${i}`] ?? "null"),
		source
	}]);
	return {
		...values,
		...Object.fromEntries(evaluated)
	};
}
function jsonObject(text) {
	const parsed = parseJsonValue(text);
	if (!isMap(parsed)) throw new Error("it is no JSON object");
	return parsed;
}
function isMap(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
export { sourceLocation as A, specLocation as C, requireOneEach as D, requireDeclared as E, registryLogin as F, hidingValues as M, REGISTRY_PASSWORD as N, automaticValues as O, keptParts as P, isOpen as S, imagesOf as T, requireFinalId as _, regionOf as a, withoutZeros as b, renderJobspec as c, restrictionsOf as d, tasksOf as f, provisionalImages as g, provisionalImage as h, readSpecFile as i, hidingSecrets as j, givenValues as k, requireAllowed as l, isProvisional as m, readVarFiles as n, settingLines as o, firstTaken as p, readSourceFile as r, settings as s, evaluateVarFiles as t, requireCount as u, requireSameId as v, imageValues as w, askedCount as x, unknowable as y };
