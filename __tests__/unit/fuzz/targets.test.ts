// Nearly valid input of each kind ends in a typed error or a right result: never in an exception, never in a write after a refusal. `npm run fuzz` is the long form.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { propertyOf, TARGETS } from '../../../scripts/fuzz/targets.ts';

const SEED = 18;

test.each(Object.entries(TARGETS))(
  '%s',
  async (_name, target) => {
    const ended = await fc.check(propertyOf(target), { seed: SEED, numRuns: target.short, endOnFailure: true });
    expect(ended.failed ? fc.defaultReportMessage(ended) : '').toBe('');
  },
  60_000,
);
