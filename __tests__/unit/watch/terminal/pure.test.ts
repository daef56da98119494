// The pure parts of the screens: colours, notes, the tree, the rows of `top`.
import { expect, test } from '@jest/globals';
import type { Allocation, Job, TaskEvent, TaskState } from '../../../../src/nomad/types.ts';
import type { Clock, Line, Terminal } from '../../../../src/runtime/runtime.ts';
import { colouring } from '../../../../src/watch/terminal/colours.ts';
import { logWriter } from '../../../../src/watch/terminal/log-writer.ts';
import { endOf, notesOf } from '../../../../src/watch/terminal/task-ends.ts';
import { rowsOf } from '../../../../src/watch/terminal/top.ts';
import { deploymentLine, tree } from '../../../../src/watch/terminal/tree.ts';
import { amount, limitsOf } from '../../../../src/watch/terminal/usage.ts';

const event = (Time: number, Type: string, DisplayMessage = '', Details: Record<string, string> = {}): TaskEvent => ({
  Time,
  Type,
  DisplayMessage,
  Details,
});
const state = (State: string, Events: TaskEvent[] = [], Restarts = 0): TaskState => ({ State, Failed: false, Restarts, Events });

function allocation(number: number, more: Partial<Allocation> = {}): Allocation {
  return {
    ID: `${number}`.repeat(8).concat('-0000-0000-0000-000000000000'),
    Name: `shop.web[${number}]`,
    NodeName: 'node-1',
    TaskGroup: 'web',
    JobVersion: 3,
    DesiredStatus: 'run',
    ClientStatus: 'running',
    CreateIndex: number,
    TaskStates: { server: state('running') },
    ...more,
  };
}

const job: Job = {
  ID: 'shop',
  Type: 'service',
  TaskGroups: [
    { Name: 'web', Count: 2, Tasks: [{ Name: 'server', Driver: 'docker', Resources: { CPU: 100, MemoryMB: 64, MemoryMaxMB: 128 } }] },
  ],
} as unknown as Job;

const plain = (lines: readonly Line[]): string[] =>
  lines.map((line) => (typeof line === 'string' ? line : line.map((part) => (typeof part === 'string' ? part : part[1])).join('')));

test('an allocation has the same colour in every run, and each of some has its own', () => {
  const ids = Array.from({ length: 8 }, (_, i) => `${(i * 7_919).toString(16).padStart(8, '0')}-0`);
  const colourOf = colouring();
  const colours = ids.map(colourOf);
  expect(new Set(colours).size).toBe(8);
  expect(ids.map(colourOf)).toEqual(colours);
  expect(colouring()(ids[0] ?? '')).toBe(colours[0]);
  // More allocations than colours share them.
  expect(Array.from({ length: 100 }, (_, i) => colourOf(`${i}`)).every((colour) => colour !== undefined)).toBe(true);
});

test.each([
  [{ exit_code: '3' }, 'exited with code 3'],
  [{ exit_code: '0' }, 'exited with code 0'],
  [{ exit_code: '127' }, 'exited with code 127 (a command does not exist)'],
  [{ exit_code: '0', signal: '9' }, 'was killed by signal 9 (SIGKILL)'],
  [{ exit_code: '137', oom_killed: 'true' }, 'was killed because it used more memory than its limit (OOM)'],
])('a task that ends with %j has a note', (details, text) => {
  const before = allocation(1, { TaskStates: { server: state('running', [event(1, 'Started')]) } });
  const now = allocation(1, { TaskStates: { server: state('dead', [event(1, 'Started'), event(2, 'Terminated', 'x', details)]) } });
  expect(notesOf(before, now)).toEqual([{ task: 'server', text }]);
  expect(endOf(now, 'server')).toBe(text);
  expect(notesOf(now, now)).toEqual([]);
});

test('restarts, stops, replacements and lost nodes have notes; the ordinary steps of a start have none', () => {
  const events = [event(1, 'Received'), event(2, 'Task Setup'), event(3, 'Started')];
  expect(notesOf(undefined, allocation(1, { TaskStates: { server: state('running', events) } }))).toEqual([
    { task: undefined, text: 'is placed on node-1, version 3' },
  ]);
  const before = allocation(1, { TaskStates: { server: state('running', events) } });
  const again = [...events, event(4, 'Restarting', 'Task restarting in 15.319208511s'), event(5, 'Started')];
  expect(notesOf(before, allocation(1, { TaskStates: { server: state('running', again, 1) } })).map(({ text }) => text)).toEqual([
    'restarts in 15.3s',
    'is started again',
  ]);
  const stopped = { DesiredStatus: 'stop', DesiredDescription: 'alloc not needed due to job update', NextAllocation: '22222222-0' };
  expect(notesOf(before, { ...before, ...stopped }).map(({ text }) => text)).toEqual([
    'Nomad stops it: alloc not needed due to job update',
    'is replaced by 22222222',
  ]);
  expect(notesOf(before, { ...before, ClientStatus: 'lost' }).map(({ text }) => text)).toEqual(['the node node-1 is down']);
  const failed = [...events, event(4, 'Driver Failure', 'rpc error:\n  no such image')];
  expect(notesOf(before, allocation(1, { TaskStates: { server: state('pending', failed) } })).map(({ text }) => text)).toEqual([
    'Driver Failure: rpc error: no such image',
  ]);
});

