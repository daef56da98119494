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

/** The result of a trial. */
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

/** The change of a trial: a new job, a larger count, canaries of a new version, all of a new version at once, or a job on each node. */
type Shape = 'new' | 'more' | 'canary' | 'replaced' | 'each';

/** No deployment ends during a trial. */
const UPDATE = { MinHealthyTime: 3_600e9, HealthyDeadline: 7_200e9, ProgressDeadline: 10_800e9, HealthCheck: 'task_states' };

/** Returns the job of a trial with so many allocations, or canaries beside those that run. */
function asked(job: Job, shape: Shape, running: number, count: number): Job {
  const other = { ...job, Meta: { changed: 'yes' } };
  if (shape === 'canary') return withCount(other, Math.max(running, count), { Update: { ...UPDATE, Canary: count, MaxParallel: 1 } });
  if (shape === 'replaced') return withCount(other, count, { Update: { ...UPDATE, MaxParallel: 1_000 } });
  return withCount(job, count);
}

/** Registers a job with a few allocations, and returns the number that found a place: the job then asks for no more. */
async function start(job: Job, count: number, cluster: Cluster): Promise<number> {
  const running = count - (await register(withCount(job, count), cluster));
  if (running === 0) await cluster.send('DELETE', `/v1/job/${job.ID}?purge=true`, {});
  else if (running < count) await register(withCount(job, running), cluster);
  return running;
}

/** Runs one trial. */
export async function tryForecast(seed: number, cluster: Cluster): Promise<Trial> {
  const dice = diceOf(seed);
  await empty(cluster);
  await fill(seed, dice, cluster);
  const job = jobOf(seed, dice, cluster.driver);
  const wish = dice.one(
    job.Type === 'batch' ? (['new', 'more'] as const) : (['new', 'more', 'more', 'canary', 'replaced', 'each'] as const),
  );
  const running = wish === 'new' || wish === 'each' ? 0 : await start(job, 1 + dice.below(3), cluster);
  const shape = wish !== 'each' && running === 0 ? 'new' : wish;
  const nomad = await connect(
    { address: cluster.address, token: undefined, region: undefined },
    { clock: systemClock, signal: new AbortController().signal, log: quiet },
  );
  try {
    const found = await (shape === 'each' ? tryEach(job, cluster, nomad) : tryCount(job, shape, running, cluster, nomad));
    return { seed, shape, ...found };
  } finally {
    await nomad.close();
  }
}

type Found = Pick<Trial, 'lines' | 'most' | 'problems'>;

async function forecastOf(job: Job, nomad: Nomad) {
  const { groups, byGroup, limits } = await readForecast(job, 'default', await plan(job, nomad), nomad, AbortSignal.timeout(60_000));
  const [group] = groups;
  if (group === undefined) throw new Error(limits.join(' '));
  return { group, lines: [...Object.values(byGroup), ...limits] };
}

async function tryCount(job: Job, shape: Shape, running: number, cluster: Cluster, nomad: Nomad): Promise<Found> {
  const jobWith = (count: number): Job => asked(job, shape, running, count);
  const { group, lines } = await forecastOf(jobWith(shape === 'canary' ? 1 : running + (shape === 'replaced' ? 0 : 1)), nomad);
  const most = shape === 'canary' ? group.room : group.largest;
  const isOther = shape === 'canary' || shape === 'replaced';
  // A second registration of a new version would find the allocations of the first, so a plan comes first.
  const missingOf = async (count: number): Promise<number> =>
    isOther ? missingIn(await plan(jobWith(count), nomad)) : await register(jobWith(count), cluster);
  const isExact = group.unknown.length === 0 && most > 0;
  const tooMany = isExact && (await missingOf(most)) !== 0;
  const tooFew = (await missingOf(most + 1)) === 0;
  const isRefused = isExact && isOther && !tooMany && (await register(jobWith(most), cluster)) !== 0;
  return {
    ...{ lines, most },
    problems: [...(tooMany || isRefused ? [`${most} do not fit`] : []), ...(tooFew ? [`${most + 1} fit`] : [])],
  };
}

/** Tries a system job: Nomad places it on the nodes that the forecast counts. */
async function tryEach(service: Job, cluster: Cluster, nomad: Nomad): Promise<Found> {
  const Constraints = (service.TaskGroups?.[0]?.Constraints ?? []).filter(({ Operand }) => Operand?.startsWith('distinct_') !== true);
  const job = withCount({ ...service, Type: 'system' }, 1, { Constraints });
  const { group, lines } = await forecastOf(job, nomad);
  await register(job, cluster);
  const placed = (await cluster.ask<readonly object[]>(`/v1/job/${job.ID}/allocations`)).length;
  return { lines, most: group.fits, problems: placed === group.fits ? [] : [`${placed} are placed`] };
}

const missingIn = ({ placementFailures }: { readonly placementFailures: Readonly<Record<string, AllocMetric>> }): number =>
  Object.values(placementFailures).reduce((sum, { CoalescedFailures }) => sum + 1 + CoalescedFailures, 0);
