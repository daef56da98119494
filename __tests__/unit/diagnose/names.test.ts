// Names that users choose are in the texts of Nomad. Such a name decides nothing, whatever words it has.
import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../src/diagnose/diagnose.ts';
import { type Fitting, placementPart } from '../../../src/diagnose/placement.ts';
import { taskCauses } from '../../../src/diagnose/task.ts';
import type { About } from '../../../src/errors.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, AllocMetric, Evaluation, Job, Task, TaskEvent } from '../../../src/nomad/types.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { allocation, evaluation, snapshot } from '../../helpers/rollouts.ts';

const METRIC: AllocMetric = { NodesEvaluated: 2, NodesFiltered: 0, NodesExhausted: 0, CoalescedFailures: 0 };
const job = (volumes: readonly string[] = []): Job => ({
  ...{ ID: 'web', Name: 'web' },
  TaskGroups: [{ Name: 'g', Count: 1, Volumes: Object.fromEntries(volumes.map((Source) => [Source, { Type: 'csi', Source }])) }],
});
const reason = (metric: Partial<AllocMetric>, fitting: Fitting = {}): [string, About['kind'], string | undefined] => {
  const { text, about } = placementPart('g', { ...METRIC, ...metric }, job(), fitting);
  return [text.replace(/^cannot place .*?\): /, ''), about.kind, about.name];
};
const filteredBy = (words: string): ReturnType<typeof reason> => reason({ ConstraintFiltered: { [words]: 2 } });

describe('a missing CSI volume', () => {
  // Texts of 1.8 to 2.0.4, and since 2.0.5.
  test.each([
    'my-network',
    'memory',
    'network',
    'distinct_hosts',
    'topology requirement',
    'attr.vault.',
    'attr.consul.version',
    'CSI plugin',
    'a:b',
  ])('of the name %j is told by it', (id) => {
    expect(filteredBy(`missing CSI Volume ${id}`)).toEqual([
      `the CSI volume ${id} does not exist (missing CSI Volume ${id})`,
      'volume',
      id,
    ]);
    expect(filteredBy(`missing CSI volume(s) ${id}`)).toEqual([
      `the CSI volume ${id} does not exist (missing CSI volume(s) ${id})`,
      'volume',
      id,
    ]);
  });
  test('is one of several', () => {
    const words = 'missing CSI volume(s) my-network, memory-cpu';
    expect(filteredBy(words)).toEqual([`the CSI volumes my-network, memory-cpu do not exist (${words})`, 'volume', 'my-network']);
  });

  test.each([
    ['csi-volume:data', 'data'],
    ['csi-volume:default:my-network', 'my-network'],
  ])('is told by the structure %s, whatever the text', (resource, id) => {
    const metric = { ConstraintFiltered: { [`there is no ${id}`]: 2 } };
    expect(reason(metric, { missing: [resource] })).toEqual([`the CSI volume ${id} does not exist`, 'volume', id]);
  });

  test('is told beside another reason', () => {
    const metric = { ConstraintFiltered: { 'missing drivers': 1 } };
    expect(reason(metric, { missing: ['csi-volume:default:data'] })).toEqual([
      'the CSI volume data does not exist, 1 node lacks the driver',
      'volume',
      'data',
    ]);
  });

  test.each<[string, Partial<Evaluation>, Partial<Evaluation> | undefined]>([
    ['the evaluation itself has', { MissingNonNodeResources: ['csi-volume:default:data'] }, undefined],
    ['its blocked successor has', { BlockedEval: 'b' }, { MissingNonNodeResources: ['csi-volume:default:data'] }],
  ])('is in the cause where %s its name', async (_who, own, blocked) => {
    const nomad = {
      jobs: { allocations: async () => ({ value: [], index: 1 }) },
      nodes: { list: async () => undefined },
      evaluations: { read: async () => ({ value: blocked && { ID: 'b', Status: 'blocked', ...blocked }, index: 1 }) },
    } as unknown as Nomad;
    const runtime = { clock: systemClock, signal: new AbortController().signal, redact: (text: string) => text } as unknown as Runtime;
    const seen = snapshot({
      evaluation: evaluation({ Status: 'complete', FailedTGAllocs: { g: { ...METRIC, ConstraintFiltered: { 'new words': 2 } } }, ...own }),
    });
    const verdict = { outcome: 'failed', reason: 'placement-failed', description: 'd' } as const;
    const diagnosing = { job: job(['data']), namespace: 'default', nomad, runtime, logLines: 0, collected: [] };
    expect((await diagnose(verdict, seen, diagnosing)).cause).toContain('the CSI volume data does not exist');
  });
});

describe('a constraint, dimension or quota', () => {
  test.each([
    ['${meta.pool} = attr.vault.x', 'constraint', '${meta.pool}'],
    ['${meta.attr.consul.version} = 1', 'constraint', '${meta.attr.consul.version}'],
    ['${meta.rack} = plugins.cni.version', 'constraint', '${meta.rack}'],
    ['${meta.x} = missing network', 'constraint', '${meta.x}'],
    ['${meta.x} = topology requirement', 'constraint', '${meta.x}'],
    ['missing data-network', 'constraint', 'missing'],
    ['CSI volume my-network has exhausted its available writer claims', 'volume', undefined],
    ['did not meet topology requirement', 'volume', undefined],
    ['missing network', 'network', undefined],
    ['missing host network "public" for port "http"', 'network', undefined],
    ['invalid host network "x" template for port "missing drivers"', 'network', undefined],
    ['${attr.consul.version} semver >= 1.8.0', 'service', undefined],
    ['${attr.consul.east.version} semver >= 1.8.0', 'service', undefined],
    ['${attr.vault.version} semver >= 0.6.1', 'vault', undefined],
    ['${attr.plugins.cni.version.bridge} semver >= 0.4.0', 'network', undefined],
    ['missing secrets provider', 'secret', undefined],
  ])('%s is of the kind %s', (words, kind, name) => expect(filteredBy(words).slice(1)).toEqual([kind, name]));

  test.each([
    ['device memory/cpu exhausted', 'group'],
    ['memory exhausted (2 needed > 1 limit)', 'memory'],
    ['memory_max exhausted (2 needed > 1 limit)', 'memory'],
    ['cores exhausted (2 needed > 1 limit)', 'cpu'],
  ])('the quota %s is of the kind %s', (dimension, kind) => expect(reason({ QuotaExhausted: [dimension] })[1]).toBe(kind));
});

