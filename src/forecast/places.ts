import type { NodeSummary, PlacedAllocation } from '../nomad/types.ts';
import { type Distinct, knownOf } from './constraints.ts';
import { type Demand, usageOf } from './resources.ts';
import { freeOf, type Lack, type Room, roomOn } from './room.ts';

type Test = (allocation: PlacedAllocation) => boolean;

/** The allocations of the cluster at one moment of a deploy. */
interface Situation {
  readonly all: readonly NodeSummary[];
  readonly byNode: ReadonlyMap<string, readonly PlacedAllocation[]>;
  readonly suitable: readonly NodeSummary[];
  /** The allocations of the job, and those of the group. */
  readonly own: Test;
  readonly isOwn: Test;
  /** The allocations that have stopped by then. */
  readonly leaves: Test;
  readonly perNode: boolean;
}

interface Places {
  readonly fits: number;
  readonly room: number;
  /** The node that lacks the least for one allocation more. */
  readonly nearest: { readonly node: string; readonly lacks: readonly Lack[] } | undefined;
  /** The constraint of distinct hosts or values that ends the room. */
  readonly limit: string | undefined;
  readonly unknown: readonly string[];
}

interface Place {
  readonly node: NodeSummary;
  /** An allocation there bars others (`distinct_hosts`). */
  readonly taken: boolean;
  readonly room: Room;
}

/** Returns the room of a group on the suitable nodes. */
export function placesOf(demand: Demand, distinct: Distinct, at: Situation): Places {
  const bars = distinct.hosts === 'job' ? at.own : at.isOwn;
  const oneEach = at.perNode || distinct.hosts !== undefined;
  const places = at.suitable.map((node): Place => {
    const there = (at.byNode.get(node.ID ?? '') ?? []).filter((one) => !at.leaves(one));
    if (distinct.hosts !== undefined && there.some(bars)) return { node, taken: true, room: { count: 0, lacks: [] } };
    const room = roomOn(freeOf(node, usageOf(there)), demand);
    return { node, taken: false, room: oneEach && room.count > 0 ? { count: 1, lacks: [] } : room };
  });
  const total = places.reduce((sum, { room }) => sum + room.count, 0);
  const limits = distinct.properties.map((property) => propertyLimit(property, places, at));
  const room = Math.min(total, ...limits.filter((limit) => limit !== undefined));
  const ending = distinct.properties.find((_property, i) => limits[i] === room && room < total);
  const isTaken = room === 0 && places.some(({ taken }) => taken);
  const unread = distinct.properties.flatMap(({ target }, i) => (limits[i] === undefined ? [`distinct_property \${${target}}`] : []));
  return {
    ...{ room, fits: places.filter((place) => place.room.count > 0).length, nearest: nearestOf(places) },
    limit: ending === undefined ? (isTaken ? 'distinct_hosts' : undefined) : `distinct_property \${${ending.target}}`,
    // Each of several such constraints bounds the room; together they may leave less.
    unknown: unread.length > 0 || limits.length < 2 ? unread : ['the distinct_property constraints together'],
  };
}

/** Returns the room that a limit for each value of a property leaves; undefined for a property that the list of nodes lacks. */
function propertyLimit({ target, limit, of }: Distinct['properties'][number], places: readonly Place[], at: Situation): number | undefined {
  const [first] = at.all;
  if (first === undefined || knownOf(first, target) === undefined) return undefined;
  const isSame = of === 'job' ? at.own : at.isOwn;
  const counts = (one: PlacedAllocation): boolean => one.DesiredStatus === 'run' && isSame(one) && !at.leaves(one);
  const used = tally(at.all, target, ({ ID }) => (at.byNode.get(ID ?? '') ?? []).filter(counts).length);
  const rooms = tally(places, target, ({ room }) => room.count);
  return [...rooms].reduce((sum, [value, room]) => sum + Math.max(0, Math.min(room, limit - (used.get(value) ?? 0))), 0);
}

/** Returns sums over nodes, by the value of a property. */
function tally<T extends NodeSummary | Place>(list: readonly T[], target: string, of: (one: T) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const one of list) {
    const value = knownOf('node' in one ? one.node : one, target) ?? '';
    sums.set(value, (sums.get(value) ?? 0) + of(one));
  }
  return sums;
}

function nearestOf(places: readonly Place[]): Places['nearest'] {
  const weigh = ({ room }: Place): number => room.lacks.reduce((sum, { weight }) => sum + weight, 0);
  let best: Place | undefined;
  for (const place of places) if (place.room.lacks.length > 0 && (best === undefined || weigh(place) < weigh(best))) best = place;
  return best === undefined ? undefined : { node: best.node.Name, lacks: best.room.lacks };
}
