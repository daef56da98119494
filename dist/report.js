import { a as secret, d as messageOf } from "./runtime.js";
import { Ct as link, D as provenanceOf, Dt as text, Et as table, Ot as textBefore, Rt as digestTag, St as htmlCode, Tt as quiet, Ut as parseReference, _ as recordOf, bt as fenced, ct as retry, jt as oneLine, kt as clip, p as ownerOf, un as formatDuration, vt as autolink, w as META, wt as plain, xt as html, yt as code } from "./target.js";
import { i as versionsOf, n as outcomeIcon, r as outputsOf, t as isGood } from "./result.js";
// src/report/log.ts
/** The verdict in one line: the last thing that the log says. */
function headline(result) {
	const job = result.jobId === void 0 ? "" : ` ${result.jobId}`;
	const where = result.environment === void 0 ? "" : ` (${result.environment})`;
	const what = `${job}${result.jobVersion === void 0 ? "" : ` version ${result.jobVersion}`}${where}`.trim();
	return [
		result.outcome ?? "failed",
		what,
		result.cause ?? ""
	].filter((part) => part !== "").join(": ");
}
/** The diagnosis as lines of the log. Every line begins with our own text, so that nothing a workload printed is taken for a workflow command. */
function evidenceLines({ evidence }) {
	return evidence.flatMap(({ allocationId, name, node, status, events, checks, logs, logsUnread }) => [
		`Allocation ${allocationId} ${name} on ${node}: ${status}`,
		...events.map(({ timeMs, task, type, message }) => `  ${new Date(timeMs).toISOString()} ${task}: ${type}: ${message}`),
		...checks.map(({ service, name: check, status: state, output }) => `  check "${check}" of ${service}: ${state}: ${output}`),
		...logs.flatMap(({ task, stream, lines }) => [`  ${task} ${stream}, last ${lines.length} line${lines.length === 1 ? "" : "s"}:`, ...lines.map((line) => `  | ${line}`)]),
		...logsUnread ? [`  ${LOGS_UNREAD[logsUnread]}`] : []
	]);
}
/** Said where logs would be. */
const LOGS_UNREAD = {
	denied: "no logs: the token may not read them, it lacks read-logs in this namespace: capabilities = [\"read-logs\"]",
	gone: "no logs: the node is down, or has removed the allocation (it keeps as many as its `gc_max_allocs` says)",
	unread: "no logs: they were not read (`log-lines: 0`, or the node did not answer)"
};
// src/report/webhook.ts
/** Slack's limits for the text of a section, and of one of its fields. */
const MAX_TEXT = 3e3;
const MAX_FIELD = 2e3;
/** Receivers refuse a body that is much larger. */
const MAX_BYTES$1 = 262144;
/** Jobs that are named one by one. */
const MAX_JOBS = 20;
/** The body of a notification. What comes from outside is escaped for Slack: it mentions nobody and links nowhere. */
function webhookBody(result) {
	const { outcome = "failed", jobId, environment, cause, hint, url, jobs } = result;
	const what = jobs === void 0 ? jobId ?? "nomad-deploy" : `${jobs.length} jobs`;
	const where = environment === void 0 ? "" : ` in ${environment}`;
	const title = `*${outcomeIcon(outcome)} ${escaped(`${what}: ${outcome}${where}`)}*${url === void 0 ? "" : `\n${linked(url)}`}`;
	const why = [cause, hint].map((text) => quiet(plain(text ?? ""))).filter((text) => text !== "").join("\n");
	const facts = jobs === void 0 ? factsOf(result) : jobs.slice(0, MAX_JOBS).map(jobLine);
	return {
		text: escaped(clip(`${outcomeIcon(outcome)} ${headline(jobs === void 0 ? result : {
			...result,
			jobId: what
		})}`, MAX_TEXT)),
		blocks: [
			{
				type: "section",
				text: markdown(title, MAX_TEXT)
			},
			...why === "" ? [] : [{
				type: "section",
				text: {
					type: "plain_text",
					text: clip(why, MAX_TEXT),
					emoji: false
				}
			}],
			...inTens(facts).map((fields) => ({
				type: "section",
				fields
			})),
			...origin(result)
		],
		result: shortened(result)
	};
}
function factsOf(result) {
	const { image, changed, running, nomadUrl, timings } = result;
	const totalMs = Object.values(timings ?? {}).reduce((sum, ms) => sum + ms, 0);
	return [
		["Version", versionsOf(result)],
		["Running now", running && escaped(running)],
		["Image", image && escaped(image)],
		["Change", changed],
		["Nomad", nomadUrl && linked(nomadUrl, "open the job")],
		["Time", totalMs === 0 ? void 0 : formatDuration(totalMs)]
	].flatMap(([name, value]) => value ? [markdown(`*${name}*\n${value}`, MAX_FIELD)] : []);
}
function jobLine(job) {
	const name = job.jobId ?? "";
	const words = [job.outcome ?? "failed", versionsOf(job)].filter((text) => text !== void 0).join(", ");
	const shown = job.nomadUrl === void 0 ? escaped(name) : linked(job.nomadUrl, name);
	return markdown(`${outcomeIcon(job.outcome)} ${shown}: ${words}`, MAX_FIELD);
}
/** A section has ten fields at most. */
function inTens(fields) {
	return Array.from({ length: Math.ceil(fields.length / 10) }, (_, i) => fields.slice(10 * i, 10 * i + 10));
}
function origin({ repository, ref, sha, runUrl }) {
	const commit = sha ? ` ${entities(sha.slice(0, 8))}` : "";
	const parts = [...repository === void 0 ? [] : [`${escaped(`${repository} ${ref ?? ""}`)}${commit}`], ...runUrl === void 0 ? [] : [linked(runUrl, "workflow run")]];
	return parts.length === 0 ? [] : [{
		type: "context",
		elements: parts.map((text) => markdown(text, MAX_TEXT))
	}];
}
/** Slack finds addresses and names of channels by itself, unless it is told to show the text as it is. */
function markdown(text, max) {
	return {
		type: "mrkdwn",
		text: clip(text, max),
		verbatim: true
	};
}
/**
* Text from outside, for Slack and for programs that take its messages: Slack has its own marks in angle brackets, links and mentions such as `<!channel>`, the
* others look for `@channel` and Markdown's links.
*/
function escaped(text) {
	return entities(quiet(plain(text)).replaceAll("](", "]​("));
}
function entities(text) {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
/** A link; without a label, its address is shown. */
function linked(url, label) {
	if (!/^https?:\/\//i.test(url)) return escaped(label ?? url);
	const address = url.toWellFormed().replace(/[\s<>|\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, encodeURIComponent).replaceAll("&", "&amp;");
	return `<${address}|${label === void 0 ? address : escaped(label).replaceAll("|", "¦")}>`;
}
/** The result without what is long, as little of it as has to go. */
function shortened(result) {
	const each = (change) => (one) => {
		const own = change(one);
		return own.jobs === void 0 ? own : {
			...own,
			jobs: own.jobs.map(change)
		};
	};
	const steps = [
		each((one) => one),
		each(({ settings: _settings, ...one }) => one),
		each(({ settings: _settings, evidence, ...one }) => ({
			...one,
			...evidence === void 0 ? {} : { evidence: evidence.map((found) => ({
				...found,
				logs: []
			})) }
		})),
		each(({ settings: _settings, evidence: _evidence, planDiff: _diff, planLines: _lines, allocations: _allocations, stages: _stages, output: _output, warnings: _warnings, ...one }) => one)
	];
	for (const step of steps) {
		const short = step(result);
		if (Buffer.byteLength(JSON.stringify(short)) <= MAX_BYTES$1) return short;
	}
	const { jobs: _jobs, ...rest } = steps.at(-1)?.(result) ?? {};
	return rest;
}
// src/report/notify.ts
const TIMEOUT_MS = 5e3;
/** A deploy does not wait long for a chat: five attempts at most. */
const POLICY = {
	forMs: 6e3,
	firstDelayMs: 1e3,
	maxDelayMs: 4e3
};
/** Of the 7.5 s that the runner gives a cancelled step. */
const CANCEL_MS = 2500;
/**
* Posts a result to the web hook, if there is one and the result is one that it wants; a run that was skipped is none. That it can't be reached is a
* warning and never fails anything.
*/
async function notify(webhook, result, runtime) {
	if (webhook === void 0 || result.outcome === void 0 || result.outcome === "skipped") return;
	if (webhook.on === "failure" && isGood(result.outcome)) return;
	const cancelled = runtime.signal.aborted;
	const signal = AbortSignal.timeout(cancelled ? CANCEL_MS : TIMEOUT_MS + POLICY.forMs);
	try {
		await retry(cancelled ? {
			...POLICY,
			forMs: 0
		} : POLICY, runtime.clock, signal, async () => post(webhook, result, runtime, signal), () => void 0);
		runtime.log.info("The result was posted to the web hook");
	} catch (error) {
		runtime.log.warning(`\`webhook-url\`: the result could not be posted: ${signal.aborted ? "no answer in time" : messageOf(error)}`);
	}
}
async function post({ url }, result, { request, redact }, signal) {
	let status;
	let words;
	let retryAfter;
	try {
		const answer = await request(url.reveal(), {
			method: "POST",
			headers: { "content-type": secret("application/json") },
			body: JSON.stringify(webhookBody(result)),
			timeoutMs: TIMEOUT_MS,
			insecure: false,
			maxBytes: 1e3,
			signal
		});
		({status} = answer);
		words = clip(oneLine(redact(answer.body)), 200);
		retryAfter = answer.headers["retry-after"];
	} catch (error) {
		return {
			done: false,
			error: new Error(messageOf(error))
		};
	}
	if (status >= 200 && status < 300) return {
		done: true,
		value: void 0
	};
	const error = /* @__PURE__ */ new Error(`it answered ${status}${words === "" ? "" : `: ${words}`}`);
	if (status !== 429 && status < 500) throw error;
	const seconds = Number(retryAfter);
	return {
		done: false,
		error,
		...retryAfter !== void 0 && seconds >= 0 ? { retryAfterMs: seconds * 1e3 } : {}
	};
}
// src/report/promotion.ts
/**
* The version of a job of another environment that ran the very image, known by its digest: the last of those that were healthy, else the last one.
* `jobs` are the versions that Nomad keeps.
*/
function findPromotion(image, environment, jobs) {
	const of = (job) => recordOf(job)?.environment ?? job.Meta?.[META.environment];
	const [last] = jobs.filter((job) => (of(job) ?? environment) !== environment && runs(job, image)).sort((a, b) => Number(b.Stable ?? false) - Number(a.Stable ?? false) || (b.SubmitTime ?? 0) - (a.SubmitTime ?? 0));
	if (last === void 0) return void 0;
	const { run } = provenanceOf(last);
	return {
		environment: of(last) ?? "",
		jobId: last.ID,
		jobVersion: last.Version,
		healthy: last.Stable === true,
		...run === void 0 ? {} : { run }
	};
}
function runs({ TaskGroups }, image) {
	const { name, digest = "" } = parseReference(image) ?? {};
	const names = [image, `${name}:${digestTag(digest)}`];
	return (TaskGroups ?? []).some(({ Tasks }) => (Tasks ?? []).some(({ Config }) => names.includes(String(Config?.["image"]))));
}
// src/report/promoted.ts
/**
* Says where an image that this run did not build ran before: which job of this repository in another environment, by which run. What the token
* may not read of the cluster is not said.
*/
async function notePromotion({ reference }, context, target, nomad, { runtime: { log }, note }) {
	try {
		const jobs = await nomad.jobs.withMeta(META.repository, context.repository);
		const versions = await Promise.all(jobs.map(async ({ ID, Namespace }) => nomad.jobs.versions(ID, Namespace)));
		const promotedFrom = findPromotion(reference, ownerOf(context, target).environment, versions.flat());
		if (promotedFrom === void 0) return;
		const { jobId, jobVersion, run, environment: from } = promotedFrom;
		log.info(`Promoted from ${from}: ${jobId} version ${jobVersion} ran this image${run === void 0 ? "" : `, deployed by ${run}`}`);
		note({ promotedFrom });
	} catch (error) {
		log.debug(`Where the image ran before is not known: ${messageOf(error)}`);
	}
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
// src/report/summary/evidence.ts
/** What one allocation tells, in folds; what it said last is open when `open`. */
function evidenceSection({ allocationId, name, node, status, events, checks, logs, logsUnread }, url, open, limits) {
	const shownEvents = limits.events === 0 ? [] : events.slice(-limits.events);
	return [
		`<details${open ? " open" : ""}><summary>Why: ${htmlCode(allocationId.slice(0, 8))} ${html(name)} on ${html(node)}: ${html(status)}</summary>`,
		"",
		...url === void 0 ? [] : [link("open in Nomad", url), ""],
		...logs.flatMap(({ task, stream, lines }) => {
			const last = limits.logLines === 0 ? [] : lines.slice(-limits.logLines);
			if (last.length === 0) return [];
			return [
				`<details${open ? " open" : ""}><summary>Log: ${htmlCode(task)} ${stream}, last ${last.length === 1 ? "line" : `${last.length} lines`}</summary>`,
				"",
				...fenced(last.map((line) => clipped$1(line, limits))),
				"</details>",
				""
			];
		}),
		...logsUnread ? [LOGS_UNREAD[logsUnread], ""] : [],
		...table([
			"Check",
			"Service",
			"Status",
			"Output"
		], checks.map((check) => [
			text(check.name),
			text(check.service),
			text(check.status),
			text(clipped$1(check.output, limits))
		])),
		...table([
			"Time (UTC)",
			"Task",
			"Event",
			"Message"
		], shownEvents.map(({ timeMs, task, type, message }) => [
			new Date(timeMs).toISOString().slice(11, 19),
			text(task),
			text(type),
			text(clipped$1(message, limits))
		])),
		"</details>",
		""
	];
}
const clipped$1 = (line, { width }) => line.length <= width ? line : `${line.slice(0, width)}…`;
// src/report/summary/further.ts
/** A page of Nomad's UI that belongs to a job's result; undefined when there is no UI, as at a socket. */
function allocationUrl({ nomadAddr, region }, id) {
	if (nomadAddr === void 0 || nomadAddr.startsWith("unix:")) return void 0;
	return `${nomadAddr}/ui/allocations/${encodeURIComponent(id)}${region === void 0 ? "" : `?region=${encodeURIComponent(region)}`}`;
}
/** The commands of Nomad's CLI by which one looks further, or goes back, with the names of this very job. */
function furtherCommands(result) {
	const { outcome, jobId, dispatchedJobId, namespace, region, nomadAddr, deploymentId, jobVersion, previousVersion, failureReason } = result;
	if (jobId === void 0 || outcome === "skipped" || outcome === "built") return [];
	const flags = [...namespace === void 0 || namespace === "default" ? [] : ["-namespace", namespace], ...region === void 0 ? [] : ["-region", region]];
	const command = (what, ...words) => [
		"nomad",
		what,
		...[...flags, ...words].map(quoted)
	].join(" ");
	const wentBack = failureReason?.endsWith("-rolled-back") === true;
	return [
		...nomadAddr === void 0 ? [] : [`export NOMAD_ADDR=${quoted(nomadAddr)}`],
		command("job status", dispatchedJobId ?? jobId),
		...deploymentId === void 0 ? [] : [command("deployment status", deploymentId.slice(0, 8))],
		...deploymentId !== void 0 && outcome === "awaiting-promotion" ? [command("deployment promote", deploymentId.slice(0, 8)), command("deployment fail", deploymentId.slice(0, 8))] : [],
		...allocationCommands(result, command),
		...jobVersion === void 0 || previousVersion === void 0 || previousVersion >= jobVersion || wentBack ? [] : [command("job revert", jobId, `${previousVersion}`)]
	];
}
/** Those about the allocation that tells most: the one that is to blame, or any that runs. */
function allocationCommands({ evidence = [], allocations = [] }, command) {
	const [blamed] = evidence;
	const known = allocations.find(({ id }) => id === blamed?.allocationId) ?? allocations[0];
	const id = (blamed?.allocationId ?? known?.id)?.slice(0, 8);
	if (id === void 0) return [];
	const task = blamed?.logs[0]?.task ?? blamed?.events.at(-1)?.task ?? known?.tasks[0];
	const ofTask = task === void 0 ? [] : ["-task", task];
	const status = blamed?.status ?? known?.status;
	const stderr = blamed === void 0 || blamed.logs.some(({ stream }) => stream === "stderr") ? ["-stderr"] : [];
	return [
		command("alloc status", id),
		command("alloc logs", ...stderr, ...ofTask, id),
		...status === "running" ? [command("alloc exec", "-i", "-t", ...ofTask, id, "/bin/sh")] : []
	];
}
/** A word as a shell takes it. */
function quoted(word) {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
// src/report/summary/image.ts
/** Returns what is known of the image, as rows: its name, the same image that is not deployed, who built it if this run did not, and where it ran before. */
function imageRows({ image, unusedImages = {}, builtBy, promotedFrom, runUrl }) {
	return [
		["Image", image ? code(image) : void 0],
		...Object.entries(unusedImages).map(([name, unused]) => ["Same image", `The running image of ${text(name)} stays. ${code(unused)} has the same layers and settings.`]),
		["Built by", builtBy && describeBuild(builtBy, runUrl)],
		["Promoted from", promotedFrom && describePromotion(promotedFrom, runUrl)]
	];
}
function describeBuild({ run, revision }, runUrl) {
	const who = run === void 0 ? "another run" : toRun(text(`run ${run.slice(run.lastIndexOf("/") + 1)}`), run, runUrl);
	return revision === void 0 ? who : `${who}, of commit ${code(revision.slice(0, 7))}`;
}
function describePromotion({ environment, jobId, jobVersion, run, healthy }, runUrl) {
	const job = text(`${jobId} version ${jobVersion}`);
	return `${text(environment)}: ${run === void 0 ? job : toRun(job, run, runUrl)}${healthy ? ", healthy there" : ""}`;
}
/** A label of an image and the metadata of a job are written by anybody: a link leads to a workflow run on the same server as this one, or is none. */
function toRun(label, run, runUrl) {
	const server = runUrl !== void 0 && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
	return server !== void 0 && run.startsWith(`${server}/`) && /^\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+(?:\/attempts\/\d+)?$/.test(run.slice(server.length)) ? link(label, run) : label;
}
// src/report/summary/limits.ts
const MANY = 1e5;
/**
* GitHub drops a summary of more than 1 MiB as a whole, so what helps least is left out first: pictures, then the beginning of logs, what went well, and
* in the end all but the outcome and its cause.
*/
const LIMITS = [
	{
		without: "",
		timeline: true,
		logLines: MANY,
		events: MANY,
		width: 1e4,
		diff: MANY,
		allocations: 50,
		warnings: 100,
		folds: "all"
	},
	{
		without: "timelines",
		timeline: false,
		logLines: MANY,
		events: MANY,
		width: 1e4,
		diff: MANY,
		allocations: 50,
		warnings: 100,
		folds: "all"
	},
	{
		without: "timelines, long lines, all but the last 200 lines of logs",
		timeline: false,
		logLines: 200,
		events: 20,
		width: 500,
		diff: 200,
		allocations: 20,
		warnings: 50,
		folds: "all"
	},
	{
		without: "timelines, long lines, most of logs and changes",
		timeline: false,
		logLines: 50,
		events: 10,
		width: 300,
		diff: 50,
		allocations: 10,
		warnings: 20,
		folds: "all"
	},
	{
		without: "timelines, long lines, most of logs and changes, jobs that went well",
		timeline: false,
		logLines: 20,
		events: 10,
		width: 200,
		diff: 20,
		allocations: 10,
		warnings: 10,
		folds: "failed"
	},
	{
		without: "all but outcomes and causes",
		timeline: false,
		logLines: 0,
		events: 0,
		width: 200,
		diff: 0,
		allocations: 0,
		warnings: 0,
		folds: "none"
	}
];
// src/report/summary/timeline.ts
/** More rows than these are no picture any more. */
const MAX_ALLOCATIONS = 12;
/** What has room beside the bars. */
const MAX_TITLE = 20;
/** A shorter run has nothing to see. */
const MIN_MS = 1e3;
/**
* The run's stages and its allocations over time, as the lines of a Mermaid Gantt chart; none when there is too little to see. The allocations' times are
* by the clocks of the cluster, the stages' by that of the runner.
*/
function timeline({ stages = [], allocations = [] }) {
	const end = Math.max(0, ...stages.map(endOf));
	if (end - Math.min(...stages.map(({ startedAt }) => Date.parse(startedAt))) < MIN_MS) return [];
	return [
		"%%{init: {\"gantt\": {\"leftPadding\": 150}}}%%",
		"gantt",
		"  dateFormat x",
		"  axisFormat %H:%M:%S",
		"  todayMarker off",
		...[{
			title: "Run",
			bars: stages.map((stage) => ({
				name: stage.name,
				from: Date.parse(stage.startedAt),
				to: endOf(stage),
				style: "done"
			}))
		}, ...allocations.slice(0, MAX_ALLOCATIONS).map((allocation) => ({
			title: clip(allocation.name.replace(/^.*\./, ""), MAX_TITLE),
			bars: allocationBars(allocation, end)
		}))].filter(({ bars }) => bars.length > 0).flatMap(({ title, bars }) => [`  section ${label(title)}`, ...bars.map(({ name, from, to, style }) => `    ${label(name)} :${style}, ${Math.round(from)}, ${Math.round(Math.max(to, from + 1))}`)])
	];
}
const endOf = ({ startedAt, ms }) => Date.parse(startedAt) + ms;
function allocationBars({ createdAt, startedAt, judgedAt, endedAt, healthy, status }, end) {
	const at = (time) => time === void 0 ? void 0 : Date.parse(time);
	const [created, started, judged, ended] = [
		createdAt,
		startedAt,
		judgedAt,
		endedAt
	].map(at);
	if (created === void 0) return [];
	const bad = status === "failed" || status === "lost" || healthy === false;
	if (started === void 0 || started < created) return [{
		name: bad ? "never started" : "starting",
		from: created,
		to: ended ?? end,
		style: bad ? "crit" : "active"
	}];
	const first = {
		name: "starting",
		from: created,
		to: started,
		style: "active"
	};
	if (healthy === true && judged !== void 0) return [first, {
		name: "until healthy",
		from: started,
		to: judged,
		style: "done"
	}];
	return [first, {
		name: bad ? "not healthy" : status === "complete" ? "ran" : "running",
		from: started,
		to: ended ?? judged ?? end,
		style: bad ? "crit" : "done"
	}];
}
/** Mermaid takes colons, semicolons, commas and hashes for its own, and a name may be one of its words. */
function label(text) {
	return plain(text).replace(/[^\p{L}\p{N} .()[\]_…-]/gu, "_").replace(/^(?=(section|title|click|vert)\b)/i, "_");
}
// src/report/summary/summary.ts
/** GitHub's limit is 1 MiB a step; what another step of the action writes has to fit, too. */
const MAX_BYTES = 1e6;
/**
* The job summary, as GitHub-flavoured Markdown of one screen; what comes from outside is escaped. It stays below `maxBytes` of UTF-8: what helps least is
* left out, and it says so.
*/
function renderSummary(result, maxBytes = MAX_BYTES) {
	let markdown = "";
	for (const limits of LIMITS) {
		const { without } = limits;
		const note = without === "" ? [] : [`*Left out to stay below GitHub's limit of 1 MiB: ${without}. The output \`result\` names a file with all of it.*`, ""];
		markdown = (result.jobs === void 0 ? renderJob(result, note, limits) : renderJobs(result, result.jobs, note, limits)).join("\n");
		if (Buffer.byteLength(markdown) <= maxBytes) return markdown;
	}
	const cut = Buffer.from(markdown).subarray(0, maxBytes).toString("utf8");
	return cut.slice(0, cut.lastIndexOf("\n") + 1);
}
function renderJob(result, note, limits) {
	return [
		...renderHead(result, limits),
		...note,
		...renderBody(result, limits)
	];
}
/** Several jobs: a table, then a fold for each. */
function renderJobs(result, own, note, limits) {
	const { jobId: _first, ...run } = result;
	const { nomadAddr, repository, sha, runUrl } = result;
	const common = {
		...nomadAddr === void 0 ? {} : { nomadAddr },
		...repository === void 0 || sha === void 0 || runUrl === void 0 ? {} : {
			repository,
			sha,
			runUrl
		}
	};
	const jobs = own.map((job) => ({
		...common,
		...job
	}));
	const folds = limits.folds === "none" ? [] : jobs.filter(({ outcome }) => limits.folds === "all" || !isGood(outcome));
	return [
		...renderHead({
			...run,
			jobId: `${jobs.length} jobs`
		}, limits),
		...note,
		...table(["", ""], facts([...imageRows(result), ["Time", timings(result.timings)]])),
		...table([
			"Job",
			"Outcome",
			"Version",
			"Change",
			"Time"
		], jobs.map((job) => [
			job.nomadUrl === void 0 ? text(job.jobId ?? "") : link(text(job.jobId ?? ""), job.nomadUrl),
			`${outcomeIcon(job.outcome)} ${job.outcome ?? "failed"}`,
			versionsOf(job) ?? "",
			job.changed ?? "",
			totalOf(job.timings)
		])),
		...folds.flatMap((job) => [
			`<details${isGood(job.outcome) ? "" : " open"}><summary>${html(job.jobId ?? "")}: ${job.outcome ?? "failed"}</summary>`,
			"",
			...run.cause === `${job.jobId}: ${job.cause}` ? [] : explanation(job, limits),
			...renderBody(job, limits),
			"</details>",
			""
		])
	];
}
function explanation(result, limits) {
	const { cause, hint, output, nomadUrl } = result;
	const lines = output === void 0 || limits.logLines === 0 ? [] : output.slice(-limits.logLines);
	return [
		...cause === void 0 ? [] : [`**${text(clipped(cause, limits))}**`, ""],
		...where(result),
		...hint === void 0 ? [] : [textBefore(clipped(hint, limits), nomadUrl), ""],
		...lines.length === 0 ? [] : [...fenced(lines.map((line) => clipped(line, limits))), ""]
	];
}
/** The line of the user's file, as it was at this commit. */
function where({ location, repository, sha, runUrl }) {
	if (location?.line === void 0) return [];
	const at = code(`${location.file}:${location.line}`);
	const server = runUrl !== void 0 && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
	const path = location.file.split("/").map(encodeURIComponent).join("/");
	return [server && repository && sha ? link(at, `${server}/${repository}/blob/${sha}/${path}#L${location.line}`) : at, ""];
}
const clipped = (value, { width }) => value.length <= width ? value : `${value.slice(0, width)}…`;
function renderHead(result, limits) {
	const outcome = result.outcome ?? "failed";
	return [
		`### ${outcomeIcon(outcome)} ${text(result.jobId ?? "nomad-deploy")}: ${outcome}${result.environment === void 0 ? "" : ` in ${text(result.environment)}`}`,
		"",
		...explanation(result, limits)
	];
}
const facts = (all) => all.flatMap(([name, markdown]) => markdown ? [[name, markdown]] : []);
function renderBody(result, limits) {
	const { region, namespace, nomadUrl, nomadAddr, deploymentId } = result;
	const pages = nomadUrl === void 0 ? nomadAddr && code(nomadAddr) : [
		link("job", nomadUrl),
		link("versions", page(nomadUrl, "versions")),
		...deploymentId === void 0 ? [] : [link("deployments", page(nomadUrl, "deployments"))]
	].join(" · ");
	const good = isGood(result.outcome);
	const place = namespace === void 0 || region === void 0 && namespace === "default" ? void 0 : `${code(namespace)}${region === void 0 ? "" : ` in ${code(region)}`}`;
	const why = (result.evidence ?? []).flatMap((one, index) => evidenceSection(one, allocationUrl(result, one.allocationId), index === 0, limits));
	return [
		...table(["", ""], facts([
			["URL", result.url === void 0 ? void 0 : autolink(result.url)],
			...imageRows(result),
			["Version", versionsOf(result)],
			["Running now", result.running === void 0 ? void 0 : text(result.running)],
			["Change", result.changed],
			["Fingerprint", result.outcome === "planned" && result.planFingerprint ? code(result.planFingerprint) : void 0],
			["Run", result.dispatchedJobId && code(result.dispatchedJobId)],
			["Nomad", pages],
			["Namespace", place],
			["Deployment", deploymentId && code(deploymentId)],
			["Time", timings(result.timings)]
		])),
		...good ? [] : why,
		...changes(result, limits),
		...warnings(result, limits),
		...allocations(result, limits),
		...good ? why : [],
		...limits.timeline ? fold("Timeline", mermaid(timeline(result))) : [],
		...fold("Look further", blockOf(furtherCommands(result), "sh"))
	];
}
/** A page below that of a job. */
function page(nomadUrl, name) {
	const [path = "", query] = nomadUrl.split("?");
	return `${path}/${name}${query === void 0 ? "" : `?${query}`}`;
}
const blockOf = (lines, language) => lines.length === 0 ? [] : fenced(lines, language);
const mermaid = (lines) => blockOf(lines, "mermaid");
function changes({ outcome, changed, planDiff = [], planLines = [] }, limits) {
	if (changed === "none") return [];
	const lines = planDiff.length > 0 ? planDiff : planLines.map((line) => `  ${line}`);
	const shown = lines.slice(0, limits.diff);
	const more = lines.length - shown.length;
	if (shown.length === 0) return [];
	return fold("Changes", [...fenced(shown, "diff"), ...more > 0 ? [
		"",
		`and ${more} lines more`,
		""
	] : []], outcome === "planned");
}
function warnings({ warnings: all = [] }, limits) {
	const shown = all.slice(0, limits.warnings);
	const more = all.length - shown.length;
	return fold(`Warnings (${all.length})`, shown.length === 0 ? [] : [...shown.map((line) => `- ${text(clipped(line, limits))}`), ...more > 0 ? [`- and ${more} more`] : []]);
}
function allocations(result, limits) {
	const all = result.allocations ?? [];
	const shown = all.slice(0, limits.allocations);
	const more = all.length - shown.length;
	const healthy = all.filter((allocation) => allocation.healthy === true).length;
	return fold(`Allocations (${healthy === 0 ? all.length : `${healthy} of ${all.length} healthy`})`, [...table([
		"Allocation",
		"Node",
		"Status",
		"Healthy",
		"Restarts",
		"Started in"
	], shown.map(({ id, name, node, status, healthy: well, canary, restarts, createdAt, startedAt }) => {
		const url = allocationUrl(result, id);
		const short = code(id.slice(0, 8));
		return [
			`${url === void 0 ? short : link(short, url)} ${text(name)}${canary ? " (canary)" : ""}`,
			text(node),
			text(status),
			well === null ? "" : well ? "yes" : "**no**",
			restarts === 0 ? "" : `${restarts}`,
			between(createdAt, startedAt)
		];
	})), ...more > 0 ? [`and ${more} more`, ""] : []], result.outcome !== "planned");
}
function between(from, to) {
	const ms = from === void 0 || to === void 0 ? -1 : Date.parse(to) - Date.parse(from);
	return ms < 0 ? "" : formatDuration(ms);
}
function fold(title, lines, open = false) {
	return lines.length === 0 ? [] : [
		`<details${open ? " open" : ""}><summary>${title}</summary>`,
		"",
		...lines,
		"</details>",
		""
	];
}
const sumOf = (stages) => Object.values(stages ?? {}).reduce((sum, ms) => sum + ms, 0);
const totalOf = (stages) => stages === void 0 ? "" : formatDuration(sumOf(stages));
function timings(stages) {
	const entries = Object.entries(stages ?? {});
	if (entries.length === 0) return void 0;
	return `${formatDuration(sumOf(stages))} (${entries.filter(([, ms]) => ms >= 50).map(([stage, ms]) => `${stage} ${formatDuration(ms)}`).join(", ")})`.replace(" ()", "");
}
// src/report/record.ts
/** Opens the record of a run. `webhook` hears of a run that ends before its inputs are known. */
function openRecord(webhook, runtime) {
	let result = {};
	let listeners = {
		summary: true,
		webhook
	};
	const reports = [];
	const note = (part) => {
		const shown = runtime.redactDeep(part);
		result = {
			...result,
			...shown
		};
		const outputs = outputsOf(shown);
		for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
		const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => name !== "cause" && outputs[name] !== value ? [name] : []);
		if (torn.length > 0) runtime.log.warning(`A masked value is a part of ${torn.join(", ")}: these outputs have \`***\` in its place.`);
	};
	const stage = async (name, title, work) => timed(name, runtime, (done) => result = withStage(result, done), async () => runtime.log.group(title, work));
	const close = async () => {
		const ended = result;
		const inOrder = async () => {
			for (const report of reports) await report(ended);
		};
		await Promise.all([notify(listeners.webhook, ended, runtime), inOrder()]);
		if (listeners.summary) await runtime.writeSummary(renderSummary(result));
		if (result.outcome !== void 0 && result.outcome !== "skipped") note({ result: await runtime.publish("result.json", result) });
		runtime.log.info(headline(result));
		return isGood(result.outcome);
	};
	return {
		runtime,
		number: 1,
		note,
		stage,
		atEnd: (report) => reports.push(report),
		tell: (those) => listeners = those,
		close
	};
}
export { notify as a, notePromotion as i, timed as n, LOGS_UNREAD as o, withStage as r, evidenceLines as s, openRecord as t };
