import { EVERY } from '../nomad/index.ts';
import type { Constraint, TaskGroup } from '../nomad/types.ts';
import { type Demand, either, INELIGIBLE, isReady, nodesThat, type Reason, unique } from './fitting.ts';

/** Volumes of a group that are named. */
const MAX_NAMED = 3;

type Filter = (match: RegExpExecArray, count: number, wanted: Demand) => Reason;

const lacks = (count: number, thing: string): string => `${nodesThat(count, 'lacks', 'lack')} ${thing}`.replace('  ', ' ');
const isFiltered = (count: number, words: string): string => `${nodesThat(count, 'is', 'are')} filtered: ${words}`;

/** Nomad's names for filters of its own, and the recorded versions with each; the first row that matches counts. */
export const FILTERS: readonly (readonly [pattern: RegExp, reason: Filter, seen?: readonly string[]])[] = [
  [/^missing drivers$/, (_match, count, wanted) => missingDriver(count, wanted), EVERY],
  [/^missing compatible host volumes$/, (_match, count, wanted) => missingVolume(count, wanted), EVERY],
  // Up to 2.0.4 the text names one volume, later all that are missing. An id may contain any other word, so the whole text is matched.
  [
    /^missing CSI (?:Volume|volume\(s\)) (.+)$/s,
    ([words, volumes = ''], _count, { group }) => missingCsiVolumes(volumes.split(', '), group, words),
    EVERY,
  ],
  [
    /^(?:CSI (?:plugin|volume) |did not meet topology requirement$)/,
    ({ input }, count) => ({ text: isFiltered(count, input), advice: 'run `nomad volume status`', kind: 'volume' }),
  ],
  [
    /^missing devices$/,
    (_match, count, { group }) => {
      const devices = unique((group?.Tasks ?? []).flatMap(({ Resources }) => (Resources?.Devices ?? []).map(({ Name }) => Name ?? '')));
      return {
        text: lacks(count, `the device ${devices.join(', ')} (missing devices)`),
        advice: 'remove `device`, or add nodes with that device',
        kind: 'device',
      };
    },
    EVERY,
  ],
  [
    /^(?:missing network$|(?:missing|invalid) host network ")/,
    ({ input }, count) => ({
      text: input === 'missing network' ? lacks(count, 'the network mode of the group (missing network)') : isFiltered(count, input),
      advice: 'correct the `network` block, or configure that network on the nodes',
      kind: 'network',
    }),
    EVERY,
  ],
  [
    /^missing secrets provider$/,
    (_match, count) => ({
      text: lacks(count, 'the provider of a `secret` block (missing secrets provider)'),
      advice: 'correct `provider`, or install its plugin on the nodes',
      kind: 'secret',
    }),
  ],
  [
    /^distinct_hosts$/,
    ([words], count, { fewer }) => ({
      text: `${nodesThat(count, 'runs', 'run')} an allocation of the group already (distinct_hosts)`,
      advice: either('add nodes', fewer),
      kind: 'constraint',
      name: words,
    }),
    EVERY,
  ],
  [
    /^distinct_property\b/,
    ({ input }, count, { fewer }) => ({
      text: isFiltered(count, input),
      advice: either('add nodes with other values', fewer),
      kind: 'constraint',
      name: 'distinct_property',
    }),
    EVERY,
  ],
  [
    new RegExp(`^${INELIGIBLE}$`),
    (_match, count, wanted) => {
      const [first, ...others] = wanted.unmet;
      return first === undefined ? hidden(count, wanted) : filtered(written(first), count, { ...wanted, unmet: others });
    },
    EVERY,
  ],
  [
    /^\$\{attr\.consul\.(?:[^}]+\.)?version\}/,
    ({ input }, count, { group, builtIn }) => ({
      text: `${nodesThat(count, 'has', 'have')} no Consul (${input})`,
      advice: withoutConsul(group, builtIn),
      kind: 'service',
    }),
    EVERY,
  ],
  [
    /^\$\{attr\.vault\./,
    ({ input }, count) => ({
      text: `${nodesThat(count, 'has', 'have')} no Vault (${input})`,
      advice: 'remove `vault`, or connect the nodes to Vault',
      kind: 'vault',
    }),
  ],
  [
    /^\$\{attr\.plugins\.cni\.version\./,
    ({ input }, count) => ({
      text: `${nodesThat(count, 'has', 'have')} no CNI plugins (${input})`,
      advice: 'install the CNI plugins on the nodes, or use another network `mode`',
      kind: 'network',
    }),
    EVERY,
  ],
];

/** Returns the reason of nodes that Nomad filtered; `words` is a constraint, or Nomad's name for a filter of its own. */
export function filtered(words: string, count: number, wanted: Demand): Reason {
  for (const [pattern, reason] of FILTERS) {
    const match = pattern.exec(words);
    if (match !== null) return reason(match, count, wanted);
  }
  return {
    text: `${nodesThat(count, 'does', 'do')} not meet the constraint ${words}`,
    advice: 'change the constraint, or add a node that meets it',
    kind: 'constraint',
    name: words.split(' ')[0],
  };
}

/** Returns the end of an advice that names the nodes' own; empty for those who may not see the nodes. */
const nodesHave = ({ nodes }: Demand, things: string, found: readonly string[]): string =>
  nodes === undefined ? '' : found.length === 0 ? `; the nodes have no ${things}` : `; the nodes have ${found.join(', ')}`;

function missingDriver(count: number, wanted: Demand): Reason {
  const { group, nodes } = wanted;
  const asked = unique((group?.Tasks ?? []).map(({ Driver }) => Driver));
  const found = unique(
    (nodes ?? [])
      .filter(isReady)
      .flatMap(({ Drivers }) => Object.entries(Drivers ?? {}).flatMap(([name, driver]) => (driver?.Healthy === true ? [name] : []))),
  );
  const missing = nodes === undefined ? asked : asked.filter((driver) => !found.includes(driver));
  return {
    text: lacks(count, missing.length === 0 ? 'the driver' : `the driver ${missing.join(', ')} (missing drivers)`),
    advice: `use another driver, or enable it on a node${nodesHave(wanted, 'drivers', found)}`,
    kind: 'driver',
    name: missing[0],
  };
}

function missingVolume(count: number, wanted: Demand): Reason {
  const { group, nodes } = wanted;
  const volumes = Object.values(group?.Volumes ?? {}).filter(({ Type, Source }) => Type === 'host' && Source);
  const asked = unique(volumes.flatMap(({ Source, PerAlloc }) => namesOf(Source ?? '', PerAlloc === true ? (group?.Count ?? 1) : 0)));
  const found = unique((nodes ?? []).filter(isReady).flatMap(({ HostVolumes }) => Object.keys(HostVolumes ?? {})));
  const perAlloc = volumes.find(({ PerAlloc }) => PerAlloc === true);
  const correct =
    perAlloc === undefined
      ? 'correct `source`, or declare the volume on a node'
      : `create one volume for each index (\`per_alloc\` adds the index to ${perAlloc.Source}), or remove \`per_alloc\``;
  const isThere = asked.length > 0 && asked.every((name) => found.includes(name));
  return {
    text: lacks(count, `the host volume ${asked.join(' or ')} (missing compatible host volumes)`),
    advice: isThere
      ? `the nodes have ${asked.join(', ')}: compare \`access_mode\`, \`attachment_mode\` and \`read_only\`, and check which jobs use it`
      : `${correct}${nodesHave(wanted, 'host volumes', found)}`,
    kind: 'volume',
    name: asked.find((name) => !found.includes(name))?.replace(/\[\d+\]$/, ''),
  };
}

/** Returns the names of a volume: with `per_alloc` there is one for each index of the group. */
function namesOf(source: string, count: number): string[] {
  return count === 0 ? [source] : Array.from({ length: Math.min(count, MAX_NAMED) }, (_, index) => `${source}[${index}]`);
}

/** Returns the reason that CSI volumes do not exist; `words` are Nomad's, where it says so. */
export function missingCsiVolumes(volumes: readonly string[], group: TaskGroup | undefined, words?: string): Reason {
  const isPerAlloc = Object.values(group?.Volumes ?? {}).some(
    ({ Source, PerAlloc }) => PerAlloc === true && Source && volumes.some((volume) => volume.startsWith(`${Source}[`)),
  );
  const one = volumes.length === 1;
  return {
    text: `the CSI volume${one ? '' : 's'} ${volumes.join(', ')} ${one ? 'does' : 'do'} not exist${words === undefined ? '' : ` (${words})`}`,
    advice: isPerAlloc
      ? 'create or register one volume for each index, or remove `per_alloc`'
      : `create or register ${one ? 'the volume' : 'them'}, or correct \`source\``,
    kind: 'volume',
    name: volumes[0],
  };
}

/** Returns the advice for nodes without Consul: Consul's mesh and templates need it. */
function withoutConsul(group: TaskGroup | undefined, builtIn: boolean): string {
  const services = [...(group?.Services ?? []), ...(group?.Tasks ?? []).flatMap((task) => task.Services ?? [])];
  if (services.some(({ Connect }) => Connect)) return 'connect the nodes to Consul, which `connect` needs';
  if (builtIn) return "set NOMAD_VAR_SERVICE_PROVIDER to nomad to use Nomad's own services";
  const own = services.filter(({ Provider }) => Provider !== 'nomad');
  return own.length > 0
    ? 'set `provider = "nomad"` in `service`, or connect the nodes to Consul'
    : 'connect the nodes to Consul, which the job needs';
}

const written = ({ LTarget, Operand, RTarget }: Constraint): string => [LTarget, Operand, RTarget].filter(Boolean).join(' ');

/** Returns the reason where Nomad does not name it: one of the things that the job asks for. */
function hidden(count: number, { job, group }: Demand): Reason {
  const constraints = [job?.Constraints, group?.Constraints, ...(group?.Tasks ?? []).map(({ Constraints }) => Constraints)];
  const asked = [
    ...constraints.flatMap((list) => (list ?? []).map(written)),
    ...(group?.Tasks ?? []).map(({ Driver }) => `driver ${Driver}`),
    ...Object.values(group?.Volumes ?? {}).flatMap(({ Source }) => (Source ? [`volume ${Source}`] : [])),
  ];
  const list = unique(asked).join(', ');
  return {
    text: `${nodesThat(count, 'does', 'do')} not fit, and Nomad does not repeat why (${INELIGIBLE})${list === '' ? '' : `; the job asks for ${list}`}`,
    advice: 'change what the job asks for, or add a node that has it',
    kind: 'constraint',
    name: group?.Constraints?.[0]?.LTarget ?? job?.Constraints?.[0]?.LTarget ?? undefined,
  };
}
