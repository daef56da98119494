// The JSON Schema of the result file, and its table in docs/reports.md; `npm run docs` writes them. The tables are typed by the result itself: a field that
// is not here does not compile.

import type { Evidence } from '../src/diagnose/evidence.ts';
import type { Location } from '../src/errors.ts';
import type { Setting } from '../src/jobspec/types.ts';
import { outcomeNames } from '../src/report/outcomes.ts';
import { outputs } from '../src/report/outputs.ts';
import type { Promotion, Result } from '../src/report/result.ts';
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
  value: [TEXT, 'As people read it; `***` for what is secret.'],
  source: [TEXT, '`input`, an environment variable, a line of the configuration file, `default`.'],
};

const STAGE: Fields<Item<Required<Result>['stages']>> = {
  name: [TEXT, '`check`, `image`, `plan`, `register`, `watch`, `verify`, `diagnose`, `rollback` and the like.'],
  startedAt: [TIME, "By the runner's clock."],
  ms: [MS, 'How long it took, in milliseconds.'],
};

const ALLOCATION: Fields<Item<Required<Result>['allocations']>> = {
  id: [TEXT, 'Id of the allocation.'],
  name: [TEXT, '`job.group[index]`.'],
  group: [TEXT, 'Its task group.'],
  node: [TEXT, 'Name of the node.'],
  status: [TEXT, "Nomad's client status: `pending`, `running`, `complete`, `failed`, `lost`, `unknown`."],
  healthy: [
    { type: ['boolean', 'null'] },
    'What the deployment decided, and false for one that has failed or was lost since; null where it has not, or there is none.',
  ],
  canary: [BOOLEAN, 'Whether it was placed as a canary.'],
  tasks: [texts, 'Names of its tasks.'],
  restarts: [COUNT, 'Of all its tasks together.'],
  createdAt: [TIME, "When it was placed, by the cluster's clock."],
  startedAt: [TIME, 'When the first of its tasks started.'],
  judgedAt: [TIME, 'When its health was decided.'],
  endedAt: [TIME, 'When the last of its tasks ended, if none runs.'],
};

const BUILD: Fields<Required<Required<Result>['builtBy']>> = {
  run: [TEXT, 'Address of the run.'],
  revision: [TEXT, 'The commit.'],
};

const PROMOTION: Fields<Required<Promotion>> = {
  environment: [TEXT, 'Where it ran.'],
  jobId: [TEXT, 'Id of the job that ran it.'],
  jobVersion: [COUNT, 'The version of it.'],
  healthy: [BOOLEAN, 'Whether its deployment there was successful.'],
  run: [TEXT, 'Address of the run that deployed it there; left out where nobody knows.'],
};

const EVENT: Fields<Item<Evidence['events']>> = {
  timeMs: [{ type: 'number' }, 'Milliseconds since the epoch.'],
  task: [TEXT, 'Name of the task.'],
  type: [TEXT, "Nomad's name of the event."],
  message: [TEXT, 'Its words.'],
};

const CHECK: Fields<Item<Evidence['checks']>> = {
  name: [TEXT, 'Name of the check.'],
  service: [TEXT, 'Its service.'],
  status: [TEXT, '`success`, `failure` or `pending`.'],
  output: [TEXT, 'What it says.'],
};

const LOG: Fields<Item<Evidence['logs']>> = {
  task: [TEXT, 'Name of the task.'],
  stream: [choice('stderr', 'stdout'), 'Which of its streams.'],
  lines: [texts, 'The last lines.'],
};

const EVIDENCE: Fields<Required<Evidence>> = {
  allocationId: [TEXT, 'Id of the allocation.'],
  name: [TEXT, '`job.group[index]`.'],
  node: [TEXT, 'Name of the node.'],
  status: [TEXT, "Nomad's client status."],
  events: [list(object(EVENT)), 'What happened to its tasks.'],
  checks: [list(object(CHECK)), 'The latest results of its checks.'],
  logs: [list(object(LOG)), 'What its tasks said last.'],
  logsUnread: [
    choice('denied', 'gone', 'unread'),
    'Why there are no logs: the token may not read them, the node is down or has removed the allocation, or they were not read.',
  ],
};

