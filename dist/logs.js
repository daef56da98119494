import { Fn as shortId, nt as follow, yt as requireParts } from "./steps.js";
import { _ as ActionError } from "./runtime.js";
import { l as LOGS_UNREAD } from "./start.js";
// src/commands/logs.ts
const FOLLOW_MS = 3e5;
/** `logs`: shows the last log lines of the running allocations of a job, or else of its newest ones; with `follow` also new lines. */
async function logs(job, following, current) {
	const { inputs, draft, nomad } = following;
	const { runtime, note } = current;
	requireParts(job, inputs);
	note({ jobVersion: job.Version });
	if (runtime.terminal !== void 0) {
		const { terminalLogs } = await import("./logs2.js");
		return terminalLogs(job, following, {
			runtime,
			terminal: runtime.terminal
		});
	}
	const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
	const which = logsOf(all, inputs);
	if (which.length === 0) {
		const where = inputs.group === void 0 ? job.ID : `the group ${inputs.group} of ${job.ID}`;
		throw new ActionError("input-invalid", `no allocation of ${where} has run, or Nomad has removed it`);
	}
	if (inputs.follow) {
		await followLogs(job, which, following, runtime);
		return { outcome: "reported" };
	}
	for (const log of which) {
		const name = {
			id: log.allocation.ID,
			task: log.task,
			type: log.stream
		};
		await show(log, await nomad.allocations.logTail(name, inputs.logLines, draft.namespace, runtime.signal), runtime);
	}
	return { outcome: "reported" };
}
/** Shows the last lines of a log. Throws `permission-denied` where the token may not read them. */
async function show({ allocation, task, stream }, lines, { log }) {
	if (lines === "denied") throw new ActionError("permission-denied", LOGS_UNREAD.denied, { hint: "Add the capability to the policy of the token." });
	const shown = lines === "gone" ? [LOGS_UNREAD.gone] : lines.map((line) => `| ${line}`);
	if (shown.length === 0) return;
	const title = `${allocation.Name} (${shortId(allocation.ID)} on ${allocation.NodeName}), task ${task}: ${stream}`;
	await log.group(title, async () => {
		for (const line of shown) log.info(`  ${line}`);
	});
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
/** Shows the last log lines and then the new ones, until all allocations have ended, or until the timeout. */
async function followLogs({ ID: jobId }, which, { inputs, draft: { namespace }, nomad }, runtime) {
	const { clock, log } = runtime;
	const timeUp = clock.timeout(inputs.timeoutMs ?? FOLLOW_MS);
	const done = new AbortController();
	const signal = AbortSignal.any([
		runtime.signal,
		timeUp,
		done.signal
	]);
	const ended = new Map(which.map(({ allocation }) => [allocation.ID, new AbortController()]));
	const runs = ({ ClientStatus }) => ClientStatus === "running" || ClientStatus === "pending";
	const watched = follow(async (index) => nomad.jobs.allocations(jobId, namespace, index, signal), (all) => {
		for (const [id, over] of ended) if (!all.some((one) => one.ID === id && runs(one))) over.abort(/* @__PURE__ */ new Error("the allocation has ended"));
	}, {
		clock,
		signal
	});
	const { promise: allShown, resolve: allowNew } = Promise.withResolvers();
	const read = which.map((one) => {
		const { allocation, task, stream } = one;
		const { promise: tail, resolve } = Promise.withResolvers();
		let shown = allShown;
		const tell = async (lines) => {
			shown = shown.then(async () => {
				for (const line of lines) log.info(`${allocation.Name} ${task} | ${line}`);
				await runtime.drained?.();
			});
			return shown;
		};
		const wish = {
			last: inputs.logLines,
			over: ended.get(allocation.ID)?.signal,
			onTail: resolve,
			tell
		};
		const whole = nomad.allocations.readLog({
			id: allocation.ID,
			task,
			type: stream
		}, wish, namespace, signal);
		return {
			tail: Promise.race([tail, whole.then((unread) => unread ?? [])]),
			whole: whole.then(async () => shown)
		};
	});
	const showAll = async () => {
		for (const [i, one] of which.entries()) await show(one, await read[i]?.tail ?? [], runtime);
		log.info("New log output:");
		allowNew();
		await Promise.all(read.map(async ({ whole }) => whole));
	};
	try {
		await Promise.race([showAll(), watched]);
	} catch (error) {
		if (!timeUp.aborted) throw error;
	} finally {
		allowNew();
		done.abort(/* @__PURE__ */ new Error("all is shown"));
		await Promise.allSettled([watched, ...read.flatMap(({ tail, whole }) => [tail, whole])]);
	}
}
export { logs };
