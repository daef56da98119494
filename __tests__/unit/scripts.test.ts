import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { between } from '../../scripts/docs.ts';
import { pageProblems, variableProblems, workflowProblems } from '../../scripts/docs-check.ts';
import { count, withoutFailed } from '../../scripts/jest.ts';
import { fillAction, fillWorkflow, linked, table } from '../../scripts/reference.ts';
import { withoutWords } from '../../scripts/words.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('counting tests', () => {
  const [passed, failed] = [{ status: 'passed' }, { status: 'failed' }];
  const report = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [passed, passed, passed] }],
  };

  test('counts what passed', () => expect(count(report)).toEqual({ passed: 3, failed: 0 }));
  test.each([
    ['a failed test', { numFailedTests: 1 }],
    ['a skipped test', { numPendingTests: 1 }],
    ['a test that is only planned', { numTodoTests: 1 }],
    [
      'a file without a test, or that could not be loaded',
      { testResults: [...report.testResults, { name: 'b.test.ts', status: 'failed', assertionResults: [] }] },
    ],
    ['no file at all', { numPassedTests: 0, testResults: [] }],
  ])('counts %s as failed', (_what, change) => expect(count({ ...report, ...change }).failed).toBe(1));
  test('does not count those that were not asked for by name, but needs one that was', () => {
    expect(count({ ...report, numPendingTests: 7 }, true)).toEqual({ passed: 3, failed: 0 });
    expect(count({ ...report, numPassedTests: 0, numPendingTests: 10 }, true)).toEqual({ passed: 0, failed: 1 });
  });

  const bad = (name: string) => ({ name, status: 'failed', assertionResults: [passed, failed, { status: 'pending' }] });
  test('files that failed run again, and their first results do not count', () => {
    const testResults = [...report.testResults, bad('b.test.ts'), { name: 'c.test.ts', status: 'failed', assertionResults: [] }];
    const again = withoutFailed({ ...report, numPassedTests: 4, numFailedTests: 1, numPendingTests: 1, testResults });
    expect(again).toEqual({ kept: report, files: ['b.test.ts', 'c.test.ts'] });
  });
  test.each([
    ['without a failure', report.testResults],
    ['with more failed files than load explains', ['a', 'b', 'c', 'd'].map(bad)],
  ])('there is no second run %s', (_what, testResults) => expect(withoutFailed({ ...report, testResults })).toBeUndefined());
});

describe('what is made of the tables', () => {
  test('a cell of a table has no line breaks, and its bars are escaped', () => {
    expect(table(['a', 'b'], [['1\n2', 'x | y']])).toBe('| a | b |\n| --- | --- |\n| 1 2 | x \\| y |');
  });

  test.each([
    ['docs/reference/', 'see docs/verify.md#json, or [it](docs/a.md)', 'see [verify.md](../verify.md#json), or [it](../a.md)'],
    ['docs/reference/', 'in docs/reference/variables.md', 'in [variables.md](variables.md)'],
    ['docs/', 'see docs/verify.md', 'see [verify.md](verify.md)'],
    ['', 'see docs/verify.md', 'see [verify.md](docs/verify.md)'],
  ] as const)('a text names guides, and a page of %j links them', (folder, text, page) => expect(linked(text, folder)).toBe(page));

  test('action.yml keeps all but its inputs and outputs, and stays as it is the next time', () => {
    const filled = fillAction(
      'name: x\ninputs:\n  vanished-input:\n    description: x\n\noutputs:\n  vanished-output: {}\n\nruns:\n  using: node24\n',
    );
    expect(filled).toMatch(
      /^name: x\ninputs:\n {2}# What to do\n {2}command:\n.*\n\noutputs:\n {2}outcome:\n.*\n\nruns:\n {2}using: node24\n$/s,
    );
    expect(filled).not.toContain('vanished');
    expect(fillAction(filled)).toBe(filled);
  });

  test('the reusable workflow keeps its own inputs', () => {
    const text = 'inputs:\n  # inputs of the action\n  old: {}\n  # /inputs\n  runs-on: {}\n';
    expect(fillWorkflow(text)).toMatch(
      /^inputs:\n {2}# inputs of the action\n {6}working-directory:\n.*\n {2}# \/inputs\n {2}runs-on: \{\}\n$/s,
    );
    expect(fillWorkflow(fillWorkflow(text))).toBe(fillWorkflow(text));
  });

  test.each(['', '<!-- inputs -->', '<!-- /inputs --><!-- inputs -->', '<!-- inputs --><!-- inputs --><!-- /inputs -->'])(
    'need their markers: %j',
    (text) => {
      expect(() => between(text, 'inputs', 'x')).toThrow('once each');
    },
  );
});

