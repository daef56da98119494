import { u as ActionError } from "./runtime.js";
import { E as requireParts } from "./steps.js";
// src/commands/top.ts
/** `top`: shows the use of the running tasks of a job. */
async function top(job, following, { runtime }) {
	const { terminal } = runtime;
	if (terminal === void 0) throw new ActionError("input-invalid", "`command: top` is for the terminal program only");
	requireParts(job, following.inputs);
	const { showUsage } = await import("./top2.js");
	await showUsage(job, following, {
		runtime,
		terminal
	});
	return { outcome: "reported" };
}
export { top };
