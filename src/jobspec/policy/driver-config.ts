// The rules of a policy for a driver's `config`. Nomad passes it to the driver as JSON of HCL: a text is a template (`${…}`, `%{…}`), a
// block is an object or a list of objects, a list within that list is one object in pieces, and names count as they are written. A value
// that cannot be read is refused.
import { posix } from 'node:path';
import { nearest } from '../../text/index.ts';

export type DriverConfig = Readonly<Record<string, unknown>>;

/** A violation of a rule: the argument, and the end of a sentence that begins with the task's name. */
export interface ConfigViolation {
  readonly key: string;
  readonly what: string;
}

/** The arguments of the drivers whose configuration can be judged. */
const ARGUMENTS = new Map(
  Object.entries({
    docker: `image advertise_ipv6_address args auth auth_soft_fail cap_add cap_drop cgroupns command container_exists_attempts cpu_cfs_period
      cpu_hard_limit cpuset_cpus devices dns_options dns_search_domains dns_servers entrypoint extra_hosts force_pull group_add healthchecks hostname
      image_pull_timeout init interactive ipc_mode ipv4_address ipv6_address isolation labels load logging mac_address memory_hard_limit mount mounts
      network_aliases network_mode oom_score_adj pid_mode pids_limit port_map ports privileged readonly_rootfs runtime security_opt shm_size storage_opt
      sysctl tty ulimit userns_mode uts_mode volume_driver volumes work_dir`,
    podman: `image apparmor_profile arch args auth auth_soft_fail cap_add cap_drop command cpu_cfs_period cpu_hard_limit devices entrypoint
      extra_hosts force_pull hostname image_pull_timeout init init_path ipc_mode ipv4_address ipv6_address labels logging memory_reservation
      memory_swap memory_swappiness network_mode oom_score_adj os pids_limit port_map ports privileged readonly_rootfs security_opt selinux_opts
      shm_size socket static_ips static_mac sysctl tmpfs tty ulimit userns variant volumes working_dir`,
    exec: 'args cap_add cap_drop command ipc_mode pid_mode work_dir',
    java: 'args cap_add cap_drop class class_path command ipc_mode jar_path jvm_options pid_mode work_dir',
    qemu: 'accelerator args drive_interface emulator graceful_shutdown guest_agent image_path machine_type port_map',
    raw_exec: 'args cgroup_v1_override cgroup_v2_override command denied_envvars oom_score_adj work_dir',
    mock_driver: '',
  }).map(([driver, names]) => [driver, names.split(/\s+/)]),
);

/** Returns whether the arguments of a driver are known, so that its `config` can be judged. */
export function isKnownDriver(driver: string): boolean {
  return ARGUMENTS.has(driver);
}

/** Returns the arguments that a driver is not known to have. Another version may have them, or read them as something else. */
export function unknownArguments(driver: string, config: DriverConfig): ConfigViolation[] {
  const known = ARGUMENTS.get(driver);
  if (known === undefined || driver === 'mock_driver') return [];
  return Object.keys(config)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      return {
        key,
        what: `has ${JSON.stringify(key)} in its config, which cannot be checked: this version knows no such argument of the driver ${driver}${hint}`,
      };
    });
}

/** The values that isolate a container. A missing value is the driver's default, which does, too. */
const OWN: Readonly<Record<string, RegExp>> = {
  pid_mode: /^(private)?$/,
  ipc_mode: /^(private|shareable|none)?$/,
  uts_mode: /^(private)?$/,
  userns_mode: /^$/,
  userns: /^(private|nomap|(auto|keep-id)(:[\w=,:.-]*)?)?$/,
  cgroupns: /^(private)?$/,
  runtime: /^(runc|crun|runsc|nvidia|kata|kata-runtime)?$/,
  apparmor_profile: /^(docker-default|containers-default[\w.-]*)?$/,
};
const SECURITY_OPTIONS = ['no-new-privileges', 'no-new-privileges:true', 'no-new-privileges=true'];

/** Capabilities that containers have by default, or that act only within a container's own namespaces. */
const HARMLESS = `AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT
  IPC_LOCK LEASE NET_ADMIN NET_BROADCAST SYS_NICE SYS_RESOURCE`.split(/\s+/);

