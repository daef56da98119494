import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitLabel, hostBeside, slug } from '../../../src/text/slug.ts';

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

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;
const letters = fc.constantFrom(...'abcXYZ019-'.split(''));
const name = fc
  .array(letters, { minLength: 1, maxLength: 140 })
  .map((pieces) => `a${pieces.join('')}z`)
  .filter((text) => NAME.test(text));

describe('a name made of others', () => {
  test.each([
    ['acme-shop--admin', 'acme-shop--admin'],
    ['Acme--Shop', 'Acme--Shop'],
    ['a'.repeat(63), 'a'.repeat(63)],
    // SHA-256 of 64 times `a` begins with ffe054.
    ['a'.repeat(64), `${'a'.repeat(56)}-ffe054`],
    [`${'a'.repeat(54)}--${'b'.repeat(20)}`, `${'a'.repeat(54)}-b99813`],
  ])('%s fits as %s', (text, expected) => expect(fitLabel(text)).toBe(expected));

  test.each([
    [12, 'aaaaa-ffe054'],
    [8, 'a-ffe054'],
    [7, 'ffe054'],
    [2, 'ff'],
  ])('fits into %i characters as %s', (length, expected) => expect(fitLabel('a'.repeat(64), length)).toBe(expected));

  test('is as it was when it fits, else a label of the length that differs whenever the name does', () => {
    fc.assert(
      fc.property(name, name, fc.integer({ min: 20, max: 63 }), (a, b, length) => {
        const [one, other] = [fitLabel(a, length), fitLabel(b, length)];
        expect(one).toMatch(NAME);
        expect(one.length).toBeLessThanOrEqual(length);
        expect(one === a).toBe(a.length <= length);
        expect(one === other).toBe(a === b);
      }),
    );
  });
});

describe('the hostname beside another', () => {
  const long = 'a'.repeat(63);
  test.each<[string, string, string, string]>([
    ['shop.example.com', 'canary-', '', 'canary-shop.example.com'],
    ['shop.example.com', '', '-admin', 'shop-admin.example.com'],
    ['shop.example.com', 'canary-', '-admin', 'canary-shop-admin.example.com'],
    ['localhost', 'canary-', '', 'canary-localhost'],
    [`${'a'.repeat(56)}.example.com`, 'canary-', '', `canary-${'a'.repeat(56)}.example.com`],
    [`${long}.example.com`, 'canary-', '', `canary-${'a'.repeat(49)}-9b7df4.example.com`],
    [`${long}.example.com`, '', '-admin', `${'a'.repeat(56)}-8450bb.example.com`],
  ])('%s with %j and %j is %s', (host, prefix, suffix, expected) => expect(hostBeside(host, prefix, suffix)).toBe(expected));

  test('is a hostname, and another one for another label, prefix or suffix', () => {
    const label = name.map((text) => fitLabel(text));
    const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
    const around = fc.constantFrom<[string, string]>(
      ['canary-', ''],
      ['', '-admin'],
      ['', '-db'],
      ['canary-', '-admin'],
      ['canary-', '-db'],
    );
    fc.assert(
      fc.property(label, label, domain, around, around, (a, b, rest, [before, after], [prefix, suffix]) => {
        const hosts = [hostBeside(`${a}.${rest}`, before, after), hostBeside(`${b}.${rest}`, prefix, suffix)];
        for (const host of hosts) {
          expect(host.length).toBeLessThanOrEqual(253);
          for (const part of host.split('.')) expect(part).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i);
        }
        expect(hosts[0] === hosts[1]).toBe(`${before}${a}${after}` === `${prefix}${b}${suffix}`);
      }),
    );
  });
});
