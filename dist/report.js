import { a as secret, d as messageOf } from "./runtime.js";
import { Ft as oneLine, Ht as digestTag, Nt as clip, O as META, Ot as plain, _ as ownerOf, ft as retry, i as versionsOf, j as provenanceOf, kt as quiet, mn as formatDuration, n as outcomeIcon, qt as parseReference, t as isGood, x as recordOf } from "./result.js";
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
const MAX_BYTES = 262144;
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
		if (Buffer.byteLength(JSON.stringify(short)) <= MAX_BYTES) return short;
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
export { headline as a, evidenceLines as i, notify as n, LOGS_UNREAD as r, notePromotion as t };
