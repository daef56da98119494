import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { type Docker, installed } from './docker.ts';
import { output, say } from './exec.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';
import { tool } from './tools.ts';

export interface Buildkit {
  /** The builder of buildx that uses it, by the remote driver. */
  readonly builder: string;
  readonly logFile: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Whether somebody listens at a unix socket. */
function listens(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/**
 * Starts BuildKit by itself, beside the engine, and a builder for it: that makes indexes of several platforms, exports caches and attests, which
 * the builder of an older engine does not. It runs containers by Debian's runc, and does not have the engine's images.
 */
export async function startBuildkit(run: Run, docker: Pick<Docker, 'env'>): Promise<Buildkit> {
  await installed({ runc: 'runc' });
  const buildkitd = await tool('buildkitd');
  const begun = performance.now();
  // A run may start several, one after the other.
  const folder = mkdtempSync(join(run.folder, 'buildkit-'));
  const socket = join(folder, 'buildkitd.sock');
  const config = `root = ${JSON.stringify(join(folder, 'data'))}
[grpc]
address = [${JSON.stringify(`unix://${socket}`)}]
[worker.oci]
enabled = true
[worker.containerd]
enabled = false
`;
  writeFileSync(join(folder, 'buildkitd.toml'), config);
  const service = run.service(basename(folder), buildkitd, ['--config', join(folder, 'buildkitd.toml')]);
  await ready(service, 'BuildKit', 30, async () => (await listens(socket)) || undefined);
  const builder = `nomad-deploy-${process.pid}-${folder.slice(-6)}`;
  const env = Object.entries(docker.env).map(([name, value]) => `${name}='${value}'`);
  run.undoLater(`builder ${builder}`, `${env.join(' ')} docker buildx rm --force ${builder}`);
  await output('docker', ['buildx', 'create', '--name', builder, '--driver', 'remote', `unix://${socket}`], {
    env: { ...process.env, ...docker.env },
  });
  say(`BuildKit at unix://${socket} (started in ${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  return { builder, logFile: service.logFile, pid: service.pid, stop: service.stop };
}
