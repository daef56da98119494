import { _ as ActionError } from "./runtime.js";
import { W as followRejected, dt as requireUnderWay, yr as unpromotedGroups } from "./steps.js";
// src/commands/reject.ts
/** `reject`: fails the deployment whose canaries wait for a promotion, so that Nomad stops them or rolls back, and follows that to its end. */
async function reject(job, following, current) {
	const { nomad, draft } = following;
	const { namespace } = draft;
	const { ID, ...deployment } = await requireUnderWay(job, namespace, nomad);
	const waiting = unpromotedGroups(deployment);
	if (waiting.length === 0) throw new ActionError("nothing-to-promote", `${job.ID} version ${job.Version} has no canary to reject`, { hint: "Nothing was changed. To go back to an older version, run `command: revert`." });
	current.note({
		jobVersion: job.Version,
		deploymentId: ID
	});
	await current.stage("reject", `Reject the canaries of ${job.ID} version ${job.Version}`, async () => nomad.deployments.fail(ID, namespace));
	const registration = {
		jobId: job.ID,
		namespace,
		evaluationId: "",
		version: job.Version,
		previousVersion: void 0,
		deploymentId: ID
	};
	return followRejected({
		id: ID,
		waiting
	}, registration, following, current);
}
export { reject };
