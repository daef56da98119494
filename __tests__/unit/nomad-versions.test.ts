import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { candidates, DEFAULT_LINE, lineOf, NOMAD_LINES, sampleLine } from '../../scripts/parts/nomad-versions.ts';
import { atLeast } from '../../scripts/parts/tools.ts';
import { SAMPLE, sampled } from '../../scripts/sample.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const pinOf = (module: string): string =>
  / v(\d+\.\d+\.\d+)/.exec(/hashicorp\/nomad v\S+/.exec(read(`tools/${module}/go.mod`))?.[0] ?? '')?.[1] ?? '';

describe('NOMAD_VERSION', () => {
  const older = NOMAD_LINES['1.9']?.module ?? '';
  test.each([
    ['1.10.5', [{ version: '1.10.5', module: 'nomad-1.10' }]],
    ['v1.10.5', [{ version: '1.10.5', module: 'nomad-1.10' }]],
    ['1.10', [{ version: '1.10.5', module: 'nomad-1.10' }]],
    ['1.11', [{ version: '1.11.3', module: 'nomad' }]],
    ['1.9', [{ version: '1.9.7' }, { version: pinOf(older), module: older }]],
    ['2.0', [{ version: '2.0.6' }]],
    ['1.9.2', [{ version: '1.9.2' }]],
    ['3.1.4', [{ version: '3.1.4' }]],
    ['2.1.0-rc.1', [{ version: '2.1.0-rc.1' }]],
  ])('%s', (asked, expected) => expect(candidates(asked, pinOf)).toEqual(expected));
  test.each([
    ['newest', /takes a version \(1\.10\.5\) or a line \(1\.10\)/],
    ['1', /takes a version/],
    ['1.10.5; rm', /takes a version/],
    ['3.1', /known lines are 1\.9, 1\.10, 1\.11, 2\.0, 2\.1/],
  ])('%s is an error', (asked, message) => expect(() => candidates(asked, pinOf)).toThrow(message));
});

describe('the table of versions', () => {
  test.each(Object.entries(NOMAD_LINES))(
    '%s has a release of its line, and a module of that or an older version',
    (line, { release, module }) => {
      expect(lineOf(release)).toBe(line);
      if (module === undefined) return;
      expect(lineOf(pinOf(module))).toBe(line);
      expect(atLeast(release, pinOf(module))).toBe(true);
    },
  );
  test('has the default line, and another one that can be built', () => {
    expect(NOMAD_LINES[DEFAULT_LINE]?.module).toBe('nomad');
    expect(sampleLine()).toBe('1.10');
  });
});

describe('the sample', () => {
  test.each(Object.entries(SAMPLE))('has tests of %s.test.ts that are there', (file, names) => {
    const text = read(`__tests__/integration/${file}.test.ts`);
    const groups = [...text.matchAll(/^describe\('(.+)', /gm)].map(([, name = '']) => name);
    for (const name of names) {
      const group = groups.find((one) => name.startsWith(one)) ?? '';
      const rest = name.slice(group.length).trimStart();
      expect([name, rest === '' || text.includes(`('${rest}', `)]).toEqual([name, true]);
    }
  });
  test('is left out where the version is chosen', () => {
    expect(sampled({})).toBe('1.10');
    expect(sampled({ NOMAD_VERSION: '2.0' })).toBeUndefined();
    expect(sampled({ NOMAD_BIN: '/x' })).toBeUndefined();
  });
});
