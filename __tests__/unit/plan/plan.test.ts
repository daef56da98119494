import { describe, expect, test } from '@jest/globals';
import type { Diff, Job, PlanResponse } from '../../../src/nomad/types.ts';
import { type Plan, requirePossible, requireUnderstood, summarizePlan as summarize, withUnnamed } from '../../../src/plan/plan.ts';
import { fixture } from '../../fixtures/index.ts';

const summarizePlan = (response: PlanResponse): Plan => summarize(response, (text) => text);

describe('a recorded plan', () => {
  test('of a new job', () => {
    expect(summarizePlan(fixture<PlanResponse>('plan-new-job'))).toMatchObject({
      changed: 'create',
      lines: ['group g: 2 to place'],
      placementFailures: {},
      jobModifyIndex: 0,
    });
  });

  test('without a change', () => {
    expect(summarizePlan(fixture<PlanResponse>('plan-no-change'))).toEqual({
      changed: 'none',
      updates: { g: expect.objectContaining({ Ignore: 2, Place: 0 }) },
      actions: { g: '2 to leave' },
      preempted: {},
      lines: ['group g: 2 to leave'],
      diff: [],
      placementFailures: {},
      warnings: [],
      jobModifyIndex: 84,
      nextPeriodicLaunch: undefined,
    });
  });

  test('of an edited job has the names of what changes, part by part', () => {
    expect(summarizePlan(fixture<PlanResponse>('plan-edit')).lines).toEqual([
      '~ Meta[release]',
      '~ group g.Count',
      '~ group g.task t.Env[DB_PASSWORD]',
      '~ group g.task t.Env[TAG]',
      '~ group g.task t.Config.stdout_string',
      '~ group g.task t.Template.EmbeddedTmpl',
      '+ group h',
      'group g: 1 to place, 2 to leave',
      'group h: 1 to place',
    ]);
  });

  test.each([
    [
      'plan-unplaceable-constraint',
      ['+ Constraint', 'group g: 1 to replace, 1 to leave'],
      { ConstraintFiltered: { 'computed class ineligible': 1 } },
    ],
    [
      'plan-unplaceable-resources',
      ['~ group g.task t.Resources.CPU', 'group g: 1 to replace, 1 to leave'],
      { DimensionExhausted: { cpu: 1 } },
    ],
  ])('%s foretells that it does not fit', (name, lines, metric) => {
    expect(summarizePlan(fixture<PlanResponse>(name))).toMatchObject({ changed: 'destructive', lines, placementFailures: { g: metric } });
  });

  // Nomad's diff has secrets and whole templates in clear.
  test.each([
    ['plan-edit', ['hunter2', 'newpw', 'hello {{ env "X" }}\n']],
    ['plan-new-job', ['hunter2']],
    ['plan-unplaceable-constraint', ['windows']],
    ['plan-unplaceable-resources', ['20000000']],
  ])('%s shows none of its values, such as %j', (name, some) => {
    const response = fixture<PlanResponse>(name);
    const lines = summarizePlan(response).lines.join('\n');
    const found = valuesOf(response.Diff).filter((value) => value.length > 2);
    expect(found).toEqual(expect.arrayContaining(some));
    expect(found.filter((value) => lines.includes(value))).toEqual([]);
  });
});

/** Every old and new value of a diff. */
function valuesOf(diff: Diff | null | undefined): string[] {
  const own = (diff?.Fields ?? []).flatMap((field) => ('Old' in field && 'New' in field ? [String(field.Old), String(field.New)] : []));
  return [...own, ...[diff?.Objects, diff?.TaskGroups, diff?.Tasks].flatMap((list) => list ?? []).flatMap(valuesOf)];
}

const plan = (response: Partial<PlanResponse>): PlanResponse => ({ JobModifyIndex: 7, ...response });
const edited = (diff: Partial<Diff>): Diff => ({ Type: 'Edited', ...diff });

/** A change of a task that Nomad annotates as destructive. */
const forced = (Name: string): Diff =>
  edited({
    TaskGroups: [edited({ Name, Tasks: [edited({ Name: 't', Annotations: ['forces create/destroy update'] })] })],
  });

