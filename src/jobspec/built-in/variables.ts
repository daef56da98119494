import { CI_VARIABLES } from '../../inputs/index.ts';
import { type HclValue, hclLiteral, parseDuration } from '../../text/index.ts';

/** A variable of the built-in template: set by `NOMAD_VAR_<name>` or the input `vars`. */
export interface TemplateVariable {
  readonly name: string;
  /** The types of HCL. A duration is a string there. */
  readonly type: 'string' | 'duration' | 'number' | 'bool' | 'list(string)' | 'map(string)';
  readonly default: HclValue;
  /** One or two sentences of Markdown, for docs/variables.md. */
  readonly meaning: string;
  /** The possible values, if there are few. */
  readonly oneOf?: readonly string[];
  /** The smallest possible number (default 0) and the largest. Only whole numbers, unless `fractions`. */
  readonly range?: { readonly min: number; readonly max?: number; readonly fractions?: true };
}

/**
 * All variables of the built-in template. This table declares them to the cluster, validates them and documents them. Names and defaults up
 * to `IS_BATCH` are those of internetarchive/nomad.
 */
export const VARIABLES: readonly TemplateVariable[] = [
  { name: 'MEMORY', type: 'number', default: 300, range: { min: 1 }, meaning: 'Memory in MB that is reserved.' },
  {
    name: 'MEMORY_FACTOR',
    type: 'number',
    default: 10,
    range: { min: 1, fractions: true },
    meaning: 'The task may use this many times `MEMORY`, as long as there is room: [memory](templates.md#memory).',
  },
  { name: 'CPU', type: 'number', default: 100, range: { min: 1 }, meaning: 'CPU in MHz that is reserved.' },
  { name: 'COUNT', type: 'number', default: 1, meaning: 'Number of allocations; 3 in production. Also how many are replaced at a time.' },
  {
    name: 'COUNT_CANARIES',
    type: 'number',
    default: 1,
    meaning:
      'New allocations that have to be healthy before the old ones are replaced; 0 replaces in place. Not beside [`blue-green`](templates.md#blue-green).',
  },
  {
    name: 'CHECK_PROTOCOL',
    type: 'string',
    default: 'http',
    oneOf: ['http', 'tcp', 'grpc', 'none'],
    meaning: 'Check of the main port: `http`, `tcp`, `grpc`, or `none` (a running task then counts as healthy).',
  },
  { name: 'CHECK_PATH', type: 'string', default: '/', meaning: 'Path of the HTTP check.' },
  { name: 'CHECK_TIMEOUT', type: 'duration', default: '2s', meaning: 'Time limit of a check.' },
  {
    name: 'HEALTH_TIMEOUT',
    type: 'duration',
    default: '20s',
    meaning: 'Time after the start in which a failing check does not restart the task.',
  },
  { name: 'NETWORK_MODE', type: 'string', default: 'bridge', meaning: "Network mode of the container, as Docker's `--network`." },
  {
    name: 'FORCE_PULL',
    type: 'bool',
    default: false,
    meaning:
      'Pull the image at each start, and deploy each new digest, even if only the labels of the image differ. Rarely useful, because the job names the image by digest.',
  },
  {
    name: 'PORTS',
    type: 'map(string)',
    default: { '5000': 'http' },
    meaning:
      'Ports of the container, number = name. One is named `http`. `-1`: the same number inside and outside. Below -1: TCP only, without a hostname.',
  },
  {
    name: 'MULTI_CONTAINER',
    type: 'bool',
    default: false,
    meaning: 'The extra ports belong to tasks of the same names, which `group.nomad` defines.',
  },
  {
    name: 'PORT_CHECKS',
    type: 'map(string)',
    default: {},
    meaning:
      'Checks of extra ports, name = check: `/path` (HTTP), `tcp`, `grpc` or `none`. A failing check restarts its task, like that of the main port. Without a check here: TCP, without restarts.',
  },
  {
    name: 'PORT_CANARY_TAGS',
    type: 'bool',
    default: false,
    meaning: 'Extra ports of canaries have their own addresses (`canary-…`) instead of those of the current version.',
  },
  { name: 'VOLUMES', type: 'list(string)', default: [], meaning: 'Volumes of the container, `<host path>:<container path>[:ro]`.' },
  {
    name: 'PERSISTENT_VOLUME',
    type: 'string',
    default: '',
    meaning: 'A path in the container where the host folder `/pv/<owner>-<repository>` is mounted.',
  },
  {
    name: 'PERSISTENT_VOLUME_PER_ENVIRONMENT',
    type: 'bool',
    default: false,
    meaning:
      'The folder is `/pv/<owner>-<repository>.<environment>`, and `….review/<job>` for a review app. Otherwise all environments share one folder.',
  },
  {
    name: 'HOST_VOLUMES',
    type: 'list(string)',
    default: [],
    meaning: "Nomad's host volumes, `<name>:<container path>[:ro]`.",
  },
  {
    name: 'CSI_VOLUMES',
    type: 'list(string)',
    default: [],
    meaning: 'CSI volumes, `<name>:<container path>[:ro]`, for one node at a time; with `:multi-node` or `:ro,multi-node` for several.',
  },
  {
    name: 'HOSTNAMES',
    type: 'list(string)',
    default: [],
    meaning: 'Hostnames of the main branch, staging and production; a name without a dot is put below the domain.',
  },
  { name: 'IS_BATCH', type: 'bool', default: false, meaning: 'No `update` and `migrate` blocks; `job.nomad` sets `type = "batch"`.' },
  { name: 'DEPLOY_WITH_PODMAN', type: 'bool', default: false, meaning: 'Run the containers with Podman instead of Docker.' },
  {
    name: 'SERVICE_PROVIDER',
    type: 'string',
    default: 'consul',
    oneOf: ['consul', 'nomad'],
    meaning: 'Registry of the services: `consul` or `nomad`.',
  },
  {
    name: 'REGION',
    type: 'string',
    default: '',
    meaning: "Region of the job. A region other than `nomad-region` is refused. Blank: `nomad-region`, else the agent's own.",
  },
  { name: 'DATACENTERS', type: 'list(string)', default: ['dc1'], meaning: 'Datacenters that the job may run in; `*` is a wildcard.' },
  { name: 'NODE_POOL', type: 'string', default: 'default', meaning: 'Node pool that the job runs in.' },
  {
    name: 'CONSTRAINTS',
    type: 'list(string)',
    default: [],
    meaning: 'Conditions for a node, such as `meta.kind = tcp-vm` or `distinct_hosts`: [constraints](templates.md#constraints).',
  },
  { name: 'PRIORITY', type: 'number', default: 50, range: { min: 1, max: 100 }, meaning: 'Priority of the job, 1 to 100.' },
  {
    name: 'MIN_HEALTHY_TIME',
    type: 'duration',
    default: '30s',
    meaning: 'Time that an allocation must pass its checks to count as healthy.',
  },
  { name: 'HEALTHY_DEADLINE', type: 'duration', default: '10m', meaning: 'Time within which an allocation must become healthy.' },
  {
    name: 'PROGRESS_DEADLINE',
    type: 'duration',
    default: '11m',
    meaning: 'Time within which another allocation must become healthy, or the deployment fails.',
  },
  {
    name: 'RESTART_ATTEMPTS',
    type: 'number',
    default: 3,
    meaning: 'Restarts in place within 30 minutes, before the allocation counts as failed.',
  },
  { name: 'KILL_TIMEOUT', type: 'duration', default: '5s', meaning: 'Time between the signal to stop and the kill of a task.' },
  {
    name: 'SHUTDOWN_DELAY',
    type: 'duration',
    default: '5s',
    meaning:
      'Time between the removal of the services from the registry and the signal to stop, in which the router learns of it: [stopping](templates.md#stopping).',
  },
];

