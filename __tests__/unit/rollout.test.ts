import { describe, expect, test } from '@jest/globals';
import type { Allocation, Deployment, DeploymentState, Evaluation, TaskEvent } from '../../src/nomad/types.ts';
import { describeChanges, describeProgress, type Expectation, judge, type Snapshot, shortId, type Verdict } from '../../src/rollout.ts';
import { fixture } from '../fixtures/index.ts';

const evaluation = (parts: Partial<Evaluation> = {}): Evaluation => ({ ...fixture<Evaluation>('eval-complete'), ...parts });
const deployment = (Status: string, StatusDescription: string): Deployment => ({
  ...fixture<Deployment>('deployment-running'),
  Status,
  StatusDescription,
});
let made = 0;
const allocation = (ClientStatus: string, parts: Partial<Allocation> = {}): Allocation => {
  made += 1;
  return {
    ID: `${made}`.padStart(8, '0'),
    Name: `web.g[${made}]`,
    NodeName: 'node-1',
    TaskGroup: 'g',
    JobVersion: 1,
    DesiredStatus: 'run',
    ClientStatus,
    CreateIndex: made,
    ...parts,
  };
};
const SERVICE: Expectation = { batch: false, count: 2 };
const BATCH: Expectation = { batch: true, count: 2 };
const snapshot = (parts: Partial<Snapshot>): Snapshot => ({ evaluation: evaluation(), deployment: undefined, allocations: [], ...parts });
const good: Verdict = { outcome: 'successful' };

describe('the verdict on a deployment', () => {
  const failed = (reason: string, description: string, rolledBackTo?: number): unknown => ({
    outcome: 'failed',
    reason,
    description,
    ...(rolledBackTo === undefined ? {} : { rolledBackTo }),
  });
  const ended = (outcome: string, description: string): unknown => ({ outcome, description });

  // Every status and description that Nomad has.
  test.each<[string, string, unknown]>([
    ['running', 'Deployment is running', undefined],
    ['running', 'Deployment is running but requires manual promotion', undefined],
    ['running', 'Deployment is running pending automatic promotion', undefined],
    ['paused', 'Deployment is paused', undefined],
    ['initializing', '', undefined],
    ['pending', 'Deployment is pending, waiting for peer region', undefined],
    ['blocked', 'Deployment is complete but waiting for peer region', undefined],
    ['unblocking', 'Deployment is unblocking remaining regions', undefined],
    ['something-new', 'Failed due to unhealthy allocations', undefined],
    ['successful', 'Deployment completed successfully', good],
    ['cancelled', 'Cancelled because job is stopped', ended('cancelled', 'Cancelled because job is stopped')],
    ['cancelled', 'Cancelled due to newer version of job', ended('superseded', 'Cancelled due to newer version of job')],
    ['failed', 'Failed due to unhealthy allocations', failed('unhealthy', 'Failed due to unhealthy allocations')],
    ['failed', 'Failed due to progress deadline', failed('progress-deadline', 'Failed due to progress deadline')],
    ['failed', 'Deployment marked as failed', failed('marked-failed', 'Deployment marked as failed')],
    ['failed', 'Failed because of an error in peer region', failed('marked-failed', 'Failed because of an error in peer region')],
    ...(['unhealthy', 'progress-deadline', 'marked-failed'] as const).flatMap((reason): [string, string, unknown][] => {
      const cause = {
        unhealthy: 'Failed due to unhealthy allocations',
        'progress-deadline': 'Failed due to progress deadline',
        'marked-failed': 'Deployment marked as failed',
      }[reason];
      const back = `${cause} - rolling back to job version 12`;
      const same = `${cause} - not rolling back to stable job version 3 as current job has same specification`;
      const none = `${cause} - no stable job version to auto revert to`;
      return [
        ['failed', back, failed(reason, back, 12)],
        ['failed', same, failed(reason, same)],
        ['failed', none, failed(reason, none)],
      ];
    }),
  ])('%s, %j', (status, description, verdict) => {
    for (const expectation of [SERVICE, BATCH]) {
      expect(judge(snapshot({ deployment: deployment(status, description) }), expectation)).toEqual(verdict);
    }
  });

  test.each<[string, unknown]>([
    ['running', undefined],
    ['paused', undefined],
    ['needs-promotion', undefined],
    ['nothing-placed', undefined],
    ['successful', good],
    ['cancelled-job-stopped', ended('cancelled', 'Cancelled because job is stopped')],
    ['cancelled-newer-version', ended('superseded', 'Cancelled due to newer version of job')],
    ['failed-unhealthy', failed('unhealthy', 'Failed due to unhealthy allocations')],
    ['failed-progress-deadline', failed('progress-deadline', 'Failed due to progress deadline')],
    ['partial-placement', failed('progress-deadline', 'Failed due to progress deadline')],
  ])('as recorded: %s', (name, verdict) => {
    const recorded = [fixture<Deployment | Deployment[]>(`deployment-${name}`)].flat();
    expect(recorded.map((one) => judge(snapshot({ deployment: one }), SERVICE))).toEqual([verdict]);
  });

  test('as recorded: the three of an auto-revert', () => {
    const [ours, revert, first] = fixture<Deployment[]>('deployment-failed-autorevert').map((one) =>
      judge(snapshot({ deployment: one }), SERVICE),
    );
    expect(ours).toEqual(failed('unhealthy', 'Failed due to unhealthy allocations - rolling back to job version 0', 0));
    expect([revert, first]).toEqual([good, good]);
  });

  test('that succeeded is a failure when a task failed right after', () => {
    const allocations = fixture<Allocation[]>('alloc-failed-poststart-after-healthy');
    expect(judge(snapshot({ deployment: fixture<Deployment>('deployment-successful'), allocations }), SERVICE)).toEqual(
      failed('task-failed', 'allocation b3dcd43a failed right after the deployment succeeded'),
    );
  });

  test('that succeeded stays so when what failed was replaced', () => {
    const allocations = [allocation('failed', { DesiredStatus: 'stop' }), allocation('running'), allocation('lost')];
    expect(judge(snapshot({ deployment: fixture<Deployment>('deployment-successful'), allocations }), SERVICE)).toEqual(good);
  });

  test('that is gone says that the job was purged', () => {
    expect(judge(snapshot({ deployment: null }), SERVICE)).toEqual(ended('cancelled', 'the job was purged while it was deployed'));
  });
});