describe('a plan', () => {
  test.each<[string, string, Partial<PlanResponse>]>([
    ['without a diff', 'none', {}],
    ['with an empty diff', 'none', { Diff: { Type: 'None' } }],
    ['of a new job', 'create', { Diff: { Type: 'Added' } }],
    ['that only counts up', 'in-place', { Diff: edited({}), Annotations: { DesiredTGUpdates: { g: { Place: 1, Ignore: 2 } } } }],
    ['that updates in place', 'in-place', { Diff: edited({}), Annotations: { DesiredTGUpdates: { g: { InPlaceUpdate: 2 } } } }],
    ['that replaces', 'destructive', { Diff: edited({}), Annotations: { DesiredTGUpdates: { g: {}, h: { DestructiveUpdate: 1 } } } }],
    ['with canaries', 'destructive', { Diff: edited({}), Annotations: { DesiredTGUpdates: { g: { Canary: 1, Ignore: 2 } } } }],
    ['that stops', 'destructive', { Diff: edited({}), Annotations: { DesiredTGUpdates: { g: { Stop: 1 } } } }],
    ['that replaces later on', 'destructive', { Diff: forced('g'), Annotations: { DesiredTGUpdates: { g: { Ignore: 2 } } } }],
    [
      'that updates in place what Nomad annotates, such as a shutdown_delay,',
      'in-place',
      { Diff: forced('g'), Annotations: { DesiredTGUpdates: { g: { InPlaceUpdate: 2 } } } },
    ],
    [
      'that updates another group in place',
      'destructive',
      { Diff: forced('g'), Annotations: { DesiredTGUpdates: { g: { Ignore: 1 }, h: { InPlaceUpdate: 2 } } } },
    ],
    ['that says nothing of groups', 'in-place', { Diff: edited({}), Annotations: null }],
  ])('%s reaches as far as %s', (_what, changed, response) => expect(summarizePlan(plan(response)).changed).toBe(changed));

  test('tells what happens to each group', () => {
    const g = { Place: 1, Canary: 2, DestructiveUpdate: 3, InPlaceUpdate: 4, Migrate: 5, Stop: 6, Ignore: 7 };
    expect(summarizePlan(plan({ Diff: edited({}), Annotations: { DesiredTGUpdates: { g, h: { Ignore: 0 } } } })).lines).toEqual([
      'group g: 1 to place, 2 to canary, 3 to replace, 4 to update in place, 5 to migrate, 6 to stop, 7 to leave',
      'group h: nothing to do',
    ]);
  });

  test('tells a part that comes or goes in one line, and leaves out what stays', () => {
    const diff = edited({
      Fields: [
        { Type: 'None', Name: 'Priority' },
        { Type: 'Deleted', Name: 'Region' },
      ],
      Objects: [
        { Type: 'Deleted', Name: 'Constraint', Fields: [{ Type: 'Deleted', Name: 'LTarget' }] },
        { Type: 'None', Name: 'Spread', Fields: [{ Type: 'Edited', Name: 'never' }] },
        { Type: 'Edited', Name: 'Update', Objects: null, Fields: [{ Type: 'Added', Name: 'Canary' }] },
      ],
      TaskGroups: [{ Type: 'Edited', Name: 'g', Tasks: [{ Type: 'Added', Name: 't', Fields: [{ Type: 'Added', Name: 'Driver' }] }] }],
    });
    expect(summarizePlan(plan({ Diff: diff })).lines).toEqual(['- Region', '- Constraint', '+ Update.Canary', '+ group g.task t']);
  });

  test('does not tell the meta that this action writes', () => {
    const Fields: Diff['Fields'] = [
      { Type: 'Edited', Name: 'Meta[nomad_deploy_sha]' },
      { Type: 'Edited', Name: 'Meta[release]' },
    ];
    const TaskGroups: Diff['TaskGroups'] = [{ Type: 'Edited', Name: 'g', Fields: [{ Type: 'Added', Name: 'Meta[nomad_deploy_again]' }] }];
    const told = summarizePlan(plan({ Diff: edited({ Fields, TaskGroups }) }));
    expect(told).toMatchObject({ changed: 'in-place', lines: ['~ Meta[release]'] });
  });

  test('tells when a periodic job runs next', () => {
    expect(summarizePlan(plan({ NextPeriodicLaunch: '2027-01-01T00:00:00Z' })).nextPeriodicLaunch).toBe('2027-01-01T00:00:00Z');
  });
});

test.each([
  ['', []],
  [null, []],
  ['1 warning:\n\n* Memory oversubscription is not enabled', ['Memory oversubscription is not enabled']],
  ['2 warning(s):\n\n* one\n* two: 1 error occurred:\n\t* inner\n\n', ['one', 'two: inner']],
  [
    '1 warning:\n\n* Group "web" has warnings: 1 error occurred:\n\t* Task "app" has warnings: 2 errors occurred:\n\t* Template "a" is odd\n\t* Template "b" is odd\n\n\n\n',
    ['Group "web": Task "app": Template "a" is odd; Group "web": Task "app": Template "b" is odd'],
  ],
])('Nomad’s warnings %j are %j', (Warnings, lines) => expect(summarizePlan(plan({ Warnings })).warnings).toEqual(lines));

