import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineDiff, withContext } from '../../../src/text/line-diff.ts';

const show = (old: string, next: string, context = 9): string[] =>
  withContext(lineDiff(old, next), context).map((line) => (line === undefined ? '…' : `${line.sign}${line.text}`));

describe('two texts, line by line', () => {
  test.each<[string, string, string, string[]]>([
    ['equal ones', 'a\nb\n', 'a\nb\n', []],
    ['a line instead of another', 'a\nb\nc\n', 'a\nB\nc\n', [' a', '-b', '+B', ' c']],
    ['a line at the end', 'a\n', 'a\nb\n', [' a', '+b']],
    ['a line from the beginning', 'a\nb\n', 'b\n', ['-a', ' b']],
    ['the end of the last line only', 'a', 'a\n', []],
    ['all of it', '', 'a\nb', ['+a', '+b']],
    ['lines that moved', 'a\nb\nc', 'c\na\nb', ['+c', ' a', ' b', '-c']],
    ['line ends of Windows', 'a\r\nb\r\n', 'a\nc\n', [' a', '-b', '+c']],
  ])('%s', (_what, old, next, lines) => expect(show(old, next)).toEqual(lines));

  test('only what is near a change is shown', () => {
    const old = Array.from({ length: 20 }, (_, i) => `${i}`).join('\n');
    expect(show(old, old.replace('\n5\n', '\nfive\n').replace('\n15\n', '\n'), 1)).toEqual([
      '…',
      ' 4',
      '-5',
      '+five',
      ' 6',
      '…',
      ' 14',
      '-15',
      ' 16',
      '…',
    ]);
  });

  test('texts that nobody compares by eye differ as a whole', () => {
    const text = (letter: string): string => Array.from({ length: 2_100 }, (_, i) => (i % 2 === 1 ? 'same' : `${letter}${i}`)).join('\n');
    const lines = lineDiff(text('a'), text('b'));
    expect(lines.filter(({ sign }) => sign === '-').length).toBeGreaterThan(2_000);
  });

  test('those of many thousand lines are compared in seconds, and by line where few of them changed', () => {
    const begun = performance.now();
    const lines = (count: number, period: number): string[] => Array.from({ length: count }, (_, i) => `${i % period}`);
    for (const [a, b] of [
      [2, 3],
      [7, 5],
      [1, 100_000],
    ] as const)
      expect(lineDiff(lines(100_000, a).join('\n'), lines(100_000, b).join('\n')).length).toBeGreaterThan(100_000);
    const many = lines(100_000, 100_000);
    expect(lineDiff(many.join('\n'), many.with(50_000, 'x').join('\n')).filter(({ sign }) => sign !== ' ')).toEqual([
      { sign: '-', text: '50000' },
      { sign: '+', text: 'x' },
    ]);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test('one becomes the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.map((line) => `${line}\n`).join(''));
    fc.assert(
      fc.property(text, text, (old, next) => {
        const lines = lineDiff(old, next);
        const side = (sign: string): string =>
          lines.flatMap((line) => (line.sign === ' ' || line.sign === sign ? [`${line.text}\n`] : [])).join('');
        expect([side('-'), side('+')]).toEqual([old, next]);
      }),
    );
  });
});
