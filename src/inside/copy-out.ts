import { posix } from 'node:path';
import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import { type FileInfo, listFiles, readFile, statFile } from '../nomad/index.ts';
import { parseTime } from '../runtime/index.ts';
import type { Copied, Copying } from './copy-in.ts';
import { destinationOf, type Received, receive } from './local.ts';
import { apiPath, baseOf } from './places.ts';
import * as scripts from './scripts.ts';
import { type ReadEntry, readTar } from './tar.ts';
import { type InsideTask, outputInside, runInside } from './task.ts';

/** A copy out of a task. */
interface Source {
  /** `runs`: the task runs, so that programs can be started in it. */
  readonly inside: InsideTask & { readonly runs: boolean };
  readonly remote: string;
  readonly copying: Copying;
}

/** The entries of a copy, whose names begin with `name`. */
interface Found {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly entries: AsyncIterable<ReadEntry>;
}

/**
 * Copies a file or folder of a task to this machine: by Nomad's file API where the folder of the allocation has it, which also works for one that has ended, else
 * by a program of the task. Throws `input-invalid` for a path that does not exist, and `nomad-refused` when a copy is not as its source.
 */
export async function copyOut(
  inside: Source['inside'],
  { local, remote }: { readonly local: string; readonly remote: string },
  copying: Copying,
): Promise<Copied> {
  const source = { inside, remote, copying };
  const path = apiPath(remote, inside.task);
  if (path === undefined && !inside.runs) {
    throw new ActionError(
      'input-invalid',
      `the allocation ${shortId(inside.allocation.ID)} has ended, so only its /alloc and /local can be read`,
    );
  }
  const skipped: string[] = [];
  const found = path === undefined ? await byProgram(source) : await byApi(source, path, skipped);
  const to = await destinationOf(local, found.name);
  let [files, bytes, changed]: [number, number, readonly string[] | undefined] = [0, 0, undefined];
  const count = (piece: number): void => {
    bytes += piece;
    copying.onBytes(piece);
  };
  const received = await receive(counted(found.entries, count), { name: found.name, to }, async (all) => {
    files = all.sums.size;
    changed = await compare(source, found, all);
  });
  const [sha256] = found.kind === 'file' ? [...received.sums.values()] : [];
  return { to, files, bytes, sha256, compared: changed !== undefined, changed: changed ?? [], skipped: [...skipped, ...received.skipped] };
}

async function* counted(entries: AsyncIterable<ReadEntry>, count: (bytes: number) => void): AsyncGenerator<ReadEntry> {
  for await (const entry of entries) {
    async function* content(): AsyncGenerator<Buffer> {
      for await (const piece of entry.content) {
        count(piece.length);
        yield piece;
      }
    }
    yield { ...entry, content: content() };
  }
}

/** Reads by a program of the task: tar, or cat for a file where there is no tar. */
async function byProgram({ inside, remote, copying: { signal } }: Source): Promise<Found> {
  const looked = await runInside(inside, scripts.shell(scripts.LOOK_OUT, remote), { signal });
  if (looked.code !== 0) throw scripts.scriptError(looked, remote);
  const [kind = '', folder = '', name = '', has = '', mode = ''] = looked.stdout.toString('utf8').split('\0');
  if (name === '')
    throw new ActionError('input-invalid', 'the whole file system of a task cannot be copied', { hint: 'Name a folder of it.' });
  const output = (script: string, ...args: readonly string[]): AsyncGenerator<Buffer> =>
    outputInside(inside, scripts.shell(script, ...args), { signal, failed: (ran) => scripts.scriptError(ran, remote) });
  if (kind === 'folder') {
    if (has !== 'tar')
      throw new ActionError('input-invalid', `${remote} is a folder, and the task has no tar`, { hint: 'Copy its files one by one.' });
    return { name, kind, entries: below(name, readTar(output(scripts.PACK_FOLDER, posix.join(folder, name)))) };
  }
  if (has === 'tar') return { name, kind: 'file', entries: readTar(output(scripts.PACK_FILE, folder, name)) };
  return { name, kind: 'file', entries: one(name, Number.parseInt(mode, 8) || 0o644, output(scripts.PRINT_FILE, folder, name)) };
}

