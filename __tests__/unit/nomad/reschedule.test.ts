import { describe, expect, test } from '@jest/globals';
import { hasAttemptsLeft } from '../../../src/nomad/reschedule.ts';
import type { Allocation, Job, ReschedulePolicy } from '../../../src/nomad/types.ts';
import { allocation } from '../../helpers/rollouts.ts';

const MINUTE_NS = 60e9;
const NOW_NS = 1e18;
const job = (policy: ReschedulePolicy | null): Job => ({ ID: 'j', Name: 'j', TaskGroups: [{ Name: 'g', ReschedulePolicy: policy }] });
const failed = (minutesAgo: readonly number[], parts: Partial<Allocation> = {}): Allocation =>
  allocation('failed', {
    ModifyTime: NOW_NS,
    RescheduleTracker: minutesAgo.length === 0 ? null : { Events: minutesAgo.map((ago) => ({ RescheduleTime: NOW_NS - ago * MINUTE_NS })) },
    ...parts,
  });
const TWICE = { Attempts: 2, Interval: 10 * MINUTE_NS, Unlimited: false };

describe('whether a failed allocation has attempts left', () => {
  test.each<[string, ReschedulePolicy | null, Allocation, boolean]>([
    ['without a policy, as in system and sysbatch jobs', null, failed([]), false],
    ['without attempts', { Attempts: 0, Unlimited: false }, failed([]), false],
    ['without a limit', { Attempts: 0, Unlimited: true }, failed([1, 2, 3]), true],
    ['at the first failure', TWICE, failed([]), true],
    ['after one of two attempts', TWICE, failed([3]), true],
    ['after both', TWICE, failed([3, 6]), false],
    ['after both, of which one is older than the interval', TWICE, failed([3, 11]), true],
    ['of another group', TWICE, failed([], { TaskGroup: 'h' }), false],
    ['that Nomad has stopped', TWICE, failed([], { DesiredStatus: 'stop' }), false],
    ['that is complete', TWICE, allocation('complete'), false],
  ])('%s', (_what, policy, one, isLeft) => expect(hasAttemptsLeft(one, job(policy))).toBe(isLeft));
});
