import { ActionError } from '../errors.ts';
import type { LocalState } from '../github/index.ts';
import type { BranchFiles, Env, Runtime } from '../runtime/runtime.ts';
import { parseRemote, type Remote } from './remote.ts';

/** The Git checkout that the program is started in. */
export interface Checkout {
  /** The top folder. */
  readonly root: string;
  /** The remote that names the repository; undefined without one. */
  readonly remote: (Remote & { readonly name: string }) | undefined;
  /** The names of all remotes. */
  readonly remotes: readonly string[];
  /** The branch, or the tag of a checkout without a branch. */
  readonly ref: { readonly name: string; readonly type: 'branch' | 'tag' } | undefined;
  readonly sha: string;
  readonly defaultBranch: string | undefined;
  /** The last commit of the default branch, as fetched; undefined where the clone does not have the branch. `age` is such as `3 days ago`. */
  readonly head: { readonly sha: string; readonly age: string } | undefined;
  /** Files differ from the commit, or are not in it. */
  readonly changed: boolean;
  /** The remote has the commit, as far as this clone knows. */
  readonly pushed: boolean;
  /** The person, as Git names the author of a commit. */
  readonly author: string;
}

/** Runs git in a folder. Returns the output without its last line end; undefined when git fails. */
export type Git = (...args: readonly string[]) => Promise<string | undefined>;

type World = Pick<Runtime, 'exec'>;

/** Returns a function that runs git in a folder. Throws `input-invalid` where there is no git. */
export function gitIn(folder: string, { exec }: World): Git {
  return async (...args) => {
    const { code, stdout } = await exec(['git', ...args], { cwd: folder }).then(requireGit);
    return code === 0 ? stdout.replace(/\n$/, '') : undefined;
  };
}

function requireGit<T extends { readonly notStarted?: boolean }>(result: T): T {
  if (result.notStarted !== true) return result;
  throw new ActionError('input-invalid', 'git is not on PATH', {
    hint: 'Install Git: the remote and the branch of the checkout name the job.',
  });
}

/** Returns the top folder of the checkout; undefined outside of one. Throws `input-invalid` with git's own words where git refuses to read it. */
export async function rootOf(folder: string, { exec }: World): Promise<string | undefined> {
  const { code, stdout, stderr } = await exec(['git', 'rev-parse', '--show-toplevel'], { cwd: folder }).then(requireGit);
  if (code === 0) return stdout.replace(/\n$/, '');
  if (/not a git repository/i.test(stderr)) return undefined;
  throw new ActionError(
    'input-invalid',
    `git cannot read this checkout: ${
      stderr
        .trim()
        .split('\n')[0]
        ?.replace(/^fatal: /, '') ?? ''
    }`,
  );
}

/** Reads the checkout with this top folder: remote, branch, default branch and commit. Throws `input-invalid` where several remotes could be meant. */
export async function readCheckout(root: string, git: Git, { exec }: World): Promise<Checkout> {
  const [branch, tag, sha, author, changes, listed = ''] = await Promise.all([
    git('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git('describe', '--tags', '--exact-match', 'HEAD'),
    git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    git('config', 'user.name'),
    git('status', '--porcelain', '--untracked-files=normal'),
    git('remote'),
  ]);
  const remotes = listed.split('\n').filter((name) => name !== '');
  const name = await remoteName(remotes, branch, git);
  const [url, symbolic, containing] = await Promise.all([
    name === undefined ? undefined : git('remote', 'get-url', name),
    name === undefined ? undefined : git('symbolic-ref', '--quiet', `refs/remotes/${name}/HEAD`),
    name === undefined || sha === undefined ? '' : git('branch', '--remotes', '--list', `${name}/*`, '--contains', sha),
  ]);
  const remote = url === undefined ? undefined : parseRemote(await withRealHost(url, { exec }, root));
  const defaultBranch = symbolic?.slice(`refs/remotes/${name}/`.length) ?? (await firstOf(git, `${name}`, ['main', 'master']));
  const last =
    defaultBranch === undefined ? undefined : await git('log', '-1', '--format=%H %cr', `refs/remotes/${name}/${defaultBranch}`, '--');
  const [, head = '', age = ''] = /^(\S+) (.*)$/.exec(last ?? '') ?? [];
  return {
    root,
    remote: remote === undefined || name === undefined ? undefined : { ...remote, name },
    remotes,
    ref: branch !== undefined ? { name: branch, type: 'branch' } : tag === undefined ? undefined : { name: tag, type: 'tag' },
    sha: sha ?? '',
    defaultBranch,
    head: head === '' ? undefined : { sha: head, age },
    changed: changes !== '',
    pushed: (containing ?? '') !== '',
    author: author ?? '',
  };
}

/** Returns the remote of the repository: `origin`, else the one that the branch belongs to, else the only one. Throws `input-invalid` for several others. */
async function remoteName(remotes: readonly string[], branch: string | undefined, git: Git): Promise<string | undefined> {
  if (remotes.includes('origin')) return 'origin';
  const own = branch === undefined ? undefined : await git('config', `branch.${branch}.remote`);
  if (own !== undefined && remotes.includes(own)) return own;
  if (remotes.length < 2) return remotes[0];
  throw new ActionError('input-invalid', `the checkout has the remotes ${remotes.join(', ')}, and none is called \`origin\``, {
    hint: 'Set the upstream of the branch (git branch --set-upstream-to), or rename the remote of the repository (git remote rename).',
  });
}

/** Returns the first of some branches that the remote has. A clone may not know the default branch. */
async function firstOf(git: Git, remote: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names)
    if ((await git('rev-parse', '--verify', '--quiet', `refs/remotes/${remote}/${name}`)) !== undefined) return name;
  return undefined;
}

