import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLossless } from '../../../src/nomad/json.ts';
import { textAt } from '../../../src/text/json.ts';
import { fixture } from '../../fixtures/index.ts';

describe('lossless JSON', () => {
  const again = (text: string): string => JSON.stringify(parseLossless(text));

  test.each([
    ['{"n":9007199254740993}', '{"n":9007199254740993}'],
    [
      '[18446744073709551615,-12345678901234567890,{"c":99999999999999999999999999}]',
      '[18446744073709551615,-12345678901234567890,{"c":99999999999999999999999999}]',
    ],
    ['[1.50,0.1,-0.0]', '[1.50,0.1,0]'],
    ['{"b":1,"a":{"d":2,"c":[{"f":3,"e":4}]}}', '{"a":{"c":[{"e":4,"f":3}],"d":2},"b":1}'],
    ['{"text":"12345678901234567890"}', '{"text":"12345678901234567890"}'],
    ['{"a":null,"b":true,"c":[]}', '{"a":null,"b":true,"c":[]}'],
  ])('%s is %s', (text, expected) => expect(again(text)).toBe(expected));

  test('gives plain numbers where they are safe', () => {
    expect(parseLossless('{"Count":3,"Deadline":600000000000}')).toEqual({ Count: 3, Deadline: 600_000_000_000 });
  });

  test('gives the same text for the same job, however its keys are ordered', () => {
    const shuffled = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(shuffled);
      return Object.fromEntries(
        Object.entries(value)
          .map(([key, item]): [string, unknown] => [key, shuffled(item)])
          .reverse(),
      );
    };
    const job: unknown = fixture('parse-raw');
    expect(JSON.stringify(shuffled(job))).not.toBe(JSON.stringify(job));
    expect(again(JSON.stringify(shuffled(job)))).toBe(again(JSON.stringify(job)));
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(again(JSON.stringify(shuffled(value)))).toBe(again(JSON.stringify(value)))));
  });

  test('means what JSON.parse means', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expect(JSON.parse(again(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)))),
    );
  });
});

describe('the text at a path', () => {
  test.each<[unknown, string[], string | undefined]>([
    [{ a: { b: 'x' } }, ['a', 'b'], 'x'],
    ['x', [], 'x'],
    [{ a: { b: '' } }, ['a', 'b'], undefined],
    [{ a: { b: 7 } }, ['a', 'b'], undefined],
    [{ a: null }, ['a', 'b'], undefined],
    [undefined, ['a'], undefined],
    [{}, ['constructor', 'name'], undefined],
    [['x'], ['0'], 'x'],
  ])('%j at %j is %j', (value, path, expected) => expect(textAt(value, ...path)).toBe(expected));
});
