import { keysOf } from '../text/index.ts';
import type { Result } from './result.ts';

interface Entry {
  /** The part of the result that the output shows. */
  readonly field: keyof Result;
  readonly meaning: string;
}

/** All outputs, in the order of action.yml. */
const OUTPUTS = {
  outcome: { field: 'outcome', meaning: 'The end of the run as one word, see docs/reference/outcomes.md.' },
  'failure-reason': {
    field: 'failureReason',
    meaning:
      'The reason of a failure as one word, see docs/reference/failure-reasons.md. A suffix tells the rollback, such as `-rolled-back`.',
  },
  cause: { field: 'cause', meaning: 'The cause of a failure in one sentence.' },
  'job-id': { field: 'jobId', meaning: 'Id of the job.' },
  'job-version': { field: 'jobVersion', meaning: 'Version that this run registered, or that was there already.' },
  'previous-version': { field: 'previousVersion', meaning: 'Version that was registered before.' },
  namespace: { field: 'namespace', meaning: 'Namespace of the job.' },
  region: { field: 'region', meaning: 'Region of the job, when the spec or `nomad-region` names one.' },
  environment: { field: 'environment', meaning: '`production`, `staging`, `main`, `review`, or an environment of the configuration file.' },
  'nomad-addr': { field: 'nomadAddr', meaning: 'Address of Nomad.' },
  'nomad-url': { field: 'nomadUrl', meaning: "Page of the job in Nomad's UI." },
  'dispatched-job-id': {
    field: 'dispatchedJobId',
    meaning: 'The run that `dispatch` or `periodic-force` started, a job of its own such as `import/dispatch-1763730000-0b7a5a4b`.',
  },
  'evaluation-id': { field: 'evaluationId', meaning: 'Evaluation of the registration, or of the run that was started.' },
  'deployment-id': { field: 'deploymentId', meaning: 'Deployment of this version.' },
  url: { field: 'url', meaning: 'Main address of the application.' },
  urls: { field: 'urls', meaning: 'All addresses of the application, as a JSON list.' },
  image: { field: 'image', meaning: 'The image that the job runs, with its digest.' },
  'image-name': { field: 'imageName', meaning: 'The name of that image without tag and digest, for `subject-name` of actions/attest.' },
  'image-digest': { field: 'imageDigest', meaning: 'The digest of that image, for `subject-digest` of actions/attest.' },
  'image-built': {
    field: 'imageBuilt',
    meaning: '`true`: this run built that image. `false`: an earlier run did, and only that one can attest it.',
  },
  images: { field: 'images', meaning: 'All images by name, as a JSON map.' },
  changed: { field: 'changed', meaning: 'The reach of the plan: `none`, `in-place`, `destructive` or `create`.' },
  'plan-fingerprint': { field: 'planFingerprint', meaning: 'Fingerprint of the plan for `approved-plan`; of several jobs, a line each.' },
  waves: {
    field: 'waves',
    meaning:
      'Each job of a run in `waves` as a JSON list: wave, cluster, app, job, outcome, version, and what runs there. See docs/waves.md.',
  },
  spec: { field: 'spec', meaning: 'Path of the rendered job as JSON, without secrets.' },
  'sarif-file': {
    field: 'sarifFile',
    meaning: 'Path of the findings of `lint` in SARIF 2.1.0, for github/codeql-action/upload-sarif. See docs/lint.md.',
  },
  result: {
    field: 'result',
    meaning:
      'Path of a JSON file with all of this, every value with its source, the timings, the allocations and their events. See docs/reports.md#result-file.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

/** All outputs, for the reference. */
export const outputs: Readonly<Record<keyof typeof OUTPUTS, Entry>> = OUTPUTS;

/** The names of all outputs. */
export const outputNames = keysOf(OUTPUTS);

/** Returns the outputs that a part of the result gives; lists and maps are JSON. */
export function outputsOf(part: Result): Record<string, string> {
  return Object.fromEntries(
    Object.entries(OUTPUTS).flatMap(([name, { field }]) => {
      const value = part[field];
      return value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}