describe('the event of a task', () => {
  const event = (Type: string, DisplayMessage = '', Details: Record<string, string> = {}): TaskEvent => ({
    Type,
    Time: 1,
    DisplayMessage,
    Details,
  });
  const failing = (...Events: TaskEvent[]): Allocation =>
    allocation('failed', { NodeName: 'n1', TaskStates: { t: { State: 'dead', Failed: true, Restarts: 0, Events } } });
  const cause = (one: Allocation, task: Partial<Task> = {}): object | undefined => {
    const spec: Job = { ID: 'j', Name: 'j', TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'docker', ...task }] }] };
    const [first] = taskCauses(one, spec);
    return first && { text: first.text, about: first.about, certain: first.certain };
  };
  const killing = event('Killing', 'Template script failed, task is being killed', { fails_task: 'true' });
  const ended = [event('Terminated', '', { exit_code: '137', signal: '9' }), event('Killed')];

  // Seen on 2.0.6; the same in 1.9 to 1.11.
  test.each([
    [
      'Template ran script /bin/sh with arguments [-c exit 7] on change but it exited with code: 7',
      'was killed because the change_script of a template, /bin/sh -c exit 7, exited with code 7',
      '/bin/sh',
    ],
    [
      'Template failed to run script /bin/nothere with arguments [] on change: rpc error: code = Unknown desc = fork/exec /bin/nothere: no such file or directory. Exit code: 0',
      'was killed because the change_script of a template, /bin/nothere, could not run: fork/exec /bin/nothere: no such file or directory',
      '/bin/nothere',
    ],
  ])('%s is the cause of the kill', (message, text, name) => {
    const hook = event('Task hook failed', message);
    const expected = { text, about: { kind: 'template', name }, certain: false };
    expect(cause(failing(event('Started'), hook, killing, ...ended))).toEqual(expected);
    expect(cause(failing(event('Started'), hook, killing))).toEqual(expected);
  });
  test('about a script that may fail is no cause', () => {
    const hook = event('Task hook failed', 'Template ran script /bin/sh with arguments [] on change but it exited with code: 7');
    expect(cause(failing(event('Started'), hook))).toBeUndefined();
  });
  test('about a kill keeps its words without a script', () =>
    expect(cause(failing(event('Started'), killing))).toMatchObject({ text: 'was killed: Template script failed, task is being killed' }));

  test('about missing data names the secret', () => {
    const waits = allocation('pending', {
      JobID: 'j',
      TaskStates: {
        t: {
          State: 'pending',
          Failed: false,
          Restarts: 0,
          Events: [event('Template', 'Missing: nomad.var.block(nomad/jobs/j/g/t@default.global)')],
        },
      },
    });
    const Secrets = [
      { Name: 'other', Provider: 'nomad', Path: 'nomad/jobs/j' },
      { Name: 'db', Provider: 'nomad', Path: 'nomad/jobs/j/g/t' },
    ];
    expect(cause(waits, { Secrets })).toEqual({
      text: 'waits for its secret "db": the Nomad variable nomad/jobs/j/g/t does not exist',
      about: { kind: 'secret', name: 'db' },
      certain: false,
    });
    expect(cause(waits)).toMatchObject({ text: 'waits for the data of a template: the Nomad variable nomad/jobs/j/g/t does not exist' });
  });

  test.each(['pid', 'ipc', 'uts', 'userns'])('about a refused %s_mode names it, and the settings of the plugin', (mode) => {
    const driver_error = `Failed to create container configuration for image "app:1" ("sha256:1"): cannot apply "${mode}_mode" configuration`;
    const one = failing(event('Driver Failure', '', { driver_error }));
    expect(cause(one)).toEqual({
      text: `cannot start: the node n1 does not allow this \`${mode}_mode\``,
      about: { kind: 'config', name: `${mode}_mode` },
      certain: false,
    });
    expect(taskCauses(one)[0]).toMatchObject({
      ofNode: true,
      advice: `remove \`${mode}_mode\`, or set \`${mode}\` in \`allowed_modes\`, or \`allow_privileged\`, of the Docker plugin on that node`,
    });
  });

  test.each<[string, Partial<Task>, string]>([
    [
      'with memory_max = -1',
      { Resources: { MemoryMB: 64, MemoryMaxMB: -1 } },
      'was killed because the node n1 has no memory left, and `memory_max = -1` sets no other limit (OOM)',
    ],
    [
      'with memory_max',
      { Resources: { MemoryMB: 64, MemoryMaxMB: 128 } },
      'was killed because it used more memory than its limit of 128 MiB (OOM)',
    ],
    [
      'with a limit of the driver',
      { Resources: { MemoryMB: 64, MemoryMaxMB: -1 }, Config: { memory_hard_limit: 256 } },
      'was killed because it used more memory than its limit of 256 MiB (OOM)',
    ],
  ])('about a task out of memory %s', (_how, task, text) =>
    expect(cause(failing(event('Started'), event('Terminated', '', { oom_killed: 'true', exit_code: '137' })), task)).toMatchObject({
      text,
    }),
  );
});
