import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const TESTS = join(import.meta.dirname, '..');
const MODEL = readFileSync(join(TESTS, '../docs/threat-model.md'), 'utf8');

/** What the last column of a table of promises names: `unit/exec: gets its arguments`. */
const promises = [...MODEL.matchAll(/^\| (?<promise>.+) \| (?<tests>`(?:unit|scenario|integration|adversary|workflows)\/.+) \|$/gm)].map(
  ({ groups }) => ({
    promise: groups?.['promise'] ?? '',
    tests: [...(groups?.['tests'] ?? '').matchAll(/`([\w/-]+): ([^`]*)`/g)].map(([, file = '', title = '']) => ({ file, title })),
  }),
);

test('the threat model has promises', () => expect(promises.length).toBeGreaterThan(10));

test.each(promises)('a test holds: $promise', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0);
  const missing = tests.filter(
    ({ file, title }) =>
      !readFileSync(join(TESTS, `${file}.test.ts`), 'utf8')
        .replaceAll("\\'", "'")
        .includes(title),
  );
  expect(missing).toEqual([]);
});

test('every table of promises names its tests', () => {
  const tables = MODEL.slice(MODEL.indexOf('## Promises'))
    .split('\n')
    .filter((line) => line.startsWith('| '));
  expect(tables.filter((line) => !/^\| (attack|---) /.test(line))).toHaveLength(promises.length);
});
