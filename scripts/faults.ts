// Runs of the bundled action against a real cluster with faults: `npm run test:faults -- --fault leader-killed --seed 7 --times 20`. `--fault` takes several
// names, too; without it, all faults run. Each run is a line of JSON in the file of `--results`; runs that the file has are not repeated.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS } from './faults/kinds.ts';
import { type Outcome, runFault } from './faults/run.ts';
import type { Counts } from './jest.ts';
import { startCluster } from './parts/cluster.ts';
import { say } from './parts/exec.ts';
import { startRun } from './parts/state.ts';
import { tool } from './parts/tools.ts';

interface Wish {
  readonly faults: readonly string[];
  readonly seed: number;
  readonly times: number;
  /** The file of the results; none by default. */
  readonly results?: string;
}

/** The faults that `npm test` runs once: one of each kind. */
const SAMPLE = [
  ...['leader-killed', 'servers-restarted', 'client-killed', 'address-dies', 'reset-body', 'answer-503'],
  ...['lost-registration', 'lost-variable', 'lost-promotion', 'clock-steps'],
];

/** Runs each fault so many times; prints a line for each run, and the seed. */
export async function runFaults({ faults, seed, times, results }: Wish): Promise<Counts> {
  const known = results !== undefined && existsSync(results) ? readFileSync(results, 'utf8').split('\n').filter(Boolean) : [];
  const done = new Map(known.map((line) => JSON.parse(line) as Outcome).map((one) => [`${one.fault} ${one.seed} ${one.number}`, one]));
  const run = await startRun();
  const counts = { passed: 0, failed: 0 };
  try {
    const cluster = await startCluster(run, await tool('nomad'));
    say(`faults from seed ${seed}: ${faults.join(', ')}`);
    for (let number = 0; number < times; number++) {
      for (const fault of faults) {
        const before = done.get(`${fault} ${seed} ${number}`);
        const outcome = before ?? (await runFault(fault, seed, number, cluster));
        if (before === undefined && results !== undefined) appendFileSync(results, `${JSON.stringify(outcome)}\n`);
        const { problems, shape, told, truth, atMs, tookMs, hit, log } = outcome;
        const how = `${shape}, ${hit ? '' : 'too late, '}fault at ${(atMs / 1_000).toFixed(1)} s of ${(tookMs / 1_000).toFixed(1)} s: told ${told}, Nomad: ${truth}`;
        console.log(`${problems.length > 0 ? 'FAIL' : 'ok  '} ${fault} --seed ${seed}, run ${number} (${how})`);
        for (const problem of problems) console.log(`     ${problem}`);
        if (problems.length > 0 && before === undefined) console.log(log);
        counts[problems.length > 0 ? 'failed' : 'passed'] += 1;
      }
    }
    return counts;
  } finally {
    await run.stop();
  }
}

/** Runs the sample of `npm test`, whose seed is the day's. */
export const sampleFaults = async (): Promise<Counts> => runFaults({ faults: SAMPLE, seed: Math.floor(Date.now() / 86_400_000), times: 1 });

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      fault: { type: 'string', multiple: true },
      seed: { type: 'string', default: `${Math.floor(Date.now() / 1_000) % 100_000}` },
      times: { type: 'string', default: '20' },
      results: { type: 'string', default: join(import.meta.dirname, '../.cache/faults.jsonl') },
      sample: { type: 'boolean', default: false },
    },
  });
  const faults = values.fault?.flatMap((names) => names.split(' ')) ?? (values.sample ? SAMPLE : Object.keys(KINDS));
  const unknown = faults.find((fault) => !(fault in KINDS));
  if (unknown !== undefined) throw new Error(`${unknown}: one of ${Object.keys(KINDS).join(', ')}`);
  mkdirSync(dirname(values.results), { recursive: true });
  const { passed, failed } = await runFaults({ faults, seed: Number(values.seed), times: Number(values.times), results: values.results });
  console.log(`${passed} passed, ${failed} failed; the runs are in ${values.results}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
