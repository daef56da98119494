// Files of this machine: read for a copy into a task, and written by a copy out of one.
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, open, readdir, readlink, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve, sep } from 'node:path';
import { ActionError, messageOf } from '../errors.ts';
import type { ReadEntry, TarEntry } from './tar.ts';

/** Files are read in pieces of this size. */
const PIECE_BYTES = 256 * 1024;

/** A file, folder or link to copy. */
export interface LocalEntry extends TarEntry {
  readonly path: string;
}

/** Returns the files to copy: the named one first, whose link is followed, and all below it. Throws `input-invalid` for a file that cannot be read. */
export async function walk(local: string): Promise<LocalEntry[]> {
  const path = resolve(local);
  const top = await stat(path).catch((error: unknown) => {
    throw new ActionError('input-invalid', `${local} cannot be read: ${messageOf(error)}`);
  });
  const name = basename(path);
  if (!top.isDirectory() && !top.isFile()) throw new ActionError('input-invalid', `${local} is no file and no folder`);
  const found: LocalEntry[] = [];
  const add = async (at: string, as: string, info: typeof top): Promise<void> => {
    const kind = info.isDirectory() ? 'folder' : info.isSymbolicLink() ? 'symlink' : info.isFile() ? 'file' : 'other';
    const target = kind === 'symlink' ? await readlink(at) : '';
    found.push({
      path: at,
      name: as,
      kind,
      mode: info.mode & 0o777,
      size: kind === 'file' ? info.size : 0,
      mtime: info.mtimeMs / 1_000,
      target,
    });
    if (kind !== 'folder') return;
    for (const child of (await readdir(at)).sort()) await add(join(at, child), `${as}/${child}`, await lstat(join(at, child)));
  };
  await add(path, name, top);
  return found;
}

/** Reads a file as large as it was when it was found. Throws `input-invalid` when it has changed since. */
export async function* contentOf(
  { path, size }: Pick<LocalEntry, 'path' | 'size'>,
  onPiece: (piece: Buffer) => void,
): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw new ActionError('input-invalid', `${path} cannot be read: ${messageOf(error)}`);
  });
  try {
    for (let at = 0; at < size; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - at)), { position: at });
      if (bytesRead === 0) throw new ActionError('input-invalid', `${path} has changed while it was copied`);
      const piece = buffer.subarray(0, bytesRead);
      at += bytesRead;
      onPiece(piece);
      yield piece;
    }
  } finally {
    await file.close();
  }
}

/** Returns the path that a copy writes: the named one, or one in a folder that exists. Throws `input-invalid` where its folder does not exist. */
export async function destinationOf(local: string, name: string): Promise<string> {
  const path = resolve(local);
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder && (local.endsWith('/') || local.endsWith(sep))) throw noFolder(path);
  if (isFolder && name === '') throw new ActionError('input-invalid', 'the copy has no name', { hint: 'Name the destination.' });
  const to = isFolder ? join(path, name) : path;
  if ((await stat(dirname(to)).catch(() => undefined))?.isDirectory() !== true) throw noFolder(dirname(to));
  return to;
}

function noFolder(path: string): ActionError {
  return new ActionError('input-invalid', `there is no folder ${path} on this machine`);
}

/** The outcome of a copy out of a task. */
export interface Received {
  /** SHA-256 by the paths of the files, as the entries named them. */
  readonly sums: ReadonlyMap<string, string>;
  /** Entries that were left out: devices, and links that lead out of the copy. */
  readonly skipped: readonly string[];
}

/**
 * Writes the entries of a task to a destination. All are written to a folder beside it first, and put in their place when `check` has passed. Throws
 * `nomad-refused` for an entry that is not below `name`.
 */
