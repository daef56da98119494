import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lex, type Token } from '../../../src/text/hcl-lexer.ts';

/** The tokens as texts, those on a new line with a backslash before them; texts as their literals and templates. */
function shown(tokens: readonly Token[]): unknown[] {
  return tokens.map(({ text, newLine, parts }) => {
    const line = newLine ? '\\' : '';
    return parts === undefined ? `${line}${text}` : parts.map((part) => (typeof part === 'string' ? part : shown(part.tokens)));
  });
}

describe('the tokens of HCL', () => {
  test.each<[string, unknown[]]>([
    ['', []],
    ['\ufeffa = 1', ['a', '=', '1']],
    ['a-b_c=é1 == -1.5e3...', ['a-b_c', '=', 'é1', '==', '-', '1.5e3', '...']],
    ['1..2 3. 4e x', ['1..2', '3', '.', '4', 'e', 'x']],
    ['a => b && !c || d >= e != f', ['a', '=>', 'b', '&&', '!', 'c', '||', 'd', '>=', 'e', '!=', 'f']],
    ['a # b\r\nc // d\ne /* f\n*/ g /**/', ['a', '\\c', '\\e', 'g']],
    ['/*/ a */ b', ['b']],
    ['a = "b # c /* d" e', ['a', '=', ['b # c /* d'], 'e']],
    ['""', [[]]],
    ['"\\"\\\\" a', [['\\"\\\\'], 'a']],
    ['"a ${b} c%{ if d ~}e%{~ endif }"', [['a ', ['b'], ' c', ['if', 'd'], 'e', ['endif']]]],
    ['"${ {a = "}"}["a"] }"', [[['{', 'a', '=', ['}'], '}', '[', ['a'], ']']]]],
    ['"${ /* " } */ a # "}\n}"', [[['a']]]],
    ['"$${a} %%{b} $$${c} $%{d}"', [['$${a} %%{b} $$${c} $', ['d']]]],
    ['"$" "%" "$$" "a$"', [['$'], ['%'], ['$$'], ['a$']]],
    ['<<EOT\na "#" ${b}\nEOT\nc', [['a "#" ', ['b'], '\n'], '\\c']],
    ['<<-EOT\n  a\n  EOT \t\r\nc', [['  a\n'], '\\c']],
    ['<<EOT\nEOT\n', [[]]],
    ['<<EOT\nEOTx\nxEOT\n${a}EOT\nEOT\n', [['EOTx\nxEOT\n', ['a'], 'EOT\n']]],
    ['<<A\n${<<B\nA\nB\n}\nA\n', [[[['A\n']], '\n']]],
    ['[<<A\nb\nA\n, c]', ['[', ['b\n'], '\\,', 'c', ']']],
  ])('%j', (source, tokens) => {
    const lexed = lex(source);
    expect(shown(lexed.tokens)).toEqual(tokens);
    expect(lexed.oddAt).toBeUndefined();
  });

  test.each<[string, number]>([
    ['a "b', 4],
    ['a "b\nc"', 4],
    ['"${a', 4],
    ['<<EOT\na\n', 8],
    ['<<EOT\nEOT', 6],
    ['<<EOT \nEOT\n', 0],
    ['<<EOT\n\u00a0EOT\n', 6],
    ['a /* b', 2],
    ['a\u00a0b', 1],
    ['a\rb', 1],
    ["a 'b'", 2],
    ['a; b', 1],
    ['a ~} b', 2],
    ['a & b', 2],
    ['"\\\n"', 1],
  ])('%j are odd from %d on', (source, at) => expect(lex(source).oddAt).toBe(at));

  test('are all of a text but blanks and comments, in order, whatever it is', () => {
    const piece = fc.constantFrom(
      ...['a', '"', '{', '}', '${', '%{', '~}', '$', '<<E\n', '\nE\n', '\n', '#', '/*', '*/', '\\', '=', ' ', '1.', 'é', '😀'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        let end = 0;
        for (const { text, at } of lex(source).tokens) {
          expect(at).toBeGreaterThanOrEqual(end);
          expect(source.slice(at, at + text.length)).toBe(text);
          expect(source.slice(end, at)).toMatch(/^(\s|#|\/\/|\/\*|$)/);
          end = at + text.length;
        }
      }),
    );
  });
});
