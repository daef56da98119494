import { _ as ActionError, l as isoTime } from "./runtime.js";
import { _t as freeze } from "./steps.js";
// src/commands/lock.ts
/** `lock`: freezes a job, so that no run with the input `lock` deploys it. Throws `job-locked` for a job that is frozen already. */
async function lock(job, { inputs, draft, nomad, context }, { runtime }) {
	const { reason, until } = inputs;
	const nowMs = runtime.clock.now();
	if (reason === void 0) throw new ActionError("input-invalid", "`reason`: `command: lock` needs a reason", { hint: "Each refused run shows it. Set a text, such as `reason: the database is moved`." });
	const untilMs = until === void 0 ? void 0 : "forMs" in until ? nowMs + until.forMs : until.atMs;
	if (untilMs !== void 0 && untilMs <= nowMs) throw new ActionError("input-invalid", `\`until\`: ${isoTime(untilMs)} is over already`, { hint: "Nothing was locked." });
	const end = untilMs === void 0 ? "" : isoTime(untilMs);
	await freeze({
		jobId: job.ID,
		namespace: draft.namespace,
		nomad
	}, {
		reason,
		until: end,
		context
	});
	const hint = `${job.ID} is frozen ${end === "" ? "until `command: unlock`" : `until ${end}`}, for runs with \`lock: wait\` or \`lock: fail\`. Runs without the input \`lock\` do not look at it.`;
	runtime.log.info(hint);
	return {
		outcome: "locked",
		hint
	};
}
export { lock };