export async function receive(
  entries: AsyncIterable<ReadEntry>,
  { name, to }: { readonly name: string; readonly to: string },
  check: (received: Received) => Promise<void>,
): Promise<Received> {
  const folder = await mkdtemp(join(dirname(to), '.nomad-deploy-')).catch((error: unknown) => {
    throw new ActionError('input-invalid', `nothing can be written beside ${to}: ${messageOf(error)}`);
  });
  try {
    const received = await writeAll(entries, folder, name);
    await check(received);
    await put(join(folder, name), to);
    return received;
  } catch (error) {
    // The errors of the file system have a system call.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new ActionError('input-invalid', `the copy could not be written: ${error.message}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeAll(entries: AsyncIterable<ReadEntry>, folder: string, top: string): Promise<Received> {
  const sums = new Map<string, string>();
  const skipped: string[] = [];
  const folders: ReadEntry[] = [];
  const links: ReadEntry[] = [];
  for await (const entry of entries) {
    const name = safeName(entry.name, top);
    const path = join(folder, name);
    if (entry.kind === 'folder') {
      await mkdir(path, { recursive: true });
      folders.push({ ...entry, name });
    } else if (entry.kind === 'file') {
      await mkdir(dirname(path), { recursive: true });
      sums.set(name, await writeFile(path, entry));
    } else if (entry.kind === 'other') skipped.push(name);
    else links.push({ ...entry, name });
  }
  // Links come last, so that no file is written through one.
  for (const link of links) {
    if (link.kind === 'symlink' ? await makeLink(folder, link, top) : await copyOfLink(folder, link, { top, sums })) continue;
    skipped.push(link.name);
  }
  for (const { name, mode, mtime } of folders.reverse()) {
    if (isTime(mtime)) await utimes(join(folder, name), mtime, mtime);
    await chmod(join(folder, name), mode & 0o777);
  }
  return { sums, skipped };
}

/** Returns the path of an entry below the folder of the copy. */
function safeName(given: string, top: string): string {
  const name = posix.normalize(given).replace(/^\.\/|(?<!\/)\/+$/g, '');
  const parts = name.split('/');
  const foreign = sep === '\\' && /[\\:]/.test(name);
  if (name.startsWith('/') || parts.includes('..') || parts[0] !== top || name.includes('\0') || foreign) {
    throw new ActionError('nomad-refused', `the task sent ${JSON.stringify(given)}, which is outside of ${top}`, {
      hint: 'Nothing was written.',
    });
  }
  return name;
}

/** The last second of dates, which is more than file systems take. */
const LAST_SECOND = 8.64e12;

/** Returns whether a file can have a time. An archive and Nomad may give any number, and the time is worth no failure. */
function isTime(mtime: number | undefined): mtime is number {
  return mtime !== undefined && mtime >= 0 && mtime <= LAST_SECOND;
}

/** Writes a new file. Returns its checksum. */
async function writeFile(path: string, { name, size, mode, mtime, content }: ReadEntry): Promise<string> {
  const hash = createHash('sha256');
  // An archive may have a file twice. The last one counts.
  const file = await open(path, 'w', 0o600);
  let bytes = 0;
  try {
    for await (const piece of content) {
      bytes += piece.length;
      hash.update(piece);
      await file.write(piece);
    }
    if (size !== undefined && bytes !== size)
      throw new ActionError('nomad-refused', `${name} has ${size} bytes, and ${bytes} of them came`);
    if (isTime(mtime)) await file.utimes(mtime, mtime);
    // Not the bits that give a program another user.
    await file.chmod(mode & 0o777);
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** Makes a symbolic link. Returns false for one that leads out of the copy. */
async function makeLink(folder: string, { name, target }: ReadEntry, top: string): Promise<boolean> {
  const led = posix.normalize(posix.join(posix.dirname(name), target));
  if (target.startsWith('/') || led.split('/')[0] !== top || name === top) return false;
  return symlink(target, join(folder, name)).then(
    () => true,
    () => false,
  );
}

/** Copies the file that a hard link names. Returns false where the copy has none. */
async function copyOfLink(
  folder: string,
  { name, target, mode, mtime }: ReadEntry,
  { top, sums }: { readonly top: string; readonly sums: Map<string, string> },
): Promise<boolean> {
  const from = safeName(target, top);
  const sum = sums.get(from);
  if (sum === undefined) return false;
  const { size } = await stat(join(folder, from));
  const content = contentOf({ path: join(folder, from), size }, () => undefined);
  sums.set(name, await writeFile(join(folder, name), { name, kind: 'file', mode, mtime, size, target: '', content }));
  return true;
}

/** Moves a file, or the files of a folder, to their place. A folder that exists keeps its other files. */
async function put(from: string, to: string): Promise<void> {
  const [source, there] = [await lstat(from), await lstat(to).catch(() => undefined)];
  if (there === undefined || (!source.isDirectory() && !there.isDirectory())) return rename(from, to);
  if (!source.isDirectory()) throw new ActionError('input-invalid', `${to} is a folder`);
  // A link to a folder leads somewhere else.
  if (!there.isDirectory()) throw new ActionError('input-invalid', `${to} is no folder`);
  for (const child of await readdir(from)) await put(join(from, child), join(to, child));
}
