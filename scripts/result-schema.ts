// The JSON Schema of the result file, and its table in docs/reports.md; `npm run docs` writes them. The tables are typed by the result itself: a field that
// is not here does not compile.

import type { Evidence } from '../src/diagnose/evidence.ts';
import type { Location } from '../src/errors.ts';
import { CHECKS, type LintReport } from '../src/jobspec/lint/lint.ts';
import { LINTS } from '../src/jobspec/lint/table.ts';
import type { Setting } from '../src/jobspec/types.ts';
import { outcomeNames } from '../src/report/outcomes.ts';
import { outputs } from '../src/report/outputs.ts';
import { FINDING_STATES, type FindingRecord, type PlaceRecord, type Promotion, type Result } from '../src/report/result.ts';
import { keysOf } from '../src/text/index.ts';
import { linked, table } from './reference.ts';

type Json = Readonly<Record<string, unknown>>;
type Item<List> = List extends readonly (infer One)[] ? One : never;
type Field = readonly [schema: Json, meaning: string];
type Fields<Of> = Readonly<Record<keyof Of, Field>>;

const TEXT: Json = { type: 'string' };
const COUNT: Json = { type: 'integer', minimum: 0 };
const BOOLEAN: Json = { type: 'boolean' };
const TIME: Json = { type: 'string', format: 'date-time' };
const MS: Json = { type: 'number', minimum: 0 };
const list = (items: Json): Json => ({ type: 'array', items });
const texts = list(TEXT);
const mapOf = (values: Json): Json => ({ type: 'object', additionalProperties: values });
const choice = (...values: readonly string[]): Json => ({ type: 'string', enum: values });

function object<Of>(fields: Fields<Of>, ...optional: readonly (keyof Of)[]): Json {
  const names = Object.keys(fields);
  const entries = Object.entries<Field>(fields).map(([name, [schema, description]]) => [name, { description, ...schema }]);
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    required: names.filter((name) => !optional.some((one) => one === name)),
    additionalProperties: false,
  };
}

const LOCATION: Fields<Location> = {
  file: [TEXT, 'From the root of the repository.'],
  line: [COUNT, 'From 1.'],
  column: [COUNT, 'From 1.'],
};

const SETTING: Fields<Setting> = {
  name: [TEXT, 'An input, or `var.NAME`, `secret.NAME`.'],
  value: [TEXT, 'The value in readable form; `***` for a secret.'],
  source: [TEXT, '`input`, an environment variable, a line of the configuration file, `default`.'],
};

const STAGE: Fields<Item<Required<Result>['stages']>> = {
  name: [TEXT, '`check`, `image`, `plan`, `register`, `watch`, `verify`, `diagnose`, `rollback` and the like.'],
  startedAt: [TIME, "By the runner's clock."],
  ms: [MS, 'Duration in milliseconds.'],
};

const ALLOCATION: Fields<Item<Required<Result>['allocations']>> = {
  id: [TEXT, 'Id of the allocation.'],
  name: [TEXT, '`job.group[index]`.'],
  group: [TEXT, 'Its task group.'],
  node: [TEXT, 'Name of the node.'],
  status: [TEXT, "Nomad's client status: `pending`, `running`, `complete`, `failed`, `lost`, `unknown`."],
  healthy: [
    { type: ['boolean', 'null'] },
    "Nomad's decision; false for an allocation that failed or was lost since; null without a decision.",
  ],
  canary: [BOOLEAN, 'Whether it was placed as a canary.'],
  tasks: [texts, 'Names of its tasks.'],
  restarts: [COUNT, 'Sum over its tasks.'],
  createdAt: [TIME, "Time of its placement, by the cluster's clock."],
  startedAt: [TIME, 'First start of a task.'],
  pulledMs: [MS, 'Longest pull of an image by one of its tasks, in milliseconds; missing where the node had the images.'],
  judgedAt: [TIME, 'Time of the decision about its health.'],
  endedAt: [TIME, 'End of the last task, when no task is running.'],
};

