import { type Consul, startConsul } from '../../scripts/parts/consul.ts';
import { output } from '../../scripts/parts/exec.ts';
import { type Nomad, startNomad } from '../../scripts/parts/nomad.ts';
import { parts, partsRun } from './parts.ts';

export interface ClusterWithConsul {
  readonly consul: Consul;
  /** Its node has an address that containers reach, as on a real cluster: that of the engine's bridge. */
  readonly nomad: Nomad;
  readonly stop: () => Promise<void>;
}

/** Starts a cluster of a test file's own, with Consul, on the engine and with the registry that all share. */
export async function startClusterWithConsul(): Promise<ClusterWithConsul> {
  const { docker, registry } = parts();
  const run = partsRun();
  const consul = await startConsul(run);
  const name = '{{index .Options "com.docker.network.bridge.name"}}';
  const env = { ...process.env, ...docker.env };
  const bridge = await output('docker', ['network', 'inspect', 'bridge', '--format', name], { env });
  const config = `consul { address = "${new URL(consul.address).host}" }\nclient { network_interface = "${bridge}" }\n`;
  const nomad = await startNomad(run, { docker, registries: [registry], config });
  const stop = async (): Promise<void> => {
    await nomad.stop();
    await consul.stop();
  };
  return { consul, nomad, stop };
}
