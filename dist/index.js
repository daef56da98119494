import { E as toActionError, T as sentence, _ as ActionError, g as takeOver, t as actionsRuntime } from "./runtime.js";
import { t as run } from "./start.js";
import { readFile } from "node:fs/promises";
// src/index.ts
takeOver();
const cancelled = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`the workflow was cancelled (${name})`)));
const { runtime, cleanUp } = actionsRuntime(process.env, cancelled.signal);
try {
	const path = process.env["GITHUB_EVENT_PATH"];
	const event = path === void 0 || path === "" ? {} : await eventIn(path);
	if (!await run(process.env, event, runtime)) process.exitCode = 1;
} catch (error) {
	const failed = toActionError(error);
	runtime.log.error(sentence(failed), failed.code);
	process.exitCode = 1;
} finally {
	await cleanUp();
}
/** Reads the event of the run. Throws `input-invalid` for a file that is not there or not JSON. */
async function eventIn(path) {
	try {
		return JSON.parse(await readFile(path, "utf8"));
	} catch (cause) {
		throw new ActionError("input-invalid", `the file of the event, ${path}, cannot be read as JSON`, {
			hint: "GitHub sets GITHUB_EVENT_PATH in every workflow. Outside of GitHub, leave it out.",
			cause
		});
	}
}
export {};
