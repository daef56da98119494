import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { type Closed, openSocket, type Refused, type Socket } from '../../../src/nomad/websocket.ts';
import { encodeFrame, frameReader, OPCODES } from '../../../src/nomad/websocket-frames.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

/** A frame of a server, which has no mask. */
function frame(opcode: number, payload: Uint8Array | string, final = true): Buffer {
  const bytes = Buffer.from(payload);
  const head = bytes.length < 126 ? Buffer.from([0, bytes.length]) : bytes.length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = (final ? 0x80 : 0) | opcode;
  if (bytes.length >= 65_536) {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
  } else if (bytes.length >= 126) {
    head[1] = 126;
    head.writeUInt16BE(bytes.length, 2);
  }
  return Buffer.concat([head, bytes]);
}

/** The frames of a client without their masks. */
function unmask(bytes: Buffer): Buffer {
  const masked = Buffer.from(bytes);
  const short = (masked[1] ?? 0) & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const key = masked.subarray(at, at + 4);
  for (let i = at + 4; i < masked.length; i++) masked[i] = (masked[i] ?? 0) ^ (key[(i - at - 4) % 4] ?? 0);
  masked[1] = short;
  return Buffer.concat([masked.subarray(0, at), masked.subarray(at + 4)]);
}

describe('frames', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536, 200_001])('of %i bytes', (length) => {
    const text = 'x'.repeat(length);
    const [back, ...others] = frameReader()(unmask(encodeFrame(OPCODES.text, text, 0x89abcdef)));
    expect(others).toEqual([]);
    expect(back?.opcode).toBe(OPCODES.text);
    expect(back?.payload.toString()).toBe(text);
  });

  test('in any pieces, with control frames between the parts of a message', () => {
    const bytes = Buffer.concat([
      frame(OPCODES.text, 'first'),
      frame(OPCODES.text, 'sec', false),
      frame(OPCODES.ping, 'p'),
      frame(OPCODES.continuation, 'ond'),
      frame(OPCODES.text, 'y'.repeat(70_000)),
    ]);
    for (const size of [1, 3, 1000, bytes.length]) {
      const read = frameReader();
      const found = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => read(bytes.subarray(i * size, (i + 1) * size))).flat();
      expect(found.map(({ payload }) => payload.toString())).toEqual(['first', 'p', 'second', 'y'.repeat(70_000)]);
    }
  });

  test('that are masked, compressed or too long are refused', () => {
    for (const bytes of [
      [0x81, 0x81],
      [0xc1, 0x01],
      [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0],
    ]) {
      expect(() => frameReader()(Buffer.from(bytes))).toThrow(/frame/);
    }
  });
});

const servers: Server[] = [];
const sockets = new Set<Duplex>();
const agent = new Agent();
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await agent.destroy();
});

/** A server that opens web sockets and does something with their connections. */
async function opened(serve: (socket: TcpSocket) => void, signal = new AbortController().signal): Promise<Socket | Refused> {
  const server = createServer((_request, response) => response.writeHead(404).end('nothing here'));
  server.on('upgrade', ({ headers }, socket) => {
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    // A server that writes to an ended client is told so.
    socket.on('error', () => undefined);
    serve(socket as TcpSocket);
  });
  return at(server, signal);
}

async function at(server: Server, signal = new AbortController().signal): Promise<Socket | Refused> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return openSocket(
    agent,
    { origin: `http://127.0.0.1:${port}`, path: '/exec', headers: { 'x-nomad-token': 'secret' } },
    systemClock,
    signal,
  );
}

const isSocket = (socket: Socket | Refused): Socket => {
  if ('status' in socket) throw new Error(`refused with ${socket.status}`);
  return socket;
};
async function read({ texts }: Socket): Promise<{ readonly all: string[]; readonly closed: Closed }> {
  const all: string[] = [];
  for (;;) {
    const next = await texts.next();
    if (next.done === true) return { all, closed: next.value };
    all.push(next.value);
  }
}

test('texts come in their order, a ping is answered, and the end has code and reason', async () => {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const socket = isSocket(
    await opened((server) => {
      server.once('data', resolve);
      server.write(Buffer.concat([frame(OPCODES.ping, 'p'), frame(OPCODES.text, 'one'), frame(OPCODES.text, 'two')]));
      server.write(frame(OPCODES.close, Buffer.concat([Buffer.from([0x03, 0xf3]), Buffer.from('Permission denied')])));
    }),
  );
  expect(await read(socket)).toEqual({ all: ['one', 'two'], closed: { code: 1011, reason: 'Permission denied' } });
  // The frame of close follows.
  expect(frameReader()(unmask((await promise).subarray(0, 7)))[0]).toMatchObject({ opcode: OPCODES.pong });
});

test('a connection that breaks has the code 1006', async () => {
  const socket = isSocket(await opened((server) => server.write(frame(OPCODES.text, 'one'), () => server.resetAndDestroy())));
  expect((await read(socket)).closed).toEqual({ code: 1006, reason: '' });
  // There is nobody to send to any more.
  await socket.send('late');
});

test('a server is read no faster than its texts are taken', async () => {
  let written = 0;
  const socket = isSocket(
    await opened((server) => {
      const more = (): void => {
        while (server.write(frame(OPCODES.text, 'x'.repeat(60_000)))) written += 1;
        server.once('drain', more);
      };
      more();
    }),
  );
  await socket.texts.next();
  const before = written;
  // The buffers of the system are filled by now, and nothing takes from them.
  for (let last = -1; last !== written; ) {
    last = written;
    await systemClock.sleep(50, new AbortController().signal);
  }
  expect(written - before).toBeLessThan(400);
  for (let i = 0; i < before + 500; i++) await socket.texts.next();
  expect(written).toBeGreaterThan(before + 300);
  socket.close();
});

test('a sender waits for a slow server, and is let go when it ends', async () => {
  let server: TcpSocket | undefined;
  const socket = isSocket(await opened((own) => (server = own.pause())));
  let sent = 0;
  const sending = (async () => {
    for (; sent < 1000; sent++) await socket.send('x'.repeat(100_000));
  })();
  for (let last = -1; last !== sent; ) {
    last = sent;
    await systemClock.sleep(50, new AbortController().signal);
  }
  expect(sent).toBeLessThan(200);
  server?.resetAndDestroy();
  await sending;
});

test.each([
  ['an answer of a proxy', 502, 'Bad Gateway'],
  ['a refusal', 403, 'Permission denied'],
  ['a server without web sockets', 200, '<html>'],
])('%s is returned', async (_what, status, text) => {
  const server = createServer((_request, response) => response.writeHead(status).end(text));
  expect(await at(server)).toEqual({ status, text, location: undefined });
});

test('a server with a wrong accept key opens nothing', async () => {
  const server = createServer();
  server.on('upgrade', (_request, socket) => {
    sockets.add(socket);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n');
  });
  expect(await at(server)).toMatchObject({ status: 101 });
});

test('a cancelled opening rejects with the reason', async () => {
  const aborted = new AbortController();
  const server = createServer(() => aborted.abort(new Error('cancelled')));
  server.on('upgrade', (_request, socket) => {
    sockets.add(socket);
    aborted.abort(new Error('cancelled'));
  });
  await expect(at(server, aborted.signal)).rejects.toThrow('cancelled');
});
