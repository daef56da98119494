import { _ as ActionError, c as openMasking, h as drained, m as systemClock, p as secret, s as machine, u as parseTime } from "./runtime.js";
import { t as plainText } from "./plain.js";
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { write } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
// src/runtime/width.ts
/** Characters that take no place: marks on the one before, joiners and other format characters. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Characters that take two places: Chinese, Japanese and Korean ones, their full forms, and emoji. */
const TWO = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ASCII = /^[ -~]*$/;
const widthOfOne = (character) => NONE.test(character) ? 0 : TWO.test(character) ? 2 : 1;
/** Returns the number of columns that a text takes. */
function widthOf(text) {
	if (ASCII.test(text)) return text.length;
	let width = 0;
	for (const character of text) width += widthOfOne(character);
	return width;
}
/** Returns the begin of a text that takes at most `columns` columns, with an ellipsis where the rest is left out. */
function cutAt(text, columns) {
	if (widthOf(text) <= columns) return text;
	if (columns <= 0) return "";
	let [out, width] = ["", 0];
	for (const character of text) {
		width += widthOfOne(character);
		if (width > columns - 1) break;
		out += character;
	}
	return `${out}…`;
}
// src/runtime/write-bytes.ts
/** The time after which a terminal that took nothing is tried again. */
const RETRY_MS = 5;
/** Writes bytes to a stream of this process. Resolves when it has taken them, and rejects with `EPIPE` when nobody reads any more. */
async function writeBytesTo(stream, bytes) {
	return stream.isTTY ? writeToTerminal(stream.fd, bytes) : writeToPipe(stream, bytes);
}
/** Node's own writes to a terminal stop the whole program while the terminal is slow, and with it the keys that would end the output. */
async function writeToTerminal(fd, bytes) {
	for (let at = 0; at < bytes.length;) at += await new Promise((resolve, reject) => write(fd, bytes, at, bytes.length - at, null, (error, written) => {
		if (error === null) resolve(written);
		else if (error.code === "EAGAIN") setTimeout(() => resolve(0), RETRY_MS);
		else reject(error);
	}));
}
async function writeToPipe(stream, bytes) {
	return new Promise((resolve, reject) => {
		if (stream.listenerCount("error") === 0) stream.on("error", () => void 0);
		stream.write(bytes, (error) => error ? reject(error) : resolve());
	});
}
// src/runtime/screen.ts
/** Returns the screen of this process. `held`: the lines of the log wait until they are released. */
function openScreen(redact, held = false) {
	const waiting = [];
	const { stdout } = process;
	/** The widths of the changing lines that are on the screen. */
	let shown = [];
	let block = [];
	let progress;
	const painted = (text, stream, width) => {
		let left = width ?? Number.POSITIVE_INFINITY;
		let out = "";
		let total = 0;
		for (const part of typeof text === "string" ? [text] : text) {
			const [style, words] = typeof part === "string" ? [void 0, part] : part;
			const whole = redact(plainText(redact(words)));
			const fitting = width === void 0 ? whole : cutAt(whole.replaceAll(/[\t\n]+/g, " "), left);
			if (width !== void 0) {
				const own = widthOf(fitting);
				left -= own;
				total += own;
			}
			out += style === void 0 || fitting === "" ? fitting : styleText(style, fitting, { stream: process[stream] });
		}
		return {
			text: out,
			width: total
		};
	};
	/** Returns what takes the changing lines away. A terminal that has become narrower has wrapped them. */
	const erased = () => {
		const { columns } = stdout;
		const rows = shown.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
		shown = [];
		return rows === 0 ? "" : `\u001b[${rows}A\r\u001b[0J`;
	};
	const drawn = () => {
		const { columns, rows } = stdout;
		const all = progress === void 0 ? block : [...block, progress];
		const room = Math.max(1, rows - 1);
		const lines = (all.length > room ? [...all.slice(0, room - 1), `… ${all.length - room + 1} more lines`] : all).map((text) => painted(text, "stdout", Math.max(1, columns - 1)));
		shown = lines.map(({ width }) => width);
		return lines.map(({ text }) => `${text}\n`).join("");
	};
	let follows = false;
	const redraw = () => {
		if (!stdout.isTTY) return;
		stdout.write(erased() + drawn());
		if (!follows) stdout.on("resize", redraw);
		follows = true;
	};
	const write = (text, { stream = "stdout", style } = {}) => {
		const out = painted(style === void 0 || typeof text !== "string" ? text : [[style, text]], stream).text;
		if (!stdout.isTTY) process[stream].write(`${out}\n`);
		else if (stream === "stdout") stdout.write(`${erased()}${out}\n${drawn()}`);
		else {
			stdout.write(erased());
			process.stderr.write(`${out}\n`);
			stdout.write(drawn());
		}
	};
	return {
		line: (text, options) => {
			if (held) waiting.push(() => write(text, options));
			else write(text, options);
		},
		release: () => {
			for (const writeOne of waiting.splice(0)) writeOne();
		},
		show: (lines) => {
			if (block.length === 0 && lines.length === 0) return;
			block = lines;
			redraw();
		},
		progress: (line) => {
			if (progress === line) return;
			progress = line;
			redraw();
		},
		writeBytes: async (stream, bytes) => {
			if (stdout.isTTY) stdout.write(erased());
			return writeBytesTo(process[stream], bytes);
		}
	};
}
// src/runtime/terminal-log.ts
/** A stage that takes longer than this shows its progress. */
const PATIENCE_MS = 1e3;
const FRAME_MS = 100;
const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
/** Returns the log of a terminal. */
function terminalLog({ line, progress }, { stream, problems, quiet, inWords, onError }) {
	const say = (word, text, style) => line(`${word}: ${inWords(text)}`, {
		stream: problems,
		style
	});
	return {
		info: (text) => quiet ? void 0 : line(text, { stream: stream() }),
		debug: () => void 0,
		notice: (text) => say("Note", text, "cyan"),
		warning: (text, location) => say("Warning", placed(text, location), "yellow"),
		error: (text, _title, location) => {
			onError();
			say("Error", placed(text, location), "red");
		},
		group: async (title, work) => {
			if (quiet) return work();
			line(title, {
				stream: stream(),
				style: "bold"
			});
			const startedAt = systemClock.now();
			let frame = 0;
			const tick = setInterval(() => {
				const elapsedMs = systemClock.now() - startedAt;
				if (elapsedMs < PATIENCE_MS) return;
				frame = (frame + 1) % 10;
				progress(`${FRAMES[frame]} ${title} ${Math.floor(elapsedMs / 1e3)} s`);
			}, FRAME_MS);
			try {
				return await work();
			} finally {
				clearInterval(tick);
				progress(void 0);
			}
		}
	};
}
function placed(text, location) {
	if (location === void 0 || text.startsWith(`${location.file}:`)) return text;
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
		return JSON.parse(await readFile(file, "utf8")) ?? {};
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
const terminalRuntime = ({ env, signal, folder, branchFiles, yes, json, quiet, reads, inWords, held = false }) => {
	const masking = openMasking(() => void 0);
	const screen = openScreen(masking.redact, held);
	const outputs = /* @__PURE__ */ new Map();
	let code;
	let stream = json || reads ? "stderr" : "stdout";
	let isTold = false;
	const log = terminalLog(screen, {
		stream: () => stream,
		problems: held && !json ? "stdout" : "stderr",
		quiet,
		inWords,
		onError: () => isTold = true
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
				line: screen.line,
				writeBytes: screen.writeBytes,
				tokens: tokenStore(env, shared.clock.now),
				openPage: async (url) => {
					if (!/^https?:\/\//i.test(url)) {
						screen.line("No browser was opened, because this is no address of a page.", {
							stream: "stderr",
							style: "yellow"
						});
						return;
					}
					const { code } = await shared.exec([...OPENERS[process.platform] ?? OPENER, url], { cwd: folder });
					if (code !== 0) screen.line("No browser could be opened: open the page yourself.", {
						stream: "stderr",
						style: "yellow"
					});
				},
				listenOnce: async (options) => (await import("./listener.js")).listenOnce(options),
				listen: async (options) => (await import("./connections.js")).listen(options),
				shellScript: async (shell) => (await import("./shell-script.js")).shellScript(shell),
				inWords,
				exitWith: (own) => code = own,
				say: (line) => screen.line(line, {
					stream: "stderr",
					style: "dim"
				}),
				json,
				event,
				answers: () => {
					if (!json) stream = "stdout";
				},
				end: (result, headline, good) => {
					if (json) event(worded(result, inWords));
					if (!good && !isTold) log.error(headline, "end");
					if (good && !reads && !quiet) screen.line(headline, {
						stream,
						style: "green"
					});
				}
			},
			leaveWord: () => void 0,
			drained,
			setOutput: (name, value) => outputs.set(name, masking.redact(value)),
			writeSummary: async () => void 0
		},
		cleanUp,
		release: screen.release,
		ended: () => ({
			outputs,
			code
		})
	};
};
/** Returns a result with its messages in the words of a terminal. */
function worded({ cause, hint, jobs, ...others }, inWords) {
	return {
		...others,
		...cause === void 0 ? {} : { cause: inWords(cause) },
		...hint === void 0 ? {} : { hint: inWords(hint) },
		...jobs === void 0 ? {} : { jobs: jobs.map((one) => worded(one, inWords)) }
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
		confirm: async (question, signal) => yes ? true : isYes(await askLine(`${question} [y/N]`, signal)),
		ask: async (question, signal) => yes ? void 0 : askLine(question, signal)
	};
}
function isYes(answer) {
	return answer === void 0 ? void 0 : /^\s*y(es)?\s*$/i.test(answer);
}
/** Asks for a line; undefined where the input is no terminal. The end of the input is an empty line. */
async function askLine(question, signal) {
	const { stdin } = process;
	if (!stdin.isTTY) return void 0;
	const { createInterface } = await import("node:readline/promises");
	const line = createInterface({
		input: stdin,
		output: process.stderr
	});
	const { promise: ended, resolve } = Promise.withResolvers();
	line.once("SIGINT", () => process.kill(process.pid, "SIGINT")).once("close", () => resolve(""));
	try {
		return await Promise.race([line.question(`${question} `, { signal }), ended]);
	} finally {
		line.close();
	}
}
export { terminalRuntime };
