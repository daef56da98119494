import { _ as ActionError, u as parseTime } from "./runtime.js";
import { In as parseDuration, l as LOGS_UNREAD, mn as oneLine } from "./start.js";
import { Ln as exitWords, nt as follow } from "./steps.js";
import { t as logWriter } from "./log-writer.js";
// src/watch/terminal/task-ends.ts
/** Events that say nothing to the reader of a log, or that another note says. */
const QUIET = /* @__PURE__ */ new Set([...[
	"Received",
	"Task Setup",
	"Building Task Directory",
	"Downloading Artifacts",
	"Driver",
	"Task hook message",
	"Running"
], ...[
	"Killing",
	"Killed",
	"Alloc Unhealthy",
	"Signaling",
	"Main Tasks Dead",
	"Leader Task Dead",
	"Waiting for shutdown delay"
]]);
/**
* Returns the notes about the changes of an allocation since the last look: how tasks ended, that they start again, that Nomad stops or replaces the allocation.
* `before` is undefined for a new allocation.
*/
function notesOf(before, now) {
	const notes = before === void 0 ? [{
		task: void 0,
		text: `is placed on ${now.NodeName}, version ${now.JobVersion}`
	}] : [];
	for (const [task, { Events }] of Object.entries(now.TaskStates ?? {})) {
		const seen = new Set((before?.TaskStates?.[task]?.Events ?? []).map(keyOf));
		const started = seen.size > 0 && [...seen].some((key) => key.endsWith(" Started"));
		for (const event of Events ?? []) {
			const text = seen.has(keyOf(event)) ? void 0 : eventWords(event, started);
			if (text !== void 0) notes.push({
				task,
				text
			});
		}
	}
	if (before !== void 0 && now.DesiredStatus !== "run" && before.DesiredStatus === "run") notes.unshift({
		task: void 0,
		text: `Nomad stops it: ${now.DesiredDescription || "it is not needed any more"}`
	});
	if (before !== void 0 && now.ClientStatus !== before.ClientStatus && /^(lost|unknown)$/.test(now.ClientStatus)) notes.push({
		task: void 0,
		text: `the node ${now.NodeName} is ${now.ClientStatus === "lost" ? "down" : "disconnected"}`
	});
	if (before !== void 0 && now.NextAllocation && !before.NextAllocation) notes.push({
		task: void 0,
		text: `is replaced by ${now.NextAllocation.slice(0, 8)}`
	});
	return notes;
}
/** Returns how a task ended for good; undefined while it may run. */
function endOf({ TaskStates }, task) {
	const state = TaskStates?.[task];
	const last = (state?.Events ?? []).findLast(({ Type }) => Type === "Terminated");
	return state?.State === "dead" && last !== void 0 ? exitWords(last) : void 0;
}
const keyOf = ({ Time, Type }) => `${Time} ${Type}`;
function eventWords(event, startedBefore) {
	const { Type } = event;
	const message = oneLine(event.DisplayMessage).replace(/(?<![\d.])(\d+\.\d)\d+s$/, "$1s");
	if (QUIET.has(Type)) return void 0;
	if (Type === "Terminated") return exitWords(event);
	if (Type === "Started") return startedBefore ? "is started again" : void 0;
	if (Type === "Restarting") return `restarts${/ in (\S+)$/.exec(message)?.[0] ?? ""}`;
	return message === "" ? Type : `${Type}: ${message}`;
}
// src/watch/terminal/logs.ts
/** Notes about a task come after its lines, which a node writes and sends within this time. */
const LAST_LINES_MS = 700;
const STREAMS = ["stdout", "stderr"];
/** Shows the logs of a job. With `follow` until the job is stopped or dead, or until the person leaves by Ctrl-C, which is no failure. */
async function terminalLogs(job, following, { runtime, terminal }) {
	const { inputs, draft, nomad } = following;
	const writer = logWriter(terminal, runtime.clock, patternOf(inputs.grep));
	if (!inputs.follow) {
		const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
		await showLast(job, all, {
			following,
			runtime,
			writer
		});
		return { outcome: "reported" };
	}
	const ended = new AbortController();
	let failure;
	const timeUp = inputs.timeoutMs === void 0 ? [] : [runtime.clock.timeout(inputs.timeoutMs)];
	const followed = {
		job,
		following,
		runtime,
		terminal,
		writer,
		signal: AbortSignal.any([
			runtime.signal,
			ended.signal,
			...timeUp
		]),
		end: (error) => {
			if (error !== void 0) failure ??= { error };
			ended.abort(/* @__PURE__ */ new Error("the logs have ended"));
		},
		readers: /* @__PURE__ */ new Map(),
		older: /* @__PURE__ */ new Set(),
		notes: /* @__PURE__ */ new Map()
	};
	const { signal } = followed;
	const { clock } = runtime;
	const looks = [follow(async (index) => nomad.jobs.allocations(job.ID, draft.namespace, index, signal), (all) => look(followed, all), {
		clock,
		signal
	}), follow(async (index) => nomad.jobs.watch(job.ID, draft.namespace, index, signal), (now) => judge(followed, now), {
		clock,
		signal
	})];
	await Promise.all(looks.map(async (one) => one.catch((error) => followed.end(signal.aborted ? void 0 : error))));
	await Promise.allSettled([...followed.readers.values()].map(async ({ done }) => done));
	await Promise.allSettled(followed.notes.values());
	terminal.show([]);
	if (failure !== void 0) throw failure.error;
	if (followed.over !== void 0) terminal.say(followed.over);
	if (runtime.signal.aborted) terminal.exitWith(0);
	return { outcome: "reported" };
}
/** Returns the pattern of `--grep`. Throws `input-invalid` for one that is none. */
function patternOf(grep) {
	try {
		return grep === void 0 ? void 0 : new RegExp(grep);
	} catch (cause) {
		throw new ActionError("input-invalid", `\`grep\` is not a regular expression: ${grep}`, { cause });
	}
}
/** Shows the last lines of each log, one log after the other. */
async function showLast({ ID }, all, { following: { inputs, nomad, draft }, runtime, writer }) {
	const which = firstOf(all, inputs).flatMap((allocation) => startedTasks(allocation, inputs).map(([task, state]) => ({
		allocation,
		task,
		state
	})));
	if (which.length === 0) throw new ActionError("input-invalid", `no task of ${ID}${partOf(inputs)} has started, or Nomad has removed its allocation`, { hint: "`status` shows the state of the job; --follow waits for a task to start." });
	for (const { allocation, task, state } of which) {
		if (!await isRecent({
			allocation,
			task,
			state
		}, {
			inputs,
			nomad,
			namespace: draft.namespace,
			runtime
		})) continue;
		for (const stream of STREAMS) {
			const tell = (lines) => writer.lines({
				allocation,
				task,
				stream
			}, lines);
			const wish = {
				last: inputs.logLines,
				over: void 0,
				tell
			};
			const unread = await nomad.allocations.readLog({
				id: allocation.ID,
				task,
				type: stream
			}, wish, draft.namespace, runtime.signal);
			if (unread === "denied") throw await denied({
				nomad,
				draft
			});
			if (unread !== void 0 && stream === "stdout") writer.note({
				allocation,
				task
			}, LOGS_UNREAD[unread]);
		}
		const ended = endOf(allocation, task);
		if (ended !== void 0) writer.note({
			allocation,
			task
		}, ended);
	}
}
/** Returns the error of a token without the right to read logs, with the lines of its policy. */
const denied = async ({ nomad, draft: { namespace } }) => nomad.denied({
	method: "GET",
	path: "/v1/client/fs/logs",
	namespace,
	capability: "read-logs"
}, "Permission denied");
const partOf = ({ group, task, alloc }) => [
	group && ` in the group ${group}`,
	task && ` named ${task}`,
	alloc && ` of the allocation ${alloc}`
].filter(Boolean).join("");
/** Returns the allocations of the options. */
function inScope(all, { group, alloc }) {
	return all.filter(({ ID, TaskGroup }) => (group === void 0 || TaskGroup === group) && (alloc === void 0 || ID.startsWith(alloc))).sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true }) || a.CreateIndex - b.CreateIndex);
}
/** Returns the allocations of the first look: those that run or are about to, or else those of the newest version. */
function firstOf(all, wish) {
	const scope = inScope(all, wish);
	if (wish.alloc !== void 0) return scope;
	const live = scope.filter(isLive);
	const newest = Math.max(...scope.map(({ JobVersion }) => JobVersion));
	return live.length > 0 ? live : scope.filter(({ JobVersion, NextAllocation }) => JobVersion === newest && !NextAllocation);
}
const isLive = ({ ClientStatus }) => /^(running|pending|unknown)$/.test(ClientStatus);
const hasStarted = ({ State, Events }) => State === "running" || (Events ?? []).some(({ Type }) => Type === "Started" || Type === "Terminated");
function startedTasks({ TaskStates }, { task }) {
	return Object.entries(TaskStates ?? {}).filter(([name, state]) => (task === void 0 || name === task) && hasStarted(state)).sort(([a], [b]) => a.localeCompare(b));
}
/** Returns whether a task may have lines of the time that `--since` names. Nomad has the times of files and of ends, and none of lines. */
async function isRecent({ allocation, task, state }, { inputs: { since }, nomad, namespace, runtime: { clock, signal } }) {
	if (since === void 0) return true;
	const ms = parseDuration(since);
	if (ms === void 0) throw new ActionError("input-invalid", `\`since\` is not a duration: ${since}`, { hint: "Write 90s, 10m or 1h30m." });
	const from = clock.now() - ms;
	if (state.State === "dead" && parseTime(state.FinishedAt ?? "") < from) return false;
	const changedAt = await nomad.allocations.logChangedAt(allocation.ID, task, namespace, signal);
	return changedAt === void 0 || changedAt >= from;
}
/** Takes in the allocations of the job: reads the logs of tasks that have started, and notes what has changed. */
async function look(followed, all) {
	const { following, older, readers, signal } = followed;
	const { inputs } = following;
	const first = followed.seen === void 0;
	const scope = inScope(all, inputs);
	if (inputs.alloc !== void 0 && scope.length === 0) {
		followed.end(new ActionError("input-invalid", `${followed.job.ID} has no allocation ${inputs.alloc}`, { hint: "`status` lists them." }));
		return;
	}
	if (first) {
		const chosen = new Set(firstOf(all, inputs).map(({ ID }) => ID));
		for (const { ID } of scope) if (!chosen.has(ID)) older.add(ID);
	}
	const shown = scope.filter(({ ID }) => !older.has(ID));
	const before = followed.seen;
	followed.seen = new Map(shown.map((allocation) => [allocation.ID, allocation]));
	for (const allocation of shown) {
		if (!first) noteChanges(followed, before?.get(allocation.ID), allocation);
		for (const [task, state] of startedTasks(allocation, inputs)) {
			if (signal.aborted) return;
			const key = `${allocation.ID}/${task}`;
			if (!readers.has(key)) readers.set(key, openReader(followed, {
				allocation,
				task,
				state
			}, first));
			if (state.State === "dead" || !isLive(allocation)) readers.get(key)?.over.abort(/* @__PURE__ */ new Error("the task has ended"));
		}
	}
	for (const [key, { over }] of readers) if (!followed.seen.has(key.slice(0, key.indexOf("/")))) over.abort(/* @__PURE__ */ new Error("the allocation is gone"));
	showWaiting(followed);
	leave(followed);
}
/** Says what is waited for, while no task has started. */
function showWaiting({ job, terminal, readers, seen, following: { inputs } }) {
	const running = [...readers.values()].some(({ over }) => !over.signal.aborted);
	const pending = [...seen?.values() ?? []].filter(({ ClientStatus }) => ClientStatus === "pending").map(({ ID }) => ID.slice(0, 8));
	const what = pending.length === 0 ? `for an allocation of ${job.ID}${partOf(inputs)}` : `for ${pending.join(", ")} to start`;
	terminal.show(running ? [] : [[["dim", `Waiting ${what}. Ctrl-C ends.`]]]);
}
/** Begins to read the logs of a task. Those of a new allocation are read from their start. */
function openReader(followed, from, first) {
	const { following, runtime, terminal, writer, signal, end } = followed;
	const { nomad, inputs, draft } = following;
	const { allocation, task } = from;
	const over = new AbortController();
	const read = async (stream, recent) => {
		const last = !first ? void 0 : recent ? inputs.logLines : 0;
		const tell = async (lines) => {
			followed.isLost = false;
			writer.lines({
				allocation,
				task,
				stream
			}, lines);
			await runtime.drained?.();
		};
		const onLost = () => {
			if (followed.isLost !== true) terminal.say("The connection to Nomad is lost; retrying.");
			followed.isLost = true;
		};
		const wish = {
			last,
			over: over.signal,
			onLost,
			tell
		};
		const unread = await nomad.allocations.readLog({
			id: allocation.ID,
			task,
			type: stream
		}, wish, draft.namespace, signal);
		if (unread === "denied") throw await denied(following);
		if (unread !== void 0 && stream === "stdout") writer.note({
			allocation,
			task
		}, LOGS_UNREAD[unread]);
	};
	const all = async () => {
		const recent = !first || await isRecent(from, {
			inputs,
			nomad,
			namespace: draft.namespace,
			runtime
		});
		await Promise.all(STREAMS.map(async (stream) => read(stream, recent)));
		const ended = first ? endOf(allocation, task) : void 0;
		if (ended !== void 0 && recent) writer.note({
			allocation,
			task
		}, ended);
	};
	const reader = {
		over,
		isDone: false,
		done: all().catch((error) => end(signal.aborted ? void 0 : error)).finally(() => {
			reader.isDone = true;
			leave(followed);
		})
	};
	return reader;
}
/** Writes the notes about an allocation, each behind the last lines of its task. */
function noteChanges({ notes, writer, readers, runtime: { clock }, signal }, before, now) {
	const found = notesOf(before, now);
	if (found.length === 0) return;
	const write = async () => {
		const late = clock.sleep(LAST_LINES_MS, signal).catch(() => void 0);
		for (const { task, text } of found) {
			const reader = readers.get(`${now.ID}/${task}`);
			if (task !== void 0) await Promise.race([late, ...reader === void 0 ? [] : [reader.done]]);
			if (reader?.over.signal.aborted === true) await reader.done;
			writer.note({
				allocation: now,
				task
			}, text);
		}
	};
	notes.set(now.ID, (notes.get(now.ID) ?? Promise.resolve()).then(write));
}
/** Takes in the state of the job, which ends the following when nothing of the job will run any more. */
function judge(followed, job) {
	const { ID } = followed.job;
	const over = job === void 0 ? `${ID} was removed from Nomad.` : job.Stop ? `${ID} is stopped.` : job.Status === "dead" ? `${ID} has ended.` : void 0;
	if (over === void 0) delete followed.over;
	else followed.over = over;
	leave(followed);
}
/** Ends the following when the job, or the named allocation, is over and all its logs are read. */
function leave({ over, following: { inputs }, seen, readers, end }) {
	const named = inputs.alloc === void 0 ? void 0 : [...seen?.values() ?? []];
	if (!(over !== void 0 || named !== void 0 && named.length > 0 && !named.some(isLive)) || seen === void 0 || [...seen.values()].some(isLive)) return;
	if ([...readers.values()].every(({ isDone }) => isDone)) end();
}
export { terminalLogs };
