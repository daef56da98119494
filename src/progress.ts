import { oneLine, taskCauses } from './cause.ts';
import { formatDuration } from './duration.ts';
import type { Allocation, TaskEvent } from './nomad/types.ts';
import { type Snapshot, shortId, wantsPromotion } from './rollout.ts';

/** What is different in `next`, one line a change, in words. */
export function describeChanges(previous: Snapshot, next: Snapshot): string[] {
  const lines: string[] = [];
  const description = next.deployment?.StatusDescription;
  if (description !== undefined && description !== previous.deployment?.StatusDescription)
    lines.push(`deployment ${shortId(next.deployment?.ID ?? '')}: ${description}`);
  for (const allocation of [...next.allocations].sort((a, b) => a.CreateIndex - b.CreateIndex)) {
    const before = previous.allocations.find(({ ID }) => ID === allocation.ID);
    lines.push(...allocationChanges(before, allocation));
  }
  if (next.deployment && wantsPromotion(next.deployment) && !wantsPromotion(previous.deployment)) {
    const { ID, Namespace } = next.deployment;
    const namespace = Namespace ? `-namespace=${Namespace} ` : '';
    lines.push(`the canaries are healthy and wait for their promotion: nomad deployment promote ${namespace}${shortId(ID)}`);
  }
  const known = new Set(previous.allocations.flatMap(causeLines));
  return [...lines, ...new Set(next.allocations.flatMap(causeLines).filter((line) => !known.has(line)))];
}

/** What makes an allocation fail, told as soon as there is a proof of it: the verdict may come minutes later. */
function causeLines(allocation: Allocation): string[] {
  return taskCauses(allocation).map(
    ({ task, text, certain }) => `cause so far: ${allocation.TaskGroup}/${task}: ${text}${certain ? ' (this cannot heal)' : ''}`,
  );
}

function allocationChanges(before: Allocation | undefined, allocation: Allocation): string[] {
  const name = `allocation ${shortId(allocation.ID)} (${slot(allocation)})`;
  const lines =
    before === undefined
      ? [`${name} placed on ${allocation.NodeName}${allocation.DeploymentStatus?.Canary === true ? ' as a canary' : ''}`]
      : [];
  for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
    const seen = new Set((before?.TaskStates?.[task]?.Events ?? []).map(({ Time, Type }) => `${Time} ${Type}`));
    for (const event of state.Events ?? []) {
      if (!QUIET.has(event.Type) && !seen.has(`${event.Time} ${event.Type}`))
        lines.push(`${name} ${task}: ${event.Type}: ${oneLine(event.DisplayMessage)}`);
    }
  }
  if (before !== undefined && before.ClientStatus !== allocation.ClientStatus) lines.push(`${name} is ${allocation.ClientStatus}`);
  const health = allocation.DeploymentStatus?.Healthy;
  if (typeof health === 'boolean' && health !== before?.DeploymentStatus?.Healthy)
    lines.push(`${name} is ${health ? 'healthy' : 'unhealthy'}`);
  return lines;
}

/** Events of every start, which tell nothing. */
const QUIET = new Set(['Received', 'Task Setup', 'Building Task Directory', 'Running']);

/** `web[1]` of `shop.web[1]`. */
const slot = ({ Name }: Allocation): string => Name.replace(/^.*\./, '');

/** Allocations that a line about the progress names. */
const MAX_NAMED = 3;

/**
 * Where a rollout stands and what it waits for, in one line: `web: 1 of 3 healthy, 2 placed; web[1] app: Driver (Downloading image) for 40 s`.
 */
export function describeProgress({ deployment, allocations, evaluation }: Snapshot, nowMs: number): string {
  const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => {
    const wanted = group.DesiredCanaries > 0 && !group.Promoted ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
    const manual = group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries;
    return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ', waiting for promotion' : ''}`;
  });
  const waiting = allocations.filter(
    ({ DesiredStatus, DeploymentStatus, ClientStatus }) =>
      DesiredStatus === 'run' && DeploymentStatus?.Healthy !== true && (deployment !== undefined || ClientStatus !== 'running'),
  );
  const named = waiting.slice(0, MAX_NAMED).map((allocation) => describeWait(allocation, nowMs));
  const more = waiting.length > MAX_NAMED ? [`and ${waiting.length - MAX_NAMED} more`] : [];
  if (groups.length > 0) return [...groups, ...named, ...more].join('; ');
  if (evaluation?.Status !== 'complete') return `evaluation ${evaluation?.Status ?? 'pending'}`;
  const running = allocations.filter(({ ClientStatus }) => ClientStatus === 'running').length;
  return [`${running} of ${allocations.length} allocations running`, ...named, ...more].join('; ');
}

/** What an allocation does since when: the last event of its tasks. */
function describeWait(allocation: Allocation, nowMs: number): string {
  const events = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { Events }]) =>
    (Events ?? []).map((event): [string, TaskEvent] => [task, event]),
  );
  const last = events.sort(([, a], [, b]) => a.Time - b.Time).at(-1);
  if (last === undefined) return `${slot(allocation)} is ${allocation.ClientStatus}`;
  const [task, { Type, DisplayMessage, Time }] = last;
  // What runs is only not healthy yet: its checks, or its time.
  const what = Type === 'Started' ? 'started, not healthy yet' : `${Type} (${oneLine(DisplayMessage).slice(0, 120)})`;
  return `${slot(allocation)} ${task}: ${what} for ${formatDuration(Math.max(0, nowMs - Time / 1e6))}`;
}
