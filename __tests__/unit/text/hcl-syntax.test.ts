import { describe, expect, test } from '@jest/globals';
import { syntaxProblem } from '../../../src/text/index.ts';

describe('the grammar of HCL', () => {
  test.each([
    '',
    'a = b ? c : d',
    'x {}',
    'x "y" z { a = 1 }',
    'x {\n}\ny {\n}',
    'a = { for k, v in x : k => v... if v }',
    'a = [for s in x : s.name if s != ""]',
    'a = <<EOF\nx ${y} %{ if z }w%{ endif }\nEOF\n',
    'a = x[*].y\nb = x.*.y\nc = x.0.y\nd = x["k"][0]',
    'a = foo::bar(1, 2...)\nb = foo(\n1,\n2,\n)',
    'a = {\n b = 1\n c = 2,\n "d": 3, (e) = 4\n}',
    'a = !b && -c < 1 || d >= 2 % 3',
    'a = (\n1 +\n2\n)',
    'a = [\n1,\n# one\n2,\n]',
    '/* x */ a = 1 // c\nb = "${f("}")}"',
    'a = "$${x} %%{y} \\" ${x}"',
  ])('takes %j', (source) => expect(syntaxProblem(source)).toBeUndefined());

  test.each<[string, number, string]>([
    ['job "a" {', 0, 'is not closed'],
    ['}', 0, 'without a beginning'],
    ['a b', 0, 'is neither an attribute'],
    ['a = ', 2, 'behind `=`'],
    ['a = 1 +', 6, 'behind the operator'],
    ['a = [1 2]', 7, 'expected `,` or `]`'],
    ['a = foo(1, 2', 11, 'expected `,` or `)`'],
    ['a = { b = 1 c = 2 }', 12, 'the end of the line'],
    ['a = b ? c', 8, 'expected `:`'],
    ['a = 1\na = 2', 6, 'set twice'],
    ['x { a = 1 b = 2 }', 10, 'the only attribute'],
    ['x { y { } }', 4, 'one attribute and nothing else'],
    ['x "${y}" {\n}', 2, 'is a template'],
    ['a = "x', 5, 'the file ends within'],
    ['a = "x\nb = 1', 6, 'no closing'],
    ["a = 'x'", 4, 'double quotes'],
    ['a = "${x y}"', 9, 'goes on'],
    ['a = <<EOF\nx\n', 11, 'the file ends within'],
    ['x {\n a = [\n}\n', 11, 'expected a value'],
  ])('refuses %j at %d', (source, at, text) => {
    const found = syntaxProblem(source);
    expect(found).toEqual({ at, text: expect.stringContaining(text) });
  });

  test('leaves what is nested too deep to the cluster', () =>
    expect(syntaxProblem(`a = ${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toBeUndefined());
});
