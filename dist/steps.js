import { i as requireRegistered, n as findExisting } from "./register.js";
import { n as recordOperation, o as subjectOf, r as announce } from "./github.js";
import { $t as readBlocks, f as ownedJob, i as permit, in as matchesAny, it as fingerprintText, j as findFiles, ot as openGitHub, r as claimOf, rn as isPattern, tt as policyOf, u as judgeOwner } from "./target.js";
import { i as notePromotion, n as timed, r as withStage } from "./report.js";
import { c as imageOf, d as namesGiven, f as tagsOf, o as planImage, p as lastError, r as runningImages, s as byName } from "./image.js";
import { S as isSameButForDigests, g as approvable, l as checkDraft, n as openRegions, r as variableRegion, t as namedRegion, v as requireApproved, y as requireApprovedWith } from "./plan.js";
import { r as describeTargets, t as describeJob } from "./describe.js";
import { r as skipUnwanted, t as failure } from "./failure.js";
import { a as secret, f as naming, m as toActionError, p as sentence, s as ActionError, u as failureOf } from "./runtime.js";
import { t as isGood } from "./result.js";
import { A as sourceLocation, D as requireOneEach, E as requireDeclared, F as registryLogin, N as REGISTRY_PASSWORD, O as automaticValues, T as imagesOf, _ as requireFinalId, c as renderJobspec, g as provisionalImages, h as provisionalImage, i as readSpecFile, k as givenValues, m as isProvisional, n as readVarFiles, p as firstTaken, r as readSourceFile, t as evaluateVarFiles, u as requireCount, y as unknowable } from "./jobspec.js";
import { f as requireScopes, u as NO_SECRETS } from "./secrets.js";
import { o as assignChecks } from "./watch.js";
import { n as endDeployments, r as environmentName } from "./deployment2.js";
// src/image/architecture.ts
/**
* Throws `input-invalid` when no ready node of the cluster has a processor that the image is for: the container would end with `exec format error`.
* A token that may not list nodes (`node:read`), or an image whose architecture is not known, means no check.
*/
async function requireArchitecture({ reference, architectures }, nomad, { log }) {
	if (architectures.length === 0) return;
	try {
		const others = await nomad.nodes.otherArchitectures(architectures);
		if (others === void 0) return;
		throw new ActionError("input-invalid", `the image ${reference} is for ${architectures.join(", ")}, but the nodes of the cluster are ${others.join(", ")}`, { hint: `Build it for them: \`platforms: ${others.map((name) => `linux/${name}`).join(",")}\`.` });
	} catch (error) {
		if (toActionError(error).code !== "permission-denied") throw error;
		log.debug("The token may not list nodes (node:read): whether they have the processor of the image is not checked.");
	}
}
// src/target/address.ts
/** The target that has Nomad's address. Apps may have domains of their own, but one run speaks to one Nomad. */
function commonTarget(units) {
	const having = units.filter(({ target }) => target.nomadAddr !== void 0);
	const addresses = [...new Set(having.map(({ target }) => target.nomadAddr?.value))];
	if (addresses.length > 1) throw new ActionError("input-invalid", `the domains of the apps lead to several addresses of Nomad: ${addresses.join(", ")}`, { hint: "Give the one that is meant as `nomad-addr`." });
	return (having[0] ?? units[0]).target;
}
/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
function requireAddress({ nomadAddr, environment }, { command, nomadToken, tokenEnv, nomadTls, nomadLogin }, { log }) {
	const token = nomadToken[environment.value];
	if (nomadAddr === void 0) throw new ActionError("input-invalid", "no address of Nomad is given", { hint: `Set \`nomad-addr\` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or \`base-domain\`.${command === "deploy" && token === void 0 && nomadLogin === void 0 ? " To build and push the image only, set `command: build`, or `NOMAD_VAR_NO_DEPLOY: true` of the reusable workflow." : ""}` });
	if (token === void 0 && tokenEnv !== void 0 && nomadLogin === void 0) throw new ActionError("input-invalid", `\`token-env\` of the environment ${environment.name}: ${tokenEnv} is not set`, { hint: "Pass it to the step: `env: { NAME: ${{ secrets.NAME }} }`.".replaceAll("NAME", tokenEnv) });
	if (nomadTls.skipVerify && nomadAddr.value.startsWith("https:")) log.warning("`nomad-skip-verify`: any certificate is accepted; whoever is between this runner and Nomad can read the token.");
	if (nomadLogin !== void 0) {
		log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), login by its auth method ${nomadLogin.method}`);
		return nomadAddr.value;
	}
	log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${token === void 0 ? "no token" : `token of ${token.source}`}`);
	const others = Object.entries(nomadToken).flatMap(([name, other]) => other === void 0 ? [] : [`${other.source} is for ${name} only`]);
	if (token === void 0 && others.length > 0) log.warning(`There is no token for the environment ${environment.name}: ${others.join(", ")}. This run goes on without one, which only a cluster without ACLs takes; for any other set NOMAD_TOKEN.`);
	return nomadAddr.value;
}
// src/commands/index.ts
const COMMANDS = {
	deploy: {
		offered: "both",
		about: "specs",
		load: async () => (await import("./deploy.js")).deploy
	},
	plan: {
		offered: "both",
		about: "specs",
		load: async () => (await import("./plan2.js")).plan
	},
	render: {
		offered: "both",
		about: "specs",
		load: async () => (await import("./render.js")).render
	},
	build: {
		offered: "both",
		about: "images",
		load: async () => (await import("./build.js")).prepareImages
	},
	dispatch: {
		offered: "both",
		about: "job",
		reads: false,
		load: async () => (await import("./dispatch.js")).dispatch
	},
	stop: {
		offered: "both",
		about: "jobs",
		load: async () => (await import("./stop.js")).stop
	},
	promote: {
		offered: "both",
		about: "job",
		reads: false,
		load: async () => (await import("./promote.js")).promote
	},
	revert: {
		offered: "both",
		about: "job",
		reads: false,
		load: async () => (await import("./revert.js")).revert
	},
	scale: {
		offered: "both",
		about: "job",
		reads: false,
		load: async () => (await import("./scale.js")).scale
	},
	restart: {
		offered: "both",
		about: "job",
		reads: false,
		load: async () => (await import("./restart.js")).restart
	},
	status: {
		offered: "both",
		about: "job",
		reads: true,
		load: async () => (await import("./status.js")).status
	},
	logs: {
		offered: "both",
		about: "job",
		reads: true,
		load: async () => (await import("./logs.js")).logs
	},
	sweep: {
		offered: "both",
		about: "review-apps",
		load: async () => (await import("./sweep.js")).sweep
	}
};
/** Returns whether a command is about registered jobs, so that nothing is built or rendered for it. */
function isOperation(command) {
	return [
		"job",
		"jobs",
		"review-apps"
	].includes(COMMANDS[command].about);
}
/** Runs a command on a registered job. `following` has everything but the job itself. Throws `job-taken` for a job of another owner. */
async function operate(found, context, following, github, current) {
	const { inputs, nomad, rendering } = following;
	const { jobId, namespace, spec } = found;
	const claim = claimOf(inputs, context, rendering.target);
	const command = COMMANDS[inputs.command];
	if (command.about === "jobs") {
		const { purge, timeoutMs } = inputs;
		const result = await (await command.load())({
			jobId,
			namespace,
			claim,
			purge,
			timeoutMs
		}, nomad, current);
		const { target } = rendering;
		const deployed = {
			environment: environmentName(target),
			jobId,
			address: target.nomadAddr?.value ?? "",
			region: nomad.region
		};
		await endDeployments(deployed, github, current.runtime);
		return result;
	}
	if (command.about !== "job") throw new Error(`${inputs.command} is not about a registered job`);
	const registered = requireRegistered(found);
	if (!command.reads) permit(judgeOwner(ownedJob(registered, namespace), claim, "change"), current.runtime);
	return (await command.load())(registered, {
		...following,
		rendering: {
			...rendering,
			spec
		},
		draft: {
			job: registered,
			namespace
		},
		claim
	}, current);
}
// src/apps/changed.ts
/**
* Returns the apps to go on with, undefined where there is none: those without `paths`, and those of which a file changed since the event's base, the commit before a push or the base of a
* pull request. A change of the configuration file is one of all apps. Where the changes can't be told, it is all of them, and the log says why.
*/
async function changedUnits({ config, context, units }, runtime) {
	if (config === void 0 || units.every(({ app }) => (app?.paths ?? []).length === 0)) return units;
	const { baseSha } = context;
	const changed = await changedFiles(context, runtime);
	if (!Array.isArray(changed)) {
		runtime.log.notice(`What changed is not known (${changed.unknown}): all apps are deployed, whatever their \`paths\` are.`);
		return units;
	}
	const [first, ...others] = units.filter(({ app }) => {
		if (app === void 0 || isTouched(app.paths, changed, config)) return true;
		runtime.log.notice(`${app.name} is skipped: none of its \`paths\` changed since ${baseSha?.slice(0, 7)}.`);
		return false;
	});
	return first && [first, ...others];
}
/** Whether one of the files belongs to an app; the name of a folder stands for all that is in it. */
function isTouched(paths, changed, { path }) {
	const patterns = paths.flatMap((pattern) => isPattern(pattern) ? [pattern] : [pattern.replace(/\/$/, ""), `${pattern.replace(/\/$/, "")}/**`]);
	return paths.length === 0 || changed.some((file) => file === path || matchesAny(patterns, file));
}
async function changedFiles({ baseSha, eventName }, { exec, workspace }) {
	if (baseSha === void 0) return { unknown: `a ${eventName || "run"} like this one has no commit to compare with` };
	const git = async (...args) => exec(["git", ...args], {
		cwd: workspace,
		env: { GIT_TERMINAL_PROMPT: "0" }
	});
	if ((await git("cat-file", "-e", `${baseSha}^{commit}`)).code !== 0) await git("fetch", "--no-tags", "--depth=1", "origin", baseSha);
	const diff = await git("diff", "--name-only", "--no-renames", "-z", baseSha, "HEAD");
	return diff.code === 0 ? diff.stdout.split("\0").filter((file) => file !== "") : { unknown: lastError(diff) };
}
// src/apps/cluster.ts
/**
* Opens the connection to the cluster of the works, logs in, and reads the policy of the default branch. The tokens of the login are masked before
* anything of the checkout is rendered. The caller closes `regions`. Throws `input-invalid`, `unreachable`, `permission-denied`.
*/
async function connectTo({ config, context, units: [{ inputs, target }] }, works, address, { runtime, note }) {
	const [own] = works.map((work) => variableRegion(work, context));
	const region = inputs.nomadRegion ?? own;
	if (region !== void 0) note({ region });
	const way = {
		address,
		region,
		environment: target.environment.value,
		pemFiles: works[0].files.pemFiles
	};
	const regions = await openRegions(inputs, way, context, runtime);
	const policy = config && policyOf(config);
	await regions.first.logIn().catch(async (error) => {
		await regions.close();
		throw error;
	});
	return {
		address,
		context,
		regions,
		github: openGitHub(inputs, context, runtime),
		policy
	};
}
// src/apps/refusals.ts
/** Failures that are not about one spec: the next spec would fail in the same way. */
const OF_THE_RUN = [
	"unreachable",
	"cancelled",
	"timed-out",
	"unknown-outcome",
	"unexpected"
];
/** Gives the refusal of one spec; undefined for a failure that is not about the spec. */
function refusalOf(thrown) {
	return thrown instanceof ActionError && !OF_THE_RUN.includes(thrown.code) ? thrown : void 0;
}
/** Tells each refusal under the name of its job and its file, and gives the result of the run: that of the first refused spec, with all specs as jobs. */
async function refuseSpecs(all, runtime) {
	const jobs = [];
	for (const { app, jobId, file, error } of all) {
		const known = {
			...app === void 0 ? {} : { app: app.name },
			jobId
		};
		if (error === void 0) jobs.push({
			...known,
			outcome: "skipped",
			cause: "another job spec is refused"
		});
		else {
			const { code, hint, location = file === void 0 ? void 0 : { file } } = error;
			const named = failureOf(`${app?.name ?? jobId}${file === void 0 ? "" : ` (${file})`}`, error);
			runtime.log.error(sentence(named), code, location);
			jobs.push({
				...known,
				outcome: "failed",
				failureReason: code,
				cause: error.message,
				...hint === void 0 ? {} : { hint },
				...location === void 0 ? {} : { location }
			});
		}
	}
	const [first = {}, ...others] = jobs.filter(({ outcome }) => outcome === "failed");
	const names = others.map(({ app, jobId }) => app ?? jobId);
	return {
		...first,
		cause: `${first.cause}${names.length === 0 ? "" : `; also refused: ${names.join(", ")}`}`,
		jobs
	};
}
// src/apps/drafts.ts
/**
* Drafts the job of each spec before anything is built: does the cluster answer, does it take the token, does it understand the specs? All specs are
* checked, so that a repository of many learns of all mistakes in one run. Throws a failure that is not about one spec, or that of the only one.
*/
async function draftAll(works, cluster, current) {
	const { context, regions, policy } = cluster;
	const { runtime, stage, note } = current;
	const asked = works.flatMap((work) => work.asked);
	const provisional = provisionalImages(asked, works[0].inputs.command);
	const [only] = asked;
	if (policy !== void 0) runtime.log.info(`Policy of ${policy.source}`);
	if (only?.plan.kind === "existing") note({ image: only.plan.reference });
	const drafts = [];
	const checked = [];
	const all = works.flatMap((work) => work.specs);
	for (const work of works) {
		const { target, app } = work;
		const evaluate = async () => evaluateVarFiles(work.fromFiles, regions.first, work.inputs.nomadNamespace);
		const fromFiles = await naming(app?.name, evaluate);
		for (const spec of work.specs) {
			const bare = {
				spec,
				others: all.filter((other) => other !== spec),
				fromFiles,
				target,
				context,
				tags: tagsOf(work.asked),
				...NO_SECRETS,
				oversubscription: true,
				policy
			};
			const file = spec.builtIn ? void 0 : spec.name;
			try {
				const drafted = await stage("check", `Check ${nameOf(work, spec)} with the cluster's parser`, async () => firstTaken(provisional, async (references) => ({
					references,
					...await checkDraft(work.inputs, {
						...bare,
						...imagesOf(work.asked, asked, byName(asked, references))
					}, regions, runtime)
				})));
				if (asked.some(isProvisional)) requireFinalId(drafted.draft, spec.name);
				requireOther(drafts, nameOf(work, spec), drafted);
				drafts.push({
					...drafted,
					work
				});
				checked.push({
					app,
					file,
					jobId: drafted.draft.job.ID,
					error: void 0
				});
			} catch (thrown) {
				const error = refusalOf(thrown);
				if (all.length === 1 || error === void 0) throw app === void 0 || !(thrown instanceof ActionError) ? thrown : failureOf(app.name, thrown);
				checked.push({
					app,
					file,
					jobId: jobNameIn(spec, target),
					error
				});
			}
		}
	}
	return {
		drafts,
		checked
	};
}
/** Gives the id of the job of a spec that the cluster has not understood, as it is written there; the name of the file where there is none. */
function jobNameIn({ builtIn, format, name, text }, { jobId }) {
	if (builtIn) return jobId;
	const label = format === "hcl" ? readBlocks(text).blocks.find(({ type }) => type === "job")?.labels[0] : /(?:^|[\s{,"'])ID["']?\s*:\s*["']?([^"'\s,}]+)/m.exec(text)?.[1];
	return label === void 0 || label === "" ? name : label.replaceAll("NOMAD_VAR_SLUG", jobId);
}
/** The name of a job spec where there are several apps. */
function nameOf({ app }, spec) {
	return app === void 0 ? spec.name : `${app.name} (${spec.name})`;
}
/** Two specs of one job would replace one another, and the second would look good. */
function requireOther(drafts, name, { nomad, draft: { job, namespace } }) {
	const same = drafts.find(({ draft, ...other }) => draft.job.ID === job.ID && draft.namespace === namespace && other.nomad === nomad);
	if (same === void 0) return;
	throw new ActionError("input-invalid", `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, { hint: "Each job needs an id of its own." });
}
// src/apps/approvals.ts
/**
* Returns the approvable form of each plan. Where plans are compared, the jobs are rendered once more with images of random digests, since a spec may spell
* out the provisional image, which then would count as the built one. A spec that makes another job of the random image is approved with the provisional
* one, as people were shown it: then no job with the final image is the approved one.
*/
async function approvablesOf(drafts, asked, { command, approvedPlan }, runtime) {
	const compared = command === "plan" || approvedPlan.length > 0;
	const found = [];
	for (const drafted of drafts) {
		const { draft, plan, references } = drafted;
		const shown = {
			job: draft.job,
			given: provisionalOf(drafted, asked, references)
		};
		const others = references.map(unknowable);
		const other = compared && others.some((one, i) => one !== references[i]) && {
			job: (await renderWith(drafted, asked, others, runtime)).job,
			given: provisionalOf(drafted, asked, others)
		};
		const { job, given } = other && isSameButForDigests(other.job, other.given, draft.job) ? other : shown;
		found.push(plan && approvable(job, plan, given));
	}
	return found;
}
/** Compares each job's plan with the approved one, before anything is built. Throws `plan-changed`. */
async function requireAllApproved(drafts, approvables, reporting) {
	for (const [i, drafted] of drafts.entries()) {
		const now = approvables[i];
		if (now !== void 0) await requireApproved(subjectOf(drafted), now, drafted.live, reporting);
	}
}
/** Compares each job with its final images with the approved one. Throws `plan-changed`. */
async function requireAllApprovedWith(images, drafts, approvables, asked, runtime) {
	for (const [i, drafted] of drafts.entries()) {
		const approved = approvables[i];
		if (approved === void 0) continue;
		const { job } = await renderWith(drafted, asked, images, runtime);
		requireApprovedWith(job, provisionalOf(drafted, asked, images), subjectOf(drafted), approved);
	}
}
/** Renders the job without secrets, with images by these references. */
async function renderWith({ rendering, nomad, work }, asked, references, runtime) {
	const names = byName(asked, references);
	return renderJobspec(work.inputs, {
		...rendering,
		...imagesOf(work.asked, asked, names)
	}, nomad, runtime);
}
/** Returns the values that the run gave a job that is rendered with these image references. */
function provisionalOf({ rendering, work }, asked, references) {
	const pairs = asked.map(({ plan }, i) => ({
		plan,
		reference: references[i] ?? ""
	}));
	return {
		images: pairs.flatMap(({ plan, reference }) => plan.kind === "build" ? [reference] : []),
		looked: pairs.flatMap(({ plan, reference }) => plan.kind === "existing" ? [[reference, plan.reference]] : []),
		sha: rendering.context.sha,
		values: automaticValues(work.inputs, rendering)
	};
}
// src/apps/each-job.ts
/**
* Does the same for each job, in their order. Where one fails, what comes after may need it and is left as it is; of apps, only those that depend on it.
* The run's result and outputs are those of the first job, and its outcome that of the first that failed.
*/
async function eachJob(all, current, work) {
	const jobs = [];
	/** What failed, and what was left for that: each with the job that failed. */
	const lost = [];
	for (const [i, one] of all.entries()) {
		const { jobId, namespace } = one;
		let result = {
			jobId,
			namespace
		};
		const note = (part) => {
			result = {
				...result,
				...part
			};
			if (i === 0) current.note(part);
		};
		const blocking = lost.find((other) => isNeeded(other.one, one));
		if (blocking === void 0) {
			const stage = async (name, title, step) => timed(name, current.runtime, (done) => result = withStage(result, done), async () => current.stage(name, title, step));
			try {
				note(await work(one, {
					...current,
					number: i + 1,
					note,
					stage
				}));
			} catch (thrown) {
				note(await failure(thrown, current.runtime));
			}
			if (!isGood(result.outcome)) lost.push({
				one,
				failed: result
			});
		} else {
			const { failed } = blocking;
			note({
				outcome: "skipped",
				cause: `${failed.jobId} failed before it`
			});
			current.runtime.log.notice(`${jobId} was left as it is, since ${failed.jobId} failed.`);
			lost.push({
				one,
				failed
			});
		}
		jobs.push(result);
	}
	if (all.length > 1) current.note({ jobs });
	const [first] = lost;
	if (first === void 0) return {};
	const { outcome = "failed", failureReason, cause, hint, location } = first.failed;
	return {
		outcome,
		...failureReason === void 0 ? {} : { failureReason },
		...cause === void 0 ? {} : { cause: all.length > 1 ? `${first.one.app?.name ?? first.one.jobId}: ${cause}` : cause },
		...hint === void 0 ? {} : { hint },
		...location === void 0 ? {} : { location }
	};
}
/** Whether a job may need another one, before it, that failed or was left. */
function isNeeded({ app: other }, { app }) {
	return app === void 0 || other === void 0 || app.name === other.name || app.dependsOn.includes(other.name);
}
// src/apps/jobs.ts
/** Judges the drafts of a run together. Throws `input-invalid` for a secret, a check or a `periodic-force` that belongs to no job. */
async function judge(works, drafts, { address }, { runtime, note }) {
	const [{ inputs }] = works;
	const [first] = drafts;
	const all = drafts.map(({ draft }) => draft.job);
	if (first !== void 0) note(describeJob(address, jobOf(first)));
	if (inputs.periodicForce && !all.some(({ Periodic }) => Periodic)) throw new ActionError("input-invalid", `\`periodic-force\`: ${all.map(({ ID }) => ID).join(", ")} is not a periodic job`);
	if (inputs.app === void 0) requireScopes(Object.keys(inputs.secrets), all);
	const jobsOf = (work) => drafts.filter((drafted) => drafted.work === work).map(({ draft }) => draft.job);
	const checks = works.flatMap((work) => assignChecks(work.inputs.verify, jobsOf(work)));
	const approvables = await approvablesOf(drafts, askedOf(works), inputs, runtime);
	const fingerprints = approvables.flatMap((one) => one === void 0 ? [] : [fingerprintText(one.fingerprint)]);
	if (fingerprints.length > 0) note({ planFingerprint: fingerprints.join("\n") });
	return {
		works,
		drafts,
		checks,
		approvables
	};
}
/**
* Compares the plans with the approved ones, tells GitHub of the deploy, and builds or finds the images. Returns their references by name; undefined where
* no image is asked for. Throws `plan-changed` before and after the build, and the errors of the build.
*/
async function buildApproved({ works, drafts, approvables }, { context, github, regions }, current) {
	const [{ inputs, target }] = works;
	const [first] = drafts;
	const reporting = {
		inputs,
		context,
		target,
		github
	};
	await requireAllApproved(drafts, approvables, reporting);
	await announce(reporting, {
		jobId: first?.draft.job.ID ?? target.jobId,
		region: first?.nomad.region
	}, current);
	const asked = askedOf(works);
	const built = await (await COMMANDS.build.load())(asked, ({ plan }) => runningImages(plan, drafts, context), current);
	for (const [i, image] of built.entries()) {
		const running = drafts.filter(({ work }) => work.asked.some((one) => one === asked[i]));
		for (const nomad of new Set(running.map((drafted) => drafted.nomad))) await requireArchitecture(image, nomad, current.runtime);
	}
	const final = built.map(({ reference }) => reference);
	if (inputs.approvedPlan.length > 0 && built.length > 0) await requireAllApprovedWith(final, drafts, approvables, asked, current.runtime);
	const [own] = built;
	if (own?.isNew === false) await notePromotion(own, context, target, first?.nomad ?? regions.first, current);
	return built.length === 0 ? void 0 : byName(asked, final);
}
/** Runs the command on each draft, in their order. `images` are those that were built or found. */
async function commandEach({ works, drafts, checks, approvables }, images, { address, github }, current) {
	const asked = askedOf(works);
	const command = COMMANDS[works[0].inputs.command];
	if (command.about !== "specs") throw new Error(`${works[0].inputs.command} is not about job specs`);
	const perform = await command.load();
	return eachJob(drafts.map((drafted) => ({
		...drafted,
		...jobOf(drafted),
		app: drafted.work.app
	})), current, async ({ rendering, references, draft, work, ...job }, own) => {
		const described = describeJob(address, job);
		own.note({
			...described,
			...describeApp(work, imageOf(work.asked, images ?? namesGiven(asked)))
		});
		const deploying = {
			inputs: work.inputs,
			rendering: {
				...rendering,
				...imagesOf(work.asked, asked, images ?? byName(asked, references))
			},
			draft,
			nomad: job.nomad,
			checks: checks[own.number - 1] ?? [],
			nomadUrl: described.nomadUrl,
			github,
			asked,
			own: work.asked,
			judged: job.live,
			approvable: approvables[own.number - 1]
		};
		return perform(deploying, own);
	});
}
/** Builds, tests and pushes the images, and ends there. */
async function buildOnly(works, current) {
	await (await COMMANDS.build.load())(askedOf(works), () => [], current);
	return { outcome: "built" };
}
/** Returns the images that the works ask for. */
function askedOf(works) {
	return works.flatMap((work) => work.asked);
}
/** Returns the part of the result that names one of several apps. */
function describeApp({ app, target }, image) {
	if (app === void 0) return {};
	return {
		app: app.name,
		...image === "" ? {} : { image },
		...target.url === void 0 ? {} : {
			url: target.url,
			urls: target.hostnames.map((host) => `https://${host}`)
		}
	};
}
/** Returns the job of a draft, with its namespace and Nomad in its region. */
function jobOf({ draft, nomad }) {
	return {
		jobId: draft.job.ID,
		namespace: draft.namespace,
		nomad
	};
}
// src/apps/operate-each.ts
/** Runs a command about registered jobs on each job; all commands but `stop` are about one. */
async function operateEach(works, cluster, current) {
	const { address, context, regions, github, policy } = cluster;
	const [{ inputs }] = works;
	const { about } = COMMANDS[inputs.command];
	if (policy !== void 0 && inputs.command === "scale") current.runtime.log.info(`Policy of ${policy.source}`);
	requireCount(inputs.count, policy);
	if (about === "review-apps") return (await COMMANDS.sweep.load())({
		inputs,
		context,
		regions: await sweptRegions(works, cluster, current.runtime),
		github,
		address
	}, current);
	const found = [];
	if (about === "job" && works.length > 1) throw new ActionError("input-invalid", `\`command\`: ${inputs.command} is about one job, and the apps are ${works.length}`, { hint: `Select one with the input \`app\`: ${works.map(({ app }) => app?.name).join(", ")}.` });
	for (const work of works) {
		const { inputs, target, specs } = work;
		requireClear(inputs, target, specs);
		const existing = await findExisting(inputs, specs, bareRendering(work, cluster), regions, current.runtime);
		found.push(...existing.map((one) => ({
			...one,
			work,
			app: work.app
		})));
	}
	return eachJob(found, current, async ({ work: { inputs, target }, ...one }, own) => {
		const known = describeJob(address, one);
		own.note(known);
		const checks = one.job === void 0 ? [] : assignChecks(inputs.verify, [one.job])[0] ?? [];
		const following = {
			inputs,
			rendering: {
				spec: one.spec,
				target
			},
			nomad: one.nomad,
			checks,
			nomadUrl: known.nomadUrl
		};
		const result = await operate(one, context, following, github, own);
		await recordOperation(one, result, {
			inputs,
			context,
			target,
			github
		}, one.nomad, current.runtime);
		return result;
	});
}
/**
* Refuses, before the cluster is asked, what is easily meant otherwise: several jobs for a command about one, and a stop of anything but a review app
* that is not asked for in as many words. Throws `input-invalid`.
*/
function requireClear({ command, jobName, jobs, sources }, target, specs) {
	if (command !== "stop" && specs.length > 1 && (jobName === void 0 || jobs.length > 0)) throw new ActionError("input-invalid", `\`command\`: ${command} is about one job, and ${specs.map(({ name }) => name).join(", ")} are several`, { hint: "Name it with `job-name`, or give one `job`." });
	const { value, source, isBranch } = target.environment;
	const isSaid = sources.inputs.environment === "environment" || sources.inputs["job-name"] === "job-name";
	if (command === "stop" && value !== "review" && !isSaid) throw new ActionError("input-invalid", `this would stop what runs as ${value} (${source})`, { hint: `If that is meant, set ${isBranch ? "" : `\`environment: ${value}\` or `}\`job-name${isBranch ? `: ${target.jobId}` : ""}\`; without them only review apps are stopped.` });
}
/** Returns Nomad in each region that review apps are looked for in: that of `nomad-region`, else those of the specs. */
async function sweptRegions(works, cluster, runtime) {
	const { regions } = cluster;
	const found = [];
	for (const work of works) for (const spec of work.inputs.nomadRegion === void 0 ? work.specs : []) {
		const Region = await namedRegion(work.inputs, {
			...bareRendering(work, cluster),
			spec
		}, regions.first, runtime);
		found.push(await regions.of({ Region }, spec));
	}
	return found.length === 0 ? [regions.first] : [...new Set(found)];
}
/** Returns the rendering of a spec for a command that builds nothing. */
function bareRendering(work, { context, policy }) {
	const { fromFiles, target } = work;
	const asked = work.images.map((own) => namedBy(own, context));
	const names = byName(asked, asked.map(provisionalImage));
	const images = imagesOf(asked, asked, names);
	const rules = policy && {
		...policy,
		policy: {
			...policy.policy,
			imageRegistries: void 0
		}
	};
	return {
		fromFiles,
		target,
		context,
		...images,
		...NO_SECRETS,
		oversubscription: true,
		policy: rules
	};
}
/** Returns the image of a command about a registered job, by the name of the workflow, else that of the repository. */
function namedBy(inputs, { repository }) {
	const reference = inputs.image ?? `${inputs.registry}/${repository}`.toLowerCase();
	return {
		name: inputs.imageKey,
		plan: {
			kind: "existing",
			reference
		},
		inputs
	};
}
// src/apps/work.ts
/**
* Reads the files of each app and plans its images. Throws `input-invalid`, with the name of the app, for what is missing or can't be, and where two
* images would have one tag.
*/
async function prepareWork(units, context, runtime) {
	const [first, ...others] = units;
	const work = async (unit) => naming(unit.app?.name, async () => workOf(unit, context, runtime));
	const all = [await work(first)];
	for (const unit of others) all.push(await work(unit));
	const owners = /* @__PURE__ */ new Map();
	for (const { name = "", plan } of all.flatMap(({ asked }) => asked)) for (const tag of plan.kind === "build" ? plan.tags : []) {
		const other = owners.get(tag);
		if (other !== void 0) throw new ActionError("input-invalid", `\`image\`: ${other} and ${name} would both be ${tag}`, { hint: "Give each an `image` of its own, or none: then it is named by the repository and the name in the configuration file." });
		owners.set(tag, name);
	}
	return all;
}
async function workOf(unit, context, runtime) {
	const { inputs, target } = unit;
	const { workspace } = runtime;
	const files = await findFiles(inputs, workspace);
	const fromFiles = readVarFiles(await Promise.all(files.varFiles.map(async (path) => readSourceFile(path, workspace))));
	const specs = await Promise.all(files.specs.map(async (path) => readSpecFile(path, workspace)));
	if (specs.some(({ builtIn }) => builtIn)) requireLiterals(fromFiles);
	if (specs.length > 1 && inputs.jobName !== void 0) throw new ActionError("input-invalid", `\`job-name\`: ${specs.length} job specs can't have one name`, { hint: "Leave it out: each job is named by its spec." });
	const asked = [];
	for (const own of unit.images) asked.push(...await askedImage(own, unit, specs, target, context, workspace));
	if ([
		"deploy",
		"plan",
		"render"
	].includes(inputs.command)) {
		requireOneEach(asked);
		for (const { inputs: own } of asked) requireDeclared(own.imageVariables, own.sources.inputs["image-variables"] ?? "", specs);
	}
	return {
		...unit,
		inputs: withRegistryPassword(inputs, specs, fromFiles, runtime),
		files,
		specs,
		fromFiles,
		asked
	};
}
/** Refuses an expression where a value is needed before the cluster is asked to evaluate it: for its region, or as a password to mask. */
function requireLiterals(fromFiles) {
	const early = Object.entries(fromFiles).find(([name, { expression }]) => expression !== void 0 && /^(REGION$|CI_)/.test(name));
	if (early === void 0) return;
	const [name, { source }] = early;
	const location = sourceLocation(source);
	throw new ActionError("input-invalid", `${source}: ${name} is an expression, and has to be a literal`, location && { location });
}
/** The inputs with the password of the node's login among the secrets, where the built-in template logs in: a job is in clear for all who may read it. */
function withRegistryPassword(inputs, specs, fromFiles, { mask }) {
	const login = specs.some(({ builtIn }) => builtIn) ? registryLogin(givenValues(inputs, fromFiles)) : void 0;
	if (login === void 0) return inputs;
	mask(login.password);
	const sources = {
		...inputs.sources,
		secrets: {
			...inputs.sources.secrets,
			[REGISTRY_PASSWORD]: "CI_REGISTRY_READ_TOKEN or CI_REGISTRY_PASSWORD"
		}
	};
	return {
		...inputs,
		secrets: {
			...inputs.secrets,
			[REGISTRY_PASSWORD]: secret(login.password)
		},
		sources
	};
}
/** The image to build or to look up; none when the specs name their own. A command about a job that is registered needs none. */
async function askedImage(own, { inputs }, specs, target, context, workspace) {
	if (isOperation(inputs.command)) return [];
	const isNeeded = own !== inputs || specs.some(({ builtIn }) => builtIn) || Object.keys(own.imageVariables).length > 0;
	const plan = planImage(own, await findFiles(own, workspace), isNeeded, target, context, workspace);
	return plan.kind === "none" ? [] : [{
		name: own.imageKey,
		plan,
		inputs: own
	}];
}
export { buildApproved, buildOnly, changedUnits, commandEach, commonTarget, connectTo, describeTargets, draftAll, isOperation, judge, operateEach, prepareWork, refuseSpecs, requireAddress, skipUnwanted };
