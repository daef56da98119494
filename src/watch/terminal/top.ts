import { shortId } from '../../diagnose/index.ts';
import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs/index.ts';
import type { TaskUsage } from '../../nomad/index.ts';
import type { Allocation, Job, RegisteredJob } from '../../nomad/types.ts';
import { isoTime } from '../../runtime/index.ts';
import type { Line, Runtime, Terminal } from '../../runtime/runtime.ts';
import { columns } from '../../text/index.ts';
import type { Following } from '../following.ts';
import { slot } from './log-writer.ts';
import { amount, limitsOf, readUsage } from './usage.ts';

/** Nodes measure their tasks once a second. */
const REFRESH_MS = 2_000;

/** A running task and its use; undefined where the node does not tell. */
export interface Row {
  readonly allocation: Allocation;
  readonly task: string;
  readonly used: TaskUsage | undefined;
  readonly limit: TaskUsage;
  readonly restarts: number;
}

/** Shows the use of the running tasks of a job; with `watch` again and again, until the person leaves. */
export async function showUsage(
  job: RegisteredJob,
  { inputs, draft: { namespace }, nomad }: Following,
  { runtime, terminal }: { readonly runtime: Runtime; readonly terminal: Terminal },
): Promise<void> {
  const { clock, signal } = runtime;
  try {
    for (let first = true; ; first = false) {
      const all = (await nomad.jobs.allocations(job.ID, namespace, 0, signal)).value;
      const running = all.filter((one) => one.ClientStatus === 'running' && isWanted(one, inputs));
      if (running.length === 0 && !inputs.watch) {
        throw new ActionError('input-invalid', `no allocation of ${job.ID} runs`, { hint: '`status` shows its state.' });
      }
      const rows = rowsOf(job, running, await readUsage(running, nomad, namespace, signal), inputs.task);
      tell(rows, terminal, { isFirst: first, watch: inputs.watch, seenAt: isoTime(clock.now()) });
      if (!inputs.watch) return;
      await clock.sleep(REFRESH_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted || !inputs.watch) throw error;
    terminal.exitWith(0);
  }
}

const isWanted = ({ ID, TaskGroup }: Allocation, { group, alloc }: Pick<Inputs, 'group' | 'alloc'>): boolean =>
  (group === undefined || TaskGroup === group) && (alloc === undefined || ID.startsWith(alloc));

/** Returns a row for each running task, the busiest first. */
export function rowsOf(
  job: Job,
  allocations: readonly Allocation[],
  usage: Readonly<Record<string, Readonly<Record<string, TaskUsage>>>>,
  only: string | undefined,
): Row[] {
  return allocations
    .flatMap((allocation) =>
      Object.entries(allocation.TaskStates ?? {})
        .filter(([task, { State }]) => State === 'running' && (only === undefined || task === only))
        .map(([task, { Restarts }]): Row => {
          return { allocation, task, used: usage[allocation.ID]?.[task], limit: limitsOf(job, allocation, task), restarts: Restarts };
        }),
    )
    .sort(
      (a, b) =>
        (b.used?.cpuMhz ?? -1) - (a.used?.cpuMhz ?? -1) ||
        (b.used?.memoryMb ?? -1) - (a.used?.memoryMb ?? -1) ||
        a.allocation.Name.localeCompare(b.allocation.Name, 'en', { numeric: true }) ||
        a.task.localeCompare(b.task),
    );
}

function tell(
  rows: readonly Row[],
  { line, show, event, json, isTty }: Terminal,
  { isFirst, watch, seenAt }: { readonly isFirst: boolean; readonly watch: boolean; readonly seenAt: string },
): void {
  if (json) {
    for (const { allocation, task, used, limit, restarts } of rows) {
      event({
        allocation: allocation.ID,
        name: allocation.Name,
        task,
        node: allocation.NodeName,
        ...used,
        limits: limit,
        restarts,
        seenAt,
      });
    }
    return;
  }
  const [head = '', ...others] = columns(
    ['ALLOCATION', 'NAME', 'TASK', 'CPU', 'MEMORY', 'RESTARTS', 'NODE'],
    rows.map(({ allocation, task, used, limit, restarts }) => [
      shortId(allocation.ID),
      slot(allocation),
      task,
      used === undefined ? 'unknown' : amount(used.cpuMhz, limit.cpuMhz, 'MHz'),
      used === undefined ? 'unknown' : `${amount(used.memoryMb, limit.memoryMb, 'MiB')}${percent(used.memoryMb, limit.memoryMb)}`,
      String(restarts),
      allocation.NodeName,
    ]),
  );
  const lines: Line[] = rows.length === 0 ? [[['dim', 'No task runs.']]] : [[['bold', head]], ...others];
  if (watch && isTty.stdout) {
    show(lines);
    return;
  }
  if (!isFirst) line('');
  for (const one of lines) line(one);
}

const percent = (used: number, limit: number): string => (limit > 0 ? ` (${Math.round((100 * used) / limit)} %)` : '');
