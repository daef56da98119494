import { a as openMasking, c as systemClock, i as machine, s as secret, u as ActionError } from "./runtime.js";
import { it as parseTime } from "./start.js";
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
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
function terminalLog({ line, show }, { json, quiet }) {
	const stream = json ? "stderr" : "stdout";
	return {
		info: (text) => quiet ? void 0 : line(text, { stream }),
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
			if (quiet) return work();
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
// src/runtime/tokens.ts
/** Returns the store of tokens in the folder for settings of the person (`XDG_CONFIG_HOME`, else `~/.config`). `now` is in milliseconds since the epoch. */
function tokenStore(env, now) {
	const folder = join(env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config"), "nomad-deploy");
	const file = join(folder, "tokens.json");
	return {
		of: async (address) => {
			const found = (await read(file))[address];
			if (found === void 0 || found.expiresAt !== void 0 && parseTime(found.expiresAt) <= now()) return void 0;
			return {
				token: secret(found.token),
				expiresAt: found.expiresAt
			};
		},
		keep: async (address, { token, expiresAt }) => {
			const stored = {
				...await read(file),
				[address]: {
					token: token.reveal(),
					...expiresAt === void 0 ? {} : { expiresAt }
				}
			};
			await mkdir(folder, {
				recursive: true,
				mode: 448
			});
			const temporary = `${file}.${randomUUID()}`;
			await writeFile(temporary, `${JSON.stringify(stored, null, 2)}\n`, {
				mode: 384,
				flag: "wx"
			});
			await chmod(temporary, 384);
			await rename(temporary, file);
		}
	};
}
/** Reads the file. Throws `input-invalid` for one that others can read, or that is no JSON. */
async function read(file) {
	const found = await stat(file).catch(() => void 0);
	if (found === void 0) return {};
	if ((found.mode & 63) !== 0 && process.platform !== "win32") throw new ActionError("input-invalid", `other users of this machine can read ${file}`, { hint: `It holds tokens: run chmod 600 ${file}, and log in again.` });
	try {
		return JSON.parse(await readFile(file, "utf8"));
	} catch (cause) {
		throw new ActionError("input-invalid", `${file} is not JSON`, {
			cause,
			hint: "Remove the file, and log in again."
		});
	}
}
// src/runtime/terminal.ts
/** The programs that open a page in the browser, by the platform of Node. */
const OPENERS = {
	darwin: ["open"],
	win32: ["rundll32", "url.dll,FileProtocolHandler"]
};
const OPENER = ["xdg-open"];
/** The runtime of a terminal. */
const terminalRuntime = ({ env, signal, folder, branchFiles, yes, json, quiet }) => {
	const masking = openMasking(() => void 0);
	const screen = openScreen(masking.redact);
	const outputs = /* @__PURE__ */ new Map();
	let code;
	const log = terminalLog(screen, {
		json,
		quiet
	});
	const { shared, cleanUp } = machine({
		env,
		signal,
		log,
		workspace: folder,
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
				tokens: tokenStore(env, shared.clock.now),
				openPage: async (url) => {
					const { code } = await shared.exec([...OPENERS[process.platform] ?? OPENER, url], { cwd: folder });
					if (code !== 0) screen.line("No browser could be opened: open the page yourself.", {
						stream: "stderr",
						style: "yellow"
					});
				},
				listenOnce: async (options) => (await import("./listener.js")).listenOnce(options),
				exitWith: (own) => code = own,
				say: (line) => screen.line(line, {
					stream: "stderr",
					style: "dim"
				}),
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
};
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
