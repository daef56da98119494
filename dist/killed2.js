import { B as readWebhook, S as resolveTarget, j as findFiles, lt as readContext, n as connect, t as readConnection, x as resolveEnvironment, z as readInputs } from "./target.js";
import { a as notify } from "./report.js";
// src/watch/killed.ts
/** Leaves word of a rollout for the case that this run is killed. */
function leaveUnderWay({ jobId, namespace, version }, deploymentId, { nomad: { region }, nomadUrl, dispatched, rendering: { target } }, { leaveWord }) {
	leaveWord("rollout", {
		jobId,
		namespace,
		version: `${version}`,
		environment: target.environment.name,
		...nomadUrl === void 0 ? {} : { nomadUrl },
		...target.nomadAddr === void 0 ? {} : { address: target.nomadAddr.value },
		...region === void 0 ? {} : { region },
		...deploymentId === void 0 ? {} : { deploymentId },
		...dispatched === true ? { dispatched: "true" } : {}
	});
}
/** What each field of the word looks like: whoever could write to the log or the files of the runner may have saved it. */
const FIELDS = {
	jobId: /^[^\p{C}\s]{1,128}$/u,
	namespace: /^[\w-]{1,128}$/,
	version: /^\d{1,15}$/,
	environment: /^[\w.-]{1,100}$/,
	nomadUrl: /^https?:\/\/[^\p{C}\s]{1,1000}$/u,
	address: /^(https?|unix):\/\/[^\p{C}\s]{1,1000}$/u,
	region: /^[\w.-]{1,128}$/,
	deploymentId: /^[0-9a-f-]{36}$/,
	dispatched: /^true$/
};
/**
* Tells, in the post step, of a rollout whose run was killed, and where its deployment stands if Nomad says so soon; also the web hook. A word of another
* form is passed over. Nomad is asked, and its address is shown, only where the inputs of the step give that address.
*/
async function tellUnderWay(word, env, runtime) {
	const { jobId, version, namespace, dispatched, deploymentId, environment, region, address, nomadUrl } = word;
	if (!Object.entries(word).every(([name, value]) => Object.hasOwn(FIELDS, name) && FIELDS[name]?.test(value) === true) || jobId === void 0 || version === void 0 || namespace === void 0 || environment === void 0) return;
	const { repository, ref, sha, runUrl } = readContext(env, {});
	const own = await ownWay(word, env, runtime).catch(() => void 0);
	const status = own === void 0 ? void 0 : await deploymentStatus(word, own, runtime).catch(() => void 0);
	const stands = status === void 0 ? "" : `: ${status}`;
	const page = own !== void 0 && nomadUrl?.startsWith(`${own.address}/ui/jobs/`) === true ? nomadUrl : void 0;
	const see = page === void 0 ? "" : ` See ${page}.`;
	const [cause, hint] = dispatched === void 0 ? [`The step was killed while it watched ${jobId} version ${version}${stands}`, "The same deploy once more follows it to its end, and registers nothing."] : [`The step was killed while it watched ${jobId}, which goes on`, "The same step once more starts another run."];
	runtime.log.warning(`${cause}.${see} ${hint}`);
	await notify(readWebhook(env), {
		repository,
		ref,
		sha,
		runUrl,
		jobId,
		namespace,
		environment,
		jobVersion: Number(version),
		...page === void 0 ? {} : { nomadUrl: page },
		...region === void 0 ? {} : { region },
		...deploymentId === void 0 ? {} : { deploymentId },
		...own === void 0 || address === void 0 ? {} : { nomadAddr: address },
		outcome: "cancelled",
		failureReason: "killed",
		cause,
		hint
	}, runtime);
}
/** How long the post step may ask. */
const READ_MS = 1e4;
/** Returns the way to Nomad where the inputs of the step alone give the address and the environment that the word has; otherwise undefined. */
async function ownWay({ address, environment, region }, env, { workspace }) {
	const inputs = await readInputs(env);
	const context = readContext(env, {});
	const named = resolveEnvironment(inputs, context, void 0);
	const target = resolveTarget(inputs, context, named);
	if (address === void 0 || target.nomadAddr?.value !== address || named.name !== environment) return void 0;
	const { pemFiles } = await findFiles(inputs, workspace);
	return {
		address,
		region,
		environment: named.value,
		pemFiles,
		inputs
	};
}
async function deploymentStatus({ namespace, deploymentId }, { inputs, ...way }, runtime) {
	if (deploymentId === void 0) return void 0;
	const nomad = await connect(await readConnection(inputs, way, runtime), runtime);
	try {
		return (await nomad.deployments.read(deploymentId, namespace, 0, AbortSignal.timeout(READ_MS))).value?.StatusDescription;
	} finally {
		await nomad.close();
	}
}
export { tellUnderWay as n, leaveUnderWay as t };
