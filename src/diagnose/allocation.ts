import type { About } from '../errors.ts';
import type { Allocation, Job, Task, TaskGroup } from '../nomad/types.ts';
import { checkWords, countsChecks, describeFailure, servicesOf } from './check.ts';
import { execFormat, type Finding } from './driver.ts';
import type { Evidence } from './evidence.ts';
import { tellingLine } from './log-line.ts';
import { type Cause, type CausePart, causeOf, RANKS } from './sentence.ts';
import { SEE_LOG, type TaskCause, taskCauses } from './task.ts';

/** The parts of a run that its advice depends on. */
export interface Advised {
  /** The spec is the built-in template's. */
  readonly builtIn?: boolean;
  /** The run's own `timeout` ended the wait, not a deadline of the spec. */
  readonly timedOut?: boolean;
}

/**
 * The cause of one allocation that is not well. `evidence` adds what logs and checks say, `job` the limits, checks and kinds of its tasks; `redact`
 * takes out what is known to be secret, before anything is cut. Undefined for an allocation that shows nothing wrong.
 */
export function allocationCause(
  allocation: Allocation,
  job: Job | undefined,
  evidence: Evidence | undefined,
  redact: (text: string) => string,
  { builtIn = false, timedOut = false }: Advised = {},
): Cause | undefined {
  const longer = timedOut || isBatch(job) ? 'raise the input `timeout`' : 'raise `healthy_deadline` and `progress_deadline`';
  const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  const parts = taskCauses(allocation, job).map((cause) => taskPart(cause, allocation, group, evidence));
  const best = parts.sort((a, b) => b.rank - a.rank)[0];
  const part =
    best !== undefined && best.rank > RANKS.checked
      ? best
      : (goneFrom(allocation) ?? checkPart(allocation, group, job, evidence) ?? best ?? stuck(allocation, group, job, evidence, longer));
  return part && causeOf(part, redact, builtIn);
}

function taskPart(cause: TaskCause, allocation: Allocation, group: TaskGroup | undefined, evidence: Evidence | undefined): CausePart {
  const { task, exited, waiting, restarts } = cause;
  const line = exited ? tellingLine(evidence?.logs.filter((log) => log.task === task) ?? []) : undefined;
  const { text, certain, about, advice: usual } = { ...cause, ...(line === undefined ? undefined : startFailure(line.text)) };
  // A task that ended well, or was killed, says its last words by chance.
  const words = line !== undefined && text === cause.text && (line.error || text.startsWith('it exited with code')) ? line.text : undefined;
  const spec = group?.Tasks?.find(({ Name }) => Name === task);
  const advice = about.kind === 'task' && usual === SEE_LOG ? logAdvice(words, spec, evidence) : usual;
  const again = restarts > 0 && !waiting ? ` (restarted ${restarts} time${restarts === 1 ? '' : 's'})` : '';
  const kind = kindOf(spec);
  return {
    where: `${allocation.TaskGroup}/${task}`,
    text: `${kind === '' ? text : text.replace(/^it /, `${kind} `)}${again}${lastCheck(about, group, evidence)}`,
    words,
    advice,
    certain,
    about: { ...about, group: allocation.TaskGroup, task },
    rank: certain ? RANKS.certain : waiting ? RANKS.waiting : words === undefined ? RANKS.failed : RANKS.told,
  };
}

/** What the check said by which a task was restarted. */
function lastCheck({ kind, name }: About, group: TaskGroup | undefined, evidence: Evidence | undefined): string {
  const check = kind === 'check' ? evidence?.checks.find((one) => one.name === name && one.status === 'failure') : undefined;
  return check === undefined ? '' : `: ${checkWords(check, group).text}`;
}

