// The bundled terminal program as far as it needs no part and no shell: CI runs these stories on Windows and arm64, too.
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commands } from '../../src/inputs/commands.ts';

const ROOT = join(import.meta.dirname, '../..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-program-'));
  const git = (...args: readonly string[]): void => {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];
    execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'ignore' });
  };
  writeFileSync(join(folder, 'project.nomad'), 'job "shop" {}\n');
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program with the environment that each system needs to start Git, and nothing else of this process. */
function run(...args: readonly string[]): SpawnSyncReturns<string> {
  const kept = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|LANG|TMPDIR|TEMP|SystemRoot|USERPROFILE|COMSPEC)$/i.test(name));
  const argv = [join(ROOT, 'dist/cli.js'), ...args];
  return spawnSync(process.execPath, argv, { cwd: folder, env: Object.fromEntries(kept), encoding: 'utf8' });
}

test('says its version', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  expect(run('--version')).toMatchObject({ status: 0, stdout: `nomad-deploy ${version}\n`, stderr: '' });
});

test('has help, with each command', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  expect(commands.filter((name) => !new RegExp(`\\b${name}\\b`).test(stdout))).toEqual([]);
});

test('refuses a command that does not exist, with the nearest one', () =>
  expect(run('statsu')).toMatchObject({ status: 2, stderr: expect.stringContaining('status') }));

test('knows the checkout by Git, and says that the cluster does not answer', () => {
  const { status, stdout, stderr } = run('status', '--nomad-addr=http://127.0.0.1:9');
  expect(stdout + stderr).toContain('Checkout of acme/shop (remote origin), branch main at ');
  expect(stderr).toMatch(/127\.0\.0\.1:9/);
  expect(status).toBe(1);
});

test.each(['bash', 'zsh', 'fish'])('prints the completion of %s', (shell) =>
  expect(run('completion', shell)).toMatchObject({ status: 0, stdout: expect.stringContaining('nomad-deploy') }),
);
