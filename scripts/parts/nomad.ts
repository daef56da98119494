import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, fetch, type RequestInit } from 'undici';
import type { Docker } from './docker.ts';
import { say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Registry } from './registry.ts';
import type { Run } from './state.ts';
import { tool } from './tools.ts';

export interface Nomad {
  /** `http://127.0.0.1:<port>`, or `https:` where it speaks TLS. */
  readonly address: string;
  /** The management token; empty without ACLs. */
  readonly token: string;
  readonly logFile: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Ends the agent, and the containers of its allocations. */
  readonly stop: () => Promise<void>;
}

export interface NomadOptions {
  readonly docker: Pick<Docker, 'host'>;
  /** Registries whose credentials the node has, so that it can pull what was pushed there. */
  readonly registries?: readonly Pick<Registry, 'address' | 'username' | 'password'>[];
  /** Enables ACLs and bootstraps them; false by default. */
  readonly acl?: boolean;
  /** The API speaks TLS, and asks for a client certificate: paths of the authority, of a certificate signed by it, and of its key. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** More agent configuration (HCL), merged over ours. */
  readonly config?: string;
}

/** As much of a node as readiness needs. */
interface NodeStub {
  readonly Status: string;
  readonly Drivers: Readonly<Record<string, { readonly Healthy: boolean } | undefined>> | null;
}

/**
 * An agent's dynamic ports are a range of its own: two agents on one host would hand out the same ports. Its HTTP port says which, so that no other agent can
 * have the range.
 */
const DYNAMIC_PORTS = { from: 20_000, each: 500 };
const HTTP_PORTS = { from: 19_900, to: 19_924 };

function configuration(name: string, ports: readonly number[], dataDir: string, authFile: string, options: NomadOptions): string {
  const [http = 0, rpc = 0, serf = 0] = ports;
  const firstDynamic = DYNAMIC_PORTS.from + (http - HTTP_PORTS.from) * DYNAMIC_PORTS.each;
  return `
name       = "${name}"
data_dir   = "${dataDir}"
bind_addr  = "127.0.0.1"
log_level  = "DEBUG"
disable_update_check = true

ports {
  http = ${http}
  rpc  = ${rpc}
  serf = ${serf}
}

acl {
  enabled                  = ${options.acl === true}
  token_min_expiration_ttl = "1s"
}
${
  options.tls === undefined
    ? ''
    : `
tls {
  http                = true
  verify_https_client = true
  ca_file             = "${options.tls.ca}"
  cert_file           = "${options.tls.cert}"
  key_file            = "${options.tls.key}"
}`
}

# All deploys of the suites come from one address, and each holds blocking queries open.
limits {
  http_max_conns_per_client = 0
}

consul {
  client_auto_join = false
  server_auto_join = false
  auto_advertise   = false
}

client {
  min_dynamic_port = ${firstDynamic}
  max_dynamic_port = ${firstDynamic + DYNAMIC_PORTS.each - 1}

  # The jobs of all test files are on one node: they sleep, and ask for more than two cores have.
  cpu_total_compute = 20000

  # By default a node removes ended allocations beyond 50, and their logs with them: suites have more.
  gc_max_allocs = 2000

  # Cloud look-ups cost seconds, and fail where AWS_CA_BUNDLE is set.
  options = {
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,cni,bridge"
  }
}

plugin "raw_exec" {
  config {
    enabled = true
  }
}

plugin "docker" {
  config {
    endpoint     = "${options.docker.host}"
    extra_labels = ["node_name"]

    auth {
      config = "${authFile}"
    }

    volumes {
      enabled = true
    }

    gc {
      image = false

      # It would end what other agents run on this engine.
      dangling_containers {
        enabled = false
      }
    }
  }
}
`;
}

/** The API's answer when it is 200, undefined otherwise. */
async function ask(address: string, path: string, dispatcher: Agent, init?: RequestInit): Promise<unknown> {
  const response = await fetch(address + path, { ...init, dispatcher, signal: AbortSignal.timeout(30_000) });
  return response.ok ? response.json() : void (await response.arrayBuffer());
}

/**
 * Starts `nomad agent -dev` on free loopback ports with drivers docker (on `docker`), raw_exec, exec and java as the machine has them.
 * Resolves when the node is ready and its docker driver healthy.
 */
export async function startNomad(run: Run, options: NomadOptions): Promise<Nomad> {
  const nomad = await tool('nomad');
  const begun = performance.now();
  const ports = [await freePort(HTTP_PORTS), await freePort(), await freePort()];
  const name = `nomad-${ports[0]}`;
  // Not only the port: nodes of other runs may use the same engine.
  const node = `${name}-${randomBytes(4).toString('hex')}`;
  const folder = join(run.folder, name);
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const registries = options.registries ?? [];
  const auths = registries.map(({ address, username, password }) => [
    address,
    { auth: Buffer.from(`${username}:${password}`).toString('base64') },
  ]);
  const authFile = join(folder, 'docker-auth.json');
  writeFileSync(authFile, JSON.stringify({ auths: Object.fromEntries(auths) }), { mode: 0o600 });
  const files = { 'agent.hcl': configuration(node, ports, dataDir, authFile, options), 'more.hcl': options.config ?? '' };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);

  const removeContainers = run.undoLater(
    `containers of ${name}`,
    `docker -H ${options.docker.host} ps -aq --filter label=com.hashicorp.nomad.node_name=${node} | xargs -r docker -H ${options.docker.host} rm -f`,
  );
  const args = Object.keys(files).flatMap((file) => ['-config', join(folder, file)]);
  // An agent without tasks ends at once; for tasks it waits up to ten seconds, which nobody needs of a throw-away cluster.
  const service = run.service(name, nomad, ['agent', '-dev', ...args], { graceSeconds: 1 });
  const stop = async (): Promise<void> => {
    await service.stop();
    await removeContainers();
  };

  const { tls } = options;
  const address = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${ports[0]}`;
  const agent = new Agent({
    connect: tls === undefined ? {} : { ca: readFileSync(tls.ca), cert: readFileSync(tls.cert), key: readFileSync(tls.key) },
  });
  const token = await ready(service, name, 30, async () => {
    if (options.acl !== true) return '';
    const answer = await ask(address, '/v1/acl/bootstrap', agent, { method: 'POST' });
    return (answer as { SecretID: string } | undefined)?.SecretID;
  });
  await ready(service, `${name}: a node with a healthy docker driver`, 60, async () => {
    const nodes = (await ask(address, '/v1/nodes', agent, { headers: { 'X-Nomad-Token': token } })) as NodeStub[] | undefined;
    return nodes?.find(({ Status, Drivers }) => Status === 'ready' && Drivers?.['docker']?.Healthy === true);
  });
  await agent.close();
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  say(`Nomad at ${address}${options.acl === true ? ' with ACLs' : ''} (started in ${took} s)`);
  return { address, token, logFile: service.logFile, dataDir, pid: service.pid, stop };
}
