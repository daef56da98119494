import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../errors.ts';
import type { Job, RegisteredJob } from '../../nomad/types.ts';
import { hasOwnJob, type Target } from '../../target/index.ts';
import { fitLabel, type HclValue, hostBeside } from '../../text/index.ts';
import { type ConstraintText, checkVolume, type NamedVolume, parseConstraint, parseNamedVolume } from './shorthand.ts';
import { declarations, problemWith, VARIABLES, type Values, valueProblems } from './variables.ts';

interface ServicePort {
  readonly name: string;
  /** The number inside the container; -1 for the number that Nomad chose outside. */
  readonly to: number;
  readonly tcpOnly: boolean;
}

/** The parsed values of the variables with a syntax of their own. */
interface Read {
  readonly ports: readonly ServicePort[];
  readonly constraints: readonly ConstraintText[];
  /** The volumes that the driver mounts. */
  readonly volumes: readonly string[];
  /** The volumes that Nomad mounts. */
  readonly named: readonly NamedVolume[];
  readonly problems: readonly string[];
}

/** The part of the target that the template needs. */
export type ServiceTarget = Pick<Target, 'environment' | 'jobId' | 'projectSlug' | 'hostnames'>;

export interface ServiceOptions {
  readonly target: ServiceTarget;
  /** The image reference to run. */
  readonly image: string;
  /** The template text for the task's secrets; empty without secrets. */
  readonly secretsTemplate: string;
  /** The scheduler lets a task use more memory than it reserved. */
  readonly oversubscription: boolean;
  /** A canary for each allocation, and no automatic promotion. */
  readonly blueGreen?: boolean;
  /** The parts of the registered job that stay. */
  readonly kept?: Kept | undefined;
}

/** The parts of a registered job that stay as they are, because changing them alone would replace its task. */
export interface Kept {
  /** The commit in the environment of the running image. */
  readonly commit?: string | undefined;
  /** The password of the registry stays in the job, as version 0.1.0 wrote it. */
  readonly login?: boolean;
}

/**
 * Returns every problem with the values of the built-in template, each with the name of its variable. `region` is the region of the run, if
 * it was given: the job is registered there, whatever its own region is.
 */
export function serviceProblems(values: Values, region: string | undefined, blueGreen = false): string[] {
  const own = textOf(values['REGION']);
  const elsewhere = own !== '' && region !== undefined && region !== own;
  return [
    ...readValues(values).problems,
    ...(blueGreen && values['COUNT_CANARIES'] !== undefined
      ? [problemWith('COUNT_CANARIES', 'with `blue-green`, the number of canaries is the count; set only one of them')]
      : []),
    ...(blueGreen && values['IS_BATCH'] === true
      ? [problemWith('IS_BATCH', '`blue-green` is for a service, and a batch job has no canaries')]
      : []),
    ...(elsewhere
      ? [
          problemWith(
            'REGION',
            `${JSON.stringify(own)} is not the region ${JSON.stringify(region)} of \`nomad-region\` (NOMAD_REGION); set only one of them`,
          ),
        ]
      : []),
  ];
}

