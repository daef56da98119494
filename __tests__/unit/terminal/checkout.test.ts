import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execute } from '../../../src/runtime/exec.ts';
import type { Env, Runtime } from '../../../src/runtime/runtime.ts';
import {
  branchFiles,
  type Checkout,
  describeCheckout,
  environmentOf,
  eventOf,
  gitIn,
  readCheckout,
  rootOf,
} from '../../../src/terminal/checkout.ts';
import { emptyFolder } from '../../helpers/folder.ts';

function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** A clone of a repository with the branches main and fix/7, whose remote then has the address. */
function clone(address = 'git@github.com:Acme/Shop.git', ...options: readonly string[]): string {
  const [origin, folder] = [emptyFolder(), emptyFolder()];
  git(origin, 'init', '-q', '-b', 'main');
  writeFileSync(join(origin, 'nomad-deploy.yml'), 'job: project.nomad\n');
  git(origin, 'add', '-A');
  git(origin, 'commit', '-q', '-m', 'first');
  git(origin, 'branch', 'fix/7');
  git(folder, 'clone', '-q', ...options, origin, '.');
  git(folder, 'remote', 'set-url', 'origin', address);
  return folder;
}

function world(env: Env = {}): Pick<Runtime, 'exec'> {
  const environment = { PATH: process.env['PATH'], HOME: '/nowhere', ...env };
  const signal = new AbortController().signal;
  return { exec: async (argv, options) => execute(argv, options, { environment, signal, onLine: () => undefined }) };
}

const read = async (folder: string, env: Env = {}): Promise<Checkout> => readCheckout(folder, gitIn(folder, world(env)), world(env));

