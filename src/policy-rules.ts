// What a job is not to do: each rule of a policy on the job as the cluster understood it. Only what is plain is believed: a value that Nomad fills in
// on the node (`${meta.x}`) can be anything there.
import { posix } from 'node:path';
import type { Policy } from './config.ts';
import type { Job, Task, TaskGroup } from './nomad/types.ts';
import type { About } from './spec-line.ts';

/** What is against a rule: where, and a sentence that begins in the middle of a line. */
export interface Violation {
  readonly about: About;
  readonly what: string;
}

/** A task, or what is run beside the tasks for a service of the mesh. */
interface Runs {
  readonly name: string;
  readonly about: Pick<About, 'group' | 'task'>;
  readonly task: Pick<Task, 'Config' | 'Resources'> & { readonly Driver?: string | null | undefined };
  /** Undefined: the group has none of its own, and is in the node's. */
  readonly network: string | undefined;
}

/** All that a job has against a policy, in the order of the spec. */
export function violations(job: Job, policy: Policy): Violation[] {
  const groups = job.TaskGroups ?? [];
  const namespace = job.Namespace || 'default';
  const outside = policy.namespaces !== undefined && !policy.namespaces.includes(namespace);
  return [
    ...(outside
      ? [
          {
            about: { kind: 'namespace' as const },
            what: `the job is in the namespace ${namespace}, and allowed are ${listed(policy.namespaces)}`,
          },
        ]
      : []),
    ...groups.flatMap((group) => [...ofGroup(group, policy), ...tasksOf(group).flatMap((runs) => ofTask(runs, policy))]),
  ];
}

/** The tasks of a group, and the sidecars and gateways that its services describe. */
export function tasksOf(group: TaskGroup): Runs[] {
  const network = group.Networks?.[0]?.Mode || undefined;
  const sidecars = [...(group.Services ?? []), ...(group.Tasks ?? []).flatMap(({ Services }) => Services ?? [])].flatMap(
    ({ Name, Connect }) =>
      Connect?.SidecarTask
        ? [{ name: `sidecar of ${group.Name}/${Name ?? 'service'}`, about: { group: group.Name }, task: Connect.SidecarTask, network }]
        : [],
  );
  const tasks = (group.Tasks ?? []).map((task) => ({
    name: `task ${group.Name}/${task.Name}`,
    about: { group: group.Name, task: task.Name },
    task,
    network,
  }));
  return [...tasks, ...sidecars];
}

function ofGroup({ Name, Count, Scaling, Networks, Volumes }: TaskGroup, { maxCount, hostNetwork, hostVolumes }: Policy): Violation[] {
  const about = { group: Name };
  const found: Violation[] = [];
  const most = Math.max(Count ?? 1, Scaling?.Max ?? 0);
  if (maxCount !== undefined && most > maxCount) {
    const what = most > (Count ?? 1) ? `may be scaled to ${most} allocations` : `has ${most} allocations`;
    found.push({ about: { ...about, kind: 'count' }, what: `the group ${Name} ${what}, and at most ${maxCount} are allowed` });
  }
  if (hostNetwork === false && Networks?.some(({ Mode }) => isHost(Mode)) === true)
    found.push({ about: { ...about, kind: 'network' }, what: `the group ${Name} is in the node's own network, which is not allowed` });
  for (const { Type, Source } of Object.values(Volumes ?? {})) {
    if (Type !== 'host' || hostVolumes === undefined || hostVolumes === true) continue;
    const allowed = hostVolumes === false ? [] : hostVolumes;
    if (!allowed.includes(Source ?? ''))
      found.push({
        about: { ...about, kind: 'volume', name: Source ?? '' },
        what: `the group ${Name} has the host volume ${JSON.stringify(Source)}, and allowed are ${listed(allowed)}`,
      });
  }
  return found;
}