/** Puts the entries of a folder below its name. */
async function* below(top: string, entries: AsyncIterable<ReadEntry>): AsyncGenerator<ReadEntry> {
  for await (const entry of entries) {
    // A name that leads out of the folder stays as it is, and is refused.
    const moved = (name: string): string => (/(^|\/)\.\.(\/|$)|^\//.test(name) ? name : posix.join(top, name));
    yield { ...entry, name: moved(entry.name), target: entry.kind === 'link' ? moved(entry.target) : entry.target };
  }
}

/** Gives a file whose size is known at its end. */
async function* one(name: string, mode: number, content: AsyncGenerator<Buffer>): AsyncGenerator<ReadEntry> {
  yield { name, kind: 'file', mode, size: undefined, mtime: undefined, target: '', content };
}

/** Reads by Nomad's file API. */
async function byApi({ inside, remote, copying: { signal } }: Source, path: string, skipped: string[]): Promise<Found> {
  const { nomad, namespace, allocation } = inside;
  const at = (file: string) => ({ allocationId: allocation.ID, path: file, namespace });
  const readable = <T>(value: T | 'gone' | 'missing', file: string): T => {
    if (value === 'gone') {
      throw new ActionError(
        'nomad-refused',
        `the files of the allocation ${shortId(allocation.ID)} are gone: its node ${allocation.NodeName} has removed them, or cannot be reached`,
      );
    }
    if (value === 'missing') throw new ActionError('input-invalid', `the task has no ${file}`);
    return value;
  };
  const top = readable(await statFile(nomad, at(path), signal), remote);
  const name = baseOf(remote);
  async function* entries(info: FileInfo, file: string, as: string): AsyncGenerator<ReadEntry> {
    const entry = { name: as, mode: modeOf(info.FileMode), mtime: parseTime(info.ModTime) / 1_000, target: '' };
    if (info.IsDir) {
      yield { ...entry, kind: 'folder', size: 0, content: nothing() };
      for (const child of readable(await listFiles(nomad, at(file), signal), as))
        yield* entries(child, posix.join(file, child.Name), `${as}/${child.Name}`);
    } else if (info.FileMode.startsWith('-')) {
      yield { ...entry, kind: 'file', size: info.Size, content: firstBytes(await readFile(nomad, at(file), signal), info.Size) };
    } else skipped.push(as);
  }
  return { name, kind: top.IsDir ? 'folder' : 'file', entries: entries(top, path, name) };
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** Gives the first bytes of a file: one that grows has more than its size was. */
async function* firstBytes(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const piece of content) {
    const part = Buffer.from(piece.buffer, piece.byteOffset, Math.min(left, piece.length));
    left -= part.length;
    yield part;
    if (left === 0) return;
  }
}

/** Returns the permissions of a mode in Go's words: `-rw-r--r--`, also with more letters before it. */
export function modeOf(words: string): number {
  return Array.from(words.slice(-9)).reduce((mode, letter) => mode * 2 + (letter === '-' ? 0 : 1), 0);
}

/**
 * Compares the checksums of a copy with those of the task. Returns the files that have changed meanwhile; undefined where the task has no program for checksums,
 * or may not be entered. Throws `nomad-refused` for a copy that is not as its source.
 */
async function compare(
  { inside, remote, copying: { signal } }: Source,
  { name, kind }: Found,
  { sums }: Received,
): Promise<readonly string[] | undefined> {
  if (!inside.runs) return undefined;
  const read = async (): Promise<ReadonlyMap<string, string> | undefined> => {
    const ran = await runInside(inside, scripts.shell(scripts.SUMS_OF, remote), { signal }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    });
    return ran?.code === 0 ? scripts.parseSums(ran.stdout.toString('utf8')) : undefined;
  };
  const own = (file: string): string => (kind === 'file' ? '-' : file.slice(name.length + 1));
  const theirs = await read();
  if (theirs === undefined) return undefined;
  const different = [...sums].filter(([file, sum]) => theirs.get(own(file)) !== sum);
  if (different.length === 0) return [];
  // A file that changes all the time, such as a log, has no copy that is right.
  const again = await read();
  const wrong = different.find(([file]) => again?.get(own(file)) === theirs.get(own(file)) && theirs.has(own(file)));
  if (wrong === undefined) return different.map(([file]) => file);
  throw new ActionError('nomad-refused', `the copy of ${wrong[0]} is not as the file in the task, which may have changed meanwhile`, {
    hint: 'Copy it again.',
  });
}
