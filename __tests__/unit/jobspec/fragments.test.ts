import { describe, expect, test } from '@jest/globals';
import { compose, insertAtMarkers, overlay, overlayGroup } from '../../../src/jobspec/fragments.ts';
import type { Job, TaskGroup } from '../../../src/nomad/types.ts';

describe('a composition', () => {
  const { text, locate } = compose([
    { text: 'ours {' },
    { text: 'a\nb', from: { file: 'job.nomad', line: 1 } },
    { text: '' },
    { text: '}\n' },
    { text: 'c\n', from: { file: 'project.nomad', line: 7 } },
  ]);

  test('keeps whole lines, also after a part without a newline at its end', () => expect(text).toBe('ours {\na\nb\n}\nc\n'));
  test.each([
    [1, undefined],
    [2, { file: 'job.nomad', line: 1 }],
    [3, { file: 'job.nomad', line: 2 }],
    [4, undefined],
    [5, { file: 'project.nomad', line: 7 }],
    [6, undefined],
  ])('line %i comes from %j', (line, from) => expect(locate(line)).toEqual(from));
});

describe('the markers of a project.nomad', () => {
  const project = {
    name: 'project.nomad',
    text: '# VARS.NOMAD--INSERTS-HERE\njob "x" {\n  group "g" {\n  # GROUP.NOMAD--INSERTS-HERE\n  }\n}\n',
    lines: [],
  };
  const fragments = {
    vars: { name: 'vars.nomad', text: 'variable "X" {}' },
    group: { name: 'group.nomad', text: 'task "t" {\n}\n' },
    job: { name: 'job.nomad', text: 'type = "batch"\n' },
  };
  const { parts, left } = insertAtMarkers(project, fragments);

  test('take in the files below them', () =>
    expect(compose(parts).text).toBe(
      '# VARS.NOMAD--INSERTS-HERE\nvariable "X" {}\njob "x" {\n  group "g" {\n  # GROUP.NOMAD--INSERTS-HERE\ntask "t" {\n}\n  }\n}\n',
    ));
  test('keep the lines of each file', () => {
    const { locate } = compose(parts);
    expect([3, 6, 8].map(locate)).toEqual([
      { file: 'project.nomad', line: 2 },
      { file: 'group.nomad', line: 1 },
      { file: 'project.nomad', line: 5 },
    ]);
  });
  test('keep the lines that a rendered text came from', () => {
    const rendered = insertAtMarkers({ name: 'web.hbs', text: 'a\nVARS.NOMAD--INSERTS-HERE\nc\n', lines: [1, 4, 9] }, fragments);
    const { locate } = compose(rendered.parts);
    expect([1, 2, 3, 4].map((line) => locate(line)?.line)).toEqual([1, 4, 1, 9]);
  });
  test('leave what has none', () => expect(left).toEqual(['job']));
});

describe('an overlay', () => {
  const base: Job & Record<string, unknown> = {
    ID: 'shop',
    Name: 'shop',
    Type: null,
    Datacenters: ['dc1'],
    Update: { MaxParallel: 1, Canary: 1, AutoPromote: true },
    Constraints: [{ LTarget: 'a' }],
    TaskGroups: [{ Name: 'group', Count: 1, Tasks: [{ Name: 'http', Driver: 'docker', Config: { image: 'x', ports: ['http'] } }] }],
  };
  const over = (job: object): Job & Record<string, unknown> => overlay(base, { ID: 'other', Name: 'other', ...job });

  test('never renames the job', () => expect(over({})).toMatchObject({ ID: 'shop', Name: 'shop' }));
  test('sets single fields of a block, and leaves the others', () =>
    expect(over({ Update: { Canary: 0, MaxParallel: null } }).Update).toEqual({ MaxParallel: 1, Canary: 0, AutoPromote: true }));
  test('replaces lists of plain values', () => expect(over({ Datacenters: ['eu', 'us'] })['Datacenters']).toEqual(['eu', 'us']));
  test('adds to lists of blocks without names', () =>
    expect(over({ Constraints: [{ LTarget: 'b' }] })['Constraints']).toEqual([{ LTarget: 'a' }, { LTarget: 'b' }]));
  test('adds a group, and mends one of the same name', () => {
    const { TaskGroups } = over({ TaskGroups: [{ Name: 'second' }, { Name: 'group', Count: 3 }] });
    expect(TaskGroups).toMatchObject([{ Name: 'group', Count: 3, Tasks: [{ Name: 'http' }] }, { Name: 'second' }]);
  });
  test('of a group adds a task, and mends one of the same name', () => {
    const group = {
      Name: 'group',
      Tasks: [
        { Name: 'db', Driver: 'docker' },
        { Name: 'http', Driver: 'docker', Config: { privileged: true } },
      ],
      Networks: [{ DynamicPorts: [{ Label: 'db' }] }],
    };
    expect(overlayGroup(base, group).TaskGroups?.[0]).toMatchObject({
      Count: 1,
      Tasks: [{ Name: 'http', Config: { image: 'x', ports: ['http'], privileged: true } }, { Name: 'db' }],
    });
  });
  test('adds ports to the one network of a group', () => {
    const withNetwork = { ...base, TaskGroups: [{ Name: 'group', Networks: [{ DynamicPorts: [{ Label: 'http', To: 5000 }] }] }] };
    const merged = overlayGroup(withNetwork, { Name: 'group', ...{ Networks: [{ DynamicPorts: [{ Label: 'db', To: 5432 }] }] } });
    expect(merged.TaskGroups?.[0]).toMatchObject({ Networks: [{ DynamicPorts: [{ Label: 'http' }, { Label: 'db' }] }] });
  });
  test('of a group sets what is written in it, and not the zeros that the parser gives for everything else', () => {
    const group = (fields: object): TaskGroup => ({ Name: 'group', ...fields });
    const check = { Name: 'alive', Type: 'http', Path: '/', Interval: 10, CheckRestart: { Limit: 3, Grace: 1 } };
    const service = { Name: 'shop', Provider: 'nomad', TaskName: 'http', Checks: [check] };
    const task = { Name: 'http', Driver: 'docker', Leader: true, Env: { MODE: 'a' }, KillSignal: 'SIGINT' };
    const before = group({ Count: 2, Tasks: [task], Services: [service], Networks: [{ Mode: 'bridge', Hostname: 'a' }] });
    const checks = [{ Name: 'alive', Type: '', Path: '/up', Interval: 0, CheckRestart: { Limit: 0, Grace: 5 } }];
    const written = group({
      Count: 0,
      Tasks: [{ Name: 'http', Driver: '', Leader: false, ShutdownDelay: 0, Env: { MODE: '' }, KillSignal: 'SIGTERM' }],
      Services: [{ Name: 'shop', Provider: '', TaskName: '', Checks: checks }],
      Networks: [{ Mode: '', Hostname: 'b' }],
    });
    expect(overlayGroup({ ...base, TaskGroups: [before] }, written).TaskGroups).toEqual([
      group({
        Count: 0,
        Tasks: [{ ...task, Env: { MODE: '' }, KillSignal: 'SIGTERM' }],
        Services: [{ ...service, Checks: [{ ...check, Path: '/up', CheckRestart: { Limit: 3, Grace: 5 } }] }],
        Networks: [{ Mode: 'bridge', Hostname: 'b' }],
      }),
    ]);
  });
  test('does not change what it is laid over', () => {
    const before = JSON.stringify(base);
    over({ Update: { Canary: 9 }, TaskGroups: [{ Name: 'group', Count: 9 }] });
    expect(JSON.stringify(base)).toBe(before);
  });
});
