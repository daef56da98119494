// Archives of tar. Names are written by GNU's long names, because busybox takes no extended headers of POSIX, which packages of npm write for every name with an
// umlaut. All of GNU, busybox and BSD are read. See https://www.gnu.org/software/tar/manual/html_node/Standard.html
import { ActionError } from '../errors.ts';

const BLOCK = 512;

/** The longest name or extended header that is read. */
const MAX_NAME_BYTES = 1024 * 1024;

/** The place of each field of a header, and its length. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
} as const;
type Field = keyof typeof FIELDS;

/** The types of entries. */
const TYPES = { file: '0', link: '1', symlink: '2', folder: '5', longName: 'L', longLink: 'K', extended: 'x', global: 'g' } as const;

/** An entry of an archive. */
export interface TarEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'link' | 'other';
  /** Permissions, such as 0o644. */
  readonly mode: number;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** The target of a link, else empty. */
  readonly target: string;
}

/** Returns the header of an entry, with those of a long name before it. */
export function tarHeader(entry: TarEntry): Buffer {
  const parts: Buffer[] = [];
  for (const [text, type] of [
    [entry.target, TYPES.longLink],
    [entry.name, TYPES.longName],
  ] as const) {
    const bytes = Buffer.from(`${text}\0`);
    if (bytes.length > FIELDS.name[1])
      parts.push(header({ ...entry, name: '././@LongLink', target: '', size: bytes.length }, type), bytes, padding(bytes.length));
  }
  const type = entry.kind === 'other' ? TYPES.file : TYPES[entry.kind];
  return Buffer.concat([...parts, header(entry, type)]);
}

/** Returns the bytes behind the content of an entry. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The end of an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

function header({ name, mode, size, mtime, target }: TarEntry, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (field: Field, text: string): void => void Buffer.from(text).copy(block, FIELDS[field][0], 0, FIELDS[field][1]);
  const octal = (field: Field, value: number): void => {
    const digits = FIELDS[field][1] - 1;
    if (value < 8 ** digits) put(field, value.toString(8).padStart(digits, '0'));
    else {
      // GNU's form of large sizes: the first bit, and a binary number.
      block.writeBigUInt64BE(BigInt(value), FIELDS[field][0] + FIELDS[field][1] - 8);
      block[FIELDS[field][0]] = 0x80;
    }
  };
  put('name', name);
  octal('mode', mode);
  octal('uid', 0);
  octal('gid', 0);
  octal('size', size);
  octal('mtime', Math.max(0, Math.floor(mtime)));
  put('type', type);
  put('linkname', target);
  put('magic', 'ustar ');
  put('version', ' \0');
  put('checksum', `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** Returns the sum of a header, in which the sum itself counts as blanks. */
function checksum(block: Buffer): number {
  const [at, length] = FIELDS.checksum;
  return block.reduce((sum, byte, i) => sum + (i >= at && i < at + length ? 32 : byte), 0);
}

/** Bytes that come in pieces. */
interface Source {
  /** Returns the next bytes; fewer at the end. */
  readonly take: (bytes: number) => Promise<Buffer>;
  /** Gives the next bytes as they come. Throws when there are fewer. */
  readonly pieces: (bytes: number) => AsyncGenerator<Buffer>;
}

function sourceOf(chunks: AsyncIterable<Buffer>): Source {
  const iterator = chunks[Symbol.asyncIterator]();
  // The bytes stay in the pieces in which they came until they are taken.
  let [waiting, length]: [Buffer[], number] = [[], 0];
  const more = async (): Promise<boolean> => {
    const next = await iterator.next();
    if (next.done === true) return false;
    waiting.push(next.value);
    length += next.value.length;
    return true;
  };
  const cut = (bytes: number): Buffer => {
    const all = waiting.length === 1 && waiting[0] !== undefined ? waiting[0] : Buffer.concat(waiting);
    const piece = all.subarray(0, bytes);
    waiting = [all.subarray(piece.length)];
    length -= piece.length;
    return piece;
  };
  return {
    take: async (bytes) => {
      while (length < bytes && (await more()));
      return cut(bytes);
    },
    pieces: async function* pieces(bytes) {
      for (let left = bytes; left > 0; ) {
        if (length === 0 && !(await more())) throw broken('it ends too soon');
        const piece = cut(left);
        left -= piece.length;
        yield piece;
      }
    },
  };
}

