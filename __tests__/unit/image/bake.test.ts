import { describe, expect, test } from '@jest/globals';
import { isTouched } from '../../../src/apps/changed.ts';
import { bakeTarget } from '../../../src/image/args.ts';
import { type Building, bakeError } from '../../../src/image/bake.ts';
import type { BuildPlan } from '../../../src/image/plan.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import type { Inputs } from '../../../src/inputs/types.ts';

const PLAN: BuildPlan = {
  kind: 'build',
  name: 'ghcr.io/acme/shop/api',
  tags: ['ghcr.io/acme/shop/api:main'],
  dockerfile: '/checkout/api/Dockerfile',
  contextFolder: '/checkout/api',
  secretFiles: {},
  sshFiles: {},
  cacheScopes: [],
  commit: '',
  source: 'https://github.com/acme/shop',
  trust: 'trusted',
  runUrl: 'https://github.com/acme/shop/actions/runs/1',
};
const EXTRAS = { metadataFile: '/tmp/m', secretFiles: {}, ssh: {}, labels: {}, builder: undefined, rewriteTimestamps: false };
const inputsOf = async (given: Readonly<Record<string, string>>): Promise<Inputs> =>
  readInputs(Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])));

describe('a target of a bake', () => {
  const base = { context: '/checkout/api', dockerfile: '/checkout/api/Dockerfile', tags: PLAN.tags, output: ['type=registry'] };

  test.each<[string, Readonly<Record<string, string>>, Partial<typeof EXTRAS>, Readonly<Record<string, unknown>>]>([
    ['that asks for nothing', {}, {}, base],
    ['that is loaded', { push: 'false' }, {}, { ...base, output: ['type=docker'] }],
    ['with dated files', {}, { rewriteTimestamps: true }, { ...base, output: ['type=registry,rewrite-timestamp=true'] }],
    ['with arguments', { 'build-args': 'A=1, 2\nB=' }, {}, { ...base, args: { A: '1, 2', B: '' } }],
    // The text of a bake file is a template.
    ['with text like that of a template', { 'build-args': 'A=${x} %{if} $y' }, {}, { ...base, args: { A: '$${x} %%{if} $y' } }],
    [
      'with a name like a template of one of our labels',
      { labels: '${"nomad-deploy"}.content=x' },
      { labels: { 'nomad-deploy.content': '' } },
      { ...base, labels: { 'nomad-deploy.content': '', '$${"nomad-deploy"}.content': 'x' } },
    ],
    ['with a stage', { target: 'last' }, {}, { ...base, target: 'last' }],
    ['with platforms', { platforms: 'linux/amd64' }, {}, { ...base, platforms: ['linux/amd64'] }],
    ['with labels', { labels: 'a=1' }, { labels: { a: '2', b: '3' } }, { ...base, labels: { a: '1', b: '3' } }],
    [
      'with caches',
      { 'cache-from': 'type=gha', 'cache-to': 'type=inline' },
      {},
      { ...base, 'cache-from': ['type=gha'], 'cache-to': ['type=inline'] },
    ],
    ['that is fresh', { pull: 'true', 'no-cache': 'true' }, {}, { ...base, pull: true, 'no-cache': true }],
    [
      'with attestations',
      { provenance: 'mode=max', sbom: 'true' },
      {},
      { ...base, attest: [`type=provenance,mode=max,builder-id=${PLAN.runUrl}`, 'type=sbom'] },
    ],
    [
      'with SSH, by its keys and agents',
      {},
      { ssh: { default: undefined, key: '/private/${k}' } },
      { ...base, ssh: ['default', 'key=/private/$${k}'] },
    ],
    ['with secrets, by their files', {}, { secretFiles: { npm: '/private/s' } }, { ...base, secret: ['id=npm,src=/private/s'] }],
  ])('%s', async (_, given, extras, target) => {
    expect(bakeTarget(PLAN, await inputsOf(given), { ...EXTRAS, ...extras })).toEqual(target);
  });
});

describe('a bake that failed', () => {
  const failed = (stderr: string) => ({ code: 1, stdout: '', stderr, lines: stderr.split('\n') });
  const all = async (): Promise<Building[]> => {
    const inputs = await inputsOf({});
    return ['api', 'web'].map((name) => ({
      name,
      plan: { ...PLAN, name: `ghcr.io/acme/shop/${name}`, dockerfile: `/checkout/${name}/Dockerfile` },
      labels: {},
      inputs,
    }));
  };
  const SOURCES = ['FROM a\n', 'FROM a\nRUN one\nRUN make\n'];

  test('tells whose step it was, with the line of its Dockerfile', async () => {
    const stderr = [
      '#7 [web 3/3] RUN make',
      '#7 0.100 oh no',
      '#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2',
      '------',
      ' > [web 3/3] RUN make:',
      '0.100 oh no',
      '------',
      'ERROR: target web: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    ].join('\n');
    expect(bakeError(failed(stderr), await all(), SOURCES, '/checkout')).toMatchObject({
      code: 'build-failed',
      message:
        'web: web/Dockerfile:3: the image could not be built: process "/bin/sh -c make" did not complete successfully: exit code: 2: "oh no"',
      location: { file: 'web/Dockerfile', line: 3 },
      output: ['oh no'],
    });
  });

  test('tells whose push was refused', async () => {
    const stderr =
      ' > [web] exporting to image:\nERROR: target web: failed to solve: failed to push ghcr.io/acme/shop/web:main: denied: no';
    expect(bakeError(failed(stderr), await all(), SOURCES, '/checkout')).toMatchObject({
      code: 'registry-denied',
      message: expect.stringMatching(/^web: the push of ghcr\.io\/acme\/shop\/web was refused: /),
    });
  });
});

describe('an app with paths', () => {
  test.each<[string[], string[], boolean]>([
    [[], [], true],
    [['api'], ['web/a', 'README.md'], false],
    [['api'], ['api/x/y'], true],
    [['api/'], ['api/.env'], true],
    [['api'], ['api'], true],
    [['api'], ['apis/x'], false],
    [['web/**', '!**/*.md'], ['web/a.md'], false],
    [['web/**', '!**/*.md'], ['web/a.md', 'web/a.js'], true],
    [['src/v[12]/*.tsx?'], ['src/v2/a.ts'], true],
    [['src/v[12]/*.tsx?'], ['src/v3/a.ts'], false],
    [['c\\+\\+/'], ['c++/a.cc'], true],
    [['api', '!api/doc'], ['api/doc/a'], false],
    // A change of the file itself may be one of any app.
    [['api'], ['nomad-deploy.yml'], true],
  ])('%j is touched by %j: %s', (paths, changed, expected) =>
    expect(isTouched(paths, changed, { path: 'nomad-deploy.yml' })).toBe(expected),
  );
});
