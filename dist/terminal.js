import { a as openMasking, c as systemClock, i as machine } from "./runtime.js";
import { styleText } from "node:util";
import { createInterface } from "node:readline/promises";
// src/runtime/screen.ts
/** The control characters of C0 and C1, without tab and line feed. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Returns the screen of this process. */
function openScreen(redact) {
	let shown = 0;
	let current = [];
	const erase = () => {
		if (shown > 0) process.stdout.write(`\u001b[${shown}A\u001b[0J`);
		shown = 0;
	};
	const draw = () => {
		const { columns = 80, rows = 24 } = process.stdout;
		const fitting = current.slice(0, rows - 1).map((text) => clean(redact(text)).slice(0, columns - 1));
		if (fitting.length > 0) process.stdout.write(`${fitting.join("\n")}\n`);
		shown = fitting.length;
	};
	return {
		line: (text, { stream = "stdout", style } = {}) => {
			const isTty = process[stream].isTTY;
			const clear = clean(redact(text));
			erase();
			process[stream].write(`${style === void 0 ? clear : styleText(style, clear, { stream: process[stream] })}\n`);
			if (isTty || process.stdout.isTTY) draw();
		},
		show: (lines) => {
			if (!process.stdout.isTTY) return;
			erase();
			current = lines;
			draw();
		},
		writeBytes: async (stream, bytes) => {
			erase();
			if (process[stream].write(bytes)) return;
			await new Promise((resolve) => process[stream].once("drain", resolve));
		}
	};
}
const clean = (text) => text.replaceAll(CONTROL, "");
// src/runtime/terminal-log.ts
/** A stage that takes longer than this shows its progress. */
const PATIENCE_MS = 1e3;
const FRAME_MS = 100;
const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
/** Returns the log of a terminal. With `json`, lines are on standard error, because standard output has the result. */
function actionLogOf({ line, show }, json) {
	const stream = json ? "stderr" : "stdout";
	return {
		info: (text) => line(text, { stream }),
		debug: () => void 0,
		notice: (text) => line(`Note: ${text}`, {
			stream: "stderr",
			style: "cyan"
		}),
		warning: (text, location) => line(`Warning: ${placed(text, location)}`, {
			stream: "stderr",
			style: "yellow"
		}),
		error: (text, _title, location) => line(`Error: ${placed(text, location)}`, {
			stream: "stderr",
			style: "red"
		}),
		group: async (title, work) => {
			line(title, {
				stream,
				style: "bold"
			});
			const startedAt = systemClock.now();
			let frame = 0;
			const tick = setInterval(() => {
				const elapsedMs = systemClock.now() - startedAt;
				if (elapsedMs < PATIENCE_MS) return;
				frame = (frame + 1) % 10;
				show([`${FRAMES[frame]} ${title} ${Math.floor(elapsedMs / 1e3)} s`]);
			}, FRAME_MS);
			try {
				return await work();
			} finally {
				clearInterval(tick);
				show([]);
			}
		}
	};
}
function placed(text, location) {
	if (location === void 0) return text;
	return `${location.file}${location.line === void 0 ? "" : `:${location.line}`}: ${text}`;
}
// src/runtime/terminal.ts
/** Returns the runtime of a run in a terminal, the function that cleans up, and the end of the run so far. */
function terminalRuntime({ env, signal, workspace, branchFiles, yes, json }) {
	const masking = openMasking(() => void 0);
	const screen = openScreen(masking.redact);
	const outputs = /* @__PURE__ */ new Map();
	let code;
	const log = actionLogOf(screen, json);
	const { shared, cleanUp } = machine({
		env,
		signal,
		log,
		workspace,
		masking,
		save: () => void 0
	});
	const event = (value) => {
		if (json) screen.line(JSON.stringify(shared.redactDeep(value)));
	};
	return {
		runtime: {
			...shared,
			branchFiles,
			terminal: {
				...input(yes),
				show: screen.show,
				writeBytes: screen.writeBytes,
				exitWith: (own) => code = own,
				json,
				event
			},
			leaveWord: () => void 0,
			publish: async (name, value) => {
				if (name === "result.json") event(value);
				return "";
			},
			setOutput: (name, value) => outputs.set(name, masking.redact(value)),
			writeSummary: async () => void 0
		},
		cleanUp,
		ended: () => ({
			outputs,
			code
		})
	};
}
function input(yes) {
	const { stdin, stdout } = process;
	const size = () => stdout.isTTY ? {
		columns: stdout.columns,
		rows: stdout.rows
	} : void 0;
	return {
		isTty: {
			stdin: stdin.isTTY === true,
			stdout: stdout.isTTY === true
		},
		size,
		onResize: (listener, signal) => {
			const told = () => {
				const now = size();
				if (now !== void 0) listener(now);
			};
			stdout.on("resize", told);
			signal.addEventListener("abort", () => stdout.off("resize", told), { once: true });
		},
		read: async function* read({ raw, signal }) {
			if (raw && stdin.isTTY) stdin.setRawMode(true);
			const end = () => void stdin.pause();
			const ended = new Promise((resolve) => signal.addEventListener("abort", () => resolve(void 0), { once: true }));
			const chunks = stdin.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
			try {
				while (!signal.aborted) {
					const next = await Promise.race([chunks.next(), ended]);
					if (next === void 0 || next.done === true) return;
					yield Buffer.from(next.value);
				}
			} finally {
				if (raw && stdin.isTTY) stdin.setRawMode(false);
				end();
			}
		},
		confirm: async (question, signal) => {
			if (yes) return true;
			if (!stdin.isTTY) return void 0;
			const ask = createInterface({
				input: stdin,
				output: process.stderr
			});
			try {
				return /^\s*y(es)?\s*$/i.test(await ask.question(`${question} [y/N] `, { signal }));
			} finally {
				ask.close();
			}
		}
	};
}
export { terminalRuntime };
