// YAML of others is bounded before anything is made of it, and nothing of it is passed over in silence.
import { describe, expect, test } from '@jest/globals';
import { parseYaml, yamlData } from '../../../src/text/yaml.ts';

const MEBIBYTE = 1024 * 1024;
const lines = (count: number, line: string): string => line.repeat(count);

describe('YAML is refused', () => {
  test.each([
    ['a second document', 'a: 1\n---\nb: 2\n', 'a second document begins here, and a file has one'],
    ['a second document behind the end of the first', 'a: 1\n...\n---\nb: 2\n', 'a second document begins here, and a file has one'],
    ['a tag that nobody knows', 'a: !x 1\n', 'Unresolved tag: !x'],
    ['more than a mebibyte', `a: ${'x'.repeat(MEBIBYTE)}`, 'more than 1024 KiB of YAML'],
    ['more marks than a job has', lines(300_000, '[]\n'), 'more than 500000 words and marks of YAML'],
    ['lists within lists', '['.repeat(200_000), 'more than 100 lists and maps within one another'],
    [
      'an alias bomb',
      Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1}, *a${i - 1}`}]`).join('\n'),
      'more than 100000 values',
    ],
  ])('%s', async (_what, text, problem) => {
    const { problems } = await parseYaml(text, 'core');
    expect(problems[0]?.text).toBe(problem);
    expect(await yamlData(text)).toHaveProperty('problem');
  });
});

describe('YAML is read', () => {
  test.each([
    ['with the marks of one document', '---\na: 1\n...\n', { a: '1' }],
    ['with anchors', 'a: &x [1]\nb: *x\n', { a: ['1'], b: ['1'] }],
    ['with a key that is a list', '? [a, b]\n: 1\n', { '[ a, b ]': '1' }],
  ])('%s', async (_what, text, data) => expect(await yamlData(text)).toEqual({ data }));

  test('of nearly a mebibyte, most of it templates', async () => {
    const task = `- Name: t\n  Data: |\n${lines(100, '    server {{ .Address }}:{{ .Port }} # [x], {y}\n')}`;
    const text = lines(Math.floor(MEBIBYTE / task.length) - 1, task);
    expect(text.length).toBeGreaterThan(MEBIBYTE - 2 * task.length);
    expect((await parseYaml(text, 'core')).problems).toEqual([]);
  });
});
