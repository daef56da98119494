import { i as MARK } from "./runtime.js";
import { t as findProgram } from "./program.js";
import { access } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { PassThrough } from "node:stream";
import { ChildProcess } from "node:child_process";
// src/runtime/exec.ts
/**
* What of the runner's environment a child process gets: enough to find programs, the Docker engine and a proxy. Tokens and
* `NOMAD_SECRET_*` are not on the list, so that no build can read them.
*/
const PASSED_ON = /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|DOCKER_(HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION)|BUILDX_.+|BUILDKIT_.+|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|https?_proxy|no_proxy|all_proxy|SystemRoot|ProgramData|ProgramFiles|USERPROFILE|LOCALAPPDATA|APPDATA|PATHEXT|COMSPEC)$/i;
/** The characters of each stream that are kept, the first and the last half: more than the largest job or image index. */
const MAX_CHARACTERS = 33554432;
/** A longer line is handed over in pieces. */
const MAX_LINE = 65536;
/** After SIGTERM, a program has this time before SIGKILL: the runner kills a cancelled step after 10 s, and the run has to report before that. */
const KILL_AFTER_MS = 5e3;
/** After the exit of a program, its output is read for this time at most: a grandchild can hold the pipes for longer. */
const PIPES_MS = 1e3;
/** Runs a program and waits for its end. Gives exit code 127 for a program that does not exist, as a shell would. Throws the reason of an abort. */
async function execute(argv, options, { environment, signal, onLine, mark }) {
	signal.throwIfAborted();
	const passed = Object.entries(environment).flatMap(([name, value]) => value !== void 0 && PASSED_ON.test(name) ? [[name, value]] : []);
	const marked = mark === void 0 ? {} : { [MARK]: mark };
	const surroundings = {
		cwd: options.cwd,
		env: {
			...Object.fromEntries(passed),
			...options.env,
			...marked
		}
	};
	const all = keeper(MAX_CHARACTERS, (line) => line.length + 1);
	const take = (line) => {
		all.add(line);
		if (options.stream === true) onLine(line);
	};
	const [stdout, stderr] = [collector(take), collector(take)];
	const end = () => {
		const unheard = {
			stdin: "",
			onStdout: () => void 0,
			onStderr: () => void 0,
			onStart: void 0,
			signal: new AbortController().signal
		};
		if (options.onAbort !== void 0) start(options.onAbort, surroundings, unheard).catch(() => void 0);
	};
	signal.addEventListener("abort", end, { once: true });
	try {
		const code = await start(argv, surroundings, {
			stdin: options.stdin ?? "",
			onStdout: stdout.add,
			onStderr: stderr.add,
			onStart: options.onStart,
			signal
		});
		const texts = {
			stdout: stdout.end(),
			stderr: stderr.end(),
			lines: all.kept("…")
		};
		signal.throwIfAborted();
		return code === void 0 ? {
			code: 127,
			...texts,
			notStarted: true
		} : {
			code,
			...texts
		};
	} catch (error) {
		throw signal.aborted ? signal.reason : error;
	} finally {
		signal.removeEventListener("abort", end);
	}
}
/** Returns the exit code of a program, 1 when a signal ended it, undefined when it does not exist. Throws the system's error when it does not start. */
async function start([program, ...args], { cwd, env }, streams) {
	if ([...args, ...Object.entries(env).flat()].some((text) => text.includes("\0"))) throw new TypeError(`${program}: an argument or a variable has a null byte`);
	await access(cwd);
	const { PATH, Path } = env;
	const path = await findProgram(program, cwd, PATH ?? Path);
	if (path === void 0) return void 0;
	const { exec } = await import("./actions-exec2.js");
	const child = claimant(streams);
	const options = {
		cwd,
		env,
		input: Buffer.from(streams.stdin),
		silent: true,
		ignoreReturnCode: true,
		delay: PIPES_MS,
		listeners: {
			stdout: emptying(streams.onStdout),
			stderr: emptying(streams.onStderr)
		}
	};
	const run = async (file, argv) => claims.run(child.claim, async () => exec(asLine(file), argv, options));
	try {
		await run(path, args).catch(async (error) => {
			if (child.isThere()) throw error;
			return run("/usr/bin/env", [path, ...args]);
		});
		return child.code();
	} catch (error) {
		const problem = child.problem();
		if (problem?.code === "ENOENT") return void 0;
		throw problem ?? error;
	} finally {
		child.release();
	}
}
/** Returns the command line that @actions/exec parses to this one program. A blank ends it, because the package trims the last word. */
function asLine(program) {
	return `${program.replace(/[ "]/g, (character) => character === " " ? "\" \"" : "\"\\\"\"")} `;
}
/** Leaves only a line end of each chunk: @actions/exec keeps text without a line end and searches it again with each chunk, in quadratic time. */
function emptying(take) {
	return (chunk) => {
		take(chunk);
		chunk.fill(0).fill("\n", chunk.length - 1);
	};
}
/** Hands the ChildProcess that @actions/exec starts to its call. Every subscriber hears of every child, so the context tells the calls apart. */
const claims = new AsyncLocalStorage();
subscribe("child_process", (message) => {
	if (typeof message !== "object" || message === null || !("process" in message)) return;
	if (message.process instanceof ChildProcess) claims.getStore()?.(message.process);
});
/** Claims one child. Ends it when `signal` aborts: by SIGTERM, so that buildx can tell BuildKit to stop, and by SIGKILL after KILL_AFTER_MS. */
function claimant({ signal, onStart }) {
	let child;
	let problem;
	let killing;
	const stop = () => {
		child?.kill("SIGTERM");
		killing = setTimeout(() => child?.kill("SIGKILL"), KILL_AFTER_MS);
	};
	signal.addEventListener("abort", stop, { once: true });
	return {
		claim: (started) => {
			if (child !== void 0) return;
			child = started;
			child.on("error", (error) => {
				problem = error;
			});
			guard(child, signal);
			if (onStart !== void 0) child.once("spawn", onStart);
		},
		isThere: () => child !== void 0,
		code: () => child?.exitCode ?? 1,
		problem: () => problem,
		release: () => {
			signal.removeEventListener("abort", stop);
			clearTimeout(killing);
			for (const stream of [
				child?.stdin,
				child?.stdout,
				child?.stderr
			]) stream?.destroy();
			child?.unref();
		}
	};
}
/**
* Turns a failed start into an error event. When Node throws instead (arguments too long, no memory) or makes no pipes (too many open files), the promise
* of @actions/exec stays open and a rejection inside of it ends this process. Ignores errors of stdin: the program need not read it, and its exit code
* says more than EPIPE.
*/
function guard(child, signal) {
	const spawn = Reflect.get(child, "spawn");
	const guarded = (options) => {
		try {
			if (signal.aborted) throw new Error("cancelled before its start");
			if (typeof spawn === "function") Reflect.apply(spawn, child, [options]);
		} catch (error) {
			process.nextTick(() => child.emit("error", error));
		}
		child.stdin ??= new PassThrough();
		child.stdin.on("error", () => void 0);
	};
	Object.defineProperty(child, "spawn", { value: guarded });
}
/** Collects the output of one stream: as lines for `onLine`, and whole for the end. */
function collector(onLine) {
	const pieces = keeper(MAX_CHARACTERS, (piece) => piece.length);
	const lines = lineSplitter(onLine);
	const decoder = new StringDecoder("utf8");
	const add = (text) => {
		pieces.add(text);
		lines.add(text);
	};
	return {
		add: (chunk) => add(decoder.write(chunk)),
		end: () => {
			add(decoder.end());
			lines.end();
			return pieces.kept("\n…\n").join("").replace(/\r\n|\r/g, "\n").replace(/\n$/, "");
		}
	};
}
/** Keeps the first and the last half of what is added, by its size; what is left out in between is marked. */
function keeper(max, sizeOf) {
	const head = [];
	let tail = [];
	let [headSize, tailSize, first] = [
		0,
		0,
		0
	];
	let left = false;
	return {
		add: (text) => {
			const size = sizeOf(text);
			if (tail.length === 0 && headSize + size <= max / 2) {
				head.push(text);
				headSize += size;
				return;
			}
			tail.push(text);
			tailSize += size;
			for (; tailSize > max / 2 && first < tail.length - 1; first++) {
				tailSize -= sizeOf(tail[first] ?? "");
				left = true;
			}
			if (first > 100 && first > tail.length / 2) [tail, first] = [tail.slice(first), 0];
		},
		kept: (mark) => [
			...head,
			...left ? [mark] : [],
			...tail.slice(first)
		]
	};
}
/** Hands over whole lines; one that has no end is handed over in pieces. */
function lineSplitter(onLine) {
	let rest = "";
	let afterReturn = false;
	return {
		add: (text) => {
			const own = afterReturn && text.startsWith("\n") ? text.slice(1) : text;
			if (text !== "") afterReturn = text.endsWith("\r");
			const lines = own.split(/\r\n|\n|\r/);
			const last = lines.pop() ?? "";
			for (const [i, line] of lines.entries()) onLine(i === 0 ? rest + line : line);
			rest = lines.length > 0 ? last : rest + last;
			while (rest.length > MAX_LINE) {
				onLine(rest.slice(0, MAX_LINE));
				rest = rest.slice(MAX_LINE);
			}
		},
		end: () => {
			if (rest !== "") onLine(rest);
			rest = "";
		}
	};
}
export { execute };
