// Whose checkout it is: events whose ref is the default branch, whatever was checked out.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction, temporary } from '../../scripts/parts/action.ts';
import { COMMIT, type GitHubServer, startGitHub } from '../helpers/github.ts';
import { serve } from '../scenario/step.ts';

const REPOSITORY = { full_name: 'Acme/Shop', default_branch: 'main' };
const home = temporary('git');

function git(at: string, ...args: readonly string[]): string {
  const own = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...own, ...args], { cwd: at, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home } }).trim();
}

let github: GitHubServer;
let cluster: Awaited<ReturnType<typeof serve>>;
let attacker: Awaited<ReturnType<typeof serve>>;
const heard = { cluster: 0, attacker: 0 };
beforeAll(async () => {
  github = await startGitHub();
  cluster = await serve((_request, response) => {
    heard.cluster++;
    response.writeHead(403).end('Permission denied');
  });
  attacker = await serve((_request, response) => {
    heard.attacker++;
    response.writeHead(403).end('Permission denied');
  });
  github.state.contents.set('nomad-deploy.yml', `nomad-addr: ${cluster.address}\n`);
});
afterAll(async () => Promise.all([github.stop(), cluster.close(), attacker.close()]));

/** A checkout of main, and the commit of a branch with the attacker's file. */
function repository(): { readonly workspace: string; readonly main: string; readonly branch: string } {
  const workspace = makeWorkspace({ 'project.nomad': 'job "x" {}\n' });
  git(workspace, 'init', '-q');
  const commit = (address: string): string => {
    execFileSync('sh', ['-c', `echo 'nomad-addr: ${address}' > nomad-deploy.yml`], { cwd: workspace });
    git(workspace, 'add', '-A');
    git(workspace, 'commit', '-q', '-m', address);
    return git(workspace, 'rev-parse', 'HEAD');
  };
  const main = commit(cluster.address);
  git(workspace, 'checkout', '-q', '-b', 'fix');
  const branch = commit(attacker.address);
  git(workspace, 'checkout', '-q', 'main');
  return { workspace, main, branch };
}

async function run(
  workspace: string,
  name: string,
  sha: string,
  inputs: Readonly<Record<string, string>> = {},
  payload: object = { repository: REPOSITORY },
): Promise<ActionResult> {
  heard.cluster = 0;
  heard.attacker = 0;
  return runAction({
    workspace,
    event: { name, payload },
    env: { GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_API_URL: github.url, GITHUB_SHA: sha },
    inputs: { 'nomad-token': 'token-of-nomad', build: 'false', ...inputs },
    token: github.token,
  });
}

describe('a run whose ref is the default branch, with a branch checked out', () => {
  test.each(['workflow_dispatch', 'schedule', 'repository_dispatch', 'deployment', 'label', 'page_build'])(
    '%s is a review app, with the file of the default branch',
    async (name) => {
      const { workspace, main, branch } = repository();
      git(workspace, 'checkout', '-q', '--detach', branch);
      const result = await run(workspace, name, main);
      expect(result.outputs).toMatchObject({ environment: 'review', 'job-id': 'acme-shop-main', 'nomad-addr': cluster.address });
      expect(heard.attacker).toBe(0);
      expect(heard.cluster).toBeGreaterThan(0);
    },
  );

  test('a push is of its branch, and its file is that of the default branch', async () => {
    const { workspace, main, branch } = repository();
    git(workspace, 'checkout', '-q', '--detach', branch);
    const result = await run(workspace, 'push', main);
    expect(result.outputs).toMatchObject({ environment: 'main', 'nomad-addr': cluster.address });
    expect(heard.attacker).toBe(0);
  });

  test('a second checkout in a folder of the first is another one', async () => {
    const { workspace, main, branch } = repository();
    const inner = join(workspace, 'app');
    mkdirSync(inner);
    for (const name of ['.git', 'nomad-deploy.yml', 'project.nomad']) cpSync(join(workspace, name), join(inner, name), { recursive: true });
    git(inner, 'checkout', '-q', '--detach', branch);
    for (const inputs of [{ config: 'app/nomad-deploy.yml' }, { config: 'app/nomad-deploy.yml', 'working-directory': 'app' }]) {
      const result = await run(workspace, 'workflow_dispatch', main, inputs);
      expect(result.outputs).toMatchObject({ environment: 'review', 'nomad-addr': cluster.address });
      expect(heard.attacker).toBe(0);
    }
    const { outputs } = await run(workspace, 'workflow_dispatch', main, { 'working-directory': 'app' });
    expect(outputs['environment']).toBe('review');
  });

  test('a rollback by hand says which environment it is for', async () => {
    const { workspace, main, branch } = repository();
    git(workspace, 'checkout', '-q', '--detach', branch);
    const result = await run(workspace, 'workflow_dispatch', main, { environment: 'main' });
    expect(result.outputs).toMatchObject({ environment: 'main', 'job-id': 'acme-shop', 'nomad-addr': cluster.address });
  });

  test('a dispatch whose default branch has moved on since is of that branch', async () => {
    const { workspace, main } = repository();
    writeFileSync(join(workspace, '.git/HEAD'), `${COMMIT}\n`);
    expect((await run(workspace, 'workflow_dispatch', main)).outputs).toMatchObject({ environment: 'main', 'nomad-addr': cluster.address });
  });

  test('a run that follows one for a tag which is called like the default branch is a review app', async () => {
    const { workspace, main, branch } = repository();
    const follow = async (head_sha: string): Promise<ActionResult> => {
      git(workspace, 'checkout', '-q', '--detach', head_sha);
      const followed = { head_branch: 'main', head_sha, event: 'push', head_repository: REPOSITORY };
      const payload = { repository: REPOSITORY, workflow_run: followed };
      const inputs = { 'allow-untrusted-events': 'workflow_run', 'nomad-addr': cluster.address };
      return run(workspace, 'workflow_run', COMMIT, inputs, payload);
    };
    const attack = await follow(branch);
    expect(attack.outputs).toMatchObject({ environment: 'review', 'job-id': 'acme-shop-main', 'nomad-addr': cluster.address });
    expect(attack.log).toContain('workflow_run for main, whose commit is not known to be of that branch');
    expect(heard.attacker).toBe(0);

    // CI takes minutes, in which others push.
    github.state.before.add(main);
    expect((await follow(main)).outputs).toMatchObject({ environment: 'main', 'job-id': 'acme-shop', 'nomad-addr': cluster.address });
    github.trouble(/compare/, 403);
    const unknown = await follow(main);
    expect(unknown.outputs).toMatchObject({ environment: 'review', 'nomad-addr': cluster.address });
    expect(unknown.log).toContain(`${main.slice(0, 7)} is a commit of main: GitHub answered 403`);
  });

  test.each(['push', 'workflow_dispatch', 'schedule'])('%s of the commit that it names asks nobody whose file counts', async (name) => {
    const { workspace, main } = repository();
    const before = github.requests.length;
    const result = await run(workspace, name, main);
    expect(result.outputs).toMatchObject({ environment: 'main', 'nomad-addr': cluster.address });
    expect(github.requests.slice(before).filter(({ path }) => path.includes('/contents/'))).toEqual([]);
  });
});
