import { describe, expect, test } from '@jest/globals';
import type { Snapshot, Verdict } from '../../../src/diagnose/seen.ts';
import type { Allocation, Deployment, DeploymentState, Job, RegisteredJob, Task } from '../../../src/nomad/types.ts';
import { rulesOf } from '../../../src/nomad/update.ts';
import {
  advance,
  allHealthy,
  decide,
  initialState,
  isUp,
  placedHealthy,
  type Rules,
  type State,
  type Step,
} from '../../../src/watch/rollout.ts';
import { fixture } from '../../fixtures/index.ts';
import { allocation, deployment, evaluation, snapshot } from '../../helpers/rollouts.ts';

const SERVICE: Rules = {
  kind: 'service',
  version: 1,
  count: 2,
  minHealthyMs: 0,
  patienceMs: Number.POSITIVE_INFINITY,
  failFast: false,
  promote: 'spec',
  verifies: false,
};
const BATCH: Rules = { ...SERVICE, kind: 'batch' };
/** What is done at once in a state that was seen at the beginning. */
const stepOf = (seen: Snapshot, rules: Rules, nowMs = 0): Step | undefined =>
  decide(advance(initialState(0), seen, rules, 0), rules, nowMs);
const judge = (seen: Snapshot, rules: Rules): unknown => {
  const step = stepOf(seen, rules);
  return step?.do === 'end' ? step.verdict : step;
};
const good: Verdict = { outcome: 'successful' };
const registered = (parts: Partial<RegisteredJob> = {}): RegisteredJob => ({
  ID: 'web',
  Name: 'web',
  Version: 1,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 9,
  ...parts,
});

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

  const SUCCEEDED = deployment('successful', 'Deployment completed successfully');
  const onNode = (NodeName: string, status: string): Allocation => allocation(status, { Name: 'web.g[0]', NodeName });
  const SYSTEM: Rules = { ...SERVICE, kind: 'system' };
  test.each<[string, readonly Allocation[], Rules, boolean]>([
    [
      'is good when a system job has a newer one on the node of a failed one',
      [onNode('a', 'failed'), onNode('a', 'running')],
      SYSTEM,
      true,
    ],
    ['is a failure when the newer one is on another node', [onNode('a', 'failed'), onNode('b', 'running')], SYSTEM, false],
    ['is a failure when the newer one has failed', [onNode('a', 'running'), onNode('a', 'failed')], SYSTEM, false],
    // After a promotion, Nomad gives a name on that a canary has.
    ['is a failure when one of two of a service with one name has failed', [onNode('a', 'failed'), onNode('a', 'running')], SERVICE, false],
  ])('that succeeded %s', (_what, allocations, rules, isGood) => {
    const verdict = judge(snapshot({ deployment: SUCCEEDED, allocations }), rules);
    expect(verdict).toMatchObject({ outcome: isGood ? 'successful' : 'failed' });
  });

  test('that succeeded is a failure when a task failed right after', () => {
    const allocations = fixture<Allocation[]>('alloc-failed-poststart-after-healthy');
    expect(judge(snapshot({ deployment: fixture<Deployment>('deployment-successful'), allocations }), SERVICE)).toEqual(
      failed('task-failed', 'allocation b3dcd43a failed right after the deployment succeeded'),
    );
  });

  test('that succeeded stays so when what failed was replaced', () => {
    const replaced = [allocation('failed', { DesiredStatus: 'stop' }), allocation('failed', { NextAllocation: 'x' })];
    const allocations = [...replaced, allocation('running'), allocation('lost')];
    expect(judge(snapshot({ deployment: fixture<Deployment>('deployment-successful'), allocations }), SERVICE)).toEqual(good);
  });
});

const METRIC = { NodesEvaluated: 1, NodesFiltered: 0, NodesExhausted: 1, CoalescedFailures: 1 };

