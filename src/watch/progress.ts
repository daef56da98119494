import { describeFailing, type Snapshot, shortId, taskCauses } from '../diagnose/index.ts';
import { isDone, isTerminal, wantsPromotion } from '../nomad/index.ts';
import type { Allocation, Deployment, Job, TaskEvent } from '../nomad/types.ts';
import { formatDuration, oneLine } from '../text/index.ts';
import { startedAtMs } from './checks.ts';
import { isUp, unplacedGroups } from './rollout.ts';

/** The largest number of allocations that are logged one by one; more are counted. */
const MAX_TOLD = 12;

/** The number of allocations that one line names. */
const MAX_NAMED = 3;

/** The number of different problems of many allocations that are logged at a time. */
const MAX_TROUBLES = 5;

/** The number of parts of the whole at which a count of many allocations is logged. */
const STEPS = 20;

/**
 * Returns the changes in `next`, one line each. Many allocations have lines for their counts and problems only. Canaries that wait for promotion have a line,
 * unless this run promotes them.
 */
export function describeChanges(previous: Snapshot, next: Snapshot, promotedByOthers = true, job?: Job): string[] {
  const description = next.deployment?.StatusDescription;
  const verdict =
    description === undefined || description === previous.deployment?.StatusDescription
      ? []
      : [`deployment ${shortId(next.deployment?.ID ?? '')}: ${description}`];
  const terminal = next.deployment !== undefined && isTerminal(next.deployment);
  const lines = terminal ? [] : [...verdict];
  const before = new Map(previous.allocations.map((allocation) => [allocation.ID, allocation]));
  const changed = [...next.allocations]
    .sort((a, b) => a.CreateIndex - b.CreateIndex || a.Name.localeCompare(b.Name))
    .flatMap((allocation) => {
      const same = before.get(allocation.ID);
      return same === allocation ? [] : allocationChanges(same, allocation).map((change) => ({ allocation, ...change }));
    });
  const wanted = Object.values(next.deployment?.TaskGroups ?? {}).reduce((sum, { DesiredTotal }) => sum + DesiredTotal, 0);
  if (Math.max(wanted, next.allocations.length) <= MAX_TOLD) {
    for (const { allocation, text } of changed) lines.push(`allocation ${shortId(allocation.ID)} (${slot(allocation)}) ${text}`);
  } else {
    lines.push(...countChanges(previous, next));
    lines.push(...troubles(changed, previous));
  }
  if (promotedByOthers && next.deployment && wantsPromotion(next.deployment) && !wantsPromotion(previous.deployment)) {
    const { ID, Namespace } = next.deployment;
    const namespace = Namespace ? `-namespace=${Namespace} ` : '';
    lines.push(`the canaries are healthy and wait for their promotion: nomad deployment promote ${namespace}${shortId(ID)}`);
  }
  const known = new Set(causeLines(previous, job));
  const causes = new Set(causeLines(next, job).filter((line) => !known.has(line)));
  return [...lines, ...causes, ...(terminal ? verdict : [])];
}

/** Returns the causes of failing allocations as soon as they are proven: the verdict may come minutes later. */
function causeLines({ allocations, checks = {} }: Snapshot, job: Job | undefined): string[] {
  return allocations.flatMap((allocation) => [
    ...taskCauses(allocation, job).map(({ task, text, certain, ofNode }) => {
      const outlook = certain ? ' (permanent)' : ofNode === true ? ' (caused by the node, not by the spec)' : '';
      return `cause so far: ${allocation.TaskGroup}/${task} ${text}${outlook}`;
    }),
    ...(checks[allocation.ID] ?? [])
      .filter(({ Status }) => Status === 'failure')
      .map((check) => `cause so far: group ${allocation.TaskGroup} is unhealthy: ${describeFailing(check)}`),
  ]);
}

interface Change {
  readonly text: string;
  /** A successful rollout has no such change. */
  readonly trouble?: boolean;
}

