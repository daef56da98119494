import { oneLine, type TaskCause, taskCauses } from './cause.ts';
import type { Nomad } from './nomad/index.ts';
import type { Allocation, CheckResult } from './nomad/types.ts';
import { describePlacement } from './placement.ts';
import { type Snapshot, shortId, type Verdict } from './rollout.ts';
import type { Runtime } from './runtime/runtime.ts';

/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;
/** A task's last output reaches its log a moment after Nomad knows of its end, and nothing announces it. */
const LOG_ATTEMPTS = 4;
const LOG_RETRY_MS = 250;

/** Why a rollout failed, and what shows it. */
export interface Diagnosis {
  /** One sentence: group/task, what happened. */
  readonly cause: string;
  readonly evidence: readonly Evidence[];
}

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
 * Finds the cause of a failed verdict in the allocations that were seen, and fetches the last `logLines` lines of their tasks' logs and their
 * checks. What the cluster can no longer tell is left out.
 */
export async function diagnose(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  snapshot: Snapshot,
  namespace: string,
  logLines: number,
  nomad: Nomad,
  runtime: Pick<Runtime, 'clock' | 'signal'>,
): Promise<Diagnosis> {
  const suspects = suspectAllocations(snapshot).slice(0, MAX_ALLOCATIONS);
  const evidence = await Promise.all(suspects.map(async (allocation) => collect(allocation, namespace, logLines, nomad, runtime)));
  return { cause: causeOf(verdict, snapshot, suspects, evidence), evidence };
}

/** Allocations that are not well, the newest first; a healthy one has nothing to tell. */
function suspectAllocations({ allocations }: Snapshot): Allocation[] {
  return allocations
    .filter(
      ({ ClientStatus, DeploymentStatus }) => ClientStatus === 'failed' || ClientStatus === 'lost' || DeploymentStatus?.Healthy !== true,
    )
    .sort((a, b) => Number(taskCauses(b).length > 0) - Number(taskCauses(a).length > 0) || b.CreateIndex - a.CreateIndex);
}

async function collect(
  allocation: Allocation,
  namespace: string,
  logLines: number,
  nomad: Nomad,
  { clock, signal }: Pick<Runtime, 'clock' | 'signal'>,
): Promise<Evidence> {
  const exited = new Set(taskCauses(allocation).flatMap((cause) => (cause.exited === true ? [cause.task] : [])));
  let logsDenied = false;
  const tail = async (task: string, stream: 'stderr' | 'stdout'): Promise<Evidence['logs'][number]> => {
    const lines = await nomad.allocations.logTail(allocation.ID, task, stream, logLines, namespace);
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
    nomad.allocations.checks(allocation.ID, namespace),
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

function causeOf(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  { evaluation }: Snapshot,
  suspects: readonly Allocation[],
  evidence: readonly Evidence[],
): string {
  if (verdict.outcome !== 'failed' && verdict.outcome !== 'timed-out') return verdict.description;
  const causes = suspects.flatMap((allocation, index) => {
    const cause = taskCauses(allocation)[0];
    if (cause === undefined) return [];
    return [{ text: `${allocation.TaskGroup}/${cause.task}: ${cause.text}`, words: lastWords(cause, evidence[index]) }];
  });
  const best = causes.find(({ words }) => words !== '') ?? causes[0];
  if (best !== undefined) return `${best.text}${best.words}`;
  for (const [index, { checks }] of evidence.entries()) {
    const failing = checks.find(({ status }) => status === 'failure');
    if (failing !== undefined)
      return `${suspects[index]?.TaskGroup}: the check "${failing.name}" of service ${failing.service} fails: ${failing.output}`;
  }
  const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {})[0];
  if (unplaced !== undefined && suspects.length === 0) return describePlacement(...unplaced);
  const stuck = suspects[0];
  return stuck === undefined
    ? verdict.description
    : `${stuck.TaskGroup}: allocation ${shortId(stuck.ID)} is ${stuck.ClientStatus}, but did not become healthy: ${verdict.description}`;
}

/** What a task that exited by itself said last, which mostly is why. */
function lastWords({ task, exited }: TaskCause, evidence: Evidence | undefined): string {
  const logs = exited === true ? (evidence?.logs.filter((log) => log.task === task) ?? []) : [];
  const line = (logs.find(({ stream }) => stream === 'stderr') ?? logs[0])?.lines.findLast((candidate) => candidate.trim() !== '');
  return line === undefined ? '' : `, saying ${JSON.stringify(line.trim().slice(0, 200))}`;
}