const BUILD: Fields<Required<Required<Result>['builtBy']>> = {
  run: [TEXT, 'Address of the run.'],
  revision: [TEXT, 'The commit.'],
};

const PROMOTION: Fields<Required<Promotion>> = {
  environment: [TEXT, 'The other environment.'],
  jobId: [TEXT, 'Id of the job that ran the image.'],
  jobVersion: [COUNT, 'Version of that job.'],
  healthy: [BOOLEAN, 'Whether the deployment of that version was successful.'],
  run: [TEXT, 'Address of the run that deployed that version, or `terminal` and an id; missing when unknown.'],
  attestation: [TEXT, 'Address of the signed attestation of the image; missing when that version has no link to one.'],
};

const PORT: Fields<Item<Required<Result>['ports']>> = {
  allocation: [TEXT, '`job.group[index]` and the first characters of its id.'],
  label: [TEXT, 'Label of the port.'],
  address: [TEXT, 'Host and port.'],
};

const VERSION: Fields<Item<Required<Result>['versions']>> = {
  version: [COUNT, 'Number of the version.'],
  registeredAt: [TEXT, 'Time of its registration; empty when unknown.'],
  commit: [TEXT, 'The commit.'],
  changed: [BOOLEAN, 'Whether the files of the deploy were not all those of the commit.'],
  actor: [TEXT, 'The person.'],
  run: [TEXT, 'Address of the workflow run, or `terminal` and an id for a deploy from a terminal.'],
  outcome: [TEXT, "End of its deployment, in Nomad's words."],
  reason: [TEXT, 'The reason that `resubmit` was given.'],
  tag: [TEXT, "Nomad's tag of the version."],
  image: [TEXT, 'The images of its main tasks.'],
  running: [COUNT, 'Number of its allocations that run now.'],
};

const FINDING: Fields<Required<FindingRecord>> = {
  check: [TEXT, 'Name of the check, see docs/doctor.md.'],
  state: [choice(...FINDING_STATES), 'Its result; `broken` would break a deploy.'],
  text: [TEXT, 'The result in one sentence.'],
  fix: [TEXT, 'The action to take.'],
  job: [TEXT, 'The job, where the run has several.'],
  cluster: [TEXT, 'The cluster of the configuration file, where the run has several.'],
};

const REVERTED: Fields<Required<Result>['revertedTo']> = {
  version: [COUNT, 'Number of the older version.'],
  tag: [TEXT, "Nomad's tag of that version; empty without one."],
  commit: [TEXT, 'Its commit; empty when unknown.'],
  secrets: [texts, 'Names of the secrets that it reads, with the values that they had.'],
};

const PLACE: Fields<Required<PlaceRecord>> = {
  wave: [COUNT, 'The wave, from 1.'],
  cluster: [TEXT, 'The cluster of the configuration file.'],
  app: [TEXT, 'The app of the configuration file.'],
  jobId: [TEXT, 'Id of the job.'],
  namespace: [TEXT, 'Its namespace.'],
  region: [TEXT, 'Its region.'],
  nomadAddr: [TEXT, 'Address of Nomad.'],
  outcome: [choice(...outcomeNames), 'End of the job in this run.'],
  jobVersion: [COUNT, 'Its newest version of this run.'],
  running: [TEXT, 'What runs there after a failure.'],
};

const EVENT: Fields<Item<Evidence['events']>> = {
  timeMs: [{ type: 'number' }, 'Milliseconds since the epoch.'],
  task: [TEXT, 'Name of the task.'],
  type: [TEXT, "Nomad's name of the event."],
  message: [TEXT, 'Text of the event.'],
};

const CHECK: Fields<Item<Evidence['checks']>> = {
  name: [TEXT, 'Name of the check.'],
  service: [TEXT, 'Its service.'],
  status: [TEXT, '`success`, `failure` or `pending`.'],
  output: [TEXT, 'Output of the check.'],
};