function ofTask({ name, about, task, network }: Runs, policy: Policy): Violation[] {
  const config = task.Config ?? {};
  const driver = task.Driver ?? '';
  const found: Violation[] = [];
  const say = (kind: About['kind'], named: string | undefined, what: string): void => {
    // A sidecar is described within its service.
    const place = about.task === undefined ? ({ kind: 'service' } as const) : { kind, ...(named === undefined ? {} : { name: named }) };
    found.push({ about: { ...about, ...place }, what: `the ${name} ${what}` });
  };
  if (policy.allowedDrivers !== undefined && driver !== '' && !policy.allowedDrivers.includes(driver))
    say('driver', driver, `has the driver ${JSON.stringify(driver)}, and allowed are ${listed(policy.allowedDrivers)}`);
  else if (policy.rawExec === false && driver === 'raw_exec') say('driver', driver, 'has the driver "raw_exec", which is not allowed');

  if (policy.privileged === false) {
    if (!isFalse(config['privileged']))
      say('config', 'privileged', `is privileged${unlessPlain(config['privileged'])}, which is not allowed`);
    for (const key of ['pid_mode', 'ipc_mode', 'uts_mode', 'userns_mode', 'userns', 'cgroupns'])
      if (isHost(config[key]))
        say(
          'config',
          key,
          `shares what is the node's (${key}${unlessPlain(config[key])}), which is not allowed: it is as good as privileged`,
        );
    for (const option of texts(config['security_opt']))
      if (/unconfined|disable|\$\{/.test(option))
        say(
          'config',
          'security_opt',
          `has the security option ${JSON.stringify(option)}, which is not allowed: it is as good as privileged`,
        );
  }
  if (policy.hostNetwork === false) {
    const isolated = network !== undefined && !isHost(network);
    if (isHost(config['network_mode']) || !isFalse(config['host_network']))
      say('config', 'network_mode', "is in the node's own network, which is not allowed");
    else if (driver === 'raw_exec' || (['exec', 'java', 'qemu'].includes(driver) && !isolated))
      say(
        'driver',
        driver,
        `is in the node's own network, as the driver ${driver} is${driver === 'raw_exec' ? '' : ' where the group has no network with `mode = "bridge"`'}, and that is not allowed`,
      );
  }
  if (policy.hostPaths !== undefined && policy.hostPaths !== true) {
    const allowed = policy.hostPaths === false ? [] : policy.hostPaths;
    for (const { path, key } of hostPaths(config))
      if (!allowed.some((folder) => isBelow(path, folder)))
        say('config', key, `mounts ${JSON.stringify(path)} of the node, and allowed are ${listed(allowed)}`);
  }
  if (policy.capabilities !== undefined) {
    const allowed = policy.capabilities.map(capability);
    const added = texts(config['cap_add']).filter((one) => !allowed.includes(capability(one)));
    if (added.length > 0)
      say('config', 'cap_add', `adds the capabilities ${added.join(', ')}, and allowed are ${listed(policy.capabilities)}`);
  }
  if (policy.imageRegistries !== undefined) {
    const { image, load } = config;
    if (typeof image === 'string' && !policy.imageRegistries.some((registry) => isFrom(image, registry)))
      say('image', undefined, `has the image ${JSON.stringify(image)}, and allowed are those of ${listed(policy.imageRegistries)}`);
    if (typeof load === 'string' && load !== '')
      say('config', 'load', `has an image of the file ${JSON.stringify(load)}, and allowed are those of ${listed(policy.imageRegistries)}`);
  }
  const { CPU, Cores, MemoryMB, MemoryMaxMB } = task.Resources ?? {};
  const { maxCpu, maxMemory } = policy;
  if (maxCpu !== undefined && (Cores ?? 0) > 0)
    say('cpu', undefined, `reserves ${Cores} cores, whose MHz nobody knows, and at most ${maxCpu} MHz are allowed`);
  else if (maxCpu !== undefined && (CPU ?? 0) > maxCpu) say('cpu', undefined, `reserves ${CPU} MHz, and at most ${maxCpu} MHz are allowed`);
  if (maxMemory !== undefined) {
    const limit = Number(config['memory_hard_limit'] ?? 0);
    if ((MemoryMB ?? 0) > maxMemory) say('memory', undefined, `reserves ${MemoryMB} MB of memory, and at most ${maxMemory} MB are allowed`);
    else if ((MemoryMaxMB ?? 0) > maxMemory || (MemoryMaxMB ?? 0) < 0)
      say(
        'memory',
        undefined,
        `may use ${(MemoryMaxMB ?? 0) < 0 ? 'all' : `${MemoryMaxMB} MB of`} memory, and at most ${maxMemory} MB are allowed`,
      );
    else if (!(limit <= maxMemory))
      say(
        'config',
        'memory_hard_limit',
        `may use ${String(config['memory_hard_limit'])} MB of memory, and at most ${maxMemory} MB are allowed`,
      );
  }
  return found;
}

export const listed = (names: readonly string[] | undefined): string => names?.join(', ') || 'none';

/** Drivers take the words for yes and no, too. */
const isFalse = (value: unknown): boolean => [undefined, null, false, 0, '', 'false', '0'].some((no) => no === value);
const isHost = (value: unknown): boolean => typeof value === 'string' && (/^(host|container:)/.test(value) || value.includes('${'));
const unlessPlain = (value: unknown): string => (typeof value === 'string' ? ` = ${JSON.stringify(value)}` : '');
const capability = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map((item: unknown) =>
    typeof item === 'string' ? item : JSON.stringify(item),
  );
}

