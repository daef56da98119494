import { _ as ActionError } from "./runtime.js";
import { Er as fits, Fn as shortId, gr as blockingRead, yt as requireParts } from "./steps.js";
// src/nomad/exec.ts
/** Proxies close a connection that is silent for longer. Nomad's own program sends a heartbeat at this interval, too. */
const HEARTBEAT_MS = 1e4;
/** Input is sent in pieces of at most this size. */
const PIECE_BYTES = 98304;
/**
* Starts a command in a running task: https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation. Rejects with `unreachable` or `permission-denied`
* when there is no session.
*/
async function openExec(nomad, request, signal) {
	const { allocationId, task, driver, tty, size, command, namespace } = request;
	const call = {
		method: "GET",
		path: `/v1/client/allocation/${allocationId}/exec`,
		query: {
			task,
			tty: String(tty),
			command: JSON.stringify(command)
		},
		gives: "text",
		capability: "alloc-exec",
		needs: driver === "raw_exec" ? ["alloc-node-exec"] : [],
		namespace,
		signal
	};
	const socket = await nomad.socket(call);
	const over = new AbortController();
	const beat = async () => {
		for (;;) {
			await nomad.clock.sleep(HEARTBEAT_MS, over.signal);
			await socket.send("{}");
		}
	};
	beat().catch(() => void 0);
	let inputEnded = false;
	const endInput = async () => {
		if (inputEnded) return;
		inputEnded = true;
		await socket.send("{\"stdin\":{\"close\":true}}");
	};
	const close = () => {
		if (over.signal.aborted) return;
		over.abort(/* @__PURE__ */ new Error("the session has ended"));
		endInput();
		socket.close();
	};
	signal.addEventListener("abort", close, { once: true });
	async function* output() {
		try {
			for (;;) {
				const next = await socket.texts.next();
				if (next.done === true) throw await closeError(next.value, async (words) => nomad.denied(call, words));
				const { stdout, stderr, exited, result } = parsed(next.value);
				if (stdout?.data) yield {
					stream: "stdout",
					bytes: Buffer.from(stdout.data, "base64")
				};
				if (stderr?.data) yield {
					stream: "stderr",
					bytes: Buffer.from(stderr.data, "base64")
				};
				if (exited === true) return result?.exit_code ?? 0;
			}
		} finally {
			signal.removeEventListener("abort", close);
			close();
		}
	}
	const resize = ({ columns, rows }) => void socket.send(JSON.stringify({ tty_size: {
		height: rows,
		width: columns
	} }));
	if (size !== void 0) resize(size);
	return {
		send: async (bytes) => {
			if (inputEnded) return;
			for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
				const piece = bytes.subarray(at, at + PIECE_BYTES);
				const data = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString("base64");
				await socket.send(`{"stdin":{"data":"${data}"}}`);
			}
		},
		endInput,
		resize,
		output: output(),
		close
	};
}
/** Reads an allocation by a blocking query, which outlasts an outage; undefined when it was removed. */
async function watchAllocation({ send }, { id, namespace }, index, signal) {
	const answer = await send({
		...blockingRead(`/v1/allocation/${id}`, "object", {
			namespace,
			index,
			signal
		}),
		accept: [404]
	});
	return {
		value: answer.status === 200 ? answer.json : void 0,
		index: answer.index
	};
}
const MESSAGE = {
	"stdout?": { "data?": "text" },
	"stderr?": { "data?": "text" },
	"exited?": "boolean",
	"result?": { "exit_code?": "number" }
};
function parsed(text) {
	const strange = (cause) => new ActionError("unreachable", "the exec session got a message that is not from Nomad", { cause });
	let message;
	try {
		message = JSON.parse(text);
	} catch (cause) {
		throw strange(cause);
	}
	if (!fits(message, MESSAGE)) throw strange();
	return message;
}
/** Returns the error of a session that ended without an exit code, from Nomad's reason of the end. */
async function closeError({ code, reason }, denied) {
	const words = reason.replace(/^((rpc error|code = \w+ desc =):? )+/, "").trim();
	if (/^Permission denied$/i.test(words) || /ACL token/.test(words)) return denied(words);
	if (words !== "") return new ActionError("nomad-refused", `Nomad ended the exec session: ${words}`);
	return new ActionError("unreachable", `the connection of the exec session was closed (${code})`, { hint: "`status` shows the state of the job. A proxy in front of Nomad must let web sockets live." });
}
// src/register/pick.ts
/**
* Returns the running task that a command is about: of the named allocation, else of the newest healthy one, else of the newest one that runs. Throws
* `input-invalid` for a name that does not exist, for an allocation that does not run, and where the task must be named.
*/
function pickTask(job, all, wish) {
	requireParts(job, wish);
	const named = all.filter(({ ID }) => wish.alloc === void 0 || ID.startsWith(wish.alloc));
	if (named.length === 0) throw bad(job, wish.alloc === void 0 ? "no running allocation" : `no allocation ${wish.alloc}`, all);
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
/**
* Returns the task whose files a command is about: a running one where there is one, else that of the newest allocation that has ended, whose node keeps the files for
* a while. Throws the errors of `pickTask`.
*/
function pickFiles(job, all, wish) {
	const ended = all.filter(({ ID, TaskGroup, TaskStates }) => {
		const states = TaskStates ?? {};
		return ID.startsWith(wish.alloc ?? "") && TaskGroup === (wish.group ?? TaskGroup) && (wish.task === void 0 || Object.hasOwn(states, wish.task));
	}).sort((a, b) => b.CreateIndex - a.CreateIndex);
	const [newest] = ended;
	if (ended.some(({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run") || newest === void 0) return {
		...pickTask(job, all, wish),
		runs: true
	};
	const tasks = Object.keys(newest.TaskStates ?? {});
	const specs = job.TaskGroups?.find(({ Name }) => Name === newest.TaskGroup)?.Tasks ?? [];
	const main = tasks.filter((name) => specs.every((one) => one.Name !== name || !one.Lifecycle));
	const [task, ...others] = wish.task === void 0 ? main.length === 0 ? tasks : main : [wish.task];
	if (task === void 0) throw bad(job, `no files of ${shortOf(newest)}, which never started`, all);
	if (others.length === 0) return {
		allocation: newest,
		task,
		runs: false
	};
	throw new ActionError("input-invalid", `the group ${newest.TaskGroup} of ${job.ID} has several tasks`, { hint: `Name one with --task: ${[task, ...others].sort().join(", ")}.` });
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
function bad({ ID, Periodic, ParameterizedJob }, what, all) {
	const running = all.filter(({ ClientStatus }) => ClientStatus === "running").map(({ ID: id, Name }) => `${id.slice(0, 8)} (${Name})`);
	return new ActionError("input-invalid", `${ID} has ${what}`, { hint: running.length > 0 ? `These run: ${running.join(", ")}.` : Periodic || ParameterizedJob ? `Each run of ${ID} is a job of its own, which \`nomad job status ${ID}\` lists. Name it with \`job-name\`.` : "No allocation of the job runs: `status` shows why." });
}
const shortOf = ({ ID, Name }) => `${ID.slice(0, 8)} (${Name})`;
// src/inside/scripts.ts
/** Sets p to the place of a path in the task: tasks without isolation of files have the folders of an allocation elsewhere. */
const PLACE = `place() {
case $1 in
/local|/local/*) p=\${NOMAD_TASK_DIR:-/local}\${1#/local};;
/alloc|/alloc/*) p=\${NOMAD_ALLOC_DIR:-/alloc}\${1#/alloc};;
/secrets|/secrets/*) p=\${NOMAD_SECRETS_DIR:-/secrets}\${1#/secrets};;
/*) p=$1;;
*) p=$PWD/$1;;
esac
}
`;
/** Prints the SHA-256 of the files below the folder that it is in, one a line; "none" where the task has no program for it. */
const SUMS = `sums() {
if command -v sha256sum >/dev/null 2>&1; then find . -type f -exec sha256sum {} +
elif command -v busybox >/dev/null 2>&1 && busybox sha256sum </dev/null >/dev/null 2>&1; then find . -type f -exec busybox sha256sum {} +
elif command -v openssl >/dev/null 2>&1; then find . -type f -exec openssl dgst -sha256 -r {} +
else echo none
fi
}
`;
const script$1 = (text) => `${PLACE}${SUMS}${text}`;
/** The exit codes of the scripts, and their meaning about a path. */
const CODES = {
	11: (path) => `the task has no folder for ${path}`,
	12: (path) => `the task may not write beside ${path}`,
	13: (path) => `${path} is a folder`,
	14: (path) => `${path} is a file, and no folder`,
	15: (path) => `the task has no ${path}`,
	16: (path) => `the task may not read ${path}`
};
/** Arguments: the destination, the name of the source, and `file` or `folder`. Prints the path to write, the folder for temporary files, and the programs of the task. */
const LOOK_IN = script$1(`place "$1"
case $p in */) [ -d "$p" ] || exit 11;; esac
if [ -d "$p" ]; then p=\${p%/}/$2; fi
d=\${p%/*}; d=\${d:-/}
[ -d "$d" ] || exit 11
[ -w "$d" ] || exit 12
if [ "$3" = file ] && [ -d "$p" ]; then exit 13; fi
if [ "$3" = folder ] && [ -e "$p" ] && [ ! -d "$p" ]; then exit 14; fi
has=
for name in tar cat base64; do if command -v $name >/dev/null 2>&1; then has="$has $name"; fi; done
printf '%s\\0%s\\0%s' "$p" "$d" "$has"`);
/** Arguments: the folder of the copy, which is made, a file in it, and its mode. Each of the first two is in the folder of the other. */
const WRITERS = {
	cat: "umask 077; mkdir -p \"$1/$2\" && rmdir \"$1/$2\" && cat > \"$1/$2\" && chmod \"$3\" \"$1/$2\"",
	base64: "umask 077; mkdir -p \"$1/$2\" && rmdir \"$1/$2\" && base64 -d > \"$1/$2\" && chmod \"$3\" \"$1/$2\""
};
/** Arguments: the folder of the copy, a folder in it, and its mode. */
const MAKE_INNER = "umask 077; mkdir -p \"$1/$2\" && chmod \"$3\" \"$1/$2\"";
/** Argument: the folder of the copy, which is made. Owners are those of the task's user, whom the archive does not know. */
const UNPACK = "umask 077; mkdir \"$1\" && tar -xpof - -C \"$1\"";
/** Argument: the folder of the copy. */
const PRINT_SUMS = script$1("cd \"$1\" && sums");
/** Argument: the folder. Prints an archive of it, whose names begin with `./`. */
const PACK_FOLDER = "tar -cf - -C \"$1\" .";
/** Arguments: the folder, the name in it, and the destination. A folder that exists keeps its other files, and each file is replaced at once. */
const COMMIT = `set -e
if [ -d "$1/$2" ] && [ -d "$3" ]; then
cd "$1/$2"
find . -type d -exec sh -c 'for f; do [ -d "$0/$f" ] || mkdir "$0/$f"; done' "$3" {} +
find . ! -type d -exec sh -c 'for f; do [ ! -d "$0/$f" ] || { echo "$0/$f is a folder" >&2; exit 1; }; mv -f "$f" "$0/$f" || exit 1; done' "$3" {} +
else
[ ! -d "$3" ] || exit 13
mv -f "$1/$2" "$3"
fi`;
/** Argument: the folder. */
const REMOVE = "rm -rf \"$1\"";
/** Argument: the source. Prints its kind, its folder, its name, whether the task has tar, and the mode of a file where the task can tell it. */
const LOOK_OUT = script$1(`place "$1"
case $p in /) ;; */) p=\${p%/};; esac
[ -e "$p" ] || [ -L "$p" ] || exit 15
[ -r "$p" ] || exit 16
has=
if command -v tar >/dev/null 2>&1; then has=tar; fi
d=\${p%/*}; d=\${d:-/}
if [ -d "$p" ]; then printf 'folder\\0%s\\0%s\\0%s' "$d" "\${p##*/}" "$has"
else printf 'file\\0%s\\0%s\\0%s\\0%s' "$d" "\${p##*/}" "$has" "$(stat -L -c %a "$p" 2>/dev/null)"; fi`);
/** Arguments: the folder of a file, and its name. Prints an archive, in which the target of a link is in the place of the link. */
const PACK_FILE = "tar -chf - -C \"$1\" -- \"$2\"";
const PRINT_FILE = "cat -- \"$1/$2\"";
/** Argument: the source. Prints the sums of all files below it, or that of the file. */
const SUMS_OF = script$1(`place "$1"
if [ -d "$p" ]; then cd "$p" && sums
else
if command -v sha256sum >/dev/null 2>&1; then sha256sum < "$p"
elif command -v busybox >/dev/null 2>&1 && busybox sha256sum </dev/null >/dev/null 2>&1; then busybox sha256sum < "$p"
elif command -v openssl >/dev/null 2>&1; then echo "$(openssl dgst -sha256 < "$p" | sed 's/.* //')  -"
else echo none
fi
fi`);
/** Returns the command that runs a script with arguments. */
function shell(text, ...args) {
	return [
		"/bin/sh",
		"-c",
		text,
		"sh",
		...args
	];
}
/** Returns the error of a script that ended with a code other than 0. */
function scriptError({ code, stderr, stdout }, path) {
	const known = CODES[code]?.(path);
	if (known !== void 0) return new ActionError("input-invalid", known);
	const told = (stderr || stdout.toString("utf8", 0, 500)).trim().split("\n").at(-1) ?? "";
	if (/\/bin\/sh.{0,200}no such file/.test(told)) return noShell();
	return new ActionError("nomad-refused", `the task could not copy ${path}${told === "" ? `: exit code ${code}` : `: ${told}`}`);
}
/** Returns the error of a task without a shell. */
function noShell(cause) {
	return new ActionError("input-invalid", "the image of the task has no /bin/sh", {
		hint: "Name a program that the image has: `nomad-deploy ssh -- /app/server --version`. Files of /alloc and /local can be copied out without a shell.",
		cause
	});
}
/** Reads lines of sums. Returns them by the paths of the files, without `./`; undefined where the task has no program for them. */
function parseSums(text) {
	if (text.trim() === "none") return void 0;
	const lines = text.split("\n").flatMap((line) => {
		const [, escaped = "", sum = "", name = ""] = /^(\\?)([0-9a-f]{64}) [ *](.*)$/.exec(line) ?? [];
		const plain = escaped === "" ? name : name.replaceAll(/\\([\\nr])/g, (_all, letter) => ({
			n: "\n",
			r: "\r"
		})[letter] ?? "\\");
		return sum === "" ? [] : [[plain.replace(/^\.\//, ""), sum]];
	});
	return new Map(lines);
}
// src/inside/whole.ts
/** The drivers that wait for the output by themselves: they share one executor. It also waits for the end of an input that is no terminal. */
const WAITING = [
	"raw_exec",
	"exec",
	"java"
];
/** Returns whether the sessions of a driver lose the end of the output. */
function losesOutput(driver) {
	return driver === void 0 || !WAITING.includes(driver);
}
/** Returns whether a session needs marks: its driver loses the end of the output, or tells the exit code only when the input has ended. */
function needsMarks(driver, { tty, noInput }) {
	return losesOutput(driver) || !tty && !noInput;
}
/** The longest wait of the shell for the word to begin, in seconds. */
const READY_S = 10;
/**
* Arguments: the mark, and the program with its arguments. The shell outlives Ctrl-C, which goes to the program. It ends by itself, because Nomad does not tell a
* program in Docker that its session is gone.
*/
const script = ({ noInput, lingerS, loses }) => `m=$1; shift; trap : INT QUIT
guard() { (trap 'kill $s; exit' TERM; sleep $1 & s=$!; wait $s && kill -9 $$) </dev/null >/dev/null 2>&1 & k=$!; }
guard ${READY_S}
printf '\\0%s?\\0' "$m"
read -r w; kill $k 2>/dev/null; [ "$w" = "$m" ] || exit 125
printf '\\0%s<%s\\0' "$m" "$$"
"$@"${noInput ? " </dev/null" : ""}
c=$?
printf '\\0%s>%s\\0' "$m" "$c"
[ -t 2 ] || printf '\\0%s>%s\\0' "$m" "$c" >&2
guard ${lingerS}
while read -r w; do if [ "$w" = "$m" ]; then kill $k 2>/dev/null; exit $c; fi; done
${loses ? "wait $k" : "kill $k 2>/dev/null"}; exit $c`;
/** Returns the command that runs another one and marks the end of its output. */
function wrapped(command, mark, form) {
	return [
		"/bin/sh",
		"-c",
		script(form),
		"sh",
		mark,
		...command
	];
}
/** The texts of drivers about a program that does not exist. */
const NO_PROGRAM = /no such file or directory|not found|executable file/i;
/** The exit codes of a program that cannot be started. */
const NOT_STARTED = [126, 127];
/** Returns whether an error says that a program does not exist. */
function isNoProgram(error) {
	return error instanceof ActionError && error.code === "nomad-refused" && NO_PROGRAM.test(error.message);
}
/**
* Returns a session without the marks, as soon as its program has begun; `no-shell` where the image has none, and `not-begun` where the session ended before, so that
* the program has not been started.
*/
async function unwrapped(session, begun) {
	const ready = Buffer.from(`\0${begun.mark}?\0`);
	const begin = Buffer.from(`\0${begun.mark}<`);
	let before = Buffer.alloc(0);
	let told = false;
	const stderr = [];
	for (;;) {
		const next = await session.output.next().catch((error) => {
			if (isNoProgram(error)) return void 0;
			throw error;
		});
		if (next === void 0 || next.done === true && NOT_STARTED.includes(next.value)) return "no-shell";
		if (next.done === true) return "not-begun";
		if (next.value.stream === "stderr") stderr.push(next.value);
		else before = Buffer.concat([before, next.value.bytes]);
		if (!told && before.includes(ready)) {
			told = true;
			await session.send(Buffer.from(`${begun.mark}\n`));
		}
		const at = before.indexOf(begin);
		const end = at === -1 ? -1 : before.indexOf(0, at + begin.length);
		if (end === -1) continue;
		const pid = Number(before.toString("latin1", at + begin.length, end));
		return unmarked(session, {
			...begun,
			pid,
			first: [...stderr, {
				stream: "stdout",
				bytes: before.subarray(end + 1)
			}]
		});
	}
}
const nothing = async () => void 0;
/** Returns a session whose output ends at the marks, with the exit code that they tell. */
function unmarked(session, { mark, tty, noInput, first, hangUp, pid, later }) {
	const filters = {
		stdout: endFilter(mark),
		stderr: endFilter(mark)
	};
	const codes = tty ? { stderr: 0 } : {};
	let over = false;
	const waiting = [...first];
	const close = () => {
		if (over) return;
		over = true;
		hangUp(pid);
		session.close();
	};
	/** Sends the word that the marks have arrived, in a line of its own, and waits for the end of the shell: Nomad counts a session until then. */
	const dismiss = async () => {
		await session.send(Buffer.from(`\n${mark}\n`));
		await session.endInput();
		await session.output.next();
	};
	async function* output() {
		try {
			for (;;) {
				const next = waiting.length > 0 ? {
					done: false,
					value: waiting.shift()
				} : await session.output.next();
				if (next.done === true) {
					over = true;
					return endOf$1(next.value, codes.stdout, tty);
				}
				if (next.value === void 0) continue;
				const { stream, bytes } = next.value;
				const { rest, code } = filters[stream](bytes);
				if (rest.length > 0) yield {
					stream,
					bytes: rest
				};
				if (code !== void 0) codes[stream] = code;
				if (codes.stdout === void 0 || codes.stderr === void 0) continue;
				over = true;
				later(dismiss().finally(session.close));
				return codes.stdout;
			}
		} finally {
			close();
		}
	}
	return {
		...session,
		...noInput ? {
			send: nothing,
			endInput: nothing
		} : {},
		output: output(),
		close
	};
}
/** Returns the exit code of a session that ended by itself. Throws `nomad-refused` where the end of the output is missing. */
function endOf$1(code, marked, tty) {
	if (marked !== void 0 || tty || code > 128) return marked ?? code;
	throw new ActionError("nomad-refused", "the end of the output is lost: the driver of the task ended the session before it had arrived", { hint: "Run the command again." });
}
/** Returns a function that takes the mark off the end of a stream, and tells the exit code in it. A part of the mark waits for the rest. */
function endFilter(mark) {
	const begin = Buffer.from(`\0${mark}>`);
	let held = Buffer.alloc(0);
	return (bytes) => {
		const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
		held = Buffer.alloc(0);
		const at = all.indexOf(begin);
		if (at !== -1) {
			const end = all.indexOf(0, at + begin.length);
			if (end === -1) held = all.subarray(at);
			return {
				rest: all.subarray(0, at),
				code: end === -1 ? void 0 : Number(all.toString("latin1", at + begin.length, end))
			};
		}
		const zero = all.lastIndexOf(0);
		const isPart = zero !== -1 && all.length - zero < begin.length && begin.subarray(0, all.length - zero).equals(all.subarray(zero));
		if (isPart) held = all.subarray(zero);
		return {
			rest: isPart ? all.subarray(0, zero) : all,
			code: void 0
		};
	};
}
// src/inside/task.ts
/** The shell of a task. */
const SHELL = "/bin/sh";
/** A slow line has some megabytes of output on their way. */
const LINGER_S = 30;
/** The answer to a file is short. */
const SHORT_S = 2;
/** The tries of a session that ends before its program has begun. */
const TRIES = 10;
/** The time limit of what is left to do behind the end of a session. */
const SETTLE_MS = 2e3;
/** Picks a running task of a job, as the inputs wish. Throws `input-invalid` where there is none. */
async function enterTask(job, { inputs, nomad, draft }, runtime) {
	const { namespace } = draft;
	const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
	return insideOf(job, pickTask(job, value, inputs), {
		nomad,
		namespace
	}, runtime);
}
/** Returns the way into a task of an allocation. */
function insideOf(job, { allocation, task }, { nomad, namespace }, runtime) {
	const driver = driverOf(job, allocation, task);
	let hasShell = true;
	const start = async (command, { tty = false, size, noInput = false, lingerS = LINGER_S, signal = runtime.signal } = {}) => {
		const request = {
			allocationId: allocation.ID,
			task,
			driver,
			tty,
			size,
			namespace
		};
		const marks = needsMarks(driver, {
			tty,
			noInput
		});
		const form = {
			noInput,
			lingerS,
			loses: losesOutput(driver)
		};
		for (let tries = 0; marks && hasShell && tries < TRIES; tries++) {
			const mark = `nomad-deploy-${numberText(nomad.clock.random())}`;
			const whole = await unwrapped(await openExec(nomad, {
				...request,
				command: wrapped(command, mark, form)
			}, signal), {
				mark,
				tty,
				noInput,
				hangUp,
				later
			});
			if (typeof whole === "object") return whole;
			if (whole === "not-begun") continue;
			if (command[0] === SHELL) throw noShell();
			hasShell = false;
		}
		if (marks && hasShell) throw new ActionError("nomad-refused", `Nomad ended ${TRIES} exec sessions before the program had begun`, { hint: "Run the command again." });
		const session = await openExec(nomad, {
			...request,
			command
		}, signal);
		if (noInput) await session.endInput();
		return session;
	};
	const unfinished = /* @__PURE__ */ new Set();
	const later = (work) => {
		const limit = nomad.clock.sleep(SETTLE_MS, runtime.signal).catch(() => void 0);
		const bounded = Promise.race([work, limit]).catch(() => void 0);
		unfinished.add(bounded);
		bounded.finally(() => unfinished.delete(bounded));
	};
	const hangUp = (pid) => {
		const command = [
			SHELL,
			"-c",
			`kill -HUP -${pid} || kill -HUP ${pid}`
		];
		const told = openExec(nomad, {
			allocationId: allocation.ID,
			task,
			driver,
			tty: false,
			namespace,
			command
		}, nomad.clock.timeout(SETTLE_MS)).then(async ({ output }) => output.next()).catch(() => void 0);
		unfinished.add(told);
		told.finally(() => unfinished.delete(told));
	};
	return {
		allocation,
		task,
		driver,
		namespace,
		nomad,
		start,
		settle: async () => void await Promise.all(unfinished)
	};
}
/** Returns a number below 1 as eight hexadecimal digits. */
function numberText(chance) {
	return Math.floor(chance * 2 ** 32).toString(16).padStart(8, "0");
}
function driverOf({ TaskGroups }, { TaskGroup }, task) {
	return TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks?.find(({ Name }) => Name === task)?.Driver;
}
/** Returns a task in words, for the person at the terminal. */
function taskText({ allocation: { ID, Name, NodeName }, task }) {
	return `${Name} (${shortId(ID)} on ${NodeName}), task ${task}`;
}
/** The most output that is kept of a program. */
const MAX_OUTPUT_BYTES = 16777216;
/** Runs a program in a task to its end. `input` is its standard input. */
async function runInside({ start }, command, { input, signal } = {}) {
	const session = await start(command, {
		noInput: input === void 0,
		lingerS: input === void 0 ? LINGER_S : SHORT_S,
		...signal === void 0 ? {} : { signal }
	});
	const kept = {
		stdout: [],
		stderr: []
	};
	let bytes = 0;
	let over = false;
	const sending = (async () => {
		if (input === void 0) return;
		for await (const piece of input) {
			if (over) return;
			await session.send(piece);
		}
		await session.endInput();
	})();
	sending.catch(() => session.close());
	try {
		for (;;) {
			const next = await session.output.next();
			if (next.done === true) {
				const [stdout, stderr] = [Buffer.concat(kept.stdout), Buffer.concat(kept.stderr).toString("utf8").trim()];
				return {
					code: next.value,
					stdout,
					stderr
				};
			}
			bytes += next.value.bytes.length;
			if (bytes <= MAX_OUTPUT_BYTES) kept[next.value.stream].push(next.value.bytes);
		}
	} catch (error) {
		await Promise.race([sending, Promise.resolve()]);
		throw error;
	} finally {
		over = true;
		session.close();
	}
}
/** The most text of a program that is kept for a message. */
const MAX_TOLD_BYTES = 65536;
/** Gives what a program in a task writes to its standard output. Throws the error that `failed` makes of an exit code other than 0. */
async function* outputInside({ start }, command, { signal, failed }) {
	const session = await start(command, {
		noInput: true,
		signal
	});
	let stderr = "";
	try {
		for (;;) {
			const next = await session.output.next();
			if (next.done === true) {
				if (next.value !== 0) throw failed({
					code: next.value,
					stdout: Buffer.alloc(0),
					stderr: stderr.trim()
				});
				return;
			}
			const { stream, bytes } = next.value;
			if (stream === "stdout") yield bytes;
			else if (stderr.length < MAX_TOLD_BYTES) stderr += bytes.toString("utf8");
		}
	} finally {
		session.close();
	}
}
// src/inside/ending.ts
/** After the end of a task, its last output may still be on its way. */
const LAST_OUTPUT_MS = 200;
/** A session that is shorter is not watched: Nomad counts a blocking query as a connection for 45 seconds, also when its program has ended, and takes 100 of them. */
const SHORT_MS = 300;
/**
* The times in which Nomad learns that a task has ended. Its clients report every 200 ms, but the end of one of several tasks only every second, which an exit code is
* not kept back for.
*/
const REPORT_MS = {
	code: 1e3,
	error: 1300
};
/** Does as `watchEnd`, from a moment after the begin of a session on. */
async function watchLate(inside, runtime, signal) {
	await runtime.clock.sleep(SHORT_MS, signal);
	return watchEnd(inside, runtime, signal);
}
/** Rejects with `nomad-refused` and the reason when a task ends or restarts, or its node is lost. */
async function watchEnd({ allocation, task, namespace, nomad }, { clock }, signal) {
	const restarts = allocation.TaskStates?.[task]?.Restarts ?? 0;
	for (let index = 0;;) {
		const answer = await watchAllocation(nomad, {
			id: allocation.ID,
			namespace
		}, index, signal);
		index = answer.index;
		const why = endOf(answer.value, task, restarts);
		if (why === void 0) continue;
		await clock.sleep(LAST_OUTPUT_MS, signal);
		throw new ActionError("nomad-refused", `the session has ended, because ${why}`, { hint: "`status` shows the state of the job." });
	}
}
/** The events of the next run of a task. */
const NEXT_RUN = /^(Restarting|Received|Task Setup|Started)$/;
/** Returns the event that says why the last run of a task has ended: the order to restart it, else the last event of that run. */
function reasonOf(events) {
	const end = events.findLastIndex(({ Type }) => !NEXT_RUN.test(Type)) + 1;
	const begin = events.slice(0, end).findLastIndex(({ Type }) => Type === "Started") + 1;
	const run = events.slice(begin, end);
	return run.find(({ Type }) => Type === "Restart Signaled") ?? run.at(-1);
}
/** Returns why a task that had a number of restarts can have no session any more; undefined while it runs. */
function endOf(allocation, task, restarts) {
	if (allocation === void 0) return "Nomad has removed the allocation";
	const { ClientStatus, NodeName, TaskStates } = allocation;
	if (ClientStatus === "lost") return `the node ${NodeName} is down`;
	if (ClientStatus === "unknown") return `the node ${NodeName} is disconnected`;
	const state = TaskStates?.[task];
	const reason = reasonOf(state?.Events ?? []);
	const told = reason === void 0 ? "" : `: ${reason.DisplayMessage || reason.Type}`;
	if (state?.State === "dead") return `the task ${task} has ended${told}`;
	if (state !== void 0 && (state.State !== "running" || state.Restarts > restarts)) return `the task ${task} restarts${told}`;
	return ClientStatus === "running" ? void 0 : `the allocation is ${ClientStatus}${told}`;
}
export { noShell as C, pickFiles as D, shell as E, pickTask as O, WRITERS as S, scriptError as T, PRINT_FILE as _, insideOf as a, SUMS_OF as b, runInside as c, COMMIT as d, LOOK_IN as f, PACK_FOLDER as g, PACK_FILE as h, enterTask as i, taskText as l, MAKE_INNER as m, watchEnd as n, numberText as o, LOOK_OUT as p, watchLate as r, outputInside as s, REPORT_MS as t, isNoProgram as u, PRINT_SUMS as v, parseSums as w, UNPACK as x, REMOVE as y };