/** Returns the data for the built-in template, with all decisions made, so that the template only writes them out. */
export function serviceData(
  given: Values,
  { target, image, secretsTemplate, oversubscription, kept, blueGreen = false }: ServiceOptions,
): Readonly<Record<string, unknown>> {
  const values = withDefaults(given);
  const { ports, constraints, volumes, named } = readValues(given);
  const [mainHost = ''] = target.hostnames;
  const several = values['MULTI_CONTAINER'] === true;
  const portChecks = mapOf(values['PORT_CHECKS']);
  const extra = ports.filter(({ name }) => name !== 'http');
  return {
    declarations: declarations(),
    job: target.jobId,
    blueGreen,
    image,
    regional: values['REGION'] !== '',
    constraints,
    checked: values['CHECK_PROTOCOL'] !== 'none',
    ports,
    tags: target.hostnames.map((host) => `https://${host}`),
    canaryTags: target.hostnames.map((host) => `https://${hostBeside(host, 'canary-')}`),
    extraServices: extra.map((port) => {
      const routed = !several && !port.tcpOnly && mainHost !== '';
      return {
        name: fitLabel(`${target.jobId}--${port.name}`),
        task: several ? port.name : 'http',
        port: port.name,
        tags: routed ? [`https://${hostBeside(mainHost, '', `-${port.name}`)}`] : [],
        canaryTags:
          routed && values['PORT_CANARY_TAGS'] === true ? [`https://${hostBeside(mainHost, 'canary-', `-${port.name}`)}`] : undefined,
        check: portCheck(portChecks[port.name]),
      };
    }),
    taskPorts: several ? ['http'] : ports.map(({ name }) => name),
    volumes: [...volumes, ...persistentVolume(values, target)],
    namedVolumes: named,
    auth: auth(values, kept),
    memoryMax: oversubscription && Number(values['MEMORY_FACTOR']) > 1,
    ciEnvironment: ['CI_HOSTNAME', 'CI_COMMIT_REF_SLUG', 'CI_PROJECT_PATH_SLUG', 'CI_COMMIT_SHA']
      .map((name) => `${name}=${environmentValue(textOf(values[name]))}\n`)
      .join(''),
    secretsTemplate,
  };
}

/**
 * Returns warnings about settings that are possible but rarely intended, by the values and by the final job, which has the settings of the
 * repository's files.
 */
export function serviceWarnings(given: Values, { environment, projectSlug }: ServiceTarget, { Update, TaskGroups }: Job): string[] {
  const values = withDefaults(given);
  const group = TaskGroups?.find(({ Name }) => Name === 'group');
  const count = group?.Count ?? 1;
  const canaries = group?.Update?.Canary ?? Update?.Canary ?? 0;
  const persistent = textOf(values['PERSISTENT_VOLUME']);
  const shared = persistent !== '' && values['PERSISTENT_VOLUME_PER_ENVIRONMENT'] !== true;
  const written = [
    ...(persistent === '' || /[:,]ro\b/.test(persistent.replace(/^[^:]*/, '')) ? [] : ['PERSISTENT_VOLUME']),
    ...readValues(given).named.flatMap(({ kind, readOnly, accessMode }) =>
      readOnly || accessMode === 'multi-node-multi-writer' ? [] : [kind === 'host' ? 'HOST_VOLUMES' : 'CSI_VOLUMES'],
    ),
  ];
  return [
    ...(count === 0 ? ['NOMAD_VAR_COUNT is 0: the job is registered, but nothing runs'] : []),
    ...(count > 0 && canaries > count ? ['NOMAD_VAR_COUNT_CANARIES is more than NOMAD_VAR_COUNT'] : []),
    ...(shared && hasOwnJob(environment)
      ? [
          `${environment.value === 'review' ? 'This review app' : 'This branch'} uses /pv/${projectSlug}, which all environments on this cluster share; NOMAD_VAR_PERSISTENT_VOLUME_PER_ENVIRONMENT: true gives each environment its own folder`,
        ]
      : []),
    ...(written.length > 0 && count + canaries > 1
      ? [
          `${count + canaries} allocations may write to one volume at a time (${[...new Set(written)].map((name) => `NOMAD_VAR_${name}`).join(', ')}): ${count}${canaries > 0 ? `, and ${canaries} more during a deployment` : ''}. If the application does not support that, set NOMAD_VAR_COUNT to 1 and NOMAD_VAR_COUNT_CANARIES to 0`,
        ]
      : []),
  ];
}

function withDefaults(values: Values): Values {
  return { ...Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default])), ...values };
}

