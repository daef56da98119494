import { Q as settingLines, it as hidingValues, j as showResolved, nt as withoutZeros } from "./steps.js";
// src/commands/render.ts
/** `render`: shows the job as the cluster's parser reads it. Nothing is built, written or registered. */
async function render({ inputs, rendering, draft }, current) {
	const { runtime } = current;
	const { resolved, warnings } = await showResolved(inputs, rendering, draft, current);
	await runtime.log.group("Resolved values", async () => runtime.log.info(settingLines(resolved).join("\n")));
	const text = hidingValues(draft.settings, runtime.redact)(JSON.stringify(draft.job, null, 2));
	if (withoutZeros(text) !== text) runtime.log.info("The image is built or looked up by the deploy. In the rendered job, a digest of zeros stands for its own.");
	await runtime.log.group("The rendered job", async () => runtime.log.info(text));
	return {
		outcome: "rendered",
		warnings
	};
}
export { render };
