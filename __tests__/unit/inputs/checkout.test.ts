import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readCheckout } from '../../../src/inputs/checkout.ts';

const home = mkdtempSync(join(tmpdir(), 'nomad-deploy-checkout-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let count = 0;
const folder = (): string => mkdtempSync(join(home, `${count++}-`));

function git(at: string, ...args: readonly string[]): string {
  const own = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...own, ...args], { cwd: at, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home } }).trim();
}

/** A repository with one commit, and its id. */
function repository(at: string): string {
  mkdirSync(at, { recursive: true });
  git(at, 'init', '-q');
  git(at, 'commit', '-q', '--allow-empty', '-m', at);
  return git(at, 'rev-parse', 'HEAD');
}
const heads = async (at: string, file = 'nomad-deploy.yml', ...folders: string[]): Promise<readonly string[]> =>
  (await readCheckout(file, folders, at)).heads;

const finder =
  (at: string) =>
  async (file: string, folder: string): Promise<readonly string[]> => {
    const checkout = await readCheckout(file, [folder], at);
    return [checkout.pathOf(file), ...checkout.heads];
  };

describe('the commit that is checked out', () => {
  test('is that of the branch, of a detached HEAD, and of packed branches', async () => {
    const at = folder();
    const first = repository(at);
    expect(await heads(at)).toEqual([first]);
    git(at, 'pack-refs', '--all');
    expect(await heads(at)).toEqual([first]);
    git(at, 'commit', '-q', '--allow-empty', '-m', 'two');
    git(at, 'checkout', '-q', '--detach', 'HEAD');
    expect(await heads(at, 'nomad-deploy.yml', '.')).toEqual([git(at, 'rev-parse', 'HEAD')]);
  });

  test('of a worktree is that of its own HEAD', async () => {
    const at = folder();
    repository(at);
    const tree = join(folder(), 'tree');
    git(at, 'worktree', 'add', '-q', '-b', 'fix', tree);
    git(tree, 'commit', '-q', '--allow-empty', '-m', 'fix');
    expect(await heads(tree)).toEqual([git(tree, 'rev-parse', 'HEAD')]);
    expect(await heads(at)).not.toEqual(await heads(tree));
  });

  test('is not known without a repository, and blank where its files make no sense', async () => {
    const at = folder();
    expect(await heads(at)).toEqual([]);
    mkdirSync(join(at, '.git'));
    expect(await heads(at)).toEqual([]);
    for (const text of ['ref: refs/heads/none', 'ref: ../../etc/passwd', 'ref: refs/../../x', 'nonsense', '']) {
      writeFileSync(join(at, '.git/HEAD'), text);
      expect(await heads(at)).toEqual(['']);
    }
  });

  test('of a second checkout in the workspace is another one', async () => {
    const at = folder();
    const outer = repository(at);
    const inner = repository(join(at, 'app'));
    const found = finder(at);
    expect(await found('app/nomad-deploy.yml', '.')).toEqual(['nomad-deploy.yml', inner, outer]);
    expect(await found('nomad-deploy.yml', 'app')).toEqual(['nomad-deploy.yml', outer, inner]);
    expect(await found('ci/deploy.yml', '.')).toEqual(['ci/deploy.yml', outer]);
    const { pathOf } = await readCheckout('app/nomad-deploy.yml', [], at);
    expect([pathOf('app', 'ca.pem'), pathOf(join(at, 'app'), 'ci/ca.pem'), pathOf('ca.pem')]).toEqual(['ca.pem', 'ci/ca.pem', '../ca.pem']);
  });

  test('counts where links lead, and no link chooses another file of the default branch', async () => {
    const at = folder();
    const outer = repository(at);
    const inner = repository(join(at, 'app'));
    const found = finder(at);
    symlinkSync('app', join(at, 'link'));
    writeFileSync(join(at, 'app/x.yml'), '');
    symlinkSync('app/x.yml', join(at, 'nomad-deploy.yml'));
    expect(await found('nomad-deploy.yml', '.')).toEqual(['nomad-deploy.yml', outer, inner]);
    expect((await readCheckout('none.yml', ['link'], at)).heads.toSorted()).toEqual([outer, inner].toSorted());
  });
});
