import { S as messageOf, g as takeOver, m as systemClock, n as cleanUpAfterKill, r as leftWord, t as actionsRuntime } from "./runtime.js";
// src/post.ts
takeOver();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => void 0);
/** The time limit of the reports. */
const LIMIT_MS = 5e3;
/** The time limit for the removal of a hook. */
const HOOK_LIMIT_MS = 2e4;
const [rollout, deployment, hook, lock] = [
	"rollout",
	"github-deployment",
	"hook",
	"lock"
].map((topic) => leftWord(topic, process.env));
if (rollout !== void 0 || deployment !== void 0 || lock !== void 0) {
	const { runtime, cleanUp } = actionsRuntime(process.env, systemClock.timeout(LIMIT_MS));
	const tell = async (work) => work.catch((error) => runtime.log.debug(messageOf(error)));
	const [{ tellUnderWay }, { closeKilled }, { releaseLeft }] = await Promise.all([
		import("./killed.js"),
		import("./deployment.js"),
		import("./lock-left.js")
	]);
	await Promise.all([
		rollout === void 0 ? void 0 : tell(tellUnderWay(rollout, process.env, runtime)),
		lock === void 0 ? void 0 : tell(releaseLeft(lock, process.env, runtime)),
		deployment === void 0 ? void 0 : tell(closeKilled(deployment, process.env, runtime))
	]);
	await cleanUp();
}
if (hook !== void 0) {
	const { runtime, cleanUp } = actionsRuntime(process.env, systemClock.timeout(HOOK_LIMIT_MS));
	const { removeKilled } = await import("./killed2.js");
	await removeKilled(hook, process.env, runtime).catch((error) => runtime.log.debug(messageOf(error)));
	await cleanUp();
}
await cleanUpAfterKill(process.env);
export {};
