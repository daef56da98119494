import { sentence, toActionError } from '../errors.ts';
import { filterOf, type Nomad } from '../nomad/index.ts';
import type { Job, NodeSummary, PlacedAllocation } from '../nomad/types.ts';
import { isKnown, wantedOf } from './constraints.ts';
import type { Judged } from './filters.ts';
import { forecast, type GroupForecast, type Scheduler } from './forecast.ts';
import { describeGroup } from './sentences.ts';

/** The largest cluster that is read. */
const MAX_NODES = 5_000;
const MAX_ALLOCATIONS = 50_000;
/** The longest time for all requests: a forecast is no reason to wait. */
const TIME_LIMIT_MS = 15_000;
/** The longest filter: proxies refuse long addresses. */
const MAX_FILTER = 4_000;

/** A forecast as it is shown. */
export interface Forecast {
  /** None where the forecast is not known. */
  readonly groups: readonly GroupForecast[];
  /** The sentence of each group. */
  readonly byGroup: Readonly<Record<string, string>>;
  /** The limits of the forecast, in sentences. */
  readonly limits: readonly string[];
}

/** The parts of a plan that a forecast needs. */
export type Planned = Pick<Scheduler, 'updates'> & {
  readonly placementFailures: Scheduler['failures'];
  readonly preempted: Readonly<Record<string, number>>;
};

/**
 * Reads the nodes and their use in at most three requests, and returns the forecast of a planned job. Never throws: a forecast that can't be made is one line
 * with the reason. `ended` is the end of the run.
 */
export async function readForecast(job: Job, namespace: string, plan: Planned, nomad: Nomad, ended: AbortSignal): Promise<Forecast> {
  try {
    return await forecastOf(job, namespace, plan, nomad, AbortSignal.any([ended, nomad.clock.timeout(TIME_LIMIT_MS)]));
  } catch (error) {
    return unknown(sentence(toActionError(error)));
  }
}

const unknown = (why: string): Forecast => ({ groups: [], byGroup: {}, limits: [`The forecast is incomplete: ${why}`] });

async function forecastOf(job: Job, namespace: string, plan: Planned, nomad: Nomad, signal: AbortSignal): Promise<Forecast> {
  const { capacity, hasToken } = nomad;
  const [nodes, allocations, facts] = await Promise.all([
    capacity.nodes(MAX_NODES + 1, signal),
    capacity.allocations(MAX_ALLOCATIONS + 1, signal),
    askNomad(job, nomad, signal),
  ]);
  if (nodes === undefined) return unknown('the token may not read the nodes (`node { policy = "read" }`).');
  if (nodes.length > MAX_NODES) return unknown(`the cluster has more than ${MAX_NODES} nodes.`);
  if (allocations === undefined)
    return unknown('the token may not list the allocations of all namespaces (`read-job` in `namespace "*"`).');
  if (allocations.length > MAX_ALLOCATIONS) return unknown(`the cluster has more than ${MAX_ALLOCATIONS} allocations.`);
  const groups = forecast(job, nodes, allocations, {
    ...{ namespace, updates: plan.updates, failures: plan.placementFailures },
    ...{ preemption: facts.preemption, judged: facts.judged, evicts: Object.keys(plan.preempted).length > 0 },
  });
  const sentences = groups.map((one) => [one.group, describeGroup(one)] as const);
  return { groups, byGroup: Object.fromEntries(sentences), limits: limitsOf(groups, nodes, allocations, hasToken) };
}

/** Returns the limits of a forecast, in sentences. */
function limitsOf(
  groups: readonly GroupForecast[],
  nodes: readonly NodeSummary[],
  allocations: readonly PlacedAllocation[],
  hasToken: boolean,
): string[] {
  const namespaces = [...new Set(allocations.map(({ Namespace }) => Namespace ?? 'default'))].sort();
  const seen =
    namespaces.length > 3
      ? `${namespaces.length} namespaces`
      : `the namespace${namespaces.length === 1 ? '' : 's'} ${namespaces.join(', ')}`;
  return [
    ...(groups.filter(({ perNode }) => !perNode).length > 1 ? ['The groups share this room.'] : []),
    ...(hasToken && nodes.length > 0
      ? [
          namespaces.length === 0
            ? 'The token sees no allocations; those in namespaces that it may not list are unknown.'
            : `The forecast counts the allocations in ${seen}; those in namespaces that the token may not list are unknown.`,
        ]
      : []),
  ];
}

/**
 * Asks Nomad for the one fact that the lists do not tell: the nodes that meet the constraints about attributes and meta, which all groups have in common; without
 * such constraints, whether preemption is enabled.
 */
async function askNomad(job: Job, { capacity }: Nomad, signal: AbortSignal): Promise<Pick<Scheduler, 'judged' | 'preemption'>> {
  const none = { judged: undefined, preemption: undefined };
  const [first = [], ...others] = (job.TaskGroups ?? []).map((group) => wantedOf(job, group));
  const common = first.filter(({ text }) => others.every((list) => list.some((other) => other.text === text)));
  const asked = common.flatMap(({ text, condition }) =>
    condition === undefined || isKnown(condition) || filterOf(condition) === undefined ? [] : [{ text, condition }],
  );
  const filter = filterOf({ all: asked.map(({ condition }) => condition) }) ?? '';
  if (filter.length > MAX_FILTER) return none;
  if (filter === '') {
    const found = await capacity.preemption(signal);
    return { ...none, preemption: found && preemptionOf(job, found) };
  }
  const ids = await capacity.meeting(filter, signal);
  const judged: Judged | undefined = ids && { constraints: asked.map(({ text }) => text), ids };
  return { ...none, judged };
}

/** Returns whether jobs of this type may evict others. */
function preemptionOf({ Type }: Job, found: NonNullable<Awaited<ReturnType<Nomad['capacity']['preemption']>>>): boolean {
  const { ServiceSchedulerEnabled, BatchSchedulerEnabled, SystemSchedulerEnabled, SysBatchSchedulerEnabled } = found;
  const byType = new Map([
    ['service', ServiceSchedulerEnabled],
    ['batch', BatchSchedulerEnabled],
    ['system', SystemSchedulerEnabled],
    ['sysbatch', SysBatchSchedulerEnabled],
  ]);
  return byType.get(Type || 'service') === true;
}
