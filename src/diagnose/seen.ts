import type { FailureReason } from '../errors.ts';
import type { Allocation, CheckResult, Deployment, Evaluation, RegisteredJob } from '../nomad/types.ts';

/** The state of a rollout at one moment. */
export interface Snapshot {
  readonly evaluation: Evaluation | undefined;
  /** The id of the deployment, known before the deployment was read. */
  readonly deploymentId?: string | undefined;
  /** Undefined where there is none, where it was not read yet, and where Nomad has collected it. */
  readonly deployment: Deployment | undefined;
  /** The allocations of our job version. */
  readonly allocations: readonly Allocation[];
  /** The number of allocations of older versions that are still to be replaced, for a job without a deployment. */
  readonly outdated?: number;
  /** The registered job, where it is watched; null where it is gone. */
  readonly job?: RegisteredJob | null;
  /** The results of failing and waiting checks of Nomad's own services, by allocation. */
  readonly checks?: Readonly<Record<string, readonly CheckResult[]>>;
}

/** The end of a rollout. */
export type Verdict =
  | { readonly outcome: 'successful' }
  | { readonly outcome: 'failed'; readonly reason: FailureReason; readonly description: string; readonly rolledBackTo?: number }
  | { readonly outcome: 'awaiting-promotion'; readonly description: string }
  | { readonly outcome: 'superseded' | 'cancelled' | 'timed-out'; readonly description: string };

/** Returns the first eight characters of an id, as Nomad's own tools show it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
