// One trial: nodes that are filled and closed at random, a job at random, its forecast, and the same job registered with as many allocations as the forecast
// says, and with one more.
import { setTimeout as sleep } from 'node:timers/promises';
import { readForecast } from '../../src/forecast/index.ts';
import { connect, type Nomad } from '../../src/nomad/index.ts';
import type { AllocMetric, Constraint, Job, PlanResponse, Task, TaskGroup } from '../../src/nomad/types.ts';
import { summarizePlan } from '../../src/plan/plan.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/runtime.ts';
import { seeded } from '../sim/time.ts';
import type { Cluster } from './cluster.ts';

/** What a trial asked, was told and saw. */
export interface Trial {
  readonly seed: number;
  /** The sentences of the forecast. */
  readonly lines: readonly string[];
  readonly shape: string;
  /** The most allocations that the forecast says. */
  readonly most: number;
  /** Empty where the scheduler agrees. */
  readonly problems: readonly string[];
}

interface Dice {
  readonly below: (most: number) => number;
  readonly one: <T>(list: readonly T[]) => T;
  readonly chance: (of: number) => boolean;
}

function diceOf(seed: number): Dice {
  const random = seeded(seed);
  const below = (most: number): number => Math.floor(random() * most);
  return { below, one: (list) => list[below(list.length)] as (typeof list)[number], chance: (of) => random() < of };
}

const CONSTRAINTS: readonly Constraint[] = [
  { LTarget: '${node.class}', Operand: '=', RTarget: 'large' },
  { LTarget: '${node.class}', Operand: '!=', RTarget: 'large' },
  { LTarget: '${node.datacenter}', Operand: 'regexp', RTarget: '^(dc|east-)[12]$' },
  { LTarget: '${meta.rack}', Operand: '=', RTarget: 'r1' },
  { LTarget: '${meta.rack}', Operand: '!=', RTarget: 'r1' },
  { LTarget: '${meta.rack}', Operand: 'regexp', RTarget: '^r[23]$' },
  { LTarget: '${meta.version}', Operand: 'version', RTarget: '>= 1.9, < 2' },
  { LTarget: '${meta.version}', Operand: 'version', RTarget: '~> 1.2' },
  { LTarget: '${meta.version}', Operand: 'semver', RTarget: '>= 1.10.0' },
  { LTarget: '${meta.version}', Operand: 'semver', RTarget: '<= 1.10' },
  { LTarget: '${meta.version}', Operand: 'is_set' },
  { LTarget: '${meta.version}', Operand: 'is_not_set' },
  { LTarget: '${meta.tags}', Operand: 'set_contains', RTarget: 'a' },
  { LTarget: '${meta.tags}', Operand: 'set_contains_any', RTarget: 'b,c' },
  { LTarget: '${attr.cpu.numcores}', Operand: '>=', RTarget: '1' },
  { LTarget: '${attr.nomad.version}', Operand: 'semver', RTarget: '>= 1.4.0' },
  { LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'linux' },
];
const DISTINCT: readonly Constraint[] = [
  { Operand: 'distinct_hosts', RTarget: 'true' },
  { LTarget: '${node.datacenter}', Operand: 'distinct_property', RTarget: '2' },
  { LTarget: '${node.class}', Operand: 'distinct_property' },
];

const volume = (ReadOnly: boolean) => ({ Name: 'v', Type: 'host', Source: 'data', ReadOnly });