const METRIC = { NodesEvaluated: 1, NodesFiltered: 0, NodesExhausted: 1, CoalescedFailures: 1 };

describe('the verdict on an evaluation', () => {
  test('that a newer one made needless is that on the allocations', () =>
    expect(judge(snapshot({ evaluation: evaluation({ Status: 'canceled' }) }), SERVICE)).toBeUndefined());
  test('that could not place all waits for all, also when those that it placed are done', () => {
    const blocked = evaluation({ Status: 'complete', FailedTGAllocs: { g: METRIC } });
    const done = {
      ID: 'a',
      Name: 'x.g[0]',
      NodeName: 'n',
      TaskGroup: 'g',
      JobVersion: 0,
      DesiredStatus: 'run',
      ClientStatus: 'complete',
      CreateIndex: 1,
    };
    const more = Array.from({ length: 3 }, (_, i) => ({ ...done, ID: `${i}` }));
    expect(judge(snapshot({ evaluation: blocked, allocations: [done] }), { batch: true, count: 3 })).toBeUndefined();
    expect(judge(snapshot({ evaluation: blocked, allocations: more }), { batch: true, count: 3 })).toEqual({ outcome: 'successful' });
  });
  test.each([
    ['failed', 'maximum attempts reached (5)', 'maximum attempts reached (5)'],
    ['failed', undefined, 'the evaluation failed'],
  ])('%s, %j', (Status, StatusDescription, description) => {
    const verdict = { outcome: 'failed', reason: 'evaluation-failed', description };
    expect(judge(snapshot({ evaluation: evaluation({ Status, StatusDescription }) }), SERVICE)).toEqual(verdict);
  });

  test.each(['pending', 'blocked', 'something-new'])('%s: none yet', (Status) => {
    const allocations = [allocation('running'), allocation('running')];
    expect(judge(snapshot({ evaluation: evaluation({ Status }), allocations }), SERVICE)).toBeUndefined();
  });

  test('that is not read yet: none', () => expect(judge(snapshot({ evaluation: undefined }), SERVICE)).toBeUndefined());
});

