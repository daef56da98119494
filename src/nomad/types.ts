/**
 * What we read of Nomad's answers, spelt as on the wire. Nomad leaves out empty fields and writes `null` for empty lists, so nearly
 * everything may be missing; fields and statuses that we do not know are ignored. See https://developer.hashicorp.com/nomad/api-docs
 */
type Maybe<T> = T | null | undefined;

/** A job as `/v1/jobs/parse` gives it. Only what we look at is named; the rest passes through untouched. */
export interface Job {
  ID: string;
  Name: string;
  Namespace?: Maybe<string>;
  Region?: Maybe<string>;
  Type?: Maybe<string>;
  Meta?: Maybe<Record<string, string>>;
  Periodic?: Maybe<object>;
  ParameterizedJob?: Maybe<object>;
  Update?: Maybe<UpdateStrategy>;
  TaskGroups?: Maybe<TaskGroup[]>;
}

export interface TaskGroup {
  Name: string;
  Count?: Maybe<number>;
  Update?: Maybe<UpdateStrategy>;
  Networks?: Maybe<{ ReservedPorts?: Maybe<Port[]>; DynamicPorts?: Maybe<Port[]> }[]>;
  Services?: Maybe<Service[]>;
  Tasks?: Maybe<Task[]>;
}

export interface Port {
  Label: string;
  To?: Maybe<number>;
}

export interface Service {
  Provider?: Maybe<string>;
  Checks?: Maybe<object[]>;
}

export interface Task {
  Name: string;
  Driver: string;
  Config?: Maybe<Record<string, unknown>>;
  Services?: Maybe<Service[]>;
  Templates?: Maybe<{ EmbeddedTmpl?: Maybe<string> }[]>;
}

export interface UpdateStrategy {
  MaxParallel?: Maybe<number>;
  Canary?: Maybe<number>;
  /** Nanoseconds, as all durations of the API. */
  MinHealthyTime?: Maybe<number>;
  /** Nanoseconds, as all durations of the API. */
  ProgressDeadline?: Maybe<number>;
  AutoPromote?: Maybe<boolean>;
}

/** A registered job, as `/v1/job/:id` gives it. */
export interface RegisteredJob extends Job {
  Version: number;
  Stop: boolean;
  Status: string;
  JobModifyIndex: number;
  /** Its deployment was successful, so that Nomad may go back to it. */
  Stable?: Maybe<boolean>;
}

export interface Diff {
  Type: 'Added' | 'Deleted' | 'Edited' | 'None';
  Name?: Maybe<string>;
  Fields?: Maybe<{ Type: Diff['Type']; Name: string }[]>;
  /** Of a task: what its change forces, in words. */
  Annotations?: Maybe<string[]>;
  Objects?: Maybe<Diff[]>;
  TaskGroups?: Maybe<Diff[]>;
  Tasks?: Maybe<Diff[]>;
}

export interface DesiredUpdates {
  Place?: Maybe<number>;
  Stop?: Maybe<number>;
  Migrate?: Maybe<number>;
  InPlaceUpdate?: Maybe<number>;
  DestructiveUpdate?: Maybe<number>;
  Canary?: Maybe<number>;
  Ignore?: Maybe<number>;
}

export interface PlanResponse {
  Annotations?: Maybe<{ DesiredTGUpdates?: Maybe<Record<string, DesiredUpdates>> }>;
  Diff?: Maybe<Diff>;
  FailedTGAllocs?: Maybe<Record<string, AllocMetric>>;
  JobModifyIndex: number;
  NextPeriodicLaunch?: Maybe<string>;
  Warnings?: Maybe<string>;
}

export interface RegisterResponse {
  EvalID: string;
  JobModifyIndex: number;
  Warnings?: Maybe<string>;
}

export interface Evaluation {
  ID: string;
  Status: string;
  StatusDescription?: Maybe<string>;
  TriggeredBy?: Maybe<string>;
  DeploymentID?: Maybe<string>;
  NextEval?: Maybe<string>;
  BlockedEval?: Maybe<string>;
  JobModifyIndex?: Maybe<number>;
  CreateIndex?: Maybe<number>;
  FailedTGAllocs?: Maybe<Record<string, AllocMetric>>;
}

/** Why a group could not be placed, or not everywhere. */
export interface AllocMetric {
  NodesEvaluated: number;
  NodesFiltered: number;
  NodesExhausted: number;
  NodesAvailable?: Maybe<Record<string, number>>;
  ConstraintFiltered?: Maybe<Record<string, number>>;
  DimensionExhausted?: Maybe<Record<string, number>>;
  QuotaExhausted?: Maybe<string[]>;
  CoalescedFailures: number;
}

export interface Deployment {
  ID: string;
  Namespace?: Maybe<string>;
  JobID: string;
  JobVersion: number;
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
  /** RFC 3339; null as long as nothing is placed. */
  RequireProgressBy?: Maybe<string>;
}

/** An allocation as lists give it. */
export interface Allocation {
  ID: string;
  Name: string;
  NodeName: string;
  TaskGroup: string;
  JobVersion: number;
  DesiredStatus: string;
  DesiredDescription?: Maybe<string>;
  ClientStatus: string;
  NextAllocation?: Maybe<string>;
  FollowupEvalID?: Maybe<string>;
  DeploymentStatus?: Maybe<{ Healthy?: Maybe<boolean>; Canary?: Maybe<boolean> }>;
  TaskStates?: Maybe<Record<string, TaskState>>;
  CreateIndex: number;
}

/** An allocation of a list with resources: where its ports are. */
export interface PlacedAllocation extends Allocation {
  AllocatedResources?: Maybe<{ Shared?: Maybe<{ Ports?: Maybe<{ Label: string; Value: number; HostIP: string }[]> }> }>;
}

export interface TaskState {
  State: string;
  Failed: boolean;
  Restarts: number;
  Events?: Maybe<TaskEvent[]>;
}

export interface TaskEvent {
  Type: string;
  /** Nanoseconds since the epoch; above 2^53, so good for ordering and printing only. */
  Time: number;
  DisplayMessage: string;
  Details?: Maybe<Record<string, string>>;
}

/** A health check of Nomad's own services. */
export interface CheckResult {
  Check: string;
  Service: string;
  Status: string;
  StatusCode?: Maybe<number>;
  Output?: Maybe<string>;
}

export interface Variable {
  Items?: Maybe<Record<string, string>>;
  ModifyIndex: number;
}
