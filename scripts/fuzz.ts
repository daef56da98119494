// Fuzzing: `npm run fuzz -- --minutes 10 --seed 1 --target inputs`. Prints the least input that breaks a promise, and the seed and the path that give it again:
// `npm run fuzz -- --target inputs --seed 7 --path 3:1:0`.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { weakPatterns } from './fuzz/patterns.ts';
import { propertyOf, TARGETS } from './fuzz/targets.ts';

/** The inputs of one seed. */
const BATCH = 200;
/** The target of all regular expressions, which is of one size, and the number of characters of each that are tried in pairs. */
const PATTERNS = 'patterns';
const PAIRS = 3;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      path: { type: 'string' },
      target: { type: 'string' },
    },
  });
  const names = values.target === undefined ? Object.keys(TARGETS) : [values.target].filter((name) => name !== PATTERNS);
  const made = new Map<string, number>();
  let found = 0;
  if (values.target === undefined || values.target === PATTERNS) {
    const lines = await weakPatterns(PAIRS);
    console.log(lines.join('\n'));
    found = lines.length - 1;
  }
  const until = performance.now() + (names.length === 0 ? 0 : Number(values.minutes) * 60_000);
  for (
    let seed = Number(values.seed), isFirst = names.length > 0;
    (isFirst || performance.now() < until) && found === 0;
    seed++, isFirst = false
  ) {
    for (const name of names) {
      const target = TARGETS[name];
      if (target === undefined) throw new Error(`${name}: one of ${Object.keys(TARGETS).join(', ')}`);
      const left = until - performance.now();
      if (!isFirst && left <= 0) break;
      const path = values.path === undefined ? {} : { path: values.path, endOnFailure: true };
      const options = { seed, ...path, numRuns: BATCH, interruptAfterTimeLimit: Math.max(1_000, left), markInterruptAsFailure: false };
      const ended = await fc.check(propertyOf(target), options);
      made.set(name, (made.get(name) ?? 0) + ended.numRuns);
      if (!ended.failed) continue;
      found += 1;
      const error = ended.errorInstance instanceof Error ? ended.errorInstance.message : String(ended.errorInstance);
      console.log(`${name}: ${error}\n  least input: ${fc.stringify(ended.counterexample)}`);
      console.log(`  again: npm run fuzz -- --target '${name}' --seed ${ended.seed} --path ${ended.counterexamplePath ?? ''}`);
    }
  }
  console.log([...made].map(([name, count]) => `${count} × ${name}`).join(', '));
  process.exitCode = found > 0 ? 1 : 0;
}
