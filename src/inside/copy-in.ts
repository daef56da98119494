import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import type { Clock } from '../runtime/runtime.ts';
import { contentOf, type LocalEntry, walk } from './local.ts';
import * as scripts from './scripts.ts';
import { padding, readTar, TAR_END, tarHeader } from './tar.ts';
import { type InsideTask, numberText, outputInside, runInside } from './task.ts';

/** Small pieces are joined to messages of this size. */
const MESSAGE_BYTES = 96 * 1024;

/** The time limit of removing a copy that failed. */
const REMOVE_MS = 5_000;

/** The surroundings of a copy. */
export interface Copying {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Is called for each piece of a file, with the bytes of all files where they are known. */
  readonly onBytes: (bytes: number, total?: number) => void;
  readonly say: (line: string) => void;
}

/** A finished copy. */
export interface Copied {
  readonly to: string;
  readonly files: number;
  readonly bytes: number;
  /** The checksum of a single file. */
  readonly sha256: string | undefined;
  /** True: the checksums of both sides were compared. */
  readonly compared: boolean;
  /** Files of the source that have changed while they were copied. */
  readonly changed: readonly string[];
  /** Entries that were left out. */
  readonly skipped: readonly string[];
}

/** The folder of a copy, and the programs of the task. */
interface Sent {
  readonly folder: string;
  readonly remote: string;
  readonly programs: ReadonlySet<string>;
}

/**
 * Copies a file or folder of this machine into a task. It is written to a folder beside the destination, compared, and then moved to its place, so that the
 * task never sees a part of it. Throws `input-invalid` for a source or a destination that does not fit, and `nomad-refused` when the task fails or the checksums differ.
 */
export async function copyIn(
  inside: InsideTask,
  { local, remote }: { readonly local: string; readonly remote: string },
  copying: Copying,
): Promise<Copied> {
  const entries = await walk(local);
  const [top] = entries;
  if (top === undefined) throw new Error('a walk begins with its top');
  const run = runner(inside, copying.signal);
  const looked = await run(scripts.LOOK_IN, [remote, top.name, top.kind], remote);
  const [to = '', beside = '', has = ''] = looked.toString('utf8').split('\0');
  const programs = new Set(has.trim().split(' '));
  const folder = `${beside.replace(/\/$/, '')}/.nomad-deploy-${numberText(copying.clock.random())}`;
  try {
    const sums = await send(run, { entries, folder, programs, remote }, copying);
    const theirs = await theirSums(inside, { folder, remote, programs, sums }, copying);
    for (const [name, sum] of sums) {
      if (theirs.get(name) !== sum)
        throw new ActionError('nomad-refused', `${name} did not arrive as it was sent: its checksum in the task differs`);
    }
    await run(scripts.COMMIT, [folder, top.name, to], to);
    await run(scripts.REMOVE, [folder], to);
    const files = entries.filter(({ kind }) => kind === 'file');
    return {
      to,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      sha256: top.kind === 'file' ? sums.get(top.name) : undefined,
      compared: true,
      changed: [],
      skipped: entries.flatMap(({ kind, name }) => (kind === 'other' || (kind === 'symlink' && !programs.has('tar')) ? [name] : [])),
    };
  } catch (error) {
    await remove(inside, folder, copying);
    throw error;
  }
}

/** Runs a script in the task. Returns what it prints. Throws the error of its exit code. */
type RunScript = (script: string, args: readonly string[], path: string, input?: AsyncIterable<Uint8Array>) => Promise<Buffer>;

function runner(inside: InsideTask, signal: AbortSignal): RunScript {
  return async (script, args, path, input) => {
    const ran = await runInside(inside, scripts.shell(script, ...args), input === undefined ? { signal } : { input, signal });
    if (ran.code !== 0) throw scripts.scriptError(ran, path);
    return ran.stdout;
  };
}

