// The config of a container: what only a node of the real cluster has is left out, and a folder stands in for each volume.
import { unknownArguments } from '../jobspec/index.ts';
import type { Task, TaskGroup } from '../nomad/types.ts';

type Config = NonNullable<Task['Config']>;

/** Arguments for things of a node, which are ignored. */
const OF_THE_NODE: readonly string[] = [
  ...['logging', 'runtime', 'devices', 'dns_servers', 'dns_search_domains', 'dns_options', 'cpuset_cpus', 'ipv4_address', 'ipv6_address'],
  ...['mac_address', 'network_aliases', 'volume_driver'],
];

/** Arguments that are left out without a word: the runner's own logins pull the image, and a local one is not pulled. */
const SILENT = ['auth', 'auth_soft_fail', 'force_pull'];

/** Arguments of Podman under their names of Docker. */
const OF_PODMAN: Readonly<Record<string, string>> = { working_dir: 'work_dir', userns: 'userns_mode' };

interface Contained {
  readonly config: Config;
  readonly said: readonly string[];
  /** Folders that have to exist before the container starts. */
  readonly folders: readonly string[];
}

/** Returns the config of a container for this machine. `folderOf` returns the path of the folder for a volume or a path of a node. */
export function containerConfig(task: Task, { Volumes }: TaskGroup, folderOf: (name: string) => string): Contained {
  const said: string[] = [];
  const folders = new Set<string>();
  const folder = (name: string): string => {
    const path = folderOf(name);
    folders.add(path);
    return path;
  };
  const config = task.Driver === 'podman' ? asDocker(task.Config ?? {}, said) : { ...task.Config };
  for (const key of OF_THE_NODE) {
    // Docker's own runtime is everywhere.
    if (isGiven(config[key]) && config[key] !== 'runc') said.push(`\`${key}\` is ignored, because it is about the nodes of the cluster`);
    delete config[key];
  }
  for (const key of SILENT) delete config[key];
  const { network_mode: network } = config;
  if (typeof network === 'string' && !/^(|host|none|bridge|default|container:.*)$/.test(network)) {
    said.push(`the network ${network} of the node's engine is ignored`);
    delete config['network_mode'];
  }
  const volumes = listOf(config['volumes']).flatMap((volume) => (typeof volume === 'string' ? [ofVolume(volume, folder, said)] : []));
  const named = (task.VolumeMounts ?? []).map(({ Volume, Destination, ReadOnly }) => {
    const { Source, Type } = Volumes?.[Volume ?? ''] ?? {};
    const name = Source || Volume || '';
    said.push(`the ${Type === 'csi' ? 'CSI' : 'host'} volume ${name} is an empty folder`);
    return `${folder(name)}:${Destination ?? ''}${ReadOnly === true ? ':ro' : ''}`;
  });
  const all = [...volumes, ...named];
  if (all.length > 0) config['volumes'] = all;
  for (const key of ['mount', 'mounts'])
    if (isGiven(config[key])) config[key] = listOf(config[key]).map((mount) => (isObject(mount) ? ofMount(mount, folder, said) : mount));
  return { config, said, folders: [...folders] };
}

/** Returns a bind of an empty folder for a path or a volume of the node. A path of the task's own folder stays. */
function ofVolume(volume: string, folder: (name: string) => string, said: string[]): string {
  const [source = '', ...rest] = volume.split(':');
  if (rest.length === 0 || isOwnPath(source)) return volume;
  said.push(`the path ${source} of the node is an empty folder`);
  return [folder(source), ...rest].join(':');
}

function ofMount(mount: Config, folder: (name: string) => string, said: string[]): Config {
  const { type = 'volume', source, target, readonly: isReadOnly } = mount;
  if (type === 'tmpfs' || (typeof source === 'string' && type === 'bind' && isOwnPath(source))) return mount;
  const name = typeof source === 'string' ? source : String(target);
  said.push(`the ${type === 'bind' ? 'path' : 'volume'} ${name} of the node is an empty folder`);
  return { type: 'bind', source: folder(name), target, ...(isReadOnly === undefined ? {} : { readonly: isReadOnly }) };
}

/** A path below the folder of the task or the allocation. A single word names a folder there, too. */
const isOwnPath = (path: string): boolean => !/^[/~$%]/.test(path);

/** Returns the config of Podman for Docker, without what Docker does not have. */
function asDocker(config: Config, said: string[]): Config {
  const { image, tmpfs, network_mode: network, ...others } = config;
  const renamed = Object.fromEntries(Object.entries(others).map(([key, value]) => [OF_PODMAN[key] ?? key, value]));
  for (const { key } of unknownArguments('docker', renamed)) {
    said.push(`\`${key}\` of Podman is ignored`);
    delete renamed[key];
  }
  const mounts = listOf(tmpfs).flatMap((path) => (typeof path === 'string' ? [{ type: 'tmpfs', target: path.split(':')[0] }] : []));
  const joined =
    typeof network === 'string'
      ? network.replace(/^task:(.*)$/, 'container:$1-${NOMAD_ALLOC_ID}').replace(/^(slirp4netns|pasta).*$/, '')
      : '';
  return {
    ...renamed,
    image: typeof image === 'string' ? image.replace(/^docker:\/\//, '') : image,
    ...(mounts.length === 0 ? {} : { mounts: [...listOf(others['mounts']), ...mounts] }),
    ...(joined === '' ? {} : { network_mode: joined }),
  };
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isGiven(value) ? [value] : []);
const isObject = (value: unknown): value is Config => typeof value === 'object' && value !== null && !Array.isArray(value);
