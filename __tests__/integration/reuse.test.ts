import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace } from '../../scripts/parts/action.ts';
import { type Ignoring, readIgnoreFile } from '../../src/image/ignore.ts';
import { docker, fromRegistry } from '../helpers/buildkit.ts';
import { cluster, type Deploy, deploy, QUICK } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

// Build once, promote many: the image of a content that the registry has is not built again.

const A = 'ffac537e6cbbf934b08745a378932722df287a53';
const B = '0123456789abcdef0123456789abcdef01234567';
/** Not the same again by itself, whatever the cache has. */
const files = (page = 'hello'): Record<string, string> => ({
  Dockerfile:
    'FROM busybox:1.37\nARG MODE\nRUN mkdir /site\nCOPY page /site/index.html\nCMD ["httpd", "-f", "-p", "5000", "-h", "/site"]\n',
  page,
});
/** A run of the workflow: its number, and what it is for. */
const by = (name: string, run: string, sha = A, branch = 'main'): Record<string, string> => ({
  GITHUB_REPOSITORY: `Acme/${name}`,
  GITHUB_RUN_ID: run,
  GITHUB_SHA: sha,
  GITHUB_REF: `refs/heads/${branch}`,
  GITHUB_REF_NAME: branch,
});
const build = async (options: Deploy): Promise<ActionResult> => deploy({ ...options, inputs: { command: 'build', ...options.inputs } });
const wasBuilt = ({ log }: ActionResult): boolean => /^#\d+ /m.test(log);
const digestOf = ({ outputs }: ActionResult): string => (outputs['image'] ?? '').split('@')[1] ?? '';
const tagOf = async (name: string, tag: string): Promise<string> =>
  (await fromRegistry(parts().registry, `acme/${name}/manifests/${tag}`)).digest;

describe('an image', () => {
  test('of the same content is not built again, also of another commit, and gets its tags', async () => {
    const first = await build({ files: files(), env: by('once', '11') });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(wasBuilt(first)).toBe(true);
    const again = await build({ files: files(), env: by('once', '12') });
    const merged = await build({ files: files(), env: by('once', '13', B, 'fix/7') });
    for (const result of [again, merged]) {
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built', image: first.outputs['image'] } });
      expect(wasBuilt(result)).toBe(false);
      expect(result.log).toContain(
        `Not built again: ${first.outputs['image']} was built from the same content at commit ffac537 by https://github.com/Acme/once/actions/runs/11`,
      );
      expect(result.summary).toContain('[run 11](https://github.com/Acme/once/actions/runs/11), of commit `ffac537`');
    }
    for (const tag of ['main', 'sha-ffac537', 'fix-7', 'sha-0123456']) expect(await tagOf('once', tag)).toBe(digestOf(first));
  });

  test.each<[string, Partial<Deploy>]>([
    ['another content', { files: files('other') }],
    ['a build argument', { inputs: { 'build-args': 'MODE=fast' } }],
    ['a label', { inputs: { labels: 'team=a' } }],
    ['no-cache', { inputs: { 'no-cache': 'true' } }],
    ['secrets', { inputs: { 'build-secrets': 'token=S3cret-of-a-build' } }],
  ])('with %s is', async (_what, more) => {
    const env = by('anew', '21');
    expect(await build({ files: files(), env })).toMatchObject({ code: 0 });
    const result = await build({ files: files(), env, ...more });
    expect(result).toMatchObject({ code: 0 });
    expect(wasBuilt(result)).toBe(true);
  });

  test('is tested all the same, and its tags follow', async () => {
    const env = by('retested', '31');
    const first = await build({ files: files(), env, inputs: { test: 'exit 1' } });
    expect(first.outputs['failure-reason']).toBe('test-failed');
    await expect(tagOf('retested', 'main')).rejects.toThrow('404');
    const second = await build({ files: files(), env, inputs: { test: 'echo "tested once more"' } });
    expect(second).toMatchObject({ code: 0 });
    expect(wasBuilt(second)).toBe(false);
    expect(second.log).toContain('tested once more');
    expect(await tagOf('retested', 'main')).toBe(digestOf(second));
  });

  test('with tags of its own is found as well, and gets them in other repositories, too', async () => {
    const { registry } = parts();
    const first = await build({ files: files(), env: by('tagged', '41'), inputs: { tags: '1.0' } });
    const second = await build({
      files: files(),
      env: by('tagged', '42', B),
      inputs: { tags: `1.1, ${registry.address}/acme/mirror:1.1`, image: `${registry.address}/acme/tagged` },
    });
    expect(second).toMatchObject({ code: 0, outputs: { image: first.outputs['image'] } });
    expect(wasBuilt(second)).toBe(false);
    expect(await tagOf('tagged', '1.1')).toBe(digestOf(first));
    expect(await tagOf('mirror', '1.1')).toBe(digestOf(first));
  });

  test('under a tag that names another content is not taken for it', async () => {
    const { registry } = parts();
    const env = by('forged', '51');
    const first = await build({ files: files(), env });
    const [tag] = /content-[0-9a-f]{16}/.exec(first.log) ?? [''];
    const forged = await build({ files: files('forged'), env });
    const of = (name: string): string => `http://${registry.address}/v2/acme/forged/manifests/${name}`;
    const authorization = `Basic ${Buffer.from(`${registry.username}:${registry.password}`).toString('base64')}`;
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const body = await (await fetch(of('main'), { headers: { authorization, accept: type } })).text();
    expect(await fetch(of(tag), { method: 'PUT', headers: { authorization, 'content-type': type }, body })).toMatchObject({ status: 201 });
    expect(await tagOf('forged', tag)).toBe(digestOf(forged));
    const result = await build({ files: files(), env });
    expect(wasBuilt(result)).toBe(true);
    expect(digestOf(result)).not.toBe(digestOf(forged));
  });
});

