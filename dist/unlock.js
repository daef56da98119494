import { vt as thaw } from "./steps.js";
// src/commands/unlock.ts
/** `unlock`: ends the freeze of a job. A job that is not frozen is no error. */
async function unlock(job, { draft, nomad }, { runtime }) {
	const ended = await thaw({
		jobId: job.ID,
		namespace: draft.namespace,
		nomad
	});
	runtime.log.info(ended === void 0 ? `${job.ID} is not frozen.` : `The freeze of ${job.ID} is ended. It was by ${ended}`);
	return { outcome: "unlocked" };
}
export { unlock };
