// `npm run record`: asks a real Nomad (NOMAD_BIN, or the one of the suites) a fixed list of questions, and writes its words into
// __tests__/fixtures/nomad/recorded/<version>.json. What differs between two recordings of one version is replaced.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAgent } from './parts/agent.ts';
import { startDocker } from './parts/docker.ts';
import { output, say } from './parts/exec.ts';
import { importBusybox } from './parts/images.ts';
import { startNomad } from './parts/nomad.ts';
import { ready } from './parts/ready.ts';
import { startRegistry } from './parts/registry.ts';
import { type OwnRun, startRun } from './parts/state.ts';
import { tool } from './parts/tools.ts';
import { type Agents, answers } from './recording/answers.ts';
import { type Ask, asking } from './recording/cluster.ts';
import { placements } from './recording/placements.ts';
import { alone, rollouts } from './recording/rollouts.ts';
import { tasks } from './recording/tasks.ts';

const FOLDER = join(import.meta.dirname, '../__tests__/fixtures/nomad/recorded');

/** Situations that go on at the same time: the node starts their tasks one after the other. */
const SIDE_BY_SIDE = 12;

/** Returns a text without what differs between two runs: ids, addresses, paths, times, names of nodes. */
function steady(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '00000000-0000-0000-0000-000000000000')
    .replace(/\b[0-9a-f]{64}\b/g, '0'.repeat(64))
    .replace(/\bnomad-\d+(-[0-9a-f]{8})?\b/g, '<node>')
    .replace(/(?:\/[\w.-]+)*\/nomad-deploy-\d+(?:\/[\w.<>-]+)*/g, '<path>')
    .replace(/\b127\.0\.0\.1:\d{2,}/g, '127.0.0.1:4711')
    .replace(/\b(port|tcp:?) ?(\d{5})\b/g, '$1 4711')
    .replace(/\bindex: \d+/g, 'index: <index>')
    .replace(/\bin [\d.]+(m?s)\b/g, 'in <time>')
    .replace(/\b(endpoint) task-\d+\S*/g, '$1 <name>')
    .replace(/\btask-\d+\b/g, '<job>')
    .replace(/(?<on>lookup \S+ on )[\d.]+:53\b/g, '$<on>192.0.2.53:53')
    .replace(/(Index)(\\?"):\d+/g, '$1$2:0')
    .replace(/(Time)(\\?"):\d+/g, '$1$2:0')
    .replace(/"2\d{3}-\d\d-\d\dT[^"]*"/g, '"2026-01-01T00:00:00Z"')
    .replace(/("Hash"):"[^"]*"/g, '$1:""');
}

async function all(situations: Readonly<Record<string, () => Promise<unknown>>>, limit: number): Promise<Record<string, unknown>> {
  const waiting = Object.entries(situations);
  const found: Record<string, unknown> = {};
  const inTurn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, ask] = next;
      found[name] = await ask().catch((error: unknown) => ({ unrecorded: (error as Error).message }));
    }
  };
  await Promise.all(Array.from({ length: limit }, inTurn));
  return found;
}

/** Starts an agent with a role of its own. Returns its address when it answers. */
async function answering(run: OwnRun, nomad: string, kind: string, role: string): Promise<string> {
  const { service, name, address } = await startAgent(run, nomad, kind, role);
  await ready(service, name, 30, async () => fetch(`${address}/v1/agent/health`).then((answer) => answer.text()));
  return address;
}

/** A client of the cluster that takes no jobs. */
const clientOf = (server: string): string => `
client {
  enabled   = true
  node_pool = "apart"
  servers   = [${JSON.stringify(server)}]
  options = {
    "driver.allowlist"     = "raw_exec"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,cni,bridge"
  }
}`;

async function record(run: OwnRun): Promise<{ readonly version: string; readonly situations: Record<string, unknown> }> {
  const nomad = await tool('nomad');
  const docker = await startDocker(run);
  const [registry] = await Promise.all([startRegistry(run), importBusybox(run, docker)]);
  const [open, guarded] = await Promise.all([startNomad(run, { docker, registries: [registry] }), startNomad(run, { docker, acl: true })]);
  const ask: Ask = asking(open.address);
  const leader = (await ask('GET', '/v1/status/leader')).text.replaceAll('"', '');
  const [client, lonely] = await Promise.all([
    answering(run, nomad, 'forwarding', clientOf(leader)),
    answering(run, nomad, 'leaderless', 'server {\n  enabled = true\n  bootstrap_expect = 3\n}'),
  ]);
  const agents: Agents = {
    ...{ ask, forwarding: asking(client), leaderless: asking(lonely) },
    ...{ withToken: (token) => asking(guarded.address, token), management: guarded.token },
  };
  const failing = await tasks(ask, registry.address);
  const asked = await all(await answers(agents), 1);
  const told = await all({ ...rollouts(ask, run.folder), ...failing.situations, ...placements(ask) }, SIDE_BY_SIDE);
  failing.close();
  const last = await all(alone(ask), 1);
  const version = /v(\d+\.\d+\.\d+)/.exec(await output(nomad, ['version']))?.[1] ?? 'unknown';
  return { version, situations: { ...asked, ...told, ...last } };
}

const run = await startRun();
try {
  const begun = performance.now();
  const { version, situations } = await record(run);
  const lines = Object.entries(situations)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, found]) => `  ${JSON.stringify(name)}: ${steady(JSON.stringify(found))}`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${version}.json`), `{\n${lines.join(',\n')}\n}\n`);
  const missing = lines.filter((line) => line.includes('"unrecorded"'));
  say(
    `${lines.length} situations of Nomad ${version} in ${Math.round((performance.now() - begun) / 1000)} s, ${missing.length} not recorded`,
  );
  for (const line of missing) say(line);
} finally {
  await run.stop();
}
