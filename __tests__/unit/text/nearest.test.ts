import { expect, test } from '@jest/globals';
import { nearest } from '../../../src/text/nearest.ts';

const KNOWN = ['nomad-addr', 'nomad-token', 'wait', 'summary', 'job', 'job-name'];

test.each([
  ['nomad-adr', 'nomad-addr'],
  ['NOMAD_ADDR', 'nomad-addr'],
  ['nomadtoken', 'nomad-token'],
  ['nomad tokne', 'nomad-token'],
  ['sumary', 'summary'],
  ['wiat', undefined], // half of its letters differ
  ['jobs', 'job'],
  ['jobname', 'job-name'],
  ['zzz', undefined],
  ['', undefined],
])('%j most likely means %j', (name, expected) => expect(nearest(name, KNOWN)).toBe(expected));

// A third of the letters may differ.
test.each([
  ['abcdef', 'abcdxy', true],
  ['abcdef', 'abcxyz', false],
  ['abcde', 'abcxy', false],
  ['abc', 'xabc', true],
  ['abcd', 'bcd', true],
  ['abc', 'acb', false],
  ['ab', 'b', false],
  ['a', 'a', true],
])('%j is near to %j: %s', (name, known, near) => expect(nearest(name, [known])).toBe(near ? known : undefined));

test('the nearest is taken, not the first', () => expect(nearest('abcdef', ['abcdxx', 'abcdxf', 'abcxxf'])).toBe('abcdxf'));
test('the first of two that are equally near is taken', () => expect(nearest('abcx', ['abcd', 'abce'])).toBe('abcd'));
test('nothing is near among nothing', () => expect(nearest('wait', [])).toBeUndefined());
test('the name that is known is given, not the letters that were compared', () =>
  expect(nearest('nomad_adrr', ['job', 'Nomad-Addr'])).toBe('Nomad-Addr'));
test('a long name is compared with many in little time, and one without end with none', () => {
  const known = Array.from({ length: 500 }, (_, i) => `${'ab'.repeat(100)}${i}`);
  const begun = performance.now();
  for (let i = 0; i < 20; i++) nearest(`${'ba'.repeat(100)}x${i}`, known);
  expect(nearest('a'.repeat(400_000), known)).toBeUndefined();
  expect(performance.now() - begun).toBeLessThan(10_000);
});
