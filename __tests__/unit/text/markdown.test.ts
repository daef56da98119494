import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { autolink, code, fenced, html, htmlCode, link, plain, table, text, textBefore } from '../../../src/text/markdown.ts';

describe('text from outside is shown, and nothing else,', () => {
  test.each([
    ['a plain sentence.', 'a plain sentence.'],
    ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
    [
      '![x](http://e) [a][b] **b** _i_ ~s~ `c` $x$',
      '!\\[x\\](http:\u200b//e) \\[a\\]\\[b\\] \\*\\*b\\*\\* \\_i\\_ \\~s\\~ \\`c\\` \\$x\\$',
    ],
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
    ['ghcr.io/acme/shop@sha256:0a me@example.com', 'ghcr.io/acme/shop@sha256:0a me@\u200bexample.com'],
    ['see HTTPS://e.com, ftp://e or WWW.e.com', 'see HTTPS:\u200b//e.com, ftp:\u200b//e or WWW\u200b.e.com'],
    ['GH-12, gh-7, UTF-8', 'GH\u200b-12, gh\u200b-7, UTF-8'],
    ['acme/shop@1a2b3c4 and @sha256:x é@octocat', 'acme/shop@\u200b1a2b3c\u200b4 and @\u200bsha256:x é@\u200boctocat'],
    [
      'commit 0b7a5a4bffac537e6cbb0b7a5a4bffac537e6cbb, 0b7a5a4',
      'commit 0b7a5a\u200b4bffac\u200b537e6c\u200bbb0b7a\u200b5a4bff\u200bac537e\u200b6cbb, 0b7a5a\u200b4',
    ],
    ['0b7a5a4b-1234-4678-9abc-0123456789ab 134217728 bytes', '0b7a5a4b-1234-4678-9abc-0123456789ab 134217728 bytes'],
    ['done :tada: at 12:34:56, :100: :+1: a::b', 'done :\u200btada: at 12:34:56, :\u200b100: :\u200b+1: a::b'],
    ['a\u200b\u00ad\ufeff\u2060\u180e\u034f\ufe0f\u{e0041}\u{e0100}\ufff9\u3164\u115f\u2800\ud800z', 'az'],
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
    ['\u200b', '` `'],
    ['a\u200b@b', '`a@b`'],
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
    ['https://e/a\u200b\u202eb\ud800', '[x](https://e/a%E2%80%8B%E2%80%AEb\ufffd)'],
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
    [['a\u2028```\u0085\u200bb\ufeff'], ['````', 'a', '```', 'b', '````']],
  ])('of %j', (lines, shown) => expect(fenced(lines)).toEqual(shown));
});

test('a cell of a table ends where it is meant to', () => {
  expect(table(['a'], [])).toEqual([]);
  expect(table(['a', 'b'], [['x|y', code('p\\|q')]])).toEqual(['| a | b |', '| --- | --- |', '| x\\|y | `p\\\\\\|q` |', '']);
  expect(table(['a'], [[text('p\\|q')]])[2]).toBe('| p\\\\\\|q |');
});

/**
 * What GitHub makes of the text that a reader sees: GFM's extended autolinks (https://github.github.com/gfm/#autolinks-extension-), and the references of
 * GitHub's own.
 */
const MADE_LIVE: Readonly<Record<string, RegExp>> = {
  'an address': /(?:https?|ftp):\/\/[^\s<]/i,
  'a host': /(?:^|[\s*_~(])www\.[^\s<]/i,
  'a mail address': /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/,
  'a mention': /(?:^|\W)@[a-z\d]/i,
  'an issue': /(?:^|\W|[\w-])#\d/,
  'an issue of old': /\bgh-\d/i,
  'a commit': /(?:^|[^\w-])(?=\d*[a-f])[0-9a-f]{7,40}\b(?!-)/,
  'an emoji': /:(?:[a-z_]+|\+1):/,
  'something invisible': /(?!\u200b)[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u,
};
const PIECES = [
  'http://e.com/x',
  'https:',
  '//',
  'ftp://e',
  'www.',
  'WWW.e.com',
  'me@e.com',
  '@',
  '@acme/team',
  'octocat',
  '#',
  '7',
  'acme/shop#7',
  'GH-',
  'gh-12',
  '12',
  'acme/shop@1a2b3c4d',
  '1a2b3c4',
  ':',
  'tada',
  ':tada:',
  ':+1:',
  ' ',
  '.',
  '(',
  '*',
  '_',
  '`',
  '\\',
  'é',
  '\u200b',
  '\u00ad',
  '\ufeff',
  '\u{e0041}',
  '\ufe0f',
  '\u2028',
  '\u001b[1m',
  '\u001b]8;;',
  '\u0007',
];

test('nothing of a text from outside is a link, a mention or an emoji, and all of it is there', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
      const value = pieces.join('');
      // What a reader sees of Markdown: without the escapes.
      const shown = text(value)
        .replace(/\\([!-/:-@[-`{-~])/g, '$1')
        .replaceAll('&amp;', '&');
      const inTag = html(value).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
      for (const seen of [shown, inTag]) {
        expect(Object.entries(MADE_LIVE).flatMap(([name, pattern]) => (pattern.test(seen) ? [name] : []))).toEqual([]);
        expect(seen.replaceAll('\u200b', '')).toBe(plain(value));
      }
      // In code GitHub looks for nothing; what is invisible is in none.
      for (const seen of [code(value), htmlCode(value), ...fenced([value])])
        expect(seen).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028]/u);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [
    'See http://127.0.0.1:4646/ui/jobs/web@default',
    'http://127.0.0.1:4646/ui/jobs/web@default',
    'See http://127.0.0.1:4646/ui/jobs/web@default',
  ],
  ['See https://nomad.example.com/ui/jobs/a*b', 'https://nomad.example.com/ui/jobs/a*b', 'See <https://nomad.example.com/ui/jobs/a*b>'],
  ['See http://elsewhere.example', 'http://nomad.example.com', 'See http:\u200b//elsewhere.example'],
  ['See nothing', undefined, 'See nothing'],
])('an address of our own at the end of a text can be clicked, and no other: %s', (value, url, shown) => {
  expect(textBefore(value, url)).toBe(shown);
});
