import { m as takeOver, t as actionsRuntime, y as messageOf } from "./runtime.js";
import { t as run } from "./start.js";
import { readFile } from "node:fs/promises";
// src/index.ts
takeOver();
const cancelled = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`the workflow was cancelled (${name})`)));
const { runtime, cleanUp } = actionsRuntime(process.env, cancelled.signal);
try {
	const path = process.env["GITHUB_EVENT_PATH"];
	const event = path === void 0 || path === "" ? {} : JSON.parse(await readFile(path, "utf8"));
	if (!await run(process.env, event, runtime)) process.exitCode = 1;
} catch (error) {
	runtime.log.error(messageOf(error), "unexpected");
	process.exitCode = 1;
} finally {
	await cleanUp();
}
export {};