/** What to do about an exit that only the log explains. */
function logAdvice(words: string | undefined, task: Task | undefined, evidence: Evidence | undefined): string {
  if (words !== undefined) return 'correct that; its log says more';
  if (task?.LogConfig?.Disabled === true) return 'its log is not kept (`disabled` in `logs`): enable it to see why';
  const elsewhere = loggingOf(task);
  if (elsewhere !== undefined) return `see its log where \`logging\` sends it (${elsewhere})`;
  if (evidence?.logsUnread === 'denied') return 'its log may not be read: the token lacks `read-logs`';
  if (evidence?.logsUnread === 'gone') return 'its log is gone: the node has removed it or is down';
  if (evidence?.logsUnread === 'unread') return 'see its log, which was not read';
  return evidence === undefined ? SEE_LOG : 'its log says nothing: let it tell why it ends';
}

/** Returns the log driver of a container whose output Nomad may not get; undefined for the usual one. */
function loggingOf(task: Task | undefined): string | undefined {
  const [block] = [task?.Config?.['logging']].flat();
  const { type, driver } = (block ?? {}) as { readonly type?: unknown; readonly driver?: unknown };
  const name = [type, driver].find((one) => typeof one === 'string' && one !== '');
  return typeof name === 'string' && !/^(json-file|k8s-file)$/.test(name) ? name : undefined;
}

function kindOf(task: Task | undefined): string {
  const { Hook, Sidecar } = task?.Lifecycle ?? {};
  if (!Hook) return '';
  return Sidecar === true ? 'the sidecar' : `the ${Hook} task`;
}

/** What a runtime writes to the log of a container whose program the kernel does not start. */
function startFailure(line: string): Finding | undefined {
  const [, command, why] =
    /^(?:exec (\S+)|standard_init_linux\.go:\d+: exec user process caused): "?(exec format error|no such file or directory)"?$/.exec(
      line,
    ) ?? [];
  if (why === undefined) return undefined;
  if (why === 'exec format error') return execFormat(command);
  return {
    text: `its command ${command ?? ''} cannot be started: the interpreter (#!) or loader that it needs does not exist in the image`,
    advice: 'add it, correct the first line (no CRLF), or build for that base image',
    certain: true,
    about: { kind: 'command' },
  };
}

/** What the cluster did to an allocation, whose tasks then can't be blamed. */
function goneFrom({ ID, ClientStatus, DesiredDescription, NodeName, TaskGroup }: Allocation): CausePart | undefined {
  const common = { where: TaskGroup, certain: false, about: { kind: 'none' }, rank: RANKS.failed } as const;
  const name = `allocation ${ID.slice(0, 8)}`;
  if (ClientStatus === 'lost' || ClientStatus === 'unknown')
    return {
      ...common,
      text: `${name} was lost: its node ${NodeName} is down or cannot be reached`,
      advice: `see \`nomad node status\` and that machine`,
    };
  const preempted = /^Preempted by alloc(?: ID)? (\S+)/.exec(DesiredDescription ?? '');
  if (preempted !== null)
    return {
      ...common,
      text: `${name} had to make room for allocation ${preempted[1]?.slice(0, 8)} of a higher priority`,
      advice: 'raise `priority`, or add nodes',
    };
  if (DesiredDescription === 'alloc is being migrated')
    return {
      ...common,
      text: `${name} was moved away from the node ${NodeName}, which is drained`,
      advice: 'run it again when the drain is over',
    };
  return undefined;
}

