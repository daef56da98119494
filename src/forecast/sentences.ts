import type { GroupForecast } from './forecast.ts';
import type { Lack } from './room.ts';

/** The most reasons and names in one sentence. */
const MAX_NAMED = 3;

const of = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const LACKS: Readonly<Record<Lack['dimension'], (lack: Lack) => string>> = {
  memory: ({ amount }) => `${amount} MiB more memory`,
  cpu: ({ amount }) => `${amount} MHz more CPU`,
  disk: ({ amount }) => `${amount} MiB more disk`,
  cores: ({ amount }) => of(amount, 'more core'),
  'static port': ({ amount, name }) => `a free port ${amount} (${name})`,
  'dynamic ports': ({ amount }) => of(amount, 'more dynamic port'),
  device: ({ amount, name }) => `${amount} more ${name}`,
};

/** Returns the forecast of a group as one sentence without its end: `web fits on 7 of 12 nodes; room for 9 more; the canary needs 1`. */
export function describeGroup(all: GroupForecast): string {
  const { group, fits, nodes, perNode, suitable, room, unknown } = all;
  const whole = perNode ? `${suitable} suitable` : `${nodes}`;
  return [
    `${group} fits on ${fits} of ${whole} node${(perNode ? suitable : nodes) === 1 ? '' : 's'}${aside(all)}`,
    ...(perNode ? [] : [`room for ${unknown.length > 0 ? 'at most ' : ''}${room} more`]),
    ...needs(all),
    ...shortage(all),
    ...(unknown.length > 0 ? [`not known: ${some(unknown)}`] : []),
  ].join('; ');
}

function some(list: readonly string[]): string {
  const more = list.length - MAX_NAMED;
  return `${list.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function aside({ filtered, notReady }: GroupForecast): string {
  const reasons = [
    ...filtered.map(([reason, count]) => `${count} ${reason}`),
    ...(notReady > 0 ? [`${notReady} more ${notReady === 1 ? 'is' : 'are'} not ready`] : []),
  ];
  return reasons.length === 0 ? '' : ` (${some(reasons)})`;
}

function needs({ canaries, placed, replaced, perNode }: GroupForecast): string[] {
  if (perNode) return [];
  if (canaries > 0) return [canaries === 1 ? 'the canary needs 1' : `the canaries need ${canaries}`];
  return [
    ...(placed > 0 ? [`the deploy adds ${placed}`] : []),
    ...(replaced > 0 ? [`${replaced} ${replaced === 1 ? 'is' : 'are'} replaced as the old stop${replaced === 1 ? 's' : ''}`] : []),
  ];
}

function shortage(all: GroupForecast): string[] {
  const {
    nearest,
    suitable,
    largest,
    canaries,
    placed,
    replaced,
    room,
    perNode,
    quota,
    preemption,
    evicts,
    missing,
    group,
    isFull,
    shares,
    distinct,
  } = all;
  if (missing === 0) {
    const isMore = canaries + placed > room && replaced === 0 && !perNode;
    if (!isMore) return [];
    return [evicts ? 'the deploy evicts allocations of other jobs for it' : "Nomad's plan places all of them"];
  }
  if (quota.length > 0) return [...quota];
  const explained = perNode || isFull;
  if (!explained) {
    const why = shares ? 'beside the other groups' : 'for a reason that the nodes do not show';
    return [`Nomad's plan places ${missing} fewer, ${why}`];
  }
  const lacks = nearest?.lacks.map((lack) => LACKS[lack.dimension](lack)).join(' and ');
  return [
    ...(distinct === undefined ? [] : [`${distinct} leaves no room for more`]),
    ...(distinct !== undefined || nearest === undefined ? [] : [`${group} needs ${lacks} on ${nearest.node}, the best of ${suitable}`]),
    ...(canaries > 0 || perNode ? [] : [`the largest count that fits is ${largest}`]),
    ...(preemption ? ['preemption may help'] : []),
  ];
}
