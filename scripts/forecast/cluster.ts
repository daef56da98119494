// One server and eight nodes that differ in everything that a forecast looks at. They share this machine, and run nothing but tasks that do nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, startAgent } from '../parts/agent.ts';
import { ready } from '../parts/ready.ts';
import type { Run } from '../parts/state.ts';

export interface Cluster {
  readonly address: string;
  readonly nodes: readonly { readonly id: string; readonly name: string }[];
  /** The driver of the tasks: that for tests where this Nomad has it, which starts no process. */
  readonly driver: 'mock_driver' | 'raw_exec';
  readonly ask: <T>(path: string) => Promise<T>;
  readonly send: (method: string, path: string, body: object) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** The differences of a node. */
interface Role {
  readonly datacenter: string;
  readonly pool?: string;
  readonly class?: string;
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  readonly reserved?: string;
  readonly volume?: string;
  readonly meta?: string;
}

const ROLES: readonly Role[] = [
  { datacenter: 'dc1', class: 'small', cpu: 2_000, memory: 1_000, disk: 4_000, meta: 'rack = "r1"\nversion = "1.2.3"\ntags = "a, b"' },
  { datacenter: 'dc1', class: 'small', cpu: 2_000, memory: 1_500, disk: 4_000, meta: 'rack = "r1"\nversion = "1.10.0"\ntags = "b"' },
  {
    datacenter: 'dc1',
    class: 'large',
    cpu: 6_000,
    memory: 4_000,
    disk: 8_000,
    meta: 'rack = "r2"\nversion = "2.0.0-beta"',
    volume: 'data',
  },
  { datacenter: 'dc2', class: 'large', cpu: 5_000, memory: 3_000, disk: 2_000, meta: 'rack = "r2"\nversion = "1.9"\ntags = "c,a"' },
  {
    datacenter: 'dc2',
    cpu: 3_000,
    memory: 2_000,
    disk: 6_000,
    reserved: 'cpu = 500\nmemory = 300\ndisk = 1000\nreserved_ports = "8080,9000-9010"',
  },
  {
    datacenter: 'east-1',
    class: 'small',
    cpu: 2_500,
    memory: 1_200,
    disk: 5_000,
    meta: 'rack = "r3"\nversion = "1.10.1+ent"',
    volume: 'data',
  },
  { datacenter: 'east-2', class: 'large', cpu: 8_000, memory: 6_000, disk: 9_000, meta: 'rack = "r3"\ntags = "a"' },
  { datacenter: 'dc1', pool: 'batch', class: 'large', cpu: 4_000, memory: 3_000, disk: 6_000, meta: 'rack = "r1"' },
];

/** The first nodes have so few dynamic ports that they run out of them. */
const dynamicPorts = (number: number): string => {
  const first = 21_000 + 400 * number;
  return `min_dynamic_port = ${first}\nmax_dynamic_port = ${first + (number < 2 ? 5 : 399)}`;
};

const client = (role: Role, number: number, server: number, folder: string): string => `
client {
  enabled    = true
  servers    = ["127.0.0.1:${server}"]
  node_class = "${role.class ?? ''}"
  node_pool  = "${role.pool ?? 'default'}"
  cpu_total_compute = ${role.cpu}
  memory_total_mb   = ${role.memory}
  disk_total_mb     = ${role.disk}
  disk_free_mb      = ${role.disk}
  ${dynamicPorts(number)}
  meta {
    ${role.meta ?? ''}
  }
  reserved {
    ${role.reserved ?? ''}
  }
  ${role.volume === undefined ? '' : `host_volume "${role.volume}" {\n path = "${folder}"\n read_only = ${number % 2 === 1}\n }`}
  options = {
    "driver.allowlist"     = "raw_exec,mock_driver"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,cni,bridge"
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}`;

/** Starts the cluster; ready when all nodes are. */
export async function startForecastCluster(run: Pick<Run, 'folder' | 'service'>, nomad: string): Promise<Cluster> {
  const server = await startAgent(run, nomad, 'server', 'server {\nenabled = true\nbootstrap_expect = 1\n}');
  const { address } = server;
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(address + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const ask = async <T>(path: string): Promise<T> => (await send('GET', path)) as T;
  await ready(server.service, server.name, 60, async () => (await ask<string>('/v1/status/leader')) || undefined);
  const agents: Agent[] = [];
  for (const [number, role] of ROLES.entries()) {
    const agent = await startAgent(
      run,
      nomad,
      `node${number}`,
      `datacenter = "${role.datacenter}"\n${client(role, number, server.rpcPort, run.folder)}`,
    );
    agents.push(agent);
  }
  const nodes = await ready(server.service, 'eight ready nodes', 120, async () => {
    const all = await ask<readonly { ID: string; Name: string; Status: string }[]>('/v1/nodes');
    return all.filter(({ Status }) => Status === 'ready').length === ROLES.length ? all : undefined;
  });
  // The last fingerprints come a moment after the node is ready.
  await sleep(2_000);
  const drivers = await ask<readonly { Drivers: Record<string, { Healthy: boolean }> }[]>('/v1/nodes');
  const hasMock = drivers.every(({ Drivers }) => Drivers['mock_driver']?.Healthy === true);
  return {
    ...{ address, ask, send, driver: hasMock ? 'mock_driver' : 'raw_exec' },
    nodes: nodes.map(({ ID, Name }) => ({ id: ID, name: Name })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    stop: async () => {
      await Promise.all(agents.map(async ({ service }) => service.stop()));
      await server.service.stop();
    },
  };
}
