import { describe, expect, test } from '@jest/globals';
import type { Allocation } from '../../../../src/nomad/types.ts';
import type { Result } from '../../../../src/report/result.ts';
import { allocationRecords } from '../../../../src/report/summary/allocations.ts';
import { timeline } from '../../../../src/report/summary/timeline.ts';
import { fixture } from '../../../fixtures/index.ts';

type Record = NonNullable<Result['allocations']>[number];
const at = (second: number): string => new Date(second * 1_000).toISOString();
const STAGES = [
  { name: 'plan', startedAt: at(10), ms: 100 },
  { name: 'watch', startedAt: at(11), ms: 9_000 },
];
const allocation = (more: Partial<Record>): Record => ({
  ...{
    id: '12345678-9',
    name: 'job.web[0]',
    group: 'web',
    node: 'n',
    status: 'running',
    healthy: null,
    canary: false,
    tasks: ['t'],
    restarts: 0,
  },
  ...more,
});
const bars = (more: Partial<Record>): string[] => timeline({ stages: STAGES, allocations: [allocation(more)] }).slice(8);

describe('the timeline', () => {
  test('is that of the stages', () =>
    expect(timeline({ stages: STAGES })).toEqual([
      '%%{init: {"gantt": {"leftPadding": 150}}}%%',
      'gantt',
      '  dateFormat x',
      '  axisFormat %H:%M:%S',
      '  todayMarker off',
      '  section Run',
      '    plan :done, 10000, 10100',
      '    watch :done, 11000, 20000',
    ]));
  test('is none without anything to see', () => {
    expect(timeline({})).toEqual([]);
    expect(timeline({ stages: [{ name: 'plan', startedAt: at(10), ms: 900 }] })).toEqual([]);
  });

  test.each<[string, Partial<Record>, string[]]>([
    [
      'became healthy',
      { createdAt: at(11), startedAt: at(12), judgedAt: at(15), healthy: true },
      ['starting :active, 11000, 12000', 'until healthy :done, 12000, 15000'],
    ],
    [
      'was found unhealthy',
      { createdAt: at(11), startedAt: at(12), judgedAt: at(15), healthy: false },
      ['starting :active, 11000, 12000', 'not healthy :crit, 12000, 15000'],
    ],
    [
      'failed',
      { createdAt: at(11), startedAt: at(12), endedAt: at(13), status: 'failed' },
      ['starting :active, 11000, 12000', 'not healthy :crit, 12000, 13000'],
    ],
    ['never started', { createdAt: at(11), status: 'failed', endedAt: at(14) }, ['never started :crit, 11000, 14000']],
    ['is still starting', { createdAt: at(11), status: 'pending' }, ['starting :active, 11000, 20000']],
    ['runs', { createdAt: at(11), startedAt: at(12) }, ['starting :active, 11000, 12000', 'running :done, 12000, 20000']],
    [
      'is done',
      { createdAt: at(11), startedAt: at(12), endedAt: at(14), status: 'complete' },
      ['starting :active, 11000, 12000', 'ran :done, 12000, 14000'],
    ],
    [
      'took no time',
      { createdAt: at(11), startedAt: at(11), judgedAt: at(11), healthy: true },
      ['starting :active, 11000, 11001', 'until healthy :done, 11000, 11001'],
    ],
  ])('of an allocation that %s', (_what, more, lines) =>
    expect(bars(more)).toEqual(['  section web[0]', ...lines.map((line) => `    ${line}`)]),
  );

  test('leaves out allocations of which nothing is known', () => expect(bars({})).toEqual([]));
  test('has a dozen allocations at most', () => {
    const allocations = Array.from({ length: 20 }, (_, i) => allocation({ id: `${i}`, createdAt: at(11) }));
    expect(timeline({ stages: STAGES, allocations }).filter((line) => line.startsWith('  section'))).toHaveLength(13);
  });
  test.each([
    ['job.a:b;c,d#e[0]', 'a_b_c_d_e[0]'],
    ['job.title', '_title'],
    ['job.größe[1]', 'größe[1]'],
    ['job.a-very-long-name-of-a-group[1]', 'a-very-long-name-of…'],
  ])('spells the name %s as Mermaid takes it', (name, shown) => expect(bars({ name, createdAt: at(11) })[0]).toBe(`  section ${shown}`));
});

