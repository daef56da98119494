import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../src/errors.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import { type DispatchInput, dispatchJob, dispatchProblems } from '../../../src/register/dispatch.ts';

const job = (parts: Partial<RegisteredJob>): RegisteredJob => ({
  ID: 'import',
  Name: 'import',
  Version: 0,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 1,
  ...parts,
});
const none: DispatchInput = { meta: {}, payload: undefined };
const takes = (ParameterizedJob: RegisteredJob['ParameterizedJob']): RegisteredJob => job({ ParameterizedJob });

describe('a run that can be started', () => {
  test.each<[string, RegisteredJob, DispatchInput]>([
    ['takes nothing', takes({}), none],
    ['takes null as Nomad writes it', takes({ Payload: '', MetaRequired: null, MetaOptional: null }), none],
    ['has what is required', takes({ Payload: 'required', MetaRequired: ['who'] }), { meta: { who: 'me' }, payload: 'x' }],
    ['has what is optional', takes({ MetaOptional: ['how'] }), { meta: { how: 'so' }, payload: 'x' }],
    ['is one out of turn', job({ Periodic: {} }), none],
    ['is of a job with both', job({ Periodic: {}, ParameterizedJob: {} }), none],
  ])('%s', (_name, of, given) => expect(dispatchProblems(of, given)).toEqual([]));
});

describe('what keeps a run from being started', () => {
  test.each<[string, RegisteredJob, DispatchInput, string[]]>([
    ['the job is stopped', job({ Stop: true, ParameterizedJob: {} }), none, ['import is stopped']],
    ['the job is of another kind', job({}), none, ['import is neither a parameterized nor a periodic job']],
    [
      'all that is wrong with meta and payload',
      takes({ Payload: 'required', MetaRequired: ['source', 'mode'] }),
      { meta: { mode: 'full', sorce: 'x' }, payload: undefined },
      [
        '`meta`: import requires the key source',
        '`meta`: import takes no key sorce; did you mean source?',
        '`payload`: import requires a payload',
      ],
    ],
    [
      'a payload that is forbidden, and meta of a job that takes none',
      takes({ Payload: 'forbidden' }),
      { meta: { x: '1' }, payload: 'x' },
      ['`meta`: import takes no key x', '`payload`: import takes no payload'],
    ],
    [
      'meta of a periodic job',
      job({ Periodic: {} }),
      { meta: { x: '1' }, payload: undefined },
      ['`meta`: runs of the periodic job import take no meta'],
    ],
    [
      'the payload of a periodic job',
      job({ Periodic: {} }),
      { meta: {}, payload: 'x' },
      ['`payload`: runs of the periodic job import take no payload'],
    ],
  ])('%s', (_name, of, given, problems) => expect(dispatchProblems(of, given)).toEqual(problems));
});

describe('a run of a periodic job', () => {
  /** A periodic job whose first calls lose their answers: each starts a run or not, or another run begins too. */
  function world(losses: readonly ('arrives' | 'is gone' | 'both')[], isDenied = false) {
    const runs = [{ ID: 'import/periodic-1', ParentID: 'import' }];
    let calls = 0;
    const start = (): number => runs.push({ ID: `import/periodic-${runs.length + 1}`, ParentID: 'import' });
    const jobs = {
      children: async () => {
        if (isDenied) throw new ActionError('permission-denied', 'no');
        return [...runs];
      },
      forcePeriodic: async () => {
        const loss = losses[calls];
        calls += 1;
        if (loss !== 'is gone') start();
        if (loss === 'both') start();
        if (loss !== undefined) throw new ActionError('unknown-outcome', 'no answer');
        return `of ${runs.at(-1)?.ID}`;
      },
      evaluations: async (id: string) => [{ ID: `of ${id}` }],
      read: async (ID: string) => job({ ID, Version: 0 }),
    };
    const evaluations = { read: async (id: string) => ({ value: { JobID: id.slice('of '.length) } }) };
    const nomad = { jobs, evaluations, patience: () => new AbortController().signal } as unknown as Nomad;
    return { start: async () => dispatchJob(job({ Periodic: {} }), 'default', none, nomad), runs };
  }

  test.each<[string, Parameters<typeof world>]>([
    ['starts', [[]]],
    ['starts by a token that may not list jobs', [[], true]],
    ['starts once, although the answer is lost', [['arrives']]],
    ['starts again when the call was lost', [['is gone', 'is gone']]],
  ])('%s', async (_name, given) => {
    const { start, runs } = world(...given);
    const registration = { jobId: 'import/periodic-2', evaluationId: 'of import/periodic-2' };
    expect(await start()).toMatchObject({ job: { ID: 'import/periodic-2' }, registration });
    expect(runs).toHaveLength(2);
  });

  test.each<[string, Parameters<typeof world>, number]>([
    ['two runs are new', [['both']], 3],
    ['the token may not list jobs', [['arrives'], true], 2],
    ['no call arrives', [['is gone', 'is gone', 'is gone']], 1],
  ])('is not told after a lost answer when %s', async (_name, given, left) => {
    const { start, runs } = world(...given);
    await expect(start()).rejects.toMatchObject({ code: 'unknown-outcome' });
    expect(runs).toHaveLength(left);
  });
});
