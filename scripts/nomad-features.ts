// Which version of Nomad brought what users of the action notice. docs/versions.md is made of this table; tests ask it what the cluster of a run has, and
// __tests__/integration/versions.test.ts holds it against that cluster.
import { DEFAULT_LINE, NOMAD_LINES } from './parts/nomad-versions.ts';
import { table } from './reference.ts';

interface Feature {
  /** The first version of a community release with it. */
  readonly since: string;
  readonly holds: string;
  readonly before: string;
  /** Undefined: a test asks the cluster. Otherwise the reason why no test can, and where the fact comes from. */
  readonly untested?: string;
}

const CHANGELOG = 'Nomad’s changelog';

/** By version, oldest first. */
export const NOMAD_FEATURES = {
  versionTags: {
    since: '1.9.0',
    holds: 'A version that turned out well is tagged, and stays with its secrets: see [releases.md](releases.md).',
    before: 'Versions have no tags. The run has a notice.',
    untested: CHANGELOG,
  },
  hostVolumes: {
    since: '1.10.0',
    holds: '`nomad volume create` creates host volumes, and a `volume` block takes `sticky = true`.',
    before: 'Host volumes are in the configuration of the nodes. The parser refuses `sticky`, with file and line.',
  },
  systemDeployments: {
    since: '1.11.0',
    holds: 'System jobs have deployments: health deadlines, `auto_revert` and the output `deployment-id`.',
    before: 'A system job is judged by its allocations: a failed task fails the run as `task-failed`, and Nomad does not roll back.',
  },
  secretBlocks: {
    since: '1.11.0',
    holds: 'Your own spec may have `secret` blocks.',
    before: 'The parser refuses the block, with file and line.',
  },
  finePolicies: {
    since: '1.11.2',
    holds: 'Policies take `plan-job`, `register-job` and the other fine capabilities of [authentication.md](authentication.md).',
    before: 'Nomad refuses such a policy. `submit-job` allows all of them.',
  },
  delayWarnings: {
    since: '2.0.1',
    holds: 'Nomad warns of a service whose task has no `shutdown_delay`; the run shows the warning.',
    before: 'No warning.',
  },
  atomicRegistration: {
    since: '2.0.1',
    holds: 'Of two runs that register the same job at the same instant, one plans again on top of the other.',
    before: 'Both can register. The earlier one then ends as `superseded`.',
    untested: CHANGELOG,
  },
  lastingPause: {
    since: '2.0.1',
    holds: 'A paused deployment stays paused until an operator resumes it. The run waits until its `timeout`.',
    before: 'A paused deployment fails at its progress deadline.',
    untested: CHANGELOG,
  },
  maxRunDuration: {
    since: '2.0.3',
    holds: 'Groups of batch jobs take `max_run_duration`.',
    before: 'The parser refuses the field. In a job object, Nomad ignores it.',
  },
  workloadPlans: {
    since: '2.0.4',
    holds: 'A runner that is itself a Nomad job may plan with the token of its workload identity.',
    before: 'Nomad answers 500 to the plan (`UUID must be 36 characters`). Give the run a token of its own.',
  },
  hostNamespaces: {
    since: '2.0.4',
    holds: 'The Docker driver refuses `pid_mode = "host"` and its like, unless the node allows them.',
    before: 'The Docker driver accepts them.',
    untested: CHANGELOG,
  },
  missingVolumes: {
    since: '2.0.5',
    holds: 'A job that waits for a CSI volume names every missing one.',
    before: 'Nomad names one of them.',
  },
  optionalAttributes: {
    since: '2.1.0',
    holds: 'The type of an HCL variable may have `optional()` attributes.',
    before: 'The parser refuses the type, with file and line.',
  },
  batchQueue: {
    since: '2.1.0',
    holds: 'A node pool can have a queue for batch jobs.',
    before: 'Nomad has no queue: a batch job without room waits as a blocked evaluation.',
  },
} satisfies Readonly<Record<string, Feature>>;

export type NomadFeature = keyof typeof NOMAD_FEATURES;

const rows: readonly Feature[] = Object.values(NOMAD_FEATURES);

/** Returns the table of docs/versions.md. */
export function featureTable(): string {
  return table(
    ['Nomad', 'from this version on', 'in older versions', 'known from'],
    rows.map(({ since, holds, before, untested = 'the tests' }) => [since, holds, before, untested]),
  );
}

/** Returns the tested versions of docs/versions.md. */
export function versionsTable(): string {
  const each = (line: string): string => (line === DEFAULT_LINE ? 'each change' : 'each week, and before a release');
  return table(
    ['line', 'tested version', 'the tests run at'],
    Object.entries(NOMAD_LINES).map(([line, { release }]) => [line, release, each(line)]),
  );
}
