import { v as connectionCode } from "./runtime.js";
import { B as requireTerminal } from "./start.js";
import { C as noShell, i as enterTask, l as taskText, n as watchEnd, r as watchLate, t as REPORT_MS, u as isNoProgram } from "./ending.js";
// src/inside/escape.ts
const [LF, CR, QUESTION, DOT, TILDE] = [
	10,
	13,
	63,
	46,
	126
];
/** Returns a function that finds `~.` and `~?` at the beginning of a line, as OpenSSH does. A `~` waits for the next key. */
function escapeReader() {
	let state = "begin";
	return (bytes) => {
		const rest = [];
		let order;
		for (const byte of bytes) {
			if (state === "begin" && byte === TILDE) {
				state = "tilde";
				continue;
			}
			if (state === "tilde" && byte === DOT) return {
				rest: Uint8Array.from(rest),
				order: "leave"
			};
			if (state === "tilde" && byte === QUESTION) {
				state = "begin";
				order = "help";
				continue;
			}
			if (state === "tilde" && byte !== TILDE) rest.push(TILDE);
			rest.push(byte);
			state = byte === CR || byte === LF ? "begin" : "line";
		}
		return {
			rest: Uint8Array.from(rest),
			order
		};
	};
}
// src/commands/ssh.ts
/** The exit code of a session that ended without one of the command, as for OpenSSH. */
const LOST = 255;
/** The exit code of a session whose output nobody reads any more, as of a cancelled one. */
const NO_READER = 130;
/** Exit codes above this one are of a program that a signal has ended, which may be the end of its task. */
const SIGNALS = 128;
/** The shell of an image: bash where it is, else sh. */
const SHELL = [
	"/bin/sh",
	"-c",
	"if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi"
];
const NEXT_LINE = Buffer.from("\r\n");
const HELP = [
	"",
	"Keys at the beginning of a line:",
	" ~.  leaves the session",
	" ~?  shows this",
	" ~~  sends ~",
	""
].join("\r\n");
/** `ssh`: runs a shell or a program in a running task of a job, and ends with its exit code. */
async function ssh(job, following, { runtime }) {
	const terminal = requireTerminal("ssh", runtime);
	const { program } = following.inputs;
	const inside = await enterTask(job, following, runtime);
	terminal.say(taskText(inside));
	const tty = terminal.isTty.stdin && terminal.isTty.stdout;
	const over = new AbortController();
	const signal = AbortSignal.any([runtime.signal, over.signal]);
	const input = terminal.read({
		raw: tty,
		signal
	});
	let isOpen = false;
	try {
		const begun = tty ? {
			empty: false,
			all: input
		} : await beginOf(input, runtime, signal);
		const session = await inside.start(program ?? SHELL, {
			tty,
			size: tty ? terminal.size() : void 0,
			noInput: begun.empty,
			signal
		});
		isOpen = true;
		const watching = watchLate(inside, runtime, signal);
		const reported = async (limitMs) => Promise.race([
			watching,
			watchEnd(inside, runtime, signal),
			runtime.clock.sleep(limitMs, signal)
		]);
		const talking = talk(session, terminal, {
			tty,
			signal,
			input: begun.all
		}).then(async (code) => {
			if (code > SIGNALS && code !== LOST) await reported(REPORT_MS.code);
			return code;
		}, async (error) => {
			await reported(REPORT_MS.error);
			throw error;
		});
		terminal.exitWith(await Promise.race([talking, watching]));
		return { outcome: "reported" };
	} catch (thrown) {
		if (connectionCode(runtime.signal.aborted ? runtime.signal.reason : thrown) === "EPIPE") {
			terminal.exitWith(NO_READER);
			return { outcome: "reported" };
		}
		if (runtime.signal.aborted) throw thrown;
		if (tty && isOpen) await terminal.writeBytes("stderr", NEXT_LINE);
		terminal.exitWith(LOST);
		if (program === void 0 && isNoProgram(thrown)) throw noShell(thrown);
		throw thrown;
	} finally {
		await inside.settle();
		over.abort(/* @__PURE__ */ new Error("the session has ended"));
		await input.return(void 0);
	}
}
/** An input that has nothing is known after this time. */
const EMPTY_MS = 20;
/** Reads the begin of an input. `empty`: it has nothing, such as /dev/null, so that the session can be told when it may end. */
async function beginOf(input, { clock }, signal) {
	const first = input.next();
	first.catch(() => void 0);
	const early = await Promise.race([first, clock.sleep(EMPTY_MS, signal).catch(() => void 0)]);
	async function* all() {
		for (let next = await first; next.done !== true; next = await input.next()) yield next.value;
	}
	return {
		empty: early?.done === true,
		all: all()
	};
}
/** Passes on input, size and output of a session. Returns the exit code of the command, or that of a session that the person has left. */
async function talk(session, terminal, { tty, signal, input }) {
	if (tty) {
		const size = terminal.size();
		if (size !== void 0) session.resize(size);
		terminal.onResize(session.resize, signal);
	}
	const left = sendInput(session, terminal, {
		tty,
		input
	});
	const shown = (async () => {
		for (;;) {
			const next = await session.output.next();
			if (next.done === true) return next.value;
			await terminal.writeBytes(next.value.stream, next.value.bytes);
		}
	})();
	return Promise.race([shown, left.then(async (byPerson) => byPerson ? LOST : shown)]);
}
/** Sends the standard input to its end. Returns true when the person has left the session by `~.`. */
async function sendInput(session, terminal, { tty, input }) {
	const filter = escapeReader();
	for await (const bytes of input) {
		const { rest, order } = tty ? filter(bytes) : {
			rest: bytes,
			order: void 0
		};
		if (rest.length > 0) await session.send(rest);
		if (order === "help") await terminal.writeBytes("stderr", Buffer.from(HELP));
		if (order !== "leave") continue;
		session.close();
		await terminal.writeBytes("stderr", NEXT_LINE);
		return true;
	}
	await session.endInput();
	return false;
}
export { ssh };