/**
 * `privileged: false`: returns what shares more with the node than a container does by default. `capabilities` have their own rule, if it
 * is set.
 */
export function unisolated(driver: string, config: DriverConfig, capabilities: boolean): ConfigViolation[] {
  const found: ConfigViolation[] = [];
  const { privileged } = config;
  if (!isFalse(privileged)) found.push({ key: 'privileged', what: `is privileged${unlessPlain(privileged)}, which is not allowed` });
  for (const [key, own] of Object.entries(OWN)) {
    const value = config[key] ?? '';
    if (typeof value === 'string' && own.test(value)) continue;
    found.push({
      key,
      what: `is not isolated from the node (${key} = ${JSON.stringify(value)}), which is as good as privileged and not allowed`,
    });
  }
  for (const key of ['security_opt', 'selinux_opts']) {
    for (const option of itemsOf(config[key]))
      if (key !== 'security_opt' || typeof option !== 'string' || !SECURITY_OPTIONS.includes(option))
        found.push({ key, what: `has the security option ${JSON.stringify(option)}, which is as good as privileged and not allowed` });
  }
  if (driver === 'qemu') found.push(...virtualMachine(config));
  if (!capabilities) return found;
  const added = itemsOf(config['cap_add']).filter((one) => !HARMLESS.includes(capability(one)));
  if (added.length > 0)
    found.push({
      key: 'cap_add',
      what: `adds the capabilities ${shown(added)}, which is as good as privileged and not allowed; \`capabilities\` of the policy can allow them`,
    });
  return found;
}

/** `capabilities`: returns the added capabilities that are not allowed. */
export function addedCapabilities(config: DriverConfig, allowed: readonly string[]): ConfigViolation[] {
  const names = allowed.map(capability);
  const added = itemsOf(config['cap_add']).filter((one) => !names.includes(capability(one)));
  return added.length === 0 ? [] : [{ key: 'cap_add', what: `adds the capabilities ${shown(added)}; allowed: ${listed(allowed)}` }];
}

/** `host-network: false`: returns a violation if the container's network is not, or may not be, its own or one of the engine's. */
export function hostNetwork(config: DriverConfig): ConfigViolation[] {
  const mode = config['network_mode'] ?? '';
  const key = 'network_mode';
  if (mode === 'host' || !isFalse(config['host_network'])) return [{ key, what: "is in the node's own network, which is not allowed" }];
  // The mode is the name of a network of the engine, or Podman's `task:<name>`, another task of the group.
  if (typeof mode === 'string' && /^((task:)?[A-Za-z0-9][\w.-]*)?$/.test(mode) && !/^host$/i.test(mode)) return [];
  return [{ key, what: `may be in the node's own network (network_mode = ${JSON.stringify(mode)}), which is not allowed` }];
}

/**
 * `host-paths`: returns folders, files and devices of the node that a container gets and that are not below one of `allowed`. Always
 * allowed are volumes of the engine by plain names, memory (tmpfs), and relative paths below the task's own folder.
 */
export function hostPaths(driver: string, config: DriverConfig, allowed: readonly string[]): ConfigViolation[] {
  const initPath = config['init_path'];
  return [
    ...volumePaths(config, allowed),
    ...['mount', 'mounts'].flatMap((key) => mountPaths(config[key], key, allowed)),
    ...devicePaths(config['devices'], allowed),
    ...(isBlank(initPath) ? [] : devicePath(initPath, allowed)),
    ...logPaths(config['logging'], allowed),
    ...(driver === 'qemu' ? [...boundPath(config['image_path'] ?? '', 'image_path', allowed), ...virtualMachine(config)] : []),
  ];
}

function boundPath(path: unknown, key: string, allowed: readonly string[]): ConfigViolation[] {
  const why = typeof path === 'string' ? notOwn(path) : 'of the node';
  if (why === undefined || (typeof path === 'string' && isListed(path, allowed))) return [];
  return [{ key, what: `mounts ${JSON.stringify(path)} ${why}; allowed: ${listed(allowed)}` }];
}

