import { type HclValue, hclLiteral } from './hcl.ts';

/** A variable of the built-in template: set by `NOMAD_VAR_<name>` or the input `vars`. */
export interface Variable {
  readonly name: string;
  readonly type: 'string' | 'number' | 'bool' | 'list(string)' | 'map(string)';
  readonly default: HclValue;
  /** One or two sentences of Markdown, for docs/variables.md. */
  readonly meaning: string;
  /** The values that are possible, where there are few. */
  readonly oneOf?: readonly string[];
}

/**
 * All variables of the built-in template. This table declares them to the cluster, reads them and documents them. Names and defaults up to `IS_BATCH`
 * are those that users of internetarchive/nomad know.
 */
export const VARIABLES: readonly Variable[] = [
  { name: 'MEMORY', type: 'number', default: 300, meaning: 'Memory in MB that is reserved.' },
  {
    name: 'MEMORY_FACTOR',
    type: 'number',
    default: 10,
    meaning: 'The task may use this many times `MEMORY`, where the scheduler allows oversubscription.',
  },
  { name: 'CPU', type: 'number', default: 100, meaning: 'CPU in MHz that is reserved.' },
  { name: 'COUNT', type: 'number', default: 1, meaning: 'Number of allocations; 3 in production. Also how many are replaced at a time.' },
  {
    name: 'COUNT_CANARIES',
    type: 'number',
    default: 1,
    meaning: 'New allocations that have to be healthy before the old ones are replaced; 0 replaces in place.',
  },
  {
    name: 'CHECK_PROTOCOL',
    type: 'string',
    default: 'http',
    oneOf: ['http', 'tcp', 'grpc', 'none'],
    meaning: 'How the main port is checked: `http`, `tcp`, `grpc`, or `none` (then a running task is a healthy one).',
  },
  { name: 'CHECK_PATH', type: 'string', default: '/', meaning: 'Path of the HTTP check.' },
  { name: 'CHECK_TIMEOUT', type: 'string', default: '2s', meaning: 'How long a check may take.' },
  {
    name: 'HEALTH_TIMEOUT',
    type: 'string',
    default: '20s',
    meaning: 'How long after its start a failing check does not restart the task.',
  },
  { name: 'NETWORK_MODE', type: 'string', default: 'bridge', meaning: "Network mode of the container, as Docker's `--network`." },
  {
    name: 'FORCE_PULL',
    type: 'bool',
    default: false,
    meaning: 'Pull the image at each start. Rarely of use: the image is named by its digest.',
  },
  {
    name: 'PORTS',
    type: 'map(string)',
    default: { '5000': 'http' },
    meaning:
      'Ports of the container, number = name. One is named `http`. `-1`: the same number inside and outside. Below: TCP only, without a hostname.',
  },
  {
    name: 'MULTI_CONTAINER',
    type: 'bool',
    default: false,
    meaning: 'The extra ports belong to tasks of the same names, which `group.nomad` brings.',
  },
  { name: 'VOLUMES', type: 'list(string)', default: [], meaning: 'Volumes of the container, `<host path>:<container path>[:ro]`.' },
  {
    name: 'PERSISTENT_VOLUME',
    type: 'string',
    default: '',
    meaning: 'A path in the container where the host folder `/pv/<owner>-<repository>` is mounted.',
  },
  {
    name: 'HOSTNAMES',
    type: 'list(string)',
    default: [],
    meaning: 'Hostnames of the main branch, staging and production; a name without a dot is made below the domain.',
  },
  { name: 'IS_BATCH', type: 'bool', default: false, meaning: 'No `update` and `migrate` blocks; `job.nomad` says `type = "batch"`.' },
  { name: 'DEPLOY_WITH_PODMAN', type: 'bool', default: false, meaning: 'Run the containers with Podman instead of Docker.' },
  {
    name: 'SERVICE_PROVIDER',
    type: 'string',
    default: 'consul',
    oneOf: ['consul', 'nomad'],
    meaning: 'Where services are registered: `consul` or `nomad`.',
  },
  { name: 'DATACENTERS', type: 'list(string)', default: ['dc1'], meaning: 'Datacenters that the job may run in; `*` is a wildcard.' },
  { name: 'NODE_POOL', type: 'string', default: 'default', meaning: 'Node pool that the job runs in.' },
  { name: 'PRIORITY', type: 'number', default: 50, meaning: 'Priority of the job, 1 to 100.' },
  { name: 'MIN_HEALTHY_TIME', type: 'string', default: '30s', meaning: 'How long an allocation must be healthy to count as such.' },
  { name: 'HEALTHY_DEADLINE', type: 'string', default: '10m', meaning: 'How long an allocation may take to become healthy.' },
  {
    name: 'PROGRESS_DEADLINE',
    type: 'string',
    default: '11m',
    meaning: 'How long a deployment may go without another healthy allocation.',
  },
  {
    name: 'RESTART_ATTEMPTS',
    type: 'number',
    default: 3,
    meaning: 'Restarts in place within 30 minutes, before the allocation counts as failed.',
  },
  { name: 'KILL_TIMEOUT', type: 'string', default: '5s', meaning: 'How long a task may take to end after it was asked to.' },
];

/** Values that CI systems give, declared as text so that fragments of the repository can use them; blank where they are not known. */
export const CI_VARIABLES = [
  'CI_APPLICATION_REPOSITORY',
  'CI_APPLICATION_TAG',
  'CI_BUILDS_DIR',
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_REF_NAME',
  'CI_COMMIT_REF_SLUG',
  'CI_COMMIT_SHA',
  'CI_COMMIT_SHORT_SHA',
  'CI_COMMIT_TAG',
  'CI_CONCURRENT_ID',
  'CI_DEFAULT_BRANCH',
  'CI_GITHUB_IMAGE',
  'CI_HOSTNAME',
  'CI_PIPELINE_SOURCE',
  'CI_PROJECT_DIR',
  'CI_PROJECT_NAME',
  'CI_PROJECT_PATH_SLUG',
  'CI_REGISTRY',
  'CI_REGISTRY_IMAGE',
  'CI_REGISTRY_TAG',
  'CI_REGISTRY_PASSWORD',
  'CI_REGISTRY_READ_TOKEN',
  'CI_REGISTRY_USER',
] as const;

/** The declarations that the built-in template begins with. */
export function declarations(): string {
  const block = (name: string, type: string, initial: HclValue): string =>
    `variable "${name}" {\n  type    = ${type}\n  default = ${hclLiteral(initial)}\n}\n`;
  return [
    ...VARIABLES.map((variable) => block(variable.name, variable.type, variable.default)),
    ...['SLUG', 'SECRETS_TEMPLATE', ...CI_VARIABLES].map((name) => block(name, 'string', '')),
  ].join('');
}
