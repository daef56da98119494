import { describe, expect, test } from '@jest/globals';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, CheckResult, Deployment, Evaluation, RegisteredJob, TaskGroup, TaskState } from '../../../src/nomad/types.ts';
import { readLive } from '../../../src/plan/live.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { lookAt, lookSettled } from '../../../src/watch/unchanged.ts';
import { allocation, deployment } from '../../helpers/rollouts.ts';

const NOMADS_OWN = { Name: 's', Provider: 'nomad', Checks: [{ Name: 'leader', Interval: 1e9 }] };
const group = (parts: Partial<TaskGroup> = {}): TaskGroup => ({ Name: 'g', Count: 1, Services: [NOMADS_OWN], ...parts });
const FAILING: CheckResult = { Check: 'leader', Service: 's', Status: 'failure', Mode: 'healthiness', Output: 'no' };
const DONE = deployment('successful', 'Deployment completed successfully');

interface Looked {
  readonly checks?: readonly CheckResult[] | 'unread';
  readonly done?: Deployment | 'none';
  readonly type?: string;
  readonly evaluations?: readonly Evaluation[];
}

/** How a registered job with these groups and allocations is, as one look tells it, and what that warns of. */
async function look(
  groups: readonly TaskGroup[],
  allocations: readonly Allocation[],
  { checks = [], done = DONE, type = 'service', evaluations = [] }: Looked = {},
): Promise<string> {
  const job: RegisteredJob = {
    ID: 'web',
    Name: 'web',
    Type: type,
    Version: 1,
    Stop: false,
    Status: 'running',
    JobModifyIndex: 9,
    TaskGroups: [...groups],
  };
  const nomad = {
    allocations: { checks: async () => (checks === 'unread' ? undefined : checks) },
    jobs: { evaluations: async () => evaluations },
  } as unknown as Nomad;
  const warnings: string[] = [];
  const runtime = { signal: new AbortController().signal, log: { warning: (text: string) => warnings.push(text) } } as unknown as Runtime;
  const condition = await lookAt(job, done === 'none' ? undefined : done, async () => allocations, {
    namespace: 'default',
    nomad,
    runtime,
  });
  return [condition.how === 'well' ? 'well' : `${condition.how}: ${condition.what}`, ...warnings].join('; ');
}

