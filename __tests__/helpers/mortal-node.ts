import { rawExecClient, startAgent } from '../../scripts/parts/agent.ts';
import { ready } from '../../scripts/parts/ready.ts';
import { parts, partsRun } from './parts.ts';

export interface MortalNode {
  /** Of the server, which lives on. */
  readonly address: string;
  /** The names of the nodes. */
  readonly names: readonly string[];
  /** Ends a node, the first by default, as a power cut does. */
  readonly kill: (number?: number) => void;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a cluster of a server and nodes, with raw_exec only; the server notices within a few seconds that a node is gone. There is a node for each of
 * `metas`, the HCL of its meta block.
 */
export async function startMortalNode(metas: readonly string[] = ['']): Promise<MortalNode> {
  const { nomadBin } = parts();
  const run = partsRun();
  const agent = async (kind: string, role: string) => startAgent(run, nomadBin, kind, role);
  const server = await agent(
    'server',
    'server {\nenabled = true\nbootstrap_expect = 1\nheartbeat_grace = "1s"\nmin_heartbeat_ttl = "1s"\n}',
  );
  const { address } = server;
  const ask = async <T>(path: string): Promise<T | undefined> => {
    const response = await fetch(address + path);
    return response.ok ? ((await response.json()) as T) : undefined;
  };
  await ready(server.service, server.name, 30, async () => (await ask<string>('/v1/status/leader')) || undefined);
  const client = async (meta: string) => agent('client', rawExecClient(`meta {\n${meta}\n}\nservers = ["127.0.0.1:${server.rpcPort}"]`));
  const clients = await Promise.all(metas.map(client));
  await ready(clients[0]?.service ?? server.service, `${clients.length} ready nodes`, 30, async () => {
    const nodes = await ask<{ Status: string }[]>('/v1/nodes');
    return nodes?.filter(({ Status }) => Status === 'ready').length === clients.length || undefined;
  });
  return {
    address,
    names: clients.map(({ name }) => name),
    kill: (number = 0) => {
      const pid = clients[number]?.service.pid;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    },
    stop: async () => {
      await Promise.all(clients.map(async ({ service }) => service.stop()));
      await server.service.stop();
    },
  };
}
