// A cluster of three servers and two clients on loopback, each of which can be killed, stopped and started again.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, rawExecClient, startAgent } from './agent.ts';
import { ready } from './ready.ts';
import type { Run, Service } from './state.ts';

/** An agent of the cluster, which has another process after each start. */
export interface Member {
  readonly name: string;
  readonly address: string;
  /** Ends it as a power cut does. */
  readonly kill: () => void;
  /** Stops it as a hung machine does: it keeps its connections, and answers nothing. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** Starts it where its process is gone. */
  readonly start: () => void;
}

export interface Cluster {
  readonly servers: readonly Member[];
  readonly clients: readonly Member[];
  readonly token: string;
  /** Asks the first server that answers; undefined for a 404. */
  readonly ask: <T>(path: string) => Promise<T | undefined>;
  readonly send: (method: string, path: string, body: object) => Promise<unknown>;
  /** Returns the server that leads. */
  readonly leader: () => Promise<Member>;
  /** Starts what is gone, and waits until all servers vote and all clients are ready. */
  readonly heal: () => Promise<void>;
}

const SECONDS = 60;

const server = (join: readonly number[]): string => `
acl {
  enabled                  = true
  token_min_expiration_ttl = "1s"
}
server {
  enabled                = true
  bootstrap_expect       = 3
  heartbeat_grace        = "2s"
  min_heartbeat_ttl      = "2s"
  failover_heartbeat_ttl = "15s"
  server_join {
    retry_join     = [${join.map((port) => `"127.0.0.1:${port}"`).join(', ')}]
    retry_interval = "1s"
  }
}`;

const client = (servers: readonly number[], number: number): string => `
acl {
  enabled = true
}
${rawExecClient(`
  servers          = [${servers.map((port) => `"127.0.0.1:${port}"`).join(', ')}]
  min_dynamic_port = ${21_000 + 500 * number}
  max_dynamic_port = ${21_499 + 500 * number}`)}`;

function memberOf(agent: Agent): Member & { readonly service: () => Service } {
  let { service } = agent;
  const signal = (name: NodeJS.Signals): void => {
    if (service.alive()) process.kill(service.pid, name);
  };
  return {
    name: agent.name,
    address: agent.address,
    service: () => service,
    kill: () => signal('SIGKILL'),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    start: () => {
      if (!service.alive()) service = agent.again();
    },
  };
}

/** Starts the cluster, with ACLs. The servers notice within seconds that a client is gone. */
export async function startCluster(run: Run, nomad: string): Promise<Cluster> {
  const first = await startAgent(run, nomad, 'server', server([]));
  const others = [
    await startAgent(run, nomad, 'server', server([first.serfPort])),
    await startAgent(run, nomad, 'server', server([first.serfPort])),
  ];
  const agents = [first, ...others];
  const rpc = agents.map(({ rpcPort }) => rpcPort);
  const nodes = [await startAgent(run, nomad, 'client', client(rpc, 0)), await startAgent(run, nomad, 'client', client(rpc, 1))];
  const [servers, clients] = [agents.map(memberOf), nodes.map(memberOf)];
  let token = '';
  const request = async (address: string, method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${address}${path}`, {
      ...{ method, headers: { 'x-nomad-token': token }, signal: AbortSignal.timeout(5_000) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const any = async (method: string, path: string, body?: object): Promise<Response> => {
    let last: unknown;
    for (let tries = 0; tries < 10; tries++) {
      for (const { address } of servers) {
        try {
          const response = await request(address, method, path, body);
          if (response.ok || response.status === 404) return response;
          last = new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
        } catch (error) {
          last = error;
        }
      }
      await sleep(1_000);
    }
    throw last;
  };
  const ask = async <T>(path: string): Promise<T | undefined> => {
    const response = await any('GET', path);
    return response.status === 404 ? void (await response.arrayBuffer()) : ((await response.json()) as T);
  };
  const found = async (path: string, of: Member): Promise<unknown> => {
    const response = await request(of.address, 'GET', path);
    return response.ok ? response.json() : undefined;
  };
  const [one] = servers;
  if (one === undefined) throw new Error('there are three servers');
  await ready(one.service(), 'a leader', SECONDS, async () => ((await found('/v1/status/leader', one)) as string) || undefined);
  token = await ready(one.service(), 'the management token', SECONDS, async () => {
    const response = await request(one.address, 'POST', '/v1/acl/bootstrap', {});
    return response.ok ? ((await response.json()) as { SecretID: string }).SecretID : undefined;
  });
  const heal = async (): Promise<void> => {
    for (const member of [...servers, ...clients]) {
      member.thaw();
      member.start();
    }
    for (const member of servers) {
      await ready(member.service(), `${member.name} and its peers`, SECONDS, async () => {
        const peers = (await found('/v1/status/peers', member)) as readonly string[] | undefined;
        const isLed = ((await found('/v1/status/leader', member)) ?? '') !== '';
        const list = (await found('/v1/nodes', member)) as readonly { Status: string }[] | undefined;
        const up = list?.filter(({ Status }) => Status === 'ready').length ?? 0;
        // A server that has just started does not have the token yet.
        const hasToken = (await found('/v1/acl/token/self?stale=true', member)) !== undefined;
        return (isLed && hasToken && peers?.length === servers.length && up === clients.length) || undefined;
      });
    }
  };
  await heal();
  const leader = async (): Promise<Member> => {
    const at = await ask<string>('/v1/status/leader');
    const index = rpc.findIndex((port) => at?.endsWith(`:${port}`));
    const member = servers[index];
    if (member === undefined) throw new Error(`${at} is no server of the cluster`);
    return member;
  };
  return { servers, clients, token, ask, send: async (method, path, body) => (await any(method, path, body)).json(), leader, heal };
}
