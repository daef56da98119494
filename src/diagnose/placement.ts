import type { About } from '../errors.ts';
import type { AllocMetric, Constraint, Job, NodeSummary, TaskGroup } from '../nomad/types.ts';
import { type CausePart, RANKS } from './sentence.ts';

/** Why a group does not fit, in one sentence: `group web: 1 allocation fits on 0 of 4 nodes: 3 lack memory (asks for 1200 MiB), …`. */
export function describePlacement(group: string, metric: AllocMetric, job?: Job): string {
  const { where, text } = placementPart(group, metric, job, undefined);
  return `${where}: ${text}`;
}

/** Volumes of a group that are named. */
const MAX_NAMED = 3;

/** Why some of the nodes can't take a group. */
interface Reason {
  readonly text: string;
  readonly advice: string;
  readonly kind: About['kind'];
  readonly name?: string | undefined;
}

/** What an advice about a group depends on beside its spec. */
export interface Fitting {
  /** The spec is the built-in template's. */
  readonly builtIn?: boolean;
  /** How many canaries a deployment wants, beside the allocations that run. */
  readonly canaries?: number;
  /** Constraints that no ready node meets, where Nomad does not tell which one it was. */
  readonly unmet?: readonly Constraint[];
}

/** Nomad's words for nodes of a class that it has looked at before: it remembers that they did not fit, but not why. */
const INELIGIBLE = 'computed class ineligible';

/** Returns the constraints of a group that may be the reason, where Nomad does not tell which one is. */
export function suspectedConstraints(group: string, { ConstraintFiltered }: AllocMetric, job: Job): Constraint[] {
  const spec = job.TaskGroups?.find(({ Name }) => Name === group);
  if (ConstraintFiltered?.[INELIGIBLE] === undefined) return [];
  return [job.Constraints, spec?.Constraints, ...(spec?.Tasks ?? []).map(({ Constraints }) => Constraints)].flatMap((list) => list ?? []);
}

/** A group that does not fit. */
interface Demand {
  readonly group: TaskGroup | undefined;
  /** How fewer of its allocations are asked for; undefined where there can't be fewer. */
  readonly fewer: string | undefined;
  readonly isCanary: boolean;
  readonly builtIn: boolean;
  readonly unmet: readonly Constraint[];
}

/** Returns what can be done, as one advice. */
const either = (...actions: readonly (string | undefined)[]): string => {
  const given = actions.filter((action) => action !== undefined);
  return given.length < 2 ? given.join('') : `${given.slice(0, -1).join(', ')}, or ${given.at(-1)}`;
};

/**
 * The same with what to do about it; `nodes` lets it tell what would fit. `quota` is the name of an exhausted quota (Enterprise), which only the
 * evaluation has.
 */
export function placementPart(
  group: string,
  metric: AllocMetric,
  job: Job | undefined,
  nodes: readonly NodeSummary[] | undefined,
  quota?: string,
  { builtIn = false, canaries = 0, unmet = [] }: Fitting = {},
): CausePart {
  const spec = job?.TaskGroups?.find(({ Name }) => Name === group);
  const ofEachNode = job?.Type?.startsWith('sys') === true;
  const fewer =
    canaries > 0 ? 'set `canary = 0`' : spec === undefined || (!ofEachNode && (spec.Count ?? 1) > 1) ? 'lower `count`' : undefined;
  const reasons = reasonsOf(metric, job, { group: spec, fewer, isCanary: canaries > 0, builtIn, unmet }, nodes, quota);
  const first = reasons[0];
  const missing = metric.CoalescedFailures + 1;
  const what = `${missing} allocation${missing === 1 ? ' fits' : 's fit'} on 0 of ${metric.NodesEvaluated} node${metric.NodesEvaluated === 1 ? '' : 's'}`;
  const all = reasons.map(({ text }) => text).join(', ');
  return {
    where: `group ${group}`,
    text: metric.NodesEvaluated === 0 ? all : `${what}: ${all}${classes(metric)}`,
    advice: first?.advice ?? '',
    certain: false,
    about: { kind: first?.kind ?? 'group', group, ...(first?.name === undefined ? {} : { name: first.name }) },
    rank: RANKS.failed,
  };
}

