import { mkdirSync, writeFileSync } from 'node:fs';
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
  const folder = join(run.folder, name);
  mkdirSync(folder);
  const file = join(folder, 'prometheus.yml');
  writeFileSync(
    file,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: app
    nomad_sd_configs: [{ server: ${JSON.stringify(nomadAddress)}, refresh_interval: 1s }]
    relabel_configs:
      - { source_labels: [__meta_nomad_service], regex: bake-.*, action: keep }
      - { source_labels: [__meta_nomad_service], target_label: service }
      - { source_labels: [__meta_nomad_service_alloc_id], target_label: alloc_id }
`,
  );
  const address = `http://127.0.0.1:${port}`;
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  const service = run.service(name, program, flags, { graceSeconds: 5 });
  await ready(service, name, 30, async () => ((await fetch(`${address}/-/ready`).catch(() => undefined))?.ok ? true : undefined));
  say(`Prometheus at ${address}`);
  return { address, stop: service.stop };
}