describe('the verdict on an evaluation', () => {
  test('that a newer one made needless is that on the allocations', () =>
    expect(judge(snapshot({ evaluation: evaluation({ Status: 'canceled' }) }), SERVICE)).toBeUndefined());
  test('that could not place all waits for all', () => {
    const blocked = evaluation({ Status: 'complete', FailedTGAllocs: { g: METRIC } });
    const running = [allocation('running'), allocation('running')];
    expect(judge(snapshot({ evaluation: blocked, allocations: running.slice(1) }), SERVICE)).toBeUndefined();
    expect(judge(snapshot({ evaluation: blocked, allocations: running }), SERVICE)).toEqual(good);
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

  test.each<[string, Rules, Allocation[], unknown]>([
    ['a service without any yet', SERVICE, [], undefined],
    ['a service of count 0', { ...SERVICE, count: 0 }, [], good],
    ['a service that runs in part', SERVICE, [allocation('running')], undefined],
    ['a service of which some start', SERVICE, [allocation('running'), allocation('running'), allocation('pending')], undefined],
    ['a service that runs', SERVICE, [allocation('running'), allocation('running')], good],
    ['a system job on more nodes', { ...SERVICE, kind: 'system', count: 1 }, [allocation('running'), allocation('running')], good],
    ['a service that failed', SERVICE, [allocation('running'), allocation('failed')], one(1, 2)],
    ['a service that is tried again', SERVICE, [allocation('running'), allocation('failed', again)], undefined],
    ['a service that was replaced', SERVICE, [allocation('running'), allocation('failed', replaced), allocation('running')], good],
    ['a service that lost its node', SERVICE, [allocation('running'), allocation('lost')], undefined],
    ['a service on a node that is disconnected', SERVICE, [allocation('running'), allocation('unknown')], undefined],
    [
      'a service on a node that is disconnected, replaced elsewhere',
      SERVICE,
      [allocation('running'), allocation('unknown'), allocation('running')],
      good,
    ],
    [
      'a system job with a node that is disconnected',
      { ...SERVICE, kind: 'system', count: 1 },
      [allocation('running'), allocation('unknown')],
      good,
    ],
    ['a system job of count 0', { ...SERVICE, kind: 'system', count: 0 }, [], good],
    ['a batch job without any yet', BATCH, [], undefined],
    ['a batch job of count 0', { ...BATCH, count: 0 }, [], good],
    ['a batch job that runs', BATCH, [allocation('complete'), allocation('running')], undefined],
    ['a batch job that waits', BATCH, [allocation('complete'), allocation('pending')], undefined],
    ['a batch job that is done', BATCH, [allocation('complete'), allocation('complete')], good],
    ['a batch job that failed', BATCH, [allocation('complete'), allocation('failed')], one(1, 2)],
    ['a batch job that lost its nodes', BATCH, [allocation('lost'), allocation('lost')], one(2, 2)],
    ['a batch job that is tried again', BATCH, [allocation('complete'), allocation('failed', again)], undefined],
    [
      'a batch job that is done at the second attempt',
      { ...BATCH, count: 1 },
      [allocation('failed', { ...again, ...replaced }), allocation('complete')],
      good,
    ],
    ['a batch job on a node that went away', BATCH, [allocation('unknown')], undefined],
    [
      'a batch job whose allocation Nomad ended',
      { ...BATCH, count: 1 },
      [allocation('complete', { DesiredStatus: 'stop' })],
      { outcome: 'failed', reason: 'task-failed', description: '1 of 1 allocations were stopped before they were complete' },
    ],
    [
      'a batch job whose allocation made room for another job, and was done elsewhere',
      { ...BATCH, count: 1 },
      [allocation('complete', { DesiredStatus: 'evict' }), allocation('complete')],
      good,
    ],
  ])('of %s', (_what, expectation, allocations, verdict) => {
    const job = expectation.kind === 'batch' ? { job: registered({ Status: 'dead' }) } : {};
    expect(judge(snapshot({ allocations, ...job }), expectation)).toEqual(verdict);
  });

  test('of a batch job wait until Nomad has nothing more to do for it: whether a failed one is tried again is decided a moment later', () => {
    const allocations = [allocation('complete'), allocation('failed')];
    for (const job of [
      undefined,
      registered({ Status: 'running' }),
      registered({ Status: 'pending' }),
      registered({ Status: 'dead', Version: 0 }),
    ])
      expect(judge(snapshot({ allocations, ...(job && { job }) }), BATCH)).toBeUndefined();
  });

  test('of a batch job that Nomad has collected are the last that were seen', () => {
    const running = advance(initialState(0), snapshot({ allocations: [allocation('running')] }), { ...BATCH, count: 1 }, 0);
    const done = advance(initialState(0), snapshot({ allocations: [allocation('complete')] }), { ...BATCH, count: 1 }, 0);
    const ends = [running, done].map((state) =>
      decide(advance(state, { job: null, allocations: [] }, BATCH, 0), { ...BATCH, count: 1 }, 0),
    );
    expect(ends).toEqual([
      {
        do: 'end',
        verdict: { outcome: 'cancelled', description: 'the job is gone: it was purged, or Nomad garbage-collected it' },
      },
      { do: 'end', verdict: good },
    ]);
  });

  test('as recorded: a batch job that is rescheduled once more', () => {
    const allocations = fixture<Allocation[]>('allocations-rescheduled');
    expect(judge(snapshot({ allocations, job: registered({ Status: 'dead' }) }), BATCH)).toBeUndefined();
  });
});

describe('the verdict on a job whose deployment is gone', () => {
  const running = [allocation('running'), allocation('running')];
  test.each<[string, RegisteredJob | null, unknown]>([
    ['with it', null, { outcome: 'cancelled', description: 'the job is gone: it was purged, or Nomad garbage-collected it' }],
    ['since it was stopped', registered({ Stop: true }), { outcome: 'cancelled', description: 'the job was stopped during the rollout' }],
    ['for a newer one', registered({ Version: 2 }), { outcome: 'superseded', description: 'a newer version of the job was registered' }],
    ['while it runs', registered({}), good],
  ])('%s', (_how, job, verdict) => expect(judge(snapshot({ job, allocations: running }), SERVICE)).toEqual(verdict));
});

describe('a service without a deployment', () => {
  const rules: Rules = { ...SERVICE, minHealthyMs: 5_000 };
  const running = [allocation('running'), allocation('running')];
  const started = advance(initialState(0), snapshot({ allocations: running }), rules, 1_000);

  test('is well after its time', () => {
    expect(decide(started, rules, 5_999)).toBeUndefined();
    expect(decide(started, rules, 6_000)).toEqual({ do: 'end', verdict: good });
  });
  test('begins anew when one stops', () => {
    const broken = advance(started, { allocations: [allocation('running'), allocation('pending')] }, rules, 3_000);
    const again = advance(broken, { allocations: running }, rules, 4_000);
    expect(decide(again, rules, 8_999)).toBeUndefined();
    expect(decide(again, rules, 9_000)).toEqual({ do: 'end', verdict: good });
  });
  test('that has one which was not read yet is not judged by its allocations', () => {
    expect(decide(advance(started, { deploymentId: 'x' }, rules, 1_000), rules, 1e6)).toBeUndefined();
  });
  test('is not done as long as older versions are to be replaced', () => {
    const stalled = advance(initialState(0), { ...snapshot({ allocations: running }), outdated: 1 }, rules, 1_000);
    expect(decide(stalled, rules, 1e6)).toBeUndefined();
    expect(decide(advance(stalled, { outdated: 0 }, rules, 2_000), rules, 7_000)).toEqual({ do: 'end', verdict: good });
  });
  test('that has a follow-up evaluation is not failed yet', () => {
    const failed = evaluation({ Status: 'failed', NextEval: 'next' });
    expect(judge(snapshot({ evaluation: failed }), SERVICE)).toBeUndefined();
  });
});

describe('an allocation runs', () => {
  const hook = (Hook: string, Sidecar = false): Task => ({ Name: 't', Driver: 'exec', Lifecycle: { Hook, Sidecar } });
  const MAIN: Task = { Name: 't', Driver: 'exec' };
  // By the rules of Nomad's own health tracker.
  test.each<[string, Task, string, boolean, boolean]>([
    ['with its main task', MAIN, 'running', false, true],
    ['not as long as its main task waits', MAIN, 'pending', false, false],
    ['not when one of its main tasks has ended', MAIN, 'dead', false, false],
    ['when a task before the others has ended', hook('prestart'), 'dead', false, true],
    ['not when a task before the others has failed', hook('prestart'), 'dead', true, false],
    ['when a task before the others goes on', hook('prestart'), 'running', false, true],
    ['not when a sidecar has ended', hook('prestart', true), 'dead', false, false],
    ['not as long as a sidecar waits', hook('poststart', true), 'pending', false, false],
    ['when a task after the start has ended', hook('poststart'), 'dead', false, true],
    ['not as long as a task after the start waits', hook('poststart'), 'pending', false, false],
    ['not when a task after the start has failed', hook('poststart'), 'dead', true, false],
    ['while the task after the end waits', hook('poststop'), 'pending', false, true],
  ])('%s', (_how, task, State, Failed, up) => {
    const spec: Job = { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Tasks: [task] }] };
    expect(isUp(allocation('running', { TaskStates: { t: { State, Failed, Restarts: 0 } } }), spec)).toBe(up);
  });

  test('by the spec that was sent, as long as the registered job was not read', () => {
    const spec: Job = { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Tasks: [MAIN] }] };
    const waits = allocation('running', { TaskStates: { t: { State: 'pending', Failed: false, Restarts: 0 } } });
    expect(judge(snapshot({ allocations: [waits] }), { ...SERVICE, count: 1, job: spec })).toBeUndefined();
  });
});

