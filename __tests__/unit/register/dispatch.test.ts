import { describe, expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import { type DispatchInput, dispatchProblems } from '../../../src/register/dispatch.ts';

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
