// The used fields of Nomad's answer to a plan, spelt as on the wire. See https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan
import type { Maybe } from './maybe.ts';

export interface Diff {
  Type: 'Added' | 'Deleted' | 'Edited' | 'None';
  Name?: Maybe<string>;
  /** Values in clear. */
  Fields?: Maybe<{ Type: Diff['Type']; Name: string; Old?: Maybe<string>; New?: Maybe<string> }[]>;
  /** For a task, the forced actions of its change, in words. */
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
  Annotations?: Maybe<{ DesiredTGUpdates?: Maybe<Record<string, DesiredUpdates>>; PreemptedAllocs?: Maybe<{ JobID: string }[]> }>;
  Diff?: Maybe<Diff>;
  FailedTGAllocs?: Maybe<Record<string, AllocMetric>>;
  JobModifyIndex: number;
  NextPeriodicLaunch?: Maybe<string>;
  Warnings?: Maybe<string>;
}

/** The reasons of a group that can't be placed completely. */
export interface AllocMetric {
  NodesEvaluated: number;
  NodesFiltered: number;
  NodesExhausted: number;
  NodesAvailable?: Maybe<Record<string, number>>;
  NodePool?: Maybe<string>;
  ClassFiltered?: Maybe<Record<string, number>>;
  ClassExhausted?: Maybe<Record<string, number>>;
  ConstraintFiltered?: Maybe<Record<string, number>>;
  DimensionExhausted?: Maybe<Record<string, number>>;
  QuotaExhausted?: Maybe<string[]>;
  CoalescedFailures: number;
}