/** Returns the address with the host that an alias of the person's SSH configuration stands for: `git@work:acme/shop`. */
async function withRealHost(url: string, { exec }: World, cwd: string): Promise<string> {
  const [, before = '', alias = ''] = /^(ssh:\/\/(?:[^@/]+@)?|[^@/:]+@)([\w-]+)(?=[:/])/.exec(url) ?? [];
  if (alias === '') return url;
  const { code, stdout } = await exec(['ssh', '-G', alias], { cwd });
  const host = code === 0 ? /^hostname (\S+)$/m.exec(stdout)?.[1] : undefined;
  return host === undefined ? url : `${before}${host}${url.slice(before.length + alias.length)}`;
}

/** The names that a run needs where there is no checkout, or where it does not say them. */
const SAID = { repository: 'GITHUB_REPOSITORY', ref: 'GITHUB_REF_NAME' } as const;

/**
 * Returns the environment of a run from that of the program: what a workflow would have from the runner comes from the checkout. GitHub's token is left out:
 * a deploy from a terminal leaves no comment and no record on GitHub. Throws `input-invalid` where no name of a job can be known.
 */
export function environmentOf(env: Env, checkout: Checkout | undefined): Env {
  const left = Object.entries(env).filter(([name]) => !/^(INPUT_|GITHUB_|RUNNER_|ACTIONS_)/.test(name));
  const { remote, ref, sha = '', author = '', root = '' } = checkout ?? {};
  const repository = env[SAID.repository] || remote?.repository;
  const name = env[SAID.ref] || ref?.name;
  if (repository === undefined || (checkout === undefined && name === undefined)) {
    throw checkout === undefined
      ? new ActionError('input-invalid', 'this folder is not in a Git checkout', {
          hint: `Change to the checkout of the repository, or set ${SAID.repository} (owner/name) and ${SAID.ref} (the branch): they name the job.`,
        })
      : new ActionError('input-invalid', 'the checkout has no remote with an owner and a name', {
          hint: `Add the remote \`origin\`, or set ${SAID.repository} to owner/name: it names the job.`,
        });
  }
  if (name === undefined) {
    throw new ActionError('input-invalid', `the checkout is at the commit ${sha.slice(0, 7)}, and at no branch or tag`, {
      hint: `Check a branch out, or set ${SAID.ref} to the branch: it names the environment and the job.`,
    });
  }
  return {
    ...Object.fromEntries(left),
    GITHUB_REPOSITORY: repository,
    GITHUB_SERVER_URL: remote?.server ?? 'https://github.com',
    GITHUB_REF_NAME: name,
    GITHUB_REF_TYPE: name === ref?.name ? ref.type : 'branch',
    GITHUB_SHA: sha,
    GITHUB_ACTOR: author || env['USER'] || env['USERNAME'] || '',
    NOMAD_DEPLOY_TERMINAL: 'true',
    ...(root === '' ? {} : { GITHUB_WORKSPACE: root }),
  };
}

