import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../src/nomad/types.ts';
import { requireDrivers } from '../../src/policy.ts';

const JOB: Job = {
  ID: 'shop',
  Name: 'shop',
  TaskGroups: [
    {
      Name: 'group',
      Tasks: [
        { Name: 'http', Driver: 'docker' },
        { Name: 'beside', Driver: 'raw_exec' },
      ],
    },
    { Name: 'other', Tasks: [{ Name: 'a.b', Driver: 'exec' }] },
  ],
};
const FILES = [
  { name: 'job.nomad', text: 'group "other" {\n  # task "a.b" {\n  task "a.b" {\n    driver = "exec"\n  }\n}\n' },
  { name: 'group.nomad', text: 'task "beside" {\n  config {}\n\tdriver="raw_exec"\n}\n' },
];

describe('a driver', () => {
  test.each<[readonly string[]]>([[['docker', 'raw_exec', 'exec']], [['exec', 'raw_exec', 'java', 'docker']]])(
    'in the list %j',
    (allowed) => expect(() => requireDrivers(JOB, allowed, FILES)).not.toThrow(),
  );

  test('that is not in the list is refused, all of them at once, with the lines that name them', () =>
    expect(() => requireDrivers(JOB, ['docker', 'podman'], FILES)).toThrow(
      expect.objectContaining({
        code: 'policy-violation',
        message: [
          'group.nomad:3: the task group/beside has the driver "raw_exec", and allowed are docker, podman',
          'job.nomad:4: the task other/a.b has the driver "exec", and allowed are docker, podman',
        ].join('\n'),
        location: { file: 'group.nomad', line: 3 },
        hint: 'Nothing was registered. If it is meant, set `allowed-drivers: docker podman raw_exec exec`.',
      }),
    ));

  test('that no file names is refused without a line', () =>
    expect(() =>
      requireDrivers(
        JOB,
        ['docker', 'exec'],
        [{ name: 'job.nomad', text: 'task "beside" {\n  driver = local.driver\n}\ntask "other" {\n  driver = "raw_exec"\n}\n' }],
      ),
    ).toThrow(expect.objectContaining({ message: expect.stringMatching(/^the task group\/beside has/), location: undefined })));
});
