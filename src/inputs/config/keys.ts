import type { From, Type } from '../table/index.ts';

/** A key that is no input, and its meaning in one or two sentences of Markdown, for docs/configuration.md and the JSON Schema. */
interface OwnKey {
  readonly type: Type;
  readonly meaning: string;
}

/** The keys of an app besides inputs. They come from the checkout's file. */
export const APP_KEYS = {
  'depends-on': {
    type: 'list',
    from: 'any',
    meaning: 'Apps that are deployed before this one. When one of them fails, this app is skipped.',
  },
  paths: {
    type: 'patterns',
    from: 'any',
    meaning: 'Patterns of the files of the app, from the root of the repository. The app is skipped when none of them changed.',
  },
} as const satisfies Record<string, OwnKey & { readonly from: 'any' }>;

/** The keys of an environment besides inputs. An environment as a whole comes from the default branch's file, see `SECTIONS`. */
export const ENVIRONMENT_KEYS = {
  branch: { type: 'patterns', meaning: 'Branches of the environment: names, or patterns such as `release/*`.' },
  tag: { type: 'patterns', meaning: 'Tags of the environment: names, or patterns such as `v[0-9]*`.' },
  'pull-request': {
    type: 'boolean',
    meaning: '`true`: pull requests are review apps of the environment, which cannot be `production`, `staging` or `main`.',
  },
  namespace: { type: 'text', meaning: 'The same as `nomad-namespace`.' },
  'token-env': {
    type: 'text',
    meaning:
      'Name of the environment variable with the token of the environment, such as `NOMAD_TOKEN_EU`. No other variable then gives the token.',
  },
} as const satisfies Record<string, OwnKey>;

/** The keys of a cluster besides inputs. A cluster as a whole comes from the default branch's file, see `SECTIONS`. */
export const CLUSTER_KEYS = {
  namespace: ENVIRONMENT_KEYS.namespace,
  'token-env': {
    type: 'text',
    meaning:
      'Name of the environment variable with the token of the cluster, such as `NOMAD_TOKEN_EU`. Without it, the token is that of the environment.',
  },
} as const satisfies Record<string, OwnKey>;

/** The inputs that a cluster may set: the way to Nomad, and what follows from the place. */
export const CLUSTER_INPUTS = /^(nomad-.*|consul-addr|base-domain|vars|verify)$/;

/** The rules of `policy`, which comes from the default branch's file. Without a rule, a part of a job is allowed. */
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

/** The sections of the file besides inputs, and the file that gives them. The keys of apps and images have a source of their own each. */
export const SECTIONS = {
  environments: 'default-branch',
  clusters: 'default-branch',
  apps: 'any',
  images: 'any',
  policy: 'default-branch',
} as const satisfies Record<string, From>;

/**
 * Names in `vars` that decide more than the workload: the namespace, the region, the addresses, whether the run deploys, the tag `latest`, and the values of
 * the run itself (`CI_REGISTRY` receives the registry's read token). The default branch's file gives them, as it gives the inputs of the same kind.
 */
export const GUARDED_VARIABLES = /^(NAMESPACE|REGION|HOSTNAMES|NO_DEPLOY|SERVERLESS|CI_\w+)$/;

/** Keys whose misspelling is an error, since the run would deploy somewhere else, or a job that is not allowed. */
export const GUARDING = /^(nomad-|base-domain$|job-name$|allowed-drivers$|environments$|clusters$|waves$|apps$|policy$)/;
