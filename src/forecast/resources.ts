// The resources of an allocation as Nomad counts them: prestart and poststop tasks do not run beside the main ones, sidecars run beside all.
import type { AllocatedTask, Maybe, PlacedAllocation, Service, Task, TaskGroup } from '../nomad/types.ts';

/** Amounts that only their sum matters of. */
export interface Amounts {
  readonly cpuMhz: number;
  readonly memoryMib: number;
  readonly diskMib: number;
}

/** The resources that one allocation of a group requests. */
export interface Demand extends Amounts {
  /** The whole processors of all its tasks. */
  readonly cores: number;
  readonly staticPorts: readonly { readonly label: string; readonly port: number; readonly network: string; readonly shared: boolean }[];
  /** The number of dynamic ports, by network. */
  readonly dynamicPorts: ReadonlyMap<string, number>;
  readonly devices: readonly { readonly name: string; readonly count: number }[];
}

/** The resources of a node that allocations use. */
export interface Usage extends Amounts {
  readonly cores: ReadonlySet<number>;
  /** The ports in use, by address. */
  readonly ports: ReadonlyMap<string, ReadonlySet<number>>;
  /** The ids of the devices in use, by `vendor/type/name`. */
  readonly devices: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Nomad's defaults for a task without resources. */
const DEFAULTS = { CPU: 100, MemoryMB: 300 };
const DEFAULT_DISK_MIB = 300;
/** Nomad's defaults for the proxy of a service of the mesh. */
const PROXY = { CPU: 250, MemoryMB: 128 };

type When = Maybe<{ readonly Hook?: Maybe<string>; readonly Sidecar?: Maybe<boolean> }> | undefined;
interface Share {
  readonly when: When;
  readonly cpuMhz: number;
  readonly memoryMib: number;
}

/** Returns the most that tasks use at a time. */
function atOnce(shares: readonly Share[]): { readonly cpuMhz: number; readonly memoryMib: number } {
  const of = (amount: (share: Share) => number): number => {
    const sums = { before: 0, main: 0, after: 0 };
    for (const share of shares) {
      const { Hook, Sidecar } = share.when ?? {};
      if (Hook === 'prestart') sums.before += amount(share);
      if (Hook === 'poststop') sums.after += amount(share);
      else if (Hook !== 'prestart' || Sidecar === true) sums.main += amount(share);
    }
    return Math.max(sums.before, sums.main, sums.after);
  };
  return { cpuMhz: of(({ cpuMhz }) => cpuMhz), memoryMib: of(({ memoryMib }) => memoryMib) };
}

const isProxy = ({ Connect }: Service): boolean => Boolean(Connect?.SidecarService ?? Connect?.SidecarTask ?? Connect?.Gateway);

/** Returns the resources that one allocation of a group requests, with those of the proxies that Nomad adds. */
export function demandOf(group: TaskGroup): Demand {
  const tasks = group.Tasks ?? [];
  const proxies = [group.Services, ...tasks.map(({ Services }) => Services)].flatMap((list) => list ?? []).filter(isProxy);
  const shares = tasks.map((task): Share => {
    const { CPU, Cores, MemoryMB, SecretsMB } = task.Resources ?? {};
    return {
      when: task.Lifecycle,
      cpuMhz: Cores ? 0 : (CPU ?? DEFAULTS.CPU),
      memoryMib: (MemoryMB ?? DEFAULTS.MemoryMB) + (SecretsMB ?? 0),
    };
  });
  const added = proxies.map(({ Connect }): Share => {
    const own = Connect?.SidecarTask?.Resources;
    return { when: { Hook: 'prestart', Sidecar: true }, cpuMhz: own?.CPU ?? PROXY.CPU, memoryMib: own?.MemoryMB ?? PROXY.MemoryMB };
  });
  const [network] = group.Networks ?? [];
  const dynamic = [...(network?.DynamicPorts ?? []), ...proxies.map(() => ({ HostNetwork: '' }))];
  return {
    ...atOnce([...shares, ...added]),
    diskMib: group.EphemeralDisk?.SizeMB ?? DEFAULT_DISK_MIB,
    cores: tasks.reduce((sum, { Resources }) => sum + (Resources?.Cores ?? 0), 0),
    staticPorts: (network?.ReservedPorts ?? []).map(({ Label, Value, HostNetwork, IgnoreCollision }) => ({
      ...{ label: Label, port: Value ?? 0, network: HostNetwork || 'default', shared: IgnoreCollision === true },
    })),
    dynamicPorts: countBy(dynamic.map(({ HostNetwork }) => HostNetwork || 'default')),
    devices: tasks.flatMap(({ Resources }) =>
      (Resources?.Devices ?? []).map(({ Name, Count }) => ({ name: Name ?? '', count: Count ?? 1 })),
    ),
  };
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Returns the drivers of the tasks of a group. */
export const driversOf = (group: TaskGroup): string[] => [...new Set((group.Tasks ?? []).map(({ Driver }: Task) => Driver))];

/** Returns the resources that allocations of one node use. */
export function usageOf(allocations: readonly PlacedAllocation[]): Usage {
  const sums = { cpuMhz: 0, memoryMib: 0, diskMib: 0 };
  const cores = new Set<number>();
  const ports = new Map<string, Set<number>>();
  const devices = new Map<string, Set<string>>();
  const add = <T>(to: Map<string, Set<T>>, key: string, items: readonly T[]): void => {
    const found = to.get(key) ?? new Set<T>();
    for (const item of items) found.add(item);
    to.set(key, found);
  };
  for (const { AllocatedResources } of allocations) {
    const { Shared, Tasks, TaskLifecycles } = AllocatedResources ?? {};
    const tasks = Object.entries(Tasks ?? {});
    const isWhole = ({ Cpu }: AllocatedTask): boolean => (Cpu?.ReservedCores ?? []).length > 0;
    const share = ([name, task]: readonly [string, AllocatedTask]): Share => ({
      when: TaskLifecycles?.[name],
      cpuMhz: isWhole(task) ? 0 : (task.Cpu?.CpuShares ?? 0),
      memoryMib: task.Memory?.MemoryMB ?? 0,
    });
    const { cpuMhz, memoryMib } = atOnce(tasks.map(share));
    sums.cpuMhz += cpuMhz;
    sums.memoryMib += memoryMib;
    sums.diskMib += Shared?.DiskMB ?? 0;
    for (const { HostIP, Value } of Shared?.Ports ?? []) add(ports, HostIP, [Value]);
    for (const [, task] of tasks) {
      if (isWhole(task)) sums.cpuMhz += task.Cpu?.CpuShares ?? 0;
      for (const core of task.Cpu?.ReservedCores ?? []) cores.add(core);
      for (const { Vendor, Type, Name, DeviceIDs } of task.Devices ?? []) add(devices, `${Vendor}/${Type}/${Name}`, DeviceIDs ?? []);
      for (const { IP, ReservedPorts, DynamicPorts } of task.Networks ?? [])
        add(
          ports,
          IP ?? '',
          [...(ReservedPorts ?? []), ...(DynamicPorts ?? [])].map(({ Value }) => Value),
        );
    }
  }
  return { ...sums, cores, ports, devices };
}
