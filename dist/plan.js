import { $n as secretTemplates, At as showPlan, Ct as readLive, Dr as claimOf, Dt as requireNoDrift, Et as outgrown, In as describePlacement, Kt as comment, Lt as toHidden, Nt as planAsRegistered, Ot as forecastLines, Pt as requirePossible, Tt as keeping, Un as costOf, Xn as keptSecrets, jt as showResolved, nn as withoutZeros, on as renderJobspec, qn as jobSecrets, qt as subjectOf, un as imageValues, zt as renderPlanComment } from "./steps.js";
import { E as toActionError, T as sentence } from "./runtime.js";
import { Kt as textsIn, ln as repositoryOf, lt as fingerprintText, on as parseReference, yt as runPage } from "./start.js";
import { isDeepStrictEqual } from "node:util";
// src/commands/plan.ts
/**
* `plan`: shows what a deploy would change in the log, the outputs and a comment on the pull request. Changes fail it only with `expect: no-changes`
* (`drift`).
*/
async function plan(asked, current) {
	const { runtime, note } = current;
	await showResolved(asked.inputs, asked.rendering, asked.draft, current);
	const live = await readLive(asked.draft, asked.nomad);
	const planned = await planWith(asked, live, false, runtime);
	const { deploying, secrets, jobspec, counted, plan: full } = outgrown(planned) ? await planWith(asked, live, true, runtime) : planned;
	const plan = {
		...full,
		diff: full.diff.map(withoutZeros)
	};
	const { rendering, inputs, approvable } = deploying;
	const { job, kept } = counted;
	const isDriftCheck = inputs.expect === "no-changes";
	const forecast = isDriftCheck ? void 0 : await (await import("./forecast.js")).readForecast(job, jobspec.namespace, plan, deploying.nomad, runtime.signal);
	showPlan(plan, counted, rendering.spec, forecast, runtime);
	const hooks = deploying.hooks.length === 0 ? [] : await (await import("./hooks.js")).planHooks(deploying.hooks, job, deploying);
	for (const line of hooks) runtime.log.info(line);
	for (const warning of secrets.warnings) runtime.log.warning(warning);
	const warnings = [
		...jobspec.warnings.map(withoutZeros),
		...plan.warnings,
		...secrets.warnings,
		...impossible(plan, job)
	];
	const result = {
		outcome: "planned",
		changed: plan.changed,
		planLines: plan.lines,
		planDiff: plan.diff,
		forecast: forecastLines(forecast),
		warnings
	};
	note(result);
	const { context, target } = rendering;
	const subject = subjectOf(deploying);
	const reporting = {
		...deploying,
		context,
		target
	};
	if (isDriftCheck) await requireNoDrift(subject, plan, reporting, runtime);
	else if (approvable !== void 0) {
		const body = renderPlanComment({
			...subject,
			nomadUrl: deploying.nomadUrl,
			changed: plan.changed,
			actions: plan.actions,
			before: live.job === void 0 || live.job.Stop ? [] : costOf(live.job),
			after: costOf(job),
			kept,
			hooks,
			system: job.Type?.startsWith("sys") === true,
			forecast: forecastLines(forecast),
			unplaced: Object.entries(plan.placementFailures).map(([group, metric]) => describePlacement(group, metric, job)),
			preempted: plan.preempted,
			warnings,
			diff: plan.diff.length > 0 ? plan.diff : plan.lines,
			fingerprint: fingerprintText(approvable.fingerprint),
			commit: context.headSha,
			runUrl: runPage(context),
			builds: deploying.own[0]?.plan.kind === "build"
		});
		await comment(subject, {
			body,
			hidden: runtime.redactDeep(toHidden(approvable))
		}, reporting, runtime);
	}
	return result;
}
/** Plans the job as a deploy would register it, with a provisional image instead of a build. */
async function planWith(asked, live, anew, runtime) {
	const images = plannedImages(asked, live);
	const deploying = keeping({
		...asked,
		rendering: {
			...asked.rendering,
			...images
		}
	}, live.job, images.image, anew);
	const secrets = await secretsOfPlan(deploying, live);
	const jobspec = await asDeployed(deploying, asked, secrets.templates, runtime);
	return {
		deploying,
		secrets,
		jobspec,
		...await planAsRegistered(jobspec, secrets.change, live, {
			...deploying,
			redact: runtime.redact
		})
	};
}
/** Returns the warning about a change that a deploy would refuse. */
function impossible(plan, job) {
	try {
		requirePossible(plan, job, void 0);
		return [];
	} catch (error) {
		return [sentence(toActionError(error))];
	}
}
/**
* Returns the secrets that a deploy would write. A run without secrets, as of a pull request, keeps those that the registered job reads. A token that may not
* read variables leaves a warning, and secrets with the same names count as unchanged.
*/
async function secretsOfPlan({ inputs, draft, nomad, rendering }, { job: live }) {
	const kept = keptSecrets(live);
	const keys = Object.keys(inputs.secrets);
	if (keys.length === 0) return {
		change: void 0,
		templates: secretTemplates(kept.keys, draft.job.ID, kept.release, kept.older),
		warnings: []
	};
	try {
		const { change, templates } = await jobSecrets(inputs, draft, {
			live,
			claim: claimOf(inputs, rendering.context, rendering.target)
		}, nomad);
		return {
			change,
			templates,
			warnings: change?.warnings ?? []
		};
	} catch (error) {
		const { code, message } = toActionError(error);
		if (code !== "permission-denied" && code !== "job-taken") throw error;
		return {
			change: void 0,
			templates: keys.length === kept.keys.length && keys.every((key) => kept.keys.includes(key)) ? secretTemplates(kept.keys, draft.job.ID, kept.release, kept.older) : secretTemplates(keys, draft.job.ID, "r00000000"),
			warnings: [`The plan cannot tell whether values of secrets change: ${message}`]
		};
	}
}
/** Returns the images of a plan: the running ones with `expect: no-changes`, else the provisional ones. */
function plannedImages({ inputs, rendering, asked, own }, { job: live }) {
	const running = (one) => inputs.expect === "no-changes" ? runningImage(live, one.plan) : void 0;
	const named = asked.flatMap((one) => one.name === void 0 ? [] : [[one.name, running(one) ?? rendering.images[one.name] ?? ""]]);
	const [first] = own;
	const parts = own.flatMap((one) => {
		const reference = running(one);
		return reference === void 0 ? [] : Object.entries(imageValues(one, reference));
	});
	return {
		image: (first && running(first)) ?? rendering.image,
		images: Object.fromEntries(named),
		imageVariables: {
			...rendering.imageVariables,
			...Object.fromEntries(parts)
		}
	};
}
/** Renders the job with its secrets, its images and the kept parts. Returns the draft where these make no difference. */
async function asDeployed({ inputs, rendering, draft, nomad }, asked, templates, runtime) {
	const { image, images } = asked.rendering;
	if (templates.secretsRelease === "" && rendering.image === image && isDeepStrictEqual(rendering.images, images) && Object.keys(rendering.kept ?? {}).length === 0) return draft;
	return renderJobspec(inputs, {
		...rendering,
		...templates
	}, nomad, runtime);
}
/** Returns the image in the registered job that has the same repository as the image of the deploy. */
function runningImage(live, plan) {
	const name = plan.kind === "build" ? plan.name : repositoryOf(plan.reference);
	return textsIn(live?.TaskGroups).find((text) => parseReference(text)?.name === name);
}
export { plan };
