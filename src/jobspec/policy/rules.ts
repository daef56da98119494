// The rules of a policy, each applied to the job that the cluster gets. A rule lists what is allowed, and any other value violates it. So
// does a value that cannot be read, and one that Nomad fills in on the node (`${meta.x}`), which can be anything.

import type { About } from '../../errors.ts';
import type { Policy } from '../../inputs/config/index.ts';
import type { Job, Service, Task, TaskGroup } from '../../nomad/types.ts';
import { isFrom } from '../../text/index.ts';
import {
  addedCapabilities,
  type ConfigViolation,
  type DriverConfig,
  hostNetwork,
  hostPaths,
  isKnownDriver,
  unisolated,
  unknownArguments,
} from './driver-config.ts';

/** A violation of a rule: its place, and a clause that begins with the job, the group or the task. */
export interface Violation {
  readonly about: About;
  readonly what: string;
}

/** A task, or a sidecar or gateway of a service of the mesh. */
interface Runs {
  readonly name: string;
  readonly about: Pick<About, 'group' | 'task'>;
  readonly task: Pick<Task, 'Config' | 'Resources' | 'CSIPluginConfig' | 'ScalingPolicies'> & {
    readonly Driver?: string | null | undefined;
  };
  /** The tasks of the group have networks other than the node's. */
  readonly isolated: boolean;
  /** The resources that Nomad reserves by default, in MHz and MB: https://developer.hashicorp.com/nomad/docs/job-specification/resources */
  readonly defaults: { readonly CPU: number; readonly MemoryMB: number };
}

const TASK_DEFAULTS = { CPU: 100, MemoryMB: 300 };
const SIDECAR_DEFAULTS = { CPU: 250, MemoryMB: 128 };

/** Returns whether a policy restricts anything. */
export function isRestricting({ at: _at, ...rules }: Policy): boolean {
  return Object.values(rules).some((rule) => rule !== undefined && rule !== true);
}

/** Returns all violations of a job, in the order of the spec. */
export function violations(job: Job, policy: Policy): Violation[] {
  const groups = job.TaskGroups ?? [];
  const namespace = job.Namespace || 'default';
  const outside = policy.namespaces !== undefined && !policy.namespaces.includes(namespace);
  return [
    ...(outside
      ? [
          {
            about: { kind: 'namespace' as const },
            what: `the job is in the namespace ${namespace}; allowed: ${namesOrNone(policy.namespaces)}`,
          },
        ]
      : []),
    ...ofRegions(job, policy),
    ...groups.flatMap((group) => [...ofGroup(group, job, policy), ...tasksOf(group).flatMap((runs) => ofTask(runs, policy))]),
  ];
}

/** Returns the tasks of a group with the sidecars and gateways of its services, including those that Nomad adds by default. */
export function tasksOf(group: TaskGroup): Runs[] {
  const own = group.Tasks ?? [];
  const networks = group.Networks ?? [];
  const isolated = networks.length > 0 && networks.every(({ Mode }) => isIsolated(Mode));
  const drivers = own.map(({ Driver }) => Driver);
  // Nomad chooses the engine of the other tasks.
  const guessed = drivers.includes('podman') && !drivers.includes('docker') ? 'podman' : 'docker';
  const sidecars = [...(group.Services ?? []), ...own.flatMap(({ Services }) => Services ?? [])].flatMap(({ Name, Connect }: Service) => {
    if (!Connect?.SidecarTask && !Connect?.SidecarService && !Connect?.Gateway) return [];
    const task = { ...Connect.SidecarTask, Driver: Connect.SidecarTask?.Driver || guessed };
    return [
      { name: `sidecar of ${group.Name}/${Name ?? 'service'}`, about: { group: group.Name }, task, isolated, defaults: SIDECAR_DEFAULTS },
    ];
  });
  const tasks = own.map((task) => ({
    name: `task ${group.Name}/${task.Name}`,
    about: { group: group.Name, task: task.Name },
    task,
    isolated,
    defaults: TASK_DEFAULTS,
  }));
  return [...tasks, ...sidecars];
}

function ofRegions({ Type, Multiregion }: Job, { maxCount }: Policy): Violation[] {
  if (maxCount === undefined) return [];
  const about = { kind: 'none' as const };
  const found = (Multiregion?.Regions ?? []).flatMap(({ Name, Count }) =>
    isAtMost(Count, maxCount)
      ? []
      : [{ about, what: `the region ${Name ?? ''} has ${amount(Count)} allocations of each group, and at most ${maxCount} are allowed` }],
  );
  if (Type === 'system' || Type === 'sysbatch')
    found.push({
      about,
      what: `the job runs on every node (its type is ${Type}), and at most ${maxCount} allocations of a group are allowed`,
    });
  return found;
}

