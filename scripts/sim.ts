// Simulated rollouts: `npm run sim -- --rollouts 10000 --seed 1`. Prints each seed that breaks an invariant, in its simplest form. `--trace` prints all that
// happens in the rollout of `--seed`.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { violations } from './sim/invariants.ts';
import { rollOut } from './sim/rollout.ts';
import { type Scenario, scenarios } from './sim/scenario.ts';

/** The most seeds that are printed for one problem. */
const MAX_SEEDS = 5;

/** The most steps that a scenario is simplified by. */
const MAX_SHRINKS = 400;

/** Returns the scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const [scenario] = fc.sample(scenarios, { seed, numRuns: 1 });
  if (scenario === undefined) throw new Error(`the seed ${seed} has no scenario`);
  return scenario;
}

/** Returns what is wrong with the rollout of a scenario, also where it has no end. */
export async function problemsOf(scenario: Scenario): Promise<string[]> {
  return rollOut(scenario).then(violations, (error: unknown) => [`the simulation: ${String(error)}`]);
}

/** Returns the simplest scenario near that of a seed which has a problem of the same invariant. */
export async function simplest(seed: number, problem: string): Promise<Scenario> {
  const invariant = problem.replace(/:.*/s, '');
  let best = scenarioOf(seed);
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const found = (await problemsOf(scenario)).some((one) => one.startsWith(invariant));
    if (found) best = scenario;
    return !found;
  });
  let left = MAX_SHRINKS;
  await fc.check(property, { seed, numRuns: 1, markInterruptAsFailure: false, interruptAfterTimeLimit: 20_000, reporter: undefined as never, unbiased: true, asyncReporter: async () => { left -= 1; } });
  return best;
}

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
    options: { rollouts: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' }, trace: { type: 'boolean', default: false } },
  });
  const [rollouts, seed] = [Number(values.rollouts), Number(values.seed)];
  if (values.trace) {
    const scenario = scenarioOf(seed);
    const ended = await rollOut(scenario, true);
    console.log([JSON.stringify(scenario), ...ended.trace, ...violations(ended)].join('\n'));
  } else {
    const startedAt = performance.now();
    const found = await simulate(rollouts, seed);
    for (const { problem, seeds } of found.values()) {
      console.log(`${seeds.length} × ${problem}\n  seeds ${seeds.slice(0, MAX_SEEDS).join(', ')}`);
      console.log(`  simplest: ${JSON.stringify(await simplest(seeds[0] ?? seed, problem))}`);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`${rollouts} rollouts from seed ${seed}, ${found.size} kinds of problems, ${Math.round(rollouts / seconds)} a second`);
    process.exitCode = found.size > 0 ? 1 : 0;
  }
}
