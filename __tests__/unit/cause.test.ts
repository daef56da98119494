import { describe, expect, test } from '@jest/globals';
import { oneLine, taskCauses } from '../../src/cause.ts';
import type { Allocation, TaskEvent, TaskState } from '../../src/nomad/types.ts';
import { fixture, fixtures } from '../fixtures/index.ts';

/** Of a recorded failure: the task, the sentence, and whether waiting cannot help. */
const RECORDED: Readonly<Record<string, readonly [task: string, text: string, certain: boolean][]>> = {
  'alloc-check-restart': [['t', 'it was restarted: healthcheck: check "alive" unhealthy', false]],
  'alloc-failed-artifact-404': [
    [
      't',
      'an artifact could not be downloaded: failed to download artifact "http://127.0.0.1:4646/v1/none.tgz": getter subprocess failed: exit status 1: failed to download artifact: bad response code: 404',
      false,
    ],
  ],
  'alloc-failed-bad-driver-config': [
    [
      't',
      'its driver config was refused: 2 errors occurred: * failed to parse config: * Invalid label: No argument or block type is named "imagee".',
      true,
    ],
  ],
  'alloc-failed-bad-port-label': [['t', `the port "htp" is not in the group's network block`, true]],
  'alloc-failed-command-not-found': [['t', 'its command /no/such does not exist in the image', true]],
  'alloc-failed-exit-1': [['t', 'it exited with code 1 (restarted 1 time)', false]],
  'alloc-failed-host-port-in-use': [
    [
      't',
      'Failed to start container ea679383036d8935df39b25e7ec47ffca6c91c48cc3807de5c133b33043e0053: Error response from daemon: driver failed programming external connectivity on endpoint t-39a17274-c190-f1dd-0b83-e1f137c023fb (703d5adf4988e77ae6d1e3596fe4a00a8f44b0f5370a23118c741e5ae407f62f): Error starting userland proxy: listen tcp4 127.0.0.1:14996: bind: address already in use',
      false,
    ],
  ],
  'alloc-failed-image-pull': [
    [
      't',
      'the image localhost:5000/nope:1 cannot be pulled: Error response from daemon: Get "http://localhost:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused',
      false,
    ],
  ],
  'alloc-failed-oom': [['t', 'it was killed because it used more memory than its limit (restarted 1 time)', false]],
  'alloc-failed-poststart-after-healthy': [['post', 'it exited with code 8 (restarted 1 time)', false]],
  'alloc-failed-prestart': [['init', 'it exited with code 3 (restarted 1 time)', false]],
  'alloc-failed-service-exited-0': [['t', 'it ended by itself with code 0, but a service must keep running', false]],
  'alloc-failed-signal-9': [['t', 'it was ended by signal 9 (restarted 1 time)', false]],
  'alloc-pending-template-missing-variable': [
    ['t', 'a template waits: Missing: nomad.var.block(nomad/jobs/facts-tmplvar@default.global)', false],
  ],
  'alloc-pending-template-syntax-error': [
    ['t', 'it was killed: Template failed: (dynamic): parse: template: :1: function "zork" not defined', true],
  ],
  // Here only the results of its checks tell.
  'alloc-unhealthy-failing-check': [],
};

describe('the cause of a recorded failure', () => {
  test('is known for each', () => expect(Object.keys(RECORDED)).toEqual(fixtures('alloc-').sort()));
  test.each(Object.entries(RECORDED))('%s', (name, expected) => {
    const causes = fixture<Allocation[]>(name).flatMap(taskCauses);
    expect(causes.map(({ task, text, certain }) => [task, text, certain])).toEqual(expected);
  });

  test('may be in the log of a task that exited by itself', () => {
    const exited = fixtures('alloc-').filter((name) =>
      fixture<Allocation[]>(name)
        .flatMap(taskCauses)
        .some((cause) => cause.exited === true),
    );
    expect(exited.sort()).toEqual(['alloc-failed-exit-1', 'alloc-failed-poststart-after-healthy', 'alloc-failed-prestart']);
  });
});

const event = (Type: string, Details: Readonly<Record<string, string>> = {}, DisplayMessage = `${Type}.`): TaskEvent => ({
  Type,
  Time: 0,
  DisplayMessage,
  Details: { ...Details },
});
const causesOf = (events: readonly TaskEvent[], state: Partial<TaskState> = {}): [string, boolean][] => {
  const task: TaskState = { State: 'dead', Failed: true, Restarts: 0, Events: [...events], ...state };
  return taskCauses({ TaskStates: { t: task } } as unknown as Allocation).map(({ text, certain }) => [text, certain]);
};

