import { describe, expect, test } from '@jest/globals';
import { isPattern, matcherOf, patternProblem } from '../../../src/text/glob.ts';

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
describe("GitHub's documentation: the characters", () => {
  test.each<[string, string[], string[]]>([
    ['Octo*', ['Octocat', 'Octo'], ['Octo/cat', 'octocat']],
    ['[CB]at', ['Cat', 'Bat'], ['at', 'Rat', 'CBat']],
    ['[1-2]00', ['100', '200'], ['300', '00', '-00']],
    ['[0-9a-z]', ['7', 'x'], ['X', '-', '']],
  ])('%s', (pattern, names, others) => {
    expect(names.filter(matcherOf([pattern]))).toEqual(names);
    expect(others.filter(matcherOf([pattern]))).toEqual([]);
  });
});

describe("GitHub's documentation: branches and tags", () => {
  test.each<[string[], string[], string[]]>([
    [['feature/*'], ['feature/my-branch', 'feature/your-branch'], ['feature/beta-a/my-branch', 'feature']],
    [['feature/**'], ['feature/beta-a/my-branch', 'feature/your-branch', 'feature/mona/the/octocat'], ['features']],
    [
      ['main', 'releases/mona-the-octocat'],
      ['main', 'releases/mona-the-octocat'],
      ['mains', 'releases'],
    ],
    [['*'], ['main', 'releases'], ['all/the/branches']],
    [['**'], ['all/the/branches', 'every/tag'], []],
    [['*feature'], ['mona-feature', 'feature', 'ver-10-feature'], ['feature-1']],
    [['v2*'], ['v2', 'v2.0', 'v2.9'], ['v1', 'v2/x']],
    [['v[12].[0-9]+.[0-9]+'], ['v1.10.1', 'v2.0.0'], ['v3.0.0', 'v1.10', 'v1..1', 'v1.10.1-rc']],
    [
      ['releases/**', '!releases/**-alpha'],
      ['releases/10', 'releases/beta/mona'],
      ['releases/10-alpha', 'releases/beta/3-alpha'],
    ],
  ])('%j', (patterns, names, others) => {
    expect(names.filter(matcherOf(patterns))).toEqual(names);
    expect(others.filter(matcherOf(patterns))).toEqual([]);
  });
});

describe("GitHub's documentation: paths", () => {
  test.each<[string[], string[], string[]]>([
    [['*'], ['README.md', 'server.rb'], ['docs/README.md']],
    [['*.jsx?'], ['page.js', 'page.jsx'], ['page.jsxx', 'page.j', 'src/page.js']],
    [['**'], ['all/the/files.md'], []],
    [['*.js'], ['app.js', 'index.js'], ['js/index.js', 'axjs']],
    [['**.js'], ['index.js', 'js/index.js', 'src/js/app.js'], ['index.jsx']],
    [['docs/*'], ['docs/README.md', 'docs/file.txt'], ['docs/mona/octocat.txt']],
    [['docs/**'], ['docs/README.md', 'docs/mona/octocat.txt'], ['docs', 'x/docs/a']],
    [['docs/**/*.md'], ['docs/README.md', 'docs/mona/hello-world.md', 'docs/a/markdown/file.md'], ['docs/a.txt', 'README.md']],
    [['**/docs/**'], ['docs/hello.md', 'dir/docs/my-file.txt', 'space/docs/plan/space.doc'], ['mydocs/a']],
    [['**/README.md'], ['README.md', 'js/README.md'], ['MY_README.md']],
    [['**/*src/**'], ['a/src/app.js', 'my-src/code/js/app.js'], ['src-my/a']],
    [['**/*-post.md'], ['my-post.md', 'path/their-post.md'], ['post.md']],
    [['**/migrate-*.sql'], ['migrate-10909.sql', 'db/migrate-v1.0.sql', 'db/sept/migrate-v1.sql'], ['db/migrate-v1/a.sql']],
    [['*.md', '!README.md'], ['hello.md'], ['README.md', 'docs/hello.md']],
    [['*.md', '!README.md', 'README*'], ['hello.md', 'README.md', 'README.doc'], ['docs/README.md']],
  ])('%j', (patterns, names, others) => {
    expect(names.filter(matcherOf(patterns))).toEqual(names);
    expect(others.filter(matcherOf(patterns))).toEqual([]);
  });
});

test.each<[string[], string, boolean]>([
  [[], 'a', false],
  [['a'], 'a', true],
  [['a'], 'ab', false],
  [['v[0-9]*'], 'v1.2.3', true],
  [['v[0-9]*'], 'vnext', false],
  [['v[0-9]+'], 'v', false],
  [['[a-cX0]+'], 'abcX0', true],
  [['v?1'], 'v1', true],
  [['v?1'], '1', true],
  [['v?1'], 'x1', false],
  [['[ab]?c'], 'c', true],
  [['[ab]?c'], 'abc', false],
  [['ab+'], 'abbb', true],
  [['ab+'], 'abab', false],
  [['a/+b'], 'a//b', true],
  [['a.b'], 'axb', false],
  [['(a|b)'], 'a', false],
  [['a+(b)'], 'a+(b)', false],
  [['a\\+(b)'], 'a+(b)', true],
  [['\\*\\?\\[\\]\\!\\\\'], '*?[]!\\', true],
  [['\\!a'], '!a', true],
  [['a!'], 'a!', true],
  [['a]'], 'a]', true],
  [['\\++'], '+++', true],
  [['ü+'], 'üü', true],
  [['😀?x'], 'x', true],
  [['a**/b'], 'ab', false],
  [['a**/b'], 'a/b', true],
  [['a/**/b'], 'a/b', true],
  [['***'], 'a/b', true],
  [['api/**'], 'api/.env', true],
  [['api/**', '!api/**/*.md'], 'api/x/a.md', false],
  [['!**/*.md', '**'], 'a.md', true],
  [['!api/**'], 'web', false],
])('%j of %s: %s', (patterns, name, expected) => expect(matcherOf(patterns)(name)).toBe(expected));

test.each([
  ['v[0-9', '`[` has no `]` after it; write `\\[` for the character itself'],
  ['[]', '`[]` is no list'],
  ['[^a]', '`[^a]` is no list'],
  ['[!a]', '`[!a]` is no list'],
  ['[a-]', '`[a-]` is no list'],
  ['[-a]', '`[-a]` is no list'],
  ['[a-Z]', '`[a-Z]` is no list'],
  ['[a.b]', '`[a.b]` is no list'],
  ['[9-0]', 'the range `9-0` ends before it begins'],
  ['+a', '`+` has no character before it'],
  ['?', '`?` has no character before it'],
  ['!?', '`?` has no character before it'],
  ['c++', '`+` has no character before it to repeat; write `\\+` for the character itself'],
  ['a??', '`?` has no character before it'],
  ['*?', '`?` has no character before it'],
  ['**/+', '`+` has no character before it'],
  ['v\\d+', '`\\d` is no escape'],
  ['a\\', '`\\` is no escape'],
  ['!', '`!` has no name after it'],
  ['', 'it is empty'],
])('%s is no pattern: %s', (pattern, problem) => {
  expect(patternProblem(pattern)).toContain(problem);
  expect(() => matcherOf(['a', pattern])).toThrow(pattern);
});

test('a name without special characters is no pattern of several names', () => {
  expect(['main', 'release/1.2', 'c\\+\\+', '!a', 'a]', '\\*'].filter(isPattern)).toEqual([]);
  expect(['*', 'a?', 'a+', '[ab]c', '!**', '\\\\*'].filter(isPattern)).toHaveLength(6);
});
