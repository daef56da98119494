// Readers of texts from outside take work in proportion to the text: four times the text takes less than nine times the work.
import { describe, expect, test } from '@jest/globals';
import { BOUND, growth } from '../../scripts/fuzz/growth.ts';
import { MORE_READERS } from '../../scripts/fuzz/more-readers.ts';
import { READERS } from '../../scripts/fuzz/readers.ts';
import { readIgnoreFile } from '../../src/image/ignore.ts';
import { matcherOf } from '../../src/text/glob.ts';

/** The longest texts: quadratic work shows far below. `npm run fuzz` goes on to 1 MB. */
const SHORT = 2 ** 16;

describe.each(Object.entries({ ...READERS, ...MORE_READERS }))('%s', (_what, { read, of }) => {
  test.each(of)('of many %j', async (part) => {
    expect(await growth(read, (size) => part.repeat(Math.max(1, size / part.length)), SHORT)).toBeLessThan(BOUND);
  });
});

describe('a pattern made for a name', () => {
  const STARS = [8, 16, 32];
  test.each(STARS)('of branches or paths, with %d stars', (stars) => {
    const patterns = ['*a', '**/a', '**a', 'a?/?', 'a+/+', '[a-z]+/?'].map((one) => `${one.repeat(stars)}b`);
    expect(matcherOf(patterns)('a/'.repeat(2_000))).toBe(false);
  });
  test.each(STARS)('of a .dockerignore, with %d stars', (stars) => {
    const ignored = readIgnoreFile(`${'*a'.repeat(stars)}b\n${'**/a/'.repeat(stars)}b\n${'**/*a'.repeat(stars)}b\n${'*?'.repeat(stars)}b`);
    expect([ignored('a'.repeat(255)).ignored, ignored('a/'.repeat(2_000)).ignored]).toEqual([false, false]);
  });
});
