import type { InputTable } from './entry.ts';
import { ONE_RUN, SECRET } from './reasons.ts';

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
  lock: {
    of: 'run',
    type: 'choice',
    values: ['wait', 'fail', 'off'],
    default: 'off',
    from: 'default-branch',
    reusable: true,
    meaning:
      'When another run with this input changes the job: `wait` until it has ended, at most for `timeout`, or `fail`. Both also refuse a job that `command: lock` has frozen. For `deploy`, `revert` and `scale`. See docs/commands.md#lock.',
  },
  'replace-canaries': {
    of: 'run',
    only: ['deploy', 'resubmit'],
    type: 'boolean',
    default: 'false',
    instead: ONE_RUN,
    meaning:
      '`true`: the new version may replace canaries that wait for a promotion. Otherwise such a deploy is refused before anything is built or registered.',
  },
  'blue-green': {
    of: 'job',
    type: 'boolean',
    default: 'false',
    from: 'any',
    meaning:
      '`true`: the built-in template starts a canary for each allocation of the count, and nothing promotes them by itself unless `promote` says so. See docs/templates.md#blue-green.',
  },
  verify: {
    of: 'job',
    type: 'checks',
    own: true,
    from: 'any',
    common: 'HTTP checks of the new version, such as `/healthz`.',
    reusable: true,
    meaning:
      'HTTP checks of the new version, one a line: a path such as `/healthz`, requested from each canary or new allocation and then from the public address, or a URL, requested at the end. Or a YAML list with conditions, and with rules over a time (`for: 5m`), see docs/verify.md.',
  },
  'prometheus-addr': {
    of: 'run',
    type: 'text',
    own: true,
    from: 'default-branch',
    meaning:
      'Address of Prometheus, for the rules `prometheus` of `verify`, such as `https://prometheus.example.com`. Redirects are not followed.',
  },
  'prometheus-token': {
    of: 'run',
    type: 'text',
    own: true,
    instead: `${SECRET}: set PROMETHEUS_TOKEN`,
    variables: ['PROMETHEUS_TOKEN'],
    secret: 'whole',
    meaning: 'Token for Prometheus, or `user:password` for basic authentication.',
  },
  'watch-for': {
    of: 'job',
    type: 'text',
    own: true,
    from: 'any',
    reusable: true,
    meaning:
      'Time after a success, such as `10m`, in which the run looks on, by the same rules as `for` in `verify`. A version that turns bad fails the run, and `on-failure: revert` rolls back.',
  },
  'pre-deploy': {
    of: 'job',
    type: 'hook',
    own: true,
    from: 'any',
    common: 'Command that runs in the new image on the cluster before the deploy, such as a database migration.',
    reusable: true,
    meaning:
      'Command that runs in the new image on the cluster, with the new secrets and variables, before the job is registered: a text for the shell of the image, a list of a program and its arguments, or a YAML map with `command` and options. When it fails, nothing is deployed. Runs once for each image and command. See docs/hooks.md.',
  },
  'post-deploy': {
    of: 'job',
    type: 'hook',
    own: true,
    from: 'any',
    reusable: true,
    meaning:
      'Command that runs like `pre-deploy`, once the new version is healthy and `verify` holds. When it fails, the run fails, and rolls back with `on-failure: revert`. See docs/hooks.md.',
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
  tag: {
    of: 'run',
    type: 'text',
    own: true,
    instead: ONE_RUN,
    otherwise: '`nomad-deploy-<commit>`',
    meaning:
      "Name of Nomad's tag for the version of this run, such as `v1.2.3`: letters, digits, dots, dashes and the like, no slash. See docs/releases.md.",
  },
  'keep-releases': {
    of: 'job',
    type: 'number',
    default: '10',
    from: 'default-branch',
    meaning:
      "Number of the newest releases that stay tagged, with their secrets, so that Nomad's garbage collection keeps them. `0`: the run tags nothing, and removes the tags of earlier runs. See docs/releases.md.",
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
