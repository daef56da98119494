import { _ as ActionError } from "./runtime.js";
import { Jt as dispatchJob, Yt as dispatchProblems, q as followRegistration } from "./steps.js";
// src/commands/dispatch.ts
/** `dispatch`: starts a run of a parameterized job, or of a periodic one, and waits for its end. */
async function dispatch(job, following, current) {
	const result = await runOnce(job, following.inputs, following, current);
	return result.outcome === "successful" ? {
		...result,
		outcome: "dispatched"
	} : result;
}
/** Starts a run of a registered job and, unless `wait` is false, follows it to its end. Returns `successful` for a completed run. */
async function runOnce(job, given, following, current) {
	const { inputs, nomad, draft } = following;
	const { runtime, note, stage } = current;
	const problems = dispatchProblems(job, given);
	if (problems.length > 0) throw new ActionError("input-invalid", problems.join("; "), { hint: "Nothing was started." });
	runtime.signal.throwIfAborted();
	const { job: run, registration } = await stage("dispatch", `Start a run of ${job.ID}`, async () => dispatchJob(job, draft.namespace, given, nomad));
	const nomadUrl = following.nomadUrl?.replace(encodeURIComponent(job.ID), encodeURIComponent(run.ID));
	note({
		dispatchedJobId: run.ID,
		...registration.evaluationId === "" ? {} : { evaluationId: registration.evaluationId },
		...nomadUrl === void 0 ? {} : { nomadUrl }
	});
	runtime.log.info(`Started ${run.ID} in the namespace ${draft.namespace}`);
	if (!inputs.wait) return { outcome: "successful" };
	return followRegistration({
		...following,
		draft: {
			...draft,
			job: run
		},
		nomadUrl,
		dispatched: true
	}, run, registration, current);
}
export { runOnce as n, dispatch as t };
