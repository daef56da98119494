import { ft as setPaused, q as followRegistration } from "./steps.js";
// src/commands/resume.ts
/** `resume`: resumes the deployment of the newest version, and follows it to its end, or until its canaries wait for promotion. */
async function resume(job, following, current) {
	const { inputs, draft } = following;
	const { ID } = await setPaused(job, false, following, current);
	if (!inputs.wait) return { outcome: "resumed" };
	const registration = {
		jobId: job.ID,
		namespace: draft.namespace,
		evaluationId: "",
		version: job.Version,
		previousVersion: void 0,
		deploymentId: ID
	};
	const resumed = {
		...following,
		inputs: {
			...inputs,
			promote: inputs.promote ?? "manual"
		}
	};
	const result = await followRegistration(resumed, job, registration, current);
	return result.outcome === "successful" ? {
		...result,
		outcome: "resumed"
	} : result;
}
export { resume };
