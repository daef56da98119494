import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { declaredVariables, topLevelBlocks } from '../../../src/text/hcl.ts';
import { type HclValue, hclLiteral, parseLiteral } from '../../../src/text/hcl-values.ts';

describe('the variables of a spec', () => {
  const names = (source: string): string[] => declaredVariables(source).map(({ name }) => name);

  test('have a type, a default and a line', () => {
    const source = `
variable "text" {}
variable "tag" { default = "v1" }
variable "count" {
  description = "type = string"
  type        = number
  default     = 1
}
variable "ports" { type = map(string) }
variable "explicit" {
  type    = string # default = "no"
  /* default = "no" */
}
variable "flag" { default = false }
variable "list" { default = ["a"] }
variable "motd" {
  default = <<-EOT
    type = number
    EOT
}
variable "object" {
  type    = object({ default = string, type = number })
  validation {
    condition     = var.object.default != ""
    error_message = "default = 1"
  }
}
variable "any" { type = any }
`;
    expect(declaredVariables(source)).toMatchObject([
      { name: 'text', type: 'string', hasDefault: false, line: 2 },
      { name: 'tag', type: 'string', hasDefault: true, line: 3 },
      { name: 'count', type: 'number', hasDefault: true, line: 4 },
      { name: 'ports', type: 'expression', hasDefault: false, line: 9 },
      { name: 'explicit', type: 'string', hasDefault: false, line: 10 },
      { name: 'flag', type: 'bool', hasDefault: true, line: 14 },
      { name: 'list', type: 'expression', hasDefault: true, line: 15 },
      { name: 'motd', type: 'string', hasDefault: true, line: 16 },
      { name: 'object', type: 'expression', hasDefault: false, line: 21 },
      { name: 'any', type: 'expression', hasDefault: false, line: 28 },
    ]);
  });

  test('of a `variables` block have the type of their default', () => {
    const source = `variables {
  image  = "nginx"
  memory = 300 # MB
  debug  = false

  hosts = [
    "a",
  ]
  labels = { a = "b" }
  none   = null
  motd   = <<EOF
text
EOF
}
`;
    expect(declaredVariables(source)).toEqual([
      { name: 'image', type: 'string', hasDefault: true, initial: '"nginx"', line: 2, column: 3 },
      { name: 'memory', type: 'number', hasDefault: true, initial: '300', line: 3, column: 3 },
      { name: 'debug', type: 'bool', hasDefault: true, initial: 'false', line: 4, column: 3 },
      { name: 'hosts', type: 'expression', hasDefault: true, initial: '[\n    "a",\n  ]', line: 6, column: 3 },
      { name: 'labels', type: 'expression', hasDefault: true, initial: '{ a = "b" }', line: 9, column: 3 },
      { name: 'none', type: 'expression', hasDefault: true, initial: 'null', line: 10, column: 3 },
      { name: 'motd', type: 'string', hasDefault: true, initial: '<<EOF\ntext\nEOF', line: 11, column: 3 },
    ]);
  });

  test.each<[string, string | undefined]>([
    ['', undefined],
    ['default = 300', '300'],
    ['default = -1.5 # comment', '-1.5'],
    ['default = "a\\"b" // comment\n  type = string', '"a\\"b"'],
    ['type = map(string)\n  default = { 5000 = "http" }\n  nullable = false', '{ 5000 = "http" }'],
    ['default = [\n    "a", # first\n  ]\n  validation {\n    condition = true\n  }', '[\n    "a", # first\n  ]'],
    ['default = <<EOF\ntext\nEOF\n', '<<EOF\ntext\nEOF'],
    ['type = object({ a = string, b = optional(number, 3) })', undefined],
    [
      'type = object({\n    default = optional(string, "}")\n    b = optional(object({ default = optional(bool, true) }), {})\n  })\n',
      undefined,
    ],
    ['type = map(object({ a = optional(list(string), ["x"]) }))\n  default = { k = { a = ["z"] } }', '{ k = { a = ["z"] } }'],
    ['default = { a = "y" }\n  type = object({ a = string, b = optional(number) })', '{ a = "y" }'],
  ])('of the body %j have the default %j as it is written', (body, initial) => {
    expect(declaredVariables(`variable "x" {\n  ${body}\n}`)[0]?.initial).toBe(initial);
  });

  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['no line at its end', 'variable "a" {}', ['a']],
    ['lines of Windows', 'variable "a" {\r\n  default = <<EOF\r\nit"s {\r\nEOF\r\n}\r\nvariable "b" {}\r\n', ['a', 'b']],
    ['a label without quotes', 'variable a {}\nvariable b-c { type = number }', ['a', 'b-c']],
    ['several on a line', 'variable "a" {} variable "b" {}', ['a', 'b']],
    ['comments', '# variable "a" {}\n// variable "b" {}\n/* variable "c" {}\n*/ variable "d" {}', ['d']],
    ['comments between its parts', 'variable /* x */ "a" # y\n // z\n {}', ['a']],
    ['comment signs in text', 'locals { a = "# no" }\nvariable "b" {}\nlocals { c = "/* no" }\nvariable "d" {}', ['b', 'd']],
    ['a declaration in text', 'locals { a = "variable \\"b\\" {}" }\nvariable "c" {}', ['c']],
    ['braces in text', 'locals { a = "}}" }\nvariable "b" {}', ['b']],
    ['quotes in a template', 'locals { a = "${join("}", ["x", "{"])}" }\nvariable "b" {}', ['b']],
    ['templates in templates', 'locals { a = "${x ? "${y}}" : "{"}" }\nvariable "b" {}', ['b']],
    ['an escaped template', 'locals { a = "$${" }\nvariable "b" {}\nlocals { c = "%%{" }\nvariable "d" {}', ['b', 'd']],
    ['a directive', 'locals { a = "%{ if x }${"}"}%{ endif }" }\nvariable "b" {}', ['b']],
    ['an escaped quote', 'locals { a = "\\\\" }\nvariable "b" {}\nlocals { c = "\\"" }\nvariable "d" {}', ['b', 'd']],
    ['a heredoc', 'locals { a = <<EOF\nvariable "b" {}\n  not EOF\nEOF\n}\nvariable "c" {}', ['c']],
    ['an indented heredoc', 'locals {\n  a = <<-EOF\n    it"s {\n    EOF\n}\nvariable "b" {}', ['b']],
    ['an empty heredoc', 'locals {\n a = <<EOF\nEOF\n}\nvariable "b" {}\nlocals {\n c = <<EOF\nx\nEOF\n}\nvariable "d" {}', ['b', 'd']],
    ['a block inside another', 'job "x" { variable "a" {} }\nvariable "b" {}', ['b']],
    ['an attribute of that name', 'variable = "a"\nvariables = 1\nvariable "c" {}', ['c']],
    ['a `variables` block', 'variables { b = 1 }\nvariable "c" {}', ['b', 'c']],
    [
      'several `variables` blocks',
      'variables {\n  a = { x = 1 }\n  b-c = [\n    "d = 1",\n  ]\n}\nvariables {\n}\nvariables { e = null }',
      ['a', 'b-c', 'e'],
    ],
    ['comparisons in a `variables` block', 'variables {\n  a = true == false # b = 1\n  // c = 2\n  d = 1\n}', ['a', 'd']],
    ['a heredoc in a `variables` block', 'variables {\n  a = <<EOF\nb = 1\nEOF\n  c = 1\n}', ['a', 'c']],
    ['a `variables` block inside another', 'job "x" {\n  variables {\n    a = 1\n  }\n}', []],
    ['a use', 'job "x" { count = var.variable }\nlocals { variable = "a" }', []],
    ['a spec that is broken', 'variable "a" {}\njob "x" {\n  a = "', ['a']],
  ])('are found beside %s', (_what, source, expected) => expect(names(source)).toEqual(expected));

  test('are found in any text without an error', () => {
    const piece = fc.constantFrom(
      'variable',
      '"a"',
      '"',
      '{',
      '}',
      '${',
      '%{',
      '<<EOF',
      '\nEOF\n',
      '\n',
      '#',
      '/*',
      '*/',
      '\\',
      '=',
      ' ',
      'type',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = `${pieces.join('')}`;
        for (const { line } of declaredVariables(source)) expect(line).toBeLessThanOrEqual(source.split('\n').length);
      }),
    );
  });

  test('of a long spec are found in no time', () => {
    const source = `${'# a comment\n'.repeat(20_000)}${'job "x" { a = "b" }\n'.repeat(20_000)}variable "last" {}`;
    const begun = performance.now();
    expect(declaredVariables(source)).toMatchObject([{ name: 'last', line: 40_001 }]);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('the blocks of a file', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['variable "a" {}', ['variable "a" {}']],
    [
      'x = 1\nlocals {\n  a = { b = "}" }\n}\njob "web" {\n  locals {}\n}\nvariable b { default = [1] } # end',
      ['locals {\n  a = { b = "}" }\n}', 'variable b { default = [1] }'],
    ],
    ['# locals {}\nlocals { a = <<EOF\n} variable "x" {}\nEOF\n}', ['locals { a = <<EOF\n} variable "x" {}\nEOF\n}']],
    ['job "web" { count = var.x }', []],
    ['locals {', []],
  ])('of %j are %j', (source, blocks) => expect(topLevelBlocks(source, ['variable', 'locals'])).toEqual(blocks));
});