function allocationChanges(before: Allocation | undefined, allocation: Allocation): Change[] {
  const changes: Change[] =
    before === undefined
      ? [{ text: `is placed on ${allocation.NodeName}${allocation.DeploymentStatus?.Canary === true ? ' as a canary' : ''}` }]
      : [];
  const stopped = allocation.DesiredStatus !== 'run';
  for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
    const told = before?.TaskStates?.[task]?.Events ?? [];
    const seen = new Set(told.map(({ Time, Type }) => `${Time} ${Type}`));
    // A crash loop has one line for each restart, not for each event of it.
    const repeated = new Set(told.map(({ Type, DisplayMessage }) => `${Type} ${DisplayMessage}`));
    for (const { Type, Time, DisplayMessage, Details } of state.Events ?? []) {
      if (QUIET.has(Type) || seen.has(`${Time} ${Type}`) || repeated.has(`${Type} ${DisplayMessage}`)) continue;
      repeated.add(`${Type} ${DisplayMessage}`);
      if (!stopped || !ENDING.has(Type))
        changes.push({
          text: `${task}: ${Type}: ${oneLine(DisplayMessage).replace(/(?<![\d.])(\d+\.\d)\d+s$/, '$1s')}`,
          trouble: !ORDINARY.has(Type) && Details?.['exit_code'] !== '0',
        });
    }
  }
  const { ClientStatus, DesiredDescription, NextAllocation, FollowupEvalID } = allocation;
  if (NextAllocation && before !== undefined && !before.NextAllocation) changes.push({ text: `is replaced by ${shortId(NextAllocation)}` });
  else if (stopped && before?.DesiredStatus === 'run')
    changes.push({ text: `is stopped: ${DesiredDescription || 'Nomad does not need it any more'}` });
  else if (!stopped && before?.ClientStatus !== ClientStatus && ClientStatus !== 'running' && ClientStatus !== 'pending')
    changes.push({
      text: `is ${ClientStatus}${ClientStatus === 'complete' && !isDone(allocation) ? ', but was killed before its work was done' : ''}`,
      trouble: !isDone(allocation),
    });
  if (waitsForReschedule(allocation) && before?.FollowupEvalID !== FollowupEvalID)
    changes.push({ text: 'waits for Nomad to reschedule it' });
  const health = allocation.DeploymentStatus?.Healthy;
  if (typeof health === 'boolean' && health !== before?.DeploymentStatus?.Healthy)
    changes.push(health ? { text: 'is healthy' } : { text: `is unhealthy${whyUnhealthy(allocation)}`, trouble: true });
  return changes;
}

/** Returns whether an allocation has failed and Nomad has planned a reschedule. */
function waitsForReschedule({ ClientStatus, DesiredStatus, NextAllocation, FollowupEvalID }: Allocation): boolean {
  return ClientStatus === 'failed' && DesiredStatus === 'run' && !NextAllocation && Boolean(FollowupEvalID);
}

function whyUnhealthy({ TaskStates }: Allocation): string {
  const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events ?? []);
  const event = events.findLast(({ Type }) => Type === 'Alloc Unhealthy');
  return event === undefined ? '' : `: ${oneLine(event.DisplayMessage)}`;
}

/** Events of every start, and one that is logged with the health. */
const QUIET = new Set(['Received', 'Task Setup', 'Building Task Directory', 'Running', 'Alloc Unhealthy']);

/** Events of an allocation that Nomad stops. */
const ENDING = new Set(['Killing', 'Killed', 'Terminated', 'Waiting for shutdown delay', 'Main Tasks Dead', 'Leader Task Dead']);

/** Events of a successful start, and events that only follow another one. */
const ORDINARY = new Set(['Started', 'Driver', 'Downloading Artifacts', 'Task hook message', 'Restarting', 'Not Restarting']);

/** Returns the counts of many allocations, each time that another part of the whole is done. */
function countChanges(previous: Snapshot, next: Snapshot): string[] {
  const groups = Object.entries(next.deployment?.TaskGroups ?? {});
  const steps = (count: number, total: number): number => Math.floor((count * STEPS) / Math.max(total, STEPS));
  if (next.deployment !== undefined) {
    return groups.flatMap(([name, group]) => {
      const before = previous.deployment?.TaskGroups?.[name];
      const further =
        steps(group.HealthyAllocs, group.DesiredTotal) > steps(before?.HealthyAllocs ?? 0, group.DesiredTotal) ||
        ((before?.PlacedAllocs ?? 0) === 0 && group.PlacedAllocs > 0);
      return further ? [describeGroup(name, group)] : [];
    });
  }
  const total = next.allocations.length;
  const at = ({ allocations }: Snapshot): number =>
    allocations.filter(({ ClientStatus }) => ClientStatus !== 'pending').length + count(allocations, 'complete');
  return steps(at(next), 2 * total) > steps(at(previous), 2 * total) ? [describeAllocations(next)] : [];
}

/** Returns the problems of many allocations: each problem once, with the names of some allocations that have it. */
function troubles(changes: readonly (Change & { readonly allocation: Allocation })[], previous: Snapshot): string[] {
  const told = new Set(
    previous.allocations.flatMap((allocation) =>
      allocationChanges(undefined, allocation).map(({ text }) => `${allocation.TaskGroup} ${text}`),
    ),
  );
  const names = new Map<string, string[]>();
  for (const { allocation, text, trouble } of changes) {
    const key = `${allocation.TaskGroup} ${text}`;
    if (trouble === true && !told.has(key)) names.set(key, [...(names.get(key) ?? []), slot(allocation)]);
  }
  const lines = [...names].map(([key, of]) => `${listed(of)}: ${key.slice(key.indexOf(' ') + 1).replace(/^is /, '')}`);
  return lines.length > MAX_TROUBLES ? [...lines.slice(0, MAX_TROUBLES), `and ${lines.length - MAX_TROUBLES} other problems`] : lines;
}

