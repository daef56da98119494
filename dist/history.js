import { rt as isoTime } from "./start.js";
import { Pt as provenanceOf, Vt as columns } from "./steps.js";
// src/commands/history.ts
/** `history`: shows the versions of a job that Nomad keeps, the newest first, with commit, actor, run, outcome and tag. */
async function history(job, { draft: { namespace }, nomad }, { runtime }) {
	const [versions, deployments] = await Promise.all([nomad.jobs.versions(job.ID, namespace), nomad.jobs.deployments(job.ID, namespace)]);
	const all = [...versions].sort((a, b) => b.Version - a.Version).map((version) => keptVersion(version, job, deployments));
	const rows = all.map(({ version, registeredAt, commit, actor, run, outcome, tag }) => [`${version}${version === job.Version ? " (newest)" : ""}`, ...[
		registeredAt,
		commit.slice(0, 7),
		actor,
		outcome,
		tag,
		run
	]]);
	for (const line of columns([
		"version",
		"registered",
		"commit",
		"by",
		"outcome",
		"tag",
		"run"
	], rows)) runtime.log.info(line);
	runtime.terminal?.event({ versions: all });
	return {
		outcome: "reported",
		jobVersion: job.Version
	};
}
function keptVersion(version, newest, deployments) {
	const { run = "", sha = "", actor = "" } = provenanceOf(version);
	const deployment = deployments.find(({ JobVersion, JobSpecModifyIndex }) => JobSpecModifyIndex === void 0 ? JobVersion === version.Version : JobSpecModifyIndex === version.JobModifyIndex);
	const state = version.Version === newest.Version ? newest.Status : version.Stable === true ? "was healthy" : "";
	return {
		version: version.Version,
		registeredAt: version.SubmitTime ? isoTime(version.SubmitTime / 1e6) : "",
		commit: sha,
		actor,
		run,
		outcome: deployment === void 0 ? version.Stop ? "stopped" : state : deployment.StatusDescription,
		tag: version.VersionTag?.Name ?? ""
	};
}
export { history };
