import type { From, Type } from '../table/index.ts';

/** A key that is no input, and its meaning in one or two sentences of Markdown, for docs/configuration.md and the JSON Schema. */
interface OwnKey {
  readonly type: Type;
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
