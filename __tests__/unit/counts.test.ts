import { describe, expect, test } from '@jest/globals';
import { keepCounts } from '../../src/counts.ts';
import type { Job, RegisteredJob, TaskGroup } from '../../src/nomad/types.ts';

const group = (count: number | null, scaling?: TaskGroup['Scaling']): TaskGroup => ({
  Name: 'web',
  Count: count,
  ...(scaling === undefined ? {} : { Scaling: scaling }),
});
const job = (one: TaskGroup, type = 'service'): Job => ({ ID: 'shop', Type: type, TaskGroups: [one] }) as Job;
const live = (count: number, stop = false): RegisteredJob => ({ ...job(group(count)), Stop: stop }) as RegisteredJob;
const SCALED = { Min: 1, Max: 8, Enabled: true };

describe('the count of a group', () => {
  test.each<[string, Job, RegisteredJob | undefined, boolean | undefined, number | null, string[]]>([
    ['of a new job is that of the spec', job(group(2, SCALED)), undefined, undefined, 2, []],
    ['of a stopped job is that of the spec', job(group(2, SCALED)), live(5, true), undefined, 2, []],
    ['without scaling is that of the spec', job(group(2)), live(5), undefined, 2, []],
    ['whose scaling is off is that of the spec', job(group(2, { ...SCALED, Enabled: false })), live(5), undefined, 2, []],
    ['with scaling stays', job(group(2, SCALED)), live(5), undefined, 5, ['stays 5; the spec says 2']],
    ['that is not said is the least', job(group(null, SCALED)), live(5), undefined, 5, ['stays 5; the spec says 1']],
    ['that is the same needs no word', job(group(5, SCALED)), live(5), undefined, 5, []],
    ['stays at nothing', job(group(2, { Min: 0, Max: 8 })), live(0), undefined, 0, ['stays 0; the spec says 2']],
    [
      'is lowered to what the spec allows',
      job(group(2, SCALED)),
      live(9),
      undefined,
      8,
      ['stays 8, the nearest that its `scaling` allows to the 9'],
    ],
    ['is raised to what the spec allows', job(group(4, { Min: 3, Max: 8 })), live(1), undefined, 3, ['stays 3, the nearest']],
    ['stays without scaling where that is asked for', job(group(2)), live(5), true, 5, ['stays 5; the spec says 2']],
    ['with scaling is set where that is asked for', job(group(2, SCALED)), live(5), false, 2, []],
    ['of a group that is new is that of the spec', job({ ...group(2, SCALED), Name: 'api' }), live(5), undefined, 2, []],
    ['of a system job means nothing', job(group(null, SCALED), 'system'), live(1), true, null, []],
  ])('%s', (_what, wanted, registered, preserve, count, kept) => {
    const counted = keepCounts(wanted, registered, preserve);
    expect(counted.job.TaskGroups?.[0]?.Count).toBe(count);
    expect(counted.kept).toEqual(kept.map((text) => expect.stringContaining(text)));
  });

  test('is not kept above the ceiling of a policy', () => {
    const counted = keepCounts(job(group(2, SCALED)), live(7), undefined, 4);
    expect(counted.job.TaskGroups?.[0]?.Count).toBe(4);
    expect(counted.kept).toEqual([
      'group web: the count stays 4, the nearest that `max-count` of the policy allows to the 7 that run; the spec says 2 (`preserve-counts`)',
    ]);
    expect(keepCounts(job(group(2, SCALED)), live(3), undefined, 4).job.TaskGroups?.[0]?.Count).toBe(3);
  });
});