describe('a registered job is judged as Nomad judges it', () => {
  const running = [allocation('running')];
  const FAILS = 'unwell: it is not healthy: the check "leader" of service s fails: no';
  test.each<[string, TaskGroup, CheckResult, string]>([
    ['by a check', group(), FAILING, FAILS],
    ['by a check of a server that tells no mode', group(), { ...FAILING, Mode: undefined }, FAILS],
    ['by a check that it names', group({ Update: { HealthCheck: 'checks' } }), FAILING, FAILS],
    ['not by a check that it ignores', group(), { ...FAILING, Mode: 'readiness' }, 'well'],
    ['not by checks, but by the states of the tasks', group({ Update: { HealthCheck: 'task_states' } }), FAILING, 'well'],
    ['not by checks, but by people', group({ Update: { HealthCheck: 'manual' } }), FAILING, 'well'],
    ['not by checks where it makes no deployment', group({ Update: { MaxParallel: 0 } }), FAILING, 'well'],
  ])('%s', async (_what, one, result, how) => expect(await look([one], running, { checks: [result] })).toBe(how));

  test('by checks of a system job only where it has deployments of such', async () => {
    expect(await look([group()], running, { checks: [FAILING], type: 'system' })).toBe(FAILS);
    expect(await look([group()], running, { checks: [FAILING], type: 'system', done: 'none' })).toBe('well');
  });

  test('and that its checks cannot be read is said', async () => {
    const [{ Name } = { Name: '' }] = running;
    expect(await look([group()], running, { checks: 'unread' })).toBe(
      `well; The checks of ${Name} cannot be read, so their results are unknown.`,
    );
  });

  test('by the checks of the groups that it judges by checks, beside others', async () => {
    const groups = [group({ Update: { HealthCheck: 'manual' } }), group({ Name: 'h' })];
    const both = [allocation('running'), allocation('running', { TaskGroup: 'h' })];
    expect(await look(groups, both, { checks: [FAILING] })).toBe(FAILS);
    expect(await look(groups, both.slice(0, 1).concat(allocation('running')), { checks: [FAILING] })).toBe('well');
  });

  const Tasks = [
    { Name: 'init', Driver: 'exec', Lifecycle: { Hook: 'prestart', Sidecar: false } },
    { Name: 'app', Driver: 'exec' },
    { Name: 'bye', Driver: 'exec', Lifecycle: { Hook: 'poststop', Sidecar: false } },
  ];
  const state = (State: string): TaskState => ({ State, Failed: false, Restarts: 0 });
  const lifecycle = (init: string, app: string): Allocation[] => [
    allocation('running', { TaskStates: { init: state(init), app: state(app), bye: state('pending') } }),
  ];
  test.each([
    ['whose task after the others waits for their end, as long as they run', 'dead', 'running', 'well'],
    ['whose main task waits for the one before it', 'running', 'pending', 'unwell: only 0 of its 1 allocations are running'],
    ['whose main task waits to be started again', 'dead', 'pending', 'unwell: only 0 of its 1 allocations are running'],
  ])('%s', async (_what, init, app, how) => expect(await look([group({ Services: null, Tasks })], lifecycle(init, app))).toBe(how));

  test.each([
    ['with a replacement', 1, [allocation('unknown'), allocation('running')], 'well'],
    ['without one', 2, [allocation('unknown'), allocation('running')], 'unwell: only 1 of its 2 allocations are running'],
  ])('of which one is on a node that is disconnected, %s', async (_what, Count, allocations, how) =>
    expect(await look([group({ Count, Services: null })], allocations)).toBe(how),
  );

  const ONLY = 'unwell: only 1 of its 2 allocations are running';
  const NO_MORE = `${ONLY}, and Nomad does not reschedule allocation aaaaaaaa: `;
  test.each<[string, Partial<TaskGroup>, Partial<Allocation>, string]>([
    ['waits for Nomad where that has another attempt planned', {}, { FollowupEvalID: 'e' }, ONLY],
    [
      'is told how it is started again without a reschedule',
      { ReschedulePolicy: { Attempts: 0, Unlimited: false } },
      {},
      `${NO_MORE}change the group g, or run \`command: stop\` and deploy again, to start it again`,
    ],
    [
      'is told how it is started again with one that is used up',
      { ReschedulePolicy: { Attempts: 2, Unlimited: false } },
      {},
      `${NO_MORE}run \`nomad job eval -force-reschedule -namespace=default web\` to start it again`,
    ],
  ])('of which one allocation failed, %s', async (_what, parts, failed, how) => {
    const allocations = [allocation('running'), allocation('failed', { ID: 'aaaaaaaa-1', ...failed })];
    expect(await look([group({ Count: 2, Services: null, ...parts })], allocations)).toBe(how);
  });

  test('of which one allocation failed without a deployment, and that is given up only when it is', async () => {
    const failing = (type: string, parts: Partial<TaskGroup>, failed: Partial<Allocation> = {}): Promise<string> =>
      look(
        [group({ Count: 2, Services: null, ...parts })],
        [allocation('running'), allocation('failed', { ID: 'aaaaaaaa-1', ...failed })],
        {
          ...{ type, done: 'none' },
        },
      );
    const UNDER_WAY = 'under way: 1 of its 2 allocations are running';
    expect(await failing('service', { ReschedulePolicy: { Unlimited: true } })).toBe(UNDER_WAY);
    expect(await failing('service', { ReschedulePolicy: { Attempts: 2 } }, { FollowupEvalID: 'e' })).toBe(UNDER_WAY);
    const attempts = (count: number): Partial<Allocation> => ({
      RescheduleTracker: { Events: Array.from({ length: count }, () => ({ RescheduleTime: 1 })) },
    });
    // The scheduler names the next evaluation a moment after the failure.
    expect(await failing('service', { ReschedulePolicy: { Attempts: 2 } }, attempts(1))).toBe(UNDER_WAY);
    expect(await failing('service', { ReschedulePolicy: { Attempts: 2 } }, attempts(2))).toContain(NO_MORE);
    expect(await failing('service', { ReschedulePolicy: { Attempts: 0 } })).toContain(NO_MORE);
    expect(await failing('system', {})).toContain(NO_MORE);
  });

  test('whose allocations are still those of the version before, as not rolled out, until its deployment says otherwise', async () => {
    const older = [allocation('running', { JobVersion: 0 })];
    const one = [group({ Services: null })];
    expect(await look(one, older, { done: 'none' })).toBe('under way: allocations of an older version are not replaced yet');
    expect(await look(one, older)).toBe('well');
    // A node that takes no new allocations keeps those of a system job.
    expect(await look(one, older, { done: 'none', type: 'system' })).toBe('well');
    const pending = { ID: 'e', Status: 'pending', TriggeredBy: 'job-register' };
    expect(await look(one, older, { done: 'none', type: 'system', evaluations: [pending] })).toMatch(/^under way/);
  });

  test('of a system job without deployments, a group of which has no allocation, as not rolled out', async () => {
    const groups = [group({ Services: null }), group({ Name: 'h', Services: null })];
    const one = [allocation('running')];
    expect(await look(groups, one, { done: 'none', type: 'system' })).toBe('under way: its group h has no allocation');
    expect(await look([...groups.slice(0, 1), group({ Name: 'h', Count: 0 })], one, { done: 'none', type: 'system' })).toBe('well');
    expect(await look(groups, one, { type: 'system' })).toBe('well');
  });

  test('of count 0, whatever its type', async () => {
    for (const type of ['service', 'system']) expect(await look([group({ Count: 0 })], [], { type, done: 'none' })).toBe('well');
  });
});

