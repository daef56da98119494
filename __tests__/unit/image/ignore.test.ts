import { expect, test } from '@jest/globals';
import { type Ignoring, readIgnoreFile } from '../../../src/image/ignore.ts';

/** Asks from above, as a walk does. */
function ignored(text: string, path: string): boolean {
  const rules = readIgnoreFile(text);
  const names = path.split('/');
  let answer: Ignoring | undefined;
  for (const [i] of names.entries()) answer = rules(names.slice(0, i + 1).join('/'), answer);
  return answer?.ignored ?? false;
}

test.each<[rules: string, yes: string[], no: string[]]>([
  ['', [], ['a', 'a/b']],
  ['# a\n\n  \n', [], ['# a', 'a']],
  ['a', ['a', 'a/b', 'a/b/c'], ['ab', 'b/a']],
  ['\ufeffa', ['a'], ['b']],
  ['/a/', ['a', 'a/b'], ['b/a']],
  ['./a//b/../c', ['a/c'], ['a/b']],
  ['a\r\nb\r\n', ['a', 'b'], ['c']],
  ['*.md', ['a.md'], ['b/a.md', 'a.mdx', 'amd']],
  ['*/*.md', ['b/a.md'], ['a.md', 'c/b/a.md']],
  ['**/*.md', ['a.md', 'b/a.md', 'c/b/a.md'], ['a.mdx']],
  ['**/a', ['a', 'b/a', 'b/a/c'], ['ba', 'b/ba']],
  ['**.log', ['a.log', 'b/a.log'], ['a.logs']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'ab']],
  ['a/**/b', ['a/b', 'a/c/b', 'a/c/d/b'], ['a', 'b']],
  ['**', ['a', 'a/b'], []],
  ['a?', ['ab'], ['a', 'abc', 'a/']],
  ['[ab]c', ['ac', 'bc'], ['cc']],
  ['[^a]c', ['bc'], ['ac']],
  ['a\\*', ['a*'], ['ab']],
  ['a.b+(c)', ['a.b+(c)'], ['axb+(c)']],
  ['*\n!a', ['b', 'b/a'], ['a', 'a/b']],
  ['*\n!a\na/b', ['a/b', 'a/b/c'], ['a/c']],
  ['a\n!a/b', ['a', 'a/c'], ['a/b', 'a/b/c']],
  ['*.md\n!README*.md\nREADME-secret.md', ['a.md', 'README-secret.md'], ['README.md', 'README-x.md']],
  // What is brought back before it is left out is not there.
  ['!a\na', ['a'], []],
  // BuildKit asks a rule only where it would change something, and what is below goes by that.
  ['a/b\n!a', ['a/b', 'a/b/c'], ['a/c']],
])('%j', (rules, yes, no) => {
  expect(yes.filter((path) => !ignored(rules, path))).toEqual([]);
  expect(no.filter((path) => ignored(rules, path))).toEqual([]);
});

test.each([
  ['node_modules', 'node_modules', false],
  ['node_modules\n!README.md', 'node_modules', false],
  ['node_modules\n!node_modules/a/b', 'node_modules', true],
  ['node_modules\n!**/keep', 'node_modules', true],
  ['', 'src', true],
])('of %j, whether to look into %s', (text, path, descend) => expect(readIgnoreFile(text)(path).descend).toBe(descend));

test('a pattern that is none is refused', () => expect(() => readIgnoreFile('[b-a]')).toThrow(SyntaxError));
