import { describe, expect, test } from '@jest/globals';
import { evaluateVarFiles, readVarFiles } from '../../../src/jobspec/var-files.ts';

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

  test.each([
    [
      'env/prod.yaml',
      'env/prod.yaml: a variable file is HCL or JSON: `yq -o=json . env/prod.yaml` writes it as JSON, for a file that ends in .json',
    ],
    ['prod.tf', 'prod.tf: a variable file is HCL or JSON: write its defaults as lines `name = value`'],
  ])('of other programs are told what to make of them: %s', (name, message) =>
    expect(() => readVarFiles(files([name, 'a: 1\n']))).toThrow(
      expect.objectContaining({ code: 'input-invalid', message, location: { file: name } }),
    ),
  );

  test('are JSON by their name', () => {
    expect(readVarFiles(files(['a.hcl', 'x = 9007199254740993\ny = 2'], ['b.vars.json', `{"y": "\${z}", "l": [1]}`]))).toEqual({
      x: { value: '9007199254740993', source: 'a.hcl:1' },
      y: { value: `\${z}`, source: 'b.vars.json:1' },
      l: { value: [1], source: 'b.vars.json:1' },
    });
  });

  test('leave expressions of literals to the cluster', () => {
    const text = `count = 1e3
memory = 2 * 256 # MB
zone = true ? "a" : "b"
name = "web-\${1 + 1}"
list = [
  (1 + 2) * 3,
]
each = [for x in ["a"]: upper(x)]
motd = <<EOF
%{ if true }yes%{ endif }
EOF
limits = { cpu = 2 * 100, "mem" : 256 }
first = ["a", "b"][0]
not = !false
last = 3
`;
    const read = readVarFiles(files(['a.hcl', text]));
    expect(read).toMatchObject({ count: { value: 1000, source: 'a.hcl:1' }, last: { value: 3, source: 'a.hcl:15' } });
    expect(Object.entries(read).flatMap(([name, { expression, source }]) => (expression === undefined ? [] : [[name, source]]))).toEqual([
      ['memory', 'a.hcl:2'],
      ['zone', 'a.hcl:3'],
      ['name', 'a.hcl:4'],
      ['list', 'a.hcl:5'],
      ['each', 'a.hcl:8'],
      ['motd', 'a.hcl:9'],
      ['limits', 'a.hcl:12'],
      ['first', 'a.hcl:13'],
      ['not', 'a.hcl:14'],
    ]);
  });

  test('with expressions are evaluated by one request, and their mistakes told by their own lines', async () => {
    const sent: string[] = [];
    const jobs = (answer: object) => ({ parse: async (_: string, variables: string) => Promise.resolve(sent.push(variables) && answer) });
    const values = readVarFiles(files(['a.hcl', 'a = 1\nb = [\n  1 + 1,\n]\nc = 2 * "x"\n']));
    const evaluated = await evaluateVarFiles(values, { jobs: jobs({ job: { Meta: { v0: '[2]', v1: '"y"' } } }) } as never, undefined);
    expect(evaluated).toEqual({
      a: { value: 1, source: 'a.hcl:1' },
      b: { value: [2], source: 'a.hcl:2' },
      c: { value: 'y', source: 'a.hcl:5' },
    });
    expect(sent).toEqual(['v0 = [\n  1 + 1,\n]\nv1 = 2 * "x"\n']);
    const problem = {
      message: 'unable to parse var content: input.hcl:4,10-13: Invalid operand; a number is required.',
      line: 4,
      column: 10,
    };
    await expect(evaluateVarFiles(values, { jobs: jobs({ problems: [problem] }) } as never, undefined)).rejects.toMatchObject({
      code: 'input-invalid',
      message: 'a.hcl:5: variable c: Invalid operand; a number is required.',
      location: { file: 'a.hcl', line: 5 },
    });
  });

  test('without expressions are not asked about', async () => {
    const values = readVarFiles(files(['a.hcl', 'a = 1\n']));
    expect(await evaluateVarFiles(values, { jobs: {} } as never, undefined)).toBe(values);
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
    expect(read).toThrow(/^a\.hcl:1:1: .*\nb\.json: the file is not a JSON object\nc\.json(:1:\d)?: the file is not JSON$/);
  });

  test('that are no JSON are told with the line, and without a word of the text', () => {
    const read = (): unknown => readVarFiles(files(['prod.json', '{\n  "db_pass": "hunter2"\n  "count": 3\n}\n']));
    expect(read).toThrow(
      expect.objectContaining({ message: 'prod.json:3:3: the file is not JSON', location: { file: 'prod.json', line: 3, column: 3 } }),
    );
  });

  test('of JSON tell the line of each value', () => {
    const read = readVarFiles(files(['prod.json', '{\n  "count": 3,\n  "tier": "large"\n}\n']));
    expect(read).toMatchObject({ count: { source: 'prod.json:2' }, tier: { source: 'prod.json:3' } });
  });
});
