import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { slug } from '../../src/slug.ts';

const LABEL = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/;

describe('a slug', () => {
  test.each([
    ['main', 'main'],
    ['feature/add-login', 'feature-add-login'],
    ['Feature/ABC_123.x', 'feature-abc-123-x'],
    ['7/merge', '7-merge'],
    ['dependabot/npm_and_yarn/@types/node-24', 'dependabot-npm-and-yarn-types-node-24'],
    ['a&b c', 'a-b-c'],
    ['--a--b--', 'a-b'],
    ['ünïcödé', 'n-c-d'],
    ['日本', ''],
    ['', ''],
  ])('of %j is %j', (text, expected) => expect(slug(text)).toBe(expected));

  test('of 63 characters is not cut', () => expect(slug('a'.repeat(63))).toBe('a'.repeat(63)));

  // The hash is part of the names of jobs that run: it must never change. SHA-256 of 64 times `a` begins with ffe054.
  test('of 64 characters is cut and ends in six digits of the SHA-256 of the whole', () => {
    expect(slug('a'.repeat(64))).toBe(`${'a'.repeat(56)}-ffe054`);
  });

  test('has no two dashes before the hash', () => {
    expect(slug(`${'a'.repeat(55)}/${'b'.repeat(20)}`)).toMatch(/^a{55}-[0-9a-f]{6}$/);
  });

  test('of a given length keeps to it', () => expect(slug('abcdefghijklmnop', 12)).toMatch(/^abcde-[0-9a-f]{6}$/));
});

describe('any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...'aZ09-/._ é'.split('')), maxLength: 300 }),
  );

  test('gives a DNS label, or nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(slug(text)).toMatch(LABEL);
        expect(slug(text)).not.toContain('--');
      }),
    );
  });

  test('gives a slug whose slug is the same', () => {
    fc.assert(fc.property(anyText, (text) => expect(slug(slug(text))).toBe(slug(text))));
  });

  test('that is long never shares its slug with another, whatever they differ in', () => {
    const long = fc.string({ unit: fc.constantFrom(...'abAB-/_'.split('')), minLength: 0, maxLength: 20 });
    fc.assert(
      fc.property(long, long, (a, b) => {
        fc.pre(a !== b);
        const common = 'x'.repeat(64);
        expect(slug(common + a)).not.toBe(slug(common + b));
      }),
    );
  });
});
