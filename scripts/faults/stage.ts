// What the faults share.
import type { Cluster, Member } from '../parts/cluster.ts';

/** What a run deploys: a version that is good, that is good and has a canary, whose tasks fail, with a rollback of ours, or that cannot start. */
export type Shape = 'good' | 'canary' | 'failing' | 'reverting' | 'broken';

/** What a fault has to work with. */
export interface Stage {
  readonly cluster: Cluster;
  readonly random: () => number;
  /** The server that the run talks to, or that its proxy does. */
  readonly at: Member;
}

/** When a fault begins and ends, in milliseconds since the begin of the run. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: () => number;
}
