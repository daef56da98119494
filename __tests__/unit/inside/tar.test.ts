import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { receive } from '../../../src/inside/local.ts';
import { padding, type ReadEntry, readTar, TAR_END, type TarEntry, tarHeader } from '../../../src/inside/tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function entriesOf(bytes: Buffer, size = 1000): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, kind, mode, target, content } of readTar(inPieces(bytes, size))) {
    let text = '';
    for await (const piece of content) text += piece.toString();
    found[name] = [kind, mode.toString(8), target, text].join(' ');
  }
  return found;
}

const file = (name: string, text: string): Buffer => {
  const entry: TarEntry = { name, kind: 'file', mode: 0o640, size: Buffer.byteLength(text), mtime: 1_700_000_000, target: '' };
  return Buffer.concat([tarHeader(entry), Buffer.from(text), padding(entry.size)]);
};
const link = (name: string, target: string, kind: 'symlink' | 'link' = 'symlink'): Buffer =>
  tarHeader({ name, kind, mode: 0o777, size: 0, mtime: 0, target });

const LONG = `${'ü'.repeat(60)}/${'l'.repeat(200)}`;

test('what is written is read, in any pieces', async () => {
  const bytes = Buffer.concat([file('a', ''), file(LONG, 'long'), file('b', 'x'.repeat(1500)), link('l', LONG), TAR_END]);
  for (const size of [7, 512, 1000, bytes.length]) {
    expect(await entriesOf(bytes, size)).toEqual({
      a: 'file 640  ',
      [LONG]: 'file 640  long',
      b: `file 640  ${'x'.repeat(1500)}`,
      l: `symlink 777 ${LONG} `,
    });
  }
});

test('an entry whose content nobody reads is skipped', async () => {
  const names: string[] = [];
  for await (const { name } of readTar(inPieces(Buffer.concat([file('a', 'x'.repeat(2000)), file('b', 'y'), TAR_END]), 300)))
    names.push(name);
  expect(names).toEqual(['a', 'b']);
});

test('tar reads what is written, and what tar writes is read', async () => {
  const archive = join(folder, 'ours.tar');
  writeFileSync(archive, Buffer.concat([file(LONG, 'long'), file("it's", 'q'), TAR_END]));
  expect(execFileSync('tar', ['-tf', archive, '--quoting-style=literal'], { encoding: 'utf8' })).toBe(`${LONG}\nit's\n`);
  const source = join(folder, 'source');
  const deep = `d/${'e'.repeat(60)}`;
  mkdirSync(join(source, deep), { recursive: true });
  writeFileSync(join(source, deep, 'n'.repeat(90)), 'text');
  symlinkSync('d', join(source, 'l'));
  for (const format of ['gnu', 'pax', 'ustar']) {
    const bytes = execFileSync('tar', ['-cf', '-', `--format=${format}`, '-C', source, 'd', 'l']);
    const found = await entriesOf(bytes);
    expect(Object.keys(found).sort()).toEqual(['d/', `${deep}/`, `${deep}/${'n'.repeat(90)}`, 'l']);
    expect(found['l']).toBe('symlink 777 d ');
  }
});

test.each([
  ['cut in a header', (bytes: Buffer) => bytes.subarray(0, 200)],
  ['cut in a file', (bytes: Buffer) => bytes.subarray(0, 600)],
  ['changed', (bytes: Buffer) => Buffer.concat([Buffer.from('z'), bytes.subarray(1)])],
])('an archive that is %s is refused', async (_how, change) => {
  await expect(entriesOf(change(Buffer.concat([file('a', 'x'.repeat(700)), TAR_END])))).rejects.toThrow(
    'the archive of the task is broken',
  );
});

describe('what a task sends', () => {
  const received = async (name: string, ...parts: readonly Buffer[]) => {
    const parent = mkdtempSync(join(folder, 'to-'));
    const to = join(parent, 'copy');
    const result = await receive(readTar(inPieces(Buffer.concat([...parts, TAR_END]), 999)), { name, to }, async () => undefined).catch(
      (error: unknown) => error,
    );
    return { result, parent, to };
  };

  test.each(['../x', 'top/../../x', '/etc/x', 'other/x', 'top/x/../../y'])('%s is refused, and nothing is left', async (name) => {
    const { result, parent } = await received('top', file('top/good', 'x'), file(name, 'evil'));
    expect(String(result)).toMatch(/which is outside of top|is broken/);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('links come last, and lead nowhere else', async () => {
    const { result, to } = await received(
      'top',
      link('top/up', '../..'),
      file('top/up/evil', 'x'),
      link('top/abs', '/etc'),
      link('top/in', 'd/x'),
      file('top/d/x', 'x'),
      link('top/hard', 'top/d/x', 'link'),
      link('top/gone', 'top/nothing', 'link'),
    );
    expect((result as { skipped: string[] }).skipped.sort()).toEqual(['top/abs', 'top/gone', 'top/up']);
    expect(readdirSync(to).sort()).toEqual(['d', 'hard', 'in', 'up']);
    expect(readFileSync(join(to, 'hard'), 'utf8')).toBe('x');
  });

  test('a link of this machine in the destination is not followed', async () => {
    const parent = mkdtempSync(join(folder, 'to-'));
    const outside = mkdtempSync(join(folder, 'outside-'));
    mkdirSync(join(parent, 'copy'));
    symlinkSync(outside, join(parent, 'copy', 'd'));
    const entries = readTar(inPieces(Buffer.concat([file('top/d/x', 'x'), TAR_END]), 999));
    await expect(receive(entries, { name: 'top', to: join(parent, 'copy') }, async () => undefined)).rejects.toThrow('is no folder');
    expect(readdirSync(outside)).toEqual([]);
  });

  test('a copy that does not pass its check leaves the old file', async () => {
    const parent = mkdtempSync(join(folder, 'to-'));
    writeFileSync(join(parent, 'f'), 'old');
    async function* one(): AsyncGenerator<ReadEntry> {
      async function* content(): AsyncGenerator<Buffer> {
        yield Buffer.from('new');
      }
      yield { name: 'f', kind: 'file', mode: 0o4755, size: 3, mtime: 1, target: '', content: content() };
    }
    await expect(receive(one(), { name: 'f', to: join(parent, 'f') }, async () => Promise.reject(new Error('differs')))).rejects.toThrow(
      'differs',
    );
    expect(readFileSync(join(parent, 'f'), 'utf8')).toBe('old');
    expect(readdirSync(parent)).toEqual(['f']);
  });
});
