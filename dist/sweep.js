import { c as ActionError, m as sentence } from "./runtime.js";
import { Dt as recordOf, Et as readRef, G as endDeployments, Ot as META } from "./steps.js";
import { Z as slug } from "./start.js";
import { t as stop } from "./stop2.js";
// src/commands/sweep.ts
/**
* `sweep`: finds the review apps of this repository that nobody needs any more (their pull request is closed, their branch is gone, or nothing was
* registered for `ttl`), and removes them unless `dry-run` keeps it to words. What GitHub can't be asked about stays: throws what its API throws.
*/
async function sweep(sweeping, current) {
	const { inputs, context, regions, github } = sweeping;
	const { runtime, stage } = current;
	const { log } = runtime;
	if (github === void 0) throw new ActionError("input-invalid", "`command: sweep` has to ask GitHub which pull requests and branches there are, and has no token", { hint: "Leave `github-token` as it is, and give the job the permissions `contents: read` and `pull-requests: read`." });
	const namespace = inputs.nomadNamespace ?? "default";
	const { apps, leaving } = await stage("sweep", `Look for review apps of ${context.repository} in the namespace ${namespace}`, async () => {
		const found = [];
		for (const nomad of regions) {
			const all = await nomad.jobs.list(namespace);
			const recorded = reviewApps(all, context.repository);
			for (const jobId of unrecorded(all, context.repository)) {
				const job = await nomad.jobs.read(jobId, namespace);
				const linked = job === void 0 ? [] : reviewApps([job], context.repository);
				recorded.push(...linked);
				if (linked.length === 0) log.info(`${jobId}: stays, since it has no owner record`);
			}
			found.push(...recorded.map((app) => ({
				...app,
				nomad
			})));
		}
		const reasons = /* @__PURE__ */ new Map();
		for (const app of found) {
			const reason = await reasonOf(app, sweeping, github, runtime.clock.now());
			const of = isFork(app, context) ? ` of ${app.head}` : "";
			log.info(`${app.jobId} (${app.kind} ${app.ref}${of}): ${reason === void 0 ? "stays" : `to be removed, since ${reason}`}`);
			if (reason !== void 0) reasons.set(app, reason);
		}
		return {
			apps: found,
			leaving: reasons
		};
	});
	const count = `${leaving.size} of ${apps.length} review apps`;
	if (leaving.size === 0) {
		log.info(`None of ${apps.length} review apps is to be removed.`);
		return {
			outcome: inputs.dryRun ? "planned" : "stopped",
			changed: "none"
		};
	}
	if (inputs.dryRun) {
		log.notice(`${count} would be removed: ${[...leaving.keys()].map(({ jobId }) => jobId).join(", ")}. To remove them: \`dry-run: false\`.`);
		return {
			outcome: "planned",
			changed: "destructive",
			jobs: [...leaving].map(([app, hint]) => ({
				...described(app, namespace),
				outcome: "planned",
				hint
			}))
		};
	}
	const jobs = [];
	for (const [app, reason] of leaving) jobs.push(await remove(app, reason, namespace, sweeping, current));
	const failed = jobs.filter(({ outcome }) => outcome === "failed");
	log.notice(`${jobs.length - failed.length} of ${apps.length} review apps were removed.`);
	if (failed.length === 0) return {
		outcome: "stopped",
		changed: "destructive",
		jobs
	};
	return {
		outcome: "failed",
		failureReason: failed[0]?.failureReason ?? "unexpected",
		cause: failed.map(({ cause }) => cause).join("; "),
		jobs
	};
}
function described({ jobId, nomad: { region } }, namespace) {
	return {
		jobId,
		namespace,
		...region === void 0 ? {} : { region }
	};
}
/** A branch of a fork is no branch of this repository, even if that has one of the same name: its pull requests decide. */
async function reasonOf(app, { inputs, context }, github, nowMs) {
	const isForeign = isFork(app, context);
	const [owner = ""] = (isForeign ? app.head : context.repository).split("/");
	const [exists, pullRequests] = await Promise.all([isForeign || github.refs.exists(app.kind, app.ref), app.kind === "branch" ? github.pulls.ofBranch(`${owner}:${app.ref}`) : []]);
	return whyRemove(app, {
		exists,
		pullRequests
	}, inputs.ttlMs, nowMs);
}
function isFork({ head }, { repository }) {
	return head !== repository.toLowerCase();
}
/** Removes a review app, if it is still the one that the reason is about. One that can't be removed does not keep the others. */
async function remove(app, hint, namespace, { inputs, github, address }, current) {
	const { jobId, ref, owner, index, nomad } = app;
	const { runtime } = current;
	const claim = {
		owner,
		jobId,
		namedBy: "checkout",
		onDefaultBranch: false,
		untrusted: false,
		purge: false
	};
	try {
		await stop({
			jobId,
			namespace,
			claim,
			purge: inputs.purge ?? true,
			index,
			timeoutMs: inputs.timeoutMs
		}, nomad, current);
		await endDeployments({
			environment: `review/${slug(ref)}`,
			jobId,
			address,
			region: nomad.region
		}, github, runtime);
		return {
			...described(app, namespace),
			outcome: "stopped",
			hint
		};
	} catch (error) {
		if (runtime.signal.aborted || !(error instanceof ActionError)) throw error;
		runtime.log.error(sentence(error), error.code);
		return {
			...described(app, namespace),
			outcome: "failed",
			failureReason: error.code,
			cause: error.message
		};
	}
}
/** The review apps of a repository among the jobs of a cluster: their owner record tells. Anything else is nobody's to sweep. */
function reviewApps(jobs, repository) {
	return jobs.flatMap((job) => {
		const { ID, ParentID, SubmitTime, JobModifyIndex } = job;
		const owner = recordOf(job);
		const ref = owner?.environment === "review" ? readRef(owner.ref) : void 0;
		if (ParentID || owner === void 0 || ref === void 0 || !isOf(repository, owner)) return [];
		const { repository: head, kind, name } = ref;
		return [{
			jobId: ID,
			owner,
			head,
			kind,
			ref: name,
			registeredAtMs: (SubmitTime ?? 0) / 1e6,
			index: JobModifyIndex
		}];
	});
}
/** Returns the ids of review apps of a repository without an owner record in their meta, the only part that a list of jobs has. */
function unrecorded(jobs, repository) {
	return jobs.flatMap((job) => {
		const { [META.repository]: of, [META.environment]: environment } = job.Meta ?? {};
		return !job.ParentID && isOf(repository, { repository: of }) && environment === "review" && recordOf(job) === void 0 ? [job.ID] : [];
	});
}
/** Why a review app is to go, in words; undefined when it stays. `ttlMs`: how long one may live that nobody deploys. */
function whyRemove(app, { exists, pullRequests }, ttlMs, nowMs) {
	if (ttlMs !== void 0 && nowMs - app.registeredAtMs > ttlMs) {
		const days = (nowMs - app.registeredAtMs) / 864e5;
		return `nothing was registered for ${days < 2 ? `${Math.floor(days * 24)} hours` : `${Math.floor(days)} days`}`;
	}
	const isFork = app.head !== app.owner.repository.toLowerCase();
	const own = pullRequests.filter(({ head: { repo } }) => repo === null ? isFork : repo.full_name.toLowerCase() === app.head);
	if (own.some(({ state }) => state === "open")) return void 0;
	if (!exists) return `the ${app.kind} is gone`;
	const [last] = [...own].sort((a, b) => b.number - a.number);
	return last === void 0 ? void 0 : `its pull request #${last.number} is closed`;
}
function isOf(repository, owner) {
	return owner.repository?.toLowerCase() === repository.toLowerCase();
}
export { sweep };
