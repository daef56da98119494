import { taskCauses } from './cause.ts';
import { type CheckOutcome, readCheck } from './check-failure.ts';
import { hasChecks } from './checks.ts';
import { tellingLine } from './log-line.ts';
import type { Nomad } from './nomad/index.ts';
import type { Allocation, Job, TaskState } from './nomad/types.ts';
import type { Runtime } from './runtime/runtime.ts';
import { oneLine, withoutCredentials } from './text.ts';

/** A task's last output reaches its log within this time after its end: a node writes logs every 100 ms. The servers know of the end about as late. */
const LOG_DELAY_MS = 150;

/** What one allocation tells. */
export interface Evidence {
  readonly allocationId: string;
  readonly name: string;
  readonly node: string;
  readonly status: string;
  readonly events: readonly { readonly timeMs: number; readonly task: string; readonly type: string; readonly message: string }[];
  readonly checks: readonly CheckOutcome[];
  readonly logs: readonly { readonly task: string; readonly stream: 'stderr' | 'stdout'; readonly lines: readonly string[] }[];
  /** The token may not read logs. */
  readonly logsDenied: boolean;
}

/**
 * Reads what shows why an allocation is not well: its events, the results of its checks, the last `logLines` lines of its tasks' logs. What the
 * cluster can no longer tell (the client is gone, the allocation was collected) is left out, so the earlier it is called the better. Takes at most
 * 150 ms longer than its requests, and only when a task has ended just now and its log does not yet say why.
 */
export async function collectEvidence(
  allocation: Allocation,
  { job, namespace, logLines }: { readonly job: Job; readonly namespace: string; readonly logLines: number },
  nomad: Nomad,
  { clock, signal, redact }: Pick<Runtime, 'clock' | 'signal' | 'redact'>,
): Promise<Evidence> {
  const clean = (text: string): string => withoutCredentials(redact(text));
  const exited = new Set(taskCauses(allocation).flatMap((cause) => (cause.exited ? [cause.task] : [])));
  const startedAtMs = clock.now();
  let logsDenied = false;
  const tail = async (task: string, stream: 'stderr' | 'stdout'): Promise<Evidence['logs'][number]> => {
    const lines = await nomad.allocations.logTail(allocation.ID, task, stream, logLines, namespace, signal);
    logsDenied ||= lines === undefined;
    return { task, stream, lines: (lines ?? []).map(clean) };
  };
  const logsOf = async ([task, state]: [string, TaskState]): Promise<Evidence['logs']> => {
    const tails = async () => Promise.all([tail(task, 'stderr'), tail(task, 'stdout')]);
    const logs = await tails();
    if (logsDenied || logLines === 0 || !exited.has(task) || logs[0].lines.length > 0 || tellingLine(logs)?.error === true) return logs;
    // By the clock of the node; where clocks differ, no longer than if it had ended this moment.
    const completeAtMs = Math.min(Date.parse(state.FinishedAt ?? ''), startedAtMs) + LOG_DELAY_MS;
    const restMs = completeAtMs - clock.now();
    if (!(restMs > 0)) return logs;
    await clock.sleep(restMs, signal);
    return tails();
  };
  const started = Object.entries(allocation.TaskStates ?? {}).filter(([, { Events }]) => Events?.some(({ Type }) => Type === 'Started'));
  const [checks, ...logs] = await Promise.all([
    started.length === 0 || !hasChecks(job) ? [] : nomad.allocations.checks(allocation.ID, namespace, signal),
    ...started.map(logsOf),
  ]);
  return {
    ...seenEvidence(allocation, redact),
    checks: checks.map((check) => readCheck(check, clean)),
    logs: logs.flat().filter(({ lines }) => lines.length > 0),
    logsDenied,
  };
}

/** What an allocation has told by itself: all that is known of it when its node can't be asked. */
export function seenEvidence(allocation: Allocation, redact: (text: string) => string): Evidence {
  return {
    allocationId: allocation.ID,
    name: allocation.Name,
    node: allocation.NodeName,
    status: allocation.ClientStatus,
    events: eventsOf(allocation, (text) => withoutCredentials(redact(text))),
    checks: [],
    logs: [],
    logsDenied: false,
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
        message: clean(oneLine(DisplayMessage)),
      })),
    )
    .sort((a, b) => a.timeMs - b.timeMs);
}
