import type { InputName } from '../names.ts';

/** The form of a key's value in the configuration file; docs/configuration.md and the JSON Schema describe each in their words. */
export type ValueType =
  | 'text'
  | 'boolean'
  | 'number'
  | 'boolean or text'
  | 'boolean or list'
  /** A list of texts, or one text with an item a line, as the input has it. */
  | 'list'
  /** A list of filter patterns, as GitHub has them. */
  | 'patterns'
  /** A list of `NAME=value`, or a map. */
  | 'pairs'
  | 'map'
  /** HTTP checks, see the input `verify`. */
  | 'checks'
  /** A command line, or a list of a program and its arguments. */
  | 'command';

/**
 * Which file of the repository gives the value of a key: `any` checkout, since the value is about the workload alone, or the default branch's file, since
 * the value decides about credentials, addresses, environments, registries, other refs' jobs, or programs and variables of the runner.
 */
export type From = 'any' | 'default-branch';

export interface Key {
  readonly type: ValueType;
  readonly from: From;
  /** The subject of the key, which decides its places: a key of a job may also stand in an app, one of an image in an app and in an image. */
  readonly of: 'run' | 'job' | 'image';
}

/** Why an input is no key of the file. */
export interface NoKey {
  readonly instead: string;
}

const key =
  (of: Key['of']) =>
  (type: ValueType, from: From): Key => ({ type, of, from });
const [run, job, image] = [key('run'), key('job'), key('image')];
const no = (instead: string): NoKey => ({ instead });
const SECRET = 'no secret belongs in a file of the repository';

/** The inputs as keys of the configuration file. Each has the meaning of the input of that name. */
export const INPUT_KEYS: Readonly<Record<InputName, Key | NoKey>> = {
  command: no('the workflow says what is to be done, with the input `command`'),
  config: no('the workflow names the file, with the input `config`'),
  'config-from': no('the workflow says whose file counts, with the input `config-from`'),
  app: no('the workflow selects apps, with the input `app`; the file lists them as `apps`'),
  'working-directory': job('text', 'any'),
  'nomad-addr': run('text', 'default-branch'),
  'nomad-token': no(`${SECRET}: set NOMAD_TOKEN, or \`token-env\` of an environment`),
  'nomad-auth-method': run('text', 'default-branch'),
  'nomad-auth-audience': run('text', 'default-branch'),
  'nomad-namespace': job('text', 'default-branch'),
  'nomad-region': run('text', 'default-branch'),
  'nomad-cacert': run('text', 'default-branch'),
  'nomad-client-cert': run('text', 'default-branch'),
  'nomad-client-key': run('text', 'default-branch'),
  'nomad-tls-server-name': run('text', 'default-branch'),
  'nomad-skip-verify': run('boolean', 'default-branch'),
  'nomad-headers': run('map', 'default-branch'),
  environment: no('`environments` says which branch is which; a workflow overrides it with the input `environment`'),
  'base-domain': job('text', 'default-branch'),
  'job-name': job('text', 'default-branch'),
  vars: job('map', 'any'),
  build: image('boolean or text', 'any'),
  image: image('text', 'default-branch'),
  'image-variables': image('map', 'any'),
  context: image('text', 'any'),
  file: image('text', 'any'),
  target: image('text', 'any'),
  'build-args': image('pairs', 'any'),
  'build-secrets': image('list', 'default-branch'),
  platforms: image('list', 'any'),
  tags: image('list', 'default-branch'),
  labels: image('pairs', 'default-branch'),
  'cache-from': image('list', 'default-branch'),
  'cache-to': image('list', 'default-branch'),
  pull: image('boolean', 'any'),
  'no-cache': image('boolean', 'any'),
  provenance: image('boolean or text', 'any'),
  sbom: image('boolean or text', 'any'),
  builder: run('text', 'default-branch'),
  push: run('boolean', 'default-branch'),
  test: image('command', 'any'),
  'test-env': image('pairs', 'default-branch'),
  scan: image('text', 'default-branch'),
  registry: run('text', 'default-branch'),
  'registry-username': run('text', 'default-branch'),
  'registry-password': no(`${SECRET}: give it by the input`),
  job: job('list', 'any'),
  'var-files': job('list', 'any'),
  'allowed-drivers': job('list', 'default-branch'),
  'allow-untrusted-events': no('a stranger could write it into the file; the workflow says it'),
  group: no('it is of a single run'),
  task: no('it is of a single run'),
  count: no('it is of a single run'),
  to: no('it is of a single run'),
  purge: no('it is of a single run'),
  ttl: run('text', 'default-branch'),
  follow: no('it is of a single run'),
  'dry-run': no('it is of a single run'),
  meta: no('it is of a single run'),
  payload: no('it is of a single run'),
  'periodic-force': no('it is of a single run'),
  'registry-auth': no(`${SECRET}: give it by the input`),
  secrets: no(`${SECRET}: give them by the input, or as NOMAD_SECRET_<NAME>`),
  wait: job('boolean', 'any'),
  timeout: job('text', 'any'),
  'fail-fast': job('text', 'any'),
  promote: job('text', 'any'),
  verify: job('checks', 'any'),
  'on-failure': job('text', 'any'),
  'on-cancel': job('text', 'any'),
  'on-placement-failure': job('text', 'any'),
  'preserve-counts': job('boolean', 'any'),
  'log-lines': job('number', 'any'),
  summary: run('boolean', 'any'),
  'webhook-url': no(`${SECRET}: give it by the input`),
  'webhook-on': run('text', 'any'),
  'github-deployment': run('boolean or text', 'any'),
  comment: run('boolean or text', 'any'),
  'approved-plan': no('a plan is approved for one run: give the input `approved-plan`'),
  expect: no('the workflow says what a run is for, with the input `expect`'),
  'drift-issue': run('boolean', 'any'),
  'github-token': no(`${SECRET}: give it by the input`),
};

