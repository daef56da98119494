// The rules of a policy for a driver's `config`. Nomad hands it to the driver as JSON of HCL: a text is a template (`${…}`, `%{…}`), a block is an
// object or a list of them, a list within that list is one object in pieces, and names count as they are written. A value that can't be read is refused.
import { posix } from 'node:path';
import { nearest } from '../../text/index.ts';

export type DriverConfig = Readonly<Record<string, unknown>>;

/** A violation of a rule: the argument, and a sentence that begins after the task's name. */
export interface ConfigViolation {
  readonly key: string;
  readonly what: string;
}

/** The arguments that the drivers have whose configuration is understood here. */
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

/** Whether what a driver takes is known here, so that its `config` can be judged. */
export function isKnownDriver(driver: string): boolean {
  return ARGUMENTS.has(driver);
}

/** Arguments that a driver does not have: it may have them in another version, or take them for something else. */
export function unknownArguments(driver: string, config: DriverConfig): ConfigViolation[] {
  const known = ARGUMENTS.get(driver);
  if (known === undefined || driver === 'mock_driver') return [];
  return Object.keys(config)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      const hint = meant === undefined ? '' : `; is ${meant} meant?`;
      return {
        key,
        what: `has ${JSON.stringify(key)} in its config, which can't be judged: the driver ${driver} is not known to take it${hint}`,
      };
    });
}

/** The values that leave a container its own; nothing is the driver's default, which is one of them. */
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

/** Capabilities that containers have by default, or that are of use within a container's own namespaces only. */
const HARMLESS = `AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT
  IPC_LOCK LEASE NET_ADMIN NET_BROADCAST SYS_NICE SYS_RESOURCE`.split(/\s+/);

/** `privileged: false`: what shares more with the node than a container does by default. `capabilities` are judged by their own rule if there is one. */
export function unisolated(driver: string, config: DriverConfig, capabilities: boolean): ConfigViolation[] {
  const found: ConfigViolation[] = [];
  const { privileged } = config;
  if (!isFalse(privileged)) found.push({ key: 'privileged', what: `is privileged${unlessPlain(privileged)}, which is not allowed` });
  for (const [key, own] of Object.entries(OWN)) {
    const value = config[key] ?? '';
    if (typeof value === 'string' && own.test(value)) continue;
    found.push({
      key,
      what: `shares what is the node's (${key} = ${JSON.stringify(value)}), which is not allowed: it is as good as privileged`,
    });
  }
  for (const key of ['security_opt', 'selinux_opts']) {
    for (const option of itemsOf(config[key]))
      if (key !== 'security_opt' || typeof option !== 'string' || !SECURITY_OPTIONS.includes(option))
        found.push({ key, what: `has the security option ${JSON.stringify(option)}, which is not allowed: it is as good as privileged` });
  }
  if (driver === 'qemu') found.push(...virtualMachine(config));
  if (!capabilities) return found;
  const added = itemsOf(config['cap_add']).filter((one) => !HARMLESS.includes(capability(one)));
  if (added.length > 0)
    found.push({
      key: 'cap_add',
      what: `adds the capabilities ${shown(added)}, which is not allowed: it is as good as privileged, unless \`capabilities\` of the policy has them`,
    });
  return found;
}

/** `capabilities`: what is added beyond them. */
export function addedCapabilities(config: DriverConfig, allowed: readonly string[]): ConfigViolation[] {
  const names = allowed.map(capability);
  const added = itemsOf(config['cap_add']).filter((one) => !names.includes(capability(one)));
  return added.length === 0
    ? []
    : [{ key: 'cap_add', what: `adds the capabilities ${shown(added)}, and allowed are ${allowed.join(', ') || 'none'}` }];
}

