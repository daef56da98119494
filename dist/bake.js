import { Bn as hasChecks, Vn as isIgnored, nt as follow } from "./steps.js";
import { Fn as formatDuration, mn as oneLine } from "./start.js";
import { S as messageOf } from "./runtime.js";
import { runInNewContext } from "node:vm";
// src/watch/bake/ledger.ts
const none = () => ({
	restarts: 0,
	oomKills: 0,
	exits: 0,
	exitCode: "",
	failingChecks: 0,
	errorLines: 0
});
function newLedger(version, canaries, exitCodes) {
	return {
		version,
		canaries,
		exitCodes,
		counts: {
			own: none(),
			stable: none()
		},
		usage: {
			own: /* @__PURE__ */ new Map(),
			stable: /* @__PURE__ */ new Map()
		},
		known: /* @__PURE__ */ new Set(),
		restarts: /* @__PURE__ */ new Map(),
		checked: /* @__PURE__ */ new Set()
	};
}
/** Returns the allocations by their side; those of no side are left out. */
function sidesOf(all, { version, canaries }) {
	const own = all.filter(({ JobVersion, DeploymentStatus }) => JobVersion === version && (!canaries || DeploymentStatus?.Canary === true));
	const groups = new Set(own.map(({ TaskGroup }) => TaskGroup));
	return {
		own,
		stable: canaries ? all.filter((one) => one.JobVersion < version && groups.has(one.TaskGroup)) : []
	};
}
const isRunning = ({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus === "running";
/** Takes in an answer about the allocations of a job. The first one is the begin: what happened before does not count. */
function take(ledger, all) {
	const isFirst = ledger.now === void 0;
	ledger.now = sidesOf(all, ledger);
	for (const side of ["own", "stable"]) for (const allocation of ledger.now[side]) takeAllocation(ledger, allocation, isFirst ? void 0 : ledger.counts[side]);
}
/** Counts what is new of an allocation; without counts, notes only that it is known. */
function takeAllocation(ledger, allocation, counts) {
	const { known, restarts, exitCodes } = ledger;
	const isNew = (key) => !known.has(key) && known.add(key) && counts !== void 0;
	const counted = (change) => {
		if (counts === void 0) return;
		change(counts);
		counts.allocation = allocation;
	};
	for (const [task, { Restarts, Events }] of Object.entries(allocation.TaskStates ?? {})) {
		const key = `${allocation.ID}/${task}`;
		const more = Restarts - (restarts.get(key) ?? 0);
		restarts.set(key, Math.max(Restarts, restarts.get(key) ?? 0));
		if (more > 0) counted((to) => to.restarts += more);
		for (const { Type, Time, Details } of Events ?? []) {
			if (Type !== "Terminated" || !isNew(`${key}/${Time}`)) continue;
			const code = Details?.["exit_code"] ?? "";
			if (Details?.["oom_killed"] === "true") counted((to) => to.oomKills += 1);
			if (exitCodes === void 0 || allocation.DesiredStatus !== "run" || code === "" || exitCodes.includes(Number(code))) continue;
			counted((to) => Object.assign(to, {
				exits: to.exits + 1,
				exitCode: code
			}));
		}
	}
	if (allocation.ClientStatus === "failed" && isNew(`${allocation.ID}/failed`)) counted((to) => to.restarts += 1);
}
/** Takes in the results of an allocation's checks; a failure counts once for each time that the check was run. */
function takeChecks(ledger, side, allocation, results) {
	const counts = ledger.counts[side];
	ledger.checked.add(side);
	for (const { Service, Check, Status, Timestamp } of results) {
		const key = `${allocation.ID}/check/${Service}/${Check}/${Timestamp}`;
		if (Status !== "failure" || ledger.known.has(key)) continue;
		ledger.known.add(key);
		counts.failingChecks += 1;
		counts.allocation = allocation;
	}
}
/** Takes in what the tasks of an allocation use. A node that tells no memory at all of running tasks has not measured them. */
function takeUsage(ledger, side, { TaskGroup }, tasks) {
	if (Object.values(tasks).every(({ memoryMb }) => memoryMb === 0)) return;
	const sum = ledger.usage[side].get(TaskGroup) ?? {
		samples: 0,
		cpuMhz: 0,
		memoryMb: 0
	};
	sum.samples += 1;
	for (const { cpuMhz, memoryMb } of Object.values(tasks)) {
		sum.cpuMhz += cpuMhz;
		sum.memoryMb += memoryMb;
	}
	ledger.usage[side].set(TaskGroup, sum);
}
// src/watch/bake/judge.ts
/** Differences to the stable allocations below these are noise. */
const NOISE = {
	cpuMhz: 10,
	memoryMb: 10
};
/** The words for the judged allocations. */
const whoOf = ({ canaries, version }) => canaries ? "the canaries" : `the allocations of version ${version}`;
const times = (count) => `${count} time${count === 1 ? "" : "s"}`;
const lines = (count) => `${count} line${count === 1 ? "" : "s"}`;
/** Returns the first count that is above its limit, as a sentence; undefined while all are allowed. */
function countProblem(ledger, rules, elapsedMs) {
	const { own, stable } = ledger.counts;
	const who = whoOf(ledger);
	const time = ` in ${formatDuration(elapsedMs)}`;
	const beside = (words) => ledger.canaries ? `, the stable allocations ${words}` : "";
	const limit = (most) => most === 0 ? "" : `; the limit is ${most}`;
	const told = (count, most, text) => count(own) > most ? `${text(own)}${limit(most)}` : void 0;
	const pattern = rules.logErrors?.pattern;
	return told(({ oomKills }) => oomKills, rules.oomKills, ({ oomKills }) => `${who} were killed for memory ${times(oomKills)}${time}${beside(times(stable.oomKills))}`) ?? told(({ exits }) => exits, 0, ({ exits, exitCode }) => `${who} ended with exit code ${exitCode} (${times(exits)}${time})${beside(times(stable.exits))}`) ?? told(({ restarts }) => restarts, rules.restarts, ({ restarts }) => `${who} restarted ${times(restarts)}${time}${beside(times(stable.restarts))}`) ?? told(({ failingChecks }) => failingChecks, rules.failingChecks ?? 0, ({ failingChecks }) => `checks of ${who} failed ${times(failingChecks)}${time}${ledger.canaries ? `, those of the stable allocations ${times(stable.failingChecks)}` : ""}`) ?? told(({ errorLines }) => errorLines, rules.logErrors?.max ?? Number.POSITIVE_INFINITY, ({ errorLines }) => `${who} logged ${lines(errorLines)} that match ${pattern}${time}${beside(lines(stable.errorLines))}`);
}
/** Returns what is wrong at the end of a bake: no allocation, no figures, or an average above its limit. */
function averageProblem(ledger, rules, elapsedMs) {
	const who = whoOf(ledger);
	if (!(ledger.now?.own ?? []).some(isRunning)) return { text: `none of ${who} is running` };
	const time = ` on average in ${formatDuration(elapsedMs)}`;
	const parts = [{
		limit: rules.cpu,
		of: "cpuMhz",
		unit: "MHz of CPU"
	}, {
		limit: rules.memory,
		of: "memoryMb",
		unit: "MiB of memory"
	}];
	for (const { limit, of, unit } of parts) {
		if (limit === void 0 || limit.relative && !ledger.canaries) continue;
		for (const group of new Set((ledger.now?.own ?? []).map(({ TaskGroup }) => TaskGroup))) {
			const average = (side) => {
				const sum = ledger.usage[side].get(group);
				return sum === void 0 ? void 0 : sum[of] / sum.samples;
			};
			const [own, stable] = [average("own"), average("stable")];
			const missing = own === void 0 ? who : limit.relative && stable === void 0 ? "the stable allocations" : void 0;
			if (missing !== void 0) return {
				text: `no node told the ${unit.replace(/^\w+ of /, "")} of ${missing} in group ${group}`,
				missing: true
			};
			if (own === void 0 || !isAbove(own, stable, limit, NOISE[of])) continue;
			const beside = stable === void 0 ? "" : `, the stable allocations ${Math.round(stable)} ${unit.split(" ")[0]}`;
			const most = `the limit is ${limit.value} ${limit.relative ? "% of theirs" : unit.split(" ")[0]}`;
			return { text: `${who} used ${Math.round(own)} ${unit}${time}${beside}; ${most}` };
		}
	}
}
/** Returns the averages of a bake, for the log. */
function averages({ usage }, who) {
	return ["own", "stable"].flatMap((side) => [...usage[side]].map(([group, { samples, cpuMhz, memoryMb }]) => `${side === "own" ? who : "the stable allocations"} of group ${group} used ${Math.round(cpuMhz / samples)} MHz and ${Math.round(memoryMb / samples)} MiB on average`));
}
function isAbove(own, stable, { value, relative }, noise) {
	if (!relative) return own > value;
	return stable !== void 0 && own > stable * value / 100 && own - stable > noise;
}
// src/watch/bake/logs.ts
/** The allocations of each side whose logs are read: each log is a connection. */
const MAX_READ = 5;
/** The longest time of a match: a computation cannot be cancelled. */
const PATTERN_MS = 1e3;
function logCount(pattern, ledger, { nomad, namespace, signal, over, onCount }) {
	const reading = /* @__PURE__ */ new Map();
	let problem;
	let read = false;
	const fail = (found) => {
		problem ??= found;
		onCount();
	};
	const tell = (side, allocation) => (lines) => {
		if (problem !== void 0) return;
		const found = matching(pattern, lines);
		if (found === void 0) return fail(`${pattern} takes more than a second to match lines of the logs`);
		if (found === 0) return;
		ledger.counts[side].errorLines += found;
		ledger.counts[side].allocation = allocation;
		onCount();
	};
	const one = async (side, allocation, task, wish) => {
		const log = {
			id: allocation.ID,
			task,
			type: wish.type
		};
		const unread = await nomad.allocations.readLog(log, {
			last: wish.last,
			over,
			tell: tell(side, allocation)
		}, namespace, signal).catch((error) => {
			if (signal.aborted) throw error;
			return "gone";
		});
		if (side === "own" && unread === "denied") fail("the logs cannot be read: the token must allow `read-logs`");
		if (side === "own" && unread === void 0) read = true;
	};
	return {
		read: (isFirst) => {
			for (const side of ["own", "stable"]) for (const allocation of (ledger.now?.[side] ?? []).filter(isRunning).slice(0, MAX_READ)) for (const task of Object.keys(allocation.TaskStates ?? {})) for (const type of ["stdout", "stderr"]) {
				const key = `${allocation.ID}/${task}/${type}`;
				if (reading.has(key)) continue;
				const work = one(side, allocation, task, {
					type,
					last: isFirst ? 0 : void 0
				});
				work.catch(() => void 0);
				reading.set(key, work);
			}
		},
		done: async () => void await Promise.all(reading.values()),
		problem: () => problem,
		wasRead: () => read
	};
}
/** Returns how many lines match; undefined when that takes too long, as a crafted text can make it. */
function matching(pattern, lines) {
	try {
		return Number(runInNewContext("lines.filter((line) => pattern.test(line)).length", {
			pattern,
			lines
		}, { timeout: PATTERN_MS }));
	} catch {
		return;
	}
}
// src/watch/bake/prometheus.ts
const QUERY_MS = 1e4;
const MAX_BODY_BYTES = 1048576;
const MAX_SHOWN = 200;
/** Asks for the figure of a rule and judges it. */
async function lookAt(rule, allocations, { server, who, compares }, world) {
	const answers = await Promise.all([rule.query, ...rule.stable === void 0 || !compares ? [] : [rule.stable]].map(async (query) => ask(query, server, world)));
	const failed = answers.find((answer) => "problem" in answer);
	if (failed !== void 0 && "problem" in failed) return {
		problem: `${rule.name} is unknown: ${failed.problem}`,
		missing: failed.refused ? "for good" : "answer"
	};
	const [own = [], other = []] = answers.map((answer) => "series" in answer ? answer.series : []);
	const { by } = rule;
	const of = (side) => {
		if (by === void 0) return side === "own" ? own : other;
		const names = new Set(allocations[side].flatMap(namesOf));
		return own.filter(({ metric }) => names.has(metric[by] ?? ""));
	};
	return judge(rule, {
		own: valuesOf(of("own")),
		stable: compares ? valuesOf(of("stable")) : []
	}, who, compares);
}
/** Returns the values by which a label names an allocation: its id, and the addresses of its ports. */
function namesOf({ ID, AllocatedResources }) {
	return [ID, ...(AllocatedResources?.Shared?.Ports ?? []).map(({ HostIP, Value }) => `${HostIP.includes(":") ? `[${HostIP}]` : HostIP}:${Value}`)];
}
/** Returns the values that are numbers: a quantile or a ratio of nothing is NaN, which is no figure. */
function valuesOf(series) {
	return series.map(({ value }) => numberOf(value)).filter((value) => !Number.isNaN(value));
}
const numberOf = (text) => /^[+-]?Inf$/.test(text) ? text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY : text === "" ? NaN : Number(text);
const most = (values) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const least = (values) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
/** Judges the worst value of each side. */
function judge({ name, unit, max, min }, { own, stable }, who, compares) {
	const shown = (value) => `${Number.isFinite(value) ? Number(value.toPrecision(4)) : value}${unit === "" ? "" : ` ${unit}`}`;
	const silent = (whose) => ({
		problem: `Prometheus has no figure of ${name} of ${whose}`,
		missing: "data"
	});
	if (own.length === 0) return silent(who);
	for (const [limit, worst, isMax] of [[
		max,
		most(own),
		true
	], [
		min,
		least(own),
		false
	]]) {
		if (limit === void 0 || limit.relative && !compares) continue;
		const other = stable.length === 0 ? void 0 : isMax ? most(stable) : least(stable);
		if (limit.relative && other === void 0) return silent("the stable allocations");
		const edge = edgeOf(limit, other);
		if (isMax ? worst <= edge : worst >= edge) continue;
		const beside = other === void 0 ? "" : `, that of the stable allocations is ${shown(other)}`;
		const relative = limit.relative ? `${limit.value} % of theirs, ` : "";
		return { problem: `${name} of ${who} is ${shown(worst)}${beside}, the limit is ${relative}${shown(edge)}` };
	}
	return {
		problem: void 0,
		words: `${name} of ${who} is ${shown(max === void 0 ? least(own) : most(own))}`
	};
}
const edgeOf = ({ value, relative }, stable = 0) => relative ? stable * value / 100 : value;
/** Asks one query, now. Redirects are not followed, so that the token goes nowhere else. */
async function ask(query, { address, authorization }, { request, redact, signal }) {
	const url = `${address}/api/v1/query?query=${encodeURIComponent(query)}`;
	const headers = authorization === void 0 ? {} : { Authorization: authorization };
	const quote = (text) => JSON.stringify(oneLine(redact(text)).slice(0, MAX_SHOWN));
	const at = `Prometheus at ${address}`;
	try {
		const { status, body, complete } = await request(url, {
			method: "GET",
			headers,
			timeoutMs: QUERY_MS,
			insecure: false,
			maxBytes: MAX_BODY_BYTES,
			signal
		});
		if (!complete) return {
			problem: `${at} answered with more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`,
			refused: true
		};
		const { data, error } = parsed(body);
		if (data !== void 0 && status === 200) return { series: data };
		const said = error === void 0 ? "" : `: ${quote(error)}`;
		return {
			problem: `${at} answered ${status}${status >= 300 && status < 400 ? ", a redirect, which is not followed" : ""}${said}`,
			refused: isFinal(status) || status === 200 && error !== void 0
		};
	} catch (thrown) {
		if (signal.aborted) throw thrown;
		return {
			problem: `${at} does not answer: ${messageOf(thrown)}`,
			refused: false
		};
	}
}
/** Returns whether a status says that the same query never gets an answer. */
const isFinal = (status) => status >= 300 && status < 500 && status !== 408 && status !== 429;
/** Reads an answer: series, a scalar as one of them, or the error. */
function parsed(body) {
	let answer;
	try {
		answer = JSON.parse(body);
	} catch {
		return {};
	}
	const { data, error } = fieldsOf(answer);
	if (typeof error === "string") return { error };
	const { resultType, result } = fieldsOf(data);
	if (resultType === "scalar") return { data: [seriesOf({ value: result })] };
	if (resultType === "vector" && Array.isArray(result)) return { data: result.map(seriesOf) };
	return typeof resultType === "string" ? { error: `the query gives a ${resultType}, not numbers of one moment` } : {};
}
const fieldsOf = (value) => typeof value === "object" && value !== null ? { ...value } : {};
function seriesOf(one) {
	const { metric, value } = fieldsOf(one);
	const labels = Object.entries(fieldsOf(metric)).map(([name, label]) => [name, String(label)]);
	return {
		metric: Object.fromEntries(labels),
		value: Array.isArray(value) ? String(value[1]) : ""
	};
}
// src/watch/bake/bake.ts
/** Nodes measure once a second, and a server of Prometheus rarely more often than every 15 seconds. */
const MIN_INTERVAL_MS = 1e3;
const MAX_INTERVAL_MS = 15e3;
const SAMPLES = 20;
/** The pause between answers about allocations. */
const SETTLE_MS = 500;
/** The allocations of each side that are measured. */
const MAX_MEASURED = 10;
/** Looks at Prometheus in a row that have to be bad or unanswered before the end. */
const LOOKS = 3;
/** Watches a version for the time of its rules; ends early at the first count that is above its limit. Rejects when the signal aborts. */
async function bake(baking, world) {
	const { runtime, signal } = world;
	const { clock, log } = runtime;
	const over = new AbortController();
	const ledger = newLedger(baking.version, baking.canaries, baking.rules.exitCodes);
	const { logErrors } = baking.rules;
	const oven = {
		...world,
		baking,
		ledger,
		startedAtMs: clock.now(),
		over: over.signal,
		either: AbortSignal.any([signal, over.signal]),
		intervalMs: Math.min(Math.max(baking.forMs / SAMPLES, MIN_INTERVAL_MS), MAX_INTERVAL_MS),
		logs: logErrors && logCount(logErrors.pattern, ledger, {
			nomad: world.nomad,
			namespace: baking.namespace,
			signal,
			over: over.signal,
			onCount: () => judgeCounts(oven)
		}),
		warned: /* @__PURE__ */ new Set(),
		end: (baked) => {
			oven.baked ??= baked;
			over.abort();
		}
	};
	log.info(`watching ${whoOf(ledger)} for ${formatDuration(baking.forMs)}`);
	try {
		await Promise.all([
			...[
				clock.sleep(baking.forMs, oven.either).then(() => over.abort()),
				followAllocations(oven),
				measure(oven)
			].map(async (work) => untilOver(oven, work)),
			...baking.canaries ? [] : [untilOver(oven, followJob(oven))],
			...baking.rules.prometheus.map(async (rule) => followFigure(oven, rule))
		]);
		await oven.logs?.done();
		if (oven.baked === void 0) await lastLook(oven);
	} finally {
		over.abort();
	}
	signal.throwIfAborted();
	judgeCounts(oven);
	judgeEnd(oven);
	const baked = oven.baked ?? { how: "well" };
	if (baked.how === "well") log.info(`${whoOf(ledger)} held for ${formatDuration(clock.now() - oven.startedAtMs)}`);
	return baked;
}
/** Awaits work that the end of the bake aborts. */
async function untilOver({ over, signal }, work) {
	try {
		await work;
	} catch (error) {
		if (!over.aborted || signal.aborted) throw error;
	}
}
/** Reads the allocations at the end: the last answer may be old. */
async function lastLook(oven) {
	const { nomad, baking, ledger, signal } = oven;
	const soon = AbortSignal.any([signal, nomad.patience()]);
	try {
		take(ledger, (await nomad.jobs.allocations(baking.jobId, baking.namespace, 0, soon)).value);
	} catch (error) {
		signal.throwIfAborted();
		if (!soon.aborted) throw error;
		miss(oven, "Nomad does not answer");
	}
}
async function followAllocations(oven) {
	const { nomad, runtime, baking, ledger, either } = oven;
	await follow(async (index) => nomad.jobs.allocations(baking.jobId, baking.namespace, index, either), (all) => {
		const isFirst = ledger.now === void 0;
		take(ledger, all);
		oven.logs?.read(isFirst);
		judgeCounts(oven);
	}, {
		clock: runtime.clock,
		signal: either
	}, async (first) => first ? void 0 : runtime.clock.sleep(SETTLE_MS, either));
}
/** Waits until the job has another version, is stopped or gone. */
async function followJob({ nomad, runtime, baking, either, end }) {
	await follow(async (index) => nomad.jobs.watch(baking.jobId, baking.namespace, index, either), (job) => {
		if (job === void 0 || job.Stop || job.Version > baking.version) end({
			how: "replaced",
			by: job === void 0 || job.Stop ? void 0 : job.Version
		});
	}, {
		clock: runtime.clock,
		signal: either
	});
}
/** Reads again and again what Nomad has no events for: use and checks. */
async function measure(oven) {
	const { nomad, runtime, baking, ledger, either } = oven;
	const { cpu, memory } = baking.rules;
	const [usage, checks] = [cpu !== void 0 || memory !== void 0, hasChecks(baking.job)];
	for (;;) {
		await runtime.clock.sleep(oven.intervalMs, either);
		for (const side of ["own", "stable"]) {
			const running = (ledger.now?.[side] ?? []).filter(isRunning).slice(0, MAX_MEASURED);
			await Promise.all(running.map(async (allocation) => {
				const { ID } = allocation;
				const used = usage ? await nomad.allocations.usage(ID, baking.namespace, either).catch(() => void 0) : void 0;
				if (used !== void 0) takeUsage(ledger, side, allocation, used);
				const results = checks ? await nomad.allocations.checks(ID, baking.namespace, either).catch(() => void 0) : void 0;
				if (results !== void 0) takeChecks(ledger, side, allocation, results.filter((result) => !isIgnored(result)));
			}));
		}
		judgeCounts(oven);
	}
}
function judgeCounts({ baking, ledger, logs, runtime, startedAtMs, warned, end }) {
	const problem = countProblem(ledger, baking.rules, runtime.clock.now() - startedAtMs);
	if (problem !== void 0) end({
		how: "bad",
		description: problem,
		allocation: ledger.counts.own.allocation
	});
	const unread = logs?.problem();
	if (unread !== void 0 && !warned.has(unread)) {
		warned.add(unread);
		miss({
			baking,
			runtime,
			end
		}, unread);
	}
}
/** Judges what only the whole time tells. */
function judgeEnd(oven) {
	const { baking, ledger, logs, runtime, startedAtMs, end } = oven;
	if (oven.baked !== void 0) return;
	const { job, rules } = baking;
	for (const line of averages(ledger, whoOf(ledger))) runtime.log.info(line);
	const found = averageProblem(ledger, rules, runtime.clock.now() - startedAtMs);
	if (found?.missing === true) miss(oven, found.text);
	else if (found !== void 0) end({
		how: "bad",
		description: found.text,
		allocation: ledger.now?.own[0]
	});
	if (hasChecks(job) && !ledger.checked.has("own")) miss(oven, `no result of the checks of ${whoOf(ledger)} can be read`);
	if (rules.failingChecks !== void 0 && !hasChecks(job)) miss(oven, "the job has no checks of Nomad services, which `failing-checks` counts");
	if (logs !== void 0 && !logs.wasRead()) miss(oven, `no log of ${whoOf(ledger)} can be read`);
}
/** Ends a bake that has nothing to judge by. */
function miss({ baking, runtime, end }, description) {
	if (baking.lenient) runtime.log.warning(`The version is watched without a figure: ${description}.`);
	else end({
		how: "bad",
		description,
		allocation: void 0
	});
}
/** Looks at one figure of Prometheus: fails after bad looks in a row, and by the look at the end. */
async function followFigure(oven, rule) {
	const { runtime, baking, ledger, over, either, signal, end } = oven;
	const { prometheus: server, canaries } = baking;
	if (server === void 0) return miss(oven, `${rule.name} is unknown: there is no \`prometheus-addr\``);
	if (!canaries && [rule.max, rule.min].every((limit) => limit === void 0 || limit.relative)) return;
	for (let bad = 0;;) {
		await runtime.clock.sleep(over.aborted ? MIN_INTERVAL_MS : oven.intervalMs, over.aborted ? signal : either).catch(() => void 0);
		signal.throwIfAborted();
		const isLast = over.aborted;
		if (oven.baked !== void 0) return;
		const found = await lookAt(rule, rule.by === void 0 ? {
			own: [],
			stable: []
		} : await placed(oven), {
			server,
			who: whoOf(ledger),
			compares: canaries
		}, {
			...runtime,
			signal
		});
		const { problem, missing } = found;
		if (problem === void 0) bad = 0;
		else if (missing !== "data") bad += 1;
		if (problem !== void 0 && (missing === "for good" || bad >= LOOKS || isLast && missing !== "answer")) {
			if (missing === void 0) end({
				how: "bad",
				description: problem,
				allocation: void 0
			});
			else miss(oven, problem);
			return;
		}
		if (isLast && problem === void 0) {
			runtime.log.info(found.words ?? "");
			return;
		}
	}
}
async function placed({ nomad, baking, ledger, signal }) {
	const all = await nomad.allocations.placed(baking.jobId, baking.namespace, signal);
	const sides = sidesOf(all.filter(isRunning), ledger);
	const of = (side) => all.filter(({ ID }) => sides[side].some((one) => one.ID === ID));
	return {
		own: of("own"),
		stable: of("stable")
	};
}
export { bake };
