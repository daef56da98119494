// The rights of each feature: docs/authentication.md shows them (`npm run docs`), `setup` grants them, and `doctor` looks for them. Tests run each feature with
// its rights, and with one right less. See https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy
import type { Command, Inputs } from '../inputs/index.ts';
import { rightOf } from '../nomad/index.ts';
import { hclLiteral, keysOf } from '../text/index.ts';

/** The folders of variables; the last part of a path is the job and its review apps. */
type VariableFolder = 'nomad/jobs' | 'nomad-deploy/locks' | 'nomad-deploy/freezes';

/** The rights of a policy, without the namespace and the job that they are for. */
export interface Rules {
  /** Capabilities of the namespace. */
  readonly namespace?: readonly string[];
  /** Capabilities of every namespace. */
  readonly anyNamespace?: readonly string[];
  /** Capabilities of variables of the job, by their folder. */
  readonly variables?: Readonly<Partial<Record<VariableFolder, readonly string[]>>>;
  /** Access to host volumes, by the source of the volume. */
  readonly hostVolumes?: Readonly<Record<string, 'read' | 'write'>>;
  readonly plugin?: 'read';
  readonly node?: 'read';
}

/** The values of a configuration that decide which features it uses. */
type Values = Pick<
  Inputs,
  | 'secrets'
  | 'vars'
  | 'preDeploy'
  | 'postDeploy'
  | 'promote'
  | 'onFailure'
  | 'allOrNothing'
  | 'keepReleases'
  | 'bake'
  | 'watchForMs'
  | 'lock'
  | 'purge'
  | 'periodicForce'
>;

/** The use of a cluster by one job of a repository. */
export interface Use {
  /** The commands that run there. */
  readonly commands: readonly Command[];
  readonly inputs: Values;
  /** The volumes of the job, as `needsOf` of `nomad/` returns them. */
  readonly volumes?: readonly string[];
  /** Features that are used besides. */
  readonly features?: readonly FeatureName[];
}

interface Feature {
  readonly rules: Rules;
  /** Returns true for a configuration that uses the feature; missing: only one that names it uses it. */
  readonly used?: (use: Pick<Use, 'inputs' | 'volumes'> & { readonly runs: (...names: readonly Command[]) => boolean }) => boolean;
}

const ITEMS = ['read', 'write', 'destroy'] as const;

