import { describe, expect, test } from '@jest/globals';
import { readVarFiles } from '../../src/var-files.ts';

const files = (...texts: [string, string][]): { name: string; text: string }[] => texts.map(([name, text]) => ({ name, text }));

describe('variable files', () => {
  test('give literals of every kind, with their places', () => {
    const text = `# production
region = "eu"   // a comment
count  = 3
on     = true
ports  = { 5000 = "http", "9000" = "admin" }
names  = [
  "a",
  "b", # last
]
motd   = <<-EOT
    hello
      you $\${x}
    EOT
none   = null
price  = "$\${x}"
`;
    expect(readVarFiles(files(['prod.hcl', text]))).toEqual({
      region: { value: 'eu', source: 'prod.hcl:2' },
      count: { value: 3, source: 'prod.hcl:3' },
      on: { value: true, source: 'prod.hcl:4' },
      ports: { value: { '5000': 'http', '9000': 'admin' }, source: 'prod.hcl:5' },
      names: { value: ['a', 'b'], source: 'prod.hcl:6' },
      motd: { value: `hello\n  you \${x}\n`, source: 'prod.hcl:10' },
      none: { value: null, source: 'prod.hcl:14' },
      price: { value: `\${x}`, source: 'prod.hcl:15' },
    });
  });

  test('are JSON by their name', () => {
    expect(readVarFiles(files(['a.hcl', 'x = 1\ny = 2'], ['b.vars.json', `{"y": "\${z}", "l": [1]}`]))).toEqual({
      x: { value: 1, source: 'a.hcl:1' },
      y: { value: `\${z}`, source: 'b.vars.json:1' },
      l: { value: [1], source: 'b.vars.json:1' },
    });
  });

  test.each([
    ['no literal', 'a = 1\nb = upper("x")', '2:1: variable b: expected a value at "***', 2],
    ['an interpolation', `b = "\${a}"`, '1:1: variable b: interpolation is not possible in a value', 1],
    ['an interpolation in a heredoc', `\n b = <<E\n\${a}\nE\n`, '2:2: variable b: interpolation is not possible in a value', 2],
    ['a heredoc without an end', 'b = <<E\nx', '1:1: variable b: the heredoc is not closed', 1],
    ['a block', 'job "x" {}', '1:1: expected `name = value`', 1],
    ['two on a line', 'a = 1 b = 2', '1:1: variable a: unexpected "***" after the value', 1],
    ['a text without quotes', '\na = eu', '2:1: variable a: expected a value at "***"', 2],
  ])('with %s are refused', (_what, text, message, line) => {
    const read = (): unknown => readVarFiles(files(['good.hcl', 'x = 1'], ['prod.hcl', text]));
    expect(read).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: expect.stringContaining(`prod.hcl:${message}`),
        location: expect.objectContaining({ file: 'prod.hcl', line }),
      }),
    );
  });

  test('tell what is wrong in each', () => {
    const read = (): unknown => readVarFiles(files(['a.hcl', 'x'], ['b.json', '[1]'], ['c.json', '{']));
    expect(read).toThrow(/^a\.hcl:1:1: .*\nb\.json: it is no JSON object\nc\.json(:1:\d)?: it is not JSON$/);
  });

  test('that are no JSON are told with the line, and without a word of the text', () => {
    const read = (): unknown => readVarFiles(files(['prod.json', '{\n  "db_pass": "hunter2"\n  "count": 3\n}\n']));
    expect(read).toThrow(
      expect.objectContaining({ message: 'prod.json:3:3: it is not JSON', location: { file: 'prod.json', line: 3, column: 3 } }),
    );
  });

  test('of JSON tell the line of each value', () => {
    const read = readVarFiles(files(['prod.json', '{\n  "count": 3,\n  "tier": "large"\n}\n']));
    expect(read).toMatchObject({ count: { source: 'prod.json:2' }, tier: { source: 'prod.json:3' } });
  });
});
