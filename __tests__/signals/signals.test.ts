// The whole of `npm run test:signals`: every signal at many moments of a whole run. Each result is a line of a file, and what passed is not run again.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Extent, measure, openRange, type Range, type Strike, strike, strikeBuilder, strikesOf } from '../helpers/signals.ts';

const TIMES = Number(process.env['NOMAD_DEPLOY_TIMES'] ?? 3);
const SEED = Number(process.env['NOMAD_DEPLOY_SEED'] ?? 1);
const FILE = process.env['NOMAD_DEPLOY_RESULTS'];

interface Line {
  readonly seed: number;
  readonly extent?: Extent;
  readonly strike?: Strike;
  readonly problems?: readonly string[];
}

const lines: readonly Line[] =
  FILE === undefined || !existsSync(FILE)
    ? []
    : readFileSync(FILE, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line)
        .filter(({ seed }) => seed === SEED);
const note = (line: object): void => {
  if (FILE !== undefined) appendFileSync(FILE, `${JSON.stringify({ seed: SEED, ...line })}\n`);
};

describe(`signals of the seed ${SEED}`, () => {
  let range: Range;
  let extent: Extent;
  beforeAll(async () => {
    range = await openRange();
    // A resumed suite keeps the moments of its first part.
    const known = lines.find((line) => line.extent !== undefined)?.extent;
    extent = known ?? (await measure(`struck-${SEED}`, range));
    if (known === undefined) note({ extent });
  });
  afterAll(async () => range.stop());

  const done = new Set(lines.filter(({ problems }) => problems?.length === 0).map((line) => line.strike?.id));
  const ids = Array.from({ length: TIMES * 3 }, (_, id) => id).filter((id) => !done.has(id));
  test.each(ids.length === 0 ? [-1] : ids)('strike %d', async (id) => {
    const one = strikesOf(SEED, TIMES, extent)[id];
    if (one === undefined) return;
    const hit = await strike(one, `struck-${SEED}-${process.pid}`, range);
    note({ strike: one, ...hit });
    expect({ ...one, ...hit }).toMatchObject({ problems: [] });
  });

  test.each(Array.from({ length: TIMES }, (_, i) => Math.round((2_000 * (i + 0.5)) / TIMES)))(
    'SIGKILL %d ms after it began to make a builder',
    async (ms) => {
      expect(await strikeBuilder(`struck-builder-${process.pid}-${ms}`, ms, range)).toEqual([]);
    },
  );
});
