import { _ as ActionError } from "./runtime.js";
import { q as followRegistration, ut as deploymentOf, yr as unpromotedGroups, yt as requireParts } from "./steps.js";
// src/commands/promote.ts
/**
* `promote`: promotes the canaries of the newest version once they are healthy and `verify` passes, and follows the deployment to its end. With `group`, those
* of some groups only: the run ends when these groups are healthy, and the canaries of the others go on waiting.
*/
async function promote(job, following, current) {
	const { inputs, nomad, draft } = following;
	const { namespace } = draft;
	const deployment = await deploymentOf(job, namespace, nomad);
	const groups = inputs.group?.split(/[\s,]+/).filter((name) => name !== "");
	for (const group of groups ?? []) requireParts(job, {
		group,
		task: void 0
	});
	if (deployment === void 0 || deployment.Status !== "running" || unpromotedGroups(deployment).length === 0) {
		const state = deployment === void 0 ? "the version has no deployment" : `the deployment: ${deployment.StatusDescription}`;
		throw new ActionError("nothing-to-promote", `${job.ID} version ${job.Version} has no canary to promote (${state})`, { hint: deployment?.Status === "paused" ? "Resume the deployment first: `command: resume`." : `To list its deployments, run nomad job deployments -namespace=${namespace} ${job.ID}` });
	}
	for (const group of groups ?? []) requireCanaries(group, job, deployment);
	current.note({ jobVersion: job.Version });
	const promoting = {
		...inputs,
		wait: true,
		promote: inputs.promote === "verify" || following.checks.length > 0 || inputs.bake !== void 0 ? "verify" : "auto"
	};
	const registration = {
		jobId: job.ID,
		namespace,
		evaluationId: "",
		version: job.Version,
		previousVersion: void 0,
		deploymentId: deployment.ID
	};
	const result = await followRegistration({
		...following,
		groups,
		inputs: promoting
	}, job, registration, current);
	return result.outcome === "successful" ? {
		...result,
		outcome: "promoted"
	} : result;
}
/** Throws `nothing-to-promote` for a group without canaries that wait. */
function requireCanaries(group, { ID, Version }, deployment) {
	const waiting = unpromotedGroups(deployment);
	if (waiting.includes(group)) return;
	const what = (deployment.TaskGroups?.[group]?.DesiredCanaries ?? 0) > 0 ? "the canaries are promoted already" : "the group has no canaries";
	throw new ActionError("nothing-to-promote", `\`group\`: nothing of ${group} in ${ID} version ${Version} waits for promotion: ${what}`, { hint: `Nothing was promoted. Canaries of ${waiting.join(", ")} wait.` });
}
export { promote };
