import { C as requireParts, N as shortId } from "./steps.js";
import { u as ActionError } from "./runtime.js";
import { s as LOGS_UNREAD } from "./start.js";
// src/commands/logs.ts
/** The pause between two reads of a followed log. */
const LOG_POLL_MS = 1e3;
const FOLLOW_MS = 3e5;
/** `logs`: shows the last log lines of the running allocations of a job, or else of its newest ones; with `follow` also new lines. */
async function logs(job, following, current) {
	const { inputs, draft, nomad } = following;
	const { runtime, note } = current;
	requireParts(job, inputs);
	note({ jobVersion: job.Version });
	const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
	const which = logsOf(all, inputs);
	if (which.length === 0) {
		const where = inputs.group === void 0 ? job.ID : `the group ${inputs.group} of ${job.ID}`;
		throw new ActionError("input-invalid", `no allocation of ${where} has run, or Nomad has removed it`);
	}
	for (const { allocation, task, stream } of which) {
		const lines = await nomad.allocations.logTail({
			id: allocation.ID,
			task,
			type: stream
		}, inputs.logLines, draft.namespace, runtime.signal);
		if (lines === "denied") throw new ActionError("permission-denied", LOGS_UNREAD.denied, { hint: "Add the capability to the policy of the token." });
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
/** Returns the logs of the running allocations, or else of those of the newest version, limited to the group and task of the inputs. */
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
/** Shows new log lines until all allocations have ended, or until the timeout. */
async function followLogs(job, which, { inputs, draft, nomad }, { runtime }) {
	const { namespace } = draft;
	const timeUp = runtime.clock.timeout(inputs.timeoutMs ?? FOLLOW_MS);
	const signal = AbortSignal.any([runtime.signal, timeUp]);
	const from = async ({ allocation, task, stream }, offset) => nomad.allocations.logFrom({
		id: allocation.ID,
		task,
		type: stream
	}, offset, namespace, signal);
	const ids = new Set(which.map(({ allocation }) => allocation.ID));
	const follow = async () => {
		const told = await Promise.all(which.map(async (log) => ({
			log,
			next: (await from(log, 0)).next,
			rest: ""
		})));
		for (let goesOn = true; goesOn;) {
			await runtime.clock.sleep(LOG_POLL_MS, signal);
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
	runtime.log.info("New log output:");
	await follow().catch((error) => {
		if (!timeUp.aborted) throw error;
	});
}
export { logs };
