import { C as requireParts, F as countsChecks, I as hasChecks, L as isIgnored, N as shortId, f as timeoutFor, g as describeUnread, h as explain, pt as allocationRecords, xt as rulesOf } from "./steps.js";
import { c as ActionError } from "./runtime.js";
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
			const signal = AbortSignal.any([runtime.signal, runtime.clock.timeout(timeoutMs)]);
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
	const after = await nomad.jobs.allocations(job.ID, namespace, 0, AbortSignal.any([runtime.signal, runtime.clock.timeout(timeoutMs)]));
	const ids = new Set(batches.flat().map(({ ID }) => ID));
	const restarted = after.value.filter(({ ID }) => ids.has(ID));
	note({ allocations: allocationRecords(restarted) });
	if (failed === void 0) return { outcome: "restarted" };
	const description = `allocation ${failed.Name} did not come back after its restart; ${done} of ${total} were restarted and are well, the others were left alone`;
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
export { restart };