const LOG: Fields<Item<Evidence['logs']>> = {
  task: [TEXT, 'Name of the task.'],
  stream: [choice('stderr', 'stdout'), 'Output stream of the task.'],
  lines: [texts, 'The last lines.'],
};

const EVIDENCE: Fields<Required<Evidence>> = {
  allocationId: [TEXT, 'Id of the allocation.'],
  name: [TEXT, '`job.group[index]`.'],
  node: [TEXT, 'Name of the node.'],
  status: [TEXT, "Nomad's client status."],
  events: [list(object(EVENT)), 'Events of its tasks.'],
  checks: [list(object(CHECK)), 'The latest results of its checks.'],
  logs: [list(object(LOG)), 'Last log output of its tasks.'],
  logsUnread: [
    choice('denied', 'gone', 'unread'),
    'Reason for missing log output: the token may not read it, the node is down or has removed the allocation, or the log was not read.',
  ],
};

const LINT_FINDING: Fields<Required<LintReport['findings'][number]>> = {
  rule: [choice(...keysOf(CHECKS), ...keysOf(LINTS)), 'The lint, or `input`, `spec` or `policy` for a mistake that a deploy refuses.'],
  level: [choice('error', 'warning'), 'An error fails the run.'],
  text: [TEXT, 'The finding.'],
  fix: [TEXT, 'The action against it.'],
  location: [object(LOCATION, 'line', 'column'), "Its place in the repository's files."],
};

const UNCHECKED: Fields<Required<LintReport['unchecked'][number]>> = {
  what: [TEXT, 'The part of the spec.'],
  rules: [texts, 'The checks that need its value.'],
  location: [object(LOCATION, 'line', 'column'), "Its place in the repository's files."],
};

const LINT: Fields<LintReport> = {
  findings: [list(object(LINT_FINDING, 'fix', 'location')), 'Errors and warnings.'],
  unchecked: [list(object(UNCHECKED, 'location')), 'Parts that Nomad alone evaluates.'],
  ignored: [COUNT, 'Number of findings that comments switch off.'],
};

/** A field that is also an output has its meaning from there. */
type Own = readonly [schema: Json, meaning?: string];

