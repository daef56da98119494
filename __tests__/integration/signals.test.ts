// A sample of `npm run test:signals`: a run that is struck at any moment leaves nothing, and the next run of the same commit ends right.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Extent, measure, openRange, type Range, type Strike, strike, strikeBuilder } from '../helpers/signals.ts';

let range: Range;
let extent: Extent;
beforeAll(async () => {
  range = await openRange();
  extent = await measure('signals-whole', range);
});
afterAll(async () => range.stop());

/** Parts of the run, in tenths: the build, the test of the image, the hook, the rollout. */
test.each<[Strike['signal'], number]>([
  ['SIGKILL', 2],
  ['SIGINT', 4],
  ['SIGKILL', 5],
  ['SIGTERM', 7],
])('%s after %d tenths of a run', async (signal, tenths) => {
  const moment = { on: 'line', at: Math.ceil((extent.lines * tenths) / 10) } as const;
  const hit = await strike({ id: tenths, signal, moment }, `signals-${signal.toLowerCase()}`, range);
  expect(hit).toMatchObject({ problems: [] });
});

test.each([150, 700])('SIGKILL %d ms after it began to make a builder', async (ms) => {
  expect(await strikeBuilder(`signals-builder-${ms}`, ms, range)).toEqual([]);
});
