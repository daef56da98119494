import { describe, expect, test } from '@jest/globals';
import { type Advised, allocationCause } from '../../../src/diagnose/allocation.ts';
import type { Evidence } from '../../../src/diagnose/evidence.ts';
import type { Allocation, Job, Service, Task, TaskEvent, TaskGroup, TaskState, UpdateStrategy } from '../../../src/nomad/types.ts';
import { fixture, fixtures } from '../../fixtures/index.ts';
import { allocation } from '../../helpers/rollouts.ts';

const event = (Type: string, DisplayMessage = '', Details: Readonly<Record<string, string>> = {}): TaskEvent => ({
  Type,
  Time: 1,
  DisplayMessage,
  Details: { ...Details },
});
const state = (State: string, ...Events: readonly TaskEvent[]): TaskState => ({ State, Failed: false, Restarts: 0, Events: [...Events] });
const evidence = (parts: Partial<Evidence> = {}): Evidence => ({
  ...{ allocationId: 'a', name: 'web.g[0]', node: 'node-1', status: 'running', events: [], checks: [], logs: [] },
  ...parts,
});
const job = (group: Partial<TaskGroup> = {}, parts: Partial<Job> = {}): Job => ({
  ...{ ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Tasks: [{ Name: 'app', Driver: 'docker' }], ...group }] },
  ...parts,
});
const running = (parts: Partial<Allocation> = {}): Allocation =>
  allocation('running', {
    ID: 'aaaaaaaa-1',
    TaskStates: { app: state('running', event('Started')) },
    DeploymentStatus: { Healthy: false },
    ...parts,
  });
const PLAIN: Advised = { redact: (text) => text };
const sentence = (one: Allocation, of: Job, seen?: Evidence): string | undefined => allocationCause(one, of, seen, PLAIN)?.sentence;

describe('a cause', () => {
  /** The subject and the verbs that every cause begins with. */
  const FORM =
    /^(?:group \S+|[^\s/]+\/\S+(?: \((?:sidecar|\w+ task)\))?) (?:exited with code \d|was (?:killed|restarted)|cannot (?:start|pull|download|use|parse|render|read) ?|waits for|lost allocation|is (?:running|unhealthy|still|pending)|has not started|wrote|failed \()/;
  test('of a recorded failure has one form', () => {
    const recorded = fixtures('alloc-').flatMap((name) => fixture<Allocation[]>(name));
    const told = recorded.flatMap((one) => allocationCause(one, undefined, undefined, PLAIN)?.sentence ?? []);
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter((one) => !FORM.test(one))).toEqual([]);
  });

  const exited = (exit_code: string): Allocation =>
    allocation('failed', { TaskStates: { app: state('dead', event('Started'), event('Terminated', '', { exit_code })) } });
  const log = (line: string): Evidence => evidence({ logs: [{ task: 'app', stream: 'stderr', lines: [line] }] });
  test.each<[string, Allocation, Task, Evidence, string]>([
    ['after a colon', exited('2'), { Name: 'app', Driver: 'docker' }, log('no "x"'), 'g/app exited with code 2: "no \\"x\\""'],
    [
      'after the kind of the task',
      exited('2'),
      { Name: 'app', Driver: 'docker', Lifecycle: { Hook: 'prestart' } },
      log('no'),
      'g/app (prestart task) exited with code 2: "no"',
    ],
    [
      'in brackets, after a text with a colon of its own',
      running(),
      { Name: 'app', Driver: 'docker' },
      { ...log('Error: no'), checks: [{ name: 'leader', service: 's', status: 'failure', output: 'no' }] },
      'g/app is unhealthy: the check "leader" of service s fails: no (log output: "Error: no")',
    ],
  ])('quotes the telling line %s', (_where, one, task, seen, told) => expect(sentence(one, job({ Tasks: [task] }), seen)).toBe(told));
});

describe('what runs and is not healthy', () => {
  const FAILING = evidence({ checks: [{ name: 'leader', service: 's', status: 'failure', output: 'no' }] });
  test.each<[string, UpdateStrategy, RegExp]>([
    ['is told by its failing check', {}, /^g\/app is unhealthy: the check "leader" of service s fails: no/],
    ['is not told by a check that does not count', { HealthCheck: 'task_states' }, /^g\/app is running, but was not healthy in time/],
    ['waits for people, whatever a check says', { HealthCheck: 'manual' }, /its health_check is "manual"/],
  ])('%s', (_what, Update, words) => expect(sentence(running(), job({ Update }), FAILING)).toMatch(words));

  const consul = (service: Partial<Service>): Job => job({ Services: [{ Name: 'api', Checks: [{ Name: 'ready' }], ...service }] });
  const IN_CONSUL = 'the checks of its service api in Consul did not pass';
  test.each<[string, Job, boolean]>([
    ['is told by its checks in Consul', consul({}), true],
    ['is told by one whose warnings are ignored: what is critical counts', consul({ OnUpdate: 'ignore_warnings' }), true],
    ['is told by the one of several that counts', consul({ Checks: [{ OnUpdate: 'ignore' }, { OnUpdate: 'require_healthy' }] }), true],
    ['is not told by one that is ignored', consul({ Checks: [{ OnUpdate: 'ignore' }] }), false],
    ['is not told by one that the service has ignored', consul({ OnUpdate: 'ignore' }), false],
    ['is not told by them where the tasks are judged', { ...consul({}), Update: { HealthCheck: 'task_states' } }, false],
  ])('%s', (_what, of, told) => expect(sentence(running(), of, evidence())?.includes(IN_CONSUL)).toBe(told));
});