describe('the words of the tables', () => {
  const entry = `export const T = { a: { of: 'run', common: 'x', meaning: \`long\${x}, }\`, reusable: true, values: [{ meaning: 'y' }] }, b: { otherwise: 1 } };`;
  test('are not in the bundle, and the facts are', () => {
    expect(withoutWords(entry)).toBe(`export const T = { a: { of: 'run',    values: [{  }] }, b: { otherwise: 1 } };`);
  });

  test('are read by no code of src/', () => {
    const files = globSync('src/**/*.ts', { cwd: ROOT });
    // A template in a table says the meaning of a command, and the module of the terminal's words is made by the build.
    const makers = ['src/inputs/table/basics.ts', 'src/terminal/words.ts'];
    const readers = files.filter((file) => !makers.includes(file) && /\.meaning\b/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(files.length).toBeGreaterThan(100);
    expect(readers).toEqual([]);
  });
});

describe('a page that contradicts the code is found', () => {
  const pages: Readonly<Record<string, string>> = { 'docs/other.md': '# A heading\n\n## Two `words`, here\n\n## A heading\n' };
  const problems = (text: string): string[] => pageProblems('docs/page.md', text, (file) => pages[file]);

  test.each([
    ['an input', '| input | meaning |\n| --- | --- |\n| `on-failur` | x |', 'there is no input `on-failur`'],
    ['one input of several', '| inputs |\n| --- |\n| `wait`, `timeot` |', 'there is no input `timeot`'],
    ['a command', '| command | does |\n|---|---|\n| `rollback` | x |', 'there is no command `rollback`'],
    ['a command with its input', 'With `command: rollback` it does.', 'there is no command `rollback`'],
    ['an outcome', '| `outcome` | step |\n|---|---|\n| `succeeded` | passes |', 'there is no outcome `succeeded`'],
    ['an output', '| output | meaning |\n|---|---|\n| `address` | x |', 'there is no output `address`'],
    ['an output in the text', 'The output `job-idd` tells.', 'there is no output `job-idd`'],
    ['an output in a list', 'The outputs `url` and `uri` tell.', 'there is no output `uri`'],
    ['a failure reason', '| failure reason | meaning |\n|---|---|\n| `out-of-memory` | x |', 'there is no failure reason `out-of-memory`'],
    ['a variable', '| variable | meaning |\n|---|---|\n| `MEMROY` | x |', 'there is no variable `MEMROY`'],
    ['a variable of the environment', 'Set `NOMAD_ADRESS`.', 'the code has no `NOMAD_ADRESS`'],
    ['a variable of the template', 'Set `NOMAD_VAR_MEMROY`.', 'the code has no `NOMAD_VAR_MEMROY`'],
    ['a name anywhere', 'It is `preserve-count`, and so on.', 'the code has no `preserve-count`'],
    ['a page', 'See [it](none.md).', 'there is no docs/none.md'],
    ['a heading', 'See [it](other.md#a-headin).', 'docs/other.md has no heading #a-headin'],
    ['a heading of its own', '# One\n\nSee [it](#two).', 'docs/page.md has no heading #two'],
  ])('%s', (_what, text, problem) => expect(problems(text)).toContain(`docs/page.md: ${problem}`));

  test.each([
    'The inputs `wait`, `promote` and `on-failure: revert`, the output `url`, and `command: plan`.',
    '| input |\n|---|\n| `nomad-addr`, `command: plan` |\n\nText.\n\n| example |\n|---|\n| `whatever-it-is` |'.replace(
      'whatever-it-is',
      'hello',
    ),
    '`unhealthy-rolled-back`, `NOMAD_SECRET_<NAME>`, `NOMAD_VAR_MEMORY`, `npm run docs-x`, `BASE_DOMAIN`',
    '```yaml\nwith: `no-such-input`\n```',
    '[a](other.md#a-heading), [b](other.md#two-words-here), [c](other.md#a-heading-1), [d](https://example.com/x#y)',
  ])('and nothing else: %j', (text) => expect(problems(text)).toEqual([]));

  test('so is a variable that the code reads and the reference does not have', () => {
    expect(variableProblems('src/a.ts', `env['NOMAD_ADDR'] ?? env['NOMAD_ELSE'] ?? environment['GITHUB_SHA']`)).toEqual([
      'src/a.ts: docs/reference/environment.md has no NOMAD_ELSE; add it to scripts/environment.ts',
    ]);
  });

  test('so is an input that the reusable workflow loses, or that the action does not have', () => {
    const text =
      'on: { workflow_call: { inputs: { job: {}, vars: {} } } }\njobs:\n  a:\n    steps:\n      - uses: org/nomad-deploy@v1\n        with: { job: "${{ inputs.job }}", jobs: x }\n';
    expect(workflowProblems(text)).toEqual(['deploy.yml: no step takes the input vars', 'deploy.yml: the action has no input jobs']);
  });
});
