import { describe, expect, test } from '@jest/globals';
import { taskCauses } from '../../../src/diagnose/task.ts';
import { type Ending, endingOf } from '../../../src/nomad/ending.ts';
import type { Allocation, Job, TaskEvent, TaskState } from '../../../src/nomad/types.ts';
import { rulesOf } from '../../../src/nomad/update.ts';
import { advance, decide, initialState } from '../../../src/watch/rollout.ts';
import { fixture } from '../../fixtures/index.ts';
import { allocation, snapshot } from '../../helpers/rollouts.ts';

/** Allocations of batch jobs whose end Nomad calls `complete`; without a version of Nomad in its name, a case is of 2.0.6. */
const RECORDED = fixture<Record<string, Allocation[]>>('allocations-of-ended-batch-jobs');
const JOB: Job = {
  ID: 'j',
  Name: 'j',
  Type: 'batch',
  TaskGroups: [{ Name: 'g', Count: 1, MaxRunDuration: 3e9, Tasks: [{ Name: 't', Driver: 'exec' }] }],
};

/** The verdict on a batch job that Nomad calls dead. */
const verdict = (allocations: readonly Allocation[]): string => {
  const job = { ...JOB, Version: 1, Stop: false, Status: 'dead', JobModifyIndex: 9 };
  const seen = snapshot({ allocations: allocations.map((one) => ({ ...one, JobVersion: 1 })), job });
  const rules = { ...rulesOf(JOB), version: 1, patienceMs: 1, failFast: false, promote: 'spec' as const, verifies: false, job: JOB };
  const step = decide(advance(initialState(0), seen, rules, 0), rules, 0);
  return step?.do === 'end' ? step.verdict.outcome : 'none';
};

describe('a recorded allocation of a batch job', () => {
  const limit = (task: string): string => `${task} was killed after max_run_duration (3s)`;
  const CASES: Record<string, [Ending, string[]]> = {
    limit: ['cut', [limit('t')]],
    'limit-exit-0': ['cut', [limit('t')]],
    'limit-sysbatch': ['cut', [limit('t')]],
    'limit-one-of-two': ['cut', [limit('b')]],
    'limit-prestart': ['cut', [limit('p')]],
    'limit-poststop': ['cut', [limit('p')]],
    'limit-before-poststop': ['cut', [limit('t')]],
    'limit-while-restarting': ['cut', ['t exited with code 5, and was killed after max_run_duration (3s) before its restart']],
    leader: ['done', []],
    'leader-1.9.7': ['done', []],
    sidecar: ['done', []],
    'sidecar-1.9.7': ['done', []],
  };

  test.each(Object.entries(CASES))('%s', (name, [ending, causes]) => {
    const [only, ...others] = RECORDED[name] ?? [];
    if (only === undefined) throw new Error(`${name} is not recorded`);
    expect([others, only.ClientStatus, only.DesiredStatus, endingOf(only)]).toEqual([[], 'complete', 'run', ending]);
    expect(taskCauses(only, JOB).map(({ task, text }) => `${task} ${text}`)).toEqual(causes);
    expect(verdict([only])).toBe(ending === 'done' ? 'successful' : 'failed');
  });

  test('alloc-stop: has not done its work, and another one does it', () => {
    const [stopped, next] = (RECORDED['alloc-stop'] ?? []).sort((a, b) => a.CreateIndex - b.CreateIndex);
    if (stopped === undefined || next === undefined) throw new Error('it is not recorded');
    expect([stopped.DesiredStatus, endingOf(stopped), next.ClientStatus]).toEqual(['stop', 'cut', 'running']);
    expect(verdict([{ ...stopped, NextAllocation: '' }])).toBe('failed');
    expect(verdict([stopped, { ...next, ClientStatus: 'complete', TaskStates: (RECORDED['leader'] ?? [])[0]?.TaskStates }])).toBe(
      'successful',
    );
  });
});

