import { describe, expect, test } from '@jest/globals';
import type { Snapshot } from '../../../src/diagnose/seen.ts';
import type { Allocation, CheckResult, Job } from '../../../src/nomad/types.ts';
import { dueChecks } from '../../../src/watch/checks.ts';

const START = 1_000_000_000_000;
const MIN_HEALTHY_MS = 3_000;

const job = (...seconds: readonly number[]): Job =>
  ({
    ID: 'shop',
    TaskGroups: [{ Name: 'g', Services: [{ Provider: 'nomad', Checks: seconds.map((one) => ({ Interval: one * 1e9 })) }] }],
  }) as unknown as Job;

const event = (Type: string, atMs: number): object => ({ Type, Time: (START + atMs) * 1e6, DisplayMessage: '' });
const allocation = (ID: string, more: Partial<Allocation> = {}): Allocation =>
  ({
    ...{ ID, TaskGroup: 'g', ClientStatus: 'running', DesiredStatus: 'run' },
    TaskStates: { t: { Events: [event('Task Setup', 0), event('Started', 300)] } },
    ...more,
  }) as unknown as Allocation;
const result = (Status: string, atMs: number): CheckResult => ({ Check: 'alive', Service: 's', Status, Timestamp: (START + atMs) / 1000 });

interface Case {
  readonly intervals?: readonly number[];
  readonly allocations?: readonly Allocation[];
  readonly results?: readonly CheckResult[];
  readonly readAtMs?: number;
  readonly job?: Partial<Job>;
}

describe('the checks of an allocation that is not healthy yet', () => {
  test.each<[string, number, Case, string[]]>([
    ['are not read before the first is made', 5_100, {}, []],
    ['are read once it is made', 5_200, {}, ['a']],
    ['are read as soon as the most frequent is made', 1_200, { intervals: [10, 2] }, ['a']],
    ['are not read anew a moment later', 6_000, { results: [result('pending', 0)], readAtMs: 5_200 }, []],
    ['are read anew when they were late', 6_500, { results: [result('pending', 0)], readAtMs: 5_200 }, ['a']],
    ['are not read anew before the next is made', 14_000, { results: [result('failure', 5_000)], readAtMs: 5_200 }, []],
    ['are read anew once the next is made', 15_300, { results: [result('failure', 5_000)], readAtMs: 5_200 }, ['a']],
    [
      'are left alone when they pass and it is not late',
      4_400,
      { intervals: [2], results: [result('success', 1_000)], readAtMs: 1_200 },
      [],
    ],
    ['are read anew when they pass and it is late', 5_000, { intervals: [2], results: [result('success', 1_000)], readAtMs: 1_200 }, ['a']],
    ['are not read where the tasks alone are judged', 60_000, { job: { Update: { HealthCheck: 'task_states' } } }, []],
    ['are not read where people judge', 60_000, { job: { Update: { HealthCheck: 'manual' } } }, []],
    ['are not read of a batch job, which nobody judges', 60_000, { job: { Type: 'batch' } }, []],
    ['are not read of a group without any', 60_000, { intervals: [] }, []],
    ['are not read when it is healthy', 60_000, { allocations: [allocation('a', { DeploymentStatus: { Healthy: true } })] }, []],
    ['are not read when it does not run', 60_000, { allocations: [allocation('a', { ClientStatus: 'pending' })] }, []],
    ['are read of the first of several', 2_300, { intervals: [4], allocations: ['a', 'b'].map((id) => allocation(id)) }, ['a']],
    [
      'are read of three when they are late',
      5_000,
      { intervals: [4], allocations: ['a', 'b', 'c', 'd'].map((id) => allocation(id)) },
      ['a', 'b', 'c'],
    ],
  ])('%s', (_what, atMs, { intervals = [10], allocations = [allocation('a')], results = [], readAtMs, job: parts }, due) => {
    const snapshot: Snapshot = {
      evaluation: undefined,
      deployment: undefined,
      allocations,
      checks: results.length === 0 ? {} : { a: results },
    };
    const read = (): number | undefined => (readAtMs === undefined ? undefined : START + readAtMs);
    expect(
      dueChecks({ ...job(...intervals), ...parts }, snapshot, { minHealthyMs: MIN_HEALTHY_MS, readAtMs: read, nowMs: START + atMs }).map(
        ({ ID }) => ID,
      ),
    ).toEqual(due);
  });
});
