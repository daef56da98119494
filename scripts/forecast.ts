// Forecasts of jobs beside what Nomad's scheduler then does: `npm run test:forecast -- --times 200 --seed 7`. Prints each trial, and the seed that repeats it.
import { parseArgs } from 'node:util';
import { startForecastCluster } from './forecast/cluster.ts';
import { tryForecast } from './forecast/try.ts';
import { startRun } from './parts/state.ts';
import { tool } from './parts/tools.ts';

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: `${Date.now() % 100_000}` }, times: { type: 'string', default: '20' } },
  });
  const [first, times] = [Number(values.seed), Number(values.times)];
  const run = await startRun();
  let failed = 0;
  try {
    const cluster = await startForecastCluster(run, await tool('nomad'));
    for (let seed = first; seed < first + times; seed++) {
      const { shape, most, lines, problems } = await tryForecast(seed, cluster);
      console.log(`${problems.length > 0 ? 'FAIL' : 'ok  '} --seed ${seed} --times 1 (${shape}, ${most}): ${lines[0] ?? ''}`);
      for (const problem of problems) console.log(`     ${problem}`);
      if (problems.length > 0) failed++;
    }
  } finally {
    await run.stop();
  }
  console.log(`seeds ${first} to ${first + times - 1}: ${times - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
