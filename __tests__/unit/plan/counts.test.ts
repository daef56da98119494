import { describe, expect, test } from '@jest/globals';
import { withoutOpenCounts } from '../../../src/jobspec/open-counts.ts';
import type { Job, RegisteredJob, TaskGroup } from '../../../src/nomad/types.ts';
import { keepCounts, needsScalings } from '../../../src/plan/counts.ts';

const group = (count: number | null, scaling?: TaskGroup['Scaling']): TaskGroup => ({
  Name: 'web',
  Count: count,
  ...(scaling === undefined ? {} : { Scaling: scaling }),
});
const job = (one: TaskGroup, type = 'service'): Job => ({ ID: 'shop', Type: type, TaskGroups: [one] }) as Job;
/** A registered job; `asked` is what the deploy that registered it asked for. */
const live = (count: number, asked?: number, more: Partial<RegisteredJob> = {}): RegisteredJob => {
  const UI = { Links: [{ Label: 'run 1', URL: `https://github.com/acme/shop/actions/runs/1/attempts/1#nomad-deploy?count.web=${asked}` }] };
  return { ...job(group(count)), Stop: false, ...(asked === undefined ? {} : { UI }), ...more } as RegisteredJob;
};
const SCALED = { Min: 1, Max: 8, Enabled: true };

interface Case {
  readonly spec: Job;
  readonly live?: RegisteredJob;
  readonly preserve?: boolean;
  /** The count that its last scaling gave it. */
  readonly scaled?: number;
  readonly count: number | null;
  readonly kept?: string;
}

interface Outcome {
  readonly count: number | null | undefined;
  readonly kept: readonly string[];
}

const wanted = ({ count, kept }: Case): Outcome => ({ count, kept: kept === undefined ? [] : [kept] });

/** The count of the group, and what is told of it: the expected part of a sentence, or all of another. */
function outcomeOf({ spec, live: registered, preserve, scaled, kept = '' }: Case): Outcome {
  const counted = keepCounts(spec, registered, scaled === undefined ? {} : { web: scaled }, { preserve });
  return {
    count: counted.job.TaskGroups?.[0]?.Count,
    kept: counted.kept.map((text) => (kept !== '' && text.includes(kept) ? kept : text)),
  };
}

