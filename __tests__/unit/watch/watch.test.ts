import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '../../../src/diagnose/seen.ts';
import type { Allocation, Deployment, Evaluation, Job, RegisteredJob, ReschedulePolicy, TaskState } from '../../../src/nomad/types.ts';
import { allocation } from '../../helpers/rollouts.ts';
import { type Asked, type Had, type Trouble, watchThrough } from '../../helpers/watching.ts';

const job = (parts: Partial<Job> = {}, count = 1): Job => ({
  ID: 'web',
  Name: 'web',
  Type: 'service',
  TaskGroups: [{ Name: 'g', Count: count, Update: { MinHealthyTime: 1e9 }, Tasks: [{ Name: 't', Driver: 'exec' }] }],
  ...parts,
});
const registered = (parts: Partial<RegisteredJob> = {}): RegisteredJob => ({
  ...job(),
  ...{ Version: 1, Stop: false, Status: 'running', JobModifyIndex: 9 },
  ...parts,
});
const evaluation = (DeploymentID = ''): Had['evaluation'] => ({ ID: 'e', Status: 'complete', DeploymentID });
const deployment = (Status: string, StatusDescription: string, HealthyAllocs: number, JobVersion = 1): Deployment => ({
  ...{ ID: `d${JobVersion}`, JobID: 'web', JobVersion, Status, StatusDescription },
  TaskGroups: {
    g: { DesiredTotal: 1, DesiredCanaries: 0, PlacedAllocs: 1, HealthyAllocs, UnhealthyAllocs: 0, Promoted: false, AutoPromote: false },
  },
});
const runs: TaskState = { State: 'running', Failed: false, Restarts: 0, Events: [{ Type: 'Started', Time: 1, DisplayMessage: '' }] };
const exited: TaskState = {
  ...{ State: 'dead', Failed: true, Restarts: 0 },
  Events: [{ Type: 'Terminated', Time: 2, DisplayMessage: '', Details: { exit_code: '5' } }],
};
const alloc = (ClientStatus: string, ModifyIndex: number, parts: Partial<Allocation> = {}): Allocation =>
  allocation(ClientStatus, { ID: 'a', ModifyIndex, TaskStates: { t: ClientStatus === 'failed' ? exited : runs }, ...parts });
const HEALTHY = { DeploymentStatus: { Healthy: true } };

/** A rollout that is healthy after 1 s, whose task fails a second later, just before Nomad calls it successful. */
const FAILS_LATE: readonly Had[] = [
  { atMs: 0, job: registered(), evaluation: evaluation('d1'), deployments: [deployment('running', 'Deployment is running', 0)] },
  { atMs: 100, allocations: [alloc('running', 11)] },
  { atMs: 1_100, allocations: [alloc('running', 12, HEALTHY)], deployments: [deployment('running', 'Deployment is running', 1)] },
  { atMs: 2_000, allocations: [alloc('failed', 13, HEALTHY)] },
  { atMs: 2_300, deployments: [deployment('successful', 'Deployment completed successfully', 1)] },
];
const failedLate = { outcome: 'failed', reason: 'task-failed', description: 'allocation a failed right after the deployment succeeded' };

/** The trouble of some of the questions, by their number, from 1 on. */
const some = (what: Asked, troubles: Readonly<Record<number, Trouble>>, rest?: Trouble): ((asked: Asked) => Trouble | undefined) => {
  let count = 0;
  return (asked) => {
    if (asked !== what) return undefined;
    count += 1;
    return troubles[count] ?? rest;
  };
};

