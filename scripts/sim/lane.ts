// The simulation as a part of `npm test`: a minute of it at most, always the same seeds, so that a failure belongs to a change and not to a day.
import type { Counts } from '../jest.ts';
import { INVARIANTS } from './invariants.ts';
import { simulateIn } from './processes.ts';

const SEED = 1;
const LANE_MS = 60_000;
const PROCESSES = 2;

/** The most rollouts, and the fewest of a minute. Two quiet cores make some 19,000 in a minute, and a busy machine fewer. */
const ROLLOUTS = 15_000;
const FLOOR = 1_000;

/** Simulates for a minute. Each invariant counts as a test, and so does the number of rollouts. */
export async function runSimulation(): Promise<Counts> {
  const { tally } = await simulateIn(PROCESSES, { seed: SEED, rollouts: ROLLOUTS, forMs: LANE_MS });
  const { rollouts, broken } = tally.all;
  for (const { problem, count, seeds } of Object.values(tally.problems))
    console.log(`${count} × ${problem}\n  repeat it by npm run sim -- --trace --seed ${seeds[0] ?? SEED}`);
  const isFew = rollouts < FLOOR;
  console.log(`${rollouts} simulated rollouts from seed ${SEED}${isFew ? `, fewer than ${FLOOR}` : ''}`);
  const failed = Object.keys(broken).length + (isFew ? 1 : 0);
  return { passed: Object.keys(INVARIANTS).filter((name) => broken[name] === undefined).length + (isFew ? 0 : 1), failed };
}
