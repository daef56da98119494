import type { InputTable } from './entry.ts';
import { SECRET } from './reasons.ts';

export const REPORTING = {
  'log-lines': {
    of: 'job',
    type: 'number',
    default: '50',
    from: 'any',
    meaning: "Lines of each task's log output that are shown for a failed allocation.",
  },
  summary: { of: 'run', type: 'boolean', default: 'true', from: 'any', meaning: '`false`: write no job summary.' },
  'webhook-url': {
    of: 'run',
    type: 'text',
    own: true,
    instead: `${SECRET}: give the input \`webhook-url\``,
    secret: 'whole',
    meaning:
      "Address that the result is posted to as JSON, with a message for Slack's incoming web hooks: `https://hooks.slack.com/services/…`. A failed request is a warning. See docs/reports.md.",
  },
  'webhook-on': {
    of: 'run',
    type: 'choice',
    own: true,
    values: ['always', 'failure'],
    default: 'always',
    from: 'any',
    meaning: '`always`, or `failure`: post only results that make the step fail. A skipped run is not posted.',
  },
  'github-token': {
    of: 'run',
    type: 'text',
    own: true,
    instead: `${SECRET}: give the input \`github-token\``,
    expression: '${{ github.token }}',
    variables: ['GITHUB_TOKEN'],
    secret: 'whole',
    meaning: "Token of the workflow, for GitHub's API and as the password for `ghcr.io`.",
  },
  'github-deployment': {
    of: 'run',
    type: 'boolean or auto',
    default: 'auto',
    from: 'any',
    meaning:
      "Record a GitHub Deployment with the states of the rollout: `true`, `false`, or `auto`: unless the workflow's job records one by its own `environment:`. Needs the permission `deployments: write`. See docs/github-deployments.md.",
  },
  comment: {
    of: 'run',
    type: 'boolean or auto',
    default: 'auto',
    from: 'any',
    meaning:
      'Keep one comment for each job and environment on the pull request: `true`, `false`, or `auto`: when the run is for a pull request and the token may. Needs the permission `pull-requests: write`.',
  },
  'approved-plan': {
    of: 'run',
    type: 'list',
    own: true,
    instead: 'a plan is approved for one run: give the input `approved-plan`',
    meaning:
      'Deploy only an approved plan: the output `plan-fingerprint` of a plan (of several jobs, one a line), or `merged-pull-request`: the plan on the merged pull request that the commit came with. Any other plan fails as `plan-changed`. See docs/pull-requests.md.',
  },
  expect: {
    of: 'run',
    type: 'choice',
    values: ['no-changes'],
    instead: 'the workflow decides the purpose of a run, with the input `expect`',
    meaning: '`no-changes`: a plan with changes fails as `drift`, and names them.',
  },
  'drift-issue': {
    of: 'run',
    type: 'boolean',
    default: 'false',
    from: 'any',
    meaning: '`true`: with `expect: no-changes`, keep one issue open as long as the job differs. Needs the permission `issues: write`.',
  },
} as const satisfies InputTable;