function ofGroup(group: TaskGroup, { Update }: Job, { maxCount, hostNetwork: network, hostVolumes }: Policy): Violation[] {
  const { Name, Count, Scaling, Volumes } = group;
  const about = { group: Name };
  const found: Violation[] = [];
  if (maxCount !== undefined) {
    const count = Count ?? Scaling?.Min ?? 1;
    // Nomad starts canaries beside the running allocations, whatever their number.
    const canaries = group.Update?.Canary ?? Update?.Canary;
    const what = !isAtMost(count, maxCount)
      ? `has ${amount(count)} allocations`
      : !isAtMost(Scaling?.Max, maxCount)
        ? `may be scaled to ${amount(Scaling?.Max)} allocations`
        : !isAtMost(canaries, maxCount)
          ? `gets ${amount(canaries)} canaries`
          : undefined;
    if (what !== undefined)
      found.push({ about: { ...about, kind: 'count' }, what: `the group ${Name} ${what}, and at most ${maxCount} are allowed` });
  }
  // Networks of a task's resources are deprecated, but Nomad still reads them.
  const networks = [...(group.Networks ?? []), ...(group.Tasks ?? []).flatMap(({ Resources }) => Resources?.Networks ?? [])];
  // Without a mode the group has no network of its own, and its tasks are judged by their drivers.
  for (const mode of network === false ? networks.map(({ Mode }) => Mode || '') : [])
    if (mode === 'host')
      found.push({ about: { ...about, kind: 'network' }, what: `the group ${Name} is in the node's own network, which is not allowed` });
    else if (mode !== '' && !isIsolated(mode))
      found.push({
        about: { ...about, kind: 'network' },
        what: `the group ${Name} may be in the node's own network (its mode is ${JSON.stringify(mode)}), which is not allowed`,
      });
  if (hostVolumes === undefined || hostVolumes === true) return found;
  const allowed = hostVolumes === false ? [] : hostVolumes;
  for (const { Type, Source } of Object.values(Volumes ?? {})) {
    if (Type === 'csi' || (Type === 'host' && allowed.includes(Source ?? ''))) continue;
    const kind = Type === 'host' ? 'host volume' : `volume (of the type ${JSON.stringify(Type ?? '')})`;
    found.push({
      about: { ...about, kind: 'volume', name: Source ?? '' },
      what: `the group ${Name} has the ${kind} ${JSON.stringify(Source)}; allowed: ${namesOrNone(allowed)}`,
    });
  }
  return found;
}

/**
 * Returns the reason why a driver is not allowed, as the end of a sentence that begins with the task's name; undefined if the driver is
 * allowed.
 */
function driverProblem(driver: string, policy: Policy, confined: boolean, configured: boolean): string | undefined {
  const named = `has the driver ${JSON.stringify(driver)}`;
  const { allowedDrivers, rawExec } = policy;
  if (allowedDrivers !== undefined && driver !== '' && !allowedDrivers.includes(driver))
    return `${named}; allowed: ${namesOrNone(allowedDrivers)}`;
  if (rawExec === false && driver === 'raw_exec') return `${named}, which is not allowed`;
  if (driver === '' || allowedDrivers?.includes(driver) === true) return undefined;
  if (confined && driver === 'raw_exec' && rawExec !== true)
    return `${named}, which isolates nothing from the node; \`raw-exec: true\` of the policy can allow it`;
  // QEMU opens the files that an image names, with the rights of Nomad's client.
  if (isListing(policy.hostPaths) && driver === 'qemu')
    return `${named}, whose image can name any file of the node as its backing file; \`allowed-drivers\` of the policy can allow it`;
  if (configured && !isKnownDriver(driver))
    return `${named}, whose config cannot be checked; \`allowed-drivers\` of the policy can allow it`;
  return undefined;
}