describe('the count of a group', () => {
  test.each<[string, Case]>([
    ['of a new job is that of the spec', { spec: job(group(2, SCALED)), count: 2 }],
    ['of a stopped job is that of the spec', { spec: job(group(2, SCALED)), live: live(5, 2, { Stop: true }), count: 2 }],
    ['without scaling is that of the spec', { spec: job(group(2)), live: live(5, 2), count: 2 }],
    ['whose scaling is off is that of the spec', { spec: job(group(2, { ...SCALED, Enabled: false })), live: live(5, 2), count: 2 }],
    ['that the commit changed is that of the spec', { spec: job(group(4, SCALED)), live: live(2, 2), count: 4 }],
    ['that the commit lowered is that of the spec', { spec: job(group(1, SCALED)), live: live(2, 2), count: 1 }],
    ['that was scaled stays', { spec: job(group(2, SCALED)), live: live(5, 2), count: 5, kept: 'stays 5; the spec says 2' }],
    ['that was scaled down stays', { spec: job(group(4, SCALED)), live: live(2, 4), count: 2, kept: 'stays 2; the spec says 4' }],
    [
      'that was scaled stays also where the commit changed it',
      { spec: job(group(4, SCALED)), live: live(5, 2), count: 5, kept: 'stays 5; the spec says 4' },
    ],
    ['that was scaled to what the commit says needs no word', { spec: job(group(5, SCALED)), live: live(5, 2), count: 5 }],
    ['that is not said is the least', { spec: job(group(null, SCALED)), live: live(5, 1), count: 5, kept: 'stays 5; the spec says 1' }],
    ['stays at nothing', { spec: job(group(2, { Min: 0, Max: 8 })), live: live(0, 2), count: 0, kept: 'stays 0; the spec says 2' }],
    [
      'is lowered to what the spec allows',
      {
        spec: job(group(2, SCALED)),
        live: live(9, 2),
        count: 8,
        kept: 'stays 8, because its `scaling` block does not allow the running 9',
      },
    ],
    [
      'is raised to what the spec allows',
      { spec: job(group(4, { Min: 3, Max: 8 })), live: live(1, 4), count: 3, kept: 'stays 3, because its `scaling` block' },
    ],
    ['of a group that is new is that of the spec', { spec: job({ ...group(2, SCALED), Name: 'api' }), live: live(5, 2), count: 2 }],
    ['of a system job means nothing', { spec: job(group(null, SCALED), 'system'), live: live(1, 2), preserve: true, count: null }],
  ])('%s', (_what, one) => expect(outcomeOf(one)).toEqual(wanted(one)));

  test.each<[string, Case]>([
    ['without scaling', { spec: job(group(2)), live: live(5, 2), count: 5, kept: 'stays 5; the spec says 2' }],
    ['also where the commit changed it', { spec: job(group(4, SCALED)), live: live(5, 2), count: 5, kept: 'stays 5; the spec says 4' }],
    ['but not where nobody scaled it', { spec: job(group(4)), live: live(2, 2), count: 4 }],
  ])('stays where `preserve-counts: true` asks for it, %s', (_what, one) =>
    expect(outcomeOf({ ...one, preserve: true })).toEqual(wanted(one)),
  );

  test('that was scaled is set where `preserve-counts: false` asks for it', () =>
    expect(outcomeOf({ spec: job(group(2, SCALED)), live: live(5, 2), preserve: false, count: 2 })).toEqual({ count: 2, kept: [] }));

  test.each<[string, Case]>([
    [
      'stays where it was scaled to that',
      { spec: job(group(2, SCALED)), live: live(5), scaled: 5, count: 5, kept: 'stays 5; the spec says 2' },
    ],
    ['is that of the spec where nobody scaled', { spec: job(group(2, SCALED)), live: live(5), count: 2 }],
    ['is that of the spec where another one was registered since', { spec: job(group(2, SCALED)), live: live(3), scaled: 5, count: 2 }],
    [
      'stays without scaling where that is asked for',
      { spec: job(group(2)), live: live(5), scaled: 5, preserve: true, count: 5, kept: 'stays 5' },
    ],
  ])('of a job without a record %s', (_what, one) => expect(outcomeOf(one)).toEqual(wanted(one)));

  test('is not kept above the ceiling of a policy', () => {
    const counted = keepCounts(job(group(2, SCALED)), live(7, 2), {}, { preserve: undefined, most: 4 });
    expect(counted.job.TaskGroups?.[0]?.Count).toBe(4);
    expect(counted.kept).toEqual([
      'group web: the count stays 4, because `max-count` of the policy does not allow the running 7; the spec says 2 (`preserve-counts`)',
    ]);
    expect(keepCounts(job(group(2, SCALED)), live(3, 2), {}, { preserve: undefined, most: 4 }).job.TaskGroups?.[0]?.Count).toBe(3);
  });
});

test.each<[string, Job, RegisteredJob | undefined, boolean | undefined, boolean]>([
  ['a count that no record explains', job(group(2, SCALED)), live(5), undefined, true],
  ['a count without scaling that is to stay', job(group(2)), live(5), true, true],
  ['a record', job(group(2, SCALED)), live(5, 2), undefined, false],
  ['the same count', job(group(5, SCALED)), live(5), undefined, false],
  ['a group without scaling', job(group(2)), live(5), undefined, false],
  ['`preserve-counts: false`', job(group(2, SCALED)), live(5), false, false],
  ['a new job', job(group(2, SCALED)), undefined, true, false],
  ['a system job', job(group(2, SCALED), 'system'), live(5), true, false],
])('for %s, Nomad is asked who scaled: %#', (_what, spec, registered, preserve, expected) =>
  expect(needsScalings(spec, registered, preserve)).toBe(expected),
);

test('a ceiling is judged at once where no other count can be sent', () => {
  const counts = (one: TaskGroup, preserve?: boolean, type?: string): unknown =>
    withoutOpenCounts(job(one, type), preserve).TaskGroups?.[0]?.Count;
  expect(counts(group(9))).toBe(9);
  expect(counts(group(9, SCALED))).toBeNull();
  expect(counts(group(9, SCALED), false)).toBe(9);
  expect(counts(group(9), true)).toBeNull();
  expect(counts(group(9, SCALED), undefined, 'system')).toBe(9);
});