/** A field that is an output, too, has its meaning from there. */
type Own = readonly [schema: Json, meaning?: string];

const RESULT: Readonly<Record<keyof Result, Own>> = {
  outcome: [choice(...outcomeNames)],
  failureReason: [TEXT],
  cause: [TEXT],
  hint: [TEXT, 'What else there is to know about the cause, and what to do.'],
  location: [object(LOCATION, 'line', 'column'), "Where in the repository's files the cause is."],
  output: [texts, 'The last lines of a program that failed: a build, a test, a scan.'],
  running: [TEXT, 'After a failure: what runs now.'],
  command: [TEXT, 'The input `command`.'],
  repository: [TEXT, '`owner/name`.'],
  ref: [TEXT, 'The branch or tag; of a pull request its branch.'],
  sha: [TEXT, 'The commit.'],
  runUrl: [TEXT, 'The workflow run.'],
  environment: [TEXT],
  app: [TEXT, 'The app of the configuration file.'],
  jobId: [TEXT],
  jobVersion: [COUNT],
  previousVersion: [COUNT],
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
  images: [mapOf(TEXT)],
  unusedImages: [
    mapOf(TEXT),
    'The images that were built or found and are not deployed, by name: a registered job runs one with the same layers and settings, which is in `images`.',
  ],
  builtBy: [object(BUILD, 'run', 'revision'), 'The run that built the image, where this one did not.'],
  promotedFrom: [object(PROMOTION, 'run'), 'Where the image ran before it was deployed here.'],
  changed: [choice('none', 'in-place', 'destructive', 'create')],
  planFingerprint: [TEXT],
  planLines: [texts, 'What the plan changes, by names only.'],
  planDiff: [texts, 'The same with the values that may be shown, as lines of a `diff` block.'],
  warnings: [texts, "Nomad's warnings about the job, and ours."],
  allocations: [
    list(object(ALLOCATION, 'createdAt', 'startedAt', 'judgedAt', 'endedAt')),
    'The allocations of the version that the run is about.',
  ],
  evidence: [list(object(EVIDENCE, 'logsUnread')), 'What allocations told that were not well.'],
  stages: [list(object(STAGE)), 'What was done, in order.'],
  timings: [mapOf(MS), 'Milliseconds by name of the stage, each time that it was done together.'],
  settings: [list(object(SETTING)), 'Every value that decided about the job, and what gave it.'],
  jobs: [list({ $ref: '#' }), 'Each job, if there are several: a result like this. The fields beside it are those of the first.'],
  spec: [TEXT],
  result: [TEXT],
};

function meanings(): (readonly [name: string, schema: Json, meaning: string])[] {
  const ofOutputs = new Map(Object.values(outputs).map(({ field, meaning }) => [String(field), meaning]));
  return Object.entries<Own>(RESULT).map(([name, [schema, meaning]]) => [name, schema, meaning ?? ofOutputs.get(name) ?? '']);
}

/** The JSON Schema. Fields that it does not know are refused. */
export function resultSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Result of a run of nomad-deploy',
    description: 'The file that the output `result` names, and the `result` of a web hook. A field that is not known is missing.',
    type: 'object',
    properties: Object.fromEntries(meanings().map(([name, schema, description]) => [name, { description, ...schema }])),
    required: ['outcome'],
    additionalProperties: false,
  };
}

/** The fields of a result as a table in Markdown. */
export function resultTable(): string {
  return table(
    ['field', 'type', 'meaning'],
    meanings().map(([name, { type }, meaning]) => [`\`${name}\``, String(type), linked(meaning, 'docs/')]),
  );
}
