import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import { startRegistry } from '../../scripts/parts/registry.ts';
import { commandLines, fromRegistry } from '../helpers/buildkit.ts';
import { deploy, server } from '../helpers/deploying.ts';
import { parts, partsRun } from '../helpers/parts.ts';

/** The Docker configuration of a self-hosted runner's user: all logins in a credential helper, which notes what it is asked. */
function usersConfig(): { folder: string; bin: string; asked: string } {
  const home = makeWorkspace({});
  const [folder, bin, asked] = [join(home, 'docker'), join(home, 'bin'), join(home, 'asked')];
  for (const path of [folder, bin]) mkdirSync(path);
  const { docker } = parts();
  const own = docker.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  if (existsSync(join(own, 'cli-plugins'))) symlinkSync(join(own, 'cli-plugins'), join(folder, 'cli-plugins'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ credsStore: 'noted', credHelpers: { 'other.example.com': 'noted' } }));
  const helper = join(bin, 'docker-credential-noted');
  writeFileSync(helper, `#!/bin/sh\n{ echo "$1"; cat; echo; } >> '${asked}'\necho 'credentials not found in native keychain'\nexit 1\n`);
  chmodSync(helper, 0o755);
  return { folder, bin, asked };
}

test('a login stays in a folder of the run, and the helpers of the user never see it', async () => {
  const { folder, bin, asked } = usersConfig();
  const before = readFileSync(join(folder, 'config.json'), 'utf8');
  const { registry } = parts();
  let seen = '';
  const result = await deploy({
    // Time enough to look around.
    files: { Dockerfile: `${server('login')}RUN sleep 1\n` },
    onLine: () => {
      seen += commandLines();
    },
    env: { DOCKER_CONFIG: folder, PATH: `${bin}:${process.env['PATH']}`, GITHUB_REPOSITORY: 'Acme/Login' },
    inputs: { command: 'build' },
  });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
  expect(result.log).toContain(`Logged in to ${registry.address} as ${registry.username}`);
  expect(seen).toContain('buildx build');
  expect(seen).not.toContain(registry.password);
  expect(result.shown).not.toContain(registry.password);
  const said = existsSync(asked) ? readFileSync(asked, 'utf8') : '';
  expect(said).not.toContain('store');
  expect(said).not.toContain(registry.address);
  expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(before);
  expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
});

test("the workflow's own token is not offered to a registry that is not GitHub's", async () => {
  const { registry } = parts();
  const result = await deploy({
    files: { Dockerfile: server('token') },
    token: 'ghs_token_of_the_workflow',
    env: { GITHUB_REPOSITORY: 'Acme/Token' },
    inputs: { command: 'build', registry: '', image: `${registry.address}/acme/token`, 'registry-username': '', 'registry-password': '' },
  });
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'registry-denied' } });
  expect(result.log).not.toContain('Logged in');
  expect(readFileSync(registry.logFile, 'utf8')).not.toContain('ghs_token');
});

/** Ends the action and all that it started, as a machine that stops does: nothing of it can clean up. */
function killAction(workspace: string): void {
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isOurs = readlinkSync(`/proc/${id}/cwd`) === workspace && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('dist/index.js');
      if (isOurs) process.kill(-Number(id), 'SIGKILL');
    } catch {
      // ended meanwhile, or somebody else's
    }
  }
}

test('the login of a run that was killed goes in the post step', async () => {
  const { registry, docker } = parts();
  const workspace = makeWorkspace({ Dockerfile: 'FROM busybox:1.37\nRUN sleep 3; echo never\n' });
  const result = await runAction({
    workspace,
    env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Killed' },
    inputs: {
      command: 'build',
      registry: registry.address,
      'registry-username': registry.username,
      'registry-password': registry.password,
      'build-secrets': 'token=S3cret-of-a-killed-build',
    },
    onLine: (line) => {
      if (line.includes('RUN sleep')) killAction(realpathSync(workspace));
    },
  });
  expect(result.code).toBe(137);
  expect(result.log).toContain('Logged in to');
  expect(result.post?.code).toBe(0);
  expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
});

test('several registries are logged in to, of which one may not be pushed to', async () => {
  const { registry } = parts();
  const other = await startRegistry(partsRun());
  const login = (password: string): string => `- registry: ${other.address}\n  username: ${other.username}\n  password: ${password}\n`;
  const build = async (password: string): Promise<ActionResult> =>
    deploy({
      files: { Dockerfile: server('several') },
      env: { GITHUB_REPOSITORY: 'Acme/Several' },
      inputs: {
        command: 'build',
        'registry-auth': login(password),
        tags: `${registry.address}/acme/several:1, ${other.address}/acme/several:1`,
      },
    });
  const good = await build(other.password);
  expect(good).toMatchObject({ code: 0, outputs: { image: expect.stringContaining(`${registry.address}/acme/several@sha256:`) } });
  const digest = (good.outputs['image'] ?? '').split('@')[1];
  expect((await fromRegistry(other, 'acme/several/manifests/1')).digest).toBe(digest);
  expect(good.masks).toContain(other.password);
  expect(await build('wrong-password')).toMatchObject({ code: 1, outputs: { 'failure-reason': 'registry-denied' } });
  await other.stop();
});

test("a workflow's token in a job is warned of", async () => {
  const result = await deploy({
    files: { Dockerfile: server('short') },
    env: { GITHUB_REPOSITORY: 'Acme/Short', NOMAD_VAR_CI_REGISTRY_PASSWORD: 'ghs_0123456789abcdef' },
    inputs: { command: 'plan' },
  });
  expect(result).toMatchObject({ code: 0 });
  expect(result.annotations.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('a token that expires with this workflow'),
  );
});
