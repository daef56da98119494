import type { InputName } from './inputs/index.ts';

/** How the value of a key is written in the configuration file; docs/configuration.md and the JSON Schema say it in their words. */
export type ValueType =
  | 'text'
  | 'boolean'
  | 'number'
  | 'boolean or text'
  | 'boolean or list'
  /** A list of texts, or one text with an item a line, as the input has it. */
  | 'list'
  /** A list of `NAME=value`, or a map. */
  | 'pairs'
  | 'map'
  /** HTTP checks, see the input `verify`. */
  | 'checks'
  /** A command line, or a list of a program and its arguments. */
  | 'command';

export interface Key {
  readonly type: ValueType;
  /** What it is about, and so where it may stand: that of a job also in an app, that of an image in an app and in an image. */
  readonly of: 'run' | 'job' | 'image';
}

/** Why an input is no key of the file. */
export interface NoKey {
  readonly instead: string;
}

const run = (type: ValueType): Key => ({ type, of: 'run' });
const job = (type: ValueType): Key => ({ type, of: 'job' });
const image = (type: ValueType): Key => ({ type, of: 'image' });
const no = (instead: string): NoKey => ({ instead });
const SECRET = 'no secret belongs in a file of the repository';

/** The inputs as keys of the configuration file. Each has the meaning of the input of that name. */
export const INPUT_KEYS: Readonly<Record<InputName, Key | NoKey>> = {
  command: no('the workflow says what is to be done, with the input `command`'),
  config: no('the workflow names the file, with the input `config`'),
  app: no('the workflow selects apps, with the input `app`; the file lists them as `apps`'),
  'working-directory': job('text'),
  'nomad-addr': run('text'),
  'nomad-token': no(`${SECRET}: set NOMAD_TOKEN, or \`token-env\` of an environment`),
  'nomad-auth-method': run('text'),
  'nomad-auth-audience': run('text'),
  'nomad-namespace': job('text'),
  'nomad-region': run('text'),
  'nomad-cacert': run('text'),
  'nomad-client-cert': run('text'),
  'nomad-client-key': run('text'),
  'nomad-tls-server-name': run('text'),
  'nomad-skip-verify': run('boolean'),
  'nomad-headers': run('map'),
  environment: no('`environments` says which branch is which; a workflow overrides it with the input `environment`'),
  'base-domain': job('text'),
  'job-name': job('text'),
  vars: job('map'),
  build: image('boolean or text'),
  image: image('text'),
  context: image('text'),
  file: image('text'),
  target: image('text'),
  'build-args': image('pairs'),
  'build-secrets': image('list'),
  platforms: image('list'),
  tags: image('list'),
  labels: image('pairs'),
  'cache-from': image('list'),
  'cache-to': image('list'),
  pull: image('boolean'),
  'no-cache': image('boolean'),
  provenance: image('boolean or text'),
  sbom: image('boolean or text'),
  builder: run('text'),
  push: run('boolean'),
  test: image('command'),
  'test-env': image('pairs'),
  scan: image('text'),
  registry: run('text'),
  'registry-username': run('text'),
  'registry-password': no(`${SECRET}: give it by the input`),
  job: job('list'),
  'var-files': job('list'),
  'allowed-drivers': job('list'),
  'allow-untrusted-events': no('a stranger could write it into the file; the workflow says it'),
  group: no('it is of a single run'),
  task: no('it is of a single run'),
  count: no('it is of a single run'),
  to: no('it is of a single run'),
  purge: no('it is of a single run'),
  ttl: run('text'),
  follow: no('it is of a single run'),
  'dry-run': no('it is of a single run'),
  meta: no('it is of a single run'),
  payload: no('it is of a single run'),
  'periodic-force': no('it is of a single run'),
  'registry-auth': no(`${SECRET}: give it by the input`),
  secrets: no(`${SECRET}: give them by the input, or as NOMAD_SECRET_<NAME>`),
  wait: job('boolean'),
  timeout: job('text'),
  'fail-fast': job('text'),
  promote: job('text'),
  verify: job('checks'),
  'on-failure': job('text'),
  'on-cancel': job('text'),
  'on-placement-failure': job('text'),
  'preserve-counts': job('boolean'),
  'log-lines': job('number'),
  summary: run('boolean'),
  'webhook-url': no(`${SECRET}: give it by the input`),
  'webhook-on': run('text'),
  'github-deployment': run('boolean or text'),
  comment: run('boolean or text'),
  'approved-plan': no('a plan is approved for one run: give the input `approved-plan`'),
  expect: no('the workflow says what a run is for, with the input `expect`'),
  'drift-issue': run('boolean'),
  'github-token': no(`${SECRET}: give it by the input`),
};

