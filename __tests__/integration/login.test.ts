import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { deploy, server } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

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
  const result = await deploy({
    files: { Dockerfile: server('login') },
    env: { DOCKER_CONFIG: folder, PATH: `${bin}:${process.env['PATH']}`, GITHUB_REPOSITORY: 'Acme/Login' },
    inputs: { command: 'build' },
  });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
  expect(result.log).toContain(`Logged in to ${registry.address} as ${registry.username}`);
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