function readValues(given: Values): Read {
  const wrong = valueProblems(given);
  const problems = [...wrong.values()];
  // A value that is not a list or map at all is not checked any further.
  const values = withDefaults(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
  const readList = <T>(name: string, read: (text: string) => T): T[] =>
    (Array.isArray(values[name]) ? values[name] : []).flatMap((item: HclValue) => {
      try {
        return [read(textOf(item))];
      } catch (error) {
        problems.push(problemWith(name, messageOf(error)));
        return [];
      }
    });
  const ports = readPorts(values['PORTS']);
  problems.push(...portProblems(ports), ...checkProblems(values, ports));
  const persistent = textOf(values['PERSISTENT_VOLUME']);
  if (!/^(\/[^:]*(:[a-zA-Z,]+)?)?$/.test(persistent))
    problems.push(problemWith('PERSISTENT_VOLUME', `${JSON.stringify(persistent)} is not a path in the container, such as /data`));
  const constraints = readList('CONSTRAINTS', parseConstraint);
  const volumes = readList('VOLUMES', checkVolume);
  const named = [
    ...readList('HOST_VOLUMES', (text) => parseNamedVolume(text, 'host')),
    ...readList('CSI_VOLUMES', (text) => parseNamedVolume(text, 'csi')),
  ];
  const names = named.map(({ name }) => name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  for (const name of twice)
    problems.push(
      problemWith(
        'HOST_VOLUMES',
        `the volume ${JSON.stringify(name)} occurs twice, also counting NOMAD_VAR_CSI_VOLUMES; a volume can be mounted once`,
      ),
    );
  return { ports, constraints, volumes, named, problems };
}

/** Reads the ports in the order of their numbers as text, which is the order that the registered services have. */
function readPorts(value: HclValue | undefined): ServicePort[] {
  return Object.entries(mapOf(value))
    .map(([number, name]) => ({ name, number: Number(number) }))
    .sort((a, b) => (String(Math.abs(a.number)) < String(Math.abs(b.number)) ? -1 : 1))
    .map(({ name, number }) => ({ name, to: number === -1 ? -1 : Math.abs(number), tcpOnly: number < -1 }));
}

function portProblems(ports: readonly ServicePort[]): string[] {
  const names = ports.map(({ name }) => name);
  const http = ports.filter(({ name }) => name === 'http');
  const found = [
    ...(http.length === 1 ? [] : [`${http.length === 0 ? 'no' : 'more than one'} port is named "http"; write { 5000 = "http" }`]),
    ...(http[0]?.tcpOnly === true ? ['the port "http" must not be negative'] : []),
    ...names.filter((name, i) => name !== 'http' && names.indexOf(name) !== i).map((name) => `two ports are named ${JSON.stringify(name)}`),
    ...ports.flatMap(({ name, to }) => [
      ...(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name)
        ? []
        : [`${JSON.stringify(name)} is not a name of a port; use letters, digits and dashes`]),
      ...(to === -1 || (Number.isInteger(to) && to > 0 && to < 65_536)
        ? []
        : [`the number of ${JSON.stringify(name)} is not a port number`]),
    ]),
  ];
  return found.map((what) => problemWith('PORTS', what));
}

function checkProblems(values: Values, ports: readonly ServicePort[]): string[] {
  const names = ports.map(({ name }) => name).filter((name) => name !== 'http');
  const native = values['SERVICE_PROVIDER'] === 'nomad';
  const noGrpc = '"grpc" is not possible with NOMAD_VAR_SERVICE_PROVIDER "nomad", which supports http and tcp';
  const ofPort = (name: string, check: string): string[] => {
    if (name === 'http') return ['the check of the port "http" is set by NOMAD_VAR_CHECK_PROTOCOL and NOMAD_VAR_CHECK_PATH'];
    if (!names.includes(name)) return [`no port is named ${JSON.stringify(name)}; NOMAD_VAR_PORTS has ${names.join(', ') || 'only http'}`];
    if (!/^(\/.*|tcp|grpc|none)$/.test(check))
      return [`${JSON.stringify(check)} is not a check; write tcp, grpc, none, or a path such as /healthz`];
    return check === 'grpc' && native ? [noGrpc] : [];
  };
  return [
    ...(values['CHECK_PROTOCOL'] === 'grpc' && native ? [problemWith('CHECK_PROTOCOL', noGrpc)] : []),
    ...Object.entries(mapOf(values['PORT_CHECKS'])).flatMap(([name, check]) =>
      ofPort(name, check).map((what) => problemWith('PORT_CHECKS', what)),
    ),
  ];
}

/** Returns the check of an extra port: by default TCP, which restarts nothing; a given check restarts the task. */
function portCheck(asked: string | undefined): { readonly none: boolean; readonly type: string; readonly path: string } | undefined {
  if (asked === undefined) return undefined;
  const http = asked.startsWith('/');
  return { none: asked === 'none', type: http ? 'http' : asked, path: http ? asked : '' };
}

/** Returns the mount of a folder of the node that outlives the job's allocations. */
function persistentVolume(values: Values, { environment, projectSlug, jobId }: ServiceTarget): string[] {
  const path = textOf(values['PERSISTENT_VOLUME']);
  if (path === '') return [];
  // A project's slug has no dot, so no project and no branch can have the name of another's folder.
  const own = hasOwnJob(environment) ? `.review/${jobId}` : `.${environment.name}`;
  return [`/pv/${projectSlug}${values['PERSISTENT_VOLUME_PER_ENVIRONMENT'] === true ? own : ''}:${path}`];
}

/**
 * Returns a value for a template of environment variables. A value with special characters becomes a quoted text of consul-template, which
 * quotes it again.
 */
function environmentValue(value: string): string {
  return /^[\w.:/@+-]*$/.test(value) ? value : `{{ ${JSON.stringify(value)} | toJSON }}`;
}

/**
 * The secret with the password that the node pulls with. Nomad gives a driver values of templates only by environment variables of the
 * task, so the program in the container has the password, too.
 */
export const REGISTRY_PASSWORD = 'NOMAD_DEPLOY_REGISTRY_PASSWORD';

interface PullLogin {
  readonly username: string;
  readonly password: string;
}

/** Returns the login that the node pulls with, if the user gave one. CI systems write `0` for no login. */
export function registryLogin(values: Values): PullLogin | undefined {
  const text = (name: string): string => (values[name] === '0' ? '' : textOf(values[name]));
  const readToken = text('CI_REGISTRY_READ_TOKEN');
  if (readToken !== '') return { username: 'deploy-token', password: readToken };
  const password = text('CI_REGISTRY_PASSWORD');
  return password === '' ? undefined : { username: text('CI_REGISTRY_USER'), password };
}

/** Returns the login for the job, with the password as a reference to its secret. */
function auth(values: Values, kept: Kept | undefined): PullLogin | undefined {
  const login = registryLogin(values);
  if (login === undefined) return undefined;
  const password = kept?.login === true ? uninterpolated(login.password) : `\${${REGISTRY_PASSWORD}}`;
  return { username: uninterpolated(login.username), password };
}

/**
 * Returns the parts of a registered job of the built-in template that stay: the commit in its environment, if the job runs the same image,
 * and the login that version 0.1.0 wrote, if it is still the login of this run.
 */
export function keptParts(live: Pick<RegisteredJob, 'TaskGroups'> | undefined, image: string, values: Values): Kept {
  const task = live?.TaskGroups?.find(({ Name }) => Name === 'group')?.Tasks?.find(({ Name }) => Name === 'http');
  const environment = task?.Templates?.find(({ DestPath }) => DestPath === 'secrets/ci.env')?.EmbeddedTmpl ?? '';
  const commit = task?.Config?.['image'] === image ? /^CI_COMMIT_SHA=([0-9a-f]{7,64})$/m.exec(environment)?.[1] : undefined;
  const login = registryLogin(values);
  const [old]: unknown[] = [task?.Config?.['auth']].flat();
  const isSame =
    login !== undefined && isDeepStrictEqual(old, { username: uninterpolated(login.username), password: uninterpolated(login.password) });
  return { ...(commit === undefined ? {} : { commit }), ...(isSame ? { login: true } : {}) };
}

/** Escapes a text for a driver's `config`, which the client reads as an HCL template once more: a name may contain `${`. */
function uninterpolated(text: string): string {
  return text.replace(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`);
}

/** Converts a value to text as the cluster does; empty for a list or a map. */
function textOf(value: HclValue | undefined): string {
  return value === undefined || typeof value === 'object' ? '' : String(value);
}

function mapOf(value: HclValue | undefined): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf(item)]));
}
