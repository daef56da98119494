import type { About } from '../errors.ts';
import type { Allocation, Job, Task, TaskGroup } from '../nomad/types.ts';
import { checkWords, countsChecks, describeFailure, servicesOf } from './check.ts';
import { execFormat, type Finding } from './driver.ts';
import type { Evidence } from './evidence.ts';
import { tellingLine } from './log-line.ts';
import { type Cause, type CausePart, causeOf, RANKS } from './sentence.ts';
import { type TaskCause, taskCauses } from './task.ts';
import { type Looked, waitingPart } from './waiting.ts';
import { EVENT_WORDS } from './words.ts';

/** The parts of a run that its cause depends on. */
export interface Advised {
  /** Removes known secrets. */
  readonly redact: (text: string) => string;
  /** The spec is the built-in template's. */
  readonly builtIn?: boolean;
  /** The run's own `timeout` ended the wait, not a deadline of the spec. */
  readonly timedOut?: boolean;
  /** The time of that end, in milliseconds since the epoch. */
  readonly nowMs?: number;
}

/**
 * Returns the cause of one failing allocation; undefined for an allocation without a failure. `evidence` adds the log output and the results of checks, `job`
 * the limits, checks and kinds of its tasks. Secrets are removed before anything is cut.
 */
export function allocationCause(
  allocation: Allocation,
  job: Job | undefined,
  evidence: Evidence | undefined,
  { redact, builtIn = false, timedOut = false, nowMs }: Advised,
): Cause | undefined {
  const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  const looked = { allocation, group, job, evidence, timedOut, nowMs };
  const parts = taskCauses(allocation, job).map((cause) => taskPart(cause, looked));
  const best = parts.sort((a, b) => b.rank - a.rank)[0];
  const part =
    best !== undefined && best.rank > RANKS.checked ? best : (goneFrom(allocation) ?? checkPart(looked) ?? best ?? waitingPart(looked));
  return part && causeOf(part, redact, builtIn);
}

function taskPart(cause: TaskCause, { allocation, group, evidence }: Looked): CausePart {
  const { task, exited, waiting, restarts } = cause;
  const telling = exited ? tellingLine(evidence?.logs.filter((log) => log.task === task) ?? []) : undefined;
  const { text, certain, about, advice: usual } = { ...cause, ...(telling === undefined ? undefined : startFailure(telling.text)) };
  // The last line of a task that ended well or was killed is there by chance, unless it reads like an error.
  const tells = telling?.error === true || /^exited with code (?!0,)/.test(text);
  const line = text === cause.text && tells ? telling?.text : undefined;
  const spec = group?.Tasks?.find(({ Name }) => Name === task);
  const again = restarts > 0 && !waiting ? ` (restarted ${restarts} time${restarts === 1 ? '' : 's'})` : '';
  return {
    where: `${allocation.TaskGroup}/${task}${kindOf(spec)}`,
    text: `${text}${again}${lastCheck(about, group, evidence)}`,
    line,
    advice: exited && usual === '' && line === undefined ? logAdvice(spec, evidence) : usual,
    certain,
    about: { ...about, group: allocation.TaskGroup, task },
    rank: certain ? RANKS.certain : waiting ? RANKS.waiting : line === undefined ? RANKS.failed : RANKS.told,
  };
}

/** Returns the last result of the check that restarted a task. */
function lastCheck({ kind, name }: About, group: TaskGroup | undefined, evidence: Evidence | undefined): string {
  const check = kind === 'check' ? evidence?.checks.find((one) => one.name === name && one.status === 'failure') : undefined;
  return check === undefined ? '' : `: ${checkWords(check, group).text}`;
}

/** Returns why an exit has no log output, and how to get it. */
function logAdvice(task: Task | undefined, evidence: Evidence | undefined): string {
  if (task?.LogConfig?.Disabled === true) return 'its log output is not kept: remove `disabled` from `logs`';
  const elsewhere = loggingOf(task);
  if (elsewhere !== undefined) return `read its log output in ${elsewhere}, where \`logging\` sends it`;
  if (evidence?.logsUnread === 'denied') return 'its log output cannot be read: give the token `read-logs`';
  if (evidence?.logsUnread === 'gone') return 'its log output is gone: the node removed it or is down';
  if (evidence?.logsUnread === 'unread') return 'its log output was not read';
  return evidence === undefined ? '' : 'its log output was empty when it was read';
}

