import type { Maybe } from './maybe.ts';
import type { AllocMetric } from './plan-types.ts';

export type { AllocatedTask, Allocation, CheckResult, PlacedAllocation, TaskEvent, TaskState } from './allocation-types.ts';
export type { Maybe } from './maybe.ts';
export type { Core, NodeAddress, NodeSummary } from './node-types.ts';
export type { AllocMetric, DesiredUpdates, Diff, PlanResponse } from './plan-types.ts';

/** A job of `/v1/jobs/parse`. Other fields pass through unchanged. */
export interface Job {
  ID: string;
  Name: string;
  Namespace?: Maybe<string>;
  Region?: Maybe<string>;
  Type?: Maybe<string>;
  Priority?: Maybe<number>;
  /** The periodic or parameterized job of a run. */
  ParentID?: Maybe<string>;
  Meta?: Maybe<Record<string, string>>;
  UI?: Maybe<{ Description?: Maybe<string>; Links?: Maybe<JobLink[]> }>;
  Periodic?: Maybe<object>;
  ParameterizedJob?: Maybe<Parameterization>;
  Update?: Maybe<UpdateStrategy>;
  Datacenters?: Maybe<readonly string[]>;
  NodePool?: Maybe<string>;
  Constraints?: Maybe<Constraint[]>;
  /** The counts of the regions replace those of the groups (Enterprise). */
  Affinities?: Maybe<object[]>;
  Migrate?: Maybe<object>;
  Spreads?: Maybe<object[]>;
  Multiregion?: Maybe<{ Regions?: Maybe<{ Name?: Maybe<string>; Count?: Maybe<number> }[]> }>;
  TaskGroups?: Maybe<TaskGroup[]>;
  ConsulNamespace?: Maybe<string>;
  /** The tag of the version; absent in the answers of servers that have no tags. */
  VersionTag?: Maybe<{ Name: string; Description?: Maybe<string> }>;
}

/** A link of the block `ui`. The address is `URL` in a spec, and `Url` in a registered job. */
export interface JobLink {
  Label?: Maybe<string>;
  URL?: Maybe<string>;
  Url?: Maybe<string>;
}

/** The meta and payload of a dispatch of the job. */
export interface Parameterization {
  /** `required`, `forbidden` or `optional`; empty means `optional`. */
  Payload?: Maybe<string>;
  MetaRequired?: Maybe<string[]>;
  MetaOptional?: Maybe<string[]>;
}

export interface Constraint {
  LTarget?: Maybe<string>;
  RTarget?: Maybe<string>;
  Operand?: Maybe<string>;
}

export interface TaskGroup {
  Name: string;
  Count?: Maybe<number>;
  Meta?: Maybe<Record<string, string>>;
  Update?: Maybe<UpdateStrategy>;
  Networks?: Maybe<Network[]>;
  Constraints?: Maybe<Constraint[]>;
  Affinities?: Maybe<object[]>;
  Services?: Maybe<Service[]>;
  /** Namespaces of Consul are Enterprise's. */
  Consul?: Maybe<{ Namespace?: Maybe<string> }>;
  Volumes?: Maybe<Record<string, { Type?: Maybe<string>; Source?: Maybe<string>; ReadOnly?: Maybe<boolean>; PerAlloc?: Maybe<boolean> }>>;
  Scaling?: Maybe<{ Min?: Maybe<number>; Max?: Maybe<number>; Enabled?: Maybe<boolean> }>;
  EphemeralDisk?: Maybe<{ SizeMB?: Maybe<number>; Sticky?: Maybe<boolean>; Migrate?: Maybe<boolean> }>;
  Disconnect?: Maybe<{ Replace?: Maybe<boolean> }>;
  ReschedulePolicy?: Maybe<ReschedulePolicy>;
  RestartPolicy?: Maybe<RestartPolicy>;
  Migrate?: Maybe<object>;
  Spreads?: Maybe<object[]>;
  StopAfterClientDisconnect?: Maybe<number>;
  MaxClientDisconnect?: Maybe<number>;
  /** Nanoseconds. */
  ShutdownDelay?: Maybe<number>;
  /** The longest time of an allocation of a batch job, in nanoseconds (from 2.0.3 on). */
  MaxRunDuration?: Maybe<number>;
  Tasks?: Maybe<Task[]>;
}

export interface Network {
  Mode?: Maybe<string>;
  DNS?: Maybe<object>;
  CNI?: Maybe<object>;
  Hostname?: Maybe<string>;
  ReservedPorts?: Maybe<Port[]>;
  DynamicPorts?: Maybe<Port[]>;
}

