// docs/features.md: `npm run check` finds a link that leads nowhere, and this a row that says too little.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/features.md'), 'utf8');
const rows = [...PAGE.matchAll(/^\| (\d+) \| (.+)$/gm)].map(([, number, rest = '']) => {
  const [feature = '', state = '', does = '', guide = '', tests = ''] = rest.split(' | ');
  return { number: Number(number), feature, state, does, guide, tests };
});

test('has each row once, in order', () => expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 113 }, (_, i) => i + 1)));

test('says in each row how far the feature goes, with a guide and a test', () => {
  const wrong = rows.filter(
    ({ feature, state, does, guide, tests }) =>
      feature === '' ||
      !/^(yes|\*\*partly\*\*|\*\*no\*\*)$/.test(state) ||
      !does.endsWith('.') ||
      !/^\[[\w.-]+\]\([\w./#-]+\.md[\w#-]*\)$/.test(guide) ||
      !/^\[[\w/-]+\]\(\.\.\/__tests__\/[\w/-]+\.test\.ts\)/.test(tests),
  );
  expect(wrong).toEqual([]);
});

test('names each test by its own file', () => {
  const named = [...PAGE.matchAll(/\[([\w/-]+)\]\(\.\.\/__tests__\/([\w/-]+)\.test\.ts\)/g)];
  expect(named.filter(([, name, file]) => name !== file)).toEqual([]);
  expect(named.length).toBeGreaterThan(rows.length);
});

test('counts its rows', () => {
  const count = (state: string): number => rows.filter((row) => row.state.replaceAll('*', '') === state).length;
  expect(PAGE).toContain(`Of ${rows.length} rows, ${count('yes')} are done, ${count('partly')} in part and ${count('no')} not at all.`);
});
