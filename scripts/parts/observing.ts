// What an independent observer sees of a deployment, and what a client asks for: the verdict benchmark and the tests of the watcher use both.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A loopback proxy in front of Nomad. */
export interface Proxy {
  readonly address: string;
  /** What was asked since the last call, as `GET /v1/deployment/…?…`, in order. */
  readonly take: () => string[];
  readonly close: () => Promise<void>;
}

/** Deals with a request in Nomad's place, or leaves it (undefined) to be passed on. */
export type Fault = (asked: IncomingMessage, answer: ServerResponse) => 'dealt-with' | undefined;

/** Starts a proxy that passes every request on to `upstream`, unless `fault` deals with it. */
export async function startProxy(upstream: string, fault: Fault = () => undefined): Promise<Proxy> {
  const seen: string[] = [];
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (asked, answer) => {
    seen.push(`${asked.method} ${asked.url}`);
    if (fault(asked, answer) === 'dealt-with') return;
    const { method, headers } = asked;
    const passed = request(new URL(asked.url ?? '/', upstream), { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => seen.splice(0),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
