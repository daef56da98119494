// A server on loopback that answers as a test says: for words that no version of Nomad has. Time passes when the client waits.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Nomad } from '../../src/nomad/connect.ts';
import type { ShortToken } from '../../src/nomad/session.ts';
import { secret } from '../../src/runtime/index.ts';

/** An answer: a status, a text or an object, and the index of the header. */
export interface Said {
  readonly status?: number;
  readonly body?: unknown;
  readonly index?: number;
}

type Connecting = { readonly token?: string; readonly region?: string; readonly login?: () => Promise<ShortToken> };

/** Connects to a server that answers each `METHOD /path` by `answer`; hands over the API and the requests that were asked. */
export async function withNomad<T>(
  answer: (asked: string, request: IncomingMessage, body: string) => Said,
  use: (nomad: Nomad, asked: readonly string[]) => Promise<T>,
  { token, region, login }: Connecting = {},
): Promise<T> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let sent = '';
    request.on('data', (chunk: Buffer) => {
      sent += chunk.toString();
    });
    request.on('end', () => {
      const line = `${request.method} ${request.url?.replace(/\?.*/, '')}`;
      asked.push(line);
      const { status = 200, body = '', index } = answer(line, request, sent);
      response.writeHead(status, index === undefined ? {} : { 'x-nomad-index': String(index) });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let nowMs = 1_000_000;
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      nowMs += ms;
    },
    timeout: () => new AbortController().signal,
    random: () => 0.5,
  };
  const log = { info: () => undefined, debug: () => undefined } as never;
  const connection = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: token === undefined ? undefined : secret(token),
    region,
    ...(login === undefined ? {} : { login }),
  };
  const nomad = await connect(connection, { log, clock, signal: new AbortController().signal });
  try {
    return await use(nomad, asked);
  } finally {
    await nomad.close();
    server.close();
    server.closeAllConnections();
  }
}
