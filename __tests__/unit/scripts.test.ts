import { describe, expect, test } from '@jest/globals';
import { between, fill, rows, table } from '../../scripts/docs.ts';
import { count } from '../../scripts/jest.ts';

describe('counting tests', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ assertionResults: [1, 2, 3] }],
  };

  test('counts what passed', () => expect(count(report)).toEqual({ passed: 3, failed: 0 }));
  test.each([
    ['a failed test', { numFailedTests: 1 }],
    ['a skipped test', { numPendingTests: 1 }],
    ['a test that is only planned', { numTodoTests: 1 }],
    ['a file without a test, or that could not be loaded', { testResults: [...report.testResults, { assertionResults: [] }] }],
    ['no file at all', { numPassedTests: 0, testResults: [] }],
  ])('counts %s as failed', (_what, change) => expect(count({ ...report, ...change }).failed).toBe(1));
  test('does not count those that were not asked for by name, but needs one that was', () => {
    expect(count({ ...report, numPendingTests: 7 }, true)).toEqual({ passed: 3, failed: 0 });
    expect(count({ ...report, numPassedTests: 0, numPendingTests: 10 }, true)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('the tables of the README', () => {
  const actionYml = `inputs:
  # Cluster
  nomad-addr:
    description: |
      Address of Nomad.
      Like this | that.
  wait:
    description: Whether to wait.
    default: true
  # Image
  image:
    description: Name of the image.
    default: ''
outputs:
  url:
    description: Where it runs.
`;

  test('take order, sections, defaults and descriptions from action.yml', () => {
    expect(table(rows(actionYml, 'inputs'), 'input')).toBe(
      [
        '| input | default | meaning |',
        '| --- | --- | --- |',
        '| **Cluster** |  |  |',
        '| `nomad-addr` |  | Address of Nomad. Like this \\| that. |',
        '| `wait` | `true` | Whether to wait. |',
        '| **Image** |  |  |',
        '| `image` |  | Name of the image. |',
      ].join('\n'),
    );
  });
  test('have no column of defaults where there are none', () => {
    expect(table(rows(actionYml, 'outputs'), 'output')).toBe('| output | meaning |\n| --- | --- |\n| `url` | Where it runs. |');
  });
  test('replace what was between the markers, and stay as they are the next time', () => {
    const readme = 'a\n<!-- inputs -->\nold\n<!-- /inputs -->\nb\n<!-- outputs --><!-- /outputs -->\nc\n';
    const filled = fill(readme, actionYml);
    expect(filled).toMatch(
      /^a\n<!-- inputs -->\n\n\| input .*\n\n<!-- \/inputs -->\nb\n<!-- outputs -->\n\n\| output .*<!-- \/outputs -->\nc\n$/s,
    );
    expect(filled).not.toContain('old');
    expect(fill(filled, actionYml)).toBe(filled);
  });
  test.each(['', '<!-- inputs -->', '<!-- /inputs --><!-- inputs -->', '<!-- inputs --><!-- inputs --><!-- /inputs -->'])(
    'need their markers: %j',
    (text) => {
      expect(() => between(text, 'inputs', 'x')).toThrow('once each');
    },
  );
});
