import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findFiles, type RepositoryFiles } from '../../../src/inputs/workspace.ts';

type Given = Partial<Parameters<typeof findFiles>[0]>;

// A real checkout beside a real secret.
let home = '';
let root = '';
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'nomad-deploy-workspace-')));
  root = join(home, 'checkout');
  for (const folder of ['apps/web', 'node_modules', 'vars', 'whole']) mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(home, 'checkout-of-somebody'));
  mkdirSync(join(home, 'outside'));
  for (const file of [
    'Dockerfile',
    'apps/web/Dockerfile.prod',
    'apps/web/project.nomad',
    'apps/web/web.nomad.hcl',
    'apps/x.nomad',
    'node_modules/x.nomad',
    'one.nomad',
    'two.nomad',
    'job.nomad',
    'a[1].nomad',
    'vars/a.hcl',
    'vars/b.hcl',
    'whole/project.nomad',
    'whole/job.nomad',
    'whole/vars.nomad',
    '../outside/secret',
    '../outside/Dockerfile',
  ])
    writeFileSync(join(root, file), '');
  writeFileSync(join(root, 'whole/job.nomad'), '# the site\njob "site" {\n}\n');
  symlinkSync('../../outside/secret', join(root, 'apps/secret.nomad'));
  symlinkSync('../outside', join(root, 'away'));
  symlinkSync('apps/web', join(root, 'here'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const NO_TLS = { cacert: undefined, clientCert: undefined, clientKey: undefined, serverName: undefined, skipVerify: false };
const find = async (given: Given = {}): Promise<RepositoryFiles> =>
  findFiles(
    { workingDirectory: '.', context: '.', file: undefined, buildSecrets: {}, ssh: {}, jobs: [], varFiles: [], nomadTls: NO_TLS, ...given },
    root,
  );

describe('the files of a checkout', () => {
  const paths = ({ specs, varFiles, ...files }: RepositoryFiles): object => ({
    ...files,
    specs: specs.map(({ path }) => path),
    varFiles,
  });
  type Expected = Partial<Record<'dockerfile' | 'contextFolder', string>> & {
    dockerfileExists?: boolean;
    specs?: (string | undefined)[];
    varFiles?: string[];
  };
  test.each<[string, Given, Expected]>([
    ['by default', {}, { dockerfile: 'Dockerfile', dockerfileExists: true, contextFolder: '', specs: [undefined] }],
    [
      'in a working directory',
      { workingDirectory: 'apps/web' },
      { dockerfile: 'apps/web/Dockerfile', dockerfileExists: false, contextFolder: 'apps/web', specs: ['apps/web/project.nomad'] },
    ],
    ['in a context', { context: 'apps/web' }, { dockerfile: 'apps/web/Dockerfile', dockerfileExists: false, contextFolder: 'apps/web' }],
    [
      'by their names',
      { workingDirectory: 'apps', context: '..', file: 'web/Dockerfile.prod', jobs: ['web/web.nomad.hcl'] },
      { dockerfile: 'apps/web/Dockerfile.prod', dockerfileExists: true, contextFolder: '', specs: ['apps/web/web.nomad.hcl'] },
    ],
    [
      'through a link inside',
      { workingDirectory: 'here', file: 'Dockerfile.prod' },
      { dockerfile: 'here/Dockerfile.prod', dockerfileExists: true, specs: ['here/project.nomad'] },
    ],
    [
      'by patterns, each once, without what only adds to a job',
      { jobs: ['apps/web/*.hcl', '*.nomad', 'apps/*/*.{nomad,hcl}'] },
      { specs: ['apps/web/web.nomad.hcl', 'a[1].nomad', 'one.nomad', 'two.nomad', 'apps/web/project.nomad'] },
    ],
    ['by a name that looks like a pattern', { jobs: ['a[1].nomad'] }, { specs: ['a[1].nomad'] }],
    ['in all folders but node_modules', { jobs: ['**/x.nomad'] }, { specs: ['apps/x.nomad'] }],
    ['of variables', { varFiles: ['vars/*.hcl'] }, { varFiles: ['vars/a.hcl', 'vars/b.hcl'] }],
    ['that are not there', { file: 'docker/Dockerfile' }, { dockerfile: 'docker/Dockerfile', dockerfileExists: false }],
  ])('are found %s', async (_where, given, expected) => {
    const inRoot = (value: string | boolean | undefined): string | boolean | undefined =>
      typeof value === 'string' ? join(root, value) : value;
    const absolute = Object.entries(expected).map(([key, value]) => [key, Array.isArray(value) ? value.map(inRoot) : inRoot(value)]);
    expect(paths(await find(given))).toMatchObject(Object.fromEntries(absolute));
  });

  // Seven of eight real files of this name hold a whole job.
  test('of a pattern are also a job.nomad that holds a whole job, which then adds to no other', async () => {
    const { specs } = await find({ workingDirectory: 'whole', jobs: ['*.nomad'] });
    expect(specs).toEqual([
      { path: join(root, 'whole/job.nomad'), fragments: {} },
      { path: join(root, 'whole/project.nomad'), fragments: { vars: join(root, 'whole/vars.nomad') } },
    ]);
    expect((await find({ workingDirectory: 'whole', jobs: ['job.nomad'] })).specs).toEqual([specs[0]]);
  });

  test('may be named in full', async () => {
    expect(await find({ context: join(root, 'apps/web') })).toMatchObject({ contextFolder: join(root, 'apps/web') });
  });
});

describe('outside the workspace is', () => {
  test.each<[string, string, Given]>([
    ['a parent', 'context', { context: '..' }],
    ['a way round', 'context', { context: 'apps/../../outside' }],
    ['a neighbour with the same beginning', 'context', { context: '../checkout-of-somebody' }],
    ['a full path', 'file', { file: '/etc/passwd' }],
    ['a working directory', 'working-directory', { workingDirectory: '../outside' }],
    ['a full working directory', 'working-directory', { workingDirectory: '/' }],
    ['a way out of the working directory', 'job', { workingDirectory: 'apps/web', jobs: ['../../../outside/secret'] }],
    ['a linked file', 'job', { jobs: ['apps/secret.nomad'] }],
    ['a pattern', 'job', { workingDirectory: 'apps', jobs: ['../../*/secret'] }],
    ['a linked variable file', 'var-files', { varFiles: ['apps/secret.nomad'] }],
    ['a linked file of a pattern', 'var-files', { varFiles: ['apps/secre*'] }],
    ['a linked build secret', 'build-secrets', { buildSecrets: { key: { file: 'apps/secret.nomad' } } }],
    ['a linked SSH key', 'ssh', { ssh: { key: { file: 'apps/secret.nomad' } } }],
    ['a linked certificate', 'nomad-cacert', { nomadTls: { ...NO_TLS, cacert: { value: 'apps/secret.nomad', source: 'nomad-cacert' } } }],
    [
      'a full path of a certificate',
      'nomad-cacert',
      { nomadTls: { ...NO_TLS, cacert: { value: '/etc/ssl/cert.pem', source: 'nomad-cacert' } } },
    ],
    ['a linked working directory', 'working-directory', { workingDirectory: 'away' }],
    ['a linked folder', 'context', { context: 'away' }],
    ['a file below a linked folder', 'file', { file: 'away/Dockerfile' }],
    ['a file below a linked folder that is not there', 'file', { file: 'away/none/Dockerfile' }],
    ['what is not there', 'file', { file: '../nowhere/Dockerfile' }],
  ])('%s', async (_what, input, given) => {
    await expect(find(given)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(new RegExp(`^\`${input}\`: .* is outside the workspace$`)),
    });
  });
});

describe('missing is', () => {
  test.each<[string, Given, string]>([
    ['a context', { context: 'apps/db' }, '`context`: there is no apps/db in the workspace'],
    ['a working directory', { workingDirectory: 'apps/db' }, '`working-directory`: there is no apps/db in the workspace'],
    ['a variable file', { varFiles: ['prod.hcl'] }, '`var-files`: there is no prod.hcl in the workspace'],
    ['a job spec', { workingDirectory: 'apps', jobs: ['nope.nomad'] }, '`job`: there is no apps/nope.nomad in the workspace'],
  ])('%s', async (_what, given, message) => {
    await expect(find(given)).rejects.toMatchObject({ code: 'input-invalid', message, hint: expect.stringContaining('actions/checkout') });
  });

  test.each(['apps/{..,web}/../*/x.nomad', '{apps,..}/**/*.nomad', 'apps/{.,}./*.nomad'])(
    'a pattern that leads out in parts: %s',
    async (pattern) => {
      await expect(find({ jobs: [pattern] })).rejects.toMatchObject({ code: 'input-invalid' });
    },
  );

  test('a name of blanks without end', async () => {
    const begun = performance.now();
    await find({ jobs: [`${' '.repeat(400_000)}x`] }).catch(() => undefined);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test('anything that a pattern matches', async () => {
    await expect(find({ jobs: ['jobs/*.nomad'] })).rejects.toMatchObject({
      code: 'input-invalid',
      message: '`job`: no file matches jobs/*.nomad',
    });
  });
});

describe('certificates and keys', () => {
  const pem = async (source: string, value: string) => find({ nomadTls: { ...NO_TLS, cacert: { value, source } } });

  test('are files of the workspace', async () => {
    expect((await pem('nomad-cacert', 'apps/x.nomad')).pemFiles).toEqual({ 'nomad-cacert': join(root, 'apps/x.nomad') });
  });

  test('are files of the machine where the environment names one in full', async () => {
    const file = join(home, 'outside/secret');
    expect((await pem('NOMAD_CACERT', file)).pemFiles).toEqual({ NOMAD_CACERT: file });
  });

  test.each([
    ['nomad-cacert', '../outside/secret'],
    ['nomad-cacert', 'apps/secret.nomad'],
    ['nomad-cacert', 'away/secret'],
    ['NOMAD_CACERT', '../outside/secret'],
    ['NOMAD_CACERT', 'apps/secret.nomad'],
    ['nomad-deploy.yml:3', 'apps/secret.nomad'],
  ])('of %s are not %s, which is outside', async (source, value) => {
    await expect(pem(source, value)).rejects.toMatchObject({ message: `\`${source}\`: ${value} is outside the workspace` });
  });

  test('of an input are no file of the machine', async () => {
    const file = join(home, 'outside/secret');
    await expect(pem('nomad-cacert', file)).rejects.toMatchObject({ message: `\`nomad-cacert\`: ${file} is outside the workspace` });
  });
});
