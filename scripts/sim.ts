// Simulated rollouts: `npm run sim -- --rollouts 10000 --seed 1`. Prints each seed that breaks an invariant, in its simplest form. `--trace` prints all that
// happens in the rollout of `--seed`, or in that of `--scenario`, which is JSON.
import { parseArgs } from 'node:util';
import { violations } from './sim/invariants.ts';
import { rollOut } from './sim/rollout.ts';
import type { Scenario } from './sim/scenario.ts';
import { problemsOf, scenarioOf, simplest } from './sim/seeds.ts';

/** The most seeds that are printed for one problem. */
const MAX_SEEDS = 5;

interface Found {
  readonly problem: string;
  readonly seeds: number[];
}

/** Runs the rollouts of a row of seeds; returns the problems, by invariant. */
async function simulate(rollouts: number, seed: number): Promise<Map<string, Found>> {
  const all = new Map<string, Found>();
  for (let i = seed; i < seed + rollouts; i++) {
    for (const problem of await problemsOf(scenarioOf(i))) {
      const key = problem.replaceAll(/\d+/g, 'N');
      const found = all.get(key) ?? { problem, seeds: [] };
      found.seeds.push(i);
      all.set(key, found);
    }
  }
  return all;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rollouts: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      scenario: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  const [rollouts, seed] = [Number(values.rollouts), Number(values.seed)];
  if (values.trace || values.scenario !== undefined) {
    const scenario = values.scenario === undefined ? scenarioOf(seed) : (JSON.parse(values.scenario) as Scenario);
    const ended = await rollOut(scenario, { traces: true });
    console.log([JSON.stringify(scenario), ...ended.trace, ...violations(ended)].join('\n'));
    process.exitCode = violations(ended).length > 0 ? 1 : 0;
  } else {
    const startedAt = performance.now();
    const found = await simulate(rollouts, seed);
    const seconds = (performance.now() - startedAt) / 1_000;
    for (const { problem, seeds } of found.values()) {
      console.log(`${seeds.length} × ${problem}\n  seeds ${seeds.slice(0, MAX_SEEDS).join(', ')}`);
      console.log(`  simplest: ${JSON.stringify(await simplest(seeds[0] ?? seed, problem))}`);
    }
    console.log(`${rollouts} rollouts from seed ${seed}, ${found.size} kinds of problems, ${Math.round(rollouts / seconds)} a second`);
    process.exitCode = found.size > 0 ? 1 : 0;
  }
}
