import { describe, expect, test } from '@jest/globals';
import type { Doubt } from '../../../src/jobspec/job-object.ts';
import { withNewerFields } from '../../../src/jobspec/newer-fields.ts';
import { type Restrictions, requireAllowed } from '../../../src/jobspec/policy/policy.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Job } from '../../../src/nomad/types.ts';
import { NO_POLICY } from '../../helpers/policy.ts';

const SPEC: SpecFile = { name: 'web.json', text: '', builtIn: false, format: 'json', template: false, fragments: {} };
const JOB = {
  ID: 'web',
  Name: 'web',
  Namespace: 'shops',
  Misspelt: 1,
  TaskGroups: [
    { Name: 'g', Tasks: [{ Name: 'a', Driver: 'docker' }] },
    { Name: 'h', Tasks: [{ Name: 'b', Driver: 'docker', Newer: { Deep: [1] } }] },
  ],
} as unknown as Job;
const at = { file: 'web.json', line: 3 };
const DOUBTS: readonly Doubt[] = [
  { what: 'a job has no field "Misspelt"', at },
  { what: 'TaskGroups[1].Tasks[0] has no field "Newer"', at },
  { what: 'TaskGroups[0].Name occurs twice', at },
];

/** A cluster that knows the field `Newer` of a task, and tells what it is asked. */
function asking(asked: unknown[]): Nomad {
  const knows = async (withValue: (value: unknown) => unknown, namespace: string | undefined): Promise<boolean> => {
    const job = withValue([]);
    asked.push([namespace, job]);
    return JSON.stringify(job).includes('"Newer":[]');
  };
  return { jobs: { knows } } as unknown as Nomad;
}
const RULES: Readonly<Record<'none' | 'drivers' | 'policy', Restrictions>> = {
  none: { drivers: undefined, policy: { policy: NO_POLICY, source: 'x' } },
  drivers: { drivers: ['docker'], policy: undefined },
  policy: { drivers: undefined, policy: { policy: { ...NO_POLICY, maxCount: 3 }, source: 'x' } },
};

describe('a field that this action does not know, and the cluster does,', () => {
  test('is asked for by itself, in its place', async () => {
    const asked: unknown[] = [];
    const doubts = await withNewerFields(JOB, DOUBTS, asking(asked));
    expect(asked).toEqual([
      ['shops', { ...JOB, Misspelt: [] }],
      ['shops', { ...JOB, TaskGroups: [JOB.TaskGroups?.[0], { Name: 'h', Tasks: [{ Name: 'b', Driver: 'docker', Newer: [] }] }] }],
    ]);
    expect(doubts).toEqual([
      DOUBTS[0],
      { what: 'TaskGroups[1].Tasks[0].Newer is a field that this version of nomad-deploy does not know', at, newer: true },
      DOUBTS[2],
    ]);
  });
  test('is asked for only where there is one', async () => {
    const asked: unknown[] = [];
    expect(await withNewerFields({ ...JOB, ID: 'x' }, [], asking(asked))).toEqual([]);
    expect(asked).toEqual([]);
  });

  const newer = async (): Promise<Doubt[]> => (await withNewerFields(JOB, DOUBTS, asking([]))).slice(1, 2);
  test.each(['none', 'drivers'] as const)('passes without a word: %s', async (rules) =>
    expect(requireAllowed(JOB, RULES[rules], SPEC, await newer())).toEqual([]),
  );
  test('is refused by a policy, which cannot judge it', async () => {
    const doubts = await newer();
    expect(() => requireAllowed(JOB, RULES.policy, SPEC, doubts)).toThrow(
      expect.objectContaining({
        code: 'policy-violation',
        message: 'web.json:3: TaskGroups[1].Tasks[0].Newer is a field that this version of nomad-deploy does not know',
        hint: 'Nothing was built or registered. No rule can check such a field: leave it out, or use a newer version of nomad-deploy.',
      }),
    );
  });
  test('is told in the same words where the parser of the cluster wrote it', () => {
    const hcl: SpecFile = { ...SPEC, name: 'web.nomad', format: 'hcl' };
    const { Misspelt: _own, ...job } = { ...JOB, Misspelt: 1 };
    expect(() => requireAllowed(job, RULES.policy, hcl)).toThrow(
      'TaskGroups[1].Tasks[0].Newer is a field that this version of nomad-deploy does not know',
    );
    expect(requireAllowed(job, RULES.drivers, hcl)).toEqual([]);
  });
});
