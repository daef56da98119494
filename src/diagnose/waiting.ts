import type { About } from '../errors.ts';
import type { Allocation, Job, Task, TaskEvent, TaskGroup } from '../nomad/types.ts';
import { formatDuration, oneLine } from '../text/index.ts';
import { type CheckOutcome, countsChecks, servicesOf } from './check.ts';
import type { Evidence } from './evidence.ts';
import { tellingLine } from './log-line.ts';
import { lastPull } from './pull.ts';
import { type CausePart, RANKS } from './sentence.ts';
import { EVENT_WORDS } from './words.ts';

/** An allocation, and what is known beside it. */
export interface Looked {
  readonly allocation: Allocation;
  readonly group: TaskGroup | undefined;
  readonly job: Job | undefined;
  readonly evidence: Evidence | undefined;
  /** The run's own `timeout` ended the wait, not a deadline of the spec. */
  readonly timedOut: boolean;
  /** The time of the end of that wait, in milliseconds since the epoch; undefined where a deadline ended it. */
  readonly nowMs?: number | undefined;
}

/** Returns the part about an allocation without a failure: the step that it is at, or why it does not count as healthy. Undefined where nothing is wrong. */
export function waitingPart(looked: Looked): CausePart | undefined {
  const { allocation } = looked;
  if (allocation.DeploymentStatus?.Healthy === true || /^(complete|failed)$/.test(allocation.ClientStatus)) return undefined;
  if (allocation.DesiredStatus !== 'run' && allocation.DeploymentStatus?.Healthy !== false) return undefined;
  return stepPart(looked) ?? unhealthyPart(looked);
}

/** Nomad judges no health of batch jobs, and gives them no deadline. */
const isBatch = (job: Job | undefined): boolean => job?.Type?.endsWith('batch') === true;

const longer = ({ job, timedOut }: Looked): string =>
  timedOut || isBatch(job) ? 'raise the input `timeout`' : 'raise `healthy_deadline` and `progress_deadline`';

/** The parts of a sentence about an allocation. */
interface Told {
  readonly task?: string | undefined;
  readonly text: string;
  readonly advice: string;
  /** A task by default. */
  readonly kind?: About['kind'];
  readonly line?: string | undefined;
}

function partOf({ TaskGroup }: Allocation, { task, text, advice, kind = 'task', line }: Told): CausePart {
  return {
    where: task === undefined ? `group ${TaskGroup}` : `${TaskGroup}/${task}`,
    ...{ text, advice, line, certain: false, rank: RANKS.waiting },
    about: { kind, group: TaskGroup, ...(task === undefined ? {} : { task }) },
  };
}

/** Steps before a task runs that may take long. */
const STEPS: readonly (readonly [event: string, text: string, advice: string, kind: About['kind']])[] = [
  ['Downloading Artifacts', 'is still downloading its artifacts', ', or make the artifacts smaller', 'artifact'],
  ['Building Task Directory', 'is still building its task directory', '', 'task'],
  ['Task Setup', 'is still building its task directory', '', 'task'],
];

/** Returns the part about an allocation that has not started all of its tasks; undefined where all have started. */
function stepPart(looked: Looked): CausePart | undefined {
  const { allocation, group, evidence } = looked;
  const states = Object.entries(allocation.TaskStates ?? {});
  const specOf = (name: string): Task | undefined => group?.Tasks?.find(({ Name }) => Name === name);
  if (states.length === 0) {
    const text = `waits for the node ${allocation.NodeName}, which has not started allocation ${allocation.ID.slice(0, 8)}`;
    return partOf(allocation, { text, advice: 'check that node', kind: 'none' });
  }
  // A poststop task waits for the end of the others as long as they run.
  const pending = states.filter(([name, { State }]) => State === 'pending' && specOf(name)?.Lifecycle?.Hook !== 'poststop');
  const before = states.find(([name, { State }]) => State === 'running' && isPrestart(specOf(name)));
  if (before !== undefined && pending.length > 0) {
    const [task] = before;
    const part = partOf(allocation, {
      task,
      text: 'is still running, and the other tasks wait for its end',
      advice: 'end the task, or set `sidecar = true`',
      line: tellingLine(evidence?.logs.filter((log) => log.task === task) ?? [])?.text,
    });
    return { ...part, where: `${part.where} (prestart task)` };
  }
  for (const [task, { Events }] of pending) {
    const last = (Events ?? []).findLast(({ Type }) => Type !== 'Alloc Unhealthy');
    if (last?.Type === 'Received')
      return partOf(allocation, { task, text: 'has not started yet', advice: 'check its node, and the tasks before it' });
    const pull = pullText(Events ?? [], looked.nowMs);
    if (pull !== undefined)
      return partOf(allocation, { task, text: pull, advice: `${longer(looked)}, or make the image smaller`, kind: 'image' });
    const step = last && STEPS.find(([type]) => last.Type === type || last.DisplayMessage.startsWith(type));
    if (step === undefined) continue;
    const [, text, shorter, kind] = step;
    return partOf(allocation, { task, text, advice: `${longer(looked)}${shorter}`, kind });
  }
  return undefined;
}

