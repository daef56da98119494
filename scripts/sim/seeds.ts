// From a seed to its scenario, and from a scenario with a problem to a simpler one.
import fc from 'fast-check';
import { violations } from './invariants.ts';
import { rollOut } from './rollout.ts';
import { type Scenario, scenarios } from './scenario.ts';

/** The longest search for a simpler scenario. */
const SEARCH_MS = 20_000;

/** Returns the scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  let found: Scenario | undefined;
  const take = fc.property(scenarios, (scenario) => {
    found = scenario;
  });
  fc.check(take, { seed, numRuns: 1, plugins: [fc.unbiased()] });
  if (found === undefined) throw new Error(`the seed ${seed} has no scenario`);
  return found;
}

/** Returns what is wrong with the rollout of a scenario, also where it has no end. */
export async function problemsOf(scenario: Scenario): Promise<string[]> {
  return rollOut(scenario).then(violations, (error: unknown) => [`the simulation: ${String(error)}`]);
}

/** Returns the simplest scenario near that of a seed that breaks the same invariant. `problems` finds what is wrong with one. */
export async function simplest(seed: number, problem: string, problems = problemsOf): Promise<Scenario> {
  const invariant = problem.replace(/:.*/s, '');
  let best = scenarioOf(seed);
  const holds = fc.asyncProperty(scenarios, async (scenario) => {
    const isBroken = (await problems(scenario)).some((one) => one.startsWith(invariant));
    // The search goes on from a scenario that breaks it to simpler ones.
    if (isBroken) best = scenario;
    return !isBroken;
  });
  await fc.check(holds, { seed, numRuns: 1, plugins: [fc.unbiased(), fc.interruptAfterTimeLimit(SEARCH_MS)] });
  return best;
}
