// Simulates the rollouts of a row of seeds, in one process or in several.
import { fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { problemsOf, scenarioOf } from './seeds.ts';
import { NOTHING, sum, type Tally, tallyOf } from './tally.ts';

/** The seeds to simulate: from `seed` on, up to `rollouts` of them, or as many as fit into `forMs`. */
export interface Row {
  readonly seed: number;
  readonly rollouts: number;
  readonly forMs: number;
}

/** A row that was simulated whole, and its time. */
interface Part extends Omit<Row, 'forMs'> {
  readonly seconds: number;
  readonly tally: Tally;
}

/** Simulates a row of seeds. */
export async function simulate({ seed, rollouts, forMs }: Row): Promise<Tally> {
  const untilMs = performance.now() + forMs;
  let tally = NOTHING;
  for (let own = seed; own < seed + rollouts && performance.now() < untilMs; own++) {
    const scenario = scenarioOf(own);
    tally = sum(tally, tallyOf(own, scenario, await problemsOf(scenario)));
  }
  return tally;
}

/** The most rollouts of a process: its memory grows by some kilobytes with each. */
const MAX_ROLLOUTS = 2_500;

/**
 * Simulates a row in several processes at a time: the script of this process, with a part of the row as its argument `--row`. Each whole part is a line of
 * JSON in the file `results`; parts that the file has are not repeated. Returns the counts, and the seconds that all parts took.
 */
export async function simulateIn(
  processes: number,
  { seed, rollouts, forMs }: Row,
  results?: string,
): Promise<{ readonly tally: Tally; readonly seconds: number }> {
  const untilMs = performance.now() + forMs;
  const size = Math.min(MAX_ROLLOUTS, Math.ceil(rollouts / processes));
  const before = results === undefined ? [] : partsOf(results);
  const rows = Array.from({ length: Math.ceil(rollouts / size) }, (_, i) => ({
    seed: seed + i * size,
    rollouts: Math.min(size, rollouts - i * size),
  }));
  const known = before.filter((part) => rows.some((row) => row.seed === part.seed && row.rollouts === part.rollouts));
  const left = rows.filter((row) => !known.some((part) => part.seed === row.seed));
  const ended: Part[] = [...known];
  const work = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined && performance.now() < untilMs; row = left.shift()) {
      const startedAt = performance.now();
      const tally = await simulateInOwn({ ...row, forMs: untilMs - startedAt });
      const part = { ...row, seconds: (performance.now() - startedAt) / (1_000 * processes), tally };
      ended.push(part);
      if (results !== undefined && tally.all.rollouts === row.rollouts) appendFileSync(results, `${JSON.stringify(part)}\n`);
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  ended.sort((a, b) => a.seed - b.seed);
  return {
    tally: ended.map((part) => part.tally).reduce(sum, NOTHING),
    seconds: ended.reduce((all, part) => all + part.seconds, 0),
  };
}

function partsOf(results: string): Part[] {
  if (!existsSync(results)) return [];
  return readFileSync(results, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Part);
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
