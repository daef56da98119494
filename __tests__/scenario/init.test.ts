// `init` as the bundled programs run it, in checkouts that are not as one would wish.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeWorkspace, temporary } from '../../scripts/parts/action.ts';
import { step } from './step.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const FIXTURES = join(import.meta.dirname, '../fixtures/init');
const WORKFLOW = '.github/workflows/deploy.yml';
const DOCKERFILE = 'FROM busybox:1.37\nEXPOSE 8080\n';

/** A new repository without a commit and a remote. */
function repository(files: Readonly<Record<string, string>>): string {
  const folder = temporary('init');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
  return folder;
}

function init(cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'init', ...args], {
    cwd,
    env: { PATH, HOME: cwd, ...env },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('in a new repository', () => {
  test('writes what it has shown, once it is told yes', () => {
    const folder = repository({});
    cpSync(join(FIXTURES, 'hello'), folder, { recursive: true });
    const args = ['--base-domain=apps.example.com', '--vars=SERVICE_PROVIDER=nomad'];
    const env = { NOMAD_ADDR: 'https://nomad.example.com:4646', NOMAD_TOKEN: '3f1b8c52-aaaa-4bbb-8ccc-1234567890ab' };
    const unasked = init(folder, args, env);
    expect(unasked).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no terminal to ask at. Add --yes, or --dry-run') });
    expect(init(folder, [...args, '--dry-run'], env)).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was written.') });
    expect(existsSync(join(folder, '.github'))).toBe(false);
    const { code, stdout } = init(folder, [...args, '--yes'], env);
    expect(code).toBe(0);
    const written = readFileSync(join(folder, WORKFLOW), 'utf8');
    expect(stdout).toContain(written.replaceAll(/^(?=.)/gm, '  '));
    expect(stdout).toContain('NOMAD_ADDR of the environment');
    expect(stdout).toMatch(/^ {2}nomad-deploy setup --nomad-addr=https:\/\/nomad\.example\.com:4646 /m);
    expect(`${stdout}${written}`).not.toContain(env.NOMAD_TOKEN);
    // The second time, there is nothing left to write.
    expect(init(folder, ['--yes'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('deploys with org/nomad-deploy@v1 already'),
    });
    expect(readFileSync(join(folder, WORKFLOW), 'utf8')).toBe(written);
  });

  test('leaves a file that exists as it is, and shows the one that it would have written', () => {
    const own = '# Mine.\non: push\njobs: {}\n';
    const folder = repository({ Dockerfile: DOCKERFILE, [WORKFLOW]: own });
    const { code, stdout } = init(folder, ['--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain(`${WORKFLOW} exists and stays as it is. This would be written`);
    expect(stdout).toContain('org/nomad-deploy@v1');
    expect(readFileSync(join(folder, WORKFLOW), 'utf8')).toBe(own);
  });

  test('writes only the files that are missing', () => {
    const config = 'nomad-addr: https://nomad.example.com:4646\n';
    const folder = repository({ 'api/Dockerfile': DOCKERFILE, 'web/Dockerfile': DOCKERFILE, 'nomad-deploy.yml': config });
    expect(init(folder, ['--yes'])).toMatchObject({ code: 0, stdout: expect.stringContaining(`Wrote ${WORKFLOW}.`) });
    expect(readFileSync(join(folder, 'nomad-deploy.yml'), 'utf8')).toBe(config);
    expect(readFileSync(join(folder, WORKFLOW), 'utf8')).not.toContain('nomad-addr');
  });

  test.each(['.github', '.github/workflows', WORKFLOW])('does not write through %s, which leads out of the repository', (link) => {
    const outside = temporary('outside');
    const folder = repository({ Dockerfile: DOCKERFILE });
    mkdirSync(dirname(join(folder, link)), { recursive: true });
    symlinkSync(link === WORKFLOW ? join(outside, 'deploy.yml') : outside, join(folder, link));
    const { code, stderr } = init(folder, ['--yes']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Error: /) });
    expect(existsSync(join(outside, 'deploy.yml')) || existsSync(join(outside, 'workflows'))).toBe(false);
  });

  test('reads no files that Git ignores, no dependencies, no links and no large files', () => {
    const outside = repository({ Dockerfile: 'FROM busybox\nEXPOSE 6666\n' });
    const folder = repository({
      Dockerfile: DOCKERFILE,
      '.gitignore': '/out/\n',
      'out/Dockerfile': DOCKERFILE,
      'node_modules/some/Dockerfile': DOCKERFILE,
      'large/Dockerfile': `# ${'x'.repeat(600_000)}\nEXPOSE 7777\n`,
    });
    symlinkSync(outside, join(folder, 'linked'));
    symlinkSync(join(outside, 'Dockerfile'), join(folder, 'Dockerfile.linked'));
    const { code, stdout } = init(folder, ['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('large/Dockerfile: is not read: large/Dockerfile has more than 512 KiB');
    expect(stdout).not.toMatch(/out\/|node_modules|linked|6666|7777/);
    expect(stdout).toContain('8080');
  });

  test.each<[what: string, files: Record<string, string>]>([
    ['nothing', {}],
    ['a compose file with foreign images only', { 'compose.yaml': 'services:\n  db:\n    image: postgres:17\n' }],
    ['a policy in HCL', { 'deploy.hcl': 'namespace "default" {}\n' }],
  ])('with %s, says that there is nothing to deploy', (_what, files) => {
    const folder = repository(files);
    expect(init(folder, ['--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the repository has no Dockerfile and no job spec'),
    });
    expect(existsSync(join(folder, '.github'))).toBe(false);
  });

  test('writes no secret of the command line and the shell, but its name', () => {
    const folder = repository({ Dockerfile: DOCKERFILE });
    const env = { NOMAD_ADDR: 'https://ada:hunter2@nomad.example.com:4646' };
    const args = ['--vars=DB_PASSWORD=hunter3', '--vars=MEMORY=64', '--build-args=NPM_TOKEN=hunter4', '--yes'];
    const { code, stdout, stderr } = init(folder, args, env);
    expect(code).toBe(0);
    const written = readFileSync(join(folder, WORKFLOW), 'utf8');
    expect(`${written}${stdout}${stderr}`).not.toContain('hunter');
    for (const line of [
      'nomad-addr: ${{ secrets.NOMAD_ADDR }}',
      'DB_PASSWORD=${{ secrets.DB_PASSWORD }}',
      'NPM_TOKEN=${{ secrets.NPM_TOKEN }}',
      'MEMORY=64',
    ])
      expect(written).toContain(line);
    for (const name of ['NOMAD_ADDR', 'DB_PASSWORD', 'NPM_TOKEN']) expect(stdout).toContain(`gh secret set ${name}`);
  });

  test('works without Git, in the folder itself', () => {
    const folder = temporary('init');
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
    expect(init(folder, ['--yes'])).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, WORKFLOW))).toBe(true);
  });
});

describe('in a workflow', () => {
  test('`command: init` shows the files, and writes nothing', async () => {
    const workspace = makeWorkspace({ Dockerfile: DOCKERFILE });
    const { code, outputs, log } = await step({ workspace, inputs: { command: 'init' } });
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'reported' });
    expect(log).toContain(`NOMAD_VAR_PORTS: '{ 8080 = "http" }'`);
    expect(log).toContain('Nothing was written.');
    expect(existsSync(join(workspace, '.github'))).toBe(false);
  });
});