describe('the record of an allocation', () => {
  const [first] = fixture<Allocation[]>('alloc-failed-exit-1');
  const of = (more: Partial<Allocation>): Partial<Record> | undefined =>
    allocationRecords([{ ...(first ?? ({} as Allocation)), ...more }])[0];

  test('has what Nomad tells', () => {
    const record = of({});
    expect(record).toMatchObject({
      id: first?.ID,
      name: first?.Name,
      group: first?.TaskGroup,
      node: first?.NodeName,
      status: 'failed',
      canary: false,
      tasks: Object.keys(first?.TaskStates ?? {}),
    });
    expect(Date.parse(record?.createdAt ?? '')).toBeLessThanOrEqual(Date.parse(record?.startedAt ?? ''));
    expect(Date.parse(record?.startedAt ?? '')).toBeLessThanOrEqual(Date.parse(record?.endedAt ?? ''));
  });
  test('has no time that there is not yet', () => {
    const record = of({
      CreateTime: null,
      DeploymentStatus: { Healthy: null, Timestamp: '0001-01-01T00:00:00Z' },
      TaskStates: { t: { State: 'dead', Failed: false, Restarts: 2, FinishedAt: '0001-01-01T00:00:00Z', Events: null } },
    });
    expect(record).toMatchObject({ healthy: null, restarts: 2 });
    expect(Object.keys(record ?? {}).filter((name) => name.endsWith('At'))).toEqual([]);
  });
  test('has the longest pull of its tasks, up to their next step, and none that has not ended', () => {
    const event = (Type: string, ms: number, DisplayMessage = '') => ({ Type, Time: 1.7e18 + ms * 1e6, DisplayMessage });
    const pulling = (ms: number) => event('Driver', ms, 'Downloading image');
    const state = (...Events: ReturnType<typeof event>[]) => ({ State: 'running', Failed: false, Restarts: 0, Events });
    const slow = event('Driver', 9_000, 'Docker image pull progress: Pulled 1/3 (12MiB/100MiB) layers: 1 waiting/1 pulling');
    const tasks = {
      a: state(pulling(1_000), slow, event('Alloc Unhealthy', 9_500), event('Started', 12_000)),
      b: state(pulling(1_000), event('Driver Failure', 3_000)),
      c: state(event('Started', 99_000)),
    };
    expect(of({ TaskStates: tasks })).toMatchObject({ pulledMs: 11_000 });
    expect(of({ TaskStates: { a: state(pulling(1_000), slow), c: tasks.c } })).not.toHaveProperty('pulledMs');
  });
  test('of one that runs has no end', () => {
    const record = of({
      TaskStates: {
        a: { State: 'running', Failed: false, Restarts: 0 },
        b: { State: 'dead', Failed: false, Restarts: 0, FinishedAt: '2026-01-02T03:04:05Z' },
      },
    });
    expect(record).not.toHaveProperty('endedAt');
  });
  test.each(['failed', 'lost'])('of one that was healthy and has %s since says that it is not', (ClientStatus) =>
    expect(of({ ClientStatus, DeploymentStatus: { Healthy: true } })).toMatchObject({ healthy: false }),
  );
  test('of one that was replaced says how it was', () =>
    expect(of({ ClientStatus: 'complete', DeploymentStatus: { Healthy: true } })).toMatchObject({ healthy: true }));
  test('comes before those that are well, if it is not', () => {
    const base = first ?? ({} as Allocation);
    const one = (Name: string, ClientStatus: string, Healthy: boolean | null): Allocation => ({
      ...base,
      ID: Name,
      Name,
      ClientStatus,
      DeploymentStatus: { Healthy },
    });
    const all = [
      one('g[10]', 'running', true),
      one('g[2]', 'running', true),
      one('g[3]', 'pending', null),
      one('g[4]', 'running', false),
      one('g[5]', 'lost', null),
    ];
    expect(allocationRecords(all).map(({ name }) => name)).toEqual(['g[4]', 'g[5]', 'g[3]', 'g[2]', 'g[10]']);
  });
});
