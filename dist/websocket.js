import { createHash } from "node:crypto";
// src/nomad/websocket-frames.ts
const OPCODES = {
	continuation: 0,
	text: 1,
	binary: 2,
	close: 8,
	ping: 9,
	pong: 10
};
/** The longest header: two bytes, eight of the length, four of the mask. The payload behind it begins at a multiple of four. */
const HEADER = 16;
/** A message is at most this long. Nomad's have some 90 kB. */
const MAX_MESSAGE_BYTES = 16777216;
/** Returns a frame of the client: whole, and masked by a number of 32 bits. */
function encodeFrame(opcode, payload, mask) {
	const bytes = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
	const buffer = Buffer.allocUnsafeSlow(HEADER + Math.ceil(bytes / 4) * 4);
	if (typeof payload === "string") buffer.write(payload, HEADER);
	else buffer.set(payload, HEADER);
	const words = new Uint32Array(buffer.buffer, HEADER, Math.ceil(bytes / 4));
	const key = new Uint32Array([mask]);
	for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ mask;
	const start = HEADER - (bytes < 126 ? 6 : bytes < 65536 ? 8 : 14);
	buffer[start] = 128 | opcode;
	buffer[start + 1] = 128 | (bytes < 126 ? bytes : bytes < 65536 ? 126 : 127);
	if (bytes >= 65536) buffer.writeBigUInt64BE(BigInt(bytes), start + 2);
	else if (bytes >= 126) buffer.writeUInt16BE(bytes, start + 2);
	buffer.set(new Uint8Array(key.buffer), 12);
	return buffer.subarray(start, HEADER + bytes);
}
/** Returns a function that takes the next bytes of a connection, and returns the messages and control frames that they complete. Throws for bytes that are none. */
function frameReader() {
	let chunks = [];
	let waiting = 0;
	let needed = 2;
	let parts = [];
	let size = 0;
	let kind = OPCODES.text;
	return (chunk) => {
		chunks.push(chunk);
		waiting += chunk.length;
		const frames = [];
		while (waiting >= needed) {
			const all = chunks.length === 1 && chunks[0] !== void 0 ? chunks[0] : Buffer.concat(chunks);
			chunks = [all];
			const head = headOf(all);
			needed = head === void 0 ? needed + 1 : head.start + head.length;
			if (head === void 0 || waiting < needed) continue;
			const payload = all.subarray(head.start, needed);
			chunks = [all.subarray(needed)];
			waiting -= needed;
			needed = 2;
			if (head.opcode >= OPCODES.close) {
				frames.push({
					opcode: head.opcode,
					payload
				});
				continue;
			}
			if (head.opcode !== OPCODES.continuation) kind = head.opcode;
			if (payload.length > 0) parts.push(payload);
			size += payload.length;
			if (size > MAX_MESSAGE_BYTES) throw new Error("a message is too long");
			if (!head.final) continue;
			frames.push({
				opcode: kind,
				payload: parts.length === 1 && parts[0] !== void 0 ? parts[0] : Buffer.concat(parts)
			});
			[parts, size] = [[], 0];
		}
		return frames;
	};
}
/** Returns the head of the frame at the begin of some bytes; undefined when more are needed. */
function headOf(bytes) {
	const [first = 0, second = 0] = bytes;
	if ((first & 112) !== 0 || (second & 128) !== 0) throw new Error("a frame is not as agreed");
	const short = second & 127;
	const start = short < 126 ? 2 : short === 126 ? 4 : 10;
	if (bytes.length < start) return void 0;
	const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
	if (length > MAX_MESSAGE_BYTES) throw new Error("a frame is too long");
	return {
		opcode: first & 15,
		final: (first & 128) !== 0,
		start,
		length
	};
}
// src/nomad/websocket.ts
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MAX_REFUSAL_BYTES = 4096;
/** The close code of a connection that ended without one, and the one of an end without complaint. */
const ABNORMAL = 1006;
const NORMAL = 1e3;
const NO_CODE = 1005;
/** After a close frame, the other side ends the connection. One that does not is ended. */
const CLOSE_MS = 1e3;
/** Opens a web socket. Returns the answer of a server that refuses it. Rejects with undici's error where there is no answer, and with the signal's reason. */
async function openSocket(dispatcher, { origin, path, headers }, clock, signal) {
	signal.throwIfAborted();
	const { promise, resolve, reject } = Promise.withResolvers();
	const key = Buffer.from(Array.from({ length: 16 }, () => clock.random() * 256)).toString("base64");
	const accept = createHash("sha1").update(`${key}${MAGIC}`).digest("base64");
	const answer = {
		status: 0,
		text: "",
		location: void 0
	};
	const offered = {
		...headers,
		"sec-websocket-key": key,
		"sec-websocket-version": "13"
	};
	dispatcher.dispatch({
		origin,
		path,
		method: "GET",
		headers: offered,
		upgrade: "websocket"
	}, {
		onRequestStart: (controller) => signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true }),
		onRequestUpgrade: (_controller, status, given, stream) => {
			if (status === 101 && given["sec-websocket-accept"] === accept) return resolve(socketOver(stream, clock));
			stream.destroy();
			resolve({
				...answer,
				status
			});
		},
		onResponseStart: (_controller, status, given) => {
			answer.status = status;
			answer.location = [given["location"]].flat()[0];
		},
		onResponseData: (controller, chunk) => {
			answer.text += chunk.toString("utf8");
			if (answer.text.length < MAX_REFUSAL_BYTES) return;
			resolve(answer);
			controller.abort(/* @__PURE__ */ new Error("the answer is long"));
		},
		onResponseEnd: () => resolve(answer),
		onResponseError: (_controller, error) => reject(signal.aborted ? signal.reason : error)
	});
	return promise;
}
function socketOver(stream, clock) {
	stream.on("error", () => void 0);
	let closing = false;
	const write = (opcode, payload) => !stream.writable || stream.write(encodeFrame(opcode, payload, Math.floor(clock.random() * 2 ** 32)));
	const close = (code = NORMAL) => {
		if (closing) return;
		closing = true;
		write(OPCODES.close, Buffer.from([code >> 8, code & 255]));
		stream.end();
		const over = new AbortController();
		stream.once("close", () => over.abort());
		clock.sleep(CLOSE_MS, over.signal).then(() => stream.destroy(), () => void 0);
	};
	return {
		send: async (text) => {
			if (closing || write(OPCODES.text, text)) return;
			await new Promise((resolve) => {
				const done = () => {
					for (const event of ["drain", "close"]) stream.off(event, done);
					resolve();
				};
				for (const event of ["drain", "close"]) stream.on(event, done);
			});
		},
		texts: textsOf(stream, {
			pong: (payload) => write(OPCODES.pong, payload),
			close
		}),
		close: () => close()
	};
}
async function* textsOf(stream, { pong, close }) {
	const read = frameReader();
	try {
		for await (const chunk of stream) for (const { opcode, payload } of read(chunk)) {
			if (opcode === OPCODES.text) yield payload.toString("utf8");
			if (opcode === OPCODES.ping) pong(payload);
			if (opcode !== OPCODES.close) continue;
			close();
			return payload.length < 2 ? {
				code: NO_CODE,
				reason: ""
			} : {
				code: payload.readUInt16BE(0),
				reason: payload.toString("utf8", 2)
			};
		}
	} catch {} finally {
		stream.destroy();
	}
	return {
		code: ABNORMAL,
		reason: ""
	};
}
export { openSocket };