/** Returns what a task still pulls, for how long, and how far it has come; undefined where it pulls nothing. */
function pullText(events: readonly TaskEvent[], nowMs: number | undefined): string | undefined {
  const pull = lastPull(events);
  if (pull === undefined || pull.endedMs !== undefined) return undefined;
  const judged = events.findLast(({ Type }) => Type === 'Alloc Unhealthy');
  const untilMs = judged === undefined ? nowMs : judged.Time / 1e6;
  // The clocks of the node and of the runner may differ.
  const lasted = untilMs === undefined || untilMs < pull.beganMs ? '' : ` after ${formatDuration(untilMs - pull.beganMs)}`;
  const progress = pull.progress === undefined ? '' : ` (${oneLine(pull.progress)})`;
  return `${`is still pulling its image ${pull.image}`.trim()}${lasted}${progress}`;
}

/** Returns whether a task has to end before the others start; a sidecar does not. */
function isPrestart(task: Task | undefined): boolean {
  return task?.Lifecycle?.Hook === 'prestart' && task.Lifecycle.Sidecar !== true;
}

/** Returns the part about an allocation that runs and does not count as healthy. */
function unhealthyPart(looked: Looked): CausePart {
  const { allocation, group, job, evidence } = looked;
  const { task, message } = judgementOf(allocation);
  const minimum = EVENT_WORDS.minHealthyTime.pattern.exec(message)?.[1];
  const deadline = EVENT_WORDS.healthyDeadline.pattern.exec(message)?.[1];
  const within = deadline === undefined ? 'in time' : `within healthy_deadline (${deadline})`;
  if ((group?.Update?.HealthCheck ?? job?.Update?.HealthCheck) === 'manual')
    return partOf(allocation, {
      ...{ task, text: 'is running, but its health_check is "manual" and its health was not set', kind: 'health_check' },
      advice: 'set it with the API, or use `health_check = "checks"`',
    });
  const judged = job === undefined || countsChecks(job, allocation.TaskGroup);
  const telling = tellingLine(evidence?.logs ?? []);
  const line = telling?.error === true ? telling.text : undefined;
  const inConsul = judged ? consulServices(group, message) : undefined;
  if (inConsul !== undefined)
    return partOf(allocation, {
      ...{ task, text: `is running, but the checks of its service ${inConsul} in Consul did not pass ${within}`, kind: 'check', line },
      advice: 'read their output in Consul, or set `consul-addr`, and the cause names it',
    });
  const checks: readonly CheckOutcome[] = judged ? (evidence?.checks ?? []) : [];
  const unsettled = checks.find(({ status }) => status !== 'success');
  if (unsettled !== undefined)
    return partOf(allocation, {
      ...{ task, text: `is running, but the check of its service ${unsettled.service} has no result yet`, kind: 'check', line },
      advice: 'raise `healthy_deadline`, or lower `interval` of the check',
    });
  if (message === '' && allocation.DeploymentStatus?.Healthy !== false) return { ...notYet(looked, task, line), rank: RANKS.unknown };
  const passing = checks.length > 0 ? ' and its checks pass' : '';
  const lasting = minimum === undefined ? '' : ` for min_healthy_time (${minimum})`;
  return partOf(allocation, {
    ...{ task, text: `is running${passing}, but was not healthy${lasting} ${within}`, kind: 'healthy_deadline', line },
    advice: 'raise `healthy_deadline`, or make the task start faster',
  });
}

/** Returns Nomad's last words on the health of an allocation, and the task that they are about: without words, the one that runs. */
function judgementOf({ TaskStates }: Allocation): { readonly task: string | undefined; readonly message: string } {
  const states = Object.entries(TaskStates ?? {});
  const last = states
    .flatMap(([task, { Events }]) => (Events ?? []).filter(({ Type }) => Type === 'Alloc Unhealthy').map((event) => ({ task, event })))
    .at(-1);
  const up = states.filter(([, { State }]) => State === 'running');
  return { task: last?.task ?? (up.length === 1 ? up[0]?.[0] : undefined), message: last?.event.DisplayMessage ?? '' };
}

/** Returns the names of the services whose checks in Consul count; undefined where there is none. */
function consulServices(group: TaskGroup | undefined, message: string): string | undefined {
  const services = servicesOf(group).filter(
    ({ Provider, Checks, OnUpdate }) => Provider !== 'nomad' && Checks?.some((check) => (check.OnUpdate || OnUpdate) !== 'ignore'),
  );
  if (services.length === 0) return undefined;
  return EVENT_WORDS.inConsul.pattern.exec(message)?.[1] ?? services.map(({ Name }) => Name ?? '').join(', ');
}

/** Returns the part about an allocation that Nomad has not judged. */
function notYet(looked: Looked, task: string | undefined, line: string | undefined): CausePart {
  const { allocation, job } = looked;
  const advice = longer(looked);
  return partOf(allocation, {
    ...{ task, advice, line },
    text: `is ${allocation.ClientStatus}, but not ${isBatch(job) ? 'complete' : 'healthy'} yet (allocation ${allocation.ID.slice(0, 8)})`,
    kind: advice.includes('healthy_deadline') ? 'healthy_deadline' : 'none',
  });
}
