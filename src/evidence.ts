import { oneLine, taskCauses } from './cause.ts';
import type { Nomad } from './nomad/index.ts';
import type { Allocation, CheckResult } from './nomad/types.ts';
import type { Runtime } from './runtime/runtime.ts';

/** A task's last output reaches its log a moment after Nomad knows of its end, and nothing announces it. */
const LOG_ATTEMPTS = 4;
const LOG_RETRY_MS = 250;

/** What one allocation tells. */
export interface Evidence {
  readonly allocationId: string;
  readonly name: string;
  readonly node: string;
  readonly status: string;
  readonly events: readonly { readonly timeMs: number; readonly task: string; readonly type: string; readonly message: string }[];
  readonly checks: readonly { readonly name: string; readonly service: string; readonly status: string; readonly output: string }[];
  readonly logs: readonly { readonly task: string; readonly stream: 'stderr' | 'stdout'; readonly lines: readonly string[] }[];
  /** The token may not read logs. */
  readonly logsDenied: boolean;
}

/**
 * Reads what shows why an allocation is not well: its events, the results of its checks, the last `logLines` lines of its tasks' logs. What the
 * cluster can no longer tell (the client is gone, the allocation was collected) is left out, so the earlier it is called the better.
 */
export async function collectEvidence(
  allocation: Allocation,
  { namespace, logLines }: { readonly namespace: string; readonly logLines: number },
  nomad: Nomad,
  { clock, signal }: Pick<Runtime, 'clock' | 'signal'>,
): Promise<Evidence> {
  const exited = new Set(taskCauses(allocation).flatMap((cause) => (cause.exited === true ? [cause.task] : [])));
  let logsDenied = false;
  const tail = async (task: string, stream: 'stderr' | 'stdout'): Promise<Evidence['logs'][number]> => {
    const lines = await nomad.allocations.logTail(allocation.ID, task, stream, logLines, namespace, signal);
    logsDenied ||= lines === undefined;
    return { task, stream, lines: lines ?? [] };
  };
  const logsOf = async (task: string): Promise<Evidence['logs']> => {
    for (let left = exited.has(task) && logLines > 0 ? LOG_ATTEMPTS : 1; ; left--) {
      const logs = await Promise.all([tail(task, 'stderr'), tail(task, 'stdout')]);
      if (left <= 1 || logsDenied || logs.some(({ lines }) => lines.length > 0)) return logs;
      await clock.sleep(LOG_RETRY_MS, signal);
    }
  };
  const [checks, ...logs] = await Promise.all([
    nomad.allocations.checks(allocation.ID, namespace, signal),
    ...Object.keys(allocation.TaskStates ?? {}).map(logsOf),
  ]);
  return {
    allocationId: allocation.ID,
    name: allocation.Name,
    node: allocation.NodeName,
    status: allocation.ClientStatus,
    events: events(allocation),
    checks: checks.map(describeCheck),
    logs: logs.flat().filter(({ lines }) => lines.length > 0),
    logsDenied,
  };
}

function events({ TaskStates }: Allocation): Evidence['events'] {
  return Object.entries(TaskStates ?? {})
    .flatMap(([task, { Events }]) =>
      (Events ?? []).map(({ Type, Time, DisplayMessage }) => ({
        timeMs: Math.round(Time / 1e6),
        task,
        type: Type,
        message: oneLine(DisplayMessage),
      })),
    )
    .sort((a, b) => a.timeMs - b.timeMs);
}

function describeCheck({ Check, Service, Status, StatusCode, Output }: CheckResult): Evidence['checks'][number] {
  return {
    name: Check,
    service: Service,
    status: Status,
    output: oneLine(`${StatusCode ? `${StatusCode} ` : ''}${Output ?? ''}`).slice(0, 500),
  };
}
