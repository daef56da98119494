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

/** What was seen of a deployment, on the clock of `performance.now()`. */
export interface Decided {
  readonly status: string;
  readonly at: number;
  /** When an allocation of it first told of a failure; NaN if none did. */
  readonly provedAt: number;
}

/** Events by which a task tells that something is wrong. */
const PROOF = /"Type":"(Driver Failure|Failed Validation|Setup Failure|Task hook failed|Failed Artifact Download)"|"exit_code":"[1-9]/;

interface StreamEvent {
  readonly Topic: string;
  readonly Payload: {
    readonly Deployment?: { readonly JobID: string; readonly JobVersion: number; readonly Status: string };
    readonly Allocation?: { readonly JobID: string; readonly TaskStates?: unknown; readonly DeploymentID?: string };
  };
}

/** Listens to the event stream of a cluster: when it decided about deployments, and when it first knew of what failed them. */
export async function observeDeployments(address: string): Promise<{
  /** How and when the deployment of a job's version ended; waits for it. */
  readonly decided: (jobId: string, version: number) => Promise<Decided>;
  readonly close: () => void;
}> {
  const ended = new Map<string, PromiseWithResolvers<Decided>>();
  const proofs = new Map<string, number>();
  const of = (key: string): PromiseWithResolvers<Decided> => {
    const known = ended.get(key) ?? Promise.withResolvers<Decided>();
    ended.set(key, known);
    return known;
  };
  const stop = new AbortController();
  const response = await fetch(`${address}/v1/event/stream?topic=Deployment&topic=Allocation`, { signal: stop.signal });
  const read = async (): Promise<void> => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const at = performance.now();
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { Events = [] } = JSON.parse(line === '' ? '{}' : line) as { Events?: readonly StreamEvent[] };
        for (const { Payload } of Events) {
          const { Deployment: deployment, Allocation: allocation } = Payload;
          if (allocation !== undefined && !proofs.has(allocation.JobID) && PROOF.test(JSON.stringify(allocation.TaskStates ?? {})))
            proofs.set(allocation.JobID, at);
          if (deployment !== undefined && /^(successful|failed|cancelled)$/.test(deployment.Status)) {
            const provedAt = proofs.get(deployment.JobID) ?? Number.NaN;
            of(`${deployment.JobID} ${deployment.JobVersion}`).resolve({ status: deployment.Status, at, provedAt });
          }
        }
      }
    }
  };
  read().catch(() => undefined);
  return { decided: async (jobId, version) => of(`${jobId} ${version}`).promise, close: () => stop.abort() };
}
