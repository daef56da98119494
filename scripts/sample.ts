// The tests that `npm test` also runs with another version of Nomad: one of each kind of verdict, and what differs between versions. Minutes, where the whole suite
// takes half an hour.
import { type Counts, runJest } from './jest.ts';
import { sampleLine } from './parts/nomad-versions.ts';
import { nomadOf } from './parts/tools.ts';

/** File of integration tests → what the full names of the tests begin with. */
export const SAMPLE: Readonly<Record<string, readonly string[]>> = {
  versions: [
    'this Nomad has what docs/versions.md says of its version',
    'a spec that reads files, where the program has another version than the cluster',
    'a template that waits for a missing variable is the cause',
  ],
  'watching-kinds': [
    'a service with an update block is done with its deployment',
    'a system job is done with its deployment, or without one where Nomad has none',
    'a batch job of several is good only when all are',
  ],
  'watching-back': ['after a failure Nomad goes back, and what runs then is told; the failure is told before'],
  'watching-capacity': ['a group that fits nowhere fails at once by `on-placement-failure: fail`, and goes back'],
  'watching-canaries': ['canaries are promoted by `promote: auto`'],
  dispatch: [
    'a run of a parameterized job gets meta and payload, and is waited for',
    'a run of a periodic job is started out of turn by `dispatch`',
  ],
  secrets: ['secrets of the workload reach the task byte for byte, and are nowhere else'],
  'github-plan': ['a plan on a pull request is one comment, edited in place'],
};

/** Returns the line that the sample runs with; undefined where `NOMAD_VERSION` or `NOMAD_BIN` has chosen the version of all tests. */
export function sampled(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env['NOMAD_VERSION'] || env['NOMAD_BIN'] ? undefined : sampleLine();
}

/** Runs the sample with a line of Nomad, which is built first if need be. */
export async function runSample(line: string): Promise<Counts> {
  await nomadOf(line);
  const names = Object.values(SAMPLE).flat();
  const pattern = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  const files = Object.keys(SAMPLE).map((file) => `integration/${file}.test`);
  return runJest('integration', [...files, '-t', `^(${pattern})`], { NOMAD_VERSION: line });
}
