import { _ as ActionError } from "./runtime.js";
import { Fr as resubmittedJob, G as followNewVersion, bt as requireNoneWaiting, pt as registerJob } from "./steps.js";
// src/commands/resubmit.ts
/**
* `resubmit`: registers the registered job again as a new version that replaces all of its tasks, with its source and the reason, and follows that to its end.
* Throws `conflict` when the job has changed since it was read.
*/
async function resubmit(job, operating, current) {
	const { inputs, nomad, draft, context } = operating;
	const { namespace } = draft;
	const { runtime, stage } = current;
	const reason = inputs.reason ?? "";
	await requireNoneWaiting(job, namespace, inputs, nomad);
	const [whole, submission] = await Promise.all([nomad.jobs.readWhole(job.ID, namespace), nomad.jobs.submission(job.ID, job.Version, namespace)]);
	if (whole?.JobModifyIndex !== job.JobModifyIndex) throw changed(job.ID, "another version was registered since it was read");
	if (submission === void 0) runtime.log.notice(`Nomad keeps no source of version ${job.Version}, so the new version has none either.`);
	const { Source: source, Format: format, Variables: variables } = submission ?? {
		Source: "",
		Format: "json",
		Variables: ""
	};
	const registration = await stage("register", `Register ${job.ID} again${reason === "" ? "" : `: ${reason}`}`, async () => {
		const sent = resubmittedJob(whole, context, reason);
		return registerJob(sent, {
			source,
			format,
			variables,
			namespace
		}, {
			plan: { jobModifyIndex: job.JobModifyIndex },
			live: job
		}, nomad);
	});
	if ("conflict" in registration) throw changed(job.ID, registration.conflict);
	const { evaluationId, jobModifyIndex = 0 } = registration;
	return followNewVersion("resubmitted", {
		evaluationId,
		jobModifyIndex,
		before: job
	}, operating, current);
}
function changed(id, why) {
	return new ActionError("conflict", `${id} has changed meanwhile: ${why}`, { hint: "Nothing was registered. Look at `nomad-deploy history`, and run the command again." });
}
export { resubmit };
