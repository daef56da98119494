// src/runtime/retry.ts
/**
* Repeats `attempt` with exponential back-off and jitter until it is done. Throws the last error when the policy's time is over, and the signal's reason when the
* signal aborts. `retryAfterMs` of the server overrides the computed delay, and `forMs` of an attempt the time of the policy, from its first such failure on.
*/
async function retry(policy, clock, signal, attempt, onRetry) {
	const startedAt = clock.now();
	let failingSince;
	for (let count = 0;; count++) {
		const result = await attempt();
		if (result.done) return result.value;
		const backOffMs = Math.min(policy.firstDelayMs * 2 ** count, policy.maxDelayMs);
		const delayMs = result.retryAfterMs ?? backOffMs / 2 + clock.random() * (backOffMs / 2);
		failingSince = result.forMs === void 0 ? void 0 : failingSince ?? clock.now();
		if (clock.now() - (failingSince ?? startedAt) + delayMs > (result.forMs ?? policy.forMs)) throw result.error;
		onRetry(result.error, delayMs);
		await clock.sleep(delayMs, signal);
	}
}
export { retry as t };
