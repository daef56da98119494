import type { Core, NodeAddress, NodeSummary } from '../nomad/types.ts';
import type { Demand, Usage } from './resources.ts';

/** A resource that a node lacks: `512 MiB` of `memory`, or the static port 8080 in use. */
export interface Lack {
  readonly dimension: 'cpu' | 'memory' | 'disk' | 'cores' | 'static port' | 'dynamic ports' | 'device';
  readonly amount: number;
  /** The label or name of a port or device. */
  readonly name?: string;
  /** The part of the demand that is missing, from 0 to 1 and more. */
  readonly weight: number;
}

/** The most allocations of a group on a node: more than anybody runs. */
const MAX_ROOM = 10_000;
/** Nomad's range of dynamic ports. */
const DYNAMIC = { min: 20_000, max: 32_000 };
const MAX_PORT = 65_536;

/** Returns the ports of a text such as `22,8000-8100`. */
function portsOf(text: string | null | undefined): number[] {
  return (text ?? '').split(',').flatMap((part) => {
    const [, from, to] = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to ?? from)];
    return from === undefined || last < first || last > MAX_PORT ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const speedOf = ({ MaxSpeed, BaseSpeed, GuessSpeed }: Core): number => GuessSpeed || MaxSpeed || BaseSpeed || 0;

/** Returns the speeds of the free processors, in MHz, in the order in which Nomad takes them. */
function freeCores({ NodeResources }: NodeSummary, used: Usage['cores']): number[] {
  const known = NodeResources?.Processors?.Topology?.Cores ?? [];
  const { CpuShares, TotalCpuCores } = NodeResources?.Cpu ?? {};
  const total = TotalCpuCores ?? 0;
  const cores = known.length > 0 ? known : Array.from({ length: total }, (_, ID): Core => ({ ID, GuessSpeed: (CpuShares ?? 0) / total }));
  return cores
    .filter(({ ID, Disable }) => Disable !== true && !used.has(ID))
    .sort((a, b) => a.ID - b.ID)
    .map(speedOf);
}

/** The free resources of a node. */
export interface Free {
  readonly cpuMhz: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly cores: readonly number[];
  readonly addresses: ReadonlyMap<string, readonly Address[]>;
  readonly dynamic: { readonly min: number; readonly max: number };
  /** The number of free devices, by `vendor/type/name`. */
  readonly devices: ReadonlyMap<string, number>;
}

interface Address {
  readonly reserved: ReadonlySet<number>;
  readonly used: ReadonlySet<number>;
}

/** Returns the resources of a node that are neither reserved nor used. */
export function freeOf(node: NodeSummary, used: Usage): Free {
  const { NodeResources: all, ReservedResources: kept } = node;
  const reserved = portsOf(kept?.Networks?.ReservedHostPorts);
  const addresses = new Map<string, Address[]>();
  const listed = (all?.NodeNetworks ?? []).flatMap(({ Addresses }) => Addresses ?? []);
  for (const { Alias, Address: address, ReservedPorts } of listed as readonly NodeAddress[]) {
    const one = { reserved: new Set([...reserved, ...portsOf(ReservedPorts)]), used: used.ports.get(address) ?? new Set<number>() };
    addresses.set(Alias || 'default', [...(addresses.get(Alias || 'default') ?? []), one]);
  }
  const devices = (all?.Devices ?? []).map(({ Vendor, Type, Name, Instances }) => {
    const name = `${Vendor}/${Type}/${Name}`;
    return [
      name,
      (Instances ?? []).filter(({ ID, Healthy }) => Healthy === true && used.devices.get(name)?.has(ID) !== true).length,
    ] as const;
  });
  return {
    cpuMhz: (all?.Cpu?.CpuShares ?? 0) - (kept?.Cpu?.CpuShares ?? 0) - used.cpuMhz,
    memoryMib: (all?.Memory?.MemoryMB ?? 0) - (kept?.Memory?.MemoryMB ?? 0) - used.memoryMib,
    diskMib: (all?.Disk?.DiskMB ?? 0) - (kept?.Disk?.DiskMB ?? 0) - used.diskMib,
    cores: freeCores(node, used.cores),
    addresses,
    dynamic: { min: all?.MinDynamicPort || DYNAMIC.min, max: all?.MaxDynamicPort || DYNAMIC.max },
    devices: new Map(devices),
  };
}

const isFree = ({ reserved, used }: Address, port: number): boolean => !reserved.has(port) && !used.has(port);

function freeDynamic({ reserved, used }: Address, { min, max }: Free['dynamic']): number {
  let taken = 0;
  for (const port of new Set([...reserved, ...used])) if (port >= min && port <= max) taken++;
  return Math.max(0, max - min + 1 - taken);
}

/** Returns whether a request such as `gpu`, `nvidia/gpu` or `nvidia/gpu/t4` names the devices `vendor/type/name`. */
export function isDevice(asked: string, id: string): boolean {
  const [vendor, type, ...name] = id.split('/');
  return [type, `${vendor}/${type}`, `${vendor}/${type}/${name.join('/')}`].includes(asked);
}

/** The number of further allocations that a node takes by each resource. */
type Bounds = readonly { readonly room: number; readonly lack: (count: number) => Lack }[];

function bounds(free: Free, demand: Demand): Bounds {
  const amount = (dimension: 'cpu' | 'memory' | 'disk', has: number, asked: number) => ({
    room: asked <= 0 ? (has < 0 ? 0 : MAX_ROOM) : Math.floor(has / asked),
    lack: (count: number): Lack => ({ dimension, amount: Math.ceil(count * asked - has), weight: (count * asked - has) / (asked || 1) }),
  });
  const { cores } = demand;
  const withCores = { room: Math.floor(free.cores.length / cores), lack: (count: number) => coresLack(free, count * cores, cores) };
  const ports = demand.staticPorts.filter(({ shared }) => !shared);
  return [
    amount('memory', free.memoryMib, demand.memoryMib),
    cores === 0 ? amount('cpu', free.cpuMhz, demand.cpuMhz) : { room: roomWithCores(free, demand), lack: cpuLack(free, demand) },
    amount('disk', free.diskMib, demand.diskMib),
    ...(cores === 0 ? [] : [withCores]),
    ...ports.map(({ label, port, network }) => ({
      // Nomad takes the first address of the network on which the port is free.
      room: (free.addresses.get(network) ?? []).filter((address) => isFree(address, port)).length,
      lack: (): Lack => ({ dimension: 'static port', amount: port, name: label, weight: 1 }),
    })),
    ...[...demand.dynamicPorts].map(([network, count]) => {
      const all = (free.addresses.get(network) ?? []).reduce((sum, address) => sum + freeDynamic(address, free.dynamic), 0);
      return {
        room: Math.floor(all / count),
        lack: (times: number): Lack => ({ dimension: 'dynamic ports', amount: times * count - all, weight: 1 }),
      };
    }),
    ...demand.devices.map(({ name, count }) => {
      const found = [...free.devices].filter(([id]) => isDevice(name, id)).map(([, left]) => left);
      const room = found.reduce((sum, left) => sum + Math.floor(left / count), 0);
      return { room, lack: (): Lack => ({ dimension: 'device', amount: count - Math.max(0, ...found), name, weight: 1 }) };
    }),
  ];
}

/** Returns the number of allocations by the speed of the processors that they take, of which Nomad takes those with the lowest ids first. */
function roomWithCores({ cores, cpuMhz }: Free, demand: Demand): number {
  let [left, room] = [cpuMhz, 0];
  for (let at = 0; at + demand.cores <= cores.length; at += demand.cores, room++) {
    left -= demand.cpuMhz + sum(cores.slice(at, at + demand.cores));
    if (left < 0) break;
  }
  return room;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const coresLack = ({ cores }: Free, asked: number, each: number): Lack => ({
  ...{ dimension: 'cores', amount: asked - cores.length, weight: (asked - cores.length) / each },
});

const cpuLack =
  ({ cores, cpuMhz }: Free, demand: Demand) =>
  (count: number): Lack => {
    const asked = count * demand.cpuMhz + sum(cores.slice(0, count * demand.cores));
    return { dimension: 'cpu', amount: Math.ceil(asked - cpuMhz), weight: (asked - cpuMhz) / Math.max(1, asked) };
  };

/** The number of further allocations of a group on a node, and the resources that one more of them lacks. */
export interface Room {
  readonly count: number;
  readonly lacks: readonly Lack[];
}

/** Returns the number of allocations of a group that a node takes beside those that it has. */
export function roomOn(free: Free, demand: Demand): Room {
  const all = bounds(free, demand);
  const count = Math.max(0, Math.min(MAX_ROOM, ...all.map(({ room }) => room)));
  return {
    count,
    lacks: all.filter(({ room }) => room <= count).flatMap(({ lack }) => [lack(count + 1)].filter(({ amount }) => amount > 0)),
  };
}
