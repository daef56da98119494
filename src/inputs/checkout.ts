import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** A Git repository in the workspace. */
interface WorkingCopy {
  /** Absolute; the workspace itself where there is no repository. */
  readonly root: string;
  /** The commit of HEAD; blank when it can't be read, undefined where there is no repository. */
  readonly head: string | undefined;
}

/** The repositories that are checked out, as far as the files of a run tell. */
export interface Checkout {
  /**
   * The path of a file of the workspace in the repository of the first of them, as GitHub writes it. Links are not followed: a branch could choose another
   * file by one.
   */
  readonly pathOf: (...parts: readonly string[]) => string;
  /** The commits of all repositories that hold them, also those that links lead to; none where there is no repository. */
  readonly heads: readonly string[];
}

const SHA = /^[0-9a-f]{40,64}$/;

/** Reads which commits files and folders of the workspace are checked out at: a second checkout (`path:` of actions/checkout) has a commit of its own. */
export async function readCheckout(file: string, folders: readonly string[], workspace: string): Promise<Checkout> {
  const top = await realpath(workspace);
  const named = [file, ...folders].map((path) => resolve(top, path));
  const real = await Promise.all(named.map(async (path) => realpath(path).catch(() => path)));
  const found = await Promise.all([...named, ...real].map(async (path) => workingCopyOf(path, top)));
  const root = found[0]?.root ?? top;
  return {
    pathOf: (...parts) =>
      relative(root, resolve(top, ...parts))
        .split(sep)
        .join('/'),
    heads: [...new Set(found.flatMap(({ head }) => (head === undefined ? [] : [head])))],
  };
}

/**
 * Finds the innermost repository that holds a path. Reads Git's files without starting Git, which every deploy would wait for.
 * See https://git-scm.com/docs/gitrepository-layout
 */
async function workingCopyOf(path: string, top: string): Promise<WorkingCopy> {
  for (let at = path; at === top || at.startsWith(`${top}${sep}`); at = dirname(at)) {
    const gitFolder = await gitFolderOf(at);
    const head = await textOf(join(gitFolder, 'HEAD'));
    if (head !== undefined) return { root: at, head: await commitOf(head, gitFolder) };
  }
  return { root: top, head: undefined };
}

/** `.git`, or what it names where it is a file: that of a worktree or a submodule. */
async function gitFolderOf(folder: string): Promise<string> {
  const path = join(folder, '.git');
  const named = /^gitdir: (.+)$/m.exec((await textOf(path)) ?? '')?.[1];
  return named === undefined ? path : resolve(folder, named);
}

async function commitOf(head: string, gitFolder: string): Promise<string> {
  if (SHA.test(head)) return head;
  const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (ref === undefined || ref.split('/').includes('..')) return '';
  // A worktree has a HEAD of its own, and the branches of the repository.
  const common = resolve(gitFolder, (await textOf(join(gitFolder, 'commondir'))) ?? '.');
  const loose = (await textOf(join(gitFolder, ref))) ?? (await textOf(join(common, ref)));
  const packed = ((await textOf(join(common, 'packed-refs'))) ?? '').split('\n').find((line) => line.endsWith(` ${ref}`));
  const sha = loose ?? packed?.split(' ')[0] ?? '';
  return SHA.test(sha) ? sha : '';
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
