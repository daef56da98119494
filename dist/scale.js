import { _ as ActionError } from "./runtime.js";
import { G as followNewVersion, gt as scaleJob } from "./steps.js";
// src/commands/scale.ts
/** `scale`: sets the count of a group (the only one, or `group`), and follows the job until all of its allocations are healthy. */
async function scale(job, following, current) {
	const { inputs, nomad, draft, rendering } = following;
	const { count } = inputs;
	if (count === void 0) throw new ActionError("input-invalid", "`count`: `command: scale` needs a count", { hint: "Set a number, such as `count: 3`." });
	const groups = (job.TaskGroups ?? []).map(({ Name }) => Name);
	const group = inputs.group ?? (groups.length === 1 ? groups[0] : void 0);
	if (group === void 0 || !groups.includes(group)) {
		const what = group === void 0 ? `${job.ID} has several groups` : `${job.ID} has no group ${group}`;
		throw new ActionError("input-invalid", `\`group\`: ${what}`, { hint: `${job.ID} has the groups ${groups.join(", ")}.` });
	}
	const before = job.TaskGroups?.find(({ Name }) => Name === group)?.Count ?? 1;
	if (before === count) {
		current.runtime.log.info(`The count of ${group} is ${count} already.`);
		current.note({ jobVersion: job.Version });
		return { outcome: "scaled" };
	}
	current.runtime.log.info(`Changing the count of ${group} from ${before} to ${count}`);
	const message = `nomad-deploy, environment ${rendering.target.environment.name}`;
	const { EvalID, JobModifyIndex } = await scaleJob({
		group,
		count,
		message
	}, {
		job,
		namespace: draft.namespace
	}, nomad);
	return followNewVersion("scaled", {
		evaluationId: EvalID,
		jobModifyIndex: JobModifyIndex,
		before: job
	}, following, current);
}
export { scale };