describe('the verdict on allocations alone', () => {
  const one = (count: number, of: number): unknown => ({
    outcome: 'failed',
    reason: 'task-failed',
    description: `${count} of ${of} allocations failed`,
  });
  const replaced = { NextAllocation: 'x' };
  const again = { FollowupEvalID: 'x' };

  test.each<[string, Expectation, Allocation[], unknown]>([
    ['a service without any yet', SERVICE, [], undefined],
    ['a service of count 0', { batch: false, count: 0 }, [], good],
    ['a service that runs in part', SERVICE, [allocation('running')], undefined],
    ['a service of which some start', SERVICE, [allocation('running'), allocation('running'), allocation('pending')], undefined],
    ['a service that runs', SERVICE, [allocation('running'), allocation('running')], good],
    ['a system job on more nodes', { batch: false, count: 1 }, [allocation('running'), allocation('running')], good],
    ['a service that failed', SERVICE, [allocation('running'), allocation('failed')], one(1, 2)],
    ['a service that is tried again', SERVICE, [allocation('running'), allocation('failed', again)], undefined],
    ['a service that was replaced', SERVICE, [allocation('running'), allocation('failed', replaced), allocation('running')], good],
    ['a service that lost its node', SERVICE, [allocation('running'), allocation('lost')], undefined],
    ['a batch job without any yet', BATCH, [], undefined],
    ['a batch job that runs', BATCH, [allocation('complete'), allocation('running')], undefined],
    ['a batch job that waits', BATCH, [allocation('complete'), allocation('pending')], undefined],
    ['a batch job that is done', BATCH, [allocation('complete'), allocation('complete')], good],
    ['a batch job that failed', BATCH, [allocation('complete'), allocation('failed')], one(1, 2)],
    ['a batch job that lost its nodes', BATCH, [allocation('lost'), allocation('lost')], one(2, 2)],
    ['a batch job that is tried again', BATCH, [allocation('complete'), allocation('failed', again)], undefined],
    [
      'a batch job that is done at the second attempt',
      BATCH,
      [allocation('failed', { ...again, ...replaced }), allocation('complete')],
      good,
    ],
    ['a batch job on a node that went away', BATCH, [allocation('unknown')], undefined],
  ])('of %s', (_what, expectation, allocations, verdict) => {
    expect(judge(snapshot({ allocations }), expectation)).toEqual(verdict);
  });

  test('as recorded: a batch job that is rescheduled once more', () => {
    const allocations = fixture<Allocation[]>('allocations-rescheduled');
    expect(judge(snapshot({ allocations }), BATCH)).toBeUndefined();
  });
});

const event = (Type: string, Time: number, DisplayMessage = 'x'): TaskEvent => ({ Type, Time, DisplayMessage });
const withEvents = (id: string, Events: TaskEvent[], parts: Partial<Allocation> = {}): Allocation =>
  allocation('pending', {
    ID: id,
    Name: 'web.g[0]',
    TaskStates: { http: { State: 'pending', Failed: false, Restarts: 0, Events } },
    ...parts,
  });

describe('the changes', () => {
  const NOTHING: Snapshot = { evaluation: undefined, deployment: undefined, allocations: [] };

  test('from one snapshot to the next are told once', () => {
    const id = 'aaaaaaaa-1111';
    const events = [event('Received', 1), event('Driver Failure', 2, 'pull\nfailed'), event('Driver Failure', 3, 'pull\nfailed')];
    const steps: Snapshot[] = [
      NOTHING,
      { ...NOTHING, deployment: deployment('running', 'Deployment is running'), allocations: [withEvents(id, [])] },
      { ...NOTHING, deployment: deployment('running', 'Deployment is running'), allocations: [withEvents(id, events.slice(0, 2))] },
      { ...NOTHING, deployment: deployment('running', 'Deployment is running'), allocations: [withEvents(id, events)] },
      {
        ...NOTHING,
        deployment: deployment('failed', 'Failed due to unhealthy allocations'),
        allocations: [withEvents(id, events.slice(1), { ClientStatus: 'failed', DeploymentStatus: { Healthy: false } })],
      },
    ];
    const told = steps.slice(1).map((step, i) => describeChanges(steps[i] ?? NOTHING, step));
    const ID = shortId(fixture<Deployment>('deployment-running').ID);
    expect(told).toEqual([
      [`deployment ${ID}: Deployment is running`, 'allocation aaaaaaaa (g[0]) placed on node-1'],
      ['allocation aaaaaaaa (g[0]) http: Driver Failure: pull failed'],
      ['allocation aaaaaaaa (g[0]) http: Driver Failure: pull failed'],
      [
        `deployment ${ID}: Failed due to unhealthy allocations`,
        'allocation aaaaaaaa (g[0]) is failed',
        'allocation aaaaaaaa (g[0]) is unhealthy',
      ],
    ]);
    for (const step of steps) expect(describeChanges(step, step)).toEqual([]);
  });

  test('are told in the order in which allocations were made', () => {
    const allocations = [
      allocation('running', { Name: 'web.g[1]', CreateIndex: 9 }),
      allocation('running', { Name: 'web.g[0]', CreateIndex: 8 }),
    ];
    expect(describeChanges(NOTHING, { ...NOTHING, allocations }).map((line) => /\((.*)\)/.exec(line)?.[1])).toEqual(['g[0]', 'g[1]']);
  });

  test('tell a canary and health, but not that health is not known yet', () => {
    const id = 'aaaaaaaa-1111';
    const canary = (Healthy: boolean | null): Snapshot => ({
      ...NOTHING,
      allocations: [allocation('running', { ID: id, Name: 'web.g[0]', DeploymentStatus: { Canary: true, Healthy } })],
    });
    expect(describeChanges(NOTHING, canary(null))).toEqual(['allocation aaaaaaaa (g[0]) placed on node-1 as a canary']);
    expect(describeChanges(canary(null), canary(true))).toEqual(['allocation aaaaaaaa (g[0]) is healthy']);
    expect(describeChanges(canary(true), canary(true))).toEqual([]);
  });

  test('tell once how healthy canaries are promoted that wait for a person', () => {
    const waiting = fixture<Deployment>('deployment-needs-promotion');
    const g = waiting.TaskGroups?.['g'] as DeploymentState;
    const step = (Status: string, TaskGroups: Deployment['TaskGroups']): Snapshot =>
      snapshot({ deployment: { ...waiting, Status, TaskGroups } });
    const command = ['the canaries are healthy and wait for their promotion: nomad deployment promote -namespace=default d29f3eaf'];
    const notYet = step('running', { g: { ...g, HealthyAllocs: 0 } });
    const now = step('running', { g });
    expect(describeChanges(notYet, now)).toEqual(command);
    expect(describeChanges(now, now)).toEqual([]);
    expect(describeChanges(notYet, step('running', { g, h: { ...g, HealthyAllocs: 0 } }))).toEqual([]);
    expect(describeChanges(notYet, step('running', { g, h: { ...g, AutoPromote: true, HealthyAllocs: 0 } }))).toEqual(command);
    expect(describeChanges(notYet, step('running', { g: { ...g, Promoted: true } }))).toEqual([]);
    expect(describeChanges(notYet, step('failed', { g }))).toEqual([]);
    expect(describeChanges(notYet, step('running', null))).toEqual([]);
  });

  test.each([null, undefined])('of an allocation without tasks (%s) are only its own', (TaskStates) => {
    expect(
      describeChanges(NOTHING, { ...NOTHING, allocations: [allocation('pending', { ...(TaskStates === null && { TaskStates }) })] }),
    ).toHaveLength(1);
  });

  test('of recorded failures are never more than one line each', () => {
    for (const name of ['alloc-failed-bad-driver-config', 'alloc-failed-image-pull', 'alloc-check-restart']) {
      const lines = describeChanges(NOTHING, { ...NOTHING, allocations: fixture<Allocation[]>(name) });
      expect(lines.length).toBeGreaterThan(3);
      expect(lines.filter((line) => line.includes('\n'))).toEqual([]);
    }
  });
});