test('the tree has groups, allocations, checks, restarts and their use', () => {
  const healthy = { DeploymentStatus: { Healthy: true } };
  const failing = { Check: 'alive', Service: 'web', Status: 'failure', Output: 'connection refused' };
  const lines = tree({
    job,
    head: ['head'],
    deployment: undefined,
    allocations: [
      allocation(2, { ClientStatus: 'failed', TaskStates: { server: state('dead', [], 2) } }),
      allocation(1, healthy),
      allocation(0, { NextAllocation: 'x' }),
    ],
    checks: { [allocation(1).ID]: [failing] },
    usage: { [allocation(1).ID]: { server: { cpuMhz: 3.25, memoryMb: 20.4 } } },
    minHealthyMs: 0,
    nowMs: 0,
  });
  expect(plain(lines)).toEqual([
    'head',
    'web  1 of 2 running',
    '├─ ✓ 11111111 web[1]  running, healthy  node-1  CPU 3.3/100 MHz  memory 20/128 MiB',
    expect.stringMatching(/^│ {4}✗ .*alive.*connection refused/),
    '└─ ✗ 22222222 web[2]  failed  node-1  2 restarts',
  ]);
});

test('the tree of a rollout counts healthy and placed allocations', () => {
  const group = {
    DesiredTotal: 2,
    DesiredCanaries: 1,
    PlacedAllocs: 1,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
    Promoted: false,
    AutoPromote: true,
  };
  const deployment = {
    ID: 'abcdef0123',
    JobID: 'shop',
    JobVersion: 3,
    Status: 'running',
    StatusDescription: 'is running',
    TaskGroups: { web: group },
  };
  const pending = allocation(1, {
    ClientStatus: 'pending',
    DeploymentStatus: { Canary: true },
    TaskStates: { server: state('pending', [event(1e6, 'Driver', 'Downloading image')]) },
  });
  const view = {
    job,
    head: [deploymentLine(deployment)],
    deployment,
    allocations: [pending],
    checks: {},
    usage: {},
    minHealthyMs: 0,
    nowMs: 40_001,
  };
  expect(plain(tree(view))).toEqual([
    'deployment abcdef01 running: is running',
    'web  0 of 2 healthy, 1 placed, 1 canary wanted',
    '└─ … 11111111 web[1]  server: Driver (Downloading image) for 40 s, canary  node-1',
  ]);
});

test('top has the busiest task first, and unknown ones last', () => {
  const two = { TaskStates: { server: state('running', [], 2), side: state('running'), done: state('dead') } };
  const all = [allocation(1, two), allocation(2)];
  const usage = { [allocation(1).ID]: { server: { cpuMhz: 5, memoryMb: 10 }, side: { cpuMhz: 50, memoryMb: 1 } } };
  const rows = rowsOf(job, all, usage, undefined);
  expect(rows.map(({ task, allocation: { Name }, restarts }) => [Name, task, restarts])).toEqual([
    ['shop.web[1]', 'side', 0],
    ['shop.web[1]', 'server', 2],
    ['shop.web[2]', 'server', 0],
  ]);
  expect(rowsOf(job, all, usage, 'side')).toHaveLength(1);
  expect(limitsOf(job, allocation(1), 'server')).toEqual({ cpuMhz: 100, memoryMb: 128 });
  expect([amount(0, 0, 'MHz'), amount(3.14, 10, 'MHz'), amount(12.6, 64, 'MiB')]).toEqual(['0 MHz', '3.1/10 MHz', '13/64 MiB']);
});

test('a line of --json has no escape sequences, by which a secret could be cut in two, and which a terminal behind jq would take', () => {
  const told: unknown[] = [];
  const terminal = { json: true, line: () => undefined, event: (value: unknown) => told.push(value) } as unknown as Terminal;
  const clock = { now: () => 0 } as Clock;
  const { lines } = logWriter(terminal, clock, /sword/);
  lines({ allocation: allocation(1), task: 'server', stream: 'stdout' }, [
    'pass sw\u001b[31mord\u001b[0mfish \u001b]0;title\u0007\u202eend',
    'other',
  ]);
  expect(told).toMatchObject([{ line: 'pass swordfish end' }]);
});
