// The scripts of the release workflow, in a clone of a repository with tags; `gh` is a script that knows what GitHub would answer.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const home = mkdtempSync(join(tmpdir(), 'nomad-deploy-release-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const { jobs } = parse(readFileSync(join(import.meta.dirname, '../../.github/workflows/release.yml'), 'utf8')) as {
  readonly jobs: Readonly<Record<string, { readonly steps?: readonly { readonly name?: string; readonly run?: string }[] }>>;
};
const script = (name: string): string =>
  Object.values(jobs)
    .flatMap(({ steps = [] }) => steps)
    .find((step) => step.name === name)?.run ?? 'exit 99';

let clone = '';
let commits = 0;
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', clone, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
/** A commit with these tags, on the branch that is checked out. */
const commit = (...tags: readonly string[]): string => {
  // Two commits that differ in nothing are one.
  commits += 1;
  git('commit', '--quiet', '--allow-empty', `--message=${commits}`);
  for (const tag of tags) git('tag', tag);
  return git('rev-parse', 'HEAD');
};

beforeEach(() => {
  clone = mkdtempSync(join(home, 'clone-'));
  git('init', '--quiet', '--initial-branch=main');
  commit('v1.0.0');
  commit('v1.1.0', 'v1');
  commit();
});

/** Runs a step as the runner does: `bash -e`, in the checkout of the tag. `answers` are what `gh` prints by the start of its path. */
function run(
  name: string,
  tag: string,
  answers: Readonly<Record<string, string>> = {},
): { code: number | null; output: string; asked: string[] } {
  git('update-ref', 'refs/remotes/origin/main', 'refs/heads/main');
  const bin = mkdtempSync(join(home, 'bin-'));
  const calls = join(bin, 'calls');
  writeFileSync(calls, '');
  const cases = Object.entries(answers).map(([path, answer]) => `*'${path}'*) echo '${answer}';;`);
  writeFileSync(join(bin, 'gh'), `#!/bin/sh\necho "$*" >> '${calls}'\ncase "$*" in ${cases.join(' ')} *) :;; esac\n`);
  chmodSync(join(bin, 'gh'), 0o755);
  git('checkout', '--quiet', '--detach', tag);
  const env = { PATH: `${bin}${delimiter}${process.env['PATH']}`, HOME: home, GITHUB_REPOSITORY: 'acme/shop', TAG: tag };
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script(name)], { cwd: clone, env, encoding: 'utf8' });
  return {
    code: status,
    output: stdout + stderr,
    asked: readFileSync(calls, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line !== ''),
  };
}

describe('a tag', () => {
  const NAME = 'Refuse a commit that is not on main';
  test('on main is released', () => {
    git('tag', 'v1.2.0');
    expect(run(NAME, 'v1.2.0')).toMatchObject({ code: 0 });
  });
  test.each([
    ['of a branch', ['checkout', '--quiet', '-b', 'fix']],
    ['without a parent', ['checkout', '--quiet', '--orphan', 'other']],
  ])('on a commit %s is not', (_what, checkout) => {
    git(...checkout);
    commit('v1.2.0');
    expect(run(NAME, 'v1.2.0')).toMatchObject({
      code: 1,
      output: expect.stringContaining('::error::v1.2.0 is on a commit that main does not have'),
    });
  });
});

describe('the signature of a tag', () => {
  const NAME = 'Refuse a tag without a signature';
  const sign = (answers: Readonly<Record<string, string>>): ReturnType<typeof run> => run(NAME, 'v1.1.0', answers);
  test('counts when GitHub knows it', () =>
    expect(sign({ 'git/ref/tags/v1.1.0': 'abc', 'git/tags/abc': 'true' })).toMatchObject({ code: 0 }));
  test.each([
    ['is missing from a tag object', { 'git/ref/tags/v1.1.0': 'abc', 'git/tags/abc': 'false' }],
    ['can not be had for a tag that is no object', { 'git/ref/tags/v1.1.0': '' }],
    ['is not told', {}],
  ])('fails when it %s', (_what, answers) =>
    expect(sign(answers)).toMatchObject({ code: 1, output: expect.stringContaining('::error::v1.1.0 has no signature') }),
  );
});

describe('a tag that was moved while its version was tested', () => {
  const NAME = 'Refuse a tag that was moved since the tests';
  test('is not published', () => {
    const head = git('rev-parse', 'v1.1.0');
    expect(run(NAME, 'v1.1.0', { 'commits/v1.1.0': head })).toMatchObject({ code: 0 });
    expect(run(NAME, 'v1.1.0', { 'commits/v1.1.0': git('rev-parse', 'v1.0.0') })).toMatchObject({ code: 1 });
  });
});

describe('a published release', () => {
  const NAME = 'Refuse a release that can still be changed';
  const publish = (immutable: string): ReturnType<typeof run> => run(NAME, 'v1.1.0', { 'releases/tags/v1.1.0': immutable });
  test('that nobody can change counts', () => expect(publish('true')).toMatchObject({ code: 0 }));
  test.each(['false', 'null', ''])('that GitHub calls immutable: %j ends the run', (immutable) =>
    expect(publish(immutable)).toMatchObject({
      code: 1,
      output: expect.stringContaining('::error::The release v1.1.0 can still be changed. Switch immutable releases on'),
    }),
  );
});

describe('the major tag', () => {
  const move = (tag: string): ReturnType<typeof run> => run('Move the major tag', tag);
  const PATCH = expect.stringContaining('--method PATCH repos/acme/shop/git/refs/tags/v1 ');

  test('follows a newer version', () => {
    const sha = commit('v1.10.0');
    expect(move('v1.10.0')).toMatchObject({ code: 0, asked: [expect.stringContaining(`refs/tags/v1 -f sha=${sha}`)] });
  });
  test('stays where it is when the same version is published once more', () =>
    expect(move('v1.1.0')).toMatchObject({ code: 0, asked: [PATCH] }));
  test('begins with the first version', () => {
    commit('v2.0.0');
    expect(move('v2.0.0')).toMatchObject({
      code: 0,
      asked: [expect.stringMatching(/--method POST repos\/acme\/shop\/git\/refs -f ref=refs\/tags\/v2 /)],
    });
  });
  test('does not go back to an older version on a newer commit', () => {
    commit('v1.0.1');
    expect(move('v1.0.1')).toMatchObject({ code: 0, asked: [], output: expect.stringContaining('v1 stays at v1.1.0') });
  });
  test('does not go back to an older commit with a newer version', () => {
    git('tag', 'v1.9.0', 'v1.0.0');
    expect(move('v1.9.0')).toMatchObject({ code: 0, asked: [] });
  });
});