/** `host-network: false`: a container in a network that is not, or may not be, its own or one of the engine's. */
export function hostNetwork(config: DriverConfig): ConfigViolation[] {
  const mode = config['network_mode'] ?? '';
  const key = 'network_mode';
  if (mode === 'host' || !isFalse(config['host_network'])) return [{ key, what: "is in the node's own network, which is not allowed" }];
  // The name of a network of the engine, or Podman's `task:<name>`, which is another task of the group.
  if (typeof mode === 'string' && /^((task:)?[A-Za-z0-9][\w.-]*)?$/.test(mode) && !/^host$/i.test(mode)) return [];
  return [{ key, what: `may be in the node's own network (network_mode = ${JSON.stringify(mode)}), which is not allowed` }];
}

/**
 * `host-paths`: folders, files and devices of the node that a container gets and that are not below one of `allowed`. What may be besides: volumes of
 * the engine by their plain names, memory (tmpfs), and what is below the task's own folder by a relative path.
 */
export function hostPaths(driver: string, config: DriverConfig, allowed: readonly string[]): ConfigViolation[] {
  const found: ConfigViolation[] = [];
  const may = allowed.join(', ') || 'none';
  const bind = (path: unknown, key: string): void => {
    const why = typeof path === 'string' ? notOwn(path) : 'of the node';
    if (why === undefined || (typeof path === 'string' && isListed(path, allowed))) return;
    found.push({ key, what: `mounts ${JSON.stringify(path)} ${why}, and allowed are ${may}` });
  };
  const device = (path: unknown): void => {
    if (typeof path !== 'string' || !isListed(path, allowed))
      found.push({ key: 'devices', what: `mounts ${JSON.stringify(path)} of the node, and allowed are ${may}` });
  };
  const unread = (key: string): void => {
    found.push({ key, what: `has a \`${key}\` that can't be judged: it has to be a plain list of what the driver documents` });
  };
  /** The objects of a block, each with known names only where names are known. */
  const read = (value: unknown, key: string, names?: readonly string[]): readonly DriverConfig[] => {
    const list = blocks(value);
    if (list?.every((one) => Object.keys(one).every((name) => names?.includes(name) !== false)) === true) return list;
    unread(key);
    return [];
  };

  for (const volume of itemsOf(config['volumes'])) {
    if (typeof volume === 'string') bind(volume.split(':')[0], 'volumes');
    else unread('volumes');
  }
  if (!isBlank(config['volume_driver']))
    found.push({
      key: 'volume_driver',
      what: `has the volume driver ${JSON.stringify(config['volume_driver'])}, which can mount any folder of the node`,
    });
  for (const key of ['mount', 'mounts'])
    for (const mount of read(config[key], key, [
      'type',
      'target',
      'source',
      'readonly',
      'bind_options',
      'tmpfs_options',
      'volume_options',
    ])) {
      const { type, source } = mount;
      // The lines of a spec are found by the source.
      const place = typeof source === 'string' && source !== '' ? source : key;
      if (type === 'bind') bind(source, place);
      else if (!isBlank(type) && type !== 'volume' && type !== 'tmpfs')
        found.push({ key: place, what: `has a mount of the type ${JSON.stringify(type)}, and allowed are volume, tmpfs and bind` });
      else if (!isBlank(source) && (type === 'tmpfs' || typeof source !== 'string' || !/^[A-Za-z0-9][\w.-]*$/.test(source)))
        found.push({ key: place, what: `mounts ${JSON.stringify(source)} of the node, and allowed are ${may}` });
      for (const options of read(mount['volume_options'], place, ['no_copy', 'labels', 'driver_config']))
        if (blocks(options['driver_config'])?.length !== 0)
          found.push({ key: place, what: 'has a volume with a `driver_config`, which can mount any folder of the node' });
    }
  // Docker has blocks, Podman texts.
  if (itemsOf(config['devices']).every((one) => typeof one === 'string'))
    for (const one of itemsOf(config['devices'])) device(String(one).split(':')[0]);
  else
    for (const one of read(config['devices'], 'devices', ['host_path', 'container_path', 'cgroup_permissions'])) device(one['host_path']);
  if (!isBlank(config['init_path'])) device(config['init_path']);
  for (const logging of read(config['logging'], 'logging', ['type', 'driver', 'config', 'options']))
    for (const options of [...read(logging['config'], 'logging'), ...read(logging['options'], 'logging')])
      for (const [name, value] of Object.entries(options)) {
        const path = logPath(name, value);
        if (path !== undefined && !isListed(path, allowed))
          found.push({
            key: 'logging',
            what: `has the ${name} ${JSON.stringify(value)} for its log, which can be of the node, and allowed are ${may}`,
          });
      }
  if (driver === 'qemu') {
    bind(config['image_path'] ?? '', 'image_path');
    found.push(...virtualMachine(config));
  }
  return found;
}

