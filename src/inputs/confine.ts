import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { ActionError, messageOf } from '../errors.ts';

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

export interface Confined {
  /** The absolute path of what an input names, existing or not. Throws `input-invalid` when it is outside of the workspace. */
  readonly inside: (input: string, path: string) => Promise<{ path: string; exists: boolean }>;
  /** The same of something that has to exist. */
  readonly must: (input: string, path: string) => Promise<string>;
}

async function nearestReal(path: string): Promise<string> {
  const folder = dirname(path);
  return (await realpath(folder).catch(() => undefined)) ?? nearestReal(folder);
}

/** Whether an absolute path is in the workspace, and not in its git folder. */
function isSource(root: string, path: string): boolean {
  return isInside(root, path) && !relative(root, path).split(sep).some(isGit);
}

/**
 * How paths below a folder of the workspace are held in it, wherever links lead; `root` is the real path of the workspace. The git folder of the checkout,
 * which may hold the token that it was cloned with, counts as outside.
 */
export function confine(root: string, folder: string): Confined {
  const inside: Confined['inside'] = async (input, path) => {
    const wanted = resolve(root, folder, path);
    const real = await realpath(wanted).catch(() => undefined);
    // Of a path that does not exist, the nearest folder that does decides where it would be.
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
        hint: 'Is the repository checked out (actions/checkout), and is the name spelt as in the repository?',
      });
    }
    return found.path;
  };
  return { inside, must };
}

/**
 * Reads a file of the workspace: the file that the path leads to now, a regular one in the workspace of at most `maxBytes`. Throws `input-invalid` when
 * it is none.
 */
export async function readInside(path: string, workspace: string, maxBytes: number): Promise<Buffer> {
  const root = await realpath(workspace);
  const name = relative(workspace, path);
  const refused = (why: string): ActionError => new ActionError('input-invalid', `${name}: ${why}`, { location: { file: name } });
  const real = await realpath(path).catch((error: unknown) => {
    throw refused(messageOf(error));
  });
  if (!isSource(root, real)) throw refused('it leads out of the workspace');
  // The last name is no link any more, and a pipe that nobody writes to does not hold the run up.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw refused(messageOf(error));
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw refused('it is no regular file');
    if (info.size > maxBytes) throw refused(`it has more than ${maxBytes / 1024} KiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** The configuration file, as the others are read: the one that the input `config` names, else `nomad-deploy.yml` if there is one. */
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

/** Larger than any job spec: Nomad itself takes no job of more than a megabyte. */
const MAX_SOURCE_BYTES = 1024 * 1024;

/** Reads a file of the repository; the path is absolute. Throws `input-invalid` for what is no regular file of the workspace, and for one of more than 1 MiB. */
export async function readSourceFile(path: string, workspace: string): Promise<SourceFile> {
  return { name: relative(workspace, path), text: (await readInside(path, workspace, MAX_SOURCE_BYTES)).toString('utf8') };
}

/** Git's own folder or file, also as file systems spell it that ignore case, invisible characters, dots and blanks at the end, or shorten names. */
function isGit(name: string): boolean {
  // No file system has a longer one.
  if (name.length > 255) return false;
  const plain = name
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[. ]+$/, '')
    .replace(/:.*$/s, '');
  return plain === '.git' || /^git~\d+$/.test(plain);
}
