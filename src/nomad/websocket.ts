// A web socket over a connection of undici: https://www.rfc-editor.org/rfc/rfc6455. undici's own reads on while nobody takes the messages, and does not tell the
// answer of a server that refuses it.
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Clock } from '../runtime/runtime.ts';
import { encodeFrame, frameReader, OPCODES } from './websocket-frames.ts';

/** The end of a web socket: the code and the reason of the server; 1006 for a connection that has ended without them. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A web socket. Each side waits for the other one, so that neither fills the memory. */
export interface Socket {
  /** Sends a text. Resolves when more may follow, also when the socket has ended. */
  readonly send: (text: string) => Promise<void>;
  /** The texts of the server in their order, until the end. A text is read when it is asked for. Gives one loop only. */
  readonly texts: AsyncGenerator<string, Closed>;
  readonly close: () => void;
}

/** The answer of a server that opens no web socket. */
export interface Refused {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}

/** The request of a web socket. */
export interface SocketRequest {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_REFUSAL_BYTES = 4096;
/** The close code of a connection that ended without one, and the one of an end without complaint. */
const ABNORMAL = 1006;
const NORMAL = 1000;
const NO_CODE = 1005;
/** After a close frame, the other side ends the connection. One that does not is ended. */
const CLOSE_MS = 1_000;

/** Opens a web socket. Returns the answer of a server that refuses it. Rejects with undici's error where there is no answer, and with the signal's reason. */
export async function openSocket(
  dispatcher: Dispatcher,
  { origin, path, headers }: SocketRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<Socket | Refused> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket | Refused>();
  const key = Buffer.from(Array.from({ length: 16 }, () => clock.random() * 256)).toString('base64');
  const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64');
  const answer = { status: 0, text: '', location: undefined as string | undefined };
  const offered = { ...headers, 'sec-websocket-key': key, 'sec-websocket-version': '13' };
  dispatcher.dispatch(
    { origin, path, method: 'GET', headers: offered, upgrade: 'websocket' },
    {
      onRequestStart: (controller) => signal.addEventListener('abort', () => controller.abort(signal.reason as Error), { once: true }),
      onRequestUpgrade: (_controller, status, given, stream) => {
        if (status === 101 && given['sec-websocket-accept'] === accept) return resolve(socketOver(stream, clock));
        stream.destroy();
        resolve({ ...answer, status });
      },
      onResponseStart: (_controller, status, given) => {
        answer.status = status;
        answer.location = [given['location']].flat()[0];
      },
      onResponseData: (controller, chunk) => {
        answer.text += chunk.toString('utf8');
        if (answer.text.length < MAX_REFUSAL_BYTES) return;
        resolve(answer);
        controller.abort(new Error('the answer is long'));
      },
      onResponseEnd: () => resolve(answer),
      onResponseError: (_controller, error) => reject(signal.aborted ? (signal.reason as Error) : error),
    },
  );
  return promise;
}

function socketOver(stream: Duplex, clock: Clock): Socket {
  // The reader tells the end of a broken connection. Without a listener, its error would end the process.
  stream.on('error', () => undefined);
  let closing = false;
  const write = (opcode: number, payload: Uint8Array | string): boolean =>
    !stream.writable || stream.write(encodeFrame(opcode, payload, Math.floor(clock.random() * 2 ** 32)));
  const close = (code = NORMAL): void => {
    if (closing) return;
    closing = true;
    write(OPCODES.close, Buffer.from([code >> 8, code & 0xff]));
    stream.end();
    const over = new AbortController();
    stream.once('close', () => over.abort());
    clock.sleep(CLOSE_MS, over.signal).then(
      () => stream.destroy(),
      () => undefined,
    );
  };
  return {
    send: async (text) => {
      if (closing || write(OPCODES.text, text)) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          for (const event of ['drain', 'close'] as const) stream.off(event, done);
          resolve();
        };
        for (const event of ['drain', 'close'] as const) stream.on(event, done);
      });
    },
    texts: textsOf(stream, { pong: (payload) => write(OPCODES.pong, payload), close }),
    close: () => close(),
  };
}

async function* textsOf(
  stream: Duplex,
  { pong, close }: { readonly pong: (payload: Buffer) => void; readonly close: (code?: number) => void },
): AsyncGenerator<string, Closed> {
  const read = frameReader();
  try {
    for await (const chunk of stream) {
      for (const { opcode, payload } of read(chunk as Buffer)) {
        if (opcode === OPCODES.text) yield payload.toString('utf8');
        if (opcode === OPCODES.ping) pong(payload);
        if (opcode !== OPCODES.close) continue;
        close();
        return payload.length < 2 ? { code: NO_CODE, reason: '' } : { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
      }
    }
  } catch {
    // A broken connection ends as one without a close frame.
  } finally {
    stream.destroy();
  }
  return { code: ABNORMAL, reason: '' };
}
