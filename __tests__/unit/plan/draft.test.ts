import { describe, expect, test } from '@jest/globals';
import type { Setting, SpecFile } from '../../../src/jobspec/types.ts';
import { givenBy } from '../../../src/plan/draft.ts';

describe('what the servers refuse is told with the variables that gave it', () => {
  const text = 'job "web" {\n  type = var.kind\n  group "g" {\n    count = var.n\n  }\n}\n';
  const spec: SpecFile = { name: 'web.nomad', text, builtIn: false, format: 'hcl', template: false, fragments: {} };
  const settings: readonly Setting[] = [
    { name: 'n', value: '-3', source: 'NOMAD_VAR_n' },
    { name: 'kind', value: 'srvice', source: 'prod.hcl:2' },
    { name: 'zone', value: 'a', source: 'vars' },
  ];
  test.each([
    ['on its line', "Task group g: Task group count can't be negative", 4, ' (var.n has its value from NOMAD_VAR_n)'],
    ['by its value', 'Invalid job type: "srvice"', undefined, ' (var.kind has its value from prod.hcl:2)'],
    ['not where none is', 'Task group g: Task t: Missing task driver', 3, ''],
  ])('%s', (_what, words, line, told) =>
    expect(givenBy(words, { file: 'web.nomad', ...(line === undefined ? {} : { line }) }, spec, settings)).toBe(told),
  );
  test('a default says nothing', () =>
    expect(givenBy('x', { file: 'web.nomad', line: 4 }, spec, [{ name: 'n', value: '-3', source: 'default' }])).toBe(''));
});
