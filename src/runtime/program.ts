import { access, constants, stat } from 'node:fs/promises';
import { posix, resolve, win32 } from 'node:path';

/** The search path of the system without PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';

/** The endings that Windows adds to the name of a program that it starts by itself; scripts such as `.cmd` need its shell. */
const WINDOWS_ENDINGS = ['', '.exe', '.com'];

/**
 * Returns the path of a program as the system finds it: from the folder `cwd` when its name has a slash, else in the folders of `path`. Undefined for a missing
 * program. Throws `EACCES` for a program that may not be executed.
 */
export async function findProgram(
  program: string,
  cwd: string,
  path = DEFAULT_PATH,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  const isWindows = platform === 'win32';
  const paths = isWindows ? win32 : posix;
  const named = (isWindows ? /[\\/]/ : /\//).test(program);
  const names = (isWindows ? WINDOWS_ENDINGS : ['']).map((ending) => `${program}${ending}`);
  const folders = path.split(paths.delimiter).filter((folder) => folder !== '');
  let denied = false;
  for (const written of named ? names : folders.flatMap((folder) => names.map((name) => `${folder}/${name}`))) {
    // The path is not normalized, because the system follows a link before `..`.
    const file = paths.isAbsolute(written) ? written : `${resolve(cwd)}/${written}`;
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      // A folder of PATH that this user may not enter is skipped.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || (error.code === 'EACCES' && !named)) return undefined;
      throw error;
    });
    if (found === undefined) continue;
    // Ask the system, because the mode does not cover root, further groups and access lists.
    const allowed = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found.isFile() && allowed) return file;
    denied = true;
  }
  if (denied) throw Object.assign(new Error(`spawn ${program} EACCES`), { code: 'EACCES' });
  return undefined;
}
