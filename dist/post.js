import { a as tellUnderWay, f as closeKilled, n as cleanUpAfterKill, r as leftWord, t as actionsRuntime } from "./actions.js";
// src/post.ts
/** Nobody waits long for a post step. */
const LIMIT_MS = 5e3;
const [rollout, deployment] = [leftWord("rollout"), leftWord("github-deployment")];
if (rollout !== void 0 || deployment !== void 0) {
	const { runtime } = await actionsRuntime(process.env, AbortSignal.timeout(LIMIT_MS));
	await Promise.all([rollout === void 0 ? void 0 : tellUnderWay(rollout, process.env, runtime), deployment === void 0 ? void 0 : closeKilled(deployment, process.env, runtime)]);
}
await cleanUpAfterKill(process.env);
export {};
