import {
  camelCase,
  hookText,
  INPUTS,
  type InputName,
  type Inputs,
  inputNames,
  isFilePath,
  type OwnInput,
  type Sourced,
  withoutQuery,
} from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import { isoTime } from '../runtime/index.ts';
import { formatDuration, withoutCredentials } from '../text/index.ts';
import { BUILT_IN_DRIVERS } from './policy/index.ts';
import { HIDDEN, mayShow, shownValue } from './shown-values.ts';
import type { Jobspec, Rendering, Setting } from './types.ts';

type Value = string | boolean | number | readonly string[] | Sourced<string> | undefined;

/** The values that are not shown as they are: those of all inputs with a form of their own, and of some others. */
type Special = Readonly<Record<OwnInput, Value> & Partial<Record<InputName, Value>>>;

/** Longer values would break the columns of the list. */
const MAX_WIDTH = 60;
const MAX_LENGTH = 200;

/**
 * Returns every value that decides about a job, with its source: the resolved inputs, the hostnames, the secrets by their names, and the
 * variables of the spec. Leaves out values that are not set and have no default. Contains no secret.
 */
export function settings(
  inputs: Inputs,
  { target, spec }: Pick<Rendering, 'target' | 'spec'>,
  { job, namespace, settings: variables }: Pick<Jobspec, 'job' | 'namespace' | 'settings'>,
): Setting[] {
  const { sources } = inputs;
  const token = inputs.nomadLogin === undefined ? inputs.nomadToken[target.environment.value] : undefined;
  const region = regionOf(job);
  const regionVariable = spec.builtIn ? variables.find(({ name }) => name === 'REGION') : undefined;
  const special: Special = {
    config: inputs.config,
    app: inputs.app,
    cluster: target.cluster,
    program: undefined,
    'nomad-addr': target.nomadAddr,
    'nomad-token': token && { value: HIDDEN, source: token.source },
    'nomad-auth-method': inputs.nomadLogin?.method,
    'nomad-auth-audience': inputs.nomadLogin?.audience,
    'nomad-namespace':
      inputs.nomadNamespace ?? (job.Namespace ? { value: namespace, source: spec.name } : { value: namespace, source: 'default' }),
    'nomad-region':
      region !== undefined && region !== inputs.nomadRegion
        ? { value: region, source: regionVariable?.source ?? spec.name }
        : (inputs.nomadRegion ?? "the agent's own"),
    'nomad-cacert': inputs.nomadTls.cacert && { ...inputs.nomadTls.cacert, value: pem(inputs.nomadTls.cacert.value) },
    'nomad-client-cert': inputs.nomadTls.clientCert && { ...inputs.nomadTls.clientCert, value: pem(inputs.nomadTls.clientCert.value) },
    'nomad-client-key': inputs.nomadTls.clientKey && HIDDEN,
    'nomad-tls-server-name': inputs.nomadTls.serverName,
    'nomad-skip-verify': inputs.nomadTls.skipVerify,
    'nomad-via': viaOf(inputs.nomadVia),
    'nomad-via-key': inputs.nomadVia?.kind === 'ssh' && inputs.nomadVia.key !== undefined ? HIDDEN : undefined,
    'nomad-via-known-hosts': inputs.nomadVia?.kind === 'ssh' ? inputs.nomadVia.knownHosts.trim() : undefined,
    'nomad-headers': Object.keys(inputs.nomadHeaders),
    environment: { ...target.environment, value: target.environment.name },
    'base-domain': inputs.baseDomain,
    'job-name': { value: job.ID, source: job.ID === target.jobId ? target.sources.jobId : spec.name },
    vars: undefined,
    image: inputs.image,
    'image-variables': Object.entries(inputs.imageVariables).map(([variable, part]) => `${variable}=${part}`),
    file: inputs.file,
    target: inputs.target,
    'build-args': inputs.buildArgs.map(buildArg),
    'build-secrets': Object.keys(inputs.buildSecrets),
    ssh: Object.keys(inputs.ssh),
    platforms: inputs.platforms,
    tags: inputs.tags,
    labels: inputs.labels,
    'cache-from': inputs.cacheFrom.map(withoutCredentials),
    'cache-to': inputs.cacheTo.map(withoutCredentials),
    provenance: inputs.provenance,
    attestation: inputs.attestation,
    sbom: inputs.sbom,
    builder: inputs.builder,
    test: typeof inputs.test === 'object' ? JSON.stringify(inputs.test) : inputs.test,
    'test-env': Object.keys(inputs.testEnv),
    scan: inputs.scan,
    registry: inputs.registry,
    'registry-username': inputs.registryUsername,
    'registry-password': inputs.registryPassword && HIDDEN,
    'registry-auth': inputs.registryAuth.map(({ registry }) => registry),
    job: spec.name,
    'allowed-drivers': inputs.allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : undefined),
    'allow-untrusted-events': inputs.allowUntrustedEvents.join(' ') || undefined,
    secrets: undefined,
    timeout: inputs.timeoutMs === undefined ? undefined : formatDuration(inputs.timeoutMs),
    'fail-fast': inputs.failFast ? 'certain' : 'off',
    'pre-deploy': inputs.preDeploy && hookText(inputs.preDeploy),
    'post-deploy': inputs.postDeploy && hookText(inputs.postDeploy),
    verify: [
      ...inputs.verify.map(({ target }) => withoutQuery('url' in target ? target.url : target.path)),
      ...(inputs.bake === undefined ? [] : [`for ${formatDuration(inputs.bake.forMs)}`]),
    ],
    'consul-addr': inputs.consul?.address,
    'consul-token': inputs.consul?.token && HIDDEN,
    'prometheus-addr': inputs.prometheus?.address,
    'prometheus-token': inputs.prometheus?.authorization && HIDDEN,
    'watch-for': inputs.watchForMs === undefined ? undefined : formatDuration(inputs.watchForMs),
    'on-placement-failure': patience(inputs.placementPatienceMs),
    'preserve-counts': inputs.preserveCounts ?? 'groups with scaling',
    waves: inputs.waves.map((wave) => wave.join(' ')),
    'wave-bake': inputs.waves.length === 0 || inputs.waveBakeMs === 0 ? undefined : formatDuration(inputs.waveBakeMs),
    'all-or-nothing': inputs.waves.length === 0 ? undefined : inputs.allOrNothing,
    'webhook-url': inputs.webhook && HIDDEN,
    'webhook-on': inputs.webhook?.on,
    'github-token': undefined,
    tag: inputs.tag,
    to: inputs.to,
    until: inputs.until && ('forMs' in inputs.until ? formatDuration(inputs.until.forMs) : isoTime(inputs.until.atMs)),
    ttl: inputs.ttlMs === undefined ? undefined : formatDuration(inputs.ttlMs),
    follow: inputs.command === 'logs' ? inputs.follow : undefined,
    'dry-run': inputs.command === 'sweep' ? inputs.dryRun : undefined,
    meta: Object.keys(inputs.meta),
    payload: inputs.payload && `${Buffer.byteLength(inputs.payload)} bytes`,
    'approved-plan': inputs.approvedPlan,
  };
  const values = new Map<string, unknown>(Object.entries(inputs));
  const given = new Map(Object.entries(sources.inputs));
  const setting = (name: string, value: Value, source = given.get(name) ?? 'default'): Setting[] => {
    if (value === undefined || (typeof value === 'object' && 'length' in value && value.length === 0)) return [];
    if (typeof value === 'object' && 'source' in value) return setting(name, value.value, value.source);
    const by = source === name ? 'input' : inputNames.some((one) => one === source) ? `input ${source}` : source;
    return [{ name, value: typeof value === 'string' ? value : typeof value === 'object' ? value.join(', ') : String(value), source: by }];
  };
  return [
    ...inputNames.flatMap((name) => setting(name, name in special ? special[name] : plainValue(name, values.get(camelCase(name))))),
    ...setting('hostnames', target.hostnames, target.sources.hostnames),
    ...Object.keys(inputs.secrets).flatMap((name) => setting(`secret.${name}`, HIDDEN, sources.secrets[name])),
    ...variables.flatMap((variable) => setting(`var.${variable.name}`, shownValue(variable), variable.source)),
  ];
}

