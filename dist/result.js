// src/report/result.ts
const FAILING = [
	"failed",
	"superseded",
	"cancelled",
	"timed-out"
];
/** The outputs, by name, with the part of the result that they show. */
const OUTPUTS = {
	outcome: "outcome",
	"failure-reason": "failureReason",
	cause: "cause",
	"job-id": "jobId",
	"job-version": "jobVersion",
	"previous-version": "previousVersion",
	namespace: "namespace",
	region: "region",
	environment: "environment",
	"nomad-addr": "nomadAddr",
	"nomad-url": "nomadUrl",
	"dispatched-job-id": "dispatchedJobId",
	"evaluation-id": "evaluationId",
	"deployment-id": "deploymentId",
	url: "url",
	urls: "urls",
	image: "image",
	images: "images",
	changed: "changed",
	"plan-fingerprint": "planFingerprint",
	spec: "spec",
	result: "result"
};
Object.keys(OUTPUTS);
/** The outputs that a part of the result gives; lists and maps are JSON. */
function outputsOf(part) {
	return Object.fromEntries(Object.entries(OUTPUTS).flatMap(([name, key]) => {
		const value = part[key];
		return value === void 0 ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
	}));
}
/** Whether the step passes. */
function isGood(outcome) {
	return outcome !== void 0 && !FAILING.includes(outcome);
}
const ICONS = {
	failed: "❌",
	"timed-out": "❌",
	superseded: "⚠️",
	cancelled: "⚠️",
	"awaiting-promotion": "⏸️",
	skipped: "⏭️",
	planned: "📋",
	rendered: "📋",
	reported: "📋"
};
/** An outcome at a glance; none yet is a failure. */
function outcomeIcon(outcome) {
	return ICONS[outcome ?? "failed"] ?? "✅";
}
/** `3 → 4`: the job's version before and after; undefined when there is none. */
function versionsOf({ outcome, jobVersion, previousVersion }) {
	if (jobVersion === void 0) return void 0;
	if (previousVersion !== void 0) return `${previousVersion} → ${jobVersion}`;
	return jobVersion === 0 && outcome !== "unchanged" ? "0 (the first)" : `${jobVersion}`;
}
export { versionsOf as i, outcomeIcon as n, outputsOf as r, isGood as t };