export const isInput = (name: string): name is InputName => Object.hasOwn(INPUT_KEYS, name);

/** A key that is no input, and its meaning in one or two sentences of Markdown, for docs/configuration.md and the JSON Schema. */
interface OwnKey {
  readonly type: ValueType;
  readonly meaning: string;
}

/** The keys of an app besides inputs. They are the checkout's, as its name is. */
export const APP_KEYS = {
  'depends-on': { type: 'list', from: 'any', meaning: 'Apps that are deployed before it; it is left as it is when one of them fails.' },
  paths: {
    type: 'patterns',
    from: 'any',
    meaning: 'Patterns of the files that it is made of, from the root of the repository. The app is skipped when none of them changed.',
  },
} as const satisfies Record<string, OwnKey & { readonly from: 'any' }>;

/** The keys of an environment besides inputs. An environment as a whole is the default branch's, see `SECTIONS`. */
export const ENVIRONMENT_KEYS = {
  branch: { type: 'patterns', meaning: 'Branches that belong to it: names, or patterns such as `release/*`.' },
  tag: { type: 'patterns', meaning: 'Tags that belong to it: names, or patterns such as `v[0-9]*`.' },
  'pull-request': {
    type: 'boolean',
    meaning: '`true`: pull requests belong to it, as review apps. It may not be called `production`, `staging` or `main`.',
  },
  namespace: { type: 'text', meaning: 'The same as `nomad-namespace`.' },
  'token-env': {
    type: 'text',
    meaning: 'Name of the environment variable that has its token, such as `NOMAD_TOKEN_EU`. No other variable then stands in for it.',
  },
} as const satisfies Record<string, OwnKey>;

/** The rules of `policy`; what has none is allowed. As a whole it is the default branch's. */
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
  'max-count': {
    type: 'number',
    meaning:
      'Allocations that a group may have, or be scaled to, also by `command: scale`, and canaries that a deployment may start beside them.',
  },
  'max-cpu': { type: 'number', meaning: 'CPU in MHz that a task may reserve.' },
  'max-memory': { type: 'number', meaning: 'Memory in MB that a task may reserve, and use (`memory_max`).' },
} as const satisfies Record<string, OwnKey>;

/** The sections of the file besides inputs. The names of apps and images are the checkout's, and each of their keys is on a list of its own. */
export const SECTIONS = {
  environments: 'default-branch',
  apps: 'any',
  images: 'any',
  policy: 'default-branch',
} as const satisfies Record<string, From>;

/**
 * Names in `vars` that are more than data of the workload: the namespace, the region, the addresses, whether the run deploys, the tag `latest`, and what
 * the run itself makes (`CI_REGISTRY` is where the registry's read token goes). The default branch's file gives them, as it gives the inputs beside them.
 */
export const GUARDED_VARIABLES = /^(NAMESPACE|REGION|HOSTNAMES|NO_DEPLOY|SERVERLESS|CI_\w+)$/;

/** A misspelt one would deploy somewhere else, or what is not allowed: an error, where any other is a warning. */
export const GUARDING = /^(nomad-|base-domain$|job-name$|allowed-drivers$|environments$|apps$|policy$)/;