describe('the last look at the allocations of a successful deployment', () => {
  // The first question is that of the one who follows them.
  test('is waited for when it takes its time', async () => {
    const { watched, warnings } = await watchThrough(job(), FAILS_LATE, some('allocations', { 1: {} }, { lateMs: 25_000 }));
    expect(watched.verdict).toEqual(failedLate);
    expect(warnings).toEqual([]);
  });

  test('is taken by another request when one is never answered', async () => {
    const { watched, atMs } = await watchThrough(job(), FAILS_LATE, some('allocations', { 2: { never: true } }));
    expect(watched.verdict).toEqual(failedLate);
    expect(atMs).toBeLessThan(8_000);
  });

  test.each<[string, Trouble]>([
    ['has not seen the health that the deployment counts', { behindMs: 1_500 }],
    ['is behind what was seen before', { behindMs: 2_200 }],
  ])('is taken again when the server that answers %s', async (_which, trouble) => {
    const { watched } = await watchThrough(job(), FAILS_LATE, some('allocations', { 2: trouble }));
    expect(watched.verdict).toEqual(failedLate);
  });

  test('that nobody answers is said to be missing, and the verdict is that of Nomad', async () => {
    const { watched, warnings, atMs } = await watchThrough(job(), FAILS_LATE, some('allocations', { 1: {} }, { never: true }));
    expect(watched.verdict).toEqual({ outcome: 'successful' });
    expect(warnings).toEqual([expect.stringContaining('a task may have failed since')]);
    expect(atMs).toBeGreaterThan(30_000);
    expect(atMs).toBeLessThan(35_000);
  });

  test('that nobody answers after a failure is said to be missing, too', async () => {
    const failed = [...FAILS_LATE.slice(0, 3), { atMs: 2_000, deployments: [deployment('failed', 'Failed due to progress deadline', 1)] }];
    const { watched, warnings } = await watchThrough(job(), failed, some('allocations', { 1: {} }, { never: true }));
    expect(watched.verdict).toMatchObject({ outcome: 'failed', reason: 'progress-deadline' });
    expect(warnings).toEqual([expect.stringContaining('the cause may be incomplete')]);
  });

  test('does not outlast the time of the run, nor does that hide how the deployment ended', async () => {
    const { watched, atMs } = await watchThrough(job(), FAILS_LATE, some('allocations', { 1: {} }, { never: true }), 9_000);
    expect(watched.verdict).toEqual({ outcome: 'successful' });
    expect(atMs).toBe(9_000);
  });

  test('does not keep the end of a rollout that was replaced', async () => {
    const replaced = [
      ...FAILS_LATE.slice(0, 3),
      { atMs: 2_000, deployments: [deployment('cancelled', 'Cancelled due to newer version of job', 1)] },
    ];
    const { watched, atMs } = await watchThrough(job(), replaced, some('allocations', { 1: {} }, { never: true }));
    expect(watched.verdict).toMatchObject({ outcome: 'superseded' });
    expect(atMs).toBeLessThan(5_000);
  });

  test('takes nothing back that was seen before', async () => {
    const early = FAILS_LATE.map((had) => (had.atMs === 2_300 ? { ...had, atMs: 6_000 } : had));
    const followed = early.map((had) =>
      had.atMs === 1_100 ? { ...had, deployments: [deployment('running', 'Deployment is running', 0)] } : had,
    );
    const { watched } = await watchThrough(job(), followed, (asked, nowMs) =>
      asked === 'allocations' && nowMs > 6_000 ? { behindMs: 4_500 } : undefined,
    );
    expect(watched.verdict).toEqual(failedLate);
  });
});

