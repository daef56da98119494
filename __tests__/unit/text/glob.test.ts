import { expect, test } from '@jest/globals';
import { matchesAny } from '../../../src/text/glob.ts';

test.each<[string[], string, boolean]>([
  [[], 'a', false],
  [['a'], 'a', true],
  [['a'], 'ab', false],
  [['release/*'], 'release/7', true],
  [['release/*'], 'release/7/x', false],
  [['release/**'], 'release/7/x', true],
  [['**'], 'a/b', true],
  [['**/a.txt'], 'a.txt', true],
  [['**/a.txt'], 'x/y/a.txt', true],
  [['api/**'], 'api/.env', true],
  [['*.js'], 'a.js', true],
  [['*.js'], 'axjs', false],
  [['v?.0'], 'v1.0', true],
  [['v?.0'], 'v10.0', false],
  [['a+(b)'], 'a+(b)', true],
  [['api/**', '!api/**/*.md'], 'api/x/a.md', false],
  [['api/**', '!**/*.md', 'api/README.md'], 'api/README.md', true],
  [['!api/**'], 'web', false],
])('%j of %s: %s', (patterns, name, expected) => expect(matchesAny(patterns, name)).toBe(expected));