test('variables of HCL that is written as JSON are declared, too', () => {
  const source = `{
  "variable": [
    { "image": {} , "size": { "type": "number" } },
    { "zones": [{ "type": "list(string)", "default": ["a"] }], "shop": { "type": "object({a = string, b = optional(number, 3)})" } }
  ],
  "variables": { "tier": "free", "debug": false },
  "job": { "web": { "meta": { "a": "\${var.tier}" } } }
}`;
  expect(declaredVariables(source)).toMatchObject([
    { name: 'image', type: 'string', hasDefault: false, line: 3 },
    { name: 'size', type: 'number', hasDefault: false, line: 3 },
    { name: 'zones', type: 'expression', initial: '["a"]', line: 4 },
    { name: 'shop', type: 'expression', initial: undefined, line: 4 },
    { name: 'tier', type: 'string', initial: '"free"', line: 6 },
    { name: 'debug', type: 'bool', initial: 'false', line: 6 },
  ]);
  expect(declaredVariables('{ "variable": ')).toEqual([]);
});

test('a type in quotes is the one that was meant', () => {
  expect(declaredVariables('variable "x" {\n  type = "string"\n}')).toMatchObject([{ name: 'x', type: 'string' }]);
});

describe('a literal', () => {
  test.each<[string, HclValue]>([
    ['3', 3],
    [' -1.5e3 ', -1500],
    ['0123', 123],
    ['true', true],
    ['false', false],
    ['null', null],
    ['"text"', 'text'],
    ['""', ''],
    ['"a\\n\\"b\\"\\u00e9"', 'a\n"b"é'],
    ['[]', []],
    ['["a", "b",]', ['a', 'b']],
    ['[\n  1, # one\n  [2], // two\n]', [1, [2]]],
    ['{}', {}],
    ['{ 5000 = "http" }', { 5000: 'http' }],
    ['{ 5000 = "http", -8989 = "lcp" }', { 5000: 'http', '-8989': 'lcp' }],
    ['{"5000": "http"}', { 5000: 'http' }],
    ['{\n  a = 1\n  "b c" = [true]\n  d-e : {}\n}', { a: 1, 'b c': [true], 'd-e': {} }],
    ['{ a = "$${x} %%{y}" }', { a: '${x} %{y}' }],
    // More digits than JavaScript's numbers have stay a text, of which Nomad makes a number again.
    ['9007199254740993', '9007199254740993'],
    ['{"seed": 9007199254740993, "n": [1, 18446744073709551615]}', { seed: '9007199254740993', n: [1, '18446744073709551615'] }],
    ['{ seed = -9007199254740993 }', { seed: '-9007199254740993' }],
    ['9007199254740991', 9007199254740991],
    ['"9007199254740993"', '9007199254740993'],
    // JSON knows no templates.
    ['{"a": "${x}"}', { a: '${x}' }],
    // JSON knows no long escapes.
    ['["\\U0001F600 \\u00fc", "\\\\U0001F600 \\U00000022"]', ['😀 ü', '\\U0001F600 "']],
    // Lines of blanks only are neither counted nor changed.
    ['<<-E\n    a\n  \n\n      \n      b\n  E', 'a\n  \n\n      \n  b\n'],
  ])('%s', (source, expected) => expect(parseLiteral(source)).toEqual(expected));

  test.each([
    ['', 'the value ends too early'],
    ['text', 'expected a value at "text"; text needs double quotes'],
    ["'text'", 'expected a value at "\'text\'"; text needs double quotes'],
    ['var.x', 'expected a value at "var.x"; text needs double quotes'],
    ['{ a = upper("x") }', 'expected a value at "upper(\\"x\\") }"; text needs double quotes'],
    ['1 + 2', 'unexpected "+ 2" after the value'],
    ['0x10', 'unexpected "x10" after the value'],
    ['[1 2]', 'expected a comma or the end of the list'],
    ['[1', 'expected a comma or the end of the list'],
    ['[', 'the value ends too early'],
    ['{ a 1 }', 'expected = or : after the key "a"'],
    ['{ a = 1 b = 2 }', 'expected a comma, a new line or the end of the map'],
    ['{ a = 1', 'expected a comma, a new line or the end of the map'],
    ['{', 'the map is not closed'],
    ['{ = 1 }', 'expected a key at "= 1 }"'],
    ['{ a = "${var.x}" }', 'interpolation is not possible in a value'],
    ['{ a = "%{ if true }" }', 'interpolation is not possible in a value'],
    ['"open', 'the text "open is not closed, or has an escape that HCL does not know'],
    ['["\\UFFFFFFFF"]', 'the text "\\UFFFFFFFF" is not closed, or has an escape that HCL does not know'],
    ['"bad \\q"', 'the text "bad \\q" is not closed, or has an escape that HCL does not know'],
  ])('%s is refused: %s', (source, message) => expect(() => parseLiteral(source)).toThrow(message));
});