describe('an allocation that Nomad calls complete', () => {
  const event = (Type: string, Details: Record<string, string> = {}, DisplayMessage = ''): TaskEvent => ({
    Type,
    Time: 5e9,
    DisplayMessage,
    Details,
  });
  const exit = (exit_code: string, signal = '0'): TaskEvent => event('Terminated', { exit_code, signal });
  const [started, killing, leaderDead, mainDead] = ['Started', 'Killing', 'Leader Task Dead', 'Main Tasks Dead'].map((type) =>
    event(type),
  ) as [TaskEvent, TaskEvent, TaskEvent, TaskEvent];
  const state = (...Events: TaskEvent[]): TaskState => ({ State: 'dead', Failed: false, Restarts: 0, Events });
  const of = (...states: TaskState[]): Allocation =>
    allocation('complete', { TaskStates: Object.fromEntries(states.map((one, i) => [`t${i}`, one])) });

  test.each<[string, Allocation, Ending]>([
    ['exited with code 0', of(state(started, exit('0'))), 'done'],
    ['exited with code 0 at its second attempt', of(state(started, exit('1'), event('Restarting'), started, exit('0'))), 'done'],
    [
      'exited with code 0 after a person restarted it',
      of(state(started, event('Restart Signaled'), killing, exit('137'), event('Restarting'), started, exit('0'))),
      'done',
    ],
    ['was killed by a signal from outside', of(state(started, exit('137', '9'))), 'cut'],
    ['was killed by a signal that Docker tells by the code', of(state(started, exit('143'))), 'cut'],
    ['exited with another code, and is not called failed', of(state(started, exit('3'))), 'cut'],
    ['has a task that failed', of(state(started, exit('0')), { ...state(started, exit('3')), Failed: true }), 'cut'],
    ['was killed before it started', of(state(event('Received'), killing)), 'cut'],
    ['was killed as its agent ended', of(state(started, killing, exit('0'), event('Killed'))), 'cut'],
    ['was killed while it waited for a restart', of(state(started, exit('1'), event('Restarting'), killing)), 'cut'],
    ['was killed as its leader ended', of(state(started, exit('0')), state(started, leaderDead, killing, exit('137', '9'))), 'done'],
    ['was a sidecar', of(state(started, exit('0')), state(started, mainDead, killing, exit('143'))), 'done'],
    [
      'was a sidecar that crashed, and waited for its restart',
      of(state(started, exit('0')), state(started, exit('1'), event('Restarting'), mainDead, killing)),
      'done',
    ],
    ['had its leader killed', of(state(started, killing, exit('137', '9')), state(started, leaderDead, killing, exit('137', '9'))), 'cut'],
    ['has only a prestart task, which was done', of(state(event('Received'), started, exit('0'))), 'done'],
    ['has only a sidecar, which was ended at once', of(state(event('Received'), mainDead, killing)), 'cut'],
    [
      'has a sidecar that the end of the main task overtook',
      of(state(started, exit('0')), state(event('Received'), mainDead, killing)),
      'done',
    ],
    ['tells nothing', allocation('complete'), 'unknown'],
    ['has tasks without events', of({ ...state(), Events: null }), 'unknown'],
    ['has only its description', allocation('complete', { ClientDescription: 'allocation exceeded max_run_duration' }), 'cut'],
    ['has another description', allocation('complete', { ClientDescription: 'All tasks have completed' }), 'unknown'],
  ])('%s', (_what, one, ending) => {
    expect(endingOf(one)).toBe(ending);
    expect(verdict([one])).toBe(ending === 'cut' ? 'failed' : 'successful');
  });

  test('although it was stopped as it was done, has done its work', () => {
    expect(verdict([{ ...of(state(started, exit('0'))), DesiredStatus: 'stop' }])).toBe('successful');
    expect(verdict([{ ...allocation('complete'), DesiredStatus: 'stop' }])).toBe('failed');
  });

  test('was over its limit by the times, whatever Nomad calls that', () => {
    const cause = (CreateTime: number): string | undefined =>
      taskCauses({ ...of(state(started, killing, exit('137', '9'))), CreateTime }, JOB)[0]?.text;
    expect([cause(2e9), cause(4e9)]).toEqual(['was killed after max_run_duration (3s)', 'was killed by Nomad']);
  });

  test('has only sidecars, and is told by that', () => {
    const [cause] = taskCauses(of(state(event('Received'), mainDead, killing)), JOB);
    expect(cause).toMatchObject({ text: 'was killed by Nomad, because its group has no main task', about: { kind: 'group' } });
  });

  test.each([
    [500e6, '500ms'],
    [90e9, '90s'],
    [120e9, '2m'],
    [5400e9, '1h30m'],
    [7200e9, '2h'],
  ])('was over a limit of %d ns, written as in a spec: %s', (MaxRunDuration, text) => {
    const job = { ...JOB, TaskGroups: [{ Name: 'g', MaxRunDuration }] };
    const killed = of(state(started, event('Killing', {}, 'allocation exceeded max_run_duration'), exit('137', '9')));
    expect(taskCauses(killed, job)[0]?.text).toBe(`was killed after max_run_duration (${text})`);
  });
});
