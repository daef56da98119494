import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { installed } from './docker.ts';
import { onPath, say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';

export interface Prometheus {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Starts Prometheus, which each second finds the services named `bake-…` in a Nomad, and reads their metrics; the label `alloc_id` says whose they are. */
export async function startPrometheus(run: Run, nomadAddress: string): Promise<Prometheus> {
  await installed({ prometheus: 'prometheus' });
  const program = (await onPath('prometheus')) ?? 'prometheus';
  const port = await freePort();
  const name = `prometheus-${port}`;
  const found = await discovery(nomadAddress);
  const folder = join(run.folder, name);
  mkdirSync(folder);
  const file = join(folder, 'prometheus.yml');
  writeFileSync(
    file,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: app
    http_sd_configs: [{ url: "http://127.0.0.1:${found.port}/", refresh_interval: 1s }]
`,
  );
  const address = `http://127.0.0.1:${port}`;
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  const service = run.service(name, program, flags, { graceSeconds: 5 });
  await ready(service, name, 30, async () => ((await fetch(`${address}/-/ready`).catch(() => undefined))?.ok ? true : undefined));
  say(`Prometheus at ${address}`);
  const stop = async (): Promise<void> => {
    found.close();
    await service.stop();
  };
  return { address, stop };
}

/** Lists the services for Prometheus: Debian builds it without its own discovery of Nomad's. */
async function discovery(nomadAddress: string): Promise<{ readonly port: number; readonly close: () => void }> {
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${nomadAddress}${path}`)).json()) as T;
  const list = async () => {
    const all = await get<{ Services: { ServiceName: string }[] }[]>('/v1/services');
    const names = all.flatMap(({ Services }) => Services.map(({ ServiceName }) => ServiceName)).filter((name) => name.startsWith('bake-'));
    const instances = await Promise.all(
      names.map((name) => get<{ Address: string; Port: number; AllocID: string }[]>(`/v1/service/${name}`)),
    );
    return names.flatMap((service, i) =>
      (instances[i] ?? []).map(({ Address, Port, AllocID }) => ({
        targets: [`${Address}:${Port}`],
        labels: { service, alloc_id: AllocID },
      })),
    );
  };
  const server = createServer((_question, answer) => {
    list().then(
      (targets) => answer.setHeader('content-type', 'application/json').end(JSON.stringify(targets)),
      () => answer.writeHead(503).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, close };
}