test('production runs the digest that staging ran, and the report says so', async () => {
  const env = { ...QUICK, NOMAD_VAR_COUNT: '1' };
  const staging = await deploy({ files: files(), env: { ...env, ...by('promoted', '61', A, 'staging') } });
  expect(staging).toMatchObject({ code: 0, outputs: { outcome: 'successful', environment: 'staging' } });
  expect(staging.summary).not.toContain('Promoted from');
  const production = await deploy({ files: files(), env: { ...env, ...by('promoted', '62', B, 'production') } });
  expect(production).toMatchObject({
    code: 0,
    outputs: { outcome: 'successful', environment: 'production', image: staging.outputs['image'] },
  });
  expect(wasBuilt(production)).toBe(false);
  const run = 'https://github.com/Acme/promoted/actions/runs/61';
  expect(production.summary).toContain(
    `| Promoted from | staging: [${staging.outputs['job-id']} version 0](${run}/attempts/1), healthy there |`,
  );
  expect(production.log).toContain(`Promoted from staging: ${staging.outputs['job-id']} version 0 ran this image, deployed by ${run}`);
  const job = await cluster.job(production.outputs['job-id'] ?? '');
  expect(JSON.stringify(job?.TaskGroups)).toContain(staging.outputs['image']);
});

test('what a .dockerignore leaves out is what the builder leaves out', () => {
  const paths = [
    'a.md',
    'README.md',
    'src/a.js',
    'src/b.log',
    'src/lib/c.log',
    'src/lib/keep.log',
    'docs/x/y.md',
    'docs/z',
    'logs/1',
    'a+b',
  ];
  for (const rules of [
    '*.md\n!README.md\n**/*.log\n!src/lib/keep.log\n',
    '**.log\n/logs/\ndocs/*\n!docs/z\n',
    '*\n!src\nsrc/lib\n!src/lib/keep.log\n',
    'src/lib\n!src\n',
    '**/lib\n!**/keep.log\n[ab]*.md\n',
    'a?b\ndocs/**/y.md\n!**\nlogs',
  ]) {
    const workspace = makeWorkspace(Object.fromEntries(paths.map((path) => [path, 'x'])));
    writeFileSync(join(workspace, '.dockerignore'), `.git\n.dockerignore\nDockerfile\n${rules}`);
    writeFileSync(join(workspace, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    const out = mkdtempSync(join(process.env['NOMAD_DEPLOY_TEMP'] ?? tmpdir(), 'context-'));
    docker('buildx', 'build', '--no-cache', '--output', `type=local,dest=${out}`, workspace);
    const sent = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath, entry.name)));
    const ignore = readIgnoreFile(`.git\n.dockerignore\nDockerfile\n${rules}`);
    const stays = (path: string): boolean => {
      let answer: Ignoring | undefined;
      for (const [i] of path.split('/').entries())
        answer = ignore(
          path
            .split('/')
            .slice(0, i + 1)
            .join('/'),
          answer,
        );
      return answer?.ignored === false;
    };
    expect([rules, paths.filter(stays).sort()]).toEqual([rules, sent.filter((path) => paths.includes(path)).sort()]);
  }
});

test('the attestation of an image is linked by its job, by later versions with the image, and by production; not by a job with another image', async () => {
  const page = 'https://github.com/Acme/attested/attestations/42';
  const env = { ...QUICK, NOMAD_VAR_COUNT: '1', ...by('attested', '71', A, 'staging') };
  const linksOf = async (id = ''): Promise<string[]> => ((await cluster.job(id))?.UI?.Links ?? []).map(({ Label }) => Label ?? '');
  const built = await build({ files: files(), env });
  expect(built.outputs).toMatchObject({ 'image-built': 'true' });
  const { image = '' } = built.outputs;
  const attested = await deploy({ files: files(), env, inputs: { image, build: 'false', attestation: page } });
  const { 'job-id': id } = attested.outputs;
  expect(attested).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  expect(attested.summary).toContain(`| Attestation | [42](${page}) |`);
  expect(await linksOf(id)).toEqual(['run 3', 'commit ffac537', 'attestation']);

  // A run that finds the image has nothing to attest.
  const again = await deploy({ files: files(), env: { ...env, NOMAD_VAR_MEMORY: '70' } });
  expect(again.outputs).toMatchObject({ 'job-version': '1', image, 'image-built': 'false' });
  expect(await linksOf(id)).toContain('attestation');

  const production = await deploy({
    files: files(),
    env: { ...env, ...by('attested', '72', B, 'production') },
    inputs: { 'job-name': 'attested-production' },
  });
  expect(production.outputs).toMatchObject({ environment: 'production', image });
  expect(await linksOf(production.outputs['job-id'])).toContain('attestation');

  const other = await deploy({ files: files('another'), env });
  expect(other.outputs).toMatchObject({ 'job-version': '2', 'image-built': 'true' });
  expect(await linksOf(id)).toEqual(['run 3', 'commit ffac537']);
});
