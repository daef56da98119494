import { d as messageOf, m as toActionError, s as ActionError } from "./runtime.js";
import { D as provenanceOf, _t as nearest } from "./target.js";
import { c as renderJobspec, t as evaluateVarFiles } from "./jobspec.js";
import { t as namedRegion } from "./plan.js";
import { i as jobText } from "./describe.js";
import "./report.js";
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
// src/register/dispatch.ts
/** Why a job does not take a run with this, each problem in words; Nomad itself would name one at a time. */
function dispatchProblems({ ID, Stop, Periodic, ParameterizedJob }, { meta, payload }) {
	if (Stop) return [`${ID} is stopped`];
	if (!ParameterizedJob) {
		if (!Periodic) return [`${ID} is neither a parameterized nor a periodic job`];
		const given = Object.keys(meta).length > 0 ? "meta" : payload === void 0 ? void 0 : "payload";
		return given === void 0 ? [] : [`\`${given}\`: ${ID} is a periodic job, and its runs are not given anything`];
	}
	const { Payload, MetaRequired, MetaOptional } = ParameterizedJob;
	const required = MetaRequired ?? [];
	const known = [...required, ...MetaOptional ?? []];
	const missing = required.filter((key) => !(key in meta));
	const unknown = Object.keys(meta).filter((key) => !known.includes(key));
	return [
		...missing.map((key) => `\`meta\`: ${key} is missing, which ${ID} requires`),
		...unknown.map((key) => {
			const near = nearest(key, known);
			const takes = known.length === 0 ? "none" : known.join(", ");
			return `\`meta\`: ${ID} takes no ${key}${near === void 0 ? ` (it takes ${takes})` : `; did you mean ${near}?`}`;
		}),
		...Payload === "required" && payload === void 0 ? [`\`payload\`: ${ID} requires one`] : [],
		...Payload === "forbidden" && payload !== void 0 ? [`\`payload\`: ${ID} takes none`] : []
	];
}
/**
* Starts a run of a registered job: dispatches a parameterized one, or forces a periodic one to run now. An answer that gets lost on the way does not
* start a second run of a parameterized job.
*/
async function dispatchJob(job, namespace, given, nomad) {
	const started = job.ParameterizedJob ? await dispatched(job, namespace, given, nomad) : await forced(job, namespace, nomad);
	const run = await nomad.jobs.read(started.jobId, namespace);
	if (run === void 0) throw new ActionError("nomad-refused", `${started.jobId} was started, but Nomad does not have it any more`, { hint: "It was purged, or collected by Nomad." });
	return {
		job: run,
		registration: {
			...started,
			namespace,
			version: run.Version,
			previousVersion: void 0
		}
	};
}
async function dispatched({ ID }, namespace, given, nomad) {
	const { DispatchedJobID, EvalID } = await nomad.jobs.dispatch(ID, given, randomUUID(), namespace);
	return {
		jobId: DispatchedJobID,
		evaluationId: EvalID
	};
}
async function forced({ ID }, namespace, nomad) {
	const evaluationId = await nomad.jobs.forcePeriodic(ID, namespace);
	const { value } = await nomad.evaluations.read(evaluationId, namespace, 0, AbortSignal.timeout(READ_MS$1));
	if (value?.JobID) return {
		jobId: value.JobID,
		evaluationId
	};
	throw new ActionError("unknown-outcome", `a run of ${ID} was started, but Nomad does not tell which`, { hint: `Look at it with nomad job status ${ID}.` });
}
/** How long the one question may take, an outage included. */
const READ_MS$1 = 3e4;
// src/register/existing.ts
/**
* Finds the jobs that a command is about: the one that `job-name` names, else those of the specs of the repository, else the one that a deploy with
* the built-in template would make. Throws as a deploy would when a spec can't be read.
*/
async function findExisting(inputs, specs, rendering, regions, runtime) {
	const named = inputs.jobName !== void 0 && inputs.jobs.length === 0;
	const rendered = !named && specs.some(({ builtIn }) => !builtIn);
	const { fromFiles } = rendering;
	const whole = rendered ? {
		...rendering,
		fromFiles: await evaluateVarFiles(fromFiles, regions.first, inputs.nomadNamespace)
	} : rendering;
	const found = [];
	for (const spec of named ? specs.slice(0, 1) : specs) {
		const { job, namespace } = named || spec.builtIn ? {
			job: await namedJob(inputs, {
				...rendering,
				spec
			}, named, regions, runtime),
			namespace: inputs.nomadNamespace ?? "default"
		} : await renderJobspec(inputs, {
			...whole,
			spec
		}, regions.first, runtime);
		const nomad = await regions.of(job, spec);
		found.push({
			jobId: job.ID,
			namespace,
			nomad,
			job: await nomad.jobs.read(job.ID, namespace),
			spec
		});
	}
	return found;
}
/** A job by its name alone is looked for in `nomad-region`, as by Nomad's program; without that, in the region of the spec. */
async function namedJob(inputs, rendering, named, { first }, runtime) {
	const given = named ? inputs.nomadRegion : void 0;
	return {
		ID: rendering.target.jobId,
		Region: given ?? await namedRegion(inputs, rendering, first, runtime)
	};
}
/** The job of a command that needs it to be registered. Throws `input-invalid` when it is not. */
function requireRegistered(existing) {
	const { job } = existing;
	if (job !== void 0 && !job.Stop) return job;
	const which = jobText(existing);
	throw new ActionError("input-invalid", job === void 0 ? `there is no ${which}` : `the ${which} is stopped`, { hint: "Name another one with `job-name` (and `nomad-namespace`, `nomad-region`), or deploy it first." });
}
/** Refuses the name of a group or task that the job does not have. Throws `input-invalid`. */
function requireParts({ ID, TaskGroups }, { group, task }) {
	const groups = (TaskGroups ?? []).filter(({ Name }) => group === void 0 || Name === group);
	if (groups.length === 0) {
		const names = (TaskGroups ?? []).map(({ Name }) => Name);
		throw new ActionError("input-invalid", `\`group\`: ${ID} has no group ${group}`, { hint: `It has ${names.join(", ")}.` });
	}
	const tasks = groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
	if (task === void 0 || tasks.includes(task)) return;
	const where = group === void 0 ? ID : `the group ${group} of ${ID}`;
	throw new ActionError("input-invalid", `\`task\`: ${where} has no task ${task}`, { hint: `It has ${[...new Set(tasks)].join(", ")}.` });
}
// src/register/register.ts
/** How often a registration that did not get through is sent. */
const ATTEMPTS = 3;
/** How long a question about it may take, an outage included. */
const READ_MS = 6e4;
/** The scheduler of a cluster that is well takes milliseconds. */
const SOON_MS = 2e3;
/**
* Registers the planned job, guarded by the plan's modify index (`EnforceIndex`). Gives `conflict` with Nomad's words when the job changed since
* the plan; nothing is registered then. A registration whose answer got lost is looked for, and repeated only when it did not take place. Throws
* `unreachable` when it does not get through, and `unknown-outcome` when nobody can tell.
*/
async function registerJob(job, { source, format, variables, namespace }, plan, live, nomad) {
	const submission = {
		Source: source,
		Format: format,
		Variables: format === "json" ? "" : variables
	};
	const common = {
		jobId: job.ID,
		namespace,
		previousVersion: live?.Version
	};
	let result;
	let lost;
	for (let attempt = 1; result === void 0; attempt++) {
		try {
			result = await nomad.jobs.register(job, submission, plan.jobModifyIndex, namespace);
		} catch (error) {
			if (toActionError(error).code !== "unknown-outcome") throw error;
			lost = error;
		}
		if (lost === void 0 || result !== void 0 && "response" in result) continue;
		const ours = await readBack(job, namespace, plan, nomad, lost);
		if (ours !== void 0) return {
			...common,
			...ours
		};
		if (result === void 0 && attempt === ATTEMPTS) throw new ActionError("unreachable", `the registration of ${job.ID} did not get through: ${messageOf(lost)}`, { hint: "Nothing was registered; run the job again." });
	}
	if ("conflict" in result) return result;
	const { EvalID, JobModifyIndex } = result.response;
	const seen = EvalID === "" || (job.Type ?? "service") !== "service" ? void 0 : await lookAt(EvalID, JobModifyIndex, namespace, nomad);
	const deployment = seen?.deployment?.value;
	const version = deployment?.JobSpecModifyIndex === JobModifyIndex ? deployment.JobVersion : await versionOf(job.ID, JobModifyIndex, live === void 0 ? 0 : live.Version + 1, namespace, nomad);
	return {
		...common,
		evaluationId: EvalID,
		version,
		jobModifyIndex: JobModifyIndex,
		...seen && { seen }
	};
}
/** The version that a registration made; `otherwise` when it can't be read now, which is no failure of the registration. */
async function versionOf(id, index, otherwise, namespace, nomad) {
	return (await nomad.jobs.versions(id, namespace).catch(() => [])).find(({ JobModifyIndex }) => JobModifyIndex === index)?.Version ?? otherwise;
}
/** What the scheduler makes of a registration, if it does so at once: the deployment tells the version, and is followed anyway. */
async function lookAt(evaluationId, index, namespace, nomad) {
	const soon = AbortSignal.timeout(SOON_MS);
	try {
		const { value: evaluation } = await nomad.evaluations.read(evaluationId, namespace, index, soon);
		if (evaluation?.Status !== "complete") return void 0;
		const id = evaluation.DeploymentID;
		const deployment = id ? await nomad.deployments.read(id, namespace, 0, soon) : void 0;
		return deployment?.value === void 0 ? { evaluation } : {
			evaluation,
			deployment: {
				...deployment,
				value: deployment.value
			}
		};
	} catch {
		return;
	}
}
/**
* Looks for a registration whose answer was lost: it took place if there is a newer version of this very run. Throws `unknown-outcome` when Nomad can't be
* asked.
*/
async function readBack(job, namespace, plan, nomad, lost) {
	const ours = (await nomad.jobs.versions(job.ID, namespace, AbortSignal.timeout(READ_MS)).catch((error) => {
		throw new ActionError("unknown-outcome", `whether ${job.ID} was registered is not known: ${messageOf(lost)}; then ${messageOf(error)}`, {
			cause: error,
			hint: "Look at the job in Nomad before running this again."
		});
	})).find((version) => version.JobModifyIndex > plan.jobModifyIndex && isDeepStrictEqual(provenanceOf(version), provenanceOf(job)));
	if (ours === void 0) return void 0;
	return {
		evaluationId: (await nomad.jobs.evaluations(job.ID, namespace, AbortSignal.timeout(READ_MS))).find(({ JobModifyIndex, TriggeredBy }) => JobModifyIndex === ours.JobModifyIndex && TriggeredBy === "job-register")?.ID ?? "",
		version: ours.Version,
		jobModifyIndex: ours.JobModifyIndex
	};
}
export { dispatchJob as a, requireRegistered as i, findExisting as n, dispatchProblems as o, requireParts as r, registerJob as t };
