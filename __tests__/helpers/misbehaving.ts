// Loopback servers that misbehave on their first requests, and the action's own API of them.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp1Server } from 'node:http';
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { authority, pem } from '../../scripts/parts/certificates.ts';
import { connect, type Nomad } from '../../src/nomad/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';

/** A server's PEM texts, and that of the authority that signed its certificate. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes the certificates of a server on loopback, by openssl. */
export async function certificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-test-'));
  try {
    const ca = await authority(folder);
    const { cert, key } = await ca.sign('server', 'DNS:localhost,IP:127.0.0.1');
    return { ca: pem(ca.cert), cert: pem(cert), key: pem(key) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Listening {
  readonly address: string;
  /** The requests so far, as `GET /v1/jobs`. */
  readonly requests: readonly string[];
  readonly connections: () => number;
  readonly close: () => void;
}

/** Does what a server does to the nth request, from 1; `cut` ends its TCP connection. */
export type Behaviour = (stream: ServerHttp2Stream, count: number, cut: () => void) => void;

async function listen(server: Server, scheme: 'http' | 'https', requests: readonly string[]): Promise<Listening> {
  const sockets = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count += 1;
    sockets.add(socket.on('error', () => undefined));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { address: `${scheme}://127.0.0.1:${port}`, requests, connections: () => count, close };
}

/** Starts a server that speaks HTTP/2 over TLS and refuses HTTP/1.1. With `goaway`, its first connection ends so, and has processed no request. */
export async function onlyHttp2({ cert, key }: Certificates, behave: Behaviour, goaway?: number): Promise<Listening> {
  const requests: string[] = [];
  let connections = 0;
  const server = createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket: TLSSocket) => {
    socket.on('error', () => undefined);
    connections += 1;
    if (connections === 1 && goaway !== undefined) refuse(socket, goaway);
    else answering(requests, behave, () => void socket.destroy()).emit('connection', socket);
  });
  return listen(server, 'https', requests);
}

const [PREFACE, FRAME_HEAD, HEADERS, SETTINGS, GOAWAY] = [24, 9, 1, 4, 7];

/** Speaks HTTP/2 until a request comes, and refuses that by GOAWAY: https://www.rfc-editor.org/rfc/rfc9113#section-6.8 */
function refuse(socket: TLSSocket, code: number): void {
  const frame = (type: number, payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, 0, payload.length, type, 0, 0, 0, 0, 0]), payload]);
  socket.write(frame(SETTINGS, Buffer.alloc(0)));
  let bytes = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    bytes = Buffer.concat([bytes, data]);
    for (let at = PREFACE; at + FRAME_HEAD <= bytes.length; at += FRAME_HEAD + bytes.readUIntBE(at, 3)) {
      if (bytes[at + 3] === HEADERS && !socket.writableEnded) socket.end(frame(GOAWAY, Buffer.from([0, 0, 0, 0, 0, 0, 0, code])));
    }
  });
}

/** The HTTP/2 of one connection. */
function answering(requests: string[], behave: Behaviour, cut: () => void): Http2Server {
  return createServer()
    .on('sessionError', () => undefined)
    .on('session', (session: ServerHttp2Session) => void session.on('error', () => undefined))
    .on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      behave(stream, requests.push(`${headers[':method']} ${headers[':path']?.replace(/\?.*/, '')}`), cut);
    });
}

/** Starts a server that speaks HTTP/2 and HTTP/1.1 over TLS, and answers with its version as an `ID`. */
export async function bothVersions({ cert, key }: Certificates): Promise<Listening> {
  const requests: string[] = [];
  const server = createSecureServer({ cert, key, allowHTTP1: true }, ({ httpVersion }, response) => {
    requests.push(httpVersion);
    response.end(JSON.stringify({ ID: httpVersion }));
  });
  return listen(server, 'https', requests);
}

/** Starts an HTTP/1.1 server; `behave` writes the answer to the nth request, from 1, on its socket. With certificates it speaks TLS. */
export async function http1(behave: (socket: Socket, count: number) => void, tls?: Certificates): Promise<Listening> {
  const requests: string[] = [];
  const http = createHttp1Server((incoming) => {
    incoming.resume().on('end', () => behave(incoming.socket, requests.push(`${incoming.method} ${incoming.url?.replace(/\?.*/, '')}`)));
  });
  const take = (socket: Socket): void => {
    socket.on('error', () => undefined);
    http.emit('connection', socket);
  };
  const server = tls === undefined ? createTcpServer(take) : createTlsServer({ cert: tls.cert, key: tls.key }, take);
  return listen(server, tls === undefined ? 'http' : 'https', requests);
}

/** Opens the action's API of a server, with the lines that it logs. Its time passes by sleeps, which take none. */
export async function openApi({ address }: Listening, ca?: string): Promise<{ readonly nomad: Nomad; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const log = {
    ...{ info: (line: string) => void lines.push(line), debug: () => undefined, notice: () => undefined },
    ...{ warning: () => undefined, error: () => undefined },
    group: async <T>(_title: string, work: () => Promise<T>) => work(),
  };
  const tls = ca === undefined ? undefined : { ca, skipVerify: false };
  let sleptMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    sleptMs += ms;
  };
  const runtime = { clock: { ...systemClock, now: () => Date.now() + sleptMs, sleep }, signal: new AbortController().signal, log };
  return { nomad: await connect({ address, token: undefined, region: undefined, tls }, runtime), lines };
}
