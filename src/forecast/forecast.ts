import type { AllocMetric, DesiredUpdates, Job, NodeSummary, PlacedAllocation, TaskGroup } from '../nomad/types.ts';
import { anything, literally, matchesSteps } from '../text/index.ts';
import { type Distinct, distinctOf, wantedOf } from './constraints.ts';
import { type Filters, filtersOf, type Judged } from './filters.ts';
import { placesOf } from './places.ts';
import { quotaLeft } from './quota.ts';
import { demandOf } from './resources.ts';
import type { Lack } from './room.ts';

/** The scheduler's side of a forecast. */
export interface Scheduler {
  readonly namespace: string;
  /** The first step in each group, by Nomad's plan. */
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
  /** The groups that Nomad's plan can't place completely. */
  readonly failures: Readonly<Record<string, AllocMetric>>;
  /** Allocations of this type of job may evict others; undefined where unknown. */
  readonly preemption: boolean | undefined;
  /** The plan evicts allocations of other jobs. */
  readonly evicts: boolean;
  readonly judged: Judged | undefined;
}

/** The place of a group on the nodes. */
export interface GroupForecast {
  readonly group: string;
  /** Each node gets one allocation: a system job. */
  readonly perNode: boolean;
  /** The nodes of its datacenters and node pool that take allocations, and those that do not now. */
  readonly nodes: number;
  readonly notReady: number;
  /** The nodes with everything but resources. */
  readonly suitable: number;
  /** The nodes that take one more allocation now. */
  readonly fits: number;
  /** The allocations that fit beside everything that runs now. */
  readonly room: number;
  /** The largest count that fits, once the replaced allocations of the group have stopped. */
  readonly largest: number;
  readonly canaries: number;
  /** The allocations that the plan adds, canaries aside. */
  readonly placed: number;
  /** The allocations that the plan replaces, in one step or in several. */
  readonly replaced: number;
  /** The allocations that Nomad's plan can't place. */
  readonly missing: number;
  /** The numbers show why Nomad's plan can't place all. */
  readonly isFull: boolean;
  /** The suitable node that lacks the least for one allocation more than it takes. */
  readonly nearest: { readonly node: string; readonly lacks: readonly Lack[] } | undefined;
  /** The nodes that are out of question, by reason. */
  readonly filtered: readonly (readonly [reason: string, nodes: number])[];
  /** The constraint of distinct hosts or values that ends the room before the resources do. */
  readonly distinct: string | undefined;
  /** Other groups of the job take room on the same nodes. */
  readonly shares: boolean;
  /** The things that the data do not tell: the room may be smaller. */
  readonly unknown: readonly string[];
  /** The rest of the quota of the namespace, in sentences (Enterprise). */
  readonly quota: readonly string[];
  readonly preemption: boolean;
  readonly evicts: boolean;
}

const ENDED = ['complete', 'failed', 'lost'];

/**
 * Returns the place that each group of a job finds on the nodes: the numbers are those of Nomad's scheduler. It takes the work of reading each node and each
 * allocation once for each group, and asks nothing.
 */
export function forecast(
  job: Job,
  nodes: readonly NodeSummary[],
  allocations: readonly PlacedAllocation[],
  scheduler: Scheduler,
): GroupForecast[] {
  const byNode = new Map<string, PlacedAllocation[]>();
  for (const allocation of allocations) {
    if (ENDED.includes(allocation.ClientStatus)) continue;
    const id = allocation.NodeID ?? '';
    const there = byNode.get(id);
    if (there === undefined) byNode.set(id, [allocation]);
    else there.push(allocation);
  }
  const inReach = nodes.filter(reachOf(job));
  return (job.TaskGroups ?? []).map((group) => ofGroup(group, { job, nodes: inReach, all: nodes, byNode, scheduler }));
}

interface Cluster {
  readonly job: Job;
  /** The nodes of the job's datacenters and node pool. */
  readonly nodes: readonly NodeSummary[];
  readonly all: readonly NodeSummary[];
  readonly byNode: ReadonlyMap<string, readonly PlacedAllocation[]>;
  readonly scheduler: Scheduler;
}

/** Returns the test of a node for the datacenters, which may have stars, and the pool of a job. */
function reachOf({ Datacenters, NodePool }: Job): (node: NodeSummary) => boolean {
  const patterns = (Datacenters ?? ['*']).map((pattern) =>
    pattern.split('*').flatMap((part, i) => [...(i > 0 ? [{ many: anything }] : []), ...literally(part)]),
  );
  const pool = NodePool || 'default';
  return (node) =>
    (pool === 'all' || (node.NodePool || 'default') === pool) && patterns.some((steps) => matchesSteps(steps, node.Datacenter));
}

