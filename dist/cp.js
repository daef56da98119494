import { B as requireTerminal, zn as bytesText } from "./start.js";
import { S as messageOf, _ as ActionError, u as parseTime } from "./runtime.js";
import { D as pickFiles, E as shell, S as WRITERS, T as scriptError, _ as PRINT_FILE, a as insideOf, b as SUMS_OF, c as runInside, d as COMMIT, f as LOOK_IN, g as PACK_FOLDER, h as PACK_FILE, l as taskText, m as MAKE_INNER, o as numberText, p as LOOK_OUT, r as watchLate, s as outputInside, v as PRINT_SUMS, w as parseSums, x as UNPACK, y as REMOVE } from "./ending.js";
import { Fn as shortId } from "./steps.js";
import { chmod, lstat, mkdir, mkdtemp, open, readdir, readlink, rename, rm, stat, symlink, utimes } from "node:fs/promises";
import { createHash } from "node:crypto";
import { basename, dirname, join, posix, resolve, sep } from "node:path";
// src/nomad/files.ts
const call = (action, { allocationId, path, namespace }, signal) => ({
	method: "GET",
	path: `/v1/client/fs/${action}/${allocationId}`,
	query: { path },
	namespace,
	capability: "read-fs",
	signal
});
/** Returns `gone` for an allocation that its node has removed, or whose node cannot be reached, and `missing` for a path that does not exist. */
function unread({ status, text }) {
	if (status === 200) return void 0;
	return /not found on client|No path to node|Unknown (allocation|node)|alloc(ation)? .{0,200}not found/i.test(text) ? "gone" : "missing";
}
/** Reads a file or folder itself. Throws `permission-denied` without `read-fs`. */
async function statFile({ send }, place, signal) {
	const answer = await send({
		...call("stat", place, signal),
		accept: [
			400,
			404,
			500
		]
	});
	return unread(answer) ?? answer.json;
}
/** Lists a folder. */
async function listFiles({ send }, place, signal) {
	const answer = await send({
		...call("ls", place, signal),
		gives: "list",
		accept: [
			400,
			404,
			500
		]
	});
	return unread(answer) ?? answer.json ?? [];
}
/** Reads a file. Nomad answers 200 for a file that it cannot read, with the reason as the text: its size tells. */
async function readFile({ send }, place, signal) {
	const { bytes } = await send({
		...call("cat", place, signal),
		gives: "stream"
	});
	if (bytes === void 0) throw new Error("a stream has no bytes");
	return bytes;
}
// src/inside/local.ts
/** Files are read in pieces of this size. */
const PIECE_BYTES = 262144;
/** Returns the files to copy: the named one first, whose link is followed, and all below it. Throws `input-invalid` for a file that cannot be read. */
async function walk(local) {
	const path = resolve(local);
	const top = await stat(path).catch((error) => {
		throw new ActionError("input-invalid", `${local} cannot be read: ${messageOf(error)}`);
	});
	const name = basename(path);
	if (!top.isDirectory() && !top.isFile()) throw new ActionError("input-invalid", `${local} is no file and no folder`);
	const found = [];
	const add = async (at, as, info) => {
		const kind = info.isDirectory() ? "folder" : info.isSymbolicLink() ? "symlink" : info.isFile() ? "file" : "other";
		const target = kind === "symlink" ? await readlink(at) : "";
		found.push({
			path: at,
			name: as,
			kind,
			mode: info.mode & 511,
			size: kind === "file" ? info.size : 0,
			mtime: info.mtimeMs / 1e3,
			target
		});
		if (kind !== "folder") return;
		for (const child of (await readdir(at)).sort()) await add(join(at, child), `${as}/${child}`, await lstat(join(at, child)));
	};
	await add(path, name, top);
	return found;
}
/** Reads a file as large as it was when it was found. Throws `input-invalid` when it has changed since. */
async function* contentOf({ path, size }, onPiece) {
	const file = await open(path).catch((error) => {
		throw new ActionError("input-invalid", `${path} cannot be read: ${messageOf(error)}`);
	});
	try {
		for (let at = 0; at < size;) {
			const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - at)), { position: at });
			if (bytesRead === 0) throw new ActionError("input-invalid", `${path} has changed while it was copied`);
			const piece = buffer.subarray(0, bytesRead);
			at += bytesRead;
			onPiece(piece);
			yield piece;
		}
	} finally {
		await file.close();
	}
}
/** Returns the path that a copy writes: the named one, or one in a folder that exists. Throws `input-invalid` where its folder does not exist. */
async function destinationOf(local, name) {
	const path = resolve(local);
	const isFolder = (await stat(path).catch(() => void 0))?.isDirectory() === true;
	if (!isFolder && (local.endsWith("/") || local.endsWith(sep))) throw noFolder(path);
	if (isFolder && name === "") throw new ActionError("input-invalid", "the copy has no name", { hint: "Name the destination." });
	const to = isFolder ? join(path, name) : path;
	if ((await stat(dirname(to)).catch(() => void 0))?.isDirectory() !== true) throw noFolder(dirname(to));
	return to;
}
function noFolder(path) {
	return new ActionError("input-invalid", `there is no folder ${path} on this machine`);
}
/**
* Writes the entries of a task to a destination. All are written to a folder beside it first, and put in their place when `check` has passed. Throws
* `nomad-refused` for an entry that is not below `name`.
*/
async function receive(entries, { name, to }, check) {
	const folder = await mkdtemp(join(dirname(to), ".nomad-deploy-")).catch((error) => {
		throw new ActionError("input-invalid", `nothing can be written beside ${to}: ${messageOf(error)}`);
	});
	try {
		const received = await writeAll(entries, folder, name);
		await check(received);
		await put(join(folder, name), to);
		return received;
	} catch (error) {
		if (!(error instanceof Error && "syscall" in error)) throw error;
		throw new ActionError("input-invalid", `the copy could not be written: ${error.message}`, { cause: error });
	} finally {
		await rm(folder, {
			recursive: true,
			force: true
		});
	}
}
async function writeAll(entries, folder, top) {
	const sums = /* @__PURE__ */ new Map();
	const skipped = [];
	const folders = [];
	const links = [];
	for await (const entry of entries) {
		const name = safeName(entry.name, top);
		const path = join(folder, name);
		if (entry.kind === "folder") {
			await mkdir(path, { recursive: true });
			folders.push({
				...entry,
				name
			});
		} else if (entry.kind === "file") {
			await mkdir(dirname(path), { recursive: true });
			sums.set(name, await writeFile(path, entry));
		} else if (entry.kind === "other") skipped.push(name);
		else links.push({
			...entry,
			name
		});
	}
	for (const link of links) {
		if (link.kind === "symlink" ? await makeLink(folder, link, top) : await copyOfLink(folder, link, {
			top,
			sums
		})) continue;
		skipped.push(link.name);
	}
	for (const { name, mode, mtime } of folders.reverse()) {
		if (isTime(mtime)) await utimes(join(folder, name), mtime, mtime);
		await chmod(join(folder, name), mode & 511);
	}
	return {
		sums,
		skipped
	};
}
/** Returns the path of an entry below the folder of the copy. */
function safeName(given, top) {
	const name = posix.normalize(given).replace(/^\.\/|(?<!\/)\/+$/g, "");
	const parts = name.split("/");
	const foreign = sep === "\\" && /[\\:]/.test(name);
	if (name.startsWith("/") || parts.includes("..") || parts[0] !== top || name.includes("\0") || foreign) throw new ActionError("nomad-refused", `the task sent ${JSON.stringify(given)}, which is outside of ${top}`, { hint: "Nothing was written." });
	return name;
}
/** The last second of dates, which is more than file systems take. */
const LAST_SECOND = 864e10;
/** Returns whether a file can have a time. An archive and Nomad may give any number, and the time is worth no failure. */
function isTime(mtime) {
	return mtime !== void 0 && mtime >= 0 && mtime <= LAST_SECOND;
}
/** Writes a new file. Returns its checksum. */
async function writeFile(path, { name, size, mode, mtime, content }) {
	const hash = createHash("sha256");
	const file = await open(path, "w", 384);
	let bytes = 0;
	try {
		for await (const piece of content) {
			bytes += piece.length;
			hash.update(piece);
			await file.write(piece);
		}
		if (size !== void 0 && bytes !== size) throw new ActionError("nomad-refused", `${name} has ${size} bytes, and ${bytes} of them came`);
		if (isTime(mtime)) await file.utimes(mtime, mtime);
		await file.chmod(mode & 511);
	} finally {
		await file.close();
	}
	return hash.digest("hex");
}
/** Makes a symbolic link. Returns false for one that leads out of the copy. */
async function makeLink(folder, { name, target }, top) {
	const led = posix.normalize(posix.join(posix.dirname(name), target));
	if (target.startsWith("/") || led.split("/")[0] !== top || name === top) return false;
	return symlink(target, join(folder, name)).then(() => true, () => false);
}
/** Copies the file that a hard link names. Returns false where the copy has none. */
async function copyOfLink(folder, { name, target, mode, mtime }, { top, sums }) {
	const from = safeName(target, top);
	if (sums.get(from) === void 0) return false;
	const { size } = await stat(join(folder, from));
	const content = contentOf({
		path: join(folder, from),
		size
	}, () => void 0);
	sums.set(name, await writeFile(join(folder, name), {
		name,
		kind: "file",
		mode,
		mtime,
		size,
		target: "",
		content
	}));
	return true;
}
/** Moves a file, or the files of a folder, to their place. A folder that exists keeps its other files. */
async function put(from, to) {
	const [source, there] = [await lstat(from), await lstat(to).catch(() => void 0)];
	if (there === void 0 || !source.isDirectory() && !there.isDirectory()) return rename(from, to);
	if (!source.isDirectory()) throw new ActionError("input-invalid", `${to} is a folder`);
	if (!there.isDirectory()) throw new ActionError("input-invalid", `${to} is no folder`);
	for (const child of await readdir(from)) await put(join(from, child), join(to, child));
}
// src/inside/tar.ts
const BLOCK = 512;
/** The longest name or extended header that is read. */
const MAX_NAME_BYTES = 1048576;
/** The place of each field of a header, and its length. */
const FIELDS = {
	name: [0, 100],
	mode: [100, 8],
	uid: [108, 8],
	gid: [116, 8],
	size: [124, 12],
	mtime: [136, 12],
	checksum: [148, 8],
	type: [156, 1],
	linkname: [157, 100],
	magic: [257, 6],
	version: [263, 2],
	prefix: [345, 155]
};
/** The types of entries. */
const TYPES = {
	file: "0",
	link: "1",
	symlink: "2",
	folder: "5",
	longName: "L",
	longLink: "K",
	extended: "x",
	global: "g"
};
/** Returns the header of an entry, with those of a long name before it. */
function tarHeader(entry) {
	const parts = [];
	for (const [text, type] of [[entry.target, TYPES.longLink], [entry.name, TYPES.longName]]) {
		const bytes = Buffer.from(`${text}\0`);
		if (bytes.length > FIELDS.name[1]) parts.push(header({
			...entry,
			name: "././@LongLink",
			target: "",
			size: bytes.length
		}, type), bytes, padding(bytes.length));
	}
	const type = entry.kind === "other" ? TYPES.file : TYPES[entry.kind];
	return Buffer.concat([...parts, header(entry, type)]);
}
/** Returns the bytes behind the content of an entry. */
function padding(size) {
	return Buffer.alloc((BLOCK - size % BLOCK) % BLOCK);
}
/** The end of an archive. */
const TAR_END = Buffer.alloc(2 * BLOCK);
function header({ name, mode, size, mtime, target }, type) {
	const block = Buffer.alloc(BLOCK);
	const put = (field, text) => void Buffer.from(text).copy(block, FIELDS[field][0], 0, FIELDS[field][1]);
	const octal = (field, value) => {
		const digits = FIELDS[field][1] - 1;
		if (value < 8 ** digits) put(field, value.toString(8).padStart(digits, "0"));
		else {
			block.writeBigUInt64BE(BigInt(value), FIELDS[field][0] + FIELDS[field][1] - 8);
			block[FIELDS[field][0]] = 128;
		}
	};
	put("name", name);
	octal("mode", mode);
	octal("uid", 0);
	octal("gid", 0);
	octal("size", size);
	octal("mtime", Math.max(0, Math.floor(mtime)));
	put("type", type);
	put("linkname", target);
	put("magic", "ustar ");
	put("version", " \0");
	put("checksum", `${checksum(block).toString(8).padStart(6, "0")}\0 `);
	return block;
}
/** Returns the sum of a header, in which the sum itself counts as blanks. */
function checksum(block) {
	const [at, length] = FIELDS.checksum;
	return block.reduce((sum, byte, i) => sum + (i >= at && i < at + length ? 32 : byte), 0);
}
function sourceOf(chunks) {
	const iterator = chunks[Symbol.asyncIterator]();
	let [waiting, length] = [[], 0];
	const more = async () => {
		const next = await iterator.next();
		if (next.done === true) return false;
		waiting.push(next.value);
		length += next.value.length;
		return true;
	};
	const cut = (bytes) => {
		const all = waiting.length === 1 && waiting[0] !== void 0 ? waiting[0] : Buffer.concat(waiting);
		const piece = all.subarray(0, bytes);
		waiting = [all.subarray(piece.length)];
		length -= piece.length;
		return piece;
	};
	return {
		take: async (bytes) => {
			while (length < bytes && await more());
			return cut(bytes);
		},
		pieces: async function* pieces(bytes) {
			for (let left = bytes; left > 0;) {
				if (length === 0 && !await more()) throw broken("it ends too soon");
				const piece = cut(left);
				left -= piece.length;
				yield piece;
			}
		}
	};
}
/** Reads an archive. The content of an entry is to be read before the next entry is asked for; the rest of it is skipped. Throws `nomad-refused` for a broken archive. */
async function* readTar(chunks) {
	const source = sourceOf(chunks);
	let given = {};
	for (;;) {
		const block = await source.take(BLOCK);
		if (block.every((byte) => byte === 0)) break;
		if (block.length < BLOCK) throw broken("it ends too soon");
		if (Number.parseInt(textOf(block, "checksum").trim(), 8) !== checksum(block)) throw broken("a header is not as its checksum says");
		const type = textOf(block, "type");
		const own = sizeOf(numberOf(block, "size"));
		if (type === TYPES.longName || type === TYPES.longLink || type === TYPES.extended || type === TYPES.global) {
			if (own > MAX_NAME_BYTES) throw broken("a name is too long");
			const bytes = await source.take(own);
			await source.take(padding(own).length);
			if (type === TYPES.longName) given = {
				...given,
				name: bytes.toString("utf8").replace(/\0.*$/s, "")
			};
			if (type === TYPES.longLink) given = {
				...given,
				target: bytes.toString("utf8").replace(/\0.*$/s, "")
			};
			if (type === TYPES.extended) given = {
				...given,
				...extended(bytes)
			};
			continue;
		}
		const size = type === TYPES.link || type === TYPES.symlink || type === TYPES.folder ? 0 : given.size ?? own;
		let left = size;
		const content = source.pieces(size);
		async function* counted() {
			for await (const piece of content) {
				left -= piece.length;
				yield piece;
			}
		}
		const prefix = textOf(block, "magic") === "ustar" ? textOf(block, "prefix") : "";
		const short = textOf(block, "name");
		const name = given.name ?? (prefix === "" ? short : `${prefix}/${short}`);
		const target = given.target ?? textOf(block, "linkname");
		given = {};
		yield {
			name,
			kind: kindOf(type, name),
			mode: numberOf(block, "mode") & 4095,
			size,
			mtime: numberOf(block, "mtime"),
			target,
			content: counted()
		};
		for await (const _skipped of source.pieces(left));
		await source.take(padding(size).length);
	}
	while ((await source.take(65536)).length > 0);
}
function kindOf(type, name) {
	if (type === TYPES.folder || (type === "" || type === TYPES.file) && name.endsWith("/")) return "folder";
	if (type === TYPES.symlink) return "symlink";
	if (type === TYPES.link) return "link";
	return type === "" || type === TYPES.file || type === "7" ? "file" : "other";
}
function textOf(block, field) {
	const [at, length] = FIELDS[field];
	return block.toString("utf8", at, at + length).replace(/\0.*$/s, "");
}
function numberOf(block, field) {
	const [at, length] = FIELDS[field];
	if (((block[at] ?? 0) & 128) !== 0) return Number(block.readBigUInt64BE(at + length - 8));
	return Number.parseInt(textOf(block, field).trim(), 8) || 0;
}
/** Returns a size. Throws `nomad-refused` for a number that is none. */
function sizeOf(value) {
	if (!Number.isSafeInteger(value) || value < 0) throw broken("a size is not one");
	return value;
}
/** Returns the parts of an extended header that matter: `<length> <name>=<value>` and a line feed each. */
function extended(bytes) {
	const found = {};
	for (let at = 0; at < bytes.length;) {
		const [length = ""] = /^\d+/.exec(bytes.toString("latin1", at, at + 20)) ?? [];
		if (length === "") break;
		if (Number(length) < length.length + 3) throw broken("an extended header is not one");
		const [name = "", ...value] = bytes.toString("utf8", at + length.length + 1, at + Number(length) - 1).split("=");
		if (name === "path") found.name = value.join("=");
		if (name === "linkpath") found.target = value.join("=");
		if (name === "size") found.size = sizeOf(Number(value.join("=")));
		at += Number(length);
	}
	return found;
}
function broken(why) {
	return new ActionError("nomad-refused", `the archive of the task is broken: ${why}`);
}
// src/inside/copy-in.ts
/** Small pieces are joined to messages of this size. */
const MESSAGE_BYTES = 98304;
/** The time limit of removing a copy that failed. */
const REMOVE_MS = 5e3;
/**
* Copies a file or folder of this machine into a task. It is written to a folder beside the destination, compared, and then moved to its place, so that the
* task never sees a part of it. Throws `input-invalid` for a source or a destination that does not fit, and `nomad-refused` when the task fails or the checksums differ.
*/
async function copyIn(inside, { local, remote }, copying) {
	const entries = await walk(local);
	const [top] = entries;
	if (top === void 0) throw new Error("a walk begins with its top");
	const run = runner(inside, copying.signal);
	const [to = "", beside = "", has = ""] = (await run(LOOK_IN, [
		remote,
		top.name,
		top.kind
	], remote)).toString("utf8").split("\0");
	const programs = new Set(has.trim().split(" "));
	const folder = `${beside.replace(/\/$/, "")}/.nomad-deploy-${numberText(copying.clock.random())}`;
	try {
		const sums = await send(run, {
			entries,
			folder,
			programs,
			remote
		}, copying);
		const theirs = await theirSums(inside, {
			folder,
			remote,
			programs,
			sums
		}, copying);
		for (const [name, sum] of sums) if (theirs.get(name) !== sum) throw new ActionError("nomad-refused", `${name} did not arrive as it was sent: its checksum in the task differs`);
		await run(COMMIT, [
			folder,
			top.name,
			to
		], to);
		await run(REMOVE, [folder], to);
		const files = entries.filter(({ kind }) => kind === "file");
		return {
			to,
			files: files.length,
			bytes: files.reduce((sum, { size }) => sum + size, 0),
			sha256: top.kind === "file" ? sums.get(top.name) : void 0,
			compared: true,
			changed: [],
			skipped: entries.flatMap(({ kind, name }) => kind === "other" || kind === "symlink" && !programs.has("tar") ? [name] : [])
		};
	} catch (error) {
		await remove(inside, folder, copying);
		throw error;
	}
}
function runner(inside, signal) {
	return async (script, args, path, input) => {
		const ran = await runInside(inside, shell(script, ...args), input === void 0 ? { signal } : {
			input,
			signal
		});
		if (ran.code !== 0) throw scriptError(ran, path);
		return ran.stdout;
	};
}
/** Sends the files to the folder of the copy. Returns their checksums. */
async function send(run, { entries, folder, programs, remote }, { onBytes }) {
	const sums = /* @__PURE__ */ new Map();
	const total = entries.reduce((sum, { size }) => sum + size, 0);
	async function* content(entry) {
		const hash = createHash("sha256");
		yield* contentOf(entry, (piece) => {
			hash.update(piece);
			onBytes(piece.length, total);
		});
		sums.set(entry.name, hash.digest("hex"));
	}
	if (entries.length > 1 && programs.has("tar")) {
		await run(UNPACK, [folder], remote, joined(archive(entries, content)));
		return sums;
	}
	const writer = ["cat", "base64"].find((name) => programs.has(name));
	if (writer === void 0) throw new ActionError("input-invalid", "the task has no tar, no cat and no base64, so it can receive no file");
	for (const entry of entries) {
		const mode = entry.mode.toString(8);
		if (entry.kind === "folder") await run(MAKE_INNER, [
			folder,
			entry.name,
			"700"
		], remote);
		if (entry.kind !== "file") continue;
		await run(WRITERS[writer], [
			folder,
			entry.name,
			mode
		], remote, writer === "cat" ? content(entry) : encoded(content(entry)));
	}
	for (const { kind, name, mode } of entries.toReversed()) if (kind === "folder") await run(MAKE_INNER, [
		folder,
		name,
		mode.toString(8)
	], remote);
	return sums;
}
async function* archive(entries, content) {
	for (const entry of entries) {
		if (entry.kind === "other") continue;
		yield tarHeader(entry.kind === "folder" ? {
			...entry,
			name: `${entry.name}/`
		} : entry);
		if (entry.kind !== "file") continue;
		yield* content(entry);
		yield padding(entry.size);
	}
	yield TAR_END;
}
/** Joins small pieces, because each message costs as much as a large one. */
async function* joined(pieces) {
	let waiting = [];
	let bytes = 0;
	for await (const piece of pieces) {
		waiting.push(piece);
		bytes += piece.length;
		if (bytes < MESSAGE_BYTES) continue;
		yield Buffer.concat(waiting);
		[waiting, bytes] = [[], 0];
	}
	yield Buffer.concat(waiting);
}
/** Encodes bytes as lines of base64, three bytes at a time. */
async function* encoded(pieces) {
	let rest = Buffer.alloc(0);
	for await (const piece of pieces) {
		const all = Buffer.concat([rest, piece]);
		const whole = all.length - all.length % 57;
		rest = all.subarray(whole);
		if (whole > 0) yield Buffer.from(`${all.subarray(0, whole).toString("base64").replaceAll(/.{76}/g, "$&\n")}`);
	}
	yield Buffer.from(`${rest.toString("base64")}\n`);
}
/** Returns the checksums of the files in the folder of the copy: of a program of the task, or of the files as they are read back. */
async function theirSums(inside, { folder, remote, programs, sums }, { signal }) {
	const run = runner(inside, signal);
	const printed = parseSums((await run(PRINT_SUMS, [folder], remote)).toString("utf8"));
	if (printed !== void 0) return printed;
	const read = /* @__PURE__ */ new Map();
	const output = (script, args) => outputInside(inside, shell(script, ...args), {
		signal,
		failed: (ran) => scriptError(ran, remote)
	});
	if (programs.has("tar")) {
		for await (const { name, kind, content } of readTar(output(PACK_FOLDER, [folder]))) {
			const sum = await sumOf(content);
			if (kind === "file") read.set(name.replace(/^\.\//, ""), sum);
		}
		return read;
	}
	for (const name of sums.keys()) read.set(name, await sumOf(output(PRINT_FILE, [folder, name])));
	return read;
}
async function sumOf(pieces) {
	const hash = createHash("sha256");
	for await (const piece of pieces) hash.update(piece);
	return hash.digest("hex");
}
/** Removes what a failed copy has left, also after Ctrl-C. */
async function remove(inside, folder, { clock, say }) {
	const { code } = await runInside(inside, shell(REMOVE, folder), { signal: clock.timeout(REMOVE_MS) }).catch(() => ({ code: 1 }));
	say(code === 0 ? "Nothing was copied: the part that had arrived is removed." : `Nothing was copied. ${folder} may be left in the task.`);
}
// src/inside/places.ts
/** Begins with hexadecimal digits, as the id of an allocation does, or with the colon. */
const REMOTE = /^([0-9a-f][0-9a-f-]*)?:(.*)$/is;
/** Returns the copy that two words mean. Throws `input-invalid` unless exactly one of them is in a task. */
function copyOf(source, destination, platform) {
	if (source === void 0 || destination === void 0) throw bad(`\`${source === void 0 ? "source" : "destination"}\` is not set`);
	const [from, to] = [remoteOf(source, platform), remoteOf(destination, platform)];
	if (from !== void 0 && to === void 0) return {
		direction: "out",
		local: destination,
		...from
	};
	if (from === void 0 && to !== void 0) return {
		direction: "in",
		local: source,
		...to
	};
	throw bad(from === void 0 ? "`source` and `destination` are both on this machine" : "`source` and `destination` are both in a task");
}
function bad(message) {
	return new ActionError("input-invalid", message, { hint: "Write one of them as `:/path` or `ALLOCATION:/path`: `nomad-deploy cp app.conf :/local/`, `nomad-deploy cp :/alloc/logs logs`." });
}
function remoteOf(word, platform) {
	if (platform === "win32" && /^[a-z]:([\\/]|$)/i.test(word)) return void 0;
	const [matched, alloc, path = ""] = REMOTE.exec(word) ?? [];
	if (matched === void 0) return void 0;
	if (path === "") throw new ActionError("input-invalid", `${JSON.stringify(word)} names no path of the task`, { hint: "Write a path behind the colon." });
	return {
		alloc: alloc?.toLowerCase(),
		remote: path
	};
}
/**
* Returns the path of a file in the folder of its allocation, which Nomad's file API reads, from the path that the task sees; undefined for a path elsewhere. See
* https://developer.hashicorp.com/nomad/docs/concepts/filesystem
*/
function apiPath(remote, task) {
	const path = posix.normalize(remote);
	const [, top, rest = ""] = /^\/(alloc|local)(\/.*)?$/s.exec(path) ?? [];
	if (top === void 0) return void 0;
	return `/${top === "alloc" ? "alloc" : posix.join(task, "local")}${rest.replace(/(?<!\/)\/+$/, "")}`;
}
/** Returns the last name of a path of a task. */
function baseOf(remote) {
	const name = posix.basename(posix.normalize(remote));
	return name === "." || name === ".." || name === "/" ? "" : name;
}
// src/inside/copy-out.ts
/**
* Copies a file or folder of a task to this machine: by Nomad's file API where the folder of the allocation has it, which also works for one that has ended, else
* by a program of the task. Throws `input-invalid` for a path that does not exist, and `nomad-refused` when a copy is not as its source.
*/
async function copyOut(inside, { local, remote }, copying) {
	const source = {
		inside,
		remote,
		copying
	};
	const path = apiPath(remote, inside.task);
	if (path === void 0 && !inside.runs) throw new ActionError("input-invalid", `the allocation ${shortId(inside.allocation.ID)} has ended, so only its /alloc and /local can be read`);
	const skipped = [];
	const found = path === void 0 ? await byProgram(source) : await byApi(source, path, skipped);
	const to = await destinationOf(local, found.name);
	let [files, bytes, changed] = [
		0,
		0,
		void 0
	];
	const count = (piece) => {
		bytes += piece;
		copying.onBytes(piece);
	};
	const received = await receive(counted(found.entries, count), {
		name: found.name,
		to
	}, async (all) => {
		files = all.sums.size;
		changed = await compare(source, found, all);
	});
	const [sha256] = found.kind === "file" ? [...received.sums.values()] : [];
	return {
		to,
		files,
		bytes,
		sha256,
		compared: changed !== void 0,
		changed: changed ?? [],
		skipped: [...skipped, ...received.skipped]
	};
}
async function* counted(entries, count) {
	for await (const entry of entries) {
		async function* content() {
			for await (const piece of entry.content) {
				count(piece.length);
				yield piece;
			}
		}
		yield {
			...entry,
			content: content()
		};
	}
}
/** Reads by a program of the task: tar, or cat for a file where there is no tar. */
async function byProgram({ inside, remote, copying: { signal } }) {
	const looked = await runInside(inside, shell(LOOK_OUT, remote), { signal });
	if (looked.code !== 0) throw scriptError(looked, remote);
	const [kind = "", folder = "", name = "", has = "", mode = ""] = looked.stdout.toString("utf8").split("\0");
	if (name === "") throw new ActionError("input-invalid", "the whole file system of a task cannot be copied", { hint: "Name a folder of it." });
	const output = (script, ...args) => outputInside(inside, shell(script, ...args), {
		signal,
		failed: (ran) => scriptError(ran, remote)
	});
	if (kind === "folder") {
		if (has !== "tar") throw new ActionError("input-invalid", `${remote} is a folder, and the task has no tar`, { hint: "Copy its files one by one." });
		return {
			name,
			kind,
			entries: below(name, readTar(output(PACK_FOLDER, posix.join(folder, name))))
		};
	}
	if (has === "tar") return {
		name,
		kind: "file",
		entries: readTar(output(PACK_FILE, folder, name))
	};
	return {
		name,
		kind: "file",
		entries: one(name, Number.parseInt(mode, 8) || 420, output(PRINT_FILE, folder, name))
	};
}
/** Puts the entries of a folder below its name. */
async function* below(top, entries) {
	for await (const entry of entries) {
		const moved = (name) => /(^|\/)\.\.(\/|$)|^\//.test(name) ? name : posix.join(top, name);
		yield {
			...entry,
			name: moved(entry.name),
			target: entry.kind === "link" ? moved(entry.target) : entry.target
		};
	}
}
/** Gives a file whose size is known at its end. */
async function* one(name, mode, content) {
	yield {
		name,
		kind: "file",
		mode,
		size: void 0,
		mtime: void 0,
		target: "",
		content
	};
}
/** Reads by Nomad's file API. */
async function byApi({ inside, remote, copying: { signal } }, path, skipped) {
	const { nomad, namespace, allocation } = inside;
	const at = (file) => ({
		allocationId: allocation.ID,
		path: file,
		namespace
	});
	const readable = (value, file) => {
		if (value === "gone") throw new ActionError("nomad-refused", `the files of the allocation ${shortId(allocation.ID)} are gone: its node ${allocation.NodeName} has removed them, or cannot be reached`);
		if (value === "missing") throw new ActionError("input-invalid", `the task has no ${file}`);
		return value;
	};
	const top = readable(await statFile(nomad, at(path), signal), remote);
	const name = baseOf(remote);
	async function* entries(info, file, as) {
		const entry = {
			name: as,
			mode: modeOf(info.FileMode),
			mtime: parseTime(info.ModTime) / 1e3,
			target: ""
		};
		if (info.IsDir) {
			yield {
				...entry,
				kind: "folder",
				size: 0,
				content: nothing()
			};
			for (const child of readable(await listFiles(nomad, at(file), signal), as)) yield* entries(child, posix.join(file, child.Name), `${as}/${child.Name}`);
		} else if (info.FileMode.startsWith("-")) yield {
			...entry,
			kind: "file",
			size: info.Size,
			content: firstBytes(await readFile(nomad, at(file), signal), info.Size)
		};
		else skipped.push(as);
	}
	return {
		name,
		kind: top.IsDir ? "folder" : "file",
		entries: entries(top, path, name)
	};
}
async function* nothing() {}
/** Gives the first bytes of a file: one that grows has more than its size was. */
async function* firstBytes(content, size) {
	let left = size;
	for await (const piece of content) {
		const part = Buffer.from(piece.buffer, piece.byteOffset, Math.min(left, piece.length));
		left -= part.length;
		yield part;
		if (left === 0) return;
	}
}
/** Returns the permissions of a mode in Go's words: `-rw-r--r--`, also with more letters before it. */
function modeOf(words) {
	return Array.from(words.slice(-9)).reduce((mode, letter) => mode * 2 + (letter === "-" ? 0 : 1), 0);
}
/**
* Compares the checksums of a copy with those of the task. Returns the files that have changed meanwhile; undefined where the task has no program for checksums,
* or may not be entered. Throws `nomad-refused` for a copy that is not as its source.
*/
async function compare({ inside, remote, copying: { signal } }, { name, kind }, { sums }) {
	if (!inside.runs) return void 0;
	const read = async () => {
		const ran = await runInside(inside, shell(SUMS_OF, remote), { signal }).catch((error) => {
			if (signal.aborted) throw error;
		});
		return ran?.code === 0 ? parseSums(ran.stdout.toString("utf8")) : void 0;
	};
	const own = (file) => kind === "file" ? "-" : file.slice(name.length + 1);
	const theirs = await read();
	if (theirs === void 0) return void 0;
	const different = [...sums].filter(([file, sum]) => theirs.get(own(file)) !== sum);
	if (different.length === 0) return [];
	const again = await read();
	const wrong = different.find(([file]) => again?.get(own(file)) === theirs.get(own(file)) && theirs.has(own(file)));
	if (wrong === void 0) return different.map(([file]) => file);
	throw new ActionError("nomad-refused", `the copy of ${wrong[0]} is not as the file in the task, which may have changed meanwhile`, { hint: "Copy it again." });
}
// src/inside/progress.ts
const FRAME_MS = 100;
const BAR = 24;
/** Returns a line of progress: a bar where the total is known, the bytes, and the bytes a second. */
function progressLine(name, bytes, { total, elapsedMs }) {
	const rate = elapsedMs === 0 ? 0 : Math.round(bytes / elapsedMs * 1e3);
	const told = `${bytesText(bytes)}${total === void 0 ? "" : ` of ${bytesText(total)}`}, ${bytesText(rate)}/s`;
	if (total === void 0 || total === 0) return `${name}: ${told}`;
	const part = Math.min(1, bytes / total);
	const full = Math.floor(part * BAR);
	return `${name}: [${"#".repeat(full)}${" ".repeat(BAR - full)}] ${Math.floor(part * 100)} %, ${told}`;
}
/** Returns a function that counts bytes and shows the progress on a terminal, at most ten times a second. */
function progress(terminal, clock, name) {
	const startedAt = clock.now();
	let [bytes, shownAt] = [0, startedAt];
	return (piece, total) => {
		bytes += piece;
		const now = clock.now();
		if (now - shownAt < FRAME_MS) return;
		shownAt = now;
		terminal.show([progressLine(name, bytes, {
			total,
			elapsedMs: now - startedAt
		})]);
	};
}
// src/commands/cp.ts
/** `cp`: copies a file or folder into a running task of a job, or out of one. */
async function cp(job, { inputs, nomad, draft: { namespace } }, { runtime }) {
	const terminal = requireTerminal("cp", runtime);
	const copy = copyOf(inputs.source, inputs.destination, process.platform);
	const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
	const picked = pickFiles(job, value, copy.alloc === void 0 ? inputs : {
		...inputs,
		alloc: copy.alloc
	});
	const inside = {
		...insideOf(job, picked, {
			nomad,
			namespace
		}, runtime),
		runs: picked.runs
	};
	terminal.say(`${taskText(inside)}${picked.runs ? "" : ", which has ended"}`);
	const over = new AbortController();
	const signal = AbortSignal.any([runtime.signal, over.signal]);
	const onBytes = progress(terminal, runtime.clock, basename(copy.direction === "in" ? copy.local : copy.remote));
	const copying = {
		clock: runtime.clock,
		signal,
		say: terminal.say,
		onBytes
	};
	const work = copy.direction === "in" ? copyIn(inside, copy, copying) : copyOut(inside, copy, copying);
	try {
		const copied = await (picked.runs ? Promise.race([work, watchLate(inside, runtime, signal)]) : work);
		terminal.show([]);
		if (copied.skipped.length > 0) runtime.log.warning(`Left out: ${someOf(copied.skipped)}. Only files, folders, and links within the copy are copied.`);
		if (copied.changed.length > 0) runtime.log.warning(`Changed while it was copied: ${someOf(copied.changed)}.`);
		runtime.log.info(toldCopy(copied));
		terminal.event({ copied });
		return { outcome: "reported" };
	} finally {
		over.abort(/* @__PURE__ */ new Error("the copy has ended"));
		await work.catch(() => void 0);
		await inside.settle();
		terminal.show([]);
	}
}
function toldCopy({ to, files, bytes, sha256, compared }) {
	const what = sha256 === void 0 ? `${files} ${files === 1 ? "file" : "files"}, ` : "";
	const proof = compared ? sha256 === void 0 ? ", checksums compared" : `, SHA-256 ${sha256} compared` : ", sizes compared";
	return `Copied to ${to}: ${what}${bytesText(bytes)}${proof}.`;
}
/** The names of a warning; `--json` has all. */
const MAX_NAMES = 5;
function someOf(names) {
	const more = names.length - MAX_NAMES;
	return `${names.slice(0, MAX_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
export { cp };
