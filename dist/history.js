import { Kr as columns, Pr as provenanceOf, V as allocationsOf, l as taggerOf, s as taskImages } from "./steps.js";
import { l as isoTime } from "./runtime.js";
// src/commands/history.ts
/** The commands whose versions are copies of older ones, with the provenance of those: the message of the tag has their own run and person. */
const COPYING = ["revert", "scale"];
/** `history`: shows the versions of a job that Nomad keeps, the newest first: tag, commit, person, run, image, outcome, and what runs now. */
async function history(job, { draft: { namespace }, nomad }, { runtime }) {
	const [versions, deployments, allocations] = await Promise.all([
		nomad.jobs.versions(job.ID, namespace),
		nomad.jobs.deployments(job.ID, namespace),
		allocationsOf(job, {
			namespace,
			nomad,
			runtime
		})
	]);
	const all = [...versions].sort((a, b) => b.Version - a.Version).map((version) => keptVersion(version, {
		newest: job,
		deployments,
		allocations
	}));
	const rows = all.map(({ version, registeredAt, commit, changed, actor, run, outcome, reason, tag, image, running }) => [
		`${version}${version === job.Version ? " (newest)" : ""}`,
		...[
			registeredAt,
			`${commit.slice(0, 7)}${changed ? " with changes" : ""}`,
			actor,
			running === 0 ? "" : `${running}`
		],
		...[
			outcome,
			reason,
			tag,
			shortened(image),
			run
		]
	]);
	for (const line of columns([
		"version",
		"registered",
		"commit",
		"by",
		"running",
		"outcome",
		"reason",
		"tag",
		"image",
		"run"
	], rows)) runtime.log.info(line);
	return {
		outcome: "reported",
		jobVersion: job.Version,
		versions: all
	};
}
function keptVersion(version, { newest, deployments, allocations }) {
	const { run = "", sha = "", actor = "", reason = "", changed } = provenanceOf(version);
	const tagger = taggerOf(version);
	const by = tagger !== void 0 && COPYING.includes(tagger.command) ? tagger : {
		run,
		actor
	};
	const deployment = deployments.find(({ JobVersion, JobSpecModifyIndex }) => JobSpecModifyIndex === void 0 ? JobVersion === version.Version : JobSpecModifyIndex === version.JobModifyIndex);
	const state = version.Version === newest.Version ? newest.Status : version.Stable === true ? "was healthy" : "";
	const running = allocations.filter(({ JobVersion, ClientStatus, DesiredStatus }) => JobVersion === version.Version && ClientStatus === "running" && DesiredStatus === "run");
	return {
		version: version.Version,
		registeredAt: version.SubmitTime ? isoTime(version.SubmitTime / 1e6) : "",
		commit: sha,
		changed: changed === "true",
		actor: by.actor,
		run: by.run,
		reason,
		outcome: deployment === void 0 ? version.Stop ? "stopped" : state : deployment.StatusDescription,
		tag: version.VersionTag?.Name ?? "",
		image: taskImages(version).join(", "),
		running: running.length
	};
}
/** Returns images with the beginnings of their digests, as commits are written. */
function shortened(images) {
	return images.replace(/(?<=@sha256:[0-9a-f]{12})[0-9a-f]+/g, "");
}
export { history };
