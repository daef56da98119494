import { br as rulesOf } from "./steps.js";
import { n as tree, t as deploymentLine } from "./tree.js";
// src/watch/terminal/live.ts
/** Returns the live screen of a version of a job. */
function liveScreen(job, version, terminal, clock) {
	const { minHealthyMs } = rulesOf(job);
	let shown = "";
	return {
		show: ({ deployment, allocations, checks = {} }) => {
			const head = [[["bold", job.ID], ` version ${version}`], ...deployment === void 0 ? [] : [deploymentLine(deployment)]];
			const lines = tree({
				job,
				head,
				deployment,
				allocations,
				checks,
				usage: {},
				minHealthyMs,
				nowMs: clock.now()
			});
			const now = JSON.stringify(lines);
			if (now !== shown) terminal.show(lines);
			shown = now;
		},
		end: () => terminal.show([])
	};
}
export { liveScreen };
