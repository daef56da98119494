import { Lt as withoutZeros, Nt as settingLines, lt as showResolved, zt as hidingValues } from "./steps.js";
// src/commands/render.ts
/** `render`: shows the job in the form of the cluster's parser. Nothing is built, written or registered. */
async function render({ inputs, rendering, draft }, current) {
	const { runtime } = current;
	const { resolved, warnings } = await showResolved(inputs, rendering, draft, current);
	await runtime.log.group("Resolved values", async () => runtime.log.info(settingLines(resolved).join("\n")));
	const text = hidingValues(draft.settings, runtime.redact)(JSON.stringify(draft.job, null, 2));
	if (withoutZeros(text) !== text) runtime.log.info("A deploy builds or looks up the image. The rendered job has a digest of zeros instead.");
	await runtime.log.group("The rendered job", async () => runtime.log.info(text));
	return {
		outcome: "rendered",
		warnings
	};
}
export { render };