function ofTask({ name, about, task, isolated, defaults }: Runs, policy: Policy): Violation[] {
  const config: DriverConfig = task.Config ?? {};
  const driver = task.Driver ?? '';
  const found: Violation[] = [];
  const say = (kind: About['kind'], named: string | undefined, what: string): void => {
    // The spec describes a sidecar within its service.
    const place = about.task === undefined ? ({ kind: 'service' } as const) : { kind, ...(named === undefined ? {} : { name: named }) };
    const text = `the ${name} ${what}`;
    if (!found.some((other) => other.what === text)) found.push({ about: { ...about, ...place }, what: text });
  };
  const sayAll = (all: readonly ConfigViolation[]): void => {
    for (const { key, what } of all) say(key === 'image' ? 'image' : 'config', key, what);
  };
  const pathsRestricted = isListing(policy.hostPaths);
  const confined = policy.privileged === false || pathsRestricted;
  const configured = confined || policy.hostNetwork === false || policy.capabilities !== undefined || policy.imageRegistries !== undefined;
  const problem = driverProblem(driver, policy, confined, configured);
  if (problem !== undefined) say('driver', driver, problem);
  if (configured) sayAll(unknownArguments(driver, config));
  // Nomad gives the node's /dev to such a task.
  if (confined && task.CSIPluginConfig)
    say('task', undefined, 'is a plugin for volumes (`csi_plugin`), which gets the devices of the node');

  if (policy.privileged === false) sayAll(unisolated(driver, config, policy.capabilities === undefined));
  if (policy.hostNetwork === false) {
    sayAll(hostNetwork(config));
    if (driver === 'raw_exec' || (['exec', 'java', 'qemu'].includes(driver) && !isolated))
      say(
        'driver',
        driver,
        `is in the node's own network like every task of the driver ${driver}${driver === 'raw_exec' ? '' : ' in a group without a network with `mode = "bridge"`'}, which is not allowed`,
      );
  }
  if (pathsRestricted) sayAll(hostPaths(driver, config, Array.isArray(policy.hostPaths) ? policy.hostPaths : []));
  if (policy.capabilities !== undefined) sayAll(addedCapabilities(config, policy.capabilities));
  if (policy.imageRegistries !== undefined) {
    const allowed = policy.imageRegistries;
    const { image } = config;
    const from = (hub: boolean): boolean => typeof image === 'string' && allowed.some((registry) => isFrom(image, registry, hub));
    if (image !== undefined && image !== null && !from(driver === 'docker')) {
      const short = from(true) ? `; for the driver ${driver}, write the registry as well, such as docker.io/library/redis` : '';
      say('image', undefined, `has the image ${JSON.stringify(image)}; allowed: images of ${namesOrNone(allowed)}${short}`);
    }
    for (const key of ['load', 'image_path']) {
      const file = config[key];
      if (file !== undefined && file !== null && file !== '')
        say('config', key, `has an image of the file ${JSON.stringify(file)}; allowed: images of ${namesOrNone(allowed)}`);
    }
  }
  ofResources(task, defaults, policy, say);
  return found;
}

function ofResources(
  { Config: config, Resources, ScalingPolicies }: Runs['task'],
  defaults: Runs['defaults'],
  { maxCpu, maxMemory }: Policy,
  say: (kind: About['kind'], named: string | undefined, what: string) => void,
): void {
  const { Cores, MemoryMaxMB, SecretsMB } = Resources ?? {};
  const cpu = Resources?.CPU ?? defaults.CPU;
  const memory = Resources?.MemoryMB ?? defaults.MemoryMB;
  if (maxCpu !== undefined && !isAtMost(Cores, 0))
    say('cpu', undefined, `reserves ${amount(Cores)} cores, whose MHz are unknown, and at most ${maxCpu} MHz are allowed`);
  else if (maxCpu !== undefined && !isAtMost(cpu, maxCpu))
    say('cpu', undefined, `reserves ${amount(cpu)} MHz, and at most ${maxCpu} MHz are allowed`);
  for (const [most, kind, other] of [
    [maxCpu, 'cpu', 'vertical_mem'],
    [maxMemory, 'memory', 'vertical_cpu'],
  ] as const)
    for (const { Type, Max } of most === undefined ? [] : (ScalingPolicies ?? []))
      if (Type !== other && !isAtMost(Max, most ?? 0))
        say(kind, undefined, `may be scaled to ${amount(Max)} of ${kind}, and at most ${most} is allowed`);
  if (maxMemory === undefined) return;
  const limit = config?.['memory_hard_limit'];
  const most = MemoryMaxMB ?? 0;
  const whole = typeof memory === 'number' && typeof SecretsMB === 'number' && SecretsMB > 0 ? memory + SecretsMB : memory;
  if (!isAtMost(whole, maxMemory) || !isAtMost(SecretsMB, maxMemory))
    say(
      'memory',
      undefined,
      `reserves ${amount(isAtMost(whole, maxMemory) ? SecretsMB : whole)} MB of memory, and at most ${maxMemory} MB are allowed`,
    );
  else if (!isAtMost(most, maxMemory) || most < 0)
    say('memory', undefined, `may use ${most < 0 ? 'all' : `${amount(most)} MB of`} memory, and at most ${maxMemory} MB are allowed`);
  else if (!isAtMost(typeof limit === 'string' && /^\d+$/.test(limit) ? Number(limit) : limit, maxMemory))
    say('config', 'memory_hard_limit', `may use ${amount(limit)} MB of memory, and at most ${maxMemory} MB are allowed`);
}

/** A rule that is a list, or `false`, is set. */
const isListing = (rule: Policy['hostPaths']): boolean => rule !== undefined && rule !== true;

export const namesOrNone = (names: readonly string[] | undefined): string => names?.join(', ') || 'none';

/** A network of the group's own is Nomad's bridge, none, or one of CNI. */
const isIsolated = (mode: unknown): boolean => typeof mode === 'string' && /^(bridge|none|cni\/[\w.-]+)$/.test(mode);

/** An amount is quoted as it is written, even if JavaScript has no such number. */
const amount = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));

/**
 * Returns whether an amount is within a limit. An amount that is not set is within it; one that is not a plain number (a text, more digits
 * than JavaScript has) is not.
 */
function isAtMost(amount: unknown, most: number): boolean {
  return amount === undefined || amount === null || (typeof amount === 'number' && amount <= most);
}
