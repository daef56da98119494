// Jobs whose tasks only run, for the commands of the terminal program that go into them.
import type { Allocation } from '../../src/nomad/types.ts';
import { cluster } from './deploying.ts';

/** Tasks that run a shell command; both drivers have the same shell. */
export interface TaskWish {
  readonly driver: 'docker' | 'raw_exec';
  /** By default it sleeps. */
  readonly shell?: string;
  /** The image of docker; busybox by default. */
  readonly image?: string;
  /** The labels of ports, with the port in the container; 0: the same one. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly count?: number;
  readonly namespace?: string;
  /** Their names; `t` by default. */
  readonly tasks?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A change makes a new version. */
  readonly meta?: Readonly<Record<string, string>>;
}

/** Registers a job with one group `g`, and waits until all of its newest version runs. Returns its allocations. */
export async function runTask(
  id: string,
  wish: TaskWish,
  on?: { readonly address: string; readonly token: string },
): Promise<Allocation[]> {
  const {
    driver,
    shell = 'exec sleep 100000',
    image = 'busybox:1.37',
    ports = {},
    count = 1,
    meta = {},
    env = {},
    namespace = 'default',
    tasks = ['t'],
  } = wish;
  const command = { command: '/bin/sh', args: ['-c', shell] };
  const config = driver === 'docker' ? { image, ...(image.startsWith('busybox') ? command : {}), ports: Object.keys(ports) } : command;
  const dynamic = Object.entries(ports).map(([Label, To]) => ({ Label, To }));
  const never = { RestartPolicy: { Attempts: 0, Mode: 'fail' }, ReschedulePolicy: { Attempts: 0, Unlimited: false } };
  const task = { Driver: driver, Config: config, Env: env, KillTimeout: 1e9, Resources: { CPU: 20, MemoryMB: 64 } };
  const group = {
    Name: 'g',
    Count: count,
    ...never,
    Networks: [{ DynamicPorts: dynamic }],
    Update: { MinHealthyTime: 1e8, MaxParallel: 1 },
    Tasks: tasks.map((Name) => ({ ...task, Name })),
  };
  const job = { ID: id, Name: id, Type: 'service', Datacenters: ['*'], Namespace: namespace, Meta: meta, TaskGroups: [group] };
  const answer = await cluster.send('POST', '/v1/jobs', { Job: job }, on);
  if (!answer.ok) throw new Error(`${id}: ${answer.status} ${await answer.text()}`);
  const { JobModifyIndex } = (await answer.json()) as { JobModifyIndex: number };
  const { Version } = (await cluster.job(`${id}?namespace=${namespace}`, on)) ?? { Version: JobModifyIndex };
  const isUp = ({ JobVersion, ClientStatus, DeploymentStatus }: Allocation): boolean =>
    JobVersion === Version && ClientStatus === 'running' && DeploymentStatus?.Healthy === true;
  const all = await cluster.until<Allocation[]>(
    `/v1/job/${id}/allocations?namespace=${namespace}`,
    (now) => now.filter(isUp).length === count,
    on,
  );
  return all.filter(isUp);
}
