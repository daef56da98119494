// The package of the terminal program: what is in it, and that it runs where nothing else is installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { cluster, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';
import { checkout } from '../helpers/terminal.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

let packed: Packed;
/** A folder in which the package is installed, and nothing else. */
let home: string;

/** Runs npm without a network: its registry is a port where nothing listens. */
function npm(args: readonly string[], cwd: string): string {
  const env = {
    ...{ PATH: process.env['PATH'], HOME: home, npm_config_cache: join(home, 'cache'), npm_config_registry: 'http://127.0.0.1:9/' },
    ...{ npm_config_offline: 'true', npm_config_update_notifier: 'false', npm_config_audit: 'false', npm_config_fund: 'false' },
  };
  return execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  home = temporary('package');
  const [one] = JSON.parse(npm(['pack', '--json', '--pack-destination', home], ROOT)) as Packed[];
  if (one === undefined) throw new Error('npm packed nothing');
  packed = one;
  const project = join(home, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  npm(['install', '--no-save', join(home, packed.filename)], project);
}, 60_000);

test('has the program, its templates and schemas, and nothing of the action, the tests or the guides', () => {
  const paths = packed.files.map(({ path }) => path);
  const others = paths.filter((path) => !/^(dist|schema|templates)\/|^(LICENSE|README\.md|package\.json)$/.test(path));
  expect(others).toEqual([]);
  expect(paths).toEqual(
    expect.arrayContaining(['dist/cli.js', 'dist/licenses.txt', 'schema/result.schema.json', 'templates/service.nomad.hcl.hbs']),
  );
  expect(paths).not.toContain('dist/post.js');
  expect(packed.files.find(({ path }) => path === 'dist/cli.js')?.mode).toBe(0o755);
});

test('each module that a file of the bundle loads is in the package', () => {
  const folder = join(home, 'project/node_modules/nomad-deploy/dist');
  const names = new Set(readdirSync(folder));
  const loaded = [...names].flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/(?:from|import)\s*\(?\s*"\.\/([\w.-]+\.js)"/g)].map(([, file = '']) => file),
  );
  expect(loaded.length).toBeGreaterThan(50);
  expect([...new Set(loaded)].filter((name) => !names.has(name))).toEqual([]);
});

test('runs from an empty folder without a network, and deploys', async () => {
  const project = join(home, 'project');
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['nomad-deploy']);
  const program = join(project, 'node_modules/nomad-deploy/dist/cli.js');
  expect(statSync(program).mode & 0o111).not.toBe(0);
  expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  expect(npm(['exec', '--', 'nomad-deploy', '--version'], project)).toBe(`nomad-deploy ${version}\n`);
  expect(npm(['exec', '--', 'nomad-deploy', '--help'], project)).toMatch(/Commands:\n {2}init .*\n {2}deploy /s);
  const folder = checkout({ 'project.nomad': spec('cli-package', { type: 'batch', command: 'true' }) });
  const { PATH, NOMAD_BIN = parts().nomadBin } = process.env;
  const env = { PATH: `${dirname(process.execPath)}:${PATH}`, HOME: home, NOMAD_ADDR: parts().nomad.address, NOMAD_BIN };
  const bin = join(project, 'node_modules/.bin/nomad-deploy');
  const told = execFileSync(bin, ['deploy', '--yes'], { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(told).toContain('successful: cli-package version 0 (main)');
  expect(await cluster.job('cli-package')).toMatchObject({ Version: 0 });
}, 60_000);
