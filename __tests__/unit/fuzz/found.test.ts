// The least inputs that the fuzzing found: each of them ended in an exception, in a hang, or in quadratic work.
import { describe, expect, test } from '@jest/globals';
import { BOUND, growth } from '../../../scripts/fuzz/growth.ts';
import { STREAMS } from '../../../scripts/fuzz/streams.ts';
import { failedScript } from '../../../src/diagnose/template.ts';
import { readTar, TAR_END, tarHeader } from '../../../src/inside/tar.ts';
import { framesOf } from '../../../src/nomad/frames.ts';
import { frameReader, OPCODES } from '../../../src/nomad/websocket-frames.ts';
import { planDiff } from '../../../src/plan/diff.ts';
import { plainText } from '../../../src/runtime/plain.ts';
import { itemsRead } from '../../../src/secrets/items.ts';
import { parseLiteral } from '../../../src/text/hcl-values.ts';

/** An archive whose first entry is an extended header of a text. */
function extended(text: string): Buffer {
  const head = tarHeader({ name: 'x', kind: 'file', mode: 0o644, size: text.length, mtime: 0, target: '' });
  head.write('x', 156);
  head.fill(' ', 148, 156);
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const body = Buffer.alloc(512);
  body.write(text);
  return Buffer.concat([head, body, tarHeader({ name: 'a', kind: 'file', mode: 0o644, size: 0, mtime: 0, target: '' }), TAR_END]);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

test.each(['0 path=a\n', '1 path=a\n', '12 size=abc\n', '11 size=-1\n', '14 size=1e999\n'])(
  'an archive with the record %j is refused',
  async (text) => {
    const read = async (): Promise<void> => {
      for await (const { content } of readTar(once(extended(text)))) for await (const _piece of content);
    };
    await expect(read()).rejects.toMatchObject({ code: 'nomad-refused' });
  },
);

test('an archive in pieces of one byte takes linear work', async () => {
  const read = async (text: string): Promise<void> => {
    async function* bytes(): AsyncGenerator<Buffer> {
      const all = Buffer.concat([tarHeader({ name: text, kind: 'file', mode: 0, size: 0, mtime: 0, target: '' }), TAR_END]);
      for (let at = 0; at < all.length; at++) yield all.subarray(at, at + 1);
    }
    for await (const { content } of readTar(bytes())) for await (const _piece of content);
  };
  expect(await growth(read, (size) => 'a'.repeat(size), 2 ** 16)).toBeLessThan(BOUND);
});

test.each(['null', '5', '[]', '{"stdout":{"data":5}}', '{"exited":true,"result":{"exit_code":"0"}}', '{"stdout":"a"}'])(
  'the message %s of a session is a typed error',
  async (message) => expect(STREAMS['messages of a session'].check([message])).resolves.toBeUndefined(),
);

test.each(['{"File":5}', '{"Data":{}}', '{"Offset":"5"}', '{"Data":"YQ==","File":[]}'])('%s is no frame of a log', async (text) => {
  const read = async (): Promise<void> => {
    for await (const _frame of framesOf(once(Buffer.from(text))));
  };
  await expect(read()).rejects.toThrow('the stream is not of frames');
});

test('empty parts of a message of a web socket fill no memory', () => {
  const read = frameReader();
  expect(read(Buffer.from([OPCODES.text, 1, 97]))).toEqual([]);
  for (let i = 0; i < 100_000; i++) read(Buffer.from([OPCODES.continuation, 0]));
  expect(read(Buffer.from([0x80, 1, 98])).map(({ payload }) => payload.toString())).toEqual(['ab']);
});

test.each([
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['a title', '\u001b]0;title\u0007text', 'text'],
  ['a link', '\u001b]8;;http://a\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a character set', '\u001b(Btext', 'text'],
  ['a title without its end', '\u001b]0;text', ']0;text'],
])('%s is no part of a text', (_what, text, shown) => expect(plainText(text)).toBe(shown));

describe('linear work for', () => {
  const template = (text: string): unknown =>
    planDiff(
      {
        ...{ Type: 'Edited', Name: '' },
        Objects: [{ Type: 'Edited', Name: 'Template', Fields: [{ Type: 'Edited', Name: 'EmbeddedTmpl', Old: text, New: '' }] }],
      },
      [],
      (same) => same,
    );
  test.each<[string, (text: string) => unknown, string]>([
    ['a removed template', template, 'a=b\n'],
    ['templates without an end', itemsRead, '{{ with nomadVar "'],
    ['titles of a terminal without an end', plainText, '\u001b]'],
    [
      'a script whose arguments repeat its sentence',
      (text) => failedScript({ DisplayMessage: `Template ran script ${text}` } as never),
      'a with arguments [] on change: ',
    ],
  ])('%s', async (_what, read, part) => {
    expect(await growth(read, (size) => part.repeat(Math.ceil(size / part.length)), 2 ** 17)).toBeLessThan(BOUND);
  });
});

test.each(['[', '{ a = ', '{"a":', '[{"a":'])('a value of many %j is refused with words', (part) => {
  expect(() => parseLiteral(part.repeat(200_000))).toThrow(/^(?!Maximum)/);
});

test('a heredoc of many lines is read', () => {
  expect(parseLiteral(`<<-A\n${'  a\n'.repeat(200_000)}A\n`)).toHaveLength(400_000);
});
