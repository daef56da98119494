import type { NodeSummary, TaskGroup } from '../nomad/types.ts';
import { isKnown, meets, type Wanted } from './constraints.ts';
import { driversOf } from './resources.ts';
import { isDevice } from './room.ts';

/** The nodes that meet conditions by Nomad's own judgement, as one answer tells them. */
export interface Judged {
  /** The texts of the constraints. */
  readonly constraints: readonly string[];
  readonly ids: ReadonlySet<string>;
}

/** The things that a group asks of a node besides resources. */
export interface Filters {
  /** Returns why a node is out of question, to follow `1 node` or `3 nodes`; undefined for a node that may take the group. */
  readonly reason: (node: NodeSummary) => string | undefined;
  /** The things that the data do not tell. */
  readonly unknown: readonly string[];
}

/** Returns the filters of a group, in the order of Nomad's scheduler. */
export function filtersOf(group: TaskGroup, wanted: readonly Wanted[], judged: Judged | undefined): Filters {
  const drivers = driversOf(group);
  const known = wanted.flatMap(({ text, condition }) => (condition !== undefined && isKnown(condition) ? [{ text, condition }] : []));
  const asked = wanted.filter(({ condition }) => condition === undefined || !isKnown(condition)).map(({ text }) => text);
  const told = asked.filter((text) => judged?.constraints.includes(text) === true);
  const volumes = Object.values(group.Volumes ?? {});
  const host = volumes.filter(({ Type }) => Type === 'host');
  const [network] = group.Networks ?? [];
  const devices = (group.Tasks ?? []).flatMap(({ Resources }) => Resources?.Devices ?? []);
  const reason = (node: NodeSummary): string | undefined => {
    const driver = drivers.find((name) => node.Drivers?.[name]?.Healthy !== true || node.Drivers[name]?.Detected === false);
    if (driver !== undefined) return `without the driver ${driver}`;
    const unmet = known.find(({ condition }) => !meets(node, condition));
    if (unmet !== undefined) return `without ${unmet.text}`;
    if (told.length > 0 && judged?.ids.has(node.ID ?? '') !== true) return `without ${told.join(' and ')}`;
    const volume = host.find(({ Source, ReadOnly, PerAlloc }) => !hasVolume(node, Source ?? '', ReadOnly === true, PerAlloc === true));
    if (volume !== undefined) return `without the host volume ${volume.Source}`;
    const missing = network === undefined ? undefined : missingNetwork(node, network);
    if (missing !== undefined) return missing;
    const device = devices.find(({ Name, Count }) => !hasDevice(node, Name ?? '', Count ?? 1));
    return device === undefined ? undefined : `without the device ${device.Name}`;
  };
  const unknown = [
    ...asked.filter((text) => !told.includes(text)).map((text) => `the constraint ${text}`),
    ...volumes.filter(({ Type }) => Type === 'csi').map(({ Source }) => `the CSI volume ${Source}`),
    ...host.filter(({ PerAlloc }) => PerAlloc === true).map(({ Source }) => `the indexes of the host volume ${Source}`),
    ...devices.filter(({ Constraints }) => (Constraints ?? []).length > 0).map(({ Name }) => `the constraints of the device ${Name}`),
    ...((group.Tasks ?? []).some(({ Resources }) => Resources?.NUMA) ? ['the NUMA nodes'] : []),
  ];
  return { reason, unknown };
}

/** Returns whether a node has a volume for writing, or for reading. The access modes of a dynamic volume are not in the list of nodes. */
function hasVolume({ HostVolumes }: NodeSummary, source: string, readOnly: boolean, perAlloc: boolean): boolean {
  const all = Object.entries(HostVolumes ?? {});
  const found = perAlloc ? all.filter(([name]) => name.startsWith(`${source}[`)) : all.filter(([name]) => name === source);
  return found.some(([, { ReadOnly }]) => readOnly || ReadOnly !== true);
}

type Network = NonNullable<TaskGroup['Networks']>[number];

function missingNetwork({ NodeResources }: NodeSummary, { Mode, ReservedPorts, DynamicPorts }: Network): string | undefined {
  const mode = Mode || 'host';
  if (mode === 'none') return undefined;
  if (!(NodeResources?.Networks ?? []).some((one) => (one.Mode || 'host') === mode)) return `without the network mode ${mode}`;
  const aliases = (NodeResources?.NodeNetworks ?? []).flatMap(({ Addresses }) => (Addresses ?? []).map(({ Alias }) => Alias));
  const asked = [...(ReservedPorts ?? []), ...(DynamicPorts ?? [])].flatMap(({ HostNetwork }) => (HostNetwork ? [HostNetwork] : []));
  const missing = asked.find((name) => !aliases.includes(name));
  return missing === undefined ? undefined : `without the host network ${missing}`;
}

function hasDevice({ NodeResources }: NodeSummary, name: string, count: number): boolean {
  return (NodeResources?.Devices ?? []).some(
    ({ Vendor, Type, Name, Instances }) =>
      isDevice(name, `${Vendor}/${Type}/${Name}`) && (Instances ?? []).filter(({ Healthy }) => Healthy === true).length >= count,
  );
}