function reasonsOf(
  metric: AllocMetric,
  job: Job | undefined,
  wanted: Demand,
  nodes: readonly NodeSummary[] | undefined,
  quota: string | undefined,
): Reason[] {
  const quotas = (metric.QuotaExhausted ?? []).map((dimension) => ({
    text: `the quota${quota === undefined ? '' : ` ${quota}`} of the namespace is exhausted: ${dimension.replace(/ exhausted \((.*)\)$/, ' ($1)')}`,
    advice: 'raise the quota, or ask for less',
    kind: /memory/.test(dimension) ? ('memory' as const) : /cpu|cores/.test(dimension) ? ('cpu' as const) : ('group' as const),
  }));
  // A quota is looked at before any node.
  if (quotas.length > 0) return quotas;
  if (metric.NodesEvaluated === 0) return [nowhere(metric, job, nodes)];
  const exhausted = Object.entries(metric.DimensionExhausted ?? {}).map(([dimension, count]) =>
    exhaustion(dimension, count, wanted, nodes),
  );
  const filtered = Object.entries(metric.ConstraintFiltered ?? {}).map(([words, count]) => filter(words, count, job, wanted, nodes));
  const found = [...exhausted, ...filtered];
  return found.length > 0 ? found : [{ text: 'Nomad gives no reason', advice: 'see `nomad eval status`', kind: 'group' }];
}

function classes({ ClassFiltered, ClassExhausted }: AllocMetric): string {
  const counts = new Map<string, number>();
  for (const [name, count] of [...Object.entries(ClassFiltered ?? {}), ...Object.entries(ClassExhausted ?? {})])
    counts.set(name, (counts.get(name) ?? 0) + count);
  return counts.size === 0 ? '' : ` (by node class: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')})`;
}

/** An ineligible node, a wrong datacenter and an empty pool look the same: no node is evaluated. */
function nowhere({ NodePool }: AllocMetric, job: Job | undefined, nodes: readonly NodeSummary[] | undefined): Reason {
  const pool = NodePool ?? job?.NodePool ?? 'default';
  const wanted = job?.Datacenters ?? ['*'];
  const named = wanted.join(', ') === '*' ? '' : ` in the datacenter${wanted.length === 1 ? '' : 's'} ${wanted.join(', ')}`;
  const text = `no eligible node${named === '' ? ' in' : `${named} and`} the node pool ${pool}`;
  const places = unique(
    (nodes ?? []).filter(isReady).map(({ Datacenter, NodePool: own }) => `${Datacenter}${own === 'default' ? '' : ` (pool ${own})`}`),
  );
  const kind = named === '' ? 'node_pool' : 'datacenters';
  if (nodes === undefined) return { text, advice: 'correct `datacenters` and `node_pool`, or see `nomad node status`', kind };
  if (places.length > 0) return { text, advice: `correct \`${kind}\`: the ready nodes are in ${places.join(', ')}`, kind };
  return {
    text,
    advice: nodes.length === 0 ? 'the cluster has no nodes' : 'no node of the cluster is ready: see `nomad node status`',
    kind: 'none',
  };
}

const isReady = ({ Status, SchedulingEligibility }: NodeSummary): boolean => Status === 'ready' && SchedulingEligibility === 'eligible';
const unique = (items: readonly string[]): string[] => [...new Set(items)].sort();

/** Resources of a node that a group asks for: what is asked, what nodes have, and how it is written. */
const DIMENSIONS: Readonly<
  Record<string, readonly [kind: About['kind'], asked: (group: TaskGroup) => number, has: (node: NodeSummary) => number, unit: string]>
