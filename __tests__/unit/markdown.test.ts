import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { autolink, code, fenced, html, link, table, text } from '../../src/markdown.ts';

describe('text from outside is shown, and nothing else,', () => {
  test.each([
    ['a plain sentence.', 'a plain sentence.'],
    ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
    ['![x](http://e) [a][b] **b** _i_ ~s~ `c` $x$', '!\\[x\\](http://e) \\[a\\]\\[b\\] \\*\\*b\\*\\* \\_i\\_ \\~s\\~ \\`c\\` \\$x\\$'],
    ['&lt;b&gt; &amp;', '&amp;lt;b&amp;gt; &amp;amp;'],
    ['a\n# b\r- c\u2028d\u0085e', 'a \\# b - c d e'],
    ['- item', '\\- item'],
    ['+ item', '\\+ item'],
    ['12. item', '12\\. item'],
    ['12 items', '12 items'],
    ['===', '\\==='],
    ['\\', '\\\\'],
    ['    four blanks', 'four blanks'],
    ['ask @octocat and @acme/team', 'ask @\u200boctocat and @\u200bacme/team'],
    ['ghcr.io/acme/shop@sha256:0a me@example.com', 'ghcr.io/acme/shop@sha256:0a me@example.com'],
    ['fixes #7, acme/shop#8, C#', 'fixes \\#\u200b7, acme/shop\\#\u200b8, C\\#'],
    ['\u001b[1;31mred\u001b[0m \u001b]8;;http://e\u0007link\u001b]8;;\u0007', 'red link'],
    ['user\u202egnp.exe\u2066 \u0000\u0007x', 'usergnp.exe x'],
  ])('%j', (value, shown) => expect(text(value)).toBe(shown));

  test.each([
    ['<b> & "x" **b**', '&lt;b&gt; &amp; &quot;x&quot; **b**'],
    ['</summary>\n\n@octocat', '&lt;/summary&gt; @\u200boctocat'],
    ['\u001b[31mred', 'red'],
  ])('within a tag: %j', (value, shown) => expect(html(value)).toBe(shown));

  test.each([
    ['a`b', "`a'b`"],
    ['a\nb\tc', '`a b c`'],
  ])('as code: %j', (value, shown) => expect(code(value)).toBe(shown));

  test('whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const shown = text(value);
        expect(shown).not.toMatch(/[\n\r\u2028\u2029]/);
        // Every character that could mean something has its own backslash.
        expect(shown.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[\\`*_[\]<>#~$]/);
        expect(html(value)).not.toMatch(/[<>"\n\r]/);
        expect(code(value).slice(1, -1)).not.toMatch(/[`\n\r]/);
      }),
    );
  });
});

describe('an address', () => {
  test.each([
    ['https://nomad.example.com/ui/jobs/a@b', '[x](https://nomad.example.com/ui/jobs/a@b)'],
    ['https://e/a) **b** [c](d', '[x](https://e/a%29%20**b**%20%5Bc%5D%28d)'],
    ['javascript:alert(1)', 'x'],
    ['unix:///run/nomad.sock', 'x'],
  ])('as a link: %j', (url, shown) => expect(link('x', url)).toBe(shown));

  test.each([
    ['https://shop.example.com', '<https://shop.example.com>'],
    ['https://e/><img src=x>', '<https://e/%3E%3Cimg%20src=x%3E>'],
    ['data:text/html,<b>', 'data:text/html,\\<b\\>'],
  ])('as it is: %j', (url, shown) => expect(autolink(url)).toBe(shown));
});

describe('a code block', () => {
  test.each([
    [
      ['```', '</details>'],
      ['````', '```', '</details>', '````'],
    ],
    [['a\r```\rb'], ['````', 'a', '```', 'b', '````']],
    [['\u001b[32mok\u001b[0m\tx'], ['```', 'ok    x', '```']],
  ])('of %j', (lines, shown) => expect(fenced(lines)).toEqual(shown));
});

test('a cell of a table ends where it is meant to', () => {
  expect(table(['a'], [])).toEqual([]);
  expect(table(['a', 'b'], [['x|y', code('p\\|q')]])).toEqual(['| a | b |', '| --- | --- |', '| x\\|y | `p\\\\\\|q` |', '']);
  expect(table(['a'], [[text('p\\|q')]])[2]).toBe('| p\\\\\\|q |');
});
