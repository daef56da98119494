import { describe, expect, test } from '@jest/globals';
import { formatDuration, parseDuration } from '../../../src/text/duration.ts';

describe('a duration', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['1h2m3s4ms', 3_723_004],
    ['0s', 0],
    ['010s', 10_000],
    ['2.05m', 123_000],
    ['0.4ms', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '15', 'm', '15 m', '15M', '-5s', '+5s', '.5s', '5.s', '1d', '1m30', '1e3s', '5s ', '∞'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('people read', () => {
  test.each([
    [-5, '0.0 s'],
    [0, '0.0 s'],
    [49, '0.0 s'],
    [4_240, '4.2 s'],
    [9_999, '10.0 s'],
    [10_000, '10 s'],
    [48_400, '48 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_500, '1 h 0 min'],
    [3_900_000, '1 h 5 min'],
    [90_000_000, '25 h 0 min'],
  ])('%d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
