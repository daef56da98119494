import { ActionError, messageOf } from '../errors.ts';
import { connect, type Nomad } from '../nomad/index.ts';
import { secret } from '../runtime/index.ts';
import type { AgentPlace, AgentProcess, Runtime } from '../runtime/runtime.ts';

/** The time limit until the agent can place a task. */
const READY_MS = 60_000;
const POLL_MS = 200;

/** The dynamic ports of an agent: a range of its own, as far as chance goes, because two agents would hand out the same ports. */
const PORTS = { from: 20_000, each: 400, ranges: 30 };

type World = Pick<Runtime, 'nomadAgent' | 'log' | 'clock' | 'signal' | 'mask'>;

/** A running throw-away cluster. */
export interface Throwaway {
  readonly process: AgentProcess;
  readonly token: string;
  /** Makes a namespace, where it is not there yet. */
  readonly makeNamespace: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The parts of the configuration that differ between rehearsals. */
export interface Settings {
  readonly region: string;
  /** False for code that may be a stranger's: the driver refuses privileges as well. */
  readonly privileges: boolean;
  /** The file with the logins of Docker; undefined: none. */
  readonly logins: string | undefined;
}

/**
 * Returns the configuration of an agent that asks for nothing beyond this machine, takes any amount of resources, and whose API only a token opens.
 * See https://developer.hashicorp.com/nomad/docs/configuration
 */
export function agentConfig(
  { region, privileges, logins }: Settings,
  { name, http, rpc, serf, engine }: AgentPlace,
  random: number,
): string {
  const first = PORTS.from + Math.floor(random * PORTS.ranges) * PORTS.each;
  const text = (value: string): string => JSON.stringify(value);
  return `name                 = ${text(name)}
region               = ${text(region)}
bind_addr            = "127.0.0.1"
log_level            = "WARN"
disable_update_check = true

ports {
  http = ${http}
  rpc  = ${rpc}
  serf = ${serf}
}

acl {
  enabled = true
}

ui {
  enabled = false
}

consul {
  client_auto_join = false
  server_auto_join = false
  auto_advertise   = false
}

server {
  default_scheduler_config {
    memory_oversubscription_enabled = true
  }
}

client {
  min_dynamic_port  = ${first}
  max_dynamic_port  = ${first + PORTS.each - 1}
  cpu_total_compute = 1000000
  memory_total_mb   = 1000000
  disk_total_mb     = 10000000
  disk_free_mb      = 10000000
  gc_max_allocs     = 1000

  options = {
    "driver.allowlist"     = "docker"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,consul,vault,cni,bridge"
  }
}

plugin "docker" {
  config {
    ${engine === '' ? '' : `endpoint = ${text(engine)}`}
    allow_privileged = ${privileges}
    ${privileges ? 'allow_caps = ["all"]' : ''}
    extra_labels     = ["node_name"]
    ${logins === undefined ? '' : `auth {\n      config = ${text(logins)}\n    }`}

    volumes {
      enabled = true
    }

    gc {
      image = false

      dangling_containers {
        enabled = false
      }
    }
  }
}
`;
}

/** Starts a throw-away cluster of one node on this machine. Throws `unreachable` where it does not get ready. */
export async function startThrowaway(
  settings: Settings,
  environment: Readonly<Record<string, string>>,
  runtime: World,
): Promise<Throwaway> {
  const process = await runtime.nomadAgent({ configure: (place, random) => agentConfig(settings, place, random), environment });
  try {
    const { token, nomad } = await ready(process, runtime);
    runtime.log.info(`A throw-away Nomad agent runs at ${process.address}`);
    return { process, token, makeNamespace: nomad.namespaces.create, close: nomad.close };
  } catch (error) {
    await process.remove();
    throw error;
  }
}

/** Waits for the agent, makes its token, and waits for its node. */
async function ready(process: AgentProcess, runtime: World): Promise<{ readonly token: string; readonly nomad: Nomad }> {
  const { address } = process;
  // Failures are expected until the agent listens.
  const quiet = { ...runtime, log: { ...runtime.log, info: runtime.log.debug } };
  const bare = await connect({ address, token: undefined, region: undefined }, quiet);
  const token = await until('answer', process, runtime, async () => bare.logins.bootstrap()).finally(() => void bare.close());
  runtime.mask(token.SecretID);
  const nomad = await connect({ address, token: secret(token.SecretID), region: undefined }, quiet);
  let problem = '';
  await until('have a node with Docker', process, runtime, async () => {
    const [node] = (await nomad.nodes.list(runtime.signal)) ?? [];
    const docker = node?.Drivers?.['docker'];
    problem = docker?.HealthDescription ?? '';
    return node?.Status === 'ready' && docker?.Healthy === true ? true : undefined;
  }).catch(async (error: unknown) => {
    await nomad.close();
    if (error instanceof ActionError && problem !== '') throw new ActionError(error.code, `${error.message}: ${problem}`, { hint: DOCKER });
    throw error;
  });
  return { token: token.SecretID, nomad };
}

const DOCKER = 'A rehearsal needs a Docker engine on this machine (`docker info`). Runners of GitHub with Ubuntu have one.';

/** Asks until there is an answer. Throws `unreachable` with the log of an agent that has ended, and after a minute. */
async function until<T>(what: string, { ended }: AgentProcess, { clock, signal }: World, ask: () => Promise<T | undefined>): Promise<T> {
  let lines: readonly string[] | undefined;
  let last = '';
  void ended.then((all) => (lines = all));
  for (const startedMs = clock.now(); clock.now() - startedMs < READY_MS; await clock.sleep(POLL_MS, signal)) {
    if (lines !== undefined)
      throw new ActionError('unreachable', 'the Nomad agent of the rehearsal has ended', {
        output: lines,
        hint: 'Its last lines are in the log.',
      });
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ActionError)) throw error;
      last = messageOf(error);
    }
  }
  throw new ActionError(
    'unreachable',
    `the Nomad agent of the rehearsal did not ${what} within a minute${last === '' ? '' : `: ${last}`}`,
    {
      hint: DOCKER,
    },
  );
}