const RESULT: Readonly<Record<keyof Result, Own>> = {
  outcome: [choice(...outcomeNames)],
  failureReason: [TEXT],
  cause: [TEXT],
  hint: [TEXT, 'More about the cause, and the action to take.'],
  location: [object(LOCATION, 'line', 'column'), "Place of the cause in the repository's files."],
  output: [texts, 'The last lines of a program that failed: a build, a test, a scan.'],
  running: [TEXT, 'The running version after a failure.'],
  command: [TEXT, 'The input `command`.'],
  repository: [TEXT, '`owner/name`.'],
  ref: [TEXT, 'The branch or tag; of a pull request its branch.'],
  sha: [TEXT, 'The commit.'],
  runUrl: [TEXT, 'The workflow run.'],
  environment: [TEXT],
  app: [TEXT, 'The app of the configuration file.'],
  cluster: [TEXT, 'The cluster of the configuration file.'],
  wave: [COUNT, 'The wave, from 1.'],
  jobId: [TEXT],
  jobVersion: [COUNT],
  previousVersion: [COUNT],
  tag: [TEXT, "Nomad's tag of the version, see docs/releases.md."],
  revertedTo: [object(REVERTED), 'The older version that `revert` registered again.'],
  namespace: [TEXT],
  region: [TEXT],
  nomadAddr: [TEXT],
  nomadUrl: [TEXT],
  dispatchedJobId: [TEXT],
  evaluationId: [TEXT],
  deploymentId: [TEXT],
  url: [TEXT],
  urls: [texts],
  image: [TEXT],
  imageName: [TEXT, 'The name of `image`, without tag and digest. Missing for an image of the local engine.'],
  imageDigest: [TEXT, 'The digest of `image`.'],
  imageBuilt: [BOOLEAN, 'Whether this run built `image`: only the run that built an image can attest it.'],
  attestation: [TEXT, 'Address of the signed attestation of `image`, which the job links to.'],
  attested: [mapOf(texts), 'The attestations that each image has of its build, by its name: `provenance`, `sbom`.'],
  images: [mapOf(TEXT)],
  imageSizes: [
    mapOf(mapOf(COUNT)),
    'Bytes of the compressed layers of each image, by its name and by platform (`linux/amd64`): a node without any of the layers pulls so much. Mostly missing where nothing changed.',
  ],
  unusedImages: [
    mapOf(TEXT),
    'Built or found images that are not deployed, by name: a registered job runs an image with the same layers and settings, which is in `images`.',
  ],
  builtBy: [object(BUILD, 'run', 'revision'), 'The run that built the image, when it was another run.'],
  promotedFrom: [object(PROMOTION, 'run', 'attestation'), 'The earlier deploy of the image in another environment.'],
  changed: [choice('none', 'in-place', 'destructive', 'create')],
  planFingerprint: [TEXT],
  planLines: [texts, 'Changes of the plan, by names only.'],
  forecast: [texts, 'The place that the groups find on the nodes, in sentences, then the limits of the forecast.'],
  planDiff: [texts, 'Changes of the plan with the values that may be shown, as lines of a `diff` block.'],
  warnings: [texts, "Nomad's warnings about the job, and ours."],
  rehearsal: [texts, 'Differences between the throw-away agent of `rehearse` and the real cluster.'],
  allocations: [
    list(object(ALLOCATION, 'createdAt', 'startedAt', 'pulledMs', 'judgedAt', 'endedAt')),
    'Allocations of the version of this run.',
  ],
  evidence: [list(object(EVIDENCE, 'logsUnread')), 'Events, checks and log output of unhealthy allocations.'],
  stages: [list(object(STAGE)), 'Stages of the run, in order.'],
  timings: [mapOf(MS), 'Milliseconds by stage; repeated stages are added up.'],
  settings: [list(object(SETTING)), 'Values behind the job, with their sources.'],
  ports: [list(object(PORT)), 'Ports of the running allocations, of the command `urls`.'],
  versions: [list(object(VERSION)), 'Versions that Nomad keeps, the newest first, of the command `history`.'],
  findings: [list(object(FINDING, 'fix', 'job', 'cluster')), 'The checks of the command `doctor`, in their order.'],
  waves: [list(object(PLACE, 'wave', 'cluster', 'app', 'namespace', 'region', 'nomadAddr', 'jobVersion', 'running'))],
  jobs: [list({ $ref: '#' }), 'One result for each of several jobs. The other fields are those of the first job.'],
  lint: [object(LINT), 'The findings of the command `lint`.'],
  sarifFile: [TEXT],
  spec: [TEXT],
  result: [TEXT],
};

function meanings(): (readonly [name: string, schema: Json, meaning: string])[] {
  const ofOutputs = new Map(Object.values(outputs).map(({ field, meaning }) => [String(field), meaning]));
  return Object.entries<Own>(RESULT).map(([name, [schema, meaning]]) => [name, schema, meaning ?? ofOutputs.get(name) ?? '']);
}

/** Returns the JSON Schema, which refuses other fields. */
export function resultSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Result of a run of nomad-deploy',
    description: 'The content of the file in the output `result`, and of `result` in a web hook. Unknown fields are missing.',
    type: 'object',
    properties: Object.fromEntries(meanings().map(([name, schema, description]) => [name, { description, ...schema }])),
    required: ['outcome'],
    additionalProperties: false,
  };
}

/** Returns the fields of a result as a table in Markdown. */
export function resultTable(): string {
  return table(
    ['field', 'type', 'meaning'],
    meanings().map(([name, { type }, meaning]) => [`\`${name}\``, String(type), linked(meaning, 'docs/')]),
  );
}
