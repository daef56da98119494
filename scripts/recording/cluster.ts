// The cluster of a recording, and small jobs in the form of the API.
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer in the form that is recorded. */
export interface Told {
  readonly status: number;
  /** The text of a refusal, or of a log; the JSON of other answers is in `json`. */
  readonly text: string;
  /** The answer has the header X-Nomad-Index. */
  readonly index: boolean;
  readonly json: unknown;
}

/** Sends requests to one agent. */
export type Ask = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Told>;

/** Returns the requests to an agent, with a token. */
export function asking(address: string, token = ''): Ask {
  return async (method, path, body) => {
    const response = await fetch(`${address}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: token === '' ? {} : { 'X-Nomad-Token': token },
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const json: unknown = response.ok && /^[{[]/.test(text) ? JSON.parse(text) : undefined;
    return { status: response.status, text: json === undefined ? text : '', index: response.headers.has('x-nomad-index'), json };
  };
}

/** A JSON object of the API. */
export type Json = Readonly<Record<string, unknown>>;
const NS = 1e9;

/** Returns a task that runs a shell command by raw_exec. */
export const shell = (command: string, more: Json = {}): Json => ({
  ...{ Name: 't', Driver: 'raw_exec', Config: { command: '/bin/sh', args: ['-c', command] } },
  ...{ Resources: { CPU: 20, MemoryMB: 20 }, KillTimeout: NS, ...more },
});

/** Returns a task that runs a container. */
export const container = (config: Json, more: Json = {}): Json => ({
  ...{ Name: 't', Driver: 'docker', Config: { image: 'busybox:1.37', ...config } },
  ...{ Resources: { CPU: 20, MemoryMB: 20 }, KillTimeout: NS, ...more },
});

export const STAY = shell('exec sleep 1000');

/** Nothing is tried a second time. */
const ONCE = {
  RestartPolicy: { Attempts: 0, Mode: 'fail', Delay: NS, Interval: 60 * NS },
  ReschedulePolicy: { Attempts: 0, Unlimited: false, Interval: 0, Delay: 0, MaxDelay: 0, DelayFunction: 'constant' },
};

/** Returns an `update` block with deadlines of seconds. */
export const update = (more: Json = {}): Json => ({
  ...{ MaxParallel: 1, HealthCheck: 'task_states', MinHealthyTime: 0.5 * NS, HealthyDeadline: 4 * NS, ProgressDeadline: 5 * NS },
  ...{ Stagger: NS, ...more },
});

/** Returns a group of one task that is tried once. */
const group = (tasks: readonly Json[], more: Json = {}): Json => ({ Name: 'g', Count: 1, Tasks: tasks, ...ONCE, ...more });

/** Returns a job of one group. */
export const job = (id: string, tasks: readonly Json[], { more = {}, job: own = {} }: { more?: Json; job?: Json } = {}): Json => ({
  ...{ ID: id, Name: id, Type: 'service', Datacenters: ['*'] },
  ...{ TaskGroups: [group(tasks, { Update: update(), ...more })], ...own },
});

export const register = async (ask: Ask, sent: Json): Promise<Told> => ask('POST', '/v1/jobs', { Job: sent });

/** Asks until `pick` finds something, for at most two minutes. Throws with the name of the job. */
export async function until<T>(what: string, pick: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 120_000;
  while (performance.now() < end) {
    const found = await pick();
    if (found !== undefined) return found;
    await sleep(150);
  }
  throw new Error(`${what} did not come within two minutes`);
}

export interface Deployment {
  readonly ID: string;
  readonly JobVersion: number;
  readonly Status: string;
  readonly StatusDescription: string;
}

export interface Allocation {
  readonly ID: string;
  readonly JobVersion: number;
  readonly ClientStatus: string;
  readonly ClientDescription: string;
  readonly DesiredStatus: string;
  readonly DesiredDescription: string;
  readonly PreemptedByAllocation: string;
  readonly DesiredTransition: { readonly Migrate: boolean | null };
  readonly DeploymentStatus: { readonly Healthy: boolean | null } | null;
  readonly TaskStates: Readonly<Record<string, { readonly State: string; readonly Events: readonly Event[] | null }>> | null;
}

export interface Event {
  readonly Type: string;
  readonly DisplayMessage: string;
  readonly Details: Readonly<Record<string, string>> | null;
}

/** Waits for a deployment of a job. */
export const deployment = async (ask: Ask, id: string, wanted: (one: Deployment) => boolean): Promise<Deployment> =>
  until(`a deployment of ${id}`, async () => ((await ask('GET', `/v1/job/${id}/deployments`)).json as Deployment[]).find(wanted));

/** Waits for an allocation of a job. */
export const allocation = async (ask: Ask, id: string, wanted: (one: Allocation) => boolean): Promise<Allocation> =>
  until(`an allocation of ${id}`, async () => ((await ask('GET', `/v1/job/${id}/allocations`)).json as Allocation[]).find(wanted));

export const isRunning = ({ ClientStatus }: { readonly ClientStatus: string }): boolean => ClientStatus === 'running';
export const hasEnded = ({ Status }: { readonly Status: string }): boolean => /^(successful|failed|cancelled)$/.test(Status);