/** Returns the event of a run: the default branch, and the state of the checkout. */
export function eventOf(checkout: Checkout | undefined): object {
  const { defaultBranch, changed = true, pushed = false, ref, sha, head } = checkout ?? {};
  const isDefault = ref?.type === 'branch' && ref.name === defaultBranch && !changed && head !== undefined && head.sha === sha;
  const terminal: LocalState = { changed, pushed, isDefault };
  return { ...(defaultBranch === undefined ? {} : { repository: { default_branch: defaultBranch } }), terminal };
}

/** Returns the lines about the checkout: its repository, branch and commit, and the warnings of a command that takes its files. */
export function describeCheckout(
  env: Env,
  checkout: Checkout,
  takesFiles: boolean,
): { readonly line: string; readonly warnings: string[] } {
  const { remote, remotes, sha, head, defaultBranch, changed, pushed, ref } = checkout;
  const repository = `${env['GITHUB_REPOSITORY']}`;
  const own = remote?.repository === repository;
  const source = own ? `remote ${remote.name}` : SAID.repository;
  const base = head === undefined ? '' : `; ${remote?.name}/${defaultBranch} at ${head.sha.slice(0, 7)}, from ${head.age}`;
  const fork = own && remotes.includes('upstream') && remote.name !== 'upstream';
  const commit = sha.slice(0, 7);
  return {
    line: `Checkout of ${repository} (${source}), ${env['GITHUB_REF_TYPE']} ${env['GITHUB_REF_NAME']} at ${commit || 'no commit'}${base}`,
    warnings: [
      ...(remote !== undefined && !own
        ? [
            `GITHUB_REPOSITORY names ${repository}, and the remote ${remote.name} is ${remote.repository}. The job of ${repository} is meant.`,
          ]
        : []),
      ...(ref !== undefined && ref.name !== env['GITHUB_REF_NAME']
        ? [
            `GITHUB_REF_NAME names ${env['GITHUB_REF_NAME']}, and the checkout is at ${ref.name}. The job of ${env['GITHUB_REF_NAME']} is meant.`,
          ]
        : []),
      ...(takesFiles && fork
        ? [
            `The repository is ${repository}, which ${remote.name} names, and not that of the remote upstream. To deploy as that, set GITHUB_REPOSITORY.`,
          ]
        : []),
      ...(takesFiles && changed ? [`The checkout has uncommitted changes, which commit ${commit} does not have. They are used.`] : []),
      ...(takesFiles && !changed && !pushed && remote !== undefined ? [`The commit ${commit} is not pushed to ${remote.name}.`] : []),
    ],
  };
}

/** Returns the committed files of the remote's branches, as the last `git fetch` brought them. Reading throws `input-invalid` in a clone without the branch. */
export function branchFiles(git: Git, checkout: Pick<Checkout, 'remote' | 'defaultBranch'> | undefined): BranchFiles {
  const remote = checkout?.remote?.name ?? 'origin';
  const commitOf = async (branch: string | undefined): Promise<string> => {
    const sha =
      branch === undefined ? undefined : await git('rev-parse', '--verify', '--quiet', `refs/remotes/${remote}/${branch}^{commit}`);
    if (sha !== undefined) return sha;
    throw new ActionError(
      'input-invalid',
      `this clone does not have ${branch === undefined ? 'the default branch' : `the branch ${branch}`} of ${remote}`,
      {
        hint: `Fetch it: git remote set-branches --add ${remote} ${branch ?? 'main'}, git fetch ${remote}, git remote set-head ${remote} --auto.`,
      },
    );
  };
  return {
    head: async (named = checkout?.defaultBranch) => ({ branch: named ?? '', sha: await commitOf(named) }),
    atCommit: async (path, sha) => {
      const commit = sha ?? (await commitOf(checkout?.defaultBranch));
      // A submodule or a folder is no file.
      if ((await git('cat-file', '-t', `${commit}:${path}`)) !== 'blob') return undefined;
      return git('cat-file', 'blob', `${commit}:${path}`);
    },
  };
}
