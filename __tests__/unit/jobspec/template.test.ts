import { describe, expect, test } from '@jest/globals';
import { renderTemplate } from '../../../src/jobspec/template.ts';

const FILE = 'web.nomad.hcl.hbs';
const render = async (source: string, data: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  (await renderTemplate(source, data, FILE, { optional: ['vars'] })).text;

describe('a template', () => {
  test.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ['a value', 'a {{x}} b', { x: 1 }, 'a 1 b'],
    ['a value of a value', '{{x.y}}', { x: { y: 'z' } }, 'z'],
    ['markup as it is', '{{x}}', { x: `<a href="b">&'` }, `<a href="b">&'`],
    ['nothing of an empty text', '[{{x}}]', { x: '' }, '[]'],
    ['one of two', '{{#if x}}1{{else}}2{{/if}}', { x: false }, '2'],
    ['each of a list', '{{#each x}}{{this}};{{/each}}', { x: ['a', 'b'] }, 'a;b;'],
    ['HCL’s own braces', '${var.x} {{hcl x}}', { x: 'y' }, '${var.x} "y"'],
    ['a literal', 'image = {{hcl x}}', { x: 'a"${b}\n' }, 'image = "a\\"$${b}\\n"'],
    ['a list', '{{hcl x}}', { x: ['a', 1, true] }, '["a", 1, true]'],
    ['JSON', '{{json x}}', { x: { a: ['"'] } }, '{"a":["\\""]}'],
    ['a slug', '{{slug x}}', { x: 'Feature/X' }, 'feature-x'],
    ['one of two, by comparison', '{{#if (eq x "b")}}1{{else}}2{{/if}}', { x: 'b' }, '1'],
    ['nothing for a variable that is not set', '{{#if vars.X}}1{{else}}2{{/if}}', { vars: {} }, '2'],
    ['what is raw as it is', '{{{{raw}}}}{{ key "a" }}{{{{/raw}}}}', {}, '{{ key "a" }}'],
    ['an object as JSON', '{{json x}}', { x: { y: { z: 1 } } }, '{"y":{"z":1}}'],
    ['an indented text', 'a:\n  {{indent 2 x}}', { x: 'b\n\nc' }, 'a:\n  b\n\n  c'],
  ])('gives %s', async (_what, source, data, expected) => expect(await render(source, data)).toBe(expected));

  test.each([
    ['a name that is not given', 'a\nb\n{{nope}}', 3, '"nope" not defined'],
    ['a part of a value that is not given', '\n{{x.nope}}', 2, '"nope" not defined'],
    ['a helper that does not exist', '{{nope 1}}', 1, '"nope" not defined'],
    ['a name in a helper that is not given', 'a\n\n{{hcl nope}}', 3, '"nope" not defined'],
    ['a name in a condition that is not given', 'a\n{{#if nope}}x{{/if}}', 2, '"nope" not defined'],
    ['a part in a condition that is not given', 'a\n{{#if x.nope}}x{{/if}}', 2, '"nope" not defined'],
    ['a variable that is not set', 'a\n{{#if vars.X}}{{/if}}\n{{vars.X}}', 3, '"X" not defined'],
    ['a literal of a variable that is not set', 'a\n\n\n{{hcl vars.X}}', 4, 'the value for hcl is not defined'],
    ['a block that is not closed', 'a\n{{#if x}}', 2, 'Parse error on line 2'],
    ['a block closed by another', '{{#if x}}\n\n{{/each}}', 1, "if doesn't match each"],
  ])('with %s is refused with its line', async (_what, source, line, words) => {
    const error: unknown = await render(source, { x: {}, vars: {} }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringMatching(new RegExp(`^web\\.nomad\\.hcl\\.hbs:${line}: ${words}`)),
      location: { file: 'web.nomad.hcl.hbs', line },
    });
  });

  test.each([
    '{{constructor}}',
    '{{x.constructor}}',
    '{{x.__proto__.polluted}}',
    '{{#with (lookup x "constructor")}}{{this}}{{name}}{{/with}}',
    '{{#with x as |o|}}{{o.constructor.name}}{{/with}}',
    '{{> ../../../etc/passwd}}',
    '{{> (lookup . "x")}}',
    '{{#> layout}}{{/layout}}',
  ])('reaches nothing but its data: %s', async (source) => {
    const text = await render(source, { x: { a: 1 } }).catch(String);
    expect(text).toMatch(/^$|ActionError|Error: /);
    expect(text).not.toMatch(/function|\[native|root:/);
  });

  const nested = (helper: string, depth: number): string => `{{${`${helper} (`.repeat(depth)}${helper} "\\""${')'.repeat(depth)}}}`;
  test.each([
    ['texts that double', nested('json', 60)],
    ['literals that double', nested('hcl', 60)],
    ['spaces before many lines', `{{indent 200 (indent 200 "${'\n'.repeat(20_000)}${'\na'.repeat(20_000)}")}}`],
    ['loops within loops', '{{#each x}}{{#each @root.x}}{{#each @root.x}}{{#each @root.x}}a{{/each}}{{/each}}{{/each}}{{/each}}'],
    ['texts that loops throw away', `{{#each x}}{{#each ../x}}{{#if (json "${'a'.repeat(5_000)}")}}{{/if}}{{/each}}{{/each}}`],
    ['helpers within helpers', `{{json ${'(eq 1 '.repeat(20_000)}1${')'.repeat(20_000)}}}`],
    ['blocks within blocks', `${'{{#if x}}'.repeat(20_000)}${'{{/if}}'.repeat(20_000)}`],
    ['blocks that are other blocks', `{{#if no}}1${'{{else if no}}2'.repeat(20_000)}{{/if}}`],
  ])('does not grow without end: %s', async (_what, source) => {
    const begun = performance.now();
    await expect(render(source, { x: Array.from({ length: 40 }, (_, i) => i), no: false })).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringMatching(/more than (4 MiB|100000 rounds|100 deep)/),
    });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test('may have blocks and helpers within one another as people have', async () => {
    const source = `${'{{#if x}}'.repeat(20)}{{#each x}}{{json (json (json this))}}{{else}}{{/each}}${'{{/if}}'.repeat(20)}`.repeat(200);
    expect(await render(source, { x: [1] })).toBe('"\\"1\\""'.repeat(200));
  });

  test('keeps its helpers to itself', async () => {
    await render('{{slug "A"}}');
    const { default: handlebars } = await import('handlebars');
    expect(handlebars.helpers).not.toHaveProperty('slug');
  });

  test('takes partials', async () => {
    const { text } = await renderTemplate('{{#each x}}{{> item}}{{/each}}', { x: [1, 2] }, FILE, { partials: { item: '<{{this}}>' } });
    expect(text).toBe('<1><2>');
  });

  test.each<[string, string, string, number[]]>([
    ['text', 'a\nb\n', 'a\nb\n', [1, 2]],
    ['a line without an end', 'a\nb', 'a\nb', [1, 2]],
    ['a loop', 'a\n{{#each x}}\n  {{this}}\n  b\n{{/each}}\nc\n', 'a\n  1\n  b\n  2\n  b\nc\n', [1, 3, 4, 3, 4, 6]],
    ['a branch that is left out', '{{#if no}}\na\n{{/if}}\nb\n', 'b\n', [4]],
    ['a value of two lines', 'a {{two}} b\nc\n', 'a 1\n2 b\nc\n', [1, 1, 2]],
    ['a line that begins with a value', 'a\n{{no}}b\nc', 'a\nfalseb\nc', [1, 2, 3]],
    ['what is raw', 'a\n{{{{raw}}}}\n{{ b }}\n{{{{/raw}}}}\nc\n', 'a\n{{ b }}\nc\n', [1, 3, 5]],
  ])('knows the lines of %s', async (_what, source, text, lines) =>
    expect(await renderTemplate(source, { x: [1, 2], no: false, two: '1\n2' }, FILE)).toEqual({ text, lines }),
  );
});
