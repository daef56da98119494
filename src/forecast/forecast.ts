import type { AllocMetric, DesiredUpdates, Job, NodeSummary, PlacedAllocation, TaskGroup } from '../nomad/types.ts';
import { anything, literally, matchesSteps } from '../text/index.ts';
import { type Distinct, distinctOf, knownOf, wantedOf } from './constraints.ts';
import { filtersOf, type Judged } from './filters.ts';
import { quotaLeft } from './quota.ts';
import { type Demand, demandOf, usageOf } from './resources.ts';
import { freeOf, type Lack, type Room, roomOn } from './room.ts';

/** The scheduler's side of a forecast. */
export interface Scheduler {
  readonly namespace: string;
  /** The first step in each group, by Nomad's plan. */
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
  /** The groups that Nomad's plan can't place completely. */
  readonly failures: Readonly<Record<string, AllocMetric>>;
  /** Whether allocations of this type of job may evict others; undefined where unknown. */
  readonly preemption: boolean | undefined;
  /** Whether the plan evicts allocations of other jobs. */
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

interface Place {
  readonly node: NodeSummary;
  readonly room: Room;
}

function ofGroup(group: TaskGroup, cluster: Cluster): GroupForecast {
  const { job, nodes, scheduler } = cluster;
  const ready = nodes.filter(({ Status, SchedulingEligibility }) => Status === 'ready' && SchedulingEligibility === 'eligible');
  const filters = filtersOf(group, wantedOf(job, group), scheduler.judged);
  const distinct = distinctOf(job, group);
  const reasons = new Map<string, number>();
  const suitable = ready.filter((node) => {
    const reason = filters.reason(node);
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return reason === undefined;
  });
  const own = (allocation: PlacedAllocation): boolean =>
    allocation.JobID === job.ID && (allocation.Namespace ?? scheduler.namespace) === scheduler.namespace;
  const update = scheduler.updates[group.Name] ?? {};
  const [canaries, replaced] = [update.Canary ?? 0, update.DestructiveUpdate ?? 0];
  const placed = (update.Place ?? 0) + (update.Migrate ?? 0);
  /** New allocations come beside the running ones, unless they replace them. */
  const needsBeside = canaries > 0 || replaced === 0;
  const perNode = job.Type?.startsWith('sys') === true;
  const isReplaced = canaries + replaced > 0;
  const isOwn = (allocation: PlacedAllocation): boolean => own(allocation) && allocation.TaskGroup === group.Name;
  const demand = demandOf(group);
  // A system job has one allocation on each node: it fits where the allocation that it has there, or a new one, does.
  const now = placesOf(group, demand, distinct, suitable, { ...cluster, own, leaves: perNode ? isOwn : () => false });
  const later = isReplaced ? placesOf(group, demand, distinct, suitable, { ...cluster, own, leaves: isOwn }) : now;
  const kept = isReplaced ? 0 : runningOf(group, cluster, own);
  const { room } = now;
  const failure = scheduler.failures[group.Name];
  return {
    group: group.Name,
    perNode,
    nodes: ready.length,
    notReady: nodes.length - ready.length,
    suitable: suitable.length,
    fits: now.places.filter((place) => place.room.count > 0).length,
    room,
    largest: kept + later.room,
    canaries,
    placed,
    replaced,
    missing: failure === undefined ? 0 : failure.CoalescedFailures + 1,
    isFull: needsBeside ? canaries + placed > room : (group.Count ?? 1) > later.room,
    nearest: nearestOf((needsBeside ? now : later).places),
    filtered: [...reasons].sort(([, a], [, b]) => b - a),
    unknown: [...filters.unknown, ...now.unknown, ...(replaced + (update.InPlaceUpdate ?? 0) > 0 ? countedTwice(distinct) : [])],
    quota: quotaLeft(failure?.QuotaExhausted ?? [], demand),
    preemption: scheduler.preemption === true && (job.Priority ?? 50) > 10,
    evicts: scheduler.evicts,
  };
}

/** Returns the constraints for which Nomad counts some allocations twice, or still, that it updates or stops in the same step. */
const countedTwice = ({ properties }: Distinct): string[] =>
  properties.flatMap(({ target, limit }) => (limit > 1 ? [`distinct_property \${${target}} beside updated allocations`] : []));

/** Returns the number of allocations of a group that run and stay. */
function runningOf({ Name }: TaskGroup, { byNode }: Cluster, own: (allocation: PlacedAllocation) => boolean): number {
  let count = 0;
  for (const list of byNode.values())
    count += list.filter(
      (one) => own(one) && one.TaskGroup === Name && one.DesiredStatus === 'run' && one.ClientStatus !== 'unknown',
    ).length;
  return count;
}

interface Situation extends Cluster {
  readonly own: (allocation: PlacedAllocation) => boolean;
  /** The allocations that have stopped by then. */
  readonly leaves: (allocation: PlacedAllocation) => boolean;
}

interface Places {
  readonly places: readonly Place[];
  readonly room: number;
  readonly unknown: readonly string[];
}

function placesOf(group: TaskGroup, demand: Demand, distinct: Distinct, suitable: readonly NodeSummary[], at: Situation): Places {
  const { byNode, own, leaves } = at;
  const isSame =
    (of: 'job' | 'group') =>
    (one: PlacedAllocation): boolean =>
      own(one) && (of === 'job' || one.TaskGroup === group.Name);
  const places = suitable.map((node): Place => {
    const there = (byNode.get(node.ID ?? '') ?? []).filter((one) => !leaves(one));
    const room = roomOn(freeOf(node, usageOf(there)), demand);
    if (distinct.hosts === undefined) return { node, room };
    const taken = there.some(isSame(distinct.hosts));
    return { node, room: taken ? { count: 0, lacks: [] } : { ...room, count: Math.min(1, room.count) } };
  });
  const total = places.reduce((sum, { room }) => sum + room.count, 0);
  const limits = distinct.properties.map(({ target, limit, of }) => {
    if (knownOf(at.all[0] ?? EMPTY, target) === undefined) return undefined;
    const left = new Map<string, number>();
    for (const node of at.all) {
      const value = knownOf(node, target) ?? '';
      const used = (byNode.get(node.ID ?? '') ?? []).filter((one) => one.DesiredStatus === 'run' && isSame(of)(one) && !leaves(one)).length;
      left.set(value, (left.get(value) ?? limit) - used);
    }
    const rooms = new Map<string, number>();
    for (const { node, room } of places) {
      const value = knownOf(node, target) ?? '';
      rooms.set(value, (rooms.get(value) ?? 0) + room.count);
    }
    return [...rooms].reduce((sum, [value, room]) => sum + Math.max(0, Math.min(room, left.get(value) ?? limit)), 0);
  });
  const unknown = distinct.properties.flatMap(({ target }, i) => (limits[i] === undefined ? [`distinct_property \${${target}}`] : []));
  // Each of several such constraints bounds the room; together they may leave less.
  const both = limits.length > 1 ? ['the distinct_property constraints together'] : [];
  return { places, room: Math.min(total, ...limits.filter((limit) => limit !== undefined)), unknown: unknown.length > 0 ? unknown : both };
}

const EMPTY: NodeSummary = { Name: '', Datacenter: '', Status: '', SchedulingEligibility: '' };

function nearestOf(places: readonly Place[]): GroupForecast['nearest'] {
  const weigh = ({ room }: Place): number => room.lacks.reduce((sum, { weight }) => sum + weight, 0);
  const best = places
    .filter(({ room }) => room.lacks.length > 0)
    .reduce<Place | undefined>((least, place) => (least === undefined || weigh(place) < weigh(least) ? place : least), undefined);
  return best === undefined ? undefined : { node: best.node.Name, lacks: best.room.lacks };
}