describe('a task after the others, which waits for their end', () => {
  const Tasks: Task[] = [
    { Name: 'app', Driver: 'docker' },
    { Name: 'bye', Driver: 'docker', Lifecycle: { Hook: 'poststop' } },
  ];
  const both = (...events: readonly TaskEvent[]): Allocation =>
    running({ TaskStates: { bye: state('pending', event('Received'), ...events), app: state('running', event('Started')) } });

  test('is not what keeps an allocation from being healthy', () => {
    expect(sentence(both(), job({ Tasks }))).toMatch(/^g\/app is running, but was not healthy in time/);
    expect(sentence(both(event('Task Setup')), job({ Tasks, Update: { HealthCheck: 'manual' } }))).toMatch(
      /^g\/app is running, but its health_check/,
    );
  });
  test('does not wait for a task before the others', () => {
    const init: Task = { Name: 'app', Driver: 'docker', Lifecycle: { Hook: 'prestart', Sidecar: true } };
    expect(sentence(both(), job({ Tasks: [init, ...Tasks.slice(1)] }))).not.toContain('(prestart task)');
  });
});

describe('an exit without a word', () => {
  const exited = allocation('failed', {
    TaskStates: { app: state('dead', event('Started'), event('Terminated', '', { exit_code: '3' })) },
  });
  const of = (task: Partial<Task>): Job => job({ Tasks: [{ Name: 'app', Driver: 'docker', ...task }] });
  test.each<[string, Partial<Task>, Evidence | undefined, string | undefined]>([
    ['of a task whose log is empty', {}, evidence(), 'its log output was empty when it was read'],
    [
      'of a task whose log is not kept',
      { LogConfig: { Disabled: true } },
      evidence(),
      'its log output is not kept: remove `disabled` from `logs`',
    ],
    ['of a task whose log is kept', { LogConfig: { Disabled: false } }, evidence(), 'its log output was empty when it was read'],
    [
      'of a container that logs elsewhere',
      { Config: { logging: [{ type: 'syslog' }] } },
      evidence(),
      'read its log output in syslog, where `logging` sends it',
    ],
    [
      'of a Podman container that logs elsewhere',
      { Config: { logging: { driver: 'journald' } } },
      evidence(),
      'read its log output in journald, where `logging` sends it',
    ],
    [
      'of a container with the usual log',
      { Config: { logging: [{ type: 'json-file' }] } },
      evidence(),
      'its log output was empty when it was read',
    ],
    ['of a task whose log nobody read', {}, evidence({ logsUnread: 'unread' }), 'its log output was not read'],
    ['of a task whose log is gone', {}, evidence({ logsUnread: 'gone' }), 'its log output is gone: the node removed it or is down'],
    ['of a task of which nothing else is known', {}, undefined, undefined],
  ])('%s', (_what, task, seen, advice) =>
    expect(sentence(exited, of(task), seen)).toBe(`g/app exited with code 3${advice === undefined ? '' : `; ${advice}`}`),
  );
});