/** Times are nanoseconds. */
export interface RestartPolicy {
  Attempts?: Maybe<number>;
  Interval?: Maybe<number>;
  Delay?: Maybe<number>;
  /** `fail` or `delay`. */
  Mode?: Maybe<string>;
}

export interface ReschedulePolicy {
  Attempts?: Maybe<number>;
  /** The time in which the attempts are counted, in nanoseconds. */
  Interval?: Maybe<number>;
  Unlimited?: Maybe<boolean>;
}

export interface Port {
  Label: string;
  /** The number of a static port. */
  Value?: Maybe<number>;
  To?: Maybe<number>;
  /** The alias of a network of the node; empty means `default`. */
  HostNetwork?: Maybe<string>;
  IgnoreCollision?: Maybe<boolean>;
}

export interface Service {
  Name?: Maybe<string>;
  /** `nomad` or `consul`; the default is `consul`. */
  Provider?: Maybe<string>;
  /** The name of its Consul cluster; empty means `default`. */
  Cluster?: Maybe<string>;
  /** The default of its checks: `require_healthy`, `ignore_warnings` or `ignore`. */
  OnUpdate?: Maybe<string>;
  Tags?: Maybe<string[]>;
  /** The label of a port, or its number. */
  PortLabel?: Maybe<string>;
  AddressMode?: Maybe<string>;
  /** The additional task: the proxy of a service of the mesh, or a gateway. */
  Connect?: Maybe<{
    SidecarTask?: Maybe<{ Driver?: Maybe<string>; Config?: Task['Config']; Resources?: Task['Resources'] }>;
    SidecarService?: Maybe<{ Proxy?: Maybe<{ Upstreams?: Maybe<{ DestinationName?: Maybe<string> }[]> }> }>;
    Native?: Maybe<boolean>;
    Gateway?: Maybe<object>;
  }>;
  /** Intervals are nanoseconds. */
  Checks?: Maybe<ServiceCheck[]>;
}

export interface ServiceCheck {
  Name?: Maybe<string>;
  Type?: Maybe<string>;
  Path?: Maybe<string>;
  Interval?: Maybe<number>;
  OnUpdate?: Maybe<string>;
  PortLabel?: Maybe<string>;
  AddressMode?: Maybe<string>;
}

export interface Task {
  Name: string;
  Driver: string;
  /** The end of a leader ends the other tasks of its group. */
  Leader?: Maybe<boolean>;
  Config?: Maybe<Record<string, unknown>>;
  Env?: Maybe<Record<string, string>>;
  Templates?: Maybe<
    {
      EmbeddedTmpl?: Maybe<string>;
      SourcePath?: Maybe<string>;
      ChangeScript?: Maybe<object>;
      DestPath?: Maybe<string>;
      Envvars?: Maybe<boolean>;
      ChangeMode?: Maybe<string>;
      ChangeSignal?: Maybe<string>;
      LeftDelim?: Maybe<string>;
      RightDelim?: Maybe<string>;
    }[]
  >;
  Affinities?: Maybe<object[]>;
  VolumeMounts?: Maybe<{ Volume?: Maybe<string>; Destination?: Maybe<string>; ReadOnly?: Maybe<boolean> }[]>;
  Consul?: Maybe<object>;
  Constraints?: Maybe<Constraint[]>;
  Services?: Maybe<Service[]>;
  Lifecycle?: Maybe<{ Hook?: Maybe<string>; Sidecar?: Maybe<boolean> }>;
  LogConfig?: Maybe<{ Disabled?: Maybe<boolean> }>;
  /** Nanoseconds. */
  KillTimeout?: Maybe<number>;
  /** Nanoseconds. */
  ShutdownDelay?: Maybe<number>;
  Resources?: Maybe<{
    CPU?: Maybe<number>;
    Cores?: Maybe<number>;
    MemoryMB?: Maybe<number>;
    MemoryMaxMB?: Maybe<number>;
    SecretsMB?: Maybe<number>;
    Networks?: TaskGroup['Networks'];
    Devices?: Maybe<{ Name?: Maybe<string>; Count?: Maybe<number>; Constraints?: Maybe<Constraint[]> }[]>;
    NUMA?: Maybe<{ Affinity?: Maybe<string> }>;
  }>;
  RestartPolicy?: Maybe<RestartPolicy>;
  /** `connect-proxy:<service>` and the like. */
  Kind?: Maybe<string>;
  KillSignal?: Maybe<string>;
  Vault?: Maybe<{ Cluster?: Maybe<string> }>;
  DispatchPayload?: Maybe<object>;
  Artifacts?: Maybe<{ GetterSource?: Maybe<string> }[]>;
  CSIPluginConfig?: Maybe<object>;
  /** The `secret` blocks, from Nomad 1.11 on. */
  Secrets?: Maybe<{ Name: string; Provider: string; Path: string; Config?: Maybe<{ namespace?: string }> }[]>;
  ScalingPolicies?: Maybe<{ Type?: Maybe<string>; Max?: Maybe<number> }[]>;
}