/** A key that is no input, and its meaning in one or two sentences of Markdown, for docs/configuration.md and the JSON Schema. */
interface OwnKey {
  readonly type: ValueType;
  readonly meaning: string;
}

/** What an app says besides its inputs. */
export const APP_KEYS = {
  'depends-on': { type: 'list', meaning: 'Apps that are deployed before it; it is left as it is when one of them fails.' },
  paths: {
    type: 'list',
    meaning: 'Patterns of the files that it is made of, from the root of the repository. The app is skipped when none of them changed.',
  },
} as const satisfies Record<string, OwnKey>;

/** What an environment says besides its inputs. */
export const ENVIRONMENT_KEYS = {
  branch: { type: 'list', meaning: 'Branches that belong to it: names, or patterns such as `release/*`.' },
  tag: { type: 'list', meaning: 'Tags that belong to it: names, or patterns such as `v*`.' },
  'pull-request': { type: 'boolean', meaning: '`true`: pull requests belong to it. They are review apps, whatever its name is.' },
  namespace: { type: 'text', meaning: 'The same as `nomad-namespace`.' },
  'token-env': {
    type: 'text',
    meaning: 'Name of the environment variable that has its token, such as `NOMAD_TOKEN_EU`. No other variable then stands in for it.',
  },
} as const satisfies Record<string, OwnKey>;

/** The rules of `policy`; what has none is allowed. */
export const POLICY_KEYS = {
  'allowed-drivers': { type: 'list', meaning: 'Drivers that tasks may use.' },
  privileged: {
    type: 'boolean',
    meaning: "`false`: no privileged containers, and none that shares the node's processes, IPC or users, or runs unconfined.",
  },
  'host-network': { type: 'boolean', meaning: "`false`: no group, container or task in the node's own network." },
  'host-paths': {
    type: 'boolean or list',
    meaning: 'Folders and devices of the node that containers may mount, with what is below them; `false`: none.',
  },
  'host-volumes': { type: 'boolean or list', meaning: "Nomad's host volumes that jobs may use, by name; `false`: none." },
  capabilities: { type: 'list', meaning: 'Linux capabilities that tasks may add; `[]`: none.' },
  'raw-exec': { type: 'boolean', meaning: '`false`: no task with the driver `raw_exec`.' },
  'image-registries': {
    type: 'list',
    meaning: 'Registries, or repositories of them, that images may come from, such as `ghcr.io/acme`.',
  },
  namespaces: { type: 'list', meaning: 'Namespaces that jobs may be in.' },
  'max-count': { type: 'number', meaning: 'Allocations that a group may have, or be scaled to, also by `command: scale`.' },
  'max-cpu': { type: 'number', meaning: 'CPU in MHz that a task may reserve.' },
  'max-memory': { type: 'number', meaning: 'Memory in MB that a task may reserve, and use (`memory_max`).' },
} as const satisfies Record<string, OwnKey>;

/** What the file has besides inputs. */
export const SECTIONS = ['environments', 'apps', 'images', 'policy'] as const;

/** A misspelt one would deploy somewhere else, or what is not allowed: an error, where any other is a warning. */
export const GUARDING = /^(nomad-|base-domain$|job-name$|allowed-drivers$|environments$|apps$|policy$)/;