describe('what cannot heal', () => {
  const allocations = fixture<Allocation[]>('alloc-failed-bad-driver-config');
  const rules: Rules = { ...SERVICE, failFast: true };
  const under = snapshot({ deployment: deployment('running', 'Deployment is running'), allocations });

  test('is failed at once, if the user wants that', () => {
    expect(stepOf(under, rules)).toEqual({ do: 'fail', reason: 'task-failed', description: 'the failure is permanent' });
    expect(stepOf(under, SERVICE)).toBeUndefined();
  });
  test('is failed once, and keeps its reason', () => {
    const forced: State = {
      ...advance(initialState(0), under, rules, 0),
      forced: { reason: 'task-failed', description: 'the failure is permanent' },
    };
    expect(decide(forced, rules, 9)).toBeUndefined();
    const done = deployment('failed', 'Deployment marked as failed - rolling back to job version 0');
    expect(decide(advance(forced, { deployment: done }, rules, 9), rules, 9)).toEqual({
      do: 'end',
      verdict: { outcome: 'failed', reason: 'task-failed', description: 'the failure is permanent', rolledBackTo: 0 },
    });
  });
  test('is what the spec says, not what one node says: that waits for the reschedule', () => {
    const failing = (driver_error: string, parts: Partial<Allocation> = {}): Snapshot => {
      const Events = [{ Type: 'Driver Failure', Time: 1, DisplayMessage: '', Details: { driver_error } }];
      const TaskStates = { t: { State: 'dead', Failed: true, Restarts: 0, Events } };
      return { ...under, allocations: [allocation('failed', { TaskStates, ...parts })] };
    };
    const missing = 'Failed to pull `web:1`: manifest unknown';
    for (const words of ['Docker privileged mode is disabled on this Nomad agent', 'Failed to pull `web:1`: no basic auth credentials'])
      expect(stepOf(failing(words), rules)).toBeUndefined();
    expect(stepOf(failing(missing), rules)).toMatchObject({ do: 'fail' });
    // Its next attempt tells the same, if it still is so.
    expect(stepOf(failing(missing, { NextAllocation: 'x' }), rules)).toBeUndefined();
  });
  test.each([
    ['/no/such', true],
    ['${meta.shell}', false],
  ])('is a command %s that is not there: %s', (command, isCertain) => {
    const Events = [
      { Type: 'Driver Failure', Time: 1, DisplayMessage: '', Details: { driver_error: 'binary "/no/such" could not be found' } },
    ];
    const failed = allocation('failed', { TaskGroup: 'g', TaskStates: { t: { State: 'dead', Failed: true, Restarts: 0, Events } } });
    const job: Job = {
      ID: 'web',
      Name: 'web',
      TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command } }] }],
    };
    expect(stepOf({ ...under, allocations: [failed] }, { ...rules, job })?.do).toBe(isCertain ? 'fail' : undefined);
  });
  test('ends a job without a deployment', () => {
    const forced: State = { ...initialState(0), forced: { reason: 'task-failed', description: 'the failure is permanent' } };
    expect(decide(forced, rules, 9)).toMatchObject({ do: 'end', verdict: { outcome: 'failed', reason: 'task-failed' } });
  });
});