describe('the progress', () => {
  const group = (parts: Partial<DeploymentState>): DeploymentState => ({
    DesiredTotal: 2,
    DesiredCanaries: 0,
    PlacedAllocs: 2,
    HealthyAllocs: 1,
    UnhealthyAllocs: 0,
    Promoted: false,
    AutoPromote: false,
    ...parts,
  });
  const of = (TaskGroups: Record<string, DeploymentState>): string =>
    describeProgress(snapshot({ deployment: { ...deployment('running', ''), TaskGroups } }));

  test.each<[string, Partial<DeploymentState>, string]>([
    ['of a rollout', {}, 'g: 1 of 2 healthy, 2 placed'],
    ['of canaries', { DesiredCanaries: 1, HealthyAllocs: 0, PlacedAllocs: 1 }, 'g: 0 of 1 canaries healthy, 1 placed'],
    ['of canaries that promote themselves', { DesiredCanaries: 1, AutoPromote: true }, 'g: 1 of 1 canaries healthy, 2 placed'],
    ['of promoted canaries', { DesiredCanaries: 1, Promoted: true }, 'g: 1 of 2 healthy, 2 placed'],
  ])('%s', (_what, parts, line) => expect(of({ g: group(parts) })).toBe(line));

  test('of several groups is one line', () =>
    expect(of({ g: group({}), h: group({ DesiredTotal: 9 }) })).toBe('g: 1 of 2 healthy, 2 placed; h: 1 of 9 healthy, 2 placed'));

  test('as recorded: a canary that waits for its promotion', () => {
    expect(describeProgress(snapshot({ deployment: fixture<Deployment>('deployment-needs-promotion') }))).toBe(
      'g: 1 of 1 canaries healthy, 1 placed, waiting for promotion',
    );
  });

  test('without a deployment is that of the evaluation, then of the allocations', () => {
    expect(describeProgress(snapshot({ evaluation: undefined }))).toBe('evaluation pending');
    expect(describeProgress(snapshot({ evaluation: evaluation({ Status: 'blocked' }) }))).toBe('evaluation blocked');
    expect(describeProgress(snapshot({ allocations: [allocation('running'), allocation('pending'), allocation('pending')] }))).toBe(
      '1 of 3 allocations running',
    );
  });
});
