import { ActionError } from '../errors.ts';
import { watchAllocation } from '../nomad/index.ts';
import type { Allocation, TaskEvent } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { InsideTask } from './task.ts';

/** After the end of a task, its last output may still be on its way. */
const LAST_OUTPUT_MS = 200;

/** A session that is shorter is not watched: Nomad counts a blocking query as a connection for 45 seconds, also when its program has ended, and takes 100 of them. */
const SHORT_MS = 300;

/**
 * The times in which Nomad learns that a task has ended. Its clients report every 200 ms, but the end of one of several tasks only every second, which an exit code is
 * not kept back for.
 */
export const REPORT_MS = { code: 1_000, error: 1_300 } as const;

/** Does as `watchEnd`, from a moment after the begin of a session on. */
export async function watchLate(inside: InsideTask, runtime: Pick<Runtime, 'clock'>, signal: AbortSignal): Promise<never> {
  await runtime.clock.sleep(SHORT_MS, signal);
  return watchEnd(inside, runtime, signal);
}

/** Rejects with `nomad-refused` and the reason when a task ends or restarts, or its node is lost. */
export async function watchEnd(
  { allocation, task, namespace, nomad }: InsideTask,
  { clock }: Pick<Runtime, 'clock'>,
  signal: AbortSignal,
): Promise<never> {
  const restarts = allocation.TaskStates?.[task]?.Restarts ?? 0;
  for (let index = 0; ; ) {
    const answer = await watchAllocation(nomad, { id: allocation.ID, namespace }, index, signal);
    index = answer.index;
    const why = endOf(answer.value, task, restarts);
    if (why === undefined) continue;
    await clock.sleep(LAST_OUTPUT_MS, signal);
    throw new ActionError('nomad-refused', `the session has ended, because ${why}`, { hint: '`status` shows the state of the job.' });
  }
}

/** The events of the next run of a task. */
const NEXT_RUN = /^(Restarting|Received|Task Setup|Started)$/;

/** Returns the event that says why the last run of a task has ended: the order to restart it, else the last event of that run. */
function reasonOf(events: readonly TaskEvent[]): TaskEvent | undefined {
  const end = events.findLastIndex(({ Type }) => !NEXT_RUN.test(Type)) + 1;
  const begin = events.slice(0, end).findLastIndex(({ Type }) => Type === 'Started') + 1;
  const run = events.slice(begin, end);
  return run.find(({ Type }) => Type === 'Restart Signaled') ?? run.at(-1);
}

/** Returns why a task that had a number of restarts can have no session any more; undefined while it runs. */
export function endOf(allocation: Allocation | undefined, task: string, restarts: number): string | undefined {
  if (allocation === undefined) return 'Nomad has removed the allocation';
  const { ClientStatus, NodeName, TaskStates } = allocation;
  if (ClientStatus === 'lost') return `the node ${NodeName} is down`;
  if (ClientStatus === 'unknown') return `the node ${NodeName} is disconnected`;
  const state = TaskStates?.[task];
  const reason = reasonOf(state?.Events ?? []);
  const told = reason === undefined ? '' : `: ${reason.DisplayMessage || reason.Type}`;
  if (state?.State === 'dead') return `the task ${task} has ended${told}`;
  if (state !== undefined && (state.State !== 'running' || state.Restarts > restarts)) return `the task ${task} restarts${told}`;
  return ClientStatus === 'running' ? undefined : `the allocation is ${ClientStatus}${told}`;
}
