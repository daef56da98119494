import { D as requireParts, L as shortId } from "./steps.js";
import { d as ActionError } from "./runtime.js";
import { P as requireTerminal } from "./start.js";
// src/nomad/exec.ts
/** Nomad closes an exec session that is silent for longer. Its own program sends a heartbeat at this interval. */
const HEARTBEAT_MS = 1e4;
/** Input is sent in pieces of this size, and waits while more than this is on its way: a slow task must not fill the memory. */
const PIECE_BYTES = 65536;
const MAX_WAITING_BYTES = 1048576;
/**
* Starts a command in a running task: https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation. Rejects with `unreachable` when there is no session.
*/
async function openExec({ socket, clock }, { allocationId, task, tty, command, namespace }, signal) {
	const query = {
		task,
		tty: String(tty),
		command: JSON.stringify(command)
	};
	return sessionOf(await socket({
		method: "GET",
		path: `/v1/client/allocation/${allocationId}/exec`,
		query,
		namespace,
		capability: "alloc-exec",
		signal
	}), clock, signal);
}
function sessionOf(socket, clock, signal) {
	const { promise: exitCode, resolve, reject } = Promise.withResolvers();
	exitCode.catch(() => void 0);
	const queue = [];
	let wake = () => void 0;
	let ended = false;
	const end = () => {
		ended = true;
		wake();
	};
	const over = new AbortController();
	const send = (message) => {
		if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
	};
	const beat = async () => {
		for (;;) {
			await clock.sleep(HEARTBEAT_MS, over.signal);
			send({});
		}
	};
	beat().catch(() => void 0);
	const take = (text) => {
		const { stdout, stderr, exited, result } = JSON.parse(text);
		if (stdout?.data) queue.push({
			stream: "stdout",
			bytes: Buffer.from(stdout.data, "base64")
		});
		if (stderr?.data) queue.push({
			stream: "stderr",
			bytes: Buffer.from(stderr.data, "base64")
		});
		if (exited === true) {
			resolve(result?.exit_code ?? 0);
			socket.close();
		}
		wake();
	};
	socket.addEventListener("message", ({ data }) => {
		try {
			take(String(data));
		} catch (cause) {
			reject(new ActionError("unreachable", "the exec session got a message that is not from Nomad", { cause }));
			socket.close();
		}
	});
	socket.addEventListener("close", ({ code, reason }) => {
		over.abort(/* @__PURE__ */ new Error("the session has ended"));
		reject(closeError(code, reason));
		end();
	});
	const close = () => socket.close();
	signal.addEventListener("abort", close, { once: true });
	return {
		send: async (bytes) => {
			for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
				send({ stdin: { data: Buffer.from(bytes.subarray(at, at + PIECE_BYTES)).toString("base64") } });
				while (socket.bufferedAmount > MAX_WAITING_BYTES && socket.readyState === socket.OPEN) await clock.sleep(1, over.signal);
			}
		},
		endInput: () => send({ stdin: { close: true } }),
		resize: ({ columns, rows }) => send({ tty_size: {
			height: rows,
			width: columns
		} }),
		output: { async *[Symbol.asyncIterator]() {
			for (;;) {
				const next = queue.shift();
				if (next !== void 0) yield next;
				else if (ended) return;
				else await new Promise((ready) => wake = ready);
			}
		} },
		exitCode,
		close
	};
}
/** Close codes of RFC 6455: 1008 for a refusal (Nomad: a status 4xx), 1011 for an error of the server. */
const REFUSED = 1008;
function closeError(code, reason) {
	if (code === REFUSED && /denied/i.test(reason)) return new ActionError("permission-denied", `Nomad refused the exec session: ${reason}`, { hint: "The token needs `alloc-exec`, and for drivers without isolation, such as raw_exec, `alloc-node-exec`: docs/authentication.md." });
	if (reason !== "") return new ActionError("nomad-refused", `Nomad ended the exec session: ${reason}`);
	return new ActionError("unreachable", `the connection of the exec session was closed (${code})`, { hint: "A proxy between this machine and Nomad must let web sockets through." });
}
// src/register/pick.ts
/**
* Returns the running task that a command is about: of the named allocation, else of the newest healthy one, else of the newest one that runs. Throws
* `input-invalid` for a name that does not exist, for an allocation that does not run, and where the task must be named.
*/
function pickTask(job, all, wish) {
	requireParts(job, wish);
	const named = all.filter(({ ID }) => wish.alloc === void 0 || ID.startsWith(wish.alloc));
	if (named.length === 0) throw bad(job, `no allocation ${wish.alloc}`, all);
	const fitting = named.filter(({ TaskGroup, TaskStates }) => (wish.group === void 0 || TaskGroup === wish.group) && (wish.task === void 0 || Object.hasOwn(TaskStates ?? {}, wish.task)));
	const [allocation] = fitting.filter(({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run").sort(byWorth);
	if (allocation === void 0) {
		const [first] = fitting;
		throw bad(job, wish.alloc === void 0 || first === void 0 ? "no running allocation" : `the allocation ${shortOf(first)}, which is ${first.ClientStatus}`, all);
	}
	return {
		allocation,
		task: taskOf(job, allocation, wish)
	};
}
/** Healthy ones first, then newer versions, then newer allocations. */
function byWorth(a, b) {
	const health = ({ DeploymentStatus }) => DeploymentStatus?.Healthy === false ? 0 : DeploymentStatus?.Healthy === true ? 2 : 1;
	return health(b) - health(a) || b.JobVersion - a.JobVersion || b.CreateIndex - a.CreateIndex;
}
/** Returns the named task, else the only main task that runs. */
function taskOf({ ID, TaskGroups }, { TaskGroup, TaskStates }, { task }) {
	const running = Object.entries(TaskStates ?? {}).flatMap(([name, { State }]) => State === "running" ? [name] : []);
	if (task !== void 0) {
		if (running.includes(task)) return task;
		throw new ActionError("input-invalid", `the task ${task} of ${ID} does not run`, { hint: running.length === 0 ? "`status` shows its state." : `These tasks run: ${running.join(", ")}.` });
	}
	const tasks = TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
	const main = running.filter((name) => tasks.every((one) => one.Name !== name || !one.Lifecycle));
	const leader = main.find((name) => tasks.some(({ Name, Leader }) => Name === name && Leader === true));
	const [only, ...others] = leader === void 0 ? main.length === 0 ? running : main : [leader];
	if (only === void 0) throw new ActionError("input-invalid", `no task of ${ID} runs`, { hint: "`status` shows its state." });
	if (others.length === 0) return only;
	throw new ActionError("input-invalid", `the group ${TaskGroup} of ${ID} has several tasks`, { hint: `Name one with --task: ${[only, ...others].sort().join(", ")}.` });
}
function bad({ ID }, what, all) {
	const running = all.filter(({ ClientStatus }) => ClientStatus === "running").map(({ ID: id, Name }) => `${id.slice(0, 8)} (${Name})`);
	return new ActionError("input-invalid", `${ID} has ${what}`, { hint: running.length === 0 ? "No allocation of the job runs: `status` shows why." : `These run: ${running.join(", ")}.` });
}
const shortOf = ({ ID, Name }) => `${ID.slice(0, 8)} (${Name})`;
// src/commands/ssh.ts
/** The exit code of a session that ended without one of the command, as for OpenSSH. */
const LOST = 255;
/** After the end of the task, the exit code of the command may still be on its way. */
const LAST_WORDS_MS = 500;
/** The shell of an image: bash where it is, else sh. */
const SHELL = [
	"/bin/sh",
	"-c",
	"if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi"
];
/** `ssh`: runs a shell or a program in a running task of a job, and ends with its exit code. */
async function ssh(job, following, current) {
	const { inputs, draft, nomad } = following;
	const { runtime } = current;
	const terminal = requireTerminal("ssh", runtime);
	const { namespace } = draft;
	const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
	const picked = pickTask(job, value, inputs);
	const { allocation, task } = picked;
	terminal.say(`${allocation.Name} (${shortId(allocation.ID)} on ${allocation.NodeName}), task ${task}`);
	const tty = terminal.isTty.stdin && terminal.isTty.stdout;
	const over = new AbortController();
	const signal = AbortSignal.any([runtime.signal, over.signal]);
	const command = inputs.program ?? SHELL;
	try {
		const session = await openExec(nomad, {
			allocationId: allocation.ID,
			task,
			tty,
			command,
			namespace
		}, signal);
		const watching = dead(picked, {
			following,
			jobId: job.ID,
			signal
		}, runtime);
		const code = await Promise.race([talk(session, terminal, {
			tty,
			signal
		}), watching]);
		terminal.exitWith(code);
		return { outcome: "reported" };
	} catch (thrown) {
		if (runtime.signal.aborted) throw thrown;
		terminal.exitWith(LOST);
		throw thrown;
	} finally {
		over.abort(/* @__PURE__ */ new Error("the session has ended"));
	}
}
/** Passes on input, size and output of a session. Returns the exit code of the command, or that of a session that the person has left. */
async function talk(session, terminal, { tty, signal }) {
	if (tty) {
		const size = terminal.size();
		if (size !== void 0) session.resize(size);
		terminal.onResize(session.resize, signal);
	}
	const left = sendInput(session, terminal, {
		tty,
		signal
	});
	const shown = (async () => {
		for await (const { stream, bytes } of session.output) await terminal.writeBytes(stream, bytes);
		return session.exitCode;
	})();
	return Promise.race([shown, left.then(async (byPerson) => byPerson ? LOST : shown)]);
}
/** Sends the standard input to its end. Returns true when the person has left the session by `~.`. */
async function sendInput(session, terminal, { tty, signal }) {
	const filter = escapeReader();
	for await (const bytes of terminal.read({
		raw: tty,
		signal
	})) {
		const { rest, leaves } = tty ? filter(bytes) : {
			rest: bytes,
			leaves: false
		};
		if (rest.length > 0) await session.send(rest);
		if (leaves) {
			session.close();
			return true;
		}
	}
	session.endInput();
	return false;
}
const [LF, CR, TILDE, DOT] = [
	10,
	13,
	126,
	46
];
/** Returns a function that finds `~.` at the beginning of a line, as OpenSSH does. A `~` waits for the next key. */
function escapeReader() {
	let state = "begin";
	return (bytes) => {
		const rest = [];
		for (const byte of bytes) if (state === "tilde") {
			if (byte === DOT) return {
				rest: Uint8Array.from(rest),
				leaves: true
			};
			rest.push(...byte === TILDE ? [TILDE] : [TILDE, byte]);
			state = byte === CR || byte === LF ? "begin" : "line";
		} else if (state === "begin" && byte === TILDE) state = "tilde";
		else {
			rest.push(byte);
			state = byte === CR || byte === LF ? "begin" : "line";
		}
		return {
			rest: Uint8Array.from(rest),
			leaves: false
		};
	};
}
/** Rejects when the task has ended, a moment later than the session could tell its exit code. */
async function dead({ allocation, task }, { following: { draft, nomad }, jobId, signal }, { clock }) {
	for (let index = 0;;) {
		const answer = await nomad.jobs.allocations(jobId, draft.namespace, index, signal);
		index = answer.index;
		const why = endOf(answer.value.find(({ ID }) => ID === allocation.ID), task);
		if (why === void 0) continue;
		await clock.sleep(LAST_WORDS_MS, signal);
		throw new ActionError("nomad-refused", `the session has ended, because ${why}`, { hint: "`status` shows the state of the job." });
	}
}
/** Returns why a task can have no session any more; undefined while it runs. */
function endOf(allocation, task) {
	if (allocation === void 0) return "Nomad has removed the allocation";
	const { ClientStatus, NodeName, TaskStates } = allocation;
	if (ClientStatus === "lost" || ClientStatus === "unknown") return `the node ${NodeName} is ${ClientStatus === "lost" ? "down" : "disconnected"}`;
	const state = TaskStates?.[task];
	const last = (state?.Events ?? []).at(-1);
	const told = last === void 0 ? "" : `: ${last.DisplayMessage || last.Type}`;
	if (state?.State === "dead") return `the task ${task} has ended${told}`;
	return ClientStatus === "running" ? void 0 : `the allocation is ${ClientStatus}${told}`;
}
export { ssh };