describe('the advice', () => {
  const PULLING = allocation('pending', {
    TaskStates: { app: state('pending', event('Driver', 'Downloading image', { image: 'web:1' })) },
  });
  const PULL = event('Driver', 'Downloading image', { image: 'web:1' });
  const REPORT = 'Docker image pull progress: Pulled 1/3 (12MiB/100MiB) layers: 1 waiting/1 pulling - est 90.0s remaining';
  const later = (one: TaskEvent, seconds: number): TaskEvent => ({ ...one, Time: PULL.Time + seconds * 1e9 });
  test.each<[string, TaskEvent[], Partial<Advised>, string]>([
    ['by the end of healthy_deadline', [PULL, later(event('Alloc Unhealthy', 'x'), 300)], {}, 'web:1 after 5 min; raise'],
    [
      'with its last report, which is no other step',
      [
        PULL,
        later(event('Driver', REPORT.replace('12', '6')), 120),
        later(event('Driver', REPORT), 240),
        later(event('Alloc Unhealthy', 'x'), 300),
      ],
      {},
      'web:1 after 5 min (Pulled 1/3 (12MiB/100MiB) layers: 1 waiting/1 pulling - est 90.0s remaining); raise',
    ],
    [
      "by the end of the run's timeout",
      [PULL],
      { timedOut: true, nowMs: PULL.Time / 1e6 + 20_000 },
      'web:1 after 20 s; raise the input `timeout`',
    ],
    ['without a time where the clocks differ', [PULL], { timedOut: true, nowMs: PULL.Time / 1e6 - 20_000 }, 'web:1; raise'],
  ])('about a slow pull tells how long it has lasted, %s', (_what, events, advised, words) => {
    const one = allocation('pending', { DeploymentStatus: { Healthy: false }, TaskStates: { app: state('pending', ...events) } });
    const told = allocationCause(one, job(), evidence(), { ...PLAIN, ...advised });
    expect(told?.sentence).toContain(`g/app is still pulling its image ${words}`);
    expect(told?.about).toMatchObject({ kind: 'image', task: 'app' });
  });

  const advice = (one: Allocation, of: Job, advised: Partial<Advised> = {}): string | undefined =>
    /; (.*)$/.exec(allocationCause(one, of, evidence(), { ...PLAIN, ...advised })?.sentence ?? '')?.[1];

  test.each<[string, Partial<Job>, Partial<Advised>, string]>([
    ['of a deadline of the spec', {}, {}, 'raise `healthy_deadline` and `progress_deadline`, or make the image smaller'],
    [
      'of a deadline of the built-in template',
      {},
      { builtIn: true },
      'raise `NOMAD_VAR_HEALTHY_DEADLINE` and `NOMAD_VAR_PROGRESS_DEADLINE`, or make the image smaller',
    ],
    ["of the run's own timeout", {}, { timedOut: true }, 'raise the input `timeout`, or make the image smaller'],
    ['of a batch job, which has no deadline', { Type: 'batch' }, {}, 'raise the input `timeout`, or make the image smaller'],
    ['of a sysbatch job', { Type: 'sysbatch' }, { timedOut: true }, 'raise the input `timeout`, or make the image smaller'],
  ])('names the value %s', (_what, parts, advised, words) => expect(advice(PULLING, job({}, parts), advised)).toBe(words));

  test('of a batch job that outran the timeout is not to be healthy sooner', () => {
    const busy = running({ ID: 'aaaaaaaa-1', DeploymentStatus: null });
    expect(allocationCause(busy, job({}, { Type: 'batch' }), evidence(), { ...PLAIN, timedOut: true })?.sentence).toBe(
      'g/app is running, but not complete yet (allocation aaaaaaaa); raise the input `timeout`',
    );
  });

  const ended = [event('Started'), event('Terminated', '', { exit_code: '0' }), event('Restarting')];
  const app = allocation('pending', { TaskStates: { app: state('pending', ...ended) } });
  const APP: Task = { Name: 'app', Driver: 'docker' };
  test.each<[string, Job, string]>([
    [
      'of a service',
      job(),
      ' exited with code 0, but a service must keep running; start the server in the foreground, or set `type = "batch"`',
    ],
    [
      'of a system job',
      job({}, { Type: 'system' }),
      ' exited with code 0, but a system job must keep running; start the server in the foreground, or set `type = "sysbatch"`',
    ],
    [
      'beside another task',
      job({ Tasks: [APP, { ...APP, Name: 'other' }] }),
      ' exited with code 0, but a service must keep running; start the server in the foreground, or give the task a `lifecycle` block',
    ],
    [
      'that is a sidecar before the others',
      job({ Tasks: [{ ...APP, Lifecycle: { Hook: 'prestart', Sidecar: true } }] }),
      ' (sidecar) exited with code 0, but a sidecar must keep running; keep the sidecar running, or set `sidecar = false`',
    ],
    [
      'that is a sidecar after their start',
      job({ Tasks: [{ ...APP, Lifecycle: { Hook: 'poststart', Sidecar: true } }] }),
      ' (sidecar) exited with code 0, but a sidecar must keep running; keep the sidecar running, or set `sidecar = false`',
    ],
  ])('for a task that ends well %s fits it', (_what, of, words) => expect(sentence(app, of, evidence())).toBe(`g/app${words}`));

  const killed = allocation('failed', {
    TaskStates: { app: state('dead', event('Started'), event('Terminated', '', { oom_killed: 'true' })) },
  });
  test.each<[string, Partial<Task>, Partial<Advised>, string]>([
    ['the memory', { Resources: { MemoryMB: 64 } }, {}, 'raise `memory`, or make the task use less'],
    [
      'the memory of the built-in template',
      { Resources: { MemoryMB: 64 } },
      { builtIn: true },
      'raise `NOMAD_VAR_MEMORY`, or make the task use less',
    ],
    ['the limit above it', { Resources: { MemoryMB: 64, MemoryMaxMB: 128 } }, {}, 'raise `memory_max`, or make the task use less'],
    [
      'the hard limit',
      { Resources: { MemoryMB: 64 }, Config: { memory_hard_limit: 96 } },
      {},
      'raise `memory_hard_limit`, or make the task use less',
    ],
    [
      'the hard limit before none',
      { Resources: { MemoryMB: 64, MemoryMaxMB: -1 }, Config: { memory_hard_limit: 96 } },
      {},
      'raise `memory_hard_limit`, or make the task use less',
    ],
    [
      'none',
      { Resources: { MemoryMB: 64, MemoryMaxMB: -1 } },
      { builtIn: true },
      'limit the memory of the task, or make the task use less',
    ],
  ])('names the limit that counts: %s', (_what, task, advised, words) =>
    expect(advice(killed, job({ Tasks: [{ ...APP, ...task }] }), advised)).toBe(words),
  );
});
