import type { Maybe } from './maybe.ts';

/** A node of a list, with its resources. Lists have neither its attributes nor its meta. */
export interface NodeSummary {
  ID?: Maybe<string>;
  Name: string;
  Datacenter: string;
  NodePool?: Maybe<string>;
  NodeClass?: Maybe<string>;
  /** The version of Nomad. */
  Version?: Maybe<string>;
  Status: string;
  SchedulingEligibility: string;
  Drivers?: Maybe<Record<string, Maybe<{ Detected?: Maybe<boolean>; Healthy?: Maybe<boolean>; HealthDescription?: Maybe<string> }>>>;
  /** Volumes with an `ID` are dynamic ones. */
  HostVolumes?: Maybe<Record<string, { ReadOnly?: Maybe<boolean>; ID?: Maybe<string> }>>;
  NodeResources?: Maybe<NodeResources>;
  ReservedResources?: Maybe<ReservedResources>;
}

interface ReservedResources {
  Cpu?: Maybe<{ CpuShares?: Maybe<number> }>;
  Memory?: Maybe<{ MemoryMB?: Maybe<number> }>;
  Disk?: Maybe<{ DiskMB?: Maybe<number> }>;
  /** Ports and ranges, such as `22,8000-8100`. */
  Networks?: Maybe<{ ReservedHostPorts?: Maybe<string> }>;
}

interface NodeResources {
  Cpu?: Maybe<{ CpuShares?: Maybe<number>; TotalCpuCores?: Maybe<number> }>;
  Memory?: Maybe<{ MemoryMB?: Maybe<number> }>;
  Disk?: Maybe<{ DiskMB?: Maybe<number> }>;
  Processors?: Maybe<{ Topology?: Maybe<{ Cores?: Maybe<Core[]> }> }>;
  Devices?: Maybe<NodeDevice[]>;
  /** The modes of networks that the node has. */
  Networks?: Maybe<{ Mode?: Maybe<string> }[]>;
  /** The addresses of its networks, by alias. */
  NodeNetworks?: Maybe<{ Addresses?: Maybe<NodeAddress[]> }[]>;
  /** Both ports belong to the range. */
  MinDynamicPort?: Maybe<number>;
  MaxDynamicPort?: Maybe<number>;
}

/** A logical processor; speeds are MHz, and 0 where unknown. */
export interface Core {
  ID: number;
  Disable?: Maybe<boolean>;
  BaseSpeed?: Maybe<number>;
  MaxSpeed?: Maybe<number>;
  GuessSpeed?: Maybe<number>;
}

export interface NodeAddress {
  Alias?: Maybe<string>;
  Address: string;
  ReservedPorts?: Maybe<string>;
}

/** Devices of one model. */
export interface NodeDevice {
  Vendor: string;
  Type: string;
  Name: string;
  Instances?: Maybe<{ ID: string; Healthy?: Maybe<boolean> }[]>;
}
