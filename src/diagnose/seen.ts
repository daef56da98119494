import type { FailureReason } from '../errors.ts';
import type { Allocation, CheckResult, Deployment, Evaluation, RegisteredJob } from '../nomad/types.ts';

/** What is known of a rollout at one moment. */
export interface Snapshot {
  readonly evaluation: Evaluation | undefined;
  /** The deployment that is followed, also before it was read. */
  readonly deploymentId?: string | undefined;
  /** Undefined: there is none, it was not read yet, or Nomad has collected it. */
  readonly deployment: Deployment | undefined;
  /** The allocations of our job version. */
  readonly allocations: readonly Allocation[];
  /** How many allocations of older versions are still to be replaced, where no deployment tells. */
  readonly outdated?: number;
  /** The registered job, where it is watched, too; null: it is gone. */
  readonly job?: RegisteredJob | null;
  /** The results of failing and waiting checks of Nomad's own services, by allocation. */
  readonly checks?: Readonly<Record<string, readonly CheckResult[]>>;
}

/** How a rollout ended. */
export type Verdict =
  | { readonly outcome: 'successful' }
  | { readonly outcome: 'failed'; readonly reason: FailureReason; readonly description: string; readonly rolledBackTo?: number }
  | { readonly outcome: 'awaiting-promotion'; readonly description: string }
  | { readonly outcome: 'superseded' | 'cancelled' | 'timed-out'; readonly description: string };

/** The first eight characters, as Nomad's own tools show ids. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