function listed(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** `web[1]` of `shop.web[1]`. */
const slot = ({ Name }: Allocation): string => Name.replace(/^.*\./, '');

const count = (allocations: readonly Allocation[], status: string): number =>
  allocations.filter(({ ClientStatus }) => ClientStatus === status).length;

type Group = NonNullable<NonNullable<Deployment['TaskGroups']>[string]>;

function describeGroup(name: string, group: Group): string {
  const canaries = group.DesiredCanaries > 0 && !group.Promoted;
  const wanted = canaries ? `${group.DesiredCanaries} canaries` : `${group.DesiredTotal}`;
  const manual = canaries && !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries;
  return `${name}: ${group.HealthyAllocs} of ${wanted} healthy, ${group.PlacedAllocs} placed${manual ? ', waiting for promotion' : ''}`;
}

function describeAllocations({ allocations, outdated = 0 }: Snapshot): string {
  const last = allocations.filter(({ NextAllocation }) => !NextAllocation);
  const states = ['complete', 'failed', 'lost'].flatMap((status) =>
    count(last, status) > 0 ? [`, ${count(last, status)} ${status}`] : [],
  );
  const older = outdated > 0 ? `; ${outdated} of older versions are not replaced yet` : '';
  return `${count(last, 'running')} of ${last.length} allocations running${states.join('')}${older}`;
}

/**
 * Returns the state of a rollout and the allocations that it waits for, in one line: `web: 1 of 3 healthy, 2 placed; web[1] app: Driver (Downloading image)
 * for 40 s`. `minHealthyMs` is how long an allocation has to run until it counts as healthy.
 */
export function describeProgress(snapshot: Snapshot, nowMs: number, minHealthyMs = 0): string {
  const { deployment, allocations, evaluation, job, checks = {} } = snapshot;
  const waiting = allocations.filter(
    (allocation) =>
      allocation.DesiredStatus === 'run' &&
      !allocation.NextAllocation &&
      allocation.ClientStatus !== 'complete' &&
      allocation.DeploymentStatus?.Healthy !== true &&
      (deployment !== undefined || !isUp(allocation, job)),
  );
  const named = waiting.slice(0, MAX_NAMED).map((allocation) => {
    const failing = checks[allocation.ID]?.find(({ Status }) => Status === 'failure');
    return failing === undefined ? describeWait(allocation, nowMs, minHealthyMs) : `${slot(allocation)}: ${describeFailing(failing)}`;
  });
  const more = waiting.length > MAX_NAMED ? [`and ${waiting.length - MAX_NAMED} more`] : [];
  const unplaced = unplacedGroups(snapshot).map(({ why }) => `${why}, waiting for capacity`);
  const groups = Object.entries(deployment?.TaskGroups ?? {}).map(([name, group]) => describeGroup(name, group));
  if (groups.length > 0) {
    const paused = deployment?.Status === 'paused' ? ['the deployment is paused (by a person or a tool)'] : [];
    return [...paused, ...groups, ...named, ...more, ...unplaced].join('; ');
  }
  if (evaluation?.Status !== 'complete' && allocations.length === 0) return `evaluation ${evaluation?.Status ?? 'pending'}`;
  return [describeAllocations(snapshot), ...named, ...more, ...unplaced].join('; ');
}

/** Returns the last event of an allocation's tasks, and its age. */
export function describeWait(allocation: Allocation, nowMs: number, minHealthyMs: number): string {
  if (waitsForReschedule(allocation)) return `${slot(allocation)} failed on ${allocation.NodeName} and waits for Nomad to reschedule it`;
  const events = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { Events }]) =>
    (Events ?? []).map((event): [string, TaskEvent] => [task, event]),
  );
  const last = events.sort(([, a], [, b]) => a.Time - b.Time).at(-1);
  if (last === undefined) return `${slot(allocation)} is ${allocation.ClientStatus}`;
  const [task, { Type, DisplayMessage, Time }] = last;
  const remainingMs = startedAtMs(allocation) + minHealthyMs - nowMs;
  // A started task waits for its checks, or for min_healthy_time.
  if (Type === 'Started' && remainingMs > 0)
    return `${slot(allocation)} ${task}: started, healthy in ${formatDuration(remainingMs)} at the earliest`;
  const what = Type === 'Started' ? 'started, not healthy yet' : `${Type} (${oneLine(DisplayMessage).slice(0, 120)})`;
  return `${slot(allocation)} ${task}: ${what} for ${formatDuration(Math.max(0, nowMs - Time / 1e6))}`;
}
