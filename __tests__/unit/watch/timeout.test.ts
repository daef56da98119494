import { describe, expect, test } from '@jest/globals';
import type { Job, TaskGroup, UpdateStrategy } from '../../../src/nomad/types.ts';
import { timeoutFor } from '../../../src/watch/rollout.ts';
import { fixture } from '../../fixtures/index.ts';

const MIN = 60_000;
/** How long a group may wait for a place. */
const PLACEMENT = 2 * MIN;
const deadline = (minutes: number): UpdateStrategy => ({ ProgressDeadline: minutes * MIN * 1e6 });
const job = (groups: readonly Partial<TaskGroup>[] | null, Update?: UpdateStrategy | null): Job => ({
  ID: 'web',
  Name: 'web',
  TaskGroups: groups === null ? null : groups.map((group, i) => ({ Name: `g${i}`, ...group })),
  ...(Update !== undefined && { Update }),
});

describe('the longest time for a rollout', () => {
  test.each<[string, Job, number]>([
    ['without groups', job(null), 10],
    ['without an update block', job([{}]), 10],
    ['with a short deadline', job([{ Update: deadline(3) }]), 10],
    ['with a deadline', job([{ Update: deadline(15) }]), 15],
    ['with a deadline of the job', job([{}], deadline(15)), 15],
    ['with a deadline of the group over that of the job', job([{ Update: deadline(20) }], deadline(15)), 20],
    ['in steps', job([{ Count: 5, Update: { ...deadline(15), MaxParallel: 2 } }]), 45],
    ['in one step', job([{ Count: 5, Update: { ...deadline(15), MaxParallel: 9 } }]), 15],
    ['in steps of the job', job([{ Count: 4, Update: deadline(15) }], { MaxParallel: 2 }), 30],
    ['with canaries first', job([{ Count: 2, Update: { ...deadline(15), MaxParallel: 2, Canary: 1 } }]), 30],
    ['with canaries of the job', job([{ Count: 2, Update: { ...deadline(15), MaxParallel: 2 } }], { Canary: 1 }), 30],
    [
      'with what the group leaves to the job',
      job([{ Count: 2, Update: { Canary: 1, MaxParallel: null, ProgressDeadline: null } }], { ...deadline(15), MaxParallel: 2 }),
      30,
    ],
    ['of the slowest group', job([{ Update: deadline(15) }, { Count: 3, Update: deadline(12) }, {}]), 36],
    ['of none', job([{ Count: 0, Update: deadline(15) }]), 15],
    ['that is not updated in steps', job([{ Count: 1, Update: { ...deadline(15), MaxParallel: 0 } }]), 15],
    ['without a deadline of its own', job([{ Count: 2, Update: { MaxParallel: 1, ProgressDeadline: 0 } }]), 20],
    ['as Nomad’s parser gives it', fixture<Job>('parse-raw'), 10],
  ])('%s', (_what, spec, minutes) => expect(timeoutFor(spec, PLACEMENT)).toBe(PLACEMENT + minutes * MIN));
});
