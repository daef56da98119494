import { describe, expect, test } from '@jest/globals';
import type { Asked } from '../../../src/image/resolve.ts';
import { readImageVariables, takesTag } from '../../../src/inputs/image-variables.ts';
import { imageValues, requireDeclared, requireOneEach } from '../../../src/jobspec/image-variables.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';

const HEX = '0123456789abcdef'.repeat(4);
const DIGEST = `sha256:${HEX}`;
const ALL = { i: 'image', n: 'name', t: 'tag', d: 'digest' } as const;
const asked = (reference: string | undefined, imageVariables: Asked['inputs']['imageVariables'] = ALL, name?: string): Asked =>
  ({
    name,
    plan:
      reference === undefined
        ? { kind: 'build', name: 'ghcr.io/acme/shop', tags: ['ghcr.io/acme/shop:main'] }
        : { kind: 'existing', reference },
    inputs: { imageVariables },
  }) as Asked;

describe('the input', () => {
  test.each<[string, string | undefined]>([
    ['lines', 'image_tag=tag\n task-image=image \n'],
    ['YAML', 'image_tag: tag\ntask-image: image'],
    ['JSON', '{"image_tag": "tag", "task-image": "image"}'],
  ])('is a map of variables, as %s', async (_what, text) => {
    const problems: string[] = [];
    const read = await readImageVariables(text, true, problems);
    expect([read, problems]).toEqual([{ image_tag: 'tag', 'task-image': 'image' }, []]);
  });

  test('is none by default, or blank to override another', async () => {
    for (const text of [undefined, '', '{}']) expect(await readImageVariables(text, true, [])).toEqual({});
  });

  test.each<[string, boolean, string[]]>([
    ['sha=digset', true, ['`image-variables`: "digset" is not one of image, name, tag, digest; did you mean `digest`?']],
    ['a: 1\nb: x', true, expect.arrayContaining(['`image-variables`: "1" is not one of image, name, tag, digest']) as unknown as string[]],
    ['{"my tag": "tag"}', true, ['`image-variables`: "my tag" is not the name of a variable']],
    ['image_tag', true, [expect.stringContaining('`image-variables` is neither NAME=value lines nor') as unknown as string]],
    ['sha=digest', false, ['`image-variables`: sha takes the digest, and an image with `push: false` has none; give sha the part `tag`']],
  ])('is refused: %j', async (text, push, wanted) => {
    const problems: string[] = [];
    await readImageVariables(text, push, problems);
    expect(problems).toEqual(wanted);
  });
});

describe('the variables take', () => {
  const TAG = `digest-${HEX.slice(0, 32)}`;
  test.each<[string, string | undefined, string, Record<string, string>]>([
    ['an image that is built', undefined, `ghcr.io/acme/shop@${DIGEST}`, { n: 'ghcr.io/acme/shop', t: TAG, d: DIGEST }],
    ['one that is found by its tag', 'host:5000/shop:1.2', `host:5000/shop@${DIGEST}`, { n: 'host:5000/shop', t: '1.2', d: DIGEST }],
    ['one that is named without a tag', 'redis', `redis@${DIGEST}`, { n: 'redis', t: 'latest', d: DIGEST }],
    ['one that is named by its digest', `redis@${DIGEST}`, `redis@${DIGEST}`, { n: 'redis', t: TAG, d: DIGEST }],
    ['one that is named by both', `redis:7@${DIGEST}`, `redis:7@${DIGEST}`, { n: 'redis', t: '7', d: DIGEST }],
    ['one of the local engine', undefined, `ghcr.io/acme/shop:sha256-${HEX}`, { n: 'ghcr.io/acme/shop', t: `sha256-${HEX}`, d: '' }],
    ['one that the job runs by a tag', undefined, 'ghcr.io/acme/shop:digest-00', { n: 'ghcr.io/acme/shop', t: 'digest-00', d: '' }],
  ])('%s', (_what, given, reference, parts) => {
    expect(imageValues(asked(given), reference)).toEqual({ i: reference, ...parts });
  });

  test('nothing by default', () => {
    expect(imageValues(asked(undefined, {}), `ghcr.io/acme/shop@${DIGEST}`)).toEqual({});
    expect([takesTag({}), takesTag({ a: 'image' }), takesTag({ a: 'image', b: 'tag' })]).toEqual([false, false, true]);
  });
});

describe('a variable that no spec declares', () => {
  const spec = (text: string, more: Partial<SpecFile> = {}): SpecFile => ({
    ...{ name: 'web.nomad', text, builtIn: false, format: 'hcl', template: false, fragments: {} },
    ...more,
  });
  const OWN = 'variable "image_tag" {}\nvariables {\n  replicas = 2\n}\n';
  test.each<[string, SpecFile[]]>([
    ['a block', [spec('variable "version" {}')]],
    ['the attribute of a block for several', [spec('variables {\n version = "1"\n}')]],
    ['one of several specs', [spec(OWN), spec('variable "version" {}', { name: 'api.nomad' })]],
    ['a file beside the spec', [spec('', { fragments: { vars: { name: 'vars.nomad', text: 'variable "version" {}' } } })]],
    ['a template that uses it', [spec('image = "shop:{{vars.version}}"', { template: true })]],
    ['a template of JSON that uses it', [spec('{"Meta": {{json vars.[version]}} }', { template: true, format: 'json' })]],
  ])('is none of: %s', (_what, specs) => {
    expect(() => requireDeclared({ version: 'tag' }, 'image-variables', specs)).not.toThrow();
  });

  test.each<[string, SpecFile[], string, string]>([
    [
      'misspelt',
      [spec('variable "versoin" {}\nvariable "count" {}')],
      '`image-variables`: web.nomad declares no variable version; did you mean `versoin`?',
      'Declared: count, versoin.',
    ],
    [
      'of several specs',
      [spec(OWN), spec('', { name: 'api.nomad' })],
      '`image-variables`: web.nomad, api.nomad declare no variable version',
      'Declared: image_tag, replicas.',
    ],
    [
      'of a spec without variables',
      [spec('{}', { name: 'web.json', format: 'json' })],
      '`image-variables`: web.json declares no variable version',
      'Declare the variable, such as `variable "image_tag" { type = string }`. A job in JSON or YAML has no variables.',
    ],
    [
      'of the built-in template',
      [spec('', { name: 'built-in template', builtIn: true })],
      '`image-variables`: built-in template declares no variable version',
      'The built-in template runs the image without `image-variables`: remove the input, or name your own spec in `job`.',
    ],
  ])('is refused: %s', (_what, specs, message, hint) => {
    expect(() => requireDeclared({ version: 'tag' }, 'image-variables', specs)).toThrow(
      expect.objectContaining({ code: 'input-invalid', message, hint }),
    );
  });

  test('is told at its line of the configuration file', () => {
    expect(() => requireDeclared({ version: 'tag' }, 'nomad-deploy.yml:3', [spec(OWN)])).toThrow(
      expect.objectContaining({
        message: 'nomad-deploy.yml:3: `image-variables`: web.nomad declares no variable version',
        location: { file: 'nomad-deploy.yml', line: 3 },
      }),
    );
  });
});

test('one variable takes one image', () => {
  const [web, worker] = [asked(undefined, { tag: 'tag' }, 'web'), asked(undefined, { tag: 'tag' }, 'worker')];
  expect(() => requireOneEach([web, asked(undefined, { other: 'tag' }, 'worker')])).not.toThrow();
  expect(() => requireOneEach([web, worker])).toThrow('`image-variables`: tag would take the image web and the image worker');
});