function checkPart(
  { TaskGroup }: Allocation,
  group: TaskGroup | undefined,
  job: Job | undefined,
  evidence: Evidence | undefined,
): CausePart | undefined {
  const judged = job === undefined || countsChecks(job, TaskGroup);
  const failing = judged ? evidence?.checks.find(({ status }) => status === 'failure') : undefined;
  if (failing === undefined) return undefined;
  const service = servicesOf(group).find(({ Name }) => Name === failing.service);
  const { text, advice } = describeFailure(failing, group);
  const tasks = new Set(evidence?.logs.map(({ task }) => task));
  const only = group?.Tasks?.length === 1 ? group.Tasks[0]?.Name : undefined;
  const task = service?.task ?? only ?? (tasks.size === 1 ? [...tasks][0] : undefined);
  const line = tellingLine(evidence?.logs.filter((log) => task === undefined || log.task === task) ?? []);
  return {
    where: task === undefined ? TaskGroup : `${TaskGroup}/${task}`,
    text,
    words: line?.error === true ? line.text : undefined,
    advice,
    certain: false,
    about: {
      kind: 'check',
      group: TaskGroup,
      name: failing.name.startsWith('service: "') ? failing.service : failing.name,
      ...(task === undefined ? {} : { task }),
    },
    rank: RANKS.checked,
  };
}

/** What an allocation without a failure waits for. */
function stuck(
  allocation: Allocation,
  group: TaskGroup | undefined,
  job: Job | undefined,
  evidence: Evidence | undefined,
  longer: string,
): CausePart | undefined {
  if (allocation.DeploymentStatus?.Healthy === true || /^(complete|failed)$/.test(allocation.ClientStatus)) return undefined;
  if (allocation.DesiredStatus !== 'run' && allocation.DeploymentStatus?.Healthy !== false) return undefined;
  const states = Object.entries(allocation.TaskStates ?? {});
  const at = (task: string | undefined, text: string, advice: string, kind: About['kind'] = 'task'): CausePart => ({
    where: task === undefined ? allocation.TaskGroup : `${allocation.TaskGroup}/${task}`,
    text,
    advice,
    certain: false,
    about: { kind, group: allocation.TaskGroup, ...(task === undefined ? {} : { task }) },
    rank: RANKS.waiting,
  });
  if (states.length === 0)
    return at(
      undefined,
      `the node ${allocation.NodeName} has not begun with allocation ${allocation.ID.slice(0, 8)}`,
      'see that node',
      'none',
    );

  // A task of `poststop` waits for the end of the others as long as all is well.
  const isPoststop = (name: string): boolean => group?.Tasks?.find(({ Name }) => Name === name)?.Lifecycle?.Hook === 'poststop';
  const pending = states.filter(([name, { State }]) => State === 'pending' && !isPoststop(name));
  const before = states.find(([name, { State }]) => State === 'running' && isPrestart(group?.Tasks?.find(({ Name }) => Name === name)));
  if (before !== undefined && pending.length > 0) {
    const words = tellingLine(evidence?.logs.filter(({ task }) => task === before[0]) ?? [])?.text;
    return {
      ...at(before[0], 'the prestart task still runs, and the others wait for its end', 'let it end, or make it a `sidecar`'),
      words,
    };
  }
  for (const [task, { Events }] of pending) {
    const last = (Events ?? []).findLast(({ Type }) => Type !== 'Alloc Unhealthy');
    const doing = last && STEPS.find(([type]) => last.Type === type || last.DisplayMessage.startsWith(type));
    if (doing !== undefined) return at(task, doing[1](last?.Details?.['image']), doing[2](longer), doing[3]);
  }
  return unhealthy(allocation, group, job, evidence, longer, at);
}

/** Steps before a task runs that may take long. */
const STEPS: readonly (readonly [
  event: string,
  text: (image: string | undefined) => string,
  advice: (longer: string) => string,
  kind: About['kind'],
])[] = [
  [
    'Downloading image',
    (image) => `its image ${image ?? ''} is still being pulled`,
    (longer) => `${longer}, or make the image smaller`,
    'image',
  ],
  [
    'Downloading Artifacts',
    () => 'its artifacts are still being downloaded',
    (longer) => `${longer}, or see why it takes so long`,
    'artifact',
  ],
  ['Building Task Directory', () => 'its task directory is still being built', (longer) => longer, 'task'],
  ['Task Setup', () => 'its task directory is still being built', (longer) => longer, 'task'],
  ['Received', () => 'it has not been started yet', () => 'see the node, and the tasks that it waits for', 'task'],
];

