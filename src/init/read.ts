import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toActionError } from '../errors.ts';
import { readInside } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isWalked, kindOf } from './kinds.ts';
import type { Finding, KnownFile, Repository } from './types.ts';

/** Limits of the walk. A repository with more is read up to them, and the report says so. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 50_000;
const MAX_FILES = 300;
const MAX_BYTES = 512 * 1024;

/**
 * Reads the files of a checkout that say something about a deploy, in the order of their paths. Links are not followed; folders of dependencies and files that Git
 * ignores are left out. `workspace` is the top folder.
 */
export async function readRepository({ workspace, exec, signal }: Pick<Runtime, 'workspace' | 'exec' | 'signal'>): Promise<Repository> {
  const { paths, skipped } = await walk(workspace, signal);
  const ignored = new Set(await ignoredBy(paths, { workspace, exec }));
  const known = paths.filter((path) => !ignored.has(path));
  const files: KnownFile[] = [];
  for (const path of known.slice(0, MAX_FILES)) {
    const kind = kindOf(path);
    if (kind === undefined) continue;
    try {
      files.push({ kind, name: path, text: (await readInside(join(workspace, path), workspace, MAX_BYTES)).toString('utf8') });
    } catch (error) {
      skipped.push({ at: path, text: `is not read: ${toActionError(error).message}` });
    }
  }
  if (known.length > MAX_FILES)
    skipped.push({ at: '.', text: `only the first ${MAX_FILES} of ${known.length} files about deploys are read` });
  return { files, skipped };
}

/** Returns the paths of the files whose names are about deploys, level by level, so that a limit leaves out the deepest. */
async function walk(workspace: string, signal: AbortSignal): Promise<{ paths: string[]; skipped: Finding[] }> {
  const paths: string[] = [];
  const skipped: Finding[] = [];
  let level = [''];
  let entries = 0;
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      signal.throwIfAborted();
      const found = await readdir(join(workspace, folder), { withFileTypes: true }).catch(() => []);
      found.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of found) {
        if (++entries > MAX_ENTRIES) {
          skipped.push({ at: folder || '.', text: `the folders from here on are not read: there are more than ${MAX_ENTRIES} files` });
          return { paths, skipped };
        }
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        // Neither is true of a link.
        if (entry.isDirectory() && isWalked(entry.name)) next.push(path);
        if (entry.isFile() && kindOf(path) !== undefined && !/[\n\r\0]/.test(path)) paths.push(path);
      }
    }
    level = next;
  }
  return { paths, skipped };
}

/** Returns those of some paths that Git ignores; none where there is no Git. */
async function ignoredBy(paths: readonly string[], { workspace, exec }: Pick<Runtime, 'workspace' | 'exec'>): Promise<string[]> {
  if (paths.length === 0) return [];
  const { stdout } = await exec(['git', 'check-ignore', '--stdin'], { cwd: workspace, stdin: `${paths.join('\n')}\n` });
  // Git quotes names with characters that a line cannot have; those stay in the list.
  return stdout.split('\n').filter((line) => line !== '');
}