function groupOf(dice: Dice, driver: string): TaskGroup {
  const { one, chance, below } = dice;
  const cores = chance(0.1) ? 1 : 0;
  const port = chance(0.25) ? [{ Label: 'http', Value: one([8080, 9005, 7000]) }] : [];
  const dynamic = chance(0.4) ? [{ Label: 'a' }, ...(chance(0.5) ? [{ Label: 'b' }] : [])] : [];
  return {
    Name: 'web',
    EphemeralDisk: { SizeMB: one([10, 300, 900, 1_500]) },
    Networks: port.length + dynamic.length > 0 ? [{ Mode: 'host', ReservedPorts: port, DynamicPorts: dynamic }] : [],
    Constraints: [...(chance(0.5) ? [one(CONSTRAINTS)] : []), ...(chance(0.3) ? [one(DISTINCT)] : [])],
    ...(chance(0.15) ? { Volumes: { v: volume(chance(0.5)) } } : {}),
    Tasks: [
      taskOf('main', driver, { CPU: cores > 0 ? 0 : one([100, 300, 700, 1_100]), Cores: cores, MemoryMB: one([100, 256, 400, 700]) }),
      ...(chance(0.3)
        ? [
            {
              ...taskOf('init', driver, { CPU: one([50, 900]), MemoryMB: 50 + below(600) }),
              Lifecycle: { Hook: 'prestart', Sidecar: chance(0.4) },
            },
          ]
        : []),
    ],
  };
}

function taskOf(Name: string, Driver: string, resources: Task['Resources'] & object): Task {
  const Config = Driver === 'mock_driver' ? { run_for: '1h' } : { command: '/bin/sleep', args: ['3600'] };
  const LogConfig = { Disabled: false, MaxFiles: 1, MaxFileSizeMB: 1 };
  return {
    Name,
    Driver,
    Config,
    LogConfig,
    Resources: { ...resources, ...(resources.MemoryMB && Name === 'main' ? { MemoryMaxMB: 5_000 } : {}) },
  };
}

function jobOf(seed: number, dice: Dice, driver: string): Job {
  const { one, chance } = dice;
  const Type = chance(0.15) ? 'batch' : 'service';
  return {
    ...{ ID: `job-${seed}`, Name: `job-${seed}`, Type, Namespace: 'default' },
    Datacenters: one([['*'], ['dc1'], ['dc*'], ['east-*', 'dc2'], ['*']]),
    NodePool: chance(0.15) ? one(['batch', 'all']) : 'default',
    Constraints: chance(0.4) ? [one(CONSTRAINTS)] : [],
    TaskGroups: [groupOf(dice, driver)],
  };
}

const quiet: Log = new Proxy({} as Log, { get: () => () => undefined });

/** Returns what registering a job says: the number of its allocations that found no place. */
async function register(job: Job, { ask, send }: Cluster): Promise<number> {
  const { EvalID } = (await send('POST', '/v1/jobs', { Job: job })) as { EvalID: string };
  for (let index = 0; ; ) {
    const path = `/v1/evaluation/${EvalID}?index=${index}&wait=10s`;
    const found = await ask<{ Status: string; ModifyIndex: number; FailedTGAllocs?: Record<string, AllocMetric> | null }>(path);
    if (found.Status === 'complete') {
      const failed = Object.values(found.FailedTGAllocs ?? {});
      return failed.reduce((sum, { CoalescedFailures }) => sum + 1 + CoalescedFailures, 0);
    }
    if (found.Status !== 'pending') throw new Error(`the evaluation of ${job.ID} is ${found.Status}`);
    index = found.ModifyIndex;
  }
}

const withCount = (job: Job, Count: number, more: Partial<TaskGroup> = {}): Job => ({
  ...job,
  TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Count, ...more })),
});

/** Purges all jobs, and waits until nothing runs. */
async function empty({ ask, send }: Cluster): Promise<void> {
  for (const { ID } of await ask<readonly { ID: string }[]>('/v1/jobs')) await send('DELETE', `/v1/job/${ID}?purge=true`, {});
  const filter = encodeURIComponent('ClientStatus != "complete" and ClientStatus != "failed" and ClientStatus != "lost"');
  for (let tries = 0; (await ask<readonly object[]>(`/v1/allocations?filter=${filter}`)).length > 0; tries++) {
    if (tries > 300) throw new Error('allocations of the trial before still run');
    await sleep(100);
  }
}

