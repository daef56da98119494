// Nodes, allocations and jobs as Nomad's lists have them.
import { describeGroup, forecast, type GroupForecast, type Scheduler } from '../../../src/forecast/index.ts';
import type { Job, NodeSummary, PlacedAllocation, TaskGroup } from '../../../src/nomad/types.ts';

export const SCHEDULER: Scheduler = {
  ...{ namespace: 'default', updates: {}, failures: {}, preemption: undefined, evicts: false, judged: undefined },
};

/** A node of 1,000 MHz, 1,000 MiB and 5,000 MiB of disk, with an address of its own. */
export const node = (name: string, parts: Partial<NodeSummary> = {}): NodeSummary => ({
  ...{ ID: `id-${name}`, Name: name, Datacenter: 'dc1', NodePool: 'default', Status: 'ready', SchedulingEligibility: 'eligible' },
  ...{ Version: '1.11.3', NodeClass: '', Drivers: { docker: { Detected: true, Healthy: true } }, HostVolumes: {} },
  ...parts,
  NodeResources: {
    ...{ Cpu: { CpuShares: 1_000, TotalCpuCores: 2 }, Memory: { MemoryMB: 1_000 }, Disk: { DiskMB: 5_000 } },
    ...{ Networks: [{ Mode: 'host' }], NodeNetworks: [{ Addresses: [{ Alias: 'default', Address: `ip-${name}` }] }] },
    ...parts.NodeResources,
  },
});

export const group = (parts: Partial<TaskGroup> = {}, resources: object = {}): TaskGroup => ({
  ...{ Name: 'web', Count: 1, EphemeralDisk: { SizeMB: 100 } },
  Tasks: [{ Name: 'app', Driver: 'docker', Resources: { CPU: 100, MemoryMB: 400, ...resources } }],
  ...parts,
});

export const job = (parts: Partial<Job> = {}, ...groups: readonly TaskGroup[]): Job => ({
  ...{ ID: 'shop', Name: 'shop', Type: 'service', Datacenters: ['*'], TaskGroups: groups.length === 0 ? [group()] : [...groups] },
  ...parts,
});

interface Used {
  readonly cpu?: number;
  readonly memory?: number;
  readonly cores?: readonly number[];
  readonly port?: number;
  readonly devices?: readonly string[];
}

export const allocation = (on: string, used: Used = {}, parts: Partial<PlacedAllocation> = {}): PlacedAllocation => ({
  ...{ ID: `a-${on}`, Name: 'other.web[0]', NodeID: `id-${on}`, NodeName: on, Namespace: 'default', JobID: 'other', TaskGroup: 'web' },
  ...{ JobVersion: 0, DesiredStatus: 'run', ClientStatus: 'running', CreateIndex: 1 },
  AllocatedResources: {
    Shared: { DiskMB: 0, Ports: used.port === undefined ? [] : [{ Label: 'p', Value: used.port, HostIP: `ip-${on}` }] },
    Tasks: {
      app: {
        Cpu: { CpuShares: used.cpu ?? 0, ReservedCores: [...(used.cores ?? [])] },
        Memory: { MemoryMB: used.memory ?? 0 },
        Devices: used.devices === undefined ? [] : [{ Vendor: 'nvidia', Type: 'gpu', Name: 't4', DeviceIDs: [...used.devices] }],
      },
    },
  },
  ...parts,
});

/** An allocation of the job itself. */
export const own = (on: string, used: Used = {}, parts: Partial<PlacedAllocation> = {}): PlacedAllocation =>
  allocation(on, used, { JobID: 'shop', Name: 'shop.web[0]', ...parts });

/** The plan of a group that can't be placed completely. */
export const missing = (count: number, quota: readonly string[] = []): Scheduler['failures'] => ({
  web: { NodesEvaluated: 1, NodesFiltered: 0, NodesExhausted: 1, CoalescedFailures: count - 1, QuotaExhausted: [...quota] },
});

export function first(
  asked: Job,
  nodes: readonly NodeSummary[],
  allocations: readonly PlacedAllocation[] = [],
  scheduler: Partial<Scheduler> = {},
): GroupForecast {
  const [found] = forecast(asked, nodes, allocations, { ...SCHEDULER, ...scheduler });
  if (found === undefined) throw new Error('no group');
  return found;
}

export const told = (...asked: Parameters<typeof first>): string => describeGroup(first(...asked));
