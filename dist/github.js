import { Ct as link, D as provenanceOf, Dt as text, Et as table, Ot as textBefore, Ut as parseReference, bt as fenced, kt as clip, st as tell, vt as autolink, yt as code } from "./target.js";
import { t as isGood } from "./result.js";
import { a as settleDeployment, i as recordDeployment, o as stateOf, r as environmentName } from "./deployment2.js";
import { p as sentence, s as ActionError } from "./runtime.js";
import { createHash } from "node:crypto";
// src/report/github/comment.ts
/** What the comments and issues of a job are about. */
function subjectOf({ draft, rendering: { target }, nomad: { region } }) {
	return {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		environment: target.environment.name,
		region
	};
}
/** The first line of a comment of ours, which nobody sees. A hash: what is about to be masked must not tear it. */
function marker({ jobId, namespace, environment, region }) {
	return `<!-- nomad-deploy ${createHash("sha256").update(JSON.stringify([
		jobId,
		namespace,
		environment,
		...region === void 0 ? [] : [region]
	])).digest("hex").slice(0, 20)} -->`;
}
/** The newest of our comments about a subject. Anybody can paste a marker, so only what this run's own token wrote is ours. */
async function findOurs(subject, comments, { viewer }) {
	const marked = comments.filter(({ body }) => body?.startsWith(marker(subject)) === true);
	return (await viewer.own(marked)).reduce((newest, one) => newest && newest.id > one.id ? newest : one, void 0);
}
/**
* Writes the one comment that a job of an environment has on the run's pull request, or edits it in place. `body` is Markdown of at most 64,000
* characters; `hidden` is kept in it out of sight. Nothing outside of pull requests, and nothing with `comment: false`. What GitHub refuses is a notice.
*/
async function comment(subject, body, hidden, { inputs: { comment: wanted }, context: { pullRequest }, github }, runtime) {
	if (wanted === false) return;
	if (pullRequest === void 0 || github === void 0) {
		const why = pullRequest === void 0 ? "this run is for no pull request" : "there is no token; give `github-token`";
		if (wanted === true) runtime.log.notice(`No comment is written: ${why}.`);
		return;
	}
	const kept = hidden === void 0 ? "" : `<!-- nomad-deploy-data ${Buffer.from(JSON.stringify(hidden)).toString("base64")} -->\n`;
	const whole = `${marker(subject)}\n${kept}${body}`;
	await tell("No comment is written", async () => {
		const ours = async (comments) => findOurs(subject, comments, github);
		const old = await ours(await github.comments.all(pullRequest));
		if (old?.body === whole) return;
		if (old === void 0) await github.comments.create(pullRequest, whole, ours);
		else await github.comments.update(old.id, whole);
	}, runtime);
}
/** What the comment of a job keeps hidden on a pull request; undefined when there is none. Throws what GitHub refuses. */
async function readHidden(subject, pullRequest, github) {
	const found = await findOurs(subject, await github.comments.all(pullRequest), github);
	const [, data] = /^<!--[^\n]*\n<!-- nomad-deploy-data ([A-Za-z0-9+/=]+) -->\r?\n/.exec(found?.body ?? "") ?? [];
	if (data === void 0) return void 0;
	try {
		return JSON.parse(Buffer.from(data, "base64").toString("utf8"));
	} catch {
		return;
	}
}
// src/report/github/deploy-comment.ts
/** The comment on what a deploy from a pull request came to: where it runs, or why it does not. GitHub-flavoured Markdown. */
function renderDeployComment(result, { commit, runUrl }) {
	const { outcome = "failed", jobId = "", environment = "", url, cause, hint, running, nomadUrl, jobVersion, image, jobs } = result;
	const good = isGood(outcome);
	const facts = [
		["URL", url === void 0 ? void 0 : autolink(url)],
		["Version", jobVersion === void 0 ? void 0 : `${jobVersion}`],
		["Running now", running === void 0 ? void 0 : text(running)],
		["Image", image ? code(image) : void 0],
		["Nomad", nomadUrl === void 0 ? void 0 : link("open in the UI", nomadUrl)]
	];
	return [
		`### ${outcome === "stopped" ? "🧹" : good ? "🚀" : "❌"} ${text(jobId)}: ${outcome} in ${text(environment)}`,
		"",
		...cause === void 0 ? [] : [`**${text(cause)}**`, ""],
		...hint === void 0 ? [] : [textBefore(hint, nomadUrl), ""],
		...table(["", ""], facts.flatMap(([name, value]) => value === void 0 ? [] : [[name, value]])),
		...table([
			"Job",
			"Outcome",
			"Version"
		], (jobs ?? []).map((job) => [
			text(job.jobId ?? ""),
			job.outcome ?? "failed",
			`${job.jobVersion ?? ""}`
		])),
		`<sub>Commit ${code(commit.slice(0, 12))}, ${link("log", runUrl)}.</sub>`
	].join("\n");
}
// src/report/github/linked-artifact.ts
/**
* Says where the run's images run, on the organization's page of linked artifacts. GitHub has it for organizations only, and most tokens do not have the
* permission: what it refuses is a line of the log, or a notice where GitHub Deployments were asked for.
*/
async function recordArtifacts({ inputs: { githubDeployment: wanted }, context, target, github }, { images = {}, namespace = "default", jobId = target.jobId, region }, { log, signal }) {
	if (github === void 0 || wanted === false || context.ownerType === "User") return;
	const address = target.nomadAddr?.value ?? "";
	const references = Object.values(images).flatMap((reference) => {
		const { name, digest } = parseReference(reference) ?? {};
		return name === void 0 || digest === void 0 ? [] : [{
			name,
			digest
		}];
	});
	try {
		for (const { name, digest } of references) await github.artifacts.recordDeployment({
			name,
			digest,
			status: "deployed",
			logical_environment: environmentName(target),
			...region === void 0 ? {} : { physical_environment: region },
			...URL.canParse(address) ? { cluster: new URL(address).host } : {},
			deployment_name: [
				namespace,
				jobId,
				...references.length > 1 ? [name.split("/").at(-1)] : []
			].join("-"),
			github_repository: context.repository.split("/").at(-1) ?? ""
		});
	} catch (error) {
		if (signal.aborted) return;
		const line = `No linked artifact is recorded: ${error instanceof ActionError ? sentence(error) : String(error)}`;
		if (wanted === true) log.notice(line);
		else log.info(line);
	}
}
// src/report/github/announce.ts
/** Records the deploy as a GitHub Deployment, and its end; a review app also in a comment on its pull request. */
async function announce(reporting, job, { runtime, atEnd }) {
	const close = await recordDeployment(reporting, job, runtime);
	if (close !== void 0) atEnd(close);
	atEnd(async (result) => {
		if (stateOf(result) === "success") await recordArtifacts(reporting, result, runtime);
	});
	const { context, target } = reporting;
	if (context.pullRequest === void 0 || target.environment.value !== "review") return;
	atEnd(async (result) => {
		await comment({
			...job,
			namespace: result.namespace ?? "default",
			environment: target.environment.name
		}, renderDeployComment(result, {
			commit: context.headSha,
			runUrl: `${context.runUrl}/attempts/${context.runAttempt}`
		}), void 0, reporting, runtime);
	});
}
// src/report/github/operation.ts
/**
* Has GitHub know what a command did to a registered job: a promotion ends the deployment that waited for it, and a version that is gone back to is
* deployed again, as the commit that it was. The comment of a review app says that it is gone.
*/
async function recordOperation({ jobId, namespace }, result, reporting, nomad, runtime) {
	const { inputs, context, target, github } = reporting;
	const { region } = nomad;
	if (inputs.command === "stop" && target.environment.value === "review" && context.pullRequest !== void 0) {
		const environment = target.environment.name;
		const run = {
			commit: context.headSha,
			runUrl: `${context.runUrl}/attempts/${context.runAttempt}`
		};
		const body = renderDeployComment({
			...result,
			jobId,
			environment
		}, run);
		await comment({
			jobId,
			namespace,
			environment,
			region
		}, body, void 0, reporting, runtime);
	}
	const { githubDeployment, command } = inputs;
	if (githubDeployment === false || github === void 0) return;
	const told = {
		...target.url === void 0 ? {} : { url: target.url },
		...result
	};
	if (command === "promote") {
		const deployed = {
			environment: environmentName(target),
			jobId,
			address: target.nomadAddr?.value ?? "",
			region
		};
		await settleDeployment(deployed, told, context.runUrl, github, runtime);
	}
	if (command !== "revert" || !isGood(result.outcome)) return;
	const sha = provenanceOf(await nomad.jobs.read(jobId, namespace).catch(() => void 0)).sha;
	if (sha === void 0) return;
	await (await recordDeployment({
		...reporting,
		context: {
			...context,
			headSha: sha
		}
	}, {
		jobId,
		region
	}, runtime))?.(told);
}
// src/report/github/plan-comment.ts
/** GitHub refuses a comment beyond 65,536 characters; what we hide in it has to fit beside. */
const MAX_CHARACTERS = 64e3;
/** Of a line, which is cut before it is Markdown: cut later, the end of code or of an escape would be missing. */
const MAX_LINE = 1e3;
/** Of a list that is too long, at least so many lines are left. */
const FEWEST = 5;
const HEADLINES = {
	none: "Nothing changes.",
	"in-place": "Changes in place: allocations go on running.",
	destructive: "Destructive changes: allocations are replaced.",
	create: "A new job."
};
const ICONS = {
	none: "🟰",
	"in-place": "🔧",
	destructive: "♻️",
	create: "🆕"
};
/** The comment on a plan, as GitHub-flavoured Markdown; where it is too long, the least useful lines are left out, and it says so. */
function renderPlanComment(report) {
	let [changes, warnings, groups] = [
		report.diff.length,
		report.warnings.length,
		groupsOf(report).length
	];
	for (;;) {
		const body = render(report, {
			changes,
			warnings,
			groups
		});
		if (body.length <= MAX_CHARACTERS) return body;
		if (changes > 0) changes = shorter(changes, 0);
		else if (warnings > FEWEST) warnings = shorter(warnings, FEWEST);
		else if (groups > FEWEST) groups = shorter(groups, FEWEST);
		else return `**${HEADLINES[report.changed]}**\n\nThe plan is too long for a comment: see the ${link("log", report.runUrl)}.`;
	}
}
const shorter = (lines, least) => Math.max(least, Math.floor(lines * .8) - 1);
function render(report, room) {
	const { jobId, environment, namespace, nomadUrl, changed, warnings, diff, unplaced, preempted } = report;
	const job = nomadUrl === void 0 ? text(jobId) : link(text(jobId), nomadUrl);
	const where = namespace === "default" ? text(environment) : `${text(environment)}, namespace ${code(namespace)}`;
	const evicted = Object.entries(preempted).map(([other, count]) => `${count} of ${text(other)}`);
	return [
		`### ${ICONS[changed]} Plan of ${job} in ${where}`,
		"",
		`**${HEADLINES[changed]}**`,
		"",
		...groupTable(report, room.groups),
		...report.kept.length === 0 ? [] : [...report.kept.slice(0, room.groups).map((line) => `- ${text(clip(line, MAX_LINE))}`), ""],
		unplaced.length === 0 ? "✅ Nomad could place all of it now." : "⚠️ Nomad could not place all of it now:",
		...unplaced.map((line) => `- ${text(clip(line, MAX_LINE))}`),
		"",
		...evicted.length === 0 ? [] : [`⚠️ It would evict allocations of other jobs: ${evicted.join(", ")}.`, ""],
		...list("Warnings", warnings, room.warnings, (shown) => shown.map((line) => `- ${text(clip(line, MAX_LINE))}`)),
		...list("Changes", diff, room.changes, (shown) => fenced(shown.map((line) => clip(line, MAX_LINE)), "diff")),
		`<sub>Fingerprint ${code(report.fingerprint)}, commit ${code(report.commit.slice(0, 12))}, ${link("log", report.runUrl)}.${report.builds ? " The image is built when it is deployed; here its name is provisional." : ""}</sub>`
	].join("\n");
}
function list(title, all, room, lines) {
	if (all.length === 0) return [];
	const left = all.length - room;
	const out = left === 0 ? [] : ["", `_${left} ${left === 1 ? "line is" : "lines are"} left out here: see the log._`];
	const shown = room === 0 ? [] : lines(all.slice(0, room));
	return [
		`<details${title === "Warnings" ? " open" : ""}><summary>${title} (${all.length})</summary>`,
		"",
		...shown,
		...out,
		"",
		"</details>",
		""
	];
}
const groupsOf = ({ before, after }) => [...new Set([...after, ...before].map(({ name }) => name))];
function groupTable(report, room) {
	const { before, after, actions, system } = report;
	const names = groupsOf(report);
	const find = (list, name) => list.find((group) => group.name === name);
	const total = (list, of) => list.reduce((sum, group) => sum + of(group) * group.count, 0);
	const row = (name) => {
		const [old, next] = [find(before, name), find(after, name)];
		const figure = (of) => change(old && of(old), next && of(next));
		return [
			text(name),
			figure(({ count }) => `${count}`),
			text(actions[name] ?? ""),
			figure(cpu),
			figure(({ memoryMib }) => `${memoryMib} MiB`)
		];
	};
	const sums = (list) => ({
		name: "",
		count: total(list, () => 1),
		cpuMhz: total(list, ({ cpuMhz }) => cpuMhz),
		cores: total(list, ({ cores }) => cores),
		memoryMib: total(list, ({ memoryMib }) => memoryMib)
	});
	const [old, next] = [sums(before), sums(after)];
	const all = (of) => `**${change(before.length === 0 ? void 0 : of(old), of(next))}**`;
	const left = names.length - room;
	return [...table([
		"Group",
		system ? "Count on a node" : "Count",
		"Nomad’s next step",
		"CPU of one",
		"Memory of one"
	], [
		...names.slice(0, room).map(row),
		...left > 0 ? [[
			`_${left} more_`,
			"",
			"",
			"",
			""
		]] : [],
		[
			"**All together**",
			all(({ count }) => `${count}`),
			"",
			all(cpu),
			all(({ memoryMib }) => `${memoryMib} MiB`)
		]
	])];
}
function cpu({ cpuMhz, cores }) {
	return [...cores > 0 ? [`${cores} ${cores === 1 ? "core" : "cores"}`] : [], ...cpuMhz > 0 || cores === 0 ? [`${cpuMhz} MHz`] : []].join(" + ");
}
function change(old, next) {
	if (old === next || old === void 0) return next ?? "";
	return `${old} → ${next ?? "gone"}`;
}
export { readHidden as a, comment as i, recordOperation as n, subjectOf as o, announce as r, renderPlanComment as t };
