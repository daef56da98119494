import { mkdir, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ActionError, messageOf } from '../errors.ts';
import { confine } from '../inputs/index.ts';
import { fileText, type Proposed } from './lines.ts';

/** Returns the paths of proposed files that exist already, or a link of their names. Throws `input-invalid` for one outside of the checkout, by a link. */
export async function existingOf(files: readonly Proposed[], workspace: string): Promise<Set<string>> {
  const { inside } = confine(await realpath(workspace), '.');
  const found = await Promise.all(files.map(async ({ path }) => ((await inside('init', path)).exists ? [path] : [])));
  return new Set(found.flat());
}

/** Writes a new file. Throws `input-invalid` where there is one of that name, or where a folder of its path leads out of the checkout. */
export async function writeNew(file: Proposed, workspace: string): Promise<void> {
  const { inside } = confine(await realpath(workspace), '.');
  const { path } = await inside('init', file.path);
  try {
    await mkdir(dirname(path), { recursive: true });
    // `wx` fails for a file that came into being since the look at it, and follows no link.
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile(fileText(file));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new ActionError('input-invalid', `${file.path} cannot be written: ${messageOf(error)}`);
  }
}
