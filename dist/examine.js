import { B as leaveHook, C as unchecked, Cr as tlsProblem, Dn as inspectBuilder, Dr as claimOf, En as demands, F as connectTo, Fn as shortId, I as askFirst, Ir as withProvenance, Lr as commonTarget, N as prepareWork, Nr as META, Pn as diagnose, Rr as requireAddress, S as examineNomad, Sn as inRegistry, Tn as chooseBuilder, Tr as rightOf, Vr as openGitHub, Y as watchJob, ar as rightsOf, b as CLUSTER_MS, ct as COMMANDS, fr as allows, jr as recordMeta, mr as inspectCluster, pr as isMatch, pt as registerJob, rr as policiesFor, st as PULLS, v as byCluster, wn as login, wr as needsOf, x as attempt, z as cleanUpHook } from "./steps.js";
import { S as messageOf, _ as ActionError, d as randomHex, l as isoTime, u as parseTime } from "./runtime.js";
import { Fn as formatDuration, cn as registryOf, qt as valueAt } from "./start.js";
import { X509Certificate, createHash } from "node:crypto";
// src/doctor/facts.ts
const isKnown = (fact) => !(fact instanceof ActionError);
/** The longest time of a question to Nomad, a registry or GitHub, and of a program. */
const QUESTION_MS = 8e3;
const PROGRAM_MS = 2e4;
/** Asks for a fact within `limitMs`. Rejects only when the run is cancelled. */
async function factOf(ask, limitMs, { clock, signal }) {
	const late = clock.timeout(limitMs);
	const { promise: ended, reject } = Promise.withResolvers();
	const end = () => reject(late.reason);
	late.addEventListener("abort", end, { once: true });
	try {
		return await Promise.race([ask(AbortSignal.any([signal, late])), ended]);
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ActionError) return error;
		const words = late.aborted ? `no answer within ${formatDuration(limitMs)}` : messageOf(error);
		return new ActionError("unreachable", words, { cause: error });
	} finally {
		late.removeEventListener("abort", end);
	}
}
/** Makes the results of one check. */
function findingsOf(check) {
	return {
		fine: (text) => ({
			check,
			state: "fine",
			text
		}),
		warning: (text, fix) => ({
			check,
			state: "warning",
			text,
			...fix === void 0 ? {} : { fix }
		}),
		broken: (text, fix) => ({
			check,
			state: "broken",
			text,
			...fix === void 0 ? {} : { fix }
		}),
		unchecked: (why, fix) => ({
			check,
			state: "not-checked",
			text: `not checked, because ${why}`,
			...fix === void 0 ? {} : { fix }
		}),
		/** The check failed with an error that a deploy would have, too. */
		failed: ({ message, hint }) => ({
			check,
			state: "broken",
			text: message,
			...hint === void 0 ? {} : { fix: hint }
		})
	};
}
// src/doctor/place.ts
const NODE_READ = "Policy: `node { policy = \"read\" }`.";
const WITHOUT_NODES = "the token may not read the nodes (`node:read`)";
/** Returns the results about the place of a job. */
function placeFindings(seen, facts) {
	const { job } = seen;
	const ready = (isKnown(facts.nodes) ? facts.nodes : void 0)?.filter(isReady);
	const why = isKnown(facts.nodes) ? WITHOUT_NODES : `the nodes could not be read: ${facts.nodes.message}`;
	const inPool = ready?.filter((node) => isInPool(node, job));
	const here = inPool?.filter((node) => isInDatacenters(node, job));
	return [
		namespaceFinding(seen.namespace, facts.hasNamespace),
		poolFinding(job, inPool, facts, why),
		datacentersFinding(job, ready, inPool, why),
		driversFinding(job, here, why),
		oversubscriptionFinding(seen, facts.oversubscription),
		agentFinding("Consul", consulUsers(job), here, facts.consul, why),
		agentFinding("Vault", vaultUsers(job), here, facts.vault, why),
		volumesFinding(job, here, why)
	];
}
const isReady = ({ Status, SchedulingEligibility }) => Status === "ready" && SchedulingEligibility === "eligible";
const poolOf = ({ NodePool }) => NodePool || "default";
const isInPool = ({ NodePool }, job) => poolOf(job) === "all" || (NodePool || "default") === poolOf(job);
const datacentersOf = ({ Datacenters }) => Datacenters?.length ? Datacenters : ["*"];
const isInDatacenters = ({ Datacenter }, job) => datacentersOf(job).some((one) => isMatch(one, Datacenter));
function namespaceFinding(namespace, exists) {
	const { fine, broken, unchecked } = findingsOf("namespace");
	if (!isKnown(exists)) return unchecked(`it could not be read: ${exists.message}`);
	if (exists === void 0) return unchecked(`the token has no right in the namespace ${namespace}`);
	return exists ? fine(namespace) : broken(`there is no namespace ${namespace}`, `Create it (\`nomad namespace apply ${namespace}\`), or set \`nomad-namespace\`.`);
}
function poolFinding(job, inPool, { hasNodePool }, why) {
	const { fine, broken, unchecked } = findingsOf("node pool");
	const pool = poolOf(job);
	if (hasNodePool === false) return broken(`there is no node pool ${pool}`, "Correct `node_pool` of the spec, or create the pool (`nomad node pool apply`).");
	if (inPool === void 0) return unchecked(why, NODE_READ);
	return inPool.length > 0 ? fine(`${pool}: ${countOf(inPool.length)} ready`) : broken(`no ready node is in the node pool ${pool}`, "Look at `nomad node status`: nodes may be down, drained or not eligible.");
}
function datacentersFinding(job, ready, inPool, why) {
	const { fine, warning, broken, unchecked } = findingsOf("datacenters");
	if (ready === void 0 || inPool === void 0) return unchecked(why, NODE_READ);
	if (inPool.length === 0) return unchecked("the node pool has no ready node");
	const asked = datacentersOf(job);
	const has = (one) => inPool.some(({ Datacenter }) => isMatch(one, Datacenter));
	const missing = asked.filter((one) => !has(one));
	const real = [...new Set(inPool.map(({ Datacenter }) => Datacenter))].join(", ");
	if (missing.length === asked.length) return broken(`no ready node is in ${asked.join(", ")}: the nodes are in ${real}`, "Correct `datacenters` of the spec.");
	if (missing.length > 0) return warning(`no ready node is in ${missing.join(", ")}: the nodes are in ${real}`, "Correct `datacenters` of the spec.");
	const here = inPool.filter((node) => isInDatacenters(node, job)).length;
	return fine(`${asked.join(", ")}: ${countOf(here)} ready`);
}
const groupsOf = ({ TaskGroups }) => TaskGroups ?? [];
const tasksOf = (job) => groupsOf(job).flatMap(({ Tasks }) => Tasks ?? []);
const countOf = (count) => `${count} node${count === 1 ? "" : "s"}`;
function servicesOf(job) {
	return groupsOf(job).flatMap(({ Services, Tasks }) => [...Services ?? [], ...(Tasks ?? []).flatMap((task) => task.Services ?? [])]);
}
/** Returns the drivers of a job, those of the proxies of its services included. */
function driversOf(job) {
	const proxies = servicesOf(job).flatMap(({ Connect }) => Connect?.SidecarService || Connect?.Gateway ? [Connect.SidecarTask?.Driver || "docker"] : []);
	return [.../* @__PURE__ */ new Set([...tasksOf(job).map(({ Driver }) => Driver), ...proxies])];
}
function driversFinding(job, here, why) {
	const { fine, broken, unchecked } = findingsOf("drivers");
	if (here === void 0) return unchecked(why, NODE_READ);
	if (here.length === 0) return unchecked("no ready node is in the place of the job");
	const healthy = driversOf(job).map((driver) => ({
		driver,
		count: here.filter(({ Drivers }) => Drivers?.[driver]?.Healthy === true).length
	}));
	const text = healthy.map(({ driver, count }) => `${driver} healthy on ${count} of ${countOf(here.length)}`).join(", ");
	const [missing] = healthy.filter(({ count }) => count === 0);
	if (missing === void 0) return fine(text);
	return broken(text, `Enable the driver ${missing.driver} on a node, or use another one. \`nomad node status -verbose\` says why a driver is not healthy.`);
}
function oversubscriptionFinding({ job, ignoredMax }, enabled) {
	const { fine, warning, unchecked } = findingsOf("oversubscription");
	const above = groupsOf(job).flatMap(({ Name, Tasks }) => (Tasks ?? []).flatMap((task) => {
		const { MemoryMB = 0, MemoryMaxMB = 0 } = task.Resources ?? {};
		return (MemoryMaxMB ?? 0) === -1 || (MemoryMaxMB ?? 0) > (MemoryMB ?? 0) ? [`${Name}/${task.Name}`] : [];
	}));
	if (above.length === 0) return fine("the spec has no `memory_max`, and needs none");
	const known = isKnown(enabled) ? enabled : void 0;
	if (known === true || known === void 0 && ignoredMax === false) return fine("the scheduler lets `memory_max` count");
	const text = `the scheduler ignores the \`memory_max\` of ${above.join(", ")}`;
	if (known === false || ignoredMax === true) return warning(text, "Allow it (`nomad operator scheduler set-config -memory-oversubscription=true`), or raise `memory`.");
	return unchecked("the token may not read the settings of the scheduler (`operator:read`), and there is no plan");
}
/** Returns the parts of a job that need Consul. */
function consulUsers(job) {
	const services = servicesOf(job).flatMap(({ Name, Provider, Connect }) => Provider !== "nomad" || Connect?.SidecarService || Connect?.Gateway ? [`the service ${Name ?? ""}`] : []);
	const tasks = tasksOf(job).flatMap((task) => valueAt(task, "Consul") ? [`the task ${task.Name}`] : []);
	return [.../* @__PURE__ */ new Set([...services, ...tasks])];
}
/** Returns the parts of a job that need Vault. */
function vaultUsers(job) {
	return tasksOf(job).flatMap((task) => valueAt(task, "Vault") ? [`the task ${task.Name}`] : []);
}
function agentFinding(name, users, here, having, why) {
	const { fine, warning, broken, unchecked } = findingsOf(name);
	if (users.length === 0) return fine(`the spec needs no ${name}`);
	const ids = isKnown(having) ? having : void 0;
	if (here === void 0 || ids === void 0) return unchecked(why, NODE_READ);
	if (here.length === 0) return unchecked("no ready node is in the place of the job");
	const count = here.filter(({ ID }) => ids.includes(ID)).length;
	const text = `${name} on ${count} of ${countOf(here.length)}, for ${users.join(", ")}`;
	if (count === here.length) return fine(text);
	if (count > 0) return warning(text, `Nomad places these parts on nodes with ${name} only.`);
	return broken(text, `Configure ${name} in the agents of the nodes${name === "Consul" ? ", or register the services with Nomad (`provider = \"nomad\"`)" : ", or use Nomad variables"}.`);
}
function volumesFinding(job, here, why) {
	const { fine, broken, unchecked } = findingsOf("host volumes");
	const sources = groupsOf(job).flatMap(({ Volumes }) => Object.values(Volumes ?? {}).flatMap(({ Type, Source, PerAlloc }) => Type === "host" ? [`${Source ?? ""}${PerAlloc === true ? "[0]" : ""}`] : []));
	if (sources.length === 0) return fine("the spec has none");
	if (here === void 0) return unchecked(why, NODE_READ);
	if (here.length === 0) return unchecked("no ready node is in the place of the job");
	const found = [...new Set(sources)].map((source) => ({
		source,
		count: here.filter(({ HostVolumes }) => HostVolumes?.[source] !== void 0).length
	}));
	const text = found.map(({ source, count }) => `${source} on ${count} of ${countOf(here.length)}`).join(", ");
	const [missing] = found.filter(({ count }) => count === 0);
	if (missing === void 0) return fine(text);
	return broken(text, `Create the volume ${missing.source} (\`nomad volume create\`, or \`host_volume\` in the configuration of a node), or correct \`source\`.`);
}
// src/doctor/cluster.ts
/** Asks a cluster about the token and itself. */
async function askCluster(nomad, bearer, runtime) {
	const cluster = inspectCluster(nomad, bearer);
	const ask = async (question) => factOf(question, QUESTION_MS, runtime);
	const [holding, version, nodes, oversubscription] = await Promise.all([
		ask(cluster.holding),
		ask(cluster.version),
		ask(async (signal) => cluster.nodes(signal)),
		ask(cluster.oversubscription)
	]);
	return {
		holding,
		version,
		nodes,
		oversubscription
	};
}
/** Asks about the place of a job, beside the facts that all jobs share. */
async function askPlace({ job, namespace }, { nodes, oversubscription }, nomad, runtime) {
	const cluster = inspectCluster(nomad, void 0);
	const ask = async (question) => factOf(question, QUESTION_MS, runtime);
	const having = async (users, attribute) => users.length === 0 ? void 0 : ask(async (signal) => (await cluster.nodes(signal, `${JSON.stringify(attribute)} in Attributes`))?.map(({ ID }) => ID));
	const [hasNamespace, hasNodePool, consul, vault] = await Promise.all([
		ask(async (signal) => cluster.hasNamespace(namespace, signal)),
		ask(async (signal) => cluster.hasNodePool(poolOf(job), signal)),
		having(consulUsers(job), "consul.version"),
		having(vaultUsers(job), "vault.version")
	]);
	return {
		hasNamespace,
		hasNodePool,
		nodes,
		oversubscription,
		consul,
		vault
	};
}
/** Returns the rights that a deploy of a job needs, by the features of its configuration. */
function needsFor(inputs, job, namespace) {
	return policiesFor({
		commands: ["deploy"],
		inputs,
		volumes: needsOf(job)
	}).flatMap(({ feature, rules }) => rightsOf(rules, { jobId: job.ID }).map((right) => ({
		feature,
		right,
		namespace
	})));
}
// src/doctor/github.ts
function usesOf({ inputs, context: { pullRequest, sha }, environment }) {
	const { comment, githubDeployment, approvedPlan } = inputs;
	const found = [];
	if (approvedPlan.includes("merged-pull-request")) found.push({
		permission: "pull-requests: read",
		ask: async ({ pulls }) => pulls.ofCommit(sha),
		decides: true
	});
	if (githubDeployment !== false) found.push({
		permission: "deployments: write",
		ask: async ({ deployments }) => deployments.find({ environment }),
		decides: false
	});
	if (comment !== false && pullRequest !== void 0) found.push({
		permission: "pull-requests: write",
		ask: async ({ comments }) => comments.all(pullRequest),
		decides: false
	});
	return found;
}
/** Looks at the token of GitHub by reads, beside the uses of the configuration. A report never fails a deploy, an approved plan that cannot be read does. */
async function gitHubFinding(reporting, runtime) {
	const { fine, warning, broken } = findingsOf("GitHub");
	if (runtime.terminal !== void 0) return fine("a deploy from a terminal tells GitHub nothing");
	const { github } = reporting;
	const uses = usesOf(reporting);
	if (uses.length === 0) return fine("the configuration asks for no report there");
	const worse = (all) => all.some(({ decides }) => decides) ? broken : warning;
	if (github === void 0) return worse(uses)("there is no token of GitHub for what the configuration asks for", "Set `github-token`.");
	const [first] = (await Promise.all(uses.map(async (use) => ({
		use,
		answer: await factOf(async () => use.ask(github), QUESTION_MS, runtime)
	})))).flatMap(({ use, answer }) => answer instanceof ActionError ? [{
		use,
		answer
	}] : []).toSorted((a, b) => Number(b.use.decides) - Number(a.use.decides));
	const names = (all) => all.map(({ permission }) => `\`${permission}\``).join(", ");
	if (first === void 0) return fine(`the token reads all that is needed; GitHub tells at the first write whether it has ${names(uses)}`);
	const { answer, use } = first;
	return worse([use])(answer.message, answer.hint ?? `Add ${names([use])} to the \`permissions:\` of the workflow job.`);
}
// src/doctor/pull.ts
/** The drivers that pull images. */
const PULLING = ["docker", "podman"];
/** No image has this program: the container is made after the pull, and nothing of the application starts. */
const NOTHING = "/nomad-deploy-only-pulls";
/** The parts of a driver's config that are about the pull. */
const OF_PULL = [
	"image",
	"auth",
	"auth_soft_fail",
	"image_pull_timeout"
];
/** The limit of a pull, that of the Docker driver. */
const PULL_MS = 3e5;
const ID_DIGITS = 8;
const STEP_DIGITS = 16;
const ZEROS = /0{64}/;
/**
* Returns the images that a node can pull for a job, each once. An image that is not built yet is that of the same task of the registered job. Undefined where
* there is none, because nothing was built and deployed yet.
*/
function pullsOf(job, live) {
	const pulling = (job.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).map((task) => ({
		group,
		task
	}))).filter(({ task: { Driver } }) => PULLING.includes(Driver));
	const imageIn = (group, task) => {
		const own = task.Config?.["image"];
		if (typeof own === "string" && !ZEROS.test(own)) return own;
		const before = live?.TaskGroups?.find(({ Name }) => Name === group.Name)?.Tasks?.find(({ Name }) => Name === task.Name)?.Config?.["image"];
		return typeof before === "string" ? before : void 0;
	};
	const found = pulling.flatMap(({ group, task }) => {
		const image = imageIn(group, task);
		return image === void 0 ? [] : [{
			group,
			task,
			image
		}];
	});
	if (found.length === 0 && pulling.length > 0) return void 0;
	return [...new Map(found.map((one) => [one.image, one])).values()];
}
/** Returns the job by which a node of the place of a job pulls an image. Its only task ends at once, because the image has no such program. */
function pullJob(job, { group, task, image }, id) {
	const kept = Object.fromEntries(Object.entries(task.Config ?? {}).filter(([name]) => OF_PULL.includes(name)));
	const own = {
		Name: "pull",
		Driver: task.Driver,
		Config: {
			...kept,
			image,
			force_pull: true,
			entrypoint: [NOTHING]
		},
		Constraints: task.Constraints ?? null,
		Resources: {
			CPU: 50,
			MemoryMB: 32
		},
		RestartPolicy: null
	};
	return {
		ID: id,
		Name: id,
		Namespace: job.Namespace ?? null,
		Region: job.Region ?? null,
		Type: "batch",
		Datacenters: job.Datacenters ?? null,
		NodePool: job.NodePool ?? null,
		Constraints: job.Constraints ?? null,
		Meta: { [META.hook]: PULLS },
		TaskGroups: [{
			Name: "pull",
			Count: 1,
			Constraints: group.Constraints ?? null,
			EphemeralDisk: { SizeMB: 150 },
			RestartPolicy: {
				Attempts: 0,
				Interval: 864e11,
				Delay: 1e9,
				Mode: "fail"
			},
			ReschedulePolicy: {
				Attempts: 0,
				Interval: 0,
				Unlimited: false
			},
			Tasks: [own]
		}]
	};
}
/** Has a node pull each image of a job. The jobs are gone afterwards, whatever the end. Throws when the run is cancelled. */
async function pullFindings(pulling, current) {
	const { fine, unchecked } = findingsOf("pull");
	const pulls = pullsOf(pulling.job, pulling.live);
	if (pulls === void 0) return [unchecked("the image is not built yet, and no version of the job is registered that has one")];
	if (pulls.length === 0) return [fine("no task of the spec has an image")];
	if (!pulling.inputs.push) return [unchecked("the image is in the local engine only (`push: false`)")];
	const found = [];
	for (const pull of pulls) {
		if (JSON.stringify([pull.image, pull.task.Config?.["auth"]]).includes("${")) {
			found.push(unchecked(`the image or the login of the task ${pull.task.Name} is made of values that only the job itself has`));
			continue;
		}
		const id = `${pulling.job.ID}-pull-${randomHex(current.runtime.clock, ID_DIGITS)}`;
		const refused = await refusalOf(async () => pulling.ask(`the batch job ${id}, by which a node pulls ${pull.image}, and which is removed afterwards`));
		if (refused === void 0) found.push(await pullOne(pullJob(pulling.job, pull, id), pull.image, pulling, current));
		else found.push(unchecked(refused.code === "cancelled" ? "it was not confirmed" : refused.message, refused.hint));
		current.runtime.signal.throwIfAborted();
	}
	return found;
}
/** Returns the expected error of some work; undefined where it succeeds. */
async function refusalOf(work) {
	try {
		await work();
		return;
	} catch (error) {
		if (error instanceof ActionError) return error;
		throw error;
	}
}
async function pullOne(job, image, pulling, current) {
	const { namespace, nomad, claim, rendering } = pulling;
	const { runtime } = current;
	return current.stage("pull", `Have a node pull ${image} by the job ${job.ID}`, async () => {
		const place = {
			hookId: job.ID,
			namespace,
			scopes: []
		};
		const step = randomHex(runtime.clock, STEP_DIGITS);
		const spec = createHash("sha256").update(JSON.stringify(job)).digest("hex");
		const owned = {
			...job,
			Meta: {
				...job.Meta,
				...recordMeta(claim.owner)
			}
		};
		const marked = withProvenance(owned, rendering.context, {
			spec,
			step
		});
		leaveHook(place, step, {
			nomad,
			target: rendering.target
		}, current);
		try {
			const submission = {
				source: runtime.redact(JSON.stringify({ Job: marked }, null, 2)),
				format: "json",
				variables: "",
				namespace
			};
			const registration = await registerJob(marked, submission, {
				plan: { jobModifyIndex: 0 },
				live: void 0
			}, nomad);
			if ("conflict" in registration) throw new ActionError("conflict", `another run has registered ${job.ID}`);
			const watched = await watchJob(marked, registration, {
				timeoutMs: PULL_MS,
				failFast: true,
				patienceMs: 0,
				promote: "spec",
				logLines: 0,
				onDeployment: () => void 0
			}, {
				nomad,
				runtime
			});
			runtime.signal.throwIfAborted();
			return await pullFinding(marked, image, watched, pulling, current);
		} catch (error) {
			runtime.signal.throwIfAborted();
			if (error instanceof ActionError) return findingsOf("pull").failed(error);
			throw error;
		} finally {
			await cleanUpHook(place, step, {
				claim,
				nomad
			}, current);
		}
	});
}
/** Returns the result of a pull by the end of its job: a container that could be made has its image. */
async function pullFinding(job, image, { verdict, snapshot, evidence }, { namespace, nomad, inputs }, { runtime }) {
	const { fine, warning, broken } = findingsOf("pull");
	const [allocation] = snapshot.allocations;
	const node = allocation === void 0 ? "" : ` by ${allocation.NodeName || shortId(allocation.NodeID ?? "")}`;
	if (verdict.outcome === "successful") return fine(`${image} was pulled${node}`);
	const found = await diagnose(verdict, snapshot, {
		job,
		namespace,
		nomad,
		runtime,
		logLines: inputs.logLines,
		collected: evidence
	});
	if (found.about.kind === "command") return fine(`${image} was pulled${node}`);
	const cause = found.cause.replace(/^pull\/pull:? /, "");
	if (verdict.outcome === "timed-out") return warning(`${image} was not pulled within ${formatDuration(PULL_MS)}: ${cause}`);
	return broken(`${image}${node}: ${cause}`, found.about.kind === "image" ? "Check that the image exists, and that the nodes can reach and log in to its registry." : void 0);
}
// src/doctor/registry.ts
/** Returns the registries that the runner needs, each once: those that it pushes to or looks an image up in. Images that only a spec names are the nodes' to pull. */
function registriesOf(asked) {
	const names = asked.flatMap(({ plan, inputs }) => inputs.push ? [plan.kind === "build" ? plan.name : plan.reference] : []);
	return [...new Set(names.map((name) => registryOf(name) ?? "docker.io"))];
}
/** Docker Hub answers at another name than its images have. */
const HUB = "registry-1.docker.io";
/** Asks a registry without a login, by HTTPS, then by HTTP, as docker does for registries of this machine. Throws an `Error` in words. */
async function askRegistry(host, signal, { request }) {
	const ask = async (scheme) => {
		const { status, headers } = await request(`${scheme}://${host === "docker.io" ? HUB : host}/v2/`, {
			method: "GET",
			headers: {},
			timeoutMs: QUESTION_MS / 2,
			insecure: false,
			maxBytes: 1e4,
			signal
		});
		const isRegistry = [200, 401].includes(status) && (headers["docker-distribution-api-version"] ?? headers["www-authenticate"] ?? "") !== "";
		return {
			status,
			secure: scheme === "https",
			isRegistry: isRegistry || status === 200
		};
	};
	try {
		return await ask("https");
	} catch (error) {
		return ask("http").catch(() => Promise.reject(error));
	}
}
/** Returns the result about a registry. */
function registryFinding(host, answer) {
	const { fine, warning, broken } = findingsOf("registry");
	if (!isKnown(answer)) return broken(`${host} does not answer the runner: ${answer.message}`, "Check the name of the registry, and that the runner can reach it.");
	const { status, secure, isRegistry } = answer;
	if (!isRegistry) return broken(`${host} answered ${status} to /v2/, which no registry does`, "Check `registry` and `image`.");
	const isLocal = /^(?:localhost|127\.|\[::1\])/.test(host);
	if (!secure && !isLocal) return warning(`${host} has no TLS, which docker takes for \`insecure-registries\` only`, "Give the registry a certificate.");
	return fine(`${host} answers`);
}
/** Looks at the registries, and the logins and images of the run. Reads only. */
async function registryFindings(asked, runtime) {
	const { fine, unchecked, failed } = findingsOf("registry");
	const hosts = registriesOf(asked);
	if (hosts.length === 0) return [fine("the run needs none")];
	const [answers, ours] = await Promise.all([Promise.all(hosts.map(async (host) => registryFinding(host, await factOf(async (signal) => askRegistry(host, signal, runtime), QUESTION_MS, runtime)))), loginFindings(asked, runtime)]);
	const isDown = answers.some(({ state }) => state === "broken");
	const later = ours.map((fact) => isKnown(fact) ? fine(fact) : isDown ? unchecked("a registry does not answer") : failed(fact));
	return [...answers, ...later];
}
async function loginFindings(asked, runtime) {
	const inputs = asked.map((one) => one.inputs);
	const logged = await factOf(async (signal) => {
		const own = await login(inputs, bounded(runtime, signal));
		await own.check([]);
		return own.environment;
	}, PROGRAM_MS, runtime);
	if (!isKnown(logged)) return [logged];
	const images = asked.flatMap(({ plan, inputs: { push } }) => plan.kind === "existing" && push ? [plan.reference] : []).map(async (reference) => factOf(async (signal) => `${(await inRegistry(reference, logged, bounded(runtime, signal))).reference} is there`, PROGRAM_MS, runtime));
	return [...Object.keys(logged).length === 0 ? [] : ["the login is accepted"], ...await Promise.all(images)];
}
/** Returns the runtime with programs that end when the signal aborts. */
function bounded(runtime, signal) {
	return {
		...runtime,
		exec: async (argv, options) => runtime.exec(argv, {
			...options,
			signal
		})
	};
}
/** Looks at docker, buildx and the builder of the run. Starts and makes none. */
async function builderFinding(asked, { builder }, runtime) {
	const { fine, failed } = findingsOf("builder");
	const builds = asked.filter(({ plan }) => plan.kind === "build");
	if (builds.length === 0) return fine("the run builds no image");
	const facts = await factOf(async (signal) => inspectBuilder(builder, {}, bounded(runtime, signal)), PROGRAM_MS, runtime);
	if (!isKnown(facts)) return failed(facts);
	const wanted = [...new Set(builds.flatMap(({ inputs }) => demands(inputs)))];
	try {
		const text = `${builder ?? "the current builder"}, driver ${facts.driver}`;
		return fine(chooseBuilder(wanted, builder, facts) === "current" ? text : `${text}; a deploy makes a builder of its own for ${wanted.join(", ")}`);
	} catch (error) {
		if (error instanceof ActionError) return failed(error);
		throw error;
	}
}
// src/doctor/rights.ts
/** A token of a user that ends within this time is a warning: a week. */
const SOON_MS$1 = 6048e5;
/** The rights without which a deploy fails. Without any other, it goes on, with a notice or a warning. */
const DECISIVE = /^(?:(?:parse|read|plan|register|revert)-job|promote-deployment|csi-mount-volume|plugin:read|host_volume .*|variables "nomad\/jobs\/[^"]*" (?:read|write)|variables "nomad-deploy\/[^"]*" (?:read|write))$/;
/** The features that go on without their variables. */
const LENIENT = ["hooks"];
/** Returns the result about the token itself. `now` is the time of the cluster, in milliseconds since the epoch. */
function tokenFinding(holding, source, now, isShort) {
	const { fine, warning, broken, unchecked, failed } = findingsOf("token");
	const of = source === void 0 ? "" : ` of ${source}`;
	if (!isKnown(holding)) return holding.code === "unreachable" ? unchecked(holding.message) : failed(holding);
	switch (holding.is) {
		case "disabled": return source === void 0 ? fine("the cluster has no ACLs, and needs none") : fine(`the cluster has no ACLs, and ignores the token${of}`);
		case "unknown": return broken(`the cluster does not know the token${of}, or it has expired`, "Set `nomad-token` to a valid token, or log in (`nomad-auth-method`).");
		case "identity": return fine(`the workload identity of the job ${holding.job}`);
		case "anonymous": return warning("there is no token: the run has the rights of the policy `anonymous`", "Set `nomad-token`, or log in with `nomad-auth-method`.");
		case "management":
		case "client": {
			const left = holding.expiresAt === void 0 ? Number.POSITIVE_INFINITY : parseTime(holding.expiresAt) - now;
			if (left <= 0) return broken(`the token${of} has expired`, "Set `nomad-token` to a new one.");
			if (holding.is === "management") return warning(`${holding.words} may do everything`, "Use a token with the policies of docs/authentication.md, which a deploy is satisfied with.");
			if (left < SOON_MS$1 && !isShort) return warning(`${holding.words} expires in ${formatDuration(left)}`, "Make a new one in time, or log in.");
			return fine(`${holding.words}`);
		}
	}
}
/** Returns the result about the rights that the features need. */
function aclFinding(holding, needs) {
	const { fine, warning, broken, unchecked } = findingsOf("ACL");
	if (!isKnown(holding)) return unchecked("the token could not be read");
	if (holding.is === "disabled") return fine("the cluster has no ACLs");
	if (holding.is === "management") return fine("a management token may do everything");
	if (holding.is === "unknown") return unchecked("the cluster does not know the token");
	if (holding.is === "identity") return unchecked("Nomad does not tell the policies of a workload identity");
	if (needs.length === 0) return unchecked("the spec could not be read, which tells the rights that it needs");
	const { rules, unread } = holding;
	const missing = needs.filter(({ right, namespace }) => !allows(rules, right, namespace));
	const features = [...new Set(needs.map(({ feature }) => feature))].join(", ");
	if (missing.length === 0) return fine(`the policies allow all that is needed: ${features}`);
	if (unread.length > 0) return unchecked(`the token may not read its ${unread.join(", ")}`, `Compare with docs/authentication.md: ${textOf(missing)}.`);
	const fatal = missing.filter(isDecisive);
	const text = `the token lacks ${textOf(fatal.length > 0 ? fatal : missing)}`;
	const fix = `Policy: ${policyOf(missing)}.`;
	return fatal.length > 0 ? broken(text, fix) : warning(`${text}: a deploy goes on without`, fix);
}
/** Returns the lines of a policy with some rights, the capabilities of each namespace in one block. */
function policyOf(missing) {
	const spaces = /* @__PURE__ */ new Map();
	const others = /* @__PURE__ */ new Set();
	for (const { right, namespace } of missing) if (/^[a-z-]+$/.test(right)) spaces.set(namespace, (spaces.get(namespace) ?? /* @__PURE__ */ new Set()).add(JSON.stringify(right)));
	else others.add(rightOf(right, namespace).lines);
	return [...[...spaces].map(([namespace, rights]) => `namespace "${namespace}" { capabilities = [${[...rights].join(", ")}] }`), ...others].map((lines) => `\`${lines}\``).join(" and ");
}
/** Returns why a token may not register and remove a job that pulls an image, as the end of a sentence; undefined where it may, or where that is not known. */
function lackingToPull(holding, namespace) {
	if (!isKnown(holding) || !("rules" in holding) || holding.unread.length > 0) return void 0;
	const missing = ["register-job", "purge-job"].filter((right) => !allows(holding.rules, right, namespace));
	if (missing.length === 0) return void 0;
	return `the token lacks ${textOf(missing.map((right) => ({
		feature: "pull",
		right,
		namespace
	})))}`;
}
const isDecisive = ({ feature, right }) => DECISIVE.test(right) && !LENIENT.includes(feature);
function textOf(missing) {
	const byRight = /* @__PURE__ */ new Map();
	for (const { feature, right, namespace } of missing) {
		const { words } = rightOf(right, namespace);
		byRight.set(words, [...byRight.get(words) ?? [], feature]);
	}
	return [...byRight].map(([words, features]) => `${words} (${[...new Set(features)].join(", ")})`).join(", ");
}
// src/doctor/versions.ts
/** The lines of Nomad that the tests run with: docs/versions.md. A unit test holds them against the versions of the tests. */
const TESTED_LINES = [
	"1.9",
	"1.10",
	"1.11",
	"2.0",
	"2.1"
];
/** Returns the result about the version of the servers; `ofNodes` has the versions of the nodes, for a token that may not read that of the servers. */
function versionFinding(version, ofNodes) {
	const { fine, warning, unchecked } = findingsOf("version");
	const told = isKnown(version) ? version : void 0;
	const all = told === void 0 ? [...new Set(ofNodes)] : [told];
	if (all.length === 0) return unchecked("the token may not read it (`agent:read`, or `node:read`)", "Policy: `agent { policy = \"read\" }`.");
	const text = told === void 0 ? `the nodes have ${all.join(", ")}` : told;
	const [other] = all.filter((one) => !TESTED_LINES.includes(lineOf(one)));
	if (other === void 0) return fine(text);
	return isOlder(other) ? warning(`${text}, older than ${TESTED_LINES[0]}, the oldest that is tested`, "Update Nomad: docs/versions.md has what older versions lack.") : warning(`${text}, which is not among the tested ones (${TESTED_LINES.join(", ")})`, "Deploy to another cluster of this version first.");
}
const lineOf = (version) => /^\d+\.\d+/.exec(version)?.[0] ?? "";
function isOlder(version) {
	const [[major = 0, minor = 0] = [], [oldest = 0, least = 0] = []] = [lineOf(version), TESTED_LINES[0] ?? ""].map((line) => line.split(".").map(Number));
	return major < oldest || major === oldest && minor < least;
}
// src/doctor/way.ts
/** A certificate that ends within this time is a warning: two weeks. */
const SOON_MS = 12096e5;
const DAY_MS = 864e5;
/** From this middle time of a request on, a deploy is noticeably slower: it sends some tens, one after the other. */
const SLOW_MS = 500;
/** Clocks further apart are a warning. Nomad's servers take an ID token that is early or late by 150 s at most. */
const SKEW_MS = 5e3;
const LEEWAY_MS = 15e4;
/** Returns the results about the way, in the order of its steps. Later steps are not checked where an earlier one fails. */
function wayFindings(way, told) {
	return [
		addressFinding(way, told),
		...beforeTls(way),
		...tlsFindings(way, told),
		...answerFindings(way, told)
	];
}
/** Returns whether Nomad answers, so that it can be asked. */
function answers({ answer }) {
	return answer !== void 0 && isKnown(answer) && answer.leader !== "";
}
function addressFinding({ address, scheme }, { source, hasToken, hasLogin }) {
	const { fine, warning } = findingsOf("address");
	if (scheme === "http" && !/^http:\/\/(127\.|localhost[:/]|localhost$|\[::1\])/.test(address) && (hasToken || hasLogin)) return warning(`${address} (${source}) has no TLS: everybody on the way can read the token`, "Begin `nomad-addr` with https://.");
	return fine(`${address} (${source})`);
}
function beforeTls({ scheme, name, proxy, refusedByProxy, connection }) {
	const [dns, through, port] = [
		findingsOf("DNS"),
		findingsOf("proxy"),
		findingsOf("connection")
	];
	const looked = name === void 0 ? dns.fine(proxy === void 0 ? scheme === "unix" ? "a socket has no name" : "the address is no name" : `${proxy} looks the name up`) : isKnown(name) ? dns.fine(`${name.host} is ${name.addresses.join(", ")}`) : dns.failed(name);
	const between = proxy === void 0 ? through.fine("none") : refusedByProxy && connection !== void 0 && !isKnown(connection) ? through.failed(connection) : through.fine(proxy);
	const unnamed = name !== void 0 && !isKnown(name);
	return [
		looked,
		between,
		connection === void 0 || unnamed ? port.unchecked("the name is unknown") : refusedByProxy ? port.unchecked("the proxy refuses it") : isKnown(connection) ? port.fine("open") : port.failed(connection)
	];
}
const UNREACHED = "Nomad cannot be reached";
function tlsFindings({ scheme, tls, connection }, told) {
	const { fine, warning, broken, unchecked } = findingsOf("TLS");
	if (scheme !== "https") return [fine("the address asks for none")];
	if (tls === void 0) return [connection !== void 0 && isKnown(connection) ? warning("the certificate could not be read") : unchecked(UNREACHED)];
	const [own] = tls.chain;
	const about = own === void 0 ? "no certificate" : `${own.subject}, signed by ${own.issuer}, until ${dayOf(own.notAfter)}`;
	const problem = tls.problem === void 0 ? void 0 : tlsProblem(tls.problem, told.tls) ?? {
		what: tls.problem,
		hint: void 0
	};
	if (problem !== void 0 && told.tls?.skipVerify === true) return [warning(`${problem.what}, and \`nomad-skip-verify\` accepts it (${about})`, `${problem.hint ?? ""} Then remove \`nomad-skip-verify\`.`.trim())];
	if (problem !== void 0) return [broken(`${problem.what} (${about}${namesOf(own)})`, problem.hint)];
	const ours = clientFinding(told);
	if (ours !== void 0) return [ours];
	const soon = tls.chain.find(({ notAfter }) => notAfter - told.now < SOON_MS);
	if (soon !== void 0) return [warning(`the certificate ${soon.subject} expires in ${daysOf(soon.notAfter - told.now)}`, "Renew the certificate of the Nomad server.")];
	return [fine(`${tls.protocol}, ${about}`)];
}
/** Returns the result about the client certificate of the run; undefined without one, and for one that lasts. */
function clientFinding({ tls, now }) {
	const { warning, broken } = findingsOf("TLS");
	if (tls?.cert === void 0) return void 0;
	const { validTo } = new X509Certificate(tls.cert);
	const left = parseTime(validTo) - now;
	const fix = "Set `nomad-client-cert` and `nomad-client-key` to a new pair.";
	if (left <= 0) return broken(`the client certificate has expired on ${dayOf(parseTime(validTo))}`, fix);
	return left < SOON_MS ? warning(`the client certificate expires in ${daysOf(left)}`, fix) : void 0;
}
function daysOf(ms) {
	const days = Math.max(0, Math.floor(ms / DAY_MS));
	return `${days} day${days === 1 ? "" : "s"}`;
}
const dayOf = (ms) => Number.isFinite(ms) ? isoTime(ms).slice(0, 10) : "an unknown day";
/** The longest list of names of a certificate. */
const MAX_NAMES = 300;
const namesOf = (own) => own === void 0 || own.names === "" ? "" : `, for ${own.names.slice(0, MAX_NAMES)}`;
function answerFindings({ answer, connection, tls }, { hasLogin }) {
	const [http, latency, clock, leader] = [
		findingsOf("HTTP"),
		findingsOf("latency"),
		findingsOf("clock"),
		findingsOf("leader")
	];
	const reached = connection !== void 0 && isKnown(connection);
	if (answer === void 0 || !isKnown(answer)) {
		const why = reached ? tls?.problem === void 0 ? "Nomad gave no answer" : "the certificate does not hold" : UNREACHED;
		return [answer === void 0 ? http.unchecked(why) : http.failed(answer), ...[
			latency,
			clock,
			leader
		].map(({ unchecked }) => unchecked(why))];
	}
	const { version, latenciesMs, skewMs } = answer;
	return [
		version === "HTTP/1.1" ? http.fine(version) : http.warning("the server takes HTTP/2 only, so there are no exec sessions (`ssh`, `tunnel`)", "Let the server take HTTP/1.1, too."),
		latencyFinding(latenciesMs),
		skewMs === void 0 ? clock.unchecked("the answer has no header `Date`") : clockFinding(skewMs, hasLogin),
		answer.leader === "" ? leader.broken("the servers have no leader, so they take no job", "Look at the servers: `nomad server members`, and their logs.") : leader.fine(answer.leader)
	];
}
function latencyFinding(all) {
	const { fine, warning } = findingsOf("latency");
	const middle = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
	return middle < SLOW_MS ? fine(`${middle} ms`) : warning(`a request takes ${formatDuration(middle)}, and a deploy sends some tens, one after the other`, "Use a runner nearer to the cluster.");
}
function clockFinding(skewMs, hasLogin) {
	const { fine, warning, broken } = findingsOf("clock");
	const off = Math.abs(skewMs);
	if (off <= SKEW_MS) return fine("as that of the runner");
	const text = `the clock of the server is ${formatDuration(off)} ${skewMs > 0 ? "ahead of" : "behind"} that of the runner`;
	const fix = "Set both clocks by NTP (`timedatectl`).";
	return hasLogin && off > LEEWAY_MS ? broken(`${text}: Nomad refuses GitHub's ID tokens, which allow 150 s`, fix) : warning(text, fix);
}
// src/apps/examine.ts
/** Runs all checks, at each cluster of the run, and shows their results. */
async function examine(begun, record) {
	const findings = [];
	const groups = byCluster(begun.units);
	for (const units of groups) {
		const cluster = units[0].cluster?.name;
		const found = await examineCluster({
			...begun,
			units: deploying(units)
		}, units[0].inputs, record);
		findings.push(...groups.length === 1 || cluster === void 0 ? found : found.map((one) => ({
			...one,
			cluster
		})));
	}
	return (await COMMANDS.doctor.load())(findings, record);
}
/** Returns units as those of a deploy, so that all is checked that a deploy checks before its first write. */
function deploying([first, ...others]) {
	const one = (inputs) => ({
		...inputs,
		command: "deploy"
	});
	const unit = (own) => {
		const inputs = one(own.inputs);
		const [image, ...further] = own.images;
		const as = (asked) => asked === own.inputs ? inputs : one(asked);
		return {
			...own,
			inputs,
			images: [as(image), ...further.map(as)]
		};
	};
	return [unit(first), ...others.map(unit)];
}
/** Checks all that the units of one cluster need. `asked` are the inputs of the run itself. Rejects only when the run is cancelled. */
async function examineCluster(begun, asked, record) {
	const { context } = begun;
	const { signal, clock } = record.runtime;
	const runtime = {
		...record.runtime,
		signal: AbortSignal.any([signal, clock.timeout(CLUSTER_MS)])
	};
	const current = {
		...record,
		runtime,
		note: () => void 0
	};
	const works = await attempt(async () => prepareWork(begun.units, context, runtime), signal);
	const [{ inputs, target }] = begun.units;
	const images = isKnown(works) ? works.flatMap((work) => work.asked) : [];
	const reporting = {
		inputs,
		context,
		github: openGitHub(inputs, context, runtime),
		environment: target.environment.name
	};
	const [[registries, ...others], seen] = await Promise.all([Promise.all([
		registryFindings(images, record.runtime),
		builderFinding(images, inputs, record.runtime),
		gitHubFinding(reporting, record.runtime)
	]), examineNomad({
		begun,
		works,
		current,
		signal
	})]);
	const pulls = asked.pull && asked.sources.inputs.pull === "pull" && isKnown(works) ? await pullEach({
		begun,
		works,
		current: record,
		signal
	}, seen.jobs) : [];
	const { fine, failed } = findingsOf("files");
	return [
		isKnown(works) ? fine(works.flatMap((work) => work.specs.map(({ name }) => name)).join(", ")) : failed(works),
		...seen.findings,
		...registries,
		...pulls,
		...others
	];
}
/** Has nodes pull the images of the jobs, by connections that have no limit in time. */
async function pullEach({ begun, works, current, signal }, jobs) {
	const planned = jobs.flatMap(({ work, spec, drafted, lacks }) => isKnown(drafted) ? [{
		work,
		spec,
		drafted,
		lacks
	}] : []);
	if (planned.length === 0) return unchecked(["pull"], "no job could be planned");
	const [{ inputs }] = works;
	const address = requireAddress(commonTarget(begun.units), inputs, {
		...current.runtime,
		log: quiet(current.runtime.log)
	});
	const cluster = await attempt(async () => connectTo(begun, works, address, current), signal);
	if (!isKnown(cluster)) return [findingsOf("pull").failed(cluster)];
	const findings = [];
	try {
		for (const { work, spec, drafted, lacks } of planned) {
			const { draft, live, rendering } = drafted;
			const wish = {
				inputs: { command: "doctor" },
				target: work.target
			};
			const pulling = {
				job: draft.job,
				live,
				namespace: draft.namespace,
				nomad: await cluster.regions.of(draft.job, spec),
				claim: claimOf(work.inputs, rendering.context, work.target),
				rendering,
				inputs: work.inputs,
				ask: async (subject) => askFirst(wish, subject, address, current.runtime)
			};
			const found = lacks === void 0 ? await pullFindings(pulling, current) : unchecked(["pull"], lacks);
			findings.push(...planned.length === 1 ? found : found.map((one) => ({
				...one,
				job: draft.job.ID
			})));
		}
		return findings;
	} finally {
		await cluster.regions.close();
	}
}
const nothing = () => void 0;
/** A log of what was said before. */
const quiet = (log) => ({
	...log,
	info: nothing,
	warning: nothing
});
export { lackingToPull as a, askPlace as c, findingsOf as d, examine, isKnown as f, aclFinding as i, needsFor as l, wayFindings as n, tokenFinding as o, versionFinding as r, askCluster as s, answers as t, placeFindings as u };