describe('an answer without the object is no proof that it is gone', () => {
  const ROLLBACK: readonly Had[] = [
    ...FAILS_LATE.slice(0, 2),
    { atMs: 1_500, allocations: [alloc('failed', 12, { DeploymentStatus: { Healthy: false } })] },
    { atMs: 1_700, deployments: [deployment('failed', 'Failed due to unhealthy allocations - rolling back to job version 0', 0)] },
    { atMs: 1_800, job: registered({ Version: 2 }) },
  ];
  const SUPERSEDED: readonly Had[] = [
    ...FAILS_LATE.slice(0, 3),
    { atMs: 2_000, deployments: [deployment('running', '', 0, 2), deployment('cancelled', 'Cancelled due to newer version of job', 1)] },
    { atMs: 2_000, job: registered({ Version: 2 }) },
  ];
  const nothing: Trouble = { nothing: true };
  const both = (deployments: Record<number, Trouble>, lists: Record<number, Trouble>): ((asked: Asked) => Trouble | undefined) => {
    const [one, list] = [some('deployment', deployments), some('deployments', lists)];
    return (asked) => one(asked) ?? list(asked);
  };
  const TROUBLES = {
    'of the evaluation': () => some('evaluation', { 1: nothing }),
    'of the evaluation, thrice': () => some('evaluation', { 1: nothing, 2: nothing, 3: nothing }),
    'of the deployment': () => some('deployment', { 1: nothing }),
    'of the deployment, later': () => some('deployment', { 2: nothing }),
    'of the deployment, nor of the list': () => both({ 1: nothing }, { 1: nothing }),
    'of the deployment, nor of the list, later': () => both({ 2: nothing }, { 1: nothing }),
    'of the deployment, nor of the list, for some time': () =>
      both({ 2: nothing, 3: nothing, 4: nothing }, { 1: nothing, 2: nothing, 3: nothing, 4: nothing, 5: nothing }),
  } satisfies Record<string, () => (asked: Asked) => Trouble | undefined>;

  test.each(Object.entries(TROUBLES))('%s', async (_which, trouble) => {
    const failed = await watchThrough(job(), ROLLBACK, trouble());
    expect(failed.watched.verdict).toMatchObject({ outcome: 'failed', rolledBackTo: 0 });
    const superseded = await watchThrough(job(), SUPERSEDED, trouble());
    expect(superseded.watched.verdict).toMatchObject({ outcome: 'superseded' });
    expect([failed, superseded].every(({ atMs }) => atMs < 8_000)).toBe(true);
  });

  /** A service for which Nomad makes no deployment. */
  const PLAIN: readonly Had[] = [
    { atMs: -1_000, job: registered({ Version: 0, Stop: true }), allocations: [alloc('running', 5, { ID: 'old', JobVersion: 0 })] },
    { atMs: 0, job: registered(), evaluation: evaluation() },
    { atMs: 100, allocations: [alloc('complete', 10, { ID: 'old', JobVersion: 0, DesiredStatus: 'stop' }), alloc('running', 11)] },
  ];
  test.each<[string, (asked: Asked, nowMs: number) => Trouble | undefined]>([
    ['of the job', some('job', { 1: nothing })],
    ['of the job, later', some('job', { 2: nothing, 3: nothing })],
    ['of the job, but of an older version that was stopped', some('job', { 1: { behindMs: 1_000 } })],
    [
      'of the job for some time, while Nomad wants its allocations to run',
      some('job', { 3: nothing, 4: nothing, 5: nothing, 6: nothing, 7: nothing }),
    ],
    ['of the list, which has none anyway', some('deployments', { 1: nothing })],
    ['of the evaluation for long', some('evaluation', { 1: nothing, 2: nothing, 3: nothing, 4: nothing })],
    ['of the allocations at the last look, but of the older version', some('allocations', { 3: { behindMs: 2_500 } })],
  ])('%s, where there is no deployment', async (_which, trouble) => {
    const { watched, atMs } = await watchThrough(job(), PLAIN, trouble);
    expect(watched.verdict).toEqual({ outcome: 'successful' });
    expect(atMs).toBeLessThan(6_000);
  });

  const STOPPED = [alloc('complete', 14, { DesiredStatus: 'stop' })];

  test('while another verdict is confirmed', async () => {
    const zero = [{ atMs: 0, job: registered(), evaluation: evaluation(), allocations: [] }];
    const { watched } = await watchThrough(job({}, 0), zero, some('job', { 1: { nothing: true, lateMs: 1 }, 2: nothing }));
    expect(watched.verdict).toEqual({ outcome: 'successful' });
  });

  test('but a job that stays away is gone', async () => {
    const purged = [...PLAIN, { atMs: 500, job: undefined, allocations: STOPPED }];
    const { watched, atMs } = await watchThrough(job(), purged);
    expect(watched.verdict).toMatchObject({ outcome: 'cancelled', description: expect.stringContaining('the job is gone') });
    expect(atMs).toBeLessThan(3_000);
  });

  test('nor is a job that was purged and registered anew, whose versions are counted anew, ours', async () => {
    const theirs: readonly Had[] = [
      ...FAILS_LATE.slice(0, 3),
      { atMs: 1_200, job: undefined, deployments: [], allocations: STOPPED },
      {
        atMs: 1_500,
        job: registered({ JobModifyIndex: 20 }),
        deployments: [{ ...deployment('successful', 'Deployment completed successfully', 1), ID: 'theirs', JobSpecModifyIndex: 20 }],
      },
    ];
    for (const history of [theirs, [...PLAIN, { ...theirs[4], atMs: 500, allocations: STOPPED }]]) {
      const { watched, onDeployment } = await watchThrough(job(), history);
      expect(watched.verdict).toMatchObject({ outcome: 'cancelled', description: expect.stringContaining('the job is gone') });
      expect(onDeployment).not.toContain('theirs');
    }
  });

  test('nor is one of a deployment that appears later', async () => {
    const late = [{ ...FAILS_LATE[0], atMs: 0, evaluation: evaluation(), deployments: [] }, ...SUPERSEDED.slice(1, 2)];
    const { watched, onDeployment } = await watchThrough(job(), [
      ...late,
      { atMs: 700, deployments: FAILS_LATE[0]?.deployments ?? [] },
      ...SUPERSEDED.slice(2),
    ]);
    expect(watched.verdict).toMatchObject({ outcome: 'superseded' });
    expect(onDeployment).toEqual(['d1']);
  });
});

