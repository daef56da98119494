import { An as hidingValues, Qt as settingLines, jt as showResolved, kn as eject, nn as withoutZeros } from "./steps.js";
// src/commands/render.ts
/** `render`: shows the job in the form of the cluster's parser. Nothing is built, written or registered. */
async function render({ inputs, rendering, draft }, current) {
	const { runtime } = current;
	const { resolved, warnings } = await showResolved(inputs, rendering, draft, current);
	await runtime.log.group("Resolved values", async () => runtime.log.info(settingLines(resolved).join("\n")));
	if (inputs.format === "hcl") {
		const { text, notes } = await eject(inputs, rendering, draft, runtime.redact);
		for (const note of notes) runtime.log.notice(note);
		if (runtime.terminal === void 0) await runtime.log.group("The job as a spec of your own", async () => runtime.log.info(text));
		else if (!runtime.terminal.json) await runtime.terminal.writeBytes("stdout", Buffer.from(text));
		return {
			outcome: "rendered",
			warnings
		};
	}
	const text = hidingValues(draft.settings, runtime.redact)(JSON.stringify(draft.job, null, 2));
	if (withoutZeros(text) !== text) runtime.log.info("A deploy builds or looks up the image. The rendered job has a digest of zeros instead.");
	await runtime.log.group("The rendered job", async () => runtime.log.info(text));
	return {
		outcome: "rendered",
		warnings
	};
}
export { render };
