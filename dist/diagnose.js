import { At as flattenErrors, Mt as readable, Nt as withoutCredentials, Pt as withoutFolders, jt as oneLine, kt as clip, un as formatDuration, wt as plain } from "./target.js";
import { stripVTControlCharacters } from "node:util";
// src/nomad/update.ts
/** A group's update block over the job's: Nomad's parser writes null for what a block does not say. */
function updateOf(job, group) {
	const said = Object.entries(group ?? {}).filter(([, value]) => value !== null);
	return {
		...job,
		...Object.fromEntries(said)
	};
}
/** Nomad's own default of `min_healthy_time`. */
const MIN_HEALTHY_MS = 1e4;
/** Returns the rules by which Nomad judges a version of a job: its kind, its count and the `min_healthy_time` of its `update` blocks. */
function rulesOf({ Type, Update, TaskGroups }) {
	const kind = Type === "batch" || Type === "sysbatch" ? "batch" : Type === "system" ? "system" : "service";
	const groups = (TaskGroups ?? []).filter(({ Count }) => Count !== 0);
	const times = groups.map((group) => updateOf(Update, group.Update).MinHealthyTime ?? MIN_HEALTHY_MS * 1e6);
	const sum = groups.reduce((total, { Count }) => total + (Count ?? 1), 0);
	return {
		kind,
		count: Type === "system" || Type === "sysbatch" ? Math.min(sum, 1) : sum,
		minHealthyMs: Math.max(0, ...times) / 1e6
	};
}
// src/diagnose/check.ts
const MAX_OUTPUT = 500;
/** The patterns see no more than this beginning of a longer output. */
const MAX_READ$2 = 16384;
const LISTEN = "let the application listen on that port, on all addresses (0.0.0.0)";
/** Reads a result as Nomad tells it; `clean` takes out what is secret, before anything is cut. */
function readCheck({ Check, Service, Status, StatusCode, Output }, clean) {
	const output = clean(oneLine(withoutTags(clean(Output ?? "").slice(0, MAX_READ$2))));
	return {
		name: Check,
		service: Service,
		status: Status,
		output: clip(`${StatusCode ? `${StatusCode} ` : ""}${output}`.trim(), MAX_OUTPUT)
	};
}
/** The words of a page, without its title where they repeat it. */
function withoutTags(text) {
	if (!/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) return text;
	return text.replace(/<(script|style|title)\b[\s\S]*?<\/\1>/gi, " ").replace(/<[^<>]*>/g, " ").replace(/\s+/g, " ");
}
/** A failing check in words, and what to do about it; the group of the job, where it is known, tells the path that is asked for. */
function describeFailure(check, group) {
	const name = check.name.startsWith("service: \"") ? "" : ` "${check.name}"`;
	const { text, advice } = checkWords(check, group);
	return {
		text: `the check${name} of service ${check.service} fails: ${text}`,
		advice
	};
}
/** What a failing check says, without its name. */
function checkWords({ name, service, output }, group) {
	const checks = servicesOf(group).find(({ Name }) => Name === service)?.Checks ?? [];
	const path = (checks.find(({ Name }) => Name === name) ?? (checks.length === 1 ? checks[0] : void 0))?.Path;
	const [, status, page = ""] = /^(\d{3})(?: (.*))?$/s.exec(output) ?? [];
	if (status !== void 0) {
		const body = page.startsWith(`${status} `) ? page.slice(status.length + 1) : page;
		const said = body === "" ? "" : ` ${JSON.stringify(clip(body, 100))}`;
		return {
			text: `${path ? `GET ${path}` : "it"} answers ${status}${said}`,
			advice: "correct the path of the check, or what answers there"
		};
	}
	const refused = /dial (?:tcp|udp) (\S+): connect: connection refused/.exec(output);
	if (refused !== null) return {
		text: `nothing listens at ${refused[1]} (connection refused)`,
		advice: LISTEN
	};
	const cut = /(?:Get "([^"]*)": .*?)?(EOF|connection reset by peer)$/.exec(output);
	if (cut !== null) return {
		text: `nothing answers${cut[1] === void 0 ? "" : ` at ${cut[1]}`} (${cut[2]})`,
		advice: LISTEN
	};
	if (/deadline exceeded|i\/o timeout|Client\.Timeout/.test(output)) return {
		text: "no answer within its timeout",
		advice: "raise the check's `timeout`, or see why it takes so long"
	};
	if (/HTTP response to HTTPS client/.test(output)) return {
		text: "plain HTTP is spoken there, not HTTPS",
		advice: "let its `protocol` be http"
	};
	return {
		text: clip(output.replace(/^(nomad: )?(Get "[^"]*": )?/, ""), 160) || "it says nothing more",
		advice: "see the application"
	};
}
/** The services of a group and of its tasks, with the task that they belong to. */
function servicesOf(group) {
	return [...(group?.Services ?? []).map((service) => ({
		...service,
		task: void 0
	})), ...(group?.Tasks ?? []).flatMap(({ Name, Services }) => (Services ?? []).map((service) => ({
		...service,
		task: Name
	})))];
}
/** The intervals of a group's checks, in milliseconds. */
function intervalsOf({ Services, Tasks }) {
	return [...Services ?? [], ...(Tasks ?? []).flatMap((task) => task.Services ?? [])].flatMap(({ Provider, Checks }) => Provider === "nomad" ? Checks ?? [] : []).map(({ Interval }) => (Interval ?? 0) / 1e6);
}
/** Whether a job has checks whose results Nomad can tell: those of its own services. */
function hasChecks({ TaskGroups }) {
	return (TaskGroups ?? []).some((group) => intervalsOf(group).length > 0);
}
/**
* Returns whether Nomad judges the health of a group by checks. It judges neither batch jobs nor groups without deployments (`max_parallel = 0`), and
* `health_check` may leave the judgement to the states of the tasks or to people.
*/
function countsChecks({ Type, Update, TaskGroups }, groupName) {
	const own = TaskGroups?.find(({ Name }) => Name === groupName)?.Update;
	const { HealthCheck, MaxParallel } = updateOf(Update, own);
	return Type?.endsWith("batch") !== true && MaxParallel !== 0 && (HealthCheck || "checks") === "checks";
}
/** Whether Nomad ignores a result: a failure of a check with `on_update = "ignore"`. As long as that check has no result, it counts as any other. */
function isIgnored({ Mode, Status }) {
	return Mode === "readiness" && Status === "failure";
}
/** Returns a failing check in words. */
function describeFailing(result) {
	return describeFailure(readCheck(result, withoutCredentials), void 0).text;
}
// src/diagnose/driver.ts
const finding = (text, advice, certain, kind, name) => ({
	text,
	advice,
	certain: certain === true,
	...certain === "node" && { ofNode: true },
	about: {
		kind,
		...name === void 0 ? {} : { name }
	}
});
/**
* Why an image could not be pulled; the first row that matches counts. What another attempt may heal comes first, so that a word such as `not found`
* within it can't make it certain. Texts of Docker 20 to 28, containerd and Podman.
*/
const PULL = [
	[
		/toomanyrequests|too many requests|rate limit/i,
		() => "the registry limits how often it is pulled from",
		"log the nodes in to it, or use a mirror",
		false
	],
	[
		/lookup ([^\s:]+)(?: on \S+)?: no such host/,
		([, host]) => `the registry ${host} is not known (no such host)`,
		"check the image's name, and the DNS of the nodes",
		false
	],
	[
		/(?:dial tcp ([^\s]+): )?connect: connection refused/,
		([, address]) => `the registry${address === void 0 ? "" : ` at ${address}`} refused the connection`,
		"check the image's name, and that the nodes reach the registry",
		false
	],
	[
		/server gave HTTP response to HTTPS client/,
		() => "the registry speaks plain HTTP, which the engine of the node does not allow",
		"serve it by HTTPS, or name it among the engine's insecure registries",
		"node"
	],
	[
		/(x509: .*|tls: .*)/,
		([, words]) => `the node does not trust the registry's certificate (${words})`,
		"give the node's engine the certificate authority",
		"node"
	],
	[
		/no space left on device/,
		() => "the node has no space left for it",
		"free space on the node",
		"node"
	],
	[
		/i\/o timeout|deadline exceeded|Client\.Timeout|handshake timeout|timed out|request canceled|no route to host|network is unreachable/i,
		() => "the registry did not answer in time",
		"check that the nodes reach the registry",
		false
	],
	[
		/(?:status|code)\b.*?\b(5\d\d)\b/i,
		([, status]) => `the registry answered ${status}`,
		"look at the registry",
		false
	],
	[
		/unexpected EOF|: EOF|connection reset|broken pipe|temporary failure|service unavailable/i,
		() => "the connection to the registry broke",
		"look at the registry",
		false
	],
	[
		/no matching manifest for ([^\s,]+)|platform \(([^)]+)\) does not match/,
		([, wanted, other]) => `it is not built for the platform of the node (${wanted === void 0 ? `it is ${other}` : `no manifest for ${wanted}`})`,
		"build it for the node's platform (`platforms`)",
		"node"
	],
	[
		/pull access denied|no basic auth credentials|unauthorized|authentication required|access denied|\bdenied\b|incorrect username|forbidden/i,
		([words]) => `the registry denied access (${words})`,
		"give the nodes credentials for the registry, and check the name",
		"node"
	],
	[
		/manifest unknown|manifest for \S+ not found|reading manifest .*not found|(?:repository|name) (?:\S+ )?(?:unknown|not found|does not exist)|no such image|: not found$/i,
		() => "the registry has no such image (manifest unknown, not found)",
		"check its name and tag, and that it was pushed",
		true
	]
];
const IMAGE_OF_PULL = /(?:failed to pull|unable to pull)(?: image)? [`"']?([^\s`"']+?)[`"']?: (.*)/i;
/** Refusals of a driver's config that come from the settings or the files of its node, not from the config alone. */
const OF_NODE = /plugin config|not allowed|disabled|not enabled|not found|no such file|opening |runtime|isolation mode "|permission denied/i;
/** Other reasons why a driver could not start a task; the first row that matches counts. */
const START = [
	[/docker image "([^"]+)": does not match registry specification|could not parse (?:image )?reference[:\s]+"?([^\s"]+)|()invalid reference format|()repository name must be lowercase/, ([, image, other]) => {
		const name = image ?? other;
		return finding(`the image name ${name === void 0 ? "" : `${name} `}is invalid`, "names are lower case: registry/repository:tag", true, "image");
	}],
	[/exec format error/, ({ input }) => {
		const command = /fork\/exec (\S+):|exec:? "?([^\s":]+)"?:/.exec(input);
		return execFormat(command?.[1] ?? command?.[2]);
	}],
	[/exec: \\?"([^"\\]+)\\?": (?:stat .*no such file or directory|executable file not found in \$PATH)|crun: executable file [`'"]?([^\s`'"]+)[`'"]? not found/, ([, command, other]) => finding(`its command ${command ?? other} does not exist in the image`, "correct the command (`command`, CMD or ENTRYPOINT), or add the file to the image", true, "command")],
	[/exec: \\?"([^"\\]+)\\?": (?:permission denied|is a directory)/, ([, command]) => finding(`its command ${command} in the image cannot be executed (permission denied)`, "it has to be an executable file (chmod +x), and no directory", true, "command")],
	[/binary "([^"]+)" could not be found|file (\S+) not found under path/, ([, command, other], node) => finding(`its command ${command ?? other} was not found on the node ${node}`, "correct `command`, or bring the file with an artifact", "node", "command")],
	[/fork\/exec (\S+): permission denied/, ([, command], node) => finding(`its command ${command} on the node ${node} cannot be executed (permission denied)`, "make it executable (`mode` of the artifact, `perms` of the template, chmod +x)", "node", "command")],
	[/Port "([^"]+)" not found/, ([, port]) => finding(`the port "${port}" is not in the group's network block`, `add \`port "${port}"\` there, or correct \`ports\``, true, "port", port)],
	[/(?:listen (?:tcp|udp)[46]? |host port (?:for )?|Bind for )\[?[\w.:]*?\]?:(\d+).*(?:address already in use|port is already allocated)/, ([, port], node) => finding(`the port ${port} of the node ${node} is in use by something outside Nomad`, "free it, or take another one (without `static`, Nomad chooses)", "node", "port", port)],
	[/unable to find user ([^\s:]+)|unknown user ([^\s:]+)/, ([, inImage, onNode], node) => finding(`the user ${inImage ?? onNode} does not exist ${inImage === void 0 ? `on the node ${node}` : "in the image"}`, "correct `user`, or make that user", inImage === void 0 ? "node" : true, "user")],
	[/does not allow the following capabilities: (.*)/, ([, capabilities], node) => finding(`the node ${node} does not allow the capability ${capabilities}`, "take it out of `cap_add`, or add it to the driver's `allow_caps` on that node", "node", "config", "cap_add")],
	[/privileged mode is disabled/i, (_match, node) => finding(`the node ${node} does not allow privileged containers`, "take `privileged` out, or set the driver's `allow_privileged` on that node", "node", "config", "privileged")],
	[/requested runtime "([^"]+)" is not allowed/, ([, runtime], node) => finding(`the node ${node} does not allow the runtime ${runtime}`, "take `runtime` out, or add it to the driver's `allow_runtimes` on that node", "node", "config", "runtime")],
	[/volumes are not enabled/, (_match, node) => finding(`the node ${node} does not allow its own paths as volumes`, "use a `volume` block, or enable the driver's `volumes` on that node", "node", "config", "volumes")],
	[/bind source path does not exist: (\S+)/, ([, path], node) => finding(`the node ${node} has no ${path} to mount`, "make that folder on the nodes, or correct the path", "node", "config", "mount")],
	[/error mounting "([^"]+)" to rootfs at "([^"]+)".*not a directory/, ([, source, target]) => finding(`${withoutFolders(source ?? "")} cannot be mounted at ${target}: one of them is a folder and the other a file`, "check that what is mounted exists before the task starts", "node", "config", "volumes")],
	[/\bnetwork ([^\s"]+) not found/, ([, network], node) => finding(`the network ${network} does not exist on the node ${node}`, "correct `network_mode`, or make that network on the nodes", "node", "config", "network_mode")],
	[/Minimum memory limit allowed is (\S+)/i, ([, least]) => finding(`its memory limit is below the ${least} that the driver needs`, "raise `memory`", true, "memory")],
	[/Failed to create container configuration for image .*?(?:\("[^"]*"\))?: (.*)/, ([, words = ""], node) => OF_NODE.test(words) ? finding(`the node ${node} refused its driver config: ${words}`, "correct the `config` block, or that node", "node", "config") : finding(`its driver config was refused: ${words}`, "correct the `config` block", true, "config")]
];
/** What engines and runtimes put before the one clause that tells. */
const PREFIXES = /^(?:Failed to start container \w+|failed to create container|Error response from daemon|failed to create (?:shim )?task(?: for container)?|failed to create task for container|OCI runtime (?:create|start) failed|runc (?:create|run) failed|container_linux\.go:\d+|starting container process caused|unable to start container process|failed to launch command with executor|failed to start task|failed to start command|rpc error: code = \w+ desc = ?.?|failed driver config validation|failed to set up container networking|driver failed programming external connectivity on endpoint \S+ \(\w+\))[:,]? +/;
/** Of a longer message, the beginning is looked at: engines write a sentence or two. */
const MAX_READ$1 = 8192;
/** What a `Driver Failure` means: its text, on the node of that name. */
function driverFailure(message, node) {
	const text = flattenErrors(message.slice(0, MAX_READ$1));
	const pull = IMAGE_OF_PULL.exec(text);
	if (pull !== null) return pullFailure(pull[1] ?? "", stripPrefixes(pull[2] ?? ""));
	for (const [pattern, find] of START) {
		const match = pattern.exec(text);
		if (match !== null) return find(match, node);
	}
	return finding(`it could not be started: ${stripPrefixes(text)}`, `correct the \`config\` block, or see the node ${node}`, false, "task");
}
function pullFailure(image, words) {
	const because = (why) => `the image ${image} cannot be pulled: ${why}`;
	for (const [pattern, why, advice, certain] of PULL) {
		const match = pattern.exec(words);
		if (match !== null) return finding(because(why(match)), advice, certain, "image");
	}
	return finding(because(words), "check its name, and that the nodes reach the registry", false, "image");
}
function stripPrefixes(text) {
	let rest = text;
	for (let before = ""; before !== rest;) {
		before = rest;
		rest = rest.replace(PREFIXES, "");
	}
	return rest.replace(/: unknown$/, "");
}
/** A program of another architecture, or a script that does not say by what it is run. */
function execFormat(command) {
	return finding(`its command ${command === void 0 ? "" : `${command} `}cannot be executed (exec format error): it is built for another architecture, or a script without #!`, "build it for the node's platform", "node", "command");
}
// src/diagnose/log-line.ts
const MAX_LENGTH$1 = 160;
/** Of a longer line, the beginning is looked at: some of the patterns take a time that grows faster than the line. */
const MAX_READ = 16384;
const MAX_MATCHED = 2048;
/** Lines that belong to the error above or below them, or come after every failure: stack frames, excerpts of source, advice. */
const NOISE = [
	/^[\s^~|}\])({[,;.-]*$/,
	/^\s/,
	/^(at|from) .*[:(]\d+/,
	/^#\d+ /,
	/^(goroutine \d+ |created by |\[signal |exit status \d|rax |r\d+ )/,
	/^[\w./*()-]+\([^)]*\)$/,
	/^(traceback \(most recent call last\)|stack trace|stack backtrace|backtrace|stacktrace):?$/i,
	/^note: /,
	/^(During handling of|The above exception was)/,
	/^\(Background on this error at/,
	/^Node\.js v\d/,
	/^npm (notice|warn)\b/i,
	/^npm (ERR!|error)(\s*$| +(code|errno|path|command|signal|syscall|location|workspace|in workspace|npm|To see|Lifecycle|This is probably|A complete log)\b)/,
	/^(error Command failed with exit code|ELIFECYCLE|info Visit )/,
	/^make: \*\*\*/,
	/^\/?[\w./-]+:\d+$/,
	/^(throw |raise |process\.exit)/
];
const STRONG = [
	/^\W*(panic|fatal|fatal error|error|exception|uncaught|unhandled|emerg|crit|critical)\b/i,
	/\b[A-Z]\w*(Error|Exception)\b(:|\)|$)/,
	/(^|[\s[:=|"])(panic|panicked|fatal|emerg|crit|critical)([\s\]:|"]|$)/i,
	/\blevel="?(error|fatal|panic|critical)\b/i,
	/[[\s](ERROR|ERR|SEVERE|FTL)[\]\s:]/
];
const WEAK = /error|exception|fail|denied|refused|not found|cannot|can't|could not|couldn't|unable|missing|invalid|no such|not set|required|unknown|killed|abort|timed? ?out|not permitted|unreachable|expected/i;
const WARNING = /\bwarn(ing)?\b|deprecat/i;
/**
* The line that most likely says why a task ended: the last that reads like an error (of stderr rather than stdout), without stack frames and blank
* lines; else the last at all. The words of a JSON log are its message.
*/
function tellingLine(tails) {
	const found = [...tails].sort((a, b) => Number(b.stream === "stderr") - Number(a.stream === "stderr")).flatMap(({ lines }) => choose(lines.map(readLine)) ?? []);
	const best = found.find(({ error }) => error) ?? found[0];
	return best && {
		...best,
		text: clip(oneLine(best.text), MAX_LENGTH$1)
	};
}
function readLine(raw) {
	const whole = stripVTControlCharacters(raw.slice(0, MAX_READ)).replace(/(?!\t)\p{Cc}/gu, "").trimEnd();
	const json = readJson(whole);
	if (json !== void 0) return json;
	const text = whole.slice(0, MAX_MATCHED);
	if (text.trim() === "") return {
		text,
		rank: "blank"
	};
	if (NOISE.some((pattern) => pattern.test(text))) return {
		text: text.trim(),
		rank: "noise"
	};
	if (STRONG.some((pattern) => pattern.test(text))) return {
		text,
		rank: "strong"
	};
	return {
		text,
		rank: WEAK.test(text) && !WARNING.test(text) ? "weak" : "plain"
	};
}
/** A line of a structured log: its message, and whether its level is that of an error. Levels as numbers are those of bunyan and pino. */
function readJson(text) {
	if (!/^\s*\{.*\}\s*$/.test(text)) return void 0;
	let fields;
	try {
		fields = JSON.parse(text);
	} catch {
		return;
	}
	if (typeof fields !== "object" || fields === null) return void 0;
	const entries = new Map(Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value]));
	const words = (key) => {
		const value = entries.get(key);
		if (typeof value === "string") return value;
		return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string" ? value.message : "";
	};
	const parts = [
		"msg",
		"message",
		"@message",
		"error",
		"err",
		"exception"
	].map(words).filter((part) => part !== "");
	const message = [...new Set(parts)].join(": ");
	if (message === "") return void 0;
	const level = [
		"level",
		"severity",
		"@level",
		"lvl"
	].map((key) => entries.get(key)).find((value) => value !== void 0);
	return {
		text: message,
		rank: (typeof level === "number" ? level >= 50 : typeof level === "string" && /err|fatal|crit|panic|emerg|alert/i.test(level)) ? "strong" : "plain"
	};
}
function choose(lines) {
	const telling = lines.filter(({ rank }) => rank !== "blank" && rank !== "noise").slice(-20);
	const last = telling.at(-1);
	if (last === void 0) {
		const any = lines.findLast(({ rank }) => rank !== "blank");
		return any && {
			text: any.text,
			error: false
		};
	}
	const at = telling.findLastIndex(({ rank }) => rank === "strong");
	const strong = telling[at];
	if (strong === void 0 || last.rank === "weak" && !continues(strong)) {
		const weak = telling.findLast(({ rank }) => rank === "weak");
		return {
			text: (weak ?? last).text,
			error: weak !== void 0
		};
	}
	const next = telling[at + 1];
	return {
		text: next !== void 0 && continues(strong) ? `${strong.text} ${next.text}` : strong.text,
		error: true
	};
}
/** Rust and others put the message on the line below. */
const continues = ({ text }) => text.endsWith(":");
// src/diagnose/sentence.ts
/** Outputs and annotations stay readable with it. */
const MAX_LENGTH = 300;
const RANKS = {
	certain: 5,
	told: 4,
	failed: 3,
	checked: 2,
	waiting: 1,
	unknown: 0
};
/** The variables of the built-in template in place of the fields that its users do not write. */
const VARIABLES = {
	canary: "COUNT_CANARIES",
	count: "COUNT",
	datacenters: "DATACENTERS",
	healthy_deadline: "HEALTHY_DEADLINE",
	memory: "MEMORY",
	memory_max: "MEMORY_FACTOR",
	network_mode: "NETWORK_MODE",
	node_pool: "NODE_POOL",
	priority: "PRIORITY",
	progress_deadline: "PROGRESS_DEADLINE"
};
/** Returns an advice as users of the built-in template can follow it. */
function forTemplate(advice) {
	return advice.replace(/`(\w+)( = 0)?`/g, (whole, field, none = "") => {
		const variable = VARIABLES[field];
		return variable === void 0 ? whole : `\`NOMAD_VAR_${variable}${none}\``;
	});
}
/**
* Puts a sentence together. `redact` takes out what is known to be secret, before anything is cut; what is cut when it is too long is what happened,
* not what to do. With `builtIn`, the spec is the built-in template's, whose users set variables.
*/
function causeOf({ where, text, words, advice: written, certain, about, rank }, redact, builtIn = false) {
	const advice = builtIn ? forTemplate(written) : written;
	const clean = (part) => withoutCredentials(plain(redact(part)));
	const end = advice === "" ? "" : `; ${advice}`;
	const said = words === void 0 ? "" : `, saying ${JSON.stringify(clean(words))}`;
	const room = MAX_LENGTH - where.length - 2 - end.length;
	const told = `${clip(clean(text), Math.max(room - said.length, 80))}${said}`;
	return {
		sentence: clip(`${where}: ${clip(told, room)}${end}`, MAX_LENGTH),
		certain,
		about,
		rank
	};
}
// src/diagnose/task.ts
/** What to do about an end that tells nothing by itself. */
const SEE_LOG = "see its log";
/** How Nomad's task events tell of a failure; texts seen on Nomad 1.11. The last event that a rule knows is the cause. */
const RULES = {
	"Driver Failure": ({ Details, DisplayMessage }, { allocation, task }) => ofSpec(driverFailure(Details?.["driver_error"] || DisplayMessage, allocation.NodeName), task),
	"Failed Validation": ({ Details, DisplayMessage }) => refusedConfig(Details?.["validation_error"] || DisplayMessage),
	"Failed Artifact Download": ({ Details, DisplayMessage }) => failedArtifact(Details?.["download_error"] || DisplayMessage),
	"Setup Failure": ({ Details, DisplayMessage }) => failedSetup(Details?.["setup_error"] || DisplayMessage),
	"Task hook failed": ({ Details, DisplayMessage }) => failedHook(Details?.["message"] || DisplayMessage),
	Killing: ({ Details, DisplayMessage }) => Details?.["fails_task"] === "true" ? killed(DisplayMessage) : void 0,
	Template: ({ DisplayMessage }, { allocation }) => missingData(DisplayMessage, allocation),
	"Restart Signaled": restartedByCheck,
	Terminated: terminated,
	"Disk Resources Exceeded": ({ DisplayMessage }) => ({
		text: `it wrote more than its ephemeral disk holds: ${oneLine(DisplayMessage)}`,
		advice: "raise `size` of `ephemeral_disk`, or write less",
		certain: false,
		about: { kind: "disk" }
	})
};
/** A command that the spec has as it is, is the same on every node: only one that the node fills in can be another node's to find. */
function ofSpec({ ofNode, ...finding }, task) {
	const command = task?.Config?.["command"];
	return finding.about.kind === "command" && typeof command === "string" && !command.includes("${") && ofNode === true ? {
		...finding,
		certain: true
	} : {
		...finding,
		...ofNode === true && { ofNode }
	};
}
function refusedConfig(message) {
	const words = flattenErrors(message).replace(/\b(?:Invalid label|Missing required argument|Incorrect attribute value type|Unsupported argument): /g, "");
	const name = /(?:named|argument|attribute) "([^"]+)"/.exec(words)?.[1];
	const unknownName = /There is no variable named "([^"]+)"/.exec(words)?.[1];
	const literal = /template control keyword|interpolation expression|Unterminated template/i.test(words);
	return {
		text: `its driver config was refused: ${words}`,
		advice: unknownName !== void 0 ? `write \`$$\${${unknownName}}\` in the spec where the task itself is to read \`\${${unknownName}}\`, or set \`${unknownName}\` in \`env\`` : literal ? "write `$$${` in the spec where the task itself is to read `${`, and `%%%{` for `%{`" : "correct the `config` block",
		certain: true,
		about: {
			kind: "config",
			...name === void 0 ? {} : { name }
		}
	};
}
function failedArtifact(message) {
	const text = oneLine(message);
	const [, source = "", rest = text] = /^failed to download artifact "([^"]+)": (.*)$/.exec(text) ?? [];
	const about = {
		kind: "artifact",
		name: source
	};
	const artifact = source === "" ? "an artifact" : `the artifact ${source}`;
	const sums = /checksums did not match.*?Expected: (\S+) Got: (\S+)/i.exec(rest);
	if (sums !== null || /checksums did not match/i.test(rest)) return {
		text: `${artifact} has another checksum than the spec asks for${sums === null ? "" : ` (${sums[1]} is expected, ${clip(sums[2] ?? "", 17)} was found)`}`,
		advice: "correct `checksum`, or the file",
		certain: true,
		about
	};
	const words = withoutFolders(rest.replace(/^(getter subprocess failed: |exit status \d+: |failed to download artifact: |error downloading '[^']*': )+/, ""));
	const status = /bad response code: (\d+)/.exec(words)?.[1];
	const git = /(fatal|error): (.*?)(?= To add an exception|$)/.exec(words)?.[0];
	return {
		text: `${artifact} could not be downloaded: ${status === void 0 ? git ?? words.replace(/^Get "[^"]*": /, "") : `the server answered ${status}`}`,
		advice: "check its address, and that the nodes reach it",
		certain: false,
		about
	};
}
function failedSetup(message) {
	const text = flattenErrors(message);
	const port = /service "([^"]*)": invalid port "([^"]*)": port label not found/.exec(text);
	if (port !== null) return {
		text: `the service "${port[1]}" uses the port "${port[2]}", which is not in the group's network block (port label not found)`,
		advice: `add \`port "${port[2]}"\` there, or correct \`port\` of the service`,
		certain: true,
		about: {
			kind: "port",
			...port[2] === void 0 ? {} : { name: port[2] }
		}
	};
	const words = text.replace(/^(failed to setup alloc: |pre-run hook "\w+" failed: )+/, "");
	return {
		text: `its set-up failed: ${withoutFolders(words)}`,
		advice: "see the node's log",
		certain: false,
		about: { kind: "group" }
	};
}
function failedHook(message) {
	const text = withoutFolders(oneLine(message));
	const source = /failed to read template: .*failed to open source file "([^"]+)"/.exec(text)?.[1];
	if (source !== void 0) return {
		text: `the source ${source.replace(/^\/[^/]+\//, "")} of a template does not exist`,
		advice: "bring it with an artifact, or write the template into the spec (`data`)",
		certain: true,
		about: {
			kind: "template",
			name: source.replace(/^\/[^/]+\//, "")
		}
	};
	return {
		text: `a step before its start failed: ${text}`,
		advice: "see the node's log",
		certain: false,
		about: { kind: "task" }
	};
}
function killed(message) {
	const text = withoutFolders(oneLine(message));
	const about = { kind: "template" };
	const [, failure] = /^Template failed: (.*)$/.exec(text) ?? [];
	if (failure !== void 0) {
		const [, stage, at, words] = /^[^:]*: (parse|execute): template: [^:]*:([\d:]+): (.*)$/.exec(failure) ?? [];
		if (/permission denied|\b403\b/i.test(failure)) return {
			text: `a template may not read what it needs: ${failure}`,
			advice: "give the task's role or policy the right to read it",
			certain: false,
			about
		};
		if (stage === "parse") return {
			text: `a template cannot be parsed: line ${at}: ${words}`,
			advice: "correct its syntax",
			certain: true,
			about
		};
		return {
			text: `a template failed: ${words === void 0 ? failure : `line ${at}: ${words.replace(/^executing "[^"]*" at /, "")}`}`,
			advice: "correct the template, or the data that it reads",
			certain: false,
			.../function is disabled|is outside of sandbox/.test(failure) && { ofNode: true },
			about
		};
	}
	const env = /error parsing env template .*?: (error on line .*)$/.exec(text)?.[1];
	if (env !== void 0) return {
		text: `a template with \`env = true\` has to give lines of NAME=value: ${env}`,
		advice: "correct the template, or the data that it reads",
		certain: false,
		about
	};
	return {
		text: `it was killed: ${text}`,
		advice: "see its events",
		certain: false,
		about: { kind: /vault/i.test(text) ? "vault" : "task" }
	};
}
/** What consul-template calls the things that templates wait for: `nomad.var.block(nomad/jobs/x@default.global)`, `kv.block(a/b)`. */
const DATA = [
	[/^nomad\.var\.\w+\((.*)@[^@]*\)$/, "the Nomad variable"],
	[/^nomad\.service\((.*)\)$/, "the Nomad service"],
	[/^kv\.\w+\((.*)\)$/, "the Consul key"],
	[/^(?:health|catalog)\.service\((.*)\)$/, "the Consul service"],
	[/^vault\.\w+\((.*)\)$/, "the Vault secret"]
];
function missingData(message, { JobID, TaskGroup }) {
	const [, list] = /^Missing: (.+)$/s.exec(oneLine(message)) ?? [];
	if (list === void 0) return void 0;
	const items = list.split(/, (?=[\w.]+\(|and \d+ more)/).map((item) => {
		for (const [pattern, kind] of DATA) {
			const name = pattern.exec(item)?.[1];
			if (name !== void 0) return {
				kind,
				name
			};
		}
		return {
			kind: "",
			name: item
		};
	});
	const names = items.map(({ kind, name }) => `${kind} ${name}`.trim()).join(", ");
	const variable = items.find(({ kind }) => kind === "the Nomad variable")?.name;
	const own = [
		"nomad/jobs",
		`nomad/jobs/${JobID}`,
		`nomad/jobs/${JobID}/${TaskGroup}`
	];
	const foreign = variable !== void 0 && !own.some((path) => variable === path || variable.startsWith(`${own[2]}/`));
	return {
		text: `a template waits for ${names}, which ${items.length > 1 ? "do" : "does"} not exist${foreign ? " or may not be read by the job" : ""}`,
		advice: foreign ? `write it, and give the job a policy for it: without one it reads nomad/jobs/${JobID ?? "<job>"} only` : variable !== void 0 ? "write it, or correct the path" : "write it, correct the path, or give the task the right to read it",
		certain: false,
		about: {
			kind: "template",
			...items[0] === void 0 ? {} : { name: items[0].name }
		}
	};
}
function restartedByCheck({ DisplayMessage }, { state, task, index }) {
	const check = /healthcheck: check "([^"]*)"/.exec(DisplayMessage)?.[1];
	if (check === void 0) return void 0;
	const events = state.Events ?? [];
	const end = events.slice(events.slice(0, index).findLastIndex(({ Type }) => Type === "Started") + 1).find(({ Type }) => Type === "Terminated");
	const forced = end !== void 0 && signalOf(end) === 9;
	const limit = task?.KillTimeout ? ` of ${formatDuration(task.KillTimeout / 1e6)}` : "";
	return {
		text: `Nomad restarted it${forced ? ` (and killed it, as it did not end within its kill_timeout${limit})` : ""} because its check "${check}" kept failing`,
		advice: "see the check, and the log of the task",
		certain: false,
		about: {
			kind: "check",
			name: check
		}
	};
}
const SIGNALS = {
	1: "SIGHUP",
	2: "SIGINT",
	3: "SIGQUIT",
	4: "SIGILL",
	5: "SIGTRAP",
	6: "SIGABRT",
	7: "SIGBUS",
	8: "SIGFPE",
	9: "SIGKILL",
	11: "SIGSEGV",
	13: "SIGPIPE",
	14: "SIGALRM",
	15: "SIGTERM",
	24: "SIGXCPU",
	25: "SIGXFSZ",
	31: "SIGSYS"
};
/** The signal that ended a task, 0 for none. Docker tells only the exit code, 128 above the signal. */
function signalOf({ Details }) {
	const signal = Number(Details?.["signal"] ?? 0);
	const code = Number(Details?.["exit_code"] ?? 0);
	return signal === 0 && code - 128 in SIGNALS ? code - 128 : signal;
}
/** What an exit code means by itself, see https://tldp.org/LDP/abs/html/exitcodes.html */
const CODES = {
	"126": [": a command was found but cannot be executed", "make it executable (chmod +x)"],
	"127": [": a command was not found", "correct its name or PATH, or add it"]
};
function terminated(event, { allocation, state, task, job, index }) {
	const { Details } = event;
	if (wasEnded((state.Events ?? []).slice(0, index))) return void 0;
	const code = Details?.["exit_code"] ?? "0";
	const common = {
		certain: false,
		exited: true
	};
	if (Details?.["oom_killed"] === "true") {
		const { MemoryMB, MemoryMaxMB } = task?.Resources ?? {};
		const hard = task?.Config?.["memory_hard_limit"];
		const [field, limit] = typeof hard === "number" && hard > 0 ? ["memory_hard_limit", hard] : MemoryMaxMB ? ["memory_max", MemoryMaxMB] : ["memory", MemoryMB];
		return {
			...common,
			text: `it was killed because it used more memory than its limit${limit ? ` of ${limit} MiB` : ""} (OOM)`,
			advice: `raise \`${field}\`, or let it use less`,
			about: { kind: "memory" }
		};
	}
	const signal = signalOf(event);
	if (signal !== 0) {
		const name = SIGNALS[signal];
		return {
			...common,
			text: `it was killed by signal ${signal}${name === void 0 ? "" : ` (${name})`}`,
			advice: signal === 9 ? `perhaps the node ${allocation.NodeName} lacked memory: see its kernel's log` : SEE_LOG,
			about: { kind: "task" }
		};
	}
	if (code === "0") {
		if (!(state.Events ?? []).slice(index + 1).some(({ Type }) => /^(Not )?Restarting$/.test(Type))) return void 0;
		return {
			...common,
			...endedWell(allocation, task, job),
			about: { kind: "command" }
		};
	}
	const [meaning, advice] = CODES[code] ?? ["", "see its log"];
	return {
		...common,
		text: `it exited with code ${code}${meaning}`,
		advice,
		about: { kind: "task" }
	};
}
/** The advice for a task that ended with code 0 and should have kept running: a sidecar, a task beside others, or the one of its group. */
function endedWell({ TaskGroup }, task, job) {
	const text = (kind) => `it ended by itself with code 0, but a ${kind} must keep running`;
	if (task?.Lifecycle?.Sidecar === true) return {
		text: text("sidecar"),
		advice: "let it keep running, or set `sidecar = false`"
	};
	const other = (job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks?.filter(({ Lifecycle }) => !Lifecycle?.Hook) ?? []).length > 1 ? "give it a `lifecycle` block" : `make it a ${job?.Type === "system" ? "sysbatch" : "batch"} job`;
	return {
		text: text(job?.Type === "system" ? "system job" : "service"),
		advice: `start the server in the foreground, or ${other}`
	};
}
/** Events that belong to every failure but are no cause: the task itself did nothing wrong, or Nomad only says what it does next. */
const CONSEQUENCES = /* @__PURE__ */ new Set([
	"Sibling Task Failed",
	"Alloc Unhealthy",
	"Not Restarting",
	"Restarting"
]);
/** Events by which a task ends that has run. */
const ENDS = /* @__PURE__ */ new Set(["Terminated", "Restart Signaled"]);
/** The causes of an allocation, one per task that has one. With the job they can say more: limits and timeouts. */
function taskCauses(allocation, job) {
	const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
	return Object.entries(allocation.TaskStates ?? {}).flatMap(([name, state]) => {
		const task = group?.Tasks?.find(({ Name }) => Name === name);
		let runs = false;
		let waits;
		let isMissingTold = false;
		for (const [index, event] of [...(state.Events ?? []).entries()].reverse()) {
			runs ||= event.Type === "Started" && state.State === "running";
			if (isMissingTold && /^(Started|Restarting)$/.test(event.Type)) break;
			if (event.Type === "Template" && (isMissingTold || state.State === "running")) continue;
			if (CONSEQUENCES.has(event.Type) || runs && !ENDS.has(event.Type)) continue;
			const cause = (RULES[event.Type] ?? unknown)(event, {
				allocation,
				state,
				task,
				job,
				index
			});
			const found = cause && {
				task: name,
				exited: false,
				waiting: event.Type === "Template",
				restarts: state.Restarts,
				...cause,
				text: readable(cause.text)
			};
			if (found !== void 0 && !found.waiting) return [found];
			waits ??= found;
			isMissingTold ||= event.Type === "Template" && event.DisplayMessage.startsWith("Missing:");
		}
		return waits === void 0 ? [] : [waits];
	});
}
/** An event that no rule knows, but that says of itself that it is a failure. */
function unknown({ Type, DisplayMessage, Details }) {
	if (Details?.["fails_task"] !== "true" && !/fail|unhealthy|exceeded/i.test(Type)) return void 0;
	const words = oneLine(DisplayMessage);
	return {
		text: `${Type}${words === "" ? "" : `: ${withoutFolders(flattenErrors(words))}`}`,
		advice: "see its events",
		certain: false,
		about: { kind: "task" }
	};
}
/**
* Whether Nomad itself ended the last attempt (a check failed, a sibling did, the deployment did): then its exit code tells nothing. It may have begun to
* end the task before its driver told that it started.
*/
function wasEnded(before) {
	return before.slice(before.findLastIndex(({ Type }) => Type === "Terminated" || Type === "Restarting") + 1).some(({ Type, DisplayMessage }) => Type === "Killing" || Type === "Sibling Task Failed" || Type === "Restart Signaled" && DisplayMessage.includes("healthcheck:"));
}
/** The first of those allocations that fail alike: each of them would tell the same. */
function oneOfEach(allocations) {
	const seen = /* @__PURE__ */ new Set();
	return allocations.filter((allocation) => {
		const causes = taskCauses(allocation).map(({ task, text }) => `${allocation.TaskGroup} ${task} ${text}`);
		const key = causes.length === 0 ? allocation.ID : causes.join("\n");
		return !seen.has(key) && seen.add(key);
	});
}
// src/diagnose/allocation.ts
/**
* The cause of one allocation that is not well. `evidence` adds what logs and checks say, `job` the limits, checks and kinds of its tasks; `redact`
* takes out what is known to be secret, before anything is cut. Undefined for an allocation that shows nothing wrong.
*/
function allocationCause(allocation, job, evidence, redact, { builtIn = false, timedOut = false } = {}) {
	const longer = timedOut || isBatch(job) ? "raise the input `timeout`" : "raise `healthy_deadline` and `progress_deadline`";
	const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
	const best = taskCauses(allocation, job).map((cause) => taskPart(cause, allocation, group, evidence)).sort((a, b) => b.rank - a.rank)[0];
	const part = best !== void 0 && best.rank > RANKS.checked ? best : goneFrom(allocation) ?? checkPart(allocation, group, job, evidence) ?? best ?? stuck(allocation, group, job, evidence, longer);
	return part && causeOf(part, redact, builtIn);
}
function taskPart(cause, allocation, group, evidence) {
	const { task, exited, waiting, restarts } = cause;
	const line = exited ? tellingLine(evidence?.logs.filter((log) => log.task === task) ?? []) : void 0;
	const { text, certain, about, advice: usual } = {
		...cause,
		...line === void 0 ? void 0 : startFailure(line.text)
	};
	const words = line !== void 0 && text === cause.text && (line.error || text.startsWith("it exited with code")) ? line.text : void 0;
	const spec = group?.Tasks?.find(({ Name }) => Name === task);
	const advice = about.kind === "task" && usual === "see its log" ? logAdvice(words, spec, evidence) : usual;
	const again = restarts > 0 && !waiting ? ` (restarted ${restarts} time${restarts === 1 ? "" : "s"})` : "";
	const kind = kindOf(spec);
	return {
		where: `${allocation.TaskGroup}/${task}`,
		text: `${kind === "" ? text : text.replace(/^it /, `${kind} `)}${again}${lastCheck(about, group, evidence)}`,
		words,
		advice,
		certain,
		about: {
			...about,
			group: allocation.TaskGroup,
			task
		},
		rank: certain ? RANKS.certain : waiting ? RANKS.waiting : words === void 0 ? RANKS.failed : RANKS.told
	};
}
/** What the check said by which a task was restarted. */
function lastCheck({ kind, name }, group, evidence) {
	const check = kind === "check" ? evidence?.checks.find((one) => one.name === name && one.status === "failure") : void 0;
	return check === void 0 ? "" : `: ${checkWords(check, group).text}`;
}
/** What to do about an exit that only the log explains. */
function logAdvice(words, task, evidence) {
	if (words !== void 0) return "correct that; its log says more";
	if (task?.LogConfig?.Disabled === true) return "its log is not kept (`disabled` in `logs`): enable it to see why";
	const elsewhere = loggingOf(task);
	if (elsewhere !== void 0) return `see its log where \`logging\` sends it (${elsewhere})`;
	if (evidence?.logsUnread === "denied") return "its log may not be read: the token lacks `read-logs`";
	if (evidence?.logsUnread === "gone") return "its log is gone: the node has removed it or is down";
	if (evidence?.logsUnread === "unread") return "see its log, which was not read";
	return evidence === void 0 ? SEE_LOG : "its log says nothing: let it tell why it ends";
}
/** Returns the log driver of a container whose output Nomad may not get; undefined for the usual one. */
function loggingOf(task) {
	const [block] = [task?.Config?.["logging"]].flat();
	const { type, driver } = block ?? {};
	const name = [type, driver].find((one) => typeof one === "string" && one !== "");
	return typeof name === "string" && !/^(json-file|k8s-file)$/.test(name) ? name : void 0;
}
function kindOf(task) {
	const { Hook, Sidecar } = task?.Lifecycle ?? {};
	if (!Hook) return "";
	return Sidecar === true ? "the sidecar" : `the ${Hook} task`;
}
/** What a runtime writes to the log of a container whose program the kernel does not start. */
function startFailure(line) {
	const [, command, why] = /^(?:exec (\S+)|standard_init_linux\.go:\d+: exec user process caused): "?(exec format error|no such file or directory)"?$/.exec(line) ?? [];
	if (why === void 0) return void 0;
	if (why === "exec format error") return execFormat(command);
	return {
		text: `its command ${command ?? ""} cannot be started: the interpreter (#!) or loader that it needs does not exist in the image`,
		advice: "add it, correct the first line (no CRLF), or build for that base image",
		certain: true,
		about: { kind: "command" }
	};
}
/** What the cluster did to an allocation, whose tasks then can't be blamed. */
function goneFrom({ ID, ClientStatus, DesiredDescription, NodeName, TaskGroup }) {
	const common = {
		where: TaskGroup,
		certain: false,
		about: { kind: "none" },
		rank: RANKS.failed
	};
	const name = `allocation ${ID.slice(0, 8)}`;
	if (ClientStatus === "lost" || ClientStatus === "unknown") return {
		...common,
		text: `${name} was lost: its node ${NodeName} is down or cannot be reached`,
		advice: `see \`nomad node status\` and that machine`
	};
	const preempted = /^Preempted by alloc(?: ID)? (\S+)/.exec(DesiredDescription ?? "");
	if (preempted !== null) return {
		...common,
		text: `${name} had to make room for allocation ${preempted[1]?.slice(0, 8)} of a higher priority`,
		advice: "raise `priority`, or add nodes"
	};
	if (DesiredDescription === "alloc is being migrated") return {
		...common,
		text: `${name} was moved away from the node ${NodeName}, which is drained`,
		advice: "run it again when the drain is over"
	};
}
function checkPart({ TaskGroup }, group, job, evidence) {
	const failing = job === void 0 || countsChecks(job, TaskGroup) ? evidence?.checks.find(({ status }) => status === "failure") : void 0;
	if (failing === void 0) return void 0;
	const service = servicesOf(group).find(({ Name }) => Name === failing.service);
	const { text, advice } = describeFailure(failing, group);
	const tasks = new Set(evidence?.logs.map(({ task }) => task));
	const only = group?.Tasks?.length === 1 ? group.Tasks[0]?.Name : void 0;
	const task = service?.task ?? only ?? (tasks.size === 1 ? [...tasks][0] : void 0);
	const line = tellingLine(evidence?.logs.filter((log) => task === void 0 || log.task === task) ?? []);
	return {
		where: task === void 0 ? TaskGroup : `${TaskGroup}/${task}`,
		text,
		words: line?.error === true ? line.text : void 0,
		advice,
		certain: false,
		about: {
			kind: "check",
			group: TaskGroup,
			name: failing.name.startsWith("service: \"") ? failing.service : failing.name,
			...task === void 0 ? {} : { task }
		},
		rank: RANKS.checked
	};
}
/** What an allocation without a failure waits for. */
function stuck(allocation, group, job, evidence, longer) {
	if (allocation.DeploymentStatus?.Healthy === true || /^(complete|failed)$/.test(allocation.ClientStatus)) return void 0;
	if (allocation.DesiredStatus !== "run" && allocation.DeploymentStatus?.Healthy !== false) return void 0;
	const states = Object.entries(allocation.TaskStates ?? {});
	const at = (task, text, advice, kind = "task") => ({
		where: task === void 0 ? allocation.TaskGroup : `${allocation.TaskGroup}/${task}`,
		text,
		advice,
		certain: false,
		about: {
			kind,
			group: allocation.TaskGroup,
			...task === void 0 ? {} : { task }
		},
		rank: RANKS.waiting
	});
	if (states.length === 0) return at(void 0, `the node ${allocation.NodeName} has not begun with allocation ${allocation.ID.slice(0, 8)}`, "see that node", "none");
	const isPoststop = (name) => group?.Tasks?.find(({ Name }) => Name === name)?.Lifecycle?.Hook === "poststop";
	const pending = states.filter(([name, { State }]) => State === "pending" && !isPoststop(name));
	const before = states.find(([name, { State }]) => State === "running" && isPrestart(group?.Tasks?.find(({ Name }) => Name === name)));
	if (before !== void 0 && pending.length > 0) {
		const words = tellingLine(evidence?.logs.filter(({ task }) => task === before[0]) ?? [])?.text;
		return {
			...at(before[0], "the prestart task still runs, and the others wait for its end", "let it end, or make it a `sidecar`"),
			words
		};
	}
	for (const [task, { Events }] of pending) {
		const last = (Events ?? []).findLast(({ Type }) => Type !== "Alloc Unhealthy");
		const doing = last && STEPS.find(([type]) => last.Type === type || last.DisplayMessage.startsWith(type));
		if (doing !== void 0) return at(task, doing[1](last?.Details?.["image"]), doing[2](longer), doing[3]);
	}
	return unhealthy(allocation, group, job, evidence, longer, at);
}
/** Steps before a task runs that may take long. */
const STEPS = [
	[
		"Downloading image",
		(image) => `its image ${image ?? ""} is still being pulled`,
		(longer) => `${longer}, or make the image smaller`,
		"image"
	],
	[
		"Downloading Artifacts",
		() => "its artifacts are still being downloaded",
		(longer) => `${longer}, or see why it takes so long`,
		"artifact"
	],
	[
		"Building Task Directory",
		() => "its task directory is still being built",
		(longer) => longer,
		"task"
	],
	[
		"Task Setup",
		() => "its task directory is still being built",
		(longer) => longer,
		"task"
	],
	[
		"Received",
		() => "it has not been started yet",
		() => "see the node, and the tasks that it waits for",
		"task"
	]
];
/** Of batch jobs, Nomad judges no health, and has no deadline. */
const isBatch = (job) => job?.Type?.endsWith("batch") === true;
/** A sidecar does not end, and nobody waits for its end. */
function isPrestart(task) {
	return task?.Lifecycle?.Hook === "prestart" && task.Lifecycle.Sidecar !== true;
}
/** What runs, but did not count as healthy. */
function unhealthy(allocation, group, job, evidence, longer, at) {
	const states = Object.entries(allocation.TaskStates ?? {});
	const verdicts = states.flatMap(([task, { Events }]) => (Events ?? []).filter(({ Type }) => Type === "Alloc Unhealthy").map(({ DisplayMessage }) => ({
		task,
		message: DisplayMessage
	})));
	const message = verdicts.at(-1)?.message ?? "";
	const up = states.filter(([, { State }]) => State === "running");
	const task = verdicts.at(-1)?.task ?? (up.length === 1 ? up[0]?.[0] : void 0);
	const minimum = /min_healthy_time of (\S+)/.exec(message)?.[1];
	const deadline = /by healthy_deadline of (\S+)/.exec(message)?.[1];
	const within = deadline === void 0 ? "in time" : `within healthy_deadline (${deadline})`;
	if ((group?.Update?.HealthCheck ?? job?.Update?.HealthCheck) === "manual") return at(task, "it runs, but its health_check is \"manual\" and nobody has said that it is healthy", "do so by the API, or use `checks`", "health_check");
	const judged = job === void 0 || countsChecks(job, allocation.TaskGroup);
	const inConsul = servicesOf(group).filter(({ Provider, Checks, OnUpdate }) => judged && Provider !== "nomad" && Checks?.some((check) => (check.OnUpdate || OnUpdate) !== "ignore"));
	const named = /Services not healthy by deadline: (.*)/.exec(message)?.[1] ?? inConsul.map(({ Name }) => Name ?? "").join(", ");
	const line = tellingLine(evidence?.logs ?? []);
	const words = line?.error === true ? line.text : void 0;
	if (inConsul.length > 0) return {
		...at(task, `it runs, but the checks of its service ${named} in Consul did not pass ${within}`, "see them in Consul: Nomad does not know their output", "check"),
		words
	};
	const checks = judged ? evidence?.checks ?? [] : [];
	const unsettled = checks.find(({ status }) => status !== "success");
	if (unsettled !== void 0) return {
		...at(task, `it runs, but the check of its service ${unsettled.service} has no result yet`, "raise `healthy_deadline`, or check more often (`interval`)", "check"),
		words
	};
	if (message === "" && allocation.DeploymentStatus?.Healthy !== false) return {
		...at(task, `allocation ${allocation.ID.slice(0, 8)} is ${allocation.ClientStatus}, but not ${isBatch(job) ? "complete" : "healthy"} yet`, longer, longer.includes("healthy_deadline") ? "healthy_deadline" : "none"),
		words,
		rank: RANKS.unknown
	};
	return {
		...at(task, `it runs${checks.length > 0 ? " and its checks pass" : ""} now, but was not healthy${minimum === void 0 ? "" : ` for min_healthy_time (${minimum})`} ${within}`, "raise `healthy_deadline`, or let it start faster", "healthy_deadline"),
		words
	};
}
// src/diagnose/evidence.ts
/** A task's last output reaches its log within this time after its end: a node writes logs every 100 ms. */
const LOG_DELAY_MS = 175;
/** A node tells the servers of an end within this time. One that took longer is busy, and will take its time for the log, too. */
const TOLD_WITHIN_MS = 200;
/** Nor is a log waited for longer than this after the end, however busy the node. */
const MAX_LOG_WAIT_MS = 1500;
/**
* Reads what shows why an allocation is not well: its events, the results of its checks, the last `logLines` lines of its tasks' logs. What the
* cluster can no longer tell (the client is gone, the allocation was collected) is left out, so the earlier it is called the better. When a task has
* ended just now and its log does not yet say why, that is waited for: until 175 ms after the end, or up to 1.5 s where the node is busy.
*/
async function collectEvidence(allocation, { job, namespace, logLines }, nomad, { clock, signal, redact }) {
	const clean = (text) => withoutCredentials(redact(text));
	const exited = new Set(taskCauses(allocation).flatMap((cause) => cause.exited ? [cause.task] : []));
	let logsUnread = logLines === 0 ? "unread" : void 0;
	const tail = async (task, stream) => {
		const lines = await nomad.allocations.logTail(allocation.ID, task, stream, logLines, namespace, signal);
		if (typeof lines !== "string") return {
			task,
			stream,
			lines: lines.map(clean)
		};
		logsUnread = lines;
		return {
			task,
			stream,
			lines: []
		};
	};
	const logsOf = async ([task, state]) => {
		const tails = async () => Promise.all([tail(task, "stderr"), tail(task, "stdout")]);
		const silent = (logs) => logsUnread === void 0 && logs[0]?.lines.length === 0 && tellingLine(logs)?.error !== true;
		const untilMs = logDeadline(Date.parse(state.FinishedAt ?? ""), (allocation.ModifyTime ?? 0) / 1e6, clock.now());
		let logs = await tails();
		if (logLines === 0 || !exited.has(task)) return logs;
		for (let restMs = untilMs - clock.now(); restMs > 0 && silent(logs); restMs = untilMs - clock.now()) {
			await clock.sleep(Math.min(restMs, LOG_DELAY_MS), signal);
			logs = await tails();
		}
		return logs;
	};
	const started = Object.entries(allocation.TaskStates ?? {}).filter(hasStarted);
	const [checks, ...logs] = await Promise.all([started.length === 0 || !hasChecks(job) ? [] : nomad.allocations.checks(allocation.ID, namespace, signal).catch(() => void 0), ...started.map(logsOf)]);
	return {
		...toldBy(allocation, redact),
		checks: (checks ?? []).filter((check) => !isIgnored(check)).map((check) => readCheck(check, clean)),
		logs: logs.flat().filter(({ lines }) => lines.length > 0),
		...logsUnread && started.length > 0 && { logsUnread }
	};
}
/**
* When the log of a task is complete that ended at `endMs` by the clock of its node, as the servers heard at `toldMs`; seen at `nowMs` by our clock. In the
* past for an end long ago.
*/
function logDeadline(endMs, toldMs, nowMs) {
	const tookMs = toldMs - endMs;
	return Math.min(endMs, nowMs) + (tookMs > TOLD_WITHIN_MS ? Math.min(3 * tookMs, MAX_LOG_WAIT_MS) : LOG_DELAY_MS);
}
/** What an allocation has told by itself: all that is known of it when its node can't be asked. */
function seenEvidence(allocation, redact) {
	const unread = Object.entries(allocation.TaskStates ?? {}).some(hasStarted);
	return {
		...toldBy(allocation, redact),
		...unread && { logsUnread: "unread" }
	};
}
const hasStarted = ([, { Events }]) => Events?.some(({ Type }) => Type === "Started") === true;
function toldBy(allocation, redact) {
	return {
		allocationId: allocation.ID,
		name: allocation.Name,
		node: allocation.NodeName,
		status: allocation.ClientStatus,
		events: eventsOf(allocation, (text) => withoutCredentials(redact(text))),
		checks: [],
		logs: []
	};
}
/** Evidence that was collected before, with what the allocation itself has told since. */
function refreshEvidence(evidence, allocation, redact) {
	return {
		...evidence,
		status: allocation.ClientStatus,
		events: eventsOf(allocation, (text) => withoutCredentials(redact(text)))
	};
}
function eventsOf({ TaskStates }, clean) {
	return Object.entries(TaskStates ?? {}).flatMap(([task, { Events }]) => (Events ?? []).map(({ Type, Time, DisplayMessage }) => ({
		timeMs: Math.round(Time / 1e6),
		task,
		type: Type,
		message: clean(readable(oneLine(DisplayMessage)))
	}))).sort((a, b) => a.timeMs - b.timeMs);
}
// src/diagnose/placement.ts
/** Why a group does not fit, in one sentence: `group web: 1 allocation fits on 0 of 4 nodes: 3 lack memory (asks for 1200 MiB), …`. */
function describePlacement(group, metric, job) {
	const { where, text } = placementPart(group, metric, job, void 0);
	return `${where}: ${text}`;
}
/** Volumes of a group that are named. */
const MAX_NAMED = 3;
/** Nomad's words for nodes of a class that it has looked at before: it remembers that they did not fit, but not why. */
const INELIGIBLE = "computed class ineligible";
/** Returns the constraints of a group that may be the reason, where Nomad does not tell which one is. */
function suspectedConstraints(group, { ConstraintFiltered }, job) {
	const spec = job.TaskGroups?.find(({ Name }) => Name === group);
	if (ConstraintFiltered?.[INELIGIBLE] === void 0) return [];
	return [
		job.Constraints,
		spec?.Constraints,
		...(spec?.Tasks ?? []).map(({ Constraints }) => Constraints)
	].flatMap((list) => list ?? []);
}
/** Returns what can be done, as one advice. */
const either = (...actions) => {
	const given = actions.filter((action) => action !== void 0);
	return given.length < 2 ? given.join("") : `${given.slice(0, -1).join(", ")}, or ${given.at(-1)}`;
};
/**
* The same with what to do about it; `nodes` lets it tell what would fit. `quota` is the name of an exhausted quota (Enterprise), which only the
* evaluation has.
*/
function placementPart(group, metric, job, nodes, quota, { builtIn = false, canaries = 0, unmet = [] } = {}) {
	const spec = job?.TaskGroups?.find(({ Name }) => Name === group);
	const ofEachNode = job?.Type?.startsWith("sys") === true;
	const reasons = reasonsOf(metric, job, {
		group: spec,
		fewer: canaries > 0 ? "set `canary = 0`" : spec === void 0 || !ofEachNode && (spec.Count ?? 1) > 1 ? "lower `count`" : void 0,
		isCanary: canaries > 0,
		builtIn,
		unmet
	}, nodes, quota);
	const first = reasons[0];
	const missing = metric.CoalescedFailures + 1;
	const what = `${missing} allocation${missing === 1 ? " fits" : "s fit"} on 0 of ${metric.NodesEvaluated} node${metric.NodesEvaluated === 1 ? "" : "s"}`;
	const all = reasons.map(({ text }) => text).join(", ");
	return {
		where: `group ${group}`,
		text: metric.NodesEvaluated === 0 ? all : `${what}: ${all}${classes(metric)}`,
		advice: first?.advice ?? "",
		certain: false,
		about: {
			kind: first?.kind ?? "group",
			group,
			...first?.name === void 0 ? {} : { name: first.name }
		},
		rank: RANKS.failed
	};
}
function reasonsOf(metric, job, wanted, nodes, quota) {
	const quotas = (metric.QuotaExhausted ?? []).map((dimension) => ({
		text: `the quota${quota === void 0 ? "" : ` ${quota}`} of the namespace is exhausted: ${dimension.replace(/ exhausted \((.*)\)$/, " ($1)")}`,
		advice: "raise the quota, or ask for less",
		kind: /memory/.test(dimension) ? "memory" : /cpu|cores/.test(dimension) ? "cpu" : "group"
	}));
	if (quotas.length > 0) return quotas;
	if (metric.NodesEvaluated === 0) return [nowhere(metric, job, nodes)];
	const exhausted = Object.entries(metric.DimensionExhausted ?? {}).map(([dimension, count]) => exhaustion(dimension, count, wanted, nodes));
	const filtered = Object.entries(metric.ConstraintFiltered ?? {}).map(([words, count]) => filter(words, count, job, wanted, nodes));
	const found = [...exhausted, ...filtered];
	return found.length > 0 ? found : [{
		text: "Nomad gives no reason",
		advice: "see `nomad eval status`",
		kind: "group"
	}];
}
function classes({ ClassFiltered, ClassExhausted }) {
	const counts = /* @__PURE__ */ new Map();
	for (const [name, count] of [...Object.entries(ClassFiltered ?? {}), ...Object.entries(ClassExhausted ?? {})]) counts.set(name, (counts.get(name) ?? 0) + count);
	return counts.size === 0 ? "" : ` (by node class: ${[...counts].map(([name, count]) => `${name} ${count}`).join(", ")})`;
}
/** An ineligible node, a wrong datacenter and an empty pool look the same: no node is evaluated. */
function nowhere({ NodePool }, job, nodes) {
	const pool = NodePool ?? job?.NodePool ?? "default";
	const wanted = job?.Datacenters ?? ["*"];
	const named = wanted.join(", ") === "*" ? "" : ` in the datacenter${wanted.length === 1 ? "" : "s"} ${wanted.join(", ")}`;
	const text = `no eligible node${named === "" ? " in" : `${named} and`} the node pool ${pool}`;
	const places = unique((nodes ?? []).filter(isReady).map(({ Datacenter, NodePool: own }) => `${Datacenter}${own === "default" ? "" : ` (pool ${own})`}`));
	const kind = named === "" ? "node_pool" : "datacenters";
	if (nodes === void 0) return {
		text,
		advice: "correct `datacenters` and `node_pool`, or see `nomad node status`",
		kind
	};
	if (places.length > 0) return {
		text,
		advice: `correct \`${kind}\`: the ready nodes are in ${places.join(", ")}`,
		kind
	};
	return {
		text,
		advice: nodes.length === 0 ? "the cluster has no nodes" : "no node of the cluster is ready: see `nomad node status`",
		kind: "none"
	};
}
const isReady = ({ Status, SchedulingEligibility }) => Status === "ready" && SchedulingEligibility === "eligible";
const unique = (items) => [...new Set(items)].sort();
/** Resources of a node that a group asks for: what is asked, what nodes have, and how it is written. */
const DIMENSIONS = {
	memory: [
		"memory",
		(group) => most(group, ({ MemoryMB }) => MemoryMB),
		({ NodeResources, ReservedResources }) => (NodeResources?.Memory?.MemoryMB ?? 0) - (ReservedResources?.Memory?.MemoryMB ?? 0),
		"MiB"
	],
	cpu: [
		"cpu",
		(group) => most(group, ({ CPU }) => CPU),
		({ NodeResources, ReservedResources }) => (NodeResources?.Cpu?.CpuShares ?? 0) - (ReservedResources?.Cpu?.CpuShares ?? 0),
		"MHz"
	],
	cores: [
		"cpu",
		(group) => most(group, ({ Cores }) => Cores),
		({ NodeResources }) => NodeResources?.Cpu?.TotalCpuCores ?? 0,
		""
	],
	disk: [
		"disk",
		({ EphemeralDisk }) => EphemeralDisk?.SizeMB ?? 300,
		({ NodeResources, ReservedResources }) => (NodeResources?.Disk?.DiskMB ?? 0) - (ReservedResources?.Disk?.DiskMB ?? 0),
		"MiB"
	]
};
/** What a group asks for at its height: tasks before the others and after them do not run beside them, sidecars run beside all. */
function most({ Tasks }, of) {
	const sums = {
		before: 0,
		main: 0,
		after: 0,
		beside: 0
	};
	for (const { Lifecycle, Resources: own } of Tasks ?? []) {
		const { Hook, Sidecar } = Lifecycle ?? {};
		const when = Hook && Sidecar === true ? "beside" : Hook === "prestart" ? "before" : Hook === "poststop" ? "after" : "main";
		sums[when] += of(own ?? {}) ?? 0;
	}
	return Math.max(sums.before, sums.main, sums.after) + sums.beside;
}
function exhaustion(dimension, count, { group: spec, fewer, isCanary }, nodes) {
	const verb = (one, many) => `${count} ${count === 1 ? one : many}`;
	const [, label, port] = /^network: (?:reserved )?port collision (\S+)=(\d+)/.exec(dimension) ?? [];
	if (port !== void 0) return {
		text: verb(`has the static port ${port} (${label}) taken`, `have the static port ${port} (${label}) taken`),
		advice: either(isCanary ? void 0 : "free it", fewer, "let Nomad choose the port (without `static`)"),
		kind: "port",
		name: label
	};
	const known = DIMENSIONS[dimension];
	const lack = `${verb("lacks", "lack")} ${dimension}`;
	if (known === void 0) return {
		text: lack.replace(/lacks? (network|devices): /, (_all, part) => `${count === 1 ? "has a" : "have a"} ${part} problem: `),
		advice: "add nodes, or ask for less",
		kind: dimension.startsWith("network") ? "port" : dimension.startsWith("devices") ? "device" : "group"
	};
	const [kind, asked, has, unit] = known;
	const wanted = spec === void 0 ? 0 : asked(spec);
	const largest = Math.max(0, ...(nodes ?? []).filter(isReady).map(has));
	const fits = nodes === void 0 || largest === 0 ? isCanary ? either("ask for less", "add nodes", fewer) : "ask for less, or add nodes" : wanted > largest ? `no node is that large: the largest has ${`${largest} ${unit}`.trim()} in all` : `${isCanary ? "ask for less, set `canary = 0`" : "ask for less"} or free some: the largest node has ${`${largest} ${unit}`.trim()} in all`;
	return {
		text: `${lack}${wanted === 0 ? "" : ` (asks for ${`${wanted} ${unit}`.trim()})`}`,
		advice: fits,
		kind
	};
}
/** A filter that Nomad names by itself, in the user's words. */
function filter(words, count, job, about, nodes) {
	const { group: spec, fewer, builtIn, unmet } = about;
	const lacks = (what) => `${count} ${count === 1 ? "lacks" : "lack"} ${what}`;
	const ready = (nodes ?? []).filter(isReady);
	const has = (what, found) => nodes === void 0 ? "" : found.length === 0 ? `; the nodes have no ${what}` : `; the nodes have ${found.join(", ")}`;
	if (words === "missing drivers") {
		const wanted = unique((spec?.Tasks ?? []).map(({ Driver }) => Driver));
		const found = unique(ready.flatMap(({ Drivers }) => Object.entries(Drivers ?? {}).flatMap(([name, driver]) => driver?.Healthy === true ? [name] : [])));
		const missing = nodes === void 0 ? wanted : wanted.filter((driver) => !found.includes(driver));
		return {
			text: lacks(missing.length === 0 ? "the driver" : `the driver ${missing.join(", ")} (missing drivers)`),
			advice: `take another one, or enable it on a node${has("drivers", found)}`,
			kind: "driver",
			name: missing[0]
		};
	}
	if (words === "missing compatible host volumes") {
		const volumes = Object.values(spec?.Volumes ?? {}).filter(({ Type, Source }) => Type === "host" && Source);
		const wanted = unique(volumes.flatMap(({ Source, PerAlloc }) => namesOf(Source ?? "", PerAlloc === true ? spec?.Count ?? 1 : 0)));
		const found = unique(ready.flatMap(({ HostVolumes }) => Object.keys(HostVolumes ?? {})));
		const perAlloc = volumes.find(({ PerAlloc }) => PerAlloc === true);
		const correct = perAlloc === void 0 ? "correct `source`, or declare it on a node" : `create one volume for each index (\`per_alloc\` adds it to ${perAlloc.Source}), or take \`per_alloc\` out`;
		const isThere = wanted.length > 0 && wanted.every((name) => found.includes(name));
		return {
			text: lacks(`the host volume ${wanted.join(" or ")} (missing compatible host volumes)`.replace("  ", " ")),
			advice: isThere ? `the nodes have ${wanted.join(", ")}: compare \`access_mode\`, \`attachment_mode\` and \`read_only\`, and see what else uses it` : `${correct}${has("host volumes", found)}`,
			kind: "volume",
			name: wanted.find((name) => !found.includes(name))?.replace(/\[\d+\]$/, "")
		};
	}
	const csi = /^missing CSI Volume (.*)$/.exec(words)?.[1];
	if (csi !== void 0) return {
		text: `the CSI volume ${csi} does not exist (missing CSI Volume ${csi})`,
		advice: Object.values(spec?.Volumes ?? {}).some(({ Source, PerAlloc }) => PerAlloc === true && Source && csi.startsWith(`${Source}[`)) ? "create or register one volume for each index, or take `per_alloc` out" : "create or register it, or correct `source`",
		kind: "volume",
		name: csi
	};
	if (/^CSI |topology requirement/.test(words)) return {
		text: `${count} filtered by ${words}`,
		advice: "see `nomad volume status`",
		kind: "volume"
	};
	if (words === "missing devices") return {
		text: lacks(`the device ${unique((spec?.Tasks ?? []).flatMap(({ Resources: own }) => (own?.Devices ?? []).map(({ Name }) => Name ?? ""))).join(", ")} (missing devices)`.replace("  ", " ")),
		advice: "take `device` out, or add nodes with it",
		kind: "device"
	};
	if (/^(missing|invalid) .*network/.test(words)) return {
		text: words === "missing network" ? lacks("the network mode that is asked for (missing network)") : `${count} filtered by ${words}`,
		advice: "correct the `network` block, or configure it on the nodes",
		kind: "network"
	};
	if (words === "distinct_hosts") return {
		text: `${count} ${count === 1 ? "runs" : "run"} one of its allocations already (distinct_hosts)`,
		advice: either("add nodes", fewer),
		kind: "constraint",
		name: words
	};
	if (words.startsWith("distinct_property")) return {
		text: `${count} filtered by ${words}`,
		advice: either("add nodes with other values", fewer),
		kind: "constraint",
		name: "distinct_property"
	};
	if (words === INELIGIBLE) {
		const [first, ...others] = unmet;
		return first === void 0 ? hidden(count, job, spec) : filter(written(first), count, job, {
			...about,
			unmet: others
		}, nodes);
	}
	if (words.includes("attr.consul.version")) return {
		text: `${count} filtered by ${words}: no Consul there`,
		advice: withoutConsul(spec, builtIn),
		kind: "service"
	};
	if (words.includes("attr.vault.")) return {
		text: `${count} filtered by ${words}: no Vault there`,
		advice: "take `vault` out, or connect the nodes to Vault",
		kind: "vault"
	};
	if (words.includes("plugins.cni.version")) return {
		text: `${count} filtered by ${words}: no CNI plugins there`,
		advice: "install them on the nodes, or take another network `mode`",
		kind: "network"
	};
	const [target] = words.split(" ");
	return {
		text: `${count} filtered by ${words}`,
		advice: "change the constraint, or add a node that meets it",
		kind: "constraint",
		name: target
	};
}
/** Returns the names of a volume: with `per_alloc` there is one for each index of the group. */
function namesOf(source, count) {
	return count === 0 ? [source] : Array.from({ length: Math.min(count, MAX_NAMED) }, (_, index) => `${source}[${index}]`);
}
/** Returns what to do where Consul is missing: what needs its mesh or its templates can't do without it. */
function withoutConsul(spec, builtIn) {
	const services = [...spec?.Services ?? [], ...(spec?.Tasks ?? []).flatMap((task) => task.Services ?? [])];
	if (services.some(({ Connect }) => Connect)) return "connect the nodes to Consul, which `connect` needs";
	if (builtIn) return "set NOMAD_VAR_SERVICE_PROVIDER to nomad: that uses Nomad's own services";
	return services.filter(({ Provider }) => Provider !== "nomad").length > 0 ? "set `provider = \"nomad\"` in `service`, or connect the nodes to Consul" : "connect the nodes to Consul, which the job needs";
}
const written = ({ LTarget, Operand, RTarget }) => [
	LTarget,
	Operand,
	RTarget
].filter(Boolean).join(" ");
/** Nomad remembers that nodes of a class did not fit, but not why: one of these is it. */
function hidden(count, job, spec) {
	const asked = [
		...[
			job?.Constraints,
			spec?.Constraints,
			...(spec?.Tasks ?? []).map(({ Constraints }) => Constraints)
		].flatMap((list) => (list ?? []).map(written)),
		...(spec?.Tasks ?? []).map(({ Driver }) => `driver ${Driver}`),
		...Object.values(spec?.Volumes ?? {}).flatMap(({ Source }) => Source ? [`volume ${Source}`] : [])
	];
	const list = unique(asked).join(", ");
	return {
		text: `${count} filtered by something that Nomad did not repeat (${INELIGIBLE})${list === "" ? "" : `; the job asks for ${list}`}`,
		advice: "change what it asks for, or add a node that has it",
		kind: "constraint",
		name: spec?.Constraints?.[0]?.LTarget ?? job?.Constraints?.[0]?.LTarget ?? void 0
	};
}
// src/diagnose/diagnose.ts
/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS$1 = 3;
/**
* Finds the cause of a failed verdict in the allocations that were seen, by the evidence that was collected before and what the cluster can still tell.
* Asks nothing about an allocation whose evidence was collected.
*/
async function diagnose(verdict, snapshot, { job, namespace, logLines, collected, builtIn = false }, nomad, runtime) {
	if (verdict.outcome === "failed" && verdict.reason === "verification-failed") return {
		cause: verdict.description,
		about: { kind: "none" },
		evidence: collected
	};
	const { redact } = runtime;
	const clean = (text) => withoutCredentials(redact(text));
	const suspects = oneOfEach(suspectAllocations(snapshot, job, collected, redact)).slice(0, MAX_ALLOCATIONS$1);
	const evidence = await Promise.all(suspects.map(async (allocation) => {
		const earlier = collected.findLast(({ allocationId }) => allocationId === allocation.ID);
		const found = earlier === void 0 ? await collectEvidence(allocation, {
			job,
			namespace,
			logLines
		}, nomad, runtime).catch(() => seenEvidence(allocation, redact)) : refreshEvidence(earlier, allocation, redact);
		const checks = snapshot.checks?.[allocation.ID] ?? [];
		return found.checks.length > 0 ? found : {
			...found,
			checks: checks.map((check) => readCheck(check, clean))
		};
	}));
	if (verdict.outcome !== "failed" && verdict.outcome !== "timed-out") return {
		cause: verdict.description,
		about: { kind: "none" },
		evidence
	};
	const advised = {
		builtIn,
		timedOut: verdict.outcome === "timed-out"
	};
	const best = suspects.flatMap((allocation, index) => allocationCause(allocation, job, evidence[index], redact, advised) ?? []).sort((a, b) => b.rank - a.rank)[0];
	const cause = (best !== void 0 && best.rank > RANKS.waiting ? best : await heldUpCause(snapshot, {
		job,
		namespace
	}, nomad, runtime)) ?? await unplacedCause(snapshot, job, nomad, redact, builtIn) ?? best ?? unfinishedCause(verdict.description, snapshot, redact, builtIn);
	return {
		cause: cause.sentence,
		about: cause.about,
		evidence
	};
}
/** Allocations that are not well, those that tell most first, then the newest; one that was stopped before it was judged has nothing to tell. */
function suspectAllocations({ allocations }, job, collected, redact) {
	const rank = (allocation) => allocationCause(allocation, job, collected.find(({ allocationId }) => allocationId === allocation.ID), redact)?.rank ?? -1;
	return allocations.filter((allocation) => {
		const { ClientStatus, DesiredStatus, DeploymentStatus } = allocation;
		if (/^(failed|lost|unknown)$/.test(ClientStatus) || DeploymentStatus?.Healthy === false) return true;
		if (DeploymentStatus?.Healthy === true) return false;
		return taskCauses(allocation).length > 0 || ClientStatus !== "complete" && DesiredStatus === "run";
	}).map((allocation) => ({
		allocation,
		rank: rank(allocation)
	})).sort((a, b) => b.rank - a.rank || b.allocation.CreateIndex - a.allocation.CreateIndex).map(({ allocation }) => allocation);
}
/** How long the question about older versions may take. */
const READ_MS = 1e4;
/** An allocation of an older version on a node that does not answer: as long as Nomad can't end it there, the new version is not complete. */
async function heldUpCause({ deployment, allocations }, { job, namespace }, nomad, { signal, redact }) {
	const version = deployment?.JobVersion ?? allocations[0]?.JobVersion;
	if (version === void 0) return void 0;
	const soon = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
	const older = ((await nomad.jobs.allocations(job.ID, namespace, 0, soon).catch(() => void 0))?.value ?? []).filter(({ JobVersion, TaskGroup, ClientStatus }) => {
		const { HealthyAllocs = 0, DesiredTotal = 1 } = deployment?.TaskGroups?.[TaskGroup] ?? {};
		return JobVersion < version && HealthyAllocs < DesiredTotal && /^(running|unknown)$/.test(ClientStatus);
	});
	const nodes = (older.some(({ ClientStatus }) => ClientStatus === "running") ? await nomad.nodes.list().catch(() => void 0) : void 0) ?? [];
	const silent = (name) => nodes.some(({ Name, Status }) => Name === name && /^(down|disconnected)$/.test(Status));
	const held = older.find(({ ClientStatus, NodeName }) => ClientStatus === "unknown" || silent(NodeName));
	if (held === void 0) return void 0;
	const { ID, JobVersion, NodeName, TaskGroup } = held;
	const replace = job.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Disconnect?.Replace;
	const instead = replace === false ? ", or set `replace = true` in `disconnect`" : replace === true ? ", or lower `lost_after` of `disconnect`" : "";
	return causeOf({
		where: `group ${TaskGroup}`,
		text: `allocation ${ID.slice(0, 8)} of the older version ${JobVersion} holds up the new one: its node ${NodeName} is disconnected or down`,
		advice: `bring that node back${instead}`,
		certain: false,
		about: {
			kind: "group",
			group: TaskGroup
		},
		rank: RANKS.failed
	}, redact);
}
/** Why some of a group found no place, if it still has none. */
async function unplacedCause({ evaluation, deployment, allocations }, job, nomad, redact, builtIn) {
	const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {}).find(([group]) => {
		const { PlacedAllocs, DesiredTotal } = deployment?.TaskGroups?.[group] ?? {};
		const wanted = DesiredTotal ?? job.TaskGroups?.find(({ Name }) => Name === group)?.Count ?? 1;
		return (PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length) < wanted;
	});
	if (unplaced === void 0) return void 0;
	const [group, metric] = unplaced;
	const nodes = await nomad.nodes.list().catch(() => void 0);
	const { DesiredCanaries = 0, Promoted = false } = deployment?.TaskGroups?.[group] ?? {};
	const unmet = nodes === void 0 ? [] : await nomad.nodes.unmet(suspectedConstraints(group, metric, job)).catch(() => []);
	const fitting = {
		builtIn,
		canaries: Promoted ? 0 : DesiredCanaries,
		unmet
	};
	return causeOf(placementPart(group, metric, job, nodes, evaluation?.QuotaLimitReached ?? void 0, fitting), redact, builtIn);
}
/** Nothing is wrong with what there is: there only was not enough of it in time. */
function unfinishedCause(description, { deployment }, redact, builtIn) {
	const behind = Object.entries(deployment?.TaskGroups ?? {}).find(([, { HealthyAllocs, DesiredTotal }]) => HealthyAllocs < DesiredTotal);
	const none = {
		certain: false,
		rank: RANKS.unknown
	};
	if (behind === void 0 || deployment?.StatusDescription === void 0 || !/progress deadline/.test(deployment.StatusDescription)) return {
		...none,
		sentence: description,
		about: { kind: "none" }
	};
	const [group, { HealthyAllocs, DesiredTotal }] = behind;
	const text = `${HealthyAllocs} of ${DesiredTotal} allocations were healthy when progress_deadline was over`;
	return causeOf({
		...none,
		where: `group ${group}`,
		text,
		advice: "raise `progress_deadline`, or see what takes so long",
		about: {
			kind: "progress_deadline",
			group
		}
	}, redact, builtIn);
}
// src/diagnose/gatherer.ts
/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/** A crash loop is not read anew at each crash. */
const AGAIN_AFTER_MS = 1e4;
/**
* Makes a gatherer that reads by `collect`, one after the other, of allocations that fail the newest of each kind of failure; what can't be read is left
* out.
*/
function gatherer(collect) {
	const known = /* @__PURE__ */ new Map();
	let reading = Promise.resolve();
	const read = (allocation, entry) => {
		known.set(allocation.ID, entry);
		reading = reading.then(async () => {
			if (known.get(allocation.ID) === entry) entry.evidence = await collect(allocation);
		});
		reading = reading.catch(() => void 0);
	};
	return {
		look: (allocations, nowMs) => {
			const newest = oneOfEach(allocations.filter((allocation) => failureOf(allocation) !== "").sort((a, b) => b.CreateIndex - a.CreateIndex));
			for (const allocation of newest.slice(0, MAX_ALLOCATIONS)) {
				const of = failureOf(allocation);
				const before = known.get(allocation.ID);
				const soon = before !== void 0 && allocation.ClientStatus !== "failed" && nowMs - before.atMs < AGAIN_AFTER_MS;
				if (before?.of !== of && !soon) read(allocation, {
					of,
					atMs: nowMs
				});
			}
		},
		found: async (allocations) => {
			await reading;
			return allocations.flatMap((allocation) => {
				const entry = known.get(allocation.ID);
				return entry?.evidence !== void 0 && entry.of === failureOf(allocation) ? [entry.evidence] : [];
			});
		}
	};
}
/** What is wrong with an allocation; empty as long as nothing is. */
function failureOf(allocation) {
	return [...taskCauses(allocation).map(({ task, text }) => `${task}: ${text}`), ...allocation.ClientStatus === "failed" ? ["failed"] : []].join("\n");
}
export { collectEvidence as a, describeFailing as c, isIgnored as d, rulesOf as f, placementPart as i, hasChecks as l, diagnose as n, taskCauses as o, updateOf as p, describePlacement as r, countsChecks as s, gatherer as t, intervalsOf as u };