describe('a job without a deployment', () => {
  const BATCH = job({ Type: 'batch' });
  const done = (parts: Partial<Allocation>): Had => ({ atMs: 1_000, allocations: [alloc('complete', 12, parts)] });
  const begun: Had = { atMs: 0, job: registered({ Type: 'batch' }), evaluation: evaluation(), allocations: [alloc('running', 11)] };
  test('is not done when Nomad ended its allocation because it was purged', async () => {
    const purged = [begun, done({ DesiredStatus: 'stop' }), { atMs: 1_000, job: undefined }];
    const { watched } = await watchThrough(BATCH, purged, some('job', { 1: {} }, { lateMs: 3_000 }));
    expect(watched.verdict).toMatchObject({ outcome: 'cancelled' });
  });
  test('is done when its allocation was, and the job collected', async () => {
    const { watched } = await watchThrough(BATCH, [begun, done({}), { atMs: 3_000, job: undefined }]);
    expect(watched.verdict).toEqual({ outcome: 'successful' });
  });

  /** What runs on every node, and has run: Nomad starts nothing where nothing of a group changed. */
  const left = async (Type: string, ...allocations: readonly Allocation[]) =>
    watchThrough(job({ Type }), [{ atMs: 0, job: registered({ Type, Status: 'dead' }), evaluation: evaluation(), allocations }]);
  const older = (status: string, parts: Partial<Allocation> = {}): Allocation => alloc(status, 5, { ID: 'old', JobVersion: 0, ...parts });
  test('is done as it was, where it is a sysbatch job of which nothing was to be started', async () => {
    const { watched, atMs } = await left('sysbatch', older('complete'));
    expect(watched.verdict).toEqual({ outcome: 'successful' });
    expect(atMs).toBeLessThan(5_000);
    expect((await left('sysbatch', older('failed'))).watched.verdict).toMatchObject({ outcome: 'failed', reason: 'task-failed' });
  });
  test('is judged by what was started anew', async () => {
    expect((await left('sysbatch', older('failed'), alloc('complete', 12))).watched.verdict).toEqual({ outcome: 'successful' });
    expect((await left('batch', older('failed'), alloc('complete', 12))).watched.verdict).toEqual({ outcome: 'successful' });
  });
});

