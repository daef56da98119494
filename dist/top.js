import { B as requireTerminal } from "./start.js";
import { yt as requireParts } from "./steps.js";
// src/commands/top.ts
/** `top`: shows the use of the running tasks of a job. */
async function top(job, following, { runtime }) {
	const terminal = requireTerminal("top", runtime);
	requireParts(job, following.inputs);
	const { showUsage } = await import("./top2.js");
	await showUsage(job, following, {
		runtime,
		terminal
	});
	return { outcome: "reported" };
}
export { top };
