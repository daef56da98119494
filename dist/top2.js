import { Fn as shortId, Kr as columns } from "./steps.js";
import { _ as ActionError, l as isoTime } from "./runtime.js";
import { n as slot } from "./log-writer.js";
import { n as limitsOf, r as readUsage, t as amount } from "./usage.js";
// src/watch/terminal/top.ts
/** Nodes measure their tasks once a second. */
const REFRESH_MS = 2e3;
/** Shows the use of the running tasks of a job; with `watch` again and again, until the person leaves. */
async function showUsage(job, { inputs, draft: { namespace }, nomad }, { runtime, terminal }) {
	const { clock, signal } = runtime;
	try {
		for (let first = true;; first = false) {
			const running = (await nomad.jobs.allocations(job.ID, namespace, 0, signal)).value.filter((one) => one.ClientStatus === "running" && isWanted(one, inputs));
			if (running.length === 0 && !inputs.watch) throw new ActionError("input-invalid", `no allocation of ${job.ID} runs`, { hint: "`status` shows its state." });
			tell(rowsOf(job, running, await readUsage(running, nomad, namespace, signal), inputs.task), terminal, {
				isFirst: first,
				watch: inputs.watch,
				seenAt: isoTime(clock.now())
			});
			if (!inputs.watch) return;
			await clock.sleep(REFRESH_MS, signal);
		}
	} catch (error) {
		if (!signal.aborted || !inputs.watch) throw error;
		terminal.exitWith(0);
	}
}
const isWanted = ({ ID, TaskGroup }, { group, alloc }) => (group === void 0 || TaskGroup === group) && (alloc === void 0 || ID.startsWith(alloc));
/** Returns a row for each running task, the busiest first. */
function rowsOf(job, allocations, usage, only) {
	return allocations.flatMap((allocation) => Object.entries(allocation.TaskStates ?? {}).filter(([task, { State }]) => State === "running" && (only === void 0 || task === only)).map(([task, { Restarts }]) => {
		return {
			allocation,
			task,
			used: usage[allocation.ID]?.[task],
			limit: limitsOf(job, allocation, task),
			restarts: Restarts
		};
	})).sort((a, b) => (b.used?.cpuMhz ?? -1) - (a.used?.cpuMhz ?? -1) || (b.used?.memoryMb ?? -1) - (a.used?.memoryMb ?? -1) || a.allocation.Name.localeCompare(b.allocation.Name, "en", { numeric: true }) || a.task.localeCompare(b.task));
}
function tell(rows, { line, show, event, json, isTty }, { isFirst, watch, seenAt }) {
	if (json) {
		for (const { allocation, task, used, limit, restarts } of rows) event({
			allocation: allocation.ID,
			name: allocation.Name,
			task,
			node: allocation.NodeName,
			...used,
			limits: limit,
			restarts,
			seenAt
		});
		return;
	}
	const [head = "", ...others] = columns([
		"ALLOCATION",
		"NAME",
		"TASK",
		"CPU",
		"MEMORY",
		"RESTARTS",
		"NODE"
	], rows.map(({ allocation, task, used, limit, restarts }) => [
		shortId(allocation.ID),
		slot(allocation),
		task,
		used === void 0 ? "unknown" : amount(used.cpuMhz, limit.cpuMhz, "MHz"),
		used === void 0 ? "unknown" : `${amount(used.memoryMb, limit.memoryMb, "MiB")}${percent(used.memoryMb, limit.memoryMb)}`,
		String(restarts),
		allocation.NodeName
	]));
	const lines = rows.length === 0 ? [[["dim", "No task runs."]]] : [[["bold", head]], ...others];
	if (watch && isTty.stdout) {
		show(lines);
		return;
	}
	if (!isFirst) line("");
	for (const one of lines) line(one);
}
const percent = (used, limit) => limit > 0 ? ` (${Math.round(100 * used / limit)} %)` : "";
export { showUsage };
