import { st as isoTime } from "./start.js";
import { Jt as columns, Vt as provenanceOf } from "./steps.js";
// src/commands/history.ts
/** `history`: shows the versions of a job that Nomad keeps, the newest first, with commit, actor, run, outcome and tag. */
async function history(job, { draft: { namespace }, nomad }, { runtime }) {
	const [versions, deployments] = await Promise.all([nomad.jobs.versions(job.ID, namespace), nomad.jobs.deployments(job.ID, namespace)]);
	const all = [...versions].sort((a, b) => b.Version - a.Version).map((version) => keptVersion(version, job, deployments));
	const rows = all.map(({ version, registeredAt, commit, changed, actor, run, outcome, reason, tag }) => [`${version}${version === job.Version ? " (newest)" : ""}`, ...[
		registeredAt,
		`${commit.slice(0, 7)}${changed ? " with changes" : ""}`,
		actor,
		outcome,
		reason,
		tag,
		run
	]]);
	for (const line of columns([
		"version",
		"registered",
		"commit",
		"by",
		"outcome",
		"reason",
		"tag",
		"run"
	], rows)) runtime.log.info(line);
	return {
		outcome: "reported",
		jobVersion: job.Version,
		versions: all
	};
}
function keptVersion(version, newest, deployments) {
	const { run = "", sha = "", actor = "", reason = "", changed } = provenanceOf(version);
	const deployment = deployments.find(({ JobVersion, JobSpecModifyIndex }) => JobSpecModifyIndex === void 0 ? JobVersion === version.Version : JobSpecModifyIndex === version.JobModifyIndex);
	const state = version.Version === newest.Version ? newest.Status : version.Stable === true ? "was healthy" : "";
	return {
		version: version.Version,
		registeredAt: version.SubmitTime ? isoTime(version.SubmitTime / 1e6) : "",
		commit: sha,
		changed: changed === "true",
		actor,
		run,
		reason,
		outcome: deployment === void 0 ? version.Stop ? "stopped" : state : deployment.StatusDescription,
		tag: version.VersionTag?.Name ?? ""
	};
}
export { history };
