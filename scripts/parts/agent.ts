import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import type { Run, Service } from './state.ts';

/** A Nomad agent with a role of its own, where `startNomad` has a server that is also a node. */
export interface Agent {
  readonly service: Service;
  readonly name: string;
  /** `http://127.0.0.1:<port>`. */
  readonly address: string;
  readonly rpcPort: number;
  readonly serfPort: number;
  /** Starts it once more after its end, with its data. */
  readonly again: () => Service;
}

/** Starts an agent on free loopback ports. `role` is its block `server` or `client`, with all that belongs to it, as HCL. Does not wait for it. */
export async function startAgent(run: Pick<Run, 'folder' | 'service'>, nomad: string, kind: string, role: string): Promise<Agent> {
  const [http, rpcPort, serf] = [await freePort(), await freePort(), await freePort()];
  const name = `nomad-${kind}-${http}`;
  const folder = join(run.folder, name);
  mkdirSync(join(folder, 'data'), { recursive: true });
  const file = join(folder, 'agent.hcl');
  writeFileSync(
    file,
    `name      = "${name}"
data_dir  = "${folder}/data"
bind_addr = "127.0.0.1"
log_level = "DEBUG"
disable_update_check = true
advertise {
  http = "127.0.0.1"
  rpc  = "127.0.0.1"
  serf = "127.0.0.1"
}
ports {
  http = ${http}
  rpc  = ${rpcPort}
  serf = ${serf}
}
consul {
  client_auto_join = false
  server_auto_join = false
  auto_advertise   = false
}
${role}
`,
  );
  const again = (): Service => run.service(name, nomad, ['agent', '-config', file], { graceSeconds: 1 });
  return { service: again(), again, name, rpcPort, serfPort: serf, address: `http://127.0.0.1:${http}` };
}

/** Returns the configuration of a client that runs `raw_exec` alone and looks for no cloud, with more lines of its block. */
export const rawExecClient = (more = ''): string => `
client {
  ${more}
  enabled = true
  options = {
    "driver.allowlist"     = "raw_exec"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,cni,bridge"
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}`;