function devicePath(path: unknown, allowed: readonly string[]): ConfigViolation[] {
  if (typeof path === 'string' && isListed(path, allowed)) return [];
  return [{ key: 'devices', what: `mounts ${JSON.stringify(path)} of the node; allowed: ${listed(allowed)}` }];
}

function unread(key: string): ConfigViolation {
  return { key, what: `has a \`${key}\` that cannot be checked: write a plain list as the driver documents it` };
}

/** Reads the objects of a block. Any other value, or an object with names outside of `names`, is a violation. */
function read(
  value: unknown,
  key: string,
  names?: readonly string[],
): { readonly objects: readonly DriverConfig[]; readonly found: readonly ConfigViolation[] } {
  const list = blocks(value);
  const isPlain = list?.every((one) => Object.keys(one).every((name) => names?.includes(name) !== false)) === true;
  return isPlain ? { objects: list, found: [] } : { objects: [], found: [unread(key)] };
}

function volumePaths(config: DriverConfig, allowed: readonly string[]): ConfigViolation[] {
  const driver = config['volume_driver'];
  return [
    ...itemsOf(config['volumes']).flatMap((volume) =>
      typeof volume === 'string' ? boundPath(volume.split(':')[0], 'volumes', allowed) : [unread('volumes')],
    ),
    ...(isBlank(driver)
      ? []
      : [
          {
            key: 'volume_driver',
            what: `has the volume driver ${JSON.stringify(driver)}, which can mount any folder of the node`,
          },
        ]),
  ];
}

const MOUNT = ['type', 'target', 'source', 'readonly', 'bind_options', 'tmpfs_options', 'volume_options'];
const VOLUME = ['no_copy', 'labels', 'driver_config'];

function mountPaths(value: unknown, key: string, allowed: readonly string[]): ConfigViolation[] {
  const { objects, found } = read(value, key, MOUNT);
  const ofEach = objects.flatMap(({ type, source, volume_options: volume }) => {
    // The source finds the line in the spec.
    const place = typeof source === 'string' && source !== '' ? source : key;
    const options = read(volume, place, VOLUME);
    const drivers = options.objects.filter((one) => blocks(one['driver_config'])?.length !== 0);
    return [
      ...mountSource(type, source, place, allowed),
      ...options.found,
      ...drivers.map(() => ({ key: place, what: 'has a volume with a `driver_config`, which can mount any folder of the node' })),
    ];
  });
  return [...found, ...ofEach];
}

function mountSource(type: unknown, source: unknown, place: string, allowed: readonly string[]): ConfigViolation[] {
  if (type === 'bind') return boundPath(source, place, allowed);
  if (!isBlank(type) && type !== 'volume' && type !== 'tmpfs')
    return [{ key: place, what: `has a mount of the type ${JSON.stringify(type)}; allowed: volume, tmpfs and bind` }];
  const isVolume = type !== 'tmpfs' && typeof source === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(source);
  if (isBlank(source) || isVolume) return [];
  return [{ key: place, what: `mounts ${JSON.stringify(source)} of the node; allowed: ${listed(allowed)}` }];
}

/** Returns violations of devices, which are blocks for Docker and texts for Podman. */
function devicePaths(value: unknown, allowed: readonly string[]): ConfigViolation[] {
  const list = itemsOf(value);
  if (list.every((one) => typeof one === 'string')) return list.flatMap((one) => devicePath(String(one).split(':')[0], allowed));
  const { objects, found } = read(value, 'devices', ['host_path', 'container_path', 'cgroup_permissions']);
  return [...found, ...objects.flatMap((one) => devicePath(one['host_path'], allowed))];
}

function logPaths(value: unknown, allowed: readonly string[]): ConfigViolation[] {
  const { objects, found } = read(value, 'logging', ['type', 'driver', 'config', 'options']);
  const ofEach = objects.flatMap((logging) => {
    const all = [read(logging['config'], 'logging'), read(logging['options'], 'logging')];
    const options = all.flatMap((one) => one.objects).flatMap(Object.entries<unknown>);
    return [
      ...all.flatMap((one) => one.found),
      ...options.flatMap(([name, option]) => {
        const path = logPath(name, option);
        if (path === undefined || isListed(path, allowed)) return [];
        const what = `has the ${name} ${JSON.stringify(option)} for its log, which may be a path of the node; allowed: ${listed(allowed)}`;
        return [{ key: 'logging', what }];
      }),
    ];
  });
  return [...found, ...ofEach];
}