/**
 * Returns the part of a log option that may be a file or a socket of the node, such as `syslog-address = "unixgram:///run/x.sock"`; undefined for a value
 * that begins otherwise. A variable at the beginning can be such a path, too, but not in the `tag`, which is none.
 */
function logPath(name: string, value: unknown): string | undefined {
  if (name === 'tag' || ['number', 'boolean'].includes(typeof value)) return undefined;
  if (typeof value !== 'string') return '';
  const path = value.replace(/^unix\w*:(\/\/)?/i, '');
  return path !== value || /^([/~.\\]|[$%]\{|(file|fd|npipe):)/i.test(value) ? path : undefined;
}

/** QEMU runs on the node as it is, with whatever files and devices its arguments name. A comma begins another option of the argument that it is in. */
function virtualMachine(config: DriverConfig): ConfigViolation[] {
  const own = (key: string): boolean => isBlank(config[key]) || (key !== 'emulator' && /^[\w.-]+$/.test(String(config[key])));
  const path = config['image_path'];
  return [
    ...(itemsOf(config['args']).length > 0 ? ['args'] : []),
    ...(isBlank(path) || (typeof path === 'string' && !path.includes(',')) ? [] : ['image_path']),
    ...['emulator', 'machine_type', 'accelerator', 'drive_interface'].filter((key) => !own(key)),
  ].map((key) => ({ key, what: `has \`${key}\` for QEMU, which can give the machine any file of the node` }));
}

/** Whose a path is that is not the task's own; undefined for one below the task's folder, which is literal and does not leave it. */
function notOwn(path: string): string | undefined {
  const own = /^\$\{(?:env\.)?NOMAD_TASK_DIR\}\/(.*)$/.exec(path)?.[1];
  // In a container's config that variable is the path in the container, which is another folder on the node.
  if (own !== undefined) return `of the node (the variable is the path in the container; write local/${own})`;
  if (isFilled(path) || /^[/~]|\\|^[A-Za-z]?$/.test(path)) return 'of the node';
  const normal = posix.normalize(path);
  if (normal === '../alloc' || normal.startsWith('../alloc/'))
    return "of the shared folder, where another task can put a symbolic link to the node's";
  // A container that can write to the whole folder can replace the parts that Nomad itself mounts by links.
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

/** A text that the node makes another one of. */
const isFilled = (text: string): boolean => /[$%]\{/.test(text);

/** Drivers take the words for yes and no, too. */
const isFalse = (value: unknown): boolean => [undefined, null, false, 0, '', 'false', '0'].some((no) => no === value);
const isBlank = (value: unknown): boolean => value === undefined || value === null || value === '';
const unlessPlain = (value: unknown): string => (typeof value === 'string' ? ` = ${JSON.stringify(value)}` : '');
const capability = (name: unknown): string => (typeof name === 'string' ? name.toUpperCase().replace(/^CAP_/, '') : '');
const shown = (names: readonly unknown[]): string =>
  names.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))).join(', ');
const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isBlank(value) ? [] : [value]);

/** The objects of a block; undefined for what is none, such as a list within a list. */
function blocks(value: unknown): readonly DriverConfig[] | undefined {
  const list = itemsOf(value);
  return list.every(isObject) ? list : undefined;
}

function isObject(value: unknown): value is DriverConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
