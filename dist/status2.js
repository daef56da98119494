import { Nn as allocationRecords, Vn as isIgnored, br as rulesOf, nt as follow } from "./steps.js";
import { l as isoTime } from "./runtime.js";
import { n as tree, t as deploymentLine } from "./tree.js";
import { r as readUsage } from "./usage.js";
// src/watch/terminal/status.ts
/** Nomad has no event for the results of checks and for the use of tasks. */
const REFRESH_MS = 3e3;
/** The number of allocations whose checks are read at a time. */
const MAX_CHECKED = 20;
/** Writes the tree of a job as it is now. `describe` returns the lines about its version. */
async function showStatus(known, following, { runtime, terminal }, describe) {
	const state = {
		...known,
		checks: {},
		usage: {}
	};
	await measure(state, following, runtime);
	for (const line of linesOf(state, describe, runtime.clock.now())) terminal.line(line);
}
/** Shows the tree of a job at each change, until the person leaves, which is no failure. */
async function watchStatus(job, following, { runtime, terminal }, describe) {
	const { clock, signal } = runtime;
	const { nomad, draft } = following;
	const { namespace } = draft;
	const state = {
		job,
		allocations: [],
		checks: {},
		usage: {}
	};
	const complete = {
		allocations: false,
		deployment: false
	};
	let told = "";
	const render = () => {
		if (!complete.allocations || !complete.deployment) return;
		const lines = linesOf(state, describe, clock.now());
		if (terminal.isTty.stdout && !terminal.json) {
			terminal.show(lines);
			return;
		}
		const record = recordOf(state);
		const now = JSON.stringify(record);
		if (now === told) return;
		told = now;
		if (terminal.json) terminal.event({
			...record,
			seenAt: isoTime(clock.now())
		});
		else for (const line of linesOf({
			...state,
			usage: {}
		}, describe, clock.now())) terminal.line(line);
	};
	const refresh = async () => {
		for (;;) {
			await measure(state, following, runtime);
			render();
			await clock.sleep(REFRESH_MS, signal);
		}
	};
	const looks = [
		follow(async (index) => nomad.jobs.watch(job.ID, namespace, index, signal), (now) => {
			state.job = now;
			render();
		}, {
			clock,
			signal
		}),
		follow(async (index) => nomad.jobs.watchDeployments(job.ID, namespace, index, signal), (all) => {
			state.deployment = all.sort((a, b) => b.JobVersion - a.JobVersion)[0];
			complete.deployment = true;
			render();
		}, {
			clock,
			signal
		}),
		follow(async (index) => nomad.jobs.allocations(job.ID, namespace, index, signal), (all) => {
			state.allocations = all;
			complete.allocations = true;
			render();
		}, {
			clock,
			signal
		}),
		refresh()
	];
	try {
		await Promise.all(looks);
	} catch (error) {
		if (!signal.aborted) throw error;
		terminal.show([]);
		if (terminal.isTty.stdout && !terminal.json) for (const line of linesOf(state, describe, clock.now())) terminal.line(line);
		terminal.exitWith(0);
	}
}
/** Returns the allocations that the tree shows: those that run or are to run, and the last ones of the version. */
function shownOf({ job, allocations }) {
	return allocations.filter(({ ClientStatus, DesiredStatus, JobVersion, NextAllocation }) => ClientStatus === "running" || ClientStatus === "unknown" || !NextAllocation && (DesiredStatus === "run" || JobVersion === job?.Version));
}
function linesOf(state, describe, nowMs) {
	const { job, deployment, checks, usage } = state;
	if (job === void 0) return [[["yellow", "The job is no longer registered."]]];
	const [first = "", ...others] = describe(job);
	const head = [[["bold", first]], ...others];
	const own = deployment?.JobVersion === job.Version ? deployment : void 0;
	if (own !== void 0) head.push(deploymentLine(own));
	return tree({
		job,
		head,
		deployment: own,
		allocations: shownOf(state),
		checks,
		usage,
		minHealthyMs: rulesOf(job).minHealthyMs,
		nowMs
	});
}
/** Returns the state without what changes always. */
function recordOf(state) {
	const { job, deployment, checks } = state;
	const failing = Object.values(checks).flat();
	return {
		job: job?.ID,
		version: job?.Version,
		status: job?.Status ?? "gone",
		...deployment === void 0 ? {} : { deployment: {
			id: deployment.ID,
			status: deployment.Status
		} },
		allocations: allocationRecords(shownOf(state)),
		checks: failing.map(({ Check, Service, Status }) => ({
			check: Check,
			service: Service,
			status: Status
		}))
	};
}
/** Reads the checks and the use of the running allocations. */
async function measure(state, { nomad, draft: { namespace } }, { signal }) {
	const running = shownOf(state).filter(({ ClientStatus }) => ClientStatus === "running");
	const read = running.slice(0, MAX_CHECKED).map(async ({ ID }) => {
		return [ID, (await nomad.allocations.checks(ID, namespace, signal).catch(() => void 0) ?? []).filter((result) => !isIgnored(result))];
	});
	const [checks, usage] = await Promise.all([Promise.all(read), readUsage(running, nomad, namespace, signal)]);
	state.checks = Object.fromEntries(checks);
	state.usage = usage;
}
export { showStatus, watchStatus };
