import { _ as ActionError } from "./runtime.js";
import { $t as settings, At as showPlan, Ct as readLive, Dr as claimOf, Dt as requireNoDrift, Et as outgrown, Ft as registeredSince, H as followUnchanged, It as requireApprovedWithSecrets, Jn as undoUnlessRegistered, K as afterFailure, Kn as applySecrets, Mt as warn, Nt as planAsRegistered, Or as permit, Ot as forecastLines, Pr as provenanceOf, Rt as reRegistered, Tt as keeping, kr as ownedJob, kt as publishSpec, on as renderJobspec, or as judgeOwner, pt as registerJob, q as followRegistration, qn as jobSecrets, qt as subjectOf, tn as requireSameId, wt as triedBefore, xt as requireReplaceable } from "./steps.js";
import { b as secretsInJob, s as isGood } from "./start.js";
import { n as runOnce } from "./dispatch2.js";
// src/commands/deploy.ts
/** The limit of attempts: each repeated one means that another run has registered the job. */
const ATTEMPTS = 4;
/** The pause before the second attempt, which doubles: the other run needs a moment, and so does a server that is behind. */
const AGAIN_MS = 500;
/** `deploy`: plans, writes the secrets, registers and watches. Starts again when another run registers the job in between. */
async function deploy(deploying, current) {
	const { ID } = deploying.draft.job;
	const hooks = await hooksOf(deploying, current);
	for (let count = 1;; count++) {
		const result = await attempt(deploying, hooks, current);
		if (!("conflict" in result)) return result;
		if (deploying.inputs.approvedPlan.length > 0) throw registeredSince(ID, result.conflict);
		if (count === ATTEMPTS) throw new ActionError("conflict", `another run is deploying ${ID}: ${result.conflict}`, { hint: "Nothing was registered. Deploy a job by one workflow run at a time, with `concurrency:`." });
		const { clock, log, signal } = current.runtime;
		log.info(`Another run is deploying ${ID} (${result.conflict}); planning again`);
		await clock.sleep(AGAIN_MS * 2 ** (count - 1), signal);
	}
}
async function attempt(asked, hooks, current) {
	const { draft, nomad } = asked;
	const { runtime, note, stage } = current;
	const live = await readLive(draft, nomad);
	const claim = claimOf(asked.inputs, asked.rendering.context, asked.rendering.target);
	if (live.job !== void 0 && live.job.JobModifyIndex !== asked.judged?.JobModifyIndex) permit(judgeOwner(ownedJob(live.job, draft.namespace), claim, "replace"), runtime);
	const { deploying, change, jobspec, counted, plan } = await stage("plan", `Plan ${draft.job.ID}`, async () => {
		const { image } = asked.rendering;
		const planned = await prepare(keeping(asked, live.job, image), live, claim, current);
		const final = outgrown(planned) ? await prepare(keeping(asked, live.job, image, true), live, claim, current) : planned;
		const forecast = Object.keys(final.plan.placementFailures).length > 0 ? await (await import("./forecast.js")).readForecast(final.counted.job, final.jobspec.namespace, final.plan, nomad, runtime.signal) : void 0;
		if (forecast !== void 0) note({ forecast: forecastLines(forecast) });
		showPlan(final.plan, final.counted, asked.rendering.spec, forecast, runtime);
		return final;
	});
	const { inputs, rendering } = deploying;
	const { job } = counted;
	const before = triedBefore(live, jobspec.specHash);
	if (before !== void 0) runtime.log.notice(`${job.ID}: ${before}`);
	note({ settings: settings(inputs, rendering, jobspec) });
	if (plan.jobModifyIndex !== (live.job?.JobModifyIndex ?? 0)) return { conflict: `${job.ID} was registered or purged during the plan` };
	const warnings = [
		...jobspec.warnings,
		...plan.warnings,
		...change?.warnings ?? [],
		...secretsInJob(inputs.secrets, job)
	];
	warn(warnings, runtime);
	const { attestation } = provenanceOf(job);
	note({
		changed: plan.changed,
		...attestation === void 0 ? {} : { attestation },
		planLines: plan.lines,
		planDiff: plan.diff,
		warnings
	});
	if (inputs.expect === "no-changes") await requireNoDrift(subjectOf(deploying), plan, {
		...deploying,
		...rendering
	}, runtime);
	if (plan.changed === "none" && live.job !== void 0) {
		const failed = await hooks?.run("pre-deploy", job, change);
		if (failed !== void 0) return failed;
		const result = await followUnchanged(deploying, job, {
			live: live.job,
			deployment: live.deployment
		}, current);
		const after = await runAfter(result, hooks, {
			job,
			change
		}, current);
		return inputs.periodicForce && live.job.Periodic && after === result ? forceRun(deploying, current) : after;
	}
	if (live.job !== void 0) requireReplaceable(live.job, live.deployment, inputs);
	const approved = inputs.approvedPlan.length === 0 ? void 0 : deploying.approvable?.fingerprint.index;
	if (approved !== void 0 && approved !== plan.jobModifyIndex) throw registeredSince(job.ID, reRegistered(approved, plan.jobModifyIndex));
	const submission = {
		...jobspec,
		source: runtime.redact(jobspec.source),
		variables: runtime.redact(jobspec.variables)
	};
	const refused = await hooks?.run("pre-deploy", job, change);
	if (refused !== void 0) return refused;
	runtime.signal.throwIfAborted();
	await asked.requireHeld();
	const registration = await stage("register", `Register ${job.ID}`, async () => {
		const written = await applySecrets(change, nomad, runtime.log.info);
		if (written !== void 0 && "conflict" in written) return written;
		return undoUnlessRegistered(written, async () => registerJob(job, submission, {
			plan,
			live: live.job
		}, nomad), runtime.signal);
	});
	if ("conflict" in registration) return registration;
	const result = await registered(registration, deploying, {
		job,
		plan
	}, current);
	const after = await runAfter(result, hooks, {
		job,
		change
	}, current);
	if (after === result || after.outcome !== "failed") return after;
	const running = `version ${registration.version}, the new one, which was healthy before \`post-deploy\``;
	const verdict = {
		outcome: "failed",
		reason: "post-deploy-failed",
		description: ""
	};
	return {
		...after,
		running,
		...await afterFailure(verdict, registration, deploying, current)
	};
}
/** Opens the hooks of the job; undefined without any. A drift check runs none. */
async function hooksOf(deploying, current) {
	const { hooks, inputs, rendering } = deploying;
	if (hooks.length === 0 || inputs.expect === "no-changes") return void 0;
	const { openHooks } = await import("./hooks.js");
	return openHooks(hooks, deploying, claimOf(inputs, rendering.context, rendering.target), current);
}
/** Runs `post-deploy` after a good result. Returns its failure, else the same result. */
async function runAfter(result, hooks, { job, change }, current) {
	if (hooks === void 0 || !isGood(result.outcome)) return result;
	if (result.outcome !== "awaiting-promotion") return await hooks.run("post-deploy", job, change) ?? result;
	if (hooks.has("post-deploy")) current.runtime.log.notice("`post-deploy` does not run before the promotion. Run the same deploy again after it: the hook runs then.");
	return result;
}
/** Decides the secrets, renders the job with them, and plans it. */
async function prepare(deploying, live, claim, current) {
	const { inputs, rendering, draft, nomad } = deploying;
	const { runtime } = current;
	const { change, templates } = await jobSecrets(inputs, draft, {
		live: live.job,
		claim
	}, nomad);
	const jobspec = await renderJobspec(inputs, {
		...rendering,
		...templates
	}, nomad, runtime);
	requireSameId(jobspec, draft, rendering.spec.name);
	if (inputs.approvedPlan.length > 0 && templates.secretsRelease !== "") {
		const bare = await renderJobspec(inputs, rendering, nomad, runtime);
		requireApprovedWithSecrets(jobspec.job, bare.job, templates, subjectOf(deploying));
	}
	const onJob = async (counted) => publishSpec(counted.job, current);
	return {
		deploying,
		change,
		jobspec,
		...await planAsRegistered(jobspec, change, live, {
			inputs,
			rendering,
			nomad,
			redact: runtime.redact,
			onJob
		})
	};
}
async function registered(registration, deploying, { job, plan }, current) {
	const { note, runtime } = current;
	const { version, previousVersion, evaluationId, namespace, seen } = registration;
	note({
		jobVersion: version,
		...previousVersion === void 0 ? {} : { previousVersion },
		...evaluationId === "" ? {} : { evaluationId },
		...seen?.deployment?.value.JobVersion === version ? { deploymentId: seen.deployment.value.ID } : {}
	});
	runtime.log.info(`Registered ${job.ID} version ${version} in the namespace ${namespace}`);
	if (job.Periodic || job.ParameterizedJob) {
		const launch = plan.nextPeriodicLaunch;
		runtime.log.info(launch === void 0 ? `${job.ID} runs when it is dispatched.` : `The next launch of ${job.ID} is at ${launch}.`);
		return deploying.inputs.periodicForce && job.Periodic ? forceRun(deploying, current) : { outcome: "registered" };
	}
	return deploying.inputs.wait ? followRegistration(deploying, job, registration, current) : { outcome: "registered" };
}
/** Starts a run of a registered periodic job now and follows that run, for `periodic-force`. */
async function forceRun(deploying, current) {
	const { nomad, draft, inputs } = deploying;
	const registered = await nomad.jobs.read(draft.job.ID, draft.namespace);
	if (registered === void 0) throw new ActionError("conflict", `${draft.job.ID} was purged before its run could start`, { hint: "Run the workflow again." });
	const result = await runOnce(registered, {
		meta: {},
		payload: void 0
	}, deploying, current);
	return inputs.wait ? result : { outcome: "registered" };
}
export { deploy as t };