/** Returns the log driver of a container whose output Nomad does not get; undefined for the usual one. */
function loggingOf(task: Task | undefined): string | undefined {
  const [block] = [task?.Config?.['logging']].flat();
  const { type, driver } = (block ?? {}) as { readonly type?: unknown; readonly driver?: unknown };
  const name = [type, driver].find((one) => typeof one === 'string' && one !== '');
  return typeof name === 'string' && !/^(json-file|k8s-file)$/.test(name) ? name : undefined;
}

function kindOf(task: Task | undefined): string {
  const { Hook, Sidecar } = task?.Lifecycle ?? {};
  if (!Hook) return '';
  return Sidecar === true ? ' (sidecar)' : ` (${Hook} task)`;
}

/** Returns the finding about a line that a runtime writes to the log of a container whose program the kernel does not start. */
function startFailure(line: string): Finding | undefined {
  const [, command, why] =
    /^(?:exec (\S+)|standard_init_linux\.go:\d+: exec user process caused): "?(exec format error|no such file or directory)"?$/.exec(
      line,
    ) ?? [];
  if (why === undefined) return undefined;
  if (why === 'exec format error') return execFormat(command);
  return {
    text: `cannot start: the interpreter (#!) or the loader of the command${command === undefined ? '' : ` ${command}`} does not exist in the image`,
    advice: 'add it, correct the first line of the script (no CRLF), or build for this base image',
    certain: true,
    about: { kind: 'command' },
  };
}

/** Returns the part about an allocation that the cluster took away, for which its tasks are not to blame. */
function goneFrom(allocation: Allocation): CausePart | undefined {
  const { ID, ClientStatus, DesiredDescription, DesiredTransition, PreemptedByAllocation, NodeName, TaskGroup } = allocation;
  const common = { where: `group ${TaskGroup}`, certain: false, about: { kind: 'none' }, rank: RANKS.failed } as const;
  const name = `allocation ${ID.slice(0, 8)}`;
  if (ClientStatus === 'lost' || ClientStatus === 'unknown')
    return {
      ...common,
      text: `lost ${name}: the node ${NodeName} is down or unreachable`,
      advice: 'check that machine, and run `nomad node status`',
    };
  const preempting = PreemptedByAllocation || EVENT_WORDS.preempted.pattern.exec(DesiredDescription ?? '')?.[1];
  if (preempting !== undefined)
    return {
      ...common,
      text: `lost ${name}: allocation ${preempting.slice(0, 8)} has a higher priority and preempted it`,
      advice: 'raise `priority`, or add nodes',
    };
  if (DesiredTransition?.Migrate === true || EVENT_WORDS.drained.pattern.test(DesiredDescription ?? ''))
    return { ...common, text: `lost ${name}: the node ${NodeName} is being drained`, advice: 'deploy again after the drain' };
  return undefined;
}

function checkPart({ allocation: { TaskGroup }, group, job, evidence }: Looked): CausePart | undefined {
  const judged = job === undefined || countsChecks(job, TaskGroup);
  const failing = judged ? evidence?.checks.find(({ status }) => status === 'failure') : undefined;
  if (failing === undefined) return undefined;
  const service = servicesOf(group).find(({ Name }) => Name === failing.service);
  const { text, advice } = describeFailure(failing, group);
  const tasks = new Set(evidence?.logs.map(({ task }) => task));
  const only = group?.Tasks?.length === 1 ? group.Tasks[0]?.Name : undefined;
  const task = service?.task ?? only ?? (tasks.size === 1 ? [...tasks][0] : undefined);
  const telling = tellingLine(evidence?.logs.filter((log) => task === undefined || log.task === task) ?? []);
  return {
    where: task === undefined ? `group ${TaskGroup}` : `${TaskGroup}/${task}`,
    text: `is unhealthy: ${text}`,
    line: telling?.error === true ? telling.text : undefined,
    advice,
    certain: false,
    about: {
      kind: 'check',
      group: TaskGroup,
      name: EVENT_WORDS.unnamedCheck.pattern.test(failing.name) ? failing.service : failing.name,
      ...(task === undefined ? {} : { task }),
    },
    rank: RANKS.checked,
  };
}
