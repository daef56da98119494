// Deploys to the real parts of a jest run, and looks at what the cluster then has.
import { readFileSync } from 'node:fs';
import { type ActionOptions, type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import { connect, type Nomad } from '../../src/nomad/connect.ts';
import type { Allocation, CheckResult, Deployment, PlacedAllocation, RegisteredJob, Variable } from '../../src/nomad/types.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { OWNER_ITEM } from '../../src/target/owner.ts';
import type { GitHubServer } from './github.ts';
import { type Parts, parts } from './parts.ts';
import { resultProblems } from './result-schema.ts';

export interface Deploy extends Omit<Partial<ActionOptions>, 'workspace'> {
  /** The checkout: path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Deploy to the cluster with ACLs; false by default. */
  readonly acl?: boolean;
  /** The GitHub that the run reports to; none by default. */
  readonly github?: GitHubServer;
}

/**
 * Runs the bundled action on a fresh checkout, with everything it needs to know about the parts; `inputs` and `env` come on top. Whatever becomes of it,
 * its result has to be as the JSON Schema says.
 */
export async function deploy({ files, acl = false, github, inputs, env, ...options }: Deploy): Promise<ActionResult> {
  const { docker, registry, ...clusters } = parts();
  const cluster = acl ? clusters.nomadWithAcls : clusters.nomad;
  const ran = await runAction({
    workspace: makeWorkspace(files),
    env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_REF_NAME: 'main', ...(github && { GITHUB_API_URL: github.url }), ...env },
    inputs: {
      'nomad-addr': cluster.address,
      ...(acl ? { 'nomad-token': cluster.token } : {}),
      registry: registry.address,
      'registry-username': registry.username,
      'registry-password': registry.password,
      ...inputs,
    },
    ...(github && { token: github.token }),
    ...options,
  });
  const file = ran.outputs['result'];
  const problems = file === undefined ? [] : resultProblems(JSON.parse(readFileSync(file, 'utf8')));
  if (problems.length > 0) throw new Error(`the result is not as published: ${problems.join('; ')}`);
  return ran;
}

/** What the watcher said, without the times. */
export const told = ({ log }: ActionResult): string[] => [...log.matchAll(/^\[[^\]]+\] (.*)$/gm)].map(([, line]) => line ?? '');

/** Does something once, as soon as a line of the log has a text. */
export const when = (
  text: string,
  act: () => Promise<unknown>,
): { readonly onLine: (line: string) => void; readonly done: () => Promise<unknown> } => {
  let acting: Promise<unknown> | undefined;
  return {
    onLine: (line) => {
      if (line.includes(text)) acting ??= act();
    },
    done: async () => acting ?? Promise.reject(new Error(`nothing said ${text}`)),
  };
};

/** Variables that make the built-in template quick. */
export const QUICK = {
  NOMAD_VAR_SERVICE_PROVIDER: 'nomad',
  NOMAD_VAR_CHECK_PROTOCOL: 'tcp',
  NOMAD_VAR_MIN_HEALTHY_TIME: '1s',
  NOMAD_VAR_HEALTHY_DEADLINE: '20s',
  NOMAD_VAR_PROGRESS_DEADLINE: '25s',
  NOMAD_VAR_RESTART_ATTEMPTS: '0',
  NOMAD_VAR_SHUTDOWN_DELAY: '1s',
};

/** A web server that says `text`, as a Dockerfile. */
export function server(text: string): string {
  return `FROM busybox:1.37\nRUN mkdir -p /site && echo "${text}" > /site/index.html\nCMD ["httpd", "-f", "-p", "5000", "-h", "/site"]\n`;
}

export interface SpecOptions {
  readonly type?: 'service' | 'batch';
  /** A shell command that the task runs. */
  readonly command: string;
  /** HCL inside the `job` block. */
  readonly more?: string;
  readonly memoryMb?: number;
}