/** Of batch jobs, Nomad judges no health, and has no deadline. */
const isBatch = (job: Job | undefined): boolean => job?.Type?.endsWith('batch') === true;

/** A sidecar does not end, and nobody waits for its end. */
function isPrestart(task: Task | undefined): boolean {
  return task?.Lifecycle?.Hook === 'prestart' && task.Lifecycle.Sidecar !== true;
}

/** What runs, but did not count as healthy. */
function unhealthy(
  allocation: Allocation,
  group: TaskGroup | undefined,
  job: Job | undefined,
  evidence: Evidence | undefined,
  longer: string,
  at: (task: string | undefined, text: string, advice: string, kind?: About['kind']) => CausePart,
): CausePart | undefined {
  const states = Object.entries(allocation.TaskStates ?? {});
  const verdicts = states.flatMap(([task, { Events }]) =>
    (Events ?? []).filter(({ Type }) => Type === 'Alloc Unhealthy').map(({ DisplayMessage }) => ({ task, message: DisplayMessage })),
  );
  const message = verdicts.at(-1)?.message ?? '';
  const up = states.filter(([, { State }]) => State === 'running');
  const task = verdicts.at(-1)?.task ?? (up.length === 1 ? up[0]?.[0] : undefined);
  const minimum = /min_healthy_time of (\S+)/.exec(message)?.[1];
  const deadline = /by healthy_deadline of (\S+)/.exec(message)?.[1];
  const within = deadline === undefined ? 'in time' : `within healthy_deadline (${deadline})`;
  if ((group?.Update?.HealthCheck ?? job?.Update?.HealthCheck) === 'manual')
    return at(
      task,
      'it runs, but its health_check is "manual" and nobody has said that it is healthy',
      'do so by the API, or use `checks`',
      'health_check',
    );
  const judged = job === undefined || countsChecks(job, allocation.TaskGroup);
  const inConsul = servicesOf(group).filter(
    ({ Provider, Checks, OnUpdate }) =>
      judged && Provider !== 'nomad' && Checks?.some((check) => (check.OnUpdate || OnUpdate) !== 'ignore'),
  );
  const named = /Services not healthy by deadline: (.*)/.exec(message)?.[1] ?? inConsul.map(({ Name }) => Name ?? '').join(', ');
  const line = tellingLine(evidence?.logs ?? []);
  const words = line?.error === true ? line.text : undefined;
  if (inConsul.length > 0)
    return {
      ...at(
        task,
        `it runs, but the checks of its service ${named} in Consul did not pass ${within}`,
        'see them in Consul: Nomad does not know their output',
        'check',
      ),
      words,
    };
  const checks = judged ? (evidence?.checks ?? []) : [];
  const unsettled = checks.find(({ status }) => status !== 'success');
  if (unsettled !== undefined)
    return {
      ...at(
        task,
        `it runs, but the check of its service ${unsettled.service} has no result yet`,
        'raise `healthy_deadline`, or check more often (`interval`)',
        'check',
      ),
      words,
    };
  if (message === '' && allocation.DeploymentStatus?.Healthy !== false)
    return {
      ...at(
        task,
        `allocation ${allocation.ID.slice(0, 8)} is ${allocation.ClientStatus}, but not ${isBatch(job) ? 'complete' : 'healthy'} yet`,
        longer,
        longer.includes('healthy_deadline') ? 'healthy_deadline' : 'none',
      ),
      words,
      rank: RANKS.unknown,
    };
  const passing = checks.length > 0 ? ' and its checks pass' : '';
  const lasting = minimum === undefined ? '' : ` for min_healthy_time (${minimum})`;
  return {
    ...at(
      task,
      `it runs${passing} now, but was not healthy${lasting} ${within}`,
      'raise `healthy_deadline`, or let it start faster',
      'healthy_deadline',
    ),
    words,
  };
}
