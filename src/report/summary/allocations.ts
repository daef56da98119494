import { lastPull } from '../../diagnose/index.ts';
import type { Allocation, TaskState } from '../../nomad/types.ts';
import { isoTime, parseTime } from '../../runtime/index.ts';
import type { AllocationRecord } from '../result.ts';

/** Returns allocations for the report, unhealthy ones first, then by name. */
export function allocationRecords(allocations: readonly Allocation[]): AllocationRecord[] {
  return allocations
    .map(record)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }) || a.id.localeCompare(b.id));
}

function rank({ status, healthy }: AllocationRecord): number {
  return healthy === false || status === 'failed' || status === 'lost' ? 0 : healthy === null ? 1 : 2;
}

function record(allocation: Allocation): AllocationRecord {
  const { ID, Name, TaskGroup, NodeName, ClientStatus, DeploymentStatus, CreateTime } = allocation;
  const tasks = Object.entries(allocation.TaskStates ?? {});
  const states = tasks.map(([, state]) => state);
  const { startedAt, endedAt } = timesOf(states);
  return {
    id: ID,
    name: Name,
    group: TaskGroup,
    node: NodeName,
    status: ClientStatus,
    // Nomad keeps its decision after the allocation has failed.
    healthy: DeploymentStatus?.Healthy === true && /^(failed|lost)$/.test(ClientStatus) ? false : (DeploymentStatus?.Healthy ?? null),
    canary: DeploymentStatus?.Canary === true,
    tasks: tasks.map(([task]) => task).sort(),
    restarts: states.reduce((sum, { Restarts }) => sum + Restarts, 0),
    ...pulled(states),
    ...times({
      createdAt: CreateTime ? CreateTime / 1e6 : undefined,
      startedAt,
      judgedAt: typeof DeploymentStatus?.Healthy === 'boolean' ? parseTime(DeploymentStatus.Timestamp ?? '') : undefined,
      endedAt,
    }),
  };
}

/** Returns the first start and the last end of tasks, in milliseconds since the epoch. */
function timesOf(states: readonly TaskState[]): { startedAt: number | undefined; endedAt: number | undefined } {
  const starts = states.flatMap(({ Events }) => (Events ?? []).flatMap(({ Type, Time }) => (Type === 'Started' ? [Time / 1e6] : [])));
  const ends = states.map(({ State, FinishedAt }) => (State === 'dead' ? parseTime(FinishedAt ?? '') : Number.NaN));
  return {
    startedAt: starts.length === 0 ? undefined : Math.min(...starts),
    endedAt: ends.length === 0 ? undefined : Math.max(...ends),
  };
}

/** Returns the known times. Nomad writes a missing time as one of the year 1. */
function times<Name extends string>(known: Readonly<Record<Name, number | undefined>>): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const name in known) {
    const ms = known[name];
    if (ms !== undefined && ms > 0) texts[name] = isoTime(ms);
  }
  return texts;
}

/** Returns the longest ended pull of an image, in whole milliseconds. */
function pulled(states: readonly TaskState[]): Pick<AllocationRecord, 'pulledMs'> {
  const all = states.flatMap(({ Events }) => {
    const { beganMs, endedMs } = lastPull(Events ?? []) ?? {};
    return beganMs === undefined || endedMs === undefined ? [] : [Math.round(endedMs - beganMs)];
  });
  return all.length === 0 ? {} : { pulledMs: Math.max(0, ...all) };
}
