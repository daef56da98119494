import { c as systemClock, h as messageOf, n as cleanUpAfterKill, r as leftWord, t as actionsRuntime, u as takeOver } from "./runtime.js";
// src/post.ts
takeOver();
/** The time limit of the reports. */
const LIMIT_MS = 5e3;
const [rollout, deployment] = [leftWord("rollout", process.env), leftWord("github-deployment", process.env)];
if (rollout !== void 0 || deployment !== void 0) {
	const { runtime } = actionsRuntime(process.env, systemClock.timeout(LIMIT_MS));
	const tell = async (work) => work.catch((error) => runtime.log.debug(messageOf(error)));
	const [{ tellUnderWay }, { closeKilled }] = await Promise.all([import("./killed.js"), import("./deployment.js")]);
	await Promise.all([rollout === void 0 ? void 0 : tell(tellUnderWay(rollout, process.env, runtime)), deployment === void 0 ? void 0 : tell(closeKilled(deployment, process.env, runtime))]);
}
await cleanUpAfterKill(process.env);
export {};
