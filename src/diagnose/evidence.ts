import type { Nomad, UnreadLog } from '../nomad/index.ts';
import type { Allocation, CheckResult, Job, TaskState } from '../nomad/types.ts';
import { parseTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { oneLine, readable, withoutCredentials } from '../text/index.ts';
import { type CheckOutcome, hasChecks, isIgnored, readCheck } from './check.ts';
import type { ReadConsul } from './consul.ts';
import { tellingLine } from './log-line.ts';
import { taskCauses } from './task.ts';

/** After a task exits, its log is read for this time: the last lines can arrive late, since a node writes logs every 100 ms. */
const LOG_DELAY_MS = 175;

/** A node reports an end to the servers within this time. A slower node is busy, so its log is late, too. */
const TOLD_WITHIN_MS = 200;

/** The longest wait for a log after the end of its task, however busy the node. */
const MAX_LOG_WAIT_MS = 1_500;

/** The evidence of one allocation. */
export interface Evidence {
  readonly allocationId: string;
  readonly name: string;
  readonly node: string;
  readonly status: string;
  readonly events: readonly { readonly timeMs: number; readonly task: string; readonly type: string; readonly message: string }[];
  readonly checks: readonly CheckOutcome[];
  readonly logs: readonly { readonly task: string; readonly stream: 'stderr' | 'stdout'; readonly lines: readonly string[] }[];
  /** Why there are no logs: the token may not read them, the node has removed them, or they were not read. */
  readonly logsUnread?: UnreadLog | 'unread';
}

/**
 * Reads the evidence of a failing allocation: its events, the results of its checks, the last `logLines` lines of its tasks' logs. Leaves out what the cluster
 * no longer has (the client is gone, the allocation was collected), so call it early. After a task exits, its log is read until it says why: for up to 175 ms,
 * or up to 1.5 s where the node is busy.
 */
export async function collectEvidence(
  allocation: Allocation,
  {
    job,
    namespace,
    logLines,
    consul,
  }: { readonly job: Job; readonly namespace: string; readonly logLines: number; readonly consul?: ReadConsul | undefined },
  nomad: Nomad,
  { clock, signal, redact }: Pick<Runtime, 'clock' | 'signal' | 'redact'>,
): Promise<Evidence> {
  const clean = (text: string): string => withoutCredentials(redact(text));
  const exited = new Set(taskCauses(allocation).flatMap((cause) => (cause.exited ? [cause.task] : [])));
  let logsUnread: Evidence['logsUnread'] = logLines === 0 ? 'unread' : undefined;
  const tail = async (task: string, stream: 'stderr' | 'stdout'): Promise<Evidence['logs'][number]> => {
    const lines = await nomad.allocations.logTail({ id: allocation.ID, task, type: stream }, logLines, namespace, signal);
    if (typeof lines !== 'string') return { task, stream, lines: lines.map(clean) };
    logsUnread = lines;
    return { task, stream, lines: [] };
  };
  const logsOf = async ([task, state]: [string, TaskState]): Promise<Evidence['logs']> => {
    const tails = async () => Promise.all([tail(task, 'stderr'), tail(task, 'stdout')]);
    const silent = (logs: Evidence['logs']): boolean =>
      logsUnread === undefined && logs[0]?.lines.length === 0 && tellingLine(logs)?.error !== true;
    const untilMs = logDeadline(parseTime(state.FinishedAt ?? ''), (allocation.ModifyTime ?? 0) / 1e6, clock.now());
    let logs = await tails();
    if (logLines === 0 || !exited.has(task)) return logs;
    for (let restMs = untilMs - clock.now(); restMs > 0 && silent(logs); restMs = untilMs - clock.now()) {
      await clock.sleep(Math.min(restMs, LOG_DELAY_MS), signal);
      logs = await tails();
    }
    return logs;
  };
  const started = Object.entries(allocation.TaskStates ?? {}).filter(hasStarted);
  const [checks, ...logs] = await Promise.all([
    // The logs are read even where the checks cannot be.
    started.length === 0 ? [] : readResults(allocation, { job, namespace, consul }, nomad, signal),
    ...started.map(logsOf),
  ]);
  return {
    ...toldBy(allocation, redact),
    checks: checks.map((check) => readCheck(check, clean)),
    logs: logs.flat().filter(({ lines }) => lines.length > 0),
    ...(logsUnread && started.length > 0 && { logsUnread }),
  };
}

/** Reads the results of the checks of an allocation that count, in Nomad and in Consul. Those that cannot be read are left out: Nomad judges by them, too. */
export async function readResults(
  { ID, ...allocation }: Allocation,
  { job, namespace, consul }: { readonly job: Job; readonly namespace: string; readonly consul?: ReadConsul | undefined },
  nomad: Nomad,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const [own, others] = await Promise.all([
    hasChecks(job) ? nomad.allocations.checks(ID, namespace, signal).catch(() => undefined) : [],
    consul?.({ ID, ...allocation }, signal).catch(() => undefined),
  ]);
  return [...(own ?? []), ...(others ?? [])].filter((result) => !isIgnored(result));
}

/**
 * Returns when the log of a task is complete, in milliseconds since the epoch; in the past for an end long ago. The task ended at `endMs` by the clock of its
 * node, the servers heard of it at `toldMs`, and our clock says `nowMs`.
 */
function logDeadline(endMs: number, toldMs: number, nowMs: number): number {
  const tookMs = toldMs - endMs;
  // A node whose clock is ahead reports an end in the future.
  const ended = Math.min(endMs, nowMs);
  return ended + (tookMs > TOLD_WITHIN_MS ? Math.min(3 * tookMs, MAX_LOG_WAIT_MS) : LOG_DELAY_MS);
}

/** Returns the evidence in the allocation itself, for a node that does not answer. */
export function seenEvidence(allocation: Allocation, redact: (text: string) => string): Evidence {
  const unread = Object.entries(allocation.TaskStates ?? {}).some(hasStarted);
  return { ...toldBy(allocation, redact), ...(unread && { logsUnread: 'unread' }) };
}

const hasStarted = ([, { Events }]: [string, TaskState]): boolean => Events?.some(({ Type }) => Type === 'Started') === true;

function toldBy(allocation: Allocation, redact: (text: string) => string): Evidence {
  return {
    allocationId: allocation.ID,
    name: allocation.Name,
    node: allocation.NodeName,
    status: allocation.ClientStatus,
    events: eventsOf(allocation, (text) => withoutCredentials(redact(text))),
    checks: [],
    logs: [],
  };
}

/** Returns evidence that was collected earlier, with the newest status and events of its allocation. */
export function refreshEvidence(evidence: Evidence, allocation: Allocation, redact: (text: string) => string): Evidence {
  return { ...evidence, status: allocation.ClientStatus, events: eventsOf(allocation, (text) => withoutCredentials(redact(text))) };
}

function eventsOf({ TaskStates }: Allocation, clean: (text: string) => string): Evidence['events'] {
  return Object.entries(TaskStates ?? {})
    .flatMap(([task, { Events }]) =>
      (Events ?? []).map(({ Type, Time, DisplayMessage }) => ({
        timeMs: Math.round(Time / 1e6),
        task,
        type: Type,
        message: clean(readable(oneLine(DisplayMessage))),
      })),
    )
    .sort((a, b) => a.timeMs - b.timeMs);
}
