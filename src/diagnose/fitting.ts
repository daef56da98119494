import type { About } from '../errors.ts';
import type { Constraint, Job, NodeSummary, TaskGroup } from '../nomad/types.ts';

/** Why some of the nodes cannot take a group. */
export interface Reason {
  readonly text: string;
  readonly advice: string;
  readonly kind: About['kind'];
  readonly name?: string | undefined;
}

/** A group that does not fit. */
export interface Demand {
  readonly job: Job | undefined;
  readonly group: TaskGroup | undefined;
  readonly nodes: readonly NodeSummary[] | undefined;
  /** The way to request fewer allocations of the group; undefined where there cannot be fewer. */
  readonly fewer: string | undefined;
  readonly isCanary: boolean;
  readonly builtIn: boolean;
  readonly unmet: readonly Constraint[];
}

/** Nomad's words for nodes of a class that it has looked at before: it remembers that they did not fit, but not why. */
export const INELIGIBLE = 'computed class ineligible';

/** Returns several actions as one advice. */
export const either = (...actions: readonly (string | undefined)[]): string => {
  const given = actions.filter((action) => action !== undefined);
  return given.length < 2 ? given.join('') : `${given.slice(0, -1).join(', ')}, or ${given.at(-1)}`;
};

/** Returns whether a node takes allocations. */
export const isReady = ({ Status, SchedulingEligibility }: NodeSummary): boolean =>
  Status === 'ready' && SchedulingEligibility === 'eligible';

export const unique = (items: readonly string[]): string[] => [...new Set(items)].sort();

/** Returns a statement about nodes: `1 node lacks memory`, `3 nodes lack memory`. */
export const nodesThat = (count: number, one: string, many: string): string => (count === 1 ? `1 node ${one}` : `${count} nodes ${many}`);