/** Sends the files to the folder of the copy. Returns their checksums. */
async function send(
  run: RunScript,
  { entries, folder, programs, remote }: Sent & { readonly entries: readonly LocalEntry[] },
  { onBytes }: Copying,
): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  async function* content(entry: LocalEntry): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    yield* contentOf(entry, (piece) => {
      hash.update(piece);
      onBytes(piece.length, total);
    });
    sums.set(entry.name, hash.digest('hex'));
  }
  if (entries.length > 1 && programs.has('tar')) {
    await run(scripts.UNPACK, [folder], remote, joined(archive(entries, content)));
    return sums;
  }
  const writer = (['cat', 'base64'] as const).find((name) => programs.has(name));
  if (writer === undefined) throw new ActionError('input-invalid', 'the task has no tar, no cat and no base64, so it can receive no file');
  for (const entry of entries) {
    const mode = entry.mode.toString(8);
    if (entry.kind === 'folder') await run(scripts.MAKE_INNER, [folder, entry.name, '700'], remote);
    if (entry.kind !== 'file') continue;
    await run(scripts.WRITERS[writer], [folder, entry.name, mode], remote, writer === 'cat' ? content(entry) : encoded(content(entry)));
  }
  // Modes come last, because a folder that may not be written takes no files.
  for (const { kind, name, mode } of entries.toReversed()) {
    if (kind === 'folder') await run(scripts.MAKE_INNER, [folder, name, mode.toString(8)], remote);
  }
  return sums;
}

async function* archive(entries: readonly LocalEntry[], content: (entry: LocalEntry) => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    if (entry.kind === 'other') continue;
    yield tarHeader(entry.kind === 'folder' ? { ...entry, name: `${entry.name}/` } : entry);
    if (entry.kind !== 'file') continue;
    yield* content(entry);
    yield padding(entry.size);
  }
  yield TAR_END;
}

/** Joins small pieces, because each message costs as much as a large one. */
async function* joined(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < MESSAGE_BYTES) continue;
    yield Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
  }
  yield Buffer.concat(waiting);
}

/** Encodes bytes as lines of base64, three bytes at a time. */
async function* encoded(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const all = Buffer.concat([rest, piece]);
    const whole = all.length - (all.length % 57);
    rest = all.subarray(whole);
    if (whole > 0) yield Buffer.from(`${all.subarray(0, whole).toString('base64').replaceAll(/.{76}/g, '$&\n')}`);
  }
  yield Buffer.from(`${rest.toString('base64')}\n`);
}

/** Returns the checksums of the files in the folder of the copy: of a program of the task, or of the files as they are read back. */
async function theirSums(
  inside: InsideTask,
  { folder, remote, programs, sums }: Sent & { readonly sums: ReadonlyMap<string, string> },
  { signal }: Copying,
): Promise<ReadonlyMap<string, string>> {
  const run = runner(inside, signal);
  const printed = scripts.parseSums((await run(scripts.PRINT_SUMS, [folder], remote)).toString('utf8'));
  if (printed !== undefined) return printed;
  const read = new Map<string, string>();
  const output = (script: string, args: readonly string[]): AsyncGenerator<Buffer> =>
    outputInside(inside, scripts.shell(script, ...args), { signal, failed: (ran) => scripts.scriptError(ran, remote) });
  if (programs.has('tar')) {
    for await (const { name, kind, content } of readTar(output(scripts.PACK_FOLDER, [folder]))) {
      const sum = await sumOf(content);
      if (kind === 'file') read.set(name.replace(/^\.\//, ''), sum);
    }
    return read;
  }
  for (const name of sums.keys()) read.set(name, await sumOf(output(scripts.PRINT_FILE, [folder, name])));
  return read;
}

async function sumOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** Removes what a failed copy has left, also after Ctrl-C. */
async function remove(inside: InsideTask, folder: string, { clock, say }: Copying): Promise<void> {
  const { code } = await runInside(inside, scripts.shell(scripts.REMOVE, folder), { signal: clock.timeout(REMOVE_MS) }).catch(() => ({
    code: 1,
  }));
  say(code === 0 ? 'Nothing was copied: the part that had arrived is removed.' : `Nothing was copied. ${folder} may be left in the task.`);
}