> = {
  memory: [
    'memory',
    (group) => most(group, ({ MemoryMB }) => MemoryMB),
    ({ NodeResources, ReservedResources }) => (NodeResources?.Memory?.MemoryMB ?? 0) - (ReservedResources?.Memory?.MemoryMB ?? 0),
    'MiB',
  ],
  cpu: [
    'cpu',
    (group) => most(group, ({ CPU }) => CPU),
    ({ NodeResources, ReservedResources }) => (NodeResources?.Cpu?.CpuShares ?? 0) - (ReservedResources?.Cpu?.CpuShares ?? 0),
    'MHz',
  ],
  cores: ['cpu', (group) => most(group, ({ Cores }) => Cores), ({ NodeResources }) => NodeResources?.Cpu?.TotalCpuCores ?? 0, ''],
  disk: [
    'disk',
    ({ EphemeralDisk }) => EphemeralDisk?.SizeMB ?? 300,
    ({ NodeResources, ReservedResources }) => (NodeResources?.Disk?.DiskMB ?? 0) - (ReservedResources?.Disk?.DiskMB ?? 0),
    'MiB',
  ],
};

type Resources = NonNullable<NonNullable<TaskGroup['Tasks']>[number]['Resources']>;

/** What a group asks for at its height: tasks before the others and after them do not run beside them, sidecars run beside all. */
function most({ Tasks }: TaskGroup, of: (resources: Resources) => number | null | undefined): number {
  const sums = { before: 0, main: 0, after: 0, beside: 0 };
  for (const { Lifecycle, Resources: own } of Tasks ?? []) {
    const { Hook, Sidecar } = Lifecycle ?? {};
    const when = Hook && Sidecar === true ? 'beside' : Hook === 'prestart' ? 'before' : Hook === 'poststop' ? 'after' : 'main';
    sums[when] += of(own ?? {}) ?? 0;
  }
  return Math.max(sums.before, sums.main, sums.after) + sums.beside;
}