describe('what fits nowhere', () => {
  const blocked = evaluation({ Status: 'complete', FailedTGAllocs: { g: METRIC } });
  const state = deployment('running', 'Deployment is running');
  const placed = (PlacedAllocs: number): Deployment => ({
    ...state,
    TaskGroups: { g: { ...(state.TaskGroups?.['g'] as DeploymentState), PlacedAllocs } },
  });
  const rules = (patienceMs: number): Rules => ({ ...SERVICE, patienceMs });
  test.each<[string, number, number, number, boolean]>([
    ['at once', 0, 0, 0, true],
    ['not before its time', 5_000, 4_999, 0, false],
    ['after its time', 5_000, 5_000, 0, true],
    ['never', Number.POSITIVE_INFINITY, 1e9, 0, false],
    ['not when a part is placed', 0, 9, 1, false],
  ])('is failed %s', (_when, patienceMs, nowMs, count, failed) => {
    const step = stepOf(snapshot({ evaluation: blocked, deployment: placed(count) }), rules(patienceMs), nowMs);
    expect(step?.do === 'fail' && step.reason === 'placement-failed').toBe(failed);
  });
  test('is failed only when its deployment was read, since that is what is failed', () => {
    expect(stepOf(snapshot({ evaluation: blocked, deploymentId: state.ID }), rules(0))).toBeUndefined();
    expect(stepOf(snapshot({ evaluation: blocked, deploymentId: state.ID, deployment: placed(0) }), rules(0))).toMatchObject({
      do: 'fail',
    });
    expect(stepOf(snapshot({ evaluation: blocked, deploymentId: undefined }), rules(0))).toMatchObject({ do: 'fail' });
  });
});

