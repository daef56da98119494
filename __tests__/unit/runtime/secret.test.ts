import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactDeep, redactor } from '../../../src/runtime/redact.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { secretForms } from '../../../src/runtime/secret-forms.ts';

describe('a secret', () => {
  const password = secret('hunter2');

  test('shows itself to who asks', () => expect(password.reveal()).toBe('hunter2'));
  test.each<[string, (value: unknown) => string]>([
    ['String', (value) => String(value)],
    ['a template', (value) => `${value as string}`],
    ['JSON', (value) => JSON.stringify({ value })],
    ['a list', (value) => [value].join()],
    ['its own entries', (value) => JSON.stringify(Object.entries({ ...(value as object) }))],
  ])('hides from %s', (_where, print) => expect(print(password)).not.toContain('hunter2'));
  test('cannot be changed', () => expect(Object.isFrozen(password)).toBe(true));
});

describe('the forms of a secret', () => {
  test.each<[string, string, readonly string[]]>([
    ['itself', 'hunter2', ['hunter2']],
    ['itself without the blanks around it', '  padded \n', ['  padded \n', '  padded \\n', 'padded']],
    [
      'each of its lines',
      'first line\r\nsecond\rthird',
      ['first line\r\nsecond\rthird', 'first line\\r\\nsecond\\rthird', 'first line', 'second', 'third'],
    ],
    ['what JSON makes of it', 'say "hi"\b\\', ['say \\"hi\\"\\b\\\\', 'say \\\\\\"hi\\\\\\"\\\\b\\\\\\\\']],
    ['what Go’s JSON makes of it', 'a<b>&c\u2028\f', ['a\\u003cb\\u003e\\u0026c\\u2028\\u000c']],
    ['what JSON in ASCII makes of it', 'pässword 🔑', ['p\\u00e4ssword \\ud83d\\udd11']],
    ['what HCL makes of it', 'p${x}%{y}', ['p$${x}%%{y}']],
    ['what Markdown makes of it', 'a_b*c|d', ['a\\_b\\*c|d', 'a\\_b\\*c\\|d']],
    ['what HTML makes of it', `a<b>&'"`, ['a&lt;b&gt;&amp;\'"', 'a&lt;b&gt;&amp;&#39;&#34;']],
    ['what URLs make of it', 'p@ss w/rd!', ['p%40ss%20w%2Frd!', 'p%40ss%20w%2Frd%21', 'p%40ss+w%2Frd%21', 'p%40ss%20w%2frd!']],
    ['its base64', 'hunter2', ['aHVudGVyMg==', 'aHVudGVyMg']],
    ['its base64 for URLs', '>>>???', ['Pj4+Pz8/', 'Pj4-Pz8_']],
  ])('are %s', (_what, value, forms) => expect(secretForms(value)).toEqual(expect.arrayContaining([...forms])));

  test.each(['ab', '', '1', ' a\n', 'true', 'False', 'no', 'null'])('are none of %j, which is everywhere', (value) => {
    expect(secretForms(value)).toEqual([]);
  });
  test('have no line that is short, a rule or a bracket', () => {
    expect(secretForms('long one\nab\n---\n});')).toEqual(expect.not.arrayContaining(['ab', '---', '});']));
  });
  test('come the longest first', () => {
    const lengths = secretForms('one "two"\nthree').map((form) => form.length);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  });
  test.each(['hunter2', 'sesame', 'ключ🔑', 'a+b/c=~~~'])('find %j in base64, whatever is before and behind it', (value) => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      for (const after of ['', '\n', 'yz', 'xyz']) {
        const encoded = Buffer.from(before + value + after);
        for (const text of [encoded.toString('base64'), encoded.toString('base64url')]) {
          expect(secretForms(value).some((form) => text.includes(form))).toBe(true);
        }
      }
    }
  });
});

describe('the redactor', () => {
  test.each([
    ['a value anywhere', ['hunter2'], 'a hunter2b hunter2', 'a ***b ***'],
    ['characters that mean something in a pattern', ['a.b*c(d)[e]^$|{1}+?\\/-'], 'x a.b*c(d)[e]^$|{1}+?\\/- a.b', 'x *** a.b'],
    ['nothing that only looks like the pattern', ['a.c'], 'abc', 'abc'],
    ['every line of a value of several', ['-----BEGIN\nMIIB\n-----END'], 'tail: MIIB', 'tail: ***'],
    ['a value of several lines as a whole', ['one\ntwo'], 'one\ntwo', '***'],
    ['a value inside JSON', ['say "hi"\n'], JSON.stringify({ a: 'say "hi"\n' }), '{"a":"***"}'],
    ['the longer of two values first', ['pass', 'password1'], 'password1 pass', '*** ***'],
    ['no value that is too short to mean anything', ['ab', ' '], 'ab cab', 'ab cab'],
    ['nothing without secrets', [], 'text', 'text'],
    ['no part of a digest by chance', ['abc', '1234'], `web@sha256:${'abc1234f'.repeat(8)} abc`, `web@sha256:${'abc1234f'.repeat(8)} ***`],
    ['no part of an id by chance', ['abc'], 'abcabc12-abc0-0abc-0000-abcabcabcabc-abc', 'abcabc12-abc0-0abc-0000-abcabcabcabc-***'],
    ['a digest that is a secret', [`sha256:${'e'.repeat(64)}`], `web@sha256:${'e'.repeat(64)}`, 'web@***'],
  ])('hides %s', (_what, values, text, shown) => expect(redactor(values)(text)).toBe(shown));

  test('knows values of any length', () => {
    const long = 'k'.repeat(60_000);
    expect(redactor([long, 'short'])(`a ${long} b short c`)).toBe('a *** b *** c');
  });

  test('leaves no secret in any text around it', () => {
    const value = fc
      .string({ unit: 'binary', minLength: 3, maxLength: 40 })
      .filter((text) => text.trim().length >= 3 && !text.includes('*'));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (values, before, after) => {
        const redact = redactor(values);
        for (const one of values) {
          expect(redact(`${before}\n${one}\n${after}`)).not.toContain(one);
          expect(redact(JSON.stringify({ [before]: one }))).not.toContain(JSON.stringify(one).slice(1, -1));
        }
      }),
    );
  });
});

describe('a value of several texts', () => {
  test('is redacted in all of them, and is the same otherwise', () => {
    const value = { hunter2: ['hunter2', 1, null, { deep: 'a hunter2', not: true, nothing: undefined }] };
    expect(redactDeep(value, redactor(['hunter2']))).toEqual({ '***': ['***', 1, null, { deep: 'a ***', not: true, nothing: undefined }] });
  });

  test('keeps its long numbers, but for a secret one', () => {
    const value = { seed: JSON.rawJSON('9007199254740993'), pin: JSON.rawJSON('1621343037528980394') };
    expect(JSON.stringify(redactDeep(value, redactor(['1621343037528980394'])))).toBe('{"seed":9007199254740993,"pin":"***"}');
  });
});