/** The features, by the names of their policies. */
export const FEATURES = {
  plan: {
    rules: { namespace: ['parse-job', 'read-job', 'plan-job'] },
    used: ({ runs }) => runs('plan', 'render'),
  },
  deploy: {
    rules: { namespace: ['parse-job', 'read-job', 'plan-job', 'register-job', 'fail-deployment', 'read-logs'] },
    used: ({ runs }) => runs('deploy'),
  },
  secrets: {
    rules: { variables: { 'nomad/jobs': ITEMS } },
    used: ({ inputs: { secrets, vars }, runs }) =>
      runs('deploy') && (Object.keys(secrets).length > 0 || vars['CI_REGISTRY_READ_TOKEN'] !== undefined),
  },
  hooks: {
    rules: { namespace: ['purge-job'], variables: { 'nomad/jobs': ITEMS } },
    used: ({ inputs: { preDeploy, postDeploy }, runs }) => runs('deploy') && (preDeploy ?? postDeploy) !== undefined,
  },
  promote: {
    rules: { namespace: ['promote-deployment'] },
    used: ({ inputs: { promote }, runs }) => runs('promote') || (runs('deploy') && (promote === 'auto' || promote === 'verify')),
  },
  revert: {
    rules: { namespace: ['revert-job'] },
    used: ({ inputs: { onFailure, allOrNothing }, runs }) => runs('revert') || (runs('deploy') && (onFailure === 'revert' || allOrNothing)),
  },
  releases: {
    rules: { namespace: ['tag-job-version'] },
    used: ({ inputs: { keepReleases }, runs }) => runs('deploy', 'promote', 'revert', 'scale') && keepReleases > 0,
  },
  bake: {
    rules: { namespace: ['read-job', 'read-logs', 'fail-deployment'] },
    used: ({ inputs: { bake, watchForMs } }) => bake !== undefined || watchForMs !== undefined,
  },
  follow: {
    rules: { namespace: ['read-job', 'read-logs', 'fail-deployment'] },
    used: ({ runs }) => runs('promote', 'reject', 'pause', 'resume', 'revert', 'scale', 'restart', 'dispatch'),
  },
  pause: {
    rules: { namespace: ['pause-deployment'] },
    used: ({ runs }) => runs('pause', 'resume'),
  },
  locks: {
    rules: { variables: { 'nomad-deploy/locks': ['read', 'write'] } },
    used: ({ inputs: { lock }, runs }) => lock !== 'off' && runs('deploy', 'revert', 'scale'),
  },
  frozen: {
    rules: { variables: { 'nomad-deploy/freezes': ['read'] } },
    used: ({ inputs: { lock }, runs }) => lock !== 'off' && runs('deploy', 'revert', 'scale'),
  },
  freeze: {
    rules: { namespace: ['read-job'], variables: { 'nomad-deploy/freezes': ITEMS } },
    used: ({ runs }) => runs('lock', 'unlock'),
  },
  scale: { rules: { namespace: ['scale-job'] }, used: ({ runs }) => runs('scale') },
  restart: { rules: { namespace: ['alloc-lifecycle'] }, used: ({ runs }) => runs('restart') },
  dispatch: { rules: { namespace: ['dispatch-job'] }, used: ({ runs }) => runs('dispatch') },
  periodic: {
    rules: { namespace: ['force-periodic-job'] },
    used: ({ inputs: { periodicForce }, runs }) => runs('dispatch') || (runs('deploy') && periodicForce),
  },
  logs: {
    rules: { namespace: ['read-job', 'read-logs'] },
    used: ({ runs }) => runs('logs', 'status', 'history'),
  },
  inside: {
    rules: { namespace: ['read-job', 'alloc-exec'] },
    used: ({ runs }) => runs('ssh', 'tunnel'),
  },
  'inside-raw-exec': { rules: { namespace: ['alloc-node-exec'] } },
  files: { rules: { namespace: ['read-job', 'read-fs'] }, used: ({ runs }) => runs('cp') },
  'tunnel-helper': { rules: { namespace: ['register-job', 'purge-job'] } },
  stop: {
    rules: { namespace: ['read-job', 'deregister-job'] },
    used: ({ inputs: { allOrNothing }, runs }) => runs('stop', 'sweep') || (runs('deploy') && allOrNothing),
  },
  purge: {
    rules: { namespace: ['purge-job'], variables: { 'nomad/jobs': ITEMS } },
    used: ({ inputs: { purge }, runs }) => runs('stop', 'sweep') && purge !== false,
  },
  list: { rules: { namespace: ['list-jobs'] }, used: ({ runs }) => runs('sweep') },
  'host-volume': {
    rules: { hostVolumes: { 'shop-data': 'write' } },
    used: ({ volumes = [] }) => volumes.some((need) => HOST_VOLUME.test(need)),
  },
  'csi-volume': {
    rules: { namespace: ['csi-mount-volume'], plugin: 'read' },
    used: ({ volumes = [] }) => volumes.includes('csi-mount-volume'),
  },
  nodes: { rules: { node: 'read' } },
  forecast: { rules: { anyNamespace: ['read-job'], node: 'read' } },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof FEATURES;
export const featureNames = keysOf(FEATURES);

/** The right to use a host volume, in the form of `needsOf`. */
const HOST_VOLUME = /^host_volume "(.+)" (read|write)$/;

/** Returns the features that a configuration uses, each with its rights; those of `host-volume` are for the volumes of the job. */
export function policiesFor({
  commands,
  inputs,
  volumes = [],
  features = [],
}: Use): { readonly feature: FeatureName; readonly rules: Rules }[] {
  const runs = (...names: readonly Command[]): boolean => names.some((one) => commands.includes(one));
  const hostVolumes = Object.fromEntries(
    volumes.flatMap((need) => {
      const [, source, access] = HOST_VOLUME.exec(need) ?? [];
      return source === undefined ? [] : [[source, access === 'read' ? ('read' as const) : ('write' as const)]];
    }),
  );
  return featureNames
    .filter((name) => features.includes(name) || (FEATURES[name] as Feature).used?.({ inputs, volumes, runs }) === true)
    .map((feature) => ({ feature, rules: feature === 'host-volume' ? { hostVolumes } : FEATURES[feature].rules }));
}

/** The namespace and the job of a policy. Rights for variables include those of jobs whose names begin with that of the job: its review apps and hooks. */
export interface Scope {
  readonly namespace: string;
  readonly jobId: string;
}

/** Returns the rights of several policies in one. */
export function mergeRules(all: readonly Rules[]): Rules {
  const folders = new Set(all.flatMap(({ variables = {} }) => keysOf(variables)));
  const variables = Object.fromEntries(
    [...folders].map((folder) => [folder, unique(all.flatMap((rules) => rules.variables?.[folder] ?? []))]),
  );
  const namespace = unique(all.flatMap((rules) => rules.namespace ?? []));
  const anyNamespace = unique(all.flatMap((rules) => rules.anyNamespace ?? []));
  const hostVolumes: Record<string, 'read' | 'write'> = {};
  for (const [source, access] of all.flatMap((rules) => Object.entries(rules.hostVolumes ?? {})))
    if (hostVolumes[source] !== 'write') hostVolumes[source] = access;
  return {
    ...(namespace.length > 0 && { namespace }),
    ...(anyNamespace.length > 0 && { anyNamespace }),
    ...(folders.size > 0 && { variables }),
    ...(Object.keys(hostVolumes).length > 0 && { hostVolumes }),
    ...(all.some(({ plugin }) => plugin) && { plugin: 'read' as const }),
    ...(all.some(({ node }) => node) && { node: 'read' as const }),
  };
}

/**
 * Returns rights as servers before Nomad 1.11.2 know them: `submit-job` in place of its later parts. It includes `parse-job` and `scale-job`, too.
 */
export function beforeFinePolicies({ namespace = [], ...rules }: Rules): Rules {
  const isPart = (right: string): boolean => rightOf(right, 'default').partOfSubmit;
  if (!namespace.some(isPart)) return { ...rules, ...(namespace.length > 0 && { namespace }) };
  const others = namespace.filter((right) => !isPart(right) && right !== 'parse-job' && right !== 'scale-job');
  return { ...rules, namespace: ['submit-job', ...others] };
}

/** Returns the policy in HCL, one block for each kind of right, formatted as `nomad fmt` does. */
export function policyText(rules: Rules, { namespace, jobId }: Scope): string {
  const { variables = {}, hostVolumes = {} } = rules;
  const list = (names: readonly string[]): string => `capabilities = [${names.map(hclLiteral).join(', ')}]`;
  const paths = keysOf(variables).flatMap((folder) => [
    `    path ${hclLiteral(`${folder}/${jobId}*`)} {`,
    `      ${list(variables[folder] ?? [])}`,
    '    }',
  ]);
  const inNamespace = [
    ...(rules.namespace === undefined ? [] : [[`  ${list(rules.namespace)}`]]),
    ...(paths.length === 0 ? [] : [['  variables {', ...paths, '  }']]),
  ].map((lines) => lines.join('\n'));
  const simple = (head: string, access: string): string => `${head} {\n  policy = "${access}"\n}\n`;
  return [
    ...(inNamespace.length === 0 ? [] : [`namespace ${hclLiteral(namespace)} {\n${inNamespace.join('\n\n')}\n}\n`]),
    ...(rules.anyNamespace === undefined ? [] : [`namespace "*" {\n  ${list(rules.anyNamespace)}\n}\n`]),
    ...Object.entries(hostVolumes).map(([source, access]) => simple(`host_volume ${hclLiteral(source)}`, access)),
    ...(rules.plugin === undefined ? [] : [simple('plugin', rules.plugin)]),
    ...(rules.node === undefined ? [] : [simple('node', rules.node)]),
  ].join('\n');
}

/** Returns the rights for one namespace one by one, in the form that `rightOf` of `nomad/` takes: `plan-job`, `variables "nomad/jobs/shop" read`, `node:read`. */
export function rightsOf(rules: Rules, { jobId }: Pick<Scope, 'jobId'>): string[] {
  const { namespace = [], variables = {}, hostVolumes = {}, plugin, node } = rules;
  return [
    ...namespace,
    ...keysOf(variables).flatMap((folder) => (variables[folder] ?? []).map((right) => `variables "${folder}/${jobId}" ${right}`)),
    ...Object.entries(hostVolumes).map(([source, access]) => `host_volume "${source}" ${access}`),
    ...(plugin === undefined ? [] : [`plugin:${plugin}`]),
    ...(node === undefined ? [] : [`node:${node}`]),
  ];
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
