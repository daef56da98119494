// A proxy of ours in front of the real Nomad that calls at its nth request, or when Nomad has answered it.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Trigger {
  readonly address: string;
  /** The requests so far, as `PUT /v1/jobs`. */
  readonly requests: readonly string[];
  /** Calls at the nth request from now, from 1: before Nomad gets it, or after Nomad has answered and before the answer is passed on. */
  readonly arm: (on: 'request' | 'answer', nth: number, act: () => void) => void;
  /** The bytes of the answers so far. */
  readonly bytes: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts the proxy in front of an address of Nomad. */
export async function startTrigger(nomad: string): Promise<Trigger> {
  const requests: string[] = [];
  let armed: { readonly on: 'request' | 'answer'; readonly at: number; readonly act: () => void } | undefined;
  let bytes = 0;
  const tell = (on: 'request' | 'answer', number: number): void => {
    if (armed?.on === on && armed.at === number) armed.act();
  };
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const number = requests.push(`${incoming.method} ${new URL(incoming.url ?? '', nomad).pathname}`);
    tell('request', number);
    const { method = 'GET', headers } = incoming;
    const upstream = request(new URL(incoming.url ?? '', nomad), { method, headers }, (answer) => {
      tell('answer', number);
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    upstream.on('error', () => outgoing.destroy());
    // Nomad gets a request whose sender has died, as it would without the proxy, but a blocking query ends.
    outgoing.on('close', () => method === 'GET' && upstream.destroy());
    incoming.on('error', () => undefined);
    incoming.pipe(upstream);
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    arm: (on, nth, act) => {
      armed = { on, at: requests.length + nth, act };
    },
    bytes: () => bytes,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