/** A block is a list of objects, or one. */
function objects(value: unknown): Readonly<Record<string, unknown>>[] {
  return [value].flat().flatMap((item) => (typeof item === 'object' && item !== null ? [Object.fromEntries(Object.entries(item))] : []));
}

/** Folders, files and devices of the node that a container gets, with the argument that names each. */
function hostPaths(config: Readonly<Record<string, unknown>>): { path: string; key: string }[] {
  const found: { path: string; key: string }[] = [];
  const add = (path: unknown, key: string): void => {
    const text = typeof path === 'string' ? path : '';
    if (text !== '' && !isOwn(text)) found.push({ path: text, key });
  };
  for (const volume of texts(config['volumes'])) {
    const [source = ''] = volume.split(':');
    // A name is a volume of the engine, which `volume_driver` makes.
    if (/[/.$~]/.test(source)) add(volume.startsWith('${') ? /^\$\{[^}]*\}[^:]*/.exec(volume)?.[0] : source, 'volumes');
  }
  for (const mount of [...objects(config['mount']), ...objects(config['mounts'])]) {
    const source = typeof mount['source'] === 'string' ? mount['source'] : '';
    if (mount['type'] === 'bind' || source.startsWith('/') || source.includes('${')) add(source, source);
    // The engine's own driver of volumes binds a path that its options name.
    for (const options of objects(mount['volume_options'])
      .flatMap((one) => objects(one['driver_config']))
      .flatMap((one) => objects(one['options'])))
      if (options['device'] !== undefined) add(options['device'], 'mount');
  }
  for (const device of [config['devices']].flat()) {
    const named = objects(device)[0]?.['host_path'];
    add(named ?? (typeof device === 'string' ? device.split(':')[0] : undefined), 'devices');
  }
  return found;
}

/** A path within the allocation's own folders: relative to the task's, or below a variable that names one of them. */
function isOwn(path: string): boolean {
  const below = /^\$\{(?:NOMAD_(?:ALLOC|TASK|SECRETS)_DIR|env\.NOMAD_(?:ALLOC|TASK|SECRETS)_DIR)\}(\/[^$]*)?$/.exec(path);
  if (below !== null) return !posix.normalize(`./${below[1] ?? ''}`).startsWith('..');
  if (path.startsWith('/') || path.startsWith('~') || path.includes('${')) return false;
  return !posix.normalize(path).startsWith('../..');
}

function isBelow(path: string, folder: string): boolean {
  const [inner, outer] = [posix.normalize(`${path}/`), posix.normalize(`${folder}/`)];
  return !path.includes('${') && path.startsWith('/') && inner.startsWith(outer);
}

/** Whether an image is of a registry, or of a repository or a part of one: `ghcr.io/acme` has `ghcr.io/acme/shop`, and not `ghcr.io/acmeshop`. */
function isFrom(image: string, registry: string): boolean {
  const plain = image.replace(/^docker:\/\//, '');
  // Podman takes more than registries.
  if (/^(?:[a-z-]+:\/|(?:docker-archive|docker-daemon|oci-archive|containers-storage|oci|dir):)/.test(plain)) return false;
  const at = plain.indexOf('${');
  // What is filled in may be a host, if it comes before the first slash.
  if (at >= 0 && !plain.slice(0, at).includes('/')) return false;
  const known = fullName(at < 0 ? plain : plain.slice(0, at));
  const wanted = fullRegistry(registry);
  // The tag may come from anywhere, a name may not.
  const name = at < 0 ? known.replace(/@.*$/, '').replace(/:[^/]*$/, '') : known;
  return name === wanted || name.startsWith(`${wanted}/`) || (at >= 0 && name.startsWith(`${wanted}:`));
}

/** `redis` is `docker.io/library/redis`. */
function fullName(image: string): string {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:]|^localhost$/.test(first) ? [hub(first), ...rest].join('/') : `docker.io/${image}`;
}

function fullRegistry(registry: string): string {
  const plain = registry.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  const [first = '', ...rest] = plain.split('/');
  return /[.:]|^localhost$/.test(first) ? [hub(first), ...rest].join('/') : `docker.io/${plain}`;
}

const hub = (host: string): string => (/^(index\.|registry-1\.)?docker\.io$/.test(host) ? 'docker.io' : host);
