import { describe, expect, test } from '@jest/globals';
import { type BuildFiles, buildxArgs, type ImagePlan, planImage } from '../../src/image.ts';
import { readInputs } from '../../src/inputs.ts';
import { resolveTarget } from '../../src/target.ts';
import { pushTo } from '../fixtures/index.ts';

const WORKSPACE = '/checkout';
const FILES: BuildFiles = { dockerfile: '/checkout/web/Dockerfile', dockerfileExists: true, contextFolder: '/checkout/web' };
const DIGEST = `sha256:${'0a'.repeat(32)}`;

async function planOf(
  given: Readonly<Record<string, string>>,
  {
    files = {},
    needsImage = true,
    repository = 'Acme/Shop',
    ref = 'Fix/7',
    sha = 'ffac537e6cbbf934b0',
  }: {
    readonly files?: Partial<BuildFiles>;
    readonly needsImage?: boolean;
    readonly repository?: string;
    readonly ref?: string;
    readonly sha?: string;
  } = {},
): Promise<ImagePlan> {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  const inputs = await readInputs({ NOMAD_ADDR: 'http://n:4646', ...env });
  const context = pushTo(ref, { GITHUB_REPOSITORY: repository, GITHUB_SHA: sha });
  return planImage(inputs, { ...FILES, ...files }, needsImage, resolveTarget(inputs, context), context, WORKSPACE);
}

describe('an image', () => {
  const built = (name: string, ...tags: string[]): unknown => ({
    kind: 'build',
    name,
    tags: tags.map((tag) => `${name}:${tag}`),
    dockerfile: FILES.dockerfile,
    contextFolder: FILES.contextFolder,
  });
  const existing = (reference: string): unknown => ({ kind: 'existing', reference });
  const none = { kind: 'none' };
  const without = { files: { dockerfileExists: false } };

  test.each<[string, Readonly<Record<string, string>>, Parameters<typeof planOf>[1], unknown]>([
    ['is built where there is a Dockerfile', {}, {}, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    ['is built when asked', { build: 'true' }, {}, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    ['is built also for a spec of the repository', {}, { needsImage: false }, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    [
      'is built for another registry',
      { registry: 'registry.example.com:5000' },
      {},
      built('registry.example.com:5000/acme/shop', 'fix-7', 'sha-ffac537'),
    ],
    [
      'is built by the name given',
      { image: 'registry.example.com/a/Web' },
      {},
      built('registry.example.com/a/Web', 'fix-7', 'sha-ffac537'),
    ],
    ['is built with the tag given, and no other', { image: 'localhost:5000/web:v1' }, {}, built('localhost:5000/web', 'v1')],
    ['is built for Docker Hub with the tag given', { image: 'web:v1' }, {}, built('web', 'v1')],
    ['is built by a name with a port and no tag', { image: 'localhost:5000/web' }, {}, built('localhost:5000/web', 'fix-7', 'sha-ffac537')],
    ['is built without a commit', {}, { sha: '' }, built('ghcr.io/acme/shop', 'fix-7')],
    ['is built of a ref without a letter', { 'job-name': 'x' }, { ref: '日本' }, built('ghcr.io/acme/shop', 'sha-ffac537')],
    ['exists by its digest, also beside a Dockerfile', { image: `web@${DIGEST}` }, {}, existing(`web@${DIGEST}`)],
    ['exists where nothing is to be built', { build: 'false', image: 'web:v1' }, {}, existing('web:v1')],
    ['exists where there is no Dockerfile', { image: 'web:v1' }, without, existing('web:v1')],
    ['exists for a spec of the repository', { image: 'web:v1' }, { ...without, needsImage: false }, existing('web:v1')],
    ['is none where a spec of the repository needs none', {}, { ...without, needsImage: false }, none],
    ['is none where nothing is to be built and the spec needs none', { build: 'false' }, { needsImage: false }, none],
  ])('%s', async (_what, inputs, around, expected) => expect(await planOf(inputs, around)).toEqual(expected));

  test.each<[string, Readonly<Record<string, string>>, Parameters<typeof planOf>[1], string]>([
    ['neither a Dockerfile nor a name', {}, without, 'there is no web/Dockerfile, and no `image` is given'],
    ['neither a build nor a name', { build: 'false' }, {}, '`build` is false, and no `image` is given'],
    ['a build without a Dockerfile', { build: 'true', image: 'web' }, without, '`file`: there is no web/Dockerfile in the workspace'],
  ])('is refused: %s', async (_what, inputs, around, message) => {
    await expect(planOf(inputs, around)).rejects.toMatchObject({ code: 'input-invalid', message, hint: expect.any(String) });
  });
});

describe('the arguments of a build', () => {
  const plan = {
    kind: 'build',
    name: 'ghcr.io/acme/shop',
    tags: ['ghcr.io/acme/shop:main', 'ghcr.io/acme/shop:sha-1'],
    dockerfile: '/checkout/Dockerfile',
    contextFolder: '/checkout',
  } as const;
  const head = ['buildx', 'build', '--progress=plain'];
  const tags = ['--tag', 'ghcr.io/acme/shop:main', '--tag', 'ghcr.io/acme/shop:sha-1', '--file', '/checkout/Dockerfile'];
  const end = (...args: string[]): string[] => ['--metadata-file', '/tmp/m.json', ...args, '/checkout'];

  test.each<[number, Readonly<Record<string, string>>, string[]]>([
    [1, {}, [...head, ...tags, ...end('--push')]],
    [2, { push: 'false' }, [...head, ...tags, ...end('--load')]],
    [3, { target: 'prod' }, [...head, ...tags, '--target', 'prod', ...end('--push')]],
    [4, { 'build-args': 'A=1\nB=a b, "c" $d' }, [...head, ...tags, '--build-arg', 'A=1', '--build-arg', 'B=a b, "c" $d', ...end('--push')]],
    // An argument of its own each: nothing that a user writes becomes an option.
    [
      5,
      { target: '--output=x', 'build-args': '--secret=y' },
      [...head, ...tags, '--target', '--output=x', '--build-arg', '--secret=y', ...end('--push')],
    ],
  ])('%d: %j', async (_number, given, argv) => {
    const inputs = await readInputs(
      Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    );
    expect(buildxArgs(plan, inputs, '/tmp/m.json')).toEqual(argv);
  });
});
