// The committed bundle by itself, as the runner gets it: no src/, no node_modules/.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runAction } from '../../scripts/parts/action.ts';

const ROOT = join(import.meta.dirname, '../..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-alone-'));
  for (const name of ['action.yml', 'dist', 'templates']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  // Prints what Node loads from files: the bundle's chunks.
  writeFileSync(
    join(folder, 'trace.mjs'),
    `import { registerHooks } from 'node:module';
     import { writeSync } from 'node:fs';
     registerHooks({ load(url, context, next) { if (url.startsWith('file:')) writeSync(2, 'LOAD ' + url + '\\n'); return next(url, context); } });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(entry: string, env: Readonly<Record<string, string>>): SpawnSyncReturns<string> & { readonly loaded: readonly string[] } {
  const argv = ['--import', join(folder, 'trace.mjs'), join(folder, 'dist', entry)];
  const result = spawnSync(process.execPath, argv, { cwd: folder, env: { RUNNER_TEMP: folder, ...env }, encoding: 'utf8' });
  const loaded = [...result.stderr.matchAll(/^LOAD (.*)$/gm)].map(([, url]) => basename(url ?? '')).filter((name) => name !== 'trace.mjs');
  return { ...result, loaded };
}

describe('the bundle', () => {
  test('refuses a wrong input by its name, before it has loaded anything heavy', () => {
    const { status, stdout, loaded } = start('index.js', {
      INPUT_WAIT: 'perhaps',
      GITHUB_WORKSPACE: folder,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_REF_NAME: 'main',
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error title=input-invalid::`wait`: "perhaps"/m);
    expect(loaded).toContain('index.js');
    expect(loaded.filter((name) => /undici|handlebars|yaml/.test(name))).toEqual([]);
  });

  test('has its heavy packages as chunks of their own', () => {
    expect(readdirSync(join(folder, 'dist'))).toEqual(expect.arrayContaining(['undici.js', 'handlebars.js', 'yaml.js', 'licenses.txt']));
  });

  test('cleans up after nothing without a word', () => {
    const { status, stdout, loaded } = start('post.js', {});
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(loaded).toContain('post.js');
  });

  test('loads every one of its chunks', () => {
    const chunks = readdirSync(join(folder, 'dist')).filter(
      (name) => name.endsWith('.js') && !['index.js', 'post.js', 'cli.js'].includes(name),
    );
    writeFileSync(join(folder, 'all.mjs'), chunks.map((name) => `await import('./dist/${name}');`).join('\n'));
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'all.mjs')], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('finds the templates beside it', () => {
    const code = readdirSync(join(folder, 'dist'))
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(join(folder, 'dist', name), 'utf8'));
    const named = code.flatMap((text) =>
      [...text.matchAll(/new URL\(["'](\.\.\/templates\/[^"']*)["'], ?import\.meta\.url\)/g)].map(([, path]) => path ?? ''),
    );
    expect(named).not.toEqual([]);
    expect(named.filter((path) => !existsSync(join(folder, 'dist', path)))).toEqual([]);
  });

  test('names the licence of every package in it', () => {
    const text = readFileSync(join(folder, 'dist/licenses.txt'), 'utf8');
    const packages = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+ \([\w.-]+\)$/gm)].map(([, name]) => name);
    expect(packages).toEqual([...packages].sort());
    expect(packages).toEqual(expect.arrayContaining(['@actions/core', 'handlebars', 'undici', 'yaml']));
  });

  test('has a bill of materials of the same packages', () => {
    const text = readFileSync(join(folder, 'dist/licenses.txt'), 'utf8');
    const named = [...text.matchAll(/^(\S+) (\d+\.\d+\.\d+) \([\w.-]+\)$/gm)].map(([, name, version]) => ({ name, version }));
    const bill = JSON.parse(readFileSync(join(folder, 'dist/sbom.cdx.json'), 'utf8')) as {
      readonly components: readonly { readonly name: string; readonly version: string }[];
    };
    expect(bill.components.map(({ name, version }) => ({ name, version }))).toEqual(named);
  });

  test('is what a workflow starts that names the action by its own commit', async () => {
    cpSync(join(ROOT, '.github/action'), join(folder, '.github/action'), { recursive: true });
    const workspace = join(folder, 'workspace');
    mkdirSync(workspace);
    const { code, outputs, post } = await runAction({ action: join(folder, '.github/action'), workspace, inputs: { wait: 'perhaps' } });
    expect({ code, reason: outputs['failure-reason'], post: post?.code }).toEqual({ code: 1, reason: 'input-invalid', post: 0 });
  });
});

describe('the check of the bundle', () => {
  test('names the files that are not what the source builds to', () => {
    const copy = join(folder, 'copy');
    for (const name of ['src', 'scripts', 'dist', 'package.json', 'package-lock.json', 'tsconfig.json'])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const check = (): SpawnSyncReturns<string> =>
      spawnSync(process.execPath, [join(copy, 'scripts/build.ts'), '--check'], { cwd: tmpdir(), encoding: 'utf8' });
    expect(check()).toMatchObject({ status: 0, stderr: '' });

    appendFileSync(join(copy, 'dist/post.js'), '// by hand\n');
    writeFileSync(join(copy, 'dist/old-chunk.js'), '');
    rmSync(join(copy, 'dist/licenses.txt'));
    expect(check()).toMatchObject({ status: 1, stderr: expect.stringMatching(/: licenses\.txt, old-chunk\.js, post\.js\n$/) });
  });
});
