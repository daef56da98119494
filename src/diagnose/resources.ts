import type { About } from '../errors.ts';
import type { NodeSummary, TaskGroup } from '../nomad/types.ts';
import { type Demand, either, isReady, nodesThat, type Reason } from './fitting.ts';
import { EVENT_WORDS } from './words.ts';

/** A resource of nodes: what a group requests of it, what a node has of it in all, and its unit. */
interface Dimension {
  readonly kind: About['kind'];
  readonly requested: (group: TaskGroup) => number;
  readonly has: (node: NodeSummary) => number;
  readonly unit: string;
}

const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  memory: {
    kind: 'memory',
    requested: (group) => most(group, ({ MemoryMB }) => MemoryMB),
    has: ({ NodeResources, ReservedResources }) => (NodeResources?.Memory?.MemoryMB ?? 0) - (ReservedResources?.Memory?.MemoryMB ?? 0),
    unit: ' MiB',
  },
  cpu: {
    kind: 'cpu',
    requested: (group) => most(group, ({ CPU }) => CPU),
    has: ({ NodeResources, ReservedResources }) => (NodeResources?.Cpu?.CpuShares ?? 0) - (ReservedResources?.Cpu?.CpuShares ?? 0),
    unit: ' MHz',
  },
  cores: {
    kind: 'cpu',
    requested: (group) => most(group, ({ Cores }) => Cores),
    has: ({ NodeResources }) => NodeResources?.Cpu?.TotalCpuCores ?? 0,
    unit: '',
  },
  disk: {
    kind: 'disk',
    requested: ({ EphemeralDisk }) => EphemeralDisk?.SizeMB ?? 300,
    has: ({ NodeResources, ReservedResources }) => (NodeResources?.Disk?.DiskMB ?? 0) - (ReservedResources?.Disk?.DiskMB ?? 0),
    unit: ' MiB',
  },
};

type Resources = NonNullable<NonNullable<TaskGroup['Tasks']>[number]['Resources']>;

/** Returns the most that a group requests at a time: prestart and poststop tasks do not run beside the others, sidecars run beside all. */
function most({ Tasks }: TaskGroup, of: (resources: Resources) => number | null | undefined): number {
  const sums = { before: 0, main: 0, after: 0, beside: 0 };
  for (const { Lifecycle, Resources: own } of Tasks ?? []) {
    const { Hook, Sidecar } = Lifecycle ?? {};
    const when = Hook && Sidecar === true ? 'beside' : Hook === 'prestart' ? 'before' : Hook === 'poststop' ? 'after' : 'main';
    sums[when] += of(own ?? {}) ?? 0;
  }
  return Math.max(sums.before, sums.main, sums.after) + sums.beside;
}

/** Returns the reason of nodes that lack a resource; `dimension` is Nomad's name for it. */
export function exhausted(dimension: string, count: number, wanted: Demand): Reason {
  const [, label, port] = EVENT_WORDS.portCollision.pattern.exec(dimension) ?? [];
  if (port !== undefined) {
    const used = `the static port ${port} (${label}) in use`;
    return {
      text: nodesThat(count, `has ${used}`, `have ${used}`),
      advice: either(wanted.isCanary ? undefined : 'free the port', wanted.fewer, 'let Nomad choose the port (without `static`)'),
      kind: 'port',
      name: label,
    };
  }
  const known = DIMENSIONS[dimension];
  if (known !== undefined) return lacking(dimension, known, count, wanted);
  const [, part, problem] = /^(network|device)s?: (.*)$/s.exec(dimension) ?? [];
  return {
    text:
      part === undefined
        ? nodesThat(count, `lacks ${dimension}`, `lack ${dimension}`)
        : `${nodesThat(count, 'has', 'have')} a ${part} problem: ${problem}`,
    advice: 'add nodes, or request less',
    kind: part === 'network' ? 'port' : part === 'device' ? 'device' : 'group',
  };
}

function lacking(dimension: string, { kind, requested, has, unit }: Dimension, count: number, wanted: Demand): Reason {
  const { group, nodes, isCanary, fewer } = wanted;
  const asked = group === undefined ? 0 : requested(group);
  const largest = Math.max(0, ...(nodes ?? []).filter(isReady).map(has));
  const total = `the largest node has ${largest}${unit} in all`;
  const canary = isCanary ? fewer : undefined;
  return {
    text: `${nodesThat(count, 'lacks', 'lack')} ${dimension}${asked === 0 ? '' : ` (${asked}${unit} requested)`}`,
    advice:
      largest === 0
        ? either('request less', 'add nodes', canary)
        : asked > largest
          ? `request less: ${total}`
          : `${either('request less', canary, 'free some')}: ${total}`,
    kind,
  };
}
