import type { Nomad, UnreadLog } from '../nomad/index.ts';
import type { Allocation, Job, TaskState } from '../nomad/types.ts';
import { parseTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { oneLine, readable, withoutCredentials } from '../text/index.ts';
import { type CheckOutcome, hasChecks, isIgnored, readCheck } from './check.ts';
import { tellingLine } from './log-line.ts';
import { taskCauses } from './task.ts';

/** A task's last output reaches its log within this time after its end: a node writes logs every 100 ms. */
const LOG_DELAY_MS = 175;

/** A node tells the servers of an end within this time. One that took longer is busy, and will take its time for the log, too. */
const TOLD_WITHIN_MS = 200;

/** Nor is a log waited for longer than this after the end, however busy the node. */
const MAX_LOG_WAIT_MS = 1_500;

/** What one allocation tells. */
export interface Evidence {
  readonly allocationId: string;
  readonly name: string;
  readonly node: string;
  readonly status: string;
  readonly events: readonly { readonly timeMs: number; readonly task: string; readonly type: string; readonly message: string }[];
  readonly checks: readonly CheckOutcome[];
  readonly logs: readonly { readonly task: string; readonly stream: 'stderr' | 'stdout'; readonly lines: readonly string[] }[];
  /** Why the logs are not here: the token may not read them, the node has them no more, or they were not read. */
  readonly logsUnread?: UnreadLog | 'unread';
}

/**
 * Reads what shows why an allocation is not well: its events, the results of its checks, the last `logLines` lines of its tasks' logs. What the
 * cluster can no longer tell (the client is gone, the allocation was collected) is left out, so the earlier it is called the better. When a task has
 * ended just now and its log does not yet say why, that is waited for: until 175 ms after the end, or up to 1.5 s where the node is busy.
 */
export async function collectEvidence(
  allocation: Allocation,
  { job, namespace, logLines }: { readonly job: Job; readonly namespace: string; readonly logLines: number },
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
    // Nor do the logs depend on it that the checks can be read.
    started.length === 0 || !hasChecks(job) ? [] : nomad.allocations.checks(allocation.ID, namespace, signal).catch(() => undefined),
    ...started.map(logsOf),
  ]);
  return {
    ...toldBy(allocation, redact),
    checks: (checks ?? []).filter((check) => !isIgnored(check)).map((check) => readCheck(check, clean)),
    logs: logs.flat().filter(({ lines }) => lines.length > 0),
    ...(logsUnread && started.length > 0 && { logsUnread }),
  };
}

/**
 * When the log of a task is complete that ended at `endMs` by the clock of its node, as the servers heard at `toldMs`; seen at `nowMs` by our clock. In the
 * past for an end long ago.
 */
function logDeadline(endMs: number, toldMs: number, nowMs: number): number {
  const tookMs = toldMs - endMs;
  // Where the node's clock is ahead, it ended this moment.
  const ended = Math.min(endMs, nowMs);
  return ended + (tookMs > TOLD_WITHIN_MS ? Math.min(3 * tookMs, MAX_LOG_WAIT_MS) : LOG_DELAY_MS);
}

/** What an allocation has told by itself: all that is known of it when its node can't be asked. */
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

/** Evidence that was collected before, with what the allocation itself has told since. */
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
