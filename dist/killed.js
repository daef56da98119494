import { r as __toESM } from "./rolldown-runtime.js";
import { $n as valueAt, Gn as openGitHub, Jn as secret, Kn as tell, M as hasOwnJob, Qn as textAt, S as resolveTarget, X as findFiles, Yn as retry, Zn as readContext, bn as formatDuration, dt as readWebhook, er as ActionError, ir as messageOf, m as isGood, nr as connectionProblem, ot as readInputs, t as notify, tr as connectionCode, ut as readTls, x as resolveEnvironment, y as plain } from "./notify.js";
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
// src/nomad/allocations.ts
/** A line of a log is rarely longer; more is asked for than shown. */
const BYTES_PER_LINE = 200;
const MAX_LOG_BYTES = 65536;
/** The resource `/v1/allocations`, and of a single allocation the logs and checks, both answered by the client that runs it. */
function allocations({ send }) {
	return {
		/** The allocations of all versions of a job with their ports, in one request however many they are. */
		placed: async (jobId, namespace, signal) => {
			const { text } = await send({
				method: "GET",
				path: "/v1/allocations",
				query: {
					resources: "true",
					filter: `JobID == ${JSON.stringify(jobId)}`
				},
				namespace,
				signal,
				capability: "read-job"
			});
			return JSON.parse(text);
		},
		/**
		* The last lines of a task's log, oldest first; empty when there is none (it has said nothing, or never started). `denied` when the token may not
		* read logs, `gone` when the node can't be reached or has removed the allocation, as it does with ended ones beyond `gc_max_allocs` (50).
		* See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
		*/
		logTail: async (id, task, type, lines, namespace, signal) => {
			if (lines === 0) return [];
			const offset = Math.min(lines * BYTES_PER_LINE, MAX_LOG_BYTES);
			const { status, text } = await send({
				method: "GET",
				path: `/v1/client/fs/logs/${id}`,
				query: {
					task,
					type,
					plain: "true",
					origin: "end",
					offset
				},
				namespace,
				accept: [
					400,
					403,
					404,
					500
				],
				capability: "read-logs",
				signal
			});
			if (status === 403) return "denied";
			if (status === 404 && /not found on client|No path to node|Unknown allocation/.test(text)) return "gone";
			if (status !== 200 || text === "") return [];
			const all = text.replace(/\n$/, "").split("\n");
			if (Buffer.byteLength(text) < offset) return all.slice(-lines);
			return all.length > 1 ? all.slice(1).slice(-lines) : [`(a line of more than ${offset} bytes)`];
		},
		/**
		* What a task has said from a byte of its log on, and where that ends; nothing when there is no log (any more).
		* See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
		*/
		logFrom: async (id, task, type, offset, namespace, signal) => {
			const query = {
				task,
				type,
				plain: "true",
				origin: "start",
				offset
			};
			const { status, text } = await send({
				method: "GET",
				path: `/v1/client/fs/logs/${id}`,
				query,
				namespace,
				accept: [
					400,
					404,
					500
				],
				capability: "read-logs",
				signal
			});
			return status === 200 ? {
				text,
				next: offset + Buffer.byteLength(text)
			} : {
				text: "",
				next: offset
			};
		},
		/**
		* Restarts the tasks of an allocation that run, or the one that is named, in place; Nomad answers when they have ended.
		* See https://developer.hashicorp.com/nomad/api-docs/client#restart-allocation
		*/
		restart: async (id, task, namespace, signal) => {
			const body = JSON.stringify(task === void 0 ? {} : { TaskName: task });
			await send({
				method: "PUT",
				path: `/v1/client/allocation/${id}/restart`,
				body,
				namespace,
				capability: "alloc-lifecycle",
				signal
			});
		},
		/** The latest results of the checks of Nomad's own services; undefined when they can't be read: the token may not, or the node can't be asked. */
		checks: async (id, namespace, signal) => {
			const { json } = await send({
				method: "GET",
				path: `/v1/client/allocation/${id}/checks`,
				namespace,
				accept: [
					403,
					404,
					500
				],
				capability: "read-job",
				signal
			});
			return json === void 0 ? void 0 : Object.values(json ?? {});
		}
	};
}
// src/nomad/policy-lines.ts
/** What `submit-job` includes; servers before 1.11.2 know only that one, and refuse a policy with the others. */
const SINCE_1_11_2 = /^((register|plan|revert|deregister|purge|evaluate|stable|force-periodic)-job|tag-job-version|[a-z-]+-(deployment|allocation))$/;
/**
* What a capability is called, and the lines of a policy that allow it: one of the namespace (`plan-job`), of a variable in it (`variables "path" read`),
* of a host volume (`host_volume "name" write`), or of the whole cluster (`node:read`).
*/
function rightOf(capability, namespace) {
	const [, area, level] = /^(\w+):(\w+)$/.exec(capability) ?? [];
	if (area !== void 0) return {
		words: `\`${capability}\``,
		lines: `${area} { policy = "${level}" }`,
		partOfSubmit: false
	};
	const [, volume, access] = /^host_volume "(.+)" (\w+)$/.exec(capability) ?? [];
	if (volume !== void 0) return {
		words: `\`${capability}\``,
		lines: `host_volume "${volume}" { policy = "${access}" }`,
		partOfSubmit: false
	};
	const words = `\`${capability}\` in the namespace \`${namespace}\``;
	const [, path, own] = /^variables "(.+)" (\w+)$/.exec(capability) ?? [];
	return {
		words,
		lines: `namespace "${namespace}" { ${path === void 0 ? `capabilities = ["${capability}"]` : `variables { path "${path}" { capabilities = ["${own}"] } }`} }`,
		partOfSubmit: SINCE_1_11_2.test(capability)
	};
}
/** What registering a job takes besides `register-job`, since it uses volumes. */
function needsOf({ TaskGroups }) {
	const needs = (TaskGroups ?? []).flatMap(({ Volumes }) => Object.values(Volumes ?? {})).flatMap(({ Type, Source, ReadOnly }) => Type === "csi" ? ["csi-mount-volume", "plugin:read"] : [`host_volume "${Source}" ${ReadOnly === true ? "read" : "write"}`]);
	return [...new Set(needs)];
}
// src/nomad/tls-problem.ts
const CLIENT_CERTIFICATE = "Give `nomad-client-cert` and `nomad-client-key` of a certificate that the authority of this Nomad has signed.";
/**
* What went wrong when TLS was negotiated, by the code of Node's or OpenSSL's error, and how to mend it; undefined for any other error.
* `tls` is what the connection was given: with an authority of its own, the fix is another one.
*/
function tlsProblem(code, tls) {
	switch (code) {
		case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
		case "UNABLE_TO_GET_ISSUER_CERT":
		case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
		case "SELF_SIGNED_CERT_IN_CHAIN": return {
			what: `its certificate is signed by ${tls?.ca === void 0 ? "an authority that this runner does not know" : "another authority than that of `nomad-cacert`"}`,
			hint: "Give `nomad-cacert` the certificate of the authority that signed Nomad's."
		};
		case "DEPTH_ZERO_SELF_SIGNED_CERT": return {
			what: "its certificate is self-signed",
			hint: "Give `nomad-cacert` that certificate."
		};
		case "ERR_TLS_CERT_ALTNAME_INVALID": return {
			what: `its certificate is for another name${tls?.serverName === void 0 ? "" : ` than ${tls.serverName}`}`,
			hint: "Set `nomad-tls-server-name` to a name that it has: Nomad's own have `server.<region>.nomad`, such as `server.global.nomad`."
		};
		case "CERT_HAS_EXPIRED": return {
			what: "its certificate has expired",
			hint: "Renew the certificate of the Nomad server."
		};
		case "CERT_NOT_YET_VALID": return {
			what: "its certificate is not valid yet",
			hint: "Compare the runner's clock with the server's."
		};
		case "ERR_OSSL_X509_KEY_VALUES_MISMATCH": return {
			what: "the client key is not that of the client certificate",
			hint: "Give both from the same pair."
		};
		case "ERR_SSL_WRONG_VERSION_NUMBER":
		case "ERR_SSL_PACKET_LENGTH_TOO_LONG": return {
			what: "it does not speak TLS",
			hint: "Let `nomad-addr` begin with http://, or enable `tls { http = true }` in Nomad."
		};
		case "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED": return {
			what: "it wants a client certificate",
			hint: CLIENT_CERTIFICATE
		};
		case "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA":
		case "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE":
		case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN":
		case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED":
		case "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR": return {
			what: "it does not accept the client certificate",
			hint: CLIENT_CERTIFICATE
		};
		default: return;
	}
}
// src/nomad/refusal.ts
/** Texts of status 500 that mean an election or a lost connection between servers, not a mistake of ours. */
const TRANSIENT = /No cluster leader|Not ready to serve consistent reads|rpc error|connection (refused|reset)|lead thread didn't get connection|failed to get conn/i;
/** Texts that say that a write never left the server that we asked. */
const NEVER_SENT = /No cluster leader|failed to get conn/i;
/** Whether a call must not be sent twice without a look at what the first one did. */
function isWrite(call) {
	return changes(call) && call.repeatable !== true;
}
/** Whether a call changes anything: plan, validate and parse are sent as POST, but only ask; a login can be repeated. */
function changes({ method, path }) {
	return method !== "GET" && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan|acl\/login)$/.test(path);
}
/** Whether the same call may get another answer in a moment. */
function isTransient(call, { status, text }) {
	if (isWrite(call)) return status === 429 || status === 500 && NEVER_SENT.test(text);
	if (call.patient === true) return status === 429 || status >= 500;
	return [
		429,
		502,
		503,
		504
	].includes(status) || status === 500 && TRANSIENT.test(text);
}
/** Whether Nomad did not let the call in; a page is that of a proxy. */
function isDenied({ status, text }) {
	return status === 401 || status === 403 && /permission denied|token/i.test(text) || status === 500 && /ACL token (expired|not found)/.test(text);
}
/** Answers that show that something else than Nomad's API listens there. A lost write is a case of its own. */
function notNomad(call, { status, text, json }, address, location) {
	if (isWrite(call) && status >= 502) return void 0;
	if (status >= 300 && status < 400) {
		const to = location !== void 0 && URL.canParse(location, address) ? ` to ${new URL(location, address).origin}` : "";
		return new ActionError("unreachable", `${address} answered ${status}, a redirect${to}; the token is not sent on`, { hint: "Set `nomad-addr` to where Nomad itself answers; a proxy that wants a login takes it by `nomad-headers`." });
	}
	if (/^\s*<(!doctype|html)/i.test(text) && !call.path.startsWith("/v1/client/fs/")) return new ActionError("unreachable", `${address} answered ${status} with a web page: a proxy or another server, not Nomad`, { hint: "Check `nomad-addr`, and whether the proxy in front of Nomad wants to be authenticated to (`nomad-headers`)." });
	if (call.patient === true && (status === 404 ? !/^(?!404)[\w\s]+ not found/.test(text) : status === 200 && !isNomads(call, json))) return new ActionError("unreachable", `${address} answered ${status}, not in Nomad's words: a proxy or another server`, { hint: "Check what answers at `nomad-addr`." });
	if (status === 400 && text.includes("HTTP request to an HTTPS server")) return new ActionError("unreachable", `${address} wants TLS`, { hint: "Let `nomad-addr` begin with https://." });
}
/** Returns whether JSON has the form of Nomad's answer to a call; another form is another server's. */
function isNomads({ gives }, json) {
	if (json === null || typeof json !== "object") return json === null && gives !== "object";
	return gives === void 0 || (gives === "list" ? Array.isArray(json) : "ID" in json);
}
/** An answer that is not the one the caller wanted: `permission-denied`, `unknown-outcome`, or `nomad-refused` with Nomad's own words. */
function refusal(call, answer, address, holder) {
	const { status, text } = answer;
	const words = nomadsWords(text);
	if (isDenied(answer)) return new ActionError("permission-denied", `Nomad at ${address} answered ${status}: ${words}`, { hint: deniedHint(call, holder) });
	if (isWrite(call) && [
		502,
		503,
		504
	].includes(status)) return unknownOutcome(call, new ActionError("unreachable", `${address} answered ${status} to ${call.method} ${call.path}`));
	return new ActionError("nomad-refused", `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`);
}
/** Nomad never says what it was that is not allowed: the call knows. */
function deniedHint({ capability, needs = [], namespace = "default" }, holder) {
	const rights = [capability, ...needs].map((one) => rightOf(one, namespace));
	const wanted = rights.map(({ words }) => words).join(" and ");
	const older = rights.some(({ partOfSubmit }) => partOfSubmit) ? " (before Nomad 1.11.2: `submit-job`)" : "";
	const policy = `In a policy: ${rights.map(({ lines }) => `\`${lines}\``).join(" and ")}${older}.`;
	switch (holder.is) {
		case "nobody": return `No token was given: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
		case "unknown": return `This cluster does not know the token, or it has expired: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
		case "logged-in": return `The login gave a token that this server does not know (yet): are all servers behind this address of one region? ${policy}`;
		case "known": return `${holder.words} must allow ${wanted}. ${policy}`;
		case "unclear": return `The token must be valid and allow ${wanted}. ${policy}`;
	}
}
/** Once sent, a write may have taken effect: only the caller can tell, by reading back. */
function unknownOutcome({ path }, { message, cause }) {
	return new ActionError("unknown-outcome", message, {
		cause,
		hint: `Whether the write to ${path} took effect is not known.`
	});
}
/** More than Nomad writes about a job; what answers in its place may write pages. */
const MAX_WORDS = 65536;
/** Nomad's text of an error, without the wrapping that its RPC layer leaves. A longer one ends behind a word, since a part of a secret would not be known as one. */
function nomadsWords(text) {
	const words = text.trim().replace(/^(RPC Error:: ?\d+, ?|rpc error: )+/, "");
	if (words.length > MAX_WORDS) return `${words.slice(0, MAX_WORDS).replace(/(?<!\S)\S*$/, "").trimEnd()} …`;
	return words === "" ? "nothing more" : words;
}
/** The status by which a proxy refused the way to Nomad, as undici's texts have it; undefined when it was something else. */
function proxyAnswer(error) {
	const [, tunnel, forward] = /Proxy (?:response \((\d+)\)|Authentication Required \((\d+)\))/.exec(messageOf(error)) ?? [];
	return tunnel === void 0 && forward === void 0 ? void 0 : Number(tunnel ?? forward);
}
/** No answer at all, as `unreachable`. `proxy` is the one that may stand between, as it may be shown. */
function connectionError(error, call, address, tls, proxy) {
	const code = connectionCode(error);
	const refused = proxyAnswer(error);
	const problem = refused === void 0 ? tlsProblem(code, tls) : proxyProblem(refused, proxy);
	const closed = code === "UND_ERR_SOCKET" && address.startsWith("https:") && tls?.cert === void 0;
	const what = problem?.what ?? connectionProblem(error);
	const between = proxy === void 0 ? "" : `, the proxy ${proxy} (unless NO_PROXY has the host)`;
	return new ActionError("unreachable", `cannot reach Nomad at ${address} (${call.method} ${call.path}): ${what}`, {
		hint: problem?.hint ?? (closed ? "A server that wants a client certificate closes like this: give `nomad-client-cert` and `nomad-client-key`." : `Check \`nomad-addr\`${between}, and that this runner can reach the cluster.`),
		cause: error
	});
}
function proxyProblem(status, proxy) {
	return {
		what: `the proxy${proxy === void 0 ? "" : ` ${proxy}`} answered ${status}`,
		hint: status === 407 ? "It wants a user and a password: http://user:password@proxy.example.com:3128." : "It must allow the way to this host and port; or leave it out by NO_PROXY."
	};
}
// src/nomad/session.ts
/** The token of a login: one login at a time, however many requests want it. `refused` is a token that is no good any more. */
function openSession(login, clock) {
	let current;
	return async (refused) => {
		const asked = current;
		const held = await asked;
		if (held !== void 0 && held.token !== refused && clock.now() < held.renewAtMs || current !== asked) return (await (current ?? login())).token;
		const next = login();
		current = next;
		try {
			return (await next).token;
		} catch (error) {
			if (current === next) current = void 0;
			throw error;
		}
	};
}
// src/nomad/token.ts
/** A token by its name and accessor, neither of which lets anybody in, and what it was given. */
function describeToken({ Name, AccessorID, Type, Policies, Roles }) {
	const grants = [...(Policies ?? []).map((name) => `policy ${name}`), ...(Roles ?? []).map((role) => `role ${role.Name}`)];
	const given = Type === "management" ? "management" : grants.join(", ") || "no policies";
	return `${Name === "" ? "" : `${Name} `}(accessor ${AccessorID}, ${given})`;
}
/** What `/v1/acl/token/self` says about a token. */
function readHolder({ status, text }) {
	if (status === 200) return {
		is: "known",
		words: `The token ${describeToken(JSON.parse(text))}`
	};
	return { is: status === 403 || status === 500 && text.includes("expired") ? "unknown" : "unclear" };
}
// src/nomad/client.ts
/** Nomad waits up to this long for a change; below the minute after which many proxies close an idle request. */
const BLOCKING_WAIT_S = 45;
/** A blocking query takes up to 17/16 of its wait; undici's own limit must be longer. */
const RESPONSE_TIMEOUT_MS = 6e4;
const CONNECT_TIMEOUT_MS = 1e4;
/** For the whole of a request, also one whose answer never ends; the longest body takes less on a slow line. */
const REQUEST_TIMEOUT_MS = 18e4;
/** Of an answer, more is not read. A list of allocations has some 30 kB for each, and keeps those that ended; a log is as long as its task keeps it. */
const MAX_BYTES$1 = 33554432;
const MAX_LARGE_BYTES = 268435456;
const LARGE = /^\/v1\/(allocations|jobs|nodes|client\/fs\/logs\/[^/]*|deployment\/allocations\/.*|job\/.*\/(allocations|versions|evaluations|deployments))(\?|$)/;
/** The path that the agent answers by itself, whatever region the request names. */
const PARSER = "/v1/jobs/parse";
/** How long a server that is asked again may want to be left alone. */
const MAX_RETRY_AFTER_S = 60;
/** Blocking queries that answer at once: so many in a row, then one each time that the interval has passed. */
const QUICK_ANSWERS = 100;
const QUICK_INTERVAL_MS = 200;
const RETRY = {
	forMs: 1e4,
	firstDelayMs: 250,
	maxDelayMs: 3e3
};
/** Once a job is registered, an outage is waited out until the caller's signal: the rollout goes on without us. */
const PATIENT_RETRY = {
	forMs: Number.POSITIVE_INFINITY,
	firstDelayMs: 250,
	maxDelayMs: 1e4
};
/**
* The call that reads what is watched: it answers when that changed after `index` (0: at once), and outlasts an outage, since a rollout goes on
* without us.
*/
function blockingRead(path, gives, namespace, index, signal) {
	return {
		method: "GET",
		path,
		gives,
		namespace,
		index,
		signal,
		patient: true,
		capability: "read-job"
	};
}
/**
* Opens the transport to a Nomad API. Nothing is sent yet.
* Failed calls throw an `ActionError`: `unreachable`, `permission-denied`, or `nomad-refused` with Nomad's own words.
*/
async function openTransport({ address, token, region, regionSource = "the region", headers = {}, tls, login, proxy }, runtime) {
	const { Agent, EnvHttpProxyAgent } = await import("./undici2.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const socketPath = address.startsWith("unix://") ? address.slice(7) : void 0;
	const connect = {
		timeout: CONNECT_TIMEOUT_MS,
		...tlsOptions(tls)
	};
	const timeouts = {
		headersTimeout: RESPONSE_TIMEOUT_MS,
		bodyTimeout: RESPONSE_TIMEOUT_MS
	};
	const dispatcher = socketPath === void 0 ? new EnvHttpProxyAgent({
		connect,
		requestTls: connect,
		...timeouts,
		...proxyOptions(proxy)
	}) : new Agent({
		connect: {
			timeout: CONNECT_TIMEOUT_MS,
			socketPath
		},
		...timeouts
	});
	const { log, clock } = runtime;
	const base = new URL(socketPath === void 0 ? address : "http://localhost");
	const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]));
	const basePath = base.pathname.replace(/\/+$/, "");
	const session = login === void 0 ? void 0 : openSession(login, clock);
	/** Tokens that a request was let in with: one that Nomad does not know any more has ended. */
	const worked = /* @__PURE__ */ new Set();
	let closed = false;
	async function ask(bearer, method, path, body, signal) {
		const startedAt = clock.now();
		const { statusCode, headers: fields, body: content } = await dispatcher.request({
			origin: base.origin,
			method,
			path: `${basePath}${path}`,
			headers: {
				...ownHeaders,
				...bearer === void 0 ? {} : { "x-nomad-token": bearer.reveal() }
			},
			body: body ?? null,
			signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
		});
		const text = await readText(content, LARGE.test(path) ? MAX_LARGE_BYTES : MAX_BYTES$1, `${method} ${path.replace(/\?.*/, "")}`);
		const json = statusCode === 200 ? parsed$1(text, path) : void 0;
		log.debug(`${method} ${path.replace(/\?.*/, "")} -> ${statusCode} in ${clock.now() - startedAt} ms`);
		const field = (name) => [fields[name]].flat()[0];
		const index = Number(field("x-nomad-index") ?? 0);
		return {
			answer: {
				status: statusCode,
				text,
				json,
				index: Number.isSafeInteger(index) && index > 0 ? index : 0
			},
			field
		};
	}
	/** Nomad answers the same to a token that it does not know and to one that may not do this: which of them it is, it tells when asked for the token. */
	async function holderOf(bearer, { path }, signal) {
		if (bearer === void 0) return { is: "nobody" };
		return ask(bearer, "GET", `/v1/acl/token/self${region === void 0 || path === PARSER ? "" : `?region=${encodeURIComponent(region)}`}`, void 0, signal).then(({ answer }) => readHolder(answer)).catch(() => ({ is: "unclear" }));
	}
	/** Returns the error about a region that does not exist, with those that do; undefined where Nomad lists the region, or lists none. */
	async function wrongRegion(bearer, signal) {
		const listed = await ask(bearer, "GET", "/v1/regions", void 0, signal).then(({ answer }) => answer.json, () => void 0);
		const regions = Array.isArray(listed) ? listed.filter((name) => typeof name === "string") : [];
		if (region === void 0 || regions.length === 0 || regions.includes(region)) return void 0;
		return new ActionError("input-invalid", `${regionSource}: Nomad at ${address} has no region ${JSON.stringify(region)}, its regions are ${regions.join(", ")}`, { hint: "Name one of these. A region whose servers Nomad can't reach is not listed." });
	}
	async function once(call, signal, refused) {
		let bearer = token;
		try {
			if (session !== void 0) bearer = await session(refused);
		} catch (error) {
			if (error instanceof ActionError && error.code === "unreachable" && call.patient === true) return {
				done: false,
				error
			};
			throw error;
		}
		const query = new URLSearchParams();
		const blocking = call.index === void 0 ? {} : {
			index: call.index,
			wait: `${BLOCKING_WAIT_S}s`
		};
		for (const [name, value] of Object.entries({
			namespace: call.namespace,
			region,
			...call.query,
			...blocking
		})) if (value !== void 0) query.set(name, String(value));
		const search = query.size === 0 ? "" : `?${query.toString()}`;
		try {
			const { answer, field } = await ask(bearer, call.method, `${call.path}${search}`, call.body, signal);
			const strange = notNomad(call, answer, address, field("location"));
			if (strange === void 0 && isDenied(answer) && (session !== void 0 || call.accept?.includes(answer.status) !== true)) {
				const holder = await holderOf(bearer, call, signal);
				if (session !== void 0 && bearer !== void 0 && holder.is === "unknown") {
					if (worked.delete(bearer)) return await once(call, signal, bearer);
					return {
						done: false,
						error: refusal(call, answer, address, { is: "logged-in" })
					};
				}
				if (call.accept?.includes(answer.status) !== true) throw refusal(call, answer, address, holder);
			}
			if (bearer !== void 0 && answer.status < 400) worked.add(bearer);
			if (answer.status === 500 && answer.text.includes("No path to region") && call.patient !== true) {
				const wrong = await wrongRegion(bearer, signal);
				if (wrong !== void 0) throw wrong;
			}
			const transient = isTransient(call, answer) || call.patient === true && strange !== void 0;
			if ((answer.status === 200 || !transient && call.accept?.includes(answer.status) === true) && strange === void 0) return {
				done: true,
				value: answer
			};
			const error = strange ?? refusal(call, answer, address, { is: "unclear" });
			if (!transient) throw error;
			const retryAfterS = Number(field("retry-after"));
			return {
				done: false,
				error,
				...retryAfterS > 0 ? { retryAfterMs: Math.min(retryAfterS, MAX_RETRY_AFTER_S) * 1e3 } : {}
			};
		} catch (error) {
			if (error instanceof ActionError) throw error;
			if (signal.aborted) throw signal.reason;
			const failed = connectionError(error, call, address, tls, proxyOf(proxy));
			if (closed) throw failed;
			if (call.patient !== true && (tlsProblem(connectionCode(error), tls) ?? proxyAnswer(error)) !== void 0) throw failed;
			if (isWrite(call) && error.code !== "ECONNREFUSED") throw unknownOutcome(call, failed);
			return {
				done: false,
				error: failed
			};
		}
	}
	let [quickLeft, countedAt] = [QUICK_ANSWERS, clock.now()];
	/** Waits where blocking queries are answered at once again and again, whatever index they tell: this side would do nothing else. */
	async function pace(signal) {
		const now = clock.now();
		quickLeft = Math.min(QUICK_ANSWERS, quickLeft + (now - countedAt) / QUICK_INTERVAL_MS) - 1;
		countedAt = now;
		if (quickLeft < 0) await clock.sleep(-quickLeft * QUICK_INTERVAL_MS, signal);
	}
	return {
		logIn: async () => {
			await session?.();
		},
		send: async (call) => {
			const signal = call.signal ?? (changes(call) ? AbortSignal.timeout(RESPONSE_TIMEOUT_MS) : runtime.signal);
			signal.throwIfAborted();
			if (call.index !== void 0) await pace(signal);
			const policy = call.patient === true ? PATIENT_RETRY : RETRY;
			let last;
			const onRetry = (error, delayMs) => {
				last = error;
				log.info(`${error.message}; trying again in ${Math.round(delayMs / 100) / 10} s`);
			};
			return retry(policy, clock, signal, () => once(call, signal), onRetry).catch((error) => {
				throw last !== void 0 && error instanceof DOMException && error.name === "TimeoutError" ? last : error;
			});
		},
		close: async () => {
			closed = true;
			await dispatcher.destroy();
		}
	};
}
/** Reads an answer to its end. Throws `nomad-refused` when it is longer than that. */
async function readText(body, maxBytes, what) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.length;
		if (bytes > maxBytes) throw new ActionError("nomad-refused", `the answer to ${what} has more than ${maxBytes / 1024 / 1024} MiB`, { hint: "Is `nomad-addr` the address of Nomad?" });
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}
/** Parses an answer of the API; undefined for a log or a text of another server. Throws for a cut answer: a proxy can end one early without an error. */
function parsed$1(text, path) {
	if (path.startsWith("/v1/client/fs/") || !/^\s*([{[]|null\s*$)/.test(text)) return void 0;
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new Error("the answer ended too soon", { cause: error });
	}
}
function proxyOptions(proxy) {
	return proxy === void 0 ? {} : {
		httpProxy: proxy.value.reveal(),
		httpsProxy: proxy.value.reveal()
	};
}
/** A proxy as it may be shown: without user and password. */
function proxyOf(proxy) {
	if (proxy === void 0) return void 0;
	const { protocol, host } = new URL(proxy.value.reveal());
	return `${protocol}//${host} of ${proxy.source}`;
}
function tlsOptions(tls) {
	if (tls === void 0) return {};
	const { ca, cert, key, serverName, skipVerify } = tls;
	return {
		...ca === void 0 ? {} : { ca },
		...cert === void 0 || key === void 0 ? {} : {
			cert,
			key: key.reveal()
		},
		...serverName === void 0 ? {} : { servername: serverName },
		rejectUnauthorized: !skipVerify
	};
}
// src/nomad/allocation-list.ts
/**
* Shortens the allocations of an answer to the named fields: hundreds of them are read again and again during a rollout, and most of an answer is about
* resources and times.
*/
function shortenAllocations(listed) {
	return (listed ?? []).map((all) => {
		const { ID, Name, NodeName, JobID, TaskGroup, JobVersion, DesiredStatus, DesiredDescription, ClientStatus } = all;
		const { NextAllocation, FollowupEvalID, DeploymentStatus, TaskStates, CreateIndex, CreateTime, ModifyIndex, ModifyTime } = all;
		return {
			ID,
			Name,
			NodeName,
			JobID,
			TaskGroup,
			JobVersion,
			DesiredStatus,
			DesiredDescription,
			ClientStatus,
			NextAllocation,
			FollowupEvalID,
			DeploymentStatus,
			CreateIndex,
			CreateTime,
			ModifyTime,
			...ModifyIndex === void 0 ? {} : { ModifyIndex },
			TaskStates: Object.fromEntries(Object.entries(TaskStates ?? {}).map(([task, state]) => [task, taskState(state)]))
		};
	});
}
function taskState({ State, Failed, Restarts, FinishedAt, Events }) {
	return {
		State,
		Failed,
		Restarts,
		FinishedAt,
		Events: (Events ?? []).map(({ Type, Time, DisplayMessage, Details }) => ({
			Type,
			Time,
			DisplayMessage,
			Details
		}))
	};
}
// src/nomad/deployments.ts
/** Leaves out groups without a state: Nomad writes `null` for a group of a system job of which nothing is to be placed. */
function withGroups(deployment) {
	const groups = Object.entries(deployment.TaskGroups ?? {}).filter(([, state]) => state !== null);
	return {
		...deployment,
		TaskGroups: Object.fromEntries(groups)
	};
}
/** The resource `/v1/deployment`: https://developer.hashicorp.com/nomad/api-docs/deployments */
function deployments({ send }) {
	return {
		/** Reads a deployment; answers when it changed after the given index. Undefined when it was purged with its job. */
		read: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(`/v1/deployment/${id}`, "object", namespace, index, signal),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : withGroups(answer.json),
				index: answer.index
			};
		},
		/** The allocations of a deployment; answers when one changed after the given index. */
		allocations: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(`/v1/deployment/allocations/${id}`, "list", namespace, index, signal));
			return {
				value: shortenAllocations(answer.json),
				index: answer.index
			};
		},
		/** Promotes all canaries of a deployment. Throws `nomad-refused` when some of them are not healthy. */
		promote: async (id, namespace) => {
			const body = JSON.stringify({
				DeploymentID: id,
				All: true
			});
			await send({
				method: "PUT",
				path: `/v1/deployment/promote/${id}`,
				namespace,
				body,
				repeatable: true,
				capability: "promote-deployment"
			});
		},
		/** Fails a running deployment at once, so that auto-revert acts now. One that has ended meanwhile is left as it is. */
		fail: async (id, namespace, signal) => {
			await send({
				method: "PUT",
				path: `/v1/deployment/fail/${id}`,
				namespace,
				body: "{}",
				accept: [500],
				repeatable: true,
				capability: "fail-deployment",
				...signal === void 0 ? {} : { signal }
			});
		}
	};
}
// src/nomad/evaluations.ts
/** The resource `/v1/evaluation`: https://developer.hashicorp.com/nomad/api-docs/evaluations */
function evaluations({ send }) {
	return {
		/** Reads an evaluation; answers when it changed after the given index. Undefined when Nomad has collected it. */
		read: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(`/v1/evaluation/${id}`, "object", namespace, index, signal),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : answer.json,
				index: answer.index
			};
		},
		/** Whether the operators have paused the evaluation broker, so that nothing is scheduled; undefined when the token may not read that. */
		paused: async (signal) => {
			const { status, text } = await send({
				method: "GET",
				path: "/v1/operator/scheduler/configuration",
				accept: [403],
				capability: "operator:read",
				signal
			});
			if (status !== 200) return void 0;
			return JSON.parse(text).SchedulerConfig?.PauseEvalBroker;
		}
	};
}
// src/nomad/json.ts
/**
* `JSON.parse` for job specs. Integers above 2^53 keep their digits and come back out of `JSON.stringify` as they were: a driver's `config` may hold any
* number. Keys are sorted, since Nomad writes those of a `config` in another order each time: equal jobs are equal text.
*/
function parseLossless(text) {
	const keepDigits = (_key, value, { source }) => {
		if (typeof value === "number" && !Number.isSafeInteger(value) && source !== void 0 && String(value) !== source) return JSON.rawJSON(source);
		if (typeof value !== "object" || value === null || Array.isArray(value) || JSON.isRawJSON(value)) return value;
		return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
	};
	return JSON.parse(text, keepDigits);
}
// src/nomad/jobs.ts
/** The resource `/v1/jobs` and `/v1/job`: https://developer.hashicorp.com/nomad/api-docs/jobs */
function jobs({ send }) {
	const path = (id, rest = "") => `/v1/job/${encodeURIComponent(id)}${rest}`;
	const read = async (url, namespace, none, signal) => {
		const { status, text } = await send({
			method: "GET",
			path: url,
			namespace,
			accept: [404],
			capability: "read-job",
			...signal === void 0 ? {} : {
				signal,
				patient: true
			}
		});
		return status === 404 ? none : JSON.parse(text) ?? none;
	};
	return {
		/** The registered job, or undefined when there is none. */
		read: async (id, namespace) => read(path(id), namespace, void 0),
		/** The registered job; answers when it changed after the given index. Undefined when it was purged. */
		watch: async (id, namespace, index, signal) => {
			const answer = await send({
				...blockingRead(path(id), "object", namespace, index, signal),
				accept: [404]
			});
			return {
				value: answer.status === 404 ? void 0 : answer.json,
				index: answer.index
			};
		},
		/** Goes back to an older version, as a new one. Only if the newest version still is `current`. */
		revert: async (id, version, current, namespace) => {
			const body = JSON.stringify({
				JobID: id,
				JobVersion: version,
				EnforcePriorVersion: current
			});
			return JSON.parse((await send({
				method: "PUT",
				path: path(id, "/revert"),
				namespace,
				body,
				capability: "revert-job"
			})).text);
		},
		/** Starts a run of a parameterized job. Sent again with the same token, it is the same run. */
		dispatch: async (id, { meta, payload }, token, namespace) => {
			const body = JSON.stringify({
				Meta: meta,
				...payload === void 0 ? {} : { Payload: Buffer.from(payload).toString("base64") }
			});
			const query = { idempotency_token: token };
			const call = {
				method: "PUT",
				path: path(id, "/dispatch"),
				query,
				namespace,
				body,
				capability: "dispatch-job",
				repeatable: true
			};
			return JSON.parse((await send(call)).text);
		},
		/** Starts a run of a periodic job now; gives its evaluation, which names it. */
		forcePeriodic: async (id, namespace) => {
			const { text } = await send({
				method: "PUT",
				path: path(id, "/periodic/force"),
				namespace,
				capability: "force-periodic-job"
			});
			return JSON.parse(text).EvalID;
		},
		/** Sets the count of a group, as a new version. Refused while a deployment is under way. */
		scale: async (id, { group, count, message }, namespace) => {
			const body = JSON.stringify({
				Count: count,
				Target: { Group: group },
				Message: message
			});
			return JSON.parse((await send({
				method: "PUT",
				path: path(id, "/scale"),
				namespace,
				body,
				capability: "scale-job"
			})).text);
		},
		/**
		* Stops a job, by a new version that is stopped; with `purge` forgets it and its versions. A job that does not exist is no error. Gives the modify
		* index that the job has then. Nomad has no check-and-set for it: whoever calls this has just read the job.
		* Purge only what is stopped: some versions of Nomad do not survive it while an evaluation of the job is under way.
		*/
		deregister: async (id, namespace, purge) => {
			const capability = purge ? "purge-job" : "deregister-job";
			const { text } = await send({
				method: "DELETE",
				path: path(id),
				namespace,
				query: { purge: `${purge}` },
				capability
			});
			return JSON.parse(text).JobModifyIndex;
		},
		/** All jobs of a namespace, with their meta. */
		list: async (namespace) => {
			const { text } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace,
				query: { meta: "true" },
				capability: "list-jobs"
			});
			return JSON.parse(text);
		},
		/** The jobs that are runs of a periodic or parameterized job, and not done. */
		runs: async (parent, namespace) => {
			const { text } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace,
				query: {
					prefix: `${parent}/`,
					filter: "Status != \"dead\""
				},
				capability: "list-jobs"
			});
			const stubs = JSON.parse(text).filter(({ ParentID }) => ParentID === parent);
			return (await Promise.all(stubs.map(async ({ ID }) => read(path(ID), namespace, void 0)))).flatMap((job) => job ?? []);
		},
		/** The jobs of all namespaces that the token may read whose meta has a value. Throws `permission-denied` when it may read none. */
		withMeta: async (key, value) => {
			const { text } = await send({
				method: "GET",
				path: "/v1/jobs",
				namespace: "*",
				query: {
					meta: "true",
					filter: `Meta[${JSON.stringify(key)}] == ${JSON.stringify(value)}`
				},
				capability: "list-jobs"
			});
			return JSON.parse(text);
		},
		/** All deployments of a job, of every version that is still kept. */
		deployments: async (id, namespace, signal) => (await read(path(id, "/deployments"), namespace, [], signal)).map(withGroups),
		/** The same, as a blocking query: answers when one of them changed after the given index. */
		watchDeployments: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(path(id, "/deployments"), "list", namespace, index, signal));
			return {
				value: (answer.json ?? []).map(withGroups),
				index: answer.index
			};
		},
		/** Versions that are still kept, the newest first. */
		versions: async (id, namespace, signal) => (await read(path(id, "/versions"), namespace, {}, signal)).Versions ?? [],
		/** The counts that the last scaling of each group, by an autoscaler or by hand, gave it, as far as that is still kept. */
		scalings: async (id, namespace) => {
			const { TaskGroups } = await read(path(id, "/scale"), namespace, {});
			return Object.fromEntries(Object.entries(TaskGroups ?? {}).flatMap(([group, { Events }]) => {
				const last = (Events ?? []).find(({ Count, Error: failed }) => typeof Count === "number" && failed !== true);
				return typeof last?.Count === "number" ? [[group, last.Count]] : [];
			}));
		},
		/** The evaluations of a job that are still kept. */
		evaluations: async (id, namespace, signal) => read(path(id, "/evaluations"), namespace, [], signal),
		/** The allocations of all versions of a job; a blocking query when an index is given. */
		allocations: async (id, namespace, index, signal) => {
			const answer = await send(blockingRead(path(id, "/allocations"), "list", namespace, index, signal));
			return {
				value: shortenAllocations(answer.json),
				index: answer.index
			};
		},
		/** Parses HCL with its variables (a JSON object: a text in it is taken literally), by the cluster's own parser. */
		parse: async (source, variables, namespace) => {
			const answer = await send({
				method: "POST",
				path: "/v1/jobs/parse",
				namespace,
				body: JSON.stringify({
					JobHCL: source,
					Variables: variables,
					Canonicalize: false
				}),
				accept: [400],
				capability: "parse-job"
			});
			return answer.status === 400 ? { problems: parseProblems(nomadsWords(answer.text)) } : { job: parseLossless(answer.text) };
		},
		/**
		* As `parse`, by the Nomad CLI, which also knows the functions that read files. `cli` runs it with arguments and a standard input, in the folder that
		* the files are relative to; the variables come from a file, since they may hold a password.
		*/
		parseWithCli: async (source, variablesFile, cli) => {
			const { code, stdout, stderr } = await cli([
				"job",
				"run",
				"-output",
				`-var-file=${variablesFile}`,
				"-"
			], source);
			return code === 0 ? { job: parseLossless(stdout).Job } : { problems: parseProblems(stderr.trim().replaceAll(variablesFile, "input.hcl")) };
		},
		/** Reads JSON as Nomad writes it, with all digits of its numbers. Throws a `SyntaxError` for what is no JSON. */
		decode: parseLossless,
		/** All problems of a job that the servers can see, and their warnings as one text. */
		validate: async (job, namespace) => {
			const { status, text } = await send({
				method: "POST",
				path: "/v1/validate/job",
				namespace,
				body: JSON.stringify({ Job: job }),
				accept: [400],
				capability: "read-job"
			});
			if (status === 400) return {
				problems: [wrongType(nomadsWords(text))],
				warnings: void 0
			};
			const answer = JSON.parse(text);
			return {
				problems: answer.ValidationErrors ?? [],
				warnings: answer.Warnings
			};
		},
		/** What a registration would change, and where it would be placed. Writes nothing. */
		plan: async (job, namespace) => {
			const body = JSON.stringify({
				Job: job,
				Diff: true
			});
			return JSON.parse((await send({
				method: "POST",
				path: path(job.ID, "/plan"),
				namespace,
				body,
				capability: "plan-job"
			})).text);
		},
		/** Registers a job if its modify index still is the given one (0: it must not exist yet); a conflict comes back as Nomad's text. */
		register: async (job, submission, jobModifyIndex, namespace) => {
			const answer = await send({
				method: "POST",
				path: "/v1/jobs",
				namespace,
				body: JSON.stringify({
					Job: job,
					Submission: submission,
					EnforceIndex: true,
					JobModifyIndex: jobModifyIndex
				}),
				accept: [500],
				capability: "register-job",
				needs: needsOf(job)
			});
			if (answer.status === 200) return { response: JSON.parse(answer.text) };
			if (answer.text.startsWith("Enforcing job modify index")) return { conflict: nomadsWords(answer.text) };
			throw new ActionError("nomad-refused", `Nomad refused the job ${job.ID}: ${nomadsWords(answer.text)}`, { hint: "Nothing was registered." });
		}
	};
}
/** Go's words for a value of the wrong type in a job object, such as `"5s"` for a duration. */
function wrongType(words) {
	const [, got, field, wanted] = /cannot unmarshal (\S+) into Go struct field \w+\.Job\.(\S+) of type (\S+)/.exec(words) ?? [];
	if (field === void 0) return words;
	return `${field} can't be a ${got}: ${wanted === "time.Duration" ? "a duration is a whole number of nanoseconds, 5000000000 for 5s" : `it has to be of type ${wanted}`}`;
}
/**
* The diagnostics in the words of Nomad's parser, one a line: `input.hcl:3,1-5: Unsupported argument; …`; the CLI calls the file `stdin`. A line that
* only follows from the one before is left out.
*/
function parseProblems(words) {
	const problems = words.replace(/^(Error getting job struct: )?(Error parsing job file from [^\n]*|Failed to parse job): ?\n?/, "").split(/\n(?=(?:<nil>|input\.hcl|stdin)[:,])/).map((text) => {
		const place = /(?:input\.hcl|stdin):(\d+),(\d+)/.exec(text);
		return {
			message: text.replace(/^(<nil>|(input\.hcl|stdin):[\d,-]+): /, "").trim(),
			line: place?.[1] === void 0 ? void 0 : Number(place[1]),
			column: place?.[2] === void 0 ? void 0 : Number(place[2])
		};
	});
	const own = problems.filter(({ message }) => !message.includes("value must be known"));
	return own.length === 0 ? problems : own;
}
// src/nomad/login.ts
/** `/v1/acl/login`: https://developer.hashicorp.com/nomad/api-docs/acl/login. Body and answer are secrets: neither is logged. */
function logins({ send }) {
	return { 
	/** Exchanges a token of an identity provider for one of Nomad. A refusal is given in Nomad's words. */
login: async (method, jwt) => {
		const answer = await send({
			method: "POST",
			path: "/v1/acl/login",
			body: JSON.stringify({
				AuthMethodName: method,
				LoginToken: jwt
			}),
			accept: [
				400,
				401,
				403
			],
			capability: "login"
		});
		if (answer.status === 200) return JSON.parse(answer.text);
		return { refused: nomadsWords(answer.text) };
	} };
}
// src/nomad/nodes.ts
/** Clusters have one or two; more are not asked for. */
const MAX_ARCHITECTURES = 5;
const COMPARISONS = {
	"": "==",
	"=": "==",
	"==": "==",
	is: "==",
	"!=": "!=",
	not: "!="
};
const FIELDS$1 = {
	"node.class": "NodeClass",
	"node.datacenter": "Datacenter",
	"node.pool": "NodePool",
	"node.unique.name": "Name",
	"node.unique.id": "ID"
};
/** Returns a constraint as a filter of nodes. See https://developer.hashicorp.com/nomad/api-docs#filtering */
function conditionOf({ LTarget, Operand, RTarget }) {
	const [, name = ""] = /^\$\{([\w.-]+)\}$/.exec(LTarget ?? "") ?? [];
	const [, map, key] = /^(attr|meta)\.(.+)$/.exec(name) ?? [];
	const field = map === void 0 ? FIELDS$1[name] : `${map === "attr" ? "Attributes" : "Meta"}[${JSON.stringify(key)}]`;
	const comparison = COMPARISONS[Operand ?? ""];
	if (field === void 0 || comparison === void 0 || RTarget?.includes("${") === true) return void 0;
	return `${field} ${comparison} ${JSON.stringify(RTarget ?? "")}`;
}
/** The resource `/v1/nodes`: https://developer.hashicorp.com/nomad/api-docs/nodes */
function nodes({ send }) {
	const first = async (condition) => {
		const answer = await send({
			method: "GET",
			path: "/v1/nodes",
			query: {
				filter: `Status == "ready" and (${condition})`,
				per_page: 1
			},
			capability: "node:read"
		});
		return JSON.parse(answer.text)[0]?.ID;
	};
	return {
		/**
		* The processors of the ready nodes, in Go's names, when none of them is one of `wanted`; undefined when one is, or there are no ready nodes.
		* Throws `permission-denied` without `node:read`.
		*/
		otherArchitectures: async (wanted) => {
			const is = (name) => `Attributes["cpu.arch"] == ${JSON.stringify(name)}`;
			if (await first(wanted.map(is).join(" or ")) !== void 0) return void 0;
			const found = [];
			while (found.length < MAX_ARCHITECTURES) {
				const id = await first(found.length === 0 ? "ID != \"\"" : `not (${found.map(is).join(" or ")})`);
				if (id === void 0) break;
				const node = await send({
					method: "GET",
					path: `/v1/node/${id}`,
					capability: "node:read"
				});
				const name = JSON.parse(node.text).Attributes?.["cpu.arch"];
				if (name === void 0) return void 0;
				found.push(name);
			}
			return found.length === 0 ? void 0 : found;
		},
		/** Returns those of the constraints that no ready node meets; one that needs more than a comparison counts as met. Throws `permission-denied`. */
		unmet: async (constraints) => {
			const found = [];
			for (const constraint of constraints) {
				const condition = conditionOf(constraint);
				if (condition !== void 0 && await first(condition) === void 0) found.push(constraint);
			}
			return found;
		},
		/** All nodes with their resources, drivers and host volumes; undefined when the token may not read them (`node { policy = "read" }`). */
		list: async () => {
			const { status, text } = await send({
				method: "GET",
				path: "/v1/nodes",
				query: { resources: "true" },
				accept: [403],
				capability: "node:read"
			});
			return status === 200 ? JSON.parse(text) : void 0;
		}
	};
}
// src/nomad/variables.ts
/** The resource `/v1/var`: https://developer.hashicorp.com/nomad/api-docs/variables. Bodies hold secrets: they are never logged. */
function variables({ send }) {
	const call = (path, namespace) => ({
		path: `/v1/var/${path}`,
		namespace
	});
	return {
		/** Reads a variable; undefined when it does not exist. */
		read: async (path, namespace) => {
			const answer = await send({
				...call(path, namespace),
				method: "GET",
				accept: [404],
				capability: `variables "${path}" read`
			});
			return answer.status === 404 ? void 0 : JSON.parse(answer.text);
		},
		/**
		* Replaces all items if the variable's modify index still is `cas` (0: it must not exist yet). Gives the new index, or undefined when somebody
		* else was faster.
		*/
		write: async (path, items, cas, namespace) => {
			const answer = await send({
				...call(path, namespace),
				method: "PUT",
				query: { cas },
				body: JSON.stringify({ Items: items }),
				accept: [409],
				capability: `variables "${path}" write`
			});
			return answer.status === 409 ? void 0 : JSON.parse(answer.text).ModifyIndex;
		},
		/** Deletes a variable if its modify index still is `cas`. Gives false when it is another; true also when there is none. */
		remove: async (path, cas, namespace) => {
			const { status } = await send({
				...call(path, namespace),
				method: "DELETE",
				query: { cas },
				accept: [204, 409],
				capability: `variables "${path}" destroy`
			});
			return status !== 409;
		}
	};
}
// src/nomad/connect.ts
/** Prepares the API of one cluster; the first call connects. `close` ends what is still under way. */
async function connect(connection, runtime) {
	const transport = await openTransport(connection, runtime);
	return {
		jobs: jobs(transport),
		evaluations: evaluations(transport),
		deployments: deployments(transport),
		allocations: allocations(transport),
		nodes: nodes(transport),
		variables: variables(transport),
		logins: logins(transport),
		/** The region that each request names; undefined: the agent's own. */
		region: connection.region,
		logIn: transport.logIn,
		close: transport.close
	};
}
// src/target/id-token.ts
const TIMEOUT_MS = 2e4;
const MAX_BYTES = 65536;
/**
* Asks GitHub once for a token that says which workflow runs, for this audience; it lives five minutes. What is worth another attempt is given as such;
* throws `unreachable` for a refusal. See https://docs.github.com/actions/reference/security/oidc
*/
async function requestIdToken({ url, authorization }, audience, { request, signal }) {
	const at = new URL(url);
	at.searchParams.set("audience", audience);
	const failed = (why, cause) => new ActionError("unreachable", `GitHub gave no ID token for the audience ${audience}: ${why}`, {
		hint: "Run the job again; https://www.githubstatus.com tells of outages.",
		cause
	});
	try {
		const { status, body } = await request(at.href, {
			method: "GET",
			headers: { authorization },
			timeoutMs: TIMEOUT_MS,
			insecure: false,
			maxBytes: MAX_BYTES,
			signal
		});
		const jwt = status === 200 ? textAt(parsed(body), "value") : void 0;
		if (jwt !== void 0) return {
			done: true,
			value: jwt
		};
		const error = failed(`${at.origin} answered ${status}${status === 200 ? " without one" : ""}`);
		if (status < 500 && status !== 429) throw error;
		return {
			done: false,
			error
		};
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ActionError) throw error;
		return {
			done: false,
			error: failed(`${at.origin}: ${messageOf(error)}`, error)
		};
	}
}
/** What auth methods and binding rules usually look at. */
const DECISIVE = [
	"iss",
	"aud",
	"sub",
	"repository",
	"repository_id",
	"ref",
	"environment",
	"job_workflow_ref"
];
/**
* The claims of a token, for people to compare with what Nomad wants: those that usually decide in a line, and all of them. Nothing of it lets anybody
* in.
*/
function describeClaims(jwt) {
	const claims = parsed(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
	const names = typeof claims === "object" && claims !== null ? Object.keys(claims).sort() : [];
	const said = (name) => {
		const value = valueAt(claims, name);
		return `${name}=${(typeof value === "string" ? value : JSON.stringify(value)) || "(none)"}`;
	};
	return {
		decisive: DECISIVE.map(said).join(", "),
		all: names.map(said)
	};
}
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// src/target/connection.ts
/** A token is replaced this long before its end, so that no request meets it: the longest takes less. */
const RENEW_BEFORE_MS = 6e4;
const ID_TOKEN_RETRY = {
	forMs: 3e4,
	firstDelayMs: 500,
	maxDelayMs: 5e3
};
const LOGIN_RETRY = {
	forMs: 1e4,
	firstDelayMs: 500,
	maxDelayMs: 5e3
};
const KEYS_MISSING = /fetching keys/;
/**
* All that a connection to Nomad takes: the token or the login, the headers and the TLS that the inputs give. Masks the key. Throws what `readTls`
* throws, and `input-invalid` when GitHub gives the job no ID token to log in with.
*/
async function readConnection(inputs, { address, region, regionSource, environment, pemFiles }, runtime) {
	const tls = await readTls(inputs.nomadTls, pemFiles, (key) => {
		runtime.mask(key);
		return secret(key);
	});
	const { http, https } = inputs.proxies;
	const proxy = address.startsWith("https:") ? https ?? http : http;
	const way = {
		address,
		region,
		...regionSource === void 0 ? {} : { regionSource },
		headers: inputs.nomadHeaders,
		tls,
		proxy
	};
	const { nomadLogin } = inputs;
	if (nomadLogin === void 0) return {
		...way,
		token: inputs.nomadToken[environment]?.value
	};
	const { method, audience, idToken } = nomadLogin;
	if (idToken === void 0) throw new ActionError("input-invalid", "`nomad-auth-method`: GitHub gives this job no ID token to log in with", { hint: "Add to the job:\n\n    permissions:\n      id-token: write\n      contents: read\n\nWhat is not listed there is taken away, and a reusable workflow gets no more than its caller." });
	return {
		...way,
		token: void 0,
		login: async () => login(method, audience, idToken, way, runtime)
	};
}
/** Logs in to Nomad with the job's ID token. Throws `permission-denied` with the claims when Nomad does not take it. */
async function login(method, audience, idToken, way, runtime) {
	const { log, clock, mask, signal } = runtime;
	const again = (error, delayMs) => log.info(`${error.message}; trying again in ${formatDuration(delayMs)}`);
	const jwt = await retry(ID_TOKEN_RETRY, clock, signal, async () => requestIdToken(idToken, audience, runtime), again);
	mask(jwt);
	const nomad = await connect({
		...way,
		token: void 0
	}, runtime);
	try {
		const attempt = async () => {
			const answer = await nomad.logins.login(method, jwt);
			if (!("refused" in answer)) return {
				done: true,
				value: answer
			};
			const claims = describeClaims(jwt);
			const error = new ActionError("permission-denied", `Nomad refused the login by the auth method ${method}: ${answer.refused}`, { hint: `${loginHint(answer.refused, audience)} The ID token of this job says ${claims.decisive}.` });
			if (KEYS_MISSING.test(answer.refused)) return {
				done: false,
				error
			};
			await log.group("All claims of the ID token", async () => {
				for (const line of claims.all) log.info(line);
			});
			throw error;
		};
		const token = await retry(LOGIN_RETRY, clock, signal, attempt, again);
		mask(token.SecretID);
		const livesMs = token.ExpirationTime === void 0 ? Number.POSITIVE_INFINITY : Date.parse(token.ExpirationTime) - Date.parse(token.CreateTime);
		const lives = Number.isFinite(livesMs) ? `, for ${formatDuration(livesMs)}` : "";
		log.info(`Logged in by the auth method ${method}: token ${describeToken(token)}${lives}`);
		if (token.Type === "management") log.warning(`The auth method ${method} gives this workflow a management token, which may do everything: bind it to a role.`);
		return {
			token: secret(token.SecretID),
			renewAtMs: clock.now() + Math.max(livesMs / 2, livesMs - RENEW_BEFORE_MS)
		};
	} finally {
		await nomad.close();
	}
}
/** What to do about a refused login, by Nomad's words; the rest is in docs/authentication.md. */
const LOGIN_HINTS = [
	[/\(aud\)/, "BoundAudiences of the auth method must have AUDIENCE, or `nomad-auth-audience` be another."],
	[/bindings matched/, "No binding rule matches (`nomad acl binding-rule list`), or its role or policy does not exist; a claim counts only if it is in the ClaimMappings of the auth method."],
	[/not found/, "`nomad acl auth-method list` shows those that there are."],
	[/ACL support disabled/, "This cluster has no ACLs: leave out `nomad-auth-method`."],
	[/issuer/, "BoundIssuer of the auth method must have the issuer of the token."],
	[KEYS_MISSING, "Nomad's servers must reach the JWKSURL of the auth method, and find the issuer's keys there."],
	[/\((exp|nbf)\)/, "The clock of Nomad's servers must be right: the token was made just now, and lives five minutes."],
	[/signature/, "JWKSURL of the auth method must have the keys of the issuer of the token."]
];
function loginHint(words, audience) {
	const [, hint] = LOGIN_HINTS.find(([known]) => known.test(words)) ?? [];
	return (hint ?? "Compare the auth method (`nomad acl auth-method info`) with the token.").replace("AUDIENCE", audience);
}
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
export { closeKilled as a, recordDeployment as c, connect as i, settleDeployment as l, tellUnderWay as n, endDeployments as o, readConnection as r, environmentName as s, leaveUnderWay as t, stateOf as u };