/**
 * Returns the part of a log option that may be a file or a socket of the node, such as `syslog-address = "unixgram:///run/x.sock"`;
 * undefined for any other value. A variable at the beginning can be such a path, too, except in the `tag`, which is not a path.
 */
function logPath(name: string, value: unknown): string | undefined {
  if (name === 'tag' || ['number', 'boolean'].includes(typeof value)) return undefined;
  if (typeof value !== 'string') return '';
  const path = value.replace(/^unix\w*:(\/\/)?/i, '');
  return path !== value || /^([/~.\\]|[$%]\{|(file|fd|npipe):)/i.test(value) ? path : undefined;
}

/**
 * Returns the arguments of QEMU that may name files of the node, on which QEMU itself runs. A comma begins another option within an
 * argument.
 */
function virtualMachine(config: DriverConfig): ConfigViolation[] {
  const own = (key: string): boolean => isBlank(config[key]) || (key !== 'emulator' && /^[\w.-]+$/.test(String(config[key])));
  const path = config['image_path'];
  return [
    ...(itemsOf(config['args']).length > 0 ? ['args'] : []),
    ...(isBlank(path) || (typeof path === 'string' && !path.includes(',')) ? [] : ['image_path']),
    ...['emulator', 'machine_type', 'accelerator', 'drive_interface'].filter((key) => !own(key)),
  ].map((key) => ({ key, what: `has \`${key}\` for QEMU, which can give the machine any file of the node` }));
}

/** Returns the owner of a path outside of the task's folder; undefined for a literal path below that folder. */
function notOwn(path: string): string | undefined {
  const own = /^\$\{(?:env\.)?NOMAD_TASK_DIR\}\/(.*)$/.exec(path)?.[1];
  // In a container's config the variable is the path in the container, which is another folder on the node.
  if (own !== undefined) return `of the node (the variable is the path in the container; write local/${own})`;
  if (isFilled(path) || /^[/~]|\\|^[A-Za-z]?$/.test(path)) return 'of the node';
  const normal = posix.normalize(path);
  if (normal === '../alloc' || normal.startsWith('../alloc/'))
    return 'of the shared folder, where another task can put a symbolic link to a file of the node';
  // A container that can write to the whole folder can replace Nomad's own mounts with links.
  return /^\.\/?$/.test(normal) || normal === '..' || normal.startsWith('../') ? 'of the node' : undefined;
}

function isListed(path: string, allowed: readonly string[]): boolean {
  const inner = posix.normalize(`${path}/`);
  return (
    path.startsWith('/') &&
    !isFilled(path) &&
    allowed.some((folder) => folder.startsWith('/') && inner.startsWith(posix.normalize(`${folder}/`)))
  );
}

/** A text that the node changes. */
const isFilled = (text: string): boolean => /[$%]\{/.test(text);

/** Drivers also accept texts and numbers for false. */
const isFalse = (value: unknown): boolean => [undefined, null, false, 0, '', 'false', '0'].some((no) => no === value);
const isBlank = (value: unknown): boolean => value === undefined || value === null || value === '';
const unlessPlain = (value: unknown): string => (typeof value === 'string' ? ` = ${JSON.stringify(value)}` : '');
const listed = (allowed: readonly string[]): string => allowed.join(', ') || 'none';
const capability = (name: unknown): string => (typeof name === 'string' ? name.toUpperCase().replace(/^CAP_/, '') : '');
const shown = (names: readonly unknown[]): string =>
  names.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))).join(', ');
const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isBlank(value) ? [] : [value]);

/** Returns the objects of a block; undefined for any other value, such as a list within a list. */
function blocks(value: unknown): readonly DriverConfig[] | undefined {
  const list = itemsOf(value);
  return list.every(isObject) ? list : undefined;
}

function isObject(value: unknown): value is DriverConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