/** A job spec as a repository may bring its own: raw_exec of a shell command, with deadlines of seconds, reading the secrets. */
export function spec(job: string, { type = 'service', command, more = '', memoryMb = 32 }: SpecOptions): string {
  return `
variable "SECRETS_TEMPLATE" {
  type = string
}
job "${job}" {
  type = "${type}"
  ${
    type === 'batch'
      ? ''
      : `update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "8s"
    progress_deadline = "9s"
    auto_revert       = true
  }`
  }
  ${more}
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(command)}]
      }
      template {
        data        = var.SECRETS_TEMPLATE
        destination = "secrets/nomad-deploy.env"
        env         = true
        change_mode = "noop"
      }
      resources {
        cpu    = 10
        memory = ${memoryMb}
      }
    }
  }
}
`;
}

type Cluster = Pick<Parts['nomad'], 'address' | 'token'>;

/** Asks Nomad itself; undefined for 404. */
async function ask<T>(path: string, { address, token }: Cluster = parts().nomad): Promise<T | undefined> {
  const response = await fetch(`${address}${path}`, { headers: { 'x-nomad-token': token } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The action's own API of a cluster, without a token; to be closed. */
export async function openNomad({ address }: Pick<Cluster, 'address'> = parts().nomad): Promise<Nomad> {
  const say = (): void => undefined;
  const log = {
    info: say,
    debug: say,
    notice: say,
    warning: say,
    error: say,
    group: async <T>(_title: string, work: () => Promise<T>) => work(),
  };
  return connect({ address, token: undefined, region: undefined }, { clock: systemClock, signal: new AbortController().signal, log });
}

/** The items of a variable but for its owner record. */
export function itemsOf(variable: Variable | undefined): Record<string, string> {
  const { [OWNER_ITEM]: _record, ...items } = variable?.Items ?? {};
  return items;
}

/** What the cluster has, as tests look at it. */
export const cluster = {
  job: async (id: string, on?: Cluster) => ask<RegisteredJob & { Meta: Record<string, string> | null }>(`/v1/job/${id}`, on),
  versions: async (id: string) => (await ask<{ Versions: RegisteredJob[] }>(`/v1/job/${id}/versions`))?.Versions ?? [],
  deployment: async (id: string) => ask<Deployment>(`/v1/job/${id}/deployment`),
  submission: async (id: string, version: number) => ask<object>(`/v1/job/${id}/submission?version=${version}`),
  variable: async (id: string, on?: Cluster) => ask<Variable>(`/v1/var/nomad/jobs/${id}`, on),
  running: async (id: string) =>
    ((await ask<Allocation[]>(`/v1/job/${id}/allocations`)) ?? []).filter(({ ClientStatus }) => ClientStatus === 'running'),
  allocation: async (id: string) => ask<PlacedAllocation>(`/v1/allocation/${id}`),
  checks: async (allocation: string) => ask<Record<string, CheckResult>>(`/v1/client/allocation/${allocation}/checks`),
  /** Asks by blocking queries until the answer is as wanted; never ends otherwise, but with the test. */
  until: async <T>(path: string, wanted: (value: T) => boolean, on: Cluster = parts().nomad): Promise<T> => {
    const { address, token } = on;
    for (let index = '1'; ; ) {
      const response = await fetch(`${address}${path}${path.includes('?') ? '&' : '?'}index=${index}&wait=10s`, {
        headers: { 'x-nomad-token': token },
      });
      const value = (await response.json()) as T;
      if (wanted(value)) return value;
      index = response.headers.get('x-nomad-index') ?? '1';
    }
  },
  services: async (name: string) => (await ask<{ Address: string; Port: number }[]>(`/v1/service/${name}`)) ?? [],
  /** What a task wrote, once it has written anything. */
  log: async (allocation: string, task: string) => {
    const { address } = parts().nomad;
    const url = `${address}/v1/client/fs/logs/${allocation}?task=${task}&type=stdout&plain=true`;
    // A busy node writes what a task said after its end: the stream tells when there is something.
    const reader = (await fetch(`${url}&follow=true`)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return (await fetch(url)).text();
  },
  send: async (method: string, path: string, body?: object, { address, token }: Cluster = parts().nomad) => {
    return fetch(`${address}${path}`, {
      method,
      headers: { 'x-nomad-token': token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  },
};