export interface UpdateStrategy {
  MaxParallel?: Maybe<number>;
  Canary?: Maybe<number>;
  /** `checks`, `task_states` or `manual`; empty means `checks`. */
  HealthCheck?: Maybe<string>;
  /** Nanoseconds, as all durations of the API. */
  MinHealthyTime?: Maybe<number>;
  /** Nanoseconds, as all durations of the API. */
  ProgressDeadline?: Maybe<number>;
  AutoPromote?: Maybe<boolean>;
}

/** See https://developer.hashicorp.com/nomad/api-docs/jobs#read-job-scale-status */
export interface ScaleStatus {
  TaskGroups?: Maybe<Record<string, { Events?: Maybe<{ Count?: Maybe<number>; Error?: Maybe<boolean> }[]> }>>;
}

/** A registered job, of `/v1/job/:id`. */
export interface RegisteredJob extends Job {
  Version: number;
  Stop: boolean;
  Status: string;
  JobModifyIndex: number;
  /** The time of the registration, in nanoseconds since the epoch. */
  SubmitTime?: Maybe<number>;
  /** Its deployment was successful, so that Nomad may roll back to it. */
  Stable?: Maybe<boolean>;
}

/** A job of the list `/v1/jobs`. */
export interface JobStub {
  ID: string;
  /** The periodic or parameterized job of a run. */
  ParentID: string;
  Meta?: Maybe<Record<string, string>>;
  /** Nanoseconds since the epoch. */
  SubmitTime: number;
  JobModifyIndex: number;
}

export interface RegisterResponse {
  EvalID: string;
  JobModifyIndex: number;
  Warnings?: Maybe<string>;
}

export interface DispatchResponse {
  DispatchedJobID: string;
  /** Empty for a repeated dispatch with the same token. */
  EvalID: string;
}

export interface Evaluation {
  ID: string;
  JobID?: Maybe<string>;
  Status: string;
  StatusDescription?: Maybe<string>;
  TriggeredBy?: Maybe<string>;
  /** RFC 3339; of the year 1 for an evaluation without a delay. */
  WaitUntil?: Maybe<string>;
  DeploymentID?: Maybe<string>;
  NextEval?: Maybe<string>;
  BlockedEval?: Maybe<string>;
  JobModifyIndex?: Maybe<number>;
  CreateIndex?: Maybe<number>;
  /** The name of an exhausted quota (Enterprise). */
  QuotaLimitReached?: Maybe<string>;
  /** The resources beside the nodes that a blocked evaluation misses, such as `csi-volume:default:data` (from 2.0.5 on). */
  MissingNonNodeResources?: Maybe<readonly string[]>;
  FailedTGAllocs?: Maybe<Record<string, AllocMetric>>;
}

export interface Deployment {
  ID: string;
  Namespace?: Maybe<string>;
  JobID: string;
  JobVersion: number;
  /** The modify index of the job at the registration of this version. */
  JobSpecModifyIndex?: Maybe<number>;
  Status: string;
  StatusDescription: string;
  TaskGroups?: Maybe<Record<string, DeploymentState>>;
}

export interface DeploymentState {
  DesiredTotal: number;
  DesiredCanaries: number;
  PlacedAllocs: number;
  HealthyAllocs: number;
  UnhealthyAllocs: number;
  Promoted: boolean;
  AutoPromote: boolean;
  AutoRevert?: Maybe<boolean>;
  /** Nanoseconds; 0 for none. */
  ProgressDeadline?: Maybe<number>;
  /** RFC 3339; null before the first placement. */
  RequireProgressBy?: Maybe<string>;
}

/** The ACL token of a login. */
export interface AclToken {
  readonly AccessorID: string;
  /** The token itself. */
  readonly SecretID: string;
  readonly Name: string;
  readonly Type: string;
  readonly Policies?: readonly string[] | null;
  readonly Roles?: readonly { readonly Name: string }[] | null;
  /** RFC 3339; both by the server's clock. */
  readonly CreateTime: string;
  readonly ExpirationTime?: string;
}

export interface Variable {
  Items?: Maybe<Record<string, string>>;
  ModifyIndex: number;
  /** Shown to the holder, and to a management token. */
  Lock?: Maybe<{ ID: string }>;
}