describe('a written literal', () => {
  test.each<[HclValue, string]>([
    ['text', '"text"'],
    ['say "hi"\n\\', '"say \\"hi\\"\\n\\\\"'],
    ['${x} %{y}', '"$${x} %%{y}"'],
    ['$${x}', '"$$${x}"'],
    ['100% $5', '"100% $5"'],
    [1.5, '1.5'],
    [null, 'null'],
    [['a', 1], '["a", 1]'],
    [{ 'a"b': true }, '{ "a\\"b" = true }'],
  ])('%j is %s', (value, source) => expect(hclLiteral(value)).toBe(source));

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('$', '{', '}', '%', '"', '\\', '\n', '\r', '\t', 'é', '😀', '#', '/*', '<<EOF', 'x'))
      .map((parts) => parts.join('')),
  );
  const { value } = fc.letrec<{ value: HclValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }).map((map) => ({ ...map })),
    ),
  }));

  test('is read back as it was', () => {
    // In a map with `=`, which cannot be taken for JSON.
    fc.assert(fc.property(value, (item) => expect(parseLiteral(hclLiteral({ item }))).toEqual({ item })));
  });

  test('stays inside its quotes', () => {
    fc.assert(
      fc.property(text, (item) =>
        expect(declaredVariables(`locals { a = ${hclLiteral(item)} }\nvariable "b" {}`)).toMatchObject([{ name: 'b' }]),
      ),
    );
  });
});
