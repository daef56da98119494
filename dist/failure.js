import { m as toActionError, p as sentence, s as ActionError } from "./runtime.js";
// src/report/failure.ts
/** Tells a failure, and what the result has of it. */
async function failure(thrown, runtime) {
	const error = runtime.signal.aborted && !(thrown instanceof ActionError) ? new ActionError("cancelled", "the workflow was cancelled") : toActionError(thrown);
	runtime.log.error(sentence(error), error.code, error.location);
	if (error.code === "unexpected" && error.cause instanceof Error) runtime.log.debug(error.cause.stack ?? "");
	return {
		outcome: error.code === "cancelled" ? "cancelled" : "failed",
		failureReason: error.code,
		cause: error.message,
		...error.hint === void 0 ? {} : { hint: error.hint },
		...error.location === void 0 ? {} : { location: error.location },
		...error.output === void 0 ? {} : { output: error.output }
	};
}
/** Tells that the user wants no deploy, and gives what the result has of it. */
function skipUnwanted({ log }) {
	log.notice("NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.");
	return { outcome: "skipped" };
}
/** Tells why a run does nothing, and gives what the result has of it. */
function skip({ cause, hint }, { log }) {
	log.notice(`${cause}. ${hint}`);
	return {
		outcome: "skipped",
		cause,
		hint
	};
}
export { skip as n, skipUnwanted as r, failure as t };
