// The parts that the faults share.
import type { Cluster, Member } from '../parts/cluster.ts';

/** The version that a run deploys: one that is good, that is good and has a canary, whose tasks fail, with a rollback of ours, or that cannot start. */
export type Shape = 'good' | 'canary' | 'failing' | 'reverting' | 'broken';

/** The parts that a fault works with. */
export interface Stage {
  readonly cluster: Cluster;
  readonly random: () => number;
  /** The server that the run talks to, or that its proxy does. */
  readonly at: Member;
}

/** The begin and the end of a fault, in milliseconds since the begin of the run. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: () => number;
}
