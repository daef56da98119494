import { d as ActionError } from "./runtime.js";
import { At as judgeOwner, It as permit, Lt as ownedJob, Vt as provenanceOf, d as followNewVersion } from "./steps.js";
// src/commands/revert.ts
/**
* `revert`: rolls back to an older version (`to`, else the last healthy one before the current), as a new version, and follows that to its end. The older
* version brings its owner record back, so this run must own it too. Throws `job-taken` otherwise.
*/
async function revert(job, operating, current) {
	const { inputs, nomad, draft, claim } = operating;
	const goal = goalOf(job, await nomad.jobs.versions(job.ID, draft.namespace), inputs.to);
	const { what, ...owned } = ownedJob(goal, draft.namespace);
	permit(judgeOwner({
		...owned,
		what: `version ${goal.Version} of ${what}`
	}, claim, "change"), current.runtime);
	const sha = provenanceOf(goal).sha;
	current.runtime.log.info(`Rolling back ${job.ID} from version ${job.Version} to version ${goal.Version}${sha === void 0 ? "" : ` (commit ${sha.slice(0, 7)})`}`);
	const { EvalID, JobModifyIndex } = await nomad.jobs.revert(job.ID, goal.Version, job.Version, draft.namespace);
	return followNewVersion("reverted", {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex,
		before: job
	}, operating, current);
}
/** Returns the version to roll back to. Throws `input-invalid` when Nomad does not keep it, or when it is the current one. */
function goalOf(job, versions, to) {
	const kept = versions.map(({ Version, Stable }) => `${Version}${Stable === true ? " (was healthy)" : ""}`).join(", ");
	const refused = (message, hint) => new ActionError("input-invalid", message, { hint });
	if (to === void 0) {
		const [last] = versions.filter(({ Version, Stable }) => Version < job.Version && Stable === true).sort((a, b) => b.Version - a.Version);
		if (last === void 0) throw refused(`${job.ID} has no older version that was healthy`, `Nomad keeps the versions ${kept}. Name one with \`to\`, or deploy an older commit.`);
		return last;
	}
	const named = versions.find(({ Version }) => Version === to);
	if (named === void 0) throw refused(`\`to\`: Nomad keeps no version ${to} of ${job.ID}`, `Nomad keeps the versions ${kept}.`);
	if (to === job.Version) throw refused(`\`to\`: ${job.ID} is at version ${to} already`, `Nomad keeps the versions ${kept}.`);
	return named;
}
export { revert };
