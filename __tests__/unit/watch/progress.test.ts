import { describe, expect, test } from '@jest/globals';
import { type Snapshot, shortId } from '../../../src/diagnose/seen.ts';
import type { Allocation, Deployment, DeploymentState, TaskEvent } from '../../../src/nomad/types.ts';
import { describeChanges, describeProgress } from '../../../src/watch/progress.ts';
import { fixture } from '../../fixtures/index.ts';
import { allocation, deployment, evaluation, snapshot } from '../../helpers/rollouts.ts';

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
      [`deployment ${ID}: Deployment is running`, 'allocation aaaaaaaa (g[0]) is placed on node-1'],
      ['allocation aaaaaaaa (g[0]) http: Driver Failure: pull failed', 'cause so far: g/http cannot start: pull failed'],
      [],
      [
        'allocation aaaaaaaa (g[0]) is failed',
        'allocation aaaaaaaa (g[0]) is unhealthy',
        `deployment ${ID}: Failed due to unhealthy allocations`,
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
    expect(describeChanges(NOTHING, canary(null))).toEqual(['allocation aaaaaaaa (g[0]) is placed on node-1 as a canary']);
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
    expect(describeChanges(notYet, step('running', { g, h: { ...g, AutoPromote: true, HealthyAllocs: 0 } }))).toEqual([]);
    expect(describeChanges(notYet, step('running', { g, h: { ...g, AutoPromote: true } }))).toEqual(command);
    expect(describeChanges(notYet, step('running', { g: { ...g, Promoted: true } }))).toEqual([]);
    expect(describeChanges(notYet, step('failed', { g }))).toEqual([]);
    expect(describeChanges(notYet, step('running', null))).toEqual([]);
  });

  test('tell the cause as soon as there is proof of it, once', () => {
    const missing = withEvents('aaaaaaaa-1111', [event('Driver Failure', 2, 'Port "htp" not found')]);
    const lines = describeChanges(NOTHING, { ...NOTHING, allocations: [missing] });
    expect(lines.at(-1)).toBe(`cause so far: g/http cannot start: the port "htp" is not in the group's network block (permanent)`);
    const again = withEvents('bbbbbbbb-1111', [event('Driver Failure', 3, 'Port "htp" not found')]);
    expect(describeChanges({ ...NOTHING, allocations: [missing] }, { ...NOTHING, allocations: [missing, again] }).join()).not.toContain(
      'cause',
    );
  });

  test('tell that a reason is one of the node, and that Nomad tries another one', () => {
    const events = [{ ...event('Driver Failure', 2), Details: { driver_error: 'Docker privileged mode is disabled on this Nomad agent' } }];
    const failed = withEvents('aaaaaaaa-1111', events, { ClientStatus: 'failed' });
    expect(describeChanges(NOTHING, { ...NOTHING, allocations: [failed] }).at(-1)).toBe(
      'cause so far: g/http cannot start: the node node-1 does not allow privileged containers (caused by the node, not by the spec)',
    );
    const planned = { ...failed, FollowupEvalID: 'e' };
    expect(describeChanges({ ...NOTHING, allocations: [failed] }, { ...NOTHING, allocations: [planned] })).toEqual([
      'allocation aaaaaaaa (g[0]) waits for Nomad to reschedule it',
    ]);
    expect(describeProgress(snapshot({ allocations: [planned] }), 0)).toMatch(
      /; g\[0\] failed on node-1 and waits for Nomad to reschedule it$/,
    );
    const replaced = { ...planned, NextAllocation: 'b' };
    expect(describeChanges({ ...NOTHING, allocations: [planned] }, { ...NOTHING, allocations: [replaced] })).toEqual([
      'allocation aaaaaaaa (g[0]) is replaced by b',
    ]);
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
    describeProgress(snapshot({ deployment: { ...deployment('running', ''), TaskGroups } }), 0);

  test.each<[string, Partial<DeploymentState>, string]>([
    ['of a rollout', {}, 'g: 1 of 2 healthy, 2 placed'],
    ['of canaries', { DesiredCanaries: 1, HealthyAllocs: 0, PlacedAllocs: 1 }, 'g: 0 of 1 canaries healthy, 1 placed'],
    ['of canaries that promote themselves', { DesiredCanaries: 1, AutoPromote: true }, 'g: 1 of 1 canaries healthy, 2 placed'],
    ['of promoted canaries', { DesiredCanaries: 1, Promoted: true }, 'g: 1 of 2 healthy, 2 placed'],
  ])('%s', (_what, parts, line) => expect(of({ g: group(parts) })).toBe(line));

  test('of several groups is one line', () =>
    expect(of({ g: group({}), h: group({ DesiredTotal: 9 }) })).toBe('g: 1 of 2 healthy, 2 placed; h: 1 of 9 healthy, 2 placed'));

  test('as recorded: a canary that waits for its promotion', () => {
    expect(describeProgress(snapshot({ deployment: fixture<Deployment>('deployment-needs-promotion') }), 0)).toBe(
      'g: 1 of 1 canaries healthy, 1 placed, waiting for promotion',
    );
  });

  test('without a deployment is that of the evaluation, then of the allocations', () => {
    expect(describeProgress(snapshot({ evaluation: undefined }), 0)).toBe('evaluation pending');
    expect(describeProgress(snapshot({ evaluation: evaluation({ Status: 'blocked' }) }), 0)).toBe('evaluation blocked');
    const allocations = [allocation('running'), allocation('pending', { Name: 'web.g[0]' })];
    expect(describeProgress(snapshot({ allocations }), 0)).toBe('1 of 2 allocations running; g[0] is pending');
    // One that runs for Nomad's clients while its main task waits is waited for all the same.
    const job = { ID: 'web', Name: 'web', Version: 1, Stop: false, Status: 'running', JobModifyIndex: 9 };
    const TaskGroups = [{ Name: 'g', Tasks: [{ Name: 'http', Driver: 'exec' }] }];
    const waits = withEvents('a', [event('Received', 1)], { ClientStatus: 'running' });
    expect(describeProgress(snapshot({ allocations: [waits], job: { ...job, TaskGroups } }), 2_000)).toBe(
      '1 of 1 allocations running; g[0] http: Received (x) for 2.0 s',
    );
  });

  test('names what is waited for, and since when', () => {
    const events = [event('Received', 1e9), event('Driver', 2e9, 'Downloading\nimage')];
    const waiting = withEvents('aaaaaaaa-1111', events, { Name: 'shop.web[1]' });
    const started = withEvents('bbbbbbbb-1111', [event('Started', 30e9)], { Name: 'shop.web[2]' });
    const healthy = withEvents('cccccccc-1111', events, { DeploymentStatus: { Healthy: true } });
    const replaced = withEvents('dddddddd-1111', events, { DesiredStatus: 'stop' });
    const state = { deployment: { ...deployment('running', ''), TaskGroups: {} }, allocations: [waiting, started, healthy, replaced] };
    expect(describeProgress(snapshot({ ...state, deployment: { ...state.deployment, TaskGroups: { g: group({}) } } }), 42_000)).toBe(
      'g: 1 of 2 healthy, 2 placed; web[1] http: Driver (Downloading image) for 40 s; web[2] http: started, not healthy yet for 12 s',
    );
    const many = Array.from({ length: 5 }, () => allocation('pending', { Name: 'x.g[0]' }));
    expect(describeProgress(snapshot({ allocations: many }), 0)).toMatch(/; g\[0\] is pending; and 2 more$/);
  });
});
