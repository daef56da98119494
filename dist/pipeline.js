import { a as secret, d as messageOf, f as naming, m as toActionError, p as sentence, s as ActionError, u as failureOf$1 } from "./runtime.js";
import { $t as linesOf$1, A as isOwnMeta, At as table, Bt as valueAt$1, C as sameOwner, Ct as code, D as takenHost, Dt as link, F as findFiles, Ft as oneLine, It as readable, Kt as localId, Lt as withoutCredentials, M as withProvenance, Mt as textBefore, Nt as clip, O as META, Ot as plain, Pt as flattenErrors, Rt as withoutFolders, S as requireOwnable, St as autolink, Wt as isDigestTag, _ as ownerOf, a as readConnection, at as policyOf$1, b as recordMeta, bt as slug, c as permit, cn as matchesAny, ct as fingerprintText, dt as tell, g as ownedJob, j as provenanceOf, jt as text, k as isOwnLink, l as distrust, lt as parseFingerprint, m as judgeOwner, mn as formatDuration, o as connect, on as withoutComments, ot as MERGED_PLAN, qt as parseReference, rn as readBlocks, s as claimOf, sn as isPattern, t as isGood, tt as withoutQuery, ut as openGitHub, v as readRef, wt as fenced, x as recordOf, xt as nearest } from "./result.js";
import { $ as NO_SECRETS, A as askedCount, B as hidingSecrets, C as isProvisional, D as requireSameId, E as requireFinalId, F as requireDeclared, H as REGISTRY_PASSWORD, I as requireOneEach, J as applySecrets, L as automaticValues, M as specLocation, N as imageValues, O as unknowable, P as imagesOf, Q as keptSecrets, R as givenValues, S as firstTaken, T as provisionalImages, U as keptParts, V as hidingValues, W as registryLogin, X as undoUnlessRegistered, Y as jobSecrets, Z as removeSecrets, _ as renderJobspec, a as skip, at as runningImages, b as restrictionsOf, c as describeTarget, ct as planImage, d as readVarFiles, dt as keyOf, et as requireScopes, f as readSourceFile, ft as namesGiven, g as settings, h as settingLines, i as failure, it as testImage, j as isOpen, k as withoutZeros, l as jobText, lt as byName, m as regionOf, mt as lastError, n as timed, nt as withoutSecrets$1, o as describeJob, ot as publishTags, p as readSpecFile, pt as tagsOf, q as secretsInJob, r as withStage, rt as scanImage, st as resolveImages, tt as secretTemplates, u as evaluateVarFiles, ut as imageOf, v as requireAllowed, w as provisionalImage, x as tasksOf, y as requireCount, z as sourceLocation } from "./summary.js";
import { a as settleDeployment, i as recordDeployment, n as endDeployments, o as stateOf, r as environmentName } from "./deployment2.js";
import { i as evidenceLines, r as LOGS_UNREAD, t as notePromotion } from "./report.js";
import { t as leaveUnderWay } from "./killed2.js";
import { createHash, randomUUID } from "node:crypto";
import { isDeepStrictEqual, stripVTControlCharacters } from "node:util";
import { runInNewContext } from "node:vm";
// src/text/line-diff.ts
/** Above this many comparisons the middle of a text counts as changed as a whole: nobody compares that by eye. */
const MAX_CELLS = 4e6;
/** Two texts as one list of lines, those that are gone before those that came in their place: a longest common subsequence. */
function lineDiff(old, next) {
	const [a, b] = [linesOf(old), linesOf(next)];
	let head = 0;
	while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
	let tail = 0;
	while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
	const same = (lines) => lines.map((text) => ({
		sign: " ",
		text
	}));
	return [
		...same(a.slice(0, head)),
		...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
		...same(a.slice(a.length - tail))
	];
}
/** The changed lines with some unchanged ones around them; each run that is left out is undefined. */
function withContext(lines, context) {
	const shown = lines.map((_, at) => lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== " "));
	return shown.includes(true) ? lines.flatMap((line, at) => shown[at] ? [line] : at === 0 || shown[at - 1] ? [void 0] : []) : [];
}
/** The end of the last line is no line of its own. */
function linesOf(text) {
	const lines = text.split(/\r?\n/);
	return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
function middle(a, b) {
	const width = b.length + 1;
	const many = a.length * b.length > MAX_CELLS;
	const common = new Uint32Array(many ? 0 : (a.length + 1) * width);
	const at = (i, j) => common[i * width + j] ?? 0;
	for (let i = a.length - 1; i >= 0 && !many; i--) for (let j = b.length - 1; j >= 0; j--) common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
	const lines = [];
	for (let [i, j] = [0, 0]; i < a.length || j < b.length;) {
		const [gone, came] = [a[i], b[j]];
		if (!many && gone !== void 0 && gone === came) {
			lines.push({
				sign: " ",
				text: gone
			});
			i++;
			j++;
		} else if (gone !== void 0 && (came === void 0 || many || at(i + 1, j) >= at(i, j + 1))) {
			lines.push({
				sign: "-",
				text: gone
			});
			i++;
		} else {
			lines.push({
				sign: "+",
				text: came ?? ""
			});
			j++;
		}
	}
	return lines;
}
// src/image/architecture.ts
/**
* Throws `input-invalid` when no ready node of the cluster has a processor that the image is for: the container would end with `exec format error`.
* A token that may not list nodes (`node:read`), or an image whose architecture is not known, means no check.
*/
async function requireArchitecture({ reference, architectures }, nomad, { log }) {
	if (architectures.length === 0) return;
	try {
		const others = await nomad.nodes.otherArchitectures(architectures);
		if (others === void 0) return;
		throw new ActionError("input-invalid", `the image ${reference} is for ${architectures.join(", ")}, but the nodes of the cluster are ${others.join(", ")}`, { hint: `Build it for them: \`platforms: ${others.map((name) => `linux/${name}`).join(",")}\`.` });
	} catch (error) {
		if (toActionError(error).code !== "permission-denied") throw error;
		log.debug("The token may not list nodes (node:read): whether they have the processor of the image is not checked.");
	}
}
// src/target/address.ts
/** The target that has Nomad's address. Apps may have domains of their own, but one run speaks to one Nomad. */
function commonTarget(units) {
	const having = units.filter(({ target }) => target.nomadAddr !== void 0);
	const addresses = [...new Set(having.map(({ target }) => target.nomadAddr?.value))];
	if (addresses.length > 1) throw new ActionError("input-invalid", `the domains of the apps lead to several addresses of Nomad: ${addresses.join(", ")}`, { hint: "Give the one that is meant as `nomad-addr`." });
	return (having[0] ?? units[0]).target;
}
/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
function requireAddress({ nomadAddr, environment }, { command, nomadToken, tokenEnv, nomadTls, nomadLogin }, { log }) {
	const token = nomadToken[environment.value];
	if (nomadAddr === void 0) throw new ActionError("input-invalid", "no address of Nomad is given", { hint: `Set \`nomad-addr\` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or \`base-domain\`.${command === "deploy" && token === void 0 && nomadLogin === void 0 ? " To build and push the image only, set `command: build`, or `NOMAD_VAR_NO_DEPLOY: true` of the reusable workflow." : ""}` });
	if (token === void 0 && tokenEnv !== void 0 && nomadLogin === void 0) throw new ActionError("input-invalid", `\`token-env\` of the environment ${environment.name}: ${tokenEnv} is not set`, { hint: "Pass it to the step: `env: { NAME: ${{ secrets.NAME }} }`.".replaceAll("NAME", tokenEnv) });
	if (nomadTls.skipVerify && nomadAddr.value.startsWith("https:")) log.warning("`nomad-skip-verify`: any certificate is accepted; whoever is between this runner and Nomad can read the token.");
	if (nomadLogin !== void 0) {
		log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), login by its auth method ${nomadLogin.method}`);
		return nomadAddr.value;
	}
	log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${token === void 0 ? "no token" : `token of ${token.source}`}`);
	const others = Object.entries(nomadToken).flatMap(([name, other]) => other === void 0 ? [] : [`${other.source} is for ${name} only`]);
	if (token === void 0 && others.length > 0) log.warning(`There is no token for the environment ${environment.name}: ${others.join(", ")}. This run goes on without one, which only a cluster without ACLs takes; for any other set NOMAD_TOKEN.`);
	return nomadAddr.value;
}
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
// src/report/cost.ts
/** What Nomad gives a task that asks for nothing. */
const DEFAULT_CPU_MHZ = 100;
const DEFAULT_MEMORY_MIB = 300;
/** What each group of a job reserves. Of a system job, which runs on every node that fits, the count is that on a node. */
function costOf(job) {
	return (job.TaskGroups ?? []).map(({ Name, Count, Tasks }) => {
		const sum = (of) => (Tasks ?? []).reduce((total, task) => total + of(task), 0);
		return {
			name: Name,
			count: Count ?? 1,
			cpuMhz: sum(({ Resources }) => Resources?.Cores ? 0 : Resources?.CPU ?? DEFAULT_CPU_MHZ),
			cores: sum(({ Resources }) => Resources?.Cores ?? 0),
			memoryMib: sum(({ Resources }) => Resources?.MemoryMB ?? DEFAULT_MEMORY_MIB)
		};
	});
}
// src/report/summary/allocations.ts
/** Allocations as the report has them, those that are not well first, then by their names. */
function allocationRecords(allocations) {
	return allocations.map(record).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "en", { numeric: true }) || a.id.localeCompare(b.id));
}
function rank({ status, healthy }) {
	return healthy === false || status === "failed" || status === "lost" ? 0 : healthy === null ? 1 : 2;
}
function record(allocation) {
	const { ID, Name, TaskGroup, NodeName, ClientStatus, DeploymentStatus, CreateTime } = allocation;
	const tasks = Object.entries(allocation.TaskStates ?? {});
	const states = tasks.map(([, state]) => state);
	const { startedAt, endedAt } = timesOf(states);
	return {
		id: ID,
		name: Name,
		group: TaskGroup,
		node: NodeName,
		status: ClientStatus,
		healthy: DeploymentStatus?.Healthy === true && /^(failed|lost)$/.test(ClientStatus) ? false : DeploymentStatus?.Healthy ?? null,
		canary: DeploymentStatus?.Canary === true,
		tasks: tasks.map(([task]) => task).sort(),
		restarts: states.reduce((sum, { Restarts }) => sum + Restarts, 0),
		...times({
			createdAt: CreateTime ? CreateTime / 1e6 : void 0,
			startedAt,
			judgedAt: typeof DeploymentStatus?.Healthy === "boolean" ? Date.parse(DeploymentStatus.Timestamp ?? "") : void 0,
			endedAt
		})
	};
}
/** Milliseconds since the epoch. */
function timesOf(states) {
	const starts = states.flatMap(({ Events }) => (Events ?? []).flatMap(({ Type, Time }) => Type === "Started" ? [Time / 1e6] : []));
	const ends = states.map(({ State, FinishedAt }) => State === "dead" ? Date.parse(FinishedAt ?? "") : NaN);
	return {
		startedAt: starts.length === 0 ? void 0 : Math.min(...starts),
		endedAt: ends.length === 0 ? void 0 : Math.max(...ends)
	};
}
/** What is known of the times; Nomad writes one that there is not yet as that of the year 1. */
function times(known) {
	const texts = {};
	for (const name in known) {
		const ms = known[name];
		if (ms !== void 0 && ms > 0) texts[name] = new Date(ms).toISOString();
	}
	return texts;
}
// src/register/dispatch.ts
/** Why a job does not take a run with this, each problem in words; Nomad itself would name one at a time. */
function dispatchProblems({ ID, Stop, Periodic, ParameterizedJob }, { meta, payload }) {
	if (Stop) return [`${ID} is stopped`];
	if (!ParameterizedJob) {
		if (!Periodic) return [`${ID} is neither a parameterized nor a periodic job`];
		const given = Object.keys(meta).length > 0 ? "meta" : payload === void 0 ? void 0 : "payload";
		return given === void 0 ? [] : [`\`${given}\`: ${ID} is a periodic job, and its runs are not given anything`];
	}
	const { Payload, MetaRequired, MetaOptional } = ParameterizedJob;
	const required = MetaRequired ?? [];
	const known = [...required, ...MetaOptional ?? []];
	const missing = required.filter((key) => !(key in meta));
	const unknown = Object.keys(meta).filter((key) => !known.includes(key));
	return [
		...missing.map((key) => `\`meta\`: ${key} is missing, which ${ID} requires`),
		...unknown.map((key) => {
			const near = nearest(key, known);
			const takes = known.length === 0 ? "none" : known.join(", ");
			return `\`meta\`: ${ID} takes no ${key}${near === void 0 ? ` (it takes ${takes})` : `; did you mean ${near}?`}`;
		}),
		...Payload === "required" && payload === void 0 ? [`\`payload\`: ${ID} requires one`] : [],
		...Payload === "forbidden" && payload !== void 0 ? [`\`payload\`: ${ID} takes none`] : []
	];
}
/**
* Starts a run of a registered job: dispatches a parameterized one, or forces a periodic one to run now. An answer that gets lost on the way does not
* start a second run of a parameterized job.
*/
async function dispatchJob(job, namespace, given, nomad) {
	const started = job.ParameterizedJob ? await dispatched(job, namespace, given, nomad) : await forced(job, namespace, nomad);
	const run = await nomad.jobs.read(started.jobId, namespace);
	if (run === void 0) throw new ActionError("nomad-refused", `${started.jobId} was started, but Nomad does not have it any more`, { hint: "It was purged, or collected by Nomad." });
	return {
		job: run,
		registration: {
			...started,
			namespace,
			version: run.Version,
			previousVersion: void 0
		}
	};
}
async function dispatched({ ID }, namespace, given, nomad) {
	const { DispatchedJobID, EvalID } = await nomad.jobs.dispatch(ID, given, randomUUID(), namespace);
	return {
		jobId: DispatchedJobID,
		evaluationId: EvalID
	};
}
async function forced({ ID }, namespace, nomad) {
	const evaluationId = await nomad.jobs.forcePeriodic(ID, namespace);
	const { value } = await nomad.evaluations.read(evaluationId, namespace, 0, AbortSignal.timeout(READ_MS$5));
	if (value?.JobID) return {
		jobId: value.JobID,
		evaluationId
	};
	throw new ActionError("unknown-outcome", `a run of ${ID} was started, but Nomad does not tell which`, { hint: `Look at it with nomad job status ${ID}.` });
}
/** How long the one question may take, an outage included. */
const READ_MS$5 = 3e4;
// src/report/github/comment.ts
/** What the comments and issues of a job are about. */
function subjectOf$1({ draft, rendering: { target }, nomad: { region } }) {
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
// src/plan/fingerprint.ts
const HEX = 32;
/** Environment variables that say which commit a version is of. */
const COMMIT_NAME = /^(CI_COMMIT_[A-Z_]+|CI_REGISTRY_TAG|CI_PIPELINE_SOURCE)$/;
/** Fingerprints the plan of a job that was rendered without secrets and with a provisional image; `job` is without our meta. */
function fingerprint(job, provisional, { jobModifyIndex, updates }) {
	const byName = ([a], [b]) => a < b ? -1 : 1;
	const counted = Object.entries(updates).sort(byName).map(([group, update]) => [group, Object.entries(update).filter(([, count]) => count !== 0).sort(byName)]);
	return {
		spec: specFingerprint(job, provisional),
		index: jobModifyIndex,
		actions: hash(counted).slice(0, HEX / 2)
	};
}
/** Returns whether two jobs are the same except for the digests of the first and their parts, in whose place the second has zeros. */
function isSameButForDigests(job, provisional, zeros) {
	const given = pinned(provisional);
	return given.reduce((found, { reference, digest }) => found.replaceAll(slug(reference), slug(reference.replace(digest, "0".repeat(digest.length)))), JSON.stringify(job)).replace(DIGITS, (run) => given.some(({ digest }) => digest.includes(run)) ? "0".repeat(run.length) : run) === JSON.stringify(zeros);
}
/** The first part of a fingerprint. */
function specFingerprint(job, provisional) {
	return hash(neutral(job, provisional)).slice(0, HEX);
}
/** In what a plan differs from the approved one, in words; none when it is the same. */
function differences(approved, now) {
	return [
		...approved.spec === now.spec ? [] : ["the job spec is another one"],
		...approved.index === now.index ? [] : [`the job was registered since (its modify index was ${approved.index}, and is ${now.index} now)`],
		...approved.actions === now.actions ? [] : ["the scheduler would do something else"]
	];
}
/** Where a job has the environment variables and the templates of a task. */
const ENV = "TaskGroups/*/Tasks/*/Env";
const TEMPLATE = "TaskGroups/*/Tasks/*/Templates/*";
/**
* The job with the same words in place of what another run gives otherwise: the images that are yet to be built and parts of their digests, the commit, and
* whole environment variables of tasks that say which commit it is. `path` is where in the job the value is, `*` for an item of a list.
*/
function neutral(value, provisional, path = "") {
	if (typeof value === "string") return neutralText(value, provisional);
	if (Array.isArray(value)) return value.map((item) => neutral(item, provisional, `${path}/*`));
	if (typeof value !== "object" || value === null) return value;
	const isEnvironmentFile = path === TEMPLATE && "Envvars" in value && value.Envvars === true;
	const item = (name, one) => {
		if (path === ENV && typeof one === "string" && isGiven(name, one, provisional)) return COMMIT;
		if (isEnvironmentFile && name === "EmbeddedTmpl" && typeof one === "string") return neutralLines(one, provisional);
		return neutral(one, provisional, path === "" ? name : `${path}/${name}`);
	};
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([name, one]) => [name, item(name, one)]));
}
/** Words that stand for what a run gave, as do those for parts of digests. They begin with a lone `<`; of one in a text of the job there are two. */
const COMMIT = "<commit>";
const image = (number) => number === 0 ? "<image>" : `<image ${number + 1}>`;
/** A run of digits that may be a part of a digest; shorter ones are in many texts by chance. */
const DIGITS = /(?<![0-9a-f])[0-9a-f]{7,64}(?![0-9a-f])/g;
/** Returns the images that the run gave by a digest. An image that the workflow names by its digest is part of the approval. */
function pinned({ images, looked = [] }) {
	return [...images, ...looked.flatMap(([found, asked]) => found === asked ? [] : [found])].flatMap((reference) => {
		const digest = parseReference(reference)?.digest?.replace("sha256:", "") ?? localId(reference);
		return digest === void 0 ? [] : [{
			reference,
			digest
		}];
	});
}
function isGiven(name, value, { values }) {
	return COMMIT_NAME.test(name) && values[name] === value;
}
/** The lines of an environment file, `NAME=value`: a line counts as given when its whole value is. */
function neutralLines(text, provisional) {
	return text.split("\n").map((line) => {
		const [, head = "", name = "", written = ""] = /^(\s*([A-Z_]+)\s*=\s*)(\S.*)?$/.exec(line) ?? [];
		const value = String(provisional.values[name]);
		const writings = [
			value,
			`"${value}"`,
			`'${value}'`,
			JSON.stringify(value),
			`{{ ${JSON.stringify(value)} | toJSON }}`
		];
		return isGiven(name, value, provisional) && writings.includes(written) ? `${head}${COMMIT}` : neutralText(line, provisional);
	}).join("\n");
}
function neutralText(text, provisional) {
	const { images, looked = [], sha } = provisional;
	const known = pinned(provisional);
	const slugs = known.map(({ reference }, i) => [slug(reference), `<slug ${i + 1}>`]);
	const given = [
		...images.map((one, i) => [one, image(i)]),
		...looked,
		...slugs,
		[sha, COMMIT]
	].filter(([one]) => one !== "").sort(([a], [b]) => b.length - a.length);
	const escaped = text.replaceAll("<", "<<");
	return given.reduce((found, [one, word]) => {
		const whole = new RegExp(`(?<![\\w.-])${one.replace(/[^\w]/g, "\\$&")}(?![\\w.-])`, "g");
		return found.replace(whole, word);
	}, escaped).replace(DIGITS, (run) => {
		const at = /^0{1,31}$/.test(run) ? -1 : known.findIndex(({ digest }) => digest.includes(run));
		return at < 0 ? run : `<digest ${at + 1} ${run.length}>`;
	});
}
function hash(value) {
	return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
// src/plan/approval.ts
/** More lines of changes than anybody compares. */
const MAX_LINES$2 = 100;
/** Returns the approvable form of a plan: `plan` is that of the draft, `job` the same job without our meta, and `provisional` the values that the run gave it. */
function approvable(job, plan, provisional) {
	return {
		fingerprint: fingerprint(job, provisional, plan),
		lines: plan.lines
	};
}
/** Returns the part of a plan that a comment keeps. */
function toHidden({ fingerprint: found, lines }) {
	return {
		plan: fingerprintText(found),
		lines: lines.slice(0, MAX_LINES$2)
	};
}
/**
* Compares the plan of a job with the approved one of `approved-plan`. Throws `plan-changed` with the difference, and with where there is no approved plan;
* what GitHub refuses is thrown as it is, since then nobody knows what was approved.
*/
async function requireApproved(subject, now, live, { inputs: { approvedPlan }, context, github }) {
	if (approvedPlan.length === 0) return;
	const { run, sha } = provenanceOf(live);
	const again = run?.startsWith(`${context.runUrl}/attempts/`) === true && sha === context.sha;
	const unlikeNow = (approved) => differences(again ? {
		...now.fingerprint,
		spec: approved.spec
	} : approved, now.fingerprint);
	if (!approvedPlan.includes("merged-pull-request")) {
		const unlike = approvedPlan.flatMap((text) => parseFingerprint(text) ?? []).map(unlikeNow);
		if (unlike.some((list) => list.length === 0)) return;
		throw changed(subject, unlike.sort((a, b) => a.length - b.length)[0] ?? [], [], now);
	}
	if (github === void 0) throw new ActionError("input-invalid", `\`approved-plan\`: ${MERGED_PLAN} takes a token for GitHub`, { hint: "Give `github-token`." });
	const pulls = (await github.pulls.ofCommit(context.sha)).filter(({ merged_at }) => merged_at !== null);
	const pull = pulls.find(({ merge_commit_sha }) => merge_commit_sha === context.sha) ?? pulls.find(({ base }) => base.ref === context.ref);
	if (pull === void 0) throw none(subject, `the commit ${context.sha} came with no merged pull request`);
	const hidden = await readHidden(subject, pull.number, github);
	const [text, lines] = [valueAt$1(hidden, "plan"), valueAt$1(hidden, "lines")];
	const approved = typeof text === "string" ? parseFingerprint(text) : void 0;
	if (approved === void 0) throw none(subject, `the pull request ${pull.number} has no plan of it`);
	const unlike = unlikeNow(approved);
	if (unlike.length > 0) throw changed(subject, unlike, Array.isArray(lines) ? lines.map(String) : [], now);
}
/**
* Once the images are there: is the job with them the approved one? A spec can tell the name that an image has in a plan from the one that it gets, and
* be another job then. `job` is rendered as for the plan, and `provisional` tells what the run gave it. Throws `plan-changed`.
*/
function requireApprovedWith(job, provisional, subject, approved) {
	if (specFingerprint(job, provisional) === approved.fingerprint.spec) return;
	throw new ActionError("plan-changed", `the job ${subject.jobId} is not the approved one with the images that were built or found`, { hint: "Nothing was registered. Use the image in the spec as it is, or its digest, or seven or more digits of that, and let nothing else depend on it." });
}
/**
* A plan is made without secrets: is the job with them the same but for what gives it the secrets? `job` and `bare` are of one spec, with and without
* them. Throws `plan-changed`.
*/
function requireApprovedWithSecrets(job, bare, templates, { jobId }) {
	if (isDeepStrictEqual(withoutSecrets$1(job, templates), withoutSecrets$1(bare, templates))) return;
	throw new ActionError("plan-changed", `the job ${jobId} is not the approved one with its secrets`, { hint: "Nothing was written. Let nothing of the spec but the template of the secrets depend on whether there are any." });
}
/** The registered job is another one than was planned for: what is approved is no more. */
function registeredSince(jobId, what) {
	return new ActionError("plan-changed", `the approved plan of ${jobId} does not hold any more: ${what}`, { hint: HINT });
}
const HINT = "Nothing was written. Plan it again, and approve that.";
function none({ jobId, environment }, why) {
	return new ActionError("plan-changed", `there is no approved plan of ${jobId} in ${environment}: ${why}`, { hint: `${HINT} The plan has to be made with the same \`environment\`, and written as a comment.` });
}
function changed({ jobId }, unlike, before, now) {
	const added = before.length === 0 ? [] : now.lines.filter((line) => !before.includes(line));
	const output = [...before.filter((line) => !now.lines.includes(line)).map((line) => `approved: ${line}`), ...added.map((line) => `now:      ${line}`)];
	return new ActionError("plan-changed", `the plan of ${jobId} is not the approved one: ${unlike.join("; ")}`, {
		hint: `${HINT} It is ${fingerprintText(now.fingerprint)} now.`,
		...output.length === 0 ? {} : { output }
	});
}
// src/plan/own-meta.ts
/** The source of the meta that is ours: the registered job of the same owner, or this run. */
/**
* Returns the job in the form in which it is registered: with the owner record, and with the links that hold its provenance. Another meta replaces every task,
* so our meta of the registered job is `kept` as long as some of its tasks may stay; the record is in the links then. `marks` names the groups that are tried
* again although their spec is the same: a mark in their meta makes them other groups; and those that lose the mark of an earlier try. Meta of the spec under
* our names is dropped, since a spec can't vouch for its owner.
*/
function asRegistered({ job, specHash }, secrets, { context, target }, live, ownMeta, marks = {}) {
	const owner = ownerOf(context, target);
	const kept = ownMeta === "kept" ? keptMeta(live, owner) : void 0;
	const record = recordMeta(owner);
	const own = kept ?? record;
	const groups = (job.TaskGroups ?? []).map((group) => {
		const wanted = marks[group.Name];
		const mark = wanted === "again" ? `${live?.Version}` : wanted === "none" ? void 0 : markOf(live, group.Name);
		const users = usersMeta(group);
		if (mark === void 0 && Object.keys(users).length === Object.keys(group.Meta ?? {}).length) return group;
		return {
			...group,
			Meta: {
				...users,
				...mark === void 0 ? {} : { [META.again]: mark }
			}
		};
	});
	const counts = Object.fromEntries((job.TaskGroups ?? []).map((group) => [group.Name, askedCount(group)]));
	const marked = {
		...job,
		Meta: {
			...usersMeta(job),
			...own
		},
		...job.TaskGroups ? { TaskGroups: groups } : {}
	};
	return withProvenance(marked, context, {
		spec: specHash,
		counts,
		...secrets?.provenance === void 0 ? {} : { secrets: secrets.provenance },
		...isDeepStrictEqual(own, record) ? {} : owner
	});
}
/** Returns the mark of a group of the registered job that was tried again. */
function markOf(live, groupName) {
	return live?.TaskGroups?.find(({ Name }) => Name === groupName)?.Meta?.[META.again];
}
/** Returns whether the kept meta differs from that of a new job. */
function keepsOther(live, { context, target }) {
	const owner = ownerOf(context, target);
	const kept = keptMeta(live, owner);
	return kept !== void 0 && !isDeepStrictEqual(kept, recordMeta(owner));
}
/** Returns our meta of the registered job; undefined where its owner is another one, or where the job is stopped. */
function keptMeta(live, owner) {
	const record = recordOf(live);
	if (live === void 0 || live.Stop || record !== void 0 && !sameOwner(record, owner)) return void 0;
	return Object.fromEntries(Object.entries(live.Meta ?? {}).filter(([name]) => isOwnMeta(name)));
}
function usersMeta({ Meta }) {
	return Object.fromEntries(Object.entries(Meta ?? {}).filter(([name]) => !isOwnMeta(name)));
}
// src/plan/diff.ts
/** Unchanged lines of a template that are shown around a change. */
const CONTEXT = 2;
/** A longer value, or line of a template, would tear the diff apart. */
const MAX_WIDTH = 160;
/** Of a longer line, the beginning is looked at: the patterns take a time that grows faster than the line. */
const MAX_READ$3 = 2048;
/** Beyond this a diff is read in Nomad. */
const MAX_LINES$1 = 500;
const HIDDEN = "***";
/**
* A plan's changes with their values, as lines that begin with `+`, `-`, `!` (changed), `@@` (a group or task) or a blank: for people, in a `diff` block.
* A template is compared line by line. Of a part that is new, all but its name is left out.
* The values of environments, arguments and the like are not shown, nor anything of a template that looks like a password, nor what stood in the place of
* a value that `redact` hides: Nomad has the old ones in clear, and nobody has asked the runner to mask them.
*/
function planDiff(diff, updates, redact) {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	const job = diff.Type === "Added" ? [] : partLines(diff, "", redact);
	const groups = (diff.TaskGroups ?? []).flatMap((group) => {
		const name = group.Name ?? "";
		const words = [...group.Type === "Added" ? ["new"] : group.Type === "Deleted" ? ["removed"] : []];
		const update = updates.find(([of]) => of === name)?.[1];
		if (update !== void 0) words.push(update);
		const own = group.Type === "Edited" ? partLines(group, "", redact) : [];
		const tasks = group.Type === "Edited" ? (group.Tasks ?? []).flatMap((task) => taskLines(task, name, redact)) : [];
		return group.Type === "None" && (update === void 0 || !/replace|place|stop|migrate|canary|update/.test(update)) ? [] : [
			`@@ group ${name}${words.length === 0 ? "" : `: ${words.join(", ")}`} @@`,
			...own,
			...tasks
		];
	});
	const lines = [...job, ...groups].map(redact);
	return lines.length <= MAX_LINES$1 ? lines : [...lines.slice(0, MAX_LINES$1), `@@ and ${lines.length - MAX_LINES$1} lines more @@`];
}
function taskLines(task, group, redact) {
	if (task.Type === "None") return [];
	if (task.Type !== "Edited") return [`${SIGNS$1[task.Type]} task ${task.Name}`];
	const forces = (task.Annotations ?? []).join(", ");
	return [`@@ group ${group}, task ${task.Name}${forces === "" ? "" : `: ${forces}`} @@`, ...partLines(task, "", redact)];
}
const SIGNS$1 = {
	Added: "+",
	Deleted: "-",
	Edited: "!"
};
/** The fields and objects of a job, a group, a task or one of its objects. */
function partLines(part, path, redact) {
	const fields = (part.Fields ?? []).flatMap((field) => fieldLines(field, part, path, redact));
	const objects = (part.Objects ?? []).flatMap((object) => {
		if (object.Type === "None") return [];
		const name = `${path}${object.Name ?? ""}${identity(object, redact)}`;
		return object.Type === "Edited" ? partLines(object, `${name}.`, redact) : [`${SIGNS$1[object.Type]} ${name}`];
	});
	return [...fields, ...objects];
}
function fieldLines(field, part, path, redact) {
	const { Type, Name } = field;
	const [Old, New] = [field.Old ?? "", field.New ?? ""];
	if (Type === "None") return [];
	if (part.Name === "Template" && Name === "EmbeddedTmpl") return templateLines(path.replace(/\.$/, ""), Old, New, redact);
	const label = `${SIGNS$1[Type]} ${path}${Name}`;
	if (!isPublic(field, path, part)) return [`${label} (its value is not shown)`];
	const [before, after] = [redact(New) !== New ? HIDDEN : shownValue(Name, Old, redact), shownValue(Name, New, redact)];
	return [`${label}: ${Type === "Added" ? after : Type === "Deleted" ? before : `${before} → ${after}`}`];
}
/** Maps and lists in which users write what they like, passwords included. */
const FREE = /^(Env|Args|(Getter)?Options|(Getter)?Headers?|Params|Payload)\b|password|secret|token|credential|auth/i;
/** What of a driver's config says nothing but what runs. */
const CONFIG = /^(image|command|ports|network_mode|privileged|force_pull|volumes|work_dir|hostname|cap_add|cap_drop|readonly_rootfs)(\[\d+\])?$/;
/** Numbers and switches of a driver's config say nothing secret, either. */
const PLAIN = /^(\d{0,12}|true|false)$/;
function isPublic({ Name, Old, New }, path, part) {
	if (FREE.test(Name) || FREE.test(part.Name ?? "")) return false;
	return !(part.Name === "Config" || path.includes("Config.")) || CONFIG.test(Name) || PLAIN.test(Old ?? "") && PLAIN.test(New ?? "");
}
/** In Nomad's diffs durations are nanoseconds. */
const DURATION = /(Delay|Interval|Deadline|Timeout|Time|TTL|Splay|Wait|Limit|After|Grace)$/;
/** The beginning of a digest tells images apart. */
const DIGEST = /(sha256:[0-9a-f]{12})[0-9a-f]{52}/g;
function shownValue(name, value, redact) {
	if (value === "") return "\"\"";
	if (DURATION.test(name) && /^\d{7,}$/.test(value)) return formatDuration(Number(value) / 1e6);
	return clip(withoutSecrets(oneLine(redact(value))).replace(DIGEST, "$1…"), MAX_WIDTH);
}
/** Which of several: a constraint's terms, a service's name, a template's file. */
function identity({ Name, Fields }, redact) {
	const value = (name) => {
		const field = Fields?.find((one) => one.Name === name);
		return field?.New || field?.Old || void 0;
	};
	const terms = [
		value("LTarget"),
		value("Operand"),
		value("RTarget")
	].filter((term) => term !== void 0);
	const name = value("DestPath") ?? value("Name") ?? value("Label") ?? value("GetterSource") ?? (/Constraint|Affinity/.test(Name ?? "") ? terms.join(" ") : void 0);
	return name === void 0 || name === "" ? "" : ` ${clip(withoutSecrets(redact(name)), MAX_WIDTH)}`;
}
/** The release by which a version reads its secrets. */
const RELEASE = /(?<=\.)r[0-9a-f]{8}(?=")/g;
function templateLines(name, old, next, redact) {
	if (old.replace(RELEASE, "") === next.replace(RELEASE, "")) return [`! ${name}: new values of the secrets`];
	const lines = lineDiff(old, next);
	return [`! ${name}:`, ...withContext(hideReplaced(lines, redact), CONTEXT).map((line) => line === void 0 ? "    …" : `${line.sign}   ${clip(withoutSecrets(redact(line.text)), MAX_WIDTH)}`)];
}
/** What a hidden value takes the place of was hidden, too, when it was new. */
function hideReplaced(lines, redact) {
	const run = (at) => {
		const same = (i) => lines[i] !== void 0 && lines[i].sign !== " ";
		let [from, to] = [at, at];
		while (same(from - 1)) from--;
		while (same(to + 1)) to++;
		return lines.slice(from, to + 1);
	};
	return lines.map((line, at) => line.sign === "-" && run(at).some(({ sign, text }) => sign === "+" && redact(text) !== text) ? {
		...line,
		text: HIDDEN
	} : line);
}
const ASSIGNED = /^(\s*(?:[-*]\s+|export\s+|set\s+)?["']?[\w.-]*(?:pass|pwd|secret|token|credential|key|auth|salt|dsn|private)[\w.-]*["']?(?:\s*[:=]\s*|\s+))(\S.*)$/i;
/** Long words of letters and digits that no person writes: keys and tokens. Commits, digests of images and the tags made of them are none. */
const RANDOM = /(?<![\w:+])(?!(?<=digest-)[0-9a-f]{32}\b)(?![0-9a-f]{40}\b)(?=(?:[\w+]*\d){2})(?=[\w+]*[A-Za-z])[\w+]{20,}=*/g;
/** A line of a template without what looks like a secret in it. What is looked up when the template is rendered is none. */
function withoutSecrets(whole) {
	const line = whole.slice(0, MAX_READ$3);
	const [, name, value] = ASSIGNED.exec(line) ?? [];
	if (name !== void 0 && value !== void 0 && !value.startsWith("{{") && !/^["'{[]?$/.test(value)) return `${name}${HIDDEN}`;
	return line.split(/(\{\{.*?\}\})/).map((piece) => piece.startsWith("{{") ? piece : withoutCredentials(piece).replace(RANDOM, HIDDEN)).join("");
}
// src/plan/own-changes.ts
/**
* Returns the answer to a plan without what this action adds to a job. A job that differs in our links alone does not differ: nothing is registered for
* them, so nothing is updated in place either. Our meta is not shown; but where it differs, Nomad replaces tasks, and the job differs.
*/
function withoutOwn(response) {
	const { Diff: diff, Annotations } = response;
	if (diff === null || diff === void 0 || diff.Type === "None") return response;
	const objects = (diff.Objects ?? []).map((object) => object.Name === "UI" ? withoutOwnLinks(object) : object);
	const groups = (diff.TaskGroups ?? []).map(withoutScalingIndexes);
	const isOurs = (diff.Objects ?? []).some((object) => object.Name === "UI" && changes(object));
	const isNomads = groups.filter(changes).length < (diff.TaskGroups ?? []).filter(changes).length;
	const isSame = diff.Type === "Edited" && (isOurs || isNomads) && ![
		...diff.Fields ?? [],
		...objects,
		...groups
	].some(changes);
	const users = {
		...withoutOwnMeta(diff),
		Type: isSame ? "None" : diff.Type,
		Objects: objects,
		TaskGroups: groups.map(withoutOwnMeta)
	};
	const updates = Object.entries(Annotations?.DesiredTGUpdates ?? {}).map(([group, update]) => [group, isSame ? left(update) : update]);
	return {
		...response,
		Diff: users,
		Annotations: {
			...Annotations,
			DesiredTGUpdates: Object.fromEntries(updates)
		}
	};
}
function left({ InPlaceUpdate, Ignore, ...update }) {
	return {
		...update,
		InPlaceUpdate: 0,
		Ignore: (Ignore ?? 0) + (InPlaceUpdate ?? 0)
	};
}
function withoutOwnMeta(diff) {
	return {
		...diff,
		Fields: (diff.Fields ?? []).filter(({ Name }) => !isOwnMeta(/^Meta\[(.*)\]$/.exec(Name)?.[1] ?? ""))
	};
}
/** Removes the change of a scaled group's policy that has no field: Nomad compares its indexes, too, which no spec has. */
function withoutScalingIndexes(group) {
	const isEmpty = ({ Name, Type, Fields, Objects }) => Name === "Scaling" && Type === "Edited" && ![...Fields ?? [], ...Objects ?? []].some(changes);
	const objects = (group.Objects ?? []).filter((object) => !isEmpty(object));
	if (objects.length === (group.Objects ?? []).length) return group;
	const isSame = ![
		...group.Fields ?? [],
		...objects,
		...group.Tasks ?? []
	].some(changes);
	return {
		...group,
		Type: isSame ? "None" : group.Type,
		Objects: objects
	};
}
/**
* Removes the changes of our links. Nomad compares links one by one, so ours push those of the user along, and may be paired with them. The links that the user
* had are compared with those that the user has: only what is left of both is a change, or else their order.
*/
function withoutOwnLinks(ui) {
	const all = ui.Objects ?? [];
	const before = all.flatMap((link) => link.Type === "Added" ? [] : usersLink(link, "Old"));
	const after = all.flatMap((link) => link.Type === "Deleted" ? [] : usersLink(link, "New"));
	const [gone, come] = [without(before, after), without(after, before)];
	const [was, is] = gone.length + come.length > 0 ? [gone, come] : [before, after];
	const links = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => linkDiff(was[i], is[i])).filter(changes);
	return {
		...ui,
		Type: [...ui.Fields ?? [], ...links].some(changes) ? "Edited" : "None",
		Objects: links
	};
}
function usersLink({ Fields }, side) {
	const text = (name) => Fields?.find(({ Name }) => Name === name)?.[side] ?? "";
	return isOwnLink(text("Url")) ? [] : [{
		Label: text("Label"),
		Url: text("Url")
	}];
}
/** The links of one list that the other does not have, each as often as it is there once more. */
function without(list, others) {
	const left = others.map((link) => JSON.stringify(link));
	return list.filter((link) => {
		const at = left.indexOf(JSON.stringify(link));
		if (at >= 0) left.splice(at, 1);
		return at < 0;
	});
}
function linkDiff(was, is) {
	const kind = (Old, New) => Old === void 0 ? "Added" : New === void 0 ? "Deleted" : Old === New ? "None" : "Edited";
	const Fields = ["Label", "Url"].map((Name) => ({
		Name,
		Type: kind(was?.[Name], is?.[Name]),
		Old: was?.[Name] ?? "",
		New: is?.[Name] ?? ""
	}));
	return {
		Type: was === void 0 ? "Added" : is === void 0 ? "Deleted" : Fields.some(changes) ? "Edited" : "None",
		Name: "Link",
		Fields
	};
}
function changes({ Type }) {
	return Type !== "None";
}
// src/plan/plan.ts
/**
* Has the servers validate a job, before an image is built for it, and gives their warnings. Throws `jobspec-invalid` with everything that they object
* to, at the place that `locate` finds for the first of it.
*/
async function validateJob(job, namespace, place, nomad) {
	const { problems, warnings } = await nomad.jobs.validate(job, namespace);
	if (problems.length === 0) return warningLines(warnings);
	const told = problems.map(flattenErrors).map((words) => place(subjectOf(words), words));
	const location = told[0]?.location;
	throw new ActionError("jobspec-invalid", `Nomad refuses the job ${job.ID}: ${told.map(({ text }) => text).join("; ")}`, {
		hint: "Nothing was built or registered.",
		...location === void 0 ? {} : { location }
	});
}
/**
* Plans a job: what a registration would change, and the modify index that guards it. Writes nothing. Throws `policy-violation` when the answer is about
* other drivers than those of the job.
*/
async function planJob(job, namespace, nomad, { redact }) {
	const response = await nomad.jobs.plan(job, namespace);
	requireUnderstood(response.Diff, job);
	return summarizePlan(response, redact);
}
/**
* Refuses a job that Nomad understands in another way than it was judged: the driver of a task that is new or changed has to be the job's, and that of
* a task which Nomad adds (a proxy of the mesh) one that was expected. Throws `policy-violation`.
*/
function requireUnderstood(diff, { ID, TaskGroups }) {
	const other = (diff?.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).flatMap((task) => {
		const driver = task.Fields?.find(({ Name, Type }) => Name === "Driver" && (Type === "Added" || Type === "Edited"))?.New;
		return driver ? [{
			group: group.Name ?? "",
			task: task.Name ?? "",
			driver
		}] : [];
	})).find(({ group, task, driver }) => {
		const own = TaskGroups?.find(({ Name }) => Name === group);
		const named = own?.Tasks?.find(({ Name }) => Name === task);
		return !(named === void 0 ? (own === void 0 ? [] : tasksOf(own)).map((runs) => runs.task.Driver) : [named.Driver]).includes(driver);
	});
	if (other === void 0) return;
	throw new ActionError("policy-violation", `Nomad would run the task ${other.group}/${other.task} of ${ID} with the driver ${JSON.stringify(other.driver)}, which is not the job's`, { hint: "Nothing was built or registered. Compare the output `spec` with the job that `nomad job plan` shows." });
}
/** What of a job can't change while it is registered, also stopped: the servers refuse it, but only at the registration. */
const FIXED = {
	Type: "its type",
	Periodic: "whether it is periodic",
	ParameterizedJob: "whether it is parameterized"
};
/** Refuses a change that a registration would not survive. Throws `jobspec-invalid`, at `location`. */
function requirePossible({ lines }, { ID }, location) {
	const fixed = Object.entries(FIXED).find(([field]) => lines.some((line) => /^[+~-] (\w+)$/.exec(line)?.[1] === field));
	if (fixed === void 0) return;
	throw new ActionError("jobspec-invalid", `the job ${ID} is registered already, and ${fixed[1]} can't change`, {
		hint: `Purge it first (nomad job stop -purge ${ID}), or give the new job another id. Nothing was built or registered.`,
		...location === void 0 ? {} : { location }
	});
}
/** What of the spec an objection of the servers is about, by its flattened words: `Task group web: Task app: minimum MemoryMB value is 10; got 2`. */
function subjectOf(words) {
	const group = /^Task group (\S+):/.exec(words)?.[1];
	const task = /\bTask (?!group )(\S+):/.exec(words)?.[1];
	return {
		kind: SUBJECTS.find(([pattern]) => pattern.test(words))?.[1] ?? (task === void 0 ? group === void 0 ? "none" : "group" : "task"),
		...group === void 0 ? {} : { group },
		...task === void 0 ? {} : { task }
	};
}
const SUBJECTS = [
	[/nonexistent namespace/, "namespace"],
	[/node pool/, "node_pool"],
	[/\bjob type\b/i, "type"],
	[/\bcron\b|\bperiodic\b/i, "periodic"],
	[/Task group count/, "count"],
	[/healthy deadline/i, "healthy_deadline"],
	[/progress deadline/i, "progress_deadline"],
	[/Memory(Max)?MB/, "memory"],
	[/\bCPU\b|\bcores\b/i, "cpu"],
	[/\bTemplate \d/, "template"],
	[/\bArtifact \d/, "artifact"],
	[/\bcheck\b/i, "check"],
	[/\bService\[|\bservice\b/, "service"],
	[/\bport\b/i, "port"],
	[/\bnetwork\b/i, "network"],
	[/\bConstraint \d/, "constraint"],
	[/\bvolume\b/i, "volume"],
	[/\bVault\b/, "vault"],
	[/\bdriver\b/i, "driver"]
];
/** Summarizes Nomad's answer to a plan, without the meta and links that this action adds to the job; `redact` hides secrets. */
function summarizePlan(answer, redact) {
	const response = withoutOwn(answer);
	const updates = Object.entries(response.Annotations?.DesiredTGUpdates ?? {});
	const words = updates.map(([group, update]) => [group, describeUpdates(update)]);
	return {
		changed: reach(response.Diff, updates.map(([, update]) => update)),
		lines: [...diffLines(response.Diff), ...words.map(([group, update]) => `group ${group}: ${update}`)],
		diff: planDiff(response.Diff, words, redact),
		updates: Object.fromEntries(updates),
		actions: Object.fromEntries(words),
		preempted: countBy((response.Annotations?.PreemptedAllocs ?? []).map(({ JobID }) => JobID)),
		placementFailures: response.FailedTGAllocs ?? {},
		warnings: warningLines(response.Warnings),
		jobModifyIndex: response.JobModifyIndex,
		nextPeriodicLaunch: response.NextPeriodicLaunch ?? void 0
	};
}
/** Returns whether a registration replaces, or starts, everything of a job. */
function replacesAll({ updates }) {
	return Object.values(updates).every((update) => startsAnew(update));
}
/** Returns whether the scheduler replaces, or starts, the whole of a group. In a rolling update, allocations whose turn has not come count as left alone. */
function startsAnew({ DestructiveUpdate, Canary, InPlaceUpdate, Ignore, Migrate } = {}) {
	return (DestructiveUpdate ?? 0) + (Canary ?? 0) > 0 || (InPlaceUpdate ?? 0) + (Ignore ?? 0) + (Migrate ?? 0) === 0;
}
function countBy(names) {
	return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
}
/** Nomad's `N warning(s):` text as a list; a warning that holds others is told as these, each with what it is about. */
function warningLines(text) {
	return (text ?? "").split(/\n\* /).slice(1).map((warning) => flattenErrors(warning.trim()).replaceAll(" has warnings:", ":"));
}
function reach(diff, updates) {
	if (diff === null || diff === void 0 || diff.Type === "None") return "none";
	if (diff.Type === "Added") return "create";
	const destructive = updates.some((update) => (update.DestructiveUpdate ?? 0) + (update.Canary ?? 0) + (update.Stop ?? 0) > 0);
	const forced = (diff.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []).some(({ Annotations }) => Annotations?.some((words) => words.includes("destroy")) === true);
	return destructive || forced ? "destructive" : "in-place";
}
const SIGNS = {
	Added: "+",
	Deleted: "-",
	Edited: "~"
};
function diffLines(diff, path = "") {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	if (diff.Type === "Added" && path === "") return [];
	const own = (diff.Fields ?? []).flatMap(({ Type, Name }) => Type === "None" ? [] : [`${SIGNS[Type]} ${path}${Name}`]);
	const inner = (kind, list) => (list ?? []).flatMap((child) => {
		const name = `${path}${kind}${child.Name ?? ""}`;
		if (child.Type === "Added" || child.Type === "Deleted") return [`${SIGNS[child.Type]} ${name}`];
		return diffLines(child, `${name}.`);
	});
	return [
		...own,
		...inner("", diff.Objects),
		...inner("group ", diff.TaskGroups),
		...inner("task ", diff.Tasks)
	];
}
const UPDATE_WORDS = [
	["Place", "place"],
	["Canary", "canary"],
	["DestructiveUpdate", "replace"],
	["InPlaceUpdate", "update in place"],
	["Migrate", "migrate"],
	["Stop", "stop"],
	["Ignore", "leave"]
];
function describeUpdates(update) {
	const parts = UPDATE_WORDS.flatMap(([key, word]) => (update[key] ?? 0) > 0 ? [`${update[key]} to ${word}`] : []);
	return parts.length === 0 ? "nothing to do" : parts.join(", ");
}
// src/plan/counts.ts
/**
* Takes over the counts of the running job that an autoscaler or somebody by hand has set since a deploy asked for others: of groups with a `scaling` block,
* or, as `preserve` says, of all groups or of none. Where no deploy noted what it asked for, a group was scaled if its last scaling gave it its count. A
* count stays within the block's `min` and `max`, since Nomad refuses another one, and is `most` at most, if a policy says so.
*/
function keepCounts(job, live, preserve, scalings, most) {
	const recorded = provenanceOf(live).counts;
	const kept = [];
	const groups = (job.TaskGroups ?? []).map((group) => {
		const running = otherCount(group, job, live, preserve);
		if (running === void 0) return group;
		const asked = askedCount(group);
		const before = recorded?.[group.Name];
		if (!(before === void 0 ? scalings[group.Name] === running : before !== running)) return group;
		const count = Math.min(within(running, group), most ?? Number.POSITIVE_INFINITY);
		if (count === asked) return group;
		const limited = count === running ? "" : `, the nearest that ${within(running, group) === count ? "its `scaling`" : "`max-count` of the policy"} allows to the ${running} that run`;
		kept.push(`group ${group.Name}: the count stays ${count}${limited}; the spec says ${asked} (\`preserve-counts\`)`);
		return {
			...group,
			Count: count
		};
	});
	return kept.length === 0 ? {
		job,
		kept
	} : {
		job: {
			...job,
			TaskGroups: groups
		},
		kept
	};
}
/** Says whether only Nomad's scaling events tell if a count is to be kept. */
function needsScalings(job, live, preserve) {
	const recorded = provenanceOf(live).counts;
	return (job.TaskGroups ?? []).some((group) => {
		return otherCount(group, job, live, preserve) !== void 0 && recorded?.[group.Name] === void 0;
	});
}
/** The count that a group runs with, where that may be kept and the spec says another. */
function otherCount(group, job, live, preserve) {
	if (live === void 0 || live.Stop || !isOpen(group, job, preserve)) return void 0;
	const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? void 0;
	return running === askedCount(group) ? void 0 : running;
}
const within = (count, { Scaling }) => Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
// src/plan/sent.ts
/** Reads the counts that scalings gave the groups of a job; none, and without a request, where no count depends on them. */
async function readScalings({ job, namespace }, live, { preserveCounts }, nomad) {
	return needsScalings(job, live, preserveCounts) ? nomad.jobs.scalings(job.ID, namespace) : {};
}
/**
* Returns the job as it is planned and registered, with the counts that it keeps. The rules judge the job in this form, which is the one that is sent.
* Throws `policy-violation`.
*/
function sentJob(job, live, inputs, rendering, scalings) {
	const counted = keepCounts(job, live, inputs.preserveCounts, scalings, rendering.policy?.policy.maxCount);
	requireAllowed(counted.job, restrictionsOf(inputs, rendering), rendering.spec);
	return counted;
}
// src/plan/as-registered.ts
/**
* Plans a job in the form in which it would be registered. The meta that we wrote into the registered job is kept at first, since another meta replaces every
* task; where everything is replaced anyway, the job is planned once more with the meta of this run. Groups of a failed version are tried again, where the
* spec does not change them. `onJob` gets each job before it is planned.
*/
async function planAsRegistered(jobspec, secrets, { job: live, failing }, { inputs, rendering, nomad }, { redact }, onJob = async () => void 0) {
	const scalings = await readScalings(jobspec, live, inputs, nomad);
	const planWith = async (meta, marks = {}) => {
		const counted = sentJob(asRegistered(jobspec, secrets, rendering, live, meta, marks), live, inputs, rendering, scalings);
		await onJob(counted);
		return {
			counted,
			plan: await planJob(counted.job, jobspec.namespace, nomad, { redact: hidingValues(jobspec.settings, redact) })
		};
	};
	const planned = await planWith("kept");
	const { changed, updates } = planned.plan;
	const again = changed === "none" ? [...failing.unhealthy, ...failing.down] : failing.down.filter((group) => !startsAnew(updates[group]));
	const unmarked = changed === "none" ? [] : Object.keys(updates).filter((group) => markOf(live, group) && startsAnew(updates[group]));
	const marks = Object.fromEntries([...unmarked.map((group) => [group, "none"]), ...again.map((group) => [group, "again"])]);
	if (Object.keys(marks).length > 0) return planWith("kept", marks);
	if (changed === "none") return planned;
	return keepsOther(live, rendering) && replacesAll(planned.plan) ? planWith("fresh") : planned;
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
		const doing = last && STEPS$1.find(([type]) => last.Type === type || last.DisplayMessage.startsWith(type));
		if (doing !== void 0) return at(task, doing[1](last?.Details?.["image"]), doing[2](longer), doing[3]);
	}
	return unhealthy(allocation, group, job, evidence, longer, at);
}
/** Steps before a task runs that may take long. */
const STEPS$1 = [
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
const LOG_DELAY_MS$1 = 175;
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
			await clock.sleep(Math.min(restMs, LOG_DELAY_MS$1), signal);
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
	return Math.min(endMs, nowMs) + (tookMs > TOLD_WITHIN_MS ? Math.min(3 * tookMs, MAX_LOG_WAIT_MS) : LOG_DELAY_MS$1);
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
const MAX_NAMED$1 = 3;
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
const either$1 = (...actions) => {
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
		advice: either$1(isCanary ? void 0 : "free it", fewer, "let Nomad choose the port (without `static`)"),
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
	const fits = nodes === void 0 || largest === 0 ? isCanary ? either$1("ask for less", "add nodes", fewer) : "ask for less, or add nodes" : wanted > largest ? `no node is that large: the largest has ${`${largest} ${unit}`.trim()} in all` : `${isCanary ? "ask for less, set `canary = 0`" : "ask for less"} or free some: the largest node has ${`${largest} ${unit}`.trim()} in all`;
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
		advice: either$1("add nodes", fewer),
		kind: "constraint",
		name: words
	};
	if (words.startsWith("distinct_property")) return {
		text: `${count} filtered by ${words}`,
		advice: either$1("add nodes with other values", fewer),
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
	return count === 0 ? [source] : Array.from({ length: Math.min(count, MAX_NAMED$1) }, (_, index) => `${source}[${index}]`);
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
const MAX_ALLOCATIONS$2 = 3;
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
	const suspects = oneOfEach(suspectAllocations(snapshot, job, collected, redact)).slice(0, MAX_ALLOCATIONS$2);
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
const READ_MS$4 = 1e4;
/** An allocation of an older version on a node that does not answer: as long as Nomad can't end it there, the new version is not complete. */
async function heldUpCause({ deployment, allocations }, { job, namespace }, nomad, { signal, redact }) {
	const version = deployment?.JobVersion ?? allocations[0]?.JobVersion;
	if (version === void 0) return void 0;
	const soon = AbortSignal.any([signal, AbortSignal.timeout(READ_MS$4)]);
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
const MAX_ALLOCATIONS$1 = 3;
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
			for (const allocation of newest.slice(0, MAX_ALLOCATIONS$1)) {
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
// src/diagnose/seen.ts
/** The first eight characters, as Nomad's own tools show ids. */
function shortId(id) {
	return id.slice(0, 8);
}
// src/plan/show.ts
/** Where an annotation about the job goes: the built-in template is no file of the user's. */
function place(spec) {
	return spec.builtIn ? void 0 : { file: spec.name };
}
/** Writes the rendered job, without what is secret, for later steps of the workflow. */
async function publishSpec(job, { runtime, number, note }) {
	note({ spec: await runtime.publish(number === 1 ? "spec.json" : `spec-${number}.json`, job) });
}
/** Shows a job's plan in the log; what can't be placed now is a warning. */
function showPlan(plan, { job, kept }, spec, { log }) {
	log.info(`Changes: ${plan.changed}`);
	for (const line of kept) log.info(`  ${line}`);
	for (const line of plan.lines) log.info(`  ${line}`);
	for (const [group, metric] of Object.entries(plan.placementFailures)) {
		const { where, text, about } = placementPart(group, metric, job, void 0);
		log.warning(`Forecast: ${where}: ${text}`, specLocation(about, spec));
	}
}
/** Shows what the user should know, each as an annotation, at the line of a file that it begins with; what is said of nearly every cluster is a line of the log. */
function warn(warnings, { log }) {
	for (const warning of warnings) {
		const [, file, line] = /^([^\s:]+):(\d+): /.exec(warning) ?? [];
		if (isOversubscriptionWarning(warning)) log.info(warning);
		else log.warning(warning, file === void 0 ? void 0 : {
			file,
			line: Number(line)
		});
	}
}
/** Nomad's words about a `memory_max` that it will ignore. */
function isOversubscriptionWarning(warning) {
	return warning.startsWith("Memory oversubscription is not enabled");
}
// src/plan/draft.ts
/**
* Has the cluster parse, validate and (for a deploy) plan the job, before anything is built. Gives the draft, and the rendering to go on with: where
* the scheduler does not allow memory oversubscription, the built-in template does not ask for it. Refuses secrets that Nomad could not hold.
*/
async function checkDraft(inputs, rendering, regions, runtime) {
	const asked = await renderJobspec(inputs, rendering, regions.first, runtime);
	const nomad = await regions.of(asked.job, rendering.spec);
	const warnings = await validateJob(asked.job, asked.namespace, (about, words) => {
		const location = quotedPlace(words, specLocation(about, rendering.spec), rendering.spec);
		return {
			location,
			text: `${words}${givenBy(words, location, rendering.spec, asked.settings)}`
		};
	}, nomad);
	const modest = {
		...rendering,
		oversubscription: !(rendering.spec.builtIn && warnings.some(isOversubscriptionWarning))
	};
	const draft = modest.oversubscription ? asked : await renderJobspec(inputs, modest, nomad, runtime);
	if (draft.specHash !== asked.specHash) runtime.log.notice(withoutMemoryMax(draft.job));
	if (inputs.command === "render") return {
		draft,
		rendering: modest,
		nomad,
		plan: void 0,
		live: void 0
	};
	const live = await nomad.jobs.read(draft.job.ID, draft.namespace);
	await requireOwnHosts(inputs, rendering, draft, nomad);
	const { job } = sentJob(asRegistered(draft, void 0, modest, live, "kept"), live, inputs, modest, await readScalings(draft, live, inputs, nomad));
	const plan = await planJob(job, draft.namespace, nomad, { redact: hidingValues(draft.settings, runtime.redact) });
	if (inputs.command !== "deploy") return {
		draft,
		rendering: modest,
		nomad,
		plan,
		live
	};
	requirePossible(plan, draft.job, place(rendering.spec));
	const claim = claimOf(inputs, rendering.context, rendering.target);
	requireOwnable(draft.job, claim.owner);
	if (live !== void 0) permit(judgeOwner(ownedJob(live, draft.namespace), claim, "replace"), runtime);
	await jobSecrets(inputs, draft, live, claim, nomad);
	return {
		draft,
		rendering: modest,
		nomad,
		plan,
		live
	};
}
/** Refuses a branch in production that names a hostname of the repository's own job there, since both would answer to it. Throws `input-invalid`. */
async function requireOwnHosts({ app }, { target, context }, { namespace }, nomad) {
	const { environment, projectSlug, hostnames } = target;
	if (environment.isBranch !== true) return;
	const id = slug(app === void 0 ? projectSlug : `${projectSlug}-${app}`);
	const production = await nomad.jobs.read(id, namespace);
	const host = production === void 0 || production.Stop ? void 0 : takenHost(hostnames, production);
	if (host === void 0) return;
	throw new ActionError("input-invalid", `the hostname ${host} belongs to the job ${id}, and the ${context.refType} ${context.ref} names it, too`, { hint: "Nothing was built or registered. Name other hostnames for the branch, or set `environment: review`." });
}
/** Returns the place of a refusal; where only the file is known, with the line that has the text which the servers quote. */
function quotedPlace(words, location, { name, text }) {
	const [quoted] = /"[^"\s]{2,}"/.exec(words) ?? [];
	if (location?.file !== name || location.line !== void 0 || quoted === void 0 || !text.includes(quoted)) return location;
	return {
		...location,
		line: linesOf$1(text)(text.indexOf(quoted)).line
	};
}
/** Returns the variables behind a refusal, as the end of a sentence: those of its line, and those whose value it quotes. */
function givenBy(words, location, spec, settings) {
	const used = [...([spec, ...Object.values(spec.fragments)].find(({ name }) => name === location?.file)?.text.split("\n")[(location?.line ?? 0) - 1] ?? "").matchAll(/\bvar\.([A-Za-z_][\w-]*)/g)].map(([, name]) => name);
	const found = settings.filter(({ name, value, source }) => source !== "default" && source !== "automatic" && (used.includes(name) || value !== "" && words.includes(JSON.stringify(value))));
	return found.length === 0 ? "" : ` (${found.map(({ name, source }) => `var.${name} has its value from ${source}`).join("; ")})`;
}
function withoutMemoryMax({ TaskGroups }) {
	const limit = TaskGroups?.flatMap(({ Tasks }) => Tasks ?? []).find(({ Name }) => Name === "http")?.Config?.["memory_hard_limit"];
	return `The scheduler of this cluster does not allow memory oversubscription, so the job has no memory_max. ${typeof limit === "number" ? `Docker still lets the container use up to ${limit} MB (memory_hard_limit), but Nomad does not count with it.` : "The container gets what NOMAD_VAR_MEMORY says, and no more."}`;
}
// src/plan/drift.ts
/** By it the issues of all jobs are found; GitHub makes it with the first. */
const LABEL = "nomad-drift";
/** Enough to see what it is about; the log has all of it. */
const MAX_LINES = 200;
const NAMED = 5;
/**
* What of the registered job differs from the repository, one line each; none when it is as it should be. What the scheduler would do about it is no
* difference, nor where a version comes from.
*/
function drifted({ changed, lines }) {
	if (changed === "create") return ["the job is not registered"];
	return lines.filter((line) => !/^group \S+: /.test(line));
}
/**
* The drift check: throws `drift` with what differs. With `drift-issue` there is one open issue for the job as long as it differs; what GitHub refuses of
* that is a notice.
*/
async function requireNoDrift(subject, plan, reporting, runtime) {
	const lines = drifted(plan);
	if (reporting.inputs.driftIssue) await keepIssue(subject, lines, plan, reporting, runtime);
	if (lines.length === 0) return;
	const named = lines.slice(0, NAMED).join(", ");
	const more = lines.length > NAMED ? `, and ${lines.length - NAMED} more` : "";
	throw new ActionError("drift", `${subject.jobId} is not what the repository says: ${named}${more}`, { hint: "Somebody changed the job in Nomad, or a change of the repository was not deployed. A deploy makes it what the repository says." });
}
async function keepIssue(subject, lines, plan, { github, context: { runUrl } }, runtime) {
	if (github === void 0) {
		runtime.log.notice("No issue is opened: there is no token; give `github-token`.");
		return;
	}
	const marker = `<!-- nomad-deploy-drift ${createHash("sha256").update(JSON.stringify(subject)).digest("hex").slice(0, 20)} -->`;
	const findOurs = async (issues) => (await github.viewer.own(issues.filter((issue) => issue.body?.startsWith(marker) === true)))[0];
	const { jobId, environment, namespace } = subject;
	const title = plain(`Drift: ${jobId} in ${environment} is not what the repository says`);
	const body = [
		marker,
		`The job ${code(jobId)} (namespace ${code(namespace)}) differs from what this repository would deploy in ${text(environment)}.`,
		"",
		...lines.slice(0, MAX_LINES).map((line) => `- ${code(line.slice(0, 200))}`),
		...lines.length > MAX_LINES ? [`- and ${lines.length - MAX_LINES} more`] : [],
		"",
		...plan.diff.length === 0 ? [] : [...fenced(plan.diff.slice(0, MAX_LINES), "diff"), ""],
		`Last seen by ${link("this run", runUrl)}. A deploy makes it what the repository says; the issue is closed by the next check that finds no difference.`
	].join("\n");
	await tell("The issue about the drift is not kept", async () => {
		const open = await findOurs(await github.issues.open(LABEL));
		if (lines.length === 0) {
			if (open !== void 0) await github.issues.update(open.number, {
				state: "closed",
				state_reason: "completed"
			});
		} else if (open === void 0) {
			const made = await github.issues.create({
				title,
				body,
				labels: [LABEL]
			}, findOurs);
			runtime.log.info(`Opened the issue ${made.html_url}`);
		} else {
			await github.issues.update(open.number, { body });
			runtime.log.info(`Updated the issue ${open.html_url}`);
		}
	}, runtime);
}
// src/plan/kept.ts
/**
* Returns a deploy that leaves a job of the built-in template alone where only the commit differs, or the way in which version 0.1.0 wrote the login of the
* registry, unless `anew` says that its task is replaced anyway. `image` is the reference that its task is to run.
*/
function keeping(deploying, live, image, anew = false) {
	const { inputs, rendering } = deploying;
	if (!rendering.spec.builtIn) return deploying;
	const found = keptParts(live, image, givenValues(inputs, rendering.fromFiles));
	const kept = anew ? {
		...found,
		login: false
	} : found;
	if (kept.login !== true) return {
		...deploying,
		rendering: {
			...rendering,
			kept
		}
	};
	const { [REGISTRY_PASSWORD]: _password, ...secrets } = inputs.secrets;
	return {
		...deploying,
		inputs: {
			...inputs,
			secrets
		},
		rendering: {
			...rendering,
			kept
		}
	};
}
/** Returns whether a plan replaces the task anyway for which the login of version 0.1.0 was kept. */
function outgrown({ deploying, plan }) {
	return deploying.rendering.kept?.login === true && plan.changed !== "none" && replacesAll(plan);
}
// src/plan/live.ts
const NONE = {
	unhealthy: [],
	down: []
};
/** Reads the registered job, the deployment of its version, and how older ones ended. */
async function readLive({ job: { ID }, namespace }, nomad) {
	const job = await nomad.jobs.read(ID, namespace);
	if (job === void 0) return {
		job,
		deployment: void 0,
		tried: [],
		failing: NONE
	};
	const deployments = await nomad.jobs.deployments(ID, namespace);
	const failed = deployments.filter(({ Status, JobVersion }) => Status === "failed" || Status === "cancelled" && JobVersion === job.Version);
	const own = failed.find(({ JobVersion }) => JobVersion === job.Version);
	const versions = failed.some(({ JobVersion }) => JobVersion !== job.Version) ? await nomad.jobs.versions(ID, namespace) : [job];
	const hashOf = (version) => provenanceOf(versions.find(({ Version }) => Version === version)).spec;
	const tried = failed.map(({ JobVersion: version, StatusDescription: how }) => ({
		version,
		specHash: hashOf(version),
		how
	}));
	const allocations = own !== void 0 || mayHaveEnded(job) ? await lastAllocations(job, namespace, nomad) : [];
	const ended = own === void 0 && mayHaveEnded(job) ? howEnded(job, allocations) : void 0;
	const all = [
		...job.Stop ? [{
			version: job.Version,
			specHash: hashOf(job.Version),
			how: "the job was stopped"
		}] : [],
		...ended === void 0 ? [] : [{
			version: job.Version,
			specHash: hashOf(job.Version),
			how: ended
		}],
		...tried.sort((a, b) => b.version - a.version)
	];
	return {
		job,
		deployment: deployments.find(({ JobVersion }) => JobVersion === job.Version),
		tried: all,
		failing: all.some(({ version }) => version === job.Version) ? failingGroups(job, own, allocations) : NONE
	};
}
/** Returns whether a job is dead without having been stopped. */
function mayHaveEnded(job) {
	return job.Status === "dead" && !job.Stop && !job.Periodic && !job.ParameterizedJob && rulesOf(job).count !== 0;
}
async function lastAllocations({ ID, Version }, namespace, nomad) {
	return (await nomad.jobs.allocations(ID, namespace, 0, AbortSignal.timeout(READ_MS$3))).value.filter(({ JobVersion, NextAllocation }) => JobVersion === Version && !NextAllocation);
}
/** Returns the end of a dead job in words: a batch job that failed, or a service that Nomad has given up; undefined for a batch job that succeeded. */
function howEnded(job, last) {
	const failed = last.filter(({ ClientStatus }) => ClientStatus !== "complete").length;
	const told = failed === 0 ? void 0 : `${failed} of ${last.length} allocations failed`;
	return rulesOf(job).kind === "batch" ? told : `nothing of it runs any more${told === void 0 ? "" : ` (${told})`}`;
}
function failingGroups(job, deployment, last) {
	const { TaskGroups } = job;
	const names = (TaskGroups ?? []).map(({ Name }) => Name);
	const isWell = rulesOf(job).kind === "batch" ? /^(running|pending|complete)$/ : /^(running|pending)$/;
	const up = (group) => last.filter(({ TaskGroup, ClientStatus }) => TaskGroup === group && isWell.test(ClientStatus)).length;
	const down = names.filter((name) => up(name) < (TaskGroups?.find(({ Name }) => Name === name)?.Count ?? 1));
	const unhealthy = names.filter((name) => (deployment?.TaskGroups?.[name]?.UnhealthyAllocs ?? 0) > 0);
	return {
		unhealthy: unhealthy.length + down.length === 0 ? names : unhealthy,
		down
	};
}
/** Returns the notice that a version with this very spec failed before, if this deploy tries it again. */
function triedBefore({ job, tried }, specHash) {
	if (!tried.some(({ version }) => version === job?.Version) && provenanceOf(job).spec === specHash) return void 0;
	const before = tried.find((version) => version.specHash === specHash);
	return before === void 0 ? void 0 : `Version ${before.version} was this very spec: ${before.how}. It is tried again, as a new version.`;
}
/** The limit for a single request, an outage included. */
const READ_MS$3 = 1e4;
// src/plan/regions.ts
/**
* Opens the connections to the regions of one cluster, each when it is first asked for. `own`, the region of `nomad-region` or of the variable `REGION`, is
* asked first. Each region has a connection with a login of its own, since a token may be known in its region only.
*/
async function openRegions(inputs, { region: own, ...way }, { isDefaultCheckout }, runtime) {
	const { nomadRegion: given, nomadLogin, sources } = inputs;
	const givenBy = sources.inputs["nomad-region"] === "nomad-region" ? "`nomad-region`" : `${sources.inputs["nomad-region"]}`;
	const opened = /* @__PURE__ */ new Map();
	const told = /* @__PURE__ */ new Set();
	const connected = async (region, regionSource) => {
		const nomad = await connect(await readConnection(inputs, {
			...way,
			region,
			regionSource
		}, runtime), runtime);
		if (nomadLogin === void 0 || region === void 0) return nomad;
		const parse = async (...asked) => (await open(void 0, regionSource)).jobs.parse(...asked);
		return {
			...nomad,
			jobs: {
				...nomad.jobs,
				parse
			}
		};
	};
	const open = async (region, regionSource) => {
		const nomad = opened.get(region) ?? connected(region, regionSource);
		opened.set(region, nomad);
		return nomad;
	};
	return {
		first: await open(own, given === void 0 ? "`REGION`" : givenBy),
		of: async ({ Region }, spec) => {
			const named = regionOf({ Region });
			if (named === void 0 || named === given) return open(given, givenBy);
			const file = spec.builtIn ? writtenRegion(spec)?.file : writtenRegion(spec)?.file ?? spec.name;
			if (given !== void 0) {
				const location = file === void 0 ? void 0 : { file };
				const both = `${file ?? "`REGION`"} names the region ${named}, and ${givenBy} is ${given}`;
				if (!isDefaultCheckout && inputs.configFrom !== "checkout") throw new ActionError("input-invalid", both, {
					hint: "Name one region in both: only the default branch can name another one than the workflow.",
					...location === void 0 ? {} : { location }
				});
				if (!told.has(both)) runtime.log.warning(`${both}: the region of the spec is used, as by \`nomad job run\`.`, location);
				told.add(both);
			}
			return open(named, file === void 0 ? "`REGION`" : `\`region\` of ${file}`);
		},
		close: async () => {
			for (const nomad of opened.values()) await (await nomad).close();
		}
	};
}
/** Returns the text of the attribute `region` of a spec's job, with its file; undefined where the job has no such attribute. */
function writtenRegion({ name, text, fragments: { job } }) {
	const ofPart = job === void 0 ? [] : readBlocks(job.text).attributes.map((one) => ({
		...one,
		file: job.name
	}));
	const ofJob = readBlocks(text).blocks.find(({ type }) => type === "job")?.attributes ?? [];
	const found = [...ofPart, ...ofJob.map((one) => ({
		...one,
		file: name
	}))].find((one) => one.name === "region");
	return found && {
		file: found.file,
		text: withoutComments(found.text).trim()
	};
}
/**
* Returns the region that a spec names, for a command that is about a job of another name, or about all jobs. A region that is written out costs no request;
* for any other, the spec is rendered. Throws the errors of `renderJobspec`.
*/
async function namedRegion(inputs, rendering, first, runtime) {
	const { spec, context } = rendering;
	const written = writtenRegion(spec);
	const [, region] = /^region\s*=\s*"([\w.-]+)"$/.exec(written?.text ?? "") ?? [];
	if (region !== void 0) return region;
	if (written === void 0 && spec.builtIn) return variableRegion({
		...rendering,
		inputs,
		specs: [spec]
	}, context);
	const opaque = spec.template || spec.format !== "hcl" || spec.text.trimStart().startsWith("{");
	if (written === void 0 && !(opaque && /region/i.test(spec.text))) return void 0;
	const fromFiles = await evaluateVarFiles(rendering.fromFiles, first, inputs.nomadNamespace);
	return (await renderJobspec(inputs, {
		...rendering,
		fromFiles
	}, first, runtime)).job.Region ?? void 0;
}
/**
* Returns the region that the variable `REGION` of the built-in template names. Throws `input-invalid` when a variable file of another branch than the default
* one names it: the keys of the configuration file that name a region are ignored there, too.
*/
function variableRegion({ inputs, specs, fromFiles }, { isDefaultCheckout }) {
	if (!specs.some(({ builtIn }) => builtIn)) return void 0;
	const { value, source } = fromFiles["REGION"] ?? {};
	const own = inputs.vars["REGION"] ?? value;
	if (typeof own !== "string" || own === "") return void 0;
	if (inputs.vars["REGION"] !== void 0 || isDefaultCheckout || inputs.configFrom === "checkout") return own;
	throw new ActionError("input-invalid", `${source}: \`REGION\` decides in which region the token of Nomad is used, and this file is not the default branch's`, { hint: "Nothing was built or registered. Give `nomad-region` in the workflow, or in the configuration file of the default branch." });
}
// src/register/existing.ts
/**
* Finds the jobs that a command is about: the one that `job-name` names, else those of the specs of the repository, else the one that a deploy with
* the built-in template would make. Throws as a deploy would when a spec can't be read.
*/
async function findExisting(inputs, specs, rendering, regions, runtime) {
	const named = inputs.jobName !== void 0 && inputs.jobs.length === 0;
	const rendered = !named && specs.some(({ builtIn }) => !builtIn);
	const { fromFiles } = rendering;
	const whole = rendered ? {
		...rendering,
		fromFiles: await evaluateVarFiles(fromFiles, regions.first, inputs.nomadNamespace)
	} : rendering;
	const found = [];
	for (const spec of named ? specs.slice(0, 1) : specs) {
		const { job, namespace } = named || spec.builtIn ? {
			job: await namedJob(inputs, {
				...rendering,
				spec
			}, named, regions, runtime),
			namespace: inputs.nomadNamespace ?? "default"
		} : await renderJobspec(inputs, {
			...whole,
			spec
		}, regions.first, runtime);
		const nomad = await regions.of(job, spec);
		found.push({
			jobId: job.ID,
			namespace,
			nomad,
			job: await nomad.jobs.read(job.ID, namespace),
			spec
		});
	}
	return found;
}
/** A job by its name alone is looked for in `nomad-region`, as by Nomad's program; without that, in the region of the spec. */
async function namedJob(inputs, rendering, named, { first }, runtime) {
	const given = named ? inputs.nomadRegion : void 0;
	return {
		ID: rendering.target.jobId,
		Region: given ?? await namedRegion(inputs, rendering, first, runtime)
	};
}
/** The job of a command that needs it to be registered. Throws `input-invalid` when it is not. */
function requireRegistered(existing) {
	const { job } = existing;
	if (job !== void 0 && !job.Stop) return job;
	const which = jobText(existing);
	throw new ActionError("input-invalid", job === void 0 ? `there is no ${which}` : `the ${which} is stopped`, { hint: "Name another one with `job-name` (and `nomad-namespace`, `nomad-region`), or deploy it first." });
}
/** Refuses the name of a group or task that the job does not have. Throws `input-invalid`. */
function requireParts({ ID, TaskGroups }, { group, task }) {
	const groups = (TaskGroups ?? []).filter(({ Name }) => group === void 0 || Name === group);
	if (groups.length === 0) {
		const names = (TaskGroups ?? []).map(({ Name }) => Name);
		throw new ActionError("input-invalid", `\`group\`: ${ID} has no group ${group}`, { hint: `It has ${names.join(", ")}.` });
	}
	const tasks = groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
	if (task === void 0 || tasks.includes(task)) return;
	const where = group === void 0 ? ID : `the group ${group} of ${ID}`;
	throw new ActionError("input-invalid", `\`task\`: ${where} has no task ${task}`, { hint: `It has ${[...new Set(tasks)].join(", ")}.` });
}
// src/register/register.ts
/** How often a registration that did not get through is sent. */
const ATTEMPTS$1 = 3;
/** How long a question about it may take, an outage included. */
const READ_MS$2 = 6e4;
/** The scheduler of a cluster that is well takes milliseconds. */
const SOON_MS = 2e3;
/**
* Registers the planned job, guarded by the plan's modify index (`EnforceIndex`). Gives `conflict` with Nomad's words when the job changed since
* the plan; nothing is registered then. A registration whose answer got lost is looked for, and repeated only when it did not take place. Throws
* `unreachable` when it does not get through, and `unknown-outcome` when nobody can tell.
*/
async function registerJob(job, { source, format, variables, namespace }, plan, live, nomad) {
	const submission = {
		Source: source,
		Format: format,
		Variables: format === "json" ? "" : variables
	};
	const common = {
		jobId: job.ID,
		namespace,
		previousVersion: live?.Version
	};
	let result;
	let lost;
	for (let attempt = 1; result === void 0; attempt++) {
		try {
			result = await nomad.jobs.register(job, submission, plan.jobModifyIndex, namespace);
		} catch (error) {
			if (toActionError(error).code !== "unknown-outcome") throw error;
			lost = error;
		}
		if (lost === void 0 || result !== void 0 && "response" in result) continue;
		const ours = await readBack(job, namespace, plan, nomad, lost);
		if (ours !== void 0) return {
			...common,
			...ours
		};
		if (result === void 0 && attempt === ATTEMPTS$1) throw new ActionError("unreachable", `the registration of ${job.ID} did not get through: ${messageOf(lost)}`, { hint: "Nothing was registered; run the job again." });
	}
	if ("conflict" in result) return result;
	const { EvalID, JobModifyIndex } = result.response;
	const seen = EvalID === "" || (job.Type ?? "service") !== "service" ? void 0 : await lookAt$1(EvalID, JobModifyIndex, namespace, nomad);
	const deployment = seen?.deployment?.value;
	const version = deployment?.JobSpecModifyIndex === JobModifyIndex ? deployment.JobVersion : await versionOf(job.ID, JobModifyIndex, live === void 0 ? 0 : live.Version + 1, namespace, nomad);
	return {
		...common,
		evaluationId: EvalID,
		version,
		jobModifyIndex: JobModifyIndex,
		...seen && { seen }
	};
}
/** The version that a registration made; `otherwise` when it can't be read now, which is no failure of the registration. */
async function versionOf(id, index, otherwise, namespace, nomad) {
	return (await nomad.jobs.versions(id, namespace).catch(() => [])).find(({ JobModifyIndex }) => JobModifyIndex === index)?.Version ?? otherwise;
}
/** What the scheduler makes of a registration, if it does so at once: the deployment tells the version, and is followed anyway. */
async function lookAt$1(evaluationId, index, namespace, nomad) {
	const soon = AbortSignal.timeout(SOON_MS);
	try {
		const { value: evaluation } = await nomad.evaluations.read(evaluationId, namespace, index, soon);
		if (evaluation?.Status !== "complete") return void 0;
		const id = evaluation.DeploymentID;
		const deployment = id ? await nomad.deployments.read(id, namespace, 0, soon) : void 0;
		return deployment?.value === void 0 ? { evaluation } : {
			evaluation,
			deployment: {
				...deployment,
				value: deployment.value
			}
		};
	} catch {
		return;
	}
}
/**
* Looks for a registration whose answer was lost: it took place if there is a newer version of this very run. Throws `unknown-outcome` when Nomad can't be
* asked.
*/
async function readBack(job, namespace, plan, nomad, lost) {
	const ours = (await nomad.jobs.versions(job.ID, namespace, AbortSignal.timeout(READ_MS$2)).catch((error) => {
		throw new ActionError("unknown-outcome", `whether ${job.ID} was registered is not known: ${messageOf(lost)}; then ${messageOf(error)}`, {
			cause: error,
			hint: "Look at the job in Nomad before running this again."
		});
	})).find((version) => version.JobModifyIndex > plan.jobModifyIndex && isDeepStrictEqual(provenanceOf(version), provenanceOf(job)));
	if (ours === void 0) return void 0;
	return {
		evaluationId: (await nomad.jobs.evaluations(job.ID, namespace, AbortSignal.timeout(READ_MS$2))).find(({ JobModifyIndex, TriggeredBy }) => JobModifyIndex === ours.JobModifyIndex && TriggeredBy === "job-register")?.ID ?? "",
		version: ours.Version,
		jobModifyIndex: ours.JobModifyIndex
	};
}
// src/watch/checks.ts
/** The time that a normal start takes beyond `min_healthy_time`. */
const LATE_MS = 1500;
/** A result can be read so long after its check is made, unless that takes its time. */
const RESULT_MS = 200;
const MIN_INTERVAL_MS = 1e3;
const MAX_INTERVAL_MS = 1e4;
/** Allocations whose checks are read: beyond these they rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/**
* The allocations whose checks are worth reading now: of those that run and are not healthy one as soon as a check has been made, the others when they are
* late (`minHealthyMs` is over), and again, ever more rarely, as long as something does not pass. `readAtMs` tells when those of an allocation were read
* last. A node makes a check first after half of its interval, then once each interval.
*/
function dueChecks(job, { allocations, checks = {} }, minHealthyMs, readAtMs, nowMs) {
	return allocations.filter(({ ClientStatus, DesiredStatus, DeploymentStatus, TaskGroup }) => ClientStatus === "running" && DesiredStatus === "run" && typeof DeploymentStatus?.Healthy !== "boolean" && countsChecks(job, TaskGroup)).slice(0, MAX_ALLOCATIONS).filter((allocation, i) => {
		const ageMs = nowMs - startedAtMs(allocation);
		const readMs = readAtMs(allocation.ID);
		const late = ageMs >= minHealthyMs + LATE_MS;
		const results = checks[allocation.ID] ?? [];
		const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
		const intervalMs = Math.min(...group === void 0 ? [] : intervalsOf(group));
		const made = results.filter(({ Status }) => Status !== "pending").map(({ Timestamp }) => (Timestamp ?? 0) * 1e3 + intervalMs);
		if (nowMs < Math.min(...made.length < Math.max(results.length, 1) ? [setUpAtMs(allocation) + intervalMs / 2] : [], ...made) + RESULT_MS) return false;
		if (readMs === void 0) return i === 0 || late;
		const passes = results.every(({ Status }) => Status === "success");
		return (late || !passes) && nowMs - readMs >= Math.min(Math.max(ageMs / 5, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
	});
}
/** When the first task of an allocation was set up, in milliseconds since the epoch: its checks are made from about then on. */
function setUpAtMs({ TaskStates }) {
	const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === "Task Setup"));
	return events.length === 0 ? 0 : Math.min(...events.map(({ Time }) => Time / 1e6));
}
/** When the last task of an allocation started, in milliseconds since the epoch. */
function startedAtMs({ TaskStates }) {
	const starts = Object.values(TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).filter(({ Type }) => Type === "Started"));
	return Math.max(0, ...starts.map(({ Time }) => Time / 1e6));
}
/** Returns the warning about an allocation whose checks can't be read. */
function describeUnread({ Name }) {
	return `The checks of ${Name} can't be read, so their results are unknown.`;
}
// src/watch/explain.ts
/** The output `failure-reason` of a verdict, before anything goes back. */
const reasonOf$1 = (verdict) => verdict.outcome === "failed" ? verdict.reason : verdict.outcome;
/** Finds the cause of a verdict that is not good, and tells it: in the log with its evidence, as the annotation, in the outputs. */
async function explain({ verdict, snapshot, evidence: collected }, { inputs, draft, nomad, rendering }, { runtime, stage, note }) {
	const builtIn = rendering.spec.builtIn && !("JobModifyIndex" in draft.job);
	const description = verdict.description.replace(/ - rolling back to job version \d+$/, "");
	const { cause, about, evidence } = runtime.signal.aborted ? {
		cause: description,
		about: { kind: "none" },
		evidence: []
	} : await stage("diagnose", "Why: events, checks and logs of the allocations that are not well", async () => {
		const found = await diagnose({
			...verdict,
			description
		}, snapshot, {
			job: draft.job,
			namespace: draft.namespace,
			logLines: inputs.logLines,
			collected,
			builtIn
		}, nomad, runtime);
		for (const line of evidenceLines(found)) runtime.log.info(line);
		return found;
	});
	const { outcome } = verdict;
	const wentBack = outcome === "failed" && verdict.rolledBackTo !== void 0 ? `Nomad goes back to version ${verdict.rolledBackTo}.` : "";
	const stays = outcome === "failed" && verdict.reason === "placement-failed" && snapshot.deployment === void 0 ? `The job stays registered and is placed when there is room for it, unless somebody stops it: nomad job stop ${draft.job.ID}` : "";
	const hint = [
		cause.endsWith(description) ? "" : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
		wentBack,
		stays
	].filter((part) => part !== "").join(" ");
	const location = specLocation(about, rendering.spec);
	runtime.log.error([cause, hint].filter((part) => part !== "").join(". "), `${draft.job.ID}: ${outcome}`, location);
	const told = {
		outcome,
		failureReason: reasonOf$1(verdict),
		cause,
		...location === void 0 ? {} : { location }
	};
	note(told);
	return {
		...told,
		evidence,
		...hint === "" ? {} : { hint }
	};
}
// src/watch/rollout.ts
function begin(startedAtMs) {
	return {
		snapshot: {
			evaluation: void 0,
			deployment: void 0,
			allocations: []
		},
		startedAtMs,
		wellSinceMs: void 0,
		forced: void 0,
		promoted: false,
		verified: false
	};
}
/** How an allocation ends. */
const ENDED$1 = /^(complete|failed|lost)$/;
/** The state after something new was seen. Allocations that have ended stay when Nomad has collected them: they tell how it went. */
function advance(state, change, rules, nowMs) {
	const snapshot = {
		...state.snapshot,
		...change,
		allocations: known(state.snapshot.allocations, change.allocations)
	};
	const well = snapshot.deployment === void 0 ? allRunning(snapshot, rules.count, snapshot.job ?? rules.job) : allHealthy(snapshot.deployment);
	return {
		...state,
		snapshot,
		wellSinceMs: well ? state.wellSinceMs ?? nowMs : void 0
	};
}
/** The allocations after some were listed. Those that did not change, or that a server that is behind lists as they were before, stay the same objects. */
function known(before, listed) {
	if (listed === void 0) return before;
	const missing = new Map(before.map((allocation) => [allocation.ID, allocation]));
	const now = listed.map((allocation) => {
		const same = missing.get(allocation.ID);
		missing.delete(allocation.ID);
		return same?.ModifyIndex !== void 0 && allocation.ModifyIndex !== void 0 && same.ModifyIndex >= allocation.ModifyIndex ? same : allocation;
	});
	return [...[...missing.values()].filter(({ ClientStatus }) => ENDED$1.test(ClientStatus)), ...now];
}
/** Decides what is to be done in a state; undefined while the rollout is under way. The whole table of Nomad's statuses; unknown ones are under way. */
function decide(state, rules, nowMs) {
	const { snapshot, startedAtMs, forced } = state;
	const verdict = judge$1(state, rules, nowMs);
	if (verdict !== void 0) return {
		do: "end",
		verdict: verdict.outcome === "failed" && forced !== void 0 ? {
			...verdict,
			...forced
		} : verdict
	};
	if (forced !== void 0) return snapshot.deployment === void 0 ? {
		do: "end",
		verdict: {
			outcome: "failed",
			...forced
		}
	} : void 0;
	if (snapshot.deploymentId !== void 0 && snapshot.deployment === void 0) return void 0;
	const latest = lastAttempts(snapshot.allocations).filter(({ DesiredStatus }) => DesiredStatus === "run");
	if (rules.failFast && latest.some((allocation) => taskCauses(allocation, rules.job).some(({ certain }) => certain))) return {
		do: "fail",
		reason: "task-failed",
		description: "this cannot heal"
	};
	const unplaced = unplacedGroups(snapshot);
	if (unplaced.length > 0 && nowMs - startedAtMs >= rules.patienceMs) {
		const waited = rules.patienceMs === 0 ? "" : ` within ${formatDuration(rules.patienceMs)}`;
		return {
			do: "fail",
			reason: "placement-failed",
			description: `nothing of ${unplaced.map(({ group }) => group).join(", ")} could be placed${waited}`
		};
	}
	if (rules.promote === "spec" || state.promoted || !wantsPromotion(snapshot.deployment)) return void 0;
	if (rules.verifies && !state.verified) return { do: "verify" };
	return rules.promote === "manual" ? {
		do: "end",
		verdict: {
			outcome: "awaiting-promotion",
			description: "the canaries are healthy and wait for promotion"
		}
	} : { do: "promote" };
}
function judge$1({ snapshot, wellSinceMs }, rules, nowMs) {
	const { evaluation, deploymentId, deployment, allocations, job } = snapshot;
	const wellForMs = wellSinceMs === void 0 ? -1 : nowMs - wellSinceMs;
	if (evaluation?.Status === "failed" && !evaluation.NextEval) return {
		outcome: "failed",
		reason: "evaluation-failed",
		description: evaluation.StatusDescription || "the evaluation failed"
	};
	if (deployment !== void 0) return judgeDeployment(deployment, snapshot, rules.kind === "system" && wellForMs >= STALLED_MS);
	if (deploymentId !== void 0) return void 0;
	if (rules.kind === "batch" && (job === null || job?.Status === "dead" && job.Version === rules.version && !job.Stop)) {
		const verdict = judgeBatch(allocations, rules.count, job === null);
		if (verdict !== void 0) return verdict;
	}
	if (job === null) return {
		outcome: "cancelled",
		description: "the job is gone: it was purged, or collected by Nomad, while it was watched"
	};
	if (job?.Stop === true) return {
		outcome: "cancelled",
		description: "the job was stopped while it was deployed"
	};
	if (job !== void 0 && job.Version > rules.version) return {
		outcome: "superseded",
		description: "a newer version of the job was registered"
	};
	if (evaluation?.Status !== "complete" && evaluation?.Status !== "canceled") return void 0;
	if (rules.kind === "batch") return void 0;
	return Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0 && allocations.length < rules.count ? void 0 : judgeAllocations(allocations, wellForMs >= rules.minHealthyMs);
}
/** How long a deployment of a system job may stay open though all of it is healthy; some versions of Nomad never close it (hashicorp/nomad#27382). */
const STALLED_MS = 3e4;
function judgeDeployment({ Status, StatusDescription }, snapshot, stalled) {
	switch (Status) {
		case "successful": {
			const unplaced = unplacedGroups(snapshot);
			if (unplaced.length > 0) return {
				outcome: "failed",
				reason: "placement-failed",
				description: unplaced.map(({ why }) => why).join("; ")
			};
			const failed = lastAttempts(snapshot.allocations).find(({ ClientStatus, DesiredStatus }) => ClientStatus === "failed" && DesiredStatus === "run");
			if (failed === void 0) return { outcome: "successful" };
			return {
				outcome: "failed",
				reason: "task-failed",
				description: `allocation ${shortId(failed.ID)} failed right after the deployment succeeded`
			};
		}
		case "failed": {
			const version = /rolling back to job version (\d+)/.exec(StatusDescription)?.[1];
			return {
				outcome: "failed",
				reason: /progress deadline/.test(StatusDescription) ? "progress-deadline" : /unhealthy/.test(StatusDescription) ? "unhealthy" : "marked-failed",
				description: StatusDescription,
				...version === void 0 ? {} : { rolledBackTo: Number(version) }
			};
		}
		case "cancelled": return {
			outcome: /newer version/.test(StatusDescription) ? "superseded" : "cancelled",
			description: StatusDescription
		};
		default: return stalled && Status === "running" ? { outcome: "successful" } : void 0;
	}
}
/** The newest attempt of each allocation; a failed one that will be rescheduled is not at its end. */
function lastAttempts(allocations) {
	return allocations.filter(({ NextAllocation }) => !NextAllocation);
}
function judgeBatch(allocations, count, isGone) {
	const all = lastAttempts(allocations);
	const last = all.filter(({ ClientStatus, DesiredStatus }) => ClientStatus !== "complete" || DesiredStatus === "run");
	if (last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !ENDED$1.test(ClientStatus))) return void 0;
	if (last.length < count) {
		const stopped = all.length - last.length;
		if (isGone || stopped === 0) return void 0;
		return {
			outcome: "failed",
			reason: "task-failed",
			description: `${stopped} of ${all.length} allocations were stopped before they were done`
		};
	}
	const failed = last.filter(({ ClientStatus }) => ClientStatus !== "complete");
	if (failed.length === 0) return { outcome: "successful" };
	return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations failed`
	};
}
/** A service or system job that Nomad makes no deployment for: all of it runs, and has done so for its time. */
function judgeAllocations(allocations, ranLongEnough) {
	const last = lastAttempts(allocations);
	const failed = last.filter(({ ClientStatus, FollowupEvalID }) => ClientStatus === "failed" && !FollowupEvalID);
	if (failed.length > 0) return {
		outcome: "failed",
		reason: "task-failed",
		description: `${failed.length} of ${last.length} allocations failed`
	};
	return ranLongEnough ? { outcome: "successful" } : void 0;
}
function allRunning({ allocations, outdated = 0 }, count, job) {
	const last = lastAttempts(allocations).filter(({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus !== "unknown");
	return outdated === 0 && last.length >= count && last.every((allocation) => isUp(allocation, job));
}
/**
* Whether an allocation runs by Nomad's rules: no task waits or has failed, and only tasks before and after the start may have ended. Tasks of `poststop`
* don't count, since they wait for the end of the others.
*/
function isUp({ ClientStatus, TaskGroup, TaskStates }, job) {
	const tasks = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
	const runs = ({ Name, Lifecycle }) => {
		const { State, Failed } = TaskStates?.[Name] ?? {};
		const mayEnd = Boolean(Lifecycle?.Hook) && Lifecycle?.Sidecar !== true;
		return Lifecycle?.Hook === "poststop" || State !== "pending" && Failed !== true && (State !== "dead" || mayEnd);
	};
	return ClientStatus === "running" && tasks.every(runs);
}
/** Whether a deployment is at its end. */
function isTerminal({ Status }) {
	return /^(successful|failed|cancelled)$/.test(Status);
}
/** Whether a deployment counts all that it is about as healthy, so that only its end is missing. */
function allHealthy({ Status, TaskGroups }) {
	const groups = Object.values(TaskGroups ?? {});
	return Status === "running" && groups.length > 0 && groups.every(({ HealthyAllocs, DesiredTotal, DesiredCanaries, Promoted }) => HealthyAllocs >= DesiredTotal && (DesiredCanaries === 0 || Promoted));
}
/** Whether every allocation that a deployment has placed so far is healthy, and none of them is a canary that waits to be promoted. */
function placedHealthy({ Status, TaskGroups }) {
	const groups = Object.values(TaskGroups ?? {});
	return Status === "running" && groups.some(({ PlacedAllocs }) => PlacedAllocs > 0) && groups.every(({ HealthyAllocs, PlacedAllocs, DesiredCanaries, Promoted }) => HealthyAllocs >= PlacedAllocs && (DesiredCanaries === 0 || Promoted));
}
/** Groups of which nothing at all could be placed, and why. */
function unplacedGroups({ evaluation, deployment, allocations }) {
	return Object.entries(evaluation?.FailedTGAllocs ?? {}).flatMap(([group, metric]) => {
		const known = allocations.filter(({ TaskGroup }) => TaskGroup === group).length;
		return Math.max(known, deployment?.TaskGroups?.[group]?.PlacedAllocs ?? 0) === 0 ? [{
			group,
			why: describePlacement(group, metric)
		}] : [];
	});
}
/** Whether all canaries are healthy, and Nomad leaves their promotion to somebody. Its description says so from the start: only the counters tell. */
function wantsPromotion(deployment) {
	const groups = Object.values(deployment?.TaskGroups ?? {}).filter(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
	return deployment?.Status === "running" && groups.some(({ AutoPromote }) => !AutoPromote) && groups.every(({ HealthyAllocs, DesiredCanaries }) => HealthyAllocs >= DesiredCanaries);
}
const DEFAULT_PROGRESS_DEADLINE_MS = 6e5;
/** How long the allocations of a job without a deployment may take to run, or of a batch job to end. */
const DEFAULT_PATIENCE_MS = 12e4;
/**
* The longest a rollout may take by its own spec, in milliseconds: the progress deadline for each step (canaries, then `max_parallel` at a time)
* of the slowest group, and the time to wait for capacity.
*/
function timeoutFor({ Update, TaskGroups }, patienceMs) {
	const groups = (TaskGroups ?? []).map(({ Count, Update: own }) => {
		const update = updateOf(Update, own);
		const steps = ((update.Canary ?? 0) > 0 ? 1 : 0) + Math.ceil((Count ?? 1) / Math.max(update.MaxParallel ?? 1, 1));
		return (update.ProgressDeadline ? update.ProgressDeadline / 1e6 : DEFAULT_PROGRESS_DEADLINE_MS) * Math.max(steps, 1);
	});
	return (Number.isFinite(patienceMs) ? patienceMs : DEFAULT_PATIENCE_MS) + Math.max(DEFAULT_PROGRESS_DEADLINE_MS, ...groups);
}
// src/watch/verify.ts
/** How many are asked at a time. */
const CONCURRENCY = 8;
const MAX_REDIRECTS = 5;
const MAX_BODY_BYTES = 1048576;
/** How much of an answer is shown. */
const MAX_SHOWN = 200;
/**
* Which checks each job of the run has to hold: a path those that have its port, a URL the last one, since what it shows may need all of them. Jobs
* that run later (periodic, parameterized) are asked nothing. Throws `input-invalid` for checks that no job can be asked, all at once.
*/
function assignChecks(checks, jobs) {
	const running = jobs.filter(({ Periodic, ParameterizedJob }) => !Periodic && !ParameterizedJob);
	const serving = running.filter(({ Type }) => Type !== "batch" && Type !== "sysbatch");
	const takersOf = ({ target }) => "url" in target ? running.slice(-1) : serving.filter((job) => target.port === void 0 ? labels(job).length > 0 : labels(job).includes(target.port));
	const problems = checks.filter((check) => takersOf(check).length === 0).map(({ target }) => {
		if ("url" in target) return `${withoutQuery(target.url)} can't be asked, since the job runs later`;
		const known = [...new Set(serving.flatMap(labels))];
		const near = target.port === void 0 ? void 0 : nearest(target.port, known);
		const which = target.port === void 0 ? "that has a port" : `with a port labelled \`${target.port}\``;
		const there = near === void 0 ? known.length === 0 ? "" : `; there is ${known.join(", ")}` : `: did you mean \`${near}\`?`;
		return `${withoutQuery(target.path)} can't be asked: no service has a group ${which} in its network block${there}`;
	});
	if (problems.length > 0) throw new ActionError("input-invalid", problems.map((problem) => `\`verify\`: ${problem}`).join("\n"));
	return jobs.map((job) => checks.filter((check) => takersOf(check).includes(job)));
}
function labels({ TaskGroups }) {
	return (TaskGroups ?? []).flatMap(({ Networks }) => Networks ?? []).flatMap(({ ReservedPorts, DynamicPorts }) => [...ReservedPorts ?? [], ...DynamicPorts ?? []]).map(({ Label }) => Label);
}
/** The paths, at the address of each allocation that has the port; without a label that is `http`, else the first. */
function allocationQuestions(checks, allocations) {
	return checks.flatMap((check) => {
		const { target } = check;
		if ("url" in target) return [];
		return allocations.flatMap((allocation) => {
			const ports = allocation.AllocatedResources?.Shared?.Ports ?? [];
			const named = ports.find(({ Label }) => Label === (target.port ?? "http"));
			const port = target.port === void 0 ? named ?? ports[0] : named;
			if (port === void 0) return [];
			const host = port.HostIP.includes(":") ? `[${port.HostIP}]` : port.HostIP;
			return [{
				check,
				allocation,
				url: `${target.protocol}://${host}:${port.Value}${target.path}`
			}];
		});
	});
}
/** The URLs, and the paths at the public address; what is behind another port than `http` is not behind that address. */
function publicQuestions(checks, publicUrl) {
	return checks.flatMap((check) => {
		const { target } = check;
		if ("url" in target) return [{
			check,
			url: target.url
		}];
		return publicUrl === void 0 || (target.port ?? "http") !== "http" ? [] : [{
			check,
			url: `${publicUrl}${target.path}`
		}];
	});
}
/**
* Asks until all answers are as they have to be; gives the first that is not after its retries, and asks no more then. Rejects with the signal's
* reason when that aborts.
*/
async function verify$1(questions, runtime, signal) {
	const ended = new AbortController();
	const either = AbortSignal.any([signal, ended.signal]);
	const waiting = [...questions];
	let failure;
	const askInTurn = async () => {
		for (let question = waiting.shift(); question !== void 0; question = waiting.shift()) {
			const description = await insist$1(question, runtime, either);
			if (description === void 0) continue;
			failure ??= {
				description,
				allocation: question.allocation
			};
			ended.abort();
			return;
		}
	};
	try {
		await Promise.all(Array.from({ length: Math.min(CONCURRENCY, questions.length) }, askInTurn));
	} catch (error) {
		if (failure === void 0) throw error;
	}
	return failure;
}
/** Asks one question until its answer holds; gives what is wrong with it after the last attempt. */
async function insist$1({ check, url, allocation }, runtime, signal) {
	const { clock, log } = runtime;
	const startedAt = clock.now();
	const whose = allocation === void 0 ? "" : ` of allocation ${shortId(allocation.ID)} (${allocation.Name.replace(/^.*\./, "")})`;
	const what = `${check.method} ${withoutQuery(url)}${whose}`;
	let said;
	for (let left = check.retries;; left--) {
		const { holds, words, answered } = await ask(check, url, runtime, signal);
		if (holds) {
			log.info(`${what} ${words}`);
			return;
		}
		if (left === 0) return `verification failed: ${what} ${words}${check.retries === 0 ? "" : ` (asked ${check.retries + 1} times in ${formatDuration(clock.now() - startedAt)})`}${answered || allocation === void 0 ? "" : "; this runner has to reach the addresses of the Nomad clients"}`;
		if (words !== said) log.info(`${what} ${words}; up to ${left} more, every ${formatDuration(check.intervalMs)}`);
		said = words;
		await clock.sleep(check.intervalMs, signal);
	}
}
/**
* Asks once, and goes where the check lets redirects lead: to the server that was asked, and to hosts that it names, as far as these are no more of this
* network than that server. What another host answers is judged, and never quoted.
*/
async function ask(check, url, { request, redact }, signal) {
	const { timeoutMs, insecure } = check;
	let { method } = check;
	let elapsedMs = 0;
	let reach = "public";
	for (let at = url, left = check.followRedirects ? MAX_REDIRECTS : 0;; left--) {
		const first = at === url;
		const own = isSameServer(at, url);
		const headers = new URL(at).origin === new URL(url).origin ? check.headers : {};
		let answer;
		try {
			answer = await request(at, {
				method,
				headers,
				timeoutMs,
				insecure,
				maxBytes: MAX_BODY_BYTES,
				signal,
				...own ? {} : { reach }
			});
		} catch (error) {
			if (signal.aborted) throw error;
			return {
				holds: false,
				words: `got no answer${own ? "" : ` from ${new URL(at).host}, where it was redirected to`}: ${messageOf(error)}`,
				answered: !own
			};
		}
		if (first) reach = answer.reached ?? reach;
		elapsedMs += answer.elapsedMs;
		const next = left > 0 ? redirection(answer, at) : void 0;
		if (next !== void 0 && !isSameServer(next, url) && !check.redirectHosts.includes(new URL(next).host)) return {
			holds: false,
			words: `answered ${answer.status}, a redirect to another host (${new URL(next).host}), which \`follow-redirects\` has to name`,
			answered: true
		};
		if (next === void 0) {
			const problem = judged(check, {
				...answer,
				elapsedMs
			}, redact, own ? void 0 : new URL(at).host);
			return {
				holds: problem === void 0,
				words: problem ?? `answered ${answer.status} in ${elapsedMs} ms`,
				answered: true
			};
		}
		if (method !== "HEAD" && /^30[123]$/.test(String(answer.status))) method = "GET";
		at = next;
	}
}
/** Whether two addresses are of one server: the same host and port, or the same host by TLS. */
function isSameServer(a, first) {
	const [one, other] = [new URL(a), new URL(first)];
	const upgraded = one.protocol === "https:" && other.protocol === "http:";
	return one.hostname === other.hostname && one.port === other.port && (one.protocol === other.protocol || upgraded);
}
function redirection({ status, headers }, from) {
	const location = headers["location"];
	if (location === void 0 || !/^30[12378]$/.test(String(status)) || !URL.canParse(location, from)) return void 0;
	const url = new URL(location, from);
	return /^https?:$/.test(url.protocol) ? url.href : void 0;
}
/** The same with what could not be judged in words. */
function judged(...[check, answer, redact, elsewhere]) {
	try {
		return judge(check, answer, redact, elsewhere);
	} catch (error) {
		return `answered ${answer.status}, but ${messageOf(error)}`;
	}
}
/**
* What is wrong with an answer, in words that begin with `answered`; undefined when all of the check holds. Nothing else than the status is told of an
* answer with a wrong one. What is quoted of the answer is redacted before it is cut; nothing is of one that came from `elsewhere`, another host.
*/
function judge(check, answer, redact, elsewhere) {
	const { status, headers, body, complete, elapsedMs } = answer;
	if (elsewhere !== void 0) return judge(check, answer, redact) === void 0 ? void 0 : `was redirected to ${elsewhere}, which answered ${status}: the check does not hold there`;
	const quote = (text) => {
		const line = oneLine(redact(text));
		return JSON.stringify(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line);
	};
	const beginning = body.trim() === "" ? "" : `: ${quote(body)}`;
	if (!check.status.some((wanted) => wanted === String(status) || wanted === `${String(status).charAt(0)}xx`)) {
		const location = headers["location"];
		return `answered ${status}${location === void 0 ? "" : ` (to ${redact(withoutQuery(location))})`}, not ${either(check.status)}${beginning}`;
	}
	const ofBody = [...check.body === void 0 || contains(body, check.body) ? [] : [`its body ${lacks(check.body)}`], ...jsonProblems(check, body, complete, quote)];
	const others = Object.entries(check.header).flatMap(([name, wanted]) => {
		const value = headers[name];
		if (value === void 0) return [`it has no header ${name}`];
		return contains(value, wanted) ? [] : [`its header ${name}, ${quote(value)}, ${lacks(wanted)}`];
	});
	if (check.maxLatencyMs !== void 0 && elapsedMs > check.maxLatencyMs) others.push(`it took ${elapsedMs} ms, more than ${check.maxLatencyMs} ms`);
	const problems = [...others, ...ofBody];
	return problems.length === 0 ? void 0 : `answered ${status}, but ${problems.join(", and ")}${ofBody.length > 0 ? beginning : ""}`;
}
function either(list) {
	return list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} or ${list.at(-1)}`;
}
function contains(text, wanted) {
	return typeof wanted === "string" ? text.includes(wanted) : matches(wanted, text);
}
/** How long a pattern may look for a match: a program that computes can't be cancelled. */
const PATTERN_MS = 1e3;
/** Whether a pattern matches. Throws when it takes too long: some do on texts that are made for it. */
function matches(pattern, text) {
	try {
		return runInNewContext("pattern.test(text)", {
			pattern,
			text
		}, { timeout: PATTERN_MS }) === true;
	} catch {
		throw new Error(`${pattern} takes more than ${formatDuration(PATTERN_MS)} to be matched`);
	}
}
function lacks(wanted) {
	return typeof wanted === "string" ? `does not contain ${JSON.stringify(wanted)}` : `does not match ${wanted}`;
}
function jsonProblems({ json }, body, complete, quote) {
	if (json.length === 0) return [];
	if (!complete) return [`its body is longer than ${MAX_BODY_BYTES / 1024 / 1024} MiB`];
	let parsed;
	try {
		parsed = JSON.parse(body);
	} catch {
		return ["its body is not JSON"];
	}
	return json.flatMap(({ path, keys, wanted }) => {
		const value = valueAt(parsed, keys);
		if (value === void 0) return [`its JSON has no ${path}`];
		if (!isScalar(value)) return [`${path} of its JSON is a ${Array.isArray(value) ? "list" : "map"}`];
		if (equals(value, wanted)) return [];
		const shown = typeof wanted === "string" ? JSON.stringify(wanted) : String(wanted);
		return [`${path} of its JSON is ${quote(String(value))}, not ${shown}`];
	});
}
function valueAt(value, keys) {
	let at = value;
	for (const key of keys) {
		if (typeof at !== "object" || at === null) return void 0;
		at = Object.entries(at).find(([name]) => name === key)?.[1];
	}
	return at;
}
function isScalar(value) {
	return value === null || /^(string|number|boolean)$/.test(typeof value);
}
/** What was written in YAML or JSON is a text: `1` is the number 1 as well as the text "1". */
function equals(value, wanted) {
	if (typeof wanted !== "string") return matches(wanted, String(value));
	return String(value) === wanted || typeof value === "number" && wanted.trim() !== "" && Number(wanted) === value;
}
// src/watch/verify-version.ts
/** What a task says about a request is in its log a moment later; an allocation that is stopped then may soon be forgotten. */
const LOG_DELAY_MS = 500;
function verifying({ checks, inputs, nomad, rendering: { target } }, job, { jobId, namespace, version }, { runtime, stage }) {
	const paths = checks.filter((check) => "path" in check.target);
	let evidence;
	let askedCanaries = false;
	const running = async (signal) => (await nomad.allocations.placed(jobId, namespace, signal)).filter(({ JobVersion, DesiredStatus, ClientStatus }) => JobVersion === version && DesiredStatus === "run" && ClientStatus === "running");
	const hold = async (questions, signal) => {
		const failure = await verify$1(questions, runtime, signal);
		if (failure?.allocation !== void 0) evidence = ofAllocation(failure.allocation);
		return failure?.description;
	};
	/** Nobody waits for it before there is something to be told with it, and what can't be read is left out. */
	const ofAllocation = async (allocation) => {
		try {
			await runtime.clock.sleep(LOG_DELAY_MS, runtime.signal);
			return [await collectEvidence(allocation, {
				job,
				namespace,
				logLines: inputs.logLines
			}, nomad, runtime)];
		} catch {
			return [];
		}
	};
	const askCanaries = async (signal) => {
		const canaries = (await running(signal)).filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true);
		if (canaries.length === 0) return "verification failed: no canary is running any more";
		const questions = allocationQuestions(paths, canaries);
		askedCanaries = questions.length > 0;
		return hold(questions, signal);
	};
	const askAllocations = async (signal) => {
		if (paths.length === 0 || askedCanaries) return void 0;
		const questions = allocationQuestions(paths, await running(signal));
		if (questions.length === 0) runtime.log.warning(`No allocation of ${jobId} is running that could be asked: nothing was verified there.`);
		return hold(questions, signal);
	};
	const askPublic = async (signal) => {
		const [main] = target.hostnames;
		const named = main !== void 0 && JSON.stringify(job).includes(main);
		if (main !== void 0 && !named && paths.length > 0) runtime.log.info(`${main} is not asked: nothing in the job names it`);
		return hold(publicQuestions(checks, named ? target.url : void 0), signal);
	};
	return {
		canaries: paths.length === 0 ? void 0 : askCanaries,
		afterwards: async () => {
			if (checks.length === 0) return void 0;
			const { signal } = runtime;
			try {
				const description = await stage("verify", `Verify ${jobId} version ${version}`, async () => await askAllocations(signal) ?? await askPublic(signal));
				return description === void 0 ? void 0 : {
					outcome: "failed",
					reason: "verification-failed",
					description
				};
			} catch (error) {
				if (!signal.aborted) throw error;
				return {
					outcome: "cancelled",
					description: `the workflow was cancelled while version ${version}, which runs, was verified`
				};
			}
		},
		evidence: async () => await evidence ?? []
	};
}
// src/watch/follow.ts
/** Between two questions where no index tells what has changed: a proxy may have taken it away. */
const WITHOUT_INDEX_MS = 1e3;
/** Repeats a blocking query and hands over every new answer, until the signal aborts. `before` is waited for before each question. */
async function follow(read, onValue, { clock, signal }, before) {
	for (let [index, first] = [0, true]; !signal.aborted; first = false) {
		await before?.(first);
		const answer = await read(index);
		if (first || answer.index === 0 || answer.index !== index) await onValue(answer.value);
		if (answer.index === 0) await clock.sleep(WITHOUT_INDEX_MS, signal);
		index = answer.index < index ? 0 : answer.index;
	}
}
// src/watch/progress.ts
/** More allocations than these are not told one by one, but counted. */
const MAX_TOLD = 12;
/** Allocations that one line names. */
const MAX_NAMED = 3;
/** Different troubles of many allocations that are told at a time. */
const MAX_TROUBLES = 5;
/** A counter of many is told at each of these parts of the whole. */
const STEPS = 20;
/**
* What is different in `next`, one line a change, in words. Of many allocations only the counts are told, and what goes wrong; of canaries that they
* wait for somebody, unless this run looks after them.
*/
function describeChanges(previous, next, promotedByOthers = true, job) {
	const description = next.deployment?.StatusDescription;
	const verdict = description === void 0 || description === previous.deployment?.StatusDescription ? [] : [`deployment ${shortId(next.deployment?.ID ?? "")}: ${description}`];
	const terminal = next.deployment !== void 0 && isTerminal(next.deployment);
	const lines = terminal ? [] : [...verdict];
	const before = new Map(previous.allocations.map((allocation) => [allocation.ID, allocation]));
	const changed = [...next.allocations].sort((a, b) => a.CreateIndex - b.CreateIndex || a.Name.localeCompare(b.Name)).flatMap((allocation) => {
		const same = before.get(allocation.ID);
		return same === allocation ? [] : allocationChanges(same, allocation).map((change) => ({
			allocation,
			...change
		}));
	});
	const wanted = Object.values(next.deployment?.TaskGroups ?? {}).reduce((sum, { DesiredTotal }) => sum + DesiredTotal, 0);
	if (Math.max(wanted, next.allocations.length) <= MAX_TOLD) for (const { allocation, text } of changed) lines.push(`allocation ${shortId(allocation.ID)} (${slot(allocation)}) ${text}`);
	else {
		lines.push(...countChanges(previous, next));
		lines.push(...troubles(changed, previous));
	}
	if (promotedByOthers && next.deployment && wantsPromotion(next.deployment) && !wantsPromotion(previous.deployment)) {
		const { ID, Namespace } = next.deployment;
		const namespace = Namespace ? `-namespace=${Namespace} ` : "";
		lines.push(`the canaries are healthy and wait for their promotion: nomad deployment promote ${namespace}${shortId(ID)}`);
	}
	const known = new Set(causeLines(previous, job));
	const causes = new Set(causeLines(next, job).filter((line) => !known.has(line)));
	return [
		...lines,
		...causes,
		...terminal ? verdict : []
	];
}
/** What makes allocations fail, told as soon as there is a proof of it: the verdict may come minutes later. */
function causeLines({ allocations, checks = {} }, job) {
	return allocations.flatMap((allocation) => [...taskCauses(allocation, job).map(({ task, text, certain, ofNode }) => {
		const outlook = certain ? " (this cannot heal)" : ofNode === true ? " (a reason of this node, not of the spec)" : "";
		return `cause so far: ${allocation.TaskGroup}/${task}: ${text.replace(/ \(restarted \d+ times?\)/, "")}${outlook}`;
	}), ...(checks[allocation.ID] ?? []).filter(({ Status }) => Status === "failure").map((check) => `cause so far: ${allocation.TaskGroup}: ${describeFailing(check)}`)]);
}
function allocationChanges(before, allocation) {
	const changes = before === void 0 ? [{ text: `placed on ${allocation.NodeName}${allocation.DeploymentStatus?.Canary === true ? " as a canary" : ""}` }] : [];
	const stopped = allocation.DesiredStatus !== "run";
	for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
		const told = before?.TaskStates?.[task]?.Events ?? [];
		const seen = new Set(told.map(({ Time, Type }) => `${Time} ${Type}`));
		const repeated = new Set(told.map(({ Type, DisplayMessage }) => `${Type} ${DisplayMessage}`));
		for (const { Type, Time, DisplayMessage } of state.Events ?? []) {
			if (QUIET.has(Type) || seen.has(`${Time} ${Type}`) || repeated.has(`${Type} ${DisplayMessage}`)) continue;
			repeated.add(`${Type} ${DisplayMessage}`);
			if (!stopped || !ENDING.has(Type)) changes.push({
				text: `${task}: ${Type}: ${oneLine(DisplayMessage).replace(/(?<![\d.])(\d+\.\d)\d+s$/, "$1s")}`,
				trouble: !ORDINARY.has(Type) && !/^Exit Code: 0$/.test(DisplayMessage)
			});
		}
	}
	const { ClientStatus, DesiredDescription, NextAllocation, FollowupEvalID } = allocation;
	if (NextAllocation && before !== void 0 && !before.NextAllocation) changes.push({ text: `is replaced by ${shortId(NextAllocation)}` });
	else if (stopped && before?.DesiredStatus === "run") changes.push({ text: `is stopped: ${DesiredDescription || "it is not needed any more"}` });
	else if (!stopped && before?.ClientStatus !== ClientStatus && ClientStatus !== "running" && ClientStatus !== "pending") changes.push({
		text: `is ${ClientStatus}`,
		trouble: ClientStatus !== "complete"
	});
	if (waitsForReschedule(allocation) && before?.FollowupEvalID !== FollowupEvalID) changes.push({ text: "is to be rescheduled by Nomad: waiting for that" });
	const health = allocation.DeploymentStatus?.Healthy;
	if (typeof health === "boolean" && health !== before?.DeploymentStatus?.Healthy) changes.push(health ? { text: "is healthy" } : {
		text: `is unhealthy${whyUnhealthy(allocation)}`,
		trouble: true
	});
	return changes;
}
/** Whether an allocation has failed, and Nomad has another attempt planned. */
function waitsForReschedule({ ClientStatus, DesiredStatus, NextAllocation, FollowupEvalID }) {
	return ClientStatus === "failed" && DesiredStatus === "run" && !NextAllocation && Boolean(FollowupEvalID);
}
function whyUnhealthy({ TaskStates }) {
	const event = Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events ?? []).findLast(({ Type }) => Type === "Alloc Unhealthy");
	return event === void 0 ? "" : `: ${oneLine(event.DisplayMessage)}`;
}
/** Events of every start, which tell nothing, and one that is told with the health. */
const QUIET = /* @__PURE__ */ new Set([
	"Received",
	"Task Setup",
	"Building Task Directory",
	"Running",
	"Alloc Unhealthy"
]);
/** Events of an allocation that Nomad stops. */
const ENDING = /* @__PURE__ */ new Set([
	"Killing",
	"Killed",
	"Terminated",
	"Waiting for shutdown delay",
	"Main Tasks Dead",
	"Leader Task Dead"
]);
/** Events of a start that goes well, and what only follows from another one. */
const ORDINARY = /* @__PURE__ */ new Set([
	"Started",
	"Driver",
	"Downloading Artifacts",
	"Task hook message",
	"Restarting",
	"Not Restarting"
]);
/** How far a rollout of many allocations is, each time that it has come a part of the way further. */
function countChanges(previous, next) {
	const groups = Object.entries(next.deployment?.TaskGroups ?? {});
	const steps = (count, total) => Math.floor(count * STEPS / Math.max(total, STEPS));
	if (next.deployment !== void 0) return groups.flatMap(([name, group]) => {
		const before = previous.deployment?.TaskGroups?.[name];
		return steps(group.HealthyAllocs, group.DesiredTotal) > steps(before?.HealthyAllocs ?? 0, group.DesiredTotal) || (before?.PlacedAllocs ?? 0) === 0 && group.PlacedAllocs > 0 ? [describeGroup(name, group)] : [];
	});
	const total = next.allocations.length;
	const at = ({ allocations }) => allocations.filter(({ ClientStatus }) => ClientStatus !== "pending").length + count(allocations, "complete");
	return steps(at(next), 2 * total) > steps(at(previous), 2 * total) ? [describeAllocations(next)] : [];
}
/** What goes wrong with many allocations: each trouble once, with the names of some that have it. */
function troubles(changes, previous) {
	const told = new Set(previous.allocations.flatMap((allocation) => allocationChanges(void 0, allocation).map(({ text }) => `${allocation.TaskGroup} ${text}`)));
	const names = /* @__PURE__ */ new Map();
	for (const { allocation, text, trouble } of changes) {
		const key = `${allocation.TaskGroup} ${text}`;
		if (trouble === true && !told.has(key)) names.set(key, [...names.get(key) ?? [], slot(allocation)]);
	}
	const lines = [...names].map(([key, of]) => `${listed(of)}: ${key.slice(key.indexOf(" ") + 1).replace(/^is /, "")}`);
	return lines.length > MAX_TROUBLES ? [...lines.slice(0, MAX_TROUBLES), `and ${lines.length - MAX_TROUBLES} other troubles`] : lines;
}
function listed(names) {
	const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
	return `${names.slice(0, MAX_NAMED).join(", ")}${more}`;
}
/** `web[1]` of `shop.web[1]`. */
const slot = ({ Name }) => Name.replace(/^.*\./, "");
const count = (allocations, status) => allocations.filter(({ ClientStatus }) => ClientStatus === status).length;
function describeGroup(name, group) {
	const canaries = group.DesiredCanaries > 0 && !group.Promoted;
	const wanted = canaries ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
	const manual = canaries && !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries;
	return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ", waiting for promotion" : ""}`;
}
function describeAllocations({ allocations, outdated = 0 }) {
	const last = allocations.filter(({ NextAllocation }) => !NextAllocation);
	const states = [
		"complete",
		"failed",
		"lost"
	].flatMap((status) => count(last, status) > 0 ? [`, ${count(last, status)} ${status}`] : []);
	const older = outdated > 0 ? `; ${outdated} of older versions not replaced yet` : "";
	return `${count(last, "running")} of ${last.length} allocations running${states.join("")}${older}`;
}
/**
* Where a rollout stands and what it waits for, in one line: `web: 1 of 3 healthy, 2 placed; web[1] app: Driver (Downloading image) for 40 s`.
* `minHealthyMs` is how long an allocation has to run until it counts as healthy.
*/
function describeProgress(snapshot, nowMs, minHealthyMs = 0) {
	const { deployment, allocations, evaluation, job, checks = {} } = snapshot;
	const waiting = allocations.filter((allocation) => allocation.DesiredStatus === "run" && !allocation.NextAllocation && allocation.ClientStatus !== "complete" && allocation.DeploymentStatus?.Healthy !== true && (deployment !== void 0 || !isUp(allocation, job)));
	const named = waiting.slice(0, MAX_NAMED).map((allocation) => {
		const failing = checks[allocation.ID]?.find(({ Status }) => Status === "failure");
		return failing === void 0 ? describeWait(allocation, nowMs, minHealthyMs) : `${slot(allocation)}: ${describeFailing(failing)}`;
	});
	const more = waiting.length > MAX_NAMED ? [`and ${waiting.length - MAX_NAMED} more`] : [];
	const unplaced = unplacedGroups(snapshot).map(({ why }) => `${why}, waiting for capacity`);
	const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => describeGroup(name, group));
	if (groups.length > 0) return [
		...deployment?.Status === "paused" ? ["the deployment is paused"] : [],
		...groups,
		...named,
		...more,
		...unplaced
	].join("; ");
	if (evaluation?.Status !== "complete" && allocations.length === 0) return `evaluation ${evaluation?.Status ?? "pending"}`;
	return [
		describeAllocations(snapshot),
		...named,
		...more,
		...unplaced
	].join("; ");
}
/** What an allocation does since when: the last event of its tasks. */
function describeWait(allocation, nowMs, minHealthyMs) {
	if (waitsForReschedule(allocation)) return `${slot(allocation)} failed on ${allocation.NodeName} and is to be rescheduled by Nomad`;
	const last = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { Events }]) => (Events ?? []).map((event) => [task, event])).sort(([, a], [, b]) => a.Time - b.Time).at(-1);
	if (last === void 0) return `${slot(allocation)} is ${allocation.ClientStatus}`;
	const [task, { Type, DisplayMessage, Time }] = last;
	const remainingMs = startedAtMs(allocation) + minHealthyMs - nowMs;
	if (Type === "Started" && remainingMs > 0) return `${slot(allocation)} ${task}: started, healthy in ${formatDuration(remainingMs)} at the earliest`;
	const what = Type === "Started" ? "started, not healthy yet" : `${Type} (${oneLine(DisplayMessage).slice(0, 120)})`;
	return `${slot(allocation)} ${task}: ${what} for ${formatDuration(Math.max(0, nowMs - Time / 1e6))}`;
}
// src/watch/state.ts
/** A line of the log, with the time since the watch began. */
function say(watch, line) {
	const now = watch.runtime.clock.now();
	watch.quietSinceMs = now;
	watch.runtime.log.info(`[${formatDuration(now - watch.state.startedAtMs)}] ${line}`);
}
/** Takes in what was seen: it goes through the table, which says what to do. */
function update(watch, change) {
	const now = watch.runtime.clock.now();
	const previous = watch.state.snapshot;
	watch.state = advance(watch.state, change, watch.rules, now);
	for (const line of describeChanges(previous, watch.state.snapshot, watch.rules.promote === "spec", watch.job)) say(watch, line);
	watch.evidence.look(watch.state.snapshot.allocations, now);
	step(watch);
}
/** Does what the table says is to be done next. */
function step(watch) {
	if (watch.verdict !== void 0 || watch.acting !== void 0 && watch.interrupt === void 0) return;
	const next = decide(watch.state, watch.rules, watch.runtime.clock.now());
	if (watch.acting !== void 0) {
		if (next?.do === "end") watch.interrupt?.();
		return;
	}
	if (next === void 0) return;
	watch.acting = watch.act(watch, next).catch((error) => {
		if (watch.runtime.signal.aborted) return;
		watch.refused = toActionError(error);
		watch.end();
	}).finally(() => {
		watch.acting = void 0;
		step(watch);
	});
}
// src/watch/sources.ts
/** A first look at the allocations is worth it when their clients have told something. */
const FIRST_LOOK_MS = 900;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 900;
/** Nomad places the next allocations of a rolling update when these are healthy, soon. */
const NEXT_WAVE_MS = 2e3;
/** The limit for the last look at the allocations where the verdict or its cause depends on it: as long as a short outage. */
const LAST_LOOK_MS$1 = 3e4;
/** The limit where only the report needs the allocations, or the rollout goes on meanwhile. */
const SHORT_LOOK_MS = 2e3;
/** The number of attempts at the last look: it is repeated when the answer comes from a server that is behind, or not within `LOOK_AGAIN_MS`. */
const MAX_LOOKS = 4;
const LOOK_AGAIN_MS = 5e3;
/** The number of answers without an object after which it counts as gone: a server that is behind or was restored does not have it yet. */
const MAX_MISSES = 3;
/** The number while other answers show that the object exists. */
const MAX_DENIED_MISSES = 12;
/** The pause before Nomad is asked again for an object that it did not have. */
const MISSED_MS = 500;
/** How often it is looked whether the allocations are worth asking for. */
const POLL_MS$2 = 250;
/** Follows what was registered by what Nomad makes of it: the evaluation, then its deployment and allocations. */
async function followRegistered(watch) {
	const { registration, runtime } = watch;
	const { evaluationId, deploymentId, seen } = registration;
	if (seen !== void 0) update(watch, {
		evaluation: seen.evaluation,
		deploymentId: seen.evaluation.DeploymentID || void 0
	});
	else if (evaluationId === "") await takeProcessed(watch, deploymentId);
	let id = deploymentId ?? (seen?.evaluation.DeploymentID || void 0) ?? (evaluationId === "" || seen !== void 0 ? void 0 : await followEvaluation(watch));
	for (const { why } of unplacedGroups(watch.state.snapshot)) say(watch, `${why}; waiting for capacity`);
	while (!runtime.signal.aborted) id = await (id === void 0 ? followAllocations(watch) : followDeployment(watch, id));
}
/** Returns the deployment of the registered version, if Nomad lists one. */
async function ownDeployment({ nomad, registration, runtime }) {
	const { jobId, namespace } = registration;
	return (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find((one) => isOwn(registration, one.JobVersion, one.JobSpecModifyIndex));
}
/** Returns whether a version is the registered one. A job that was purged and registered anew counts its versions from 0 again. */
function isOwn({ version, jobModifyIndex }, itsVersion, itsModifyIndex) {
	return itsVersion === version && (itsModifyIndex ?? 0) <= (jobModifyIndex ?? Number.POSITIVE_INFINITY);
}
/** Asks again when an answer lacks the object, since a server that is behind or was restored may have given it. */
async function insist(read, index, { clock, signal }, isDenied = () => false) {
	for (let asked = 1;; asked++) {
		const answer = await read(asked === 1 ? index : 0);
		if (answer.value !== void 0 || asked >= (isDenied() ? MAX_DENIED_MISSES : MAX_MISSES)) return answer;
		await clock.sleep(MISSED_MS, signal);
	}
}
/** Follows the registration's evaluation, and those that go on with its work, until it is processed; gives the deployment that it made, if any. */
async function followEvaluation(watch) {
	const { nomad, runtime, rules } = watch;
	const { evaluationId, namespace } = watch.registration;
	let id = evaluationId;
	for (let index = 0;;) {
		const { value: evaluation, index: next } = await insist(async (at) => nomad.evaluations.read(id, namespace, at, runtime.signal), index, runtime);
		if (evaluation === void 0) return takeProcessed(watch, (await ownDeployment(watch))?.ID);
		index = next;
		if (evaluation.Status === "pending") {
			if (index === 0) await runtime.clock.sleep(SETTLE_MS, runtime.signal);
			continue;
		}
		if (evaluation.Status === "failed" && evaluation.NextEval) {
			id = evaluation.NextEval;
			index = 0;
			continue;
		}
		const deploymentId = evaluation.DeploymentID || (rules.kind === "system" ? (await ownDeployment(watch))?.ID : void 0);
		update(watch, {
			evaluation,
			deploymentId
		});
		return deploymentId;
	}
}
/** Goes on after an evaluation that is processed and unread: another evaluation of the job may hold the reason for a missing placement. */
async function takeProcessed(watch, deploymentId) {
	const { jobId, namespace } = watch.registration;
	update(watch, {
		evaluation: unplacedEvaluation(await watch.nomad.jobs.evaluations(jobId, namespace, watch.runtime.signal), deploymentId) ?? {
			ID: "",
			Status: "complete"
		},
		deploymentId
	});
	return deploymentId;
}
/** The newest evaluation of a deployment, or of a job that has none, that could not place all. */
function unplacedEvaluation(evaluations, deploymentId) {
	return evaluations.filter(({ DeploymentID, FailedTGAllocs, Status }) => (DeploymentID || void 0) === deploymentId && FailedTGAllocs && Status === "complete").sort((a, b) => (b.CreateIndex ?? 0) - (a.CreateIndex ?? 0))[0];
}
/** Follows a deployment and its allocations; returns the one to follow instead when it is not ours, or is gone. */
async function followDeployment(watch, id) {
	const { nomad, registration, runtime, options } = watch;
	const { namespace, version } = registration;
	const { clock } = runtime;
	const gone = new AbortController();
	const signal = AbortSignal.any([runtime.signal, gone.signal]);
	let first = registration.seen?.deployment;
	watch.newestIndex = 0;
	const read = async (index) => {
		const answer = await nomad.deployments.read(id, namespace, index, signal);
		return answer.value === void 0 ? {
			value: await ownDeployment(watch),
			index: 0
		} : answer;
	};
	await Promise.all([follow(async (index) => {
		const given = first?.value.ID === id ? first : void 0;
		first = void 0;
		return given ?? insist(read, index, {
			clock,
			signal
		});
	}, async (deployment) => {
		if (deployment?.ID !== id || deployment.JobVersion !== version) return gone.abort();
		if (watch.state.snapshot.deployment === void 0) options.onDeployment(id);
		const { allocations } = watch.state.snapshot;
		const unseen = allocations.length === 0 && Object.values(deployment.TaskGroups ?? {}).some(({ HealthyAllocs }) => HealthyAllocs > 0);
		const ended = isTerminal(deployment);
		if (ended) watch.ended = deployment;
		update(watch, {
			...unseen || ended && !(deployment.Status === "failed" && allocations.some(hasFailed)) ? await lastLook(watch, deployment) : {},
			deployment
		});
	}, {
		clock,
		signal
	}), follow(async (index) => noted(watch, await nomad.deployments.allocations(id, namespace, index, signal)), (allocations) => update(watch, { allocations }), {
		clock,
		signal
	}, settled(watch, signal))]).catch((error) => {
		if (!gone.signal.aborted) throw error;
	});
	if (!gone.signal.aborted) return id;
	const other = (await ownDeployment(watch))?.ID;
	update(watch, {
		deployment: void 0,
		deploymentId: other
	});
	return other;
}
/** Whether an allocation was seen to fail a deployment, and says why. */
function hasFailed(allocation) {
	return (allocation.ClientStatus === "failed" || allocation.DeploymentStatus?.Healthy === false) && taskCauses(allocation).length > 0;
}
/** The words for the unknown part of an ended deployment whose allocations can't be read. */
const UNKNOWN = {
	successful: "a task may have failed since",
	failed: "the cause may be another one"
};
/** Reads the allocations of an ended deployment once more: they may be older than its end, and a task may have failed since. Warns when they can't be read. */
async function lastLook(watch, deployment) {
	const { nomad, registration, runtime } = watch;
	const { ID, Status } = deployment;
	const done = new AbortController();
	const ms = Status in UNKNOWN ? LAST_LOOK_MS$1 : SHORT_LOOK_MS;
	const signal = AbortSignal.any([
		runtime.signal,
		done.signal,
		AbortSignal.timeout(ms)
	]);
	const ask = async () => nomad.deployments.allocations(ID, registration.namespace, 0, signal);
	const asked = [];
	let allocations;
	try {
		for (let looks = 0; looks < MAX_LOOKS; looks++) {
			if (allocations !== void 0) await runtime.clock.sleep(MISSED_MS, signal);
			asked.push(ask());
			const later = looks + 1 < MAX_LOOKS ? [runtime.clock.sleep(LOOK_AGAIN_MS, signal).then(() => void 0)] : [];
			const answer = await Promise.race([...asked, ...later]);
			if (answer === void 0) continue;
			asked.length = 0;
			allocations = answer.value;
			if (!isBehind(watch, answer) && countHealthy(allocations) >= healthyOf(deployment)) break;
		}
	} catch {
		const unknown = UNKNOWN[Status];
		if (unknown !== void 0 && allocations === void 0) runtime.log.warning(`The deployment is ${Status}, but its allocations can't be read: ${unknown}.`);
	} finally {
		done.abort();
	}
	return allocations && { allocations };
}
/** Notes the index of an answer about allocations. */
function noted(watch, answer) {
	watch.newestIndex = Math.max(watch.newestIndex, answer.index);
	return answer;
}
/** Returns whether an answer about allocations is older than one that was seen, and so from a server that is behind. */
function isBehind({ newestIndex }, { index }) {
	return index > 0 && index < newestIndex;
}
const countHealthy = (allocations) => allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true).length;
const healthyOf = ({ TaskGroups }) => Object.values(TaskGroups ?? {}).reduce((sum, { HealthyAllocs }) => sum + HealthyAllocs, 0);
/**
* Follows a job without a deployment by its allocations and by the job itself, which may be stopped, replaced or, as a batch job, done. Returns the deployment
* of our version as soon as Nomad has one after all.
*/
async function followAllocations(watch) {
	const { nomad, registration, runtime, rules } = watch;
	const { jobId, namespace } = registration;
	const { clock } = runtime;
	const found = new AbortController();
	watch.newestIndex = 0;
	const signal = AbortSignal.any([runtime.signal, found.signal]);
	watch.resume = ({ ID }) => {
		update(watch, { deploymentId: ID });
		found.abort();
	};
	const readJob = async (index) => ownJob(watch, await nomad.jobs.watch(jobId, namespace, index, signal));
	const isWanted = () => watch.state.snapshot.allocations.some(({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus === "running");
	await Promise.all([
		follow(async (index) => noted(watch, await nomad.jobs.allocations(jobId, namespace, index, signal)), (all) => update(watch, versionsOf(watch, all)), {
			clock,
			signal
		}, settled(watch, signal)),
		follow(async (index) => insist(readJob, index, {
			clock,
			signal
		}, isWanted), async (job) => {
			update(watch, {
				...rules.kind === "batch" && job?.Status === "dead" ? endOf(watch, (await nomad.jobs.allocations(jobId, namespace, 0, signal)).value) : {},
				job: job ?? null
			});
		}, {
			clock,
			signal
		}),
		...rules.kind === "batch" ? [] : [follow(async (index) => nomad.jobs.watchDeployments(jobId, namespace, index, signal), (deployments) => {
			const own = deployments.find((one) => isOwn(registration, one.JobVersion, one.JobSpecModifyIndex));
			if (own !== void 0) watch.resume?.(own);
		}, {
			clock,
			signal
		})]
	]).catch((error) => {
		if (!found.signal.aborted) throw error;
	});
	return watch.state.snapshot.deploymentId;
}
/** Returns an answer about the job if it has our version or a newer one. Without these, our job is gone, or the server is behind. */
function ownJob({ registration }, { value, index }) {
	return {
		value: value !== void 0 && (value.Version > registration.version || isOwn(registration, value.Version, value.JobModifyIndex)) ? value : void 0,
		index
	};
}
/** Our allocations among those of all versions, and how many older ones are still to be replaced. */
function versionsOf({ registration: { version } }, all) {
	const outdated = all.filter(({ JobVersion, DesiredStatus, ClientStatus }) => JobVersion < version && DesiredStatus === "run" && (ClientStatus === "running" || ClientStatus === "pending"));
	return {
		allocations: all.filter(({ JobVersion }) => JobVersion === version),
		outdated: outdated.length
	};
}
/**
* The allocations that a job which is done is judged by. Of a sysbatch job, Nomad leaves those of older versions as they ended where nothing of their group
* changed: no other one comes in their place.
*/
function endOf(watch, all) {
	const { registration, rules, state } = watch;
	const found = versionsOf(watch, all);
	if (rules.job?.Type !== "sysbatch" || state.snapshot.evaluation?.Status !== "complete") return found;
	const left = all.filter(({ JobVersion, DesiredStatus, TaskGroup, NodeName }) => JobVersion < registration.version && DesiredStatus === "run" && !found.allocations.some((own) => own.TaskGroup === TaskGroup && own.NodeName === NodeName));
	return {
		...found,
		allocations: [...left, ...found.allocations]
	};
}
/** Waits until it is worth to ask for the allocations again. */
function settled(watch, signal) {
	const { clock } = watch.runtime;
	return async (first) => {
		await clock.sleep(first ? FIRST_LOOK_MS : SETTLE_MS, signal);
		for (const untilMs = clock.now() + NEXT_WAVE_MS;;) {
			const { deployment } = watch.state.snapshot;
			if (deployment === void 0 || !(allHealthy(deployment) || placedHealthy(deployment) && clock.now() < untilMs)) return;
			await clock.sleep(POLL_MS$2, signal);
		}
	};
}
// src/watch/acts.ts
/** How long it takes until it is worth to ask again whether a promotion or a verdict is possible. */
const AGAIN_MS = 1e3;
/** Does what the table of `rollout.ts` says is to be done next. */
async function act(watch, next) {
	switch (next.do) {
		case "end": return conclude(watch, next.verdict);
		case "fail": return fail(watch, next);
		case "verify": return verify(watch);
		case "promote": return promote$1(watch);
	}
}
/** Takes the verdict, unless a second look at a job without a deployment shows that it is not final. */
async function conclude(watch, found) {
	const verdict = await confirm(watch, found);
	if (verdict === void 0) return watch.runtime.clock.sleep(AGAIN_MS, watch.runtime.signal);
	watch.verdict = verdict;
	if (verdict.outcome === "successful" && watch.state.snapshot.deployment?.Status === "running") say(watch, "all of it is healthy; that Nomad does not close the deployment is a defect of its own (hashicorp/nomad#27382)");
	watch.end();
}
/**
* Reads a job without a deployment once more before its verdict: no one else judges it, and the last answer is a moment old, or came from a server that was
* behind. A pending evaluation may still reschedule a failed allocation. Returns undefined where the verdict does not hold.
*/
async function confirm(watch, found) {
	const { nomad, registration, runtime, rules } = watch;
	const { jobId, namespace } = registration;
	if (watch.state.snapshot.deployment !== void 0 || watch.state.forced !== void 0 || rules.kind === "batch") return found;
	if (await resumed(watch)) return void 0;
	const failed = found.outcome === "failed" && found.reason === "task-failed";
	if (!failed && found.outcome !== "successful") return found;
	if (watch.state.snapshot.job === void 0) return void 0;
	const evaluations = failed ? await nomad.jobs.evaluations(jobId, namespace, runtime.signal) : [];
	const answer = await nomad.jobs.allocations(jobId, namespace, 0, runtime.signal);
	if (isBehind(watch, answer)) return void 0;
	update(watch, versionsOf(watch, answer.value));
	const last = decide(watch.state, rules, runtime.clock.now());
	if (last?.do !== "end" || last.verdict.outcome !== found.outcome) return void 0;
	return evaluations.some(({ Status }) => Status === "pending") ? void 0 : last.verdict;
}
/** Follows the deployment of our version if Nomad has one after all; returns whether it has. */
async function resumed(watch) {
	const own = watch.resume === void 0 ? void 0 : await ownDeployment(watch);
	if (own !== void 0) watch.resume?.(own);
	return own !== void 0;
}
async function fail(watch, { reason, description }) {
	const { deployment } = watch.state.snapshot;
	if (deployment === void 0 && watch.rules.kind !== "batch" && await resumed(watch)) return;
	watch.state = {
		...watch.state,
		forced: {
			reason,
			description
		}
	};
	say(watch, `${description}; ${deployment === void 0 ? "nothing is waited for" : "the deployment is failed at once"}`);
	if (deployment === void 0) return;
	try {
		await watch.nomad.deployments.fail(deployment.ID, watch.registration.namespace);
	} catch (error) {
		watch.runtime.log.warning(`The deployment could not be failed early, so Nomad's own deadline decides: ${sentence(toActionError(error))}`);
	}
}
/** Has the canaries verified, unless the rollout ends meanwhile. */
async function verify(watch) {
	const interrupted = new AbortController();
	const signal = AbortSignal.any([watch.runtime.signal, interrupted.signal]);
	watch.interrupt = () => interrupted.abort();
	say(watch, "the canaries are healthy: verifying them");
	try {
		const problem = await watch.options.verify?.(signal);
		if (problem === void 0) watch.state = {
			...watch.state,
			verified: true
		};
		else await fail(watch, {
			reason: "verification-failed",
			description: problem
		});
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		watch.interrupt = void 0;
	}
}
async function promote$1(watch) {
	const { nomad, registration, runtime } = watch;
	const { deployment } = watch.state.snapshot;
	if (deployment === void 0) return;
	watch.state = {
		...watch.state,
		promoted: true
	};
	say(watch, "promoting the healthy canaries");
	await nomad.deployments.promote(deployment.ID, registration.namespace).catch(async (error) => {
		const { code, message, hint } = toActionError(error);
		if (code === "permission-denied") {
			const waits = `The canaries of version ${registration.version} run and wait for it (nomad deployment promote ${deployment.ID}).`;
			throw new ActionError(code, message, {
				cause: error,
				hint: `${hint ?? ""} ${waits}`
			});
		}
		if (code !== "nomad-refused") throw error;
		say(watch, `they could not be promoted: ${message}`);
		await runtime.clock.sleep(AGAIN_MS, runtime.signal);
		watch.state = {
			...watch.state,
			promoted: false
		};
	});
}
// src/watch/watch.ts
const HEARTBEAT_MS = 15e3;
/** Nothing is asked at a tick: it is for what only time decides. */
const TICK_MS = 250;
/** How long evidence that is still being read when the verdict comes may take. */
const LAST_LOOK_MS = 2e3;
/** Node's timers hold 31 bits, about 24 days; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/**
* Follows what this run registered (and nothing else) to its end: evaluation, then deployment and allocations, by blocking queries; what is seen goes
* through the table of `rollout.ts`, which says what to do. Ends with a verdict also when the time is up or the workflow is cancelled; then the
* rollout is left as it is.
* Throws an `ActionError` when Nomad can't be asked any more.
*/
async function watchJob(job, registration, options, nomad, runtime) {
	const { clock } = runtime;
	const timeoutMs = Math.min(options.timeoutMs, MAX_TIMER_MS);
	const ended = new AbortController();
	const signal = AbortSignal.any([
		runtime.signal,
		ended.signal,
		AbortSignal.timeout(timeoutMs)
	]);
	const { namespace, version } = registration;
	const hurry = new AbortController();
	const reading = AbortSignal.any([runtime.signal, hurry.signal]);
	const watch = {
		job,
		registration,
		rules: {
			job,
			...rulesOf(job),
			...options,
			verifies: options.verify !== void 0,
			version
		},
		options,
		nomad,
		runtime: {
			...runtime,
			signal
		},
		evidence: gatherer(async (allocation) => collectEvidence(allocation, {
			job,
			namespace,
			logLines: options.logLines
		}, nomad, {
			...runtime,
			signal: reading
		})),
		giveUpAt: new Date(clock.now() + timeoutMs).toISOString().slice(11, 19),
		act,
		end: () => ended.abort(),
		state: begin(clock.now()),
		newestIndex: 0,
		quietSinceMs: clock.now()
	};
	say(watch, `waiting up to ${formatDuration(timeoutMs)} for a verdict`);
	try {
		await Promise.all([
			tick(watch),
			pollChecks(watch),
			followRegistered(watch),
			lookAtBroker(watch)
		]);
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		ended.abort();
	}
	await watch.acting;
	if (watch.verdict === void 0 && watch.ended !== void 0) {
		update(watch, { deployment: watch.ended });
		await watch.acting;
	}
	if (watch.refused !== void 0) throw watch.refused;
	const { snapshot } = watch.state;
	const late = setTimeout(() => hurry.abort(), LAST_LOOK_MS);
	const evidence = watch.verdict?.outcome === "successful" ? [] : await watch.evidence.found(snapshot.allocations);
	clearTimeout(late);
	return {
		verdict: watch.verdict ?? unfinished(runtime, timeoutMs, waitsFor(watch) ?? describeProgress(snapshot, clock.now(), watch.rules.minHealthyMs)),
		snapshot,
		evidence
	};
}
async function tick(watch) {
	const { clock, signal } = watch.runtime;
	for (;;) {
		await clock.sleep(TICK_MS, signal);
		step(watch);
		if (clock.now() - watch.quietSinceMs >= HEARTBEAT_MS) say(watch, `${describeProgress(watch.state.snapshot, clock.now(), watch.rules.minHealthyMs)}; gives up at ${watch.giveUpAt} UTC`);
	}
}
/** Reads the checks of allocations that run and are not healthy: nothing but their results tells why, and nothing announces them. */
async function pollChecks(watch) {
	const { clock, signal } = watch.runtime;
	if (!hasChecks(watch.job)) return;
	const readAtMs = /* @__PURE__ */ new Map();
	for (;;) {
		await clock.sleep(TICK_MS, signal);
		const due = dueChecks(watch.job, watch.state.snapshot, watch.rules.minHealthyMs, (id) => readAtMs.get(id), clock.now());
		const read = await Promise.all(due.map(async ({ ID }) => {
			readAtMs.set(ID, clock.now());
			return [ID, (await watch.nomad.allocations.checks(ID, watch.registration.namespace, signal).catch(() => void 0) ?? []).filter((result) => !isIgnored(result))];
		}));
		if (read.length > 0) update(watch, { checks: {
			...watch.state.snapshot.checks,
			...Object.fromEntries(read)
		} });
	}
}
/** An evaluation that waits this long is looked into: a server takes it up within milliseconds. */
const UNSCHEDULED_MS = 1e4;
const PAUSED = "the evaluation broker of the cluster is paused, so Nomad schedules nothing until an operator resumes it";
/** Why nothing was scheduled yet, if that is known. */
function waitsFor({ paused, state: { snapshot } }) {
	const { evaluation, allocations } = snapshot;
	return paused === true && (evaluation?.Status ?? "pending") === "pending" && allocations.length === 0 ? PAUSED : void 0;
}
/** Says so when nothing is scheduled because the operators of the cluster have paused it; no event tells. */
async function lookAtBroker(watch) {
	const { clock, signal } = watch.runtime;
	await clock.sleep(UNSCHEDULED_MS, signal);
	const { evaluation, allocations } = watch.state.snapshot;
	if ((evaluation?.Status ?? "pending") !== "pending" || allocations.length > 0) return;
	watch.paused = await watch.nomad.evaluations.paused(signal).catch(() => void 0);
	if (watch.paused === true) say(watch, PAUSED);
}
function unfinished({ signal }, timeoutMs, progress) {
	return signal.aborted ? {
		outcome: "cancelled",
		description: `the workflow was cancelled while the rollout went on (${progress})`
	} : {
		outcome: "timed-out",
		description: `no verdict within ${formatDuration(timeoutMs)} (${progress}); the rollout goes on`
	};
}
// src/watch/follow-version.ts
/** How long the deployment by which a version goes back may be followed. */
const ROLLBACK_MS = 3e5;
/** Of the 7.5 s that the runner gives a cancelled step. */
const CANCEL_MS = 4e3;
/** How long a single question about a rollout that is over may take, an outage included. */
const READ_MS$1 = 3e4;
/** Watches a registered version to its verdict; explains it when it is not good, and tells what runs then. */
async function followRegistration(following, job, registration, run) {
	const { inputs, nomad, nomadUrl, draft } = following;
	const redact = hidingSecrets(draft.settings ?? [], run.runtime.redact);
	const current = {
		...run,
		runtime: {
			...run.runtime,
			redact
		}
	};
	const { runtime, note, stage } = current;
	const checking = verifying(following, job, registration, current);
	const options = {
		timeoutMs: inputs.timeoutMs ?? timeoutFor(job, inputs.placementPatienceMs),
		failFast: inputs.failFast,
		patienceMs: inputs.placementPatienceMs,
		promote: inputs.promote ?? "spec",
		logLines: inputs.logLines,
		onDeployment: (deploymentId) => {
			note({ deploymentId });
			leaveUnderWay(registration, deploymentId, following, runtime);
		},
		...checking.canaries === void 0 ? {} : { verify: checking.canaries }
	};
	leaveUnderWay(registration, registration.deploymentId, following, runtime);
	const watched = await stage("watch", `Watch ${job.ID} version ${registration.version}`, async () => watchJob(job, registration, options, nomad, runtime)).catch((thrown) => {
		throw goingOn(thrown, registration);
	}).finally(() => runtime.leaveWord("rollout", void 0));
	const { snapshot } = watched;
	note({ allocations: allocationRecords(snapshot.allocations) });
	const deployed = watched.verdict.outcome === "successful";
	const verdict = deployed ? await checking.afterwards() ?? watched.verdict : watched.verdict;
	if (verdict.outcome === "successful") return { outcome: "successful" };
	if (verdict.outcome === "awaiting-promotion") {
		const hint = `${verdict.description}: nomad deployment promote ${snapshot.deployment?.ID ?? ""}`;
		runtime.log.notice(`${job.ID}: ${hint}`);
		return {
			outcome: "awaiting-promotion",
			hint
		};
	}
	note({
		outcome: verdict.outcome,
		failureReason: reasonOf$1(verdict)
	});
	const told = await explain({
		snapshot,
		verdict: await completed(verdict, snapshot, registration, following, runtime),
		evidence: [...await checking.evidence(), ...watched.evidence]
	}, following, current);
	if (verdict.outcome !== "failed") return verdict.outcome === "superseded" ? told : {
		...told,
		hint: [told.hint, nomadUrl && `See ${nomadUrl}`].filter(Boolean).join(" ")
	};
	const running = deployed ? { running: `version ${registration.version}, the new one: its deployment was successful` } : {};
	return {
		...told,
		...running,
		...await afterFailure(verdict, registration, following, current)
	};
}
/** Who can't watch any more says what is left: a rollout does not need anybody. */
function goingOn(thrown, { jobId, version }) {
	if (!(thrown instanceof ActionError) || !["permission-denied", "unreachable"].includes(thrown.code)) return thrown;
	const left = `Version ${version} of ${jobId} is registered, and its rollout goes on without this run.`;
	return new ActionError(thrown.code, thrown.message, {
		cause: thrown,
		hint: [thrown.hint, left].filter(Boolean).join(" ")
	});
}
/** A verdict with what only the cluster knows: by whom a version was replaced, and what a cancelled workflow did to its deployment. */
async function completed(verdict, { deployment }, registration, { inputs, nomad }, { signal }) {
	const { jobId, namespace, version } = registration;
	if (verdict.outcome === "superseded") {
		const next = (await nomad.jobs.versions(jobId, namespace, AbortSignal.timeout(READ_MS$1)).catch(() => [])).filter(({ Version }) => Version > version).sort((a, b) => a.Version - b.Version)[0];
		return next === void 0 ? verdict : {
			...verdict,
			description: `version ${version} was replaced by version ${next.Version}${ofRun(next)} before it was healthy`
		};
	}
	if (!signal.aborted || inputs.onCancel !== "fail" || deployment?.Status === "successful") return verdict;
	const what = await failDeployment(deployment?.ID, registration, nomad);
	return {
		...verdict,
		description: `${verdict.description.replace(" while the rollout went on", "")}, and ${what}`
	};
}
/** Fails the deployment of a registered version, as long as a cancelled workflow can wait for it; says what came of it. */
async function failDeployment(known, { jobId, namespace, version }, nomad) {
	const signal = AbortSignal.timeout(CANCEL_MS);
	try {
		const id = known ?? (await nomad.jobs.deployments(jobId, namespace, signal)).find(({ JobVersion }) => JobVersion === version)?.ID;
		if (id === void 0) return "it has no deployment that could be failed";
		await nomad.deployments.fail(id, namespace, signal);
		return "its deployment was failed";
	} catch (error) {
		return `its deployment could not be failed: ${signal.aborted ? "Nomad did not answer in time" : sentence(toActionError(error))}`;
	}
}
/** After a failure: goes back where the user wants it and the spec does not, and follows the way back to its end, bounded. */
async function afterFailure({ reason, rolledBackTo }, registration, { inputs, nomad, dispatched }, { runtime, stage }) {
	const { jobId, namespace, version } = registration;
	let target = rolledBackTo;
	let evaluationId;
	if (target === void 0 && inputs.onFailure === "revert" && dispatched !== true && !runtime.signal.aborted) try {
		target = (await nomad.jobs.versions(jobId, namespace, AbortSignal.timeout(READ_MS$1))).filter(({ Version, Stable }) => Version < version && Stable === true).sort((a, b) => b.Version - a.Version)[0]?.Version;
		if (target === void 0) runtime.log.warning("There is no older version that was healthy: nothing to go back to.");
		else evaluationId = (await nomad.jobs.revert(jobId, target, version, namespace)).EvalID;
	} catch (error) {
		const problem = toActionError(error);
		if (problem.code !== "unknown-outcome") {
			runtime.log.warning(`The job could not go back to ${target === void 0 ? "an older version" : `version ${target}`}: ${sentence(problem)}`);
			return {};
		}
	}
	if (target === void 0 || runtime.signal.aborted) return {};
	const goal = target;
	const { how, running } = await stage("rollback", `Watch the way back to version ${goal}`, async () => followBack(goal, {
		evaluationId,
		timeoutMs: Math.min(ROLLBACK_MS, inputs.timeoutMs ?? ROLLBACK_MS)
	}, registration, nomad, runtime));
	runtime.log.info(`Now: ${running}`);
	return {
		failureReason: `${reason}-${how}`,
		running
	};
}
const HOW = {
	successful: "rolled-back",
	failed: "rollback-failed",
	superseded: "rollback-superseded",
	cancelled: "rollback-cancelled",
	"timed-out": "rolling-back",
	"awaiting-promotion": "rolling-back"
};
/** Follows the version by which a job goes back to an older one, for a bounded time: the report says what runs in the end. */
async function followBack(goal, { evaluationId, timeoutMs }, { jobId, namespace, version }, nomad, runtime) {
	const versions = await nomad.jobs.versions(jobId, namespace, AbortSignal.timeout(READ_MS$1));
	const old = versions.find(({ Version }) => Version === goal);
	const next = versions.filter(({ Version }) => Version > version).sort((a, b) => a.Version - b.Version)[0];
	if (next === void 0) return {
		how: HOW["timed-out"],
		running: `version ${goal}, as far as is known`
	};
	if (old !== void 0 && provenanceOf(next).run !== provenanceOf(old).run) return {
		how: HOW.superseded,
		running: `version ${next.Version}${ofRun(next)}, which was registered meanwhile`
	};
	const evaluations = evaluationId === void 0 ? await nomad.jobs.evaluations(jobId, namespace, AbortSignal.timeout(READ_MS$1)) : [];
	const { verdict, snapshot } = await watchJob(next, {
		jobId,
		namespace,
		evaluationId: evaluationId ?? evaluations.find(({ CreateIndex }) => CreateIndex === next.JobModifyIndex)?.ID ?? "",
		version: next.Version,
		previousVersion: version
	}, {
		timeoutMs,
		failFast: false,
		patienceMs: Number.POSITIVE_INFINITY,
		promote: "manual",
		logLines: 0,
		onDeployment: () => void 0
	}, nomad, runtime);
	const state = verdict.outcome === "successful" ? snapshot.deployment?.StatusDescription ?? "all of it runs" : verdict.description;
	return {
		how: HOW[verdict.outcome],
		running: `version ${next.Version}, a copy of version ${goal}: ${state}`
	};
}
/** ` of https://…`: the run that registered a version, if it says so. */
function ofRun(job) {
	const { run } = provenanceOf(job);
	return run === void 0 ? "" : ` of ${run}`;
}
// src/watch/new-version.ts
/** Follows the version that a command made of a registered job; `outcome` is its name when that is well. */
async function followNewVersion(outcome, { evaluationId, jobModifyIndex }, before, following, current) {
	const { nomad, draft, inputs } = following;
	const { namespace } = draft;
	const job = (await nomad.jobs.versions(before.ID, namespace)).find(({ JobModifyIndex }) => JobModifyIndex === jobModifyIndex) ?? {
		...before,
		Version: before.Version + 1
	};
	current.note({
		jobVersion: job.Version,
		previousVersion: before.Version,
		...evaluationId === "" ? {} : { evaluationId }
	});
	if (!inputs.wait || evaluationId === "") return { outcome };
	const registration = {
		jobId: job.ID,
		namespace,
		evaluationId,
		version: job.Version,
		jobModifyIndex,
		previousVersion: before.Version
	};
	const result = await followRegistration({
		...following,
		draft: {
			...draft,
			job
		}
	}, job, registration, current);
	return result.outcome === "successful" ? {
		...result,
		outcome
	} : result;
}
// src/watch/unchanged.ts
/** How long a single question may take, an outage included. */
const READ_MS = 3e4;
/** Allocations whose checks are read of a job that nobody changed. */
const MAX_CHECKED = 3;
/** The allocations of all versions of a job. */
async function allocationsOf({ ID }, namespace, nomad, { signal }) {
	const soon = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
	return (await nomad.jobs.allocations(ID, namespace, 0, soon)).value;
}
/** Looks at the registered job once: does all that it asks for run, and do its checks pass? Its allocations are read where they tell. */
async function lookAt(live, deployment, read, namespace, nomad, runtime) {
	if (live.Periodic || live.ParameterizedJob) return {
		how: "well",
		allocations: []
	};
	if (deployment !== void 0 && deployment.Status !== "successful") return {
		how: "under way",
		what: `its deployment is ${deployment.Status}`
	};
	const { kind, count } = rulesOf(live);
	if (kind === "batch") return live.Status === "dead" ? {
		how: "well",
		allocations: []
	} : {
		how: "under way",
		what: "it is not done"
	};
	const allocations = (await read()).filter(({ DesiredStatus, NextAllocation }) => DesiredStatus === "run" && !NextAllocation);
	const running = allocations.filter((allocation) => isUp(allocation, live));
	const isJudged = live.Type !== "system" || deployment !== void 0;
	const judged = running.filter(({ TaskGroup }) => isJudged && countsChecks(live, TaskGroup));
	const checks = hasChecks(live) ? await failingChecks(judged, namespace, nomad, runtime) : {};
	const failing = Object.values(checks).flat()[0];
	const missing = allocations.filter((allocation) => !running.includes(allocation) && allocation.ClientStatus !== "unknown");
	if (running.length >= count && missing.length === 0 && failing === void 0) return {
		how: "well",
		allocations
	};
	const some = `${running.length} of its ${Math.max(count, running.length + missing.length)} allocations are running`;
	if (deployment === void 0 && failing === void 0 && !missing.some((allocation) => isGivenUp(allocation, live))) return {
		how: "under way",
		what: some
	};
	return {
		how: "unwell",
		what: failing === void 0 ? `only ${some}${startAgain(live, missing, namespace)}` : `not all of it is healthy: ${describeFailing(failing)}`,
		snapshot: {
			evaluation: void 0,
			deployment,
			allocations,
			checks
		}
	};
}
const policyOf = ({ TaskGroups }, { TaskGroup }) => TaskGroups?.find(({ Name }) => Name === TaskGroup)?.ReschedulePolicy;
/** Returns whether Nomad reschedules a failed allocation no more. Without a limit of attempts, its next evaluation exists only a moment after the failure. */
function isGivenUp(allocation, job) {
	return allocation.ClientStatus === "failed" && !allocation.FollowupEvalID && policyOf(job, allocation)?.Unlimited !== true;
}
/** Says how an allocation is started again for which Nomad's `reschedule` has no other attempt. */
function startAgain(job, missing, namespace) {
	const { ID } = job;
	const given = missing.find(({ ClientStatus, FollowupEvalID }) => ClientStatus === "failed" && !FollowupEvalID);
	if (given === void 0) return "";
	const policy = policyOf(job, given);
	const how = policy?.Unlimited === true || (policy?.Attempts ?? 0) > 0 ? `\`nomad job eval -force-reschedule -namespace=${namespace} ${ID}\` starts it again` : `a version that changes the group ${given.TaskGroup} starts it again, or \`command: stop\` and another deploy`;
	return `, and Nomad reschedules allocation ${shortId(given.ID)} no more: ${how}`;
}
async function failingChecks(allocations, namespace, nomad, { signal, log }) {
	const read = await Promise.all(allocations.slice(0, MAX_CHECKED).map(async (allocation) => {
		const { ID } = allocation;
		const results = await nomad.allocations.checks(ID, namespace, signal);
		if (results === void 0) log.warning(describeUnread(allocation));
		return [ID, results ?? []];
	}));
	const failing = (result) => result.Status === "failure" && !isIgnored(result);
	return Object.fromEntries(read.map(([id, results]) => [id, results.filter(failing)]));
}
/** The cluster has this very job already: nothing is registered, but it has to be well, and what is under way is followed to its end. */
async function followUnchanged(following, job, live, deployment, current) {
	const { runtime, note } = current;
	const { nomad, draft } = following;
	const { namespace } = draft;
	note({
		jobVersion: live.Version,
		...deployment === void 0 ? {} : { deploymentId: deployment.ID }
	});
	const condition = await lookAt(live, deployment, async () => allocationsOf(live, namespace, nomad, runtime), namespace, nomad, runtime);
	if (condition.how === "under way") {
		runtime.log.info(`Version ${live.Version} is this very job, and ${condition.what}: following it`);
		const underWay = {
			jobId: job.ID,
			namespace,
			evaluationId: "",
			version: live.Version,
			jobModifyIndex: live.JobModifyIndex,
			previousVersion: void 0
		};
		const deploymentId = deployment === void 0 ? {} : { deploymentId: deployment.ID };
		return followRegistration(following, job, {
			...underWay,
			...deploymentId
		}, current);
	}
	if (condition.how === "unwell") return explain({
		verdict: {
			outcome: "failed",
			reason: "unhealthy",
			description: `Nomad has this version already, but ${condition.what}`
		},
		snapshot: condition.snapshot,
		evidence: []
	}, following, current);
	if (live.Periodic || live.ParameterizedJob) return { outcome: "unchanged" };
	const { allocations } = condition;
	note({ allocations: allocationRecords(allocations) });
	const checking = verifying(following, job, {
		jobId: job.ID,
		namespace,
		version: live.Version
	}, current);
	const problem = await checking.afterwards();
	if (problem === void 0) return { outcome: "unchanged" };
	return explain({
		verdict: problem,
		snapshot: {
			evaluation: void 0,
			deployment,
			allocations
		},
		evidence: await checking.evidence()
	}, following, current);
}
// src/commands/dispatch.ts
/** `dispatch`: starts a run of a parameterized job, or of a periodic one, and waits for its end. */
async function dispatch(job, following, current) {
	const result = await runOnce(job, following.inputs, following, current);
	return result.outcome === "successful" ? {
		...result,
		outcome: "dispatched"
	} : result;
}
/** Starts a run of a registered job, and (unless `wait` is off) follows it to its end; `successful` when it has completed. */
async function runOnce(job, given, following, current) {
	const { inputs, nomad, draft } = following;
	const { runtime, note, stage } = current;
	const problems = dispatchProblems(job, given);
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("; "), { hint: "Nothing was started." });
	runtime.signal.throwIfAborted();
	const { job: run, registration } = await stage("dispatch", `Start a run of ${job.ID}`, async () => dispatchJob(job, draft.namespace, given, nomad));
	const nomadUrl = following.nomadUrl?.replace(encodeURIComponent(job.ID), encodeURIComponent(run.ID));
	note({
		dispatchedJobId: run.ID,
		...registration.evaluationId === "" ? {} : { evaluationId: registration.evaluationId },
		...nomadUrl === void 0 ? {} : { nomadUrl }
	});
	runtime.log.info(`Started ${run.ID} in the namespace ${draft.namespace}`);
	if (!inputs.wait) return { outcome: "successful" };
	return followRegistration({
		...following,
		draft: {
			...draft,
			job: run
		},
		nomadUrl,
		dispatched: true
	}, run, registration, current);
}
// src/commands/logs.ts
/** Nothing announces a line of a log. */
const POLL_MS$1 = 1e3;
const FOLLOW_MS = 3e5;
/** `logs`: shows the last lines of what the tasks of a job said, of those that run, or else of the newest; with `follow` also what they go on to say. */
async function logs(job, following, current) {
	const { inputs, draft, nomad } = following;
	const { runtime, note } = current;
	requireParts(job, inputs);
	note({ jobVersion: job.Version });
	const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
	const which = logsOf(all, inputs);
	if (which.length === 0) throw new ActionError("input-invalid", `nothing of ${job.ID}${inputs.group === void 0 ? "" : `, group ${inputs.group},`} has run`, { hint: "Or the cluster has forgotten it: it keeps ended allocations for a while only." });
	for (const { allocation, task, stream } of which) {
		const lines = await nomad.allocations.logTail(allocation.ID, task, stream, inputs.logLines, draft.namespace, runtime.signal);
		if (lines === "denied") throw new ActionError("permission-denied", LOGS_UNREAD.denied, { hint: "Allow it in the policy of the token." });
		const shown = lines === "gone" ? [LOGS_UNREAD.gone] : lines.map((line) => `| ${line}`);
		if (shown.length === 0) continue;
		const title = `${allocation.Name} (${shortId(allocation.ID)} on ${allocation.NodeName}), task ${task}: ${stream}`;
		await runtime.log.group(title, async () => {
			for (const line of shown) runtime.log.info(`  ${line}`);
		});
	}
	if (inputs.follow) await followLogs(job, which, following, current);
	return { outcome: "reported" };
}
/** The logs of the allocations that run, or else of the newest version's; only those of the group and task that are asked for. */
function logsOf(all, { group, task }) {
	const inGroup = all.filter(({ TaskGroup }) => group === void 0 || TaskGroup === group);
	const running = inGroup.filter(({ ClientStatus }) => ClientStatus === "running");
	const newest = Math.max(...inGroup.map(({ JobVersion }) => JobVersion));
	return (running.length > 0 ? running : inGroup.filter(({ JobVersion, NextAllocation }) => JobVersion === newest && !NextAllocation)).sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true })).flatMap((allocation) => Object.keys(allocation.TaskStates ?? {}).filter((name) => task === void 0 || name === task).sort().flatMap((name) => ["stdout", "stderr"].map((stream) => ({
		allocation,
		task: name,
		stream
	}))));
}
/** Shows what is said from now on, line by line, until all of it has ended, or the time is up. */
async function followLogs(job, which, { inputs, draft, nomad }, { runtime }) {
	const { namespace } = draft;
	const timeUp = AbortSignal.timeout(inputs.timeoutMs ?? FOLLOW_MS);
	const signal = AbortSignal.any([runtime.signal, timeUp]);
	const from = async ({ allocation, task, stream }, offset) => nomad.allocations.logFrom(allocation.ID, task, stream, offset, namespace, signal);
	const ids = new Set(which.map(({ allocation }) => allocation.ID));
	const follow = async () => {
		const told = await Promise.all(which.map(async (log) => ({
			log,
			next: (await from(log, 0)).next,
			rest: ""
		})));
		for (let goesOn = true; goesOn;) {
			await runtime.clock.sleep(POLL_MS$1, signal);
			const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, signal);
			goesOn = value.some(({ ID, ClientStatus }) => ids.has(ID) && (ClientStatus === "running" || ClientStatus === "pending"));
			for (const one of told) {
				const { text, next } = await from(one.log, one.next);
				const lines = `${one.rest}${text}`.split("\n");
				one.next = next;
				one.rest = lines.pop() ?? "";
				for (const line of lines) runtime.log.info(`${one.log.allocation.Name} ${one.log.task} | ${line}`);
			}
		}
	};
	runtime.log.info("What is said from now on:");
	await follow().catch((error) => {
		if (!timeUp.aborted) throw error;
	});
}
// src/commands/promote.ts
/** `promote`: promotes the canaries of the newest version as soon as they are healthy (and `verify` holds), and follows its deployment to its end. */
async function promote(job, following, current) {
	const { inputs, nomad, draft } = following;
	const { namespace } = draft;
	const deployment = (await nomad.jobs.deployments(job.ID, namespace)).find(({ JobVersion }) => JobVersion === job.Version);
	if (deployment === void 0 || !isPending(deployment)) {
		const state = deployment === void 0 ? "it has no deployment" : `its deployment: ${deployment.StatusDescription}`;
		throw new ActionError("nothing-to-promote", `no canary of ${job.ID} version ${job.Version} waits for a promotion (${state})`, { hint: `See: nomad job deployments -namespace=${namespace} ${job.ID}` });
	}
	current.note({ jobVersion: job.Version });
	const promoting = {
		...inputs,
		wait: true,
		promote: inputs.promote === "verify" || following.checks.length > 0 ? "verify" : "auto"
	};
	const registration = {
		jobId: job.ID,
		namespace,
		evaluationId: "",
		version: job.Version,
		previousVersion: void 0,
		deploymentId: deployment.ID
	};
	const result = await followRegistration({
		...following,
		inputs: promoting
	}, job, registration, current);
	return result.outcome === "successful" ? {
		...result,
		outcome: "promoted"
	} : result;
}
/** Some of its canaries are not promoted yet, be they healthy already or not. */
function isPending({ Status, TaskGroups }) {
	const groups = Object.values(TaskGroups ?? {});
	return Status === "running" && groups.some(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
}
// src/commands/restart.ts
/** Nothing announces the result of a check. */
const POLL_MS = 1e3;
/**
* `restart`: restarts the tasks of a job's running allocations in place, as many at once as `max_parallel` says, and goes on only when they are well
* again. No new version is made. Fails with the cause when one does not come back; the others are left as they are then.
*/
async function restart(job, following, current) {
	const { inputs, draft, nomad } = following;
	const { runtime, note, stage } = current;
	const { namespace } = draft;
	requireParts(job, inputs);
	note({ jobVersion: job.Version });
	const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
	const batches = (job.TaskGroups ?? []).filter(({ Name }) => inputs.group === void 0 || Name === inputs.group).flatMap((group) => batchesOf(group, value));
	const total = batches.flat().length;
	if (total === 0) throw new ActionError("input-invalid", `nothing of ${job.ID} is running that could be restarted`, { hint: "A deploy starts again what is dead, as a new version. `command: status` says what became of it." });
	const minHealthyMs = rulesOf(job).minHealthyMs;
	const timeoutMs = inputs.timeoutMs ?? timeoutFor(job, 0);
	let done = 0;
	const failed = await stage("restart", `Restart ${total} ${total === 1 ? "allocation" : "allocations"} of ${job.ID}`, async () => {
		for (const batch of batches) {
			runtime.signal.throwIfAborted();
			const signal = AbortSignal.any([runtime.signal, AbortSignal.timeout(timeoutMs)]);
			const [first] = (await Promise.all(batch.map(async (before) => {
				await nomad.allocations.restart(before.ID, inputs.task, namespace, signal);
				runtime.log.info(`${before.Name} (${shortId(before.ID)} on ${before.NodeName}) is restarted`);
				if (!inputs.wait) return void 0;
				return back(before, job, {
					task: inputs.task,
					minHealthyMs,
					namespace,
					signal
				}, nomad, runtime);
			}))).filter((one) => one !== void 0);
			if (first !== void 0) return first;
			done += batch.length;
			if (inputs.wait) runtime.log.info(`${done} of ${total} restarted and well`);
		}
	});
	const after = await nomad.jobs.allocations(job.ID, namespace, 0, AbortSignal.any([runtime.signal, AbortSignal.timeout(timeoutMs)]));
	const ids = new Set(batches.flat().map(({ ID }) => ID));
	note({ allocations: allocationRecords(after.value.filter(({ ID }) => ids.has(ID))) });
	if (failed === void 0) return { outcome: "restarted" };
	return explain({
		verdict: {
			outcome: "failed",
			reason: "unhealthy",
			description: `allocation ${failed.Name} did not come back after its restart; ${done} of ${total} were restarted and are well, the others were left alone`
		},
		snapshot: {
			evaluation: void 0,
			deployment: void 0,
			allocations: [failed]
		},
		evidence: []
	}, following, current);
}
/** The running allocations of a group, in the batches in which its `update` block would replace them. */
function batchesOf({ Name, Update }, all) {
	const running = all.filter(({ TaskGroup, ClientStatus, DesiredStatus }) => TaskGroup === Name && ClientStatus === "running" && DesiredStatus === "run").sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true }));
	const size = Math.max(1, Update?.MaxParallel ?? 1);
	return Array.from({ length: Math.ceil(running.length / size) }, (_, i) => running.slice(i * size, (i + 1) * size));
}
/**
* Waits until an allocation is well again after its restart: its tasks have started anew, run for `minHealthyMs`, and its checks pass. Gives the
* allocation, as it was seen last, when it is not, in time.
*/
async function back(before, job, asked, nomad, { clock, log, signal: cancelled }) {
	const { minHealthyMs, namespace, signal } = asked;
	let last = before;
	try {
		for (let index = 0;;) {
			const answer = await nomad.jobs.allocations(job.ID, namespace, index, signal);
			index = answer.index;
			last = answer.value.find(({ ID }) => ID === before.ID) ?? last;
			if (last.ClientStatus !== "running" && last.ClientStatus !== "pending") return last;
			if (!startedAnew(before, last, asked.task)) continue;
			await clock.sleep(minHealthyMs, signal);
			const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, signal);
			const later = value.find(({ ID }) => ID === before.ID);
			if (later === void 0 || starts(later) !== starts(last) || later.ClientStatus !== "running") {
				index = 0;
				continue;
			}
			const own = job.TaskGroups?.filter(({ Name }) => Name === later.TaskGroup) ?? [];
			const judged = hasChecks({
				...job,
				TaskGroups: own
			}) && countsChecks(job, later.TaskGroup);
			while (judged) {
				const passes = await checksPass(later, namespace, nomad, signal);
				if (passes === void 0) log.warning(describeUnread(later));
				if (passes !== false) break;
				await clock.sleep(POLL_MS, signal);
			}
			return;
		}
	} catch (error) {
		if (!signal.aborted || cancelled.aborted) throw error;
		return last;
	}
}
const startsOf = (allocation, task) => Math.max(0, ...(allocation.TaskStates?.[task]?.Events ?? []).flatMap(({ Type, Time }) => Type === "Started" ? [Time] : []));
const starts = (allocation) => Object.keys(allocation.TaskStates ?? {}).map((task) => startsOf(allocation, task)).join(" ");
/** Whether each task that ran (or the one that was named) runs again, by a later start. */
function startedAnew(before, now, task) {
	return Object.entries(before.TaskStates ?? {}).filter(([name, { State }]) => task === void 0 ? State === "running" : name === task).every(([name]) => now.TaskStates?.[name]?.State === "running" && startsOf(now, name) > startsOf(before, name));
}
/** Returns whether all checks that count pass, by results that are newer than the last start; undefined when the checks can't be read. */
async function checksPass(allocation, namespace, nomad, signal) {
	const startedMs = Math.max(...Object.keys(allocation.TaskStates ?? {}).map((task) => startsOf(allocation, task) / 1e6));
	const results = await nomad.allocations.checks(allocation.ID, namespace, signal);
	const passes = ({ Status, Timestamp }) => Status === "success" && (Timestamp ?? 0) * 1e3 + 999 >= startedMs;
	return results && results.length > 0 && results.every((result) => isIgnored(result) || passes(result));
}
// src/commands/revert.ts
/**
* `revert`: goes back to an older version (`to`, else the last one before this that was healthy), as a new version, and follows that to its end. With the
* version its owner comes back, so that has to be this run's, too.
*/
async function revert(job, following, claim, current) {
	const { inputs, nomad, draft } = following;
	const goal = goalOf(job, await nomad.jobs.versions(job.ID, draft.namespace), inputs.to);
	const { what, ...owned } = ownedJob(goal, draft.namespace);
	permit(judgeOwner({
		...owned,
		what: `version ${goal.Version} of ${what}`
	}, claim, "change"), current.runtime);
	const sha = provenanceOf(goal).sha;
	current.runtime.log.info(`${job.ID} goes back from version ${job.Version} to version ${goal.Version}${sha === void 0 ? "" : ` (commit ${sha.slice(0, 7)})`}`);
	const { EvalID, JobModifyIndex } = await nomad.jobs.revert(job.ID, goal.Version, job.Version, draft.namespace);
	return followNewVersion("reverted", {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex
	}, job, following, current);
}
/** The version to go back to. Throws `input-invalid` when it is not kept, or is no way back. */
function goalOf(job, versions, to) {
	const kept = versions.map(({ Version, Stable }) => `${Version}${Stable === true ? " (was healthy)" : ""}`).join(", ");
	const refused = (message, hint) => new ActionError("input-invalid", message, { hint });
	if (to === void 0) {
		const [last] = versions.filter(({ Version, Stable }) => Version < job.Version && Stable === true).sort((a, b) => b.Version - a.Version);
		if (last === void 0) throw refused(`${job.ID} has no older version that was healthy`, `Nomad keeps the versions ${kept}. Name one with \`to\`, or deploy an older commit.`);
		return last;
	}
	const named = versions.find(({ Version }) => Version === to);
	if (named === void 0) throw refused(`\`to\`: Nomad keeps no version ${to} of ${job.ID}`, `It keeps the versions ${kept}.`);
	if (to === job.Version) throw refused(`\`to\`: ${job.ID} is at version ${to} already`, `Nomad keeps the versions ${kept}.`);
	return named;
}
// src/commands/scale.ts
/** `scale`: sets the count of a group (the only one, or `group`), and follows the job to where all of it is healthy. */
async function scale(job, following, current) {
	const { inputs, nomad, draft, rendering } = following;
	const { count } = inputs;
	if (count === void 0) throw new ActionError("input-invalid", "`count`: `command: scale` needs it", { hint: "Such as `count: 3`." });
	const groups = (job.TaskGroups ?? []).map(({ Name }) => Name);
	const group = inputs.group ?? (groups.length === 1 ? groups[0] : void 0);
	if (group === void 0 || !groups.includes(group)) {
		const what = group === void 0 ? `${job.ID} has several groups` : `${job.ID} has no group ${group}`;
		throw new ActionError("input-invalid", `\`group\`: ${what}`, { hint: `It has ${groups.join(", ")}.` });
	}
	const before = job.TaskGroups?.find(({ Name }) => Name === group)?.Count ?? 1;
	if (before === count) {
		current.runtime.log.info(`The count of ${group} is ${count} already.`);
		current.note({ jobVersion: job.Version });
		return { outcome: "scaled" };
	}
	current.runtime.log.info(`The count of ${group} goes from ${before} to ${count}`);
	const message = `nomad-deploy, environment ${rendering.target.environment.name}`;
	const { EvalID, JobModifyIndex } = await nomad.jobs.scale(job.ID, {
		group,
		count,
		message
	}, draft.namespace);
	return followNewVersion("scaled", {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex
	}, job, following, current);
}
// src/commands/status.ts
/** `status`: says how the newest version of a job is, and changes nothing. It fails, with the cause, when that is not well. */
async function status(job, following, current) {
	const { draft, nomad } = following;
	const { namespace } = draft;
	const { runtime, note } = current;
	const { deployment, tried } = await readLive(draft, nomad);
	note({
		jobVersion: job.Version,
		...deployment === void 0 ? {} : { deploymentId: deployment.ID }
	});
	for (const line of described$1(job)) runtime.log.info(line);
	if (deployment !== void 0) runtime.log.info(`Deployment ${deployment.ID.slice(0, 8)}: ${deployment.StatusDescription}`);
	const all = await allocationsOf(job, namespace, nomad, runtime);
	const own = all.filter(({ JobVersion, NextAllocation }) => JobVersion === job.Version && !NextAllocation);
	note({ allocations: allocationRecords(own) });
	for (const line of own.map(describe)) runtime.log.info(line);
	const failed = tried.find(({ version }) => version === job.Version);
	const condition = await lookAt(job, deployment, async () => all, namespace, nomad, runtime);
	const snapshot = condition.how === "unwell" ? condition.snapshot : {
		evaluation: void 0,
		deployment,
		allocations: own
	};
	const what = failed?.how ?? (condition.how === "unwell" ? condition.what : void 0);
	if (what !== void 0) {
		const again = job.Status === "dead" && rulesOf(job).kind !== "batch" ? "; a deploy starts it again, as a new version" : "";
		return explain({
			verdict: {
				outcome: "failed",
				reason: "unhealthy",
				description: `version ${job.Version} is not well: ${what}${again}`
			},
			snapshot,
			evidence: []
		}, following, current);
	}
	runtime.log.info(condition.how === "well" ? "All that the job asks for runs." : `It is under way: ${condition.what}.`);
	return { outcome: "reported" };
}
function described$1(job) {
	const { ID, Type, Version, Status, SubmitTime } = job;
	const { run, sha, actor } = provenanceOf(job);
	const at = SubmitTime ? `, registered at ${(/* @__PURE__ */ new Date(SubmitTime / 1e6)).toISOString()}` : "";
	const by = [
		run,
		sha && `commit ${sha}`,
		actor && `started by ${actor}`
	].filter(Boolean).join(", ");
	return [`${ID}: ${Type ?? "service"} job, version ${Version}, ${Status}${at}`, ...by === "" ? [] : [`Deployed by ${by}`]];
}
function describe(allocation) {
	const [{ id, name, node, status, healthy, restarts } = {
		id: "",
		name: "",
		node: "",
		status: "",
		healthy: null,
		restarts: 0
	}] = allocationRecords([allocation]);
	const health = healthy === null ? "" : healthy ? ", healthy" : ", unhealthy";
	return `  ${id.slice(0, 8)} ${name} on ${node}: ${status}${health}${restarts === 0 ? "" : `, restarted ${restarts} time${restarts === 1 ? "" : "s"}`}`;
}
// src/commands/stop.ts
/** What a task gets to end in, besides its own `kill_timeout` and its group's `shutdown_delay`. */
const MARGIN_MS = 6e4;
const DEFAULT_KILL_TIMEOUT_NS = 5e9;
const ENDED = /^(complete|failed|lost)$/;
/**
* Stops a job and its runs, waits until nothing of it runs, and then forgets it and its secrets if that is wanted. A job that is gone already is as it
* should be. The job is read here, and again before it is purged: whose it is, and that it is the one that was stopped, is known of the very job that goes.
* Throws `job-taken` when it is another owner's, `conflict` when it is registered meanwhile, and `timed-out` when something still runs in the end; then
* nothing is forgotten.
* See https://developer.hashicorp.com/nomad/api-docs/jobs#stop-a-job
*/
async function stop(stopping, nomad, current) {
	const { jobId, namespace, claim } = stopping;
	const { runtime, stage } = current;
	const job = await nomad.jobs.read(jobId, namespace);
	if (job === void 0) {
		runtime.log.info(`There is no ${jobText({
			jobId,
			namespace,
			nomad
		})}: nothing to stop.`);
		if (stopping.purge ?? claim.owner.environment === "review") await forgetSecrets({ ID: jobId }, stopping, nomad, current);
		return { outcome: "stopped" };
	}
	if (stopping.index !== void 0 && job.JobModifyIndex !== stopping.index) throw registeredMeanwhile(jobId);
	const owned = ownedJob(job, namespace);
	permit(judgeOwner(owned, claim, "stop"), runtime);
	const purge = isPurged(owned, stopping, runtime);
	await stage("stop", `Stop ${jobId}`, async () => {
		const stopped = [];
		for (const { ID, Stop, JobModifyIndex } of [job, ...await runsOf(job, namespace, nomad)]) stopped.push({
			ID,
			index: Stop ? JobModifyIndex : await nomad.jobs.deregister(ID, namespace, false)
		});
		const timeoutMs = stopping.timeoutMs ?? longestEndMs(job) + MARGIN_MS;
		for (const { ID } of stopped) await ended(ID, namespace, timeoutMs, nomad, current);
		if (purge) for (const each of stopped.toReversed()) await purgeStopped(each, namespace, nomad);
		runtime.log.info(purge ? `${jobId} is stopped and purged.` : `${jobId} is stopped; Nomad keeps its versions until its garbage collection.`);
	});
	if (purge) await forgetSecrets(job, stopping, nomad, current);
	return { outcome: "stopped" };
}
/** Whether the job is forgotten, too. By itself that happens to a review app of this very owner only, whatever the run is for. */
function isPurged(owned, { claim, purge }, { log }) {
	const isReview = owned.record?.environment === "review" || owned.record === void 0 && claim.owner.environment === "review";
	if (!(purge ?? isReview)) return false;
	const verdict = judgeOwner(owned, claim, "purge");
	if (!verdict.may) log.notice(sentence(verdict.refusal));
	return verdict.may;
}
/** Purges a job if it is still the one that was stopped: Nomad itself does not compare. */
async function purgeStopped({ ID, index }, namespace, nomad) {
	const now = await nomad.jobs.read(ID, namespace);
	if (now === void 0) return;
	if (now.JobModifyIndex !== index) throw registeredMeanwhile(ID);
	await nomad.jobs.deregister(ID, namespace, true);
}
function registeredMeanwhile(jobId) {
	return new ActionError("conflict", `${jobId} was registered again while it was being removed`, { hint: "Nothing was purged. Run the job again if it is still to go." });
}
/** Forgets the secrets of a job that is gone. One that is registered again by now reads the same variables. */
async function forgetSecrets(job, { namespace, claim }, nomad, { runtime }) {
	if (await nomad.jobs.read(job.ID, namespace) !== void 0) {
		runtime.log.notice(`${job.ID} was registered again: its secrets stay.`);
		return;
	}
	for (const line of await removeSecrets(job, namespace, claim, nomad)) runtime.log.info(line);
}
/** The runs of a periodic or parameterized job, jobs of their own, that are not done. */
async function runsOf({ ID, Periodic, ParameterizedJob }, namespace, nomad) {
	return Periodic || ParameterizedJob ? nomad.jobs.runs(ID, namespace) : [];
}
/** The longest that the tasks of a job may take to end. */
function longestEndMs({ TaskGroups }) {
	const groups = (TaskGroups ?? []).map(({ ShutdownDelay, Tasks }) => {
		const tasks = (Tasks ?? []).map((task) => (task.KillTimeout ?? DEFAULT_KILL_TIMEOUT_NS) + (task.ShutdownDelay ?? 0));
		return (ShutdownDelay ?? 0) + Math.max(0, ...tasks);
	});
	return Math.max(0, ...groups) / 1e6;
}
/** Waits until no allocation of a job runs any more. */
async function ended(jobId, namespace, timeoutMs, nomad, { runtime }) {
	const late = AbortSignal.timeout(timeoutMs);
	const signal = AbortSignal.any([late, runtime.signal]);
	let running = [];
	let said = "";
	try {
		for (let index = 0;;) {
			const answer = await nomad.jobs.allocations(jobId, namespace, index, signal);
			running = answer.value.filter(({ ClientStatus }) => !ENDED.test(ClientStatus));
			if (running.length === 0) return;
			const line = `${running.length} of ${answer.value.length} allocations of ${jobId} still run`;
			if (line !== said) runtime.log.info(line);
			said = line;
			index = answer.index;
		}
	} catch (error) {
		if (!late.aborted) throw error;
		const left = running.map(({ ID, NodeName }) => `${shortId(ID)} on ${NodeName}`).join(", ");
		throw new ActionError("timed-out", `${jobId} was told to stop, but ${formatDuration(timeoutMs)} later still runs: ${left}`, {
			hint: "Nothing was purged. Look at those nodes: a client that is down ends its allocations when it is back. Or raise `timeout`.",
			cause: error
		});
	}
}
// src/commands/build.ts
/**
* Builds (or looks up), tests and scans the images, in their order; their moving tags follow when all of them passed. The first is the run's `image`.
* In place of an image that was built or found, one of `runningOf` is taken if it is the same.
*/
async function prepareImages(all, runningOf, { runtime, note, stage }) {
	if (all.length === 0) return [];
	const titles = all.map(({ plan, name }) => name ?? (plan.kind === "build" ? plan.tags.join(", ") : plan.reference));
	const images = await stage("image", `${all.some(({ plan }) => plan.kind === "build") ? "Build" : "Look up"} ${titles.join(", ")}`, async () => resolveImages(all, runningOf, runtime));
	const [first] = images;
	if (first !== void 0) {
		const { reference, builtBy } = first;
		const unused = all.flatMap((asked, i) => {
			const name = images[i]?.unused;
			return name === void 0 ? [] : [[keyOf(asked), name]];
		});
		note({
			...builtBy === void 0 ? {} : { builtBy },
			image: reference,
			images: byName(all, images.map((image) => image.reference)),
			...unused.length === 0 ? {} : { unusedImages: Object.fromEntries(unused) }
		});
	}
	for (const { reference } of images) runtime.log.info(`Image ${reference}`);
	for (const [i, image] of images.entries()) {
		const { name, inputs } = all[i] ?? {};
		if (inputs === void 0) continue;
		const { test, scan } = inputs;
		const { reference } = image;
		await naming(name, async () => {
			if (test !== void 0) await stage("test", `Test ${reference}`, async () => testImage(test, image, inputs, runtime));
			if (scan !== void 0) await stage("scan", `Scan ${reference}`, async () => scanImage(scan, image, runtime));
		});
	}
	for (const image of images) if (image.pendingTags.length > 0) await stage("tag", `Tag ${image.pendingTags.join(", ")}`, async () => tag(image, runtime));
	return images;
}
/** Publishes the tags of an image. Those that the build has pushed may stay where they are: a registry can refuse to move a tag. */
async function tag(image, runtime) {
	try {
		await publishTags(image, runtime);
	} catch (error) {
		const isNeeded = image.pendingTags.some((one) => isDigestTag(parseReference(one)?.tag));
		if (image.unused === void 0 || isNeeded || runtime.signal.aborted) throw error;
		runtime.log.notice(`The running image did not get the tags ${image.pendingTags.join(", ")}: ${sentence(toActionError(error))}`);
	}
}
// src/commands/deploy.ts
/** How often a job is planned again because somebody else was faster: each time, somebody else got on. */
const ATTEMPTS = 4;
/** `deploy`: plans, writes the secrets, registers and watches. When somebody else writes in between, all of it is done once more. */
async function deploy(deploying, current) {
	const { ID } = deploying.draft.job;
	for (let count = 1;; count++) {
		const result = await attempt(deploying, current);
		if (!("conflict" in result)) return result;
		if (deploying.inputs.approvedPlan.length > 0) throw registeredSince(ID, result.conflict);
		if (count === ATTEMPTS) throw new ActionError("conflict", `${ID} is being deployed by somebody else: ${result.conflict}`, { hint: "Nothing was registered. Let one workflow at a time deploy a job, with `concurrency:`." });
		current.runtime.log.info(`${result.conflict}: somebody else deploys ${ID}, too; planning again`);
	}
}
async function attempt(asked, current) {
	const { draft, nomad } = asked;
	const { runtime, note, stage } = current;
	const live = await readLive(draft, nomad);
	const claim = claimOf(asked.inputs, asked.rendering.context, asked.rendering.target);
	if (live.job !== void 0 && live.job.JobModifyIndex !== asked.judged?.JobModifyIndex) permit(judgeOwner(ownedJob(live.job, draft.namespace), claim, "replace"), runtime);
	const { deploying, change, jobspec, counted, plan } = await stage("plan", `Plan ${draft.job.ID}`, async () => {
		const { image } = asked.rendering;
		const planned = await prepare(keeping(asked, live.job, image), live, claim, current);
		const final = outgrown(planned) ? await prepare(keeping(asked, live.job, image, true), live, claim, current) : planned;
		showPlan(final.plan, final.counted, asked.rendering.spec, runtime);
		return final;
	});
	const { inputs, rendering } = deploying;
	const { job } = counted;
	const before = triedBefore(live, jobspec.specHash);
	if (before !== void 0) runtime.log.notice(`${job.ID}: ${before}`);
	note({ settings: settings(inputs, rendering, jobspec) });
	if (plan.jobModifyIndex !== (live.job?.JobModifyIndex ?? 0)) return { conflict: `${job.ID} was registered, or purged, while it was planned` };
	const warnings = [
		...jobspec.warnings,
		...plan.warnings,
		...change?.warnings ?? [],
		...secretsInJob(inputs.secrets, job)
	];
	warn(warnings, runtime);
	note({
		changed: plan.changed,
		planLines: plan.lines,
		planDiff: plan.diff,
		warnings
	});
	if (inputs.expect === "no-changes") await requireNoDrift(subjectOf$1(deploying), plan, {
		...deploying,
		...rendering
	}, runtime);
	if (plan.changed === "none" && live.job !== void 0) {
		const result = await followUnchanged(deploying, job, live.job, live.deployment, current);
		return inputs.periodicForce && live.job.Periodic ? forceRun(deploying, current) : result;
	}
	const approved = inputs.approvedPlan.length === 0 ? void 0 : deploying.approvable?.fingerprint.index;
	if (approved !== void 0 && approved !== plan.jobModifyIndex) throw registeredSince(job.ID, `it was registered since (its modify index was ${approved}, and is ${plan.jobModifyIndex} now)`);
	const submission = {
		...jobspec,
		source: runtime.redact(jobspec.source),
		variables: runtime.redact(jobspec.variables)
	};
	runtime.signal.throwIfAborted();
	const registration = await stage("register", `Register ${job.ID}`, async () => {
		const written = await applySecrets(change, nomad, runtime.log.info);
		if (written !== void 0 && "conflict" in written) return written;
		return undoUnlessRegistered(written, async () => registerJob(job, submission, plan, live.job, nomad));
	});
	return "conflict" in registration ? registration : registered(registration, deploying, job, plan, current);
}
/** Decides about the secrets, renders the job with them, and plans it. */
async function prepare(deploying, live, claim, current) {
	const { inputs, rendering, draft, nomad } = deploying;
	const { runtime } = current;
	const { change, templates } = await jobSecrets(inputs, draft, live.job, claim, nomad);
	const jobspec = await renderJobspec(inputs, {
		...rendering,
		...templates
	}, nomad, runtime);
	requireSameId(jobspec, draft, rendering.spec.name);
	if (inputs.approvedPlan.length > 0 && templates.secretsRelease !== "") {
		const bare = await renderJobspec(inputs, rendering, nomad, runtime);
		requireApprovedWithSecrets(jobspec.job, bare.job, templates, subjectOf$1(deploying));
	}
	const publish = async (counted) => publishSpec(counted.job, current);
	return {
		deploying,
		change,
		jobspec,
		...await planAsRegistered(jobspec, change, live, deploying, runtime, publish)
	};
}
async function registered(registration, deploying, job, plan, current) {
	const { note, runtime } = current;
	const { version, previousVersion, evaluationId, namespace, seen } = registration;
	note({
		jobVersion: version,
		...previousVersion === void 0 ? {} : { previousVersion },
		...evaluationId === "" ? {} : { evaluationId },
		...seen?.deployment?.value.JobVersion === version ? { deploymentId: seen.deployment.value.ID } : {}
	});
	runtime.log.info(`Registered ${job.ID} version ${version} in the namespace ${namespace}`);
	if (evaluationId === "") {
		const launch = plan.nextPeriodicLaunch;
		runtime.log.info(launch === void 0 ? "It runs when it is dispatched." : `Its next launch is at ${launch}.`);
		return deploying.inputs.periodicForce && job.Periodic ? forceRun(deploying, current) : { outcome: "registered" };
	}
	return deploying.inputs.wait ? followRegistration(deploying, job, registration, current) : { outcome: "registered" };
}
/** By `periodic-force`: has a periodic job that is registered run once, now, and follows that run. */
async function forceRun(deploying, current) {
	const { nomad, draft, inputs } = deploying;
	const registered = await nomad.jobs.read(draft.job.ID, draft.namespace);
	if (registered === void 0) throw new ActionError("conflict", `${draft.job.ID} was purged before a run of it could be started`, { hint: "Run the job again." });
	const result = await runOnce(registered, {
		meta: {},
		payload: void 0
	}, deploying, current);
	return inputs.wait ? result : { outcome: "registered" };
}
// src/commands/plan.ts
/**
* `plan`: what a deploy would change, in the log, the outputs and a comment on the pull request. Never fails because of changes, unless none are expected
* (`drift`).
*/
async function planOnly(asked, current) {
	const { runtime, note } = current;
	const live = await readLive(asked.draft, asked.nomad);
	const planned = await planWith(asked, live, false, runtime);
	const { deploying, secrets, jobspec, counted, plan: full } = outgrown(planned) ? await planWith(asked, live, true, runtime) : planned;
	const plan = {
		...full,
		diff: full.diff.map(withoutZeros)
	};
	const { rendering, inputs, approvable } = deploying;
	const { job, kept } = counted;
	showPlan(plan, counted, rendering.spec, runtime);
	for (const warning of secrets.warnings) runtime.log.warning(warning);
	const warnings = [
		...jobspec.warnings.map(withoutZeros),
		...plan.warnings,
		...secrets.warnings,
		...impossible(plan, job)
	];
	const result = {
		outcome: "planned",
		changed: plan.changed,
		planLines: plan.lines,
		planDiff: plan.diff,
		warnings
	};
	note(result);
	const { context, target } = rendering;
	const subject = subjectOf$1(deploying);
	const reporting = {
		...deploying,
		context,
		target
	};
	if (inputs.expect === "no-changes") await requireNoDrift(subject, plan, reporting, runtime);
	else if (approvable !== void 0) await comment(subject, renderPlanComment({
		...subject,
		nomadUrl: deploying.nomadUrl,
		changed: plan.changed,
		actions: plan.actions,
		before: live.job === void 0 || live.job.Stop ? [] : costOf(live.job),
		after: costOf(job),
		kept,
		system: job.Type?.startsWith("sys") === true,
		unplaced: Object.entries(plan.placementFailures).map(([group, metric]) => describePlacement(group, metric, job)),
		preempted: plan.preempted,
		warnings,
		diff: plan.diff.length > 0 ? plan.diff : plan.lines,
		fingerprint: fingerprintText(approvable.fingerprint),
		commit: context.headSha,
		runUrl: `${context.runUrl}/attempts/${context.runAttempt}`,
		builds: deploying.own[0]?.plan.kind === "build"
	}), runtime.redactDeep(toHidden(approvable)), reporting, runtime);
	return result;
}
/** Plans the job as a deploy would register it, as far as that is known without building. */
async function planWith(asked, live, anew, runtime) {
	const images = plannedImages(asked, live);
	const deploying = keeping({
		...asked,
		rendering: {
			...asked.rendering,
			...images
		}
	}, live.job, images.image, anew);
	const secrets = await secretsOfPlan(deploying, live);
	const jobspec = await asDeployed(deploying, asked, secrets.templates, runtime);
	return {
		deploying,
		secrets,
		jobspec,
		...await planAsRegistered(jobspec, secrets.change, live, deploying, runtime)
	};
}
/** A change that a deploy would be refused: of a plan it is no failure. */
function impossible(plan, job) {
	try {
		requirePossible(plan, job, void 0);
		return [];
	} catch (error) {
		return [sentence(toActionError(error))];
	}
}
/**
* The secrets that a deploy would write. A run that has none, as that of a pull request, takes those that the registered job reads; one whose token may
* not read variables takes them for the same when they have the same names, and says so.
*/
async function secretsOfPlan({ inputs, draft, nomad, rendering }, { job: live }) {
	const kept = keptSecrets(live);
	const keys = Object.keys(inputs.secrets);
	if (keys.length === 0) return {
		change: void 0,
		templates: secretTemplates(kept.keys, draft.job.ID, kept.release, kept.older),
		warnings: []
	};
	try {
		const { change, templates } = await jobSecrets(inputs, draft, live, claimOf(inputs, rendering.context, rendering.target), nomad);
		return {
			change,
			templates,
			warnings: change?.warnings ?? []
		};
	} catch (error) {
		const { code, message } = toActionError(error);
		if (code !== "permission-denied" && code !== "job-taken") throw error;
		return {
			change: void 0,
			templates: keys.length === kept.keys.length && keys.every((key) => kept.keys.includes(key)) ? secretTemplates(kept.keys, draft.job.ID, kept.release, kept.older) : secretTemplates(keys, draft.job.ID, "r00000000"),
			warnings: [`Whether values of secrets change is not known: ${message}`]
		};
	}
}
/** Returns the images that a plan is made with: the running ones, where no changes are expected. */
function plannedImages({ inputs, rendering, asked, own }, { job: live }) {
	const running = (one) => inputs.expect === "no-changes" ? runningImage(live, one.plan) : void 0;
	const named = asked.flatMap((one) => one.name === void 0 ? [] : [[one.name, running(one) ?? rendering.images[one.name] ?? ""]]);
	const [first] = own;
	const parts = own.flatMap((one) => {
		const reference = running(one);
		return reference === void 0 ? [] : Object.entries(imageValues(one, reference));
	});
	return {
		image: (first && running(first)) ?? rendering.image,
		images: Object.fromEntries(named),
		imageVariables: {
			...rendering.imageVariables,
			...Object.fromEntries(parts)
		}
	};
}
/** Renders the job with its secrets, its images and the kept parts; returns the draft where these make no difference. */
async function asDeployed({ inputs, rendering, draft, nomad }, asked, templates, runtime) {
	const { image, images } = asked.rendering;
	if (templates.secretsRelease === "" && rendering.image === image && isDeepStrictEqual(rendering.images, images) && Object.keys(rendering.kept ?? {}).length === 0) return draft;
	return renderJobspec(inputs, {
		...rendering,
		...templates
	}, nomad, runtime);
}
/** The image that the registered job runs of the repository that a deploy would build or look up, wherever the job names it. */
function runningImage(live, plan) {
	const name = plan.kind === "build" ? plan.name : parseReference(plan.reference)?.name ?? plan.reference;
	return new RegExp(`"${name.replace(/[^\w]/g, "\\$&")}(:[\\w.-]+)?(@sha256:[0-9a-f]{64})?"`).exec(JSON.stringify(live?.TaskGroups ?? []))?.[0].slice(1, -1);
}
// src/commands/render.ts
/** `render` and `plan`: nothing is built or written. */
async function preview(deploying, current) {
	const { inputs, rendering, draft: jobspec } = deploying;
	const { runtime, note } = current;
	await publishSpec(jobspec.job, current);
	const resolved = settings(inputs, rendering, jobspec).map((setting) => ({
		...setting,
		value: withoutZeros(setting.value)
	}));
	note({ settings: resolved });
	const warnings = jobspec.warnings.map(withoutZeros);
	warn(warnings, runtime);
	if (inputs.command === "plan") return planOnly(deploying, current);
	await runtime.log.group("Resolved values", async () => runtime.log.info(settingLines(resolved).join("\n")));
	const text = hidingValues(jobspec.settings, runtime.redact)(JSON.stringify(jobspec.job, null, 2));
	if (withoutZeros(text) !== text) runtime.log.info("The image is built or looked up by the deploy. In the rendered job, a digest of zeros stands for its own.");
	await runtime.log.group("The rendered job", async () => runtime.log.info(text));
	return {
		outcome: "rendered",
		warnings
	};
}
// src/commands/sweep.ts
/**
* `sweep`: finds the review apps of this repository that nobody needs any more (their pull request is closed, their branch is gone, or nothing was
* registered for `ttl`), and removes them unless `dry-run` keeps it to words. What GitHub can't be asked about stays: throws what its API throws.
*/
async function sweep(sweeping, current) {
	const { inputs, context, regions, github } = sweeping;
	const { runtime, stage } = current;
	const { log } = runtime;
	if (github === void 0) throw new ActionError("input-invalid", "`command: sweep` has to ask GitHub which pull requests and branches there are, and has no token", { hint: "Leave `github-token` as it is, and give the job the permissions `contents: read` and `pull-requests: read`." });
	const namespace = inputs.nomadNamespace ?? "default";
	const { apps, leaving } = await stage("sweep", `Look for review apps of ${context.repository} in the namespace ${namespace}`, async () => {
		const found = [];
		for (const nomad of regions) {
			const all = await nomad.jobs.list(namespace);
			const recorded = reviewApps(all, context.repository);
			for (const jobId of unrecorded(all, context.repository)) {
				const job = await nomad.jobs.read(jobId, namespace);
				const linked = job === void 0 ? [] : reviewApps([job], context.repository);
				recorded.push(...linked);
				if (linked.length === 0) log.info(`${jobId}: stays, since it has no owner record`);
			}
			found.push(...recorded.map((app) => ({
				...app,
				nomad
			})));
		}
		const reasons = /* @__PURE__ */ new Map();
		for (const app of found) {
			const reason = await reasonOf(app, sweeping, github, runtime.clock.now());
			const of = isFork(app, context) ? ` of ${app.head}` : "";
			log.info(`${app.jobId} (${app.kind} ${app.ref}${of}): ${reason === void 0 ? "stays" : `to be removed, since ${reason}`}`);
			if (reason !== void 0) reasons.set(app, reason);
		}
		return {
			apps: found,
			leaving: reasons
		};
	});
	const count = `${leaving.size} of ${apps.length} review apps`;
	if (leaving.size === 0) {
		log.info(`None of ${apps.length} review apps is to be removed.`);
		return {
			outcome: inputs.dryRun ? "planned" : "stopped",
			changed: "none"
		};
	}
	if (inputs.dryRun) {
		log.notice(`${count} would be removed: ${[...leaving.keys()].map(({ jobId }) => jobId).join(", ")}. To remove them: \`dry-run: false\`.`);
		return {
			outcome: "planned",
			changed: "destructive",
			jobs: [...leaving].map(([app, hint]) => ({
				...described(app, namespace),
				outcome: "planned",
				hint
			}))
		};
	}
	const jobs = [];
	for (const [app, reason] of leaving) jobs.push(await remove(app, reason, namespace, sweeping, current));
	const failed = jobs.filter(({ outcome }) => outcome === "failed");
	log.notice(`${jobs.length - failed.length} of ${apps.length} review apps were removed.`);
	if (failed.length === 0) return {
		outcome: "stopped",
		changed: "destructive",
		jobs
	};
	return {
		outcome: "failed",
		failureReason: failed[0]?.failureReason ?? "unexpected",
		cause: failed.map(({ cause }) => cause).join("; "),
		jobs
	};
}
function described({ jobId, nomad: { region } }, namespace) {
	return {
		jobId,
		namespace,
		...region === void 0 ? {} : { region }
	};
}
/** A branch of a fork is no branch of this repository, even if that has one of the same name: its pull requests decide. */
async function reasonOf(app, { inputs, context }, github, nowMs) {
	const isForeign = isFork(app, context);
	const [owner = ""] = (isForeign ? app.head : context.repository).split("/");
	const [exists, pullRequests] = await Promise.all([isForeign || github.refs.exists(app.kind, app.ref), app.kind === "branch" ? github.pulls.ofBranch(`${owner}:${app.ref}`) : []]);
	return whyRemove(app, {
		exists,
		pullRequests
	}, inputs.ttlMs, nowMs);
}
function isFork({ head }, { repository }) {
	return head !== repository.toLowerCase();
}
/** Removes a review app, if it is still the one that the reason is about. One that can't be removed does not keep the others. */
async function remove(app, hint, namespace, { inputs, github, address }, current) {
	const { jobId, ref, owner, index, nomad } = app;
	const { runtime } = current;
	const claim = {
		owner,
		jobId,
		namedBy: "checkout",
		onDefaultBranch: false,
		untrusted: false,
		purge: false
	};
	try {
		await stop({
			jobId,
			namespace,
			claim,
			purge: inputs.purge ?? true,
			index,
			timeoutMs: inputs.timeoutMs
		}, nomad, current);
		await endDeployments({
			environment: `review/${slug(ref)}`,
			jobId,
			address,
			region: nomad.region
		}, github, runtime);
		return {
			...described(app, namespace),
			outcome: "stopped",
			hint
		};
	} catch (error) {
		if (runtime.signal.aborted || !(error instanceof ActionError)) throw error;
		runtime.log.error(sentence(error), error.code);
		return {
			...described(app, namespace),
			outcome: "failed",
			failureReason: error.code,
			cause: error.message
		};
	}
}
/** The review apps of a repository among the jobs of a cluster: their owner record tells. Anything else is nobody's to sweep. */
function reviewApps(jobs, repository) {
	return jobs.flatMap((job) => {
		const { ID, ParentID, SubmitTime, JobModifyIndex } = job;
		const owner = recordOf(job);
		const ref = owner?.environment === "review" ? readRef(owner.ref) : void 0;
		if (ParentID || owner === void 0 || ref === void 0 || !isOf(repository, owner)) return [];
		const { repository: head, kind, name } = ref;
		return [{
			jobId: ID,
			owner,
			head,
			kind,
			ref: name,
			registeredAtMs: (SubmitTime ?? 0) / 1e6,
			index: JobModifyIndex
		}];
	});
}
/** Returns the ids of review apps of a repository without an owner record in their meta, the only part that a list of jobs has. */
function unrecorded(jobs, repository) {
	return jobs.flatMap((job) => {
		const { [META.repository]: of, [META.environment]: environment } = job.Meta ?? {};
		return !job.ParentID && isOf(repository, { repository: of }) && environment === "review" && recordOf(job) === void 0 ? [job.ID] : [];
	});
}
/** Why a review app is to go, in words; undefined when it stays. `ttlMs`: how long one may live that nobody deploys. */
function whyRemove(app, { exists, pullRequests }, ttlMs, nowMs) {
	if (ttlMs !== void 0 && nowMs - app.registeredAtMs > ttlMs) {
		const days = (nowMs - app.registeredAtMs) / 864e5;
		return `nothing was registered for ${days < 2 ? `${Math.floor(days * 24)} hours` : `${Math.floor(days)} days`}`;
	}
	const isFork = app.head !== app.owner.repository.toLowerCase();
	const own = pullRequests.filter(({ head: { repo } }) => repo === null ? isFork : repo.full_name.toLowerCase() === app.head);
	if (own.some(({ state }) => state === "open")) return void 0;
	if (!exists) return `the ${app.kind} is gone`;
	const [last] = [...own].sort((a, b) => b.number - a.number);
	return last === void 0 ? void 0 : `its pull request #${last.number} is closed`;
}
function isOf(repository, owner) {
	return owner.repository?.toLowerCase() === repository.toLowerCase();
}
// src/commands/index.ts
/** A command that needs not know whose the job is beyond that it may. */
const simple = (work) => async (job, following, _claim, current) => work(job, following, current);
/** The commands that are about one registered job. */
const OPERATIONS = {
	revert,
	dispatch: simple(dispatch),
	logs: simple(logs),
	promote: simple(promote),
	restart: simple(restart),
	scale: simple(scale),
	status: simple(status)
};
/** Those of them that change nothing, and so are about anybody's job. */
const READING = ["logs", "status"];
/** Whether a command is about jobs that are registered, so that nothing is built or rendered for it. */
function isOperation(command) {
	return command === "stop" || command === "sweep" || command in OPERATIONS;
}
/**
* Refuses, before the cluster is asked, what is easily meant otherwise: several jobs for a command about one, and a stop of anything but a review app
* that is not asked for in as many words. Throws `input-invalid`.
*/
function requireClear({ command, jobName, jobs, sources }, target, specs) {
	if (command !== "stop" && specs.length > 1 && (jobName === void 0 || jobs.length > 0)) throw new ActionError("input-invalid", `\`command\`: ${command} is about one job, and ${specs.map(({ name }) => name).join(", ")} are several`, { hint: "Name it with `job-name`, or give one `job`." });
	const { value, source, isBranch } = target.environment;
	const isSaid = sources.inputs.environment === "environment" || sources.inputs["job-name"] === "job-name";
	if (command === "stop" && value !== "review" && !isSaid) throw new ActionError("input-invalid", `this would stop what runs as ${value} (${source})`, { hint: `If that is meant, set ${isBranch ? "" : `\`environment: ${value}\` or `}\`job-name${isBranch ? `: ${target.jobId}` : ""}\`; without them only review apps are stopped.` });
}
/** Does a command to a registered job. `following` has everything but the job itself. */
async function operate(found, context, following, github, current) {
	const { inputs, nomad, rendering } = following;
	const { jobId, namespace, spec } = found;
	const claim = claimOf(inputs, context, rendering.target);
	const operation = OPERATIONS[inputs.command];
	if (operation === void 0) {
		const { purge, timeoutMs } = inputs;
		const result = await stop({
			jobId,
			namespace,
			claim,
			purge,
			timeoutMs
		}, nomad, current);
		const { target } = rendering;
		const deployed = {
			environment: environmentName(target),
			jobId,
			address: target.nomadAddr?.value ?? "",
			region: nomad.region
		};
		await endDeployments(deployed, github, current.runtime);
		return result;
	}
	const registered = requireRegistered(found);
	if (!READING.includes(inputs.command)) permit(judgeOwner(ownedJob(registered, namespace), claim, "change"), current.runtime);
	return operation(registered, {
		...following,
		rendering: {
			...rendering,
			spec
		},
		draft: {
			job: registered,
			namespace
		}
	}, claim, current);
}
// src/apps/approvals.ts
/**
* Returns the approvable form of each plan. Where plans are compared, the jobs are rendered once more with images of random digests, since a spec may spell
* out the provisional image, which then would count as the built one. A spec that makes another job of the random image is approved with the provisional
* one, as people were shown it: then no job with the final image is the approved one.
*/
async function approvablesOf(drafts, asked, { command, approvedPlan }, runtime) {
	const compared = command === "plan" || approvedPlan.length > 0;
	const found = [];
	for (const drafted of drafts) {
		const { draft, plan, references } = drafted;
		const shown = {
			job: draft.job,
			given: provisionalOf(drafted, asked, references)
		};
		const others = references.map(unknowable);
		const other = compared && others.some((one, i) => one !== references[i]) && {
			job: (await renderWith(drafted, asked, others, runtime)).job,
			given: provisionalOf(drafted, asked, others)
		};
		const { job, given } = other && isSameButForDigests(other.job, other.given, draft.job) ? other : shown;
		found.push(plan && approvable(job, plan, given));
	}
	return found;
}
/** Compares each job's plan with the approved one, before anything is built. Throws `plan-changed`. */
async function requireAllApproved(drafts, approvables, reporting) {
	for (const [i, drafted] of drafts.entries()) {
		const now = approvables[i];
		if (now !== void 0) await requireApproved(subjectOf$1(drafted), now, drafted.live, reporting);
	}
}
/** Compares each job with its final images with the approved one. Throws `plan-changed`. */
async function requireAllApprovedWith(images, drafts, approvables, asked, runtime) {
	for (const [i, drafted] of drafts.entries()) {
		const approved = approvables[i];
		if (approved === void 0) continue;
		const { job } = await renderWith(drafted, asked, images, runtime);
		requireApprovedWith(job, provisionalOf(drafted, asked, images), subjectOf$1(drafted), approved);
	}
}
/** Renders the job without secrets, with images by these references. */
async function renderWith({ rendering, nomad, work }, asked, references, runtime) {
	const names = byName(asked, references);
	return renderJobspec(work.inputs, {
		...rendering,
		...imagesOf(work.asked, asked, names)
	}, nomad, runtime);
}
/** Returns the values that the run gave a job that is rendered with these image references. */
function provisionalOf({ rendering, work }, asked, references) {
	const pairs = asked.map(({ plan }, i) => ({
		plan,
		reference: references[i] ?? ""
	}));
	return {
		images: pairs.flatMap(({ plan, reference }) => plan.kind === "build" ? [reference] : []),
		looked: pairs.flatMap(({ plan, reference }) => plan.kind === "existing" ? [[reference, plan.reference]] : []),
		sha: rendering.context.sha,
		values: automaticValues(work.inputs, rendering)
	};
}
// src/apps/changed.ts
/**
* The apps to go on with: those without `paths`, and those of which a file changed since the event's base, the commit before a push or the base of a
* pull request. A change of the configuration file is one of all apps. Where the changes can't be told, it is all of them, and the log says why.
*/
async function changedUnits({ config, context, units }, runtime) {
	if (config === void 0 || units.every(({ app }) => (app?.paths ?? []).length === 0)) return units;
	const { baseSha } = context;
	const changed = await changedFiles(context, runtime);
	if (!Array.isArray(changed)) {
		runtime.log.notice(`What changed is not known (${changed.unknown}): all apps are deployed, whatever their \`paths\` are.`);
		return units;
	}
	return units.filter(({ app }) => {
		if (app === void 0 || isTouched(app.paths, changed, config)) return true;
		runtime.log.notice(`${app.name} is skipped: none of its \`paths\` changed since ${baseSha?.slice(0, 7)}.`);
		return false;
	});
}
/** Whether one of the files belongs to an app; the name of a folder stands for all that is in it. */
function isTouched(paths, changed, { path }) {
	const patterns = paths.flatMap((pattern) => isPattern(pattern) ? [pattern] : [pattern.replace(/\/$/, ""), `${pattern.replace(/\/$/, "")}/**`]);
	return paths.length === 0 || changed.some((file) => file === path || matchesAny(patterns, file));
}
async function changedFiles({ baseSha, eventName }, { exec, workspace }) {
	if (baseSha === void 0) return { unknown: `a ${eventName || "run"} like this one has no commit to compare with` };
	const git = async (...args) => exec(["git", ...args], {
		cwd: workspace,
		env: { GIT_TERMINAL_PROMPT: "0" }
	});
	if ((await git("cat-file", "-e", `${baseSha}^{commit}`)).code !== 0) await git("fetch", "--no-tags", "--depth=1", "origin", baseSha);
	const diff = await git("diff", "--name-only", "--no-renames", "-z", baseSha, "HEAD");
	return diff.code === 0 ? diff.stdout.split("\0").filter((file) => file !== "") : { unknown: lastError(diff) };
}
// src/apps/each-job.ts
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
// src/apps/operate-each.ts
/** Runs a command about registered jobs on each job; all commands but `stop` are about one. */
async function operateEach(works, operating, current) {
	const { address, context, regions, github } = operating;
	const found = [];
	const [first] = works;
	if (first !== void 0 && first.inputs.command !== "stop" && works.length > 1) throw new ActionError("input-invalid", `\`command\`: ${first.inputs.command} is about one job, and the apps are ${works.length}`, { hint: `Select one with the input \`app\`: ${works.map(({ app }) => app?.name).join(", ")}.` });
	for (const work of works) {
		const { inputs, target, specs } = work;
		requireClear(inputs, target, specs);
		const existing = await findExisting(inputs, specs, bareRendering(work, operating), regions, current.runtime);
		found.push(...existing.map((one) => ({
			...one,
			work,
			app: work.app
		})));
	}
	return eachJob(found, current, async ({ work: { inputs, target }, ...one }, own) => {
		const known = describeJob(address, one);
		own.note(known);
		const checks = one.job === void 0 ? [] : assignChecks(inputs.verify, [one.job])[0] ?? [];
		const following = {
			inputs,
			rendering: {
				spec: one.spec,
				target
			},
			nomad: one.nomad,
			checks,
			nomadUrl: known.nomadUrl
		};
		const result = await operate(one, context, following, github, own);
		await recordOperation(one, result, {
			inputs,
			context,
			target,
			github
		}, one.nomad, current.runtime);
		return result;
	});
}
/** Returns Nomad in each region that review apps are looked for in: that of `nomad-region`, else those of the specs. */
async function sweptRegions(works, operating, runtime) {
	const { regions } = operating;
	const found = [];
	for (const work of works) for (const spec of work.inputs.nomadRegion === void 0 ? work.specs : []) {
		const Region = await namedRegion(work.inputs, {
			...bareRendering(work, operating),
			spec
		}, regions.first, runtime);
		found.push(await regions.of({ Region }, spec));
	}
	return found.length === 0 ? [regions.first] : [...new Set(found)];
}
/** Returns the rendering of a spec for a command that builds nothing. */
function bareRendering(work, { context, policy }) {
	const { fromFiles, target } = work;
	const asked = work.images.map((own) => namedBy(own, context));
	const names = byName(asked, asked.map(provisionalImage));
	const images = imagesOf(asked, asked, names);
	const rules = policy && {
		...policy,
		policy: {
			...policy.policy,
			imageRegistries: void 0
		}
	};
	return {
		fromFiles,
		target,
		context,
		...images,
		...NO_SECRETS,
		oversubscription: true,
		policy: rules
	};
}
/** Returns the image of a command about a registered job, by the name of the workflow, else that of the repository. */
function namedBy(inputs, { repository }) {
	const reference = inputs.image ?? `${inputs.registry}/${repository}`.toLowerCase();
	return {
		name: inputs.imageKey,
		plan: {
			kind: "existing",
			reference
		},
		inputs
	};
}
// src/apps/refusals.ts
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
			const named = failureOf$1(`${app?.name ?? jobId}${file === void 0 ? "" : ` (${file})`}`, error);
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
// src/apps/work.ts
/**
* Reads the files of each app and plans its images. Throws `input-invalid`, with the name of the app, for what is missing or can't be, and where two
* images would have one tag.
*/
async function prepareWork(units, context, runtime) {
	const [first, ...others] = units;
	const work = async (unit) => naming(unit.app?.name, async () => workOf(unit, context, runtime));
	const all = [await work(first)];
	for (const unit of others) all.push(await work(unit));
	const owners = /* @__PURE__ */ new Map();
	for (const { name = "", plan } of all.flatMap(({ asked }) => asked)) for (const tag of plan.kind === "build" ? plan.tags : []) {
		const other = owners.get(tag);
		if (other !== void 0) throw new ActionError("input-invalid", `\`image\`: ${other} and ${name} would both be ${tag}`, { hint: "Give each an `image` of its own, or none: then it is named by the repository and the name in the configuration file." });
		owners.set(tag, name);
	}
	return all;
}
async function workOf(unit, context, runtime) {
	const { inputs, target } = unit;
	const { workspace } = runtime;
	const files = await findFiles(inputs, workspace);
	const fromFiles = readVarFiles(await Promise.all(files.varFiles.map(async (path) => readSourceFile(path, workspace))));
	const specs = await Promise.all(files.specs.map(async (path) => readSpecFile(path, workspace)));
	if (specs.some(({ builtIn }) => builtIn)) requireLiterals(fromFiles);
	if (specs.length > 1 && inputs.jobName !== void 0) throw new ActionError("input-invalid", `\`job-name\`: ${specs.length} job specs can't have one name`, { hint: "Leave it out: each job is named by its spec." });
	const asked = [];
	for (const own of unit.images) asked.push(...await askedImage(own, unit, specs, target, context, workspace));
	if ([
		"deploy",
		"plan",
		"render"
	].includes(inputs.command)) {
		requireOneEach(asked);
		for (const { inputs: own } of asked) requireDeclared(own.imageVariables, own.sources.inputs["image-variables"] ?? "", specs);
	}
	return {
		...unit,
		inputs: withRegistryPassword(inputs, specs, fromFiles, runtime),
		files,
		specs,
		fromFiles,
		asked
	};
}
/** Refuses an expression where a value is needed before the cluster is asked to evaluate it: for its region, or as a password to mask. */
function requireLiterals(fromFiles) {
	const early = Object.entries(fromFiles).find(([name, { expression }]) => expression !== void 0 && /^(REGION$|CI_)/.test(name));
	if (early === void 0) return;
	const [name, { source }] = early;
	const location = sourceLocation(source);
	throw new ActionError("input-invalid", `${source}: ${name} is an expression, and has to be a literal`, location && { location });
}
/** The inputs with the password of the node's login among the secrets, where the built-in template logs in: a job is in clear for all who may read it. */
function withRegistryPassword(inputs, specs, fromFiles, { mask }) {
	const login = specs.some(({ builtIn }) => builtIn) ? registryLogin(givenValues(inputs, fromFiles)) : void 0;
	if (login === void 0) return inputs;
	mask(login.password);
	const sources = {
		...inputs.sources,
		secrets: {
			...inputs.sources.secrets,
			[REGISTRY_PASSWORD]: "CI_REGISTRY_READ_TOKEN or CI_REGISTRY_PASSWORD"
		}
	};
	return {
		...inputs,
		secrets: {
			...inputs.secrets,
			[REGISTRY_PASSWORD]: secret(login.password)
		},
		sources
	};
}
/** The image to build or to look up; none when the specs name their own. A command about a job that is registered needs none. */
async function askedImage(own, { inputs }, specs, target, context, workspace) {
	if (isOperation(inputs.command)) return [];
	const isNeeded = own !== inputs || specs.some(({ builtIn }) => builtIn) || Object.keys(own.imageVariables).length > 0;
	const plan = planImage(own, await findFiles(own, workspace), isNeeded, target, context, workspace);
	return plan.kind === "none" ? [] : [{
		name: own.imageKey,
		plan,
		inputs: own
	}];
}
// src/apps/pipeline.ts
/**
* Does what the command asks, from the inputs on. Loaded by the run once that is known to do anything: reading it takes as long as the start without it.
*/
async function pipeline(begun, current) {
	const { config, context } = begun;
	const { runtime, note, stage } = current;
	const { log } = runtime;
	const [{ inputs, target }] = begun.units;
	note(describeTarget(target, inputs));
	const anonymous = inputs.nomadLogin === void 0 ? inputs.nomadToken[target.environment.value] === void 0 : inputs.nomadLogin.idToken === void 0;
	for (const unit of begun.units) {
		const { url, sources, jobId, environment, notes } = unit.target;
		const at = url === void 0 ? "" : `, ${url} (${sources.hostnames})`;
		log.info(`Environment ${environment.name} (${environment.source}), job ${jobId} (${sources.jobId})${at}`);
		for (const line of notes) log.info(line);
	}
	const operation = isOperation(inputs.command);
	if (inputs.noDeploy && !operation) {
		log.notice("NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.");
		return { outcome: "skipped" };
	}
	const distrusted = distrust(context, inputs, !anonymous);
	if (distrusted !== void 0) return skip(distrusted, runtime);
	const [first, ...others] = operation ? begun.units : await changedUnits(begun, runtime);
	if (first === void 0) return {
		outcome: "skipped",
		cause: "no file of any app changed"
	};
	const units = [first, ...others];
	const address = inputs.command === "build" ? "" : requireAddress(commonTarget(units), inputs, runtime);
	const works = await prepareWork(units, context, runtime);
	const [firstWork] = works;
	const { files } = firstWork;
	const asked = works.flatMap((work) => work.asked);
	if (inputs.command === "build") {
		await prepareImages(asked, () => [], current);
		return { outcome: "built" };
	}
	const own = works.map((work) => variableRegion(work, context));
	const region = inputs.nomadRegion ?? own[0];
	if (region !== void 0) note({ region });
	const regions = await openRegions(inputs, {
		address,
		region,
		environment: target.environment.value,
		pemFiles: files.pemFiles
	}, context, runtime);
	const github = openGitHub(inputs, context, runtime);
	try {
		await regions.first.logIn();
		const policy = config && policyOf$1(config);
		if (policy !== void 0 && (!operation || inputs.command === "scale")) log.info(`Policy of ${policy.source}`);
		if (operation) requireCount(inputs.count, policy);
		if (inputs.command === "sweep") return await sweep({
			inputs,
			context,
			regions: await sweptRegions(works, {
				address,
				context,
				regions,
				github,
				policy
			}, runtime),
			github,
			address
		}, current);
		if (operation) return await operateEach(works, {
			address,
			context,
			regions,
			github,
			policy
		}, current);
		const provisional = provisionalImages(asked, inputs.command);
		const [only] = asked;
		if (only?.plan.kind === "existing") note({ image: only.plan.reference });
		const drafts = [];
		const checked = [];
		const all = works.flatMap((work) => work.specs);
		for (const work of works) {
			const { target, app } = work;
			const evaluate = async () => evaluateVarFiles(work.fromFiles, regions.first, work.inputs.nomadNamespace);
			const fromFiles = await naming(app?.name, evaluate);
			for (const spec of work.specs) {
				const bare = {
					spec,
					others: all.filter((other) => other !== spec),
					fromFiles,
					target,
					context,
					tags: tagsOf(work.asked),
					...NO_SECRETS,
					oversubscription: true,
					policy
				};
				const file = spec.builtIn ? void 0 : spec.name;
				try {
					const drafted = await stage("check", `Check ${nameOf(work, spec)} with the cluster's parser`, async () => firstTaken(provisional, async (references) => ({
						references,
						...await checkDraft(work.inputs, {
							...bare,
							...imagesOf(work.asked, asked, byName(asked, references))
						}, regions, runtime)
					})));
					if (asked.some(isProvisional)) requireFinalId(drafted.draft, spec.name);
					requireOther(drafts, nameOf(work, spec), drafted);
					drafts.push({
						...drafted,
						work
					});
					checked.push({
						app,
						file,
						jobId: drafted.draft.job.ID,
						error: void 0
					});
				} catch (thrown) {
					const error = refusalOf(thrown);
					if (all.length === 1 || error === void 0) throw app === void 0 || !(thrown instanceof ActionError) ? thrown : failureOf$1(app.name, thrown);
					checked.push({
						app,
						file,
						jobId: jobNameIn(spec, target),
						error
					});
				}
			}
		}
		if (checked.some(({ error }) => error !== void 0)) return await refuseSpecs(checked, runtime);
		const [firstDraft] = drafts;
		if (firstDraft !== void 0) note(describeJob(address, jobOf(firstDraft)));
		requirePeriodic(inputs, drafts);
		if (inputs.app === void 0) requireScopes(Object.keys(inputs.secrets), drafts.map(({ draft }) => draft.job));
		const checks = works.flatMap((work) => assignChecks(work.inputs.verify, drafts.filter((drafted) => drafted.work === work).map(({ draft }) => draft.job)));
		const reporting = {
			inputs,
			context,
			target,
			github
		};
		const approvables = await approvablesOf(drafts, asked, inputs, runtime);
		const fingerprints = approvables.flatMap((one) => one === void 0 ? [] : [fingerprintText(one.fingerprint)]);
		if (fingerprints.length > 0) note({ planFingerprint: fingerprints.join("\n") });
		if (inputs.command === "deploy") await requireAllApproved(drafts, approvables, reporting);
		if (inputs.command === "deploy") await report(reporting, {
			jobId: firstDraft?.draft.job.ID ?? target.jobId,
			region: firstDraft?.nomad.region
		}, current);
		const built = inputs.command === "deploy" ? await prepareImages(asked, ({ plan }) => runningImages(plan, drafts, context), current) : [];
		for (const [i, image] of built.entries()) {
			const running = drafts.filter(({ work }) => work.asked.some((one) => one === asked[i]));
			for (const nomad of new Set(running.map((drafted) => drafted.nomad))) await requireArchitecture(image, nomad, runtime);
		}
		const final = built.map(({ reference }) => reference);
		if (inputs.approvedPlan.length > 0 && built.length > 0) await requireAllApprovedWith(final, drafts, approvables, asked, runtime);
		const [own] = built;
		if (own?.isNew === false) await notePromotion(own, context, target, firstDraft?.nomad ?? regions.first, current);
		const images = built.length === 0 ? void 0 : byName(asked, final);
		return await eachJob(drafts.map((drafted) => ({
			...drafted,
			...jobOf(drafted),
			app: drafted.work.app
		})), current, async ({ rendering, references, draft, work, ...job }, own) => {
			const described = describeJob(address, job);
			own.note({
				...described,
				...describeApp(work, imageOf(work.asked, images ?? namesGiven(asked)))
			});
			const deploying = {
				inputs: work.inputs,
				rendering: {
					...rendering,
					...imagesOf(work.asked, asked, images ?? byName(asked, references))
				},
				draft,
				nomad: job.nomad,
				checks: checks[own.number - 1] ?? [],
				nomadUrl: described.nomadUrl,
				github,
				asked,
				own: work.asked,
				judged: job.live,
				approvable: approvables[own.number - 1]
			};
			return inputs.command === "deploy" ? deploy(deploying, own) : preview(deploying, own);
		});
	} finally {
		await regions.close();
	}
}
/** Gives the id of the job of a spec that the cluster has not understood, as it is written there; the name of the file where there is none. */
function jobNameIn({ builtIn, format, name, text }, { jobId }) {
	if (builtIn) return jobId;
	const label = format === "hcl" ? readBlocks(text).blocks.find(({ type }) => type === "job")?.labels[0] : /(?:^|[\s{,"'])ID["']?\s*:\s*["']?([^"'\s,}]+)/m.exec(text)?.[1];
	return label === void 0 || label === "" ? name : label.replaceAll("NOMAD_VAR_SLUG", jobId);
}
/** The name of a job spec where there are several apps. */
function nameOf({ app }, spec) {
	return app === void 0 ? spec.name : `${app.name} (${spec.name})`;
}
/** The part of the result that names one of several apps. */
function describeApp({ app, target }, image) {
	if (app === void 0) return {};
	return {
		app: app.name,
		...image === "" ? {} : { image },
		...target.url === void 0 ? {} : {
			url: target.url,
			urls: target.hostnames.map((host) => `https://${host}`)
		}
	};
}
function requirePeriodic({ periodicForce }, drafts) {
	if (!periodicForce || drafts.some(({ draft }) => draft.job.Periodic)) return;
	throw new ActionError("input-invalid", `\`periodic-force\`: ${drafts.map(({ draft }) => draft.job.ID).join(", ")} is not a periodic job`);
}
/** Records the deploy as a GitHub Deployment, and its end. */
async function report(reporting, job, { runtime, atEnd }) {
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
/** Two specs of one job would replace one another, and the second would look good. */
function requireOther(drafts, name, { nomad, draft: { job, namespace } }) {
	const same = drafts.find(({ draft, ...other }) => draft.job.ID === job.ID && draft.namespace === namespace && other.nomad === nomad);
	if (same === void 0) return;
	throw new ActionError("input-invalid", `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, { hint: "Each job needs an id of its own." });
}
/** Returns the job of a draft, with its namespace and Nomad in its region. */
function jobOf({ draft, nomad }) {
	return {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		nomad
	};
}
export { pipeline };