describe('the checkout', () => {
  test('of a branch: repository, branch, default branch and commit', async () => {
    const folder = clone();
    git(folder, 'switch', '-q', 'fix/7');
    expect(await read(folder)).toMatchObject({
      remote: { name: 'origin', server: 'https://github.com', repository: 'Acme/Shop' },
      ref: { name: 'fix/7', type: 'branch' },
      defaultBranch: 'main',
      head: { sha: git(folder, 'rev-parse', 'origin/main'), age: expect.stringMatching(/ago$/) },
      ...{ sha: git(folder, 'rev-parse', 'HEAD'), changed: false, pushed: true },
    });
  });

  test('of a subfolder and of a worktree', async () => {
    const folder = clone();
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    expect(await rootOf(join(folder, 'a/b'), world())).toBe(folder);
    const other = join(emptyFolder(), 'w');
    git(folder, 'worktree', 'add', '-q', other, 'fix/7');
    expect(await rootOf(other, world())).toBe(other);
    expect(await read(other)).toMatchObject({ remote: { repository: 'Acme/Shop' }, ref: { name: 'fix/7' }, defaultBranch: 'main' });
  });

  test('of a tag, and of a commit without a name', async () => {
    const folder = clone();
    git(folder, 'switch', '-q', '--detach');
    const bare = await read(folder);
    expect(bare.ref).toBeUndefined();
    expect(() => environmentOf({}, bare)).toThrow(`the checkout is at the commit ${bare.sha.slice(0, 7)}, and at no branch or tag`);
    expect(environmentOf({ GITHUB_REF_NAME: 'main' }, bare)).toMatchObject({ GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' });
    git(folder, 'tag', '-a', '-m', 'x', 'v1.2.3');
    expect(environmentOf({}, await read(folder))).toMatchObject({ GITHUB_REF_NAME: 'v1.2.3', GITHUB_REF_TYPE: 'tag' });
  });

  test('of one branch alone does not know the default branch, and says how to fetch it', async () => {
    const folder = clone(undefined, '--single-branch', '--branch', 'fix/7');
    const checkout = await read(folder);
    expect(checkout).toMatchObject({ defaultBranch: undefined, head: undefined });
    await expect(branchFiles(gitIn(folder, world()), checkout).head()).rejects.toMatchObject({
      message: 'this clone does not have the default branch of origin',
      hint: expect.stringContaining('git remote set-head origin --auto'),
    });
  });

  test('without origin/HEAD has main as its default branch', async () => {
    const folder = clone();
    git(folder, 'remote', 'set-head', 'origin', '--delete');
    expect(await read(folder)).toMatchObject({ defaultBranch: 'main' });
  });

  test('of several remotes: origin, else that of the branch', async () => {
    const folder = clone();
    git(folder, 'remote', 'add', 'upstream', 'https://github.com/other/shop');
    expect(await read(folder)).toMatchObject({ remote: { name: 'origin' }, remotes: ['origin', 'upstream'] });
    git(folder, 'remote', 'rename', 'origin', 'mine');
    expect(await read(folder)).toMatchObject({ remote: { name: 'mine', repository: 'Acme/Shop' }, defaultBranch: 'main' });
    git(folder, 'branch', '--unset-upstream');
    await expect(read(folder)).rejects.toThrow('the checkout has the remotes mine, upstream, and none is called `origin`');
    git(folder, 'remote', 'remove', 'upstream');
    expect(await read(folder)).toMatchObject({ remote: { name: 'mine' } });
    git(folder, 'remote', 'remove', 'mine');
    const none = await read(folder);
    expect(none.remote).toBeUndefined();
    expect(() => environmentOf({}, none)).toThrow('the checkout has no remote with an owner and a name');
  });

  test('with an alias of the SSH configuration as its host', async () => {
    const bin = emptyFolder();
    writeFileSync(join(bin, 'ssh'), '#!/bin/sh\necho "hostname ghe.example.com"\n');
    chmodSync(join(bin, 'ssh'), 0o755);
    const folder = clone('git@work:Acme/Shop.git');
    const PATH = `${bin}${delimiter}${process.env['PATH']}`;
    expect(await read(folder, { PATH })).toMatchObject({ remote: { server: 'https://ghe.example.com', repository: 'Acme/Shop' } });
  });

  test('before its first commit', async () => {
    const folder = emptyFolder();
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'remote', 'add', 'origin', 'git@github.com:Acme/Shop.git');
    expect(await read(folder)).toMatchObject({ sha: '', ref: { name: 'main' }, pushed: false });
  });

  test('none: outside of one, and without git', async () => {
    const folder = emptyFolder();
    expect(await rootOf(folder, world())).toBeUndefined();
    expect(() => environmentOf({}, undefined)).toThrow('this folder is not in a Git checkout');
    expect(environmentOf({ GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_REF_NAME: 'main' }, undefined)).toMatchObject({
      GITHUB_REPOSITORY: 'Acme/Shop',
    });
    await expect(rootOf(folder, world({ PATH: '/nowhere' }))).rejects.toThrow('git is not on PATH');
  });
});

describe('the environment and the event of a run', () => {
  test('have nothing of a runner, and no token of GitHub', async () => {
    const env = environmentOf(
      { GITHUB_TOKEN: 'x', GITHUB_RUN_ID: '7', RUNNER_TEMP: '/t', INPUT_COMMAND: 'stop', NOMAD_ADDR: 'http://n' },
      await read(clone()),
    );
    expect(env).toMatchObject({ NOMAD_ADDR: 'http://n', GITHUB_REPOSITORY: 'Acme/Shop', NOMAD_DEPLOY_TERMINAL: 'true' });
    for (const name of ['GITHUB_TOKEN', 'GITHUB_RUN_ID', 'RUNNER_TEMP', 'INPUT_COMMAND']) expect(env).not.toHaveProperty(name);
  });

  test('the checkout is the default branch only at its last commit and without changes', async () => {
    const folder = clone();
    expect(eventOf(await read(folder))).toEqual({
      repository: { default_branch: 'main' },
      terminal: { changed: false, pushed: true, isDefault: true },
    });
    writeFileSync(join(folder, 'new'), '');
    expect(eventOf(await read(folder))).toMatchObject({ terminal: { changed: true, isDefault: false } });
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', 'second');
    expect(eventOf(await read(folder))).toMatchObject({ terminal: { changed: false, pushed: false, isDefault: false } });
    expect(eventOf(undefined)).toEqual({ terminal: { changed: true, pushed: false, isDefault: false } });
  });
});

describe('the words about a checkout', () => {
  const described = async (folder: string, env: Env, takesFiles = true) => {
    const checkout = await read(folder);
    return describeCheckout(environmentOf(env, checkout), checkout, takesFiles);
  };

  test('name the repository, the branch, and how old the default branch is', async () => {
    const folder = clone();
    const sha = git(folder, 'rev-parse', '--short=7', 'HEAD');
    const { line, warnings } = await described(folder, {});
    expect(line).toMatch(
      new RegExp(`^Checkout of Acme/Shop \\(remote origin\\), branch main at ${sha}; origin/main at ${sha}, from .* ago$`),
    );
    expect(warnings).toEqual([]);
  });

  test('warn of changes that are deployed, and of a commit that is not pushed', async () => {
    const folder = clone();
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'second');
    const sha = git(folder, 'rev-parse', '--short=7', 'HEAD');
    expect((await described(folder, {})).warnings).toEqual([`The commit ${sha} is not pushed to origin.`]);
    writeFileSync(join(folder, 'new'), '');
    expect((await described(folder, {})).warnings).toEqual([
      `The checkout has uncommitted changes, which commit ${sha} does not have. They are used.`,
    ]);
    expect((await described(folder, {}, false)).warnings).toEqual([]);
  });

  test('warn of a fork, and of variables that name others than the checkout', async () => {
    const folder = clone('git@github.com:ada/shop.git');
    git(folder, 'remote', 'add', 'upstream', 'git@github.com:Acme/Shop.git');
    expect((await described(folder, {})).warnings).toEqual([
      'The repository is ada/shop, which origin names, and not that of the remote upstream. To deploy as that, set GITHUB_REPOSITORY.',
    ]);
    const { line, warnings } = await described(folder, { GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_REF_NAME: 'x' });
    expect(line).toContain('Checkout of Acme/Shop (GITHUB_REPOSITORY), branch x');
    expect(warnings).toEqual([
      'GITHUB_REPOSITORY names Acme/Shop, and the remote origin is ada/shop. The job of Acme/Shop is meant.',
      'GITHUB_REF_NAME names x, and the checkout is at main. The job of x is meant.',
    ]);
  });
});
