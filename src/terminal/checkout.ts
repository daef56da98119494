import { ActionError } from '../errors.ts';
import type { BranchFiles, Env, Runtime } from '../runtime/runtime.ts';

/** The Git checkout that the program is started in. */
export interface Checkout {
  /** The top folder. */
  readonly root: string;
  /** The address of the remote, without credentials; undefined without a remote. */
  readonly remote: { readonly server: string; readonly repository: string } | undefined;
  /** The branch, or the tag of a checkout without a branch. */
  readonly ref: { readonly name: string; readonly type: 'branch' | 'tag' } | undefined;
  readonly sha: string;
  readonly defaultBranch: string | undefined;
  /** The person, as Git names the author of a commit. */
  readonly author: string;
}

/** Runs git in a folder. Returns the trimmed output; undefined when git fails. */
export type Git = (...args: readonly string[]) => Promise<string | undefined>;

/** Returns a function that runs git in a folder. Throws `input-invalid` where there is no git. */
export function gitIn(folder: string, { exec }: Pick<Runtime, 'exec'>): Git {
  return async (...args) => {
    const { code, stdout, notStarted } = await exec(['git', ...args], { cwd: folder });
    if (notStarted === true)
      throw new ActionError('input-invalid', 'git is not on PATH', { hint: 'Install Git, or run the program where it is.' });
    return code === 0 ? stdout.replace(/\n$/, '') : undefined;
  };
}

/** Reads the checkout: remote, branch, default branch and commit. Throws `input-invalid` outside of a checkout. */
export async function readCheckout(git: Git): Promise<Checkout> {
  const root = await git('rev-parse', '--show-toplevel');
  if (root === undefined) {
    throw new ActionError('input-invalid', 'this folder is not in a Git checkout', {
      hint: 'Change to the checkout of the repository: its remote and branch name the job.',
    });
  }
  const [url, branch, tag, sha, head, author] = await Promise.all([
    git('remote', 'get-url', 'origin'),
    git('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git('describe', '--tags', '--exact-match', 'HEAD'),
    git('rev-parse', 'HEAD'),
    git('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'),
    git('config', 'user.name'),
  ]);
  return {
    root,
    remote: url === undefined ? undefined : remoteOf(url),
    ref: branch !== undefined ? { name: branch, type: 'branch' } : tag === undefined ? undefined : { name: tag, type: 'tag' },
    sha: sha ?? '',
    defaultBranch: head?.replace(/^origin\//, '') ?? (await firstOf(git, ['main', 'master'])),
    author: author ?? '',
  };
}

/** Returns the first of some branches that the remote has. A clone of one branch does not know the default branch. */
async function firstOf(git: Git, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if ((await git('rev-parse', '--verify', '--quiet', `refs/remotes/origin/${name}`)) !== undefined) return name;
  return undefined;
}

/**
 * Returns server and repository of a remote: `https://github.com/owner/name.git`, `git@github.com:owner/name`, `ssh://git@github.com/owner/name`. Undefined for
 * a path. See https://git-scm.com/docs/git-clone#_git_urls
 */
export function remoteOf(url: string): Checkout['remote'] {
  const short = /^(?:[^@/:]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
  const host = short?.[1] ?? (URL.canParse(url) ? new URL(url).host : '');
  const path = short?.[2] ?? (URL.canParse(url) ? new URL(url).pathname : '');
  const repository = path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2)
    .join('/');
  if (host === '' || !/^[^/]+\/[^/]+$/.test(repository)) return undefined;
  return { server: `https://${host.replace(/:\d+$/, '')}`, repository };
}

/**
 * Returns the environment of a run from that of the program: what a workflow would have from the runner comes from the checkout. GitHub's token is left out:
 * a deploy from a terminal leaves no comment and no record on GitHub. Throws `input-invalid` where no name of a job can be known.
 */
export function environmentOf(env: Env, { remote, ref, sha, author, root }: Checkout): Env {
  const left = Object.entries(env).filter(([name]) => !/^(INPUT_|GITHUB_|RUNNER_|ACTIONS_)/.test(name));
  const repository = env['GITHUB_REPOSITORY'] || remote?.repository;
  const name = env['GITHUB_REF_NAME'] || ref?.name;
  if (repository === undefined) {
    throw new ActionError('input-invalid', 'the checkout has no remote `origin` with an owner and a name', {
      hint: 'Add the remote, or set GITHUB_REPOSITORY to `owner/name`: it names the job.',
    });
  }
  if (name === undefined) {
    throw new ActionError('input-invalid', 'the checkout is at no branch and at no tag', {
      hint: 'Check a branch out, or set GITHUB_REF_NAME to the branch: it names the environment.',
    });
  }
  return {
    ...Object.fromEntries(left),
    GITHUB_REPOSITORY: repository,
    GITHUB_SERVER_URL: remote?.server ?? 'https://github.com',
    GITHUB_REF_NAME: name,
    GITHUB_REF_TYPE: ref?.type ?? 'branch',
    GITHUB_SHA: sha,
    GITHUB_ACTOR: author,
    GITHUB_WORKSPACE: root,
  };
}

/** Returns the committed files of the remote's branches, as the last `git fetch` brought them. */
export function branchFiles(git: Git, defaultBranch: string | undefined): BranchFiles {
  return {
    head: async (named = defaultBranch) => {
      const sha = named === undefined ? undefined : await git('rev-parse', '--verify', '--quiet', `refs/remotes/origin/${named}^{commit}`);
      return named === undefined || sha === undefined ? undefined : { branch: named, sha };
    },
    atCommit: async (path, sha) => {
      const commit = sha ?? `refs/remotes/origin/${defaultBranch ?? 'HEAD'}`;
      // A submodule or a folder is no file.
      if ((await git('cat-file', '-t', `${commit}:${path}`)) !== 'blob') return undefined;
      return git('cat-file', 'blob', `${commit}:${path}`);
    },
  };
}
