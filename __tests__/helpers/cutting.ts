// A proxy of ours in front of the real Nomad that cuts answers, so that a proxy in front of it gets what a dying backend sends.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { parts } from './parts.ts';

/** An answer that ends in a chunk, one that ends with its connection, or an empty one. */
export type Cut = 'chunked' | 'until close' | 'empty';

export interface Cutting {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** The calls that were cut, as `GET /v1/jobs`. */
  readonly cuts: readonly string[];
  readonly stop: () => void;
}

function portOf(server: { address: () => unknown }): number {
  return (server.address() as { port: number }).port;
}

/** Starts the proxy; `cut` decides on the nth answer, from 1, to a call. */
export async function startCutting(cut: (call: string, count: number) => Cut | undefined): Promise<Cutting> {
  const counts = new Map<string, number>();
  const cuts: string[] = [];
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const call = `${incoming.method} ${new URL(incoming.url ?? '', 'http://nomad').pathname}`;
    const body = Buffer.concat((await Array.fromAsync(incoming)) as Buffer[]);
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    const answer = await fetch(`${parts().nomad.address}${incoming.url}`, {
      ...{ method: incoming.method ?? 'GET', signal: gone.signal },
      ...(body.length === 0 ? {} : { body }),
    });
    const text = Buffer.from(await answer.arrayBuffer());
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    const how = answer.status === 200 ? cut(call, count) : undefined;
    const index = answer.headers.get('x-nomad-index') ?? '0';
    if (how === undefined) {
      outgoing.writeHead(answer.status, { 'x-nomad-index': index }).end(text);
      return;
    }
    cuts.push(call);
    const [half, { socket }] = [text.subarray(0, text.length / 2), incoming];
    if (how === 'empty') outgoing.writeHead(200, { 'x-nomad-index': index }).end();
    else if (how === 'until close') {
      socket.write(`HTTP/1.1 200 OK\r\nX-Nomad-Index: ${index}\r\nConnection: close\r\n\r\n`);
      socket.end(half);
    } else {
      outgoing.writeHead(200, { 'x-nomad-index': index });
      // The connection ends once the half has left, and before the last chunk.
      outgoing.write(half.length === 0 ? ' ' : half, () => socket.end());
    }
  };
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing).catch(() => outgoing.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { host: `127.0.0.1:${portOf(server)}`, cuts, stop };
}

/** Starts a TLS server that speaks HTTP/2 and nothing else, in front of a port that speaks it without TLS. Returns its address. */
export async function onlyHttp2Before(port: number, tls: { readonly cert: string; readonly key: string }) {
  const sockets = new Set<Socket>();
  const server = createTlsServer({ ...tls, ALPNProtocols: ['h2'] }, (socket) => {
    const upstream = connect(port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const end of [upstream, socket]) {
      sockets.add(end);
      end.on('error', () => [upstream, socket].map((each) => each.destroy()));
    }
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { address: `https://127.0.0.1:${portOf(server)}`, stop };
}