describe('a system job', () => {
  const rules: Rules = { ...SERVICE, kind: 'system', count: 1 };
  const state = deployment('running', 'Deployment is running');
  const group = (parts: Partial<DeploymentState>): Deployment['TaskGroups'] => ({
    g: { ...(state.TaskGroups?.['g'] as DeploymentState), DesiredTotal: 2, PlacedAllocs: 2, ...parts },
  });
  test('whose deployment Nomad leaves open is well half a minute after all of it is', () => {
    const part = advance(initialState(0), snapshot({ deployment: { ...state, TaskGroups: group({ HealthyAllocs: 1 }) } }), rules, 0);
    expect(decide(part, rules, 1e6)).toBeUndefined();
    const all = advance(part, { deployment: { ...state, TaskGroups: group({ HealthyAllocs: 2 }) } }, rules, 1_000);
    expect(decide(all, rules, 30_999)).toBeUndefined();
    expect(decide(all, rules, 31_000)).toEqual({ do: 'end', verdict: good });
    expect(decide(all, SERVICE, 1e9)).toBeUndefined();
  });
  test('without a deployment is not well while one of its groups has no allocation', () => {
    const blocked = evaluation({ Status: 'complete', FailedTGAllocs: { h: METRIC } });
    const judged = (allocations: readonly Allocation[]): unknown => {
      const seen = snapshot({ evaluation: blocked, allocations });
      const state = advance(initialState(0), seen, rules, 0);
      return decide(advance(state, {}, rules, 20_000), { ...rules, patienceMs: 60_000 }, 20_000);
    };
    expect(judged([allocation('running')])).toBeUndefined();
    expect(judged([allocation('running'), allocation('running', { TaskGroup: 'h' })])).toEqual({ do: 'end', verdict: good });
  });
  test('that fits nowhere has failed, whatever Nomad says', () => {
    const evaluated = evaluation({ Status: 'complete', FailedTGAllocs: { g: METRIC } });
    const done = {
      ...deployment('successful', 'Deployment completed successfully'),
      TaskGroups: group({ DesiredTotal: 0, PlacedAllocs: 0 }),
    };
    expect(judge(snapshot({ evaluation: evaluated, deployment: done }), rules)).toMatchObject({
      outcome: 'failed',
      reason: 'placement-failed',
    });
    const some = { ...done, TaskGroups: group({ DesiredTotal: 1, PlacedAllocs: 1 }) };
    expect(judge(snapshot({ evaluation: evaluated, deployment: some }), rules)).toEqual(good);
  });
});

