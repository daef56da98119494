import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { ActionError, messageOf } from '../errors.ts';

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

export interface Confined {
  /** Returns the absolute path for a path that an input names, existing or not. Throws `input-invalid` for one outside of the workspace. */
  readonly inside: (input: string, path: string) => Promise<{ path: string; exists: boolean }>;
  /** Returns the absolute path of an existing file or folder. Throws `input-invalid` otherwise. */
  readonly must: (input: string, path: string) => Promise<string>;
}

async function nearestReal(path: string): Promise<string> {
  const folder = dirname(path);
  return (await realpath(folder).catch(() => undefined)) ?? nearestReal(folder);
}

/** Returns whether an absolute path is in the workspace, and not in its git folder. */
function isSource(root: string, path: string): boolean {
  return isInside(root, path) && !relative(root, path).split(sep).some(isGit);
}

/**
 * Returns functions that keep paths below a folder in the workspace, also through links; `root` is the real path of the workspace. The git folder of the
 * checkout counts as outside, since it may hold the token of the clone.
 */
export function confine(root: string, folder: string): Confined {
  const inside: Confined['inside'] = async (input, path) => {
    const wanted = resolve(root, folder, path);
    const real = await realpath(wanted).catch(() => undefined);
    // The nearest existing folder decides where a missing path would be.
    if (!isSource(root, wanted) || !isSource(root, real ?? (await nearestReal(wanted)))) {
      throw new ActionError('input-invalid', `\`${input}\`: ${path} is outside the workspace`, {
        hint: 'Paths are relative to the working directory and stay in the checkout, outside of its `.git`.',
      });
    }
    return { path: wanted, exists: real !== undefined };
  };
  const must: Confined['must'] = async (input, path) => {
    const found = await inside(input, path);
    if (!found.exists) {
      throw new ActionError('input-invalid', `\`${input}\`: there is no ${relative(root, found.path) || path} in the workspace`, {
        hint: 'Check that the repository is checked out (actions/checkout), and that the name is spelt as in the repository.',
      });
    }
    return found.path;
  };
  return { inside, must };
}

/**
 * Reads a regular file of the workspace of at most `maxBytes`, also through a link within the workspace. Throws `input-invalid` for any other file.
 */
export async function readInside(path: string, workspace: string, maxBytes: number): Promise<Buffer> {
  const root = await realpath(workspace);
  const name = relative(workspace, path);
  const refused = (why: string): ActionError => new ActionError('input-invalid', `${name}${why}`, { location: { file: name } });
  const real = await realpath(path).catch((error: unknown) => {
    throw refused(`: ${messageOf(error)}`);
  });
  if (!isSource(root, real)) throw refused(' leads out of the workspace');
  // O_NOFOLLOW: the real path ends in no link. O_NONBLOCK: a pipe without a writer would block the run.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw refused(`: ${messageOf(error)}`);
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw refused(' is not a regular file');
    if (info.size > maxBytes) throw refused(` has more than ${maxBytes / 1024} KiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Returns the path of the configuration file: the file of the input `config`, else `nomad-deploy.yml` if it exists. Throws `input-invalid` as `must` does. */
export async function findConfig(named: string | undefined, workspace: string): Promise<string | undefined> {
  const { inside, must } = confine(await realpath(workspace), '.');
  if (named !== undefined) return must('config', named);
  const found = await inside('config', 'nomad-deploy.yml');
  return found.exists ? found.path : undefined;
}

/** A file of the repository, its name as shown to people: relative to the workspace. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Nomad takes no job of more than a megabyte. */
const MAX_SOURCE_BYTES = 1024 * 1024;

/** Reads a file of the repository; the path is absolute. Throws `input-invalid` for anything but a regular file of the workspace of at most 1 MiB. */
export async function readSourceFile(path: string, workspace: string): Promise<SourceFile> {
  return { name: relative(workspace, path), text: (await readInside(path, workspace, MAX_SOURCE_BYTES)).toString('utf8') };
}

/** Returns whether a name is that of Git's folder or file, also for file systems that ignore case, invisible characters and ends of names, or shorten names. */
function isGit(name: string): boolean {
  // No file system has longer names.
  if (name.length > 255) return false;
  const plain = name
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/(?<![. ])[. ]+$/, '')
    .replace(/:.*$/s, '');
  return plain === '.git' || /^git~\d+$/.test(plain);
}
