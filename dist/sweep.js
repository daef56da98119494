import { T as sentence, _ as ActionError } from "./runtime.js";
import { Ar as readRef, Mr as recordOf, Nr as META, Vt as endDeployments } from "./steps.js";
import { kt as slug } from "./start.js";
import { t as stop } from "./stop2.js";
// src/commands/sweep.ts
/**
* `sweep`: finds the unneeded review apps of this repository (the pull request is closed, the branch was deleted, or nothing was registered for
* `ttl`), and removes them unless `dry-run` is set. Throws GitHub's errors: an app whose branch can't be read stays.
*/
async function sweep(sweeping, current) {
	const { inputs, context, github } = sweeping;
	const { runtime, stage } = current;
	const { log } = runtime;
	if (github === void 0) throw new ActionError("input-invalid", "`command: sweep` needs a GitHub token to read pull requests and branches", { hint: "Leave `github-token` at its default, and give the workflow job the permissions `contents: read` and `pull-requests: read`." });
	const namespace = inputs.nomadNamespace ?? "default";
	const { apps, leaving } = await stage("sweep", `Look for review apps of ${context.repository} in the namespace ${namespace}`, async () => {
		const found = await findApps(sweeping, namespace, log);
		return {
			apps: found,
			leaving: await reasonsOf(found, sweeping, github, runtime)
		};
	});
	if (leaving.size === 0) {
		log.info(`None of ${apps.length} review apps is to be removed.`);
		return {
			outcome: inputs.dryRun ? "planned" : "stopped",
			changed: "none"
		};
	}
	const names = [...leaving.keys()].map(({ jobId }) => jobId).join(", ");
	if (inputs.dryRun) {
		log.notice(`${leaving.size} of ${apps.length} review apps would be removed: ${names}. To remove them, set \`dry-run: false\`.`);
		return {
			outcome: "planned",
			changed: "destructive",
			jobs: [...leaving].map(([app, hint]) => ({
				...described(app),
				outcome: "planned",
				hint
			}))
		};
	}
	await sweeping.ask(`${leaving.size} of ${apps.length} review apps in the namespace ${namespace} (${names})`);
	const jobs = [];
	for (const [app, reason] of leaving) jobs.push(await remove(app, reason, sweeping, current));
	const failed = jobs.filter(({ outcome }) => outcome === "failed");
	log.notice(`${jobs.length - failed.length} of ${apps.length} review apps were removed.`);
	if (failed.length === 0) return {
		outcome: "stopped",
		changed: "destructive",
		jobs
	};
	const [first] = failed;
	return {
		outcome: "failed",
		failureReason: first?.failureReason ?? "unexpected",
		cause: failed.map(({ cause }) => cause).join("; "),
		jobs
	};
}
/** Finds the review apps of the repository in each region. Logs those without an owner record, which stay. */
async function findApps({ regions, context: { repository } }, namespace, log) {
	const found = [];
	for (const nomad of regions) {
		const all = await nomad.jobs.list(namespace);
		const recorded = reviewApps(all, repository);
		for (const jobId of unrecorded(all, repository)) {
			const job = await nomad.jobs.read(jobId, namespace);
			const linked = job === void 0 ? [] : reviewApps([job], repository);
			recorded.push(...linked);
			if (linked.length === 0) log.info(`${jobId} stays: it has no owner record`);
		}
		found.push(...recorded.map((app) => ({
			...app,
			nomad,
			namespace
		})));
	}
	return found;
}
/** Returns the apps to remove, each with its reason. Logs the decision about every app. */
async function reasonsOf(apps, sweeping, github, { log, clock }) {
	const reasons = /* @__PURE__ */ new Map();
	for (const app of apps) {
		const reason = await reasonToRemove(app, sweeping, github, clock.now());
		const of = isFork(app, sweeping.context) ? ` of ${app.head}` : "";
		log.info(`${app.jobId} (${app.kind} ${app.ref}${of}): ${reason === void 0 ? "stays" : `to be removed, because ${reason}`}`);
		if (reason !== void 0) reasons.set(app, reason);
	}
	return reasons;
}
function described({ jobId, namespace, nomad: { region } }) {
	return {
		jobId,
		namespace,
		...region === void 0 ? {} : { region }
	};
}
/** Returns the reason to remove an app; undefined when it stays. For a branch of a fork, only its pull requests count. */
async function reasonToRemove(app, { inputs, context }, github, nowMs) {
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
/** Removes a review app that is still the one that was judged. Returns a failure as a result, so that the other apps are removed too. */
async function remove(app, hint, { inputs, github, address }, current) {
	const { jobId, ref, owner, index, nomad, namespace } = app;
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
			...described(app),
			outcome: "stopped",
			hint
		};
	} catch (error) {
		if (runtime.signal.aborted || !(error instanceof ActionError)) throw error;
		runtime.log.error(sentence(error), error.code);
		return {
			...described(app),
			outcome: "failed",
			failureReason: error.code,
			cause: error.message
		};
	}
}
/** Returns the review apps of a repository, by their owner record, among the jobs of a cluster. */
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
/** Returns the ids of review apps of a repository without an owner record in their meta. A list of jobs has the meta only. */
function unrecorded(jobs, repository) {
	return jobs.flatMap((job) => {
		const { [META.repository]: of, [META.environment]: environment } = job.Meta ?? {};
		return !job.ParentID && isOf(repository, { repository: of }) && environment === "review" && recordOf(job) === void 0 ? [job.ID] : [];
	});
}
/** Returns the reason to remove a review app; undefined when it stays. `ttlMs` is the longest time without a registration. */
function whyRemove(app, { exists, pullRequests }, ttlMs, nowMs) {
	if (ttlMs !== void 0 && nowMs - app.registeredAtMs > ttlMs) {
		const days = (nowMs - app.registeredAtMs) / 864e5;
		return `nothing was registered for ${days < 2 ? `${Math.floor(days * 24)} hours` : `${Math.floor(days)} days`}`;
	}
	const isFork = app.head !== app.owner.repository.toLowerCase();
	const own = pullRequests.filter(({ head: { repo } }) => repo === null ? isFork : repo.full_name.toLowerCase() === app.head);
	if (own.some(({ state }) => state === "open")) return void 0;
	if (!exists) return `the ${app.kind} was deleted`;
	const [last] = [...own].sort((a, b) => b.number - a.number);
	return last === void 0 ? void 0 : `its pull request #${last.number} is closed`;
}
function isOf(repository, owner) {
	return owner.repository?.toLowerCase() === repository.toLowerCase();
}
export { sweep };
