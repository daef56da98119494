import { expect, test } from '@jest/globals';
import { type Frame, framesOf } from '../../../src/nomad/frames.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of framesOf(inPieces(text, size))) frames.push(frame);
  return frames;
}

const FRAMES = [{ Data: 'YQ==', File: 'a/}{ü.stdout.0', Offset: 1 }, {}, { File: 'a/}{ü.stdout.0', FileEvent: 'file deleted' }];

test.each([1, 2, 7, 1_000])('frames are read however the bytes are cut: %s at a time', async (size) => {
  const text = FRAMES.map((frame) => JSON.stringify(frame)).join('');
  expect(await read(text, size)).toEqual(FRAMES);
  expect(await read(FRAMES.map((frame) => `${JSON.stringify(frame)}\n`).join(''), size)).toEqual(FRAMES);
});

test('an end within a frame is an error, and so are words behind the last one', async () => {
  await expect(read('{"Data":"YQ==","File":"a"}{"Data":"Y', 3)).rejects.toThrow('the stream ended within a frame');
  await expect(read('{}failed to list entries', 3)).rejects.toThrow(/^failed to list entries$/);
  await expect(read('x'.repeat(2_000_000), 65_536)).rejects.toThrow('the stream is not of frames');
});
