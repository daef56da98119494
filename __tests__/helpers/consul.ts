import { type Consul, startConsul } from '../../scripts/parts/consul.ts';
import { output } from '../../scripts/parts/exec.ts';
import { type Nomad, startNomad } from '../../scripts/parts/nomad.ts';
import { type Run, startRun } from '../../scripts/parts/state.ts';
import { parts } from './parts.ts';

export interface ClusterWithConsul {
  readonly run: Run;
  readonly consul: Consul;
  /** Its node has an address that containers reach, as on a real cluster: that of the engine's bridge. */
  readonly nomad: Nomad;
}

/**
 * Starts a cluster of a test file's own, with Consul, on the engine and with the registry that all share; whoever starts it ends it with
 * `run.stop()`. What `before` notes in the run is undone when the cluster's containers are gone.
 */
export async function startClusterWithConsul(before: (run: Run) => void): Promise<ClusterWithConsul> {
  const { docker, registry } = parts();
  const run = await startRun();
  try {
    before(run);
    const name = '{{index .Options "com.docker.network.bridge.name"}}';
    const env = { ...process.env, ...docker.env };
    const bridge = await output('docker', ['network', 'inspect', 'bridge', '--format', name], { env });
    const consul = await startConsul(run);
    const config = `consul { address = "${new URL(consul.address).host}" }\nclient { network_interface = "${bridge}" }\n`;
    return { run, consul, nomad: await startNomad(run, { docker, registries: [registry], config }) };
  } catch (error) {
    await run.stop();
    throw error;
  }
}