/** Returns the declarations at the beginning of the built-in template. */
export function declarations(): string {
  const block = (name: string, type: string, initial: HclValue): string =>
    `variable "${name}" {\n  type    = ${type}\n  default = ${hclLiteral(initial)}\n}\n`;
  return [
    ...VARIABLES.map(({ name, type, default: initial }) => block(name, type === 'duration' ? 'string' : type, initial)),
    ...['SLUG', 'SECRETS_TEMPLATE', 'SECRETS_RELEASE', ...CI_VARIABLES].map((name) => block(name, 'string', '')),
  ].join('');
}

/** Values of variables, by name. */
export type Values = Readonly<Record<string, HclValue>>;

/** Returns the message for an invalid value of a variable; `source` gave the value. */
export function problemWith(name: string, what: string, source = `NOMAD_VAR_${name}`): string {
  return `variable ${name} (${source}): ${what}`;
}

/** Returns the problems of the values by variable, as the table defines them. Missing values are valid. */
export function valueProblems(values: Values): Map<string, string> {
  const found = VARIABLES.flatMap((variable) => {
    const value = values[variable.name];
    const what = value === undefined ? undefined : objection(variable, value);
    return what === undefined ? [] : [[variable.name, problemWith(variable.name, `${JSON.stringify(value)} ${what}`)] as const];
  });
  return new Map(found);
}

function objection({ type, oneOf, range: { min, max, fractions } = { min: 0 } }: TemplateVariable, value: HclValue): string | undefined {
  if (oneOf !== undefined) return typeof value === 'string' && oneOf.includes(value) ? undefined : `is not one of ${oneOf.join(', ')}`;
  switch (type) {
    case 'number':
      if (typeof value === 'number' && (fractions === true || Number.isInteger(value)) && value >= min && value <= (max ?? Infinity))
        return undefined;
      return `is not a${fractions === true ? '' : ' whole'} number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`;
    case 'duration':
      return typeof value === 'string' && (parseDuration(value) ?? -1) >= 0 ? undefined : 'is not a duration, such as 30s or 1m30s';
    case 'list(string)':
      return Array.isArray(value) && value.every(isScalar) ? undefined : 'is not a list of texts, such as ["a", "b"]';
    case 'map(string)':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar)
        ? undefined
        : 'is not a map of texts, such as { a = "b" }';
    case 'string':
    case 'bool':
      return undefined;
  }
}

/** Returns whether the cluster converts a value to text. */
function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Converts lists of texts with one item a line to JSON. */
export function linesAsLists(given: Readonly<Record<string, string>>): Record<string, string> {
  const lists = VARIABLES.filter(({ type }) => type === 'list(string)').map(({ name }) => name);
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      if (!lists.includes(name) || /^\s*\[/.test(text)) return [name, text];
      const items = text.split('\n').map((line) => line.trim());
      return [name, JSON.stringify(items.filter((line) => line !== ''))];
    }),
  );
}