describe('healthy canaries that nobody promotes', () => {
  const waiting = fixture<Deployment>('deployment-needs-promotion');
  const seen = snapshot({ deployment: waiting });
  test('are not told as waiting once one of them is stopped', () => {
    const canary = allocation('running', { DesiredStatus: 'stop', DeploymentStatus: { Canary: true, Healthy: true } });
    const rules: Rules = { ...SERVICE, promote: 'manual' };
    expect(stepOf({ ...seen, allocations: [canary] }, rules)).toBeUndefined();
    expect(stepOf({ ...seen, allocations: [{ ...canary, NextAllocation: 'b' }] }, rules)).toMatchObject({ do: 'end' });
  });
  test.each<[Rules['promote'], unknown]>([
    ['spec', undefined],
    ['auto', { do: 'promote' }],
    ['verify', { do: 'promote' }],
    ['manual', { do: 'end', verdict: { outcome: 'awaiting-promotion', description: expect.stringContaining('wait for promotion') } }],
  ])('with %s', (promote, step) => expect(stepOf(seen, { ...SERVICE, promote })).toEqual(step));
  test.each<Rules['promote']>(['auto', 'verify', 'manual'])('are verified before, with %s', (promote) => {
    const rules: Rules = { ...SERVICE, promote, verifies: true };
    expect(stepOf(seen, rules)).toEqual({ do: 'verify' });
    const state = advance(initialState(0), seen, rules, 0);
    expect(decide({ ...state, verified: true }, rules, 0)).toEqual(stepOf(seen, { ...rules, verifies: false }));
    const failed = { ...state, verified: true, forced: { reason: 'verification-failed' as const, description: 'x' } };
    expect(decide(failed, rules, 0)).toBeUndefined();
  });
  test('are not verified where somebody else promotes them', () => expect(stepOf(seen, { ...SERVICE, verifies: true })).toBeUndefined());
  test('are promoted once', () => {
    const rules: Rules = { ...SERVICE, promote: 'auto' };
    expect(decide({ ...advance(initialState(0), seen, rules, 0), promoted: true }, rules, 0)).toBeUndefined();
  });
  test('are not promoted before all are healthy, nor where Nomad does it', () => {
    const group = waiting.TaskGroups?.['g'] as DeploymentState;
    const of = (parts: Partial<DeploymentState>): Snapshot =>
      snapshot({ deployment: { ...waiting, TaskGroups: { g: { ...group, ...parts } } } });
    for (const parts of [{ HealthyAllocs: 0 }, { AutoPromote: true }, { Promoted: true }])
      expect(stepOf(of(parts), { ...SERVICE, promote: 'auto' })).toBeUndefined();
  });
});