describe('an attempt that fails is not the end of a job without a deployment while Nomad is going to try again', () => {
  const POLICY = { Attempts: 1, Interval: 3600e9, Unlimited: false };
  const retried = (Type: string, policy: ReschedulePolicy = POLICY): Job => {
    const { TaskGroups } = job();
    return job({ Type, TaskGroups: (TaskGroups ?? []).map((group) => ({ ...group, ReschedulePolicy: policy })) });
  };
  const of = (Type: string, Status: string, policy?: ReschedulePolicy): RegisteredJob => ({
    ...registered({ Status }),
    ...retried(Type, policy),
  });
  const AT_NS = 1e18;
  const first = (parts: Partial<Allocation> = {}): Allocation => alloc('failed', 12, { ModifyTime: AT_NS, ...parts });
  const NAMED = { FollowupEvalID: 'f', ModifyIndex: 14 };
  const REPLACED = { ...NAMED, NextAllocation: 'b', ModifyIndex: 16 };
  const second = (status: string, index: number): Allocation =>
    alloc(status, index, { ID: 'b', ModifyTime: AT_NS + 6e9, RescheduleTracker: { Events: [{ RescheduleTime: AT_NS + 5e9 }] } });

  /** The allocation fails at 1 s. Nomad stores the evaluation that reschedules it, which wakes no query, and the scheduler names it, `storedMs` and `namedMs` later. */
  const again = (type: string, storedMs: number, namedMs: number, end: Had): readonly Had[] => [
    { atMs: 0, job: of(type, 'running'), evaluation: evaluation(), allocations: [alloc('running', 11)] },
    { atMs: 1_000, job: of(type, 'dead'), allocations: [first()] },
    { atMs: 1_000 + storedMs, sameIndex: true, job: of(type, 'pending'), evaluations: [{ ID: 'r', Status: 'pending' }] },
    { atMs: 1_000 + storedMs + namedMs, allocations: [first(NAMED)] },
    { atMs: 6_000, job: of(type, 'running'), evaluations: [], allocations: [first(REPLACED), second('pending', 16)] },
    { atMs: 6_200, allocations: [first(REPLACED), second('running', 17)] },
    end,
  ];
  const DONE: Had = { atMs: 6_500, job: of('batch', 'dead'), allocations: [first(REPLACED), second('complete', 18)] };
  const FAILED: Had = { ...DONE, allocations: [first(REPLACED), second('failed', 18)] };
  const RUNS: Had = { atMs: 7_500 };
  const WINDOWS = [
    [10, 5],
    [10, 300],
    [200, 100],
    [1_500, 800],
    [30, 4_000],
  ] as const;

  test.each(WINDOWS)('with an evaluation %i ms after the failure, that the scheduler names %i ms later', async (storedMs, namedMs) => {
    const done = await watchThrough(retried('batch'), again('batch', storedMs, namedMs, DONE));
    expect(done.watched.verdict).toEqual({ outcome: 'successful' });
    const runs = await watchThrough(retried('service'), again('service', storedMs, namedMs, RUNS));
    expect(runs.watched.verdict).toEqual({ outcome: 'successful' });
    expect([done, runs].every(({ atMs }) => atMs < 9_000)).toBe(true);
  });

  test.each(WINDOWS)('nor when the attempt after that fails, too (%i ms, %i ms), which is told at once', async (storedMs, namedMs) => {
    const { watched, atMs } = await watchThrough(retried('batch'), again('batch', storedMs, namedMs, FAILED));
    expect(watched.verdict).toEqual({ outcome: 'failed', reason: 'task-failed', description: '1 of 1 allocations failed' });
    expect(atMs).toBeGreaterThan(6_400);
    expect(atMs).toBeLessThan(6_600);
  });

  test('whatever the answers that come late', async () => {
    const late = (asked: Asked, nowMs: number): Trouble | undefined =>
      nowMs > 900 && nowMs < 3_000 && (asked === 'job' || asked === 'allocations') ? { lateMs: 400 } : undefined;
    const { watched } = await watchThrough(retried('batch'), again('batch', 10, 50, DONE), late);
    expect(watched.verdict).toEqual({ outcome: 'successful' });
  });

  const ended = (type: string, policy: ReschedulePolicy, failed: Allocation): readonly Had[] => [
    { atMs: 0, job: of(type, 'running', policy), evaluation: evaluation(), allocations: [alloc('running', 11)] },
    { atMs: 1_000, job: of(type, 'dead', policy), allocations: [failed] },
  ];
  const used = { RescheduleTracker: { Events: [{ RescheduleTime: AT_NS - 60e9 }] } };
  test.each<[string, string, ReschedulePolicy, Partial<Allocation>]>([
    ['a batch job without attempts', 'batch', { Attempts: 0, Unlimited: false }, {}],
    ['a batch job whose attempts are used up', 'batch', POLICY, used],
    ['a sysbatch job, which knows none', 'sysbatch', {}, {}],
  ])('but it is for %s, at once', async (_what, type, policy, parts) => {
    const { watched, atMs } = await watchThrough(retried(type, policy), ended(type, policy, first(parts)));
    expect(watched.verdict).toMatchObject({ outcome: 'failed', reason: 'task-failed' });
    expect(atMs).toBeLessThan(1_100);
  });

  test('nor is one that made room for another job, which Nomad calls dead until it has looked for another place', async () => {
    const evicted = (status: string, index: number): Allocation => alloc(status, index, { DesiredStatus: 'evict' });
    const preempted: readonly Had[] = [
      { atMs: 0, job: of('batch', 'running'), evaluation: evaluation(), allocations: [alloc('running', 11)] },
      { atMs: 1_000, job: of('batch', 'dead'), evaluations: [{ ID: 'r', Status: 'pending' }], allocations: [evicted('running', 12)] },
      { atMs: 1_200, allocations: [evicted('complete', 13)] },
      { atMs: 4_000, job: of('batch', 'pending'), evaluations: [{ ID: 'r', Status: 'blocked' }] },
      { atMs: 9_000, job: of('batch', 'running'), evaluations: [], allocations: [evicted('complete', 13), second('running', 16)] },
      { atMs: 9_500, job: of('batch', 'dead'), allocations: [evicted('complete', 13), second('complete', 17)] },
    ];
    expect((await watchThrough(retried('batch'), preempted)).watched.verdict).toEqual({ outcome: 'successful' });
    const given = preempted.slice(0, 3).map((had) => ({ ...had, evaluations: [] }));
    const { watched, atMs } = await watchThrough(retried('batch'), given);
    expect(watched.verdict).toMatchObject({ description: '1 of 1 allocations were stopped before they were complete' });
    expect(atMs).toBeLessThan(3_000);
  });

  test('and it is where Nomad does nothing, although attempts are left', async () => {
    const { watched, atMs } = await watchThrough(retried('batch'), ended('batch', POLICY, first()));
    expect(watched.verdict).toMatchObject({ outcome: 'failed', reason: 'task-failed' });
    expect(atMs).toBeLessThan(5_000);
  });
});

