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
  'static port': ({ amount, name }) => `the static port ${amount} (${name}), which is in use,`,
  'dynamic ports': ({ amount }) => of(amount, 'more dynamic port'),
  device: ({ amount, name }) => `${amount} more ${name}`,
};

/** Returns the forecast of a group as one sentence without its end: `web fits on 7 of 12 nodes; room for 9 more; the canary needs 1`. */
export function describeGroup(of: GroupForecast): string {
  const { group, fits, nodes, perNode, suitable } = of;
  const whole = perNode ? `${suitable} suitable` : `${nodes}`;
  return [
    `${group} fits on ${fits} of ${whole} node${(perNode ? suitable : nodes) === 1 ? '' : 's'}${aside(of)}`,
    ...(perNode ? [] : [`room for ${of.unknown.length > 0 ? 'at most ' : ''}${of.room} more`]),
    ...needs(of),
    ...shortage(of),
    ...(of.unknown.length > 0 ? [`not known: ${some(of.unknown)}`] : []),
  ].join('; ');
}

function some(list: readonly string[]): string {
  const more = list.length - MAX_NAMED;
  return `${list.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function aside({ filtered, notReady }: GroupForecast): string {
  const reasons = [...filtered.map(([reason, count]) => `${count} ${reason}`), ...(notReady > 0 ? [`${notReady} more not ready`] : [])];
  return reasons.length === 0 ? '' : ` (${some(reasons)})`;
}

function needs({ canaries, placed, replaced, perNode }: GroupForecast): string[] {
  if (perNode) return [];
  if (canaries > 0) return [canaries === 1 ? 'the canary needs 1' : `the canaries need ${canaries}`];
  return [
    ...(placed > 0 ? [`the deploy adds ${placed}`] : []),
    ...(replaced > 0 ? [`${replaced} ${replaced === 1 ? 'is' : 'are'} replaced, in the place of the old`] : []),
  ];
}

function shortage(all: GroupForecast): string[] {
  const { nearest, suitable, largest, canaries, placed, replaced, room, perNode, quota, preemption, evicts, missing, group, isFull } = all;
  if (missing === 0) {
    const isMore = canaries + placed > room && replaced === 0 && !perNode;
    if (!isMore) return [];
    return [evicts ? 'the deploy evicts allocations of other jobs for it' : "Nomad's plan places all of them"];
  }
  if (quota.length > 0) return [...quota];
  const explained = perNode || isFull;
  return [
    ...(explained && nearest !== undefined
      ? [
          `${group} needs ${nearest.lacks.map((lack) => LACKS[lack.dimension](lack)).join(' and ')} on ${nearest.node}, the best of ${suitable}`,
        ]
      : []),
    ...(explained ? [] : [`Nomad's plan places ${missing} fewer, for a reason that the nodes do not show`]),
    ...(canaries > 0 || perNode ? [] : [`the largest count that fits is ${largest}`]),
    ...(preemption ? ['preemption may help'] : []),
  ];
}