function exhaustion(
  dimension: string,
  count: number,
  { group: spec, fewer, isCanary }: Demand,
  nodes: readonly NodeSummary[] | undefined,
): Reason {
  const verb = (one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
  const [, label, port] = /^network: (?:reserved )?port collision (\S+)=(\d+)/.exec(dimension) ?? [];
  if (port !== undefined)
    return {
      text: verb(`has the static port ${port} (${label}) taken`, `have the static port ${port} (${label}) taken`),
      advice: either(isCanary ? undefined : 'free it', fewer, 'let Nomad choose the port (without `static`)'),
      kind: 'port',
      name: label,
    };
  const known = DIMENSIONS[dimension];
  const lack = `${verb('lacks', 'lack')} ${dimension}`;
  if (known === undefined)
    return {
      text: lack.replace(/lacks? (network|devices): /, (_all, part: string) => `${count === 1 ? 'has a' : 'have a'} ${part} problem: `),
      advice: 'add nodes, or ask for less',
      kind: dimension.startsWith('network') ? 'port' : dimension.startsWith('devices') ? 'device' : 'group',
    };
  const [kind, asked, has, unit] = known;
  const wanted = spec === undefined ? 0 : asked(spec);
  const largest = Math.max(0, ...(nodes ?? []).filter(isReady).map(has));
  const fits =
    nodes === undefined || largest === 0
      ? isCanary
        ? either('ask for less', 'add nodes', fewer)
        : 'ask for less, or add nodes'
      : wanted > largest
        ? `no node is that large: the largest has ${`${largest} ${unit}`.trim()} in all`
        : `${isCanary ? 'ask for less, set `canary = 0`' : 'ask for less'} or free some: the largest node has ${`${largest} ${unit}`.trim()} in all`;
  return {
    text: `${lack}${wanted === 0 ? '' : ` (asks for ${`${wanted} ${unit}`.trim()})`}`,
    advice: fits,
    kind,
  };
}

/** A filter that Nomad names by itself, in the user's words. */
function filter(words: string, count: number, job: Job | undefined, about: Demand, nodes: readonly NodeSummary[] | undefined): Reason {
  const { group: spec, fewer, builtIn, unmet } = about;
  const lacks = (what: string): string => `${count} ${count === 1 ? 'lacks' : 'lack'} ${what}`;
  const ready = (nodes ?? []).filter(isReady);
  const has = (what: string, found: readonly string[]): string =>
    nodes === undefined ? '' : found.length === 0 ? `; the nodes have no ${what}` : `; the nodes have ${found.join(', ')}`;
  if (words === 'missing drivers') {
    const wanted = unique((spec?.Tasks ?? []).map(({ Driver }) => Driver));
    const found = unique(
      ready.flatMap(({ Drivers }) => Object.entries(Drivers ?? {}).flatMap(([name, driver]) => (driver?.Healthy === true ? [name] : []))),
    );
    const missing = nodes === undefined ? wanted : wanted.filter((driver) => !found.includes(driver));
    return {
      text: lacks(missing.length === 0 ? 'the driver' : `the driver ${missing.join(', ')} (missing drivers)`),
      advice: `take another one, or enable it on a node${has('drivers', found)}`,
      kind: 'driver',
      name: missing[0],
    };
  }
  if (words === 'missing compatible host volumes') {
    const volumes = Object.values(spec?.Volumes ?? {}).filter(({ Type, Source }) => Type === 'host' && Source);
    const wanted = unique(volumes.flatMap(({ Source, PerAlloc }) => namesOf(Source ?? '', PerAlloc === true ? (spec?.Count ?? 1) : 0)));
    const found = unique(ready.flatMap(({ HostVolumes }) => Object.keys(HostVolumes ?? {})));
    const perAlloc = volumes.find(({ PerAlloc }) => PerAlloc === true);
    const correct =
      perAlloc === undefined
        ? 'correct `source`, or declare it on a node'
        : `create one volume for each index (\`per_alloc\` adds it to ${perAlloc.Source}), or take \`per_alloc\` out`;
    const isThere = wanted.length > 0 && wanted.every((name) => found.includes(name));
    return {
      text: lacks(`the host volume ${wanted.join(' or ')} (missing compatible host volumes)`.replace('  ', ' ')),
      advice: isThere
        ? `the nodes have ${wanted.join(', ')}: compare \`access_mode\`, \`attachment_mode\` and \`read_only\`, and see what else uses it`
        : `${correct}${has('host volumes', found)}`,
      kind: 'volume',
      name: wanted.find((name) => !found.includes(name))?.replace(/\[\d+\]$/, ''),
    };
  }
  const csi = /^missing CSI Volume (.*)$/.exec(words)?.[1];
  if (csi !== undefined)
    return {
      text: `the CSI volume ${csi} does not exist (missing CSI Volume ${csi})`,
      advice: Object.values(spec?.Volumes ?? {}).some(({ Source, PerAlloc }) => PerAlloc === true && Source && csi.startsWith(`${Source}[`))
        ? 'create or register one volume for each index, or take `per_alloc` out'
        : 'create or register it, or correct `source`',
      kind: 'volume',
      name: csi,
    };
  if (/^CSI |topology requirement/.test(words))
    return { text: `${count} filtered by ${words}`, advice: 'see `nomad volume status`', kind: 'volume' };
  if (words === 'missing devices') {
    const wanted = unique((spec?.Tasks ?? []).flatMap(({ Resources: own }) => (own?.Devices ?? []).map(({ Name }) => Name ?? '')));
    return {
      text: lacks(`the device ${wanted.join(', ')} (missing devices)`.replace('  ', ' ')),
      advice: 'take `device` out, or add nodes with it',
      kind: 'device',
    };
  }
  if (/^(missing|invalid) .*network/.test(words))
    return {
      text: words === 'missing network' ? lacks('the network mode that is asked for (missing network)') : `${count} filtered by ${words}`,
      advice: 'correct the `network` block, or configure it on the nodes',
      kind: 'network',
    };
  if (words === 'distinct_hosts')
    return {
      text: `${count} ${count === 1 ? 'runs' : 'run'} one of its allocations already (distinct_hosts)`,
      advice: either('add nodes', fewer),
      kind: 'constraint',
      name: words,
    };
  if (words.startsWith('distinct_property'))
    return {
      text: `${count} filtered by ${words}`,
      advice: either('add nodes with other values', fewer),
      kind: 'constraint',
      name: 'distinct_property',
    };
  if (words === INELIGIBLE) {
    const [first, ...others] = unmet;
    return first === undefined ? hidden(count, job, spec) : filter(written(first), count, job, { ...about, unmet: others }, nodes);
  }
  if (words.includes('attr.consul.version'))
    return {
      text: `${count} filtered by ${words}: no Consul there`,
      advice: withoutConsul(spec, builtIn),
      kind: 'service',
    };
  if (words.includes('attr.vault.'))
    return {
      text: `${count} filtered by ${words}: no Vault there`,
      advice: 'take `vault` out, or connect the nodes to Vault',
      kind: 'vault',
    };
  if (words.includes('plugins.cni.version'))
    return {
      text: `${count} filtered by ${words}: no CNI plugins there`,
      advice: 'install them on the nodes, or take another network `mode`',
      kind: 'network',
    };
  const [target] = words.split(' ');
  return {
    text: `${count} filtered by ${words}`,
    advice: 'change the constraint, or add a node that meets it',
    kind: 'constraint',
    name: target,
  };
}

/** Returns the names of a volume: with `per_alloc` there is one for each index of the group. */
function namesOf(source: string, count: number): string[] {
  return count === 0 ? [source] : Array.from({ length: Math.min(count, MAX_NAMED) }, (_, index) => `${source}[${index}]`);
}

/** Returns what to do where Consul is missing: what needs its mesh or its templates can't do without it. */
function withoutConsul(spec: TaskGroup | undefined, builtIn: boolean): string {
  const services = [...(spec?.Services ?? []), ...(spec?.Tasks ?? []).flatMap((task) => task.Services ?? [])];
  if (services.some(({ Connect }) => Connect)) return 'connect the nodes to Consul, which `connect` needs';
  if (builtIn) return "set NOMAD_VAR_SERVICE_PROVIDER to nomad: that uses Nomad's own services";
  const own = services.filter(({ Provider }) => Provider !== 'nomad');
  return own.length > 0
    ? 'set `provider = "nomad"` in `service`, or connect the nodes to Consul'
    : 'connect the nodes to Consul, which the job needs';
}

const written = ({ LTarget, Operand, RTarget }: Constraint): string => [LTarget, Operand, RTarget].filter(Boolean).join(' ');

/** Nomad remembers that nodes of a class did not fit, but not why: one of these is it. */
function hidden(count: number, job: Job | undefined, spec: TaskGroup | undefined): Reason {
  const asked = [
    ...[job?.Constraints, spec?.Constraints, ...(spec?.Tasks ?? []).map(({ Constraints }) => Constraints)].flatMap((list) =>
      (list ?? []).map(written),
    ),
    ...(spec?.Tasks ?? []).map(({ Driver }) => `driver ${Driver}`),
    ...Object.values(spec?.Volumes ?? {}).flatMap(({ Source }) => (Source ? [`volume ${Source}`] : [])),
  ];
  const list = unique(asked).join(', ');
  return {
    text: `${count} filtered by something that Nomad did not repeat (${INELIGIBLE})${list === '' ? '' : `; the job asks for ${list}`}`,
    advice: 'change what it asks for, or add a node that has it',
    kind: 'constraint',
    name: spec?.Constraints?.[0]?.LTarget ?? job?.Constraints?.[0]?.LTarget ?? undefined,
  };
}