describe('an evaluation that failed', () => {
  const METRIC = { NodesEvaluated: 1, NodesFiltered: 0, NodesExhausted: 1, CoalescedFailures: 0 };
  const failed = {
    ID: 'e',
    Status: 'failed',
    StatusDescription: 'maximum attempts reached (5)',
    NextEval: 'next',
    FailedTGAllocs: { g: METRIC },
  };
  const end = async (next: Partial<Evaluation>): Promise<Verdict> => {
    const pending: Evaluation = { ID: 'next', Status: 'pending', ...next };
    const { watched } = await watchThrough(
      job(),
      [
        { atMs: 0, job: registered(), evaluation: failed, evaluations: [pending] },
        { atMs: 2_000, evaluations: [{ ...pending, Status: 'complete' }], allocations: [alloc('running', 5)] },
      ],
      undefined,
      10_000,
    );
    return watched.verdict;
  };

  test.each<[string, Partial<Evaluation>]>([
    ['one that reschedules an allocation later', { TriggeredBy: 'alloc-failure', WaitUntil: '2027-01-01T00:00:00Z' }],
    ['one of a node that is disconnected', { TriggeredBy: 'max-disconnect-timeout', WaitUntil: '2027-01-01T00:00:00Z' }],
    ['another one with a delay', { TriggeredBy: 'something-new', WaitUntil: '2027-01-01T00:00:00Z' }],
  ])('is not continued by %s', async (_what, next) =>
    expect(await end(next)).toEqual({ outcome: 'failed', reason: 'evaluation-failed', description: 'maximum attempts reached (5)' }),
  );

  test.each<[string, Partial<Evaluation>]>([
    ['its follow-up', { TriggeredBy: 'failed-follow-up', WaitUntil: '0001-01-01T00:00:00Z' }],
    ['a follow-up with a delay', { TriggeredBy: 'failed-follow-up', WaitUntil: '2027-01-01T00:00:00Z' }],
    ['one without a reason', {}],
  ])('is continued by %s', async (_what, next) => expect(await end(next)).toEqual({ outcome: 'successful' }));
});

describe('a paused deployment', () => {
  const paused = (HealthyAllocs: number): Deployment => deployment('paused', 'Deployment is paused', HealthyAllocs);
  test('is told as such when the time is up, and places nothing', async () => {
    const metric = { NodesEvaluated: 1, NodesFiltered: 0, NodesExhausted: 1, CoalescedFailures: 0 };
    const unplaced = { ID: 'e', Status: 'complete', DeploymentID: 'd1', FailedTGAllocs: { g: metric } };
    const empty = { ...paused(0), TaskGroups: {} };
    const { watched } = await watchThrough(
      job(),
      [{ atMs: 0, job: registered(), evaluation: unplaced, deployments: [empty] }],
      undefined,
      200_000,
    );
    expect(watched.verdict).toMatchObject({ outcome: 'timed-out', description: expect.stringMatching(/\); it stays paused$/) });
  });
  test('is followed to its end once it is resumed', async () => {
    const { watched } = await watchThrough(job(), [
      { atMs: 0, job: registered(), evaluation: evaluation('d1'), deployments: [paused(0)], allocations: [alloc('running', 11)] },
      { atMs: 60_000, deployments: [deployment('running', 'Deployment is running', 0)] },
      {
        atMs: 62_000,
        allocations: [alloc('running', 12, HEALTHY)],
        deployments: [deployment('successful', 'Deployment completed successfully', 1)],
      },
    ]);
    expect(watched.verdict).toEqual({ outcome: 'successful' });
  });
});
