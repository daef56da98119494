import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactor, secret, secretForms } from '../../src/runtime/secret.ts';

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
  test.each([
    ['hunter2', ['hunter2']],
    ['  padded \n', ['  padded \\n', '  padded \n', 'padded']],
    ['say "hi"', ['say \\"hi\\"', 'say "hi"']],
    ['first line\r\nsecond', ['first line\\r\\nsecond', 'first line\r\nsecond', 'first line', 'second']],
    ['C:\\keys', ['C:\\\\keys', 'C:\\keys']],
    ['ab', []],
    ['', []],
    ['long one\nab', ['long one\\nab', 'long one\nab', 'long one']],
  ])('%j are %j', (value, forms) => expect(secretForms(value)).toEqual(forms));
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
