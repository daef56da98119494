import { Bn as hasChecks, Fn as shortId, Nn as allocationRecords, Q as timeoutFor, Rn as countsChecks, Vn as isIgnored, br as rulesOf, it as describeUnread, rt as explain, yt as requireParts } from "./steps.js";
import { _ as ActionError } from "./runtime.js";
// src/commands/restart.ts
/** The pause between two reads of the checks. */
const RESTARTED_POLL_MS = 1e3;
/**
* `restart`: restarts the tasks of a job's running allocations in place, `max_parallel` at once, without a new version. The next ones follow when these are
* healthy again. Fails with the cause when an allocation does not become healthy; the others are then skipped.
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
	if (total === 0) throw new ActionError("input-invalid", `${job.ID} has no running allocation to restart`, { hint: "Deploy the job to start it again, as a new version. `command: status` shows its allocations." });
	const minHealthyMs = rulesOf(job).minHealthyMs;
	const timeoutMs = inputs.timeoutMs ?? timeoutFor(job, 0);
	let done = 0;
	const failed = await stage("restart", `Restart ${total} ${total === 1 ? "allocation" : "allocations"} of ${job.ID}`, async () => {
		for (const batch of batches) {
			runtime.signal.throwIfAborted();
			const signal = AbortSignal.any([runtime.signal, runtime.clock.timeout(timeoutMs)]);
			const [first] = (await Promise.all(batch.map(async (before) => {
				await nomad.allocations.restart(before.ID, inputs.task, namespace, signal);
				runtime.log.info(`${before.Name} (${shortId(before.ID)} on ${before.NodeName}) was restarted`);
				if (!inputs.wait) return void 0;
				return back(before, job, {
					task: inputs.task,
					minHealthyMs,
					namespace,
					signal,
					nomad
				}, runtime);
			}))).filter((one) => one !== void 0);
			if (first !== void 0) return first;
			done += batch.length;
			if (inputs.wait) runtime.log.info(`${done} of ${total} allocations restarted and healthy`);
		}
	});
	const after = await nomad.jobs.allocations(job.ID, namespace, 0, AbortSignal.any([runtime.signal, runtime.clock.timeout(timeoutMs)]));
	const ids = new Set(batches.flat().map(({ ID }) => ID));
	const restarted = after.value.filter(({ ID }) => ids.has(ID));
	note({ allocations: allocationRecords(restarted) });
	if (failed === void 0) return { outcome: "restarted" };
	const description = `allocation ${failed.Name} is not healthy after its restart; ${done} of ${total} allocations were restarted and are healthy, the others were skipped`;
	return explain({
		verdict: {
			outcome: "failed",
			reason: "unhealthy",
			description
		},
		snapshot: {
			evaluation: void 0,
			deployment: void 0,
			allocations: [failed]
		},
		evidence: []
	}, following, current);
}
/** Returns the running allocations of a group, in batches of the `max_parallel` of its `update` block. */
function batchesOf({ Name, Update }, all) {
	const running = all.filter(({ TaskGroup, ClientStatus, DesiredStatus }) => TaskGroup === Name && ClientStatus === "running" && DesiredStatus === "run").sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true }));
	const size = Math.max(1, Update?.MaxParallel ?? 1);
	return Array.from({ length: Math.ceil(running.length / size) }, (_, i) => running.slice(i * size, (i + 1) * size));
}
/**
* Waits until an allocation is healthy after its restart: its tasks have started again and run for `minHealthyMs` milliseconds, and its checks pass. Returns
* the last state of an allocation that is not healthy in time; undefined otherwise.
*/
async function back(before, job, { task, minHealthyMs, namespace, signal, nomad }, { clock, log, signal: cancelled }) {
	let last = before;
	try {
		for (let index = 0;;) {
			const answer = await nomad.jobs.allocations(job.ID, namespace, index, signal);
			index = answer.index;
			last = answer.value.find(({ ID }) => ID === before.ID) ?? last;
			if (last.ClientStatus !== "running" && last.ClientStatus !== "pending") return last;
			if (!startedAnew(before, last, task)) continue;
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
				await clock.sleep(RESTARTED_POLL_MS, signal);
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
/** Returns whether each task that was running (or the named one) has started again. */
function startedAnew(before, now, task) {
	return Object.entries(before.TaskStates ?? {}).filter(([name, { State }]) => task === void 0 ? State === "running" : name === task).every(([name]) => now.TaskStates?.[name]?.State === "running" && startsOf(now, name) > startsOf(before, name));
}
/** Returns whether all counted checks pass, by results newer than the last start; undefined when the checks can't be read. */
async function checksPass(allocation, namespace, nomad, signal) {
	const startedMs = Math.max(...Object.keys(allocation.TaskStates ?? {}).map((task) => startsOf(allocation, task) / 1e6));
	const results = await nomad.allocations.checks(allocation.ID, namespace, signal);
	const passes = ({ Status, Timestamp }) => Status === "success" && (Timestamp ?? 0) * 1e3 + 999 >= startedMs;
	return results && results.length > 0 && results.every((result) => isIgnored(result) || passes(result));
}
export { restart };