describe('an event that no recording has', () => {
  const pull = (words: string): TaskEvent => event('Driver Failure', { driver_error: `Failed to pull \`web:1\`: ${words}` });
  test.each<[string, TaskEvent, string, boolean]>([
    ['an image that does not exist', pull('manifest unknown'), 'the image web:1 cannot be pulled: manifest unknown', true],
    ['an image that may not be pulled', pull('pull access denied'), 'the image web:1 cannot be pulled: pull access denied', true],
    [
      'a registry that is unknown',
      pull('lookup registry.invalid: no such host'),
      'the image web:1 cannot be pulled: lookup registry.invalid: no such host',
      false,
    ],
    ['a registry that is slow', pull('context deadline exceeded'), 'the image web:1 cannot be pulled: context deadline exceeded', false],
    [
      'a command that is not on the PATH',
      event('Driver Failure', { driver_error: 'runc: exec: "serve": executable file not found in $PATH: unknown' }),
      'its command serve does not exist in the image',
      true,
    ],
    ['a driver failure without details', event('Driver Failure', {}, 'it\nbroke'), 'it broke', false],
    ['a refused config without details', event('Failed Validation', {}, 'no'), 'its driver config was refused: no', true],
    ['an artifact without details', event('Failed Artifact Download', {}, 'no'), 'an artifact could not be downloaded: no', false],
    [
      'an artifact that is another file',
      event('Failed Artifact Download', {
        download_error: 'failed to download artifact: Checksums did not match for /x.\nExpected: aa\nGot: bb',
      }),
      'an artifact could not be downloaded: failed to download artifact: Checksums did not match for /x. Expected: aa Got: bb',
      true,
    ],
    ['a set-up that failed', event('Setup Failure', { setup_error: 'no space' }), 'its set-up failed: no space', false],
    ['a hook that failed', event('Task hook failed', { message: 'template: no such file' }), 'template: no such file', false],
    [
      'a template that failed later',
      event('Killing', { fails_task: 'true' }, 'Template failed: x'),
      'it was killed: Template failed: x',
      false,
    ],
    ['an exit code', event('Terminated', { exit_code: '42', signal: '0' }), 'it exited with code 42', false],
    ['a signal', event('Terminated', { exit_code: '143', signal: '15' }), 'it was ended by signal 15', false],
  ])('tells of %s', (_what, one, text, certain) => expect(causesOf([event('Started'), one])).toEqual([[text, certain]]));

  test.each([
    ['a stop', [event('Killing', { kill_timeout: '5s' })]],
    ['a restart that somebody asked for', [event('Restart Signaled', {}, 'User requested restart')]],
    ['a sibling that failed', [event('Sibling Task Failed'), event('Alloc Unhealthy')]],
    ['an unknown event', [event('Something New', { fails_task: 'true' })]],
    ['no event', []],
  ])('tells of no cause: %s', (_what, events) => expect(causesOf(events)).toEqual([]));
});

describe('the cause', () => {
  test('is the last event that tells one', () => {
    const events = [event('Setup Failure', { setup_error: 'old' }), event('Terminated', { exit_code: '1' }), event('Not Restarting')];
    expect(causesOf(events, { Restarts: 2 })).toEqual([['it exited with code 1 (restarted 2 times)', false]]);
  });

  test('of an exit that a failing check brought about is the check, until the next start', () => {
    const restarted = [
      event('Started'),
      event('Restart Signaled', {}, 'healthcheck: check "alive" unhealthy'),
      event('Terminated', { exit_code: '137', signal: '9' }),
      event('Restarting'),
      event('Started'),
    ];
    expect(causesOf(restarted)).toEqual([['it was restarted: healthcheck: check "alive" unhealthy', false]]);
    expect(causesOf([...restarted, event('Terminated', { exit_code: '3' })])).toEqual([['it exited with code 3', false]]);
    const asked = [event('Started'), event('Restart Signaled', {}, 'User requested restart'), event('Terminated', { exit_code: '4' })];
    expect(causesOf(asked)).toEqual([['it exited with code 4', false]]);
  });

  test('is told per task', () => {
    const task = (exit_code: string): TaskState => ({
      State: 'dead',
      Failed: true,
      Restarts: 0,
      Events: [event('Terminated', { exit_code })],
    });
    const causes = taskCauses({ TaskStates: { a: task('1'), b: task('2') } } as unknown as Allocation);
    expect(causes.map((cause) => `${cause.task} ${cause.text}`)).toEqual(['a it exited with code 1', 'b it exited with code 2']);
  });

  test('is none of a batch task that ended well', () => {
    expect(causesOf([event('Terminated', { exit_code: '0' })], { Failed: false })).toEqual([]);
  });

  test.each([null, undefined])('is none of an allocation without tasks (%s)', (TaskStates) => {
    expect(taskCauses({ TaskStates } as unknown as Allocation)).toEqual([]);
  });
});

test.each([
  ['a\nb', 'a b'],
  [' a \r\n\t* b\n\n', 'a * b'],
  ['a  b', 'a  b'],
  ['', ''],
])('%j is %j on one line', (text, line) => expect(oneLine(text)).toBe(line));

test('a task that was ended for the sake of another is not the cause', () => {
  const event = (Type: string, Details: Record<string, string> = {}) => ({ Type, Time: 0, DisplayMessage: Type, Details });
  const task = (...Events: ReturnType<typeof event>[]) => ({ State: 'dead', Failed: true, Restarts: 0, Events });
  const victim = task(
    event('Started'),
    event('Sibling Task Failed'),
    event('Killing'),
    event('Terminated', { exit_code: '137', signal: '9' }),
  );
  const culprit = task(event('Started'), event('Terminated', { exit_code: '8', signal: '0' }));
  const allocation = {
    ID: 'a',
    Name: 'x.g[0]',
    NodeName: 'n',
    TaskGroup: 'g',
    JobVersion: 0,
    DesiredStatus: 'run',
    ClientStatus: 'failed',
    CreateIndex: 1,
  };
  expect(taskCauses({ ...allocation, TaskStates: { app: victim, post: culprit } })).toMatchObject([
    { task: 'post', text: 'it exited with code 8' },
  ]);
});