function ofGroup(group: TaskGroup, cluster: Cluster): GroupForecast {
  const { job, nodes, byNode, scheduler } = cluster;
  const ready = nodes.filter(({ Status, SchedulingEligibility }) => Status === 'ready' && SchedulingEligibility === 'eligible');
  const filters = filtersOf(group, wantedOf(job, group), scheduler.judged);
  const distinct = distinctOf(job, group);
  const { suitable, filtered } = sift(ready, filters);
  const own = (allocation: PlacedAllocation): boolean =>
    allocation.JobID === job.ID && (allocation.Namespace ?? scheduler.namespace) === scheduler.namespace;
  const isOwn = (allocation: PlacedAllocation): boolean => own(allocation) && allocation.TaskGroup === group.Name;
  const { canaries, placed, replaced, inPlace } = stepOf(scheduler.updates[group.Name] ?? {});
  const perNode = job.Type?.startsWith('sys') === true;
  const demand = demandOf(group);
  const at = { all: cluster.all, byNode, suitable, own, isOwn, perNode };
  // A system job has one allocation on each node: it fits where the allocation that it has there, or a new one, does.
  const now = placesOf(demand, distinct, { ...at, leaves: perNode ? isOwn : () => false });
  const isReplaced = canaries + replaced > 0;
  const later = isReplaced ? placesOf(demand, distinct, { ...at, leaves: isOwn }) : now;
  /** New allocations come beside the running ones, unless they replace them. */
  const needsBeside = canaries > 0 || replaced === 0;
  const decisive = needsBeside ? now : later;
  const failure = scheduler.failures[group.Name];
  return {
    ...{ group: group.Name, perNode, canaries, placed, replaced, filtered },
    ...{ nodes: ready.length, notReady: nodes.length - ready.length, suitable: suitable.length },
    fits: now.fits,
    room: now.room,
    largest: later.room + (isReplaced ? 0 : runningOf(byNode, isOwn)),
    missing: failure === undefined ? 0 : failure.CoalescedFailures + 1,
    isFull: needsBeside ? canaries + placed > now.room : (group.Count ?? 1) > later.room,
    ...{ nearest: decisive.nearest, distinct: decisive.limit },
    shares: (job.TaskGroups ?? []).length > 1,
    unknown: [...filters.unknown, ...now.unknown, ...(replaced + inPlace > 0 ? countedTwice(distinct) : [])],
    quota: quotaLeft(failure?.QuotaExhausted ?? [], demand),
    preemption: scheduler.preemption === true,
    evicts: scheduler.evicts,
  };
}

/** Returns the nodes that a group may run on, and the number of the others by reason, the most frequent first. */
function sift(ready: readonly NodeSummary[], { reason }: Filters): { suitable: NodeSummary[]; filtered: [string, number][] } {
  const counts = new Map<string, number>();
  const suitable = ready.filter((node) => {
    const found = reason(node);
    if (found !== undefined) counts.set(found, (counts.get(found) ?? 0) + 1);
    return found === undefined;
  });
  return { suitable, filtered: [...counts].sort(([, a], [, b]) => b - a) };
}

const stepOf = ({ Canary, Place, Migrate, DestructiveUpdate, InPlaceUpdate }: DesiredUpdates) => ({
  ...{ canaries: Canary ?? 0, placed: (Place ?? 0) + (Migrate ?? 0), replaced: DestructiveUpdate ?? 0, inPlace: InPlaceUpdate ?? 0 },
});

/** Returns the constraints for which Nomad counts some allocations twice, or still, that it updates or stops in the same step. */
const countedTwice = ({ properties }: Distinct): string[] =>
  properties.flatMap(({ target, limit }) => (limit > 1 ? [`distinct_property \${${target}} beside updated allocations`] : []));

/** Returns the number of allocations of a group that run and stay. */
function runningOf(byNode: Cluster['byNode'], isOwn: (allocation: PlacedAllocation) => boolean): number {
  const stays = (one: PlacedAllocation): boolean => isOwn(one) && one.DesiredStatus === 'run' && one.ClientStatus !== 'unknown';
  let count = 0;
  for (const list of byNode.values()) count += list.filter(stays).length;
  return count;
}
