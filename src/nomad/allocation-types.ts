// Allocations, and what Nomad tells of their tasks and checks.
import type { Maybe } from './maybe.ts';

/** An allocation of a list. */
export interface Allocation {
  ID: string;
  Name: string;
  NodeID?: Maybe<string>;
  NodeName: string;
  JobID?: Maybe<string>;
  TaskGroup: string;
  JobVersion: number;
  DesiredStatus: string;
  DesiredDescription?: Maybe<string>;
  /** `Migrate` is true where the node is being drained. */
  DesiredTransition?: Maybe<{ Migrate?: Maybe<boolean> }>;
  PreemptedByAllocation?: Maybe<string>;
  ClientStatus: string;
  ClientDescription?: Maybe<string>;
  NextAllocation?: Maybe<string>;
  FollowupEvalID?: Maybe<string>;
  /** The allocations that this one is rescheduled from; times are nanoseconds since the epoch. */
  RescheduleTracker?: Maybe<{ Events?: Maybe<readonly { RescheduleTime: number; PrevAllocID?: string }[]> }>;
  /** `Timestamp` is the time of the decision about its health, in RFC 3339. */
  DeploymentStatus?: Maybe<{ Healthy?: Maybe<boolean>; Canary?: Maybe<boolean>; Timestamp?: Maybe<string> }>;
  TaskStates?: Maybe<Record<string, TaskState>>;
  CreateIndex: number;
  /** Nanoseconds since the epoch, above 2^53. */
  CreateTime?: Maybe<number>;
  /** The last update from the client, in nanoseconds since the epoch. */
  ModifyTime?: Maybe<number>;
  /** The Raft index of its last change on the servers. */
  ModifyIndex?: number;
}

/** An allocation of a list with resources, which has its ports. */
export interface PlacedAllocation extends Allocation {
  Namespace?: Maybe<string>;
  AllocatedResources?: Maybe<AllocatedResources>;
}

export interface AllocatedResources {
  Shared?: Maybe<{
    DiskMB?: Maybe<number>;
    Ports?: Maybe<{ Label: string; Value: number; To?: Maybe<number>; HostIP: string }[]>;
  }>;
  Tasks?: Maybe<Record<string, AllocatedTask>>;
  /** Null for a main task. */
  TaskLifecycles?: Maybe<Record<string, Maybe<{ Hook?: Maybe<string>; Sidecar?: Maybe<boolean> }>>>;
}

export interface AllocatedTask {
  Cpu?: Maybe<{ CpuShares?: Maybe<number>; ReservedCores?: Maybe<number[]> }>;
  Memory?: Maybe<{ MemoryMB?: Maybe<number> }>;
  Devices?: Maybe<{ Vendor: string; Type: string; Name: string; DeviceIDs?: Maybe<string[]> }[]>;
  /** The ports of a `network` block in `resources`. */
  Networks?: Maybe<{ IP?: Maybe<string>; ReservedPorts?: Maybe<{ Value: number }[]>; DynamicPorts?: Maybe<{ Value: number }[]> }[]>;
}

export interface TaskState {
  State: string;
  Failed: boolean;
  Restarts: number;
  /** RFC 3339; absent or of the year 1 while it runs. */
  FinishedAt?: Maybe<string>;
  Events?: Maybe<TaskEvent[]>;
}

export interface TaskEvent {
  Type: string;
  /** Nanoseconds since the epoch, above 2^53: not exact, for ordering and printing only. */
  Time: number;
  DisplayMessage: string;
  Details?: Maybe<Record<string, string>>;
}

/** A health check of Nomad's own services. */
export interface CheckResult {
  Check: string;
  Service: string;
  /** `readiness` for a check with `on_update = "ignore"`, else `healthiness`. */
  Mode?: Maybe<string>;
  Status: string;
  StatusCode?: Maybe<number>;
  Output?: Maybe<string>;
  /** Seconds since the epoch. */
  Timestamp?: Maybe<number>;
}
