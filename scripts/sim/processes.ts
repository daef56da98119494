// Simulates the rollouts of a row of seeds, in one process or in several.
import { fork } from 'node:child_process';
import { problemsOf, scenarioOf } from './seeds.ts';
import { NOTHING, sum, type Tally, tallyOf } from './tally.ts';

/** The seeds to simulate: `every`th from `seed` on, up to `rollouts` of them, or as many as fit into `forMs`. */
export interface Row {
  readonly seed: number;
  readonly rollouts: number;
  readonly every: number;
  readonly forMs: number;
}

/** Simulates a row of seeds. */
export async function simulate({ seed, rollouts, every, forMs }: Row): Promise<Tally> {
  const untilMs = performance.now() + forMs;
  let tally = NOTHING;
  for (let i = 0; i < rollouts && performance.now() < untilMs; i++) {
    const own = seed + i * every;
    const scenario = scenarioOf(own);
    tally = sum(tally, tallyOf(own, scenario, await problemsOf(scenario)));
  }
  return tally;
}

/** The most rollouts of a process: its memory grows by some kilobytes with each. */
const MAX_ROLLOUTS = 25_000;

/** Simulates seeds from `seed` on in several processes at a time: the script of this process, with the row as its argument `--row`. */
export async function simulateIn(processes: number, { seed, rollouts, forMs }: Omit<Row, 'every'>): Promise<Tally> {
  if (processes <= 1) return simulate({ seed, rollouts, every: 1, forMs });
  const rows = Array.from({ length: processes }, (_, i) => ({
    seed: seed + i,
    rollouts: Math.floor(rollouts / processes) + (i < rollouts % processes ? 1 : 0),
    every: processes,
    forMs,
  }));
  return (await Promise.all(rows.map(simulateInOthers))).reduce(sum, NOTHING);
}

/** Simulates a row in one process after the other. */
async function simulateInOthers({ seed, rollouts, every, forMs }: Row): Promise<Tally> {
  const untilMs = performance.now() + forMs;
  let tally = NOTHING;
  for (let i = 0; i < rollouts && performance.now() < untilMs; i += MAX_ROLLOUTS) {
    const part = { seed: seed + i * every, rollouts: Math.min(MAX_ROLLOUTS, rollouts - i), every, forMs: untilMs - performance.now() };
    tally = sum(tally, await simulateInOwn(part));
  }
  return tally;
}

async function simulateInOwn(row: Row): Promise<Tally> {
  const child = fork(SCRIPT, ['--row', JSON.stringify(row)], { execArgv: FLAGS });
  const { promise, resolve, reject } = Promise.withResolvers<Tally>();
  child.once('message', (tally) => resolve(tally as Tally));
  child.once('error', reject);
  child.once('exit', (code) => reject(new Error(`a process of the simulation ended with code ${code ?? 'none'}`)));
  return promise;
}

/** Flags that save a third of the processor time: young objects of a rollout die before they are moved, and the stacks of simulated errors are not read. */
const FLAGS = ['--max-semi-space-size=64', '--stack-trace-limit=0'];
const SCRIPT = new URL('../sim.ts', import.meta.url).pathname;