describe('a change that the servers refuse', () => {
  const plan = (line: string): Plan => ({
    ...summarizePlan(fixture<PlanResponse>('plan-no-change')),
    lines: [line],
  });
  const job = { ID: 'web', Name: 'web' };
  test.each([
    ['~ Type', 'its type'],
    ['+ Periodic', 'whether it is periodic'],
    ['- Periodic', 'whether it is periodic'],
    ['+ ParameterizedJob', 'whether it is parameterized'],
  ])('%s', (line, what) =>
    expect(() => requirePossible(plan(line), job, { file: 'web.nomad' })).toThrow(
      expect.objectContaining({
        code: 'jobspec-invalid',
        message: `the job web is registered, and ${what} can't change`,
        location: { file: 'web.nomad' },
      }),
    ),
  );
  test.each(['~ Periodic.Spec', '~ Priority', '+ group Type', '~ group g.Type', 'group g: 1 to place'])('is not %s', (line) =>
    expect(() => requirePossible(plan(line), job, undefined)).not.toThrow(),
  );
});

describe('a plan that is about another job than the one that was judged', () => {
  const job = {
    ID: 'shop',
    TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'docker' }], Services: [{ Name: 'api', Connect: { SidecarService: {} } }] }],
  } as Job;
  const planned = (group: string, task: string, driver: string, type: Diff['Type'] = 'Added'): Diff => ({
    Type: 'Edited',
    TaskGroups: [{ Type: type, Name: group, Tasks: [{ Type: type, Name: task, Fields: [{ Type: type, Name: 'Driver', New: driver }] }] }],
  });
  test.each<[string, Diff]>([
    ['by the driver of a task', planned('g', 't', 'raw_exec')],
    ['by the driver of a task that changes', planned('g', 't', 'raw_exec', 'Edited')],
    ['by a task that nothing explains', planned('g', 'other', 'raw_exec')],
    ['by a group that nothing explains', planned('other', 't', 'docker')],
  ])('%s is refused', (_what, diff) =>
    expect(() => requireUnderstood(diff, job)).toThrow(expect.objectContaining({ code: 'policy-violation' })),
  );
  test.each<[string, Diff | undefined]>([
    ['about the same drivers', planned('g', 't', 'docker')],
    ['with the proxy that Nomad adds', planned('g', 'connect-proxy-api', 'docker')],
    ['about tasks that go', planned('g', 'old', '', 'Deleted')],
    ['without a change', undefined],
  ])('%s is not', (_what, diff) => expect(() => requireUnderstood(diff, job)).not.toThrow());
  test('is none of the recorded ones', () => {
    const group = (Name: string, task: string): object => ({ Name, Tasks: [{ Name: task, Driver: 'mock_driver' }] });
    const recorded = { ID: 'x', TaskGroups: [group('g', 't'), group('h', 'u')] } as Job;
    expect(() => requireUnderstood(fixture<PlanResponse>('plan-edit').Diff, recorded)).not.toThrow();
  });
});

describe('a change of a field that the diff of Nomad leaves out', () => {
  const group = (Type: Diff['Type'], parts: Partial<Diff> = {}): Diff => edited({ TaskGroups: [{ Type, Name: 'g', ...parts }] });
  const job = (MaxRunDuration?: number | null): Job => ({
    ...{ ID: 'j', Name: 'j' },
    TaskGroups: [{ Name: 'g', ...(MaxRunDuration === undefined ? {} : { MaxRunDuration }) }],
  });
  const told = (diff: Diff, before: Job | undefined, after: Job): Pick<Plan, 'changed' | 'lines' | 'diff'> => {
    const { changed, lines, diff: shown } = summarizePlan(plan({ Diff: withUnnamed(diff, after, before) }));
    return { changed, lines, diff: shown };
  };
  test.each<[string, Diff, Job | undefined, Job, string[], string[]]>([
    ['is told', group('Edited'), job(3e9), job(90e9), ['~ group g.MaxRunDuration'], ['! MaxRunDuration: 3.0 s → 1 min 30 s']],
    ['is told where it is new', group('Edited'), job(null), job(90e9), ['+ group g.MaxRunDuration'], ['+ MaxRunDuration: 1 min 30 s']],
    ['is told where it is gone', group('Edited'), job(90e9), job(), ['- group g.MaxRunDuration'], ['- MaxRunDuration: 1 min 30 s']],
    [
      'is told beside a change of indexes that no spec has',
      group('Edited', { Objects: [edited({ Name: 'Scaling' })] }),
      job(3e9),
      job(90e9),
      ['~ group g.MaxRunDuration'],
      ['! MaxRunDuration: 3.0 s → 1 min 30 s'],
    ],
    [
      'is told once',
      group('Edited', { Fields: [{ Type: 'Edited', Name: 'MaxRunDuration', Old: '3', New: '9' }] }),
      job(3),
      job(9),
      ['~ group g.MaxRunDuration'],
      ['! MaxRunDuration: 3 → 9'],
    ],
    ['is none on a cluster that does not keep the field', group('Edited'), job(), job(90e9), [], []],
    ['is none where Nomad sees none', group('None'), job(3e9), job(90e9), [], []],
  ])('%s', (_what, diff, before, after, lines, values) => {
    const plan = told(diff, before, after);
    expect([plan.changed, plan.lines, plan.diff.slice(1)]).toEqual(['in-place', lines, values]);
  });
});
