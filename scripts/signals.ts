// Signals at random moments of a whole run: `npm run test:signals -- --times 100 --seed 7`. `--times` counts the moments of each signal. The results are lines
// of a file, `--file`; run again with the same seed and file, the suite goes on where it ended.
import { parseArgs } from 'node:util';
import { runJest } from './jest.ts';

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '3' },
      seed: { type: 'string', default: `${Date.now() % 100_000}` },
      file: { type: 'string' },
    },
  });
  const file = values.file ?? `signals-${values.seed}.ndjson`;
  console.log(`seed ${values.seed}, ${values.times} moments of each signal, results in ${file}`);
  const { passed, failed } = await runJest('signals', [], {
    NOMAD_DEPLOY_TIMES: values.times,
    NOMAD_DEPLOY_SEED: values.seed,
    NOMAD_DEPLOY_RESULTS: file,
  });
  console.log(`seed ${values.seed}: ${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