/** Returns the value of an input whose form the table tells, as it is shown. */
function plainValue(name: InputName, value: unknown): Value {
  if (value !== undefined && INPUTS[name].secret !== undefined) return HIDDEN;
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' || typeof value === 'boolean' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** Returns the region of a job; undefined for `global`, which Nomad writes into a job without a region. */
export function regionOf({ Region }: Pick<Job, 'Region'>): string | undefined {
  return Region === 'global' ? undefined : Region || undefined;
}

/** Returns a build argument for the list, with its value hidden like that of a variable. */
function buildArg(argument: string): string {
  const [, name = '', value = ''] = /^([^=]*)=?([\s\S]*)$/.exec(argument) ?? [];
  return mayShow(name, value) ? argument : `${name}=${HIDDEN}`;
}

/** Returns a path as it is, and a placeholder for PEM text. */
function pem(value: string): string {
  return isFilePath(value) ? value : 'PEM text';
}

function patience(ms: number): string {
  return ms === 0 ? 'fail' : ms === Number.POSITIVE_INFINITY ? 'wait' : formatDuration(ms);
}

/** Returns the list as lines of the log, in columns. */
export function settingLines(list: readonly Setting[]): string[] {
  const shown = list.map(({ name, value, source }) => {
    const line = value === '' || /[\r\n\t]/.test(value) ? JSON.stringify(value) : value;
    return { name, value: line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line, source };
  });
  const width = (texts: readonly string[]): number => Math.min(MAX_WIDTH, Math.max(0, ...texts.map((text) => text.length)));
  const [names, values] = [width(shown.map(({ name }) => name)), width(shown.map(({ value }) => value))];
  return shown.map(({ name, value, source }) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`);
}

function viaOf(via: Inputs['nomadVia']): string | undefined {
  return via?.kind === 'ssh' ? `ssh://${via.user}@${via.host}:${via.port}` : via?.shown;
}
