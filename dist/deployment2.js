import { Ft as textAt, b as hasOwnJob, lt as readContext, ot as openGitHub, st as tell, wt as plain, z as readInputs } from "./target.js";
import { t as isGood } from "./result.js";
// src/report/github/deployment.ts
/** By this key of its payload a deployment is ours. */
const OURS = "nomad_deploy";
/** Deployments of the environment whose states are read; more is a question of a busier repository than there is. */
const LOOKED_AT = 10;
/** Earlier ones that are made inactive where GitHub does not do it by itself. */
const REPLACED = 3;
/** Nomad's name for the agent's own region in a job. */
const AGENTS = "global";
/** Returns the name of the GitHub environment; a branch with a job of its own has an environment of its own. */
function environmentName({ environment, refSlug }) {
	return hasOwnJob(environment) ? `${environment.name}/${refSlug}` : environment.name;
}
/**
* Records a GitHub Deployment, `in_progress`; gives what closes it with the outcome. Undefined when it is not wanted, when the workflow's job records one
* by itself, and when GitHub refuses it, which is said in a notice. The post step closes the deployment of a run that is killed.
*/
async function recordDeployment({ inputs: { githubDeployment: wanted }, context, target, github }, { jobId, region = AGENTS }, runtime) {
	if (wanted === false) return void 0;
	if (github === void 0) {
		if (wanted === true) runtime.log.notice("No GitHub Deployment is recorded: there is no token; give `github-token`.");
		return;
	}
	const environment = environmentName(target);
	const own = {
		run: ownRun(context),
		job: jobId,
		address: target.nomadAddr?.value ?? "",
		region
	};
	const isOurs = ({ payload }) => Object.entries(own).every(([key, value]) => textAt(payloadOf(payload), OURS, key) === value);
	return tell("No GitHub Deployment is recorded", async () => {
		const before = await github.deployments.find({ environment });
		if (wanted === "auto" && await hasOwn(before, context, github)) {
			runtime.log.info(`GitHub records a deployment of ${environment} for this workflow's job by itself, so no second one is recorded. For our own, with the states of the rollout: \`environment: { name: ${environment}, deployment: false }\`.`);
			return;
		}
		const { id } = await github.deployments.create({
			ref: context.headSha === "" ? context.ref : context.headSha,
			environment,
			description: `${jobId} on Nomad`,
			transient_environment: target.environment.value === "review",
			production_environment: target.environment.value === "production",
			payload: { [OURS]: own }
		}, isOurs);
		runtime.leaveWord("github-deployment", { id: `${id}` });
		await github.deployments.setState(id, {
			state: "in_progress",
			log_url: own.run
		});
		const replaced = before.filter(({ payload }) => ofJob(own, payload)).slice(0, REPLACED);
		return async (result) => {
			await tell("The GitHub Deployment keeps its state", async () => close(id, result, own.run, replaced, github), runtime);
			runtime.leaveWord("github-deployment", void 0);
		};
	}, runtime);
}
/** Returns whether a deployment is of the same job, by name, Nomad's address and region. Version 0.1.0 recorded no region. */
function ofJob(own, payload) {
	const recorded = (key) => textAt(payloadOf(payload), OURS, key);
	return recorded("job") === own.job && recorded("address") === own.address && [void 0, own.region].includes(recorded("region"));
}
/** GitHub gives a payload as it got it, or as the JSON of that. */
function payloadOf(payload) {
	if (typeof payload !== "string" || !payload.startsWith("{")) return payload;
	try {
		return JSON.parse(payload);
	} catch {
		return;
	}
}
/** Whether one of the environment's deployments is that of the workflow's job itself (`environment:`): its log is this run's. */
async function hasOwn(before, { runId }, github) {
	const others = before.filter(({ payload }) => textAt(payloadOf(payload), OURS, "run") === void 0).slice(0, LOOKED_AT);
	const statuses = await Promise.all(others.map(async ({ id }) => github.deployments.statuses(id)));
	const ofRun = new RegExp(`/actions/runs/${runId}(/|$)`);
	return statuses.flat().some(({ log_url, target_url }) => ofRun.test(log_url ?? "") || ofRun.test(target_url ?? ""));
}
async function close(id, result, logUrl, replaced, github) {
	const state = stateOf(result);
	const good = isGood(result.outcome);
	await github.deployments.setState(id, {
		state,
		description: described(result),
		log_url: logUrl,
		...good && result.url !== void 0 ? { environment_url: result.url } : {}
	});
	if (state !== "success") return;
	await deactivate(replaced, "Replaced", github);
}
/** What only began: nobody knows yet how it ends. */
const UNFINISHED = ["awaiting-promotion", "registered"];
/** The state that GitHub shows for an outcome. */
function stateOf({ outcome, evaluationId }) {
	if (UNFINISHED.includes(outcome) && (outcome !== "registered" || evaluationId !== void 0)) return "in_progress";
	if (isGood(outcome)) return "success";
	return outcome === "superseded" ? "inactive" : "failure";
}
function described({ outcome = "failed", cause, jobVersion }) {
	const version = jobVersion === void 0 ? "" : ` version ${jobVersion}`;
	return plain(cause === void 0 ? `${outcome}${version}` : `${outcome}${version}: ${cause}`);
}
/** Tells GitHub how a deployment ended that an earlier run left in progress, as one whose canaries waited to be promoted. */
async function settleDeployment({ environment, jobId, address, region = AGENTS }, result, logUrl, github, runtime) {
	await tell("The GitHub Deployment keeps its state", async () => {
		const own = {
			job: jobId,
			address,
			region
		};
		const [newest, ...earlier] = (await github.deployments.find({ environment })).filter(({ payload }) => ofJob(own, payload));
		if (newest === void 0) return;
		const [last] = await github.deployments.statuses(newest.id);
		if (last?.state === "in_progress") await close(newest.id, result, logUrl, earlier.slice(0, REPLACED), github);
	}, runtime);
}
/** Tells GitHub that a job is gone: its GitHub Deployments of an environment become inactive. */
async function endDeployments({ environment, jobId, address, region = AGENTS }, github, runtime) {
	if (github === void 0) return;
	await tell("The GitHub Deployments keep their states", async () => {
		const own = {
			job: jobId,
			address,
			region
		};
		await deactivate((await github.deployments.find({ environment })).filter(({ payload }) => ofJob(own, payload)).slice(0, LOOKED_AT), "Stopped", github);
	}, runtime);
}
async function deactivate(deployments, description, github) {
	const live = (await Promise.all(deployments.map(async ({ id }) => ({
		id,
		state: (await github.deployments.statuses(id))[0]?.state
	})))).filter(({ state }) => state === "success" || state === "in_progress");
	await Promise.all(live.map(async ({ id }) => github.deployments.setState(id, {
		state: "inactive",
		description
	})));
}
/**
* Closes, in the post step, the GitHub Deployment of a run that was killed. Whoever could write to the log or the files of the runner may have saved the
* number, so a deployment that another run recorded stays as it is.
*/
async function closeKilled({ id = "" }, env, runtime) {
	if (!/^\d{1,15}$/.test(id)) return;
	const context = readContext(env, {});
	const github = openGitHub(await readInputs(env), context, runtime);
	if (github === void 0) return;
	await tell("The GitHub Deployment stays in progress", async () => {
		const { payload } = await github.deployments.read(Number(id));
		if (textAt(payloadOf(payload), OURS, "run") !== ownRun(context)) return;
		const killed = {
			state: "failure",
			description: "The run was killed; the rollout may go on",
			log_url: context.runUrl
		};
		await github.deployments.setState(Number(id), killed);
	}, runtime);
}
/** The attempt of the run, by which a deployment is known as ours. */
function ownRun({ runUrl, runAttempt }) {
	return `${runUrl}/attempts/${runAttempt}`;
}
export { settleDeployment as a, recordDeployment as i, endDeployments as n, stateOf as o, environmentName as r, closeKilled as t };
