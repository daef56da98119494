import { describe, expect, test } from '@jest/globals';
import { renderTemplate } from '../../src/template.ts';

const render = async (source: string, data: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  renderTemplate(source, data, 'web.nomad.hcl.hbs');

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
    ['an indented text', 'a:\n  {{indent 2 x}}', { x: 'b\n\nc' }, 'a:\n  b\n\n  c'],
  ])('gives %s', async (_what, source, data, expected) => expect(await render(source, data)).toBe(expected));

  test.each([
    ['a name that is not given', 'a\nb\n{{nope}}', 3, '"nope" not defined'],
    ['a part of a value that is not given', '\n{{x.nope}}', 2, '"nope" not defined'],
    ['a helper that does not exist', '{{nope 1}}', 1, '"nope" not defined'],
    ['a block that is not closed', 'a\n{{#if x}}', 2, 'Parse error on line 2'],
    ['a block closed by another', '{{#if x}}\n\n{{/each}}', 1, "if doesn't match each"],
  ])('with %s is refused with its line', async (_what, source, line, words) => {
    const error: unknown = await render(source, { x: {} }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringMatching(new RegExp(`^web\\.nomad\\.hcl\\.hbs:${line}: ${words}`)),
      location: { file: 'web.nomad.hcl.hbs', line },
    });
  });

  test('keeps its helpers to itself', async () => {
    await render('{{slug "A"}}');
    const { default: handlebars } = await import('handlebars');
    expect(handlebars.helpers).not.toHaveProperty('slug');
  });
});