describe('a job that is dead', () => {
  const live = async (
    parts: Partial<RegisteredJob>,
    allocations: readonly Allocation[],
    deployments: readonly Deployment[] = [],
    statusLater = 'dead',
  ) => {
    let reads = 0;
    const job = {
      ID: 'web',
      Name: 'web',
      Type: 'service',
      Version: 1,
      Stop: false,
      Status: 'dead',
      JobModifyIndex: 9,
      TaskGroups: [group()],
      ...parts,
    };
    const jobs = {
      read: async () => {
        reads += 1;
        return reads === 1 ? job : { ...job, Status: statusLater };
      },
      deployments: async () => deployments,
      versions: async () => [job],
      allocations: async () => ({ value: allocations, index: 1 }),
    };
    const patience = (): AbortSignal => new AbortController().signal;
    const found = await readLive({ job, namespace: 'default' }, { jobs, clock: systemClock, patience } as unknown as Nomad);
    return { how: found.tried.map(({ how }) => how), again: found.failing.down, status: found.job?.Status };
  };
  const failed = [allocation('failed')];
  test.each<[string, Partial<RegisteredJob>, readonly Allocation[], string | undefined]>([
    ['is tried again when it is a service that has failed', {}, failed, 'none of its allocations is running (1 of 1 allocations failed)'],
    ['is tried again when it is a service of which nothing is left', {}, [], 'none of its allocations is running'],
    ['is tried again when it is a batch job that has failed', { Type: 'batch' }, failed, '1 of 1 allocations failed'],
    ['is left alone when it is a batch job that is done', { Type: 'batch' }, [allocation('complete')], undefined],
    ['is left alone when nothing of it is to run', { TaskGroups: [group({ Count: 0 })] }, [], undefined],
    ['is left alone when it waits for its time', { Type: 'batch', Periodic: {} }, failed, undefined],
    ['is left alone as long as it runs', { Status: 'running' }, failed, undefined],
  ])('%s', async (_what, parts, allocations, how) =>
    expect(await live(parts, allocations)).toMatchObject({ how: how === undefined ? [] : [how], again: how === undefined ? [] : ['g'] }),
  );

  const retried = { Type: 'batch', TaskGroups: [group({ ReschedulePolicy: { Attempts: 1 } })] };
  test('is left alone when Nomad is about to reschedule what failed, and is dead for a moment only', async () => {
    expect(await live(retried, failed, [], 'pending')).toEqual({ how: [], again: [], status: 'pending' });
  });
  test('is tried again when it stays dead, although attempts are left', async () => {
    expect(await live(retried, failed)).toEqual({ how: ['1 of 1 allocations failed'], again: ['g'], status: 'dead' });
  });

  test('is told by its deployment where that failed', async () => {
    const own = { ...deployment('failed', 'Failed due to unhealthy allocations'), JobVersion: 1 };
    expect(await live({}, failed, [own])).toMatchObject({ how: ['Failed due to unhealthy allocations'], again: ['g'] });
  });
});

describe('a version whose deployment was garbage-collected, and whose allocations run', () => {
  const JOB: RegisteredJob = {
    ...{ ID: 'web', Name: 'web', Type: 'service', Version: 1, Stop: false, Status: 'running', JobModifyIndex: 9 },
    TaskGroups: [group({ Services: null })],
  };
  const own = { JobVersion: 1, JobSpecModifyIndex: 9 };

  test.each<[string, readonly Partial<Deployment>[], string]>([
    ['is well without a new deployment', [], 'well'],
    ['is under way while a replacement has a new deployment', [{ ...DONE, ...own, Status: 'running' }], 'its deployment is running'],
    ['is well when the new deployment is done', [{ ...DONE, ...own }], 'well'],
    ['is not judged by the deployment of another version', [{ ...DONE, ...own, JobVersion: 0, Status: 'running' }], 'well'],
    ['is not judged by that of a purged job of the same name', [{ ...DONE, ...own, JobSpecModifyIndex: 4, Status: 'running' }], 'well'],
  ])('%s', async (_what, deployments, how) => {
    const jobs = {
      allocations: async () => ({ value: [allocation('running')], index: 1 }),
      deployments: async () => deployments,
    };
    const nomad = { jobs, allocations: { checks: async () => [] } } as unknown as Nomad;
    const runtime = { clock: systemClock, signal: new AbortController().signal } as unknown as Runtime;
    const condition = await lookSettled(JOB, undefined, { namespace: 'default', nomad, runtime });
    expect(condition.how === 'well' ? 'well' : condition.what).toBe(how);
  });
});