/** An entry that is read, with its content. Size and time are undefined where they are not known. */
export interface ReadEntry extends Omit<TarEntry, 'size' | 'mtime'> {
  readonly size: number | undefined;
  readonly mtime: number | undefined;
  readonly content: AsyncGenerator<Buffer>;
}

/** Reads an archive. The content of an entry is to be read before the next entry is asked for; the rest of it is skipped. Throws `nomad-refused` for a broken archive. */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<ReadEntry> {
  const source = sourceOf(chunks);
  let given: { name?: string; target?: string; size?: number } = {};
  for (;;) {
    const block = await source.take(BLOCK);
    if (block.every((byte) => byte === 0)) break;
    if (block.length < BLOCK) throw broken('it ends too soon');
    if (Number.parseInt(textOf(block, 'checksum').trim(), 8) !== checksum(block)) throw broken('a header is not as its checksum says');
    const type = textOf(block, 'type');
    const own = sizeOf(numberOf(block, 'size'));
    if (type === TYPES.longName || type === TYPES.longLink || type === TYPES.extended || type === TYPES.global) {
      if (own > MAX_NAME_BYTES) throw broken('a name is too long');
      const bytes = await source.take(own);
      await source.take(padding(own).length);
      if (type === TYPES.longName) given = { ...given, name: bytes.toString('utf8').replace(/\0.*$/s, '') };
      if (type === TYPES.longLink) given = { ...given, target: bytes.toString('utf8').replace(/\0.*$/s, '') };
      if (type === TYPES.extended) given = { ...given, ...extended(bytes) };
      continue;
    }
    const size = type === TYPES.link || type === TYPES.symlink || type === TYPES.folder ? 0 : (given.size ?? own);
    let left = size;
    const content = source.pieces(size);
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const piece of content) {
        left -= piece.length;
        yield piece;
      }
    }
    const prefix = textOf(block, 'magic') === 'ustar' ? textOf(block, 'prefix') : '';
    const short = textOf(block, 'name');
    const name = given.name ?? (prefix === '' ? short : `${prefix}/${short}`);
    const target = given.target ?? textOf(block, 'linkname');
    given = {};
    const kind = kindOf(type, name);
    yield { name, kind, mode: numberOf(block, 'mode') & 0o7777, size, mtime: numberOf(block, 'mtime'), target, content: counted() };
    for await (const _skipped of source.pieces(left));
    await source.take(padding(size).length);
  }
  // The end of the archive is filled up to the block size of the writer.
  while ((await source.take(64 * 1024)).length > 0);
}

function kindOf(type: string, name: string): TarEntry['kind'] {
  // Old archives have no type for files, and a folder is a name with a slash.
  if (type === TYPES.folder || ((type === '' || type === TYPES.file) && name.endsWith('/'))) return 'folder';
  if (type === TYPES.symlink) return 'symlink';
  if (type === TYPES.link) return 'link';
  return type === '' || type === TYPES.file || type === '7' ? 'file' : 'other';
}

function textOf(block: Buffer, field: Field): string {
  const [at, length] = FIELDS[field];
  return block.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

function numberOf(block: Buffer, field: Field): number {
  const [at, length] = FIELDS[field];
  if (((block[at] ?? 0) & 0x80) !== 0) return Number(block.readBigUInt64BE(at + length - 8));
  return Number.parseInt(textOf(block, field).trim(), 8) || 0;
}

/** Returns a size. Throws `nomad-refused` for a number that is none. */
function sizeOf(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw broken('a size is not one');
  return value;
}

/** Returns the parts of an extended header that matter: `<length> <name>=<value>` and a line feed each. */
function extended(bytes: Buffer): { name?: string; target?: string; size?: number } {
  const found: { name?: string; target?: string; size?: number } = {};
  for (let at = 0; at < bytes.length; ) {
    const [length = ''] = /^\d+/.exec(bytes.toString('latin1', at, at + 20)) ?? [];
    if (length === '') break;
    // A record is at least its length, a blank, an equals sign and a line feed.
    if (Number(length) < length.length + 3) throw broken('an extended header is not one');
    const [name = '', ...value] = bytes.toString('utf8', at + length.length + 1, at + Number(length) - 1).split('=');
    if (name === 'path') found.name = value.join('=');
    if (name === 'linkpath') found.target = value.join('=');
    if (name === 'size') found.size = sizeOf(Number(value.join('=')));
    at += Number(length);
  }
  return found;
}

function broken(why: string): ActionError {
  return new ActionError('nomad-refused', `the archive of the task is broken: ${why}`);
}
