import { expect, test } from '@jest/globals';
import { judge, quantile, ROWS, type RowId, tableOf } from '../../scripts/bench/table.ts';

test('a quantile is between two values where it falls between', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((part) => quantile([4, 1, 3, 2], part))).toEqual([1, 1.75, 2.5, 3.25, 4]);
  expect(quantile([7], 0.5)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

test.each<[RowId, readonly [number, number], boolean]>([
  ['start-action', [100 * ROWS['start-action'].bound, 100], true],
  ['start-action', [100 * ROWS['start-action'].bound + 1, 100], false],
  ['verdict-healthy', [50, 1], true],
  ['verdict-healthy', [51, 1000], false],
  ['requests-before', [9, 1], true],
  ['requests-before', [10, 1], false],
  ['terminal-in', [ROWS['terminal-in'].bound * 100, 100], true],
  ['terminal-in', [ROWS['terminal-in'].bound * 100 - 1, 100], false],
])('%s of %j holds: %s', (id, pair, holds) => {
  expect(judge(id, [pair, pair, pair])).toMatchObject({ holds, ours: pair[0], theirs: pair[1], rounds: 3 });
});

test('the ratio is that of the rounds, not of the medians: noise that hits both is none', () => {
  const pairs = [100, 500, 900, 200, 300].map((ms) => [ms * 1.1, ms] as const);
  const { ratio, from, to } = judge('deploy-code', pairs);
  for (const value of [ratio, from, to]) expect(value).toBeCloseTo(1.1);
});

test('a row without a value is an error, not a success', () => {
  expect(() => judge('cause-early', [[Number.NaN, 1]])).toThrow('cause-early: a value is missing');
  expect(() => judge('cause-early', [])).toThrow('a value is missing');
});

test('the table marks a row that is beyond its bound', () => {
  const table = tableOf([judge('verdict-healthy', [[51, 1]]), judge('requests-after', [[9, 7]]), judge('requests-before', [[7, 0]])]);
  expect(table.split('\n').slice(2)).toEqual([
    expect.stringMatching(/^\| verdict-healthy .* \| 51 ms \| 1\.0 ms \| 51\.00 \(51\.00 to 51\.00\) \| 50 ms \*\*missed\*\* \| 1 \|$/),
    expect.stringMatching(/^\| requests-after .* \| 9 \| 7 \| 1\.29 \(1\.29 to 1\.29\) \| 4 more \(goal 2\) \| 1 \|$/),
    expect.stringMatching(/^\| requests-before .* \| 7 \| 0 \| {2}\| 8 more \| 1 \|$/),
  ]);
});
