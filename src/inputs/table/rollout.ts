import type { InputTable } from './entry.ts';

export const ROLLOUT = {
  wait: { of: 'job', type: 'boolean', default: 'true', from: 'any', meaning: '`false`: end the run once the job is registered.' },
  timeout: {
    of: 'job',
    type: 'text',
    own: true,
    from: 'any',
    otherwise: 'from the deadlines of the spec',
    reusable: true,
    meaning: 'Longest wait for the verdict, such as `15m`.',
  },
  'fail-fast': {
    of: 'job',
    type: 'choice',
    own: true,
    values: ['certain', 'off'],
    default: 'certain',
    from: 'any',
    meaning:
      "`certain`: a failure that cannot heal on any node (no such image, no such command in it, driver config refused, wrong checksum of an artifact) fails the deployment at once; `off`: wait for Nomad's verdict.",
  },
  promote: {
    of: 'job',
    type: 'choice',
    values: ['auto', 'manual', 'verify'],
    from: 'any',
    otherwise: 'as in the spec; with `auto_promote = false` the run waits for a promotion',
    reusable: true,
    meaning:
      'Promotion of healthy canaries. `auto` promotes them, `manual` ends the run as `awaiting-promotion`, `verify` promotes them once `verify` holds and fails the deployment when it does not.',
  },
  verify: {
    of: 'job',
    type: 'checks',
    own: true,
    from: 'any',
    common: 'HTTP checks of the new version, such as `/healthz`.',
    reusable: true,
    meaning:
      'HTTP checks of the new version, one a line: a path such as `/healthz`, requested from each canary or new allocation and then from the public address, or a URL, requested at the end. Or a YAML list with conditions, see docs/verify.md.',
  },
  'on-failure': {
    of: 'job',
    type: 'choice',
    values: ['spec', 'revert', 'leave'],
    default: 'spec',
    from: 'any',
    reusable: true,
    meaning:
      'After a failed deployment: `spec` leaves the rollback to `auto_revert` of the spec; `revert` also rolls back to the last healthy version where the spec does not; `leave` never does.',
  },
  'on-cancel': {
    of: 'job',
    type: 'choice',
    values: ['leave', 'fail'],
    default: 'leave',
    from: 'any',
    meaning: 'When the workflow is cancelled: `leave` the deployment running, or `fail` it, so that `auto_revert` acts.',
  },
  'on-placement-failure': {
    of: 'job',
    type: 'text',
    own: true,
    default: '2m',
    from: 'any',
    meaning: 'When a group fits on no node: `fail` at once, `wait` for capacity until the timeout, or wait for a time such as `5m`.',
  },
  'preserve-counts': {
    of: 'job',
    type: 'boolean',
    from: 'any',
    otherwise: 'groups with a `scaling` block',
    meaning: 'Keep the running counts of groups, as an autoscaler or a person has set them: `true` for all groups, `false` for none.',
  },
  waves: {
    of: 'run',
    type: 'waves',
    own: true,
    from: 'default-branch',
    meaning:
      'Clusters or apps of the configuration file, one wave after the other: a wave a line, or a list such as `[[eu], [us, ap]]`. A wave starts when the one before is healthy, and nothing more starts after a failure. See docs/waves.md.',
  },
  'wave-bake': {
    of: 'run',
    only: ['deploy', 'plan', 'render'],
    type: 'text',
    own: true,
    from: 'any',
    otherwise: 'none',
    meaning: 'Time between two waves, such as `10m`, in which all jobs of the earlier waves must stay healthy.',
  },
  'all-or-nothing': {
    of: 'run',
    only: ['deploy', 'plan', 'render'],
    type: 'boolean',
    default: 'false',
    from: 'any',
    meaning:
      '`true`: after a failure in `waves`, each job that the run deployed goes back to its version before the run, and one that did not exist is stopped.',
  },
} as const satisfies InputTable;
