// Simulated rollouts: `npm run sim -- --rollouts 10000 --seed 1 --processes 2`. Prints each seed that breaks an invariant, in its simplest form. `--seconds` ends
// earlier, `--results` names a file that keeps what is done, for a run in several sittings, and `--write` writes docs/reliability.md. `--trace` prints all that happens in the rollout of `--seed`, or in that of `--scenario`, which is JSON.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { violations } from './sim/invariants.ts';
import { reliabilityPage } from './sim/page.ts';
import { type Row, simulate, simulateIn } from './sim/processes.ts';
import { rollOut } from './sim/rollout.ts';
import type { Scenario } from './sim/scenario.ts';
import { scenarioOf, simplest } from './sim/seeds.ts';
import type { Tally } from './sim/tally.ts';

const ROOT = join(import.meta.dirname, '..');

/** Prints the problems of the rollouts, each with its first seeds and its simplest scenario. */
async function tell({ problems }: Tally): Promise<void> {
  for (const { problem, count, seeds } of Object.values(problems)) {
    console.log(`${count} × ${problem}\n  seeds ${seeds.join(', ')}`);
    console.log(`  simplest: ${JSON.stringify(await simplest(seeds[0] ?? 1, problem))}`);
  }
}

/** Prints all that happens in one rollout; returns whether it holds every invariant. */
async function trace(scenario: Scenario): Promise<boolean> {
  const ended = await rollOut(scenario, { traces: true });
  console.log([JSON.stringify(scenario), ...ended.trace, ...violations(ended)].join('\n'));
  return violations(ended).length === 0;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      processes: { type: 'string', default: '1' },
      rollouts: { type: 'string', default: '1000' },
      results: { type: 'string' },
      row: { type: 'string' },
      scenario: { type: 'string' },
      seconds: { type: 'string', default: '86400' },
      seed: { type: 'string', default: '1' },
      trace: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  if (values.row !== undefined) {
    process.send?.(await simulate(JSON.parse(values.row) as Row));
    return true;
  }
  const seed = Number(values.seed);
  if (values.scenario !== undefined) return trace(JSON.parse(values.scenario) as Scenario);
  if (values.trace) return trace(scenarioOf(seed));
  const commit = values.write ? execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim() : '';
  const row = { seed, rollouts: Number(values.rollouts), forMs: Number(values.seconds) * 1_000 };
  const { tally, seconds } = await simulateIn(Number(values.processes), row, values.results);
  const { rollouts } = tally.all;
  const kinds = Object.keys(tally.problems).length;
  console.log(`${rollouts} rollouts from seed ${seed}, ${kinds} kinds of problems, ${Math.round(rollouts / seconds)} a second`);
  await tell(tally);
  if (values.write) {
    const page = reliabilityPage({ tally, seed, seconds, commit, date: new Date().toISOString().slice(0, 10) });
    writeFileSync(join(ROOT, 'docs/reliability.md'), page);
  }
  return kinds === 0;
}

process.exitCode = (await main()) ? 0 : 1;
