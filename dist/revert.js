import { c as ActionError } from "./runtime.js";
import { Ct as permit, Tt as ownedJob, kt as provenanceOf, u as followNewVersion, wt as judgeOwner } from "./steps.js";
// src/commands/revert.ts
/**
* `revert`: goes back to an older version (`to`, else the last one before this that was healthy), as a new version, and follows that to its end. With the
* version its owner comes back, so that has to be this run's, too.
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
	current.runtime.log.info(`${job.ID} goes back from version ${job.Version} to version ${goal.Version}${sha === void 0 ? "" : ` (commit ${sha.slice(0, 7)})`}`);
	const { EvalID, JobModifyIndex } = await nomad.jobs.revert(job.ID, goal.Version, job.Version, draft.namespace);
	return followNewVersion("reverted", {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex
	}, job, operating, current);
}
/** The version to go back to. Throws `input-invalid` when it is not kept, or is no way back. */
function goalOf(job, versions, to) {
	const kept = versions.map(({ Version, Stable }) => `${Version}${Stable === true ? " (was healthy)" : ""}`).join(", ");
	const refused = (message, hint) => new ActionError("input-invalid", message, { hint });
	if (to === void 0) {
		const [last] = versions.filter(({ Version, Stable }) => Version < job.Version && Stable === true).sort((a, b) => b.Version - a.Version);
		if (last === void 0) throw refused(`${job.ID} has no older version that was healthy`, `Nomad keeps the versions ${kept}. Name one with \`to\`, or deploy an older commit.`);
		return last;
	}
	const named = versions.find(({ Version }) => Version === to);
	if (named === void 0) throw refused(`\`to\`: Nomad keeps no version ${to} of ${job.ID}`, `It keeps the versions ${kept}.`);
	if (to === job.Version) throw refused(`\`to\`: ${job.ID} is at version ${to} already`, `Nomad keeps the versions ${kept}.`);
	return named;
}
export { revert };