/** Fills nodes with jobs at random, and closes some. */
async function fill(seed: number, dice: Dice, cluster: Cluster): Promise<void> {
  for (const { id } of cluster.nodes) {
    await cluster.send('PUT', `/v1/node/${id}/eligibility`, { NodeID: id, Eligibility: dice.chance(0.15) ? 'ineligible' : 'eligible' });
  }
  for (let number = dice.below(6); number > 0; number--) {
    const { id } = dice.one(cluster.nodes);
    const filler = {
      ...jobOf(seed, dice, cluster.driver),
      ID: `filler-${seed}-${number}`,
      Datacenters: ['*'],
      NodePool: 'all',
      Type: 'service',
    };
    const at = { Constraints: [{ LTarget: '${node.unique.id}', Operand: '=', RTarget: id }] };
    await register(withCount({ ...filler, ...at }, 1 + dice.below(3), { Constraints: [] }), cluster);
  }
}

async function plan(job: Job, nomad: Nomad) {
  const answer: PlanResponse = await nomad.jobs.plan(job, 'default');
  return summarizePlan(answer, (text) => text);
}

/** Runs one trial. */
export async function tryForecast(seed: number, cluster: Cluster): Promise<Trial> {
  const dice = diceOf(seed);
  await empty(cluster);
  await fill(seed, dice, cluster);
  const job = jobOf(seed, dice, cluster.driver);
  const shape = job.Type === 'batch' ? dice.one(['new', 'more'] as const) : dice.one(['new', 'new', 'more', 'canary', 'replaced'] as const);
  const before = shape === 'new' ? 0 : 1 + dice.below(3);
  const running = before - (before === 0 ? 0 : await register(withCount(job, before), cluster));
  const update = { MinHealthyTime: 3_600e9, HealthyDeadline: 7_200e9, ProgressDeadline: 10_800e9, HealthCheck: 'task_states' };
  const other = { ...job, Meta: { changed: 'yes' } };
  const changed =
    shape === 'canary'
      ? withCount(other, Math.max(1, before), { Update: { ...update, Canary: 1, MaxParallel: 1 } })
      : shape === 'replaced'
        ? withCount(other, Math.max(1, before), { Update: { ...update, MaxParallel: 1_000 } })
        : withCount(job, before + 1);
  const nomad = await connect(
    { address: cluster.address, token: undefined, region: undefined },
    { clock: systemClock, signal: new AbortController().signal, log: quiet },
  );
  try {
    const found = await readForecast(changed, 'default', await plan(changed, nomad), nomad, AbortSignal.timeout(60_000));
    const [group] = found.groups;
    const lines = [...Object.values(found.byGroup), ...found.limits];
    if (group === undefined) return { seed, shape, lines, most: -1, problems: ['no forecast'] };
    const most = shape === 'canary' ? group.room : group.largest;
    const asked = (count: number): Job =>
      shape === 'canary'
        ? withCount(other, Math.max(before, count), { Update: { ...update, Canary: count, MaxParallel: 1 } })
        : shape === 'replaced'
          ? withCount(other, count, { Update: { ...update, MaxParallel: 1_000 } })
          : withCount(job, count);
    const problems: string[] = [];
    if (shape === 'new' || running === before) {
      // Of a new version, Nomad is asked by a plan first: the second registration would find the allocations of the first.
      const kept = shape === 'canary' || shape === 'replaced';
      const missingOf = async (count: number): Promise<number> =>
        kept ? missingIn(await plan(asked(count), nomad)) : await register(asked(count), cluster);
      const isExact = group.unknown.length === 0;
      if (isExact && most > 0 && (await missingOf(most)) !== 0) problems.push(`${most} do not fit`);
      if (await isEnough(most, missingOf)) problems.push(`${most + 1} fit`);
      if (isExact && kept && most > 0 && problems.length === 0 && (await register(asked(most), cluster)) !== 0)
        problems.push(`${most} do not fit when they are registered`);
    }
    return { seed, shape, lines, most, problems };
  } finally {
    await nomad.close();
  }
}

const isEnough = async (most: number, missingOf: (count: number) => Promise<number>): Promise<boolean> => (await missingOf(most + 1)) === 0;

const missingIn = ({ placementFailures }: { readonly placementFailures: Readonly<Record<string, AllocMetric>> }): number =>
  Object.values(placementFailures).reduce((sum, { CoalescedFailures }) => sum + 1 + CoalescedFailures, 0);
