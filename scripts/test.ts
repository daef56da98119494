// `npm test`: all checks and all tests, against the real parts, and one total as the last line.
import { runChecks } from './check.ts';
import { sampleFaults } from './faults.ts';
import { type Counts, KINDS, runJest } from './jest.ts';
import { connectorsInstalled } from './parts/connectors.ts';
import { haproxyInstalled } from './parts/haproxy.ts';
import { tmuxInstalled } from './parts/tmux.ts';
import { nomadOf, pythonTools, tool } from './parts/tools.ts';
import { runSample, sampled } from './sample.ts';
import { runSimulation } from './sim/lane.ts';

/** The line of Nomad that a sample of the tests runs with besides. */
const other = sampled();

/** What takes minutes when nothing is cached comes first, under its own heading, so that no test's time limit meets it. */
async function setUp(): Promise<Counts> {
  for (const name of ['actionlint', 'act', 'docker-buildx', 'nomad', 'consul'] as const) await tool(name);
  if (other !== undefined) await nomadOf(other);
  await pythonTools();
  await haproxyInstalled();
  await tmuxInstalled();
  await connectorsInstalled();
  return { passed: 0, failed: 0 };
}

const steps: Readonly<Record<string, () => Promise<Counts>>> = {
  'set-up': setUp,
  checks: runChecks,
  'a minute of simulation': runSimulation,
  ...Object.fromEntries(KINDS.map((kind) => [`${kind} tests`, () => runJest(kind)])),
  'a sample of faults': sampleFaults,
  ...(other === undefined ? {} : { [`a sample with Nomad ${other}`]: () => runSample(other) }),
};

const total = { passed: 0, failed: 0 };
for (const [name, step] of Object.entries(steps)) {
  console.log(`\n=== ${name}`);
  const begun = performance.now();
  const { passed, failed } = await step().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  });
  total.passed += passed;
  total.failed += failed;
  console.log(`=== ${name}: ${passed} passed, ${failed} failed, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
}
process.exitCode = total.failed > 0 ? 1 : 0;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
