import { S as messageOf, _ as ActionError, p as secret } from "./runtime.js";
import { Cn as pullMissing, E as buildApproved, F as connectTo, M as draftAll, N as prepareWork, O as commandEach, P as refuseSpecs, Qn as secretNames, St as variableRegion, cn as specLocation, er as variablePath, hr as connect, k as judge, ln as unknownArguments, m as changedUnits, sn as requireAllowed, wn as login } from "./steps.js";
import { C as isUntrusted, Wt as mapTexts, _ as describeTargets, m as skipUnwanted, on as parseReference, p as skip, w as refusal } from "./start.js";
import { join } from "node:path";
// src/rehearsal/agent.ts
/** The time limit until the agent can place a task. */
const READY_MS = 6e4;
const POLL_MS = 200;
/** The dynamic ports of an agent: a range of its own, as far as chance goes, because two agents would hand out the same ports. */
const PORTS = {
	from: 2e4,
	each: 400,
	ranges: 30
};
/**
* Returns the configuration of an agent that asks for nothing beyond this machine, takes any amount of resources, and whose API only a token opens.
* See https://developer.hashicorp.com/nomad/docs/configuration
*/
function agentConfig({ region, privileges, logins }, { name, http, rpc, serf, engine }, random) {
	const first = PORTS.from + Math.floor(random * PORTS.ranges) * PORTS.each;
	const text = (value) => JSON.stringify(value);
	return `name                 = ${text(name)}
region               = ${text(region)}
bind_addr            = "127.0.0.1"
log_level            = "WARN"
disable_update_check = true

ports {
  http = ${http}
  rpc  = ${rpc}
  serf = ${serf}
}

acl {
  enabled = true
}

ui {
  enabled = false
}

consul {
  client_auto_join = false
  server_auto_join = false
  auto_advertise   = false
}

server {
  default_scheduler_config {
    memory_oversubscription_enabled = true
  }
}

client {
  min_dynamic_port  = ${first}
  max_dynamic_port  = ${first + PORTS.each - 1}
  cpu_total_compute = 1000000
  memory_total_mb   = 1000000
  disk_total_mb     = 10000000
  disk_free_mb      = 10000000
  gc_max_allocs     = 1000

  options = {
    "driver.allowlist"     = "docker"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,consul,vault,cni,bridge"
  }
}

plugin "docker" {
  config {
    ${engine === "" ? "" : `endpoint = ${text(engine)}`}
    allow_privileged = ${privileges}
    ${privileges ? "allow_caps = [\"all\"]" : ""}
    extra_labels     = ["node_name"]
    ${logins === void 0 ? "" : `auth {\n      config = ${text(logins)}\n    }`}

    volumes {
      enabled = true
    }

    gc {
      image = false

      dangling_containers {
        enabled = false
      }
    }
  }
}
`;
}
/** Starts a throw-away cluster of one node on this machine. Throws `unreachable` where it does not get ready. */
async function startThrowaway(settings, environment, runtime) {
	const process = await runtime.nomadAgent({
		configure: (place, random) => agentConfig(settings, place, random),
		environment
	});
	try {
		const { token, nomad } = await ready(process, runtime);
		runtime.log.info(`A throw-away Nomad agent runs at ${process.address}`);
		return {
			process,
			token,
			makeNamespace: nomad.namespaces.create,
			close: nomad.close
		};
	} catch (error) {
		await process.remove();
		throw error;
	}
}
/** Waits for the agent, makes its token, and waits for its node. */
async function ready(process, runtime) {
	const { address } = process;
	const quiet = {
		...runtime,
		log: {
			...runtime.log,
			info: runtime.log.debug
		}
	};
	const bare = await connect({
		address,
		token: void 0,
		region: void 0
	}, quiet);
	const token = await until("answer", process, runtime, async () => bare.logins.bootstrap()).finally(() => void bare.close());
	runtime.mask(token.SecretID);
	const nomad = await connect({
		address,
		token: secret(token.SecretID),
		region: void 0
	}, quiet);
	let problem = "";
	await until("have a node with Docker", process, runtime, async () => {
		const [node] = await nomad.nodes.list(runtime.signal) ?? [];
		const docker = node?.Drivers?.["docker"];
		problem = docker?.HealthDescription ?? "";
		return node?.Status === "ready" && docker?.Healthy === true ? true : void 0;
	}).catch(async (error) => {
		await nomad.close();
		if (error instanceof ActionError && problem !== "") throw new ActionError(error.code, `${error.message}: ${problem}`, { hint: DOCKER });
		throw error;
	});
	return {
		token: token.SecretID,
		nomad
	};
}
const DOCKER = "A rehearsal needs a Docker engine on this machine (`docker info`). Runners of GitHub with Ubuntu have one.";
/** Asks until there is an answer. Throws `unreachable` with the log of an agent that has ended, and after a minute. */
async function until(what, { ended }, { clock, signal }, ask) {
	let lines;
	let last = "";
	ended.then((all) => lines = all);
	for (const startedMs = clock.now(); clock.now() - startedMs < READY_MS; await clock.sleep(POLL_MS, signal)) {
		if (lines !== void 0) throw new ActionError("unreachable", "the Nomad agent of the rehearsal has ended", {
			output: lines,
			hint: "Its last lines are in the log."
		});
		try {
			const answer = await ask();
			if (answer !== void 0) return answer;
		} catch (error) {
			signal.throwIfAborted();
			if (!(error instanceof ActionError)) throw error;
			last = messageOf(error);
		}
	}
	throw new ActionError("unreachable", `the Nomad agent of the rehearsal did not ${what} within a minute${last === "" ? "" : `: ${last}`}`, { hint: DOCKER });
}
// src/rehearsal/dummies.ts
/** A longer secret has a dummy of this length. */
const MAX_LENGTH = 16384;
/** The host of dummy addresses. No such host exists: https://www.rfc-editor.org/rfc/rfc2606 */
const HOST = "rehearsal.invalid";
/** Parameters of addresses that programs read as a word of a list. They are no secrets. */
const PLAIN_PARAMETERS = /^(sslmode|ssl|tls|charset|encoding|parseTime|timezone|tz|loc|schema|family|protocol|retryWrites|w)$/i;
/** Dummies for secrets without a value, as in a pull request of a fork, whose name says that they are addresses. The first one counts. */
const ADDRESSES = [
	[/REDIS|VALKEY/i, `redis://:rehearsal@${HOST}:6379/0`],
	[/AMQP|RABBIT/i, `amqp://rehearsal:rehearsal@${HOST}:5672/`],
	[/MONGO/i, `mongodb://rehearsal:rehearsal@${HOST}:27017/rehearsal`],
	[/MYSQL|MARIA/i, `mysql://rehearsal:rehearsal@${HOST}:3306/rehearsal`],
	[/(DATABASE|POSTGRES|PG|DB)_?(URL|URI|DSN)$/i, `postgres://rehearsal:rehearsal@${HOST}:5432/rehearsal`],
	[/SENTRY/i, `https://00000000000000000000000000000000@${HOST}/1`],
	[/$/, `https://${HOST}/`]
];
/** The same for other names. */
const BY_NAME = [
	[/PORT$/i, "10000"],
	[/JSON$/i, "{}"],
	[/MAIL$/i, `rehearsal@${HOST}`],
	[/HOST(NAME)?$/i, HOST],
	[/$/, `rehearsal-${"x".repeat(22)}`]
];
/** Returns a dummy for a secret. A secret without a value gets the form that its name tells. */
function dummyOf(name, value) {
	if (value.trim() === "") return (/(URL|URI|DSN|ENDPOINT)$/i.test(name) ? ADDRESSES : BY_NAME).find(([pattern]) => pattern.test(name))?.[1] ?? "";
	const short = value.slice(0, MAX_LENGTH);
	const dummy = ofJson(short) ?? ofPem(short) ?? ofAddress(short) ?? ofText(short);
	return dummy === value && !isWord(value) ? dummy.replace(/[x01]/g, (char) => char === "x" ? "y" : "2") : dummy;
}
const isWord = (value) => /^(true|false|null|yes|no|on|off)$/i.test(value);
function ofJson(value) {
	if (!/^\s*[[{]/.test(value)) return void 0;
	try {
		return JSON.stringify(ofValue(JSON.parse(value)));
	} catch {
		return;
	}
}
/** Returns a JSON value with its keys and dummies of its texts and numbers. */
function ofValue(value) {
	if (typeof value === "string") return dummyOf("", value === "" ? " " : value);
	if (typeof value === "number") return Number.isInteger(value) ? Number("1".repeat(Math.min(String(Math.abs(value)).length, 9))) : 1.5;
	if (Array.isArray(value)) return value.map(ofValue);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, ofValue(one)]));
}
/** Keeps the first and the last line of each block, and the length of the lines between them. */
function ofPem(value) {
	if (!/^\s*-----BEGIN [A-Z0-9 ]+-----/.test(value)) return void 0;
	return value.split("\n").map((line) => /^-----(BEGIN|END) [A-Z0-9 ]+-----\s*$/.test(line) ? line : ofText(line)).join("\n");
}
/** Keeps scheme, port and the names of the parameters. */
function ofAddress(value) {
	if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value)) return void 0;
	const end = value.indexOf("://");
	const [before = "", query] = value.slice(end + 3).split("?", 2);
	const slash = before.indexOf("/");
	const [authority, path] = slash < 0 ? [before, ""] : [before.slice(0, slash), before.slice(slash)];
	const at = authority.lastIndexOf("@");
	const [user, password] = authority.slice(0, Math.max(at, 0)).split(":", 2);
	const port = /:(\d{1,5})$/.exec(authority)?.[0] ?? "";
	const login = at < 0 ? "" : `${user === "" ? "" : "rehearsal"}${password === void 0 ? "" : `:${ofText(password)}`}@`;
	const parameters = query?.split("&").map((one) => {
		const [key = "", own] = one.split("=", 2);
		if (own === void 0) return key;
		return `${key}=${PLAIN_PARAMETERS.test(key) && /^[\w-]{1,20}$/.test(own) ? own : ofText(own)}`;
	});
	return `${value.slice(0, end)}://${login}${HOST}${port}${ofText(path)}${parameters === void 0 ? "" : `?${parameters.join("&")}`}`;
}
/** Keeps the kind of each character: a text of hexadecimal digits stays one, and so does base64. */
function ofText(value) {
	if (isWord(value)) return value;
	if (/^\d+$/.test(value)) return "1".repeat(value.length);
	const [small, large] = /^[0-9a-f-]+$/i.test(value) ? ["a", "A"] : ["x", "X"];
	return value.replace(/[^\n]/gu, (char) => /[0-9]/.test(char) ? "0" : /[A-Z]/.test(char) ? large : /[-_.:/=+@%\s,;]/.test(char) ? char : small);
}
// src/rehearsal/inputs.ts
/** Secrets among the variables of the built-in template. */
const SECRET_VARIABLES = ["CI_REGISTRY_PASSWORD", "CI_REGISTRY_READ_TOKEN"];
/** Returns inputs with dummies in place of secrets, and without token, approval, lock, hooks and public addresses of the real cluster. */
function rehearsedInputs(inputs) {
	return {
		...inputs,
		push: false,
		platforms: [],
		cacheTo: [],
		provenance: void 0,
		sbom: void 0,
		secrets: Object.fromEntries(Object.entries(inputs.secrets).map(([name, value]) => [name, secret(dummyOf(name, value.reveal()))])),
		vars: Object.fromEntries(Object.entries(inputs.vars).map(([name, value]) => [name, SECRET_VARIABLES.includes(name) ? dummyOf(name, value) : value])),
		nomadToken: {
			production: void 0,
			staging: void 0,
			main: void 0,
			review: void 0
		},
		tokenEnv: void 0,
		nomadLogin: void 0,
		nomadTls: {
			cacert: void 0,
			clientCert: void 0,
			clientKey: void 0,
			serverName: void 0,
			skipVerify: false
		},
		nomadVia: void 0,
		nomadHeaders: {},
		consul: void 0,
		proxies: {
			http: void 0,
			https: void 0
		},
		nomadRegion: void 0,
		githubToken: void 0,
		approvedPlan: [],
		lock: "off",
		expect: void 0,
		tag: void 0,
		wait: true,
		preDeploy: void 0,
		postDeploy: void 0,
		watchForMs: void 0,
		bake: void 0,
		preserveCounts: false,
		verify: inputs.verify.filter(({ target }) => "path" in target)
	};
}
// src/rehearsal/drivers.ts
/** The drivers whose tasks a rehearsal runs. */
const DRIVERS = ["docker", "podman"];
// src/rehearsal/policy.ts
/** The folder of persistent volumes of the built-in template, for which an empty folder stands in. */
const OF_TEMPLATE = "/pv";
/** Functions of templates that read files of the node, or run programs there. */
const READS_NODE = /(?<![\w.$"])(file|plugin|writeToFile)(?=\s+["`(.$]|\s*\||\s*\})/;
/** Sources of artifacts: a web address, with the getter or without one. */
const WEB = /^(?:(?:git|hg|s3|gcs)::)?https:\/\/([^/?#\s]+)/i;
/** Throws `policy-violation` for a job of untrusted code that asks for anything of the machine. */
function requireHarmless(job, spec) {
	const policy = {
		source: "docs/rehearse.md (code of a fork)",
		policy: {
			at: {
				file: "docs/rehearse.md",
				line: 1,
				column: 1
			},
			allowedDrivers: DRIVERS,
			privileged: false,
			hostNetwork: false,
			hostPaths: spec.builtIn ? [OF_TEMPLATE] : false,
			hostVolumes: void 0,
			capabilities: [],
			rawExec: false,
			imageRegistries: void 0,
			namespaces: void 0,
			maxCount: void 0,
			maxCpu: void 0,
			maxMemory: void 0
		}
	};
	requireAllowed(job, {
		drivers: void 0,
		policy
	}, spec);
	const found = (job.TaskGroups ?? []).flatMap(({ Name: group, Tasks }) => (Tasks ?? []).flatMap(({ Name: task, Templates, Artifacts }) => [...(Templates ?? []).flatMap(({ EmbeddedTmpl, SourcePath }) => {
		const [, name] = READS_NODE.exec(EmbeddedTmpl ?? "") ?? [];
		const about = {
			kind: "template",
			group,
			task
		};
		if (name !== void 0) return [{
			about,
			what: `the task ${group}/${task} has a template with the function \`${name}\`, which reaches the node`
		}];
		const path = SourcePath ?? "";
		return path === "" || isBelow(path) ? [] : [{
			about,
			what: `the task ${group}/${task} has a template of the file ${JSON.stringify(path)} of the node`
		}];
	}), ...(Artifacts ?? []).flatMap(({ GetterSource }) => {
		const host = WEB.exec(GetterSource ?? "")?.[1];
		if (host !== void 0 && !isOwnHost(host)) return [];
		const what = `the task ${group}/${task} has the artifact ${JSON.stringify(GetterSource)}; allowed: addresses with https:// of other hosts`;
		return [{
			about: {
				kind: "artifact",
				group,
				task
			},
			what
		}];
	})]));
	const [first] = found;
	if (first === void 0) return;
	const location = specLocation(first.about, spec);
	throw new ActionError("policy-violation", found.map(({ what }) => what).join("\n"), {
		hint: "Nothing was built or registered. docs/rehearse.md says what code of a fork may use.",
		...location === void 0 ? {} : { location }
	});
}
/** Returns whether a path is below the folder of its task. */
function isBelow(path) {
	return !/^[/~$]/.test(path) && !path.split("/").includes("..");
}
/** Returns whether a host is this machine, or the metadata of its cloud, by its written form. */
function isOwnHost(host) {
	const name = host.replace(/^[^@]*@/, "").replace(/:\d+$/, "").toLowerCase();
	return /^(localhost|.*\.localhost|.*\.internal|\[.*\]|0x[0-9a-f]+|[\d.]+)\.?$/.test(name);
}
// src/rehearsal/containers.ts
/** Arguments for things of a node, which are ignored. */
const OF_THE_NODE = [...[
	"logging",
	"runtime",
	"devices",
	"dns_servers",
	"dns_search_domains",
	"dns_options",
	"cpuset_cpus",
	"ipv4_address",
	"ipv6_address"
], ...[
	"mac_address",
	"network_aliases",
	"volume_driver"
]];
/** Arguments that are left out without a word: the runner's own logins pull the image, and a local one is not pulled. */
const SILENT = [
	"auth",
	"auth_soft_fail",
	"force_pull"
];
/** Arguments of Podman under their names of Docker. */
const OF_PODMAN = {
	working_dir: "work_dir",
	userns: "userns_mode"
};
/** Returns the config of a container for this machine. `folderOf` returns the path of the folder for a volume or a path of a node. */
function containerConfig(task, { Volumes }, folderOf) {
	const said = [];
	const folders = /* @__PURE__ */ new Set();
	const folder = (name) => {
		const path = folderOf(name);
		folders.add(path);
		return path;
	};
	const config = task.Driver === "podman" ? asDocker(task.Config ?? {}, said) : { ...task.Config };
	for (const key of OF_THE_NODE) {
		if (isGiven(config[key]) && config[key] !== "runc") said.push(`\`${key}\` is ignored, because it is about the nodes of the cluster`);
		delete config[key];
	}
	for (const key of SILENT) delete config[key];
	const { network_mode: network } = config;
	if (typeof network === "string" && !/^(|host|none|bridge|default|container:.*)$/.test(network)) {
		said.push(`the network ${network} of the node's engine is ignored`);
		delete config["network_mode"];
	}
	const volumes = listOf(config["volumes"]).flatMap((volume) => typeof volume === "string" ? [ofVolume(volume, folder, said)] : []);
	const named = (task.VolumeMounts ?? []).map(({ Volume, Destination, ReadOnly }) => {
		const { Source, Type } = Volumes?.[Volume ?? ""] ?? {};
		const name = Source || Volume || "";
		said.push(`the ${Type === "csi" ? "CSI" : "host"} volume ${name} is an empty folder`);
		return `${folder(name)}:${Destination ?? ""}${ReadOnly === true ? ":ro" : ""}`;
	});
	const all = [...volumes, ...named];
	if (all.length > 0) config["volumes"] = all;
	for (const key of ["mount", "mounts"]) if (isGiven(config[key])) config[key] = listOf(config[key]).map((mount) => isObject(mount) ? ofMount(mount, folder, said) : mount);
	return {
		config,
		said,
		folders: [...folders]
	};
}
/** Returns a bind of an empty folder for a path or a volume of the node. A path of the task's own folder stays. */
function ofVolume(volume, folder, said) {
	const [source = "", ...rest] = volume.split(":");
	if (rest.length === 0 || isOwnPath(source)) return volume;
	said.push(`the path ${source} of the node is an empty folder`);
	return [folder(source), ...rest].join(":");
}
function ofMount(mount, folder, said) {
	const { type = "volume", source, target, readonly: isReadOnly } = mount;
	if (type === "tmpfs" || typeof source === "string" && type === "bind" && isOwnPath(source)) return mount;
	const name = typeof source === "string" ? source : String(target);
	said.push(`the ${type === "bind" ? "path" : "volume"} ${name} of the node is an empty folder`);
	return {
		type: "bind",
		source: folder(name),
		target,
		...isReadOnly === void 0 ? {} : { readonly: isReadOnly }
	};
}
/** A path below the folder of the task or the allocation. A single word names a folder there, too. */
const isOwnPath = (path) => !/^[/~$%]/.test(path);
/** Returns the config of Podman for Docker, without what Docker does not have. */
function asDocker(config, said) {
	const { image, tmpfs, network_mode: network, ...others } = config;
	const renamed = Object.fromEntries(Object.entries(others).map(([key, value]) => [OF_PODMAN[key] ?? key, value]));
	for (const { key } of unknownArguments("docker", renamed)) {
		said.push(`\`${key}\` of Podman is ignored`);
		delete renamed[key];
	}
	const mounts = listOf(tmpfs).flatMap((path) => typeof path === "string" ? [{
		type: "tmpfs",
		target: path.split(":")[0]
	}] : []);
	const joined = typeof network === "string" ? network.replace(/^task:(.*)$/, "container:$1-${NOMAD_ALLOC_ID}").replace(/^(slirp4netns|pasta).*$/, "") : "";
	return {
		...renamed,
		image: typeof image === "string" ? image.replace(/^docker:\/\//, "") : image,
		...mounts.length === 0 ? {} : { mounts: [...listOf(others["mounts"]), ...mounts] },
		...joined === "" ? {} : { network_mode: joined }
	};
}
const isGiven = (value) => value !== void 0 && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
const listOf = (value) => Array.isArray(value) ? value : isGiven(value) ? [value] : [];
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
// src/rehearsal/networks.ts
/**
* Returns a group without what only the network of the cluster has. Nomad's bridge needs root and leaves rules in the machine's firewall: in its place, the tasks
* share the network of one container, whose ports Docker publishes on loopback.
*/
function withOwnNetwork(group) {
	const said = [];
	const isFixed = (group.Tasks ?? []).some(({ Config }) => Config?.["network_mode"] === "host");
	const networks = (group.Networks ?? []).map((network) => {
		const { DNS, CNI: _cni, Hostname: _hostname, ReservedPorts, DynamicPorts, ...others } = network;
		if (DNS) said.push(`group ${group.Name}: the servers of \`dns\` are ignored`);
		if (isFixed) return {
			...others,
			Mode: "",
			ReservedPorts,
			DynamicPorts
		};
		const fixed = ReservedPorts ?? [];
		for (const { Label, Value } of fixed) said.push(`group ${group.Name}: the port ${Label} is a random one in place of ${Value ?? 0}`);
		const free = ({ Label, Value, To }) => ({
			Label,
			To: To || (Value ?? 0)
		});
		return {
			...others,
			Mode: "",
			DynamicPorts: [...fixed.map(free), ...(DynamicPorts ?? []).map(({ HostNetwork: _network, ...port }) => port)]
		};
	});
	const mode = group.Networks?.find(({ Mode }) => Mode && Mode !== "host")?.Mode;
	const value = {
		...group,
		Networks: networks
	};
	if (!mode) return {
		value,
		said
	};
	const tasks = group.Tasks ?? [];
	const owner = ownerOf(tasks);
	if (tasks.length > 1) said.push(`group ${group.Name}: the tasks share the network of the container ${owner?.Name} in place of \`mode = "${mode}"\``);
	else said.push(`group ${group.Name}: the task has a network of Docker in place of \`mode = "${mode}"\``);
	const labels = networks.flatMap(({ DynamicPorts }) => (DynamicPorts ?? []).map(({ Label }) => Label));
	return {
		value: {
			...value,
			Tasks: tasks.map((task) => owner === void 0 ? task : joined(task, owner, labels, mode))
		},
		said
	};
}
const isMain = ({ Lifecycle }) => !Lifecycle?.Hook;
/** Returns the task whose container starts before the others. */
function ownerOf(tasks) {
	return tasks.find(({ Lifecycle }) => Lifecycle?.Hook === "prestart" && Lifecycle.Sidecar === true) ?? tasks.find((task) => isMain(task) && task.Leader === true) ?? tasks.find(isMain) ?? tasks[0];
}
function joined(task, owner, labels, mode) {
	const config = task.Config ?? {};
	if (task === owner) {
		const own = Array.isArray(config["ports"]) ? config["ports"].map(String) : [];
		const network = mode === "none" ? { network_mode: "none" } : { ports: [.../* @__PURE__ */ new Set([...own, ...labels])] };
		return {
			...task,
			Config: {
				...config,
				...network
			}
		};
	}
	const isAlone = task.Lifecycle?.Hook === "prestart" || task.Lifecycle?.Hook === "poststop";
	const { ports: _ports, hostname: _hostname, extra_hosts: _hosts, ...others } = config;
	if (isAlone || config["network_mode"] === "host") return {
		...task,
		Config: {
			...others,
			...mode === "none" ? { network_mode: "none" } : {}
		}
	};
	const after = isMain(task) && isMain(owner) ? { Lifecycle: {
		Hook: "poststart",
		Sidecar: true
	} } : {};
	return {
		...task,
		...after,
		Config: {
			...others,
			network_mode: `container:${owner.Name}-\${NOMAD_ALLOC_ID}`
		}
	};
}
// src/rehearsal/services.ts
const SERVICE_FIELDS = [
	"Name",
	"Tags",
	"CanaryTags",
	"PortLabel",
	"Checks",
	"CheckRestart",
	"TaskName",
	"OnUpdate"
];
const CHECK_FIELDS = [...[
	"Name",
	"Type",
	"Path",
	"Protocol",
	"PortLabel",
	"Interval",
	"Timeout",
	"Header",
	"Method",
	"Body",
	"CheckRestart",
	"TaskName",
	"OnUpdate"
]];
/** Returns a group with services of Nomad in place of those of Consul. Throws `input-invalid` for a gateway of the mesh. */
function withNomadServices(group) {
	const said = [];
	const ports = [];
	const labels = (group.Networks ?? []).flatMap(({ ReservedPorts, DynamicPorts }) => [...ReservedPorts ?? [], ...DynamicPorts ?? []]);
	/** Returns the label of a port. A number is a port of the allocation's own network, and needs a label on this machine. */
	const labelOf = (port) => {
		if (!/^\d+$/.test(port)) return port;
		const known = [...labels, ...ports].find(({ To, Value }) => To === Number(port) || Value === Number(port) && !To);
		if (known === void 0) ports.push({
			Label: `port_${port}`,
			To: Number(port)
		});
		return known?.Label ?? `port_${port}`;
	};
	const convert = (service) => {
		const { Name, Provider, Connect, Checks, PortLabel } = service;
		const where = `service ${Name ?? group.Name}`;
		if (Connect?.Gateway) throw new ActionError("input-invalid", `the ${where} is a gateway of Consul's mesh, which a rehearsal does not have`, { hint: "Rehearse the other job specs, by the input `job`." });
		if (Provider !== "nomad") said.push(`${where}: registered with Nomad in place of Consul`);
		if (Connect) {
			const upstreams = (Connect.SidecarService?.Proxy?.Upstreams ?? []).map(({ DestinationName }) => DestinationName ?? "");
			said.push(`${where}: no mesh${upstreams.length === 0 ? "" : `, so that its upstreams (${upstreams.join(", ")}) do not answer`}`);
		}
		const checks = (Checks ?? []).flatMap((check) => {
			const name = check.Name || check.Type || "";
			if (check.Type !== "http" && check.Type !== "tcp") {
				said.push(`${where}: the check ${name} is left out, because only Consul has checks of the type ${check.Type ?? ""}`);
				return [];
			}
			const isBlind = "TLSSkipVerify" in check && check.TLSSkipVerify === true;
			if (isBlind) said.push(`${where}: the check ${name} only connects, because only Consul skips the check of a certificate`);
			const own = isBlind ? {
				...check,
				Type: "tcp"
			} : check;
			const names = isBlind ? CHECK_FIELDS.filter((field) => ![
				"Path",
				"Protocol",
				"Header",
				"Method",
				"Body"
			].includes(field)) : CHECK_FIELDS;
			const port = check.PortLabel ? { PortLabel: labelOf(check.PortLabel) } : {};
			return [{
				...picked(own, names),
				...port,
				...check.OnUpdate === "ignore_warnings" ? { OnUpdate: "require_healthy" } : {}
			}];
		});
		const own = {
			...picked(service, SERVICE_FIELDS),
			Provider: "nomad",
			Checks: checks
		};
		return {
			...own,
			...PortLabel ? { PortLabel: labelOf(PortLabel) } : {},
			...own.OnUpdate === "ignore_warnings" ? { OnUpdate: "" } : {}
		};
	};
	const services = (group.Services ?? []).map(convert);
	const tasks = (group.Tasks ?? []).map((task) => task.Services ? {
		...task,
		Services: task.Services.map(convert)
	} : task);
	const [first = {}, ...others] = group.Networks ?? [];
	const networks = ports.length === 0 ? group.Networks : [{
		...first,
		DynamicPorts: [...first.DynamicPorts ?? [], ...ports]
	}, ...others];
	return {
		value: {
			...group,
			Services: services,
			Tasks: tasks,
			Networks: networks
		},
		said
	};
}
function picked(value, names) {
	return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}
// src/rehearsal/templates.ts
/** Functions of consul-template that read Consul or Vault, and have no stand-in. See https://developer.hashicorp.com/nomad/docs/job-specification/template */
const WITHOUT_DUMMY = /(?<![\w.$"])(ls|safeLs|tree|safeTree|nodes?|datacenters|partitions|peerings|exportedServices|connect|caRoots|caLeaf|secrets|pkiCert)(?=\s+["`(.$]|\s*(?:$|[|)]))/;
/** A call with a literal as its first argument. */
const CALL = /(?<![\w.$"])(secret|keyExists|keyOrDefault|key|services?|nomadVar|nomadVarExists)(?![\w"])(?:[ \t]+("(?:[^"\\\n]|\\.)*"|`[^`]*`))?/g;
/**
* Returns the text of a template with dummies. `own` are the paths of the Nomad variables that this run writes. Throws `input-invalid` for a function without a
* stand-in; `where` names the template.
*/
function withDummies(text, { where, own, delimiters }) {
	const replaced = [];
	return {
		text: inActions(text, delimiters, (action) => {
			const [, unknown] = WITHOUT_DUMMY.exec(action) ?? [];
			if (unknown !== void 0) throw new ActionError("input-invalid", `${where} uses \`${unknown}\`, which only Consul or Vault of the real cluster can answer`, { hint: "A rehearsal has dummies for `key`, `keyOrDefault`, `keyExists`, `service`, `secret` and `nomadVar` with a literal path." });
			return action.replace(CALL, (call, name, literal) => {
				const dummy = dummyCall(name, literal?.slice(1, -1), text, own);
				if (dummy === void 0) return call;
				replaced.push(call);
				return dummy;
			});
		}),
		replaced: [...new Set(replaced)]
	};
}
/** Returns the text that replaces a call; undefined for a call that stays. */
function dummyCall(name, path, text, own) {
	if (name === "services") return "nomadServices";
	if (path === void 0) return void 0;
	const last = path.slice(path.lastIndexOf("/") + 1);
	switch (name) {
		case "service": return `nomadService ${JSON.stringify(path.replace(/@.*$/, "").replace(/^.*\./, "").replace(/\|.*$/, ""))}`;
		case "key": return JSON.stringify(dummyOf(last, ""));
		case "keyExists":
		case "nomadVarExists": return own.includes(path) ? void 0 : "true";
		case "keyOrDefault": return "or \"\"";
		case "secret": {
			const fields = fieldsOf(text, /\.Data\.(?:data\.)?([A-Za-z_]\w*)/g, /index\s+\.Data(?:\.data)?\s+"([^"\n]+)"/g);
			return `parseJSON ${JSON.stringify(JSON.stringify({ Data: {
				...fields,
				data: fields
			} }))}`;
		}
		case "nomadVar": {
			if (own.includes(path)) return void 0;
			const fields = fieldsOf(text, /(?<![\w)])\.([A-Za-z_]\w*)/g, /index\s+\.\s+"([^"\n]+)"/g);
			const items = Object.entries(fields).map(([key, value]) => [key, /\.Value\b/.test(text) ? { Value: value } : value]);
			return `parseJSON ${JSON.stringify(JSON.stringify(Object.fromEntries(items)))}`;
		}
		default: return;
	}
}
/** Returns a dummy for each name that a template reads. */
function fieldsOf(text, ...patterns) {
	const names = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = ""]) => name));
	return Object.fromEntries(names.filter((name) => ![
		"data",
		"Data",
		"Value"
	].includes(name)).map((name) => [name, dummyOf(name, "")]));
}
/** Changes the text within each pair of delimiters. */
function inActions(text, [left, right], change) {
	let [done, at] = ["", 0];
	for (;;) {
		const open = text.indexOf(left, at);
		const close = open < 0 ? -1 : text.indexOf(right, open + left.length);
		if (close < 0) return done + text.slice(at);
		done += text.slice(at, open + left.length) + change(text.slice(open + left.length, close));
		at = close;
	}
}
// src/rehearsal/relax.ts
/** Returns the job for a throw-away agent. Throws `input-invalid` for a part that can neither be left out nor stood in for. */
function relax(job, stage) {
	const said = [];
	const folders = /* @__PURE__ */ new Set();
	const { Datacenters, NodePool, Multiregion, Constraints, Affinities, Spreads, Region, ...others } = job;
	const places = Datacenters ?? [];
	if (places.length > 0 && !places.includes("*")) said.push(`job: the datacenters ${places.join(", ")} are ignored`);
	if (NodePool && NodePool !== "default") said.push(`job: the node pool ${NodePool} is ignored`);
	if (Multiregion) said.push("job: the regions of `multiregion` are ignored");
	else if (Region && Region !== stage.region && Region !== "global") said.push(`job: the region ${Region} is ignored`);
	said.push(...wishes("job", {
		Constraints,
		Affinities,
		Spreads
	}));
	const groups = (job.TaskGroups ?? []).map((group) => relaxGroup(group, job, stage, said, folders));
	return {
		job: {
			...others,
			Region: stage.region,
			Datacenters: ["*"],
			NodePool: "default",
			TaskGroups: groups
		},
		said: [...new Set(said)],
		folders: [...folders]
	};
}
/** Returns the lines about constraints, affinities and spreads. */
function wishes(where, { Constraints, Affinities, Spreads }) {
	const told = (kind, { LTarget, Operand, RTarget }) => `${where}: the ${kind} ${[
		LTarget,
		Operand,
		RTarget
	].filter((part) => part).join(" ")} is ignored`;
	const attribute = (spread) => "Attribute" in spread ? String(spread.Attribute) : "";
	return [
		...(Constraints ?? []).map((one) => told("constraint", one)),
		...(Affinities ?? []).map((one) => told("affinity", one)),
		...(Spreads ?? []).map((one) => `${where}: the spread over ${attribute(one)} is ignored`)
	];
}
function relaxGroup(group, job, stage, said, folders) {
	const { Constraints, Affinities, Spreads, Scaling, Count, Volumes: _volumes, Consul: _consul, ...others } = group;
	const where = `group ${group.Name}`;
	said.push(...wishes(where, {
		Constraints,
		Affinities,
		Spreads
	}));
	const count = Count ?? Scaling?.Min ?? 1;
	if (count > 1) said.push(`${where}: 1 allocation in place of ${count}`);
	if (Scaling) said.push(`${where}: the scaling policy is ignored`);
	const tasks = (group.Tasks ?? []).map((task) => relaxTask(task, group, job, stage, said, folders));
	const services = withNomadServices({
		...others,
		Tasks: tasks
	});
	const networks = withOwnNetwork(services.value);
	said.push(...services.said, ...networks.said);
	return {
		...networks.value,
		Count: Math.min(count, 1)
	};
}
function relaxTask(task, group, job, stage, said, folders) {
	const where = `task ${group.Name}/${task.Name}`;
	if (!DRIVERS.includes(task.Driver)) throw new ActionError("input-invalid", `the ${where} has the driver ${JSON.stringify(task.Driver)}, and a rehearsal runs containers only`, { hint: "A task of another driver would run on the runner itself. Rehearse the other job specs, by the input `job`." });
	if (task.CSIPluginConfig) throw new ActionError("input-invalid", `the ${where} is a plugin for volumes, which a rehearsal can't run`);
	const say = (line) => void said.push(`${where}: ${line}`);
	if (task.Driver === "podman") say("Docker in place of Podman");
	const { Constraints, Affinities, Vault, Consul, VolumeMounts: _mounts, Secrets, Resources, ...others } = task;
	said.push(...wishes(where, {
		Constraints,
		Affinities
	}));
	if (Vault) say("no token of Vault");
	if (Consul) say("no token of Consul");
	const { Devices, NUMA, Cores, ...resources } = Resources ?? {};
	for (const { Name } of Devices ?? []) say(`the device ${Name ?? ""} is ignored`);
	if (NUMA) say("the wish for NUMA is ignored");
	if (Cores) say("shares of the CPU in place of reserved cores");
	const config = containerConfig(task, group, stage.folderOf);
	for (const line of config.said) say(line);
	for (const folder of config.folders) folders.add(folder);
	const own = stage.variables(job.ID);
	const templates = task.Templates?.map((template, i) => {
		const name = template.DestPath || `${i + 1}`;
		const delimiters = [template.LeftDelim || "{{", template.RightDelim || "}}"];
		const { text, replaced } = withDummies(template.EmbeddedTmpl ?? "", {
			where: `the template ${name} of the ${where}`,
			own,
			delimiters
		});
		for (const call of replaced) say(`a dummy in place of \`${call}\` in the template ${name}`);
		return template.EmbeddedTmpl ? {
			...template,
			EmbeddedTmpl: text
		} : template;
	});
	const relaxed = {
		...others,
		Driver: "docker",
		Config: config.config,
		...templates ? { Templates: templates } : {}
	};
	return withoutSecretBlocks(Resources ? {
		...relaxed,
		Resources: resources
	} : relaxed, Secrets, say);
}
/** Returns a task with dummies in place of the values of its `secret` blocks. */
function withoutSecretBlocks(task, secrets, say) {
	if (!secrets || secrets.length === 0) return task;
	for (const { Name } of secrets) say(`dummies in place of the \`secret\` block ${Name}`);
	return mapTexts(task, (text) => text.replace(/\$\{secret\.[\w-]+\.([\w-]+)\}/g, (_, item) => dummyOf(item, "")));
}
// src/apps/rehearsal.ts
/** The beginning of a line about a difference. */
const UNLIKE = "Unlike on the cluster: ";
/**
* `rehearse`: deploys the jobs to a throw-away agent on this machine, by the steps of a deploy, and removes the agent. No secret of the workload and no token of
* the real cluster takes part.
*/
async function rehearseAll(begun, record) {
	const { runtime } = record;
	const { context, units } = begun;
	const [{ inputs, target }] = units;
	const [first = rehearsed(units[0]), ...others] = units.filter((unit, i) => units.findIndex(({ app }) => app === unit.app) === i).map(rehearsed);
	record.note(describeTargets([first, ...others], runtime));
	if (inputs.noDeploy) return skipUnwanted(runtime);
	const distrusted = refusal(context, inputs, target);
	if (distrusted !== void 0) return skip(distrusted, runtime);
	const changed = await changedUnits({
		...begun,
		units: [first, ...others]
	}, runtime);
	if (changed === void 0) return {
		outcome: "skipped",
		cause: "no file of any app changed"
	};
	for (const line of leftOut(units)) runtime.log.info(`${UNLIKE}${line}`);
	const works = await prepareWork(changed, context, runtime);
	requireNoDigest(works);
	const region = inputs.nomadRegion ?? variableRegion(works[0], context) ?? "global";
	const untrusted = isUntrusted(context);
	const environment = untrusted ? {} : await loginsOf(works, runtime);
	await pullExisting(works, environment, record);
	const folder = environment["DOCKER_CONFIG"];
	const settings = {
		region,
		privileges: !untrusted,
		logins: folder === void 0 ? void 0 : join(folder, "config.json")
	};
	const start = async () => startThrowaway(settings, environment, runtime);
	const agent = await record.stage("agent", "Start a throw-away Nomad agent", start);
	try {
		return await deployTo(agent, {
			begun: {
				...begun,
				units: changed
			},
			works,
			region,
			untrusted
		}, withoutPages(record));
	} finally {
		await agent.close();
		await agent.process.remove();
		runtime.log.info("The throw-away agent, its containers and its files are removed.");
	}
}
/** Deploys the works to the throw-away cluster. */
async function deployTo(agent, { begun, works, region, untrusted }, record) {
	const { runtime, note } = record;
	const [{ inputs }] = works;
	const said = /* @__PURE__ */ new Set();
	const [first, ...others] = begun.units;
	const units = [withToken(first, agent.token), ...others.map((unit) => withToken(unit, agent.token))];
	const cluster = {
		...await connectTo({
			...begun,
			units: [...units]
		}, works, agent.process.address, record),
		adapt: adapting({
			agent,
			region,
			untrusted,
			secrets: inputs.secrets,
			said
		})
	};
	try {
		if (inputs.nomadNamespace !== void 0) await agent.makeNamespace(inputs.nomadNamespace);
		const { drafts, checked } = await draftAll(works, cluster, record);
		note({ rehearsal: [...said] });
		for (const line of said) runtime.log.info(`${UNLIKE}${line}`);
		if (checked.some(({ error }) => error !== void 0)) return await refuseSpecs(checked, runtime);
		const jobs = await judge(works, drafts, cluster, record);
		const built = await buildApproved([{
			jobs,
			cluster
		}], record);
		return await commandEach({
			jobs,
			cluster
		}, built, record);
	} finally {
		await cluster.regions.close();
	}
}
/** Returns a run whose result names no page of the throw-away agent, which is gone when people read the result, and no rollout that continues. */
function withoutPages(record) {
	const without = ({ nomadUrl: _page, jobs, ...part }) => ({
		...part,
		...jobs && { jobs: jobs.map(without) }
	});
	const runtime = {
		...record.runtime,
		leaveWord: () => void 0
	};
	return {
		...record,
		runtime,
		note: (part) => record.note(without(part))
	};
}
/** Returns a unit whose inputs have nothing of the real cluster. */
function rehearsed(unit) {
	const [first, ...others] = unit.images;
	const inputs = rehearsedInputs(unit.inputs);
	return {
		...unit,
		inputs,
		images: [first === unit.inputs ? inputs : rehearsedInputs(first), ...others.map(rehearsedInputs)],
		target: {
			...unit.target,
			nomadAddr: void 0,
			url: void 0
		}
	};
}
/** Returns the lines about inputs that a rehearsal leaves out. */
function leftOut(units) {
	const all = units.map(({ inputs }) => inputs);
	return [
		[all.some(({ preDeploy, postDeploy }) => preDeploy !== void 0 || postDeploy !== void 0), "`pre-deploy` and `post-deploy` do not run"],
		[all.some(({ verify }) => verify.some(({ target }) => "url" in target)), "`verify` asks the paths, and not the addresses with a host"],
		[all.some(({ bake }) => bake !== void 0), "the rules of `verify` over a time are left out"],
		[all.some(({ watchForMs }) => watchForMs !== void 0), "`watch-for` is left out"],
		[all.some(({ secrets }) => Object.keys(secrets).length > 0), "the secrets are dummies of the same form"]
	].flatMap(([holds, line]) => holds ? [line] : []);
}
function withToken(unit, token) {
	const sourced = {
		value: secret(token),
		source: "the throw-away agent"
	};
	return {
		...unit,
		inputs: {
			...unit.inputs,
			nomadToken: {
				production: sourced,
				staging: sourced,
				main: sourced,
				review: sourced
			}
		}
	};
}
/** Throws `input-invalid` for a variable of a spec that takes the digest of a built image: an image that is not pushed has none. */
function requireNoDigest(works) {
	for (const { plan, inputs } of works.flatMap(({ asked }) => asked)) {
		const [variable] = Object.entries(inputs.imageVariables).find(([, part]) => part === "digest") ?? [];
		if (variable === void 0 || plan.kind !== "build") continue;
		throw new ActionError("input-invalid", `\`image-variables\`: ${variable} takes the digest, and the image of a rehearsal is not pushed, so that it has none`, { hint: `Give ${variable} the part \`tag\` or \`image\`.` });
	}
}
/** Returns the variables by which docker finds the logins of this runner and of the inputs. */
async function loginsOf(works, runtime) {
	const inputs = works.flatMap(({ asked }) => asked.map((one) => ({
		...one.inputs,
		push: true
	})));
	const { environment } = await login(inputs, runtime);
	return Object.keys(environment).length > 0 ? environment : runtime.dockerConfig([]);
}
/** Pulls the images that exist already, and that the engine does not have. */
async function pullExisting(works, environment, { runtime, stage }) {
	for (const { plan } of works.flatMap(({ asked }) => asked)) {
		if (plan.kind !== "existing" || parseReference(plan.reference)?.digest !== void 0) continue;
		await stage("image", `Pull ${plan.reference}`, async () => pullMissing(plan.reference, environment, runtime));
	}
}
/** Returns the change of each job before the agent gets it. */
function adapting({ agent, region, untrusted, secrets, said }) {
	const { folder, makeFolder } = agent.process;
	const scopes = [...new Set(secretNames(Object.keys(secrets)).map(({ scope }) => scope.join("/")))];
	const stage = {
		region,
		folderOf: (name) => join(folder, `_${name.replace(/[^\w-]/g, "_")}`),
		variables: (jobId) => scopes.map((scope) => variablePath(jobId, scope.split("/").filter((part) => part !== "")))
	};
	return async (job, spec) => {
		if (untrusted) requireHarmless(job, spec);
		const relaxed = relax(job, stage);
		for (const line of relaxed.said) said.add(line);
		for (const path of relaxed.folders) await makeFolder(path);
		if (job.Namespace && job.Namespace !== "default") await agent.makeNamespace(job.Namespace);
		return relaxed.job;
	};
}
export { rehearseAll };
