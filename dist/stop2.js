import { Ct as permit, N as shortId, Tt as ownedJob, vt as removeSecrets, wt as judgeOwner } from "./steps.js";
import { c as ActionError, m as sentence } from "./runtime.js";
import { Xt as formatDuration, f as jobText } from "./start.js";
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
	const late = runtime.clock.timeout(timeoutMs);
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
export { stop as t };
