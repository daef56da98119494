import { d as messageOf, m as toActionError, p as sentence, s as ActionError } from "./runtime.js";
import { D as provenanceOf, Z as withoutQuery, _t as nearest, jt as oneLine, un as formatDuration } from "./target.js";
import { a as collectEvidence, c as describeFailing, d as isIgnored, f as rulesOf, l as hasChecks, n as diagnose, o as taskCauses, p as updateOf, r as describePlacement, s as countsChecks, t as gatherer, u as intervalsOf } from "./diagnose.js";
import { C as specLocation, j as hidingSecrets } from "./jobspec.js";
import { s as evidenceLines } from "./report.js";
import { t as shortId } from "./seen.js";
import { t as leaveUnderWay } from "./killed2.js";
import { runInNewContext } from "node:vm";
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
const reasonOf = (verdict) => verdict.outcome === "failed" ? verdict.reason : verdict.outcome;
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
		failureReason: reasonOf(verdict),
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
const ENDED = /^(complete|failed|lost)$/;
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
	return [...[...missing.values()].filter(({ ClientStatus }) => ENDED.test(ClientStatus)), ...now];
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
	if (last.some(({ ClientStatus, FollowupEvalID }) => FollowupEvalID || !ENDED.test(ClientStatus))) return void 0;
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
const POLL_MS = 250;
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
			await clock.sleep(POLL_MS, signal);
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
		case "promote": return promote(watch);
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
async function promote(watch) {
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
		failureReason: reasonOf(verdict)
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
export { followRegistration as a, explain as c, followNewVersion as i, describeUnread as l, followUnchanged as n, assignChecks as o, lookAt as r, timeoutFor as s, allocationsOf as t, allocationRecords as u };
