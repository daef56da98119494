import { Ct as readLive, Nn as allocationRecords, Pr as provenanceOf, U as lookAt, V as allocationsOf, br as rulesOf, rt as explain } from "./steps.js";
import { l as isoTime } from "./runtime.js";
// src/commands/status.ts
/** `status`: shows the state of the newest version of a job, and changes nothing. Fails with the cause when the version is not healthy. */
async function status(job, following, current) {
	const { inputs, draft, nomad } = following;
	const { namespace } = draft;
	const { runtime, note } = current;
	const { terminal } = runtime;
	if (terminal !== void 0 && inputs.watch) {
		const { watchStatus } = await import("./status2.js");
		await watchStatus(job, following, {
			runtime,
			terminal
		}, described);
		return { outcome: "reported" };
	}
	const { job: live = job, deployment, tried } = await readLive(draft, nomad);
	note({
		jobVersion: job.Version,
		...deployment === void 0 ? {} : { deploymentId: deployment.ID }
	});
	const all = await allocationsOf(job, {
		namespace,
		nomad,
		runtime
	});
	const own = all.filter(({ JobVersion, NextAllocation }) => JobVersion === job.Version && !NextAllocation);
	note({ allocations: allocationRecords(own) });
	if (terminal !== void 0 && (terminal.isTty.stdout || inputs.all)) {
		const { showStatus } = await import("./status2.js");
		await showStatus({
			job,
			deployment,
			allocations: all
		}, following, {
			runtime,
			terminal
		}, described);
	} else {
		const told = deployment === void 0 ? [] : [`Deployment ${deployment.ID.slice(0, 8)}: ${deployment.StatusDescription}`];
		for (const line of [
			...described(job),
			...told,
			...own.map(describe)
		]) runtime.log.info(line);
	}
	const failed = tried.find(({ version }) => version === job.Version);
	const condition = await lookAt(live, deployment, async () => all, {
		namespace,
		nomad,
		runtime
	});
	const snapshot = condition.how === "unwell" ? condition.snapshot : {
		evaluation: void 0,
		deployment,
		allocations: own
	};
	const what = failed?.how ?? (condition.how === "unwell" ? condition.what : void 0);
	if (what !== void 0) {
		const again = job.Status === "dead" && rulesOf(job).kind !== "batch" ? "; deploy the job to start it again, as a new version" : "";
		const description = `version ${job.Version} is not healthy: ${what}${again}`;
		return explain({
			verdict: {
				outcome: "failed",
				reason: "unhealthy",
				description
			},
			snapshot,
			evidence: []
		}, following, current);
	}
	runtime.log.info(condition.how === "well" ? "All allocations that the job asks for are running." : `The rollout is under way: ${condition.what}.`);
	return { outcome: "reported" };
}
function described(job) {
	const { ID, Type, Version, Status, SubmitTime } = job;
	const { run, sha, actor, changed } = provenanceOf(job);
	const at = SubmitTime ? `, registered at ${isoTime(SubmitTime / 1e6)}` : "";
	const by = [
		run,
		sha && `commit ${sha}${changed === "true" ? " with changes" : ""}`,
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
export { status };
