import { spawnSync } from 'node:child_process';
import { type Docker, startDocker } from '../parts/docker.ts';
import { importBusybox } from '../parts/images.ts';
import { type Nomad, startNomad } from '../parts/nomad.ts';
import { type Registry, startRegistry } from '../parts/registry.ts';
import type { Run } from '../parts/state.ts';
import { tool } from '../parts/tools.ts';

/** The real parts of a bench, and the peer's program. */
export interface BenchParts {
  readonly docker: Docker;
  readonly registry: Registry;
  readonly nomad: Nomad;
  /** The path of `nomad`. */
  readonly program: string;
}

/** Starts an engine, a registry and a Nomad, and logs docker in, as a workflow does before the peer's commands. */
export async function startParts(run: Run): Promise<BenchParts> {
  const docker = await startDocker(run);
  const [registry] = await Promise.all([startRegistry(run), importBusybox(run, docker)]);
  const nomad = await startNomad(run, { docker, registries: [registry] });
  const { address, username, password } = registry;
  const { status, stderr } = spawnSync('docker', ['login', address, '--username', username, '--password-stdin'], {
    env: { ...process.env, ...docker.env },
    input: password,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return { docker, registry, nomad, program: await tool('nomad') };
}
