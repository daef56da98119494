import type { AllocMetric, Constraint, Job, NodeSummary } from '../nomad/types.ts';
import { filtered, missingCsiVolumes } from './filtered.ts';
import { type Demand, INELIGIBLE, isReady, type Reason, unique } from './fitting.ts';
import { exhausted } from './resources.ts';
import { type CausePart, RANKS } from './sentence.ts';

/** The facts beside its spec that an advice about a group depends on. */
export interface Fitting {
  /** The nodes of the cluster, for those who may see them. */
  readonly nodes?: readonly NodeSummary[] | undefined;
  /** The name of an exhausted quota (Enterprise), which only the evaluation has. */
  readonly quota?: string | undefined;
  /** Resources beside the nodes that the evaluation misses: `csi-volume:data`, or with the namespace `csi-volume:default:data` (from 2.0.5 on). */
  readonly missing?: readonly string[];
  /** The spec is the built-in template's. */
  readonly builtIn?: boolean;
  /** The canaries that a deployment wants, beside the running allocations. */
  readonly canaries?: number;
  /** Constraints that no ready node meets, where Nomad does not name the reason. */
  readonly unmet?: readonly Constraint[];
}

/** Returns why a group does not fit: `group web cannot place 1 allocation (0 of 4 nodes fit): 3 nodes lack memory (1200 MiB requested), …`. */
export function describePlacement(group: string, metric: AllocMetric, job?: Job): string {
  const { where, text } = placementPart(group, metric, job);
  return `${where} ${text}`;
}

/** Returns the constraints of a group that may be the reason, where Nomad does not name the reason. */
export function suspectedConstraints(group: string, { ConstraintFiltered }: AllocMetric, job: Job): Constraint[] {
  const spec = job.TaskGroups?.find(({ Name }) => Name === group);
  if (ConstraintFiltered?.[INELIGIBLE] === undefined) return [];
  return [job.Constraints, spec?.Constraints, ...(spec?.Tasks ?? []).map(({ Constraints }) => Constraints)].flatMap((list) => list ?? []);
}

/** Returns why a group does not fit, and what to do about it. */
export function placementPart(group: string, metric: AllocMetric, job: Job | undefined, fitting: Fitting = {}): CausePart {
  const { nodes, builtIn = false, canaries = 0, unmet = [] } = fitting;
  const spec = job?.TaskGroups?.find(({ Name }) => Name === group);
  const ofEachNode = job?.Type?.startsWith('sys') === true;
  const fewer =
    canaries > 0 ? 'set `canary = 0`' : spec === undefined || (!ofEachNode && (spec.Count ?? 1) > 1) ? 'lower `count`' : undefined;
  const reasons = reasonsOf(metric, { job, group: spec, nodes, fewer, isCanary: canaries > 0, builtIn, unmet }, fitting);
  const first = reasons[0];
  const { CoalescedFailures, NodesEvaluated } = metric;
  const missing = `${CoalescedFailures + 1} allocation${CoalescedFailures === 0 ? '' : 's'}`;
  const fit = NodesEvaluated === 0 ? '' : ` (0 of ${NodesEvaluated === 1 ? '1 node fits' : `${NodesEvaluated} nodes fit`})`;
  return {
    where: `group ${group}`,
    text: `cannot place ${missing}${fit}: ${reasons.map(({ text }) => text).join(', ')}${NodesEvaluated === 0 ? '' : classes(metric)}`,
    advice: first?.advice ?? '',
    certain: false,
    about: { kind: first?.kind ?? 'group', group, ...(first?.name === undefined ? {} : { name: first.name }) },
    rank: RANKS.failed,
  };
}

function reasonsOf(metric: AllocMetric, wanted: Demand, { quota, missing = [] }: Fitting): Reason[] {
  const quotas = (metric.QuotaExhausted ?? []).map((dimension) => ({
    text: `the quota${quota === undefined ? '' : ` ${quota}`} of the namespace is exhausted: ${dimension.replace(/ exhausted \(([^()]*)\)$/, ' ($1)')}`,
    advice: 'raise the quota, or request less',
    kind: dimension.startsWith('memory') ? ('memory' as const) : /^(cpu|cores)/.test(dimension) ? ('cpu' as const) : ('group' as const),
  }));
  // Nomad checks a quota before any node.
  if (quotas.length > 0) return quotas;
  if (metric.NodesEvaluated === 0) return [nowhere(metric, wanted)];
  const found = [
    ...Object.entries(metric.DimensionExhausted ?? {}).map(([dimension, count]) => exhausted(dimension, count, wanted)),
    ...Object.entries(metric.ConstraintFiltered ?? {}).map(([words, count]) => filtered(words, count, wanted)),
  ];
  const volumes = missing.flatMap((resource) => /^csi-volume:(?:[^:]*:)?(.+)$/.exec(resource)?.[1] ?? []);
  // The names of the volumes are Nomad's, whatever its words about them.
  if (volumes.length > 0 && !found.some(({ kind }) => kind === 'volume'))
    return [missingCsiVolumes(volumes, wanted.group), ...found.filter(({ text }) => !volumes.some((volume) => text.includes(volume)))];
  return found.length > 0 ? found : [{ text: 'Nomad gives no reason', advice: 'run `nomad eval status`', kind: 'group' }];
}

function classes({ ClassFiltered, ClassExhausted }: AllocMetric): string {
  const counts = new Map<string, number>();
  for (const [name, count] of [...Object.entries(ClassFiltered ?? {}), ...Object.entries(ClassExhausted ?? {})])
    counts.set(name, (counts.get(name) ?? 0) + count);
  return counts.size === 0 ? '' : ` (by node class: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')})`;
}

/** Returns the reason why no node was evaluated: an ineligible node, a wrong datacenter and an empty pool look the same. */
function nowhere({ NodePool }: AllocMetric, { job, nodes }: Demand): Reason {
  const pool = NodePool ?? job?.NodePool ?? 'default';
  const wanted = job?.Datacenters ?? ['*'];
  const named = wanted.join(', ') === '*' ? '' : ` in the datacenter${wanted.length === 1 ? '' : 's'} ${wanted.join(', ')}`;
  const text = `no eligible node${named === '' ? ' in' : `${named} and`} the node pool ${pool}`;
  const places = unique(
    (nodes ?? []).filter(isReady).map(({ Datacenter, NodePool: own }) => `${Datacenter}${own === 'default' ? '' : ` (pool ${own})`}`),
  );
  const kind = named === '' ? 'node_pool' : 'datacenters';
  if (nodes === undefined) return { text, advice: 'correct `datacenters` and `node_pool`, or run `nomad node status`', kind };
  if (places.length > 0) return { text, advice: `correct \`${kind}\`: the ready nodes are in ${places.join(', ')}`, kind };
  return {
    text,
    advice: nodes.length === 0 ? 'add a node: the cluster has none' : 'run `nomad node status`: no node of the cluster is ready',
    kind: 'none',
  };
}
