import { a as tellUnderWay, n as cleanUpAfterKill, r as leftWord, t as actionsRuntime } from "./actions.js";
// src/post.ts
/** Nobody waits long for a post step. */
const LIMIT_MS = 5e3;
const word = leftWord();
if (word !== void 0) {
	const { runtime } = await actionsRuntime(process.env, AbortSignal.timeout(LIMIT_MS));
	await tellUnderWay(word, process.env, runtime);
}
await cleanUpAfterKill(process.env);
export {};
