// The frames of a web socket: https://www.rfc-editor.org/rfc/rfc6455#section-5. Nomad sends and takes text only, without extensions.

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A message, or a control frame. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The longest header: two bytes, eight of the length, four of the mask. The payload behind it begins at a multiple of four. */
const HEADER = 16;

/** A message is at most this long. Nomad's have some 90 kB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Returns a frame of the client: whole, and masked by a number of 32 bits. */
export function encodeFrame(opcode: number, payload: Uint8Array | string, mask: number): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const buffer = Buffer.allocUnsafeSlow(HEADER + Math.ceil(bytes / 4) * 4);
  if (typeof payload === 'string') buffer.write(payload, HEADER);
  else buffer.set(payload, HEADER);
  const words = new Uint32Array(buffer.buffer, HEADER, Math.ceil(bytes / 4));
  const key = new Uint32Array([mask]);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ mask;
  const start = HEADER - (bytes < 126 ? 6 : bytes < 65_536 ? 8 : 14);
  buffer[start] = 0x80 | opcode;
  buffer[start + 1] = 0x80 | (bytes < 126 ? bytes : bytes < 65_536 ? 126 : 127);
  if (bytes >= 65_536) buffer.writeBigUInt64BE(BigInt(bytes), start + 2);
  else if (bytes >= 126) buffer.writeUInt16BE(bytes, start + 2);
  buffer.set(new Uint8Array(key.buffer), HEADER - 4);
  return buffer.subarray(start, HEADER + bytes);
}

/** Returns a function that takes the next bytes of a connection, and returns the messages and control frames that they complete. Throws for bytes that are none. */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let chunks: Buffer[] = [];
  let waiting = 0;
  let needed = 2;
  let parts: Buffer[] = [];
  let size = 0;
  let kind: number = OPCODES.text;
  return (chunk) => {
    chunks.push(chunk);
    waiting += chunk.length;
    const frames: Frame[] = [];
    while (waiting >= needed) {
      const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      chunks = [all];
      const head = headOf(all);
      needed = head === undefined ? needed + 1 : head.start + head.length;
      if (head === undefined || waiting < needed) continue;
      const payload = all.subarray(head.start, needed);
      chunks = [all.subarray(needed)];
      waiting -= needed;
      needed = 2;
      if (head.opcode >= OPCODES.close) {
        frames.push({ opcode: head.opcode, payload });
        continue;
      }
      if (head.opcode !== OPCODES.continuation) kind = head.opcode;
      // Empty parts would fill the memory without a limit.
      if (payload.length > 0) parts.push(payload);
      size += payload.length;
      if (size > MAX_MESSAGE_BYTES) throw new Error('a message is too long');
      if (!head.final) continue;
      frames.push({ opcode: kind, payload: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts) });
      [parts, size] = [[], 0];
    }
    return frames;
  };
}

/** Returns the head of the frame at the begin of some bytes; undefined when more are needed. */
function headOf(
  bytes: Buffer,
): { readonly opcode: number; readonly final: boolean; readonly start: number; readonly length: number } | undefined {
  const [first = 0, second = 0] = bytes;
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0) throw new Error('a frame is not as agreed');
  const short = second & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > MAX_MESSAGE_BYTES) throw new Error('a frame is too long');
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, start, length };
}
