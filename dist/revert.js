import { E as toActionError, T as sentence, _ as ActionError } from "./runtime.js";
import { G as followNewVersion, Gn as secretsOfVersion, Or as permit, Pr as provenanceOf, Wn as secretNamesOf, c as goalOf, ht as revertJob, kr as ownedJob, or as judgeOwner, s as taskImages } from "./steps.js";
import { h as describeImage } from "./start.js";
// src/commands/revert.ts
/**
* `revert`: rolls back to an older version, as `to` names it (else to the last healthy one before the current), as a new version, and follows that to its end. The
* older version brings its owner record back, so this run must own it too. Throws `job-taken` otherwise, and `input-invalid` for a version that is gone, or whose
* secrets are.
*/
async function revert(job, operating, current) {
	const { inputs, nomad, draft, claim } = operating;
	const { log } = current.runtime;
	const versions = await nomad.jobs.versions(job.ID, draft.namespace);
	const goal = goalOf(job, versions, inputs.to);
	const { what, ...owned } = ownedJob(goal, draft.namespace);
	permit(judgeOwner({
		...owned,
		what: `version ${goal.Version} of ${what}`
	}, claim, "change"), current.runtime);
	const secrets = await requireSecrets(goal, draft.namespace, nomad, current);
	const { sha } = provenanceOf(goal);
	const tag = goal.VersionTag?.Name;
	const named = [tag === void 0 ? "" : `tag ${tag}`, sha === void 0 ? "" : `commit ${sha.slice(0, 7)}`].filter((word) => word !== "");
	log.info(`Rolling back ${job.ID} from version ${job.Version} to version ${goal.Version}${named.length === 0 ? "" : ` (${named.join(", ")})`}`);
	const images = taskImages(goal);
	const [before, after] = [job, goal].map((one) => taskImages(one).join(", "));
	if (after !== "") log.info(before === after ? `The image stays: ${after}` : `The image that comes back: ${after}`);
	if (secrets.length > 0) log.info(`Secrets with the values of version ${goal.Version}: ${secrets.join(", ")}`);
	current.note({
		revertedTo: {
			version: goal.Version,
			tag: tag ?? "",
			commit: sha ?? "",
			secrets
		},
		...images[0] === void 0 ? {} : describeImage(images[0])
	});
	const { EvalID, JobModifyIndex } = await revertJob(goal, {
		job,
		namespace: draft.namespace
	}, nomad);
	return followNewVersion("reverted", {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex,
		before: job
	}, operating, current);
}
/** Returns the names of the secrets that a version reads. Throws `input-invalid` when the variables of the job no longer have them: its tasks would never start. */
async function requireSecrets(goal, namespace, nomad, { runtime: { log } }) {
	const { ID, Version } = goal;
	try {
		const { names, missing, paths } = await secretsOfVersion(goal, namespace, nomad);
		if (missing.length === 0) return names;
		const { sha } = provenanceOf(goal);
		throw new ActionError("input-invalid", `version ${Version} of ${ID} cannot come back: its secrets ${missing.join(", ")} are no longer in the Nomad variable ${paths.join(", ")}`, { hint: `Nothing was rolled back. Deploy ${sha === void 0 ? "that commit" : `the commit ${sha.slice(0, 7)}`} again with its secrets, or name a newer version; \`command: history\` lists them.` });
	} catch (error) {
		const problem = toActionError(error);
		if (problem.code !== "permission-denied") throw error;
		log.notice(`This run could not check whether the secrets of version ${Version} of ${ID} are still there: ${problem.hint ?? sentence(problem)}`);
		return secretNamesOf(goal);
	}
}
export { revert };