describe('the rules of a job', () => {
  const job = (parts: Partial<Job>): Job => ({ ID: 'x', Name: 'x', ...parts });
  test.each<[string, Job, ReturnType<typeof rulesOf>]>([
    ['a service', job({ TaskGroups: [{ Name: 'g' }, { Name: 'h', Count: 3 }] }), { kind: 'service', count: 4, minHealthyMs: 10_000 }],
    ['nothing', job({ TaskGroups: [{ Name: 'g', Count: 0 }] }), { kind: 'service', count: 0, minHealthyMs: 0 }],
    [
      'its own time',
      job({ Update: { MinHealthyTime: 2e9 }, TaskGroups: [{ Name: 'g', Update: { MinHealthyTime: null } }] }),
      { kind: 'service', count: 1, minHealthyMs: 2_000 },
    ],
    ...(['system', 'sysbatch'] as const).flatMap((Type): [string, Job, ReturnType<typeof rulesOf>][] => {
      const kind = Type === 'system' ? 'system' : 'batch';
      return [
        [`a ${Type} job that is switched off`, job({ Type, TaskGroups: [{ Name: 'g', Count: 0 }] }), { kind, count: 0, minHealthyMs: 0 }],
        [
          `a ${Type} job of which one group is switched off`,
          job({ Type, TaskGroups: [{ Name: 'g', Count: 0 }, { Name: 'h' }] }),
          { kind, count: 1, minHealthyMs: 10_000 },
        ],
      ];
    }),
    ['a system job', job({ Type: 'system', TaskGroups: [{ Name: 'g' }] }), { kind: 'system', count: 1, minHealthyMs: 10_000 }],
    ['a sysbatch job', job({ Type: 'sysbatch', TaskGroups: [{ Name: 'g' }] }), { kind: 'batch', count: 1, minHealthyMs: 10_000 }],
    ['a batch job', job({ Type: 'batch', TaskGroups: [{ Name: 'g', Count: 2 }] }), { kind: 'batch', count: 2, minHealthyMs: 10_000 }],
  ])('of %s', (_what, spec, rules) => expect(rulesOf(spec)).toEqual(rules));
});

describe('what is seen again', () => {
  const state = (...allocations: Allocation[]): State => advance(initialState(0), snapshot({ allocations }), SERVICE, 0);

  test('stays the same object when Nomad says that it did not change, so that hundreds of them cost nothing', () => {
    const [one, other] = [allocation('running', { ModifyIndex: 5 }), allocation('pending', { ModifyIndex: 5 })];
    const next = advance(
      state(one, other),
      { allocations: [{ ...one }, { ...other, ClientStatus: 'running', ModifyIndex: 6 }] },
      SERVICE,
      0,
    );
    expect(next.snapshot.allocations[0]).toBe(one);
    expect(next.snapshot.allocations[1]).toMatchObject({ ClientStatus: 'running' });
  });

  test('is new when nothing tells whether it changed', () => {
    const one = allocation('running');
    expect(advance(state(one), { allocations: [{ ...one }] }, SERVICE, 0).snapshot.allocations[0]).not.toBe(one);
  });

  test('stays known when it has ended and Nomad has collected it, and is forgotten otherwise', () => {
    const [ended, gone] = [allocation('failed'), allocation('running')];
    expect(advance(state(ended, gone), { allocations: [] }, SERVICE, 0).snapshot.allocations).toEqual([ended]);
  });
});

describe('a running deployment', () => {
  const state = (parts: Partial<DeploymentState>): DeploymentState =>
    ({
      DesiredTotal: 2,
      DesiredCanaries: 0,
      PlacedAllocs: 0,
      HealthyAllocs: 0,
      UnhealthyAllocs: 0,
      Promoted: false,
      ...parts,
    }) as DeploymentState;
  test.each<[string, Partial<DeploymentState>, boolean, boolean]>([
    ['that has placed nothing', {}, false, false],
    ['whose first allocation starts', { PlacedAllocs: 1 }, false, false],
    ['whose first allocation is healthy', { PlacedAllocs: 1, HealthyAllocs: 1 }, true, false],
    ['whose second allocation starts', { PlacedAllocs: 2, HealthyAllocs: 1 }, false, false],
    ['that is healthy', { PlacedAllocs: 2, HealthyAllocs: 2 }, true, true],
    ['whose canary waits', { PlacedAllocs: 1, HealthyAllocs: 1, DesiredCanaries: 1 }, false, false],
    ['whose canary is promoted', { PlacedAllocs: 1, HealthyAllocs: 1, DesiredCanaries: 1, Promoted: true }, true, false],
  ])('%s', (_what, parts, placed, all) => {
    const running: Deployment = {
      ID: 'd',
      JobID: 'j',
      JobVersion: 1,
      Status: 'running',
      StatusDescription: '',
      TaskGroups: { g: state(parts) },
    };
    expect([placedHealthy(running), allHealthy(running)]).toEqual([placed, all]);
    expect(placedHealthy({ ...running, Status: 'paused' })).toBe(false);
  });
});
